package test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// layers lists the packages from the bottom up: a package may import those of lower layers, and no others. design: see
// CONTRIBUTING.md, "The layout".
var layers = [][]string{
	{"internal/describe", "internal/source"}, // how messages show values and lines
	{"constructs/invalid", "constructs/platform"},
	{"internal/*"},
	{"constructs/network", "constructs/notify", "constructs/output", "constructs/waf"},
	{"constructs/elb", "constructs/registry", "constructs/sqs", "constructs/storage"},
	{"constructs/apprunner", "constructs/cdn", "constructs/ecs", "constructs/eks"},
	{"constructs/events", "constructs/express"},
	{"stacks"},
	{"stacks/settings"},
	{".", "stacks/scaffold"},
}

// Imports that point inside one layer.
var sideways = map[string][]string{
	"internal/*": {"internal/*"},
}

// Packages that stand outside the layers: who imports them, and what they import.
var outside = map[string]struct{ importers, imports []string }{
	"constructs/rules": {importers: []string{".", "test/*"}, imports: []string{"constructs/invalid", "internal/source"}},
	"test/*":           {importers: []string{"test/*"}, imports: []string{"*"}},
}

func TestImportsPointOneWay(t *testing.T) {
	for from, imports := range importsOfOurs(t) {
		for _, to := range imports {
			assert.True(t, mayImport(from, to), "%s imports %s: against the direction of the layers, or neither is in the list", from, to)
		}
	}
}

// The check itself fails where it should.
func TestImportsThatPointUpwardAreFound(t *testing.T) {
	for _, pair := range [][2]string{
		{"constructs/ecs", "constructs/events"}, {"constructs/elb", "constructs/ecs"}, {"constructs/network", "constructs/elb"},
		{"constructs/ecs", "constructs/eks"}, {"constructs/invalid", "internal/check"}, {"internal/check", "constructs/network"},
		{"constructs/elb", "constructs/cdn"},
		{"constructs/ecs", "stacks"}, {"stacks", "stacks/settings"}, {"stacks", "constructs/rules"}, {"constructs/rules", "constructs/network"},
		{"constructs/ecs", "constructs/unheardof"}, {"constructs/ecs", "test/cdktest"},
	} {
		assert.False(t, mayImport(pair[0], pair[1]), "%s may not import %s", pair[0], pair[1])
	}
}

func mayImport(from, to string) bool {
	for pkg, o := range outside {
		if fits(pkg, to) {
			return slices.ContainsFunc(o.importers, func(p string) bool { return fits(p, from) })
		}
		if fits(pkg, from) {
			return slices.ContainsFunc(o.imports, func(p string) bool { return fits(p, to) })
		}
	}
	for pkg, others := range sideways {
		if fits(pkg, from) && slices.ContainsFunc(others, func(p string) bool { return fits(p, to) }) {
			return true
		}
	}
	above, below := layerOf(from), layerOf(to)
	return above >= 0 && below >= 0 && below < above
}

func layerOf(pkg string) int {
	return slices.IndexFunc(layers, func(layer []string) bool {
		return slices.ContainsFunc(layer, func(p string) bool { return fits(p, pkg) })
	})
}

// fits takes "internal/*" for every package below internal, and "*" for all.
func fits(pattern, pkg string) bool {
	if pattern == "*" {
		return true
	}
	if prefix, ok := strings.CutSuffix(pattern, "/*"); ok {
		return pkg == prefix || strings.HasPrefix(pkg, prefix+"/")
	}
	return pattern == pkg
}

// importsOfOurs gives, for each package of the module without its tests, the packages of the module that it imports.
func importsOfOurs(t *testing.T) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && skipped(file, d.Name()):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := path.Clean(strings.TrimPrefix(filepath.ToSlash(filepath.Dir(file)), "../"))
		if pkg == ".." {
			pkg = "."
		}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if ours, ok := strings.CutPrefix(name, modulePrefix); ok && !slices.Contains(imports[pkg], ours) {
				imports[pkg] = append(imports[pkg], ours)
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(imports), len(layers), "the walk finds no packages")
	return imports
}

// skipped are modules of their own, and what is no code.
func skipped(file, name string) bool {
	return strings.HasPrefix(name, ".") && name != ".." || name == "testdata" || name == "cdk.out" || name == "node_modules" ||
		strings.HasSuffix(filepath.ToSlash(file), "stacks/objectdigest") || strings.HasSuffix(filepath.ToSlash(file), "stacks/primecount") ||
		strings.HasSuffix(filepath.ToSlash(file), "test/kubernetes")
}

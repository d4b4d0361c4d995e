package test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"awscontainers/stacks/settings"
	"awscontainers/test/cdktest"
)

// generated is a block of a README that repeats something of the code: "<!-- props Task -->" to "<!-- end -->".
var generated = regexp.MustCompile(`(?s)<!-- (props|resources) ([\w-]+) -->\n.*?<!-- end -->`)

// The tables of the READMEs are those of the code. `make snapshots` writes them anew.
func TestTablesOfTheREADMEs(t *testing.T) {
	files, err := filepath.Glob("../constructs/*/README.md")
	require.NoError(t, err)
	files = append(files, "../README.md")
	for _, file := range files {
		t.Run(filepath.ToSlash(file), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			require.NoError(t, err)
			want := generated.ReplaceAllStringFunc(string(raw), func(block string) string {
				m := generated.FindStringSubmatch(block)
				table := resourceTable
				if m[1] == "props" {
					table = propsTable
				}
				return fmt.Sprintf("<!-- %s %s -->\n%s<!-- end -->", m[1], m[2], table(t, filepath.Dir(file), m[2]))
			})
			cdktest.SnapshotText(t, want, file)
		})
	}
}

// The tables of context keys are the code's. `make snapshots` writes them anew.
func TestTableOfContextKeys(t *testing.T) {
	const file, begin, end = "../docs/context-keys.md", "<!-- keys -->\n", "<!-- end -->"
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	head, rest, hasBegin := strings.Cut(string(page), begin)
	_, tail, hasEnd := strings.Cut(rest, end)
	require.True(t, hasBegin && hasEnd, "%s has no place for the tables", file)
	cdktest.SnapshotText(t, head+begin+contextKeysTables()+end+tail, file)
}

// contextKeysTables has a heading for the app and for each stack, and under it a row for each key, as the code declares it.
func contextKeysTables() (text string) {
	const head = "| Key | Value | Default | Meaning |\n| --- | --- | --- | --- |\n"
	rows := map[string]string{}
	for _, k := range settings.Keys() {
		stack, _, isOfStack := strings.Cut(k.Name, ".")
		if !isOfStack {
			stack = ""
		}
		byDefault := "none"
		if k.Default != "" {
			byDefault = "`" + strings.ReplaceAll(k.Default, ",", "`, `") + "`"
		}
		rows[stack] += fmt.Sprintf("| `%s` | %s | %s | %s |\n", k.Name, k.Type, byDefault, k.Doc)
	}
	text = "## All stacks\n" + head + rows[""]
	for _, stack := range settings.Names() {
		text += fmt.Sprintf("\n## %s\nThe stack: [stacks/%[2]s.go](../stacks/%[2]s.go)\n\n", stack, strings.ToLower(stack)) + head + rows[stack]
	}
	return text
}

// Every package has its README, and every pattern's README has its parts.
func TestEveryPackageHasAREADME(t *testing.T) {
	folders, err := os.ReadDir("../constructs")
	require.NoError(t, err)
	for _, folder := range folders {
		name := folder.Name()
		if name == "invalid" || name == "output" || name == "platform" {
			continue // helpers, described in their doc comments
		}
		raw, err := os.ReadFile(filepath.Join("..", "constructs", name, "README.md"))
		require.NoError(t, err)
		if name == "rules" {
			continue // a pack to register, no pattern to deploy
		}
		for _, part := range []string{"```mermaid", "## The smallest use", "## Props", "## What it creates", "## What costs money",
			"## How to see that it works", "## How to tear it down"} {
			require.Contains(t, string(raw), part, "constructs/%s/README.md", name)
		}
	}
}

// propsTable lists the fields of an exported struct with their types and comments.
func propsTable(t *testing.T, dir, name string) string {
	t.Helper()
	rows := "| Prop | Type | Meaning |\n| --- | --- | --- |\n"
	for _, field := range structFields(t, dir, name) {
		var names []string
		for _, n := range field.Names {
			names = append(names, "`"+n.Name+"`")
		}
		rows += fmt.Sprintf("| %s | `%s` | %s |\n", strings.Join(names, ", "), types.ExprString(field.Type), oneLine(field.Doc.Text()))
	}
	return rows
}

func structFields(t *testing.T, dir, name string) []*ast.Field {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		if !strings.Contains(string(source), "type "+name+" struct") {
			continue // parsing all takes a while
		}
		file, err := parser.ParseFile(fset, path, source, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	pkg, err := doc.NewFromFiles(fset, files, modulePrefix+dir)
	require.NoError(t, err)
	for _, typ := range pkg.Types {
		if typ.Name == name {
			return typ.Decl.Specs[0].(*ast.TypeSpec).Type.(*ast.StructType).Fields.List
		}
	}
	require.Fail(t, "no such struct", "%s in %s", name, dir)
	return nil
}

var address = regexp.MustCompile(`https://\S+[^\s.]`)

// oneLine makes a comment fit into a cell; an address becomes a link.
func oneLine(comment string) string {
	text := strings.Join(strings.Fields(comment), " ")
	return strings.ReplaceAll(address.ReplaceAllString(text, "[AWS]($0)"), "|", `\|`)
}

// resourceTable counts the resources in a snapshot.
func resourceTable(t *testing.T, _, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("snapshots", name+".template.json"))
	require.NoError(t, err)
	var tpl cdktest.Template
	require.NoError(t, json.Unmarshal(raw, &tpl))
	count := tpl.Count()
	rows := "| Resource | Number |\n| --- | --- |\n"
	total := 0
	for _, kind := range slices.Sorted(maps.Keys(count)) {
		rows += fmt.Sprintf("| `%s` | %d |\n", kind, count[kind])
		total += count[kind]
	}
	return rows + fmt.Sprintf("| all | %d |\n", total)
}

package tool

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// Package is a package of this repository that is to be copied.
type Package struct {
	// Name is its import path below the module: "constructs/ecs".
	Name string
	// Files are the files to copy, given with slashes and from the package's directory.
	Files []string
}

// listed is what `go list` prints about a package: each field is one of its own.
type listed struct {
	ImportPath, Dir, Name string
	Module                *struct{ Main bool }

	GoFiles, IgnoredGoFiles, EmbedFiles []string

	TestGoFiles, XTestGoFiles, TestEmbedFiles, XTestEmbedFiles, TestImports, XTestImports []string
}

// list runs `go list` and returns the packages of this module.
func (c *Checkout) list(ctx context.Context, args ...string) (packages []listed, err error) {
	var fields []string
	for field := range reflect.TypeFor[listed]().Fields() {
		fields = append(fields, field.Name)
	}
	out, err := Run(ctx, c.Dir, "go", append([]string{"list", "-json=" + strings.Join(fields, ",")}, args...)...)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(strings.NewReader(out))
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, err
		}
		if p.Module != nil && p.Module.Main {
			packages = append(packages, p)
		}
	}
}

// Names returns the names of the packages of this module that others can import.
func (c *Checkout) Names(ctx context.Context) (names []string, err error) {
	packages, err := c.list(ctx, "-find", "./...") // without what they import
	for _, p := range packages {
		if p.Name != "main" && len(p.GoFiles) > 0 {
			names = append(names, c.nameOf(p))
		}
	}
	return names, err
}

func (c *Checkout) nameOf(p listed) string { return strings.TrimPrefix(p.ImportPath, c.Module+"/") }

// Needed returns packages with all that they import of this module, sorted. With tests they bring their tests, and what those import,
// which brings no tests of its own.
func (c *Checkout) Needed(ctx context.Context, names []string, tests bool) (packages []Package, err error) {
	needed, err := c.list(ctx, c.imports(names)...)
	if err != nil {
		return nil, err
	}
	var forTests []listed
	if tests {
		var imported []string
		for _, p := range needed {
			for _, name := range slices.Concat(p.TestImports, p.XTestImports) {
				if below, isOurs := strings.CutPrefix(name, c.Module+"/"); isOurs {
					imported = append(imported, below)
				}
			}
		}
		if len(imported) > 0 {
			if forTests, err = c.list(ctx, c.imports(imported)...); err != nil {
				return nil, err
			}
		}
	}
	for _, p := range needed {
		packages, err = c.add(packages, p, tests, err)
	}
	for _, p := range forTests {
		packages, err = c.add(packages, p, false, err)
	}
	slices.SortFunc(packages, func(a, b Package) int { return strings.Compare(a.Name, b.Name) })
	return packages, err
}

func (c *Checkout) imports(names []string) []string {
	args := []string{"-deps"}
	for _, name := range names {
		args = append(args, "./"+name)
	}
	return args
}

// add adds a package, unless it is there.
func (c *Checkout) add(packages []Package, p listed, tests bool, err error) ([]Package, error) {
	name := c.nameOf(p)
	if err != nil || slices.ContainsFunc(packages, func(other Package) bool { return other.Name == name }) {
		return packages, err
	}
	files := slices.Concat(p.GoFiles, p.IgnoredGoFiles, p.EmbedFiles)
	if tests {
		files = slices.Concat(files, p.TestGoFiles, p.XTestGoFiles, p.TestEmbedFiles, p.XTestEmbedFiles)
	} else {
		files = slices.DeleteFunc(files, func(file string) bool { return strings.HasSuffix(file, "_test.go") })
	}
	more, err := others(p.Dir, tests)
	files = append(files, more...)
	slices.Sort(files)
	return append(packages, Package{Name: name, Files: slices.Compact(files)}), err
}

// others returns the documentation of a package, its programs for Node.js, the programs in its directory that are modules of their own,
// and with tests its test data.
func others(dir string, tests bool) (files []string, err error) {
	for _, pattern := range []string{"*.md", "*.mjs"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, err
		}
		for _, file := range found {
			files = append(files, filepath.Base(file))
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "cdk.json")); tests && err == nil {
		files = append(files, "cdk.json") // the context of its tests
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		_, err := os.Stat(filepath.Join(dir, entry.Name(), "go.mod"))
		if isProgram := err == nil; entry.IsDir() && (isProgram || tests && entry.Name() == "testdata") {
			more, err := filesIn(filepath.Join(dir, entry.Name()))
			if err != nil {
				return nil, err
			}
			for _, file := range more {
				files = append(files, path.Join(entry.Name(), file))
			}
		}
	}
	return files, nil
}

// filesIn returns the regular files below a directory, given with slashes and from it.
func filesIn(dir string) (files []string, err error) {
	err = filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		below, err := filepath.Rel(dir, file)
		files = append(files, filepath.ToSlash(below))
		return err
	})
	return files, err
}

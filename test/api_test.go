package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The API of the constructs, as CONTRIBUTING.md has it: what goes in as a plain value comes out as one, a constructor fits
// one screen, nothing is kept in package-level variables, and each package says where to start.

const maxConstructorLines = 60

func TestFunctionsReturnPlainValues(t *testing.T) {
	eachFunc(t, func(pkg string, f *ast.FuncDecl, _ *token.FileSet) {
		if !f.Name.IsExported() || f.Recv != nil && !ast.IsExported(receiver(f)) || f.Type.Results == nil {
			return
		}
		if f.Name.Name == "Validate" && f.Recv != nil && strings.HasSuffix(receiver(f), "Check") {
			return // the CDK's own interface for validation
		}
		for _, result := range f.Type.Results.List {
			assert.False(t, isPointerToPlain(result.Type), "%s.%s returns a pointer to a plain value; return the value", pkg, f.Name.Name)
		}
	})
}

func TestConstructorsFitOneScreen(t *testing.T) {
	count := 0
	eachFunc(t, func(pkg string, f *ast.FuncDecl, set *token.FileSet) {
		if f.Recv != nil || !f.Name.IsExported() || !takesScope(f) {
			return
		}
		count++
		lines := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1
		assert.LessOrEqual(t, lines, maxConstructorLines, "%s.%s is longer than a screen", pkg, f.Name.Name)
	})
	require.NotZero(t, count)
}

// Package-level variables hold what never changes: tables, regular expressions, embedded files. Nothing writes to them, takes their
// address, or gives a map of them another name.
func TestPackagesKeepNoState(t *testing.T) {
	for pkg, files := range packages(t, "../constructs", "../internal", "../stacks") {
		vars := map[string]bool{} // and whether it is a map
		for _, file := range files {
			for _, decl := range file.Decls {
				d, ok := decl.(*ast.GenDecl)
				if !ok || d.Tok != token.VAR {
					continue
				}
				for _, spec := range d.Specs {
					v := spec.(*ast.ValueSpec)
					for i, name := range v.Names {
						if name.Name == "_" {
							continue
						}
						vars[name.Name] = i < len(v.Values) && isMap(v.Values[i])
						embedded := d.Doc != nil && strings.Contains(directives(d.Doc), "go:embed")
						assert.False(t, !embedded && holdsState(v, i), "%s.%s can keep state", pkg, name.Name)
					}
				}
			}
		}
		for _, file := range files {
			for _, decl := range file.Decls {
				if f, ok := decl.(*ast.FuncDecl); ok {
					for _, name := range changedBy(f, vars) {
						assert.Fail(t, "package-level state", "%s.%s changes the package's variable %s", pkg, f.Name.Name, name)
					}
				}
			}
		}
	}
}

// holdsState tells the variables that are made to change: without a value, or with a pointer, a channel or a lock as one.
func holdsState(v *ast.ValueSpec, i int) bool {
	if i >= len(v.Values) {
		return true
	}
	switch value := v.Values[i].(type) {
	case *ast.UnaryExpr:
		_, named := value.X.(*ast.Ident) // a pointer to a literal is a row of a table
		return value.Op == token.AND && named
	case *ast.CallExpr:
		return isNamed(value.Fun, "make") || isNamed(value.Fun, "new")
	case *ast.CompositeLit:
		selector, ok := value.Type.(*ast.SelectorExpr)
		return ok && isNamed(selector.X, "sync")
	}
	return false
}

func directives(doc *ast.CommentGroup) (text string) {
	for _, comment := range doc.List {
		text += comment.Text
	}
	return text
}

func isMap(e ast.Expr) bool {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return false
	}
	_, ok = lit.Type.(*ast.MapType)
	return ok
}

// changedBy gives the package's variables that a function writes to, takes the address of, or gives another name if they are maps.
func changedBy(f *ast.FuncDecl, vars map[string]bool) (names []string) {
	own := locals(f)
	add := func(id *ast.Ident) {
		if _, known := vars[id.Name]; known && !own[id.Name] {
			names = append(names, id.Name)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		for _, target := range writtenBy(n) {
			add(target)
		}
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if id, ok := n.X.(*ast.Ident); ok && n.Op == token.AND {
				add(id)
			}
		case *ast.AssignStmt:
			for _, e := range n.Rhs {
				if id, ok := e.(*ast.Ident); ok && vars[id.Name] {
					add(id)
				}
			}
		}
		return true
	})
	return names
}

// The checks above fail where they should.
func TestStateIsFound(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "state.go", `package p
var seen = map[string]bool{}
var count = 1
var pointer = &count
var later map[string]bool
func direct() { seen["a"] = true }
func alias() { m := seen; m["a"] = true }
func address() *int { return &count }
func increment() { count++ }
func remove() { delete(seen, "a") }
func read() bool { seen := map[string]bool{}; seen["a"] = true; return seen["a"] }
func Text() (*string, error) { return nil, nil }
func List() *[]string { return nil }
func Thing() *Other { return nil }
`, parser.ParseComments)
	require.NoError(t, err)
	vars := map[string]bool{"seen": true, "count": false}
	state, changing, plain := 0, []string{}, []string{}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.GenDecl:
			if holdsState(d.Specs[0].(*ast.ValueSpec), 0) {
				state++
			}
		case *ast.FuncDecl:
			if len(changedBy(d, vars)) > 0 {
				changing = append(changing, d.Name.Name)
			}
			if d.Type.Results != nil && isPointerToPlain(d.Type.Results.List[0].Type) {
				plain = append(plain, d.Name.Name)
			}
		}
	}
	assert.Equal(t, 2, state, "a pointer, and a variable without a value")
	assert.Equal(t, []string{"direct", "alias", "address", "increment", "remove"}, changing)
	assert.Equal(t, []string{"address", "Text", "List"}, plain)
}

// locals gives the names that a function declares, which may hide a package's variable.
func locals(f *ast.FuncDecl) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			for _, name := range n.Names {
				names[name.Name] = true
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				names[name.Name] = true
			}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					if id, ok := e.(*ast.Ident); ok {
						names[id.Name] = true
					}
				}
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
					names[id.Name] = true
				}
			}
		}
		return true
	})
	return names
}

func TestPackagesSayWhereToStart(t *testing.T) {
	for pkg, files := range packages(t, "../constructs", "../internal", "../stacks", "cdktest") {
		doc := ""
		for path, file := range files {
			if filepath.Base(path) == "doc.go" {
				doc, _, _ = strings.Cut(file.Doc.Text(), "\n\n")
			}
		}
		assert.Contains(t, strings.ReplaceAll(doc, "\n", " "), "Start with [", "%s/doc.go: the first paragraph says where to start",
			pkg)
	}
}

// writtenBy gives the variables that an assignment, an increment or a delete changes, also below an index or a field.
func writtenBy(n ast.Node) (targets []*ast.Ident) {
	add := func(e ast.Expr) {
		for {
			switch x := e.(type) {
			case *ast.IndexExpr:
				e = x.X
			case *ast.SelectorExpr:
				e = x.X
			case *ast.StarExpr:
				e = x.X
			case *ast.Ident:
				targets = append(targets, x)
				return
			default:
				return
			}
		}
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			return nil
		}
		for _, e := range n.Lhs {
			add(e)
		}
	case *ast.IncDecStmt:
		add(n.X)
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "delete" && len(n.Args) > 0 {
			add(n.Args[0])
		}
	}
	return targets
}

// isPointerToPlain tells *string and the like, pointers to slices and to maps, which the CDK's bindings have and this API has not.
func isPointerToPlain(e ast.Expr) bool {
	star, ok := e.(*ast.StarExpr)
	if !ok {
		return false
	}
	switch to := star.X.(type) {
	case *ast.Ident:
		return slices.Contains([]string{"string", "int", "float64", "bool", "any"}, to.Name)
	case *ast.ArrayType, *ast.MapType:
		return true
	}
	return false
}

func eachFunc(t *testing.T, f func(pkg string, decl *ast.FuncDecl, set *token.FileSet)) {
	t.Helper()
	set := token.NewFileSet()
	for pkg, files := range packagesIn(t, set, "../constructs", "../stacks") {
		for _, file := range files {
			for _, decl := range file.Decls {
				if d, ok := decl.(*ast.FuncDecl); ok {
					f(pkg, d, set)
				}
			}
		}
	}
}

func packages(t *testing.T, roots ...string) map[string]map[string]*ast.File {
	t.Helper()
	return packagesIn(t, token.NewFileSet(), roots...)
}

// packagesIn parses the Go files below the directories, without tests, by package name and path.
func packagesIn(t *testing.T, set *token.FileSet, roots ...string) map[string]map[string]*ast.File {
	t.Helper()
	found := map[string]map[string]*ast.File{}
	for _, root := range roots {
		require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && (d.Name() == "objectdigest" || d.Name() == "primecount") {
				return filepath.SkipDir // a module of its own
			}
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
			if err != nil {
				return err
			}
			if found[file.Name.Name] == nil {
				found[file.Name.Name] = map[string]*ast.File{}
			}
			found[file.Name.Name][path] = file
			return nil
		}))
	}
	require.NotEmpty(t, found)
	return found
}

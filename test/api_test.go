package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The API of the constructs, as CONTRIBUTING.md has it: what goes in as a plain value comes out as one, a constructor fits
// one screen, nothing is kept in package-level variables, and each package says where to start.

const maxConstructorLines = 60

func TestGettersReturnPlainValues(t *testing.T) {
	eachFunc(t, func(pkg string, f *ast.FuncDecl, _ *token.FileSet) {
		if f.Recv == nil || !f.Name.IsExported() || !ast.IsExported(receiverName(f)) {
			return
		}
		assert.False(t, returnsPointer(f, "string"), "%s.%s returns *string; return string", pkg, f.Name.Name)
	})
}

func TestConstructorsFitOneScreen(t *testing.T) {
	count := 0
	eachFunc(t, func(pkg string, f *ast.FuncDecl, set *token.FileSet) {
		if f.Recv != nil || !strings.HasPrefix(f.Name.Name, "New") {
			return
		}
		count++
		lines := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1
		assert.LessOrEqual(t, lines, maxConstructorLines, "%s.%s is longer than a screen", pkg, f.Name.Name)
	})
	require.NotZero(t, count)
}

func TestPackagesKeepNoState(t *testing.T) {
	for pkg, files := range packages(t, "../constructs", "../internal") {
		vars := map[string]bool{}
		for _, file := range files {
			for _, decl := range file.Decls {
				if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.VAR {
					for _, spec := range d.Specs {
						for _, name := range spec.(*ast.ValueSpec).Names {
							vars[name.Name] = name.Name != "_"
						}
					}
				}
			}
		}
		for _, file := range files {
			for _, decl := range file.Decls {
				f, ok := decl.(*ast.FuncDecl)
				if !ok {
					continue
				}
				own := locals(f)
				ast.Inspect(f, func(n ast.Node) bool {
					for _, target := range writtenBy(n) {
						assert.False(t, vars[target.Name] && !own[target.Name], "%s.%s writes to the package's variable %s", pkg, f.Name.Name, target.Name)
					}
					return true
				})
			}
		}
	}
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
	for pkg, files := range packages(t, "../constructs") {
		doc := ""
		for path, file := range files {
			if filepath.Base(path) == "doc.go" {
				doc, _, _ = strings.Cut(file.Doc.Text(), "\n\n")
			}
		}
		if pkg == "invalid" {
			continue // nothing to start with: constructors use it
		}
		assert.Contains(t, strings.ReplaceAll(doc, "\n", " "), "Start with [", "constructs/%s/doc.go: the first paragraph says where to start",
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

func receiverName(f *ast.FuncDecl) string {
	e := f.Recv.List[0].Type
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

func returnsPointer(f *ast.FuncDecl, to string) bool {
	if f.Type.Results == nil || len(f.Type.Results.List) != 1 {
		return false
	}
	star, ok := f.Type.Results.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	id, ok := star.X.(*ast.Ident)
	return ok && id.Name == to
}

func eachFunc(t *testing.T, f func(pkg string, decl *ast.FuncDecl, set *token.FileSet)) {
	t.Helper()
	set := token.NewFileSet()
	for pkg, files := range packagesIn(t, set, "../constructs") {
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

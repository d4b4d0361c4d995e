package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What CONTRIBUTING.md asks of props holds for all of them: each struct is validated, each field says whether it is
// required or what its default is, and each constructor refuses wrong props before it does anything else.
func TestPropsFollowTheConventions(t *testing.T) {
	structs, validated, constructors := map[string]*ast.StructType{}, map[string]bool{}, 0
	paths, err := filepath.Glob("../constructs/*/*.go")
	require.NoError(t, err)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		require.NoError(t, err)
		pkg := file.Name.Name + "."
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if s, ok := spec.(*ast.TypeSpec); ok && strings.HasSuffix(s.Name.Name, "Props") {
						structs[pkg+s.Name.Name] = s.Type.(*ast.StructType)
					}
				}
			case *ast.FuncDecl:
				if d.Name.Name == "validate" {
					validated[pkg+d.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name] = true
				}
				if strings.HasPrefix(d.Name.Name, "New") && d.Recv == nil {
					constructors++
					assert.True(t, callsRefuse(d), "%s%s does not call invalid.Refuse", pkg, d.Name.Name)
				}
			}
		}
	}
	require.NotEmpty(t, structs)
	require.NotZero(t, constructors)
	for name, s := range structs {
		assert.True(t, validated[name], "%s has no validate method", name)
		for _, field := range s.Fields.List {
			assert.Regexp(t, regexp.MustCompile(`(?i)default|required`), field.Doc.Text(), "%s.%s: neither a default nor required", name, field.Names)
		}
	}
}

func callsRefuse(f *ast.FuncDecl) (found bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.SelectorExpr); ok && call.Sel.Name == "Refuse" {
			found = true
		}
		return true
	})
	return found
}

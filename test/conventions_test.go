package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What CONTRIBUTING.md asks of props holds for all of them: each Props is validated, each field, also of the structs in
// them, says whether it is required or what its default is, and each constructor refuses wrong props.
func TestPropsFollowTheConventions(t *testing.T) {
	structs, validated, constructors := map[string]*ast.StructType{}, map[string]bool{}, 0
	var paths []string
	for _, pkg := range []string{"apprunner", "ecs", "eks", "elb", "events", "network", "registry", "storage"} {
		found, err := filepath.Glob("../constructs/" + pkg + "/*.go")
		require.NoError(t, err)
		paths = append(paths, found...)
	}
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
					s, isType := spec.(*ast.TypeSpec)
					if !isType || !s.Name.IsExported() {
						continue
					}
					if body, isStruct := s.Type.(*ast.StructType); isStruct && !isConstruct(body) && !isResult(s.Name.Name) {
						structs[pkg+s.Name.Name] = body
					}
				}
			case *ast.FuncDecl:
				if d.Recv != nil && (d.Name.Name == "Validate" || d.Name.Name == "validate") {
					if of, isPointer := d.Recv.List[0].Type.(*ast.StarExpr); isPointer {
						validated[pkg+of.X.(*ast.Ident).Name] = true
					}
				}
				if (strings.HasPrefix(d.Name.Name, "New") || strings.HasSuffix(d.Name.Name, "From")) && d.Recv == nil {
					constructors++
					assert.True(t, callsRefuse(d), "%s%s does not call invalid.Refuse", pkg, d.Name.Name)
				}
			}
		}
	}
	require.NotEmpty(t, structs)
	require.NotZero(t, constructors)
	for name, s := range structs {
		if strings.HasSuffix(name, "Props") || strings.HasSuffix(name, "Attributes") {
			assert.True(t, validated[name], "%s has no validate method", name)
		}
		for _, field := range s.Fields.List {
			if !field.Names[0].IsExported() {
				continue
			}
			assert.Regexp(t, `(?i)default|required`, field.Doc.Text(), "%s.%s: neither a default nor required", name, field.Names)
		}
	}
}

// isResult tells the structs that are returned, not passed.
func isResult(name string) bool {
	return strings.HasSuffix(name, "Parameters") || strings.HasSuffix(name, "Origin")
}

// isConstruct tells constructs from props: they embed one.
func isConstruct(s *ast.StructType) bool {
	return s.Fields.NumFields() > 0 && s.Fields.List[0].Names == nil
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

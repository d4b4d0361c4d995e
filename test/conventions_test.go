package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// unconventional are packages without props, or whose functions that begin with New make no constructs.
var unconventional = []string{"invalid", "output", "rules"}

// createsOrFinds are the names of functions that return a construct: NewService, VpcFrom, VpcFromLookup.
var createsOrFinds = regexp.MustCompile(`^New[A-Z]|[a-z]From([A-Z]|$)`)

// What CONTRIBUTING.md asks of props holds for all of them, those of stacks too: each Props has an exported Validate, each field,
// also of the structs in them, says whether it is required or what its default is, and each constructor refuses invalid props.
func TestPropsFollowTheConventions(t *testing.T) {
	structs, validated, constructors := map[string]*ast.StructType{}, map[string]bool{}, 0
	for _, path := range sourcesOfProps(t) {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		require.NoError(t, err)
		pkg := file.Name.Name + "."
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.GenDecl:
				for name, body := range propsIn(d) {
					structs[pkg+name] = body
				}
			case *ast.FuncDecl:
				switch name := d.Name.Name; {
				case name == "Validate" && d.Recv != nil:
					validated[pkg+receiver(d)] = true
				case d.Recv == nil && createsOrFinds.MatchString(name) && takesScope(d):
					constructors++
					assert.True(t, callsRefuse(d), "%s%s does not call invalid.Refuse", pkg, name)
				}
			}
		}
	}
	require.NotEmpty(t, structs)
	require.NotZero(t, constructors)
	for name, s := range structs {
		if strings.HasSuffix(name, "Props") || strings.HasSuffix(name, "Attributes") {
			assert.True(t, validated[name], "%s has no Validate method", name)
		}
		for _, field := range s.Fields.List {
			if field.Names[0].IsExported() {
				assert.Regexp(t, `(?i)default|required`, field.Doc.Text(), "%s.%s: neither a default nor required", name, field.Names)
			}
		}
	}
}

func sourcesOfProps(t *testing.T) (paths []string) {
	t.Helper()
	for _, pattern := range []string{"../constructs/*/*.go", "../stacks/*.go"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		paths = append(paths, found...)
	}
	return slices.DeleteFunc(paths, func(path string) bool {
		return strings.HasSuffix(path, "_test.go") || slices.Contains(unconventional, filepath.Base(filepath.Dir(path)))
	})
}

// propsIn gives the exported structs of a declaration, except constructs and what is returned.
func propsIn(d *ast.GenDecl) map[string]*ast.StructType {
	props := map[string]*ast.StructType{}
	for _, spec := range d.Specs {
		s, isType := spec.(*ast.TypeSpec)
		if !isType || !s.Name.IsExported() || isResult(s.Name.Name) {
			continue
		}
		if body, isStruct := s.Type.(*ast.StructType); isStruct && !isConstruct(body) {
			props[s.Name.Name] = body
		}
	}
	return props
}

// isResult tells the structs that are returned, not passed.
func isResult(name string) bool {
	return strings.HasSuffix(name, "Parameters") || strings.HasSuffix(name, "Origin")
}

// isConstruct tells constructs from props: they embed one.
func isConstruct(s *ast.StructType) bool {
	return s.Fields.NumFields() > 0 && s.Fields.List[0].Names == nil
}

// receiver is the name of a method's type, that of a pointer too.
func receiver(method *ast.FuncDecl) string {
	of := method.Recv.List[0].Type
	if pointer, isPointer := of.(*ast.StarExpr); isPointer {
		of = pointer.X
	}
	return of.(*ast.Ident).Name
}

func takesScope(f *ast.FuncDecl) bool {
	return f.Type.Params.NumFields() > 1 && len(f.Type.Params.List[0].Names) > 0 && f.Type.Params.List[0].Names[0].Name == "scope"
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

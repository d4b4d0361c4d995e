package test

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a user reads when something is refused has one form: "<path>: <Field> must be <what is allowed>; got <value>; <fix>".

// formOfWanted is how the text after the field begins.
var formOfWanted = regexp.MustCompile(`^(must |is required|requires |is not |is already |%s)`)

// Phrases that a native technical writer would not write. CONTRIBUTING.md has the words to use.
var phrases = []string{
	"is no ", "are no ", "leave it out", "leave them out", "stands beside", "stand beside", "goes with", "be it ", "need it not",
	"needs it not", "what becomes of", "but for ", "save for ", " mended", "on request", "it goes back", "asked for",
}

func TestProblemsHaveOneForm(t *testing.T) {
	found := 0
	for pkg, files := range packages(t, "../constructs", "../internal", "../stacks") {
		for path, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) < 2 {
					return true
				}
				add, ok := call.Fun.(*ast.SelectorExpr)
				if !ok || add.Sel.Name != "Add" {
					return true
				}
				if text, ok := literal(call.Args[1]); ok && (isNamed(add.X, "bad") || isNamed(add.X, "b")) {
					found++
					assert.Regexp(t, formOfWanted, text, "%s, %s", pkg, path)
					assert.NotRegexp(t, `[.!]$`, text, "%s, %s: a problem is not a sentence", pkg, path)
				}
				return true
			})
		}
	}
	require.Greater(t, found, 500, "the search finds no problems")
}

func TestTextsAreInPlainEnglish(t *testing.T) {
	for _, files := range packages(t, "../constructs", "../internal", "../stacks") {
		for path, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					text := strings.NewReplacer("there is no ", "", "There is no ", "", "there are no ", "").Replace(lit.Value)
					for _, phrase := range phrases {
						assert.NotContains(t, text, phrase, path)
					}
				}
				return true
			})
		}
	}
}

// literal gives the text of a string literal, or of several that are added up.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		first, ok := literal(e.X)
		second, _ := literal(e.Y)
		return first + second, ok
	}
	return "", false
}

func isNamed(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && strings.EqualFold(id.Name, name)
}

package main

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// stackFile is the file of a stack, on its way into another module.
type stackFile struct {
	source []byte
	parsed *ast.File
	// names are the identifiers of the package that change, and what they become.
	names map[string]string
}

// readStack reads the source of a stack, whose identifiers get another name: NewFargateWeb and fargateWebPort become NewShop and
// shopPort.
func readStack(source []byte, stack, name string) (*stackFile, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), "stack.go", source, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	s := &stackFile{source: source, parsed: parsed, names: map[string]string{}}
	for _, declared := range s.declared() {
		for _, prefix := range []string{"", "New", "new"} {
			for from, to := range map[string]string{stack: name, lowerFirst(stack): lowerFirst(name)} {
				rest, has := strings.CutPrefix(declared, prefix+from)
				if has && (rest == "" || !unicode.IsLower([]rune(rest)[0])) {
					s.names[declared] = prefix + to + rest
				}
			}
		}
	}
	return s, nil
}

// rename returns the name that an identifier of the stack's package gets.
func (s *stackFile) rename(name string) string {
	if to, renamed := s.names[name]; renamed {
		return to
	}
	return name
}

// declared returns the names that the file declares in its package.
func (s *stackFile) declared() (names []string) {
	for _, decl := range s.parsed.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, spec.Name.Name)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}

// clash returns a new name that means something else already, in the file, in the app's other files or in Go; or "".
func (s *stackFile) clash(others ...string) string {
	used := map[string]bool{}
	for _, name := range others {
		used[name] = true
	}
	ast.Inspect(s.parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr: // the part after the dot is not declared in the package
			ast.Inspect(n.X, func(n ast.Node) bool {
				if id, isIdent := n.(*ast.Ident); isIdent {
					used[id.Name] = true
				}
				return true
			})
			return false
		case *ast.Ident:
			used[n.Name] = true
		}
		return true
	})
	for _, from := range slices.Sorted(maps.Keys(s.names)) {
		to := s.names[from]
		if to != from && (used[to] || token.IsKeyword(to) || types.Universe.Lookup(to) != nil) {
			return to
		}
	}
	return ""
}

// write returns the file as one of package main, with what is renamed and with the comment before it.
func (s *stackFile) write(comment, stack, name string) ([]byte, error) {
	words := regexp.MustCompile(`[\pL_][\pL\pN_]*`)
	replace := func(word string) string {
		if word == stack {
			return name // comments name the stack itself
		}
		return s.rename(word)
	}
	var out strings.Builder
	var scan scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(s.source))
	scan.Init(file, s.source, nil, scanner.ScanComments)
	end, before, qualifier := 0, token.ILLEGAL, ""
	for {
		pos, tok, text := scan.Scan()
		if tok == token.EOF {
			break
		}
		start := file.Offset(pos)
		if tok == token.SEMICOLON && text == "\n" {
			continue // Go's own
		}
		if text == "" {
			text = tok.String()
		}
		out.Write(s.source[end:start])
		end = start + len(text)
		switch {
		case before == token.PACKAGE:
			out.WriteString("main")
		case tok == token.IDENT && (before != token.PERIOD || !s.imports(qualifier)):
			out.WriteString(s.rename(text))
		case tok == token.COMMENT:
			out.WriteString(words.ReplaceAllStringFunc(text, replace))
		default:
			out.WriteString(text)
		}
		if tok != token.PERIOD {
			qualifier = text
		}
		before = tok
	}
	out.Write(s.source[end:])
	source, err := format.Source([]byte(comment + out.String()))
	if err != nil {
		return nil, fmt.Errorf("the stack's file: %w", err)
	}
	return source, nil
}

// imports reports whether a name is that of an imported package.
func (s *stackFile) imports(name string) bool {
	return slices.ContainsFunc(s.parsed.Imports, func(spec *ast.ImportSpec) bool {
		if spec.Name != nil {
			return spec.Name.Name == name
		}
		imported, err := strconv.Unquote(spec.Path.Value)
		return err == nil && path.Base(imported) == name
	})
}

func lowerFirst(name string) string {
	letters := []rune(name)
	letters[0] = unicode.ToLower(letters[0])
	return string(letters)
}

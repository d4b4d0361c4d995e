package test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/stacks/settings"
)

// Each file of a stack can be copied alone into another module: it uses nothing that another file declares, and no internal package.
// `make test-recipes` copies and compiles them.
func TestStackFilesStandAlone(t *testing.T) {
	paths, err := filepath.Glob("../stacks/*.go")
	require.NoError(t, err)
	declaredIn, undefinedIn := map[string]string{}, map[string][]string{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") || filepath.Base(path) == "doc.go" {
			continue
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		require.NoError(t, err)
		for _, spec := range file.Imports {
			assert.NotContains(t, spec.Path.Value, modulePrefix+"internal/", path)
		}
		undefinedIn[path] = nil
		config := types.Config{Importer: noImporter{}, Error: func(err error) {
			if _, name, isUndefined := strings.Cut(err.Error(), "undefined: "); isUndefined {
				undefinedIn[path] = append(undefinedIn[path], name) // the names of imported packages too
			}
		}}
		alone, _ := config.Check("stacks", files, []*ast.File{file}, nil)
		for _, name := range alone.Scope().Names() {
			declaredIn[name] = path
		}
	}
	require.Len(t, settings.Names(), len(undefinedIn), "a stack is one file")
	require.Contains(t, declaredIn, "NewFargateWeb")
	for path, names := range undefinedIn {
		require.NotEmpty(t, names, path)
		for _, name := range names {
			assert.Empty(t, declaredIn[name], "%s uses %s of another file", path, name)
		}
	}
}

// noImporter imports nothing, which leaves what a file takes from other packages unchecked.
type noImporter struct{}

func (noImporter) Import(string) (*types.Package, error) { return nil, errors.New("not imported") }

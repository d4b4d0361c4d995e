package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/internal/tool"
)

// wanted is an app to scaffold.
type wanted struct{ stack, name, constructs string }

// appDir returns a directory for an app, of the same name each time, so that the build cache knows its packages. There is a space in it.
func appDir(t *testing.T) string {
	t.Helper()
	here, err := os.Getwd()
	require.NoError(t, err)
	parent := filepath.Join(os.TempDir(), fmt.Sprintf("awscontainers %x", sha256.Sum256([]byte(here+t.Name()))))
	require.NoError(t, os.RemoveAll(parent))
	t.Cleanup(func() { _ = os.RemoveAll(parent) })
	return filepath.Join(parent, "my", "app")
}

// The smallest app has all files, compiles, and needs nothing that isn't in its go.mod. Its snapshot is that of the stack here, because
// to write one the whole CDK is linked; `make test-recipes` does.
func TestFilesOfAnApp(t *testing.T) {
	checkout, err := tool.Find(".")
	require.NoError(t, err)
	w, dir := wanted{stack: "Registry", constructs: constructsCopied}, appDir(t)
	o, err := parse(t.Context(), checkout, []string{w.stack, "-to", dir, "-module", "example.com/team/app"}, io.Discard)
	require.NoError(t, err)
	a := &app{order: o, checkout: checkout, dir: dir}
	steps := a.steps()
	i := slices.IndexFunc(steps, func(s step) bool { return s.what == theSnapshot })
	steps[i].do = func(context.Context) error {
		raw, err := os.ReadFile("../../test/snapshots/" + w.stack + ".template.json")
		require.NoError(t, err)
		return a.writeFile(snapshot, raw)
	}
	require.NoError(t, write(t.Context(), steps, io.Discard))
	checkFiles(t, dir, w)
	checkGoMod(t, dir)
	for _, command := range []string{"go vet ./...", "go mod tidy -diff"} {
		_, err := tool.Run(t.Context(), dir, strings.Fields(command)[0], strings.Fields(command)[1:]...)
		require.NoError(t, err, command)
	}
}

func checkFiles(t *testing.T, app string, w wanted) {
	t.Helper()
	name := w.stack
	if w.name != "" {
		name = w.name
	}
	files := []string{
		".github/workflows/ci.yml", ".gitignore", "README.md", "cdk.json", "go.mod", "go.sum", "main.go", "main_test.go",
		strings.ToLower(name) + ".go", "testdata/TestSnapshot.json",
	}
	checkout, err := tool.Find(".")
	require.NoError(t, err)
	var found []string
	require.NoError(t, filepath.WalkDir(app, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		if entry.IsDir() {
			return nil
		}
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		below, err := filepath.Rel(app, path)
		require.NoError(t, err)
		for _, text := range []string{".unfinished-", "<no value>", "{{.", filepath.Dir(app)} {
			assert.NotContains(t, string(content), text, below)
		}
		if filepath.Ext(path) == ".go" && w.constructs == constructsCopied {
			assert.NotContains(t, string(content), `"`+checkout.Module+`/constructs`, "%s imports from this repository", below)
		}
		found = append(found, filepath.ToSlash(below))
		return nil
	}))
	assert.Subset(t, found, files)
	licensed := "internal/" + tool.BaseName(checkout.Module) + "/"
	if w.constructs == constructsReplaced {
		licensed = "licenses/" + tool.BaseName(checkout.Module) + "/"
	}
	assert.Subset(t, found, []string{licensed + "LICENSE", licensed + "NOTICE"})
	for _, file := range found {
		isOwn := strings.HasPrefix(file, licensed) || strings.HasPrefix(file, "objectdigest/") || strings.HasPrefix(file, "primecount/")
		assert.True(t, isOwn || slices.Contains(files, file), "%s is not expected", file)
	}
	assert.Equal(t, w.stack == "EventDrivenTask", slices.Contains(found, "objectdigest/Dockerfile"))
	assert.Equal(t, w.stack == "QueueWorker", slices.Contains(found, "primecount/Dockerfile"))
}

// checkGoMod asserts that go.mod is as people are used to: a block of what the app imports, and one of what that needs.
func checkGoMod(t *testing.T, app string) {
	t.Helper()
	goMod, err := os.ReadFile(filepath.Join(app, "go.mod"))
	require.NoError(t, err)
	blocks := strings.Split(string(goMod), "require (\n")[1:]
	require.Len(t, blocks, 2, "%s", goMod)
	for i, block := range blocks {
		block, _, _ = strings.Cut(block, ")\n")
		indirect := strings.Count(block, "// indirect\n")
		assert.Equal(t, []int{0, strings.Count(block, "\n")}[i], indirect, "%s", goMod)
	}
}

package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/internal/tool"
)

const root = "../../.."

func rename(t *testing.T, dir, module string) (stdout string, err error) {
	t.Helper()
	var out bytes.Buffer
	err = run(t.Context(), []string{"-module", module}, dir, &out)
	return out.String(), err
}

// newCopy copies the repository into a directory of the same name each time, so that the build cache knows its packages.
func newCopy(t *testing.T) string {
	t.Helper()
	here, err := os.Getwd()
	require.NoError(t, err)
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("awscontainers-%x", sha256.Sum256([]byte(here+t.Name()))))
	require.NoError(t, os.RemoveAll(dir))
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for file, content := range filesOf(t, root) {
		to := filepath.Join(dir, filepath.FromSlash(file))
		require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
		require.NoError(t, os.WriteFile(to, []byte(content), 0o600))
	}
	return dir
}

// filesOf reads the files of a checkout.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		if entry.IsDir() && slices.Contains([]string{".git", "cdk.out", "node_modules"}, entry.Name()) {
			return filepath.SkipDir
		}
		if entry.Type().IsRegular() && entry.Name() != ".git" { // a worktree's
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			below, err := filepath.Rel(dir, path)
			require.NoError(t, err)
			files[filepath.ToSlash(below)] = string(content)
		}
		return nil
	}))
	return files
}

// The path changes everywhere, as often as one likes, and back to what it was.
func TestRename(t *testing.T) {
	checkout, err := tool.Find(root)
	require.NoError(t, err)
	dir, before := newCopy(t), filesOf(t, root)
	from := checkout.Module
	for _, to := range append(paths(checkout.Module), checkout.Module) {
		out, err := rename(t, dir, to)
		require.NoError(t, err)
		assert.Contains(t, out, fmt.Sprintf("The module %s is now %s; ", from, to))
		files := filesOf(t, dir)
		checkPath(t, files, from, to)
		checkIdentifiers(t, files)
		listed, err := tool.Run(t.Context(), dir, "go", "list", "-f", "{{.Name}}", "./...")
		require.NoError(t, err)
		assert.Greater(t, strings.Count(listed, "\n"), 30)
		from = to
	}
	assert.Len(t, filesOf(t, dir), len(before))
	for file, content := range filesOf(t, dir) {
		assert.Equal(t, before[file], content, "%s isn't what it was", file)
	}
}

// checkPath asserts that no file imports from the old path or tells a user to, and that go.mod has the new one.
func checkPath(t *testing.T, files map[string]string, from, to string) {
	t.Helper()
	assert.True(t, strings.HasPrefix(files["go.mod"], "module "+to+"\n"), "go.mod")
	assert.True(t, strings.HasPrefix(files["stacks/objectdigest/go.mod"], "module "+to+"/stacks/objectdigest\n"), "the program's go.mod")
	mention := regexp.MustCompile(`(^|[^\w./-])` + regexp.QuoteMeta(from) + `(/(constructs|internal|stacks|test)\b|[=@])`)
	imports := 0
	for file, content := range files {
		if ext := filepath.Ext(file); ext == ".rego" || ext == ".json" {
			continue
		}
		if found := mention.FindString(content); found != "" {
			t.Errorf("%s still has %q", file, found)
		}
		if filepath.Ext(file) != ".go" {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, content, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			assert.False(t, strings.HasPrefix(path, from+"/") && !strings.HasPrefix(path, to+"/"), "%s imports %s", file, path)
			if strings.HasPrefix(path, to+"/") {
				imports++
			}
		}
	}
	assert.Greater(t, imports, 500)
	assert.Contains(t, files["README.md"], "-replace="+to+"=../"+tool.BaseName(to))
	assert.Contains(t, files[".golangci.yml"], "        - "+to+"\n")
	assert.Contains(t, files[".gitignore"], "\n/"+tool.BaseName(to)+"\n")
}

// checkIdentifiers asserts that what isn't an import path has its name: people have it in their templates, acknowledgements and bills.
func checkIdentifiers(t *testing.T, files map[string]string) {
	t.Helper()
	for file, text := range map[string]string{
		"constructs/rules/lib.rego":     "package awscontainers\n",
		"constructs/rules/rules.go":     `path.Join("awscontainers", f.name)`,
		"internal/annotate/annotate.go": `"awscontainers:" + id`,
		"stacks/settings/settings.go":   `projectTag: "awscontainers"`,
		"stacks/taskstatealerts.go":     `"awscontainers.sample"`,
		"README.md":                     "# awscontainers\n",
	} {
		assert.Contains(t, files[file], text, file)
	}
}

func TestMistakesAreRefused(t *testing.T) {
	checkout, err := tool.Find(root)
	require.NoError(t, err)
	for module, want := range map[string]string{
		"":                      "-module: is required; ",
		"github.com/You and me": "-module: must be a module path such as example.com/shop; got ",
		"github.com//you":       "-module: must be a module path such as example.com/shop; got ",
		"../awscontainers":      "-module: must be a module path such as example.com/shop; got ",
		"https://github.com/a":  "-module: must be a module path such as example.com/shop; got ",
		"example.com/a/v1":      "-module: must be a module path such as example.com/shop; got ",
		"internal/containers":   "and internal belongs to Go's standard library; got ",
		checkout.Module:         "-module: must be another path than the module has; got ",
	} {
		_, err := rename(t, root, module)
		require.ErrorContains(t, err, want, module)
	}
	require.ErrorContains(t, run(t.Context(), []string{"example.com/a"}, root, &bytes.Buffer{}), "example.com/a: is not a known argument")
	_, err = rename(t, t.TempDir(), "example.com/a")
	require.ErrorContains(t, err, "is not in a checkout of this repository")
}

// If a file can't be written, the others are as they were.
func TestRenamesCompletelyOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	first, last := filepath.Join(dir, "a"), filepath.Join(dir, "missing", "b")
	require.NoError(t, os.WriteFile(first, []byte("before"), 0o600))
	err := apply([]edit{{first, 0o600, []byte("before"), []byte("after")}, {last, 0o600, []byte("before"), []byte("after")}})
	require.Error(t, err)
	content, err := os.ReadFile(first)
	require.NoError(t, err)
	assert.Equal(t, "before", string(content))
}

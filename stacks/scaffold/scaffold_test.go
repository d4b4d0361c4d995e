package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/internal/tool"
)

// wanted is an app to scaffold.
type wanted struct{ stack, name, constructs string }

// A scaffolded app builds, passes its own test, needs nothing that isn't in its go.mod, and deploys what the stack here deploys in dev.
func TestScaffold(t *testing.T) {
	here, err := os.Getwd()
	require.NoError(t, err)
	for _, w := range scaffolded {
		t.Run(w.stack+w.name+"-"+w.constructs, func(t *testing.T) {
			// In a directory of the same name each time, so that the build cache knows its packages. There is a space in it.
			parent := filepath.Join(os.TempDir(), fmt.Sprintf("awscontainers %x", sha256.Sum256([]byte(here+t.Name()))))
			require.NoError(t, os.RemoveAll(parent))
			t.Cleanup(func() { _ = os.RemoveAll(parent) })
			app := filepath.Join(parent, "my", "app")
			args := []string{w.stack, "-to", app, "-module", "example.com/team/app", "-constructs", w.constructs}
			if w.name != "" {
				args = append(args, "-name", w.name)
			}
			out, err := scaffold(t, args...)
			require.NoError(t, err)
			assert.Contains(t, out, `cd "`+app+`"`)
			assertOnly(t, filepath.Dir(app), "app")

			checkFiles(t, app, w)
			checkGoMod(t, app)
			checkTemplate(t, app, w)
			for _, command := range []string{"go vet ./...", "go test ./...", "go mod tidy -diff"} {
				_, err := tool.Run(t.Context(), app, strings.Fields(command)[0], strings.Fields(command)[1:]...)
				require.NoError(t, err, command)
			}
		})
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
		isOwn := strings.HasPrefix(file, licensed) || strings.HasPrefix(file, "objectdigest/")
		assert.True(t, isOwn || slices.Contains(files, file), "%s is not expected", file)
	}
	assert.Equal(t, w.stack == "EventDrivenTask", slices.Contains(found, "objectdigest/Dockerfile"))
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

// checkTemplate compares the app's template with that of the stack here. They differ in the tags Project and Profile, which this
// repository's app puts on everything, and in the path of the program that the stack runs. If the app has another name
// for the stack, logical ids and texts that have the name in them differ too, and only the resources' types are compared.
func checkTemplate(t *testing.T, app string, w wanted) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(app, "testdata", "TestSnapshot.json"))
	require.NoError(t, err)
	ours, err := os.ReadFile("../../test/snapshots/" + w.stack + ".template.json")
	require.NoError(t, err)
	got, want := partsOf(t, raw), partsOf(t, ours)
	if w.name != "" {
		assert.Equal(t, countTypes(want), countTypes(got))
		return
	}
	assert.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)))
	for path := range want {
		assert.Equal(t, want[path], got[path], path)
	}
}

// countTypes returns the number of resources of each type.
func countTypes(parts map[string]any) map[any]int {
	count := map[any]int{}
	for path, part := range parts {
		if object, isObject := part.(map[string]any); isObject && strings.HasPrefix(path, "Resources/") {
			count[object["Type"]]++
		}
	}
	return count
}

var programAsset = regexp.MustCompile(`<asset [^<>]*objectdigest>`)

// partsOf returns the parts of a template by their paths: "Resources/Vpc8378EB38".
func partsOf(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	var template map[string]any
	require.NoError(t, json.Unmarshal(programAsset.ReplaceAll(raw, []byte("<the program>")), &template))
	parts := map[string]any{}
	for section, content := range template {
		parts[section] = section
		if object, isObject := content.(map[string]any); isObject {
			for id, part := range object {
				parts[section+"/"+id] = withoutTags(part)
			}
		}
	}
	return parts
}

// withoutTags removes the tags Project and Profile from a value of a template, and lists of tags that are empty without them.
func withoutTags(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			inner = withoutTags(inner)
			v[key] = inner
			if list, isList := inner.([]any); isList && len(list) == 0 && strings.Contains(key, "Tag") {
				delete(v, key)
			}
			if object, isObject := inner.(map[string]any); isObject && key == "Tags" {
				delete(object, "Project")
				delete(object, "Profile")
				if len(object) == 0 {
					delete(v, key)
				}
			}
		}
	case []any:
		var rest []any
		for _, item := range v {
			object, _ := item.(map[string]any)
			if key, _ := object["Key"].(string); key == "Project" || key == "Profile" {
				continue
			}
			rest = append(rest, withoutTags(item))
		}
		if rest == nil {
			return []any{}
		}
		return rest
	}
	return value
}

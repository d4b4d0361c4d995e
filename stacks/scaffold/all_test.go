//go:build recipes

package main

import (
	"encoding/json"
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
	"awscontainers/stacks/settings"
)

// scaffolded are the apps that TestScaffold writes: every stack, and one in each way to get the constructs, with another name.
var scaffolded = append([]wanted{
	{stack: "FargateWeb", name: "Shop", constructs: constructsCopied},
	{stack: "EventDrivenTask", name: "Shop", constructs: constructsReplaced},
}, everyStack()...)

func everyStack() (all []wanted) {
	for _, stack := range settings.Names() {
		all = append(all, wanted{stack: stack, constructs: constructsCopied})
	}
	return all
}

// A scaffolded app builds, passes its own test, needs nothing that isn't in its go.mod, and deploys what the stack here deploys in dev.
func TestScaffold(t *testing.T) {
	for _, w := range scaffolded {
		t.Run(w.stack+w.name+"-"+w.constructs, func(t *testing.T) {
			app := appDir(t)
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

var programAsset = regexp.MustCompile(`<asset [^<>]*(objectdigest|primecount)>`)

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

// withoutTagSettings removes the tags from the configuration of an EKS add-on, and objects that are empty without them.
func withoutTagSettings(text string) string {
	var configuration map[string]map[string]any
	if json.Unmarshal([]byte(text), &configuration) != nil {
		return text // one without tags
	}
	for section, name := range map[string]string{"env": "ADDITIONAL_ENI_TAGS", "controller": "extraVolumeTags"} {
		if delete(configuration[section], name); len(configuration[section]) == 0 {
			delete(configuration, section)
		}
	}
	rest, err := json.Marshal(configuration)
	if err != nil {
		return text
	}
	return string(rest)
}

// withoutTags removes the tags Project and Profile from a value of a template, and lists of tags that are empty without them.
func withoutTags(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			inner = withoutTags(inner)
			v[key] = inner
			if text, isText := inner.(string); isText && key == "ConfigurationValues" {
				if v[key] = withoutTagSettings(text); v[key] == "{}" {
					delete(v, key)
				}
			}
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

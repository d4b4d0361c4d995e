// Package lifecycle_test tests what happens to the stacks after their templates are written: in which order CloudFormation creates and
// deletes their resources, what a first deployment that fails leaves behind, and, with the build tag lifecycle, what an update replaces.
package lifecycle_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"awscontainers/test/cdktest"
)

// snapshots returns the templates of all variants of the stacks, by the variant's name.
func snapshots(t *testing.T) map[string]*cdktest.Template {
	t.Helper()
	files, err := filepath.Glob("../snapshots/*.template.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	templates := map[string]*cdktest.Template{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		templates[strings.TrimSuffix(filepath.Base(file), ".template.json")] = cdktest.Parse(t, raw)
	}
	return templates
}

// changed returns a copy of a template that a function has changed: its text as JSON, by logical ID.
func changed(t *testing.T, tpl *cdktest.Template, change func(resources map[string]any)) *cdktest.Template {
	t.Helper()
	var template map[string]any
	require.NoError(t, json.Unmarshal(tpl.Raw, &template))
	change(template["Resources"].(map[string]any))
	raw, err := json.Marshal(template)
	require.NoError(t, err)
	return cdktest.Parse(t, raw)
}

// sorted returns the resources by their paths.
func sorted[V any](resources map[*cdktest.Resource]V) []*cdktest.Resource {
	return slices.SortedFunc(maps.Keys(resources), func(a, b *cdktest.Resource) int { return strings.Compare(place(a), place(b)) })
}

// inOrder returns the resources of a template by their paths.
func inOrder(tpl *cdktest.Template) []*cdktest.Resource {
	all := map[*cdktest.Resource]bool{}
	for _, r := range tpl.Resources {
		all[r] = true
	}
	return sorted(all)
}

// place is where people find a resource: its construct path below the stack, without what the CDK appends and without repetitions:
// LoadBalancer of FargateWeb/LoadBalancer/LoadBalancer/Resource. Without a path it is the logical ID.
func place(r *cdktest.Resource) string {
	path := strings.Split(r.Path(), "/")[1:]
	path = slices.DeleteFunc(slices.Compact(path), func(part string) bool { return part == "Resource" || part == "Default" })
	if len(path) == 0 {
		return r.Id
	}
	return strings.Join(path, "/")
}

// Places are unique, so that they can stand for resources in tables.
func TestPlaces(t *testing.T) {
	for variant, tpl := range snapshots(t) {
		at := map[string]*cdktest.Resource{}
		for _, r := range tpl.Resources {
			require.Nil(t, at[place(r)], "%s: %s and %s", variant, r, at[place(r)])
			at[place(r)] = r
		}
	}
}

package cdktest

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/stretchr/testify/require"
)

// Template is a CloudFormation template. [Synth] synthesizes it, and [Parse] reads it from a text.
type Template struct {
	Resources  map[string]*Resource
	Outputs    map[string]map[string]any
	Parameters map[string]map[string]any
	Conditions map[string]any
	Mappings   map[string]any
	// Raw is the text of the template.
	Raw []byte

	t      testing.TB
	app    constructs.IConstruct
	stack  string
	assets []asset
	// exports is what the template can import from others, if these are known.
	exports map[string]spelling
}

// Parse reads a template from its text, such as a file that [Snapshot] wrote. It fails the test if the text isn't a template.
func Parse(t testing.TB, raw []byte) *Template {
	t.Helper()
	t.Helper()
	tpl := &Template{t: t, Raw: raw}
	require.NoError(t, json.Unmarshal(raw, tpl))
	for id, r := range tpl.Resources {
		r.Id, r.Template = id, tpl
	}
	return tpl
}

// For returns a copy of the template that reports to another test. A failed query of a template fails the test that synthesized it, so
// a template that several tests share needs it.
func (tpl *Template) For(t testing.TB) *Template {
	t.Helper()
	other := Parse(t, tpl.Raw)
	other.app, other.stack, other.assets = tpl.app, tpl.stack, tpl.assets
	return other
}

// All returns the resources of a type, ordered by construct path.
func (tpl *Template) All(kind string) (found []*Resource) {
	for _, r := range tpl.Resources {
		if r.Type == kind {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *Resource) int { return cmp.Or(cmp.Compare(a.Path(), b.Path()), cmp.Compare(a.Id, b.Id)) })
	return found
}

// Only returns the resource of a type that the template has one of. It fails the test if there is none, or more than one.
func (tpl *Template) Only(kind string) *Resource {
	tpl.t.Helper()
	return tpl.one(tpl.All(kind), kind, "")
}

// At returns the resource of a type whose construct path contains a text, such as "/Web/". It fails the test if there is none, or
// more than one.
func (tpl *Template) At(kind, path string) *Resource {
	tpl.t.Helper()
	all := tpl.All(kind)
	return tpl.one(slices.DeleteFunc(all, func(r *Resource) bool { return !strings.Contains(r.Path(), path) }), kind, path)
}

func (tpl *Template) one(found []*Resource, kind, path string) *Resource {
	tpl.t.Helper()
	if len(found) == 1 {
		return found[0]
	}
	what := kind
	if path != "" {
		what += " at " + path
	}
	var there []string
	for _, r := range found {
		there = append(there, r.String())
	}
	if len(found) == 0 {
		for _, r := range tpl.Resources {
			there = append(there, r.String())
		}
		slices.Sort(there)
		require.FailNow(tpl.t, "the template has no "+what, "It has:\n%s", strings.Join(there, "\n"))
	}
	require.FailNow(tpl.t, "the template has more than one "+what, "It has:\n%s", strings.Join(there, "\n"))
	return nil
}

// Count returns the number of resources of each type.
func (tpl *Template) Count() map[string]int {
	count := map[string]int{}
	for _, r := range tpl.Resources {
		count[r.Type]++
	}
	return count
}

// Parameter returns the parameter that a value refers to, or nil.
func (tpl *Template) Parameter(value any) map[string]any {
	id, _ := Dig(value, "Ref").(string)
	return tpl.Parameters[id]
}

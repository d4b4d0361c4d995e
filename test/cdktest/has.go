package cdktest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Absent is a wanted value in Has: the property must not be in the template. So does nil.
const Absent absent = "absent"

type absent string

// Like is a wanted value in Has: an object that has at least these keys. A plain map must be equal.
type Like map[string]any

// Has checks properties of a resource, each by its path:
//
//	cdktest.Has(t, service, map[string]any{
//		"DesiredCount":    2,
//		"Cluster":         cluster, // a *Resource: a reference to it
//		"PlatformVersion": cdktest.Absent,
//		"NetworkConfiguration.AwsvpcConfiguration": cdktest.Like{"AssignPublicIp": "DISABLED"},
//	}, "tasks are reachable from the internet")
//
// The optional message says what breaks if a property is otherwise. Each difference is reported by itself, with its path.
func Has(t testing.TB, r *Resource, want map[string]any, message ...any) bool {
	t.Helper()
	require.NotNil(t, r)
	return has(t, r.Template, r.Type+" "+r.Id, r.Properties, want, message)
}

// HasAt is Has for a value out of a template, such as a container of a task definition. References to resources can't be
// followed there: compare those with Has.
func HasAt(t testing.TB, value any, want map[string]any, message ...any) bool {
	t.Helper()
	return has(t, &Template{}, "value", value, want, message)
}

func has(t testing.TB, tpl *Template, what string, value any, want map[string]any, message []any) bool {
	t.Helper()
	ok := true
	for _, path := range slices.Sorted(maps.Keys(want)) {
		if problem := tpl.differs(path, Dig(value, path), want[path]); problem != "" {
			ok = assert.Fail(t, what+": "+problem, message...)
		}
	}
	return ok
}

// differs says how a value differs from what is wanted, or nothing.
func (tpl *Template) differs(path string, got, want any) string {
	switch w := want.(type) {
	case *Resource:
		if tpl.Follow(got) != w {
			return fmt.Sprintf("%s must refer to %s; got %s", path, w.Id, asText(got))
		}
		return ""
	case absent:
		if got != nil {
			return fmt.Sprintf("%s must be absent; got %s", path, asText(got))
		}
		return ""
	case Like:
		object, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s must be an object; got %s", path, asText(got))
		}
		for _, key := range slices.Sorted(maps.Keys(w)) {
			if problem := tpl.differs(path+"."+key, object[key], w[key]); problem != "" {
				return problem
			}
		}
		return ""
	}
	// As JSON, so that 80 equals 80.0, and a list of strings a list of any.
	if asText(got) != asText(want) {
		return fmt.Sprintf("%s must be %s; got %s", path, asText(want), asText(got))
	}
	return ""
}

func asText(value any) string {
	var raw strings.Builder
	encoder := json.NewEncoder(&raw)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Sprint(value)
	}
	return strings.TrimSuffix(raw.String(), "\n")
}

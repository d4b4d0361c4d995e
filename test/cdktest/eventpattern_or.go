package cdktest

import (
	"maps"
	"slices"
	"strings"
)

// withoutOr turns a pattern into patterns without "$or", of which one must match, as event-ruler does. It returns the path of a field
// that one of these has two patterns for, or nothing.
func withoutOr(pattern map[string]any) (alternatives []map[string]any, twice string) {
	alternatives = []map[string]any{{}}
	for _, key := range slices.Sorted(maps.Keys(pattern)) {
		var parts []map[string]any
		switch want := pattern[key].(type) {
		case map[string]any:
			var below []map[string]any
			if below, twice = withoutOr(want); twice != "" {
				return nil, key + "." + twice
			}
			for _, b := range below {
				parts = append(parts, map[string]any{key: b})
			}
		case []any:
			if key != "$or" {
				parts = []map[string]any{{key: want}}
				break
			}
			for _, branch := range want {
				below, twice := withoutOr(branch.(map[string]any))
				if twice != "" {
					return nil, twice
				}
				parts = append(parts, below...)
			}
		}
		var all []map[string]any
		for _, a := range alternatives {
			for _, part := range parts {
				merged, twice := merge(a, part)
				if twice != "" {
					return nil, twice
				}
				all = append(all, merged)
			}
		}
		alternatives = all
	}
	return alternatives, ""
}

// merge returns a pattern with the fields of both, or the path of a field that both name.
func merge(a, b map[string]any) (both map[string]any, twice string) {
	both = maps.Clone(a)
	for key, value := range b {
		there, isThere := both[key]
		if !isThere {
			both[key] = value
			continue
		}
		first, isObject := there.(map[string]any)
		second, alsoObject := value.(map[string]any)
		if !isObject || !alsoObject {
			return nil, key
		}
		below, twice := merge(first, second)
		if twice != "" {
			return nil, strings.Join([]string{key, twice}, ".")
		}
		both[key] = below
	}
	return both, ""
}

package events

import (
	"maps"
	"slices"
	"strings"

	"awscontainers/constructs/invalid"
)

// checkTwice refuses a field that an alternative of "$or" names and that is named beside the "$or" as well. EventBridge does not
// require both: of several patterns for one field it uses only the last.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
func checkTwice(field string, fields map[string]any, bad *invalid.Problems) {
	leaves(fields, "", func(path string) {
		at := field + `["` + strings.ReplaceAll(path, ".", `"]["`) + `"]`
		bad.Add(at, `must not be named both in an alternative of %q and beside it, because EventBridge uses only one of the two`, or).
			Advise("put it into every alternative of %q, and remove it beside it", or)
	})
}

// leaves returns the paths of all fields that a pattern compares, and calls twice with those that have two patterns at once.
// Alternatives of "$or" are separate patterns, so these may name the same field.
func leaves(fields map[string]any, above string, twice func(path string)) map[string]bool {
	all := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		here := map[string]bool{}
		path := strings.TrimPrefix(above+"."+key, ".")
		switch value := fields[key].(type) {
		case map[string]any:
			here = leaves(value, path, twice)
		case []any:
			if key != or {
				here[path] = true
				break
			}
			for _, alternative := range value {
				if branch, ok := alternative.(map[string]any); ok {
					maps.Copy(here, leaves(branch, above, twice))
				}
			}
		default:
			here[path] = true
		}
		for _, p := range slices.Sorted(maps.Keys(here)) {
			if all[p] {
				twice(p)
			}
			all[p] = true
		}
	}
	return all
}

// limit adds a field to a pattern, in every alternative if one of them names it already.
func limit(pattern map[string]any, field string, values []any) {
	alternatives, _ := pattern[or].([]any)
	isNamed := func(alternative any) bool { return alternative.(map[string]any)[field] != nil }
	if !slices.ContainsFunc(alternatives, isNamed) {
		pattern[field] = values
		return
	}
	for _, alternative := range alternatives {
		if !isNamed(alternative) {
			alternative.(map[string]any)[field] = values
		}
	}
}

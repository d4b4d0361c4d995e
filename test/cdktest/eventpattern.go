package cdktest

import (
	"bytes"
	"encoding/json"
	"math/big"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Matches reports whether an event matches an event pattern, such as the EventPattern of an AWS::Events::Rule. Both may be JSON text, or
// Go values as they come out of a template:
//
//	assert.True(t, cdktest.Matches(t, rule.Get("EventPattern"), `{"source": "aws.s3", "detail-type": "Object Created"}`))
//
// It follows https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html, and where that is silent
// EventBridge's own matcher, https://github.com/aws/event-ruler.
//
// Matches fails the test for a pattern that EventBridge refuses, whatever the event: an unknown operator, a value that an operator
// doesn't take, an empty list, or an unresolved reference of the template. So it does for a field that a pattern names both beside
// "$or" and within it: EventBridge doesn't require both, but uses the last one, and AWS's matcher refuses such a pattern if it is strict.
func Matches(t testing.TB, pattern, event any) bool {
	t.Helper()
	p, e := asJSON(t, pattern), asJSON(t, event)
	if problem := patternProblem(p); problem != "" {
		require.FailNow(t, "EventBridge refuses the event pattern", "%s\n%s", problem, asText(p))
	}
	object, ok := e.(map[string]any)
	require.True(t, ok, "an event must be an object: %s", asText(e))
	alternatives, twice := withoutOr(p.(map[string]any))
	require.Empty(t, twice, "EventBridge uses only one of several patterns for a field; put it into each branch of $or:\n%s", asText(p))
	return slices.ContainsFunc(alternatives, func(p map[string]any) bool { return matchesObject(p, object, nil) })
}

// asJSON reads JSON text, or turns a Go value into what JSON would hold. Numbers keep their spelling.
func asJSON(t testing.TB, value any) (out any) {
	t.Helper()
	text, isText := value.(string)
	raw := []byte(text)
	if !isText {
		var err error
		raw, err = json.Marshal(value)
		require.NoError(t, err)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&out), "%s", raw)
	return out
}

// matchesObject: every field of the pattern must fit. The array is the one that the event's object is an element of, or nil.
func matchesObject(pattern, event map[string]any, array []any) bool {
	for key, want := range pattern {
		value, there := event[key]
		switch w := want.(type) {
		case map[string]any:
			if !matchesBelow(w, value, array) {
				return false
			}
		case []any:
			values := leaves(value, there)
			anywhere := values
			if len(pattern) == 1 { // nothing else says which element is meant
				for _, element := range array {
					object, _ := element.(map[string]any)
					value, there := object[key]
					anywhere = append(anywhere, leaves(value, there)...)
				}
			}
			if !matchesLeaf(w, values, len(anywhere) == 0) {
				return false
			}
		}
	}
	return true
}

// matchesBelow: of an array of objects, one must fit all of the pattern: event-ruler does not mix fields of several elements. An empty
// array has none of the fields, as if it was not there.
func matchesBelow(pattern map[string]any, value any, array []any) bool {
	switch v := value.(type) {
	case map[string]any:
		return matchesObject(pattern, v, array)
	case []any:
		if len(v) == 0 {
			return matchesObject(pattern, map[string]any{}, array)
		}
		return slices.ContainsFunc(v, func(element any) bool { return matchesBelow(pattern, element, v) })
	default: // nothing there: only what must be absent fits
		return matchesObject(pattern, map[string]any{}, array)
	}
}

// matchesLeaf: one of the pattern's values must fit one of the event's. A field below an array is absent if no element has it.
func matchesLeaf(want, values []any, absent bool) bool {
	for _, w := range want {
		operator, isOperator := w.(map[string]any)
		if !isOperator {
			if slices.Contains(values, w) {
				return true
			}
			continue
		}
		if exists, ok := operator["exists"]; ok {
			if exists == true && len(values) > 0 || exists == false && absent {
				return true
			}
			continue
		}
		for name, operand := range operator {
			if slices.ContainsFunc(values, func(v any) bool { return applies(name, operand, v) }) {
				return true
			}
		}
	}
	return false
}

// leaves are the values of a field: those of an array one by one, none of an object, because it has fields of its own.
func leaves(value any, there bool) []any {
	if !there {
		return nil
	}
	switch v := value.(type) {
	case map[string]any:
		return nil
	case []any:
		var all []any
		for _, element := range v {
			all = append(all, leaves(element, true)...)
		}
		return all
	default:
		return []any{v}
	}
}

// applies tells whether one operator fits one value.
func applies(name string, operand, value any) bool {
	text, isText := value.(string)
	switch name {
	case "prefix", "suffix":
		has := strings.HasPrefix
		if name == "suffix" {
			has = strings.HasSuffix
		}
		if ignoring, ok := operand.(map[string]any); ok {
			return isText && has(strings.ToLower(text), strings.ToLower(ignoring[ignoreCase].(string)))
		}
		return isText && has(text, operand.(string))
	case ignoreCase:
		return isText && strings.EqualFold(text, operand.(string))
	case "wildcard":
		return isText && wildcard(operand.(string)).MatchString(text)
	case "numeric":
		number, isNumber := value.(json.Number)
		return isNumber && numeric(operand.([]any), number)
	case "cidr":
		network, _ := netip.ParsePrefix(operand.(string))
		address, err := netip.ParseAddr(text)
		return err == nil && network.Contains(address)
	default: // anything-but
		return anythingBut(operand, value)
	}
}

const ignoreCase = "equals-ignore-case"

// anythingBut takes a value, several, or an operator with one or several.
func anythingBut(operand, value any) bool {
	operator, isOperator := operand.(map[string]any)
	if !isOperator {
		return !slices.Contains(List(operand), value)
	}
	for name, operands := range operator {
		if slices.ContainsFunc(List(operands), func(o any) bool { return applies(name, o, value) }) {
			return false
		}
	}
	return true
}

// wildcard: "*" stands for any characters, also none; a backslash takes that from it.
func wildcard(pattern string) *regexp.Regexp {
	var expression strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '\\' && i+1 < len(pattern):
			i++
			expression.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		case pattern[i] == '*':
			expression.WriteString("(?s:.*)")
		default:
			expression.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	return regexp.MustCompile("^" + expression.String() + "$")
}

// numeric takes one comparison or two.
func numeric(comparisons []any, number json.Number) bool {
	for i := 0; i < len(comparisons); i += 2 {
		order := ratio(number).Cmp(ratio(comparisons[i+1]))
		holds := map[any]bool{"=": order == 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}
		if !holds[comparisons[i]] {
			return false
		}
	}
	return true
}

// ratio is the exact number, or nil for what is not a number.
func ratio(value any) *big.Rat {
	number, _ := value.(json.Number)
	r, ok := new(big.Rat).SetString(number.String())
	if !ok {
		return nil
	}
	return r
}

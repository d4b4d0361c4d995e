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

// Matches reports whether an event matches an event pattern, as of a rule's EventPattern. Both may be JSON text, or Go values as they
// come out of a template. It follows https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html and
// eb-create-pattern-operators.html there, and where these are silent EventBridge's own matcher, https://github.com/aws/event-ruler.
// What neither knows fails the test: a misspelled operator, or a reference of CloudFormation that nobody has resolved.
func Matches(t *testing.T, pattern, event any) bool {
	t.Helper()
	p, ok := AsJSON(t, pattern).(map[string]any)
	require.True(t, ok, "an event pattern is an object: %v", pattern)
	require.NotEmpty(t, p, "an empty pattern")
	e, ok := AsJSON(t, event).(map[string]any)
	require.True(t, ok, "an event is an object: %v", event)
	return matchesObject(t, p, e, nil)
}

// AsJSON reads JSON text, or turns a Go value into what JSON would hold. Numbers keep their spelling.
func AsJSON(t *testing.T, value any) (out any) {
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
func matchesObject(t *testing.T, pattern, event map[string]any, array []any) bool {
	t.Helper()
	for key, want := range pattern {
		value, there := event[key]
		switch w := want.(type) {
		case map[string]any:
			require.NotEmpty(t, w, "an empty pattern at %s", key)
			if !matchesBelow(t, w, value, array) {
				return false
			}
		case []any:
			require.NotEmpty(t, w, "an empty list at %s matches nothing, and EventBridge refuses it", key)
			if key == "$or" {
				require.GreaterOrEqual(t, len(w), 2, "$or of fewer than two patterns")
				if !slices.ContainsFunc(w, func(p any) bool { return matchesObject(t, p.(map[string]any), event, array) }) {
					return false
				}
				continue
			}
			values := leaves(value, there)
			anywhere := values
			if len(pattern) == 1 { // nothing else says which element is meant
				for _, element := range array {
					object, _ := element.(map[string]any)
					value, there := object[key]
					anywhere = append(anywhere, leaves(value, there)...)
				}
			}
			if !matchesLeaf(t, w, values, len(anywhere) == 0) {
				return false
			}
		default:
			require.Fail(t, "a value of a pattern is a list or an object", "%s: %v", key, want)
		}
	}
	return true
}

// matchesBelow: of an array of objects, one must fit all of the pattern: event-ruler does not mix fields of several elements.
func matchesBelow(t *testing.T, pattern map[string]any, value any, array []any) bool {
	t.Helper()
	switch v := value.(type) {
	case map[string]any:
		return matchesObject(t, pattern, v, array)
	case []any:
		return slices.ContainsFunc(v, func(element any) bool { return matchesBelow(t, pattern, element, v) })
	default: // nothing there: only what must be absent fits
		return matchesObject(t, pattern, map[string]any{}, array)
	}
}

// matchesLeaf: one of the pattern's values must fit one of the event's. A field below an array is absent if no element has it.
func matchesLeaf(t *testing.T, want, values []any, absent bool) bool {
	t.Helper()
	for _, w := range want {
		operator, isOperator := w.(map[string]any)
		if !isOperator {
			if slices.Contains(values, w) {
				return true
			}
			continue
		}
		require.Len(t, operator, 1, "an operator stands alone: %v", operator)
		if exists, ok := operator["exists"]; ok {
			if exists == true && len(values) > 0 || exists == false && absent {
				return true
			}
			continue
		}
		for name, operand := range operator {
			if slices.ContainsFunc(values, func(v any) bool { return applies(t, name, operand, v) }) {
				return true
			}
		}
	}
	return false
}

// leaves are the values of a field: those of an array one by one, none of an object, for it has fields of its own.
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
func applies(t *testing.T, name string, operand, value any) bool {
	t.Helper()
	text, isText := value.(string)
	switch name {
	case "prefix", "suffix":
		has := strings.HasPrefix
		if name == "suffix" {
			has = strings.HasSuffix
		}
		if ignoring, ok := operand.(map[string]any); ok {
			require.Len(t, ignoring, 1)
			return isText && has(strings.ToLower(text), strings.ToLower(ignoring["equals-ignore-case"].(string)))
		}
		return isText && has(text, operand.(string))
	case "equals-ignore-case":
		return isText && strings.EqualFold(text, operand.(string))
	case "wildcard":
		return isText && wildcard(t, operand.(string)).MatchString(text)
	case "numeric":
		return numeric(t, operand.([]any), value)
	case "cidr":
		network, err := netip.ParsePrefix(operand.(string))
		require.NoError(t, err)
		address, err := netip.ParseAddr(text)
		return err == nil && network.Contains(address)
	case "anything-but":
		return anythingBut(t, operand, value)
	default:
		require.Fail(t, "EventBridge knows no such operator", "%q: %v", name, operand)
		return false
	}
}

// anythingBut takes a value, several, or an operator with one or several.
func anythingBut(t *testing.T, operand, value any) bool {
	t.Helper()
	operator, isOperator := operand.(map[string]any)
	if !isOperator {
		return !slices.Contains(List(operand), value)
	}
	require.Len(t, operator, 1)
	for name, operands := range operator {
		require.Contains(t, []string{"prefix", "suffix", "equals-ignore-case", "wildcard"}, name, "anything-but takes no such operator")
		if slices.ContainsFunc(List(operands), func(o any) bool { return applies(t, name, o, value) }) {
			return false
		}
	}
	return true
}

// wildcard: "*" stands for any characters, also none; a backslash takes that from it, and EventBridge refuses two in a row.
func wildcard(t *testing.T, pattern string) *regexp.Regexp {
	t.Helper()
	require.NotContains(t, pattern, "**")
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

// numeric takes one comparison or two, of numbers alone.
func numeric(t *testing.T, comparisons []any, value any) bool {
	t.Helper()
	require.Contains(t, []int{2, 4}, len(comparisons), "numeric: %v", comparisons)
	number, isNumber := value.(json.Number)
	if !isNumber {
		return false
	}
	for i := 0; i < len(comparisons); i += 2 {
		order := ratio(t, number).Cmp(ratio(t, comparisons[i+1].(json.Number)))
		holds, known := map[any]bool{"=": order == 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[comparisons[i]]
		require.True(t, known, "numeric knows no %v", comparisons[i])
		if !holds {
			return false
		}
	}
	return true
}

func ratio(t *testing.T, number json.Number) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(number.String())
	require.True(t, ok, "%s is no number", number)
	return r
}

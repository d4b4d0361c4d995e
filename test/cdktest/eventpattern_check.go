package cdktest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// patternProblem says why EventBridge refuses an event pattern, or nothing.
func patternProblem(pattern any) string {
	object, isObject := pattern.(map[string]any)
	if !isObject || len(object) == 0 {
		return "an event pattern must be an object with fields; got " + asText(pattern)
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if problem := fieldProblem(key, object[key]); problem != "" {
			return key + ": " + problem
		}
	}
	return ""
}

func fieldProblem(key string, want any) string {
	list, isList := want.([]any)
	switch {
	case !isList:
		if _, isObject := want.(map[string]any); !isObject {
			return "must be a list or an object; got " + asText(want)
		}
		return patternProblem(want)
	case key == "$or" && len(list) < 2:
		return "must have two patterns or more"
	case len(list) == 0:
		return "must not be an empty list"
	}
	for _, w := range list {
		problem := valueProblem(w)
		if key == "$or" {
			problem = patternProblem(w)
		}
		if problem != "" {
			return problem
		}
	}
	return ""
}

// valueProblem checks what stands in the list of a field: a value, or an operator.
func valueProblem(want any) string {
	operator, isOperator := want.(map[string]any)
	if !isOperator {
		if _, isList := want.([]any); isList {
			return "must not be a list in a list; got " + asText(want)
		}
		return ""
	}
	if len(operator) != 1 {
		return "an operator must be alone in its object; got " + asText(want)
	}
	for name, operand := range operator {
		if problem := operandProblem(name, operand); problem != "" {
			return name + ": " + problem
		}
	}
	return ""
}

func operandProblem(name string, operand any) string {
	switch name {
	case "exists":
		if _, isBool := operand.(bool); !isBool {
			return "must be true or false; got " + asText(operand)
		}
	case "prefix", "suffix":
		if ignoring, ok := operand.(map[string]any); ok && len(ignoring) == 1 && ignoring[ignoreCase] != nil {
			operand = ignoring[ignoreCase]
		}
		return textProblem(operand)
	case ignoreCase:
		return textProblem(operand)
	case "wildcard":
		return wildcardProblem(operand)
	case "cidr":
		text, _ := operand.(string)
		if _, err := netip.ParsePrefix(text); err != nil {
			return "must be a CIDR block; got " + asText(operand)
		}
	case "numeric":
		return numericProblem(operand)
	case "anything-but":
		return anythingButProblem(operand)
	default:
		return "unknown operator"
	}
	return ""
}

func textProblem(operand any) string {
	if _, isText := operand.(string); !isText {
		return "must be a text; got " + asText(operand)
	}
	return ""
}

// A backslash escapes an asterisk or a backslash, and nothing else.
var badEscape = regexp.MustCompile(`^(?:[^\\]|\\[*\\])*\\(?:[^*\\]|$)`)

func wildcardProblem(operand any) string {
	text, isText := operand.(string)
	switch {
	case !isText:
		return textProblem(operand)
	case strings.Contains(strings.ReplaceAll(strings.ReplaceAll(text, `\\`, ""), `\*`, "-"), "**"):
		return "must not have two asterisks in a row; got " + asText(operand)
	case badEscape.MatchString(text):
		return `must have "*" or a backslash after a backslash; got ` + asText(operand)
	}
	return ""
}

func numericProblem(operand any) string {
	list, _ := operand.([]any)
	operators := [][]string{{"=", "<", "<=", ">", ">="}}
	if len(list) == 4 {
		operators = [][]string{{">", ">="}, {"<", "<="}}
	}
	if len(list) != 2*len(operators) {
		return `must be like [">", 0] or [">", 0, "<=", 5]; got ` + asText(operand)
	}
	limit := big.NewRat(5_000_000_000, 1)
	for i, known := range operators {
		if name, _ := list[2*i].(string); !slices.Contains(known, name) {
			return fmt.Sprintf("must have one of %s here; got %s", strings.Join(known, " "), asText(list[2*i]))
		}
		if n := ratio(list[2*i+1]); n == nil || n.Abs(n).Cmp(limit) > 0 {
			return "must have a number from -5e9 to 5e9; got " + asText(list[2*i+1])
		}
	}
	return ""
}

// anythingButProblem: a text or number, several of one kind, or an operator with one or several.
func anythingButProblem(operand any) string {
	if operator, isOperator := operand.(map[string]any); isOperator {
		for name, operands := range operator {
			if len(operator) > 1 || !slices.Contains([]string{"prefix", "suffix", ignoreCase, "wildcard"}, name) {
				return "takes prefix, suffix, equals-ignore-case or wildcard; got " + asText(operand)
			}
			for _, o := range List(operands) {
				problem := textProblem(o)
				if name == "wildcard" {
					problem = wildcardProblem(o)
				}
				if problem != "" {
					return name + ": " + problem
				}
			}
			operand = operands
		}
	}
	texts, numbers := 0, 0
	for _, value := range List(operand) {
		switch value.(type) {
		case string:
			texts++
		case json.Number:
			numbers++
		}
	}
	if n := len(List(operand)); n == 0 || texts != n && numbers != n {
		return "must be texts or numbers; got " + asText(operand)
	}
	return ""
}

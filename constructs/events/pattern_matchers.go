package events

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// operators are the matchers of EventBridge.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
var operators = []string{"anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard"}

// anyOf lists alternatives, values or matchers.
func anyOf(alternatives ...any) []any { return alternatives }

func matcher(operator string, value any) map[string]any { return map[string]any{operator: value} }

func prefix(text string) any { return matcher("prefix", text) }

func suffix(text string) any { return matcher("suffix", text) }

func wildcard(text string) any { return matcher("wildcard", text) }

func not(values ...any) any { return matcher("anything-but", values) }

func notPrefix(texts ...string) any { return matcher("anything-but", matcher("prefix", texts)) }

func absent() any { return matcher("exists", false) }

// checkMatcher refuses a matcher that EventBridge would refuse, and the whole stack with it.
func checkMatcher(field string, m map[string]any, bad *invalid.Problems) {
	name := onlyKey(m)
	if !slices.Contains(operators, name) {
		bad.Add(field, "must be one of the matchers %s", check.OneOf(operators)).Given(slices.Sorted(maps.Keys(m)))
		return
	}
	value := m[name]
	wanted := ""
	switch name {
	case "exists":
		if _, ok := value.(bool); !ok {
			wanted = "true or false"
		}
	case "numeric":
		wanted = wantedNumeric(value)
	case "anything-but":
		wanted = wantedAnythingBut(value)
	case "prefix", "suffix":
		if inner, ok := value.(map[string]any); ok && onlyKey(inner) == "equals-ignore-case" {
			value = inner["equals-ignore-case"]
		}
		wanted = wantedText(name, value)
	default:
		wanted = wantedText(name, value)
	}
	if wanted != "" {
		bad.Add(field, "must give %q %s", name, wanted).Got = shown(m[name])
	}
}

// wantedText says what a matcher of texts compares with, or nothing if the value is fine.
func wantedText(name string, value any) string {
	text, ok := value.(string)
	switch {
	case !ok:
		return "a single string, with an alternative for each further one"
	case name == "wildcard" && strings.Contains(text, "**"):
		return "a string without consecutive wildcards"
	case name == "cidr" && !invalid.IsToken(text):
		if _, err := netip.ParsePrefix(text); err != nil {
			return `an address range such as "203.0.113.0/24"`
		}
	}
	return ""
}

func wantedNumeric(value any) string {
	const wanted = `comparisons, []any{">", 100} or []any{">=", 0, "<", 10}`
	list, ok := value.([]any)
	if !ok || len(list) != 2 && len(list) != 4 {
		return wanted
	}
	for i, v := range list {
		if i%2 == 0 && !slices.Contains([]any{"<", "<=", "=", ">", ">="}, v) {
			return wanted
		}
		if i%2 == 1 && !isNumber(v) {
			return wanted
		}
	}
	return ""
}

func isNumber(value any) bool {
	switch value.(type) {
	case int, int64, float64:
		return true
	}
	return false
}

func wantedAnythingBut(value any) string {
	const (
		wanted = "values, or one of equals-ignore-case, prefix, suffix and wildcard"
		some   = "at least one value"
	)
	switch v := value.(type) {
	case string, bool, int, int64, float64:
	case []string:
		if len(v) == 0 {
			return some
		}
	case []any:
		if len(v) == 0 {
			return some
		}
		for _, inner := range v {
			if _, isText := inner.(string); !isText && !isNumber(inner) {
				return "strings or numbers"
			}
		}
	case map[string]any:
		name := onlyKey(v)
		if !slices.Contains([]string{"equals-ignore-case", "prefix", "suffix", "wildcard"}, name) {
			return wanted
		}
		return wantedAnythingBut(v[name])
	default:
		return wanted
	}
	return ""
}

// checkSource refuses what is nobody's name.
func checkSource(sources []any, bad *invalid.Problems) {
	for i, s := range sources {
		text, isText := s.(string)
		field := check.Index("Source", i)
		switch {
		case !isText || invalid.IsToken(text):
		case strings.HasSuffix(text, ".amazonaws.com"):
			bad.Add(field, "must be the name of a source, not a service principal").Given(text).
				Advise("use %q", "aws."+strings.TrimSuffix(text, ".amazonaws.com"))
		case strings.HasPrefix(strings.ToLower(text), "aws.") && text != strings.ToLower(text):
			bad.Add(field, "must be in lower case").Given(text).Advise("use %q", strings.ToLower(text))
		case strings.Contains(text, "*"):
			bad.Add(field, "must not contain *, because it is compared literally").Given(text).
				Advise(`use map[string]any{"wildcard": %q}`, text)
		}
	}
}

// detailTypes lists what the two services send that most rules are about. A type that is not listed takes a matcher.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
var detailTypes = map[string][]string{
	"aws.s3": {"Object Access Tier Changed", "Object ACL Updated", "Object Created", "Object Deleted", "Object Restore Completed",
		"Object Restore Expired", "Object Restore Initiated", "Object Storage Class Changed", "Object Tags Added", "Object Tags Deleted"},
	"aws.ecs": {"ECS Container Instance State Change", deploymentState, serviceAction, taskState},
}

// checkDetailType refuses the names that other ways of notification have for the same events.
func (p *Pattern) checkDetailType(bad *invalid.Problems) {
	if len(p.Source) != 1 {
		return
	}
	source, _ := p.Source[0].(string)
	known := detailTypes[source]
	for i, d := range p.DetailType {
		text, isText := d.(string)
		if !isText || invalid.IsToken(text) || known == nil || slices.Contains(known, text) ||
			strings.HasPrefix(text, "AWS API Call") || strings.HasPrefix(text, "ECS ") {
			continue
		}
		bad.Add(check.Index("DetailType", i), "must be a type that %s sends: %s", source, check.OneOfQuoted(known)).Given(text)
	}
}

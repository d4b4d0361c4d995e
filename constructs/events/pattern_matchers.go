package events

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"awscontainers/constructs/invalid"
)

// operators are the matchers of EventBridge.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
var operators = []string{"anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard"}

// checkMatcher notes a matcher that EventBridge would refuse, and the whole stack with it.
func checkMatcher(field string, matcher map[string]any, bad *invalid.Problems) {
	name := onlyKey(matcher)
	if !slices.Contains(operators, name) {
		bad.Add(field, "is a matcher of %q; give one of %s", slices.Sorted(maps.Keys(matcher)), strings.Join(operators, ", "))
		return
	}
	value := matcher[name]
	wrong := ""
	switch name {
	case "exists":
		if _, ok := value.(bool); !ok {
			wrong = "it takes true or false"
		}
	case "numeric":
		wrong = numericWrong(value)
	case "anything-but":
		wrong = anythingButWrong(value)
	case "prefix", "suffix":
		if inner, ok := value.(map[string]any); ok && onlyKey(inner) == "equals-ignore-case" {
			value = inner["equals-ignore-case"]
		}
		wrong = textWrong(name, value)
	default:
		wrong = textWrong(name, value)
	}
	if wrong != "" {
		bad.Add(field, "is {%q: %s}; %s", name, inWords(matcher[name]), wrong)
	}
}

func textWrong(name string, value any) string {
	text, ok := value.(string)
	switch {
	case !ok:
		return "it takes one text; give an alternative for each"
	case name == "wildcard" && strings.Contains(text, "**"):
		return "wildcards may not follow each other; write one *"
	case name == "cidr" && !invalid.IsToken(text):
		if _, err := netip.ParsePrefix(text); err != nil {
			return `it takes a range of addresses, "203.0.113.0/24"`
		}
	}
	return ""
}

func numericWrong(value any) string {
	const how = `write it as []any{">", 100} or []any{">=", 0, "<", 10}`
	list, ok := value.([]any)
	if !ok || len(list) != 2 && len(list) != 4 {
		return how
	}
	for i, v := range list {
		if i%2 == 0 && !slices.Contains([]any{"<", "<=", "=", ">", ">="}, v) {
			return how
		}
		if i%2 == 1 && !isNumber(v) {
			return how
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

func anythingButWrong(value any) string {
	switch v := value.(type) {
	case string, bool, int, int64, float64:
	case []string:
		if len(v) == 0 {
			return "it takes at least one value"
		}
	case []any:
		if len(v) == 0 {
			return "it takes at least one value"
		}
		for _, inner := range v {
			if _, isText := inner.(string); !isText && !isNumber(inner) {
				return "it takes texts or numbers"
			}
		}
	case map[string]any:
		name := onlyKey(v)
		if !slices.Contains([]string{"equals-ignore-case", "prefix", "suffix", "wildcard"}, name) {
			return "it takes values, or one of equals-ignore-case, prefix, suffix, wildcard"
		}
		return anythingButWrong(v[name])
	default:
		return "it takes values, or one of equals-ignore-case, prefix, suffix, wildcard"
	}
	return ""
}

// checkSource notes what is nobody's name.
func checkSource(sources []any, bad *invalid.Problems) {
	for _, s := range sources {
		text, isText := s.(string)
		switch {
		case !isText || invalid.IsToken(text):
		case strings.HasSuffix(text, ".amazonaws.com"):
			bad.Add("Source", "%q is a service's principal; as a source it is called %q", text, "aws."+strings.TrimSuffix(text, ".amazonaws.com"))
		case strings.HasPrefix(strings.ToLower(text), "aws.") && text != strings.ToLower(text):
			bad.Add("Source", "%q is written %q", text, strings.ToLower(text))
		case strings.Contains(text, "*"):
			bad.Add("Source", `%q is compared as it is; write map[string]any{"wildcard": %q}`, text, text)
		}
	}
}

// detailTypes are what the two services send that most of these rules are about. Who sends more, sends it by a matcher.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
var detailTypes = map[string][]string{
	"aws.s3": {"Object Access Tier Changed", "Object ACL Updated", "Object Created", "Object Deleted", "Object Restore Completed", "Object Restore Expired",
		"Object Restore Initiated", "Object Storage Class Changed", "Object Tags Added", "Object Tags Deleted"},
	"aws.ecs": {"ECS Container Instance State Change", "ECS Deployment State Change", "ECS Service Action", "ECS Task State Change"},
}

// checkDetailType notes the names that other ways of notification have for the same.
func (p *Pattern) checkDetailType(bad *invalid.Problems) {
	if len(p.Source) != 1 {
		return
	}
	source, _ := p.Source[0].(string)
	known := detailTypes[source]
	for _, d := range p.DetailType {
		text, isText := d.(string)
		if !isText || invalid.IsToken(text) || known == nil || slices.Contains(known, text) || strings.HasPrefix(text, "AWS API Call") || strings.HasPrefix(text, "ECS ") {
			continue
		}
		bad.Add("DetailType", "%q is nothing that %s sends; use one of %q", text, source, known)
	}
}

package events

import (
	"fmt"
	"slices"
	"strings"

	"awscontainers/constructs/invalid"
)

// Pattern says which events are meant: those that fit every field given here. Values are written as EventBridge writes them: a list of
// alternatives, each of them a value or a matcher such as map[string]any{"prefix": "incoming/"}.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
type Pattern struct {
	// Source is who sends: "aws.s3", or what a program of yours gives as Source. Default: anybody.
	Source []string
	// DetailType is what has happened: "Object Created". Default: anything.
	DetailType []string
	// Account and Region are where it happened. Default: any that send to the bus.
	Account, Region []string
	// Resources are the ARNs, or matchers of ARNs, of what it happened to. Default: any.
	Resources []any
	// Detail are fields of the event's detail: map[string]any{"state": []any{"failed"}}; "$or" takes a list of alternatives. Default: any.
	Detail map[string]any
}

// operators are the matchers of EventBridge.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
var operators = []string{"anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard"}

const or = "$or"

func (p *Pattern) empty() bool {
	return len(p.Source)+len(p.DetailType)+len(p.Account)+len(p.Region)+len(p.Resources)+len(p.Detail) == 0
}

func (p *Pattern) validate() error {
	var bad invalid.Problems
	if len(p.Source)+len(p.DetailType)+len(p.Resources)+len(p.Detail) == 0 {
		bad.Add("", `fits every event of an account, also those that it causes itself; give at least a Source, such as []string{"aws.s3"}`)
	}
	for _, l := range []struct {
		field  string
		values []string
	}{{"Source", p.Source}, {"DetailType", p.DetailType}, {"Account", p.Account}, {"Region", p.Region}} {
		if slices.Contains(l.values, "") {
			bad.Add(l.field, "has an empty value, which no event has; leave it out")
		}
	}
	checkAlternatives("Resources", p.Resources, &bad)
	checkFields("Detail", p.Detail, &bad)
	return bad.Err()
}

// checkFields notes what EventBridge would not take for a pattern, or what could fit nothing.
func checkFields(field string, fields map[string]any, bad *invalid.Problems) {
	for _, key := range sortedKeys(fields) {
		at := fmt.Sprintf("%s[%q]", field, key)
		switch value := fields[key].(type) {
		case map[string]any:
			if len(value) == 0 {
				bad.Add(at, "is empty; give the fields that it must have, or leave it out")
			}
			checkFields(at, value, bad)
		case []any:
			if key == or {
				checkOr(at, value, bad)
				continue
			}
			if len(value) == 0 {
				bad.Add(at, "has no alternatives, and so fits nothing; give at least one, or leave it out")
			}
			checkAlternatives(at, value, bad)
		case []string:
			if len(value) == 0 {
				bad.Add(at, "has no alternatives, and so fits nothing; give at least one, or leave it out")
			}
		default:
			bad.Add(at, "is %v; a pattern takes a list of alternatives, []any{%#v}, or fields below it", value, value)
		}
	}
}

func checkOr(at string, alternatives []any, bad *invalid.Problems) {
	if len(alternatives) < 2 {
		bad.Add(at, "has %d alternatives; give two or more, or none", len(alternatives))
	}
	for i, a := range alternatives {
		fields, ok := a.(map[string]any)
		if !ok {
			bad.Add(fmt.Sprintf("%s[%d]", at, i), "is %v; give fields, map[string]any{...}", a)
			continue
		}
		checkFields(fmt.Sprintf("%s[%d]", at, i), fields, bad)
	}
}

func checkAlternatives(at string, alternatives []any, bad *invalid.Problems) {
	for i, a := range alternatives {
		matcher, ok := a.(map[string]any)
		if !ok {
			switch a.(type) {
			case nil, string, bool, int, float64:
			default:
				bad.Add(fmt.Sprintf("%s[%d]", at, i), "is %v; a pattern compares texts, numbers, true, false and nil", a)
			}
			continue
		}
		if len(matcher) != 1 || !slices.Contains(operators, sortedKeys(matcher)[0]) {
			bad.Add(fmt.Sprintf("%s[%d]", at, i), "is a matcher of %q; give one of %s", sortedKeys(matcher), strings.Join(operators, ", "))
		}
	}
}

// fitsOwnTasks tells whether it surely fits the state changes of any task, so also of one that it starts.
func (p *Pattern) fitsOwnTasks() bool {
	return slices.Contains(p.Source, "aws.ecs") && len(p.Resources) == 0 && len(p.Detail) == 0 &&
		(len(p.DetailType) == 0 || slices.Contains(p.DetailType, "ECS Task State Change"))
}

// render is the pattern as EventBridge spells it.
func (p *Pattern) render() map[string]any {
	pattern := map[string]any{}
	for _, l := range []struct {
		key    string
		values []string
	}{{"source", p.Source}, {"detail-type", p.DetailType}, {"account", p.Account}, {"region", p.Region}} {
		if len(l.values) > 0 {
			pattern[l.key] = l.values
		}
	}
	if len(p.Resources) > 0 {
		pattern["resources"] = p.Resources
	}
	if len(p.Detail) > 0 {
		pattern["detail"] = p.Detail
	}
	return pattern
}

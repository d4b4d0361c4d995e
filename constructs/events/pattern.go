package events

import (
	"fmt"
	"maps"
	"slices"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// Pattern selects events: those that match every field that is set. Values are written as in EventBridge: a list of
// alternatives, each a value or a matcher such as map[string]any{"prefix": "incoming/"}.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
type Pattern struct {
	// Source is the sender: "aws.s3", or the Source of your own program's events. Default: any sender.
	Source []any
	// DetailType is the kind of event: "Object Created". Default: any kind.
	DetailType []any
	// Account and Region are where the event happened. Default: any that send to the bus.
	Account, Region []any
	// Resources lists the ARNs of what the event is about. Default: any.
	Resources []any
	// Detail selects fields of the event's detail: map[string]any{"state": []any{"failed"}}; "$or" takes a list of alternatives.
	// A field that an alternative names must not also be named beside "$or": put it into every alternative instead. Default: any.
	Detail map[string]any
}

// or names alternatives of fields.
const or = "$or"

func (p *Pattern) isEmpty() bool {
	return len(p.Source)+len(p.DetailType)+len(p.Account)+len(p.Region)+len(p.Resources)+len(p.Detail) == 0
}

func (p *Pattern) validate() error {
	var bad invalid.Problems
	if len(p.Source)+len(p.DetailType)+len(p.Resources)+len(p.Detail) == 0 {
		bad.Add("", "must not match every event of an account, which includes those that the rule causes").
			Advise(`set Source, such as []any{"aws.s3"}`)
	}
	checkAlternatives("Source", p.Source, &bad)
	checkAlternatives("DetailType", p.DetailType, &bad)
	checkAlternatives("Account", p.Account, &bad)
	checkAlternatives("Region", p.Region, &bad)
	checkAlternatives("Resources", p.Resources, &bad)
	checkSource(p.Source, &bad)
	p.checkDetailType(&bad)
	checkFields("Detail", p.Detail, &bad)
	checkTwice("Detail", p.Detail, &bad)
	return bad.Err()
}

// checkFields refuses what EventBridge doesn't accept as a pattern, or what matches nothing.
func checkFields(field string, fields map[string]any, bad *invalid.Problems) {
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		at := fmt.Sprintf("%s[%q]", field, key)
		if key == "or" {
			bad.Add(at, `must be %q, because "or" is a field like any other`, or)
		}
		switch value := fields[key].(type) {
		case map[string]any:
			checkObject(at, value, bad)
		case []any:
			if key == or {
				checkOr(at, value, bad)
				continue
			}
			checkNotEmpty(at, len(value), bad)
			checkAlternatives(at, value, bad)
		case []string:
			checkNotEmpty(at, len(value), bad)
		default:
			bad.Add(at, "must be a list of alternatives, []any{…}, or a map of the fields below it").Got = shown(value)
		}
	}
}

func checkObject(at string, value map[string]any, bad *invalid.Problems) {
	switch name := onlyKey(value); {
	case len(value) == 0:
		bad.Add(at, "must not be empty").Advise("add the fields that an event must have, or remove it")
	case slices.Contains(operators, name) && !isObject(value[name]):
		bad.Add(at, "must be a list of matchers").Advise("write []any{map[string]any{%q: …}}", name)
	default:
		checkFields(at, value, bad)
	}
}

func onlyKey(m map[string]any) string {
	for key := range m {
		if len(m) == 1 {
			return key
		}
	}
	return ""
}

// isObject tells the fields of an object, in which an operator's name is a name like any other, from what a matcher compares
// with.
func isObject(value any) bool {
	switch value.(type) {
	case map[string]any, []any, []string:
		return true
	}
	return false
}

func checkNotEmpty(at string, n int, bad *invalid.Problems) {
	if n == 0 {
		bad.Add(at, "must have at least one alternative, because an empty list matches nothing").Advise("add one, or remove the field")
	}
}

func checkOr(at string, alternatives []any, bad *invalid.Problems) {
	if len(alternatives) < 2 {
		bad.Add(at, "must have two or more alternatives").Given(len(alternatives))
	}
	for i, a := range alternatives {
		field := check.Index(at, i)
		if fields, ok := a.(map[string]any); ok {
			checkFields(field, fields, bad)
			continue
		}
		bad.Add(field, "must be a map of fields, map[string]any{…}").Got = shown(a)
	}
}

func checkAlternatives(at string, alternatives []any, bad *invalid.Problems) {
	for i, a := range alternatives {
		field := check.Index(at, i)
		switch v := a.(type) {
		case map[string]any:
			checkMatcher(field, v, bad)
		case string:
			if v == "" && slices.Contains([]string{"Source", "DetailType", "Account", "Region"}, at) {
				bad.Add(field, "must not be empty, because no event has an empty value")
			}
		case nil, bool, int, int64, float64:
		default:
			bad.Add(field, "must be a string, a number, true, false, nil or a matcher").Got = shown(a)
		}
	}
}

// shown returns a value as a message shows it: only the type of a pointer, because neither its address nor what it points to
// explains the problem.
func shown(value any) string {
	switch value.(type) {
	case nil, string, bool, int, int64, float64, []any, []string, map[string]any:
		return fmt.Sprintf("%#v", value)
	}
	return fmt.Sprintf("a %T", value)
}

// taskFields are the fields of ECS events by which a pattern can tell one task from another.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
var taskFields = []string{or, "containers", "group", "overrides", "startedBy", "taskArn", "taskDefinitionArn"}

// matchesOwnTasks reports whether the pattern matches the state changes of the tasks that its rule starts in a cluster.
func (p *Pattern) matchesOwnTasks(cluster string) bool {
	isExact := func(resource any) bool { _, ok := resource.(string); return ok }
	switch {
	case len(p.Source) > 0 && !slices.Contains(p.Source, any("aws.ecs")),
		len(p.DetailType) > 0 && !slices.Contains(p.DetailType, any(taskState)),
		len(p.Source)+len(p.DetailType) == 0,
		slices.ContainsFunc(p.Resources, isExact),
		slices.ContainsFunc(taskFields, func(key string) bool { return p.Detail[key] != nil }):
		return false
	}
	switch clusters := p.Detail["clusterArn"].(type) {
	case []any:
		return slices.ContainsFunc(clusters, func(c any) bool { return c == any(cluster) })
	case []string:
		return slices.Contains(clusters, cluster)
	}
	return true
}

// render returns the pattern as EventBridge spells it.
func (p *Pattern) render() map[string]any {
	pattern := map[string]any{}
	for key, values := range map[string][]any{
		"source": p.Source, "detail-type": p.DetailType, "account": p.Account, "region": p.Region, "resources": p.Resources,
	} {
		if len(values) > 0 {
			pattern[key] = values
		}
	}
	if len(p.Detail) > 0 {
		pattern["detail"] = p.Detail
	}
	return pattern
}

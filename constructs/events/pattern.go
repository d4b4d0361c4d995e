package events

import (
	"fmt"
	"maps"
	"slices"

	"awscontainers/constructs/invalid"
)

// Pattern says which events are meant: those that fit every field given here. Values are written as EventBridge writes them: a list of
// alternatives, each of them a value or a matcher such as map[string]any{"prefix": "incoming/"}.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
type Pattern struct {
	// Source is who sends: "aws.s3", or what a program of yours gives as Source. Default: anybody.
	Source []any
	// DetailType is what has happened: "Object Created". Default: anything.
	DetailType []any
	// Account and Region are where it happened. Default: any that send to the bus.
	Account, Region []any
	// Resources are the ARNs of what it happened to. Default: any.
	Resources []any
	// Detail are fields of the event's detail: map[string]any{"state": []any{"failed"}}; "$or" takes a list of alternatives. Default: any.
	Detail map[string]any
}

const or = "$or"

func (p *Pattern) empty() bool {
	return len(p.Source)+len(p.DetailType)+len(p.Account)+len(p.Region)+len(p.Resources)+len(p.Detail) == 0
}

func (p *Pattern) validate() error {
	var bad invalid.Problems
	if len(p.Source)+len(p.DetailType)+len(p.Resources)+len(p.Detail) == 0 {
		bad.Add("", `fits every event of an account, also those that it causes itself; give at least a Source, such as []any{"aws.s3"}`)
	}
	checkAlternatives("Source", p.Source, &bad)
	checkAlternatives("DetailType", p.DetailType, &bad)
	checkAlternatives("Account", p.Account, &bad)
	checkAlternatives("Region", p.Region, &bad)
	checkAlternatives("Resources", p.Resources, &bad)
	checkSource(p.Source, &bad)
	p.checkDetailType(&bad)
	checkFields("Detail", p.Detail, &bad)
	return bad.Err()
}

// checkFields notes what EventBridge would not take for a pattern, or what could fit nothing.
func checkFields(field string, fields map[string]any, bad *invalid.Problems) {
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		at := fmt.Sprintf("%s[%q]", field, key)
		if key == "or" {
			bad.Add(at, "is a field by that name; alternatives of fields are called %q", or)
		}
		switch value := fields[key].(type) {
		case map[string]any:
			switch name := onlyKey(value); {
			case len(value) == 0:
				bad.Add(at, "is empty; give the fields that it must have, or leave it out")
			case slices.Contains(operators, name) && !isFields(value[name]):
				bad.Add(at, "is a matcher without a list around it; write []any{map[string]any{%q: ...}}", name)
			default:
				checkFields(at, value, bad)
			}
		case []any:
			if key == or {
				checkOr(at, value, bad)
				continue
			}
			checkSomething(at, len(value), bad)
			checkAlternatives(at, value, bad)
		case []string:
			checkSomething(at, len(value), bad)
		default:
			bad.Add(at, "is %s; a pattern takes a list of alternatives, []any{...}, or fields below it", inWords(value))
		}
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

// isFields tells the fields of an object, in which an operator's name is a name like others, from what a matcher compares with.
func isFields(value any) bool {
	switch value.(type) {
	case map[string]any, []any, []string:
		return true
	}
	return false
}

func checkSomething(at string, n int, bad *invalid.Problems) {
	if n == 0 {
		bad.Add(at, "has no alternatives, and so fits nothing; give at least one, or leave it out")
	}
}

func checkOr(at string, alternatives []any, bad *invalid.Problems) {
	if len(alternatives) < 2 {
		bad.Add(at, "has %d alternatives; give two or more, or none", len(alternatives))
	}
	for i, a := range alternatives {
		fields, ok := a.(map[string]any)
		if !ok {
			bad.Add(fmt.Sprintf("%s[%d]", at, i), "is %s; give fields, map[string]any{...}", inWords(a))
			continue
		}
		checkFields(fmt.Sprintf("%s[%d]", at, i), fields, bad)
	}
}

func checkAlternatives(at string, alternatives []any, bad *invalid.Problems) {
	for i, a := range alternatives {
		field := fmt.Sprintf("%s[%d]", at, i)
		switch v := a.(type) {
		case map[string]any:
			checkMatcher(field, v, bad)
		case string:
			if v == "" && slices.Contains([]string{"Source", "DetailType", "Account", "Region"}, at) {
				bad.Add(field, "is empty, which no event has; leave it out")
			}
		case nil, bool, int, int64, float64:
		default:
			bad.Add(field, "is %s; a pattern compares texts, numbers, true, false and nil", inWords(a))
		}
	}
}

// inWords is a value as a message shows it: of a pointer its type, for its address says nothing.
func inWords(value any) string {
	switch value.(type) {
	case nil, string, bool, int, int64, float64, []any, []string, map[string]any:
		return fmt.Sprintf("%#v", value)
	}
	return fmt.Sprintf("a %T", value)
}

// alone tells the events of a task from those of others.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
var alone = []string{or, "containers", "group", "overrides", "startedBy", "taskArn", "taskDefinitionArn"}

// fitsOwnTasks tells whether it fits the state changes of a task that it starts itself, in the given cluster.
func (p *Pattern) fitsOwnTasks(cluster string) bool {
	if len(p.Source) > 0 && !slices.Contains(p.Source, any("aws.ecs")) || len(p.DetailType) > 0 && !slices.Contains(p.DetailType, any("ECS Task State Change")) ||
		len(p.Source)+len(p.DetailType) == 0 || slices.ContainsFunc(p.Resources, func(r any) bool { _, exact := r.(string); return exact }) {
		return false
	}
	for _, key := range alone {
		if p.Detail[key] != nil {
			return false
		}
	}
	switch clusters := p.Detail["clusterArn"].(type) {
	case []any:
		return slices.ContainsFunc(clusters, func(c any) bool { return c == any(cluster) })
	case []string:
		return slices.Contains(clusters, cluster)
	}
	return true
}

// render is the pattern as EventBridge spells it.
func (p *Pattern) render() map[string]any {
	pattern := map[string]any{}
	for key, values := range map[string][]any{"source": p.Source, "detail-type": p.DetailType, "account": p.Account, "region": p.Region, "resources": p.Resources} {
		if len(values) > 0 {
			pattern[key] = values
		}
	}
	if len(p.Detail) > 0 {
		pattern["detail"] = p.Detail
	}
	return pattern
}

//go:build lifecycle

package lifecycle_test

import (
	"maps"
	"slices"
	"strings"

	"awscontainers/test/cdktest"
)

// update is a deployment of a stack that exists, with other keys than before.
type update struct {
	stack, name   string
	before, after keys
	// isBack is set if the update takes the one before it back.
	isBack bool
}

// effect is what an update does to a resource.
type effect struct {
	does       verb
	old, now   *cdktest.Resource
	properties []string
}

type verb string

const (
	creates    verb = "creates"
	removes    verb = "removes"
	retains    verb = "retains" // removes from the stack, and leaves in AWS
	replaces   verb = "replaces"
	mayReplace verb = "may replace"
	updates    verb = "updates"
)

var verbs = map[string]verb{
	"WILL_CREATE": creates, "WILL_DESTROY": removes, "WILL_ORPHAN": retains, "WILL_REPLACE": replaces, "MAY_REPLACE": mayReplace,
	"WILL_UPDATE": updates,
}

// resource is the one that the effect is about: as it will be, or as it was if it goes.
func (e effect) resource() *cdktest.Resource {
	if e.now != nil {
		return e.now
	}
	return e.old
}

func (e effect) place() string { return place(e.resource()) }
func (e effect) kind() string  { return e.resource().Type }

// isNew holds for resources that don't exist before the update, those that take the place of an old one among them.
func (e effect) isNew() bool { return slices.Contains([]verb{creates, replaces, mayReplace}, e.does) }

// goes holds for resources that exist until the end of the update, when CloudFormation deletes what it doesn't need any longer.
func (e effect) goes() bool {
	return slices.Contains([]verb{removes, retains, replaces, mayReplace}, e.does)
}

func (e effect) changes(properties ...string) bool {
	return slices.ContainsFunc(e.properties, func(p string) bool { return slices.Contains(properties, p) })
}

// outcome is all that an update does.
type outcome struct {
	update
	from, to *stack
	effects  map[string]*effect // by logical ID
}

func outcomeOf(u update, from, to *cdktest.Template, changes []change) *outcome {
	o := &outcome{u, stackOf(from), stackOf(to), map[string]*effect{}}
	for _, c := range changes {
		does := verbs[c.Impact]
		if does == "" {
			continue
		}
		e := &effect{does: does, old: from.Resources[c.Id], now: to.Resources[c.Id], properties: slices.Sorted(maps.Keys(c.Properties))}
		if does == removes && strings.HasPrefix(e.old.DeletionPolicy, "Retain") {
			e.does = retains
		}
		o.effects[c.Id] = e
	}
	o.propagate()
	return o
}

// propagate adds the properties that change because what they refer to does: another resource takes its place, or a launch template has
// another version.
func (o *outcome) propagate() {
	for more := true; more; {
		more = false
		for id, r := range o.to.Resources {
			if o.from.Resources[id] == nil {
				continue
			}
			for property, value := range r.Properties {
				if e := o.effects[id]; e != nil && slices.Contains(e.properties, property) || !o.refersToChange(value) {
					continue
				}
				if o.effects[id] == nil {
					o.effects[id] = &effect{does: updates, old: o.from.Resources[id], now: r}
				}
				o.effects[id].properties = append(o.effects[id].properties, property)
				slices.Sort(o.effects[id].properties)
				more = true
			}
		}
	}
}

func (o *outcome) refersToChange(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		id, _ := v["Ref"].(string)
		attribute, _ := v["Fn::GetAtt"].([]any)
		if len(attribute) == 2 {
			id, _ = attribute[0].(string)
		}
		if e := o.effects[id]; e != nil {
			hasVersion := e.kind() == "AWS::EC2::LaunchTemplate" && len(attribute) == 2 && e.changes("LaunchTemplateData")
			if e.does == replaces || hasVersion {
				return true
			}
		}
		for _, inner := range v {
			if o.refersToChange(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, o.refersToChange)
	}
	return false
}

// inOrder returns the effects by place.
func (o *outcome) inOrder() []*effect {
	return slices.SortedFunc(maps.Values(o.effects), func(a, b *effect) int { return strings.Compare(a.place(), b.place()) })
}

func (o *outcome) of(r *cdktest.Resource) *effect { return o.effects[r.Id] }

// isNew reports whether a resource of the new template doesn't exist before the update.
func (o *outcome) isNew(r *cdktest.Resource) bool {
	e := o.of(r)
	return e != nil && e.isNew()
}

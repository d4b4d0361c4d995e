package sgrule

import (
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// elsewhere is an empty construct that holds the id of a rule and knows the rule that is in effect instead.
type elsewhere struct {
	constructs.Construct
	rule constructs.IConstruct
}

// Rule returns the rule that is in effect. jsii takes a Go type for a construct only if it has a method.
func (e *elsewhere) Rule() constructs.IConstruct { return e.rule }

// Stand lets an empty construct take an id below a scope, such as a security group. The CDK adds a rule wherever its id is free, and
// so adds none there. Find and Of give the rule that is in effect instead.
func Stand(scope constructs.IConstruct, id string, rule constructs.IConstruct) {
	var parent constructs.Construct
	jsii.UnsafeCast(scope, &parent) // an existing security group is a construct, which its Go interface does not say
	e := &elsewhere{rule: rule}
	constructs.NewConstruct_Override(e, parent, &id)
}

// Replace lets an empty construct take the place of a rule that is equal to another.
func Replace(duplicate, rule constructs.IConstruct) {
	scope, id := duplicate.Node().Scope(), *duplicate.Node().Id()
	scope.Node().TryRemoveChild(&id)
	Stand(scope, id, rule)
}

// Find returns the rule that a child of the scope is or stands for, or nil.
func Find(scope constructs.IConstruct, id string) constructs.IConstruct {
	return Of(scope.Node().TryFindChild(&id))
}

// Of returns the rule that a construct stands for, or the construct.
func Of(construct constructs.IConstruct) constructs.IConstruct {
	if e, stands := construct.(*elsewhere); stands {
		return e.rule
	}
	return construct
}

package cdktest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Grant is what a statement of a policy says, for [May] and [MayExactly]. It starts with Allow, Deny or ManagedPolicies:
//
//	cdktest.Allow("s3:GetObject*", "s3:List*").On(bucket, cdktest.Arn(bucket, "/*"))
type Grant struct {
	deny       bool
	actions    []string
	butActions bool // NotAction
	targets    []any
	butTargets bool // NotResource
	conditions map[string]any
	managed    []string
}

// Allow is a grant that allows actions, written as in the policy: "dynamodb:PutItem", "s3:GetObject*".
func Allow(actions ...string) Grant { return Grant{actions: actions} }

// AllowAllBut is a grant that allows all actions except some, by NotAction.
func AllowAllBut(actions ...string) Grant { return Grant{actions: actions, butActions: true} }

// Deny is a grant that denies actions.
func Deny(actions ...string) Grant { return Grant{deny: true, actions: actions} }

// DenyAllBut is a grant that denies all actions except some, by NotAction.
func DenyAllBut(actions ...string) Grant {
	return Grant{deny: true, actions: actions, butActions: true}
}

// ManagedPolicies is a grant of whatever managed policies allow that the template doesn't contain: AWS managed policies by their names,
// such as "AmazonSSMManagedInstanceCore", others by their ARNs.
func ManagedPolicies(names ...string) Grant { return Grant{managed: names} }

// On says on which resources: each is a *Resource, whose ARN is meant, an [Arn], a text such as "*", or a value of the template.
func (g Grant) On(targets ...any) Grant {
	g.targets, g.butTargets = targets, false
	return g
}

// OnAllBut says on all resources except some, by NotResource.
func (g Grant) OnAllBut(targets ...any) Grant {
	g.targets, g.butTargets = targets, true
	return g
}

// If says under which conditions, written as in the policy; values may also be what [Grant.On] takes:
//
//	cdktest.Allow("ecs:Poll").On("*").If(map[string]any{"ArnEquals": map[string]any{"ecs:cluster": cluster}})
func (g Grant) If(conditions map[string]any) Grant {
	g.conditions = conditions
	return g
}

// Arn is a text put together from texts and resources, a *Resource standing for its ARN, name or ID, for [Grant.On] and [Grant.If]:
//
//	cdktest.Arn(table, "/index/*")
//	cdktest.Arn("arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:task/", cluster, "/*")
func Arn(parts ...any) map[string]any { return map[string]any{"Fn::Join": []any{"", parts}} }

// permissions returns what the grant says, one action on one resource each.
func (g Grant) permissions(t testing.TB, in *Template) (all []permission) {
	t.Helper()
	for _, name := range g.managed {
		all = append(all, managed(name))
	}
	if len(all) > 0 {
		return all
	}
	require.NotEmpty(t, g.actions, "a grant without actions")
	require.NotEmpty(t, g.targets, "%v: say on which resources, with On", g.actions)
	action, target, effect := "Action", "Resource", "Allow"
	if g.butActions {
		action = "NotAction"
	}
	if g.butTargets {
		target = "NotResource"
	}
	if g.deny {
		effect = "Deny"
	}
	statement := map[string]any{"Effect": effect, action: anys(g.actions), target: g.targets}
	if len(g.conditions) > 0 {
		statement["Condition"] = g.conditions
	}
	return in.permissions(statement)
}

func anys(texts []string) (list []any) {
	for _, text := range texts {
		list = append(list, text)
	}
	return list
}

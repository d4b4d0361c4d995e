package cdktest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// MayExactly checks that a role's policies say what the grants say, and nothing else. Instead of a role it takes a policy:
//
//	cdktest.MayExactly(t, role,
//		cdktest.Allow("dynamodb:PutItem").On(table),
//		cdktest.Allow("s3:GetObject*").On(cdktest.Arn(bucket, "/*")),
//	)
//
// Without grants the role may do nothing. Actions, ARNs and conditions must be those of the policies: a wildcard that includes an action
// is not that action, and a grant with a condition is not one without. The order doesn't matter, nor how the policies are put together.
//
// It takes the policies inside the role, and those of the template that are attached to it. A policy that depends on a condition of the
// template fails the test: compare the lines of [Permissions] instead. So does a managed policy from elsewhere, unless [ManagedPolicies]
// names it. What [Permissions] leaves out, it leaves out too.
func MayExactly(t testing.TB, role *Resource, grants ...Grant) bool {
	t.Helper()
	in, wanted := expected(t, role, grants)
	all := permissionsOf(t, in, role)
	var problems []string
	for _, w := range wanted {
		if !slices.ContainsFunc(all, w.same) {
			problems = append(problems, "missing: "+w.String())
		}
	}
	for _, p := range all {
		if !slices.ContainsFunc(wanted, p.same) {
			problems = append(problems, "extra:   "+p.String())
		}
	}
	if len(problems) > 0 {
		t.Errorf("%s may not do exactly this:\n%s", role, strings.Join(problems, "\n"))
	}
	return len(problems) == 0
}

// May checks that a role's policies allow at least what the grants allow. Wildcards count: a role with s3:* on * may do s3:GetObject
// on a bucket. Deny fails the test, if it has no condition and concerns part of these actions and resources. What a managed policy from
// elsewhere allows isn't known here.
//
//	cdktest.May(t, role, cdktest.Allow("s3:PutObject").On(cdktest.Arn(bucket, "/*")))
func May(t testing.TB, role *Resource, grants ...Grant) bool {
	t.Helper()
	in, wanted := expected(t, role, grants)
	require.NotEmpty(t, wanted, "say what the role may do")
	all := permissionsOf(t, in, role)
	ok := true
	for _, w := range wanted {
		if i := slices.IndexFunc(all, func(p permission) bool { return p.denies(w) }); i >= 0 {
			t.Errorf("%s may not %s, because of: %s", role, strings.TrimPrefix(w.String(), "allow "), all[i])
			ok = false
		} else if !slices.ContainsFunc(all, func(p permission) bool { return p.covers(w) }) {
			t.Errorf("%s has no policy to %s. Its policies say:\n%s", role, w, text(all))
			ok = false
		}
	}
	return ok
}

// Permissions returns what a role's policies say, one action on one resource a line, sorted:
//
//	allow dynamodb:PutItem on [Shop/Orders]
//	allow s3:GetObject* on [Shop/Images]/* if {"Bool":{"aws:SecureTransport":"true"}}
//	whatever the AWS managed policy AmazonSSMManagedInstanceCore allows
//
// A resource of the template is its construct path in brackets, which stands for its ARN. It leaves out what other policies say: those of
// resources, such as a bucket's or a key's, permissions boundaries, and policies that other stacks or nested stacks
// attach. It fails the test for what is neither a role nor a policy.
func Permissions(t testing.TB, role *Resource) (lines []string) {
	t.Helper()
	requireHolder(t, role)
	for _, p := range permissionsOf(t, role.Template, role) {
		lines = append(lines, p.String())
	}
	return lines
}

func requireRole(t testing.TB, role *Resource) {
	t.Helper()
	require.NotNil(t, role, "no role")
	require.Equal(t, "AWS::IAM::Role", role.Type, "%s is not a role", role)
}

// policyTypes are the resources that are policies of roles.
var policyTypes = []string{"AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy"}

// requireHolder takes a role or a policy.
func requireHolder(t testing.TB, holder *Resource) {
	t.Helper()
	require.NotNil(t, holder, "no role")
	require.Contains(t, append([]string{"AWS::IAM::Role"}, policyTypes...), holder.Type, "%s is neither a role nor a policy", holder)
}

func text(all []permission) string {
	var lines strings.Builder
	for _, p := range all {
		lines.WriteString(p.String() + "\n")
	}
	return lines.String()
}

// expected returns what grants say, and the role's template with those of the grants' resources beside it, which it may import.
func expected(t testing.TB, role *Resource, grants []Grant) (*Template, []permission) {
	t.Helper()
	requireHolder(t, role)
	in := *role.Template
	in.exports = map[string]spelling{}
	var wanted []permission
	for _, g := range grants {
		for _, other := range templatesIn(append(g.targets, g.conditions)) {
			maps.Copy(in.exports, other.exported())
		}
		wanted = append(wanted, g.permissions(t, &in)...)
	}
	return &in, tidy(wanted)
}

// templatesIn returns the templates of the resources in a value of an expectation.
func templatesIn(value any) (found []*Template) {
	switch v := value.(type) {
	case *Resource:
		if v != nil {
			found = append(found, v.Template)
		}
	case map[string]any:
		for _, inner := range v {
			found = append(found, templatesIn(inner)...)
		}
	case []any:
		for _, inner := range v {
			found = append(found, templatesIn(inner)...)
		}
	}
	return found
}

// permissionsOf returns what the policies of a role say. The role's resources are those of the template given.
func permissionsOf(t testing.TB, in *Template, role *Resource) (all []permission) {
	t.Helper()
	for _, policy := range policiesOf(in, role) {
		for _, statement := range in.statements(policy.document) {
			for _, p := range in.permissions(statement) {
				p.when = policy.when
				all = append(all, p)
			}
		}
	}
	for _, arn := range List(role.Get("ManagedPolicyArns")) {
		if policy := in.Follow(arn); policy == nil || policy.Type != "AWS::IAM::ManagedPolicy" {
			all = append(all, managed(in.spell(arn).String()))
		}
	}
	return tidy(all)
}

// policy is a policy document, and the template's condition without which the role doesn't have it.
type policy struct {
	document any
	when     string
}

// policiesOf returns the policies of a role that the template contains, or a policy itself.
func policiesOf(in *Template, role *Resource) (policies []policy) {
	if slices.Contains(policyTypes, role.Type) {
		return []policy{{document: role.Get("PolicyDocument")}}
	}
	for _, inline := range List(role.Get("Policies")) {
		policies = append(policies, policy{document: Dig(inline, "PolicyDocument")})
	}
	isRole := func(holder any) bool {
		return in.Refers(holder, role) || role.Get("RoleName") != nil && asText(holder) == asText(role.Get("RoleName"))
	}
	for _, kind := range policyTypes {
		for _, r := range in.All(kind) {
			holders := slices.Concat(List(r.Get("Roles")), List(r.Get("RoleName")))
			links := slices.DeleteFunc(holders, func(holder any) bool { return !isRole(holder) })
			for _, arn := range List(role.Get("ManagedPolicyArns")) {
				if in.Refers(arn, r) {
					links = append(links, arn)
				}
			}
			if len(links) > 0 {
				policies = append(policies, policy{r.Get("PolicyDocument"), whenAttached(role, r, links)})
			}
		}
	}
	return policies
}

// whenAttached returns the template's condition without which a role doesn't have a policy, or nothing.
func whenAttached(role, policy *Resource, links []any) (when string) {
	if policy.Condition != role.Condition {
		when = policy.Condition
	}
	for _, link := range links {
		branches, isIf := Dig(link, "Fn::If").([]any)
		if !isIf {
			return when // by this link it always has it
		}
		if when == "" && len(branches) > 0 {
			when = plain(branches[0])
		}
	}
	return when
}

// AssumedBy returns who may assume a role, by its trust policy, sorted: services, accounts and users by their names or ARNs, identity
// providers as "federated …". Actions other than sts:AssumeRole are in parentheses, conditions behind "if":
//
//	assert.Equal(t, []string{"ecs-tasks.amazonaws.com"}, cdktest.AssumedBy(t, role))
//
// It fails the test for what is not an AWS::IAM::Role.
func AssumedBy(t testing.TB, role *Resource) (lines []string) {
	t.Helper()
	requireRole(t, role)
	for _, statement := range role.Template.statements(role.Get("AssumeRolePolicyDocument")) {
		if Dig(statement, "Effect") == nil {
			lines = append(lines, permission{unreadable: asText(statement)}.String())
			continue
		}
		suffix := ""
		if actions := role.Template.patterns(statement, "Action"); !slices.Equal(actions, []string{"sts:AssumeRole"}) {
			suffix += " (" + strings.Join(actions, ", ") + ")"
		}
		if conditions := role.Template.conditions(statement); conditions != "" {
			suffix += " if " + conditions
		}
		for _, principal := range role.Template.principals(statement) {
			if Dig(statement, "Effect") == "Deny" {
				principal = "deny " + principal
			}
			lines = append(lines, principal+suffix)
		}
	}
	slices.Sort(lines)
	return lines
}

// statements returns those of a policy document, which may be JSON in an Fn::Sub. What can't be read is one of them.
func (tpl *Template) statements(document any) []any {
	if text := tpl.text(document); text != nil {
		var read any
		if json.Unmarshal([]byte(text.String()), &read) == nil {
			document = read
		}
	}
	if found := List(Dig(document, "Statement")); found != nil || document == nil {
		return found
	}
	return []any{document}
}

// principals returns the texts of Principal or NotPrincipal.
func (tpl *Template) principals(statement any) (texts []string) {
	for _, key := range []string{"Principal", "NotPrincipal"} {
		byKind, isObject := Dig(statement, key).(map[string]any)
		if !isObject {
			byKind = map[string]any{"": Dig(statement, key)}
		}
		for kind, names := range byKind {
			for _, name := range List(names) {
				text := tpl.spell(name).String()
				if kind == "Federated" {
					text = "federated " + text
				}
				if isService := strings.Contains(text, ".amazonaws.com"); isService && kind != "Service" || !isService && kind == "Service" {
					text = "the " + kind + " principal " + text // which IAM refuses
				}
				if key == "NotPrincipal" {
					text = allBut + text
				}
				texts = append(texts, text)
			}
		}
	}
	return texts
}

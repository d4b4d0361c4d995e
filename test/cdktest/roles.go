package cdktest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Allowed reads every inline policy of a role: which actions it may take, on which resources of the template. A wildcard,
// or an ARN from elsewhere, is nil. It fails the test for a role with managed policies, whose content it can't know, and
// for statements that deny.
func Allowed(t *testing.T, role *Resource) map[string][]*Resource {
	t.Helper()
	require.Equal(t, "AWS::IAM::Role", role.Type)
	require.Empty(t, role.Get("ManagedPolicyArns"), "managed policies of %s", role.Path())
	found := map[string][]*Resource{}
	for _, policy := range role.Template.All("AWS::IAM::Policy") {
		for _, holder := range List(policy.Get("Roles")) {
			if role.Template.Follow(holder) != role {
				continue
			}
			for _, statement := range List(policy.Get("PolicyDocument.Statement")) {
				require.Equal(t, "Allow", Dig(statement, "Effect"))
				for _, action := range List(Dig(statement, "Action")) {
					for _, target := range List(Dig(statement, "Resource")) {
						found[action.(string)] = append(found[action.(string)], role.Template.Follow(target))
					}
				}
			}
		}
	}
	return found
}

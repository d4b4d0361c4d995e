package test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// allowed reads every policy of a role: which actions it may take, on which resources of the template. A wildcard or an
// ARN from elsewhere is nil.
func allowed(t *testing.T, role *resource) map[string][]*resource {
	t.Helper()
	require.Equal(t, "AWS::IAM::Role", role.Type)
	require.Empty(t, role.get("ManagedPolicyArns"), "managed policies of %s", role.path())
	found := map[string][]*resource{}
	for _, policy := range role.tpl.all("AWS::IAM::Policy") {
		for _, holder := range list(policy.get("Roles")) {
			if role.tpl.follow(holder) != role {
				continue
			}
			for _, statement := range list(policy.get("PolicyDocument.Statement")) {
				require.Equal(t, "Allow", dig(statement, "Effect"))
				for _, action := range list(dig(statement, "Action")) {
					for _, target := range list(dig(statement, "Resource")) {
						found[action.(string)] = append(found[action.(string)], role.tpl.follow(target))
					}
				}
			}
		}
	}
	return found
}

// list is what IAM writes as one value or as an array.
func list(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

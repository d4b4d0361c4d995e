//go:build recipes

package cdktest_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/rules"
	"awscontainers/test/cdktest"
)

// Strict starts a validator although Main turns off the CDK's and that of rules.Register. Once there is one, it fails a synth too.
func TestStrictStartsAValidator(t *testing.T) {
	app := cdktest.App(t)
	rules.Register(app)
	stack := awscdk.NewStack(app, new("Test"), nil)
	newTask(stack, "Bad", "bridge", "date")
	cdktest.Synth(t, stack)
	found := cdktest.Findings(t, app)
	require.Len(t, found, 1)
	assert.Equal(t, "Test/Bad", found[0].Path)
	assert.Equal(t, found, cdktest.Findings(t, app), "again")
	assert.Contains(t, failure(t, func(t testing.TB) { cdktest.Synth(t, stack) }), "error AWSC-TASK-001 at Test/Bad")
}

//go:build recipes

package cdktest_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/rules"
	"awscontainers/test/cdktest"
)

func newTask(stack awscdk.Stack, id, networkMode, volume string) {
	awsecs.NewCfnTaskDefinition(stack, &id, &awsecs.CfnTaskDefinitionProps{
		NetworkMode: &networkMode,
		Volumes:     []any{&awsecs.CfnTaskDefinition_VolumeProperty{Name: new("data")}},
		ContainerDefinitions: []any{&awsecs.CfnTaskDefinition_ContainerDefinitionProperty{
			Name: new("web"), Image: new("nginx"), Memory: new(128.0),
			MountPoints: []any{&awsecs.CfnTaskDefinition_MountPointProperty{SourceVolume: &volume, ContainerPath: new("/data")}},
		}},
	})
}

// The apps share a validator: starting one takes seconds, and so does each type of resource that it meets.
func TestStrict(t *testing.T) {
	validator := rules.Plugin()
	for _, c := range []struct {
		name    string
		build   func(stack awscdk.Stack)
		finding string
	}{
		{"nothing wrong", func(awscdk.Stack) {}, ""},
		{"an L1 with a bad property", func(stack awscdk.Stack) { newTask(stack, "Bad", "carrier-pigeon", "data") }, "at Test/Bad: NetworkMode: "},
		{"a rule of the pack", func(stack awscdk.Stack) { newTask(stack, "Bad", "bridge", "date") }, "error AWSC-TASK-001 at Test/Bad: "},
		{"a warning", func(stack awscdk.Stack) {
			awscdk.Annotations_Of(stack).AddWarningV2(new("shop:a"), new("careful"), nil)
		}, "warning annotation at Test: careful [ack: shop:a]"},
		{"an error", func(stack awscdk.Stack) { awscdk.Annotations_Of(stack).AddError(new("wrong")) }, "error annotation at Test: wrong"},
		{"a warning that is acknowledged", func(stack awscdk.Stack) {
			awscdk.Annotations_Of(stack).AddWarningV2(new("shop:a"), new("careful"), nil)
			awscdk.Annotations_Of(stack).AcknowledgeWarning(new("shop:a"), new("known"))
		}, ""},
		{"a finding that is acknowledged", func(stack awscdk.Stack) {
			newTask(stack, "Bad", "bridge", "date")
			awscdk.Validations_Of(stack).Acknowledge(&awscdk.Acknowledgment{
				Id: new("CloudFormation-Validate::AWSC-TASK-001"), Reason: new("known"),
			})
		}, ""},
		{"a stack in a stage", func(stack awscdk.Stack) {
			inner := awscdk.NewStack(awscdk.NewStage(awscdk.App_Of(stack), new("Prod"), nil), new("Shop"), nil)
			awscdk.Annotations_Of(inner).AddWarningV2(new("shop:a"), new("careful"), nil)
			newTask(inner, "Bad", "carrier-pigeon", "data")
		}, "at Prod/Shop/Bad: NetworkMode"},
	} {
		t.Run(c.name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			newTask(stack, "Sound", "bridge", "data")
			c.build(stack)
			_, _ = cdktest.SynthAnnotated(t, stack) // strict also later
			said := failure(t, func(t testing.TB) { cdktest.Strict(t, awscdk.App_Of(stack), validator) })
			if c.finding == "" {
				assert.Empty(t, said)
				return
			}
			assert.Contains(t, said, "the app must have no findings; got ")
			assert.Contains(t, said, c.finding)
			assert.NotContains(t, said, "Sound")
			assert.Equal(t, strings.Contains(c.name, "stage"), strings.Contains(said, "warning annotation at Prod/Shop: careful"))
		})
	}
	t.Run("an app that throws", func(t *testing.T) { thrown(t, validator) })
}

// thrown checks an app of another making, in which the CDK throws on findings.
func thrown(t *testing.T, validator awscdk.CloudFormationValidatePlugin) {
	context := map[string]any{"@aws-cdk/core:validateAgainstDefaultRules": true, "@aws-cdk/core:annotationsInValidationReport": true}
	app := awscdk.NewApp(&awscdk.AppProps{Context: &context, Outdir: new(t.TempDir())})
	stack := awscdk.NewStack(app, new("Test"), nil)
	newTask(stack, "Bad", "bridge", "date")
	awscdk.Annotations_Of(stack).AddError(new("wrong"))
	assert.Contains(t, failure(t, func(t testing.TB) { cdktest.Synth(t, stack) }), "/Test: wrong")
	found := cdktest.Findings(t, app, validator)
	require.Len(t, found, 2)
	assert.Equal(t, "error annotation at Test: wrong", found[0].String())
	assert.Equal(t, "AWSC-TASK-001", found[1].Rule)
}

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

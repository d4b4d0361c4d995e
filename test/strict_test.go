//go:build recipes

package test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

var (
	validator = shared.Validator
	checked   = shared.Checked
)

// A check that finds nothing here finds nothing anywhere.
func TestChecksFindWhatIsBroken(t *testing.T) {
	app := cdktest.App(t)
	broken := awscdk.NewStack(app, jsii.String("Broken"), nil)
	awsecs.NewCfnTaskDefinition(broken, jsii.String("Task"), &awsecs.CfnTaskDefinitionProps{
		NetworkMode: jsii.String("carrier-pigeon"), // an unknown value is only a warning to the CDK
		ContainerDefinitions: []any{&awsecs.CfnTaskDefinition_ContainerDefinitionProperty{
			Name: jsii.String("web"), Image: jsii.String(publicImage),
			MountPoints: []any{&awsecs.CfnTaskDefinition_MountPointProperty{SourceVolume: jsii.String("data"), ContainerPath: jsii.String("/data")}},
		}},
	})
	awss3.NewBucket(broken, jsii.String("Bucket"), nil)
	var rules []string
	text := ""
	for _, f := range checked(t, app) {
		rules = append(rules, f.Rule)
		text += f.Text + "\n"
	}
	assert.Contains(t, rules, "W3030", "the CDK's rules do not run")
	assert.Contains(t, rules, "AWSC-TASK-001", "our rules do not run")
	assert.Contains(t, text, "AwsSolutions-S1", "nag does not run")
}

// The strict lane: neither the CDK's rules (schemas, lint) nor ours find anything in any variant of a stack, not even a warning. Its
// template is its snapshot: see test/stacks. The validator sees all at once, because it starts again for a type of resource that it
// hasn't seen.
func TestStrictValidation(t *testing.T) {
	snapshots, err := filepath.Glob("snapshots/*.template.json")
	require.NoError(t, err)
	require.NotEmpty(t, snapshots)
	dir := t.TempDir()
	all := &templates{app: awscdk.NewApp(nil)}
	for _, snapshot := range snapshots {
		file := filepath.Join(dir, filepath.Base(snapshot))
		require.NoError(t, os.WriteFile(file, templateOf(t, snapshot), 0o600))
		stack := &awscdk.PolicyValidationStack{StackConstructPath: &file, TemplatePath: &file}
		if filepath.Base(snapshot) == "Registry-prod.template.json" {
			stack.AccountId, stack.Region = new("111122223333"), new("us-east-1") // the only Region with public repositories
		}
		all.stacks = append(all.stacks, stack)
	}
	for _, v := range *validator().Validate(all).Violations {
		for _, r := range *v.ViolatingResources {
			t.Errorf("%s: %s: %s", filepath.Base(*r.TemplatePath), *v.RuleName, *v.Description)
		}
	}
}

// templateOf is the template of a snapshot, which leaves out what depends on the CDK's version.
func templateOf(t *testing.T, snapshot string) []byte {
	t.Helper()
	raw, err := os.ReadFile(snapshot)
	require.NoError(t, err)
	const rule = `"CheckBootstrapVersion": "<CDK bootstrap version>"`
	require.Contains(t, string(raw), rule)
	return bytes.Replace(raw, []byte(rule), []byte(`"CheckBootstrapVersion": {"Assertions": [{"Assert":
		{"Fn::Not": [{"Fn::Contains": [["1", "2"], {"Ref": "BootstrapVersion"}]}]}, "AssertDescription": "version 6"}]}`), 1)
}

// templates are files that a validator reads as if an app had synthesized them.
type templates struct {
	app    awscdk.App
	stacks []*awscdk.PolicyValidationStack
}

func (p *templates) AccountId() *string                               { return nil }
func (p *templates) Region() *string                                  { return nil }
func (p *templates) AppConstruct() constructs.IConstruct              { return p.app }
func (p *templates) StackTemplates() *[]*awscdk.PolicyValidationStack { return &p.stacks }
func (p *templates) TemplatePaths() *[]*string {
	var paths []*string
	for _, s := range p.stacks {
		paths = append(paths, s.TemplatePath)
	}
	return &paths
}

// What no stack has is checked in one of its own.
func TestEveryOptionOfContainersIsAccepted(t *testing.T) {
	app := cdktest.App(t)
	everyOption(awscdk.NewStack(app, jsii.String("Options"), nil))
	for _, f := range checked(t, app) {
		t.Errorf("%s: %s", f.Rule, f.Text)
	}
}

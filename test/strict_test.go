package test

import (
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/rules"
	"awscontainers/test/cdktest"
)

// validator is the pack's, made once: that takes seconds. The app's own tests see rules.Register at work.
var validator = sync.OnceValue(rules.Plugin)

// audit is what the validators and cdk-nag find in every stack, and in one that is made to be found wanting: a check that finds nothing
// there finds nothing anywhere. The stacks share an app, so that they are made once.
type audit struct {
	findings    []cdktest.Finding // of the CDK's rules and ours
	annotations []cdktest.Finding // of cdk-nag, and whatever else warns
}

var audited *audit

func auditOf(t *testing.T) *audit {
	t.Helper()
	if audited != nil {
		return audited
	}
	app := cdktest.App(t)
	for _, v := range variants {
		v.build(t, app, v.name)
	}
	broken := awscdk.NewStack(app, jsii.String("Broken"), nil)
	awsecs.NewCfnTaskDefinition(broken, jsii.String("Task"), &awsecs.CfnTaskDefinitionProps{
		NetworkMode: jsii.String("carrier-pigeon"), // an unknown value is only a warning to the CDK
		ContainerDefinitions: []any{&awsecs.CfnTaskDefinition_ContainerDefinitionProperty{
			Name: jsii.String("web"), Image: jsii.String(publicImage),
			MountPoints: []any{&awsecs.CfnTaskDefinition_MountPointProperty{SourceVolume: jsii.String("data"), ContainerPath: jsii.String("/data")}},
		}},
	})
	awss3.NewBucket(broken, jsii.String("Bucket"), nil)
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Reports: jsii.Bool(false)}), nil)
	audited = &audit{}
	for _, f := range cdktest.Findings(t, app, validator()) {
		if f.Rule == "annotation" {
			audited.annotations = append(audited.annotations, f)
		} else {
			audited.findings = append(audited.findings, f)
		}
	}
	return audited
}

// The strict lane: neither the CDK's rules (schemas, lint) nor ours find anything, not even a warning.
func TestStrictValidation(t *testing.T) {
	var wanting []string
	var unexpected []cdktest.Finding
	for _, f := range auditOf(t).findings {
		if strings.HasPrefix(f.Path, "Broken/") {
			wanting = append(wanting, f.Rule)
		} else {
			unexpected = append(unexpected, f)
		}
	}
	assert.Empty(t, unexpected)
	assert.Contains(t, wanting, "W3030", "the CDK's rules do not run")
	assert.Contains(t, wanting, "AWSC-TASK-001", "our rules do not run")
}

// The security lane: nothing that AwsSolutions finds is without a reason where the resource is made.
func TestNag(t *testing.T) {
	var wanting, unexpected []string
	for _, f := range auditOf(t).annotations {
		if strings.HasPrefix(f.Path, "Broken/") {
			wanting = append(wanting, f.Text)
		} else {
			unexpected = append(unexpected, f.String())
		}
	}
	assert.Empty(t, unexpected)
	assert.Contains(t, strings.Join(wanting, "\n"), "AwsSolutions-S1", "nag does not run")
}

package test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/rules"
)

// newAuditedApp is an app with every stack, so that the validators start once, and one that is made in each test to be
// found wanting: a check that finds nothing there finds nothing anywhere. Findings do not fail its synth.
func newAuditedApp(t *testing.T) (app awscdk.App, broken awscdk.Stack) {
	t.Helper()
	app = newApp(t, map[string]any{"@aws-cdk/core:failSynthOnValidationErrors": false})
	for _, v := range variants {
		v.build(t, app, v.name)
	}
	return app, awscdk.NewStack(app, jsii.String("Broken"), nil)
}

// The strict lane: neither the CDK's rules (schemas, lint) nor ours find anything, not even a warning.
func TestStrictValidation(t *testing.T) {
	app, broken := newAuditedApp(t)
	rules.Register(app)
	awsecs.NewCfnTaskDefinition(broken, jsii.String("Task"), &awsecs.CfnTaskDefinitionProps{
		NetworkMode: jsii.String("carrier-pigeon"), // an unknown value is only a warning to the CDK
		ContainerDefinitions: []any{&awsecs.CfnTaskDefinition_ContainerDefinitionProperty{
			Name: jsii.String("web"), Image: jsii.String(publicImage),
			MountPoints: []any{&awsecs.CfnTaskDefinition_MountPointProperty{SourceVolume: jsii.String("data"), ContainerPath: jsii.String("/data")}},
		}},
	})
	noPanic(t, func() { app.Synth(nil) })

	var wanting []string
	var unexpected []finding
	for _, f := range readReport(t, app) {
		if strings.HasPrefix(f.path, "Broken/") {
			wanting = append(wanting, f.rule)
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
	app, broken := newAuditedApp(t)
	awss3.NewBucket(broken, jsii.String("Bucket"), nil)
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Reports: jsii.Bool(false)}), nil)
	noPanic(t, func() { app.Synth(nil) })

	var wanting, unexpected []string
	for _, finding := range readAnnotations(t, *app.Outdir()) {
		if strings.HasPrefix(finding, "/Broken/") {
			wanting = append(wanting, finding)
		} else {
			unexpected = append(unexpected, finding)
		}
	}
	assert.Empty(t, unexpected)
	assert.NotEmpty(t, wanting, "nag does not run")
}

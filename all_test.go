//go:build recipes

package main

import (
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/rules"
)

// The rules are registered, and find nothing.
func TestSynthValidates(t *testing.T) {
	dir, stderr, exitCode := synth(t, web, "CDK_DEFAULT_REGION=us-east-1")
	assert.Equal(t, 0, exitCode, stderr)
	assert.FileExists(t, filepath.Join(dir, "validation-report.json"))
}

// Without CDK_VALIDATION=false a finding fails the synth. The tests below test set it.
func TestRegisteredRulesFailTheSynth(t *testing.T) {
	t.Setenv("CDK_VALIDATION", "")
	defer jsii.Close()
	dir := t.TempDir()
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &dir})
	rules.Register(app)
	stack := awscdk.NewStack(app, new("Shop"), nil)
	awss3.NewCfnBucket(stack, new("Bucket"), nil).AddPropertyOverride(new("BucketNam"), "x")
	assert.Panics(t, func() { app.Synth(nil) })
	assert.FileExists(t, filepath.Join(dir, "validation-report.json"))
}

func TestMoreMistakesArePrintedALineEach(t *testing.T) {
	testMistakes(t, map[string]mistake{
		"in the context": {map[string]any{"profile": "prd", "FargateWeb.hostedZoneId": "x"}, "",
			`FargateWeb.hostedZoneId: must be the ID of a hosted zone such as "Z0123456789ABCDEFGHIJ"; got "x"` + "\n" +
				`profile: must be "dev" or "prod"; got "prd"` + "\n"},
		"in an image": {map[string]any{"FargateWeb.image": "my image"}, "",
			`FargateWeb.image: must be an image reference such as "public.ecr.aws/nginx/nginx:stable" (invalid reference format); ` +
				`got "my image"` + "\n"},
		"a VPC to look up nowhere": {map[string]any{"vpcId": "vpc-0123456789abcdef0"}, "",
			"vpcId: requires an account and a Region to look the VPC up; run cdk with credentials (aws sts get-caller-identity shows " +
				"whose) and AWS_REGION\n"},
		"in the props of a stack": {map[string]any{"FargateWeb.testCidrs": "203.0.113.0/24"}, "",
			`FargateWeb.testCidrs: requires deploymentStrategy BLUE_GREEN, LINEAR or CANARY; got "ROLLING"` + "\n"},
	})
}

// Commands that look for a stack among all of them get all: otherwise destroy would say that it does not exist, and succeed.
func TestMoreCommandsOfTheCli(t *testing.T) {
	built := []string{"ExpressService", "FargateWeb", "Registry"}
	testCommands(t, map[string]command{
		"destroy":  {[]string{"destroy", "-e", "Registry", "--force"}, built, "Registry: destroying... [1/1]", 1},
		"ls":       {[]string{"ls"}, built, "FargateWeb\nRegistry\nExpressService\n", 0},
		"patterns": {[]string{"synth", "-e", "Reg*", "{Express,Nothing}Service"}, built, "Registry, ExpressService", 0},
		"a stack that is not built": {[]string{"synth", "-e", "AppRunnerService"}, nil,
			"stacks: must have AppRunnerService, which the command asks for; add -c stacks=AppRunnerService", 1},
	})
}

package stacks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/stacks/settings"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

var appRunnerServiceVariants = []variant{
	{
		name: "AppRunnerService",
	},
	{
		name: "AppRunnerService-prod",
		context: map[string]any{"profile": "prod", "AppRunnerService.image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:prod",
			"AppRunnerService.autoDeployments": "true", "AppRunnerService.waf": "true", "AppRunnerService.tracing": "true",
			"AppRunnerService.alarmEmail": "on-call@example.com"},
		stateful: []string{"AlarmsTopicKey8C8D9492"},
	},
	{
		name: "AppRunnerService-source",
		context: map[string]any{
			"AppRunnerService.repositoryUrl":  "https://github.com/example/shop",
			"AppRunnerService.connectionArn":  shared.AppRunnerConnection,
			"AppRunnerService.runtime":        "NODEJS_22",
			"AppRunnerService.buildCommand":   "npm ci",
			"AppRunnerService.startCommand":   "node server.js",
			"AppRunnerService.vpcAccess":      "true",
			"AppRunnerService.privateIngress": "true",
		},
		stateful: []string{"VpcFlowLogGroupBF601037"},
	},
}

func TestAppRunnerServiceProfiles(t *testing.T) {
	dev, prod := variantNamed(t, "AppRunnerService").synth(t), variantNamed(t, "AppRunnerService-prod").synth(t)
	assert.Equal(
		t,
		map[string]int{"AWS::AppRunner::Service": 1, "AWS::AppRunner::AutoScalingConfiguration": 1, "AWS::IAM::Role": 1},
		dev.Count(),
		"no VPC, nothing else",
	)
	for tpl, want := range map[*cdktest.Template]map[string]any{dev: {"MinSize": 1, "MaxSize": 2}, prod: {"MinSize": 2, "MaxSize": 10}} {
		cdktest.Has(t, tpl.Only("AWS::AppRunner::AutoScalingConfiguration"), want)
	}
	assert.Len(t, prod.All("AWS::CloudWatch::Alarm"), 4)
	assert.Equal(t, "on-call@example.com", prod.Only("AWS::SNS::Subscription").Get("Endpoint"))

	source := variantNamed(t, "AppRunnerService-source").synth(t)
	for _, gateway := range source.All("AWS::EC2::NatGateway") {
		assert.True(t, source.Only("AWS::AppRunner::Service").ComesAfter(gateway), "the program starts without a way to the internet")
	}
	assert.Same(t, source.Only("AWS::AppRunner::VpcIngressConnection"),
		source.Follow(cdktest.Dig(source.Outputs["Url"], "Value.Fn::Join.1.1")))
}

// The repository may say all that is not said here, and what is said twice is refused.
func TestAppRunnerServiceFromSource(t *testing.T) {
	source := map[string]any{
		"AppRunnerService.repositoryUrl": "https://github.com/example/shop",
		"AppRunnerService.connectionArn": shared.AppRunnerConnection,
	}
	with := func(more ...string) map[string]any {
		context := map[string]any{}
		for k, v := range source {
			context[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			context[more[i]] = more[i+1]
		}
		return context
	}
	service := cdktest.Synth(t, buildStack(t, "AppRunnerService", with())).Only("AWS::AppRunner::Service")
	assert.Equal(t, map[string]any{"ConfigurationSource": "REPOSITORY"}, service.Get("SourceConfiguration.CodeRepository.CodeConfiguration"))
	for _, c := range []struct {
		context map[string]any
		want    string
	}{
		{with("AppRunnerService.image", shared.PublicImage),
			`AppRunnerService.image: must not be set together with repositoryUrl; got "` + shared.PublicImage + `"; remove one of them`},
		{with("AppRunnerService.port", "80"),
			"AppRunnerService.port: requires runtime, because otherwise only the repository's apprunner.yaml sets it; got 80"},
		{map[string]any{"AppRunnerService.runtime": "NODEJS_22"}, "AppRunnerService.runtime: requires AppRunnerService.repositoryUrl; " +
			"set AppRunnerService.repositoryUrl or remove AppRunnerService.runtime"},
	} {
		c.context["stacks"] = "AppRunnerService" // which the default leaves out
		_, err := settings.Parse(c.context, "", "")
		require.EqualError(t, err, c.want)
	}
}

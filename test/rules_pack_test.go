package test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/rules"
	"awscontainers/test/cdktest"
)

// ruleCase is a stack with constructs. The rules' other cases are templates: see the package test/rules.
type ruleCase struct {
	name   string
	adjust func(stack awscdk.Stack)
	// want is what the pack must report: "<rule> <path below the stack>".
	want []string
}

// TestRules gives the cases of constructs to the validator, as stacks of one app.
func TestRules(t *testing.T) {
	app := cdktest.App(t)
	all := slices.Concat(ownCases, eksOwnCases, fsxOwnCases, expressOwnCases)
	for _, c := range all {
		c.adjust(awscdk.NewStack(app, jsii.String(c.name), nil))
	}
	found := packFindings(t, app)
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			require.ElementsMatch(t, c.want, found[c.name])
		})
	}
}

// packFindings gives what the pack finds in an app, by stack:
// "<rule> <path below the stack>".
func packFindings(t *testing.T, app awscdk.App) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, f := range cdktest.Findings(t, app, validator()) {
		if strings.HasPrefix(f.Rule, "AWSC-") {
			stack, path, _ := strings.Cut(f.Path, "/")
			found[stack] = append(found[stack], f.Rule+" "+path)
		}
	}
	return found
}

// Two findings of one rule, and one of another that is acknowledged in a place that has nothing to do with it.
func TestRulesFailTheSynthUnlessAcknowledged(t *testing.T) {
	app := cdktest.App(t, map[string]any{
		// The error then holds the report, not only the place where it was written.
		"@aws-cdk/core:appMode":                     "inmemory",
		"@aws-cdk/core:failSynthOnValidationErrors": true, // which cdktest.App turns off
	})
	awscdk.Validations_Of(app).AddPlugins(validator())
	web := faultyStack(t, app, "Web", "date", "5") // the delay is only a warning
	faultyStack(t, app, "Worker", "dada", "60")
	awscdk.Validations_Of(web).Acknowledge(&awscdk.Acknowledgment{
		Id:     jsii.String(rules.Rule{Id: "AWSC-ELB-001"}.AcknowledgementId()),
		Reason: jsii.String("attached by hand"),
	})

	defer func() {
		message := fmt.Sprint(recover())
		require.Equal(t, 3, strings.Count(message, "ERROR "), message)
		require.Contains(t, message, "WARNING TargetGroupAttributes.1.Value: target group Target of service Service waits 5 s")
		require.Contains(t, message, "Web/Task (Task)")
		require.Contains(t, message, "Worker/Task (Task)")
		require.Contains(t, message, `mounts volume "date", which is not among its volumes (data); add it or name one of these`)
		require.Contains(t, message, `mounts volume "dada", which is not among its volumes (data); add it or name one of these`)
		require.Contains(t, message, "Acknowledge with 'CloudFormation-Validate::AWSC-TASK-001'")
		require.NotContains(t, message, "Web/Spare", "the finding was acknowledged in the stack Web")
		require.Contains(t, message, "Worker/Spare", "an acknowledgement in the stack Web silences the rule in the stack Worker")
	}()
	app.Synth(nil)
}

// faultyStack has a task that mounts a volume which isn't there, a target group without a listener, and one of a service that waits for
// so many seconds.
func faultyStack(t *testing.T, app awscdk.App, id, volume, delay string) awscdk.Stack {
	t.Helper()
	var resources map[string]struct {
		Type       string
		Properties map[string]any
	}
	require.NoError(t, json.Unmarshal(fmt.Appendf(nil, `{
		"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Volumes": [{"Name": "data"}], "ContainerDefinitions": [
			{"Name": "web", "Image": "x", "Memory": 64, "PortMappings": [{"ContainerPort": 80}], "StopTimeout": 30,
				"MountPoints": [{"SourceVolume": "%s"}]}]}},
		"Service": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": {"Ref": "Task"}, "LaunchType": "EC2", "LoadBalancers": [
			{"ContainerName": "web", "ContainerPort": 80, "TargetGroupArn": {"Ref": "Target"}}]}},
		"Target": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"TargetType": "instance", "TargetGroupAttributes": [
			{"Key": "stickiness.enabled", "Value": "false"}, {"Key": "deregistration_delay.timeout_seconds", "Value": "%s"}]}},
		"Rule": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": "arn:x", "Priority": 1,
			"Conditions": [], "Actions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Target"}}]}},
		"Spare": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {}}}`, volume, delay), &resources))
	stack := awscdk.NewStack(app, &id, nil)
	for id, r := range resources {
		awscdk.NewCfnResource(stack, &id, &awscdk.CfnResourceProps{Type: &r.Type, Properties: &r.Properties})
	}
	return stack
}

//go:build recipes

package test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
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

// The report names the line of the program above each finding, in the form that the CDK's CLI reads: the line of the closest construct
// of the library around the resource.
func TestFindingsNameTheLine(t *testing.T) {
	app := cdktest.App(t)
	stage := awscdk.NewStage(app, new("Prod"), nil)
	stack := awscdk.NewStack(stage, new("Shop"), nil)
	_, file, line, _ := runtime.Caller(0)
	task := newTask(stack) // a helper of this package: its caller is not what creates the task
	task.TaskDefinition.Node().DefaultChild().(awsecs.CfnTaskDefinition).AddPropertyOverride(jsii.String("Cpu"), "300")
	awss3.NewCfnBucket(stack, new("Bucket"), nil).AddPropertyOverride(new("BucketNam"), "x")
	lines := map[string]string{}
	for _, f := range cdktest.Findings(t, app, validator()) {
		lines[f.Path] = f.Line
	}
	assert.Regexp(t, `^helpers_test.go:\d+$`, lines["Prod/Shop/Task/TaskDefinition/Resource"])
	assert.Empty(t, lines["Prod/Shop/Bucket"], "not in a construct of the library")

	raw, err := os.ReadFile(filepath.Join(*app.Outdir(), "validation-report.json"))
	require.NoError(t, err)
	var report struct {
		PluginReports []struct {
			Violations []struct {
				RuleName            string
				ViolatingConstructs []struct {
					ConstructPath string
					StackTraces   []string
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal(raw, &report))
	traces := map[string][]string{}
	for _, plugin := range report.PluginReports {
		for _, v := range plugin.Violations {
			for _, c := range v.ViolatingConstructs {
				traces[c.ConstructPath] = c.StackTraces
			}
		}
	}
	found := traces["Prod/Shop/Task/TaskDefinition/Resource"]
	require.Len(t, found, 1)
	assert.Regexp(t, `^awscontainers/test.newTask \(`+filepath.Dir(file)+`/helpers_test.go:\d+\)\n`, found[0])
	assert.Contains(t, found[0], "awscontainers/test.TestFindingsNameTheLine ("+file+":"+strconv.Itoa(line+1)+")")
	assert.NotContains(t, found[0], "constructs/ecs")
	assert.Contains(t, traces, "Prod/Shop/Bucket")
	assert.Empty(t, traces["Prod/Shop/Bucket"], "not in a construct of the library")
}

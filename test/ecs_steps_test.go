package test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/network"
	"awscontainers/constructs/registry"
	"awscontainers/test/cdktest"
)

func stepTask(stack awscdk.Stack, id string) *ecs.Task {
	return ecs.NewTask(stack, id, &ecs.TaskProps{Containers: []ecs.Container{{Name: "work", Image: registry.FromRegistry(publicImage)}}})
}

// joined is a text with references in it, each as <path of the resource>.
func joined(tpl *cdktest.Template, value any) string {
	text := ""
	for _, part := range cdktest.List(cdktest.Dig(value, "Fn::Join.1")) {
		if literal, isText := part.(string); isText {
			text += literal
		} else {
			text += "<" + tpl.Follow(part).Path() + ">"
		}
	}
	return text
}

// Each step has its place: the migration before anything of the new version runs, the smoke test once test traffic reaches it, the pause
// after both and before the first request.
func TestStepsOfADeployment(t *testing.T) {
	s := newShop(t, withTests)
	migration, smoke := stepTask(s.stack, "Migration"), stepTask(s.stack, "Smoke")
	hook := awslambda.Function_FromFunctionArn(s.stack, jsii.String("Hook"), jsii.String("arn:aws:lambda:eu-west-1:111122223333:function:own"))
	s.service("Web", ecs.AlbRule{Priority: 10, TestListener: s.alb.TestListener}, func(p *ecs.ServiceProps) {
		p.Deployment = ecs.Deployment{
			Strategy: awsecs.DeploymentStrategy_BLUE_GREEN, Migration: &ecs.DeploymentTask{Task: migration, Timeout: 2 * time.Hour},
			SmokeTest: &ecs.DeploymentTask{Task: smoke}, Approval: &ecs.Approval{Timeout: 8 * time.Hour},
			LifecycleHooks: []ecs.LifecycleHook{{Function: hook, Stages: []awsecs.DeploymentLifecycleStage{
				awsecs.DeploymentLifecycleStage_POST_PRODUCTION_TRAFFIC_SHIFT}}},
		}
	})
	tpl := cdktest.Synth(t, s.stack)
	service, function := tpl.Only("AWS::ECS::Service"), tpl.At("AWS::Lambda::Function", "/Steps/")
	hooks := cdktest.List(service.Get("DeploymentConfiguration.LifecycleHooks"))
	require.Len(t, hooks, 4)
	for i, want := range []string{"POST_PRODUCTION_TRAFFIC_SHIFT", "PRE_SCALE_UP", "POST_TEST_TRAFFIC_SHIFT", "PRE_PRODUCTION_TRAFFIC_SHIFT"} {
		assert.Equal(t, []any{want}, cdktest.Dig(hooks[i], "LifecycleStages"))
	}
	assert.Equal(t, "arn:aws:lambda:eu-west-1:111122223333:function:own", cdktest.Dig(hooks[0], "HookTargetArn"),
		"the user's own hook is lost")

	caller := tpl.Follow(cdktest.Dig(hooks[0], "RoleArn"))
	for i, task := range map[int]string{1: "Migration", 2: "Smoke"} {
		assert.Same(t, function, tpl.Follow(cdktest.Dig(hooks[i], "HookTargetArn")))
		assert.Same(t, caller, tpl.Follow(cdktest.Dig(hooks[i], "RoleArn")))
		definition := tpl.At("AWS::ECS::TaskDefinition", "Test/"+task+"/")
		assert.Contains(t, joined(tpl, cdktest.Dig(hooks[i], "HookDetails")), `"taskDefinition":"<`+definition.Path()+`>"`,
			"an old version would migrate")
	}
	assert.Equal(t, map[string]any{"TimeoutInMinutes": 125.0, "Action": "ROLLBACK"}, cdktest.Dig(hooks[1], "TimeoutConfiguration"),
		"ECS must wait longer than the function, which stops the task")
	assert.Equal(t, map[string]any{
		"TargetType": "PAUSE", "LifecycleStages": []any{"PRE_PRODUCTION_TRAFFIC_SHIFT"},
		"TimeoutConfiguration": map[string]any{"TimeoutInMinutes": 480.0, "Action": "ROLLBACK"},
	}, hooks[3])
	assert.ElementsMatch(t, []string{
		"allow lambda:InvokeFunction on arn:aws:lambda:eu-west-1:111122223333:function:own",
		"allow lambda:InvokeFunction on [Test/Web/Steps/Function]",
	}, cdktest.Permissions(t, caller))
	for _, before := range []*cdktest.Resource{
		function, tpl.At("AWS::IAM::Policy", "/Steps/"), tpl.At("AWS::IAM::Policy", "/HookRole/"),
		tpl.At("AWS::IAM::Policy", "Test/Migration/ExecutionRole/"),
	} {
		assert.Contains(t, service.Dependencies(), before.Id, "the first deployment would find no %s", before.Path())
	}
}

// The tasks run where the service's run, and the function may start them and nothing else.
func TestStepsRunWhereTheServiceRuns(t *testing.T) {
	s := newShop(t, nil)
	s.service("Web", ecs.AlbRule{Priority: 10}, func(p *ecs.ServiceProps) {
		p.Deployment = ecs.Deployment{Strategy: awsecs.DeploymentStrategy_CANARY, RollbackOnErrors: true,
			Migration: &ecs.DeploymentTask{Task: stepTask(s.stack, "Migration"), Timeout: 10 * time.Minute}}
	})
	tpl := cdktest.Synth(t, s.stack)
	service, function := tpl.Only("AWS::ECS::Service"), tpl.At("AWS::Lambda::Function", "/Steps/")
	var parameters struct {
		Container      string
		TimeoutMinutes int
		RunTask        struct {
			Cluster, LaunchType  string
			NetworkConfiguration struct {
				AwsvpcConfiguration struct{ SecurityGroups, Subnets []string }
			}
		}
	}
	text := joined(tpl, function.Get("Environment.Variables.Migration"))
	require.NoError(t, json.Unmarshal([]byte(text), &parameters), text)
	assert.Equal(t, "work", parameters.Container)
	assert.Equal(t, 10, parameters.TimeoutMinutes)
	network := parameters.RunTask.NetworkConfiguration.AwsvpcConfiguration
	group := service.Ref("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0")
	assert.Equal(t, []string{"<" + group.Path() + ">"}, network.SecurityGroups, "the database lets in the service alone")
	assert.Len(t, network.Subnets, len(cdktest.List(service.Get("NetworkConfiguration.AwsvpcConfiguration.Subnets"))))
	assert.Equal(t, "<"+service.Ref("Cluster").Path()+">", parameters.RunTask.Cluster)

	code, isText := function.Get("Code.ZipFile").(string)
	require.True(t, isText, "the function's code is no asset, which would need the CDK's bucket")
	assert.Less(t, len(code), 4096)
	var actions []string
	for _, permission := range cdktest.Permissions(t, function.Ref("Role")) {
		assert.NotRegexp(t, ` on \*$`, permission)
		action, _, _ := strings.Cut(strings.TrimPrefix(permission, "allow "), " ")
		actions = append(actions, action)
	}
	assert.ElementsMatch(t, []string{"ecs:DescribeTasks", "ecs:RunTask", "ecs:StopTask", "ecs:TagResource", "iam:PassRole", "iam:PassRole",
		"logs:CreateLogStream", "logs:PutLogEvents"}, actions)
	assert.Contains(t, fmt.Sprint(tpl.At("AWS::IAM::Policy", "/Steps/").Get("PolicyDocument")), "ecs:cluster")
}

// Without a NAT gateway, the tasks need public addresses as the service's do, or they couldn't pull their image.
func TestStepsInPublicSubnets(t *testing.T) {
	s := newShop(t, nil)
	s.service("Web", ecs.AlbRule{Priority: 10}, func(p *ecs.ServiceProps) {
		p.Subnets, p.AssignPublicIp = network.Public, true
		p.Deployment = ecs.Deployment{Strategy: awsecs.DeploymentStrategy_CANARY, RollbackOnErrors: true,
			Migration: &ecs.DeploymentTask{Task: stepTask(s.stack, "Migration")}, Approval: &ecs.Approval{ContinueOnTimeout: true}}
	})
	tpl := cdktest.Synth(t, s.stack)
	assert.Contains(t, joined(tpl, tpl.At("AWS::Lambda::Function", "/Steps/").Get("Environment.Variables.Migration")),
		`"assignPublicIp":"ENABLED"`)
	hooks := cdktest.List(tpl.Only("AWS::ECS::Service").Get("DeploymentConfiguration.LifecycleHooks"))
	assert.Equal(t, "CONTINUE", cdktest.Dig(hooks[1], "TimeoutConfiguration.Action"))
}

// CloudFormation would find no task definition of another stack in the service's hooks.
func TestStepsOfAnotherStackAreRefused(t *testing.T) {
	s := newShop(t, nil)
	other := awscdk.NewStack(awscdk.Stage_Of(s.stack), jsii.String("Other"), nil)
	migration := stepTask(other, "Migration")
	assert.Equal(t, []string{`Test/Web: Deployment.Migration.Task must be in the service's stack; got "Other/Migration"`},
		cdktest.Refused(t, func() {
			s.service("Web", ecs.AlbRule{Priority: 10}, func(p *ecs.ServiceProps) {
				p.Deployment = ecs.Deployment{Strategy: awsecs.DeploymentStrategy_BLUE_GREEN, RollbackOnErrors: true,
					Migration: &ecs.DeploymentTask{Task: migration}}
			})
		}))
}

package events

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/notify"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
)

// OverlapGuard is a state machine that starts a task unless one of the same family still runs in the cluster.
type OverlapGuard struct {
	constructs.Construct
	// StateMachine is what the CDK's own constructs take.
	StateMachine awsstepfunctions.CfnStateMachine
	// Role is what it may do: look for running tasks, and start one.
	Role awsiam.Role
	// Failed is the alarm for executions that could not start the task.
	Failed awscloudwatch.Alarm
}

const stepFunctions = "states.amazonaws.com"

func newOverlapGuard(scope constructs.Construct, p *ScheduleProps) *OverlapGuard {
	g := &OverlapGuard{}
	constructs.NewConstruct_Override(g, scope, jsii.String("OverlapGuard"))
	// https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
	g.Role = newStarterRole(g, stepFunctions, "states", "stateMachine:*")
	g.Role.AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		// It names no resource but by this condition.
		// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
		Actions: jsii.Strings("ecs:ListTasks"), Resources: jsii.Strings("*"),
		Conditions: &map[string]any{"ArnEquals": map[string]any{"ecs:cluster": p.Run.Cluster().Arn()}},
	}))
	grantStart(g.Role, p.Run)
	nag.Suppress(g.Role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5", "ecs:ListTasks knows no resources; the condition names the cluster", "Resource::*")
	g.StateMachine = awsstepfunctions.NewCfnStateMachine(g, jsii.String("StateMachine"), &awsstepfunctions.CfnStateMachineProps{
		RoleArn:          g.Role.RoleArn(),
		StateMachineType: jsii.String("STANDARD"), // keeps what has happened for 90 days
		DefinitionString: awscdk.Stack_Of(g).ToJsonString(guardDefinition(p), nil),
	})
	g.StateMachine.Node().AddDependency(g.Role) // with its policy
	nag.Suppress(g.StateMachine, "AwsSolutions-SF1", "A Standard workflow keeps the history of each execution for 90 days by itself")
	nag.Suppress(g.StateMachine, "AwsSolutions-SF2", "Two calls of ECS in a row; a trace would show nothing that the history does not")
	g.Failed = notify.NewAlarm(g, "Failed", &notify.AlarmProps{
		Description: *describe.Of("A task could not be started; the execution of the state machine says why. From", *scope.Node().Path()),
		Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			// https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
			Namespace: jsii.String("AWS/States"), MetricName: jsii.String("ExecutionsFailed"), Statistic: jsii.String("Sum"),
			Period:        awscdk.Duration_Minutes(jsii.Number(1)),
			DimensionsMap: &map[string]*string{"StateMachineArn": g.StateMachine.Ref()},
		}),
		Threshold: 1, EvaluationPeriods: 1, Topic: p.AlarmTopic,
	})
	return g
}

// StateMachineArn is its ARN, for an output.
func (g *OverlapGuard) Arn() string { return *g.StateMachine.Ref() }

// target lets the schedule start the state machine, and tells it what the task is to be told.
func (g *OverlapGuard) target(s *Schedule, p *ScheduleProps) *awsscheduler.CfnSchedule_TargetProperty {
	s.Role.AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("states:StartExecution"), Resources: &[]*string{g.StateMachine.Ref()},
	}))
	told := map[string]any{"scheduledTime": ScheduledTime, "overrides": map[string]any{}}
	if len(p.ContainerOverrides) > 0 {
		told["overrides"] = capitalized(input(p.ContainerOverrides, p.Run.Task))
	}
	return &awsscheduler.CfnSchedule_TargetProperty{
		Arn: g.StateMachine.Ref(), RoleArn: s.Role.RoleArn(), Input: jsii.String(toJson(told)),
	}
}

// guardDefinition is the state machine in the Amazon States Language. Tasks that are yet to start count as running: it is the status that
// they are to have. ECS may take a moment until it lists a new task, which between two starts of a schedule, a minute at least, does not
// matter; for a start that Scheduler makes twice, ClientToken lets ECS know the second for the first, unless there was no room for it.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
func guardDefinition(p *ScheduleProps) map[string]any {
	run := p.Run.Parameters()
	retry := []any{map[string]any{"ErrorEquals": []string{"States.TaskFailed"}, "IntervalSeconds": 5, "MaxAttempts": 6, "BackoffRate": 2, "JitterStrategy": "FULL"}}
	start := map[string]any{
		"Cluster": run.ClusterArn, "TaskDefinition": run.TaskDefinitionArn, "Count": run.TaskCount,
		"EnableECSManagedTags": true, "PropagateTags": propagateTags,
		"Overrides":   "{% $states.context.Execution.Input.overrides %}",
		"ClientToken": "{% $hash($states.context.StateMachine.Id & $states.context.Execution.Input.scheduledTime & $string($tries), 'SHA-256') %}",
	}
	if run.LaunchType != "" {
		start["LaunchType"] = run.LaunchType
	}
	if run.SubnetIds != nil {
		network := map[string]any{"Subnets": run.SubnetIds, "SecurityGroups": run.SecurityGroupIds}
		if run.AssignPublicIp != "" {
			network["AssignPublicIp"] = run.AssignPublicIp
		}
		start["NetworkConfiguration"] = map[string]any{"AwsvpcConfiguration": network}
	}
	for key, list := range map[string][]any{
		"CapacityProviderStrategy": each(run.Capacity, func(c ecs.CapacityProviderStrategy) any {
			return map[string]any{"CapacityProvider": string(c.CapacityProvider), "Base": c.Base, "Weight": c.Weight}
		}),
		"PlacementStrategy": each(run.PlacementStrategies, func(s ecs.PlacementStrategy) any {
			return without("", map[string]any{"Type": string(s.Type), "Field": s.Field})
		}),
		"PlacementConstraints": each(run.PlacementConstraints, func(c ecs.PlacementConstraint) any {
			return without("", map[string]any{"Type": string(c.Type), "Expression": c.Expression})
		}),
	} {
		if len(list) > 0 {
			start[key] = list
		}
	}
	sdk := "arn:" + *awscdk.Aws_PARTITION() + ":states:::aws-sdk:ecs:"
	return map[string]any{
		"Comment":       "Starts a task unless an earlier one still runs",
		"QueryLanguage": "JSONata",
		"StartAt":       "Begin",
		"States": map[string]any{
			"Begin": map[string]any{"Type": "Pass", "Assign": map[string]any{"tries": 0}, "Next": "LookForEarlierRun"},
			"LookForEarlierRun": map[string]any{
				"Type": "Task", "Resource": sdk + "listTasks", "Retry": retry,
				"Arguments": map[string]any{"Cluster": run.ClusterArn, "Family": p.Run.Task.Family(), "DesiredStatus": "RUNNING"},
				"Next":      "IsOneRunning",
			},
			"IsOneRunning": map[string]any{
				"Type": "Choice", "Default": "Start",
				"Choices": []any{map[string]any{"Condition": "{% $count($states.input.TaskArns) > 0 %}", "Next": "Skipped"}},
			},
			"Skipped": map[string]any{"Type": "Succeed", "Comment": "An earlier run has not ended"},
			"Start": map[string]any{
				"Type": "Task", "Resource": sdk + "runTask", "Retry": retry, "Arguments": start, "Next": "HasItStarted",
			},
			// ECS answers so where it has no room for the task: with a call that succeeds.
			// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
			"HasItStarted": map[string]any{
				"Type": "Choice", "Default": "Started",
				"Choices": []any{
					map[string]any{"Condition": "{% " + noneStarted + " and " + youngerThan(p.MaximumEventAge) + " %}", "Next": "WaitForRoom"},
					map[string]any{"Condition": "{% $count($states.input.Failures) > 0 %}", "Next": "NotStarted"},
				},
			},
			"WaitForRoom": map[string]any{"Type": "Wait", "Seconds": 60, "Assign": map[string]any{"tries": "{% $tries + 1 %}"}, "Next": "LookForEarlierRun"},
			"NotStarted":  map[string]any{"Type": "Fail", "Error": "RunTaskFailure", "Cause": "{% $string($states.input.Failures) %}"},
			"Started":     map[string]any{"Type": "Succeed"},
		},
	}
}

// noneStarted is so if of several copies not even one found room: otherwise those that did would be started again.
const noneStarted = "$count($states.input.Failures) > 0 and $count($states.input.Tasks) = 0"

func youngerThan(age time.Duration) string {
	return fmt.Sprintf("$toMillis($now()) - $toMillis($states.context.Execution.StartTime) < %d", age.Milliseconds())
}

// capitalized spells keys as Step Functions does, with a capital first.
// https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
func capitalized(value any) any {
	switch v := value.(type) {
	case map[string]any:
		spelt := map[string]any{}
		for key, inner := range v {
			spelt[string(key[0]-'a'+'A')+key[1:]] = capitalized(inner)
		}
		return spelt
	case []any:
		return each(v, capitalized)
	default:
		return v
	}
}

func each[T any](list []T, f func(T) any) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}

func without(value any, m map[string]any) map[string]any {
	for key, v := range m {
		if v == value {
			delete(m, key)
		}
	}
	return m
}

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
	"awscontainers/internal/source"
)

// OverlapGuard is a state machine that starts a task unless one of the same family still runs in the cluster.
type OverlapGuard struct {
	constructs.Construct
	// StateMachine is the CloudFormation resource.
	StateMachine awsstepfunctions.CfnStateMachine
	// Role lets the state machine look for running tasks, and start one.
	Role awsiam.Role
	// Failed is the alarm that fires when an execution could not start the task.
	Failed awscloudwatch.Alarm
}

const stepFunctions = "states.amazonaws.com"

func newOverlapGuard(scope constructs.Construct, p *ScheduleProps) *OverlapGuard {
	g := &OverlapGuard{}
	source.Create(g, scope, "OverlapGuard")
	// https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
	g.Role = newStarterRole(g, stepFunctions, "states", "stateMachine:*")
	g.Role.AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		// The action supports no resource, only this condition.
		// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
		Actions: jsii.Strings("ecs:ListTasks"), Resources: jsii.Strings("*"),
		Conditions: &map[string]any{"ArnEquals": map[string]any{"ecs:cluster": p.Run.Cluster().Arn()}},
	}))
	grantStart(g.Role, p.Run)
	nag.Suppress(g.Role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"ecs:ListTasks supports no resources; the condition names the cluster", "Resource::*")
	g.StateMachine = awsstepfunctions.NewCfnStateMachine(g, jsii.String("StateMachine"), &awsstepfunctions.CfnStateMachineProps{
		RoleArn:          g.Role.RoleArn(),
		StateMachineType: jsii.String("STANDARD"), // keeps what has happened for 90 days
		DefinitionString: awscdk.Stack_Of(g).ToJsonString(guardDefinition(p), nil),
	})
	g.StateMachine.Node().AddDependency(g.Role) // with its policy
	nag.Suppress(g.StateMachine, "AwsSolutions-SF1", "A Standard workflow keeps the history of each execution for 90 days by itself")
	nag.Suppress(g.StateMachine, "AwsSolutions-SF2", "Two calls of ECS in a row; a trace would show nothing more than the history")
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

// Arn returns the state machine's ARN.
func (g *OverlapGuard) Arn() string { return *g.StateMachine.Ref() }

// target lets the schedule start the state machine, with the overrides of the task as its input.
func (g *OverlapGuard) target(s *Schedule, p *ScheduleProps) *awsscheduler.CfnSchedule_TargetProperty {
	s.Role.AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("states:StartExecution"), Resources: &[]*string{g.StateMachine.Ref()},
	}))
	event := map[string]any{"scheduledTime": ScheduledTime, "overrides": map[string]any{}}
	if len(p.ContainerOverrides) > 0 {
		event["overrides"] = capitalized(input(p.ContainerOverrides, p.Run.Task))
	}
	return &awsscheduler.CfnSchedule_TargetProperty{
		Arn: g.StateMachine.Ref(), RoleArn: s.Role.RoleArn(), Input: jsii.String(toJson(event)),
	}
}

// guardDefinition returns the state machine in the Amazon States Language. Tasks that are yet to start count as running: RUNNING is
// their desired status. ECS may need a moment until it lists a new task, which does not matter between two starts of a schedule, at
// least a minute apart. If Scheduler starts twice, ECS recognizes the second by its ClientToken, unless there was no room for the
// first.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
func guardDefinition(p *ScheduleProps) map[string]any {
	sdk := "arn:" + *awscdk.Aws_PARTITION() + ":states:::aws-sdk:ecs:"
	return map[string]any{
		"Comment":       "Starts a task unless an earlier one still runs",
		"QueryLanguage": "JSONata",
		"StartAt":       "Begin",
		"States": map[string]any{
			"Begin": map[string]any{"Type": "Pass", "Assign": map[string]any{"tries": 0}, "Next": "LookForEarlierRun"},
			"LookForEarlierRun": map[string]any{
				"Type": "Task", "Resource": sdk + "listTasks", "Retry": guardRetry(), "Next": "IsOneRunning",
				"Arguments": map[string]any{"Cluster": p.Run.Cluster().Arn(), "Family": p.Run.Task.Family(), "DesiredStatus": "RUNNING"},
			},
			"IsOneRunning": map[string]any{
				"Type": "Choice", "Default": "Start",
				"Choices": []any{map[string]any{"Condition": "{% $count($states.input.TaskArns) > 0 %}", "Next": "Skipped"}},
			},
			"Skipped": map[string]any{"Type": "Succeed", "Comment": "An earlier run has not ended"},
			"Start": map[string]any{
				"Type": "Task", "Resource": sdk + "runTask", "Retry": guardRetry(), "Arguments": guardArguments(p.Run), "Next": "HasItStarted",
			},
			// ECS reports a lack of room by a call that succeeds.
			// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
			"HasItStarted": map[string]any{
				"Type": "Choice", "Default": "Started",
				"Choices": []any{
					map[string]any{"Condition": "{% " + noneStarted + " and " + youngerThan(p.MaximumEventAge) + " %}", "Next": "WaitForRoom"},
					map[string]any{"Condition": "{% $count($states.input.Failures) > 0 %}", "Next": "NotStarted"},
				},
			},
			"WaitForRoom": map[string]any{
				"Type": "Wait", "Seconds": 60, "Assign": map[string]any{"tries": "{% $tries + 1 %}"}, "Next": "LookForEarlierRun",
			},
			"NotStarted": map[string]any{"Type": "Fail", "Error": "RunTaskFailure", "Cause": "{% $string($states.input.Failures) %}"},
			"Started":    map[string]any{"Type": "Succeed"},
		},
	}
}

func guardRetry() []any {
	return []any{map[string]any{
		"ErrorEquals": []string{"States.TaskFailed"}, "IntervalSeconds": 5, "MaxAttempts": 6, "BackoffRate": 2, "JitterStrategy": "FULL",
	}}
}

// guardArguments returns what RunTask takes: the parameters of a schedule's target, three of which it spells differently.
func guardArguments(run *ecs.Run) map[string]any {
	parameters := run.Parameters()
	arguments := capitalized(ecsParameters(parameters, scheduleParameters)).(map[string]any)
	for from, to := range map[string]string{
		"TaskDefinitionArn": "TaskDefinition", "TaskCount": "Count", "EnableEcsManagedTags": "EnableECSManagedTags",
	} {
		arguments[to] = arguments[from]
		delete(arguments, from)
	}
	arguments["Cluster"] = parameters.ClusterArn
	arguments["Overrides"] = "{% $states.context.Execution.Input.overrides %}"
	arguments["ClientToken"] = "{% $hash($states.context.StateMachine.Id & $states.context.Execution.Input.scheduledTime & " +
		"$string($tries), 'SHA-256') %}"
	return arguments
}

// noneStarted is true if none of the copies found room: otherwise those that did would be started again.
const noneStarted = "$count($states.input.Failures) > 0 and $count($states.input.Tasks) = 0"

func youngerThan(age time.Duration) string {
	return fmt.Sprintf("$toMillis($now()) - $toMillis($states.context.Execution.StartTime) < %d", age.Milliseconds())
}

// capitalized spells keys as Step Functions does, with a capital letter first.
// https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
func capitalized(value any) any {
	switch v := value.(type) {
	case map[string]any:
		renamed := map[string]any{}
		for key, inner := range v {
			renamed[string(key[0]-'a'+'A')+key[1:]] = capitalized(inner)
		}
		return renamed
	case []any:
		return each(v, capitalized)
	default:
		return v
	}
}

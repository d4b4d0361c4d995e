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

// OverlapGuard is a state machine that starts a task unless one of the same family still runs in the cluster, or an earlier start waits
// for room.
type OverlapGuard struct {
	constructs.Construct
	// StateMachine is the CloudFormation resource.
	StateMachine awsstepfunctions.CfnStateMachine
	// Role lets the state machine look for running tasks, and start one.
	Role awsiam.Role
	// Failed is the alarm that fires when an execution could not start the task.
	Failed awscloudwatch.Alarm
	// TimedOut and Aborted are the alarms that fire when an execution ended otherwise before it could.
	TimedOut, Aborted awscloudwatch.Alarm

	listing awsiam.Policy // lets it see its own executions
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
	// A policy of its own, because the state machine must exist first.
	g.listing = awsiam.NewPolicy(g, jsii.String("ListExecutions"), &awsiam.PolicyProps{
		Roles: &[]awsiam.IRole{g.Role},
		Statements: &[]awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings("states:ListExecutions"), Resources: &[]*string{g.StateMachine.Ref()},
		})},
	})
	nag.Suppress(g.StateMachine, "AwsSolutions-SF1", "A Standard workflow keeps the history of each execution for 90 days by itself")
	nag.Suppress(g.StateMachine, "AwsSolutions-SF2", "Two calls of ECS in a row; a trace would show nothing more than the history")
	g.Failed = g.newAlarm(scope, "Failed", "A task could not be started; the execution of the state machine says why.", p.AlarmTopic)
	g.TimedOut = g.newAlarm(scope, "TimedOut", "A start took too long and was given up; see the execution of the state machine.", p.AlarmTopic)
	g.Aborted = g.newAlarm(scope, "Aborted", "Somebody stopped an execution of the state machine that starts the task.", p.AlarmTopic)
	return g
}

// newAlarm creates an alarm on one of the ways in which an execution ends without a start. Each has its own, because a sum of metrics is
// silent while one of them has no data.
// https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
func (g *OverlapGuard) newAlarm(scope constructs.Construct, id, what string, topic *notify.Topic) awscloudwatch.Alarm {
	return notify.NewAlarm(g, id, &notify.AlarmProps{
		Description: *describe.Of(what+" From", *scope.Node().Path()),
		Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace: jsii.String("AWS/States"), MetricName: jsii.String("Executions" + id), Statistic: jsii.String("Sum"),
			Period:        awscdk.Duration_Minutes(jsii.Number(1)),
			DimensionsMap: &map[string]*string{"StateMachineArn": g.StateMachine.Ref()},
		}),
		Threshold: 1, EvaluationPeriods: 1, Topic: topic,
	})
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

// settleSeconds is how long the guard waits until what has just begun is surely listed. ECS and Step Functions show new tasks and
// executions after a few seconds; AWS promises no time.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html
const settleSeconds = 30

// guardDefinition returns the state machine in the Amazon States Language. Tasks that are yet to start count as running: RUNNING is
// their desired status. Neither ListTasks nor ListExecutions shows at once what has begun, so two executions could both find no task
// and both start one. Three things together prevent it:
//   - An execution waits before it looks for others, so that all that began before it are listed by then.
//   - It goes on only if it is the oldest. So one at a time starts tasks, or waits for room; the others are skipped.
//   - It stays until its task is listed, so that whoever finds it gone finds the task.
//
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
func guardDefinition(p *ScheduleProps) map[string]any {
	sdk := "arn:" + *awscdk.Aws_PARTITION() + ":states:::aws-sdk:"
	return map[string]any{
		"Comment":       "Starts a task unless an earlier one still runs",
		"QueryLanguage": "JSONata",
		"StartAt":       "Begin",
		"States": map[string]any{
			"Begin": map[string]any{
				"Type": "Wait", "Seconds": settleSeconds, "Assign": map[string]any{"tries": 0}, "Next": "LookForEarlierStart",
			},
			"LookForEarlierStart": map[string]any{
				"Type": "Task", "Resource": sdk + "sfn:listExecutions", "Retry": guardRetry(), "Next": "IsThisTheFirst",
				"Arguments": map[string]any{"StateMachineArn": "{% $states.context.StateMachine.Id %}", "StatusFilter": "RUNNING"},
			},
			"IsThisTheFirst": map[string]any{
				"Type": "Choice", "Default": "Skipped",
				"Choices": []any{
					map[string]any{"Condition": "{% $not(" + thisExecution + " in $states.input.Executions.ExecutionArn) %}", "Next": "Begin"},
					map[string]any{"Condition": "{% " + oldestExecution + " = " + thisExecution + " %}", "Next": "LookForEarlierRun"},
				},
			},
			"LookForEarlierRun": map[string]any{
				"Type": "Task", "Resource": sdk + "ecs:listTasks", "Retry": guardRetry(), "Next": "IsOneRunning",
				"Arguments": map[string]any{"Cluster": p.Run.Cluster().Arn(), "Family": p.Run.Task.Family(), "DesiredStatus": "RUNNING"},
			},
			"IsOneRunning": map[string]any{
				"Type": "Choice", "Default": "Start",
				"Choices": []any{map[string]any{"Condition": "{% $count($states.input.TaskArns) > 0 %}", "Next": "Skipped"}},
			},
			"Skipped": map[string]any{"Type": "Succeed", "Comment": "An earlier run has not ended, or waits for room"},
			"Start": map[string]any{
				"Type": "Task", "Resource": sdk + "ecs:runTask", "Retry": guardRetry(), "Arguments": guardArguments(p.Run), "Next": "HasItStarted",
			},
			// ECS reports a lack of room by a call that succeeds.
			// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
			"HasItStarted": map[string]any{
				"Type": "Choice", "Default": "WaitUntilListed",
				"Choices": []any{
					map[string]any{"Condition": "{% " + noneStarted + " and " + youngerThan(p.MaximumEventAge) + " %}", "Next": "WaitForRoom"},
				},
			},
			// Each round adds 16 events to the history of the execution, which may have 25,000: enough for a day.
			// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
			"WaitForRoom": map[string]any{
				"Type": "Wait", "Seconds": 60, "Assign": map[string]any{"tries": "{% $tries + 1 %}"}, "Next": "LookForEarlierRun",
			},
			"WaitUntilListed": map[string]any{"Type": "Wait", "Seconds": settleSeconds, "Next": "HaveAllStarted"},
			"HaveAllStarted": map[string]any{
				"Type": "Choice", "Default": "Started",
				"Choices": []any{map[string]any{"Condition": "{% $count($states.input.Failures) > 0 %}", "Next": "NotStarted"}},
			},
			"NotStarted": map[string]any{"Type": "Fail", "Error": "RunTaskFailure", "Cause": "{% $string($states.input.Failures) %}"},
			"Started":    map[string]any{"Type": "Succeed"},
		},
	}
}

const (
	thisExecution = "$states.context.Execution.Id"
	// oldestExecution is the ARN of the one that began first; of two at once, it is the same one for both.
	oldestExecution = "$sort($states.input.Executions, function($a, $b) { $a.StartDate > $b.StartDate or " +
		"$a.StartDate = $b.StartDate and $a.ExecutionArn > $b.ExecutionArn })[0].ExecutionArn"
)

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

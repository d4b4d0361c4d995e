package test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/events"
	"awscontainers/constructs/notify"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

func TestScheduleWithDefaults(t *testing.T) {
	stack := cdktest.Stack(t)
	events.NewSchedule(stack, "Nightly", &events.ScheduleProps{Run: newRun(stack), ScheduleExpression: "cron(0 3 * * ? *)"})
	tpl := cdktest.Synth(t, stack)

	schedule := tpl.Only("AWS::Scheduler::Schedule")
	cdktest.Has(t, schedule, map[string]any{
		"ScheduleExpression":         "cron(0 3 * * ? *)",
		"ScheduleExpressionTimezone": "UTC",
		"State":                      "ENABLED",
		"FlexibleTimeWindow":         map[string]any{"Mode": "OFF"},
		"StartDate":                  nil,
		"EndDate":                    nil,
		"Target.Input":               nil,
	})
	assert.Same(t, tpl.Only("AWS::ECS::Cluster"), schedule.Ref("Target.Arn"))
	assert.Same(t, tpl.Only("AWS::ECS::TaskDefinition"), schedule.Ref("Target.EcsParameters.TaskDefinitionArn"))
	assert.Equal(t, map[string]any{
		"AssignPublicIp": "DISABLED", "Subnets": []any{"subnet-00000000000000003", "subnet-00000000000000004"},
		"SecurityGroups": []any{map[string]any{"Fn::GetAtt": []any{tpl.Only("AWS::EC2::SecurityGroup").Id, "GroupId"}}},
	}, schedule.Get("Target.EcsParameters.NetworkConfiguration.AwsvpcConfiguration"))
	assert.Equal(
		t, []any{map[string]any{"CapacityProvider": "FARGATE", "Weight": 1.0}},
		schedule.Get("Target.EcsParameters.CapacityProviderStrategy"),
	)
	assert.Equal(t, map[string]any{"MaximumEventAgeInSeconds": 3600.0, "MaximumRetryAttempts": 185.0}, schedule.Get("Target.RetryPolicy"))
	queue := tpl.Only("AWS::SQS::Queue")
	assert.Same(t, queue, schedule.Ref("Target.DeadLetterConfig.Arn"))
	assert.Equal(t, true, queue.Get("SqsManagedSseEnabled"))

	role := schedule.Ref("Target.RoleArn")
	assert.Equal(t, assumedBy("scheduler.amazonaws.com", "schedule-group/*"), cdktest.AssumedBy(t, role))
	cdktest.MayExactly(t, role, append( // start the task and tell what failed
		mayStart(tpl.Only("AWS::ECS::TaskDefinition"), tpl.Only("AWS::ECS::Cluster")), cdktest.Allow("sqs:SendMessage").On(queue),
	)...)
	assert.Len(t, tpl.All("AWS::IAM::Role"), 3)
	assert.Same(t, queue, tpl.Follow(tpl.Only("AWS::CloudWatch::Alarm").Get("Dimensions.0.Value")))
	assert.Empty(t, tpl.All("AWS::StepFunctions::StateMachine"))
}

func TestScheduleWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	queue := awssqs.NewQueue(stack, jsii.String("Mine"), nil)
	topic := notify.TopicFrom(
		stack, "Topic",
		&notify.TopicAttributes{Topic: awssns.Topic_FromTopicArn(
			stack, jsii.String("Ours"), jsii.String("arn:aws:sns:eu-west-1:111122223333:on-call"),
		)},
	)
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	schedule := events.NewSchedule(stack, "Schedule", &events.ScheduleProps{
		Run: newRun(stack), ScheduleExpression: "rate(15 minutes)", TimeZone: "Europe/Berlin", FlexibleTimeWindow: 10 * time.Minute,
		StartDate: time.Date(2190, 7, 1, 2, 0, 0, 0, berlin), EndDate: time.Date(2191, 1, 1, 0, 0, 0, 0, time.UTC),
		ContainerOverrides: []events.ContainerOverride{{Environment: map[string]string{"DUE": events.ScheduledTime, "NOTE": `a "quote" & <b>`}}},
		RetryAttempts:      new(2), MaximumEventAge: 10 * time.Minute, DeadLetterQueue: queue, AlarmTopic: topic,
		Disabled: true, ScheduleName: "often",
	})
	require.NotNil(t, new(schedule.Name()))
	tpl := cdktest.Synth(t, stack)

	s := tpl.Only("AWS::Scheduler::Schedule")
	cdktest.Has(t, s, map[string]any{
		"Name":                       "often",
		"ScheduleExpression":         "rate(15 minutes)",
		"ScheduleExpressionTimezone": "Europe/Berlin",
		"State":                      "DISABLED",
		"FlexibleTimeWindow": map[string]any{
			"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10.0,
		},
		"StartDate":          "2190-07-01T00:00:00.000Z",
		"EndDate":            "2191-01-01T00:00:00.000Z",
		"Target.RetryPolicy": map[string]any{"MaximumEventAgeInSeconds": 600.0, "MaximumRetryAttempts": 2.0},
	})
	assert.JSONEq(t, `{"containerOverrides":[{"name":"web","environment":[
		{"name":"DUE","value":"<aws.scheduler.scheduled-time>"},{"name":"NOTE","value":"a \"quote\" & <b>"}]}]}`,
		s.Get("Target.Input").(string))
	assert.Contains(t, tpl.Only("AWS::SQS::Queue").Path(), "/Mine/")
	assert.Empty(t, tpl.All("AWS::SQS::QueuePolicy"), "Scheduler sends by its role")
	assert.Equal(t, []any{"arn:aws:sns:eu-west-1:111122223333:on-call"}, tpl.Only("AWS::CloudWatch::Alarm").Get("AlarmActions"))
}

func TestScheduleThatPreventsOverlap(t *testing.T) {
	stack := cdktest.Stack(t)
	topic := notify.TopicFrom(
		stack, "Topic",
		&notify.TopicAttributes{Topic: awssns.Topic_FromTopicArn(
			stack, jsii.String("Ours"), jsii.String("arn:aws:sns:eu-west-1:111122223333:on-call"),
		)},
	)
	events.NewSchedule(stack, "Schedule", &events.ScheduleProps{
		Run: newRun(stack), ScheduleExpression: "rate(1 minute)", PreventOverlap: true, AlarmTopic: topic,
		ContainerOverrides: []events.ContainerOverride{{
			Command: []string{"work"}, MemoryReservationMiB: 64, Environment: map[string]string{"DUE": events.ScheduledTime},
		}},
	})
	tpl := cdktest.Synth(t, stack)
	schedule, machine, cluster := tpl.Only("AWS::Scheduler::Schedule"), tpl.Only(
		"AWS::StepFunctions::StateMachine",
	), tpl.Only("AWS::ECS::Cluster")
	assert.Same(t, machine, schedule.Ref("Target.Arn"))
	assert.Nil(t, schedule.Get("Target.EcsParameters"))
	assert.JSONEq(t, `{"scheduledTime":"<aws.scheduler.scheduled-time>","overrides":{"ContainerOverrides":[{
		"Name":"web","Command":["work"],"MemoryReservation":64,
		"Environment":[{"Name":"DUE","Value":"<aws.scheduler.scheduled-time>"}]}]}}`,
		schedule.Get("Target.Input").(string), "Step Functions spells with capitals")
	cdktest.MayExactly(t, schedule.Ref("Target.RoleArn"),
		cdktest.Allow("states:StartExecution").On(machine), cdktest.Allow("sqs:SendMessage").On(tpl.Only("AWS::SQS::Queue")))
	assert.Equal(t, assumedBy("states.amazonaws.com", "stateMachine:*"), cdktest.AssumedBy(t, machine.Ref("RoleArn")))
	cdktest.MayExactly(t, machine.Ref("RoleArn"), append(mayStart(tpl.Only("AWS::ECS::TaskDefinition"), cluster),
		cdktest.Allow("states:ListExecutions").On(machine), cdktest.Allow("ecs:ListTasks").On("*").If(inCluster(cluster)))...)
	assert.True(t, machine.ComesAfter(tpl.At("AWS::IAM::Policy", "/OverlapGuard/Role/")))

	states := shared.StateMachine(t, machine)["States"].(map[string]any)
	look, start := states["LookForEarlierRun"], states["Start"]
	assert.Equal(t, "arn:aws:states:::aws-sdk:ecs:listTasks", cdktest.Dig(look, "Resource"))
	assert.Equal(
		t,
		map[string]any{"Cluster": "AWS::ECS::Cluster", "Family": tpl.Only("AWS::ECS::TaskDefinition").Get("Family"), "DesiredStatus": "RUNNING"},
		cdktest.Dig(look, "Arguments"),
	)
	assert.Equal(t, "arn:aws:states:::aws-sdk:ecs:runTask", cdktest.Dig(start, "Resource"))
	assert.Equal(t, map[string]any{
		"Cluster": "AWS::ECS::Cluster", "TaskDefinition": "AWS::ECS::TaskDefinition", "Count": 1.0,
		"EnableECSManagedTags": true, "PropagateTags": "TASK_DEFINITION",
		"CapacityProviderStrategy": []any{map[string]any{"CapacityProvider": "FARGATE", "Weight": 1.0}},
		"NetworkConfiguration": map[string]any{"AwsvpcConfiguration": map[string]any{
			"AssignPublicIp": "DISABLED", "SecurityGroups": []any{"AWS::EC2::SecurityGroup"}, "Subnets": []any{
				"subnet-00000000000000003", "subnet-00000000000000004",
			}}},
		"Overrides": "{% $states.context.Execution.Input.overrides %}",
		"ClientToken": "{% $hash($states.context.StateMachine.Id & $states.context.Execution.Input.scheduledTime & $string($tries), " +
			"'SHA-256') %}",
	}, cdktest.Dig(start, "Arguments"))
	// The ways through it.
	choice := func(state string, i int) []any {
		c := cdktest.Dig(states, fmt.Sprintf("%s.Choices.%d", state, i))
		return []any{cdktest.Dig(c, "Condition"), cdktest.Dig(c, "Next")}
	}
	cdktest.HasAt(t, states, map[string]any{
		"Begin.Seconds":                30.0,
		"Begin.Next":                   "LookForEarlierStart",
		"Begin.Assign.tries":           0.0,
		"LookForEarlierStart.Resource": "arn:aws:states:::aws-sdk:sfn:listExecutions",
		"LookForEarlierStart.Next":     "IsThisTheFirst",
		"IsThisTheFirst.Default":       "Skipped",
	})
	assert.Equal(t, map[string]any{"StateMachineArn": "{% $states.context.StateMachine.Id %}", "StatusFilter": "RUNNING"},
		cdktest.Dig(states, "LookForEarlierStart.Arguments"))
	assert.Equal(t, "Begin", choice("IsThisTheFirst", 0)[1])
	assert.Equal(t, "LookForEarlierRun", choice("IsThisTheFirst", 1)[1])
	assert.Equal(t, "IsOneRunning", cdktest.Dig(look, "Next"))
	assert.Equal(t, []any{"{% $count($states.input.TaskArns) > 0 %}", "Skipped"}, choice("IsOneRunning", 0))
	assert.Equal(t, "Start", cdktest.Dig(states, "IsOneRunning.Default"))
	assert.Equal(t, "HasItStarted", cdktest.Dig(start, "Next"))
	assert.Equal(t, []any{"{% $count($states.input.Failures) > 0 and $count($states.input.Tasks) = 0 and " +
		"$toMillis($now()) - $toMillis($states.context.Execution.StartTime) < 3600000 %}", "WaitForRoom"}, choice(
		"HasItStarted", 0,
	), "no room is not asked for again")
	assert.Equal(t, "WaitUntilListed", cdktest.Dig(states, "HasItStarted.Default"))
	assert.Equal(t, []any{"{% $count($states.input.Failures) > 0 %}", "NotStarted"}, choice("HaveAllStarted", 0))
	cdktest.HasAt(t, states, map[string]any{
		"WaitForRoom.Next":         "LookForEarlierRun",
		"WaitForRoom.Assign.tries": "{% $tries + 1 %}",
	}, "ECS would take it for the same call")
	cdktest.HasAt(t, states, map[string]any{
		"WaitUntilListed.Seconds": 30.0,
		"WaitUntilListed.Next":    "HaveAllStarted",
		"HaveAllStarted.Default":  "Started",
		"Skipped.Type":            "Succeed",
		"Started.Type":            "Succeed",
		"NotStarted.Type":         "Fail",
	})

	assert.True(t, schedule.ComesAfter(tpl.At("AWS::IAM::Policy", "/ListExecutions")))
	for _, how := range []string{"Failed", "TimedOut", "Aborted"} {
		alarm := tpl.At("AWS::CloudWatch::Alarm", "/OverlapGuard/"+how)
		cdktest.Has(t, alarm, map[string]any{
			"MetricName":   "Executions" + how,
			"AlarmActions": []any{"arn:aws:sns:eu-west-1:111122223333:on-call"},
			"OKActions":    []any{"arn:aws:sns:eu-west-1:111122223333:on-call"},
		})
		assert.Same(t, machine, tpl.Follow(alarm.Get("Dimensions.0.Value")))
	}
}

// What is over is told, and refused by nobody here: a stack that is deployed as it was stays as it is.
func TestSchedulesOfThePast(t *testing.T) {
	stack := cdktest.Stack(t)
	run := newRun(stack)
	past, future := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2190, 1, 1, 0, 0, 0, 0, time.UTC)
	for id, p := range map[string]events.ScheduleProps{
		"Started": {ScheduleExpression: "rate(1 day)", StartDate: past, EndDate: future},
		"Over":    {ScheduleExpression: "rate(1 day)", EndDate: past},
		"Once":    {ScheduleExpression: "at(2001-01-01T00:00:00)"},
		"Future":  {ScheduleExpression: "at(2190-01-01T00:00:00)"},
	} {
		p.Run = run
		events.NewSchedule(stack, id, &p)
	}
	told := map[string]string{}
	for _, child := range *stack.Node().FindAll("") {
		for _, m := range *child.Node().Metadata() {
			if *m.Type == "aws:cdk:info" {
				told[*child.Node().Id()] = m.Data.(string)
			}
		}
	}
	assert.Equal(t, map[string]string{
		"Started": "StartDate 2001-01-01T00:00:00Z has passed: EventBridge refuses to create or change the schedule; remove it",
		"Over":    "EndDate 2001-01-01T00:00:00Z has passed: the schedule starts nothing anymore",
		"Once":    "at(2001-01-01T00:00:00) has passed: the schedule starts nothing anymore",
	}, told)
	cdktest.Synth(t, stack)
}

// What only the constructors judge: the task's containers and size, the cluster, the queue, and texts of the CDK.
func TestStartersAreRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	run, bucket := newRun(stack), newBucket(stack)
	shop := events.Pattern{Source: []any{"shop"}}
	fifo := awssqs.NewQueue(stack, jsii.String("Fifo"), &awssqs.QueueProps{Fifo: jsii.Bool(true)})
	managed := awssqs.NewQueue(stack, jsii.String("Managed"), &awssqs.QueueProps{Encryption: awssqs.QueueEncryption_KMS_MANAGED})
	over := func(o ...events.ContainerOverride) events.TaskRuleProps {
		return events.TaskRuleProps{Run: run, Pattern: shop, ContainerOverrides: o}
	}
	says := func(text string) events.ContainerOverride {
		return events.ContainerOverride{Environment: map[string]string{"X": text}}
	}
	matching := func(p events.Pattern) events.TaskRuleProps { return events.TaskRuleProps{Run: run, Pattern: p} }
	const (
		ownTasks = "Pattern must not match the state changes of the tasks that the rule starts, because each would start the next; " +
			`narrow Detail, for example to {"group": []any{"service:web"}}`
		notStandard = `DeadLetterQueue must be a standard queue, because EventBridge doesn't send to a FIFO queue; got "Test/Fifo"`
	)
	for name, c := range map[string]struct {
		props events.TaskRuleProps
		want  []string
	}{
		"zero": {events.TaskRuleProps{}, []string{
			"Run is required; use ecs.NewRun", `Pattern is required without S3, such as events.Pattern{Source: []any{"aws.s3"}}`}},
		"its own tasks": {matching(events.Pattern{Source: []any{"aws.ecs"}, DetailType: []any{"ECS Task State Change"}}), []string{ownTasks}},
		"its own stops": {matching(events.Pattern{
			Source: []any{"aws.ecs"}, DetailType: []any{"ECS Task State Change"}, Detail: map[string]any{"lastStatus": []any{"STOPPED"}},
		}), []string{ownTasks}},
		"its own cluster": {matching(events.Pattern{
			DetailType: []any{"ECS Task State Change"}, Detail: map[string]any{"clusterArn": []any{run.Cluster().Arn()}},
		}), []string{ownTasks}},
		"S3 and a pattern": {events.TaskRuleProps{Run: run, Pattern: shop, S3: &events.S3Objects{Bucket: bucket}}, []string{
			"Pattern must not be set together with S3, which is a pattern already; create two rules"}},
		"another container": {over(events.ContainerOverride{ContainerName: "wbe", Command: []string{"x"}}), []string{
			`ContainerOverrides[0].ContainerName must be a container of the task: "web"; got "wbe"`}},
		"twice": {over(says("1"), says("2")), []string{
			`ContainerOverrides[1].ContainerName must not be overridden twice; got "web"; merge the overrides`}},
		"field of the CDK": {over(says(*awsevents.EventField_FromPath(jsii.String("$.detail.id")))), []string{
			`ContainerOverrides[0].Environment["X"] must not be awsevents.EventField, which would reach the task literally; ` +
				`got "$.detail.id"; use events.Field("detail.id")`}},
		"larger than its task": {over(events.ContainerOverride{Cpu: 512, MemoryLimitMiB: 1024, MemoryReservationMiB: 513}), []string{
			"ContainerOverrides[0].Cpu must not be greater than the task's Cpu (256); got 512",
			"ContainerOverrides[0].MemoryLimitMiB must not be greater than the task's MemoryLimitMiB (512); got 1024",
			"ContainerOverrides[0].MemoryReservationMiB must not be greater than the task's MemoryLimitMiB (512); got 513"}},
		"queue with AWS's key": {events.TaskRuleProps{Run: run, Pattern: shop, DeadLetterQueue: managed}, []string{
			"DeadLetterQueue must not be encrypted with alias/aws/sqs, which EventBridge can't use; " +
				`got "Test/Managed"; use awssqs.QueueEncryption_SQS_MANAGED or a KMS key of your own`}},
		"both judges": {events.TaskRuleProps{Run: run, Pattern: shop, RetryAttempts: new(186), DeadLetterQueue: fifo}, []string{
			"RetryAttempts must be an integer from 0 to 185; got 186", notStandard}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, prefixed("Test/Rule: ", c.want), cdktest.Refused(t, func() { events.NewTaskRule(stack, "Rule", &c.props) }))
		})
	}
	assert.Equal(t, []string{
		`Test/Schedule: ScheduleExpression must be one minute or longer, such as "rate(1 minute)" or "rate(15 minutes)"; got "rate(0 minutes)"`,
		`Test/Schedule: ContainerOverrides[0].ContainerName must be a container of the task: "web"; got "wbe"`,
		"Test/Schedule: " + notStandard,
	}, cdktest.Refused(t, func() {
		events.NewSchedule(stack, "Schedule", &events.ScheduleProps{
			Run: run, ScheduleExpression: "rate(0 minutes)", DeadLetterQueue: fifo,
			ContainerOverrides: []events.ContainerOverride{{ContainerName: "wbe", Command: []string{"x"}}},
		})
	}))
	// A schedule sends by its role, which that key lets.
	events.NewSchedule(stack, "Hourly", &events.ScheduleProps{Run: run, ScheduleExpression: "rate(1 hour)", DeadLetterQueue: managed})
}

func prefixed(prefix string, lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = prefix + line
	}
	return out
}

// Neighbours of what is refused.
func TestStartersAreTaken(t *testing.T) {
	stack := cdktest.Stack(t)
	run, bucket := newRun(stack), newBucket(stack)
	token := awscdk.NewCfnParameter(stack, jsii.String("Param"), nil).ValueAsString()
	for id, p := range map[string]events.TaskRuleProps{
		"Others": {Pattern: events.Pattern{
			Source: []any{"aws.ecs"}, DetailType: []any{"ECS Task State Change"}, Detail: map[string]any{"group": []any{"service:web"}},
		}},
		"Services": {Pattern: events.Pattern{Source: []any{"aws.ecs"}, DetailType: []any{"ECS Service Action"}}},
		"Elsewhere": {Pattern: events.Pattern{
			Source: []any{"aws.ecs"}, Detail: map[string]any{"clusterArn": []any{"arn:aws:ecs:eu-west-1:111122223333:cluster/other"}},
		}},
		"Shapes": {Pattern: events.Pattern{Source: []any{map[string]any{"prefix": "shop."}}, Detail: map[string]any{
			"a": []any{
				map[string]any{"numeric": []any{">", 0, "<=", 5.5}}, map[string]any{"exists": false},
				map[string]any{"prefix": map[string]any{"equals-ignore-case": "x"}},
			},
			"b": []any{
				map[string]any{"anything-but": []any{"x", 1}}, map[string]any{"anything-but": map[string]any{"prefix": "x"}},
				map[string]any{"anything-but": "x"}, map[string]any{"anything-but": []string{"x"}},
			},
			"c": []any{
				map[string]any{"wildcard": "a*b*"}, map[string]any{"cidr": "10.0.0.0/8"}, map[string]any{"suffix": "x"},
				map[string]any{"equals-ignore-case": "x"},
			},
			"d": map[string]any{"prefix": []any{"a field of that name"}}}}},
		"OtherTypes": {Pattern: events.Pattern{
			Source: []any{"aws.s3"}, DetailType: []any{"AWS API Call via CloudTrail", map[string]any{"prefix": "Object"}},
		}},
		"Matchers": {Pattern: events.Pattern{
			Source: []any{"shop"},
			Detail: map[string]any{"a": []any{nil, true, 1, 1.5, "x", map[string]any{"exists": false}}, "b": map[string]any{"c": []any{"d"}}},
		}},
		"Siblings": {S3: &events.S3Objects{Bucket: bucket, KeyPrefix: "data/in", OutputPrefix: "data/out"}},
		"Tokens":   {S3: &events.S3Objects{Bucket: bucket, KeyPrefix: *token}, RuleName: *token},
		"LongFits": {
			Pattern:            events.Pattern{Source: []any{"shop"}},
			ContainerOverrides: []events.ContainerOverride{{Environment: map[string]string{"X": strings.Repeat("<", 8113)}}},
		},
		"Angles": {
			Pattern:            events.Pattern{Source: []any{"shop"}},
			ContainerOverrides: []events.ContainerOverride{{Command: []string{"a < b", "<aws.events.rule-arn>"}}},
		},
		"OtherPath": {
			Pattern: events.Pattern{Source: []any{"shop"}},
			ContainerOverrides: []events.ContainerOverride{{Command: []string{
				events.Field("detail.a_b"), events.Field("detail.a.b"), events.Field("detail.a-b"),
			}}},
		},
	} {
		p.Run = run
		events.NewTaskRule(stack, id, &p)
	}
	events.NewSchedule(stack, "Plain", &events.ScheduleProps{Run: run, ScheduleExpression: *token, TimeZone: *token, ScheduleName: *token,
		ContainerOverrides: []events.ContainerOverride{{Command: []string{"<b>", "<aws.scheduler.schedule-arn>"}}}})
	tpl := cdktest.Synth(t, stack)
	other := cdktest.Transform(
		t, tpl.At("AWS::Events::Rule", "/OtherPath/").Get("Targets.0"),
		map[string]any{"detail": map[string]any{"a_b": "1", "a-b": "2", "a": map[string]any{"b": "3"}}},
	)
	assert.JSONEq(t, `{"containerOverrides":[{"name":"web","command":["1","3","2"]}]}`, other, "two fields under one name")
}

// An alarm without a topic shows only in the console.
func TestStartersThatNobodyHears(t *testing.T) {
	const note = "Nobody is notified of a task that can't be started; set AlarmTopic"
	for name, c := range map[string]struct {
		change func(stack awscdk.Stack, s *events.Schedule)
		topic  bool
		want   []string
	}{
		"no topic": {nil, false, []string{"/Test/Schedule"}},
		"a topic":  {nil, true, nil},
		"an action": {func(stack awscdk.Stack, s *events.Schedule) {
			s.FailedToStart.AddAlarmAction(awscloudwatchactions.NewSnsAction(awssns.NewTopic(stack, jsii.String("Own"), nil)))
		}, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			p := events.ScheduleProps{Run: newRun(stack), ScheduleExpression: "rate(1 hour)"}
			if c.topic {
				p.AlarmTopic = notify.NewTopic(stack, "Topic", nil)
			}
			s := events.NewSchedule(stack, "Schedule", &p)
			if c.change != nil {
				c.change(stack, s)
			}
			cdktest.Synth(t, stack)
			assert.Equal(t, c.want, notesOf(stack, note))
		})
	}
}

package test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/events"
	"awscontainers/constructs/notify"
)

func TestScheduleWithDefaults(t *testing.T) {
	stack := newStack(t)
	events.NewSchedule(stack, "Nightly", &events.ScheduleProps{Run: newRun(stack), ScheduleExpression: "cron(0 3 * * ? *)"})
	tpl := synth(t, stack)

	schedule := tpl.only("AWS::Scheduler::Schedule")
	assert.Equal(t, []any{"cron(0 3 * * ? *)", "UTC", "ENABLED", map[string]any{"Mode": "OFF"}, nil, nil, nil},
		[]any{schedule.get("ScheduleExpression"), schedule.get("ScheduleExpressionTimezone"), schedule.get("State"), schedule.get("FlexibleTimeWindow"),
			schedule.get("StartDate"), schedule.get("EndDate"), schedule.get("Target.Input")})
	assert.Same(t, tpl.only("AWS::ECS::Cluster"), schedule.ref("Target.Arn"))
	assert.Same(t, tpl.only("AWS::ECS::TaskDefinition"), schedule.ref("Target.EcsParameters.TaskDefinitionArn"))
	assert.Equal(t, map[string]any{
		"AssignPublicIp": "DISABLED", "Subnets": []any{"subnet-00000000000000003", "subnet-00000000000000004"},
		"SecurityGroups": []any{map[string]any{"Fn::GetAtt": []any{tpl.only("AWS::EC2::SecurityGroup").id, "GroupId"}}},
	}, schedule.get("Target.EcsParameters.NetworkConfiguration.AwsvpcConfiguration"))
	assert.Equal(t, []any{map[string]any{"CapacityProvider": "FARGATE", "Weight": 1.0}}, schedule.get("Target.EcsParameters.CapacityProviderStrategy"))
	assert.Equal(t, map[string]any{"MaximumEventAgeInSeconds": 3600.0, "MaximumRetryAttempts": 185.0}, schedule.get("Target.RetryPolicy"))
	queue := tpl.only("AWS::SQS::Queue")
	assert.Same(t, queue, schedule.ref("Target.DeadLetterConfig.Arn"))
	assert.Equal(t, true, queue.get("SqsManagedSseEnabled"))

	role := schedule.ref("Target.RoleArn")
	assert.Equal(t, takenBy("scheduler.amazonaws.com", "schedule-group/*"), role.get("AssumeRolePolicyDocument.Statement"))
	assert.ElementsMatch(t, append(mayStart(t, tpl.only("AWS::ECS::TaskDefinition"), tpl.only("AWS::ECS::Cluster")), grant(t, "sqs:SendMessage", arnOf(queue), nil)),
		grants(t, tpl.at("AWS::IAM::Policy", "/Nightly/")), "the role may start the task and tell what failed, and nothing else")
	assert.Len(t, tpl.all("AWS::IAM::Role"), 3)
	assert.Same(t, queue, tpl.follow(tpl.only("AWS::CloudWatch::Alarm").get("Dimensions.0.Value")))
	assert.Empty(t, tpl.all("AWS::StepFunctions::StateMachine"))
}

func TestScheduleWithEverything(t *testing.T) {
	stack := newStack(t)
	queue := awssqs.NewQueue(stack, jsii.String("Mine"), nil)
	topic := notify.TopicFrom(stack, "Topic", awssns.Topic_FromTopicArn(stack, jsii.String("Ours"), jsii.String("arn:aws:sns:eu-west-1:111122223333:on-call")), nil)
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	schedule := events.NewSchedule(stack, "Schedule", &events.ScheduleProps{
		Run: newRun(stack), ScheduleExpression: "rate(15 minutes)", TimeZone: "Europe/Berlin", FlexibleTimeWindow: 10 * time.Minute,
		StartDate: time.Date(2190, 7, 1, 2, 0, 0, 0, berlin), EndDate: time.Date(2191, 1, 1, 0, 0, 0, 0, time.UTC),
		ContainerOverrides: []events.ContainerOverride{{Environment: map[string]string{"DUE": events.ScheduledTime, "NOTE": `a "quote" & <b>`}}},
		RetryAttempts:      new(2), MaximumEventAge: 10 * time.Minute, DeadLetterQueue: queue, AlarmTopic: topic, Disabled: true, ScheduleName: "often",
	})
	require.NotNil(t, new(schedule.Name()))
	tpl := synth(t, stack)

	s := tpl.only("AWS::Scheduler::Schedule")
	assert.Equal(t, []any{"often", "rate(15 minutes)", "Europe/Berlin", "DISABLED", map[string]any{"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10.0},
		"2190-07-01T00:00:00.000Z", "2191-01-01T00:00:00.000Z", map[string]any{"MaximumEventAgeInSeconds": 600.0, "MaximumRetryAttempts": 2.0}},
		[]any{s.get("Name"), s.get("ScheduleExpression"), s.get("ScheduleExpressionTimezone"), s.get("State"), s.get("FlexibleTimeWindow"),
			s.get("StartDate"), s.get("EndDate"), s.get("Target.RetryPolicy")})
	assert.JSONEq(t, `{"containerOverrides":[{"name":"web","environment":[{"name":"DUE","value":"<aws.scheduler.scheduled-time>"},{"name":"NOTE","value":"a \"quote\" & <b>"}]}]}`,
		s.get("Target.Input").(string))
	assert.Contains(t, tpl.only("AWS::SQS::Queue").path(), "/Mine/")
	assert.Empty(t, tpl.all("AWS::SQS::QueuePolicy"), "Scheduler sends by its role")
	assert.Equal(t, []any{"arn:aws:sns:eu-west-1:111122223333:on-call"}, tpl.only("AWS::CloudWatch::Alarm").get("AlarmActions"))
}

// stateMachine is a definition with names in the place of what CloudFormation fills in.
func stateMachine(t *testing.T, machine *resource) (definition map[string]any) {
	t.Helper()
	var text strings.Builder
	for _, part := range machine.get("DefinitionString.Fn::Join").([]any)[1].([]any) {
		if s, ok := part.(string); ok {
			text.WriteString(s)
		} else if target := machine.tpl.follow(part); target != nil {
			text.WriteString(target.Type)
		} else {
			text.WriteString("aws") // the partition
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text.String()), &definition))
	return definition
}

func TestScheduleThatPreventsOverlap(t *testing.T) {
	stack := newStack(t)
	topic := notify.TopicFrom(stack, "Topic", awssns.Topic_FromTopicArn(stack, jsii.String("Ours"), jsii.String("arn:aws:sns:eu-west-1:111122223333:on-call")), nil)
	events.NewSchedule(stack, "Schedule", &events.ScheduleProps{
		Run: newRun(stack), ScheduleExpression: "rate(1 minute)", PreventOverlap: true, AlarmTopic: topic,
		ContainerOverrides: []events.ContainerOverride{{Command: []string{"work"}, MemoryReservationMiB: 64, Environment: map[string]string{"DUE": events.ScheduledTime}}},
	})
	tpl := synth(t, stack)
	schedule, machine, cluster := tpl.only("AWS::Scheduler::Schedule"), tpl.only("AWS::StepFunctions::StateMachine"), tpl.only("AWS::ECS::Cluster")
	assert.Same(t, machine, schedule.ref("Target.Arn"))
	assert.Nil(t, schedule.get("Target.EcsParameters"))
	assert.JSONEq(t, `{"scheduledTime":"<aws.scheduler.scheduled-time>","overrides":{"ContainerOverrides":[{"Name":"web","Command":["work"],"MemoryReservation":64,
		"Environment":[{"Name":"DUE","Value":"<aws.scheduler.scheduled-time>"}]}]}}`, schedule.get("Target.Input").(string), "Step Functions spells with capitals")
	assert.ElementsMatch(t, []string{grant(t, "states:StartExecution", map[string]any{"Ref": machine.id}, nil), grant(t, "sqs:SendMessage", arnOf(tpl.only("AWS::SQS::Queue")), nil)},
		grants(t, tpl.at("AWS::IAM::Policy", "/Schedule/Role/")))
	assert.Equal(t, takenBy("states.amazonaws.com", "stateMachine:*"), machine.ref("RoleArn").get("AssumeRolePolicyDocument.Statement"))
	assert.ElementsMatch(t, append(mayStart(t, tpl.only("AWS::ECS::TaskDefinition"), cluster),
		grant(t, "ecs:ListTasks", "*", map[string]any{"ArnEquals": map[string]any{"ecs:cluster": arnOf(cluster)}})),
		grants(t, tpl.at("AWS::IAM::Policy", "/OverlapGuard/")))
	assert.True(t, machine.comesAfter(tpl.at("AWS::IAM::Policy", "/OverlapGuard/")))

	states := stateMachine(t, machine)["States"].(map[string]any)
	look, start := states["LookForEarlierRun"], states["Start"]
	assert.Equal(t, "arn:aws:states:::aws-sdk:ecs:listTasks", dig(look, "Resource"))
	assert.Equal(t, map[string]any{"Cluster": "AWS::ECS::Cluster", "Family": tpl.only("AWS::ECS::TaskDefinition").get("Family"), "DesiredStatus": "RUNNING"}, dig(look, "Arguments"))
	assert.Equal(t, "arn:aws:states:::aws-sdk:ecs:runTask", dig(start, "Resource"))
	assert.Equal(t, map[string]any{
		"Cluster": "AWS::ECS::Cluster", "TaskDefinition": "AWS::ECS::TaskDefinition", "Count": 1.0, "EnableECSManagedTags": true, "PropagateTags": "TASK_DEFINITION",
		"CapacityProviderStrategy": []any{map[string]any{"CapacityProvider": "FARGATE", "Base": 0.0, "Weight": 1.0}},
		"NetworkConfiguration": map[string]any{"AwsvpcConfiguration": map[string]any{
			"AssignPublicIp": "DISABLED", "SecurityGroups": []any{"AWS::EC2::SecurityGroup"}, "Subnets": []any{"subnet-00000000000000003", "subnet-00000000000000004"}}},
		"Overrides":   "{% $states.context.Execution.Input.overrides %}",
		"ClientToken": "{% $hash($states.context.StateMachine.Id & $states.context.Execution.Input.scheduledTime & $string($tries), 'SHA-256') %}",
	}, dig(start, "Arguments"))
	// The ways through it.
	choice := func(state string, i int) []any {
		c := dig(states, fmt.Sprintf("%s.Choices.%d", state, i))
		return []any{dig(c, "Condition"), dig(c, "Next")}
	}
	assert.Equal(t, []any{"LookForEarlierRun", 0.0}, []any{dig(states, "Begin.Next"), dig(states, "Begin.Assign.tries")})
	assert.Equal(t, "IsOneRunning", dig(look, "Next"))
	assert.Equal(t, []any{"{% $count($states.input.TaskArns) > 0 %}", "Skipped"}, choice("IsOneRunning", 0))
	assert.Equal(t, "Start", dig(states, "IsOneRunning.Default"))
	assert.Equal(t, "HasItStarted", dig(start, "Next"))
	assert.Equal(t, []any{"{% $count($states.input.Failures) > 0 and $count($states.input.Tasks) = 0 and " +
		"$toMillis($now()) - $toMillis($states.context.Execution.StartTime) < 3600000 %}", "WaitForRoom"}, choice("HasItStarted", 0), "no room is not asked for again")
	assert.Equal(t, []any{"{% $count($states.input.Failures) > 0 %}", "NotStarted"}, choice("HasItStarted", 1))
	assert.Equal(t, "Started", dig(states, "HasItStarted.Default"))
	assert.Equal(t, []any{"LookForEarlierRun", "{% $tries + 1 %}"}, []any{dig(states, "WaitForRoom.Next"), dig(states, "WaitForRoom.Assign.tries")}, "ECS would take it for the same call")
	assert.Equal(t, []any{"Succeed", "Succeed", "Fail"}, []any{dig(states, "Skipped.Type"), dig(states, "Started.Type"), dig(states, "NotStarted.Type")})

	failed := tpl.at("AWS::CloudWatch::Alarm", "/OverlapGuard/")
	assert.Equal(t, []any{"ExecutionsFailed", []any{"arn:aws:sns:eu-west-1:111122223333:on-call"}}, []any{failed.get("MetricName"), failed.get("AlarmActions")})
	assert.Same(t, machine, tpl.follow(failed.get("Dimensions.0.Value")))
}

// What is over is told, and refused by nobody here: a stack that is deployed as it was stays as it is.
func TestSchedulesOfThePast(t *testing.T) {
	stack := newStack(t)
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
		"Started": "StartDate 2001-01-01T00:00:00Z has passed: EventBridge takes no such schedule, new or changed. Leave it out",
		"Over":    "EndDate 2001-01-01T00:00:00Z has passed: nothing starts any more",
		"Once":    "at(2001-01-01T00:00:00) has passed: nothing starts any more",
	}, told)
	synth(t, stack)
}

// Each mistake alone, with what is said of it.
func TestStartersAreRefused(t *testing.T) {
	stack := newStack(t)
	run, bucket := newRun(stack), newBucket(stack)
	shop := events.Pattern{Source: []any{"shop"}}
	fifo := awssqs.NewQueue(stack, jsii.String("Fifo"), &awssqs.QueueProps{Fifo: jsii.Bool(true)})
	over := func(o ...events.ContainerOverride) events.TaskRuleProps {
		return events.TaskRuleProps{Run: run, Pattern: shop, ContainerOverrides: o}
	}
	says := func(text string) events.ContainerOverride {
		return events.ContainerOverride{Environment: map[string]string{"X": text}}
	}
	s3 := func(o events.S3Objects) events.TaskRuleProps { return events.TaskRuleProps{Run: run, S3: &o} }
	detail := func(d map[string]any) events.TaskRuleProps {
		return events.TaskRuleProps{Run: run, Pattern: events.Pattern{Source: []any{"shop"}, Detail: d}}
	}
	for name, c := range map[string]struct {
		props events.TaskRuleProps
		want  []string
	}{
		"nothing given": {events.TaskRuleProps{}, []string{"Run is missing; make it with ecs.NewRun", `Pattern is empty; give one, Pattern{Source: []any{"aws.s3"}}, or S3`}},
		"everything in the account": {events.TaskRuleProps{Run: run, Pattern: events.Pattern{Account: []any{"111122223333"}}},
			[]string{`Pattern fits every event of an account, also those that it causes itself; give at least a Source, such as []any{"aws.s3"}`}},
		"its own tasks": {events.TaskRuleProps{Run: run, Pattern: events.Pattern{Source: []any{"aws.ecs"}, DetailType: []any{"ECS Task State Change"}}},
			[]string{`Pattern fits the state changes of the very tasks that it starts, which would start the next, for ever; give a Detail, such as {"group": []any{"service:web"}}`}},
		"empty source": {events.TaskRuleProps{Run: run, Pattern: events.Pattern{Source: []any{""}}}, []string{"Pattern.Source[0] is empty, which no event has; leave it out"}},
		"no list": {detail(map[string]any{"state": "paid"}),
			[]string{`Pattern.Detail["state"] is "paid"; a pattern takes a list of alternatives, []any{...}, or fields below it`}},
		"no alternative": {detail(map[string]any{"state": []any{}, "kind": []string{}, "order": map[string]any{}}), []string{
			`Pattern.Detail["kind"] has no alternatives, and so fits nothing; give at least one, or leave it out`,
			`Pattern.Detail["order"] is empty; give the fields that it must have, or leave it out`,
			`Pattern.Detail["state"] has no alternatives, and so fits nothing; give at least one, or leave it out`,
		}},
		"misspelled matcher": {detail(map[string]any{"state": []any{map[string]any{"prefx": "p"}}}),
			[]string{`Pattern.Detail["state"][0] is a matcher of ["prefx"]; give one of anything-but, cidr, equals-ignore-case, exists, numeric, prefix, suffix, wildcard`}},
		"list in a list": {detail(map[string]any{"state": []any{[]any{"x"}}}), []string{`Pattern.Detail["state"][0] is []interface {}{"x"}; a pattern compares texts, numbers, true, false and nil`}},
		"matchers": {detail(map[string]any{"a": []any{map[string]any{"numeric": "> 100"}}, "b": []any{map[string]any{"numeric": []any{"==", 1}}}, "c": []any{map[string]any{"exists": "true"}},
			"d": []any{map[string]any{"prefix": []any{"x", "y"}}}, "e": []any{map[string]any{"anything-but": []any{}}}, "f": []any{map[string]any{"wildcard": "a**b"}},
			"g": []any{map[string]any{"cidr": "10.0.0.0"}}, "h": map[string]any{"prefix": "x"}, "i": []any{map[string]any{"anything-but": map[string]any{"numeric": 1}}}, "or": []any{1}}), []string{
			`Pattern.Detail["a"][0] is {"numeric": "> 100"}; write it as []any{">", 100} or []any{">=", 0, "<", 10}`,
			`Pattern.Detail["b"][0] is {"numeric": []interface {}{"==", 1}}; write it as []any{">", 100} or []any{">=", 0, "<", 10}`,
			`Pattern.Detail["c"][0] is {"exists": "true"}; it takes true or false`,
			`Pattern.Detail["d"][0] is {"prefix": []interface {}{"x", "y"}}; it takes one text; give an alternative for each`,
			`Pattern.Detail["e"][0] is {"anything-but": []interface {}{}}; it takes at least one value`,
			`Pattern.Detail["f"][0] is {"wildcard": "a**b"}; wildcards may not follow each other; write one *`,
			`Pattern.Detail["g"][0] is {"cidr": "10.0.0.0"}; it takes a range of addresses, "203.0.113.0/24"`,
			`Pattern.Detail["h"] is a matcher without a list around it; write []any{map[string]any{"prefix": ...}}`,
			`Pattern.Detail["i"][0] is {"anything-but": map[string]interface {}{"numeric":1}}; it takes values, or one of equals-ignore-case, prefix, suffix, wildcard`,
			`Pattern.Detail["or"] is a field by that name; alternatives of fields are called "$or"`,
		}},
		"names of others": {events.TaskRuleProps{Run: run, Pattern: events.Pattern{Source: []any{"s3.amazonaws.com", "AWS.S3", "shop.*"}}}, []string{
			`Pattern.Source "s3.amazonaws.com" is a service's principal; as a source it is called "aws.s3"`, `Pattern.Source "AWS.S3" is written "aws.s3"`,
			`Pattern.Source "shop.*" is compared as it is; write map[string]any{"wildcard": "shop.*"}`}},
		"name of a notification": {events.TaskRuleProps{Run: run, Pattern: events.Pattern{Source: []any{"aws.s3"}, DetailType: []any{"ObjectCreated:Put"}}}, []string{
			`Pattern.DetailType "ObjectCreated:Put" is nothing that aws.s3 sends; use one of ["Object Access Tier Changed" "Object ACL Updated" "Object Created" "Object Deleted" "Object Restore Completed" "Object Restore Expired" "Object Restore Initiated" "Object Storage Class Changed" "Object Tags Added" "Object Tags Deleted"]`}},
		"its own stops": {events.TaskRuleProps{Run: run, Pattern: events.Pattern{Source: []any{"aws.ecs"}, DetailType: []any{"ECS Task State Change"}, Detail: map[string]any{"lastStatus": []any{"STOPPED"}}}},
			[]string{`Pattern fits the state changes of the very tasks that it starts, which would start the next, for ever; give a Detail, such as {"group": []any{"service:web"}}`}},
		"its own cluster": {events.TaskRuleProps{Run: run, Pattern: events.Pattern{DetailType: []any{"ECS Task State Change"}, Detail: map[string]any{"clusterArn": []any{run.Cluster().Arn()}}}},
			[]string{`Pattern fits the state changes of the very tasks that it starts, which would start the next, for ever; give a Detail, such as {"group": []any{"service:web"}}`}},
		"half an or": {detail(map[string]any{"$or": []any{"x"}}), []string{
			`Pattern.Detail["$or"] has 1 alternatives; give two or more, or none`, `Pattern.Detail["$or"][0] is "x"; give fields, map[string]any{...}`}},
		"S3 and a pattern": {events.TaskRuleProps{Run: run, Pattern: shop, S3: &events.S3Objects{Bucket: bucket}}, []string{"Pattern stands beside S3, which is a pattern already; make two rules"}},
		"no bucket":        {s3(events.S3Objects{}), []string{"S3.Bucket is missing; give the bucket in which the objects land"}},
		"an endless loop": {s3(events.S3Objects{Bucket: bucket, KeyPrefix: "data/", OutputPrefix: "data/results/"}),
			[]string{`S3.OutputPrefix "data/results/" overlaps KeyPrefix "data/", so that each object which the task writes would start another task, for ever; let them differ, as in "incoming/" and "results/"`}},
		"an endless loop the other way": {s3(events.S3Objects{Bucket: bucket, KeyPrefix: "data/incoming/", OutputPrefix: "data/"}),
			[]string{`S3.OutputPrefix "data/" overlaps KeyPrefix "data/incoming/", so that each object which the task writes would start another task, for ever; let them differ, as in "incoming/" and "results/"`}},
		"an endless loop without a prefix": {s3(events.S3Objects{Bucket: bucket, OutputPrefix: "results/"}),
			[]string{`S3.OutputPrefix "results/" overlaps KeyPrefix "", so that each object which the task writes would start another task, for ever; let them differ, as in "incoming/" and "results/"`}},
		"keys": {s3(events.S3Objects{Bucket: bucket, KeyPrefix: "/incoming/", KeySuffix: "*.jpg", OutputPrefix: "s3://results/"}), []string{
			`S3.KeyPrefix "/incoming/" is no beginning of a key, which has neither bucket nor slash before it; write it as "incoming/"`,
			`S3.KeySuffix "*.jpg" has a wildcard; it is compared as it is, so leave the "*" out`,
			`S3.OutputPrefix "s3://results/" is no beginning of a key, which has neither bucket nor slash before it; write it as "incoming/"`,
		}},
		"long key": {s3(events.S3Objects{Bucket: bucket, KeyPrefix: strings.Repeat("x", 1025)}), []string{"S3.KeyPrefix is 1025 bytes; a key has 1024 at most"}},
		"another container": {over(events.ContainerOverride{ContainerName: "wbe", Command: []string{"x"}}),
			[]string{`ContainerOverrides[0].ContainerName "wbe" is no container of the task; use web`}},
		"twice":       {over(says("1"), says("2")), []string{`ContainerOverrides[1].ContainerName "web" is overridden twice; put both into one`}},
		"no override": {over(events.ContainerOverride{}), []string{"ContainerOverrides[0] changes nothing; leave it out, or give a Command or Environment"}},
		"names and sizes": {over(events.ContainerOverride{Environment: map[string]string{"A=B": "x", "": "y", "<detail.name>": "z"}, Cpu: -1, MemoryLimitMiB: 5}), []string{
			`ContainerOverrides[0].Environment "" is no name of a variable; use letters, digits and _.-, and begin with a letter or _`,
			`ContainerOverrides[0].Environment "<detail.name>" is no name of a variable; use letters, digits and _.-, and begin with a letter or _`,
			`ContainerOverrides[0].Environment "A=B" is no name of a variable; use letters, digits and _.-, and begin with a letter or _`,
			"ContainerOverrides[0].Cpu -1 is out of range; use 1 or more", "ContainerOverrides[0].MemoryLimitMiB 5 is out of range; use 6 or more",
		}},
		"too long": {over(says(strings.Repeat("x", 8192))), []string{"ContainerOverrides are 8271 characters as JSON; ECS takes 8192"}},
		"no field": {over(says("<key>"), events.ContainerOverride{ContainerName: "wbe", Command: []string{"<$.detail>"}}), []string{
			`ContainerOverrides[0].Environment["X"] has "<key>", which begins with no field of an event; use version, id, detail-type, source, account, time, region, resources, detail`,
			`ContainerOverrides[1].ContainerName "wbe" is no container of the task; use web`,
			`ContainerOverrides[1].Command[0] has "<$.detail>", which is no path into an event; write it as events.Field("detail.object.key")`,
		}},
		"field in a text": {over(says("s3://" + events.S3Bucket)), []string{
			`ContainerOverrides[0].Environment["X"] has "<detail.bucket.name>", which stands inside a text, where EventBridge does not escape it, so that who writes the event could add overrides; give it alone, and let the program put texts together`}},
		"field of the CDK": {over(says(*awsevents.EventField_FromPath(jsii.String("$.detail.id")))), []string{
			`ContainerOverrides[0].Environment["X"] is awsevents.EventField "$.detail.id", which would reach the task as these letters; write events.Field("detail.id")`}},
		"path without brackets": {over(says("$.detail.id")), []string{
			`ContainerOverrides[0].Environment["X"] "$.detail.id" would reach the task as these letters; in a TaskRule write events.Field("detail.id")`}},
		"list": {over(says(events.Field("detail.items[*].id"))), []string{`ContainerOverrides[0].Environment["X"] has "<detail.items[*].id>", which is no text, which is all that a variable takes; take single fields`}},
		"too many fields": {over(events.ContainerOverride{Command: func() (fields []string) {
			for i := range 101 {
				fields = append(fields, events.Field(fmt.Sprintf("detail.f%d", i)))
			}
			return fields
		}()}), []string{"ContainerOverrides take 101 fields of an event; EventBridge takes 100"}},
		"whole detail": {over(says(events.Field("detail"))), []string{`ContainerOverrides[0].Environment["X"] has "<detail>", which is no text, which is all that a variable takes; take single fields`}},
		"field of another event": {events.TaskRuleProps{Run: run, S3: &events.S3Objects{Bucket: bucket}, ContainerOverrides: []events.ContainerOverride{{Environment: map[string]string{"X": events.Field("detail.key"), "Y": events.Field("detail.object.size")}}}}, []string{
			`ContainerOverrides[0].Environment["X"] has "<detail.key>", which is no such field of an object's event; use events.S3Bucket, S3Key, S3Size, S3Sequencer, or detail.version, detail.bucket.name, detail.object.key, detail.object.etag, detail.object.version-id, detail.object.sequencer, detail.request-id, detail.requester, detail.source-ip-address, detail.reason`,
			`ContainerOverrides[0].Environment["Y"] has "<detail.object.size>", which is a number, which ECS would not take for a text; use events.S3Size`}},
		"larger than its task": {over(events.ContainerOverride{Cpu: 512, MemoryLimitMiB: 1024, MemoryReservationMiB: 513}), []string{
			"ContainerOverrides[0].Cpu 512 is more than the task has, 256; lower it, or give the task more",
			"ContainerOverrides[0].MemoryLimitMiB 1024 is more than the task has, 512; lower it, or give the task more",
			"ContainerOverrides[0].MemoryReservationMiB 513 is more than the task has, 512; lower it, or give the task more"}},
		"queue with AWS's key": {events.TaskRuleProps{Run: run, Pattern: shop, DeadLetterQueue: awssqs.NewQueue(stack, jsii.String("Managed"), &awssqs.QueueProps{Encryption: awssqs.QueueEncryption_KMS_MANAGED})},
			[]string{"DeadLetterQueue Test/Managed is encrypted with alias/aws/sqs, a key that EventBridge may not use; use SQS_MANAGED, or a key of your own"}},
		"JSON": {over(says("<aws.events.event.json>")), []string{
			`ContainerOverrides[0].Environment["X"] has "<aws.events.event.json>", which is JSON, which EventBridge does not escape, so that it would break the text around it; take single fields`}},
		"retries": {events.TaskRuleProps{Run: run, Pattern: shop, RetryAttempts: new(186), MaximumEventAge: 30 * time.Second, DeadLetterQueue: fifo, RuleName: "a rule"}, []string{
			"RetryAttempts 186 is out of range; use 0 to 185", "MaximumEventAge 30s is out of range; use whole seconds from 1m0s to 24h0m0s",
			"DeadLetterQueue Test/Fifo is a FIFO queue, and EventBridge takes standard queues alone", `RuleName "a rule" is too long or has other characters; use 1 to 64 letters, digits and .-_`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			want := make([]string, len(c.want))
			for i, w := range c.want {
				want[i] = "Test/Rule: " + w
			}
			assert.Equal(t, want, refusal(t, func() { events.NewTaskRule(stack, "Rule", &c.props) }))
		})
	}
	noon := time.Date(2190, 1, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		change func(p *events.ScheduleProps)
		want   []string
	}{
		"nothing given": {func(p *events.ScheduleProps) { *p = events.ScheduleProps{} }, []string{
			"Run is missing; make it with ecs.NewRun",
			`ScheduleExpression "" is no schedule; write it as "cron(0 8 ? * MON-FRI *)", "rate(12 hours)" or "at(2027-01-31T08:00:00)"`}},
		"both days": {func(p *events.ScheduleProps) { p.ScheduleExpression = "cron(0 8 1 * MON *)" },
			[]string{`ScheduleExpression "cron(0 8 1 * MON *)" has day-of-month "1" and day-of-week "MON"; exactly one of them must be ?`}},
		"rate of 0": {func(p *events.ScheduleProps) { p.ScheduleExpression = "rate(0 minutes)" },
			[]string{`ScheduleExpression "rate(0 minutes)" is no rate: the least is a minute; write it as "rate(1 minute)" or "rate(15 minutes)"`}},
		"zone": {func(p *events.ScheduleProps) { p.TimeZone = "Europe/Bonn" },
			[]string{`TimeZone "Europe/Bonn" is no time zone of the IANA database; write it as "Europe/Berlin" or "UTC"`}},
		"window": {func(p *events.ScheduleProps) { p.FlexibleTimeWindow = 90 * time.Second },
			[]string{"FlexibleTimeWindow 1m30s is out of range; use whole minutes from 1m0s to 24h0m0s, or leave it out"}},
		"start after end": {func(p *events.ScheduleProps) { p.StartDate, p.EndDate = noon, noon.Add(-time.Hour) },
			[]string{"StartDate 2190-01-01T12:00:00Z is not before EndDate 2190-01-01T11:00:00Z, so that nothing would ever start; let it be earlier"}},
		"dates of what is once": {func(p *events.ScheduleProps) { p.ScheduleExpression, p.EndDate = "at(2190-01-31T08:00:00)", noon },
			[]string{`EndDate 2190-01-01T12:00:00Z says nothing beside "at(2190-01-31T08:00:00)", which starts once; leave it out`}},
		"override": {func(p *events.ScheduleProps) {
			p.ContainerOverrides = []events.ContainerOverride{{ContainerName: "wbe", Command: []string{"x"}}}
		},
			[]string{`ContainerOverrides[0].ContainerName "wbe" is no container of the task; use web`}},
		"field of an event": {func(p *events.ScheduleProps) { p.ContainerOverrides = []events.ContainerOverride{says(events.S3Key)} }, []string{
			`ContainerOverrides[0].Environment["X"] has "<detail.object.key>", which is nothing that a schedule knows, for it has no event; use events.ScheduledTime, or <aws.scheduler.schedule-arn>, <aws.scheduler.scheduled-time>, <aws.scheduler.execution-id>, <aws.scheduler.attempt-number>`}},
		"retries": {func(p *events.ScheduleProps) {
			p.RetryAttempts, p.MaximumEventAge, p.DeadLetterQueue, p.ScheduleName = new(-1), 25*time.Hour, fifo, strings.Repeat("x", 65)
		}, []string{
			"RetryAttempts -1 is out of range; use 0 to 185", "MaximumEventAge 25h0m0s is out of range; use whole seconds from 1m0s to 24h0m0s",
			"DeadLetterQueue Test/Fifo is a FIFO queue, and EventBridge takes standard queues alone",
			`ScheduleName "` + strings.Repeat("x", 65) + `" is too long or has other characters; use 1 to 64 letters, digits and .-_`}},
	} {
		t.Run("schedule: "+name, func(t *testing.T) {
			p := events.ScheduleProps{Run: run, ScheduleExpression: "rate(1 hour)"}
			c.change(&p)
			want := make([]string, len(c.want))
			for i, w := range c.want {
				want[i] = "Test/Schedule: " + w
			}
			assert.Equal(t, want, refusal(t, func() { events.NewSchedule(stack, "Schedule", &p) }))
		})
	}
}

// Neighbours of what is refused.
func TestStartersAreTaken(t *testing.T) {
	stack := newStack(t)
	run, bucket := newRun(stack), newBucket(stack)
	token := awscdk.NewCfnParameter(stack, jsii.String("Param"), nil).ValueAsString()
	for id, p := range map[string]events.TaskRuleProps{
		"Others":    {Pattern: events.Pattern{Source: []any{"aws.ecs"}, DetailType: []any{"ECS Task State Change"}, Detail: map[string]any{"group": []any{"service:web"}}}},
		"Services":  {Pattern: events.Pattern{Source: []any{"aws.ecs"}, DetailType: []any{"ECS Service Action"}}},
		"Elsewhere": {Pattern: events.Pattern{Source: []any{"aws.ecs"}, Detail: map[string]any{"clusterArn": []any{"arn:aws:ecs:eu-west-1:111122223333:cluster/other"}}}},
		"Shapes": {Pattern: events.Pattern{Source: []any{map[string]any{"prefix": "shop."}}, Detail: map[string]any{
			"a": []any{map[string]any{"numeric": []any{">", 0, "<=", 5.5}}, map[string]any{"exists": false}, map[string]any{"prefix": map[string]any{"equals-ignore-case": "x"}}},
			"b": []any{map[string]any{"anything-but": []any{"x", 1}}, map[string]any{"anything-but": map[string]any{"prefix": "x"}}, map[string]any{"anything-but": "x"}, map[string]any{"anything-but": []string{"x"}}},
			"c": []any{map[string]any{"wildcard": "a*b*"}, map[string]any{"cidr": "10.0.0.0/8"}, map[string]any{"suffix": "x"}, map[string]any{"equals-ignore-case": "x"}},
			"d": map[string]any{"prefix": []any{"a field of that name"}}}}},
		"OtherTypes": {Pattern: events.Pattern{Source: []any{"aws.s3"}, DetailType: []any{"AWS API Call via CloudTrail", map[string]any{"prefix": "Object"}}}},
		"Matchers":   {Pattern: events.Pattern{Source: []any{"shop"}, Detail: map[string]any{"a": []any{nil, true, 1, 1.5, "x", map[string]any{"exists": false}}, "b": map[string]any{"c": []any{"d"}}}}},
		"Siblings":   {S3: &events.S3Objects{Bucket: bucket, KeyPrefix: "data/in", OutputPrefix: "data/out"}},
		"Tokens":     {S3: &events.S3Objects{Bucket: bucket, KeyPrefix: *token}, RuleName: *token},
		"LongFits":   {Pattern: events.Pattern{Source: []any{"shop"}}, ContainerOverrides: []events.ContainerOverride{{Environment: map[string]string{"X": strings.Repeat("<", 8113)}}}},
		"Angles":     {Pattern: events.Pattern{Source: []any{"shop"}}, ContainerOverrides: []events.ContainerOverride{{Command: []string{"a < b", "<aws.events.rule-arn>"}}}},
		"OtherPath":  {Pattern: events.Pattern{Source: []any{"shop"}}, ContainerOverrides: []events.ContainerOverride{{Command: []string{events.Field("detail.a_b"), events.Field("detail.a.b"), events.Field("detail.a-b")}}}},
	} {
		p.Run = run
		events.NewTaskRule(stack, id, &p)
	}
	events.NewSchedule(stack, "Plain", &events.ScheduleProps{Run: run, ScheduleExpression: *token, TimeZone: *token, ScheduleName: *token,
		ContainerOverrides: []events.ContainerOverride{{Command: []string{"<b>", "<aws.scheduler.schedule-arn>"}}}})
	tpl := synth(t, stack)
	other := transform(t, tpl.at("AWS::Events::Rule", "/OtherPath/").get("Targets.0"), map[string]any{"detail": map[string]any{"a_b": "1", "a-b": "2", "a": map[string]any{"b": "3"}}})
	assert.JSONEq(t, `{"containerOverrides":[{"name":"web","command":["1","3","2"]}]}`, other, "two fields under one name")
}

package stacks

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/events"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
)

// ScheduledTaskSettings are the choices of the stack ScheduledTask.
type ScheduledTaskSettings struct {
	// Image is what runs, and Command what it is to do. Image is required; Command's default is the image's own.
	Image   string
	Command []string
	// ScheduleExpression is when: "cron(0 3 * * ? *)", "rate(1 hour)" or "at(2027-01-31T08:00:00)". Required.
	ScheduleExpression string
	// TimeZone is where that is meant, "Europe/Berlin". Default: "UTC".
	TimeZone string
	// FlexibleWindowMinutes is how much later it may be. Default: 0.
	FlexibleWindowMinutes int
	// StartDate and EndDate are from and until when. Default: at once, for ever.
	StartDate, EndDate time.Time
	// PreventOverlap starts nothing while an earlier run has not ended. Default: false.
	PreventOverlap bool
	// AlarmEmail gets alarms. Default: nobody.
	AlarmEmail string
}

// scheduledTask reads the keys of the stack.
func (r *reader) scheduledTask() ScheduledTaskSettings {
	return ScheduledTaskSettings{
		Image:              r.text("ScheduledTask.image", "public.ecr.aws/docker/library/busybox:stable", "the image that runs", nil),
		Command:            r.list("ScheduledTask.command", "date", "what it is to do, its words separated by commas", nil),
		ScheduleExpression: r.text("ScheduledTask.schedule", "rate(1 hour)", "when: `cron(0 3 * * ? *)`, `rate(15 minutes)` or `at(2027-01-31T08:00:00)`", nil),
		TimeZone:           r.text("ScheduledTask.timeZone", "UTC", "where that is meant: `Europe/Berlin`", nil),
		FlexibleWindowMinutes: r.number("ScheduledTask.flexibleWindowMinutes", 0, 0, 1440,
			"how many minutes later it may be, at random; 0 for on time"),
		StartDate:      r.date("ScheduledTask.startDate", "from when on: `2027-01-31T00:00:00Z`; leave it out again once that has passed"),
		EndDate:        r.date("ScheduledTask.endDate", "until when: `2027-12-31T00:00:00Z`"),
		PreventOverlap: r.flag("ScheduledTask.preventOverlap", "nothing starts while an earlier run has not ended, by a state machine in between"),
		AlarmEmail:     r.text("ScheduledTask.alarmEmail", "", "who gets a mail when a task could not be started or has failed", nil),
	}
}

// ScheduledTaskProps are what NewScheduledTask needs.
type ScheduledTaskProps struct {
	Common
	ScheduledTaskSettings
}

// NewScheduledTask is a task on Fargate that starts at times. It panics with *invalid.Error when the props are wrong.
func NewScheduledTask(scope constructs.Construct, id string, props *ScheduledTaskProps) awscdk.Stack {
	var p ScheduledTaskProps
	if props != nil {
		p = *props
	}
	stack := newStack(scope, id, "A task on Fargate that starts at times", p.Common)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: newVpc(stack, p.Common)})
	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{
		Containers:    []ecs.Container{{Name: "job", Image: registry.FromRegistry(p.Image), Command: p.Command}},
		LogRetention:  p.Profile.logRetention(),
		RemovalPolicy: p.Profile.removalPolicy(),
	})
	topic := newAlerts(stack, p.Common, p.AlarmEmail, cluster, task)
	run := ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: cluster, Task: task})
	schedule := events.NewSchedule(stack, "Schedule", &events.ScheduleProps{
		Run:                run,
		ScheduleExpression: p.ScheduleExpression,
		TimeZone:           p.TimeZone,
		FlexibleTimeWindow: time.Duration(p.FlexibleWindowMinutes) * time.Minute,
		StartDate:          p.StartDate,
		EndDate:            p.EndDate,
		PreventOverlap:     p.PreventOverlap,
		ContainerOverrides: []events.ContainerOverride{{Environment: map[string]string{"SCHEDULED_TIME": events.ScheduledTime}}},
		AlarmTopic:         topic,
	})

	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "LogGroupName", *task.LogGroup.LogGroupName())
	output.New(stack, "ScheduleName", schedule.Name())
	output.New(stack, "DeadLetterQueueUrl", *schedule.DeadLetterQueue.QueueUrl())
	letPeopleStart(stack, run)
	if schedule.Guard != nil {
		output.New(stack, "StateMachineArn", schedule.Guard.Arn())
	}
	return stack
}

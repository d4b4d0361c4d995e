package events

import (
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/notify"
	"awscontainers/internal/describe"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// ScheduleProps sets when a task starts. EventBridge Scheduler starts it at least once, within a minute of the time, and
// occasionally twice, unless PreventOverlap is set.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/what-is-scheduler.html
type ScheduleProps struct {
	// Run is what starts, and where. Required.
	Run *ecs.Run
	// ScheduleExpression is when the task starts: "cron(0 3 * * ? *)", every day at three, "rate(15 minutes)", or once
	// "at(2027-01-31T08:00:00)". Required.
	// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
	ScheduleExpression string
	// TimeZone is the time zone of cron and at, by its name in the IANA database, "Europe/Berlin"; daylight saving time is taken
	// into account. A start in the hour that is skipped in spring does not happen that day, and one in the hour that occurs twice
	// in autumn happens once. Default: "UTC".
	TimeZone string
	// FlexibleTimeWindow delays each start by a random time up to this, 1 minute to 24 hours, to spread starts. Default: none, on
	// time.
	// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-flexible-time-windows.html
	FlexibleTimeWindow time.Duration
	// StartDate is when the schedule begins. EventBridge refuses a date in the past whenever it creates or changes the schedule,
	// so remove it once it has passed. Not with "at". Default: at once.
	StartDate time.Time
	// EndDate is when the schedule ends. Not with "at". Default: never.
	EndDate time.Time
	// PreventOverlap skips a start while an earlier run, or any other task of the same family in the cluster, has not ended, or an
	// earlier start of this schedule waits for room. It uses a state machine of AWS Step Functions, which begins each start half a minute
	// later. Default: false, each start goes ahead.
	PreventOverlap bool
	// ContainerOverrides change the task's containers. In their texts ScheduledTime is the time that the start was due. Default:
	// none.
	// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
	ContainerOverrides []ContainerOverride

	// RetryAttempts is the number of retries while ECS, or with PreventOverlap Step Functions, refuses temporarily, 0 to 185.
	// Default: 185, within MaximumEventAge.
	RetryAttempts *int
	// MaximumEventAge is how long to retry, 1 minute to 24 hours; with PreventOverlap also how long to ask each minute for room
	// that the cluster lacks. Default: 1 hour.
	// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
	MaximumEventAge time.Duration
	// DeadLetterQueue receives the starts that failed, with the reason. It must be a standard queue; the schedule's role may then
	// send there. Default: a new, encrypted queue that keeps messages for 14 days.
	// https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
	DeadLetterQueue awssqs.IQueue
	// AlarmTopic is notified while the queue holds something, and when the state machine of PreventOverlap fails. Default: nil, the
	// alarms exist but notify nobody.
	AlarmTopic *notify.Topic
	// Disabled skips all starts for now. Default: false.
	Disabled bool
	// ScheduleName is the physical name: up to 64 letters, digits and .-_ characters. Default: CloudFormation generates one.
	ScheduleName string
}

// Schedule starts a task on a schedule.
type Schedule struct {
	constructs.Construct
	// Schedule is the CloudFormation resource.
	Schedule awsscheduler.CfnSchedule
	// Role lets EventBridge Scheduler start the task, or the state machine, and send to the queue.
	Role awsiam.Role
	// DeadLetterQueue holds the starts that failed.
	DeadLetterQueue awssqs.IQueue
	// FailedToStart is the alarm that fires while the queue holds something.
	FailedToStart awscloudwatch.Alarm
	// Guard looks for an earlier run before it starts the next; nil without PreventOverlap.
	Guard *OverlapGuard
}

const (
	// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_FlexibleTimeWindow.html
	minWindow, maxWindow = time.Minute, 24 * time.Hour
	// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
	dateFormat = "2006-01-02T15:04:05.000Z"
	// ScheduledTime stands for the time that a start was due, in Command and Environment of a Schedule's overrides.
	// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
	ScheduledTime = "<aws.scheduler.scheduled-time>"
)

// NewSchedule creates a schedule. It panics with *invalid.Error if the props are invalid.
func NewSchedule(scope constructs.Construct, id string, props *ScheduleProps) *Schedule {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateConstructs())

	s := &Schedule{DeadLetterQueue: p.DeadLetterQueue}
	source.Create(s, scope, id)
	if s.DeadLetterQueue == nil {
		s.DeadLetterQueue = newDeadLetterQueue(s)
	}
	s.Role = newStarterRole(s, scheduler, "scheduler", "schedule-group/*")
	s.Schedule = awsscheduler.NewCfnSchedule(s, jsii.String("Schedule"), &awsscheduler.CfnScheduleProps{
		Name:                       opt.String(p.ScheduleName),
		Description:                describe.Of("Starts the tasks of", *p.Run.Node().Path()),
		ScheduleExpression:         &p.ScheduleExpression,
		ScheduleExpressionTimezone: &p.TimeZone,
		FlexibleTimeWindow:         p.window(),
		StartDate:                  date(p.StartDate),
		EndDate:                    date(p.EndDate),
		State:                      state(p.Disabled),
		Target:                     p.target(s),
	})
	s.Schedule.Node().AddDependency(slices.Concat(p.Run.Dependencies(), []constructs.IDependable{s.Role})...) // with its policy
	if s.Guard != nil {
		s.Schedule.Node().AddDependency(s.Guard.listing)
	}
	s.FailedToStart = newFailedAlarm(s, s.DeadLetterQueue, p.AlarmTopic)
	p.notePastDates(s)
	return s
}

// Name returns the schedule's name.
func (s *Schedule) Name() string { return *s.Schedule.Ref() }

// target is the task, or the state machine that starts it.
func (p *ScheduleProps) target(s *Schedule) *awsscheduler.CfnSchedule_TargetProperty {
	var target *awsscheduler.CfnSchedule_TargetProperty
	if p.PreventOverlap {
		s.Guard = newOverlapGuard(s, p)
		target = s.Guard.target(s, p)
	} else {
		target = p.taskTarget(s)
	}
	s.DeadLetterQueue.Grant(s.Role, jsii.String("sqs:SendMessage"))
	if key := s.DeadLetterQueue.EncryptionMasterKey(); key != nil {
		key.Grant(s.Role, jsii.String("kms:Decrypt"), jsii.String("kms:GenerateDataKey*"))
	}
	target.DeadLetterConfig = &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: s.DeadLetterQueue.QueueArn()}
	target.RetryPolicy = &awsscheduler.CfnSchedule_RetryPolicyProperty{
		MaximumRetryAttempts: jsii.Number(*p.RetryAttempts), MaximumEventAgeInSeconds: jsii.Number(p.MaximumEventAge.Seconds()),
	}
	return target
}

func (p *ScheduleProps) taskTarget(s *Schedule) *awsscheduler.CfnSchedule_TargetProperty {
	grantStart(s.Role, p.Run)
	run := p.Run.Parameters()
	target := &awsscheduler.CfnSchedule_TargetProperty{
		Arn: &run.ClusterArn, RoleArn: s.Role.RoleArn(), EcsParameters: ecsParameters(run, scheduleParameters),
	}
	if len(p.ContainerOverrides) > 0 {
		target.Input = jsii.String(toJson(input(p.ContainerOverrides, p.Run.Task)))
	}
	return target
}

func (p *ScheduleProps) window() *awsscheduler.CfnSchedule_FlexibleTimeWindowProperty {
	if p.FlexibleTimeWindow == 0 {
		return &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")}
	}
	return &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{
		Mode: jsii.String("FLEXIBLE"), MaximumWindowInMinutes: jsii.Number(p.FlexibleTimeWindow.Minutes()),
	}
}

func date(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return jsii.String(t.UTC().Format(dateFormat))
}

package events

import (
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
)

// ScheduleProps describe when a task starts. EventBridge Scheduler starts it at least once, within a minute of the time, and now and
// then twice, unless PreventOverlap is set.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/what-is-scheduler.html
type ScheduleProps struct {
	// Run is what starts, and where. Required.
	Run *ecs.Run
	// ScheduleExpression is when: "cron(0 3 * * ? *)", every day at three, "rate(15 minutes)", or once "at(2027-01-31T08:00:00)". Required.
	// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
	ScheduleExpression string
	// TimeZone is where cron and at are meant, by its name in the IANA database, "Europe/Berlin"; summer time is taken care of. What
	// would fall into the hour that is skipped in spring does not run that day, and what falls into the hour that comes twice in autumn
	// runs once. Default: "UTC".
	TimeZone string
	// FlexibleTimeWindow lets each start be as much later, spread at random, 1 minute to 24 hours, so that not all comes at once. Default:
	// none, on time.
	// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-flexible-time-windows.html
	FlexibleTimeWindow time.Duration
	// StartDate is from when on. EventBridge takes none that has passed, whenever it makes or changes the schedule, so leave it out
	// again once it has. It says nothing for "at". Default: at once.
	StartDate time.Time
	// EndDate is until when. It says nothing for "at". Default: for ever.
	EndDate time.Time
	// PreventOverlap starts nothing while an earlier run, or any other task of the same family in the cluster, has not ended, by a state
	// machine of AWS Step Functions in between. Default: false, each start goes ahead.
	PreventOverlap bool
	// ContainerOverrides change what the task's containers say. In their texts ScheduledTime is the time that the start was due. Default:
	// none.
	// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
	ContainerOverrides []ContainerOverride

	// RetryAttempts is how often to try again when ECS, or with PreventOverlap Step Functions, refuses for the moment, 0 to 185. Default: 185,
	// as far as MaximumEventAge goes.
	RetryAttempts *int
	// MaximumEventAge is for how long to try, 1 minute to 24 hours; with PreventOverlap also for how long to ask each minute for room that
	// there is not. Default: 1 hour.
	// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
	MaximumEventAge time.Duration
	// DeadLetterQueue gets the starts that failed, with the reason. It must be a standard queue; the schedule's role may then send there.
	// Default: a new one, encrypted, that keeps them for 14 days.
	// https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
	DeadLetterQueue awssqs.IQueue
	// AlarmTopic hears when there is something in the queue, or when the state machine of PreventOverlap fails. Default: nobody; the
	// alarms only show.
	AlarmTopic *notify.Topic
	// Disabled leaves times alone for now. Default: false.
	Disabled bool
	// ScheduleName is the physical name: up to 64 letters, digits and .-_ characters. Default: CloudFormation makes one.
	ScheduleName string
}

// Schedule starts a task at times.
type Schedule struct {
	constructs.Construct
	// Schedule is what the CDK's own constructs take.
	Schedule awsscheduler.CfnSchedule
	// Role is what EventBridge Scheduler may do: start the task, or the state machine, and put what failed into the queue.
	Role awsiam.Role
	// DeadLetterQueue holds the starts that failed.
	DeadLetterQueue awssqs.IQueue
	// FailedToStart is the alarm for what lies there.
	FailedToStart awscloudwatch.Alarm
	// Guard looks for an earlier run before it starts the next; nil without PreventOverlap.
	Guard *OverlapGuard
}

const (
	// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_FlexibleTimeWindow.html
	leastWindow, mostWindow = time.Minute, 24 * time.Hour
	// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
	dateFormat = "2006-01-02T15:04:05.000Z"
	// ScheduledTime stands for the time that a start was due, in Command and Environment of a Schedule's overrides.
	// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
	ScheduledTime = "<aws.scheduler.scheduled-time>"
)

// NewSchedule makes a schedule. It panics with *invalid.Error when the props are wrong.
func NewSchedule(scope constructs.Construct, id string, props *ScheduleProps) *Schedule {
	var p ScheduleProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	s := &Schedule{DeadLetterQueue: p.DeadLetterQueue}
	constructs.NewConstruct_Override(s, scope, &id)
	if s.DeadLetterQueue == nil {
		s.DeadLetterQueue = newDeadLetterQueue(s)
	}
	s.Role = newStarterRole(s, scheduler, "scheduler", "schedule-group/*")
	var target *awsscheduler.CfnSchedule_TargetProperty
	if p.PreventOverlap {
		s.Guard = newOverlapGuard(s, &p)
		target = s.Guard.target(s, &p)
	} else {
		grantStart(s.Role, p.Run)
		target = p.target(s)
	}
	s.DeadLetterQueue.Grant(s.Role, jsii.String("sqs:SendMessage"))
	if key := s.DeadLetterQueue.EncryptionMasterKey(); key != nil {
		key.Grant(s.Role, jsii.String("kms:Decrypt"), jsii.String("kms:GenerateDataKey*"))
	}
	target.DeadLetterConfig = &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: s.DeadLetterQueue.QueueArn()}
	target.RetryPolicy = &awsscheduler.CfnSchedule_RetryPolicyProperty{
		MaximumRetryAttempts: jsii.Number(*p.RetryAttempts), MaximumEventAgeInSeconds: jsii.Number(p.MaximumEventAge.Seconds()),
	}
	s.Schedule = awsscheduler.NewCfnSchedule(s, jsii.String("Schedule"), &awsscheduler.CfnScheduleProps{
		Name:                       opt.String(p.ScheduleName),
		Description:                describe.Of("Starts the tasks of", *p.Run.Node().Path()),
		ScheduleExpression:         &p.ScheduleExpression,
		ScheduleExpressionTimezone: &p.TimeZone,
		FlexibleTimeWindow:         p.window(),
		StartDate:                  date(p.StartDate),
		EndDate:                    date(p.EndDate),
		State:                      state(p.Disabled),
		Target:                     target,
	})
	s.Schedule.Node().AddDependency(append(p.Run.Dependencies(), s.Role)...) // with its policy
	s.FailedToStart = newFailedAlarm(s, s.DeadLetterQueue, p.AlarmTopic)
	p.tellOfThePast(s)
	return s
}

// ScheduleName is the schedule's name, for an output.
func (s *Schedule) Name() string { return *s.Schedule.Ref() }

// target is the task itself.
func (p *ScheduleProps) target(s *Schedule) *awsscheduler.CfnSchedule_TargetProperty {
	run := p.Run.Parameters()
	target := &awsscheduler.CfnSchedule_TargetProperty{Arn: &run.ClusterArn, RoleArn: s.Role.RoleArn(), EcsParameters: scheduleParameters(run)}
	if len(p.ContainerOverrides) > 0 {
		target.Input = jsii.String(toJson(input(p.ContainerOverrides, p.Run.Task)))
	}
	return target
}

func scheduleParameters(run ecs.RunParameters) *awsscheduler.CfnSchedule_EcsParametersProperty {
	parameters := &awsscheduler.CfnSchedule_EcsParametersProperty{
		TaskDefinitionArn:    &run.TaskDefinitionArn,
		TaskCount:            jsii.Number(run.TaskCount),
		LaunchType:           opt.String(run.LaunchType),
		EnableEcsManagedTags: jsii.Bool(true),
		PropagateTags:        jsii.String(propagateTags),
	}
	if run.SubnetIds != nil {
		parameters.NetworkConfiguration = &awsscheduler.CfnSchedule_NetworkConfigurationProperty{
			AwsvpcConfiguration: &awsscheduler.CfnSchedule_AwsVpcConfigurationProperty{
				Subnets: opt.Strings(run.SubnetIds), SecurityGroups: opt.Strings(run.SecurityGroupIds), AssignPublicIp: opt.String(run.AssignPublicIp),
			},
		}
	}
	var shares, strategies, constraints []any
	for _, c := range run.Capacity {
		shares = append(shares, &awsscheduler.CfnSchedule_CapacityProviderStrategyItemProperty{
			CapacityProvider: jsii.String(string(c.CapacityProvider)), Base: opt.Number(c.Base), Weight: jsii.Number(c.Weight),
		})
	}
	for _, strategy := range run.PlacementStrategies {
		strategies = append(strategies, &awsscheduler.CfnSchedule_PlacementStrategyProperty{Type: jsii.String(string(strategy.Type)), Field: opt.String(strategy.Field)})
	}
	for _, c := range run.PlacementConstraints {
		constraints = append(constraints, &awsscheduler.CfnSchedule_PlacementConstraintProperty{Type: jsii.String(string(c.Type)), Expression: opt.String(c.Expression)})
	}
	parameters.CapacityProviderStrategy, parameters.PlacementStrategy, parameters.PlacementConstraints = orNil(shares), orNil(strategies), orNil(constraints)
	return parameters
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

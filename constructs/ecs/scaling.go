package ecs

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/internal/opt"
)

// Scaling lets the number of a service's tasks follow the load, in one or more ways: of several that answer at once, the
// one that wants the most tasks wins.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
type Scaling struct {
	// MinCapacity is the least number of tasks. Default: 1, or 0 with ScaleToZero.
	MinCapacity int
	// ScaleToZero lets the number of tasks fall to 0, as for a worker whose queue is empty. It takes TargetMetrics, Steps or
	// Schedules to bring them back: without tasks there is no CPU, memory or answered request to measure. Default: false.
	ScaleToZero bool
	// MaxCapacity is the greatest number of tasks. Required.
	MaxCapacity int

	// TargetCpuUtilizationPercent is the average CPU use, 1 to 100 % of the task's Cpu, that tasks are added or removed
	// to keep. Default: none; one way of scaling is required.
	TargetCpuUtilizationPercent int
	// TargetMemoryUtilizationPercent is the same of memory. A program that never gives memory back never scales in.
	// Default: none.
	TargetMemoryUtilizationPercent int
	// TargetRequestsPerMinute is how many requests of the first Exposure.Alb a task gets in a minute, 1 or more. Not with a
	// Deployment.Strategy that shifts traffic, for then they go to another target group. Default: none.
	TargetRequestsPerMinute int
	// TargetMetrics are further metrics to keep at a value, such as the messages waiting for each task. Default: none.
	TargetMetrics []TargetMetric
	// ScaleOutCooldown is how long target tracking waits after adding tasks before adding more, 1 s to 24 h. Default: 60 s.
	ScaleOutCooldown time.Duration
	// ScaleInCooldown is how long it waits after removing tasks before removing more, 1 s to 24 h. Default: 300 s.
	ScaleInCooldown time.Duration

	// Steps change the number of tasks by how far a metric is from where it should be. Default: none.
	Steps []StepScaling
	// Schedules change MinCapacity and MaxCapacity at a time. Default: none.
	Schedules []ScheduledScaling
}

// TargetMetric keeps a metric at a value: it must fall when tasks are added.
// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html
type TargetMetric struct {
	// Name tells it from the service's other ways of scaling: up to 64 letters and digits. Required.
	Name string
	// Metric is what to watch, by its Average, Minimum, Maximum, SampleCount or Sum; no math expression. Required.
	Metric awscloudwatch.IMetric
	// TargetValue is what it should be, above 0. Required.
	TargetValue float64
}

// StepScaling changes the number of tasks by an alarm on a metric.
// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-step-scaling-policies.html
type StepScaling struct {
	// Name tells it from the service's other ways of scaling: up to 64 letters and digits. Required.
	Name string
	// Metric is what to watch. Required.
	Metric awscloudwatch.IMetric
	// Steps cover all values of the metric from the lowest to the highest, each beginning where the one before ends. Required:
	// at least two.
	Steps []ScalingStep
	// Percent makes Change a percentage of the tasks there are, of which at least one is added or removed. Default: false, a
	// number of tasks.
	Percent bool
	// EvaluationPeriods is how many of the metric's periods in a row must lie in a step. Default: 1.
	EvaluationPeriods int
	// Cooldown is how long to wait after a change, 1 s to 24 h. Default: 300 s.
	Cooldown time.Duration
}

// ScalingStep is what to do while a metric lies between two values.
type ScalingStep struct {
	// From is where the step begins (the CDK's lower). Default: nil, without limit, for the first step alone.
	From *float64
	// To is where it ends (the CDK's upper). Default: nil, without limit, for the last step alone.
	To *float64
	// Change is how many tasks to add, or to remove if negative. Exactly one step leaves it at 0, the range to keep: as the first
	// or the last, the others only add or only remove. Default: 0.
	Change int
}

// ScheduledScaling sets the limits of the number of tasks at a time; they hold until another schedule changes them.
// https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-additional-setup.html
type ScheduledScaling struct {
	// Name tells it from the service's other ways of scaling: up to 64 letters and digits. Required.
	Name string
	// Schedule is "cron(minute hour day-of-month month day-of-week year)", such as "cron(0 8 ? * MON-FRI *)", or
	// "at(2027-01-31T08:00:00)", or "rate(12 hours)". Required.
	Schedule string
	// TimeZone is the zone in which Schedule is meant, by its IANA name: "Europe/Berlin". Default: UTC.
	TimeZone string
	// MinCapacity is the least number of tasks from then on; 0 is allowed. Without MaxCapacity it must not be above any that may
	// be in force then. Default: nil, unchanged; MinCapacity or MaxCapacity is required.
	MinCapacity *int
	// MaxCapacity is the greatest number of tasks from then on; 0 is allowed. Without MinCapacity it must not be below any that
	// may be in force then. Default: nil, unchanged.
	MaxCapacity *int
}

const (
	defaultScaleOutCooldown = 60 * time.Second
	defaultScaleInCooldown  = 300 * time.Second
	maxCooldown             = 24 * time.Hour
)

func (s *Scaling) setDefaults() {
	if !s.ScaleToZero {
		opt.Default(&s.MinCapacity, 1)
	}
	opt.Default(&s.ScaleOutCooldown, defaultScaleOutCooldown)
	opt.Default(&s.ScaleInCooldown, defaultScaleInCooldown)
}

func (s *Service) scale(scaling *Scaling) {
	count := s.Service.AutoScaleTaskCount(&awsapplicationautoscaling.EnableScalingProps{
		MinCapacity: jsii.Number(scaling.MinCapacity),
		MaxCapacity: jsii.Number(scaling.MaxCapacity),
	})
	s.ScalableTaskCount = count
	out, in := opt.Duration(scaling.ScaleOutCooldown), opt.Duration(scaling.ScaleInCooldown)
	if percent := scaling.TargetCpuUtilizationPercent; percent != 0 {
		count.ScaleOnCpuUtilization(jsii.String("Cpu"), &awsecs.CpuUtilizationScalingProps{
			TargetUtilizationPercent: jsii.Number(percent), ScaleOutCooldown: out, ScaleInCooldown: in,
		})
	}
	if percent := scaling.TargetMemoryUtilizationPercent; percent != 0 {
		count.ScaleOnMemoryUtilization(jsii.String("Memory"), &awsecs.MemoryUtilizationScalingProps{
			TargetUtilizationPercent: jsii.Number(percent), ScaleOutCooldown: out, ScaleInCooldown: in,
		})
	}
	if requests := scaling.TargetRequestsPerMinute; requests != 0 {
		count.ScaleOnRequestCount(jsii.String("Requests"), &awsecs.RequestCountScalingProps{
			RequestsPerTarget: jsii.Number(requests), TargetGroup: s.TargetGroups[0], ScaleOutCooldown: out, ScaleInCooldown: in,
		})
	}
	for _, m := range scaling.TargetMetrics {
		count.ScaleToTrackCustomMetric(&m.Name, &awsecs.TrackCustomMetricProps{
			Metric: m.Metric, TargetValue: &m.TargetValue, ScaleOutCooldown: out, ScaleInCooldown: in,
		})
	}
	for i := range scaling.Steps {
		count.ScaleOnMetric(&scaling.Steps[i].Name, scaling.Steps[i].cdk())
	}
	for i := range scaling.Schedules {
		count.ScaleOnSchedule(&scaling.Schedules[i].Name, scaling.Schedules[i].cdk())
	}
}

func (s *StepScaling) cdk() *awsapplicationautoscaling.BasicStepScalingPolicyProps {
	intervals := make([]*awsapplicationautoscaling.ScalingInterval, len(s.Steps))
	for i, step := range s.Steps {
		intervals[i] = &awsapplicationautoscaling.ScalingInterval{Lower: step.From, Upper: step.To, Change: jsii.Number(step.Change)}
	}
	props := &awsapplicationautoscaling.BasicStepScalingPolicyProps{
		Metric: s.Metric, ScalingSteps: &intervals, EvaluationPeriods: opt.Number(s.EvaluationPeriods), Cooldown: opt.Duration(s.Cooldown),
		AdjustmentType: awsapplicationautoscaling.AdjustmentType_CHANGE_IN_CAPACITY,
	}
	if s.Percent {
		props.AdjustmentType = awsapplicationautoscaling.AdjustmentType_PERCENT_CHANGE_IN_CAPACITY
		props.MinAdjustmentMagnitude = jsii.Number(1)
	}
	return props
}

func (s *ScheduledScaling) cdk() *awsapplicationautoscaling.ScalingSchedule {
	schedule := &awsapplicationautoscaling.ScalingSchedule{Schedule: awsapplicationautoscaling.Schedule_Expression(&s.Schedule)}
	if s.TimeZone != "" {
		schedule.TimeZone = awscdk.TimeZone_Of(&s.TimeZone)
	}
	if s.MinCapacity != nil {
		schedule.MinCapacity = jsii.Number(*s.MinCapacity)
	}
	if s.MaxCapacity != nil {
		schedule.MaxCapacity = jsii.Number(*s.MaxCapacity)
	}
	return schedule
}

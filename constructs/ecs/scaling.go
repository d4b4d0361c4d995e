package ecs

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/internal/opt"
)

// Scaling is Application Auto Scaling for a service: the number of its tasks follows the load, in one or more ways. If several
// answer at once, the one that wants the most tasks wins.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
type Scaling struct {
	// MinCapacity is the minimum number of tasks. Default: 1, or 0 with ScaleToZero.
	MinCapacity int
	// ScaleToZero lets the number of tasks fall to 0, as for a worker whose queue is empty. It requires Queue, TargetMetrics, Steps or
	// Schedules to bring them back: without tasks there is no CPU, memory or answered request to measure. Default: false.
	ScaleToZero bool
	// MaxCapacity is the maximum number of tasks. Required.
	MaxCapacity int

	// TargetCpuUtilizationPercent is the average CPU use, 1 to 100 % of the task's Cpu, that tasks are added or removed
	// to keep. Default: none; one way of scaling is required.
	TargetCpuUtilizationPercent int
	// TargetMemoryUtilizationPercent is the same of memory. A program that never gives memory back never scales in.
	// Default: none.
	TargetMemoryUtilizationPercent int
	// TargetRequestsPerMinute is how many requests of the first Exposure.Alb a task gets in a minute, 1 or more. It isn't compatible
	// with a Deployment.Strategy that shifts traffic, which moves requests to another target group. Default: none.
	TargetRequestsPerMinute int
	// Queue follows the backlog of an SQS queue. It requires a cluster with Container Insights, which counts the tasks. Default: none.
	Queue *QueueScaling
	// TargetMetrics are further metrics to keep at a value, such as the jobs waiting for each task. Default: none.
	TargetMetrics []TargetMetric
	// ScaleOutCooldown is how long target tracking waits after adding tasks before adding more, 1 s to 24 h. Default: 60 s, or
	// 300 s with Queue, so that new tasks are counted before more are added.
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
	// Name distinguishes it from the service's other ways of scaling: up to 64 letters and digits. Required.
	Name string
	// Metric is the metric to track, by its Average, Minimum, Maximum, SampleCount or Sum, or a math expression with a period of one
	// minute. Required.
	Metric awscloudwatch.IMetric
	// TargetValue is the value to keep, above 0. Required.
	TargetValue float64
}

// StepScaling changes the number of tasks by an alarm on a metric.
// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-step-scaling-policies.html
type StepScaling struct {
	// Name distinguishes it from the service's other ways of scaling: up to 64 letters and digits. Required.
	Name string
	// Metric is the metric that the steps divide. Required.
	Metric awscloudwatch.IMetric
	// Steps cover all values of the metric in ascending order, each beginning where the one before ends. On one side they remove
	// tasks, on the other they add some; between them may be a step without Change, the range to keep. A worker that scales to
	// zero with its queue, for example: {Below: 1, Change: -1}, {From: 1, Change: 1}. Required: at least two.
	Steps []ScalingStep
	// Percent makes Change a percentage of the tasks there are, of which at least one is added or removed. Default: false, a
	// number of tasks.
	Percent bool
	// EvaluationPeriods is how many of the metric's periods in a row must lie in a step. Default: 1.
	EvaluationPeriods int
	// Cooldown is how long to wait after a change, 1 s to 24 h. Default: 300 s.
	Cooldown time.Duration
}

// ScalingStep is a range of a metric's values, and how they change the number of tasks.
type ScalingStep struct {
	// From is the lowest value of the step, above 0. Default: where the step before ends; the first step has no lower limit.
	From float64
	// Below is the value at which the step ends and the next one begins, above 0. Default: where the next step begins; the last
	// step has no upper limit.
	Below float64
	// Change is how many tasks to add, or to remove if negative. Default: 0, the range to keep.
	Change int
}

// ScheduledScaling sets the limits of the number of tasks at a time; they hold until another schedule changes them.
// https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-additional-setup.html
type ScheduledScaling struct {
	// Name distinguishes it from the service's other ways of scaling: up to 64 letters and digits. Required.
	Name string
	// ScheduleExpression is "cron(minute hour day-of-month month day-of-week year)", such as "cron(0 8 ? * MON-FRI *)", or
	// "at(2027-01-31T08:00:00)", or "rate(12 hours)". Required.
	ScheduleExpression string
	// TimeZone is the time zone of ScheduleExpression, by its IANA name: "Europe/Berlin". Default: UTC.
	TimeZone string
	// MinCapacity is the minimum number of tasks from then on. 0 requires what brings tasks back, as ScaleToZero does. Without MaxCapacity
	// it must not be above any that may be in force then. Default: nil, unchanged; MinCapacity or MaxCapacity is required.
	MinCapacity *int
	// MaxCapacity is the maximum number of tasks from then on; 0 is allowed. Without MinCapacity it must not be below any that
	// may be in force then. Default: nil, unchanged.
	MaxCapacity *int
}

// addScaling creates the scalable target of the service and its policies.
func (s *Service) addScaling(scaling *Scaling) {
	count := s.Service.AutoScaleTaskCount(&awsapplicationautoscaling.EnableScalingProps{
		MinCapacity: jsii.Number(scaling.MinCapacity),
		MaxCapacity: jsii.Number(scaling.MaxCapacity),
	})
	s.ScalableTaskCount = count
	s.trackTargets(scaling)
	s.trackBacklog(scaling)
	for i := range scaling.Steps {
		step := &scaling.Steps[i]
		count.ScaleOnMetric(&step.Name, step.cdk())
		endBelow(count, step.Name)
	}
	for i := range scaling.Schedules {
		count.ScaleOnSchedule(&scaling.Schedules[i].Name, scaling.Schedules[i].cdk())
	}
}

func (s *Service) trackTargets(scaling *Scaling) {
	count, out, in := s.ScalableTaskCount, opt.Duration(scaling.ScaleOutCooldown), opt.Duration(scaling.ScaleInCooldown)
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
			RequestsPerTarget: jsii.Number(requests), TargetGroup: s.TargetGroups[0].TargetGroup.(elbv2.ApplicationTargetGroup),
			ScaleOutCooldown: out, ScaleInCooldown: in,
		})
	}
	for _, m := range scaling.TargetMetrics {
		if _, isMath := m.Metric.(mathMetric); isMath {
			s.trackExpression(m.Name, m.Metric, m.TargetValue, scaling)
			continue
		}
		count.ScaleToTrackCustomMetric(&m.Name, &awsecs.TrackCustomMetricProps{
			Metric: m.Metric, TargetValue: &m.TargetValue, ScaleOutCooldown: out, ScaleInCooldown: in,
		})
	}
}

// endBelow makes the lower alarm of a policy fire only below its threshold. The CDK lets it fire at the threshold too, as the
// upper alarm does: where no range to keep lies between the two, a metric that stands there would both add and remove tasks.
func endBelow(count awsecs.ScalableTaskCount, policy string) {
	target := count.Node().FindChild(jsii.String("Target"))
	alarm := target.Node().FindChild(&policy).Node().TryFindChild(jsii.String("LowerAlarm"))
	if alarm != nil {
		alarm.Node().DefaultChild().(awscloudwatch.CfnAlarm).SetComparisonOperator(jsii.String("LessThanThreshold"))
	}
}

// cdk divides the steps into those of the lower alarm and those of the upper one as the CDK does: by the one interval without a
// change, which may be empty.
func (s *StepScaling) cdk() *awsapplicationautoscaling.BasicStepScalingPolicyProps {
	var intervals []*awsapplicationautoscaling.ScalingInterval
	add := func(lower, upper *float64, change int) {
		intervals = append(intervals, &awsapplicationautoscaling.ScalingInterval{Lower: lower, Upper: upper, Change: jsii.Number(change)})
	}
	for i, step := range s.Steps {
		lower, upper := jsii.Number(0), (*float64)(nil)
		if i > 0 {
			lower = jsii.Number(s.begin(i))
			if s.Steps[i-1].Change*step.Change < 0 {
				add(lower, lower, 0)
			}
		}
		if i < len(s.Steps)-1 {
			upper = jsii.Number(s.begin(i + 1))
		}
		add(lower, upper, step.Change)
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

// begin is where a step after the first begins, as it says or as the one before does.
func (s *StepScaling) begin(i int) float64 {
	if from := s.Steps[i].From; from != 0 {
		return from
	}
	return s.Steps[i-1].Below
}

func (s *ScheduledScaling) cdk() *awsapplicationautoscaling.ScalingSchedule {
	schedule := &awsapplicationautoscaling.ScalingSchedule{Schedule: awsapplicationautoscaling.Schedule_Expression(&s.ScheduleExpression)}
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

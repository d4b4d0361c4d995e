package ecs

import (
	"strings"
	"testing"

	"awscontainers/internal/fake"
)

func TestScalingToZeroAndFromAQueueIsRefused(t *testing.T) {
	const startsAgain = "ScaleToZero requires Queue, TargetMetrics, Steps, or Schedules with a MinCapacity above 0, which start tasks again"
	startsLate := func(at string) string {
		return "ScaleToZero requires a step that adds tasks from 1 or less on, because no task would start while the metric is below; got " + at +
			"; begin that step at 1, or use Queue"
	}
	toZero := func(steps ...ScalingStep) Scaling {
		return Scaling{MaxCapacity: 4, ScaleToZero: true, Steps: []StepScaling{{Name: "Queue", Metric: anyMetric{}, Steps: steps}}}
	}
	for name, c := range map[string]struct {
		scaling Scaling
		want    []string
	}{
		"to zero and a schedule that starts nothing": {Scaling{MaxCapacity: 4, ScaleToZero: true, Schedules: []ScheduledScaling{
			{Name: "Night", ScheduleExpression: "rate(1 day)", MinCapacity: new(0)}}}, []string{startsAgain}},
		"to zero and a schedule": {Scaling{MaxCapacity: 4, ScaleToZero: true, Schedules: []ScheduledScaling{
			{Name: "Day", ScheduleExpression: "rate(1 day)", MinCapacity: new(1)}}}, nil},
		"to zero and a range to keep": {toZero(ScalingStep{Below: 10, Change: -1}, ScalingStep{From: 10, Below: 100},
			ScalingStep{From: 100, Change: 5}), []string{startsLate("100")}},
		"to zero and more than one": {toZero(ScalingStep{Below: 1.5, Change: -1}, ScalingStep{From: 1.5, Change: 1}),
			[]string{startsLate("1.5")}},
		"to zero and a fraction": {toZero(ScalingStep{Below: 0.25, Change: -1}, ScalingStep{From: 0.25, Change: 1}), nil},
		"to zero and only down": {toZero(ScalingStep{Below: 10, Change: -1}, ScalingStep{From: 10}), []string{
			"ScaleToZero requires a step that adds tasks; add one that begins at 1, or use Queue"}},
		"to zero and a metric that falls in load": {toZero(ScalingStep{Below: 10, Change: 1}, ScalingStep{From: 10, Change: -1}), nil},
		"to zero and percent": {func() Scaling {
			s := toZero(ScalingStep{Below: 1, Change: -50}, ScalingStep{From: 1, Change: 50})
			s.Steps[0].Percent = true // at least one task
			return s
		}(), nil},
		"to zero and several ladders, one of which starts": {func() Scaling {
			s := toZero(ScalingStep{Below: 10, Change: -1}, ScalingStep{From: 100, Below: 0, Change: 5})
			s.Steps[0].Steps[0].Below = 100
			s.Steps = append(s.Steps, StepScaling{Name: "First", Metric: anyMetric{}, Steps: []ScalingStep{{Below: 1}, {From: 1, Change: 1}}})
			return s
		}(), nil},
		"to zero and several ladders, none of which starts": {func() Scaling {
			s := toZero(ScalingStep{Below: 100, Change: -1}, ScalingStep{From: 100, Change: 5})
			s.Steps = append(s.Steps, StepScaling{Name: "First", Metric: anyMetric{}, Steps: []ScalingStep{{Below: 7}, {From: 7, Change: 1}}})
			return s
		}(), []string{startsLate("7")}},
		"a night without tasks that nothing ends": {Scaling{MaxCapacity: 4, TargetCpuUtilizationPercent: 50, Schedules: []ScheduledScaling{
			{Name: "Night", ScheduleExpression: "rate(1 day)", MinCapacity: new(0), MaxCapacity: new(0)},
			{Name: "Day", ScheduleExpression: "rate(1 day)", MinCapacity: new(0), MaxCapacity: new(4)}}}, []string{
			"Schedules[0].MinCapacity of 0 requires Queue, TargetMetrics, Steps, or Schedules with a MinCapacity above 0, which start tasks again"}},
		"a night without tasks and a range to keep": {func() Scaling {
			s := toZero(ScalingStep{Below: 10, Change: -1}, ScalingStep{From: 10, Below: 100}, ScalingStep{From: 100, Change: 5})
			s.ScaleToZero, s.Schedules = false, []ScheduledScaling{{Name: "Night", ScheduleExpression: "rate(1 day)", MinCapacity: new(0)}}
			return s
		}(), []string{strings.Replace(startsLate("100"), "ScaleToZero", "Schedules[0].MinCapacity of 0", 1)}},
		"a night without tasks, and a day": {Scaling{MaxCapacity: 4, TargetCpuUtilizationPercent: 50, Schedules: []ScheduledScaling{
			{Name: "Night", ScheduleExpression: "rate(1 day)", MinCapacity: new(0), MaxCapacity: new(0)},
			{Name: "Day", ScheduleExpression: "rate(1 day)", MinCapacity: new(1), MaxCapacity: new(4)}}}, nil},
		"a night without tasks takes the last one, whatever it uses": {Scaling{MaxCapacity: 4, TargetCpuUtilizationPercent: 50,
			Queue: &QueueScaling{Queue: &fake.Queue{}, MessagesPerTask: 1}, Schedules: []ScheduledScaling{
				{Name: "Night", ScheduleExpression: "rate(1 day)", MinCapacity: new(0), MaxCapacity: new(0)},
				{Name: "Day", ScheduleExpression: "rate(1 day)", MinCapacity: new(1), MaxCapacity: new(4)}}}, nil},
		"a night in which the queue may take the last task": {Scaling{MaxCapacity: 4, TargetCpuUtilizationPercent: 50,
			Queue: &QueueScaling{Queue: &fake.Queue{}, MessagesPerTask: 1}, Schedules: []ScheduledScaling{
				{Name: "Night", ScheduleExpression: "rate(1 day)", MinCapacity: new(0)}}}, []string{
			"TargetCpuUtilizationPercent must not be set together with Queue where there may be no task, because an idle task still uses " +
				"some, and so the last one would stay; got 50; remove it, or set MinCapacity"}},
		"a queue": {Scaling{MaxCapacity: 4, ScaleToZero: true, Queue: &QueueScaling{Queue: &fake.Queue{}, MessagesPerTask: 1}}, nil},
		"no queue": {Scaling{MaxCapacity: 4, Queue: &QueueScaling{}}, []string{
			"Queue.Queue is required; use the Queue of sqs.NewQueue, or a queue of awssqs",
			"Queue.MessagesPerTask must be 1 or greater; got 0"}},
		"a queue and what keeps the last task": {Scaling{MaxCapacity: 4, ScaleToZero: true, TargetCpuUtilizationPercent: 50,
			TargetMemoryUtilizationPercent: 60, Queue: &QueueScaling{Queue: &fake.Queue{}, MessagesPerTask: 1}}, []string{
			"TargetCpuUtilizationPercent must not be set together with Queue where there may be no task, because an idle task still uses " +
				"some, and so the last one would stay; got 50; remove it, or set MinCapacity",
			"TargetMemoryUtilizationPercent must not be set together with Queue where there may be no task, because an idle task still " +
				"uses some, and so the last one would stay; got 60; remove it, or set MinCapacity"}},
		"a queue and CPU": {Scaling{MaxCapacity: 4, TargetCpuUtilizationPercent: 50,
			Queue: &QueueScaling{Queue: &fake.Queue{}, MessagesPerTask: 1}}, nil},
		"the names of the queue's policies": {Scaling{MaxCapacity: 4, TargetMetrics: []TargetMetric{{"QueueBacklog", anyMetric{}, 1}}}, []string{
			`TargetMetrics[0].Name must not be a name that the CDK uses; got "QueueBacklog"`}},
	} {
		t.Run(name, func(t *testing.T) {
			c.scaling.setDefaults()
			assertProblems(t, refusal(c.scaling.validate(0, false)), c.want...)
		})
	}
}

package ecs

import (
	"slices"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

func (q *QueueScaling) validate() error {
	var bad invalid.Problems
	if q.Queue == nil {
		bad.Add("Queue", "is required").Advise("use the Queue of sqs.NewQueue, or a queue of awssqs")
	}
	check.Min("MessagesPerTask", q.MessagesPerTask, 1, &bad)
	return bad.Err()
}

// validateQueueCluster requires that somebody counts the tasks.
func (p *ServiceProps) validateQueueCluster(bad *invalid.Problems) {
	if p.Scaling.Queue == nil || p.Cluster == nil || p.Cluster.hasInsights {
		return
	}
	problem := bad.Add("Scaling.Queue", "requires a cluster with Container Insights, which counts the tasks")
	if p.Cluster.isImported() {
		problem.Advise("use a cluster of ecs.NewCluster, because whether an existing one has Container Insights isn't known")
	} else {
		problem.Advise("set ContainerInsights of the cluster to awsecs.ContainerInsights_ENABLED or ENHANCED")
	}
}

// validateQueueHome refuses a queue whose metrics are elsewhere. An account or Region that is open is that of the deployment.
func (p *ServiceProps) validateQueueHome(bad *invalid.Problems) {
	if p.Scaling == nil || p.Scaling.Queue == nil || p.Scaling.Queue.Queue == nil {
		return
	}
	queue, cluster := p.Scaling.Queue.Queue.Env(), p.Cluster.Cluster.Env()
	for _, at := range []struct {
		what         string
		queue, other *string
	}{{"Region", queue.Region, cluster.Region}, {"account", queue.Account, cluster.Account}} {
		if *at.queue != *at.other && !invalid.IsToken(*at.queue) && !invalid.IsToken(*at.other) {
			bad.Add("Scaling.Queue.Queue", "must be in the cluster's %s (%s), where its metrics are read", at.what, *at.other).Given(*at.queue)
		}
	}
}

func (s *ScheduledScaling) lowersToZero() bool { return s.MinCapacity != nil && *s.MinCapacity == 0 }

// mayReachZero reports whether there may be no task.
func (s *Scaling) mayReachZero() bool {
	return s.ScaleToZero || slices.ContainsFunc(s.Schedules, func(at ScheduledScaling) bool { return at.lowersToZero() })
}

// mayRemoveLastTask reports whether a policy may do that, and not only a schedule, which takes all tasks by a MaxCapacity of 0.
func (s *Scaling) mayRemoveLastTask() bool {
	return s.ScaleToZero || slices.ContainsFunc(s.Schedules, func(at ScheduledScaling) bool {
		return at.lowersToZero() && (at.MaxCapacity == nil || *at.MaxCapacity > 0)
	})
}

// zeroField is the field that lets there be no task.
func (s *Scaling) zeroField() string {
	if s.ScaleToZero {
		return "ScaleToZero"
	}
	i := slices.IndexFunc(s.Schedules, func(at ScheduledScaling) bool { return at.lowersToZero() })
	return check.Index("Schedules", i) + ".MinCapacity of 0"
}

// validateStart refuses a service that may have no task if nothing starts its tasks again, or only what a metric may never reach.
func (s *Scaling) validateStart(bad *invalid.Problems) {
	raises := func(at ScheduledScaling) bool { return at.MinCapacity != nil && *at.MinCapacity > 0 }
	if s.Queue != nil || len(s.TargetMetrics) > 0 || slices.ContainsFunc(s.Schedules, raises) {
		return
	}
	field := s.zeroField()
	if len(s.Steps) == 0 {
		bad.Add(field, "requires Queue, TargetMetrics, Steps, or Schedules with a MinCapacity above 0, which start tasks again")
		return
	}
	first := -1.0
	for i := range s.Steps {
		begin, starts := s.Steps[i].firstStart()
		if starts && begin <= 1 {
			return
		}
		if starts && (first < 0 || begin < first) {
			first = begin
		}
	}
	switch {
	case first >= 0:
		bad.Add(field, "requires a step that adds tasks from 1 or less on, because no task would start while the metric is below").
			Given(first).Advise("begin that step at 1, or use Queue")
	default:
		bad.Add(field, "requires a step that adds tasks").Advise("add one that begins at 1, or use Queue")
	}
}

// firstStart is the lowest value of the metric at which the steps add tasks, if they do.
func (s *StepScaling) firstStart() (begin float64, starts bool) {
	for i, step := range s.Steps {
		if step.Change <= 0 {
			continue
		}
		if i == 0 {
			return 0, true
		}
		return s.begin(i), true
	}
	return 0, false
}

// validateLastTask refuses, beside a queue that scales to zero, target tracking that keeps the last task: every policy must be ready to
// scale in, and a task that idles still uses some CPU and memory, of which Application Auto Scaling rounds what it takes up to one task.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html
// https://github.com/aws/copilot-cli/issues/3054
func (s *Scaling) validateLastTask(bad *invalid.Problems) {
	if !s.mayRemoveLastTask() {
		return
	}
	for _, target := range []struct {
		field string
		value int
	}{
		{"TargetCpuUtilizationPercent", s.TargetCpuUtilizationPercent},
		{"TargetMemoryUtilizationPercent", s.TargetMemoryUtilizationPercent},
	} {
		if target.value != 0 {
			bad.Add(target.field, "must not be set together with Queue where there may be no task, because an idle task still uses some, "+
				"and so the last one would stay").Given(target.value).Advise("remove it, or set MinCapacity")
		}
	}
}

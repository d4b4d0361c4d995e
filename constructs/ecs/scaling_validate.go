package ecs

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/schedule"
)

// scalingName becomes part of a logical id.
var scalingName = regexp.MustCompile(`^[A-Za-z0-9]{1,64}$`)

// The construct ids of the policies that have no name of their own, of the target itself and of its resource.
var scalingIds = []string{"Cpu", "Memory", "Requests", "Target", "Resource"}

// maxSteps is a quota: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-limits.html
const maxSteps = 20

// validate takes the number of load balancer rules, and whether the deployment shifts traffic away from their target groups.
func (s *Scaling) validate(rules int, shifts bool) error {
	var bad invalid.Problems
	switch {
	case s.ScaleToZero && s.MinCapacity != 0:
		bad.Add("MinCapacity", "%d stands beside ScaleToZero; leave one of them out", s.MinCapacity)
	case s.ScaleToZero && len(s.TargetMetrics)+len(s.Steps)+len(s.Schedules) == 0:
		bad.Add("ScaleToZero", "is true and nothing would bring the tasks back; give TargetMetrics, Steps or Schedules")
	case !s.ScaleToZero && s.MinCapacity < 1:
		bad.Add("MinCapacity", "%d is out of range; use 1 or more, or ScaleToZero", s.MinCapacity)
	}
	switch {
	case s.MaxCapacity == 0:
		bad.Add("MaxCapacity", "is missing; give the greatest number of tasks, 1 or more")
	case s.MaxCapacity < s.MinCapacity || s.MaxCapacity < 0:
		bad.Add("MaxCapacity", "%d is below MinCapacity %d; use %d or more", s.MaxCapacity, s.MinCapacity, s.MinCapacity)
	}
	s.validateTargets(rules, shifts, &bad)
	check.Seconds("ScaleOutCooldown", s.ScaleOutCooldown, time.Second, maxCooldown, &bad)
	check.Seconds("ScaleInCooldown", s.ScaleInCooldown, time.Second, maxCooldown, &bad)
	for i := range s.Steps {
		bad.Nest(check.Index("Steps", i), s.Steps[i].validate())
	}
	for i := range s.Schedules {
		bad.Nest(check.Index("Schedules", i), s.Schedules[i].validate())
	}
	s.validateLimits(&bad)
	s.validateNames(&bad)
	return bad.Err()
}

func (s *Scaling) validateTargets(rules int, shifts bool, bad *invalid.Problems) {
	ways := len(s.TargetMetrics) + len(s.Steps) + len(s.Schedules)
	for _, target := range []struct {
		field string
		value int
		most  int
	}{
		{"TargetCpuUtilizationPercent", s.TargetCpuUtilizationPercent, 100},
		{"TargetMemoryUtilizationPercent", s.TargetMemoryUtilizationPercent, 100},
		{"TargetRequestsPerMinute", s.TargetRequestsPerMinute, math.MaxInt32},
	} {
		if target.value == 0 {
			continue
		}
		ways++
		if target.value < 1 || target.value > target.most {
			bad.Add(target.field, "%d is out of range; use 1 to %d", target.value, target.most)
		}
	}
	if ways == 0 {
		bad.Add("TargetCpuUtilizationPercent", "is 0 and nothing else says when to scale; give 1 to 100, or another way of scaling")
	}
	if s.TargetRequestsPerMinute != 0 && rules == 0 {
		bad.Add("TargetRequestsPerMinute", "%d has no Application Load Balancer to count requests, and others see none; give the service an Exposure.Alb, or use CPU or memory", s.TargetRequestsPerMinute)
	}
	if s.TargetRequestsPerMinute != 0 && shifts {
		bad.Add("TargetRequestsPerMinute", "%d counts the requests of one target group, and the deployment's Strategy moves them to another; use CPU or memory",
			s.TargetRequestsPerMinute)
	}
	for i, m := range s.TargetMetrics {
		if m.Metric == nil {
			bad.Add(check.Index("TargetMetrics", i)+".Metric", "is missing; give a metric of CloudWatch")
		}
		m.validateMetric(check.Index("TargetMetrics", i)+".Metric", bad)
		if m.TargetValue <= 0 || math.IsInf(m.TargetValue, 0) || math.IsNaN(m.TargetValue) {
			bad.Add(check.Index("TargetMetrics", i)+".TargetValue", "%v is out of range; use more than 0", m.TargetValue)
		}
	}
}

// The statistics that target tracking knows, and the CDK's short forms of them.
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_CustomizedMetricSpecification.html
var trackedStatistics = []string{"average", "minimum", "maximum", "samplecount", "sum", "avg", "min", "max", "n"}

// validateMetric notes what the CDK cannot track, as far as the metric tells.
func (m *TargetMetric) validateMetric(field string, bad *invalid.Problems) {
	switch metric := m.Metric.(type) {
	case interface{ Expression() *string }:
		bad.Add(field, "is an expression, which the CDK does not track; publish its result as a metric, or use Steps")
	case interface{ Statistic() *string }:
		if statistic := *metric.Statistic(); !slices.Contains(trackedStatistics, strings.ToLower(statistic)) {
			bad.Add(field, "has the statistic %q, which is not tracked; use Average, Minimum, Maximum, SampleCount or Sum", statistic)
		}
	}
}

// validateLimits notes schedules that move one limit past the other, wherever that stands by then: Application Auto Scaling
// would not do what they say.
// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scheduled-scaling.html
func (s *Scaling) validateLimits(bad *invalid.Problems) {
	most, least := s.MaxCapacity, s.MinCapacity
	for _, at := range s.Schedules {
		if at.MaxCapacity != nil {
			most = min(most, *at.MaxCapacity)
		}
		if at.MinCapacity != nil {
			least = max(least, *at.MinCapacity)
		}
	}
	for i, at := range s.Schedules {
		if at.MinCapacity != nil && at.MaxCapacity == nil && *at.MinCapacity > most {
			bad.Add(check.Index("Schedules", i)+".MinCapacity", "%d may be above the MaxCapacity in force then, %d; give a MaxCapacity too", *at.MinCapacity, most)
		}
		if at.MaxCapacity != nil && at.MinCapacity == nil && *at.MaxCapacity < least {
			bad.Add(check.Index("Schedules", i)+".MaxCapacity", "%d may be below the MinCapacity in force then, %d; give a MinCapacity too", *at.MaxCapacity, least)
		}
	}
}

// validateNames notes names that could not be, or not beside each other.
func (s *Scaling) validateNames(bad *invalid.Problems) {
	seen := map[string]string{}
	for _, id := range scalingIds {
		seen[id] = "the scaling itself"
	}
	verify := func(field, name string) {
		switch {
		case !scalingName.MatchString(name):
			bad.Add(field+".Name", "%q is no name; use 1 to 64 letters and digits", name)
		case seen[name] != "":
			bad.Add(field+".Name", "%q is taken by %s; give each its own", name, seen[name])
		}
		seen[name] = field
	}
	for i, m := range s.TargetMetrics {
		verify(check.Index("TargetMetrics", i), m.Name)
	}
	for i, step := range s.Steps {
		verify(check.Index("Steps", i), step.Name)
	}
	for i, at := range s.Schedules {
		verify(check.Index("Schedules", i), at.Name)
	}
}

func (s *StepScaling) validate() error {
	var bad invalid.Problems
	if s.Metric == nil {
		bad.Add("Metric", "is missing; give a metric of CloudWatch")
	}
	if s.EvaluationPeriods < 0 {
		bad.Add("EvaluationPeriods", "%d is negative; use 1 or more", s.EvaluationPeriods)
	}
	check.Seconds("Cooldown", s.Cooldown, time.Second, maxCooldown, &bad)
	if len(s.Steps) < 2 || len(s.Steps) > maxSteps {
		bad.Add("Steps", "are %d; use 2 to %d, of which exactly one leaves Change at 0", len(s.Steps), maxSteps)
		return bad.Err()
	}
	for i := range s.Steps {
		s.validateStep(i, &bad)
	}
	if len(bad) == 0 {
		s.validateDirection(&bad)
	}
	return bad.Err()
}

// validateStep notes a step that does not begin where the one before ended.
func (s *StepScaling) validateStep(i int, bad *invalid.Problems) {
	step, field := &s.Steps[i], check.Index("Steps", i)
	switch {
	case i == 0 && step.From != nil:
		bad.Add(field+".From", "%v leaves out all below; leave From out of the first step", *step.From)
	case i > 0 && step.From == nil:
		bad.Add(field+".From", "is missing; give it where the step before ends")
	case i > 0 && s.Steps[i-1].To != nil && *step.From > *s.Steps[i-1].To:
		bad.Add(field+".From", "%v leaves a gap after the step before, which ends at %v; begin there", *step.From, *s.Steps[i-1].To)
	case i > 0 && s.Steps[i-1].To != nil && *step.From < *s.Steps[i-1].To:
		bad.Add(field+".From", "%v overlaps the step before, which ends at %v; begin there", *step.From, *s.Steps[i-1].To)
	}
	switch last := i == len(s.Steps)-1; {
	case step.To != nil && *step.To <= 0:
		bad.Add(field+".To", "%v is not above 0; the CDK knows steps from 0 on", *step.To)
	case last && step.To != nil:
		bad.Add(field+".To", "%v leaves out all above; leave To out of the last step", *step.To)
	case !last && step.To == nil:
		bad.Add(field+".To", "is missing; give it where the next step begins")
	case step.From != nil && step.To != nil && *step.From >= *step.To:
		bad.Add(field+".To", "%v is not above From %v; give a higher one", *step.To, *step.From)
	}
}

// validateDirection asks for one range to keep, and for changes that lead back to it: tasks removed on one side, added on
// the other.
func (s *StepScaling) validateDirection(bad *invalid.Problems) {
	keep := slices.IndexFunc(s.Steps, func(step ScalingStep) bool { return step.Change == 0 })
	if keep < 0 {
		bad.Add("Steps", "have none with Change 0, so that the number of tasks would never rest; leave the range to keep at 0")
		return
	}
	sides := [2]int{} // the sign of the changes below and above
	for i, step := range s.Steps {
		if i == keep {
			continue
		}
		side := &sides[0]
		if i > keep {
			side = &sides[1]
		}
		if sign(step.Change) == 0 || (*side != 0 && *side != sign(step.Change)) {
			bad.Add(check.Index("Steps", i)+".Change", "%d goes another way than the step beside it; remove tasks on one side of the range to keep, and add them on the other", step.Change)
		}
		*side = sign(step.Change)
	}
	if sides[0] == sides[1] {
		bad.Add("Steps", "change the number of tasks the same way on both sides of the range to keep; remove tasks on one side and add them on the other")
	}
}

func sign(n int) int { return cmp.Compare(n, 0) }

func (s *ScheduledScaling) validate() error {
	var bad invalid.Problems
	schedule.Check("Schedule", s.Schedule, &bad)
	if s.TimeZone != "" {
		schedule.CheckZone("TimeZone", s.TimeZone, &bad)
	}
	if s.MinCapacity == nil && s.MaxCapacity == nil {
		bad.Add("MinCapacity", "and MaxCapacity are both missing; give at least one, or the schedule changes nothing")
	}
	for _, limit := range []struct {
		field string
		value *int
	}{{"MinCapacity", s.MinCapacity}, {"MaxCapacity", s.MaxCapacity}} {
		if limit.value != nil && *limit.value < 0 {
			bad.Add(limit.field, "%d is negative; use 0 or more", *limit.value)
		}
	}
	if s.MinCapacity != nil && s.MaxCapacity != nil && *s.MaxCapacity < *s.MinCapacity {
		bad.Add("MaxCapacity", "%d is below MinCapacity %d; use %d or more", *s.MaxCapacity, *s.MinCapacity, *s.MinCapacity)
	}
	return bad.Err()
}

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
	"awscontainers/internal/opt"
	"awscontainers/internal/schedule"
)

// scalingName becomes part of a logical id.
var scalingName = regexp.MustCompile(`^[A-Za-z0-9]{1,64}$`)

const scalingNameForm = "1 to 64 letters and digits"

// The construct ids of the policies that have no name of their own, of the target itself and of its resource.
var scalingIds = []string{"Cpu", "Memory", "Requests", "Target", "Resource", queueBacklogId, firstMessageId}

const (
	defaultScaleOutCooldown = 60 * time.Second
	defaultScaleInCooldown  = 300 * time.Second
	maxCooldown             = 24 * time.Hour
	// maxSteps is a quota: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-limits.html
	maxSteps = 20
)

func (s *Scaling) setDefaults() {
	if !s.ScaleToZero {
		opt.Default(&s.MinCapacity, 1)
	}
	if s.Queue != nil {
		opt.Default(&s.ScaleOutCooldown, queueScaleOutCooldown)
	}
	opt.Default(&s.ScaleOutCooldown, defaultScaleOutCooldown)
	opt.Default(&s.ScaleInCooldown, defaultScaleInCooldown)
}

// validate takes the number of load balancer rules, and whether the deployment shifts traffic away from their target groups.
func (s *Scaling) validate(albRules int, shiftsTraffic bool) error {
	var bad invalid.Problems
	switch {
	case s.ScaleToZero && s.MinCapacity != 0:
		bad.Add("MinCapacity", "must not be set together with ScaleToZero").Given(s.MinCapacity).Advise("remove one of them")
	case !s.ScaleToZero && s.MinCapacity < 1:
		bad.Add("MinCapacity", "must be 1 or greater").Given(s.MinCapacity).Advise("set ScaleToZero for 0")
	case s.mayReachZero():
		s.validateStart(&bad)
	}
	if s.MaxCapacity == 0 {
		bad.Add("MaxCapacity", "is required: the maximum number of tasks, 1 or greater")
	} else {
		check.NotLess("MaxCapacity", s.MaxCapacity, "MinCapacity", s.MinCapacity, &bad)
	}
	s.validateTargets(albRules, shiftsTraffic, &bad)
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

func (s *Scaling) validateTargets(albRules int, shiftsTraffic bool, bad *invalid.Problems) {
	ways := len(s.TargetMetrics) + len(s.Steps) + len(s.Schedules)
	if s.Queue != nil {
		ways++
		bad.Nest("Queue", s.Queue.validate())
		s.validateLastTask(bad)
	}
	for _, target := range []struct {
		field          string
		value, maximum int
	}{
		{"TargetCpuUtilizationPercent", s.TargetCpuUtilizationPercent, 100},
		{"TargetMemoryUtilizationPercent", s.TargetMemoryUtilizationPercent, 100},
		{"TargetRequestsPerMinute", s.TargetRequestsPerMinute, math.MaxInt32},
	} {
		if target.value == 0 {
			continue
		}
		ways++
		check.Range(target.field, target.value, 1, target.maximum, bad)
	}
	if ways == 0 {
		bad.Add("", "requires a way to scale").Advise("set TargetCpuUtilizationPercent, TargetMemoryUtilizationPercent, " +
			"TargetRequestsPerMinute, Queue, TargetMetrics, Steps or Schedules")
	}
	if s.TargetRequestsPerMinute != 0 && albRules == 0 {
		bad.Add("TargetRequestsPerMinute", "requires Exposure.Alb, because only an Application Load Balancer counts requests").
			Advise("use CPU or memory")
	}
	if s.TargetRequestsPerMinute != 0 && shiftsTraffic {
		bad.Add("TargetRequestsPerMinute", "requires Deployment.Strategy ROLLING, because the others move requests to another target group").
			Advise("use CPU or memory")
	}
	for i := range s.TargetMetrics {
		bad.Nest(check.Index("TargetMetrics", i), s.TargetMetrics[i].validate())
	}
}

// The statistics that target tracking knows, and the CDK's short forms of them.
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_CustomizedMetricSpecification.html
var trackedStatistics = []string{"average", "minimum", "maximum", "samplecount", "sum", "avg", "min", "max", "n"}

// validate refuses what the CDK can't track, as far as the metric tells.
func (m *TargetMetric) validate() error {
	var bad invalid.Problems
	switch metric := m.Metric.(type) {
	case nil:
		bad.Add("Metric", "is required")
	case mathMetric:
		checkExpression(metric, &bad)
	case interface{ Expression() *string }:
		bad.Add("Metric", "must not be a search, because target tracking takes one time series").Advise("use a math expression on metrics")
	case interface{ Statistic() *string }:
		if statistic := *metric.Statistic(); !slices.Contains(trackedStatistics, strings.ToLower(statistic)) {
			bad.Add("Metric", "must have the statistic Average, Minimum, Maximum, SampleCount or Sum").Given(statistic)
		}
	}
	if m.TargetValue <= 0 || math.IsInf(m.TargetValue, 0) || math.IsNaN(m.TargetValue) {
		bad.Add("TargetValue", "must be greater than 0").Given(m.TargetValue)
	}
	return bad.Err()
}

// validateLimits refuses schedules that move one limit past the other, wherever that is by then: Application Auto Scaling
// would not do what they say.
// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scheduled-scaling.html
func (s *Scaling) validateLimits(bad *invalid.Problems) {
	lowestMax, highestMin := s.MaxCapacity, s.MinCapacity
	for _, at := range s.Schedules {
		if at.MaxCapacity != nil {
			lowestMax = min(lowestMax, *at.MaxCapacity)
		}
		if at.MinCapacity != nil {
			highestMin = max(highestMin, *at.MinCapacity)
		}
	}
	for i, at := range s.Schedules {
		if at.MinCapacity != nil && at.MaxCapacity == nil && *at.MinCapacity > lowestMax {
			bad.Add(check.Index("Schedules", i)+".MinCapacity",
				"must not be greater than the MaxCapacity that may be in effect then (%d)", lowestMax).
				Given(at.MinCapacity).Advise("set MaxCapacity too")
		}
		if at.MaxCapacity != nil && at.MinCapacity == nil && *at.MaxCapacity < highestMin {
			bad.Add(check.Index("Schedules", i)+".MaxCapacity", "must not be less than the MinCapacity that may be in effect then (%d)", highestMin).
				Given(at.MaxCapacity).Advise("set MinCapacity too")
		}
	}
}

// validateNames refuses names that are invalid or that two ways of scaling share.
func (s *Scaling) validateNames(bad *invalid.Problems) {
	owners := map[string]string{}
	for _, id := range scalingIds {
		owners[id] = "the CDK"
	}
	verify := func(field, name string) {
		check.Required(field+".Name", name, scalingName, scalingNameForm, bad)
		if owner := owners[name]; owner != "" && name != "" {
			bad.Add(field+".Name", "must not be a name that %s uses", owner).Given(name)
		}
		owners[name] = field
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
		bad.Add("Metric", "is required")
	}
	check.Min("EvaluationPeriods", s.EvaluationPeriods, 0, &bad)
	check.Seconds("Cooldown", s.Cooldown, time.Second, maxCooldown, &bad)
	if len(s.Steps) < 2 || len(s.Steps) > maxSteps {
		bad.Add("Steps", "must have 2 to %d elements", maxSteps).Given(len(s.Steps))
		return bad.Err()
	}
	before := len(bad)
	for i := range s.Steps {
		s.validateStep(i, &bad)
	}
	if len(bad) == before {
		s.validateDirection(&bad)
	}
	return bad.Err()
}

// validateStep refuses a step that doesn't begin where the one before ends, or that doesn't end above its beginning.
func (s *StepScaling) validateStep(i int, bad *invalid.Problems) {
	step, field, isLast := s.Steps[i], check.Index("Steps", i), i == len(s.Steps)-1
	if i == 0 && step.From != 0 {
		bad.Add(field+".From", "must not be set in the first step, which has no lower limit").Given(step.From)
	}
	if isLast && step.Below != 0 {
		bad.Add(field+".Below", "must not be set in the last step, which has no upper limit").Given(step.Below)
	}
	if i > 0 {
		switch end := s.Steps[i-1].Below; {
		case step.From == 0 && end == 0:
			bad.Add(field+".From", "is required: a value above 0 at which the step begins")
		case step.From != 0 && end != 0 && step.From != end:
			bad.Add(field+".From", "must be %v, where the step before ends", end).Given(step.From)
		case step.From < 0:
			bad.Add(field+".From", "must be greater than 0").Given(step.From)
		case end < 0:
			bad.Add(check.Index("Steps", i-1)+".Below", "must be greater than 0").Given(end)
		}
	}
	if i > 0 && !isLast {
		if begin, end := s.begin(i), s.begin(i+1); begin > 0 && end != 0 && end <= begin {
			bad.Add(field+".Below", "must be greater than From (%v)", begin).Given(end)
		}
	}
}

// validateDirection requires that tasks are removed on one side and added on the other, with at most one range to keep: between
// the two, or as the first or the last step.
func (s *StepScaling) validateDirection(bad *invalid.Problems) {
	var directions []int // of the steps, each once while it lasts
	for i, step := range s.Steps {
		direction := cmp.Compare(step.Change, 0)
		if i > 0 && step.Change == 0 && s.Steps[i-1].Change == 0 {
			bad.Add(check.Index("Steps", i)+".Change", "must not be 0 like the Change of the step before").Advise("merge the two steps")
			return
		}
		if len(directions) == 0 || directions[len(directions)-1] != direction {
			directions = append(directions, direction)
		}
	}
	ladders := [][]int{{-1, 1}, {-1, 0, 1}, {0, 1}, {-1, 0}}
	if !slices.ContainsFunc(ladders, func(ladder []int) bool {
		reversed := slices.Clone(ladder)
		slices.Reverse(reversed)
		return slices.Equal(directions, ladder) || slices.Equal(directions, reversed)
	}) {
		bad.Add("Steps", "must remove tasks on one side and add tasks on the other, or keep the number on one side").
			Advise("write for example {Below: 10, Change: -1}, {From: 10, Below: 100}, {From: 100, Change: 1}")
	}
}

func (s *ScheduledScaling) validate() error {
	var bad invalid.Problems
	schedule.Check("ScheduleExpression", s.ScheduleExpression, &bad)
	if s.TimeZone != "" {
		schedule.CheckZone("TimeZone", s.TimeZone, &bad)
	}
	if s.MinCapacity == nil && s.MaxCapacity == nil {
		bad.Add("", "requires MinCapacity or MaxCapacity, because otherwise the schedule changes nothing")
	}
	for _, limit := range []struct {
		field string
		value *int
	}{{"MinCapacity", s.MinCapacity}, {"MaxCapacity", s.MaxCapacity}} {
		if limit.value != nil {
			check.Min(limit.field, *limit.value, 0, &bad)
		}
	}
	if s.MinCapacity != nil && s.MaxCapacity != nil {
		check.NotLess("MaxCapacity", *s.MaxCapacity, "MinCapacity", *s.MinCapacity, &bad)
	}
	return bad.Err()
}

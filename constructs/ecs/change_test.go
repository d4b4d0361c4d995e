package ecs

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/stretchr/testify/assert"
)

type (
	anyMetric struct{ awscloudwatch.IMetric }
	// What metrics of the CDK tell of themselves.
	anyExpression struct{ anyMetric }
	aStatistic    struct {
		anyMetric
		name string
	}
	anyFunction struct{ awslambda.IFunction }
	anyAlarm    struct{ awscloudwatch.IAlarm }
)

func (anyExpression) Expression() *string { return new("waiting / tasks") }
func (s aStatistic) Statistic() *string   { return &s.name }

func statistic(name string) awscloudwatch.IMetric { return aStatistic{name: name} }

func TestDeploymentsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		deployment Deployment
		want       []string
	}{
		"strategy": {Deployment{Strategy: "BLUE"},
			[]string{`Deployment.Strategy must be "ROLLING", "BLUE_GREEN", "LINEAR" or "CANARY"; got "BLUE"`}},
		"shift without strategy": {Deployment{BakeTime: new(time.Minute), StepPercent: 10, StepBakeTime: new(time.Minute),
			LifecycleHooks: []LifecycleHook{{anyFunction{}, stages[:1]}}, ErrorRate: ErrorRate{Percent: 1}}, []string{
			"Deployment.ErrorRate requires RollbackOnErrors; set it, or remove ErrorRate",
			`Deployment.BakeTime requires Strategy BLUE_GREEN, LINEAR or CANARY; got "ROLLING"`,
			`Deployment.StepPercent requires Strategy LINEAR or CANARY; got "ROLLING"`,
			`Deployment.StepBakeTime requires Strategy LINEAR or CANARY; got "ROLLING"`,
			`Deployment.LifecycleHooks requires Strategy BLUE_GREEN, LINEAR or CANARY; got "ROLLING"`,
		}},
		"error rate": {Deployment{RollbackOnErrors: true, ErrorRate: ErrorRate{Percent: 0.01, MinRequests: -1, Period: 90 * time.Second,
			EvaluationPeriods: 25}}, []string{
			"Deployment.ErrorRate.Percent must be from 0.1 to 100; got 0.01",
			"Deployment.ErrorRate.MinRequests must be 1 or greater; got -1",
			"Deployment.ErrorRate.Period must be whole minutes from 1m to 1h; got 1m30s",
			"Deployment.ErrorRate.EvaluationPeriods must be an integer from 1 to 24; got 25",
		}},
		"error rate at its limits": {Deployment{RollbackOnErrors: true, ErrorRate: ErrorRate{Percent: 100, MinRequests: 1, Period: time.Hour,
			EvaluationPeriods: 24}}, nil},
		"bake time": {Deployment{Strategy: "BLUE_GREEN", RollbackOnErrors: true, BakeTime: new(25 * time.Hour)}, []string{
			"Deployment.BakeTime must be whole minutes from 0 to 24h; got 25h"}},
		"bake time in seconds": {Deployment{Strategy: "BLUE_GREEN", RollbackOnErrors: true, BakeTime: new(90 * time.Second)}, []string{
			"Deployment.BakeTime must be whole minutes from 0 to 24h; got 1m30s"}},
		"steps of blue/green": {Deployment{Strategy: "BLUE_GREEN", RollbackOnErrors: true, StepPercent: 5}, []string{
			`Deployment.StepPercent requires Strategy LINEAR or CANARY; got "BLUE_GREEN"`}},
		"steps with nothing to end them": {Deployment{Strategy: "CANARY"}, []string{
			`Deployment.Strategy requires RollbackOnErrors, RollbackAlarms, LifecycleHooks, SmokeTest or Approval, because AWS doesn't promise a ` +
				`circuit breaker for it; got "CANARY"`}},
		"blue/green with nothing but a circuit breaker": {Deployment{Strategy: "BLUE_GREEN"}, []string{
			`Deployment.Strategy requires RollbackOnErrors, RollbackAlarms, LifecycleHooks, SmokeTest or Approval, because AWS doesn't promise a ` +
				`circuit breaker for it; got "BLUE_GREEN"`}},
		"a canary longer than CloudFormation waits": {Deployment{Strategy: "CANARY", RollbackOnErrors: true, BakeTime: new(24 * time.Hour),
			StepBakeTime: new(10 * time.Hour)}, []string{
			"Deployment.StepBakeTime must keep a deployment's total waiting time, including BakeTime, within CloudFormation's limit of 33h; " +
				"got 34h; shorten them or raise StepPercent"}},
		"steps longer than CloudFormation waits": {Deployment{Strategy: "LINEAR", RollbackOnErrors: true, BakeTime: new(time.Duration(0)),
			StepPercent: 10, StepBakeTime: new(4 * time.Hour)}, []string{
			"Deployment.StepBakeTime must keep a deployment's total waiting time, including BakeTime, within CloudFormation's limit of 33h; " +
				"got 36h; shorten them or raise StepPercent"}},
		"as long as CloudFormation waits": {Deployment{Strategy: "LINEAR", RollbackOnErrors: true, BakeTime: new(time.Duration(0)),
			StepPercent: 3, StepBakeTime: new(time.Hour)}, nil},
		"steps too small": {Deployment{Strategy: "LINEAR", RollbackOnErrors: true, StepPercent: 2.9, StepBakeTime: new(-time.Minute)}, []string{
			"Deployment.StepBakeTime must be whole minutes from 0 to 24h; got -1m",
			"Deployment.StepPercent must be from 3.0 to 100.0 in steps of 0.1 with Strategy LINEAR; got 2.9",
		}},
		"steps too fine": {Deployment{Strategy: "CANARY", RollbackOnErrors: true, StepPercent: 0.15}, []string{
			"Deployment.StepPercent must be from 0.1 to 100.0 in steps of 0.1 with Strategy CANARY; got 0.15"}},
		"hook": {Deployment{Strategy: "BLUE_GREEN", LifecycleHooks: []LifecycleHook{{}, {anyFunction{},
			[]awsecs.DeploymentLifecycleStage{"LATER"}}}}, []string{
			"Deployment.LifecycleHooks[0].Function is required",
			"Deployment.LifecycleHooks[0].Stages requires at least one of RECONCILE_SERVICE, PRE_SCALE_UP, POST_SCALE_UP, TEST_TRAFFIC_SHIFT, " +
				"POST_TEST_TRAFFIC_SHIFT, PRODUCTION_TRAFFIC_SHIFT or POST_PRODUCTION_TRAFFIC_SHIFT",
			`Deployment.LifecycleHooks[1].Stages[0] must be "RECONCILE_SERVICE", "PRE_SCALE_UP", "POST_SCALE_UP", "TEST_TRAFFIC_SHIFT", ` +
				`"POST_TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT" or "POST_PRODUCTION_TRAFFIC_SHIFT"; got "LATER"`,
		}},
		"nil alarm": {Deployment{RollbackAlarms: []awscloudwatch.IAlarm{nil}}, []string{
			"Deployment.RollbackAlarms[0] must be an alarm; got nil"}},
		"rolling": {Deployment{RollbackOnErrors: true}, nil},
		"blue/green": {Deployment{Strategy: "BLUE_GREEN", RollbackAlarms: []awscloudwatch.IAlarm{anyAlarm{}},
			BakeTime: new(24 * time.Hour)}, nil},
		"at once": {Deployment{Strategy: "LINEAR", RollbackAlarms: []awscloudwatch.IAlarm{anyAlarm{}}, BakeTime: new(time.Duration(0)),
			StepPercent: 100, StepBakeTime: new(time.Duration(0))}, nil},
		"canary": {Deployment{Strategy: "CANARY", StepPercent: 0.1, LifecycleHooks: []LifecycleHook{{anyFunction{}, stages[:3]}}}, nil},
		"tenths": {Deployment{Strategy: "LINEAR", RollbackOnErrors: true, StepPercent: 33.3}, nil},
		"hook without tests": {Deployment{Strategy: "BLUE_GREEN", LifecycleHooks: []LifecycleHook{{anyFunction{},
			[]awsecs.DeploymentLifecycleStage{"POST_TEST_TRAFFIC_SHIFT"}}}}, []string{
			`Deployment.LifecycleHooks[0].Stages must not have a test traffic stage without test traffic; got "POST_TEST_TRAFFIC_SHIFT"; ` +
				`set TestListener of Exposure.Alb[0] or Exposure.Nlb[0], TestHeader of the gateways, ` +
				`or AppProtocol of a port of ServiceConnect`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			p.Deployment = c.deployment
			p.setDefaults()
			assertProblems(t, refusal(p.validate(), p.validateInCluster()), c.want...)
		})
	}
	p := validService()
	p.Exposure, p.Deployment = Exposure{}, Deployment{Strategy: "BLUE_GREEN", RollbackOnErrors: true}
	p.setDefaults()
	assertProblems(t, refusal(p.validate(), p.validateInCluster()),
		"Deployment.RollbackOnErrors requires Exposure.Alb, because only an Application Load Balancer counts errors; use RollbackAlarms",
		`Deployment.Strategy requires Exposure.Alb, Exposure.Nlb, Exposure.Gateway or ServiceConnect.Services, whose traffic it shifts; `+
			`got "BLUE_GREEN"; set one of them, or use "ROLLING"`)
}

func TestDefaultsOfDeployments(t *testing.T) {
	for strategy, want := range map[awsecs.DeploymentStrategy]Deployment{
		awsecs.DeploymentStrategy_LINEAR: {StepPercent: 10, StepBakeTime: new(6 * time.Minute)},
		awsecs.DeploymentStrategy_CANARY: {StepPercent: 5, StepBakeTime: new(10 * time.Minute)},
	} {
		d := Deployment{Strategy: strategy}
		d.setDefaults(false)
		assert.InDelta(t, want.StepPercent, d.StepPercent, 0, strategy)
		assert.Equal(t, want.StepBakeTime, d.StepBakeTime, strategy)
		assert.Equal(t, 5*time.Minute, *d.BakeTime)
	}
}

func TestScalingIsRefused(t *testing.T) {
	steps := func(steps ...ScalingStep) Scaling {
		return Scaling{MaxCapacity: 4, Steps: []StepScaling{{Name: "Queue", Metric: anyMetric{}, Steps: steps}}}
	}
	at := func(s ScheduledScaling) Scaling {
		s.Name = "Morning"
		return Scaling{MaxCapacity: 4, Schedules: []ScheduledScaling{s}}
	}
	for name, c := range map[string]struct {
		scaling Scaling
		want    []string
	}{
		"no way": {Scaling{MaxCapacity: 4}, []string{
			"Scaling requires a way to scale; set TargetCpuUtilizationPercent, TargetMemoryUtilizationPercent, TargetRequestsPerMinute, " +
				"Queue, TargetMetrics, Steps or Schedules"}},
		"above 100 %": {Scaling{MaxCapacity: 4, TargetCpuUtilizationPercent: 101, TargetMemoryUtilizationPercent: 101}, []string{
			"Scaling.TargetCpuUtilizationPercent must be an integer from 1 to 100; got 101",
			"Scaling.TargetMemoryUtilizationPercent must be an integer from 1 to 100; got 101",
		}},
		"below 0": {Scaling{MaxCapacity: 4, TargetRequestsPerMinute: -1}, []string{
			"Scaling.TargetRequestsPerMinute must be an integer from 1 to 2147483647; got -1"}},
		"metric": {Scaling{MaxCapacity: 4, TargetMetrics: []TargetMetric{{Name: "my metric"}}}, []string{
			"Scaling.TargetMetrics[0].Metric is required",
			"Scaling.TargetMetrics[0].TargetValue must be greater than 0; got 0",
			`Scaling.TargetMetrics[0].Name must be 1 to 64 letters and digits; got "my metric"`,
		}},
		"expression": {Scaling{MaxCapacity: 4, TargetMetrics: []TargetMetric{{"Queue", anyExpression{}, 1}}}, []string{
			"Scaling.TargetMetrics[0].Metric must not be a search, because target tracking takes one time series; use a math expression " +
				"on metrics"}},
		"percentile": {Scaling{MaxCapacity: 4, TargetMetrics: []TargetMetric{{"Queue", statistic("p99"), 1}}}, []string{
			`Scaling.TargetMetrics[0].Metric must have the statistic Average, Minimum, Maximum, SampleCount or Sum; got "p99"`}},
		"statistics": {Scaling{MaxCapacity: 4, TargetMetrics: []TargetMetric{{"A", statistic("Average"), 1}, {"B", statistic("Sum"), 1}}}, nil},
		"name of the resource": {Scaling{MaxCapacity: 4, TargetMetrics: []TargetMetric{{"Resource", anyMetric{}, 1}}}, []string{
			`Scaling.TargetMetrics[0].Name must not be a name that the CDK uses; got "Resource"`}},
		"names": {Scaling{MaxCapacity: 4, TargetMetrics: []TargetMetric{{"Cpu", anyMetric{}, 1}, {"Queue", anyMetric{}, 1}},
			Schedules: []ScheduledScaling{{Name: "Queue", ScheduleExpression: "rate(1 day)", MinCapacity: new(1)}}}, []string{
			`Scaling.TargetMetrics[0].Name must not be a name that the CDK uses; got "Cpu"`,
			`Scaling.Schedules[0].Name must not be a name that TargetMetrics[1] uses; got "Queue"`,
		}},
		"one step": {steps(ScalingStep{Change: 1}), []string{"Scaling.Steps[0].Steps must have 2 to 20 elements; got 1"}},
		"steps with a gap": {steps(ScalingStep{Below: 10}, ScalingStep{From: 20, Change: 1}), []string{
			"Scaling.Steps[0].Steps[1].From must be 10, where the step before ends; got 20"}},
		"steps that overlap": {steps(ScalingStep{Below: 10}, ScalingStep{From: 5, Change: 1}), []string{
			"Scaling.Steps[0].Steps[1].From must be 10, where the step before ends; got 5"}},
		"steps with ends": {steps(ScalingStep{From: 1, Below: 10}, ScalingStep{From: 10, Below: 20, Change: 1}), []string{
			"Scaling.Steps[0].Steps[0].From must not be set in the first step, which has no lower limit; got 1",
			"Scaling.Steps[0].Steps[1].Below must not be set in the last step, which has no upper limit; got 20",
		}},
		"steps without ends": {steps(ScalingStep{}, ScalingStep{Change: 1}), []string{
			"Scaling.Steps[0].Steps[1].From is required: a value above 0 at which the step begins",
		}},
		"steps backwards": {steps(ScalingStep{Below: 10}, ScalingStep{From: 10, Below: 10, Change: 1}, ScalingStep{From: 10, Change: 2}),
			[]string{
				"Scaling.Steps[0].Steps[1].Below must be greater than From (10); got 10"}},
		"steps below 0": {steps(ScalingStep{Below: -1}, ScalingStep{From: -1, Change: 1}), []string{
			"Scaling.Steps[0].Steps[1].From must be greater than 0; got -1"}},
		"an end below 0": {steps(ScalingStep{Below: -1}, ScalingStep{Change: 1}), []string{
			"Scaling.Steps[0].Steps[0].Below must be greater than 0; got -1"}},
		"a ladder to zero":       {steps(ScalingStep{Below: 1, Change: -1}, ScalingStep{From: 1, Change: 1}), nil},
		"a ladder without From":  {steps(ScalingStep{Below: 1, Change: -1}, ScalingStep{Below: 10, Change: 1}, ScalingStep{Change: 5}), nil},
		"a ladder without Below": {steps(ScalingStep{Change: 2}, ScalingStep{From: 1}, ScalingStep{From: 10, Change: -1}), nil},
		"steps that only add": {steps(ScalingStep{Below: 10, Change: 1}, ScalingStep{From: 10, Change: 2}), []string{
			"Scaling.Steps[0].Steps must remove tasks on one side and add tasks on the other, or keep the number on one side; write for " +
				"example {Below: 10, Change: -1}, {From: 10, Below: 100}, {From: 100, Change: 1}"}},
		"steps that go both ways": {steps(ScalingStep{Below: 10}, ScalingStep{From: 10, Below: 20, Change: 1}, ScalingStep{From: 20, Change: -1}),
			[]string{
				"Scaling.Steps[0].Steps must remove tasks on one side and add tasks on the other, or keep the number on one side; write for " +
					"example {Below: 10, Change: -1}, {From: 10, Below: 100}, {From: 100, Change: 1}"}},
		"two rests": {steps(ScalingStep{Below: 10}, ScalingStep{From: 10, Below: 20}, ScalingStep{From: 20, Change: 1}), []string{
			"Scaling.Steps[0].Steps[1].Change must not be 0 like the Change of the step before; merge the two steps"}},
		"the same on both sides": {steps(ScalingStep{Below: 10, Change: 1}, ScalingStep{From: 10, Below: 20}, ScalingStep{From: 20, Change: 1}),
			[]string{
				"Scaling.Steps[0].Steps must remove tasks on one side and add tasks on the other, or keep the number on one side; write for " +
					"example {Below: 10, Change: -1}, {From: 10, Below: 100}, {From: 100, Change: 1}"}},
		"step policy": {Scaling{MaxCapacity: 4, Steps: []StepScaling{{EvaluationPeriods: -1, Cooldown: 25 * time.Hour}}}, []string{
			"Scaling.Steps[0].Metric is required",
			"Scaling.Steps[0].EvaluationPeriods must be 0 or greater; got -1",
			"Scaling.Steps[0].Cooldown must be whole seconds from 1s to 24h; got 25h",
			"Scaling.Steps[0].Steps must have 2 to 20 elements; got 0",
			"Scaling.Steps[0].Name is required: 1 to 64 letters and digits",
		}},
		"cron": {at(ScheduledScaling{ScheduleExpression: "cron(0 8 * * *)", MinCapacity: new(2)}), []string{
			`Scaling.Schedules[0].ScheduleExpression must have six fields in cron: minute hour day-of-month month day-of-week year, such as ` +
				`"cron(0 7 ? * MON-FRI *)"; got "cron(0 8 * * *)"`}},
		"time zone": {at(ScheduledScaling{ScheduleExpression: "rate(1 day)", TimeZone: "Berlin", MinCapacity: new(2)}), []string{
			`Scaling.Schedules[0].TimeZone must be a time zone of the IANA database such as "Europe/Berlin" or "UTC"; got "Berlin"`}},
		"schedule of nothing": {at(ScheduledScaling{ScheduleExpression: "rate(1 day)"}), []string{
			"Scaling.Schedules[0] requires MinCapacity or MaxCapacity, because otherwise the schedule changes nothing"}},
		"schedule upside down": {at(ScheduledScaling{ScheduleExpression: "rate(1 day)", MinCapacity: new(2), MaxCapacity: new(-1)}), []string{
			"Scaling.Schedules[0].MaxCapacity must be 0 or greater; got -1",
			"Scaling.Schedules[0].MaxCapacity must not be less than MinCapacity (2); got -1",
		}},
		"a least above the greatest": {at(ScheduledScaling{ScheduleExpression: "rate(1 day)", MinCapacity: new(5)}), []string{
			"Scaling.Schedules[0].MinCapacity must not be greater than the MaxCapacity that may be in effect then (4); got 5; set MaxCapacity " +
				"too"}},
		"a greatest below the least of another schedule": {Scaling{MaxCapacity: 9, Schedules: []ScheduledScaling{
			{Name: "Morning", ScheduleExpression: "rate(1 day)", MinCapacity: new(5)}, {Name: "Night", ScheduleExpression: "rate(1 day)",
				MaxCapacity: new(2)},
		}}, []string{
			"Scaling.Schedules[0].MinCapacity must not be greater than the MaxCapacity that may be in effect then (2); got 5; set MaxCapacity " +
				"too",
			"Scaling.Schedules[1].MaxCapacity must not be less than the MinCapacity that may be in effect then (5); got 2; set MinCapacity too",
		}},
		"no greatest": {Scaling{TargetCpuUtilizationPercent: 50},
			[]string{"Scaling.MaxCapacity is required: the maximum number of tasks, 1 or greater"}},
		"to zero and nobody": {Scaling{MaxCapacity: 4, ScaleToZero: true, TargetCpuUtilizationPercent: 50},
			[]string{"Scaling.ScaleToZero requires Queue, TargetMetrics, Steps, or Schedules with a MinCapacity above 0, which start tasks again"}},
		"to zero and one": {Scaling{MaxCapacity: 4, MinCapacity: 1, ScaleToZero: true, TargetMetrics: []TargetMetric{{"Queue", anyMetric{},
			1}}}, []string{"Scaling.MinCapacity must not be set together with ScaleToZero; got 1; remove one of them"}},
		"to zero": {Scaling{MaxCapacity: 4, ScaleToZero: true, TargetMetrics: []TargetMetric{{"Queue", anyMetric{}, 1}}}, nil},
		"all of it": {Scaling{
			MaxCapacity: 4, TargetCpuUtilizationPercent: 100, TargetMemoryUtilizationPercent: 1, TargetRequestsPerMinute: 1000,
			TargetMetrics: []TargetMetric{{"Backlog", anyMetric{}, 0.5}},
			Steps: []StepScaling{{Name: "Queue", Metric: anyMetric{}, Steps: []ScalingStep{
				{Below: 1, Change: -1}, {From: 1, Below: 100}, {From: 100, Below: 1000, Change: 1}, {From: 1000, Change: 5},
			}}},
			Schedules: []ScheduledScaling{{Name: "Night", ScheduleExpression: "cron(0 22 ? * MON-FRI *)", TimeZone: "Europe/Berlin",
				MinCapacity: new(0), MaxCapacity: new(0)}},
		}, nil},
		"only out": {steps(ScalingStep{Below: 10}, ScalingStep{From: 10, Change: 1}), nil},
		"a metric that falls in load": {steps(ScalingStep{Below: 10, Change: 1}, ScalingStep{From: 10, Below: 20}, ScalingStep{From: 20,
			Change: -1}), nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			p.Scaling = &c.scaling
			p.setDefaults()
			assertProblems(t, refusal(p.validate(), p.validateInCluster()), c.want...)
		})
	}

	p := validService()
	p.Exposure, p.Scaling = Exposure{}, &Scaling{MaxCapacity: 2, TargetRequestsPerMinute: 10}
	p.setDefaults()
	assertProblems(t, refusal(p.validate(), p.validateInCluster()),
		"Scaling.TargetRequestsPerMinute requires Exposure.Alb, because only an Application Load Balancer counts requests; use CPU or memory")
	p = validService()
	p.Deployment.Strategy, p.Deployment.RollbackOnErrors = "BLUE_GREEN", true
	p.Scaling = &Scaling{MaxCapacity: 2, TargetRequestsPerMinute: 10}
	p.setDefaults()
	assertProblems(t, refusal(p.validate(), p.validateInCluster()),
		"Scaling.TargetRequestsPerMinute requires Deployment.Strategy ROLLING, because the others move requests to another target group; "+
			"use CPU or memory")
}

// blueGreen shifts traffic, and has what ends it.
func blueGreen() Deployment {
	return Deployment{Strategy: awsecs.DeploymentStrategy_BLUE_GREEN, RollbackAlarms: []awscloudwatch.IAlarm{anyAlarm{}}}
}

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
		"strategy": {Deployment{Strategy: "BLUE"}, []string{`Deployment.Strategy "BLUE" is unknown; use ROLLING, BLUE_GREEN, LINEAR or CANARY`}},
		"shift without strategy": {Deployment{BakeTime: new(time.Minute), StepPercent: 10, StepBakeTime: new(time.Minute),
			LifecycleHooks: []LifecycleHook{{anyFunction{}, stages[:1]}}}, []string{
			`Deployment.BakeTime 1m0s belongs to a Strategy that shifts traffic; leave it out for "ROLLING"`,
			`Deployment.StepPercent 10 belongs to "LINEAR" and "CANARY"; leave it out for "ROLLING"`,
			`Deployment.StepBakeTime 1m0s belongs to "LINEAR" and "CANARY"; leave it out for "ROLLING"`,
			`Deployment.LifecycleHooks belong to a Strategy that shifts traffic; leave them out for "ROLLING"`,
		}},
		"bake time": {Deployment{Strategy: "BLUE_GREEN", BakeTime: new(25 * time.Hour)}, []string{
			"Deployment.BakeTime 25h0m0s is out of range; use whole minutes from 0 to 24h0m0s"}},
		"bake time in seconds": {Deployment{Strategy: "BLUE_GREEN", BakeTime: new(90 * time.Second)}, []string{
			"Deployment.BakeTime 1m30s is out of range; use whole minutes from 0 to 24h0m0s"}},
		"steps of blue/green": {Deployment{Strategy: "BLUE_GREEN", StepPercent: 5}, []string{
			`Deployment.StepPercent 5 belongs to "LINEAR" and "CANARY"; leave it out for "BLUE_GREEN"`}},
		"steps with nothing to end them": {Deployment{Strategy: "CANARY"}, []string{
			`Deployment.Strategy "CANARY" has no circuit breaker and nothing else to end a bad deployment; set RollbackOnErrors, or give RollbackAlarms or LifecycleHooks`}},
		"a canary longer than CloudFormation waits": {Deployment{Strategy: "CANARY", RollbackOnErrors: true, BakeTime: new(24 * time.Hour), StepBakeTime: new(10 * time.Hour)}, []string{
			"Deployment.StepBakeTime 10h0m0s makes a deployment wait 34h0m0s in all, with BakeTime 24h0m0s; CloudFormation takes 33h0m0s, so shorten them or raise StepPercent"}},
		"steps longer than CloudFormation waits": {Deployment{Strategy: "LINEAR", RollbackOnErrors: true, BakeTime: new(time.Duration(0)), StepPercent: 10, StepBakeTime: new(4 * time.Hour)}, []string{
			"Deployment.StepBakeTime 4h0m0s makes a deployment wait 36h0m0s in all, with BakeTime 0s; CloudFormation takes 33h0m0s, so shorten them or raise StepPercent"}},
		"as long as CloudFormation waits": {Deployment{Strategy: "LINEAR", RollbackOnErrors: true, BakeTime: new(time.Duration(0)), StepPercent: 3, StepBakeTime: new(time.Hour)}, nil},
		"steps too small": {Deployment{Strategy: "LINEAR", RollbackOnErrors: true, StepPercent: 2.9, StepBakeTime: new(-time.Minute)}, []string{
			"Deployment.StepBakeTime -1m0s is out of range; use whole minutes from 0 to 24h0m0s",
			`Deployment.StepPercent 2.9 is out of range; use 3.0 to 100.0 in tenths for "LINEAR"`,
		}},
		"steps too fine": {Deployment{Strategy: "CANARY", RollbackOnErrors: true, StepPercent: 0.15}, []string{
			`Deployment.StepPercent 0.15 is out of range; use 0.1 to 100.0 in tenths for "CANARY"`}},
		"hook": {Deployment{Strategy: "BLUE_GREEN", LifecycleHooks: []LifecycleHook{{}, {anyFunction{}, []awsecs.DeploymentLifecycleStage{"LATER"}}}}, []string{
			"Deployment.LifecycleHooks[0].Function is missing; give a Lambda function",
			"Deployment.LifecycleHooks[0].Stages is empty; give at least one of RECONCILE_SERVICE, PRE_SCALE_UP, POST_SCALE_UP, TEST_TRAFFIC_SHIFT, POST_TEST_TRAFFIC_SHIFT, PRODUCTION_TRAFFIC_SHIFT or POST_PRODUCTION_TRAFFIC_SHIFT",
			`Deployment.LifecycleHooks[1].Stages "LATER" is unknown; use RECONCILE_SERVICE, PRE_SCALE_UP, POST_SCALE_UP, TEST_TRAFFIC_SHIFT, POST_TEST_TRAFFIC_SHIFT, PRODUCTION_TRAFFIC_SHIFT or POST_PRODUCTION_TRAFFIC_SHIFT`,
		}},
		"nil alarm": {Deployment{RollbackAlarms: []awscloudwatch.IAlarm{nil}}, []string{
			"Deployment.RollbackAlarms[0] is nil; leave it out or give an alarm"}},
		"rolling":    {Deployment{RollbackOnErrors: true}, nil},
		"blue/green": {Deployment{Strategy: "BLUE_GREEN", BakeTime: new(24 * time.Hour)}, nil},
		"at once":    {Deployment{Strategy: "LINEAR", RollbackAlarms: []awscloudwatch.IAlarm{anyAlarm{}}, BakeTime: new(time.Duration(0)), StepPercent: 100, StepBakeTime: new(time.Duration(0))}, nil},
		"canary":     {Deployment{Strategy: "CANARY", StepPercent: 0.1, LifecycleHooks: []LifecycleHook{{anyFunction{}, stages[:3]}}}, nil},
		"tenths":     {Deployment{Strategy: "LINEAR", RollbackOnErrors: true, StepPercent: 33.3}, nil},
		"hook without tests": {Deployment{Strategy: "BLUE_GREEN", LifecycleHooks: []LifecycleHook{{anyFunction{}, []awsecs.DeploymentLifecycleStage{"POST_TEST_TRAFFIC_SHIFT"}}}}, []string{
			`Deployment.LifecycleHooks[0].Stages "POST_TEST_TRAFFIC_SHIFT" has no test traffic; give Exposure.Alb[0] the TestListener of a load balancer that has one, Exposure.Nlb[0] a TestListener, or a port of ServiceConnect an AppProtocol`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			p.Deployment = c.deployment
			p.setDefaults()
			assertProblems(t, p.validate(), c.want...)
		})
	}
	p := validService()
	p.Exposure, p.Deployment = Exposure{}, Deployment{Strategy: "BLUE_GREEN", RollbackOnErrors: true}
	p.setDefaults()
	assertProblems(t, p.validate(),
		"Deployment.RollbackOnErrors has no Application Load Balancer to count errors, and others see none; give the service an Exposure.Alb, or use RollbackAlarms",
		`Deployment.Strategy "BLUE_GREEN" has no traffic to shift; give the service an Exposure.Alb, an Exposure.Nlb or ServiceConnect.Services, or use "ROLLING"`)
}

func TestDefaultsOfDeployments(t *testing.T) {
	for strategy, want := range map[awsecs.DeploymentStrategy][2]any{
		awsecs.DeploymentStrategy_LINEAR: {10.0, 6 * time.Minute},
		awsecs.DeploymentStrategy_CANARY: {5.0, 10 * time.Minute},
	} {
		d := Deployment{Strategy: strategy}
		d.setDefaults(false)
		assert.Equal(t, want, [2]any{d.StepPercent, *d.StepBakeTime}, strategy)
		assert.Equal(t, 5*time.Minute, *d.BakeTime)
	}
}

func number(f float64) *float64 { return &f }

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
			"Scaling.TargetCpuUtilizationPercent is 0 and nothing else says when to scale; give 1 to 100, or another way of scaling"}},
		"above 100 %": {Scaling{MaxCapacity: 4, TargetCpuUtilizationPercent: 101, TargetMemoryUtilizationPercent: 101}, []string{
			"Scaling.TargetCpuUtilizationPercent 101 is out of range; use 1 to 100",
			"Scaling.TargetMemoryUtilizationPercent 101 is out of range; use 1 to 100",
		}},
		"below 0": {Scaling{MaxCapacity: 4, TargetRequestsPerMinute: -1}, []string{
			"Scaling.TargetRequestsPerMinute -1 is out of range; use 1 to 2147483647"}},
		"metric": {Scaling{MaxCapacity: 4, TargetMetrics: []TargetMetric{{Name: "my metric"}}}, []string{
			"Scaling.TargetMetrics[0].Metric is missing; give a metric of CloudWatch",
			"Scaling.TargetMetrics[0].TargetValue 0 is out of range; use more than 0",
			`Scaling.TargetMetrics[0].Name "my metric" is no name; use 1 to 64 letters and digits`,
		}},
		"expression": {Scaling{MaxCapacity: 4, TargetMetrics: []TargetMetric{{"Queue", anyExpression{}, 1}}}, []string{
			"Scaling.TargetMetrics[0].Metric is an expression, which the CDK does not track; publish its result as a metric, or use Steps"}},
		"percentile": {Scaling{MaxCapacity: 4, TargetMetrics: []TargetMetric{{"Queue", statistic("p99"), 1}}}, []string{
			`Scaling.TargetMetrics[0].Metric has the statistic "p99", which is not tracked; use Average, Minimum, Maximum, SampleCount or Sum`}},
		"statistics": {Scaling{MaxCapacity: 4, TargetMetrics: []TargetMetric{{"A", statistic("Average"), 1}, {"B", statistic("Sum"), 1}}}, nil},
		"name of the resource": {Scaling{MaxCapacity: 4, TargetMetrics: []TargetMetric{{"Resource", anyMetric{}, 1}}}, []string{
			`Scaling.TargetMetrics[0].Name "Resource" is taken by the scaling itself; give each its own`}},
		"names": {Scaling{MaxCapacity: 4, TargetMetrics: []TargetMetric{{"Cpu", anyMetric{}, 1}, {"Queue", anyMetric{}, 1}},
			Schedules: []ScheduledScaling{{Name: "Queue", Schedule: "rate(1 day)", MinCapacity: new(1)}}}, []string{
			`Scaling.TargetMetrics[0].Name "Cpu" is taken by the scaling itself; give each its own`,
			`Scaling.Schedules[0].Name "Queue" is taken by TargetMetrics[1]; give each its own`,
		}},
		"one step": {steps(ScalingStep{Change: 1}), []string{"Scaling.Steps[0].Steps are 1; use 2 to 20, of which exactly one leaves Change at 0"}},
		"steps with a gap": {steps(ScalingStep{To: number(10)}, ScalingStep{From: number(20), Change: 1}), []string{
			"Scaling.Steps[0].Steps[1].From 20 leaves a gap after the step before, which ends at 10; begin there"}},
		"steps that overlap": {steps(ScalingStep{To: number(10)}, ScalingStep{From: number(5), Change: 1}), []string{
			"Scaling.Steps[0].Steps[1].From 5 overlaps the step before, which ends at 10; begin there"}},
		"steps with ends": {steps(ScalingStep{From: number(1), To: number(10)}, ScalingStep{From: number(10), To: number(20), Change: 1}), []string{
			"Scaling.Steps[0].Steps[0].From 1 leaves out all below; leave From out of the first step",
			"Scaling.Steps[0].Steps[1].To 20 leaves out all above; leave To out of the last step",
		}},
		"steps without ends": {steps(ScalingStep{}, ScalingStep{Change: 1}), []string{
			"Scaling.Steps[0].Steps[0].To is missing; give it where the next step begins",
			"Scaling.Steps[0].Steps[1].From is missing; give it where the step before ends",
		}},
		"steps backwards": {steps(ScalingStep{To: number(10)}, ScalingStep{From: number(10), To: number(10), Change: 1}, ScalingStep{From: number(10), Change: 2}), []string{
			"Scaling.Steps[0].Steps[1].To 10 is not above From 10; give a higher one"}},
		"steps below 0": {steps(ScalingStep{To: number(0)}, ScalingStep{From: number(0), Change: 1}), []string{
			"Scaling.Steps[0].Steps[0].To 0 is not above 0; the CDK knows steps from 0 on"}},
		"steps that never rest": {steps(ScalingStep{To: number(10), Change: -1}, ScalingStep{From: number(10), Change: 1}), []string{
			"Scaling.Steps[0].Steps have none with Change 0, so that the number of tasks would never rest; leave the range to keep at 0"}},
		"steps that go both ways": {steps(ScalingStep{To: number(10)}, ScalingStep{From: number(10), To: number(20), Change: 1}, ScalingStep{From: number(20), Change: -1}), []string{
			"Scaling.Steps[0].Steps[2].Change -1 goes another way than the step beside it; remove tasks on one side of the range to keep, and add them on the other"}},
		"two rests": {steps(ScalingStep{To: number(10)}, ScalingStep{From: number(10), To: number(20)}, ScalingStep{From: number(20), Change: 1}), []string{
			"Scaling.Steps[0].Steps[1].Change 0 goes another way than the step beside it; remove tasks on one side of the range to keep, and add them on the other"}},
		"the same on both sides": {steps(ScalingStep{To: number(10), Change: 1}, ScalingStep{From: number(10), To: number(20)}, ScalingStep{From: number(20), Change: 1}), []string{
			"Scaling.Steps[0].Steps change the number of tasks the same way on both sides of the range to keep; remove tasks on one side and add them on the other"}},
		"step policy": {Scaling{MaxCapacity: 4, Steps: []StepScaling{{EvaluationPeriods: -1, Cooldown: 25 * time.Hour}}}, []string{
			"Scaling.Steps[0].Metric is missing; give a metric of CloudWatch",
			"Scaling.Steps[0].EvaluationPeriods -1 is negative; use 1 or more",
			"Scaling.Steps[0].Cooldown 25h0m0s is out of range; use whole seconds from 1s to 24h0m0s",
			"Scaling.Steps[0].Steps are 0; use 2 to 20, of which exactly one leaves Change at 0",
			`Scaling.Steps[0].Name "" is no name; use 1 to 64 letters and digits`,
		}},
		"cron": {at(ScheduledScaling{Schedule: "cron(0 8 * * *)", MinCapacity: new(2)}), []string{
			`Scaling.Schedules[0].Schedule "cron(0 8 * * *)" has 5 fields; cron takes six: minute hour day-of-month month day-of-week year, such as "cron(0 7 ? * MON-FRI *)"`}},
		"time zone": {at(ScheduledScaling{Schedule: "rate(1 day)", TimeZone: "Berlin", MinCapacity: new(2)}), []string{
			`Scaling.Schedules[0].TimeZone must be a time zone of the IANA database such as "Europe/Berlin" or "UTC"; got "Berlin"`}},
		"schedule of nothing": {at(ScheduledScaling{Schedule: "rate(1 day)"}), []string{
			"Scaling.Schedules[0].MinCapacity and MaxCapacity are both missing; give at least one, or the schedule changes nothing"}},
		"schedule upside down": {at(ScheduledScaling{Schedule: "rate(1 day)", MinCapacity: new(2), MaxCapacity: new(-1)}), []string{
			"Scaling.Schedules[0].MaxCapacity -1 is negative; use 0 or more",
			"Scaling.Schedules[0].MaxCapacity -1 is below MinCapacity 2; use 2 or more",
		}},
		"a least above the greatest": {at(ScheduledScaling{Schedule: "rate(1 day)", MinCapacity: new(5)}), []string{
			"Scaling.Schedules[0].MinCapacity 5 may be above the MaxCapacity in force then, 4; give a MaxCapacity too"}},
		"a greatest below the least of another schedule": {Scaling{MaxCapacity: 9, Schedules: []ScheduledScaling{
			{Name: "Morning", Schedule: "rate(1 day)", MinCapacity: new(5)}, {Name: "Night", Schedule: "rate(1 day)", MaxCapacity: new(2)},
		}}, []string{
			"Scaling.Schedules[0].MinCapacity 5 may be above the MaxCapacity in force then, 2; give a MaxCapacity too",
			"Scaling.Schedules[1].MaxCapacity 2 may be below the MinCapacity in force then, 5; give a MinCapacity too",
		}},
		"no greatest":        {Scaling{TargetCpuUtilizationPercent: 50}, []string{"Scaling.MaxCapacity is missing; give the greatest number of tasks, 1 or more"}},
		"to zero and nobody": {Scaling{MaxCapacity: 4, ScaleToZero: true, TargetCpuUtilizationPercent: 50}, []string{"Scaling.ScaleToZero is true and nothing would bring the tasks back; give TargetMetrics, Steps or Schedules"}},
		"to zero and one":    {Scaling{MaxCapacity: 4, MinCapacity: 1, ScaleToZero: true, TargetMetrics: []TargetMetric{{"Queue", anyMetric{}, 1}}}, []string{"Scaling.MinCapacity 1 stands beside ScaleToZero; leave one of them out"}},
		"to zero":            {Scaling{MaxCapacity: 4, ScaleToZero: true, TargetMetrics: []TargetMetric{{"Queue", anyMetric{}, 1}}}, nil},
		"all of it": {Scaling{
			MaxCapacity: 4, TargetCpuUtilizationPercent: 100, TargetMemoryUtilizationPercent: 1, TargetRequestsPerMinute: 1000,
			TargetMetrics: []TargetMetric{{"Backlog", anyMetric{}, 0.5}},
			Steps: []StepScaling{{Name: "Queue", Metric: anyMetric{}, Steps: []ScalingStep{
				{To: number(1), Change: -1}, {From: number(1), To: number(100)}, {From: number(100), To: number(1000), Change: 1}, {From: number(1000), Change: 5},
			}}},
			Schedules: []ScheduledScaling{{Name: "Night", Schedule: "cron(0 22 ? * MON-FRI *)", TimeZone: "Europe/Berlin", MinCapacity: new(0), MaxCapacity: new(0)}},
		}, nil},
		"out alone":                   {steps(ScalingStep{To: number(10)}, ScalingStep{From: number(10), Change: 1}), nil},
		"a metric that falls in load": {steps(ScalingStep{To: number(10), Change: 1}, ScalingStep{From: number(10), To: number(20)}, ScalingStep{From: number(20), Change: -1}), nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			p.Scaling = &c.scaling
			p.setDefaults()
			assertProblems(t, p.validate(), c.want...)
		})
	}

	p := validService()
	p.Exposure, p.Scaling = Exposure{}, &Scaling{MaxCapacity: 2, TargetRequestsPerMinute: 10}
	p.setDefaults()
	assertProblems(t, p.validate(),
		"Scaling.TargetRequestsPerMinute 10 has no Application Load Balancer to count requests, and others see none; give the service an Exposure.Alb, or use CPU or memory")
	p = validService()
	p.Deployment.Strategy, p.Scaling = "BLUE_GREEN", &Scaling{MaxCapacity: 2, TargetRequestsPerMinute: 10}
	p.setDefaults()
	assertProblems(t, p.validate(),
		"Scaling.TargetRequestsPerMinute 10 counts the requests of one target group, and the deployment's Strategy moves them to another; use CPU or memory")
}

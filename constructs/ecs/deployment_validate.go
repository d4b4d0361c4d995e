package ecs

import (
	"math"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

const (
	defaultMinHealthy = 100
	defaultMaxHealthy = 200
	defaultBakeTime   = 5 * time.Minute
	maxBakeTime       = 24 * time.Hour
	// maxShiftTime is how long CloudFormation lets a deployment by steps take.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-linearconfiguration.html
	maxShiftTime = 33 * time.Hour
)

var strategies = []awsecs.DeploymentStrategy{
	awsecs.DeploymentStrategy_ROLLING, awsecs.DeploymentStrategy_BLUE_GREEN, awsecs.DeploymentStrategy_LINEAR, awsecs.DeploymentStrategy_CANARY,
}

var stages = []awsecs.DeploymentLifecycleStage{
	awsecs.DeploymentLifecycleStage_RECONCILE_SERVICE, awsecs.DeploymentLifecycleStage_PRE_SCALE_UP,
	awsecs.DeploymentLifecycleStage_POST_SCALE_UP, awsecs.DeploymentLifecycleStage_TEST_TRAFFIC_SHIFT,
	awsecs.DeploymentLifecycleStage_POST_TEST_TRAFFIC_SHIFT, awsecs.DeploymentLifecycleStage_PRODUCTION_TRAFFIC_SHIFT,
	awsecs.DeploymentLifecycleStage_POST_PRODUCTION_TRAFFIC_SHIFT,
}

// shiftsTraffic reports whether the deployment moves traffic between two versions, at a load balancer between two target groups.
func (d *Deployment) shiftsTraffic() bool { return d.Strategy != awsecs.DeploymentStrategy_ROLLING }

// hasSteps reports whether it does so in steps.
func (d *Deployment) hasSteps() bool {
	return d.Strategy == awsecs.DeploymentStrategy_LINEAR || d.Strategy == awsecs.DeploymentStrategy_CANARY
}

func (d *Deployment) setDefaults(isDaemon bool) {
	opt.Default(&d.Strategy, awsecs.DeploymentStrategy_ROLLING)
	minHealthy, maxHealthy := defaultMinHealthy, defaultMaxHealthy
	if isDaemon {
		minHealthy, maxHealthy = 0, 100
	}
	if d.MinHealthyPercent == nil {
		d.MinHealthyPercent = &minHealthy
	}
	opt.Default(&d.MaxHealthyPercent, maxHealthy)
	if d.BakeTime == nil && d.shiftsTraffic() {
		d.BakeTime = new(defaultBakeTime)
	}
	stepPercent, stepBakeTime := 10.0, 6*time.Minute
	if d.Strategy == awsecs.DeploymentStrategy_CANARY {
		stepPercent, stepBakeTime = 5, 10*time.Minute
	}
	if d.StepPercent == 0 && d.hasSteps() {
		d.StepPercent = stepPercent
	}
	if d.StepBakeTime == nil && d.hasSteps() {
		d.StepBakeTime = &stepBakeTime
	}
}

// deployedService is what a Deployment must know of its service.
type deployedService struct {
	tasks           int  // that a deployment finds at least, 0 if that isn't known
	albRules        int  // of Exposure.Alb
	hasOtherTraffic bool // of Exposure.Nlb or Exposure.ServiceConnect
	isDaemon        bool
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
func (d *Deployment) validate(s deployedService) error {
	var bad invalid.Problems
	check.Range("MinHealthyPercent", *d.MinHealthyPercent, 0, 100, &bad)
	check.Range("MaxHealthyPercent", d.MaxHealthyPercent, 100, 200, &bad)
	d.validateRoom(s, &bad)
	if d.RollbackOnErrors && s.albRules == 0 {
		bad.Add("RollbackOnErrors", "requires Exposure.Alb, because only an Application Load Balancer counts errors").Advise("use RollbackAlarms")
	}
	check.NoNil("RollbackAlarms", d.RollbackAlarms, "an alarm", &bad)
	if !slices.Contains(strategies, d.Strategy) {
		check.Known("Strategy", d.Strategy, strategies, &bad)
		return bad.Err()
	}
	if s.isDaemon && d.shiftsTraffic() {
		bad.Add("Strategy", "must be %q with Daemon, because an instance has room for one version", awsecs.DeploymentStrategy_ROLLING).
			Given(d.Strategy)
	}
	if d.shiftsTraffic() && s.albRules == 0 && !s.hasOtherTraffic {
		bad.Add("Strategy", "requires traffic to shift, of Exposure.Alb, Exposure.Nlb or ServiceConnect.Services").Given(d.Strategy).
			Advise("set one of them, or use %q", awsecs.DeploymentStrategy_ROLLING)
	}
	d.validateTimes(&bad)
	if d.hasSteps() && !d.RollbackOnErrors && len(d.RollbackAlarms) == 0 && len(d.LifecycleHooks) == 0 {
		bad.Add("Strategy", "requires RollbackOnErrors, RollbackAlarms or LifecycleHooks: with it ECS has no circuit breaker").Given(d.Strategy)
	}
	d.validateHooks(&bad)
	return bad.Err()
}

// validateRoom refuses percentages that let no task be replaced. ECS rounds MinHealthyPercent up and MaxHealthyPercent down.
func (d *Deployment) validateRoom(s deployedService, bad *invalid.Problems) {
	if s.isDaemon {
		if d.MaxHealthyPercent != 100 || *d.MinHealthyPercent == 100 {
			bad.Add("MaxHealthyPercent", "must be 100 and MinHealthyPercent less than 100 with Daemon: "+
				"the old task must end before the new one starts on its instance").Given([]int{d.MaxHealthyPercent, *d.MinHealthyPercent})
		}
		return
	}
	minRunning, maxRunning := (s.tasks**d.MinHealthyPercent+99)/100, s.tasks*d.MaxHealthyPercent/100
	if s.tasks > 0 && minRunning >= s.tasks && maxRunning <= s.tasks {
		bad.Add("MaxHealthyPercent", "must leave room to replace one of %d tasks with MinHealthyPercent %d", s.tasks, *d.MinHealthyPercent).
			Given(d.MaxHealthyPercent).Advise("raise it or lower MinHealthyPercent")
	}
}

func (d *Deployment) validateTimes(bad *invalid.Problems) {
	if !d.shiftsTraffic() && d.BakeTime != nil {
		bad.Add("BakeTime", "requires Strategy BLUE_GREEN, LINEAR or CANARY").Given(d.Strategy)
	}
	if !d.hasSteps() && d.StepPercent != 0 {
		bad.Add("StepPercent", "requires Strategy LINEAR or CANARY").Given(d.Strategy)
	}
	if !d.hasSteps() && d.StepBakeTime != nil {
		bad.Add("StepBakeTime", "requires Strategy LINEAR or CANARY").Given(d.Strategy)
	}
	checkMinutes("BakeTime", d.BakeTime, bad)
	checkMinutes("StepBakeTime", d.StepBakeTime, bad)
	if !d.hasSteps() {
		return
	}
	minStep := 3.0
	if d.Strategy == awsecs.DeploymentStrategy_CANARY {
		minStep = 0.1
	}
	tenths := d.StepPercent * 10
	switch {
	case d.StepPercent < minStep || d.StepPercent > 100 || math.Abs(tenths-math.Round(tenths)) > 1e-9:
		bad.Add("StepPercent", "must be from %.1f to 100.0 in steps of 0.1 with Strategy %s", minStep, d.Strategy).Given(d.StepPercent)
	case d.totalBakeTime() > maxShiftTime:
		bad.Add("StepBakeTime", "must keep the waiting time of a deployment, BakeTime included, within CloudFormation's limit of %v", maxShiftTime).
			Given(d.totalBakeTime()).Advise("shorten them or raise StepPercent")
	}
}

// totalBakeTime is how long a deployment waits in all.
func (d *Deployment) totalBakeTime() time.Duration {
	steps := 1.0
	if d.Strategy == awsecs.DeploymentStrategy_LINEAR {
		// The last step, to 100 %, is followed by BakeTime instead. In tenths, which are whole numbers.
		steps = math.Ceil(1000/math.Round(d.StepPercent*10)) - 1
	}
	return *d.BakeTime + time.Duration(steps)**d.StepBakeTime
}

func (d *Deployment) validateHooks(bad *invalid.Problems) {
	if len(d.LifecycleHooks) > 0 && !d.shiftsTraffic() {
		bad.Add("LifecycleHooks", "requires Strategy BLUE_GREEN, LINEAR or CANARY").Given(d.Strategy)
	}
	for i, hook := range d.LifecycleHooks {
		field := check.Index("LifecycleHooks", i)
		if hook.Function == nil {
			bad.Add(field+".Function", "is required")
		}
		if len(hook.Stages) == 0 {
			bad.Add(field+".Stages", "requires at least one of %s", check.OneOf(stages))
		}
		for j, stage := range hook.Stages {
			check.Known(field+"."+check.Index("Stages", j), stage, stages, bad)
		}
	}
}

func checkMinutes(field string, d *time.Duration, bad *invalid.Problems) {
	if d != nil && (*d < 0 || *d > maxBakeTime || *d%time.Minute != 0) {
		bad.Add(field, "must be whole minutes from 0 to %v", maxBakeTime).Given(*d)
	}
}

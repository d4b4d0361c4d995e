package ecs

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/annotate"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/ids"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/taskrole"
)

// Deployment is how a new version takes over.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service-options.html
type Deployment struct {
	// Strategy is awsecs.DeploymentStrategy_ROLLING, which replaces tasks a few at a time, or one that starts the new version
	// beside the old one and then shifts the traffic of Exposure.Alb, Exposure.Nlb and Exposure.ServiceConnect: _BLUE_GREEN at once,
	// _LINEAR in equal steps, _CANARY a small share first. Those need one of the three and double the tasks while they last;
	// Exposure.Nlb makes each shift take ten minutes more. After each deployment the traffic of a load balancer is on the other of
	// two target groups. CloudFormation does not know: when it changes a rule of Exposure.Alb (listener, conditions, priority), a
	// listener of Exposure.Nlb, or the strategy is taken back to ROLLING, all traffic goes to the first group. Do that only while
	// the tasks are there; one more deployment brings them back. Default: ROLLING.
	Strategy awsecs.DeploymentStrategy
	// MinHealthyPercent is how much of the desired count keeps running while tasks are replaced. Default: 100, or 0 for a Daemon,
	// whose old task must end before the new one starts.
	MinHealthyPercent *int
	// MaxHealthyPercent is how much may run at the same time, up to 200. Default: 200, or 100 for a Daemon, which takes no other.
	MaxHealthyPercent int
	// DisableCircuitBreaker keeps trying a version whose tasks do not start; it can take hours until CloudFormation gives
	// up. Default: false, ECS gives up after a few tasks and rolls back to the version that worked. LINEAR and CANARY have no
	// circuit breaker, and AWS's pages disagree about BLUE_GREEN, which keeps it: all three require RollbackOnErrors, RollbackAlarms,
	// LifecycleHooks, SmokeTest or Approval.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-failure-detection.html
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentCircuitBreaker.html
	DisableCircuitBreaker bool
	// CircuitBreaker sets after how many failed tasks ECS gives up. Not with LINEAR or CANARY. Default: see CircuitBreaker.
	CircuitBreaker CircuitBreaker
	// Nonce starts a new deployment whenever it changes, even if nothing else does: of an image that was pushed with the same tag, or on the
	// newest platform version. A timestamp or a number will do. Changing it back starts another deployment. Default: none.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-forcenewdeployment.html
	Nonce string

	// RollbackOnErrors rolls a deployment back if too many requests to a target group of Exposure.Alb fail, as ErrorRate sets. A request
	// fails if a task answers with 5xx or refuses the connection, or if the load balancer answers 502, 503 or 504 in its place. It
	// doesn't hear errors of gRPC, which are answers with 200, nor requests to a group without any task. ECS ignores an alarm that
	// already fires when the deployment starts. Default: false.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
	RollbackOnErrors bool
	// ErrorRate sets how many failed requests RollbackOnErrors tolerates. Default: see ErrorRate.
	ErrorRate ErrorRate
	// RollbackAlarms are alarms of your own that do the same. They must not refer to this service, as the metrics of its CPU
	// and memory do: CloudFormation could make neither first. Default: none.
	RollbackAlarms []awscloudwatch.IAlarm

	// BakeTime is how long both versions stay after all traffic has shifted, in whole minutes up to 24 h: a rollback is then
	// a matter of seconds. 0 is allowed. Default: 5 minutes with a Strategy that shifts traffic.
	BakeTime *time.Duration
	// StepPercent is the share of traffic that LINEAR shifts in each step, 3.0 to 100.0, or that CANARY tries first, 0.1 to
	// 100.0, in tenths of a percent. Default: 10 for LINEAR, 5 for CANARY.
	StepPercent float64
	// StepBakeTime is the time between two steps, or that of the canary, in whole minutes up to 24 h. 0 is allowed. Together with
	// BakeTime a deployment may wait 33 h. Default: 6 minutes for LINEAR, 10 for CANARY.
	StepBakeTime *time.Duration
	// LifecycleHooks are functions that approve or refuse a deployment on its way, such as tests against TestListener, or by
	// Service Connect with the header x-amzn-ecs-blue-green-test. Only with a Strategy that shifts traffic. Default: none.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-blue-green.html
	LifecycleHooks []LifecycleHook

	// Migration is a task that must succeed before the first task of the new version starts, such as a database migration. If it fails,
	// ECS rolls the deployment back. It runs once in each deployment, including a rollback by CloudFormation, so it must be safe to
	// repeat. The old version serves meanwhile, and after a rollback, so it must work with the migrated data. Give the migration's task
	// the service's image. It requires a Strategy that shifts traffic. Default: nil, none.
	Migration *DeploymentTask
	// SmokeTest is a task that must succeed before the new version gets its first request, such as one that sends requests to the
	// TestListener of Exposure.Alb[0], which all test traffic reaches by then. The listener must let it in: see "Before the new version
	// serves" in the README. Only with a Strategy that shifts traffic, and with a TestListener, or a gateway's TestHeader. Default: nil, none.
	SmokeTest *DeploymentTask
	// Approval pauses the deployment until somebody continues it, after SmokeTest with BLUE_GREEN, and while it runs with LINEAR and CANARY.
	// Only with a Strategy that shifts traffic: AWS documents no stages of a ROLLING deployment. Default: nil, none.
	Approval *Approval
}

// LifecycleHook is a Lambda function that ECS calls during a deployment, and that answers {"hookStatus": "SUCCEEDED"},
// "FAILED" or "IN_PROGRESS", after which it is called again.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html
type LifecycleHook struct {
	// Function is what to call. Required.
	Function awslambda.IFunction
	// Stages are when: awsecs.DeploymentLifecycleStage_POST_TEST_TRAFFIC_SHIFT and the like. Required: at least one.
	Stages []awsecs.DeploymentLifecycleStage
}

// render puts the deployment into the props of the CDK's service.
func (d *Deployment) render(p *awsecs.FargateServiceProps) {
	// ECS takes a circuit breaker with BLUE_GREEN: https://github.com/hashicorp/terraform-provider-aws/pull/43434 tests it.
	hasBreaker := !d.DisableCircuitBreaker && !d.hasSteps()
	p.CircuitBreaker = &awsecs.DeploymentCircuitBreaker{Enable: &hasBreaker, Rollback: &hasBreaker}
	p.MinHealthyPercent = jsii.Number(*d.MinHealthyPercent)
	p.MaxHealthyPercent = jsii.Number(d.MaxHealthyPercent)
	if !d.shiftsTraffic() {
		return // ROLLING is the default
	}
	p.DeploymentStrategy = d.Strategy
	p.BakeTime = minutes(*d.BakeTime)
	if !d.hasSteps() {
		return
	}
	step := &awsecs.TrafficShiftConfig{StepPercent: &d.StepPercent, StepBakeTime: minutes(*d.StepBakeTime)}
	if d.Strategy == awsecs.DeploymentStrategy_LINEAR {
		p.LinearConfiguration = step
	} else {
		p.CanaryConfiguration = step
	}
}

func minutes(d time.Duration) awscdk.Duration {
	return awscdk.Duration_Minutes(jsii.Number(d.Minutes()))
}

// trafficShiftRole is the role that may change what listeners and their rules forward to, and that no other service may take.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html
func (s *Service) trafficShiftRole() awsiam.Role {
	if s.trafficRole == nil {
		s.trafficRole = awsiam.NewRole(s, jsii.String("TrafficRole"), &awsiam.RoleProps{
			Description: describe.Of("Shifts the traffic of", s.path),
			AssumedBy:   awsiam.NewServicePrincipal(jsii.String(taskrole.Ecs), nil),
			ManagedPolicies: &[]awsiam.IManagedPolicy{
				awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("AmazonECSInfrastructureRolePolicyForLoadBalancers")),
			},
		})
		nag.Suppress(s.trafficRole, "AwsSolutions-IAM4", "The policy that AWS names for this role; it follows what ECS needs of load balancers",
			"Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers")
	}
	return s.trafficRole
}

// lifecycleHooks are called under a role of their own, which may call just these functions.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-permissions.html
func (s *Service) lifecycleHooks(d *Deployment) *[]awsecs.IDeploymentLifecycleHookTarget {
	if len(d.LifecycleHooks) == 0 {
		return nil
	}
	role := s.hookCaller()
	var hooks []awsecs.IDeploymentLifecycleHookTarget
	for i, hook := range d.LifecycleHooks {
		// Not GrantInvoke, which adds every version of the function: ECS calls the one that it was given.
		role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings("lambda:InvokeFunction"), Resources: &[]*string{hook.Function.FunctionArn()},
		}))
		hooks = append(hooks, awsecs.NewDeploymentLifecycleLambdaTarget(hook.Function, jsii.String("Hook"+ids.Suffix(i)),
			&awsecs.DeploymentLifecycleLambdaTargetProps{LifecycleStages: new(slices.Clone(hook.Stages)), Role: role}))
	}
	return &hooks
}

// hookCaller is the role under which ECS calls hooks.
func (s *Service) hookCaller() awsiam.Role {
	if s.hookRole == nil {
		s.hookRole = awsiam.NewRole(s, jsii.String("HookRole"), &awsiam.RoleProps{
			Description: describe.Of("Calls the deployment hooks of", s.path),
			AssumedBy:   awsiam.NewServicePrincipal(jsii.String(taskrole.Ecs), nil),
		})
	}
	return s.hookRole
}

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
	awsecs.DeploymentStrategy_ROLLING, awsecs.DeploymentStrategy_BLUE_GREEN,
	awsecs.DeploymentStrategy_LINEAR, awsecs.DeploymentStrategy_CANARY,
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
	if d.RollbackOnErrors {
		d.ErrorRate.setDefaults()
	}
	d.setStepDefaults()
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
	switch {
	case d.RollbackOnErrors:
		bad.Nest("ErrorRate", d.ErrorRate.validate())
	case d.ErrorRate != ErrorRate{}:
		bad.Add("ErrorRate", "requires RollbackOnErrors").Advise("set it, or remove ErrorRate")
	}
	d.validateBreaker(&bad)
	check.NoNil("RollbackAlarms", d.RollbackAlarms, "an alarm", &bad)
	if !slices.Contains(strategies, d.Strategy) {
		check.Known("Strategy", d.Strategy, strategies, &bad)
		return bad.Err()
	}
	if d.shiftsTraffic() {
		d.validateShift(s, &bad)
	}
	d.validateTimes(&bad)
	d.validateHooks(&bad)
	d.validateSteps(&bad)
	return bad.Err()
}

// validateShift refuses traffic that can't shift, and a shift that nothing would end.
func (d *Deployment) validateShift(s deployedService, bad *invalid.Problems) {
	switch {
	case s.isDaemon:
		bad.Add("Strategy", "must be %q with Daemon, because an instance has room for one version", awsecs.DeploymentStrategy_ROLLING).
			Given(d.Strategy)
	case s.albRules == 0 && !s.hasOtherTraffic:
		bad.Add("Strategy", "requires Exposure.Alb, Exposure.Nlb, Exposure.Gateway or ServiceConnect.Services, whose traffic it shifts").
			Given(d.Strategy).
			Advise("set one of them, or use %q", awsecs.DeploymentStrategy_ROLLING)
	case !d.RollbackOnErrors && len(d.RollbackAlarms) == 0 && !d.validatesVersion():
		bad.Add("Strategy", "requires RollbackOnErrors, RollbackAlarms, LifecycleHooks, SmokeTest or Approval, because AWS doesn't promise a "+
			"circuit breaker for it").
			Given(d.Strategy)
	}
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
		bad.Add("StepBakeTime", "must keep a deployment's total waiting time, including BakeTime, within CloudFormation's limit of %v",
			maxShiftTime).Given(d.totalBakeTime()).Advise("shorten them or raise StepPercent")
	}
}

// minWatch is what an alarm needs to hear of errors: the minute in which they happen, that of the metric, and that of the evaluation.
const minWatch = 3 * time.Minute

// minWatch is what it takes until an alarm of the deployment can fire: with several periods, each but the last in full.
func (d *Deployment) minWatch() time.Duration {
	if !d.RollbackOnErrors || len(d.RollbackAlarms) > 0 {
		return minWatch
	}
	return minWatch + time.Duration(d.ErrorRate.EvaluationPeriods-1)*d.ErrorRate.Period
}

// warnOfBlindAlarms says so if a deployment that only alarms could end is over before they hear anything.
func (d *Deployment) warnOfBlindAlarms(s *Service) {
	if !d.shiftsTraffic() || d.validatesVersion() {
		return
	}
	field, watch := "BakeTime", *d.BakeTime
	switch d.Strategy {
	case awsecs.DeploymentStrategy_CANARY:
		field, watch = "StepBakeTime", *d.StepBakeTime
	case awsecs.DeploymentStrategy_LINEAR:
		watch = d.totalBakeTime()
	}
	if needed := d.minWatch(); watch < needed {
		annotate.Warning(s, "blind-alarms", fmt.Sprintf("Deployment.%s of %s is over before an alarm can hear of errors, which takes %v; set "+
			"it to %v or longer, or add LifecycleHooks", field, s.path, needed, needed))
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

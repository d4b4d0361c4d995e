package ecs

import (
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
	"awscontainers/constructs/notify"
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
	// up. Default: false, ECS gives up after a few tasks and goes back to the version that worked. LINEAR and CANARY have no
	// circuit breaker: they require RollbackOnErrors, RollbackAlarms or LifecycleHooks.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-failure-detection.html
	DisableCircuitBreaker bool

	// RollbackOnErrors goes back to the version before when the tasks of Exposure.Alb answer ten times a minute or more with
	// 5xx while a deployment lasts. Default: false.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
	RollbackOnErrors bool
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

const (
	defaultMinHealthy = 100
	defaultMaxHealthy = 200
	defaultBakeTime   = 5 * time.Minute
	maxBakeTime       = 24 * time.Hour
	// How long CloudFormation lets a deployment by steps take.
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

// shifts tells whether the deployment moves traffic between two versions, at a load balancer between two target groups.
func (d *Deployment) shifts() bool { return d.Strategy != awsecs.DeploymentStrategy_ROLLING }

// steps tells whether it does so in steps.
func (d *Deployment) steps() bool {
	return d.Strategy == awsecs.DeploymentStrategy_LINEAR || d.Strategy == awsecs.DeploymentStrategy_CANARY
}

func (d *Deployment) setDefaults(daemon bool) {
	opt.Default(&d.Strategy, awsecs.DeploymentStrategy_ROLLING)
	if daemon {
		opt.Default(&d.MaxHealthyPercent, 100)
		if d.MinHealthyPercent == nil {
			d.MinHealthyPercent = new(0)
		}
	}
	opt.Default(&d.MaxHealthyPercent, defaultMaxHealthy)
	if d.MinHealthyPercent == nil {
		d.MinHealthyPercent = new(defaultMinHealthy)
	}
	if d.BakeTime == nil && d.shifts() {
		d.BakeTime = new(defaultBakeTime)
	}
	if d.StepPercent == 0 && d.steps() {
		d.StepPercent = 10
		if d.Strategy == awsecs.DeploymentStrategy_CANARY {
			d.StepPercent = 5
		}
	}
	if d.StepBakeTime == nil && d.steps() {
		d.StepBakeTime = new(6 * time.Minute)
		if d.Strategy == awsecs.DeploymentStrategy_CANARY {
			d.StepBakeTime = new(10 * time.Minute)
		}
	}
}

// validate takes the number of tasks, of which ECS rounds MinHealthyPercent up and MaxHealthyPercent down, and of load balancer rules,
// whether others call the service by Service Connect, and whether it is a daemon.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
func (d *Deployment) validate(tasks, rules int, called, daemon bool) error {
	var bad invalid.Problems
	if *d.MinHealthyPercent < 0 || *d.MinHealthyPercent > 100 {
		bad.Add("MinHealthyPercent", "%d is out of range; use 0 to 100", *d.MinHealthyPercent)
	}
	if d.MaxHealthyPercent < 100 || d.MaxHealthyPercent > 200 {
		bad.Add("MaxHealthyPercent", "%d is out of range; use 100 to 200", d.MaxHealthyPercent)
	}
	if daemon && (d.MaxHealthyPercent != 100 || *d.MinHealthyPercent == 100) {
		bad.Add("MaxHealthyPercent", "%d beside MinHealthyPercent %d leaves a daemon's old task no way to end before the new one starts on its instance; use 100 and less than 100",
			d.MaxHealthyPercent, *d.MinHealthyPercent)
	}
	if daemon && d.shifts() {
		bad.Add("Strategy", "%q runs two versions side by side, of which an instance has room for one; use %q", d.Strategy, awsecs.DeploymentStrategy_ROLLING)
	}
	if least, most := (tasks**d.MinHealthyPercent+99)/100, tasks*d.MaxHealthyPercent/100; tasks > 0 && least >= tasks && most <= tasks {
		bad.Add("MaxHealthyPercent", "%d beside MinHealthyPercent %d leaves no room to replace one of %d tasks; raise it or lower MinHealthyPercent",
			d.MaxHealthyPercent, *d.MinHealthyPercent, tasks)
	}
	if d.RollbackOnErrors && rules == 0 {
		bad.Add("RollbackOnErrors", "has no Application Load Balancer to count errors, and others see none; give the service an Exposure.Alb, or use RollbackAlarms")
	}
	for i, alarm := range d.RollbackAlarms {
		if alarm == nil {
			bad.Add(check.Index("RollbackAlarms", i), "is nil; leave it out or give an alarm")
		}
	}
	if !slices.Contains(strategies, d.Strategy) {
		bad.Add("Strategy", "%q is unknown; use %s", d.Strategy, check.OneOf(strategies))
		return bad.Err()
	}
	d.validateShift(rules > 0 || called, &bad)
	if d.steps() && !d.RollbackOnErrors && len(d.RollbackAlarms) == 0 && len(d.LifecycleHooks) == 0 {
		bad.Add("Strategy", "%q has no circuit breaker and nothing else to end a bad deployment; set RollbackOnErrors, or give RollbackAlarms or LifecycleHooks", d.Strategy)
	}
	d.validateHooks(&bad)
	return bad.Err()
}

func (d *Deployment) validateShift(traffic bool, bad *invalid.Problems) {
	if d.shifts() && !traffic {
		bad.Add("Strategy", "%q has no traffic to shift; give the service an Exposure.Alb, an Exposure.Nlb or ServiceConnect.Services, or use %q", d.Strategy, awsecs.DeploymentStrategy_ROLLING)
	}
	if !d.shifts() && d.BakeTime != nil {
		bad.Add("BakeTime", "%v belongs to a Strategy that shifts traffic; leave it out for %q", *d.BakeTime, d.Strategy)
	}
	if !d.steps() && d.StepPercent != 0 {
		bad.Add("StepPercent", "%v belongs to %q and %q; leave it out for %q", d.StepPercent, awsecs.DeploymentStrategy_LINEAR, awsecs.DeploymentStrategy_CANARY, d.Strategy)
	}
	if !d.steps() && d.StepBakeTime != nil {
		bad.Add("StepBakeTime", "%v belongs to %q and %q; leave it out for %q", *d.StepBakeTime, awsecs.DeploymentStrategy_LINEAR, awsecs.DeploymentStrategy_CANARY, d.Strategy)
	}
	checkMinutes("BakeTime", d.BakeTime, bad)
	checkMinutes("StepBakeTime", d.StepBakeTime, bad)
	least := 3.0
	if d.Strategy == awsecs.DeploymentStrategy_CANARY {
		least = 0.1
	}
	if tenths := d.StepPercent * 10; d.steps() && (d.StepPercent < least || d.StepPercent > 100 || math.Abs(tenths-math.Round(tenths)) > 1e-9) {
		bad.Add("StepPercent", "%v is out of range; use %.1f to 100.0 in tenths for %q", d.StepPercent, least, d.Strategy)
	} else if d.steps() && d.bakes() > maxShiftTime {
		bad.Add("StepBakeTime", "%v makes a deployment wait %v in all, with BakeTime %v; CloudFormation takes %v, so shorten them or raise StepPercent",
			*d.StepBakeTime, d.bakes(), *d.BakeTime, maxShiftTime)
	}
}

// bakes is how long a deployment waits in all.
func (d *Deployment) bakes() time.Duration {
	steps := 1.0
	if d.Strategy == awsecs.DeploymentStrategy_LINEAR {
		// The last step, to 100 %, is followed by BakeTime instead. In tenths, which are whole numbers.
		steps = math.Ceil(1000/math.Round(d.StepPercent*10)) - 1
	}
	return *d.BakeTime + time.Duration(steps)**d.StepBakeTime
}

func (d *Deployment) validateHooks(bad *invalid.Problems) {
	if len(d.LifecycleHooks) > 0 && !d.shifts() {
		bad.Add("LifecycleHooks", "belong to a Strategy that shifts traffic; leave them out for %q", d.Strategy)
	}
	for i, hook := range d.LifecycleHooks {
		field := check.Index("LifecycleHooks", i)
		if hook.Function == nil {
			bad.Add(field+".Function", "is missing; give a Lambda function")
		}
		if len(hook.Stages) == 0 {
			bad.Add(field+".Stages", "is empty; give at least one of %s", check.OneOf(stages))
		}
		for _, stage := range hook.Stages {
			if !slices.Contains(stages, stage) {
				bad.Add(field+".Stages", "%q is unknown; use %s", stage, check.OneOf(stages))
			}
		}
	}
}

func checkMinutes(field string, d *time.Duration, bad *invalid.Problems) {
	if d != nil && (*d < 0 || *d > maxBakeTime || *d%time.Minute != 0) {
		bad.Add(field, "%v is out of range; use whole minutes from 0 to %v", *d, maxBakeTime)
	}
}

// render puts the deployment into the props of the CDK's service.
func (d *Deployment) render(p *awsecs.FargateServiceProps) {
	breaks := !d.DisableCircuitBreaker && !d.steps()
	p.CircuitBreaker = &awsecs.DeploymentCircuitBreaker{Enable: &breaks, Rollback: &breaks}
	p.MinHealthyPercent = jsii.Number(*d.MinHealthyPercent)
	p.MaxHealthyPercent = jsii.Number(d.MaxHealthyPercent)
	if !d.shifts() {
		return // ROLLING is the default
	}
	p.DeploymentStrategy = d.Strategy
	p.BakeTime = minutes(*d.BakeTime)
	if !d.steps() {
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

// rollbackAlarms are the names of the alarms that end a deployment, nil without any.
func (s *Service) rollbackAlarms(d *Deployment) *awsecs.DeploymentAlarmConfig {
	var names []*string
	for _, alarm := range d.RollbackAlarms {
		names = append(names, alarm.AlarmName())
	}
	if d.RollbackOnErrors {
		for i := range s.targets {
			props := errorsAlarm(&s.targets[i])
			// Quicker than the mail to the person on call: bad versions show within a minute or two.
			props.EvaluationPeriods = 2
			props.Description = "Tasks answer with 5xx: ends a deployment of " + s.path
			names = append(names, notify.NewAlarm(s, "RollbackAlarm"+ids.Suffix(i), &props).AlarmName())
		}
	}
	if len(names) == 0 {
		return nil
	}
	return &awsecs.DeploymentAlarmConfig{AlarmNames: &names, Behavior: awsecs.AlarmBehavior_ROLLBACK_ON_ALARM}
}

// shiftsTraffic is the role that may change what listeners and their rules forward to, and that no other service may take.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html
func (s *Service) shiftsTraffic() awsiam.Role {
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

// alternateTarget is what ECS needs to move a target's traffic: the second group, the rules, and the role.
func (s *Service) alternateTarget(t *target) awsecs.IAlternateTarget {
	props := &awsecs.AlternateTargetProps{
		AlternateTargetGroup: t.alternate,
		ProductionListener:   awsecs.ListenerRuleConfiguration_ApplicationListenerRule(t.production),
		Role:                 s.shiftsTraffic(),
	}
	if t.tests != nil {
		props.TestListener = awsecs.ListenerRuleConfiguration_ApplicationListenerRule(t.tests)
	}
	return awsecs.NewAlternateTarget(jsii.String("AlternateTarget"), props)
}

// hooks are called under a role of their own, which may call just these functions.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-permissions.html
func (s *Service) hooks(d *Deployment) *[]awsecs.IDeploymentLifecycleHookTarget {
	if len(d.LifecycleHooks) == 0 {
		return nil
	}
	role := awsiam.NewRole(s, jsii.String("HookRole"), &awsiam.RoleProps{
		Description: describe.Of("Calls the deployment hooks of", s.path),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String(taskrole.Ecs), nil),
	})
	var hooks []awsecs.IDeploymentLifecycleHookTarget
	for i, hook := range d.LifecycleHooks {
		// Not GrantInvoke, which adds every version of the function: ECS calls the one that it was given.
		role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings("lambda:InvokeFunction"), Resources: &[]*string{hook.Function.FunctionArn()},
		}))
		hooks = append(hooks, awsecs.NewDeploymentLifecycleLambdaTarget(hook.Function, jsii.String("Hook"+ids.Suffix(i)),
			&awsecs.DeploymentLifecycleLambdaTargetProps{LifecycleStages: new(slices.Clone(hook.Stages)), Role: role}))
	}
	s.hookRole = role
	return &hooks
}

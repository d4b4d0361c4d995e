package ecs

import (
	_ "embed" // the function's code
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/taskrole"
)

// DeploymentTask is a task that runs once in each deployment, and that must succeed for the deployment to go on. It runs where the
// service's tasks run: in its cluster and subnets, on its Capacity if it can run there, and, if it has network interfaces of its own, with
// its security groups.
type DeploymentTask struct {
	// Task is the task to run, in the service's stack, such as one with the service's image and another command. Required.
	Task *Task
	// ContainerName is the container that must end with exit code 0. Default: the task's first.
	ContainerName string
	// Timeout is how long the task may take, in whole minutes up to 23 h. A task that takes longer is stopped and has failed.
	// Default: 1 h.
	Timeout time.Duration
}

// Approval is a pause of each deployment, until somebody continues it or rolls it back.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
type Approval struct {
	// Timeout is how long a deployment waits, in whole minutes. With the other times of a deployment it must stay within
	// CloudFormation's limit of 33 h. Default: 24 h.
	Timeout time.Duration
	// ContinueOnTimeout continues the deployment then. Default: false, it is rolled back.
	ContinueOnTimeout bool
}

const (
	defaultStepTimeout     = time.Hour
	defaultApprovalTimeout = 24 * time.Hour
	// stepReserve is how much longer ECS waits for the function than the function for its task. ECS waits 24 h at most:
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
	stepReserve    = 5 * time.Minute
	maxStepTimeout = 23 * time.Hour
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
	maxLambdaHooks = 10
)

// preProductionTrafficShift is a stage that the CDK's enumeration lacks.
const preProductionTrafficShift awsecs.DeploymentLifecycleStage = "PRE_PRODUCTION_TRAFFIC_SHIFT"

// deploymentStep is a DeploymentTask with its name, which is the field of Deployment and the construct's id, and its stage.
type deploymentStep struct {
	name  string
	stage awsecs.DeploymentLifecycleStage
	*DeploymentTask
}

// steps are the tasks of a deployment, in the order in which they run.
func (d *Deployment) steps() (steps []deploymentStep) {
	for _, s := range []deploymentStep{
		{"Migration", awsecs.DeploymentLifecycleStage_PRE_SCALE_UP, d.Migration},
		{"SmokeTest", awsecs.DeploymentLifecycleStage_POST_TEST_TRAFFIC_SHIFT, d.SmokeTest},
	} {
		if s.DeploymentTask != nil {
			steps = append(steps, s)
		}
	}
	return steps
}

// approvalStage is the last stage before the first request. ECS passes PRE_PRODUCTION_TRAFFIC_SHIFT once with BLUE_GREEN, but before each
// step of LINEAR and CANARY.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html
func (d *Deployment) approvalStage(hasTestTraffic bool) awsecs.DeploymentLifecycleStage {
	switch {
	case !d.hasSteps():
		return preProductionTrafficShift
	case hasTestTraffic:
		return awsecs.DeploymentLifecycleStage_POST_TEST_TRAFFIC_SHIFT
	default:
		return awsecs.DeploymentLifecycleStage_POST_SCALE_UP
	}
}

func (d *Deployment) setStepDefaults() {
	for _, step := range []**DeploymentTask{&d.Migration, &d.SmokeTest} {
		if *step == nil {
			continue
		}
		s := **step
		s.Task = check.MadeOrNil(s.Task)
		opt.Default(&s.Timeout, defaultStepTimeout)
		if s.ContainerName == "" && s.Task != nil {
			s.ContainerName = s.Task.ContainerNames()[0]
		}
		*step = &s
	}
	if d.Approval != nil {
		a := *d.Approval
		opt.Default(&a.Timeout, defaultApprovalTimeout)
		d.Approval = &a
	}
}

// validatesVersion reports whether something looks at the new version before it serves, and ends a deployment that it refuses.
func (d *Deployment) validatesVersion() bool {
	return len(d.LifecycleHooks) > 0 || d.SmokeTest != nil || d.Approval != nil
}

// hookTime is how long the steps of a deployment may take.
func (d *Deployment) hookTime() (total time.Duration) {
	for _, s := range d.steps() {
		total += s.Timeout + stepReserve
	}
	if d.Approval != nil {
		total += d.Approval.Timeout
	}
	return total
}

// validateSteps refuses steps that ECS doesn't take, or that CloudFormation doesn't wait for.
func (d *Deployment) validateSteps(bad *invalid.Problems) {
	steps := d.steps()
	for _, s := range steps {
		if !d.shiftsTraffic() {
			bad.Add(s.name, "requires Strategy BLUE_GREEN, LINEAR or CANARY").Given(d.Strategy)
		}
		checkStepTime(s.name+".Timeout", s.Timeout, maxStepTimeout, bad)
	}
	if len(d.LifecycleHooks) > 0 && len(d.LifecycleHooks)+len(steps) > maxLambdaHooks {
		bad.Add("LifecycleHooks", "must have at most %d elements, including Migration and SmokeTest", maxLambdaHooks).
			Given(len(d.LifecycleHooks) + len(steps))
	}
	if d.Approval != nil {
		if !d.shiftsTraffic() {
			bad.Add("Approval", "requires Strategy BLUE_GREEN, LINEAR or CANARY").Given(d.Strategy)
		}
		checkStepTime("Approval.Timeout", d.Approval.Timeout, maxShiftTime, bad)
	}
	if !d.shiftsTraffic() || d.BakeTime == nil || d.hookTime() == 0 {
		return
	}
	wait := *d.BakeTime
	if d.hasSteps() && d.StepBakeTime != nil && d.StepPercent > 0 {
		wait = d.totalBakeTime()
	}
	if total := wait + d.hookTime(); total > maxShiftTime && wait <= maxShiftTime {
		bad.Add("", "must keep the times of Migration, SmokeTest, Approval and the bake times within CloudFormation's limit of %v", maxShiftTime).
			Given(total).Advise("shorten them")
	}
}

func checkStepTime(field string, d, most time.Duration, bad *invalid.Problems) {
	if d < time.Minute || d > most || d%time.Minute != 0 {
		bad.Add(field, "must be whole minutes from 1m to %v", most).Given(d)
	}
}

// runProps are the props of the run of a step.
func (p *ServiceProps) runProps(step deploymentStep) *RunProps {
	run := &RunProps{Cluster: p.Cluster, Task: step.Task}
	if step.Task == nil || p.Task == nil {
		return run
	}
	if slices.Contains(step.Task.kinds(), p.kind()) {
		run.Capacity = p.Capacity
	}
	if step.Task.usesAwsvpc() && p.Task.usesAwsvpc() {
		run.Subnets, run.SecurityGroups = p.Subnets, p.SecurityGroups
		run.AssignPublicIp = p.AssignPublicIp
	}
	return run
}

// validateSteps refuses tasks that can't run where the service's tasks run, and tests of what gets no test traffic.
func (p *ServiceProps) validateSteps(bad *invalid.Problems) {
	refused := len(*bad) > 0
	for _, step := range p.Deployment.steps() {
		field := "Deployment." + step.name
		if step.Task == nil {
			bad.Add(field+".Task", "is required").Advise("use ecs.NewTask or ecs.TaskFrom")
			continue
		}
		if names := step.Task.ContainerNames(); !slices.Contains(names, step.ContainerName) {
			bad.Add(field+".ContainerName", "must be a container of the task: %s", check.OneOfQuoted(names)).Given(step.ContainerName)
		}
		if p.Cluster != nil && p.Task != nil && !refused {
			bad.Nest(field, p.runProps(step).Validate()) // or it would repeat what is wrong with the service
		}
	}
	if p.Deployment.SmokeTest != nil && p.Deployment.shiftsTraffic() && !p.hasTestListener() {
		bad.Add("Deployment.SmokeTest", "requires a test listener, because only tasks of services can send requests by Service Connect").
			Advise("set TestListener of Exposure.Alb[0] or Exposure.Nlb[0], or TestHeader of the gateways")
	}
}

// validateStepsIn refuses task definitions of other stacks: the service's hooks name them, and CloudFormation would not find them.
func (p *ServiceProps) validateStepsIn(scope constructs.Construct) error {
	var bad invalid.Problems
	if !invalid.IsMade(scope) {
		return nil // refused
	}
	for _, step := range p.Deployment.steps() {
		if step.Task == nil || step.Task.TaskDefinition == nil {
			continue
		}
		if *awscdk.Stack_Of(step.Task.TaskDefinition).Node().Path() != *awscdk.Stack_Of(scope).Node().Path() {
			bad.Add("Deployment."+step.name+".Task", "must be in the service's stack").Given(*step.Task.Node().Path())
		}
	}
	return bad.Err()
}

//go:embed deployment_steps.js
var hookCode string

// addSteps makes what runs the tasks of a deployment, and returns the hooks by which ECS calls it, in order. The hooks name the task
// definitions, so that another image changes the service and no function. Nothing native runs a task in a deployment: a hook is a
// function, or a pause.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentLifecycleHook.html
func (s *Service) addSteps(p *ServiceProps) (hooks []any) {
	steps := p.Deployment.steps()
	if len(steps) == 0 {
		return nil
	}
	scope := constructs.NewConstruct(s, jsii.String("Steps"))
	environment := map[string]*string{}
	var runs []*Run
	for _, step := range steps {
		run := NewRun(scope, step.name, p.runProps(step))
		runs = append(runs, run)
		s.stepDependencies = append(s.stepDependencies, run.Dependencies()...)
		environment[step.name] = awscdk.Stack_Of(s).ToJsonString(map[string]any{
			"container": step.ContainerName, "timeoutMinutes": int(step.Timeout.Minutes()), "runTask": runTaskParameters(run.Parameters()),
		}, nil)
	}
	function := s.newStepFunction(scope, steps[0].Task, runs, environment)
	role := s.hookCaller()
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("lambda:InvokeFunction"), Resources: &[]*string{function.FunctionArn()},
	}))
	for _, step := range steps {
		hooks = append(hooks, map[string]any{
			"HookTargetArn": function.FunctionArn(), "RoleArn": role.RoleArn(), "LifecycleStages": []any{string(step.stage)},
			// A JSON object as a string:
			// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-deploymentlifecyclehook.html
			"HookDetails": awscdk.Stack_Of(s).ToJsonString(map[string]any{"step": step.name, "taskDefinition": step.Task.Arn()}, nil),
			"TimeoutConfiguration": map[string]any{
				"TimeoutInMinutes": int((step.Timeout + stepReserve).Minutes()), "Action": "ROLLBACK",
			},
		})
	}
	return hooks
}

// newStepFunction makes the function that runs the tasks, which may do nothing else.
func (s *Service) newStepFunction(scope constructs.Construct, task *Task, runs []*Run, environment map[string]*string) awslambda.Function {
	retention := task.props.LogRetention
	opt.Default(&retention, awslogs.RetentionDays_ONE_MONTH)
	removal := task.props.RemovalPolicy
	opt.Default(&removal, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
	logs := taskrole.NewLogGroup(scope, retention, removal, task.props.EncryptionKey)
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		Description: describe.Of("Runs the tasks of deployments of", s.path),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	logs.GrantWrite(role)
	for _, run := range runs {
		run.GrantStart(role)
	}
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("ecs:DescribeTasks", "ecs:StopTask"), Resources: &[]*string{runs[0].arn("task", s.cluster.Name()+"/*")},
		Conditions: &map[string]any{"ArnEquals": map[string]any{"ecs:cluster": s.cluster.Arn()}},
	}))
	nag.Suppress(role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"Every revision of the task definitions, because each deployment has another one, and the tasks of one cluster")
	function := awslambda.NewFunction(scope, jsii.String("Function"), &awslambda.FunctionProps{
		Description: describe.Of("Runs the tasks of deployments of", s.path),
		Runtime:     awslambda.Runtime_NODEJS_24_X(),
		Handler:     jsii.String("index.handler"),
		Code:        awslambda.Code_FromInline(jsii.String(hookCode)),
		Environment: &environment,
		Timeout:     awscdk.Duration_Minutes(jsii.Number(1)),
		Role:        role,
		LogGroup:    logs,
	})
	nag.Suppress(function, "AwsSolutions-L1", "Node.js 24 is the latest version that the CDK lists for all Regions")
	s.stepDependencies = append(s.stepDependencies, function, role) // with its policy
	return function
}

// runTaskParameters are those of RunTask, as the AWS SDK takes them, without the task definition.
func runTaskParameters(r RunParameters) map[string]any {
	parameters := map[string]any{"cluster": r.ClusterArn, "enableECSManagedTags": true, "propagateTags": "TASK_DEFINITION"}
	if len(r.Capacity) > 0 {
		shares := make([]any, len(r.Capacity))
		for i, c := range r.Capacity {
			shares[i] = map[string]any{"capacityProvider": c.CapacityProvider, "base": c.Base, "weight": c.Weight}
		}
		parameters["capacityProviderStrategy"] = shares
	} else {
		parameters["launchType"] = r.LaunchType
	}
	if r.SubnetIds != nil {
		network := map[string]any{"subnets": r.SubnetIds, "securityGroups": r.SecurityGroupIds}
		if r.AssignPublicIp != "" {
			network["assignPublicIp"] = r.AssignPublicIp
		}
		parameters["networkConfiguration"] = map[string]any{"awsvpcConfiguration": network}
	}
	return parameters
}

// writeHooks replaces the hooks that the CDK renders, which knows neither timeouts nor pauses, by all of them.
func (s *Service) writeHooks(p *ServiceProps, steps []any) {
	d := &p.Deployment
	if len(steps) == 0 && d.Approval == nil {
		return
	}
	var hooks []any
	for _, hook := range d.LifecycleHooks {
		stages := make([]any, len(hook.Stages))
		for i, stage := range hook.Stages {
			stages[i] = string(stage)
		}
		hooks = append(hooks, map[string]any{
			"HookTargetArn": hook.Function.FunctionArn(), "RoleArn": s.hookRole.RoleArn(), "LifecycleStages": stages,
		})
	}
	hooks = append(hooks, steps...)
	if d.Approval != nil {
		action := "ROLLBACK"
		if d.Approval.ContinueOnTimeout {
			action = "CONTINUE"
		}
		hooks = append(hooks, map[string]any{
			"TargetType": "PAUSE", "LifecycleStages": []any{string(d.approvalStage(p.hasTestTraffic()))},
			"TimeoutConfiguration": map[string]any{"TimeoutInMinutes": int(d.Approval.Timeout.Minutes()), "Action": action},
		})
	}
	s.Service.Node().DefaultChild().(awsecs.CfnService).
		AddPropertyOverride(jsii.String("DeploymentConfiguration.LifecycleHooks"), hooks)
}

package ecs

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsservicediscovery"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/opt"
	"awscontainers/internal/subnettype"
)

// ServiceProps describe a service: a number of copies of a task that ECS keeps running.
type ServiceProps struct {
	// Cluster is where the service belongs. Required.
	Cluster *Cluster
	// Task is what runs. Required.
	Task *Task
	// Capacity is where it runs: shares of the cluster's capacity providers. Default: all of it on Fargate, or for a task that cannot
	// run there on the cluster's one Ec2Capacity or ManagedInstances.
	Capacity []CapacityProviderStrategy
	// Daemon runs one task on each of the cluster's EC2 instances, such as an agent that looks after it, in place of DesiredCount or
	// Scaling; PlacementConstraints narrow which. Default: false.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service-options.html
	Daemon bool
	// PlacementStrategies are how tasks choose among EC2 instances, up to five. Default: spread over the zones.
	PlacementStrategies []PlacementStrategy
	// PlacementConstraints are what an EC2 instance must fulfil, up to ten. Default: none.
	PlacementConstraints []PlacementConstraint
	// Exposure is how it is reached. Default: not at all.
	Exposure Exposure
	// Scaling lets the number of tasks follow the load. Default: nil, the number stays DesiredCount.
	Scaling *Scaling
	// Deployment is how a new version takes over. Default: see Deployment.
	Deployment Deployment

	// DesiredCount is the number of tasks; 0 is allowed. Default: 1, or with Scaling what Scaling makes of it: a number here
	// would be set anew by each deployment, so both together are refused.
	DesiredCount *int
	// Subnets are network.Private, network.Public or network.Isolated. In public subnets AssignPublicIp must be set; in
	// isolated ones the VPC needs the endpoints of network.EcsTaskEndpoints. In bridge and host network mode tasks are where their
	// instances are. Default: network.Private.
	Subnets network.SubnetType
	// AssignPublicIp gives every task a public address, which costs by the hour, on Fargate alone. Default: false.
	AssignPublicIp bool
	// SecurityGroups replace the service's own security group. In bridge and host network mode tasks have those of their instances.
	// Default: a new one that lets everything out and only the load balancers of Exposure in.
	SecurityGroups []awsec2.ISecurityGroup
	// HealthCheckGracePeriod is how long after its start a task's failed load balancer checks do not count. Default: 60 s
	// with a load balancer.
	HealthCheckGracePeriod time.Duration
	// ExecuteCommand lets people with the permission ecs:ExecuteCommand run commands in the containers, encrypted and logged
	// as the cluster says; the task role gets what that takes. The containers to look into need WritableRootFilesystem.
	// Default: false.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
	ExecuteCommand bool
	// ServiceName is the physical name. Default: CloudFormation makes one, so that the service can be replaced.
	ServiceName string
}

// Service is a service with its security group, target groups and scaling.
type Service struct {
	constructs.Construct
	// Service is what the CDK's own constructs take: an awsecs.Ec2Service on EC2, else an awsecs.FargateService.
	Service awsecs.BaseService
	// TargetGroups are those of Exposure.Alb, in its order.
	TargetGroups []elbv2.ApplicationTargetGroup
	// NetworkTargetGroups are those of Exposure.Nlb, in its order.
	NetworkTargetGroups []elbv2.NetworkTargetGroup
	// CloudMapService is that of Exposure.ServiceDiscovery; nil without.
	CloudMapService awsservicediscovery.IService
	// ScalableTaskCount takes further scaling policies; nil without Scaling.
	ScalableTaskCount awsecs.ScalableTaskCount

	// Task is what it runs.
	Task *Task

	path        string
	cluster     *Cluster
	targets     []target    // of Exposure.Alb, in its order
	nlbTargets  []nlbTarget // of Exposure.Nlb, in its order
	trafficRole awsiam.Role
	hookRole    awsiam.Role
	restsAtZero bool // by design it may have no task
	connection  connection
}

const defaultGracePeriod = 60 * time.Second

// NewService makes a service. It panics with *invalid.Error when the props are wrong.
func NewService(scope constructs.Construct, id string, props *ServiceProps) *Service {
	var p ServiceProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	s := &Service{cluster: p.Cluster, Task: p.Task, restsAtZero: p.restsAtZero()}
	constructs.NewConstruct_Override(s, scope, &id)
	s.path = *s.Node().Path()
	if len(p.SecurityGroups) == 0 && p.Task.awsvpc() {
		p.SecurityGroups = []awsec2.ISecurityGroup{
			awsec2.NewSecurityGroup(s, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
				Vpc:              p.Cluster.Vpc(),
				Description:      describe.Of("Tasks of", s.path),
				AllowAllOutbound: jsii.Bool(true),
			}),
		}
	}
	for i := range p.Exposure.Alb {
		s.targets = append(s.targets, s.newTarget(i, &p.Exposure.Alb[i], p.Deployment.shifts()))
		s.TargetGroups = append(s.TargetGroups, s.targets[i].group)
	}
	for i := range p.Exposure.Nlb {
		s.nlbTargets = append(s.nlbTargets, s.newNlbTarget(i, &p.Exposure.Nlb[i], p.Deployment.shifts(), p.Task.targetType()))
		s.NetworkTargetGroups = append(s.NetworkTargetGroups, s.nlbTargets[i].group)
	}
	s.Service = p.newService(s)
	if p.Daemon {
		p.Cluster.host(s, len(p.PlacementConstraints) == 0)
	}
	s.waitForWhatTasksNeed(&p)
	s.mountFiles(&p)
	for i := range s.targets {
		s.attach(&s.targets[i])
	}
	for i := range s.nlbTargets {
		s.attachNlb(&s.nlbTargets[i])
	}
	if p.Scaling != nil {
		s.scale(p.Scaling)
	}
	if p.Exposure.ServiceConnect != nil {
		s.connect(p.Exposure.ServiceConnect)
	}
	if p.Exposure.ServiceDiscovery != nil {
		s.CloudMapService = s.Service.CloudMapService()
		p.Cluster.own("", p.Exposure.ServiceDiscovery.taken().key(), s.path)
	}
	if p.ExecuteCommand && p.Cluster.ExecuteCommandLogGroup != nil {
		p.Task.explainExec(p.Cluster.ExecuteCommandLogGroup)
	}
	return s
}

// render makes the props of the CDK's service.
func (p *ServiceProps) render(s *Service) *awsecs.FargateServiceProps {
	props := &awsecs.FargateServiceProps{
		Cluster:                     p.Cluster.Cluster,
		TaskDefinition:              p.Task.TaskDefinition,
		CapacityProviderStrategies:  renderCapacity(p.Capacity),
		DesiredCount:                p.desiredCount(),
		ServiceName:                 opt.String(p.ServiceName),
		VpcSubnets:                  p.Subnets.Select(),
		AssignPublicIp:              &p.AssignPublicIp,
		SecurityGroups:              &p.SecurityGroups,
		HealthCheckGracePeriod:      opt.Duration(p.HealthCheckGracePeriod),
		AvailabilityZoneRebalancing: p.zoneRebalancing(),
		DeploymentController:        &awsecs.DeploymentController{Type: awsecs.DeploymentControllerType_ECS},
		DeploymentAlarms:            s.rollbackAlarms(&p.Deployment),
		LifecycleHooks:              s.hooks(&p.Deployment),
		EnableECSManagedTags:        jsii.Bool(true),
		PropagateTags:               awsecs.PropagatedTagSource_SERVICE,
		ServiceConnectConfiguration: p.Exposure.ServiceConnect.cdk(p.Task, p.Cluster),
		CloudMapOptions:             p.Exposure.ServiceDiscovery.cdk(),
	}
	if p.ExecuteCommand {
		props.EnableExecuteCommand = jsii.Bool(true)
	}
	p.Deployment.render(props)
	return props
}

// waitForWhatTasksNeed adds the dependencies that CloudFormation cannot see. Without them the first tasks may start before
// they can pull their image, and the circuit breaker ends the first deployment.
func (s *Service) waitForWhatTasksNeed(p *ServiceProps) {
	before := p.whatTasksNeed()
	if s.hookRole != nil {
		before = append(before, s.hookRole) // with its policy
	}
	s.Service.Node().DefaultChild().Node().AddDependency(before...)
}

func (p *ServiceProps) whatTasksNeed() []constructs.IDependable {
	before := []constructs.IDependable{
		p.Task.TaskRole, p.Task.ExecutionRole, // with their policies, which are children of the roles
	}
	if p.Task.awsvpc() {
		before = append(before, p.Cluster.wayOut(p.Subnets))
	}
	if p.Subnets == network.Isolated {
		before = append(before, p.Cluster.Vpc()) // with its interface endpoints, the only way to the image
	}
	return append(before, p.Cluster.ServiceDependencies()...)
}

// AllowFrom lets something else with security groups reach the tasks on a port of theirs, by UDP where they map it for UDP. Load
// balancers of Exposure and callers by ServiceConnect.Calls need it not.
func (s *Service) AllowFrom(other awsec2.IConnectable, containerPort int) {
	s.Service.Connections().AllowFrom(other, s.Task.port(containerPort), describe.Of("Callers of", s.path))
}

// Cluster is the one that the service belongs to.
func (s *Service) Cluster() *Cluster { return s.cluster }

// Name is the service's name, for an output.
func (s *Service) Name() string { return *s.Service.ServiceName() }

func (p *ServiceProps) setDefaults() {
	if p.Task != nil && p.Task.awsvpc() {
		opt.Default(&p.Subnets, network.Private)
	}
	if len(p.Capacity) == 0 {
		p.Capacity = p.defaultCapacity()
	}
	p.Exposure.setDefaults(p.Task)
	if p.HealthCheckGracePeriod == 0 && p.Exposure.balanced() {
		p.HealthCheckGracePeriod = defaultGracePeriod
	}
	p.Deployment.setDefaults(p.Daemon)
	if p.Scaling != nil {
		scaling := *p.Scaling
		scaling.setDefaults()
		p.Scaling = &scaling
	}
}

func (p *ServiceProps) validate() error {
	var bad invalid.Problems
	if p.validateParts(&bad) {
		bad.Nest("Exposure", p.Exposure.validate(p.Task, p.Cluster, p.Deployment.shifts()))
		p.Exposure.validateZones(p.leastTasks(), &bad)
	}
	p.validateCapacity(&bad)
	p.validatePlacement(&bad)
	p.validateEc2(&bad)
	check.EcsName("ServiceName", p.ServiceName, &bad)
	if p.Scaling != nil {
		bad.Nest("Scaling", p.Scaling.validate(len(p.Exposure.Alb), p.Deployment.shifts()))
		if p.DesiredCount != nil {
			bad.Add("DesiredCount", "%d stands beside Scaling and would reset the number of tasks at each deployment; leave it out", *p.DesiredCount)
		}
	}
	if p.DesiredCount != nil && *p.DesiredCount < 0 {
		bad.Add("DesiredCount", "%d is negative; use 0 or more", *p.DesiredCount)
	}
	bad.Nest("Deployment", p.Deployment.validate(p.leastTasks(), len(p.Exposure.Alb), p.Exposure.called() || len(p.Exposure.Nlb) > 0, p.Daemon))
	check.Seconds("HealthCheckGracePeriod", p.HealthCheckGracePeriod, time.Second, maxGracePeriod, &bad)
	if p.HealthCheckGracePeriod != 0 && !p.Exposure.balanced() {
		bad.Add("HealthCheckGracePeriod", "%v has no load balancer to wait for; leave it out", p.HealthCheckGracePeriod)
	}
	p.validateSubnets(&bad)
	p.validateFiles(&bad)
	p.validateExec(&bad)
	p.validateTestHooks(&bad)
	check.NoNil("SecurityGroups", p.SecurityGroups, "a security group", &bad)
	return bad.Err()
}

// validateParts notes what is missing, and tells whether there is a task.
func (p *ServiceProps) validateParts(bad *invalid.Problems) (task bool) {
	if p.Cluster == nil || p.Cluster.Cluster == nil {
		bad.Add("Cluster", "is missing; make it with ecs.NewCluster or ecs.ClusterOf")
	}
	if p.Task == nil || p.Task.TaskDefinition == nil {
		bad.Add("Task", "is missing; make it with ecs.NewTask")
		return false
	}
	return true
}

// maxGracePeriod is what the API takes, in seconds: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
const maxGracePeriod = 2147483647 * time.Second

func (p *ServiceProps) validateSubnets(bad *invalid.Problems) {
	if p.Task != nil && !p.Task.awsvpc() {
		return // they are the instances'
	}
	if p.Subnets == network.Public && !p.AssignPublicIp {
		bad.Add("AssignPublicIp", "is false in public subnets, from where a task without a public address reaches nothing, not even its image; set it or use %q", network.Private)
	}
	if p.Subnets != network.Public && p.AssignPublicIp {
		bad.Add("AssignPublicIp", "is true in %s subnets, where a public address leads nowhere; leave it out or use %q", p.Subnets, network.Public)
	}
	subnettype.Check("Subnets", p.Subnets, bad)
	switch {
	case p.Cluster == nil || p.Cluster.Cluster == nil:
	case p.Cluster.Vpc() == nil:
		bad.Add("Cluster", "does not know its VPC; import it by awsecs.Cluster_FromClusterAttributes, with its Vpc")
	case p.Cluster.waysOut[p.Subnets] == nil: // not known to be there from another service
		subnettype.CheckIn("Subnets", p.Subnets, p.Cluster.Vpc(), bad)
	}
}

// validateExec asks for a cluster that encrypts and logs, and for a container in which the agent of ECS Exec can start.
func (p *ServiceProps) validateExec(bad *invalid.Problems) {
	if !p.ExecuteCommand {
		return
	}
	if p.Cluster != nil && p.Cluster.Cluster != nil && !p.Cluster.keepsSessions() {
		bad.Add("ExecuteCommand", "is true in a cluster that neither encrypts nor logs sessions; give the cluster an ExecuteCommand")
	}
	if p.Task != nil && !slices.ContainsFunc(p.Task.props.Containers, func(c Container) bool { return c.WritableRootFilesystem }) {
		bad.Add("ExecuteCommand", "is true and every container's root file system is read-only, in which its agent cannot start; set WritableRootFilesystem on the one to look into")
	}
}

// validateTestHooks notes hooks that wait for test traffic where there can be none.
func (p *ServiceProps) validateTestHooks(bad *invalid.Problems) {
	if p.Exposure.ServiceConnect.takesTests(p.Task) || slices.ContainsFunc(p.Exposure.Alb, func(r AlbRule) bool { return r.TestListener != nil }) ||
		slices.ContainsFunc(p.Exposure.Nlb, func(l NlbListener) bool { return l.TestListener != nil }) {
		return
	}
	for i, hook := range p.Deployment.LifecycleHooks {
		for _, stage := range hook.Stages {
			if strings.HasSuffix(string(stage), "TEST_TRAFFIC_SHIFT") {
				bad.Add("Deployment."+check.Index("LifecycleHooks", i)+".Stages", "%q has no test traffic; give Exposure.Alb[0] the TestListener of a load balancer that has one, Exposure.Nlb[0] a TestListener, or a port of ServiceConnect an AppProtocol", stage)
			}
		}
	}
}

// leastTasks is how many tasks a deployment may find.
func (p *ServiceProps) leastTasks() int {
	switch {
	case p.Daemon:
		return 0 // as many as there are instances
	case p.Scaling != nil:
		return p.Scaling.MinCapacity
	case p.DesiredCount != nil:
		return *p.DesiredCount
	default:
		return 1
	}
}

// restsAtZero tells whether having no task may be what was asked for.
func (p *ServiceProps) restsAtZero() bool {
	return p.leastTasks() == 0 || p.Scaling != nil && slices.ContainsFunc(p.Scaling.Schedules, func(s ScheduledScaling) bool {
		return s.MinCapacity != nil && *s.MinCapacity == 0
	})
}

func (p *ServiceProps) desiredCount() *float64 {
	if p.Scaling != nil || p.Daemon {
		return nil
	}
	return jsii.Number(p.leastTasks())
}

// zoneRebalancing moves tasks back over the AZs after one was lost, which needs room for a task more than desired.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
func (p *ServiceProps) zoneRebalancing() awsecs.AvailabilityZoneRebalancing {
	if p.Deployment.MaxHealthyPercent > 100 && spreadsFirst(p.PlacementStrategies, p.PlacementConstraints) {
		return awsecs.AvailabilityZoneRebalancing_ENABLED
	}
	return awsecs.AvailabilityZoneRebalancing_DISABLED
}

package ecs

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsservicediscovery"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/opt"
	"awscontainers/internal/peer"
	"awscontainers/internal/source"
)

// ServiceProps are the props of a service.
type ServiceProps struct {
	// Cluster is the service's cluster. Required.
	Cluster *Cluster
	// Task is the task that the service runs copies of. Required.
	Task *Task
	// Capacity lists the capacity providers that run the tasks. In a cluster of ClusterFrom, setting or removing it replaces the
	// service. Default: Fargate, or for a task that can't run there the cluster's one Ec2Capacity or ManagedInstances.
	Capacity []CapacityProviderStrategy
	// Daemon runs one task on each of the cluster's EC2 instances, such as a monitoring agent, in place of DesiredCount or
	// Scaling; PlacementConstraints narrow which. Changing it replaces the service. Default: false.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service-options.html
	Daemon bool
	// PlacementStrategies set how ECS chooses among EC2 instances, up to five. Default: spread over the zones.
	PlacementStrategies []PlacementStrategy
	// PlacementConstraints are conditions that an EC2 instance must meet, up to ten. Default: none.
	PlacementConstraints []PlacementConstraint
	// Exposure sets how clients reach the service. Default: not at all.
	Exposure Exposure
	// Scaling lets the number of tasks follow the load. Default: nil, the number stays DesiredCount.
	Scaling *Scaling
	// Deployment sets how a new version replaces the old one. Default: see Deployment.
	Deployment Deployment

	// DesiredCount is the number of tasks; 0 is allowed. It is not compatible with Scaling, because each deployment would set the
	// number anew. Default: 1, or with Scaling the number that Scaling chooses.
	DesiredCount *int
	// Subnets are network.Private, network.Public or network.Isolated. In public subnets AssignPublicIp must be set; in
	// isolated ones the VPC needs the endpoints of network.EcsTaskEndpoints. In bridge and host network mode tasks are where their
	// instances are. Default: network.Private.
	Subnets network.SubnetType
	// AssignPublicIp gives every task a public address, which is charged by the hour; only on Fargate. Default: false.
	AssignPublicIp bool
	// SecurityGroups replace the service's own security group. In bridge and host network mode tasks have those of their
	// instances. Default: a new one that allows all outbound traffic, and inbound traffic only from the load balancers of Exposure.
	SecurityGroups []awsec2.ISecurityGroup
	// HealthCheckGracePeriod is how long after its start a task's failed load balancer checks do not count. Default: 60 s
	// with a load balancer.
	HealthCheckGracePeriod time.Duration
	// ExecuteCommand lets people with the permission ecs:ExecuteCommand run commands in the containers, encrypted and logged
	// as the cluster says; the task role gets what that takes. The containers to look into need WritableRootFilesystem; an init process
	// runs in them, which reaps what sessions leave behind, unless OwnInit says that the image has one.
	// Default: false.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
	ExecuteCommand bool
	// ServiceName is the physical name. Changing it replaces the service; as long as it stays, a change that replaces the service
	// fails, because the name is taken. Default: CloudFormation makes one, so that the service can be replaced.
	ServiceName string
}

// Service keeps a number of copies of a task running, replaces those that fail, deploys new versions, and connects them to
// load balancers.
type Service struct {
	constructs.Construct
	// Service is the CDK's service, for the CDK's own constructs: an awsecs.Ec2Service on EC2, else an awsecs.FargateService.
	// It is nil for one of ServiceFrom.
	Service awsecs.BaseService
	// TargetGroups are those of Exposure.Alb, in its order.
	TargetGroups []*elb.TargetGroup
	// NetworkTargetGroups are those of Exposure.Nlb, in its order.
	NetworkTargetGroups []*elb.NetworkTargetGroup
	// CloudMapService is that of Exposure.ServiceDiscovery; nil without.
	CloudMapService awsservicediscovery.IService
	// ScalableTaskCount takes further scaling policies; nil without Scaling.
	ScalableTaskCount awsecs.ScalableTaskCount

	// Task is the task that the service runs; nil for a service of ServiceFrom.
	Task *Task

	path           string
	name           string // of a service of ServiceFrom
	cluster        *Cluster
	albTargets     []albTarget // of Exposure.Alb, in its order
	nlbTargets     []nlbTarget // of Exposure.Nlb, in its order
	gateways       []*Gateway  // of Exposure.Gateway
	trafficRole    awsiam.Role
	hookRole       awsiam.Role
	mayScaleToZero bool // by design it may have no task
	connection     connection

	stepDependencies []constructs.IDependable // what a Migration or SmokeTest needs
	connectable      peer.Connectable
}

var _ awsec2.IConnectable = (*Service)(nil)

const defaultGracePeriod = 60 * time.Second

// NewService creates an ECS service. It panics with *invalid.Error if the props are invalid.
func NewService(scope constructs.Construct, id string, props *ServiceProps) *Service {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateInCluster(), p.Exposure.validateIn(scope, id), p.validateStepsIn(scope))

	s := &Service{cluster: p.Cluster, Task: p.Task, mayScaleToZero: p.mayScaleToZero()}
	source.Create(s, scope, id)
	s.path = *s.Node().Path()
	if len(p.SecurityGroups) == 0 && p.Task.usesAwsvpc() {
		p.SecurityGroups = newTaskSecurityGroups(s, p.Cluster)
	}
	p.warnOfEmptyRepositories(s)
	p.Exposure.warnOfGateway(s)
	s.addTargets(&p)
	p.Deployment.warnOfBlindAlarms(s)
	steps := s.addSteps(&p)
	s.Service = s.newService(&p)
	s.writeHooks(&p, steps)
	omitDefaults(s.Service, p.Daemon)
	p.Deployment.renderResource(s.Service)
	if p.Daemon {
		p.Cluster.registerDaemon(s, len(p.PlacementConstraints) == 0)
	}
	s.addTaskDependencies(&p)
	s.mountFiles(&p)
	s.attachVolume()
	balancers := p.Exposure.balancerGroups()
	for i := range s.albTargets {
		s.attachAlb(&s.albTargets[i])
	}
	for i := range s.nlbTargets {
		s.attachNlb(&s.nlbTargets[i])
	}
	if p.Exposure.Gateway != nil {
		s.gateways = p.Exposure.Gateway.Gateways
		s.connectGateways(p.Exposure.Gateway)
		p.Cluster.connect(s.path, p.Exposure.Gateway)
	}
	s.waitForRules(balancers)
	if p.Scaling != nil {
		s.addScaling(p.Scaling)
	}
	if p.Exposure.ServiceConnect != nil {
		s.addServiceConnect(p.Exposure.ServiceConnect)
	}
	if p.Exposure.ServiceDiscovery != nil {
		s.CloudMapService = s.Service.CloudMapService()
		p.Cluster.reserveName("", p.Exposure.ServiceDiscovery.name().key(), s.path)
	}
	if p.ExecuteCommand && p.Cluster.ExecuteCommandLogGroup != nil {
		p.Task.explainExec(p.Cluster.ExecuteCommandLogGroup)
	}
	if p.ExecuteCommand {
		p.Task.addInit()
	}
	return s
}

// ServiceAttributes identify an existing service.
type ServiceAttributes struct {
	// Cluster is the service's cluster. Required.
	Cluster *Cluster
	// ServiceName is the service's name. Required.
	ServiceName string
}

// ServiceFrom uses an existing service, for Alarms, a Dashboard and events.TaskAlerts. It isn't known how clients reach it, so
// Alarms doesn't watch load balancers. It panics with *invalid.Error if the attributes are invalid.
func ServiceFrom(scope constructs.Construct, id string, attributes *ServiceAttributes) *Service {
	a := opt.Value(attributes)
	invalid.Refuse(scope, id, a.Validate())
	s := &Service{cluster: a.Cluster, name: a.ServiceName}
	source.Create(s, scope, id)
	s.path = *s.Node().Path()
	return s
}

// Validate returns all problems of the attributes, or nil.
func (a *ServiceAttributes) Validate() error {
	a = opt.NotNil(a)
	var bad invalid.Problems
	if !invalid.IsMade(a.Cluster) {
		bad.Add("Cluster", "is required").Advise(useCluster)
	}
	check.RequiredEcsName("ServiceName", a.ServiceName, &bad)
	return bad.Err()
}

// addTargets creates the target groups of load balancers, with the rules and listeners that lead to them.
func (s *Service) addTargets(p *ServiceProps) {
	shiftsTraffic := p.Deployment.shiftsTraffic()
	for i := range p.Exposure.Alb {
		s.albTargets = append(s.albTargets, s.newAlbTarget(&p.Exposure.Alb[i], shiftsTraffic))
		s.TargetGroups = append(s.TargetGroups, s.albTargets[i].group)
	}
	for i := range p.Exposure.Nlb {
		s.nlbTargets = append(s.nlbTargets, s.newNlbTarget(&p.Exposure.Nlb[i], shiftsTraffic))
		s.NetworkTargetGroups = append(s.NetworkTargetGroups, s.nlbTargets[i].group)
	}
}

// newTaskSecurityGroups creates the one security group of tasks that have network interfaces of their own.
func newTaskSecurityGroups(scope constructs.Construct, cluster *Cluster) []awsec2.ISecurityGroup {
	return []awsec2.ISecurityGroup{awsec2.NewSecurityGroup(scope, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:              cluster.Vpc(),
		Description:      describe.Of("Tasks of", *scope.Node().Path()),
		AllowAllOutbound: jsii.Bool(true),
	})}
}

// omitDefaults keeps two defaults out of the template. DeploymentController is always ECS here, but drift detection reports it as a
// change. The CDK writes SchedulingStrategy on EC2 only, so that moving a service between Fargate and EC2 would replace it.
// https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1259
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-service.html
func omitDefaults(service awsecs.BaseService, isDaemon bool) {
	resource := service.Node().DefaultChild().(awsecs.CfnService)
	resource.AddPropertyDeletionOverride(jsii.String("DeploymentController"))
	if !isDaemon {
		resource.SetSchedulingStrategy(nil)
	}
}

// addTaskDependencies adds the dependencies that CloudFormation can't see. Without them the first tasks may start before
// they can pull their image, and the circuit breaker ends the first deployment.
func (s *Service) addTaskDependencies(p *ServiceProps) {
	before := p.taskDependencies()
	if s.hookRole != nil {
		before = append(before, s.hookRole) // with its policy
	}
	before = append(before, s.stepDependencies...)
	s.Service.Node().DefaultChild().Node().AddDependency(before...)
}

// taskDependencies are what must exist before a task can start.
func (p *ServiceProps) taskDependencies() []constructs.IDependable {
	before := p.Task.roles()
	if p.Task.usesAwsvpc() {
		before = append(before, p.Cluster.internetDependency(p.Subnets))
	}
	if p.Subnets == network.Isolated {
		before = append(before, p.Cluster.Vpc()) // with its interface endpoints, the only way to the image
	}
	return append(before, p.Cluster.ServiceDependencies()...)
}

// AllowFrom allows inbound traffic from something with security groups to a port of the tasks, by UDP if they map the port for
// UDP. Load balancers of Exposure and callers by ServiceConnect.Calls are allowed already.
// It panics with *invalid.Error if other is nil, or if no container of the task maps the port.
func (s *Service) AllowFrom(other awsec2.IConnectable, containerPort int) {
	connections := s.Connections()
	check.Arguments(s, "AllowFrom", s.validateCaller(other, containerPort))
	connections.AllowFrom(other, s.Task.port(containerPort), describe.Of("Callers of", s.path))
}

// Connections returns the tasks' network connections: database.Connections().AllowDefaultPortFrom(service, nil). In bridge and host
// network mode they are those of the instances of its Capacity. It panics with *invalid.Error for a service of ServiceFrom, whose
// security groups aren't known.
func (s *Service) Connections() awsec2.Connections {
	if s.Service == nil {
		return s.connectable.Of(s, nil, useInstanceGroups)
	}
	return s.connectable.Of(s, *s.Service.Connections().SecurityGroups(), useInstanceGroups)
}

// Cluster returns the cluster that the service belongs to.
func (s *Service) Cluster() *Cluster { return s.cluster }

// Name returns the service's name.
func (s *Service) Name() string {
	if s.Service == nil {
		return s.name
	}
	return *s.Service.ServiceName()
}

// Arn returns the service's ARN.
func (s *Service) Arn() string {
	if s.Service != nil {
		return *s.Service.ServiceArn()
	}
	env := s.cluster.Cluster.Env()
	return *awscdk.Stack_Of(s).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ecs"), Resource: jsii.String("service"), ResourceName: jsii.String(s.cluster.Name() + "/" + s.name),
		Region: env.Region, Account: env.Account,
	})
}

// resource returns the service's resource as a dependency; none for a service of ServiceFrom.
func (s *Service) resource() []constructs.IDependable {
	if s.Service == nil {
		return nil
	}
	return []constructs.IDependable{s.Service.Node().DefaultChild()}
}

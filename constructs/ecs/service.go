package ecs

import (
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/internal/describe"
	"awscontainers/constructs/internal/opt"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
)

// ServiceProps describe a service: a number of copies of a task that ECS keeps running.
type ServiceProps struct {
	// Cluster is where the service belongs. Required.
	Cluster *Cluster
	// Task is what runs. Required.
	Task *Task
	// Capacity is where it runs: shares of the cluster's capacity providers. Default: all of it on Fargate.
	Capacity []CapacityProviderStrategy
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
	// isolated ones the VPC needs the endpoints of network.EcsTaskEndpoints. Default: network.Private.
	Subnets network.SubnetType
	// AssignPublicIp gives every task a public address, which costs by the hour. Default: false.
	AssignPublicIp bool
	// SecurityGroups replace the service's own security group. Default: a new one that lets everything out and only the
	// load balancers of Exposure in.
	SecurityGroups []awsec2.ISecurityGroup
	// HealthCheckGracePeriod is how long after its start a task's failed load balancer checks do not count. Default: 60 s
	// with a load balancer.
	HealthCheckGracePeriod time.Duration
	// ServiceName is the physical name. Default: CloudFormation makes one, so that the service can be replaced.
	ServiceName string
}

// Deployment is how a new version takes over.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
type Deployment struct {
	// MinHealthyPercent is how much of the desired count keeps running while tasks are replaced. Default: 100.
	MinHealthyPercent *int
	// MaxHealthyPercent is how much may run at the same time, up to 200. Default: 200.
	MaxHealthyPercent int
	// DisableCircuitBreaker keeps trying a version whose tasks do not start; it can take hours until CloudFormation gives
	// up. Default: false, ECS gives up after a few tasks and goes back to the version that worked.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
	DisableCircuitBreaker bool
}

// Service is a service with its security group, target groups and scaling.
type Service struct {
	constructs.Construct
	// Service is what the CDK's own constructs take; on Fargate it is an awsecs.FargateService.
	Service awsecs.BaseService
	// TargetGroups are those of Exposure.Alb, in its order.
	TargetGroups []elb.ApplicationTargetGroup
	// ScalableTaskCount takes further scaling policies; nil without Scaling.
	ScalableTaskCount awsecs.ScalableTaskCount

	cluster   *Cluster
	listeners []elb.IApplicationListener // of TargetGroups, in the same order
}

const (
	defaultMinHealthy  = 100
	defaultMaxHealthy  = 200
	defaultGracePeriod = 60 * time.Second
)

// NewService makes a service. It panics with *invalid.Error when the props are wrong.
func NewService(scope constructs.Construct, id string, props *ServiceProps) *Service {
	var p ServiceProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	s := &Service{cluster: p.Cluster}
	constructs.NewConstruct_Override(s, scope, &id)
	if len(p.SecurityGroups) == 0 {
		p.SecurityGroups = []awsec2.ISecurityGroup{
			awsec2.NewSecurityGroup(s, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
				Vpc:              p.Cluster.Cluster.Vpc(),
				Description:      describe.Of("Tasks of", s),
				AllowAllOutbound: jsii.Bool(true),
			}),
		}
	}
	s.Service = awsecs.NewFargateService(s, jsii.String("Service"), &awsecs.FargateServiceProps{
		Cluster:                    p.Cluster.Cluster,
		TaskDefinition:             p.Task.TaskDefinition,
		CapacityProviderStrategies: renderCapacity(p.Capacity, p.Cluster),
		DesiredCount:               p.desiredCount(),
		ServiceName:                opt.String(p.ServiceName),
		VpcSubnets:                 p.Subnets.Select(),
		AssignPublicIp:             &p.AssignPublicIp,
		SecurityGroups:             &p.SecurityGroups,
		HealthCheckGracePeriod:     opt.Duration(p.HealthCheckGracePeriod),
		MinHealthyPercent:          jsii.Number(*p.Deployment.MinHealthyPercent),
		MaxHealthyPercent:          jsii.Number(p.Deployment.MaxHealthyPercent),
		CircuitBreaker: &awsecs.DeploymentCircuitBreaker{
			Enable:   jsii.Bool(!p.Deployment.DisableCircuitBreaker),
			Rollback: jsii.Bool(!p.Deployment.DisableCircuitBreaker),
		},
		AvailabilityZoneRebalancing: p.zoneRebalancing(),
		DeploymentController:        &awsecs.DeploymentController{Type: awsecs.DeploymentControllerType_ECS},
		EnableECSManagedTags:        jsii.Bool(true),
		PropagateTags:               awsecs.PropagatedTagSource_SERVICE,
	})
	s.waitForWhatTasksNeed(&p)
	for i := range p.Exposure.Alb {
		s.addRule(i, &p.Exposure.Alb[i])
	}
	if p.Scaling != nil {
		s.scale(p.Scaling)
	}
	return s
}

// waitForWhatTasksNeed adds the dependencies that CloudFormation cannot see. Without them the first tasks may start before
// they can pull their image, and the circuit breaker ends the first deployment.
func (s *Service) waitForWhatTasksNeed(p *ServiceProps) {
	service := s.Service.Node().DefaultChild().Node()
	vpc := p.Cluster.Cluster.Vpc()
	service.AddDependency(
		p.Task.TaskRole, p.Task.ExecutionRole, // with their policies, which are children of the roles
		vpc.SelectSubnets(p.Subnets.Select()).InternetConnectivityEstablished,
	)
	if p.Subnets == network.Isolated {
		service.AddDependency(vpc) // with its interface endpoints, the only way to the image
	}
	if providers := p.Cluster.capacityProviders; providers != nil {
		// See NewCluster: the service must be deleted before its cluster lets go of the capacity provider.
		service.AddDependency(providers)
	}
}

// Name is the service's name, for an output.
func (s *Service) Name() *string { return s.Service.ServiceName() }

func (p *ServiceProps) setDefaults() {
	if p.Subnets == "" {
		p.Subnets = network.Private
	}
	p.Exposure.Alb = slices.Clone(p.Exposure.Alb)
	if p.Task != nil {
		for i := range p.Exposure.Alb {
			p.Exposure.Alb[i].setDefaults(p.Task)
		}
	}
	if p.HealthCheckGracePeriod == 0 && len(p.Exposure.Alb) > 0 {
		p.HealthCheckGracePeriod = defaultGracePeriod
	}
	if p.Deployment.MinHealthyPercent == nil {
		p.Deployment.MinHealthyPercent = pointer(defaultMinHealthy)
	}
	if p.Deployment.MaxHealthyPercent == 0 {
		p.Deployment.MaxHealthyPercent = defaultMaxHealthy
	}
	if p.Scaling != nil {
		scaling := *p.Scaling
		scaling.setDefaults()
		p.Scaling = &scaling
	}
}

func (p *ServiceProps) validate() error {
	var bad invalid.Problems
	if p.Cluster == nil || p.Cluster.Cluster == nil {
		bad.Add("Cluster", "is missing; make it with ecs.NewCluster or ecs.ClusterOf")
	}
	if p.Task == nil || p.Task.TaskDefinition == nil {
		bad.Add("Task", "is missing; make it with ecs.NewTask")
	} else {
		bad.Nest("Exposure", p.Exposure.validate(p.Task))
	}
	validateCapacity(p.Capacity, p.Cluster, &bad)
	checkName("ServiceName", p.ServiceName, &bad)
	if p.Scaling != nil {
		bad.Nest("Scaling", p.Scaling.validate())
		if p.DesiredCount != nil {
			bad.Add("DesiredCount", "%d stands beside Scaling and would reset the number of tasks at each deployment; leave it out", *p.DesiredCount)
		}
	}
	if p.DesiredCount != nil && *p.DesiredCount < 0 {
		bad.Add("DesiredCount", "%d is negative; use 0 or more", *p.DesiredCount)
	}
	bad.Nest("Deployment", p.Deployment.validate(p.leastTasks()))
	checkSeconds("HealthCheckGracePeriod", p.HealthCheckGracePeriod, time.Second, maxGracePeriod, &bad)
	if p.HealthCheckGracePeriod != 0 && len(p.Exposure.Alb) == 0 {
		bad.Add("HealthCheckGracePeriod", "%v has no load balancer to wait for; leave it out", p.HealthCheckGracePeriod)
	}
	p.validateSubnets(&bad)
	for i, group := range p.SecurityGroups {
		if group == nil {
			bad.Add(index("SecurityGroups", i), "is nil; leave it out or give a security group")
		}
	}
	return bad.Err()
}

// maxGracePeriod is what the API takes, in seconds: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
const maxGracePeriod = 2147483647 * time.Second

func (p *ServiceProps) validateSubnets(bad *invalid.Problems) {
	if p.Subnets == network.Public && !p.AssignPublicIp {
		bad.Add("AssignPublicIp", "is false in public subnets, from where a task without a public address reaches nothing, not even its image; set it or use %q", network.Private)
	}
	if p.Subnets != network.Public && p.AssignPublicIp {
		bad.Add("AssignPublicIp", "is true in %s subnets, where a public address leads nowhere; leave it out or use %q", p.Subnets, network.Public)
	}
	var vpc awsec2.IVpc
	if p.Cluster != nil && p.Cluster.Cluster != nil {
		vpc = p.Cluster.Cluster.Vpc()
	}
	p.Subnets.Check("Subnets", vpc, bad)
}

// leastTasks is how many tasks a deployment may find.
func (p *ServiceProps) leastTasks() int {
	switch {
	case p.Scaling != nil:
		return p.Scaling.MinCapacity
	case p.DesiredCount != nil:
		return *p.DesiredCount
	default:
		return 1
	}
}

// validate takes the number of tasks, of which ECS rounds MinHealthyPercent up and MaxHealthyPercent down.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
func (d *Deployment) validate(tasks int) error {
	var bad invalid.Problems
	if *d.MinHealthyPercent < 0 || *d.MinHealthyPercent > 100 {
		bad.Add("MinHealthyPercent", "%d is out of range; use 0 to 100", *d.MinHealthyPercent)
	}
	if d.MaxHealthyPercent < 100 || d.MaxHealthyPercent > 200 {
		bad.Add("MaxHealthyPercent", "%d is out of range; use 100 to 200", d.MaxHealthyPercent)
	}
	if least, most := (tasks**d.MinHealthyPercent+99)/100, tasks*d.MaxHealthyPercent/100; tasks > 0 && least >= tasks && most <= tasks {
		bad.Add("MaxHealthyPercent", "%d beside MinHealthyPercent %d leaves no room to replace one of %d tasks; raise it or lower MinHealthyPercent",
			d.MaxHealthyPercent, *d.MinHealthyPercent, tasks)
	}
	return bad.Err()
}

func (p *ServiceProps) desiredCount() *float64 {
	if p.Scaling != nil {
		return nil
	}
	return jsii.Number(p.leastTasks())
}

// zoneRebalancing moves tasks back over the AZs after one was lost, which needs room for a task more than desired.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
func (p *ServiceProps) zoneRebalancing() awsecs.AvailabilityZoneRebalancing {
	if p.Deployment.MaxHealthyPercent > 100 {
		return awsecs.AvailabilityZoneRebalancing_ENABLED
	}
	return awsecs.AvailabilityZoneRebalancing_DISABLED
}

func pointer[T any](v T) *T { return &v }

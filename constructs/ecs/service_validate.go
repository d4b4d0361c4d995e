package ecs

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/subnettype"
)

const (
	useCluster        = "use ecs.NewCluster or ecs.ClusterFrom"
	useInstanceGroups = "use the security groups of its tasks or instances"
	// maxGracePeriod is what the API takes, in seconds:
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
	maxGracePeriod = 2147483647 * time.Second
)

func (p *ServiceProps) setDefaults() {
	p.Cluster, p.Task = check.MadeOrNil(p.Cluster), check.MadeOrNil(p.Task)
	if p.Task != nil && p.Task.usesAwsvpc() {
		opt.Default(&p.Subnets, network.Private)
	}
	if len(p.Capacity) == 0 {
		p.Capacity = p.defaultCapacity()
	}
	p.Exposure.setDefaults(p.Task)
	if p.HealthCheckGracePeriod == 0 && p.Exposure.isBalanced() {
		p.HealthCheckGracePeriod = defaultGracePeriod
	}
	p.Deployment.setDefaults(p.Daemon)
	if p.Scaling != nil {
		scaling := *p.Scaling
		scaling.setDefaults()
		p.Scaling = &scaling
	}
}

// Validate returns all problems of the props, or nil, except those that only NewService finds, in the cluster's VPC.
func (p *ServiceProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *ServiceProps) validate() error {
	var bad invalid.Problems
	p.validateRequired(&bad)
	if p.Task != nil {
		bad.Nest("Exposure", p.Exposure.validate(p.Task, p.Cluster, p.Deployment.shiftsTraffic()))
		p.Exposure.validateTask(&bad)
		p.Exposure.validateZones(p.minTasks(), &bad)
		p.validateTaskDefinition(&bad)
	}
	p.validateTasks(&bad)
	check.EcsName("ServiceName", p.ServiceName, &bad)
	p.validateCount(&bad)
	bad.Nest("Deployment", p.Deployment.validate(deployedService{
		tasks: p.minTasks(), albRules: len(p.Exposure.Alb), isDaemon: p.Daemon,
		hasOtherTraffic: p.Exposure.isCallable() || len(p.Exposure.Nlb) > 0 || p.Exposure.Gateway != nil,
	}))
	check.Seconds("HealthCheckGracePeriod", p.HealthCheckGracePeriod, time.Second, maxGracePeriod, &bad)
	if p.HealthCheckGracePeriod != 0 && !p.Exposure.isBalanced() {
		bad.Add("HealthCheckGracePeriod", "requires Exposure.Alb, Exposure.Nlb or Exposure.Gateway").Given(p.HealthCheckGracePeriod)
	}
	p.validateExecuteCommand(&bad)
	p.validateTestHooks(&bad)
	p.validateSteps(&bad)
	return bad.Err()
}

// validateRequired refuses missing props.
func (p *ServiceProps) validateRequired(bad *invalid.Problems) {
	if p.Cluster == nil {
		bad.Add("Cluster", "is required").Advise(useCluster)
	}
	if p.Task == nil {
		bad.Add("Task", "is required").Advise("use ecs.NewTask or ecs.TaskFrom")
	}
}

// validateTasks judges what services and runs have in common: where tasks run, and their network.
func (p *ServiceProps) validateTasks(bad *invalid.Problems) {
	p.validateCapacity(bad)
	validatePlacement(p.PlacementStrategies, p.PlacementConstraints, bad)
	p.validateEc2(bad)
	p.validateSubnets(bad)
	check.NoNil("SecurityGroups", p.SecurityGroups, "a security group", bad)
}

// validateTaskDefinition refuses what the CDK can't make a service of.
func (p *ServiceProps) validateTaskDefinition(bad *invalid.Problems) {
	if p.Task.isExisting && p.Task.TaskDefinition == nil {
		bad.Add("Task", "must not be an imported task definition, because the CDK can't create a service from one").
			Advise("use ecs.NewTask, a task definition of this app, or ecs.NewRun")
	}
}

func (p *ServiceProps) validateCount(bad *invalid.Problems) {
	if p.DesiredCount != nil {
		check.Min("DesiredCount", *p.DesiredCount, 0, bad)
	}
	if p.Scaling == nil {
		return
	}
	bad.Nest("Scaling", p.Scaling.validate(len(p.Exposure.Alb), p.Deployment.shiftsTraffic()))
	p.validateQueueCluster(bad)
	if p.DesiredCount != nil {
		bad.Add("DesiredCount", "must not be set together with Scaling: each deployment would reset the number of tasks").
			Given(p.DesiredCount)
	}
}

func (p *ServiceProps) validateSubnets(bad *invalid.Problems) {
	if p.Task != nil && !p.Task.usesAwsvpc() {
		return // they are the instances'
	}
	subnettype.Check("Subnets", p.Subnets, bad)
	if p.Task == nil {
		return // refused; which subnets are the default depends on it
	}
	if p.Subnets == network.Public && !p.AssignPublicIp {
		bad.Add("AssignPublicIp",
			"is required in public subnets, because without public addresses tasks can't reach the internet or pull their images").
			Advise("set it, or set Subnets to network.Private")
	}
	if p.Subnets != network.Public && p.AssignPublicIp {
		bad.Add("AssignPublicIp", "requires public subnets").Given(p.Subnets).
			Advise("remove it, or set Subnets to network.Public")
	}
}

// validateInCluster judges what takes the cluster's VPC, and so the CDK.
func (p *ServiceProps) validateInCluster() error {
	var bad invalid.Problems
	p.validateVpc(&bad)
	return bad.Err()
}

func (p *ServiceProps) validateVpc(bad *invalid.Problems) {
	if p.Cluster == nil || p.Task == nil {
		return // refused
	}
	if p.Cluster.Vpc() == nil {
		bad.Add("Cluster", "must have a known VPC").Advise("use awsecs.Cluster_FromClusterAttributes with its Vpc")
		return
	}
	if p.Task.usesAwsvpc() && !p.Cluster.isKnownToHave(p.Subnets) {
		subnettype.CheckIn("Subnets", p.Subnets, p.Cluster.Vpc(), bad)
	}
	p.validateQueueHome(bad)
	p.Exposure.validateVpc(p.Cluster.Vpc(), bad)
	if p.Exposure.Gateway != nil && p.Task.usesAwsvpc() {
		p.Exposure.Gateway.validateZones(p.Subnets, p.Cluster.Vpc(), bad)
	}
	p.validateFiles(bad)
	p.validateVolume(bad)
	if p.Exposure.hasTargetGroups() && p.kind() == onEc2 && !p.Task.usesAwsvpc() && p.Cluster.isImported() && len(p.instanceGroups()) == 0 {
		addUnknownGroups("to let load balancers in", bad)
	}
}

// addUnknownGroups refuses an imported cluster that doesn't know the security groups which tasks in its instances' network have.
func addUnknownGroups(purpose string, bad *invalid.Problems) {
	bad.Add("Cluster", "must know the security groups of its instances, %s", purpose).
		Advise("add them with Connections().AddSecurityGroup of the CDK's cluster, or use NetworkMode %q", awsecs.NetworkMode_AWS_VPC)
}

// validateCaller refuses what AllowFrom can't let in, or to no port of the task.
func (s *Service) validateCaller(other awsec2.IConnectable, containerPort int) (bad invalid.Problems) {
	check.NotNil("other", other, "what has security groups", &bad)
	ports := s.Task.containerPorts()
	switch {
	case slices.Contains(ports, containerPort):
	case len(ports) == 0:
		bad.Add("containerPort", "requires a container of the task with PortMappings").Given(containerPort)
	default:
		bad.Add("containerPort", "must be a port of the task's containers: %s", check.OneOf(ports)).Given(containerPort)
	}
	return bad
}

// containerPorts are the ports that the task's containers map, each once.
func (t *Task) containerPorts() (ports []int) {
	for _, c := range t.props.Containers {
		for _, m := range c.PortMappings {
			if !slices.Contains(ports, m.ContainerPort) {
				ports = append(ports, m.ContainerPort)
			}
		}
	}
	return ports
}

// validateExecuteCommand requires a cluster that encrypts and logs, and a container in which the agent of ECS Exec can start.
func (p *ServiceProps) validateExecuteCommand(bad *invalid.Problems) {
	if !p.ExecuteCommand {
		return
	}
	if p.Cluster != nil && !p.Cluster.logsSessions() {
		bad.Add("ExecuteCommand", "requires a cluster that encrypts and logs sessions").Advise("set ExecuteCommand of the cluster")
	}
	isWritable := func(c Container) bool { return c.WritableRootFilesystem }
	if p.Task != nil && !p.Task.isExisting && !slices.ContainsFunc(p.Task.props.Containers, isWritable) {
		bad.Add("ExecuteCommand", "requires a container with WritableRootFilesystem, because the ECS Exec agent can't start without it").
			Advise("set it on the container to run commands in")
	}
}

// validateTestHooks refuses hooks that wait for test traffic where there can be none.
func (p *ServiceProps) validateTestHooks(bad *invalid.Problems) {
	if p.hasTestTraffic() {
		return
	}
	for i, hook := range p.Deployment.LifecycleHooks {
		for _, stage := range hook.Stages {
			if strings.HasSuffix(string(stage), "TEST_TRAFFIC_SHIFT") {
				bad.Add("Deployment."+check.Index("LifecycleHooks", i)+".Stages", "must not have a test traffic stage without test traffic").
					Given(stage).Advise("set TestListener of Exposure.Alb[0] or Exposure.Nlb[0], TestHeader of the gateways, " +
					"or AppProtocol of a port of ServiceConnect")
			}
		}
	}
}

// hasTestTraffic reports whether the new version can be reached before the others.
func (p *ServiceProps) hasTestTraffic() bool {
	return p.Exposure.ServiceConnect.hasTestTraffic(p.Task) || p.hasTestListener()
}

// hasTestListener reports whether anybody can reach it, and not only the tasks of services, which have proxies.
func (p *ServiceProps) hasTestListener() bool {
	return p.Exposure.Gateway.hasTestTraffic() ||
		slices.ContainsFunc(p.Exposure.Alb, func(r AlbRule) bool { return r.TestListener != nil }) ||
		slices.ContainsFunc(p.Exposure.Nlb, func(l NlbListener) bool { return l.TestListener != nil })
}

// minTasks is the number of tasks that a deployment finds at least.
func (p *ServiceProps) minTasks() int {
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

// mayScaleToZero reports whether having no task may be intended.
func (p *ServiceProps) mayScaleToZero() bool {
	return p.minTasks() == 0 || p.Scaling != nil && p.Scaling.mayReachZero()
}

func (p *ServiceProps) desiredCount() *float64 {
	if p.Scaling != nil || p.Daemon {
		return nil
	}
	return jsii.Number(p.minTasks())
}

// zoneRebalancing moves tasks back over the zones after one was lost, which needs room for a task more than desired.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
func (p *ServiceProps) zoneRebalancing() awsecs.AvailabilityZoneRebalancing {
	if p.Deployment.MaxHealthyPercent > 100 && spreadsFirst(p.PlacementStrategies, p.PlacementConstraints) {
		return awsecs.AvailabilityZoneRebalancing_ENABLED
	}
	return awsecs.AvailabilityZoneRebalancing_DISABLED
}

// validateEc2 refuses what only EC2 has on other capacity, and what EC2 doesn't have.
func (p *ServiceProps) validateEc2(bad *invalid.Problems) {
	if p.Task == nil || p.Cluster == nil {
		return // refused
	}
	if kind := p.kind(); kind != onEc2 {
		for _, only := range []struct {
			field string
			given bool
		}{
			{"Daemon", p.Daemon}, {"PlacementStrategies", len(p.PlacementStrategies) > 0}, {"PlacementConstraints", len(p.PlacementConstraints) > 0},
		} {
			if only.given {
				bad.Add(only.field, "requires EC2 instances, but the tasks run on %s", kind).
					Advise("remove it, or set the task's Compatibility to %q", awsecs.Compatibility_EC2)
			}
		}
		return
	}
	if p.AssignPublicIp {
		bad.Add("AssignPublicIp", "is not compatible with EC2, where tasks get no public addresses").Advise("remove it, and use a load balancer")
	}
	if !p.Task.usesAwsvpc() {
		p.validateInstanceNetwork(bad)
	}
	p.validateDaemon(bad)
	p.validateHostPorts(bad)
}

func (p *ServiceProps) validateInstanceNetwork(bad *invalid.Problems) {
	mode := p.Task.props.NetworkMode
	if p.Subnets != "" {
		bad.Add("Subnets", "must not be set in NetworkMode %q, where tasks are in their instances' subnets", mode).Given(p.Subnets)
	}
	if len(p.SecurityGroups) > 0 {
		bad.Add("SecurityGroups", "must not be set in NetworkMode %q, where tasks have their instances' security groups", mode)
	}
	if p.Exposure.hasTargetGroups() && !p.Cluster.isImported() && len(p.ec2Capacities()) == 0 {
		bad.Add("Capacity", "must have an Ec2Capacity, whose security groups let load balancers in").
			Advise("use one, or NetworkMode %q", awsecs.NetworkMode_AWS_VPC)
	}
}

func (p *ServiceProps) validateDaemon(bad *invalid.Problems) {
	if !p.Daemon {
		return
	}
	for _, other := range []struct {
		field string
		given bool
	}{
		{"Capacity", len(p.Capacity) > 0}, {"DesiredCount", p.DesiredCount != nil}, {"Scaling", p.Scaling != nil},
		{"PlacementStrategies", len(p.PlacementStrategies) > 0},
	} {
		if other.given {
			bad.Add(other.field, "must not be set together with Daemon, which runs one task on each instance")
		}
	}
	if !p.Cluster.isImported() && len(p.Cluster.ec2) == 0 {
		bad.Add("Daemon", "requires EC2 instances in the cluster").Advise("create them with ecs.NewEc2Capacity")
	}
}

// validateHostPorts refuses tasks that want one port of one instance.
func (p *ServiceProps) validateHostPorts(bad *invalid.Problems) {
	ports := p.Task.hostPorts()
	for _, port := range ports {
		if daemon := p.Cluster.daemonPorts[port]; daemon != "" {
			bad.Add("Task", "must not use a port that the Daemon %s uses on each instance", daemon).Given(port)
		}
	}
	if len(ports) == 0 || p.Daemon {
		return
	}
	copies := p.minTasks()
	if p.Scaling != nil {
		copies = p.Scaling.MaxCapacity
	}
	distinct := slices.Contains(p.PlacementConstraints, PlacementConstraint{Type: PlacementDistinctInstance})
	if copies > 1 && !distinct {
		bad.Add("PlacementConstraints", "must have {Type: ecs.PlacementDistinctInstance}, because each of %d tasks needs port %d on its instance",
			copies, ports[0]).Advise("add it, or use Daemon")
	}
	p.validateRoom(copies, ports[0], bad)
}

// validateRoom refuses fewer instances than there are tasks that each need a port of one. A deployment starts as many more as
// MinHealthyPercent keeps.
func (p *ServiceProps) validateRoom(copies, port int, bad *invalid.Problems) {
	instances := 0
	for _, e := range p.ec2Capacities() {
		instances += e.maxInstances
	}
	tasks, when, fix := copies, "", "raise MaxSize"
	if *p.Deployment.MinHealthyPercent > 0 {
		tasks = max(copies, (copies**p.Deployment.MinHealthyPercent+99)/100+1)
		when, fix = " during a deployment", "raise MaxSize or lower Deployment.MinHealthyPercent"
	}
	if instances > 0 && tasks > instances {
		bad.Add("Capacity", "must have %[1]d instances, because each of %[1]d tasks needs port %[3]d on its instance%[2]s", tasks, when, port).
			Given(instances).Advise("%s", fix)
	}
}

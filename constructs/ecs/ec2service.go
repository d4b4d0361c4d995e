package ecs

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

// newService makes the CDK's service for what the tasks run on. Its class for Fargate serves Managed Instances too.
func (p *ServiceProps) newService(s *Service) awsecs.BaseService {
	props := p.render(s)
	if p.kind() != onEc2 {
		return awsecs.NewFargateService(s, jsii.String("Service"), props)
	}
	ec2 := &awsecs.Ec2ServiceProps{
		Cluster:                     p.onInstances(s),
		TaskDefinition:              props.TaskDefinition,
		CapacityProviderStrategies:  props.CapacityProviderStrategies,
		DesiredCount:                props.DesiredCount,
		ServiceName:                 props.ServiceName,
		HealthCheckGracePeriod:      props.HealthCheckGracePeriod,
		AvailabilityZoneRebalancing: props.AvailabilityZoneRebalancing,
		DeploymentController:        props.DeploymentController,
		DeploymentStrategy:          props.DeploymentStrategy,
		DeploymentAlarms:            props.DeploymentAlarms,
		BakeTime:                    props.BakeTime,
		CanaryConfiguration:         props.CanaryConfiguration,
		LinearConfiguration:         props.LinearConfiguration,
		LifecycleHooks:              props.LifecycleHooks,
		CircuitBreaker:              props.CircuitBreaker,
		MinHealthyPercent:           props.MinHealthyPercent,
		MaxHealthyPercent:           props.MaxHealthyPercent,
		EnableECSManagedTags:        props.EnableECSManagedTags,
		EnableExecuteCommand:        props.EnableExecuteCommand,
		PropagateTags:               props.PropagateTags,
		ServiceConnectConfiguration: props.ServiceConnectConfiguration,
		CloudMapOptions:             props.CloudMapOptions,
	}
	if p.Task.awsvpc() {
		ec2.VpcSubnets, ec2.SecurityGroups = props.VpcSubnets, props.SecurityGroups
	}
	if p.Daemon {
		ec2.Daemon = jsii.Bool(true)
	}
	if len(p.PlacementStrategies) > 0 {
		ec2.PlacementStrategies = placementStrategies(p.PlacementStrategies)
	}
	if len(p.PlacementConstraints) > 0 {
		ec2.PlacementConstraints = placementConstraints(p.PlacementConstraints)
	}
	return awsecs.NewEc2Service(s, jsii.String("Service"), ec2)
}

// onInstances is the cluster with the instances that the service may run on, which the CDK knows only of clusters that it has added
// capacity to: it would make an association, user data and permissions of its own there. In bridge and host network mode, what may
// reach the service must be let in by the security groups of these instances.
func (p *ServiceProps) onInstances(s *Service) awsecs.ICluster {
	cluster := p.Cluster.Cluster
	attributes := &awsecs.ClusterAttributes{
		ClusterName: cluster.ClusterName(), ClusterArn: cluster.ClusterArn(), Vpc: p.Cluster.Vpc(), HasEc2Capacity: jsii.Bool(true),
	}
	var groups []awsec2.ISecurityGroup
	for _, e := range p.capacities() {
		for _, group := range e.SecurityGroups {
			if !slices.Contains(groups, group) {
				groups = append(groups, group)
			}
		}
	}
	attributes.SecurityGroups = &groups
	if p.ExecuteCommand {
		attributes.ExecuteCommandConfiguration = cluster.ExecuteCommandConfiguration()
	}
	if p.Exposure.ServiceDiscovery != nil {
		attributes.DefaultCloudMapNamespace = cluster.DefaultCloudMapNamespace()
	}
	return awsecs.Cluster_FromClusterAttributes(s, jsii.String("Cluster"), attributes)
}

// targetType is what a load balancer registers: the tasks themselves, or their instances.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb.html
func (t *Task) targetType() elbv2.TargetType {
	if t.awsvpc() {
		return elbv2.TargetType_IP
	}
	return elbv2.TargetType_INSTANCE
}

// reachedAt gives the ports at one of which a container's port is reached: in bridge mode one of the instance's that is free when the
// task starts, unless there is a HostPort.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
func (t *Task) reachedAt(containerPort int) (from, to int) {
	if t.props.NetworkMode != awsecs.NetworkMode_BRIDGE {
		return containerPort, containerPort
	}
	for _, c := range t.props.Containers {
		for _, m := range c.PortMappings {
			if m.ContainerPort == containerPort && m.HostPort != 0 {
				return m.HostPort, m.HostPort
			}
		}
	}
	return firstFreePort, lastFreePort
}

// port is where a container's port is reached, as security groups name it.
func (t *Task) port(containerPort int) awsec2.Port {
	from, to := t.reachedAt(containerPort)
	return portRange(t.mappedFor(containerPort), from, to)
}

func portRange(protocol awsecs.Protocol, from, to int) awsec2.Port {
	switch one := from == to; {
	case protocol == awsecs.Protocol_UDP && one:
		return awsec2.Port_Udp(jsii.Number(from))
	case protocol == awsecs.Protocol_UDP:
		return awsec2.Port_UdpRange(jsii.Number(from), jsii.Number(to))
	case one:
		return awsec2.Port_Tcp(jsii.Number(from))
	default:
		return awsec2.Port_TcpRange(jsii.Number(from), jsii.Number(to))
	}
}

// The ports from which an instance chooses.
const firstFreePort, lastFreePort = 32768, 65535

// validateEc2 notes what belongs to EC2 alone, and what there is not.
func (p *ServiceProps) validateEc2(bad *invalid.Problems) {
	if p.Task == nil || p.Task.TaskDefinition == nil || p.Cluster == nil || p.Cluster.Cluster == nil {
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
				bad.Add(only.field, "takes EC2 instances, and the tasks run on %s; leave it out, or give the task Compatibility %q", kind, awsecs.Compatibility_EC2)
			}
		}
		return
	}
	if p.AssignPublicIp {
		bad.Add("AssignPublicIp", "is true, and tasks on EC2 get no public addresses; leave it out, and expose them by a load balancer")
	}
	if !p.Task.awsvpc() {
		p.validateInstanceNetwork(bad)
	}
	p.validateDaemon(bad)
	p.validateHostPorts(bad)
}

func (p *ServiceProps) validateInstanceNetwork(bad *invalid.Problems) {
	mode := p.Task.props.NetworkMode
	if p.Subnets != "" {
		bad.Add("Subnets", "%q say nothing in network mode %q, where tasks are where their instances are; leave them out", p.Subnets, mode)
	}
	if len(p.SecurityGroups) > 0 {
		bad.Add("SecurityGroups", "say nothing in network mode %q, where tasks have those of their instances; leave them out", mode)
	}
	if p.Exposure.balanced() && len(p.capacities()) == 0 {
		bad.Add("Capacity", "has no instances whose security groups are known, so that load balancers could not be let in; use network mode %q", awsecs.NetworkMode_AWS_VPC)
	}
}

func (p *ServiceProps) validateDaemon(bad *invalid.Problems) {
	if !p.Daemon {
		return
	}
	for _, other := range []struct {
		field, why string
		given      bool
	}{
		{"Capacity", "is for tasks that choose among instances", len(p.Capacity) > 0},
		{"DesiredCount", "is as many as there are instances", p.DesiredCount != nil},
		{"Scaling", "goes with the number of instances", p.Scaling != nil},
		{"PlacementStrategies", "are for tasks that choose among instances", len(p.PlacementStrategies) > 0},
	} {
		if other.given {
			bad.Add(other.field, "%s, and a Daemon has a task on each; leave it out", other.why)
		}
	}
	if p.Cluster.capacityProviders != nil && len(p.Cluster.ec2) == 0 {
		bad.Add("Daemon", "is true in a cluster without instances; make them with ecs.NewEc2Capacity")
	}
}

// host notes a daemon, and if it is everywhere, what it takes of every instance.
func (c *Cluster) host(daemon *Service, everywhere bool) {
	c.daemon = daemon.path
	if !everywhere {
		return
	}
	if c.daemonPorts == nil {
		c.daemonPorts = map[int]string{}
	}
	for _, port := range daemon.Task.hostPorts() {
		c.daemonPorts[port] = daemon.path
	}
}

// validateHostPorts notes tasks that would want one port of one instance.
func (p *ServiceProps) validateHostPorts(bad *invalid.Problems) {
	ports := p.Task.hostPorts()
	for _, port := range ports {
		if daemon := p.Cluster.daemonPorts[port]; daemon != "" {
			bad.Add("Task", "takes port %d of its instance, which the Daemon %s has on each; use another port", port, daemon)
		}
	}
	if len(ports) == 0 || p.Daemon {
		return
	}
	copies := p.leastTasks()
	if p.Scaling != nil {
		copies = p.Scaling.MaxCapacity
	}
	distinct := slices.Contains(p.PlacementConstraints, PlacementConstraint{Type: distinctInstance})
	if copies > 1 && !distinct {
		bad.Add("PlacementConstraints", "do not keep %d copies of the task apart, each of which takes port %d of its instance for itself; add {Type: %q}, or use Daemon",
			copies, ports[0], distinctInstance)
	}
	most := 0
	for _, e := range p.capacities() {
		most += e.most
	}
	// A deployment starts as many more as MinHealthyPercent keeps.
	during, when, or := max(copies, (copies**p.Deployment.MinHealthyPercent+99)/100+1), " while a new version starts", " or lower Deployment.MinHealthyPercent"
	if *p.Deployment.MinHealthyPercent == 0 {
		during, when, or = copies, "", ""
	}
	if most > 0 && during > most {
		bad.Add("Capacity", "has at most %d instances for %d copies of the task%s, each of which takes port %d of one for itself; raise MaxCapacity%s",
			most, during, when, ports[0], or)
	}
}

package ecs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/internal/opt"
)

// newService creates the CDK's service for what the tasks run on. Its class for Fargate serves Managed Instances too.
func (s *Service) newService(p *ServiceProps) awsecs.BaseService {
	props := s.renderService(p)
	if p.kind() != onEc2 {
		return awsecs.NewFargateService(s, jsii.String("Service"), props)
	}
	return awsecs.NewEc2Service(s, jsii.String("Service"), s.renderEc2(p, props))
}

// renderService renders the props of the CDK's service.
func (s *Service) renderService(p *ServiceProps) *awsecs.FargateServiceProps {
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
		DeploymentAlarms:            s.rollbackAlarms(&p.Deployment),
		LifecycleHooks:              s.lifecycleHooks(&p.Deployment),
		EnableECSManagedTags:        jsii.Bool(true),
		PropagateTags:               awsecs.PropagatedTagSource_SERVICE,
		ServiceConnectConfiguration: p.Exposure.ServiceConnect.render(p.Task, p.Cluster),
		CloudMapOptions:             p.Exposure.ServiceDiscovery.render(),
	}
	if p.ExecuteCommand {
		props.EnableExecuteCommand = jsii.Bool(true)
	}
	p.Deployment.render(props)
	return props
}

// renderEc2 renders the props for EC2 from those for Fargate.
func (s *Service) renderEc2(p *ServiceProps, props *awsecs.FargateServiceProps) *awsecs.Ec2ServiceProps {
	ec2 := &awsecs.Ec2ServiceProps{
		Cluster:                     s.ec2Cluster(p),
		TaskDefinition:              props.TaskDefinition,
		CapacityProviderStrategies:  props.CapacityProviderStrategies,
		DesiredCount:                props.DesiredCount,
		ServiceName:                 props.ServiceName,
		HealthCheckGracePeriod:      props.HealthCheckGracePeriod,
		AvailabilityZoneRebalancing: props.AvailabilityZoneRebalancing,
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
	if p.Task.usesAwsvpc() {
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
	return ec2
}

// ec2Cluster is the cluster with the instances that the service may run on, which the CDK knows only of clusters that it has added
// capacity to: it would make an association, user data and permissions of its own there. In bridge and host network mode, what may
// reach the service must be let in by the security groups of these instances.
func (s *Service) ec2Cluster(p *ServiceProps) awsecs.ICluster {
	cluster := p.Cluster.Cluster
	attributes := &awsecs.ClusterAttributes{
		ClusterName: cluster.ClusterName(), ClusterArn: cluster.ClusterArn(), Vpc: p.Cluster.Vpc(), HasEc2Capacity: jsii.Bool(true),
	}
	groups := p.instanceGroups()
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
	if t.usesAwsvpc() {
		return elbv2.TargetType_IP
	}
	return elbv2.TargetType_INSTANCE
}

// reachablePorts gives the ports at one of which a container's port is reached: in bridge mode one of the instance's that is free when the
// task starts, unless there is a HostPort.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
func (t *Task) reachablePorts(containerPort int) (from, to int) {
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

// isReachedAt reports whether a container's port is reached at a port, among others.
func (t *Task) isReachedAt(containerPort, port int) bool {
	from, to := t.reachablePorts(containerPort)
	return from <= port && port <= to
}

// port is where a container's port is reached, as security groups name it.
func (t *Task) port(containerPort int) awsec2.Port {
	from, to := t.reachablePorts(containerPort)
	return portRange(t.portProtocol(containerPort), from, to)
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

// warnOfEmptyRepositories warns of images that nobody can have pushed before the first task starts.
func (p *ServiceProps) warnOfEmptyRepositories(s *Service) {
	if p.mayScaleToZero() || p.DesiredCount != nil && *p.DesiredCount == 0 {
		return
	}
	for i := range p.Task.props.Containers {
		p.Task.props.Containers[i].Image.WarnIfEmpty(s)
	}
}

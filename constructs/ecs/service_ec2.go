package ecs

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"awscontainers/constructs/invalid"
)

// validateEc2 refuses what EC2 alone has on other capacity, and what EC2 doesn't have.
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
				bad.Add(only.field, "requires EC2 instances, and the tasks run on %s", kind).
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
	if p.Exposure.isBalanced() && len(p.ec2Capacities()) == 0 {
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
			bad.Add("Task", "must not use a port that the Daemon %s has on each instance", daemon).Given(port)
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
		bad.Add("PlacementConstraints", "must have {Type: ecs.PlacementDistinctInstance}, because each of %d tasks needs port %d of its instance",
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
	during, fix := copies, "raise MaxCapacity"
	if *p.Deployment.MinHealthyPercent > 0 {
		during, fix = max(copies, (copies**p.Deployment.MinHealthyPercent+99)/100+1), "raise MaxCapacity or lower Deployment.MinHealthyPercent"
	}
	if instances > 0 && during > instances {
		bad.Add("Capacity", "must have %d instances, because during a deployment each of as many tasks needs port %d of its instance", during, port).
			Given(instances).Advise("%s", fix)
	}
}

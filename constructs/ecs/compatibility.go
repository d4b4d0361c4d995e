package ecs

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/fargate"
)

// kindsOf are the kinds of capacity that a task with each Compatibility may run on, the one preferred first.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html
var kindsOf = map[awsecs.Compatibility][]capacityKind{
	awsecs.Compatibility_FARGATE:                       {onFargate},
	awsecs.Compatibility_EC2:                           {onEc2},
	awsecs.Compatibility_EC2_AND_FARGATE:               {onFargate, onEc2},
	awsecs.Compatibility_MANAGED_INSTANCES:             {onManagedInstances},
	awsecs.Compatibility_FARGATE_AND_MANAGED_INSTANCES: {onFargate, onManagedInstances},
}

// on tells whether the task may run on a kind of capacity.
func (p *TaskProps) on(kind capacityKind) bool {
	return slices.Contains(kindsOf[p.Compatibility], kind)
}

// only tells whether it may run on no other.
func (p *TaskProps) only(kind capacityKind) bool {
	kinds := kindsOf[p.Compatibility]
	return len(kinds) == 1 && kinds[0] == kind
}

func (t *Task) kinds() []capacityKind { return kindsOf[t.props.Compatibility] }

// awsvpc tells whether each task has an address and security groups of its own.
func (t *Task) awsvpc() bool { return t.props.NetworkMode == awsecs.NetworkMode_AWS_VPC }

func (t *Task) gpus() bool {
	return slices.ContainsFunc(t.props.Containers, func(c Container) bool { return c.GpuCount > 0 })
}

// hostPorts are the ports of its instance that a task takes for itself: of these, an instance has one each.
func (t *Task) hostPorts() (ports []int) {
	for _, c := range t.props.Containers {
		for _, m := range c.PortMappings {
			switch {
			case t.props.NetworkMode == awsecs.NetworkMode_HOST:
				ports = append(ports, m.ContainerPort)
			case m.HostPort != 0 && !t.awsvpc():
				ports = append(ports, m.HostPort)
			}
		}
	}
	return ports
}

// reservedPorts are those of an instance that SSH, Docker and the agent have.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
var reservedPorts = []int{22, 2375, 2376, 51678, 51679, 51680}

func (p *TaskProps) validateReservedPorts(bad *invalid.Problems) {
	for i, c := range p.Containers {
		for j, m := range c.PortMappings {
			field, port := ".HostPort", m.HostPort
			if p.NetworkMode == awsecs.NetworkMode_HOST {
				field, port = ".ContainerPort", m.ContainerPort
			}
			if p.NetworkMode != awsecs.NetworkMode_AWS_VPC && slices.Contains(reservedPorts, port) {
				bad.Add(check.Index("Containers", i)+"."+check.Index("PortMappings", j)+field, "%d is a port that an instance keeps to itself; use another than %s", port, check.OneOf(reservedPorts))
			}
		}
	}
}

const (
	defaultMemoryMiB = 512
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
	leastCpu, mostCpu = 128, 196608
)

// validateCompatibility asks for a network and a size that there are wherever the task may run.
func (p *TaskProps) validateCompatibility(bad *invalid.Problems) {
	if kindsOf[p.Compatibility] == nil {
		bad.Add("Compatibility", "%q is unknown; use %s", p.Compatibility, check.OneOf(slices.Sorted(maps.Keys(kindsOf))))
		return
	}
	modes := []awsecs.NetworkMode{awsecs.NetworkMode_AWS_VPC}
	if p.only(onEc2) {
		modes = append(modes, awsecs.NetworkMode_BRIDGE, awsecs.NetworkMode_HOST)
	}
	if !slices.Contains(modes, p.NetworkMode) {
		bad.Add("NetworkMode", "%q does not go with Compatibility %q; use %s", p.NetworkMode, p.Compatibility, check.OneOf(modes))
	}
	p.validateReservedPorts(bad)
	if p.OpenTelemetry != nil && p.NetworkMode == awsecs.NetworkMode_BRIDGE {
		bad.Add("OpenTelemetry", "has a container that the others could not reach at localhost in network mode %q; use %q", p.NetworkMode, awsecs.NetworkMode_AWS_VPC)
	}
	if p.EphemeralStorageGiB != 0 && !p.only(onFargate) {
		bad.Add("EphemeralStorageGiB", "%d is Fargate's, and the task's Compatibility is %q; leave it out", p.EphemeralStorageGiB, p.Compatibility)
	}
	if p.on(onFargate) {
		fargate.CheckSize(p.Cpu, p.MemoryLimitMiB, "MemoryLimitMiB", bad)
		return
	}
	if p.Cpu < leastCpu || p.Cpu > mostCpu {
		bad.Add("Cpu", "%d is out of range; use %d to %d", p.Cpu, leastCpu, mostCpu)
	}
	if p.MemoryLimitMiB < leastMemory {
		bad.Add("MemoryLimitMiB", "%d is out of range; use %d or more", p.MemoryLimitMiB, leastMemory)
	}
}

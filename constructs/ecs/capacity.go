package ecs

import (
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// The capacity providers that every cluster has. Others are made by NewEc2Capacity and NewManagedInstances.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
const (
	// Fargate runs tasks without instances to look after.
	Fargate = "FARGATE"
	// FargateSpot runs them on spare capacity for less, and takes it back with two minutes' notice.
	FargateSpot = "FARGATE_SPOT"
)

// CapacityProviderStrategy is a share of a service's tasks: the first Base of them run on the named provider, and of all
// others as many as its Weight says against the other shares.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
type CapacityProviderStrategy struct {
	// CapacityProvider is Fargate, FargateSpot, the Name of an Ec2Capacity or ManagedInstances, or that of another provider of the
	// cluster. Required.
	CapacityProvider string
	// Base is the number of tasks that run here before any are shared out, 0 to 100000. Only one share of a service may
	// have one. Default: 0.
	Base int
	// Weight is the share of the remaining tasks, 0 to 1000. Default: 0; at least one share needs more.
	Weight int
}

const (
	maxBase   = 100000
	maxWeight = 1000
)

// capacityKind is what capacity providers are made of. The shares of a service are of one kind.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCapacityProvider.html
type capacityKind string

const (
	onFargate          capacityKind = "Fargate"
	onEc2              capacityKind = "EC2"
	onManagedInstances capacityKind = "Managed Instances"
)

// defaultCapacity is Fargate for a task that may run there, or else the one capacity of its kind that the cluster has. It is nil for
// a launch type.
func (p *ServiceProps) defaultCapacity() []CapacityProviderStrategy {
	if p.Daemon || p.Task == nil || p.Task.TaskDefinition == nil || p.Cluster == nil || p.Cluster.capacityProviders == nil {
		return nil
	}
	var names []string
	switch p.Task.kinds()[0] {
	case onFargate:
		names = []string{Fargate}
	case onEc2:
		for _, e := range p.Cluster.ec2 {
			names = append(names, e.name)
		}
	case onManagedInstances:
		for _, m := range p.Cluster.managed {
			names = append(names, m.name)
		}
	}
	if len(names) != 1 {
		return nil // refused
	}
	return []CapacityProviderStrategy{{CapacityProvider: names[0], Weight: 1}}
}

// kind is what the service runs on.
func (p *ServiceProps) kind() capacityKind {
	for _, c := range p.Capacity {
		if kind := p.Cluster.kindOf(c.CapacityProvider); kind != "" {
			return kind
		}
	}
	// A launch type, or providers of which only the names are known: then the task tells.
	kinds := p.Task.kinds()
	if len(p.Capacity) > 0 && kinds[0] == onFargate && len(kinds) > 1 {
		return kinds[1] // Fargate's providers are known
	}
	return kinds[0]
}

// capacities are the EC2 capacities that the service may run on, as far as they are known: those of its shares, or of a daemon all.
func (p *ServiceProps) capacities() (known []*Ec2Capacity) {
	if p.Cluster == nil {
		return nil
	}
	if p.Daemon && p.kind() == onEc2 {
		return p.Cluster.ec2
	}
	for _, c := range p.Capacity {
		if e := p.Cluster.ec2Capacity(c.CapacityProvider); e != nil {
			known = append(known, e)
		}
	}
	return known
}

func validateShares(capacity []CapacityProviderStrategy, cluster *Cluster, bad *invalid.Problems) {
	weights, bases := 0, 0
	seen := map[string]bool{}
	for i, c := range capacity {
		field := check.Index("Capacity", i)
		known := cluster.providers()
		switch kind := cluster.kindOf(c.CapacityProvider); {
		case c.CapacityProvider == "":
			bad.Add(field+".CapacityProvider", "is empty, and Weight %d has no capacity to go to; use %s", c.Weight, orProvider(known))
		case seen[c.CapacityProvider]:
			bad.Add(field+".CapacityProvider", "%q is named twice; give each provider one share", c.CapacityProvider)
		case known != nil && kind == "":
			bad.Add(field+".CapacityProvider", "%q is no capacity provider of the cluster; use %s", c.CapacityProvider, check.OneOf(known))
		case i > 0 && kind != "" && cluster.kindOf(capacity[0].CapacityProvider) != "" && kind != cluster.kindOf(capacity[0].CapacityProvider):
			bad.Add(field+".CapacityProvider", "is %s, and %s is %s; ECS takes one kind for a service", kind, check.Index("Capacity", 0), cluster.kindOf(capacity[0].CapacityProvider))
		}
		seen[c.CapacityProvider] = true
		if c.Base < 0 || c.Base > maxBase {
			bad.Add(field+".Base", "%d is not a number of tasks; use 0 to %d", c.Base, maxBase)
		}
		if c.Weight < 0 || c.Weight > maxWeight {
			bad.Add(field+".Weight", "%d is not a weight; use 0 to %d", c.Weight, maxWeight)
		}
		weights += c.Weight
		if c.Base > 0 {
			bases++
		}
	}
	if len(capacity) > 0 && weights == 0 {
		bad.Add("Capacity", "has no weight above 0, so that no task could be placed; give at least one share a Weight")
	}
	if bases > 1 {
		bad.Add("Capacity", "has %d shares with a Base; ECS allows one", bases)
	}
}

func orProvider(known []string) string {
	if known == nil {
		known = []string{Fargate, FargateSpot, "the name of a provider of the cluster"}
	}
	return check.OneOf(known)
}

// validateCapacity asks for capacity on which the task can run.
func (p *ServiceProps) validateCapacity(bad *invalid.Problems) {
	validateShares(p.Capacity, p.Cluster, bad)
	if p.Task == nil || p.Task.TaskDefinition == nil || p.Cluster == nil {
		return // refused
	}
	kinds, kind := p.Task.kinds(), p.kind()
	if !slices.Contains(kinds, kind) {
		bad.Add("Capacity", "is %s, and the task's Compatibility is %q; give the task one for %s, or use other capacity", kind, p.Task.props.Compatibility, kind)
		return
	}
	if len(p.Capacity) == 0 && !p.Daemon && kind != onFargate && (p.Cluster.capacityProviders != nil || kind == onManagedInstances) {
		bad.Add("Capacity", "is empty, and the cluster has not just one of %s; make it with %s, or say how the tasks are shared out", kind, constructorOf[kind])
	}
	for _, e := range p.capacities() {
		if e.CpuArchitecture != p.Task.props.CpuArchitecture {
			bad.Add("Task", "is for %s, and the instances of %s are %s; set the task's CpuArchitecture, or use other capacity", p.Task.props.CpuArchitecture, e.path, e.CpuArchitecture)
		}
		if p.Task.gpus() && !e.gpus {
			bad.Add("Task", "asks for GPUs, which the instances of %s do not have; use other InstanceTypes", e.path)
		}
		if e.memoryMiB > 0 && p.Task.props.MemoryLimitMiB >= e.memoryMiB {
			bad.Add("Task", "takes %d MiB, and the instances of %s have %d, of which the system needs some; lower MemoryLimitMiB or use larger InstanceTypes",
				p.Task.props.MemoryLimitMiB, e.path, e.memoryMiB)
		}
		for i, c := range p.Task.props.Containers {
			if e.spot && c.StopTimeout > spotNotice {
				bad.Add("Task", "gives %s a StopTimeout of %v, and Spot instances, such as those of %s, are gone in %v; shorten it, or use On-Demand capacity",
					check.Index("Containers", i), c.StopTimeout, e.path, spotNotice)
			}
		}
	}
}

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
const spotNotice = 2 * time.Minute

var constructorOf = map[capacityKind]string{onEc2: "ecs.NewEc2Capacity", onManagedInstances: "ecs.NewManagedInstances"}

// renderCapacity is nil for a launch type.
func renderCapacity(capacity []CapacityProviderStrategy) *[]*awsecs.CapacityProviderStrategy {
	if len(capacity) == 0 {
		return nil
	}
	rendered := make([]*awsecs.CapacityProviderStrategy, len(capacity))
	for i, c := range capacity {
		rendered[i] = &awsecs.CapacityProviderStrategy{
			CapacityProvider: &c.CapacityProvider,
			Base:             opt.Number(c.Base),
			Weight:           jsii.Number(c.Weight),
		}
	}
	return &rendered
}

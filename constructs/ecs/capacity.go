package ecs

import (
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// CapacityProvider is the name of a capacity provider: Fargate, FargateSpot, the Provider of an Ec2Capacity or of
// ManagedInstances, or that of another one of the cluster.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/capacity-launch-type-comparison.html
type CapacityProvider string

// The capacity providers that every cluster has.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
const (
	// Fargate runs tasks without instances for you to manage.
	Fargate CapacityProvider = "FARGATE"
	// FargateSpot runs tasks on spare capacity at a lower price. AWS reclaims it with two minutes' notice.
	FargateSpot CapacityProvider = "FARGATE_SPOT"
)

func (c CapacityProvider) name() *string { return jsii.String(string(c)) }

// CapacityProviderStrategy is the share of a service's tasks that runs on one capacity provider: first Base tasks, then as
// many of the others as its Weight is of all weights.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
type CapacityProviderStrategy struct {
	// CapacityProvider is Fargate, FargateSpot, the Provider of an Ec2Capacity or of ManagedInstances, or the name of another
	// provider of the cluster. Required.
	CapacityProvider CapacityProvider
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

// capacityKind is what capacity providers consist of. The shares of a service are of one kind.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCapacityProvider.html
type capacityKind string

const (
	onFargate          capacityKind = "Fargate"
	onEc2              capacityKind = "EC2"
	onManagedInstances capacityKind = "Managed Instances"
)

// constructorOf says how to create capacity of a kind.
var constructorOf = map[capacityKind]string{onEc2: "ecs.NewEc2Capacity", onManagedInstances: "ecs.NewManagedInstances"}

// spotNotice is how long a Spot instance runs after AWS has reclaimed it.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
const spotNotice = 2 * time.Minute

// defaultCapacity is Fargate for a task that may run there, or else the one capacity of its kind that the cluster has. It is
// nil for a launch type.
func (p *ServiceProps) defaultCapacity() []CapacityProviderStrategy {
	if p.Daemon || p.Task == nil || p.Cluster == nil || p.Cluster.isImported() {
		return nil
	}
	var providers []CapacityProvider
	switch p.Task.kinds()[0] {
	case onFargate:
		providers = []CapacityProvider{Fargate}
	case onEc2:
		for _, e := range p.Cluster.ec2 {
			providers = append(providers, e.name)
		}
	case onManagedInstances:
		for _, m := range p.Cluster.managed {
			providers = append(providers, m.name)
		}
	}
	if len(providers) != 1 {
		return nil // refused
	}
	return []CapacityProviderStrategy{{CapacityProvider: providers[0], Weight: 1}}
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

// ec2Capacities are the EC2 capacities that the service may run on, as far as they are known: those of its shares, or of a
// daemon all.
func (p *ServiceProps) ec2Capacities() (known []*Ec2Capacity) {
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

// instanceGroups are the security groups of the EC2 instances that the service may run on, as far as they are known.
func (p *ServiceProps) instanceGroups() (known []awsec2.ISecurityGroup) {
	groups := p.Cluster.importedGroups()
	for _, e := range p.ec2Capacities() {
		groups = append(groups, e.SecurityGroups...)
	}
	for _, group := range groups {
		if !slices.Contains(known, group) {
			known = append(known, group)
		}
	}
	return known
}

func validateShares(capacity []CapacityProviderStrategy, cluster *Cluster, bad *invalid.Problems) {
	weights, bases := 0, 0
	for i, c := range capacity {
		field := check.Index("Capacity", i)
		validateProvider(capacity, i, cluster, bad)
		check.Range(field+".Base", c.Base, 0, maxBase, bad)
		check.Range(field+".Weight", c.Weight, 0, maxWeight, bad)
		weights += c.Weight
		if c.Base > 0 {
			bases++
		}
	}
	if len(capacity) > 0 && weights == 0 {
		bad.Add("Capacity", "must have a Weight above 0, because otherwise no task can be placed").Advise("set Weight of at least one share")
	}
	if bases > 1 {
		bad.Add("Capacity", "must have a Base in at most one share").Given(bases)
	}
}

func validateProvider(capacity []CapacityProviderStrategy, i int, cluster *Cluster, bad *invalid.Problems) {
	field, provider := check.Index("Capacity", i)+".CapacityProvider", capacity[i].CapacityProvider
	known := cluster.providers()
	kind, first := cluster.kindOf(provider), cluster.kindOf(capacity[0].CapacityProvider)
	same := func(c CapacityProviderStrategy) bool { return c.CapacityProvider == provider }
	switch {
	case provider == "" && known == nil:
		bad.Add(field, "is required").Advise("use ecs.Fargate, ecs.FargateSpot or the name of a provider of the cluster")
	case provider == "":
		bad.Add(field, "is required").Advise("use %s", check.OneOf(known))
	case slices.ContainsFunc(capacity[:i], same):
		first := slices.IndexFunc(capacity, same)
		bad.Add(field, "must not repeat %s.CapacityProvider", check.Index("Capacity", first)).Given(provider).
			Advise("use one share for each provider")
	case known != nil && kind == "":
		bad.Add(field, "must be a capacity provider of the cluster").Given(provider).Advise("use %s", check.OneOf(known))
	case kind != "" && first != "" && kind != first:
		bad.Add(field, "must be of the same kind as Capacity[0] (%s): all shares must use one kind", first).Given(kind)
	}
}

// validateCapacity refuses capacity on which the task can't run.
func (p *ServiceProps) validateCapacity(bad *invalid.Problems) {
	validateShares(p.Capacity, p.Cluster, bad)
	if p.Task == nil || p.Cluster == nil {
		return // refused
	}
	kinds, kind := p.Task.kinds(), p.kind()
	if !slices.Contains(kinds, kind) {
		bad.Add("Capacity", "is not compatible with the task's Compatibility %q", p.Task.props.Compatibility).Given(kind).
			Advise("use other capacity, or a task for %s", kind)
		return
	}
	if len(p.Capacity) == 0 && !p.Daemon && kind != onFargate {
		p.Cluster.requireCapacity(kind, bad)
	}
	for _, e := range p.ec2Capacities() {
		p.validateInstances(e, bad)
	}
	for _, m := range p.managedCapacities() {
		p.validateManaged(m, bad)
	}
}

// requireCapacity refuses a cluster in which a service of a kind has no default capacity.
func (c *Cluster) requireCapacity(kind capacityKind, bad *invalid.Problems) {
	names := c.providersOf(kind)
	switch {
	case c.isImported() && kind == onManagedInstances: // EC2 has a launch type
		bad.Add("Capacity", "is required, because the capacity providers of an existing cluster are not known").
			Advise("set Capacity to the name of a capacity provider of the cluster")
	case c.isImported():
	case len(names) == 0:
		bad.Add("Capacity", "is required, because the cluster has no capacity of %s", kind).Advise("create one with %s", constructorOf[kind])
	default:
		bad.Add("Capacity", "is required, because the cluster has several capacities of %s", kind).
			Advise("set Capacity to one of them: %s", check.OneOf(names))
	}
}

// validateInstances refuses a task that can't run on the instances of a capacity.
func (p *ServiceProps) validateInstances(e *Ec2Capacity, bad *invalid.Problems) {
	task := &p.Task.props
	if task.CpuArchitecture != "" && e.CpuArchitecture != task.CpuArchitecture {
		bad.Add("Task", "must have the CpuArchitecture of the instances of %s (%s)", e.path, e.CpuArchitecture).
			Given(task.CpuArchitecture).Advise("set it, or use other capacity")
	}
	if p.Task.gpus() > 0 && !e.hasGpus {
		bad.Add("Task", "requires GPUs, which the instances of %s don't have", e.path).Advise("use other InstanceTypes")
	}
	if p.Task.usesNeuron() && !e.hasNeuron {
		bad.Add("Task", "requires AWS Neuron devices, which the instances of %s don't have", e.path).
			Advise(`use InstanceTypes such as "inf2.xlarge"`)
	}
	if e.memoryMiB > 0 && task.MemoryLimitMiB >= e.memoryMiB {
		bad.Add("Task", "must use less memory than the %d MiB of the instances of %s, whose operating system needs some", e.memoryMiB, e.path).
			Given(task.MemoryLimitMiB).Advise("lower MemoryLimitMiB or use larger %s", e.sizedBy())
	}
	if e.cpu > 0 && task.Cpu > e.cpu {
		bad.Add("Task", "must use at most the %d CPU units of the smallest instance of %s", e.cpu, e.path).Given(task.Cpu).
			Advise("lower Cpu or raise MinVCpus")
	}
	for i, c := range task.Containers {
		if e.isSpot && c.StopTimeout > spotNotice {
			bad.Add("Task", "must have a StopTimeout of at most %v in %s: Spot instances, such as those of %s, are reclaimed after that",
				spotNotice, check.Index("Containers", i), e.path).Given(c.StopTimeout).Advise("shorten it, or use On-Demand capacity")
		}
	}
}

// renderCapacity returns nil for a launch type.
func renderCapacity(capacity []CapacityProviderStrategy) *[]*awsecs.CapacityProviderStrategy {
	if len(capacity) == 0 {
		return nil
	}
	rendered := make([]*awsecs.CapacityProviderStrategy, len(capacity))
	for i, c := range capacity {
		rendered[i] = &awsecs.CapacityProviderStrategy{
			CapacityProvider: c.CapacityProvider.name(),
			Base:             opt.Number(c.Base),
			Weight:           jsii.Number(c.Weight),
		}
	}
	return &rendered
}

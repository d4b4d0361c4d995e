package ecs

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/platform"
	"awscontainers/internal/check"
	"awscontainers/internal/instancetype"
	"awscontainers/internal/opt"
	"awscontainers/internal/subnettype"
)

const (
	day                     = 24 * time.Hour
	defaultInstanceLifetime = 14 * day
	maxInstanceLifetime     = 365 * day
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
	maxInstances = 5000
	// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplate.html
	maxInstanceTypes = 40
	// https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
	minDiskGiB, maxDiskGiB = 30, 16384
	// EC2 takes 16 KiB, of which one is for the lines that come first.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
	maxUserData = 15 * 1024
)

func (p *Ec2CapacityProps) setDefaults() {
	p.InstanceTypes, p.UserData = slices.Clone(p.InstanceTypes), slices.Clone(p.UserData)
	p.InstanceRequirements, p.Volumes = p.InstanceRequirements.withDefaults(), slices.Clone(p.Volumes)
	opt.Default(&p.OperatingSystem, platform.AmazonLinux2023)
	opt.Default(&p.TargetCapacityPercent, 100)
	opt.Default(&p.Subnets, network.Private)
	opt.Default(&p.DiskSizeGiB, minDiskGiB)
	if p.MaxInstanceLifetime == nil {
		p.MaxInstanceLifetime = new(defaultInstanceLifetime)
	}
}

// instances is what the types have in common; validate has seen to it that they do.
func (p *Ec2CapacityProps) instances() instancetype.Type {
	if p.InstanceRequirements != nil {
		return instancetype.Type{Arm: p.InstanceRequirements.CpuArchitecture == platform.Arm64}
	}
	for _, name := range p.InstanceTypes {
		if t, ok := instancetype.Parse(name); ok {
			return t
		}
	}
	return instancetype.Type{}
}

// haveGpus reports whether a container can have a GPU of each instance to itself.
func (p *Ec2CapacityProps) haveGpus() bool {
	return len(p.InstanceTypes) > 0 && !slices.ContainsFunc(p.InstanceTypes, func(name string) bool {
		pattern, _ := instancetype.ParsePattern(name)
		return !pattern.MayHaveGpus()
	})
}

// maxMemoryMiB is the memory of the largest type, 0 if it isn't known of each. With requirements, which have no order, it is that of the
// smallest one.
func (p *Ec2CapacityProps) maxMemoryMiB() (memoryMiB int) {
	if p.InstanceRequirements != nil {
		return p.InstanceRequirements.MinMemoryMiB
	}
	for _, name := range p.InstanceTypes {
		t, _ := instancetype.Parse(name)
		if t.MemoryMiB == 0 {
			return 0
		}
		memoryMiB = max(memoryMiB, t.MemoryMiB)
	}
	return memoryMiB
}

// Validate returns all problems of the props, or nil, except those that only NewEc2Capacity finds, in the cluster's stack and VPC.
func (p *Ec2CapacityProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *Ec2CapacityProps) validate() error {
	var bad invalid.Problems
	p.Cluster.checkExtensible("Cluster", &bad)
	if p.Cluster != nil && p.Cluster.daemon != "" {
		bad.Add("Cluster", "must not have a Daemon yet, because a Daemon is validated with the instances that exist when it is created").
			Given(p.Cluster.daemon).
			Advise("create the capacity before the Daemon")
	}
	p.validateInstances(&bad)
	p.validateWarmPool(&bad)
	p.validateVolumes(&bad)
	limit := maxUserData - len(strings.Join(p.mountVolumes(), "\n"))
	if size := len(strings.Join(p.UserData, "\n")); size > limit {
		bad.Add("UserData", "must have at most %d bytes", limit).Given(size).Advise("store a script in Amazon S3 and download it here")
	}
	check.Min("MinSize", p.MinSize, 0, &bad)
	switch {
	case p.MaxSize == 0:
		bad.Add("MaxSize", "is required: an integer from 1 to %d", maxInstances)
	case p.MaxSize < 0 || p.MaxSize > maxInstances:
		check.Range("MaxSize", p.MaxSize, 1, maxInstances, &bad)
	default:
		check.NotGreater("MinSize", p.MinSize, "MaxSize", p.MaxSize, &bad)
	}
	check.Percent("TargetCapacityPercent", p.TargetCapacityPercent, &bad)
	check.Seconds("MaxInstanceLifetime", *p.MaxInstanceLifetime, day, maxInstanceLifetime, &bad)
	subnettype.Check("Subnets", p.Subnets, &bad)
	check.NoNil("SecurityGroups", p.SecurityGroups, "a security group", &bad)
	check.Range("DiskSizeGiB", p.DiskSizeGiB, minDiskGiB, maxDiskGiB, &bad)
	return bad.Err()
}

// validateInstances requires types that one AMI serves.
func (p *Ec2CapacityProps) validateInstances(bad *invalid.Problems) {
	check.Known("OperatingSystem", p.OperatingSystem, platform.OperatingSystems(), bad)
	check.ImageId("ImageId", p.ImageId, bad)
	if p.InstanceRequirements != nil {
		p.validateRequirements(bad)
		return
	}
	if len(p.InstanceTypes) == 0 || len(p.InstanceTypes) > maxInstanceTypes {
		bad.Add("InstanceTypes", `must have 1 to %d elements such as "m7g.large"`, maxInstanceTypes).Given(len(p.InstanceTypes))
		return
	}
	common := p.instances()
	for i := range p.InstanceTypes {
		p.validateInstanceType(i, common, bad)
	}
	if p.ImageId == "" && imageParameter(p.OperatingSystem, common) == "" {
		bad.Add("InstanceTypes", "must be types for which AWS publishes an ECS-optimized AMI of %s, not %s with %s",
			p.OperatingSystem, common.CpuArchitecture(), common.Accelerator.OrNone()).Given(p.InstanceTypes).
			Advise("use another OperatingSystem, or set ImageId")
	}
}

func (p *Ec2CapacityProps) validateRequirements(bad *invalid.Problems) {
	const field = "InstanceRequirements"
	bad.Nest(field, p.InstanceRequirements.validate())
	if p.InstanceRequirements.Gpus != nil {
		bad.Add(field+".Gpus", "must not be set, because the AMI for GPUs follows from InstanceTypes").
			Advise(`use InstanceTypes such as "g5.xlarge", or ManagedInstances`)
	}
	if len(p.InstanceTypes) > 0 {
		bad.Add(field, "must not be set together with InstanceTypes").Advise("remove one of them")
	}
}

func (p *Ec2CapacityProps) validateInstanceType(i int, common instancetype.Type, bad *invalid.Problems) {
	field, name, first := check.Index("InstanceTypes", i), p.InstanceTypes[i], p.InstanceTypes[0]
	t, ok := instancetype.Parse(name)
	switch {
	case !ok:
		bad.Add(field, `must be an EC2 instance type such as "m7g.large"`).Given(name)
	case slices.Index(p.InstanceTypes, name) < i:
		check.Once("InstanceTypes", p.InstanceTypes, i, bad)
	case t.CpuArchitecture() != common.CpuArchitecture():
		bad.Add(field, "must be %s like %q, because one AMI serves all", common.CpuArchitecture(), first).Given(name).
			Advise("use an Ec2Capacity for each architecture")
	case t.Accelerator != common.Accelerator:
		bad.Add(field, "must have %s like %q, because one AMI serves all", common.Accelerator.OrNone(), first).Given(name).
			Advise("use an Ec2Capacity for each accelerator")
	}
}

// validateIn judges what takes the stack and the cluster's VPC.
func (p *Ec2CapacityProps) validateIn(scope constructs.Construct) error {
	return p.Cluster.validateCapacityIn(scope, p.Subnets)
}

// checkExtensible refuses a cluster that capacity can't be added to.
func (c *Cluster) checkExtensible(field string, bad *invalid.Problems) {
	switch {
	case c == nil:
		bad.Add(field, "is required").Advise("use ecs.NewCluster")
	case c.isImported():
		bad.Add(field,
			"must be a cluster of ecs.NewCluster, because associating capacity would remove the capacity providers of an existing cluster").
			Advise("add the capacity in the cluster's stack")
	}
}

// validateCapacityIn refuses a cluster of another stack, whose association with its capacity providers would make the two stacks
// depend on each other, and subnets that the VPC doesn't have.
func (c *Cluster) validateCapacityIn(scope constructs.Construct, subnets network.SubnetType) error {
	if c == nil || c.isImported() {
		return nil // refused
	}
	var bad invalid.Problems
	if invalid.IsMade(scope) && *awscdk.Stack_Of(scope).Node().Addr() != *awscdk.Stack_Of(c).Node().Addr() {
		bad.Add("Cluster", "must be in the same stack, because otherwise the two stacks would depend on each other").
			Given(awscdk.Stack_Of(c).StackName()).
			Advise("create the capacity in the cluster's stack")
	}
	if !c.isKnownToHave(subnets) {
		subnettype.CheckIn("Subnets", subnets, c.Vpc(), &bad)
	}
	return bad.Err()
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCapacityProvider.html
var reservedName = regexp.MustCompile(`(?i)^(aws|ecs|fargate)`)

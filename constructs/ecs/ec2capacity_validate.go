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

func (p *Ec2CapacityProps) setDefaults() {
	p.InstanceTypes, p.UserData = slices.Clone(p.InstanceTypes), slices.Clone(p.UserData)
	opt.Default(&p.OperatingSystem, platform.AmazonLinux2023)
	opt.Default(&p.TargetCapacityPercent, 100)
	opt.Default(&p.Subnets, network.Private)
	opt.Default(&p.VolumeSizeGiB, leastVolumeGiB)
	if p.MaxInstanceLifetime == nil {
		p.MaxInstanceLifetime = new(defaultInstanceLifetime)
	}
}

// instances is what the types have in common; validate has seen to it that they do.
func (p *Ec2CapacityProps) instances() instancetype.Type {
	for _, name := range p.InstanceTypes {
		if t, ok := instancetype.Parse(name); ok {
			return t
		}
	}
	return instancetype.Type{}
}

// largest is the memory of the largest type, 0 where one does not tell.
func (p *Ec2CapacityProps) largest() (memoryMiB int) {
	for _, name := range p.InstanceTypes {
		t, _ := instancetype.Parse(name)
		if t.MemoryMiB == 0 {
			return 0
		}
		memoryMiB = max(memoryMiB, t.MemoryMiB)
	}
	return memoryMiB
}

var (
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
	imageID = regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`)
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCapacityProvider.html
	reservedName = regexp.MustCompile(`(?i)^(aws|ecs|fargate)`)
)

// IsImageId tells whether a text has the form of an AMI's id.
func IsImageId(id string) bool { return imageID.MatchString(id) }

const (
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
	maxInstances = 5000
	// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplate.html
	maxInstanceTypes = 40
	// https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
	maxVolumeGiB = 16384
	// EC2 takes 16 KiB, of which one is for the lines that come first.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
	maxUserData = 15 * 1024
	day         = 24 * time.Hour
)

// validate takes where the capacity will stand, or nil.
func (p *Ec2CapacityProps) validate(scope constructs.Construct) error {
	var bad invalid.Problems
	p.Cluster.checkOwner("Cluster", scope, &bad)
	if p.Cluster != nil && p.Cluster.daemon != "" {
		bad.Add("Cluster", "has the Daemon %s already, which was fitted to the instances there were; make the capacity before it", p.Cluster.daemon)
	}
	p.validateInstances(&bad)
	if size := len(strings.Join(p.UserData, "\n")); size > maxUserData {
		bad.Add("UserData", "are %d bytes, and an instance takes %d; keep a script in Amazon S3, and fetch it here", size, maxUserData)
	}
	if p.MinCapacity < 0 {
		bad.Add("MinCapacity", "%d is negative; use 0 or more", p.MinCapacity)
	}
	switch {
	case p.MaxCapacity == 0:
		bad.Add("MaxCapacity", "is missing; give the greatest number of instances, 1 to %d", maxInstances)
	case p.MaxCapacity < 0 || p.MaxCapacity > maxInstances:
		bad.Add("MaxCapacity", "%d is out of range; use 1 to %d", p.MaxCapacity, maxInstances)
	case p.MinCapacity > p.MaxCapacity:
		bad.Add("MinCapacity", "%d is above MaxCapacity %d; lower it or raise MaxCapacity", p.MinCapacity, p.MaxCapacity)
	}
	if p.TargetCapacityPercent < 1 || p.TargetCapacityPercent > 100 {
		bad.Add("TargetCapacityPercent", "%d is out of range; use 1 to 100", p.TargetCapacityPercent)
	}
	if *p.MaxInstanceLifetime != 0 {
		check.Seconds("MaxInstanceLifetime", *p.MaxInstanceLifetime, day, 365*day, &bad)
	}
	p.Cluster.checkSubnets(p.Subnets, &bad)
	check.NoNil("SecurityGroups", p.SecurityGroups, "a security group", &bad)
	if p.VolumeSizeGiB < leastVolumeGiB || p.VolumeSizeGiB > maxVolumeGiB {
		bad.Add("VolumeSizeGiB", "%d is out of range; use %d to %d", p.VolumeSizeGiB, leastVolumeGiB, maxVolumeGiB)
	}
	return bad.Err()
}

// validateInstances asks for types that one AMI serves.
func (p *Ec2CapacityProps) validateInstances(bad *invalid.Problems) {
	check.Known("OperatingSystem", p.OperatingSystem, platform.OperatingSystems(), bad)
	if p.ImageId != "" && !invalid.IsToken(p.ImageId) && !imageID.MatchString(p.ImageId) {
		bad.Add("ImageId", `%q is not the id of an AMI; write it as "ami-0123456789abcdef0"`, p.ImageId)
	}
	if len(p.InstanceTypes) == 0 || len(p.InstanceTypes) > maxInstanceTypes {
		bad.Add("InstanceTypes", `are %d; give 1 to %d, such as "m7g.large"`, len(p.InstanceTypes), maxInstanceTypes)
		return
	}
	first, known := p.InstanceTypes[0], p.instances()
	for i, name := range p.InstanceTypes {
		t, ok := instancetype.Parse(name)
		switch {
		case !ok:
			bad.Add(check.Index("InstanceTypes", i), `%q is no instance type; write it as "m7g.large"`, name)
		case slices.Index(p.InstanceTypes, name) < i:
			bad.Add(check.Index("InstanceTypes", i), "%q is named twice; name each type once", name)
		case t.CpuArchitecture() != known.CpuArchitecture():
			bad.Add(check.Index("InstanceTypes", i), "%q is %s, and %q is %s; one AMI serves one architecture, so make a capacity for each", name, t.CpuArchitecture(), first, known.CpuArchitecture())
		case t.Accelerator != known.Accelerator:
			bad.Add(check.Index("InstanceTypes", i), "%q has %s, and %q has %s; they take other AMIs, so make a capacity for each", name, t.Accelerator.OrNone(), first, known.Accelerator.OrNone())
		}
	}
	if p.ImageId == "" && imageParameter(p.OperatingSystem, known) == "" {
		bad.Add("InstanceTypes", "(%q) are %s with %s, for which AWS makes no AMI of %s for ECS; use another OperatingSystem, or give an ImageId",
			first, known.CpuArchitecture(), known.Accelerator.OrNone(), p.OperatingSystem)
	}
}

// checkOwner notes a cluster that capacity cannot be added to: one of somebody else, or of another stack, whose association with its
// capacity providers would need that stack and this one each other.
func (c *Cluster) checkOwner(field string, scope constructs.Construct, bad *invalid.Problems) {
	switch {
	case c == nil || c.Cluster == nil:
		bad.Add(field, "is missing; make it with ecs.NewCluster")
	case c.capacityProviders == nil:
		bad.Add(field, "was not made by ecs.NewCluster, and associating capacity with it would take away what it has; add the capacity where the cluster is made")
	case scope != nil && *awscdk.Stack_Of(scope).Node().Addr() != *awscdk.Stack_Of(c).Node().Addr():
		bad.Add(field, "is of stack %q, which would need this one, and this one it; make the capacity in the cluster's stack", *awscdk.Stack_Of(c).StackName())
	}
}

// checkSubnets notes subnets that the cluster's VPC does not have.
func (c *Cluster) checkSubnets(subnets network.SubnetType, bad *invalid.Problems) {
	subnettype.Check("Subnets", subnets, bad)
	if c != nil && c.capacityProviders != nil && c.waysOut[subnets] == nil {
		subnettype.CheckIn("Subnets", subnets, c.Vpc(), bad)
	}
}

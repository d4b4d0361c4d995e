package ecs

import (
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/platform"
	"awscontainers/internal/check"
	"awscontainers/internal/instancetype"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/policy"
)

// ReservationPreference determines what happens if no Capacity Reservation has room.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityReservationRequest.html
type ReservationPreference string

// The preferences.
const (
	// ReservationsFirst runs instances On-Demand if no reservation matches.
	ReservationsFirst ReservationPreference = "RESERVATIONS_FIRST"
	// ReservationsOnly starts no instance outside the reservations.
	ReservationsOnly ReservationPreference = "RESERVATIONS_ONLY"
)

// CapacityReservations are the EC2 Capacity Reservations in which ECS runs instances.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-instance-types.html
type CapacityReservations struct {
	// GroupArn is the resource group with the reservations, "arn:aws:resource-groups:eu-west-1:111122223333:group/gpus". Required. An
	// InfrastructureRole that you bring must be allowed to use it.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-cr-group.html
	GroupArn string
	// Preference is ReservationsFirst or ReservationsOnly. Default: ReservationsFirst.
	Preference ReservationPreference
}

// maxScaleInAfter is ECS's: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_InfrastructureOptimization.html
const maxScaleInAfter = time.Hour

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsresourcegroups.html
var resourceGroupArn = regexp.MustCompile(`^arn:aws[a-z-]*:resource-groups:[a-z0-9-]+:\d{12}:group/.+$`)

func (c *CapacityReservations) withDefaults() *CapacityReservations {
	if c == nil {
		return nil
	}
	d := *c
	opt.Default(&d.Preference, ReservationsFirst)
	return &d
}

func (c *CapacityReservations) validate() error {
	var bad invalid.Problems
	check.Required("GroupArn", c.GroupArn, resourceGroupArn,
		`the ARN of a resource group such as "arn:aws:resource-groups:eu-west-1:111122223333:group/gpus"`, &bad)
	check.Known("Preference", c.Preference, []ReservationPreference{ReservationsFirst, ReservationsOnly}, &bad)
	return bad.Err()
}

func (c *CapacityReservations) render() *awsecs.CfnCapacityProvider_CapacityReservationRequestProperty {
	return &awsecs.CfnCapacityProvider_CapacityReservationRequestProperty{
		ReservationGroupArn: &c.GroupArn, ReservationPreference: jsii.String(string(c.Preference)),
	}
}

// allow lets ECS start instances in the reservations of the group, which AWS's policy for the role doesn't name, as of its version 9.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonECSInfrastructureRolePolicyForManagedInstances.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
func (c *CapacityReservations) allow(role awsiam.Role) {
	if c == nil {
		return
	}
	reservations := awscdk.Stack_Of(role).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ec2"), Account: jsii.String("*"), // other accounts share theirs
		Resource: jsii.String("capacity-reservation"), ResourceName: jsii.String("*"),
	})
	for _, statement := range []awsiam.PolicyStatementProps{
		{Actions: jsii.Strings("ec2:CreateFleet", "ec2:RunInstances"), Resources: &[]*string{reservations, &c.GroupArn}},
		{Actions: jsii.Strings("ec2:DescribeCapacityReservations"), Resources: jsii.Strings("*")},
		{Actions: jsii.Strings("resource-groups:ListGroupResources"), Resources: jsii.Strings(c.GroupArn)},
	} {
		role.AddToPolicy(awsiam.NewPolicyStatement(&statement))
	}
	nag.Suppress(role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"Which reservations there are, the resource group says; descriptions know no resources",
		"Resource::*", "Resource::arn:<AWS::Partition>:ec2:"+policy.RegionOf(role)+":*:capacity-reservation/*")
}

func (p *ManagedInstancesProps) infrastructureOptimization() any {
	switch {
	case p.DisableInfrastructureOptimization:
		return &awsecs.CfnCapacityProvider_InfrastructureOptimizationProperty{ScaleInAfter: jsii.Number(-1)}
	case p.ScaleInAfter != nil:
		return &awsecs.CfnCapacityProvider_InfrastructureOptimizationProperty{ScaleInAfter: jsii.Number(p.ScaleInAfter.Seconds())}
	}
	return nil
}

func (p *ManagedInstancesProps) autoRepair() any {
	if !p.DisableAutoRepair {
		return nil // on
	}
	return &awsecs.CfnCapacityProvider_AutoRepairConfigurationProperty{ActionsStatus: jsii.String("DISABLED")}
}

// validateInstanceTypes refuses names of no types, and requirements beside them.
func (p *ManagedInstancesProps) validateInstanceTypes(bad *invalid.Problems) {
	for i, name := range p.InstanceTypes {
		field := check.Index("InstanceTypes", i)
		pattern, ok := instancetype.ParsePattern(name)
		switch {
		case name == "":
			bad.Add(field, "is required")
		case invalid.IsToken(name):
		case !ok:
			bad.Add(field, `must be an EC2 instance type such as "m7g.large" or "m7g.*"`).Given(name)
		case pattern.IsTooSmallForEcs():
			bad.Add(field, "must be larger than nano and micro, which ECS doesn't manage").Given(name)
		}
	}
	if p.InstanceRequirements == nil {
		return
	}
	bad.Nest("InstanceRequirements", p.InstanceRequirements.validate())
	if len(p.InstanceTypes) > 0 {
		bad.Add("InstanceRequirements", "must not be set together with InstanceTypes").Advise("remove one of them")
	}
}

// validateLaunch refuses ways of starting, storing and ending that exclude each other.
func (p *ManagedInstancesProps) validateLaunch(bad *invalid.Problems) {
	if p.CapacityReservations != nil {
		bad.Nest("CapacityReservations", p.CapacityReservations.validate())
		if p.Spot {
			bad.Add("CapacityReservations", "must not be set together with Spot, which takes no reserved capacity").Advise("remove one of them")
		}
	}
	if p.UseLocalStorage && len(p.InstanceTypes) > 0 && !slices.ContainsFunc(p.InstanceTypes, mayHaveInstanceStore) {
		bad.Add("UseLocalStorage", "requires InstanceTypes with an instance store, such as \"m7gd.*\"").Given(p.InstanceTypes)
	}
	if p.ScaleInAfter == nil {
		return
	}
	check.Seconds("ScaleInAfter", *p.ScaleInAfter, 0, maxScaleInAfter, bad)
	if p.DisableInfrastructureOptimization {
		bad.Add("ScaleInAfter", "must not be set together with DisableInfrastructureOptimization, which keeps instances").
			Given(*p.ScaleInAfter).Advise("remove one of them")
	}
}

func mayHaveInstanceStore(name string) bool {
	pattern, ok := instancetype.ParsePattern(name)
	return !ok || !pattern.HasNoInstanceStore()
}

// managedCapacities are the Managed Instances that the service may run on, as far as they are known.
func (p *ServiceProps) managedCapacities() (known []*ManagedInstances) {
	for _, c := range p.Capacity {
		for _, m := range p.Cluster.managed {
			if m.name == c.CapacityProvider {
				known = append(known, m)
			}
		}
	}
	return known
}

// mayBe reports whether ECS may choose instances with an architecture, and with GPUs if the task needs them. Without InstanceTypes and
// InstanceRequirements, ECS chooses the cheapest type for general purpose that fits the task, which has no GPU.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ManagedInstances.html
func (m *ManagedInstances) mayBe(architecture platform.CpuArchitecture, needsGpus bool) bool {
	switch {
	case m.requirements != nil:
		return architecture == m.requirements.CpuArchitecture && (!needsGpus || m.requirements.Gpus != nil)
	case len(m.instanceTypes) == 0:
		return !needsGpus
	}
	return slices.ContainsFunc(m.instanceTypes, func(name string) bool {
		pattern, ok := instancetype.ParsePattern(name)
		return !ok || pattern.MayBe(architecture == platform.Arm64) && (!needsGpus || pattern.MayHaveGpus())
	})
}

// validateManaged refuses a task for which ECS finds no instance among those of a capacity.
func (p *ServiceProps) validateManaged(m *ManagedInstances, bad *invalid.Problems) {
	task := &p.Task.props
	architecture, gpus := task.CpuArchitecture, p.Task.gpus()
	switch {
	case architecture == "": // of an imported task
	case !m.mayBe(architecture, false):
		bad.Add("Task", "must have the CpuArchitecture of the instances of %s", m.path).Given(architecture).
			Advise("set it, or use other InstanceTypes or InstanceRequirements")
	case gpus > 0 && !m.mayBe(architecture, true):
		bad.Add("Task", "requires GPUs, which no instance of %s with CpuArchitecture %q has", m.path, architecture).
			Advise(`use InstanceTypes such as "g5.*", or set Gpus of InstanceRequirements`)
	}
	r := m.requirements
	if r == nil {
		return
	}
	if r.MaxVCpus > 0 && task.Cpu > r.MaxVCpus*cpuUnits {
		bad.Add("Task", "must use at most the %d vCPUs of the instances of %s, %d CPU units each", r.MaxVCpus, m.path, cpuUnits).
			Given(task.Cpu).Advise("lower Cpu or raise MaxVCpus")
	}
	if r.MaxMemoryMiB > 0 && task.MemoryLimitMiB >= r.MaxMemoryMiB {
		bad.Add("Task", "must use less memory than the %d MiB of the instances of %s, whose operating system needs some", r.MaxMemoryMiB, m.path).
			Given(task.MemoryLimitMiB).Advise("lower MemoryLimitMiB or raise MaxMemoryMiB")
	}
	if r.Gpus != nil && r.Gpus.MaxCount > 0 && gpus > r.Gpus.MaxCount {
		bad.Add("Task", "must use at most the %d GPUs of the instances of %s", r.Gpus.MaxCount, m.path).Given(gpus).
			Advise("lower GpuCount or raise MaxCount")
	}
}

// cpuUnits are those of a vCPU: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html
const cpuUnits = 1024

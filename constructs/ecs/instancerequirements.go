package ecs

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/platform"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// InstanceRequirements select instance types by their hardware instead of by name: AWS takes the cheapest types that match, and new types
// as it adds them. Without Gpus, only current generations match. EC2 Auto Scaling leaves out On-Demand types that cost 20 % more than the
// cheapest match.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRequirements.html
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_InstanceRequirementsRequest.html
type InstanceRequirements struct {
	// CpuArchitecture is the processor architecture of the instances. Default: platform.X86_64.
	CpuArchitecture platform.CpuArchitecture
	// MinVCpus and MaxVCpus are the minimum and maximum number of vCPUs of an instance. MinVCpus is required. Default: no maximum.
	MinVCpus, MaxVCpus int
	// MinMemoryMiB and MaxMemoryMiB are the minimum and maximum memory of an instance in MiB. MinMemoryMiB is required. Default: no
	// maximum.
	MinMemoryMiB, MaxMemoryMiB int
	// Burstable also selects the series T, whose processors run at full speed for a limited time. Default: false.
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances.html
	Burstable bool
	// MinLocalStorageGB selects only types with instance store volumes of at least this size in total, in GB. Default: 0; types with and
	// without an instance store match.
	MinLocalStorageGB int
	// ExcludedInstanceTypes are instance types that don't match: "m7i.24xlarge", or with asterisks "m5.*" and "r*". Up to 400. Default:
	// none.
	ExcludedInstanceTypes []string
	// Gpus selects only types with NVIDIA GPUs. ManagedInstances only: Ec2Capacity needs another AMI for GPUs, which follows from its
	// InstanceTypes. Default: none; for Ec2Capacity, types with GPUs and other accelerators don't match.
	Gpus *GpuRequirements
}

// GpuRequirements select instance types by their NVIDIA GPUs.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-gpu.html
type GpuRequirements struct {
	// MinCount and MaxCount are the minimum and maximum number of GPUs of an instance. Default: at least 1, no maximum.
	MinCount, MaxCount int
	// Names are the GPU models, such as awsec2.AcceleratorName_A10G. T4G, and no other, requires platform.Arm64. Default: all.
	Names []awsec2.AcceleratorName
	// MinMemoryMiB is the minimum memory of all GPUs of an instance together, in MiB. Default: 0.
	MinMemoryMiB int
}

const maxExcludedTypes = 400

// excludedTypes is a name in which asterisks stand for anything.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_InstanceRequirementsRequest.html
var excludedTypes = regexp.MustCompile(`^[a-z0-9.*-]{1,30}$`)

// gpuNames are the models of NVIDIA that CloudFormation takes, on instances that ECS manages.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_InstanceRequirementsRequest.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-instance-types.html
var gpuNames = []awsec2.AcceleratorName{
	awsec2.AcceleratorName_A10G, awsec2.AcceleratorName_A100, awsec2.AcceleratorName_H100, awsec2.AcceleratorName_L40S,
	awsec2.AcceleratorName_T4, awsec2.AcceleratorName_T4G, awsec2.AcceleratorName_V100,
}

// withDefaults returns a copy with the defaults, nil for nil.
func (r *InstanceRequirements) withDefaults() *InstanceRequirements {
	if r == nil {
		return nil
	}
	q := *r
	opt.Default(&q.CpuArchitecture, platform.X86_64)
	q.ExcludedInstanceTypes = slices.Clone(r.ExcludedInstanceTypes)
	if r.Gpus != nil {
		gpus := *r.Gpus
		opt.Default(&gpus.MinCount, 1)
		gpus.Names = slices.Clone(r.Gpus.Names)
		q.Gpus = &gpus
	}
	return &q
}

// validate refuses what no instance type could match. It takes the defaults for set.
func (r *InstanceRequirements) validate() error {
	var bad invalid.Problems
	check.Known("CpuArchitecture", r.CpuArchitecture, platform.CpuArchitectures(), &bad)
	validateRange("MinVCpus", r.MinVCpus, "MaxVCpus", r.MaxVCpus, &bad)
	validateRange("MinMemoryMiB", r.MinMemoryMiB, "MaxMemoryMiB", r.MaxMemoryMiB, &bad)
	check.Min("MinLocalStorageGB", r.MinLocalStorageGB, 0, &bad)
	check.MaxLen("ExcludedInstanceTypes", len(r.ExcludedInstanceTypes), maxExcludedTypes, &bad)
	for i, name := range r.ExcludedInstanceTypes {
		check.Required(check.Index("ExcludedInstanceTypes", i), name, excludedTypes, `an instance type such as "m5.large" or "m5.*"`, &bad)
		check.Once("ExcludedInstanceTypes", r.ExcludedInstanceTypes, i, &bad)
	}
	if r.Gpus != nil {
		bad.Nest("Gpus", r.Gpus.validate(r.CpuArchitecture))
	}
	return bad.Err()
}

func validateRange(lowest string, minimum int, highest string, maximum int, bad *invalid.Problems) {
	switch {
	case minimum == 0:
		bad.Add(lowest, "is required: an integer of 1 or greater")
	case minimum < 0:
		check.Min(lowest, minimum, 1, bad)
	case maximum != 0:
		check.NotLess(highest, maximum, lowest, minimum, bad)
	}
}

func (g *GpuRequirements) validate(architecture platform.CpuArchitecture) error {
	var bad invalid.Problems
	check.Min("MinCount", g.MinCount, 1, &bad)
	if g.MaxCount != 0 && g.MinCount > 0 {
		check.NotLess("MaxCount", g.MaxCount, "MinCount", g.MinCount, &bad)
	}
	check.Min("MinMemoryMiB", g.MinMemoryMiB, 0, &bad)
	for i, name := range g.Names {
		field := check.Index("Names", i)
		check.RequiredKnown(field, name, gpuNames, &bad)
		check.Once("Names", g.Names, i, &bad)
		// G5g has T4G GPUs and Graviton processors; the others have x86 processors.
		isOnArm := name == awsec2.AcceleratorName_T4G
		if slices.Contains(gpuNames, name) && isOnArm != (architecture == platform.Arm64) {
			bad.Add(field, "must be a GPU of instances with CpuArchitecture %q", architecture).Given(name).
				Advise("remove it, or change CpuArchitecture")
		}
	}
	return bad.Err()
}

// cpuManufacturers are the makers of the processors of an architecture: AWS makes those for Arm.
func (r *InstanceRequirements) cpuManufacturers() *[]*string {
	if r.CpuArchitecture == platform.Arm64 {
		return jsii.Strings("amazon-web-services")
	}
	return jsii.Strings("intel", "amd")
}

func (r *InstanceRequirements) burstable() *string {
	if r.Burstable {
		return jsii.String("included")
	}
	return jsii.String("excluded")
}

// forGroup renders the requirements for an Auto Scaling group, whose AMI has no drivers of accelerators.
func (r *InstanceRequirements) forGroup() *awsautoscaling.CfnAutoScalingGroup_InstanceRequirementsProperty {
	rendered := &awsautoscaling.CfnAutoScalingGroup_InstanceRequirementsProperty{
		VCpuCount: &awsautoscaling.CfnAutoScalingGroup_VCpuCountRequestProperty{Min: opt.Number(r.MinVCpus), Max: opt.Number(r.MaxVCpus)},
		MemoryMiB: &awsautoscaling.CfnAutoScalingGroup_MemoryMiBRequestProperty{
			Min: opt.Number(r.MinMemoryMiB), Max: opt.Number(r.MaxMemoryMiB),
		},
		CpuManufacturers:      r.cpuManufacturers(),
		InstanceGenerations:   jsii.Strings("current"),
		BurstablePerformance:  r.burstable(),
		AcceleratorCount:      &awsautoscaling.CfnAutoScalingGroup_AcceleratorCountRequestProperty{Max: jsii.Number(0)},
		ExcludedInstanceTypes: opt.Strings(r.ExcludedInstanceTypes),
	}
	if r.MinLocalStorageGB > 0 {
		rendered.LocalStorage = jsii.String("required")
		rendered.TotalLocalStorageGb = &awsautoscaling.CfnAutoScalingGroup_TotalLocalStorageGBRequestProperty{
			Min: jsii.Number(r.MinLocalStorageGB),
		}
	}
	return rendered
}

// forManaged renders the requirements for instances that ECS manages.
func (r *InstanceRequirements) forManaged() *awsecs.CfnCapacityProvider_InstanceRequirementsRequestProperty {
	rendered := &awsecs.CfnCapacityProvider_InstanceRequirementsRequestProperty{
		VCpuCount: &awsecs.CfnCapacityProvider_VCpuCountRangeRequestProperty{Min: opt.Number(r.MinVCpus), Max: opt.Number(r.MaxVCpus)},
		MemoryMiB: &awsecs.CfnCapacityProvider_MemoryMiBRequestProperty{
			Min: opt.Number(r.MinMemoryMiB), Max: opt.Number(r.MaxMemoryMiB),
		},
		CpuManufacturers:      r.cpuManufacturers(),
		BurstablePerformance:  r.burstable(),
		ExcludedInstanceTypes: opt.Strings(r.ExcludedInstanceTypes),
	}
	if r.MinLocalStorageGB > 0 {
		rendered.LocalStorage = jsii.String("required")
		rendered.TotalLocalStorageGb = &awsecs.CfnCapacityProvider_TotalLocalStorageGBRequestProperty{Min: jsii.Number(r.MinLocalStorageGB)}
	}
	if r.Gpus == nil {
		rendered.InstanceGenerations = jsii.Strings("current")
		return rendered
	}
	rendered.AcceleratorTypes, rendered.AcceleratorManufacturers = jsii.Strings("gpu"), jsii.Strings("nvidia")
	rendered.AcceleratorCount = &awsecs.CfnCapacityProvider_AcceleratorCountRequestProperty{
		Min: opt.Number(r.Gpus.MinCount), Max: opt.Number(r.Gpus.MaxCount),
	}
	var names []string
	for _, name := range r.Gpus.Names {
		names = append(names, strings.ToLower(string(name)))
	}
	rendered.AcceleratorNames = opt.Strings(names)
	if r.Gpus.MinMemoryMiB > 0 {
		rendered.AcceleratorTotalMemoryMiB = &awsecs.CfnCapacityProvider_AcceleratorTotalMemoryMiBRequestProperty{
			Min: jsii.Number(r.Gpus.MinMemoryMiB),
		}
	}
	return rendered
}

package test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/platform"
	"awscontainers/test/cdktest"
)

// Types by their hardware: the AMI follows the architecture, nothing else names a type, and EC2 Auto Scaling takes them by price.
func TestEc2CapacityByRequirements(t *testing.T) {
	stack := cdktest.Stack(t)
	capacity := newCapacity(stack, "Capacity", newCluster(stack), func(p *ecs.Ec2CapacityProps) {
		p.InstanceTypes = nil
		p.InstanceRequirements = &ecs.InstanceRequirements{CpuArchitecture: platform.Arm64, MinVCpus: 2, MaxVCpus: 8, MinMemoryMiB: 4096,
			MinLocalStorageGB: 50, ExcludedInstanceTypes: []string{"r*"}}
	})
	tpl := cdktest.Synth(t, stack)

	assert.Equal(t, platform.Arm64, capacity.CpuArchitecture)
	template := launch(tpl, "Capacity")
	assert.Equal(t, "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id",
		tpl.Parameter(template.Get("LaunchTemplateData.ImageId"))["Default"], "the AMI is for other processors")
	assert.Nil(t, template.Get("LaunchTemplateData.InstanceType"), "a type beside requirements")
	policy := tpl.Only("AWS::AutoScaling::AutoScalingGroup").Get("MixedInstancesPolicy")
	assert.Equal(t, []any{map[string]any{"InstanceRequirements": map[string]any{
		"VCpuCount":             map[string]any{"Min": 2.0, "Max": 8.0},
		"MemoryMiB":             map[string]any{"Min": 4096.0},
		"CpuManufacturers":      []any{"amazon-web-services"},
		"InstanceGenerations":   []any{"current"},
		"BurstablePerformance":  "excluded",
		"AcceleratorCount":      map[string]any{"Max": 0.0}, // the AMI has no drivers
		"LocalStorage":          "required",
		"TotalLocalStorageGB":   map[string]any{"Min": 50.0},
		"ExcludedInstanceTypes": []any{"r*"},
	}}}, cdktest.Dig(policy, "LaunchTemplate.Overrides"))
	assert.Equal(t, "lowest-price", cdktest.Dig(policy, "InstancesDistribution.OnDemandAllocationStrategy"),
		"EC2 Auto Scaling refuses an order of types that requirements select")
}

func TestEc2CapacityRequiresLittle(t *testing.T) {
	stack := cdktest.Stack(t)
	newCapacity(stack, "Capacity", newCluster(stack), func(p *ecs.Ec2CapacityProps) {
		p.InstanceTypes, p.InstanceRequirements = nil, &ecs.InstanceRequirements{MinVCpus: 1, MinMemoryMiB: 1024, Burstable: true}
	})
	tpl := cdktest.Synth(t, stack)
	requirements := tpl.Only("AWS::AutoScaling::AutoScalingGroup").Get("MixedInstancesPolicy.LaunchTemplate.Overrides.0.InstanceRequirements")
	cdktest.HasAt(t, requirements, map[string]any{
		"CpuManufacturers": []any{"intel", "amd"}, "BurstablePerformance": "included", "LocalStorage": nil, "TotalLocalStorageGB": nil,
		"ExcludedInstanceTypes": nil,
	})
}

// Stopped instances beside a group: the agent waits until they are in service.
func TestWarmPool(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	newCapacity(stack, "Plain", cluster, func(p *ecs.Ec2CapacityProps) { p.WarmPool = &ecs.WarmPool{} })
	newCapacity(stack, "Full", cluster, func(p *ecs.Ec2CapacityProps) {
		p.WarmPool, p.UserData = &ecs.WarmPool{MinSize: 1, MaxPreparedInstances: 3}, []string{"echo"}
	})
	tpl, annotations := cdktest.SynthAnnotated(t, stack)

	for name, want := range map[string]map[string]any{
		"Plain": {"MinSize": nil, "MaxGroupPreparedCapacity": nil}, "Full": {"MinSize": 1.0, "MaxGroupPreparedCapacity": 3.0},
	} {
		pool := tpl.At("AWS::AutoScaling::WarmPool", "/"+name+"/")
		assert.Same(t, tpl.At("AWS::AutoScaling::AutoScalingGroup", "/"+name+"/"), pool.Ref("AutoScalingGroupName"))
		cdktest.Has(t, pool, map[string]any{"PoolState": "Stopped", "InstanceReusePolicy": nil}) // which ECS doesn't take
		cdktest.Has(t, pool, want, name)
		assert.Contains(t, userData(launch(tpl, name)), "\nECS_WARM_POOLS_CHECK=true\nEOF\n", "instances join the cluster from the pool")
	}
	warnings := strings.Join(annotations, "\n")
	assert.Equal(t, 1, strings.Count(warnings, "without waiting for its UserData"), warnings)
}

// Further volumes are encrypted and go with the instance; those with a path are mounted before the agent starts.
func TestInstanceVolumes(t *testing.T) {
	stack := cdktest.Stack(t)
	newCapacity(stack, "Capacity", newCluster(stack), func(p *ecs.Ec2CapacityProps) {
		p.Volumes = []ecs.InstanceVolume{{SizeGiB: 100, MountPath: "/data/"}, {SizeGiB: 50}}
		p.UserData, p.DetailedMonitoring = []string{"echo last"}, true
	})
	template := launch(cdktest.Synth(t, stack), "Capacity")

	var sizes []any
	for _, device := range cdktest.List(template.Get("LaunchTemplateData.BlockDeviceMappings")) {
		sizes = append(sizes, cdktest.Dig(device, "DeviceName"), cdktest.Dig(device, "Ebs.VolumeSize"))
		cdktest.HasAt(t, device, map[string]any{"Ebs.Encrypted": true, "Ebs.VolumeType": "gp3", "Ebs.DeleteOnTermination": true})
	}
	assert.Equal(t, []any{"/dev/xvda", 30.0, "/dev/sdf", 100.0, "/dev/sdg", 50.0}, sizes)
	data := userData(template)
	assert.True(t, strings.HasSuffix(data, "\n}\nmount_volume 100 /data || systemctl mask --now ecs\necho last\n"), data)
	assert.Equal(t, 1, strings.Count(data, "\nmount_volume "), "a volume without a path was mounted")
	assert.Equal(t, true, template.Get("LaunchTemplateData.Monitoring.Enabled"))
}

func TestManagedInstancesWithGpus(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	ecs.NewManagedInstances(stack, "Managed", &ecs.ManagedInstancesProps{Cluster: cluster,
		InstanceRequirements: &ecs.InstanceRequirements{MinVCpus: 4, MinMemoryMiB: 16384, MaxMemoryMiB: 65536, Gpus: &ecs.GpuRequirements{
			MaxCount: 1, MinMemoryMiB: 22000, Names: []awsec2.AcceleratorName{awsec2.AcceleratorName_A10G, awsec2.AcceleratorName_L40S},
		}}})
	container := web()
	container.GpuCount = 1
	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Compatibility: awsecs.Compatibility_MANAGED_INSTANCES, Cpu: 2048,
		MemoryLimitMiB: 8192, Containers: []ecs.Container{container}})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: task})
	tpl := cdktest.Synth(t, stack)

	service := tpl.Only("AWS::ECS::Service")
	provider := service.Ref("CapacityProviderStrategy.0.CapacityProvider")
	assert.Equal(t, []any{map[string]any{"Type": "GPU", "Value": "1"}},
		service.Ref("TaskDefinition").Get("ContainerDefinitions.0.ResourceRequirements"))
	assert.Equal(t, map[string]any{
		"VCpuCount":                 map[string]any{"Min": 4.0},
		"MemoryMiB":                 map[string]any{"Min": 16384.0, "Max": 65536.0},
		"CpuManufacturers":          []any{"intel", "amd"},
		"BurstablePerformance":      "excluded",
		"AcceleratorTypes":          []any{"gpu"},
		"AcceleratorManufacturers":  []any{"nvidia"},
		"AcceleratorCount":          map[string]any{"Min": 1.0, "Max": 1.0},
		"AcceleratorNames":          []any{"a10g", "l40s"},
		"AcceleratorTotalMemoryMiB": map[string]any{"Min": 22000.0},
	}, provider.Get("ManagedInstancesProvider.InstanceLaunchTemplate.InstanceRequirements"))
	assert.Nil(t, provider.Get("ManagedInstancesProvider.AutoRepairConfiguration"), "ECS repairs by default")
	assert.Nil(t, provider.Get("ManagedInstancesProvider.InfrastructureOptimization"))
}

func TestManagedInstancesOptions(t *testing.T) {
	const group = "arn:aws:resource-groups:eu-west-1:111122223333:group/gpus"
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	ecs.NewManagedInstances(stack, "Reserved", &ecs.ManagedInstancesProps{Cluster: cluster, InstanceTypes: []string{"m7gd.*"},
		CapacityReservations: &ecs.CapacityReservations{GroupArn: group, Preference: ecs.ReservationsOnly}, UseLocalStorage: true,
		ScaleInAfter: new(10 * time.Minute), DisableAutoRepair: true, FipsEnabled: new(true)})
	ecs.NewManagedInstances(stack, "Kept", &ecs.ManagedInstancesProps{Cluster: cluster, DisableInfrastructureOptimization: true,
		FipsEnabled: new(false), InstanceRequirements: &ecs.InstanceRequirements{MinVCpus: 2, MinMemoryMiB: 2048, MinLocalStorageGB: 100}})
	ecs.NewManagedInstances(stack, "AtOnce", &ecs.ManagedInstancesProps{Cluster: cluster, ScaleInAfter: new(time.Duration(0))})
	tpl := cdktest.Synth(t, stack)

	reserved := tpl.At("AWS::ECS::CapacityProvider", "/Reserved/")
	cdktest.HasAt(t, reserved.Get("ManagedInstancesProvider"), map[string]any{
		"InstanceLaunchTemplate.CapacityOptionType": "RESERVED",
		"InstanceLaunchTemplate.CapacityReservations": map[string]any{"ReservationGroupArn": group,
			"ReservationPreference": "RESERVATIONS_ONLY"},
		"InstanceLaunchTemplate.LocalStorageConfiguration.UseLocalStorage": true,
		"InstanceLaunchTemplate.FipsEnabled":                               true,
		"InfrastructureOptimization.ScaleInAfter":                          600.0,
		"AutoRepairConfiguration.ActionsStatus":                            "DISABLED",
	})
	// ECS may start instances in the reservations.
	role := reserved.Ref("ManagedInstancesProvider.InfrastructureRoleArn")
	agent := tpl.At("AWS::IAM::Role", "/Reserved/InstanceRole")
	cdktest.MayExactly(t, role, cdktest.ManagedPolicies("AmazonECSInfrastructureRolePolicyForManagedInstances"),
		cdktest.Allow("iam:PassRole").On(agent).If(map[string]any{"StringLike": map[string]any{"iam:PassedToService": "ec2.*"}}),
		cdktest.Allow("ec2:CreateFleet", "ec2:RunInstances").On("arn:<AWS::Partition>:ec2:<AWS::Region>:*:capacity-reservation/*", group),
		cdktest.Allow("ec2:DescribeCapacityReservations").On("*"),
		cdktest.Allow("resource-groups:ListGroupResources").On(group))

	kept := tpl.At("AWS::ECS::CapacityProvider", "/Kept/").Get("ManagedInstancesProvider")
	cdktest.HasAt(t, kept, map[string]any{
		"InfrastructureOptimization.ScaleInAfter":                              -1.0,
		"InstanceLaunchTemplate.FipsEnabled":                                   false,
		"InstanceLaunchTemplate.CapacityOptionType":                            "ON_DEMAND",
		"InstanceLaunchTemplate.InstanceRequirements.LocalStorage":             "required",
		"InstanceLaunchTemplate.InstanceRequirements.TotalLocalStorageGB.Min":  100.0,
		"InstanceLaunchTemplate.InstanceRequirements.InstanceGenerations":      []any{"current"},
		"InstanceLaunchTemplate.InstanceRequirements.AcceleratorManufacturers": nil,
	})
	atOnce := tpl.At("AWS::ECS::CapacityProvider", "/AtOnce/")
	assert.Equal(t, 0.0, atOnce.Get("ManagedInstancesProvider.InfrastructureOptimization.ScaleInAfter"))
}

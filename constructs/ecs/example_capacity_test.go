package ecs_test

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/platform"
	"awscontainers/constructs/registry"
)

// A model on GPUs, on instances that ECS chooses and looks after.
func ExampleNewManagedInstances_gpus() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Model"), nil)
		cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc})
		ecs.NewManagedInstances(stack, "Gpu", &ecs.ManagedInstancesProps{
			Cluster: cluster,
			InstanceRequirements: &ecs.InstanceRequirements{
				MinVCpus: 4, MinMemoryMiB: 16384, Gpus: &ecs.GpuRequirements{MaxCount: 1, MinMemoryMiB: 22000},
			},
			ScaleInAfter: new(30 * time.Minute), // a model takes long to load: keep its instance for the next task
		})
		ecs.NewService(stack, "Service", &ecs.ServiceProps{
			Cluster: cluster,
			Task: ecs.NewTask(stack, "Task", &ecs.TaskProps{
				Compatibility: awsecs.Compatibility_MANAGED_INSTANCES, Cpu: 3072, MemoryLimitMiB: 12288,
				Containers: []ecs.Container{{Name: "model", Image: registry.FromAsset("./model", nil), GpuCount: 1}},
			}),
		})
		app.Synth(nil)
	})
}

// Instances of any type with enough room, and some that are stopped until they are needed.
func ExampleNewEc2Capacity_instanceRequirements() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Jobs"), nil)
		cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc})
		capacity := ecs.NewEc2Capacity(stack, "Capacity", &ecs.Ec2CapacityProps{
			Cluster: cluster,
			InstanceRequirements: &ecs.InstanceRequirements{
				CpuArchitecture: platform.Arm64, MinVCpus: 2, MaxVCpus: 8, MinMemoryMiB: 4096,
			},
			MaxSize:  20,
			WarmPool: &ecs.WarmPool{MinSize: 1, MaxPreparedInstances: 4},
			ImageId:  "ami-0123456789abcdef0", // from /aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id
		})
		ecs.NewService(stack, "Service", &ecs.ServiceProps{
			Cluster: cluster,
			Task: ecs.NewTask(stack, "Task", &ecs.TaskProps{
				Compatibility: awsecs.Compatibility_EC2, CpuArchitecture: capacity.CpuArchitecture, Cpu: 1024, MemoryLimitMiB: 2048,
				Containers: []ecs.Container{{Name: "jobs", Image: registry.FromAsset("./jobs", nil)}},
			}),
		})
		app.Synth(nil)
	})
}

package ecs

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/platform"
	"awscontainers/internal/instancetype"
)

// ownCluster stands for one that NewCluster made, with EC2 capacity on x86 named "x86" and on Arm named "arm".
func ownCluster() *Cluster {
	return &Cluster{Cluster: anyCluster{}, capacityProviders: anyProviders{}, ec2: []*Ec2Capacity{
		{name: "x86", path: "Web/X86", CpuArchitecture: platform.X86_64, most: 3},
		{name: "arm", path: "Web/Arm", CpuArchitecture: platform.Arm64, most: 2, gpus: true},
	}}
}

func TestMachineImages(t *testing.T) {
	const al2023, bottlerocket = "/aws/service/ecs/optimized-ami/amazon-linux-2023/", "/aws/service/bottlerocket/aws-ecs-2"
	for _, c := range []struct {
		image platform.OperatingSystem
		types instancetype.Type
		want  string
	}{
		{platform.AmazonLinux2023, instancetype.Type{}, al2023 + "recommended/image_id"},
		{platform.AmazonLinux2023, instancetype.Type{Arm: true}, al2023 + "arm64/recommended/image_id"},
		{platform.AmazonLinux2023, instancetype.Type{Accelerator: instancetype.Gpu}, al2023 + "gpu/recommended/image_id"},
		{platform.AmazonLinux2023, instancetype.Type{Accelerator: instancetype.Neuron}, al2023 + "neuron/recommended/image_id"},
		{platform.AmazonLinux2023, instancetype.Type{Arm: true, Accelerator: instancetype.Gpu}, ""},
		{platform.Bottlerocket, instancetype.Type{}, bottlerocket + "/x86_64/latest/image_id"},
		{platform.Bottlerocket, instancetype.Type{Arm: true}, bottlerocket + "/arm64/latest/image_id"},
		{platform.Bottlerocket, instancetype.Type{Accelerator: instancetype.Gpu}, bottlerocket + "-nvidia/x86_64/latest/image_id"},
		{platform.Bottlerocket, instancetype.Type{Arm: true, Accelerator: instancetype.Gpu}, bottlerocket + "-nvidia/arm64/latest/image_id"},
		{platform.Bottlerocket, instancetype.Type{Accelerator: instancetype.Neuron}, ""},
	} {
		assert.Equal(t, c.want, imageParameter(c.image, c.types), "%s %v", c.image, c.types)
	}
}

func validCapacity() Ec2CapacityProps {
	return Ec2CapacityProps{Cluster: ownCluster(), InstanceTypes: []string{"m7g.large", "m6g.large"}, MaxCapacity: 3}
}

func TestEc2CapacityIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *Ec2CapacityProps)
		want   []string
	}{
		"nothing given": {func(p *Ec2CapacityProps) { *p = Ec2CapacityProps{} }, []string{
			"Cluster is missing; make it with ecs.NewCluster", `InstanceTypes are 0; give 1 to 40, such as "m7g.large"`,
			"MaxCapacity is missing; give the greatest number of instances, 1 to 5000",
		}},
		"cluster of somebody else": {func(p *Ec2CapacityProps) { p.Cluster = ClusterOf(anyCluster{}) },
			[]string{"Cluster was not made by ecs.NewCluster, and associating capacity with it would take away what it has; add the capacity where the cluster is made"}},
		"min above max": {func(p *Ec2CapacityProps) { p.MinCapacity = 4 }, []string{"MinCapacity 4 is above MaxCapacity 3; lower it or raise MaxCapacity"}},
		"negative":      {func(p *Ec2CapacityProps) { p.MinCapacity = -1 }, []string{"MinCapacity -1 is negative; use 0 or more"}},
		"too many":      {func(p *Ec2CapacityProps) { p.MaxCapacity = 5001 }, []string{"MaxCapacity 5001 is out of range; use 1 to 5000"}},
		"mixed architecture": {func(p *Ec2CapacityProps) { p.InstanceTypes[1] = "m7i.large" },
			[]string{`InstanceTypes[1] "m7i.large" is X86_64, and "m7g.large" is ARM64; one AMI serves one architecture, so make a capacity for each`}},
		"mixed GPUs": {func(p *Ec2CapacityProps) { p.InstanceTypes = []string{"m7i.large", "g5.xlarge"} },
			[]string{`InstanceTypes[1] "g5.xlarge" has GPU, and "m7i.large" has no accelerator; they take other AMIs, so make a capacity for each`}},
		"no type": {func(p *Ec2CapacityProps) { p.InstanceTypes[0] = "large" }, []string{`InstanceTypes[0] "large" is no instance type; write it as "m7g.large"`}},
		"twice":   {func(p *Ec2CapacityProps) { p.InstanceTypes[1] = "m7g.large" }, []string{`InstanceTypes[1] "m7g.large" is named twice; name each type once`}},
		"no AMI": {func(p *Ec2CapacityProps) { p.InstanceTypes = []string{"g5g.xlarge"} },
			[]string{`InstanceTypes ("g5g.xlarge") are ARM64 with GPU, for which AWS makes no AMI of AMAZON_LINUX_2023 for ECS; use another OperatingSystem, or give an ImageId`}},
		"image":   {func(p *Ec2CapacityProps) { p.ImageId = "al2023" }, []string{`ImageId "al2023" is not the id of an AMI; write it as "ami-0123456789abcdef0"`}},
		"system":  {func(p *Ec2CapacityProps) { p.OperatingSystem = "AL2" }, []string{`OperatingSystem "AL2" is unknown; use "AMAZON_LINUX_2023" or "BOTTLEROCKET"`}},
		"target":  {func(p *Ec2CapacityProps) { p.TargetCapacityPercent = 101 }, []string{"TargetCapacityPercent 101 is out of range; use 1 to 100"}},
		"life":    {func(p *Ec2CapacityProps) { p.MaxInstanceLifetime = new(time.Hour) }, []string{"MaxInstanceLifetime 1h0m0s is out of range; use whole seconds from 24h0m0s to 8760h0m0s"}},
		"subnets": {func(p *Ec2CapacityProps) { p.Subnets = "isolated" }, []string{`Subnets must be a type of subnets that the VPC has (2 public, 2 private, 0 isolated); got "isolated"`}},
		"groups":  {func(p *Ec2CapacityProps) { p.SecurityGroups = []awsec2.ISecurityGroup{nil} }, []string{"SecurityGroups[0] is nil; leave it out or give a security group"}},
		"volume":  {func(p *Ec2CapacityProps) { p.VolumeSizeGiB = 8 }, []string{"VolumeSizeGiB 8 is out of range; use 30 to 16384"}},
		"user data": {func(p *Ec2CapacityProps) { p.UserData = []string{strings.Repeat("#", 15*1024), ""} },
			[]string{"UserData are 15361 bytes, and an instance takes 15360; keep a script in Amazon S3, and fetch it here"}},
		"after a daemon": {func(p *Ec2CapacityProps) { p.Cluster.host(&Service{path: "Web/Agent", Task: ec2Task("", nil)}, false) },
			[]string{"Cluster has the Daemon Web/Agent already, which was fitted to the instances there were; make the capacity before it"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validCapacity()
			c.change(&p)
			p.setDefaults()
			assertProblems(t, p.validate(nil), c.want...)
		})
	}
}

func TestEc2CapacityIsTaken(t *testing.T) {
	for name, change := range map[string]func(p *Ec2CapacityProps){
		"as it is":       func(*Ec2CapacityProps) {},
		"lives for ever": func(p *Ec2CapacityProps) { p.MaxInstanceLifetime = new(time.Duration(0)) },
		"own AMI": func(p *Ec2CapacityProps) {
			p.InstanceTypes, p.ImageId = []string{"g5g.xlarge"}, "ami-0123456789abcdef0"
		},
		"user data":     func(p *Ec2CapacityProps) { p.UserData = []string{strings.Repeat("#", 15*1024)} },
		"at its limits": func(p *Ec2CapacityProps) { p.MinCapacity, p.MaxCapacity, p.TargetCapacityPercent = 5000, 5000, 1 },
	} {
		t.Run(name, func(t *testing.T) {
			p := validCapacity()
			change(&p)
			p.setDefaults()
			assert.NoError(t, p.validate(nil))
		})
	}
}

func TestManagedInstancesAreRefused(t *testing.T) {
	p := ManagedInstancesProps{InstanceTypes: []string{"large", "m7g.*"}, StorageSizeGiB: 8, SecurityGroups: []awsec2.ISecurityGroup{nil},
		InfrastructureRole: struct{ awsiam.IRole }{}}
	p.setDefaults()
	assertProblems(t, p.validate(nil),
		"Cluster is missing; make it with ecs.NewCluster",
		`InstanceTypes[0] "large" is no instance type; write it as "m7g.large" or "m7g.*"`,
		"SecurityGroups[0] is nil; leave it out or give a security group",
		"StorageSizeGiB 8 is out of range; use 30 to 16384",
		"InfrastructureRole is given without InstanceRole, and could not be seen to pass the one that would be made; give both")
	p = ManagedInstancesProps{Cluster: ownCluster(), InstanceRole: struct{ awsiam.IRole }{}}
	p.setDefaults()
	assert.NoError(t, p.validate(nil))
}

// ec2Task is one for EC2 on x86, in the given network mode.
func ec2Task(mode awsecs.NetworkMode, change func(p *TaskProps)) *Task {
	p := validTask()
	p.Compatibility, p.NetworkMode = awsecs.Compatibility_EC2, mode
	if change != nil {
		change(&p)
	}
	return taskOf(p)
}

func share(provider string, weight int) CapacityProviderStrategy {
	return CapacityProviderStrategy{CapacityProvider: provider, Weight: weight}
}

func TestServicesOnEc2AreRefused(t *testing.T) {
	const providers = "FARGATE, FARGATE_SPOT, the Name of Web/X86 or the Name of Web/Arm"
	host := func(p *ServiceProps) { p.Task = ec2Task(awsecs.NetworkMode_HOST, nil) }
	for name, c := range map[string]struct {
		change func(p *ServiceProps)
		want   []string
	}{
		"no Spot capacity": {func(p *ServiceProps) {
			var spot *Ec2Capacity
			p.Capacity = append(p.Capacity, CapacityProviderStrategy{CapacityProvider: spot.Name(), Weight: 3})
		}, []string{"Capacity[1].CapacityProvider is empty, and Weight 3 has no capacity to go to; use " + providers}},
		"unknown": {func(p *ServiceProps) { p.Capacity = append(p.Capacity, share("spot", 3)) },
			[]string{`Capacity[1].CapacityProvider "spot" is no capacity provider of the cluster; use ` + providers}},
		"two kinds": {func(p *ServiceProps) { p.Capacity = append(p.Capacity, share(FargateSpot, 3)) },
			[]string{"Capacity[1].CapacityProvider is Fargate, and Capacity[0] is EC2; ECS takes one kind for a service"}},
		"task for Fargate": {func(p *ServiceProps) { p.Task = taskOf(validTask()) },
			[]string{`Capacity is EC2, and the task's Compatibility is "FARGATE"; give the task one for EC2, or use other capacity`}},
		"task for EC2 on Fargate": {func(p *ServiceProps) { p.Capacity = []CapacityProviderStrategy{share(Fargate, 1)} }, []string{
			`Capacity is Fargate, and the task's Compatibility is "EC2"; give the task one for Fargate, or use other capacity`}},
		"which of two": {func(p *ServiceProps) { p.Capacity = nil },
			[]string{"Capacity is empty, and the cluster has not just one of EC2; make it with ecs.NewEc2Capacity, or say how the tasks are shared out"}},
		"no Managed Instances": {func(p *ServiceProps) {
			p.Task, p.Capacity = ec2Task("", func(p *TaskProps) { p.Compatibility = awsecs.Compatibility_MANAGED_INSTANCES }), nil
		}, []string{"Capacity is empty, and the cluster has not just one of Managed Instances; make it with ecs.NewManagedInstances, or say how the tasks are shared out"}},
		"other architecture": {func(p *ServiceProps) { p.Capacity[0].CapacityProvider = "arm" },
			[]string{"Task is for X86_64, and the instances of Web/Arm are ARM64; set the task's CpuArchitecture, or use other capacity"}},
		"no GPUs": {func(p *ServiceProps) { p.Task = ec2Task("", func(p *TaskProps) { p.Containers[0].GpuCount = 1 }) },
			[]string{"Task asks for GPUs, which the instances of Web/X86 do not have; use other InstanceTypes"}},
		"too large for its instances": {func(p *ServiceProps) {
			p.Cluster.ec2[0].memoryMiB = 512
		}, []string{"Task takes 512 MiB, and the instances of Web/X86 have 512, of which the system needs some; lower MemoryLimitMiB or use larger InstanceTypes"}},
		"longer than Spot gives notice": {func(p *ServiceProps) {
			p.Cluster.ec2[0].spot = true
			p.Task = ec2Task("", func(p *TaskProps) { p.Containers[0].StopTimeout = 3 * time.Minute })
		}, []string{"Task gives Containers[0] a StopTimeout of 3m0s, and Spot instances, such as those of Web/X86, are gone in 2m0s; shorten it, or use On-Demand capacity"}},
		"a daemon's port": {func(p *ServiceProps) {
			host(p)
			p.Cluster.host(&Service{path: "Web/Agent", Task: p.Task}, true)
		}, []string{"Task takes port 8080 of its instance, which the Daemon Web/Agent has on each; use another port"}},
		"public address": {func(p *ServiceProps) { p.AssignPublicIp, p.Subnets = true, "public" },
			[]string{"AssignPublicIp is true, and tasks on EC2 get no public addresses; leave it out, and expose them by a load balancer"}},
		"network of its own in bridge mode": {func(p *ServiceProps) {
			p.Task = ec2Task(awsecs.NetworkMode_BRIDGE, nil)
			p.Subnets, p.SecurityGroups = "private", []awsec2.ISecurityGroup{struct{ awsec2.ISecurityGroup }{}}
			p.Exposure.ServiceConnect, p.Exposure.ServiceDiscovery = &ServiceConnect{Namespace: "n"}, &ServiceDiscovery{Name: "web"}
		}, []string{
			`Exposure.ServiceConnect names tasks by their own addresses, and in network mode "BRIDGE" they have none; use "AWS_VPC", or a load balancer`,
			`Exposure.ServiceDiscovery names tasks by their own addresses, and in network mode "BRIDGE" they have none; use "AWS_VPC", or a load balancer`,
			`Exposure.ServiceDiscovery.Name "web" has no namespace to stand in; give the cluster a Namespace`,
			`Subnets "private" say nothing in network mode "BRIDGE", where tasks are where their instances are; leave them out`,
			`SecurityGroups say nothing in network mode "BRIDGE", where tasks have those of their instances; leave them out`,
		}},
		"bridge mode on unknown instances": {func(p *ServiceProps) {
			p.Cluster, p.Task = ClusterOf(anyCluster{}), ec2Task(awsecs.NetworkMode_BRIDGE, nil)
		}, []string{`Capacity has no instances whose security groups are known, so that load balancers could not be let in; use network mode "AWS_VPC"`}},
		"two copies on one port": {func(p *ServiceProps) { host(p); p.DesiredCount = new(2) },
			[]string{`PlacementConstraints do not keep 2 copies of the task apart, each of which takes port 8080 of its instance for itself; add {Type: "distinctInstance"}, or use Daemon`}},
		"two copies on one port, scaled": {func(p *ServiceProps) {
			p.Task = ec2Task(awsecs.NetworkMode_BRIDGE, func(p *TaskProps) { p.Containers[0].PortMappings[0].HostPort = 80 })
			p.Scaling = &Scaling{MaxCapacity: 3, TargetCpuUtilizationPercent: 50}
		}, []string{
			`PlacementConstraints do not keep 3 copies of the task apart, each of which takes port 80 of its instance for itself; add {Type: "distinctInstance"}, or use Daemon`,
			"Capacity has at most 3 instances for 4 copies of the task while a new version starts, each of which takes port 80 of one for itself; raise MaxCapacity or lower Deployment.MinHealthyPercent",
		}},
		"daemon with what is for others": {func(p *ServiceProps) {
			p.Daemon, p.DesiredCount, p.PlacementStrategies = true, new(1), []PlacementStrategy{{Type: "random"}}
			p.Scaling, p.Exposure = &Scaling{MaxCapacity: 2, TargetCpuUtilizationPercent: 50}, Exposure{}
		}, []string{
			"Task is for X86_64, and the instances of Web/Arm are ARM64; set the task's CpuArchitecture, or use other capacity",
			"Capacity is for tasks that choose among instances, and a Daemon has a task on each; leave it out",
			"DesiredCount is as many as there are instances, and a Daemon has a task on each; leave it out",
			"Scaling goes with the number of instances, and a Daemon has a task on each; leave it out",
			"PlacementStrategies are for tasks that choose among instances, and a Daemon has a task on each; leave it out",
			"DesiredCount 1 stands beside Scaling and would reset the number of tasks at each deployment; leave it out",
		}},
		"daemon on Fargate": {func(p *ServiceProps) { p.Task, p.Capacity, p.Daemon = taskOf(validTask()), nil, true },
			[]string{`Daemon takes EC2 instances, and the tasks run on Fargate; leave it out, or give the task Compatibility "EC2"`}},
		"daemon without instances": {func(p *ServiceProps) { p.Cluster.ec2, p.Capacity, p.Daemon = nil, nil, true },
			[]string{"Daemon is true in a cluster without instances; make them with ecs.NewEc2Capacity"}},
		"daemon beside itself": {func(p *ServiceProps) {
			p.Cluster.ec2, p.Capacity, p.Daemon = p.Cluster.ec2[:1], nil, true
			p.Deployment = Deployment{MaxHealthyPercent: 200, Strategy: awsecs.DeploymentStrategy_BLUE_GREEN}
		}, []string{
			"Deployment.MaxHealthyPercent 200 beside MinHealthyPercent 0 leaves a daemon's old task no way to end before the new one starts on its instance; use 100 and less than 100",
			`Deployment.Strategy "BLUE_GREEN" runs two versions side by side, of which an instance has room for one; use "ROLLING"`,
		}},
		"placement on Fargate": {func(p *ServiceProps) {
			p.Task, p.Capacity = taskOf(validTask()), nil
			p.PlacementStrategies, p.PlacementConstraints = []PlacementStrategy{{Type: "random"}}, []PlacementConstraint{{Type: "distinctInstance"}}
		}, []string{
			`PlacementStrategies takes EC2 instances, and the tasks run on Fargate; leave it out, or give the task Compatibility "EC2"`,
			`PlacementConstraints takes EC2 instances, and the tasks run on Fargate; leave it out, or give the task Compatibility "EC2"`,
		}},
		"strategies": {func(p *ServiceProps) {
			p.PlacementStrategies = []PlacementStrategy{{Type: "spread"}, {Type: "binpack", Field: "disk"}, {Type: "random", Field: "cpu"}, {Type: "Spread"}, {Type: "spread", Field: "zone"}, {Type: "random"}}
		}, []string{
			"PlacementStrategies are 6; ECS takes 5 of a service",
			`PlacementStrategies[0].Field is missing; give what to spread over, such as "attribute:ecs.availability-zone"`,
			`PlacementStrategies[1].Field "disk" cannot be packed; use "cpu" or "memory"`,
			`PlacementStrategies[2].Field "cpu" says nothing beside "random"; leave it out`,
			`PlacementStrategies[3].Type "Spread" is unknown; use "spread", "binpack" or "random"`,
			`PlacementStrategies[4].Field "zone" is nothing to spread over; use "instanceId" or an attribute, such as "attribute:ecs.availability-zone"`,
		}},
		"constraints": {func(p *ServiceProps) {
			p.PlacementConstraints = []PlacementConstraint{{Type: "memberOf"}, {Type: "distinctInstance", Expression: "x"}, {Type: "distinct"}}
		}, []string{
			`PlacementConstraints[0].Expression is missing; write it as "attribute:ecs.instance-type =~ m7g.*"`,
			`PlacementConstraints[1].Expression "x" says nothing beside "distinctInstance"; leave it out`,
			`PlacementConstraints[2].Type "distinct" is unknown; use "distinctInstance" or "memberOf"`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			p.Cluster, p.Task, p.Capacity = ownCluster(), ec2Task("", nil), []CapacityProviderStrategy{share("x86", 1)}
			c.change(&p)
			p.setDefaults()
			assertProblems(t, p.validate(), c.want...)
		})
	}
}

func TestServicesOnEc2AreTaken(t *testing.T) {
	for name, change := range map[string]func(p *ServiceProps){
		"as it is": func(*ServiceProps) {},
		"bridge":   func(p *ServiceProps) { p.Task = ec2Task(awsecs.NetworkMode_BRIDGE, nil); p.DesiredCount = new(8) },
		"host, one a instance": func(p *ServiceProps) {
			p.Task, p.DesiredCount = ec2Task(awsecs.NetworkMode_HOST, nil), new(2)
			p.PlacementConstraints = []PlacementConstraint{{Type: "distinctInstance"}}
		},
		"daemon":           func(p *ServiceProps) { p.Cluster.ec2, p.Capacity, p.Daemon = p.Cluster.ec2[:1], nil, true },
		"the one capacity": func(p *ServiceProps) { p.Cluster.ec2, p.Capacity = p.Cluster.ec2[:1], nil },
		"in its instances' memory, and Spot's notice": func(p *ServiceProps) {
			p.Cluster.ec2[0].memoryMiB, p.Cluster.ec2[0].spot = 1024, true
			p.Task = ec2Task("", func(p *TaskProps) { p.Containers[0].StopTimeout = 2 * time.Minute })
		},
		"beside a daemon of some instances": func(p *ServiceProps) {
			p.Task = ec2Task(awsecs.NetworkMode_HOST, nil)
			p.Cluster.host(&Service{path: "Web/Agent", Task: p.Task}, false)
		},
		"spread over its own attribute": func(p *ServiceProps) {
			p.PlacementStrategies = []PlacementStrategy{{Type: "spread", Field: "attribute:rack"}, {Type: "spread", Field: InstanceId}, {Type: "spread", Field: "host"}}
		},
		"either, on EC2": func(p *ServiceProps) {
			p.Task = ec2Task("", func(p *TaskProps) { p.Compatibility = awsecs.Compatibility_EC2_AND_FARGATE })
		},
		"either, on Fargate": func(p *ServiceProps) {
			p.Task, p.Capacity = ec2Task("", func(p *TaskProps) { p.Compatibility = awsecs.Compatibility_EC2_AND_FARGATE }), nil
		},
		"launch type of a cluster of somebody else": func(p *ServiceProps) { p.Cluster, p.Capacity = ClusterOf(anyCluster{}), nil },
		"providers of a cluster of somebody else":   func(p *ServiceProps) { p.Cluster = ClusterOf(anyCluster{}) },
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			p.Cluster, p.Task, p.Capacity = ownCluster(), ec2Task("", nil), []CapacityProviderStrategy{share("x86", 1)}
			change(&p)
			p.setDefaults()
			assert.NoError(t, p.validate())
		})
	}
}

func TestTasksOnEc2AreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *TaskProps)
		want   []string
	}{
		"unknown": {func(p *TaskProps) { p.Compatibility = awsecs.Compatibility_EXTERNAL },
			[]string{`Compatibility "EXTERNAL" is unknown; use EC2, EC2_AND_FARGATE, FARGATE, FARGATE_AND_MANAGED_INSTANCES or MANAGED_INSTANCES`}},
		"bridge on Fargate": {func(p *TaskProps) { p.Compatibility, p.NetworkMode = "", awsecs.NetworkMode_BRIDGE },
			[]string{`NetworkMode "BRIDGE" does not go with Compatibility "FARGATE"; use AWS_VPC`}},
		"bridge on Managed Instances": {func(p *TaskProps) {
			p.Compatibility, p.NetworkMode = awsecs.Compatibility_MANAGED_INSTANCES, awsecs.NetworkMode_BRIDGE
		}, []string{`NetworkMode "BRIDGE" does not go with Compatibility "MANAGED_INSTANCES"; use AWS_VPC`}},
		"no network": {func(p *TaskProps) { p.NetworkMode = awsecs.NetworkMode_NONE },
			[]string{`NetworkMode "NONE" does not go with Compatibility "EC2"; use AWS_VPC, BRIDGE or HOST`}},
		"ports of the instance's own": {func(p *TaskProps) {
			p.NetworkMode, p.Containers[0].PortMappings[0].HostPort = awsecs.NetworkMode_BRIDGE, 22
		}, []string{"Containers[0].PortMappings[0].HostPort 22 is a port that an instance keeps to itself; use another than 22, 2375, 2376, 51678, 51679 or 51680"}},
		"ports of the instance's own, in its network": {func(p *TaskProps) {
			p.NetworkMode, p.Containers[0].PortMappings[0].ContainerPort = awsecs.NetworkMode_HOST, 51679
		}, []string{"Containers[0].PortMappings[0].ContainerPort 51679 is a port that an instance keeps to itself; use another than 22, 2375, 2376, 51678, 51679 or 51680"}},
		"size": {func(p *TaskProps) { p.Cpu, p.MemoryLimitMiB = 100, 4 }, []string{"Cpu 100 is out of range; use 128 to 196608", "MemoryLimitMiB 4 is out of range; use 6 or more"}},
		"Fargate's size too": {func(p *TaskProps) { p.Compatibility, p.Cpu = awsecs.Compatibility_EC2_AND_FARGATE, 300 },
			[]string{"Cpu 300 is not a Fargate size; use 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768"}},
		"disk": {func(p *TaskProps) { p.EphemeralStorageGiB = 50 }, []string{`EphemeralStorageGiB 50 is Fargate's, and the task's Compatibility is "EC2"; leave it out`}},
		"collector out of reach": {func(p *TaskProps) { p.NetworkMode, p.OpenTelemetry = awsecs.NetworkMode_BRIDGE, &OpenTelemetry{} },
			[]string{`OpenTelemetry has a container that the others could not reach at localhost in network mode "BRIDGE"; use "AWS_VPC"`}},
		"GPUs on Fargate": {func(p *TaskProps) { p.Compatibility, p.Containers[0].GpuCount = "", 1 },
			[]string{`Containers[0].GpuCount 1 cannot be had with Compatibility "FARGATE"; use "EC2"`}},
		"negative GPUs": {func(p *TaskProps) { p.Containers[0].GpuCount = -1 }, []string{"Containers[0].GpuCount -1 is negative; leave it out for none"}},
		"host port in awsvpc": {func(p *TaskProps) { p.Containers[0].PortMappings[0].HostPort = 80 },
			[]string{`Containers[0].PortMappings[0].HostPort 80 is another than ContainerPort 8080, which only network mode "BRIDGE" can translate; leave it out`}},
		"no host port": {func(p *TaskProps) {
			p.NetworkMode, p.Containers[0].PortMappings[0].HostPort = awsecs.NetworkMode_BRIDGE, 70000
		},
			[]string{"Containers[0].PortMappings[0].HostPort 70000 is not a port; use 1 to 65535"}},
		"host port twice": {func(p *TaskProps) {
			p.NetworkMode = awsecs.NetworkMode_BRIDGE
			other := container("other")
			p.Containers[0].PortMappings[0].HostPort, other.PortMappings = 80, []PortMapping{{ContainerPort: 8080, HostPort: 80}}
			p.Containers = append(p.Containers, other)
		}, []string{`Containers[1].PortMappings[0].HostPort 80 is taken by container "web", and an instance has it once; leave it out for a free one`}},
		"host network, one port for two containers": {func(p *TaskProps) {
			p.NetworkMode = awsecs.NetworkMode_HOST
			other := container("other")
			other.PortMappings = []PortMapping{{ContainerPort: 8080}}
			p.Containers = append(p.Containers, other)
		}, []string{`Containers[1].PortMappings[0].ContainerPort 8080 is taken by container "web"; the containers of a task share one network interface`}},
		"the instance's files on Fargate": {func(p *TaskProps) {
			p.Compatibility, p.Volumes = awsecs.Compatibility_EC2_AND_FARGATE, []Volume{{Name: "logs", HostSourcePath: "/var/log"}}
		}, []string{`Volumes[0].HostSourcePath "/var/log" is of an instance, which Compatibility "EC2_AND_FARGATE" does not let see; use "EC2"`}},
		"power over the instance": {func(p *TaskProps) {
			p.Volumes = []Volume{{Name: "a", HostSourcePath: "/var/run/docker.sock"}, {Name: "b", HostSourcePath: "/"}, {Name: "c", HostSourcePath: "/var/"}, {Name: "d", HostSourcePath: "/etc/.."}}
		}, []string{
			`Volumes[0].HostSourcePath "/var/run/docker.sock" gives power over the instance, its role and the other tasks on it; name what the task is to read, such as "/var/log", or set TrustedWithHost`,
			`Volumes[1].HostSourcePath "/" gives power over the instance, its role and the other tasks on it; name what the task is to read, such as "/var/log", or set TrustedWithHost`,
			`Volumes[2].HostSourcePath "/var/" gives power over the instance, its role and the other tasks on it; name what the task is to read, such as "/var/log", or set TrustedWithHost`,
			`Volumes[3].HostSourcePath "/etc/.." gives power over the instance, its role and the other tasks on it; name what the task is to read, such as "/var/log", or set TrustedWithHost`,
		}},
		"writes to the instance": {func(p *TaskProps) {
			p.Volumes, p.Containers[0].MountPoints = []Volume{{Name: "logs", HostSourcePath: "/var/log"}}, []MountPoint{{SourceVolume: "logs", ContainerPath: "/logs"}}
		}, []string{`Containers[0].MountPoints[0].ReadOnly is false for "/var/log" of the instance, where a container could change what the instance runs; set it, or TrustedWithHost of the volume`}},
		"trusted with nothing": {func(p *TaskProps) { p.Volumes = []Volume{{Name: "logs", TrustedWithHost: true}} },
			[]string{"Volumes[0].TrustedWithHost is true without a HostSourcePath; leave it out"}},
		"no path": {func(p *TaskProps) { p.Volumes = []Volume{{Name: "logs", HostSourcePath: "log"}} }, []string{`Volumes[0].HostSourcePath "log" is not absolute; begin it with /`}},
		"stop":    {func(p *TaskProps) { p.Containers[0].StopTimeout = 25 * time.Hour }, []string{"Containers[0].StopTimeout 25h0m0s is out of range; use whole seconds from 2s to 24h0m0s"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validTask()
			p.Compatibility = awsecs.Compatibility_EC2
			c.change(&p)
			assertProblems(t, taskError(p), c.want...)
		})
	}
}

func TestTasksOnEc2AreTaken(t *testing.T) {
	p := validTask()
	p.Compatibility, p.NetworkMode, p.Cpu, p.MemoryLimitMiB = awsecs.Compatibility_EC2, awsecs.NetworkMode_BRIDGE, 300, 700
	web, other := &p.Containers[0], container("other")
	web.StopTimeout, web.GpuCount, web.Ulimits = 10*time.Minute, 1, []Ulimit{{Name: awsecs.UlimitName_CORE, SoftLimit: 1, HardLimit: 1}}
	other.PortMappings = []PortMapping{{ContainerPort: 8080}, {ContainerPort: 22}} // in bridge mode each has its own
	web.MountPoints = []MountPoint{{SourceVolume: "logs", ContainerPath: "/logs", ReadOnly: true}, {SourceVolume: "socket", ContainerPath: "/var/run/docker.sock"}}
	p.Volumes = []Volume{{Name: "logs", HostSourcePath: "/var/log"}, {Name: "socket", HostSourcePath: "/var/run/docker.sock", TrustedWithHost: true}, {Name: "like", HostSourcePath: "/etcetera"}}
	p.Containers = append(p.Containers, other)
	assert.NoError(t, taskError(p))
}

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
	"awscontainers/internal/fake"
	"awscontainers/internal/instancetype"
)

// ownCluster stands for one that NewCluster made, with EC2 capacity on x86 named "x86" and on Arm named "arm".
func ownCluster() *Cluster {
	return &Cluster{Construct: fake.Construct{}, Cluster: anyCluster{}, capacityProviders: anyProviders{}, ec2: []*Ec2Capacity{
		{name: "x86", path: "Web/X86", CpuArchitecture: platform.X86_64, maxInstances: 3},
		{name: "arm", path: "Web/Arm", CpuArchitecture: platform.Arm64, maxInstances: 2, hasGpus: true},
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
	return Ec2CapacityProps{Cluster: ownCluster(), InstanceTypes: []string{"m7g.large", "m6g.large"}, MaxSize: 3}
}

func TestEc2CapacityIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *Ec2CapacityProps)
		want   []string
	}{
		"nothing given": {func(p *Ec2CapacityProps) { *p = Ec2CapacityProps{} }, []string{
			"Cluster is required; use ecs.NewCluster", `InstanceTypes must have 1 to 40 elements such as "m7g.large"; got 0`,
			"MaxSize is required: an integer from 1 to 5000",
		}},
		"cluster of somebody else": {func(p *Ec2CapacityProps) { p.Cluster = existingCluster(anyCluster{}) },
			[]string{"Cluster must be a cluster of ecs.NewCluster, because associating capacity would remove the capacity providers of an " +
				"existing cluster; add the capacity in the cluster's stack"}},
		"min above max": {func(p *Ec2CapacityProps) { p.MinSize = 4 }, []string{"MinSize must not be greater than MaxSize (3); got 4"}},
		"negative":      {func(p *Ec2CapacityProps) { p.MinSize = -1 }, []string{"MinSize must be 0 or greater; got -1"}},
		"too many": {func(p *Ec2CapacityProps) { p.MaxSize = 5001 },
			[]string{"MaxSize must be an integer from 1 to 5000; got 5001"}},
		"mixed architecture": {func(p *Ec2CapacityProps) { p.InstanceTypes[1] = "m7i.large" },
			[]string{`InstanceTypes[1] must be ARM64 like "m7g.large", because one AMI serves all; got "m7i.large"; use an Ec2Capacity for ` +
				`each architecture`}},
		"mixed GPUs": {func(p *Ec2CapacityProps) { p.InstanceTypes = []string{"m7i.large", "g5.xlarge"} },
			[]string{`InstanceTypes[1] must have no accelerator like "m7i.large", because one AMI serves all; got "g5.xlarge"; use an ` +
				`Ec2Capacity for each accelerator`}},
		"no type": {func(p *Ec2CapacityProps) { p.InstanceTypes[0] = "large" },
			[]string{`InstanceTypes[0] must be an EC2 instance type such as "m7g.large"; got "large"`}},
		"twice": {func(p *Ec2CapacityProps) { p.InstanceTypes[1] = "m7g.large" },
			[]string{`InstanceTypes[1] must not repeat InstanceTypes[0]; got "m7g.large"`}},
		"no AMI": {func(p *Ec2CapacityProps) { p.InstanceTypes = []string{"g5g.xlarge"} },
			[]string{`InstanceTypes must be types for which AWS publishes an ECS-optimized AMI of AMAZON_LINUX_2023, not ARM64 with GPU; got ` +
				`"g5g.xlarge"; use another OperatingSystem, or set ImageId`}},
		"image": {func(p *Ec2CapacityProps) { p.ImageId = "al2023" },
			[]string{`ImageId must be an AMI ID such as "ami-0123456789abcdef0"; got "al2023"`}},
		"system": {func(p *Ec2CapacityProps) { p.OperatingSystem = "AL2" },
			[]string{`OperatingSystem must be "AMAZON_LINUX_2023" or "BOTTLEROCKET"; got "AL2"`}},
		"target": {func(p *Ec2CapacityProps) { p.TargetCapacityPercent = 101 },
			[]string{"TargetCapacityPercent must be an integer from 1 to 100; got 101"}},
		"life": {func(p *Ec2CapacityProps) { p.MaxInstanceLifetime = new(time.Hour) },
			[]string{"MaxInstanceLifetime must be whole seconds from 24h to 8760h; got 1h"}},
		"subnets": {func(p *Ec2CapacityProps) { p.Subnets = "isolated" },
			[]string{`Subnets must be a type of subnets that the VPC has (2 public, 2 private, 0 isolated); got "isolated"; ` +
				`set IsolatedSubnets of network.VpcProps, or use network.Private`}},
		"groups": {func(p *Ec2CapacityProps) { p.SecurityGroups = []awsec2.ISecurityGroup{nil} },
			[]string{"SecurityGroups[0] must be a security group; got nil"}},
		"volume": {func(p *Ec2CapacityProps) { p.DiskSizeGiB = 8 }, []string{"DiskSizeGiB must be an integer from 30 to 16384; got 8"}},
		"user data": {func(p *Ec2CapacityProps) { p.UserData = []string{strings.Repeat("#", 15*1024), ""} },
			[]string{"UserData must have at most 15360 bytes; got 15361; store a script in Amazon S3 and download it here"}},
		"after a daemon": {func(p *Ec2CapacityProps) {
			p.Cluster.registerDaemon(&Service{Construct: fake.Construct{}, path: "Web/Agent", Task: ec2Task("", nil)}, false)
		},
			[]string{"Cluster must not have a Daemon yet, because a Daemon is validated with the instances that exist when it is created; got " +
				`"Web/Agent"; create the capacity before the Daemon`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validCapacity()
			c.change(&p)
			p.setDefaults()
			assertProblems(t, refusal(p.validate(), p.validateIn(nil)), c.want...)
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
		"at its limits": func(p *Ec2CapacityProps) { p.MinSize, p.MaxSize, p.TargetCapacityPercent = 5000, 5000, 1 },
	} {
		t.Run(name, func(t *testing.T) {
			p := validCapacity()
			change(&p)
			p.setDefaults()
			assert.NoError(t, refusal(p.validate(), p.validateIn(nil)))
		})
	}
}

func TestManagedInstancesAreRefused(t *testing.T) {
	p := ManagedInstancesProps{InstanceTypes: []string{"large", "m7g.*"}, DiskSizeGiB: 8, SecurityGroups: []awsec2.ISecurityGroup{nil},
		InfrastructureRole: struct{ awsiam.IRole }{}}
	p.setDefaults()
	assertProblems(t, refusal(p.validate(), p.validateIn(nil)),
		"Cluster is required; use ecs.NewCluster",
		`InstanceTypes[0] must be an EC2 instance type such as "m7g.large" or "m7g.*"; got "large"`,
		"SecurityGroups[0] must be a security group; got nil",
		"DiskSizeGiB must be an integer from 30 to 16384; got 8",
		"InstanceRole is required with InfrastructureRole, which must be allowed to pass it")
	p = ManagedInstancesProps{Cluster: ownCluster(), InstanceRole: struct{ awsiam.IRole }{}}
	p.setDefaults()
	assert.NoError(t, refusal(p.validate(), p.validateIn(nil)))
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

func share(provider CapacityProvider, weight int) CapacityProviderStrategy {
	return CapacityProviderStrategy{CapacityProvider: provider, Weight: weight}
}

// withAdminPort adds a port for health checks.
func withAdminPort(hostPort int) func(p *TaskProps) {
	return func(p *TaskProps) {
		p.Containers[0].PortMappings = append(p.Containers[0].PortMappings, PortMapping{ContainerPort: 8081, HostPort: hostPort})
	}
}

func TestServicesOnEc2AreRefused(t *testing.T) {
	const providers = "ecs.Fargate, ecs.FargateSpot, the Provider() of Web/X86 or the Provider() of Web/Arm"
	host := func(p *ServiceProps) { p.Task = ec2Task(awsecs.NetworkMode_HOST, nil) }
	for name, c := range map[string]struct {
		change func(p *ServiceProps)
		want   []string
	}{
		"no Spot capacity": {func(p *ServiceProps) {
			var spot *Ec2Capacity
			p.Capacity = append(p.Capacity, CapacityProviderStrategy{CapacityProvider: spot.Provider(), Weight: 3})
		}, []string{"Capacity[1].CapacityProvider is required; use " + providers}},
		"unknown": {func(p *ServiceProps) { p.Capacity = append(p.Capacity, share("spot", 3)) },
			[]string{`Capacity[1].CapacityProvider must be a capacity provider of the cluster; got "spot"; use ` + providers}},
		"two kinds": {func(p *ServiceProps) { p.Capacity = append(p.Capacity, share(FargateSpot, 3)) },
			[]string{`Capacity[1].CapacityProvider must be of the same kind as Capacity[0] (EC2): all shares must use one kind; got "Fargate"`}},
		"task for Fargate": {func(p *ServiceProps) { p.Task = taskOf(validTask()) },
			[]string{`Capacity is not compatible with the task's Compatibility "FARGATE"; got "EC2"; use other capacity, or a task for EC2`}},
		"task for EC2 on Fargate": {func(p *ServiceProps) { p.Capacity = []CapacityProviderStrategy{share(Fargate, 1)} }, []string{
			`Capacity is not compatible with the task's Compatibility "EC2"; got "Fargate"; use other capacity, or a task for Fargate`}},
		"which of two": {func(p *ServiceProps) { p.Capacity = nil },
			[]string{"Capacity is required, because the cluster has several capacities of EC2; set Capacity to one of them: the Provider() of " +
				"Web/X86 or the Provider() of Web/Arm"}},
		"no Managed Instances": {func(p *ServiceProps) {
			p.Task, p.Capacity = ec2Task("", func(p *TaskProps) { p.Compatibility = awsecs.Compatibility_MANAGED_INSTANCES }), nil
		}, []string{"Capacity is required, because the cluster has no capacity of Managed Instances; create one with ecs.NewManagedInstances"}},
		"Managed Instances of an existing cluster": {func(p *ServiceProps) {
			p.Cluster = existingCluster(anyCluster{})
			p.Task, p.Capacity = ec2Task("", func(p *TaskProps) { p.Compatibility = awsecs.Compatibility_MANAGED_INSTANCES }), nil
		}, []string{"Capacity is required, because the capacity providers of an existing cluster are not known; set Capacity to the name of " +
			"a capacity provider of the cluster"}},
		"other architecture": {func(p *ServiceProps) { p.Capacity[0].CapacityProvider = "arm" },
			[]string{`Task must have the CpuArchitecture of the instances of Web/Arm (ARM64); got "X86_64"; set it, or use other capacity`}},
		"no GPUs": {func(p *ServiceProps) { p.Task = ec2Task("", func(p *TaskProps) { p.Containers[0].GpuCount = 1 }) },
			[]string{"Task requires GPUs, which the instances of Web/X86 don't have; use other InstanceTypes"}},
		"too large for its instances": {func(p *ServiceProps) {
			p.Cluster.ec2[0].memoryMiB = 512
		}, []string{"Task must use less memory than the 512 MiB of the instances of Web/X86, whose operating system needs some; got 512; " +
			"lower MemoryLimitMiB or use larger InstanceTypes"}},
		"longer than Spot gives notice": {func(p *ServiceProps) {
			p.Cluster.ec2[0].isSpot = true
			p.Task = ec2Task("", func(p *TaskProps) { p.Containers[0].StopTimeout = 3 * time.Minute })
		}, []string{"Task must have a StopTimeout of at most 2m in Containers[0]: Spot instances, such as those of Web/X86, are reclaimed " +
			"after that; got 3m; shorten it, or use On-Demand capacity"}},
		"a daemon's port": {func(p *ServiceProps) {
			host(p)
			p.Cluster.registerDaemon(&Service{Construct: fake.Construct{}, path: "Web/Agent", Task: p.Task}, true)
		}, []string{"Task must not use a port that the Daemon Web/Agent uses on each instance; got 8080"}},
		"public address": {func(p *ServiceProps) { p.AssignPublicIp, p.Subnets = true, "public" },
			[]string{"AssignPublicIp is not compatible with EC2, where tasks get no public addresses; remove it, and use a load balancer"}},
		"network of its own in bridge mode": {func(p *ServiceProps) {
			p.Task = ec2Task(awsecs.NetworkMode_BRIDGE, nil)
			p.Subnets, p.SecurityGroups = "private", []awsec2.ISecurityGroup{struct{ awsec2.ISecurityGroup }{}}
			p.Exposure.ServiceConnect, p.Exposure.ServiceDiscovery = &ServiceConnect{Namespace: "n"}, &ServiceDiscovery{Name: "web"}
		}, []string{
			`Exposure.ServiceConnect requires the task's NetworkMode "AWS_VPC", which gives tasks their own addresses; got "BRIDGE"; change ` +
				`it, or use ` +
				`a load balancer`,
			`Exposure.ServiceDiscovery requires the task's NetworkMode "AWS_VPC", which gives tasks their own addresses; got "BRIDGE"; change ` +
				`it, or ` +
				`use a load balancer`,
			`Exposure.ServiceDiscovery.Name requires a cluster with a Namespace; got "web"`,
			`Subnets must not be set in NetworkMode "BRIDGE", where tasks are in their instances' subnets; got "private"`,
			`SecurityGroups must not be set in NetworkMode "BRIDGE", where tasks have their instances' security groups`,
		}},
		"bridge mode on unknown instances": {func(p *ServiceProps) {
			p.Cluster, p.Task = existingCluster(anyCluster{}), ec2Task(awsecs.NetworkMode_BRIDGE, nil)
		}, []string{"Cluster must know the security groups of its instances, to let load balancers in; add them with " +
			`Connections().AddSecurityGroup of the CDK's cluster, or use NetworkMode "AWS_VPC"`}},
		"health check on a port of the instance that nobody knows": {func(p *ServiceProps) {
			p.Task, p.Exposure.Alb[0].HealthCheck.Port = ec2Task(awsecs.NetworkMode_BRIDGE, withAdminPort(0)), 8081
		}, []string{"Exposure.Alb[0].HealthCheck.Port must be a HostPort that a container of the task maps for TCP; got 8081; " +
			"map a TCP port with a HostPort, and set HealthCheck.Port to the HostPort"}},
		"two copies on one port": {func(p *ServiceProps) { host(p); p.DesiredCount = new(2) },
			[]string{"PlacementConstraints must have {Type: ecs.PlacementDistinctInstance}, because each of 2 tasks needs port 8080 on its " +
				"instance; add it, or use Daemon"}},
		"two copies on one port, scaled": {func(p *ServiceProps) {
			p.Task = ec2Task(awsecs.NetworkMode_BRIDGE, func(p *TaskProps) { p.Containers[0].PortMappings[0].HostPort = 80 })
			p.Scaling = &Scaling{MaxCapacity: 3, TargetCpuUtilizationPercent: 50}
		}, []string{
			"PlacementConstraints must have {Type: ecs.PlacementDistinctInstance}, because each of 3 tasks needs port 80 on its instance; add " +
				"it, or use Daemon",
			"Capacity must have 4 instances, because each of 4 tasks needs port 80 on its instance during a deployment; got 3; raise " +
				"MaxSize or lower Deployment.MinHealthyPercent",
		}},
		"daemon with what is for others": {func(p *ServiceProps) {
			p.Daemon, p.DesiredCount, p.PlacementStrategies = true, new(1), []PlacementStrategy{{Type: "random"}}
			p.Scaling, p.Exposure = &Scaling{MaxCapacity: 2, TargetCpuUtilizationPercent: 50}, Exposure{}
		}, []string{
			`Task must have the CpuArchitecture of the instances of Web/Arm (ARM64); got "X86_64"; set it, or use other capacity`,
			"Capacity must not be set together with Daemon, which runs one task on each instance",
			"DesiredCount must not be set together with Daemon, which runs one task on each instance",
			"Scaling must not be set together with Daemon, which runs one task on each instance",
			"PlacementStrategies must not be set together with Daemon, which runs one task on each instance",
			"DesiredCount must not be set together with Scaling: each deployment would reset the number of tasks; got 1",
		}},
		"daemon on Fargate": {func(p *ServiceProps) { p.Task, p.Capacity, p.Daemon = taskOf(validTask()), nil, true },
			[]string{`Daemon requires EC2 instances, but the tasks run on Fargate; remove it, or set the task's Compatibility to "EC2"`}},
		"daemon without instances": {func(p *ServiceProps) { p.Cluster.ec2, p.Capacity, p.Daemon = nil, nil, true },
			[]string{"Daemon requires EC2 instances in the cluster; create them with ecs.NewEc2Capacity"}},
		"daemon beside itself": {func(p *ServiceProps) {
			p.Cluster.ec2, p.Capacity, p.Daemon = p.Cluster.ec2[:1], nil, true
			p.Deployment = Deployment{MaxHealthyPercent: 200, Strategy: awsecs.DeploymentStrategy_BLUE_GREEN}
		}, []string{
			"Deployment.MaxHealthyPercent must be 100 and MinHealthyPercent less than 100 with Daemon: the old task must end before the new " +
				"one starts on its instance; got 200, 0",
			`Deployment.Strategy must be "ROLLING" with Daemon, because an instance has room for one version; got "BLUE_GREEN"`,
		}},
		"placement on Fargate": {func(p *ServiceProps) {
			p.Task, p.Capacity = taskOf(validTask()), nil
			p.PlacementStrategies, p.PlacementConstraints = []PlacementStrategy{{Type: "random"}}, []PlacementConstraint{{Type: "distinctInstance"}}
		}, []string{
			`PlacementStrategies requires EC2 instances, but the tasks run on Fargate; remove it, or set the task's Compatibility to "EC2"`,
			`PlacementConstraints requires EC2 instances, but the tasks run on Fargate; remove it, or set the task's Compatibility to "EC2"`,
		}},
		"strategies": {func(p *ServiceProps) {
			p.PlacementStrategies = []PlacementStrategy{{Type: PlacementSpread}, {Type: "binpack", Field: "disk"}, {Type: "random", Field: "cpu"},
				{Type: "Spread"}, {Type: "spread", Field: "zone"}, {Type: "random"}}
		}, []string{
			"PlacementStrategies must have at most 5 elements; got 6",
			`PlacementStrategies[0].Field is required with Type "spread"; use ecs.SpreadByZone or ecs.SpreadByInstance`,
			`PlacementStrategies[1].Field must be "cpu" or "memory" with Type "binpack"; got "disk"`,
			`PlacementStrategies[2].Field must not be set with Type "random"; got "cpu"`,
			`PlacementStrategies[3].Type must be "spread", "binpack" or "random"; got "Spread"`,
			`PlacementStrategies[4].Field must be "instanceId" or an attribute such as "attribute:ecs.availability-zone"; got "zone"`,
		}},
		"constraints": {func(p *ServiceProps) {
			p.PlacementConstraints = []PlacementConstraint{{Type: "memberOf"}, {Type: "distinctInstance", Expression: "x"}, {Type: "distinct"}}
		}, []string{
			`PlacementConstraints[0].Expression is required with Type "memberOf", such as "attribute:ecs.instance-type =~ m7g.*"`,
			`PlacementConstraints[1].Expression must not be set with Type "distinctInstance"; got "x"`,
			`PlacementConstraints[2].Type must be "distinctInstance" or "memberOf"; got "distinct"`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			p.Cluster, p.Task, p.Capacity = ownCluster(), ec2Task("", nil), []CapacityProviderStrategy{share("x86", 1)}
			c.change(&p)
			p.setDefaults()
			assertProblems(t, refusal(p.validate(), p.validateInCluster()), c.want...)
		})
	}
}

func TestServicesOnEc2AreTaken(t *testing.T) {
	for name, change := range map[string]func(p *ServiceProps){
		"as it is": func(*ServiceProps) {},
		"bridge":   func(p *ServiceProps) { p.Task = ec2Task(awsecs.NetworkMode_BRIDGE, nil); p.DesiredCount = new(8) },
		"health check at a HostPort": func(p *ServiceProps) {
			p.Task, p.Exposure.Alb[0].HealthCheck.Port = ec2Task(awsecs.NetworkMode_BRIDGE, withAdminPort(9001)), 9001
		},
		"host, one a instance": func(p *ServiceProps) {
			p.Task, p.DesiredCount = ec2Task(awsecs.NetworkMode_HOST, nil), new(2)
			p.PlacementConstraints = []PlacementConstraint{{Type: "distinctInstance"}}
		},
		"daemon":           func(p *ServiceProps) { p.Cluster.ec2, p.Capacity, p.Daemon = p.Cluster.ec2[:1], nil, true },
		"the one capacity": func(p *ServiceProps) { p.Cluster.ec2, p.Capacity = p.Cluster.ec2[:1], nil },
		"in its instances' memory, and Spot's notice": func(p *ServiceProps) {
			p.Cluster.ec2[0].memoryMiB, p.Cluster.ec2[0].isSpot = 1024, true
			p.Task = ec2Task("", func(p *TaskProps) { p.Containers[0].StopTimeout = 2 * time.Minute })
		},
		"beside a daemon of some instances": func(p *ServiceProps) {
			p.Task = ec2Task(awsecs.NetworkMode_HOST, nil)
			p.Cluster.registerDaemon(&Service{Construct: fake.Construct{}, path: "Web/Agent", Task: p.Task}, false)
		},
		"spread over its own attribute": func(p *ServiceProps) {
			p.PlacementStrategies = []PlacementStrategy{{Type: "spread", Field: "attribute:rack"}, {Type: "spread", Field: SpreadByInstance},
				{Type: "spread", Field: "host"}}
		},
		"either, on EC2": func(p *ServiceProps) {
			p.Task = ec2Task("", func(p *TaskProps) { p.Compatibility = awsecs.Compatibility_EC2_AND_FARGATE })
		},
		"either, on Fargate": func(p *ServiceProps) {
			p.Task, p.Capacity = ec2Task("", func(p *TaskProps) { p.Compatibility = awsecs.Compatibility_EC2_AND_FARGATE }), nil
		},
		"launch type of a cluster of somebody else": func(p *ServiceProps) { p.Cluster, p.Capacity = existingCluster(anyCluster{}), nil },
		"providers of a cluster of somebody else":   func(p *ServiceProps) { p.Cluster = existingCluster(anyCluster{}) },
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			p.Cluster, p.Task, p.Capacity = ownCluster(), ec2Task("", nil), []CapacityProviderStrategy{share("x86", 1)}
			change(&p)
			p.setDefaults()
			assert.NoError(t, refusal(p.validate(), p.validateInCluster()))
		})
	}
}

func TestTasksOnEc2AreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *TaskProps)
		want   []string
	}{
		"unknown": {func(p *TaskProps) { p.Compatibility = awsecs.Compatibility_EXTERNAL },
			[]string{`Compatibility must be "EC2", "EC2_AND_FARGATE", "FARGATE", "FARGATE_AND_MANAGED_INSTANCES" or "MANAGED_INSTANCES"; got ` +
				`"EXTERNAL"`}},
		"bridge on Fargate": {func(p *TaskProps) { p.Compatibility, p.NetworkMode = "", awsecs.NetworkMode_BRIDGE },
			[]string{`NetworkMode must be "AWS_VPC" with Compatibility "FARGATE"; got "BRIDGE"`}},
		"bridge on Managed Instances": {func(p *TaskProps) {
			p.Compatibility, p.NetworkMode = awsecs.Compatibility_MANAGED_INSTANCES, awsecs.NetworkMode_BRIDGE
		}, []string{`NetworkMode must be "AWS_VPC" with Compatibility "MANAGED_INSTANCES"; got "BRIDGE"`}},
		"no network": {func(p *TaskProps) { p.NetworkMode = awsecs.NetworkMode_NONE },
			[]string{`NetworkMode must be "AWS_VPC", "BRIDGE" or "HOST" with Compatibility "EC2"; got "NONE"`}},
		"ports of the instance's own": {func(p *TaskProps) {
			p.NetworkMode, p.Containers[0].PortMappings[0].HostPort = awsecs.NetworkMode_BRIDGE, 22
		}, []string{"Containers[0].PortMappings[0].HostPort must not be a port that instances reserve: 22, 2375, 2376, 51678, 51679 or " +
			"51680; got 22"}},
		"ports of the instance's own, in its network": {func(p *TaskProps) {
			p.NetworkMode, p.Containers[0].PortMappings[0].ContainerPort = awsecs.NetworkMode_HOST, 51679
		}, []string{"Containers[0].PortMappings[0].ContainerPort must not be a port that instances reserve: 22, 2375, 2376, 51678, 51679 or " +
			"51680; got 51679"}},
		"names that Service Connect can't use": {func(p *TaskProps) {
			p.NetworkMode = awsecs.NetworkMode_HOST
			p.Containers[0].PortMappings[0].Name, p.Containers[0].PortMappings[0].AppProtocol = "web", AppProtocolHttp
		}, []string{
			`Containers[0].PortMappings[0].Name must not be set in NetworkMode "HOST", which Service Connect doesn't support; got "web"; remove it`,
			`Containers[0].PortMappings[0].AppProtocol must not be set in NetworkMode "HOST", which Service Connect doesn't support; got "http"; ` +
				"remove it",
		}},
		"monitoring without a sidecar": {func(p *TaskProps) { p.RuntimeMonitoring = true }, []string{
			`RuntimeMonitoring requires a task that can run on Fargate; got "EC2"; remove it: GuardDuty runs its agent on EC2 instances ` +
				"itself, and not on Managed Instances"}},
		"monitoring of Managed Instances": {func(p *TaskProps) {
			p.Compatibility, p.RuntimeMonitoring = awsecs.Compatibility_MANAGED_INSTANCES, true
		}, []string{`RuntimeMonitoring requires a task that can run on Fargate; got "MANAGED_INSTANCES"; remove it: GuardDuty runs its agent ` +
			"on EC2 instances itself, and not on Managed Instances"}},
		"monitoring where it may run on Fargate": {func(p *TaskProps) {
			p.Compatibility, p.RuntimeMonitoring, p.Cpu, p.MemoryLimitMiB = awsecs.Compatibility_EC2_AND_FARGATE, true, 256, 512
		}, nil},
		"size": {func(p *TaskProps) { p.Cpu, p.MemoryLimitMiB = 100, 4 },
			[]string{"Cpu must be an integer from 128 to 196608; got 100", "MemoryLimitMiB must be 6 or greater; got 4"}},
		"Fargate's size too": {func(p *TaskProps) { p.Compatibility, p.Cpu = awsecs.Compatibility_EC2_AND_FARGATE, 300 },
			[]string{"Cpu must be a Fargate size: 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768; got 300"}},
		"disk": {func(p *TaskProps) { p.EphemeralStorageGiB = 50 }, []string{`EphemeralStorageGiB requires Compatibility "FARGATE"; got "EC2"`}},
		"collector out of reach": {func(p *TaskProps) { p.NetworkMode, p.OpenTelemetry = awsecs.NetworkMode_BRIDGE, &OpenTelemetry{} },
			[]string{`OpenTelemetry is not compatible with NetworkMode "BRIDGE", in which containers don't share localhost; use "AWS_VPC"`}},
		"GPUs on Fargate": {func(p *TaskProps) { p.Compatibility, p.Containers[0].GpuCount = "", 1 },
			[]string{`Containers[0].GpuCount requires Compatibility "EC2" or "MANAGED_INSTANCES"; got "FARGATE"`}},
		"negative GPUs": {func(p *TaskProps) { p.Containers[0].GpuCount = -1 }, []string{"Containers[0].GpuCount must be 0 or greater; got -1"}},
		"host port in awsvpc": {func(p *TaskProps) { p.Containers[0].PortMappings[0].HostPort = 80 },
			[]string{`Containers[0].PortMappings[0].HostPort must be ContainerPort (8080) except in NetworkMode "BRIDGE"; got 80; remove it`}},
		"no host port": {func(p *TaskProps) {
			p.NetworkMode, p.Containers[0].PortMappings[0].HostPort = awsecs.NetworkMode_BRIDGE, 70000
		},
			[]string{"Containers[0].PortMappings[0].HostPort must be an integer from 1 to 65535; got 70000"}},
		"host port twice": {func(p *TaskProps) {
			p.NetworkMode = awsecs.NetworkMode_BRIDGE
			other := container("other")
			p.Containers[0].PortMappings[0].HostPort, other.PortMappings = 80, []PortMapping{{ContainerPort: 8080, HostPort: 80}}
			p.Containers = append(p.Containers, other)
		}, []string{`Containers[1].PortMappings[0].HostPort must not be a HostPort of container "web" on the same instance; got 80; remove ` +
			`it for a free port`}},
		"host network, one port for two containers": {func(p *TaskProps) {
			p.NetworkMode = awsecs.NetworkMode_HOST
			other := container("other")
			other.PortMappings = []PortMapping{{ContainerPort: 8080}}
			p.Containers = append(p.Containers, other)
		}, []string{`Containers[1].PortMappings[0].ContainerPort must not be a port of container "web", because a task's containers share ` +
			"one network interface; got 8080"}},
		"the instance's files on Fargate": {func(p *TaskProps) {
			p.Compatibility, p.Volumes = awsecs.Compatibility_EC2_AND_FARGATE, []Volume{{Name: "logs", HostSourcePath: "/var/log"}}
		}, []string{`Volumes[0].HostSourcePath requires Compatibility "EC2"; got "EC2_AND_FARGATE"`}},
		"power over the instance": {func(p *TaskProps) {
			p.Volumes = []Volume{{Name: "a", HostSourcePath: "/var/run/docker.sock"}, {Name: "b", HostSourcePath: "/"}, {Name: "c",
				HostSourcePath: "/var/"}, {Name: "d", HostSourcePath: "/etc/.."}}
		}, []string{
			`Volumes[0].HostSourcePath must not be a path that gives control over the instance and its other tasks; got ` +
				`"/var/run/docker.sock"; name ` +
				`only what the task reads, such as "/var/log", or set TrustedWithHost`,
			`Volumes[1].HostSourcePath must not be a path that gives control over the instance and its other tasks; got "/"; name only what ` +
				`the task ` +
				`reads, such as "/var/log", or set TrustedWithHost`,
			`Volumes[2].HostSourcePath must not be a path that gives control over the instance and its other tasks; got "/var/"; name only ` +
				`what the task ` +
				`reads, such as "/var/log", or set TrustedWithHost`,
			`Volumes[3].HostSourcePath must not be a path that gives control over the instance and its other tasks; got "/etc/.."; name only ` +
				`what the ` +
				`task reads, such as "/var/log", or set TrustedWithHost`,
		}},
		"writes to the instance": {func(p *TaskProps) {
			p.Volumes, p.Containers[0].MountPoints = []Volume{{Name: "logs", HostSourcePath: "/var/log"}}, []MountPoint{{SourceVolume: "logs",
				ContainerPath: "/logs"}}
		}, []string{`Containers[0].MountPoints[0].ReadOnly must be set for the HostSourcePath "/var/log", because otherwise the container ` +
			"could change what the instance runs; set it, or TrustedWithHost of the volume"}},
		"trusted with nothing": {func(p *TaskProps) { p.Volumes = []Volume{{Name: "logs", TrustedWithHost: true}} },
			[]string{"Volumes[0].TrustedWithHost requires HostSourcePath"}},
		"no path": {func(p *TaskProps) { p.Volumes = []Volume{{Name: "logs", HostSourcePath: "log"}} },
			[]string{`Volumes[0].HostSourcePath must begin with /; got "log"`}},
		"stop": {func(p *TaskProps) { p.Containers[0].StopTimeout = 25 * time.Hour },
			[]string{"Containers[0].StopTimeout must be whole seconds from 2s to 24h; got 25h"}},
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
	web.MountPoints = []MountPoint{{SourceVolume: "logs", ContainerPath: "/logs", ReadOnly: true}, {SourceVolume: "socket",
		ContainerPath: "/var/run/docker.sock"}}
	p.Volumes = []Volume{{Name: "logs", HostSourcePath: "/var/log"}, {Name: "socket", HostSourcePath: "/var/run/docker.sock",
		TrustedWithHost: true}, {Name: "like", HostSourcePath: "/etcetera"}}
	p.Containers = append(p.Containers, other)
	assert.NoError(t, taskError(p))
}

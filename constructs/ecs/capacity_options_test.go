package ecs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/platform"
)

const reservationGroup = "arn:aws:resource-groups:eu-west-1:111122223333:group/gpus"

func TestCapacityOptionsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *Ec2CapacityProps)
		want   []string
	}{
		"requirements of nothing": {func(p *Ec2CapacityProps) {
			p.InstanceTypes, p.InstanceRequirements = nil, &InstanceRequirements{}
		}, []string{
			"InstanceRequirements.MinVCpus is required: an integer of 1 or greater",
			"InstanceRequirements.MinMemoryMiB is required: an integer of 1 or greater",
		}},
		"requirements that no type meets": {func(p *Ec2CapacityProps) {
			p.InstanceTypes, p.InstanceRequirements = nil, &InstanceRequirements{CpuArchitecture: "arm", MinVCpus: 8, MaxVCpus: 4, MinMemoryMiB: -1,
				MinLocalStorageGB: -1, ExcludedInstanceTypes: []string{"M5", "m5.*", "m5.*", ""}}
		}, []string{
			`InstanceRequirements.CpuArchitecture must be "X86_64" or "ARM64"; got "arm"`,
			"InstanceRequirements.MaxVCpus must not be less than MinVCpus (8); got 4",
			"InstanceRequirements.MinMemoryMiB must be 1 or greater; got -1",
			"InstanceRequirements.MinLocalStorageGB must be 0 or greater; got -1",
			`InstanceRequirements.ExcludedInstanceTypes[0] must be an instance type such as "m5.large" or "m5.*"; got "M5"`,
			`InstanceRequirements.ExcludedInstanceTypes[2] must not repeat ExcludedInstanceTypes[1]; got "m5.*"`,
			`InstanceRequirements.ExcludedInstanceTypes[3] is required: an instance type such as "m5.large" or "m5.*"`,
		}},
		"more exclusions than EC2 takes": {func(p *Ec2CapacityProps) {
			p.InstanceTypes = nil
			p.InstanceRequirements = &InstanceRequirements{MinVCpus: 1, MinMemoryMiB: 1}
			for i := range 401 {
				p.InstanceRequirements.ExcludedInstanceTypes = append(p.InstanceRequirements.ExcludedInstanceTypes, fmt.Sprintf("m%d.*", i))
			}
		}, []string{"InstanceRequirements.ExcludedInstanceTypes must have at most 400 elements; got 401"}},
		"types and requirements": {func(p *Ec2CapacityProps) {
			p.InstanceRequirements = &InstanceRequirements{MinVCpus: 2, MinMemoryMiB: 4096}
		},
			[]string{"InstanceRequirements must not be set together with InstanceTypes; remove one of them"}},
		"GPUs without their AMI": {func(p *Ec2CapacityProps) {
			p.InstanceTypes, p.InstanceRequirements = nil, &InstanceRequirements{MinVCpus: 4, MinMemoryMiB: 4096, Gpus: &GpuRequirements{}}
		}, []string{`InstanceRequirements.Gpus must not be set, because the AMI for GPUs follows from InstanceTypes; use InstanceTypes such as ` +
			`"g5.xlarge", or ManagedInstances`}},
		"warm Spot": {func(p *Ec2CapacityProps) { p.Spot, p.WarmPool = true, &WarmPool{} },
			[]string{"WarmPool must not be set together with Spot, which can't be stopped; remove it, or make another capacity On-Demand"}},
		"warm Bottlerocket": {func(p *Ec2CapacityProps) { p.OperatingSystem, p.WarmPool = platform.Bottlerocket, &WarmPool{} },
			[]string{`WarmPool requires OperatingSystem "AMAZON_LINUX_2023", because instances with Bottlerocket would join the cluster from the ` +
				`pool; got "BOTTLEROCKET"`}},
		"a pool larger than its group": {func(p *Ec2CapacityProps) { p.WarmPool = &WarmPool{MinSize: 4, MaxPreparedInstances: 5} }, []string{
			"WarmPool.MinSize must not be greater than MaxSize (3); got 4",
			"WarmPool.MaxPreparedInstances must not be greater than MaxSize (3); got 5",
		}},
		"a negative pool": {func(p *Ec2CapacityProps) { p.WarmPool = &WarmPool{MinSize: -1, MaxPreparedInstances: -1} }, []string{
			"WarmPool.MinSize must be 0 or greater; got -1", "WarmPool.MaxPreparedInstances must be 0 or greater; got -1",
		}},
		"a pool that formats": {func(p *Ec2CapacityProps) {
			p.WarmPool, p.Volumes = &WarmPool{}, []InstanceVolume{{10, ""}, {10, "/data"}}
		},
			[]string{`Volumes[1].MountPath must not be set together with WarmPool, whose instances may be stopped while they format volumes; got ` +
				`"/data"`}},
		"volumes on Bottlerocket": {func(p *Ec2CapacityProps) {
			p.OperatingSystem, p.Volumes = platform.Bottlerocket, []InstanceVolume{{10, ""}}
		},
			[]string{`Volumes requires OperatingSystem "AMAZON_LINUX_2023", because Bottlerocket mounts only its own volume for data; got ` +
				`"BOTTLEROCKET"; raise DiskSizeGiB instead`}},
		"volumes": {func(p *Ec2CapacityProps) {
			p.Volumes = []InstanceVolume{{0, "data"}, {16385, "/var/lib/docker"}, {1, "/a b"}, {1, "/data"}, {1, "/data/"}, {1, "/"}}
		}, []string{
			"Volumes[0].SizeGiB must be an integer from 1 to 16384; got 0",
			`Volumes[0].MountPath must be an absolute path outside the system's directories, such as "/data"; got "data"`,
			"Volumes[1].SizeGiB must be an integer from 1 to 16384; got 16385",
			`Volumes[1].MountPath must be an absolute path outside the system's directories, such as "/data"; got "/var/lib/docker"`,
			`Volumes[2].MountPath must be an absolute path outside the system's directories, such as "/data"; got "/a b"`,
			`Volumes[4].MountPath must not repeat Volumes[3].MountPath; got "/data/"`,
			`Volumes[5].MountPath must be an absolute path outside the system's directories, such as "/data"; got "/"`,
		}},
		"more volumes than names": {func(p *Ec2CapacityProps) {
			for range 12 {
				p.Volumes = append(p.Volumes, InstanceVolume{SizeGiB: 1})
			}
		}, []string{"Volumes must have at most 11 elements; got 12"}},
		"user data beside what mounts volumes": {func(p *Ec2CapacityProps) {
			p.Volumes, p.UserData = []InstanceVolume{{1, "/data"}}, []string{strings.Repeat("#", 15*1024)}
		}, []string{"UserData must have at most 14791 bytes; got 15360; store a script in Amazon S3 and download it here"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validCapacity()
			c.change(&p)
			p.setDefaults()
			assertProblems(t, refusal(p.validate(), p.validateIn(nil)), c.want...)
		})
	}
}

func TestCapacityOptionsAreTaken(t *testing.T) {
	for name, change := range map[string]func(p *Ec2CapacityProps){
		"requirements": func(p *Ec2CapacityProps) {
			p.InstanceTypes, p.Spot = nil, true
			p.InstanceRequirements = &InstanceRequirements{CpuArchitecture: platform.Arm64, MinVCpus: 2, MaxVCpus: 2, MinMemoryMiB: 4096,
				MaxMemoryMiB: 8192, Burstable: true, MinLocalStorageGB: 100, ExcludedInstanceTypes: []string{"c7g*", "r*", "m7g.medium"}}
		},
		"a pool at its limits, that doesn't format": func(p *Ec2CapacityProps) {
			p.WarmPool, p.Volumes = &WarmPool{MinSize: 3, MaxPreparedInstances: 3}, []InstanceVolume{{1, ""}}
		},
		"protected instances from a pool": func(p *Ec2CapacityProps) { p.WarmPool, p.ManagedTerminationProtection = &WarmPool{}, true },
		"volumes": func(p *Ec2CapacityProps) {
			p.Volumes = []InstanceVolume{{1, "/data"}, {16384, "/srv/b-1_2.3"}, {1, ""}, {1, ""}}
			p.UserData = []string{strings.Repeat("#", 14*1024)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := validCapacity()
			change(&p)
			p.setDefaults()
			assert.NoError(t, refusal(p.validate(), p.validateIn(nil)))
		})
	}
}

func TestManagedInstancesOptionsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *ManagedInstancesProps)
		want   []string
	}{
		"sizes that ECS doesn't manage": {func(p *ManagedInstancesProps) { p.InstanceTypes = []string{"t3.micro", "t4g.nano", "", "t3.small"} },
			[]string{
				`InstanceTypes[0] must be larger than nano and micro, which ECS doesn't manage; got "t3.micro"`,
				`InstanceTypes[1] must be larger than nano and micro, which ECS doesn't manage; got "t4g.nano"`,
				"InstanceTypes[2] is required",
			}},
		"types and requirements": {func(p *ManagedInstancesProps) {
			p.InstanceTypes, p.InstanceRequirements = []string{"m7g.*"}, &InstanceRequirements{MinVCpus: 1, MinMemoryMiB: 1}
		}, []string{"InstanceRequirements must not be set together with InstanceTypes; remove one of them"}},
		"GPUs": {func(p *ManagedInstancesProps) {
			p.InstanceRequirements = &InstanceRequirements{MinVCpus: 1, MinMemoryMiB: 1, Gpus: &GpuRequirements{MinCount: 4, MaxCount: 2,
				MinMemoryMiB: -1, Names: []awsec2.AcceleratorName{"T4G", "T4", "T4", "VU9P", ""}}}
		}, []string{
			"InstanceRequirements.Gpus.MaxCount must not be less than MinCount (4); got 2",
			"InstanceRequirements.Gpus.MinMemoryMiB must be 0 or greater; got -1",
			`InstanceRequirements.Gpus.Names[0] must be a GPU of instances with CpuArchitecture "X86_64"; got "T4G"; remove it, or change ` +
				`CpuArchitecture`,
			`InstanceRequirements.Gpus.Names[2] must not repeat Names[1]; got "T4"`,
			`InstanceRequirements.Gpus.Names[3] must be "A10G", "A100", "H100", "L40S", "T4", "T4G" or "V100"; got "VU9P"`,
			`InstanceRequirements.Gpus.Names[4] is required: "A10G", "A100", "H100", "L40S", "T4", "T4G" or "V100"`,
		}},
		"GPUs of x86 on Arm": {func(p *ManagedInstancesProps) {
			p.InstanceRequirements = &InstanceRequirements{CpuArchitecture: platform.Arm64, MinVCpus: 1, MinMemoryMiB: 1,
				Gpus: &GpuRequirements{Names: []awsec2.AcceleratorName{awsec2.AcceleratorName_H100}}}
		}, []string{`InstanceRequirements.Gpus.Names[0] must be a GPU of instances with CpuArchitecture "ARM64"; got "H100"; remove it, or ` +
			`change CpuArchitecture`}},
		"reservations": {func(p *ManagedInstancesProps) {
			p.CapacityReservations = &CapacityReservations{Preference: "RESERVATIONS_EXCLUDED"}
		},
			[]string{
				`CapacityReservations.GroupArn is required: the ARN of a resource group such as ` +
					`"arn:aws:resource-groups:eu-west-1:111122223333:group/gpus"`,
				`CapacityReservations.Preference must be "RESERVATIONS_FIRST" or "RESERVATIONS_ONLY"; got "RESERVATIONS_EXCLUDED"`,
			}},
		"reserved Spot": {func(p *ManagedInstancesProps) {
			p.Spot, p.CapacityReservations = true, &CapacityReservations{GroupArn: "cr-1"}
		},
			[]string{
				`CapacityReservations.GroupArn must be the ARN of a resource group such as ` +
					`"arn:aws:resource-groups:eu-west-1:111122223333:group/gpus"; got "cr-1"`,
				"CapacityReservations must not be set together with Spot, which takes no reserved capacity; remove one of them",
			}},
		"storage that no type has": {func(p *ManagedInstancesProps) {
			p.InstanceTypes, p.UseLocalStorage = []string{"m7g.*", "c7i.large"}, true
		},
			[]string{`UseLocalStorage requires InstanceTypes with an instance store, such as "m7gd.*"; got "m7g.*", "c7i.large"`}},
		"a long delay": {func(p *ManagedInstancesProps) { p.ScaleInAfter = new(2 * time.Hour) },
			[]string{"ScaleInAfter must be whole seconds from 0s to 1h; got 2h"}},
		"a delay of what never happens": {func(p *ManagedInstancesProps) {
			p.ScaleInAfter, p.DisableInfrastructureOptimization = new(time.Minute), true
		}, []string{"ScaleInAfter must not be set together with DisableInfrastructureOptimization, which keeps instances; got 1m; remove one " +
			"of them"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := ManagedInstancesProps{Cluster: ownCluster()}
			c.change(&p)
			p.setDefaults()
			assertProblems(t, refusal(p.validate(), p.validateIn(nil)), c.want...)
		})
	}
}

func TestManagedInstancesOptionsAreTaken(t *testing.T) {
	for name, change := range map[string]func(p *ManagedInstancesProps){
		"generations of a family": func(p *ManagedInstancesProps) {
			p.InstanceTypes = []string{"m6*.*", "u-6tb1.56xlarge", "p6-b200.48xlarge"}
		},
		"GPUs on Arm": func(p *ManagedInstancesProps) {
			p.InstanceRequirements = &InstanceRequirements{CpuArchitecture: platform.Arm64, MinVCpus: 1, MinMemoryMiB: 1,
				Gpus: &GpuRequirements{Names: []awsec2.AcceleratorName{awsec2.AcceleratorName_T4G}}}
		},
		"storage that one type has": func(p *ManagedInstancesProps) { p.InstanceTypes, p.UseLocalStorage = []string{"m7g.*", "m7gd.*"}, true },
		"storage of some type":      func(p *ManagedInstancesProps) { p.UseLocalStorage = true },
		"at once":                   func(p *ManagedInstancesProps) { p.ScaleInAfter = new(time.Duration(0)) },
		"reservations": func(p *ManagedInstancesProps) {
			p.CapacityReservations = &CapacityReservations{GroupArn: reservationGroup}
		},
		"reservations of another stack": func(p *ManagedInstancesProps) {
			p.CapacityReservations = &CapacityReservations{GroupArn: "${Token[G.1]}"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := ManagedInstancesProps{Cluster: ownCluster()}
			change(&p)
			p.setDefaults()
			assert.NoError(t, refusal(p.validate(), p.validateIn(nil)))
		})
	}
}

// managedTask is one for Managed Instances on x86.
func managedTask(change func(p *TaskProps)) *Task {
	return ec2Task("", func(p *TaskProps) {
		p.Compatibility = awsecs.Compatibility_MANAGED_INSTANCES
		if change != nil {
			change(p)
		}
	})
}

// ECS finds an instance for a task among those that it may choose, or the service never starts.
func TestTasksAndTheirManagedInstances(t *testing.T) {
	gpu := func(p *TaskProps) { p.Containers[0].GpuCount = 1 }
	arm := func(p *TaskProps) { p.CpuArchitecture = platform.Arm64 }
	const noGpus = `Task requires GPUs, which no instance of Web/Managed with CpuArchitecture "X86_64" has; use InstanceTypes such as ` +
		`"g5.*", or set Gpus of InstanceRequirements`
	const noArm = `Task must have the CpuArchitecture of the instances of Web/Managed; got "ARM64"; set it, or use other InstanceTypes or ` +
		"InstanceRequirements"
	for name, c := range map[string]struct {
		types        []string
		requirements *InstanceRequirements
		change       func(p *TaskProps)
		want         []string
	}{
		"whatever there is":             {nil, nil, arm, nil},
		"GPUs of what ECS chooses":      {nil, nil, gpu, []string{noGpus}},
		"no GPUs":                       {[]string{"m7i.*"}, nil, gpu, []string{noGpus}},
		"GPUs of AMD":                   {[]string{"g4ad.*"}, nil, gpu, []string{noGpus}},
		"parts of GPUs":                 {[]string{"g6f.*"}, nil, gpu, []string{noGpus}},
		"GPUs on Arm for x86":           {[]string{"m7i.*", "g5g.*"}, nil, gpu, []string{noGpus}},
		"GPUs":                          {[]string{"m7i.*", "g5.*"}, nil, gpu, nil},
		"GPUs of some generation":       {[]string{"g6*.*"}, nil, gpu, nil},
		"types of another architecture": {[]string{"m7i.*", "g5.*"}, nil, arm, []string{noArm}},
		"types of its architecture":     {[]string{"m7i.*", "m7g.large"}, nil, arm, nil},
		"requirements of another":       {nil, &InstanceRequirements{}, arm, []string{noArm}},
		"requirements without GPUs":     {nil, &InstanceRequirements{}, gpu, []string{noGpus}},
		"requirements":                  {nil, &InstanceRequirements{Gpus: &GpuRequirements{MaxCount: 1}, MaxMemoryMiB: 513}, gpu, nil},
		"a type that nobody knows":      {[]string{"${Token[T.1]}"}, nil, gpu, nil},
		"larger than the largest, twice": {nil, &InstanceRequirements{MaxVCpus: 2, MaxMemoryMiB: 2048, Gpus: &GpuRequirements{MaxCount: 1}},
			func(p *TaskProps) { p.Containers[0].GpuCount, p.Cpu, p.MemoryLimitMiB = 2, 2049, 2048 }, []string{
				"Task must use at most the 2 vCPUs of the instances of Web/Managed, 1024 CPU units each; got 2049; lower Cpu or raise MaxVCpus",
				"Task must use less memory than the 2048 MiB of the instances of Web/Managed, whose operating system needs some; got 2048; lower " +
					"MemoryLimitMiB or raise MaxMemoryMiB",
				"Task must use at most the 1 GPUs of the instances of Web/Managed; got 2; lower GpuCount or raise MaxCount",
			}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			p.Cluster, p.Task = ownCluster(), managedTask(c.change)
			p.Cluster.managed = []*ManagedInstances{{name: "managed", path: "Web/Managed", instanceTypes: c.types,
				requirements: c.requirements.withDefaults()}}
			p.setDefaults()
			assertProblems(t, refusal(p.validate(), p.validateInCluster()), c.want...)
		})
	}
}

// An Auto Scaling group takes the next type by price: each must have room.
func TestTasksAndTheSmallestInstance(t *testing.T) {
	capacity := Ec2CapacityProps{InstanceRequirements: &InstanceRequirements{MinVCpus: 2, MaxVCpus: 8, MinMemoryMiB: 4096, MaxMemoryMiB: 9999}}
	for name, c := range map[string]struct {
		cpu, memory int
		want        []string
	}{
		"fits": {2048, 4095, nil},
		"fits only larger ones": {2049, 4096, []string{
			"Task must use less memory than the 4096 MiB of the instances of Web/X86, whose operating system needs some; got 4096; lower " +
				"MemoryLimitMiB or use larger InstanceRequirements",
			"Task must use at most the 2048 CPU units of the smallest instance of Web/X86; got 2049; lower Cpu or raise MinVCpus",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			p.Cluster, p.Capacity = ownCluster(), []CapacityProviderStrategy{share("x86", 1)}
			p.Task = ec2Task("", func(p *TaskProps) { p.Cpu, p.MemoryLimitMiB = c.cpu, c.memory })
			p.Cluster.ec2[0].memoryMiB, p.Cluster.ec2[0].cpu = capacity.maxMemoryMiB(), capacity.InstanceRequirements.cpu()
			p.setDefaults()
			assertProblems(t, refusal(p.validate(), p.validateInCluster()), c.want...)
		})
	}
}

// Without the devices, no container of the task starts.
func TestTasksWithNeuronNeedSuchInstances(t *testing.T) {
	for _, hasNeuron := range []bool{false, true} {
		p := validService()
		p.Cluster, p.Capacity = ownCluster(), []CapacityProviderStrategy{share("x86", 1)}
		p.Task = ec2Task("", func(p *TaskProps) { p.Containers[0].NeuronDevices = []int{0} })
		p.Cluster.ec2[0].hasNeuron = hasNeuron
		p.setDefaults()
		var want []string
		if !hasNeuron {
			want = []string{`Task requires AWS Neuron devices, which the instances of Web/X86 don't have; use InstanceTypes such as "inf2.xlarge"`}
		}
		assertProblems(t, refusal(p.validate(), p.validateInCluster()), want...)
	}
}

func TestGpusOfEc2Capacity(t *testing.T) {
	for _, c := range []struct {
		types []string
		want  bool
	}{{nil, false}, {[]string{"g5.xlarge", "g6.xlarge"}, true}, {[]string{"g6.xlarge", "g6f.xlarge"}, false}, {[]string{"m7i.large"}, false}} {
		assert.Equal(t, c.want, (&Ec2CapacityProps{InstanceTypes: c.types}).haveGpus(), c.types)
	}
}

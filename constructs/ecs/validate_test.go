package ecs

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsservicediscovery"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/registry"
)

// Stand-ins for what only has to be there: nothing in these tests reaches the CDK.
type (
	anySecret   struct{ awsecs.Secret }
	anyListener struct{ elbv2.IApplicationListener }
	anyTask     struct{ awsecs.TaskDefinition }
	anyTopic    struct{ awssns.ITopic }
	anyVpc      struct{ awsec2.IVpc }
	oneZoneVpc  struct{ anyVpc }
	anySubnet   struct {
		awsec2.ISubnet
		zone string
	}
	// anyProviders stands for a cluster made here, whose providers are known.
	anyProviders struct {
		awsecs.CfnClusterCapacityProviderAssociations
	}
)

func (anyVpc) PublicSubnets() *[]awsec2.ISubnet {
	return &[]awsec2.ISubnet{anySubnet{zone: "a"}, anySubnet{zone: "b"}}
}
func (v anyVpc) PrivateSubnets() *[]awsec2.ISubnet { return v.PublicSubnets() }
func (anyVpc) IsolatedSubnets() *[]awsec2.ISubnet  { return &[]awsec2.ISubnet{} }
func (oneZoneVpc) PublicSubnets() *[]awsec2.ISubnet {
	return &[]awsec2.ISubnet{anySubnet{zone: "a"}, anySubnet{zone: "a"}}
}
func (s anySubnet) AvailabilityZone() *string { return &s.zone }

type anyCluster struct{ awsecs.ICluster }

func (anyCluster) Vpc() awsec2.IVpc                                                 { return anyVpc{} }
func (anyCluster) ExecuteCommandConfiguration() *awsecs.ExecuteCommandConfiguration { return nil }
func (anyCluster) DefaultCloudMapNamespace() awsservicediscovery.INamespace         { return nil }

// arnCluster was imported by its ARN alone.
type arnCluster struct{ anyCluster }

func (arnCluster) Vpc() awsec2.IVpc {
	panic("vpc is not available for a Cluster imported using fromClusterArn()")
}

// anyService is one that was made.
func anyService() *Service { return &Service{Service: struct{ awsecs.BaseService }{}} }

type (
	publicVpc     struct{ anyVpc }
	publicCluster struct{ awsecs.ICluster }
)

func (publicVpc) PrivateSubnets() *[]awsec2.ISubnet { return &[]awsec2.ISubnet{} }
func (publicCluster) Vpc() awsec2.IVpc              { return publicVpc{} }

func container(name string) Container {
	return Container{Name: name, Image: registry.FromRegistry("nginx:stable")}
}

func validTask() TaskProps {
	web := container("web")
	web.PortMappings = []PortMapping{{ContainerPort: 8080}}
	return TaskProps{Containers: []Container{web}}
}

// taskOf is what NewTask makes, as far as validation looks at it.
func taskOf(p TaskProps) *Task {
	p.setDefaults()
	return &Task{TaskDefinition: anyTask{}, props: p}
}

func taskError(p TaskProps) error {
	p.setDefaults()
	return p.validate()
}

// assertProblems compares the problems of a refusal, each as a user sees it behind the construct path.
func assertProblems(t *testing.T, err error, want ...string) {
	t.Helper()
	if len(want) == 0 {
		require.NoError(t, err)
		return
	}
	var e *invalid.Error
	require.ErrorAs(t, err, &e)
	var got []string
	for _, p := range e.Problems {
		got = append(got, p.String())
	}
	assert.Equal(t, want, got)
}

func TestTasksAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *TaskProps, web *Container)
		want   []string
	}{
		"CPU": {func(p *TaskProps, _ *Container) { p.Cpu = 300; p.MemoryLimitMiB = 512 },
			[]string{"Cpu 300 is not a Fargate size; use 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768"}},
		"memory beside CPU": {func(p *TaskProps, _ *Container) { p.Cpu = 256; p.MemoryLimitMiB = 4096 },
			[]string{"MemoryLimitMiB 4096 does not go with Cpu 256 on Fargate; use 512, 1024 or 2048"}},
		"memory between steps": {func(p *TaskProps, _ *Container) { p.Cpu = 8192; p.MemoryLimitMiB = 17408 },
			[]string{"MemoryLimitMiB 17408 does not go with Cpu 8192 on Fargate; use 16384 to 61440 in steps of 4096"}},
		"disk": {func(p *TaskProps, _ *Container) { p.EphemeralStorageGiB = 20 },
			[]string{"EphemeralStorageGiB 20 is out of range; use 21 to 200, or leave it out for 20"}},
		"architecture": {func(p *TaskProps, _ *Container) { p.CpuArchitecture = "riscv" },
			[]string{`CpuArchitecture "riscv" is unknown; use "X86_64" or "ARM64"`}},
		"family": {func(p *TaskProps, _ *Container) { p.Family = "my task" },
			[]string{`Family "my task" is no name for ECS; use 1 to 255 letters, digits, hyphens and underscores`}},
		"no container": {func(p *TaskProps, _ *Container) { p.Containers = nil },
			[]string{"Containers is empty; a task needs at least one container"}},
		"container without name": {func(_ *TaskProps, web *Container) { web.Name = "" },
			[]string{`Containers[0].Name "" is no container name; use 1 to 255 letters, digits, hyphens and underscores`}},
		"name of the CDK's": {func(_ *TaskProps, web *Container) { web.Name = "Resource" },
			[]string{`Containers[0].Name "Resource" is taken by the CDK; choose another name`}},
		"container twice": {func(p *TaskProps, _ *Container) { p.Containers = append(p.Containers, container("web")) },
			[]string{`Containers[1].Name "web" is the name of another container of the task; give each its own`}},
		"no image": {func(_ *TaskProps, web *Container) { web.Image = registry.FromRegistry("") },
			[]string{"Containers[0].Image is empty; use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset"}},
		"port 0": {func(_ *TaskProps, web *Container) { web.PortMappings[0].ContainerPort = 0 },
			[]string{"Containers[0].PortMappings[0].ContainerPort 0 is not a port; use 1 to 65535"}},
		"port 65536": {func(_ *TaskProps, web *Container) { web.PortMappings[0].ContainerPort = 65536 },
			[]string{"Containers[0].PortMappings[0].ContainerPort 65536 is not a port; use 1 to 65535"}},
		"port twice": {func(_ *TaskProps, web *Container) {
			web.PortMappings = append(web.PortMappings, PortMapping{ContainerPort: 8080, Protocol: awsecs.Protocol_UDP})
		}, []string{"Containers[0].PortMappings[1].ContainerPort 8080 is mapped twice; map each port once, with one protocol"}},
		"port of another container": {func(p *TaskProps, _ *Container) {
			other := container("proxy")
			other.PortMappings = []PortMapping{{ContainerPort: 8080}}
			p.Containers = append(p.Containers, other)
		}, []string{`Containers[1].PortMappings[0].ContainerPort 8080 is taken by container "web"; the containers of a task share one network interface`}},
		"protocol": {func(_ *TaskProps, web *Container) { web.PortMappings[0].Protocol = "SCTP" },
			[]string{`Containers[0].PortMappings[0].Protocol "SCTP" is unknown; use "TCP" or "UDP"`}},
		"port name": {func(_ *TaskProps, web *Container) { web.PortMappings[0].Name = "Http" },
			[]string{`Containers[0].PortMappings[0].Name "Http" is no port name; use up to 64 lower-case letters, digits, hyphens and underscores`}},
		"container larger than task": {func(_ *TaskProps, web *Container) { web.MemoryLimitMiB = 1024 },
			[]string{"Containers[0].MemoryLimitMiB 1024 is more than the task's MemoryLimitMiB 512; lower it or raise the task's"}},
		"reservation not under limit": {func(_ *TaskProps, web *Container) { web.MemoryLimitMiB = 100; web.MemoryReservationMiB = 100 },
			[]string{"Containers[0].MemoryReservationMiB 100 is not less than MemoryLimitMiB 100; reserve less, or leave one of them out"}},
		"too little memory": {func(_ *TaskProps, web *Container) { web.MemoryLimitMiB = 5; web.MemoryReservationMiB = -1 }, []string{
			"Containers[0].MemoryLimitMiB 5 is out of range; use 6 or more, or leave it out for the default",
			"Containers[0].MemoryReservationMiB -1 is out of range; use 6 or more, or leave it out for the default",
		}},
		"limits over task": {func(p *TaskProps, web *Container) {
			web.MemoryLimitMiB = 400
			other := container("log")
			other.MemoryLimitMiB = 400
			p.Containers = append(p.Containers, other)
		}, []string{"Containers reserve 800 MiB together; the task's MemoryLimitMiB is 512"}},
		"more memory to write than there is": {func(_ *TaskProps, web *Container) {
			web.WritablePaths = []WritablePath{{ContainerPath: "/tmp", SizeMiB: 448}, {ContainerPath: "/run"}}
		}, []string{"Containers[0].WritablePaths hold 512 MiB of memory; the task's MemoryLimitMiB is 512"}},
		"too many containers": {func(p *TaskProps, _ *Container) {
			for _, name := range []string{"2", "3", "4", "5", "6", "7", "8", "9", "10", "11"} {
				p.Containers = append(p.Containers, container(name))
			}
		}, []string{"Containers are 11; ECS takes 10 in a task"}},
		"port name twice": {func(p *TaskProps, web *Container) {
			web.PortMappings[0].Name = "http"
			other := container("log")
			other.PortMappings = []PortMapping{{ContainerPort: 9090, Name: "http"}}
			p.Containers = append(p.Containers, other)
		}, []string{`Containers[1].PortMappings[0].Name "http" is the name of another port, of container "web"; give each its own`}},
		"reservations over task": {func(_ *TaskProps, web *Container) { web.MemoryReservationMiB = 600 },
			[]string{"Containers reserve 600 MiB together; the task's MemoryLimitMiB is 512"}},
		"CPU over task": {func(_ *TaskProps, web *Container) { web.Cpu = 512 },
			[]string{"Containers ask for 512 CPU units together; the task's Cpu is 256"}},
		"negative CPU": {func(_ *TaskProps, web *Container) { web.Cpu = -1 },
			[]string{"Containers[0].Cpu -1 is negative; leave it out for the default"}},
		"variable that is a secret": {func(_ *TaskProps, web *Container) {
			web.Environment = map[string]string{"DB_PASSWORD": "x", "MODE": "y"}
			web.Secrets = map[string]awsecs.Secret{"DB_PASSWORD": anySecret{}}
		}, []string{`Containers[0].Environment "DB_PASSWORD" is also one of the Secrets; give the variable one value, the secret if it is one`}},
		"nil secret": {func(_ *TaskProps, web *Container) { web.Secrets = map[string]awsecs.Secret{"KEY": nil} },
			[]string{`Containers[0].Secrets "KEY" is nil; use awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter`}},
		"nameless variables": {func(_ *TaskProps, web *Container) {
			web.Environment = map[string]string{"": "x"}
			web.Secrets = map[string]awsecs.Secret{"": anySecret{}}
		}, []string{
			`Containers[0].Environment "" is no name of a variable; use one or more characters, none of them =`,
			`Containers[0].Environment "" is also one of the Secrets; give the variable one value, the secret if it is one`,
			`Containers[0].Secrets "" is no name of a variable; use one or more characters, none of them =`,
		}},
		"relative writable path": {func(_ *TaskProps, web *Container) { web.WritablePaths = []WritablePath{{ContainerPath: "tmp"}} },
			[]string{`Containers[0].WritablePaths[0].ContainerPath "tmp" is not absolute; begin it with /`}},
		"root as writable path": {func(_ *TaskProps, web *Container) { web.WritablePaths = []WritablePath{{ContainerPath: "/"}} },
			[]string{`Containers[0].WritablePaths[0].ContainerPath "/" is the whole root file system; name a directory in it, or set WritableRootFilesystem`}},
		"path mounted twice": {func(p *TaskProps, web *Container) {
			p.Volumes = []Volume{{Name: "shared"}}
			web.WritablePaths = []WritablePath{{ContainerPath: "/tmp"}}
			web.MountPoints = []MountPoint{{SourceVolume: "shared", ContainerPath: "/tmp/"}}
		}, []string{`Containers[0].MountPoints[0].ContainerPath "/tmp/" is mounted twice; mount one thing there`}},
		"negative size": {func(_ *TaskProps, web *Container) {
			web.WritablePaths = []WritablePath{{ContainerPath: "/tmp", SizeMiB: -1}}
		},
			[]string{"Containers[0].WritablePaths[0].SizeMiB -1 is negative; leave it out for 64"}},
		"mount without volume": {func(p *TaskProps, web *Container) {
			p.Volumes = []Volume{{Name: "shared"}}
			web.MountPoints = []MountPoint{{SourceVolume: "data", ContainerPath: "/data"}}
		}, []string{`Containers[0].MountPoints[0].SourceVolume "data" is none of the task's Volumes (["shared"])`}},
		"volume twice": {func(p *TaskProps, _ *Container) { p.Volumes = []Volume{{Name: "a"}, {Name: "a"}} },
			[]string{`Volumes[1].Name "a" is the name of another volume of the task; give each its own`}},
		"volume without name": {func(p *TaskProps, _ *Container) { p.Volumes = []Volume{{}} },
			[]string{`Volumes[0].Name "" is no volume name; use 1 to 255 letters, digits, hyphens and underscores`}},
		"health check": {func(_ *TaskProps, web *Container) {
			web.HealthCheck = &HealthCheck{Command: []string{"curl"}, Interval: time.Second, Timeout: 61 * time.Second,
				StartPeriod: 301 * time.Second, Retries: 11}
		}, []string{
			`Containers[0].HealthCheck.Command ["curl"] does not begin with "CMD" or "CMD-SHELL"; write []string{"CMD-SHELL", "curl -f http://localhost/ || exit 1"}`,
			"Containers[0].HealthCheck.Interval 1s is out of range; use whole seconds from 5s to 5m0s",
			"Containers[0].HealthCheck.Timeout 1m1s is out of range; use whole seconds from 2s to 1m0s",
			"Containers[0].HealthCheck.StartPeriod 5m1s is out of range; use whole seconds from 0s to 5m0s",
			"Containers[0].HealthCheck.Retries 11 is not a number of retries; use 1 to 10",
		}},
		"stop timeout": {func(_ *TaskProps, web *Container) { web.StopTimeout = 3 * time.Minute },
			[]string{"Containers[0].StopTimeout 3m0s is out of range; use whole seconds from 2s to 2m0s"}},
		"stop timeout in parts of a second": {func(_ *TaskProps, web *Container) { web.StopTimeout = 2500 * time.Millisecond },
			[]string{"Containers[0].StopTimeout 2.5s is out of range; use whole seconds from 2s to 2m0s"}},
		"ulimits": {func(_ *TaskProps, web *Container) {
			web.Ulimits = []Ulimit{{Name: awsecs.UlimitName_NPROC, SoftLimit: 2, HardLimit: 1}}
		}, []string{
			`Containers[0].Ulimits[0].Name "NPROC" cannot be set on Fargate; use "NOFILE"`,
			"Containers[0].Ulimits[0].SoftLimit 2 is not between 1 and HardLimit 1",
		}},
		"nothing essential": {func(_ *TaskProps, web *Container) { web.NonEssential = true },
			[]string{"Containers are all NonEssential; at least one must keep the task alive"}},
		"waits for itself": {func(_ *TaskProps, web *Container) { web.DependsOn = []ContainerDependency{{ContainerName: "web"}} },
			[]string{`Containers[0].DependsOn[0].ContainerName "web" is the container itself, which would wait for ever; name another one`}},
		"waits for nobody": {func(_ *TaskProps, web *Container) { web.DependsOn = []ContainerDependency{{ContainerName: "db"}} },
			[]string{`Containers[0].DependsOn[0].ContainerName "db" is no container of the task; use web`}},
		"waits in a circle": {func(p *TaskProps, web *Container) {
			other := container("log")
			other.DependsOn = []ContainerDependency{{ContainerName: "web"}}
			web.DependsOn = []ContainerDependency{{ContainerName: "log"}}
			p.Containers = append(p.Containers, other)
		}, []string{"Containers wait for each other in a circle and would never start: web -> log -> web"}},
		"waits for health unknown": {func(p *TaskProps, web *Container) {
			web.DependsOn = []ContainerDependency{{ContainerName: "log", Condition: awsecs.ContainerDependencyCondition_HEALTHY}}
			p.Containers = append(p.Containers, container("log"))
		}, []string{`Containers[0].DependsOn[0].Condition HEALTHY needs a HealthCheck of container "log"; give it one or wait for START`}},
		"waits for the end of what must not end": {func(p *TaskProps, web *Container) {
			web.DependsOn = []ContainerDependency{{ContainerName: "migrate", Condition: awsecs.ContainerDependencyCondition_SUCCESS}}
			p.Containers = append(p.Containers, container("migrate"))
		}, []string{`Containers[0].DependsOn[0].Condition SUCCESS waits for the end of container "migrate", which would end the task; set its NonEssential`}},
		"unknown condition": {func(p *TaskProps, web *Container) {
			web.DependsOn = []ContainerDependency{{ContainerName: "log", Condition: "READY"}}
			p.Containers = append(p.Containers, container("log"))
		}, []string{`Containers[0].DependsOn[0].Condition "READY" is unknown; use START, HEALTHY, COMPLETE or SUCCESS`}},
		"a size that is none, and nothing that follows from it": {func(p *TaskProps, web *Container) {
			p.Cpu, web.MemoryLimitMiB, web.Cpu = 300, 256, 200
		}, []string{"Cpu 300 is not a Fargate size; use 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768"}},
		"all at once": {func(p *TaskProps, web *Container) {
			p.Cpu, p.CpuArchitecture = 300, "riscv"
			web.Name, web.PortMappings[0].ContainerPort = "a b", 70000
		}, []string{
			"Cpu 300 is not a Fargate size; use 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768",
			`CpuArchitecture "riscv" is unknown; use "X86_64" or "ARM64"`,
			`Containers[0].Name "a b" is no container name; use 1 to 255 letters, digits, hyphens and underscores`,
			"Containers[0].PortMappings[0].ContainerPort 70000 is not a port; use 1 to 65535",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validTask()
			c.change(&p, &p.Containers[0])
			assertProblems(t, taskError(p), c.want...)
		})
	}
}

func TestTasksAreTaken(t *testing.T) {
	require.NoError(t, taskError(validTask()))
	for _, size := range [][2]int{{256, 512}, {256, 2048}, {512, 4096}, {1024, 8192}, {2048, 16384}, {4096, 30720},
		{8192, 61440}, {16384, 122880}, {32768, 61440}, {32768, 249856}} {
		p := validTask()
		p.Cpu, p.MemoryLimitMiB = size[0], size[1]
		assert.NoError(t, taskError(p), "%v", size)
	}
}

func TestPropsAreNotMutated(t *testing.T) {
	props := validTask()
	before := validTask()
	_ = taskError(props)
	assert.Equal(t, before, props)

	rules := []AlbRule{{Listener: anyListener{}, Priority: 1, Conditions: elb.AlbConditions{PathPatterns: []string{"/*"}}}}
	scaling := &Scaling{MaxCapacity: 2, TargetCpuUtilizationPercent: 60}
	service := ServiceProps{Task: taskOf(props), Exposure: Exposure{Alb: rules}, Scaling: scaling}
	service.setDefaults()
	assert.Empty(t, rules[0].ContainerName)
	assert.Zero(t, scaling.MinCapacity)
}

func TestDeregistrationLastsAsLongAsStopping(t *testing.T) {
	for stop, want := range map[time.Duration]time.Duration{0: time.Minute, 30 * time.Second: time.Minute, 2 * time.Minute: 2 * time.Minute} {
		p := validService()
		p.Task.props.Containers[0].StopTimeout = stop
		p.setDefaults()
		assert.Equal(t, want, p.Exposure.Alb[0].DeregistrationDelay)
	}
}

func validService() ServiceProps {
	return ServiceProps{
		Cluster: ClusterOf(anyCluster{}),
		Task:    taskOf(validTask()),
		Exposure: Exposure{Alb: []AlbRule{{
			Listener: anyListener{}, Priority: 1, Conditions: elb.AlbConditions{PathPatterns: []string{"/*"}},
		}}},
	}
}

func TestServicesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *ServiceProps, rule *AlbRule)
		want   []string
	}{
		"nothing given": {func(p *ServiceProps, _ *AlbRule) { *p = ServiceProps{} },
			[]string{"Cluster is missing; make it with ecs.NewCluster or ecs.ClusterOf", "Task is missing; make it with ecs.NewTask"}},
		"no VPC known": {func(p *ServiceProps, _ *AlbRule) { p.Cluster = ClusterOf(arnCluster{}) },
			[]string{"Cluster does not know its VPC; import it by awsecs.Cluster_FromClusterAttributes, with its Vpc"}},
		"husks given": {func(p *ServiceProps, _ *AlbRule) {
			*p = ServiceProps{Cluster: ClusterOf(nil), Task: &Task{}, SecurityGroups: []awsec2.ISecurityGroup{nil}}
		}, []string{
			"Cluster is missing; make it with ecs.NewCluster or ecs.ClusterOf", "Task is missing; make it with ecs.NewTask",
			"SecurityGroups[0] is nil; leave it out or give a security group",
		}},
		"private subnets of a VPC without": {func(p *ServiceProps, _ *AlbRule) { p.Cluster = ClusterOf(publicCluster{}) },
			[]string{`Subnets must be a type of subnets that the VPC has (2 public, 0 private, 0 isolated); got "private"`}},
		"isolated subnets of a VPC without": {func(p *ServiceProps, _ *AlbRule) { p.Subnets = "isolated" },
			[]string{`Subnets must be a type of subnets that the VPC has (2 public, 2 private, 0 isolated); got "isolated"`}},
		"unknown subnets": {func(p *ServiceProps, _ *AlbRule) { p.Subnets = "dmz" },
			[]string{`Subnets must be "public", "private" or "isolated"; got "dmz"`}},
		"public without address": {func(p *ServiceProps, _ *AlbRule) { p.Subnets = "public" },
			[]string{`AssignPublicIp is false in public subnets, from where a task without a public address reaches nothing, not even its image; set it or use "private"`}},
		"private with address": {func(p *ServiceProps, _ *AlbRule) { p.AssignPublicIp = true },
			[]string{`AssignPublicIp is true in private subnets, where a public address leads nowhere; leave it out or use "public"`}},
		"min above max": {func(p *ServiceProps, _ *AlbRule) {
			p.Scaling = &Scaling{MinCapacity: 5, MaxCapacity: 2, TargetCpuUtilizationPercent: 60}
		},
			[]string{"Scaling.MaxCapacity 2 is below MinCapacity 5; use 5 or more"}},
		"scaling without maximum": {func(p *ServiceProps, _ *AlbRule) { p.Scaling = &Scaling{TargetCpuUtilizationPercent: 60} },
			[]string{"Scaling.MaxCapacity is missing; give the greatest number of tasks, 1 or more"}},
		"scaling to nothing": {func(p *ServiceProps, _ *AlbRule) {
			p.Scaling = &Scaling{MinCapacity: -1, MaxCapacity: 1, TargetCpuUtilizationPercent: 101, ScaleInCooldown: -time.Second, ScaleOutCooldown: 25 * time.Hour}
		}, []string{
			"Scaling.MinCapacity -1 is out of range; use 1 or more, or ScaleToZero",
			"Scaling.TargetCpuUtilizationPercent 101 is out of range; use 1 to 100",
			"Scaling.ScaleOutCooldown 25h0m0s is out of range; use whole seconds from 1s to 24h0m0s",
			"Scaling.ScaleInCooldown -1s is out of range; use whole seconds from 1s to 24h0m0s",
		}},
		"count beside scaling": {func(p *ServiceProps, _ *AlbRule) {
			p.DesiredCount = new(3)
			p.Scaling = &Scaling{MaxCapacity: 5, TargetCpuUtilizationPercent: 60}
		}, []string{"DesiredCount 3 stands beside Scaling and would reset the number of tasks at each deployment; leave it out"}},
		"negative count": {func(p *ServiceProps, _ *AlbRule) { p.DesiredCount = new(-1) },
			[]string{"DesiredCount -1 is negative; use 0 or more"}},
		"deployment": {func(p *ServiceProps, _ *AlbRule) {
			p.Deployment = Deployment{MinHealthyPercent: new(101), MaxHealthyPercent: 201}
		},
			[]string{"Deployment.MinHealthyPercent 101 is out of range; use 0 to 100", "Deployment.MaxHealthyPercent 201 is out of range; use 100 to 200"}},
		"deployment without room": {func(p *ServiceProps, _ *AlbRule) { p.Deployment.MaxHealthyPercent = 100 },
			[]string{"Deployment.MaxHealthyPercent 100 beside MinHealthyPercent 100 leaves no room to replace one of 1 tasks; raise it or lower MinHealthyPercent"}},
		"deployment rounded to no room": {func(p *ServiceProps, _ *AlbRule) {
			p.DesiredCount = new(2)
			p.Deployment = Deployment{MinHealthyPercent: new(90), MaxHealthyPercent: 120}
		}, []string{"Deployment.MaxHealthyPercent 120 beside MinHealthyPercent 90 leaves no room to replace one of 2 tasks; raise it or lower MinHealthyPercent"}},
		"name": {func(p *ServiceProps, _ *AlbRule) { p.ServiceName = "a b" },
			[]string{`ServiceName "a b" is no name for ECS; use 1 to 255 letters, digits, hyphens and underscores`}},
		"unknown capacity provider": {func(p *ServiceProps, _ *AlbRule) {
			p.Cluster = &Cluster{Cluster: anyCluster{}, capacityProviders: anyProviders{}}
			p.Capacity = []CapacityProviderStrategy{{CapacityProvider: "FARGATE_SPOTT", Weight: 1}}
		}, []string{`Capacity[0].CapacityProvider "FARGATE_SPOTT" is no capacity provider of the cluster; use FARGATE or FARGATE_SPOT`}},
		"grace without load balancer": {func(p *ServiceProps, _ *AlbRule) { p.Exposure = Exposure{}; p.HealthCheckGracePeriod = time.Minute },
			[]string{"HealthCheckGracePeriod 1m0s has no load balancer to wait for; leave it out"}},
		"capacity": {func(p *ServiceProps, _ *AlbRule) {
			p.Capacity = []CapacityProviderStrategy{{CapacityProvider: Fargate, Base: 1}, {CapacityProvider: Fargate, Base: 100001}, {Weight: 1001}}
		}, []string{
			`Capacity[1].CapacityProvider "FARGATE" is named twice; give each provider one share`,
			"Capacity[1].Base 100001 is not a number of tasks; use 0 to 100000",
			`Capacity[2].CapacityProvider is empty, and Weight 1001 has no capacity to go to; use FARGATE, FARGATE_SPOT or the name of a provider of the cluster`,
			"Capacity[2].Weight 1001 is not a weight; use 0 to 1000",
			"Capacity has 2 shares with a Base; ECS allows one",
		}},
		"weights that sum to nothing": {func(p *ServiceProps, _ *AlbRule) {
			p.Capacity = []CapacityProviderStrategy{{CapacityProvider: FargateSpot}}
		},
			[]string{"Capacity has no weight above 0, so that no task could be placed; give at least one share a Weight"}},
		"rule without listener": {func(_ *ServiceProps, r *AlbRule) { r.Listener = nil },
			[]string{"Exposure.Alb[0].Listener is missing; give the Listener of an ApplicationLoadBalancer"}},
		"priority": {func(_ *ServiceProps, r *AlbRule) { r.Priority = 50001 },
			[]string{"Exposure.Alb[0].Priority 50001 is out of range; use 1 to 50000"}},
		"rule without condition": {func(_ *ServiceProps, r *AlbRule) { r.Conditions.PathPatterns = nil },
			[]string{`Exposure.Alb[0].Conditions are empty; give at least one condition, PathPatterns: []string{"/*"} to fit every request`}},
		"too many conditions": {func(_ *ServiceProps, r *AlbRule) {
			r.Conditions.HostHeaders = []string{"a.b", "b.b", "c.b", "d.b", "e.b"}
		},
			[]string{"Exposure.Alb[0].Conditions have 6 values; a rule takes 5, so split them over two rules"}},
		"path": {func(_ *ServiceProps, r *AlbRule) { r.Conditions.PathPatterns = []string{"api/*"} },
			[]string{`Exposure.Alb[0].Conditions.PathPatterns "api/*" fits no path; begin it with / or *, and use up to 128 letters, digits and _-.$/~"'@:+&*?`}},
		"host": {func(_ *ServiceProps, r *AlbRule) { r.Conditions.HostHeaders = []string{"localhost"} },
			[]string{`Exposure.Alb[0].Conditions.HostHeaders "localhost" is no host name; write it as "www.example.com" or "*.example.com"`}},
		"wildcards": {func(_ *ServiceProps, r *AlbRule) { r.Conditions.PathPatterns = []string{"/a*b*c*d*?*"} },
			[]string{"Exposure.Alb[0].Conditions have 6 wildcards; a rule takes 5, so split them over two rules"}},
		"priority twice": {func(p *ServiceProps, r *AlbRule) {
			p.Exposure.Alb = append(p.Exposure.Alb, *r)
		}, []string{"Exposure.Alb[1].Priority 1 is taken by Alb[0] on the same listener; give each rule its own"}},
		"too many rules": {func(p *ServiceProps, _ *AlbRule) {
			for priority := range 5 {
				p.Exposure.Alb = append(p.Exposure.Alb, AlbRule{Listener: anyListener{}, Priority: priority + 2, Conditions: elb.AlbConditions{PathPatterns: []string{"/*"}}})
			}
		}, []string{"Exposure.Alb has 6 rules, a target group each; ECS takes 5 of a service"}},
		"unknown container": {func(_ *ServiceProps, r *AlbRule) { r.ContainerName = "app" },
			[]string{`Exposure.Alb[0].ContainerName "app" is no container of the task; use web`}},
		"unknown port": {func(_ *ServiceProps, r *AlbRule) { r.ContainerPort = 80 },
			[]string{`Exposure.Alb[0].ContainerPort 80 is no TCP port of container "web"; use 8080`}},
		"container without port": {func(p *ServiceProps, r *AlbRule) {
			p.Task.props.Containers = append(p.Task.props.Containers, container("log"))
			r.ContainerName = "log"
		}, []string{`Exposure.Alb[0].ContainerName "log" has no PortMappings for TCP; give it the port that it listens on`}},
		"UDP alone": {func(p *ServiceProps, _ *AlbRule) {
			p.Task.props.Containers[0].PortMappings[0].Protocol = awsecs.Protocol_UDP
		},
			[]string{"Exposure.Alb[0].ContainerName is empty and no container of the task has PortMappings for TCP; give one the port that it listens on"}},
		"UDP port named": {func(p *ServiceProps, r *AlbRule) {
			p.Task.props.Containers[0].PortMappings = []PortMapping{{ContainerPort: 53, Protocol: awsecs.Protocol_UDP}, {ContainerPort: 80}}
			r.ContainerPort = 53
		}, []string{`Exposure.Alb[0].ContainerPort 53 is no TCP port of container "web"; use 80`}},
		"task without port": {func(p *ServiceProps, _ *AlbRule) { p.Task.props.Containers[0].PortMappings = nil },
			[]string{"Exposure.Alb[0].ContainerName is empty and no container of the task has PortMappings for TCP; give one the port that it listens on"}},
		"deregistration": {func(_ *ServiceProps, r *AlbRule) { r.DeregistrationDelay = 2 * time.Hour },
			[]string{"Exposure.Alb[0].DeregistrationDelay 2h0m0s is out of range; use whole seconds from 1s to 1h0m0s"}},
		"target health check": {func(_ *ServiceProps, r *AlbRule) {
			r.HealthCheck = TargetHealthCheck{Path: "health", Interval: 301 * time.Second, Timeout: 302 * time.Second, HealthyThresholdCount: 1, UnhealthyThresholdCount: 11, HealthyHttpCodes: "500"}
		}, []string{
			`Exposure.Alb[0].HealthCheck.Path "health" is no path; begin it with / and use up to 1024 characters, none of them blank`,
			`Exposure.Alb[0].HealthCheck.HealthyHttpCodes "500" are no codes from 200 to 499; write "200", "200,204" or "200-299"`,
			"Exposure.Alb[0].HealthCheck.Interval 5m1s is out of range; use whole seconds from 5s to 5m0s",
			"Exposure.Alb[0].HealthCheck.Timeout 5m2s is out of range; use whole seconds from 2s to 2m0s",
			"Exposure.Alb[0].HealthCheck.Timeout 5m2s is not less than Interval 5m1s; shorten the one or lengthen the other",
			"Exposure.Alb[0].HealthCheck.HealthyThresholdCount 1 is out of range; use 2 to 10",
			"Exposure.Alb[0].HealthCheck.UnhealthyThresholdCount 11 is out of range; use 2 to 10",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			c.change(&p, firstRule(&p))
			p.setDefaults()
			assertProblems(t, p.validate(), c.want...)
		})
	}
}

func firstRule(p *ServiceProps) *AlbRule { return &p.Exposure.Alb[0] }

func TestServicesAreTaken(t *testing.T) {
	for name, change := range map[string]func(p *ServiceProps){
		"web":    func(*ServiceProps) {},
		"worker": func(p *ServiceProps) { p.Exposure = Exposure{} },
		"by host": func(p *ServiceProps) {
			p.Exposure.Alb[0].Conditions.HostHeaders = []string{"*.example.com", "example.co*"}
		},
		"codes":    func(p *ServiceProps) { p.Exposure.Alb[0].HealthCheck.HealthyHttpCodes = "200-299,404" },
		"none yet": func(p *ServiceProps) { p.DesiredCount = new(0) },
		"public":   func(p *ServiceProps) { p.Subnets, p.AssignPublicIp = "public", true },
		"in place": func(p *ServiceProps) {
			p.Deployment = Deployment{MinHealthyPercent: new(0), MaxHealthyPercent: 100}
		},
		"half spot": func(p *ServiceProps) { p.Capacity = []CapacityProviderStrategy{{Fargate, 1, 1}, {FargateSpot, 0, 1}} },
		"short health check": func(p *ServiceProps) {
			p.Exposure.Alb[0].HealthCheck.Interval = 5 * time.Second
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			change(&p)
			p.setDefaults()
			assert.NoError(t, p.validate())
		})
	}
}

func TestLoadBalancersAreRefused(t *testing.T) {
	const arn = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
	for name, c := range map[string]struct {
		props elb.ApplicationLoadBalancerProps
		want  []string
	}{
		"no VPC": {elb.ApplicationLoadBalancerProps{}, []string{"Vpc is missing; give the VPC in which the load balancer stands"}},
		"HTTPS without certificate": {elb.ApplicationLoadBalancerProps{Vpc: anyVpc{}, Protocol: elbv2.ApplicationProtocol_HTTPS},
			[]string{"Protocol HTTPS needs a certificate; give CertificateArn, or DomainName with its hosted zone"}},
		"HTTP beside certificate": {elb.ApplicationLoadBalancerProps{Vpc: anyVpc{}, Protocol: elbv2.ApplicationProtocol_HTTP, CertificateArn: arn},
			[]string{"Protocol HTTP stands beside a certificate; leave it out for HTTPS with a redirect from HTTP"}},
		"unknown protocol": {elb.ApplicationLoadBalancerProps{Vpc: anyVpc{}, Protocol: "TCP"},
			[]string{`Protocol "TCP" is unknown; use "HTTP" or "HTTPS"`}},
		"certificate of another service": {elb.ApplicationLoadBalancerProps{Vpc: anyVpc{}, CertificateArn: "arn:aws:iam::111122223333:server-certificate/x"},
			[]string{`CertificateArn "arn:aws:iam::111122223333:server-certificate/x" is not the ARN of an ACM certificate; write it as "arn:aws:acm:<region>:<account>:certificate/<id>"`}},
		"certificate of another Region": {elb.ApplicationLoadBalancerProps{Vpc: anyVpc{}, CertificateArn: "arn:aws:acm:us-east-1:111122223333:certificate/1"},
			[]string{`CertificateArn "arn:aws:acm:us-east-1:111122223333:certificate/1" is of Region us-east-1; a load balancer in eu-west-1 takes only certificates of its own Region; request one there`}},
		"domain without zone": {elb.ApplicationLoadBalancerProps{Vpc: anyVpc{}, DomainName: "www.example.com"},
			[]string{`DomainName "www.example.com" has no hosted zone; give HostedZoneId and HostedZoneName`}},
		"domain of another zone": {elb.ApplicationLoadBalancerProps{Vpc: anyVpc{}, DomainName: "www.badexample.com", HostedZoneId: "Z1", HostedZoneName: "example.com"},
			[]string{`DomainName "www.badexample.com" does not lie in hosted zone "example.com"; give the zone of the domain`}},
		"zone by its path": {elb.ApplicationLoadBalancerProps{Vpc: anyVpc{}, DomainName: "www.example.com", HostedZoneId: "/hostedzone/Z1", HostedZoneName: "example.com"},
			[]string{`HostedZoneId "/hostedzone/Z1" is not the id of a hosted zone; write it as "Z0123456789ABCDEFGHIJ"`}},
		"zone without domain": {elb.ApplicationLoadBalancerProps{Vpc: anyVpc{}, HostedZoneId: "Z1", HostedZoneName: "example.com"},
			[]string{`HostedZoneId "Z1" ("example.com") has no DomainName to hold; give one or leave the zone out`}},
		"private and facing the internet": {elb.ApplicationLoadBalancerProps{Vpc: anyVpc{}, InternetFacing: true, Subnets: "private"},
			[]string{`Subnets "private" cannot hold a load balancer that is InternetFacing; use "public"`}},
		"subnets that are not there": {elb.ApplicationLoadBalancerProps{Vpc: anyVpc{}, Subnets: "isolated"},
			[]string{`Subnets must be a type of subnets that the VPC has (2 public, 2 private, 0 isolated); got "isolated"`}},
		"no domain name": {elb.ApplicationLoadBalancerProps{Vpc: anyVpc{}, DomainName: "www_x.example.com", HostedZoneId: "Z1", HostedZoneName: "example.com"},
			[]string{`DomainName "www_x.example.com" is no domain name; write it as "www.example.com"`}},
		"domain too long for a certificate": {elb.ApplicationLoadBalancerProps{Vpc: anyVpc{}, DomainName: strings.Repeat("a", 60) + ".example.com", HostedZoneId: "Z1", HostedZoneName: "example.com"},
			[]string{`DomainName "` + strings.Repeat("a", 60) + `.example.com" has 72 characters; a certificate takes 64, so give a CertificateArn or a shorter name`}},
		"one zone": {elb.ApplicationLoadBalancerProps{Vpc: oneZoneVpc{}, InternetFacing: true},
			[]string{`Subnets "public" are in one Availability Zone of the VPC; a load balancer needs subnets in two`}},
		"an allow-list that came out empty": {elb.ApplicationLoadBalancerProps{Vpc: anyVpc{}, InternetFacing: true, IngressCidrs: []string{}},
			[]string{"IngressCidrs is an empty list, which would let in whom it should keep out; leave it nil for everybody, or name ranges"}},
		"CIDR": {elb.ApplicationLoadBalancerProps{Vpc: anyVpc{}, IngressCidrs: []string{"10.0.0.0/8", "10.0.0.1/8"}},
			[]string{`IngressCidrs[1] "10.0.0.1/8" is not an IPv4 range; write it as "203.0.113.0/24"`}},
		"retention": {elb.ApplicationLoadBalancerProps{Vpc: anyVpc{}, AccessLogRetentionDays: -1},
			[]string{"AccessLogRetentionDays -1 is negative; use 1 or more"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.props.SetDefaults()
			assertProblems(t, c.props.Validate("eu-west-1"), c.want...)
		})
	}
}

func TestLoadBalancersAreTaken(t *testing.T) {
	for name, p := range map[string]elb.ApplicationLoadBalancerProps{
		"internal":                 {Vpc: anyVpc{}},
		"internet":                 {Vpc: anyVpc{}, InternetFacing: true, IngressCidrs: []string{"203.0.113.0/24"}},
		"domain":                   {Vpc: anyVpc{}, DomainName: "WWW.example.com.", HostedZoneId: "Z1", HostedZoneName: "example.com."},
		"certificate, Region open": {Vpc: anyVpc{}, CertificateArn: "arn:aws:acm:us-east-1:111122223333:certificate/1"},
		"punycode":                 {Vpc: anyVpc{}, DomainName: "xn--e1afmkfd.xn--p1ai", HostedZoneId: "Z1", HostedZoneName: "xn--p1ai"},
		"apex":                     {Vpc: anyVpc{}, DomainName: "example.com", HostedZoneId: "Z1", HostedZoneName: "example.com"},
		"tokens":                   {Vpc: anyVpc{}, DomainName: "${Token[a]}", HostedZoneId: "${Token[b]}", HostedZoneName: "example.com", CertificateArn: "${Token[c]}"},
	} {
		t.Run(name, func(t *testing.T) {
			p.SetDefaults()
			assert.NoError(t, p.Validate("${Token[AWS.Region.4]}"))
		})
	}
}

func TestAlarmsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		props AlarmsProps
		want  []string
	}{
		"no service": {AlarmsProps{}, []string{"Service is missing; give an *ecs.Service"}},
		"a husk":     {AlarmsProps{Service: &Service{}}, []string{"Service is missing; give an *ecs.Service"}},
		"e-mail": {AlarmsProps{Service: anyService(), Emails: []string{"Me <me@example.com>"}},
			[]string{`Email "Me <me@example.com>" is not an e-mail address; write it as "on-call@example.com"`}},
		"e-mail beside a topic": {AlarmsProps{Service: anyService(), Topic: &notify.Topic{}, Emails: []string{"me@example.com"}},
			[]string{`Email "me@example.com" stands beside a Topic of your own; subscribe to that, or leave Topic out`}},
		"thresholds": {AlarmsProps{Service: anyService(), ErrorsPerMinute: -1, ResponseTime: -1, CpuUtilizationPercent: 101, MemoryUtilizationPercent: -1}, []string{
			"ErrorsPerMinute -1 is out of range; use 1 or more",
			"ResponseTime -1ns is negative; use a time above 0",
			"CpuUtilizationPercent 101 is out of range; use 1 to 100",
			"MemoryUtilizationPercent -1 is out of range; use 1 to 100",
		}},
		"none":        {AlarmsProps{Service: anyService(), Emails: []string{"me@example.com"}}, nil},
		"to nobody":   {AlarmsProps{Service: anyService()}, nil},
		"own topic":   {AlarmsProps{Service: anyService(), Topic: &notify.Topic{}}, nil},
		"token email": {AlarmsProps{Service: anyService(), Emails: []string{"${Token[Email.1]}"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			c.props.setDefaults()
			assertProblems(t, c.props.validate(), c.want...)
		})
	}
}

func TestClustersAreRefused(t *testing.T) {
	assertProblems(t, (&ClusterProps{}).validate(), "Vpc is missing; give the VPC in which the tasks run")
	assertProblems(t, (&ClusterProps{Vpc: anyVpc{}, ClusterName: "my cluster!"}).validate(),
		`ClusterName "my cluster!" is no name for ECS; use 1 to 255 letters, digits, hyphens and underscores`)
}

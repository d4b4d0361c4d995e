package ecs

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsservicediscovery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/registry"
	"awscontainers/internal/fake"
)

const secretArn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3"

// Stand-ins for what only has to be there: nothing in these tests reaches the CDK.
type (
	anySecret struct{ awsecs.Secret }
	anyTask   struct{ awsecs.TaskDefinition }
	anyVpc    struct{ awsec2.IVpc }
	anySubnet struct {
		awsec2.ISubnet
		zone string
	}
	// anyProviders stands for a cluster made here, whose providers are known.
	anyProviders struct {
		awsecs.CfnClusterCapacityProviderAssociations
	}
)

func (anyVpc) VpcId() *string { return new("vpc-0123456789abcdef0") }
func (anyVpc) PublicSubnets() *[]awsec2.ISubnet {
	return &[]awsec2.ISubnet{anySubnet{zone: "a"}, anySubnet{zone: "b"}}
}
func (v anyVpc) PrivateSubnets() *[]awsec2.ISubnet { return v.PublicSubnets() }
func (anyVpc) IsolatedSubnets() *[]awsec2.ISubnet  { return &[]awsec2.ISubnet{} }
func (s anySubnet) AvailabilityZone() *string      { return &s.zone }

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
func anyService() *Service {
	return &Service{Construct: fake.Construct{}, Service: struct{ awsecs.BaseService }{}, cluster: existingCluster(anyCluster{})}
}

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
	return &Task{Construct: fake.Construct{}, TaskDefinition: anyTask{}, props: p}
}

func taskError(p TaskProps) error { return p.Validate() }

// existingCluster is one of ClusterFrom.
func existingCluster(cluster awsecs.ICluster) *Cluster {
	return &Cluster{Construct: fake.Construct{}, Cluster: cluster}
}

// refusal is what a constructor refuses: what Validate finds, and what takes the cluster.
func refusal(errs ...error) error {
	var bad invalid.Problems
	for _, err := range errs {
		bad.Nest("", err)
	}
	return bad.Err()
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

// Props are judged without Node, the zero value too.
func TestValidateWorksWithoutNode(t *testing.T) {
	t.Setenv("PATH", "")
	for name, props := range map[string]interface{ Validate() error }{
		"ClusterProps": &ClusterProps{}, "TaskProps": &TaskProps{}, "TaskAttributes": &TaskAttributes{},
		"ServiceProps": &ServiceProps{}, "ServiceAttributes": &ServiceAttributes{}, "RunProps": &RunProps{},
		"Ec2CapacityProps": &Ec2CapacityProps{}, "ManagedInstancesProps": &ManagedInstancesProps{},
		"scaled": &ServiceProps{Daemon: true, Scaling: &Scaling{}, Capacity: []CapacityProviderStrategy{{}},
			Deployment: Deployment{Strategy: "LINEAR"}},
	} {
		require.Error(t, props.Validate(), name)
	}
	task := validTask()
	require.NoError(t, task.Validate())
	assert.Empty(t, task.Cpu, "Validate changed the props")
}

func TestTasksAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *TaskProps, web *Container)
		want   []string
	}{
		"CPU": {func(p *TaskProps, _ *Container) { p.Cpu = 300; p.MemoryLimitMiB = 512 },
			[]string{"Cpu must be a Fargate size: 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768; got 300"}},
		"memory beside CPU": {func(p *TaskProps, _ *Container) { p.Cpu = 256; p.MemoryLimitMiB = 4096 },
			[]string{"MemoryLimitMiB must be 512, 1024 or 2048 with Cpu 256 on Fargate; got 4096; set Cpu to 512"}},
		"memory between steps": {func(p *TaskProps, _ *Container) { p.Cpu = 8192; p.MemoryLimitMiB = 17408 },
			[]string{"MemoryLimitMiB must be from 16384 to 61440 in steps of 4096 with Cpu 8192 on Fargate; got 17408; set Cpu to 4096"}},
		"disk": {func(p *TaskProps, _ *Container) { p.EphemeralStorageGiB = 20 },
			[]string{"EphemeralStorageGiB must be an integer from 21 to 200; got 20"}},
		"architecture": {func(p *TaskProps, _ *Container) { p.CpuArchitecture = "riscv" },
			[]string{`CpuArchitecture must be "X86_64" or "ARM64"; got "riscv"`}},
		"family": {func(p *TaskProps, _ *Container) { p.Family = "my task" },
			[]string{`Family must be 1 to 255 letters, digits, hyphens and underscores; got "my task"`}},
		"no container": {func(p *TaskProps, _ *Container) { p.Containers = nil },
			[]string{"Containers must have at least one container"}},
		"container without name": {func(_ *TaskProps, web *Container) { web.Name = "" },
			[]string{"Containers[0].Name is required: 1 to 255 letters, digits, hyphens and underscores"}},
		"name of the CDK's": {func(_ *TaskProps, web *Container) { web.Name = "Resource" },
			[]string{`Containers[0].Name must not be a name that the CDK uses; got "Resource"`}},
		"container twice": {func(p *TaskProps, _ *Container) { p.Containers = append(p.Containers, container("web")) },
			[]string{`Containers[1].Name must not repeat Containers[0].Name; got "web"`}},
		"no image": {func(_ *TaskProps, web *Container) { web.Image = registry.FromRegistry("") },
			[]string{"Containers[0].Image is required; use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset"}},
		"port 0": {func(_ *TaskProps, web *Container) { web.PortMappings[0].ContainerPort = 0 },
			[]string{"Containers[0].PortMappings[0].ContainerPort must be an integer from 1 to 65535; got 0"}},
		"port 65536": {func(_ *TaskProps, web *Container) { web.PortMappings[0].ContainerPort = 65536 },
			[]string{"Containers[0].PortMappings[0].ContainerPort must be an integer from 1 to 65535; got 65536"}},
		"port twice": {func(_ *TaskProps, web *Container) {
			web.PortMappings = append(web.PortMappings, PortMapping{ContainerPort: 8080, Protocol: awsecs.Protocol_UDP})
		}, []string{"Containers[0].PortMappings[1].ContainerPort must be mapped only once, with one protocol; got 8080"}},
		"port of another container": {func(p *TaskProps, _ *Container) {
			other := container("proxy")
			other.PortMappings = []PortMapping{{ContainerPort: 8080}}
			p.Containers = append(p.Containers, other)
		}, []string{`Containers[1].PortMappings[0].ContainerPort must not be a port of container "web", because a task's containers share ` +
			"one network interface; got 8080"}},
		"protocol": {func(_ *TaskProps, web *Container) { web.PortMappings[0].Protocol = "SCTP" },
			[]string{`Containers[0].PortMappings[0].Protocol must be "TCP" or "UDP"; got "SCTP"`}},
		"port name": {func(_ *TaskProps, web *Container) { web.PortMappings[0].Name = "Http" },
			[]string{`Containers[0].PortMappings[0].Name must be up to 64 lower-case letters, digits, hyphens and underscores; got "Http"`}},
		"container larger than task": {func(_ *TaskProps, web *Container) { web.MemoryLimitMiB = 1024 },
			[]string{"Containers[0].MemoryLimitMiB must not be greater than the task's MemoryLimitMiB (512); got 1024; lower it or raise the " +
				"task's"}},
		"reservation not under limit": {func(_ *TaskProps, web *Container) { web.MemoryLimitMiB = 100; web.MemoryReservationMiB = 100 },
			[]string{"Containers[0].MemoryReservationMiB must be less than MemoryLimitMiB (100); got 100; lower it, or remove one of them"}},
		"too little memory": {func(_ *TaskProps, web *Container) { web.MemoryLimitMiB = 5; web.MemoryReservationMiB = -1 }, []string{
			"Containers[0].MemoryLimitMiB must be 6 or greater; got 5",
			"Containers[0].MemoryReservationMiB must be 6 or greater; got -1",
		}},
		"limits over task": {func(p *TaskProps, web *Container) {
			web.MemoryLimitMiB = 400
			other := container("log")
			other.MemoryLimitMiB = 400
			p.Containers = append(p.Containers, other)
		}, []string{"Containers must not reserve more memory in total than the task's MemoryLimitMiB (512); got 800"}},
		"more memory to write than there is": {func(_ *TaskProps, web *Container) {
			web.WritablePaths = []WritablePath{{ContainerPath: "/tmp", SizeMiB: 448}, {ContainerPath: "/run"}}
		}, []string{"Containers[0].WritablePaths must be smaller in total than the task's MemoryLimitMiB (512), because they are in memory; " +
			"got 512"}},
		"too many containers": {func(p *TaskProps, _ *Container) {
			for _, name := range []string{"2", "3", "4", "5", "6", "7", "8", "9", "10", "11"} {
				p.Containers = append(p.Containers, container(name))
			}
		}, []string{"Containers must have at most 10 elements; got 11"}},
		"port name twice": {func(p *TaskProps, web *Container) {
			web.PortMappings[0].Name = "http"
			other := container("log")
			other.PortMappings = []PortMapping{{ContainerPort: 9090, Name: "http"}}
			p.Containers = append(p.Containers, other)
		}, []string{`Containers[1].PortMappings[0].Name must not be the name of a port of container "web"; got "http"`}},
		"reservations over task": {func(_ *TaskProps, web *Container) { web.MemoryReservationMiB = 600 },
			[]string{"Containers must not reserve more memory in total than the task's MemoryLimitMiB (512); got 600"}},
		"CPU over task": {func(_ *TaskProps, web *Container) { web.Cpu = 512 },
			[]string{"Containers must not have more Cpu in total than the task (256); got 512"}},
		"negative CPU": {func(_ *TaskProps, web *Container) { web.Cpu = -1 },
			[]string{"Containers[0].Cpu must be 0 or greater; got -1"}},
		"variable that is a secret": {func(_ *TaskProps, web *Container) {
			web.Environment = map[string]string{"DB_PASSWORD": "x", "MODE": "y"}
			web.Secrets = map[string]awsecs.Secret{"DB_PASSWORD": anySecret{}}
		}, []string{`Containers[0].Environment must not have a variable that Secrets has too; got "DB_PASSWORD"; keep it in only one of ` +
			"them: in Secrets if it is a secret"}},
		"secret twice": {func(_ *TaskProps, web *Container) {
			web.Environment = map[string]string{"DB_PASSWORD": "x"}
			web.Secrets = map[string]awsecs.Secret{"TOKEN": anySecret{}}
			web.SecretArns = map[string]string{"DB_PASSWORD": secretArn, "TOKEN": secretArn}
		}, []string{`Containers[0].Environment must not have a variable that SecretArns has too; got "DB_PASSWORD"; keep it in only one of ` +
			"them: in SecretArns if it is a secret",
			`Containers[0].SecretArns must not have a variable that Secrets has too; got "TOKEN"; keep it in only one of them`}},
		"secret by name": {func(_ *TaskProps, web *Container) { web.SecretArns = map[string]string{"DB": "db", "A=B": secretArn} },
			[]string{`Containers[0].SecretArns must have names of one or more characters without =; got "A=B"`,
				`Containers[0].SecretArns["DB"] must be the complete ARN of a Secrets Manager secret such as "` + secretArn +
					`", followed by ":" and a key of its JSON for that key's value, or the ARN of an SSM parameter`}},
		"nil secret": {func(_ *TaskProps, web *Container) { web.Secrets = map[string]awsecs.Secret{"KEY": nil} },
			[]string{`Containers[0].Secrets must have secrets of awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter; got nil ` +
				`for "KEY"`}},
		"nameless variables": {func(_ *TaskProps, web *Container) {
			web.Environment = map[string]string{"": "x"}
			web.Secrets = map[string]awsecs.Secret{"": anySecret{}}
		}, []string{
			`Containers[0].Environment must have names of one or more characters without =; got ""`,
			`Containers[0].Environment must not have a variable that Secrets has too; got ""; keep it in only one of them: in Secrets if it is ` +
				`a secret`,
			`Containers[0].Secrets must have names of one or more characters without =; got ""`,
		}},
		"relative writable path": {func(_ *TaskProps, web *Container) { web.WritablePaths = []WritablePath{{ContainerPath: "tmp"}} },
			[]string{`Containers[0].WritablePaths[0].ContainerPath must begin with /; got "tmp"`}},
		"root as writable path": {func(_ *TaskProps, web *Container) { web.WritablePaths = []WritablePath{{ContainerPath: "/"}} },
			[]string{`Containers[0].WritablePaths[0].ContainerPath must not be the whole root file system; got "/"; use a directory in it, or ` +
				`set WritableRootFilesystem`}},
		"path mounted twice": {func(p *TaskProps, web *Container) {
			p.Volumes = []Volume{{Name: "shared"}}
			web.WritablePaths = []WritablePath{{ContainerPath: "/tmp"}}
			web.MountPoints = []MountPoint{{SourceVolume: "shared", ContainerPath: "/tmp/"}}
		}, []string{`Containers[0].MountPoints[0].ContainerPath must be mounted only once; got "/tmp/"`}},
		"negative size": {func(_ *TaskProps, web *Container) {
			web.WritablePaths = []WritablePath{{ContainerPath: "/tmp", SizeMiB: -1}}
		},
			[]string{"Containers[0].WritablePaths[0].SizeMiB must be 0 or greater; got -1"}},
		"mount without volume": {func(p *TaskProps, web *Container) {
			p.Volumes = []Volume{{Name: "shared"}}
			web.MountPoints = []MountPoint{{SourceVolume: "data", ContainerPath: "/data"}}
		}, []string{`Containers[0].MountPoints[0].SourceVolume must be the Name of one of the task's Volumes; got "data"`}},
		"volume twice": {func(p *TaskProps, _ *Container) { p.Volumes = []Volume{{Name: "a"}, {Name: "a"}} },
			[]string{`Volumes[1].Name must not repeat Volumes[0].Name; got "a"`}},
		"volume without name": {func(p *TaskProps, _ *Container) { p.Volumes = []Volume{{}} },
			[]string{"Volumes[0].Name is required: 1 to 255 letters, digits, hyphens and underscores"}},
		"health check": {func(_ *TaskProps, web *Container) {
			web.HealthCheck = &HealthCheck{Command: []string{"curl"}, Interval: time.Second, Timeout: 61 * time.Second,
				StartPeriod: 301 * time.Second, Retries: 11}
		}, []string{
			`Containers[0].HealthCheck.Command must begin with "CMD" or "CMD-SHELL", followed by a command; got "curl"; write ` +
				`[]string{"CMD-SHELL", "curl -f http://localhost/ || exit 1"}`,
			"Containers[0].HealthCheck.Interval must be whole seconds from 5s to 5m; got 1s",
			"Containers[0].HealthCheck.Timeout must be whole seconds from 2s to 1m; got 1m1s",
			"Containers[0].HealthCheck.StartPeriod must be whole seconds from 0s to 5m; got 5m1s",
			"Containers[0].HealthCheck.Retries must be an integer from 1 to 10; got 11",
		}},
		"stop timeout": {func(_ *TaskProps, web *Container) { web.StopTimeout = 3 * time.Minute },
			[]string{"Containers[0].StopTimeout must be whole seconds from 2s to 2m; got 3m"}},
		"stop timeout in parts of a second": {func(_ *TaskProps, web *Container) { web.StopTimeout = 2500 * time.Millisecond },
			[]string{"Containers[0].StopTimeout must be whole seconds from 2s to 2m; got 2.5s"}},
		"ulimits": {func(_ *TaskProps, web *Container) {
			web.Ulimits = []Ulimit{{Name: awsecs.UlimitName_NPROC, SoftLimit: 2, HardLimit: 1}}
		}, []string{
			`Containers[0].Ulimits[0].Name must be "NOFILE" on Fargate; got "NPROC"`,
			"Containers[0].Ulimits[0].SoftLimit must be an integer from 1 to HardLimit (1); got 2",
		}},
		"nothing essential": {func(_ *TaskProps, web *Container) { web.NonEssential = true },
			[]string{"Containers must have an essential container; remove NonEssential from one of them"}},
		"waits for itself": {func(_ *TaskProps, web *Container) { web.DependsOn = []ContainerDependency{{ContainerName: "web"}} },
			[]string{`Containers[0].DependsOn[0].ContainerName must not be the container itself; got "web"`}},
		"waits for nobody": {func(_ *TaskProps, web *Container) { web.DependsOn = []ContainerDependency{{ContainerName: "db"}} },
			[]string{`Containers[0].DependsOn[0].ContainerName must be a container of the task: "web"; got "db"`}},
		"waits in a circle": {func(p *TaskProps, web *Container) {
			other := container("log")
			other.DependsOn = []ContainerDependency{{ContainerName: "web"}}
			web.DependsOn = []ContainerDependency{{ContainerName: "log"}}
			p.Containers = append(p.Containers, other)
		}, []string{"Containers must not wait for each other in a cycle: web -> log -> web"}},
		"waits for health unknown": {func(p *TaskProps, web *Container) {
			web.DependsOn = []ContainerDependency{{ContainerName: "log", Condition: awsecs.ContainerDependencyCondition_HEALTHY}}
			p.Containers = append(p.Containers, container("log"))
		}, []string{`Containers[0].DependsOn[0].Condition requires a HealthCheck of container "log"; got "HEALTHY"; set it, or wait for START`}},
		"waits for the end of what must not end": {func(p *TaskProps, web *Container) {
			web.DependsOn = []ContainerDependency{{ContainerName: "migrate", Condition: awsecs.ContainerDependencyCondition_SUCCESS}}
			p.Containers = append(p.Containers, container("migrate"))
		}, []string{`Containers[0].DependsOn[0].Condition requires NonEssential of container "migrate", because the end of an essential ` +
			`container stops the task; got "SUCCESS"; set NonEssential, or wait for START`}},
		"unknown condition": {func(p *TaskProps, web *Container) {
			web.DependsOn = []ContainerDependency{{ContainerName: "log", Condition: "READY"}}
			p.Containers = append(p.Containers, container("log"))
		}, []string{`Containers[0].DependsOn[0].Condition must be "START", "HEALTHY", "COMPLETE" or "SUCCESS"; got "READY"`}},
		"a size that is none, and nothing that follows from it": {func(p *TaskProps, web *Container) {
			p.Cpu, web.MemoryLimitMiB, web.Cpu = 300, 256, 200
		}, []string{"Cpu must be a Fargate size: 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768; got 300"}},
		"all at once": {func(p *TaskProps, web *Container) {
			p.Cpu, p.CpuArchitecture = 300, "riscv"
			web.Name, web.PortMappings[0].ContainerPort = "a b", 70000
		}, []string{
			"Cpu must be a Fargate size: 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768; got 300",
			`CpuArchitecture must be "X86_64" or "ARM64"; got "riscv"`,
			`Containers[0].Name must be 1 to 255 letters, digits, hyphens and underscores; got "a b"`,
			"Containers[0].PortMappings[0].ContainerPort must be an integer from 1 to 65535; got 70000",
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

	rules := []AlbRule{onPath(anyAlb(), "/*")}
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
		Cluster: existingCluster(anyCluster{}),
		Task:    taskOf(validTask()),
		Exposure: Exposure{Alb: []AlbRule{{
			LoadBalancer: anyAlb(), Priority: 1, Conditions: elb.Conditions{PathPatterns: []string{"/*"}},
		}}},
	}
}

func TestServicesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *ServiceProps, rule *AlbRule)
		want   []string
	}{
		"nothing given": {func(p *ServiceProps, _ *AlbRule) { *p = ServiceProps{} },
			[]string{"Cluster is required; use ecs.NewCluster or ecs.ClusterFrom", "Task is required; use ecs.NewTask or ecs.TaskFrom"}},
		"cluster of neither constructor": {func(p *ServiceProps, _ *AlbRule) { p.Cluster = &Cluster{} },
			[]string{"Cluster is required; use ecs.NewCluster or ecs.ClusterFrom"}},
		"task of neither constructor": {func(p *ServiceProps, _ *AlbRule) { p.Task, p.Exposure = &Task{}, Exposure{} },
			[]string{"Task is required; use ecs.NewTask or ecs.TaskFrom"}},
		"no VPC known": {func(p *ServiceProps, _ *AlbRule) { p.Cluster = existingCluster(arnCluster{}) },
			[]string{"Cluster must have a known VPC; use awsecs.Cluster_FromClusterAttributes with its Vpc"}},
		"husks given": {func(p *ServiceProps, _ *AlbRule) {
			*p = ServiceProps{Cluster: nil, Task: nil, SecurityGroups: []awsec2.ISecurityGroup{nil}}
		}, []string{
			"Cluster is required; use ecs.NewCluster or ecs.ClusterFrom", "Task is required; use ecs.NewTask or ecs.TaskFrom",
			"SecurityGroups[0] must be a security group; got nil",
		}},
		"private subnets of a VPC without": {func(p *ServiceProps, _ *AlbRule) { p.Cluster = existingCluster(publicCluster{}) },
			[]string{`Subnets must be a type of subnets that the VPC has (2 public, 0 private, 0 isolated); got "private"; ` +
				`use a VPC with private subnets such as network.NewVpc makes`}},
		"isolated subnets of a VPC without": {func(p *ServiceProps, _ *AlbRule) { p.Subnets = "isolated" },
			[]string{`Subnets must be a type of subnets that the VPC has (2 public, 2 private, 0 isolated); got "isolated"; ` +
				`set IsolatedSubnets of network.VpcProps, or use network.Private`}},
		"unknown subnets": {func(p *ServiceProps, _ *AlbRule) { p.Subnets = "dmz" },
			[]string{`Subnets must be "public", "private" or "isolated"; got "dmz"`}},
		"public without address": {func(p *ServiceProps, _ *AlbRule) { p.Subnets = "public" },
			[]string{"AssignPublicIp is required in public subnets, because without public addresses tasks can't reach the internet or pull " +
				"their images; set it, or set Subnets to " +
				"network.Private"}},
		"private with address": {func(p *ServiceProps, _ *AlbRule) { p.AssignPublicIp = true },
			[]string{`AssignPublicIp requires public subnets; got "private"; remove it, or set Subnets to network.Public`}},
		"min above max": {func(p *ServiceProps, _ *AlbRule) {
			p.Scaling = &Scaling{MinCapacity: 5, MaxCapacity: 2, TargetCpuUtilizationPercent: 60}
		},
			[]string{"Scaling.MaxCapacity must not be less than MinCapacity (5); got 2"}},
		"scaling without maximum": {func(p *ServiceProps, _ *AlbRule) { p.Scaling = &Scaling{TargetCpuUtilizationPercent: 60} },
			[]string{"Scaling.MaxCapacity is required: the maximum number of tasks, 1 or greater"}},
		"scaling to nothing": {func(p *ServiceProps, _ *AlbRule) {
			p.Scaling = &Scaling{MinCapacity: -1, MaxCapacity: 1, TargetCpuUtilizationPercent: 101, ScaleInCooldown: -time.Second,
				ScaleOutCooldown: 25 * time.Hour}
		}, []string{
			"Scaling.MinCapacity must be 1 or greater; got -1; set ScaleToZero for 0",
			"Scaling.TargetCpuUtilizationPercent must be an integer from 1 to 100; got 101",
			"Scaling.ScaleOutCooldown must be whole seconds from 1s to 24h; got 25h",
			"Scaling.ScaleInCooldown must be whole seconds from 1s to 24h; got -1s",
		}},
		"count beside scaling": {func(p *ServiceProps, _ *AlbRule) {
			p.DesiredCount = new(3)
			p.Scaling = &Scaling{MaxCapacity: 5, TargetCpuUtilizationPercent: 60}
		}, []string{"DesiredCount must not be set together with Scaling: each deployment would reset the number of tasks; got 3"}},
		"negative count": {func(p *ServiceProps, _ *AlbRule) { p.DesiredCount = new(-1) },
			[]string{"DesiredCount must be 0 or greater; got -1"}},
		"deployment": {func(p *ServiceProps, _ *AlbRule) {
			p.Deployment = Deployment{MinHealthyPercent: new(101), MaxHealthyPercent: 201}
		},
			[]string{"Deployment.MinHealthyPercent must be an integer from 0 to 100; got 101", "Deployment.MaxHealthyPercent must be an " +
				"integer from 100 to 200; got 201"}},
		"deployment without room": {func(p *ServiceProps, _ *AlbRule) { p.Deployment.MaxHealthyPercent = 100 },
			[]string{"Deployment.MaxHealthyPercent must leave room to replace one of 1 tasks with MinHealthyPercent 100; got 100; raise it or " +
				"lower MinHealthyPercent"}},
		"deployment rounded to no room": {func(p *ServiceProps, _ *AlbRule) {
			p.DesiredCount = new(2)
			p.Deployment = Deployment{MinHealthyPercent: new(90), MaxHealthyPercent: 120}
		}, []string{"Deployment.MaxHealthyPercent must leave room to replace one of 2 tasks with MinHealthyPercent 90; got 120; raise it or " +
			"lower MinHealthyPercent"}},
		"name": {func(p *ServiceProps, _ *AlbRule) { p.ServiceName = "a b" },
			[]string{`ServiceName must be 1 to 255 letters, digits, hyphens and underscores; got "a b"`}},
		"unknown capacity provider": {func(p *ServiceProps, _ *AlbRule) {
			p.Cluster = &Cluster{Construct: fake.Construct{}, Cluster: anyCluster{}, capacityProviders: anyProviders{}}
			p.Capacity = []CapacityProviderStrategy{{CapacityProvider: "FARGATE_SPOTT", Weight: 1}}
		}, []string{`Capacity[0].CapacityProvider must be a capacity provider of the cluster; got "FARGATE_SPOTT"; use ecs.Fargate or ` +
			`ecs.FargateSpot`}},
		"grace without load balancer": {func(p *ServiceProps, _ *AlbRule) { p.Exposure = Exposure{}; p.HealthCheckGracePeriod = time.Minute },
			[]string{"HealthCheckGracePeriod requires Exposure.Alb, Exposure.Nlb or Exposure.Gateway; got 1m"}},
		"capacity": {func(p *ServiceProps, _ *AlbRule) {
			p.Capacity = []CapacityProviderStrategy{{CapacityProvider: Fargate, Base: 1}, {CapacityProvider: Fargate, Base: 100001}, {Weight: 1001}}
		}, []string{
			`Capacity[1].CapacityProvider must not repeat Capacity[0].CapacityProvider; got "FARGATE"; use one share for each provider`,
			"Capacity[1].Base must be an integer from 0 to 100000; got 100001",
			"Capacity[2].CapacityProvider is required; use ecs.Fargate, ecs.FargateSpot or the name of a provider of the cluster",
			"Capacity[2].Weight must be an integer from 0 to 1000; got 1001",
			"Capacity must have a Base in at most one share; got 2",
		}},
		"weights that sum to nothing": {func(p *ServiceProps, _ *AlbRule) {
			p.Capacity = []CapacityProviderStrategy{{CapacityProvider: FargateSpot}}
		},
			[]string{"Capacity must have a Weight above 0, because otherwise no task can be placed; set Weight of at least one share"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			c.change(&p, firstRule(&p))
			p.setDefaults()
			assertProblems(t, refusal(p.validate(), p.validateInCluster()), c.want...)
		})
	}
}

func firstRule(p *ServiceProps) *AlbRule { return &p.Exposure.Alb[0] }

func TestServicesAreTaken(t *testing.T) {
	for name, change := range map[string]func(p *ServiceProps){
		"web":      func(*ServiceProps) {},
		"worker":   func(p *ServiceProps) { p.Exposure = Exposure{} },
		"none yet": func(p *ServiceProps) { p.DesiredCount = new(0) },
		"public":   func(p *ServiceProps) { p.Subnets, p.AssignPublicIp = "public", true },
		"in place": func(p *ServiceProps) {
			p.Deployment = Deployment{MinHealthyPercent: new(0), MaxHealthyPercent: 100}
		},
		"half spot": func(p *ServiceProps) { p.Capacity = []CapacityProviderStrategy{{Fargate, 1, 1}, {FargateSpot, 0, 1}} },
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			change(&p)
			p.setDefaults()
			assert.NoError(t, refusal(p.validate(), p.validateInCluster()))
		})
	}
}

func TestClustersAreRefused(t *testing.T) {
	assertProblems(t, (&ClusterProps{}).validate(), "Vpc is required; use network.NewVpc or network.VpcFrom")
	assertProblems(t, (&ClusterProps{Vpc: anyVpc{}, ClusterName: "my cluster!"}).validate(),
		`ClusterName must be 1 to 255 letters, digits, hyphens and underscores; got "my cluster!"`)
}

// A name that is missing is one mistake: it is not also a duplicate, in a cycle or a dependency on itself.
func TestMissingNamesAreReportedOnce(t *testing.T) {
	waiting := Container{Image: registry.FromRegistry("public.ecr.aws/nginx/nginx:1.29"), DependsOn: []ContainerDependency{{}}}
	const name = "Name is required: 1 to 255 letters, digits, hyphens and underscores"
	const dependency = "DependsOn[0].ContainerName is required: the Name of another container of the task"
	fake.Refused(t, (&TaskProps{Containers: []Container{waiting, waiting}, Volumes: []Volume{{}, {}}}).Validate(),
		"Volumes[0]."+name, "Volumes[1]."+name, "Containers[0]."+name, "Containers[1]."+name,
		"Containers[0]."+dependency, "Containers[1]."+dependency)
}

// What a task's network may be is not judged without the task.
func TestNetworkWithoutTask(t *testing.T) {
	fake.Refused(t, (&ServiceProps{AssignPublicIp: true}).Validate(),
		"Cluster is required; use ecs.NewCluster or ecs.ClusterFrom", "Task is required; use ecs.NewTask or ecs.TaskFrom")
}

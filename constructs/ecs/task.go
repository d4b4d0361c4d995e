package ecs

import (
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/internal/describe"
	"awscontainers/constructs/internal/nag"
	"awscontainers/constructs/internal/opt"
	"awscontainers/constructs/invalid"
)

// CpuArchitecture is the processor that a task's images are built for.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html
type CpuArchitecture string

// The architectures of ECS on Linux.
const (
	X86_64 CpuArchitecture = "X86_64"
	Arm64  CpuArchitecture = "ARM64"
)

// Volume is storage that the containers of a task share. It is empty when the task starts and gone when it ends.
type Volume struct {
	// Name is what MountPoints call it: up to 255 letters, digits, hyphens and underscores. Required.
	Name string
}

// TaskProps describe what runs, whether as a service, on a schedule or on an event. Limits not named here are those of
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
type TaskProps struct {
	// Containers are the task's containers; the first is the one that others (a load balancer, an event) mean unless they
	// name another. Required: at least one.
	Containers []Container
	// Cpu is the task's size in CPU units, 1024 to a vCPU: 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768. Default: 256.
	Cpu int
	// MemoryLimitMiB is the task's memory in MiB, of those that Fargate offers with Cpu: see
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html. Default: the least of them.
	MemoryLimitMiB int
	// EphemeralStorageGiB is the disk space of the task in GiB, 21 to 200. Default: the 20 that are free of charge.
	EphemeralStorageGiB int
	// CpuArchitecture is X86_64 or Arm64. Default: X86_64.
	CpuArchitecture CpuArchitecture
	// Volumes are what the containers share. Default: none.
	Volumes []Volume

	// TaskRole is what the program in the containers may do. Default: a new role that may do nothing: grant to Task.TaskRole.
	TaskRole awsiam.IRole
	// ExecutionRole is what ECS may do to start the task: pull the images in use, read the secrets in use and write the
	// task's logs. A role that is imported as immutable must be able to do so already. Default: a new role that may just that.
	ExecutionRole awsiam.IRole

	// LogRetention is how long the containers' output is kept in CloudWatch Logs. Default: one month.
	LogRetention awslogs.RetentionDays
	// RemovalPolicy is what becomes of the logs when the stack is deleted. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which keeps them but for those of a deployment that fails.
	RemovalPolicy awscdk.RemovalPolicy
	// Family is the task definition's name. Default: CloudFormation makes one.
	Family string
}

// Task is a task definition with its two roles and its logs.
type Task struct {
	constructs.Construct
	// TaskDefinition is what the CDK's own constructs take.
	TaskDefinition awsecs.TaskDefinition
	// TaskRole is the identity of the program in the containers: table.GrantReadData(task.TaskRole).
	TaskRole awsiam.IRole
	// ExecutionRole is the identity under which ECS pulls images, reads secrets and writes logs. No container can take it.
	ExecutionRole awsiam.IRole
	// LogGroup holds the output of all containers, a stream prefix each.
	LogGroup awslogs.LogGroup

	props TaskProps
}

// NewTask makes a task definition. It panics with *invalid.Error when the props are wrong.
func NewTask(scope constructs.Construct, id string, props *TaskProps) *Task {
	var p TaskProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	t := &Task{props: p, TaskRole: p.TaskRole, ExecutionRole: p.ExecutionRole}
	constructs.NewConstruct_Override(t, scope, &id)
	if t.TaskRole == nil {
		t.TaskRole = newTaskRole(t)
	}
	if t.ExecutionRole == nil {
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
		t.ExecutionRole = awsiam.NewRole(t, jsii.String("ExecutionRole"), &awsiam.RoleProps{
			Description: describe.Of("Execution role of", t),
			AssumedBy:   awsiam.NewServicePrincipal(jsii.String(ecsTasks), nil),
		})
	}
	t.LogGroup = awslogs.NewLogGroup(t, jsii.String("LogGroup"), &awslogs.LogGroupProps{
		Retention:     p.LogRetention,
		RemovalPolicy: p.RemovalPolicy,
	})
	t.TaskDefinition = awsecs.NewTaskDefinition(t, jsii.String("TaskDefinition"), &awsecs.TaskDefinitionProps{
		Compatibility:       awsecs.Compatibility_FARGATE,
		NetworkMode:         awsecs.NetworkMode_AWS_VPC,
		Cpu:                 jsii.String(strconv.Itoa(p.Cpu)),
		MemoryMiB:           jsii.String(strconv.Itoa(p.MemoryLimitMiB)),
		EphemeralStorageGiB: opt.Number(p.EphemeralStorageGiB),
		RuntimePlatform: &awsecs.RuntimePlatform{
			CpuArchitecture:       p.CpuArchitecture.cdk(),
			OperatingSystemFamily: awsecs.OperatingSystemFamily_LINUX(),
		},
		TaskRole:      t.TaskRole,
		ExecutionRole: t.ExecutionRole,
		Family:        opt.String(p.Family),
	})
	for _, v := range p.Volumes {
		t.TaskDefinition.AddVolume(&awsecs.Volume{Name: &v.Name})
	}
	for i := range p.Containers {
		t.addContainer(&p.Containers[i])
	}
	t.orderContainers()
	t.explainWildcards()
	return t
}

// Container gives the definition of a container by name, or nil.
func (t *Task) Container(name string) awsecs.ContainerDefinition {
	return t.TaskDefinition.FindContainer(&name)
}

// ecsTasks is the service that takes both of a task's roles.
const ecsTasks = "ecs-tasks.amazonaws.com"

// newTaskRole makes a role that only the ECS tasks of this account may take: without the condition, ECS could be talked
// into using it for somebody else.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
func newTaskRole(t *Task) awsiam.Role {
	stack := awscdk.Stack_Of(t)
	return awsiam.NewRole(t, jsii.String("TaskRole"), &awsiam.RoleProps{
		Description: describe.Of("Task role of", t),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String(ecsTasks), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()},
				"ArnLike": map[string]any{"aws:SourceArn": stack.FormatArn(&awscdk.ArnComponents{
					Service: jsii.String("ecs"), Resource: jsii.String("*"), ArnFormat: awscdk.ArnFormat_NO_RESOURCE_NAME,
				})},
			},
		}),
	})
}

func (t *Task) addContainer(c *Container) {
	definition := t.TaskDefinition.AddContainer(&c.Name, &awsecs.ContainerDefinitionOptions{
		Image:                  c.Image.ContainerImage(t, c.Name, t.props.CpuArchitecture.platform(), t.ExecutionRole),
		Cpu:                    opt.Number(c.Cpu),
		MemoryLimitMiB:         opt.Number(c.MemoryLimitMiB),
		MemoryReservationMiB:   opt.Number(c.MemoryReservationMiB),
		EntryPoint:             opt.Strings(c.EntryPoint),
		Command:                opt.Strings(c.Command),
		WorkingDirectory:       opt.String(c.WorkingDirectory),
		User:                   opt.String(c.User),
		Environment:            opt.StringMap(c.Environment),
		Secrets:                secrets(c.Secrets),
		ReadonlyRootFilesystem: jsii.Bool(!c.WritableRootFilesystem),
		HealthCheck:            c.HealthCheck.cdk(),
		Essential:              jsii.Bool(!c.NonEssential),
		StopTimeout:            opt.Duration(c.StopTimeout),
		Ulimits:                ulimits(c.Ulimits),
		LinuxParameters:        t.linuxParameters(c),
		Logging: awsecs.LogDriver_AwsLogs(&awsecs.AwsLogDriverProps{
			LogGroup:     t.LogGroup,
			StreamPrefix: &c.Name,
			// A container must not stand still because CloudWatch Logs is slow; what does not fit the buffer is lost.
			// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
			Mode:          awsecs.AwsLogDriverMode_NON_BLOCKING,
			MaxBufferSize: awscdk.Size_Mebibytes(jsii.Number(25)),
		}),
	})
	for _, m := range c.PortMappings {
		definition.AddPortMappings(&awsecs.PortMapping{
			ContainerPort: jsii.Number(m.ContainerPort),
			Protocol:      m.Protocol,
			Name:          opt.String(m.Name),
		})
	}
	for _, m := range c.MountPoints {
		definition.AddMountPoints(&awsecs.MountPoint{
			SourceVolume:  &m.SourceVolume,
			ContainerPath: &m.ContainerPath,
			ReadOnly:      jsii.Bool(m.ReadOnly),
		})
	}
}

// linuxParameters is nil for a container that needs none.
func (t *Task) linuxParameters(c *Container) awsecs.LinuxParameters {
	if !c.InitProcess && len(c.WritablePaths) == 0 {
		return nil
	}
	linux := awsecs.NewLinuxParameters(t, jsii.String(c.Name+"LinuxParameters"), &awsecs.LinuxParametersProps{
		InitProcessEnabled: &c.InitProcess,
	})
	for _, w := range c.WritablePaths {
		linux.AddTmpfs(&awsecs.Tmpfs{ContainerPath: &w.ContainerPath, Size: jsii.Number(w.size())})
	}
	return linux
}

func (t *Task) orderContainers() {
	for _, c := range t.props.Containers {
		for _, d := range c.DependsOn {
			condition := d.Condition
			if condition == "" {
				condition = awsecs.ContainerDependencyCondition_START
			}
			t.Container(c.Name).AddContainerDependencies(&awsecs.ContainerDependency{
				Container: t.Container(d.ContainerName),
				Condition: condition,
			})
		}
	}
}

// explainWildcards notes for cdk-nag the one wildcard that pulling from private ECR cannot do without.
func (t *Task) explainWildcards() {
	fromEcr := slices.ContainsFunc(t.props.Containers, func(c Container) bool { return c.Image.InPrivateEcr() })
	policy := t.ExecutionRole.Node().TryFindChild(jsii.String("DefaultPolicy"))
	if !fromEcr || policy == nil {
		return
	}
	nag.Suppress(policy, "AwsSolutions-IAM5",
		"ecr:GetAuthorizationToken knows no resources; the pull itself is granted on the repositories in use alone", "Resource::*")
}

func (p *TaskProps) setDefaults() {
	if p.Cpu == 0 {
		p.Cpu = defaultFargateCpu
	}
	if p.MemoryLimitMiB == 0 {
		p.MemoryLimitMiB = leastFargateMemory(p.Cpu)
	}
	if p.CpuArchitecture == "" {
		p.CpuArchitecture = X86_64
	}
	if p.LogRetention == "" {
		p.LogRetention = awslogs.RetentionDays_ONE_MONTH
	}
	if p.RemovalPolicy == "" {
		p.RemovalPolicy = awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
	p.Containers = slices.Clone(p.Containers)
	p.Volumes = slices.Clone(p.Volumes)
}

func (p *TaskProps) validate() error {
	var bad invalid.Problems
	checkFargateSize(p.Cpu, p.MemoryLimitMiB, &bad)
	if p.EphemeralStorageGiB != 0 && (p.EphemeralStorageGiB < 21 || p.EphemeralStorageGiB > 200) {
		bad.Add("EphemeralStorageGiB", "%d is out of range; use 21 to 200, or leave it out for 20", p.EphemeralStorageGiB)
	}
	if p.CpuArchitecture != X86_64 && p.CpuArchitecture != Arm64 {
		bad.Add("CpuArchitecture", "%q is unknown; use %q or %q", p.CpuArchitecture, X86_64, Arm64)
	}
	checkName("Family", p.Family, &bad)
	p.validateVolumes(&bad)
	p.validateContainers(&bad)
	return bad.Err()
}

func (p *TaskProps) validateVolumes(bad *invalid.Problems) {
	volumes := map[string]bool{}
	for i, v := range p.Volumes {
		if !ecsName.MatchString(v.Name) {
			bad.Add(index("Volumes", i)+".Name", "%q is no volume name; use 1 to 255 letters, digits, hyphens and underscores", v.Name)
		}
		if volumes[v.Name] {
			bad.Add(index("Volumes", i)+".Name", "%q is the name of another volume of the task; give each its own", v.Name)
		}
		volumes[v.Name] = true
	}
	for i, c := range p.Containers {
		for j, m := range c.MountPoints {
			if !volumes[m.SourceVolume] {
				bad.Add(index("Containers", i)+"."+index("MountPoints", j)+".SourceVolume", "%q is none of the task's Volumes (%q)",
					m.SourceVolume, sortedKeys(volumes))
			}
		}
	}
}

// maxContainers is a quota: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
const maxContainers = 10

func (p *TaskProps) validateContainers(bad *invalid.Problems) {
	if len(p.Containers) == 0 {
		bad.Add("Containers", "is empty; a task needs at least one container")
		return
	}
	byName := map[string]*Container{}
	ports, portNames := map[int]string{}, map[string]string{}
	essential, cpu, memory := false, 0, 0
	for i := range p.Containers {
		c, field := &p.Containers[i], index("Containers", i)
		bad.Nest(field, c.validate())
		if byName[c.Name] != nil {
			bad.Add(field+".Name", "%q is the name of another container of the task; give each its own", c.Name)
		}
		byName[c.Name] = c
		for j, m := range c.PortMappings {
			if owner, taken := ports[m.ContainerPort]; taken && owner != c.Name {
				bad.Add(field+"."+index("PortMappings", j)+".ContainerPort",
					"%d is taken by container %q; the containers of a task share one network interface", m.ContainerPort, owner)
			}
			ports[m.ContainerPort] = c.Name
			if owner, taken := portNames[m.Name]; taken && m.Name != "" {
				bad.Add(field+"."+index("PortMappings", j)+".Name", "%q is the name of another port, of container %q; give each its own", m.Name, owner)
			}
			portNames[m.Name] = c.Name
		}
		essential = essential || !c.NonEssential
		cpu += c.Cpu
		if c.MemoryLimitMiB > p.MemoryLimitMiB && p.MemoryLimitMiB > 0 {
			bad.Add(field+".MemoryLimitMiB", "%d is more than the task's MemoryLimitMiB %d; lower it or raise the task's", c.MemoryLimitMiB, p.MemoryLimitMiB)
		} else {
			memory += c.reserved()
		}
		if written := c.writableMiB(); written >= p.MemoryLimitMiB && p.MemoryLimitMiB > 0 {
			bad.Add(field+".WritablePaths", "hold %d MiB of memory; the task's MemoryLimitMiB is %d", written, p.MemoryLimitMiB)
		}
	}
	if len(p.Containers) > maxContainers {
		bad.Add("Containers", "are %d; ECS takes %d in a task", len(p.Containers), maxContainers)
	}
	p.validateOrder(byName, bad)
	if !essential {
		bad.Add("Containers", "are all NonEssential; at least one must keep the task alive")
	}
	if leastFargateMemory(p.Cpu) == 0 {
		return // refused already; sums would mislead
	}
	if cpu > p.Cpu {
		bad.Add("Containers", "ask for %d CPU units together; the task's Cpu is %d", cpu, p.Cpu)
	}
	if memory > p.MemoryLimitMiB {
		bad.Add("Containers", "reserve %d MiB together; the task's MemoryLimitMiB is %d", memory, p.MemoryLimitMiB)
	}
}

func (a CpuArchitecture) cdk() awsecs.CpuArchitecture {
	if a == Arm64 {
		return awsecs.CpuArchitecture_ARM64()
	}
	return awsecs.CpuArchitecture_X86_64()
}

func (a CpuArchitecture) platform() awsecrassets.Platform {
	if a == Arm64 {
		return awsecrassets.Platform_LINUX_ARM64()
	}
	return awsecrassets.Platform_LINUX_AMD64()
}

func (h *HealthCheck) cdk() *awsecs.HealthCheck {
	if h == nil {
		return nil
	}
	return &awsecs.HealthCheck{
		Command:     jsii.Strings(h.Command...),
		Interval:    opt.Duration(h.Interval),
		Timeout:     opt.Duration(h.Timeout),
		Retries:     opt.Number(h.Retries),
		StartPeriod: opt.Duration(h.StartPeriod),
	}
}

func secrets(m map[string]awsecs.Secret) *map[string]awsecs.Secret {
	if len(m) == 0 {
		return nil
	}
	return &m
}

func ulimits(limits []Ulimit) *[]*awsecs.Ulimit {
	if len(limits) == 0 {
		return nil
	}
	rendered := make([]*awsecs.Ulimit, len(limits))
	for i, u := range limits {
		rendered[i] = &awsecs.Ulimit{Name: u.Name, SoftLimit: jsii.Number(u.SoftLimit), HardLimit: jsii.Number(u.HardLimit)}
	}
	return &rendered
}

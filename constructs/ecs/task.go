package ecs

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/platform"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
	"awscontainers/internal/taskrole"
)

// Volume is storage that the containers of a task share. Unless said otherwise it is empty when the task starts and gone when it ends.
type Volume struct {
	// Name is what MountPoints call it: up to 255 letters, digits, hyphens and underscores. Required.
	Name string
	// HostSourcePath is a path of the instance, "/var/log", which the containers then share with it: only on EC2, for agents such as
	// a collector of logs, and ReadOnly. Default: none.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
	HostSourcePath string
	// TrustedWithHost lets the containers write there, and HostSourcePath be what gives power over the instance, such as
	// "/var/run/docker.sock": whoever takes over the task then has the instance, its role, and the other tasks on it with theirs.
	// Default: false.
	TrustedWithHost bool
	// Efs makes it a volume of files that outlive the task and that others share. Default: nil, none.
	Efs *EfsVolume
	// Ebs makes it a disk of the task's own, in Amazon EBS, which is gone when the task ends. Default: nil, none.
	Ebs *EbsVolume
}

// TaskProps describe what runs, whether as a service, on a schedule or on an event. Limits not named here are those of
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
type TaskProps struct {
	// Containers are the task's containers; the first is the one that others (a load balancer, an event) mean unless they
	// name another. Required: at least one.
	Containers []Container
	// Compatibility is where the task may run: awsecs.Compatibility_FARGATE, _EC2, _EC2_AND_FARGATE, _MANAGED_INSTANCES or
	// _FARGATE_AND_MANAGED_INSTANCES. Default: FARGATE.
	Compatibility awsecs.Compatibility
	// NetworkMode is awsecs.NetworkMode_AWS_VPC, in which each task has an address and security groups of its own; on instances of
	// yours also _BRIDGE, behind ports of the instance, and _HOST, on the instance's own network, where nothing keeps the task from the
	// instance's credentials. Changing it from or to AWS_VPC replaces the service's target groups, which interrupts it: see "Change a
	// running service" in the README. Default: AWS_VPC.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking.html
	NetworkMode awsecs.NetworkMode
	// Cpu is the task's size in CPU units, 1024 to a vCPU: 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768; where Fargate is out
	// of the question any from 128 to 196608. Default: 256, or the fewest with which Fargate offers MemoryLimitMiB.
	Cpu int
	// MemoryLimitMiB is the task's memory in MiB: any where Fargate is out of the question, else one of those that it offers with
	// Cpu. Default: the least of these, or 512.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
	MemoryLimitMiB int
	// EphemeralStorageGiB is the disk space of the task in GiB, 21 to 200, only on Fargate. Default: the 20 that are free of charge.
	EphemeralStorageGiB int
	// CpuArchitecture is that of the images: platform.X86_64 or platform.Arm64. Default: platform.X86_64.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html
	CpuArchitecture platform.CpuArchitecture
	// Volumes are what the containers share. Default: none.
	Volumes []Volume

	// TaskRole is what the program in the containers may do. Default: a new role that may do nothing: grant to Task.TaskRole.
	TaskRole awsiam.IRole
	// ExecutionRole is what ECS may do to start the task: pull the images in use, read the secrets in use and write the
	// task's logs. A role that is imported as immutable must be able to do so already. Default: a new role that may just that.
	ExecutionRole awsiam.IRole

	// LogRetention is how long the containers' output is kept in CloudWatch Logs. Default: one month.
	LogRetention awslogs.RetentionDays
	// EncryptionKey encrypts that output, beyond what CloudWatch Logs does by itself. A key of another stack or account must
	// let CloudWatch Logs use it. Default: none.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
	EncryptionKey awskms.IKey
	// RemovalPolicy determines whether the log group is deleted with the stack. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE: it is retained, except when its initial creation is rolled back.
	RemovalPolicy awscdk.RemovalPolicy
	// OpenTelemetry adds a container that collects traces and metrics. Default: nil, none.
	OpenTelemetry *OpenTelemetry
	// FireLens adds a container that routes the output of those with Logging.Driver LogDriverFireLens. Default: nil, none.
	FireLens *FireLens
	// RuntimeMonitoring lets the execution role pull the agent that GuardDuty Runtime Monitoring adds to tasks on Fargate. Without it, the
	// agent's container fails and the task runs on unmonitored. GuardDuty itself is turned on in its own console, for the account or the
	// organization; on EC2 it runs its agent beside ECS, and it doesn't support Managed Instances. Default: false.
	// https://docs.aws.amazon.com/guardduty/latest/ug/how-runtime-monitoring-works-ecs-fargate.html
	RuntimeMonitoring bool
	// Family is the task definition's name. Default: CloudFormation makes one.
	Family string
}

// Task is a task definition with its two roles and its logs. It is what a Service runs continuously and a Run once. Grant
// permissions to it: table.GrantReadData(task).
type Task struct {
	constructs.Construct
	// TaskDefinition is the CDK's task definition, for the CDK's own constructs; nil for one that TaskFrom imported.
	TaskDefinition awsecs.TaskDefinition
	// TaskRole is the identity of the program in the containers; nil for an existing task that has none.
	TaskRole awsiam.IRole
	// ExecutionRole is the identity under which ECS pulls images, reads secrets and writes logs. No container can take it. It
	// is nil for an existing task that has none.
	ExecutionRole awsiam.IRole
	// LogGroup holds the output of all containers, a stream prefix each; nil for an existing task.
	LogGroup awslogs.LogGroup

	// VolumeRole is the identity under which ECS creates and attaches the disk of a Volume with Ebs; nil without.
	VolumeRole awsiam.IRole

	definition awsecs.ITaskDefinition
	family     string
	isExisting bool // of TaskFrom: then the props hold only what is known
	props      TaskProps
}

var _ awsiam.IGrantable = (*Task)(nil)

// NewTask creates a task definition. It panics with *invalid.Error if the props are invalid.
func NewTask(scope constructs.Construct, id string, props *TaskProps) *Task {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	t := &Task{props: p, TaskRole: p.TaskRole, ExecutionRole: p.ExecutionRole}
	source.Create(t, scope, id)
	path := *t.Node().Path()
	if t.TaskRole == nil {
		t.TaskRole = taskrole.New(t, path)
	}
	if t.ExecutionRole == nil {
		t.ExecutionRole = taskrole.NewExecution(t, path)
	}
	t.LogGroup = taskrole.NewLogGroup(t, p.LogRetention, p.RemovalPolicy, p.EncryptionKey)
	if p.OpenTelemetry != nil {
		t.configureCollector(p.OpenTelemetry)
	}
	t.TaskDefinition = awsecs.NewTaskDefinition(t, jsii.String("TaskDefinition"), &awsecs.TaskDefinitionProps{
		Compatibility:       p.Compatibility,
		NetworkMode:         p.NetworkMode,
		Cpu:                 jsii.String(strconv.Itoa(p.Cpu)),
		MemoryMiB:           jsii.String(strconv.Itoa(p.MemoryLimitMiB)),
		EphemeralStorageGiB: opt.Number(p.EphemeralStorageGiB),
		RuntimePlatform:     p.runtimePlatform(),
		TaskRole:            t.TaskRole,
		ExecutionRole:       t.ExecutionRole,
		Family:              opt.String(p.Family),
	})
	t.definition, t.family = t.TaskDefinition, *t.TaskDefinition.Family()
	for i := range p.Volumes {
		t.TaskDefinition.AddVolume(p.Volumes[i].cdk())
	}
	t.grantFiles()
	t.addVolumeRole()
	for i := range p.Containers {
		t.addContainer(&p.Containers[i])
	}
	t.orderContainers()
	t.setMountOptions()
	t.noteUsers()
	if p.RuntimeMonitoring {
		taskrole.AllowGuardDuty(t, t.ExecutionRole, p.ExecutionRole == nil)
	}
	t.explainWildcards()
	t.checkSecretNames()
	return t
}

// Arn returns the ARN of the task definition, with its revision.
func (t *Task) Arn() string { return *t.definition.TaskDefinitionArn() }

// Family returns the name that all revisions of the task definition share.
func (t *Task) Family() string { return t.family }

// Cpu returns the task's CPU units, 0 for an existing task.
func (t *Task) Cpu() int { return t.props.Cpu }

// MemoryLimitMiB returns the task's memory in MiB, 0 for an existing task.
func (t *Task) MemoryLimitMiB() int { return t.props.MemoryLimitMiB }

// GrantPrincipal returns the task role's principal, so that the task can be granted permissions: queue.GrantSendMessages(task).
// It panics with *invalid.Error for an existing task whose role isn't known.
func (t *Task) GrantPrincipal() awsiam.IPrincipal {
	if t.TaskRole == nil {
		invalid.Panic(*t.Node().Path(), invalid.Problems{{
			Wanted: "has no known TaskRole to grant to", Fix: "import the task definition with its TaskRole",
		}})
	}
	return t.TaskRole.GrantPrincipal()
}

// Container returns the definition of a container by name, or nil.
func (t *Task) Container(name string) awsecs.ContainerDefinition {
	if t.TaskDefinition == nil {
		return nil
	}
	return t.TaskDefinition.FindContainer(&name)
}

// ContainerNames returns the names of the task's containers. The first is the one that is meant where no name is given.
func (t *Task) ContainerNames() []string {
	names := make([]string, len(t.props.Containers))
	for i, c := range t.props.Containers {
		names[i] = c.Name
	}
	return names
}

// kinds returns the kinds of capacity that the task may run on, the preferred one first.
func (t *Task) kinds() []capacityKind { return kindsOf[t.props.Compatibility] }

// usesAwsvpc reports whether each task has an address and security groups of its own.
func (t *Task) usesAwsvpc() bool { return t.props.NetworkMode == awsecs.NetworkMode_AWS_VPC }

// gpus returns the number of GPUs that the containers have to themselves.
func (t *Task) gpus() (sum int) {
	for _, c := range t.props.Containers {
		sum += c.GpuCount
	}
	return sum
}

// usesNeuron reports whether a container uses AWS Neuron devices of its instance.
func (t *Task) usesNeuron() bool {
	return slices.ContainsFunc(t.props.Containers, func(c Container) bool { return len(c.NeuronDevices) > 0 })
}

// hostPorts returns the ports of its instance that a task takes for itself: an instance has one of each.
func (t *Task) hostPorts() (ports []int) {
	for _, c := range t.props.Containers {
		for _, m := range c.PortMappings {
			switch {
			case t.props.NetworkMode == awsecs.NetworkMode_HOST:
				ports = append(ports, m.ContainerPort)
			case m.HostPort != 0 && !t.usesAwsvpc():
				ports = append(ports, m.HostPort)
			}
		}
	}
	if t.props.FireLens != nil && t.props.NetworkMode == awsecs.NetworkMode_HOST {
		ports = append(ports, firelensPort)
	}
	return ports
}

// roles returns the task's roles, as dependencies: with their policies, which are children of the roles.
func (t *Task) roles() (roles []constructs.IDependable) {
	for _, role := range []awsiam.IRole{t.TaskRole, t.ExecutionRole} {
		if role != nil {
			roles = append(roles, role)
		}
	}
	return roles
}

// TaskAttributes identify an existing task definition.
type TaskAttributes struct {
	// TaskDefinition is one of the CDK's own classes, which serves runs and services, or an imported one, which serves runs only:
	// awsecs.TaskDefinition_FromTaskDefinitionAttributes. An imported one must have a known NetworkMode. Give it the roles that the
	// task definition has too: ECS starts a task only for who may pass them. Required.
	TaskDefinition awsecs.ITaskDefinition
	// ContainerNames are the names of the containers, the first being the one that is meant where no name is given. Default:
	// those of TaskDefinition; required for an imported one, which doesn't know them.
	ContainerNames []string
}

// TaskFrom uses an existing task definition. What the CDK doesn't tell of it (size, processors, files) is not validated, and
// files must be reachable already. It panics with *invalid.Error if the attributes are invalid.
func TaskFrom(scope constructs.Construct, id string, attributes *TaskAttributes) *Task {
	a := opt.Value(attributes)
	t := &Task{definition: a.TaskDefinition, isExisting: true}
	invalid.Refuse(scope, id, a.Validate(), t.takeDefinition(a.ContainerNames))
	source.Create(t, scope, id)
	return t
}

// Validate returns all problems of the attributes, or nil, except those that only TaskFrom finds, in the task definition.
func (a *TaskAttributes) Validate() error {
	a = opt.NotNil(a)
	var bad invalid.Problems
	if a.TaskDefinition == nil {
		bad.Add("TaskDefinition", "is required").Advise("use awsecs.TaskDefinition_FromTaskDefinitionAttributes")
	}
	for i, name := range a.ContainerNames {
		check.RequiredEcsName(check.Index("ContainerNames", i), name, &bad)
		check.Once("ContainerNames", a.ContainerNames, i, &bad)
	}
	return bad.Err()
}

// The family in the ARN of a task definition, whose revision may be missing.
var familyOfArn = regexp.MustCompile(`:task-definition/([A-Za-z0-9_-]+)(:\d+)?$`)

// takeDefinition takes over what the task definition knows of itself.
func (t *Task) takeDefinition(containerNames []string) error {
	if t.definition == nil {
		return nil // refused
	}
	var bad invalid.Problems
	t.TaskDefinition, _ = t.definition.(awsecs.TaskDefinition)
	t.props.Compatibility = t.definition.Compatibility()
	if t.kinds() == nil {
		bad.Add("TaskDefinition", "must run on Fargate, EC2 or Managed Instances").Given(t.props.Compatibility)
	}
	if t.TaskDefinition != nil {
		t.readDefinition(containerNames, &bad)
	} else {
		t.readImport(containerNames, &bad)
	}
	t.props.TaskRole, t.props.ExecutionRole = t.TaskRole, t.ExecutionRole
	return bad.Err()
}

// readDefinition reads a task definition of the CDK's, which belongs to this app.
func (t *Task) readDefinition(containerNames []string, bad *invalid.Problems) {
	t.family, t.TaskRole = *t.TaskDefinition.Family(), t.TaskDefinition.TaskRole()
	t.ExecutionRole = t.TaskDefinition.ObtainExecutionRole() // a container that is added later may need one
	t.props.NetworkMode = t.TaskDefinition.NetworkMode()
	for _, definition := range *t.TaskDefinition.Containers() {
		c := Container{Name: *definition.ContainerName(), NonEssential: !*definition.Essential()}
		for _, m := range *definition.PortMappings() {
			c.PortMappings = append(c.PortMappings, readPort(m))
		}
		t.props.Containers = append(t.props.Containers, c)
	}
	if len(containerNames) > 0 {
		bad.Add("ContainerNames", "must not be set for a task definition of this app, whose containers are known").Given(containerNames)
	}
	if len(t.props.Containers) == 0 {
		bad.Add("TaskDefinition", "must have a container").Advise("call AddContainer before TaskFrom")
	}
}

func readPort(m *awsecs.PortMapping) PortMapping {
	port := PortMapping{ContainerPort: int(*m.ContainerPort), Protocol: m.Protocol}
	if m.HostPort != nil {
		port.HostPort = int(*m.HostPort)
	}
	if m.Name != nil {
		port.Name = *m.Name
	}
	if m.AppProtocol != nil {
		port.AppProtocol = AppProtocol(*m.AppProtocol.Value())
	}
	return port
}

// readImport reads an imported task definition. The CDK throws where it doesn't know the answer.
func (t *Task) readImport(containerNames []string, bad *invalid.Problems) {
	t.ExecutionRole = t.definition.ExecutionRole()
	t.TaskRole = orZero(t.definition.TaskRole)
	t.props.NetworkMode = orZero(t.definition.NetworkMode)
	if t.props.NetworkMode == "" {
		bad.Add("TaskDefinition", "must have a known NetworkMode").Advise("use awsecs.TaskDefinition_FromTaskDefinitionAttributes")
	}
	arn := *t.definition.TaskDefinitionArn()
	if parts := familyOfArn.FindStringSubmatch(arn); parts != nil {
		t.family = parts[1]
	} else if check.Literal("TaskDefinition.TaskDefinitionArn", arn, "the family is read from it", bad) == nil {
		bad.Add("TaskDefinition.TaskDefinitionArn", `must have a family, such as "…:task-definition/web:7"`).Given(arn)
	}
	if len(containerNames) == 0 {
		bad.Add("ContainerNames", "is required for an imported task definition")
	}
	for _, name := range containerNames {
		t.props.Containers = append(t.props.Containers, Container{Name: name})
	}
}

// orZero returns the zero value if the CDK throws.
func orZero[T any](ask func() T) (answer T) {
	defer func() { _ = recover() }()
	return ask()
}

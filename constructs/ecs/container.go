package ecs

import (
	"path"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/registry"
	"awscontainers/internal/check"
)

// Container is one container of a task. Limits not named here are those of
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
type Container struct {
	// Name tells the container from the task's others: up to 255 letters, digits, hyphens and underscores. Required.
	Name string
	// Image is where its image comes from. The image must exist for the task's CpuArchitecture. Required.
	Image registry.Image
	// PortMappings are the ports it listens on. Default: none.
	PortMappings []PortMapping

	// Cpu is the container's share of the task's CPU units. Default: it competes for all of them.
	Cpu int
	// MemoryLimitMiB is the memory beyond which the container is killed, 6 or more. Default: the task's.
	MemoryLimitMiB int
	// MemoryReservationMiB is the memory set aside for the container, 6 or more and less than MemoryLimitMiB. Default:
	// MemoryLimitMiB, or none.
	MemoryReservationMiB int

	// EntryPoint is the program to run. Default: the image's ENTRYPOINT.
	EntryPoint []string
	// Command are the program's arguments. Default: the image's CMD.
	Command []string
	// WorkingDirectory is where the program starts. Default: the image's WORKDIR.
	WorkingDirectory string
	// User is who the program runs as: "1000", "1000:1000" or a name that the image knows. Default: the image's USER.
	User string

	// Environment are plain variables: everybody who may read the task definition reads them. Default: none, except AWS_REGION where
	// the task may run on instances, as Fargate sets it by itself.
	Environment map[string]string
	// Secrets are variables whose values are fetched when the container starts, from Secrets Manager
	// (awsecs.Secret_FromSecretsManager) or the SSM Parameter Store (awsecs.Secret_FromSsmParameter). The execution role may
	// then read just these. Default: none.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
	Secrets map[string]awsecs.Secret
	// SecretArns are secrets like these by ARN: the complete ARN of a Secrets Manager secret, followed by ":" and a key of its JSON for
	// that key's value, "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3:password", or the ARN of an SSM parameter. The
	// execution role may then get just these values. If a customer managed KMS key encrypts one, its key policy must allow the role to
	// decrypt. Default: none.
	SecretArns map[string]string

	// WritableRootFilesystem lets the container change its own files. Default: false, so that an intruder cannot; give the
	// paths that the image does write in WritablePaths.
	WritableRootFilesystem bool
	// WritablePaths are the directories that the program must be able to write, kept in memory until the container ends.
	// Default: none.
	WritablePaths []WritablePath
	// MountPoints are the task's Volumes that the container sees. Default: none.
	MountPoints []MountPoint

	// EnvironmentFiles are files of plain variables in Amazon S3, up to ten in a task. Environment goes before them, and the first file
	// before the others. Default: none.
	EnvironmentFiles []EnvironmentFile

	// Logging sets where the container's output goes. Default: the task's log group in CloudWatch Logs, a line an event.
	Logging *Logging
	// RestartPolicy restarts the container in its task when it exits. Default: nil, it isn't restarted: the task ends with it, or goes on
	// without it if it is NonEssential.
	RestartPolicy *RestartPolicy
	// HealthCheck tells ECS whether the container works. Default: none, or only the load balancer's.
	HealthCheck *HealthCheck
	// NonEssential lets the task go on when this container stops. Default: false, the task stops with it. At least one
	// container of a task must be essential.
	NonEssential bool
	// DependsOn are the containers that this one waits for at start. Default: none.
	DependsOn []ContainerDependency

	// StartTimeout is how long containers that DependOn this one wait for it before they give up, 2 s or more, up to 120 s on Fargate and
	// Managed Instances. Default: the platform's.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
	StartTimeout time.Duration
	// StopTimeout is the time from SIGTERM to SIGKILL, up to 120 s on Fargate, and no longer on Spot. Default: 30 s.
	StopTimeout time.Duration
	// InitProcess runs an init process in the container that forwards signals and reaps zombies, such as what sessions of ECS Exec
	// leave behind. Default: false, except in the containers with WritableRootFilesystem of a service with ExecuteCommand.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
	InitProcess bool
	// OwnInit says that the image has an init process of its own, which must be process 1, such as s6-overlay: a service with
	// ExecuteCommand then adds none. Default: false.
	OwnInit bool
	// DropCapabilities takes all Linux capabilities from the container, for a program that runs as a user other than root. Default:
	// false, it has Docker's default capabilities, of which root makes use.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html
	DropCapabilities bool
	// AddCapabilities gives the container Linux capabilities beside Docker's default ones, or with DropCapabilities just these. Fargate
	// takes only awsecs.Capability_SYS_PTRACE. Those such as SYS_ADMIN give the container power over its instance. Default: none.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html
	AddCapabilities []awsecs.Capability
	// SystemControls set parameters of the kernel (sysctls). Default: the platform's.
	SystemControls []SystemControl
	// DockerLabels are labels of the container, which agents on its instance can read. Default: none.
	DockerLabels map[string]string
	// Ulimits are limits of the operating system. Fargate takes only awsecs.UlimitName_NOFILE. Default: the platform's.
	Ulimits []Ulimit
	// GpuCount is how many GPUs of its instance the container has to itself. It requires Compatibility EC2 or MANAGED_INSTANCES, and
	// instances with NVIDIA GPUs. Default: none.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-gpu.html
	GpuCount int
	// NeuronDevices are the AWS Neuron devices of its instance that the container uses, by number: 0 is /dev/neuron0. Only on EC2, on
	// instance types such as inf2.xlarge. ECS doesn't count them as it counts GPUs: let tasks that use the same ones run on different
	// instances, by {Type: ecs.PlacementDistinctInstance}. Default: none.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-inference.html
	NeuronDevices []int
}

// PortMapping is a port that a container listens on.
type PortMapping struct {
	// ContainerPort is the port, 1 to 65535. Required.
	ContainerPort int
	// HostPort is the port of the instance that leads to it in bridge mode: then one copy of the task fits an instance. Default: one
	// that is free when the task starts, or in host mode ContainerPort.
	HostPort int
	// Protocol is awsecs.Protocol_TCP or awsecs.Protocol_UDP. Default: TCP.
	Protocol awsecs.Protocol
	// Name is what Service Connect calls the port: up to 64 lower-case letters, digits, hyphens and underscores. Not in
	// host mode. Default: none.
	Name string
	// AppProtocol is AppProtocolHttp, AppProtocolHttp2 or AppProtocolGrpc, with which Service Connect measures and retries
	// requests. It requires a Name and can't be changed once a service has it. Default: none, plain TCP.
	AppProtocol AppProtocol
}

// AppProtocol is a protocol that Service Connect understands.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
type AppProtocol string

// The protocols that Service Connect understands.
const (
	AppProtocolHttp  AppProtocol = "http"
	AppProtocolHttp2 AppProtocol = "http2"
	AppProtocolGrpc  AppProtocol = "grpc"
)

// WritablePath is a directory in memory (tmpfs), which counts against the container's memory as it fills. AWS
// does not say who may write there: count on it for /tmp, which is open to every user, and for programs that run as root.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tmpfs.html
type WritablePath struct {
	// ContainerPath is an absolute path. Required.
	ContainerPath string
	// SizeMiB is how much it may hold. Default: 64.
	SizeMiB int
	// MountOptions are options of tmpfs such as "exec", "uid=101", "gid=101" and "mode=1770". Without "exec" programs there can't run.
	// Default: Docker's, "rw,nosuid,nodev,noexec,relatime".
	MountOptions []string
}

const (
	defaultWritableMiB = 64
	// minMemoryMiB is the minimum with which a container starts.
	minMemoryMiB = 6
)

// MountPoint is where a container sees one of its task's volumes.
type MountPoint struct {
	// SourceVolume is the Name of one of the task's Volumes. Required.
	SourceVolume string
	// ContainerPath is an absolute path. Required.
	ContainerPath string
	// ReadOnly keeps the container from writing there. Default: false.
	ReadOnly bool
}

// ContainerDependency makes a container wait for another of its task.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
type ContainerDependency struct {
	// ContainerName is the container to wait for. Required.
	ContainerName string
	// Condition is what to wait for: awsecs.ContainerDependencyCondition_START, _HEALTHY (needs that container's
	// HealthCheck), _COMPLETE or _SUCCESS (its end; it must be NonEssential). Default: START.
	Condition awsecs.ContainerDependencyCondition
}

// Ulimit is a limit of the operating system.
type Ulimit struct {
	// Name is the limit, such as awsecs.UlimitName_NOFILE. Required.
	Name awsecs.UlimitName
	// SoftLimit is in force at first; the container may raise it as far as HardLimit. Required.
	SoftLimit, HardLimit int
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
var portName = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]{0,63}$`)

const portNameForm = "up to 64 lower-case letters, digits, hyphens and underscores"

// cdkReserved is the construct id of a task definition's L1, beside which the CDK puts the containers by their names.
const cdkReserved = "Resource"

const (
	minStopTimeout = 2 * time.Second
	// maxFargateStopTimeout is Fargate's. Instances have no limit; a day is more than anybody needs.
	maxFargateStopTimeout = 120 * time.Second
	maxStopTimeout        = 24 * time.Hour
)

func (c *Container) tcpPorts() (ports []int) {
	for _, m := range c.PortMappings {
		if m.Protocol != awsecs.Protocol_UDP {
			ports = append(ports, m.ContainerPort)
		}
	}
	return ports
}

// reserved returns the memory that counts against the task's.
func (c *Container) reserved() int {
	if c.MemoryReservationMiB > 0 {
		return c.MemoryReservationMiB
	}
	return max(c.MemoryLimitMiB, 0)
}

func (c *Container) writableMiB() (sum int) {
	for _, w := range c.WritablePaths {
		sum += w.size()
	}
	return sum
}

func (w WritablePath) size() int {
	if w.SizeMiB == 0 {
		return defaultWritableMiB
	}
	return w.SizeMiB
}

// validate judges a container by itself; TaskProps judge what it has to do with the others.
func (c *Container) validate(p *TaskProps) error {
	var bad invalid.Problems
	check.RequiredEcsName("Name", c.Name, &bad)
	if c.Name == cdkReserved {
		bad.Add("Name", "must not be a name that the CDK uses").Given(c.Name)
	}
	bad.Nest("Image", c.Image.Validate())
	c.validatePorts(p.NetworkMode, &bad)
	check.Min("Cpu", c.Cpu, 0, &bad)
	c.validateMemory(&bad)
	check.Variables(c.Environment, c.Secrets, c.SecretArns, &bad)
	c.validatePaths(&bad)
	if c.HealthCheck != nil {
		bad.Nest("HealthCheck", c.HealthCheck.validate())
	}
	longest := maxStopTimeout
	if p.runsOn(onFargate) || p.runsOn(onManagedInstances) {
		longest = maxFargateStopTimeout
	}
	check.Seconds("StopTimeout", c.StopTimeout, minStopTimeout, longest, &bad)
	c.validateOptions(p, longest, &bad)
	check.Min("GpuCount", c.GpuCount, 0, &bad)
	if c.GpuCount > 0 && p.runsOn(onFargate) {
		bad.Add("GpuCount", "requires Compatibility %q or %q", awsecs.Compatibility_EC2, awsecs.Compatibility_MANAGED_INSTANCES).
			Given(p.Compatibility)
	}
	for i, u := range c.Ulimits {
		field := check.Index("Ulimits", i)
		if p.runsOn(onFargate) && slices.Contains(ulimitNames, u.Name) && u.Name != awsecs.UlimitName_NOFILE {
			bad.Add(field+".Name", "must be %q on Fargate", awsecs.UlimitName_NOFILE).Given(u.Name)
		}
		check.RequiredKnown(field+".Name", u.Name, ulimitNames, &bad)
		if u.SoftLimit < 1 || u.SoftLimit > u.HardLimit {
			bad.Add(field+".SoftLimit", "must be an integer from 1 to HardLimit (%d)", u.HardLimit).Given(u.SoftLimit)
		}
	}
	return bad.Err()
}

var ulimitNames = []awsecs.UlimitName{
	awsecs.UlimitName_CORE, awsecs.UlimitName_CPU, awsecs.UlimitName_DATA, awsecs.UlimitName_FSIZE, awsecs.UlimitName_LOCKS,
	awsecs.UlimitName_MEMLOCK, awsecs.UlimitName_MSGQUEUE, awsecs.UlimitName_NICE, awsecs.UlimitName_NOFILE, awsecs.UlimitName_NPROC,
	awsecs.UlimitName_RSS, awsecs.UlimitName_RTPRIO, awsecs.UlimitName_RTTIME, awsecs.UlimitName_SIGPENDING, awsecs.UlimitName_STACK,
}

func (c *Container) validateMemory(bad *invalid.Problems) {
	for _, size := range []struct {
		field string
		value int
	}{{"MemoryLimitMiB", c.MemoryLimitMiB}, {"MemoryReservationMiB", c.MemoryReservationMiB}} {
		if size.value != 0 {
			check.Min(size.field, size.value, minMemoryMiB, bad)
		}
	}
	if c.MemoryLimitMiB > 0 && c.MemoryReservationMiB >= c.MemoryLimitMiB {
		bad.Add("MemoryReservationMiB", "must be less than MemoryLimitMiB (%d)", c.MemoryLimitMiB).Given(c.MemoryReservationMiB).
			Advise("lower it, or remove one of them")
	}
}

func (c *Container) validatePorts(mode awsecs.NetworkMode, bad *invalid.Problems) {
	seen := map[int]bool{}
	for i := range c.PortMappings {
		m, field := &c.PortMappings[i], check.Index("PortMappings", i)
		bad.Nest(field, m.validate(mode))
		if seen[m.ContainerPort] {
			bad.Add(field+".ContainerPort", "must be mapped only once, with one protocol").Given(m.ContainerPort)
		}
		seen[m.ContainerPort] = true
	}
}

func (m *PortMapping) validate(mode awsecs.NetworkMode) error {
	var bad invalid.Problems
	check.Port("ContainerPort", m.ContainerPort, &bad)
	if m.HostPort != 0 {
		check.Port("HostPort", m.HostPort, &bad)
		if mode != awsecs.NetworkMode_BRIDGE && m.HostPort != m.ContainerPort {
			bad.Add("HostPort", "must be ContainerPort (%d) except in NetworkMode %q", m.ContainerPort, awsecs.NetworkMode_BRIDGE).
				Given(m.HostPort).Advise("remove it")
		}
	}
	check.Known("Protocol", m.Protocol, []awsecs.Protocol{awsecs.Protocol_TCP, awsecs.Protocol_UDP}, &bad)
	check.Match("Name", m.Name, portName, portNameForm, &bad)
	if mode == awsecs.NetworkMode_HOST && (m.Name != "" || m.AppProtocol != "") {
		m.refuseNames(&bad)
		return bad.Err()
	}
	before := len(bad)
	check.Known("AppProtocol", m.AppProtocol, []AppProtocol{AppProtocolHttp, AppProtocolHttp2, AppProtocolGrpc}, &bad)
	switch {
	case m.AppProtocol == "" || len(bad) > before:
	case m.Name == "":
		bad.Add("AppProtocol", "requires Name").Given(m.AppProtocol)
	case m.Protocol == awsecs.Protocol_UDP:
		bad.Add("AppProtocol", "requires Protocol %q", awsecs.Protocol_TCP).Given(m.Protocol)
	}
	return bad.Err()
}

// refuseNames refuses what Service Connect needs of a port, in NetworkMode HOST.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts.html
func (m *PortMapping) refuseNames(bad *invalid.Problems) {
	const wanted = "must not be set in NetworkMode %q, which Service Connect doesn't support"
	if m.Name != "" {
		bad.Add("Name", wanted, awsecs.NetworkMode_HOST).Given(m.Name).Advise("remove it")
	}
	if m.AppProtocol != "" {
		bad.Add("AppProtocol", wanted, awsecs.NetworkMode_HOST).Given(m.AppProtocol).Advise("remove it")
	}
}

func (c *Container) validatePaths(bad *invalid.Problems) {
	seen := map[string]bool{}
	verify := func(field, p string) {
		switch clean := path.Clean(p); {
		case invalid.IsToken(p):
			return
		case p == "":
			bad.Add(field, `is required: an absolute path such as "/tmp"`)
		case !path.IsAbs(p):
			bad.Add(field, "must begin with /").Given(p)
		case clean == "/":
			bad.Add(field, "must not be the whole root file system").Given(p).Advise("use a directory in it, or set WritableRootFilesystem")
		case seen[clean]:
			bad.Add(field, "must be mounted only once").Given(p)
		default:
			seen[clean] = true
		}
	}
	for i, w := range c.WritablePaths {
		verify(check.Index("WritablePaths", i)+".ContainerPath", w.ContainerPath)
		check.Min(check.Index("WritablePaths", i)+".SizeMiB", w.SizeMiB, 0, bad)
	}
	for i, m := range c.MountPoints {
		verify(check.Index("MountPoints", i)+".ContainerPath", m.ContainerPath)
	}
}

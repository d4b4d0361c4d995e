package ecs

import (
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/registry"
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

	// Environment are plain variables: everybody who may read the task definition reads them. Default: none.
	Environment map[string]string
	// Secrets are variables whose values are fetched when the container starts, from Secrets Manager
	// (awsecs.Secret_FromSecretsManager) or the SSM Parameter Store (awsecs.Secret_FromSsmParameter). The execution role may
	// then read just these. Default: none.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
	Secrets map[string]awsecs.Secret

	// WritableRootFilesystem lets the container change its own files. Default: false, so that an intruder cannot; give the
	// paths that the image does write in WritablePaths.
	WritableRootFilesystem bool
	// WritablePaths are the directories that the program must be able to write, kept in memory until the container ends.
	// Default: none.
	WritablePaths []WritablePath
	// MountPoints are the task's Volumes that the container sees. Default: none.
	MountPoints []MountPoint

	// HealthCheck tells ECS whether the container works. Default: none, or the load balancer's alone.
	HealthCheck *HealthCheck
	// NonEssential lets the task go on when this container stops. Default: false, the task stops with it. At least one
	// container of a task must be essential.
	NonEssential bool
	// DependsOn are the containers that this one waits for at start. Default: none.
	DependsOn []ContainerDependency

	// StopTimeout is the time from SIGTERM to SIGKILL, up to 120 s on Fargate. Default: 30 s.
	StopTimeout time.Duration
	// InitProcess runs an init process in the container that forwards signals and reaps zombies. Default: false, for an
	// image with an init of its own needs to be process 1.
	InitProcess bool
	// Ulimits are limits of the operating system. Fargate takes only awsecs.UlimitName_NOFILE. Default: the platform's.
	Ulimits []Ulimit
}

// PortMapping is a port that a container listens on.
type PortMapping struct {
	// ContainerPort is the port, 1 to 65535. Required.
	ContainerPort int
	// Protocol is awsecs.Protocol_TCP or awsecs.Protocol_UDP. Default: TCP.
	Protocol awsecs.Protocol
	// Name is what Service Connect calls the port: up to 64 lower-case letters, digits, hyphens and underscores. Default:
	// none.
	Name string
}

// WritablePath is a directory in memory (tmpfs), which counts against the container's memory as it fills. AWS
// does not say who may write there: count on it for /tmp, which is open to every user, and for programs that run as root.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tmpfs.html
type WritablePath struct {
	// ContainerPath is an absolute path. Required.
	ContainerPath string
	// SizeMiB is how much it may hold. Default: 64.
	SizeMiB int
}

const (
	defaultWritableMiB = 64
	// leastMemory is what a container needs to start.
	leastMemory = 6
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

// HealthCheck is a command that ECS runs inside the container.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
type HealthCheck struct {
	// Command begins with "CMD" for a program and its arguments, or with "CMD-SHELL" for one line for the image's shell.
	// Exit code 0 is healthy. Required.
	Command []string
	// Interval is the time between two checks, 5 to 300 s. Default: 30 s.
	Interval time.Duration
	// Timeout is how long one check may take, 2 to 60 s. Default: 5 s.
	Timeout time.Duration
	// Retries is how many failures in a row make the container unhealthy, 1 to 10. Default: 3.
	Retries int
	// StartPeriod is a time at the start in which failures do not count, up to 300 s. Default: none.
	StartPeriod time.Duration
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

var (
	portName = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]{0,63}$`)

	conditions = []awsecs.ContainerDependencyCondition{
		awsecs.ContainerDependencyCondition_START,
		awsecs.ContainerDependencyCondition_HEALTHY,
		awsecs.ContainerDependencyCondition_COMPLETE,
		awsecs.ContainerDependencyCondition_SUCCESS,
	}
)

// maxFargateStopTimeout is Fargate's; on instances it is theirs to configure.
const maxFargateStopTimeout = 120 * time.Second

func (c *Container) tcpPorts() (ports []int) {
	for _, m := range c.PortMappings {
		if m.Protocol != awsecs.Protocol_UDP {
			ports = append(ports, m.ContainerPort)
		}
	}
	return ports
}

// reserved is the memory that counts against the task's.
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

// validate tells what is wrong with a container by itself; what it has to do with the others is for the task to say.
func (c *Container) validate() error {
	var bad invalid.Problems
	if !ecsName.MatchString(c.Name) {
		bad.Add("Name", "%q is no container name; use 1 to 255 letters, digits, hyphens and underscores", c.Name)
	}
	bad.Nest("Image", c.Image.Validate())
	c.validatePorts(&bad)
	if c.Cpu < 0 {
		bad.Add("Cpu", "%d is negative; leave it out for the default", c.Cpu)
	}
	for _, size := range []struct {
		field string
		value int
	}{{"MemoryLimitMiB", c.MemoryLimitMiB}, {"MemoryReservationMiB", c.MemoryReservationMiB}} {
		if size.value != 0 && size.value < leastMemory {
			bad.Add(size.field, "%d is out of range; use %d or more, or leave it out for the default", size.value, leastMemory)
		}
	}
	if c.MemoryLimitMiB > 0 && c.MemoryReservationMiB >= c.MemoryLimitMiB {
		bad.Add("MemoryReservationMiB", "%d is not less than MemoryLimitMiB %d; reserve less, or leave one of them out", c.MemoryReservationMiB, c.MemoryLimitMiB)
	}
	c.validateVariables(&bad)
	c.validatePaths(&bad)
	if c.HealthCheck != nil {
		bad.Nest("HealthCheck", c.HealthCheck.validate())
	}
	checkSeconds("StopTimeout", c.StopTimeout, 2*time.Second, maxFargateStopTimeout, &bad)
	for i, u := range c.Ulimits {
		if u.Name != awsecs.UlimitName_NOFILE {
			bad.Add(index("Ulimits", i)+".Name", "%q cannot be set on Fargate; use %q", u.Name, awsecs.UlimitName_NOFILE)
		}
		if u.SoftLimit < 1 || u.SoftLimit > u.HardLimit {
			bad.Add(index("Ulimits", i)+".SoftLimit", "%d is not between 1 and HardLimit %d", u.SoftLimit, u.HardLimit)
		}
	}
	return bad.Err()
}

func (c *Container) validatePorts(bad *invalid.Problems) {
	seen := map[int]bool{}
	for i, m := range c.PortMappings {
		field := index("PortMappings", i)
		checkPort(field+".ContainerPort", m.ContainerPort, bad)
		switch m.Protocol {
		case "", awsecs.Protocol_TCP, awsecs.Protocol_UDP:
		default:
			bad.Add(field+".Protocol", "%q is unknown; use %q or %q", m.Protocol, awsecs.Protocol_TCP, awsecs.Protocol_UDP)
		}
		if m.Name != "" && !portName.MatchString(m.Name) {
			bad.Add(field+".Name", "%q is no port name; use up to 64 lower-case letters, digits, hyphens and underscores", m.Name)
		}
		if seen[m.ContainerPort] {
			bad.Add(field+".ContainerPort", "%d is mapped twice; map each port once, with one protocol", m.ContainerPort)
		}
		seen[m.ContainerPort] = true
	}
}

func (c *Container) validateVariables(bad *invalid.Problems) {
	for _, name := range sortedKeys(c.Environment) {
		if name == "" || strings.ContainsAny(name, "=\x00") {
			bad.Add("Environment", "%q is no name of a variable; use one or more characters, none of them =", name)
		}
		if _, twice := c.Secrets[name]; twice {
			bad.Add("Environment", "%q is also one of the Secrets; give the variable one value, the secret if it is one", name)
		}
	}
	for _, name := range sortedKeys(c.Secrets) {
		if name == "" || strings.ContainsAny(name, "=\x00") {
			bad.Add("Secrets", "%q is no name of a variable; use one or more characters, none of them =", name)
		}
		if c.Secrets[name] == nil {
			bad.Add("Secrets", "%q is nil; use awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter", name)
		}
	}
}

func (c *Container) validatePaths(bad *invalid.Problems) {
	seen := map[string]bool{}
	check := func(field, p string) {
		switch {
		case invalid.IsToken(p):
			return
		case !path.IsAbs(p):
			bad.Add(field, "%q is not absolute; begin it with /", p)
		case path.Clean(p) == "/":
			bad.Add(field, `%q is the whole root file system; name a directory in it, or set WritableRootFilesystem`, p)
		case seen[path.Clean(p)]:
			bad.Add(field, "%q is mounted twice; mount one thing there", p)
		}
		seen[path.Clean(p)] = true
	}
	for i, w := range c.WritablePaths {
		check(index("WritablePaths", i)+".ContainerPath", w.ContainerPath)
		if w.SizeMiB < 0 {
			bad.Add(index("WritablePaths", i)+".SizeMiB", "%d is negative; leave it out for %d", w.SizeMiB, defaultWritableMiB)
		}
	}
	for i, m := range c.MountPoints {
		check(index("MountPoints", i)+".ContainerPath", m.ContainerPath)
	}
}

func (h *HealthCheck) validate() error {
	var bad invalid.Problems
	if len(h.Command) < 2 || (h.Command[0] != "CMD" && h.Command[0] != "CMD-SHELL") {
		bad.Add("Command", `%q does not begin with "CMD" or "CMD-SHELL"; write []string{"CMD-SHELL", "curl -f http://localhost/ || exit 1"}`, h.Command)
	}
	checkSeconds("Interval", h.Interval, 5*time.Second, 300*time.Second, &bad)
	checkSeconds("Timeout", h.Timeout, 2*time.Second, 60*time.Second, &bad)
	checkSeconds("StartPeriod", h.StartPeriod, 0, 300*time.Second, &bad)
	if h.Retries < 0 || h.Retries > 10 {
		bad.Add("Retries", "%d is not a number of retries; use 1 to 10", h.Retries)
	}
	return bad.Err()
}

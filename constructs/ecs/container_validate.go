package ecs

import (
	"path"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

var (
	portName = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]{0,63}$`)

	appProtocols = []string{"http", "http2", "grpc"}

	conditions = []awsecs.ContainerDependencyCondition{
		awsecs.ContainerDependencyCondition_START,
		awsecs.ContainerDependencyCondition_HEALTHY,
		awsecs.ContainerDependencyCondition_COMPLETE,
		awsecs.ContainerDependencyCondition_SUCCESS,
	}
)

// cdkReserved is the construct id of a task definition's L1, beside which the CDK puts the containers by their names.
const cdkReserved = "Resource"

const (
	// maxFargateStopTimeout is Fargate's. On instances there is none but common sense: a day.
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
func (c *Container) validate(p *TaskProps) error {
	var bad invalid.Problems
	check.RequiredEcsName("Name", c.Name, &bad)
	if c.Name == cdkReserved {
		bad.Add("Name", "%q is taken by the CDK; choose another name", c.Name)
	}
	bad.Nest("Image", c.Image.Validate())
	c.validatePorts(p.NetworkMode, &bad)
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
	check.Variables(c.Environment, c.Secrets, &bad)
	c.validatePaths(&bad)
	if c.HealthCheck != nil {
		bad.Nest("HealthCheck", c.HealthCheck.validate())
	}
	longest := maxStopTimeout
	if p.on(onFargate) || p.on(onManagedInstances) {
		longest = maxFargateStopTimeout
	}
	check.Seconds("StopTimeout", c.StopTimeout, 2*time.Second, longest, &bad)
	if c.GpuCount < 0 {
		bad.Add("GpuCount", "%d is negative; leave it out for none", c.GpuCount)
	}
	if c.GpuCount > 0 && !p.only(onEc2) {
		bad.Add("GpuCount", "%d cannot be had with Compatibility %q; use %q", c.GpuCount, p.Compatibility, awsecs.Compatibility_EC2)
	}
	for i, u := range c.Ulimits {
		if p.on(onFargate) && u.Name != awsecs.UlimitName_NOFILE {
			bad.Add(check.Index("Ulimits", i)+".Name", "%q cannot be set on Fargate; use %q", u.Name, awsecs.UlimitName_NOFILE)
		}
		if u.SoftLimit < 1 || u.SoftLimit > u.HardLimit {
			bad.Add(check.Index("Ulimits", i)+".SoftLimit", "%d is not between 1 and HardLimit %d", u.SoftLimit, u.HardLimit)
		}
	}
	return bad.Err()
}

func (c *Container) validatePorts(mode awsecs.NetworkMode, bad *invalid.Problems) {
	seen := map[int]bool{}
	for i, m := range c.PortMappings {
		field := check.Index("PortMappings", i)
		check.Port(field+".ContainerPort", m.ContainerPort, bad)
		if m.HostPort != 0 {
			check.Port(field+".HostPort", m.HostPort, bad)
			if mode != awsecs.NetworkMode_BRIDGE && m.HostPort != m.ContainerPort {
				bad.Add(field+".HostPort", "%d is another than ContainerPort %d, which only network mode %q can translate; leave it out", m.HostPort, m.ContainerPort, awsecs.NetworkMode_BRIDGE)
			}
		}
		switch m.Protocol {
		case "", awsecs.Protocol_TCP, awsecs.Protocol_UDP:
		default:
			bad.Add(field+".Protocol", "%q is unknown; use %q or %q", m.Protocol, awsecs.Protocol_TCP, awsecs.Protocol_UDP)
		}
		if m.Name != "" && !portName.MatchString(m.Name) {
			bad.Add(field+".Name", "%q is no port name; use up to 64 lower-case letters, digits, hyphens and underscores", m.Name)
		}
		if m.AppProtocol != "" && !slices.Contains(appProtocols, m.AppProtocol) {
			bad.Add(field+".AppProtocol", "%q is unknown; use %s", m.AppProtocol, check.OneOf(appProtocols))
		}
		if m.AppProtocol != "" && (m.Name == "" || m.Protocol == awsecs.Protocol_UDP) {
			bad.Add(field+".AppProtocol", "%q needs a Name and TCP; give the port a Name, or leave it out", m.AppProtocol)
		}
		if seen[m.ContainerPort] {
			bad.Add(field+".ContainerPort", "%d is mapped twice; map each port once, with one protocol", m.ContainerPort)
		}
		seen[m.ContainerPort] = true
	}
}

func (c *Container) validatePaths(bad *invalid.Problems) {
	seen := map[string]bool{}
	verify := func(field, p string) {
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
		verify(check.Index("WritablePaths", i)+".ContainerPath", w.ContainerPath)
		if w.SizeMiB < 0 {
			bad.Add(check.Index("WritablePaths", i)+".SizeMiB", "%d is negative; leave it out for %d", w.SizeMiB, defaultWritableMiB)
		}
	}
	for i, m := range c.MountPoints {
		verify(check.Index("MountPoints", i)+".ContainerPath", m.ContainerPath)
	}
}

func (h *HealthCheck) validate() error {
	var bad invalid.Problems
	if len(h.Command) < 2 || (h.Command[0] != "CMD" && h.Command[0] != "CMD-SHELL") {
		bad.Add("Command", `%q does not begin with "CMD" or "CMD-SHELL"; write []string{"CMD-SHELL", "curl -f http://localhost/ || exit 1"}`, h.Command)
	}
	check.Seconds("Interval", h.Interval, 5*time.Second, 300*time.Second, &bad)
	check.Seconds("Timeout", h.Timeout, 2*time.Second, 60*time.Second, &bad)
	check.Seconds("StartPeriod", h.StartPeriod, 0, 300*time.Second, &bad)
	if h.Retries < 0 || h.Retries > 10 {
		bad.Add("Retries", "%d is not a number of retries; use 1 to 10", h.Retries)
	}
	return bad.Err()
}

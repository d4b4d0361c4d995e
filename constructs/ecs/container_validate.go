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
		bad.Add("Name", "must be another name: the CDK uses this one").Given(c.Name)
	}
	bad.Nest("Image", c.Image.Validate())
	c.validatePorts(p.NetworkMode, &bad)
	check.Min("Cpu", c.Cpu, 0, &bad)
	c.validateMemory(&bad)
	check.Variables(c.Environment, c.Secrets, &bad)
	c.validatePaths(&bad)
	if c.HealthCheck != nil {
		bad.Nest("HealthCheck", c.HealthCheck.validate())
	}
	longest := maxStopTimeout
	if p.runsOn(onFargate) || p.runsOn(onManagedInstances) {
		longest = maxFargateStopTimeout
	}
	check.Seconds("StopTimeout", c.StopTimeout, minStopTimeout, longest, &bad)
	check.Min("GpuCount", c.GpuCount, 0, &bad)
	if c.GpuCount > 0 && !p.runsOnlyOn(onEc2) {
		bad.Add("GpuCount", "requires Compatibility %q", awsecs.Compatibility_EC2).Given(p.Compatibility)
	}
	for i, u := range c.Ulimits {
		field := check.Index("Ulimits", i)
		if p.runsOn(onFargate) && u.Name != awsecs.UlimitName_NOFILE {
			bad.Add(field+".Name", "must be %q on Fargate", awsecs.UlimitName_NOFILE).Given(u.Name)
		}
		if u.SoftLimit < 1 || u.SoftLimit > u.HardLimit {
			bad.Add(field+".SoftLimit", "must be an integer from 1 to HardLimit, %d", u.HardLimit).Given(u.SoftLimit)
		}
	}
	return bad.Err()
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
		bad.Add("MemoryReservationMiB", "must be less than MemoryLimitMiB, %d", c.MemoryLimitMiB).Given(c.MemoryReservationMiB).
			Advise("lower it, or remove one of them")
	}
}

func (c *Container) validatePorts(mode awsecs.NetworkMode, bad *invalid.Problems) {
	seen := map[int]bool{}
	for i := range c.PortMappings {
		m, field := &c.PortMappings[i], check.Index("PortMappings", i)
		bad.Nest(field, m.validate(mode))
		if seen[m.ContainerPort] {
			bad.Add(field+".ContainerPort", "must be mapped once, with one protocol").Given(m.ContainerPort)
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
			bad.Add("HostPort", "must be ContainerPort, %d, except in NetworkMode %q", m.ContainerPort, awsecs.NetworkMode_BRIDGE).
				Given(m.HostPort).Advise("remove it")
		}
	}
	check.Known("Protocol", m.Protocol, []awsecs.Protocol{awsecs.Protocol_TCP, awsecs.Protocol_UDP}, &bad)
	check.Match("Name", m.Name, portName, portNameForm, &bad)
	before := len(bad)
	check.Known("AppProtocol", m.AppProtocol, []AppProtocol{AppProtocolHttp, AppProtocolHttp2, AppProtocolGrpc}, &bad)
	switch {
	case m.AppProtocol == "" || len(bad) > before:
	case m.Name == "":
		bad.Add("AppProtocol", "requires a Name of the port").Given(m.AppProtocol)
	case m.Protocol == awsecs.Protocol_UDP:
		bad.Add("AppProtocol", "requires Protocol %q", awsecs.Protocol_TCP).Given(m.Protocol)
	}
	return bad.Err()
}

func (c *Container) validatePaths(bad *invalid.Problems) {
	seen := map[string]bool{}
	verify := func(field, p string) {
		switch clean := path.Clean(p); {
		case invalid.IsToken(p):
			return
		case !path.IsAbs(p):
			bad.Add(field, "must begin with /").Given(p)
		case clean == "/":
			bad.Add(field, "must not be the whole root file system").Given(p).Advise("use a directory in it, or set WritableRootFilesystem")
		case seen[clean]:
			bad.Add(field, "must be mounted once").Given(p)
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

func (h *HealthCheck) validate() error {
	var bad invalid.Problems
	if len(h.Command) < 2 || !slices.Contains([]string{"CMD", "CMD-SHELL"}, h.Command[0]) {
		bad.Add("Command", `must begin with "CMD" or "CMD-SHELL" and have a command after it`).Given(h.Command).
			Advise(`write []string{"CMD-SHELL", "curl -f http://localhost/ || exit 1"}`)
	}
	check.Seconds("Interval", h.Interval, 5*time.Second, 300*time.Second, &bad)
	check.Seconds("Timeout", h.Timeout, 2*time.Second, 60*time.Second, &bad)
	check.Seconds("StartPeriod", h.StartPeriod, 0, 300*time.Second, &bad)
	if h.Retries != 0 {
		check.Range("Retries", h.Retries, 1, 10, &bad)
	}
	return bad.Err()
}

package ecs

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/platform"
	"awscontainers/internal/check"
	"awscontainers/internal/fargate"
	"awscontainers/internal/opt"
)

func (p *TaskProps) setDefaults() {
	opt.Default(&p.Compatibility, awsecs.Compatibility_FARGATE)
	opt.Default(&p.NetworkMode, awsecs.NetworkMode_AWS_VPC)
	opt.Default(&p.Cpu, 256)
	if p.on(onFargate) {
		opt.Default(&p.MemoryLimitMiB, fargate.MinMemoryMiB(p.Cpu))
	}
	opt.Default(&p.MemoryLimitMiB, defaultMemoryMiB)
	opt.Default(&p.CpuArchitecture, platform.X86_64)
	if p.LogRetention == "" {
		p.LogRetention = awslogs.RetentionDays_ONE_MONTH
	}
	if p.RemovalPolicy == "" {
		p.RemovalPolicy = awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
	p.Containers = slices.Clone(p.Containers)
	if p.OpenTelemetry != nil {
		p.Containers = append(p.Containers, p.OpenTelemetry.container())
	}
	p.Volumes = slices.Clone(p.Volumes)
	for i := range p.Volumes {
		p.Volumes[i].Efs = p.Volumes[i].Efs.withDefaults()
	}
}

func (p *TaskProps) validate() error {
	var bad invalid.Problems
	p.validateCompatibility(&bad)
	if p.EphemeralStorageGiB != 0 && (p.EphemeralStorageGiB < 21 || p.EphemeralStorageGiB > 200) {
		bad.Add("EphemeralStorageGiB", "%d is out of range; use 21 to 200, or leave it out for 20", p.EphemeralStorageGiB)
	}
	check.Known("CpuArchitecture", p.CpuArchitecture, platform.CpuArchitectures(), &bad)
	check.EcsName("Family", p.Family, &bad)
	if p.OpenTelemetry != nil {
		bad.Nest("OpenTelemetry", p.OpenTelemetry.validate())
	}
	p.validateVolumes(&bad)
	p.validateContainers(&bad)
	return bad.Err()
}

func (p *TaskProps) validateVolumes(bad *invalid.Problems) {
	volumes := map[string]bool{}
	for i, v := range p.Volumes {
		check.RequiredEcsName(check.Index("Volumes", i)+".Name", v.Name, bad)
		if volumes[v.Name] {
			bad.Add(check.Index("Volumes", i)+".Name", "%q is the name of another volume of the task; give each its own", v.Name)
		}
		volumes[v.Name] = true
		p.validateHostPath(&v, check.Index("Volumes", i), bad)
		v.validateFiles(check.Index("Volumes", i), bad)
	}
	for i, c := range p.Containers {
		for j, m := range c.MountPoints {
			if !volumes[m.SourceVolume] {
				bad.Add(check.Index("Containers", i)+"."+check.Index("MountPoints", j)+".SourceVolume", "%q is none of the task's Volumes (%q)",
					m.SourceVolume, slices.Sorted(maps.Keys(volumes)))
			}
		}
	}
}

// hostPowers are the paths by which one has power over an instance: its system, its devices, the sockets and the state of what runs
// containers, in which are the credentials of all tasks.
var hostPowers = []string{
	"/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/opt", "/proc", "/root", "/run", "/sbin", "/sys", "/usr", "/var/cache/ecs", "/var/lib", "/var/run",
}

func (p *TaskProps) validateHostPath(v *Volume, field string, bad *invalid.Problems) {
	switch {
	case v.HostSourcePath == "" && v.TrustedWithHost:
		bad.Add(field+".TrustedWithHost", "is true without a HostSourcePath; leave it out")
	case v.HostSourcePath == "":
	case !p.only(onEc2):
		bad.Add(field+".HostSourcePath", "%q is of an instance, which Compatibility %q does not let see; use %q", v.HostSourcePath, p.Compatibility, awsecs.Compatibility_EC2)
	case !path.IsAbs(v.HostSourcePath):
		bad.Add(field+".HostSourcePath", "%q is not absolute; begin it with /", v.HostSourcePath)
	case v.TrustedWithHost:
	default:
		clean := path.Clean(v.HostSourcePath)
		if slices.ContainsFunc(hostPowers, func(power string) bool {
			return clean == power || strings.HasPrefix(clean, power+"/") || strings.HasPrefix(power+"/", strings.TrimSuffix(clean, "/")+"/")
		}) {
			bad.Add(field+".HostSourcePath", "%q gives power over the instance, its role and the other tasks on it; name what the task is to read, such as \"/var/log\", or set TrustedWithHost", v.HostSourcePath)
		}
		for i, c := range p.Containers {
			for j, m := range c.MountPoints {
				if m.SourceVolume == v.Name && !m.ReadOnly {
					bad.Add(check.Index("Containers", i)+"."+check.Index("MountPoints", j)+".ReadOnly", "is false for %q of the instance, where a container could change what the instance runs; set it, or TrustedWithHost of the volume", v.HostSourcePath)
				}
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
	essential, cpu, memory := false, 0, 0
	for i := range p.Containers {
		c, field := &p.Containers[i], check.Index("Containers", i)
		bad.Nest(field, c.validate(p))
		if byName[c.Name] != nil {
			bad.Add(field+".Name", "%q is the name of another container of the task; give each its own", c.Name)
		}
		byName[c.Name] = c
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
	p.validatePorts(bad)
	p.validateOrder(byName, bad)
	if !essential {
		bad.Add("Containers", "are all NonEssential; at least one must keep the task alive")
	}
	if p.on(onFargate) && fargate.MinMemoryMiB(p.Cpu) == 0 {
		return // refused already; sums would mislead
	}
	if cpu > p.Cpu {
		bad.Add("Containers", "ask for %d CPU units together; the task's Cpu is %d", cpu, p.Cpu)
	}
	if memory > p.MemoryLimitMiB {
		bad.Add("Containers", "reserve %d MiB together; the task's MemoryLimitMiB is %d", memory, p.MemoryLimitMiB)
	}
}

// validatePorts notes what one container takes from another: they share one network interface, or in bridge mode the instance's.
func (p *TaskProps) validatePorts(bad *invalid.Problems) {
	ports, names := map[int]string{}, map[string]string{}
	for i, c := range p.Containers {
		for j, m := range c.PortMappings {
			field := check.Index("Containers", i) + "." + check.Index("PortMappings", j)
			switch port, bridged := m.HostPort, p.NetworkMode == awsecs.NetworkMode_BRIDGE; {
			case !bridged:
				if owner, taken := ports[m.ContainerPort]; taken && owner != c.Name {
					bad.Add(field+".ContainerPort", "%d is taken by container %q; the containers of a task share one network interface", m.ContainerPort, owner)
				}
				ports[m.ContainerPort] = c.Name
			case port != 0:
				if owner, taken := ports[port]; taken {
					bad.Add(field+".HostPort", "%d is taken by container %q, and an instance has it once; leave it out for a free one", port, owner)
				}
				ports[port] = c.Name
			}
			if owner, taken := names[m.Name]; taken && m.Name != "" {
				bad.Add(field+".Name", "%q is the name of another port, of container %q; give each its own", m.Name, owner)
			}
			names[m.Name] = c.Name
		}
	}
}

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

const (
	defaultCpu       = 256
	defaultMemoryMiB = 512
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
	minCpu, maxCpu                   = 128, 196608
	minEphemeralGiB, maxEphemeralGiB = 21, 200
	// maxContainers is a quota: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
	maxContainers = 10
)

func (p *TaskProps) setDefaults() {
	opt.Default(&p.Compatibility, awsecs.Compatibility_FARGATE)
	opt.Default(&p.NetworkMode, awsecs.NetworkMode_AWS_VPC)
	if p.runsOn(onFargate) {
		opt.Default(&p.Cpu, fargate.CpuFor(p.MemoryLimitMiB, defaultCpu))
		opt.Default(&p.MemoryLimitMiB, fargate.MinMemoryMiB(p.Cpu))
	}
	opt.Default(&p.Cpu, defaultCpu)
	opt.Default(&p.MemoryLimitMiB, defaultMemoryMiB)
	opt.Default(&p.CpuArchitecture, platform.X86_64)
	opt.Default(&p.LogRetention, awslogs.RetentionDays_ONE_MONTH)
	opt.Default(&p.RemovalPolicy, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
	p.Containers = slices.Clone(p.Containers)
	if p.OpenTelemetry != nil {
		p.Containers = append(p.Containers, p.OpenTelemetry.container())
	}
	p.addRouter()
	p.Volumes = slices.Clone(p.Volumes)
	for i := range p.Volumes {
		p.Volumes[i].Efs = p.Volumes[i].Efs.withDefaults()
	}
}

// Validate returns all problems of the props, or nil.
func (p *TaskProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *TaskProps) validate() error {
	var bad invalid.Problems
	p.validateCompatibility(&bad)
	if p.EphemeralStorageGiB != 0 {
		check.Range("EphemeralStorageGiB", p.EphemeralStorageGiB, minEphemeralGiB, maxEphemeralGiB, &bad)
	}
	check.Known("CpuArchitecture", p.CpuArchitecture, platform.CpuArchitectures(), &bad)
	check.EcsName("Family", p.Family, &bad)
	check.LogRetention("LogRetention", p.LogRetention, &bad)
	check.RemovalPolicy("RemovalPolicy", p.RemovalPolicy, &bad)
	if p.OpenTelemetry != nil {
		bad.Nest("OpenTelemetry", p.OpenTelemetry.validate())
	}
	if p.RuntimeMonitoring && kindsOf[p.Compatibility] != nil && !p.runsOn(onFargate) {
		bad.Add("RuntimeMonitoring", "requires a task that can run on Fargate").Given(p.Compatibility).
			Advise("remove it: GuardDuty runs its agent on EC2 instances itself, and not on Managed Instances")
	}
	p.validateVolumes(&bad)
	p.validateEbs(&bad)
	p.validateContainers(&bad)
	p.validateTaskOptions(&bad)
	p.validateFireLens(&bad)
	return bad.Err()
}

// kindsOf are the kinds of capacity that a task with each Compatibility may run on, the one preferred first.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html
var kindsOf = map[awsecs.Compatibility][]capacityKind{
	awsecs.Compatibility_FARGATE:                       {onFargate},
	awsecs.Compatibility_EC2:                           {onEc2},
	awsecs.Compatibility_EC2_AND_FARGATE:               {onFargate, onEc2},
	awsecs.Compatibility_MANAGED_INSTANCES:             {onManagedInstances},
	awsecs.Compatibility_FARGATE_AND_MANAGED_INSTANCES: {onFargate, onManagedInstances},
}

// runsOn reports whether the task may run on a kind of capacity.
func (p *TaskProps) runsOn(kind capacityKind) bool {
	return slices.Contains(kindsOf[p.Compatibility], kind)
}

// runsOnlyOn reports whether it may run on no other.
func (p *TaskProps) runsOnlyOn(kind capacityKind) bool {
	kinds := kindsOf[p.Compatibility]
	return len(kinds) == 1 && kinds[0] == kind
}

// validateCompatibility refuses a network or a size that isn't available wherever the task may run.
func (p *TaskProps) validateCompatibility(bad *invalid.Problems) {
	if kindsOf[p.Compatibility] == nil {
		bad.Add("Compatibility", "must be %s", check.OneOfQuoted(slices.Sorted(maps.Keys(kindsOf)))).Given(p.Compatibility)
		return
	}
	modes := []awsecs.NetworkMode{awsecs.NetworkMode_AWS_VPC}
	if p.runsOnlyOn(onEc2) {
		modes = append(modes, awsecs.NetworkMode_BRIDGE, awsecs.NetworkMode_HOST)
	}
	if !slices.Contains(modes, p.NetworkMode) {
		bad.Add("NetworkMode", "must be %s with Compatibility %q", check.OneOfQuoted(modes), p.Compatibility).Given(p.NetworkMode)
	}
	p.validateReservedPorts(bad)
	if p.OpenTelemetry != nil && p.NetworkMode == awsecs.NetworkMode_BRIDGE {
		bad.Add("OpenTelemetry", "is not compatible with NetworkMode %q, in which containers don't share localhost", p.NetworkMode).
			Advise("use %q", awsecs.NetworkMode_AWS_VPC)
	}
	if p.EphemeralStorageGiB != 0 && !p.runsOnlyOn(onFargate) {
		bad.Add("EphemeralStorageGiB", "requires Compatibility %q", awsecs.Compatibility_FARGATE).Given(p.Compatibility)
	}
	if p.runsOn(onFargate) {
		fargate.CheckSize(p.Cpu, p.MemoryLimitMiB, "MemoryLimitMiB", bad)
		return
	}
	check.Range("Cpu", p.Cpu, minCpu, maxCpu, bad)
	check.Min("MemoryLimitMiB", p.MemoryLimitMiB, minMemoryMiB, bad)
}

// reservedPorts are those of an instance that SSH, Docker and the agent have.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
var reservedPorts = []int{22, 2375, 2376, 51678, 51679, 51680}

func (p *TaskProps) validateReservedPorts(bad *invalid.Problems) {
	for i, c := range p.Containers {
		for j, m := range c.PortMappings {
			field, port := ".HostPort", m.HostPort
			if p.NetworkMode == awsecs.NetworkMode_HOST {
				field, port = ".ContainerPort", m.ContainerPort
			}
			if p.NetworkMode != awsecs.NetworkMode_AWS_VPC && slices.Contains(reservedPorts, port) {
				bad.Add(check.Index("Containers", i)+"."+check.Index("PortMappings", j)+field,
					"must not be a port that instances reserve: %s", check.OneOf(reservedPorts)).Given(port)
			}
		}
	}
}

func (p *TaskProps) validateVolumes(bad *invalid.Problems) {
	var names []string
	for i, v := range p.Volumes {
		field := check.Index("Volumes", i)
		check.RequiredEcsName(field+".Name", v.Name, bad)
		if first := slices.Index(names, v.Name); v.Name != "" && first >= 0 {
			bad.Add(field+".Name", "must not repeat %s.Name", check.Index("Volumes", first)).Given(v.Name)
		}
		names = append(names, v.Name)
		p.validateHostPath(&v, field, bad)
		if v.Efs != nil {
			bad.Nest(field+".Efs", v.Efs.validate())
		}
		if v.Efs != nil && v.HostSourcePath != "" {
			bad.Add(field+".Efs", "must not be set together with HostSourcePath").Advise("use two volumes")
		}
	}
	for i, c := range p.Containers {
		for j, m := range c.MountPoints {
			field := check.Index("Containers", i) + "." + check.Index("MountPoints", j) + ".SourceVolume"
			switch {
			case m.SourceVolume == "":
				bad.Add(field, "is required: the Name of one of the task's Volumes")
			case !slices.Contains(names, m.SourceVolume):
				bad.Add(field, "must be the Name of one of the task's Volumes").Given(m.SourceVolume)
			}
		}
	}
}

// powerfulPaths are the paths through which a container controls its instance: the system, devices, and the sockets and the
// state of what runs containers, which hold the credentials of all tasks.
var powerfulPaths = []string{
	"/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/opt", "/proc", "/root", "/run", "/sbin", "/sys", "/usr", "/var/cache/ecs",
	"/var/lib", "/var/run",
}

// isPowerful reports whether a path is one of powerfulPaths, in one, or contains one.
func isPowerful(hostPath string) bool {
	clean := path.Clean(hostPath)
	return slices.ContainsFunc(powerfulPaths, func(p string) bool {
		return clean == p || strings.HasPrefix(clean, p+"/") || strings.HasPrefix(p+"/", strings.TrimSuffix(clean, "/")+"/")
	})
}

func (p *TaskProps) validateHostPath(v *Volume, field string, bad *invalid.Problems) {
	switch {
	case v.HostSourcePath == "" && v.TrustedWithHost:
		bad.Add(field+".TrustedWithHost", "requires HostSourcePath")
	case v.HostSourcePath == "":
	case !p.runsOnlyOn(onEc2):
		bad.Add(field+".HostSourcePath", "requires Compatibility %q", awsecs.Compatibility_EC2).Given(p.Compatibility)
	case !path.IsAbs(v.HostSourcePath):
		bad.Add(field+".HostSourcePath", "must begin with /").Given(v.HostSourcePath)
	case v.TrustedWithHost:
	default:
		if isPowerful(v.HostSourcePath) {
			bad.Add(field+".HostSourcePath", "must not be a path that gives control over the instance and its other tasks").Given(v.HostSourcePath).
				Advise(`name only what the task reads, such as "/var/log", or set TrustedWithHost`)
		}
		p.validateReadOnly(v, bad)
	}
}

// validateReadOnly refuses containers that write to the instance.
func (p *TaskProps) validateReadOnly(v *Volume, bad *invalid.Problems) {
	for i, c := range p.Containers {
		for j, m := range c.MountPoints {
			if m.SourceVolume == v.Name && !m.ReadOnly {
				bad.Add(check.Index("Containers", i)+"."+check.Index("MountPoints", j)+".ReadOnly",
					"must be set for the HostSourcePath %q, because otherwise the container could change what the instance runs", v.HostSourcePath).
					Advise("set it, or TrustedWithHost of the volume")
			}
		}
	}
}

func (p *TaskProps) validateContainers(bad *invalid.Problems) {
	if len(p.Containers) == 0 {
		bad.Add("Containers", "must have at least one container")
		return
	}
	byName := map[string]*Container{}
	for i := range p.Containers {
		c, field := &p.Containers[i], check.Index("Containers", i)
		if p.isRouter(i) {
			field = "FireLens" // as users know it
		}
		bad.Nest(field, c.validate(p))
		if byName[c.Name] != nil && !p.isRouter(i) {
			first := slices.IndexFunc(p.Containers, func(o Container) bool { return o.Name == c.Name })
			bad.Add(field+".Name", "must not repeat %s.Name", check.Index("Containers", first)).Given(c.Name)
		}
		if c.Name != "" { // or it is refused
			byName[c.Name] = c
		}
		if !p.isRouter(i) { // whose size FireLens names in another way
			p.validateMemory(c, field, bad)
		}
	}
	if len(p.Containers) > maxContainers {
		bad.Add("Containers", "must have at most %d elements", maxContainers).Given(len(p.Containers))
	}
	p.validatePorts(bad)
	p.validateStartOrder(byName, bad)
	if !slices.ContainsFunc(p.Containers, func(c Container) bool { return !c.NonEssential }) {
		bad.Add("Containers", "must have an essential container").Advise("remove NonEssential from one of them")
	}
	p.validateSums(bad)
}

// validateMemory refuses a container that takes more memory than the task has.
func (p *TaskProps) validateMemory(c *Container, field string, bad *invalid.Problems) {
	if p.MemoryLimitMiB <= 0 {
		return // refused
	}
	if c.MemoryLimitMiB > p.MemoryLimitMiB {
		bad.Add(field+".MemoryLimitMiB", "must not be greater than the task's MemoryLimitMiB (%d)", p.MemoryLimitMiB).Given(c.MemoryLimitMiB).
			Advise("lower it or raise the task's")
	}
	if written := c.writableMiB(); written >= p.MemoryLimitMiB {
		bad.Add(field+".WritablePaths",
			"must be smaller in total than the task's MemoryLimitMiB (%d), because they are in memory", p.MemoryLimitMiB).Given(written)
	}
}

// validateSums refuses containers that take more together than the task has.
func (p *TaskProps) validateSums(bad *invalid.Problems) {
	if p.runsOn(onFargate) && fargate.MinMemoryMiB(p.Cpu) == 0 {
		return // refused already; sums would mislead
	}
	cpu, memory := 0, 0
	for i := range p.Containers {
		c := &p.Containers[i]
		cpu += c.Cpu
		if c.MemoryLimitMiB <= p.MemoryLimitMiB {
			memory += c.reserved()
		}
	}
	if cpu > p.Cpu {
		bad.Add("Containers", "must not have more Cpu in total than the task (%d)", p.Cpu).Given(cpu)
	}
	if memory > p.MemoryLimitMiB {
		bad.Add("Containers", "must not reserve more memory in total than the task's MemoryLimitMiB (%d)", p.MemoryLimitMiB).Given(memory)
	}
}

// validatePorts refuses ports that two containers want: they share one network interface, or in bridge mode the instance's.
func (p *TaskProps) validatePorts(bad *invalid.Problems) {
	ports, names := map[int]string{}, map[string]string{}
	isBridge := p.NetworkMode == awsecs.NetworkMode_BRIDGE
	for i, c := range p.Containers {
		for j, m := range c.PortMappings {
			field := check.Index("Containers", i) + "." + check.Index("PortMappings", j)
			switch {
			case !isBridge:
				if owner, taken := ports[m.ContainerPort]; taken && owner != c.Name {
					bad.Add(field+".ContainerPort", "must not be a port of container %q, because a task's containers share one network interface", owner).
						Given(m.ContainerPort)
				}
				ports[m.ContainerPort] = c.Name
			case m.HostPort != 0:
				if owner, taken := ports[m.HostPort]; taken {
					bad.Add(field+".HostPort", "must not be a HostPort of container %q on the same instance", owner).Given(m.HostPort).
						Advise("remove it for a free port")
				}
				ports[m.HostPort] = c.Name
			}
			if owner, taken := names[m.Name]; taken && m.Name != "" {
				bad.Add(field+".Name", "must not be the name of a port of container %q", owner).Given(m.Name)
			}
			names[m.Name] = c.Name
		}
	}
}

// validateStartOrder refuses start-up orders that ECS refuses or that never come to an end.
func (p *TaskProps) validateStartOrder(byName map[string]*Container, bad *invalid.Problems) {
	for i := range p.Containers {
		c := &p.Containers[i]
		for j, d := range c.DependsOn {
			field := check.Index("Containers", i) + "." + check.Index("DependsOn", j)
			switch other := byName[d.ContainerName]; {
			case d.ContainerName == "":
				bad.Add(field+".ContainerName", "is required: the Name of another container of the task")
			case d.ContainerName == c.Name:
				bad.Add(field+".ContainerName", "must not be the container itself").Given(d.ContainerName)
			case len(byName) == 0: // no container has a name, which is refused
			case other == nil:
				bad.Add(field+".ContainerName", "must be a container of the task: %s", check.OneOfQuoted(slices.Sorted(maps.Keys(byName)))).
					Given(d.ContainerName)
			default:
				bad.Nest(field, d.validate(other))
			}
		}
	}
	if cycle := findCycle(p.Containers, byName); cycle != nil {
		bad.Add("Containers", "must not wait for each other in a cycle: %s", strings.Join(cycle, " -> "))
	}
}

var conditions = []awsecs.ContainerDependencyCondition{
	awsecs.ContainerDependencyCondition_START,
	awsecs.ContainerDependencyCondition_HEALTHY,
	awsecs.ContainerDependencyCondition_COMPLETE,
	awsecs.ContainerDependencyCondition_SUCCESS,
}

func (d *ContainerDependency) validate(other *Container) error {
	var bad invalid.Problems
	check.Known("Condition", d.Condition, conditions, &bad)
	switch d.Condition {
	case awsecs.ContainerDependencyCondition_HEALTHY:
		if other.HealthCheck == nil {
			bad.Add("Condition", "requires a HealthCheck of container %q", d.ContainerName).Given(d.Condition).
				Advise("set it, or wait for START")
		}
	case awsecs.ContainerDependencyCondition_COMPLETE, awsecs.ContainerDependencyCondition_SUCCESS:
		if !other.NonEssential {
			bad.Add("Condition", "requires NonEssential of container %q, because the end of an essential container stops the task", d.ContainerName).
				Given(d.Condition).Advise("set NonEssential, or wait for START")
		}
	}
	return bad.Err()
}

// findCycle returns the names along a circle of two containers or more, beginning and ending with the same one, or nil.
func findCycle(containers []Container, byName map[string]*Container) []string {
	done := map[string]bool{}
	var visit func(name string, trail []string) []string
	visit = func(name string, trail []string) []string {
		if at := slices.Index(trail, name); at >= 0 {
			return append(trail[at:], name)
		}
		if done[name] {
			return nil
		}
		trail = append(trail, name)
		for _, d := range byName[name].DependsOn {
			if d.ContainerName == name || byName[d.ContainerName] == nil {
				continue // refused above
			}
			if cycle := visit(d.ContainerName, trail); cycle != nil {
				return cycle
			}
		}
		done[name] = true
		return nil
	}
	for _, c := range containers {
		if c.Name == "" {
			continue // refused
		}
		if cycle := visit(c.Name, nil); cycle != nil {
			return cycle
		}
	}
	return nil
}

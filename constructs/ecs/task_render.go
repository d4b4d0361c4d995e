package ecs

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/platform"
	"awscontainers/internal/check"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/secretarn"
	"awscontainers/internal/taskrole"
)

func (t *Task) addContainer(c *Container) {
	var buildFor awsecrassets.Platform
	if c.Image.Origin().IsAsset {
		buildFor = buildPlatform(t.props.CpuArchitecture)
	}
	options := &awsecs.ContainerDefinitionOptions{
		Image:                  c.Image.ContainerImage(t, c.Name, buildFor, t.ExecutionRole),
		Cpu:                    opt.Number(c.Cpu),
		MemoryLimitMiB:         opt.Number(c.MemoryLimitMiB),
		MemoryReservationMiB:   opt.Number(c.MemoryReservationMiB),
		EntryPoint:             opt.Strings(c.EntryPoint),
		Command:                opt.Strings(c.Command),
		WorkingDirectory:       opt.String(c.WorkingDirectory),
		User:                   opt.String(c.User),
		Environment:            opt.StringMap(t.environment(c)),
		Secrets:                secrets(c),
		GpuCount:               opt.Number(c.GpuCount),
		ReadonlyRootFilesystem: jsii.Bool(!c.WritableRootFilesystem),
		HealthCheck:            c.HealthCheck.cdk(),
		Essential:              jsii.Bool(!c.NonEssential),
		StopTimeout:            opt.Duration(c.StopTimeout),
		Ulimits:                ulimits(c.Ulimits),
		LinuxParameters:        t.linuxParameters(c),
		Logging:                t.logging(c),
		PortMappings:           portMappings(c.PortMappings),
		EnvironmentFiles:       t.environmentFiles(c),
		DockerLabels:           opt.StringMap(c.DockerLabels),
		StartTimeout:           opt.Duration(c.StartTimeout),
		SystemControls:         systemControls(c.SystemControls),
	}
	c.RestartPolicy.render(options)
	definition := t.newContainer(c, options)
	for _, m := range c.MountPoints {
		definition.AddMountPoints(&awsecs.MountPoint{
			SourceVolume:  &m.SourceVolume,
			ContainerPath: &m.ContainerPath,
			ReadOnly:      jsii.Bool(m.ReadOnly),
		})
	}
}

// regionVar is where programs learn their Region. Fargate sets it; on instances they would ask the metadata service, which tasks are
// kept from.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-metadata.html
const regionVar = "AWS_REGION"

func (t *Task) environment(c *Container) map[string]string {
	_, given := c.Environment[regionVar]
	_, secret := c.Secrets[regionVar]
	_, byArn := c.SecretArns[regionVar]
	if given || secret || byArn || t.props.runsOnlyOn(onFargate) {
		return c.Environment
	}
	environment := map[string]string{regionVar: *awscdk.Stack_Of(t).Region()}
	maps.Copy(environment, c.Environment)
	return environment
}

func portMappings(mappings []PortMapping) *[]*awsecs.PortMapping {
	rendered := make([]*awsecs.PortMapping, len(mappings))
	for i := range mappings {
		m := &mappings[i]
		rendered[i] = &awsecs.PortMapping{
			ContainerPort: jsii.Number(m.ContainerPort), HostPort: opt.Number(m.HostPort), Protocol: m.Protocol, Name: opt.String(m.Name),
			AppProtocol: m.appProtocol(),
		}
	}
	return &rendered
}

func (m *PortMapping) appProtocol() awsecs.AppProtocol {
	switch m.AppProtocol {
	case AppProtocolHttp:
		return awsecs.AppProtocol_Http()
	case AppProtocolHttp2:
		return awsecs.AppProtocol_Http2()
	case AppProtocolGrpc:
		return awsecs.AppProtocol_Grpc()
	default:
		return nil
	}
}

// linuxParameters is nil for a container that needs none.
func (t *Task) linuxParameters(c *Container) awsecs.LinuxParameters {
	capabilities := c.addedCapabilities()
	if !c.InitProcess && len(c.WritablePaths) == 0 && !c.DropCapabilities && len(capabilities) == 0 {
		return nil
	}
	linux := awsecs.NewLinuxParameters(t, jsii.String(c.Name+"LinuxParameters"), &awsecs.LinuxParametersProps{
		InitProcessEnabled: &c.InitProcess,
	})
	if c.DropCapabilities {
		linux.DropCapabilities(awsecs.Capability_ALL)
	}
	if len(capabilities) > 0 {
		linux.AddCapabilities(capabilities...)
	}
	c.addDevices(linux)
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

// explainWildcards notes for cdk-nag the wildcards that roles of ours cannot do without.
func (t *Task) explainWildcards() {
	fromEcr := slices.ContainsFunc(t.props.Containers, func(c Container) bool { return c.Image.Origin().InPrivateEcr })
	if fromEcr && t.props.ExecutionRole == nil {
		taskrole.Explain(t.ExecutionRole,
			"ecr:GetAuthorizationToken knows no resources; the pull itself is granted on the repositories in use only", "Resource::*")
	}
	if !slices.ContainsFunc(t.props.Containers, func(c Container) bool { return c.Name != collectorName && len(c.Environment) > 0 }) {
		if t.props.OpenTelemetry != nil || !t.props.runsOnlyOn(onFargate) {
			nag.Suppress(t.TaskDefinition, "AwsSolutions-ECS2",
				"The variables are the Region and the collector's configuration, which hold no secret")
		}
	}
	if t.props.OpenTelemetry == nil {
		return
	}
	if t.props.TaskRole == nil {
		taskrole.Explain(t.TaskRole, "The actions with which X-Ray takes traces know no resources", "Resource::*")
	}
}

// explainExec does it for ECS Exec, which a service turns on.
func (t *Task) explainExec(sessions awslogs.LogGroup) {
	if t.props.TaskRole != nil {
		return
	}
	id := awscdk.Stack_Of(sessions).GetLogicalId(sessions.Node().DefaultChild().(awscdk.CfnElement))
	taskrole.Explain(t.TaskRole,
		"ssmmessages and logs:DescribeLogGroups know no resources; what is written goes to streams of the one log group that keeps the sessions",
		"Resource::*", "Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:<"+*id+">:*")
}

// runtimePlatform is nil where the instances decide it.
func (p *TaskProps) runtimePlatform() *awsecs.RuntimePlatform {
	if p.runsOnlyOn(onEc2) {
		return nil
	}
	return &awsecs.RuntimePlatform{
		CpuArchitecture: cpuArchitecture(p.CpuArchitecture), OperatingSystemFamily: awsecs.OperatingSystemFamily_LINUX(),
	}
}

func (v *Volume) cdk() *awsecs.Volume {
	volume := &awsecs.Volume{Name: &v.Name}
	if v.HostSourcePath != "" {
		volume.Host = &awsecs.Host{SourcePath: &v.HostSourcePath}
	}
	volume.EfsVolumeConfiguration = v.Efs.cdk()
	if v.Ebs != nil {
		volume.ConfiguredAtLaunch = jsii.Bool(true)
	}
	return volume
}

func cpuArchitecture(a platform.CpuArchitecture) awsecs.CpuArchitecture {
	if a == platform.Arm64 {
		return awsecs.CpuArchitecture_ARM64()
	}
	return awsecs.CpuArchitecture_X86_64()
}

// buildPlatform is what images that are built from source are built for.
func buildPlatform(a platform.CpuArchitecture) awsecrassets.Platform {
	if a == platform.Arm64 {
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

func secrets(c *Container) *map[string]awsecs.Secret {
	all := secretarn.Join(c.Secrets, c.SecretArns)
	if len(all) == 0 {
		return nil
	}
	return &all
}

// checkSecretNames refuses secrets that ECS would not find, once their grants are there, and warns of those that it may not find.
func (t *Task) checkSecretNames() {
	var bad invalid.Problems
	for i := range t.props.Containers {
		c := &t.props.Containers[i]
		secretarn.CheckNames(check.Index("Containers", i)+".Secrets", c.Secrets, t.ExecutionRole, &bad)
		secretarn.Warn(t, append(secretarn.Arns(c.Secrets), slices.Sorted(maps.Values(c.SecretArns))...)...)
	}
	invalid.Panic(*t.Node().Path(), bad)
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

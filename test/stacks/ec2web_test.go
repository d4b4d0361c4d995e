package stacks_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/platform"
	"awscontainers/stacks"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

var ec2WebVariants = []variant{
	{
		name: "Ec2Web",
		stateful: []string{
			"LoadBalancerAccessLogsB27DFC85", "TableCD117FA1", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037", "WorkerTaskLogGroupA8133127",
		},
	},
	{
		name: "Ec2Web-spot",
		context: map[string]any{
			"profile": "prod", "Ec2Web.certificateArn": shared.CertificateArn, "Ec2Web.alarmEmail": "on-call@example.com",
			"Ec2Web.instanceTypes": "m7g.large,m6g.large", "Ec2Web.operatingSystem": "BOTTLEROCKET", "Ec2Web.networkMode": "BRIDGE",
			"Ec2Web.spotWeight": "3", "Ec2Web.maxSpotInstances": "6", "Ec2Web.managedTerminationProtection": "true",
			"protect": "true", // without which managedTerminationProtection is refused
		},
		stateful: []string{
			"AlarmsTopicKey8C8D9492", "LoadBalancerAccessLogsB27DFC85", "TableCD117FA1", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037",
			"WorkerTaskLogGroupA8133127",
		},
	},
	{
		name: "Ec2Web-requirements", // of instances, some of them warm
		context: map[string]any{
			"Ec2Web.instanceVCpus": "2", "Ec2Web.cpuArchitecture": "ARM64", "Ec2Web.warmPool": "true",
			"Ec2Web.detailedMonitoring": "true", "Ec2Web.maxSpotInstances": "4", "Ec2Web.spotWeight": "1",
		},
		stateful: []string{
			"LoadBalancerAccessLogsB27DFC85", "TableCD117FA1", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037", "WorkerTaskLogGroupA8133127",
		},
	},
	{
		name: "Ec2Web-managed", // by ECS, with GPUs
		context: map[string]any{
			"Ec2Web.managedInstances": "true", "Ec2Web.gpuCount": "1", "Ec2Web.instanceVCpus": "4", "Ec2Web.instanceMemoryMiB": "16384",
			"Ec2Web.detailedMonitoring": "true",
		},
		stateful: []string{
			"LoadBalancerAccessLogsB27DFC85", "TableCD117FA1", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037", "WorkerTaskLogGroupA8133127",
		},
	},
}

func TestEc2WebIsRefused(t *testing.T) {
	app := cdktest.App(t)
	assert.Equal(t, []string{"Ec2Web: SpotWeight requires MaxSpotInstances; got 3"}, cdktest.Refused(t, func() {
		stacks.NewEc2Web(app, "Ec2Web", &stacks.Ec2WebProps{Image: shared.PublicImage, SpotWeight: 3})
	}))
	assert.Equal(
		t,
		[]string{`Mixed/OnDemand: InstanceTypes[1] must be X86_64 like "t3.medium", because one AMI serves all; got "t4g.medium"; ` +
			"use an Ec2Capacity for each architecture"},
		cdktest.Refused(t, func() {
			stacks.NewEc2Web(app, "Mixed", &stacks.Ec2WebProps{Image: shared.PublicImage, InstanceTypes: []string{"t3.medium", "t4g.medium"}})
		}),
	)
}

// Two steps lead back from Spot: ECS does not let go of a provider that a service uses, and the association is updated first.
func TestEc2WebLeavesSpotInTwoSteps(t *testing.T) {
	for name, want := range map[string]struct {
		weight, max       string
		shares, providers int
	}{"with": {"3", "6", 2, 4}, "between": {"0", "6", 1, 4}, "without": {"0", "0", 1, 3}} {
		tpl := cdktest.Synth(t, buildStack(t, "Ec2Web", map[string]any{"Ec2Web.spotWeight": want.weight, "Ec2Web.maxSpotInstances": want.max,
			"Ec2Web.instanceTypes": "t3.medium,t3a.medium"}))
		assert.Len(t, tpl.At("AWS::ECS::Service", "Ec2Web/Service/").Get("CapacityProviderStrategy"), want.shares, name)
		assert.Len(t, tpl.Only("AWS::ECS::ClusterCapacityProviderAssociations").Get("CapacityProviders"), want.providers, name)
	}
}

// Two tasks on the same instances: each may do one thing, and the instances neither.
func TestEc2WebTasksHoldDifferentPermissions(t *testing.T) {
	tpl := cdktest.Synth(t, buildStack(t, "Ec2Web", map[string]any{"Ec2Web.imageId": "ami-0123456789abcdef0"}))
	table := tpl.Only("AWS::DynamoDB::Table")
	web, worker := tpl.At("AWS::ECS::Service", "Ec2Web/Service/"), tpl.At("AWS::ECS::Service", "Ec2Web/Worker/")
	cdktest.MayExactly(t, web.Ref("TaskDefinition").Ref("TaskRoleArn"), cdktest.Allow("dynamodb:GetItem").On(table))
	cdktest.MayExactly(t, worker.Ref("TaskDefinition").Ref("TaskRoleArn"), cdktest.Allow("dynamodb:PutItem").On(table))
	assert.Same(t, web.Ref("Cluster"), worker.Ref("Cluster"))
	assert.Same(t, web.Ref("CapacityProviderStrategy.0.CapacityProvider"), worker.Ref("CapacityProviderStrategy.0.CapacityProvider"))
	for _, permission := range cdktest.Permissions(t, tpl.At("AWS::IAM::Role", "OnDemand/InstanceRole")) {
		assert.NotContains(t, permission, "dynamodb:")
	}
	assert.Equal(
		t,
		"ami-0123456789abcdef0",
		shared.LaunchTemplate(tpl, "OnDemand").Get("LaunchTemplateData.ImageId"),
		"a pinned AMI is replaced all the same",
	)
}

// With requirements, all instances are selected by them, those On-Demand with a pool and those on Spot without one.
func TestEc2WebByRequirements(t *testing.T) {
	tpl := cdktest.Synth(t, buildStack(t, "Ec2Web", map[string]any{"Ec2Web.instanceVCpus": "2", "Ec2Web.instanceMemoryMiB": "4096",
		"Ec2Web.cpuArchitecture": "ARM64", "Ec2Web.warmPool": "true", "Ec2Web.maxSpotInstances": "4"}))
	for _, name := range []string{"OnDemand", "Spot"} {
		group := tpl.At("AWS::AutoScaling::AutoScalingGroup", "/"+name+"/")
		cdktest.HasAt(t, group.Get("MixedInstancesPolicy.LaunchTemplate.Overrides.0.InstanceRequirements"), map[string]any{
			"CpuManufacturers": []any{"amazon-web-services"}, "VCpuCount.Min": 2.0, "MemoryMiB.Min": 4096.0,
		}, name)
		image := tpl.Parameter(shared.LaunchTemplate(tpl, "/"+name+"/").Get("LaunchTemplateData.ImageId"))
		assert.Contains(t, image["Default"], "/arm64/", name)
	}
	assert.Same(t, tpl.At("AWS::AutoScaling::AutoScalingGroup", "/OnDemand/"),
		tpl.Only("AWS::AutoScaling::WarmPool").Ref("AutoScalingGroupName"))
}

// On Managed Instances there is no Auto Scaling group, and each task of the web service has a GPU, the worker none.
func TestEc2WebOnManagedInstances(t *testing.T) {
	tpl := cdktest.Synth(t, buildStack(t, "Ec2Web", map[string]any{"Ec2Web.managedInstances": "true", "Ec2Web.gpuCount": "2",
		"Ec2Web.instanceTypes": "g5.*,g6.*"}))
	assert.Empty(t, tpl.All("AWS::AutoScaling::AutoScalingGroup"))
	provider := tpl.Only("AWS::ECS::CapacityProvider")
	assert.Equal(t, []any{"g5.*", "g6.*"},
		provider.Get("ManagedInstancesProvider.InstanceLaunchTemplate.InstanceRequirements.AllowedInstanceTypes"))
	for path, want := range map[string]any{"Ec2Web/Service/": []any{map[string]any{"Type": "GPU", "Value": "2"}}, "Ec2Web/Worker/": nil} {
		service := tpl.At("AWS::ECS::Service", path)
		assert.Same(t, provider, service.Ref("CapacityProviderStrategy.0.CapacityProvider"), path)
		assert.Equal(t, want, service.Ref("TaskDefinition").Get("ContainerDefinitions.0.ResourceRequirements"), path)
		assert.Equal(t, []any{"MANAGED_INSTANCES"}, service.Ref("TaskDefinition").Get("RequiresCompatibilities"), path)
	}

	chosen := cdktest.Synth(t, buildStack(t, "Ec2Web", map[string]any{"Ec2Web.managedInstances": "true"}))
	assert.Nil(t, chosen.Only("AWS::ECS::CapacityProvider").Get("ManagedInstancesProvider.InstanceLaunchTemplate.InstanceRequirements"),
		"the default instance types of Auto Scaling groups keep ECS from choosing")
}

func TestEc2WebRefusesWhatManagedInstancesDoNotTake(t *testing.T) {
	const managed = " must not be set together with ManagedInstances, which ECS starts and ends itself; remove it"
	app := cdktest.App(t)
	assert.Equal(t, []string{
		"Ec2Web: OperatingSystem" + managed, "Ec2Web: NetworkMode" + managed, "Ec2Web: ImageId" + managed, "Ec2Web: WarmPool" + managed,
		"Ec2Web: MaxSpotInstances" + managed, "Ec2Web: ManagedTerminationProtection" + managed,
	}, cdktest.Refused(t, func() {
		stacks.NewEc2Web(app, "Ec2Web", &stacks.Ec2WebProps{Image: shared.PublicImage, ManagedInstances: true, Protect: true,
			OperatingSystem: platform.Bottlerocket, NetworkMode: awsecs.NetworkMode_BRIDGE, ImageId: "ami-0123456789abcdef0", WarmPool: true,
			MaxSpotInstances: 1, ManagedTerminationProtection: true})
	}))
	assert.Equal(t, []string{
		"Both: InstanceVCpus must not be set together with InstanceTypes; got 2; remove one of them",
		`Both: WarmPool requires OperatingSystem "AMAZON_LINUX_2023", because instances with Bottlerocket would join the cluster from the ` +
			`pool; got "BOTTLEROCKET"`,
	}, cdktest.Refused(t, func() {
		stacks.NewEc2Web(app, "Both", &stacks.Ec2WebProps{Image: shared.PublicImage, InstanceVCpus: 2, InstanceTypes: []string{"t3.medium"},
			WarmPool: true, OperatingSystem: platform.Bottlerocket})
	}))
	assert.Equal(t, []string{
		"Vague: InstanceMemoryMiB requires InstanceVCpus; got 4096",
		`Vague: CpuArchitecture requires InstanceVCpus or ManagedInstances, because InstanceTypes have one; got "ARM64"; remove it, and use ` +
			`InstanceTypes such as "t4g.medium" for Arm`,
	}, cdktest.Refused(t, func() {
		stacks.NewEc2Web(app, "Vague", &stacks.Ec2WebProps{Image: shared.PublicImage, InstanceMemoryMiB: 4096, CpuArchitecture: platform.Arm64})
	}))
}

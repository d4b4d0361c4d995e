package stacks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

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

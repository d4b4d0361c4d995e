package ecs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
)

// newInstanceRole makes the agent's identity. It may do less than AWS's policies for it, AmazonEC2ContainerServiceforEC2Role and
// AmazonSSMManagedInstanceCore: act for this cluster alone, pull no images and write no logs, which tasks do under their execution
// role, and read no parameters.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html
func newInstanceRole(scope constructs.Construct, path string, cluster *Cluster) awsiam.Role {
	role := newAgentRole(scope, path, cluster,
		jsii.Strings("ecs:RegisterContainerInstance", "ecs:DeregisterContainerInstance", "ecs:SubmitAttachmentStateChanges",
			"ecs:SubmitContainerStateChange", "ecs:SubmitTaskStateChange"),
		jsii.Strings("ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState"))
	// Sessions of Systems Manager, in place of SSH.
	// https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
			"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"),
		Resources: jsii.Strings("*"),
	}))
	explainAgent(role, "The agent acts for instances of one cluster, by condition; ecs:DiscoverPollEndpoint and what sessions take know no resources")
	return role
}

// newManagedInstanceRole makes that of instances which AWS looks after.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-instance-profile.html
func newManagedInstanceRole(scope constructs.Construct, path string, cluster *Cluster) awsiam.Role {
	role := newAgentRole(scope, path, cluster,
		jsii.Strings("ecs:RegisterContainerInstance", "ecs:SubmitAttachmentStateChanges", "ecs:SubmitTaskStateChange"),
		jsii.Strings("ecs:Poll", "ecs:PutSystemLogEvents", "ecs:StartTelemetrySession"))
	explainAgent(role, "The agent acts for instances of one cluster, by condition; ecs:DiscoverPollEndpoint knows no resources")
	return role
}

// newAgentRole takes what the agent does to the cluster, and what to instances of it.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
func newAgentRole(scope constructs.Construct, path string, cluster *Cluster, onCluster, onInstances *[]*string) awsiam.Role {
	role := awsiam.NewRole(scope, jsii.String("InstanceRole"), &awsiam.RoleProps{
		Description: describe.Of("Instances of", path),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil),
	})
	arn := cluster.Cluster.ClusterArn()
	for _, statement := range []awsiam.PolicyStatementProps{
		{Actions: onCluster, Resources: &[]*string{arn}},
		{
			Actions:    onInstances,
			Resources:  jsii.Strings("*"), // instances, whose ids nobody knows yet
			Conditions: &map[string]any{"ArnEquals": map[string]any{"ecs:cluster": arn}},
		},
		{Actions: jsii.Strings("ecs:DiscoverPollEndpoint"), Resources: jsii.Strings("*")},
	} {
		role.AddToPolicy(awsiam.NewPolicyStatement(&statement))
	}
	return role
}

func explainAgent(role awsiam.Role, why string) {
	nag.Suppress(role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5", why, "Resource::*")
}

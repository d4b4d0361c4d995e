package ecs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/internal/describe"
	"awscontainers/constructs/internal/nag"
)

// newInstanceRole makes the agent's identity. It may do less than AWS's policies for it, AmazonEC2ContainerServiceforEC2Role and
// AmazonSSMManagedInstanceCore: act for this cluster alone, pull no images and write no logs, which tasks do under their execution
// role, and read no parameters.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html
func newInstanceRole(scope constructs.Construct, path string, cluster *Cluster) awsiam.Role {
	role := awsiam.NewRole(scope, jsii.String("InstanceRole"), &awsiam.RoleProps{
		Description: describe.Of("Instances of", path),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil),
	})
	// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
	statement := func(props awsiam.PolicyStatementProps) { role.AddToPolicy(awsiam.NewPolicyStatement(&props)) }
	arn := cluster.Cluster.ClusterArn()
	statement(awsiam.PolicyStatementProps{
		Actions: jsii.Strings("ecs:RegisterContainerInstance", "ecs:DeregisterContainerInstance", "ecs:SubmitAttachmentStateChanges",
			"ecs:SubmitContainerStateChange", "ecs:SubmitTaskStateChange"),
		Resources: &[]*string{arn},
	})
	statement(awsiam.PolicyStatementProps{
		Actions:    jsii.Strings("ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState"),
		Resources:  jsii.Strings("*"), // instances, whose ids nobody knows yet
		Conditions: &map[string]any{"ArnEquals": map[string]any{"ecs:cluster": arn}},
	})
	statement(awsiam.PolicyStatementProps{Actions: jsii.Strings("ecs:DiscoverPollEndpoint"), Resources: jsii.Strings("*")})
	// Sessions of Systems Manager, in place of SSH.
	// https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
	statement(awsiam.PolicyStatementProps{
		Actions: jsii.Strings("ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
			"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"),
		Resources: jsii.Strings("*"),
	})
	nag.Suppress(role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"The agent acts for instances of one cluster, by condition; ecs:DiscoverPollEndpoint and what sessions take know no resources", "Resource::*")
	return role
}

package ecs

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/platform"
	"awscontainers/internal/describe"
	"awscontainers/internal/instancetype"
	"awscontainers/internal/nag"
	"awscontainers/internal/policy"
)

// imageParameter is the public SSM parameter with the newest AMI, "" where AWS makes none for the instances.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-bottlerocket-retrieve-ami.html
func imageParameter(os platform.OperatingSystem, t instancetype.Type) string {
	if os == platform.Bottlerocket {
		variant, architecture := "aws-ecs-2", "x86_64"
		if t.Arm {
			architecture = "arm64"
		}
		switch t.Accelerator {
		case instancetype.Gpu:
			variant += "-nvidia"
		case instancetype.Neuron:
			return ""
		}
		return "/aws/service/bottlerocket/" + variant + "/" + architecture + "/latest/image_id"
	}
	variant := ""
	switch {
	case t.Arm && t.Accelerator != "":
		return ""
	case t.Arm:
		variant = "arm64/"
	case t.Accelerator == instancetype.Gpu:
		variant = "gpu/"
	case t.Accelerator == instancetype.Neuron:
		variant = "neuron/"
	}
	return "/aws/service/ecs/optimized-ami/amazon-linux-2023/" + variant + "recommended/image_id"
}

// imageId is an AMI of one's own, or AWS's newest: CloudFormation looks it up at each deployment, and a new one replaces the
// instances. EC2 could also look it up whenever an instance starts ("resolve:ssm:"), but the CDK's own rules refuse that (E1152).
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
func (e *Ec2Capacity) imageId(p *Ec2CapacityProps) *string {
	if p.ImageId != "" {
		return &p.ImageId
	}
	return awsssm.StringParameter_ValueForTypedStringParameterV2(e, jsii.String(imageParameter(p.OperatingSystem, p.instances())),
		awsssm.ParameterValueType_AWS_EC2_IMAGE_ID, nil)
}

// userData tells the agent which cluster it belongs to, and keeps tasks from the credentials of their instance.
func (p *Ec2CapacityProps) userData(cluster string) *string {
	lines := append([]string{"#!/bin/bash"}, p.agentConfig(cluster)...)
	lines = append(lines, p.mountVolumes()...)
	if p.OperatingSystem == platform.Bottlerocket {
		lines = p.bottlerocket(cluster)
	}
	return awscdk.Fn_Base64(jsii.String(strings.Join(append(lines, p.UserData...), "\n") + "\n"))
}

// loggingDrivers are those of LogDriver, in JSON and TOML: ECS places no task with a driver that the agent doesn't announce. By default,
// three of them are missing on Amazon Linux, and all except two on Bottlerocket. The agent announces awsfirelens by itself, and doesn't
// start if it is listed here.
// https://github.com/aws/amazon-ecs-agent/blob/master/ecs-init/docker/docker.go
// https://github.com/aws/amazon-ecs-agent/issues/2736
// https://github.com/bottlerocket-os/bottlerocket/blob/develop/sources/shared-defaults/ecs.toml
const loggingDrivers = `"awslogs","fluentd","gelf","journald","json-file","none","splunk","syslog"`

// agentConfig is for Amazon Linux.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html
func (p *Ec2CapacityProps) agentConfig(cluster string) []string {
	lines := []string{
		"cat <<'EOF' >>/etc/ecs/ecs.config",
		"ECS_CLUSTER=" + cluster,
		"ECS_AWSVPC_BLOCK_IMDS=true",
		// Logs are written under the task's execution role: the instance's may not.
		"ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true",
		// Tasks in host mode have their task role too.
		"ECS_ENABLE_TASK_IAM_ROLE_NETWORK_HOST=true",
		// Nothing here makes containers privileged; what others start on the instances shall not be either.
		"ECS_DISABLE_PRIVILEGED=true",
		"ECS_AVAILABLE_LOGGING_DRIVERS=[" + loggingDrivers + "]",
	}
	if p.Spot {
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/spot-instance-draining-linux-container.html
		lines = append(lines, "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true")
	}
	if p.WarmPool != nil {
		// Instances in the pool don't register with the cluster.
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-warm-pool.html
		lines = append(lines, "ECS_WARM_POOLS_CHECK=true")
	}
	return append(lines, "EOF")
}

// bottlerocket is the same as its settings, in TOML.
// https://bottlerocket.dev/en/os/1.20.x/api/settings/ecs/
func (p *Ec2CapacityProps) bottlerocket(cluster string) []string {
	lines := []string{
		"[settings.ecs]",
		`cluster = "` + cluster + `"`,
		"awsvpc-block-imds = true",
		"allow-privileged-containers = false",
		"logging-drivers = [" + loggingDrivers + "]",
	}
	if p.Spot {
		lines = append(lines, "enable-spot-instance-draining = true")
	}
	return lines
}

// newInstanceRole creates the agent's identity. It may do less than AWS's policies for it, AmazonEC2ContainerServiceforEC2Role and
// AmazonSSMManagedInstanceCore: act only for this cluster, and neither pull images nor write logs, which tasks do under their
// execution role, nor read parameters. Bottlerocket's sessions and its admin container are containers of the instance's own, from
// repositories of AWS's that the instance pulls.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html
// https://github.com/bottlerocket-os/bottlerocket/blob/develop/sources/shared-defaults/aws-host-containers.toml
// https://github.com/bottlerocket-os/bottlerocket/blob/develop/QUICKSTART-ECS.md
func newInstanceRole(scope constructs.Construct, path string, cluster *Cluster, os platform.OperatingSystem) awsiam.Role {
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
	explainAgent(role,
		"The agent acts for instances of one cluster, by condition; ecs:DiscoverPollEndpoint and what sessions take know no resources")
	if os == platform.Bottlerocket {
		policy.AllowPull(role, bottlerocketContainers)
		nag.Suppress(role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
			"The names of Bottlerocket's host containers in AWS's own registry", policy.PulledFrom(scope, bottlerocketContainers))
	}
	return role
}

// bottlerocketContainers are the repositories of bottlerocket-control, by which sessions come in, and bottlerocket-admin.
const bottlerocketContainers = "bottlerocket-*"

// newManagedInstanceRole creates that of instances which AWS manages.
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

package awscontainers

import rego.v1

# Who assumes which role: every property that gives a role of this template to a service, with what that service must be allowed.
#   by, keys     the resource and the property
#   role         the role's logical id
#   purpose      what the role is for that resource: "task role"
#   principal    the service that assumes it: "ecs-tasks" for ecs-tasks.amazonaws.com
#   actions      what its trust policy must allow
assume_uses contains use if {
	some place in assume_places
	role := refers(property(place.name, place.keys), "AWS::IAM::Role")
	use := {
		"by": place.name, "keys": place.keys, "role": role, "purpose": place.purpose, "principal": place.principal,
		"actions": assume_actions(place),
	}
}

# The actions that the role of a use surely does not let its service do.
assume_refused(use) := {action |
	some action in use.actions
	policy_denied(use.role, ["AssumeRolePolicyDocument"], use.principal, action)
}

# https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
# https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html
assume_actions(place) := {"sts:AssumeRole", "sts:TagSession"} if place.principal == "pods.eks"

assume_actions(place) := {"sts:AssumeRole", "sts:TagSession"} if {
	place.principal == "eks"
	eks_literal(place.name, "auto") in [true, "true"]
}

assume_actions(place) := {"sts:AssumeRole"} if {
	place.principal != "pods.eks"
	not assume_by_auto_mode(place)
}

assume_by_auto_mode(place) if {
	place.principal == "eks"
	eks_literal(place.name, "auto") in [true, "true"]
}

# Properties that are not in a list.
assume_places contains place if {
	some type, properties in assume_properties
	some name in resources_of_type(type)
	some given in properties
	place := {"name": name, "keys": given.keys, "purpose": given.purpose, "principal": given.principal}
}

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-ecs-iam-role-overview.html
# https://docs.aws.amazon.com/apprunner/latest/dg/security_iam_service-with-iam.html
# https://docs.aws.amazon.com/eks/latest/userguide/security-iam-service-with-iam.html
assume_properties := {
	"AWS::AppRunner::Service": [
		{"keys": ["SourceConfiguration", "AuthenticationConfiguration", "AccessRoleArn"], "purpose": "access role", "principal": "build.apprunner"},
		{"keys": ["InstanceConfiguration", "InstanceRoleArn"], "purpose": "instance role", "principal": "tasks.apprunner"},
	],
	"AWS::ECS::CapacityProvider": [{
		"keys": ["ManagedInstancesProvider", "InfrastructureRoleArn"], "purpose": "infrastructure role", "principal": "ecs",
	}],
	"AWS::ECS::ExpressGatewayService": [
		{"keys": ["InfrastructureRoleArn"], "purpose": "infrastructure role", "principal": "ecs"},
		{"keys": ["ExecutionRoleArn"], "purpose": "execution role", "principal": "ecs-tasks"},
		{"keys": ["TaskRoleArn"], "purpose": "task role", "principal": "ecs-tasks"},
	],
	"AWS::ECS::Gateway": [{"keys": ["InfrastructureRoleArn"], "purpose": "infrastructure role", "principal": "ecs"}],
	"AWS::ECS::TaskDefinition": [
		{"keys": ["ExecutionRoleArn"], "purpose": "execution role", "principal": "ecs-tasks"},
		{"keys": ["TaskRoleArn"], "purpose": "task role", "principal": "ecs-tasks"},
	],
	"AWS::EKS::Cluster": [
		{"keys": ["RoleArn"], "purpose": "cluster role", "principal": "eks"},
		{"keys": ["ComputeConfig", "NodeRoleArn"], "purpose": "node role", "principal": "ec2"},
	],
	"AWS::EKS::FargateProfile": [{"keys": ["PodExecutionRoleArn"], "purpose": "pod execution role", "principal": "eks-fargate-pods"}],
	"AWS::EKS::Nodegroup": [{"keys": ["NodeRole"], "purpose": "node role", "principal": "ec2"}],
	"AWS::EKS::PodIdentityAssociation": [{"keys": ["RoleArn"], "purpose": "pod role", "principal": "pods.eks"}],
	"AWS::Pipes::Pipe": [{"keys": ["RoleArn"], "purpose": "role", "principal": "pipes"}],
	"AWS::Scheduler::Schedule": [{"keys": ["Target", "RoleArn"], "purpose": "target role", "principal": "scheduler"}],
	"AWS::StepFunctions::StateMachine": [{"keys": ["RoleArn"], "purpose": "role", "principal": "states"}],
	"Custom::AWSCDK-EKS-Cluster": [{"keys": ["Config", "roleArn"], "purpose": "cluster role", "principal": "eks"}],
	"Custom::AWSCDK-EKS-FargateProfile": [{
		"keys": ["Config", "podExecutionRoleArn"], "purpose": "pod execution role", "principal": "eks-fargate-pods",
	}],
}

# Properties in a list.
assume_places contains place if {
	some entry in assume_lists
	some name in resources_of_type(entry.type)
	some i, _ in list(name, entry.keys)
	place := {
		"name": name, "keys": array.concat(array.concat(entry.keys, [i]), entry.below),
		"purpose": entry.purpose, "principal": entry.principal,
	}
}

assume_lists := [
	{"type": "AWS::ECS::Service", "keys": ["LoadBalancers"], "below": ["AdvancedConfiguration", "RoleArn"], "purpose": "load balancer role", "principal": "ecs"},
	{"type": "AWS::ECS::Service", "keys": ["DeploymentConfiguration", "LifecycleHooks"], "below": ["RoleArn"], "purpose": "hook role", "principal": "ecs"},
	{"type": "AWS::ECS::Service", "keys": ["ServiceConnectConfiguration", "Services"], "below": ["Tls", "RoleArn"], "purpose": "TLS role", "principal": "ecs"},
	{"type": "AWS::ECS::Service", "keys": ["VolumeConfigurations"], "below": ["ManagedEBSVolume", "RoleArn"], "purpose": "volume role", "principal": "ecs"},
	{"type": "AWS::ECS::Service", "keys": ["VpcLatticeConfigurations"], "below": ["RoleArn"], "purpose": "VPC Lattice role", "principal": "ecs"},
	{"type": "AWS::EKS::Addon", "keys": ["PodIdentityAssociations"], "below": ["RoleArn"], "purpose": "pod role", "principal": "pods.eks"},
	{"type": "AWS::Events::Rule", "keys": ["Targets"], "below": ["RoleArn"], "purpose": "target role", "principal": "events"},
]

# The instances of an Auto Scaling group.
assume_places contains place if {
	some profile in assume_instance_profiles
	some i, _ in list(profile, ["Roles"])
	place := {"name": profile, "keys": ["Roles", i], "purpose": "instance role", "principal": "ec2"}
}

assume_instance_profiles contains profile if {
	some launch_type, keys in instances_keys
	some launch in resources_of_type(launch_type)
	some below in [["IamInstanceProfile"], ["IamInstanceProfile", "Arn"], ["IamInstanceProfile", "Name"]]
	profile := refers(property(launch, array.concat(keys, below)), "AWS::IAM::InstanceProfile")
}

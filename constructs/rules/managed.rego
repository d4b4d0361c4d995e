package awscontainers

import rego.v1

# Managed policies of AWS for infrastructure roles of other uses, and for roles of tasks and instances.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html
managed_not_for_express := managed_for_instances | {
	"AmazonECSInfrastructureRolePolicyForLoadBalancers",
	"AmazonECSInfrastructureRolePolicyForManagedInstances",
	"AmazonECSInfrastructureRolePolicyForServiceConnectTransportLayerSecurity",
	"AmazonECSInfrastructureRolePolicyForVolumes",
	"AmazonECSInfrastructureRolePolicyForVpcLattice",
}

# True for a managed policy of this template without the action, and for those of AWS that are known to be without.
managed_without(name, keys, action, resource) if {
	policy := refers(property(name, keys), "AWS::IAM::ManagedPolicy")
	policy_without(policy, ["PolicyDocument"], action, resource)
}

managed_without(name, keys, action, _) if {
	arn := property(name, keys)
	is_string(arn)
	not guess_within(name, keys)
	regex.match(`^arn:[^:]+:iam::aws:policy/`, arn)
	policy := regex.replace(arn, `^.*/`, "")
	policy in managed_policies_without[action]
}

# Managed policies of AWS for instances, tasks and nodes, of which none allows these actions, and one that is easily mistaken for the
# one that does.
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
managed_policies_without := {
	"ecs:RegisterContainerInstance": managed_for_instances,
	"ecs:RunTask": managed_for_instances,
	"iam:PassRole": managed_for_instances,
	"sqs:SendMessage": managed_for_instances,
	"ec2:AssignIpv6Addresses": managed_for_nodes - {"AmazonEKS_CNI_Policy"},
	"ec2:AssignPrivateIpAddresses": managed_for_nodes - {"AmazonEKS_CNI_Policy"},
	"ec2:CreateVolume": managed_for_nodes - {"AmazonEBSCSIDriverPolicy"},
	"ecr:BatchGetImage": managed_for_nodes - {"AmazonEC2ContainerRegistryPullOnly", "AmazonEC2ContainerRegistryReadOnly"},
	"eks-auth:AssumeRoleForPodIdentity": managed_for_nodes - {"AmazonEKSWorkerNodeMinimalPolicy", "AmazonEKSWorkerNodePolicy"},
	"elasticfilesystem:CreateAccessPoint": managed_for_nodes - {"AmazonEFSCSIDriverPolicy"},
	"elasticloadbalancing:CreateLoadBalancer": managed_not_for_express,
	"fsx:CreateFileSystem": managed_for_nodes,
	"logs:PutLogEvents": managed_for_nodes - {"CloudWatchAgentServerPolicy"},
	"s3:ListBucket": managed_for_nodes - {"AmazonS3ReadOnlyAccess"},
}

managed_for_instances := {
	"AmazonEC2ContainerRegistryPullOnly",
	"AmazonEC2ContainerRegistryReadOnly",
	"AmazonEC2ContainerServiceRole",
	"AmazonECSTaskExecutionRolePolicy",
	"AmazonElasticFileSystemClientReadWriteAccess",
	"AmazonS3ReadOnlyAccess",
	"AmazonSSMManagedInstanceCore",
	"AWSXRayDaemonWriteAccess",
	"CloudWatchAgentServerPolicy",
}

# Those for nodes of EKS. Each action above is taken out for the policies that do allow it.
managed_for_nodes := {
	"AmazonEBSCSIDriverPolicy",
	"AmazonEC2ContainerRegistryPullOnly",
	"AmazonEC2ContainerRegistryReadOnly",
	"AmazonEFSCSIDriverPolicy",
	"AmazonEKSWorkerNodeMinimalPolicy",
	"AmazonEKSWorkerNodePolicy",
	"AmazonEKS_CNI_Policy",
	"AmazonS3ReadOnlyAccess",
	"AmazonSSMManagedInstanceCore",
	"AWSXRayDaemonWriteAccess",
	"AWSXrayWriteOnlyAccess",
	"CloudWatchAgentServerPolicy",
}

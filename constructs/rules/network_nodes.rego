package awscontainers

import rego.v1

# METADATA
# title: Instances of an ECS cluster in subnets without a way out lack a VPC endpoint
# description: The ECS agent does not reach ECS, so that no instance joins the cluster, or tasks can neither pull their image nor log.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html
# custom:
#   id: AWSC-NETWORK-002
violation contains make_diag_at("AWSC-NETWORK-002", "ERROR", lack.name, lack.path, lack.message) if {
	some lack in network_nodes_lacks
	lack.kind == "instances"
}

# METADATA
# title: Nodes or pods of an EKS cluster in subnets without a way out lack a VPC endpoint
# description: "Nodes never join the cluster (\"NodeCreationFailure\", after half an hour), or pods can neither be pulled nor get credentials."
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
# custom:
#   id: AWSC-NETWORK-003
violation contains make_diag_at("AWSC-NETWORK-003", "ERROR", lack.name, lack.path, lack.message) if {
	some lack in network_nodes_lacks
	lack.kind in {"nodes", "pods"}
}

network_nodes_lacks contains lack if {
	some use in network_nodes_uses
	whole_template
	enclosed := {subnet | some subnet in use.subnets; subnet_isolated(subnet)}
	count(enclosed) > 0
	homes := {home | some subnet in enclosed; home := subnet_vpc(subnet)}
	some vpc in homes
	not network_may_get_endpoints(vpc)
	endpoints := network_endpoint_names(vpc)
	missing := {need | some need in use.needs; not network_served(need, endpoints)}
	count(missing) > 0
	message := sprintf(
		"%v of %v are in subnets without a way out (%v), and VPC %v lacks endpoints for %v; add them, or use subnets with a route to a NAT gateway",
		[use.kind, use.name, listed(enclosed), vpc, listed(missing)],
	)
	lack := {"kind": use.kind, "name": use.name, "path": use.path, "message": message}
}

# What is in subnets, and what it surely calls.
network_nodes_uses contains use if {
	some provider in resources_of_type("AWS::ECS::CapacityProvider")
	group := refers(property(provider, ["AutoScalingGroupProvider", "AutoScalingGroupArn"]), "AWS::AutoScaling::AutoScalingGroup")
	subnets := references(group, ["VPCZoneIdentifier"], "AWS::EC2::Subnet")
	use := {"kind": "instances", "name": group, "path": "Properties.VPCZoneIdentifier", "subnets": subnets, "needs": network_nodes_instance_needs}
}

network_nodes_uses contains use if {
	some provider in resources_of_type("AWS::ECS::CapacityProvider")
	keys := ["ManagedInstancesProvider", "InstanceLaunchTemplate", "NetworkConfiguration", "Subnets"]
	subnets := references(provider, keys, "AWS::EC2::Subnet")
	path := dotted(keys)
	use := {"kind": "instances", "name": provider, "path": path, "subnets": subnets, "needs": network_nodes_instance_needs}
}

network_nodes_uses contains use if {
	some group in resources_of_type("AWS::EKS::Nodegroup")
	subnets := references(group, ["Subnets"], "AWS::EC2::Subnet")
	use := {"kind": "nodes", "name": group, "path": "Properties.Subnets", "subnets": subnets, "needs": network_nodes_node_needs}
}

network_nodes_uses contains use if {
	some node in eks_nodes_self_managed
	subnets := references(node.group, ["VPCZoneIdentifier"], "AWS::EC2::Subnet")
	use := {"kind": "nodes", "name": node.group, "path": "Properties.VPCZoneIdentifier", "subnets": subnets, "needs": network_nodes_node_needs}
}

network_nodes_uses contains use if {
	some profile, keys in eks_fargate_profiles
	subnets := references(profile, keys.subnets, "AWS::EC2::Subnet")
	path := dotted(keys.subnets)
	use := {"kind": "pods", "name": profile, "path": path, "subnets": subnets, "needs": {"ecr.api", "ecr.dkr", "s3", "sts"}}
}

# The agent of ECS calls three services; the tasks that run on the instances of a template's only cluster call others through it.
network_nodes_instance_needs := {"ecs", "ecs-agent", "ecs-telemetry"} | {need |
	count(resources_of_type("AWS::ECS::Cluster")) == 1
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	"EC2" in list(task, ["RequiresCompatibilities"])
	not "FARGATE" in list(task, ["RequiresCompatibilities"])
	some need in network_endpoint_needs[task]
}

# Nodes look themselves up, and pull images of AWS from ECR, whose layers are in S3; pods get credentials.
network_nodes_node_needs := ({"ec2", "ecr.api", "ecr.dkr", "eks", "s3", "sts"} | {need |
	some addon in resources_of_type("AWS::EKS::Addon")
	some name, need in {"eks-pod-identity-agent": "eks-auth", "amazon-cloudwatch-observability": "logs"}
	literal(addon, ["AddonName"]) == name
}) | {"elasticloadbalancing" |
	some chart in resources_of_type("Custom::AWSCDK-EKS-HelmChart")
	literal(chart, ["Chart"]) == "aws-load-balancer-controller"
}

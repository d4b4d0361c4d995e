package awscontainers

import rego.v1

# METADATA
# title: The role of a cluster may not be assumed by EKS
# description: EKS refuses the cluster, and the stack rolls back; in Auto Mode no node ever comes up.
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html
# custom:
#   id: AWSC-EKS-001
violation contains make_diag_at("AWSC-EKS-001", "ERROR", role, "Properties.AssumeRolePolicyDocument", message) if {
	some cluster in eks_clusters
	some use in assume_uses
	use.by == cluster
	use.principal == "eks"
	role := use.role
	refused := assume_refused(use)
	count(refused) > 0
	message := sprintf(
		"cluster %v has role %v, whose trust policy does not allow eks.amazonaws.com %v; allow that service these actions",
		[cluster, role, listed(refused)],
	)
}

# METADATA
# title: A cluster has subnets in fewer than two Availability Zones
# description: "EKS refuses the cluster: its control plane needs subnets in two or more."
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
# custom:
#   id: AWSC-EKS-011
violation contains make_diag_at("AWSC-EKS-011", "ERROR", cluster, path, message) if {
	some cluster in eks_clusters

	# One on an Outpost has its own needs.
	absent(cluster, ["OutpostConfig"])
	keys := eks_path(cluster, "subnets")
	subnets := list(cluster, keys)
	count(subnets) > 0
	zones := {zone | some i, subnet in subnets; zone := subnet_zone_key(i, subnet)}
	every i, subnet in subnets {
		subnet_zone_key(i, subnet)
	}
	count(zones) < 2
	path := dotted(keys)
	message := sprintf(
		"cluster %v has too few Availability Zones (subnets: %v, zones: %v); give it subnets in two or more",
		[cluster, count(subnets), count(zones)],
	)
}

# The clusters of this template: also those of the CDK's first module for EKS, which makes them by a custom resource.
eks_clusters contains cluster if {
	some type, _ in eks_paths
	some cluster in resources_of_type(type)
}

eks_paths := {
	"AWS::EKS::Cluster": {
		"addons": ["BootstrapSelfManagedAddons"],
		"auto": ["ComputeConfig", "Enabled"],
		"groups": ["ResourcesVpcConfig", "SecurityGroupIds"],
		"mode": ["AccessConfig", "AuthenticationMode"],
		"name": ["Name"],
		"private": ["ResourcesVpcConfig", "EndpointPrivateAccess"],
		"role": ["RoleArn"],
		"subnets": ["ResourcesVpcConfig", "SubnetIds"],
		"version": ["Version"],
	},
	"Custom::AWSCDK-EKS-Cluster": {
		"addons": ["Config", "bootstrapSelfManagedAddons"],
		"auto": ["Config", "computeConfig", "enabled"],
		"groups": ["Config", "resourcesVpcConfig", "securityGroupIds"],
		"mode": ["Config", "accessConfig", "authenticationMode"],
		"name": ["Config", "name"],
		"private": ["Config", "resourcesVpcConfig", "endpointPrivateAccess"],
		"role": ["Config", "roleArn"],
		"subnets": ["Config", "resourcesVpcConfig", "subnetIds"],
		"version": ["Config", "version"],
	},
}

eks_path(cluster, what) := eks_paths[input.resources[cluster].resourceType][what]

eks_property(cluster, what) := property(cluster, eks_path(cluster, what))

eks_literal(cluster, what) := literal(cluster, eks_path(cluster, what))

# True if a cluster surely is not in Auto Mode.
eks_not_auto(cluster) if setting(cluster, eks_path(cluster, "auto"), false) in [false, "false"]

# The cluster of this template that a property names, as a set: none if it is another or unknown.
eks_cluster(name, keys) := named | written if {
	value := property(name, keys)
	named := {cluster | some cluster in eks_clusters; value.__ref == cluster; value.__kind in {"part", "resource"}}
	written := {cluster | some cluster in eks_clusters; eks_literal(cluster, "name") == literal(name, keys)}
}

# True if something surely belongs to another cluster.
eks_of_other_cluster(name, cluster) if {
	clusters := eks_cluster(name, ["ClusterName"])
	count(clusters) > 0
	not cluster in clusters
}

# True if somebody else may add to a cluster or role what this template does not show: another stack that takes it from this one, or code
# other than the CDK's for EKS. An output for people to read does not count.
eks_extended_elsewhere(name) if {
	some ref in input.resources[name].incomingRefs
	startswith(ref.source, "__output__")
	object.get(object.get(input.outputs, trim_prefix(ref.source, "__output__"), {}), "exportName", "") != null
}

eks_extended_elsewhere(name) if {
	some ref in input.resources[name].incomingRefs
	object.get(ref, "attr", "") != "ClusterSecurityGroupId"
	type := input.resources[ref.source].resourceType
	regex.match(`^(Custom::|AWS::CloudFormation::(CustomResource|Stack)$)`, type)
	not startswith(type, "Custom::AWSCDK-EKS-")
}

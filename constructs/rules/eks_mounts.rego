package awscontainers

import rego.v1

# METADATA
# title: The mount targets of a file system that pods mount are shut to the cluster's security group
# description: "The mount times out, and no pod with the volume starts: nodes and pods on Fargate have that group alone."
# related_resources:
# - https://docs.aws.amazon.com/efs/latest/ug/network-access.html
# custom:
#   id: AWSC-EKSSTORAGE-006
violation contains make_diag_at("AWSC-EKSSTORAGE-006", "ERROR", mount.manifest, "Properties.Manifest", message) if {
	whole_template
	some mount in eks_mounts_of_efs
	targets := efs_targets[mount.files]
	shut := {target |
		some target in targets
		groups := references(target, ["SecurityGroups"], "AWS::EC2::SecurityGroup")
		reach_complete_groups(groups)
		eks_mounts_shut_to_cluster(groups)
	}
	count(shut) > 0
	shut == targets

	# Nodes that this template makes may have groups of their own.
	count({node | some node in eks_nodes_self_managed; node.cluster == mount.cluster}) == 0
	message := sprintf(
		"%v has pods of cluster %v mount file system %v, whose mount targets (%v) admit nothing from the cluster's security group on tcp 2049; add an ingress rule with source GetAtt %v.ClusterSecurityGroupId",
		[mount.manifest, mount.cluster, mount.files, listed(shut), mount.cluster],
	)
}

# The file systems of this template that objects in a cluster name.
eks_mounts_of_efs contains mount if {
	some files, _ in efs_targets
	some ref in input.resources[files].incomingRefs
	input.resources[ref.source].resourceType == "Custom::AWSCDK-EKS-KubernetesResource"
	some cluster in eks_cluster(ref.source, ["ClusterName"])
	mount := {"files": files, "manifest": ref.source, "cluster": cluster}
}

eks_mounts_shut_to_cluster(groups) if {
	every group in groups {
		list(group, ["SecurityGroupIngress"])
		every rule in reach_rules(group, "Ingress") {
			eks_mounts_blocks_cluster(rule)
		}
	}
}

# Another port, or another group of this template. That of the cluster is none of it, and so is not blocked.
eks_mounts_blocks_cluster(rule) if reach_blocks(rule, "SourceSecurityGroupId", 2049, set())

# METADATA
# title: A file system of FSx that pods use is shut to the cluster's security group
# description: "The mount, or what makes volumes, times out: nodes have that group alone."
# related_resources:
# - https://docs.aws.amazon.com/fsx/latest/LustreGuide/limit-access-security-groups.html
# custom:
#   id: AWSC-EKSSTORAGE-008
violation contains make_diag_at("AWSC-EKSSTORAGE-008", "ERROR", mount.manifest, "Properties.Manifest", message) if {
	whole_template
	some mount in eks_mounts_of_fsx
	groups := references(mount.files, ["SecurityGroupIds"], "AWS::EC2::SecurityGroup")
	reach_complete_groups(groups)
	shut := {sprintf("%v", [port]) |
		some port in mount.ports
		eks_mounts_port_shut_to_cluster(groups, port)
	}
	count(shut) > 0

	# Nodes that this template makes may have groups of their own.
	count({node | some node in eks_nodes_self_managed; node.cluster == mount.cluster}) == 0
	message := sprintf(
		"%v has pods of cluster %v use file system %v, which admits nothing from the cluster's security group on tcp %v; add an ingress rule with source GetAtt %v.ClusterSecurityGroupId",
		[mount.manifest, mount.cluster, mount.files, listed(shut), mount.cluster],
	)
}

# The file systems of FSx of this template that objects in a cluster name, with some of the ports that nodes reach.
eks_mounts_of_fsx contains mount if {
	some files in resources_of_type("AWS::FSx::FileSystem")
	some ref in input.resources[files].incomingRefs
	input.resources[ref.source].resourceType == "Custom::AWSCDK-EKS-KubernetesResource"
	some cluster in eks_cluster(ref.source, ["ClusterName"])
	mount := {"files": files, "manifest": ref.source, "cluster": cluster, "ports": eks_mounts_fsx_ports(files, ref.source)}
}

eks_mounts_fsx_ports(files, manifest) := [988, 1018] if {
	manifest
	literal(files, ["FileSystemType"]) == "LUSTRE"
}

# Trident asks ONTAP's management, and nodes mount by NFS or log in by iSCSI.
eks_mounts_fsx_ports(files, manifest) := [443, 2049] if {
	literal(files, ["FileSystemType"]) == "ONTAP"
	contains(eks_storage_manifest_text(manifest), "ontap-nas")
}

eks_mounts_fsx_ports(files, manifest) := [443, 3260] if {
	literal(files, ["FileSystemType"]) == "ONTAP"
	text := eks_storage_manifest_text(manifest)
	contains(text, "ontap-san")
	not contains(text, "ontap-nas")
}

eks_mounts_port_shut_to_cluster(groups, port) if {
	every group in groups {
		list(group, ["SecurityGroupIngress"])
		every rule in reach_rules(group, "Ingress") {
			reach_blocks(rule, "SourceSecurityGroupId", port, set())
		}
	}
}

# METADATA
# title: A file system of FSx for Lustre is in a zone without nodes
# description: Every byte that pods read and write crosses zones, which costs by the gigabyte, and time.
# related_resources:
# - https://docs.aws.amazon.com/fsx/latest/LustreGuide/how-it-works-fsx-lustre.html
# custom:
#   id: AWSC-EKSSTORAGE-009
violation contains make_diag_at("AWSC-EKSSTORAGE-009", "WARN", mount.files, "Properties.SubnetIds", message) if {
	whole_template
	some mount in eks_mounts_of_fsx
	literal(mount.files, ["FileSystemType"]) == "LUSTRE"
	some subnet in list(mount.files, ["SubnetIds"])
	groups := [group |
		some group in resources_of_type("AWS::EKS::Nodegroup")
		mount.cluster in eks_cluster(group, ["ClusterName"])
	]
	count(groups) > 0
	count(resources_of_type("AWS::AutoScaling::AutoScalingGroup")) == 0
	every group in groups {
		every other in list(group, ["Subnets"]) {
			subnet_other_zone(subnet, other)
		}
	}
	message := sprintf(
		"file system %v is in a zone in which no node group of cluster %v has a subnet; name one of the subnets of %v in SubnetIds",
		[mount.files, mount.cluster, listed({group | some group in groups})],
	)
}

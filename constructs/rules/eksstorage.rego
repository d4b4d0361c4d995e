package awscontainers

import rego.v1

# eksstorage: StorageClasses that the CDK's function applies to EKS clusters, and the drivers that make their volumes.

# rule: AWSC-EKSSTORAGE-001
# title: A cluster that runs pods on Fargate alone has a StorageClass
# reason: Fargate mounts volumes on EFS that are there already, and makes none; the pods that claim a volume of the class never start.
# page: https://docs.aws.amazon.com/eks/latest/userguide/storage.html
violation contains make_diag_at("AWSC-EKSSTORAGE-001", "ERROR", class.manifest, "Properties.Manifest", message) if {
	whole_template
	some class in storage_classes
	volume_drivers[class.provisioner]
	fargate_alone(class.cluster)
	message := sprintf(
		"StorageClass %v of %v is for nodes, and cluster %v has Fargate profiles alone; give it nodes, or mount files on EFS by a PersistentVolume",
		[class.name, volume_drivers[class.provisioner].storage, class.cluster],
	)
}

# The drivers that AWS documents, with the add-on that brings each.
# https://docs.aws.amazon.com/eks/latest/userguide/storage.html
volume_drivers := {
	"ebs.csi.aws.com": {"storage": "EBS", "addon": "aws-ebs-csi-driver"},
	"efs.csi.aws.com": {"storage": "EFS", "addon": "aws-efs-csi-driver"},
	"fsx.csi.aws.com": {"storage": "FSx for Lustre", "addon": "aws-fsx-csi-driver"},
	"csi.trident.netapp.io": {"storage": "FSx for NetApp ONTAP", "addon": "netapp_trident-operator"},
}

auto_driver := "ebs.csi.eks.amazonaws.com"

# True if a cluster surely has no nodes.
fargate_alone(cluster) if {
	not_auto(cluster)
	not extended_elsewhere(cluster)
	profiles := {profile |
		some type in ["AWS::EKS::FargateProfile", "Custom::AWSCDK-EKS-FargateProfile"]
		some profile in resources_of_type(type)
		profile_of(profile, cluster)
	}
	count(profiles) > 0
	not has_nodes(cluster)
}

profile_of(profile, cluster) if cluster in eks_cluster(profile, ["ClusterName"])

profile_of(profile, cluster) if cluster in eks_cluster(profile, ["Config", "clusterName"])

has_nodes(cluster) if {
	some nodes in resources_of_type("AWS::EKS::Nodegroup")
	not of_other_cluster(nodes, cluster)
}

has_nodes(cluster) if count(resources_of_type("AWS::AutoScaling::AutoScalingGroup")) > 0

has_nodes(cluster) if count(resources_of_type("AWS::EC2::Instance")) > 0

has_nodes(cluster) if applied_text(cluster, `karpenter`)

# rule: AWSC-EKSSTORAGE-002
# title: A cluster in Auto Mode without other nodes has the add-on of EBS
# reason: Auto Mode makes and mounts the disks itself, by classes of ebs.csi.eks.amazonaws.com, and keeps the add-on off its nodes.
# page: https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html
violation contains make_diag_at("AWSC-EKSSTORAGE-002", "ERROR", addon, "Properties.AddonName", message) if {
	whole_template
	some cluster, addons in addons_of
	setting(cluster, eks_path(cluster, "auto"), false) in [true, "true"]
	some addon in addons
	cluster in eks_cluster(addon, ["ClusterName"])
	literal(addon, ["AddonName"]) == "aws-ebs-csi-driver"
	not has_nodes(cluster)
	not extended_elsewhere(cluster)
	message := sprintf("add-on %v installs the driver of EBS in cluster %v, and Auto Mode has its own; leave it out, and name %v in StorageClasses", [addon, cluster, auto_driver])
}

# rule: AWSC-EKSSTORAGE-003
# title: A StorageClass names a driver that the cluster has not
# reason: Nobody makes its volumes: claims stay Pending, and their pods with them.
# page: https://docs.aws.amazon.com/eks/latest/userguide/storage.html
violation contains make_diag_at("AWSC-EKSSTORAGE-003", "WARN", class.manifest, "Properties.Manifest", message) if {
	whole_template
	some class in storage_classes
	driver := volume_drivers[class.provisioner]
	every addon in addons_of[class.cluster] {
		literal(addon, ["AddonName"]) != driver.addon
	}
	not extended_elsewhere(class.cluster)
	not driver_by_chart(class.cluster)
	message := sprintf(
		"StorageClass %v of cluster %v has its volumes made by %v, which nothing in the template installs; add add-on %v",
		[class.name, class.cluster, class.provisioner, driver.addon],
	)
}

violation contains make_diag_at("AWSC-EKSSTORAGE-003", "WARN", class.manifest, "Properties.Manifest", message) if {
	whole_template
	some class in storage_classes
	class.provisioner == auto_driver
	not_auto(class.cluster)
	message := sprintf(
		"StorageClass %v has its volumes made by %v, which is that of Auto Mode, and cluster %v is not in it; name ebs.csi.aws.com, and add add-on aws-ebs-csi-driver",
		[class.name, auto_driver, class.cluster],
	)
}

# True if a chart may bring a driver.
driver_by_chart(cluster) if {
	some chart in resources_of_type("Custom::AWSCDK-EKS-HelmChart")
	not of_other_cluster(chart, cluster)
	regex.match(`csi|trident|argo|flux`, json.marshal(input.resources[chart].properties))
}

# rule: AWSC-EKSSTORAGE-004
# title: A cluster has more than one default StorageClass
# reason: A claim that names no class gets one of them, the newest, whichever that is.
# page: https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html
violation contains make_diag_at("AWSC-EKSSTORAGE-004", "ERROR", class.manifest, "Properties.Manifest", message) if {
	whole_template
	some class in storage_classes
	class.by_default
	others := {sprintf("%v (%v)", [other.name, other.manifest]) |
		some other in storage_classes
		other.by_default
		other.cluster == class.cluster
		[other.manifest, other.name] != [class.manifest, class.name]
	}
	count(others) > 0
	message := sprintf(
		"StorageClass %v is a default class of cluster %v beside %v; take the annotation storageclass.kubernetes.io/is-default-class off all but one",
		[class.name, class.cluster, listed(others)],
	)
}

# rule: AWSC-EKSSTORAGE-005
# title: A StorageClass makes EBS volumes that are not encrypted
# reason: Unless the account encrypts all volumes by default, they are not encrypted, and never will be.
# page: https://docs.aws.amazon.com/ebs/latest/userguide/how-ebs-encryption-works.html
violation contains make_diag_at("AWSC-EKSSTORAGE-005", "WARN", class.manifest, "Properties.Manifest", message) if {
	some class in storage_classes
	class.provisioner in ["ebs.csi.aws.com", auto_driver, "kubernetes.io/aws-ebs"]
	class.encrypted != "true"
	message := sprintf("StorageClass %v has EBS volumes made without encryption; set its parameter encrypted to \"true\"", [class.name])
}

# rule: AWSC-EKSSTORAGE-006
# title: The mount targets of a file system that pods mount are shut to the cluster's security group
# reason: The mount times out, and no pod with the volume starts: nodes and pods on Fargate have that group alone.
# page: https://docs.aws.amazon.com/efs/latest/ug/network-access.html
violation contains make_diag_at("AWSC-EKSSTORAGE-006", "ERROR", mount.manifest, "Properties.Manifest", message) if {
	whole_template
	some mount in pod_mounts
	targets := mount_targets[mount.files]
	shut := {target |
		some target in targets
		groups := references(target, ["SecurityGroups"], "AWS::EC2::SecurityGroup")
		complete_groups(groups)
		shut_to_cluster(groups, mount.cluster)
	}
	count(shut) > 0
	shut == targets
	# Nodes that this template makes may have groups of their own.
	count({node | some node in self_managed; node.cluster == mount.cluster}) == 0
	message := sprintf(
		"%v has pods of cluster %v mount file system %v, whose mount targets (%v) admit nothing from the cluster's security group on tcp 2049; add an ingress rule with source GetAtt %v.ClusterSecurityGroupId",
		[mount.manifest, mount.cluster, mount.files, listed(shut), mount.cluster],
	)
}

# The file systems of this template that objects in a cluster name.
pod_mounts contains mount if {
	some files, _ in mount_targets
	some ref in input.resources[files].incomingRefs
	input.resources[ref.source].resourceType == "Custom::AWSCDK-EKS-KubernetesResource"
	some cluster in eks_cluster(ref.source, ["ClusterName"])
	mount := {"files": files, "manifest": ref.source, "cluster": cluster}
}

shut_to_cluster(groups, cluster) if {
	every group in groups {
		list(group, ["SecurityGroupIngress"])
		every rule in rules_of(group, "Ingress") {
			blocks_cluster(rule)
		}
	}
}

# Another port, or another group of this template. That of the cluster is none of it, and so is not blocked.
blocks_cluster(rule) if blocks(rule, "SourceSecurityGroupId", 2049, set())

# rule: AWSC-EKSSTORAGE-007
# title: The role of a storage driver lacks what makes volumes
# reason: AWS denies it, so that claims stay Pending and their pods with them.
# page: https://docs.aws.amazon.com/eks/latest/userguide/add-ons-iam.html
violation contains make_diag_at("AWSC-EKSSTORAGE-007", "ERROR", addon, path, message) if {
	whole_template
	some addon in resources_of_type("AWS::EKS::Addon")
	name := literal(addon, ["AddonName"])
	name in {driver.addon | some driver in volume_drivers}
	need := addon_needs[name]
	some [path, role] in driver_roles(addon, need.account)
	role_without(role, need.action, anything)
	message := sprintf("add-on %v (%v) has role %v, which does not allow %v; give it %v", [addon, name, role, need.action, need.policy])
}

# rule: AWSC-EKSSTORAGE-008
# title: A file system of FSx that pods use is shut to the cluster's security group
# reason: The mount, or what makes volumes, times out: nodes have that group alone.
# page: https://docs.aws.amazon.com/fsx/latest/LustreGuide/limit-access-security-groups.html
violation contains make_diag_at("AWSC-EKSSTORAGE-008", "ERROR", mount.manifest, "Properties.Manifest", message) if {
	whole_template
	some mount in fsx_mounts
	groups := references(mount.files, ["SecurityGroupIds"], "AWS::EC2::SecurityGroup")
	complete_groups(groups)
	shut := {sprintf("%v", [port]) |
		some port in mount.ports
		port_shut_to_cluster(groups, port)
	}
	count(shut) > 0
	# Nodes that this template makes may have groups of their own.
	count({node | some node in self_managed; node.cluster == mount.cluster}) == 0
	message := sprintf(
		"%v has pods of cluster %v use file system %v, which admits nothing from the cluster's security group on tcp %v; add an ingress rule with source GetAtt %v.ClusterSecurityGroupId",
		[mount.manifest, mount.cluster, mount.files, listed(shut), mount.cluster],
	)
}

# The file systems of FSx of this template that objects in a cluster name, with some of the ports that nodes reach.
fsx_mounts contains mount if {
	some files in resources_of_type("AWS::FSx::FileSystem")
	some ref in input.resources[files].incomingRefs
	input.resources[ref.source].resourceType == "Custom::AWSCDK-EKS-KubernetesResource"
	some cluster in eks_cluster(ref.source, ["ClusterName"])
	mount := {"files": files, "manifest": ref.source, "cluster": cluster, "ports": fsx_ports(files, ref.source)}
}

fsx_ports(files, manifest) := [988, 1018] if {
	manifest
	literal(files, ["FileSystemType"]) == "LUSTRE"
}

# Trident asks ONTAP's management, and nodes mount by NFS or log in by iSCSI.
fsx_ports(files, manifest) := [443, 2049] if {
	literal(files, ["FileSystemType"]) == "ONTAP"
	contains(manifest_text(manifest), "ontap-nas")
}

fsx_ports(files, manifest) := [443, 3260] if {
	literal(files, ["FileSystemType"]) == "ONTAP"
	text := manifest_text(manifest)
	contains(text, "ontap-san")
	not contains(text, "ontap-nas")
}

port_shut_to_cluster(groups, port) if {
	every group in groups {
		list(group, ["SecurityGroupIngress"])
		every rule in rules_of(group, "Ingress") {
			blocks(rule, "SourceSecurityGroupId", port, set())
		}
	}
}

# rule: AWSC-EKSSTORAGE-009
# title: A file system of FSx for Lustre is in a zone without nodes
# reason: Every byte that pods read and write crosses zones, which costs by the gigabyte, and time.
# page: https://docs.aws.amazon.com/fsx/latest/LustreGuide/how-it-works-fsx-lustre.html
violation contains make_diag_at("AWSC-EKSSTORAGE-009", "WARN", mount.files, "Properties.SubnetIds", message) if {
	whole_template
	some mount in fsx_mounts
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
			other_zone(subnet, other)
		}
	}
	message := sprintf(
		"file system %v is in a zone in which no node group of cluster %v has a subnet; name one of the subnets of %v in SubnetIds",
		[mount.files, mount.cluster, listed({group | some group in groups})],
	)
}

# The roles of this template that a driver's service account has, with where that is written.
driver_roles(addon, account) := by_association | annotated if {
	by_association := {["Properties.PodIdentityAssociations", role] |
		some i, _ in list(addon, ["PodIdentityAssociations"])
		literal(addon, ["PodIdentityAssociations", i, "ServiceAccount"]) == account
		role := refers(property(addon, ["PodIdentityAssociations", i, "RoleArn"]), "AWS::IAM::Role")
	}
	annotated := {["Properties.ServiceAccountRoleArn", role] | role := refers(property(addon, ["ServiceAccountRoleArn"]), "AWS::IAM::Role")}
}

# The StorageClasses that are applied to clusters of this template, as far as their text shows them.
storage_classes contains class if {
	some manifest in resources_of_type("Custom::AWSCDK-EKS-KubernetesResource")
	some cluster in eks_cluster(manifest, ["ClusterName"])
	some item in applied_objects(manifest)
	item.kind == "StorageClass"
	class := {
		"manifest": manifest, "cluster": cluster, "name": class_name(item), "provisioner": class_provisioner(item),
		"by_default": is_default_class(item), "encrypted": class_encrypted(item),
	}
}

class_name(item) := item.metadata.name

class_provisioner(item) := item.provisioner

is_default_class(item) if item.metadata.annotations["storageclass.kubernetes.io/is-default-class"] == "true"

is_default_class(item) := false if not item.metadata.annotations["storageclass.kubernetes.io/is-default-class"]

is_default_class(item) := false if item.metadata.annotations["storageclass.kubernetes.io/is-default-class"] != "true"

class_encrypted(item) := item.parameters.encrypted

class_encrypted(item) := "false" if not item.parameters.encrypted

# The objects that a manifest applies. The text of a Join is JSON too, with a mark in the place of each reference.
applied_objects(manifest) := objects if {
	text := trim_prefix(trim_prefix(manifest_text(manifest), "Join:"), "Sub:")
	json.is_valid(text)
	parsed := json.unmarshal(text)
	is_array(parsed)
	objects := [item | some item in parsed; is_object(item)]
}

manifest_text(manifest) := literal(manifest, ["Manifest"])

manifest_text(manifest) := partly_known(property(manifest, ["Manifest"]))

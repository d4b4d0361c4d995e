package awscontainers

import rego.v1

# eksstorage: StorageClasses that the CDK's function applies to EKS clusters, and the drivers that make their volumes.

# METADATA
# title: A cluster that runs pods on Fargate alone has a StorageClass
# description: Fargate mounts volumes on EFS that are there already, and makes none; the pods that claim a volume of the class never start.
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/userguide/storage.html
# custom:
#   id: AWSC-EKSSTORAGE-001
violation contains make_diag_at("AWSC-EKSSTORAGE-001", "ERROR", class.manifest, "Properties.Manifest", message) if {
	whole_template
	some class in eks_storage_classes
	eks_storage_volume_drivers[class.provisioner]
	eks_storage_fargate_alone(class.cluster)
	message := sprintf(
		"StorageClass %v of %v is for nodes, and cluster %v has Fargate profiles alone; give it nodes, or mount files on EFS by a PersistentVolume",
		[class.name, eks_storage_volume_drivers[class.provisioner].storage, class.cluster],
	)
}

# The drivers that AWS documents, with the add-on that brings each.
# https://docs.aws.amazon.com/eks/latest/userguide/storage.html
eks_storage_volume_drivers := {
	"ebs.csi.aws.com": {"storage": "EBS", "addon": "aws-ebs-csi-driver"},
	"efs.csi.aws.com": {"storage": "EFS", "addon": "aws-efs-csi-driver"},
	"fsx.csi.aws.com": {"storage": "FSx for Lustre", "addon": "aws-fsx-csi-driver"},
	"csi.trident.netapp.io": {"storage": "FSx for NetApp ONTAP", "addon": "netapp_trident-operator"},
}

eks_storage_auto_driver := "ebs.csi.eks.amazonaws.com"

# True if a cluster surely has no nodes.
eks_storage_fargate_alone(cluster) if {
	eks_not_auto(cluster)
	not eks_extended_elsewhere(cluster)
	profiles := {profile |
		some type in ["AWS::EKS::FargateProfile", "Custom::AWSCDK-EKS-FargateProfile"]
		some profile in resources_of_type(type)
		eks_storage_profile_of(profile, cluster)
	}
	count(profiles) > 0
	not eks_storage_has_nodes(cluster)
}

eks_storage_profile_of(profile, cluster) if cluster in eks_cluster(profile, ["ClusterName"])

eks_storage_profile_of(profile, cluster) if cluster in eks_cluster(profile, ["Config", "clusterName"])

eks_storage_has_nodes(cluster) if {
	some nodes in resources_of_type("AWS::EKS::Nodegroup")
	not eks_of_other_cluster(nodes, cluster)
}

eks_storage_has_nodes(_) if count(resources_of_type("AWS::AutoScaling::AutoScalingGroup")) > 0

eks_storage_has_nodes(_) if count(resources_of_type("AWS::EC2::Instance")) > 0

eks_storage_has_nodes(cluster) if eks_kubectl_applied_text(cluster, `karpenter`)

# METADATA
# title: A cluster in Auto Mode without other nodes has the add-on of EBS
# description: Auto Mode makes and mounts the disks itself, by classes of ebs.csi.eks.amazonaws.com, and keeps the add-on off its nodes.
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html
# custom:
#   id: AWSC-EKSSTORAGE-002
violation contains make_diag_at("AWSC-EKSSTORAGE-002", "ERROR", addon, "Properties.AddonName", message) if {
	whole_template
	some cluster, addons in eks_addons_of
	setting(cluster, eks_path(cluster, "auto"), false) in [true, "true"]
	some addon in addons
	cluster in eks_cluster(addon, ["ClusterName"])
	literal(addon, ["AddonName"]) == "aws-ebs-csi-driver"
	not eks_storage_has_nodes(cluster)
	not eks_extended_elsewhere(cluster)
	message := sprintf("add-on %v installs the driver of EBS in cluster %v, and Auto Mode has its own; leave it out, and name %v in StorageClasses", [addon, cluster, eks_storage_auto_driver])
}

# METADATA
# title: A StorageClass names a driver that the cluster has not
# description: "Nobody makes its volumes: claims stay Pending, and their pods with them."
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/userguide/storage.html
# custom:
#   id: AWSC-EKSSTORAGE-003
violation contains make_diag_at("AWSC-EKSSTORAGE-003", "WARN", class.manifest, "Properties.Manifest", message) if {
	whole_template
	some class in eks_storage_classes
	driver := eks_storage_volume_drivers[class.provisioner]
	every addon in eks_addons_of[class.cluster] {
		literal(addon, ["AddonName"]) != driver.addon
	}
	not eks_extended_elsewhere(class.cluster)
	not eks_storage_driver_by_chart(class.cluster)
	message := sprintf(
		"StorageClass %v of cluster %v has its volumes made by %v, which nothing in the template installs; add add-on %v",
		[class.name, class.cluster, class.provisioner, driver.addon],
	)
}

violation contains make_diag_at("AWSC-EKSSTORAGE-003", "WARN", class.manifest, "Properties.Manifest", message) if {
	whole_template
	some class in eks_storage_classes
	class.provisioner == eks_storage_auto_driver
	eks_not_auto(class.cluster)
	message := sprintf(
		"StorageClass %v has its volumes made by %v, which is that of Auto Mode, and cluster %v is not in it; name ebs.csi.aws.com, and add add-on aws-ebs-csi-driver",
		[class.name, eks_storage_auto_driver, class.cluster],
	)
}

# True if a chart may bring a driver.
eks_storage_driver_by_chart(cluster) if {
	some chart in resources_of_type("Custom::AWSCDK-EKS-HelmChart")
	not eks_of_other_cluster(chart, cluster)
	regex.match(`csi|trident|argo|flux`, json.marshal(input.resources[chart].properties))
}

# METADATA
# title: A cluster has more than one default StorageClass
# description: A claim that names no class gets one of them, the newest, whichever that is.
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html
# custom:
#   id: AWSC-EKSSTORAGE-004
violation contains make_diag_at("AWSC-EKSSTORAGE-004", "ERROR", class.manifest, "Properties.Manifest", message) if {
	whole_template
	some class in eks_storage_classes
	class.by_default
	others := {sprintf("%v (%v)", [other.name, other.manifest]) |
		some other in eks_storage_classes
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

# METADATA
# title: A StorageClass makes EBS volumes that are not encrypted
# description: Unless the account encrypts all volumes by default, they are not encrypted, and never will be.
# related_resources:
# - https://docs.aws.amazon.com/ebs/latest/userguide/how-ebs-encryption-works.html
# custom:
#   id: AWSC-EKSSTORAGE-005
violation contains make_diag_at("AWSC-EKSSTORAGE-005", "WARN", class.manifest, "Properties.Manifest", message) if {
	some class in eks_storage_classes
	class.provisioner in ["ebs.csi.aws.com", eks_storage_auto_driver, "kubernetes.io/aws-ebs"]
	class.encrypted != "true"
	message := sprintf("StorageClass %v has EBS volumes made without encryption; set its parameter encrypted to \"true\"", [class.name])
}

# METADATA
# title: The role of a storage driver lacks what makes volumes
# description: AWS denies it, so that claims stay Pending and their pods with them.
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/userguide/add-ons-iam.html
# custom:
#   id: AWSC-EKSSTORAGE-007
violation contains make_diag_at("AWSC-EKSSTORAGE-007", "ERROR", addon, path, message) if {
	whole_template
	some need in call_refused
	need.kind == "add-on"
	addon := need.by
	path := need.path
	name := literal(addon, ["AddonName"])
	name in {driver.addon | some driver in eks_storage_volume_drivers}
	message := sprintf("add-on %v (%v) has role %v, which does not allow %v; give it %v", [addon, name, need.role, need.action, need.policy])
}

# The roles of this template that a driver's service account has, with where that is written.
eks_storage_driver_roles(addon, account) := by_association | annotated if {
	by_association := {["Properties.PodIdentityAssociations", role] |
		some i, _ in list(addon, ["PodIdentityAssociations"])
		literal(addon, ["PodIdentityAssociations", i, "ServiceAccount"]) == account
		role := refers(property(addon, ["PodIdentityAssociations", i, "RoleArn"]), "AWS::IAM::Role")
	}
	annotated := {["Properties.ServiceAccountRoleArn", role] | role := refers(property(addon, ["ServiceAccountRoleArn"]), "AWS::IAM::Role")}
}

# The StorageClasses that are applied to clusters of this template, as far as their text shows them.
eks_storage_classes contains class if {
	some manifest in resources_of_type("Custom::AWSCDK-EKS-KubernetesResource")
	some cluster in eks_cluster(manifest, ["ClusterName"])
	some item in eks_storage_applied_objects(manifest)
	item.kind == "StorageClass"
	class := {
		"manifest": manifest, "cluster": cluster, "name": eks_storage_class_name(item), "provisioner": eks_storage_class_provisioner(item),
		"by_default": eks_storage_is_default_class(item), "encrypted": eks_storage_class_encrypted(item),
	}
}

eks_storage_class_name(item) := item.metadata.name

eks_storage_class_provisioner(item) := item.provisioner

eks_storage_is_default_class(item) if item.metadata.annotations["storageclass.kubernetes.io/is-default-class"] == "true"

eks_storage_is_default_class(item) := false if not item.metadata.annotations["storageclass.kubernetes.io/is-default-class"]

eks_storage_is_default_class(item) := false if item.metadata.annotations["storageclass.kubernetes.io/is-default-class"] != "true"

eks_storage_class_encrypted(item) := item.parameters.encrypted if item.parameters.encrypted

eks_storage_class_encrypted(item) := "false" if not item.parameters.encrypted

# The objects that a manifest applies. The text of a Join is JSON too, with a mark in the place of each reference.
eks_storage_applied_objects(manifest) := objects if {
	text := trim_prefix(trim_prefix(eks_storage_manifest_text(manifest), "Join:"), "Sub:")
	json.is_valid(text)
	parsed := json.unmarshal(text)
	is_array(parsed)
	objects := [item | some item in parsed; is_object(item)]
}

eks_storage_manifest_text(manifest) := literal(manifest, ["Manifest"])

eks_storage_manifest_text(manifest) := partly_known(property(manifest, ["Manifest"]))

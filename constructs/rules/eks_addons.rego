package awscontainers

import rego.v1

# METADATA
# title: An add-on that calls AWS has no role
# description: "Its pods are denied: no volume is made or attached, no metric and no log arrives, and the add-on may stay DEGRADED."
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/userguide/add-ons-iam.html
# custom:
#   id: AWSC-EKS-007
violation contains make_diag_at("AWSC-EKS-007", need.severity, addon, "Properties.PodIdentityAssociations", message) if {
	whole_template
	some cluster, addons in eks_addons_of
	some addon in addons
	need := eks_addons_needs[literal(addon, ["AddonName"])]
	cluster in eks_cluster(addon, ["ClusterName"])
	eks_addons_without_own_role(addon)

	# Or its pods get that of their node.
	roles := {role | some role, users in eks_nodes_users; some user in users; cluster in user.clusters}
	count(roles) > 0
	every role in roles {
		policy_role_without(role, need.action, policy_anything)
	}
	not eks_addons_associated(cluster, need.account)
	not eks_kubectl_applied_text(cluster, need.account)
	message := sprintf(
		"add-on %v (%v) of cluster %v has no role, and neither have its nodes' roles (%v) the permissions; give it PodIdentityAssociations for service account %v, or a ServiceAccountRoleArn, with a role that has %v",
		[addon, literal(addon, ["AddonName"]), cluster, listed(roles), need.account, need.policy],
	)
}

# What tells a node's role that may do an add-on's work from others. Some storage that exists already can be mounted without a role:
# hence warnings.
# https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
eks_addons_needs := {
	"amazon-cloudwatch-observability": {
		"account": "cloudwatch-agent", "action": "logs:PutLogEvents", "policy": "CloudWatchAgentServerPolicy", "severity": "ERROR",
	},
	"aws-ebs-csi-driver": {
		"account": "ebs-csi-controller-sa", "action": "ec2:CreateVolume", "policy": "AmazonEBSCSIDriverPolicy", "severity": "ERROR",
	},
	"aws-efs-csi-driver": {
		"account": "efs-csi-controller-sa", "action": "elasticfilesystem:CreateAccessPoint", "policy": "AmazonEFSCSIDriverPolicy", "severity": "WARN",
	},
	"aws-fsx-csi-driver": {
		"account": "fsx-csi-controller-sa", "action": "fsx:CreateFileSystem", "policy": "AmazonFSxFullAccess", "severity": "WARN",
	},
	"aws-mountpoint-s3-csi-driver": {
		"account": "s3-csi-driver-sa", "action": "s3:ListBucket", "policy": "s3:ListBucket, s3:GetObject and what else the pods need", "severity": "WARN",
	},
}

# True if an add-on surely is given no role by its own properties.
eks_addons_without_own_role(addon) if {
	absent(addon, ["ServiceAccountRoleArn"])
	list(addon, ["PodIdentityAssociations"]) == []
	not contains(json.marshal(property(addon, ["ConfigurationValues"])), "role-arn")
	not eks_addons_unknown_configuration(addon)
}

# A Join or Sub shows its text, and nobody hides the key of an annotation.
eks_addons_unknown_configuration(addon) if {
	value := property(addon, ["ConfigurationValues"])
	opaque(value)
	not regex.match(`^(Join|Sub):`, object.get(value, "__dynamic", ""))
}

# True if the pods of a service account may have a role by EKS Pod Identity.
eks_addons_associated(cluster, account) if {
	some name in resources_of_type("AWS::EKS::PodIdentityAssociation")
	not eks_of_other_cluster(name, cluster)
	not eks_addons_other_account(name, account)
}

eks_addons_other_account(name, account) if literal(name, ["ServiceAccount"]) != account

# METADATA
# title: Pods are given a role by EKS Pod Identity in a cluster without its agent
# description: They get no credentials, and AWS denies what they ask for.
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html
# custom:
#   id: AWSC-EKS-008
violation contains make_diag_at("AWSC-EKS-008", "ERROR", name, "Properties.ClusterName", message) if {
	whole_template
	some use in eks_addons_pod_identity_uses
	name := use.name
	eks_not_auto(use.cluster)
	every addon in eks_addons_of[use.cluster] {
		literal(addon, ["AddonName"]) != "eks-pod-identity-agent"
	}
	not eks_extended_elsewhere(use.cluster)
	not eks_kubectl_applied_text(use.cluster, "pod-identity")
	message := sprintf(
		"%v gives pods of cluster %v a role by EKS Pod Identity, but the cluster has no add-on eks-pod-identity-agent; add it",
		[name, use.cluster],
	)
}

eks_addons_pod_identity_uses contains use if {
	some name in resources_of_type("AWS::EKS::PodIdentityAssociation")
	some cluster in eks_cluster(name, ["ClusterName"])
	use := {"name": name, "cluster": cluster}
}

eks_addons_pod_identity_uses contains use if {
	some name in resources_of_type("AWS::EKS::Addon")
	some association in list(name, ["PodIdentityAssociations"])
	not opaque(association)
	some cluster in eks_cluster(name, ["ClusterName"])
	use := {"name": name, "cluster": cluster}
}

# METADATA
# title: There is no add-on of this name
# description: EKS refuses it ("Addon ... specified is not supported"), and the stack rolls back.
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
# custom:
#   id: AWSC-EKS-009
violation contains make_diag_at("AWSC-EKS-009", eks_addons_severity(name), addon, "Properties.AddonName", message) if {
	some addon in resources_of_type("AWS::EKS::Addon")
	name := literal(addon, ["AddonName"])
	not name in eks_addons_names

	# One of the AWS Marketplace: vendor_name.
	not contains(name, "_")
	message := sprintf("add-on %v has the name \"%v\", which AWS does not document; %v", [addon, name, eks_addons_advice(name)])
}

eks_addons_severity(name) := "ERROR" if count(eks_addons_similar(name)) > 0

# AWS adds some.
eks_addons_severity(name) := "WARN" if count(eks_addons_similar(name)) == 0

eks_addons_advice(name) := sprintf("write %v", [listed(eks_addons_similar(name))]) if count(eks_addons_similar(name)) > 0

eks_addons_advice(name) := sprintf("there are %v, and those of the AWS Marketplace", [listed(eks_addons_names)]) if count(eks_addons_similar(name)) == 0

eks_addons_similar(name) := {other | some other in eks_addons_names; eks_addons_stem(other) == eks_addons_stem(name)}

# Without what is easily left out or written otherwise.
eks_addons_stem(name) := regex.replace(regex.replace(lower(name), `[^a-z0-9]`, ""), `^(amazon|aws|eks)+`, "")

# https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
# https://docs.aws.amazon.com/eks/latest/userguide/community-addons.html
eks_addons_names := {
	"adot", "amazon-cloudwatch-observability", "amazon-sagemaker-hyperpod-inference", "amazon-sagemaker-hyperpod-observability",
	"amazon-sagemaker-hyperpod-taskgovernance", "amazon-sagemaker-hyperpod-training-operator", "amazon-sagemaker-spaces", "sriov-network-metrics-exporter",
	"aws-ebs-csi-driver", "aws-efs-csi-driver", "aws-fsx-csi-driver", "aws-guardduty-agent", "aws-mountpoint-s3-csi-driver",
	"aws-network-flow-monitoring-agent", "aws-privateca-connector-for-kubernetes", "aws-secrets-store-csi-driver-provider", "cert-manager",
	"coredns", "eks-node-monitoring-agent", "eks-pod-identity-agent", "external-dns", "fluent-bit", "kube-proxy", "kube-state-metrics",
	"metrics-server", "prometheus-node-exporter", "snapshot-controller", "vpc-cni",
}

# The add-ons of each cluster of this template, and those that may be.
eks_addons_of[cluster] := addons if {
	some cluster in eks_clusters
	addons := {addon | some addon in resources_of_type("AWS::EKS::Addon"); not eks_of_other_cluster(addon, cluster)}
}

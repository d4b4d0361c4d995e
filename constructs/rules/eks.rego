package awscontainers

import rego.v1

# rule: AWSC-EKS-001
# title: The role of a cluster may not be assumed by EKS
# reason: EKS refuses the cluster, and the stack rolls back; in Auto Mode no node ever comes up.
# page: https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html
violation contains make_diag_at("AWSC-EKS-001", "ERROR", role, "Properties.AssumeRolePolicyDocument", message) if {
	some cluster in eks_clusters
	role := refers(eks_property(cluster, "role"), "AWS::IAM::Role")
	refused := {action | some action in trust_actions(cluster); denied(role, ["AssumeRolePolicyDocument"], "eks", action)}
	count(refused) > 0
	message := sprintf(
		"cluster %v has role %v, whose trust policy does not allow eks.amazonaws.com %v; allow that service these actions",
		[cluster, role, listed(refused)],
	)
}

# https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html
trust_actions(cluster) := {"sts:AssumeRole", "sts:TagSession"} if eks_literal(cluster, "auto") in [true, "true"]

trust_actions(cluster) := {"sts:AssumeRole"} if not eks_literal(cluster, "auto") in [true, "true"]

# rule: AWSC-EKS-002
# title: The role of nodes lacks what every node needs
# reason: Nodes do not join the cluster or stay NotReady, because they may not look themselves up, pull an image or give pods addresses.
# page: https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html
violation contains make_diag_at("AWSC-EKS-002", "ERROR", role, "Properties.ManagedPolicyArns", message) if {
	some role, users in node_users
	missing := {policy | some user in users; some policy in missing_policies(role, user)}
	count(missing) > 0
	message := sprintf(
		"role %v of nodes (%v) lacks what these managed policies allow: %v; attach them",
		[role, listed({user.name | some user in users}), listed(missing)],
	)
}

# The roles that nodes surely have, with what gives it to them: a node group, an access entry for self-managed nodes, a cluster in
# Auto Mode.
node_users[role] contains user if {
	some name in resources_of_type("AWS::EKS::Nodegroup")
	role := refers(property(name, ["NodeRole"]), "AWS::IAM::Role")
	user := {"name": name, "clusters": eks_cluster(name, ["ClusterName"]), "kind": "managed"}
}

node_users[role] contains user if {
	some name in resources_of_type("AWS::EKS::AccessEntry")
	literal(name, ["Type"]) == "EC2_LINUX"
	role := refers(property(name, ["PrincipalArn"]), "AWS::IAM::Role")
	user := {"name": name, "clusters": eks_cluster(name, ["ClusterName"]), "kind": "self-managed"}
}

node_users[role] contains user if {
	some name in resources_of_type("AWS::EKS::Cluster")
	role := refers(property(name, ["ComputeConfig", "NodeRoleArn"]), "AWS::IAM::Role")
	user := {"name": name, "clusters": {name}, "kind": "auto"}
}

# What a role surely does not allow, as the policy that would.
missing_policies(role, user) := worker | pull | network if {
	worker := {worker_policy[user.kind] |
		role_without(role, "eks-auth:AssumeRoleForPodIdentity", anything)
		not looks_up_instances(role)
	}
	pull := {"AmazonEC2ContainerRegistryPullOnly" | role_without(role, "ecr:BatchGetImage", anything)}
	network := {"AmazonEKS_CNI_Policy" |
		some cluster in user.clusters
		gives_addresses_by_node(cluster)
		role_without(role, "ec2:AssignPrivateIpAddresses", anything)
		role_without(role, "ec2:AssignIpv6Addresses", anything)
	}
}

# https://docs.aws.amazon.com/eks/latest/userguide/auto-create-node-role.html
worker_policy := {"auto": "AmazonEKSWorkerNodeMinimalPolicy", "managed": "AmazonEKSWorkerNodePolicy", "self-managed": "AmazonEKSWorkerNodePolicy"}

# True if a policy of this template may allow what kubelet asks for. AmazonEKS_CNI_Policy does that, too, but is no policy for nodes.
looks_up_instances(role) if {
	some document in role_documents(role)
	not policy_without(document.name, document.keys, "ec2:DescribeInstances", anything)
}

looks_up_instances(role) if {
	some value in list(role, ["ManagedPolicyArns"])
	policy := refers(value, "AWS::IAM::ManagedPolicy")
	not policy_without(policy, ["PolicyDocument"], "ec2:DescribeInstances", anything)
}

# True if pods surely get their addresses from vpc-cni with the role of the node: the cluster has the add-on without a role of its own, or
# EKS installs it by itself and nothing shows that another took its place.
gives_addresses_by_node(cluster) if {
	not_auto(cluster)
	addons := addons_of[cluster]
	every addon in addons {
		literal(addon, ["AddonName"]) != "vpc-cni"
	}
	setting(cluster, eks_path(cluster, "addons"), true) in [true, "true"]
	not associated(cluster, "aws-node")
	not applied_text(cluster, `aws-node|vpc-cni|calico|cilium|antrea`)
	not extended_elsewhere(cluster)
}

gives_addresses_by_node(cluster) if {
	not_auto(cluster)
	some addon in addons_of[cluster]
	literal(addon, ["AddonName"]) == "vpc-cni"
	without_own_role(addon)
	not associated(cluster, "aws-node")
	not applied_text(cluster, `aws-node`)
}

# rule: AWSC-EKS-003
# title: The AMI type of a node group is not for its instance types
# reason: EKS refuses the node group ("is not a valid instance type for requested amiType"); without its drivers, a GPU cannot be used.
# page: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
violation contains make_diag_at("AWSC-EKS-003", "ERROR", use.group, use.path, message) if {
	some use in nodegroup_types
	image := ami_type_architecture(use.ami)
	architecture := type_architecture(use.type)
	architecture != image
	message := sprintf(
		"node group %v has AMI type %v, which is for %v, but instance type %v is %v; use an AMI type for %v or another instance type",
		[use.group, use.ami, image, use.type, architecture, architecture],
	)
}

# A warning: drivers may be installed in the cluster, as NVIDIA's GPU operator does.
violation contains make_diag_at("AWSC-EKS-003", "WARN", use.group, use.path, message) if {
	some use in nodegroup_types
	accelerator := type_accelerator(use.type)
	plain_ami_type(use.ami)
	message := sprintf(
		"node group %v has instance type %v with %v, but AMI type %v, which has no drivers for it; use an AMI type with %v",
		[use.group, use.type, accelerator.name, use.ami, accelerator.ami],
	)
}

# The instance types of each node group that are written out, with its AMI type.
nodegroup_types contains use if {
	some group in resources_of_type("AWS::EKS::Nodegroup")
	ami := nodegroup_ami(group)
	some i, _ in list(group, ["InstanceTypes"])
	type := literal(group, ["InstanceTypes", i])
	path := dotted(["InstanceTypes", i])
	use := {"group": group, "ami": ami, "type": type, "path": path}
}

nodegroup_types contains use if {
	some group in resources_of_type("AWS::EKS::Nodegroup")
	absent(group, ["InstanceTypes"])
	ami := nodegroup_ami(group)
	launch := refers(property(group, ["LaunchTemplate", "Id"]), "AWS::EC2::LaunchTemplate")
	shown_version(property(group, ["LaunchTemplate", "Version"]), launch)
	type := literal(launch, ["LaunchTemplateData", "InstanceType"])
	use := {"group": group, "ami": ami, "type": type, "path": "Properties.AmiType"}
}

nodegroup_ami(group) := literal(group, ["AmiType"])

# What EKS takes then; with a launch template, that may have an AMI.
nodegroup_ami(group) := "AL2023_x86_64_STANDARD" if {
	absent(group, ["AmiType"])
	absent(group, ["LaunchTemplate"])
}

# Undefined for CUSTOM.
ami_type_architecture(ami) := "arm64" if contains(ami, "_ARM_64")

ami_type_architecture(ami) := "x86_64" if contains(ami, "_x86_64")

plain_ami_type(ami) if regex.match(`^(AL2|AL2023|BOTTLEROCKET)_(x86_64|ARM_64)(_STANDARD|_FIPS)?$`, ami)

# The series with GPUs of NVIDIA, but for those with an "a", whose GPUs are AMD's, and those with AWS's own accelerators.
# https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
type_accelerator(type) := {"name": "an NVIDIA GPU", "ami": "NVIDIA in its name"} if regex.match(`^(g|gr|p)[0-9]+[b-z]*\.`, type)

type_accelerator(type) := {"name": "AWS Neuron", "ami": "NEURON in its name"} if regex.match(`^(inf|trn)[0-9]+[a-z]*\.`, type)

# rule: AWSC-EKS-004
# title: Nodes have no access entry, or that of people
# reason: The cluster does not know their role as one of nodes, so they start and never join it.
# page: https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
violation contains make_diag_at("AWSC-EKS-004", "ERROR", node.group, path, message) if {
	whole_template
	some node in self_managed
	eks_literal(node.cluster, "mode") == "API"
	some role in instance_roles(node.launch)
	absent(role, ["RoleName"])
	not extended_elsewhere(role)
	every entry in resources_of_type("AWS::EKS::AccessEntry") {
		not_entry_of(entry, role, node.cluster)
	}
	# EKS makes the entry for these itself.
	not made_with_entry(role)
	path := "Properties.LaunchTemplate"
	message := sprintf(
		"the instances of Auto Scaling group %v are nodes of cluster %v, which admits them by access entries alone, but their role %v has none; add an AWS::EKS::AccessEntry of type EC2_LINUX (EC2_WINDOWS) with PrincipalArn %v",
		[node.group, node.cluster, role, role],
	)
}

# EKS makes the entry of managed nodes, and takes one for a role.
violation contains make_diag_at("AWSC-EKS-004", "ERROR", entry, "Properties.PrincipalArn", message) if {
	some entry in resources_of_type("AWS::EKS::AccessEntry")
	setting(entry, ["Type"], "STANDARD") == "STANDARD"
	role := refers(property(entry, ["PrincipalArn"]), "AWS::IAM::Role")
	some user in node_users[role]
	user.kind == "managed"
	message := sprintf(
		"access entry %v is for people, and its principal %v is the role of managed nodes, for which EKS makes an entry; leave it out, or give the nodes a role of their own",
		[entry, role],
	)
}

# True if an access entry surely does not admit nodes with a role to a cluster.
not_entry_of(entry, _, cluster) if of_other_cluster(entry, cluster)

not_entry_of(entry, role, _) if refers(property(entry, ["PrincipalArn"]), "AWS::IAM::Role") != role

not_entry_of(entry, _, _) if literal(entry, ["PrincipalArn"])

not_entry_of(entry, _, _) if setting(entry, ["Type"], "STANDARD") == "STANDARD"

made_with_entry(role) if {
	some user in node_users[role]
	user.kind in {"auto", "managed"}
}

# The Auto Scaling groups whose instances surely are nodes of a cluster of this template.
self_managed contains node if {
	some group in resources_of_type("AWS::AutoScaling::AutoScalingGroup")
	launch := launch_of(group)
	some cluster in joined_clusters(group, launch)
	node := {"group": group, "launch": launch, "cluster": cluster}
}

# By the tag that nodes must have, or by user data that tells them how to reach the API.
# https://docs.aws.amazon.com/eks/latest/userguide/worker.html
joined_clusters(group, launch) := tagged | told if {
	tagged := {cluster |
		some i, _ in list(group, ["Tags"])
		text := partly_known(property(group, ["Tags", i, "Key"]))
		found := regex.find_all_string_submatch_n(cluster_tag, text, 1)
		some cluster in eks_clusters
		found[0][1] == cluster
	} | {cluster |
		some i, _ in list(group, ["Tags"])
		key := literal(group, ["Tags", i, "Key"])
		some cluster in eks_clusters
		key == sprintf("kubernetes.io/cluster/%v", [eks_literal(cluster, "name")])
	}
	told := {cluster |
		some cluster in eks_clusters
		some ref in input.resources[cluster].incomingRefs
		ref.source == launch
		contains(ref.sourcePath, "UserData")
		object.get(ref, "attr", "") in {"CertificateAuthorityData", "Endpoint"}
	}
}

# Join:kubernetes.io/cluster/{ref:Cluster}
cluster_tag := `^Join:kubernetes\.io/cluster/\{(?:part|ref):([A-Za-z0-9]+)\}$`

# rule: AWSC-EKS-005
# title: A Fargate profile has a public subnet
# reason: EKS refuses the profile: pods on Fargate run in private subnets alone, those without a route to an internet gateway.
# page: https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
violation contains make_diag_at("AWSC-EKS-005", "ERROR", profile, path, message) if {
	some profile, keys in fargate_profiles
	subnets := {id | some value in list(profile, keys.subnets); id := refers(value, "AWS::EC2::Subnet"); routed_to_gateway(id)}
	count(subnets) > 0
	path := dotted(keys.subnets)
	message := sprintf(
		"Fargate profile %v has public subnets (%v), with a route to an internet gateway; use private subnets, with a NAT gateway or endpoints",
		[profile, listed(subnets)],
	)
}

# rule: AWSC-EKS-006
# title: A Fargate profile has more than five selectors
# reason: EKS refuses the profile.
# page: https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
violation contains make_diag_at("AWSC-EKS-006", "ERROR", profile, path, message) if {
	some profile, keys in fargate_profiles
	selectors := [selector | some selector in list(profile, keys.selectors); not opaque(selector)]
	count(selectors) > 5
	path := dotted(keys.selectors)
	message := sprintf(
		"Fargate profile %v has %v selectors, and EKS takes five; use wildcards (* and ?) in the namespaces, or a second profile",
		[profile, count(selectors)],
	)
}

# The CDK's first module for EKS makes profiles by a custom resource.
fargate_profiles[profile] := keys if {
	some type, keys in {
		"AWS::EKS::FargateProfile": {"selectors": ["Selectors"], "subnets": ["Subnets"]},
		"Custom::AWSCDK-EKS-FargateProfile": {"selectors": ["Config", "selectors"], "subnets": ["Config", "subnets"]},
	}
	some profile in resources_of_type(type)
}

# rule: AWSC-EKS-007
# title: An add-on that calls AWS has no role
# reason: Its pods are denied: no volume is made or attached, no metric and no log arrives, and the add-on may stay DEGRADED.
# page: https://docs.aws.amazon.com/eks/latest/userguide/add-ons-iam.html
violation contains make_diag_at("AWSC-EKS-007", need.severity, addon, "Properties.PodIdentityAssociations", message) if {
	whole_template
	some cluster, addons in addons_of
	some addon in addons
	need := addon_needs[literal(addon, ["AddonName"])]
	cluster in eks_cluster(addon, ["ClusterName"])
	without_own_role(addon)
	# Or its pods get that of their node.
	roles := {role | some role, users in node_users; some user in users; cluster in user.clusters}
	count(roles) > 0
	every role in roles {
		role_without(role, need.action, anything)
	}
	not associated(cluster, need.account)
	not applied_text(cluster, need.account)
	message := sprintf(
		"add-on %v (%v) of cluster %v has no role, and neither have its nodes' roles (%v) the permissions; give it PodIdentityAssociations for service account %v, or a ServiceAccountRoleArn, with a role that has %v",
		[addon, literal(addon, ["AddonName"]), cluster, listed(roles), need.account, need.policy],
	)
}

# What tells a node's role that may do an add-on's work from others. Some storage that exists already can be mounted without a role:
# hence warnings.
# https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
addon_needs := {
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
without_own_role(addon) if {
	absent(addon, ["ServiceAccountRoleArn"])
	list(addon, ["PodIdentityAssociations"]) == []
	not contains(json.marshal(property(addon, ["ConfigurationValues"])), "role-arn")
	not unknown_configuration(addon)
}

# A Join or Sub shows its text, and nobody hides the key of an annotation.
unknown_configuration(addon) if {
	value := property(addon, ["ConfigurationValues"])
	opaque(value)
	not regex.match(`^(Join|Sub):`, object.get(value, "__dynamic", ""))
}

# True if the pods of a service account may have a role by EKS Pod Identity.
associated(cluster, account) if {
	some name in resources_of_type("AWS::EKS::PodIdentityAssociation")
	not of_other_cluster(name, cluster)
	not other_account(name, account)
}

other_account(name, account) if literal(name, ["ServiceAccount"]) != account

# rule: AWSC-EKS-008
# title: Pods are given a role by EKS Pod Identity in a cluster without its agent
# reason: They get no credentials, and AWS denies what they ask for.
# page: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html
violation contains make_diag_at("AWSC-EKS-008", "ERROR", name, "Properties.ClusterName", message) if {
	whole_template
	some use in pod_identity_uses
	name := use.name
	not_auto(use.cluster)
	every addon in addons_of[use.cluster] {
		literal(addon, ["AddonName"]) != "eks-pod-identity-agent"
	}
	not extended_elsewhere(use.cluster)
	not applied_text(use.cluster, "pod-identity")
	message := sprintf(
		"%v gives pods of cluster %v a role by EKS Pod Identity, but the cluster has no add-on eks-pod-identity-agent; add it",
		[name, use.cluster],
	)
}

pod_identity_uses contains use if {
	some name in resources_of_type("AWS::EKS::PodIdentityAssociation")
	some cluster in eks_cluster(name, ["ClusterName"])
	use := {"name": name, "cluster": cluster}
}

pod_identity_uses contains use if {
	some name in resources_of_type("AWS::EKS::Addon")
	some association in list(name, ["PodIdentityAssociations"])
	not opaque(association)
	some cluster in eks_cluster(name, ["ClusterName"])
	use := {"name": name, "cluster": cluster}
}

# rule: AWSC-EKS-009
# title: There is no add-on of this name
# reason: EKS refuses it ("Addon ... specified is not supported"), and the stack rolls back.
# page: https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
violation contains make_diag_at("AWSC-EKS-009", addon_severity(name), addon, "Properties.AddonName", message) if {
	some addon in resources_of_type("AWS::EKS::Addon")
	name := literal(addon, ["AddonName"])
	not name in addon_names
	# One of the AWS Marketplace: vendor_name.
	not contains(name, "_")
	message := sprintf("add-on %v has the name \"%v\", which AWS does not document; %v", [addon, name, addon_advice(name)])
}

addon_severity(name) := "ERROR" if count(similar_addons(name)) > 0

# AWS adds some.
addon_severity(name) := "WARN" if count(similar_addons(name)) == 0

addon_advice(name) := sprintf("write %v", [listed(similar_addons(name))]) if count(similar_addons(name)) > 0

addon_advice(name) := sprintf("there are %v, and those of the AWS Marketplace", [listed(addon_names)]) if count(similar_addons(name)) == 0

similar_addons(name) := {other | some other in addon_names; addon_stem(other) == addon_stem(name)}

# Without what is easily left out or written otherwise.
addon_stem(name) := regex.replace(regex.replace(lower(name), `[^a-z0-9]`, ""), `^(amazon|aws|eks)+`, "")

# https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
# https://docs.aws.amazon.com/eks/latest/userguide/community-addons.html
addon_names := {
	"adot", "amazon-cloudwatch-observability", "amazon-sagemaker-hyperpod-inference", "amazon-sagemaker-hyperpod-observability",
	"amazon-sagemaker-hyperpod-taskgovernance", "amazon-sagemaker-hyperpod-training-operator", "amazon-sagemaker-spaces", "sriov-network-metrics-exporter",
	"aws-ebs-csi-driver", "aws-efs-csi-driver", "aws-fsx-csi-driver", "aws-guardduty-agent", "aws-mountpoint-s3-csi-driver",
	"aws-network-flow-monitoring-agent", "aws-privateca-connector-for-kubernetes", "aws-secrets-store-csi-driver-provider", "cert-manager",
	"coredns", "eks-node-monitoring-agent", "eks-pod-identity-agent", "external-dns", "fluent-bit", "kube-proxy", "kube-state-metrics",
	"metrics-server", "prometheus-node-exporter", "snapshot-controller", "vpc-cni",
}

# rule: AWSC-EKS-010
# title: The kubectl that applies Kubernetes objects is too old or too new for the cluster
# reason: kubectl serves clusters of its own minor version, one older and one newer; beyond that, applying an object may fail or drop fields.
# page: https://docs.aws.amazon.com/eks/latest/userguide/install-kubectl.html
violation contains make_diag_at("AWSC-EKS-010", "ERROR", cluster, path, message) if {
	some [cluster, layer] in kubectl_layers
	version := eks_literal(cluster, "version")
	minor := minor_of(`^1\.([0-9]+)$`, sprintf("%v", [version]))
	given := minor_of(`/kubectl 1\.([0-9]+)\.`, literal(layer, ["Description"]))
	abs(minor - given) > 1
	path := dotted(eks_path(cluster, "version"))
	message := sprintf(
		"cluster %v has Kubernetes %v, but layer %v of its kubectl provider has kubectl 1.%v, which serves 1.%v to 1.%v; use the layer of the cluster's version, or of one next to it",
		[cluster, version, layer, given, given - 1, given + 1],
	)
}

minor_of(pattern, text) := to_number(regex.find_all_string_submatch_n(pattern, text, 1)[0][1])

# The clusters to which the CDK's kubectl provider applies something, with the layers of its function: one that it calls, or one in a
# nested stack.
kubectl_layers contains [cluster, layer] if {
	some cluster, providers in kubectl_providers
	some provider in providers
	keys := ["Environment", "Variables", "USER_ON_EVENT_FUNCTION_ARN"]
	function := refers(property(provider, keys), "AWS::Lambda::Function")
	some value in list(function, ["Layers"])
	layer := refers(value, "AWS::Lambda::LayerVersion")
}

kubectl_layers contains [cluster, layer] if {
	some cluster, providers in kubectl_providers
	some provider in providers
	input.resources[provider].resourceType == "AWS::CloudFormation::Stack"
	some value in property(provider, ["Parameters"])
	layer := refers(value, "AWS::Lambda::LayerVersion")
}

kubectl_providers[cluster] contains provider if {
	some name in applied
	some cluster in eks_cluster(name, ["ClusterName"])
	provider := property(name, ["ServiceToken"]).__ref
}

# What the CDK applies by kubectl and helm.
applied contains name if {
	some type in [
		"Custom::AWSCDK-EKS-HelmChart", "Custom::AWSCDK-EKS-KubernetesObjectValue", "Custom::AWSCDK-EKS-KubernetesPatch",
		"Custom::AWSCDK-EKS-KubernetesResource",
	]
	some name in resources_of_type(type)
}

# True if something that is applied to a cluster says so.
applied_text(cluster, pattern) if {
	some name in applied
	not of_other_cluster(name, cluster)
	regex.match(pattern, json.marshal(input.resources[name].properties))
}

# rule: AWSC-EKS-011
# title: A cluster has subnets in fewer than two Availability Zones
# reason: EKS refuses the cluster: its control plane needs subnets in two or more.
# page: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
violation contains make_diag_at("AWSC-EKS-011", "ERROR", cluster, path, message) if {
	some cluster in eks_clusters
	# One on an Outpost has its own needs.
	absent(cluster, ["OutpostConfig"])
	keys := eks_path(cluster, "subnets")
	subnets := list(cluster, keys)
	count(subnets) > 0
	zones := {zone | some i, subnet in subnets; zone := zone_key(i, subnet)}
	every i, subnet in subnets {
		zone_key(i, subnet)
	}
	count(zones) < 2
	path := dotted(keys)
	message := sprintf(
		"cluster %v has too few Availability Zones (subnets: %v, zones: %v); give it subnets in two or more",
		[cluster, count(subnets), count(zones)],
	)
}

# rule: AWSC-EKS-012
# title: The security groups of self-managed nodes and of the control plane shut each other out
# reason: Nodes that do not reach port 443 of the control plane never join; without port 10250 of the nodes there are no logs, no exec and no metrics.
# page: https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
violation contains make_diag_at("AWSC-EKS-012", "ERROR", node.group, "Properties.LaunchTemplate", message) if {
	whole_template
	some node in self_managed
	keys := array.concat(launch_keys[input.resources[node.launch].resourceType], [launch_groups[input.resources[node.launch].resourceType]])
	# Undefined where the cluster's own security group is among them, which lets all through.
	groups := references(node.launch, keys, "AWS::EC2::SecurityGroup")
	control := control_groups(node.cluster)
	complete_groups(groups | control)
	not shares_its_group(node.cluster)
	problems := control_problems(node.cluster, groups, control)
	count(problems) > 0
	message := sprintf(
		"the nodes of Auto Scaling group %v (security groups: %v) and the control plane of cluster %v do not meet: %v; give the nodes the cluster's own security group (GetAtt %v.ClusterSecurityGroupId), or add the rules",
		[node.group, listed(groups), node.cluster, joined(sort(problems)), node.cluster],
	)
}

launch_groups := {"AWS::AutoScaling::LaunchConfiguration": "SecurityGroups", "AWS::EC2::LaunchTemplate": "SecurityGroupIds"}

# The security groups of the control plane besides the one that EKS makes. Undefined unless all are known.
control_groups(cluster) := references(cluster, eks_path(cluster, "groups"), "AWS::EC2::SecurityGroup")

control_groups(cluster) := set() if list(cluster, eks_path(cluster, "groups")) == []

# True if somebody else may add rules to the security group that EKS makes.
shares_its_group(cluster) if {
	some ref in input.resources[cluster].incomingRefs
	object.get(ref, "attr", "") == "ClusterSecurityGroupId"
	given_out(ref)
}

given_out(ref) if startswith(ref.source, "__output__")

given_out(ref) if regex.match(`^(Custom::|AWS::CloudFormation::)`, input.resources[ref.source].resourceType)

control_problems(cluster, groups, control) := inward | outward | back if {
	inward := {"the control plane admits nothing from the nodes on tcp 443" |
		# Otherwise they go by the internet.
		eks_literal(cluster, "private") in [true, "true"]
		shut_in(control, 443, groups)
		every rule in own_rules(cluster) {
			blocks_nodes(rule, groups)
		}
	}
	outward := {"the nodes let nothing out on tcp 443" | shut_out(groups, 443, control)}
	back := {"the nodes admit nothing from the control plane on tcp 10250" | shut_in(groups, 10250, control)}
}

# The rules that the template adds to the security group that EKS makes, which by itself admits only what carries it.
own_rules(cluster) := {{"name": ref.source, "keys": []} |
	some ref in input.resources[cluster].incomingRefs
	object.get(ref, "attr", "") == "ClusterSecurityGroupId"
	input.resources[ref.source].resourceType == "AWS::EC2::SecurityGroupIngress"
	startswith(ref.sourcePath, "Properties.GroupId")
}

blocks_nodes(rule, groups) if blocks(rule, "SourceSecurityGroupId", 443, groups)

blocks_nodes(rule, _) if {
	source := property(rule.name, ["SourceSecurityGroupId"])
	source.__kind == "getatt:ClusterSecurityGroupId"
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
not_auto(cluster) if setting(cluster, eks_path(cluster, "auto"), false) in [false, "false"]

# The cluster of this template that a property names, as a set: none if it is another or unknown.
eks_cluster(name, keys) := named | written if {
	value := property(name, keys)
	named := {cluster | some cluster in eks_clusters; value.__ref == cluster; value.__kind in {"part", "resource"}}
	written := {cluster | some cluster in eks_clusters; eks_literal(cluster, "name") == literal(name, keys)}
}

# True if something surely belongs to another cluster.
of_other_cluster(name, cluster) if {
	clusters := eks_cluster(name, ["ClusterName"])
	count(clusters) > 0
	not cluster in clusters
}

# The add-ons of each cluster of this template, and those that may be.
addons_of[cluster] := addons if {
	some cluster in eks_clusters
	addons := {addon | some addon in resources_of_type("AWS::EKS::Addon"); not of_other_cluster(addon, cluster)}
}

# True if somebody else may add to a cluster or role what this template does not show: another stack that takes it from this one, or code
# other than the CDK's for EKS. An output for people to read does not count.
extended_elsewhere(name) if {
	some ref in input.resources[name].incomingRefs
	startswith(ref.source, "__output__")
	object.get(object.get(input.outputs, trim_prefix(ref.source, "__output__"), {}), "exportName", "") != null
}

extended_elsewhere(name) if {
	some ref in input.resources[name].incomingRefs
	object.get(ref, "attr", "") != "ClusterSecurityGroupId"
	type := input.resources[ref.source].resourceType
	regex.match(`^(Custom::|AWS::CloudFormation::(CustomResource|Stack)$)`, type)
	not startswith(type, "Custom::AWSCDK-EKS-")
}

package awscontainers

import rego.v1

# METADATA
# title: The role of nodes lacks what every node needs
# description: Nodes do not join the cluster or stay NotReady, because they may not look themselves up, pull an image or give pods addresses.
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html
# custom:
#   id: AWSC-EKS-002
violation contains make_diag_at("AWSC-EKS-002", "ERROR", role, "Properties.ManagedPolicyArns", message) if {
	some role, users in eks_nodes_users
	missing := {policy | some user in users; some policy in eks_nodes_missing_policies(role, user)}
	count(missing) > 0
	message := sprintf(
		"role %v of nodes (%v) lacks what these managed policies allow: %v; attach them",
		[role, listed({user.name | some user in users}), listed(missing)],
	)
}

# The roles that nodes surely have, with what gives it to them: a node group, an access entry for self-managed nodes, a cluster in
# Auto Mode.
eks_nodes_users[role] contains user if {
	some name in resources_of_type("AWS::EKS::Nodegroup")
	role := refers(property(name, ["NodeRole"]), "AWS::IAM::Role")
	user := {"name": name, "clusters": eks_cluster(name, ["ClusterName"]), "kind": "managed"}
}

eks_nodes_users[role] contains user if {
	some name in resources_of_type("AWS::EKS::AccessEntry")
	literal(name, ["Type"]) == "EC2_LINUX"
	role := refers(property(name, ["PrincipalArn"]), "AWS::IAM::Role")
	user := {"name": name, "clusters": eks_cluster(name, ["ClusterName"]), "kind": "self-managed"}
}

eks_nodes_users[role] contains user if {
	some name in resources_of_type("AWS::EKS::Cluster")
	role := refers(property(name, ["ComputeConfig", "NodeRoleArn"]), "AWS::IAM::Role")
	user := {"name": name, "clusters": {name}, "kind": "auto"}
}

# What a role surely does not allow, as the policy that would.
eks_nodes_missing_policies(role, user) := (worker | pull) | network if {
	worker := {eks_nodes_worker_policy[user.kind] |
		policy_role_without(role, "eks-auth:AssumeRoleForPodIdentity", policy_anything)
		not eks_nodes_looks_up_instances(role)
	}
	pull := {"AmazonEC2ContainerRegistryPullOnly" | policy_role_without(role, "ecr:BatchGetImage", policy_anything)}
	network := {"AmazonEKS_CNI_Policy" |
		some cluster in user.clusters
		eks_nodes_gives_addresses_by_node(cluster)
		policy_role_without(role, "ec2:AssignPrivateIpAddresses", policy_anything)
		policy_role_without(role, "ec2:AssignIpv6Addresses", policy_anything)
	}
}

# https://docs.aws.amazon.com/eks/latest/userguide/auto-create-node-role.html
eks_nodes_worker_policy := {"auto": "AmazonEKSWorkerNodeMinimalPolicy", "managed": "AmazonEKSWorkerNodePolicy", "self-managed": "AmazonEKSWorkerNodePolicy"}

# True if a policy of this template may allow what kubelet asks for. AmazonEKS_CNI_Policy does that, too, but is no policy for nodes.
eks_nodes_looks_up_instances(role) if {
	some document in policy_documents(role)
	not policy_without(document.name, document.keys, "ec2:DescribeInstances", policy_anything)
}

eks_nodes_looks_up_instances(role) if {
	some value in list(role, ["ManagedPolicyArns"])
	policy := refers(value, "AWS::IAM::ManagedPolicy")
	not policy_without(policy, ["PolicyDocument"], "ec2:DescribeInstances", policy_anything)
}

# True if pods surely get their addresses from vpc-cni with the role of the node: the cluster has the add-on without a role of its own, or
# EKS installs it by itself and nothing shows that another took its place.
eks_nodes_gives_addresses_by_node(cluster) if {
	eks_not_auto(cluster)
	addons := eks_addons_of[cluster]
	every addon in addons {
		literal(addon, ["AddonName"]) != "vpc-cni"
	}
	setting(cluster, eks_path(cluster, "addons"), true) in [true, "true"]
	not eks_addons_associated(cluster, "aws-node")
	not eks_kubectl_applied_text(cluster, `aws-node|vpc-cni|calico|cilium|antrea`)
	not eks_extended_elsewhere(cluster)
}

eks_nodes_gives_addresses_by_node(cluster) if {
	eks_not_auto(cluster)
	some addon in eks_addons_of[cluster]
	literal(addon, ["AddonName"]) == "vpc-cni"
	eks_addons_without_own_role(addon)
	not eks_addons_associated(cluster, "aws-node")
	not eks_kubectl_applied_text(cluster, `aws-node`)
}

# METADATA
# title: The AMI type of a node group is not for its instance types
# description: EKS refuses the node group ("is not a valid instance type for requested amiType"); without its drivers, a GPU cannot be used.
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
# custom:
#   id: AWSC-EKS-003
violation contains make_diag_at("AWSC-EKS-003", "ERROR", use.group, use.path, message) if {
	some use in eks_nodes_types
	image := eks_nodes_ami_type_architecture(use.ami)
	architecture := instances_architecture(use.type)
	architecture != image
	message := sprintf(
		"node group %v has AMI type %v, which is for %v, but instance type %v is %v; use an AMI type for %v or another instance type",
		[use.group, use.ami, image, use.type, architecture, architecture],
	)
}

# A warning: drivers may be installed in the cluster, as NVIDIA's GPU operator does.
violation contains make_diag_at("AWSC-EKS-003", "WARN", use.group, use.path, message) if {
	some use in eks_nodes_types
	accelerator := eks_nodes_type_accelerator(use.type)
	eks_nodes_plain_ami_type(use.ami)
	message := sprintf(
		"node group %v has instance type %v with %v, but AMI type %v, which has no drivers for it; use an AMI type with %v",
		[use.group, use.type, accelerator.name, use.ami, accelerator.ami],
	)
}

# The instance types of each node group that are written out, with its AMI type.
eks_nodes_types contains use if {
	some group in resources_of_type("AWS::EKS::Nodegroup")
	ami := eks_nodes_ami(group)
	some i, _ in list(group, ["InstanceTypes"])
	type := literal(group, ["InstanceTypes", i])
	path := dotted(["InstanceTypes", i])
	use := {"group": group, "ami": ami, "type": type, "path": path}
}

eks_nodes_types contains use if {
	some group in resources_of_type("AWS::EKS::Nodegroup")
	absent(group, ["InstanceTypes"])
	ami := eks_nodes_ami(group)
	launch := refers(property(group, ["LaunchTemplate", "Id"]), "AWS::EC2::LaunchTemplate")
	instances_shown_version(property(group, ["LaunchTemplate", "Version"]), launch)
	type := literal(launch, ["LaunchTemplateData", "InstanceType"])
	use := {"group": group, "ami": ami, "type": type, "path": "Properties.AmiType"}
}

eks_nodes_ami(group) := literal(group, ["AmiType"])

# What EKS takes then; with a launch template, that may have an AMI.
eks_nodes_ami(group) := "AL2023_x86_64_STANDARD" if {
	absent(group, ["AmiType"])
	absent(group, ["LaunchTemplate"])
}

# Undefined for CUSTOM.
eks_nodes_ami_type_architecture(ami) := "arm64" if contains(ami, "_ARM_64")

eks_nodes_ami_type_architecture(ami) := "x86_64" if contains(ami, "_x86_64")

eks_nodes_plain_ami_type(ami) if regex.match(`^(AL2|AL2023|BOTTLEROCKET)_(x86_64|ARM_64)(_STANDARD|_FIPS)?$`, ami)

# The series with GPUs of NVIDIA, but for those with an "a", whose GPUs are AMD's, and those with AWS's own accelerators.
# https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
eks_nodes_type_accelerator(type) := {"name": "an NVIDIA GPU", "ami": "NVIDIA in its name"} if regex.match(`^(g|gr|p)[0-9]+[b-z]*\.`, type)

eks_nodes_type_accelerator(type) := {"name": "AWS Neuron", "ami": "NEURON in its name"} if regex.match(`^(inf|trn)[0-9]+[a-z]*\.`, type)

# METADATA
# title: Nodes have no access entry, or that of people
# description: The cluster does not know their role as one of nodes, so they start and never join it.
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
# custom:
#   id: AWSC-EKS-004
violation contains make_diag_at("AWSC-EKS-004", "ERROR", node.group, path, message) if {
	whole_template
	some node in eks_nodes_self_managed
	eks_literal(node.cluster, "mode") == "API"
	some role in instances_roles(node.launch)
	absent(role, ["RoleName"])
	not eks_extended_elsewhere(role)
	every entry in resources_of_type("AWS::EKS::AccessEntry") {
		eks_nodes_not_entry_of(entry, role, node.cluster)
	}

	# EKS makes the entry for these itself.
	not eks_nodes_made_with_entry(role)
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
	some user in eks_nodes_users[role]
	user.kind == "managed"
	message := sprintf(
		"access entry %v is for people, and its principal %v is the role of managed nodes, for which EKS makes an entry; leave it out, or give the nodes a role of their own",
		[entry, role],
	)
}

# True if an access entry surely does not admit nodes with a role to a cluster.
eks_nodes_not_entry_of(entry, _, cluster) if eks_of_other_cluster(entry, cluster)

eks_nodes_not_entry_of(entry, role, _) if refers(property(entry, ["PrincipalArn"]), "AWS::IAM::Role") != role

eks_nodes_not_entry_of(entry, _, _) if literal(entry, ["PrincipalArn"])

eks_nodes_not_entry_of(entry, _, _) if setting(entry, ["Type"], "STANDARD") == "STANDARD"

eks_nodes_made_with_entry(role) if {
	some user in eks_nodes_users[role]
	user.kind in {"auto", "managed"}
}

# The Auto Scaling groups whose instances surely are nodes of a cluster of this template.
eks_nodes_self_managed contains node if {
	some group in resources_of_type("AWS::AutoScaling::AutoScalingGroup")
	launch := instances_launch(group)
	some cluster in eks_nodes_clusters(group, launch)
	node := {"group": group, "launch": launch, "cluster": cluster}
}

# By the tag that nodes must have, or by user data that tells them how to reach the API.
# https://docs.aws.amazon.com/eks/latest/userguide/worker.html
eks_nodes_clusters(group, launch) := tagged | told if {
	tagged := {cluster |
		some i, _ in list(group, ["Tags"])
		text := partly_known(property(group, ["Tags", i, "Key"]))
		found := regex.find_all_string_submatch_n(eks_nodes_cluster_tag, text, 1)
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
eks_nodes_cluster_tag := `^Join:kubernetes\.io/cluster/\{(?:part|ref):([A-Za-z0-9]+)\}$`

# METADATA
# title: The security groups of self-managed nodes and of the control plane shut each other out
# description: Nodes that do not reach port 443 of the control plane never join; without port 10250 of the nodes there are no logs, no exec and no metrics.
# related_resources:
# - https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
# custom:
#   id: AWSC-EKS-012
violation contains make_diag_at("AWSC-EKS-012", "ERROR", node.group, "Properties.LaunchTemplate", message) if {
	whole_template
	some node in eks_nodes_self_managed
	keys := array.concat(instances_keys[input.resources[node.launch].resourceType], [eks_nodes_launch_groups[input.resources[node.launch].resourceType]])

	# Undefined where the cluster's own security group is among them, which lets all through.
	groups := references(node.launch, keys, "AWS::EC2::SecurityGroup")
	control := eks_nodes_control_groups(node.cluster)
	reach_complete_groups(groups | control)
	not eks_nodes_shares_its_group(node.cluster)
	problems := eks_nodes_control_problems(node.cluster, groups, control)
	count(problems) > 0
	message := sprintf(
		"the nodes of Auto Scaling group %v (security groups: %v) and the control plane of cluster %v do not meet: %v; give the nodes the cluster's own security group (GetAtt %v.ClusterSecurityGroupId), or add the rules",
		[node.group, listed(groups), node.cluster, joined(sort(problems)), node.cluster],
	)
}

eks_nodes_launch_groups := {"AWS::AutoScaling::LaunchConfiguration": "SecurityGroups", "AWS::EC2::LaunchTemplate": "SecurityGroupIds"}

# The security groups of the control plane besides the one that EKS makes. Undefined unless all are known.
eks_nodes_control_groups(cluster) := references(cluster, eks_path(cluster, "groups"), "AWS::EC2::SecurityGroup")

eks_nodes_control_groups(cluster) := set() if list(cluster, eks_path(cluster, "groups")) == []

# True if somebody else may add rules to the security group that EKS makes.
eks_nodes_shares_its_group(cluster) if {
	some ref in input.resources[cluster].incomingRefs
	object.get(ref, "attr", "") == "ClusterSecurityGroupId"
	eks_nodes_given_out(ref)
}

eks_nodes_given_out(ref) if startswith(ref.source, "__output__")

eks_nodes_given_out(ref) if regex.match(`^(Custom::|AWS::CloudFormation::)`, input.resources[ref.source].resourceType)

eks_nodes_control_problems(cluster, groups, control) := (inward | outward) | back if {
	inward := {"the control plane admits nothing from the nodes on tcp 443" |
		# Otherwise they go by the internet.
		eks_literal(cluster, "private") in [true, "true"]
		reach_shut_in(control, 443, groups)
		every rule in eks_nodes_own_rules(cluster) {
			eks_nodes_blocks_nodes(rule, groups)
		}
	}
	outward := {"the nodes let nothing out on tcp 443" | reach_shut_out(groups, 443, control)}
	back := {"the nodes admit nothing from the control plane on tcp 10250" | reach_shut_in(groups, 10250, control)}
}

# The rules that the template adds to the security group that EKS makes, which by itself admits only what carries it.
eks_nodes_own_rules(cluster) := {{"name": ref.source, "keys": []} |
	some ref in input.resources[cluster].incomingRefs
	object.get(ref, "attr", "") == "ClusterSecurityGroupId"
	input.resources[ref.source].resourceType == "AWS::EC2::SecurityGroupIngress"
	startswith(ref.sourcePath, "Properties.GroupId")
}

eks_nodes_blocks_nodes(rule, groups) if reach_blocks(rule, "SourceSecurityGroupId", 443, groups)

eks_nodes_blocks_nodes(rule, _) if {
	source := property(rule.name, ["SourceSecurityGroupId"])
	source.__kind == "getatt:ClusterSecurityGroupId"
}

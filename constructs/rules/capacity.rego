package awscontainers

import rego.v1

# rule: AWSC-CAPACITY-001
# title: A capacity provider strategy names a provider that is not associated with the cluster
# reason: ECS refuses the service or the default strategy ("cannot contain a capacity provider that is not associated with the cluster").
# page: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
violation contains make_diag_at("AWSC-CAPACITY-001", "ERROR", use.user, path, message) if {
	whole_template
	some use in provider_uses
	not handed_on(use.cluster)
	lists := [providers | some holder in use.holders; providers := listed_providers[holder]]
	count(lists) == count(use.holders)
	associated := {provider | some providers in lists; some provider in providers}
	unassociated(use.provider, associated)
	path := dotted(use.keys)
	message := sprintf(
		"%v runs tasks on capacity provider %v, which is not among those of cluster %v (%v); add it to the CapacityProviders of the cluster's AWS::ECS::ClusterCapacityProviderAssociations",
		[use.user, use.provider, use.cluster, listed(associated)],
	)
}

# Each provider in the strategy of a service, and in the default strategy of a cluster, with what must list it.
provider_uses contains use if {
	some service in resources_of_type("AWS::ECS::Service")
	cluster := refers(property(service, ["Cluster"]), "AWS::ECS::Cluster")
	some i, _ in list(service, ["CapacityProviderStrategy"])
	keys := ["CapacityProviderStrategy", i, "CapacityProvider"]
	provider := provider_at(service, keys)
	holders := associations_of(cluster) | {cluster}
	use := {"user": service, "cluster": cluster, "keys": keys, "provider": provider, "holders": holders}
}

provider_uses contains use if {
	some kind in ["AWS::ECS::Cluster", "AWS::ECS::ClusterCapacityProviderAssociations"]
	some user in resources_of_type(kind)
	cluster := cluster_of(user)
	some i, _ in list(user, ["DefaultCapacityProviderStrategy"])
	keys := ["DefaultCapacityProviderStrategy", i, "CapacityProvider"]
	provider := provider_at(user, keys)
	use := {"user": user, "cluster": cluster, "keys": keys, "provider": provider, "holders": {user}}
}

cluster_of(name) := name if input.resources[name].resourceType == "AWS::ECS::Cluster"

cluster_of(name) := refers(property(name, ["Cluster"]), "AWS::ECS::Cluster")

# A provider by its logical id, or by its name if that is written out.
provider_at(name, keys) := refers(property(name, keys), "AWS::ECS::CapacityProvider")

provider_at(name, keys) := literal(name, keys)

# The providers that a cluster or an association lists. Undefined unless all are known.
listed_providers[holder] := providers if {
	some kind in ["AWS::ECS::Cluster", "AWS::ECS::ClusterCapacityProviderAssociations"]
	some holder in resources_of_type(kind)
	elements := list(holder, ["CapacityProviders"])
	providers := {provider | some i, _ in elements; provider := provider_at(holder, ["CapacityProviders", i])}
	every i, _ in elements {
		provider_at(holder, ["CapacityProviders", i])
	}
}

# The associations of a cluster, and those that may be.
associations_of(cluster) := {association |
	some association in resources_of_type("AWS::ECS::ClusterCapacityProviderAssociations")
	not of_another_cluster(association, cluster)
}

of_another_cluster(association, cluster) if cluster_of(association) != cluster

unassociated(provider, associated) if {
	provider in fargate_providers
	not provider in associated
}

# A provider for Managed Instances belongs to its cluster from the start. Others that are known by name only may be such.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCapacityProvider.html
unassociated(provider, associated) if {
	absent(provider, ["ManagedInstancesProvider"])
	not provider in associated
	name := setting(provider, ["Name"], provider)
	not name in associated
}

fargate_providers := {"FARGATE", "FARGATE_SPOT"}

# rule: AWSC-CAPACITY-002
# title: A service on capacity providers does not depend on their association with the cluster
# reason: CloudFormation may create the service first, which ECS refuses, and deletes the association first, which fails: the providers are in use.
# page: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html
violation contains make_diag_at("AWSC-CAPACITY-002", "ERROR", service, "DependsOn", message) if {
	some association in resources_of_type("AWS::ECS::ClusterCapacityProviderAssociations")
	cluster := cluster_of(association)
	dependents := made_after[association]
	some ref in input.resources[cluster].incomingRefs
	value_path(ref) == "Properties.Cluster"
	service := ref.source
	input.resources[service].resourceType == "AWS::ECS::Service"
	exists_with(association, service)
	runs_on_providers_of(service, association)
	not service in dependents
	message := sprintf(
		"service %v runs on capacity providers of cluster %v, but may be created before and deleted after their association %v; add %v to the service's DependsOn",
		[service, cluster, association, association],
	)
}

runs_on_providers_of(service, association) if {
	some i, _ in list(service, ["CapacityProviderStrategy"])
	provider := provider_at(service, ["CapacityProviderStrategy", i, "CapacityProvider"])
	some j, _ in list(association, ["CapacityProviders"])
	provider == provider_at(association, ["CapacityProviders", j])
}

runs_on_providers_of(service, association) if {
	takes_default_strategy(service)
	count(list(association, ["DefaultCapacityProviderStrategy"])) > 0
}

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
takes_default_strategy(service) if {
	absent(service, ["LaunchType"])
	list(service, ["CapacityProviderStrategy"]) == []
	setting(service, ["DeploymentController", "Type"], "ECS") != "EXTERNAL"
}

# rule: AWSC-CAPACITY-003
# title: A capacity provider protects its instances from termination, but what that needs is switched off
# reason: ECS refuses managed termination protection without scale-in protection; without managed scaling it does not work.
# page: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-termination-protection.html
violation contains make_diag_at("AWSC-CAPACITY-003", "ERROR", group, "Properties.NewInstancesProtectedFromScaleIn", message) if {
	some provider in protecting_providers
	group := group_of(provider)
	setting(group, ["NewInstancesProtectedFromScaleIn"], false) in [false, "false"]
	message := sprintf(
		"capacity provider %v has managed termination protection, but its Auto Scaling group %v does not protect new instances from scale-in; set NewInstancesProtectedFromScaleIn to true, or ManagedTerminationProtection to DISABLED",
		[provider, group],
	)
}

violation contains make_diag_at("AWSC-CAPACITY-003", "ERROR", provider, path, message) if {
	some provider in protecting_providers
	keys := ["AutoScalingGroupProvider", "ManagedScaling", "Status"]
	literal(provider, keys) == "DISABLED"
	path := dotted(keys)
	message := sprintf(
		"capacity provider %v has managed termination protection, which does nothing without managed scaling; set ManagedScaling.Status to ENABLED, or ManagedTerminationProtection to DISABLED",
		[provider],
	)
}

protecting_providers contains provider if {
	some provider in resources_of_type("AWS::ECS::CapacityProvider")
	literal(provider, ["AutoScalingGroupProvider", "ManagedTerminationProtection"]) == "ENABLED"
}

# The Auto Scaling group of a capacity provider.
group_of(provider) := refers(property(provider, ["AutoScalingGroupProvider", "AutoScalingGroupArn"]), "AWS::AutoScaling::AutoScalingGroup")

# rule: AWSC-CAPACITY-004
# title: An AMI is for another processor architecture than the instance type
# reason: EC2 refuses the launch ("does not match the architecture of the specified AMI"), and the group stays empty.
# page: https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
violation contains make_diag_at("AWSC-CAPACITY-004", "ERROR", launch, path, message) if {
	some launch, image in image_architectures
	not has_overrides(launch)
	keys := array.concat(launch_keys[input.resources[launch].resourceType], ["InstanceType"])
	type := literal(launch, keys)
	architecture := type_architecture(type)
	architecture != image
	path := dotted(keys)
	message := sprintf(
		"%v has an AMI for %v, but instance type %v is %v; use the AMI for %v or another instance type",
		[launch, image, type, architecture, architecture],
	)
}

violation contains make_diag_at("AWSC-CAPACITY-004", "ERROR", group, path, message) if {
	some group in resources_of_type("AWS::AutoScaling::AutoScalingGroup")
	all := ["MixedInstancesPolicy", "LaunchTemplate"]
	some i, _ in list(group, array.concat(all, ["Overrides"]))
	override := array.concat(all, ["Overrides", i])
	launch := launch_of_override(group, array.concat(all, ["LaunchTemplateSpecification"]), array.concat(override, ["LaunchTemplateSpecification"]))
	keys := array.concat(override, ["InstanceType"])
	type := literal(group, keys)
	architecture := type_architecture(type)
	architecture != image_architectures[launch]
	path := dotted(keys)
	message := sprintf(
		"Auto Scaling group %v launches instance type %v, which is %v, with the AMI of %v, which is for %v; use the AMI for %v or another instance type",
		[group, type, architecture, launch, image_architectures[launch], architecture],
	)
}

# An override may have a launch template of its own.
launch_of_override(group, common, own) := launch_template(group, own)

launch_of_override(group, common, own) := launch_template(group, common) if absent(group, own)

# The instance type in the launch template then does not matter.
has_overrides(launch) if {
	some ref in input.resources[launch].incomingRefs
	startswith(ref.sourcePath, "Properties.MixedInstancesPolicy")
}

# The launch template of an Auto Scaling group. Undefined for a version that may be another than the one in this template.
launch_template(group, keys) := launch if {
	launch := refers(property(group, array.concat(keys, ["LaunchTemplateId"])), "AWS::EC2::LaunchTemplate")
	shown_version(property(group, array.concat(keys, ["Version"])), launch)
}

shown_version(version, launch) if version.__ref == launch

shown_version(version, _) if version in ["$Default", "$Latest"]

# What launches instances, and where in it their properties are.
launch_keys := {"AWS::AutoScaling::LaunchConfiguration": [], "AWS::EC2::LaunchTemplate": ["LaunchTemplateData"]}

# The architecture of the AMIs that are given by one of AWS's public parameters.
image_architectures[launch] := architecture if {
	some kind, keys in launch_keys
	some launch in resources_of_type(kind)
	parameter := image_parameter(launch, array.concat(keys, ["ImageId"]))
	architecture := image_architecture(parameter)
}

# The CDK writes each such AMI as the default of a template parameter. So here a default does count: it fails unless the
# deployment gives another.
image_parameter(launch, keys) := path if {
	path := property(launch, keys)
	is_string(path)
	every source in sources(launch, keys) {
		parameter := trim_suffix(trim_prefix(source, "Parameters/"), "/Default")
		startswith(input.parameters[parameter].type, "AWS::SSM::Parameter::Value<")
	}
}

image_parameter(launch, keys) := path if {
	path := property(launch, keys).__dynamic
	is_string(path)
}

# /aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id, without "arm64/" for x86_64;
# /aws/service/bottlerocket/aws-ecs-2/x86_64/latest/image_id; /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html
image_architecture(path) := "arm64" if {
	regex.match(public_parameter, path)
	regex.match(`[/-]arm64(/|-|\}|$)`, path)
}

image_architecture(path) := "x86_64" if {
	regex.match(public_parameter, path)
	regex.match(`[/-]x86_64(/|-|\}|$)|/ecs/optimized-ami/amazon-linux-`, path)
	not contains(path, "arm64")
}

public_parameter := `^(dynamic reference: \{\{)?(resolve:ssm:)?/aws/service/`

# A "g" after the generation stands for AWS Graviton, and a1 came before that. Other families than these are not judged:
# Macs, those with a further part in the name such as u7i-12tb and p6e-gb200.
type_architecture(type) := "arm64" if {
	is_string(type)
	regex.match(`^(a1|[a-z]+[0-9]+[a-z]*g[a-z]*)\.`, type)
}

type_architecture(type) := "x86_64" if {
	is_string(type)
	regex.match(`^[a-z]+[0-9]+[a-fh-z]*(-flex)?\.`, type)
	not regex.match(`^(a1|mac[0-9]+)\.`, type)
}

# rule: AWSC-CAPACITY-005
# title: The instances of a capacity provider may not register with a cluster
# reason: The ECS agent is denied, no instance ever joins the cluster, and tasks wait for capacity without end.
# page: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html
violation contains make_diag_at("AWSC-CAPACITY-005", "ERROR", role, "Properties.ManagedPolicyArns", message) if {
	some provider, launch in provider_launches
	some role in instance_roles(launch)
	role_without(role, "ecs:RegisterContainerInstance", anything)
	message := sprintf(
		"role %v of the instances of capacity provider %v does not allow ecs:RegisterContainerInstance; attach the managed policy AmazonEC2ContainerServiceforEC2Role, or allow the actions that it lists",
		[role, provider],
	)
}

violation contains make_diag_at("AWSC-CAPACITY-005", "ERROR", launch, path, message) if {
	whole_template
	some provider, launch in provider_launches
	keys := array.concat(launch_keys[input.resources[launch].resourceType], ["IamInstanceProfile"])
	absent(launch, keys)
	path := dotted(keys)
	message := sprintf(
		"%v gives the instances of capacity provider %v no role; set IamInstanceProfile to a profile whose role has the managed policy AmazonEC2ContainerServiceforEC2Role",
		[launch, provider],
	)
}

# What launches the instances of each capacity provider.
provider_launches[provider] := launch if {
	some provider in resources_of_type("AWS::ECS::CapacityProvider")
	launch := launch_of(group_of(provider))
}

launch_of(group) := launch_template(group, ["LaunchTemplate"])

launch_of(group) := launch_template(group, ["MixedInstancesPolicy", "LaunchTemplate", "LaunchTemplateSpecification"])

launch_of(group) := refers(property(group, ["LaunchConfigurationName"]), "AWS::AutoScaling::LaunchConfiguration")

# The roles that a launch template or configuration gives its instances; an instance profile has one.
instance_roles(launch) := {role |
	some keys in [["IamInstanceProfile"], ["IamInstanceProfile", "Arn"], ["IamInstanceProfile", "Name"]]
	profile := refers(property(launch, array.concat(launch_keys[input.resources[launch].resourceType], keys)), "AWS::IAM::InstanceProfile")
	some role in references(profile, ["Roles"], "AWS::IAM::Role")
}

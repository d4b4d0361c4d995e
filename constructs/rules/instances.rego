package awscontainers

import rego.v1

# The Auto Scaling group of a capacity provider.
instances_group(provider) := refers(property(provider, ["AutoScalingGroupProvider", "AutoScalingGroupArn"]), "AWS::AutoScaling::AutoScalingGroup")

# METADATA
# title: An AMI is for another processor architecture than the instance type
# description: EC2 refuses the launch ("does not match the architecture of the specified AMI"), and the group stays empty.
# related_resources:
# - https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
# custom:
#   id: AWSC-CAPACITY-004
violation contains make_diag_at("AWSC-CAPACITY-004", "ERROR", launch, path, message) if {
	some launch, image in instances_image_architectures
	not instances_has_overrides(launch)
	keys := array.concat(instances_keys[input.resources[launch].resourceType], ["InstanceType"])
	type := literal(launch, keys)
	architecture := instances_architecture(type)
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
	launch := instances_launch_of_override(group, array.concat(all, ["LaunchTemplateSpecification"]), array.concat(override, ["LaunchTemplateSpecification"]))
	keys := array.concat(override, ["InstanceType"])
	type := literal(group, keys)
	architecture := instances_architecture(type)
	architecture != instances_image_architectures[launch]
	path := dotted(keys)
	message := sprintf(
		"Auto Scaling group %v launches instance type %v, which is %v, with the AMI of %v, which is for %v; use the AMI for %v or another instance type",
		[group, type, architecture, launch, instances_image_architectures[launch], architecture],
	)
}

# An override may have a launch template of its own.
instances_launch_of_override(group, _, own) := instances_launch_template(group, own)

instances_launch_of_override(group, common, own) := instances_launch_template(group, common) if absent(group, own)

# The instance type in the launch template then does not matter.
instances_has_overrides(launch) if {
	some ref in input.resources[launch].incomingRefs
	startswith(ref.sourcePath, "Properties.MixedInstancesPolicy")
}

# The launch template of an Auto Scaling group. Undefined for a version that may be another than the one in this template.
instances_launch_template(group, keys) := launch if {
	launch := refers(property(group, array.concat(keys, ["LaunchTemplateId"])), "AWS::EC2::LaunchTemplate")
	instances_shown_version(property(group, array.concat(keys, ["Version"])), launch)
}

instances_shown_version(version, launch) if version.__ref == launch

instances_shown_version(version, _) if version in ["$Default", "$Latest"]

# What launches instances, and where in it their properties are.
instances_keys := {"AWS::AutoScaling::LaunchConfiguration": [], "AWS::EC2::LaunchTemplate": ["LaunchTemplateData"]}

# The architecture of the AMIs that are given by one of AWS's public parameters.
instances_image_architectures[launch] := architecture if {
	some kind, keys in instances_keys
	some launch in resources_of_type(kind)
	parameter := instances_image_parameter(launch, array.concat(keys, ["ImageId"]))
	architecture := instances_image_architecture(parameter)
}

# The CDK writes each such AMI as the default of a template parameter. So here a default does count: it fails unless the
# deployment gives another.
instances_image_parameter(launch, keys) := path if {
	path := property(launch, keys)
	is_string(path)
	given := {guess.source |
		some guess in object.get(guesses, launch, set())
		startswith(guess.path, dotted(keys))
		depends_on_deployment(guess.source)
	}
	every source in given {
		parameter := trim_suffix(trim_prefix(source, "Parameters/"), "/Default")
		startswith(input.parameters[parameter].type, "AWS::SSM::Parameter::Value<")
	}
}

instances_image_parameter(launch, keys) := path if {
	path := property(launch, keys).__dynamic
	is_string(path)
}

# /aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id, without "arm64/" for x86_64;
# /aws/service/bottlerocket/aws-ecs-2/x86_64/latest/image_id; /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html
instances_image_architecture(path) := "arm64" if {
	regex.match(instances_public_parameter, path)
	regex.match(`[/-]arm64(/|-|\}|$)`, path)
}

instances_image_architecture(path) := "x86_64" if {
	regex.match(instances_public_parameter, path)
	regex.match(`[/-]x86_64(/|-|\}|$)|/ecs/optimized-ami/amazon-linux-`, path)
	not contains(path, "arm64")
}

instances_public_parameter := `^(dynamic reference: \{\{)?(resolve:ssm:)?/aws/service/`

# A "g" after the generation stands for AWS Graviton, and a1 came before that. Other families than these are not judged:
# Macs, those with a further part in the name such as u7i-12tb and p6e-gb200.
instances_architecture(type) := "arm64" if {
	is_string(type)
	regex.match(`^(a1|[a-z]+[0-9]+[a-z]*g[a-z]*)\.`, type)
}

instances_architecture(type) := "x86_64" if {
	is_string(type)
	regex.match(`^[a-z]+[0-9]+[a-fh-z]*(-flex)?\.`, type)
	not regex.match(`^(a1|mac[0-9]+)\.`, type)
}

# METADATA
# title: The instances of a capacity provider may not register with a cluster
# description: The ECS agent is denied, no instance ever joins the cluster, and tasks wait for capacity without end.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html
# custom:
#   id: AWSC-CAPACITY-005
violation contains make_diag_at("AWSC-CAPACITY-005", "ERROR", role, "Properties.ManagedPolicyArns", message) if {
	some need in call_refused
	need.kind == "capacity provider"
	provider := need.by
	role := need.role
	message := sprintf(
		"role %v of the instances of capacity provider %v does not allow ecs:RegisterContainerInstance; attach the managed policy AmazonEC2ContainerServiceforEC2Role, or allow the actions that it lists",
		[role, provider],
	)
}

violation contains make_diag_at("AWSC-CAPACITY-005", "ERROR", launch, path, message) if {
	whole_template
	some provider, launch in instances_provider_launches
	keys := array.concat(instances_keys[input.resources[launch].resourceType], ["IamInstanceProfile"])
	absent(launch, keys)
	path := dotted(keys)
	message := sprintf(
		"%v gives the instances of capacity provider %v no role; set IamInstanceProfile to a profile whose role has the managed policy AmazonEC2ContainerServiceforEC2Role",
		[launch, provider],
	)
}

# What launches the instances of each capacity provider.
instances_provider_launches[provider] := launch if {
	some provider in resources_of_type("AWS::ECS::CapacityProvider")
	launch := instances_launch(instances_group(provider))
}

instances_launch(group) := instances_launch_template(group, ["LaunchTemplate"])

instances_launch(group) := instances_launch_template(group, ["MixedInstancesPolicy", "LaunchTemplate", "LaunchTemplateSpecification"]) if absent(group, ["LaunchTemplate"])

instances_launch(group) := refers(property(group, ["LaunchConfigurationName"]), "AWS::AutoScaling::LaunchConfiguration") if {
	absent(group, ["LaunchTemplate"])
	absent(group, ["MixedInstancesPolicy"])
}

# The roles that a launch template or configuration gives its instances; an instance profile has one.
instances_roles(launch) := {role |
	some keys in [["IamInstanceProfile"], ["IamInstanceProfile", "Arn"], ["IamInstanceProfile", "Name"]]
	profile := refers(property(launch, array.concat(instances_keys[input.resources[launch].resourceType], keys)), "AWS::IAM::InstanceProfile")
	some role in references(profile, ["Roles"], "AWS::IAM::Role")
}

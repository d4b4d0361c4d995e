package awscontainers

import rego.v1

# METADATA
# title: An EFS volume with IAM authorization or an access point has no transit encryption
# description: ECS requires it for both; the task definition is refused, or the mount is denied and no task starts.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html
# custom:
#   id: AWSC-EFS-001
violation contains make_diag_at("AWSC-EFS-001", "ERROR", task, path, message) if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some v, _ in list(task, ["Volumes"])
	feature := efs_encrypted_feature(task, v)
	encryption := setting(task, ["Volumes", v, "EFSVolumeConfiguration", "TransitEncryption"], "DISABLED")
	encryption != "ENABLED"
	path := dotted(["Volumes", v, "EFSVolumeConfiguration", "TransitEncryption"])
	message := sprintf(
		"%v of task definition %v uses %v, but its TransitEncryption is %v; set it to ENABLED",
		[efs_volume(task, v), task, feature, encryption],
	)
}

efs_encrypted_feature(task, v) := "IAM authorization" if efs_uses_iam(task, v)

efs_encrypted_feature(task, v) := "an access point" if {
	not efs_uses_iam(task, v)
	efs_uses_access_point(task, v)
}

efs_uses_iam(task, v) if literal(task, ["Volumes", v, "EFSVolumeConfiguration", "AuthorizationConfig", "IAM"]) == "ENABLED"

# METADATA
# title: An EFS volume has an access point and a root directory of its own
# description: "ECS requires the directory to be absent or \"/\": the access point decides it. The task definition is refused."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html
# custom:
#   id: AWSC-EFS-002
violation contains make_diag_at("AWSC-EFS-002", "ERROR", task, path, message) if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some v, _ in list(task, ["Volumes"])
	efs_uses_access_point(task, v)
	directory := literal(task, ["Volumes", v, "EFSVolumeConfiguration", "RootDirectory"])
	not directory in ["", "/"]
	path := dotted(["Volumes", v, "EFSVolumeConfiguration", "RootDirectory"])
	message := sprintf(
		"%v of task definition %v has an access point and RootDirectory \"%v\"; leave it out or use \"/\", and set the directory on the access point",
		[efs_volume(task, v), task, directory],
	)
}

# An access point of this template or a written-out id; a parameter might be empty.
efs_uses_access_point(task, v) if refers(efs_access_point(task, v), "AWS::EFS::AccessPoint")

efs_uses_access_point(task, v) if {
	id := literal(task, ["Volumes", v, "EFSVolumeConfiguration", "AuthorizationConfig", "AccessPointId"])
	id != ""
}

efs_access_point(task, v) := property(task, ["Volumes", v, "EFSVolumeConfiguration", "AuthorizationConfig", "AccessPointId"])

# A volume as a message names it.
efs_volume(task, v) := sprintf("volume \"%v\"", [name]) if name := literal(task, ["Volumes", v, "Name"])

efs_volume(task, v) := sprintf("volume %v", [v]) if not literal(task, ["Volumes", v, "Name"])

# METADATA
# title: The security groups of a service and of the mount targets of its EFS file system do not meet on port 2049
# description: "The mount times out and no task starts (\"ResourceInitializationError: failed to invoke EFS utils commands\")."
# related_resources:
# - https://docs.aws.amazon.com/efs/latest/ug/network-access.html
# custom:
#   id: AWSC-EFS-003
violation contains make_diag_at("AWSC-EFS-003", "ERROR", mount.service, path, message) if {
	whole_template
	some mount in efs_mounts
	task_network_mode(mount.task) == "awsvpc"
	keys := ["NetworkConfiguration", "AwsvpcConfiguration", "SecurityGroups"]
	groups := references(mount.service, keys, "AWS::EC2::SecurityGroup")
	targets := efs_targets[mount.files]
	unreachable := {target | some target in targets; reach_nfs_problem(groups, target)}

	# One that is shut may be in a zone where no task of this service runs.
	needed := {target | some target in unreachable; unreachable == targets} | {target | some target in unreachable; efs_near(mount.service, target)}
	problems := {problem | some target in needed; problem := reach_nfs_problem(groups, target)}
	count(problems) > 0
	path := dotted(keys)
	message := sprintf(
		"service %v and mount targets (%v) of its file system %v do not meet on port 2049: %v; add an ingress rule for tcp 2049 to the mount targets' security group and, if the service's restricts what goes out, an egress rule to that",
		[mount.service, listed(needed), mount.files, concat(", and ", sort(problems))],
	)
}

efs_task_subnets := ["NetworkConfiguration", "AwsvpcConfiguration", "Subnets"]

# METADATA
# title: An EFS file system has no mount target in a zone where tasks mount it
# description: "Its name does not resolve in that zone: the tasks that are placed there do not start."
# related_resources:
# - https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-mount-cmd-dns-name.html
# custom:
#   id: AWSC-EFS-004
violation contains make_diag_at("AWSC-EFS-004", "ERROR", mount.service, path, message) if {
	whole_template
	some mount in efs_mounts
	task_network_mode(mount.task) == "awsvpc"
	not handed_on(mount.files)

	# One in a single zone may be mounted from the others.
	absent(mount.files, ["AvailabilityZoneName"])
	targets := efs_targets[mount.files]
	count(targets) > 0
	stranded := {subnet.__ref |
		some subnet in list(mount.service, efs_task_subnets)
		every target in targets {
			subnet_other_zone(subnet, property(target, ["SubnetId"]))
		}
	}
	count(stranded) > 0
	path := dotted(efs_task_subnets)
	message := sprintf(
		"service %v mounts file system %v in subnets (%v) whose zones have none of its mount targets (%v); add a mount target in each of these zones",
		[mount.service, mount.files, listed(stranded), listed(targets)],
	)
}

violation contains make_diag_at("AWSC-EFS-004", "ERROR", mount.service, "Properties.TaskDefinition", message) if {
	whole_template
	some mount in efs_mounts
	not handed_on(mount.files)
	efs_targets[mount.files] == set()
	message := sprintf(
		"service %v mounts file system %v, which has no mount target; add an AWS::EFS::MountTarget in each zone where its tasks run",
		[mount.service, mount.files],
	)
}

# METADATA
# title: A service does not depend on the mount targets of the EFS file system that its tasks mount
# description: "CloudFormation may start the tasks first: they fail until the mount targets are there, and the deployment may be rolled back."
# related_resources:
# - https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
# custom:
#   id: AWSC-EFS-005
violation contains make_diag_at("AWSC-EFS-005", "ERROR", mount.service, "DependsOn", message) if {
	some mount in efs_mounts
	missing := {target |
		some target in efs_targets[mount.files]
		exists_with(target, mount.service)
		not efs_remote(mount.service, target)
		dependents := order_made_after[target]
		not mount.service in dependents
	}
	count(missing) > 0
	message := sprintf(
		"service %v mounts file system %v, but does not wait for its mount targets (%v); add them to the service's DependsOn",
		[mount.service, mount.files, listed(missing)],
	)
}

# True if no task of a service runs in the zone of a mount target.
efs_remote(service, target) if {
	subnets := list(service, efs_task_subnets)
	count(subnets) > 0
	every subnet in subnets {
		subnet_other_zone(subnet, property(target, ["SubnetId"]))
	}
}

# The file systems of this template that the tasks of services mount.
efs_mounts contains mount if {
	some service, task in service_tasks
	some v, _ in list(task, ["Volumes"])
	files := refers(property(task, ["Volumes", v, "EFSVolumeConfiguration", "FilesystemId"]), "AWS::EFS::FileSystem")
	mount := {"service": service, "task": task, "files": files}
}

# The mount targets of each file system. Undefined if one is so only under a condition.
efs_targets[files] := targets if {
	some files in resources_of_type("AWS::EFS::FileSystem")
	targets := {ref.source |
		some ref in input.resources[files].incomingRefs
		input.resources[ref.source].resourceType == "AWS::EFS::MountTarget"
		startswith(ref.sourcePath, "Properties.FileSystemId")
	}
	every target in targets {
		refers(property(target, ["FileSystemId"]), "AWS::EFS::FileSystem") == files
	}
}

# True if tasks of a service surely run in the zone of a mount target.
efs_near(service, target) if {
	some subnet in list(service, efs_task_subnets)
	subnet_same_zone(subnet, property(target, ["SubnetId"]))
}

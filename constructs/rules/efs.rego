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

efs_volume(task, v) := sprintf("volume %v", [v]) if not is_scalar(literal(task, ["Volumes", v, "Name"]))

# METADATA
# title: The security groups of tasks and of the mount targets of their EFS file system do not meet on port 2049
# description: "The mount times out and no task starts (\"ResourceInitializationError: failed to invoke EFS utils commands\")."
# related_resources:
# - https://docs.aws.amazon.com/efs/latest/ug/network-access.html
# custom:
#   id: AWSC-EFS-003
violation contains make_diag_at("AWSC-EFS-003", "ERROR", run.name, path, message) if {
	some mount in efs_mounts
	run := mount.run
	targets := efs_targets[mount.files]
	groups := run_references(run, "groups", "AWS::EC2::SecurityGroup")
	shut := {way.to: problem |
		some way in reach_ways
		way.from == run.name
		way.from_groups == groups
		way.to in targets
		problem := efs_shut(way)
	}

	# One that is shut may be in a zone where no task runs.
	needed := {target | some target, _ in shut; object.keys(shut) == targets} | {target | some target, _ in shut; efs_near(run, target)}
	count(needed) > 0
	problems := {problem | some target, problem in shut; target in needed}
	path := run_path(run, "groups")
	message := sprintf(
		"%v %v and mount targets (%v) of its file system %v do not meet on port 2049: %v; add an ingress rule for tcp 2049 to the mount targets' security group and, if that of the tasks restricts what goes out, an egress rule to that",
		[run.kind, run.name, listed(needed), mount.files, concat(", and ", sort(problems))],
	)
}

# What keeps tasks from a mount target. Undefined if nothing does.
efs_shut(way) := problem if {
	inward := [text |
		reach_shut_in(way.to_groups, way.port, way.from_groups)
		text := sprintf("the mount targets' security groups (%v) admit nothing from the tasks' (%v)", [listed(way.to_groups), listed(way.from_groups)])
	]
	outward := [text |
		reach_shut_out(way.from_groups, way.port, way.to_groups)
		text := sprintf("the tasks' security groups (%v) let nothing out to the mount targets' (%v)", [listed(way.from_groups), listed(way.to_groups)])
	]
	problem := concat(", and ", array.concat(inward, outward))
	problem != ""
}

# METADATA
# title: An EFS file system has no mount target in a zone where tasks mount it
# description: "Its name does not resolve in that zone: the tasks that are placed there do not start."
# related_resources:
# - https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-mount-cmd-dns-name.html
# custom:
#   id: AWSC-EFS-004
violation contains make_diag_at("AWSC-EFS-004", "ERROR", run.name, path, message) if {
	whole_template
	some mount in efs_mounts
	run := mount.run
	task_network_mode(mount.task) == "awsvpc"
	efs_complete(run, mount.files)

	# One in a single zone may be mounted from the others.
	absent(mount.files, ["AvailabilityZoneName"])
	targets := efs_targets[mount.files]
	count(targets) > 0
	stranded := {subnet.__ref |
		some subnet in run_list(run, "subnets")
		every target in targets {
			subnet_other_zone(subnet, property(target, ["SubnetId"]))
		}
	}
	count(stranded) > 0
	path := run_path(run, "subnets")
	message := sprintf(
		"%v %v mounts file system %v in subnets (%v) whose zones have none of its mount targets (%v); add a mount target in each of these zones",
		[run.kind, run.name, mount.files, listed(stranded), listed(targets)],
	)
}

violation contains make_diag_at("AWSC-EFS-004", "ERROR", run.name, path, message) if {
	whole_template
	some mount in efs_mounts
	run := mount.run
	efs_complete(run, mount.files)
	efs_targets[mount.files] == set()
	path := run_path(run, "task")
	message := sprintf(
		"%v %v mounts file system %v, which has no mount target; add an AWS::EFS::MountTarget in each zone where its tasks run",
		[run.kind, run.name, mount.files],
	)
}

# METADATA
# title: A service does not depend on the mount targets of the EFS file system that its tasks mount
# description: "CloudFormation may start the tasks first: they fail until the mount targets are there, and the deployment may be rolled back."
# related_resources:
# - https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
# custom:
#   id: AWSC-EFS-005
violation contains make_diag_at("AWSC-EFS-005", "ERROR", service, "DependsOn", message) if {
	some files in resources_of_type("AWS::EFS::FileSystem")
	some [kind, service] in {[need.kind, need.next] | some need in order_missing; need.files == files}
	missing := {need.first | some need in order_missing; need.files == files; need.next == service}
	message := sprintf(
		"%v %v mounts file system %v, but does not wait for its mount targets (%v); add them to its DependsOn",
		[kind, service, files, listed(missing)],
	)
}

# True if nobody else may add mount targets before a task runs. What waits for events or times runs after other stacks have theirs.
efs_complete(run, files) if {
	not handed_on(files)
	run in order_runs
}

efs_complete(run, files) if {
	not handed_on(files)
	not run in order_runs
	not exported(files)
}

# True if no task runs in the zone of a mount target.
efs_remote(run, target) if {
	subnets := run_list(run, "subnets")
	count(subnets) > 0
	every subnet in subnets {
		subnet_other_zone(subnet, property(target, ["SubnetId"]))
	}
}

# The file systems of this template that tasks mount.
efs_mounts contains mount if {
	some run in run_all
	task := run_task(run)
	some v, _ in list(task, ["Volumes"])
	files := refers(property(task, ["Volumes", v, "EFSVolumeConfiguration", "FilesystemId"]), "AWS::EFS::FileSystem")
	mount := {"run": run, "task": task, "files": files}
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

# True if tasks surely run in the zone of a mount target.
efs_near(run, target) if {
	some subnet in run_list(run, "subnets")
	subnet_same_zone(subnet, property(target, ["SubnetId"]))
}

package awscontainers

import rego.v1

# rule: AWSC-EFS-001
# title: An EFS volume with IAM authorization or an access point has no transit encryption
# reason: ECS requires it for both; the task definition is refused, or the mount is denied and no task starts.
# page: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html
violation contains make_diag_at("AWSC-EFS-001", "ERROR", task, path, message) if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some v, _ in list(task, ["Volumes"])
	feature := encrypted_feature(task, v)
	encryption := setting(task, ["Volumes", v, "EFSVolumeConfiguration", "TransitEncryption"], "DISABLED")
	encryption != "ENABLED"
	path := dotted(["Volumes", v, "EFSVolumeConfiguration", "TransitEncryption"])
	message := sprintf(
		"%v of task definition %v uses %v, but its TransitEncryption is %v; set it to ENABLED",
		[volume(task, v), task, feature, encryption],
	)
}

encrypted_feature(task, v) := "IAM authorization" if uses_iam(task, v)

encrypted_feature(task, v) := "an access point" if {
	not uses_iam(task, v)
	uses_access_point(task, v)
}

uses_iam(task, v) if literal(task, ["Volumes", v, "EFSVolumeConfiguration", "AuthorizationConfig", "IAM"]) == "ENABLED"

# rule: AWSC-EFS-002
# title: An EFS volume has an access point and a root directory of its own
# reason: ECS requires the directory to be absent or "/": the access point decides it. The task definition is refused.
# page: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html
violation contains make_diag_at("AWSC-EFS-002", "ERROR", task, path, message) if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some v, _ in list(task, ["Volumes"])
	uses_access_point(task, v)
	directory := literal(task, ["Volumes", v, "EFSVolumeConfiguration", "RootDirectory"])
	not directory in ["", "/"]
	path := dotted(["Volumes", v, "EFSVolumeConfiguration", "RootDirectory"])
	message := sprintf(
		"%v of task definition %v has an access point and RootDirectory \"%v\"; leave it out or use \"/\", and set the directory on the access point",
		[volume(task, v), task, directory],
	)
}

# An access point of this template or a written-out id; a parameter might be empty.
uses_access_point(task, v) if refers(access_point(task, v), "AWS::EFS::AccessPoint")

uses_access_point(task, v) if {
	id := literal(task, ["Volumes", v, "EFSVolumeConfiguration", "AuthorizationConfig", "AccessPointId"])
	id != ""
}

access_point(task, v) := property(task, ["Volumes", v, "EFSVolumeConfiguration", "AuthorizationConfig", "AccessPointId"])

# A volume as a message names it.
volume(task, v) := sprintf("volume \"%v\"", [name]) if name := literal(task, ["Volumes", v, "Name"])

volume(task, v) := sprintf("volume %v", [v]) if not literal(task, ["Volumes", v, "Name"])

# rule: AWSC-EFS-003
# title: The security groups of a service and of the mount targets of its EFS file system do not meet on port 2049
# reason: The mount times out and no task starts ("ResourceInitializationError: failed to invoke EFS utils commands").
# page: https://docs.aws.amazon.com/efs/latest/ug/network-access.html
violation contains make_diag_at("AWSC-EFS-003", "ERROR", mount.service, path, message) if {
	whole_template
	some mount in mounts
	network_mode(mount.task) == "awsvpc"
	keys := ["NetworkConfiguration", "AwsvpcConfiguration", "SecurityGroups"]
	groups := references(mount.service, keys, "AWS::EC2::SecurityGroup")
	targets := mount_targets[mount.files]
	unreachable := {target | some target in targets; nfs_problem(groups, target)}
	# One that is shut may be in a zone where no task of this service runs.
	needed := {target | some target in unreachable; unreachable == targets} | {target | some target in unreachable; near(mount.service, target)}
	problems := {problem | some target in needed; problem := nfs_problem(groups, target)}
	count(problems) > 0
	path := dotted(keys)
	message := sprintf(
		"service %v and mount targets (%v) of its file system %v do not meet on port 2049: %v; add an ingress rule for tcp 2049 to the mount targets' security group and, if the service's restricts what goes out, an egress rule to that",
		[mount.service, listed(needed), mount.files, concat(", and ", sort(problems))],
	)
}

# What keeps tasks with the security groups from a mount target. Undefined if nothing does, or if others can add rules.
nfs_problem(groups, target) := problem if {
	target_groups := references(target, ["SecurityGroups"], "AWS::EC2::SecurityGroup")
	complete_groups(groups | target_groups)
	inward := [text |
		shut_in(target_groups, 2049, groups)
		text := sprintf("the mount targets' security groups (%v) admit nothing from the service's (%v)", [listed(target_groups), listed(groups)])
	]
	outward := [text |
		shut_out(groups, 2049, target_groups)
		text := sprintf("the service's security groups (%v) let nothing out to the mount targets' (%v)", [listed(groups), listed(target_groups)])
	]
	problem := concat(", and ", array.concat(inward, outward))
	problem != ""
}

# True if tasks of a service surely run in the zone of a mount target.
near(service, target) if {
	some subnet in list(service, task_subnets)
	same_zone(subnet, property(target, ["SubnetId"]))
}

task_subnets := ["NetworkConfiguration", "AwsvpcConfiguration", "Subnets"]

same_zone(subnet, other) if refers(subnet, "AWS::EC2::Subnet") == other.__ref

same_zone(subnet, other) if zone_of(subnet) == zone_of(other)

# True if two subnets are surely in different zones.
other_zone(subnet, other) if {
	first := zone_of(subnet)
	second := zone_of(other)
	first.way == second.way
	first.zone != second.zone
}

# The zone of a subnet of this template, and how it is given: nobody knows which name the region's first zone has.
zone_of(subnet) := {"zone": zone, "way": way} if {
	id := refers(subnet, "AWS::EC2::Subnet")
	zone := known_zone(id)
	way := sources(id, ["AvailabilityZone"])
}

# rule: AWSC-EFS-004
# title: An EFS file system has no mount target in a zone where tasks mount it
# reason: Its name does not resolve in that zone: the tasks that are placed there do not start.
# page: https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-mount-cmd-dns-name.html
violation contains make_diag_at("AWSC-EFS-004", "ERROR", mount.service, path, message) if {
	whole_template
	some mount in mounts
	network_mode(mount.task) == "awsvpc"
	not handed_on(mount.files)
	# One in a single zone may be mounted from the others.
	absent(mount.files, ["AvailabilityZoneName"])
	targets := mount_targets[mount.files]
	count(targets) > 0
	stranded := {subnet.__ref |
		some subnet in list(mount.service, task_subnets)
		every target in targets {
			other_zone(subnet, property(target, ["SubnetId"]))
		}
	}
	count(stranded) > 0
	path := dotted(task_subnets)
	message := sprintf(
		"service %v mounts file system %v in subnets (%v) whose zones have none of its mount targets (%v); add a mount target in each of these zones",
		[mount.service, mount.files, listed(stranded), listed(targets)],
	)
}

violation contains make_diag_at("AWSC-EFS-004", "ERROR", mount.service, "Properties.TaskDefinition", message) if {
	whole_template
	some mount in mounts
	not handed_on(mount.files)
	mount_targets[mount.files] == set()
	message := sprintf(
		"service %v mounts file system %v, which has no mount target; add an AWS::EFS::MountTarget in each zone where its tasks run",
		[mount.service, mount.files],
	)
}

# rule: AWSC-EFS-005
# title: A service does not depend on the mount targets of the EFS file system that its tasks mount
# reason: CloudFormation may start the tasks first: they fail until the mount targets are there, and the deployment may be rolled back.
# page: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
violation contains make_diag_at("AWSC-EFS-005", "ERROR", mount.service, "DependsOn", message) if {
	some mount in mounts
	missing := {target |
		some target in mount_targets[mount.files]
		exists_with(target, mount.service)
		not remote(mount.service, target)
		dependents := made_after[target]
		not mount.service in dependents
	}
	count(missing) > 0
	message := sprintf(
		"service %v mounts file system %v, but does not wait for its mount targets (%v); add them to the service's DependsOn",
		[mount.service, mount.files, listed(missing)],
	)
}

# True if no task of a service runs in the zone of a mount target.
remote(service, target) if {
	subnets := list(service, task_subnets)
	count(subnets) > 0
	every subnet in subnets {
		other_zone(subnet, property(target, ["SubnetId"]))
	}
}

# The file systems of this template that the tasks of services mount.
mounts contains mount if {
	some service, task in service_tasks
	some v, _ in list(task, ["Volumes"])
	files := refers(property(task, ["Volumes", v, "EFSVolumeConfiguration", "FilesystemId"]), "AWS::EFS::FileSystem")
	mount := {"service": service, "task": task, "files": files}
}

# The mount targets of each file system. Undefined if one is so only under a condition.
mount_targets[files] := targets if {
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

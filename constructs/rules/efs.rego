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

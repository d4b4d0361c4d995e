package awscontainers

import rego.v1

# What ECS reads with the execution role before a container starts, beside what Secrets name.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
task_reads_needs contains need if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	role := refers(property(task, ["ExecutionRoleArn"]), "AWS::IAM::Role")
	some c, _ in list(task, ["ContainerDefinitions"])
	keys := ["ContainerDefinitions", c, "RepositoryCredentials", "CredentialsParameter"]
	resource := task_reads_secret(task, keys)
	container := task_container(task, c)
	need := {
		"role": role, "action": "secretsmanager:GetSecretValue", "resource": resource, "by": task, "kind": "credentials",
		"keys": keys, "container": container,
	}
}

task_reads_needs contains need if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	role := refers(property(task, ["ExecutionRoleArn"]), "AWS::IAM::Role")
	not task_reads_admitted(role)
	some c, _ in list(task, ["ContainerDefinitions"])
	some i, _ in list(task, ["ContainerDefinitions", c, "EnvironmentFiles"])
	keys := ["ContainerDefinitions", c, "EnvironmentFiles", i, "Value"]
	resource := task_reads_object(task, keys)
	container := task_container(task, c)
	need := {
		"role": role, "action": "s3:GetObject", "resource": resource, "by": task, "kind": "environment file", "keys": keys,
		"container": container,
	}
}

# A secret of this template, unless its own policy may admit the role.
task_reads_secret(task, keys) := {"id": secret, "service": "secretsmanager", "begins": "secret:", "complete": false} if {
	secret := refers(property(task, keys), "AWS::SecretsManager::Secret")
	every ref in input.resources[secret].incomingRefs {
		not input.resources[ref.source].resourceType == "AWS::SecretsManager::ResourcePolicy"
	}
}

# By an ARN that may lack its suffix.
task_reads_secret(task, keys) := {"id": "", "service": "secretsmanager", "begins": arn.name, "complete": false} if {
	arn := policy_arn_of(literal(task, keys))
	arn.service == "secretsmanager"
}

task_reads_object(task, keys) := {"id": "", "service": "s3", "begins": begins, "complete": complete} if {
	arn := policy_arn_of(property(task, keys))
	arn.service == "s3"
	begins := policy_before_wildcard(arn.name)
	complete := begins == arn.name
}

# True if the policy of a bucket names the role.
task_reads_admitted(role) if {
	some ref in input.resources[role].incomingRefs
	input.resources[ref.source].resourceType == "AWS::S3::BucketPolicy"
}

# METADATA
# title: The execution role may not read the credentials of a private registry
# description: "No task starts: ECS may not get the user name and the password with which to pull the image (CannotPullContainerError)."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html
# custom:
#   id: AWSC-SECRET-002
violation contains make_diag_at("AWSC-SECRET-002", "ERROR", need.by, path, message) if {
	some need in call_refused
	need.kind == "credentials"
	path := dotted(need.keys)
	message := sprintf(
		"%v of task definition %v pulls with credentials that execution role %v may not read; allow it secretsmanager:GetSecretValue on the secret",
		[need.container, need.by, need.role],
	)
}

# METADATA
# title: The execution role may not read a file of environment variables
# description: "No task starts: ECS may not get the file from Amazon S3 (ResourceInitializationError), unless the bucket's own policy lets it."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html
# custom:
#   id: AWSC-TASK-006
violation contains make_diag_at("AWSC-TASK-006", "WARN", need.by, path, message) if {
	some need in call_refused
	need.kind == "environment file"
	path := dotted(need.keys)
	message := sprintf(
		"%v of task definition %v has an environment file that execution role %v may not read; allow it s3:GetObject on the file and s3:GetBucketLocation on the bucket",
		[need.container, need.by, need.role],
	)
}

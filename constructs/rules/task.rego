package awscontainers

import rego.v1

# Fargate, whatever else the task definition also allows.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
task_requires_fargate(task) if "FARGATE" in list(task, ["RequiresCompatibilities"])

# METADATA
# title: A mount point names a volume that the task definition does not have
# description: ECS refuses to register the task definition ("Unknown volume"), and the stack rolls back.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
# custom:
#   id: AWSC-TASK-001
violation contains make_diag_at("AWSC-TASK-001", "ERROR", use.task, path, message) if {
	some use in name_unknown
	use.what == "volume"
	path := dotted(use.keys)
	message := sprintf(
		"%v of task definition %v mounts volume \"%v\", which is not among its volumes (%v); add it or name one of these",
		[use.container, use.task, use.given, listed(use.names)],
	)
}

# METADATA
# title: A task definition that needs an execution role has none
# description: "ECS refuses the task definition, or no task starts: nobody may read the secret, pull the image or write the log."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
# custom:
#   id: AWSC-TASK-002
violation contains make_diag_at("AWSC-TASK-002", "ERROR", task, "Properties.ExecutionRoleArn", message) if {
	some task, needs in task_execution_role_needs
	absent(task, ["ExecutionRoleArn"])
	message := sprintf("task definition %v has no execution role, but %v; set ExecutionRoleArn", [task, concat(", ", sort(needs))])
}

# Needed wherever the task runs.
task_execution_role_needs[task] contains need if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some c, _ in list(task, ["ContainerDefinitions"])
	some keys in [["Secrets"], ["LogConfiguration", "SecretOptions"]]
	some secret in list(task, array.concat(["ContainerDefinitions", c], keys))
	secret.ValueFrom
	need := sprintf("%v reads secrets (%v)", [task_container(task, c), concat(".", keys)])
}

task_execution_role_needs[task] contains need if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some c, _ in list(task, ["ContainerDefinitions"])
	property(task, ["ContainerDefinitions", c, "RepositoryCredentials", "CredentialsParameter"]) != null
	need := sprintf("%v pulls from a registry with credentials", [task_container(task, c)])
}

# Needed where there is no EC2 instance of yours whose role the agent would use instead.
task_execution_role_needs[task] contains need if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	task_no_instance_role(task)
	some c, _ in list(task, ["ContainerDefinitions"])
	literal(task, ["ContainerDefinitions", c, "LogConfiguration", "LogDriver"]) == "awslogs"
	need := sprintf("%v logs with awslogs", [task_container(task, c)])
}

task_execution_role_needs[task] contains need if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	task_no_instance_role(task)
	some c, _ in list(task, ["ContainerDefinitions"])
	task_private_ecr_image(task, c)
	need := sprintf("%v pulls its image from a private ECR repository", [task_container(task, c)])
}

task_no_instance_role(task) if task_requires_fargate(task)

task_no_instance_role(task) if {
	compatibilities := list(task, ["RequiresCompatibilities"])
	count(compatibilities) > 0
	not "EC2" in compatibilities
	every compatibility in compatibilities {
		is_string(compatibility)
	}
}

task_private_ecr_image(task, c) if task_is_ecr_image(task, ["ContainerDefinitions", c, "Image"])

# 111122223333.dkr.ecr.eu-west-1.amazonaws.com, .dkr.ecr-fips. and .dkr-ecr.eu-west-1.on.aws; mostly a Join or Sub, of
# which the engine keeps the known parts. A parameter may give the rest, such as the digest, but not the registry.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
task_is_ecr_image(name, keys) if {
	regex.match(`\.dkr[.-]ecr`, partly_known(property(name, keys)))
	every source in sources(name, keys) | task_sources_within(name, keys) {
		not task_names_ecr(source)
	}
}

# Those of the elements of a list, of which a Select takes one, besides.
task_sources_within(name, keys) := {guess.source |
	some guess in object.get(guesses, name, set())
	startswith(guess.path, dotted(keys))
}

# True for a parameter that is taken at its default, and whose default names a registry.
task_names_ecr(source) if {
	["Parameters", parameter, "Default"] = split(source, "/")
	contains(input.parameters[parameter]["default"], ".dkr")
}

# METADATA
# title: A task or execution role may not be assumed by ECS tasks
# description: "The deployment hangs: each task fails with \"ECS was unable to assume the role\"."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
# custom:
#   id: AWSC-TASK-003
violation contains make_diag_at("AWSC-TASK-003", "ERROR", task, path, message) if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	some use in assume_uses
	use.by == task
	count(assume_refused(use)) > 0
	path := dotted(use.keys)
	message := sprintf(
		"%v of task definition %v is role %v, whose trust policy does not let ecs-tasks.amazonaws.com assume it; allow that service sts:AssumeRole",
		[use.keys[0], task, use.role],
	)
}

# METADATA
# title: Fargate does not offer this size of CPU and memory
# description: ECS refuses to register the task definition ("No Fargate configuration exists for given values").
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
# custom:
#   id: AWSC-TASK-004
violation contains make_diag_at("AWSC-TASK-004", "ERROR", task, "Properties.Cpu", message) if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	task_requires_fargate(task)
	given := literal(task, ["Cpu"])
	cpu := task_cpu_units(given)
	not cpu in {size.cpu | some size in task_fargate_sizes}
	message := sprintf(
		"Cpu %v of task definition %v is not a Fargate size; use %v",
		[given, task, joined([size.cpu | some size in task_fargate_sizes])],
	)
}

violation contains make_diag_at("AWSC-TASK-004", "ERROR", task, "Properties.Memory", message) if {
	some task in resources_of_type("AWS::ECS::TaskDefinition")
	task_requires_fargate(task)
	cpu := task_cpu_units(literal(task, ["Cpu"]))
	given := literal(task, ["Memory"])
	memory := task_mebibytes(given)
	some size in task_fargate_sizes
	size.cpu == cpu
	not memory in size.memory
	message := sprintf(
		"Memory %v of task definition %v is not offered with Cpu %v on Fargate; use, in MiB, %v",
		[given, task, cpu, task_memory_choices(size.memory)],
	)
}

# CPU units (1024 are one vCPU) and the MiB that go with each, for Linux. This is the newest list; some pages still end
# at 16384.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
task_fargate_sizes := [
	{"cpu": 256, "memory": [512, 1024, 2048]},
	{"cpu": 512, "memory": task_steps(1024, 4096, 1024)},
	{"cpu": 1024, "memory": task_steps(2048, 8192, 1024)},
	{"cpu": 2048, "memory": task_steps(4096, 16384, 1024)},
	{"cpu": 4096, "memory": task_steps(8192, 30720, 1024)},
	{"cpu": 8192, "memory": task_steps(16384, 61440, 4096)},
	{"cpu": 16384, "memory": task_steps(32768, 122880, 8192)},
	{"cpu": 32768, "memory": [61440, 122880, 249856]},
]

task_steps(from, to, by) := [m | some i in numbers.range(0, (to - from) / by); m := from + (i * by)]

task_memory_choices(memory) := joined(memory) if count(memory) <= 4

task_memory_choices(memory) := sprintf("%v to %v in steps of %v", [memory[0], memory[count(memory) - 1], memory[1] - memory[0]]) if {
	count(memory) > 4
}

# ECS takes "1024" and "1 vCPU", "2048" and "2 GB". Other spellings stay unjudged.
task_cpu_units(value) := number(value)

task_cpu_units(value) := task_scaled(value, "vcpu")

task_mebibytes(value) := number(value)

task_mebibytes(value) := task_scaled(value, "gb")

# The number before a unit, times 1024.
task_scaled(value, unit) := task_decimal(trim_space(trim_suffix(lower(value), unit))) * 1024 if {
	is_string(value)
	endswith(lower(value), unit)
}

task_decimal(digits) := to_number(digits) if regex.match(`^(0|[1-9][0-9]*)(\.[0-9]+)?$`, digits)

task_decimal(digits) := to_number(concat("", ["0", digits])) if regex.match(`^\.[0-9]+$`, digits)

# A container as a message names it.
task_container(task, c) := sprintf("container \"%v\"", [name]) if name := literal(task, ["ContainerDefinitions", c, "Name"])

task_container(task, c) := sprintf("container %v", [c]) if not is_scalar(literal(task, ["ContainerDefinitions", c, "Name"]))

task_network_mode(task) := literal(task, ["NetworkMode"])

# The default, except on Fargate, which requires awsvpc to be written.
task_network_mode(task) := "bridge" if {
	absent(task, ["NetworkMode"])
	every_known(list(task, ["RequiresCompatibilities"]))
	not task_requires_fargate(task)
}

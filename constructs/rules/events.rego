package awscontainers

import rego.v1

# METADATA
# title: A rule's ECS target has no role
# description: "EventBridge runs a task with the target's role alone: it refuses the target (\"RoleArn is required for target\"), and the stack rolls back."
# related_resources:
# - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-iam-roles.html
# custom:
#   id: AWSC-EVENTS-001
violation contains make_diag_at("AWSC-EVENTS-001", "ERROR", start.starter, path, message) if {
	some start in events_starts
	start.service == "events"
	keys := array.concat(start.keys, ["RoleArn"])
	absent(start.starter, keys)

	# The API describes a role of the rule itself as one for its targets, too.
	absent(start.starter, ["RoleArn"])
	path := dotted(keys)
	message := sprintf(
		"rule %v starts an ECS task, but its target has no RoleArn; give it a role that lets events.amazonaws.com run the task (ecs:RunTask) and pass its roles on (iam:PassRole)",
		[start.starter],
	)
}

# METADATA
# title: The role with which a rule or schedule starts a task may not be assumed by EventBridge
# description: No task starts, and nothing says so but the metric of failed invocations and the dead-letter queue.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html
# custom:
#   id: AWSC-EVENTS-002
violation contains make_diag_at("AWSC-EVENTS-002", "ERROR", role, "Properties.AssumeRolePolicyDocument", message) if {
	some start in events_starts
	role := events_role(start)
	policy_denied(role, ["AssumeRolePolicyDocument"], start.service, "sts:AssumeRole")
	message := sprintf(
		"%v %v starts tasks with role %v, whose trust policy does not let %v.amazonaws.com assume it; allow that service sts:AssumeRole",
		[start.kind, start.starter, role, start.service],
	)
}

# METADATA
# title: The role with which a rule or schedule starts a task may not run it
# description: No task starts, and nothing says so but the metric of failed invocations and the dead-letter queue.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html
# custom:
#   id: AWSC-EVENTS-003
violation contains make_diag_at("AWSC-EVENTS-003", "ERROR", role, "Properties.Policies", message) if {
	some start in events_starts
	role := events_role(start)
	policy_role_without(role, "ecs:RunTask", events_resource(start))
	message := sprintf(
		"role %v, with which %v %v starts tasks, does not allow ecs:RunTask on task definition %v; allow it on that ARN, or on those of all its revisions (task-definition/FAMILY:*)",
		[role, start.kind, start.starter, events_task_name(start)],
	)
}

events_role(start) := refers(property(start.starter, array.concat(start.keys, ["RoleArn"])), "AWS::IAM::Role")

events_task(start) := refers(property(start.starter, events_task_keys(start)), "AWS::ECS::TaskDefinition")

events_task_keys(start) := array.concat(start.keys, ["EcsParameters", "TaskDefinitionArn"])

events_resource(start) := policy_task_resource(events_task(start))

events_resource(start) := policy_anything if not events_task(start)

events_task_name(start) := events_task(start)

events_task_name(start) := "of its target" if not events_task(start)

# METADATA
# title: The role with which a rule or schedule starts a task may not pass on the task's roles
# description: ECS refuses each start (iam:PassRole is denied), and nothing says so but the metric of failed invocations and the dead-letter queue.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html
# custom:
#   id: AWSC-EVENTS-004
violation contains make_diag_at("AWSC-EVENTS-004", "ERROR", role, "Properties.Policies", message) if {
	some start in events_starts
	role := events_role(start)
	task := events_task(start)
	not events_replaces_roles(start)
	missing := {key: passed |
		some key in events_passed_keys(task)
		passed := refers(property(task, [key]), "AWS::IAM::Role")
		policy_role_without(role, "iam:PassRole", policy_role_resource(passed))
	}
	count(missing) > 0
	refused := {sprintf("%v %v", [key, passed]) | some key, passed in missing}
	message := sprintf(
		"role %v, with which %v %v starts task definition %v, may not pass on its roles (%v); allow iam:PassRole on them",
		[role, start.kind, start.starter, task, listed(refused)],
	)
}

# The CDK's own targets leave out the task role of tasks that don't run on Fargate, and they start.
# https://github.com/aws/aws-cdk/blob/v2.277.0/packages/aws-cdk-lib/aws-events-targets/lib/ecs-task.ts
events_passed_keys(task) := ["ExecutionRoleArn", "TaskRoleArn"] if task_requires_fargate(task)

events_passed_keys(task) := ["ExecutionRoleArn"] if not task_requires_fargate(task)

# True if the input of a target may give the task other roles: it names some, or is unknown as a whole.
events_replaces_roles(start) if {
	input_values := [property(start.starter, array.concat(start.keys, [key])) | some key in ["Input", "InputPath", "InputTransformer"]]
	regex.match(`RoleArn|__conditional|"__dynamic":"[^JS]`, json.marshal(input_values))
}

# METADATA
# title: A rule or schedule starts a task without the network configuration that it needs, or with one that it cannot use
# description: "ECS refuses each start: tasks of network mode awsvpc, and so all on Fargate, need subnets, and others take none."
# related_resources:
# - https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EcsParameters.html
# custom:
#   id: AWSC-EVENTS-005
violation contains make_diag_at("AWSC-EVENTS-005", "ERROR", start.starter, path, message) if {
	some start in events_starts
	keys := events_network_keys(start)
	absent(start.starter, keys)
	needs := events_needs_of_subnets(start)
	count(needs) > 0
	path := dotted(keys)
	message := sprintf(
		"%v %v starts a task that needs subnets (%v), but has no network configuration; add EcsParameters.%v with Subnets",
		[start.kind, start.starter, listed(needs), concat(".", events_network_key[start.service])],
	)
}

violation contains make_diag_at("AWSC-EVENTS-005", "ERROR", start.starter, path, message) if {
	some start in events_starts
	keys := events_network_keys(start)

	# Not a condition, which may well depend on the same thing as the mode.
	subnets := list(start.starter, array.concat(keys, ["Subnets"]))
	count(subnets) > 0
	task := events_task(start)
	mode := task_network_mode(task)
	mode in {"bridge", "host", "none"}
	path := dotted(keys)
	message := sprintf(
		"%v %v gives a network configuration to task definition %v, whose network mode is %v; leave it out, or use network mode awsvpc",
		[start.kind, start.starter, task, mode],
	)
}

events_network_keys(start) := array.concat(array.concat(start.keys, ["EcsParameters"]), events_network_key[start.service])

# The two services do not spell it alike.
events_network_key := {
	"events": ["NetworkConfiguration", "AwsVpcConfiguration"],
	"scheduler": ["NetworkConfiguration", "AwsvpcConfiguration"],
}

events_needs_of_subnets(start) := events_fargate_of(start) | {need |
	task := events_task(start)
	task_network_mode(task) == "awsvpc"
	need := sprintf("network mode awsvpc of task definition %v", [task])
}

# What puts a task on Fargate.
events_fargate_of(start) := launch_type | providers if {
	keys := array.concat(start.keys, ["EcsParameters"])
	launch_type := {"launch type FARGATE" | literal(start.starter, array.concat(keys, ["LaunchType"])) == "FARGATE"}
	strategy := array.concat(keys, ["CapacityProviderStrategy"])
	providers := {sprintf("capacity provider %v", [provider]) |
		some i, _ in list(start.starter, strategy)
		provider := literal(start.starter, array.concat(strategy, [i, "CapacityProvider"]))
		provider in capacity_fargate_providers
	}
}

# What starts tasks: the ECS targets of rules, and schedules.
events_starts contains start if {
	some name in resources_of_type("AWS::Events::Rule")
	some i, _ in list(name, ["Targets"])
	events_starts_task(name, ["Targets", i])
	start := {"kind": "rule", "service": "events", "starter": name, "keys": ["Targets", i]}
}

events_starts contains start if {
	some name in resources_of_type("AWS::Scheduler::Schedule")
	events_starts_task(name, ["Target"])
	start := {"kind": "schedule", "service": "scheduler", "starter": name, "keys": ["Target"]}
}

events_starts_task(name, keys) if {
	parameters := property(name, array.concat(keys, ["EcsParameters"]))
	is_object(parameters)
	not opaque(parameters)
}

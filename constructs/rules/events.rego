package awscontainers

import rego.v1

# METADATA
# title: A rule's ECS target has no role
# description: "EventBridge runs a task with the target's role alone: it refuses the target (\"RoleArn is required for target\"), and the stack rolls back."
# related_resources:
# - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-iam-roles.html
# custom:
#   id: AWSC-EVENTS-001
violation contains make_diag_at("AWSC-EVENTS-001", "ERROR", run.name, path, message) if {
	some run in run_all
	run.kind == "rule"
	run_absent(run, "role")

	# The API describes a role of the rule itself as one for its targets, too.
	absent(run.name, ["RoleArn"])
	path := run_path(run, "role")
	message := sprintf(
		"rule %v starts an ECS task, but its target has no RoleArn; give it a role that lets events.amazonaws.com run the task (ecs:RunTask) and pass its roles on (iam:PassRole)",
		[run.name],
	)
}

# METADATA
# title: The role with which a rule, schedule, pipe or state machine starts a task may not be assumed by it
# description: No task starts, and nothing says so but the metric of failed invocations and the dead-letter queue.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html
# custom:
#   id: AWSC-EVENTS-002
violation contains make_diag_at("AWSC-EVENTS-002", "ERROR", role, "Properties.AssumeRolePolicyDocument", message) if {
	some run in run_all
	some use in assume_uses
	use.by == run.name
	use.keys == run.places.role.keys
	role := use.role
	count(assume_refused(use)) > 0
	message := sprintf(
		"%v %v starts tasks with role %v, whose trust policy does not let %v.amazonaws.com assume it; allow that service sts:AssumeRole",
		[run.kind, run.name, role, run.principal],
	)
}

# METADATA
# title: The role with which a rule, schedule, pipe or state machine starts a task may not run it
# description: No task starts, and nothing says so but the metric of failed invocations and the dead-letter queue.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html
# custom:
#   id: AWSC-EVENTS-003
violation contains make_diag_at("AWSC-EVENTS-003", "ERROR", role, "Properties.Policies", message) if {
	some run in run_all
	role := run_role(run)
	some need in call_refused
	need.action == "ecs:RunTask"
	need.by == run.name
	need.role == role
	need.resource == call_task(run)
	message := sprintf(
		"role %v, with which %v %v starts tasks, does not allow ecs:RunTask on task definition %v; allow it on that ARN, or on those of all its revisions (task-definition/FAMILY:*)",
		[role, run.kind, run.name, events_task_name(run)],
	)
}

events_task_name(run) := run_task(run)

events_task_name(run) := "of its target" if not run_task(run)

# METADATA
# title: The role with which a rule, schedule, pipe or state machine starts a task may not pass on the task's roles
# description: ECS refuses each start (iam:PassRole is denied), and nothing says so but the metric of failed invocations and the dead-letter queue.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html
# custom:
#   id: AWSC-EVENTS-004
violation contains make_diag_at("AWSC-EVENTS-004", "ERROR", role, "Properties.Policies", message) if {
	some run in run_all
	task := run_task(run)
	role := run_role(run)
	refused := {sprintf("%v %v", [pass.key, pass.role]) |
		some pass in call_passes
		pass.by == run.name
		pass.task == task
		pass.sender == role
		policy_role_without(role, "iam:PassRole", policy_role_resource(pass.role))
	}
	count(refused) > 0
	message := sprintf(
		"role %v, with which %v %v starts task definition %v, may not pass on its roles (%v); allow iam:PassRole on them",
		[role, run.kind, run.name, task, listed(refused)],
	)
}

# METADATA
# title: A rule, schedule or pipe starts a task without the network configuration that it needs, or with one that it cannot use
# description: "ECS refuses each start: tasks of network mode awsvpc, and so all on Fargate, need subnets, and others take none."
# related_resources:
# - https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EcsParameters.html
# custom:
#   id: AWSC-EVENTS-005
violation contains make_diag_at("AWSC-EVENTS-005", "ERROR", run.name, path, message) if {
	some run in events_runs
	run_absent(run, "network")
	needs := events_needs_of_subnets(run)
	count(needs) > 0
	path := run_path(run, "network")
	message := sprintf(
		"%v %v starts a task that needs subnets (%v), but has no network configuration; add %v with Subnets",
		[run.kind, run.name, listed(needs), path],
	)
}

violation contains make_diag_at("AWSC-EVENTS-005", "ERROR", run.name, path, message) if {
	some run in events_runs

	# Not a condition, which may well depend on the same thing as the mode.
	count(run_list(run, "subnets")) > 0
	task := run_task(run)
	mode := task_network_mode(task)
	mode in {"bridge", "host", "none"}
	path := run_path(run, "network")
	message := sprintf(
		"%v %v gives a network configuration to task definition %v, whose network mode is %v; leave it out, or use network mode awsvpc",
		[run.kind, run.name, task, mode],
	)
}

# What EventBridge starts.
events_runs contains run if {
	some run in run_all
	run.kind in {"pipe", "rule", "schedule"}
}

events_needs_of_subnets(run) := run_fargate_by(run) | {need |
	task := run_task(run)
	task_network_mode(task) == "awsvpc"
	need := sprintf("network mode awsvpc of task definition %v", [task])
}

# METADATA
# title: A rule, schedule or pipe changes the settings of a container that the task definition does not have
# description: ECS refuses each start ("Override for container named ... is not a container in the TaskDefinition"), and nothing says so but the metric of failed invocations and the dead-letter queue.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html
# custom:
#   id: AWSC-EVENTS-013
violation contains make_diag_at("AWSC-EVENTS-013", "ERROR", use.by, path, message) if {
	whole_template
	some use in name_unknown
	some run in events_runs
	run.name == use.by
	path := dotted(use.keys)
	message := sprintf(
		"%v %v changes the settings of container \"%v\", which is not among those of task definition %v (%v); name one of these",
		[run.kind, run.name, use.given, use.task, listed(use.names)],
	)
}

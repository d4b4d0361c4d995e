package awscontainers

import rego.v1

# Who calls what on whose behalf: what a role of this template must allow, because a service or program does that with it.
#   role, action   the role, and an action that tells a role which may from one which may not
#   resource       what it is done to, as policy.rego names it
#   by, kind       the resource for which it is done, and what it is
# role_without() of policy.rego says whether the role surely may not.
call_needs contains need if {
	some run in run_all
	role := run_role(run)
	need := {"role": role, "action": "ecs:RunTask", "resource": call_task(run), "by": run.name, "kind": run.kind}
}

# What ECS reads before a container starts.
call_needs contains need if some need in task_reads_needs

# ECS starts tasks with their roles, which whoever asks it to must be allowed to pass on.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
call_needs contains need if {
	some pass in call_passes
	need := {"role": pass.sender, "action": "iam:PassRole", "resource": policy_role_resource(pass.role), "by": pass.by, "kind": pass.kind}
}

# https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
call_needs contains need if {
	some name in resources_of_type("AWS::Scheduler::Schedule")
	queue := refers(property(name, ["Target", "DeadLetterConfig", "Arn"]), "AWS::SQS::Queue")
	role := refers(property(name, ["Target", "RoleArn"]), "AWS::IAM::Role")
	need := {"role": role, "action": "sqs:SendMessage", "resource": policy_queue_resource(queue), "by": name, "kind": "schedule", "queue": queue}
}

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html
call_needs contains need if {
	some provider, launch in instances_provider_launches
	some role in instances_roles(launch)
	need := {"role": role, "action": "ecs:RegisterContainerInstance", "resource": policy_anything, "by": provider, "kind": "capacity provider"}
}

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html
call_needs contains need if {
	some name in resources_of_type("AWS::ECS::ExpressGatewayService")
	role := refers(property(name, ["InfrastructureRoleArn"]), "AWS::IAM::Role")
	need := {"role": role, "action": express_action, "resource": policy_anything, "by": name, "kind": "Express service"}
}

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/gateway-managing.html
call_needs contains need if {
	some name in resources_of_type("AWS::ECS::Gateway")
	role := refers(property(name, ["InfrastructureRoleArn"]), "AWS::IAM::Role")
	need := {"role": role, "action": express_action, "resource": policy_anything, "by": name, "kind": "gateway"}
}

# https://docs.aws.amazon.com/eks/latest/userguide/add-ons-iam.html
call_needs contains need if {
	some addon in resources_of_type("AWS::EKS::Addon")
	wanted := eks_addons_needs[literal(addon, ["AddonName"])]
	some [path, role] in eks_storage_driver_roles(addon, wanted.account)
	need := {"role": role, "action": wanted.action, "resource": policy_anything, "by": addon, "kind": "add-on", "path": path, "policy": wanted.policy}
}

# The needs that a role surely does not meet.
call_refused contains need if {
	some need in call_needs
	policy_role_without(need.role, need.action, need.resource)
}

call_task(run) := policy_task_resource(run_task(run))

call_task(run) := policy_anything if not run_task(run)

# Who passes which role on, and to whom: whoever has a task started passes on the roles of its task definition.
#   by, kind    what has the task started
#   sender      the role with which it does
#   task, key   the task definition, and its property that names the role
#   role        the role that is passed on, to ecs-tasks.amazonaws.com
call_passes contains pass if {
	some run in run_all
	not call_replaces_roles(run)
	task := run_task(run)
	some key in call_passed_keys(task)
	role := refers(property(task, [key]), "AWS::IAM::Role")
	pass := {"by": run.name, "kind": run.kind, "sender": run_role(run), "task": task, "key": key, "role": role}
}

# The CDK's own targets leave out the task role of tasks that don't run on Fargate, and they start.
# https://github.com/aws/aws-cdk/blob/v2.277.0/packages/aws-cdk-lib/aws-events-targets/lib/ecs-task.ts
call_passed_keys(task) := ["ExecutionRoleArn", "TaskRoleArn"] if task_requires_fargate(task)

call_passed_keys(task) := ["ExecutionRoleArn"] if not task_requires_fargate(task)

# True if the input of what starts a task may give it other roles: it names some, or is unknown as a whole.
call_replaces_roles(run) if {
	given := [run_property(run, what) | some what in ["input", "path", "overrides"]]
	regex.match(`RoleArn|__conditional|"__dynamic":"[^JS]`, json.marshal(given))
}

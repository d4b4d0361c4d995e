package awscontainers

import rego.v1

# What policy documents let a service do. Anything unusual counts as allowed: NotAction, NotPrincipal, Fn::If, a
# statement with conditions.

policy_documents(role) := own | attached if {
	own := {{"name": role, "keys": ["Policies", i, "PolicyDocument"]} | some i, _ in list(role, ["Policies"])}
	attached := {{"name": policy, "keys": ["PolicyDocument"]} | some policy in policy_attached(role)}
}

# True if the policy of a resource surely lets a service ("ecs-tasks") not do something ("sts:AssumeRole").
policy_denied(name, keys, service, action) if {
	not guess_within(name, keys)
	statements := policy_statements(property(name, array.concat(keys, ["Statement"])))
	every statement in statements {
		policy_refuses(statement, service, action)
	}
}

policy_statements(value) := value if is_array(value)

policy_statements(value) := [value] if {
	is_object(value)
	not opaque(value)
}

# True if a statement surely does not let the service do it.
policy_refuses(statement, _, action) if policy_forbids(statement, action)

policy_refuses(statement, service, _) if policy_excludes(statement, service)

# True if a statement surely lets nobody do it.
policy_forbids(statement, _) if statement.Effect == "Deny"

policy_forbids(statement, action) if {
	patterns := policy_strings(statement.Action)
	every pattern in patterns {
		not policy_covers(pattern, action)
	}
}

# True if an action as a policy writes it covers another; all that begins like one with a wildcard is covered.
policy_covers(pattern, action) if lower(pattern) == lower(action)

policy_covers(pattern, action) if {
	policy_has_wildcard(pattern)
	startswith(lower(action), lower(policy_before_wildcard(pattern)))
}

# True if a statement is surely for others than the service.
policy_excludes(statement, service) if {
	is_object(statement.Principal)
	not opaque(statement.Principal)
	services := policy_strings(object.get(statement.Principal, "Service", []))
	every name in services {
		not startswith(name, concat("", [service, "."]))
		name != "*"
	}
	not policy_everybody(object.get(statement.Principal, "AWS", []))
}

policy_everybody(principal) if principal == "*"

policy_everybody(principal) if {
	is_array(principal)
	"*" in principal
}

# A string or a list of strings as a list. Undefined if any of it is unknown.
policy_strings(value) := [value] if is_string(value)

policy_strings(value) := value if {
	is_array(value)
	every element in value {
		is_string(element)
	}
}

# True if a role surely does not allow an action on a resource: neither by its own policies nor by those attached. One with a
# name of its own may have more attached by that name.
policy_role_without(role, action, resource) if {
	whole_template
	absent(role, ["RoleName"])
	not exported(role)
	not in_custom_resource(role)
	every i, _ in list(role, ["ManagedPolicyArns"]) {
		managed_without(role, ["ManagedPolicyArns", i], action, resource)
	}
	every i, _ in list(role, ["Policies"]) {
		policy_without(role, ["Policies", i, "PolicyDocument"], action, resource)
	}
	every policy in policy_attached(role) {
		policy_without(policy, ["PolicyDocument"], action, resource)
	}
}

# True if a policy document surely does not allow an action on a resource.
policy_without(name, keys, action, resource) if {
	not guess_within(name, keys)
	statements := policy_statements(property(name, array.concat(keys, ["Statement"])))
	every statement in statements {
		policy_withholds(statement, action, resource)
	}
}

policy_withholds(statement, action, _) if policy_forbids(statement, action)

policy_withholds(statement, _, resource) if {
	resource != policy_anything
	patterns := policy_resources(statement)
	every pattern in patterns {
		policy_misses(pattern, resource)
	}
}

# What a statement is about. Undefined for NotResource, and where the list as a whole is unknown.
policy_resources(statement) := statement.Resource if is_array(statement.Resource)

policy_resources(statement) := [statement.Resource] if not is_array(statement.Resource)

# A resource as policies name it: the service in its ARN, and how the last part of the ARN begins; all of it, if complete.
policy_anything := {}

policy_task_resource(task) := {"id": task, "service": "ecs", "begins": begins, "complete": false} if {
	begins := concat("", ["task-definition/", policy_task_family(task)])
}

# The revision comes after the family. A name that the template does not give is known after the deployment only.
policy_task_family(task) := sprintf("%v:", [literal(task, ["Family"])])

policy_task_family(task) := "" if not is_scalar(literal(task, ["Family"]))

policy_role_resource(role) := {"id": role, "service": "iam", "begins": "role/", "complete": false}

policy_queue_resource(queue) := {"id": queue, "service": "sqs", "begins": literal(queue, ["QueueName"]), "complete": true}

policy_queue_resource(queue) := {"id": queue, "service": "sqs", "begins": "", "complete": false} if not is_scalar(literal(queue, ["QueueName"]))

# True if what a statement is about is surely not a resource: another resource of this template, or another ARN. The account
# and the Region of an ARN do not count, because the engine guesses them.
policy_misses(pattern, resource) if {
	other := pattern.__ref
	other != resource.id
	pattern.__kind in {"getatt:Arn", "resource"}
	type := input.resources[other].resourceType
	startswith(type, "AWS::")

	# What these give may be anything.
	not startswith(type, "AWS::CloudFormation::")
}

policy_misses(pattern, resource) if {
	arn := policy_arn_of(pattern)
	arn.service != resource.service
	not policy_has_wildcard(arn.service)
}

policy_misses(pattern, resource) if {
	arn := policy_arn_of(pattern)
	not policy_may_name(arn.name, resource)
}

policy_has_wildcard(text) if contains(text, "*")

policy_has_wildcard(text) if contains(text, "?")

# The service and the last part of an ARN; what is unknown in it is a wildcard. Undefined for anything else.
policy_arn_of(pattern) := {"service": parts[1], "name": parts[2]} if {
	text := policy_unguessed(trim_prefix(partly_known(pattern), "Join:"))
	found := regex.find_all_string_submatch_n(`^arn:[^:]*:([^:]*):[^:]*:[^:]*:(.+)$`, text, 1)
	parts := found[0]
}

# A text with a wildcard for each part that the engine does not know, or puts in the place of the stack's name and id, its
# Region and its account.
policy_unguessed(text) := regex.replace(text, `\{[^}]*\}|teststack|us-east-1|123456789012|51af3dc0|da77|11e4|872e|1234567db123`, "*")

# True if a name with wildcards may be that of a resource.
policy_may_name(name, resource) if {
	policy_has_wildcard(name)
	startswith(resource.begins, policy_before_wildcard(name))
}

policy_may_name(name, resource) if {
	resource.complete == false
	startswith(policy_before_wildcard(name), resource.begins)
}

policy_may_name(name, resource) if name == resource.begins

policy_before_wildcard(text) := split(split(text, "*")[0], "?")[0]

# The policies of this template that name a role as one of theirs.
policy_attached(role) := {ref.source |
	some ref in input.resources[role].incomingRefs
	input.resources[ref.source].resourceType in {"AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy"}
	regex.match(`^Properties\.Role(s|Name)`, ref.sourcePath)
}

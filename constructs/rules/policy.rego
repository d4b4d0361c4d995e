package awscontainers

import rego.v1

# What policy documents let a service do. Anything unusual counts as allowed: NotAction, NotPrincipal, Fn::If, a
# statement with conditions.

# True if the policy of a resource surely lets a service ("ecs-tasks") not do something ("sts:AssumeRole").
denied(name, keys, service, action) if {
	not guess_within(name, keys)
	statements := policy_statements(property(name, array.concat(keys, ["Statement"])))
	every statement in statements {
		refuses(statement, service, action)
	}
}

policy_statements(value) := value if is_array(value)

policy_statements(value) := [value] if {
	is_object(value)
	not opaque(value)
}

# True if a statement surely does not let the service do it.
refuses(statement, _, action) if forbids(statement, action)

refuses(statement, service, _) if excludes(statement, service)

# True if a statement surely lets nobody do it.
forbids(statement, _) if statement.Effect == "Deny"

forbids(statement, action) if {
	patterns := strings(statement.Action)
	every pattern in patterns {
		not covers(pattern, action)
	}
}

# True if an action as a policy writes it covers another; all that begins like one with a wildcard is covered.
covers(pattern, action) if lower(pattern) == lower(action)

covers(pattern, action) if {
	regex.match(`[*?]`, pattern)
	startswith(lower(action), lower(regex.split(`[*?]`, pattern)[0]))
}

# True if a statement is surely for others than the service.
excludes(statement, service) if {
	is_object(statement.Principal)
	not opaque(statement.Principal)
	services := strings(object.get(statement.Principal, "Service", []))
	every name in services {
		not startswith(name, concat("", [service, "."]))
		name != "*"
	}
	not everybody(object.get(statement.Principal, "AWS", []))
}

everybody(principal) if principal == "*"

everybody(principal) if {
	is_array(principal)
	"*" in principal
}

# A string or a list of strings as a list. Undefined if any of it is unknown.
strings(value) := [value] if is_string(value)

strings(value) := value if {
	is_array(value)
	every element in value {
		is_string(element)
	}
}

# True if a role surely does not allow an action: neither by its own policies nor by those attached. One with a name of its
# own may have more attached by that name.
role_without(role, action) if {
	whole_template
	absent(role, ["RoleName"])
	not exported(role)
	not in_custom_resource(role)
	every i, _ in list(role, ["ManagedPolicyArns"]) {
		managed_without(role, ["ManagedPolicyArns", i], action)
	}
	every i, _ in list(role, ["Policies"]) {
		policy_without(role, ["Policies", i, "PolicyDocument"], action)
	}
	every policy in attached_policies(role) {
		policy_without(policy, ["PolicyDocument"], action)
	}
}

# True if a policy document surely does not allow an action.
policy_without(name, keys, action) if {
	not guess_within(name, keys)
	statements := policy_statements(property(name, array.concat(keys, ["Statement"])))
	every statement in statements {
		forbids(statement, action)
	}
}

# True for a managed policy of this template without the action, and for those of AWS that are known to be without.
managed_without(name, keys, action) if {
	policy := refers(property(name, keys), "AWS::IAM::ManagedPolicy")
	policy_without(policy, ["PolicyDocument"], action)
}

managed_without(name, keys, action) if {
	arn := property(name, keys)
	is_string(arn)
	not guess_within(name, keys)
	regex.match(`^arn:[^:]+:iam::aws:policy/`, arn)
	policy := regex.replace(arn, `^.*/`, "")
	policy in policies_without[action]
}

# Managed policies of AWS for instances and tasks, and one that is easily mistaken for the right one.
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
policies_without := {"ecs:RegisterContainerInstance": {
	"AmazonEC2ContainerRegistryPullOnly",
	"AmazonEC2ContainerRegistryReadOnly",
	"AmazonEC2ContainerServiceRole",
	"AmazonECSTaskExecutionRolePolicy",
	"AmazonElasticFileSystemClientReadWriteAccess",
	"AmazonS3ReadOnlyAccess",
	"AmazonSSMManagedInstanceCore",
	"AWSXRayDaemonWriteAccess",
	"CloudWatchAgentServerPolicy",
}}

# The policies of this template that name a role as one of theirs.
attached_policies(role) := {ref.source |
	some ref in input.resources[role].incomingRefs
	input.resources[ref.source].resourceType in {"AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy"}
	regex.match(`^Properties\.Role(s|Name)`, ref.sourcePath)
}

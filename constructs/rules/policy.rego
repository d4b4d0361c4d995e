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

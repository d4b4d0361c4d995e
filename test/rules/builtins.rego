package awscontainers

import rego.v1

# What the engine has beside Rego's own functions, for OPA to check the pack against. The engine's rules and its README describe them:
# https://github.com/aws-cloudformation/cloudformation-validate/blob/main/src/CUSTOM_RULES.md

# A finding.
make_diag_at(id, severity, resource, path, message) := {
	"id": id,
	"severity": severity,
	"resource": resource,
	"path": path,
	"message": message,
}

# The logical ids of the resources of a type.
resources_of_type(type) := [name | some name, resource in input.resources; resource.resourceType == type]

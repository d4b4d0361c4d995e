package awscontainers

import rego.v1

# METADATA
# title: A role may not be assumed by the service that it is given to
# description: The service refuses the resource, or fails at whatever it does with the role; nobody else may use it in its place.
# related_resources:
# - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html
# custom:
#   id: AWSC-ROLE-001
violation contains make_diag_at("AWSC-ROLE-001", "ERROR", use.role, "Properties.AssumeRolePolicyDocument", message) if {
	some use in assume_uses
	not role_has_rule(use)
	refused := assume_refused(use)
	count(refused) > 0
	message := sprintf(
		"role %v is the %v of %v, and its trust policy does not let %v.amazonaws.com do %v; allow that service these actions",
		[use.role, use.purpose, use.by, use.principal, listed(refused)],
	)
}

# Those of which another rule says what comes of it.
role_has_rule(use) if input.resources[use.by].resourceType in {
	"AWS::AppRunner::Service",
	"AWS::ECS::ExpressGatewayService",
	"AWS::ECS::TaskDefinition",
	"Custom::AWSCDK-EKS-Cluster",
}

role_has_rule(use) if use.purpose in {"cluster role", "load balancer role"}

role_has_rule(use) if {
	some run in run_all
	run.name == use.by
	run.places.role.keys == use.keys
}

package awscontainers

import rego.v1

# METADATA
# title: A service that shifts its traffic has no second target group
# description: "ECS refuses the service: the new tasks need a target group beside that of the old ones."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-implementation.html
# custom:
#   id: AWSC-DEPLOYMENT-001
violation contains make_diag_at("AWSC-DEPLOYMENT-001", "ERROR", shift.service, path, message) if {
	some shift in deployment_shifts
	keys := array.concat(shift.keys, ["AdvancedConfiguration", "AlternateTargetGroupArn"])
	absent(shift.service, keys)
	path := dotted(keys)
	message := sprintf(
		"service %v deploys by %v, but its load balancer entry %v has no second target group; set AdvancedConfiguration.AlternateTargetGroupArn",
		[shift.service, shift.strategy, shift.entry],
	)
}

violation contains make_diag_at("AWSC-DEPLOYMENT-001", "ERROR", shift.service, path, message) if {
	some shift in deployment_shifts
	keys := array.concat(shift.keys, ["AdvancedConfiguration", "AlternateTargetGroupArn"])
	group := elb_identity(shift.service, keys)
	group == elb_identity(shift.service, array.concat(shift.keys, ["TargetGroupArn"]))
	path := dotted(keys)
	message := sprintf(
		"service %v deploys by %v, but its load balancer entry %v has %v as both its target groups; set AlternateTargetGroupArn to another",
		[shift.service, shift.strategy, shift.entry, group[1]],
	)
}

# METADATA
# title: A service that shifts its traffic names no production listener rule
# description: ECS shifts the traffic by changing that rule (of a Network Load Balancer, the listener); without it the deployment fails.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-implementation.html
# custom:
#   id: AWSC-DEPLOYMENT-002
violation contains make_diag_at("AWSC-DEPLOYMENT-002", "ERROR", shift.service, path, message) if {
	some shift in deployment_shifts
	keys := array.concat(shift.keys, ["AdvancedConfiguration", "ProductionListenerRule"])
	absent(shift.service, keys)
	path := dotted(keys)
	message := sprintf(
		"service %v deploys by %v, but its load balancer entry %v does not say which rule carries the traffic; set AdvancedConfiguration.ProductionListenerRule to a listener rule, or to the listener of a Network Load Balancer",
		[shift.service, shift.strategy, shift.entry],
	)
}

# METADATA
# title: A service that shifts its traffic has no role with which ECS may do so
# description: Without it ECS may neither register the new tasks nor change the listener, and the deployment fails.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html
# custom:
#   id: AWSC-DEPLOYMENT-003
violation contains make_diag_at("AWSC-DEPLOYMENT-003", "ERROR", shift.service, path, message) if {
	some shift in deployment_shifts
	keys := array.concat(shift.keys, ["AdvancedConfiguration", "RoleArn"])
	absent(shift.service, keys)
	path := dotted(keys)
	message := sprintf(
		"service %v deploys by %v, but its load balancer entry %v has no role; set AdvancedConfiguration.RoleArn to one that ecs.amazonaws.com may assume, with AmazonECSInfrastructureRolePolicyForLoadBalancers",
		[shift.service, shift.strategy, shift.entry],
	)
}

violation contains make_diag_at("AWSC-DEPLOYMENT-003", "ERROR", shift.service, path, message) if {
	some shift in deployment_shifts
	keys := array.concat(shift.keys, ["AdvancedConfiguration", "RoleArn"])
	some use in assume_uses
	use.by == shift.service
	use.keys == keys
	role := use.role
	problems := deployment_role_problems(use)
	count(problems) > 0
	path := dotted(keys)
	message := sprintf(
		"load balancer entry %v of service %v has role %v, which %v; let ecs.amazonaws.com assume it and give it AmazonECSInfrastructureRolePolicyForLoadBalancers",
		[shift.entry, shift.service, role, concat(" and ", sort(problems))],
	)
}

deployment_role_problems(use) := shut | powerless if {
	shut := {"ecs.amazonaws.com may not assume" | count(assume_refused(use)) > 0}
	powerless := {"has no policy" | deployment_without_policy(use.role)}
}

# True if a role surely has no policy, of its own or attached.
deployment_without_policy(role) if {
	whole_template
	list(role, ["ManagedPolicyArns"]) == []
	list(role, ["Policies"]) == []

	# Anything else that refers to the role may be a policy, or attach one.
	every ref in input.resources[role].incomingRefs {
		deployment_only_uses_role(ref)
	}
}

deployment_only_uses_role(ref) if ref.kind == "DependsOn"

deployment_only_uses_role(ref) if input.resources[ref.source].resourceType in {"AWS::ECS::Service", "AWS::ECS::TaskDefinition"}

# Each load balancer entry with a target group, of a service that shifts its traffic from old tasks to new ones.
deployment_shifts contains shift if {
	some service in resources_of_type("AWS::ECS::Service")
	strategy := literal(service, ["DeploymentConfiguration", "Strategy"])
	strategy in {"BLUE_GREEN", "CANARY", "LINEAR"}
	setting(service, ["DeploymentController", "Type"], "ECS") == "ECS"
	some i, _ in list(service, ["LoadBalancers"])
	not absent(service, ["LoadBalancers", i, "TargetGroupArn"])
	shift := {"service": service, "strategy": strategy, "entry": i, "keys": ["LoadBalancers", i]}
}

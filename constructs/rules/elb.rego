package awscontainers

import rego.v1

# What tells the ARN of a listener or target group from others: the resource it refers to, the value itself, the parameter
# or the export it is. Two values with the same identity are equal. Undefined where that cannot be known.
elb_identity(name, keys) := ["resource", value.__ref] if {
	value := property(name, keys)
	startswith(input.resources[value.__ref].resourceType, "AWS::ElasticLoadBalancingV2::")
}

elb_identity(name, keys) := ["value", literal(name, keys)]

elb_identity(name, keys) := ["unknown", text] if {
	text := property(name, keys).__dynamic
	is_string(text)
	regex.match(`^(parameter [A-Za-z0-9]+ value unknown|cross-stack import: [A-Za-z0-9:-]+)$`, text)
}

# METADATA
# title: No listener forwards to a target group
# description: ECS refuses to create a service with it ("does not have an associated load balancer"); nothing else reaches it either.
# related_resources:
# - https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
# custom:
#   id: AWSC-ELB-001
violation contains make_diag_at("AWSC-ELB-001", "ERROR", group, "", message) if {
	some group in resources_of_type("AWS::ElasticLoadBalancingV2::TargetGroup")
	whole_template

	# Anything that refers to the group and is not known to only use it may put a listener before it: a listener or rule,
	# an output for another stack, a custom resource, CodeDeploy or ECS with its second group.
	every ref in input.resources[group].incomingRefs {
		elb_only_uses_group(ref)
	}
	message := sprintf(
		"target group %v is the target of no listener; name it in the default actions of a listener or in the actions of a listener rule, or remove it",
		[group],
	)
}

elb_only_uses_group(ref) if ref.kind == "DependsOn"

elb_only_uses_group(ref) if {
	input.resources[ref.source].resourceType == "AWS::ECS::Service"
	regex.match(`^Properties\.LoadBalancers\.\d+\.TargetGroupArn`, ref.sourcePath)
}

elb_only_uses_group(ref) if {
	input.resources[ref.source].resourceType in {
		"AWS::ApplicationAutoScaling::ScalingPolicy",
		"AWS::AutoScaling::AutoScalingGroup",
		"AWS::AutoScaling::ScalingPolicy",
		"AWS::CloudWatch::Alarm",
		"AWS::CloudWatch::Dashboard",
	}
}

# METADATA
# title: An Application Load Balancer has subnets in fewer than two Availability Zones
# description: Elastic Load Balancing refuses to create it, except on an Outpost or in a Local Zone.
# related_resources:
# - https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
# custom:
#   id: AWSC-ELB-002
violation contains make_diag_at("AWSC-ELB-002", "ERROR", balancer, path, message) if {
	some balancer in resources_of_type("AWS::ElasticLoadBalancingV2::LoadBalancer")
	elb_is_alb(balancer)
	absent(balancer, ["CustomerOwnedIpv4Pool"])
	some [key, subnets] in elb_subnet_lists(balancer)
	zones := {zone | some i, subnet in subnets; zone := subnet_zone_key(i, subnet)}

	# An Fn::If or AWS::NoValue has no key, and neither has a subnet on an Outpost or in a Local Zone.
	every i, subnet in subnets {
		subnet_zone_key(i, subnet)
	}
	count(zones) < 2
	path := dotted([key])
	message := sprintf(
		"Application Load Balancer %v has too few Availability Zones (subnets: %v, zones: %v); give it subnets in two or more",
		[balancer, count(subnets), count(zones)],
	)
}

# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-loadbalancer.html
elb_is_alb(balancer) if setting(balancer, ["Type"], "application") == "application"

elb_subnet_lists(balancer) := {[key, subnets] |
	some key in ["Subnets", "SubnetMappings"]
	not absent(balancer, [key])
	elements := list(balancer, [key])
	subnets := [elb_subnet(element) | some element in elements]
}

# METADATA
# title: Two rules of one listener have the same priority
# description: Elastic Load Balancing refuses the second ("Priority ... is currently in use"), and the stack rolls back.
# related_resources:
# - https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listenerrule.html
# custom:
#   id: AWSC-ELB-003
violation contains make_diag_at("AWSC-ELB-003", "ERROR", rule, "Properties.Priority", message) if {
	some place, rules in elb_rules_by_priority
	count(rules) > 1
	some rule in rules
	rivals := [rival | some rival in rules; rival < rule; elb_may_coexist(rival, rule)]
	count(rivals) > 0
	message := sprintf(
		"listener rule %v has priority %v, which %v has on the same listener; give each another",
		[rule, place[1], joined(sort(rivals))],
	)
}

elb_rules_by_priority[place] contains rule if {
	some rule in resources_of_type("AWS::ElasticLoadBalancingV2::ListenerRule")
	priority := number(literal(rule, ["Priority"]))
	place := [elb_identity(rule, ["ListenerArn"]), priority]
}

# True unless conditions may exclude one of the two.
elb_may_coexist(first, second) if exists_with(first, second)

elb_may_coexist(first, second) if exists_with(second, first)

# METADATA
# title: A target group's deregistration delay is shorter than its container's stop timeout
# description: "The load balancer cuts requests that outlast the delay before the container hears SIGTERM, and the time to stop does not save them. Harmless if all requests are shorter, as AWS advises for fast services: hence a warning."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-connection-draining.html
# custom:
#   id: AWSC-ELB-004
violation contains make_diag_at("AWSC-ELB-004", "WARN", group, path, message) if {
	some service, task in service_tasks
	some i, _ in list(service, ["LoadBalancers"])
	name := literal(service, ["LoadBalancers", i, "ContainerName"])
	some c, _ in list(task, ["ContainerDefinitions"])
	literal(task, ["ContainerDefinitions", c, "Name"]) == name
	timeout := elb_stop_timeout(service, task, c)
	some keys in [["TargetGroupArn"], ["AdvancedConfiguration", "AlternateTargetGroupArn"]]
	group := refers(property(service, array.concat(["LoadBalancers", i], keys)), "AWS::ElasticLoadBalancingV2::TargetGroup")
	[path, delay] := elb_deregistration_delay(group)
	delay < timeout
	message := sprintf(
		"target group %v of service %v waits %v s for requests to end, less than the %v s that %v of task definition %v has to stop; if its requests may take longer than %v s, raise deregistration_delay.timeout_seconds to %v or more, otherwise lower StopTimeout",
		[group, service, delay, timeout, task_container(task, c), task, delay, timeout],
	)
}

# The container's own, or the default where no instance can have another.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
elb_stop_timeout(_, task, c) := number(literal(task, ["ContainerDefinitions", c, "StopTimeout"]))

elb_stop_timeout(service, task, c) := 30 if {
	some run in run_all
	run.name == service
	run_on_fargate(run)
	absent(task, ["ContainerDefinitions", c, "StopTimeout"])
}

# Where the delay is, or would be, written, and its seconds.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
elb_deregistration_delay(group) := [path, delay] if {
	keys := every_literal(group, ["TargetGroupAttributes"], "Key")
	places := [n | some n, key in keys; key == "deregistration_delay.timeout_seconds"]
	count(places) == 1
	i := places[0]
	path := dotted(["TargetGroupAttributes", i, "Value"])
	delay := number(literal(group, ["TargetGroupAttributes", i, "Value"]))
}

elb_deregistration_delay(group) := ["Properties.TargetGroupAttributes", 300] if {
	keys := every_literal(group, ["TargetGroupAttributes"], "Key")
	not "deregistration_delay.timeout_seconds" in keys
}

# METADATA
# title: A target group is in another VPC than the load balancer that forwards to it
# description: Elastic Load Balancing refuses the listener or rule ("is in a different VPC than load balancer").
# related_resources:
# - https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-target-group.html
# custom:
#   id: AWSC-ELB-005
violation contains make_diag_at("AWSC-ELB-005", "ERROR", group, "Properties.VpcId", message) if {
	some group in resources_of_type("AWS::ElasticLoadBalancingV2::TargetGroup")
	vpc := refers(property(group, ["VpcId"]), "AWS::EC2::VPC")
	some listener in elb_listeners(group)
	balancer := refers(property(listener, ["LoadBalancerArn"]), "AWS::ElasticLoadBalancingV2::LoadBalancer")
	some [_, subnets] in elb_subnet_lists(balancer)
	homes := {home | some subnet in subnets; home := subnet_vpc(refers(subnet, "AWS::EC2::Subnet"))}
	count(homes) == 1
	not vpc in homes
	message := sprintf(
		"target group %v is in VPC %v, but load balancer %v, which forwards to it, is in %v; use the load balancer's VPC (targets of type ip may have addresses of a peered one)",
		[group, vpc, balancer, listed(homes)],
	)
}

# METADATA
# title: A rule that shares requests out among target groups keeps no client with one of them, though one is sticky
# description: Elastic Load Balancing refuses it ("You must enable group stickiness ... before enabling target stickiness").
# related_resources:
# - https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
# custom:
#   id: AWSC-ELB-006
violation contains make_diag_at("AWSC-ELB-006", "ERROR", name, path, message) if {
	some [kind, key] in [
		["AWS::ElasticLoadBalancingV2::Listener", "DefaultActions"],
		["AWS::ElasticLoadBalancingV2::ListenerRule", "Actions"],
	]
	some name in resources_of_type(kind)
	some i, _ in list(name, [key])
	keys := [key, i, "ForwardConfig"]
	shares := list(name, array.concat(keys, ["TargetGroups"]))
	count(shares) > 1
	setting(name, array.concat(keys, ["TargetGroupStickinessConfig", "Enabled"]), false) == false
	sticky := {group |
		some share in shares
		group := refers(share.TargetGroupArn, "AWS::ElasticLoadBalancingV2::TargetGroup")
		elb_is_sticky(group)
	}
	count(sticky) > 0
	path := dotted(array.concat(keys, ["TargetGroupStickinessConfig"]))
	message := sprintf(
		"%v shares its requests out among %v target groups and keeps no client with one, but %v is sticky; enable TargetGroupStickinessConfig, or set stickiness.enabled of the group to false",
		[name, count(shares), listed(sticky)],
	)
}

elb_is_sticky(group) if {
	some i, _ in list(group, ["TargetGroupAttributes"])
	literal(group, ["TargetGroupAttributes", i, "Key"]) == "stickiness.enabled"
	literal(group, ["TargetGroupAttributes", i, "Value"]) in ["true", true]
}

# METADATA
# title: A target group stands behind two load balancers
# description: Elastic Load Balancing refuses the second ("cannot be associated with more than one load balancer").
# related_resources:
# - https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
# custom:
#   id: AWSC-ELB-007
violation contains make_diag_at("AWSC-ELB-007", "ERROR", group, "", message) if {
	some group in resources_of_type("AWS::ElasticLoadBalancingV2::TargetGroup")
	balancers := {balancer |
		some listener in elb_listeners(group)
		exists_with(listener, group)
		balancer := refers(property(listener, ["LoadBalancerArn"]), "AWS::ElasticLoadBalancingV2::LoadBalancer")
	}
	count(balancers) > 1
	message := sprintf(
		"target group %v stands behind more than one load balancer (%v); give each a target group of its own",
		[group, listed(balancers)],
	)
}

# The listeners that surely forward to a target group, by their default actions or by a rule.
elb_listeners(target) := {listener |
	some ref in input.resources[target].incomingRefs
	contains(ref.sourcePath, "Actions")
	not contains(ref.sourcePath, "Fn::If")
	listener := elb_listener_of(ref.source)
}

elb_listener_of(name) := name if input.resources[name].resourceType == "AWS::ElasticLoadBalancingV2::Listener"

elb_listener_of(name) := listener if {
	input.resources[name].resourceType == "AWS::ElasticLoadBalancingV2::ListenerRule"
	listener := refers(property(name, ["ListenerArn"]), "AWS::ElasticLoadBalancingV2::Listener")
}

elb_subnet(element) := element.SubnetId if element.SubnetId

elb_subnet(element) := element if not element.SubnetId

# METADATA
# title: A listener without TLS authenticates
# description: Elastic Load Balancing refuses the listener or rule, because actions that authenticate require an HTTPS listener.
# related_resources:
# - https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
# custom:
#   id: AWSC-ELB-008
violation contains make_diag_at("AWSC-ELB-008", "ERROR", name, path, message) if {
	some [name, key, i, action] in elb_authentications
	literal(elb_listener_of(name), ["Protocol"]) == "HTTP"
	path := dotted([key, i, "Type"])
	message := sprintf(
		"%v authenticates (%v), but listener %v speaks HTTP; move the action to an HTTPS listener",
		[name, action, elb_listener_of(name)],
	)
}

# METADATA
# title: Requests reach a service without the authentication of its other rules
# description: "Whoever finds another path, or another spelling of one, passes the authentication by. Right where the rest of the service is public: hence a warning."
# related_resources:
# - https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
# custom:
#   id: AWSC-ELB-009
violation contains make_diag_at("AWSC-ELB-009", "WARN", name, path, message) if {
	some [name, key] in elb_open_ends
	not elb_authenticates(name)
	some group in elb_groups_of(name)
	guarded := {guard |
		some [guard, _, _, _] in elb_authentications
		guard != name
		some other in elb_groups_of(guard)
		elb_are_of_one(group, other)
	}
	count(guarded) > 0
	path := dotted([key])
	message := sprintf(
		"%v takes all requests that are left, and forwards them to target group %v without authentication, which %v requires for the same targets; authenticate there too, answer 404, or acknowledge that the rest is public",
		[name, group, listed(guarded)],
	)
}

# What takes the requests that no other rule fits: default actions, and rules for all paths.
elb_open_ends contains [listener, "DefaultActions"] if {
	some listener in resources_of_type("AWS::ElasticLoadBalancingV2::Listener")
}

elb_open_ends contains [rule, "Actions"] if {
	some rule in resources_of_type("AWS::ElasticLoadBalancingV2::ListenerRule")
	conditions := list(rule, ["Conditions"])
	count(conditions) > 0
	every i, _ in conditions {
		elb_fits_all_paths(rule, i)
	}
}

elb_fits_all_paths(rule, i) if {
	literal(rule, ["Conditions", i, "Field"]) == "path-pattern"
	some keys in [["Values"], ["PathPatternConfig", "Values"]]
	at := array.concat(["Conditions", i], keys)
	some j, _ in list(rule, at)
	literal(rule, array.concat(at, [j])) in ["*", "/*"]
}

# The actions that authenticate: the listener or rule, the place of its actions, and what the action is.
elb_authentications contains [name, key, i, action] if {
	some [kind, key] in [
		["AWS::ElasticLoadBalancingV2::Listener", "DefaultActions"],
		["AWS::ElasticLoadBalancingV2::ListenerRule", "Actions"],
	]
	some name in resources_of_type(kind)
	some i, _ in list(name, [key])
	action := literal(name, [key, i, "Type"])
	action in ["authenticate-oidc", "authenticate-cognito", "jwt-validation"]
}

elb_authenticates(name) if {
	some entry in elb_authentications
	entry[0] == name
}

# The target groups to which a listener or rule surely forwards by itself.
elb_groups_of(name) := {group |
	some group in resources_of_type("AWS::ElasticLoadBalancingV2::TargetGroup")
	some ref in input.resources[group].incomingRefs
	ref.source == name
	contains(ref.sourcePath, "Actions")
	not contains(ref.sourcePath, "Fn::If")
}

# True if two target groups are one, or belong to one service.
elb_are_of_one(group, other) if group == other

elb_are_of_one(group, other) if {
	some service in resources_of_type("AWS::ECS::Service")
	groups := {target |
		some i, _ in list(service, ["LoadBalancers"])
		target := refers(property(service, ["LoadBalancers", i, "TargetGroupArn"]), "AWS::ElasticLoadBalancingV2::TargetGroup")
	}
	group in groups
	other in groups
}

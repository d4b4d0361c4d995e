package awscontainers

import rego.v1

# rule: AWSC-ELB-001
# title: No listener forwards to a target group
# reason: ECS refuses to create a service with it ("does not have an associated load balancer"); nothing else reaches it either.
# page: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
violation contains make_diag_at("AWSC-ELB-001", "ERROR", group, "", message) if {
	some group in resources_of_type("AWS::ElasticLoadBalancingV2::TargetGroup")
	whole_template
	# Anything that refers to the group and is not known to only use it may put a listener before it: a listener or rule,
	# an output for another stack, a custom resource, CodeDeploy or ECS with its second group.
	every ref in input.resources[group].incomingRefs {
		only_uses_group(ref)
	}
	message := sprintf(
		"target group %v is the target of no listener; name it in the default actions of a listener or in the actions of a listener rule, or remove it",
		[group],
	)
}

only_uses_group(ref) if ref.kind == "DependsOn"

only_uses_group(ref) if {
	input.resources[ref.source].resourceType == "AWS::ECS::Service"
	regex.match(`^Properties\.LoadBalancers\.\d+\.TargetGroupArn`, ref.sourcePath)
}

only_uses_group(ref) if {
	input.resources[ref.source].resourceType in {
		"AWS::ApplicationAutoScaling::ScalingPolicy",
		"AWS::AutoScaling::AutoScalingGroup",
		"AWS::AutoScaling::ScalingPolicy",
		"AWS::CloudWatch::Alarm",
		"AWS::CloudWatch::Dashboard",
	}
}

# rule: AWSC-ELB-002
# title: An Application Load Balancer has subnets in fewer than two Availability Zones
# reason: Elastic Load Balancing refuses to create it, except on an Outpost or in a Local Zone.
# page: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
violation contains make_diag_at("AWSC-ELB-002", "ERROR", balancer, path, message) if {
	some balancer in resources_of_type("AWS::ElasticLoadBalancingV2::LoadBalancer")
	is_alb(balancer)
	absent(balancer, ["CustomerOwnedIpv4Pool"])
	some [key, subnets] in subnet_lists(balancer)
	zones := {zone | some i, subnet in subnets; zone := zone_key(i, subnet)}
	# An Fn::If or AWS::NoValue has no key, and neither has a subnet on an Outpost or in a Local Zone.
	every i, subnet in subnets {
		zone_key(i, subnet)
	}
	count(zones) < 2
	path := dotted([key])
	message := sprintf(
		"Application Load Balancer %v has too few Availability Zones (subnets: %v, zones: %v); give it subnets in two or more",
		[balancer, count(subnets), count(zones)],
	)
}

# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-loadbalancer.html
is_alb(balancer) if setting(balancer, ["Type"], "application") == "application"

subnet_lists(balancer) := {[key, subnets] |
	some key in ["Subnets", "SubnetMappings"]
	not absent(balancer, [key])
	elements := list(balancer, [key])
	subnets := [subnet_of(element) | some element in elements]
}

subnet_of(element) := element.SubnetId if element.SubnetId

subnet_of(element) := element if not element.SubnetId

# What tells a subnet's zone from the others': the zone where it is known; otherwise a subnet is taken to be in a zone of
# its own, unless it is the same subnet twice.
zone_key(_, subnet) := ["zone", zone] if {
	id := refers(subnet, "AWS::EC2::Subnet")
	zone := known_zone(id)
	absent(id, ["OutpostArn"])
	regex.match(`^[a-z]+(-[a-z]+)+-\d+[a-z]$`, zone)
}

zone_key(_, subnet) := ["subnet", id] if {
	id := refers(subnet, "AWS::EC2::Subnet")
	not known_zone(id)
	absent(id, ["OutpostArn"])
}

zone_key(_, subnet) := ["subnet", subnet] if is_string(subnet)

zone_key(i, subnet) := ["unknown", i] if subnet.__dynamic

# Written out, or chosen by number from the region's zones.
known_zone(subnet) := zone if {
	zone := property(subnet, ["AvailabilityZone"])
	is_string(zone)
	every source in sources(subnet, ["AvailabilityZone"]) {
		source == "Intrinsic/Fn::GetAZs"
	}
}

# rule: AWSC-ELB-003
# title: Two rules of one listener have the same priority
# reason: Elastic Load Balancing refuses the second ("Priority ... is currently in use"), and the stack rolls back.
# page: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listenerrule.html
violation contains make_diag_at("AWSC-ELB-003", "ERROR", rule, "Properties.Priority", message) if {
	some place, rules in rules_by_priority
	count(rules) > 1
	some rule in rules
	rivals := [rival | some rival in rules; rival < rule; may_coexist(rival, rule)]
	count(rivals) > 0
	message := sprintf(
		"listener rule %v has priority %v, which %v has on the same listener; give each another",
		[rule, place[1], joined(sort(rivals))],
	)
}

rules_by_priority[place] contains rule if {
	some rule in resources_of_type("AWS::ElasticLoadBalancingV2::ListenerRule")
	priority := number(literal(rule, ["Priority"]))
	place := [identity(rule, ["ListenerArn"]), priority]
}

# True unless conditions may exclude one of the two.
may_coexist(first, second) if exists_with(first, second)

may_coexist(first, second) if exists_with(second, first)

# rule: AWSC-ELB-004
# title: A target group's deregistration delay is shorter than its container's stop timeout
# reason: The load balancer cuts requests that outlast the delay before the container hears SIGTERM, and the time to stop does not save them. Harmless if all requests are shorter, as AWS advises for fast services: hence a warning.
# page: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-connection-draining.html
violation contains make_diag_at("AWSC-ELB-004", "WARN", group, path, message) if {
	some service, task in service_tasks
	some i, _ in list(service, ["LoadBalancers"])
	name := literal(service, ["LoadBalancers", i, "ContainerName"])
	some c, _ in list(task, ["ContainerDefinitions"])
	literal(task, ["ContainerDefinitions", c, "Name"]) == name
	timeout := stop_timeout(service, task, c)
	some keys in [["TargetGroupArn"], ["AdvancedConfiguration", "AlternateTargetGroupArn"]]
	group := refers(property(service, array.concat(["LoadBalancers", i], keys)), "AWS::ElasticLoadBalancingV2::TargetGroup")
	[path, delay] := deregistration_delay(group)
	delay < timeout
	message := sprintf(
		"target group %v of service %v waits %v s for requests to end, less than the %v s that %v of task definition %v has to stop; if its requests may take longer than %v s, raise deregistration_delay.timeout_seconds to %v or more, otherwise lower StopTimeout",
		[group, service, delay, timeout, container(task, c), task, delay, timeout],
	)
}

# The container's own, or the default where no instance can have another.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
stop_timeout(_, task, c) := number(literal(task, ["ContainerDefinitions", c, "StopTimeout"]))

stop_timeout(service, task, c) := 30 if {
	runs_on_fargate(service)
	absent(task, ["ContainerDefinitions", c, "StopTimeout"])
}

# Where the delay is, or would be, written, and its seconds.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
deregistration_delay(group) := [path, delay] if {
	keys := every_literal(group, ["TargetGroupAttributes"], "Key")
	some i, "deregistration_delay.timeout_seconds" in keys
	path := dotted(["TargetGroupAttributes", i, "Value"])
	delay := number(literal(group, ["TargetGroupAttributes", i, "Value"]))
}

deregistration_delay(group) := ["Properties.TargetGroupAttributes", 300] if {
	keys := every_literal(group, ["TargetGroupAttributes"], "Key")
	not "deregistration_delay.timeout_seconds" in keys
}

# rule: AWSC-ELB-005
# title: A target group is in another VPC than the load balancer that forwards to it
# reason: Elastic Load Balancing refuses the listener or rule ("is in a different VPC than load balancer").
# page: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-target-group.html
violation contains make_diag_at("AWSC-ELB-005", "ERROR", group, "Properties.VpcId", message) if {
	some group in resources_of_type("AWS::ElasticLoadBalancingV2::TargetGroup")
	vpc := refers(property(group, ["VpcId"]), "AWS::EC2::VPC")
	some listener in listeners(group)
	balancer := refers(property(listener, ["LoadBalancerArn"]), "AWS::ElasticLoadBalancingV2::LoadBalancer")
	some [_, subnets] in subnet_lists(balancer)
	homes := {home | some subnet in subnets; home := vpc_of(refers(subnet, "AWS::EC2::Subnet"))}
	count(homes) == 1
	not vpc in homes
	message := sprintf(
		"target group %v is in VPC %v, but load balancer %v, which forwards to it, is in %v; use the load balancer's VPC (targets of type ip may have addresses of a peered one)",
		[group, vpc, balancer, listed(homes)],
	)
}

# rule: AWSC-ELB-006
# title: A rule that shares requests out among target groups keeps no client with one of them, though one is sticky
# reason: Elastic Load Balancing refuses it ("You must enable group stickiness ... before enabling target stickiness").
# page: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
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
		is_sticky(group)
	}
	count(sticky) > 0
	path := dotted(array.concat(keys, ["TargetGroupStickinessConfig"]))
	message := sprintf(
		"%v shares its requests out among %v target groups and keeps no client with one, but %v is sticky; enable TargetGroupStickinessConfig, or set stickiness.enabled of the group to false",
		[name, count(shares), listed(sticky)],
	)
}

is_sticky(group) if {
	some i, _ in list(group, ["TargetGroupAttributes"])
	literal(group, ["TargetGroupAttributes", i, "Key"]) == "stickiness.enabled"
	literal(group, ["TargetGroupAttributes", i, "Value"]) in ["true", true]
}

# rule: AWSC-ELB-007
# title: A target group stands behind two load balancers
# reason: Elastic Load Balancing refuses the second ("cannot be associated with more than one load balancer").
# page: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
violation contains make_diag_at("AWSC-ELB-007", "ERROR", group, "", message) if {
	some group in resources_of_type("AWS::ElasticLoadBalancingV2::TargetGroup")
	balancers := {balancer |
		some listener in listeners(group)
		exists_with(listener, group)
		balancer := refers(property(listener, ["LoadBalancerArn"]), "AWS::ElasticLoadBalancingV2::LoadBalancer")
	}
	count(balancers) > 1
	message := sprintf(
		"target group %v stands behind more than one load balancer (%v); give each a target group of its own",
		[group, listed(balancers)],
	)
}

vpc_of(subnet) := refers(property(subnet, ["VpcId"]), "AWS::EC2::VPC")

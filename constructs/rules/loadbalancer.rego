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

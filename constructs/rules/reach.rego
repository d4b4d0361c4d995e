package awscontainers

import rego.v1

# What keeps tasks with the security groups from a mount target. Undefined if nothing does, or if others can add rules.
reach_nfs_problem(groups, target) := problem if {
	target_groups := references(target, ["SecurityGroups"], "AWS::EC2::SecurityGroup")
	reach_complete_groups(groups | target_groups)
	inward := [text |
		reach_shut_in(target_groups, 2049, groups)
		text := sprintf("the mount targets' security groups (%v) admit nothing from the service's (%v)", [listed(target_groups), listed(groups)])
	]
	outward := [text |
		reach_shut_out(groups, 2049, target_groups)
		text := sprintf("the service's security groups (%v) let nothing out to the mount targets' (%v)", [listed(groups), listed(target_groups)])
	]
	problem := concat(", and ", array.concat(inward, outward))
	problem != ""
}

# Each way from an Application Load Balancer to a container of awsvpc tasks, where every security group on it is in this
# template and nobody else can add rules to it.
reach_from_balancers contains way if {
	whole_template
	some service, task in service_tasks
	task_network_mode(task) == "awsvpc"
	service_groups := references(service, ["NetworkConfiguration", "AwsvpcConfiguration", "SecurityGroups"], "AWS::EC2::SecurityGroup")
	some i, _ in list(service, ["LoadBalancers"])
	port := number(literal(service, ["LoadBalancers", i, "ContainerPort"]))
	target := refers(property(service, ["LoadBalancers", i, "TargetGroupArn"]), "AWS::ElasticLoadBalancingV2::TargetGroup")
	some listener in elb_listeners(target)
	balancer := refers(property(listener, ["LoadBalancerArn"]), "AWS::ElasticLoadBalancingV2::LoadBalancer")
	elb_is_alb(balancer)
	balancer_groups := references(balancer, ["SecurityGroups"], "AWS::EC2::SecurityGroup")
	reach_complete_groups(service_groups | balancer_groups)
	way := {
		"service": service, "service_groups": service_groups, "port": port,
		"balancer": balancer, "balancer_groups": balancer_groups,
	}
}

# True if nobody outside this template can add rules to the security groups.
reach_complete_groups(groups) if {
	every group in groups {
		not exported(group)
		not in_custom_resource(group)
	}
}

# True if security groups admit nothing to the port from the peers.
reach_shut_in(groups, port, peers) if {
	every group in groups {
		reach_closed(group, "Ingress", "SourceSecurityGroupId", port, peers)
	}
}

# True if security groups let nothing out to the port of the peers.
reach_shut_out(groups, port, peers) if {
	every group in groups {
		# Without any rule of one's own, EC2 allows all outbound traffic.
		# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
		count(reach_rules(group, "Egress")) > 0
		reach_closed(group, "Egress", "DestinationSecurityGroupId", port, peers)
	}
}

# True if no rule of a security group can pass tcp on the port to or from the peers.
reach_closed(group, direction, peer_key, port, peers) if {
	list(group, [concat("", ["SecurityGroup", direction])])
	every rule in reach_rules(group, direction) {
		reach_blocks(rule, peer_key, port, peers)
	}
}

# Where the rules of a security group are written: in itself, or in resources that point to it.
reach_rules(group, direction) := inline | standalone if {
	kind := concat("", ["SecurityGroup", direction])
	inline := {{"name": group, "keys": [kind, i]} | some i, _ in list(group, [kind])}
	standalone := {{"name": ref.source, "keys": []} |
		some ref in input.resources[group].incomingRefs
		input.resources[ref.source].resourceType == concat("", ["AWS::EC2::", kind])
		startswith(ref.sourcePath, "Properties.GroupId")
	}
}

# True if a rule surely does not pass the traffic: another protocol, other ports or another security group. Any address
# range or prefix list is taken to include the peer.
reach_blocks(rule, _, _, _) if {
	protocol := reach_rule_protocol(rule)
	not protocol in {"tcp", "6", "-1"}
}

reach_blocks(rule, _, port, _) if {
	reach_rule_protocol(rule) != "-1"
	number(literal(rule.name, array.concat(rule.keys, ["FromPort"]))) > port
}

reach_blocks(rule, _, port, _) if {
	reach_rule_protocol(rule) != "-1"
	number(literal(rule.name, array.concat(rule.keys, ["ToPort"]))) < port
}

reach_blocks(rule, peer_key, _, peers) if {
	peer := refers(property(rule.name, array.concat(rule.keys, [peer_key])), "AWS::EC2::SecurityGroup")
	not peer in peers
}

reach_rule_protocol(rule) := lower(sprintf("%v", [protocol])) if {
	protocol := literal(rule.name, array.concat(rule.keys, ["IpProtocol"]))
}

package awscontainers

import rego.v1

# Who reaches whom on which port, where every security group on the way is in this template and nobody else can add rules to it.
#   from, from_groups   who begins, and its security groups
#   to, to_groups       whom it must reach
#   port                on tcp
#   at                  what the port is, where a load balancer begins
# What keeps them apart: reach_shut_in(), reach_shut_out().

# From an Application Load Balancer to a container of awsvpc tasks.
reach_ways contains way if {
	whole_template
	some run in run_all
	run.kind == "service"
	task_network_mode(run_task(run)) == "awsvpc"
	service_groups := run_references(run, "groups", "AWS::EC2::SecurityGroup")
	some i, _ in list(run.name, ["LoadBalancers"])
	target := refers(property(run.name, ["LoadBalancers", i, "TargetGroupArn"]), "AWS::ElasticLoadBalancingV2::TargetGroup")
	some listener in elb_listeners(target)
	balancer := refers(property(listener, ["LoadBalancerArn"]), "AWS::ElasticLoadBalancingV2::LoadBalancer")
	elb_is_alb(balancer)
	balancer_groups := references(balancer, ["SecurityGroups"], "AWS::EC2::SecurityGroup")
	reach_complete_groups(service_groups | balancer_groups)
	some [at, port] in reach_target_ports(run.name, i, target)
	way := {"from": balancer, "from_groups": balancer_groups, "to": run.name, "to_groups": service_groups, "port": port, "at": at}
}

# The ports at which a load balancer reaches a target of a service: the container's, and that of health checks if it is another.
reach_target_ports(service, i, target) := container | health if {
	container := {["container port", port] | port := number(literal(service, ["LoadBalancers", i, "ContainerPort"]))}
	health := {["health check port", port] |
		port := number(literal(target, ["HealthCheckPort"]))
		not ["container port", port] in container
	}
}

# From awsvpc tasks to the mount targets of their file systems. Others mount by their instance.
reach_ways contains way if {
	whole_template
	some mount in efs_mounts
	task_network_mode(mount.task) == "awsvpc"
	groups := run_references(mount.run, "groups", "AWS::EC2::SecurityGroup")
	some target in efs_targets[mount.files]
	target_groups := references(target, ["SecurityGroups"], "AWS::EC2::SecurityGroup")
	reach_complete_groups(groups | target_groups)
	way := {"from": mount.run.name, "from_groups": groups, "to": target, "to_groups": target_groups, "port": 2049}
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

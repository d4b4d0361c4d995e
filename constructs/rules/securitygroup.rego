package awscontainers

import rego.v1

# rule: AWSC-SG-001
# title: The security groups of a service do not let its Application Load Balancer in
# reason: Health checks time out, tasks are replaced over and over, and the deployment fails or hangs.
# page: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshoot-service-load-balancers.html
violation contains make_diag_at("AWSC-SG-001", "ERROR", way.service, path, message) if {
	some way in ways_in
	shut_in(way.service_groups, way.port, way.balancer_groups)
	path := "Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups"
	message := sprintf(
		"security groups (%v) of service %v admit nothing to container port %v from security groups (%v) of load balancer %v; add an ingress rule for tcp %v from the load balancer's security group",
		[listed(way.service_groups), way.service, way.port, listed(way.balancer_groups), way.balancer, way.port],
	)
}

# rule: AWSC-SG-002
# title: The security groups of an Application Load Balancer do not let it out to a service
# reason: Health checks time out, tasks are replaced over and over, and the deployment fails or hangs.
# page: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html
violation contains make_diag_at("AWSC-SG-002", "ERROR", way.balancer, "Properties.SecurityGroups", message) if {
	some way in ways_in
	shut_out(way.balancer_groups, way.port, way.service_groups)
	message := sprintf(
		"security groups (%v) of load balancer %v let nothing out to container port %v of service %v with security groups (%v); add an egress rule for tcp %v to the service's security group",
		[listed(way.balancer_groups), way.balancer, way.port, way.service, listed(way.service_groups), way.port],
	)
}

# Each way from an Application Load Balancer to a container of awsvpc tasks, where every security group on it is in this
# template and nobody else can add rules to it.
ways_in contains way if {
	whole_template
	some service, task in service_tasks
	network_mode(task) == "awsvpc"
	service_groups := references(service, ["NetworkConfiguration", "AwsvpcConfiguration", "SecurityGroups"], "AWS::EC2::SecurityGroup")
	some i, _ in list(service, ["LoadBalancers"])
	port := number(literal(service, ["LoadBalancers", i, "ContainerPort"]))
	target := refers(property(service, ["LoadBalancers", i, "TargetGroupArn"]), "AWS::ElasticLoadBalancingV2::TargetGroup")
	some listener in listeners(target)
	balancer := refers(property(listener, ["LoadBalancerArn"]), "AWS::ElasticLoadBalancingV2::LoadBalancer")
	is_alb(balancer)
	balancer_groups := references(balancer, ["SecurityGroups"], "AWS::EC2::SecurityGroup")
	complete_groups(service_groups | balancer_groups)
	way := {
		"service": service, "service_groups": service_groups, "port": port,
		"balancer": balancer, "balancer_groups": balancer_groups,
	}
}

# The listeners that surely forward to a target group, by their default actions or by a rule.
listeners(target) := {listener |
	some ref in input.resources[target].incomingRefs
	contains(ref.sourcePath, "Actions")
	not contains(ref.sourcePath, "Fn::If")
	listener := listener_of(ref.source)
}

listener_of(name) := name if input.resources[name].resourceType == "AWS::ElasticLoadBalancingV2::Listener"

listener_of(name) := listener if {
	input.resources[name].resourceType == "AWS::ElasticLoadBalancingV2::ListenerRule"
	listener := refers(property(name, ["ListenerArn"]), "AWS::ElasticLoadBalancingV2::Listener")
}

# True if nobody outside this template can add rules to the security groups.
complete_groups(groups) if {
	every group in groups {
		not exported(group)
		not in_custom_resource(group)
	}
}

# True if security groups admit nothing to the port from the peers.
shut_in(groups, port, peers) if {
	every group in groups {
		closed(group, "Ingress", "SourceSecurityGroupId", port, peers)
	}
}

# True if security groups let nothing out to the port of the peers.
shut_out(groups, port, peers) if {
	every group in groups {
		# Without any rule of one's own, EC2 allows all outbound traffic.
		# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
		count(rules_of(group, "Egress")) > 0
		closed(group, "Egress", "DestinationSecurityGroupId", port, peers)
	}
}

# True if no rule of a security group can pass tcp on the port to or from the peers.
closed(group, direction, peer_key, port, peers) if {
	list(group, [concat("", ["SecurityGroup", direction])])
	every rule in rules_of(group, direction) {
		blocks(rule, peer_key, port, peers)
	}
}

# Where the rules of a security group are written: in itself, or in resources that point to it.
rules_of(group, direction) := inline | standalone if {
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
blocks(rule, _, _, _) if {
	protocol := rule_protocol(rule)
	not protocol in {"tcp", "6", "-1"}
}

blocks(rule, _, port, _) if {
	rule_protocol(rule) != "-1"
	number(literal(rule.name, array.concat(rule.keys, ["FromPort"]))) > port
}

blocks(rule, _, port, _) if {
	rule_protocol(rule) != "-1"
	number(literal(rule.name, array.concat(rule.keys, ["ToPort"]))) < port
}

blocks(rule, peer_key, _, peers) if {
	peer := refers(property(rule.name, array.concat(rule.keys, [peer_key])), "AWS::EC2::SecurityGroup")
	not peer in peers
}

rule_protocol(rule) := lower(sprintf("%v", [protocol])) if {
	protocol := literal(rule.name, array.concat(rule.keys, ["IpProtocol"]))
}

package awscontainers

import rego.v1

# rule: AWSC-SERVICE-001
# title: A service's load balancer entry names a container that its task definition does not have
# reason: ECS refuses to create the service ("The container ... does not exist in the task definition").
# page: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LoadBalancer.html
violation contains make_diag_at("AWSC-SERVICE-001", "ERROR", service, path, message) if {
	some service, task in service_tasks
	some i, _ in list(service, ["LoadBalancers"])
	keys := ["LoadBalancers", i, "ContainerName"]
	wanted := literal(service, keys)
	names := every_literal(task, ["ContainerDefinitions"], "Name")
	not wanted in names
	path := dotted(keys)
	message := sprintf(
		"service %v sends traffic to container \"%v\", which is not among those of task definition %v (%v); name one of these",
		[service, wanted, task, listed(names)],
	)
}

# rule: AWSC-SERVICE-002
# title: A service's load balancer entry names a port that the container does not map
# reason: ECS refuses to create the service ("The container ... did not have a container port ... defined").
# page: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LoadBalancer.html
violation contains make_diag_at("AWSC-SERVICE-002", "ERROR", service, path, message) if {
	some service, task in service_tasks
	some i, _ in list(service, ["LoadBalancers"])
	name := literal(service, ["LoadBalancers", i, "ContainerName"])
	port := number(literal(service, ["LoadBalancers", i, "ContainerPort"]))
	some c, _ in list(task, ["ContainerDefinitions"])
	literal(task, ["ContainerDefinitions", c, "Name"]) == name
	# Undefined, and so silent, for a container that maps a range of ports.
	given := every_literal(task, ["ContainerDefinitions", c, "PortMappings"], "ContainerPort")
	ports := [number(p) | some p in given]
	not port in ports
	path := dotted(["LoadBalancers", i, "ContainerPort"])
	message := sprintf(
		"service %v sends traffic to port %v of container \"%v\", which is not among its container ports in task definition %v (%v); map it or name one of these",
		[service, port, name, task, listed(ports)],
	)
}

# rule: AWSC-SERVICE-003
# title: A service's target group has the wrong target type for the network mode of its tasks
# reason: ECS refuses to create the service: awsvpc tasks are registered by their own IP address, others by their instance.
# page: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb.html
violation contains make_diag_at("AWSC-SERVICE-003", "ERROR", group, "Properties.TargetType", message) if {
	some service, task in service_tasks
	some i, _ in list(service, ["LoadBalancers"])
	some keys in [["TargetGroupArn"], ["AdvancedConfiguration", "AlternateTargetGroupArn"]]
	group := refers(property(service, array.concat(["LoadBalancers", i], keys)), "AWS::ElasticLoadBalancingV2::TargetGroup")
	mode := network_mode(task)
	wanted := target_type_of_mode[mode]
	# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html
	given := setting(group, ["TargetType"], "instance")
	given != wanted
	message := sprintf(
		"target group %v of service %v has target type %v, but the tasks' network mode is %v; use target type %v",
		[group, service, given, mode, wanted],
	)
}

target_type_of_mode := {"awsvpc": "ip", "bridge": "instance", "host": "instance"}

network_mode(task) := literal(task, ["NetworkMode"])

# The default, except on Fargate, which requires awsvpc to be written.
network_mode(task) := "bridge" if {
	absent(task, ["NetworkMode"])
	every_known(list(task, ["RequiresCompatibilities"]))
	not requires_fargate(task)
}

every_known(values) if {
	every value in values {
		is_string(value)
	}
}

# rule: AWSC-SERVICE-004
# title: A Fargate service runs in a public subnet without a public IP address
# reason: The internet gateway carries only public addresses: the task can neither pull its image nor log, and stops.
# page: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
violation contains make_diag_at("AWSC-SERVICE-004", "ERROR", service, path, message) if {
	some service in resources_of_type("AWS::ECS::Service")
	runs_on_fargate(service)
	vpc_keys := ["NetworkConfiguration", "AwsvpcConfiguration"]
	# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
	setting(service, array.concat(vpc_keys, ["AssignPublicIp"]), "DISABLED") == "DISABLED"
	values := list(service, array.concat(vpc_keys, ["Subnets"]))
	subnets := {id | some value in values; id := refers(value, "AWS::EC2::Subnet"); public(id)}
	count(subnets) > 0
	whole_template
	not registry_endpoint
	path := dotted(array.concat(vpc_keys, ["AssignPublicIp"]))
	message := sprintf(
		"service %v runs on Fargate in public subnets (%v) without a public IP address; use private subnets with a NAT gateway or endpoints, or set AssignPublicIp to ENABLED",
		[service, listed(subnets)],
	)
}

runs_on_fargate(service) if literal(service, ["LaunchType"]) == "FARGATE"

runs_on_fargate(service) if {
	some i, _ in list(service, ["CapacityProviderStrategy"])
	literal(service, ["CapacityProviderStrategy", i, "CapacityProvider"]) in fargate_providers
}

# True if a subnet's only way out for IPv4 is an internet gateway, and it has no IPv6.
public(subnet) if {
	routed_to_gateway(subnet)
	vpc := refers(property(subnet, ["VpcId"]), "AWS::EC2::VPC")
	not exported(vpc)
	count(resources_of_type("AWS::EC2::SubnetCidrBlock")) == 0
	every key in ["Ipv6CidrBlock", "Ipv6IpamPoolId", "Ipv6NetmaskLength"] {
		absent(subnet, [key])
	}
}

# True if a subnet surely has a route to an internet gateway.
routed_to_gateway(subnet) if {
	some association in resources_of_type("AWS::EC2::SubnetRouteTableAssociation")
	refers(property(association, ["SubnetId"]), "AWS::EC2::Subnet") == subnet
	table := refers(property(association, ["RouteTableId"]), "AWS::EC2::RouteTable")
	some route in resources_of_type("AWS::EC2::Route")
	refers(property(route, ["RouteTableId"]), "AWS::EC2::RouteTable") == table
	literal(route, ["DestinationCidrBlock"]) == "0.0.0.0/0"
	refers(property(route, ["GatewayId"]), "AWS::EC2::InternetGateway")
	every name in [association, route] {
		input.resources[name].condition == null
	}
}

# True if a VPC endpoint may reach ECR: then tasks can do without the internet.
registry_endpoint if {
	some endpoint in resources_of_type("AWS::EC2::VPCEndpoint")
	not other_service(endpoint)
}

other_service(endpoint) if {
	name := property(endpoint, ["ServiceName"])
	is_string(name)
	not contains(name, "ecr")
}

# rule: AWSC-SERVICE-005
# title: A service with the scheduling strategy DAEMON runs on Fargate
# reason: ECS refuses it: a daemon runs once on each container instance, and Fargate has none of yours.
# page: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service-options.html
violation contains make_diag_at("AWSC-SERVICE-005", "ERROR", service, "Properties.SchedulingStrategy", message) if {
	some service in resources_of_type("AWS::ECS::Service")
	literal(service, ["SchedulingStrategy"]) == "DAEMON"
	is_for_fargate(service)
	message := sprintf(
		"service %v has SchedulingStrategy DAEMON, but runs on Fargate; use REPLICA, or LaunchType EC2",
		[service],
	)
}

is_for_fargate(service) if runs_on_fargate(service)

# By the default strategy of its cluster.
is_for_fargate(service) if {
	takes_default_strategy(service)
	cluster := refers(property(service, ["Cluster"]), "AWS::ECS::Cluster")
	providers := [provider |
		some holder in associations_of(cluster) | {cluster}
		some i, _ in list(holder, ["DefaultCapacityProviderStrategy"])
		provider := provider_at(holder, ["DefaultCapacityProviderStrategy", i, "CapacityProvider"])
	]
	count(providers) > 0
	every provider in providers {
		provider in fargate_providers
	}
}

# The task definition of each service, where both are in this template.
service_tasks[service] := task if {
	some service in resources_of_type("AWS::ECS::Service")
	task := refers(property(service, ["TaskDefinition"]), "AWS::ECS::TaskDefinition")
}

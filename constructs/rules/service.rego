package awscontainers

import rego.v1

# METADATA
# title: A service's load balancer entry names a container that its task definition does not have
# description: ECS refuses to create the service ("The container ... does not exist in the task definition").
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LoadBalancer.html
# custom:
#   id: AWSC-SERVICE-001
violation contains make_diag_at("AWSC-SERVICE-001", "ERROR", use.by, path, message) if {
	some use in name_unknown
	use.what == "container"
	input.resources[use.by].resourceType == "AWS::ECS::Service"
	path := dotted(use.keys)
	message := sprintf(
		"service %v sends traffic to container \"%v\", which is not among those of task definition %v (%v); name one of these",
		[use.by, use.given, use.task, listed(use.names)],
	)
}

# METADATA
# title: A service's load balancer entry names a port that the container does not map
# description: ECS refuses to create the service ("The container ... did not have a container port ... defined").
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LoadBalancer.html
# custom:
#   id: AWSC-SERVICE-002
violation contains make_diag_at("AWSC-SERVICE-002", "ERROR", use.by, path, message) if {
	some use in name_unknown
	use.what == "container port"
	path := dotted(use.keys)
	message := sprintf(
		"service %v sends traffic to port %v of container \"%v\", which is not among its container ports in task definition %v (%v); map it or name one of these",
		[use.by, use.given, use.container, use.task, listed(use.names)],
	)
}

# METADATA
# title: A service's target group has the wrong target type for the network mode of its tasks
# description: "ECS refuses to create the service: awsvpc tasks are registered by their own IP address, others by their instance."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb.html
# custom:
#   id: AWSC-SERVICE-003
violation contains make_diag_at("AWSC-SERVICE-003", "ERROR", group, "Properties.TargetType", message) if {
	some service, task in service_tasks
	some i, _ in list(service, ["LoadBalancers"])
	some keys in [["TargetGroupArn"], ["AdvancedConfiguration", "AlternateTargetGroupArn"]]
	group := refers(property(service, array.concat(["LoadBalancers", i], keys)), "AWS::ElasticLoadBalancingV2::TargetGroup")
	mode := task_network_mode(task)
	wanted := service_target_type_of_mode[mode]

	# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html
	given := setting(group, ["TargetType"], "instance")
	given != wanted
	message := sprintf(
		"target group %v of service %v has target type %v, but the tasks' network mode is %v; use target type %v",
		[group, service, given, mode, wanted],
	)
}

service_target_type_of_mode := {"awsvpc": "ip", "bridge": "instance", "host": "instance"}

# METADATA
# title: A task runs on Fargate in a public subnet without a public IP address
# description: "The internet gateway carries only public addresses: the task can neither pull its image nor log, and stops."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
# custom:
#   id: AWSC-SERVICE-004
violation contains make_diag_at("AWSC-SERVICE-004", "ERROR", run.name, path, message) if {
	some run in run_all
	run_on_fargate(run)

	# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
	run_setting(run, "public address", "DISABLED") == "DISABLED"
	subnets := {id | some value in run_list(run, "subnets"); id := refers(value, "AWS::EC2::Subnet"); subnet_public(id)}
	count(subnets) > 0
	whole_template
	not service_registry_endpoint
	path := run_path(run, "public address")
	message := sprintf(
		"%v %v runs on Fargate in public subnets (%v) without a public IP address; use private subnets with a NAT gateway or endpoints, or set AssignPublicIp to ENABLED",
		[run.kind, run.name, listed(subnets)],
	)
}

# True if a VPC endpoint may reach ECR: then tasks can do without the internet.
service_registry_endpoint if {
	some endpoint in resources_of_type("AWS::EC2::VPCEndpoint")
	not service_other_service(endpoint)
}

service_other_service(endpoint) if {
	name := property(endpoint, ["ServiceName"])
	is_string(name)
	not contains(name, "ecr")
}

# METADATA
# title: A service with the scheduling strategy DAEMON runs on Fargate
# description: "ECS refuses it: a daemon runs once on each container instance, and Fargate has none of yours."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service-options.html
# custom:
#   id: AWSC-SERVICE-005
violation contains make_diag_at("AWSC-SERVICE-005", "ERROR", service, "Properties.SchedulingStrategy", message) if {
	some service in resources_of_type("AWS::ECS::Service")
	literal(service, ["SchedulingStrategy"]) == "DAEMON"
	service_is_for_fargate(service)
	message := sprintf(
		"service %v has SchedulingStrategy DAEMON, but runs on Fargate; use REPLICA, or LaunchType EC2",
		[service],
	)
}

service_is_for_fargate(service) if {
	some run in run_all
	run.name == service
	run_on_fargate(run)
}

# By the default strategy of its cluster.
service_is_for_fargate(service) if {
	capacity_takes_default_strategy(service)
	cluster := refers(property(service, ["Cluster"]), "AWS::ECS::Cluster")
	providers := [provider |
		some holder in (capacity_associations(cluster) | {cluster})
		some i, _ in list(holder, ["DefaultCapacityProviderStrategy"])
		provider := capacity_provider(holder, ["DefaultCapacityProviderStrategy", i, "CapacityProvider"])
	]
	count(providers) > 0
	every provider in providers {
		provider in capacity_fargate_providers
	}
}

# The task definition of each service, where both are in this template.
service_tasks[service] := task if {
	some service in resources_of_type("AWS::ECS::Service")
	task := refers(property(service, ["TaskDefinition"]), "AWS::ECS::TaskDefinition")
}

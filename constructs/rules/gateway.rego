package awscontainers

import rego.v1

# METADATA
# title: A service with a gateway connector does not depend on the association of a gateway with its cluster
# description: ECS refuses the service if CloudFormation creates it first, and keeps the association until the service is gone.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/gateway-connect-service.html
# custom:
#   id: AWSC-GATEWAY-001
violation contains make_diag_at("AWSC-GATEWAY-001", "ERROR", service, "DependsOn", message) if {
	some need in order_missing
	need.gateway
	service := need.next
	message := sprintf(
		"service %v connects to a gateway, but may be created before and deleted after association %v of the gateway with its cluster; add %v to its DependsOn",
		[service, need.first, need.first],
	)
}

# The services with a connector, with the associations of this template that lead to them.
gateway_services contains {"service": service, "association": association, "gateway": gateway} if {
	some service in resources_of_type("AWS::ECS::Service")
	count(list(service, ["GatewayConnectors"])) > 0
	cluster := refers(property(service, ["Cluster"]), "AWS::ECS::Cluster")
	some association in resources_of_type("AWS::ECS::GatewayClusterAssociations")
	refers(property(association, ["Cluster"]), "AWS::ECS::Cluster") == cluster
	gateway := gateway_of(association)
}

gateway_of(association) := refers(property(association, ["Gateway"]), "AWS::ECS::Gateway")

gateway_of(association) := "" if not refers(property(association, ["Gateway"]), "AWS::ECS::Gateway")

# METADATA
# title: A gateway connector names no TCP port of a task with its own network interface
# description: A gateway sends HTTP to a port that has this name, and only to tasks in network mode awsvpc. ECS refuses other services.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/gateway-connect-service.html
# custom:
#   id: AWSC-GATEWAY-002
violation contains make_diag_at("AWSC-GATEWAY-002", "ERROR", service, path, message) if {
	some [service, task, i] in gateway_connectors
	keys := ["GatewayConnectors", i, "PortName"]
	given := literal(service, keys)
	not gateway_has_unknown_ports(task)
	names := {port.name | some port in gateway_ports(task)}
	not given in names
	path := dotted(keys)
	message := sprintf(
		"gateway connector of service %v names port %v, which task definition %v does not have (%v); set Name in PortMappings of the container that gets requests",
		[service, given, task, listed(names)],
	)
}

violation contains make_diag_at("AWSC-GATEWAY-002", "ERROR", service, path, message) if {
	some [service, task, i] in gateway_connectors
	keys := ["GatewayConnectors", i, "PortName"]
	given := literal(service, keys)
	some port in gateway_ports(task)
	port.name == given
	setting(task, array.concat(port.keys, ["Protocol"]), "tcp") == "udp"
	path := dotted(keys)
	message := sprintf("gateway connector of service %v names port %v of task definition %v, which is for UDP; name a TCP port", [service, given, task])
}

violation contains make_diag_at("AWSC-GATEWAY-002", "ERROR", task, "Properties.NetworkMode", message) if {
	some [service, task, _] in gateway_connectors
	mode := task_network_mode(task)
	mode != "awsvpc"
	message := sprintf("service %v has a gateway connector, but its task definition %v has network mode %v; use awsvpc", [service, task, mode])
}

gateway_connectors contains [service, task, i] if {
	some service, task in service_tasks
	some i, _ in list(service, ["GatewayConnectors"])
}

gateway_ports(task) := {port |
	some c, _ in list(task, ["ContainerDefinitions"])
	some m, _ in list(task, ["ContainerDefinitions", c, "PortMappings"])
	keys := ["ContainerDefinitions", c, "PortMappings", m]
	port := {"name": literal(task, array.concat(keys, ["Name"])), "keys": keys}
}

# True if a port may have a name that the template does not show.
gateway_has_unknown_ports(task) if not list(task, ["ContainerDefinitions"])

gateway_has_unknown_ports(task) if {
	some c, _ in list(task, ["ContainerDefinitions"])
	not list(task, ["ContainerDefinitions", c, "PortMappings"])
}

gateway_has_unknown_ports(task) if {
	some c, _ in list(task, ["ContainerDefinitions"])
	some m, _ in list(task, ["ContainerDefinitions", c, "PortMappings"])
	keys := ["ContainerDefinitions", c, "PortMappings", m, "Name"]
	not literal(task, keys)
	not absent(task, keys)
}

# METADATA
# title: A gateway is protected from deletion, because nothing says otherwise
# description: "DeletionProtection is true by default: if the first deployment fails, CloudFormation can't delete the gateway, and the rollback fails."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateGateway.html
# custom:
#   id: AWSC-GATEWAY-003
violation contains make_diag_at("AWSC-GATEWAY-003", "WARN", gateway, "Properties.DeletionProtection", message) if {
	some gateway in resources_of_type("AWS::ECS::Gateway")
	absent(gateway, ["DeletionProtection"])
	message := sprintf(
		"gateway %v is protected from deletion by default, which blocks the rollback of a first deployment; set DeletionProtection to false, or to true once the stack is deployed",
		[gateway],
	)
}

# METADATA
# title: The infrastructure role of a gateway has not the policy that gateways need
# description: ECS can't create the load balancer, and services never get an address. Infrastructure roles for other uses have other policies.
# related_resources:
# - https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonECSInfrastructureRoleForGatewayHostSharedALB.html
# custom:
#   id: AWSC-GATEWAY-004
violation contains make_diag_at("AWSC-GATEWAY-004", "ERROR", need.role, "Properties.ManagedPolicyArns", message) if {
	some need in call_refused
	need.kind == "gateway"
	message := sprintf(
		"gateway %v has infrastructure role %v, which may not create a load balancer; attach the managed policy AmazonECSInfrastructureRoleForGatewayHostSharedALB",
		[need.by, need.role],
	)
}

# METADATA
# title: No gateway of the cluster is in every Availability Zone of the service
# description: ECS connects a service only to gateways in its VPC that cover all zones of its subnets, and refuses it if there is none.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/developerguide/gateway-connect-service.html
# custom:
#   id: AWSC-GATEWAY-005
violation contains make_diag_at("AWSC-GATEWAY-005", "ERROR", service, path, message) if {
	whole_template
	some service in {use.service | some use in gateway_services}
	gateways := {use.gateway | some use in gateway_services; use.service == service}
	keys := ["NetworkConfiguration", "AwsvpcConfiguration", "Subnets"]
	every gateway in gateways {
		count(gateway_uncovered(gateway, service, keys)) > 0
	}
	uncovered := {subnet | some gateway in gateways; some subnet in gateway_uncovered(gateway, service, keys)}
	path := dotted(keys)
	message := sprintf(
		"service %v has subnets that gateway %v doesn't cover (%v); give the gateway a subnet of the same VPC in each of their Availability Zones",
		[service, listed(gateways), listed(uncovered)],
	)
}

# The subnets of a service that surely are in no zone of the gateway, or in another VPC.
gateway_uncovered(gateway, service, keys) := {refers(subnet, "AWS::EC2::Subnet") |
	some subnet in list(service, keys)
	covering := list(gateway, gateway_subnets)
	count(covering) > 0
	every other in covering {
		gateway_are_apart(subnet, other)
	}
}

gateway_are_apart(subnet, other) if subnet_other_zone(subnet, other)

gateway_are_apart(subnet, other) if {
	vpc := subnet_vpc(refers(subnet, "AWS::EC2::Subnet"))
	vpc != subnet_vpc(refers(other, "AWS::EC2::Subnet"))
}

gateway_subnets := ["Configuration", "HostSharedAlb", "NetworkConfiguration", "Subnets"]

# METADATA
# title: The load balancers of a gateway are dual-stack, and their subnets have no IPv6 ranges
# description: "IpAddressType is dualstack by default: Elastic Load Balancing refuses subnets without IPv6, when the first service connects."
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_GatewayElbNetworkConfiguration.html
# custom:
#   id: AWSC-GATEWAY-006
violation contains make_diag_at("AWSC-GATEWAY-006", "ERROR", gateway, path, message) if {
	some gateway in resources_of_type("AWS::ECS::Gateway")
	keys := ["Configuration", "HostSharedAlb", "NetworkConfiguration", "IpAddressType"]
	startswith(setting(gateway, keys, "dualstack"), "dualstack")
	subnets := {id | some subnet in list(gateway, gateway_subnets); id := refers(subnet, "AWS::EC2::Subnet"); gateway_without_ipv6(id)}
	count(subnets) > 0
	path := dotted(keys)
	message := sprintf("gateway %v is dual-stack, but subnets %v have no IPv6 range; set IpAddressType to ipv4", [gateway, listed(subnets)])
}

gateway_without_ipv6(subnet) if {
	every key in ["Ipv6CidrBlock", "Ipv6IpamPoolId", "Ipv6Native", "Ipv6NetmaskLength"] {
		absent(subnet, [key])
	}
	not gateway_gets_range(subnet)
}

# A range that another resource adds.
gateway_gets_range(subnet) if {
	some ref in input.resources[subnet].incomingRefs
	input.resources[ref.source].resourceType == "AWS::EC2::SubnetCidrBlock"
}

# METADATA
# title: A gateway listens for something other than HTTPS on port 443
# description: Gateways support only HTTPS on port 443. ECS refuses another port or protocol.
# related_resources:
# - https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HostSharedAlbConfiguration.html
# custom:
#   id: AWSC-GATEWAY-007
violation contains make_diag_at("AWSC-GATEWAY-007", "ERROR", gateway, path, message) if {
	some gateway in resources_of_type("AWS::ECS::Gateway")
	some key, only in {"Port": "443", "Protocol": "HTTPS"}
	keys := ["Configuration", "HostSharedAlb", key]
	given := sprintf("%v", [literal(gateway, keys)])
	given != only
	path := dotted(keys)
	message := sprintf("%v of gateway %v is %v, but gateways support only HTTPS on port 443; remove it", [key, gateway, given])
}

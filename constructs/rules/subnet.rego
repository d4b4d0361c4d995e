package awscontainers

import rego.v1

subnet_same_zone(subnet, other) if refers(subnet, "AWS::EC2::Subnet") == other.__ref

subnet_same_zone(subnet, other) if subnet_zone(subnet) == subnet_zone(other)

# True if two subnets are surely in different zones.
subnet_other_zone(subnet, other) if {
	first := subnet_zone(subnet)
	second := subnet_zone(other)
	first.way == second.way
	first.zone != second.zone
}

# The zone of a subnet of this template, and how it is given: nobody knows which name the region's first zone has.
subnet_zone(subnet) := {"zone": zone, "way": way} if {
	id := refers(subnet, "AWS::EC2::Subnet")
	zone := subnet_known_zone(id)
	way := sources(id, ["AvailabilityZone"])
}

# What tells a subnet's zone from the others': the zone where it is known; otherwise a subnet is taken to be in a zone of
# its own, unless it is the same subnet twice.
subnet_zone_key(_, subnet) := ["zone", zone] if {
	id := refers(subnet, "AWS::EC2::Subnet")
	zone := subnet_known_zone(id)
	absent(id, ["OutpostArn"])
	regex.match(`^[a-z]+(-[a-z]+)+-\d+[a-z]$`, zone)
}

subnet_zone_key(_, subnet) := ["subnet", id] if {
	id := refers(subnet, "AWS::EC2::Subnet")
	not subnet_known_zone(id)
	absent(id, ["OutpostArn"])
}

subnet_zone_key(_, subnet) := ["subnet", subnet] if is_string(subnet)

subnet_zone_key(i, subnet) := ["unknown", i] if subnet.__dynamic

# Written out, or chosen by number from the region's zones.
subnet_known_zone(subnet) := zone if {
	zone := property(subnet, ["AvailabilityZone"])
	is_string(zone)
	every source in sources(subnet, ["AvailabilityZone"]) {
		source == "Intrinsic/Fn::GetAZs"
	}
}

subnet_vpc(subnet) := refers(property(subnet, ["VpcId"]), "AWS::EC2::VPC")

# True if the route table of a subnet surely has local routes and gateway endpoints only.
subnet_isolated(subnet) if {
	some ref in input.resources[subnet].incomingRefs
	input.resources[ref.source].resourceType == "AWS::EC2::SubnetRouteTableAssociation"
	exists_with(ref.source, subnet)
	refers(property(ref.source, ["SubnetId"]), "AWS::EC2::Subnet") == subnet
	table := refers(property(ref.source, ["RouteTableId"]), "AWS::EC2::RouteTable")

	# Anything else that refers to the table may be a route, or make one.
	every use in input.resources[table].incomingRefs {
		subnet_makes_no_route(use)
	}
}

subnet_makes_no_route(ref) if ref.kind == "DependsOn"

subnet_makes_no_route(ref) if input.resources[ref.source].resourceType in {"AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::VPCEndpoint"}

# True if a subnet's only way out for IPv4 is an internet gateway, and it has no IPv6.
subnet_public(subnet) if {
	subnet_routed_to_gateway(subnet)
	vpc := refers(property(subnet, ["VpcId"]), "AWS::EC2::VPC")
	not exported(vpc)
	count(resources_of_type("AWS::EC2::SubnetCidrBlock")) == 0
	every key in ["Ipv6CidrBlock", "Ipv6IpamPoolId", "Ipv6NetmaskLength"] {
		absent(subnet, [key])
	}
}

# True if a subnet surely has a route to an internet gateway.
subnet_routed_to_gateway(subnet) if {
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

package awscontainers

import rego.v1

# METADATA
# title: The security groups of a file system of FSx shut out its servers or its clients
# description: FSx refuses servers of Lustre that do not reach each other ("do not permit Lustre LNET network traffic"); where clients are shut out, each mount times out.
# related_resources:
# - https://docs.aws.amazon.com/fsx/latest/LustreGuide/cannot-create-fs.html
# custom:
#   id: AWSC-FSX-003
violation contains make_diag_at("AWSC-FSX-003", "ERROR", name, "Properties.SecurityGroupIds", message) if {
	some name in fsx_lustre_systems
	groups := fsx_network_groups(name)
	shut := {port | some port in fsx_network_lustre_ports; fsx_network_apart(groups, port)}
	count(shut) > 0
	message := sprintf(
		"the servers of Lustre file system %v do not reach each other by their security groups (%v) on ports %v; let these groups in from and out to themselves, on tcp 988 and 1018-1023",
		[name, listed(groups), listed(shut)],
	)
}

# A warning: rules may be added later, by hand or by another template that was given the id.
violation contains make_diag_at("AWSC-FSX-003", "WARN", name, "Properties.SecurityGroupIds", message) if {
	some name in fsx_systems
	groups := fsx_network_groups(name)
	every group in groups {
		not fsx_network_worn_by_others(group)
	}
	every port in fsx_network_client_ports(name) {
		fsx_network_for_nobody(groups, port)
	}
	message := sprintf(
		"the security groups (%v) of file system %v let no client in on any of the ports %v; add an ingress rule from the clients' security group",
		[listed(groups), name, listed(fsx_network_client_ports(name))],
	)
}

fsx_network_lustre_ports := {988, 1018, 1019, 1020, 1021, 1022, 1023}

# https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/limit-access-security-groups.html
fsx_network_client_ports(name) := {988} if name in fsx_lustre_systems

fsx_network_client_ports(name) := {445, 2049, 3260, 4420} if name in fsx_ontap_systems

# The security groups of a file system, where all are in this template and nobody else can add rules to them.
fsx_network_groups(name) := groups if {
	whole_template
	groups := references(name, ["SecurityGroupIds"], "AWS::EC2::SecurityGroup")
	reach_complete_groups(groups)
}

fsx_network_apart(groups, port) if reach_shut_in(groups, port, groups)

fsx_network_apart(groups, port) if reach_shut_out(groups, port, groups)

# True if something else than file systems carries a security group, so that a rule for the group itself is one for clients.
fsx_network_worn_by_others(group) if {
	some ref in input.resources[group].incomingRefs
	not startswith(ref.source, "__output__")
	not input.resources[ref.source].resourceType in {"AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroup", "AWS::FSx::FileSystem"}
}

# True if no rule can let anybody in at a port but those who carry one of the groups.
fsx_network_for_nobody(groups, port) if {
	anybody := {group | some group in resources_of_type("AWS::EC2::SecurityGroup")}
	every group in groups {
		list(group, ["SecurityGroupIngress"])
		every rule in reach_rules(group, "Ingress") {
			fsx_network_no_way_in(rule, port, groups, anybody)
		}
	}
}

fsx_network_no_way_in(rule, port, _, anybody) if reach_blocks(rule, "SourceSecurityGroupId", port, anybody)

fsx_network_no_way_in(rule, _, groups, _) if {
	refers(property(rule.name, array.concat(rule.keys, ["SourceSecurityGroupId"])), "AWS::EC2::SecurityGroup") in groups
}

# METADATA
# title: A security group of a file system of FSx lets in everybody
# description: "Whoever is in the VPC or in a network that reaches it may try to mount: neither Lustre nor NFS asks for a password."
# related_resources:
# - https://docs.aws.amazon.com/fsx/latest/LustreGuide/limit-access-security-groups.html
# custom:
#   id: AWSC-FSX-004
violation contains make_diag_at("AWSC-FSX-004", "WARN", rule.name, path, message) if {
	some name in fsx_systems
	some value in list(name, ["SecurityGroupIds"])
	group := refers(value, "AWS::EC2::SecurityGroup")
	some rule in reach_rules(group, "Ingress")
	some key in ["CidrIp", "CidrIpv6"]
	keys := array.concat(rule.keys, [key])
	anyone := literal(rule.name, keys)
	anyone in ["0.0.0.0/0", "::/0"]
	path := dotted(keys)
	message := sprintf("security group %v of file system %v lets in %v; name the security groups of the clients instead", [group, name, anyone])
}

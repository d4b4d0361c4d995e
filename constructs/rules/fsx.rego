package awscontainers

import rego.v1

# rule: AWSC-FSX-001
# title: FSx does not offer this storage capacity
# reason: FSx refuses the file system: Lustre grows in steps, and ONTAP has a range for each pair of servers.
# page: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-fsx-filesystem.html
violation contains make_diag_at("AWSC-FSX-001", "ERROR", name, "Properties.StorageCapacity", message) if {
	some name in lustre_systems
	size := number(literal(name, ["StorageCapacity"]))
	steps := lustre_steps(name)
	not size in steps.also
	off_step(size, steps.step)
	message := sprintf("Lustre file system %v has %v GiB; use %v", [name, size, joined(array.concat(steps.also, [sprintf("multiples of %v", [steps.step])]))])
}

violation contains make_diag_at("AWSC-FSX-001", "ERROR", name, "Properties.StorageCapacity", message) if {
	some name in ontap_systems
	size := number(literal(name, ["StorageCapacity"]))
	pairs := ontap_pairs(name)
	least := 1024 * pairs
	most := min({524288 * pairs, 1048576})
	out_of_range(size, least, most)
	message := sprintf("ONTAP file system %v has %v GiB for %v pairs of servers; use %v to %v", [name, size, pairs, least, most])
}

lustre_systems contains name if {
	some name in resources_of_type("AWS::FSx::FileSystem")
	literal(name, ["FileSystemType"]) == "LUSTRE"
}

ontap_systems contains name if {
	some name in resources_of_type("AWS::FSx::FileSystem")
	literal(name, ["FileSystemType"]) == "ONTAP"
}

fsx_systems := lustre_systems | ontap_systems

lustre_type(name) := setting(name, ["LustreConfiguration", "DeploymentType"], "SCRATCH_1")

lustre_storage(name) := setting(name, ["StorageType"], "SSD")

lustre_throughput(name) := number(literal(name, ["LustreConfiguration", "PerUnitStorageThroughput"]))

# The sizes in GiB: multiples of a step, and what there is besides. Undefined where they are not known.
lustre_steps(name) := {"step": 2400, "also": [1200]} if {
	lustre_storage(name) == "SSD"
	lustre_type(name) in ["SCRATCH_2", "PERSISTENT_1", "PERSISTENT_2"]
}

lustre_steps(name) := {"step": 3600, "also": [1200, 2400]} if {
	lustre_storage(name) == "SSD"
	lustre_type(name) == "SCRATCH_1"
}

lustre_steps(name) := {"step": 6000, "also": []} if {
	lustre_storage(name) == "HDD"
	lustre_type(name) == "PERSISTENT_1"
	lustre_throughput(name) == 12
}

lustre_steps(name) := {"step": 1800, "also": []} if {
	lustre_storage(name) == "HDD"
	lustre_type(name) == "PERSISTENT_1"
	lustre_throughput(name) == 40
}

off_step(size, _) if size < 1

off_step(size, _) if size != floor(size)

off_step(size, step) if {
	size == floor(size)
	size % step != 0
}

out_of_range(value, least, _) if value < least

out_of_range(value, _, most) if value > most

ontap_pairs(name) := number(setting(name, ["OntapConfiguration", "HAPairs"], 1))

# rule: AWSC-FSX-002
# title: FSx does not offer this throughput with the deployment type
# reason: FSx refuses the file system: each type has its own values, and scratch file systems take none.
# page: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-fsx-filesystem-lustreconfiguration.html
violation contains make_diag_at("AWSC-FSX-002", "ERROR", name, "Properties.LustreConfiguration.PerUnitStorageThroughput", message) if {
	some name in lustre_systems
	throughput := lustre_throughput(name)
	offered := lustre_offers(name)
	not throughput in offered
	message := sprintf(
		"Lustre file system %v of type %v has a throughput of %v MB/s for each TiB; use %v",
		[name, lustre_type(name), throughput, offers(offered)],
	)
}

violation contains make_diag_at("AWSC-FSX-002", "ERROR", name, "Properties.LustreConfiguration.PerUnitStorageThroughput", message) if {
	some name in lustre_systems
	absent(name, ["LustreConfiguration", "PerUnitStorageThroughput"])
	absent(name, ["BackupId"])
	offered := lustre_offers(name)
	count(offered) > 0
	message := sprintf("Lustre file system %v of type %v has no throughput for each TiB; use %v", [name, lustre_type(name), offers(offered)])
}

violation contains make_diag_at("AWSC-FSX-002", "ERROR", name, dotted(["OntapConfiguration", key]), message) if {
	some name in ontap_systems
	some key in ["ThroughputCapacityPerHAPair", "ThroughputCapacity"]
	ontap_by_pair(name, key)
	throughput := number(literal(name, ["OntapConfiguration", key]))
	type := literal(name, ["OntapConfiguration", "DeploymentType"])
	offered := ontap_offers[type]
	not throughput in offered
	message := sprintf("ONTAP file system %v of type %v has a throughput of %v MB/s; use %v", [name, type, throughput, offers(offered)])
}

# True if a key gives the throughput of one pair of servers.
ontap_by_pair(_, key) if key == "ThroughputCapacityPerHAPair"

ontap_by_pair(name, key) if {
	key == "ThroughputCapacity"
	ontap_pairs(name) == 1
}

lustre_offers(name) := offered if {
	lustre_storage(name) == "SSD"
	type := lustre_type(name)
	offered := lustre_on_ssd[type]
}

lustre_offers(name) := [12, 40] if {
	lustre_storage(name) == "HDD"
	lustre_type(name) == "PERSISTENT_1"
}

lustre_on_ssd := {"SCRATCH_1": [], "SCRATCH_2": [], "PERSISTENT_1": [50, 100, 200], "PERSISTENT_2": [125, 250, 500, 1000]}

# https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemOntapConfiguration.html
ontap_offers := {
	"SINGLE_AZ_1": [128, 256, 512, 1024, 2048, 4096],
	"MULTI_AZ_1": [128, 256, 512, 1024, 2048, 4096],
	"SINGLE_AZ_2": [1536, 3072, 6144],
	"MULTI_AZ_2": [384, 768, 1536, 3072, 6144],
}

offers(offered) := "none" if count(offered) == 0

offers(offered) := joined(offered) if count(offered) > 0

# rule: AWSC-FSX-003
# title: The security groups of a file system of FSx shut out its servers or its clients
# reason: FSx refuses servers of Lustre that do not reach each other ("do not permit Lustre LNET network traffic"); where clients are shut out, each mount times out.
# page: https://docs.aws.amazon.com/fsx/latest/LustreGuide/cannot-create-fs.html
violation contains make_diag_at("AWSC-FSX-003", "ERROR", name, "Properties.SecurityGroupIds", message) if {
	some name in lustre_systems
	groups := fsx_groups(name)
	shut := {port | some port in lustre_ports; apart(groups, port)}
	count(shut) > 0
	message := sprintf(
		"the servers of Lustre file system %v do not reach each other by their security groups (%v) on ports %v; let these groups in from and out to themselves, on tcp 988 and 1018-1023",
		[name, listed(groups), listed(shut)],
	)
}

# A warning: rules may be added later, by hand or by another template that was given the id.
violation contains make_diag_at("AWSC-FSX-003", "WARN", name, "Properties.SecurityGroupIds", message) if {
	some name in fsx_systems
	groups := fsx_groups(name)
	every group in groups {
		not worn_by_others(group)
	}
	every port in client_ports(name) {
		for_nobody(groups, port)
	}
	message := sprintf(
		"the security groups (%v) of file system %v let no client in on any of the ports %v; add an ingress rule from the clients' security group",
		[listed(groups), name, listed(client_ports(name))],
	)
}

lustre_ports := {988, 1018, 1019, 1020, 1021, 1022, 1023}

# https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/limit-access-security-groups.html
client_ports(name) := {988} if name in lustre_systems

client_ports(name) := {445, 2049, 3260, 4420} if name in ontap_systems

# The security groups of a file system, where all are in this template and nobody else can add rules to them.
fsx_groups(name) := groups if {
	whole_template
	groups := references(name, ["SecurityGroupIds"], "AWS::EC2::SecurityGroup")
	complete_groups(groups)
}

apart(groups, port) if shut_in(groups, port, groups)

apart(groups, port) if shut_out(groups, port, groups)

# True if something else than file systems carries a security group, so that a rule for the group itself is one for clients.
worn_by_others(group) if {
	some ref in input.resources[group].incomingRefs
	not startswith(ref.source, "__output__")
	not input.resources[ref.source].resourceType in {"AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroup", "AWS::FSx::FileSystem"}
}

# True if no rule can let anybody in at a port but those who carry one of the groups.
for_nobody(groups, port) if {
	anybody := {group | some group in resources_of_type("AWS::EC2::SecurityGroup")}
	every group in groups {
		list(group, ["SecurityGroupIngress"])
		every rule in rules_of(group, "Ingress") {
			no_way_in(rule, port, groups, anybody)
		}
	}
}

no_way_in(rule, port, _, anybody) if blocks(rule, "SourceSecurityGroupId", port, anybody)

no_way_in(rule, _, groups, _) if {
	refers(property(rule.name, array.concat(rule.keys, ["SourceSecurityGroupId"])), "AWS::EC2::SecurityGroup") in groups
}

# rule: AWSC-FSX-004
# title: A security group of a file system of FSx lets in everybody
# reason: Whoever is in the VPC or in a network that reaches it may try to mount: neither Lustre nor NFS asks for a password.
# page: https://docs.aws.amazon.com/fsx/latest/LustreGuide/limit-access-security-groups.html
violation contains make_diag_at("AWSC-FSX-004", "WARN", rule.name, path, message) if {
	some name in fsx_systems
	some value in list(name, ["SecurityGroupIds"])
	group := refers(value, "AWS::EC2::SecurityGroup")
	some rule in rules_of(group, "Ingress")
	some key in ["CidrIp", "CidrIpv6"]
	keys := array.concat(rule.keys, [key])
	everybody := literal(rule.name, keys)
	everybody in ["0.0.0.0/0", "::/0"]
	path := dotted(keys)
	message := sprintf("security group %v of file system %v lets in %v; name the security groups of the clients instead", [group, name, everybody])
}

# rule: AWSC-FSX-005
# title: A password of ONTAP stands in the template
# reason: Who may read the template, its change sets or its repository knows the password of an administrator of all files.
# page: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
violation contains make_diag_at("AWSC-FSX-005", "ERROR", name, path, message) if {
	some place in [
		{"type": "AWS::FSx::FileSystem", "keys": ["OntapConfiguration", "FsxAdminPassword"]},
		{"type": "AWS::FSx::StorageVirtualMachine", "keys": ["SvmAdminPassword"]},
	]
	some name in resources_of_type(place.type)
	value := literal(name, place.keys)
	is_string(value)
	not contains(value, "{{resolve:")
	path := dotted(place.keys)
	# The message does not repeat it.
	message := sprintf("%v of %v is written out; use a dynamic reference to a secret, {{resolve:secretsmanager:ARN:SecretString:password}}", [path, name])
}

package awscontainers

import rego.v1

# METADATA
# title: FSx does not offer this storage capacity
# description: "FSx refuses the file system: Lustre grows in steps, and ONTAP has a range for each pair of servers."
# related_resources:
# - https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-fsx-filesystem.html
# custom:
#   id: AWSC-FSX-001
violation contains make_diag_at("AWSC-FSX-001", "ERROR", name, "Properties.StorageCapacity", message) if {
	some name in fsx_lustre_systems
	size := number(literal(name, ["StorageCapacity"]))
	sizes := fsx_lustre_steps(name)
	not size in sizes.also
	fsx_off_step(size, sizes.step)
	message := sprintf("Lustre file system %v has %v GiB; use %v", [name, size, joined(array.concat(sizes.also, [sprintf("multiples of %v", [sizes.step])]))])
}

violation contains make_diag_at("AWSC-FSX-001", "ERROR", name, "Properties.StorageCapacity", message) if {
	some name in fsx_ontap_systems
	size := number(literal(name, ["StorageCapacity"]))
	pairs := fsx_ontap_pairs(name)
	least := 1024 * pairs
	most := min({524288 * pairs, 1048576})
	fsx_out_of_range(size, least, most)
	message := sprintf("ONTAP file system %v has %v GiB for %v pairs of servers; use %v to %v", [name, size, pairs, least, most])
}

fsx_lustre_systems contains name if {
	some name in resources_of_type("AWS::FSx::FileSystem")
	literal(name, ["FileSystemType"]) == "LUSTRE"
}

fsx_ontap_systems contains name if {
	some name in resources_of_type("AWS::FSx::FileSystem")
	literal(name, ["FileSystemType"]) == "ONTAP"
}

fsx_systems := fsx_lustre_systems | fsx_ontap_systems

fsx_lustre_type(name) := setting(name, ["LustreConfiguration", "DeploymentType"], "SCRATCH_1")

fsx_lustre_storage(name) := setting(name, ["StorageType"], "SSD")

fsx_lustre_throughput(name) := number(literal(name, ["LustreConfiguration", "PerUnitStorageThroughput"]))

# The sizes in GiB: multiples of a step, and what there is besides. Undefined where they are not known.
fsx_lustre_steps(name) := {"step": 2400, "also": [1200]} if {
	fsx_lustre_storage(name) == "SSD"
	fsx_lustre_type(name) in ["SCRATCH_2", "PERSISTENT_1", "PERSISTENT_2"]
}

fsx_lustre_steps(name) := {"step": 3600, "also": [1200, 2400]} if {
	fsx_lustre_storage(name) == "SSD"
	fsx_lustre_type(name) == "SCRATCH_1"
}

fsx_lustre_steps(name) := {"step": 6000, "also": []} if {
	fsx_lustre_storage(name) == "HDD"
	fsx_lustre_type(name) == "PERSISTENT_1"
	fsx_lustre_throughput(name) == 12
}

fsx_lustre_steps(name) := {"step": 1800, "also": []} if {
	fsx_lustre_storage(name) == "HDD"
	fsx_lustre_type(name) == "PERSISTENT_1"
	fsx_lustre_throughput(name) == 40
}

fsx_off_step(size, _) if size < 1

fsx_off_step(size, _) if size != floor(size)

fsx_off_step(size, step) if {
	size == floor(size)
	size % step != 0
}

fsx_out_of_range(value, least, _) if value < least

fsx_out_of_range(value, _, most) if value > most

fsx_ontap_pairs(name) := number(setting(name, ["OntapConfiguration", "HAPairs"], 1))

# METADATA
# title: FSx does not offer this throughput with the deployment type
# description: "FSx refuses the file system: each type has its own values, and scratch file systems take none."
# related_resources:
# - https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-fsx-filesystem-lustreconfiguration.html
# custom:
#   id: AWSC-FSX-002
violation contains make_diag_at("AWSC-FSX-002", "ERROR", name, "Properties.LustreConfiguration.PerUnitStorageThroughput", message) if {
	some name in fsx_lustre_systems
	throughput := fsx_lustre_throughput(name)
	offered := fsx_lustre_offers(name)
	not throughput in offered
	message := sprintf(
		"Lustre file system %v of type %v has a throughput of %v MB/s for each TiB; use %v",
		[name, fsx_lustre_type(name), throughput, fsx_offers(offered)],
	)
}

violation contains make_diag_at("AWSC-FSX-002", "ERROR", name, "Properties.LustreConfiguration.PerUnitStorageThroughput", message) if {
	some name in fsx_lustre_systems
	absent(name, ["LustreConfiguration", "PerUnitStorageThroughput"])
	absent(name, ["BackupId"])
	offered := fsx_lustre_offers(name)
	count(offered) > 0
	message := sprintf("Lustre file system %v of type %v has no throughput for each TiB; use %v", [name, fsx_lustre_type(name), fsx_offers(offered)])
}

violation contains make_diag_at("AWSC-FSX-002", "ERROR", name, dotted(["OntapConfiguration", key]), message) if {
	some name in fsx_ontap_systems
	some key in ["ThroughputCapacityPerHAPair", "ThroughputCapacity"]
	fsx_ontap_by_pair(name, key)
	throughput := number(literal(name, ["OntapConfiguration", key]))
	type := literal(name, ["OntapConfiguration", "DeploymentType"])
	offered := fsx_ontap_offers[type]
	not throughput in offered
	message := sprintf("ONTAP file system %v of type %v has a throughput of %v MB/s; use %v", [name, type, throughput, fsx_offers(offered)])
}

# True if a key gives the throughput of one pair of servers.
fsx_ontap_by_pair(_, key) if key == "ThroughputCapacityPerHAPair"

fsx_ontap_by_pair(name, key) if {
	key == "ThroughputCapacity"
	fsx_ontap_pairs(name) == 1
}

fsx_lustre_offers(name) := offered if {
	fsx_lustre_storage(name) == "SSD"
	type := fsx_lustre_type(name)
	offered := fsx_lustre_on_ssd[type]
}

fsx_lustre_offers(name) := [12, 40] if {
	fsx_lustre_storage(name) == "HDD"
	fsx_lustre_type(name) == "PERSISTENT_1"
}

fsx_lustre_on_ssd := {"SCRATCH_1": [], "SCRATCH_2": [], "PERSISTENT_1": [50, 100, 200], "PERSISTENT_2": [125, 250, 500, 1000]}

# https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemOntapConfiguration.html
fsx_ontap_offers := {
	"SINGLE_AZ_1": [128, 256, 512, 1024, 2048, 4096],
	"MULTI_AZ_1": [128, 256, 512, 1024, 2048, 4096],
	"SINGLE_AZ_2": [1536, 3072, 6144],
	"MULTI_AZ_2": [384, 768, 1536, 3072, 6144],
}

fsx_offers(offered) := "none" if count(offered) == 0

fsx_offers(offered) := joined(offered) if count(offered) > 0

# METADATA
# title: A password of ONTAP stands in the template
# description: Who may read the template, its change sets or its repository knows the password of an administrator of all files.
# related_resources:
# - https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
# custom:
#   id: AWSC-FSX-005
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

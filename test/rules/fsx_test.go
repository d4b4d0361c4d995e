package rules_test

// lustreWith and ontapWith are file systems with other properties than the good ones, in security groups of their own or an imported one.
func lustreWith(storage, config, groups string) string {
	return `{"Type": "AWS::FSx::FileSystem", "Properties": {"FileSystemType": "LUSTRE", "SubnetIds": ["subnet-1"], ` + storage + `,
		"SecurityGroupIds": [` + groups + `], "LustreConfiguration": ` + config + `}}`
}

func ontapWith(capacity, config, groups string) string {
	return `{"Type": "AWS::FSx::FileSystem", "Properties": {"FileSystemType": "ONTAP", "SubnetIds": ["subnet-1"], "StorageCapacity": ` +
		capacity + `,
		"SecurityGroupIds": [` + groups + `], "OntapConfiguration": ` + config + `}}`
}

const (
	elsewhere   = `"sg-0123456789abcdef0"`
	persistent1 = `{"DeploymentType": "PERSISTENT_1", "PerUnitStorageThroughput": 50}`
	persistent2 = `{"DeploymentType": "PERSISTENT_2", "PerUnitStorageThroughput": 125}`
	scratch2    = `{"DeploymentType": "SCRATCH_2"}`
	singleAz1   = `{"DeploymentType": "SINGLE_AZ_1", "ThroughputCapacity": 128}`
)

// sizesOfFsx is one template with a file system for each case, because each template costs the validator a tenth of a second.
var sizesOfFsx = map[string]string{
	"BetweenSteps":      lustreWith(`"StorageCapacity": 3600`, persistent2, elsewhere),
	"AsText":            lustreWith(`"StorageCapacity": "1000"`, persistent2, elsewhere),
	"OfNothing":         lustreWith(`"StorageCapacity": 0`, scratch2, elsewhere),
	"OfHalfAGiB":        lustreWith(`"StorageCapacity": 2400.5`, persistent1, elsewhere),
	"FirstBetweenSteps": lustreWith(`"StorageCapacity": 4800`, `{}`, elsewhere),
	"DisksBetweenSteps": lustreWith(`"StorageType": "HDD", "StorageCapacity": 1200`,
		`{"DeploymentType": "PERSISTENT_1", "PerUnitStorageThroughput": 12}`, elsewhere),
	"OlderBySomething": lustreWith(`"StorageCapacity": 1200`, `{"DeploymentType": "PERSISTENT_2", "PerUnitStorageThroughput": 200}`,
		elsewhere),
	"NewerBySomething": lustreWith(`"StorageCapacity": 1200`, `{"DeploymentType": "PERSISTENT_1", "PerUnitStorageThroughput": 250}`,
		elsewhere),
	"ScratchBySomething": lustreWith(`"StorageCapacity": 1200`, `{"DeploymentType": "SCRATCH_2", "PerUnitStorageThroughput": 200}`, elsewhere),
	"DisksBySomething": lustreWith(`"StorageType": "HDD", "StorageCapacity": 1800`,
		`{"DeploymentType": "PERSISTENT_1", "PerUnitStorageThroughput": 50}`, elsewhere),
	"ByNothing":        lustreWith(`"StorageCapacity": 1200`, `{"DeploymentType": "PERSISTENT_2"}`, elsewhere),
	"TooSmall":         ontapWith(`1023`, singleAz1, elsewhere),
	"TooSmallTogether": ontapWith(`2047`, `{"DeploymentType": "SINGLE_AZ_2", "HAPairs": 2, "ThroughputCapacityPerHAPair": 1536}`, elsewhere),
	"TooLarge":         ontapWith(`524289`, singleAz1, elsewhere),
	"TooLargeTogether": ontapWith(`1048577`, `{"DeploymentType": "SINGLE_AZ_2", "HAPairs": 12, "ThroughputCapacityPerHAPair": 1536}`,
		elsewhere),
	"PairBySomething":    ontapWith(`2048`, `{"DeploymentType": "SINGLE_AZ_2", "HAPairs": 2, "ThroughputCapacityPerHAPair": 4096}`, elsewhere),
	"OnePairBySomething": ontapWith(`1024`, `{"DeploymentType": "MULTI_AZ_1", "ThroughputCapacity": 384}`, elsewhere),

	"Smallest": lustreWith(`"StorageCapacity": 1200`, persistent1, elsewhere),
	"Scratch":  lustreWith(`"StorageCapacity": 2400`, scratch2, elsewhere),
	"First":    lustreWith(`"StorageCapacity": 7200`, `{}`, elsewhere),
	"Disks": lustreWith(`"StorageType": "HDD", "StorageCapacity": 1800`,
		`{"DeploymentType": "PERSISTENT_1", "PerUnitStorageThroughput": 40}`, elsewhere),
	"Tiered": lustreWith(`"StorageType": "INTELLIGENT_TIERING"`, `{"DeploymentType": "PERSISTENT_2", "ThroughputCapacity": 4000}`,
		elsewhere),
	"OfABackup":     lustreWith(`"BackupId": "backup-0123456789abcdef0"`, `{"DeploymentType": "PERSISTENT_2"}`, elsewhere),
	"OfUnknownSize": lustreWith(`"StorageCapacity": `+valueGuessed, persistent2, elsewhere),
	"ByUnknown": lustreWith(`"StorageCapacity": 1200`,
		`{"DeploymentType": "PERSISTENT_2", "PerUnitStorageThroughput": `+valueGuessed+`}`, elsewhere),
	"OfUnknownType": lustreWith(`"StorageCapacity": 3600`,
		`{"DeploymentType": `+valueEither(`"SCRATCH_1"`, `"PERSISTENT_1"`)+`, "PerUnitStorageThroughput": 1}`, elsewhere),
	"Largest": ontapWith(`1048576`, `{"DeploymentType": "SINGLE_AZ_2", "HAPairs": 12, "ThroughputCapacityPerHAPair": 6144}`,
		elsewhere),
	"Together": ontapWith(`2048`, `{"DeploymentType": "SINGLE_AZ_2", "HAPairs": 2, "ThroughputCapacity": 12288}`, elsewhere),
	"OfUnknownPairs": ontapWith(`1023`, `{"DeploymentType": "SINGLE_AZ_2", "HAPairs": `+valueUnknown+`, "ThroughputCapacity": 1}`,
		elsewhere),
	"OntapOfUnknownType": ontapWith(`1024`, `{"DeploymentType": `+valueUnknown+`, "ThroughputCapacity": 1}`, elsewhere),
}

// fsxGroup is a security group of file systems, with inline rules.
func fsxGroup(in, out string) string {
	return `{"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "x", "VpcId": "vpc-1", "SecurityGroupIngress": [` + in +
		`], "SecurityGroupEgress": [` + out + `]}}`
}

func fsxRule(peer, ports string) string {
	return `{"IpProtocol": "tcp", ` + peer + `, ` + ports + `}`
}

// fsxSelf is a rule of a security group for itself, which cannot be written inline.
func fsxSelf(direction, peer, group, ports string) string {
	return `{"Type": "AWS::EC2::SecurityGroup` + direction + `", "Properties": {"IpProtocol": "tcp", "GroupId": {"Fn::GetAtt": ["` + group +
		`", "GroupId"]},
		"` + peer + `": {"Fn::GetAtt": ["` + group + `", "GroupId"]}, ` + ports + `}}`
}

const (
	lustreAll  = `"FromPort": 988, "ToPort": 1023`
	nfsOnly    = `"FromPort": 2049, "ToPort": 2049`
	toAll      = `"CidrIp": "0.0.0.0/0"`
	fromRange  = `"CidrIp": "10.0.0.0/8"`
	fromClient = `"SourceSecurityGroupId": {"Fn::GetAtt": ["Clients", "GroupId"]}`
)

func in(group string) string { return `{"Fn::GetAtt": ["` + group + `", "GroupId"]}` }

// groupsOfFsx is one template, too, with a group and a file system for each case.
var groupsOfFsx = map[string]string{
	"ShutInGroup": fsxGroup(fsxRule(fromClient, lustreAll), fsxRule(toAll, lustreAll)), // no rule for the servers themselves
	"ShutIn":      lustreWith(`"StorageCapacity": 1200`, scratch2, in("ShutInGroup")),
	"ShutOutGroup": fsxGroup(fsxRule(fromRange, lustreAll),
		fsxRule(`"DestinationSecurityGroupId": {"Fn::GetAtt": ["Clients", "GroupId"]}`, lustreAll)),
	"ShutOut":     lustreWith(`"StorageCapacity": 1200`, scratch2, in("ShutOutGroup")),
	"ByPortGroup": fsxGroup(fsxRule(fromRange, `"FromPort": 988, "ToPort": 1022`), fsxRule(toAll, lustreAll)),
	"ByPort":      lustreWith(`"StorageCapacity": 1200`, scratch2, in("ByPortGroup")),
	"NobodyGroup": fsxGroup("", fsxRule(toAll, lustreAll)),
	"NobodySelf":  fsxSelf("Ingress", "SourceSecurityGroupId", "NobodyGroup", lustreAll),
	"Nobody":      lustreWith(`"StorageCapacity": 1200`, scratch2, in("NobodyGroup")),
	"ElseGroup":   fsxGroup(fsxRule(fromClient, `"FromPort": 989, "ToPort": 1023`), fsxRule(toAll, lustreAll)),
	"ElseSelf":    fsxSelf("Ingress", "SourceSecurityGroupId", "ElseGroup", lustreAll),
	"Else":        lustreWith(`"StorageCapacity": 1200`, scratch2, in("ElseGroup")),
	"AdminGroup":  fsxGroup(fsxRule(fromClient, `"FromPort": 443, "ToPort": 443`), fsxRule(toAll, nfsOnly)),
	"Admin":       ontapWith(`1024`, singleAz1, in("AdminGroup")),
	"EmptyGroup":  fsxGroup("", ""),
	"Empty":       ontapWith(`1024`, singleAz1, in("EmptyGroup")),
	"AllGroup":    fsxGroup(fsxRule(toAll, lustreAll), fsxRule(toAll, lustreAll)),
	"All":         lustreWith(`"StorageCapacity": 1200`, scratch2, in("AllGroup")),
	"AllSixGroup": fsxGroup(fsxRule(`"CidrIpv6": "::/0"`, nfsOnly), ""),
	"AllSix":      ontapWith(`1024`, singleAz1, in("AllSixGroup")),
	"PasswordOntap": ontapWith(`1024`, `{"DeploymentType": "SINGLE_AZ_1", "ThroughputCapacity": 128, "FsxAdminPassword": "hunter22"}`,
		elsewhere),
	"PasswordSvm": `{"Type": "AWS::FSx::StorageVirtualMachine", "Properties": {"FileSystemId": {"Ref": "Ontap"}, "Name": "other", ` +
		`"SvmAdminPassword": "hunter22"}}`,

	"RangeGroup": fsxGroup(fsxRule(fromRange, lustreAll), ""),
	"Range":      lustreWith(`"StorageCapacity": 1200`, scratch2, in("RangeGroup")),
	"WornGroup":  fsxGroup("", fsxRule(toAll, lustreAll)), // by a node, for which the rule for itself is, too
	"WornSelf":   fsxSelf("Ingress", "SourceSecurityGroupId", "WornGroup", lustreAll),
	"Worn":       lustreWith(`"StorageCapacity": 1200`, scratch2, in("WornGroup")),
	"Node": `{"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": {"SecurityGroupIds": [{"Fn::GetAtt": ` +
		`["WornGroup", "GroupId"]}]}}}`,
	"BlocksGroup":  fsxGroup(fsxRule(fromClient, `"FromPort": 3260, "ToPort": 3260`), ""),
	"Blocks":       ontapWith(`1024`, singleAz1, in("BlocksGroup")),
	"UnknownGroup": fsxGroup(fsxRule(`"CidrIp": `+valueUnknown, `"FromPort": `+valueUnknown+`, "ToPort": `+valueUnknown), ""),
	"Unknown":      ontapWith(`1024`, singleAz1, in("UnknownGroup")),
	"Imported":     lustreWith(`"StorageCapacity": 1200`, scratch2, elsewhere),
	"PasswordParameter": ontapWith(`1024`,
		`{"DeploymentType": "SINGLE_AZ_1", "ThroughputCapacity": 128, "FsxAdminPassword": `+valueGuessed+`}`, elsewhere),
}

var fsxCases = []ruleCase{
	{name: "SizesOfFsx", changes: sizesOfFsx, want: []string{
		"AWSC-FSX-001 BetweenSteps", "AWSC-FSX-001 AsText", "AWSC-FSX-001 OfNothing", "AWSC-FSX-001 OfHalfAGiB", "AWSC-FSX-001 FirstBetweenSteps",
		"AWSC-FSX-001 DisksBetweenSteps", "AWSC-FSX-001 TooSmall", "AWSC-FSX-001 TooSmallTogether", "AWSC-FSX-001 TooLarge",
		"AWSC-FSX-001 TooLargeTogether",
		"AWSC-FSX-002 OlderBySomething", "AWSC-FSX-002 NewerBySomething", "AWSC-FSX-002 ScratchBySomething", "AWSC-FSX-002 DisksBySomething",
		"AWSC-FSX-002 ByNothing",
		"AWSC-FSX-002 PairBySomething", "AWSC-FSX-002 OnePairBySomething",
	}},
	{name: "GroupsOfFsx", changes: groupsOfFsx, want: []string{
		"AWSC-FSX-003 ShutIn", "AWSC-FSX-003 ShutOut", "AWSC-FSX-003 ByPort", "AWSC-FSX-003 Nobody", "AWSC-FSX-003 Else", "AWSC-FSX-003 Admin",
		"AWSC-FSX-003 Empty",
		"AWSC-FSX-004 AllGroup", "AWSC-FSX-004 AllSixGroup", "AWSC-FSX-005 PasswordOntap", "AWSC-FSX-005 PasswordSvm",
	}},
	{
		name:    "FsxInAnExportedGroup",
		changes: map[string]string{"LustreSelf": "", "LustreIn": ""},
		outside: output(`{"Ref": "LustreGroup"}`),
	},
}

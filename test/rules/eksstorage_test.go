package rules_test

import "strings"

// storageClassText is a StorageClass, with parts of it changed.
func storageClassText(name string, changes ...string) string {
	return `{\"apiVersion\": \"storage.k8s.io/v1\", \"kind\": \"StorageClass\", \"metadata\": {\"name\": \"` + name +
		`\", \"annotations\": {\"storageclass.kubernetes.io/is-default-class\": \"true\"}}, ` +
		strings.NewReplacer(changes...).Replace(`\"provisioner\": \"ebs.csi.aws.com\", \"parameters\": {\"type\": \"gp3\", \"encrypted\": `+
			`\"true\"}}`)
}

// appliedBy is what the CDK's function applies, of the given text or of a Join.
func appliedBy(manifest string) string {
	return `{"Type": "Custom::AWSCDK-EKS-KubernetesResource", "Properties": {"ServiceToken": {"Fn::GetAtt": ["Framework", "Arn"]}, ` +
		`"ClusterName": {"Ref": "Cluster"}, "Manifest": ` +
		manifest + `}}`
}

func appliedText(objects ...string) string {
	return appliedBy(`"[` + strings.Join(objects, ", ") + `]"`)
}

var (
	gp3Class     = appliedText(storageClassText("gp3"))
	lustreVolume = appliedBy(`{"Fn::Join": ["", ["[{\"kind\": \"PersistentVolume\", \"metadata\": {\"name\": \"fast\"}, \"spec\": ` +
		`{\"csi\": {\"driver\": \"fsx.csi.aws.com\", \"volumeHandle\": \"", {"Ref": "Shared"}, "\"}}}]"]]}`)
	efsClass = appliedBy(`{"Fn::Join": ["", ["[{\"kind\": \"StorageClass\", \"metadata\": {\"name\": \"efs\"}, \"provisioner\": ` +
		`\"efs.csi.aws.com\", \"parameters\": {\"fileSystemId\": \"", {"Ref": "Shared"}, "\"}}]"]]}`)
)

const (
	noNodesText  = "" // what takes a resource away
	sharedFiles  = `{"Type": "AWS::EFS::FileSystem", "Properties": {"Encrypted": true}}`
	sharedTarget = `{"Type": "AWS::EFS::MountTarget", "Properties": {"FileSystemId": {"Ref": "Shared"}, "SubnetId": {"Ref": ` +
		`"PrivateA"}, "SecurityGroups": [{"Ref": "FilesGroup"}]}}`
	filesGroup = `{"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "f", "VpcId": {"Ref": "Vpc"}}}`
	filesIn    = `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "FilesGroup"}, "IpProtocol": "tcp", ` +
		`"FromPort": 2049, "ToPort": 2049, "SourceSecurityGroupId": {"Fn::GetAtt": ["Cluster", "ClusterSecurityGroupId"]}}}`
	filesInOthers = `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "FilesGroup"}, "IpProtocol": "tcp", ` +
		`"FromPort": 2049, "ToPort": 2049, "SourceSecurityGroupId": {"Ref": "OtherGroup"}}}`
	driverRole = `{"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [
		{"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": {"Service": "pods.eks.amazonaws.com"}}]},
		"Policies": [{"PolicyName": "p",
		"PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "ec2:DescribeVolumes", "Resource": "*"}]}}]}}`
	sharedLustre = `{"Type": "AWS::FSx::FileSystem", "Properties": {"FileSystemType": "LUSTRE", "StorageCapacity": 1200,
		"SubnetIds": [{"Ref": "PrivateA"}], "SecurityGroupIds": [{"Ref": "FilesGroup"}],
		"LustreConfiguration": {"DeploymentType": "SCRATCH_2"}}}`
	lustreAmong = `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "FilesGroup"}, "IpProtocol": "tcp", ` +
		`"FromPort": 988, "ToPort": 1023, "SourceSecurityGroupId": {"Ref": "FilesGroup"}}}`
	lustreIn = `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "FilesGroup"}, "IpProtocol": "tcp", ` +
		`"FromPort": 988, "ToPort": 1023, "SourceSecurityGroupId": {"Fn::GetAtt": ["Cluster", "ClusterSecurityGroupId"]}}}`
	sharedOntap = `{"Type": "AWS::FSx::FileSystem", "Properties": {"FileSystemType": "ONTAP", "StorageCapacity": 1024,
		"SubnetIds": [{"Ref": "PrivateA"}], "SecurityGroupIds": [{"Ref": "FilesGroup"}],
		"OntapConfiguration": {"DeploymentType": "SINGLE_AZ_1", "ThroughputCapacity": 128}}}`
	managementIn = `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "FilesGroup"}, "IpProtocol": "tcp", ` +
		`"FromPort": 443, "ToPort": 443, "SourceSecurityGroupId": {"Fn::GetAtt": ["Cluster", "ClusterSecurityGroupId"]}}}`
	ofDriverRole = `[{"ServiceAccount": "ebs-csi-controller-sa", "RoleArn": {"Fn::GetAtt": ["DriverRole", "Arn"]}}]`
)

// ontapClass is a class of Trident, whose add-on is not among the others.
func ontapClass(driver string) string {
	return appliedBy(`{"Fn::Join": ["", ["[{\"kind\": \"StorageClass\", \"metadata\": {\"name\": \"ontap\"}, \"provisioner\": ` +
		`\"csi.trident.netapp.io\", \"parameters\": {\"storageDriverName\": \"` + driver +
		`\", \"fsxFilesystemID\": \"", {"Ref": "Shared"}, "\"}}]"]]}`)
}

// without takes resources away beside other changes.
func without(changes map[string]string, names ...string) map[string]string {
	for _, name := range names {
		changes[name] = noNodesText
	}
	return changes
}

var eksStorageCases = []ruleCase{
	{name: "ClassOfEbs", changes: map[string]string{"Class": gp3Class}},
	{name: "ClassOnFargateAlone", changes: without(map[string]string{"Class": gp3Class}, "Nodes", "Self"),
		want: []string{"AWSC-EKSSTORAGE-001 Class"}},
	{
		name: "ClassOfLustreOnFargateAlone",
		changes: without(map[string]string{"Class": appliedText(storageClassText("lustre", "ebs.csi", "fsx.csi")),
			"Efs.Properties.AddonName": `"aws-fsx-csi-driver"`}, "Nodes", "Self"),
		want: []string{"AWSC-EKSSTORAGE-001 Class"},
	},
	{name: "ClassInAClusterOfSomebodyElsesNodes", changes: without(map[string]string{"Class": gp3Class}, "Nodes", "Self", "Pods")},
	{name: "ClassOnSelfManagedNodes", changes: without(map[string]string{"Class": gp3Class}, "Nodes")},
	{name: "ClassWithKarpenter", changes: without(map[string]string{"Class": gp3Class,
		"Namespace.Properties.Manifest": `"[{\"kind\": \"NodePool\", \"apiVersion\": \"karpenter.sh/v1\"}]"`}, "Nodes", "Self")},

	{name: "EbsInAutoMode", changes: without(map[string]string{pathCluster + ".ComputeConfig": autoMode, pathNodePolicies: autoNodes,
		pathEksTrust + ".Action": bothTrusted},
		"Nodes", "Self", "SelfEntry"), want: []string{"AWSC-EKSSTORAGE-002 Ebs"}},
	{name: "EbsInAutoModeWithNodesToo", changes: without(map[string]string{pathCluster + ".ComputeConfig": autoMode,
		pathEksTrust + ".Action": bothTrusted}, "Self", "SelfEntry")},

	{name: "ClassWithoutDriver", changes: without(map[string]string{"Class": gp3Class}, "Ebs"), want: []string{"AWSC-EKSSTORAGE-003 Class"}},
	{name: "ClassOfAutoModeWithoutIt", changes: map[string]string{"Class": appliedText(storageClassText("gp3", "ebs.csi.aws.com",
		"ebs.csi.eks.amazonaws.com"))},
		want: []string{"AWSC-EKSSTORAGE-003 Class"}},
	{name: "ClassOfADriverNobodyKnows", changes: map[string]string{"Class": appliedText(storageClassText("other", "ebs.csi.aws.com",
		"csi.example.com"))}},
	{name: "ClassWithADriverByChart", changes: without(map[string]string{"Class": gp3Class, "Chart": `{
		"Type": "Custom::AWSCDK-EKS-HelmChart", "Properties": {"ServiceToken": {"Fn::GetAtt": ["Framework", "Arn"]},
		"ClusterName": {"Ref": "Cluster"}, "Chart": "aws-ebs-csi-driver"}}`}, "Ebs")},

	{name: "TwoDefaultClasses", changes: map[string]string{"Class": gp3Class, "Second": appliedText(storageClassText("io2", "gp3", "io2"))},
		want: []string{"AWSC-EKSSTORAGE-004 Class", "AWSC-EKSSTORAGE-004 Second"}},
	{name: "TwoDefaultClassesInOneManifest", changes: map[string]string{"Class": appliedText(storageClassText("a"), storageClassText("b"))},
		want: []string{"AWSC-EKSSTORAGE-004 Class", "AWSC-EKSSTORAGE-004 Class"}},
	{name: "OneDefaultClassOfTwo", changes: map[string]string{"Class": gp3Class,
		"Second": strings.Replace(appliedText(storageClassText("io2")), `is-default-class\": \"true`, `is-default-class\": \"false`, 1)}},

	{name: "ClassNotEncrypted", changes: map[string]string{"Class": appliedText(storageClassText("gp3", `\"true\"`, `\"false\"`))},
		want: []string{"AWSC-EKSSTORAGE-005 Class"}},
	{name: "ClassSilentAboutEncryption",
		changes: map[string]string{"Class": appliedText(storageClassText("gp3", `, \"encrypted\": \"true\"`, ""))},
		want:    []string{"AWSC-EKSSTORAGE-005 Class"}},
	{name: "ClassNotEncryptedByABoolean", changes: map[string]string{
		"Class": appliedText(storageClassText("gp3", `\"true\"`, `false`))}, want: []string{"AWSC-EKSSTORAGE-005 Class"}},
	{name: "ClassOfUnknownText", changes: map[string]string{"Class": appliedBy(valueUnknown)}},
	{name: "ClassThatIsNone",
		changes: map[string]string{"Class": appliedBy(`"[{\"kind\": \"StorageClass\", \"metadata\": 3, \"parameters\": []}, 7, \"a\"]"`)}},

	{name: "FilesShutToTheCluster", changes: without(map[string]string{"Class": efsClass, "Shared": sharedFiles, "Target": sharedTarget,
		"FilesGroup": filesGroup, "FilesIn": filesInOthers}, "Self"),
		want: []string{"AWSC-EKSSTORAGE-006 Class"}},
	{name: "FilesOpenToNobody", changes: without(map[string]string{"Class": efsClass, "Shared": sharedFiles, "Target": sharedTarget,
		"FilesGroup": filesGroup}, "Self"),
		want: []string{"AWSC-EKSSTORAGE-006 Class"}},
	{name: "FilesOpenToTheCluster", changes: without(map[string]string{"Class": efsClass, "Shared": sharedFiles, "Target": sharedTarget,
		"FilesGroup": filesGroup, "FilesIn": filesIn}, "Self")},
	{name: "FilesOfNodesWithGroupsOfTheirOwn",
		changes: map[string]string{"Class": efsClass, "Shared": sharedFiles, "Target": sharedTarget, "FilesGroup": filesGroup,
			"FilesIn": filesInOthers}},

	{name: "LustreShutToTheCluster", changes: without(map[string]string{"Volume": lustreVolume, "Shared": sharedLustre,
		"FilesGroup": filesGroup, "Among": lustreAmong}, "Self"),
		want: []string{"AWSC-EKSSTORAGE-008 Volume", "AWSC-FSX-003 Shared"}},
	{name: "LustreOpenToTheCluster", changes: without(map[string]string{"Volume": lustreVolume, "Shared": sharedLustre,
		"FilesGroup": filesGroup, "Among": lustreAmong, "In": lustreIn}, "Self")},
	{name: "LustreInAZoneWithoutNodes", changes: without(map[string]string{"Volume": lustreVolume, "Shared": sharedLustre,
		"FilesGroup": filesGroup, "Among": lustreAmong, "In": lustreIn,
		"Nodes.Properties.Subnets": `[{"Ref": "PrivateB"}]`}, "Self"), want: []string{"AWSC-EKSSTORAGE-009 Shared"}},
	{name: "OntapShutToTrident", changes: without(map[string]string{"Class": ontapClass("ontap-nas"), "Shared": sharedOntap,
		"FilesGroup": filesGroup, "In": filesIn}, "Self"),
		want: []string{"AWSC-EKSSTORAGE-008 Class"}},
	{name: "OntapOpenToTheCluster", changes: without(map[string]string{"Class": ontapClass("ontap-nas"), "Shared": sharedOntap,
		"FilesGroup": filesGroup, "In": filesIn, "Management": managementIn}, "Self")},
	{name: "OntapShutToIscsi", changes: without(map[string]string{"Class": ontapClass("ontap-san"), "Shared": sharedOntap,
		"FilesGroup": filesGroup, "In": filesIn, "Management": managementIn}, "Self"),
		want: []string{"AWSC-EKSSTORAGE-008 Class"}},

	{name: "DriverWithTheWrongRole", changes: map[string]string{pathEbsRoles: ofDriverRole, "DriverRole": driverRole},
		want: []string{"AWSC-EKSSTORAGE-007 Ebs"}},
	{name: "DriverWithItsRole", changes: map[string]string{pathEbsRoles: ofDriverRole,
		"DriverRole": strings.Replace(driverRole, `"Policies"`,
			`"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonEBSCSIDriverPolicyV2"], "Policies"`, 1)}},
	{name: "DriverWithTheWrongRoleByAnnotation",
		changes: map[string]string{"Efs.Properties.ServiceAccountRoleArn": `{"Fn::GetAtt": ["DriverRole", "Arn"]}`, "DriverRole": driverRole},
		want:    []string{"AWSC-EKSSTORAGE-007 Efs"}},
}

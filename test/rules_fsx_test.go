package test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/storage"
)

// goodFsx is a file system of each kind with its clients, as templates have it that are written by hand.
const goodFsx = `{
  "Clients": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "c", "VpcId": "vpc-1"}},
  "LustreGroup": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "l", "VpcId": "vpc-1"}},
  "LustreSelf": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Fn::GetAtt": ["LustreGroup", "GroupId"]},
    "IpProtocol": "tcp", "FromPort": 988, "ToPort": 1023, "SourceSecurityGroupId": {"Fn::GetAtt": ["LustreGroup", "GroupId"]}}},
  "LustreIn": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Fn::GetAtt": ["LustreGroup", "GroupId"]},
    "IpProtocol": "tcp", "FromPort": 988, "ToPort": 988, "SourceSecurityGroupId": {"Fn::GetAtt": ["Clients", "GroupId"]}}},
  "LustreOut": {"Type": "AWS::EC2::SecurityGroupEgress", "Properties": {"GroupId": {"Fn::GetAtt": ["LustreGroup", "GroupId"]},
    "IpProtocol": "tcp", "FromPort": 988, "ToPort": 1023, "DestinationSecurityGroupId": {"Fn::GetAtt": ["LustreGroup", "GroupId"]}}},
  "Lustre": {"Type": "AWS::FSx::FileSystem", "Properties": {"FileSystemType": "LUSTRE", "SubnetIds": ["subnet-1"], "StorageCapacity": 4800,
    "SecurityGroupIds": [{"Fn::GetAtt": ["LustreGroup", "GroupId"]}],
    "LustreConfiguration": {"DeploymentType": "PERSISTENT_2", "PerUnitStorageThroughput": 250}}},
  "OntapGroup": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "o", "VpcId": "vpc-1",
    "SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "SourceSecurityGroupId": {"Fn::GetAtt": ["Clients", "GroupId"]}}]}},
  "Ontap": {"Type": "AWS::FSx::FileSystem", "Properties": {"FileSystemType": "ONTAP", "SubnetIds": ["subnet-1"], "StorageCapacity": 2048,
    "SecurityGroupIds": [{"Fn::GetAtt": ["OntapGroup", "GroupId"]}],
    "OntapConfiguration": {"DeploymentType": "SINGLE_AZ_2", "HAPairs": 2, "ThroughputCapacityPerHAPair": 3072,
      "FsxAdminPassword": "{{resolve:secretsmanager:fsxadmin:SecretString:password}}"}}},
  "Password": {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": {"PasswordLength": 32}}},
  "Svm": {"Type": "AWS::FSx::StorageVirtualMachine", "Properties": {"FileSystemId": {"Ref": "Ontap"}, "Name": "svm",
    "SvmAdminPassword": {"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "Password"}, ":SecretString}}"]]}}},
  "Windows": {"Type": "AWS::FSx::FileSystem", "Properties": {"FileSystemType": "WINDOWS", "SubnetIds": ["subnet-1"], "StorageCapacity": 33,
    "WindowsConfiguration": {"ThroughputCapacity": 8}}}
}`

const (
	pathLustre     = "Lustre.Properties"
	pathLustreConf = pathLustre + ".LustreConfiguration"
	pathOntap      = "Ontap.Properties"
	pathOntapConf  = pathOntap + ".OntapConfiguration"
	pathOntapRules = "OntapGroup.Properties.SecurityGroupIngress"
)

var fsxCases = []ruleCase{
	// Capacity.
	{name: "LustreBetweenSteps", changes: map[string]string{pathLustre + ".StorageCapacity": "3600"}, want: []string{"AWSC-FSX-001 Lustre"}},
	{name: "LustreAsText", changes: map[string]string{pathLustre + ".StorageCapacity": `"1000"`}, want: []string{"AWSC-FSX-001 Lustre"}},
	{name: "LustreOfNothing", changes: map[string]string{pathLustre + ".StorageCapacity": "0"}, want: []string{"AWSC-FSX-001 Lustre"}},
	{name: "LustreOfHalfAGiB", changes: map[string]string{pathLustre + ".StorageCapacity": "2400.5"}, want: []string{"AWSC-FSX-001 Lustre"}},
	{name: "LustreScratchOfTheFirst", changes: map[string]string{pathLustreConf: "", pathLustre + ".StorageCapacity": "4800"}, want: []string{"AWSC-FSX-001 Lustre"}},
	{name: "LustreScratchOfTheFirstInStep", changes: map[string]string{pathLustreConf: "", pathLustre + ".StorageCapacity": "7200"}},
	{
		name:    "LustreOnDisksBetweenSteps",
		changes: map[string]string{pathLustre + ".StorageType": `"HDD"`, pathLustreConf: `{"DeploymentType": "PERSISTENT_1", "PerUnitStorageThroughput": 12}`},
		want:    []string{"AWSC-FSX-001 Lustre"},
	},
	{name: "LustreOnDisks", changes: map[string]string{
		pathLustre + ".StorageType": `"HDD"`, pathLustre + ".StorageCapacity": "1800", pathLustreConf: `{"DeploymentType": "PERSISTENT_1", "PerUnitStorageThroughput": 40}`,
	}},
	{name: "LustreSmallest", changes: map[string]string{pathLustre + ".StorageCapacity": "1200"}},
	{name: "LustreTiered", changes: map[string]string{
		pathLustre + ".StorageType": `"INTELLIGENT_TIERING"`, pathLustre + ".StorageCapacity": "", pathLustreConf: `{"DeploymentType": "PERSISTENT_2", "ThroughputCapacity": 4000}`,
	}},
	{name: "LustreOfUnknownSize", changes: map[string]string{pathLustre + ".StorageCapacity": valueGuessed}},
	{name: "LustreOfUnknownType", changes: map[string]string{
		pathLustre + ".StorageCapacity": "3600", pathLustreConf + ".PerUnitStorageThroughput": "100", pathLustreConf + ".DeploymentType": valueEither(`"SCRATCH_1"`, `"PERSISTENT_1"`),
	}},
	{name: "OntapTooSmall", changes: map[string]string{pathOntap + ".StorageCapacity": "2047"}, want: []string{"AWSC-FSX-001 Ontap"}},
	{name: "OntapTooLarge", changes: map[string]string{pathOntap + ".StorageCapacity": "1048577"}, want: []string{"AWSC-FSX-001 Ontap"}},
	{
		name:    "OntapTooLargeForAPair",
		changes: map[string]string{pathOntap + ".StorageCapacity": "524289", pathOntapConf + ".HAPairs": ""},
		want:    []string{"AWSC-FSX-001 Ontap"},
	},
	{name: "OntapOfUnknownPairs", changes: map[string]string{pathOntap + ".StorageCapacity": "1024", pathOntapConf + ".HAPairs": valueUnknown}},

	// Throughput.
	{name: "LustreThroughputOfTheOlder", changes: map[string]string{pathLustreConf + ".PerUnitStorageThroughput": "200"}, want: []string{"AWSC-FSX-002 Lustre"}},
	{name: "LustreThroughputOfTheNewer", changes: map[string]string{pathLustreConf + ".DeploymentType": `"PERSISTENT_1"`}, want: []string{"AWSC-FSX-002 Lustre"}},
	{name: "LustreThroughputOfScratch", changes: map[string]string{pathLustreConf + ".DeploymentType": `"SCRATCH_2"`}, want: []string{"AWSC-FSX-002 Lustre"}},
	{name: "LustreWithoutThroughput", changes: map[string]string{pathLustreConf + ".PerUnitStorageThroughput": ""}, want: []string{"AWSC-FSX-002 Lustre"}},
	{name: "LustreScratch", changes: map[string]string{pathLustreConf: `{"DeploymentType": "SCRATCH_2"}`}},
	{name: "LustreOfABackup", changes: map[string]string{pathLustreConf + ".PerUnitStorageThroughput": "", pathLustre + ".BackupId": `"backup-0123456789abcdef0"`}},
	{name: "LustreOfUnknownThroughput", changes: map[string]string{pathLustreConf + ".PerUnitStorageThroughput": valueGuessed}},
	{name: "OntapThroughput", changes: map[string]string{pathOntapConf + ".ThroughputCapacityPerHAPair": "4096"}, want: []string{"AWSC-FSX-002 Ontap"}},
	{
		name:    "OntapThroughputOfAPair",
		changes: map[string]string{pathOntapConf: `{"DeploymentType": "MULTI_AZ_1", "ThroughputCapacity": 384}`},
		want:    []string{"AWSC-FSX-002 Ontap"},
	},
	{name: "OntapThroughputTogether", changes: map[string]string{pathOntapConf + ".ThroughputCapacityPerHAPair": "", pathOntapConf + ".ThroughputCapacity": "12288"}},
	{name: "OntapOfUnknownType", changes: map[string]string{pathOntapConf + ".DeploymentType": valueUnknown, pathOntapConf + ".ThroughputCapacityPerHAPair": "1"}},

	// Servers that do not reach each other, and clients that do not reach them.
	{name: "LustreServersShutIn", changes: map[string]string{"LustreSelf": ""}, want: []string{"AWSC-FSX-003 Lustre"}},
	{name: "LustreServersShutOut", changes: map[string]string{"LustreOut.Properties.DestinationSecurityGroupId": `{"Fn::GetAtt": ["Clients", "GroupId"]}`}, want: []string{"AWSC-FSX-003 Lustre"}},
	{name: "LustreServersShutByPort", changes: map[string]string{"LustreSelf.Properties.ToPort": "1022"}, want: []string{"AWSC-FSX-003 Lustre"}},
	{name: "LustreServersOpenToARange", changes: map[string]string{"LustreSelf.Properties.SourceSecurityGroupId": "", "LustreSelf.Properties.CidrIp": `"10.0.0.0/16"`}},
	{name: "LustreServersLetAllOut", changes: map[string]string{"LustreOut": ""}},
	{name: "LustreForNobody", changes: map[string]string{"LustreIn": ""}, want: []string{"AWSC-FSX-003 Lustre"}},
	{name: "LustreOnAnotherPort", changes: map[string]string{"LustreIn.Properties.FromPort": "989", "LustreIn.Properties.ToPort": "1023"}, want: []string{"AWSC-FSX-003 Lustre"}},
	{
		name: "LustreForItsOwnGroup",
		changes: map[string]string{"LustreIn": "", "Node": `{"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": {
			"SecurityGroupIds": [{"Fn::GetAtt": ["LustreGroup", "GroupId"]}]}}}`},
	},
	{name: "LustreForAnImportedGroup", changes: map[string]string{"LustreIn.Properties.SourceSecurityGroupId": `"sg-1"`}},
	{name: "LustreInAnImportedGroup", changes: map[string]string{"LustreSelf": "", "LustreIn": "", pathLustre + ".SecurityGroupIds": `["sg-1"]`}},
	{
		name:    "LustreInAnExportedGroup",
		changes: map[string]string{"LustreSelf": "", "LustreIn": ""},
		adjust: func(stack awscdk.Stack) {
			awscdk.NewCfnOutput(stack, jsii.String("Out"), &awscdk.CfnOutputProps{Value: awscdk.Fn_Ref(jsii.String("LustreGroup"))})
		},
	},
	{name: "OntapForNobody", changes: map[string]string{pathOntapRules: ""}, want: []string{"AWSC-FSX-003 Ontap"}},
	{name: "OntapForAdministrators", changes: map[string]string{pathOntapRules + ".0.FromPort": "443", pathOntapRules + ".0.ToPort": "443"}, want: []string{"AWSC-FSX-003 Ontap"}},
	{name: "OntapForBlockDevices", changes: map[string]string{pathOntapRules + ".0.FromPort": "3260", pathOntapRules + ".0.ToPort": "3260"}},
	{name: "OntapOnUnknownPort", changes: map[string]string{pathOntapRules + ".0.FromPort": valueUnknown, pathOntapRules + ".0.ToPort": valueUnknown}},

	// Open to everybody.
	{
		name:    "LustreForEverybody",
		changes: map[string]string{"LustreIn.Properties.SourceSecurityGroupId": "", "LustreIn.Properties.CidrIp": `"0.0.0.0/0"`},
		want:    []string{"AWSC-FSX-004 LustreIn"},
	},
	{
		name:    "OntapForEverybody",
		changes: map[string]string{pathOntapRules + ".0.SourceSecurityGroupId": "", pathOntapRules + ".0.CidrIpv6": `"::/0"`},
		want:    []string{"AWSC-FSX-004 OntapGroup"},
	},
	{name: "OntapForARange", changes: map[string]string{pathOntapRules + ".0.SourceSecurityGroupId": "", pathOntapRules + ".0.CidrIp": `"10.0.0.0/8"`}},
	{name: "OntapForAnUnknownRange", changes: map[string]string{pathOntapRules + ".0.SourceSecurityGroupId": "", pathOntapRules + ".0.CidrIp": valueUnknown}},

	// Passwords.
	{name: "OntapPassword", changes: map[string]string{pathOntapConf + ".FsxAdminPassword": `"hunter22"`}, want: []string{"AWSC-FSX-005 Ontap"}},
	{name: "SvmPassword", changes: map[string]string{"Svm.Properties.SvmAdminPassword": `"hunter22"`}, want: []string{"AWSC-FSX-005 Svm"}},
	{name: "OntapPasswordOfAParameter", changes: map[string]string{pathOntapConf + ".FsxAdminPassword": valueGuessed, "Svm.Properties.SvmAdminPassword": ""}},
}

// fsxOwnCases are file systems as this library writes them.
var fsxOwnCases = []ruleCase{
	{name: "FsxByOurs", adjust: func(stack awscdk.Stack) { newOurFsx(stack) }},
	{
		name: "FsxByOursBroken",
		adjust: func(stack awscdk.Stack) {
			lustre, ontap := newOurFsx(stack)
			lustre.FileSystem.AddPropertyOverride(jsii.String("StorageCapacity"), 1300)
			ontap.Svm.SetSvmAdminPassword(jsii.String("hunter22"))
			storage.NewLustre(stack, "Lonely", &storage.LustreProps{Vpc: importedVpc(awscdk.NewStack(awscdk.App_Of(stack), jsii.String("FsxVpc"), nil))})
		},
		want: []string{"AWSC-FSX-001 Lustre/FileSystem", "AWSC-FSX-005 Ontap/Svm", "AWSC-FSX-003 Lonely/FileSystem"},
	},
}

func newOurFsx(stack awscdk.Stack) (*storage.Lustre, *storage.Ontap) {
	vpc := importedVpc(stack)
	clients := awsec2.NewSecurityGroup(stack, jsii.String("Clients"), &awsec2.SecurityGroupProps{Vpc: vpc})
	lustre := storage.NewLustre(stack, "Lustre", &storage.LustreProps{Vpc: vpc})
	lustre.AllowFrom(stack, clients)
	ontap := storage.NewOntap(stack, "Ontap", &storage.OntapProps{Vpc: vpc})
	ontap.AllowNfsFrom(stack, clients)
	return lustre, ontap
}

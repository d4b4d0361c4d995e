package rules_test

const (
	pathTask      = "Task.Properties"
	pathContainer = pathTask + ".ContainerDefinitions.0"
	pathEfs       = pathTask + ".Volumes.0.EFSVolumeConfiguration"
	pathTrust     = "ExecutionRole.Properties.AssumeRolePolicyDocument.Statement"
)

var taskCases = []ruleCase{
	// Mount points.
	{
		name:    "MountOfNoVolume",
		changes: map[string]string{pathContainer + ".MountPoints.0.SourceVolume": `"date"`},
		want:    []string{"AWSC-TASK-001 Task"},
	},
	{
		name:    "MountWithoutAnyVolume",
		changes: map[string]string{pathTask + ".Volumes": ""},
		want:    []string{"AWSC-TASK-001 Task"},
	},
	{name: "MountUnknown", changes: map[string]string{pathContainer + ".MountPoints.0.SourceVolume": valueUnknown}},
	{name: "MountGuessed", changes: map[string]string{pathContainer + ".MountPoints.0.SourceVolume": valueGuessed}},
	{name: "MountOfUnknownVolume", changes: map[string]string{pathTask + ".Volumes.0.Name": valueUnknown}},
	{name: "MountOfConditionalVolume", changes: map[string]string{
		pathTask + ".Volumes": valueEither(`[{"Name": "other"}]`, `[{"Name": "data"}]`),
	}},

	// Execution roles.
	{
		name: "SecretsWithoutExecutionRole",
		changes: map[string]string{
			pathTask + ".ExecutionRoleArn": "", pathTask + ".RequiresCompatibilities": `["EC2"]`, pathContainer + ".Image": `"nginx"`,
		},
		want: []string{"AWSC-TASK-002 Task"},
	},
	{
		name: "LogSecretsWithoutExecutionRole",
		changes: map[string]string{
			pathTask + ".ExecutionRoleArn": `{"Ref": "AWS::NoValue"}`, pathContainer + ".Image": `"nginx"`, pathContainer + ".Secrets": "",
			pathContainer + ".LogConfiguration": `{"LogDriver": "splunk", "SecretOptions": [{"Name": "splunk-token", "ValueFrom": "arn"}]}`,
		},
		want: []string{"AWSC-TASK-002 Task"},
	},
	{
		name: "AwslogsWithoutExecutionRole",
		changes: map[string]string{
			pathTask + ".ExecutionRoleArn": "", pathContainer + ".Image": `"nginx"`, pathContainer + ".Secrets": "",
		},
		want: []string{"AWSC-TASK-002 Task"},
	},
	{
		name: "EcrWithoutExecutionRole",
		changes: map[string]string{
			pathTask + ".ExecutionRoleArn": "", pathContainer + ".LogConfiguration": "", pathContainer + ".Secrets": "",
		},
		want: []string{"AWSC-TASK-002 Task"},
	},
	{
		name: "RegistryCredentialsWithoutExecutionRole",
		changes: map[string]string{
			pathTask + ".ExecutionRoleArn": "", pathContainer + ".LogConfiguration": "", pathContainer + ".Secrets": "",
			pathContainer + ".Image": `"registry.example.com/web"`, pathContainer + ".RepositoryCredentials": `{"CredentialsParameter": "arn"}`,
		},
		want: []string{"AWSC-TASK-002 Task"},
	},
	{name: "Ec2LogsAndPullsByItsInstanceRole", changes: map[string]string{
		pathTask + ".ExecutionRoleArn": "", pathTask + ".RequiresCompatibilities": `["EC2"]`, pathContainer + ".Secrets": "",
	}},
	{name: "PublicImageNeedsNoExecutionRole", changes: map[string]string{
		pathTask + ".ExecutionRoleArn": "", pathContainer + ".LogConfiguration": "", pathContainer + ".Secrets": "",
		pathContainer + ".Image": `"public.ecr.aws/nginx/nginx"`,
	}},
	{
		// A parameter gives the digest; the registry is written out.
		name: "EcrByDigestParameterWithoutExecutionRole",
		changes: map[string]string{
			pathTask + ".ExecutionRoleArn": "", pathContainer + ".LogConfiguration": "", pathContainer + ".Secrets": "",
			pathContainer + ".Image": `{"Fn::Sub": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web@${Param}"}`,
		},
		want: []string{"AWSC-TASK-002 Task"},
	},
	{
		name: "EcrBySsmParameterWithoutExecutionRole",
		changes: map[string]string{
			pathTask + ".ExecutionRoleArn": "", pathContainer + ".LogConfiguration": "", pathContainer + ".Secrets": "",
			pathContainer + ".Image": `{"Fn::Join": ["", ["111122223333.dkr.ecr.eu-west-1.amazonaws.com/web@", {"Ref": "Digest"}]]}`,
		},
		outside: map[string]string{"Parameters.Digest": `{"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/web/digest"}`},
		want:    []string{"AWSC-TASK-002 Task"},
	},
	{
		name: "ImageOfAParameterNeedsNoExecutionRole",
		changes: map[string]string{
			pathTask + ".ExecutionRoleArn": "", pathContainer + ".LogConfiguration": "", pathContainer + ".Secrets": "",
			pathContainer + ".Image": `{"Ref": "Web"}`,
		},
		outside: map[string]string{"Parameters.Web": `{"Type": "String", "Default": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1"}`},
	},
	{name: "UnknownImageNeedsNoExecutionRole", changes: map[string]string{
		pathTask + ".ExecutionRoleArn": "", pathContainer + ".LogConfiguration": "", pathContainer + ".Secrets": "",
		pathContainer + ".Image": valueUnknown,
	}},
	{name: "ExecutionRoleUnknown", changes: map[string]string{pathTask + ".ExecutionRoleArn": valueUnknown}},
	{name: "ExecutionRoleConditional", changes: map[string]string{
		pathTask + ".ExecutionRoleArn": valueEither(`"arn:aws:iam::111122223333:role/x"`, `{"Ref": "AWS::NoValue"}`),
	}},

	// Trust policies.
	{
		name:    "ExecutionRoleTrustsOnlyEc2",
		changes: map[string]string{pathTrust + ".0.Principal": `{"Service": "ec2.amazonaws.com"}`},
		want:    []string{"AWSC-TASK-003 Task"},
	},
	{
		name: "TaskRoleTrustsEcsNotItsTasks",
		changes: map[string]string{pathTask + ".TaskRoleArn": `{"Fn::GetAtt": ["OtherRole", "Arn"]}`,
			"OtherRole": roleTrusting(`{"Service": "ecs.amazonaws.com"}`)},
		want: []string{"AWSC-TASK-003 Task"},
	},
	{
		name: "ExecutionRoleTrustsAnAccount",
		changes: map[string]string{pathTrust +
			".0.Principal": `{"AWS": {"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":root"]]}}`},
		want: []string{"AWSC-TASK-003 Task"},
	},
	{
		name:    "ExecutionRoleTrustsForAnotherAction",
		changes: map[string]string{pathTrust + ".0.Action": `"sts:TagSession"`},
		want:    []string{"AWSC-TASK-003 Task"},
	},
	{
		name:    "ExecutionRoleDeniesTasks",
		changes: map[string]string{pathTrust + ".0.Effect": `"Deny"`},
		want:    []string{"AWSC-TASK-003 Task"},
	},
	{name: "TrustByUrlSuffix", changes: map[string]string{pathTrust +
		".0.Principal": `{"Service": {"Fn::Sub": "ecs-tasks.${AWS::URLSuffix}"}}`}},
	{name: "TrustInOneStatement", changes: map[string]string{
		pathTrust: `{"Effect": "Allow", "Action": "sts:*", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}`,
	}},
	{name: "TrustOfEverybody", changes: map[string]string{pathTrust + ".0.Principal": `"*"`}},
	{name: "TrustUnknown", changes: map[string]string{pathTrust + ".0.Principal": `{"Service": {"Ref": "Param"}}`}},
	{name: "TrustByException", changes: map[string]string{
		pathTrust: `[{"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"Service": "ec2.amazonaws.com"}}]`,
	}},
	{name: "TrustConditional", changes: map[string]string{
		pathTrust: `[` + valueEither(
			`{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}`,
			`{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}`) + `]`,
	}},
	{name: "TrustGuessed", changes: map[string]string{pathTrust + ".0.Principal": `{"Service": {"Ref": "Defaulted"}}`}},

	// Fargate sizes.
	{
		name:    "CpuOfNoFargateSize",
		changes: map[string]string{pathTask + ".Cpu": `"300"`},
		want:    []string{"AWSC-TASK-004 Task"},
	},
	{
		name:    "CpuOfNoFargateSizeInVcpu",
		changes: map[string]string{pathTask + ".Cpu": `"3 vCPU"`, pathTask + ".Memory": `"8 GB"`},
		want:    []string{"AWSC-TASK-004 Task"},
	},
	{
		name:    "MemoryTooMuchForCpu",
		changes: map[string]string{pathTask + ".Memory": `"4096"`},
		want:    []string{"AWSC-TASK-004 Task"},
	},
	{
		name: "MemoryBetweenTheSteps",
		changes: map[string]string{pathTask + ".Cpu": `16384`, pathTask + ".Memory": `36864`,
			pathTask + ".RequiresCompatibilities": `["EC2", "FARGATE"]`},
		want: []string{"AWSC-TASK-004 Task"},
	},
	{
		name:    "MemoryInGigabytes",
		changes: map[string]string{pathTask + ".Cpu": `".25 vCPU"`, pathTask + ".Memory": `"3 GB"`},
		want:    []string{"AWSC-TASK-004 Task"},
	},
	{name: "SizeSmallest", changes: map[string]string{pathTask + ".Cpu": `".25 vCPU"`, pathTask + ".Memory": `"0.5 GB"`}},
	{name: "SizeInOneWord", changes: map[string]string{pathTask + ".Cpu": `"1vcpu"`, pathTask + ".Memory": `"2GB"`}},
	{name: "SizeLargest", changes: map[string]string{pathTask + ".Cpu": `"32768"`, pathTask + ".Memory": `"244 GB"`}},
	{name: "SizeInSteps", changes: map[string]string{pathTask + ".Cpu": `8192`, pathTask + ".Memory": `20480`}},
	{name: "SizeOnEc2", changes: map[string]string{pathTask + ".Cpu": `"300"`, pathTask + ".RequiresCompatibilities": `["EC2"]`}},
	{name: "SizeUnknown", changes: map[string]string{pathTask + ".Cpu": valueUnknown, pathTask + ".Memory": valueUnknown}},
	{name: "SizeGuessed", changes: map[string]string{pathTask + ".Cpu": valueGuessed}},
	{name: "SizeMemoryGuessed", changes: map[string]string{pathTask + ".Memory": valueGuessed}},
	{name: "SizeConditional", changes: map[string]string{pathTask + ".Memory": valueEither(`"300"`, `"512"`)}},

	// EFS volumes.
	{
		name:    "EfsIamUnencrypted",
		changes: map[string]string{pathEfs + ".TransitEncryption": `"DISABLED"`, pathEfs + ".AuthorizationConfig.AccessPointId": ""},
		want:    []string{"AWSC-EFS-001 Task"},
	},
	{
		name:    "EfsAccessPointUnencrypted",
		changes: map[string]string{pathEfs + ".TransitEncryption": "", pathEfs + ".AuthorizationConfig.IAM": ""},
		want:    []string{"AWSC-EFS-001 Task"},
	},
	{name: "EfsPlainUnencrypted", changes: map[string]string{pathEfs + ".TransitEncryption": "", pathEfs + ".AuthorizationConfig": ""}},
	{name: "EfsEncryptionUnknown", changes: map[string]string{pathEfs + ".TransitEncryption": valueUnknown}},
	{name: "EfsEncryptionGuessed", changes: map[string]string{pathEfs + ".TransitEncryption": valueGuessed}},
	{name: "EfsAuthorizationUnknown", changes: map[string]string{
		pathEfs + ".TransitEncryption": "", pathEfs + ".AuthorizationConfig": valueEither(`{"IAM": "ENABLED"}`, `{"IAM": "DISABLED"}`),
	}},
	{
		name:    "EfsAccessPointWithDirectory",
		changes: map[string]string{pathEfs + ".RootDirectory": `"/data"`},
		want:    []string{"AWSC-EFS-002 Task"},
	},
	{
		name:    "EfsImportedAccessPointWithDirectory",
		changes: map[string]string{pathEfs + ".RootDirectory": `"/data"`, pathEfs + ".AuthorizationConfig.AccessPointId": `"fsap-1"`},
		want:    []string{"AWSC-EFS-002 Task"},
	},
	{name: "EfsDirectoryWithoutAccessPoint", changes: map[string]string{
		pathEfs + ".RootDirectory": `"/data"`, pathEfs + ".AuthorizationConfig.AccessPointId": "",
	}},
	{name: "EfsAccessPointWithoutDirectory", changes: map[string]string{pathEfs + ".RootDirectory": ""}},
	{name: "EfsDirectoryUnknown", changes: map[string]string{pathEfs + ".RootDirectory": valueUnknown}},
	{name: "EfsAccessPointUnknown", changes: map[string]string{
		pathEfs + ".RootDirectory": `"/data"`, pathEfs + ".AuthorizationConfig.AccessPointId": valueUnknown,
	}},
}

func roleTrusting(principal string) string {
	return `{"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [
		{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": ` + principal + `}]}}}`
}

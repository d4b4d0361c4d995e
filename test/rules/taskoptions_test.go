package rules_test

const (
	pathCredentials = pathContainer + ".RepositoryCredentials"
	pathFiles       = pathContainer + ".EnvironmentFiles"
	pathPolicies    = "ExecutionRole.Properties.Policies"
	arnOfRegistry   = `"arn:aws:secretsmanager:eu-west-1:111122223333:secret:ghcr-a1b2c3"`
	ownSecret       = `{"Type": "AWS::SecretsManager::Secret", "Properties": {}}`
	fileInBucket    = `[{"Type": "s3", "Value": "arn:aws:s3:::shop-settings/prod.env"}]`
	routerContainer = `{"Name": "log_router", "Image": "public.ecr.aws/aws-observability/aws-for-fluent-bit:3.4.17",
		"FirelensConfiguration": {"Type": "fluentbit"}}`
	volumeAtLaunch  = `[{"Name": "data"}, {"Name": "disk", "ConfiguredAtLaunch": true}]`
	configuredDisk  = `[{"Name": "disk", "ManagedEBSVolume": {"RoleArn": "arn:aws:iam::111122223333:role/ecs", "SizeInGiB": 10}}]`
	pathTaskVolumes = pathTask + ".Volumes"
	pathContainers  = pathTask + ".ContainerDefinitions"
	pathVolumes     = "Service.Properties.VolumeConfigurations"
)

// allows is a policy of the execution role.
func allows(action, resource string) string {
	return `[{"PolicyName": "p", "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": ` + action + `, "Resource": ` + resource +
		`}]}}]`
}

var taskOptionCases = []ruleCase{
	// Credentials of registries.
	{
		name:    "CredentialsThatNobodyMayRead",
		changes: map[string]string{pathCredentials: `{"CredentialsParameter": ` + arnOfRegistry + `}`},
		want:    []string{"AWSC-SECRET-002 Task"},
	},
	{
		name:    "CredentialsOfTheTemplateThatNobodyMayRead",
		changes: map[string]string{"Secret": ownSecret, pathCredentials: `{"CredentialsParameter": {"Ref": "Secret"}}`},
		want:    []string{"AWSC-SECRET-002 Task"},
	},
	{
		name: "CredentialsWithAnotherSecretsGrant",
		changes: map[string]string{
			pathCredentials: `{"CredentialsParameter": ` + arnOfRegistry + `}`,
			pathPolicies: allows(`"secretsmanager:GetSecretValue"`,
				`"arn:aws:secretsmanager:eu-west-1:111122223333:secret:other-a1b2c3"`),
		},
		want: []string{"AWSC-SECRET-002 Task"},
	},
	{
		name: "CredentialsToDescribe",
		changes: map[string]string{
			pathCredentials: `{"CredentialsParameter": ` + arnOfRegistry + `}`,
			pathPolicies:    allows(`"secretsmanager:DescribeSecret"`, arnOfRegistry),
		},
		want: []string{"AWSC-SECRET-002 Task"},
	},
	{name: "CredentialsThatMayBeRead", changes: map[string]string{
		pathCredentials: `{"CredentialsParameter": ` + arnOfRegistry + `}`,
		pathPolicies:    allows(`["secretsmanager:GetSecretValue", "kms:Decrypt"]`, `[`+arnOfRegistry+`]`),
	}},
	{name: "CredentialsOfTheTemplateThatMayBeRead", changes: map[string]string{
		"Secret": ownSecret, pathCredentials: `{"CredentialsParameter": {"Ref": "Secret"}}`,
		pathPolicies: allows(`"secretsmanager:GetSecretValue"`, `{"Ref": "Secret"}`),
	}},
	{name: "CredentialsWithAnEnd", changes: map[string]string{
		pathCredentials: `{"CredentialsParameter": ` + arnOfRegistry + `}`,
		pathPolicies:    allows(`"secretsmanager:Get*"`, `"arn:aws:secretsmanager:eu-west-1:111122223333:secret:ghcr-*"`),
	}},
	{name: "CredentialsThatTheirPolicyGives", changes: map[string]string{
		"Secret": ownSecret, pathCredentials: `{"CredentialsParameter": {"Ref": "Secret"}}`,
		"SecretPolicy": `{"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": {"SecretId": {"Ref": "Secret"}, "ResourcePolicy": {
			"Statement": [{"Effect": "Allow", "Principal": {"AWS": {"Fn::GetAtt": ["ExecutionRole", "Arn"]}},
			"Action": "secretsmanager:GetSecretValue", "Resource": "*"}]}}}`,
	}},
	{name: "CredentialsOfARoleElsewhere", changes: map[string]string{
		pathCredentials:                `{"CredentialsParameter": ` + arnOfRegistry + `}`,
		pathTask + ".ExecutionRoleArn": `"arn:aws:iam::111122223333:role/starter"`,
	}},
	{name: "CredentialsOfANamedRole", changes: map[string]string{
		pathCredentials: `{"CredentialsParameter": ` + arnOfRegistry + `}`, "ExecutionRole.Properties.RoleName": `"starter"`,
	}},
	{name: "CredentialsUnknown", changes: map[string]string{pathCredentials: `{"CredentialsParameter": ` + valueUnknown + `}`}},
	{name: "CredentialsByName", changes: map[string]string{pathCredentials: `{"CredentialsParameter": "ghcr"}`}},

	// Files of variables.
	{name: "EnvironmentFileThatNobodyMayRead", changes: map[string]string{pathFiles: fileInBucket}, want: []string{"AWSC-TASK-006 Task"}},
	{
		name: "EnvironmentFileOfTheTemplateThatNobodyMayRead",
		changes: map[string]string{
			"Bucket":  `{"Type": "AWS::S3::Bucket", "Properties": {}}`,
			pathFiles: `[{"Type": "s3", "Value": {"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "Bucket"}, "/prod.env"]]}}]`,
		},
		want: []string{"AWSC-TASK-006 Task"},
	},
	{
		name:    "EnvironmentFileWithABucketsGrant",
		changes: map[string]string{pathFiles: fileInBucket, pathPolicies: allows(`"s3:GetObject"`, `"arn:aws:s3:::shop-settings"`)},
		want:    []string{"AWSC-TASK-006 Task"},
	},
	{name: "EnvironmentFileThatMayBeRead", changes: map[string]string{
		pathFiles: fileInBucket, pathPolicies: allows(`["s3:GetObject"]`, `"arn:aws:s3:::shop-settings/prod.env"`),
	}},
	{name: "EnvironmentFilesThatMayBeRead", changes: map[string]string{
		pathFiles: fileInBucket, pathPolicies: allows(`"s3:Get*"`, `"arn:aws:s3:::shop-*/*"`),
	}},
	{name: "EnvironmentFileThatItsBucketGives", changes: map[string]string{
		pathFiles: fileInBucket,
		"BucketPolicy": `{"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "shop-settings", "PolicyDocument": {"Statement": [{
			"Effect": "Allow", "Principal": {"AWS": {"Fn::GetAtt": ["ExecutionRole", "Arn"]}}, "Action": "s3:GetObject",
			"Resource": "arn:aws:s3:::shop-settings/*"}]}}}`,
	}},
	{name: "EnvironmentFileUnknown", changes: map[string]string{pathFiles: `[{"Type": "s3", "Value": ` + valueUnknown + `}]`}},

	// FireLens.
	{
		name:    "OutputWithoutARouter",
		changes: map[string]string{pathContainer + ".LogConfiguration": `{"LogDriver": "awsfirelens", "Options": {"Name": "stdout"}}`},
		want:    []string{"AWSC-TASK-007 Task"},
	},
	{
		name:    "RouterWithoutOutput",
		changes: map[string]string{pathContainers: `[{"Name": "web", "Image": "nginx:1"}, ` + routerContainer + `]`},
		want:    []string{"AWSC-TASK-007 Task"},
	},
	{name: "OutputAndRouter", changes: map[string]string{
		pathContainers: `[{"Name": "web", "Image": "nginx:1", "LogConfiguration": {"LogDriver": "awsfirelens"}}, ` + routerContainer + `]`,
	}},
	{name: "RouterThatMayBe", changes: map[string]string{
		pathContainers: `[{"Name": "web", "Image": "nginx:1", "LogConfiguration": {"LogDriver": "awsfirelens"}},
			{"Name": "other", "Image": "nginx:1", "FirelensConfiguration": ` + valueUnknown + `}]`,
	}},
	{name: "OutputThatMayBe", changes: map[string]string{
		pathContainers: `[{"Name": "web", "Image": "nginx:1", "LogConfiguration": {"LogDriver": ` + valueUnknown + `}}, ` + routerContainer + `]`,
	}},

	// Restart policies.
	{
		name:    "RestartTooEarly",
		changes: map[string]string{pathContainer + ".RestartPolicy": `{"Enabled": true, "RestartAttemptPeriod": 30}`},
		want:    []string{"AWSC-TASK-008 Task"},
	},
	{
		name:    "RestartTooLate",
		changes: map[string]string{pathContainer + ".RestartPolicy": `{"Enabled": true, "RestartAttemptPeriod": 1801}`},
		want:    []string{"AWSC-TASK-008 Task"},
	},
	{name: "RestartInTime", changes: map[string]string{pathContainer + ".RestartPolicy": `{"Enabled": true, "RestartAttemptPeriod": 60}`}},
	{name: "RestartByDefault", changes: map[string]string{pathContainer + ".RestartPolicy": `{"Enabled": true}`}},
}

// Of the suite with a service.
var volumeCases = []ruleCase{
	{
		name:    "VolumeThatNobodyConfigures",
		changes: map[string]string{pathTaskVolumes: volumeAtLaunch},
		want:    []string{"AWSC-SERVICE-007 Service"},
	},
	{
		name: "VolumeOfAnotherName",
		changes: map[string]string{
			pathTaskVolumes: `[{"Name": "data"}, {"Name": "scratch", "ConfiguredAtLaunch": true}]`, pathVolumes: configuredDisk,
		},
		want: []string{"AWSC-SERVICE-007 Service", "AWSC-SERVICE-007 Service"},
	},
	{
		name:    "VolumeThatIsNotOfLaunch",
		changes: map[string]string{pathTaskVolumes: `[{"Name": "data"}, {"Name": "disk"}]`, pathVolumes: configuredDisk},
		want:    []string{"AWSC-SERVICE-007 Service"},
	},
	{
		name: "VolumeForARule",
		changes: map[string]string{pathTaskVolumes: volumeAtLaunch, pathVolumes: configuredDisk, "Rule": `{"Type": "AWS::Events::Rule",
			"Properties": {"ScheduleExpression": "rate(1 hour)", "Targets": [{"Id": "Target", "Arn": "arn:aws:ecs:eu-west-1:111122223333:cluster/c",
			"RoleArn": "arn:aws:iam::111122223333:role/r", "EcsParameters": {"TaskDefinitionArn": {"Ref": "Task"}, "LaunchType": "FARGATE",
			"NetworkConfiguration": {"AwsVpcConfiguration": {"Subnets": ["subnet-1"]}}}}]}}`},
		want: []string{"AWSC-SERVICE-007 Rule"},
	},
	{name: "VolumeThatTheServiceConfigures", changes: map[string]string{pathTaskVolumes: volumeAtLaunch, pathVolumes: configuredDisk}},
	{name: "VolumeUnknown", changes: map[string]string{
		pathTaskVolumes: `[{"Name": "data"}, {"Name": "disk", "ConfiguredAtLaunch": ` + valueUnknown + `}]`, pathVolumes: configuredDisk,
	}},
	{name: "VolumeConfiguredUnknown", changes: map[string]string{pathTaskVolumes: volumeAtLaunch, pathVolumes: valueUnknown}},
}

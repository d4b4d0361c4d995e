package rules_test

const (
	pathSecret = pathContainer + ".Secrets.0.ValueFrom"
	// The policy of a role that the CDK writes for a secret without its suffix.
	grantOfName = `{"Type": "AWS::IAM::Policy", "Properties": {"Roles": [{"Ref": "ExecutionRole"}], "PolicyName": "p", "PolicyDocument": {
		"Statement": [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": {"Fn::Join": ["", ["arn:",
		{"Ref": "AWS::Partition"},
		":secretsmanager:", {"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}, ":secret:my-secret-??????"]]}}]}}}`
	secretOfName = `{"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":secretsmanager:", {"Ref": "AWS::Region"}, ":",
		{"Ref": "AWS::AccountId"}, ":secret:my-secret:password::"]]}`
	arnOfName = `"arn:aws:secretsmanager:eu-west-1:111122223333:secret:my-secret"`
)

var secretCases = []ruleCase{
	{
		name:    "SecretByANameThatIsGranted",
		changes: map[string]string{"Grant": grantOfName, pathSecret: secretOfName},
		want:    []string{"AWSC-SECRET-001 Task"},
	},
	{
		name: "SecretByTheNameOfOneHere",
		changes: map[string]string{
			"Secret": `{"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "my-secret"}}`, pathSecret: arnOfName,
		},
		want: []string{"AWSC-SECRET-001 Task"},
	},
	{
		name: "SecretByANameWithAnyEnd",
		changes: map[string]string{pathSecret: arnOfName, "ExecutionRole.Properties.Policies": `[{"PolicyName": "p", "PolicyDocument": {
			"Statement": {"Effect": "Allow", "Action": "*", "Resource": ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:my-secret-*"]}}}]`},
		want: []string{"AWSC-SECRET-001 Task"},
	},
	{
		name: "CredentialsByANameThatIsGranted",
		changes: map[string]string{
			"Grant": grantOfName, pathContainer + ".RepositoryCredentials": `{"CredentialsParameter": ` + arnOfName + `}`,
		},
		want: []string{"AWSC-SECRET-001 Task"},
	},
	{
		name: "SecretOfExpressByANameThatIsGranted",
		changes: map[string]string{"Grant": grantOfName, "Express": `{"Type": "AWS::ECS::ExpressGatewayService", "Properties": {
			"ExecutionRoleArn": {"Fn::GetAtt": ["ExecutionRole", "Arn"]}, "InfrastructureRoleArn": "arn:aws:iam::111122223333:role/i",
			"PrimaryContainer": {"Image": "nginx:1", "Secrets": [{"Name": "P", "ValueFrom": ` + arnOfName + `}]}}}`},
		want: []string{"AWSC-SECRET-001 Express"},
	},
	{
		name: "SecretOfAppRunnerByANameThatIsGranted",
		changes: map[string]string{"Grant": grantOfName, "AppRunner": `{"Type": "AWS::AppRunner::Service", "Properties": {
			"SourceConfiguration": {
			"ImageRepository": {"ImageRepositoryType": "ECR_PUBLIC", "ImageIdentifier": "public.ecr.aws/x/y:1", "ImageConfiguration": {
			"RuntimeEnvironmentSecrets": [{"Name": "P", "Value": ` + arnOfName + `}]}}}}}`},
		want: []string{"AWSC-SECRET-001 AppRunner"},
	},
	{
		name: "SecretOfACacheByTheNameOfOneHere",
		changes: map[string]string{
			"Secret": `{"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "ecr-pullthroughcache/docker-io-hub001"}}`,
			"Cache": `{"Type": "AWS::ECR::PullThroughCacheRule", "Properties": {"CredentialArn":
				"arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-io-hub001"}}`,
		},
		want: []string{"AWSC-SECRET-001 Cache"},
	},
	{name: "SecretByACompleteArn", changes: map[string]string{
		"Grant": grantOfName, pathSecret: `"arn:aws:secretsmanager:eu-west-1:111122223333:secret:my-secret-a1b2c3:password::"`,
	}},
	{name: "SecretThatMayBeComplete", changes: map[string]string{pathSecret: arnOfName}},
	{name: "SecretByAnotherName", changes: map[string]string{
		"Secret": `{"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "my"}}`, pathSecret: arnOfName,
	}},
	{name: "SecretByANameOfAnotherEnd", changes: map[string]string{
		"Secret":   `{"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "my-password"}}`,
		pathSecret: `"arn:aws:secretsmanager:eu-west-1:111122223333:secret:my-password"`,
	}},
	{name: "SecretUnknown", changes: map[string]string{"Grant": grantOfName, pathSecret: valueUnknown}},
}

package rules_test

const (
	pathWebSource  = "Web.Properties.SourceConfiguration"
	pathWebAccess  = pathWebSource + ".AuthenticationConfiguration"
	pathWebType    = pathWebSource + ".ImageRepository.ImageRepositoryType"
	pathCodeSource = "Code.Properties.SourceConfiguration"
	pathCodeAccess = pathCodeSource + ".AuthenticationConfiguration"
	trusted        = ".Properties.AssumeRolePolicyDocument.Statement.0.Principal"
)

var appRunnerCases = []ruleCase{
	{name: "PrivateImageWithoutRole", changes: map[string]string{pathWebAccess: ""}, want: []string{"AWSC-APPRUNNER-001 Web"}},
	{name: "PrivateImageWithoutRoleInIt", changes: map[string]string{pathWebAccess: `{}`}, want: []string{"AWSC-APPRUNNER-001 Web"}},
	{name: "PublicImageWithoutRole", changes: map[string]string{pathWebAccess: "", pathWebType: `"ECR_PUBLIC"`}},
	{name: "PerhapsPrivateImage", changes: map[string]string{pathWebAccess: "", pathWebType: valueUnknown}},
	{name: "PrivateImageWithPerhapsARole",
		changes: map[string]string{pathWebAccess: valueEither(`{"AccessRoleArn": {"Fn::GetAtt": ["AccessRole", "Arn"]}}`,
			`{"Ref": "AWS::NoValue"}`)}},

	{name: "AccessRoleOfInstances", changes: map[string]string{"AccessRole" + trusted: `{"Service": "tasks.apprunner.amazonaws.com"}`},
		want: []string{"AWSC-APPRUNNER-002 AccessRole"}},
	{name: "InstanceRoleOfEcs", changes: map[string]string{"InstanceRole" + trusted: `{"Service": "ecs-tasks.amazonaws.com"}`},
		want: []string{"AWSC-APPRUNNER-002 InstanceRole"}},
	{name: "OneRoleForBoth", changes: map[string]string{pathWebAccess + ".AccessRoleArn": `{"Fn::GetAtt": ["InstanceRole", "Arn"]}`},
		want: []string{"AWSC-APPRUNNER-002 InstanceRole"}},
	{name: "OneRoleForBothThatMay", changes: map[string]string{
		pathWebAccess + ".AccessRoleArn": `{"Fn::GetAtt": ["InstanceRole", "Arn"]}`,
		"InstanceRole" + trusted:         `{"Service": ["build.apprunner.amazonaws.com", "tasks.apprunner.amazonaws.com"]}`,
	}},
	{name: "ImportedRoles", changes: map[string]string{
		pathWebAccess + ".AccessRoleArn":                       `"arn:aws:iam::111122223333:role/access"`,
		"Web.Properties.InstanceConfiguration.InstanceRoleArn": `"arn:aws:iam::111122223333:role/instance"`,
		"AccessRole" + trusted:                                 `{"Service": "ec2.amazonaws.com"}`,
	}},
	{name: "RoleThatWhoKnowsMayAssume", changes: map[string]string{"AccessRole" + trusted: valueUnknown}},

	{name: "SourceWithoutConnection", changes: map[string]string{pathCodeAccess: ""}, want: []string{"AWSC-APPRUNNER-003 Code"}},
	{name: "SourceWithARole", changes: map[string]string{pathCodeAccess: `{"AccessRoleArn": {"Fn::GetAtt": ["AccessRole", "Arn"]}}`},
		want: []string{"AWSC-APPRUNNER-003 Code"}},
	{name: "SourceWithUnknownConnection", changes: map[string]string{pathCodeAccess + ".ConnectionArn": valueUnknown}},
	{name: "SourceWithPerhapsAConnection",
		changes: map[string]string{pathCodeAccess: valueEither(`{"ConnectionArn": "arn"}`, `{"Ref": "AWS::NoValue"}`)}},

	{name: "ConnectorInPublicSubnet", changes: map[string]string{"Connector.Properties.Subnets": `[{"Ref": "Private"}, {"Ref": "Public"}]`},
		want: []string{"AWSC-APPRUNNER-004 Connector"}},
	{name: "ConnectorInImportedSubnet", changes: map[string]string{"Connector.Properties.Subnets": `["subnet-0123456789abcdef0"]`}},
	{name: "ConnectorInPerhapsPublicSubnet",
		changes: map[string]string{"Connector.Properties.Subnets": `[` + valueEither(`{"Ref": "Public"}`, `{"Ref": "Private"}`) + `]`}},
	{name: "ConnectorInSubnetWithPerhapsARoute",
		changes: map[string]string{"Connector.Properties.Subnets": `[{"Ref": "Public"}]`, "PublicRoute.Condition": `"Condition"`}},
}

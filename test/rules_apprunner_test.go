package test

// goodAppRunner is a service from private ECR with a VPC connector, and one from source, as templates have them that are written by hand.
const goodAppRunner = `{
  "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
  "Gateway": {"Type": "AWS::EC2::InternetGateway", "Properties": {}},
  "Public": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.0.0/24"}},
  "Private": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.1.0/24"}},
  "PublicTable": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Vpc"}}},
  "PublicRoute": {"Type": "AWS::EC2::Route", "Properties": {"RouteTableId": {"Ref": "PublicTable"},
    "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": {"Ref": "Gateway"}}},
  "PublicIn": {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": {"SubnetId": {"Ref": "Public"}, "RouteTableId": {"Ref": "PublicTable"}}},
  "AccessRole": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "build.apprunner.amazonaws.com"}}]}}},
  "InstanceRole": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["ec2.amazonaws.com", "tasks.apprunner.amazonaws.com"]}}]}}},
  "Connector": {"Type": "AWS::AppRunner::VpcConnector", "Properties": {"Subnets": [{"Ref": "Private"}], "SecurityGroups": ["sg-0123456789abcdef0"]}},
  "Web": {"Type": "AWS::AppRunner::Service", "Properties": {
    "SourceConfiguration": {"AuthenticationConfiguration": {"AccessRoleArn": {"Fn::GetAtt": ["AccessRole", "Arn"]}},
      "ImageRepository": {"ImageIdentifier": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1", "ImageRepositoryType": "ECR"}},
    "InstanceConfiguration": {"InstanceRoleArn": {"Fn::GetAtt": ["InstanceRole", "Arn"]}},
    "NetworkConfiguration": {"EgressConfiguration": {"EgressType": "VPC", "VpcConnectorArn": {"Fn::GetAtt": ["Connector", "VpcConnectorArn"]}}}}},
  "Code": {"Type": "AWS::AppRunner::Service", "Properties": {
    "SourceConfiguration": {"AuthenticationConfiguration": {"ConnectionArn": "arn:aws:apprunner:eu-west-1:111122223333:connection/github/1"},
      "CodeRepository": {"RepositoryUrl": "https://github.com/example/shop", "SourceCodeVersion": {"Type": "BRANCH", "Value": "main"}}}}}
}`

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
	{name: "PrivateImageWithPerhapsARole", changes: map[string]string{pathWebAccess: valueEither(`{"AccessRoleArn": {"Fn::GetAtt": ["AccessRole", "Arn"]}}`, `{"Ref": "AWS::NoValue"}`)}},

	{name: "AccessRoleOfInstances", changes: map[string]string{"AccessRole" + trusted: `{"Service": "tasks.apprunner.amazonaws.com"}`}, want: []string{"AWSC-APPRUNNER-002 AccessRole"}},
	{name: "InstanceRoleOfEcs", changes: map[string]string{"InstanceRole" + trusted: `{"Service": "ecs-tasks.amazonaws.com"}`}, want: []string{"AWSC-APPRUNNER-002 InstanceRole"}},
	{name: "OneRoleForBoth", changes: map[string]string{pathWebAccess + ".AccessRoleArn": `{"Fn::GetAtt": ["InstanceRole", "Arn"]}`}, want: []string{"AWSC-APPRUNNER-002 InstanceRole"}},
	{name: "OneRoleForBothThatMay", changes: map[string]string{
		pathWebAccess + ".AccessRoleArn": `{"Fn::GetAtt": ["InstanceRole", "Arn"]}`,
		"InstanceRole" + trusted:         `{"Service": ["build.apprunner.amazonaws.com", "tasks.apprunner.amazonaws.com"]}`,
	}},
	{name: "ImportedRoles", changes: map[string]string{
		pathWebAccess + ".AccessRoleArn": `"arn:aws:iam::111122223333:role/access"`, "Web.Properties.InstanceConfiguration.InstanceRoleArn": `"arn:aws:iam::111122223333:role/instance"`,
		"AccessRole" + trusted: `{"Service": "ec2.amazonaws.com"}`,
	}},
	{name: "RoleThatWhoKnowsMayAssume", changes: map[string]string{"AccessRole" + trusted: valueUnknown}},

	{name: "SourceWithoutConnection", changes: map[string]string{pathCodeAccess: ""}, want: []string{"AWSC-APPRUNNER-003 Code"}},
	{name: "SourceWithARole", changes: map[string]string{pathCodeAccess: `{"AccessRoleArn": {"Fn::GetAtt": ["AccessRole", "Arn"]}}`}, want: []string{"AWSC-APPRUNNER-003 Code"}},
	{name: "SourceWithUnknownConnection", changes: map[string]string{pathCodeAccess + ".ConnectionArn": valueUnknown}},
	{name: "SourceWithPerhapsAConnection", changes: map[string]string{pathCodeAccess: valueEither(`{"ConnectionArn": "arn"}`, `{"Ref": "AWS::NoValue"}`)}},

	{name: "ConnectorInPublicSubnet", changes: map[string]string{"Connector.Properties.Subnets": `[{"Ref": "Private"}, {"Ref": "Public"}]`}, want: []string{"AWSC-APPRUNNER-004 Connector"}},
	{name: "ConnectorInImportedSubnet", changes: map[string]string{"Connector.Properties.Subnets": `["subnet-0123456789abcdef0"]`}},
	{name: "ConnectorInPerhapsPublicSubnet", changes: map[string]string{"Connector.Properties.Subnets": `[` + valueEither(`{"Ref": "Public"}`, `{"Ref": "Private"}`) + `]`}},
	{name: "ConnectorInSubnetWithPerhapsARoute", changes: map[string]string{"Connector.Properties.Subnets": `[{"Ref": "Public"}]`, "PublicRoute.Condition": `"Condition"`}},
}

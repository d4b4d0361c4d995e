package rules_test

const pathServiceName = ".Properties.ServiceName"

// An Express service in the template's isolated subnet.
func isolatedExpress(container string) string {
	return `{"Type": "AWS::ECS::ExpressGatewayService", "Properties": {"InfrastructureRoleArn": "arn", "ExecutionRoleArn": "arn",
		"NetworkConfiguration": {"Subnets": [{"Ref": "Isolated"}]}, "PrimaryContainer": ` + container + `}}`
}

const expressImage = `"Image": {"Fn::Sub": "111122223333.dkr.ecr.${AWS::Region}.amazonaws.com/web:1"}`

var networkCases = []ruleCase{
	{
		name:    "EnclosedExpress",
		changes: map[string]string{"Express": isolatedExpress(`{` + expressImage + `}`)},
	},
	{
		name:    "EnclosedExpressWithoutLogs",
		changes: map[string]string{"Express": isolatedExpress(`{` + expressImage + `}`), "Logs": "", "Service": ""},
		want:    []string{"AWSC-NETWORK-001 Express"},
	},
	{
		name:    "EnclosedExpressWithoutEcr",
		changes: map[string]string{"Express": isolatedExpress(`{` + expressImage + `}`), "EcrDkr": "", "Service": ""},
		want:    []string{"AWSC-NETWORK-001 Express"},
	},
	{
		name: "EnclosedExpressWithoutParameters",
		changes: map[string]string{"Service": "", "Express": isolatedExpress(`{` + expressImage +
			`, "Secrets": [{"Name": "A", "ValueFrom": "arn:aws:ssm:eu-west-1:111122223333:parameter/a"}]}`)},
		want: []string{"AWSC-NETWORK-001 Express"},
	},
	{
		name:    "EnclosedExpressOfDockerHub",
		changes: map[string]string{"Service": "", "Express": isolatedExpress(`{"Image": "nginx:1.29"}`)},
		want:    []string{"AWSC-NETWORK-001 Express"},
	},
	{
		name: "EnclosedExpressOfATask",
		changes: map[string]string{"Service": "", "Logs": "", "Express": `{"Type": "AWS::ECS::ExpressGatewayService", "Properties": {
			"InfrastructureRoleArn": "arn", "NetworkConfiguration": {"Subnets": [{"Ref": "Isolated"}]}, "TaskDefinitionArn": {"Ref": "Task"}}}`,
			"Task.Properties.ContainerDefinitions.0.Name":         `"Main"`,
			"Task.Properties.ContainerDefinitions.0.PortMappings": `[{"Name": "web", "ContainerPort": 80}]`},
		want: []string{"AWSC-NETWORK-001 Express"},
	},
	{
		name:    "EnclosedWithoutEcrApi",
		changes: map[string]string{"EcrApi": ""},
		want:    []string{"AWSC-NETWORK-001 Service"},
	},
	{
		name:    "EnclosedWithoutEcrDkr",
		changes: map[string]string{"EcrDkr": ""},
		want:    []string{"AWSC-NETWORK-001 Service"},
	},
	{
		name:    "EnclosedWithoutS3",
		changes: map[string]string{"S3": "", pathService + ".PlatformVersion": `"1.4.0"`},
		want:    []string{"AWSC-NETWORK-001 Service"},
	},
	{
		name:    "EnclosedWithoutLogs",
		changes: map[string]string{"Logs": ""},
		want:    []string{"AWSC-NETWORK-001 Service"},
	},
	{
		name:    "EnclosedWithoutSecrets",
		changes: map[string]string{"Secrets": ""},
		want:    []string{"AWSC-NETWORK-001 Service"},
	},
	{
		name: "EnclosedWithoutSecretsForCredentials",
		changes: map[string]string{
			"Secrets": "", pathContainer + ".Secrets": "", pathCredentials: `{"CredentialsParameter": ` + arnOfRegistry + `}`,
		},
		want: []string{"AWSC-NETWORK-001 Service"},
	},
	{
		name: "EnclosedWithoutSecretsForAField",
		changes: map[string]string{"Secrets": "",
			pathContainer + ".Secrets.0.ValueFrom": `{"Fn::Join": ["", [{"Ref": "Secret"}, ":password::"]]}`},
		want: []string{"AWSC-NETWORK-001 Service"},
	},
	{
		name: "EnclosedWithoutParametersForLogs",
		changes: map[string]string{pathContainer + ".LogConfiguration": `{"LogDriver": "splunk", "SecretOptions": [
			{"Name": "splunk-token", "ValueFrom": {"Fn::Sub": "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/token"}}]}`},
		want: []string{"AWSC-NETWORK-001 Service"},
	},
	{
		name:    "EnclosedWithoutParameters",
		changes: map[string]string{pathContainer + ".Secrets.0.ValueFrom": `"arn:aws:ssm:eu-west-1:111122223333:parameter/password"`},
		want:    []string{"AWSC-NETWORK-001 Service"},
	},
	{
		name: "EnclosedWithEndpointsInAnotherVpc",
		changes: map[string]string{"Vpc2": `{"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}`,
			"Logs.Properties.VpcId": `{"Ref": "Vpc2"}`},
		want: []string{"AWSC-NETWORK-001 Service"},
	},
	{
		name: "EnclosedByOneOfTwoSubnets",
		changes: map[string]string{"Logs": "", "Way": openSubnet, "WayTable": wayTable, "WayOut": wayOut, "WayAssociation": wayAssociation,
			pathVpc + ".Subnets": `[{"Ref": "Way"}, {"Ref": "Isolated"}]`},
		want: []string{"AWSC-NETWORK-001 Service"},
	},
	{
		name:    "EnclosedWithImageOfDockerHub",
		changes: map[string]string{pathContainer + ".Image": `"nginx:1.29"`},
		want:    []string{"AWSC-NETWORK-001 Service"},
	},
	{
		name:    "EnclosedWithImageOfPublicEcr",
		changes: map[string]string{pathContainer + ".Image": `"public.ecr.aws/nginx/nginx"`},
		want:    []string{"AWSC-NETWORK-001 Service"},
	},
	{
		name:    "EnclosedWithImageOfADockerHubUser",
		changes: map[string]string{pathContainer + ".Image": `"bitnami/nginx@sha256:0123"`},
		want:    []string{"AWSC-NETWORK-001 Service"},
	},
	{name: "EnclosedWithImageOfAnotherRegistry", changes: map[string]string{pathContainer + ".Image": `"registry.example.com:5000/web"`}},
	{name: "EnclosedWithImageOfAPullThroughCache",
		changes: map[string]string{pathContainer + ".Image": `"111122223333.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/library/nginx"`}},
	{name: "EnclosedWithUnknownImage", changes: map[string]string{pathContainer + ".Image": valueUnknown, "EcrApi": ""}},
	{name: "EnclosedWithGuessedImage", changes: map[string]string{pathContainer + ".Image": valueGuessed}},
	{name: "EnclosedWithPartlyUnknownImage", changes: map[string]string{pathContainer + ".Image": `{"Fn::Sub": "${Param}/nginx"}`}},
	{name: "EnclosedWithUnknownSecret", changes: map[string]string{pathContainer + ".Secrets.0.ValueFrom": valueUnknown, "Secrets": ""}},
	{name: "EnclosedWithGuessedSecret", changes: map[string]string{
		pathContainer + ".Secrets.0.ValueFrom": `{"Fn::Sub": "arn:aws:ssm:${Defaulted}:111122223333:parameter/password"}`,
	}},
	{name: "EnclosedWithUnknownLogs", changes: map[string]string{pathContainer + ".LogConfiguration.LogDriver": valueUnknown, "Logs": ""}},
	{name: "EnclosedWithUnknownEndpoint", changes: map[string]string{"Logs" + pathServiceName: valueUnknown}},
	{name: "EnclosedWithGuessedEndpoint", changes: map[string]string{"Logs" + pathServiceName: valueGuessed}},
	{name: "EnclosedWithEndpointInGuessedRegion",
		changes: map[string]string{"Logs" + pathServiceName: `{"Fn::Sub": "com.amazonaws.${Defaulted}.logs"}`}},
	{name: "EnclosedWithConditionalEndpoint",
		changes: map[string]string{"Logs" + pathServiceName: valueEither(`"com.amazonaws.eu-west-1.logs"`, `"com.amazonaws.eu-west-1.sqs"`)}},
	{name: "EnclosedWithEndpointUnderACondition", changes: map[string]string{"Logs.Condition": `"Condition"`}},
	{name: "EnclosedWithEndpointOfAnUnknownVpc", changes: map[string]string{"Logs.Properties.VpcId": valueUnknown}},
	{name: "EnclosedWithFipsEndpoint", changes: map[string]string{"EcrApi" + pathServiceName: `"com.amazonaws.us-east-1.ecr-fips.api"`}},
	{name: "EnclosedOnAnOldPlatform", changes: map[string]string{"EcrApi": "", pathService + ".PlatformVersion": `"1.3.0"`}},
	{name: "EnclosedOnAnUnknownPlatform", changes: map[string]string{"EcrApi": "", pathService + ".PlatformVersion": valueUnknown}},
	{name: "EnclosedOnInstances", changes: map[string]string{"EcrApi": "", pathService + ".LaunchType": `"EC2"`}},
	{name: "EnclosedPerhaps", changes: map[string]string{"EcrApi": "", pathService + ".LaunchType": valueUnknown}},
	{name: "RouteByNat", changes: map[string]string{"EcrApi": "",
		"Out": `{"Type": "AWS::EC2::Route", "Properties": {"RouteTableId": {"Ref": "Table"},
		"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": {"Ref": "Param"}}}`}},
	{name: "RouteByPropagation", changes: map[string]string{"EcrApi": "",
		"Out": `{"Type": "AWS::EC2::VPNGatewayRoutePropagation", "Properties": {
		"RouteTableIds": [{"Ref": "Table"}], "VpnGatewayId": "vgw-1"}}`}},
	{name: "RouteByCustomResource", changes: map[string]string{"EcrApi": "",
		"Out": `{"Type": "Custom::Route", "Properties": {"ServiceToken": "arn", "Table": {"Ref": "Table"}}}`}},
	{
		name:    "RouteByAnotherStack",
		changes: map[string]string{"EcrApi": ""},
		outside: output(`{"Ref": "Table"}`),
	},
	{
		name:    "EndpointByAnotherStack",
		changes: map[string]string{"EcrApi": ""},
		outside: output(`{"Ref": "Vpc"}`),
	},
	{name: "EndpointByCustomResource", changes: map[string]string{"EcrApi": "", "CloseDefault.Properties.VpcId": `{"Ref": "Vpc"}`}},
	{
		name:    "EndpointByMacro",
		changes: map[string]string{"EcrApi": ""},
		outside: macro("Endpoints"),
	},
	{name: "RouteOfAnUnknownTable", changes: map[string]string{"EcrApi": "", "Association.Properties.RouteTableId": valueUnknown}},
	{name: "RouteOfTheMainTable", changes: map[string]string{"EcrApi": "", "Association": ""}},
	{name: "SubnetImported", changes: map[string]string{"EcrApi": "", pathVpc + ".Subnets": `[{"Ref": "Isolated"}, "subnet-1"]`}},
	{name: "SubnetConditional", changes: map[string]string{"EcrApi": "",
		pathVpc + ".Subnets": valueEither(`[{"Ref": "Isolated"}]`, `["subnet-1"]`)}},
	{name: "SubnetInAnUnknownVpc", changes: map[string]string{"EcrApi": "", "Isolated.Properties.VpcId": valueUnknown}},
	{name: "TaskUnknown", changes: map[string]string{"EcrApi": "", pathService + ".TaskDefinition": valueUnknown}},
}

const (
	openSubnet = `{"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.1.0/24"}}`
	wayTable   = `{"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Vpc"}}}`
	wayOut     = `{"Type": "AWS::EC2::Route", "Properties": {"RouteTableId": {"Ref": "WayTable"}, "DestinationCidrBlock": "0.0.0.0/0", ` +
		`"TransitGatewayId": "tgw-1"}}`
	wayAssociation = `{"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": {"SubnetId": {"Ref": "Way"}, "RouteTableId": {"Ref": ` +
		`"WayTable"}}}`
)

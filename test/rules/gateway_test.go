package rules_test

const (
	pathGateway       = "Gateway.Properties."
	pathGatewayAlb    = pathGateway + "Configuration.HostSharedAlb."
	pathGatewayNet    = pathGatewayAlb + "NetworkConfiguration."
	pathConnector     = "Service.Properties.GatewayConnectors.0."
	pathGatewayPorts  = "Task.Properties.ContainerDefinitions.0.PortMappings"
	pathGatewayPolicy = "Infrastructure.Properties.ManagedPolicyArns"
)

var gatewayCases = []ruleCase{
	// Who is first.
	{name: "GatewayServiceTooEarly", changes: map[string]string{"Service.DependsOn": ""}, want: []string{"AWSC-GATEWAY-001 Service"}},
	{name: "GatewayServiceAfterGatewayOnly", changes: map[string]string{"Service.DependsOn": `["Gateway"]`},
		want: []string{"AWSC-GATEWAY-001 Service"}},
	{name: "GatewayServiceWithoutConnector", changes: map[string]string{"Service.DependsOn": "", "Service.Properties.GatewayConnectors": ""}},
	{name: "GatewayServiceOfAnotherCluster", changes: map[string]string{"Service.DependsOn": "",
		"Other": `{"Type": "AWS::ECS::Cluster", "Properties": {}}`, "Service.Properties.Cluster": `{"Ref": "Other"}`}},
	{name: "GatewayServiceByWayOfAnother", changes: map[string]string{"Service.DependsOn": `["Wait"]`,
		"Wait": `{"Type": "AWS::CloudFormation::WaitConditionHandle", "DependsOn": ["Association"]}`}},

	// Which port.
	{name: "GatewayPortUnnamed", changes: map[string]string{pathGatewayPorts: `[{"ContainerPort": 8080}]`},
		want: []string{"AWSC-GATEWAY-002 Service"}},
	{name: "GatewayPortOfAnotherName", changes: map[string]string{pathConnector + "PortName": `"api"`},
		want: []string{"AWSC-GATEWAY-002 Service"}},
	{name: "GatewayPortByUdp", changes: map[string]string{pathGatewayPorts: `[{"ContainerPort": 8080, "Name": "web", "Protocol": "udp"}]`},
		want: []string{"AWSC-GATEWAY-002 Service"}},
	{name: "GatewayPortByTcp", changes: map[string]string{pathGatewayPorts: `[{"ContainerPort": 8080, "Name": "web", "Protocol": "tcp"}]`}},
	{name: "GatewayPortUnknown", changes: map[string]string{pathConnector + "PortName": valueUnknown}},
	{name: "GatewayPortOfUnknownName",
		changes: map[string]string{pathGatewayPorts: `[{"ContainerPort": 8080, "Name": ` + valueUnknown + `}]`}},
	{name: "GatewayPortsUnknown", changes: map[string]string{pathGatewayPorts: valueUnknown}},
	{name: "GatewayTaskOnBridge", changes: map[string]string{"Task.Properties.NetworkMode": `"bridge"`,
		"Task.Properties.RequiresCompatibilities": `["EC2"]`, "Service.Properties.LaunchType": `"EC2"`,
		"Service.Properties.NetworkConfiguration": ""}, want: []string{"AWSC-GATEWAY-002 Task"}},

	// Whether it can be deleted.
	{name: "GatewayProtectedByDefault", changes: map[string]string{pathGateway + "DeletionProtection": ""},
		want: []string{"AWSC-GATEWAY-003 Gateway"}},
	{name: "GatewayProtected", changes: map[string]string{pathGateway + "DeletionProtection": "true"}},
	{name: "GatewayPerhapsProtected", changes: map[string]string{pathGateway + "DeletionProtection": valueUnknown}},

	// What its role may do, and for whom.
	{name: "GatewayRoleForExpress", changes: map[string]string{pathGatewayPolicy: ""}, want: []string{"AWSC-GATEWAY-004 Infrastructure"}},
	{name: "GatewayRoleForLoadBalancers", changes: map[string]string{
		pathGatewayPolicy: awsPolicies("AmazonECSInfrastructureRolePolicyForLoadBalancers")}, want: []string{"AWSC-GATEWAY-004 Infrastructure"}},
	{name: "GatewayRoleOfItsOwn", changes: map[string]string{pathGatewayPolicy: awsPolicies("AdministratorAccess")}},
	{name: "GatewayRoleForTasks", changes: map[string]string{"Infrastructure" + pathTrusted: `"ecs-tasks.amazonaws.com"`},
		want: []string{"AWSC-ROLE-001 Infrastructure"}},

	// Where it is.
	{name: "GatewayInOtherZones", changes: map[string]string{"PublicB.Properties.AvailabilityZone": `"eu-west-1c"`},
		want: []string{"AWSC-GATEWAY-005 Service"}},
	{name: "GatewayInAnotherVpc", changes: map[string]string{"Other": `{"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}`,
		"PublicA.Properties.VpcId": `{"Ref": "Other"}`, "PublicB.Properties.VpcId": `{"Ref": "Other"}`},
		want: []string{"AWSC-GATEWAY-005 Service"}},
	{name: "GatewayInMoreZones",
		changes: map[string]string{"Service.Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets": `[{"Ref": "PrivateA"}]`}},
	{name: "GatewayInUnknownZones", changes: map[string]string{"PublicB.Properties.AvailabilityZone": valueUnknown}},
	{name: "GatewayInUnknownSubnets", changes: map[string]string{pathGatewayNet + "Subnets": valueUnknown}},
	{name: "GatewayBesideOneThatCovers", changes: map[string]string{"PublicB.Properties.AvailabilityZone": `"eu-west-1c"`,
		"Second": `{"Type": "AWS::ECS::GatewayClusterAssociations", "Properties": {` +
			`"Cluster": {"Ref": "Cluster"}, "Gateway": "platform"}}`,
		"Service.DependsOn": `["Association", "Second"]`}},

	// What it listens for.
	{name: "GatewayDualStackByDefault", changes: map[string]string{pathGatewayNet + "IpAddressType": ""},
		want: []string{"AWSC-GATEWAY-006 Gateway"}},
	{name: "GatewayDualStack", changes: map[string]string{pathGatewayNet + "IpAddressType": `"dualstack-without-public-ipv4"`},
		want: []string{"AWSC-GATEWAY-006 Gateway"}},
	{name: "GatewayDualStackWithRanges", changes: map[string]string{pathGatewayNet + "IpAddressType": "",
		"PublicA.Properties.Ipv6CidrBlock": `"2001:db8::/64"`,
		"Range": `{"Type": "AWS::EC2::SubnetCidrBlock", "Properties": {` +
			`"SubnetId": {"Ref": "PublicB"}, "Ipv6CidrBlock": "2001:db8:1::/64"}}`}},
	{name: "GatewayOverHttp", changes: map[string]string{pathGatewayAlb + "Protocol": `"HTTP"`, pathGatewayAlb + "Port": "80"},
		want: []string{"AWSC-GATEWAY-007 Gateway", "AWSC-GATEWAY-007 Gateway"}},
	{name: "GatewayOverHttps", changes: map[string]string{pathGatewayAlb + "Protocol": `"HTTPS"`, pathGatewayAlb + "Port": "443"}},
}

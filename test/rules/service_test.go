package rules_test

const (
	pathService   = "Service.Properties"
	pathEntry     = pathService + ".LoadBalancers.0"
	pathVpc       = pathService + ".NetworkConfiguration.AwsvpcConfiguration"
	publicSubnets = `[{"Ref": "Private"}, {"Ref": "PublicA"}]`
)

var serviceCases = []ruleCase{
	// The load balancer entry and the task definition.
	{
		name:    "EntryForNoContainer",
		changes: map[string]string{pathEntry + ".ContainerName": `"app"`},
		want:    []string{"AWSC-SERVICE-001 Service"},
	},
	{name: "EntryForUnknownContainer", changes: map[string]string{pathEntry + ".ContainerName": valueUnknown}},
	{name: "EntryForGuessedContainer", changes: map[string]string{pathEntry + ".ContainerName": valueGuessed}},
	{name: "EntryForNamelessContainer", changes: map[string]string{pathContainer + ".Name": valueUnknown}},
	{name: "EntryForConditionalContainers", changes: map[string]string{
		pathTask + ".ContainerDefinitions": valueEither(`[{"Name": "other", "Image": "x"}]`,
			`[{"Name": "web", "Image": "x", "PortMappings": [{"ContainerPort": 8080}]}]`),
	}},
	{name: "EntryForUnknownTask", changes: map[string]string{
		pathService + ".TaskDefinition": `"arn:aws:ecs:eu-west-1:111122223333:task-definition/x:1"`, pathEntry + ".ContainerName": `"app"`,
	}},
	{
		name:    "EntryForUnmappedPort",
		changes: map[string]string{pathEntry + ".ContainerPort": `80`, "ServiceIn": "", "BalancerOut": ""},
		want:    []string{"AWSC-SERVICE-002 Service", "AWSC-SG-001 Service"},
	},
	{
		name:    "EntryForContainerWithoutPorts",
		changes: map[string]string{pathContainer + ".PortMappings": ""},
		want:    []string{"AWSC-SERVICE-002 Service"},
	},
	{name: "EntryForPortAsText", changes: map[string]string{pathContainer + ".PortMappings.0.ContainerPort": `"8080"`}},
	{name: "EntryForPortInRange", changes: map[string]string{pathContainer + ".PortMappings": `[{"ContainerPortRange": "8000-8100"}]`}},
	{name: "EntryForUnknownPort", changes: map[string]string{pathEntry + ".ContainerPort": valueUnknown}},
	{name: "EntryForGuessedPort", changes: map[string]string{pathEntry + ".ContainerPort": valueGuessed}},
	{name: "EntryForUnknownMapping", changes: map[string]string{pathContainer + ".PortMappings.0.ContainerPort": valueUnknown}},
	{name: "EntryForGuessedMapping", changes: map[string]string{pathContainer + ".PortMappings.0.ContainerPort": valueGuessed}},

	// Target types.
	{
		name:    "InstanceTargetsForAwsvpc",
		changes: map[string]string{"Target.Properties.TargetType": `"instance"`},
		want:    []string{"AWSC-SERVICE-003 Target"},
	},
	{
		name:    "DefaultTargetsForAwsvpc",
		changes: map[string]string{"Target.Properties.TargetType": ""},
		want:    []string{"AWSC-SERVICE-003 Target"},
	},
	{
		name: "AlternateTargetsForAwsvpc",
		changes: map[string]string{
			"Green": `{"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"Port": 80, "Protocol": ` +
				`"HTTP", "VpcId": {"Ref": "Vpc"}}}`,
			pathEntry + ".AdvancedConfiguration": `{"AlternateTargetGroupArn": {"Ref": "Green"}}`,
		},
		want: []string{"AWSC-SERVICE-003 Green"},
	},
	{
		name: "InstanceTargetsForAwsvpcOnInstances",
		changes: map[string]string{
			pathTask + ".RequiresCompatibilities": `["EC2"]`, pathService + ".LaunchType": `"EC2"`, "Target.Properties.TargetType": `"instance"`,
		},
		want: []string{"AWSC-SERVICE-003 Target"},
	},
	{
		name: "IpTargetsForBridge",
		changes: map[string]string{
			pathTask + ".NetworkMode": `"bridge"`, pathTask + ".RequiresCompatibilities": `["EC2"]`, pathService + ".NetworkConfiguration": "",
			pathService + ".LaunchType": "", pathService + ".CapacityProviderStrategy": `[{"CapacityProvider": "ours"}]`,
		},
		want: []string{"AWSC-SERVICE-003 Target"},
	},
	{
		name: "IpTargetsForTheDefaultMode",
		changes: map[string]string{
			pathTask + ".NetworkMode": "", pathTask + ".RequiresCompatibilities": `["EC2"]`, pathService + ".LaunchType": `"EC2"`,
			pathService + ".NetworkConfiguration": "",
		},
		want: []string{"AWSC-SERVICE-003 Target"},
	},
	{name: "InstanceTargetsForHost", changes: map[string]string{
		pathTask + ".NetworkMode": `"host"`, pathTask + ".RequiresCompatibilities": `["EC2"]`, pathService + ".LaunchType": `"EC2"`,
		pathService + ".NetworkConfiguration": "", "Target.Properties.TargetType": `"instance"`,
	}},
	{name: "TargetsForUnknownMode", changes: map[string]string{pathTask + ".NetworkMode": valueUnknown}},
	{name: "TargetsForGuessedMode", changes: map[string]string{pathTask + ".NetworkMode": valueGuessed}},
	{name: "TargetsForConditionalMode", changes: map[string]string{pathTask + ".NetworkMode": valueEither(`"host"`, `"awsvpc"`)}},
	{name: "TargetsOfUnknownType", changes: map[string]string{"Target.Properties.TargetType": valueUnknown}},
	{name: "TargetsOfGuessedType", changes: map[string]string{"Target.Properties.TargetType": valueGuessed}},

	// Public subnets.
	{
		name:    "FargateInPublicSubnet",
		changes: map[string]string{pathVpc + ".Subnets": publicSubnets},
		want:    []string{"AWSC-SERVICE-004 Service"},
	},
	{
		name: "FargateSpotInPublicSubnet",
		changes: map[string]string{
			pathVpc + ".Subnets": publicSubnets, pathVpc + ".AssignPublicIp": "", pathService + ".LaunchType": "",
			pathService + ".CapacityProviderStrategy": `[{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}]`,
		},
		want: []string{"AWSC-SERVICE-004 Service"},
	},
	{
		name: "FargateInPublicSubnetWithAnotherEndpoint",
		changes: map[string]string{
			pathVpc + ".Subnets": publicSubnets,
			"Endpoint":           endpointTo(`"com.amazonaws.eu-west-1.s3"`),
		},
		want: []string{"AWSC-SERVICE-004 Service"},
	},
	{name: "PublicWithPublicIp", changes: map[string]string{pathVpc + ".Subnets": publicSubnets, pathVpc + ".AssignPublicIp": `"ENABLED"`}},
	{name: "PublicWithUnknownIp", changes: map[string]string{pathVpc + ".Subnets": publicSubnets, pathVpc + ".AssignPublicIp": valueUnknown}},
	{name: "PublicWithGuessedIp", changes: map[string]string{pathVpc + ".Subnets": publicSubnets, pathVpc + ".AssignPublicIp": valueGuessed}},
	{name: "PublicWithRegistryEndpoint", changes: map[string]string{
		pathVpc + ".Subnets": publicSubnets,
		"Endpoint":           endpointTo(`{"Fn::Join": ["", ["com.amazonaws.", {"Ref": "AWS::Region"}, ".ecr.dkr"]]}`),
	}},
	{name: "PublicWithUnknownEndpoint", changes: map[string]string{pathVpc + ".Subnets": publicSubnets, "Endpoint": endpointTo(valueUnknown)}},
	{name: "PublicWithIpv6", changes: map[string]string{pathVpc + ".Subnets": publicSubnets,
		"PublicA.Properties.Ipv6CidrBlock": valueUnknown}},
	{name: "PublicOnEc2", changes: map[string]string{pathVpc + ".Subnets": publicSubnets, pathService + ".LaunchType": `"EC2"`}},
	{name: "PublicByUnknownLaunchType", changes: map[string]string{pathVpc + ".Subnets": publicSubnets,
		pathService + ".LaunchType": valueUnknown}},
	{name: "PublicRouteUnknown", changes: map[string]string{pathVpc + ".Subnets": publicSubnets,
		"PublicRoute.Properties.GatewayId": valueUnknown}},
	{name: "PublicRouteElsewhere", changes: map[string]string{pathVpc + ".Subnets": publicSubnets,
		"PublicRoute.Properties.DestinationCidrBlock": `"192.0.2.0/24"`}},
	{name: "PublicImported", changes: map[string]string{pathVpc + ".Subnets": `["subnet-1", {"Ref": "Param"}]`}},
	{name: "PublicConditional", changes: map[string]string{pathVpc + ".Subnets": valueEither(publicSubnets, `[{"Ref": "Private"}]`)}},

	// What runs from a repository that is created with it.
	{
		name:    "RepositoryOfTheService",
		changes: map[string]string{pathService + ".DesiredCount": ""},
		want:    []string{"AWSC-SERVICE-006 Service"},
	},
	{
		name:    "RepositoryOfAServiceWithTasks",
		changes: map[string]string{pathService + ".DesiredCount": `"2"`},
		want:    []string{"AWSC-SERVICE-006 Service"},
	},
	{
		name: "RepositoryOfAnExpressService",
		changes: map[string]string{"Express": `{"Type": "AWS::ECS::ExpressGatewayService", "Properties": {
			"ExecutionRoleArn": {"Fn::GetAtt": ["ExecutionRole", "Arn"]}, "InfrastructureRoleArn": "arn:aws:iam::111122223333:role/i",
			"PrimaryContainer": {"Image": {"Fn::Sub": "${Repository.RepositoryUri}:1"}}}}`},
		want: []string{"AWSC-SERVICE-006 Express"},
	},
	{
		name: "RepositoryOfAnAppRunnerService",
		changes: map[string]string{"AppRunner": `{"Type": "AWS::AppRunner::Service", "Properties": {"SourceConfiguration": {
			"AuthenticationConfiguration": {"AccessRoleArn": "arn:aws:iam::111122223333:role/a"}, "ImageRepository": {
			"ImageRepositoryType": "ECR", "ImageIdentifier": {"Fn::Sub": "${Repository.RepositoryUri}:1"}}}}}`},
		want: []string{"AWSC-SERVICE-006 AppRunner"},
	},
	{name: "RepositoryOfAnUnknownNumberOfTasks", changes: map[string]string{pathService + ".DesiredCount": valueUnknown}},
	{name: "RepositoryOfAGuessedNumberOfTasks", changes: map[string]string{pathService + ".DesiredCount": valueGuessed}},
	{name: "RepositoryThatCodeFills", changes: map[string]string{pathService + ".DesiredCount": "",
		"Push": `{"Type": "Custom::CDKECRDeployment", "Properties": {"ServiceToken": "arn", "DestImage": {"Ref": "Repository"}}}`}},
	{name: "RepositoryOfAnotherTemplate", changes: map[string]string{pathService + ".DesiredCount": "",
		pathContainer + ".Image": `"111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1"`}},
	{name: "RepositoryOfATaskWithoutAService", changes: map[string]string{pathService + ".TaskDefinition": `"web:7"`}},
}

func endpointTo(service string) string {
	return `{"Type": "AWS::EC2::VPCEndpoint", "Properties": {"VpcId": {"Ref": "Vpc"}, "ServiceName": ` + service + `}}`
}

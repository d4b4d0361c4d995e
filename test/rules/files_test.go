package rules_test

const (
	pathFilesIn     = "FilesIn.Properties"
	pathTaskOut     = "TaskOut.Properties"
	pathMountGroups = "MountB.Properties.SecurityGroups"
	pathZone        = ".Properties.AvailabilityZone"
	pathFileSystem  = pathTask + ".Volumes.0.EFSVolumeConfiguration.FilesystemId"

	shutGroup = `{"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "x", "VpcId": "vpc-1"}}`
	third     = `{"Fn::Select": [2, {"Fn::GetAZs": ""}]}`
)

func subnetIn(zone string) string {
	return `{"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": "vpc-1", "CidrBlock": "10.0.2.0/24", "AvailabilityZone": ` + zone + `}}`
}

func mountIn(subnet, group string) string {
	return `{"Type": "AWS::EFS::MountTarget", "Properties": {"FileSystemId": {"Ref": "Files"}, "SubnetId": ` + subnet + `,
		"SecurityGroups": [{"Fn::GetAtt": ["` + group + `", "GroupId"]}]}}`
}

// target starts the task in both subnets.
func target(group string) string {
	return `{"Id": "` + group + `", "Arn": "arn:aws:ecs:eu-west-1:111122223333:cluster/x", "RoleArn": "arn:aws:iam::111122223333:role/x",
		"EcsParameters": {"TaskDefinitionArn": {"Ref": "Task"}, "LaunchType": "FARGATE", "NetworkConfiguration": {"AwsVpcConfiguration": {
			"Subnets": [{"Ref": "SubnetA"}, {"Ref": "SubnetB"}], "SecurityGroups": [{"Fn::GetAtt": ["` + group + `", "GroupId"]}]}}}}`
}

var filesCases = []ruleCase{
	// Security groups.
	{
		name:    "FilesShut",
		changes: map[string]string{"FilesIn": ""},
		want:    []string{"AWSC-EFS-003 Service"},
	},
	{
		name: "FilesShutToInstances",
		changes: map[string]string{
			pathFilesIn + ".SourceSecurityGroupId": `{"Fn::GetAtt": ["Shut", "GroupId"]}`, "Shut": shutGroup,
			pathService + ".LaunchType": "", pathService + ".CapacityProviderStrategy": `[{"CapacityProvider": "ours"}]`,
		},
		want: []string{"AWSC-EFS-003 Service"},
	},
	{
		name:    "FilesOpenOnAnotherPort",
		changes: map[string]string{pathFilesIn + ".FromPort": `111`, pathFilesIn + ".ToPort": `2048`},
		want:    []string{"AWSC-EFS-003 Service"},
	},
	{
		name:    "TasksShutIn",
		changes: map[string]string{pathTaskOut + ".DestinationSecurityGroupId": `{"Fn::GetAtt": ["TaskGroup", "GroupId"]}`},
		want:    []string{"AWSC-EFS-003 Service"},
	},
	{
		name: "FilesShutInOneOfTwoSubnets",
		changes: map[string]string{pathMountGroups: `[{"Fn::GetAtt": ["Shut", "GroupId"]}]`, "Shut": shutGroup, "TaskOut": "",
			"SubnetB" + pathZone: valueUnknown},
		want: []string{"AWSC-EFS-003 Service"},
	},
	{
		name: "FilesShutInOneOfTwoZones",
		changes: map[string]string{
			"MountB": mountIn(`{"Ref": "Beside"}`, "Shut"), "Shut": shutGroup, "TaskOut": "",
			"Beside": subnetIn(`{"Fn::Select": [1, {"Fn::GetAZs": ""}]}`),
		},
		want: []string{"AWSC-EFS-003 Service"},
	},
	{
		name: "FilesShutToTheTargetsOfARule",
		changes: map[string]string{"First": shutGroup, "Second": shutGroup, "Rule": `{"Type": "AWS::Events::Rule", "Properties": {
			"ScheduleExpression": "rate(1 day)", "Targets": [` + target("First") + `, ` + target("Second") + `, ` + target("TaskGroup") + `]}}`},
		want: []string{"AWSC-EFS-003 Rule", "AWSC-EFS-003 Rule"},
	},
	{name: "FilesOfARuleWithTargetsOfAnotherStack", changes: map[string]string{
		"Service": "", "MountA": "", "MountB": "",
		"Rule": `{"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 day)", "Targets": [` + target("TaskGroup") + `]}}`,
	}, outside: export("files", `{"Ref": "Files"}`)},
	{name: "FilesOfARuleWithoutTargets", changes: map[string]string{
		"Service": "", "MountA": "", "MountB": "",
		"Rule": `{"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 day)", "Targets": [` + target("TaskGroup") + `]}}`,
	}, want: []string{"AWSC-EFS-004 Rule"}},
	{name: "FilesShutWhereNoTaskRuns", changes: map[string]string{
		"MountC": mountIn(`{"Ref": "SubnetC"}`, "Shut"), "Shut": shutGroup, "SubnetC": subnetIn(third), "TaskOut": "",
	}},
	{name: "FilesOpenToARange", changes: map[string]string{pathFilesIn + ".SourceSecurityGroupId": "",
		pathFilesIn + ".CidrIp": `"10.0.0.0/16"`, "TaskOut": ""}},
	{name: "FilesOpenOnUnknownPort", changes: map[string]string{pathFilesIn + ".FromPort": valueUnknown,
		pathTaskOut + ".ToPort": valueGuessed}},
	{name: "FilesOpenPerhaps", changes: map[string]string{pathFilesIn +
		".SourceSecurityGroupId": valueEither(`{"Ref": "TaskGroup"}`, `"sg-1"`)}},
	{name: "FilesShutByAnImportedGroup", changes: map[string]string{"FilesIn": "", pathMountGroups: `["sg-1"]`, "MountA": "",
		"Service.DependsOn": `["MountB"]`, pathVpc + ".Subnets": `[{"Ref": "SubnetB"}]`}},
	{name: "FilesShutByTheDefaultGroup", changes: map[string]string{"FilesIn": "", pathMountGroups: "",
		"MountA.Properties.SecurityGroups": ""}},
	{name: "FilesShutToAnImportedGroup", changes: map[string]string{"FilesIn": "", pathVpc + ".SecurityGroups": `["sg-1"]`}},
	{name: "FilesShutByACustomResourcesGroup",
		changes: map[string]string{"FilesIn": `{"Type": "Custom::Open", "Properties": {"ServiceToken": "arn", "Group": {"Ref": "FilesGroup"}}}`}},
	{
		name:    "FilesShutByAnExportedGroup",
		changes: map[string]string{"FilesIn": ""},
		outside: output(`{"Ref": "FilesGroup"}`),
	},
	{
		name:    "FilesShutWithMacro",
		changes: map[string]string{"FilesIn": "", "MountA": "", "MountB": "", "Service.DependsOn": ""},
		outside: macro("Open"),
	},
	{name: "FilesShutToOtherModes", changes: map[string]string{"FilesIn": "", "MountB": "", "Service.DependsOn": `["MountA"]`,
		pathTask + ".NetworkMode": `"host"`}},
	{name: "FilesShutToUnknownModes", changes: map[string]string{"FilesIn": "", "MountB": "", "Service.DependsOn": `["MountA"]`,
		pathTask + ".NetworkMode": valueUnknown}},

	// Zones.
	{
		name: "FilesNotInTheZone",
		changes: map[string]string{"MountB": "", "Service.DependsOn": `["MountA"]`,
			"Point": `{"Type": "AWS::EFS::AccessPoint", "Properties": {"FileSystemId": {"Ref": "Files"}}}`},
		want: []string{"AWSC-EFS-004 Service"},
		// What another stack makes comes too late.
		outside: output(`{"Ref": "Files"}`),
	},
	{
		name: "FilesNotInTheNamedZone",
		changes: map[string]string{"MountB": "", "Service.DependsOn": `["MountA"]`, "SubnetA" + pathZone: `"eu-west-1a"`,
			"SubnetB" + pathZone: `"eu-west-1b"`},
		want: []string{"AWSC-EFS-004 Service"},
	},
	{
		name:    "FilesNowhere",
		changes: map[string]string{"MountA": "", "MountB": "", "Service.DependsOn": ""},
		want:    []string{"AWSC-EFS-004 Service"},
	},
	{name: "FilesInAnotherSubnetOfTheZone",
		changes: map[string]string{"MountB": mountIn(`{"Ref": "Beside"}`, "FilesGroup"), "Beside": subnetIn(`{"Fn::Select": [1, ` +
			`{"Fn::GetAZs": ""}]}`)}},
	{name: "FilesInZonesNamedOtherwise", changes: map[string]string{"MountB": "", "Service.DependsOn": `["MountA"]`,
		"SubnetB" + pathZone: `"eu-west-1b"`}},
	{name: "FilesInUnknownZones", changes: map[string]string{"MountB": "", "Service.DependsOn": `["MountA"]`,
		"SubnetB" + pathZone: valueUnknown}},
	{name: "FilesInGuessedZones", changes: map[string]string{"MountB": "", "Service.DependsOn": `["MountA"]`,
		"SubnetB" + pathZone: valueGuessed, "SubnetA" + pathZone: `"eu-west-1a"`}},
	{name: "FilesInImportedSubnets", changes: map[string]string{"MountB": mountIn(`{"Ref": "Param"}`, "FilesGroup")}},
	{name: "FilesForImportedSubnets", changes: map[string]string{"MountB": "", "Service.DependsOn": `["MountA"]`,
		pathVpc + ".Subnets": `["subnet-1"]`}},
	{name: "FilesOfOneZone", changes: map[string]string{"MountB": "", "Service.DependsOn": `["MountA"]`,
		"Files.Properties.AvailabilityZoneName": `"eu-west-1a"`}},
	{name: "FilesPerhapsInTheZone", changes: map[string]string{"MountB.Properties.FileSystemId": valueEither(`{"Ref": "Files"}`, `"fs-1"`),
		"Service.DependsOn": ""}},
	{name: "FilesByACustomResource", changes: map[string]string{
		"MountB": `{"Type": "Custom::Mount", "Properties": {"ServiceToken": "arn", "Files": {"Ref": "Files"}}}`,
	}},
	{name: "FilesByANestedStack", changes: map[string]string{
		"MountA": "", "Service.DependsOn": "",
		"MountB": `{"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://example.com", "Parameters": {"Files": ` +
			`{"Ref": "Files"}}}}`,
	}},
	{name: "FilesImported", changes: map[string]string{pathFileSystem: `"fs-1"`, "FilesIn": "", "MountB": "", "Service.DependsOn": ""}},
	{name: "FilesUnknown", changes: map[string]string{pathFileSystem: valueUnknown, "FilesIn": "", "MountB": "", "Service.DependsOn": ""}},
	{name: "FilesConditional", changes: map[string]string{pathFileSystem: valueEither(`{"Ref": "Files"}`, `"fs-1"`), "FilesIn": "",
		"MountB": "", "Service.DependsOn": ""}},

	// Order.
	{
		name: "FilesNotAwaited",
		changes: map[string]string{
			"Service.DependsOn": `["MountA", "Files"]`,
			"OnInstances":       `{"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": {"Ref": "BridgeTask"}, "LaunchType": "EC2"}}`,
			"ByWayOfAnother": `{"Type": "AWS::ECS::Service", "DependsOn": "Both", "Properties": {"TaskDefinition": {"Ref": "BridgeTask"}, ` +
				`"LaunchType": "EC2"}}`,
			"Both": `{"Type": "AWS::CloudFormation::WaitConditionHandle", "DependsOn": ["MountA", "MountB"], "Properties": {}}`,
			"BridgeTask": `{"Type": "AWS::ECS::TaskDefinition", "Properties": {"NetworkMode": "bridge",
				"ContainerDefinitions": [{"Name": "web", "Image": "registry.example.com/web", "Memory": 64}],
				"Volumes": [{"Name": "data", "EFSVolumeConfiguration": {"FilesystemId": {"Ref": "Files"}}}]}}`,
		},
		want: []string{"AWSC-EFS-005 Service", "AWSC-EFS-005 OnInstances"},
	},
	{name: "FilesAwaitedWhereTasksRun", changes: map[string]string{"MountC": mountIn(`{"Ref": "SubnetC"}`, "FilesGroup"),
		"SubnetC": subnetIn(third)}},
	{name: "FilesUnderACondition", changes: map[string]string{"MountB.Condition": `"Condition"`, "Service.DependsOn": `["MountA"]`}},
}

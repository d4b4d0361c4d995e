package rules_test

import (
	"fmt"
	"slices"
	"strings"
)

const (
	pathPlacement   = pathService + ".CapacityProviderStrategy"
	pathAssociation = "Association.Properties"
	pathProviders   = pathAssociation + ".CapacityProviders"
	pathDefault     = pathAssociation + ".DefaultCapacityProviderStrategy"
	pathProvider    = "Provider.Properties"
	pathAsg         = pathProvider + ".AutoScalingGroupProvider"
	pathProtected   = "Group.Properties.NewInstancesProtectedFromScaleIn"
	pathLaunch      = "Launch.Properties.LaunchTemplateData"
	pathRole        = "Role.Properties"
	pathAgentAction = "Policy.Properties.PolicyDocument.Statement.1.Action"

	onFargate = `[{"CapacityProvider": "FARGATE"}]`
	onSpot    = `[{"CapacityProvider": "FARGATE_SPOT"}]`
)

var capacityCases = []ruleCase{
	// Providers that nobody associates.
	{
		name:    "ProviderNotAssociated",
		changes: map[string]string{pathProviders: `["FARGATE"]`, pathDefault: `[]`},
		want:    []string{"AWSC-CAPACITY-001 Service"},
	},
	{
		name:    "ProviderInAClusterWithoutAny",
		changes: map[string]string{"Association": "", "Service.DependsOn": ""},
		want:    []string{"AWSC-CAPACITY-001 Service"},
		// What another stack makes comes too late.
		outside: output(`{"Ref": "Cluster"}`),
	},
	{
		name: "ProviderOfAnotherCluster",
		changes: map[string]string{"Second": `{"Type": "AWS::ECS::Cluster", "Properties": {}}`,
			pathAssociation + ".Cluster": `{"Ref": "Second"}`},
		want: []string{"AWSC-CAPACITY-001 Service"},
	},
	{
		name:    "ProviderByANameThatIsNotListed",
		changes: map[string]string{pathProvider + ".Name": `"ours"`, pathProviders: `["FARGATE"]`, pathDefault: `[]`},
		want:    []string{"AWSC-CAPACITY-001 Service"},
	},
	{
		name:    "SpotNotAssociated",
		changes: map[string]string{pathPlacement: onSpot, pathDefault: onSpot},
		want:    []string{"AWSC-CAPACITY-001 Service", "AWSC-CAPACITY-001 Association"},
	},
	{
		name: "SpotNotAssociatedByTheCluster",
		changes: map[string]string{
			"Cluster.Properties.CapacityProviders": `["FARGATE"]`, "Cluster.Properties.DefaultCapacityProviderStrategy": onSpot,
		},
		want: []string{"AWSC-CAPACITY-001 Cluster"},
	},
	{name: "SpotAssociatedByTheCluster", changes: map[string]string{"Cluster.Properties.CapacityProviders": `["FARGATE_SPOT"]`,
		pathPlacement: onSpot}},
	{name: "ProviderWithANameByReference", changes: map[string]string{pathProvider + ".Name": `"ours"`}},
	{name: "ProviderByItsName", changes: map[string]string{pathProvider + ".Name": `"ours"`, pathProviders: `["ours"]`, pathDefault: `[]`}},
	{name: "ProviderByPerhapsItsName", changes: map[string]string{pathProvider + ".Name": valueGuessed, pathProviders: `["300"]`,
		pathDefault: `[]`}},
	{name: "ProviderImported", changes: map[string]string{pathPlacement: `[{"CapacityProvider": "theirs"}, {"CapacityProvider": {"Ref": ` +
		`"Param"}}]`}},
	{name: "ProvidersUnknown", changes: map[string]string{pathProviders: `["FARGATE", {"Ref": "Param"}]`, pathDefault: `[]`}},
	{name: "ProvidersGuessed", changes: map[string]string{pathProviders: `["FARGATE", {"Ref": "Defaulted"}]`, pathDefault: `[]`}},
	{name: "ProvidersConditional", changes: map[string]string{pathProviders: valueEither(`[{"Ref": "Provider"}]`, `["FARGATE"]`)}},
	{name: "ProvidersOfPerhapsAnotherCluster", changes: map[string]string{pathAssociation + ".Cluster": valueUnknown}},
	{name: "ProvidersUnderACondition", changes: map[string]string{"Association.Condition": `"Condition"`, "Service.DependsOn": ""}},
	{name: "ProvidersOfAnImportedCluster",
		changes: map[string]string{pathService + ".Cluster": valueUnknown, "Association": "", "Service.DependsOn": ""}},
	{name: "ProvidersByANestedStack", changes: map[string]string{
		"Association": `{"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://example.com", "Parameters": {"Cluster": ` +
			`{"Ref": "Cluster"}}}}`,
	}},
	{name: "ProvidersByACustomResource", changes: map[string]string{
		"Association": `{"Type": "Custom::Associate", "Properties": {"ServiceToken": "arn", "Cluster": {"Ref": "Cluster"}}}`,
	}},
	{
		name:    "ProvidersByAMacro",
		changes: map[string]string{"Association": "", "Service.DependsOn": ""},
		outside: macro("Associate"),
	},
	{name: "ManagedInstances", changes: map[string]string{
		pathAsg: "", pathProvider + ".ManagedInstancesProvider": `{}`, pathProvider + ".ClusterName": `{"Ref": "Cluster"}`,
		pathProviders: `["FARGATE"]`, "Service.DependsOn": "",
	}},

	// Services that do not wait for the association.
	{
		name: "AssociationNotAwaited",
		changes: map[string]string{
			"Service.DependsOn": `["Provider", "Cluster"]`,
			"ByDefault":         serviceOf(`"DependsOn": "Service",`, ``),
			"OnFargate":         serviceOf(``, `, "CapacityProviderStrategy": `+onFargate),
			"ByWayOfAnother":    serviceOf(`"DependsOn": "Handle",`, ``),
			"ByReference":       serviceOf(``, `, "Tags": [{"Key": "a", "Value": {"Fn::Sub": "${Association}"}}]`),
			"ByLaunchType":      serviceOf(``, `, "LaunchType": "EC2"`),
			"ByUnknownType":     serviceOf(``, `, "LaunchType": {"Ref": "Param"}`),
			"ByUnknownStrategy": serviceOf(``, `, "CapacityProviderStrategy": [{"CapacityProvider": {"Ref": "Param"}}]`),
			"ByCondition": serviceOf(``, `, "CapacityProviderStrategy": {"Fn::If": ["Condition", [{"CapacityProvider": {"Ref": `+
				`"Provider"}}], {"Ref": "AWS::NoValue"}]}`),
			"ByTaskSets": serviceOf(``, `, "DeploymentController": {"Type": "EXTERNAL"}`),
			"ByConditionalCluster": `{"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": "web:1",
				"Cluster": {"Fn::If": ["Condition", {"Ref": "Cluster"}, "default"]},
					"CapacityProviderStrategy": [{"CapacityProvider": {"Ref": "Provider"}}]}}`,
			"Set": `{"Type": "AWS::ECS::TaskSet", "Properties": {"TaskDefinition": "web:1", "Service": {"Ref": "ByTaskSets"},
				"Cluster": {"Ref": "Cluster"}, "CapacityProviderStrategy": [{"CapacityProvider": {"Ref": "Provider"}}]}}`,
			"Handle": `{"Type": "AWS::CloudFormation::WaitConditionHandle", "DependsOn": ["Association"], "Properties": {}}`,
		},
		want: []string{"AWSC-CAPACITY-002 Service", "AWSC-CAPACITY-002 ByDefault", "AWSC-CAPACITY-002 OnFargate", "AWSC-CAPACITY-002 Set"},
	},
	{name: "GroupThatLaunchesInTwoWays", changes: map[string]string{
		"Group.Properties.LaunchConfigurationName": `{"Ref": "Configuration"}`,
		"Configuration": `{"Type": "AWS::AutoScaling::LaunchConfiguration", "Properties": {"ImageId": "ami-1", "InstanceType": "t3.small"}}`,
	}},
	{name: "AssociationWithoutDefault", changes: map[string]string{pathDefault: `[]`, pathPlacement: "", "Service.DependsOn": "",
		pathService + ".SchedulingStrategy": `"DAEMON"`}},
	{name: "AssociationOfUnknownDefault", changes: map[string]string{pathDefault: valueUnknown, pathPlacement: "", "Service.DependsOn": ""}},
	{name: "AssociationLongBefore", changes: longChain(20)},

	// Termination protection.
	{
		name:    "ProtectionWithoutScaleInProtection",
		changes: map[string]string{pathProtected: ""},
		want:    []string{"AWSC-CAPACITY-003 Group"},
	},
	{
		name:    "ProtectionWithoutScaling",
		changes: map[string]string{pathProtected: `"false"`, pathAsg + ".ManagedScaling.Status": `"DISABLED"`},
		want:    []string{"AWSC-CAPACITY-003 Group", "AWSC-CAPACITY-003 Provider"},
	},
	{name: "ProtectionUnneeded", changes: map[string]string{pathProtected: "", pathAsg + ".ManagedTerminationProtection": "",
		pathAsg + ".ManagedScaling.Status": `"DISABLED"`}},
	{name: "ProtectionPerhaps", changes: map[string]string{pathProtected: "", pathAsg + ".ManagedTerminationProtection": valueUnknown}},
	{name: "ProtectionByUnknown", changes: map[string]string{pathProtected: valueUnknown, pathAsg + ".ManagedScaling.Status": valueUnknown}},
	{name: "ProtectionByGuessed", changes: map[string]string{pathProtected: valueGuessed, pathAsg + ".ManagedScaling": ""}},
	{name: "ProtectionByConditional", changes: map[string]string{pathProtected: valueEither(`true`, `false`)}},
	{name: "ProtectionOfAnImportedGroup", changes: map[string]string{pathAsg + ".AutoScalingGroupArn": valueUnknown, pathProtected: ""}},

	// Processor architectures.
	{
		name:    "X86TypeForArmImage",
		changes: map[string]string{pathLaunch + ".InstanceType": `"m7i.large"`},
		want:    []string{"AWSC-CAPACITY-004 Launch"},
	},
	{
		name: "ArmTypeForX86Image",
		changes: map[string]string{pathLaunch +
			".ImageId": `"resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"`},
		want: []string{"AWSC-CAPACITY-004 Launch"},
	},
	{
		name:    "ArmTypeForTheImageOfAParameter",
		changes: map[string]string{pathLaunch + ".ImageId": `{"Ref": "Ami"}`},
		want:    []string{"AWSC-CAPACITY-004 Launch"},
		// As the CDK writes one of AWS's AMIs.
		outside: parameter("Ami", "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
			"/aws/service/bottlerocket/aws-ecs-2/x86_64/latest/image_id"),
	},
	{
		name: "ArmTypeForTheX86ImageOfAConfiguration",
		changes: map[string]string{
			"Launch": `{"Type": "AWS::AutoScaling::LaunchConfiguration", "Properties": {"InstanceType": "t4g.small",
				"IamInstanceProfile": {"Ref": "Profile"},
				"ImageId": "{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64}}"}}`,
			"Group.Properties.LaunchTemplate": "", "Group.Properties.LaunchConfigurationName": `{"Ref": "Launch"}`,
		},
		want: []string{"AWSC-CAPACITY-004 Launch"},
	},
	{
		name:    "X86TypesForArmImage",
		changes: overrides(`"$Latest"`, ``, x86Types...),
		want:    slices.Repeat([]string{"AWSC-CAPACITY-004 Group"}, len(x86Types)),
	},
	{
		name: "ArmTypesForX86Image",
		changes: with(overrides(latest, ``, armTypes...), pathLaunch+".ImageId",
			`"resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2/kernel-5.10/recommended/image_id"`),
		want: slices.Repeat([]string{"AWSC-CAPACITY-004 Group"}, len(armTypes)),
	},
	{name: "ArmTypesForArmImage", changes: with(overrides(latest, ``, armTypes...), pathLaunch+".InstanceType", `"m7i.large"`)},
	{name: "OtherTypesForArmImage", changes: overrides(latest, ``, "mac2.metal", "mac1.metal", "p6e-gb200.36xlarge", "u7i-12tb.224xlarge",
		"p6-b200.48xlarge")},
	{name: "X86TypesForAnImageOfTheirOwn", changes: overrides(latest, `{"LaunchTemplateId": "lt-1", "Version": "1"}`, x86Types...)},
	{name: "X86TypesForAnotherVersion", changes: overrides(`"1"`, ``, x86Types...)},
	{name: "TypesForImagesOfWhoKnowsWhat", changes: map[string]string{
		"ById":    launchOf("m7i.large", "ami-0123"),
		"OwnArm":  launchOf("m7i.large", "{{resolve:ssm:/images/arm64}}"),
		"OwnX86":  launchOf("m7g.large", "resolve:ssm:/images/x86_64"),
		"Windows": launchOf("m7g.large", "resolve:ssm:/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-ECS_Optimized/image_id"),
	}},
	{name: "TypeForAnUnknownImage", changes: map[string]string{pathLaunch + ".InstanceType": `"m7i.large"`,
		pathLaunch + ".ImageId": valueUnknown}},
	{
		name:    "TypeForAGuessedImage",
		changes: map[string]string{pathLaunch + ".InstanceType": `"m7i.large"`, pathLaunch + ".ImageId": `{"Ref": "Text"}`},
		outside: parameter("Text", "String", "/aws/service/x/arm64/image_id"),
	},
	{name: "TypeUnknown", changes: map[string]string{pathLaunch + ".InstanceType": valueUnknown}},
	{name: "TypeConditional", changes: map[string]string{pathLaunch + ".InstanceType": valueEither(`"m7i.large"`, `"m7g.large"`)}},
	{
		name:    "TypeGuessed",
		changes: map[string]string{pathLaunch + ".InstanceType": `{"Ref": "Size"}`},
		outside: parameter("Size", "String", "m7i.large"),
	},

	// Warm pools.
	{
		name: "PoolOfSpot",
		changes: with(overrides(latest, ``, "m7g.large"), "Pool", warmPool(``),
			"Group.Properties.MixedInstancesPolicy.InstancesDistribution", `{"OnDemandPercentageAboveBaseCapacity": "50"}`),
		want: []string{"AWSC-CAPACITY-006 Group"},
	},
	{
		name:    "PoolOfSpotByItsTemplate",
		changes: map[string]string{"Pool": warmPool(``), pathLaunch + ".InstanceMarketOptions": `{"MarketType": "spot"}`},
		want:    []string{"AWSC-CAPACITY-006 Launch"},
	},
	{
		name: "PoolOfWeights",
		changes: with(overrides(latest, ``, "m7g.large", "m6g.large"), "Pool", warmPool(``),
			"Group.Properties.MixedInstancesPolicy.LaunchTemplate.Overrides.1.WeightedCapacity", `"2"`),
		want: []string{"AWSC-CAPACITY-006 Group"},
	},
	{
		name:    "PoolToWhichInstancesReturn",
		changes: map[string]string{"Pool": warmPool(`, "InstanceReusePolicy": {"ReuseOnScaleIn": true}`)},
		want:    []string{"AWSC-CAPACITY-006 Pool"},
	},
	{name: "Pool", changes: map[string]string{"Pool": warmPool(`, "InstanceReusePolicy": {"ReuseOnScaleIn": false}`)}},
	{name: "PoolOfOnDemand", changes: with(overrides(latest, ``, "m7g.large"), "Pool", warmPool(``),
		"Group.Properties.MixedInstancesPolicy.InstancesDistribution", `{"OnDemandPercentageAboveBaseCapacity": 100}`)},
	{name: "PoolOfPerhapsSpot", changes: with(overrides(latest, ``, "m7g.large"), "Pool", warmPool(``),
		"Group.Properties.MixedInstancesPolicy.InstancesDistribution", `{"OnDemandPercentageAboveBaseCapacity": `+valueUnknown+`}`)},
	{name: "PoolOfAnotherGroup", changes: map[string]string{
		"Pool":                                `{"Type": "AWS::AutoScaling::WarmPool", "Properties": {"AutoScalingGroupName": "theirs"}}`,
		pathLaunch + ".InstanceMarketOptions": `{"MarketType": "spot"}`,
	}},
	{name: "PoolWithoutECS", changes: map[string]string{pathAsg + ".AutoScalingGroupArn": valueUnknown,
		"Pool": warmPool(`, "InstanceReusePolicy": {"ReuseOnScaleIn": true}`)}},

	// Requirements in place of types.
	{
		name:    "RequirementsInOrder",
		changes: requirements(`"prioritized"`),
		want:    []string{"AWSC-CAPACITY-007 Group"},
	},
	{name: "RequirementsByPrice", changes: requirements(`"lowest-price"`)},
	{name: "RequirementsInPerhapsAnOrder", changes: requirements(valueUnknown)},
	{name: "TypesInOrder", changes: with(overrides(latest, ``, "m7g.large"), "Group.Properties.MixedInstancesPolicy.InstancesDistribution",
		`{"OnDemandAllocationStrategy": "prioritized"}`)},

	// The role of the instances.
	{
		name: "AgentWithoutPolicy",
		// The policy is somebody else's, about this role.
		changes: map[string]string{"Policy.Properties.Roles": `["theirs"]`, "Policy.Properties.PolicyDocument": `{"Statement": [
			{"Effect": "Allow", "Action": "*", "Resource": {"Fn::GetAtt": ["Role", "Arn"]}}]}`},
		want: []string{"AWSC-CAPACITY-005 Role"},
	},
	{
		name: "AgentWithOtherPolicies",
		changes: map[string]string{
			pathAgentAction: `"ecs:RegisterTaskDefinition"`,
			pathRole + ".Policies": `[{"PolicyName": "x", "PolicyDocument": {"Statement": {"Effect": "Deny", "Action": "ecs:*", ` +
				`"Resource": "*"}}}]`,
			pathRole + ".ManagedPolicyArns": `[{"Ref": "Ours"}, "arn:aws-cn:iam::aws:policy/service-role/AmazonEC2ContainerServiceRole"]`,
			"Ours":                          managedPolicy(`["s3:*", "ecs:List*"]`, ``),
		},
		want: []string{"AWSC-CAPACITY-005 Role"},
	},
	{
		name: "AgentWithoutPolicyInMixedGroup",
		changes: with(overrides(latest, ``, "m7g.large"), "Policy", "",
			pathLaunch+".IamInstanceProfile", `{"Name": {"Ref": "Profile"}}`),
		want: []string{"AWSC-CAPACITY-005 Role"},
	},
	{
		name: "AgentWithoutPolicyByConfiguration",
		changes: map[string]string{
			"Launch": `{"Type": "AWS::AutoScaling::LaunchConfiguration", "Properties": {"IamInstanceProfile": {"Ref": ` +
				`"Profile"}}}`,
			"Group.Properties.LaunchTemplate": "", "Group.Properties.LaunchConfigurationName": `{"Ref": "Launch"}`, "Policy": "",
		},
		want: []string{"AWSC-CAPACITY-005 Role"},
	},
	{
		name:    "AgentWithoutRole",
		changes: map[string]string{pathLaunch + ".IamInstanceProfile": ""},
		want:    []string{"AWSC-CAPACITY-005 Launch"},
	},
	{name: "AgentByTheManagedPolicy", changes: map[string]string{"Policy": "", pathRole + ".ManagedPolicyArns": `[
		{"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"]]}]`}},
	{name: "AgentByInlinePolicy", changes: map[string]string{"Policy": "", pathRole + ".Policies": `[
		{"PolicyName": "x", "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "ecs:register*", "Resource": "*"}}}]`}},
	{name: "AgentByManagedPolicyOfOnesOwn",
		changes: map[string]string{"Policy": "", pathRole + ".ManagedPolicyArns": `[{"Ref": "Ours"}]`, "Ours": managedPolicy(`"ecs:*"`, ``)}},
	{name: "AgentByPolicyThatNamesTheRole", changes: map[string]string{"Policy": managedPolicy(`"*"`, `, "Roles": [{"Ref": "Role"}]`)}},
	{name: "AgentByRolePolicy", changes: map[string]string{"Policy": `{"Type": "AWS::IAM::RolePolicy", "Properties": {"PolicyName": "x",
		"RoleName": {"Ref": "Role"},
		"PolicyDocument": {"Statement": [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}]}}}`}},
	{name: "AgentByPolicyFromElsewhere", changes: map[string]string{"Policy": "",
		pathRole + ".ManagedPolicyArns": `["arn:aws:iam::111122223333:policy/AmazonSSMManagedInstanceCore"]`}},
	{name: "AgentByUnknownPolicy", changes: map[string]string{"Policy": "", pathRole + ".ManagedPolicyArns": `[{"Ref": "Param"}]`}},
	{name: "AgentByGuessedPolicy", changes: map[string]string{"Policy": "",
		pathRole + ".ManagedPolicyArns": `[{"Fn::Sub": "arn:aws:iam::aws:policy/${Defaulted}/AmazonSSMManagedInstanceCore"}]`}},
	{name: "AgentByUnknownAction", changes: map[string]string{pathAgentAction: valueUnknown}},
	{name: "AgentByGuessedAction", changes: map[string]string{pathAgentAction: valueGuessed}},
	{name: "AgentByConditionalAction", changes: map[string]string{pathAgentAction: valueEither(`"ecs:*"`, `"s3:*"`)}},
	{name: "AgentWithNamedRole", changes: map[string]string{"Policy": "", pathRole + ".RoleName": `"ecsInstanceRole"`}},
	{name: "AgentWithImportedRole", changes: map[string]string{"Policy": "", "Profile.Properties.Roles": `["theirs"]`}},
	{name: "AgentWithImportedProfile", changes: map[string]string{"Policy": "", pathLaunch + ".IamInstanceProfile": `{"Name": "theirs"}`}},
	{name: "AgentWithConditionalProfile", changes: map[string]string{"Policy": "",
		pathLaunch + ".IamInstanceProfile": valueEither(`{"Name": {"Ref": "Profile"}}`, `{"Ref": "AWS::NoValue"}`)}},
	{name: "AgentByCustomResource", changes: map[string]string{"Policy": `{"Type": "Custom::Attach", "Properties": {"ServiceToken": "arn", ` +
		`"Role": {"Ref": "Role"}}}`}},
	{
		name:    "AgentByAnotherStack",
		changes: map[string]string{"Policy": ""},
		outside: output(`{"Ref": "Role"}`),
	},
	{name: "InstancesOfNoProvider", changes: map[string]string{"Policy": "", pathAsg + ".AutoScalingGroupArn": valueUnknown}},

	// Daemons.
	{
		name: "DaemonOnFargate",
		changes: map[string]string{
			pathDefault:   onFargate,
			"ByProvider":  serviceOf(`"DependsOn": "Association",`, `, "SchedulingStrategy": "DAEMON", "CapacityProviderStrategy": `+onFargate),
			"ByType":      serviceOf(``, `, "SchedulingStrategy": "DAEMON", "LaunchType": "FARGATE"`),
			"ByDefault":   serviceOf(`"DependsOn": "Association",`, `, "SchedulingStrategy": "DAEMON"`),
			"OnInstances": serviceOf(``, `, "SchedulingStrategy": "DAEMON", "LaunchType": "EC2"`),
			"Replica":     serviceOf(``, `, "SchedulingStrategy": "REPLICA", "LaunchType": "FARGATE"`),
			"Unknown":     serviceOf(``, `, "SchedulingStrategy": {"Ref": "Param"}, "LaunchType": "FARGATE"`),
			"UnknownType": serviceOf(``, `, "SchedulingStrategy": "DAEMON", "LaunchType": {"Ref": "Param"}`),
			"Conditional": serviceOf(``, `, "SchedulingStrategy": "DAEMON", "LaunchType": {"Fn::If": ["Condition", "EC2", "FARGATE"]}`),
		},
		want: []string{"AWSC-SERVICE-005 ByProvider", "AWSC-SERVICE-005 ByType", "AWSC-SERVICE-005 ByDefault"},
	},
	{name: "DaemonByDefault", changes: map[string]string{pathService + ".SchedulingStrategy": `"DAEMON"`, pathPlacement: ""}},
}

// x86Types and armTypes are of families whose names are easily mistaken, and the ordinary ones.
var (
	x86Types = []string{"t2.micro", "t3a.small", "m5.large", "c7i-flex.large", "x2iedn.xlarge", "g4dn.xlarge", "g6e.xlarge", "gr6.4xlarge",
		"inf2.xlarge"}
	armTypes = []string{"a1.large", "t4g.micro", "c7gn.large", "r8gd.large", "x2gd.large", "im4gn.large", "is4gen.large", "i8ge.large",
		"g5g.xlarge", "hpc7g.4xlarge"}
)

// warmPool is a pool of the group, with further properties.
func warmPool(further string) string {
	return `{"Type": "AWS::AutoScaling::WarmPool", "Properties": {"AutoScalingGroupName": {"Ref": "Group"}` + further + `}}`
}

// requirements make the group one of types by their hardware, with an allocation strategy.
func requirements(strategy string) map[string]string {
	return map[string]string{
		"Group.Properties.LaunchTemplate": "",
		"Group.Properties.MixedInstancesPolicy": `{"LaunchTemplate": {"LaunchTemplateSpecification": {"LaunchTemplateId": {"Ref": "Launch"},
			"Version": ` + latest + `}, "Overrides": [{"InstanceRequirements": {"VCpuCount": {"Min": 2}, "MemoryMiB": {"Min": 4096}}}]},
			"InstancesDistribution": {"OnDemandAllocationStrategy": ` + strategy + `}}`,
	}
}

const latest = `{"Fn::GetAtt": ["Launch", "LatestVersionNumber"]}`

// overrides makes the group one of several instance types, with a version of the launch template, or with one of their own.
func overrides(version, own string, types ...string) map[string]string {
	var all []string
	for _, t := range types {
		override := `{"InstanceType": "` + t + `"`
		if own != "" {
			override += `, "LaunchTemplateSpecification": ` + own
		}
		all = append(all, override+"}")
	}
	return map[string]string{
		"Group.Properties.LaunchTemplate": "",
		"Group.Properties.MixedInstancesPolicy": fmt.Sprintf(
			`{"LaunchTemplate": {"LaunchTemplateSpecification": {"LaunchTemplateId": {"Ref": "Launch"}, "Version": %s}, "Overrides": [%s]}}`,
			version, strings.Join(all, ",")),
	}
}

// with adds changes, pairs of path and JSON.
func with(changes map[string]string, more ...string) map[string]string {
	for i := 0; i < len(more); i += 2 {
		changes[more[i]] = more[i+1]
	}
	return changes
}

// serviceOf is a service in the cluster, with attributes and properties.
func serviceOf(attributes, properties string) string {
	return fmt.Sprintf(`{"Type": "AWS::ECS::Service", %s "Properties": {"Cluster": {"Ref": "Cluster"}, "TaskDefinition": "web:1"%s}}`,
		attributes, properties)
}

func managedPolicy(actions, properties string) string {
	return fmt.Sprintf(`{"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": `+
		`%s, "Resource": "*"}]}%s}}`, actions, properties)
}

func launchOf(instanceType, image string) string {
	return fmt.Sprintf(`{"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": {"InstanceType": "%s", "ImageId": "%s"}}}`,
		instanceType, image)
}

// longChain makes the service depend on the association by more resources than the rule follows.
func longChain(length int) map[string]string {
	changes := map[string]string{"Service.DependsOn": `["Link0"]`}
	for i := range length {
		next := fmt.Sprintf("Link%d", i+1)
		if i == length-1 {
			next = "Association"
		}
		changes[fmt.Sprintf("Link%d", i)] = `{"Type": "AWS::CloudFormation::WaitConditionHandle", "DependsOn": ["` + next +
			`"], "Properties": {}}`
	}
	return changes
}

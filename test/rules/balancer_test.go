package rules_test

import (
	"strings"
)

const (
	spareTarget = `{"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"TargetType": "ip", "Port": 80, "Protocol": ` +
		`"HTTP", "VpcId": {"Ref": "Vpc"}}}`
	pathSubnets    = "Balancer.Properties.Subnets"
	fixedResponse  = `[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]`
	pathActions    = "Listener.Properties.DefaultActions"
	pathHealthPort = "Target.Properties.HealthCheckPort"
	pathIn         = "ServiceIn.Properties"
	pathOut        = "BalancerOut.Properties"
)

var balancerCases = []ruleCase{
	// Target groups without a listener.
	{
		name:    "TargetWithoutListener",
		changes: map[string]string{pathActions: fixedResponse},
		want:    []string{"AWSC-ELB-001 Target"},
	},
	{
		name:    "SpareTarget",
		changes: map[string]string{"Spare": spareTarget},
		want:    []string{"AWSC-ELB-001 Spare"},
	},
	{
		name: "SpareTargetWithAlarm",
		changes: map[string]string{"Spare": spareTarget, "Alarm": `{"Type": "AWS::CloudWatch::Alarm", "Properties": {"Dimensions": [
			{"Name": "TargetGroup", "Value": {"Fn::GetAtt": ["Spare", "TargetGroupFullName"]}}]}}`},
		want: []string{"AWSC-ELB-001 Spare"},
	},
	{name: "TargetOfWeightedForward", changes: map[string]string{
		"Spare": spareTarget, pathActions: `[{"Type": "forward", "ForwardConfig": {"TargetGroups": [
			{"TargetGroupArn": {"Ref": "Target"}, "Weight": 1}, {"TargetGroupArn": {"Ref": "Spare"}, "Weight": 0}]}}]`,
	}},
	{name: "TargetOfImportedListener", changes: map[string]string{
		pathActions: fixedResponse,
		"Rule": `{"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": "arn:aws:elasticloadbalancing:x",
			"Priority": 1, "Conditions": [], "Actions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Target"}}]}}`,
	}},
	{name: "TargetOfConditionalAction", changes: map[string]string{"Spare": spareTarget,
		pathActions + ".0.TargetGroupArn": valueEither(`{"Ref": "Target"}`, `{"Ref": "Spare"}`)}},
	{name: "TargetOfAlternate", changes: map[string]string{"Spare": spareTarget,
		pathEntry + ".AdvancedConfiguration": `{"AlternateTargetGroupArn": {"Ref": "Spare"}}`}},
	{name: "TargetOfCodeDeploy", changes: map[string]string{
		"Spare": spareTarget, "Deployment": `{"Type": "AWS::CodeDeploy::DeploymentGroup",
			"Properties": {"LoadBalancerInfo": {"TargetGroupInfoList": [
			{"Name": {"Fn::GetAtt": ["Spare", "TargetGroupName"]}}]}}}`,
	}},
	{
		name:    "TargetForAnotherStack",
		changes: map[string]string{"Spare": spareTarget},
		outside: output(`{"Ref": "Spare"}`),
	},
	{
		name:    "TargetAndMacro",
		changes: map[string]string{"Spare": spareTarget},
		outside: macro("Listeners"),
	},

	// Availability Zones.
	{
		name:    "AlbInOneSubnet",
		changes: map[string]string{pathSubnets: `[{"Ref": "PublicA"}]`},
		want:    []string{"AWSC-ELB-002 Balancer"},
	},
	{
		name:    "AlbInOneZone",
		changes: map[string]string{pathSubnets: `[{"Ref": "PublicA"}, {"Ref": "Private"}]`},
		want:    []string{"AWSC-ELB-002 Balancer"},
	},
	{
		name: "AlbInOneZoneByMappings",
		changes: map[string]string{pathSubnets: "",
			"Balancer.Properties.SubnetMappings": `[{"SubnetId": {"Ref": "PublicA"}}, {"SubnetId": {"Ref": "Private"}}]`},
		want: []string{"AWSC-ELB-002 Balancer"},
	},
	{
		name:    "AlbTwiceInOneImportedSubnet",
		changes: map[string]string{pathSubnets: `["subnet-1", "subnet-1"]`},
		want:    []string{"AWSC-ELB-002 Balancer"},
	},
	{name: "AlbInImportedSubnets", changes: map[string]string{pathSubnets: `["subnet-1", "subnet-2"]`}},
	{name: "AlbInUnknownSubnets", changes: map[string]string{pathSubnets: `[{"Ref": "Param"}, {"Ref": "Defaulted"}]`}},
	{name: "AlbInUnknownList", changes: map[string]string{pathSubnets: `{"Fn::Split": [",", {"Ref": "Param"}]}`}},
	{name: "AlbInGuessedList", changes: map[string]string{pathSubnets: `{"Fn::Split": [",", {"Ref": "Defaulted"}]}`}},
	{name: "AlbInConditionalSubnet", changes: map[string]string{pathSubnets: `[{"Ref": "PublicA"}, ` +
		valueEither(`{"Ref": "PublicB"}`, `{"Ref": "AWS::NoValue"}`) + `]`}},
	{name: "AlbInGuessedZone", changes: map[string]string{
		"PublicA.Properties.AvailabilityZone": valueGuessed, "PublicB.Properties.AvailabilityZone": valueGuessed,
	}},
	{name: "AlbInLocalZone", changes: map[string]string{
		pathSubnets: `[{"Ref": "PublicA"}]`, "PublicA.Properties.AvailabilityZone": `"us-west-2-lax-1a"`,
	}},
	{name: "NlbInOneSubnet", changes: map[string]string{pathSubnets: `[{"Ref": "PublicA"}]`, "Balancer.Properties.Type": `"network"`}},
	{name: "LoadBalancerOfUnknownType", changes: map[string]string{pathSubnets: `[{"Ref": "PublicA"}]`,
		"Balancer.Properties.Type": valueUnknown}},

	// Security groups, on the service's side.
	{
		name:    "ServiceAdmitsNothing",
		changes: map[string]string{"ServiceIn": ""},
		want:    []string{"AWSC-SG-001 Service"},
	},
	{
		name:    "ServiceAdmitsAnotherPort",
		changes: map[string]string{pathIn + ".FromPort": `80`, pathIn + ".ToPort": `"80"`},
		want:    []string{"AWSC-SG-001 Service"},
	},
	{
		name:    "ServiceAdmitsUdp",
		changes: map[string]string{pathIn + ".IpProtocol": `"udp"`},
		want:    []string{"AWSC-SG-001 Service"},
	},
	{
		name:    "ServiceAdmitsAnotherGroup",
		changes: map[string]string{pathIn + ".SourceSecurityGroupId": `{"Fn::GetAtt": ["OtherGroup", "GroupId"]}`},
		want:    []string{"AWSC-SG-001 Service"},
	},
	{
		name: "ServiceBehindRuleAdmitsNothing",
		changes: map[string]string{
			"ServiceIn": "", pathActions: fixedResponse,
			"Rule": `{"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "Listener"},
				"Priority": 1, "Conditions": [], "Actions": [{"Type": "forward",
					"ForwardConfig": {"TargetGroups": [{"TargetGroupArn": {"Ref": "Target"}}]}}]}}`,
		},
		want: []string{"AWSC-SG-001 Service"},
	},
	{name: "ServiceAdmitsRange", changes: map[string]string{pathIn + ".FromPort": `"8000"`, pathIn + ".ToPort": `8100`}},
	{name: "ServiceAdmitsAllTraffic", changes: map[string]string{pathIn + ".IpProtocol": `"-1"`, pathIn + ".FromPort": "",
		pathIn + ".ToPort": ""}},
	{name: "ServiceAdmitsInline", changes: map[string]string{
		"ServiceIn": "",
		"ServiceGroup.Properties.SecurityGroupIngress": `[{"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "CidrIp": {"Fn::GetAtt": ` +
			`["Vpc", "CidrBlock"]}}]`,
	}},
	{name: "ServiceAdmitsPrefixList", changes: map[string]string{pathIn + ".SourceSecurityGroupId": "",
		pathIn + ".SourcePrefixListId": valueUnknown}},
	{name: "ServiceAdmitsUnknownGroup", changes: map[string]string{pathIn + ".SourceSecurityGroupId": valueUnknown}},
	{name: "ServiceAdmitsUnknownPort", changes: map[string]string{pathIn + ".FromPort": valueGuessed, pathIn + ".ToPort": valueGuessed}},
	{name: "ServiceAdmitsUnknownProtocol", changes: map[string]string{pathIn + ".IpProtocol": valueGuessed}},
	{name: "ServiceAdmitsConditionally", changes: map[string]string{
		"ServiceIn": "",
		"ServiceGroup.Properties.SecurityGroupIngress": valueEither(`[]`, `[{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]`),
	}},
	{name: "ServiceAdmitsConditionalRule", changes: map[string]string{
		"ServiceIn": "",
		"ServiceGroup.Properties.SecurityGroupIngress": `[` +
			valueEither(`{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}`, `{"Ref": "AWS::NoValue"}`) + `]`,
	}},
	{name: "ServiceWithImportedGroup", changes: map[string]string{"ServiceIn": "",
		pathVpc + ".SecurityGroups": `[{"Fn::GetAtt": ["ServiceGroup", "GroupId"]}, "sg-1"]`}},
	{name: "ServiceWithDefaultGroup", changes: map[string]string{pathVpc + ".SecurityGroups": ""}},
	{name: "ServiceWithTwoGroups", changes: map[string]string{
		pathVpc + ".SecurityGroups": `[{"Ref": "OtherGroup"}, {"Fn::GetAtt": ["ServiceGroup", "GroupId"]}]`,
	}},
	{
		name:    "ServiceGroupForAnotherStack",
		changes: map[string]string{"ServiceIn": ""},
		outside: output(`{"Fn::GetAtt": ["ServiceGroup", "GroupId"]}`),
	},
	{name: "ServiceGroupForACustomResource", changes: map[string]string{
		"ServiceIn": "", "Opener": `{"Type": "Custom::Opener", "Properties": {"ServiceToken": "arn", "Group": {"Fn::GetAtt": ["ServiceGroup", ` +
			`"GroupId"]}}}`,
	}},
	{name: "ServiceBehindNlb", changes: map[string]string{"ServiceIn": "", "BalancerOut": "", "Balancer.Properties.Type": `"network"`}},
	{name: "ServiceBehindImportedGroup", changes: map[string]string{"ServiceIn": "", "Balancer.Properties.SecurityGroups": `["sg-1"]`}},

	// Security groups, on the load balancer's side.
	{
		name:    "BalancerLetsOutToAnotherGroup",
		changes: map[string]string{pathOut + ".DestinationSecurityGroupId": `{"Fn::GetAtt": ["OtherGroup", "GroupId"]}`},
		want:    []string{"AWSC-SG-002 Balancer"},
	},
	{
		name: "BalancerLetsNothingOut",
		changes: map[string]string{
			"BalancerOut": "",
			"BalancerGroup.Properties.SecurityGroupEgress": `[{"IpProtocol": "icmp", "FromPort": 252, "ToPort": 86, "CidrIp": ` +
				`"255.255.255.255/32"}]`,
		},
		want: []string{"AWSC-SG-002 Balancer"},
	},
	{name: "BalancerLetsAllOutByDefault", changes: map[string]string{"BalancerOut": ""}},
	{name: "BalancerLetsAllOut", changes: map[string]string{
		"BalancerOut": "",
		"BalancerGroup.Properties.SecurityGroupEgress": `[{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]`,
	}},
	{name: "BalancerLetsOutUnknown", changes: map[string]string{
		"BalancerOut": "", "BalancerGroup.Properties.SecurityGroupEgress": valueEither(`[]`, `[{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]`),
	}},

	// Authentication.
	{
		name:    "AuthenticationWithoutTls",
		changes: map[string]string{"Rule": authenticatingRule(`{"Ref": "Spare"}`, "jwt-validation"), "Spare": spareTarget},
		want:    []string{"AWSC-ELB-008 Rule"},
	},
	{
		name: "DefaultActionAuthenticatesWithoutTls",
		changes: map[string]string{pathActions: `[{"Type": "authenticate-oidc", "Order": 1}, {"Type": "forward", "Order": 2, ` +
			`"TargetGroupArn": {"Ref": "Target"}}]`},
		want: []string{"AWSC-ELB-008 Listener"},
	},
	{
		name: "OpenDoorToOneTargetGroup",
		changes: map[string]string{
			"Rule": authenticatingRule(`{"Ref": "Target"}`, "authenticate-oidc"), "Listener.Properties.Protocol": `"HTTPS"`},
		want: []string{"AWSC-ELB-009 Listener"},
	},
	{
		name: "OpenDoorToOneService",
		changes: map[string]string{
			"Rule": authenticatingRule(`{"Ref": "Spare"}`, "authenticate-cognito"), "Listener.Properties.Protocol": `"HTTPS"`,
			"Spare": spareTarget, "Service.Properties.LoadBalancers": `[
				{"ContainerName": "web", "ContainerPort": 8080, "TargetGroupArn": {"Ref": "Target"}},
				{"ContainerName": "web", "ContainerPort": 8080, "TargetGroupArn": {"Ref": "Spare"}}]`},
		want: []string{"AWSC-ELB-009 Listener"},
	},
	{
		name: "OpenDoorByARuleForAllPaths",
		changes: map[string]string{
			"Rule": authenticatingRule(`{"Ref": "Spare"}`, "jwt-validation"), "Listener.Properties.Protocol": `"HTTPS"`, "Spare": spareTarget,
			"Rest": forwardingRule("Spare", `"PathPatternConfig": {"Values": ["/a", "/*"]}`)},
		want: []string{"AWSC-ELB-009 Rest"},
	},
	{
		name: "OpenDoorBesideADefaultActionThatAuthenticates",
		changes: map[string]string{
			pathActions: `[{"Type": "authenticate-oidc", "Order": 1}, {"Type": "forward", "Order": 2,
				"TargetGroupArn": {"Ref": "Target"}}]`,
			"Listener.Properties.Protocol": `"HTTPS"`, "Rest": forwardingRule("Target", `"Values": ["*"]`)},
		want: []string{"AWSC-ELB-009 Rest"},
	},
	{name: "PublicPathsBesideAuthentication", changes: map[string]string{
		"Rule": authenticatingRule(`{"Ref": "Spare"}`, "jwt-validation"), "Listener.Properties.Protocol": `"HTTPS"`, "Spare": spareTarget,
		"Rest": forwardingRule("Spare", `"PathPatternConfig": {"Values": ["/public/*"]}`)}},
	{name: "AuthenticationOfAnotherTargetGroup", changes: map[string]string{
		"Rule": authenticatingRule(`{"Ref": "Spare"}`, "authenticate-oidc"), "Spare": spareTarget, "Listener.Properties.Protocol": `"HTTPS"`}},
	{name: "BothAuthenticate", changes: map[string]string{
		"Rule": authenticatingRule(`{"Ref": "Target"}`, "authenticate-oidc"), "Listener.Properties.Protocol": `"HTTPS"`,
		pathActions: `[{"Type": "authenticate-oidc", "Order": 1}, {"Type": "forward", "Order": 2, "TargetGroupArn": {"Ref": "Target"}}]`}},
	{name: "AuthenticationByAnUnknownProtocol", changes: map[string]string{
		"Rule": authenticatingRule(`{"Ref": "Spare"}`, "authenticate-oidc"), "Spare": spareTarget, "Listener.Properties.Protocol": valueUnknown}},
	{name: "AuthenticationOnAnImportedListener", changes: map[string]string{
		"Rule":  strings.Replace(authenticatingRule(`{"Ref": "Spare"}`, "authenticate-oidc"), `{"Ref": "Listener"}`, `"arn:aws:x"`, 1),
		"Spare": spareTarget}},

	// Health checks on another port than the requests.
	{
		name:    "HealthPortIsShut",
		changes: map[string]string{pathHealthPort: `"8081"`},
		want:    []string{"AWSC-SG-001 Service", "AWSC-SG-002 Balancer"},
	},
	{
		name:    "HealthPortIsShutOnOneSide",
		changes: map[string]string{pathHealthPort: `8081`, pathIn + ".ToPort": `8081`},
		want:    []string{"AWSC-SG-002 Balancer"},
	},
	{name: "HealthPortIsOpen", changes: map[string]string{
		pathHealthPort: `"8081"`, pathIn + ".ToPort": `8081`, pathOut + ".ToPort": `8081`,
	}},
	{name: "HealthPortIsThatOfTheRequests", changes: map[string]string{pathHealthPort: `"8080"`}},
	{name: "HealthPortIsTheTrafficPort", changes: map[string]string{pathHealthPort: `"traffic-port"`}},
	{name: "HealthPortIsUnknown", changes: map[string]string{pathHealthPort: valueUnknown}},

	// Priorities of listener rules.
	{
		name:    "RulesWithOnePriority",
		changes: map[string]string{"RuleA": listenerRule(`{"Ref": "Listener"}`, `7`), "RuleB": listenerRule(`{"Ref": "Listener"}`, `"7"`)},
		want:    []string{"AWSC-ELB-003 RuleB"},
	},
	{
		name: "ThreeRulesWithOnePriority",
		changes: map[string]string{
			"RuleA": listenerRule(`{"Ref": "Listener"}`, `7`), "RuleB": listenerRule(`{"Fn::GetAtt": ["Listener", "ListenerArn"]}`, `7`),
			"RuleC": listenerRule(`{"Ref": "Listener"}`, `7`),
		},
		want: []string{"AWSC-ELB-003 RuleB", "AWSC-ELB-003 RuleC"},
	},
	{
		name: "RulesWithOnePriorityOnAnImportedListener",
		changes: map[string]string{"RuleA": listenerRule(`"arn:aws:elasticloadbalancing:x"`, `7`),
			"RuleB": listenerRule(`"arn:aws:elasticloadbalancing:x"`, `7`)},
		want: []string{"AWSC-ELB-003 RuleB"},
	},
	{
		name:    "RulesWithOnePriorityOnOneParameter",
		changes: map[string]string{"RuleA": listenerRule(valueUnknown, `7`), "RuleB": listenerRule(valueUnknown, `7`)},
		want:    []string{"AWSC-ELB-003 RuleB"},
	},
	{
		name: "RulesWithOnePriorityOnOneImport",
		changes: map[string]string{"RuleA": listenerRule(`{"Fn::ImportValue": "a"}`, `7`),
			"RuleB": listenerRule(`{"Fn::ImportValue": "a"}`, `7`)},
		want: []string{"AWSC-ELB-003 RuleB"},
	},
	{
		name: "RulesWithOnePriorityUnderOneCondition",
		changes: map[string]string{
			"RuleA": conditional("Condition", listenerRule(`{"Ref": "Listener"}`, `7`)),
			"RuleB": conditional("Condition", listenerRule(`{"Ref": "Listener"}`, `7`)),
		},
		want: []string{"AWSC-ELB-003 RuleB"},
	},
	{name: "RulesWithOnePriorityUnderTwoConditions", changes: map[string]string{
		"RuleA": conditional("Condition", listenerRule(`{"Ref": "Listener"}`, `7`)),
		"RuleB": conditional("Other", listenerRule(`{"Ref": "Listener"}`, `7`)),
	}},
	{name: "RulesWithTwoPriorities", changes: map[string]string{"RuleA": listenerRule(`{"Ref": "Listener"}`, `7`),
		"RuleB": listenerRule(`{"Ref": "Listener"}`, `8`)}},
	{name: "RulesOnTwoListeners", changes: map[string]string{"RuleA": listenerRule(`{"Ref": "Listener"}`, `7`),
		"RuleB": listenerRule(`"arn:aws:elasticloadbalancing:x"`, `7`)}},
	{name: "RulesOnTwoParameters", changes: map[string]string{"RuleA": listenerRule(valueUnknown, `7`),
		"RuleB": listenerRule(valueGuessed, `7`)}},
	{name: "RulesOnTwoUnknownListeners", changes: map[string]string{
		"RuleA": listenerRule(`{"Fn::ImportValue": "a"}`, `7`), "RuleB": listenerRule(`{"Fn::ImportValue": "b"}`, `7`),
	}},
	{name: "RulesOnTwoListenersOfANestedStack", changes: map[string]string{
		"Nested": `{"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://example.com"}}`,
		"RuleA":  listenerRule(`{"Fn::GetAtt": ["Nested", "Outputs.A"]}`, `7`),
		"RuleB":  listenerRule(`{"Fn::GetAtt": ["Nested", "Outputs.B"]}`, `7`),
	}},
	{name: "RulesOnListenersOfOneParameter", changes: map[string]string{
		"RuleA": listenerRule(`{"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "Param"}]}]}`, `7`),
		"RuleB": listenerRule(`{"Fn::Select": [1, {"Fn::Split": [",", {"Ref": "Param"}]}]}`, `7`),
	}},
	{name: "RulesOnListenersOfOneDefault", changes: map[string]string{
		"RuleA": listenerRule(`{"Fn::Sub": "a${Defaulted}"}`, `7`), "RuleB": listenerRule(`{"Fn::Sub": "b${Defaulted}"}`, `7`),
	}},
	{name: "RulesWithUnknownPriority", changes: map[string]string{"RuleA": listenerRule(`{"Ref": "Listener"}`, valueUnknown),
		"RuleB": listenerRule(`{"Ref": "Listener"}`, valueUnknown)}},
	{name: "RulesWithGuessedPriority", changes: map[string]string{"RuleA": listenerRule(`{"Ref": "Listener"}`, valueGuessed),
		"RuleB": listenerRule(`{"Ref": "Listener"}`, `300`)}},

	// The time to end requests and the time to stop.
	{
		name:    "DelayBelowTheDefaultTimeout",
		changes: map[string]string{pathAttributes: delay(`"5"`)},
		want:    []string{"AWSC-ELB-004 Target"},
	},
	{
		name:    "DelayBelowTheTimeout",
		changes: map[string]string{pathAttributes: delay(`"60"`), pathContainer + ".StopTimeout": `90`},
		want:    []string{"AWSC-ELB-004 Target"},
	},
	{
		name:    "DefaultDelayBelowTheTimeoutOfAnInstance",
		changes: map[string]string{pathService + ".LaunchType": `"EC2"`, pathContainer + ".StopTimeout": `"600"`},
		want:    []string{"AWSC-ELB-004 Target"},
	},
	{name: "DelayGivenTwice", changes: map[string]string{pathAttributes: `[
		{"Key": "deregistration_delay.timeout_seconds", "Value": "5"}, {"Key": "deregistration_delay.timeout_seconds", "Value": "6"}]`}},
	{name: "DelayOfTheTimeout", changes: map[string]string{pathAttributes: delay(`"90"`), pathContainer + ".StopTimeout": `90`}},
	{name: "DelayAndDefaultTimeoutOfAnInstance",
		changes: map[string]string{pathAttributes: delay(`"5"`), pathService + ".LaunchType": `"EC2"`}},
	{name: "DelayUnknown", changes: map[string]string{pathAttributes: delay(valueUnknown)}},
	{name: "DelayGuessed", changes: map[string]string{pathAttributes: delay(valueGuessed), pathContainer + ".StopTimeout": `600`}},
	{name: "DelayUnderAnUnknownKey", changes: map[string]string{
		pathAttributes: `[{"Key": {"Ref": "Param"}, "Value": "600"}]`, pathContainer + ".StopTimeout": `600`,
	}},
	{name: "DelayInConditionalAttributes", changes: map[string]string{
		pathAttributes: valueEither(delay(`"600"`), `[]`), pathContainer + ".StopTimeout": `600`,
	}},
	{name: "DelayAndUnknownTimeout", changes: map[string]string{pathAttributes: delay(`"5"`), pathContainer + ".StopTimeout": valueUnknown}},
	{name: "DelayAndGuessedTimeout", changes: map[string]string{pathAttributes: delay(`"5"`), pathContainer + ".StopTimeout": valueGuessed}},

	// VPCs.
	{
		name: "TargetInAnotherVpc",
		changes: map[string]string{"Vpc2": `{"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}`,
			"Target.Properties.VpcId": `{"Ref": "Vpc2"}`},
		want: []string{"AWSC-ELB-005 Target"},
	},
	{name: "TargetInAnotherVpcOfImportedSubnets", changes: map[string]string{
		"Vpc2": `{"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}`, "Target.Properties.VpcId": `{"Ref": "Vpc2"}`,
		pathSubnets: `["subnet-1", "subnet-2"]`,
	}},
	{name: "TargetInAnUnknownVpc", changes: map[string]string{"Target.Properties.VpcId": valueUnknown}},
	// Sticky target groups that share a rule.
	{
		name:    "StickyTargetShared",
		changes: map[string]string{"Spare": spareTarget, pathAttributes: sticky, pathActions: sharedBy(`{}`)},
		want:    []string{"AWSC-ELB-006 Listener"},
	},
	{
		name: "StickyTargetSharedByRule",
		changes: map[string]string{"Spare": spareTarget, pathAttributes: sticky,
			"Rule": `{"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "Listener"}, "Priority": 1, ` +
				`"Conditions": [], "Actions": ` + sharedBy(`{"Enabled": false}`) + `}}`},
		want: []string{"AWSC-ELB-006 Rule"},
	},
	{name: "StickyTargetSharedStickily", changes: map[string]string{"Spare": spareTarget, pathAttributes: sticky,
		pathActions: sharedBy(`{"Enabled": true, "DurationSeconds": 60}`)}},
	{name: "StickyTargetSharedUnknown", changes: map[string]string{"Spare": spareTarget, pathAttributes: sticky,
		pathActions: sharedBy(`{"Enabled": ` + valueUnknown + `}`)}},
	{name: "StickyTargetSharedPerhaps", changes: map[string]string{"Spare": spareTarget,
		pathAttributes: strings.Replace(sticky, `"true"`, valueUnknown, 1), pathActions: sharedBy(`{}`)}},
	{name: "PlainTargetShared", changes: map[string]string{"Spare": spareTarget, pathActions: sharedBy(`{}`)}},
	{name: "StickyTargetAlone", changes: map[string]string{pathAttributes: sticky}},

	// Target groups behind two load balancers.
	{
		name:    "TargetBehindTwo",
		changes: map[string]string{"Balancer2": secondBalancer, "Listener2": secondListener(`{"Ref": "Balancer2"}`)},
		want:    []string{"AWSC-ELB-007 Target"},
	},
	{name: "TargetBehindTwoListenersOfOne", changes: map[string]string{"Listener2": secondListener(`{"Ref": "Balancer"}`)}},
	{name: "TargetBehindAnotherPerhaps", changes: map[string]string{"Balancer2": secondBalancer,
		"Listener2": secondListener(valueEither(`{"Ref": "Balancer"}`, `{"Ref": "Balancer2"}`))}},
	{name: "TargetBehindAnotherUnderACondition", changes: map[string]string{
		"Balancer2": secondBalancer, "Listener2": strings.Replace(secondListener(`{"Ref": "Balancer2"}`), `"Properties"`,
			`"Condition": "Condition", "Properties"`, 1),
	}},

	{name: "TargetInAConditionalVpc", changes: map[string]string{
		"Vpc2":                    `{"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}`,
		"Target.Properties.VpcId": valueEither(`{"Ref": "Vpc"}`, `{"Ref": "Vpc2"}`),
	}},
}

const sticky = `[{"Key": "stickiness.enabled", "Value": "true"}, {"Key": "stickiness.type", "Value": "lb_cookie"}]`

// sharedBy is a forward action to two target groups.
func sharedBy(stickiness string) string {
	return `[{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": {"Ref": "Target"}, "Weight": 1},
		{"TargetGroupArn": {"Ref": "Spare"}, "Weight": 1}], "TargetGroupStickinessConfig": ` + stickiness + `}}]`
}

const secondBalancer = `{"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Subnets": [{"Ref": "PublicA"},
	{"Ref": "PublicB"}],
	"SecurityGroups": [{"Fn::GetAtt": ["BalancerGroup", "GroupId"]}]}}`

func secondListener(balancer string) string {
	return `{"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": ` + balancer +
		`, "Port": 81, "Protocol": "HTTP",
		"DefaultActions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Target"}}]}}`
}

const pathAttributes = "Target.Properties.TargetGroupAttributes"

func delay(seconds string) string {
	return `[{"Key": "stickiness.enabled", "Value": "false"}, {"Key": "deregistration_delay.timeout_seconds", "Value": ` + seconds + `}]`
}

func listenerRule(listener, priority string) string {
	return `{"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": ` + listener + `, "Priority": ` + priority + `,
		"Conditions": [{"Field": "path-pattern", "Values": ["/a"]}], "Actions": ` + fixedResponse + `}}`
}

// conditional is a resource that exists under a condition.
func conditional(condition, resource string) string {
	return `{"Condition": "` + condition + `", ` + resource[1:]
}

// forwardingRule forwards requests for paths to a target group, without authentication.
func forwardingRule(target, paths string) string {
	return `{"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "Listener"}, "Priority": 9,
		"Conditions": [{"Field": "path-pattern", ` + paths + `}], "Actions": [{"Type": "forward", "TargetGroupArn": {"Ref": "` + target + `"}}]}}`
}

// authenticatingRule forwards to a target group what it has authenticated.
func authenticatingRule(target, action string) string {
	return `{"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "Listener"}, "Priority": 1,
		"Conditions": [], "Actions": [
			{"Type": "` + action + `", "Order": 1}, {"Type": "forward", "Order": 2, "TargetGroupArn": ` + target + `}]}}`
}

package test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

const (
	spareTarget   = `{"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"TargetType": "ip", "Port": 80, "Protocol": "HTTP", "VpcId": {"Ref": "Vpc"}}}`
	pathSubnets   = "Balancer.Properties.Subnets"
	fixedResponse = `[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]`
	pathActions   = "Listener.Properties.DefaultActions"
	pathIn        = "ServiceIn.Properties"
	pathOut       = "BalancerOut.Properties"
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
	{name: "TargetOfConditionalAction", changes: map[string]string{"Spare": spareTarget, pathActions + ".0.TargetGroupArn": valueEither(`{"Ref": "Target"}`, `{"Ref": "Spare"}`)}},
	{name: "TargetOfAlternate", changes: map[string]string{"Spare": spareTarget, pathEntry + ".AdvancedConfiguration": `{"AlternateTargetGroupArn": {"Ref": "Spare"}}`}},
	{name: "TargetOfCodeDeploy", changes: map[string]string{
		"Spare": spareTarget, "Deployment": `{"Type": "AWS::CodeDeploy::DeploymentGroup", "Properties": {"LoadBalancerInfo": {"TargetGroupInfoList": [
			{"Name": {"Fn::GetAtt": ["Spare", "TargetGroupName"]}}]}}}`,
	}},
	{
		name:    "TargetForAnotherStack",
		changes: map[string]string{"Spare": spareTarget},
		adjust: func(stack awscdk.Stack) {
			awscdk.NewCfnOutput(stack, jsii.String("Out"), &awscdk.CfnOutputProps{Value: awscdk.Fn_Ref(jsii.String("Spare"))})
		},
	},
	{
		name:    "TargetAndMacro",
		changes: map[string]string{"Spare": spareTarget},
		adjust:  func(stack awscdk.Stack) { stack.AddTransform(jsii.String("Listeners")) },
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
		name:    "AlbInOneZoneByMappings",
		changes: map[string]string{pathSubnets: "", "Balancer.Properties.SubnetMappings": `[{"SubnetId": {"Ref": "PublicA"}}, {"SubnetId": {"Ref": "Private"}}]`},
		want:    []string{"AWSC-ELB-002 Balancer"},
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
	{name: "AlbInConditionalSubnet", changes: map[string]string{pathSubnets: `[{"Ref": "PublicA"}, ` + valueEither(`{"Ref": "PublicB"}`, `{"Ref": "AWS::NoValue"}`) + `]`}},
	{name: "AlbInGuessedZone", changes: map[string]string{
		"PublicA.Properties.AvailabilityZone": valueGuessed, "PublicB.Properties.AvailabilityZone": valueGuessed,
	}},
	{name: "AlbInLocalZone", changes: map[string]string{
		pathSubnets: `[{"Ref": "PublicA"}]`, "PublicA.Properties.AvailabilityZone": `"us-west-2-lax-1a"`,
	}},
	{name: "NlbInOneSubnet", changes: map[string]string{pathSubnets: `[{"Ref": "PublicA"}]`, "Balancer.Properties.Type": `"network"`}},
	{name: "LoadBalancerOfUnknownType", changes: map[string]string{pathSubnets: `[{"Ref": "PublicA"}]`, "Balancer.Properties.Type": valueUnknown}},

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
				"Priority": 1, "Conditions": [], "Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": {"Ref": "Target"}}]}}]}}`,
		},
		want: []string{"AWSC-SG-001 Service"},
	},
	{name: "ServiceAdmitsRange", changes: map[string]string{pathIn + ".FromPort": `"8000"`, pathIn + ".ToPort": `8100`}},
	{name: "ServiceAdmitsAllTraffic", changes: map[string]string{pathIn + ".IpProtocol": `"-1"`, pathIn + ".FromPort": "", pathIn + ".ToPort": ""}},
	{name: "ServiceAdmitsInline", changes: map[string]string{
		"ServiceIn": "",
		"ServiceGroup.Properties.SecurityGroupIngress": `[{"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "CidrIp": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}}]`,
	}},
	{name: "ServiceAdmitsPrefixList", changes: map[string]string{pathIn + ".SourceSecurityGroupId": "", pathIn + ".SourcePrefixListId": valueUnknown}},
	{name: "ServiceAdmitsUnknownGroup", changes: map[string]string{pathIn + ".SourceSecurityGroupId": valueUnknown}},
	{name: "ServiceAdmitsUnknownPort", changes: map[string]string{pathIn + ".FromPort": valueGuessed, pathIn + ".ToPort": valueGuessed}},
	{name: "ServiceAdmitsUnknownProtocol", changes: map[string]string{pathIn + ".IpProtocol": valueGuessed}},
	{name: "ServiceAdmitsConditionally", changes: map[string]string{
		"ServiceIn": "",
		"ServiceGroup.Properties.SecurityGroupIngress": valueEither(`[]`, `[{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]`),
	}},
	{name: "ServiceAdmitsConditionalRule", changes: map[string]string{
		"ServiceIn": "",
		"ServiceGroup.Properties.SecurityGroupIngress": `[` + valueEither(`{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}`, `{"Ref": "AWS::NoValue"}`) + `]`,
	}},
	{name: "ServiceWithImportedGroup", changes: map[string]string{"ServiceIn": "", pathVpc + ".SecurityGroups": `[{"Fn::GetAtt": ["ServiceGroup", "GroupId"]}, "sg-1"]`}},
	{name: "ServiceWithDefaultGroup", changes: map[string]string{pathVpc + ".SecurityGroups": ""}},
	{name: "ServiceWithTwoGroups", changes: map[string]string{
		pathVpc + ".SecurityGroups": `[{"Ref": "OtherGroup"}, {"Fn::GetAtt": ["ServiceGroup", "GroupId"]}]`,
	}},
	{
		name:    "ServiceGroupForAnotherStack",
		changes: map[string]string{"ServiceIn": ""},
		adjust: func(stack awscdk.Stack) {
			awscdk.NewCfnOutput(stack, jsii.String("Out"), &awscdk.CfnOutputProps{Value: awscdk.Fn_GetAtt(jsii.String("ServiceGroup"), jsii.String("GroupId")).ToString()})
		},
	},
	{name: "ServiceGroupForACustomResource", changes: map[string]string{
		"ServiceIn": "", "Opener": `{"Type": "Custom::Opener", "Properties": {"ServiceToken": "arn", "Group": {"Fn::GetAtt": ["ServiceGroup", "GroupId"]}}}`,
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
			"BalancerGroup.Properties.SecurityGroupEgress": `[{"IpProtocol": "icmp", "FromPort": 252, "ToPort": 86, "CidrIp": "255.255.255.255/32"}]`,
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
}

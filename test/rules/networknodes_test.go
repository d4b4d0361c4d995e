package rules_test

import (
	"maps"
	"strings"
)

// endpointOf is an interface endpoint of the template's VPC.
func endpointOf(service string) string {
	return `{"Type": "AWS::EC2::VPCEndpoint", "Properties": {"VpcId": {"Ref": "Vpc"}, "VpcEndpointType": "Interface",
		"ServiceName": {"Fn::Join": ["", ["com.amazonaws.", {"Ref": "AWS::Region"}, ".` + service + `"]]}}}`
}

const (
	// Instances of an ECS cluster, Auto Scaling groups and managed by ECS.
	isolatedCapacity = `{"Type": "AWS::ECS::CapacityProvider", "Properties": {
		"AutoScalingGroupProvider": {"AutoScalingGroupArn": {"Ref": "Group"}}}}`
	isolatedGroup = `{"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": {"MinSize": "0", "MaxSize": "1",
		"VPCZoneIdentifier": [{"Ref": "Isolated"}]}}`
	isolatedManaged = `{"Type": "AWS::ECS::CapacityProvider", "Properties": {"ManagedInstancesProvider": {"InfrastructureRoleArn": "arn",
		"InstanceLaunchTemplate": {"Ec2InstanceProfileArn": "arn", "NetworkConfiguration": {"Subnets": [{"Ref": "Isolated"}]}}}}}`
	// Nodes of an EKS cluster of another template, and pods on Fargate.
	isolatedNodes = `{"Type": "AWS::EKS::Nodegroup", "Properties": {"ClusterName": "shop", "NodeRole": "arn:aws:iam::111122223333:role/n",
		"Subnets": [{"Ref": "Isolated"}]}}`
	isolatedProfile = `{"Type": "AWS::EKS::FargateProfile", "Properties": {"ClusterName": "shop", "PodExecutionRoleArn": "arn",
		"Selectors": [{"Namespace": "shop"}], "Subnets": [{"Ref": "Isolated"}]}}`
	isolatedProfileOfTheCdk = `{"Type": "Custom::AWSCDK-EKS-FargateProfile", "Properties": {"ServiceToken": "arn", "Config": {
		"clusterName": "shop",
		"podExecutionRoleArn": "arn", "selectors": [{"namespace": "shop"}], "subnets": [{"Ref": "Isolated"}]}}}`
	selfManagedGroup = `{"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": {"MinSize": "0", "MaxSize": "1",
		"LaunchTemplate": {"LaunchTemplateId": {"Ref": "Launch"}, "Version": "$Latest"}, "VPCZoneIdentifier": [{"Ref": "Isolated"}],
		"Tags": [{"Key": {"Fn::Sub": "kubernetes.io/cluster/${Eks}"}, "Value": "owned", "PropagateAtLaunch": true}]}}`
	selfManagedLaunch  = `{"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": {"InstanceType": "m7g.large"}}}`
	selfManagedCluster = `{"Type": "AWS::EKS::Cluster", "Properties": {"Name": "shop", "RoleArn": "arn:aws:iam::111122223333:role/c",
		"ResourcesVpcConfig": {"SubnetIds": ["subnet-1", "subnet-2"]}}}`
)

// networkNodesCases put instances, nodes and pods into the template's isolated subnet, which has endpoints for ECR, logs, secrets and S3.
func networkNodesCases() (cases []ruleCase) {
	both := func(a map[string]string, services ...string) map[string]string {
		all := maps.Clone(a)
		for _, service := range services {
			all["Endpoint"+strings.NewReplacer(".", "", "-", "").Replace(service)] = endpointOf(service)
		}
		return all
	}
	for _, kind := range []struct {
		name, rule, subject string
		changes             map[string]string
		needs               []string
	}{
		{
			"EnclosedInstances", "AWSC-NETWORK-002", "Group",
			map[string]string{"Provider": isolatedCapacity, "Group": isolatedGroup}, []string{"ecs", "ecs-agent", "ecs-telemetry"},
		},
		{
			"EnclosedManagedInstances", "AWSC-NETWORK-002", "Provider", map[string]string{"Provider": isolatedManaged},
			[]string{"ecs", "ecs-agent", "ecs-telemetry"},
		},
		{
			"EnclosedNodes", "AWSC-NETWORK-003", "Nodes", map[string]string{"Nodes": isolatedNodes}, []string{"ec2", "sts", "eks"},
		},
		{
			"EnclosedNodesWithPodIdentity", "AWSC-NETWORK-003", "Nodes", map[string]string{"Nodes": isolatedNodes,
				"Agent": `{"Type": "AWS::EKS::Addon", "Properties": {"ClusterName": "shop", "AddonName": "eks-pod-identity-agent"}}`},
			[]string{"ec2", "sts", "eks", "eks-auth"},
		},
		{
			"EnclosedNodesWithTheLoadBalancerController", "AWSC-NETWORK-003", "Nodes", map[string]string{"Nodes": isolatedNodes,
				"Chart": `{"Type": "Custom::AWSCDK-EKS-HelmChart", "Properties": {"ServiceToken": "arn", "Chart": "aws-load-balancer-controller"}}`},
			[]string{"ec2", "sts", "eks", "elasticloadbalancing"},
		},
		{
			"EnclosedNodesOfOnesOwn", "AWSC-NETWORK-003", "Own",
			map[string]string{"Own": selfManagedGroup, "Launch": selfManagedLaunch, "Eks": selfManagedCluster}, []string{"ec2", "sts", "eks"},
		},
		{
			"EnclosedPods", "AWSC-NETWORK-003", "Pods", map[string]string{"Pods": isolatedProfile}, []string{"sts"},
		},
		{
			"EnclosedPodsOfTheCdk", "AWSC-NETWORK-003", "Pods", map[string]string{"Pods": isolatedProfileOfTheCdk}, []string{"sts"},
		},
		{
			"EnclosedSession", "AWSC-NETWORK-001", "Service",
			map[string]string{pathService + ".EnableExecuteCommand": "true", pathService + ".Cluster": `{"Ref": "Cluster"}`,
				"Cluster": `{"Type": "AWS::ECS::Cluster", "Properties": {"Configuration": {"ExecuteCommandConfiguration": {"KmsKeyId": "arn"}}}}`},
			[]string{"ssmmessages", "kms"},
		},
		{
			"EnclosedSessionWithoutAKey", "AWSC-NETWORK-001", "Service",
			map[string]string{pathService + ".EnableExecuteCommand": "true", pathService + ".Cluster": `{"Ref": "Cluster"}`,
				"Cluster": `{"Type": "AWS::ECS::Cluster", "Properties": {}}`}, []string{"ssmmessages"},
		},
	} {
		for i, need := range kind.needs {
			others := append(append([]string{}, kind.needs[:i]...), kind.needs[i+1:]...)
			name := kind.name + "Without" + strings.NewReplacer(".", "", "-", "").Replace(need)
			want := []string{kind.rule + " " + kind.subject}
			cases = append(cases, ruleCase{name: name, changes: both(kind.changes, others...), want: want})
		}
		cases = append(cases, ruleCase{name: kind.name + "WithAll", changes: both(kind.changes, kind.needs...)})
	}
	return append(cases,
		ruleCase{name: "NodesThatRouteToANat", changes: map[string]string{"Nodes": isolatedNodes,
			"Out": `{"Type": "AWS::EC2::Route", "Properties": {
			"RouteTableId": {"Ref": "Table"}, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": {"Ref": "Param"}}}`}},
		ruleCase{name: "NodesInAnImportedSubnet", changes: map[string]string{
			"Nodes": strings.Replace(isolatedNodes, `{"Ref": "Isolated"}`, `"subnet-1"`, 1),
		}},
		ruleCase{name: "NodesInAnUnknownSubnet", changes: map[string]string{
			"Nodes": strings.Replace(isolatedNodes, `[{"Ref": "Isolated"}]`, `{"Ref": "Param"}`, 1),
		}},
		ruleCase{
			name: "NodesWhoseEndpointsAnotherStackHas", changes: map[string]string{"Nodes": isolatedNodes}, outside: output(`{"Ref": "Vpc"}`),
		},
		ruleCase{name: "NodesAndAnUnknownEndpoint", changes: map[string]string{"Nodes": isolatedNodes, "Logs" + pathServiceName: valueUnknown}},
		ruleCase{name: "SessionsThatNobodyMayBegin", changes: map[string]string{pathService + ".EnableExecuteCommand": "false"}},
		ruleCase{name: "SessionsPerhaps", changes: map[string]string{pathService + ".EnableExecuteCommand": valueUnknown}},
		ruleCase{
			name: "EnclosedInstancesWhoseTasksLog",
			changes: both(map[string]string{"Provider": isolatedCapacity, "Group": isolatedGroup, "Logs": "",
				pathTask + ".RequiresCompatibilities": `["EC2"]`,
				"Service":                             "", "Cluster": `{"Type": "AWS::ECS::Cluster", "Properties": {}}`,
			}, "ecs", "ecs-agent", "ecs-telemetry"),
			want: []string{"AWSC-NETWORK-002 Group"},
		},
	)
}

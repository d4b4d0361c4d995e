package rules_test

const (
	pathEksTrust     = "ClusterRole.Properties.AssumeRolePolicyDocument.Statement.0"
	pathNodePolicies = "NodeRole.Properties.ManagedPolicyArns"
	pathSelfPolicies = "SelfRole.Properties.ManagedPolicyArns"
	pathSelfLaunch   = "SelfLaunch.Properties.LaunchTemplateData"
	pathSelfTagKey   = "Self.Properties.Tags.0.Key"
	pathSelfGroups   = pathSelfLaunch + ".SecurityGroupIds"
	pathEksNetwork   = "Cluster.Properties.ResourcesVpcConfig"
	pathEksSubnets   = pathEksNetwork + ".SubnetIds"
	pathSelectors    = "Pods.Properties.Selectors"
	pathEbsRoles     = "Ebs.Properties.PodIdentityAssociations"
	pathCluster      = "Cluster.Properties"

	autoMode    = `{"Enabled": true, "NodePools": ["system"], "NodeRoleArn": {"Fn::GetAtt": ["NodeRole", "Arn"]}}`
	workerOnly  = `["arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy", "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"]`
	autoNodes   = `["arn:aws:iam::aws:policy/AmazonEKSWorkerNodeMinimalPolicy", "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"]`
	noWorker    = `["arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy", "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"]`
	bothTrusted = `["sts:AssumeRole", "sts:TagSession"]`
	applyCsi    = `"[{\"kind\": \"ServiceAccount\", \"metadata\": {\"name\": \"ebs-csi-controller-sa\"}}]"`
)

var eksCases = []ruleCase{
	// The cluster's role.
	{name: "ClusterRoleForEc2", changes: map[string]string{pathEksTrust + ".Principal.Service": `"ec2.amazonaws.com"`},
		want: []string{"AWSC-EKS-001 ClusterRole"}},
	{name: "ClusterRoleForFargatePods",
		changes: map[string]string{pathEksTrust + ".Principal.Service": `["eks-fargate-pods.amazonaws.com"]`},
		want:    []string{"AWSC-EKS-001 ClusterRole"}},
	{name: "ClusterRoleDenied", changes: map[string]string{pathEksTrust + ".Effect": `"Deny"`}, want: []string{"AWSC-EKS-001 ClusterRole"}},
	// Other roles.
	{name: "NodeRoleForEks", changes: map[string]string{
		"NodeRole.Properties.AssumeRolePolicyDocument": trusts("eks")}, want: []string{"AWSC-ROLE-001 NodeRole"}},
	{name: "InstanceRoleForEks", changes: map[string]string{
		"SelfRole.Properties.AssumeRolePolicyDocument": trusts("eks")}, want: []string{"AWSC-ROLE-001 SelfRole"}},
	{name: "PodExecutionRoleForEc2", changes: map[string]string{
		"Pods.Properties.PodExecutionRoleArn": `{"Fn::GetAtt": ["NodeRole", "Arn"]}`}, want: []string{"AWSC-ROLE-001 NodeRole"}},
	{name: "PodRoleWithoutSessionTags", changes: map[string]string{
		"PodRole":                         `{"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ` + trusts("pods.eks") + `}}`,
		"InsightsRole.Properties.RoleArn": `{"Fn::GetAtt": ["PodRole", "Arn"]}`}, want: []string{"AWSC-ROLE-001 PodRole"}},
	{name: "PodRole", changes: map[string]string{
		"PodRole": `{"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow",
			"Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": {"Service": "pods.eks.amazonaws.com"}}]}}}`,
		"InsightsRole.Properties.RoleArn": `{"Fn::GetAtt": ["PodRole", "Arn"]}`}},
	{
		name: "AutoRoleWithoutSessionTags",
		changes: map[string]string{pathCluster + ".ComputeConfig": autoMode, pathNodePolicies: autoNodes, "Nodes": "", "Ebs": "", "Self": "",
			"SelfEntry": ""},
		want: []string{"AWSC-EKS-001 ClusterRole"},
	},
	{name: "AutoRole", changes: map[string]string{
		pathCluster + ".ComputeConfig": autoMode, pathNodePolicies: autoNodes, "Nodes": "", "Ebs": "", "Self": "", "SelfEntry": "",
		pathEksTrust + ".Action": bothTrusted,
	}},
	{name: "ClusterRoleForBoth",
		changes: map[string]string{pathEksTrust + ".Principal.Service": `["ec2.amazonaws.com", "eks.amazonaws.com"]`}},
	{name: "ClusterRoleForUnknown", changes: map[string]string{pathEksTrust + ".Principal.Service": valueUnknown}},
	{name: "ClusterRoleForGuessed", changes: map[string]string{pathEksTrust + ".Principal.Service": valueGuessed}},
	{name: "ClusterRoleConditional",
		changes: map[string]string{"ClusterRole.Properties.AssumeRolePolicyDocument.Statement.0": valueEither(`{"Effect": "Deny"}`,
			`{"Effect": "Allow"}`)}},
	{name: "ClusterRoleImported", changes: map[string]string{pathCluster + ".RoleArn": `"arn:aws:iam::111122223333:role/eks"`,
		"ClusterRole": ""}},

	// The nodes' roles.
	{name: "NodesWithoutPolicies", changes: map[string]string{pathNodePolicies: ""}, want: []string{"AWSC-EKS-002 NodeRole"}},
	{name: "NodesWithoutWorkerPolicy", changes: map[string]string{pathNodePolicies: noWorker}, want: []string{"AWSC-EKS-002 NodeRole"}},
	{name: "NodesWithoutPull",
		changes: map[string]string{pathNodePolicies + ".1": `"arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"`},
		want:    []string{"AWSC-EKS-002 NodeRole"}},
	{name: "NodesWithoutCni", changes: map[string]string{pathNodePolicies: workerOnly}, want: []string{"AWSC-EKS-002 NodeRole"}},
	{name: "NodesWithoutCniByDefault", changes: map[string]string{pathNodePolicies: workerOnly, "Cni": ""},
		want: []string{"AWSC-EKS-002 NodeRole"}},
	{name: "SelfManagedWithoutPull",
		changes: map[string]string{pathSelfPolicies + ".1": `"arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"`},
		want:    []string{"AWSC-EKS-002 SelfRole"}},
	{
		name: "AutoNodesWithoutPull",
		changes: map[string]string{pathCluster + ".ComputeConfig": autoMode,
			pathNodePolicies: `["arn:aws:iam::aws:policy/AmazonEKSWorkerNodeMinimalPolicy"]`,
			"Nodes":          "", "Ebs": "", "Self": "", "SelfEntry": "", pathEksTrust + ".Action": bothTrusted},
		want: []string{"AWSC-EKS-002 NodeRole"},
	},
	{name: "NodesWithOwnPolicies", changes: map[string]string{
		pathNodePolicies: "",
		"NodePolicy": `{"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "n", "Roles": [{"Ref": "NodeRole"}],
			"PolicyDocument": {"Statement": [{
				"Effect": "Allow", "Action": ["ec2:Describe*", "ecr:*", "ec2:AssignPrivateIpAddresses"], "Resource": "*"}]}}}`,
	}},
	{name: "NodesWithAManagedPolicyOfTheTemplate", changes: map[string]string{
		pathNodePolicies: `[{"Ref": "NodePolicy"}]`,
		"NodePolicy": `{"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": [
			{"Effect": "Allow", "Action": ["ec2:DescribeInstances", "ecr:BatchGetImage", "ec2:AssignIpv6Addresses"], "Resource": "*"}]}}}`,
	}},
	{name: "NodesWithAnotherPolicy", changes: map[string]string{pathNodePolicies: `["arn:aws:iam::111122223333:policy/nodes"]`}},
	{name: "NodesWithUnknownPolicy", changes: map[string]string{pathNodePolicies: `[` + valueUnknown + `]`}},
	{name: "NodesWithPerhapsPolicies", changes: map[string]string{pathNodePolicies: valueEither(`[]`, workerOnly)}},
	{name: "NodesByName", changes: map[string]string{pathNodePolicies: "", "NodeRole.Properties.RoleName": `"nodes"`}},
	{name: "NodesWithImportedRole", changes: map[string]string{"NodeRole": "",
		"Nodes.Properties.NodeRole": `"arn:aws:iam::111122223333:role/nodes"`}},
	{
		name:    "NodesWithExportedRole",
		changes: map[string]string{pathNodePolicies: ""},
		outside: output(`{"Ref": "NodeRole"}`),
	},
	{name: "CniWithOwnRole", changes: map[string]string{pathNodePolicies: workerOnly,
		"Cni.Properties.ServiceAccountRoleArn": `"arn:aws:iam::111122223333:role/cni"`}},
	{name: "CniWithPodIdentity", changes: map[string]string{pathNodePolicies: workerOnly,
		"Cni.Properties.PodIdentityAssociations": `[{"ServiceAccount": "aws-node", "RoleArn": "arn:aws:iam::111122223333:role/cni"}]`}},
	{name: "CniWithPerhapsARole", changes: map[string]string{pathNodePolicies: workerOnly,
		"Cni.Properties.ServiceAccountRoleArn": valueEither(`"arn:x"`, `{"Ref": "AWS::NoValue"}`)}},
	{name: "CniAssociated", changes: map[string]string{pathNodePolicies: workerOnly, "InsightsRole.Properties.ServiceAccount": `"aws-node"`,
		"Insights": ""}},
	{name: "CniUnknown", changes: map[string]string{pathNodePolicies: workerOnly, "Cni.Properties.AddonName": valueUnknown}},
	{name: "CniOfOnesOwn", changes: map[string]string{pathNodePolicies: workerOnly, "Cni": "",
		pathCluster + ".BootstrapSelfManagedAddons": `false`}},
	{name: "CniByManifest", changes: map[string]string{pathNodePolicies: workerOnly, "Cni": "",
		"Namespace.Properties.Manifest": `"[{\"metadata\": {\"name\": \"cilium\"}}]"`}},
	{name: "CniOfAnImportedCluster", changes: map[string]string{pathNodePolicies: workerOnly, "Nodes.Properties.ClusterName": `"other"`}},

	// AMI types.
	{name: "ArmWithX86Ami", changes: map[string]string{"Nodes.Properties.AmiType": `"AL2023_x86_64_STANDARD"`,
		"Nodes.Properties.InstanceTypes": `["m7g.large"]`}, want: []string{"AWSC-EKS-003 Nodes"}},
	{name: "OneTypeOfTwoWithArmAmi", changes: map[string]string{"Nodes.Properties.InstanceTypes.1": `"m7i-flex.large"`},
		want: []string{"AWSC-EKS-003 Nodes"}},
	{name: "BottlerocketOfTheOther", changes: map[string]string{"Nodes.Properties.AmiType": `"BOTTLEROCKET_ARM_64"`,
		"Nodes.Properties.InstanceTypes": `["c7a.large"]`}, want: []string{"AWSC-EKS-003 Nodes"}},
	{name: "ArmWithoutAmi", changes: map[string]string{"Nodes.Properties.AmiType": "", "Nodes.Properties.InstanceTypes": `["m7g.large"]`},
		want: []string{"AWSC-EKS-003 Nodes"}},
	{
		name: "LaunchTemplateOfTheOther",
		changes: map[string]string{"Nodes.Properties.InstanceTypes": "",
			"Nodes.Properties.LaunchTemplate": `{"Id": {"Ref": "SelfLaunch"}, "Version": {"Fn::GetAtt": ["SelfLaunch", "LatestVersionNumber"]}}`},
		want: []string{"AWSC-EKS-003 Nodes"},
	},
	{name: "GpuWithPlainAmi", changes: map[string]string{"Nodes.Properties.InstanceTypes": `["g5g.xlarge"]`},
		want: []string{"AWSC-EKS-003 Nodes"}},
	{name: "NeuronWithPlainAmi", changes: map[string]string{"Nodes.Properties.AmiType": `"AL2023_x86_64_STANDARD"`,
		"Nodes.Properties.InstanceTypes": `["inf2.xlarge"]`}, want: []string{"AWSC-EKS-003 Nodes"}},
	{name: "GpuWithItsAmi", changes: map[string]string{"Nodes.Properties.AmiType": `"AL2023_x86_64_NVIDIA"`,
		"Nodes.Properties.InstanceTypes": `["g5.xlarge", "p5en.48xlarge"]`}},
	{name: "AmdGpuWithPlainAmi", changes: map[string]string{"Nodes.Properties.AmiType": `"AL2023_x86_64_STANDARD"`,
		"Nodes.Properties.InstanceTypes": `["g4ad.xlarge"]`}},
	{name: "CustomAmi", changes: map[string]string{"Nodes.Properties.AmiType": `"CUSTOM"`}},
	{name: "UnknownAmi", changes: map[string]string{"Nodes.Properties.AmiType": valueUnknown}},
	{name: "UnknownType", changes: map[string]string{"Nodes.Properties.InstanceTypes": `[` + valueUnknown + `]`}},
	{name: "ConditionalTypes", changes: map[string]string{"Nodes.Properties.InstanceTypes": valueEither(`["m7i.large"]`, `["m7g.large"]`)}},
	{name: "LaunchTemplateWithItsAmi", changes: map[string]string{"Nodes.Properties.AmiType": "",
		"Nodes.Properties.LaunchTemplate": `{"Id": "lt-0123456789abcdef0", "Version": "1"}`}},

	// Access entries.
	{name: "SelfManagedWithoutEntry", changes: map[string]string{"SelfEntry": ""}, want: []string{"AWSC-EKS-004 Self"}},
	{name: "SelfManagedByTagAlone", changes: map[string]string{"SelfEntry": "", pathSelfLaunch + ".UserData": `"abc"`},
		want: []string{"AWSC-EKS-004 Self"}},
	{name: "SelfManagedByJoinedTag", changes: map[string]string{"SelfEntry": "", pathSelfLaunch + ".UserData": "",
		pathSelfTagKey: `{"Fn::Join": ["", ["kubernetes.io/cluster/", {"Ref": "Cluster"}]]}`}, want: []string{"AWSC-EKS-004 Self"}},
	{name: "SelfManagedByNameInTag", changes: map[string]string{"SelfEntry": "", pathSelfLaunch + ".UserData": "",
		pathSelfTagKey: `"kubernetes.io/cluster/shop"`, pathCluster + ".Name": `"shop"`}, want: []string{"AWSC-EKS-004 Self"}},
	{name: "SelfManagedByUserDataAlone", changes: map[string]string{"SelfEntry": "", "Self.Properties.Tags": ""},
		want: []string{"AWSC-EKS-004 Self"}},
	{name: "SelfManagedWithEntryForPeople", changes: map[string]string{"SelfEntry.Properties.Type": `"STANDARD"`},
		want: []string{"AWSC-EKS-004 Self"}},
	{name: "EntryForPeopleOfManagedNodes",
		changes: map[string]string{"Admin.Properties.PrincipalArn": `{"Fn::GetAtt": ["NodeRole", "Arn"]}`}, want: []string{"AWSC-EKS-004 Admin"}},
	{name: "EntryForNodesOfManagedNodes",
		changes: map[string]string{"Admin.Properties.PrincipalArn": `{"Fn::GetAtt": ["NodeRole", "Arn"]}`,
			"Admin.Properties.Type": `"EC2_LINUX"`}},
	{name: "SelfManagedWithEntryOfAnother",
		changes: map[string]string{"SelfEntry.Properties.PrincipalArn": `{"Fn::GetAtt": ["NodeRole", "Arn"]}`,
			"SelfEntry.Properties.ClusterName": `{"Ref": "Cluster"}`}, want: []string{"AWSC-EKS-004 Self"}},
	{
		name:    "SelfManagedWithPrintedRole",
		changes: map[string]string{"SelfEntry": ""},
		want:    []string{"AWSC-EKS-004 Self"},
		outside: output(`{"Fn::GetAtt": ["SelfRole", "Arn"]}`),
	},
	{
		name:    "SelfManagedWithExportedRole",
		changes: map[string]string{"SelfEntry": ""},
		outside: export("role", `{"Fn::GetAtt": ["SelfRole", "Arn"]}`),
	},
	{
		name:    "SelfManagedWithMacro",
		changes: map[string]string{"SelfEntry": ""},
		outside: macro("Enter"),
	},
	{name: "SelfManagedWithEntryOfUnknownType", changes: map[string]string{"SelfEntry.Properties.Type": valueUnknown}},
	{name: "SelfManagedWithEntryForWindows", changes: map[string]string{"SelfEntry.Properties.Type": `"EC2_WINDOWS"`}},
	{name: "SelfManagedWithUnknownEntry", changes: map[string]string{"SelfEntry.Properties.PrincipalArn": valueUnknown}},
	{name: "SelfManagedWithRoleByName", changes: map[string]string{"SelfEntry": "", "SelfRole.Properties.RoleName": `"nodes"`}},
	{name: "SelfManagedWithAuthConfigMap",
		changes: map[string]string{"SelfEntry": "", pathCluster + ".AccessConfig.AuthenticationMode": `"API_AND_CONFIG_MAP"`}},
	{name: "SelfManagedWithDefaultMode", changes: map[string]string{"SelfEntry": "", pathCluster + ".AccessConfig": ""}},
	{name: "SelfManagedWithUnknownMode",
		changes: map[string]string{"SelfEntry": "", pathCluster + ".AccessConfig.AuthenticationMode": valueUnknown}},
	{name: "SelfManagedWithTheRoleOfManaged",
		changes: map[string]string{"SelfEntry": "", "SelfProfile.Properties.Roles": `[{"Ref": "NodeRole"}]`}},
	{name: "SelfManagedWithImportedRole", changes: map[string]string{"SelfEntry": "", "SelfProfile.Properties.Roles": `["nodes"]`}},
	{name: "SelfManagedByACustomResource",
		changes: map[string]string{"SelfEntry": `{"Type": "Custom::Entry", "Properties": {"ServiceToken": "arn", "Role": {"Ref": "SelfRole"}}}`}},
	{name: "Bastion", changes: map[string]string{
		"SelfEntry": "", "Self.Properties.Tags": "", "ControlIn": "", "NodeIn": "",
		pathSelfLaunch + ".UserData": `{"Fn::Base64": {"Fn::Sub": "aws eks update-kubeconfig --name ${Cluster}"}}`,
	}},

	// Fargate.
	{name: "PodsInPublicSubnet", changes: map[string]string{"Pods.Properties.Subnets": `[{"Ref": "PrivateA"}, {"Ref": "Public"}]`},
		want: []string{"AWSC-EKS-005 Pods"}},
	{name: "PodsInPublicSubnetByTheCdk",
		changes: map[string]string{"Pods": `{"Type": "Custom::AWSCDK-EKS-FargateProfile", "Properties": {"ServiceToken": "arn", "Config": ` +
			`{"subnets": [{"Ref": "Public"}]}}}`}, want: []string{"AWSC-EKS-005 Pods"}},
	{name: "PodsInSubnetWithIpv6", changes: map[string]string{"Pods.Properties.Subnets": `[{"Ref": "Public"}]`,
		"Public.Properties.Ipv6CidrBlock": `"2001:db8::/64"`}, want: []string{"AWSC-EKS-005 Pods"}},
	{name: "PodsInTheClustersSubnets", changes: map[string]string{"Pods.Properties.Subnets": ""}},
	{name: "PodsInImportedSubnet", changes: map[string]string{"Pods.Properties.Subnets": `["subnet-0123456789abcdef0"]`}},
	{name: "PodsInPerhapsPublicSubnet", changes: map[string]string{"Pods.Properties.Subnets": `[` + valueEither(`{"Ref": "Public"}`,
		`{"Ref": "PrivateA"}`) + `]`}},
	{name: "PodsInSubnetWithPerhapsARoute",
		changes: map[string]string{"Pods.Properties.Subnets": `[{"Ref": "Public"}]`, "PublicRoute.Condition": `"Condition"`}},
	{name: "SixSelectors", changes: map[string]string{pathSelectors: selectors(`{"Namespace": "f"}`)}, want: []string{"AWSC-EKS-006 Pods"}},
	{name: "SixSelectorsByTheCdk",
		changes: map[string]string{"Pods": `{"Type": "Custom::AWSCDK-EKS-FargateProfile", "Properties": {"ServiceToken": "arn", "Config": ` +
			`{"selectors": ` + selectors(`{"namespace": "f"}`) + `}}}`}, want: []string{"AWSC-EKS-006 Pods"}},
	{name: "PerhapsSixSelectors", changes: map[string]string{pathSelectors: selectors(valueEither(`{"Namespace": "f"}`,
		`{"Ref": "AWS::NoValue"}`))}},
	{name: "UnknownSelectors", changes: map[string]string{pathSelectors: valueEither(selectors(`{"Namespace": "f"}`),
		`[{"Namespace": "f"}]`)}},

	// Add-ons' roles.
	{name: "CsiWithoutRole", changes: map[string]string{pathEbsRoles: ""}, want: []string{"AWSC-EKS-007 Ebs"}},
	{name: "CsiWithNoAssociations", changes: map[string]string{pathEbsRoles: `[]`,
		"Ebs.Properties.ConfigurationValues": `"{\"controller\": {}}"`}, want: []string{"AWSC-EKS-007 Ebs"}},
	{name: "EfsWithoutRole", changes: map[string]string{"Efs.Properties.ServiceAccountRoleArn": ""}, want: []string{"AWSC-EKS-007 Efs"}},
	{name: "LustreWithoutRole",
		changes: map[string]string{"Efs.Properties": `{"ClusterName": {"Ref": "Cluster"}, "AddonName": "aws-fsx-csi-driver"}`},
		want:    []string{"AWSC-EKS-007 Efs"}},
	{name: "InsightsWithoutRole", changes: map[string]string{"InsightsRole": ""}, want: []string{"AWSC-EKS-007 Insights"}},
	{name: "InsightsWithARoleForOthers", changes: map[string]string{"InsightsRole.Properties.ServiceAccount": `"web"`},
		want: []string{"AWSC-EKS-007 Insights"}},
	{name: "InsightsByTheNodes", changes: map[string]string{"InsightsRole": "",
		pathNodePolicies + ".3": `"arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"`}},
	{name: "InsightsPerhapsAssociated", changes: map[string]string{"InsightsRole.Properties.ServiceAccount": valueUnknown}},
	{name: "CsiByTheNodes", changes: map[string]string{pathEbsRoles: "",
		pathNodePolicies + ".3": `"arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"`}},
	{name: "CsiWithUnknownRole", changes: map[string]string{pathEbsRoles: "", "Ebs.Properties.ServiceAccountRoleArn": valueUnknown}},
	{name: "CsiWithPerhapsARole", changes: map[string]string{pathEbsRoles: valueEither(`[]`, `[{"ServiceAccount": "x", "RoleArn": "y"}]`)}},
	{name: "CsiWithAnnotation", changes: map[string]string{pathEbsRoles: "",
		"Ebs.Properties.ConfigurationValues": `{"Fn::Sub": "{\"controller\": {\"serviceAccount\": {\"annotations\": ` +
			`{\"eks.amazonaws.com/role-arn\": \"${SelfRole.Arn}\"}}}}"}`}},
	{name: "CsiWithUnknownConfiguration", changes: map[string]string{pathEbsRoles: "", "Ebs.Properties.ConfigurationValues": valueUnknown}},
	{name: "CsiWithAppliedAccount", changes: map[string]string{pathEbsRoles: "", "Namespace.Properties.Manifest": applyCsi}},
	{name: "CsiOfUnknownName", changes: map[string]string{pathEbsRoles: "", "Ebs.Properties.AddonName": valueUnknown}},
	{name: "CsiOfAnImportedCluster", changes: map[string]string{pathEbsRoles: "", "Ebs.Properties.ClusterName": `"other"`}},
	{name: "CsiWithNodesElsewhere", changes: map[string]string{pathEbsRoles: "", "Nodes": "", "Self": "", "SelfEntry": ""}},

	// The Pod Identity agent.
	{name: "PodIdentityWithoutAgent", changes: map[string]string{"Agent": ""},
		want: []string{"AWSC-EKS-008 Ebs", "AWSC-EKS-008 InsightsRole"}},
	{name: "PodIdentityOfAddonWithoutAgent",
		changes: map[string]string{"Agent.Properties.AddonName": `"coredns"`, "InsightsRole": "", "Insights": ""},
		want:    []string{"AWSC-EKS-008 Ebs"}},
	{
		name:    "PodIdentityWithoutAgentAndPrinted",
		changes: map[string]string{"Agent": "", "Ebs": ""},
		want:    []string{"AWSC-EKS-008 InsightsRole"},
		outside: output(`{"Ref": "Cluster"}`),
	},
	{
		name:    "PodIdentityWithAgentElsewhere",
		changes: map[string]string{"Agent": ""},
		outside: export("cluster", `{"Ref": "Cluster"}`),
	},
	{name: "PodIdentityWithAgentByHelm",
		changes: map[string]string{"Agent": `{"Type": "Custom::AWSCDK-EKS-HelmChart", "Properties": {"ServiceToken": "arn", "ClusterName": ` +
			`{"Ref": "Cluster"}, "Chart": "eks-pod-identity-agent"}}`}},
	{name: "PodIdentityWithUnknownAddon", changes: map[string]string{"Agent.Properties.AddonName": valueUnknown}},
	{name: "PodIdentityInANestedStack",
		changes: map[string]string{"Agent": `{"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://example.com", ` +
			`"Parameters": {"Cluster": {"Ref": "Cluster"}}}}`}},
	{name: "PodIdentityInAutoMode", changes: map[string]string{
		"Agent": "", pathCluster + ".ComputeConfig": autoMode, "Nodes": "", "Ebs": "", "Self": "", "SelfEntry": "",
		pathEksTrust + ".Action": bothTrusted,
	}},
	{name: "PodIdentityInPerhapsAutoMode",
		changes: map[string]string{"Agent": "", pathCluster + ".ComputeConfig": `{"Enabled": ` + valueUnknown + `}`}},
	{name: "PodIdentityOfAnImportedCluster",
		changes: map[string]string{"Agent": "", pathEbsRoles: `[]`, "Ebs.Properties.ServiceAccountRoleArn": `"arn:x"`,
			"InsightsRole.Properties.ClusterName": valueUnknown}},

	// Names of add-ons.
	{name: "AddonMisspelled", changes: map[string]string{"Trident.Properties.AddonName": `"ebs-csi-driver"`},
		want: []string{"AWSC-EKS-009 Trident"}},
	{name: "AddonInCapitals", changes: map[string]string{"Trident.Properties.AddonName": `"CoreDNS"`}, want: []string{"AWSC-EKS-009 Trident"}},
	{name: "AddonNowhere", changes: map[string]string{"Trident.Properties.AddonName": `"aws-load-balancer-controller"`},
		want: []string{"AWSC-EKS-009 Trident"}},
	{name: "AddonOfTheCommunity", changes: map[string]string{"Trident.Properties.AddonName": `"metrics-server"`}},
	{name: "AddonUnknown", changes: map[string]string{"Trident.Properties.AddonName": valueUnknown}},
	{name: "AddonGuessed", changes: map[string]string{"Trident.Properties.AddonName": valueGuessed}},

	// kubectl.
	{name: "KubectlTooOld", changes: map[string]string{pathCluster + ".Version": `"1.36"`}, want: []string{"AWSC-EKS-010 Cluster"}},
	{name: "KubectlTooNew", changes: map[string]string{"Layer.Properties.Description": `"/opt/kubectl/kubectl 1.37.1; /opt/helm/helm 3"`},
		want: []string{"AWSC-EKS-010 Cluster"}},
	{
		name: "KubectlInANestedStack",
		changes: map[string]string{pathCluster + ".Version": `"1.32"`,
			"Namespace.Properties.ServiceToken": `{"Fn::GetAtt": ["Provider", "Outputs.Arn"]}`,
			"Provider": `{"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://example.com", "Parameters": {"Layer": ` +
				`{"Ref": "Layer"}}}}`},
		want: []string{"AWSC-EKS-010 Cluster"},
	},
	{name: "KubectlAtTheEdge", changes: map[string]string{pathCluster + ".Version": `"1.33"`}},
	{name: "KubectlUnused", changes: map[string]string{pathCluster + ".Version": `"1.31"`, "Namespace": ""}},
	{name: "KubectlOfUnknownVersion", changes: map[string]string{"Layer.Properties.Description": `"kubectl"`}},
	{name: "KubectlForUnknownVersion", changes: map[string]string{pathCluster + ".Version": valueUnknown}},
	{name: "KubectlForGuessedVersion", changes: map[string]string{pathCluster + ".Version": valueGuessed}},
	{name: "KubectlForNewest", changes: map[string]string{pathCluster + ".Version": ""}},
	{name: "KubectlImported", changes: map[string]string{pathCluster + ".Version": `"1.31"`,
		"Namespace.Properties.ServiceToken": `"arn:aws:lambda:eu-west-1:111122223333:function:kubectl"`}},

	// Zones.
	{name: "ClusterInOneZone", changes: map[string]string{pathEksSubnets: `[{"Ref": "PrivateA"}, {"Ref": "Public"}]`},
		want: []string{"AWSC-EKS-011 Cluster"}},
	{name: "ClusterInOneNamedZone", changes: map[string]string{"PrivateA.Properties.AvailabilityZone": `"eu-west-1a"`,
		"PrivateB.Properties.AvailabilityZone": `"eu-west-1a"`}, want: []string{"AWSC-EKS-011 Cluster"}},
	{name: "ClusterInOneImportedSubnet", changes: map[string]string{pathEksSubnets: `["subnet-0123456789abcdef0"]`},
		want: []string{"AWSC-EKS-011 Cluster"}},
	{name: "ClusterInOneZoneByTheCdk",
		changes: map[string]string{"Other": `{"Type": "Custom::AWSCDK-EKS-Cluster", "Properties": {"ServiceToken": "arn", "Config": ` +
			`{"resourcesVpcConfig": {"subnetIds": [{"Ref": "PrivateA"}]}}}}`}, want: []string{"AWSC-EKS-011 Other"}},
	{name: "ClusterInImportedSubnets", changes: map[string]string{pathEksSubnets: `["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]`}},
	{name: "ClusterInUnknownZone", changes: map[string]string{"PrivateB.Properties.AvailabilityZone": valueUnknown}},
	{name: "ClusterInPerhapsAnother",
		changes: map[string]string{pathEksSubnets: `[{"Ref": "PrivateA"}, ` + valueEither(`{"Ref": "PrivateB"}`,
			`{"Ref": "AWS::NoValue"}`) + `]`}},
	{name: "ClusterOnAnOutpost", changes: map[string]string{pathEksSubnets: `[{"Ref": "PrivateA"}]`,
		pathCluster + ".OutpostConfig": `{"ControlPlaneInstanceType": "m5.large", "OutpostArns": ["arn:x"]}`}},

	// Security groups.
	{name: "NodesNotAdmitted", changes: map[string]string{"ControlIn": ""}, want: []string{"AWSC-EKS-012 Self"}},
	{name: "NodesNotAdmittedOnThePort", changes: map[string]string{"ControlIn.Properties.FromPort": `1025`,
		"ControlIn.Properties.ToPort": `65535`}, want: []string{"AWSC-EKS-012 Self"}},
	{name: "OthersAdmitted", changes: map[string]string{"ControlIn.Properties.SourceSecurityGroupId": `{"Ref": "OtherGroup"}`},
		want: []string{"AWSC-EKS-012 Self"}},
	{name: "ControlAdmitsItself",
		changes: map[string]string{"ControlIn.Properties.SourceSecurityGroupId": `{"Fn::GetAtt": ["Cluster", "ClusterSecurityGroupId"]}`},
		want:    []string{"AWSC-EKS-012 Self"}},
	{name: "ControlNotAdmitted", changes: map[string]string{"NodeIn": ""}, want: []string{"AWSC-EKS-012 Self"}},
	{name: "ControlNotAdmittedToKubelet",
		changes: map[string]string{"NodeIn.Properties.FromPort": `443`, "NodeIn.Properties.ToPort": `443`}, want: []string{"AWSC-EKS-012 Self"}},
	{name: "NodesShutIn", changes: map[string]string{"NodeOut.Properties.FromPort": `53`, "NodeOut.Properties.ToPort": `53`},
		want: []string{"AWSC-EKS-012 Self"}},
	{name: "NodesWithTheClustersGroup", changes: map[string]string{"ControlIn": "", "NodeIn": "", "NodeOut": "",
		pathSelfGroups: `[{"Ref": "NodeGroup"}, {"Fn::GetAtt": ["Cluster", "ClusterSecurityGroupId"]}]`}},
	{name: "NodesAdmittedByTheOtherGroup",
		changes: map[string]string{"ControlIn.Properties.GroupId": `{"Ref": "ControlGroup"}`,
			"NodeIn.Properties.SourceSecurityGroupId": `{"Ref": "ControlGroup"}`}},
	{name: "NodesAdmittedByRange", changes: map[string]string{"ControlIn.Properties.SourceSecurityGroupId": "",
		"ControlIn.Properties.CidrIp": `"10.0.0.0/16"`, "NodeIn.Properties.SourceSecurityGroupId": "",
		"NodeIn.Properties.CidrIp": `"10.0.0.0/16"`}},
	{name: "NodesByTheInternet", changes: map[string]string{"ControlIn": "", pathEksNetwork + ".EndpointPrivateAccess": ""}},
	{name: "NodesAdmittedOnUnknownPort",
		changes: map[string]string{"ControlIn.Properties.FromPort": valueUnknown, "NodeIn.Properties.ToPort": valueGuessed}},
	{name: "NodesWithImportedGroup", changes: map[string]string{"ControlIn": "", "NodeIn": "", "NodeOut": "",
		pathSelfGroups: `["sg-0123456789abcdef0"]`}},
	{name: "NodesWithUnknownControlGroup",
		changes: map[string]string{"ControlIn": "", pathEksNetwork + ".SecurityGroupIds": `["sg-0123456789abcdef0"]`}},
	{name: "NodesWithGroupOfACustomResource",
		changes: map[string]string{"NodeIn": `{"Type": "Custom::Open", "Properties": {"ServiceToken": "arn", "Group": {"Ref": "NodeGroup"}}}`}},
	{name: "NodesWithControlGroupOfACustomResource",
		changes: map[string]string{"ControlIn": `{"Type": "Custom::Open", "Properties": {"ServiceToken": "arn", "Group": {"Fn::GetAtt": ` +
			`["Cluster", "ClusterSecurityGroupId"]}}}`}},
	{
		name:    "NodesWithMacro",
		changes: map[string]string{"ControlIn": "", "Agent": "", "InsightsRole": ""},
		outside: macro("Open"),
	},
	{
		name:    "NodesWithExportedGroup",
		changes: map[string]string{"NodeIn": ""},
		outside: output(`{"Ref": "NodeGroup"}`),
	},
}

// selectors are five and another.
func selectors(another string) string {
	return `[{"Namespace": "a"}, {"Namespace": "b"}, {"Namespace": "c"}, {"Namespace": "d"}, {"Namespace": "e"}, ` + another + `]`
}

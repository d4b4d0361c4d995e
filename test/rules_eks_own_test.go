//go:build recipes

package test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseks"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/network"
	"awscontainers/test/internal/shared"
)

// eksOwnCases are clusters as both of the CDK's modules for EKS and this library write them.
var eksOwnCases = []ruleCase{
	{name: "EksByTheCdkAlone", adjust: func(stack awscdk.Stack) { newCdkEks(stack) }},
	{
		name:   "EksByTheCdkAloneBroken",
		adjust: func(stack awscdk.Stack) { newCdkEks(stack).broken() },
		want: []string{
			"AWSC-EKS-001 Cluster/Role/Resource", "AWSC-EKS-002 Cluster/Nodegroup/NodeGroupRole/Resource", "AWSC-EKS-003 Cluster/Nodegroup/Resource",
			// What the CDK itself makes of self-managed nodes: no entry.
			"AWSC-EKS-004 Cluster/SelfManaged/ASG", "AWSC-EKS-005 Cluster/fargate-profile-Pods/Resource",
			"AWSC-EKS-006 Cluster/fargate-profile-Pods/Resource",
			"AWSC-EKS-007 Csi/Resource", "AWSC-EKS-008 Cluster/Account/Association", "AWSC-EKS-009 Misspelled/Resource",
			"AWSC-EKS-010 Cluster/Resource",
			"AWSC-EKS-011 Cluster/Resource", "AWSC-EKS-012 Cluster/SelfManaged/ASG",
		},
	},
	{name: "EksInAutoModeAndOnFargate", adjust: func(stack awscdk.Stack) {
		vpc := importedVpc(stack)
		awseksv2.NewCluster(stack, jsii.String("Auto"), &awseksv2.ClusterProps{Vpc: vpc, Version: awseksv2.KubernetesVersion_V1_34()}).
			GrantAccess(jsii.String("People"), jsii.String("arn:aws:iam::111122223333:role/Admin"), &[]awseksv2.IAccessPolicy{
				awseksv2.AccessPolicy_FromAccessPolicyName(jsii.String("AmazonEKSClusterAdminPolicy"),
					&awseksv2.AccessPolicyNameOptions{AccessScopeType: awseksv2.AccessScopeType_CLUSTER}),
			}, nil)
		awseksv2.NewFargateCluster(stack, jsii.String("Fargate"),
			&awseksv2.FargateClusterProps{Vpc: vpc, Version: awseksv2.KubernetesVersion_V1_34(),
				KubectlProviderOptions: &awseksv2.KubectlProviderOptions{KubectlLayer: kubectlLayer(stack)}})
	}},
	{name: "EksByTheCdksFirstModule", adjust: func(stack awscdk.Stack) { newFirstEks(stack, awseks.KubernetesVersion_V1_34()) }},
	{
		name: "EksByTheCdksFirstModuleBroken",
		adjust: func(stack awscdk.Stack) {
			cluster := newFirstEks(stack, awseks.KubernetesVersion_V1_31())
			trustEc2(cluster.Role())
			defaultChild[awseks.CfnNodegroup](cluster.DefaultNodegroup()).SetAmiType(jsii.String("AL2023_ARM_64_STANDARD"))
		},
		want: []string{"AWSC-EKS-001 Cluster/Role/Resource", "AWSC-EKS-003 Cluster/NodegroupDefaultCapacity/Resource",
			"AWSC-EKS-010 Cluster/Resource/Resource/Default"},
	},
	{name: "EksNodesInIsolatedSubnetsWithEndpoints", adjust: isolatedNodes(network.EksNodeEndpoints()...)},
	{
		name:   "EksNodesInIsolatedSubnetsWithout",
		adjust: isolatedNodes(network.EksFargateEndpoints()...),
		want:   []string{"AWSC-NETWORK-003 Nodes/Nodegroup"},
	},
	{name: "EksByOurs", adjust: func(stack awscdk.Stack) {
		cluster, _ := newOurEks(stack)
		shared.NewOurStorage(stack, cluster)
	}},
	{
		// The class's text is a Join, of parts.
		name: "StorageByOursBroken",
		adjust: func(stack awscdk.Stack) {
			cluster, _ := newOurEks(stack)
			disks := shared.NewOurStorage(stack, cluster)
			disks.Node().TryRemoveChild(jsii.String("AddOn"))
			shut := cluster.Cluster.Node().FindChild(jsii.String("ClusterSecurityGroup"))
			for _, rule := range *shut.Node().Children() {
				shut.Node().TryRemoveChild(rule.Node().Id())
			}
		},
		want: []string{"AWSC-EKSSTORAGE-003 Disks/Class-gp3/Resource/Default", "AWSC-EKSSTORAGE-006 Storage/Class-efs/Resource/Default",
			"AWSC-EKSSTORAGE-006 Storage/Volume-default:files/Volume/Resource/Default"},
	},
	{
		name: "EksByOursBroken",
		adjust: func(stack awscdk.Stack) {
			cluster, nodes := newOurEks(stack)
			nodes.Nodegroup.SetAmiType(jsii.String("AL2023_x86_64_STANDARD"))
			defaultChild[awsiam.CfnRole](nodes.Role).AddPropertyDeletionOverride(jsii.String("ManagedPolicyArns.0"))
			cluster.Node().TryRemoveChild(jsii.String("PodIdentityAgent"))
		},
		want: []string{"AWSC-EKS-002 Nodes/Role/Resource", "AWSC-EKS-003 Nodes/Nodegroup", "AWSC-EKS-008 Cluster/AlbControllerRole/Association",
			"AWSC-EKS-008 Cluster/PodRole-shop:api/Association"},
	},
}

func newOurEks(stack awscdk.Stack) (*eks.Cluster, *eks.ManagedNodes) {
	cluster := eks.NewCluster(stack, "Cluster",
		&eks.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc, AlbController: true})
	nodes := eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
	cluster.PodRole("shop", "api")
	return cluster, nodes
}

// cdkEks is a cluster of the CDK's second module, with managed nodes, Fargate, add-ons and what is applied.
type cdkEks struct {
	stack   awscdk.Stack
	cluster awseksv2.Cluster
	nodes   awseksv2.Nodegroup
	pods    awseksv2.FargateProfile
	csi     awseksv2.Addon
}

func newCdkEks(stack awscdk.Stack) cdkEks {
	c := cdkEks{stack: stack}
	c.cluster = awseksv2.NewCluster(stack, jsii.String("Cluster"), &awseksv2.ClusterProps{
		Version: awseksv2.KubernetesVersion_V1_34(), DefaultCapacityType: awseksv2.DefaultCapacityType_NODEGROUP, DefaultCapacity: jsii.Number(0),
		KubectlProviderOptions: &awseksv2.KubectlProviderOptions{KubectlLayer: kubectlLayer(stack)},
	})
	c.nodes = c.cluster.AddNodegroupCapacity(jsii.String(""),
		&awseksv2.NodegroupOptions{InstanceTypes: &[]awsec2.InstanceType{awsec2.NewInstanceType(jsii.String("m7g.large"))}})
	c.pods = c.cluster.AddFargateProfile(jsii.String("Pods"),
		&awseksv2.FargateProfileOptions{Selectors: &[]*awseksv2.Selector{{Namespace: jsii.String("shop")}}})
	c.csi = awseksv2.NewAddon(stack, jsii.String("Csi"),
		&awseksv2.AddonProps{Cluster: c.cluster, AddonName: jsii.String("aws-ebs-csi-driver")})
	defaultChild[awseksv2.CfnAddon](c.csi).SetServiceAccountRoleArn(jsii.String("arn:aws:iam::111122223333:role/csi"))
	awseksv2.NewAddon(stack, jsii.String("Cni"), &awseksv2.AddonProps{Cluster: c.cluster, AddonName: jsii.String("vpc-cni")})
	c.cluster.AddServiceAccount(jsii.String("Account"),
		&awseksv2.ServiceAccountOptions{Name: jsii.String("web"), IdentityType: awseksv2.IdentityType_POD_IDENTITY})
	return c
}

// trustEc2 lets EC2 take a role, in place of EKS.
func trustEc2(role awsiam.IRole) {
	defaultChild[awsiam.CfnRole](role).AddPropertyOverride(
		jsii.String("AssumeRolePolicyDocument.Statement.0.Principal.Service"), "ec2.amazonaws.com")
}

// broken is what somebody's escape hatches make of it.
func (c cdkEks) broken() {
	c.cluster.AddAutoScalingGroupCapacity(jsii.String("SelfManaged"),
		&awseksv2.AutoScalingGroupCapacityOptions{InstanceType: awsec2.NewInstanceType(jsii.String("m7i.large"))})
	nodes := c.cluster.Node().FindChild(jsii.String("SelfManaged")).Node()
	launch := nodes.FindChild(jsii.String("LaunchTemplate"))
	// Without the cluster's own group, and what the CDK lets in from there.
	defaultChild[awsec2.CfnLaunchTemplate](launch).AddPropertyDeletionOverride(jsii.String("LaunchTemplateData.SecurityGroupIds.1"))
	group := nodes.FindChild(jsii.String("InstanceSecurityGroup")).Node()
	for _, rule := range *group.Children() {
		if _, is := rule.(awsec2.CfnSecurityGroupIngress); is {
			group.TryRemoveChild(rule.Node().Id())
		}
	}
	trustEc2(c.cluster.Role())
	defaultChild[awsiam.CfnRole](c.nodes.Role()).AddPropertyDeletionOverride(jsii.String("ManagedPolicyArns.1"))
	defaultChild[awseksv2.CfnNodegroup](c.nodes).SetAmiType(jsii.String("AL2023_x86_64_STANDARD"))
	profile := defaultChild[awseksv2.CfnFargateProfile](c.pods)
	profile.SetSubnets(&[]*string{(*c.cluster.Vpc().PublicSubnets())[0].SubnetId()})
	for i := range 5 {
		profile.AddPropertyOverride(jsii.String("Selectors."+string(rune('1'+i))), map[string]any{"Namespace": "more"})
	}
	defaultChild[awseksv2.CfnAddon](c.csi).AddPropertyDeletionOverride(jsii.String("ServiceAccountRoleArn"))
	c.cluster.Node().TryRemoveChild(jsii.String("EksPodIdentityAgentAddon"))
	awseksv2.NewAddon(c.stack, jsii.String("Misspelled"),
		&awseksv2.AddonProps{Cluster: c.cluster, AddonName: jsii.String("cloudwatch-observability")})
	cluster := defaultChild[awseksv2.CfnCluster](c.cluster)
	cluster.SetVersion(jsii.String("1.32"))
	cluster.AddPropertyOverride(jsii.String("ResourcesVpcConfig.SubnetIds"),
		&[]*string{(*c.cluster.Vpc().PrivateSubnets())[0].SubnetId(), (*c.cluster.Vpc().PublicSubnets())[0].SubnetId()})
}

// newFirstEks is a cluster of the CDK's first module, which makes it by a custom resource.
func newFirstEks(stack awscdk.Stack, version awseks.KubernetesVersion) awseks.Cluster {
	cluster := awseks.NewCluster(stack, jsii.String("Cluster"), &awseks.ClusterProps{Version: version, KubectlLayer: kubectlLayer(stack)})
	cluster.AddFargateProfile(jsii.String("Pods"),
		&awseks.FargateProfileOptions{Selectors: &[]*awseks.Selector{{Namespace: jsii.String("shop")}}})
	cluster.AddAutoScalingGroupCapacity(jsii.String("SelfManaged"),
		&awseks.AutoScalingGroupCapacityOptions{InstanceType: awsec2.NewInstanceType(jsii.String("m7i.large"))})
	return cluster
}

// kubectlLayer is one such as @aws-cdk/lambda-layer-kubectl-v34 makes.
func kubectlLayer(stack awscdk.Stack) awslambda.LayerVersion {
	return awslambda.NewLayerVersion(stack, jsii.String("KubectlLayer"), &awslambda.LayerVersionProps{
		Description: jsii.String("/opt/kubectl/kubectl 1.34.0; /opt/helm/helm 3.19.0"),
		Code: awslambda.Code_FromBucket(awss3.Bucket_FromBucketName(stack, jsii.String("Layers"), jsii.String("layers")),
			jsii.String("kubectl.zip"), nil),
	})
}

func defaultChild[T any](of constructs.IConstruct) T { return of.Node().DefaultChild().(T) }

// isolatedNodes are nodes in isolated subnets with interface endpoints.
func isolatedNodes(endpoints ...string) func(stack awscdk.Stack) {
	return func(stack awscdk.Stack) {
		vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2, IsolatedSubnets: true, InterfaceEndpoints: endpoints}).Vpc
		eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{
			Cluster: eks.NewCluster(stack, "Eks", &eks.ClusterProps{Vpc: vpc}), InstanceTypes: []string{"m7g.large"}, Subnets: network.Isolated,
		})
	}
}

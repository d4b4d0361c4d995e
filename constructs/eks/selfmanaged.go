package eks

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/platform"
	"awscontainers/internal/annotate"
	"awscontainers/internal/instancetype"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
	"awscontainers/internal/tagging"
)

// SelfManagedNodesProps configure nodes that only their Auto Scaling group manages: for an AMI of your own, or for On-Demand and
// Spot in one group. EKS neither drains, updates nor repairs them: prefer ManagedNodes unless you need these.
// https://docs.aws.amazon.com/eks/latest/userguide/worker.html
type SelfManagedNodesProps struct {
	// Cluster is the cluster that the nodes join. Required.
	Cluster *Cluster
	// InstanceTypes are what nodes may be, up to 40, of one processor architecture and with GPUs all or none: "m7g.large". On-Demand
	// takes the first that there is, so give the best first. Required.
	// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html
	InstanceTypes []string
	// OperatingSystem is platform.AmazonLinux2023 or platform.Bottlerocket, also that of ImageId, because the two learn in different
	// ways how to join. Default: platform.AmazonLinux2023.
	OperatingSystem platform.OperatingSystem
	// Version is the version of Kubernetes of AWS's AMI: the cluster's, or up to three minor versions older, at which nodes stay behind
	// while you upgrade the control plane. Default: the cluster's.
	// https://kubernetes.io/releases/version-skew-policy/#kubelet
	Version string
	// ImageId is an AMI of your own, "ami-0123456789abcdef0", made from AWS's for EKS with that operating system. Default: AWS's newest
	// for Version whenever the stack is deployed; a new one replaces the nodes.
	// https://docs.aws.amazon.com/eks/latest/userguide/eks-ami-build-scripts.html
	ImageId string
	// CpuArchitecture is that of ImageId: platform.X86_64 or platform.Arm64. Required with ImageId. Default: that of InstanceTypes.
	CpuArchitecture platform.CpuArchitecture

	// OnDemandBaseCapacity is how many nodes are On-Demand before any is Spot. Default: 0.
	// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html
	OnDemandBaseCapacity int
	// OnDemandPercentageAboveBaseCapacity is how much of the others is On-Demand, 0 to 100 %. The rest is Spot: spare instances for less,
	// which AWS takes back with two minutes' notice. Default: 100, no Spot.
	OnDemandPercentageAboveBaseCapacity *int
	// MinSize is the minimum number of nodes, 0 or more. Default: 1.
	MinSize *int
	// MaxSize is the maximum number of nodes. Default: 3, or MinSize + 1 if that is greater.
	MaxSize int
	// DesiredSize is the number to begin with. Each deployment sets it anew, so leave it out where something scales the nodes. Default:
	// MinSize, when the group is made.
	DesiredSize *int
	// MinInstancesInService is the number of nodes that stay in service while an update replaces them, less than MaxSize. If it is the number
	// of nodes, a new one starts before an old one ends. Default: DesiredSize or MinSize, at most MaxSize - 1.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
	MinInstancesInService *int
	// MaxBatchSize is how many nodes an update replaces at a time; after each time it waits for five minutes. Default: 1.
	MaxBatchSize int

	// DiskSizeGiB is each node's disk, 20 to 16384. Default: 30.
	DiskSizeGiB int
	// Subnets are network.Private, network.Public, where nodes get public addresses, or network.Isolated. Default: network.Private.
	Subnets network.SubnetType
	// SecurityGroups are further ones of the nodes, up to 4, none with the tag kubernetes.io/cluster/<name>. Default: the cluster's alone,
	// in which nodes and control plane reach each other.
	// https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
	SecurityGroups []awsec2.ISecurityGroup
	// Labels are what pods choose nodes by, with no prefix of Kubernetes' own. Default: none.
	Labels map[string]string
	// Taints keep pods off that do not tolerate them, up to 50. Default: none.
	Taints []Taint
	// MaxPods is how many pods a node takes, 1 to 250. With AddOns.PrefixDelegation give 110, or 250 from 30 vCPUs on: these nodes do not
	// learn of it by themselves. What is reserved for the system follows it, on Amazon Linux by an AMI of November 2025 or later. Default: as
	// many as the instance type has addresses for.
	// https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses.html
	MaxPods int
	// UserData are further lines: for Amazon Linux 2023 of shell, run as root before the node joins; for Bottlerocket of TOML, except
	// [settings.kubernetes]. Whoever can read the instances' attributes can read them: never put a secret here. With what joins the node
	// up to 16 KiB. Default: none.
	UserData []string
	// Role is what nodes may do in AWS. One of your own needs AmazonEKSWorkerNodePolicy, AmazonEKS_CNI_Policy and the right to pull images.
	// Default: a new one with just these.
	Role awsiam.IRole
	// HasAccessEntry says that Role is let into the cluster already, as that of other nodes: EKS takes one access entry for a role.
	// Default: false, one is made.
	HasAccessEntry bool
}

// SelfManagedNodes are nodes in an Auto Scaling group.
type SelfManagedNodes struct {
	constructs.Construct
	// AutoScalingGroup holds the nodes.
	AutoScalingGroup awsautoscaling.CfnAutoScalingGroup
	// LaunchTemplate determines how they start.
	LaunchTemplate awsec2.CfnLaunchTemplate
	// AccessEntry lets them into the cluster. It is nil if the role HasAccessEntry.
	AccessEntry awseksv2.CfnAccessEntry
	// Role is what the nodes may do in AWS.
	Role awsiam.IRole

	connections awsec2.Connections
}

var _ awsec2.IConnectable = (*SelfManagedNodes)(nil)

// NewSelfManagedNodes creates an Auto Scaling group of nodes that join the cluster. It panics with *invalid.Error if the props are invalid.
func NewSelfManagedNodes(scope constructs.Construct, id string, props *SelfManagedNodesProps) *SelfManagedNodes {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn(scope))

	n := &SelfManagedNodes{Role: p.Role}
	source.Create(n, scope, id)
	if n.Role == nil {
		n.Role = newNodeRole(n)
	}
	cluster := p.Cluster
	groups := append([]awsec2.ISecurityGroup{cluster.Cluster.ClusterSecurityGroup()}, p.SecurityGroups...)
	n.connections = awsec2.NewConnections(&awsec2.ConnectionsProps{SecurityGroups: &groups})
	n.LaunchTemplate = n.launchTemplate(&p)
	n.AutoScalingGroup = n.autoScalingGroup(&p)
	n.createAccess(&p)
	subnets := cluster.facts.vpc.SelectSubnets(p.Subnets.Select())
	// With its policies, and a route to images and the API.
	n.AutoScalingGroup.Node().AddDependency(n.Role, subnets.InternetConnectivityEstablished)
	if p.Subnets == network.Isolated {
		n.AutoScalingGroup.Node().AddDependency(cluster.facts.vpc) // with its endpoints
	}
	cluster.deps.addNodes(n.AutoScalingGroup)
	cluster.deps.addSize(p.initialSize(), p.Taints)
	cluster.storage.addNodes(p.UserData, p.ImageId)
	instancetype.WarnOfOneSpotType(n, *p.OnDemandPercentageAboveBaseCapacity < 100, p.InstanceTypes)
	if cluster.facts.prefixDelegation && p.MaxPods == 0 {
		annotate.Warning(n, "max-pods", "AddOns.PrefixDelegation gives these nodes addresses for more pods than they accept without MaxPods; "+
			"set MaxPods to 110, or to 250 for instance types of 30 vCPUs or more")
	}
	return n
}

// createAccess lets the nodes into the cluster: without an access entry, the API server knows nobody of this role. Kubernetes groups and
// policies come with the entry's type.
// https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
func (n *SelfManagedNodes) createAccess(p *SelfManagedNodesProps) {
	if p.HasAccessEntry {
		if group := p.Cluster.nodeRoles.group(n.Role); group != nil {
			n.AutoScalingGroup.Node().AddDependency(group) // which brings the entry
		}
		return
	}
	n.AccessEntry = awseksv2.NewCfnAccessEntry(n, jsii.String("AccessEntry"), &awseksv2.CfnAccessEntryProps{
		ClusterName: p.Cluster.Cluster.ClusterName(), PrincipalArn: n.Role.RoleArn(), Type: jsii.String("EC2_LINUX"),
	})
	n.AutoScalingGroup.Node().AddDependency(n.AccessEntry)
	record(&p.Cluster.nodeRoles.entries, *n.Role.Node().Path(), constructs.IConstruct(n.AccessEntry))
}

func (p *SelfManagedNodesProps) initialSize() int {
	if p.DesiredSize != nil {
		return *p.DesiredSize
	}
	return *p.MinSize
}

// Name returns the Auto Scaling group's name.
func (n *SelfManagedNodes) Name() string { return *n.AutoScalingGroup.Ref() }

// Connections returns the security groups of the nodes: the cluster security group, which they share with the control plane and all other
// nodes, and SelfManagedNodesProps.SecurityGroups.
func (n *SelfManagedNodes) Connections() awsec2.Connections { return n.connections }

// launchTemplate puts nodes into the cluster security group, as EKS does with managed ones: the control plane's network interfaces
// are in it too, and it allows all traffic from itself and to everywhere.
// https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
func (n *SelfManagedNodes) launchTemplate(p *SelfManagedNodesProps) awsec2.CfnLaunchTemplate {
	profile := awsiam.NewCfnInstanceProfile(n, jsii.String("InstanceProfile"), &awsiam.CfnInstanceProfileProps{
		Roles: &[]any{n.Role.RoleName()},
	})
	groups := []*string{p.Cluster.Cluster.ClusterSecurityGroupId()}
	for _, group := range p.SecurityGroups {
		groups = append(groups, group.SecurityGroupId())
	}
	data := launchTemplateData(p.OperatingSystem, p.DiskSizeGiB)
	data.ImageId = p.imageId(n)
	data.InstanceType = &p.InstanceTypes[0]
	data.IamInstanceProfile = &awsec2.CfnLaunchTemplate_IamInstanceProfileProperty{Arn: profile.AttrArn()}
	data.UserData = awscdk.Fn_Base64(jsii.String(p.userData(p.Cluster.joinData())))
	data.SecurityGroupIds = &groups
	if p.Subnets == network.Public {
		data.SecurityGroupIds = nil
		data.NetworkInterfaces = []any{&awsec2.CfnLaunchTemplate_NetworkInterfaceProperty{
			DeviceIndex: jsii.Number(0), AssociatePublicIpAddress: jsii.Bool(true), Groups: &groups,
		}}
	}
	template := awsec2.NewCfnLaunchTemplate(n, jsii.String("LaunchTemplate"), &awsec2.CfnLaunchTemplateProps{LaunchTemplateData: data})
	tagging.Launched(n, template)
	return template
}

func (n *SelfManagedNodes) autoScalingGroup(p *SelfManagedNodesProps) awsautoscaling.CfnAutoScalingGroup {
	overrides := make([]any, len(p.InstanceTypes))
	for i := range p.InstanceTypes {
		overrides[i] = &awsautoscaling.CfnAutoScalingGroup_LaunchTemplateOverridesProperty{InstanceType: &p.InstanceTypes[i]}
	}
	props := &awsautoscaling.CfnAutoScalingGroupProps{
		MinSize:           jsii.String(strconv.Itoa(*p.MinSize)),
		MaxSize:           jsii.String(strconv.Itoa(p.MaxSize)),
		VpcZoneIdentifier: anyList(*p.Cluster.facts.vpc.SelectSubnets(p.Subnets.Select()).SubnetIds),
		MixedInstancesPolicy: &awsautoscaling.CfnAutoScalingGroup_MixedInstancesPolicyProperty{
			LaunchTemplate: &awsautoscaling.CfnAutoScalingGroup_LaunchTemplateProperty{
				LaunchTemplateSpecification: &awsautoscaling.CfnAutoScalingGroup_LaunchTemplateSpecificationProperty{
					LaunchTemplateId: n.LaunchTemplate.Ref(), Version: n.LaunchTemplate.AttrLatestVersionNumber(),
				},
				Overrides: overrides,
			},
			InstancesDistribution: &awsautoscaling.CfnAutoScalingGroup_InstancesDistributionProperty{
				OnDemandBaseCapacity:                jsii.Number(p.OnDemandBaseCapacity),
				OnDemandPercentageAboveBaseCapacity: jsii.Number(*p.OnDemandPercentageAboveBaseCapacity),
				OnDemandAllocationStrategy:          jsii.String("prioritized"),
				SpotAllocationStrategy:              jsii.String("price-capacity-optimized"),
			},
		},
		// By this tag Kubernetes' cloud provider knows which instances are the cluster's nodes.
		// https://docs.aws.amazon.com/eks/latest/userguide/worker.html
		Tags: &[]*awsautoscaling.CfnAutoScalingGroup_TagPropertyProperty{{
			Key: jsii.String("kubernetes.io/cluster/" + p.Cluster.facts.name), Value: jsii.String("owned"), PropagateAtLaunch: jsii.Bool(true),
		}},
	}
	if p.DesiredSize != nil {
		props.DesiredCapacity = jsii.String(strconv.Itoa(*p.DesiredSize))
	}
	group := awsautoscaling.NewCfnAutoScalingGroup(n, jsii.String("AutoScalingGroup"), props)
	group.CfnOptions().SetUpdatePolicy(rollingUpdate(*p.MinInstancesInService, p.MaxBatchSize))
	suppressNodeFindings(group)
	nag.Suppress(group, "AwsSolutions-AS3",
		"Kubernetes shows what runs on nodes and determines their number; a notification for each change would be noise")
	return group
}

// joinTime is how long an update waits for nodes to join before it goes on.
const joinTime = 5 * time.Minute

// rollingUpdate replaces nodes after a change of the launch template, by the clock, as AWS's template for self-managed nodes does.
// It does not wait for their signals: Bottlerocket can't send one, and on Amazon Linux user data ends before the kubelet starts, so
// that its signal wouldn't show that the node has joined.
// https://docs.aws.amazon.com/eks/latest/userguide/launch-workers.html
// https://github.com/awslabs/amazon-eks-ami/blob/main/templates/al2023/runtime/rootfs/etc/systemd/system/nodeadm-run.service
func rollingUpdate(minInService, batch int) *awscdk.CfnUpdatePolicy {
	return &awscdk.CfnUpdatePolicy{AutoScalingRollingUpdate: &awscdk.CfnAutoScalingRollingUpdate{
		MinInstancesInService: jsii.Number(minInService),
		MaxBatchSize:          jsii.Number(batch),
		PauseTime:             jsii.String(fmt.Sprintf("PT%dM", int(joinTime.Minutes()))),
		WaitOnResourceSignals: jsii.Bool(false),
		// These would start or end instances meanwhile.
		// https://repost.aws/knowledge-center/auto-scaling-group-rolling-updates
		SuspendProcesses: jsii.Strings("HealthCheck", "ReplaceUnhealthy", "AZRebalance", "AlarmNotification", "ScheduledActions"),
	}}
}

package eks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/platform"
	"awscontainers/internal/annotate"
	"awscontainers/internal/instancetype"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
	"awscontainers/internal/tagging"
)

// ManagedNodesProps configure a group of nodes that EKS creates, updates, repairs and drains. A cluster can have 30 such groups.
// https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
type ManagedNodesProps struct {
	// Cluster is the cluster that the nodes join. Required.
	Cluster *Cluster
	// InstanceTypes are what nodes may be, up to 20, of one processor architecture: "m7g.large". With several, EC2 takes which there is.
	// Required.
	InstanceTypes []string
	// Spot makes them of spare capacity, for less, which AWS takes back with two minutes' notice. Default: false.
	Spot bool
	// OperatingSystem is platform.AmazonLinux2023 or platform.Bottlerocket; the AMI follows the architecture and GPUs of InstanceTypes.
	// Default: platform.AmazonLinux2023.
	OperatingSystem platform.OperatingSystem
	// MinSize is the minimum number of nodes, 0 or more. Default: 1.
	MinSize *int
	// MaxSize is the maximum number of nodes. Default: 3, or MinSize if that is greater.
	MaxSize int
	// DesiredSize is the number to begin with. A deployment that changes one of the three sizes sets it anew. Default: MinSize, because EKS
	// takes all three or none.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-eks-nodegroup-scalingconfig.html
	DesiredSize *int
	// DiskSizeGiB is each node's disk, 20 to 16384. Default: 30.
	DiskSizeGiB int
	// Subnets are network.Private or network.Isolated. Default: network.Private.
	Subnets network.SubnetType
	// Labels are what pods choose nodes by, with no prefix of Kubernetes' own. Default: none.
	Labels map[string]string
	// Taints keep pods off that do not tolerate them, up to 50. Default: none.
	Taints []Taint
	// MaxUnavailable is how many nodes an update may replace at a time, 1 to 100. Default: 1.
	MaxUnavailable int
	// MaxUnavailablePercentage is the same as a share of the nodes, 1 to 100, in place of MaxUnavailable. Default: none.
	MaxUnavailablePercentage int
	// DisableNodeRepair leaves nodes as they are that do not become ready again. Default: false, EKS replaces them. What more it may see, such
	// as broken GPUs, the add-on eks-node-monitoring-agent tells it.
	// https://docs.aws.amazon.com/eks/latest/userguide/node-health.html
	DisableNodeRepair bool
	// Version is the nodes' version of Kubernetes: the cluster's, or up to three minor versions older, at which an existing group stays
	// behind while you upgrade the control plane. EKS creates groups only at the cluster's version. CloudFormation refuses a new Version
	// together with any other change of the group. Default: the cluster's.
	// https://kubernetes.io/releases/version-skew-policy/#kubelet
	Version string
	// AmiRelease is the release of the AMI, by which nodes are patched: AmiReleaseLatest, or one of AWS's list, such as "1.35.7-20260827", or
	// "1.64.0-0123abcd" of Bottlerocket. CloudFormation refuses a new release together with any other change of the group. Default: what
	// EKS chooses, the newest when the group is created or its version raised; deployments then leave it alone.
	// https://docs.aws.amazon.com/eks/latest/userguide/eks-linux-ami-versions.html
	AmiRelease string
	// ForceUpdate replaces nodes also if a pod disruption budget keeps their pods for 15 minutes, at which an update fails otherwise.
	// Default: false.
	// https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
	ForceUpdate bool
	// UserData are lines of shell for Amazon Linux 2023, run as root before the node joins, such as those of IscsiUserData. Whoever can read
	// the instances' attributes can read them: never put a secret here. Up to 16 KiB, with what EKS adds. Default: none.
	// https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html#launch-template-user-data
	UserData []string
	// Role is what nodes may do in AWS. One of your own needs AmazonEKSWorkerNodePolicy, AmazonEKS_CNI_Policy and the right to pull images.
	// Default: a new one with just these.
	Role awsiam.IRole
}

// AmiReleaseLatest is the AmiRelease of ManagedNodesProps that is AWS's newest at each deployment: CloudFormation looks it up in Systems
// Manager. If there is a new one, that deployment replaces the nodes, and fails if it changes the node group in another way too.
const AmiReleaseLatest = "LATEST"

// ManagedNodes is a group of nodes that EKS manages.
type ManagedNodes struct {
	constructs.Construct
	// Nodegroup is the CloudFormation resource. It has no tags: those that you add to it or to what it is in are on the nodes.
	Nodegroup awseksv2.CfnNodegroup
	// Role is what the nodes may do in AWS.
	Role awsiam.IRole

	cluster *Cluster
}

var _ awsec2.IConnectable = (*ManagedNodes)(nil)

// NewManagedNodes creates a managed node group. It panics with *invalid.Error if the props are invalid.
func NewManagedNodes(scope constructs.Construct, id string, props *ManagedNodesProps) *ManagedNodes {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn(scope))

	n := &ManagedNodes{Role: p.Role, cluster: p.Cluster}
	source.Create(n, scope, id)
	if n.Role == nil {
		n.Role = newNodeRole(n)
	}
	subnets := p.Cluster.facts.vpc.SelectSubnets(p.Subnets.Select())
	n.Nodegroup = awseksv2.NewCfnNodegroup(n, jsii.String("Nodegroup"), p.render(n, n.launchTemplate(&p), *subnets.SubnetIds))
	// EKS does not pass these on, so they are in the launch template; and it refuses to change them together with anything that replaces
	// nodes, which a version does, and the same tags in the launch template.
	// https://github.com/aws/aws-cdk/issues/13602
	n.Nodegroup.AddPropertyDeletionOverride(jsii.String("Tags"))
	// With its policies, and a route to images and the API.
	n.Nodegroup.Node().AddDependency(n.Role, subnets.InternetConnectivityEstablished)
	p.Cluster.deps.addNodes(n.Nodegroup)
	if entry := p.Cluster.nodeRoles.entry(n.Role); entry != nil {
		n.Nodegroup.Node().AddDependency(entry) // or it would be deleted while nodes of this group still drain
	}
	record(&p.Cluster.nodeRoles.groups, *n.Role.Node().Path(), constructs.IConstruct(n.Nodegroup))
	p.Cluster.deps.addSize(p.initialSize(), p.Taints)
	p.Cluster.storage.addNodes(p.UserData, "")
	annotate.WhenComplete(n.Nodegroup, n.warnOfStackTags)
	instancetype.WarnOfOneSpotType(n, p.Spot, p.InstanceTypes)
	if its := p.Cluster.facts.version; p.Version != "" && its != "" && p.Version != its {
		annotate.NoteWithId(n, "node-version", "EKS creates a node group only at the cluster's version, "+its+"; Version "+p.Version+
			" is for a group that exists and stays behind")
	}
	return n
}

// warnOfStackTags says so if CloudFormation gives the node group tags that are not in the template: those of the stack itself.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
func (n *ManagedNodes) warnOfStackTags() {
	if tags := awscdk.Stack_Of(n).Tags(); *tags.HasTags() {
		annotate.Warning(n, "stack-tags", "The stack itself has tags, which CloudFormation gives the node group too: EKS refuses an update that "+
			`changes them together with the version or the AMI of nodes. Set the feature flag "@aws-cdk/core:explicitStackTags" in cdk.json and `+
			"remove Tags of the stack's props, or exclude the resource type aws:cdk:stack from awscdk.Tags")
	}
}

// Name returns the node group's name.
func (n *ManagedNodes) Name() string { return *n.Nodegroup.AttrNodegroupName() }

// Connections returns the cluster security group, which the nodes share with the control plane and all other nodes.
func (n *ManagedNodes) Connections() awsec2.Connections { return n.cluster.Connections() }

func (n *ManagedNodes) launchTemplate(p *ManagedNodesProps) awsec2.CfnLaunchTemplate {
	data := launchTemplateData(p.OperatingSystem, p.DiskSizeGiB)
	if len(p.UserData) > 0 {
		data.UserData = awscdk.Fn_Base64(jsii.String(mime(script(p.UserData)))) // EKS adds its own part
	}
	template := awsec2.NewCfnLaunchTemplate(n, jsii.String("LaunchTemplate"), &awsec2.CfnLaunchTemplateProps{LaunchTemplateData: data})
	tagging.Launched(n, template)
	return template
}

func (p *ManagedNodesProps) render(n *ManagedNodes, launch awsec2.CfnLaunchTemplate, subnetIds []*string) *awseksv2.CfnNodegroupProps {
	return &awseksv2.CfnNodegroupProps{
		ClusterName:   p.Cluster.Cluster.ClusterName(),
		Version:       opt.String(p.version()), // so that the nodes follow when the cluster is upgraded
		NodeRole:      n.Role.RoleArn(),
		Subnets:       anyList(subnetIds),
		AmiType:       jsii.String(amiType(p.OperatingSystem, commonType(p.InstanceTypes))),
		InstanceTypes: jsii.Strings(p.InstanceTypes...),
		CapacityType:  jsii.String(p.capacityType()),
		ScalingConfig: &awseksv2.CfnNodegroup_ScalingConfigProperty{
			MinSize: jsii.Number(*p.MinSize), MaxSize: jsii.Number(p.MaxSize), DesiredSize: jsii.Number(p.initialSize()),
		},
		LaunchTemplate: &awseksv2.CfnNodegroup_LaunchTemplateSpecificationProperty{
			Id: launch.Ref(), Version: launch.AttrLatestVersionNumber(),
		},
		Labels:           renderLabels(p.Labels),
		Taints:           p.renderTaints(),
		UpdateConfig:     p.updateConfig(),
		NodeRepairConfig: &awseksv2.CfnNodegroup_NodeRepairConfigProperty{Enabled: jsii.Bool(!p.DisableNodeRepair)},
		ReleaseVersion:   p.releaseVersion(n),
		// Absent means false, and an existing group isn't changed.
		ForceUpdateEnabled: opt.True(p.ForceUpdate),
	}
}

// version returns the nodes' version of Kubernetes, or "" if the cluster's is unknown.
func (p *ManagedNodesProps) version() string {
	if p.Version == "" && p.Cluster != nil {
		return p.Cluster.facts.version
	}
	return p.Version
}

// releaseVersion returns the release of the AMI. The newest is a parameter of the template, of which CloudFormation reads the value at each
// deployment.
func (p *ManagedNodesProps) releaseVersion(n *ManagedNodes) *string {
	if p.AmiRelease != AmiReleaseLatest {
		return opt.String(p.AmiRelease)
	}
	annotate.NoteWithId(n, "ami-release", "Each deployment looks up the newest release of the AMI. If there is a new one, CloudFormation "+
		"refuses to change the node group in any other way: for such changes, set AmiRelease to the release of the nodes that "+
		"`aws eks describe-nodegroup` shows")
	parameter := amiParameter(p.OperatingSystem, p.version(), commonType(p.InstanceTypes), amiRelease)
	return awsssm.StringParameter_ValueForStringParameter(n, &parameter, nil)
}

func (p *ManagedNodesProps) capacityType() string {
	if p.Spot {
		return "SPOT"
	}
	return "ON_DEMAND"
}

func (p *ManagedNodesProps) initialSize() int {
	if p.DesiredSize == nil {
		return *p.MinSize
	}
	return *p.DesiredSize
}

func (p *ManagedNodesProps) renderTaints() any {
	var taints []any
	for _, t := range p.Taints {
		taints = append(taints, &awseksv2.CfnNodegroup_TaintProperty{
			Key: &t.Key, Value: opt.String(t.Value), Effect: jsii.String(eksTaintEffects[t.Effect]),
		})
	}
	if taints == nil {
		return nil
	}
	return taints
}

func (p *ManagedNodesProps) updateConfig() *awseksv2.CfnNodegroup_UpdateConfigProperty {
	if p.MaxUnavailablePercentage > 0 {
		return &awseksv2.CfnNodegroup_UpdateConfigProperty{MaxUnavailablePercentage: jsii.Number(p.MaxUnavailablePercentage)}
	}
	return &awseksv2.CfnNodegroup_UpdateConfigProperty{MaxUnavailable: jsii.Number(p.MaxUnavailable)}
}

// anyList converts a list for L1 props that take any.
func anyList(ids []*string) *[]any {
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = id
	}
	return &list
}

func renderLabels(labels map[string]string) any {
	if len(labels) == 0 {
		return nil
	}
	return labels
}

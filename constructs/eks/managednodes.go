package eks

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/instancetype"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/subnettype"
)

// ManagedNodesProps describe a group of nodes that EKS makes, replaces and drains. An account may have 30 of them in a cluster.
// https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
type ManagedNodesProps struct {
	// Cluster is where they belong. Required.
	Cluster *Cluster
	// InstanceTypes are what nodes may be, up to 20, of one processor architecture: "m7g.large". With several, EC2 takes which there is.
	// Required.
	InstanceTypes []string
	// Spot makes them of spare capacity, for less, which AWS takes back with two minutes' notice. Default: false.
	Spot bool
	// OperatingSystem is AmazonLinux2023 or Bottlerocket; the AMI follows the architecture and GPUs of InstanceTypes. Default: AmazonLinux2023.
	OperatingSystem OperatingSystem
	// MinSize is the least number of nodes, 0 or more. Default: 1.
	MinSize *int
	// MaxSize is the greatest number of nodes. Default: 3.
	MaxSize int
	// DesiredSize is the number to begin with. A deployment that changes one of the three sizes sets it anew. Default: MinSize, for EKS takes
	// all three or none.
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
	// ReleaseVersion pins the AMI: "1.35.0-20260101", or "1.50.0-0123abcd" of Bottlerocket. Default: the newest, when the group is made or the
	// cluster's version raised.
	// https://docs.aws.amazon.com/eks/latest/userguide/eks-linux-ami-versions.html
	ReleaseVersion string
	// UserData are lines of shell for AmazonLinux2023, run as root before the node joins; IscsiUserData is some. Whoever may read the instances'
	// attributes reads them: never put a secret here. Up to 16 KiB, with what EKS adds. Default: none.
	// https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html#launch-template-user-data
	UserData []string
	// Role is what nodes may do in AWS. One of your own needs AmazonEKSWorkerNodePolicy, AmazonEKS_CNI_Policy and the right to pull images.
	// Default: a new one with just these.
	Role awsiam.IRole
}

// ManagedNodes is a group of nodes that EKS looks after.
type ManagedNodes struct {
	constructs.Construct
	// Nodegroup is what the CDK's own constructs take.
	Nodegroup awseksv2.CfnNodegroup
	// Role is what the nodes may do in AWS.
	Role awsiam.IRole
}

// NewManagedNodes makes nodes. It panics with *invalid.Error when the props are wrong.
func NewManagedNodes(scope constructs.Construct, id string, props *ManagedNodesProps) *ManagedNodes {
	var p ManagedNodesProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())
	invalid.Refuse(scope, id, p.Cluster.besideCluster(scope))

	n := &ManagedNodes{Role: p.Role}
	constructs.NewConstruct_Override(n, scope, &id)
	if n.Role == nil {
		n.Role = newNodeRole(n)
	}
	data := launchTemplateData(p.OperatingSystem, p.DiskSizeGiB)
	data.TagSpecifications = []any{nameTag(n, "instance"), nameTag(n, "volume")}
	if len(p.UserData) > 0 {
		data.UserData = awscdk.Fn_Base64(jsii.String(mime(script(p.UserData)))) // EKS puts its own beside it
	}
	launch := awsec2.NewCfnLaunchTemplate(n, jsii.String("LaunchTemplate"), &awsec2.CfnLaunchTemplateProps{LaunchTemplateData: data})
	subnets := p.Cluster.vpc().SelectSubnets(p.Subnets.Select())
	n.Nodegroup = awseksv2.NewCfnNodegroup(n, jsii.String("Nodegroup"), &awseksv2.CfnNodegroupProps{
		ClusterName:   p.Cluster.Cluster.ClusterName(),
		Version:       &p.Cluster.version, // so that they follow when it is raised
		NodeRole:      n.Role.RoleArn(),
		Subnets:       idsOf(subnets.SubnetIds),
		AmiType:       jsii.String(amiType(p.OperatingSystem, p.instances())),
		InstanceTypes: jsii.Strings(p.InstanceTypes...),
		CapacityType:  jsii.String(p.capacityType()),
		ScalingConfig: &awseksv2.CfnNodegroup_ScalingConfigProperty{
			MinSize: jsii.Number(*p.MinSize), MaxSize: jsii.Number(p.MaxSize), DesiredSize: jsii.Number(p.desiredSize()),
		},
		LaunchTemplate: &awseksv2.CfnNodegroup_LaunchTemplateSpecificationProperty{
			Id: launch.Ref(), Version: launch.AttrLatestVersionNumber(),
		},
		Labels:           labelsOf(p.Labels),
		Taints:           p.taints(),
		UpdateConfig:     p.update(),
		NodeRepairConfig: &awseksv2.CfnNodegroup_NodeRepairConfigProperty{Enabled: jsii.Bool(!p.DisableNodeRepair)},
		ReleaseVersion:   opt.String(p.ReleaseVersion),
	})
	// With its policies, and a way to the image and the API.
	n.Nodegroup.Node().AddDependency(n.Role, subnets.InternetConnectivityEstablished)
	p.Cluster.host(n.Nodegroup)
	if entry := p.Cluster.nodeEntries[*n.Role.Node().Path()]; entry != nil {
		n.Nodegroup.Node().AddDependency(entry) // or it goes while nodes of this group still drain
	}
	p.Cluster.rememberNodes(n.Role, n.Nodegroup)
	p.Cluster.takesPods(p.desiredSize(), p.Taints)
	return n
}

// NodegroupName is the group's name, for an output.
func (n *ManagedNodes) Name() string { return *n.Nodegroup.AttrNodegroupName() }

func (p *ManagedNodesProps) capacityType() string {
	if p.Spot {
		return "SPOT"
	}
	return "ON_DEMAND"
}

func (p *ManagedNodesProps) desiredSize() int {
	if p.DesiredSize == nil {
		return *p.MinSize
	}
	return *p.DesiredSize
}

func (p *ManagedNodesProps) taints() any {
	var taints []any
	for _, t := range p.Taints {
		taints = append(taints, &awseksv2.CfnNodegroup_TaintProperty{Key: &t.Key, Value: opt.String(t.Value), Effect: jsii.String(eksEffect[t.Effect])})
	}
	if taints == nil {
		return nil
	}
	return taints
}

func (p *ManagedNodesProps) update() *awseksv2.CfnNodegroup_UpdateConfigProperty {
	if p.MaxUnavailablePercentage > 0 {
		return &awseksv2.CfnNodegroup_UpdateConfigProperty{MaxUnavailablePercentage: jsii.Number(p.MaxUnavailablePercentage)}
	}
	return &awseksv2.CfnNodegroup_UpdateConfigProperty{MaxUnavailable: jsii.Number(p.MaxUnavailable)}
}

func (p *ManagedNodesProps) instances() instancetype.Type {
	var ignored invalid.Problems
	return checkInstanceTypes(p.InstanceTypes, &ignored)
}

func (p *ManagedNodesProps) setDefaults() {
	if p.OperatingSystem == "" {
		p.OperatingSystem = AmazonLinux2023
	}
	if p.MinSize == nil {
		p.MinSize = new(1)
	}
	if p.MaxSize == 0 {
		p.MaxSize = max(3, *p.MinSize)
	}
	if p.DiskSizeGiB == 0 {
		p.DiskSizeGiB = defaultDiskGiB
	}
	if p.Subnets == "" {
		p.Subnets = network.Private
	}
	if p.MaxUnavailable == 0 && p.MaxUnavailablePercentage == 0 {
		p.MaxUnavailable = 1
	}
}

const (
	maxInstanceTypes = 20 // https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
	// maxTaintKey is less than Kubernetes takes: https://docs.aws.amazon.com/eks/latest/APIReference/API_Taint.html
	maxTaintKey = 63
)

// releaseVersions are Kubernetes' version and a date, or Bottlerocket's own and a commit.
// https://docs.aws.amazon.com/eks/latest/userguide/eks-linux-ami-versions.html
// https://github.com/bottlerocket-os/bottlerocket/releases
var releaseVersions = map[OperatingSystem]*regexp.Regexp{
	AmazonLinux2023: regexp.MustCompile(`^(\d+\.\d+)\.\d+-\d{8}$`),
	Bottlerocket:    regexp.MustCompile(`^\d+\.\d+\.\d+-[0-9a-f]{8}$`),
}

func (p *ManagedNodesProps) validate() error {
	var bad invalid.Problems
	checkCluster(p.Cluster, p.Subnets, &bad)
	if p.Subnets == network.Public {
		bad.Add("Subnets", "%q gives nodes of a node group no public addresses, and EKS refuses it; use %q, or SelfManagedNodes", network.Public, network.Private)
	}
	if len(p.InstanceTypes) == 0 || len(p.InstanceTypes) > maxInstanceTypes {
		bad.Add("InstanceTypes", `are %d; give 1 to %d, such as "m7g.large"`, len(p.InstanceTypes), maxInstanceTypes)
	}
	common := checkInstanceTypes(p.InstanceTypes, &bad)
	switch {
	case p.OperatingSystem != AmazonLinux2023 && p.OperatingSystem != Bottlerocket:
		bad.Add("OperatingSystem", "%q is unknown; use %q or %q", p.OperatingSystem, AmazonLinux2023, Bottlerocket)
	case amiType(p.OperatingSystem, common) == "":
		bad.Add("OperatingSystem", "%q has no AMI for %s with %s; use %q, or other InstanceTypes", p.OperatingSystem, architecture(common), common.Accelerator.OrNone(), AmazonLinux2023)
	}
	checkSizes(p.MinSize, p.DesiredSize, p.MaxSize, &bad)
	checkDisk(p.DiskSizeGiB, &bad)
	checkLabels(p.Labels, &bad)
	checkTaints(p.Taints, &bad)
	for i, t := range p.Taints {
		if len(t.Key) > maxTaintKey && !invalid.IsToken(t.Key) {
			bad.Add(fmt.Sprintf("Taints[%d].Key", i), "%q is %d characters long; EKS takes %d", t.Key, len(t.Key), maxTaintKey)
		}
	}
	if p.MaxUnavailable != 0 && p.MaxUnavailablePercentage != 0 {
		bad.Add("MaxUnavailablePercentage", "%d stands beside MaxUnavailable %d; give one of them", p.MaxUnavailablePercentage, p.MaxUnavailable)
	}
	for _, n := range []struct {
		field string
		value int
	}{{"MaxUnavailable", p.MaxUnavailable}, {"MaxUnavailablePercentage", p.MaxUnavailablePercentage}} {
		if n.value < 0 || n.value > 100 {
			bad.Add(n.field, "%d is out of range; use 1 to 100", n.value)
		}
	}
	p.checkRelease(&bad)
	p.checkUserData(&bad)
	return bad.Err()
}

func (p *ManagedNodesProps) checkUserData(bad *invalid.Problems) {
	if len(p.UserData) == 0 {
		return
	}
	if p.OperatingSystem == Bottlerocket {
		bad.Add("UserData", "are lines of shell, and %s has none; leave them out", Bottlerocket)
	}
	if strings.Contains(lines(p.UserData), boundary) {
		bad.Add("UserData", "have the boundary of parts, %q; write it otherwise", boundary)
	}
	if size, most := len(mime(script(p.UserData))), maxUserData-largestOfEks; size > most {
		bad.Add("UserData", "are %d bytes, and beside what EKS adds an instance takes %d; keep a script in Amazon S3, and fetch it here", size, most)
	}
}

// largestOfEks is room for the part by which nodes of a group join: a certificate of 1.5 KiB and some lines.
const largestOfEks = 4096

// checkRelease notes an AMI of another system, or of another version than the cluster's.
func (p *ManagedNodesProps) checkRelease(bad *invalid.Problems) {
	form := releaseVersions[p.OperatingSystem]
	if p.ReleaseVersion == "" || invalid.IsToken(p.ReleaseVersion) || form == nil {
		return
	}
	m := form.FindStringSubmatch(p.ReleaseVersion)
	switch {
	case m == nil:
		bad.Add("ReleaseVersion", `%q is no release of an AMI of %s; write it as "1.35.0-20260101", or "1.50.0-0123abcd" of %s`, p.ReleaseVersion, p.OperatingSystem, Bottlerocket)
	case len(m) > 1 && p.Cluster != nil && m[1] != p.Cluster.version:
		bad.Add("ReleaseVersion", "%q is for Kubernetes %s, and the cluster is %s; use one of the cluster's version", p.ReleaseVersion, m[1], p.Cluster.version)
	}
}

// checkCluster asks for a cluster that takes nodes, and has subnets for them.
func checkCluster(c *Cluster, subnets network.SubnetType, bad *invalid.Problems) {
	switch {
	case c == nil || c.Cluster == nil:
		bad.Add("Cluster", "is missing; make it with eks.NewCluster")
		subnettype.Check("Subnets", subnets, bad)
	case c.autoMode:
		bad.Add("Cluster", "is in Auto Mode, which makes its nodes by itself; leave AutoMode out there, or these nodes")
	default:
		subnettype.Check("Subnets", subnets, bad)
		subnettype.CheckIn("Subnets", subnets, c.vpc(), bad)
	}
}

// besideCluster refuses what runs pods in another stack: CoreDNS waits for it, and it for the cluster.
func (c *Cluster) besideCluster(scope constructs.Construct) error {
	var bad invalid.Problems
	if its, own := *awscdk.Stack_Of(c).Node().Path(), *awscdk.Stack_Of(scope).Node().Path(); its != own {
		bad.Add("Cluster", "is in stack %q and this in %q, and the cluster's CoreDNS waits for what runs pods; make both in one stack", its, own)
	}
	return bad.Err()
}

func idsOf(ids *[]*string) *[]any {
	list := make([]any, len(*ids))
	for i, id := range *ids {
		list[i] = id
	}
	return &list
}

func labelsOf(labels map[string]string) any {
	if len(labels) == 0 {
		return nil
	}
	return labels
}

// explainNodes notes for cdk-nag what it cannot read.
func explainNodes(group constructs.IConstruct) {
	nag.Suppress(group, "CdkNagValidationFailure", "EC26 cannot read the launch template, a reference; its volumes are encrypted")
}

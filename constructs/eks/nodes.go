package eks

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/platform"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/instancetype"
	"awscontainers/internal/kubernetes"
	"awscontainers/internal/nag"
	"awscontainers/internal/subnettype"
)

// Taint keeps pods that do not tolerate it off a node.
// https://docs.aws.amazon.com/eks/latest/userguide/node-taints-managed-node-groups.html
type Taint struct {
	// Key is the taint's name. Required.
	Key string
	// Value is compared with that of a toleration. Default: none.
	Value string
	// Effect is NoSchedule, PreferNoSchedule or NoExecute. Required.
	Effect TaintEffect
}

// TaintEffect is what a taint does.
type TaintEffect string

// The effects, as Kubernetes spells them.
const (
	NoSchedule       TaintEffect = "NoSchedule"
	PreferNoSchedule TaintEffect = "PreferNoSchedule"
	NoExecute        TaintEffect = "NoExecute"
)

var (
	taintEffects = []TaintEffect{NoSchedule, PreferNoSchedule, NoExecute}
	// eksTaintEffects is the spelling of the EKS API.
	// https://docs.aws.amazon.com/eks/latest/APIReference/API_Taint.html
	eksTaintEffects = map[TaintEffect]string{NoSchedule: "NO_SCHEDULE", PreferNoSchedule: "PREFER_NO_SCHEDULE", NoExecute: "NO_EXECUTE"}
)

const (
	// https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
	minDiskGiB, maxDiskGiB = 20, 16384
	defaultDiskGiB         = 30
	// https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
	maxTaints = 50
)

// nodePolicies are what AWS documents for nodes. vpc-cni runs on them before anything could give it a role of its own.
// https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html
var nodePolicies = []string{"AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy"}

func newNodeRole(scope constructs.Construct) awsiam.Role {
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		Description:     describe.Of("Nodes of", *scope.Node().Path()),
		AssumedBy:       awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil),
		ManagedPolicies: managedPolicies(nodePolicies...),
	})
	suppressManagedPolicies(role, nodePolicies...)
	return role
}

// launchTemplateData returns what all nodes have in common: encrypted disks, and metadata that only the node itself can read, with tokens.
// Pods get their credentials from PodRole, not from the node.
// https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
func launchTemplateData(os platform.OperatingSystem, diskGiB int) *awsec2.CfnLaunchTemplate_LaunchTemplateDataProperty {
	disk := func(device string, size int) any {
		return &awsec2.CfnLaunchTemplate_BlockDeviceMappingProperty{
			DeviceName: &device,
			Ebs: &awsec2.CfnLaunchTemplate_EbsProperty{
				VolumeSize: jsii.Number(size), VolumeType: jsii.String("gp3"), Encrypted: jsii.Bool(true), DeleteOnTermination: jsii.Bool(true),
			},
		}
	}
	disks := []any{disk("/dev/xvda", diskGiB)}
	if os == platform.Bottlerocket {
		// The system has a disk of its own; pods use the second.
		// https://bottlerocket.dev/en/os/latest/#/concepts/images/
		disks = []any{disk("/dev/xvda", 4), disk("/dev/xvdb", diskGiB)}
	}
	return &awsec2.CfnLaunchTemplate_LaunchTemplateDataProperty{
		BlockDeviceMappings: disks,
		MetadataOptions: &awsec2.CfnLaunchTemplate_MetadataOptionsProperty{
			HttpTokens: jsii.String("required"), HttpPutResponseHopLimit: jsii.Number(1), HttpEndpoint: jsii.String("enabled"),
		},
	}
}

// suppressNodeFindings tells cdk-nag what it can't read.
func suppressNodeFindings(group constructs.IConstruct) {
	nag.Suppress(group, "CdkNagValidationFailure", "EC26 can't read the launch template, a reference; its volumes are encrypted")
}

// checkNodeCluster refuses a cluster that takes no nodes.
func checkNodeCluster(c *Cluster, subnets network.SubnetType, bad *invalid.Problems, attributes ...attribute) {
	subnettype.Check("Subnets", subnets, bad)
	requireCluster(c, bad)
	if !invalid.IsMade(c) {
		return
	}
	if c.facts.autoMode {
		bad.Add("Cluster", "must not be in Auto Mode, which manages its own nodes").Advise("remove AutoMode there, or these nodes")
		return
	}
	c.requireAttributes("Cluster", bad, append([]attribute{attributeVpc}, attributes...)...)
}

// checkNodePlace judges what only the CDK's objects tell: the VPC's subnets, and the stack.
func (c *Cluster) checkNodePlace(scope constructs.Construct, subnets network.SubnetType, bad *invalid.Problems) {
	if !invalid.IsMade(c) || c.facts.autoMode {
		return
	}
	subnettype.CheckIn("Subnets", subnets, c.facts.vpc, bad)
	if !invalid.IsMade(scope) {
		return
	}
	if its, own := *awscdk.Stack_Of(c).Node().Path(), *awscdk.Stack_Of(scope).Node().Path(); its != own {
		bad.Add("Cluster", "must be in this construct's stack %q, because its add-ons wait for nodes and Fargate profiles", own).Given(its)
	}
}

// Keys have an optional prefix: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
var (
	labelKey   = regexp.MustCompile(`^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$`)
	labelValue = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$`)
)

const (
	labelKeyForm   = `"team" or "example.com/team"`
	labelValueForm = `up to 63 letters, digits and _.-`
)

// reservedPrefix returns the prefix of a label that is reserved, or "": the kubelet does not start with labels of Kubernetes, except those
// of nodes.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
func reservedPrefix(key string) string {
	prefix, _, hasPrefix := strings.Cut(key, "/")
	if !hasPrefix || prefix == "node.kubernetes.io" || prefix == "kubelet.kubernetes.io" || strings.HasSuffix(prefix, ".node.kubernetes.io") {
		return ""
	}
	for _, reserved := range []string{"kubernetes.io", "k8s.io", "eks.amazonaws.com"} {
		if prefix == reserved || strings.HasSuffix(prefix, "."+reserved) {
			return prefix
		}
	}
	return ""
}

func checkLabels(labels map[string]string, bad *invalid.Problems) {
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		switch prefix := reservedPrefix(key); {
		case prefix != "":
			bad.Add("Labels", "must not have keys with the prefix %s, which Kubernetes or EKS reserves", prefix).Given(key).
				Advise("use a prefix of your own, or none")
		case !labelKey.MatchString(key):
			bad.Add("Labels", "must have keys such as %s", labelKeyForm).Given(key)
		}
		check.Match(labelField("Labels", key), labels[key], labelValue, labelValueForm, bad)
	}
}

// labelField names a label in a message: `Labels["team"]`.
func labelField(field, key string) string { return fmt.Sprintf("%s[%q]", field, key) }

func checkTaints(taints []Taint, bad *invalid.Problems) {
	check.MaxLen("Taints", len(taints), maxTaints, bad)
	for i, t := range taints {
		field := check.Index("Taints", i)
		if j := slices.IndexFunc(taints, func(o Taint) bool { return o.Key == t.Key && o.Effect == t.Effect }); j < i {
			bad.Add(field, "must not repeat the key and effect of Taints[%d], because no kubelet starts with both", j).Advise("remove one of them")
		}
		check.Required(field+".Key", t.Key, labelKey, `a name such as "dedicated" or "example.com/dedicated"`, bad)
		check.Match(field+".Value", t.Value, labelValue, labelValueForm, bad)
		check.RequiredKnown(field+".Effect", t.Effect, taintEffects, bad)
	}
}

// checkInstanceTypes refuses types that don't share an AMI, and returns what they have in common.
func checkInstanceTypes(names []string, maxTypes int, bad *invalid.Problems) (common instancetype.Type) {
	if len(names) == 0 {
		bad.Add("InstanceTypes", `is required: 1 to %d instance types such as "m7g.large"`, maxTypes)
	}
	check.MaxLen("InstanceTypes", len(names), maxTypes, bad)
	first := ""
	for i, name := range names {
		field := check.Index("InstanceTypes", i)
		t, isType := instancetype.Parse(name)
		switch {
		case invalid.IsToken(name):
			continue
		case !isType:
			bad.Add(field, `must be an instance type such as "m7g.large"`).Given(name)
			continue
		case strings.HasSuffix(name, ".nano") || strings.HasSuffix(name, ".micro"):
			bad.Add(field, "must be larger: this type has addresses for 4 pods, and the node's own add-ons take 3").Given(name).
				Advise(`use "t3.medium" or larger`)
		default:
			check.Once("InstanceTypes", names, i, bad)
		}
		const oneAmi = "because a node group has one AMI"
		switch {
		case first == "":
			first, common = name, t
		case t.Arm != common.Arm:
			bad.Add(field, "must be %s, like %q, %s", architecture(common), first, oneAmi).Given(name).
				Advise("create a node group for each architecture")
		case t.Accelerator != common.Accelerator:
			bad.Add(field, "must have %s, like %q, %s", common.Accelerator.OrNone(), first, oneAmi).Given(name).
				Advise("create a node group for each kind")
		}
	}
	return common
}

// commonType returns what instance types that checkInstanceTypes accepts have in common.
func commonType(names []string) instancetype.Type {
	var ignored invalid.Problems
	return checkInstanceTypes(names, len(names), &ignored)
}

func architecture(t instancetype.Type) string {
	if t.Arm {
		return "Arm"
	}
	return "x86"
}

func checkOperatingSystem(os platform.OperatingSystem, bad *invalid.Problems) {
	check.Known("OperatingSystem", os, platform.OperatingSystems(), bad)
}

// checkAmi refuses an operating system for which AWS publishes no AMI for the instances.
func checkAmi(os platform.OperatingSystem, t instancetype.Type, bad *invalid.Problems) {
	if slices.Contains(platform.OperatingSystems(), os) && amiType(os, t) == "" {
		bad.Add("OperatingSystem", "must be one for which AWS publishes an AMI for %s with %s", architecture(t), t.Accelerator.OrNone()).
			Given(os).Advise("use another one or other InstanceTypes")
	}
}

// amiType returns the AMI that AWS publishes for the instances, or "".
// https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html
func amiType(os platform.OperatingSystem, t instancetype.Type) string {
	arch := "x86_64"
	if t.Arm {
		arch = "ARM_64"
	}
	if os == platform.Bottlerocket {
		switch t.Accelerator {
		case instancetype.Neuron:
			return ""
		case instancetype.Gpu:
			return "BOTTLEROCKET_" + arch + "_NVIDIA"
		}
		return "BOTTLEROCKET_" + arch
	}
	switch t.Accelerator {
	case instancetype.Gpu:
		return "AL2023_" + arch + "_NVIDIA"
	case instancetype.Neuron:
		if t.Arm {
			return ""
		}
		return "AL2023_" + arch + "_NEURON"
	}
	return "AL2023_" + arch + "_STANDARD"
}

// checkNodeVersion refuses a version of nodes that their cluster does not take: a kubelet may be older than the API server, but not newer.
func checkNodeVersion(c *Cluster, version string, bad *invalid.Problems) {
	if version == "" || invalid.IsToken(version) {
		return
	}
	if !kubernetes.IsVersion(version) {
		bad.Add("Version", `must be a version of Kubernetes such as "1.35"`).Given(version)
		return
	}
	if !invalid.IsMade(c) || !kubernetes.IsVersion(c.facts.version) {
		return
	}
	if accepted := kubernetes.NodeVersions(c.facts.version); !slices.Contains(accepted, version) {
		bad.Add("Version", "must be %s in a cluster of Kubernetes %s", check.OneOfQuoted(accepted), c.facts.version).Given(version)
	}
}

// checkSizes refuses numbers of nodes that are out of order.
func checkSizes(minSize, desiredSize *int, maxSize int, bad *invalid.Problems) {
	check.Min("MinSize", *minSize, 0, bad)
	check.Min("MaxSize", maxSize, 1, bad)
	switch {
	case *minSize < 0 || maxSize < 1: // said above
	case *minSize > maxSize:
		check.NotGreater("MinSize", *minSize, "MaxSize", maxSize, bad)
	case desiredSize != nil && (*desiredSize < *minSize || *desiredSize > maxSize):
		bad.Add("DesiredSize", "must be from MinSize (%d) to MaxSize (%d)", *minSize, maxSize).Given(*desiredSize)
	}
}

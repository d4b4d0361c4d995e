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
	"awscontainers/internal/describe"
	"awscontainers/internal/instancetype"
)

// OperatingSystem is what nodes run.
type OperatingSystem string

// The operating systems. Amazon Linux 2 has had no AMIs since Kubernetes 1.33.
// https://docs.aws.amazon.com/eks/latest/userguide/eks-optimized-amis.html
const (
	// AmazonLinux2023 is Amazon Linux 2023.
	AmazonLinux2023 OperatingSystem = "AMAZON_LINUX_2023"
	// Bottlerocket has nothing but what containers need: no shell, no package manager, a read-only root.
	Bottlerocket OperatingSystem = "BOTTLEROCKET"
)

// Taint keeps pods off a node that do not tolerate it.
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

// eksEffect is the spelling of the EKS API.
// https://docs.aws.amazon.com/eks/latest/APIReference/API_Taint.html
var eksEffect = map[TaintEffect]string{NoSchedule: "NO_SCHEDULE", PreferNoSchedule: "PREFER_NO_SCHEDULE", NoExecute: "NO_EXECUTE"}

const (
	// https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
	leastDiskGiB, mostDiskGiB = 20, 16384
	defaultDiskGiB            = 30
	// https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
	maxTaints = 50
)

// nodePolicies are what AWS names for nodes. vpc-cni runs on them, before anything could give it a role of its own.
// https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html
var nodePolicies = []string{"AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy"}

func newNodeRole(scope constructs.Construct) awsiam.Role {
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		Description:     describe.Of("Nodes of", *scope.Node().Path()),
		AssumedBy:       awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil),
		ManagedPolicies: managed(nodePolicies...),
	})
	explainManaged(role, nodePolicies...)
	return role
}

// launchTemplateData is what all nodes have in common: encrypted disks, and metadata that only the node itself reads, by tokens. Pods get
// their credentials from PodRole, and none from the node.
// https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
func launchTemplateData(os OperatingSystem, diskGiB int) *awsec2.CfnLaunchTemplate_LaunchTemplateDataProperty {
	disk := func(device string, size int) any {
		return &awsec2.CfnLaunchTemplate_BlockDeviceMappingProperty{
			DeviceName: &device,
			Ebs: &awsec2.CfnLaunchTemplate_EbsProperty{
				VolumeSize: jsii.Number(size), VolumeType: jsii.String("gp3"), Encrypted: jsii.Bool(true), DeleteOnTermination: jsii.Bool(true),
			},
		}
	}
	disks := []any{disk("/dev/xvda", diskGiB)}
	if os == Bottlerocket {
		// Its system has a disk of its own; what pods use is the second.
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

// nameTag is what the console shows of instances.
func nameTag(scope constructs.Construct, resource string) any {
	return &awsec2.CfnLaunchTemplate_TagSpecificationProperty{
		ResourceType: &resource, Tags: &[]*awscdk.CfnTag{{Key: jsii.String("Name"), Value: scope.Node().Path()}},
	}
}

// labelKey is a key with an optional prefix: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
var (
	labelKey   = regexp.MustCompile(`^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$`)
	labelValue = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$`)
)

// reservedPrefix tells which prefix of a label is not the user's: kubelet refuses to start with labels of Kubernetes but for those of nodes.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
func reservedPrefix(key string) string {
	prefix, _, prefixed := strings.Cut(key, "/")
	if !prefixed || prefix == "node.kubernetes.io" || prefix == "kubelet.kubernetes.io" || strings.HasSuffix(prefix, ".node.kubernetes.io") {
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
			bad.Add("Labels", "%q has the prefix %s, which Kubernetes or EKS keeps to itself; use one of your own, or none", key, prefix)
		case !labelKey.MatchString(key):
			bad.Add("Labels", `%q is no name of a label; write it as "team" or "example.com/team"`, key)
		}
		if value := labels[key]; !invalid.IsToken(value) && !labelValue.MatchString(value) {
			bad.Add("Labels", "%q has the value %q; use up to 63 letters, digits and _.-", key, value)
		}
	}
}

func checkTaints(taints []Taint, bad *invalid.Problems) {
	if len(taints) > maxTaints {
		bad.Add("Taints", "are %d; EKS takes %d", len(taints), maxTaints)
	}
	for i, t := range taints {
		field := fmt.Sprintf("Taints[%d]", i)
		if j := slices.IndexFunc(taints, func(o Taint) bool { return o.Key == t.Key && o.Effect == t.Effect }); j < i {
			bad.Add(field, "has the key and effect of Taints[%d], with which no kubelet starts; leave one out", j)
		}
		if !labelKey.MatchString(t.Key) {
			bad.Add(field+".Key", `%q is no name of a taint; write it as "dedicated" or "example.com/dedicated"`, t.Key)
		}
		if !invalid.IsToken(t.Value) && !labelValue.MatchString(t.Value) {
			bad.Add(field+".Value", "%q is no value of a taint; use up to 63 letters, digits and _.-", t.Value)
		}
		switch {
		case t.Effect == "":
			bad.Add(field+".Effect", "is missing, so that the taint would do nothing; use %q, %q or %q", NoSchedule, PreferNoSchedule, NoExecute)
		case eksEffect[t.Effect] == "":
			bad.Add(field+".Effect", "%q is unknown; use %q, %q or %q", t.Effect, NoSchedule, PreferNoSchedule, NoExecute)
		}
	}
}

// checkInstanceTypes notes types that no one AMI serves, and gives what they have in common.
func checkInstanceTypes(names []string, bad *invalid.Problems) (common instancetype.Type) {
	first := ""
	for i, name := range names {
		field := fmt.Sprintf("InstanceTypes[%d]", i)
		t, ok := instancetype.Parse(name)
		switch {
		case invalid.IsToken(name):
			continue
		case !ok:
			bad.Add(field, `%q is no instance type; write it as "m7g.large"`, name)
			continue
		case slices.Index(names, name) < i:
			bad.Add(field, "%q is named twice", name)
		case strings.HasSuffix(name, ".nano") || strings.HasSuffix(name, ".micro"):
			bad.Add(field, `%q has addresses for 4 pods, of which every node's own add-ons take 3; use "t3.medium" or larger`, name)
		}
		switch {
		case first == "":
			first, common = name, t
		case t.Arm != common.Arm:
			bad.Add(field, "%q is %s, and %q is %s; a node group has one AMI, so make one for each", name, architecture(t), first, architecture(common))
		case t.Accelerator != common.Accelerator:
			bad.Add(field, "%q has %s, and %q has %s; a node group has one AMI, so make one for each", name, t.Accelerator.OrNone(), first, common.Accelerator.OrNone())
		}
	}
	return common
}

func architecture(t instancetype.Type) string {
	if t.Arm {
		return "Arm"
	}
	return "x86"
}

// amiType is the AMI that AWS makes for the instances, "" for none.
// https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html
func amiType(os OperatingSystem, t instancetype.Type) string {
	arch := "x86_64"
	if t.Arm {
		arch = "ARM_64"
	}
	if os == Bottlerocket {
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

// checkSizes notes numbers of nodes that are out of order.
func checkSizes(least, desired *int, most int, bad *invalid.Problems) {
	if *least < 0 {
		bad.Add("MinSize", "%d is negative; use 0 or more", *least)
	}
	if most < 1 {
		bad.Add("MaxSize", "%d is no number of nodes; use 1 or more", most)
	}
	if *least > most {
		bad.Add("MinSize", "%d is above MaxSize %d; lower it or raise MaxSize", *least, most)
	}
	if desired != nil && (*desired < *least || *desired > most) {
		bad.Add("DesiredSize", "%d is not between MinSize %d and MaxSize %d; change one of them", *desired, *least, most)
	}
}

func checkDisk(gib int, bad *invalid.Problems) {
	if gib < leastDiskGiB || gib > mostDiskGiB {
		bad.Add("DiskSizeGiB", "%d is out of range; use %d to %d", gib, leastDiskGiB, mostDiskGiB)
	}
}

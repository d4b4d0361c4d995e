package eks_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/platform"
	"awscontainers/test/cdktest"
)

// On any day a stack can be synthesized, and from two months before the end of a version's support a warning says so, which can be
// acknowledged.
func TestEndOfSupportIsAWarning(t *testing.T) {
	for name, c := range map[string]struct {
		today, version string
		support        eks.SupportType
		want           string
	}{
		"long before":        {"2027-01-25", "", "", ""},
		"two months before":  {"2027-01-26", "", "", "Standard support of Kubernetes 1.35 ends on 2027-03-27"},
		"years after":        {"2040-01-01", "1.33", "", "Standard support of Kubernetes 1.33 ended on 2026-07-29"},
		"extended":           {"2027-04-01", "", eks.SupportExtended, ""},
		"extended that ends": {"2028-03-01", "", eks.SupportExtended, "Extended support of Kubernetes 1.35 ends on 2028-03-27"},
		"no day":             {"tomorrow", "1.33", "", `The context key awscontainers:today must be a day such as "2026-11-30"; got "tomorrow"`},
	} {
		t.Run(name, func(t *testing.T) {
			for _, isAcknowledged := range []bool{false, true} {
				stack := awscdk.NewStack(cdktest.App(t, map[string]any{"awscontainers:today": c.today}), jsii.String("Test"), nil)
				newKubernetes(stack, func(p *eks.ClusterProps) { p.Version, p.SupportType = c.version, c.support })
				if isAcknowledged {
					awscdk.Annotations_Of(stack).AcknowledgeWarning(jsii.String("awscontainers:kubernetes-version"), nil)
				}
				_, annotations := cdktest.SynthAnnotated(t, stack)
				if all := strings.Join(annotations, "\n"); c.want == "" {
					assert.NotContains(t, all, "support of Kubernetes")
				} else {
					assert.Equal(t, !isAcknowledged || name == "no day", strings.Contains(all, c.want), all)
				}
			}
		})
	}
}

// A newer version comes with another kubectl, and the built-in one is not there any more.
func TestClusterWithAnotherKubectl(t *testing.T) {
	stack := cdktest.Stack(t)
	layer := awslambda.NewLayerVersion(stack, jsii.String("Kubectl"), &awslambda.LayerVersionProps{
		Code: awslambda.Code_FromAsset(jsii.String("../../stacks/settings/testdata/layer.zip"), nil),
	})
	newKubernetes(stack, func(p *eks.ClusterProps) {
		p.Version, p.KubectlLayer, p.ForceUpgrade, p.RollbackTimeout = "1.36", layer, true, 24*time.Hour
	})
	tpl := cdktest.Synth(t, stack)
	cdktest.Has(t, tpl.Only("AWS::EKS::Cluster"), map[string]any{
		"Version": "1.36", "Force": true, "RollbackConfig": map[string]any{"TimeoutMinutes": 1440.0},
	})
	own := tpl.At("AWS::Lambda::LayerVersion", "Test/Kubectl/")
	handler := tpl.At("AWS::Lambda::Function", "/KubectlProvider/Handler")
	assert.Contains(t, []*cdktest.Resource{handler.Ref("Layers.0"), handler.Ref("Layers.1")}, own)
	assert.Len(t, tpl.All("AWS::Lambda::LayerVersion"), 2, "the other is the AWS CLI's")
}

func TestClusterLeavesVersionsToEksByDefault(t *testing.T) {
	stack := cdktest.Stack(t)
	newKubernetes(stack, nil)
	cdktest.Has(t, cdktest.Synth(t, stack).Only("AWS::EKS::Cluster"), map[string]any{"Force": nil, "RollbackConfig": nil})
}

// The nodes stay behind the cluster, and the newest release is that of their own version.
func TestNodesStayBehind(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newKubernetes(stack, nil)
	eks.NewManagedNodes(stack, "Managed", &eks.ManagedNodesProps{
		Cluster: cluster, InstanceTypes: []string{"m7g.large"}, Version: "1.34", AmiRelease: eks.AmiReleaseLatest,
	})
	eks.NewManagedNodes(stack, "Rocket", &eks.ManagedNodesProps{
		Cluster: cluster, InstanceTypes: []string{"m7i.large"}, OperatingSystem: platform.Bottlerocket, AmiRelease: eks.AmiReleaseLatest,
	})
	eks.NewSelfManagedNodes(stack, "SelfManaged",
		&eks.SelfManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}, Version: "1.33"})
	tpl := cdktest.Synth(t, stack)

	managed := tpl.At("AWS::EKS::Nodegroup", "/Managed/")
	assert.Equal(t, "1.34", managed.Get("Version"))
	assert.Equal(t, map[string]any{
		"Type":    "AWS::SSM::Parameter::Value<String>",
		"Default": "/aws/service/eks/optimized-ami/1.34/amazon-linux-2023/arm64/standard/recommended/release_version",
	}, tpl.Parameter(managed.Get("ReleaseVersion")))
	rocket := tpl.At("AWS::EKS::Nodegroup", "/Rocket/")
	assert.Equal(t, "/aws/service/bottlerocket/aws-k8s-1.35/x86_64/latest/image_version",
		tpl.Parameter(rocket.Get("ReleaseVersion"))["Default"])
	template := tpl.At("AWS::EC2::LaunchTemplate", "/SelfManaged/")
	assert.Equal(t, "/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/arm64/standard/recommended/image_id",
		tpl.Parameter(template.Get("LaunchTemplateData.ImageId"))["Default"])
	notes := func(text string) int {
		return len(*assertions.Annotations_FromStack(stack).FindInfo(jsii.String("*"), assertions.Match_StringLikeRegexp(&text)))
	}
	assert.Equal(t, 2, notes("CloudFormation refuses to change the node group in any other way"), "one for each group with the newest release")
	assert.Equal(t, 1, notes(`EKS creates a node group only at the cluster's version, 1\.35`), "the group that stays behind")
}

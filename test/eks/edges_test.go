package eks_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/eks"
	"awscontainers/test/cdktest"
)

// A name that only the deployment knows reaches all that is named after the cluster, and the rules take it.
func TestKubernetesClusterNamedByAParameter(t *testing.T) {
	stack := cdktest.Stack(t)
	name := awscdk.NewCfnParameter(stack, jsii.String("Name"), &awscdk.CfnParameterProps{Default: "shop"}).ValueAsString()
	cluster := newKubernetes(stack, func(p *eks.ClusterProps) { p.ClusterName = *name })
	eks.NewFargateProfile(stack, "Fargate", &eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "shop"}}})
	newSelfManaged(stack, "Nodes", cluster, nil)
	eks.NewContainerInsights(stack, "Insights", &eks.ContainerInsightsProps{Cluster: cluster})
	tpl := cdktest.Synth(t, stack)
	assert.Equal(t, map[string]any{"Ref": "Name"}, tpl.Only("AWS::EKS::Cluster").Get("Name"))
	role := tpl.Only("AWS::EKS::FargateProfile").Ref("PodExecutionRoleArn")
	statement := cdktest.List(role.Get("AssumeRolePolicyDocument.Statement"))[0].(map[string]any)
	assert.Equal(t, map[string]any{"ArnLike": map[string]any{"aws:SourceArn": map[string]any{"Fn::Join": []any{"", []any{
		"arn:", map[string]any{"Ref": "AWS::Partition"}, ":eks:", map[string]any{"Ref": "AWS::Region"}, ":",
		map[string]any{"Ref": "AWS::AccountId"},
		":fargateprofile/", map[string]any{"Ref": "Name"}, "/*",
	}}}}}, statement["Condition"])
}

// CoreDNS waits for nodes, and nodes for the cluster: in two stacks neither could be first.
func TestNodesInAnotherStack(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newKubernetes(stack, nil)
	other := awscdk.NewStack(awscdk.App_Of(stack), jsii.String("Other"), nil)
	for id, make := range map[string]func(){
		"Managed": func() {
			eks.NewManagedNodes(other, "Managed", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
		},
		"Own": func() { newSelfManaged(other, "Own", cluster, nil) },
		"Fargate": func() {
			eks.NewFargateProfile(other, "Fargate",
				&eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "shop"}}})
		},
	} {
		assert.Equal(t,
			[]string{"Other/" + id + `: Cluster must be in this construct's stack "Other", because its add-ons wait for nodes and Fargate ` +
				`profiles; got "Test"`},
			cdktest.Refused(t, make))
	}
	eks.NewPodRole(other, "Role", &eks.PodRoleProps{Cluster: cluster, Namespace: "shop", ServiceAccount: "api"}) // comes after all that
	cdktest.Synth(t, stack)
}

func TestSelfManagedNodesAreToldOfPrefixes(t *testing.T) {
	for name, c := range map[string]struct {
		prefixes bool
		maxPods  int
		want     []string
	}{
		"neither":       {false, 0, nil},
		"only the pods": {false, 20, nil},
		"both":          {true, 110, nil},
		"no pods": {true, 0, []string{"AddOns.PrefixDelegation gives these nodes addresses for more pods than they accept without MaxPods; " +
			"set MaxPods to 110, or to 250 for instance types of 30 vCPUs or more"}},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			cluster := newKubernetes(stack, func(p *eks.ClusterProps) { p.AddOns.PrefixDelegation = c.prefixes })
			newSelfManaged(stack, "Nodes", cluster, func(p *eks.SelfManagedNodesProps) { p.MaxPods = c.maxPods })
			_, annotations := cdktest.SynthAnnotated(t, stack)
			require.Len(t, annotations, len(c.want))
			for i, want := range c.want {
				assert.Contains(t, annotations[i], want)
			}
		})
	}
}

// A name that only the deployment knows makes no id of a construct.
func TestPodRoleOfATokenIsRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newKubernetes(stack, nil)
	namespace := awscdk.NewCfnParameter(stack, jsii.String("Namespace"), &awscdk.CfnParameterProps{Default: "shop"}).ValueAsString()
	assert.Equal(t,
		[]string{"Test/Cluster: PodRole: namespace must be a literal, not a CDK token, because it becomes part of a construct ID; use " +
			"NewPodRole"},
		cdktest.Refused(t, func() { cluster.PodRole(*namespace, "api") }))
	eks.NewPodRole(stack, "Role", &eks.PodRoleProps{Cluster: cluster, Namespace: *namespace, ServiceAccount: "api"})
	cdktest.Synth(t, stack)
}

// A managed group with the role of self-managed nodes keeps their access entry until its nodes are gone.
func TestManagedNodesWithTheRoleOfSelfManagedOnes(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newKubernetes(stack, nil)
	own := newSelfManaged(stack, "Own", cluster, nil)
	eks.NewManagedNodes(stack, "Managed", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}, Role: own.Role})
	tpl := cdktest.Synth(t, stack)
	assert.True(t, tpl.Only("AWS::EKS::Nodegroup").ComesAfter(tpl.At("AWS::EKS::AccessEntry", "/Own/")))
}

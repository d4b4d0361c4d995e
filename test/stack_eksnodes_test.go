package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/stacks"
)

var eksNodesVariants = []variant{
	{
		name:  "EksNodes",
		build: eksNodes(nil),
		stateful: []string{
			"ClusterC2E21B66", "ClusterKubectlProviderHandlerLogGroupB0C4128C", "ClusterKubectlProviderframeworkonEventLogGroup2AC81D98", "ClusterLogGroup778D89BA",
			"ClusterSecretsKey462B29B5", "VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "EksNodes-prod",
		build: eksNodes(map[string]any{"profile": "prod", "EksNodes.adminArns": "arn:aws:iam::111122223333:role/Admins",
			"EksNodes.viewerArns": "arn:aws:iam::111122223333:role/Developers", "EksNodes.publicAccessCidrs": "203.0.113.0/24", "EksNodes.instanceTypes": "m7g.large,m6g.large",
			"EksNodes.operatingSystem": "BOTTLEROCKET", "EksNodes.spot": "true", "EksNodes.albController": "true", "EksNodes.prefixDelegation": "true",
			"EksNodes.networkPolicy": "true", "EksNodes.extendedSupport": "true", "EksNodes.version": "1.34", "EksNodes.clusterName": "shop"}),
		stateful: []string{
			"ClusterC2E21B66", "ClusterKubectlProviderHandlerLogGroupB0C4128C", "ClusterKubectlProviderframeworkonEventLogGroup2AC81D98", "ClusterLogGroup778D89BA",
			"ClusterSecretsKey462B29B5", "VpcFlowLogGroupBF601037",
		},
	},
	{
		name:  "EksNodes-auto",
		build: eksNodes(map[string]any{"EksNodes.autoMode": "true"}),
		stateful: []string{
			"ClusterC2E21B66", "ClusterKubectlProviderHandlerLogGroupB0C4128C", "ClusterKubectlProviderframeworkonEventLogGroup2AC81D98", "ClusterLogGroup778D89BA",
			"ClusterSecretsKey462B29B5", "VpcFlowLogGroupBF601037",
		},
	},
}

func eksNodes(context map[string]any) func(*testing.T, awscdk.App, string) awscdk.Stack {
	return func(t *testing.T, app awscdk.App, id string) awscdk.Stack {
		t.Helper()
		settings, err := stacks.ReadContext(context)
		require.NoError(t, err)
		stack := stacks.NewEksNodes(app, id, &stacks.EksNodesProps{
			Common: stacks.Common{Profile: settings.Profile}, EksNodesSettings: settings.EksNodes,
		})
		stacks.Tag(stack, settings)
		return stack
	}
}

func TestEksNodesStaysSmall(t *testing.T) {
	count := eksNodesVariants[0].synth(t).count()
	total := 0
	for _, n := range count {
		total += n
	}
	// eks-blueprints 1.19 needs 104 resources, nine functions and a state machine for comparable add-ons.
	assert.LessOrEqual(t, total, 70)
	assert.Equal(t, []int{3, 0, 0}, []int{count["AWS::Lambda::Function"], count["AWS::CloudFormation::Stack"], count["AWS::StepFunctions::StateMachine"]})
}

func TestEksNodesInProd(t *testing.T) {
	for profile, want := range map[string]struct {
		nat                int
		least, most, zones float64
		logs               string
		retention          float64
		protected          bool
	}{
		"dev":  {1, 1, 3, 3, "Delete", 7, false},
		"prod": {3, 2, 10, 3, "RetainExceptOnCreate", 180, true},
	} {
		stack := eksNodes(map[string]any{"profile": profile})(t, newApp(t, nil), "EksNodes")
		assert.Equal(t, want.protected, *stack.TerminationProtection())
		tpl := synth(t, stack)
		cluster, nodes := tpl.only("AWS::EKS::Cluster"), tpl.only("AWS::EKS::Nodegroup")
		assert.Equal(t, want.protected, cluster.get("DeletionProtection"), profile)
		assert.Equal(t, []any{want.least, want.most}, []any{nodes.get("ScalingConfig.MinSize"), nodes.get("ScalingConfig.MaxSize")}, profile)
		assert.Len(t, nodes.get("Subnets"), int(want.zones), "an AZ without nodes")
		assert.Len(t, tpl.all("AWS::EC2::NatGateway"), want.nat, profile)
		for _, group := range tpl.all("AWS::Logs::LogGroup") {
			assert.Equal(t, []any{want.logs, want.retention}, []any{group.DeletionPolicy, group.get("RetentionInDays")}, profile)
		}
		assert.Equal(t, want.logs, cluster.ref("EncryptionConfig.0.Provider.KeyArn").DeletionPolicy, profile)
		for _, output := range []string{"ClusterName", "KubeconfigCommand", "LogGroupName", "NodegroupName"} {
			assert.Contains(t, tpl.Outputs, output)
		}
	}
}

func TestEksNodesIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		context map[string]any
		want    string
	}{
		"architectures": {map[string]any{"EksNodes.instanceTypes": "m7g.large,m7i.large"},
			`EksNodes/Nodes: InstanceTypes[1] "m7i.large" is x86, and "m7g.large" is Arm; a node group has one AMI, so make one for each`},
		"range": {map[string]any{"EksNodes.publicAccessCidrs": "office"}, `EksNodes/Cluster: PublicAccessCidrs "office" is no IPv4 range; write it as "203.0.113.0/24"`},
		"both": {map[string]any{"EksNodes.adminArns": "arn:aws:iam::111122223333:role/Me", "EksNodes.viewerArns": "arn:aws:iam::111122223333:role/Me"},
			`EksNodes/Cluster: AccessEntries[1].PrincipalArn "arn:aws:iam::111122223333:role/Me" has AccessEntries[0] already, and EKS takes one for a principal; put the two together, or give one to another role`},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, []string{c.want}, refusal(t, func() { eksNodes(c.context)(t, newApp(t, nil), "EksNodes") }))
		})
	}
}

package stacks_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/stacks"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

// eksNodesStateful are what holds data in each of them.
var eksNodesStateful = []string{
	"ClusterC2E21B66", "ClusterKubectlProviderHandlerLogGroupB0C4128C", "ClusterKubectlProviderframeworkonEventLogGroup2AC81D98",
	"ClusterLogGroup778D89BA",
	"ClusterSecretsKey462B29B5", "VpcFlowLogGroupBF601037",
}

var eksNodesVariants = []variant{
	{
		name:     "EksNodes",
		stateful: eksNodesStateful,
	},
	{
		name: "EksNodes-prod",
		context: map[string]any{"profile": "prod", "EksNodes.adminArns": "arn:aws:iam::111122223333:role/Admins",
			"EksNodes.viewerArns": "arn:aws:iam::111122223333:role/Developers", "EksNodes.publicAccessCidrs": "203.0.113.0/24",
			"EksNodes.privateAccessCidrs": "10.0.0.0/16", "EksNodes.instanceTypes": "m7g.large,m6g.large",
			"EksNodes.operatingSystem": "BOTTLEROCKET", "EksNodes.spot": "true", "EksNodes.albController": "true",
			"EksNodes.prefixDelegation": "true",
			"EksNodes.networkPolicy":    "true", "EksNodes.extendedSupport": "true", "EksNodes.version": "1.34", "EksNodes.clusterName": "shop"},
		stateful: eksNodesStateful,
	},
	{
		name:     "EksNodes-auto",
		context:  map[string]any{"EksNodes.autoMode": "true", "EksNodes.ebs": "true"},
		stateful: eksNodesStateful,
	},
	{
		name: "EksNodes-kinds",
		context: map[string]any{
			"EksNodes.nodes":             "MANAGED,SELF_MANAGED,FARGATE",
			"EksNodes.spot":              "true",
			"EksNodes.fargateNamespaces": "shop,team-*",
			"EksNodes.ebs":               "true",
			"EksNodes.containerInsights": "true",
			"EksNodes.alarmEmail":        "on-call@example.com",
		},
		stateful: slices.Sorted(
			slices.Values(append([]string{"ClusterFargateLogGroup526955A2", "InsightsApplicationLogsF603A2DE", "InsightsDataplaneLogsA7570945",
				"InsightsHostLogsED415892", "InsightsPerformanceLogsA057DAE0", "TopicKey6720E77D"}, eksNodesStateful...)),
		),
	},
	{
		name:     "EksNodes-fargate",
		context:  map[string]any{"EksNodes.nodes": "FARGATE"},
		stateful: slices.Sorted(slices.Values(append([]string{"ClusterFargateLogGroup526955A2"}, eksNodesStateful...))),
	},
}

func TestEksNodesStaysSmall(t *testing.T) {
	count := variantNamed(t, "EksNodes").synth(t).Count()
	total := 0
	for _, n := range count {
		total += n
	}
	// eks-blueprints 1.19 needs 104 resources, nine functions and a state machine for comparable add-ons.
	assert.LessOrEqual(t, total, 70)
	assert.Equal(t, 3, count["AWS::Lambda::Function"])
	assert.Zero(t, count["AWS::CloudFormation::Stack"])
	assert.Zero(t, count["AWS::StepFunctions::StateMachine"])
}

func TestEksNodesInProd(t *testing.T) {
	for profile, want := range map[string]struct {
		nat             int
		min, max, zones float64
		logs            string
		retention       float64
	}{
		"dev":  {1, 1, 3, 3, "Delete", 7},
		"prod": {3, 2, 10, 3, "RetainExceptOnCreate", 180},
	} {
		stack := buildStack(t, "EksNodes", map[string]any{"profile": profile})
		tpl := cdktest.Synth(t, stack)
		cluster, nodes := tpl.Only("AWS::EKS::Cluster"), tpl.Only("AWS::EKS::Nodegroup")
		cdktest.Has(t, nodes, map[string]any{
			"ScalingConfig.MinSize": want.min,
			"ScalingConfig.MaxSize": want.max,
		}, profile)
		assert.Len(t, nodes.Get("Subnets"), int(want.zones), "an AZ without nodes")
		assert.Len(t, tpl.All("AWS::EC2::NatGateway"), want.nat, profile)
		for _, group := range tpl.All("AWS::Logs::LogGroup") {
			assert.Equal(t, want.logs, group.DeletionPolicy, profile)
			assert.Equal(t, want.retention, group.Get("RetentionInDays"), profile)
		}
		assert.Equal(t, want.logs, cluster.Ref("EncryptionConfig.0.Provider.KeyArn").DeletionPolicy, profile)
		for _, output := range []string{"ClusterName", "KubeconfigCommand", "LogGroupName", "NodegroupName"} {
			assert.Contains(t, tpl.Outputs, output)
		}
	}
}

// Every kind of nodes stands beside the others, and what runs in all of them comes after all of them.
func TestEksNodesOfAllKinds(t *testing.T) {
	tpl := variantNamed(t, "EksNodes-kinds").synth(t)
	hosts := []*cdktest.Resource{tpl.Only("AWS::EKS::Nodegroup"), tpl.Only("AWS::AutoScaling::AutoScalingGroup"),
		tpl.Only("AWS::EKS::FargateProfile")}
	for _, name := range []string{"coredns", "metrics-server", "amazon-cloudwatch-observability"} {
		for _, host := range hosts {
			assert.True(t, shared.AddOn(tpl, name).ComesAfter(host), "%s after %s", name, host.Id)
		}
	}
	var selected []any
	for _, s := range cdktest.List(hosts[2].Get("Selectors")) {
		selected = append(selected, cdktest.Dig(s, "Namespace"))
	}
	assert.Equal(t, []any{"shop", "team-*"}, selected, "CoreDNS has nodes")
	assert.Nil(t, shared.AddOn(tpl, "coredns").Get("ConfigurationValues"))
	assert.Equal(t, 1.0, hosts[1].Get("MixedInstancesPolicy.InstancesDistribution.OnDemandBaseCapacity"))
	assert.Equal(t, 0.0, hosts[1].Get("MixedInstancesPolicy.InstancesDistribution.OnDemandPercentageAboveBaseCapacity"))
	for _, alarm := range tpl.All("AWS::CloudWatch::Alarm") {
		assert.Equal(t, "AWS::SNS::Topic", tpl.Follow(cdktest.List(alarm.Get("AlarmActions"))[0]).Type, alarm.Id)
	}
	assert.Equal(t, "on-call@example.com", tpl.Only("AWS::SNS::Subscription").Get("Endpoint"))
}

func TestEksNodesOnFargateAlone(t *testing.T) {
	tpl := variantNamed(t, "EksNodes-fargate").synth(t)
	assert.Empty(t, append(tpl.All("AWS::EKS::Nodegroup"), tpl.All("AWS::AutoScaling::AutoScalingGroup")...))
	profile := tpl.Only("AWS::EKS::FargateProfile")
	assert.Equal(t, []any{map[string]any{"Namespace": "default"}, map[string]any{"Namespace": "kube-system"}}, profile.Get("Selectors"))
	assert.JSONEq(t, `{"computeType":"Fargate"}`, shared.AddOn(tpl, "coredns").Get("ConfigurationValues").(string))
	assert.True(t, shared.AddOn(tpl, "coredns").ComesAfter(profile))
}

func TestEksNodesIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		props stacks.EksNodesProps
		want  string
	}{
		"architectures": {stacks.EksNodesProps{InstanceTypes: []string{"m7g.large", "m7i.large"}},
			`EksNodes/Nodes: InstanceTypes[1] must be Arm, like "m7g.large", because a node group has one AMI; got "m7i.large"; ` +
				"create a node group for each architecture"},
		"range": {stacks.EksNodesProps{PublicAccessCidrs: []string{"office"}},
			`EksNodes/Cluster: PublicAccessCidrs[0] must be an IPv4 range such as "203.0.113.0/24", or "203.0.113.7/32" for one address; got ` +
				`"office"`},
		"both": {stacks.EksNodesProps{AdminArns: []string{"arn:aws:iam::111122223333:role/Me"},
			ViewerArns: []string{"arn:aws:iam::111122223333:role/Me"}},
			"EksNodes/Cluster: AccessEntries[1].PrincipalArn must not repeat AccessEntries[0].PrincipalArn, because EKS accepts one access " +
				`entry for each principal; got "arn:aws:iam::111122223333:role/Me"; merge the entries, or use another role for one ` +
				"of them"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, []string{c.want}, cdktest.Refused(t, func() { stacks.NewEksNodes(cdktest.App(t, nil), "EksNodes", &c.props) }))
		})
	}
}

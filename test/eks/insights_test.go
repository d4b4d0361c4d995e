package eks_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/network"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/output"
	"awscontainers/test/cdktest"
)

func insightsWithEverything(scope constructs.Construct, cluster *eks.Cluster) *eks.ContainerInsights {
	return eks.NewContainerInsights(scope, "Insights", &eks.ContainerInsightsProps{
		Cluster: cluster, AddOnVersion: "v4.4.0-eksbuild.1", LogRetention: awslogs.RetentionDays_ONE_WEEK,
		EncryptionKey: awskms.NewKey(scope, jsii.String("InsightsKey"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)}),
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		Alarms: &eks.InsightsAlarms{Topic: notify.NewTopic(scope, "InsightsTopic", nil), NodeCpuUtilizationPercent: 70,
			NodeMemoryUtilizationPercent:     75,
			NodeFilesystemUtilizationPercent: 60, ContainerRestarts: 3},
	})
}

// configurationOf reads what an add-on is told.
func configurationOf(t *testing.T, installed *cdktest.Resource) (configuration map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(installed.Get("ConfigurationValues").(string)), &configuration))
	return configuration
}

func TestContainerInsights(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := nodeCluster(stack)
	eks.NewContainerInsights(stack, "Insights", &eks.ContainerInsightsProps{Cluster: cluster})
	// Nodes that are made later count too.
	eks.NewManagedNodes(stack, "More", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7i.large"}})
	tpl := cdktest.Synth(t, stack)

	installed := addOn(tpl, "amazon-cloudwatch-observability")
	assert.Equal(t, "AWS::EKS::Cluster", installed.Ref("ClusterName").Type)
	assert.Nil(t, installed.Get("AddonVersion"))
	assert.Equal(t, map[string]any{
		"agent": map[string]any{"config": map[string]any{"logs": map[string]any{"metrics_collected": map[string]any{
			"kubernetes": map[string]any{"enhanced_container_insights": true}}}}},
		"containerLogs": map[string]any{"enabled": true},
		"manager":       map[string]any{"applicationSignals": map[string]any{"autoMonitor": map[string]any{"monitorAllServices": false}}},
	}, configurationOf(t, installed))

	// The agents have their role by Pod Identity, and may do what the agent of CloudWatch may.
	require.Len(t, installed.Get("PodIdentityAssociations"), 1)
	assert.Equal(t, "cloudwatch-agent", installed.Get("PodIdentityAssociations.0.ServiceAccount"))
	role := installed.Ref("PodIdentityAssociations.0.RoleArn")
	cdktest.MayExactly(t, role, cdktest.ManagedPolicies("CloudWatchAgentServerPolicy"))
	var actions []any
	for _, statement := range cdktest.List(role.Get("AssumeRolePolicyDocument.Statement")) {
		assert.Equal(t, "pods.eks.amazonaws.com", cdktest.Dig(statement, "Principal.Service"))
		assert.Equal(t, map[string]any{"StringEquals": map[string]any{
			"aws:RequestTag/eks-cluster-arn":            map[string]any{"Fn::GetAtt": []any{tpl.Only("AWS::EKS::Cluster").Id, "Arn"}},
			"aws:RequestTag/kubernetes-namespace":       "amazon-cloudwatch",
			"aws:RequestTag/kubernetes-service-account": "cloudwatch-agent",
		}}, cdktest.Dig(statement, "Condition"))
		actions = append(actions, cdktest.Dig(statement, "Action"))
	}
	assert.ElementsMatch(t, []any{"sts:AssumeRole", "sts:TagSession"}, actions)
	assert.Empty(t, tpl.All("AWS::EKS::PodIdentityAssociation"), "the add-on's own")

	// What the agents would make and keep for ever is there before, and goes after them.
	name := tpl.Only("AWS::EKS::Cluster").Get("Name").(string)
	for _, kind := range []string{"application", "dataplane", "host", "performance"} {
		group := logGroupNamed(t, tpl, "/aws/containerinsights/"+name+"/"+kind)
		assert.Equal(t, 30.0, group.Get("RetentionInDays"), kind)
		assert.Equal(t, "RetainExceptOnCreate", group.DeletionPolicy, kind)
		assert.Nil(t, group.Get("KmsKeyId"), kind)
		assert.True(t, installed.ComesAfter(group), kind)
	}
	assert.True(t, installed.ComesAfter(role))
	assert.True(t, installed.ComesAfter(addOn(tpl, "eks-pod-identity-agent")))
	nodes := tpl.All("AWS::EKS::Nodegroup")
	require.Len(t, nodes, 2)
	for _, group := range nodes {
		assert.True(t, installed.ComesAfter(group), group.Path())
	}
	assert.Empty(t, tpl.All("AWS::CloudWatch::Alarm"))
	requireOnlyKubectlFunctions(t, tpl)
}

// logGroupNamed gives the log group of a name.
func logGroupNamed(t *testing.T, tpl *cdktest.Template, name string) *cdktest.Resource {
	t.Helper()
	for _, group := range tpl.All("AWS::Logs::LogGroup") {
		if group.Get("LogGroupName") == name {
			return group
		}
	}
	require.Fail(t, "no such log group", name)
	return nil
}

func TestContainerInsightsWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	insights := insightsWithEverything(stack, nodeCluster(stack))
	output.New(stack, "AddOn", insights.AddOnArn())
	tpl := cdktest.Synth(t, stack)

	installed := addOn(tpl, "amazon-cloudwatch-observability")
	assert.Equal(t, "v4.4.0-eksbuild.1", installed.Get("AddonVersion"))
	assert.Equal(t, installed, tpl.Follow(tpl.Outputs["AddOn"]["Value"]))
	groups := 0
	for _, group := range tpl.All("AWS::Logs::LogGroup") {
		if name, _ := group.Get("LogGroupName").(string); len(name) > 22 && name[:23] == "/aws/containerinsights/" {
			groups++
			assert.Equal(t, 7.0, group.Get("RetentionInDays"))
			assert.Equal(t, tpl.At("AWS::KMS::Key", "/InsightsKey/"), group.Ref("KmsKeyId"))
			assert.Equal(t, "Delete", group.DeletionPolicy)
		}
	}
	assert.Equal(t, 4, groups)

	topic := tpl.Only("AWS::SNS::Topic")
	type alarm struct {
		metric, statistic, comparison, missing string
		threshold, period, periods, of         float64
	}
	const atLeast = "GreaterThanOrEqualToThreshold"
	want := map[string]alarm{
		"NoMetricsAlarm":      {"cluster_node_count", "Maximum", "LessThanThreshold", "breaching", 1, 60, 10, 10},
		"FailedNodesAlarm":    {"cluster_failed_node_count", "Maximum", atLeast, "notBreaching", 1, 60, 3, 5},
		"NodeCpuAlarm":        {"node_cpu_utilization", "Average", atLeast, "notBreaching", 70, 60, 3, 5},
		"NodeMemoryAlarm":     {"node_memory_utilization", "Maximum", atLeast, "notBreaching", 75, 60, 3, 5},
		"NodeFilesystemAlarm": {"node_filesystem_utilization", "Maximum", atLeast, "notBreaching", 60, 60, 3, 5},
		"RestartsAlarm":       {"pod_number_of_container_restarts", "Sum", atLeast, "notBreaching", 3, 300, 1, 1},
		"CrashLoopAlarm":      {"pod_container_status_waiting_reason_crash_loop_back_off", "Maximum", atLeast, "notBreaching", 1, 60, 3, 5},
		"ImagePullAlarm":      {"pod_container_status_waiting_reason_image_pull_error", "Maximum", atLeast, "notBreaching", 1, 60, 3, 5},
		"PendingPodsAlarm":    {"pod_status_pending", "Maximum", atLeast, "notBreaching", 1, 60, 15, 15},
	}
	require.Len(t, tpl.All("AWS::CloudWatch::Alarm"), len(want))
	for id, w := range want {
		r := tpl.At("AWS::CloudWatch::Alarm", "/"+id+"/")
		got := alarm{
			r.Get("MetricName").(string), r.Get("Statistic").(string), r.Get("ComparisonOperator").(string), r.Get("TreatMissingData").(string),
			r.Get("Threshold").(float64), r.Get("Period").(float64), r.Get("DatapointsToAlarm").(float64), r.Get("EvaluationPeriods").(float64),
		}
		assert.Equal(t, w, got, id)
		assert.Equal(t, "ContainerInsights", r.Get("Namespace"), id)
		assert.Len(t, r.Get("Dimensions"), 1, id)
		assert.Equal(t, "ClusterName", r.Get("Dimensions.0.Name"), id)
		assert.Equal(t, tpl.Only("AWS::EKS::Cluster"), r.Ref("Dimensions.0.Value"), id)
		assert.Equal(t, topic, r.Ref("AlarmActions.0"), id)
		assert.Equal(t, topic, r.Ref("OKActions.0"), id)
		assert.Contains(t, r.Get("AlarmDescription"), "(Test/Cluster)", id)
		assert.True(t, r.ComesAfter(installed), id)
	}
}

// Metrics alone need neither Fluent Bit nor its log groups.
func TestContainerInsightsWithoutLogs(t *testing.T) {
	stack := cdktest.Stack(t)
	insights := eks.NewContainerInsights(stack, "Insights",
		&eks.ContainerInsightsProps{Cluster: nodeCluster(stack), DisableContainerLogs: true,
			AddOnVersion: "v3.3.0-eksbuild.1"})
	assert.Nil(t, insights.ApplicationLogs)
	tpl := cdktest.Synth(t, stack)
	configuration := configurationOf(t, addOn(tpl, "amazon-cloudwatch-observability"))
	assert.Equal(t, map[string]any{"enabled": false}, configuration["containerLogs"])
	assert.NotContains(t, configuration, "manager")
	tpl.At("AWS::Logs::LogGroup", "/Insights/")
}

// Auto Mode has the agent of Pod Identity built in, and makes nodes by itself.
func TestContainerInsightsInAutoMode(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack, "Cluster", &eks.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc, AutoMode: true})
	eks.NewContainerInsights(stack, "Insights", &eks.ContainerInsightsProps{Cluster: cluster})
	tpl := cdktest.Synth(t, stack)
	assert.NotNil(t, addOn(tpl, "amazon-cloudwatch-observability").Ref("PodIdentityAssociations.0.RoleArn"))
}

func TestContainerInsightsIsRefusedTwice(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := nodeCluster(stack)
	eks.NewContainerInsights(stack, "Insights", &eks.ContainerInsightsProps{Cluster: cluster})
	assert.Equal(t, []string{"Test/Again: Cluster must not have another ContainerInsights; remove this or Test/Insights"},
		cdktest.Refused(t, func() {
			eks.NewContainerInsights(stack, "Again", &eks.ContainerInsightsProps{Cluster: cluster})
		}))
}

// The operator of the add-on is no DaemonSet, and would run where its role does not reach.
func TestContainerInsightsAndFargateAreKeptApart(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newKubernetes(stack, nil)
	eks.NewContainerInsights(stack, "Insights", &eks.ContainerInsightsProps{Cluster: cluster})
	said := cdktest.Refused(t, func() {
		eks.NewFargateProfile(stack, "Profile",
			&eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "amazon-*"}}})
	})
	require.Len(t, said, 1)
	assert.Contains(t, said[0],
		`Test/Profile: Selectors[0].Namespace must not select the pods of Test/Insights, whose role needs EKS Pod Identity`)

	stack = cdktest.Stack(t)
	cluster = newKubernetes(stack, nil)
	eks.NewFargateProfile(stack, "Profile", &eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "*"}}})
	assert.Equal(t,
		[]string{`Test/Insights: Cluster must not have a FargateProfile that selects namespace "amazon-cloudwatch", in which part of the ` +
			`add-on would run without a role; select fewer pods there`},
		cdktest.Refused(t, func() { eks.NewContainerInsights(stack, "Insights", &eks.ContainerInsightsProps{Cluster: cluster}) }))
}

// The controller's webhook is asked about every Service, also the add-on's.
func TestContainerInsightsComesAfterTheAlbController(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newKubernetes(stack, func(p *eks.ClusterProps) { p.AlbController = true })
	eks.NewContainerInsights(stack, "Insights", &eks.ContainerInsightsProps{Cluster: cluster})
	eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
	tpl := cdktest.Synth(t, stack)
	assert.True(t, addOn(tpl, "amazon-cloudwatch-observability").ComesAfter(tpl.Only("Custom::AWSCDK-EKS-HelmChart")))
}

package eks

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/notify"
)

type standInTopic struct{ awssns.ITopic }

func TestContainerInsightsProps(t *testing.T) {
	watched := clusterStandIn()
	watched.fargate.insights = "Test/Insights"
	for name, c := range map[string]struct {
		props ContainerInsightsProps
		want  []string
	}{
		"least": {ContainerInsightsProps{Cluster: clusterStandIn()}, nil},
		"all": {ContainerInsightsProps{Cluster: clusterStandIn(), AddOnVersion: "v4.4.0-eksbuild.1", DisableContainerLogs: true,
			LogRetention: awslogs.RetentionDays_ONE_DAY, LogEncryptionKey: &standInKey{}, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
			Alarms: &InsightsAlarms{Topic: &notify.Topic{}, NodeCpuUtilizationPercent: 1, NodeMemoryUtilizationPercent: 100, NodeFilesystemUtilizationPercent: 50, ContainerRestarts: 1}}, nil},
		"the oldest version":     {ContainerInsightsProps{Cluster: clusterStandIn(), AddOnVersion: "v3.1.0-eksbuild.1"}, nil},
		"a version that a token": {ContainerInsightsProps{Cluster: clusterStandIn(), AddOnVersion: "${Token[V.1]}"}, nil},
		"nothing":                {ContainerInsightsProps{}, []string{"Cluster is missing; make it with eks.NewCluster"}},
		"twice":                  {ContainerInsightsProps{Cluster: watched}, []string{"Cluster has Container Insights already, of Test/Insights; leave one of them out"}},
		"a version that is none": {ContainerInsightsProps{Cluster: clusterStandIn(), AddOnVersion: "4.4"}, []string{
			`AddOnVersion "4.4" is no version of an add-on; write it as "v4.4.0-eksbuild.1"`}},
		"an old version": {ContainerInsightsProps{Cluster: clusterStandIn(), AddOnVersion: "v3.0.0-eksbuild.1"}, []string{
			`AddOnVersion "v3.0.0-eksbuild.1" takes no role by Pod Identity; use "v3.1.0-eksbuild.1" or later`}},
		"a very old version": {ContainerInsightsProps{Cluster: clusterStandIn(), AddOnVersion: "v1.10.0-eksbuild.2"}, []string{
			`AddOnVersion "v1.10.0-eksbuild.2" takes no role by Pod Identity; use "v3.1.0-eksbuild.1" or later`}},
		"alarms for nobody": {ContainerInsightsProps{Cluster: clusterStandIn(), Alarms: &InsightsAlarms{}}, []string{
			"Alarms.Topic is missing; give one that CloudWatch may publish to, or leave Alarms out"}},
		"alarms out of range": {ContainerInsightsProps{Cluster: clusterStandIn(), Alarms: &InsightsAlarms{Topic: &notify.Topic{}, NodeCpuUtilizationPercent: -1,
			NodeMemoryUtilizationPercent: 101, NodeFilesystemUtilizationPercent: 200, ContainerRestarts: -5}}, []string{
			"Alarms.NodeCpuUtilizationPercent -1 is out of range; use 1 to 100", "Alarms.NodeMemoryUtilizationPercent 101 is out of range; use 1 to 100",
			"Alarms.NodeFilesystemUtilizationPercent 200 is out of range; use 1 to 100", "Alarms.ContainerRestarts -5 is out of range; use 1 or more"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.props.setDefaults()
			refusedFor(t, c.props.validate(), c.want...)
		})
	}
}

// The caller's alarms stay as they were.
func TestInsightsAlarmsAreCopied(t *testing.T) {
	given := InsightsAlarms{Topic: &notify.Topic{}}
	p := ContainerInsightsProps{Alarms: &given}
	p.setDefaults()
	assert.Equal(t, InsightsAlarms{Topic: &notify.Topic{}}, given)
	assert.Equal(t, 85, p.Alarms.NodeCpuUtilizationPercent)
}

// A version that does not know auto-monitoring would refuse its setting.
func TestAutoMonitoringIsOffWhereItIsKnown(t *testing.T) {
	for version, want := range map[string]bool{"": true, "v3.10.1-eksbuild.1": false, "v4.0.0-eksbuild.1": true, "v10.0.0-eksbuild.1": true, "${Token[V.1]}": true} {
		p := ContainerInsightsProps{AddOnVersion: version}
		assert.Equal(t, want, p.configuration()["manager"] != nil, version)
	}
}

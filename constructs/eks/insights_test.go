package eks

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/notify"
	"awscontainers/internal/fake"
)

func TestContainerInsightsProps(t *testing.T) {
	watched := clusterStandIn()
	watched.fargate.insightsPath = "Test/Insights"
	for name, c := range map[string]struct {
		props ContainerInsightsProps
		want  []string
	}{
		"least": {ContainerInsightsProps{Cluster: clusterStandIn()}, nil},
		"all": {ContainerInsightsProps{Cluster: clusterStandIn(), AddOnVersion: "v4.4.0-eksbuild.1", DisableContainerLogs: true,
			LogRetention: awslogs.RetentionDays_ONE_DAY, EncryptionKey: &standInKey{}, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
			Alarms: &InsightsAlarms{Topic: &notify.Topic{Construct: fake.Construct{}}, NodeCpuUtilizationPercent: 1,
				NodeMemoryUtilizationPercent:     100,
				NodeFilesystemUtilizationPercent: 50, ContainerRestarts: 1}}, nil},
		"the oldest version":     {ContainerInsightsProps{Cluster: clusterStandIn(), AddOnVersion: "v3.1.0-eksbuild.1"}, nil},
		"a version that a token": {ContainerInsightsProps{Cluster: clusterStandIn(), AddOnVersion: "${Token[V.1]}"}, nil},
		"nothing":                {ContainerInsightsProps{}, []string{"Cluster is required; use eks.NewCluster or eks.ClusterFrom"}},
		"twice": {ContainerInsightsProps{Cluster: watched},
			[]string{"Cluster must not have another ContainerInsights; remove this or Test/Insights"}},
		"a version that is none": {ContainerInsightsProps{Cluster: clusterStandIn(), AddOnVersion: "4.4"}, []string{
			`AddOnVersion must be the version of an add-on, such as "v1.20.4-eksbuild.2"; got "4.4"`}},
		"an old version": {ContainerInsightsProps{Cluster: clusterStandIn(), AddOnVersion: "v3.0.0-eksbuild.1"}, []string{
			`AddOnVersion must be "v3.1.0-eksbuild.1" or later, which accepts a role by EKS Pod Identity; got "v3.0.0-eksbuild.1"`}},
		"a very old version": {ContainerInsightsProps{Cluster: clusterStandIn(), AddOnVersion: "v1.10.0-eksbuild.2"}, []string{
			`AddOnVersion must be "v3.1.0-eksbuild.1" or later, which accepts a role by EKS Pod Identity; got "v1.10.0-eksbuild.2"`}},
		"alarms for nobody": {ContainerInsightsProps{Cluster: clusterStandIn(), Alarms: &InsightsAlarms{}}, []string{
			"Alarms.Topic is required; use notify.NewTopic or notify.TopicFrom, or remove Alarms"}},
		"alarms out of range": {ContainerInsightsProps{Cluster: clusterStandIn(),
			Alarms: &InsightsAlarms{Topic: &notify.Topic{Construct: fake.Construct{}}, NodeCpuUtilizationPercent: -1,
				NodeMemoryUtilizationPercent: 101, NodeFilesystemUtilizationPercent: 200, ContainerRestarts: -5}}, []string{
			"Alarms.NodeCpuUtilizationPercent must be an integer from 1 to 100; got -1",
			"Alarms.NodeMemoryUtilizationPercent must be an integer from 1 to 100; got 101",
			"Alarms.NodeFilesystemUtilizationPercent must be an integer from 1 to 100; got 200",
			"Alarms.ContainerRestarts must be 1 or greater; got -5"}},
	} {
		t.Run(name, func(t *testing.T) {
			refusedFor(t, refusal(&c.props), c.want...)
		})
	}
}

// The caller's alarms stay as they were.
func TestInsightsAlarmsAreCopied(t *testing.T) {
	given := InsightsAlarms{Topic: &notify.Topic{Construct: fake.Construct{}}}
	p := ContainerInsightsProps{Alarms: &given}
	p.setDefaults()
	assert.Equal(t, InsightsAlarms{Topic: &notify.Topic{Construct: fake.Construct{}}}, given)
	assert.Equal(t, 85, p.Alarms.NodeCpuUtilizationPercent)
}

// A version that does not know auto-monitoring would refuse its setting.
func TestAutoMonitoringIsOffWhereItIsKnown(t *testing.T) {
	for version, want := range map[string]bool{"": true, "v3.10.1-eksbuild.1": false, "v4.0.0-eksbuild.1": true, "v10.0.0-eksbuild.1": true,
		"${Token[V.1]}": true} {
		p := ContainerInsightsProps{AddOnVersion: version}
		assert.Equal(t, want, p.configuration()["manager"] != nil, version)
	}
}

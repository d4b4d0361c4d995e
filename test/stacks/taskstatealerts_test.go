package stacks_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

var taskStateAlertsVariants = []variant{
	{
		name:     "TaskStateAlerts",
		stateful: []string{"AlertsLogGroup32FB9138", "SampleLogGroup2431A2DE", "TopicKey6720E77D", "VpcFlowLogGroupBF601037"},
	},
	{
		name: "TaskStateAlerts-prod",
		context: map[string]any{"profile": "prod", "TaskStateAlerts.emails": "on-call@example.com", "TaskStateAlerts.allClusters": "true",
			"TaskStateAlerts.failures": "NON_ZERO_EXIT,OUT_OF_MEMORY,DEPLOYMENT_FAILED"},
		stateful: []string{"AlertsLogGroup32FB9138", "SampleLogGroup2431A2DE", "TopicKey6720E77D", "VpcFlowLogGroupBF601037"},
	},
	{
		name: "TaskStateAlerts-full",
		context: map[string]any{
			"TaskStateAlerts.emails":           "on-call@example.com,team@example.com",
			"TaskStateAlerts.httpsEndpoints":   "https://example.com/hook",
			"TaskStateAlerts.slackWorkspaceId": "T0123ABCDEF",
			"TaskStateAlerts.slackChannelId":   "C0123ABCDEF",
			"TaskStateAlerts.teamsTenantId":    shared.TeamsTenant,
			"TaskStateAlerts.teamsTeamId":      shared.TeamsTeam,
			"TaskStateAlerts.teamsChannelId":   shared.TeamsChannel,
		},
		stateful: []string{"AlertsLogGroup32FB9138", "SampleLogGroup2431A2DE", "TopicKey6720E77D", "VpcFlowLogGroupBF601037"},
	},
}

// The sample task fails as it says, in the cluster that is watched, and that is told and kept.
func TestTaskStateAlertsTellOfTheirSample(t *testing.T) {
	tpl := cdktest.Synth(t, buildStack(t, "TaskStateAlerts", nil))
	task := tpl.Only("AWS::ECS::TaskDefinition")
	command := cdktest.List(task.Get("ContainerDefinitions.0.Command"))
	assert.Contains(t, command[len(command)-1], "exit 42")
	family := task.Get("Family").(string)

	detail := shared.Ended(shared.StoppedContainer("sample", 42, ""))
	detail["group"] = "family:" + family
	event := shared.SampleEvent(t, shared.TaskEvent, detail)
	assert.ElementsMatch(t, []string{"NonZeroExit", "Log"}, shared.MatchingRules(t, tpl, event))
	said := shared.Notices(t, tpl, "NonZeroExit", event)["Topic"]
	assert.Contains(t, said, fmt.Sprintf("A task of family:%s in cluster web stopped", family))
	assert.Contains(t, said, "Exit codes: [42]")

	// What a person does to start it.
	starts := tpl.At("AWS::Events::Rule", "/SampleRule/")
	assert.True(
		t,
		cdktest.Matches(
			t,
			starts.Get("EventPattern"),
			map[string]any{"source": "awscontainers.sample", "detail-type": "Fail on purpose", "detail": map[string]any{}},
		),
	)
	assert.Same(t, task, starts.Ref("Targets.0.EcsParameters.TaskDefinitionArn"))
	assert.Same(t, tpl.Only("AWS::ECS::Cluster"), starts.Ref("Targets.0.Arn"))
	assert.Same(
		t,
		tpl.Only("AWS::SNS::Topic"),
		tpl.Only("AWS::CloudWatch::Alarm").Ref("AlarmActions.0"),
		"nobody hears that it did not even start",
	)
	assert.Empty(t, tpl.All("AWS::ECS::Service"))
	for _, role := range tpl.All("AWS::IAM::Role") {
		assert.NotContains(t, role.Path(), "/Alerts/", "rules write by the policies of their targets")
	}
}

func TestTaskStateAlertsByProfile(t *testing.T) {
	for profile, want := range map[string]struct {
		deletion string
		days     float64
	}{"dev": {"Delete", 7}, "prod": {"RetainExceptOnCreate", 180}} {
		stack := buildStack(
			t,
			"TaskStateAlerts",
			map[string]any{"profile": profile, "TaskStateAlerts.allClusters": "true", "TaskStateAlerts.failures": "OUT_OF_MEMORY"},
		)
		tpl := cdktest.Synth(t, stack)
		kept := tpl.At("AWS::Logs::LogGroup", "/Alerts/")
		assert.Equal(t, want.deletion, kept.DeletionPolicy, profile)
		assert.Equal(t, want.days, kept.Get("RetentionInDays"), profile)
		assert.Len(t, tpl.All("AWS::Events::Rule"), 3, "one failure, the log, and the one that starts the sample")
		for _, rule := range tpl.All("AWS::Events::Rule") {
			assert.Nil(t, rule.Get("EventPattern.detail.clusterArn"), "a cluster, where all were asked for")
			assert.Nil(t, rule.Get("EventPattern.$or"))
		}
	}
}

func TestTaskStateAlertsAreRefused(t *testing.T) {
	assert.Equal(t, []string{
		`TaskStateAlerts/Topic: HttpsEndpoints[0] must be the URL of an HTTPS endpoint such as "https://example.com/hook"; got ` +
			`"http://example.com/hook"`,
		"TaskStateAlerts/Topic: HttpsEndpoints[1] must not contain a user name or a password, which everyone who can read the template " +
			`would see; got "https://me:xxxxx@example.com/"; verify the signature of SNS messages in the endpoint`,
	}, cdktest.Refused(t, func() {
		buildStack(
			t,
			"TaskStateAlerts",
			map[string]any{"TaskStateAlerts.httpsEndpoints": "http://example.com/hook,https://me:secret@example.com/"},
		)
	}))
}

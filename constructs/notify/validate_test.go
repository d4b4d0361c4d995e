package notify

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/stretchr/testify/assert"

	"awscontainers/internal/fake"
)

const (
	notAnEmail   = `must be an email address such as "on-call@example.com"; got `
	notHttps     = `must be the URL of an HTTPS endpoint such as "https://example.com/hook"; got `
	notAWebhook  = `must not be the webhook of a chat, which can't confirm an SNS subscription; got `
	notWorkspace = `must be the ID of a Slack workspace such as "T0123ABCDEF"; got `
	notChannel   = `must be the ID of a Slack channel, not its name, such as "C0123ABCDEF"; got `
	notTeamsId   = `must be an ID such as "01234567-89ab-cdef-0123-456789abcdef"; got `
	teamsChannel = "19%3ab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2"
)

func TestTopicPropsAreValidated(t *testing.T) {
	queue := &fake.Queue{}
	teams := TeamsChannel{
		TenantId:  "01234567-89ab-cdef-0123-456789abcdef",
		TeamId:    "01234567-89AB-CDEF-0123-456789ABCDEF",
		ChannelId: teamsChannel,
	}
	slack := SlackChannel{WorkspaceId: "T0123ABCDEF", ChannelId: "C0123ABCDEF"}
	for name, c := range map[string]struct {
		props TopicProps
		want  []string
	}{
		"zero": {},
		"all": {TopicProps{
			Emails:         []string{"a@example.com", "b@example.com"},
			HttpsEndpoints: []string{"https://example.com/hook?x=1", "https://example.com:8443"},
			Queues:         []awssqs.IQueue{queue},
			Slack:          []SlackChannel{slack, {WorkspaceId: "T0123ABCDEF", ChannelId: "C0123ABCDEG"}},
			Teams:          []TeamsChannel{teams}, EncryptionKey: fake.Key{},
		}, nil},
		"known when deployed": {TopicProps{
			Emails: []string{"${Token[A.1]}"}, HttpsEndpoints: []string{"${Token[A.2]}"},
			Slack: []SlackChannel{{WorkspaceId: "${Token[A.3]}", ChannelId: "${Token[A.4]}"}},
			Teams: []TeamsChannel{{TenantId: "${Token[A.5]}", TeamId: "${Token[A.6]}", ChannelId: "${Token[A.7]}"}},
		}, nil},
		"emails": {TopicProps{Emails: []string{
			"", "on-call", "On Call <on-call@example.com>", "a@example.com", "a@example.com", "a@example.com, b@example.com",
		}}, []string{
			`Emails[0] ` + notAnEmail + `""`,
			`Emails[1] ` + notAnEmail + `"on-call"`,
			`Emails[2] ` + notAnEmail + `"On Call <on-call@example.com>"`,
			`Emails[4] must not repeat Emails[3]; got "a@example.com"`,
			`Emails[5] ` + notAnEmail + `"a@example.com, b@example.com"`}},
		"endpoints": {TopicProps{HttpsEndpoints: []string{
			"http://example.com", "example.com", "https://", "https://a.example.com", "https://a.example.com",
		}}, []string{
			`HttpsEndpoints[0] ` + notHttps + `"http://example.com"`,
			`HttpsEndpoints[1] ` + notHttps + `"example.com"`,
			`HttpsEndpoints[2] ` + notHttps + `"https:"`,
			`HttpsEndpoints[4] must not repeat HttpsEndpoints[3]; got "https://a.example.com"`}},
		"passwords": {TopicProps{HttpsEndpoints: []string{
			"https://me:secret@example.com/", "https://me:secret@example.com/", "http://me:secret@example.com/",
		}}, []string{
			`HttpsEndpoints[0] must not contain a user name or a password, which everyone who can read the template would see; ` +
				`got "https://me:xxxxx@example.com/"; verify the signature of SNS messages in the endpoint`,
			`HttpsEndpoints[1] must not contain a user name or a password, which everyone who can read the template would see; ` +
				`got "https://me:xxxxx@example.com/"; verify the signature of SNS messages in the endpoint`,
			`HttpsEndpoints[2] ` + notHttps + `"http://me:xxxxx@example.com/"`}},
		"webhooks": {TopicProps{HttpsEndpoints: []string{
			"https://hooks.slack.com/services/T/B/x", "https://acme.webhook.office.com/x",
		}}, []string{
			`HttpsEndpoints[0] ` + notAWebhook + `"https://hooks.slack.com/services/T/B/x"; set Slack or Teams`,
			`HttpsEndpoints[1] ` + notAWebhook + `"https://acme.webhook.office.com/x"; set Slack or Teams`}},
		"queues": {TopicProps{Queues: []awssqs.IQueue{nil, nil, queue, queue}}, []string{
			"Queues[0] must be an SQS queue; got nil", "Queues[1] must be an SQS queue; got nil",
			"Queues[3] must not repeat Queues[2]; remove one of them"}},
		"slack": {TopicProps{Slack: []SlackChannel{
			{WorkspaceId: "acme", ChannelId: "#alerts"}, slack, slack, {}, {WorkspaceId: "TEAM", ChannelId: "ops"},
		}}, []string{
			`Slack[0].WorkspaceId ` + notWorkspace + `"acme"`,
			`Slack[0].ChannelId ` + notChannel + `"#alerts"`,
			"Slack[2] must not repeat Slack[1]; remove one of them",
			`Slack[3].WorkspaceId is required: the ID of a Slack workspace such as "T0123ABCDEF"`,
			`Slack[3].ChannelId is required: the ID of a Slack channel, not its name, such as "C0123ABCDEF"`,
			`Slack[4].WorkspaceId ` + notWorkspace + `"TEAM"`,
			`Slack[4].ChannelId ` + notChannel + `"ops"`}},
		"teams": {TopicProps{Teams: []TeamsChannel{{TenantId: "acme", TeamId: "ops", ChannelId: "19:abc@thread.tacv2"}, teams, teams}}, []string{
			`Teams[0].TenantId ` + notTeamsId + `"acme"`,
			`Teams[0].TeamId ` + notTeamsId + `"ops"`,
			`Teams[0].ChannelId must be the ID of a channel, encoded as in the link to it, such as "` + teamsChannel +
				`"; got "19:abc@thread.tacv2"`,
			"Teams[2] must not repeat Teams[1]; remove one of them"}},
	} {
		t.Run(name, func(t *testing.T) { fake.Refused(t, c.props.Validate(), c.want...) })
	}
}

func TestAQueueThatWouldReceiveNothingIsRefused(t *testing.T) {
	p := TopicProps{Queues: []awssqs.IQueue{nil, &fake.Queue{}, &fake.Queue{Encryption: awssqs.QueueEncryption_KMS_MANAGED}}}
	fake.Refused(
		t,
		p.validateQueues(nil),
		"Queues[2] must not be encrypted with alias/aws/sqs, which SNS can't use, so that the queue would receive nothing; "+
			"use awssqs.QueueEncryption_SQS_MANAGED or a KMS key of your own",
	)
}

func TestAlarmPropsAreValidated(t *testing.T) {
	p := AlarmProps{Description: "Tasks answer with 5xx", Metric: fake.Metric{}}
	for name, c := range map[string]struct {
		change func(p *AlarmProps)
		want   []string
	}{
		"least": {func(*AlarmProps) {}, nil},
		"zero": {
			func(p *AlarmProps) { *p = AlarmProps{} },
			[]string{"Description is required; say what is wrong when the alarm fires", "Metric is required"},
		},
		"only periods": {func(p *AlarmProps) { p.EvaluationPeriods = 1 }, nil},
		"negative": {
			func(p *AlarmProps) { p.EvaluationPeriods, p.DatapointsToAlarm = -1, 1 },
			[]string{"EvaluationPeriods must be 1 or greater; got -1"},
		},
		"more than there are": {
			func(p *AlarmProps) { p.EvaluationPeriods, p.DatapointsToAlarm = 2, 3 },
			[]string{"DatapointsToAlarm must be an integer from 1 to 2; got 3"},
		},
		"more than by default": {
			func(p *AlarmProps) { p.DatapointsToAlarm = 6 }, []string{"DatapointsToAlarm must be an integer from 1 to 5; got 6"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			q := p
			c.change(&q)
			fake.Refused(t, q.Validate(), c.want...)
		})
	}
}

func TestAlarmDefaults(t *testing.T) {
	for name, c := range map[string]struct {
		given, want AlarmProps
	}{
		"none": {AlarmProps{}, AlarmProps{
			ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
			TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING, EvaluationPeriods: 5, DatapointsToAlarm: 3,
		}},
		"all of the periods that are set": {AlarmProps{EvaluationPeriods: 10}, AlarmProps{
			ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
			TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING, EvaluationPeriods: 10, DatapointsToAlarm: 10,
		}},
		"what is given": {
			AlarmProps{
				ComparisonOperator: awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD,
				TreatMissingData:   awscloudwatch.TreatMissingData_BREACHING, EvaluationPeriods: 4, DatapointsToAlarm: 2,
			},
			AlarmProps{
				ComparisonOperator: awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD,
				TreatMissingData:   awscloudwatch.TreatMissingData_BREACHING, EvaluationPeriods: 4, DatapointsToAlarm: 2,
			},
		},
	} {
		c.given.setDefaults()
		assert.Equal(t, c.want, c.given, name)
	}
}

func TestTopicAttributesAreValidated(t *testing.T) {
	fake.Refused(t, (&TopicAttributes{}).Validate(), "Topic is required; pass an awssns.ITopic")
	fake.Refused(t, (&TopicAttributes{Topic: fake.Topic{}}).Validate())
}

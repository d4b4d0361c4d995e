package test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/events"
	"awscontainers/constructs/notify"
	"awscontainers/test/cdktest"
)

// alarmsHere is the condition under which CloudWatch may publish.
var alarmsHere = map[string]any{
	"StringEquals": map[string]any{"aws:SourceAccount": map[string]any{"Ref": "AWS::AccountId"}},
	"ArnLike": map[string]any{
		"aws:SourceArn": map[string]any{"Fn::Sub": "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*"},
	},
}

// admitted are the conditions under which services may do something by a policy.
func admitted(statements any) map[string]any {
	found := map[string]any{}
	for _, s := range cdktest.List(statements) {
		if service, ok := cdktest.Dig(s, "Principal.Service").(string); ok && cdktest.Dig(s, "Effect") == "Allow" {
			found[service] = cdktest.Dig(s, "Condition")
		}
	}
	return found
}

func TestTopicWithDefaults(t *testing.T) {
	stack := cdktest.Stack(t)
	topic := notify.NewTopic(stack, "Topic", nil)
	assert.Nil(t, topic.ChatTopic)
	service := alertedService(stack, "api")
	ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: service, Topic: topic})
	tpl := cdktest.Synth(t, stack)

	made, key := tpl.Only("AWS::SNS::Topic"), tpl.Only("AWS::KMS::Key")
	assert.Same(t, key, made.Ref("KmsMasterKeyId"), "EventBridge may not use the key that AWS manages")
	assert.Equal(t, true, key.Get("EnableKeyRotation"))
	assert.Equal(t, "Delete", key.DeletionPolicy)
	// No rule uses this topic, so EventBridge, for which no condition is possible, may not publish.
	want := map[string]any{"cloudwatch.amazonaws.com": alarmsHere}
	assert.Equal(t, want, admitted(key.Get("KeyPolicy.Statement")))
	for _, s := range cdktest.List(key.Get("KeyPolicy.Statement"))[1:] {
		assert.Equal(t, []any{"kms:Decrypt", "kms:GenerateDataKey*"}, cdktest.Dig(s, "Action"), "alarms vanish: nobody can encrypt them")
	}
	policy := tpl.Only("AWS::SNS::TopicPolicy")
	assert.Same(t, made, policy.Ref("Topics.0"))
	assert.Equal(t, want, admitted(policy.Get("PolicyDocument.Statement")))
	denied := 0
	for _, s := range cdktest.List(policy.Get("PolicyDocument.Statement")) {
		if cdktest.Dig(s, "Effect") == "Deny" {
			denied++
			assert.Equal(t, map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}}, cdktest.Dig(s, "Condition"))
		}
	}
	assert.Equal(t, 1, denied, "plain text")
	assert.Empty(t, tpl.All("AWS::SNS::Subscription"))
	assert.Empty(t, tpl.All("AWS::Chatbot::SlackChannelConfiguration"))
	alarms := tpl.All("AWS::CloudWatch::Alarm")
	require.NotEmpty(t, alarms)
	for _, alarm := range alarms {
		assert.Same(t, made, alarm.Ref("AlarmActions.0"))
	}
}

func TestTopicWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	queueKey := awskms.NewKey(stack, jsii.String("QueueKey"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	encrypted := awssqs.NewQueue(stack, jsii.String("Encrypted"), &awssqs.QueueProps{EncryptionMasterKey: queueKey})
	topic := notify.NewTopic(stack, "Topic", &notify.TopicProps{
		Emails: []string{"a@example.com", "b@example.com"}, HttpsEndpoints: []string{"https://example.com/hook"},
		Queues: []awssqs.IQueue{encrypted, awssqs.NewQueue(stack, jsii.String("Plain"), nil)},
		Slack: []notify.SlackChannel{
			{WorkspaceId: "T0123ABCDEF", ChannelId: "C0123ABCDEF"},
			{WorkspaceId: "T0123ABCDEF", ChannelId: "C9876FEDCBA"},
		},
		Teams:         []notify.TeamsChannel{{TenantId: teamsTenant, TeamId: teamsTeam, ChannelId: teamsChannel}},
		EncryptionKey: key,
	})
	topic.AllowRules()
	topic.AllowRules() // once more changes nothing
	tpl := cdktest.Synth(t, stack)

	main, chat := tpl.At("AWS::SNS::Topic", "Test/Topic/Topic/"), tpl.At("AWS::SNS::Topic", "Test/Topic/ChatTopic/")
	for _, made := range []*cdktest.Resource{main, chat} {
		assert.Same(t, tpl.At("AWS::KMS::Key", "Test/Key/"), made.Ref("KmsMasterKeyId"))
	}
	assert.Len(t, tpl.All("AWS::KMS::Key"), 2, "one beside the one given")
	assert.Contains(t, admitted(tpl.At("AWS::KMS::Key", "Test/Key/").Get("KeyPolicy.Statement")), "events.amazonaws.com")
	assert.Equal(t, map[string]any{"events.amazonaws.com": nil, "cloudwatch.amazonaws.com": alarmsHere},
		admitted(tpl.At("AWS::SNS::TopicPolicy", "/ChatTopic/").Get("PolicyDocument.Statement")))

	found := map[any]any{}
	for _, s := range tpl.All("AWS::SNS::Subscription") {
		assert.Same(t, main, s.Ref("TopicArn"), "sentences go to people, not to chats")
		endpoint := s.Get("Endpoint")
		if r := tpl.Follow(endpoint); r != nil {
			endpoint = r.Path()
		}
		found[endpoint] = s.Get("Protocol")
	}
	assert.Equal(t, map[any]any{"a@example.com": "email", "b@example.com": "email", "https://example.com/hook": "https",
		"Test/Encrypted/Resource": "sqs", "Test/Plain/Resource": "sqs"}, found)
	for _, policy := range tpl.All("AWS::SQS::QueuePolicy") {
		assert.Equal(
			t,
			map[string]any{"sns.amazonaws.com": map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": map[string]any{"Ref": main.Id}}}},
			admitted(policy.Get("PolicyDocument.Statement")),
		)
	}
	assert.Equal(
		t,
		map[string]any{
			"sns.amazonaws.com": map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": map[string]any{"Ref": "AWS::AccountId"}}},
		},
		admitted(tpl.At("AWS::KMS::Key", "Test/QueueKey/").Get("KeyPolicy.Statement")),
	)

	role := tpl.Only("AWS::IAM::Role")
	assert.Equal(t, []string{"chatbot.amazonaws.com"}, cdktest.AssumedBy(t, role))
	permissions := tpl.Only("AWS::IAM::ManagedPolicy")
	assert.Equal(t, []any{map[string]any{"Ref": permissions.Id}}, role.Get("ManagedPolicyArns"))
	assert.Equal(t, []any{"cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*"}, permissions.Get("PolicyDocument.Statement.0.Action"),
		"graphs of alarms, and what people may do from a chat")
	assert.Len(t, permissions.Get("PolicyDocument.Statement"), 1)
	assert.Empty(t, tpl.All("AWS::IAM::Policy"), "the role may do more")
	names := map[any]bool{}
	for _, kind := range []string{"Slack", "MicrosoftTeams"} {
		for _, c := range tpl.All("AWS::Chatbot::" + kind + "ChannelConfiguration") {
			assert.Same(t, chat, c.Ref("SnsTopicArns.0"))
			assert.Len(t, c.Get("SnsTopicArns"), 1)
			assert.Same(t, role, c.Ref("IamRoleArn"))
			assert.Equal(t, []any{map[string]any{"Ref": permissions.Id}}, c.Get("GuardrailPolicies"), "the default is AdministratorAccess")
			name := deployed(t, tpl, c.Get("ConfigurationName"))
			assert.Regexp(t, `^Test-Topic-[A-Z0-9]+-(Slack|Teams)-[0-9a-f]{8}-us-west-2$`, name, "names are the account's, in all Regions")
			names[name] = true
		}
	}
	assert.Len(t, names, 3)
	teams := tpl.Only("AWS::Chatbot::MicrosoftTeamsChannelConfiguration")
	cdktest.Has(t, teams, map[string]any{
		"TeamsTenantId":  teamsTenant,
		"TeamId":         teamsTeam,
		"TeamsChannelId": teamsChannel,
	})
}

// chattyTopic is a topic with a channel.
func chattyTopic(stack awscdk.Stack) *notify.Topic {
	return notify.NewTopic(
		stack,
		"Topic",
		&notify.TopicProps{Slack: []notify.SlackChannel{{WorkspaceId: "T0123ABCDEF", ChannelId: "C0123ABCDEF"}}},
	)
}

func anyMetric() awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{Namespace: jsii.String("Shop"), MetricName: jsii.String("Errors")})
}

// SNS gives a queue that subscribes twice the same subscription, and a channel of a chat has one configuration: if removing one
// renamed those after it, CloudFormation would create what exists, and then delete it.
func TestReceiversDontDependOnTheirOrder(t *testing.T) {
	found := func(names ...string) map[string]string {
		stack := cdktest.Stack(t)
		var p notify.TopicProps
		for _, name := range names {
			p.Queues = append(p.Queues, awssqs.NewQueue(stack, jsii.String("Queue"+name), nil))
			p.Slack = append(p.Slack, notify.SlackChannel{WorkspaceId: "T0123ABCDEF", ChannelId: "C0123ABCDE" + name})
			p.Teams = append(p.Teams, notify.TeamsChannel{
				TenantId: "01234567-89ab-cdef-0123-456789abcdef", TeamId: "76543210-89ab-cdef-0123-456789abcdef",
				ChannelId: "19%3ab6ef35dc342d56ba5654e6fc6d25a07" + name + "%40thread.tacv2"})
		}
		notify.NewTopic(stack, "Topic", &p)
		tpl := cdktest.Synth(t, stack)
		ids := map[string]string{}
		for kind, property := range map[string]string{"AWS::SNS::Subscription": "Endpoint",
			"AWS::Chatbot::SlackChannelConfiguration":          "SlackChannelId",
			"AWS::Chatbot::MicrosoftTeamsChannelConfiguration": "TeamsChannelId"} {
			for _, r := range tpl.All(kind) {
				ids[r.Id] = fmt.Sprint(r.Get(property), r.Get("ConfigurationName"))
			}
		}
		return ids
	}
	all, fewer := found("1", "2", "3"), found("3", "1")
	assert.Len(t, all, 9)
	assert.Len(t, fewer, 6)
	for id, receiver := range fewer {
		assert.Equal(t, all[id], receiver)
	}
}

// The same for values that only the deployment knows, and for a queue whose import has another name.
func TestReceiversOfTokensDontDependOnTheirOrder(t *testing.T) {
	found := func(importedAs string, names ...string) map[string]any {
		stack := cdktest.Stack(t)
		p := notify.TopicProps{Queues: []awssqs.IQueue{awssqs.Queue_FromQueueArn(stack, &importedAs,
			jsii.String("arn:aws:sqs:us-west-2:111122223333:theirs"))}}
		for _, name := range names {
			parameter := awscdk.NewCfnParameter(stack, &name, nil).ValueAsString()
			p.Emails, p.HttpsEndpoints = append(p.Emails, *parameter), append(p.HttpsEndpoints, *parameter)
		}
		notify.NewTopic(stack, "Topic", &p)
		ids := map[string]any{}
		for _, r := range cdktest.Synth(t, stack).All("AWS::SNS::Subscription") {
			ids[r.Id] = r.Get("Endpoint")
		}
		return ids
	}
	all, fewer := found("Theirs", "A", "B", "C"), found("Renamed", "C", "A")
	assert.Len(t, all, 7)
	assert.Len(t, fewer, 5)
	for id, endpoint := range fewer {
		assert.Equal(t, all[id], endpoint)
	}
}

// Logical IDs are unique only within a stack: one stack a service, of the same code, is common.
func TestReceiversOfTwoStacksAreTwo(t *testing.T) {
	app := cdktest.App(t)
	var p notify.TopicProps
	for _, id := range []string{"Orders", "Carts"} {
		stack := awscdk.NewStack(app, &id, nil)
		p.Queues = append(p.Queues, awssqs.NewQueue(stack, jsii.String("Queue"), nil))
		p.HttpsEndpoints = append(p.HttpsEndpoints, *awscdk.NewCfnParameter(stack, jsii.String("Endpoint"), nil).ValueAsString())
	}
	shared := awscdk.NewStack(app, jsii.String("Shared"), nil)
	notify.NewTopic(shared, "Topic", &p)
	assert.Len(t, cdktest.Synth(t, shared).All("AWS::SNS::Subscription"), 4)
}

func TestQueueImportedTwiceIsRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	theirs := func(id string) awssqs.IQueue {
		return awssqs.Queue_FromQueueArn(stack, &id, jsii.String("arn:aws:sqs:us-west-2:111122223333:theirs"))
	}
	assert.Equal(t, []string{"Test/Topic: Queues[1] must not be the queue of Queues[0], imported again; remove one of them"},
		cdktest.Refused(t, func() {
			notify.NewTopic(stack, "Topic", &notify.TopicProps{Queues: []awssqs.IQueue{theirs("A"), theirs("B")}})
		}))
}

func TestAlarmsReachPeopleAndChats(t *testing.T) {
	stack := cdktest.Stack(t)
	notify.NewAlarm(
		stack,
		"Alarm",
		&notify.AlarmProps{Description: "Orders fail", Metric: anyMetric(), Threshold: 5, Topic: chattyTopic(stack)},
	)
	tpl := cdktest.Synth(t, stack)
	alarm := tpl.Only("AWS::CloudWatch::Alarm")
	for _, actions := range []string{"AlarmActions", "OKActions"} {
		assert.Len(t, alarm.Get(actions), 2, actions)
		assert.Same(t, tpl.At("AWS::SNS::Topic", "Test/Topic/Topic/"), alarm.Ref(actions+".0"), actions)
		assert.Same(t, tpl.At("AWS::SNS::Topic", "Test/Topic/ChatTopic/"), alarm.Ref(actions+".1"), actions)
	}
	assert.Equal(t, "Orders fail", alarm.Get("AlarmDescription"))
	assert.Equal(t, "GreaterThanOrEqualToThreshold", alarm.Get("ComparisonOperator"))
	assert.Equal(t, "notBreaching", alarm.Get("TreatMissingData"))
	assert.InDelta(t, 5, alarm.Get("Threshold"), 0)
	assert.InDelta(t, 5, alarm.Get("EvaluationPeriods"), 0)
	assert.InDelta(t, 3, alarm.Get("DatapointsToAlarm"), 0)
}

func TestAlarmWithoutATopicOnlyShows(t *testing.T) {
	stack := cdktest.Stack(t)
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), nil)
	notify.NewAlarm(stack, "Alarm", &notify.AlarmProps{Description: "Orders fail", Metric: anyMetric(), EvaluationPeriods: 1,
		After: []constructs.IDependable{queue}})
	tpl := cdktest.Synth(t, stack)
	alarm := tpl.Only("AWS::CloudWatch::Alarm")
	assert.Nil(t, alarm.Get("AlarmActions"))
	assert.Nil(t, alarm.Get("OKActions"))
	assert.InDelta(t, 0, alarm.Get("Threshold"), 0)
	assert.Equal(t, []string{tpl.Only("AWS::SQS::Queue").Id}, alarm.Dependencies())
}

// Alarms and failures go to a topic, and a chat topic, of another app.
func TestTopicFromAnotherApp(t *testing.T) {
	const people, chats = "arn:aws:sns:eu-west-1:111122223333:on-call", "arn:aws:sns:eu-west-1:111122223333:on-call-chat"
	stack := cdktest.Stack(t)
	topic := notify.TopicFrom(stack, "OnCall", &notify.TopicAttributes{
		Topic:     awssns.Topic_FromTopicArn(stack, jsii.String("People"), jsii.String(people)),
		ChatTopic: awssns.Topic_FromTopicArn(stack, jsii.String("Chats"), jsii.String(chats)),
	})
	assert.Equal(t, people, topic.Arn())
	assert.Equal(t, "Test/OnCall", *topic.Node().Path())
	notify.NewAlarm(stack, "Alarm", &notify.AlarmProps{Description: "Orders fail", Metric: anyMetric(), Topic: topic})
	events.NewTaskAlerts(
		stack,
		"Alerts",
		&events.TaskAlertsProps{Topic: topic, Failures: []events.Failure{events.FailureOutOfMemory}, DisableLog: true},
	)
	tpl := cdktest.Synth(t, stack)
	assert.Equal(t, map[string]int{"AWS::CloudWatch::Alarm": 1, "AWS::Events::Rule": 1}, tpl.Count())
	assert.Equal(t, []any{people, chats}, tpl.Only("AWS::CloudWatch::Alarm").Get("AlarmActions"))
	rule := tpl.Only("AWS::Events::Rule")
	assert.Equal(t, people, rule.Get("Targets.0.Arn"))
	assert.Equal(t, chats, rule.Get("Targets.1.Arn"))
}

func TestTopicsThatAreRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{Encryption: awssqs.QueueEncryption_KMS_MANAGED})
	assert.Equal(t, []string{
		`Test/Topic: Emails[0] must be an email address such as "on-call@example.com"; got "on-call"`,
		"Test/Topic: Queues[0] must not be encrypted with alias/aws/sqs, which SNS can't use, so that the queue would receive nothing; " +
			"use awssqs.QueueEncryption_SQS_MANAGED or a KMS key of your own",
	}, cdktest.Refused(t, func() {
		notify.NewTopic(stack, "Topic", &notify.TopicProps{Emails: []string{"on-call"}, Queues: []awssqs.IQueue{queue}})
	}))
	assert.Equal(
		t,
		[]string{"Test/OnCall: Topic is required; pass an awssns.ITopic"},
		cdktest.Refused(t, func() { notify.TopicFrom(stack, "OnCall", nil) }),
	)
	assert.Equal(t, []string{"Test/Alarm: Description is required; say what is wrong when the alarm fires", "Test/Alarm: Metric is required"},
		cdktest.Refused(t, func() { notify.NewAlarm(stack, "Alarm", nil) }))
}

// A key and a queue from elsewhere are used as they are.
func TestTopicWithWhatIsImported(t *testing.T) {
	stack := cdktest.Stack(t)
	notify.NewTopic(stack, "Topic", &notify.TopicProps{
		EncryptionKey: awskms.Key_FromKeyArn(
			stack,
			jsii.String("Key"),
			jsii.String("arn:aws:kms:eu-west-1:444455556666:key/12345678-1234-1234-1234-123456789012"),
		),
		Queues: []awssqs.IQueue{
			awssqs.Queue_FromQueueArn(stack, jsii.String("Queue"), jsii.String("arn:aws:sqs:eu-west-1:444455556666:notices")),
		},
	})
	tpl := cdktest.Synth(t, stack)
	assert.Equal(
		t,
		"arn:aws:kms:eu-west-1:444455556666:key/12345678-1234-1234-1234-123456789012",
		tpl.Only("AWS::SNS::Topic").Get("KmsMasterKeyId"),
	)
	assert.Empty(t, tpl.All("AWS::KMS::Key"))
	assert.Empty(t, tpl.All("AWS::SQS::QueuePolicy"))
	assert.Equal(t, "arn:aws:sqs:eu-west-1:444455556666:notices", tpl.Only("AWS::SNS::Subscription").Get("Endpoint"))
}

// One topic for alarms and notices, in another stack than they.
func TestTopicAcrossStacks(t *testing.T) {
	stack := cdktest.Stack(t)
	topic := notify.NewTopic(stack, "Topic", nil)
	other := awscdk.NewStack(awscdk.App_Of(stack), jsii.String("Other"), nil)
	alarm := awscloudwatch.NewAlarm(other, jsii.String("Alarm"), &awscloudwatch.AlarmProps{
		Metric:    awscloudwatch.NewMetric(&awscloudwatch.MetricProps{Namespace: jsii.String("X"), MetricName: jsii.String("Y")}),
		Threshold: jsii.Number(1), EvaluationPeriods: jsii.Number(1),
	})
	alarm.AddAlarmAction(awscloudwatchactions.NewSnsAction(topic.Topic))
	events.NewTaskAlerts(other, "Alerts", &events.TaskAlertsProps{Topic: topic, Failures: []events.Failure{events.FailureOutOfMemory}})
	tpl := cdktest.Synth(t, other)
	assert.Empty(t, tpl.All("AWS::SNS::Topic"))
	assert.Len(t, tpl.All("AWS::Events::Rule"), 2)
}

// A topic that nobody hears says so, and can be told to be silent.
func TestTopicWithoutSubscribers(t *testing.T) {
	stack := cdktest.Stack(t)
	notify.NewTopic(stack, "Unheard", nil)
	worker := ecs.NewService(stack, "Worker", &ecs.ServiceProps{Cluster: newCluster(stack), Task: newTask(stack)})
	ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: worker})
	notify.NewTopic(stack, "Heard", &notify.TopicProps{Emails: []string{"on-call@example.com"}})
	later := notify.NewTopic(stack, "Later", nil)
	awscdk.Annotations_Of(later).AcknowledgeInfo(jsii.String("awscontainers:"+notify.UnheardNote), nil)
	of := "/" + *stack.StackName()
	assert.ElementsMatch(t, []string{of + "/Unheard", of + "/Alarms/Topic"}, notesOf(stack, "Nobody is notified"))
}

// notesOf gives the paths of the constructs with a note that begins with a text.
func notesOf(stack awscdk.Stack, text string) (paths []string) {
	for _, child := range *stack.Node().FindAll("") {
		for _, m := range *child.Node().Metadata() {
			if data, isText := m.Data.(string); isText && *m.Type == "aws:cdk:info" && strings.HasPrefix(data, text) {
				paths = append(paths, "/"+*child.Node().Path())
			}
		}
	}
	return paths
}

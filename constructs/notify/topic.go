package notify

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/describe"
	"awscontainers/internal/ids"
	"awscontainers/internal/policy"
)

// TopicProps describe who is told of what happens.
type TopicProps struct {
	// Emails get each notice as a mail; AWS asks the owner of each address to confirm by a first one. Default: nobody.
	Emails []string
	// HttpsEndpoints are addresses that get each notice by POST and must confirm a first one, as no webhook of a chat can. A password does
	// not belong there: everybody who may read the stack would know it. Default: none.
	// https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html
	HttpsEndpoints []string
	// Queues get each notice as a message; their policies, and that of their keys, are told to let the topic. A queue that is imported must
	// let it already, and so must its key; a queue encrypted with the key that AWS manages for SQS gets nothing. Default: none.
	// https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
	Queues []awssqs.IQueue
	// Slack are channels that Amazon Q Developer in chat applications writes to. Default: none.
	Slack []SlackChannel
	// Teams are channels of Microsoft Teams, likewise. Default: none.
	Teams []TeamsChannel
	// EncryptionKey encrypts what is on its way. A key of another stack or account must let EventBridge and CloudWatch use it. Default: a
	// new key, rotated each year, for neither may use the one that AWS manages for SNS.
	// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
	EncryptionKey awskms.IKey
}

// Topic is an encrypted SNS topic that EventBridge rules and CloudWatch alarms publish to.
type Topic struct {
	constructs.Construct
	// Topic takes further subscriptions, and sentences for people.
	Topic awssns.ITopic
	// ChatTopic is what chat channels listen to; nil without. They show the events that AWS's services send, CloudWatch's alarms, and what has
	// the form of a custom notification, and silently drop everything else, such as a sentence. So chat has a topic of its own.
	// https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
	ChatTopic awssns.ITopic
	// EncryptionKey encrypts both; nil for a topic of TopicFrom.
	EncryptionKey awskms.IKey
}

// NewTopic creates a topic. It panics with *invalid.Error if the props are invalid.
func NewTopic(scope constructs.Construct, id string, props *TopicProps) *Topic {
	var p TopicProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.Validate())

	t := &Topic{EncryptionKey: p.EncryptionKey}
	constructs.NewConstruct_Override(t, scope, &id)
	if t.EncryptionKey == nil {
		t.EncryptionKey = awskms.NewKey(t, jsii.String("Key"), &awskms.KeyProps{
			Description:       describe.Of("Notices of", *t.Node().Path()),
			EnableKeyRotation: jsii.Bool(true),
			// It encrypts mail on its way, nothing that is kept.
			RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		})
	}
	letPublishersUse(t.EncryptionKey)
	topic := t.newTopic("Topic")
	t.Topic = topic
	for i := range p.Emails {
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(&p.Emails[i], nil))
	}
	for i := range p.HttpsEndpoints {
		topic.AddSubscription(awssnssubscriptions.NewUrlSubscription(&p.HttpsEndpoints[i], &awssnssubscriptions.UrlSubscriptionProps{
			Protocol: awssns.SubscriptionProtocol_HTTPS,
		}))
	}
	for i, queue := range p.Queues {
		t.feed(queue, "Queue"+ids.Suffix(i))
	}
	if len(p.Slack)+len(p.Teams) > 0 {
		t.ChatTopic = t.newTopic("ChatTopic")
		t.chat(&p)
	}
	return t
}

// TopicFrom uses a topic that exists already. Its policy, and that of its key, must let EventBridge and CloudWatch publish.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
func TopicFrom(scope constructs.Construct, id string, topic awssns.ITopic) *Topic {
	var bad invalid.Problems
	if topic == nil {
		bad.Add("Topic", "is required").Advise("pass an awssns.ITopic")
	}
	invalid.Refuse(scope, id, bad.Err())
	t := &Topic{Topic: topic}
	constructs.NewConstruct_Override(t, scope, &id)
	return t
}

// Arn returns the topic's ARN.
func (t *Topic) Arn() string { return *t.Topic.TopicArn() }

// all lists the topics that a notice goes to. Chat shows CloudWatch alarms as they are.
func (t *Topic) all() []awssns.ITopic {
	if t.ChatTopic == nil {
		return []awssns.ITopic{t.Topic}
	}
	return []awssns.ITopic{t.Topic, t.ChatTopic}
}

func (t *Topic) newTopic(id string) awssns.Topic {
	topic := awssns.NewTopic(t, &id, &awssns.TopicProps{MasterKey: t.EncryptionKey, EnforceSSL: jsii.Bool(true)})
	// No condition: AWS says that policies of topics cannot have one for EventBridge. So a rule of another account that knows the topic's ARN
	// could publish too; what it sends is a text that people read.
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("Rules"), Principals: policy.Principal(EventBridge), Actions: jsii.Strings("sns:Publish"), Resources: &[]*string{topic.TopicArn()},
	}))
	// https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("Alarms"), Principals: policy.Principal(cloudWatch), Actions: jsii.Strings("sns:Publish"), Resources: &[]*string{topic.TopicArn()},
		Conditions: alarmsOfThisAccount(),
	}))
	return topic
}

// letPublishersUse lets those who publish encrypt. "Adding aws:SourceAccount, aws:SourceArn and aws:SourceOrgID to a key's policy" is, AWS says,
// "not supported for EventBridge-to-encrypted topics": nothing would arrive, and nobody would be told. CloudWatch takes conditions.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
func letPublishersUse(key awskms.IKey) {
	for _, publisher := range []struct {
		sid, service string
		conditions   *map[string]any
	}{{"Rules", EventBridge, nil}, {"Alarms", cloudWatch, alarmsOfThisAccount()}} {
		key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid: jsii.String(publisher.sid), Principals: policy.Principal(publisher.service),
			Actions:    jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"),
			Resources:  jsii.Strings("*"), // this key: a key policy knows no other
			Conditions: publisher.conditions,
		}), jsii.Bool(true))
	}
}

// feed subscribes a queue. Made here and not by the CDK's SqsSubscription, whose key policy a feature flag would change.
func (t *Topic) feed(queue awssqs.IQueue, id string) {
	ofThisTopic := &map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": t.Topic.TopicArn()}}
	if *awscdk.Stack_Of(queue).Node().Path() != *awscdk.Stack_Of(t).Node().Path() {
		ofThisTopic = policy.OfThisAccount("sns", "*") // this stack waits for the queue's, which so cannot name the topic
	}
	queue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: policy.Principal(sns), Actions: jsii.Strings("sqs:SendMessage"), Resources: &[]*string{queue.QueueArn()}, Conditions: ofThisTopic,
	}))
	if key := queue.EncryptionMasterKey(); key != nil {
		key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: policy.Principal(sns), Actions: jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"),
			Resources:  jsii.Strings("*"),
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": map[string]any{"Ref": "AWS::AccountId"}}}, // the topic's ARN would be a circle
		}), jsii.Bool(true))
	}
	awssns.NewSubscription(t, &id, &awssns.SubscriptionProps{
		Topic: t.Topic, Protocol: awssns.SubscriptionProtocol_SQS, Endpoint: queue.QueueArn(),
	})
}

// The services that publish, and that deliver.
const (
	EventBridge = "events.amazonaws.com"
	cloudWatch  = "cloudwatch.amazonaws.com"
	sns         = "sns.amazonaws.com"
)

func alarmsOfThisAccount() *map[string]any { return policy.OfThisAccount("cloudwatch", "alarm:*") }

package notify

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/annotate"
	"awscontainers/internal/describe"
	"awscontainers/internal/ids"
	"awscontainers/internal/opt"
	"awscontainers/internal/policy"
	"awscontainers/internal/source"
)

// TopicProps lists who receives notices. All props are optional.
type TopicProps struct {
	// Emails lists addresses that receive each notice; AWS asks the owner of each to confirm the subscription. Default: none.
	Emails []string
	// HttpsEndpoints lists URLs that receive each notice by POST. An endpoint must confirm its subscription, which the webhook
	// of a chat can't. A URL must not contain a password, because everybody who may read the stack would see it. Default: none.
	// https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html
	HttpsEndpoints []string
	// Queues lists SQS queues that receive each notice. Their policies, and those of their keys, are changed to let the topic
	// send. An imported queue and its key must let it already. A queue encrypted with the key that AWS manages for SQS is
	// refused, because SNS can't use that key. Default: none.
	// https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
	Queues []awssqs.IQueue
	// Slack lists channels of Slack that Amazon Q Developer in chat applications posts to. Default: none.
	Slack []SlackChannel
	// Teams lists channels of Microsoft Teams that Amazon Q Developer in chat applications posts to. Default: none.
	Teams []TeamsChannel
	// EncryptionKey encrypts the notices. A key of another stack or account must let EventBridge and CloudWatch use it.
	// Default: a new key, rotated each year, because neither service may use the key that AWS manages for SNS.
	// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
	EncryptionKey awskms.IKey
}

// Topic is an encrypted SNS topic that CloudWatch alarms of this account publish to, and EventBridge rules after AllowRules.
type Topic struct {
	constructs.Construct
	// Topic carries notices for people, and takes further subscriptions.
	Topic awssns.ITopic
	// ChatTopic carries notices for chat channels; nil without channels. Chats show the events of AWS services, CloudWatch
	// alarms and custom notifications, and silently drop everything else, such as sentences, so they have a topic of their own.
	// https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
	ChatTopic awssns.ITopic
	// EncryptionKey encrypts both topics; nil for a topic of TopicFrom.
	EncryptionKey awskms.IKey

	created      []awssns.Topic // those that are created here
	allowedRules bool
}

// UnheardNote is the id of the note that NewTopic adds to a topic without subscribers, with the prefix "awscontainers:". Acknowledge
// it where something subscribes to the topic later.
const UnheardNote = "topic-without-subscribers"

// NewTopic creates a topic. It panics with *invalid.Error if the props are invalid.
func NewTopic(scope constructs.Construct, id string, props *TopicProps) *Topic {
	p := opt.Value(props)
	invalid.Refuse(scope, id, p.Validate(), p.validateQueues(scope))

	t := &Topic{EncryptionKey: p.EncryptionKey}
	source.Create(t, scope, id)
	if t.EncryptionKey == nil {
		t.EncryptionKey = awskms.NewKey(t, jsii.String("Key"), &awskms.KeyProps{
			Description:       describe.Of("Notices of", *t.Node().Path()),
			EnableKeyRotation: jsii.Bool(true),
			// It encrypts messages in transit, nothing that is kept.
			RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		})
	}
	letUse(t.EncryptionKey, "Alarms", cloudWatch, alarmsOfThisAccount())
	topic := t.newTopic("Topic")
	t.Topic = topic
	t.subscribeAll("Email", awssns.SubscriptionProtocol_EMAIL, p.Emails)
	t.subscribeAll("Https", awssns.SubscriptionProtocol_HTTPS, p.HttpsEndpoints)
	for _, queue := range p.Queues {
		t.subscribe(queue, ids.Named(t, "Queue", *queue.QueueArn()))
	}
	if len(p.Slack)+len(p.Teams) > 0 {
		t.ChatTopic = t.newTopic("ChatTopic")
		t.addChannels(&p)
	}
	if p.isUnheard() {
		annotate.NoteWithId(t, UnheardNote, "Nobody is notified: the topic has no subscribers. Set Emails, or subscribe to the topic")
	}
	return t
}

func (p *TopicProps) isUnheard() bool {
	return len(p.Emails)+len(p.HttpsEndpoints)+len(p.Queues)+len(p.Slack)+len(p.Teams) == 0
}

// TopicAttributes identifies a topic that exists already.
type TopicAttributes struct {
	// Topic carries notices for people. Its policy, and that of its key, must let EventBridge and CloudWatch publish. Required.
	// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
	Topic awssns.ITopic
	// ChatTopic is the topic that chat channels listen to, such as the ChatTopic of a Topic in another app. Alarms go to both
	// topics, and package events writes custom notifications for this one. Default: none.
	ChatTopic awssns.ITopic
}

// TopicFrom uses a topic that exists already. It panics with *invalid.Error if the attributes are invalid.
func TopicFrom(scope constructs.Construct, id string, attributes *TopicAttributes) *Topic {
	a := opt.Value(attributes)
	invalid.Refuse(scope, id, a.Validate())
	t := &Topic{Topic: a.Topic, ChatTopic: a.ChatTopic}
	source.Create(t, scope, id)
	return t
}

// Arn returns the topic's ARN.
func (t *Topic) Arn() string { return *t.Topic.TopicArn() }

// topics lists the topics that an alarm notifies. Chats show CloudWatch alarms as CloudWatch sends them.
func (t *Topic) topics() []awssns.ITopic {
	if t.ChatTopic == nil {
		return []awssns.ITopic{t.Topic}
	}
	return []awssns.ITopic{t.Topic, t.ChatTopic}
}

func (t *Topic) newTopic(id string) awssns.Topic {
	topic := awssns.NewTopic(t, &id, &awssns.TopicProps{MasterKey: t.EncryptionKey, EnforceSSL: jsii.Bool(true)})
	// https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("Alarms"), Principals: policy.Principal(cloudWatch),
		Actions: jsii.Strings("sns:Publish"), Resources: &[]*string{topic.TopicArn()},
		Conditions: alarmsOfThisAccount(),
	}))
	t.created = append(t.created, topic)
	return topic
}

// AllowRules lets EventBridge rules publish. Package events calls it for the topics that it notifies; call it for rules of your
// own. It does nothing for a topic of TopicFrom, whose policy is written elsewhere.
//
// The permission has no condition, because AWS supports none for EventBridge on a topic's policy or its key's: a rule of
// another account that knows the topic's ARN could publish too. What it sends is a text that people read.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
func (t *Topic) AllowRules() {
	if t.allowedRules || len(t.created) == 0 {
		return
	}
	t.allowedRules = true
	letUse(t.EncryptionKey, "Rules", policy.EventBridge, nil)
	for _, topic := range t.created {
		topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid: jsii.String("Rules"), Principals: policy.Principal(policy.EventBridge),
			Actions: jsii.Strings("sns:Publish"), Resources: &[]*string{topic.TopicArn()},
		}))
	}
}

// letUse lets a service that publishes encrypt.
func letUse(key awskms.IKey, sid, service string, conditions *map[string]any) {
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: &sid, Principals: policy.Principal(service),
		Actions:    jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"),
		Resources:  jsii.Strings("*"), // this key: a key policy knows no other
		Conditions: conditions,
	}), jsii.Bool(true))
}

// subscribeAll subscribes addresses. The CDK's AddSubscription names tokens by their place in the list: SNS gives an address that
// subscribes again the subscription that it has, and CloudFormation would then delete that under its old name.
func (t *Topic) subscribeAll(id string, protocol awssns.SubscriptionProtocol, addresses []string) {
	for i := range addresses {
		awssns.NewSubscription(t, new(ids.Named(t, id, addresses[i])), &awssns.SubscriptionProps{
			Topic: t.Topic, Protocol: protocol, Endpoint: &addresses[i],
		})
	}
}

// subscribe subscribes a queue. The CDK's SqsSubscription would write a key policy that depends on a feature flag.
func (t *Topic) subscribe(queue awssqs.IQueue, id string) {
	ofThisTopic := &map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": t.Topic.TopicArn()}}
	if *awscdk.Stack_Of(queue).Node().Path() != *awscdk.Stack_Of(t).Node().Path() {
		ofThisTopic = policy.OfThisAccount("sns", "*") // this stack depends on the queue's, which can't name the topic then
	}
	queue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: policy.Principal(
			sns,
		), Actions: jsii.Strings("sqs:SendMessage"), Resources: &[]*string{queue.QueueArn()}, Conditions: ofThisTopic,
	}))
	if key := queue.EncryptionMasterKey(); key != nil {
		key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: policy.Principal(sns), Actions: jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"),
			Resources: jsii.Strings("*"),
			// The topic's ARN would be a circular dependency.
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": map[string]any{"Ref": "AWS::AccountId"}}},
		}), jsii.Bool(true))
	}
	awssns.NewSubscription(t, &id, &awssns.SubscriptionProps{
		Topic: t.Topic, Protocol: awssns.SubscriptionProtocol_SQS, Endpoint: queue.QueueArn(),
	})
}

// The services that publish, and that deliver.
const (
	cloudWatch = "cloudwatch.amazonaws.com"
	sns        = "sns.amazonaws.com"
)

func alarmsOfThisAccount() *map[string]any { return policy.OfThisAccount("cloudwatch", "alarm:*") }

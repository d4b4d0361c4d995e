package sqs

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/notify"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// QueueProps describe a queue. All are optional.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
type QueueProps struct {
	// VisibilityTimeout is how long a message that a worker received stays hidden from the others, 1 s to 12 h. A worker that needs longer
	// extends it while it works; after a crash, the message returns when it ends. Default: 5 minutes.
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
	VisibilityTimeout time.Duration
	// RetentionPeriod is how long a message waits before SQS deletes it, 1 minute to 13 days: shorter than in the dead-letter queue, where
	// it counts from when the message was first sent. Default: 4 days.
	RetentionPeriod time.Duration
	// MaxReceiveCount is how many times a message is received before it goes to the dead-letter queue, 1 to 1000. A Spot interruption counts
	// as one. Default: 5.
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
	MaxReceiveCount int
	// DeadLetterQueue is an existing queue for messages that fail, in the same account and Region, FIFO like this one or not. It should
	// retain them longer than RetentionPeriod. Default: a new one, encrypted alike, that retains them for 14 days.
	DeadLetterQueue awssqs.IQueue
	// Fifo keeps the order of messages in a group. Changing it replaces the queue. Default: false.
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fifo-queues.html
	Fifo bool
	// EncryptionKey is a KMS key, which senders and workers need permissions for. Default: a key that SQS owns, which costs nothing.
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
	EncryptionKey awskms.IKey
	// RemovalPolicy determines whether the queues, and the messages in them, are deleted with the stack. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE: they are retained, except when their initial creation is rolled back.
	RemovalPolicy awscdk.RemovalPolicy

	// AlarmTopic is notified while a message is in the dead-letter queue, and when the oldest message is older than MaxMessageAge. Default:
	// nil, no alarms.
	AlarmTopic *notify.Topic
	// MaxMessageAge is how long a message may wait and be worked on before an alarm, at least 1 minute. It requires AlarmTopic. Default: 1
	// hour.
	MaxMessageAge time.Duration
}

// Queue is an SQS queue with a dead-letter queue. Only encrypted connections reach it.
type Queue struct {
	constructs.Construct
	// Queue is the CDK's queue, for grants: Queue.GrantConsumeMessages(task).
	Queue awssqs.Queue
	// DeadLetterQueue holds messages that were received MaxReceiveCount times.
	DeadLetterQueue awssqs.IQueue
}

const (
	day                   = 24 * time.Hour
	maxVisibilityTimeout  = 12 * time.Hour
	deadLetterRetention   = 14 * day // the longest that SQS offers
	maxReceives           = 1000
	defaultMaxReceives    = 5
	defaultVisibility     = 5 * time.Minute
	defaultRetention      = 4 * day
	defaultMaxMessageAge  = time.Hour
	minRetention          = time.Minute
	longestBelowRetention = deadLetterRetention - day
)

// NewQueue creates a queue with its dead-letter queue. It panics with *invalid.Error if the props are invalid.
func NewQueue(scope constructs.Construct, id string, props *QueueProps) *Queue {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateHome(scope))

	q := &Queue{DeadLetterQueue: p.DeadLetterQueue}
	source.Create(q, scope, id)
	if q.DeadLetterQueue == nil {
		deadLetters := awssqs.NewQueue(q, jsii.String("DeadLetters"), p.render(deadLetterRetention))
		nag.Suppress(deadLetters, "AwsSolutions-SQS3", "This is a dead-letter queue itself")
		q.DeadLetterQueue = deadLetters
	}
	rendered := p.render(p.RetentionPeriod)
	rendered.VisibilityTimeout = opt.Duration(p.VisibilityTimeout)
	rendered.DeadLetterQueue = &awssqs.DeadLetterQueue{MaxReceiveCount: jsii.Number(p.MaxReceiveCount), Queue: q.DeadLetterQueue}
	q.Queue = awssqs.NewQueue(q, jsii.String("Queue"), rendered)
	if p.AlarmTopic != nil {
		q.addAlarms(&p)
	}
	return q
}

// render gives what both queues have.
func (p *QueueProps) render(retention time.Duration) *awssqs.QueueProps {
	rendered := &awssqs.QueueProps{
		RetentionPeriod: opt.Duration(retention),
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RemovalPolicy:   p.RemovalPolicy,
	}
	if p.EncryptionKey != nil {
		rendered.Encryption, rendered.EncryptionMasterKey = awssqs.QueueEncryption_KMS, p.EncryptionKey
	}
	if p.Fifo {
		rendered.Fifo = jsii.Bool(true)
	}
	return rendered
}

// addAlarms creates alarms that stay silent while the queues are empty: SQS reports the age of the oldest message only if there is one.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
func (q *Queue) addAlarms(p *QueueProps) {
	path := *q.Node().Path()
	everyMinute := &awscloudwatch.MetricOptions{Period: awscdk.Duration_Minutes(jsii.Number(1)), Statistic: jsii.String("Maximum")}
	notify.NewAlarm(q, "DeadLetterMessages", &notify.AlarmProps{
		Description: *describe.Of("A message failed again and again, and is in the dead-letter queue. Of", path),
		Metric:      q.DeadLetterQueue.MetricApproximateNumberOfMessagesVisible(everyMinute),
		Threshold:   1, EvaluationPeriods: 1, Topic: p.AlarmTopic,
	})
	notify.NewAlarm(q, "OldMessages", &notify.AlarmProps{
		Description: *describe.Of("A message has waited for too long: no worker runs, or too few. Of", path),
		Metric:      q.Queue.MetricApproximateAgeOfOldestMessage(everyMinute),
		Threshold:   p.MaxMessageAge.Seconds(), Topic: p.AlarmTopic,
	})
}

// Url returns the queue's URL, by which programs call it.
func (q *Queue) Url() string { return *q.Queue.QueueUrl() }

// Arn returns the queue's ARN.
func (q *Queue) Arn() string { return *q.Queue.QueueArn() }

func (p *QueueProps) setDefaults() {
	opt.Default(&p.VisibilityTimeout, defaultVisibility)
	opt.Default(&p.RetentionPeriod, defaultRetention)
	opt.Default(&p.MaxReceiveCount, defaultMaxReceives)
	opt.Default(&p.RemovalPolicy, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
	if p.AlarmTopic != nil {
		opt.Default(&p.MaxMessageAge, defaultMaxMessageAge)
	}
}

// Validate returns all problems of the props, or nil.
func (p *QueueProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *QueueProps) validate() error {
	var bad invalid.Problems
	isLong := check.Seconds("VisibilityTimeout", p.VisibilityTimeout, time.Second, maxVisibilityTimeout, &bad)
	isKept := check.Seconds("RetentionPeriod", p.RetentionPeriod, minRetention, longestBelowRetention, &bad)
	check.Range("MaxReceiveCount", p.MaxReceiveCount, 1, maxReceives, &bad)
	if attempts := time.Duration(p.MaxReceiveCount) * p.VisibilityTimeout; isLong && isKept && attempts >= p.RetentionPeriod {
		bad.Add("RetentionPeriod", "must be longer than MaxReceiveCount times VisibilityTimeout (%v), because otherwise messages that fail "+
			"expire before they reach the dead-letter queue", attempts).Given(p.RetentionPeriod)
	}
	if p.DeadLetterQueue != nil && *p.DeadLetterQueue.Fifo() != p.Fifo {
		kind := "standard"
		if p.Fifo {
			kind = "FIFO"
		}
		bad.Add("DeadLetterQueue", "must be a %s queue like this one", kind)
	}
	check.RemovalPolicy("RemovalPolicy", p.RemovalPolicy, &bad)
	check.Topic("AlarmTopic", p.AlarmTopic, &bad)
	switch {
	case p.AlarmTopic == nil && p.MaxMessageAge != 0:
		bad.Add("MaxMessageAge", "requires AlarmTopic").Given(p.MaxMessageAge)
	case p.AlarmTopic != nil:
		check.Seconds("MaxMessageAge", p.MaxMessageAge, time.Minute, p.RetentionPeriod, &bad)
	}
	return bad.Err()
}

// validateHome refuses a dead-letter queue elsewhere. An account or Region that is open is that of the deployment.
// https://docs.aws.amazon.com/sdk-for-java/v1/developer-guide/examples-sqs-dead-letter-queues.html
func (p *QueueProps) validateHome(scope constructs.Construct) error {
	var bad invalid.Problems
	if p.DeadLetterQueue == nil || !invalid.IsMade(scope) {
		return nil
	}
	stack, env := awscdk.Stack_Of(scope), p.DeadLetterQueue.Env()
	for _, at := range []struct {
		what         string
		theirs, ours *string
	}{{"Region", env.Region, stack.Region()}, {"account", env.Account, stack.Account()}} {
		if *at.theirs != *at.ours && !invalid.IsToken(*at.theirs) && !invalid.IsToken(*at.ours) {
			bad.Add("DeadLetterQueue", "must be in the queue's own %s (%s)", at.what, *at.ours).Given(*at.theirs)
		}
	}
	return bad.Err()
}

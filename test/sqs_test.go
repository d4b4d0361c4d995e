package test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/notify"
	"awscontainers/constructs/sqs"
	"awscontainers/test/cdktest"
)

func TestQueueByDefault(t *testing.T) {
	stack := cdktest.Stack(t)
	jobs := sqs.NewQueue(stack, "Jobs", nil)
	jobs.Queue.GrantConsumeMessages(newTask(stack))
	tpl := cdktest.Synth(t, stack)
	queue, dead := tpl.At("AWS::SQS::Queue", "/Jobs/Queue"), tpl.At("AWS::SQS::Queue", "/Jobs/DeadLetters")
	cdktest.Has(t, queue, map[string]any{
		"VisibilityTimeout": 300.0, "MessageRetentionPeriod": 345600.0, "SqsManagedSseEnabled": true, "RedrivePolicy.maxReceiveCount": 5.0,
		"FifoQueue": nil, "QueueName": nil})
	assert.Same(t, dead, queue.Ref("RedrivePolicy.deadLetterTargetArn"))
	cdktest.Has(t, dead, map[string]any{"MessageRetentionPeriod": 1209600.0, "SqsManagedSseEnabled": true, "RedrivePolicy": nil})
	for _, q := range []*cdktest.Resource{queue, dead} {
		assert.Equal(t, "RetainExceptOnCreate", q.DeletionPolicy, q.Path())
		assert.Contains(t, secureOnly(tpl), q, "requests without TLS reach it")
	}
	assert.Empty(t, tpl.All("AWS::CloudWatch::Alarm"), "nobody to notify")
	cdktest.MayExactly(t, tpl.Only("AWS::ECS::TaskDefinition").Ref("TaskRoleArn"), cdktest.Allow("sqs:ChangeMessageVisibility",
		"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage").On(queue))
}

// secureOnly gives the queues whose policy denies everybody everything without TLS.
func secureOnly(tpl *cdktest.Template) (queues []*cdktest.Resource) {
	for _, policy := range tpl.All("AWS::SQS::QueuePolicy") {
		for _, s := range cdktest.List(policy.Get("PolicyDocument.Statement")) {
			if cdktest.Dig(s, "Effect") == "Deny" && cdktest.Dig(s, "Action") == "sqs:*" && cdktest.Dig(s, "Principal.AWS") == "*" &&
				assert.ObjectsAreEqual(map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}}, cdktest.Dig(s, "Condition")) {
				queues = append(queues, policy.Ref("Queues.0"))
			}
		}
	}
	return queues
}

func TestQueueWithAllProps(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("JobsKey"), nil)
	sqs.NewQueue(stack, "Jobs", &sqs.QueueProps{
		VisibilityTimeout: time.Minute, RetentionPeriod: time.Hour, MaxReceiveCount: 2, Fifo: true, EncryptionKey: key,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY, AlarmTopic: notify.NewTopic(stack, "Topic", nil), MaxMessageAge: 10 * time.Minute,
	}).Queue.GrantConsumeMessages(newTask(stack))
	tpl := cdktest.Synth(t, stack)
	queue, dead := tpl.At("AWS::SQS::Queue", "/Jobs/Queue"), tpl.At("AWS::SQS::Queue", "/Jobs/DeadLetters")
	cdktest.Has(t, queue, map[string]any{"VisibilityTimeout": 60.0, "MessageRetentionPeriod": 3600.0, "RedrivePolicy.maxReceiveCount": 2.0})
	for _, q := range []*cdktest.Resource{queue, dead} {
		cdktest.Has(t, q, map[string]any{"FifoQueue": true, "SqsManagedSseEnabled": nil})
		assert.Same(t, tpl.At("AWS::KMS::Key", "/JobsKey/"), q.Ref("KmsMasterKeyId"))
		assert.Equal(t, "Delete", q.DeletionPolicy)
	}
	cdktest.May(t, tpl.Only("AWS::ECS::TaskDefinition").Ref("TaskRoleArn"),
		cdktest.Allow("kms:Decrypt").On(tpl.At("AWS::KMS::Key", "/JobsKey/")))
	for id, want := range map[string]map[string]any{
		"DeadLetterMessages": {"MetricName": "ApproximateNumberOfMessagesVisible", "Threshold": 1.0, "EvaluationPeriods": 1.0},
		"OldMessages":        {"MetricName": "ApproximateAgeOfOldestMessage", "Threshold": 600.0, "EvaluationPeriods": 5.0},
	} {
		alarm := tpl.At("AWS::CloudWatch::Alarm", "/Jobs/"+id)
		cdktest.Has(t, alarm, want)
		cdktest.Has(t, alarm, map[string]any{"Statistic": "Maximum", "Period": 60.0, "TreatMissingData": "notBreaching",
			"ComparisonOperator": "GreaterThanOrEqualToThreshold"}, "fires while the queue rests")
		assert.Same(t, map[string]*cdktest.Resource{"DeadLetterMessages": dead, "OldMessages": queue}[id], alarm.Ref("Dimensions.0.Value"))
		assert.Same(t, tpl.Only("AWS::SNS::Topic"), alarm.Ref("AlarmActions.0"))
	}
}

// Nothing is made beside a dead-letter queue that exists.
func TestQueueWithAnExistingDeadLetterQueue(t *testing.T) {
	stack := cdktest.Stack(t)
	existing := awssqs.Queue_FromQueueArn(stack, jsii.String("Dead"), jsii.String("arn:aws:sqs:eu-west-1:111122223333:dead"))
	sqs.NewQueue(stack, "Jobs", &sqs.QueueProps{DeadLetterQueue: existing})
	tpl := cdktest.Synth(t, stack)
	assert.Equal(t, "arn:aws:sqs:eu-west-1:111122223333:dead", tpl.Only("AWS::SQS::Queue").Get("RedrivePolicy.deadLetterTargetArn"))
	assert.Equal(t, []string{"Test/Fifo: DeadLetterQueue must be a FIFO queue like this one"},
		cdktest.Refused(t, func() { sqs.NewQueue(stack, "Fifo", &sqs.QueueProps{Fifo: true, DeadLetterQueue: existing}) }))
}

func TestDeadLetterQueueElsewhereIsRefused(t *testing.T) {
	stack := awscdk.NewStack(cdktest.App(t), jsii.String("Home"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("eu-west-1")}})
	queue := func(id, arn string) func() {
		existing := awssqs.Queue_FromQueueArn(stack, &id, &arn)
		return func() { sqs.NewQueue(stack, id+"Jobs", &sqs.QueueProps{DeadLetterQueue: existing}) }
	}
	assert.Equal(t, []string{
		`Home/FarJobs: DeadLetterQueue must be in the queue's own Region (eu-west-1); got "us-east-1"`,
		`Home/FarJobs: DeadLetterQueue must be in the queue's own account (111122223333); got "444455556666"`,
	}, cdktest.Refused(t, queue("Far", "arn:aws:sqs:us-east-1:444455556666:dead")))
	queue("Near", "arn:aws:sqs:eu-west-1:111122223333:dead")()
}

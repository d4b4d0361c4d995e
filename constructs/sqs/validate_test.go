package sqs

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"awscontainers/constructs/notify"
	"awscontainers/internal/fake"
)

func TestQueuesAreRefused(t *testing.T) {
	topic := &notify.Topic{Construct: fake.Construct{}}
	for name, c := range map[string]struct {
		props *QueueProps
		want  []string
	}{
		"no props": {nil, nil},
		"all props": {&QueueProps{VisibilityTimeout: time.Hour, RetentionPeriod: 13 * day, MaxReceiveCount: 10, EncryptionKey: fake.Key{},
			DeadLetterQueue: &fake.Queue{IsFifo: true}, Fifo: true, RemovalPolicy: awscdk.RemovalPolicy_DESTROY, AlarmTopic: topic,
			MaxMessageAge: time.Minute}, nil},
		"out of range": {&QueueProps{VisibilityTimeout: 13 * time.Hour, RetentionPeriod: 14 * day, MaxReceiveCount: -1, RemovalPolicy: "DELETE"},
			[]string{
				"VisibilityTimeout must be whole seconds from 1s to 12h; got 13h",
				"RetentionPeriod must be whole seconds from 1m to 312h; got 336h",
				"MaxReceiveCount must be an integer from 1 to 1000; got -1",
				`RemovalPolicy must be "RETAIN_ON_UPDATE_OR_DELETE", "RETAIN" or "DESTROY"; got "DELETE"`,
			}},
		"expires before it is given up": {&QueueProps{VisibilityTimeout: time.Hour, RetentionPeriod: 5 * time.Hour}, []string{
			"RetentionPeriod must be longer than MaxReceiveCount times VisibilityTimeout (5h), because otherwise messages that fail expire before " +
				"they reach the dead-letter queue; got 5h"}},
		"just given up": {&QueueProps{VisibilityTimeout: time.Hour, RetentionPeriod: 5*time.Hour + time.Second}, nil},
		"FIFO and not": {&QueueProps{Fifo: true, DeadLetterQueue: &fake.Queue{}}, []string{
			"DeadLetterQueue must be a FIFO queue like this one"}},
		"not and FIFO": {&QueueProps{DeadLetterQueue: &fake.Queue{IsFifo: true}}, []string{
			"DeadLetterQueue must be a standard queue like this one"}},
		"nobody to notify": {&QueueProps{MaxMessageAge: time.Hour}, []string{
			"MaxMessageAge requires AlarmTopic; got 1h"}},
		"older than it gets": {&QueueProps{MaxMessageAge: 5 * day, AlarmTopic: topic}, []string{
			"MaxMessageAge must be whole seconds from 1m to 96h; got 120h"}},
		"a topic of no constructor": {&QueueProps{AlarmTopic: &notify.Topic{}}, []string{
			"AlarmTopic must be created by notify.NewTopic or notify.TopicFrom"}},
	} {
		t.Run(name, func(t *testing.T) { fake.Refused(t, c.props.Validate(), c.want...) })
	}
}

package fake

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
)

// Key is a KMS key.
type Key struct{ awskms.IKey }

// Metric is a CloudWatch metric.
type Metric struct{ awscloudwatch.IMetric }

// Queue is an SQS queue.
type Queue struct {
	awssqs.IQueue
	Encryption awssqs.QueueEncryption
	IsFifo     bool
}

// EncryptionType is part of awssqs.IQueue.
func (q *Queue) EncryptionType() awssqs.QueueEncryption { return q.Encryption }

// Fifo is part of awssqs.IQueue.
func (q *Queue) Fifo() *bool { return &q.IsFifo }

// Bucket is an S3 bucket.
type Bucket struct{ awss3.IBucket }

// EventBus is a bus of Amazon EventBridge.
type EventBus struct{ awsevents.IEventBus }

// Topic is an SNS topic.
type Topic struct{ awssns.ITopic }

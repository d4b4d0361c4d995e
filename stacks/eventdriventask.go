package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/events"
	"awscontainers/constructs/output"
	"awscontainers/constructs/platform"
	"awscontainers/constructs/registry"
)

// EventDrivenTaskSettings are the choices of the stack EventDrivenTask.
type EventDrivenTaskSettings struct {
	// Image is what runs for each object, for Arm. It reads the variables BUCKET, KEY, SEQUENCER and TABLE. Default: the program in
	// ImageDirectory, built by `cdk deploy`.
	Image string
	// ImageDirectory is where the program's Dockerfile is, from where cdk runs. Default: "stacks/objectdigest".
	ImageDirectory string
	// KeyPrefix and KeySuffix are what the keys of the objects begin and end with. Default: any.
	KeyPrefix, KeySuffix string
	// AlarmEmail gets alarms. Default: nobody.
	AlarmEmail string
}

// eventDrivenTask reads the keys of the stack.
func (r *reader) eventDrivenTask() EventDrivenTaskSettings {
	return EventDrivenTaskSettings{
		Image: r.text("EventDrivenTask.image", "", "the image that runs for each object, for Arm; otherwise the program in `stacks/objectdigest` is built, which takes "+
			"Docker, Finch or Podman at `deploy`", nil),
		KeyPrefix:  r.text("EventDrivenTask.keyPrefix", "incoming/", "what the keys of the objects begin with", nil),
		KeySuffix:  r.text("EventDrivenTask.keySuffix", "", "what they end with, such as `.jpg`", nil),
		AlarmEmail: r.text("EventDrivenTask.alarmEmail", "", "who gets a mail when a task could not be started or has failed", nil),
	}
}

// EventDrivenTaskProps are what NewEventDrivenTask needs.
type EventDrivenTaskProps struct {
	Common
	EventDrivenTaskSettings
}

// NewEventDrivenTask is a task on Fargate that starts for each object which lands in a bucket, and writes what it found to a table. It
// panics with *invalid.Error when the props are wrong.
func NewEventDrivenTask(scope constructs.Construct, id string, props *EventDrivenTaskProps) awscdk.Stack {
	var p EventDrivenTaskProps
	if props != nil {
		p = *props
	}
	stack := newStack(scope, id, "A task on Fargate for each object in a bucket", p.Common)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: newVpc(stack, p.Common)})
	bucket := p.newBucket(stack)
	table := p.newTable(stack)

	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{
		CpuArchitecture: platform.Arm64,
		Containers: []ecs.Container{{
			Name:        "digest",
			Image:       p.image(),
			Environment: map[string]string{"TABLE": *table.TableName()},
		}},
		LogRetention:  p.Profile.logRetention(),
		RemovalPolicy: p.Profile.removalPolicy(),
	})
	accept(task.TaskDefinition, "AwsSolutions-ECS2", "The variable is the table's name, which is no secret")
	table.Grant(task.TaskRole, jsii.String("dynamodb:PutItem"))

	topic := newAlerts(stack, p.Common, p.AlarmEmail, cluster, task)
	run := ecs.NewRun(stack, "Run", &ecs.RunProps{Cluster: cluster, Task: task})
	rule := events.NewTaskRule(stack, "Rule", &events.TaskRuleProps{
		Run:        run,
		S3:         &events.S3Objects{Bucket: bucket, KeyPrefix: p.KeyPrefix, KeySuffix: p.KeySuffix},
		AlarmTopic: topic,
	})

	output.New(stack, "BucketName", *bucket.BucketName())
	output.New(stack, "TableName", *table.TableName())
	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "LogGroupName", *task.LogGroup.LogGroupName())
	output.New(stack, "DeadLetterQueueUrl", *rule.DeadLetterQueue.QueueUrl())
	letPeopleStart(stack, run)
	return stack
}

// newBucket makes a bucket that stays when the stack goes: CloudFormation deletes none that holds something, and emptying it takes a Lambda.
func (p *EventDrivenTaskProps) newBucket(stack awscdk.Stack) awss3.Bucket {
	bucket := awss3.NewBucket(stack, jsii.String("Bucket"), &awss3.BucketProps{
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		EnforceSSL:        jsii.Bool(true),
		Versioned:         jsii.Bool(p.Profile == Prod),
		LifecycleRules: &[]*awss3.LifecycleRule{{
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(1)),
		}},
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE,
	})
	accept(bucket, "AwsSolutions-S1", "EventBridge tells of each object that comes; who reads them is for CloudTrail's data events to say")
	return bucket
}

// newTable makes a table of objects, paid by the request.
func (p *EventDrivenTaskProps) newTable(stack awscdk.Stack) awsdynamodb.Table {
	return awsdynamodb.NewTable(stack, jsii.String("Table"), &awsdynamodb.TableProps{
		PartitionKey:       &awsdynamodb.Attribute{Name: jsii.String("object"), Type: awsdynamodb.AttributeType_STRING},
		BillingMode:        awsdynamodb.BillingMode_PAY_PER_REQUEST,
		DeletionProtection: jsii.Bool(p.Profile.protected()),
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true),
		},
		RemovalPolicy: p.Profile.removalPolicy(),
	})
}

func (p *EventDrivenTaskProps) image() registry.Image {
	if p.Image != "" {
		return registry.FromRegistry(p.Image)
	}
	directory := p.ImageDirectory
	if directory == "" {
		directory = "stacks/objectdigest"
	}
	return registry.FromAsset(directory, nil)
}

package events

import (
	"regexp"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/notify"
	"awscontainers/internal/annotate"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/policy"
)

// scheduler is the service principal of EventBridge Scheduler.
const scheduler = "scheduler.amazonaws.com"

const (
	// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html
	maxRetryAttempts         = 185
	minEventAge, maxEventAge = time.Minute, 24 * time.Hour
	defaultEventAge          = time.Hour
)

// newDeadLetterQueue creates a queue for what could not be started: encrypted, with the longest retention of SQS.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
func newDeadLetterQueue(scope constructs.Construct) awssqs.Queue {
	queue := awssqs.NewQueue(scope, jsii.String("DeadLetters"), &awssqs.QueueProps{
		// With a key of SQS's own: unlike a KMS key, it takes no permission to send.
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
	})
	nag.Suppress(queue, "AwsSolutions-SQS3", "This is a dead-letter queue itself")
	return queue
}

// newFailedAlarm creates an alarm that fires as long as the queue holds something. Without a topic it notifies nobody.
func newFailedAlarm(scope constructs.Construct, queue awssqs.IQueue, topic *notify.Topic) awscloudwatch.Alarm {
	alarm := notify.NewAlarm(scope, "FailedToStart", &notify.AlarmProps{
		Description: *describe.Of("A task could not be started; the dead-letter queue says why. From", *scope.Node().Path()),
		Metric: queue.MetricApproximateNumberOfMessagesVisible(&awscloudwatch.MetricOptions{
			Period: awscdk.Duration_Minutes(jsii.Number(1)), Statistic: jsii.String("Maximum"),
		}),
		// A queue that was not used for hours has no data.
		Threshold: 1, EvaluationPeriods: 1, Topic: topic,
	})
	if topic == nil {
		annotate.WhenComplete(alarm, func() { noteUnheard(scope, alarm) })
	}
	return alarm
}

// noteUnheard says so if nobody has given the alarm an action by now.
func noteUnheard(scope constructs.Construct, alarm awscloudwatch.Alarm) {
	resource := alarm.Node().DefaultChild().(awscloudwatch.CfnAlarm)
	if actions := awscdk.Stack_Of(alarm).Resolve(resource.AlarmActions()); actions == nil {
		annotate.NoteWithId(scope, notify.UnheardNote, "Nobody is notified of a task that can't be started; set AlarmTopic")
	}
}

// newStarterRole creates a role that a service may assume for the named resources of this account only. The rule's own ARN would
// be a circular dependency.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
func newStarterRole(scope constructs.Construct, service, serviceName, resources string) awsiam.Role {
	return awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		Description: describe.Of("Starts the tasks of", *scope.Node().Path()),
		AssumedBy: awsiam.NewServicePrincipal(&service, &awsiam.ServicePrincipalOpts{
			Conditions: policy.OfThisAccount(serviceName, resources),
		}),
	})
}

// grantStart lets a role start the task.
func grantStart(role awsiam.Role, run *ecs.Run) {
	run.GrantStart(role)
	nag.Suppress(role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"Every revision of one task definition, in one cluster, so that one created during a deployment starts too; "+
			"tags go to tasks of that cluster only")
}

func checkRetries(attempts *int, age time.Duration, bad *invalid.Problems) {
	if attempts != nil {
		check.Range("RetryAttempts", *attempts, 0, maxRetryAttempts, bad)
	}
	check.Seconds("MaximumEventAge", age, minEventAge, maxEventAge, bad)
}

// checkRun returns the task that runs, or nil.
func checkRun(run *ecs.Run, bad *invalid.Problems) *ecs.Task {
	if !invalid.IsMade(run) {
		bad.Add("Run", "is required").Advise("use ecs.NewRun")
		return nil
	}
	return run.Task
}

// checkQueue refuses a queue that EventBridge doesn't accept for dead letters.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
func checkQueue(queue awssqs.IQueue, bad *invalid.Problems) {
	if queue != nil && *queue.Fifo() {
		bad.Add("DeadLetterQueue", "must be a standard queue, because EventBridge doesn't send to a FIFO queue").Given(*queue.Node().Path())
	}
}

// checkQueueKey refuses a queue that a sender without a role can't write to: nobody can change the policy of the key that AWS
// manages for SQS. A rule is such a sender; a schedule sends under its role.
func checkQueueKey(queue awssqs.IQueue, bad *invalid.Problems) {
	if queue != nil && queue.EncryptionType() == awssqs.QueueEncryption_KMS_MANAGED {
		bad.Add("DeadLetterQueue", "must not be encrypted with alias/aws/sqs, which EventBridge can't use").Given(*queue.Node().Path()).
			Advise("use awssqs.QueueEncryption_SQS_MANAGED or a KMS key of your own")
	}
}

// physicalName is what rules and schedules may be called.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
var physicalName = regexp.MustCompile(`^[.A-Za-z0-9_-]{1,64}$`)

func checkPhysicalName(field, name string, bad *invalid.Problems) {
	check.Match(field, name, physicalName, "1 to 64 letters, digits and . _ -", bad)
}

func state(isDisabled bool) *string {
	if isDisabled {
		return jsii.String("DISABLED")
	}
	return jsii.String("ENABLED")
}

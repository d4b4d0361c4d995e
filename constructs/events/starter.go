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
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/policy"
)

// scheduler is the service that starts tasks at times.
const scheduler = "scheduler.amazonaws.com"

const (
	// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html
	maxRetryAttempts            = 185
	leastEventAge, mostEventAge = time.Minute, 24 * time.Hour
	defaultEventAge             = time.Hour
)

// newDeadLetterQueue makes a queue for what could not be started: encrypted, and kept for as long as SQS keeps anything.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
func newDeadLetterQueue(scope constructs.Construct) awssqs.Queue {
	queue := awssqs.NewQueue(scope, jsii.String("DeadLetters"), &awssqs.QueueProps{
		// With a key of SQS's own, which asks nothing of who sends, unlike one of KMS.
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
	})
	nag.Suppress(queue, "AwsSolutions-SQS3", "This is a dead-letter queue itself")
	return queue
}

// newFailedAlarm goes off as long as something lies in the queue. Without a topic it only shows.
func newFailedAlarm(scope constructs.Construct, queue awssqs.IQueue, topic *notify.Topic) awscloudwatch.Alarm {
	return notify.NewAlarm(scope, "FailedToStart", &notify.AlarmProps{
		Description: *describe.Of("A task could not be started; the dead-letter queue says why. From", *scope.Node().Path()),
		Metric: queue.MetricApproximateNumberOfMessagesVisible(&awscloudwatch.MetricOptions{
			Period: awscdk.Duration_Minutes(jsii.Number(1)), Statistic: jsii.String("Maximum"),
		}),
		// A queue that nobody has used for hours sends no numbers.
		Threshold: 1, EvaluationPeriods: 1, Topic: topic,
	})
}

// newStarterRole makes a role that a service may take for the named resources of this account alone. The ARN of the very rule would have
// to come before the rule.
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
	nag.Suppress(role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5", "Every revision of one task definition, in one cluster, "+
		"so that what comes during a deployment still starts; tags go to tasks of that cluster only")
}

func checkRetries(attempts *int, age time.Duration, bad *invalid.Problems) {
	if attempts != nil && (*attempts < 0 || *attempts > maxRetryAttempts) {
		bad.Add("RetryAttempts", "%d is out of range; use 0 to %d", *attempts, maxRetryAttempts)
	}
	if age != 0 && (age < leastEventAge || age > mostEventAge || age%time.Second != 0) {
		bad.Add("MaximumEventAge", "%v is out of range; use whole seconds from %v to %v", age, leastEventAge, mostEventAge)
	}
}

func checkRun(run *ecs.Run, bad *invalid.Problems) (task *ecs.Task) {
	if run == nil || run.Task == nil {
		bad.Add("Run", "is missing; make it with ecs.NewRun")
		return nil
	}
	return run.Task
}

// checkQueue notes a queue that EventBridge takes for no dead letters, or cannot write to: nobody can change the policy of the key that AWS
// manages for SQS, which matters to those who come without a role.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
func checkQueue(queue awssqs.IQueue, withoutRole bool, bad *invalid.Problems) {
	if queue == nil {
		return
	}
	if *queue.Fifo() {
		bad.Add("DeadLetterQueue", "%s is a FIFO queue, and EventBridge takes standard queues alone", *queue.Node().Path())
	}
	if withoutRole && queue.EncryptionType() == awssqs.QueueEncryption_KMS_MANAGED {
		bad.Add("DeadLetterQueue", "%s is encrypted with alias/aws/sqs, a key that EventBridge may not use; use SQS_MANAGED, or a key of your own", *queue.Node().Path())
	}
}

// physicalName is what rules and schedules may be called.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
var physicalName = regexp.MustCompile(`^[.A-Za-z0-9_-]{1,64}$`)

func checkRuleName(field, name string, bad *invalid.Problems) {
	if name != "" && !invalid.IsToken(name) && !physicalName.MatchString(name) {
		bad.Add(field, "%q is too long or has other characters; use 1 to 64 letters, digits and .-_", name)
	}
}

func state(disabled bool) *string {
	if disabled {
		return jsii.String("DISABLED")
	}
	return jsii.String("ENABLED")
}

// propagateTags gives tasks the tags of their task definition.
const propagateTags = "TASK_DEFINITION"

// orNil keeps an empty list out of the template.
func orNil(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list
}

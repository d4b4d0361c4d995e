package stacks_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

var queueWorkerVariants = []variant{
	{
		name:     "QueueWorker",
		stateful: []string{"JobsDeadLetters8D991969", "JobsQueue24944186", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037"},
	},
	{
		name: "QueueWorker-prod",
		context: map[string]any{"profile": "prod", "QueueWorker.image": shared.PublicImage, "QueueWorker.encryptionKey": "true",
			"QueueWorker.visibilityTimeoutSeconds": "120", "QueueWorker.maxReceiveCount": "3", "QueueWorker.messagesPerTask": "20",
			"QueueWorker.spotPercent": "50", "QueueWorker.alarmEmail": "on-call@example.com"},
		stateful: []string{"AlertsLogGroup32FB9138", "JobsDeadLetters8D991969", "JobsQueue24944186", "Key961B73FD", "TaskLogGroup1B4092C9",
			"TopicKey6720E77D", "VpcFlowLogGroupBF601037"},
	},
}

// From the queue to the tasks and back: each part is of this stack, and the task may do just its part.
func TestQueueWorkerFromQueueToTasks(t *testing.T) {
	tpl := cdktest.Synth(t, buildStack(t, "QueueWorker", nil))
	queue, dead := tpl.At("AWS::SQS::Queue", "/Jobs/Queue"), tpl.At("AWS::SQS::Queue", "/Jobs/DeadLetters")
	service, target := tpl.Only("AWS::ECS::Service"), tpl.Only("AWS::ApplicationAutoScaling::ScalableTarget")
	assert.Same(t, dead, queue.Ref("RedrivePolicy.deadLetterTargetArn"))
	cdktest.Has(t, target, map[string]any{"MinCapacity": 0.0, "MaxCapacity": 2.0})
	assert.Nil(t, service.Get("DesiredCount"), "a deployment starts tasks for an empty queue")
	assert.Equal(t, []any{map[string]any{"CapacityProvider": "FARGATE_SPOT", "Weight": 75.0},
		map[string]any{"CapacityProvider": "FARGATE", "Weight": 25.0}}, service.Get("CapacityProviderStrategy"))
	assert.Empty(t, tpl.All("AWS::ElasticLoadBalancingV2::LoadBalancer"))

	task := service.Ref("TaskDefinition")
	container := task.Get("ContainerDefinitions.0")
	cdktest.HasAt(t, container, map[string]any{"ReadonlyRootFilesystem": true, "StopTimeout": 120.0})
	variables := variablesOf(container)
	assert.Same(t, queue, tpl.Follow(variables["QUEUE_URL"]))
	assert.Equal(t, "60", variables["VISIBILITY_TIMEOUT_SECONDS"])
	assert.Equal(t, 60.0, queue.Get("VisibilityTimeout"), "the program extends by another one")
	assert.Equal(t, "90", variables["STOP_SECONDS"], "of the stop timeout 20 are for the last answer of SQS")
	cdktest.MayExactly(t, task.Ref("TaskRoleArn"),
		cdktest.Allow("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl",
			"sqs:ReceiveMessage").On(queue),
		cdktest.Allow("ecs:GetTaskProtection", "ecs:UpdateTaskProtection").On(cdktest.Arn("arn:",
			map[string]any{"Ref": "AWS::Partition"}, ":ecs:", map[string]any{"Ref": "AWS::Region"}, ":",
			map[string]any{"Ref": "AWS::AccountId"}, ":task/",
			tpl.Only("AWS::ECS::Cluster"), "/*")))
	for _, q := range []*cdktest.Resource{queue, dead} {
		assert.Equal(t, "Delete", q.DeletionPolicy)
	}
	for _, kind := range []string{"AWS::SNS::Topic", "AWS::KMS::Key"} {
		assert.Empty(t, tpl.All(kind), "paid for though nobody asked")
	}
}

func variablesOf(container any) map[string]any {
	variables := map[string]any{}
	for _, v := range cdktest.List(cdktest.Dig(container, "Environment")) {
		variables[cdktest.Dig(v, "Name").(string)] = cdktest.Dig(v, "Value")
	}
	return variables
}

// In prod nothing is lost with the stack, and no alarm fires while there is nothing to do.
func TestQueueWorkerInProd(t *testing.T) {
	tpl := variantNamed(t, "QueueWorker-prod").synth(t)
	queue, dead := tpl.At("AWS::SQS::Queue", "/Jobs/Queue"), tpl.At("AWS::SQS::Queue", "/Jobs/DeadLetters")
	key := tpl.At("AWS::KMS::Key", "QueueWorker/Key/")
	for _, q := range []*cdktest.Resource{queue, dead} {
		assert.Equal(t, "RetainExceptOnCreate", q.DeletionPolicy, q.Path())
		assert.Same(t, key, q.Ref("KmsMasterKeyId"), q.Path())
	}
	assert.Equal(t, "RetainExceptOnCreate", key.DeletionPolicy, "messages that are retained can't be read")
	assert.Equal(t, true, key.Get("EnableKeyRotation"))
	task := tpl.Only("AWS::ECS::TaskDefinition")
	cdktest.May(t, task.Ref("TaskRoleArn"), cdktest.Allow("kms:Decrypt").On(key))
	assert.Equal(t, "120", variablesOf(task.Get("ContainerDefinitions.0"))["VISIBILITY_TIMEOUT_SECONDS"], "the queue's own")
	cdktest.Has(t, queue, map[string]any{"VisibilityTimeout": 120.0, "RedrivePolicy.maxReceiveCount": 3.0})
	cdktest.Has(t, tpl.Only("AWS::ApplicationAutoScaling::ScalableTarget"), map[string]any{"MinCapacity": 0.0, "MaxCapacity": 10.0})
	var watched []string
	for _, alarm := range tpl.All("AWS::CloudWatch::Alarm") {
		if strings.Contains(alarm.Path(), "QueueFirstMessage") {
			continue // it starts a task, and tells nobody
		}
		assert.Equal(t, "notBreaching", alarm.Get("TreatMissingData"), "%s fires while nothing runs", alarm.Path())
		assert.Same(t, tpl.Only("AWS::SNS::Topic"), alarm.Ref("AlarmActions.0"), alarm.Path())
		if name, ok := alarm.Get("MetricName").(string); ok {
			watched = append(watched, name)
		}
	}
	assert.Subset(t, watched, []string{"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"})
	for _, name := range []string{"CPUUtilization", "HealthyHostCount"} {
		assert.NotContains(t, watched, name, "a worker uses its CPU, and rests without tasks")
	}
}

// A minimum of tasks needs no start from zero.
func TestQueueWorkerThatNeverRests(t *testing.T) {
	tpl := cdktest.Synth(t, buildStack(t, "QueueWorker", map[string]any{"QueueWorker.minTasks": "3", "QueueWorker.spotPercent": "0"}))
	cdktest.Has(t, tpl.Only("AWS::ApplicationAutoScaling::ScalableTarget"), map[string]any{"MinCapacity": 3.0, "MaxCapacity": 3.0})
	assert.Empty(t, tpl.All("AWS::CloudWatch::Alarm"))
	assert.Equal(t, 0.0, tpl.Only("AWS::ECS::Service").Get("CapacityProviderStrategy.0.Weight"))
}

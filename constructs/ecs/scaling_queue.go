package ecs

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/taskrole"
)

// QueueScaling lets the number of tasks follow the backlog of an SQS queue: the messages that wait or are being worked on, divided by the
// running tasks. With ScaleToZero the tasks end when the queue is empty, and the first message starts one.
//
// A queue that nobody has used for six hours reports to CloudWatch up to 15 minutes late, and so does its first message.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html
// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
type QueueScaling struct {
	// Queue is the queue that the tasks receive from, in the service's own account and Region. Required.
	Queue awssqs.IQueue
	// MessagesPerTask is the acceptable backlog of a task, 1 or more messages: the longest acceptable wait divided by the time that a
	// task takes for a message. Messages in flight count, so that no task is removed because the last message is being worked on.
	// Required.
	MessagesPerTask int
}

const (
	sqsNamespace = "AWS/SQS"
	// The construct ids of the queue's policies.
	queueBacklogId, firstMessageId = "QueueBacklog", "QueueFirstMessage"
	// A task that the first message started gets this long to receive it before another one starts.
	firstMessageCooldown = 5 * time.Minute
	// A task takes about a minute to start, and CloudWatch some more to count it. Until then the backlog of a task looks as large as before,
	// and more tasks would be added for it. It is also what Application Auto Scaling itself waits for ECS.
	// https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
	queueScaleOutCooldown = 5 * time.Minute
)

// The expressions on the queue's metrics, a value a minute. In arithmetic, CloudWatch takes a missing value for 0, and drops what is
// divided by 0; IF drops what its condition is missing for.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
const (
	// SQS reports messages in flight only if there are any.
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	backlogExpression = "visible + inFlight"
	// Container Insights reports a service only while it has running tasks, so that a missing count means none. REPEAT bridges the
	// newest minutes, whose count may come after the queue's metrics: taken for 0, they would show the whole backlog for one task's.
	tasksExpression = "FILL(running, REPEAT) + 0 * visible"
	// Without tasks it is the backlog itself. The outer IF leaves a minute without the queue's metrics out: neither an idle queue's
	// silence nor late metrics are an empty queue.
	backlogPerTaskExpression = "IF(visible >= 0, IF(tasks > 0, backlog / tasks, backlog))"
	// The messages that wait while no task runs and none is in flight, as it is while a task works whose count comes late.
	waitingExpression = "IF(running + inFlight + 0 * visible > 0, 0, visible)"
)

// trackBacklog adds target tracking of the backlog for each task and, where there may be no task, a step that starts one for the first
// message: up to MessagesPerTask messages are within the target, and would wait for ever. From zero, target tracking adds one task too.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
func (s *Service) trackBacklog(scaling *Scaling) {
	q := scaling.Queue
	if q == nil {
		return
	}
	s.trackExpression(queueBacklogId, s.backlogPerTask(q), float64(q.MessagesPerTask), scaling)
	if scaling.mayReachZero() {
		first := StepScaling{
			Metric: s.waitingMessages(q), Steps: []ScalingStep{{Below: 1}, {From: 1, Change: 1}},
			// The newest minute may lack the tasks' count.
			EvaluationPeriods: 2, Cooldown: firstMessageCooldown,
		}
		s.ScalableTaskCount.ScaleOnMetric(jsii.String(firstMessageId), first.cdk())
	}
}

func (s *Service) backlogPerTask(q *QueueScaling) awscloudwatch.IMetric {
	visible := q.metric("ApproximateNumberOfMessagesVisible")
	return expression(backlogPerTaskExpression, "Backlog per task", map[string]awscloudwatch.IMetric{
		"visible": visible,
		"backlog": expression(backlogExpression, "Backlog", map[string]awscloudwatch.IMetric{
			"visible": visible, "inFlight": q.metric("ApproximateNumberOfMessagesNotVisible"),
		}),
		"tasks": expression(tasksExpression, "Tasks", map[string]awscloudwatch.IMetric{
			"visible": visible, "running": s.metric(containerInsights, "RunningTaskCount"),
		}),
	})
}

func (s *Service) waitingMessages(q *QueueScaling) awscloudwatch.IMetric {
	return expression(waitingExpression, "Messages without a task", map[string]awscloudwatch.IMetric{
		"visible":  q.metric("ApproximateNumberOfMessagesVisible"),
		"inFlight": q.metric("ApproximateNumberOfMessagesNotVisible"),
		"running":  s.metric(containerInsights, "RunningTaskCount"),
	})
}

func (q *QueueScaling) metric(name string) awscloudwatch.IMetric {
	return minuteMetric(sqsNamespace, name, "Maximum", map[string]*string{"QueueName": q.Queue.QueueName()})
}

func expression(text, label string, metrics map[string]awscloudwatch.IMetric) awscloudwatch.IMetric {
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: &text, Label: &label, Period: minute(), UsingMetrics: &metrics,
	})
}

// GrantTaskProtection lets the tasks protect themselves from being stopped by scaling in and by deployments while they work, through the
// endpoint $ECS_AGENT_URI/task-protection/v1/state. It panics with *invalid.Error if the task's role isn't known.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
func (s *Service) GrantTaskProtection() {
	var bad invalid.Problems
	if s.Task == nil || s.Task.TaskRole == nil {
		bad.Add("", "requires a service of ecs.NewService whose task has a known TaskRole")
	}
	check.Arguments(s, "GrantTaskProtection", bad)
	name := *s.cluster.Cluster.ClusterName()
	// By pseudo parameters, as the reason below names it.
	tasks := "arn:" + *awscdk.Aws_PARTITION() + ":ecs:" + *awscdk.Aws_REGION() + ":" + *awscdk.Aws_ACCOUNT_ID() + ":task/" + name + "/*"
	s.Task.TaskRole.AddToPrincipalPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("ecs:GetTaskProtection", "ecs:UpdateTaskProtection"), Resources: jsii.Strings(tasks),
	}))
	if s.Task.props.TaskRole != nil {
		return
	}
	if cluster, ok := s.cluster.Cluster.Node().DefaultChild().(awscdk.CfnElement); ok {
		name = "<" + *awscdk.Stack_Of(s).GetLogicalId(cluster) + ">"
	}
	taskrole.Explain(s.Task.TaskRole, "A task's ID is known only when it runs, and its ARN names the cluster and not the service",
		"Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:task/"+name+"/*")
}

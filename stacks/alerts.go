package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/notify"

	"awscontainers/internal/annotate"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/events"
)

// newAlerts tells of a task that starts and fails, and gives the topic that hears of it: in Prod always, in Dev when somebody wants to know;
// else it is nil.
func newAlerts(stack awscdk.Stack, c Common, email string, cluster *ecs.Cluster, task *ecs.Task) *notify.Topic {
	if !c.Profile.watched(email) {
		return nil
	}
	var emails []string
	if email != "" {
		emails = []string{email}
	} else {
		annotate.Note(stack, "Nobody is told when a task fails; give "+*stack.Node().Id()+".alarmEmail, or subscribe to the topic (output TopicArn)")
	}
	topic := notify.NewTopic(stack, "Topic", &notify.TopicProps{Emails: emails})
	alerts := events.NewTaskAlerts(stack, "Alerts", &events.TaskAlertsProps{
		Clusters:      []*ecs.Cluster{cluster},
		Tasks:         []*ecs.Task{task},
		Topic:         topic,
		LogRetention:  c.Profile.logRetention(),
		RemovalPolicy: c.Profile.removalPolicy(),
	})
	awscdk.NewCfnOutput(stack, jsii.String("TopicArn"), &awscdk.CfnOutputProps{Value: jsii.String(topic.Arn())})
	awscdk.NewCfnOutput(stack, jsii.String("EventLogGroupName"), &awscdk.CfnOutputProps{Value: alerts.LogGroup.LogGroupName()})
	return topic
}

// letPeopleStart gives what `aws ecs run-task` asks for.
func letPeopleStart(stack awscdk.Stack, run *ecs.Run) {
	p := run.Parameters()
	awscdk.NewCfnOutput(stack, jsii.String("TaskDefinitionArn"), &awscdk.CfnOutputProps{Value: p.TaskDefinitionArn})
	awscdk.NewCfnOutput(stack, jsii.String("SubnetIds"), &awscdk.CfnOutputProps{Value: awscdk.Fn_Join(jsii.String(","), p.SubnetIds)})
	awscdk.NewCfnOutput(stack, jsii.String("SecurityGroupIds"), &awscdk.CfnOutputProps{Value: awscdk.Fn_Join(jsii.String(","), p.SecurityGroupIds)})
}

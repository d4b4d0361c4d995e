package stacks

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/events"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/output"
	"awscontainers/internal/annotate"
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
	output.New(stack, "TopicArn", topic.Arn())
	output.New(stack, "EventLogGroupName", *alerts.LogGroup.LogGroupName())
	return topic
}

// letPeopleStart gives what `aws ecs run-task` asks for.
func letPeopleStart(stack awscdk.Stack, run *ecs.Run) {
	p := run.Parameters()
	output.New(stack, "TaskDefinitionArn", p.TaskDefinitionArn)
	output.New(stack, "SubnetIds", strings.Join(p.SubnetIds, ","))
	output.New(stack, "SecurityGroupIds", strings.Join(p.SecurityGroupIds, ","))
}

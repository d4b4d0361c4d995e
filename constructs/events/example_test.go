package events_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/events"
	"awscontainers/constructs/network"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
)

// One topic for a team: its mail, its channel, and the alarms of a service beside the notices.
func ExampleNewTopic() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Team"), nil)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc})
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: ecs.NewTask(stack, "Task", &ecs.TaskProps{
		Containers: []ecs.Container{{Name: "web", Image: registry.FromRegistry("public.ecr.aws/nginx/nginx-unprivileged:stable")}},
	})})
	topic := notify.NewTopic(stack, "Topic", &notify.TopicProps{
		Emails: []string{"on-call@example.com"},
		Slack:  []notify.SlackChannel{{WorkspaceId: "T0123ABCDEF", ChannelId: "C0123ABCDEF"}},
	})
	ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: service, Topic: topic})
	events.NewTaskAlerts(stack, "Alerts", &events.TaskAlertsProps{Services: []*ecs.Service{service}, Topic: topic})
	app.Synth(nil)
}

// Every cluster of the account in the Region: who is told of what goes wrong there.
func ExampleNewTaskAlerts() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Alerts"), nil)
	alerts := events.NewTaskAlerts(stack, "Alerts", &events.TaskAlertsProps{
		Emails:   []string{"on-call@example.com"},
		Failures: []events.Failure{events.NonZeroExit, events.OutOfMemory, events.DeploymentFailed},
	})
	output.New(stack, "EventLogGroupName", *alerts.LogGroup.LogGroupName())
	app.Synth(nil)
}

package notify_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/output"
)

// A team's topic: an address and a Slack channel, and an alarm that notifies both.
func ExampleNewTopic() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("OnCall"), nil)
		topic := notify.NewTopic(stack, "Topic", &notify.TopicProps{
			Emails: []string{"on-call@example.com"},
			Slack:  []notify.SlackChannel{{WorkspaceId: "T0123ABCDEF", ChannelId: "C0123ABCDEF"}},
		})
		notify.NewAlarm(stack, "FailedOrders", &notify.AlarmProps{
			Description: "Orders fail; check the log group of the service shop",
			Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
				Namespace: jsii.String("Shop"), MetricName: jsii.String("FailedOrders"),
			}),
			Threshold: 5,
			Topic:     topic,
		})
		output.New(stack, "TopicArn", topic.Arn())
		app.Synth(nil)
	})
}

// An alarm that notifies a topic of another app.
func ExampleTopicFrom() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		onCall := awssns.Topic_FromTopicArn(stack, jsii.String("People"), jsii.String("arn:aws:sns:eu-west-1:111122223333:on-call"))
		notify.NewAlarm(stack, "FailedOrders", &notify.AlarmProps{
			Description: "Orders fail; check the log group of the service shop",
			Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
				Namespace: jsii.String("Shop"), MetricName: jsii.String("FailedOrders"),
			}),
			Topic: notify.TopicFrom(stack, "OnCall", &notify.TopicAttributes{Topic: onCall}),
		})
		app.Synth(nil)
	})
}

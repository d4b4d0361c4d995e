package events_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/events"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
)

func newRun(scope constructs.Construct) *ecs.Run {
	return ecs.NewRun(scope, "Run", &ecs.RunProps{
		Cluster: ecs.NewCluster(scope, "Cluster", &ecs.ClusterProps{Vpc: network.NewVpc(scope, "Vpc", nil).Vpc}),
		Task: ecs.NewTask(scope, "Task", &ecs.TaskProps{
			Containers: []ecs.Container{{Name: "report", Image: registry.FromRegistry("public.ecr.aws/docker/library/busybox:stable")}},
		}),
	})
}

// Each object below incoming/ starts a task, which finds the object's key in its environment.
func ExampleNewTaskRule() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Uploads"), nil)
		bucket := awss3.NewBucket(stack, jsii.String("Bucket"), nil)
		rule := events.NewTaskRule(stack, "Rule", &events.TaskRuleProps{
			Run: newRun(stack),
			S3:  &events.S3Objects{Bucket: bucket, KeyPrefix: "incoming/", OutputPrefix: "results/"},
		})
		output.New(stack, "RuleArn", rule.Arn())
		app.Synth(nil)
	})
}

// A report every night, with the failures of its starts by email.
func ExampleNewSchedule() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Reports"), nil)
		schedule := events.NewSchedule(stack, "Nightly", &events.ScheduleProps{
			Run:                newRun(stack),
			ScheduleExpression: "cron(0 3 * * ? *)",
			TimeZone:           "Europe/Berlin",
			PreventOverlap:     true,
			AlarmTopic:         notify.NewTopic(stack, "Topic", &notify.TopicProps{Emails: []string{"on-call@example.com"}}),
		})
		output.New(stack, "ScheduleName", schedule.Name())
		app.Synth(nil)
	})
}

// The failures of every cluster of the account in the Region.
func ExampleNewTaskAlerts() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Alerts"), nil)
		alerts := events.NewTaskAlerts(stack, "Alerts", &events.TaskAlertsProps{
			Emails:   []string{"on-call@example.com"},
			Failures: []events.Failure{events.FailureNonZeroExit, events.FailureOutOfMemory, events.FailureDeploymentFailed},
		})
		output.New(stack, "EventLogGroupName", *alerts.LogGroup.LogGroupName())
		app.Synth(nil)
	})
}

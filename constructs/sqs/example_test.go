package sqs_test

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/sqs"
)

// A worker that runs only while its queue has messages, mostly on Fargate Spot.
func ExampleNewQueue() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Worker"), nil)
		jobs := sqs.NewQueue(stack, "Jobs", &sqs.QueueProps{
			VisibilityTimeout: 2 * time.Minute,
			AlarmTopic:        notify.NewTopic(stack, "Topic", &notify.TopicProps{Emails: []string{"on-call@example.com"}}),
		})
		task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{
			Name: "worker", Image: registry.FromAsset("./worker", nil), StopTimeout: 2 * time.Minute,
			Environment: map[string]string{"QUEUE_URL": jobs.Url()},
		}}})
		jobs.Queue.GrantConsumeMessages(task)
		ecs.NewService(stack, "Service", &ecs.ServiceProps{
			Cluster: ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc}),
			Task:    task,
			Capacity: []ecs.CapacityProviderStrategy{
				{CapacityProvider: ecs.FargateSpot, Weight: 3}, {CapacityProvider: ecs.Fargate, Weight: 1},
			},
			Scaling: &ecs.Scaling{
				ScaleToZero: true, MaxCapacity: 10,
				Queue: &ecs.QueueScaling{Queue: jobs.Queue, MessagesPerTask: 20},
			},
		})
		app.Synth(nil)
	})
}

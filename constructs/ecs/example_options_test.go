package ecs_test

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskinesisfirehose"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/registry"
)

// A worker from a private registry, whose output goes to Amazon Data Firehose and Amazon S3.
func ExampleFireLens() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Worker"), nil)
		bucket := awss3.NewBucket(stack, jsii.String("Logs"), &awss3.BucketProps{EnforceSSL: jsii.Bool(true)})
		stream := awskinesisfirehose.NewDeliveryStream(stack, jsii.String("Stream"), &awskinesisfirehose.DeliveryStreamProps{
			Destination: awskinesisfirehose.NewS3Bucket(bucket, nil),
		})
		task := ecs.NewTask(stack, "Task", &ecs.TaskProps{
			Containers: []ecs.Container{{
				Name: "worker",
				Image: registry.FromRegistry("ghcr.io/acme/worker:1.4.2").
					WithCredentialsArn("arn:aws:secretsmanager:eu-west-1:111122223333:secret:ghcr-a1b2c3"),
				Logging: &ecs.Logging{Driver: ecs.LogDriverFireLens, Options: map[string]string{
					"Name": "kinesis_firehose", "region": *stack.Region(), "delivery_stream": *stream.DeliveryStreamName(),
				}},
			}},
			FireLens: &ecs.FireLens{},
		})
		stream.GrantPutRecords(task)
		ecs.NewService(stack, "Service", &ecs.ServiceProps{
			Cluster: ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc}), Task: task,
		})
		app.Synth(nil)
	})
}

// A service with a disk for each task, restarted in place, on disks that a key of the account's encrypts.
func ExampleEbsVolume() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Index"), nil)
		key := awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
		task := ecs.NewTask(stack, "Task", &ecs.TaskProps{
			Containers: []ecs.Container{{
				Name:          "index",
				Image:         registry.FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/index:2.1"),
				User:          "1000",
				MountPoints:   []ecs.MountPoint{{SourceVolume: "data", ContainerPath: "/data"}},
				RestartPolicy: &ecs.RestartPolicy{AttemptPeriod: time.Minute, IgnoredExitCodes: []int{0}},
				// A program that isn't root needs no capabilities.
				DropCapabilities: true,
				WritablePaths:    []ecs.WritablePath{{ContainerPath: "/plugins", MountOptions: []string{"exec", "uid=1000"}}},
				SystemControls:   []ecs.SystemControl{{Namespace: "net.core.somaxconn", Value: "1024"}},
			}},
			Volumes: []ecs.Volume{{Name: "data", Ebs: &ecs.EbsVolume{SizeGiB: 200, ThroughputMiB: 250, EncryptionKey: key}}},
		})
		cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{
			Vpc: network.NewVpc(stack, "Vpc", nil).Vpc, ClusterName: "index", EphemeralStorageKey: key,
		})
		ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: task})
		app.Synth(nil)
	})
}

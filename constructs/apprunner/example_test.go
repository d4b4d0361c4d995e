package apprunner_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/apprunner"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
)

// A service from an image, with a table that it may read.
func ExampleNewService() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		service := apprunner.NewService(stack, "Service", &apprunner.ServiceProps{
			Image:           registry.FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/web:prod"),
			AutoDeployments: true,
			Port:            8000,
			HealthCheckPath: "/health",
			MinSize:         2,
			MaxSize:         10,
		})
		table := awsdynamodb.NewTableV2(stack, jsii.String("Table"), &awsdynamodb.TablePropsV2{
			PartitionKey: &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
		})
		table.GrantReadData(service)
		output.New(stack, "Url", service.Url())
		app.Synth(nil)
	})
}

// Alarms by email for a service that is built from a branch.
func ExampleNewAlarms() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		service := apprunner.NewService(stack, "Service", &apprunner.ServiceProps{
			Source: &apprunner.Source{
				RepositoryUrl: "https://github.com/example/shop",
				ConnectionArn: "arn:aws:apprunner:eu-west-1:111122223333:connection/github/0123456789abcdef0123456789abcdef",
				Runtime:       apprunner.NodeJs22,
				BuildCommand:  "npm ci",
			},
			StartCommand:    "node server.js",
			AutoDeployments: true,
		})
		apprunner.NewAlarms(stack, "Alarms", &apprunner.AlarmsProps{Service: service, Emails: []string{"on-call@example.com"}})
		app.Synth(nil)
	})
}

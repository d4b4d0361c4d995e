package ecs_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
)

// A web service with an HTTPS address from its first deployment, without a domain or a certificate.
func ExampleNewGateway() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Web"), nil)
		vpc := network.NewVpc(stack, "Vpc", nil).Vpc
		cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
		gateway := ecs.NewGateway(stack, "Gateway", &ecs.GatewayProps{Cluster: cluster, InternetFacing: true})
		task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{
			Name:         "web",
			Image:        registry.FromRegistry("public.ecr.aws/nginx/nginx-unprivileged:stable"),
			PortMappings: []ecs.PortMapping{{ContainerPort: 8080, Name: "web"}}, // the connector needs a named port
		}}})
		service := ecs.NewService(stack, "Service", &ecs.ServiceProps{
			Cluster:  cluster,
			Task:     task,
			Exposure: ecs.Exposure{Gateway: &ecs.GatewayConnector{Gateways: []*ecs.Gateway{gateway}}},
		})
		output.New(stack, "UrlCommand", service.UrlCommand(gateway))
		app.Synth(nil)
	})
}

package express_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/express"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/platform"
	"awscontainers/constructs/registry"
)

// A web service that needs only an image: ECS creates the load balancer, the certificate and the scaling.
func ExampleNewService() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Web"), nil)
		vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{NatGateways: network.NatNone}).Vpc
		service := express.NewService(stack, "Web", &express.ServiceProps{
			Image:   registry.FromAsset("./web", nil),
			Cluster: ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc}),
			MinSize: 2,
		})
		output.New(stack, "Url", service.Url())
		app.Synth(nil)
	})
}

// A service with a collector of traces and metrics beside the program, on Arm, and with alarms.
func ExampleNewAlarms() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Web"), nil)
		vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{NatGateways: network.NatNone}).Vpc
		task := ecs.NewTask(stack, "Task", &ecs.TaskProps{
			CpuArchitecture: platform.Arm64,
			Containers: []ecs.Container{{
				Name: "Main", Image: registry.FromAsset("./web", nil), PortMappings: []ecs.PortMapping{{Name: "http", ContainerPort: 8080}},
			}},
			OpenTelemetry: &ecs.OpenTelemetry{},
		})
		service := express.NewService(stack, "Web", &express.ServiceProps{
			Task:    task,
			Cluster: ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc}),
		})
		express.NewAlarms(stack, "Alarms", &express.AlarmsProps{Service: service, Emails: []string{"on-call@example.com"}})
		app.Synth(nil)
	})
}

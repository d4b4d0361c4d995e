// The Go side of the benchmark: a VPC, a cluster, a load balancer and a number of services behind it.
// ../javascript/app.js makes the same resources.
//
//	go run ./test/bench/app <services> [default|pack]
//
// With a second argument, the template is validated: by the rules that come with the CDK, or by ours as well. The CDK takes
// its context and its output directory from the environment.
package main

import (
	"fmt"
	"os"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/network"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/rules"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: app <services> [default|pack]")
		os.Exit(2)
	}
	services, err := strconv.Atoi(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	build(app, services)
	if len(os.Args) > 2 {
		validate(app, os.Args[2] == "pack")
	}
	app.Synth(nil)
}

func validate(app awscdk.App, withPack bool) {
	// Fifty services are more resources than a stack may have. No other finding is expected.
	awscdk.Validations_Of(app).Acknowledge(&awscdk.Acknowledgment{
		Id:     jsii.String("CloudFormation-Validate::F0007"),
		Reason: jsii.String("Nobody deploys this"),
	})
	if withPack {
		awscdk.Validations_Of(app).AddPlugins(rules.Plugin())
		return
	}
	awscdk.Validations_Of(app).AddPlugins(awscdk.NewCloudFormationValidatePlugin(&awscdk.CloudFormationValidatePluginProps{
		IncludeDefaultRules: jsii.Bool(true),
	}))
}

func build(app awscdk.App, services int) {
	stack := awscdk.NewStack(app, jsii.String("Bench"), nil)
	vpc := network.NewVpc(stack, "Vpc", nil).Vpc
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	alb := elb.NewApplicationLoadBalancer(stack, "LoadBalancer", &elb.ApplicationLoadBalancerProps{Vpc: vpc, InternetFacing: true})
	for i := range services {
		task := ecs.NewTask(stack, fmt.Sprintf("Task%d", i), &ecs.TaskProps{
			Containers: []ecs.Container{{
				Name:          "web",
				Image:         registry.FromRegistry("public.ecr.aws/nginx/nginx-unprivileged:stable"),
				PortMappings:  []ecs.PortMapping{{ContainerPort: 8080}},
				WritablePaths: []ecs.WritablePath{{ContainerPath: "/tmp"}},
			}},
		})
		ecs.NewService(stack, fmt.Sprintf("Service%d", i), &ecs.ServiceProps{
			Cluster: cluster,
			Task:    task,
			Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{
				LoadBalancer: alb,
				Priority:     i + 1,
				Conditions:   elb.Conditions{PathPatterns: []string{fmt.Sprintf("/service%d/*", i)}},
			}}},
			Scaling: &ecs.Scaling{MaxCapacity: 4, TargetCpuUtilizationPercent: 60},
		})
	}
}

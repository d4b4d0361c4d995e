package cdn_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/cdn"
	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/waf"
)

// A site with an https:// address and without a domain, whose load balancer only CloudFront and the VPC reach.
func ExampleNewDistribution() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		vpc := network.NewVpc(stack, "Vpc", nil).Vpc
		alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: vpc})
		ecs.NewService(stack, "Service", &ecs.ServiceProps{
			Cluster: ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc}),
			Task: ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{
				Image:        registry.FromRegistry("public.ecr.aws/nginx/nginx-unprivileged:stable"),
				PortMappings: []ecs.PortMapping{{ContainerPort: 8080}},
			}}}),
			Exposure: ecs.AllRequests(alb),
		})
		output.New(stack, "Url", cdn.NewDistribution(stack, "Cdn", &cdn.DistributionProps{LoadBalancer: alb}).Url())
		app.Synth(nil)
	})
}

// A domain and AWS WAF, in a stack in us-east-1, where the certificate and the web ACL must be.
func ExampleNewDistribution_domain() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shop"), &awscdk.StackProps{
			Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("us-east-1")},
		})
		network.LeaveZonesToCloudFormation(stack)
		alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc})
		cdn.NewDistribution(stack, "Cdn", &cdn.DistributionProps{
			LoadBalancer:   alb,
			DomainName:     "www.example.com",
			HostedZoneId:   "Z0123456789ABCDEFGHIJ",
			HostedZoneName: "example.com",
			WebAcl:         waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{CloudFront: true}),
		})
		app.Synth(nil)
	})
}

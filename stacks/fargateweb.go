package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/registry"
)

// FargateWebSettings are the choices of the stack FargateWeb.
type FargateWebSettings struct {
	// Image is what to run: a web server. Required.
	Image string
	// Port is what it listens on; above 1023 it need not run as root. Default: 8080.
	Port int
	// HealthCheckPath is what the load balancer asks for. Default: "/".
	HealthCheckPath string
	// WritablePaths are the directories that it must be able to write; nothing else of its file system is writable. Default:
	// "/tmp".
	WritablePaths []string
	// CertificateArn, or DomainName with its hosted zone, turn HTTP into HTTPS.
	CertificateArn                           string
	DomainName, HostedZoneId, HostedZoneName string
	// AlarmEmail gets alarms. Default: no alarms.
	AlarmEmail string
}

// FargateWebProps are what NewFargateWeb needs.
type FargateWebProps struct {
	Common
	FargateWebSettings
}

// What the image runs on unless told otherwise.
const (
	webPort         = 8080
	defaultWritable = "/tmp"
)

// NewFargateWeb is a web service on Fargate behind an Application Load Balancer that faces the internet.
// It panics with *invalid.Error when the props are wrong.
func NewFargateWeb(scope constructs.Construct, id string, props *FargateWebProps) awscdk.Stack {
	var p FargateWebProps
	if props != nil {
		p = *props
	}
	if p.Port == 0 {
		p.Port = webPort
	}
	if p.WritablePaths == nil {
		p.WritablePaths = []string{defaultWritable}
	}
	stack := newStack(scope, id, "Web service on Fargate behind an Application Load Balancer", p.Common)
	vpc := newVpc(stack, p.Common)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})

	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{
		Containers: []ecs.Container{{
			Name:          "web",
			Image:         registry.FromRegistry(p.Image),
			PortMappings:  []ecs.PortMapping{{ContainerPort: p.Port}},
			WritablePaths: writable(p.WritablePaths),
		}},
		LogRetention:  p.Profile.logRetention(),
		RemovalPolicy: p.Profile.removalPolicy(),
	})
	alb := ecs.NewApplicationLoadBalancer(stack, "LoadBalancer", &ecs.ApplicationLoadBalancerProps{
		Vpc:                vpc,
		InternetFacing:     true,
		CertificateArn:     p.CertificateArn,
		DomainName:         p.DomainName,
		HostedZoneId:       p.HostedZoneId,
		HostedZoneName:     p.HostedZoneName,
		DeletionProtection: p.Profile.protected(),
	})
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{
		Cluster: cluster,
		Task:    task,
		Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{
			Listener:     alb.Listener,
			Priority:     100,
			PathPatterns: []string{"/*"},
			HealthCheck:  ecs.TargetHealthCheck{Path: p.HealthCheckPath},
		}}},
		Scaling: &ecs.Scaling{
			MinCapacity:                 p.Profile.minTasks(),
			MaxCapacity:                 p.Profile.maxTasks(),
			TargetCpuUtilizationPercent: 60,
		},
	})
	if p.Profile == Prod && p.CertificateArn == "" && p.DomainName == "" {
		awscdk.Annotations_Of(stack).AddWarningV2(jsii.String("awscontainers:plain-http"), jsii.String(
			"FargateWeb serves plain HTTP to the internet; give FargateWeb.certificateArn, or FargateWeb.domainName with its hosted zone"))
	}
	if p.AlarmEmail != "" {
		ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: service, Email: p.AlarmEmail})
	}

	awscdk.NewCfnOutput(stack, jsii.String("Url"), &awscdk.CfnOutputProps{Value: alb.URL()})
	awscdk.NewCfnOutput(stack, jsii.String("ClusterName"), &awscdk.CfnOutputProps{Value: cluster.Cluster.ClusterName()})
	awscdk.NewCfnOutput(stack, jsii.String("ServiceName"), &awscdk.CfnOutputProps{Value: service.Name()})
	awscdk.NewCfnOutput(stack, jsii.String("LogGroupName"), &awscdk.CfnOutputProps{Value: task.LogGroup.LogGroupName()})
	awscdk.NewCfnOutput(stack, jsii.String("AccessLogBucketName"), &awscdk.CfnOutputProps{Value: alb.AccessLogBucket.BucketName()})
	return stack
}

func writable(paths []string) (writable []ecs.WritablePath) {
	for _, path := range paths {
		writable = append(writable, ecs.WritablePath{ContainerPath: path})
	}
	return writable
}

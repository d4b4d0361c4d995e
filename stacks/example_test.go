package stacks_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/notify"
	"awscontainers/stacks"
)

// A shop in production, with a domain name, in an app of your own.
func ExampleNewFargateWeb() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stacks.NewFargateWeb(app, "Shop", &stacks.FargateWebProps{
			Env:            &awscdk.Environment{Account: new("111122223333"), Region: new("eu-west-1")},
			Protect:        true,
			Image:          "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop:1.4.2",
			DomainName:     "shop.example.com",
			HostedZoneId:   "Z0123456789ABCDEFGHIJ",
			HostedZoneName: "example.com",
			AlarmEmails:    []string{"on-call@example.com"},
		})
		app.Synth(nil)
	})
}

// A DNS resolver that clients know by its IP addresses.
func ExampleNewNlbService() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stacks.NewNlbService(app, "Resolver", &stacks.NlbServiceProps{
			Env:     &awscdk.Environment{Account: new("111122223333"), Region: new("eu-west-1")},
			Protect: true,
			Image:   "111122223333.dkr.ecr.eu-west-1.amazonaws.com/resolver:1.4.2",
			Port:    5353, Protocol: elbv2.Protocol_UDP, ListenerPort: 53, HealthCheckPort: 8080, HealthCheckPath: "/ready",
			StaticIps: true, TaskInEachZone: true,
		})
		app.Synth(nil)
	})
}

// Two internal services with HTTPS addresses of their own.
func ExampleNewGatewayServices() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stacks.NewGatewayServices(app, "Services", &stacks.GatewayServicesProps{
			Env:      &awscdk.Environment{Account: new("111122223333"), Region: new("eu-west-1")},
			Image:    "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2",
			ApiImage: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/api:1.4.2",
			Internal: true,
			Waf:      true,
		})
		app.Synth(nil)
	})
}

// Shared files in production, with provisioned throughput.
func ExampleNewSharedStorage() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stacks.NewSharedStorage(app, "Files", &stacks.SharedStorageProps{
			Env:                        &awscdk.Environment{Account: new("111122223333"), Region: new("eu-west-1")},
			Protect:                    true,
			Image:                      "public.ecr.aws/docker/library/busybox:stable",
			ThroughputMode:             awsefs.ThroughputMode_PROVISIONED,
			ProvisionedThroughputMiBps: 64,
			TransitionToIADays:         30,
		})
		app.Synth(nil)
	})
}

// Alerts from every cluster in the Region, to an email address and a Slack channel.
func ExampleNewTaskStateAlerts() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stacks.NewTaskStateAlerts(app, "Alerts", &stacks.TaskStateAlertsProps{
			Env:     &awscdk.Environment{Account: new("111122223333"), Region: new("eu-west-1")},
			Protect: true,
			Image:   "public.ecr.aws/docker/library/busybox:stable", AllClusters: true,
			Emails: []string{"on-call@example.com"},
			Slack:  []notify.SlackChannel{{WorkspaceId: "T0123ABCDEF", ChannelId: "C0123ABCDEF"}},
		})
		app.Synth(nil)
	})
}

// A cluster in production with Arm instances, whose API the office reaches.
func ExampleNewEksNodes() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stacks.NewEksNodes(app, "Kubernetes", &stacks.EksNodesProps{
			Env:               &awscdk.Environment{Account: new("111122223333"), Region: new("eu-west-1")},
			Protect:           true,
			AdminArns:         []string{"arn:aws:iam::111122223333:role/Admins"},
			PublicAccessCidrs: []string{"203.0.113.0/24"},
			InstanceTypes:     []string{"m7g.large", "m6g.large"},
		})
		app.Synth(nil)
	})
}

// A cluster whose pods use disks and shared files.
func ExampleNewEksStorage() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stacks.NewEksStorage(app, "Storage", &stacks.EksStorageProps{
			Drivers:       []stacks.StorageDriver{stacks.EbsDriver, stacks.EfsDriver},
			InstanceTypes: []string{"m7g.large"},
			Image:         "public.ecr.aws/docker/library/busybox:stable",
		})
		app.Synth(nil)
	})
}

// A shop that only the VPC reaches.
func ExampleNewExpressService() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stacks.NewExpressService(app, "Shop", &stacks.ExpressServiceProps{
			Env:     &awscdk.Environment{Account: new("111122223333"), Region: new("eu-west-1")},
			Protect: true,
			Image:   "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop:1.4.2", Port: 8080, HealthCheckPath: "/up", Internal: true,
		})
		app.Synth(nil)
	})
}

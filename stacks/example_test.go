package stacks_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"

	"awscontainers/constructs/notify"
	"awscontainers/stacks"
)

// The stack in an app of one's own, for production.
func ExampleNewFargateWeb() {
	app := awscdk.NewApp(nil)
	stacks.NewFargateWeb(app, "Shop", &stacks.FargateWebProps{
		Common: stacks.Common{Profile: stacks.Prod, Account: "111122223333", Region: "eu-west-1"},
		FargateWebSettings: stacks.FargateWebSettings{
			Image:          "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop:1.4.2",
			DomainName:     "shop.example.com",
			HostedZoneId:   "Z0123456789ABCDEFGHIJ",
			HostedZoneName: "example.com",
			AlarmEmail:     "on-call@example.com",
		},
	})
	app.Synth(nil)
}

// A resolver of names, for clients that know it by its addresses alone.
func ExampleNewNlbService() {
	app := awscdk.NewApp(nil)
	stacks.NewNlbService(app, "Resolver", &stacks.NlbServiceProps{
		Common: stacks.Common{Profile: stacks.Prod, Account: "111122223333", Region: "eu-west-1"},
		NlbServiceSettings: stacks.NlbServiceSettings{
			Image: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/resolver:1.4.2",
			Port:  5353, Protocol: elbv2.Protocol_UDP, ListenerPort: 53, HealthCheckPort: 8080, HealthCheckPath: "/ready",
			StaticIps: true,
		},
	})
	app.Synth(nil)
}

// Shared files for production, with a throughput that is paid for.
func ExampleNewSharedStorage() {
	app := awscdk.NewApp(nil)
	stacks.NewSharedStorage(app, "Files", &stacks.SharedStorageProps{
		Common: stacks.Common{Profile: stacks.Prod, Account: "111122223333", Region: "eu-west-1"},
		SharedStorageSettings: stacks.SharedStorageSettings{
			Image:                      "public.ecr.aws/docker/library/busybox:stable",
			ThroughputMode:             awsefs.ThroughputMode_PROVISIONED,
			ProvisionedThroughputMiBps: 64,
			TransitionToIADays:         30,
		},
	})
	app.Synth(nil)
}

// Alerts for production, of every cluster in the Region, to a mail and a channel.
func ExampleNewTaskStateAlerts() {
	app := awscdk.NewApp(nil)
	stacks.NewTaskStateAlerts(app, "Alerts", &stacks.TaskStateAlertsProps{
		Common: stacks.Common{Profile: stacks.Prod, Account: "111122223333", Region: "eu-west-1"},
		TaskStateAlertsSettings: stacks.TaskStateAlertsSettings{
			Image: "public.ecr.aws/docker/library/busybox:stable", AllClusters: true,
			Emails: []string{"on-call@example.com"},
			Slack:  []notify.SlackChannel{{WorkspaceId: "T0123ABCDEF", ChannelId: "C0123ABCDEF"}},
		},
	})
	app.Synth(nil)
}

// A cluster for production, whose API the office reaches, with nodes of Arm instances.
func ExampleNewEksNodes() {
	app := awscdk.NewApp(nil)
	stacks.NewEksNodes(app, "Kubernetes", &stacks.EksNodesProps{
		Common: stacks.Common{Profile: stacks.Prod, Account: "111122223333", Region: "eu-west-1"},
		EksNodesSettings: stacks.EksNodesSettings{
			AdminArns:         []string{"arn:aws:iam::111122223333:role/Admins"},
			PublicAccessCidrs: []string{"203.0.113.0/24"},
			InstanceTypes:     []string{"m7g.large", "m6g.large"},
		},
	})
	app.Synth(nil)
}

func ExampleNewEksStorage() {
	app := awscdk.NewApp(nil)
	stacks.NewEksStorage(app, "Storage", &stacks.EksStorageProps{
		Common: stacks.Common{Profile: stacks.Dev},
		EksStorageSettings: stacks.EksStorageSettings{
			Drivers: []string{stacks.EbsDriver, stacks.EfsDriver}, InstanceTypes: []string{"m7g.large"}, Image: "public.ecr.aws/docker/library/busybox:stable",
		},
	})
	app.Synth(nil)
}

// The stack in an app of one's own, for a VPC alone.
func ExampleNewExpressService() {
	app := awscdk.NewApp(nil)
	stacks.NewExpressService(app, "Shop", &stacks.ExpressServiceProps{
		Common: stacks.Common{Profile: stacks.Prod, Account: "111122223333", Region: "eu-west-1"},
		ExpressServiceSettings: stacks.ExpressServiceSettings{
			Image: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop:1.4.2", Port: 8080, HealthCheckPath: "/up", Internal: true,
		},
	})
	app.Synth(nil)
}

package elb_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	elbv2targets "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2targets"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/waf"
)

// newTask creates a task of one container that listens on port 8080.
func newTask(stack awscdk.Stack, name string) *ecs.Task {
	return ecs.NewTask(stack, name+"Task", &ecs.TaskProps{Containers: []ecs.Container{{
		Name: name, Image: registry.FromAsset("./"+name, nil), PortMappings: []ecs.PortMapping{{ContainerPort: 8080}},
	}}})
}

// Two services behind one load balancer with TLS and AWS WAF. The paths of the API go to one service, all other requests to the
// other; an old address redirects.
func ExampleNewApplicationLoadBalancer() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		vpc := network.NewVpc(stack, "Vpc", nil).Vpc
		cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
		alb := elb.NewApplicationLoadBalancer(stack, "LoadBalancer", &elb.ApplicationLoadBalancerProps{
			Vpc:            vpc,
			InternetFacing: true,
			DomainName:     "www.example.com",
			HostedZoneId:   "Z0123456789ABCDEFGHIJ",
			HostedZoneName: "example.com",
			WebAcl:         waf.NewWebAcl(stack, "WebAcl", nil),
		})
		ecs.NewService(stack, "Site", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack, "site"), Exposure: ecs.AllRequests(alb)})
		ecs.NewService(stack, "Api", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack, "api"), Exposure: ecs.Exposure{
			Alb: []ecs.AlbRule{{LoadBalancer: alb, Conditions: elb.Conditions{PathPatterns: []string{"/api", "/api/*"}}}},
		}})
		elb.NewListenerRule(stack, "Moved", &elb.ListenerRuleProps{
			LoadBalancer: alb,
			Conditions:   elb.Conditions{PathPatterns: []string{"/blog/*"}},
			Redirect:     &elb.Redirect{Host: "blog.example.com", Path: "/#{path}", Permanent: true},
		})
		app.Synth(nil)
	})
}

// A resolver of names, which clients know by two addresses, and which another account reaches from its own VPC.
func ExampleNewNetworkLoadBalancer() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Resolver"), nil)
		vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
		nlb := elb.NewNetworkLoadBalancer(stack, "LoadBalancer", &elb.NetworkLoadBalancerProps{
			Vpc:             vpc,
			InternetFacing:  true,
			ElasticIps:      true,
			EndpointService: &elb.EndpointService{AllowedPrincipals: []string{"arn:aws:iam::111122223333:root"}},
		})
		two := 2 // one a zone
		ecs.NewService(stack, "Service", &ecs.ServiceProps{
			Cluster:      ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc}),
			DesiredCount: &two,
			Task: ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{
				Name:  "resolver",
				Image: registry.FromAsset("./resolver", nil),
				PortMappings: []ecs.PortMapping{
					{ContainerPort: 5353, Protocol: awsecs.Protocol_UDP},
					{ContainerPort: 8080}, // for the load balancer, which checks by TCP or HTTP only
				},
			}}}),
			Exposure: ecs.Exposure{Nlb: []ecs.NlbListener{{
				LoadBalancer: nlb, Port: 53, Protocol: elbv2.Protocol_UDP, HealthCheck: elb.NetworkHealthCheck{Path: "/ready"},
			}}},
		})
		app.Synth(nil)
	})
}

// A service behind a load balancer of another stack or tool.
func ExampleListenerFrom() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Api"), nil)
		cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc})
		const arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shared/0123456789abcdef/0123456789abcdef"
		imported := elbv2.ApplicationListener_FromApplicationListenerAttributes(stack, jsii.String("Imported"),
			&elbv2.ApplicationListenerAttributes{
				ListenerArn: jsii.String(arn),
				// The way from the load balancer to the tasks is opened in its security group.
				SecurityGroup: awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Group"), jsii.String("sg-0123456789abcdef0"), nil),
			})
		listener := elb.ListenerFrom(stack, "Listener", &elb.ListenerAttributes{
			Listener: imported,
			Protocol: elbv2.ApplicationProtocol_HTTPS,
			Port:     443,
		})
		ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack, "api"), Exposure: ecs.Exposure{
			Alb: []ecs.AlbRule{{Listener: listener, Conditions: elb.Conditions{HostHeaders: []string{"api.example.com"}}}},
		}})
		app.Synth(nil)
	})
}

// A tenth of the requests goes to a server that is no task, by its address.
func ExampleNewListenerRule() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		vpc := network.NewVpc(stack, "Vpc", nil).Vpc
		cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
		alb := elb.NewApplicationLoadBalancer(stack, "LoadBalancer", &elb.ApplicationLoadBalancerProps{Vpc: vpc})
		site := ecs.NewService(stack, "Site", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack, "site"), Exposure: ecs.AllRequests(alb)})
		legacy := elb.NewTargetGroup(stack, "Legacy", &elb.TargetGroupProps{Vpc: vpc, Port: 80})
		elb.NewListenerRule(stack, "Shared", &elb.ListenerRuleProps{
			LoadBalancer: alb,
			Conditions:   elb.Conditions{PathPatterns: []string{"/catalog/*"}},
			Forward: []elb.WeightedTargetGroup{
				{TargetGroup: site.TargetGroups[0], Weight: 9},
				{TargetGroup: legacy, Weight: 1},
			},
		})
		legacy.TargetGroup.AddTarget(elbv2targets.NewIpTarget(jsii.String("10.0.2.10"), jsii.Number(8080), nil))
		app.Synth(nil)
	})
}

// A site under two names, whose browsers are told to be careful, and whose tasks encrypt and answer health checks on a port of their own.
func ExampleNewApplicationLoadBalancer_names() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		vpc := network.NewVpc(stack, "Vpc", nil).Vpc
		alb := elb.NewApplicationLoadBalancer(stack, "LoadBalancer", &elb.ApplicationLoadBalancerProps{
			Vpc:            vpc,
			InternetFacing: true,
			DomainName:     "www.example.com",
			HostedZoneId:   "Z0123456789ABCDEFGHIJ",
			HostedZoneName: "example.com",

			AlternativeDomainNames: []string{"example.com"},
			RedirectToDomainName:   true,
			ResponseHeaders:        &elb.ResponseHeaders{StrictTransportSecurity: "max-age=300", NoSniff: true, HideServer: true},
			ConnectionLogs:         true,
		})
		task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{
			Name: "site", Image: registry.FromAsset("./site", nil), PortMappings: []ecs.PortMapping{{ContainerPort: 8443}, {ContainerPort: 8081}},
		}}})
		ecs.NewService(stack, "Site", &ecs.ServiceProps{
			Cluster: ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc}),
			Task:    task,
			Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{
				LoadBalancer:           alb,
				Protocol:               elbv2.ApplicationProtocol_HTTPS,
				HealthCheck:            elb.TargetHealthCheck{Protocol: elbv2.Protocol_HTTP, Port: 8081, Path: "/up"},
				LoadBalancingAlgorithm: elbv2.TargetGroupLoadBalancingAlgorithmType_LEAST_OUTSTANDING_REQUESTS,
			}}},
		})
		app.Synth(nil)
	})
}

// An internal tool: users sign in by OpenID Connect, and a robot shows a token that its issuer made for this tool.
func ExampleNewListenerRule_authenticate() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Tool"), nil)
		vpc := network.NewVpc(stack, "Vpc", nil).Vpc
		alb := elb.NewApplicationLoadBalancer(stack, "LoadBalancer", &elb.ApplicationLoadBalancerProps{
			Vpc:            vpc,
			InternetFacing: true,
			DomainName:     "tool.example.com",
			HostedZoneId:   "Z0123456789ABCDEFGHIJ",
			HostedZoneName: "example.com",
		})
		people := &elb.Authenticate{Oidc: &elb.Oidc{
			Issuer:                "https://login.example.com",
			AuthorizationEndpoint: "https://login.example.com/authorize",
			TokenEndpoint:         "https://login.example.com/token",
			UserInfoEndpoint:      "https://login.example.com/userinfo",
			ClientId:              "tool",
			ClientSecretArn:       "arn:aws:secretsmanager:eu-west-1:111122223333:secret:oidc-a1b2c3",
		}}
		robots := &elb.Authenticate{Jwt: &elb.Jwt{
			Issuer:           "https://login.example.com",
			JwksEndpoint:     "https://login.example.com/.well-known/jwks.json",
			AdditionalClaims: []elb.JwtClaim{{Name: "aud", Format: elb.JwtClaimString, Values: []string{"tool"}}},
		}}
		tool := ecs.NewService(stack, "Tool", &ecs.ServiceProps{
			Cluster: ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc}),
			Task:    newTask(stack, "tool"),
			Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{
				LoadBalancer: alb, Priority: 20, Conditions: elb.Conditions{PathPatterns: []string{"/*"}}, Authenticate: people,
			}}},
		})
		elb.NewListenerRule(stack, "Robots", &elb.ListenerRuleProps{
			LoadBalancer: alb,
			Priority:     10,
			Conditions:   elb.Conditions{PathPatterns: []string{"/api/*"}},
			Authenticate: robots,
			Forward:      []elb.WeightedTargetGroup{{TargetGroup: tool.TargetGroups[0], Weight: 1}},
		})
		app.Synth(nil)
	})
}

package stacks

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/waf"
	"awscontainers/internal/check"
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
	// AlarmEmail gets alarms. Default: nobody; then Dev has no alarms.
	AlarmEmail string
	// ApiImage is a second service, which gets the requests for /api/*. Default: none.
	ApiImage string
	// ApiPort is what it listens on. Default: 8080.
	ApiPort int
	// ApiHealthCheckPath is what the load balancer asks it for. Default: "/".
	ApiHealthCheckPath string
	// DeploymentStrategy is how new versions take over. Default: awsecs.DeploymentStrategy_ROLLING.
	DeploymentStrategy awsecs.DeploymentStrategy
	// TestCidrs may see the new version before the others do. Default: nobody.
	TestCidrs []string
	// Waf puts AWS WAF before the load balancer. Default: false.
	Waf bool
	// ExecuteCommand allows sessions in the containers. Default: false.
	ExecuteCommand bool
	// OpenTelemetry collects traces and metrics. Default: false.
	OpenTelemetry bool
}

// fargateWeb reads the keys of the stack.
func (r *reader) fargateWeb() FargateWebSettings {
	s := FargateWebSettings{
		Image: r.text("FargateWeb.image", "public.ecr.aws/nginx/nginx-unprivileged:stable",
			"the image of a web server", nil),
		Port:            r.number("FargateWeb.port", webPort, 1, 65535, "the port that the image listens on"),
		HealthCheckPath: r.text("FargateWeb.healthCheckPath", "/", "what the load balancer asks for; 200 is healthy", nil),
		WritablePaths: r.list("FargateWeb.writablePaths", defaultWritable,
			"the directories that the image must be able to write, separated by commas; all else is read-only", nil),
		CertificateArn: r.text("FargateWeb.certificateArn", "", "an ACM certificate in the same Region, for HTTPS", nil),
		DomainName:     r.text("FargateWeb.domainName", "", "the name of the site, for HTTPS and a DNS record; needs the hosted zone", nil),
		HostedZoneId: r.text("FargateWeb.hostedZoneId", "", "the public Route 53 zone of the domain",
			fits(check.IsHostedZoneId, "Z0123456789ABCDEFGHIJ")),
		HostedZoneName: r.text("FargateWeb.hostedZoneName", "", "the name of that zone, `example.com`", nil),
		AlarmEmail:     r.text("FargateWeb.alarmEmail", "", "who gets a mail when something is wrong; in `dev` it also turns the alarms on", nil),
		ApiImage:       r.text("FargateWeb.apiImage", "", "a second service behind the same load balancer, at `/api/*`, which the first reaches as `http://api:<port>`", nil),
		ApiPort:        r.number("FargateWeb.apiPort", webPort, 1, 65535, "the port that it listens on"),
		ApiHealthCheckPath: r.text("FargateWeb.apiHealthCheckPath", "/",
			"what the load balancer asks it for; 200 is healthy", nil),
		DeploymentStrategy: awsecs.DeploymentStrategy(r.text("FargateWeb.deploymentStrategy", string(awsecs.DeploymentStrategy_ROLLING),
			"how a new version takes over: a few tasks at a time, or by `BLUE_GREEN`, `LINEAR` or `CANARY`, which start it beside the old one and then shift the traffic",
			isOneOf(deploymentStrategies...))),
		TestCidrs: r.list("FargateWeb.testCidrs", "", "who may test a new version before its traffic shifts, at port 8443, or 8081 without HTTPS: `203.0.113.0/24`", nil),
		Waf:       r.flag("FargateWeb.waf", "AWS WAF with AWS's managed rules before the load balancer"),
		ExecuteCommand: r.flag("FargateWeb.executeCommand",
			"sessions of ECS Exec in the containers, whose file systems are then writable"),
		OpenTelemetry: r.flag("FargateWeb.openTelemetry", "a collector of traces and metrics beside the containers"),
	}
	r.belongs("FargateWeb.apiPort", "FargateWeb.apiImage")
	r.belongs("FargateWeb.apiHealthCheckPath", "FargateWeb.apiImage")
	return s
}

var deploymentStrategies = []string{
	string(awsecs.DeploymentStrategy_ROLLING), string(awsecs.DeploymentStrategy_BLUE_GREEN),
	string(awsecs.DeploymentStrategy_LINEAR), string(awsecs.DeploymentStrategy_CANARY),
}

// FargateWebProps are what NewFargateWeb needs.
type FargateWebProps struct {
	Common
	FargateWebSettings
}

// What the images run on unless told otherwise.
const (
	webPort         = 8080
	defaultWritable = "/tmp"
)

// NewFargateWeb is a web service on Fargate behind an Application Load Balancer that faces the internet, on request with a
// second service beside it. It panics with *invalid.Error when the props are wrong.
func NewFargateWeb(scope constructs.Construct, id string, props *FargateWebProps) awscdk.Stack {
	var p FargateWebProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())
	stack := newStack(scope, id, "Web service on Fargate behind an Application Load Balancer", p.Common)
	vpc := newVpc(stack, p.Common)
	cluster := ecs.NewCluster(stack, "Cluster", p.cluster(id, vpc))
	alb := elb.NewApplicationLoadBalancer(stack, "LoadBalancer", p.loadBalancer(stack, vpc))

	// A rule of lower priority number comes first: the api's requests do not reach the web.
	var services []*ecs.Service
	if p.ApiImage != "" {
		services = append(services, p.newService(stack, cluster, alb, fargateWebService{
			id: "Api", container: "api", image: p.ApiImage, port: p.ApiPort,
			priority: 50, paths: []string{"/api", "/api/*"}, healthCheckPath: p.ApiHealthCheckPath,
		}))
	}
	web := p.newService(stack, cluster, alb, fargateWebService{
		container: "web", image: p.Image, port: p.Port, priority: 100, paths: []string{"/*"}, healthCheckPath: p.HealthCheckPath,
		calls: services,
	})
	services = append(services, web)
	p.operate(stack, services)

	output.New(stack, "Url", alb.Url())
	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "ServiceName", web.Name())
	output.New(stack, "LogGroupName", *web.Task.LogGroup.LogGroupName())
	if p.ApiImage != "" {
		output.New(stack, "ApiServiceName", services[0].Name())
		output.New(stack, "ApiLogGroupName", *services[0].Task.LogGroup.LogGroupName())
	}
	output.New(stack, "AccessLogBucketName", *alb.AccessLogBucket.BucketName())
	return stack
}

func (p *FargateWebProps) setDefaults() {
	if p.Port == 0 {
		p.Port = webPort
	}
	if p.ApiPort == 0 {
		p.ApiPort = webPort
	}
	if p.WritablePaths == nil {
		p.WritablePaths = []string{defaultWritable}
	}
	if p.DeploymentStrategy == "" {
		p.DeploymentStrategy = awsecs.DeploymentStrategy_ROLLING
	}
}

func (p *FargateWebProps) validate() error {
	var bad invalid.Problems
	if len(p.TestCidrs) > 0 && p.DeploymentStrategy == awsecs.DeploymentStrategy_ROLLING {
		bad.Add("TestCidrs", "%q have no new version to test while DeploymentStrategy is %q; leave them out, or use BLUE_GREEN, LINEAR or CANARY",
			p.TestCidrs, p.DeploymentStrategy)
	}
	return bad.Err()
}

func (p *FargateWebProps) cluster(id string, vpc awsec2.IVpc) *ecs.ClusterProps {
	cluster := &ecs.ClusterProps{Vpc: vpc}
	if p.ApiImage != "" {
		cluster.Namespace = strings.ToLower(id) + ".internal" // a VPC takes a name once
	}
	if p.ExecuteCommand {
		cluster.ExecuteCommand = &ecs.ExecuteCommand{LogRetention: p.Profile.logRetention(), RemovalPolicy: p.Profile.removalPolicy()}
	}
	return cluster
}

func (p *FargateWebProps) loadBalancer(stack awscdk.Stack, vpc awsec2.IVpc) *elb.ApplicationLoadBalancerProps {
	alb := &elb.ApplicationLoadBalancerProps{
		Vpc:                vpc,
		InternetFacing:     true,
		CertificateArn:     p.CertificateArn,
		DomainName:         p.DomainName,
		HostedZoneId:       p.HostedZoneId,
		HostedZoneName:     p.HostedZoneName,
		DeletionProtection: p.Profile.protected(),
	}
	if p.Waf {
		alb.WebAcl = waf.NewWebAcl(stack, "WebAcl", nil)
	}
	if len(p.TestCidrs) > 0 {
		alb.TestListener = &elb.TestListener{Port: 8443, IngressCidrs: p.TestCidrs}
		if !p.https() {
			alb.TestListener.Port = 8081
		}
	}
	return alb
}

func (p *FargateWebProps) https() bool { return p.CertificateArn != "" || p.DomainName != "" }

// fargateWebService is what the stack's services differ in.
type fargateWebService struct {
	id, container, image string
	port, priority       int
	paths                []string
	healthCheckPath      string
	calls                []*ecs.Service
}

func (p *FargateWebProps) newService(stack awscdk.Stack, cluster *ecs.Cluster, alb *elb.ApplicationLoadBalancer, s fargateWebService) *ecs.Service {
	task := &ecs.TaskProps{
		Containers: []ecs.Container{{
			Name:                   s.container,
			Image:                  registry.FromRegistry(s.image),
			PortMappings:           []ecs.PortMapping{{ContainerPort: s.port}},
			WritablePaths:          writable(p.WritablePaths),
			WritableRootFilesystem: p.ExecuteCommand,
		}},
		LogRetention:  p.Profile.logRetention(),
		RemovalPolicy: p.Profile.removalPolicy(),
	}
	if p.OpenTelemetry {
		task.OpenTelemetry = &ecs.OpenTelemetry{}
	}
	exposure := ecs.Exposure{Alb: []ecs.AlbRule{{
		LoadBalancer: alb,
		Priority:     s.priority,
		Conditions:   elb.Conditions{PathPatterns: s.paths},
		HealthCheck:  elb.TargetHealthCheck{Path: s.healthCheckPath},
	}}}
	if alb.TestListener != nil {
		exposure.Alb[0].TestListener = alb.TestListener
	}
	if p.ApiImage != "" {
		task.Cpu = 512 // the proxy of Service Connect takes 256
		port := &task.Containers[0].PortMappings[0]
		port.Name, port.AppProtocol = s.container, "http"
		exposure.ServiceConnect = &ecs.ServiceConnect{Calls: s.calls}
		if len(s.calls) == 0 {
			exposure.ServiceConnect.Services = []ecs.ServiceConnectService{{PortMappingName: s.container}}
		}
	}
	return ecs.NewService(stack, s.id+"Service", &ecs.ServiceProps{
		Cluster:        cluster,
		Task:           ecs.NewTask(stack, s.id+"Task", task),
		Exposure:       exposure,
		ExecuteCommand: p.ExecuteCommand,
		Deployment:     ecs.Deployment{Strategy: p.DeploymentStrategy, RollbackOnErrors: p.guarded()},
		Scaling: &ecs.Scaling{
			MinCapacity:                 p.Profile.minTasks(),
			MaxCapacity:                 p.Profile.maxTasks(),
			TargetCpuUtilizationPercent: 60,
		},
	})
}

// guarded tells whether a deployment ends when tasks answer with errors: where that is worth an alarm, or nothing else ends it.
func (p *FargateWebProps) guarded() bool {
	return p.Profile == Prod || p.DeploymentStrategy != awsecs.DeploymentStrategy_ROLLING
}

// operate adds what tells how the services are: in Prod always, in Dev when somebody wants to know.
func (p *FargateWebProps) operate(stack awscdk.Stack, services []*ecs.Service) {
	if p.Profile == Prod && !p.https() {
		warnOfPlainHTTP(stack, "FargateWeb serves plain HTTP to the internet; give FargateWeb.certificateArn, or FargateWeb.domainName with its hosted zone")
	}
	if !p.Profile.watched(p.AlarmEmail) {
		return
	}
	alarms := ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: services[len(services)-1], Emails: emails(p.AlarmEmail)})
	if len(services) > 1 {
		ecs.NewAlarms(stack, "ApiAlarms", &ecs.AlarmsProps{Service: services[0], Topic: alarms.Topic})
	}
	dashboard := ecs.NewDashboard(stack, "Dashboard", &ecs.DashboardProps{Services: services})
	output.New(stack, "AlarmTopicArn", alarms.Topic.Arn())
	output.New(stack, "DashboardName", dashboard.Name())
}

func writable(paths []string) (writable []ecs.WritablePath) {
	for _, path := range paths {
		writable = append(writable, ecs.WritablePath{ContainerPath: path})
	}
	return writable
}

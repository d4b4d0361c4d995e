package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
	"awscontainers/internal/annotate"
)

// NlbServiceSettings are the choices of the stack NlbService.
type NlbServiceSettings struct {
	// Image is what to run. Required.
	Image string
	// Port is what it listens on; above 1023 it need not run as root. Default: 8080.
	Port int
	// Protocol is elbv2.Protocol_TCP, _TLS, _UDP or _TCP_UDP. Default: TCP, or TLS with CertificateArn.
	Protocol elbv2.Protocol
	// ListenerPort is what clients connect to. Default: 443 for TLS, else 80.
	ListenerPort int
	// CertificateArn is for TLS.
	CertificateArn string
	// HealthCheckPort is what the image listens on for the load balancer's checks, by TCP. Default: Port; required for UDP.
	HealthCheckPort int
	// HealthCheckPath is what the load balancer asks for by HTTP. Default: none, a connection is enough.
	HealthCheckPath string
	// WritablePaths are the directories that it must be able to write; nothing else of its file system is writable. Default:
	// "/tmp".
	WritablePaths []string
	// PreserveClientIp shows it the clients' addresses. Default: false; for UDP always.
	PreserveClientIp bool
	// CrossZone spreads connections over the tasks of all zones. Default: false.
	CrossZone bool
	// StaticIps gives the load balancer an Elastic IP a zone. Default: false.
	StaticIps bool
	// IngressCidrs may connect. Default: everybody.
	IngressCidrs []string
	// EndpointPrincipals may connect by AWS PrivateLink, once accepted. Default: nobody.
	EndpointPrincipals []string
	// AlarmEmail gets alarms. Default: nobody; then Dev has no alarms.
	AlarmEmail string
}

// nlbService reads the keys of the stack.
func (r *reader) nlbService() NlbServiceSettings {
	s := NlbServiceSettings{
		Image: r.text("NlbService.image", "public.ecr.aws/nginx/nginx-unprivileged:stable", "an image that listens for connections or packets", nil),
		Port:  r.number("NlbService.port", webPort, 1, 65535, "the port that the image listens on"),
		Protocol: elbv2.Protocol(r.text("NlbService.protocol", string(elbv2.Protocol_TCP),
			"what clients speak: `TCP`, `TLS` (with a certificate; the image gets what was decrypted), `UDP` or `TCP_UDP`", isOneOf(nlbProtocols...))),
		ListenerPort:    r.number("NlbService.listenerPort", 80, 1, 65535, "the port that clients connect to; 443 for TLS unless given"),
		CertificateArn:  r.text("NlbService.certificateArn", "", "an ACM certificate in the same Region, for TLS", nil),
		HealthCheckPort: r.optionalNumber("NlbService.healthCheckPort", 1, 65535, "the TCP port that the load balancer checks, if it is not the image's; required for UDP"),
		HealthCheckPath: r.text("NlbService.healthCheckPath", "", "what the load balancer asks for by HTTP; otherwise a connection is enough", nil),
		WritablePaths: r.list("NlbService.writablePaths", defaultWritable,
			"the directories that the image must be able to write, separated by commas; all else is read-only", nil),
		PreserveClientIp: r.flag("NlbService.preserveClientIp", "the image sees the clients' addresses, as it always does with UDP"),
		CrossZone:        r.flag("NlbService.crossZone", "connections are spread over the tasks of all zones, which costs the traffic between them; otherwise `prod` has a task a zone"),
		StaticIps:        r.flag("NlbService.staticIps", "an Elastic IP a zone; with a task a zone (`prod`), or `crossZone`"),
		IngressCidrs:     r.list("NlbService.ingressCidrs", "", "who may connect, `203.0.113.0/24`; everybody unless given", nil),
		EndpointPrincipals: r.list("NlbService.endpointPrincipals", "",
			"who may connect by AWS PrivateLink, once you accept: `arn:aws:iam::111122223333:root`; with a task a zone (`prod`), or `crossZone`", nil),
		AlarmEmail: r.text("NlbService.alarmEmail", "", "who gets a mail when something is wrong; in `dev` it also turns the alarms on", nil),
	}
	// What is not given follows the rest.
	if _, given := r.values["NlbService.protocol"]; !given && s.CertificateArn != "" {
		s.Protocol = elbv2.Protocol_TLS
	}
	if _, given := r.values["NlbService.listenerPort"]; !given && s.Protocol == elbv2.Protocol_TLS {
		s.ListenerPort = 443
	}
	return s
}

var nlbProtocols = []string{string(elbv2.Protocol_TCP), string(elbv2.Protocol_TLS), string(elbv2.Protocol_UDP), string(elbv2.Protocol_TCP_UDP)}

// NlbServiceProps are what NewNlbService needs.
type NlbServiceProps struct {
	Common
	NlbServiceSettings
}

// NewNlbService is a service on Fargate behind a Network Load Balancer that faces the internet. It panics with *invalid.Error when
// the props are wrong.
func NewNlbService(scope constructs.Construct, id string, props *NlbServiceProps) awscdk.Stack {
	var p NlbServiceProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())
	stack := newStack(scope, id, "Service on Fargate behind a Network Load Balancer", p.Common)
	vpc := newVpc(stack, p.Common)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	nlb := elb.NewNetworkLoadBalancer(stack, "LoadBalancer", p.loadBalancer(vpc))
	task := ecs.NewTask(stack, "Task", p.task())
	tasks := p.minTasks(len(*vpc.AvailabilityZones()))
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{
		Cluster:  cluster,
		Task:     task,
		Exposure: ecs.Exposure{Nlb: []ecs.NlbListener{p.listener(nlb)}},
		Scaling:  &ecs.Scaling{MinCapacity: tasks, MaxCapacity: max(tasks, p.Profile.maxTasks()), TargetCpuUtilizationPercent: 60},
	})
	p.operate(stack, service)
	if p.StaticIps && p.VpcId == "" {
		// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
		annotate.Note(stack, "Takes an Elastic IP a zone, and one for each NAT gateway; an account has five a Region unless it asked for more")
	}

	output.New(stack, "Address", nlb.DnsName())
	if len(nlb.ElasticIps) > 0 {
		var addresses []*string
		for _, address := range nlb.ElasticIps {
			addresses = append(addresses, address.AttrPublicIp())
		}
		output.New(stack, "StaticAddresses", *awscdk.Fn_Join(jsii.String(","), &addresses))
	}
	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "ServiceName", service.Name())
	output.New(stack, "LogGroupName", *task.LogGroup.LogGroupName())
	if nlb.EndpointService != nil {
		output.New(stack, "EndpointServiceName", *nlb.EndpointService.VpcEndpointServiceName())
	}
	if nlb.AccessLogBucket != nil {
		output.New(stack, "AccessLogBucketName", *nlb.AccessLogBucket.BucketName())
	}
	return stack
}

func (p *NlbServiceProps) setDefaults() {
	if p.Port == 0 {
		p.Port = webPort
	}
	if p.Protocol == "" {
		p.Protocol = elbv2.Protocol_TCP
		if p.CertificateArn != "" {
			p.Protocol = elbv2.Protocol_TLS
		}
	}
	if p.ListenerPort == 0 {
		p.ListenerPort = 80
		if p.Protocol == elbv2.Protocol_TLS {
			p.ListenerPort = 443
		}
	}
	if p.WritablePaths == nil {
		p.WritablePaths = []string{defaultWritable}
	}
}

func (p *NlbServiceProps) validate() error {
	var bad invalid.Problems
	const why = "UDP, by which no load balancer checks; give a port on which the image listens for TCP"
	switch {
	case p.Protocol != elbv2.Protocol_UDP:
	case p.HealthCheckPort == 0:
		bad.Add("HealthCheckPort", "is missing, and Port %d is for "+why, p.Port)
	case p.HealthCheckPort == p.Port:
		bad.Add("HealthCheckPort", "%d is Port, which is for "+why, p.HealthCheckPort)
	}
	return bad.Err()
}

func (p *NlbServiceProps) loadBalancer(vpc awsec2.IVpc) *elb.NetworkLoadBalancerProps {
	nlb := &elb.NetworkLoadBalancerProps{
		Vpc:                vpc,
		InternetFacing:     true,
		IngressCidrs:       p.IngressCidrs,
		CrossZone:          p.CrossZone,
		ElasticIps:         p.StaticIps,
		DeletionProtection: p.Profile.protected(),
	}
	if p.Protocol == elbv2.Protocol_TLS {
		nlb.AccessLogRetentionDays = 90
	}
	if len(p.EndpointPrincipals) > 0 {
		nlb.EndpointService = &elb.EndpointService{AllowedPrincipals: p.EndpointPrincipals}
	}
	return nlb
}

func (p *NlbServiceProps) task() *ecs.TaskProps {
	port := ecs.PortMapping{ContainerPort: p.Port}
	if p.Protocol == elbv2.Protocol_UDP {
		port.Protocol = awsecs.Protocol_UDP
	}
	ports := []ecs.PortMapping{port}
	if p.HealthCheckPort != 0 && p.HealthCheckPort != p.Port {
		ports = append(ports, ecs.PortMapping{ContainerPort: p.HealthCheckPort})
	}
	return &ecs.TaskProps{
		Containers: []ecs.Container{{
			Name:          "app",
			Image:         registry.FromRegistry(p.Image),
			PortMappings:  ports,
			WritablePaths: writable(p.WritablePaths),
		}},
		LogRetention:  p.Profile.logRetention(),
		RemovalPolicy: p.Profile.removalPolicy(),
	}
}

func (p *NlbServiceProps) listener(nlb *elb.NetworkLoadBalancer) ecs.NlbListener {
	listener := ecs.NlbListener{
		LoadBalancer:   nlb,
		Port:           p.ListenerPort,
		Protocol:       p.Protocol,
		CertificateArn: p.CertificateArn,
		ContainerPort:  p.Port,
		HealthCheck:    elb.NetworkHealthCheck{Port: p.HealthCheckPort, Path: p.HealthCheckPath},
	}
	if p.PreserveClientIp {
		listener.PreserveClientIp = jsii.Bool(true)
	}
	return listener
}

// minTasks is a task a zone in Prod, unless connections cross zones: a zone without one serves nobody.
func (p *NlbServiceProps) minTasks(zones int) int {
	if p.Profile == Prod && !p.CrossZone {
		return max(p.Profile.minTasks(), zones)
	}
	return p.Profile.minTasks()
}

// operate adds what tells how the service is: in Prod always, in Dev when somebody wants to know.
func (p *NlbServiceProps) operate(stack awscdk.Stack, service *ecs.Service) {
	if !p.Profile.watched(p.AlarmEmail) {
		return
	}
	alarms := ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: service, Emails: emails(p.AlarmEmail)})
	dashboard := ecs.NewDashboard(stack, "Dashboard", &ecs.DashboardProps{Services: []*ecs.Service{service}})
	output.New(stack, "AlarmTopicArn", alarms.Topic.Arn())
	output.New(stack, "DashboardName", dashboard.Name())
}

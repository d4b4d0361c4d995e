package stacks

import (
	"cmp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
)

// NlbServiceProps configure the stack of NewNlbService.
type NlbServiceProps struct {
	// Env is the account and Region of the stack. Default: those of whoever deploys it.
	Env *awscdk.Environment
	// VpcId is an existing VPC with public and private subnets. It requires Env, to look it up. Default: a new VPC.
	VpcId string
	// AvailabilityZoneNames are the zones of the new VPC, such as "eu-west-1a", which must have what the stack uses: see the package
	// network. Default: the first three that CloudFormation names, or two in us-west-1.
	AvailabilityZoneNames []string
	// NatGateways is the number of NAT gateways of the new VPC. With network.NatNone, which is not compatible with VpcId, tasks are in
	// public subnets and have public addresses, at which only the load balancer can reach them. Default: network.NatSingle.
	NatGateways network.NatGateways
	// ContainerInsights sets how closely CloudWatch monitors the cluster: see ecs.ClusterProps. Default:
	// awsecs.ContainerInsights_ENHANCED.
	ContainerInsights awsecs.ContainerInsights
	// Protect turns on termination protection for the stack and deletion protection for the load balancer.
	// Leave it off until the first deployment has succeeded: see the package documentation. Default: false.
	Protect bool
	// LogRetention is how long logs are retained. Default: one month.
	LogRetention awslogs.RetentionDays
	// RemovalPolicy determines whether logs are deleted with the stack. Default: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE.
	RemovalPolicy awscdk.RemovalPolicy
	// RuntimeMonitoring lets GuardDuty Runtime Monitoring add its agent to the tasks on Fargate. Default: false.
	RuntimeMonitoring bool

	// Image is an image for x86 that listens for connections or packets. Required without Directory and ImageRepository.
	Image string
	// ImageCredentialsSecretArn is the complete ARN of a secret with the user name and the password of the registry of Image, as
	// {"username": "...", "password": "..."}. It requires Image. Default: none.
	ImageCredentialsSecretArn string
	// Directory is the directory of a Dockerfile, from which `cdk deploy` builds the image, for x86. It is relative to where cdk runs.
	// Required without Image and ImageRepository.
	Directory string
	// ImageRepository is the name of an ECR repository in the stack's account and Region that exists already. Which of its images runs
	// is the stack's parameter ImageDigest, which a pipeline changes and a deployment of the stack keeps: see
	// registry.FromDigestParameter. Required without Image and Directory.
	ImageRepository string
	// Port is the port that the image listens on. Above 1023 it doesn't have to run as root. Default: 8080.
	Port int
	// Protocol is elbv2.Protocol_TCP, _TLS, _UDP or _TCP_UDP. The load balancer decrypts TLS. Default: TCP, or TLS with
	// CertificateArn.
	Protocol elbv2.Protocol
	// ListenerPort is the port that clients connect to. Default: 443 for TLS, otherwise 80.
	ListenerPort int
	// CertificateArn is an ACM certificate, which TLS requires. Default: none.
	CertificateArn string
	// AdditionalCertificateArns are ACM certificates for further names, beside CertificateArn. Default: none.
	AdditionalCertificateArns []string
	// HealthCheckPort is the TCP port of the image that the load balancer checks. Required for UDP; otherwise the default is Port.
	HealthCheckPort int
	// HealthCheckPath is the path that the load balancer requests over HTTP. Default: none; a TCP connection is healthy.
	HealthCheckPath string
	// WritablePaths are the directories that the image can write to; the rest of its file system is read-only. Default: "/tmp".
	WritablePaths []string
	// Command is the command that the container runs. Default: the image's own.
	Command []string
	// Environment holds variables of the container that everybody who can read its task definition sees. Default: none.
	Environment map[string]string
	// SecretArns holds variables whose values ECS reads when a task starts: the complete ARN of a Secrets Manager secret, followed by ":"
	// and a key of its JSON for that key's value, or the ARN of an SSM parameter. Default: none.
	SecretArns map[string]string
	// Cpu and MemoryLimitMiB are the size of a task, in CPU units, 1024 to a vCPU, and MiB: a pair that Fargate offers. Default: 256 CPU
	// units, and the least memory that Fargate offers with them.
	Cpu, MemoryLimitMiB int
	// MinTasks and MaxTasks are the minimum and maximum number of tasks. Default: 2 and 10, or what the other allows.
	MinTasks, MaxTasks int
	// TaskInEachZone raises MinTasks, and MaxTasks with it, to the number of Availability Zones: without CrossZone, a zone without a task
	// serves nobody. Default: false.
	TaskInEachZone bool

	// PreserveClientIp shows the clients' IP addresses to the image, as UDP always does. Default: false.
	PreserveClientIp bool
	// CrossZone distributes connections over the tasks of all Availability Zones, which costs the traffic between them.
	// Default: false.
	CrossZone bool
	// StaticIps gives the load balancer an Elastic IP in each Availability Zone. It requires TaskInEachZone or CrossZone.
	// Default: false.
	StaticIps bool
	// IngressCidrs are the IPv4 ranges that may connect. Default: all.
	IngressCidrs []string
	// EndpointPrincipals lists the ARNs of principals that can request a connection over AWS PrivateLink, which you then accept.
	// Default: none.
	EndpointPrincipals []string

	// Alarms creates alarms, a topic that they notify, and a dashboard. Default: false, or true with AlarmEmails.
	Alarms bool
	// AlarmEmails are subscribed to the topic; AWS asks the owner of each address to confirm. Default: none.
	AlarmEmails []string
}

// How long the load balancer's access logs, which only TLS has, are retained.
const nlbServiceAccessLogDays = 90

// NewNlbService creates a stack with a service on Fargate behind an internet-facing Network Load Balancer. It panics with
// *invalid.Error if the props are invalid.
func NewNlbService(scope constructs.Construct, id string, props *NlbServiceProps) awscdk.Stack {
	var p NlbServiceProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.Validate())
	p.setDefaults()

	stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{
		Description:           jsii.String("Service on Fargate behind a Network Load Balancer"),
		Env:                   p.Env,
		TerminationProtection: &p.Protect,
	})
	network.LeaveZonesToCloudFormation(stack)
	vpc := p.vpc(stack)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc, ContainerInsights: p.ContainerInsights})
	nlb := elb.NewNetworkLoadBalancer(stack, "LoadBalancer", p.loadBalancer(vpc))
	task := ecs.NewTask(stack, "Task", p.task(p.image(stack)))
	minTasks := p.MinTasks
	if p.TaskInEachZone {
		minTasks = max(minTasks, len(*vpc.AvailabilityZones()))
	}
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{
		Cluster:  cluster,
		Task:     task,
		Exposure: ecs.Exposure{Nlb: []ecs.NlbListener{p.listener(nlb)}},
		Subnets:  p.NatGateways.TaskSubnets(), AssignPublicIp: p.NatGateways == network.NatNone,
		Scaling: &ecs.Scaling{MinCapacity: minTasks, MaxCapacity: max(minTasks, p.MaxTasks), TargetCpuUtilizationPercent: 60},
	})
	if p.hasAlarms() {
		p.addMonitoring(stack, service)
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

// Validate returns the problems that the props show by themselves, or nil. The constructs in the stack check the rest.
func (p *NlbServiceProps) Validate() error {
	if p == nil {
		p = &NlbServiceProps{}
	}
	var bad invalid.Problems
	if p.ImageCredentialsSecretArn != "" && p.Image == "" {
		bad.Add("ImageCredentialsSecretArn", "requires Image")
	}
	if p.Image == "" && p.Directory == "" && p.ImageRepository == "" {
		bad.Add("Image", "is required without Directory and ImageRepository")
	}
	if p.ImageRepository != "" && (p.Image != "" || p.Directory != "") {
		bad.Add("ImageRepository", "must not be set together with Image or Directory").Given(p.ImageRepository).Advise("remove one of them")
	}
	if p.Image != "" && p.Directory != "" {
		bad.Add("Directory", "must not be set together with Image").Given(p.Directory).Advise("remove one of them")
	}
	if p.Directory != "" {
		bad.Nest("Directory", registry.FromAsset(p.Directory, nil).Validate())
	}
	if p.MaxTasks != 0 && p.MinTasks > p.MaxTasks {
		bad.Add("MinTasks", "must not be greater than MaxTasks (%d)", p.MaxTasks).Given(p.MinTasks)
	}
	if p.Protocol == elbv2.Protocol_UDP {
		switch port := cmp.Or(p.Port, 8080); p.HealthCheckPort {
		case 0:
			bad.Add("HealthCheckPort", "is required with Protocol UDP, because health checks don't support UDP").
				Advise("set a TCP port of the image")
		case port:
			bad.Add("HealthCheckPort", "must be a TCP port other than Port, because health checks don't support UDP").Given(port)
		}
	}
	if p.VpcId != "" && p.NatGateways == network.NatNone {
		bad.Add("NatGateways", "must not be %q with VpcId, whose NAT gateways exist", network.NatNone).Advise("remove one of them")
	}
	if p.VpcId != "" && len(p.AvailabilityZoneNames) > 0 {
		bad.Add("AvailabilityZoneNames", "must not be set together with VpcId, whose subnets are in its own zones").
			Given(p.AvailabilityZoneNames)
	}
	return bad.Err()
}

func (p *NlbServiceProps) setDefaults() {
	p.Port = cmp.Or(p.Port, 8080)
	if p.Protocol == "" && p.CertificateArn != "" {
		p.Protocol = elbv2.Protocol_TLS
	}
	p.Protocol = cmp.Or(p.Protocol, elbv2.Protocol_TCP)
	if p.ListenerPort == 0 && p.Protocol == elbv2.Protocol_TLS {
		p.ListenerPort = 443
	}
	p.ListenerPort = cmp.Or(p.ListenerPort, 80)
	p.MinTasks = cmp.Or(p.MinTasks, min(2, cmp.Or(p.MaxTasks, 2)))
	p.MaxTasks = cmp.Or(p.MaxTasks, max(10, p.MinTasks))
	if p.WritablePaths == nil {
		p.WritablePaths = []string{"/tmp"}
	}
}

func (p *NlbServiceProps) hasAlarms() bool { return p.Alarms || len(p.AlarmEmails) > 0 }

func (p *NlbServiceProps) vpc(stack awscdk.Stack) awsec2.IVpc {
	if p.VpcId != "" {
		return network.VpcFromLookup(stack, "Vpc", p.VpcId).Vpc
	}
	return network.NewVpc(stack, "Vpc", &network.VpcProps{
		AvailabilityZoneNames: p.AvailabilityZoneNames,
		NatGateways:           p.NatGateways,
		FlowLogRetention:      p.LogRetention,
		RemovalPolicy:         p.RemovalPolicy,
	}).Vpc
}

func (p *NlbServiceProps) loadBalancer(vpc awsec2.IVpc) *elb.NetworkLoadBalancerProps {
	nlb := &elb.NetworkLoadBalancerProps{
		Vpc:                vpc,
		InternetFacing:     true,
		IngressCidrs:       p.IngressCidrs,
		CrossZone:          p.CrossZone,
		ElasticIps:         p.StaticIps,
		DeletionProtection: p.Protect,
	}
	if p.Protocol == elbv2.Protocol_TLS {
		nlb.AccessLogRetentionDays = nlbServiceAccessLogDays
	}
	if len(p.EndpointPrincipals) > 0 {
		nlb.EndpointService = &elb.EndpointService{AllowedPrincipals: p.EndpointPrincipals}
	}
	return nlb
}

// image is the one that is given, built, or chosen by a pipeline.
func (p *NlbServiceProps) image(stack awscdk.Stack) registry.Image {
	switch {
	case p.Image != "":
		image := registry.FromRegistry(p.Image)
		if p.ImageCredentialsSecretArn != "" {
			image = image.WithCredentialsArn(p.ImageCredentialsSecretArn)
		}
		return image
	case p.Directory != "":
		return registry.FromAsset(p.Directory, nil)
	}
	repository := awsecr.Repository_FromRepositoryName(stack, jsii.String("ImageRepository"), &p.ImageRepository)
	return registry.FromDigestParameter(repository, "ImageDigest")
}

func (p *NlbServiceProps) task(image registry.Image) *ecs.TaskProps {
	port := ecs.PortMapping{ContainerPort: p.Port}
	if p.Protocol == elbv2.Protocol_UDP {
		port.Protocol = awsecs.Protocol_UDP
	}
	ports := []ecs.PortMapping{port}
	if p.HealthCheckPort != 0 && p.HealthCheckPort != p.Port {
		ports = append(ports, ecs.PortMapping{ContainerPort: p.HealthCheckPort})
	}
	var writable []ecs.WritablePath
	for _, path := range p.WritablePaths {
		writable = append(writable, ecs.WritablePath{ContainerPath: path})
	}
	return &ecs.TaskProps{
		Containers: []ecs.Container{{
			Name: "app", Image: image, PortMappings: ports, WritablePaths: writable,
			Command: p.Command, Environment: p.Environment, SecretArns: p.SecretArns,
		}},
		Cpu:               p.Cpu,
		MemoryLimitMiB:    p.MemoryLimitMiB,
		LogRetention:      p.LogRetention,
		RemovalPolicy:     p.RemovalPolicy,
		RuntimeMonitoring: p.RuntimeMonitoring,
	}
}

func (p *NlbServiceProps) listener(nlb *elb.NetworkLoadBalancer) ecs.NlbListener {
	listener := ecs.NlbListener{
		LoadBalancer:   nlb,
		Port:           p.ListenerPort,
		Protocol:       p.Protocol,
		CertificateArn: p.CertificateArn,

		AdditionalCertificateArns: p.AdditionalCertificateArns,

		ContainerPort: p.Port,
		HealthCheck:   elb.NetworkHealthCheck{Port: p.HealthCheckPort, Path: p.HealthCheckPath},
	}
	if p.PreserveClientIp {
		listener.PreserveClientIp = new(true)
	}
	return listener
}

func (p *NlbServiceProps) addMonitoring(stack awscdk.Stack, service *ecs.Service) {
	alarms := ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: service, Emails: p.AlarmEmails})
	dashboard := ecs.NewDashboard(stack, "Dashboard", &ecs.DashboardProps{Services: []*ecs.Service{service}})
	output.New(stack, "AlarmTopicArn", alarms.TopicArn())
	output.New(stack, "DashboardName", dashboard.Name())
}

package stacks

import (
	"cmp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/waf"
)

// GatewayServicesProps configure the stack of NewGatewayServices.
type GatewayServicesProps struct {
	// Env is the account and Region of the stack. Default: those of whoever deploys it.
	Env *awscdk.Environment
	// VpcId is an existing VPC with public and private subnets. It requires Env, to look it up. Default: a new VPC.
	VpcId string
	// AvailabilityZoneNames are the zones of the new VPC, such as "eu-west-1a", which must have what the stack uses: see the package
	// network. Changing them is not possible, because it would replace the gateway. Default: the first three that CloudFormation names, or
	// two in us-west-1.
	AvailabilityZoneNames []string
	// NatGateways is the number of NAT gateways of the new VPC. With network.NatNone, which is not compatible with VpcId or Internal,
	// tasks are in public subnets and have public addresses, at which only the load balancers can reach them. Default: network.NatSingle.
	NatGateways network.NatGateways
	// ContainerInsights sets how closely CloudWatch monitors the cluster: see ecs.ClusterProps. Default:
	// awsecs.ContainerInsights_ENHANCED.
	ContainerInsights awsecs.ContainerInsights
	// Protect turns on termination protection for the stack, and deletion protection for the gateway and its load balancers.
	// Leave it off until the first deployment has succeeded: see the package documentation. Default: false.
	Protect bool
	// LogRetention is how long logs are retained. Default: one month.
	LogRetention awslogs.RetentionDays
	// RemovalPolicy determines whether logs are deleted with the stack. Default: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE.
	RemovalPolicy awscdk.RemovalPolicy
	// RuntimeMonitoring lets GuardDuty Runtime Monitoring add its agent to the tasks on Fargate. Default: false.
	RuntimeMonitoring bool

	// Image is the image of a web server for x86. Required without Directory.
	Image string
	// Directory is the directory of a Dockerfile, from which `cdk deploy` builds the image, for x86. It is relative to where cdk runs.
	// Required without Image.
	Directory string
	// Port is the port that the image listens on. Default: 8080.
	Port int
	// HealthCheckPath is the path that the load balancer requests; 200 is healthy. Default: "/".
	HealthCheckPath string
	// Command is the command that the container of the first service runs. Default: the image's own.
	Command []string
	// Environment holds variables of the first service that everybody who can read its task definition sees. Default: none.
	Environment map[string]string
	// SecretArns holds variables of the first service whose values ECS reads when a task starts: the complete ARN of a Secrets Manager
	// secret, followed by ":" and a key of its JSON for that key's value, or the ARN of an SSM parameter. Default: none.
	SecretArns map[string]string
	// Cpu and MemoryLimitMiB are the size of a task of the first service, in CPU units, 1024 to a vCPU, and MiB: a pair that Fargate offers.
	// Default: 256 CPU units, and the least memory that Fargate offers with them.
	Cpu, MemoryLimitMiB int

	// ApiImage is the image of the second service, for x86. Default: Image, or with Directory the same as the first service.
	ApiImage string
	// ApiPort is the port that the second service listens on. Default: 8080.
	ApiPort int
	// ApiHealthCheckPath is the path that the load balancer requests from the second service. Default: "/".
	ApiHealthCheckPath string
	// WritablePaths are the directories that the images can write to; the rest of their file systems is read-only.
	// Default: "/tmp".
	WritablePaths []string
	// MinTasks and MaxTasks are the minimum and maximum number of tasks of each service. Default: 2 and 10, or what the other allows.
	MinTasks, MaxTasks int

	// Internal places the load balancers in private subnets, where only the VPC reaches them. A running gateway can't be changed. Default:
	// false.
	Internal bool
	// IngressCidrs lists the IPv4 ranges that can connect. Default: all, or with Internal the VPC.
	IngressCidrs []string
	// Waf puts AWS WAF with managed rules in front of the gateway. Default: false.
	Waf bool

	// Alarms creates alarms, a topic that they notify, and a dashboard. Default: false, or true with AlarmEmails.
	Alarms bool
	// AlarmEmails are subscribed to the topic; AWS asks the owner of each address to confirm. Default: none.
	AlarmEmails []string
}

// NewGatewayServices creates a stack with two web services on Fargate behind one ECS gateway, each with an HTTPS address of its own. It
// panics with *invalid.Error if the props are invalid.
func NewGatewayServices(scope constructs.Construct, id string, props *GatewayServicesProps) awscdk.Stack {
	var p GatewayServicesProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.Validate())
	p.setDefaults()

	stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{
		Description:           jsii.String("Web services on Fargate behind an ECS gateway"),
		Env:                   p.Env,
		TerminationProtection: &p.Protect,
	})
	network.LeaveZonesToCloudFormation(stack)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: p.vpc(stack), ContainerInsights: p.ContainerInsights})
	gateway := ecs.NewGateway(stack, "Gateway", p.gateway(stack, cluster))
	web := p.service(stack, "", gateway, cluster, p.webTask())
	api := p.service(stack, "Api", gateway, cluster, p.task("api", p.apiImage(), p.ApiPort))
	if p.Alarms || len(p.AlarmEmails) > 0 {
		p.addMonitoring(stack, web, api)
	}

	// CloudFormation doesn't know the addresses: these commands print them.
	output.New(stack, "UrlCommand", web.UrlCommand(gateway))
	output.New(stack, "ApiUrlCommand", api.UrlCommand(gateway))
	output.New(stack, "GatewayName", gateway.Name())
	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "ServiceName", web.Name())
	output.New(stack, "LogGroupName", *web.Task.LogGroup.LogGroupName())
	output.New(stack, "ApiServiceName", api.Name())
	output.New(stack, "ApiLogGroupName", *api.Task.LogGroup.LogGroupName())
	output.New(stack, "AccessLogBucketName", *gateway.AccessLogBucket.BucketName())
	return stack
}

// Validate returns the problems that the props show by themselves, or nil. The constructs in the stack check the rest.
func (p *GatewayServicesProps) Validate() error {
	if p == nil {
		p = &GatewayServicesProps{}
	}
	var bad invalid.Problems
	if p.Image == "" && p.Directory == "" {
		bad.Add("Image", "is required without Directory")
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
	if p.VpcId != "" && p.NatGateways == network.NatNone {
		bad.Add("NatGateways", "must not be %q with VpcId, whose NAT gateways exist", network.NatNone).Advise("remove one of them")
	}
	if p.Internal && p.NatGateways == network.NatNone {
		bad.Add("NatGateways", "must not be %q with Internal, because the VPC then has no private subnets", network.NatNone)
	}
	if p.VpcId != "" && len(p.AvailabilityZoneNames) > 0 {
		bad.Add("AvailabilityZoneNames", "must not be set together with VpcId, whose subnets are in its own zones").
			Given(p.AvailabilityZoneNames)
	}
	return bad.Err()
}

func (p *GatewayServicesProps) setDefaults() {
	p.Port = cmp.Or(p.Port, 8080)
	p.ApiPort = cmp.Or(p.ApiPort, 8080)
	p.MinTasks = cmp.Or(p.MinTasks, min(2, cmp.Or(p.MaxTasks, 2)))
	p.MaxTasks = cmp.Or(p.MaxTasks, max(10, p.MinTasks))
	if p.WritablePaths == nil {
		p.WritablePaths = []string{"/tmp"}
	}
}

func (p *GatewayServicesProps) vpc(stack awscdk.Stack) awsec2.IVpc {
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

func (p *GatewayServicesProps) gateway(stack awscdk.Stack, cluster *ecs.Cluster) *ecs.GatewayProps {
	gateway := &ecs.GatewayProps{
		Cluster: cluster, InternetFacing: !p.Internal, IngressCidrs: p.IngressCidrs, DeletionProtection: p.Protect,
	}
	if p.Waf {
		gateway.WebAcl = waf.NewWebAcl(stack, "WebAcl", nil)
	}
	return gateway
}

// image is the one that is given or built.
func (p *GatewayServicesProps) image() registry.Image {
	if p.Image != "" {
		return registry.FromRegistry(p.Image)
	}
	return registry.FromAsset(p.Directory, nil)
}

func (p *GatewayServicesProps) apiImage() registry.Image {
	if p.ApiImage != "" {
		return registry.FromRegistry(p.ApiImage)
	}
	return p.image()
}

func (p *GatewayServicesProps) webTask() *ecs.TaskProps {
	task := p.task("web", p.image(), p.Port)
	task.Cpu, task.MemoryLimitMiB = p.Cpu, p.MemoryLimitMiB
	container := &task.Containers[0]
	container.Command, container.Environment, container.SecretArns = p.Command, p.Environment, p.SecretArns
	return task
}

// task names the port, by which the gateway finds it.
func (p *GatewayServicesProps) task(container string, image registry.Image, port int) *ecs.TaskProps {
	var paths []ecs.WritablePath
	for _, path := range p.WritablePaths {
		paths = append(paths, ecs.WritablePath{ContainerPath: path})
	}
	return &ecs.TaskProps{
		Containers: []ecs.Container{{
			Name:          container,
			Image:         image,
			PortMappings:  []ecs.PortMapping{{ContainerPort: port, Name: container}},
			WritablePaths: paths,
		}},
		LogRetention:      p.LogRetention,
		RemovalPolicy:     p.RemovalPolicy,
		RuntimeMonitoring: p.RuntimeMonitoring,
	}
}

// service creates a task and its service. The first one's ids have no prefix.
func (p *GatewayServicesProps) service(
	stack awscdk.Stack, prefix string, gateway *ecs.Gateway, cluster *ecs.Cluster, task *ecs.TaskProps,
) *ecs.Service {
	path := p.HealthCheckPath
	if prefix != "" {
		path = p.ApiHealthCheckPath
	}
	return ecs.NewService(stack, prefix+"Service", &ecs.ServiceProps{
		Cluster: cluster,
		Task:    ecs.NewTask(stack, prefix+"Task", task),
		Exposure: ecs.Exposure{Gateway: &ecs.GatewayConnector{
			Gateways: []*ecs.Gateway{gateway}, HealthCheck: elb.TargetHealthCheck{Path: path},
		}},
		Subnets: p.NatGateways.TaskSubnets(), AssignPublicIp: p.NatGateways == network.NatNone,
		Scaling: &ecs.Scaling{MinCapacity: p.MinTasks, MaxCapacity: p.MaxTasks, TargetCpuUtilizationPercent: 60},
	})
}

// addMonitoring creates the alarms of both services, with one topic, and their dashboard.
func (p *GatewayServicesProps) addMonitoring(stack awscdk.Stack, web, api *ecs.Service) {
	alarms := ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: web, Emails: p.AlarmEmails})
	ecs.NewAlarms(stack, "ApiAlarms", &ecs.AlarmsProps{Service: api, Topic: alarms.Topic})
	dashboard := ecs.NewDashboard(stack, "Dashboard", &ecs.DashboardProps{Services: []*ecs.Service{web, api}})
	output.New(stack, "AlarmTopicArn", alarms.TopicArn())
	output.New(stack, "DashboardName", dashboard.Name())
}

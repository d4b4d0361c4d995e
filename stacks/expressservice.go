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
	"awscontainers/constructs/express"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
)

// ExpressServiceProps configure the stack of NewExpressService.
type ExpressServiceProps struct {
	// Env is the account and Region of the stack. Default: those of whoever deploys it.
	Env *awscdk.Environment
	// VpcId is an existing VPC with public and private subnets. It requires Env, to look it up. Default: a new VPC.
	VpcId string
	// AvailabilityZoneNames are the zones of the new VPC, such as "eu-west-1a", which must have what the stack uses: see the package
	// network. Default: the first three that CloudFormation names, or two in us-west-1.
	AvailabilityZoneNames []string
	// NatGateways is the number of NAT gateways of the new VPC. Default: network.NatSingle, or network.NatNone unless Internal:
	// in public subnets tasks have public addresses.
	NatGateways network.NatGateways
	// ContainerInsights sets how closely CloudWatch monitors the cluster: see ecs.ClusterProps. Default:
	// awsecs.ContainerInsights_ENHANCED.
	ContainerInsights awsecs.ContainerInsights
	// Protect turns on termination protection for the stack.
	// Leave it off until the first deployment has succeeded: see the package documentation. Default: false.
	Protect bool
	// LogRetention is how long logs are retained. Default: one month.
	LogRetention awslogs.RetentionDays
	// RemovalPolicy determines whether logs are deleted with the stack. Default: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE.
	RemovalPolicy awscdk.RemovalPolicy
	// RuntimeMonitoring lets GuardDuty Runtime Monitoring add its agent to the tasks on Fargate. Default: false.
	RuntimeMonitoring bool

	// Image is the image of a web server, for Linux on x86. Required without Directory.
	Image string
	// ImageCredentialsSecretArn is the complete ARN of a secret with the user name and the password of the registry of Image, as
	// {"username": "...", "password": "..."}. It requires Image. Default: none.
	ImageCredentialsSecretArn string
	// Directory is the directory of a Dockerfile, from which `cdk deploy` builds the image, for x86. It is relative to where cdk runs.
	// Required without Image.
	Directory string
	// Port is the port that the image listens on. Default: 8080.
	Port int
	// HealthCheckPath is the path that the load balancer requests; 200 is healthy. Default: "/".
	HealthCheckPath string
	// Command is the command that the container runs. Default: the image's own.
	Command []string
	// Environment holds variables of the container that everybody who can read its service sees. Default: none.
	Environment map[string]string
	// SecretArns holds variables whose values ECS reads when a task starts: the complete ARN of a Secrets Manager secret, followed by ":"
	// and a key of its JSON for that key's value, or the ARN of an SSM parameter. Default: none.
	SecretArns map[string]string
	// Cpu and MemoryLimitMiB are the size of a task, in CPU units, 1024 to a vCPU, and MiB: a pair that Fargate offers. Default: 1024 CPU
	// units, and the least memory that Fargate offers with them.
	Cpu, MemoryLimitMiB int
	// MinTasks and MaxTasks are the minimum and maximum number of tasks. Default: 2 and 10, or what the other allows.
	MinTasks, MaxTasks int
	// RequestsPerTask is the number of requests per task at which tasks are added. Default: 0; tasks are added at 60 % of their CPU.
	RequestsPerTask int
	// Internal places tasks and load balancer in private subnets, where only the VPC reaches them. Default: false.
	Internal bool
	// ServiceName is the physical name, from which ECS makes the address. Changing it replaces the service. Default: ECS generates one.
	ServiceName string
	// OpenTelemetry adds a collector of traces and metrics to each task, by a task definition that the stack creates. The output then goes
	// to another log group. Default: false.
	OpenTelemetry bool

	// Alarms creates alarms and a topic that they notify. Default: false, or true with AlarmEmails.
	Alarms bool
	// AlarmEmails are subscribed to the topic; AWS asks the owner of each address to confirm. Default: none.
	AlarmEmails []string
}

const (
	// The container that gets the requests must have this name, and its port any.
	expressServiceContainer, expressServicePort = "Main", "http"
	expressServiceCpu                           = 1024
)

// NewExpressService creates a stack with a web service of ECS Express Mode, the successor of App Runner: ECS creates its load
// balancer, certificate and scaling. It panics with *invalid.Error if the props are invalid.
func NewExpressService(scope constructs.Construct, id string, props *ExpressServiceProps) awscdk.Stack {
	var p ExpressServiceProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.Validate())
	p.setDefaults()

	stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{
		Description:           jsii.String("Web service of ECS Express Mode"),
		Env:                   p.Env,
		TerminationProtection: &p.Protect,
	})
	network.LeaveZonesToCloudFormation(stack)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: p.vpc(stack), ContainerInsights: p.ContainerInsights})
	service := express.NewService(stack, "Service", p.service(stack, cluster))

	output.New(stack, "Url", service.Url())
	output.New(stack, "ServiceArn", service.Arn())
	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "LogGroupName", *service.LogGroup.LogGroupName())
	output.New(stack, "LoadBalancerArn", service.LoadBalancerArn())
	if p.Alarms || len(p.AlarmEmails) > 0 {
		alarms := express.NewAlarms(stack, "Alarms", &express.AlarmsProps{Service: service, Emails: p.AlarmEmails})
		output.New(stack, "AlarmTopicArn", alarms.TopicArn())
	}
	return stack
}

// Validate returns the problems that the props show by themselves, or nil. The constructs in the stack check the rest.
func (p *ExpressServiceProps) Validate() error {
	if p == nil {
		p = &ExpressServiceProps{}
	}
	var bad invalid.Problems
	if p.Image == "" && p.Directory == "" {
		bad.Add("Image", "is required without Directory")
	}
	if p.Image != "" && p.Directory != "" {
		bad.Add("Directory", "must not be set together with Image").Given(p.Directory).Advise("remove one of them")
	}
	if p.ImageCredentialsSecretArn != "" && p.Image == "" {
		bad.Add("ImageCredentialsSecretArn", "requires Image")
	}
	if p.Directory != "" {
		bad.Nest("Directory", registry.FromAsset(p.Directory, nil).Validate())
	}
	if p.MaxTasks != 0 && p.MinTasks > p.MaxTasks {
		bad.Add("MinTasks", "must not be greater than MaxTasks (%d)", p.MaxTasks).Given(p.MinTasks)
	}
	if p.Internal && p.NatGateways == network.NatNone {
		bad.Add("NatGateways", "must not be %q with Internal, whose tasks pull their image through one", network.NatNone)
	}
	if !p.Internal && p.NatGateways != "" && p.NatGateways != network.NatNone {
		bad.Add("NatGateways", "must be %q without Internal, whose tasks have public addresses", network.NatNone).Given(p.NatGateways)
	}
	if p.VpcId != "" && len(p.AvailabilityZoneNames) > 0 {
		bad.Add("AvailabilityZoneNames", "must not be set together with VpcId, whose subnets are in its own zones").
			Given(p.AvailabilityZoneNames)
	}
	return bad.Err()
}

func (p *ExpressServiceProps) setDefaults() {
	p.Port = cmp.Or(p.Port, 8080)
	p.MinTasks = cmp.Or(p.MinTasks, min(2, cmp.Or(p.MaxTasks, 2)))
	p.MaxTasks = cmp.Or(p.MaxTasks, max(10, p.MinTasks))
	if p.NatGateways == "" && !p.Internal {
		p.NatGateways = network.NatNone
	}
}

func (p *ExpressServiceProps) vpc(stack awscdk.Stack) awsec2.IVpc {
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

// image is the one that is given or built.
func (p *ExpressServiceProps) image() registry.Image {
	if p.Image != "" {
		image := registry.FromRegistry(p.Image)
		if p.ImageCredentialsSecretArn != "" {
			image = image.WithCredentialsArn(p.ImageCredentialsSecretArn)
		}
		return image
	}
	return registry.FromAsset(p.Directory, nil)
}

func (p *ExpressServiceProps) service(stack awscdk.Stack, cluster *ecs.Cluster) *express.ServiceProps {
	service := &express.ServiceProps{
		HealthCheckPath: p.HealthCheckPath,
		MinSize:         p.MinTasks,
		MaxSize:         p.MaxTasks,
		Cluster:         cluster,
		ServiceName:     p.ServiceName,
	}
	if p.OpenTelemetry {
		service.Task = ecs.NewTask(stack, "Task", p.task())
	} else {
		service.Image, service.Command, service.Environment, service.SecretArns = p.image(), p.Command, p.Environment, p.SecretArns
		service.Port, service.Cpu, service.MemoryLimitMiB = p.Port, p.Cpu, p.MemoryLimitMiB
		service.LogRetention, service.RemovalPolicy, service.RuntimeMonitoring = p.LogRetention, p.RemovalPolicy, p.RuntimeMonitoring
	}
	if p.Internal {
		service.Subnets = network.Private
	}
	if p.RequestsPerTask != 0 {
		service.ScalingMetric, service.ScalingTargetValue = express.RequestCountPerTarget, p.RequestsPerTask
	}
	return service
}

// task is the task definition with a collector. Its file system is writable, as in those that ECS creates.
func (p *ExpressServiceProps) task() *ecs.TaskProps {
	task := &ecs.TaskProps{
		Containers: []ecs.Container{{
			Name:                   expressServiceContainer,
			Image:                  p.image(),
			Command:                p.Command,
			Environment:            p.Environment,
			SecretArns:             p.SecretArns,
			PortMappings:           []ecs.PortMapping{{Name: expressServicePort, ContainerPort: p.Port}},
			WritableRootFilesystem: true,
		}},
		Cpu:               p.Cpu,
		MemoryLimitMiB:    p.MemoryLimitMiB,
		OpenTelemetry:     &ecs.OpenTelemetry{},
		LogRetention:      p.LogRetention,
		RemovalPolicy:     p.RemovalPolicy,
		RuntimeMonitoring: p.RuntimeMonitoring,
	}
	if task.Cpu == 0 && task.MemoryLimitMiB == 0 {
		task.Cpu = expressServiceCpu
	}
	return task
}

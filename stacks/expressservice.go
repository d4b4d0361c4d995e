package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/express"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
)

// ExpressServiceSettings are the choices of the stack ExpressService.
type ExpressServiceSettings struct {
	// Image is what to run: a web server, for Linux on x86. Required.
	Image string
	// Port is what it listens on. Default: 8080.
	Port int
	// HealthCheckPath is what the load balancer asks for. Default: "/".
	HealthCheckPath string
	// Internal keeps it off the internet. Default: false.
	Internal bool
	// RequestsPerTask is where tasks are added. Default: 0, at 60 % of their CPU instead.
	RequestsPerTask int
	// ServiceName is the physical name, from which its address is made. Default: ECS makes one.
	ServiceName string
}

// expressService reads the keys of the stack.
func (r *reader) expressService() ExpressServiceSettings {
	return ExpressServiceSettings{
		Image:           r.text("ExpressService.image", "public.ecr.aws/nginx/nginx-unprivileged:stable", "the image of a web server, for Linux on x86", nil),
		Port:            r.number("ExpressService.port", webPort, 1, 65535, "the port that the image listens on"),
		HealthCheckPath: r.text("ExpressService.healthCheckPath", "/", "what the load balancer asks for; 200 is healthy", nil),
		Internal:        r.flag("ExpressService.internal", "tasks and load balancer in private subnets, for the VPC alone; otherwise the service faces the internet"),
		RequestsPerTask: r.optionalNumber("ExpressService.requestsPerTask", 1, 65536, "how many requests a task gets before one is added; otherwise 60 % of its CPU"),
		ServiceName:     r.text("ExpressService.serviceName", "", "the name, from which ECS makes the address; another one replaces the service", nil),
	}
}

// ExpressServiceProps are what NewExpressService needs.
type ExpressServiceProps struct {
	Common
	ExpressServiceSettings
}

// NewExpressService is a web service of ECS Express Mode, the successor of App Runner: ECS makes its load balancer, certificate and scaling.
// It panics with *invalid.Error when the props are wrong.
func NewExpressService(scope constructs.Construct, id string, props *ExpressServiceProps) awscdk.Stack {
	var p ExpressServiceProps
	if props != nil {
		p = *props
	}
	stack := newStack(scope, id, "Web service of ECS Express Mode", p.Common)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: p.vpc(stack)})
	service := express.NewService(stack, "Service", p.service(cluster))

	output.New(stack, "Url", service.Url())
	output.New(stack, "ServiceArn", service.Arn())
	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "LogGroupName", *service.LogGroup.LogGroupName())
	output.New(stack, "LoadBalancerArn", service.LoadBalancerArn())
	return stack
}

// vpc has NAT gateways only where tasks need them: in public subnets they have addresses of their own.
func (p *ExpressServiceProps) vpc(stack awscdk.Stack) awsec2.IVpc {
	if p.Internal || p.VpcId != "" {
		return newVpc(stack, p.Common)
	}
	return network.NewVpc(stack, "Vpc", &network.VpcProps{
		NatGateways:      network.NatNone,
		FlowLogRetention: p.Profile.logRetention(),
		RemovalPolicy:    p.Profile.removalPolicy(),
	}).Vpc
}

func (p *ExpressServiceProps) service(cluster *ecs.Cluster) *express.ServiceProps {
	service := &express.ServiceProps{
		Image:           registry.FromRegistry(p.Image),
		Port:            p.Port,
		HealthCheckPath: p.HealthCheckPath,
		MinSize:         p.Profile.minTasks(),
		MaxSize:         p.Profile.maxTasks(),
		Cluster:         cluster,
		LogRetention:    p.Profile.logRetention(),
		RemovalPolicy:   p.Profile.removalPolicy(),
		ServiceName:     p.ServiceName,
	}
	if p.Profile != Prod {
		service.Cpu = 256
	}
	if p.Internal {
		service.Subnets = network.Private
	}
	if p.RequestsPerTask != 0 {
		service.ScalingMetric, service.ScalingTargetValue = express.RequestCountPerTarget, p.RequestsPerTask
	}
	return service
}

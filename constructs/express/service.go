package express

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/registry"
	"awscontainers/internal/taskrole"
)

// ExpressMetric is what the number of tasks of an ExpressService follows.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExpressGatewayScalingTarget.html
type ScalingMetric string

// The metrics of Express Mode.
const (
	// AverageCpu and AverageMemory are a percentage of what the tasks have.
	AverageCpu    ScalingMetric = "AVERAGE_CPU"
	AverageMemory ScalingMetric = "AVERAGE_MEMORY"
	// RequestCountPerTarget are the requests that each task gets from the load balancer.
	RequestCountPerTarget ScalingMetric = "REQUEST_COUNT_PER_TARGET"
)

// ExpressServiceProps describe a web service of which ECS makes all but the image: load balancer, certificate, scaling. Those that
// apprunner.ServiceProps has too are named alike. Where AWS has a default of its own, it stands in
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-work.html
type ServiceProps struct {
	// Image is where the image comes from, built for Linux on x86, which is all that ECS makes a task of here. Required.
	Image registry.Image
	// Command are the program's arguments. Default: the image's CMD.
	Command []string
	// Port is what the program listens on, by HTTP, 1 to 65535. Default: 8080.
	Port int
	// Cpu is the size of a task in CPU units, 1024 to a vCPU: 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768. Default: 1024.
	Cpu int
	// MemoryMiB is the memory of a task, one of those that Fargate offers with Cpu. Default: the least of these.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
	MemoryMiB int
	// Environment are plain variables: everybody who may read the service reads them. Default: none.
	Environment map[string]string
	// Secrets are variables whose values are fetched when a task starts, from Secrets Manager (awsecs.Secret_FromSecretsManager) or
	// the SSM Parameter Store (awsecs.Secret_FromSsmParameter). The execution role may then read just these. Default: none.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
	Secrets map[string]awsecs.Secret
	// HealthCheckPath is what the load balancer asks each task for every 30 s; 200 is healthy. It begins with "/", and may have a query,
	// "/up?full=no". Default: "/".
	HealthCheckPath string

	// MinSize is the least number of tasks, 1 or more. Default: 1.
	MinSize int
	// MaxSize is the greatest number, up to 5000. Default: 20, or MinSize if that is more.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
	MaxSize int
	// ScalingMetric is what the number of tasks follows: AverageCpu, AverageMemory or RequestCountPerTarget. Default: AverageCpu.
	ScalingMetric ScalingMetric
	// ScalingTargetValue is where tasks are added to keep the metric: 1 to 100 percent, or 1 to 65536 requests, for which it is
	// required. Default: 60 percent.
	ScalingTargetValue int

	// Cluster is where the service belongs. It is replaced by a service in another one. Default: the account's cluster "default", which
	// ECS makes where there is none.
	Cluster *ecs.Cluster
	// Vpc is where tasks and load balancer stand. Default: the Cluster's, or without one the account's default VPC.
	Vpc awsec2.IVpc
	// Subnets are network.Public, where the load balancer faces the internet and each task has a public address besides;
	// network.Private, where the load balancer is internal and tasks reach the internet through NAT; or network.Isolated, which is the same
	// without internet: the VPC then needs the endpoints of network.EcsTaskEndpoints. In two zones at least. The first Express service of a
	// VPC settles the zones of the load balancer that the others share. Default: network.Public.
	Subnets network.SubnetType
	// SecurityGroups are further ones for the tasks, another way in, beside the one that ECS makes and lets its load balancer through:
	// what a database lets in. Default: none.
	SecurityGroups []awsec2.ISecurityGroup

	// Role is what the program may do, App Runner's instance role. Default: a new role that may do nothing: grant to ExpressService.Role.
	Role awsiam.IRole
	// ExecutionRole is what ECS may do to start a task: pull the image, read the secrets and write the logs, in place of App Runner's
	// access role. A role that is imported as immutable must be able to do so already. Default: a new role that may just that.
	ExecutionRole awsiam.IRole
	// InfrastructureRole is what ECS may do to make and change load balancer, security groups, certificate and scaling. Another one replaces
	// the service. Default: a new role with the policy that AWS names for it.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html
	InfrastructureRole awsiam.IRole

	// LogRetention is how long the output is kept in CloudWatch Logs. Default: one month.
	LogRetention awslogs.RetentionDays
	// LogEncryptionKey encrypts that output, beyond what CloudWatch Logs does by itself. A key of another stack or account must
	// let CloudWatch Logs use it. Default: none.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
	LogEncryptionKey awskms.IKey
	// RemovalPolicy is what becomes of the logs when the stack is deleted. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which keeps them but for those of a deployment that fails.
	RemovalPolicy awscdk.RemovalPolicy
	// ServiceName is the physical name, which ECS also makes the address of. Another one replaces the service. Default: ECS makes one.
	ServiceName string
}

// ExpressService is a service of ECS Express Mode with its three roles and its logs.
type Service struct {
	constructs.Construct
	// Service is the service. Its Attr methods tell what ECS has made for it.
	Service awsecs.CfnExpressGatewayService
	// Role is the identity of the program: table.GrantReadData(service.Role).
	Role awsiam.IRole
	// ExecutionRole is the identity under which ECS pulls the image, reads secrets and writes logs. The program cannot take it.
	ExecutionRole awsiam.IRole
	// InfrastructureRole is the identity under which ECS makes and deletes load balancer, certificate and scaling.
	InfrastructureRole awsiam.IRole
	// LogGroup holds the program's output, under the stream prefix "ecs".
	LogGroup awslogs.LogGroup
}

// NewExpressService makes a service of ECS Express Mode. It panics with *invalid.Error when the props are wrong.
func NewService(scope constructs.Construct, id string, props *ServiceProps) *Service {
	var p ServiceProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	s := &Service{Role: p.Role, ExecutionRole: p.ExecutionRole, InfrastructureRole: p.InfrastructureRole}
	constructs.NewConstruct_Override(s, scope, &id)
	path := *s.Node().Path()
	if s.Role == nil {
		s.Role = taskrole.New(s, path)
	}
	if s.ExecutionRole == nil {
		s.ExecutionRole = taskrole.NewExecution(s, path)
	}
	if s.InfrastructureRole == nil {
		s.InfrastructureRole = newExpressRole(s, path)
	}
	s.LogGroup = taskrole.NewLogGroup(s, p.LogRetention, p.RemovalPolicy, p.LogEncryptionKey)
	s.LogGroup.GrantWrite(s.ExecutionRole)
	s.Service = p.newService(s)
	s.waitForWhatItNeeds(&p)
	if p.ExecutionRole == nil && p.Image.InPrivateEcr() {
		taskrole.Explain(s.ExecutionRole, "ecr:GetAuthorizationToken knows no resources; the pull itself is granted on the repository in use alone", "Resource::*")
	}
	return s
}

// URL is the address of the service, by HTTPS alone.
func (s *Service) Url() string { return "https://" + *s.Service.AttrEndpoint() }

// ServiceArn is the service's ARN, for an output.
func (s *Service) Arn() string { return *s.Service.AttrServiceArn() }

// LoadBalancerArn is the load balancer's, which up to 25 Express services of a VPC share: what is attached to it, such as AWS WAF, is for
// all of them.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-work.html
func (s *Service) LoadBalancerArn() string {
	return *s.Service.AttrEcsManagedResourceArnsIngressPathLoadBalancerArn()
}

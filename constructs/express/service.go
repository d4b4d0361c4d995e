package express

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/registry"
	"awscontainers/internal/opt"
	"awscontainers/internal/peer"
	"awscontainers/internal/source"
	"awscontainers/internal/taskrole"
)

// ScalingMetric is the metric that the number of a service's tasks follows.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExpressGatewayScalingTarget.html
type ScalingMetric string

// The metrics of Express Mode.
const (
	// AverageCpu and AverageMemory are a percentage of what the tasks have.
	AverageCpu    ScalingMetric = "AVERAGE_CPU"
	AverageMemory ScalingMetric = "AVERAGE_MEMORY"
	// RequestCountPerTarget is the number of requests that each task gets from the load balancer.
	RequestCountPerTarget ScalingMetric = "REQUEST_COUNT_PER_TARGET"
)

// ServiceProps are the props of a web service of which ECS creates everything but the image: load balancer, certificate,
// scaling. Those that apprunner.ServiceProps has too have the same names. For the defaults of AWS, see
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-work.html
type ServiceProps struct {
	// Image is the container image, built for Linux on x86. Required without Task.
	Image registry.Image
	// Task is a task definition of your own, for what Express Mode has no props for: sidecars, Arm, a read-only file system, health
	// checks of containers, FireLens. Its container "Main" gets the requests at its one port, which must have a Name. It replaces Image and
	// all props from Command to SecretArns, the roles of the task, and the props of logs: TaskProps has them. Default: ECS creates one.
	// https://aws.amazon.com/about-aws/whats-new/2026/07/amazon-ecs-express-mode-task-def/
	Task *ecs.Task
	// Command are the program's arguments. Default: the image's CMD.
	Command []string
	// Port is the port that the program listens on, by HTTP, 1 to 65535. Default: 8080.
	Port int
	// Cpu is the size of a task in CPU units, 1024 to a vCPU: 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768. Default: 1024,
	// or the fewest with which Fargate offers MemoryLimitMiB.
	Cpu int
	// MemoryLimitMiB is the memory of a task in MiB, one of those that Fargate offers with Cpu. Default: the smallest of these.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
	MemoryLimitMiB int
	// Environment are plain variables: everybody who may read the service reads them. Default: none.
	Environment map[string]string
	// Secrets are variables whose values are fetched when a task starts, from Secrets Manager (awsecs.Secret_FromSecretsManager) or
	// the SSM Parameter Store (awsecs.Secret_FromSsmParameter). The execution role may then read just these. Default: none.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
	Secrets map[string]awsecs.Secret
	// SecretArns are secrets like these by ARN: the complete ARN of a Secrets Manager secret, followed by ":" and a key of its JSON for
	// that key's value, "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3:password", or the ARN of an SSM parameter. The
	// execution role may then get just these values. If a customer managed KMS key encrypts one, its key policy must allow the role to
	// decrypt. Default: none.
	SecretArns map[string]string
	// HealthCheckPath is the path that the load balancer requests of each task every 30 s; 200 is healthy. It begins with "/", and
	// may have a query, "/up?full=no". Default: "/".
	HealthCheckPath string

	// MinSize is the minimum number of tasks, 1 or more. Default: 1.
	MinSize int
	// MaxSize is the maximum number of tasks, up to 5000. Default: 20, or MinSize if that is more.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
	MaxSize int
	// ScalingMetric is the metric that the number of tasks follows: AverageCpu, AverageMemory or RequestCountPerTarget. Default:
	// AverageCpu.
	ScalingMetric ScalingMetric
	// ScalingTargetValue is the value of the metric to keep: 1 to 100 percent, or 1 to 65536 requests. Default: 60 percent; required
	// for requests.
	ScalingTargetValue int

	// Cluster is the service's cluster; another one replaces the service. Default: the account's cluster "default", which ECS
	// creates if there is none.
	Cluster *ecs.Cluster
	// Vpc is the VPC of the tasks and the load balancer. Default: the Cluster's, or without one the account's default VPC.
	Vpc awsec2.IVpc
	// Subnets are network.Public, where the load balancer faces the internet and each task has a public address too;
	// network.Private, where the load balancer is internal and tasks reach the internet through NAT; or network.Isolated, which is the
	// same without internet: the VPC then needs the endpoints of network.EcsTaskEndpoints. In two zones at least. The first Express
	// service of a VPC settles the zones of the load balancer that the others share. Default: network.Public.
	Subnets network.SubnetType
	// SecurityGroups are further ones for the tasks, in addition to the one that ECS creates for its load balancer: what a
	// database allows. Default: none.
	SecurityGroups []awsec2.ISecurityGroup

	// TaskRole is the role of the program, App Runner's instance role. Default: a new role without permissions: grant them to the
	// service.
	TaskRole awsiam.IRole
	// ExecutionRole is the role with which ECS starts a task: it pulls the image, reads the secrets and writes the logs, in place of
	// App Runner's access role. A role that is imported as immutable must have these permissions. Default: a new role with just these.
	ExecutionRole awsiam.IRole
	// InfrastructureRole is the role with which ECS creates and changes load balancer, security groups, certificate and scaling.
	// Another one replaces the service. Default: a new role with the policy that AWS names for it.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html
	InfrastructureRole awsiam.IRole

	// LogRetention is how long CloudWatch Logs retains the output. Default: one month.
	LogRetention awslogs.RetentionDays
	// EncryptionKey encrypts the output, in addition to the encryption of CloudWatch Logs itself. A key of another stack or
	// account must allow CloudWatch Logs to use it. Default: none.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
	EncryptionKey awskms.IKey
	// RemovalPolicy determines whether the log group is deleted with the stack. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE: it is retained, except when its initial creation is rolled back.
	RemovalPolicy awscdk.RemovalPolicy
	// RuntimeMonitoring lets the execution role pull the agent that GuardDuty Runtime Monitoring adds to the tasks. Without it, the
	// agent's container fails and the task runs on unmonitored. GuardDuty itself is turned on in its own console, for the account or the
	// organization. Default: false.
	// https://docs.aws.amazon.com/guardduty/latest/ug/how-runtime-monitoring-works-ecs-fargate.html
	RuntimeMonitoring bool
	// ServiceName is the physical name, from which ECS also makes the address. Another one replaces the service. Default: ECS
	// generates one.
	ServiceName string
}

// Service is a web service of ECS Express Mode with its three roles and its logs. Grant permissions to it:
// table.GrantReadData(service).
type Service struct {
	constructs.Construct
	// Service is the resource. Its Attr methods return what ECS has created for it.
	Service awsecs.CfnExpressGatewayService
	// TaskRole is the identity of the program.
	TaskRole awsiam.IRole
	// ExecutionRole is the identity under which ECS pulls the image, reads secrets and writes logs. The program can't take it. It is nil,
	// as TaskRole is, if Task is an existing task that has none.
	ExecutionRole awsiam.IRole
	// InfrastructureRole is the identity under which ECS creates and deletes load balancer, certificate and scaling.
	InfrastructureRole awsiam.IRole
	// LogGroup holds the program's output, under the stream prefix "ecs"; with Task it is that of the task.
	LogGroup awslogs.LogGroup

	task           *ecs.Task    // of ServiceProps; nil for one that ECS creates
	cluster        *ecs.Cluster // of ServiceProps; nil for the account's default one
	securityGroups []awsec2.ISecurityGroup
	connectable    peer.Connectable
}

var (
	_ awsec2.IConnectable = (*Service)(nil)
	_ awsiam.IGrantable   = (*Service)(nil)
)

// NewService creates a service of ECS Express Mode. It panics with *invalid.Error if the props are invalid.
func NewService(scope constructs.Construct, id string, props *ServiceProps) *Service {
	p := opt.Value(props)
	p.setDefaults()
	p.setVpc()
	invalid.Refuse(scope, id, p.validate(), p.validateInVpc())

	s := &Service{
		TaskRole: p.TaskRole, ExecutionRole: p.ExecutionRole, InfrastructureRole: p.InfrastructureRole,
		task: p.Task, cluster: p.Cluster, securityGroups: p.SecurityGroups,
	}
	source.Create(s, scope, id)
	s.addRoles(&p)
	if p.Task != nil {
		s.LogGroup = p.Task.LogGroup
	} else {
		s.addLogs(&p)
	}
	s.Service = s.newService(&p)
	s.checkSecretNames(&p)
	s.addDependencies(&p)
	return s
}

// addRoles creates the roles that the caller doesn't bring. Those of the task are the Task's own.
func (s *Service) addRoles(p *ServiceProps) {
	path := *s.Node().Path()
	if p.Task != nil {
		s.TaskRole, s.ExecutionRole = p.Task.TaskRole, p.Task.ExecutionRole
	}
	if p.Task == nil && s.TaskRole == nil {
		s.TaskRole = taskrole.New(s, path)
	}
	if p.Task == nil && s.ExecutionRole == nil {
		s.ExecutionRole = taskrole.NewExecution(s, path)
	}
	if s.InfrastructureRole == nil {
		s.InfrastructureRole = newInfrastructureRole(s, path)
	}
}

// addLogs creates the log group of the task definition that ECS creates, and lets the execution role use it.
func (s *Service) addLogs(p *ServiceProps) {
	p.Image.WarnIfEmpty(s)
	s.LogGroup = taskrole.NewLogGroup(s, p.LogRetention, p.RemovalPolicy, p.EncryptionKey)
	s.LogGroup.GrantWrite(s.ExecutionRole)
	if p.RuntimeMonitoring {
		taskrole.AllowGuardDuty(s, s.ExecutionRole, p.ExecutionRole == nil)
	}
	if p.ExecutionRole == nil && p.Image.Origin().InPrivateEcr {
		taskrole.Explain(s.ExecutionRole,
			"ecr:GetAuthorizationToken knows no resources; the pull itself is granted on the repository in use only", "Resource::*")
	}
}

// Url returns the address of the service, which is reached by HTTPS only. ECS gives its endpoint sometimes with the scheme and sometimes
// without, so what may be there is cut off before it is added.
// https://github.com/hashicorp/terraform-provider-aws/issues/47531
func (s *Service) Url() string {
	const scheme = "https://"
	host := awscdk.Fn_Join(jsii.String(""), awscdk.Fn_Split(jsii.String(scheme), s.Service.AttrEndpoint(), nil))
	return scheme + *host
}

// Arn returns the service's ARN.
func (s *Service) Arn() string { return *s.Service.AttrServiceArn() }

// LoadBalancerArn returns the ARN of the load balancer, which up to 25 Express services of a VPC share: what is attached to it,
// such as AWS WAF, applies to all of them.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-work.html
func (s *Service) LoadBalancerArn() string {
	return *s.Service.AttrEcsManagedResourceArnsIngressPathLoadBalancerArn()
}

// Connections returns the tasks' network connections, those of SecurityGroups: database.Connections().AllowDefaultPortFrom(service,
// nil). It panics with *invalid.Error without SecurityGroups: the group that ECS creates exists only when the first tasks run, too
// late for what they need.
func (s *Service) Connections() awsec2.Connections {
	return s.connectable.Of(s, s.securityGroups, "create a security group in Vpc and set it in SecurityGroups")
}

// GrantPrincipal returns the task role's principal, so that the service can be granted permissions: queue.GrantSendMessages(service).
// It panics with *invalid.Error if Task is an existing task whose role isn't known.
func (s *Service) GrantPrincipal() awsiam.IPrincipal {
	if s.TaskRole == nil {
		return s.task.GrantPrincipal()
	}
	return s.TaskRole.GrantPrincipal()
}

package stacks

import (
	"cmp"
	"maps"
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/events"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/sqs"
)

// QueueWorkerProps configure the stack of NewQueueWorker.
type QueueWorkerProps struct {
	// Env is the account and Region of the stack. Default: those of whoever deploys it.
	Env *awscdk.Environment
	// VpcId is an existing VPC with public and private subnets. It requires Env, to look it up. Default: a new VPC.
	VpcId string
	// AvailabilityZoneNames are the zones of the new VPC, such as "eu-west-1a", which must have what the stack uses: see the package
	// network. Default: the first three that CloudFormation names, or two in us-west-1.
	AvailabilityZoneNames []string
	// NatGateways is the number of NAT gateways of the new VPC. With network.NatNone, which is not compatible with VpcId, tasks are in
	// public subnets and have public addresses, at which nothing can reach them. Default: network.NatSingle.
	NatGateways network.NatGateways
	// ContainerInsights sets how closely CloudWatch monitors the cluster: see ecs.ClusterProps. It must not be
	// awsecs.ContainerInsights_DISABLED, because it counts the tasks. Default: awsecs.ContainerInsights_ENABLED.
	ContainerInsights awsecs.ContainerInsights
	// Protect turns on termination protection for the stack.
	// Leave it off until the first deployment has succeeded: see the package documentation. Default: false.
	Protect bool
	// LogRetention is how long logs are retained. Default: one month.
	LogRetention awslogs.RetentionDays
	// RemovalPolicy determines whether logs, the queues and the messages in them are deleted with the stack. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE.
	RemovalPolicy awscdk.RemovalPolicy
	// RuntimeMonitoring lets GuardDuty Runtime Monitoring add its agent to the tasks on Fargate. Default: false.
	RuntimeMonitoring bool

	// Image is the image that runs, for x86. It reads the variables QUEUE_URL, VISIBILITY_TIMEOUT_SECONDS and STOP_SECONDS. Required
	// without Directory.
	Image string
	// ImageCredentialsSecretArn is the complete ARN of a secret with the user name and the password of the registry of Image, as
	// {"username": "...", "password": "..."}. It requires Image. Default: none.
	ImageCredentialsSecretArn string
	// Directory is the directory of a Dockerfile, from which `cdk deploy` builds the image, for x86. It is relative to where cdk runs.
	// Required without Image.
	Directory string
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

	// MinTasks and MaxTasks are the minimum and maximum number of tasks. Default: 0, so that none runs while the queue is empty, and 10.
	MinTasks, MaxTasks int
	// MessagesPerTask is the acceptable backlog of a task: the longest acceptable wait divided by the time for a message. Default: 10.
	MessagesPerTask int
	// SpotPercent is the share of tasks on Fargate Spot, 0 to 100: it costs less, and AWS takes it back with two minutes' notice, in which the
	// program gives its message back. Default: 75.
	SpotPercent *int
	// VisibilityTimeout is how long a received message is hidden from other tasks, 3 s to 12 h. The program extends it while it works, so
	// that it is the delay after a crash. Default: 1 minute.
	VisibilityTimeout time.Duration
	// MaxReceiveCount is how many times a message is received before it goes to the dead-letter queue, 1 to 1000. Default: 5.
	MaxReceiveCount int
	// CreateEncryptionKey encrypts the queues with a KMS key of this account, which senders need permissions for. Default: false, with a key
	// that SQS owns.
	CreateEncryptionKey bool

	// Alarms creates a topic that is notified of messages in the dead-letter queue, messages that wait for an hour, and tasks that fail or
	// can't start. Default: false, or true with AlarmEmails.
	Alarms bool
	// AlarmEmails are subscribed to the topic; AWS asks the owner of each address to confirm. Default: none.
	AlarmEmails []string
}

const (
	// The longest that Fargate waits after SIGTERM before it ends a container, which a Spot interruption grants too.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
	workerStopTimeout = 2 * time.Minute
	// The program may work for so long of it, and then gives its message back.
	workerStopSeconds = 90

	minWorkerVisibility, maxWorkerVisibility = 3 * time.Second, 12 * time.Hour
	defaultWorkerVisibility                  = time.Minute
	defaultWorkerReceives                    = 5
	// How long a message waits before SQS deletes it.
	workerRetention = 96 * time.Hour
)

// The variables with which the program finds its queue, and what it needs to know of it.
var queueWorkerVariables = []string{"QUEUE_URL", "VISIBILITY_TIMEOUT_SECONDS", "STOP_SECONDS"}

// NewQueueWorker creates a stack with an SQS queue and a service on Fargate that works on its messages: as many tasks as the backlog needs,
// and none while the queue is empty. It panics with *invalid.Error if the props are invalid.
func NewQueueWorker(scope constructs.Construct, id string, props *QueueWorkerProps) awscdk.Stack {
	var p QueueWorkerProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.Validate())
	p.setDefaults()

	stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{
		Description:           jsii.String("A queue, and as many tasks on Fargate as its messages need"),
		Env:                   p.Env,
		TerminationProtection: &p.Protect,
	})
	network.LeaveZonesToCloudFormation(stack)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: p.vpc(stack), ContainerInsights: p.ContainerInsights})
	var topic *notify.Topic
	if p.hasAlarms() {
		topic = notify.NewTopic(stack, "Topic", &notify.TopicProps{Emails: p.AlarmEmails})
		output.New(stack, "TopicArn", topic.Arn())
	}
	jobs := p.newQueue(stack, topic)
	task := ecs.NewTask(stack, "Task", p.task(jobs))
	if len(p.Environment) == 0 {
		p.acceptFinding(task.TaskDefinition, "AwsSolutions-ECS2", "The variables are the queue's URL and two times, which are not secrets")
	}
	jobs.Queue.GrantConsumeMessages(task)
	if topic != nil {
		p.newAlerts(stack, cluster, task, topic)
	}
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{
		Cluster: cluster, Task: task,
		Capacity: []ecs.CapacityProviderStrategy{
			{CapacityProvider: ecs.FargateSpot, Weight: *p.SpotPercent}, {CapacityProvider: ecs.Fargate, Weight: 100 - *p.SpotPercent},
		},
		Subnets: p.NatGateways.TaskSubnets(), AssignPublicIp: p.NatGateways == network.NatNone,
		Scaling: &ecs.Scaling{
			ScaleToZero: p.MinTasks == 0, MinCapacity: p.MinTasks, MaxCapacity: p.MaxTasks,
			Queue: &ecs.QueueScaling{Queue: jobs.Queue, MessagesPerTask: p.MessagesPerTask},
		},
	})
	service.GrantTaskProtection()

	output.New(stack, "QueueUrl", jobs.Url())
	output.New(stack, "QueueArn", jobs.Arn())
	output.New(stack, "DeadLetterQueueUrl", *jobs.DeadLetterQueue.QueueUrl())
	output.New(stack, "DeadLetterQueueArn", *jobs.DeadLetterQueue.QueueArn())
	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "ServiceName", service.Name())
	output.New(stack, "LogGroupName", *task.LogGroup.LogGroupName())
	return stack
}

func (p *QueueWorkerProps) setDefaults() {
	if p.WritablePaths == nil {
		p.WritablePaths = []string{"/tmp"}
	}
	p.ContainerInsights = cmp.Or(p.ContainerInsights, awsecs.ContainerInsights_ENABLED)
	p.MaxTasks = cmp.Or(p.MaxTasks, max(10, p.MinTasks))
	p.MessagesPerTask = cmp.Or(p.MessagesPerTask, 10)
	p.VisibilityTimeout = cmp.Or(p.VisibilityTimeout, defaultWorkerVisibility)
	if p.SpotPercent == nil {
		p.SpotPercent = new(75)
	}
}

// Validate returns the problems that the props show by themselves, or nil. The constructs in the stack check the rest.
func (p *QueueWorkerProps) Validate() error {
	if p == nil {
		p = &QueueWorkerProps{}
	}
	var bad invalid.Problems
	if p.ImageCredentialsSecretArn != "" && p.Image == "" {
		bad.Add("ImageCredentialsSecretArn", "requires Image")
	}
	if p.Image == "" && p.Directory == "" {
		bad.Add("Image", "is required without Directory")
	}
	if p.Image != "" && p.Directory != "" {
		bad.Add("Directory", "must not be set together with Image").Given(p.Directory).Advise("remove one of them")
	}
	for _, name := range queueWorkerVariables {
		if _, isSet := p.Environment[name]; isSet {
			bad.Add("Environment", "must not have %s, which the stack sets", name)
		}
		if _, isSet := p.SecretArns[name]; isSet {
			bad.Add("SecretArns", "must not have %s, which the stack sets", name)
		}
	}
	if p.ContainerInsights == awsecs.ContainerInsights_DISABLED {
		bad.Add("ContainerInsights", "must not be %q, because Container Insights counts the tasks that share the backlog", p.ContainerInsights)
	}
	if p.VpcId != "" && p.NatGateways == network.NatNone {
		bad.Add("NatGateways", "must not be %q with VpcId, whose NAT gateways exist", network.NatNone).Advise("remove one of them")
	}
	if p.VpcId != "" && len(p.AvailabilityZoneNames) > 0 {
		bad.Add("AvailabilityZoneNames", "must not be set together with VpcId, whose subnets are in its own zones").
			Given(p.AvailabilityZoneNames)
	}
	p.validateWork(&bad)
	return bad.Err()
}

func (p *QueueWorkerProps) validateWork(bad *invalid.Problems) {
	if p.MinTasks < 0 {
		bad.Add("MinTasks", "must be 0 or greater").Given(p.MinTasks)
	}
	if p.MaxTasks != 0 && p.MinTasks > p.MaxTasks {
		bad.Add("MinTasks", "must not be greater than MaxTasks (%d)", p.MaxTasks).Given(p.MinTasks)
	}
	if p.SpotPercent != nil && (*p.SpotPercent < 0 || *p.SpotPercent > 100) {
		bad.Add("SpotPercent", "must be an integer from 0 to 100").Given(p.SpotPercent)
	}
	if v := p.VisibilityTimeout; v != 0 && (v < minWorkerVisibility || v > maxWorkerVisibility || v%time.Second != 0) {
		bad.Add("VisibilityTimeout", "must be whole seconds from %v to %v", minWorkerVisibility, maxWorkerVisibility).Given(v)
		return
	}
	receives := cmp.Or(p.MaxReceiveCount, defaultWorkerReceives)
	attempts := time.Duration(receives) * cmp.Or(p.VisibilityTimeout, defaultWorkerVisibility)
	if attempts >= workerRetention {
		bad.Add("VisibilityTimeout", "must be shorter than %v with a MaxReceiveCount of %d, because a message that fails would expire, "+
			"%v after it was sent, before it reaches the dead-letter queue", workerRetention/time.Duration(receives), receives, workerRetention).
			Given(p.VisibilityTimeout).Advise("lower one of them")
	}
}

func (p *QueueWorkerProps) hasAlarms() bool { return p.Alarms || len(p.AlarmEmails) > 0 }

func (p *QueueWorkerProps) vpc(stack awscdk.Stack) awsec2.IVpc {
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
func (p *QueueWorkerProps) image() registry.Image {
	if p.Image != "" {
		image := registry.FromRegistry(p.Image)
		if p.ImageCredentialsSecretArn != "" {
			image = image.WithCredentialsArn(p.ImageCredentialsSecretArn)
		}
		return image
	}
	return registry.FromAsset(p.Directory, nil)
}

func (p *QueueWorkerProps) newQueue(stack awscdk.Stack, topic *notify.Topic) *sqs.Queue {
	props := &sqs.QueueProps{
		VisibilityTimeout: p.VisibilityTimeout, RetentionPeriod: workerRetention, MaxReceiveCount: p.MaxReceiveCount,
		RemovalPolicy: p.RemovalPolicy, AlarmTopic: topic,
	}
	if p.CreateEncryptionKey {
		props.EncryptionKey = awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{
			Description: jsii.String("Messages of " + *stack.StackName()), EnableKeyRotation: jsii.Bool(true), RemovalPolicy: p.RemovalPolicy,
		})
	}
	return sqs.NewQueue(stack, "Jobs", props)
}

func (p *QueueWorkerProps) task(jobs *sqs.Queue) *ecs.TaskProps {
	environment := map[string]string{
		"QUEUE_URL":                  jobs.Url(),
		"VISIBILITY_TIMEOUT_SECONDS": strconv.Itoa(int(p.VisibilityTimeout.Seconds())),
		"STOP_SECONDS":               strconv.Itoa(workerStopSeconds),
	}
	maps.Copy(environment, p.Environment)
	var writable []ecs.WritablePath
	for _, path := range p.WritablePaths {
		writable = append(writable, ecs.WritablePath{ContainerPath: path})
	}
	return &ecs.TaskProps{
		Containers: []ecs.Container{{
			Name: "worker", Image: p.image(), WritablePaths: writable, StopTimeout: workerStopTimeout,
			Command: p.Command, Environment: environment, SecretArns: p.SecretArns,
		}},
		Cpu:               p.Cpu,
		MemoryLimitMiB:    p.MemoryLimitMiB,
		LogRetention:      p.LogRetention,
		RemovalPolicy:     p.RemovalPolicy,
		RuntimeMonitoring: p.RuntimeMonitoring,
	}
}

// newAlerts tells when a task fails, and logs what happens to tasks.
func (p *QueueWorkerProps) newAlerts(stack awscdk.Stack, cluster *ecs.Cluster, task *ecs.Task, topic *notify.Topic) {
	alerts := events.NewTaskAlerts(stack, "Alerts", &events.TaskAlertsProps{
		Clusters: []*ecs.Cluster{cluster}, Tasks: []*ecs.Task{task}, Topic: topic, LogRetention: p.LogRetention, RemovalPolicy: p.RemovalPolicy,
	})
	output.New(stack, "EventLogGroupName", *alerts.LogGroup.LogGroupName())
}

// acceptFinding records, as metadata that cdk-nag reads, why a resource of the stack itself differs from one of its rules.
func (p *QueueWorkerProps) acceptFinding(construct constructs.IConstruct, rule, reason string) {
	construct.Node().DefaultChild().(awscdk.CfnResource).AddMetadata(jsii.String("cdk_nag"), map[string]any{
		"rules_to_suppress": []any{map[string]any{"id": rule, "reason": reason}},
	})
}

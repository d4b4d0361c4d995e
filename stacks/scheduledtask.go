package stacks

import (
	"cmp"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
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
)

// ScheduledTaskProps configure the stack of NewScheduledTask.
type ScheduledTaskProps struct {
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
	// ContainerInsights sets how closely CloudWatch monitors the cluster: see ecs.ClusterProps. Default:
	// awsecs.ContainerInsights_ENABLED.
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

	// Image is the image that runs, for x86. Required without Directory.
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

	// ScheduleExpression is when: "cron(0 3 * * ? *)", "rate(1 hour)" or "at(2027-01-31T08:00:00)". Required.
	ScheduleExpression string
	// TimeZone is the time zone of ScheduleExpression, such as "Europe/Berlin". Default: "UTC".
	TimeZone string
	// FlexibleTimeWindow is by how much the start may be delayed, in whole minutes up to 24 hours. Default: 0.
	FlexibleTimeWindow time.Duration
	// StartDate and EndDate are when the schedule begins and ends. Default: at once, and never.
	StartDate, EndDate time.Time
	// PreventOverlap starts no task while an earlier one runs. Default: false.
	PreventOverlap bool

	// Alarms creates a topic that is notified of tasks that fail or can't start. Default: false, or true with AlarmEmails.
	Alarms bool
	// AlarmEmails are subscribed to the topic; AWS asks the owner of each address to confirm. Default: none.
	AlarmEmails []string
}

// NewScheduledTask creates a stack with a task on Fargate that runs on a schedule. It panics with *invalid.Error if the props are
// invalid.
func NewScheduledTask(scope constructs.Construct, id string, props *ScheduledTaskProps) awscdk.Stack {
	var p ScheduledTaskProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.Validate())
	if p.WritablePaths == nil {
		p.WritablePaths = []string{"/tmp"}
	}

	stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{
		Description:           jsii.String("A task on Fargate that starts at times"),
		Env:                   p.Env,
		TerminationProtection: &p.Protect,
	})
	network.LeaveZonesToCloudFormation(stack)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{
		Vpc: p.vpc(stack),
		// Enhanced monitoring adds a dozen metrics for each task and each of its containers. A task that ends after a minute has new ones
		// at every start, which cost more than the task; of what fails, the alerts tell.
		ContainerInsights: cmp.Or(p.ContainerInsights, awsecs.ContainerInsights_ENABLED),
	})
	task := ecs.NewTask(stack, "Task", p.task())
	var topic *notify.Topic
	if p.hasAlarms() {
		topic = p.newAlerts(stack, cluster, task)
	}
	run := ecs.NewRun(stack, "Run", &ecs.RunProps{
		Cluster: cluster, Task: task, Subnets: p.NatGateways.TaskSubnets(), AssignPublicIp: p.NatGateways == network.NatNone,
	})
	schedule := events.NewSchedule(stack, "Schedule", &events.ScheduleProps{
		Run:                run,
		ScheduleExpression: p.ScheduleExpression,
		TimeZone:           p.TimeZone,
		FlexibleTimeWindow: p.FlexibleTimeWindow,
		StartDate:          p.StartDate,
		EndDate:            p.EndDate,
		PreventOverlap:     p.PreventOverlap,
		ContainerOverrides: []events.ContainerOverride{{Environment: map[string]string{"SCHEDULED_TIME": events.ScheduledTime}}},
		AlarmTopic:         topic,
	})

	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "LogGroupName", *task.LogGroup.LogGroupName())
	output.New(stack, "ScheduleName", schedule.Name())
	output.New(stack, "DeadLetterQueueUrl", *schedule.DeadLetterQueue.QueueUrl())
	// What `aws ecs run-task` asks for, to run the task by hand.
	parameters := run.Parameters()
	output.New(stack, "TaskDefinitionArn", parameters.TaskDefinitionArn)
	output.New(stack, "SubnetIds", strings.Join(parameters.SubnetIds, ","))
	output.New(stack, "SecurityGroupIds", strings.Join(parameters.SecurityGroupIds, ","))
	if schedule.Guard != nil {
		output.New(stack, "StateMachineArn", schedule.Guard.Arn())
	}
	return stack
}

// Validate returns the problems that the props show by themselves, or nil. The constructs in the stack check the rest.
func (p *ScheduledTaskProps) Validate() error {
	if p == nil {
		p = &ScheduledTaskProps{}
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
	if p.Directory != "" {
		bad.Nest("Directory", registry.FromAsset(p.Directory, nil).Validate())
	}
	if p.ScheduleExpression == "" {
		bad.Add("ScheduleExpression", `is required: an expression such as "rate(1 hour)" or "cron(0 3 * * ? *)"`)
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

func (p *ScheduledTaskProps) hasAlarms() bool { return p.Alarms || len(p.AlarmEmails) > 0 }

func (p *ScheduledTaskProps) vpc(stack awscdk.Stack) awsec2.IVpc {
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
func (p *ScheduledTaskProps) image() registry.Image {
	if p.Image != "" {
		image := registry.FromRegistry(p.Image)
		if p.ImageCredentialsSecretArn != "" {
			image = image.WithCredentialsArn(p.ImageCredentialsSecretArn)
		}
		return image
	}
	return registry.FromAsset(p.Directory, nil)
}

func (p *ScheduledTaskProps) task() *ecs.TaskProps {
	var writable []ecs.WritablePath
	for _, path := range p.WritablePaths {
		writable = append(writable, ecs.WritablePath{ContainerPath: path})
	}
	return &ecs.TaskProps{
		Containers: []ecs.Container{{
			Name: "job", Image: p.image(), WritablePaths: writable,
			Command: p.Command, Environment: p.Environment, SecretArns: p.SecretArns,
		}},
		Cpu:               p.Cpu,
		MemoryLimitMiB:    p.MemoryLimitMiB,
		LogRetention:      p.LogRetention,
		RemovalPolicy:     p.RemovalPolicy,
		RuntimeMonitoring: p.RuntimeMonitoring,
	}
}

// newAlerts creates a topic that is notified when a task fails, and a log of what happens to tasks.
func (p *ScheduledTaskProps) newAlerts(stack awscdk.Stack, cluster *ecs.Cluster, task *ecs.Task) *notify.Topic {
	topic := notify.NewTopic(stack, "Topic", &notify.TopicProps{Emails: p.AlarmEmails})
	alerts := events.NewTaskAlerts(stack, "Alerts", &events.TaskAlertsProps{
		Clusters: []*ecs.Cluster{cluster}, Tasks: []*ecs.Task{task}, Topic: topic, LogRetention: p.LogRetention, RemovalPolicy: p.RemovalPolicy,
	})
	output.New(stack, "TopicArn", topic.Arn())
	output.New(stack, "EventLogGroupName", *alerts.LogGroup.LogGroupName())
	return topic
}

package stacks

import (
	"cmp"
	"maps"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/events"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/notify"
	"awscontainers/constructs/output"
	"awscontainers/constructs/platform"
	"awscontainers/constructs/registry"
)

// EventDrivenTaskProps configure the stack of NewEventDrivenTask.
type EventDrivenTaskProps struct {
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
	// Protect turns on termination protection for the stack and deletion protection for the table.
	// Leave it off until the first deployment has succeeded: see the package documentation. Default: false.
	Protect bool
	// LogRetention is how long logs are retained. Default: one month.
	LogRetention awslogs.RetentionDays
	// RemovalPolicy determines whether logs and the table are deleted with the stack; the bucket is always retained. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE.
	RemovalPolicy awscdk.RemovalPolicy
	// RuntimeMonitoring lets GuardDuty Runtime Monitoring add its agent to the tasks on Fargate. Default: false.
	RuntimeMonitoring bool

	// Image is the image that runs for each object, for Arm. It reads the variables BUCKET, KEY, SEQUENCER and TABLE. Required
	// without Directory.
	Image string
	// ImageCredentialsSecretArn is the complete ARN of a secret with the user name and the password of the registry of Image, as
	// {"username": "...", "password": "..."}. It requires Image. Default: none.
	ImageCredentialsSecretArn string
	// Directory is the directory of a Dockerfile, from which `cdk deploy` builds the image, for Arm. It is relative to where cdk runs.
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
	// KeyPrefix and KeySuffix are what the keys of the objects begin and end with. Default: any.
	KeyPrefix, KeySuffix string
	// VersionedBucket retains the earlier versions of objects. Default: false.
	VersionedBucket bool

	// Alarms creates a topic that is notified of tasks that fail or can't start. Default: false, or true with AlarmEmails.
	Alarms bool
	// AlarmEmails are subscribed to the topic; AWS asks the owner of each address to confirm. Default: none.
	AlarmEmails []string
}

// The variables with which the task finds its object and where to write what it finds.
var eventDrivenTaskVariables = []string{"BUCKET", "KEY", "SEQUENCER", "TABLE"}

// NewEventDrivenTask creates a stack with a task on Fargate that runs for each object put into a bucket, and writes what it finds
// to a table. It panics with *invalid.Error if the props are invalid.
func NewEventDrivenTask(scope constructs.Construct, id string, props *EventDrivenTaskProps) awscdk.Stack {
	var p EventDrivenTaskProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.Validate())
	if p.WritablePaths == nil {
		p.WritablePaths = []string{"/tmp"}
	}

	stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{
		Description:           jsii.String("A task on Fargate for each object in a bucket"),
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
	bucket := p.newBucket(stack)
	table := p.newTable(stack)

	task := ecs.NewTask(stack, "Task", p.task(table))
	if len(p.Environment) == 0 {
		p.acceptFinding(task.TaskDefinition, "AwsSolutions-ECS2", "The variable is the table's name, which is not a secret")
	}
	table.Grant(task.TaskRole, jsii.String("dynamodb:PutItem"))

	var topic *notify.Topic
	if p.hasAlarms() {
		topic = p.newAlerts(stack, cluster, task)
	}
	run := ecs.NewRun(stack, "Run", &ecs.RunProps{
		Cluster: cluster, Task: task, Subnets: p.NatGateways.TaskSubnets(), AssignPublicIp: p.NatGateways == network.NatNone,
	})
	rule := events.NewTaskRule(stack, "Rule", &events.TaskRuleProps{
		Run:        run,
		S3:         &events.S3Objects{Bucket: bucket, KeyPrefix: p.KeyPrefix, KeySuffix: p.KeySuffix},
		AlarmTopic: topic,
	})

	output.New(stack, "BucketName", *bucket.BucketName())
	output.New(stack, "TableName", *table.TableName())
	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "LogGroupName", *task.LogGroup.LogGroupName())
	output.New(stack, "DeadLetterQueueUrl", *rule.DeadLetterQueue.QueueUrl())
	// What `aws ecs run-task` asks for, to run the task by hand.
	parameters := run.Parameters()
	output.New(stack, "TaskDefinitionArn", parameters.TaskDefinitionArn)
	output.New(stack, "SubnetIds", strings.Join(parameters.SubnetIds, ","))
	output.New(stack, "SecurityGroupIds", strings.Join(parameters.SecurityGroupIds, ","))
	return stack
}

// Validate returns the problems that the props show by themselves, or nil. The constructs in the stack check the rest.
func (p *EventDrivenTaskProps) Validate() error {
	if p == nil {
		p = &EventDrivenTaskProps{}
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
	for _, name := range eventDrivenTaskVariables {
		if _, isSet := p.Environment[name]; isSet {
			bad.Add("Environment", "must not have %s, which the stack sets", name)
		}
		if _, isSet := p.SecretArns[name]; isSet {
			bad.Add("SecretArns", "must not have %s, which the stack sets", name)
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

func (p *EventDrivenTaskProps) hasAlarms() bool { return p.Alarms || len(p.AlarmEmails) > 0 }

func (p *EventDrivenTaskProps) vpc(stack awscdk.Stack) awsec2.IVpc {
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

// newBucket creates a bucket that is retained when the stack is deleted: CloudFormation deletes only empty ones, and emptying
// it takes a Lambda function.
func (p *EventDrivenTaskProps) newBucket(stack awscdk.Stack) awss3.Bucket {
	bucket := awss3.NewBucket(stack, jsii.String("Bucket"), &awss3.BucketProps{
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		EnforceSSL:        jsii.Bool(true),
		Versioned:         &p.VersionedBucket,
		LifecycleRules: &[]*awss3.LifecycleRule{{
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(1)),
		}},
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE,
	})
	p.acceptFinding(bucket, "AwsSolutions-S1", "EventBridge reports each new object; CloudTrail's data events can record who reads them")
	return bucket
}

func (p *EventDrivenTaskProps) newTable(stack awscdk.Stack) awsdynamodb.Table {
	return awsdynamodb.NewTable(stack, jsii.String("Table"), &awsdynamodb.TableProps{
		PartitionKey:       &awsdynamodb.Attribute{Name: jsii.String("object"), Type: awsdynamodb.AttributeType_STRING},
		BillingMode:        awsdynamodb.BillingMode_PAY_PER_REQUEST,
		DeletionProtection: &p.Protect,
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true),
		},
		RemovalPolicy: p.RemovalPolicy,
	})
}

// image is the one that is given or built.
func (p *EventDrivenTaskProps) image() registry.Image {
	if p.Image != "" {
		image := registry.FromRegistry(p.Image)
		if p.ImageCredentialsSecretArn != "" {
			image = image.WithCredentialsArn(p.ImageCredentialsSecretArn)
		}
		return image
	}
	return registry.FromAsset(p.Directory, nil)
}

func (p *EventDrivenTaskProps) task(table awsdynamodb.Table) *ecs.TaskProps {
	environment := map[string]string{"TABLE": *table.TableName()}
	maps.Copy(environment, p.Environment)
	var writable []ecs.WritablePath
	for _, path := range p.WritablePaths {
		writable = append(writable, ecs.WritablePath{ContainerPath: path})
	}
	return &ecs.TaskProps{
		CpuArchitecture: platform.Arm64,
		Containers: []ecs.Container{{
			Name: "digest", Image: p.image(), WritablePaths: writable,
			Command: p.Command, Environment: environment, SecretArns: p.SecretArns,
		}},
		Cpu:               p.Cpu,
		MemoryLimitMiB:    p.MemoryLimitMiB,
		LogRetention:      p.LogRetention,
		RemovalPolicy:     p.RemovalPolicy,
		RuntimeMonitoring: p.RuntimeMonitoring,
	}
}

// newAlerts creates a topic that is notified when a task fails, and a log of what happens to tasks.
func (p *EventDrivenTaskProps) newAlerts(stack awscdk.Stack, cluster *ecs.Cluster, task *ecs.Task) *notify.Topic {
	topic := notify.NewTopic(stack, "Topic", &notify.TopicProps{Emails: p.AlarmEmails})
	alerts := events.NewTaskAlerts(stack, "Alerts", &events.TaskAlertsProps{
		Clusters: []*ecs.Cluster{cluster}, Tasks: []*ecs.Task{task}, Topic: topic, LogRetention: p.LogRetention, RemovalPolicy: p.RemovalPolicy,
	})
	output.New(stack, "TopicArn", topic.Arn())
	output.New(stack, "EventLogGroupName", *alerts.LogGroup.LogGroupName())
	return topic
}

// acceptFinding records, as metadata that cdk-nag reads, why a resource of the stack itself differs from one of its rules.
func (p *EventDrivenTaskProps) acceptFinding(construct constructs.IConstruct, rule, reason string) {
	construct.Node().DefaultChild().(awscdk.CfnResource).AddMetadata(jsii.String("cdk_nag"), map[string]any{
		"rules_to_suppress": []any{map[string]any{"id": rule, "reason": reason}},
	})
}

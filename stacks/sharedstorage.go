package stacks

import (
	"cmp"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/platform"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/storage"
)

// SharedStorageProps configure the stack of NewSharedStorage.
type SharedStorageProps struct {
	// Env is the account and Region of the stack. Default: those of whoever deploys it.
	Env *awscdk.Environment
	// VpcId is an existing VPC with public and private subnets. It requires Env, to look it up. Default: a new VPC.
	VpcId string
	// AvailabilityZoneNames are the zones of the new VPC, such as "eu-west-1a", which must have what the stack uses: see the package
	// network. Default: the first three that CloudFormation names, or two in us-west-1.
	AvailabilityZoneNames []string
	// NatGateways is the number of NAT gateways of the new VPC. Default: network.NatSingle; network.NatNone
	// isn't possible, because tasks on EC2 instances have no public addresses.
	NatGateways network.NatGateways
	// ContainerInsights sets how closely CloudWatch monitors the cluster: see ecs.ClusterProps. Default:
	// awsecs.ContainerInsights_ENHANCED.
	ContainerInsights awsecs.ContainerInsights
	// Protect turns on termination protection for the stack.
	// Leave it off until the first deployment has succeeded: see the package documentation. Default: false.
	Protect bool
	// LogRetention is how long logs are retained. Default: one month.
	LogRetention awslogs.RetentionDays
	// RemovalPolicy determines whether logs and files are deleted with the stack. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE.
	RemovalPolicy awscdk.RemovalPolicy
	// RuntimeMonitoring lets GuardDuty Runtime Monitoring add its agent to the tasks on Fargate. Default: false.
	RuntimeMonitoring bool

	// Image is the image of both services: for Arm, with a shell. Required.
	Image string
	// DesiredCount is the number of tasks of each service. Default: 2.
	DesiredCount int
	// MinInstances is the minimum number of instances for the reader. Default: 0; the first task then waits for one to start.
	MinInstances int
	// MaxInstances is the maximum number of instances for the reader. Each runs two of its tasks. Default: 4.
	MaxInstances int
	// ImageId pins the AMI of the instances. Default: none; each deployment takes the newest AMI and first replaces the instances.
	ImageId string

	// ThroughputMode is how the throughput of the file system is determined and billed. Default: awsefs.ThroughputMode_ELASTIC.
	ThroughputMode awsefs.ThroughputMode
	// ProvisionedThroughputMiBps is the throughput in MiB per second with awsefs.ThroughputMode_PROVISIONED. Default: none.
	ProvisionedThroughputMiBps int
	// TransitionToIADays and TransitionToArchiveDays are after how many days without a read a file moves to Infrequent Access and
	// on to Archive storage. Default: 0, never.
	TransitionToIADays, TransitionToArchiveDays int
	// DisableBackups turns off the daily backups, which are retained when the stack is deleted. Default: false.
	DisableBackups bool

	// Alarms creates alarms and a topic that they notify. Default: false, or true with AlarmEmails.
	Alarms bool
	// AlarmEmails are subscribed to the topic; AWS asks the owner of each address to confirm. Default: none.
	AlarmEmails []string
}

const (
	// The user and group of both services, who own the files.
	sharedStorageUser = 1000
	// Where both services see the files.
	sharedStoragePath = "/shared"
	// Each writer renames its file once it is complete, so that a reader never sees half of it.
	sharedStorageWriter = `while :; do echo "$(date) $(hostname)" > /shared/$(hostname).new && ` +
		`mv /shared/$(hostname).new /shared/now.txt; sleep 10; done`
	sharedStorageReader = `while :; do cat /shared/now.txt; sleep 10; done`
)

// NewSharedStorage creates a stack with an Amazon EFS file system and two services that share its files: a writer on Fargate,
// and a reader on EC2 instances whose role may only read. It panics with *invalid.Error if the props are invalid.
func NewSharedStorage(scope constructs.Construct, id string, props *SharedStorageProps) awscdk.Stack {
	var p SharedStorageProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.Validate())
	p.setDefaults()

	stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{
		Description:           jsii.String("Files in Amazon EFS that services share"),
		Env:                   p.Env,
		TerminationProtection: &p.Protect,
	})
	network.LeaveZonesToCloudFormation(stack)
	vpc := p.vpc(stack)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc, ContainerInsights: p.ContainerInsights})
	instances := ecs.NewEc2Capacity(stack, "Instances", p.instances(cluster))
	files := storage.NewEfsFileSystem(stack, "Files", p.fileSystem(vpc))
	shared := storage.NewEfsAccessPoint(stack, "Shared", &storage.EfsAccessPointProps{
		FileSystem: files,
		Path:       sharedStoragePath,
		PosixUser:  &storage.EfsPosixUser{Uid: sharedStorageUser, Gid: sharedStorageUser},
	})

	writerTask := ecs.NewTask(stack, "WriterTask", p.task(awsecs.Compatibility_FARGATE, p.container("writer", sharedStorageWriter), shared))
	writer := ecs.NewService(stack, "WriterService", p.service(cluster, writerTask, ecs.Fargate))
	readOnly := p.container("reader", sharedStorageReader)
	readOnly.MountPoints[0].ReadOnly = true
	readerTask := ecs.NewTask(stack, "ReaderTask", p.task(awsecs.Compatibility_EC2, readOnly, shared))
	reader := ecs.NewService(stack, "ReaderService", p.service(cluster, readerTask, instances.Provider()))
	// The first client creates the directory. AWS doesn't say whether one that may only read can.
	reader.Node().AddDependency(writer.Service)

	if p.hasAlarms() {
		alarms := ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: writer, Emails: p.AlarmEmails})
		ecs.NewAlarms(stack, "ReaderAlarms", &ecs.AlarmsProps{Service: reader, Topic: alarms.Topic})
		output.New(stack, "AlarmTopicArn", alarms.TopicArn())
	}
	output.New(stack, "FileSystemId", files.Id())
	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "WriterServiceName", writer.Name())
	output.New(stack, "ReaderServiceName", reader.Name())
	output.New(stack, "ReaderLogGroupName", *readerTask.LogGroup.LogGroupName())
	return stack
}

// Validate returns the problems that the props show by themselves, or nil. The constructs in the stack check the rest.
func (p *SharedStorageProps) Validate() error {
	if p == nil {
		p = &SharedStorageProps{}
	}
	var bad invalid.Problems
	if p.Image == "" {
		bad.Add("Image", "is required")
	}
	if p.NatGateways == network.NatNone {
		bad.Add("NatGateways", "must not be %q: tasks on EC2 instances have no public addresses, and reach the internet only through one",
			network.NatNone)
	}
	if p.VpcId != "" && len(p.AvailabilityZoneNames) > 0 {
		bad.Add("AvailabilityZoneNames", "must not be set together with VpcId, whose subnets are in its own zones").
			Given(p.AvailabilityZoneNames)
	}
	return bad.Err()
}

func (p *SharedStorageProps) setDefaults() {
	p.DesiredCount = cmp.Or(p.DesiredCount, 2)
	p.MaxInstances = cmp.Or(p.MaxInstances, max(4, p.MinInstances))
}

func (p *SharedStorageProps) hasAlarms() bool { return p.Alarms || len(p.AlarmEmails) > 0 }

func (p *SharedStorageProps) vpc(stack awscdk.Stack) awsec2.IVpc {
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

// instances are small ones for Arm with three network interfaces, of which each task takes one.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AvailableIpPerENI.html
func (p *SharedStorageProps) instances(cluster *ecs.Cluster) *ecs.Ec2CapacityProps {
	return &ecs.Ec2CapacityProps{
		Cluster: cluster, InstanceTypes: []string{"t4g.small"}, ImageId: p.ImageId, MinSize: p.MinInstances, MaxSize: p.MaxInstances,
	}
}

func (p *SharedStorageProps) fileSystem(vpc awsec2.IVpc) *storage.EfsFileSystemProps {
	return &storage.EfsFileSystemProps{
		Vpc:                        vpc,
		ThroughputMode:             p.ThroughputMode,
		ProvisionedThroughputMiBps: p.ProvisionedThroughputMiBps,
		TransitionToIADays:         p.TransitionToIADays,
		TransitionToArchiveDays:    p.TransitionToArchiveDays,
		DisableBackups:             p.DisableBackups,
		RemovalPolicy:              p.RemovalPolicy,
	}
}

func (p *SharedStorageProps) container(name, script string) ecs.Container {
	return ecs.Container{
		Name:        name,
		Image:       registry.FromRegistry(p.Image),
		Command:     []string{"sh", "-c", script},
		User:        fmt.Sprintf("%d:%d", sharedStorageUser, sharedStorageUser),
		InitProcess: true, // a shell as process 1 ignores SIGTERM
		MountPoints: []ecs.MountPoint{{SourceVolume: "shared", ContainerPath: sharedStoragePath}},
	}
}

func (p *SharedStorageProps) task(on awsecs.Compatibility, container ecs.Container, shared *storage.EfsAccessPoint) *ecs.TaskProps {
	return &ecs.TaskProps{
		Compatibility:     on,
		CpuArchitecture:   platform.Arm64,
		Volumes:           []ecs.Volume{{Name: "shared", Efs: &ecs.EfsVolume{AccessPoint: shared}}},
		Containers:        []ecs.Container{container},
		LogRetention:      p.LogRetention,
		RemovalPolicy:     p.RemovalPolicy,
		RuntimeMonitoring: p.RuntimeMonitoring && on == awsecs.Compatibility_FARGATE,
	}
}

func (p *SharedStorageProps) service(cluster *ecs.Cluster, task *ecs.Task, capacityProvider ecs.CapacityProvider) *ecs.ServiceProps {
	return &ecs.ServiceProps{
		Cluster:      cluster,
		Task:         task,
		Capacity:     []ecs.CapacityProviderStrategy{{CapacityProvider: capacityProvider, Weight: 1}},
		DesiredCount: new(p.DesiredCount),
	}
}

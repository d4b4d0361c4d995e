package stacks

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/output"
	"awscontainers/constructs/platform"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/storage"
	"awscontainers/internal/check"
)

// SharedStorageSettings are the choices of the stack SharedStorage.
type SharedStorageSettings struct {
	// Image is what both services run: it needs a shell and must exist for Arm. Required.
	Image string
	// ImageId holds the instances at one AMI. Default: none, each deployment takes AWS's newest and first replaces the instances.
	ImageId string
	// AlarmEmail gets alarms. Default: nobody; then Dev has no alarms.
	AlarmEmail string
	// ThroughputMode is how fast the files are, and how that is paid. Default: awsefs.ThroughputMode_ELASTIC.
	ThroughputMode awsefs.ThroughputMode
	// ProvisionedThroughputMiBps is the throughput to pay for with awsefs.ThroughputMode_PROVISIONED. Default: none.
	ProvisionedThroughputMiBps int
	// TransitionToIADays and TransitionToArchiveDays are when files that nobody reads move to cheaper storage. Default: never.
	TransitionToIADays, TransitionToArchiveDays int
}

// sharedStorage reads the keys of the stack.
func (r *reader) sharedStorage() SharedStorageSettings {
	s := SharedStorageSettings{
		Image: r.text("SharedStorage.image", "public.ecr.aws/docker/library/busybox:stable", "the image of both services, with a shell, for Arm", nil),
		ImageId: r.text("SharedStorage.imageId", "", "an AMI for Arm to hold the instances at; otherwise each deployment takes the newest, and first replaces the instances",
			fits(check.IsImageId, "ami-0123456789abcdef0")),
		AlarmEmail: r.text("SharedStorage.alarmEmail", "", "who gets a mail when something is wrong; in `dev` it also turns the alarms on", nil),
		ThroughputMode: awsefs.ThroughputMode(r.text("SharedStorage.throughputMode", string(awsefs.ThroughputMode_ELASTIC),
			"how fast the files are: `ELASTIC`, as fast as need be and paid by use, `BURSTING`, by what is stored, or `PROVISIONED`", isOneOf(throughputModes...))),
		ProvisionedThroughputMiBps: r.number("SharedStorage.provisionedThroughputMiBps", 0, 0, 3414, "the MiB a second to pay for, with `PROVISIONED`"),
		TransitionToIADays: r.number("SharedStorage.transitionToIADays", 30, 0, 365,
			"after how many days unread a file moves to Infrequent Access: 1, 7, 14, 30, 60, 90, 180, 270 or 365; 0 for never"),
		TransitionToArchiveDays: r.number("SharedStorage.transitionToArchiveDays", 90, 0, 365,
			"after how many of the same it moves on to the archive; 0 for never, as without `ELASTIC` and where it would not come after Infrequent Access"),
	}
	if _, given := r.values["SharedStorage.transitionToArchiveDays"]; !given && (s.ThroughputMode != awsefs.ThroughputMode_ELASTIC || s.TransitionToIADays == 0 || s.TransitionToIADays >= s.TransitionToArchiveDays) {
		s.TransitionToArchiveDays = 0
	}
	return s
}

var throughputModes = []string{
	string(awsefs.ThroughputMode_ELASTIC), string(awsefs.ThroughputMode_BURSTING), string(awsefs.ThroughputMode_PROVISIONED),
}

// SharedStorageProps are what NewSharedStorage needs.
type SharedStorageProps struct {
	Common
	SharedStorageSettings
}

// Who both services are for the files, and where they see them.
const (
	sharedUser      = 1000
	sharedDirectory = "/shared"
)

// NewSharedStorage is a file system and two services on the same files: a writer on Fargate, and on EC2 instances
// a reader that may only look. It panics with *invalid.Error when the props are wrong.
func NewSharedStorage(scope constructs.Construct, id string, props *SharedStorageProps) awscdk.Stack {
	var p SharedStorageProps
	if props != nil {
		p = *props
	}
	stack := newStack(scope, id, "Files in Amazon EFS that services share", p.Common)
	vpc := newVpc(stack, p.Common)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	instances := ecs.NewEc2Capacity(stack, "Instances", p.instances(cluster))
	files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{
		Vpc:                        vpc,
		ThroughputMode:             p.ThroughputMode,
		ProvisionedThroughputMiBps: p.ProvisionedThroughputMiBps,
		TransitionToIADays:         p.TransitionToIADays,
		TransitionToArchiveDays:    p.TransitionToArchiveDays,
		DisableBackups:             p.Profile != Prod, // they would stay when the stack is deleted
		RemovalPolicy:              p.Profile.removalPolicy(),
	})
	shared := storage.NewEfsAccessPoint(stack, "Shared", &storage.EfsAccessPointProps{
		FileSystem: files,
		Path:       sharedDirectory,
		PosixUser:  &storage.EfsPosixUser{Uid: sharedUser, Gid: sharedUser},
	})

	// Renamed once it is whole, so that a reader never sees half a file.
	writer := p.newService(stack, cluster, shared, sharedStorageService{
		id: "Writer", container: "writer", compatibility: awsecs.Compatibility_FARGATE, capacity: ecs.Fargate,
		script: `while :; do echo "$(date) $(hostname)" > /shared/$(hostname).new && mv /shared/$(hostname).new /shared/now.txt; sleep 10; done`,
	})
	reader := p.newService(stack, cluster, shared, sharedStorageService{
		id: "Reader", container: "reader", compatibility: awsecs.Compatibility_EC2, capacity: instances.Provider(), readOnly: true,
		script: `while :; do cat /shared/now.txt; sleep 10; done`,
	})
	// The directory is made when the first client comes. AWS does not say whether one that may only read is enough.
	reader.Node().AddDependency(writer.Service)

	if p.Profile.watched(p.AlarmEmail) {
		alarms := ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: writer, Emails: emails(p.AlarmEmail)})
		ecs.NewAlarms(stack, "ReaderAlarms", &ecs.AlarmsProps{Service: reader, Topic: alarms.Topic})
		output.New(stack, "AlarmTopicArn", alarms.Topic.Arn())
	}
	output.New(stack, "FileSystemId", files.Id())
	output.New(stack, "ClusterName", cluster.Name())
	output.New(stack, "WriterServiceName", writer.Name())
	output.New(stack, "ReaderServiceName", reader.Name())
	output.New(stack, "ReaderLogGroupName", *reader.Task.LogGroup.LogGroupName())
	return stack
}

// sharedStorageService is what the stack's services differ in.
type sharedStorageService struct {
	id, container, script string
	compatibility         awsecs.Compatibility
	capacity              ecs.CapacityProvider
	readOnly              bool
}

// instances are small ones for Arm, which take two tasks each: a task has a network interface, and the instance three.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AvailableIpPerENI.html
func (p *SharedStorageProps) instances(cluster *ecs.Cluster) *ecs.Ec2CapacityProps {
	capacity := &ecs.Ec2CapacityProps{Cluster: cluster, InstanceTypes: []string{"t4g.small"}, MaxCapacity: 2, ImageId: p.ImageId}
	if p.Profile == Prod {
		capacity.MinCapacity, capacity.MaxCapacity = 2, 4
	}
	return capacity
}

func (p *SharedStorageProps) newService(stack awscdk.Stack, cluster *ecs.Cluster, shared *storage.EfsAccessPoint, s sharedStorageService) *ecs.Service {
	return ecs.NewService(stack, s.id+"Service", &ecs.ServiceProps{
		Cluster: cluster,
		Task: ecs.NewTask(stack, s.id+"Task", &ecs.TaskProps{
			Compatibility:   s.compatibility,
			CpuArchitecture: platform.Arm64,
			Volumes:         []ecs.Volume{{Name: "shared", Efs: &ecs.EfsVolume{AccessPoint: shared}}},
			Containers: []ecs.Container{{
				Name:        s.container,
				Image:       registry.FromRegistry(p.Image),
				Command:     []string{"sh", "-c", s.script},
				User:        fmt.Sprintf("%d:%d", sharedUser, sharedUser),
				InitProcess: true, // as process 1 a shell would ignore that it is to stop
				MountPoints: []ecs.MountPoint{{SourceVolume: "shared", ContainerPath: sharedDirectory, ReadOnly: s.readOnly}},
			}},
			LogRetention:  p.Profile.logRetention(),
			RemovalPolicy: p.Profile.removalPolicy(),
		}),
		Capacity:     []ecs.CapacityProviderStrategy{{CapacityProvider: s.capacity, Weight: 1}},
		DesiredCount: new(p.Profile.minTasks()),
	})
}

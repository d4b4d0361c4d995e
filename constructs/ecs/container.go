package ecs

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"awscontainers/constructs/registry"
)

// Container is one container of a task. Limits not named here are those of
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
type Container struct {
	// Name tells the container from the task's others: up to 255 letters, digits, hyphens and underscores. Required.
	Name string
	// Image is where its image comes from. The image must exist for the task's CpuArchitecture. Required.
	Image registry.Image
	// PortMappings are the ports it listens on. Default: none.
	PortMappings []PortMapping

	// Cpu is the container's share of the task's CPU units. Default: it competes for all of them.
	Cpu int
	// MemoryLimitMiB is the memory beyond which the container is killed, 6 or more. Default: the task's.
	MemoryLimitMiB int
	// MemoryReservationMiB is the memory set aside for the container, 6 or more and less than MemoryLimitMiB. Default:
	// MemoryLimitMiB, or none.
	MemoryReservationMiB int

	// EntryPoint is the program to run. Default: the image's ENTRYPOINT.
	EntryPoint []string
	// Command are the program's arguments. Default: the image's CMD.
	Command []string
	// WorkingDirectory is where the program starts. Default: the image's WORKDIR.
	WorkingDirectory string
	// User is who the program runs as: "1000", "1000:1000" or a name that the image knows. Default: the image's USER.
	User string

	// Environment are plain variables: everybody who may read the task definition reads them. Default: none, but for AWS_REGION where
	// the task may run on instances, as Fargate sets it by itself.
	Environment map[string]string
	// Secrets are variables whose values are fetched when the container starts, from Secrets Manager
	// (awsecs.Secret_FromSecretsManager) or the SSM Parameter Store (awsecs.Secret_FromSsmParameter). The execution role may
	// then read just these. Default: none.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
	Secrets map[string]awsecs.Secret

	// WritableRootFilesystem lets the container change its own files. Default: false, so that an intruder cannot; give the
	// paths that the image does write in WritablePaths.
	WritableRootFilesystem bool
	// WritablePaths are the directories that the program must be able to write, kept in memory until the container ends.
	// Default: none.
	WritablePaths []WritablePath
	// MountPoints are the task's Volumes that the container sees. Default: none.
	MountPoints []MountPoint

	// HealthCheck tells ECS whether the container works. Default: none, or the load balancer's alone.
	HealthCheck *HealthCheck
	// NonEssential lets the task go on when this container stops. Default: false, the task stops with it. At least one
	// container of a task must be essential.
	NonEssential bool
	// DependsOn are the containers that this one waits for at start. Default: none.
	DependsOn []ContainerDependency

	// StopTimeout is the time from SIGTERM to SIGKILL, up to 120 s on Fargate, and no longer on Spot. Default: 30 s.
	StopTimeout time.Duration
	// InitProcess runs an init process in the container that forwards signals and reaps zombies. Default: false, for an
	// image with an init of its own needs to be process 1.
	InitProcess bool
	// Ulimits are limits of the operating system. Fargate takes only awsecs.UlimitName_NOFILE. Default: the platform's.
	Ulimits []Ulimit
	// GpuCount is how many GPUs of its instance the container has to itself, on EC2 alone. Default: none.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-gpu.html
	GpuCount int
}

// PortMapping is a port that a container listens on.
type PortMapping struct {
	// ContainerPort is the port, 1 to 65535. Required.
	ContainerPort int
	// HostPort is the port of the instance that leads to it in bridge mode: then one copy of the task fits an instance. Default: one
	// that is free when the task starts, or in host mode ContainerPort.
	HostPort int
	// Protocol is awsecs.Protocol_TCP or awsecs.Protocol_UDP. Default: TCP.
	Protocol awsecs.Protocol
	// Name is what Service Connect calls the port: up to 64 lower-case letters, digits, hyphens and underscores. Default:
	// none.
	Name string
	// AppProtocol is AppProtocolHttp, AppProtocolHttp2 or AppProtocolGrpc, with which Service Connect measures and retries
	// requests. It requires a Name and can't be changed once a service has it. Default: none, plain TCP.
	AppProtocol AppProtocol
}

// AppProtocol is a protocol that Service Connect understands.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
type AppProtocol string

// The protocols that Service Connect understands.
const (
	AppProtocolHttp  AppProtocol = "http"
	AppProtocolHttp2 AppProtocol = "http2"
	AppProtocolGrpc  AppProtocol = "grpc"
)

// WritablePath is a directory in memory (tmpfs), which counts against the container's memory as it fills. AWS
// does not say who may write there: count on it for /tmp, which is open to every user, and for programs that run as root.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tmpfs.html
type WritablePath struct {
	// ContainerPath is an absolute path. Required.
	ContainerPath string
	// SizeMiB is how much it may hold. Default: 64.
	SizeMiB int
}

const (
	defaultWritableMiB = 64
	// minMemoryMiB is the least with which a container starts.
	minMemoryMiB = 6
)

// MountPoint is where a container sees one of its task's volumes.
type MountPoint struct {
	// SourceVolume is the Name of one of the task's Volumes. Required.
	SourceVolume string
	// ContainerPath is an absolute path. Required.
	ContainerPath string
	// ReadOnly keeps the container from writing there. Default: false.
	ReadOnly bool
}

// HealthCheck is a command that ECS runs inside the container.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
type HealthCheck struct {
	// Command begins with "CMD" for a program and its arguments, or with "CMD-SHELL" for one line for the image's shell.
	// Exit code 0 is healthy. Required.
	Command []string
	// Interval is the time between two checks, 5 to 300 s. Default: 30 s.
	Interval time.Duration
	// Timeout is how long one check may take, 2 to 60 s. Default: 5 s.
	Timeout time.Duration
	// Retries is how many failures in a row make the container unhealthy, 1 to 10. Default: 3.
	Retries int
	// StartPeriod is a time at the start in which failures do not count, up to 300 s. Default: none.
	StartPeriod time.Duration
}

// ContainerDependency makes a container wait for another of its task.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
type ContainerDependency struct {
	// ContainerName is the container to wait for. Required.
	ContainerName string
	// Condition is what to wait for: awsecs.ContainerDependencyCondition_START, _HEALTHY (needs that container's
	// HealthCheck), _COMPLETE or _SUCCESS (its end; it must be NonEssential). Default: START.
	Condition awsecs.ContainerDependencyCondition
}

// Ulimit is a limit of the operating system.
type Ulimit struct {
	// Name is the limit, such as awsecs.UlimitName_NOFILE. Required.
	Name awsecs.UlimitName
	// SoftLimit is in force at first; the container may raise it as far as HardLimit. Required.
	SoftLimit, HardLimit int
}

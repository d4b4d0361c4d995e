package ecs

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/platform"
	"awscontainers/constructs/registry"
	"awscontainers/internal/check"
	"awscontainers/internal/fake"
)

type (
	anyBucket struct{ awss3.IBucket }
	anyAlias  struct{ awskms.IAlias }
)

// onInstances is a task that runs on EC2 alone.
func onInstances(p *TaskProps) { p.Compatibility, p.MemoryLimitMiB = awsecs.Compatibility_EC2, 1024 }

// withRouter sends the output of the first container through FireLens.
func withRouter(p *TaskProps) *FireLens {
	p.FireLens = &FireLens{}
	p.Containers[0].Logging = &Logging{Driver: LogDriverFireLens, Options: map[string]string{"Name": "stdout"}}
	return p.FireLens
}

// splunk sends output to Splunk.
func splunk() *Logging {
	return &Logging{
		Driver: LogDriverSplunk, Options: map[string]string{"splunk-url": "https://logs.example.com:8088"},
		SecretOptionArns: map[string]string{"splunk-token": secretArn},
	}
}

// withDisk gives the first container a disk.
func withDisk(p *TaskProps) *EbsVolume {
	disk := &EbsVolume{SizeGiB: 10}
	p.Volumes = []Volume{{Name: "disk", Ebs: disk}}
	p.Containers[0].MountPoints = []MountPoint{{SourceVolume: "disk", ContainerPath: "/disk"}}
	return disk
}

func TestContainerOptionsAreRefused(t *testing.T) {
	const (
		logging = "Containers[0].Logging."
		disk    = "Volumes[0].Ebs."
	)
	own := registry.FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/router:1")
	for name, c := range map[string]struct {
		change func(p *TaskProps, web *Container)
		want   []string
	}{
		"log driver": {func(_ *TaskProps, web *Container) { web.Logging = &Logging{Driver: "loki"} }, []string{logging +
			`Driver must be "awslogs", "awsfirelens", "splunk", "fluentd", "gelf", "journald", "json-file" or "syslog"; got "loki"`}},
		"log driver of instances": {func(_ *TaskProps, web *Container) { web.Logging = &Logging{Driver: LogDriverSyslog} }, []string{logging +
			`Driver must be "awslogs", "awsfirelens" or "splunk" unless the Compatibility is "EC2"; got "syslog"; use FireLens, which reaches ` +
			`what the others reach`}},
		"log driver on instances": {func(p *TaskProps, web *Container) {
			onInstances(p)
			web.Logging = &Logging{Driver: LogDriverSyslog, Options: map[string]string{"syslog-address": "tcp://10.0.0.9:514"}}
		}, nil},
		"FireLens without a router": {func(_ *TaskProps, web *Container) { web.Logging = &Logging{Driver: LogDriverFireLens} }, []string{logging +
			`Driver requires FireLens of the task, whose container routes the output; got "awsfirelens"`}},
		"options of CloudWatch Logs": {func(_ *TaskProps, web *Container) {
			web.Logging = &Logging{Options: map[string]string{"awslogs-group": "x"}}
		}, []string{logging + `Options requires a Driver other than "awslogs", whose log group the task has; use LogRetention and ` +
			`EncryptionKey of the task, or MultilinePattern`}},
		"split twice": {func(_ *TaskProps, web *Container) {
			web.Logging = &Logging{MultilinePattern: "^x", DatetimeFormat: "%Y"}
		},
			[]string{logging + `DatetimeFormat must not be set together with MultilinePattern; got "%Y"; remove one of them`}},
		"no form of a date": {func(_ *TaskProps, web *Container) { web.Logging = &Logging{DatetimeFormat: "YYYY"} },
			[]string{logging + `DatetimeFormat must be a form of strftime such as "%Y-%m-%d %H:%M:%S"; got "YYYY"`}},
		"split by another driver": {func(_ *TaskProps, web *Container) {
			web.Logging = splunk()
			web.Logging.MultilinePattern = "^x"
		}, []string{logging + `MultilinePattern requires Driver "awslogs"; got "^x"; split the output where it is received`}},
		"option and secret": {func(_ *TaskProps, web *Container) {
			web.Logging = splunk()
			web.Logging.Options["splunk-token"] = "x"
		}, []string{logging + `Options must not have an option that SecretOptionArns has too; got "splunk-token"; keep it in only one of them`}},

		"Splunk": {func(_ *TaskProps, web *Container) { web.Logging = splunk() }, nil},
		"Splunk without its options": {func(_ *TaskProps, web *Container) {
			web.Logging = &Logging{Driver: LogDriverSplunk, Options: map[string]string{"splunk-token": "x"}}
		}, []string{logging + `Options must have "splunk-url" with Driver "splunk"`,
			logging + `SecretOptions must have "splunk-token" with Driver "splunk"; set it there or in SecretOptionArns, not in Options`}},
		"GELF to nobody": {func(p *TaskProps, web *Container) { onInstances(p); web.Logging = &Logging{Driver: LogDriverGelf} },
			[]string{logging + `Options must have "gelf-address" with Driver "gelf"`}},
		"GELF": {func(p *TaskProps, web *Container) {
			onInstances(p)
			web.Logging = &Logging{Driver: LogDriverGelf, Options: map[string]string{"gelf-address": "udp://10.0.0.9:12201"}}
		}, nil},

		"router": {func(p *TaskProps, _ *Container) { withRouter(p) }, nil},
		"router without an output": {func(p *TaskProps, web *Container) { withRouter(p); web.Logging.Options = nil },
			[]string{logging + `Options must have "Name" with Driver "awsfirelens"`}},
		"router with an output of no kind": {func(p *TaskProps, web *Container) {
			*withRouter(p) = FireLens{Image: &own, ConfigFile: "/extra.conf"}
			web.Logging.Options = map[string]string{"region": "eu-west-1"}
		}, []string{logging + `Options must have "Name" with Driver "awsfirelens"`}},
		"router with the outputs of its file": {func(p *TaskProps, web *Container) {
			*withRouter(p) = FireLens{Image: &own, ConfigFile: "/extra.conf"}
			web.Logging.Options = nil
		}, nil},
		"router of Fluentd without an output": {func(p *TaskProps, _ *Container) {
			*withRouter(p) = FireLens{Image: &own, Type: awsecs.FirelensLogRouterType_FLUENTD}
		}, []string{logging + `Options must have "@type" with Driver "awsfirelens"`}},
		"router of no image": {func(p *TaskProps, _ *Container) { withRouter(p).Image = &registry.Image{} }, []string{
			"FireLens.Image is required; use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset"}},
		"router with a buffer of all memory": {func(p *TaskProps, _ *Container) { withRouter(p).BufferMiB = 1024 }, []string{
			"FireLens.BufferMiB must be smaller than the task's MemoryLimitMiB (1024), because it is in memory; got 1024"}},
		"router on small instances": {func(p *TaskProps, _ *Container) {
			onInstances(p)
			*withRouter(p), p.MemoryLimitMiB = FireLens{MemoryReservationMiB: 6, BufferMiB: 6}, 64
		}, nil},
		"router for nobody": {func(p *TaskProps, _ *Container) { p.FireLens = &FireLens{} },
			[]string{`FireLens requires a container with Logging.Driver "awsfirelens"`}},
		"router of Fluentd": {func(p *TaskProps, web *Container) {
			withRouter(p).Type = awsecs.FirelensLogRouterType_FLUENTD
			web.Logging.Options = map[string]string{"@type": "stdout"}
		},
			[]string{`FireLens.Image is required with Type "FLUENTD"`}},
		"configuration of nobody's image": {func(p *TaskProps, _ *Container) { withRouter(p).ConfigFile = "/extra.conf" },
			[]string{`FireLens.ConfigFile requires Image, which has the file; got "/extra.conf"`}},
		"relative configuration": {func(p *TaskProps, _ *Container) { *withRouter(p) = FireLens{ConfigFile: "extra.conf", Image: &own} },
			[]string{`FireLens.ConfigFile must begin with /; got "extra.conf"`}},
		"configuration in S3 on Fargate": {func(p *TaskProps, _ *Container) {
			*withRouter(p) = FireLens{ConfigBucket: anyBucket{}, ConfigKey: "a.conf"}
		}, []string{`FireLens.ConfigKey requires Compatibility "EC2": Fargate takes only files of the image; got "a.conf"; put the file into ` +
			`an image and set ConfigFile`}},
		"configuration without a bucket": {func(p *TaskProps, _ *Container) { withRouter(p).ConfigKey = "a.conf" },
			[]string{"FireLens.ConfigBucket is required with ConfigKey"}},
		"buffer and writable": {func(p *TaskProps, _ *Container) {
			*withRouter(p) = FireLens{BufferMiB: 32, WritableRootFilesystem: true}
		},
			[]string{"FireLens.BufferMiB must not be set together with WritableRootFilesystem; got 32; remove one of them"}},
		"port of the router": {func(p *TaskProps, web *Container) { withRouter(p); web.PortMappings[0].ContainerPort = 24224 },
			[]string{"Containers[0].PortMappings[0].ContainerPort must not be the port of FireLens; got 24224"}},
		"name of the router": {func(p *TaskProps, web *Container) { withRouter(p); web.Name = "log_router" }, []string{
			`Containers[0].Name must not be the name of the router of FireLens; got "log_router"`,
		}},
		"health of the router": {func(p *TaskProps, web *Container) {
			withRouter(p)
			web.DependsOn = []ContainerDependency{{ContainerName: "log_router", Condition: awsecs.ContainerDependencyCondition_COMPLETE}}
		}, []string{
			`Containers[0].DependsOn[0].Condition requires NonEssential of container "log_router", because the end of an essential container ` +
				`stops the task; got "COMPLETE"; set NonEssential, or wait for START`,
			`Containers[0].DependsOn[0].Condition must be "START" for the router of FireLens; got "COMPLETE"; remove the dependency, which is ` +
				`there anyway`,
		}},

		"disk": {func(p *TaskProps, _ *Container) { withDisk(p) }, nil},
		"disk without a size": {func(p *TaskProps, _ *Container) { withDisk(p).SizeGiB = 0 },
			[]string{disk + "SizeGiB must be an integer from 1 to 16384; got 0"}},
		"disk of a snapshot": {func(p *TaskProps, _ *Container) {
			*withDisk(p) = EbsVolume{SnapshotId: "snap-0123456789abcdef0", VolumeInitializationRateMiB: 100}
		}, nil},
		"disk of nothing": {func(p *TaskProps, _ *Container) {
			*withDisk(p) = EbsVolume{SnapshotId: "vol-1", VolumeInitializationRateMiB: 99}
		}, []string{disk + `SnapshotId must be the ID of a snapshot such as "snap-0123456789abcdef0"; got "vol-1"`,
			disk + "VolumeInitializationRateMiB must be an integer from 100 to 300; got 99"}},
		"rate without a snapshot": {func(p *TaskProps, _ *Container) { withDisk(p).VolumeInitializationRateMiB = 100 },
			[]string{disk + "VolumeInitializationRateMiB requires SnapshotId; got 100"}},
		"magnetic disk on Fargate": {func(p *TaskProps, _ *Container) { withDisk(p).VolumeType = awsec2.EbsDeviceVolumeType_STANDARD },
			[]string{disk + `VolumeType must not be "STANDARD" on Fargate; got "STANDARD"`}},
		"magnetic disk on EC2": {func(p *TaskProps, _ *Container) {
			onInstances(p)
			withDisk(p).VolumeType = awsec2.EbsDeviceVolumeType_STANDARD
		}, nil},
		"small slow disk": {func(p *TaskProps, _ *Container) { withDisk(p).VolumeType = awsec2.EbsDeviceVolumeType_ST1 },
			[]string{disk + "SizeGiB must be an integer from 125 to 16384; got 10"}},
		"disk without its operations": {func(p *TaskProps, _ *Container) { withDisk(p).VolumeType = awsec2.EbsDeviceVolumeType_IO2 },
			[]string{disk + "Iops must be an integer from 100 to 256000; got 0"}},
		"disk with more operations than its size has": {func(p *TaskProps, _ *Container) {
			d := withDisk(p)
			d.Iops, d.ThroughputMiB = 5001, 1000
		}, []string{disk + "Iops must be at most 500 for each GiB of SizeGiB, 5000 in total; got 5001; lower it, or raise SizeGiB"}},
		"disk as fast as its size allows": {func(p *TaskProps, _ *Container) {
			d := withDisk(p)
			d.Iops, d.ThroughputMiB = 5000, 1000
		}, nil},
		"smallest disk": {func(p *TaskProps, _ *Container) {
			d := withDisk(p)
			d.SizeGiB, d.Iops, d.ThroughputMiB = 1, 3000, 750
		}, nil},
		"disk with more throughput than operations": {func(p *TaskProps, _ *Container) { withDisk(p).ThroughputMiB = 751 },
			[]string{disk + "ThroughputMiB must be at most a quarter of Iops (3000); got 751; lower it, or raise Iops"}},
		"old disk with too many operations": {func(p *TaskProps, _ *Container) {
			d := withDisk(p)
			d.VolumeType, d.Iops = awsec2.EbsDeviceVolumeType_IO1, 501
		}, []string{disk + "Iops must be at most 50 for each GiB of SizeGiB, 500 in total; got 501; lower it, or raise SizeGiB"}},
		"fast disk": {func(p *TaskProps, _ *Container) {
			d := withDisk(p)
			d.VolumeType, d.Iops = awsec2.EbsDeviceVolumeType_IO2, 10000
		}, nil},
		"disk with operations it doesn't have": {func(p *TaskProps, _ *Container) {
			d := withDisk(p)
			d.VolumeType, d.Iops, d.ThroughputMiB = awsec2.EbsDeviceVolumeType_GP2, 3000, 1001
		}, []string{disk + `Iops requires VolumeType "GP3", "IO1" or "IO2"; got 3000`,
			disk + "ThroughputMiB must be an integer from 125 to 1000; got 1001", disk + `ThroughputMiB requires VolumeType "GP3"; got 1001`}},
		"file system of Windows": {func(p *TaskProps, _ *Container) { withDisk(p).FileSystemType = awsecs.FileSystemType_NTFS },
			[]string{disk + `FileSystemType must be "XFS", "EXT4" or "EXT3"; got "NTFS"`}},
		"alias for a disk": {func(p *TaskProps, _ *Container) { withDisk(p).EncryptionKey = anyAlias{} },
			[]string{disk + "EncryptionKey must be a key, not an alias, because the role is granted the key"}},
		"disk that nobody mounts": {func(p *TaskProps, web *Container) { withDisk(p); web.MountPoints = nil },
			[]string{"Volumes[0].Ebs requires a container with MountPoints of the volume"}},
		"two disks, one of the instance": {func(p *TaskProps, web *Container) {
			onInstances(p)
			withDisk(p)
			p.Volumes[0].HostSourcePath = "/var/log"
			p.Volumes = append(p.Volumes, Volume{Name: "other", Ebs: &EbsVolume{SizeGiB: 1}})
			web.MountPoints[0].ReadOnly = true
			web.MountPoints = append(web.MountPoints, MountPoint{SourceVolume: "other", ContainerPath: "/other"})
		}, []string{"Volumes[0].Ebs must not be set together with Efs or HostSourcePath; use two volumes",
			"Volumes[1].Ebs must be set for only one volume of a task, and Volumes[0] has it"}},

		"restart policy": {func(_ *TaskProps, web *Container) {
			web.RestartPolicy = &RestartPolicy{AttemptPeriod: 59 * time.Second, IgnoredExitCodes: []int{0, 256, 0}}
		}, []string{"Containers[0].RestartPolicy.AttemptPeriod must be whole seconds from 1m to 30m; got 59s",
			"Containers[0].RestartPolicy.IgnoredExitCodes[1] must be an integer from 0 to 255; got 256",
			"Containers[0].RestartPolicy.IgnoredExitCodes[2] must not repeat IgnoredExitCodes[0]; got 0"}},
		"too many exit codes": {func(_ *TaskProps, web *Container) {
			web.RestartPolicy = &RestartPolicy{}
			for code := range 51 {
				web.RestartPolicy.IgnoredExitCodes = append(web.RestartPolicy.IgnoredExitCodes, code)
			}
		}, []string{"Containers[0].RestartPolicy.IgnoredExitCodes must have at most 50 elements; got 51"}},
		"waits for the end of what starts again": {func(p *TaskProps, web *Container) {
			job := container("job")
			job.NonEssential, job.RestartPolicy = true, &RestartPolicy{}
			web.DependsOn = []ContainerDependency{{ContainerName: "job", Condition: awsecs.ContainerDependencyCondition_SUCCESS}}
			p.Containers = append(p.Containers, job)
		}, []string{`Containers[0].DependsOn[0].Condition requires 0 in RestartPolicy.IgnoredExitCodes of container "job", which otherwise ` +
			`starts again when it is done; got "SUCCESS"`}},
		"waits for the end of what ends well": {func(p *TaskProps, web *Container) {
			job := container("job")
			job.NonEssential, job.RestartPolicy = true, &RestartPolicy{IgnoredExitCodes: []int{0}}
			web.DependsOn = []ContainerDependency{{ContainerName: "job", Condition: awsecs.ContainerDependencyCondition_SUCCESS}}
			p.Containers = append(p.Containers, job)
		}, nil},

		"capabilities on Fargate": {func(_ *TaskProps, web *Container) {
			web.AddCapabilities = []awsecs.Capability{awsecs.Capability_SYS_PTRACE, awsecs.Capability_NET_ADMIN, "FLY"}
		}, []string{`Containers[0].AddCapabilities[1] must be "SYS_PTRACE" on Fargate; got "NET_ADMIN"`,
			"Containers[0].AddCapabilities[2] must be " + check.OneOfQuoted(capabilities) + `; got "FLY"`}},
		"capabilities on Managed Instances": {func(p *TaskProps, web *Container) {
			p.Compatibility = awsecs.Compatibility_MANAGED_INSTANCES
			web.AddCapabilities = []awsecs.Capability{awsecs.Capability_NET_ADMIN}
		}, nil},
		"all and none": {func(p *TaskProps, web *Container) {
			onInstances(p)
			web.DropCapabilities, web.AddCapabilities = true, []awsecs.Capability{awsecs.Capability_ALL}
		}, []string{`Containers[0].AddCapabilities[0] must not be all of what DropCapabilities drops; got "ALL"; remove one of them`}},

		"system controls": {func(_ *TaskProps, web *Container) {
			web.SystemControls = []SystemControl{{Namespace: "vm.max_map_count", Value: "1"}, {Namespace: "kernel.sem"},
				{Namespace: "kernel.sem", Value: "1"}}
		}, []string{`Containers[0].SystemControls[0].Namespace must begin with "net." or "fs.mqueue.", or be one of kernel.msgmax, ` +
			`kernel.msgmnb, kernel.msgmni, kernel.sem, kernel.shmall, kernel.shmmax, kernel.shmmni or kernel.shm_rmid_forced; got ` +
			`"vm.max_map_count"`,
			"Containers[0].SystemControls[1].Value is required",
			`Containers[0].SystemControls[2].Namespace must be set only once; got "kernel.sem"`}},
		"network of two containers": {func(p *TaskProps, web *Container) {
			other := container("proxy")
			web.SystemControls = []SystemControl{{Namespace: "net.core.somaxconn", Value: "1"}}
			other.SystemControls = []SystemControl{{Namespace: "net.ipv4.tcp_keepalive_time", Value: "1"}}
			p.Containers = append(p.Containers, other)
		}, []string{`Containers[1].SystemControls must not be of the network, as those of container "web" are: the container that starts last ` +
			`would decide; set them in one container: they hold for all of the task`}},
		"network of each container": {func(p *TaskProps, web *Container) {
			onInstances(p)
			p.NetworkMode = awsecs.NetworkMode_BRIDGE
			other := container("proxy")
			web.SystemControls = []SystemControl{{Namespace: "net.core.somaxconn", Value: "1"}}
			other.SystemControls = web.SystemControls
			p.Containers = append(p.Containers, other)
		}, nil},
		"network of the instance": {func(p *TaskProps, web *Container) {
			onInstances(p)
			p.NetworkMode = awsecs.NetworkMode_HOST
			web.SystemControls = []SystemControl{{Namespace: "net.core.somaxconn", Value: "1"}}
		}, []string{`Containers[0].SystemControls[0].Namespace must not be of the network in NetworkMode "HOST", which is the instance's; got ` +
			`"net.core.somaxconn"`}},

		"environment files": {func(_ *TaskProps, web *Container) {
			web.EnvironmentFiles = make([]EnvironmentFile, 1, 11)
			web.EnvironmentFiles[0].Key = "prod.txt"
			for range 10 {
				web.EnvironmentFiles = append(web.EnvironmentFiles, EnvironmentFile{Bucket: anyBucket{}, Key: "a.env"})
			}
		}, []string{"Containers[0].EnvironmentFiles[0].Bucket is required",
			`Containers[0].EnvironmentFiles[0].Key must end in ".env"; got "prod.txt"`,
			"Containers must not have more than 10 EnvironmentFiles in total; got 11"}},
		"mount options": {func(_ *TaskProps, web *Container) {
			web.WritablePaths = []WritablePath{{ContainerPath: "/tmp", MountOptions: []string{"exec", "uid=0", "mode=999", "size=1m"}}}
		}, []string{`Containers[0].WritablePaths[0].MountOptions[2] must be an option of tmpfs that ECS takes, such as "exec", "uid=101" or ` +
			`"mode=1770"; got "mode=999"`,
			`Containers[0].WritablePaths[0].MountOptions[3] must be an option of tmpfs that ECS takes, such as "exec", "uid=101" or "mode=1770"; ` +
				`got "size=1m"`}},
		"start timeout for nobody": {func(_ *TaskProps, web *Container) { web.StartTimeout = 121 * time.Second }, []string{
			"Containers[0].StartTimeout must be whole seconds from 2s to 2m; got 2m1s",
			"Containers[0].StartTimeout requires another container that DependsOn this one; got 2m1s"}},
		"two init processes": {func(_ *TaskProps, web *Container) { web.InitProcess, web.OwnInit = true, true },
			[]string{"Containers[0].OwnInit must not be set together with InitProcess; remove one of them"}},
		"Neuron on Fargate": {func(_ *TaskProps, web *Container) { web.NeuronDevices = []int{0, 0} }, []string{
			"Containers[0].NeuronDevices[1] must not repeat NeuronDevices[0]; got 0",
			`Containers[0].NeuronDevices requires Compatibility "EC2"; got "FARGATE"`}},
		"credentials for private ECR": {func(_ *TaskProps, web *Container) { web.Image = own.WithCredentialsArn(secretArn) },
			[]string{"Containers[0].Image must be in a registry outside of Amazon ECR to take credentials"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validTask()
			p.MemoryLimitMiB = 1024
			c.change(&p, &p.Containers[0])
			assertProblems(t, taskError(p), c.want...)
		})
	}
}

// Two tasks with FireLens can't share the network of one instance.
func TestRoutersOnTheNetworkOfTheInstanceTakeAPort(t *testing.T) {
	p := validTask()
	onInstances(&p)
	p.NetworkMode = awsecs.NetworkMode_HOST
	withRouter(&p)
	assert.Equal(t, []int{8080, 24224}, taskOf(p).hostPorts())
	p.NetworkMode = awsecs.NetworkMode_AWS_VPC
	assert.Empty(t, taskOf(p).hostPorts())
}

// AWS names no Bottlerocket AMIs for volumes.
func TestDisksOnBottlerocketAreRefused(t *testing.T) {
	p := validTask()
	onInstances(&p)
	withDisk(&p)
	for system, isRefused := range map[platform.OperatingSystem]bool{platform.Bottlerocket: true, platform.AmazonLinux2023: false} {
		cluster := &Cluster{Construct: fake.Construct{}, Cluster: anyCluster{}, capacityProviders: anyProviders{}}
		e := &Ec2Capacity{Construct: fake.Construct{}, name: "OnDemand", path: "Stack/OnDemand", operatingSystem: system, maxInstances: 2}
		cluster.ec2 = []*Ec2Capacity{e}
		service := ServiceProps{Cluster: cluster, Task: taskOf(p)}
		service.setDefaults()
		err := service.validateInCluster()
		if isRefused {
			assertProblems(t, err, "Capacity must not have instances with BOTTLEROCKET, such as Stack/OnDemand, because AWS names only its Amazon "+
				"ECS-optimized AMIs for volumes with Ebs; use AMAZON_LINUX_2023")
		} else {
			assertProblems(t, err)
		}
	}
}

func TestDisksOfDaemonsAreRefused(t *testing.T) {
	service := ServiceProps{Cluster: ownCluster(), Daemon: true, Task: ec2Task("", func(p *TaskProps) { withDisk(p) })}
	service.setDefaults()
	assertProblems(t, service.validateInCluster(), "Daemon must not be set with a Task that has a volume with Ebs, which ECS attaches only "+
		"to other services; remove Daemon, or give the instances the volume with Volumes of Ec2Capacity")
}

func TestClustersRefuseAliases(t *testing.T) {
	err := (&ClusterProps{Vpc: anyVpc{}, EphemeralStorageKey: anyAlias{}}).Validate()
	assertProblems(t, err, "EphemeralStorageKey must be a key, not an alias, which Fargate doesn't support")
}

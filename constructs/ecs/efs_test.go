package ecs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/platform"
	"awscontainers/constructs/storage"
	"awscontainers/internal/fake"
)

type (
	anyFiles       struct{ awsefs.IFileSystem }
	anyAccessPoint struct{ awsefs.IAccessPoint }
)

func TestVolumesOfFilesAreRefused(t *testing.T) {
	files := &storage.EfsFileSystem{Construct: fake.Construct{}, FileSystem: anyFiles{}}
	others := &storage.EfsFileSystem{Construct: fake.Construct{}, FileSystem: anyFiles{}}
	point := &storage.EfsAccessPoint{Construct: fake.Construct{}, AccessPoint: anyAccessPoint{}, FileSystem: files}
	for name, c := range map[string]struct {
		volume EfsVolume
		want   []string
	}{
		"the file system":      {EfsVolume{FileSystem: files}, nil},
		"a directory of it":    {EfsVolume{FileSystem: files, RootDirectory: "/team/data"}, nil},
		"directory of a token": {EfsVolume{FileSystem: files, RootDirectory: "${Token[Path.1]}"}, nil},
		"an access point":      {EfsVolume{AccessPoint: point}, nil},
		"both":                 {EfsVolume{FileSystem: files, AccessPoint: point, RootDirectory: "/"}, nil},
		"neither":              {EfsVolume{}, []string{"Volumes[0].Efs.FileSystem is required; set it or AccessPoint"}},
		"access point to elsewhere": {EfsVolume{FileSystem: others, AccessPoint: point},
			[]string{"Volumes[0].Efs.AccessPoint must be one of FileSystem; got \"Stack/Fake\"; remove FileSystem, or use an access point of it"}},
		"root beside an access point": {EfsVolume{AccessPoint: point, RootDirectory: "/x"},
			[]string{`Volumes[0].Efs.RootDirectory must not be set together with AccessPoint, whose Path is the root; got "/x"; set Path of ` +
				`the access point`}},
		"relative directory": {EfsVolume{FileSystem: files, RootDirectory: "data"},
			[]string{`Volumes[0].Efs.RootDirectory must be an absolute path such as "/" or "/team/data"; got "data"`}},
		"way up": {EfsVolume{FileSystem: files, RootDirectory: "/data/../other"},
			[]string{`Volumes[0].Efs.RootDirectory must be an absolute path such as "/" or "/team/data"; got "/data/../other"`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validTask()
			p.Volumes = []Volume{{Name: "files", Efs: &c.volume}}
			given := c.volume
			assertProblems(t, taskError(p), c.want...)
			assert.Equal(t, given, c.volume, "the caller's own struct")
		})
	}
}

func TestFilesOfTheInstanceAreNone(t *testing.T) {
	p := validTask()
	p.Compatibility = awsecs.Compatibility_EC2
	p.Volumes = []Volume{{Name: "files", HostSourcePath: "/var/log",
		Efs: &EfsVolume{FileSystem: &storage.EfsFileSystem{Construct: fake.Construct{}, FileSystem: anyFiles{}}}}}
	assertProblems(t, taskError(p), "Volumes[0].Efs must not be set together with HostSourcePath; use two volumes")
}

// Where tasks use the network of their instances, it is these that must reach the files.
func TestInstancesThatMountNoFilesAreRefused(t *testing.T) {
	const unknown = `Cluster must know the security groups of its instances, to reach the files; add them with ` +
		`Connections().AddSecurityGroup of the CDK's cluster, or use NetworkMode "AWS_VPC"`
	for name, c := range map[string]struct {
		change func(p *ServiceProps, instances *Ec2Capacity)
		want   []string
	}{
		"awsvpc": {func(*ServiceProps, *Ec2Capacity) {}, nil},
		"bridge": {func(p *ServiceProps, _ *Ec2Capacity) { p.Task.props.NetworkMode = awsecs.NetworkMode_BRIDGE }, nil},
		"bridge, a daemon": {func(p *ServiceProps, _ *Ec2Capacity) {
			p.Task.props.NetworkMode, p.Daemon, p.Capacity = awsecs.NetworkMode_BRIDGE, true, nil
		}, nil},
		"bridge on unknown instances": {func(p *ServiceProps, _ *Ec2Capacity) {
			p.Task.props.NetworkMode, p.Cluster, p.Capacity = awsecs.NetworkMode_BRIDGE, existingCluster(anyCluster{}), nil
		}, []string{unknown}},
		"awsvpc on unknown instances": {func(p *ServiceProps, _ *Ec2Capacity) {
			p.Cluster, p.Capacity = existingCluster(anyCluster{}), nil
		}, nil},
		"Bottlerocket": {func(_ *ServiceProps, instances *Ec2Capacity) { instances.operatingSystem = platform.Bottlerocket }, []string{
			"Capacity must not have instances with BOTTLEROCKET, such as Web/X86, which can't mount EFS with encryption or IAM; use " +
				"AMAZON_LINUX_2023"}},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := ownCluster()
			cluster.ec2[0].SecurityGroups = []awsec2.ISecurityGroup{nil}
			task := validTask()
			task.Compatibility = awsecs.Compatibility_EC2
			files := &storage.EfsFileSystem{Construct: fake.Construct{}, FileSystem: anyFiles{}}
			task.Volumes = []Volume{{Name: "files", Efs: &EfsVolume{FileSystem: files}}}
			task.setDefaults()
			p := ServiceProps{Cluster: cluster, Task: &Task{Construct: fake.Construct{}, TaskDefinition: anyTask{}, props: task},
				Capacity: []CapacityProviderStrategy{{CapacityProvider: "x86", Weight: 1}}}
			c.change(&p, cluster.ec2[0])
			p.setDefaults()
			var bad invalid.Problems
			p.validateFiles(&bad)
			assertProblems(t, bad.Err(), c.want...)
		})
	}
}

func TestManagedInstancesMountFiles(t *testing.T) {
	group := struct{ awsec2.ISecurityGroup }{}
	cluster := ownCluster()
	cluster.managed = []*ManagedInstances{{name: "other"},
		{name: "managed", SecurityGroups: []awsec2.ISecurityGroup{group}, subnets: network.Isolated}}
	p := ServiceProps{Cluster: cluster, Task: &Task{Construct: fake.Construct{}, props: TaskProps{NetworkMode: awsecs.NetworkMode_HOST}},
		Capacity: []CapacityProviderStrategy{{CapacityProvider: "managed", Weight: 1}}}
	groups, subnets := p.mountSecurityGroups()
	assert.Equal(t, []awsec2.ISecurityGroup{group}, groups)
	assert.Equal(t, []network.SubnetType{network.Isolated}, subnets)
}

func TestWhoWritesToAVolume(t *testing.T) {
	reads := Container{MountPoints: []MountPoint{{SourceVolume: "files", ReadOnly: true}}}
	writes := Container{MountPoints: []MountPoint{{SourceVolume: "other"}, {SourceVolume: "files"}}}
	p := TaskProps{Containers: []Container{reads}}
	assert.False(t, p.isWritable("files"))
	assert.False(t, p.isWritable("unmounted"))
	p.Containers = append(p.Containers, writes)
	assert.True(t, p.isWritable("files"))
}

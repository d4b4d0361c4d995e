package ecs

import (
	"path"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/platform"
	"awscontainers/constructs/storage"
	"awscontainers/internal/opt"
	"awscontainers/internal/peer"
)

// EfsVolume is a volume of files in Amazon EFS, which outlive the task and are the same for every task that mounts them, on
// Fargate and on instances. It is always mounted with encryption and by the task role, which gets the right to just that: to
// mount, and to write unless every container mounts it ReadOnly.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html
type EfsVolume struct {
	// FileSystem holds the files. Required, unless there is an AccessPoint. Default: that of AccessPoint.
	FileSystem *storage.EfsFileSystem
	// AccessPoint is the way into it, and for the task role the only one. Default: nil, the file system itself, whose root
	// belongs to root: nobody else can write there.
	AccessPoint *storage.EfsAccessPoint
	// RootDirectory is the directory to mount, which must exist. Beside an AccessPoint, which has its own, ECS takes none but
	// "/". Default: "/".
	RootDirectory string
	// RootAccess lets root in a container be root for the files too, and what an AccessPoint makes root. Default: false, the
	// file system takes root for nobody.
	RootAccess bool
}

// validate judges the volume after setDefaults has filled in its FileSystem.
func (v *EfsVolume) validate() error {
	var bad invalid.Problems
	switch {
	case v.AccessPoint != nil && !invalid.IsMade(v.AccessPoint):
		bad.Add("AccessPoint", "must be created by storage.NewEfsAccessPoint or storage.EfsAccessPointFrom")
		return bad.Err()
	case v.FileSystem == nil:
		bad.Add("FileSystem", "is required").Advise("set it or AccessPoint")
	case !invalid.IsMade(v.FileSystem):
		bad.Add("FileSystem", "must be created by storage.NewEfsFileSystem or storage.EfsFileSystemFrom")
	case v.AccessPoint != nil && v.AccessPoint.FileSystem != v.FileSystem:
		bad.Add("AccessPoint", "must be one of FileSystem").Given(v.AccessPoint.Node().Path()).
			Advise("remove FileSystem, or use an access point of it")
	}
	if v.AccessPoint != nil && v.AccessPoint.PosixUser.IsRoot() && !v.RootAccess {
		bad.Add("RootAccess", "is required with an AccessPoint whose PosixUser is root: without it EFS treats root as nobody").
			Advise("set it, or change the PosixUser")
	}
	switch {
	case v.RootDirectory == "" || invalid.IsToken(v.RootDirectory):
	case v.AccessPoint != nil && v.RootDirectory != "/":
		bad.Add("RootDirectory", "must not be set together with AccessPoint, whose Path is the root").Given(v.RootDirectory).
			Advise("set Path of the access point")
	case !path.IsAbs(v.RootDirectory) || path.Clean(v.RootDirectory) != v.RootDirectory:
		bad.Add("RootDirectory", `must be an absolute path such as "/" or "/team/data"`).Given(v.RootDirectory)
	}
	return bad.Err()
}

// withDefaults is a copy that knows its file system.
func (v *EfsVolume) withDefaults() *EfsVolume {
	if v == nil {
		return nil
	}
	filled := *v
	if filled.FileSystem == nil && filled.AccessPoint != nil {
		filled.FileSystem = filled.AccessPoint.FileSystem
	}
	return &filled
}

// cdk asks for encryption and for the task role's word always: without the latter, EFS would take the task for anonymous.
func (v *EfsVolume) cdk() *awsecs.EfsVolumeConfiguration {
	if v == nil {
		return nil
	}
	const enabled = "ENABLED"
	authorization := &awsecs.AuthorizationConfig{Iam: jsii.String(enabled)}
	if v.AccessPoint != nil {
		authorization.AccessPointId = new(v.AccessPoint.Id())
	}
	return &awsecs.EfsVolumeConfiguration{
		FileSystemId:        new(v.FileSystem.Id()),
		RootDirectory:       opt.String(v.RootDirectory),
		TransitEncryption:   jsii.String(enabled),
		AuthorizationConfig: authorization,
	}
}

// grantFiles lets the task role mount the task's volumes.
func (t *Task) grantFiles() {
	for _, v := range t.props.Volumes {
		if v.Efs != nil {
			v.Efs.grant(t.TaskRole, t.props.isWritable(v.Name))
		}
	}
}

func (v *EfsVolume) grant(role awsiam.IGrantable, write bool) {
	var files interface {
		GrantRead(awsiam.IGrantable) awsiam.Grant
		GrantReadWrite(awsiam.IGrantable) awsiam.Grant
		GrantRootAccess(awsiam.IGrantable) awsiam.Grant
	} = v.FileSystem
	if v.AccessPoint != nil {
		files = v.AccessPoint
	}
	if write {
		files.GrantReadWrite(role)
	} else {
		files.GrantRead(role)
	}
	if v.RootAccess {
		files.GrantRootAccess(role)
	}
}

// isWritable reports whether a container may write to the volume.
func (p *TaskProps) isWritable(volume string) bool {
	return slices.ContainsFunc(p.Containers, func(c Container) bool {
		return slices.ContainsFunc(c.MountPoints, func(m MountPoint) bool { return m.SourceVolume == volume && !m.ReadOnly })
	})
}

// fileSystems returns the file systems that the task mounts, each once.
func (t *Task) fileSystems() (found []*storage.EfsFileSystem) {
	for _, v := range t.props.Volumes {
		if v.Efs != nil && !slices.Contains(found, v.Efs.FileSystem) {
			found = append(found, v.Efs.FileSystem)
		}
	}
	return found
}

// mountFiles opens the way to the task's file systems and makes the service wait for it and for the mount targets: else its
// first tasks cannot start.
func (s *Service) mountFiles(p *ServiceProps) {
	groups, _ := p.mountSecurityGroups()
	for _, f := range s.Task.fileSystems() {
		before := append(f.AllowFrom(peer.Groups{Scope: s, SecurityGroups: groups}), f.FileSystem.MountTargetsAvailable())
		s.Service.Node().DefaultChild().Node().AddDependency(before...)
	}
}

// mountSecurityGroups are the security groups of the network interfaces that files are mounted through, and where these stand: the
// tasks' own in network mode awsvpc, on instances too, where the agent mounts in the task's network; else the instances'.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html
func (p *ServiceProps) mountSecurityGroups() (groups []awsec2.ISecurityGroup, subnets []network.SubnetType) {
	if p.Task.usesAwsvpc() {
		return p.SecurityGroups, []network.SubnetType{p.Subnets}
	}
	groups = p.instanceGroups()
	for _, e := range p.ec2Capacities() {
		subnets = append(subnets, e.subnets)
	}
	for _, m := range p.Cluster.managed {
		if slices.ContainsFunc(p.Capacity, func(c CapacityProviderStrategy) bool { return c.CapacityProvider == m.name }) {
			groups, subnets = append(groups, m.SecurityGroups...), append(subnets, m.subnets)
		}
	}
	return groups, subnets
}

// validateFiles refuses files that the tasks can't mount where they may start. The cluster has a VPC.
func (p *ServiceProps) validateFiles(bad *invalid.Problems) {
	files := p.Task.fileSystems()
	if len(files) == 0 {
		return
	}
	groups, subnets := p.mountSecurityGroups()
	for _, f := range files {
		for _, s := range slices.Compact(slices.Sorted(slices.Values(subnets))) {
			bad.Nest("Task", f.CheckReach(p.Cluster.Vpc(), s))
		}
		switch {
		case len(groups) > 0 || p.Task.usesAwsvpc() || f.ImmutableSecurityGroups:
		case p.Cluster.isImported():
			addUnknownGroups("to reach the files", bad)
		default:
			bad.Add("Capacity", "must have instances whose security groups are known, to reach the files").
				Advise("use an Ec2Capacity, or NetworkMode %q", awsecs.NetworkMode_AWS_VPC)
		}
	}
	for _, e := range p.ec2Capacities() {
		if e.operatingSystem == platform.Bottlerocket {
			// https://github.com/bottlerocket-os/bottlerocket/issues/1080
			bad.Add("Capacity", "must not have instances with %s, such as %s, which can't mount EFS with encryption or IAM",
				platform.Bottlerocket, e.path).Advise("use %s", platform.AmazonLinux2023)
		}
	}
}

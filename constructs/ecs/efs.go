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

// validate tells what is wrong with the volume, of whose FileSystem setDefaults has taken care.
func (v *EfsVolume) validate() error {
	var bad invalid.Problems
	switch {
	case v.AccessPoint != nil && v.AccessPoint.AccessPoint == nil:
		bad.Add("AccessPoint", "was not made; make it with storage.NewEfsAccessPoint or storage.EfsAccessPointFrom")
	case v.FileSystem == nil || v.FileSystem.FileSystem == nil:
		bad.Add("FileSystem", "is missing; give the file system or an AccessPoint")
	case v.AccessPoint != nil && v.AccessPoint.FileSystem != v.FileSystem:
		bad.Add("AccessPoint", "leads to another file system than FileSystem; give one of this file system, or leave FileSystem out")
	}
	if v.AccessPoint != nil && v.AccessPoint.PosixUser.IsRoot() && !v.RootAccess {
		bad.Add("RootAccess", "is false, but the PosixUser of AccessPoint is root, whom EFS then takes for nobody; set it, or give the access point another user")
	}
	switch {
	case v.RootDirectory == "" || invalid.IsToken(v.RootDirectory):
	case v.AccessPoint != nil && v.RootDirectory != "/":
		bad.Add("RootDirectory", `%q stands beside AccessPoint, whose Path is the root already; leave it out, and give the access point that Path`, v.RootDirectory)
	case !path.IsAbs(v.RootDirectory) || path.Clean(v.RootDirectory) != v.RootDirectory:
		bad.Add("RootDirectory", `%q is no absolute path; write it as "/" or "/team/data"`, v.RootDirectory)
	}
	return bad.Err()
}

// validateFiles notes what is wrong with a volume of files under the field that holds the volume.
func (v *Volume) validateFiles(field string, bad *invalid.Problems) {
	if v.Efs == nil {
		return
	}
	bad.Nest(field+".Efs", v.Efs.validate())
	if v.HostSourcePath != "" {
		bad.Add(field+".Efs", "stands beside HostSourcePath %q; make two volumes", v.HostSourcePath)
	}
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
			v.Efs.grant(t.TaskRole, t.props.writes(v.Name))
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

// writes tells whether a container may write to the volume.
func (p *TaskProps) writes(volume string) bool {
	return slices.ContainsFunc(p.Containers, func(c Container) bool {
		return slices.ContainsFunc(c.MountPoints, func(m MountPoint) bool { return m.SourceVolume == volume && !m.ReadOnly })
	})
}

// fileSystems are those that the task mounts, each once.
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
	groups, _ := p.mountsThrough()
	for _, f := range s.Task.fileSystems() {
		before := append(f.AllowFrom(peer.Groups{Scope: s, SecurityGroups: groups}), f.FileSystem.MountTargetsAvailable())
		s.Service.Node().DefaultChild().Node().AddDependency(before...)
	}
}

// mountsThrough are the security groups of the network interfaces that files are mounted through, and where these stand: the
// tasks' own in network mode awsvpc, on instances too, where the agent mounts in the task's network; else the instances'.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html
func (p *ServiceProps) mountsThrough() (groups []awsec2.ISecurityGroup, subnets []network.SubnetType) {
	if p.Task.awsvpc() {
		return p.SecurityGroups, []network.SubnetType{p.Subnets}
	}
	for _, e := range p.capacities() {
		groups, subnets = append(groups, e.SecurityGroups...), append(subnets, e.subnets)
	}
	for _, m := range p.Cluster.managed {
		if slices.ContainsFunc(p.Capacity, func(c CapacityProviderStrategy) bool { return c.CapacityProvider == m.name }) {
			groups, subnets = append(groups, m.SecurityGroups...), append(subnets, m.subnets)
		}
	}
	return groups, subnets
}

// validateFiles notes files that the service's tasks could not mount where they may start.
func (p *ServiceProps) validateFiles(bad *invalid.Problems) {
	if p.Cluster == nil || p.Cluster.Cluster == nil || p.Task == nil || p.Task.TaskDefinition == nil || p.Cluster.Vpc() == nil {
		return // refused
	}
	groups, subnets := p.mountsThrough()
	for _, f := range p.Task.fileSystems() {
		for _, s := range slices.Compact(slices.Sorted(slices.Values(subnets))) {
			bad.Nest("Task", f.CheckReach(p.Cluster.Vpc(), s))
		}
		if len(groups) == 0 && !p.Task.awsvpc() && !f.ImmutableSecurityGroups {
			bad.Add("Capacity", "has no instances whose security groups are known, so that files could not be reached; use network mode %q", awsecs.NetworkMode_AWS_VPC)
		}
	}
	for _, e := range p.capacities() {
		if e.image == platform.Bottlerocket && len(p.Task.fileSystems()) > 0 {
			// https://github.com/bottlerocket-os/bottlerocket/issues/1080
			bad.Add("Capacity", "has the instances of %s with %q, which mounts no files encrypted or by roles; use %q", e.path, platform.Bottlerocket, platform.AmazonLinux2023)
		}
	}
}

package storage

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
)

// Stand-ins for what only has to be there: nothing in these tests reaches the CDK.
type (
	anyFileSystem struct{ awsefs.IFileSystem }
	anyVpc        struct {
		awsec2.IVpc
		id      string
		private []string // zones
	}
	madeVpc struct { // by the CDK, with an id that only the deployment knows
		awsec2.Vpc
		id string
	}
	anySubnet struct {
		awsec2.ISubnet
		zone string
	}
	anyNode struct {
		constructs.Node
		addr string
	}
)

func (v anyVpc) VpcId() *string                     { return &v.id }
func (v madeVpc) VpcId() *string                    { return &v.id }
func (v anyVpc) PublicSubnets() *[]awsec2.ISubnet   { return &[]awsec2.ISubnet{} }
func (v anyVpc) IsolatedSubnets() *[]awsec2.ISubnet { return &[]awsec2.ISubnet{} }
func (v anyVpc) Node() constructs.Node              { return anyNode{addr: v.id} }
func (n anyNode) Addr() *string                     { return &n.addr }
func (s anySubnet) AvailabilityZone() *string       { return &s.zone }
func (v anyVpc) PrivateSubnets() *[]awsec2.ISubnet {
	subnets := []awsec2.ISubnet{}
	for _, zone := range v.private {
		subnets = append(subnets, anySubnet{zone: zone})
	}
	return &subnets
}

func assertProblems(t *testing.T, err error, want ...string) {
	t.Helper()
	if len(want) == 0 {
		require.NoError(t, err)
		return
	}
	var e *invalid.Error
	require.ErrorAs(t, err, &e)
	var got []string
	for _, p := range e.Problems {
		got = append(got, p.String())
	}
	assert.Equal(t, want, got)
}

func TestFileSystemsAreRefused(t *testing.T) {
	const days = "is no number of days that EFS knows; use 1, 7, 14, 30, 60, 90, 180, 270 or 365, or leave it out for never"
	for name, c := range map[string]struct {
		change func(p *EfsFileSystemProps)
		want   []string
	}{
		"none": {func(p *EfsFileSystemProps) {}, nil},
		"all that is allowed": {func(p *EfsFileSystemProps) {
			p.TransitionToIADays, p.TransitionToArchiveDays, p.TransitionToPrimaryStorageClass = 1, 365, true
			p.FileSystemName, p.DisableBackups = "Shared files: a+b=c", true
		}, nil},
		"least throughput":     {func(p *EfsFileSystemProps) { p.ThroughputMode, p.ProvisionedThroughputMiBps = "PROVISIONED", 1 }, nil},
		"most throughput":      {func(p *EfsFileSystemProps) { p.ThroughputMode, p.ProvisionedThroughputMiBps = "PROVISIONED", 3414 }, nil},
		"bursting, and seldom": {func(p *EfsFileSystemProps) { p.ThroughputMode, p.TransitionToIADays = "BURSTING", 30 }, nil},
		"no VPC": {func(p *EfsFileSystemProps) { p.Vpc = nil },
			[]string{"Vpc is missing; give the VPC in which the files are to be reached"}},
		"subnets that are not there": {func(p *EfsFileSystemProps) { p.Subnets = network.Isolated },
			[]string{`Subnets must be a type of subnets that the VPC has (0 public, 1 private, 0 isolated); got "isolated"`}},
		"unknown subnets": {func(p *EfsFileSystemProps) { p.Subnets = "dark" },
			[]string{`Subnets must be "public", "private" or "isolated"; got "dark"`}},
		"unknown mode": {func(p *EfsFileSystemProps) { p.ThroughputMode = "fast" },
			[]string{`ThroughputMode "fast" is unknown; use "ELASTIC", "BURSTING" or "PROVISIONED"`}},
		"provisioned without a value": {func(p *EfsFileSystemProps) { p.ThroughputMode = awsefs.ThroughputMode_PROVISIONED },
			[]string{`ProvisionedThroughputMiBps is missing beside ThroughputMode "PROVISIONED"; give 1 to 3414`}},
		"provisioned too much": {func(p *EfsFileSystemProps) { p.ThroughputMode, p.ProvisionedThroughputMiBps = "PROVISIONED", 3415 },
			[]string{"ProvisionedThroughputMiBps 3415 is out of range; use 1 to 3414"}},
		"provisioned less than nothing": {func(p *EfsFileSystemProps) { p.ThroughputMode, p.ProvisionedThroughputMiBps = "PROVISIONED", -1 },
			[]string{"ProvisionedThroughputMiBps -1 is out of range; use 1 to 3414"}},
		"a value that is not provisioned": {func(p *EfsFileSystemProps) { p.ProvisionedThroughputMiBps = 10 },
			[]string{`ProvisionedThroughputMiBps 10 stands beside ThroughputMode "ELASTIC", which provisions nothing; leave it out or use "PROVISIONED"`}},
		"days between": {func(p *EfsFileSystemProps) { p.TransitionToIADays, p.TransitionToArchiveDays = 2, 100 },
			[]string{"TransitionToIADays 2 " + days, "TransitionToArchiveDays 100 " + days}},
		"archive before IA": {func(p *EfsFileSystemProps) { p.TransitionToIADays, p.TransitionToArchiveDays = 90, 30 },
			[]string{"TransitionToArchiveDays 30 is not more than TransitionToIADays 90; archive later"}},
		"archive with IA": {func(p *EfsFileSystemProps) { p.TransitionToIADays, p.TransitionToArchiveDays = 90, 90 },
			[]string{"TransitionToArchiveDays 90 is not more than TransitionToIADays 90; archive later"}},
		"archive without IA": {func(p *EfsFileSystemProps) { p.TransitionToArchiveDays = 90 },
			[]string{"TransitionToArchiveDays 90 stands without TransitionToIADays, through which files go to the archive; give that a smaller number"}},
		"archive without elastic throughput": {func(p *EfsFileSystemProps) {
			p.ThroughputMode, p.TransitionToIADays, p.TransitionToArchiveDays = "BURSTING", 30, 90
		}, []string{`TransitionToArchiveDays 90 needs ThroughputMode "ELASTIC", for EFS archives in no other; it is "BURSTING"`}},
		"back from nowhere": {func(p *EfsFileSystemProps) { p.TransitionToPrimaryStorageClass = true },
			[]string{"TransitionToPrimaryStorageClass has nothing to bring back; give TransitionToIADays, or leave it out"}},
		"name": {func(p *EfsFileSystemProps) { p.FileSystemName = "a?" },
			[]string{`FileSystemName "a?" is no value of a tag; use up to 256 letters, digits, blanks and _.:/=+-@`}},
		"name of a token": {func(p *EfsFileSystemProps) { p.FileSystemName = "${Token[Name.1]}" }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := EfsFileSystemProps{Vpc: anyVpc{private: []string{"a"}}}
			c.change(&p)
			p.setDefaults()
			assertProblems(t, p.validate(), c.want...)
		})
	}
}

func TestAccessPointsAreRefused(t *testing.T) {
	long := "/" + strings.Repeat("x", 100)
	for name, c := range map[string]struct {
		change func(p *EfsAccessPointProps)
		want   []string
	}{
		"none":                 {func(p *EfsAccessPointProps) {}, nil},
		"a user at the root":   {func(p *EfsAccessPointProps) { p.PosixUser = &EfsPosixUser{Uid: 1, Gid: 1} }, nil},
		"four directories":     {func(p *EfsAccessPointProps) { p.Path, p.CreationInfo = "/a/b/c/d", &EfsCreationInfo{} }, nil},
		"a hundred characters": {func(p *EfsAccessPointProps) { p.Path, p.CreationInfo = long[:100], &EfsCreationInfo{} }, nil},
		"the greatest id": {func(p *EfsAccessPointProps) {
			p.Path, p.PosixUser = "/a", &EfsPosixUser{Uid: 4294967295, Gid: 4294967295}
		}, nil},
		"path that is not known": {func(p *EfsAccessPointProps) { p.Path = "${Token[Path.1]}" }, nil},
		"a group that may enter": {creation(2, 10, "0710", EfsPosixUser{Uid: 1, Gid: 9, SecondaryGids: []int{10}}), nil},
		"root, who always may":   {creation(2, 2, "0700", EfsPosixUser{Uid: 0, Gid: 5}), nil},
		"others, who may":        {creation(2, 2, "701", EfsPosixUser{Uid: 1, Gid: 1}), nil},
		"no file system": {func(p *EfsAccessPointProps) { p.FileSystem = nil },
			[]string{"FileSystem is missing; make it with storage.NewEfsFileSystem or storage.ImportEfsFileSystem"}},
		"file system of no constructor": {func(p *EfsAccessPointProps) { p.FileSystem = &EfsFileSystem{} },
			[]string{"FileSystem is missing; make it with storage.NewEfsFileSystem or storage.ImportEfsFileSystem"}},
		"relative path":    {at("team/data"), []string{`Path "team/data" is not absolute; begin it with /`}},
		"slash at the end": {at("/team/"), []string{`Path "/team/" has a / too many; write it as "/team"`}},
		"two slashes":      {at("/team//data"), []string{`Path "/team//data" has a / too many; write it as "/team/data"`}},
		"way up":           {at("/team/../data"), []string{`Path "/team/../data" has a directory that begins with a dot, which EFS refuses; name it otherwise`}},
		"hidden directory": {at("/.team"), []string{`Path "/.team" has a directory that begins with a dot, which EFS refuses; name it otherwise`}},
		"character":        {at("/a|b"), []string{"Path \"/a|b\" has a character that EFS refuses; use none of $#<>;`|&?{}^*"}},
		"too long":         {at(long), []string{"Path has 101 characters; use up to 100"}},
		"too deep":         {at("/a/b/c/d/e"), []string{`Path "/a/b/c/d/e" is 5 directories deep; use up to 4`}},
		"directory of nobody": {func(p *EfsAccessPointProps) { p.Path = "/data" },
			[]string{`CreationInfo is missing for "/data": EFS would not make the directory, and nobody could mount it; give its owner, or a PosixUser`}},
		"root made anew": {func(p *EfsAccessPointProps) { p.CreationInfo = &EfsCreationInfo{} },
			[]string{`CreationInfo stands beside Path "/", the root of the file system, which is there already; leave it out or give a directory`}},
		"ids": {func(p *EfsAccessPointProps) {
			p.Path, p.PosixUser = "/a", &EfsPosixUser{Uid: -1, Gid: 4294967296, SecondaryGids: []int{-2}}
			p.CreationInfo = &EfsCreationInfo{OwnerUid: -3, OwnerGid: -4, Permissions: "0777"}
		}, []string{
			"PosixUser.Uid -1 is no POSIX id; use 0 to 4294967295",
			"PosixUser.Gid 4294967296 is no POSIX id; use 0 to 4294967295",
			"PosixUser.SecondaryGids -2 is no POSIX id; use 0 to 4294967295",
			"CreationInfo.OwnerUid -3 is no POSIX id; use 0 to 4294967295",
			"CreationInfo.OwnerGid -4 is no POSIX id; use 0 to 4294967295",
		}},
		"too many groups": {func(p *EfsAccessPointProps) { p.PosixUser = &EfsPosixUser{SecondaryGids: make([]int, 17)} },
			[]string{"PosixUser.SecondaryGids are 17; use up to 16"}},
		"permissions as letters": {creation(1, 1, "rwxr-x---", EfsPosixUser{Uid: 1, Gid: 1}),
			[]string{`CreationInfo.Permissions "rwxr-x---" are no permissions; write them as three or four octal digits, such as "0750"`}},
		"permissions of no octal digits": {creation(1, 1, "0789", EfsPosixUser{Uid: 1, Gid: 1}),
			[]string{`CreationInfo.Permissions "0789" are no permissions; write them as three or four octal digits, such as "0750"`}},
		"a user that may not enter": {creation(2, 2, "0750", EfsPosixUser{Uid: 1, Gid: 1}),
			[]string{`CreationInfo.Permissions "0750" keep PosixUser 1:1 out of the directory of 2:2; give the directory to it, or let it in`}},
		"an owner that may not enter": {creation(1, 1, "0077", EfsPosixUser{Uid: 1, Gid: 1}),
			[]string{`CreationInfo.Permissions "0077" keep PosixUser 1:1 out of the directory of 1:1; give the directory to it, or let it in`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := EfsAccessPointProps{FileSystem: &EfsFileSystem{FileSystem: anyFileSystem{}}}
			c.change(&p)
			p.setDefaults()
			assertProblems(t, p.validate(), c.want...)
		})
	}
}

func at(path string) func(*EfsAccessPointProps) {
	return func(p *EfsAccessPointProps) { p.Path, p.PosixUser = path, &EfsPosixUser{Uid: 1000, Gid: 1000} }
}

func creation(uid, gid int, permissions string, user EfsPosixUser) func(*EfsAccessPointProps) {
	return func(p *EfsAccessPointProps) {
		p.Path, p.PosixUser = "/data", &user
		p.CreationInfo = &EfsCreationInfo{OwnerUid: uid, OwnerGid: gid, Permissions: permissions}
	}
}

func TestAccessPointPropsAreCopied(t *testing.T) {
	info := EfsCreationInfo{OwnerUid: 1}
	p := EfsAccessPointProps{Path: "/a", CreationInfo: &info}
	p.setDefaults()
	assert.Equal(t, "0750", p.CreationInfo.Permissions)
	assert.Empty(t, info.Permissions, "the caller's own struct")
}

func TestImportsAreRefused(t *testing.T) {
	assertProblems(t, (&ImportedEfsFileSystemProps{
		FileSystemId: "fs-0123456789abcdef0", SecurityGroupIds: []string{"sg-0123456789abcdef0", "${Token[Group.1]}"}, AvailabilityZones: []string{"a", "b"},
	}).validate())
	assertProblems(t, (&ImportedEfsFileSystemProps{FileSystemId: "${Token[Files.1]}", SecurityGroupIds: []string{"sg-01234567"}}).validate())
	assertProblems(t, (&ImportedEfsFileSystemProps{FileSystemId: "files", AvailabilityZones: []string{"a", "a", ""}}).validate(),
		`FileSystemId "files" is not the id of a file system; write it as "fs-0123456789abcdef0"`,
		"SecurityGroupIds is empty; name the security groups of the mount targets, which aws efs describe-mount-target-security-groups tells",
		`AvailabilityZones "a" at index 1 is empty or named twice; name each zone once`,
		`AvailabilityZones "" at index 2 is empty or named twice; name each zone once`)
	assertProblems(t, (&ImportedEfsFileSystemProps{FileSystemId: "fs-01234567", SecurityGroupIds: []string{"g", "sg-01234567", "sg-01234567"}}).validate(),
		`SecurityGroupIds "g" is not the id of a security group; write it as "sg-0123456789abcdef0"`,
		`SecurityGroupIds name "sg-01234567" twice; name each once`)

	files := &EfsFileSystem{FileSystem: anyFileSystem{}}
	assertProblems(t, (&ImportedEfsAccessPointProps{FileSystem: files, AccessPointId: "fsap-0123456789abcdef0"}).validate())
	assertProblems(t, (&ImportedEfsAccessPointProps{FileSystem: files, AccessPointId: "${Token[Point.1]}"}).validate())
	assertProblems(t, (&ImportedEfsAccessPointProps{AccessPointId: "fs-0123456789abcdef0"}).validate(),
		"FileSystem is missing; make it with storage.NewEfsFileSystem or storage.ImportEfsFileSystem",
		`AccessPointId "fs-0123456789abcdef0" is not the id of an access point; write it as "fsap-0123456789abcdef0"`)
}

// What cannot be known is not refused: ids and zones that only the deployment knows.
func TestFilesOutOfReachAreRefused(t *testing.T) {
	here := anyVpc{id: "vpc-1", private: []string{"a", "b"}}
	const elsewhere = "Task mounts the files of Files, which are in another VPC; use a file system in the VPC of the cluster"
	for name, c := range map[string]struct {
		files EfsFileSystem
		vpc   awsec2.IVpc
		want  []string
	}{
		"every zone":                     {EfsFileSystem{vpc: here, zones: []string{"a", "b", "c"}}, here, nil},
		"a VPC that is not known":        {EfsFileSystem{}, here, nil},
		"zones that are not known":       {EfsFileSystem{vpc: here}, here, nil},
		"another VPC":                    {EfsFileSystem{vpc: anyVpc{id: "vpc-2"}}, here, []string{elsewhere}},
		"another VPC, made here":         {EfsFileSystem{vpc: madeVpc{id: "${Token[Vpc.1]}"}}, madeVpc{id: "${Token[Vpc.2]}"}, []string{elsewhere}},
		"one made here, the other named": {EfsFileSystem{vpc: madeVpc{id: "${Token[Vpc.1]}"}}, here, []string{elsewhere}},
		"maybe another VPC":              {EfsFileSystem{vpc: anyVpc{id: "${Token[Vpc.1]}"}}, here, nil},
		"a zone without mount target": {EfsFileSystem{vpc: here, zones: []string{"a"}}, here,
			[]string{"Task mounts the files of Files, which have no mount target in b, where its tasks may start; give the file system Subnets in those zones too"}},
		"one VPC by two tokens, so that zones are not known": {
			EfsFileSystem{vpc: anyVpc{id: "${Token[Vpc.1]}"}, zones: []string{"${Token[Zone.1]}"}}, here, nil},
		"zones that are tokens of the same VPC": {
			EfsFileSystem{vpc: here, zones: []string{"${Token[Zone.1]}"}}, anyVpc{id: "vpc-1", private: []string{"${Token[Zone.1]}", "${Token[Zone.2]}"}},
			[]string{"Task mounts the files of Files, which have no mount target in ${Token[Zone.2]}, where its tasks may start; give the file system Subnets in those zones too"}},
	} {
		t.Run(name, func(t *testing.T) {
			var bad invalid.Problems
			c.files.path = "Files"
			c.files.CheckReach("Task", c.vpc, network.Private, &bad)
			assertProblems(t, bad.Err(), c.want...)
		})
	}
}

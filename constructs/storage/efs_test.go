package storage

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/network"
	"awscontainers/internal/expect"
	"awscontainers/internal/fake"
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

func TestZeroValuesAreValidated(t *testing.T) {
	expect.Problems(t, (&EfsFileSystemProps{}).Validate(), "Vpc is required: the VPC of the clients")
	expect.Problems(t, (&LustreProps{}).Validate(), "Vpc is required: the VPC of the clients")
	expect.Problems(t, (&OntapProps{}).Validate(), "Vpc is required: the VPC of the clients")
	expect.Problems(t, (&EfsAccessPointProps{}).Validate(), noFileSystem)
}

const noFileSystem = "FileSystem is required; use storage.NewEfsFileSystem or storage.EfsFileSystemFrom"

func TestFileSystemsAreRefused(t *testing.T) {
	const days = "must be 1, 7, 14, 30, 60, 90, 180, 270 or 365, or 0 for never"
	for name, c := range map[string]struct {
		change func(p *EfsFileSystemProps)
		want   []string
	}{
		"none": {func(p *EfsFileSystemProps) {}, nil},
		"all that is allowed": {func(p *EfsFileSystemProps) {
			p.TransitionToIADays, p.TransitionToArchiveDays, p.TransitionToPrimaryStorageClass = 1, 365, true
			p.FileSystemName, p.DisableBackups = "Shared files: a+b=c", true
		}, nil},
		"min throughput":       {func(p *EfsFileSystemProps) { p.ThroughputMode, p.ProvisionedThroughputMiBps = "PROVISIONED", 1 }, nil},
		"max throughput":       {func(p *EfsFileSystemProps) { p.ThroughputMode, p.ProvisionedThroughputMiBps = "PROVISIONED", 3414 }, nil},
		"bursting, and seldom": {func(p *EfsFileSystemProps) { p.ThroughputMode, p.TransitionToIADays = "BURSTING", 30 }, nil},
		"no VPC":               {func(p *EfsFileSystemProps) { p.Vpc = nil }, []string{"Vpc is required: the VPC of the clients"}},
		"subnets that are not there": {func(p *EfsFileSystemProps) { p.Subnets = network.Isolated },
			[]string{`Subnets must be a type of subnets that the VPC has (0 public, 1 private, 0 isolated); got "isolated"; ` +
				`set IsolatedSubnets of network.VpcProps, or use network.Private`}},
		"unknown subnets": {func(p *EfsFileSystemProps) { p.Subnets = "dark" },
			[]string{`Subnets must be "public", "private" or "isolated"; got "dark"`}},
		"unknown mode": {func(p *EfsFileSystemProps) { p.ThroughputMode, p.ProvisionedThroughputMiBps = "fast", 10 },
			[]string{`ThroughputMode must be "ELASTIC", "BURSTING" or "PROVISIONED"; got "fast"`}},
		"provisioned without a value": {func(p *EfsFileSystemProps) { p.ThroughputMode = awsefs.ThroughputMode_PROVISIONED },
			[]string{`ProvisionedThroughputMiBps is required with ThroughputMode "PROVISIONED": 1 to 3414`}},
		"provisioned too much": {func(p *EfsFileSystemProps) { p.ThroughputMode, p.ProvisionedThroughputMiBps = "PROVISIONED", 3415 },
			[]string{"ProvisionedThroughputMiBps must be an integer from 1 to 3414; got 3415"}},
		"provisioned less than nothing": {func(p *EfsFileSystemProps) { p.ThroughputMode, p.ProvisionedThroughputMiBps = "PROVISIONED", -1 },
			[]string{"ProvisionedThroughputMiBps must be an integer from 1 to 3414; got -1"}},
		"a value that is not provisioned": {func(p *EfsFileSystemProps) { p.ProvisionedThroughputMiBps = 10 },
			[]string{`ProvisionedThroughputMiBps requires ThroughputMode "PROVISIONED"; got 10`}},
		"days between": {func(p *EfsFileSystemProps) { p.TransitionToIADays, p.TransitionToArchiveDays = 2, 100 },
			[]string{"TransitionToIADays " + days + "; got 2", "TransitionToArchiveDays " + days + "; got 100"}},
		"archive before IA": {func(p *EfsFileSystemProps) { p.TransitionToIADays, p.TransitionToArchiveDays = 90, 30 },
			[]string{"TransitionToArchiveDays must be greater than TransitionToIADays (90); got 30"}},
		"archive with IA": {func(p *EfsFileSystemProps) { p.TransitionToIADays, p.TransitionToArchiveDays = 90, 90 },
			[]string{"TransitionToArchiveDays must be greater than TransitionToIADays (90); got 90"}},
		"archive without IA": {func(p *EfsFileSystemProps) { p.TransitionToArchiveDays = 90 },
			[]string{"TransitionToArchiveDays requires TransitionToIADays, because files reach Archive through Infrequent Access; got 90"}},
		"archive without elastic throughput": {func(p *EfsFileSystemProps) {
			p.ThroughputMode, p.TransitionToIADays, p.TransitionToArchiveDays = "BURSTING", 30, 90
		}, []string{`TransitionToArchiveDays requires ThroughputMode "ELASTIC"; got 90`}},
		"back from nowhere": {func(p *EfsFileSystemProps) { p.TransitionToPrimaryStorageClass = true },
			[]string{"TransitionToPrimaryStorageClass requires TransitionToIADays"}},
		"name": {func(p *EfsFileSystemProps) { p.FileSystemName = "a?" },
			[]string{`FileSystemName must be up to 256 letters, digits, spaces and _.:/=+-@; got "a?"`}},
		"name of a token": {func(p *EfsFileSystemProps) { p.FileSystemName = "${Token[Name.1]}" }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := EfsFileSystemProps{Vpc: anyVpc{private: []string{"a"}}}
			c.change(&p)
			expect.Problems(t, expect.Join(p.Validate(), p.validateIn()), c.want...)
		})
	}
}

func TestAccessPointsAreRefused(t *testing.T) {
	long := "/" + strings.Repeat("x", 100)
	const enter = "; make PosixUser the owner, or permit it to enter"
	const slashes = "Path must not end with / or have two in a row; got "
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
		"no file system":         {func(p *EfsAccessPointProps) { p.FileSystem = nil }, []string{noFileSystem}},
		"file system of no constructor": {func(p *EfsAccessPointProps) { p.FileSystem = &EfsFileSystem{} },
			[]string{noFileSystem}},
		"relative path":    {at("team/data"), []string{`Path must begin with /; got "team/data"`}},
		"slash at the end": {at("/team/"), []string{slashes + `"/team/"; use "/team"`}},
		"two slashes":      {at("/team//data"), []string{slashes + `"/team//data"; use "/team/data"`}},
		"way up":           {at("/team/../data"), []string{`Path must not have directories that begin with a dot; got "/team/../data"`}},
		"hidden directory": {at("/.team"), []string{`Path must not have directories that begin with a dot; got "/.team"`}},
		"character":        {at("/a|b"), []string{"Path must not contain any of $#<>;`|&?{}^*; got \"/a|b\""}},
		"too long":         {at(long), []string{`Path must have at most 100 characters; got "` + long + `"`}},
		"too deep":         {at("/a/b/c/d/e"), []string{`Path must be at most 4 directories deep; got "/a/b/c/d/e"`}},
		"directory of nobody": {func(p *EfsAccessPointProps) { p.Path = "/data" },
			[]string{`CreationInfo is required with Path "/data" unless PosixUser is set, because otherwise EFS doesn't create the directory`}},
		"root made anew": {func(p *EfsAccessPointProps) { p.CreationInfo = &EfsCreationInfo{} },
			[]string{`CreationInfo requires a Path other than "/", the root of the file system, which exists already; set Path or remove it`}},
		"ids": {func(p *EfsAccessPointProps) {
			p.Path, p.PosixUser = "/a", &EfsPosixUser{Uid: -1, Gid: 4294967296, SecondaryGids: []int{-2}}
			p.CreationInfo = &EfsCreationInfo{OwnerUid: -3, OwnerGid: -4, Permissions: "0777"}
		}, []string{
			"PosixUser.Uid must be an integer from 0 to 4294967295; got -1",
			"PosixUser.Gid must be an integer from 0 to 4294967295; got 4294967296",
			"PosixUser.SecondaryGids[0] must be an integer from 0 to 4294967295; got -2",
			"CreationInfo.OwnerUid must be an integer from 0 to 4294967295; got -3",
			"CreationInfo.OwnerGid must be an integer from 0 to 4294967295; got -4",
		}},
		"too many groups": {func(p *EfsAccessPointProps) { p.PosixUser = &EfsPosixUser{SecondaryGids: make([]int, 17)} },
			[]string{"PosixUser.SecondaryGids must have at most 16 elements; got 17"}},
		"permissions as letters": {creation(1, 1, "rwxr-x---", EfsPosixUser{Uid: 1, Gid: 1}),
			[]string{`CreationInfo.Permissions must be three or four octal digits such as "0750"; got "rwxr-x---"`}},
		"permissions of no octal digits": {creation(1, 1, "0789", EfsPosixUser{Uid: 1, Gid: 1}),
			[]string{`CreationInfo.Permissions must be three or four octal digits such as "0750"; got "0789"`}},
		"a user that may not enter": {creation(2, 2, "0750", EfsPosixUser{Uid: 1, Gid: 1}),
			[]string{`CreationInfo.Permissions must let PosixUser 1:1 enter the directory of 2:2; got "0750"` + enter}},
		"an owner that may not enter": {creation(1, 1, "0077", EfsPosixUser{Uid: 1, Gid: 1}),
			[]string{`CreationInfo.Permissions must let PosixUser 1:1 enter the directory of 1:1; got "0077"` + enter}},
	} {
		t.Run(name, func(t *testing.T) {
			p := EfsAccessPointProps{FileSystem: &EfsFileSystem{Construct: fake.Construct{}, FileSystem: anyFileSystem{}}}
			c.change(&p)
			expect.Problems(t, p.Validate(), c.want...)
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
	info, user := EfsCreationInfo{OwnerUid: 1}, EfsPosixUser{Uid: 1, Gid: 1}
	p := EfsAccessPointProps{Path: "/a", CreationInfo: &info, PosixUser: &user}
	p.setDefaults()
	assert.Equal(t, "0750", p.CreationInfo.Permissions)
	assert.Empty(t, info.Permissions, "the caller's own struct")
	assert.NotSame(t, &user, p.PosixUser, "the caller's own struct")
}

func TestRootUsers(t *testing.T) {
	for user, want := range map[*EfsPosixUser]bool{nil: false, {Uid: 1, Gid: 1}: false, {Gid: 1}: true, {Uid: 1}: true} {
		assert.Equal(t, want, user.IsRoot(), "%+v", user)
	}
}

func TestEfsAttributesAreRefused(t *testing.T) {
	expect.Problems(t, (&EfsFileSystemAttributes{
		FileSystemId: "fs-0123456789abcdef0", SecurityGroupIds: []string{"sg-0123456789abcdef0", "${Token[Group.1]}"},
		AvailabilityZones: []string{"eu-west-1a", "eu-west-1b"},
	}).Validate())
	expect.Problems(t, (&EfsFileSystemAttributes{FileSystemId: "${Token[Files.1]}", SecurityGroupIds: []string{"sg-01234567"}}).Validate())
	expect.Problems(t, (&EfsFileSystemAttributes{}).Validate(),
		`FileSystemId is required: a file system ID such as "fs-0123456789abcdef0"`,
		"SecurityGroupIds is required: the security groups of the mount targets")
	expect.Problems(t, (&EfsFileSystemAttributes{FileSystemId: "files", SecurityGroupIds: []string{"g", "sg-01234567", "sg-01234567"},
		AvailabilityZones: []string{"eu-west-1a", "eu-west-1a", ""}}).Validate(),
		`FileSystemId must be a file system ID such as "fs-0123456789abcdef0"; got "files"`,
		`SecurityGroupIds[0] must be a security group ID such as "sg-0123456789abcdef0"; got "g"`,
		`SecurityGroupIds[2] must not repeat SecurityGroupIds[1]; got "sg-01234567"`,
		`AvailabilityZones[1] must not repeat AvailabilityZones[0]; got "eu-west-1a"`,
		`AvailabilityZones[2] must be the name of an Availability Zone such as "eu-west-1a"; got ""`)

	files := &EfsFileSystem{Construct: fake.Construct{}, FileSystem: anyFileSystem{}}
	expect.Problems(t, (&EfsAccessPointAttributes{FileSystem: files, AccessPointId: "fsap-0123456789abcdef0"}).Validate())
	expect.Problems(t, (&EfsAccessPointAttributes{FileSystem: files, AccessPointId: "${Token[Point.1]}"}).Validate())
	expect.Problems(t, (&EfsAccessPointAttributes{AccessPointId: "fs-0123456789abcdef0"}).Validate(), noFileSystem,
		`AccessPointId must be an access point ID such as "fsap-0123456789abcdef0"; got "fs-0123456789abcdef0"`)
}

// What cannot be known is not refused: ids and zones that only the deployment knows.
func TestFilesOutOfReachAreRefused(t *testing.T) {
	here := anyVpc{id: "vpc-1", private: []string{"a", "b"}}
	const elsewhere = "requires a file system in its own VPC, and Files is in another one"
	lacking := func(zone string) string {
		return "requires mount targets of Files in " + zone + ", where its tasks may start; give the file system Subnets in those zones too"
	}
	for name, c := range map[string]struct {
		files EfsFileSystem
		vpc   awsec2.IVpc
		want  []string
	}{
		"every zone":               {EfsFileSystem{vpc: here, zones: []string{"a", "b", "c"}}, here, nil},
		"a VPC that is not known":  {EfsFileSystem{}, here, nil},
		"zones that are not known": {EfsFileSystem{vpc: here}, here, nil},
		"another VPC":              {EfsFileSystem{vpc: anyVpc{id: "vpc-2"}}, here, []string{elsewhere}},
		"another VPC, made here": {EfsFileSystem{vpc: madeVpc{id: "${Token[Vpc.1]}"}}, madeVpc{id: "${Token[Vpc.2]}"},
			[]string{elsewhere}},
		"one made here, the other named": {EfsFileSystem{vpc: madeVpc{id: "${Token[Vpc.1]}"}}, here, []string{elsewhere}},
		"maybe another VPC":              {EfsFileSystem{vpc: anyVpc{id: "${Token[Vpc.1]}"}}, here, nil},
		"a zone without mount target": {EfsFileSystem{vpc: here, zones: []string{"a"}}, here,
			[]string{lacking("b")}},
		"one VPC by two tokens, so that zones are not known": {
			EfsFileSystem{vpc: anyVpc{id: "${Token[Vpc.1]}"}, zones: []string{"${Token[Zone.1]}"}}, here, nil},
		"zones that are tokens of the same VPC": {
			EfsFileSystem{vpc: here, zones: []string{"${Token[Zone.1]}"}},
			anyVpc{id: "vpc-1", private: []string{"${Token[Zone.1]}", "${Token[Zone.2]}"}},
			[]string{lacking("${Token[Zone.2]}")}},
	} {
		t.Run(name, func(t *testing.T) {
			c.files.path = "Files"
			expect.Problems(t, c.files.CheckReach(c.vpc, network.Private), c.want...)
		})
	}
}

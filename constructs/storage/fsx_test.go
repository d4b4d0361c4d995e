package storage

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/network"
)

// More stand-ins for what only has to be there.
type (
	anyKey    struct{ awskms.IKey }
	anyBucket struct{ awss3.IBucket }
	anyTable  struct {
		awsec2.IRouteTable
		id *string
	}
	routedSubnet struct {
		anySubnet
		table anyTable
	}
	routedVpc struct { // whose subnets know their route tables
		anyVpc
		tables []string
	}
)

func (t anyTable) RouteTableId() *string              { return t.id }
func (s routedSubnet) RouteTable() awsec2.IRouteTable { return s.table }
func (s anySubnet) RouteTable() awsec2.IRouteTable    { return anyTable{} }
func (v routedVpc) PrivateSubnets() *[]awsec2.ISubnet {
	subnets := []awsec2.ISubnet{}
	for i, zone := range v.private {
		subnets = append(subnets, routedSubnet{anySubnet{zone: zone}, anyTable{id: &v.tables[i]}})
	}
	return &subnets
}

func TestLustreIsRefused(t *testing.T) {
	sizes := func(size int) string {
		return fmt.Sprintf("StorageCapacityGiB %d is no size of FSx for Lustre; use 1200, 2400 or a multiple of 2400", size)
	}
	repository := func(path string) LustreDataRepository {
		return LustreDataRepository{Bucket: anyBucket{}, FileSystemPath: path}
	}
	links := func(r ...LustreDataRepository) func(p *LustreProps) {
		return func(p *LustreProps) { p.DataRepositories = r }
	}
	for name, c := range map[string]struct {
		change func(p *LustreProps)
		want   []string
	}{
		"none": {func(p *LustreProps) {}, nil},
		"all that is allowed": {func(p *LustreProps) {
			p.StorageCapacityGiB, p.PerUnitThroughput, p.DataCompression, p.Key = 4800, 1000, true, anyKey{}
			p.WeeklyMaintenance, p.BackupRetentionDays, p.DailyBackupStart, p.FileSystemName = "7:23:59", 90, "00:00", "Training data"
		}, nil},
		"scratch":          {func(p *LustreProps) { p.DeploymentType, p.StorageCapacityGiB = LustreScratch2, 2400 }, nil},
		"older":            {func(p *LustreProps) { p.DeploymentType, p.PerUnitThroughput = LustrePersistent1, 200 }, nil},
		"linked":           {links(repository("/a"), repository("/ab"), repository("/c/d/")), nil},
		"linked whole":     {links(repository("/")), nil},
		"linked scratch":   {func(p *LustreProps) { p.DeploymentType = LustreScratch2; links(repository("/a"))(p) }, nil},
		"linked, disabled": {func(p *LustreProps) { p.DisableBackups = true; links(repository("/a"))(p) }, nil},
		"linked by events": {links(LustreDataRepository{Bucket: anyBucket{}, FileSystemPath: "/a", Prefix: "team/data/", AutoImport: []LustreEvent{LustreNew, LustreChanged, LustreDeleted}, AutoExport: []LustreEvent{LustreNew}}), nil},
		"only known later": {func(p *LustreProps) {
			p.WeeklyMaintenance, p.DailyBackupStart, p.FileSystemName = "${Token[At.1]}", "${Token[At.2]}", "${Token[Name.3]}"
		}, nil},
		"one subnet": {func(p *LustreProps) { p.Subnets, p.Subnet = "", anySubnet{zone: "a"} }, nil},
		"no VPC": {func(p *LustreProps) { p.Vpc = nil },
			[]string{"Vpc is missing; give the VPC in which the files are to be reached"}},
		"subnets that are not there": {func(p *LustreProps) { p.Subnets = network.Isolated },
			[]string{`Subnets must be a type of subnets that the VPC has (0 public, 1 private, 0 isolated); got "isolated"`}},
		"subnets twice": {func(p *LustreProps) { p.Subnets, p.Subnet = network.Private, anySubnet{zone: "a"} },
			[]string{`Subnets "private" stands beside Subnet; leave one of them out`}},
		"one TiB":           {func(p *LustreProps) { p.StorageCapacityGiB = 1024 }, []string{sizes(1024)}},
		"between the steps": {func(p *LustreProps) { p.StorageCapacityGiB = 3600 }, []string{sizes(3600)}},
		"less than nothing": {func(p *LustreProps) { p.StorageCapacityGiB = -2400 }, []string{sizes(-2400)}},
		"unknown type": {func(p *LustreProps) { p.DeploymentType = "SCRATCH_1" },
			[]string{`DeploymentType "SCRATCH_1" is unknown; use "SCRATCH_2", "PERSISTENT_1" or "PERSISTENT_2"`}},
		"throughput of the older type": {func(p *LustreProps) { p.PerUnitThroughput = 200 },
			[]string{`PerUnitThroughput 200 is not offered with DeploymentType "PERSISTENT_2"; use 125, 250, 500 or 1000`}},
		"throughput of the newer type": {func(p *LustreProps) { p.DeploymentType, p.PerUnitThroughput = LustrePersistent1, 125 },
			[]string{`PerUnitThroughput 125 is not offered with DeploymentType "PERSISTENT_1"; use 50, 100 or 200`}},
		"throughput of scratch": {func(p *LustreProps) { p.DeploymentType, p.PerUnitThroughput = LustreScratch2, 200 },
			[]string{`PerUnitThroughput 200 stands beside DeploymentType "SCRATCH_2", which has 200 MB/s for each TiB; leave it out`}},
		"backups of scratch": {func(p *LustreProps) {
			p.DeploymentType, p.BackupRetentionDays, p.DailyBackupStart = LustreScratch2, 7, "05:00"
		}, []string{
			`BackupRetentionDays 7 stands beside DeploymentType "SCRATCH_2", of which FSx makes no backups; leave it out`,
			`DailyBackupStart "05:00" stands beside DeploymentType "SCRATCH_2", of which FSx makes no backups; leave it out`}},
		"backups of what is linked": {func(p *LustreProps) { p.BackupRetentionDays = 7; links(repository("/a"))(p) },
			[]string{"BackupRetentionDays 7 stands beside DataRepositories, of which FSx makes no backups; leave it out"}},
		"backups for too long": {func(p *LustreProps) { p.BackupRetentionDays = 91 },
			[]string{"BackupRetentionDays 91 is out of range; use 1 to 90, or DisableBackups for none"}},
		"backups and none": {func(p *LustreProps) { p.BackupRetentionDays, p.DailyBackupStart, p.DisableBackups = 7, "05:00", true }, []string{
			`BackupRetentionDays 7 stands beside DisableBackups; leave one of them out`,
			`DailyBackupStart "05:00" stands beside DisableBackups; leave one of them out`}},
		"times": {func(p *LustreProps) { p.WeeklyMaintenance, p.DailyBackupStart = "8:02:30", "5:00" }, []string{
			`DailyBackupStart "5:00" is no time of the day; write hours and minutes in UTC, as "05:00"`,
			`WeeklyMaintenance "8:02:30" is no time of the week; write the day, from 1, Monday, to 7, Sunday, and the time in UTC, as "7:02:30"`}},
		"an hour too late": {func(p *LustreProps) { p.WeeklyMaintenance, p.DailyBackupStart = "7:24:00", "12:60" }, []string{
			`DailyBackupStart "12:60" is no time of the day; write hours and minutes in UTC, as "05:00"`,
			`WeeklyMaintenance "7:24:00" is no time of the week; write the day, from 1, Monday, to 7, Sunday, and the time in UTC, as "7:02:30"`}},
		"a key for scratch": {func(p *LustreProps) { p.DeploymentType, p.Key = LustreScratch2, anyKey{} },
			[]string{`Key stands beside DeploymentType "SCRATCH_2", which FSx encrypts with a key of its own; leave it out or use "PERSISTENT_2"`}},
		"a snapshot": {func(p *LustreProps) { p.RemovalPolicy = awscdk.RemovalPolicy_SNAPSHOT },
			[]string{`RemovalPolicy "SNAPSHOT" is not for FSx, of which CloudFormation takes no snapshots; use "RETAIN_ON_UPDATE_OR_DELETE", "RETAIN" or "DESTROY"`}},
		"name": {func(p *LustreProps) { p.FileSystemName = "a|b" },
			[]string{`FileSystemName "a|b" is no value of a tag; use up to 256 letters, digits, blanks and _.:/=+-@`}},
		"too many links": {links(repository("/1"), repository("/2"), repository("/3"), repository("/4"), repository("/5"), repository("/6"), repository("/7"), repository("/8"), repository("/9")),
			[]string{"DataRepositories are 9; use up to 8"}},
		"links to nothing": {links(LustreDataRepository{}, LustreDataRepository{Bucket: anyBucket{}, FileSystemPath: "data", Prefix: "/x"}), []string{
			"DataRepositories[0].Bucket is missing; give the bucket that holds the objects",
			`DataRepositories[0].FileSystemPath is missing; give the directory, such as "/data", or "/" for the whole file system`,
			`DataRepositories[1].Prefix "/x" is no prefix of objects; write it without the bucket and a / at the beginning, as "team/data"`,
			`DataRepositories[1].FileSystemPath "data" is no directory of the file system; write it as "/data"`}},
		"links in each other": {links(repository("/a"), repository("/a/b"), repository("/")), []string{
			`DataRepositories[1].FileSystemPath "/a/b" and that of DataRepositories[0], "/a", are a part of each other; use directories beside each other`,
			`DataRepositories[2].FileSystemPath "/" and that of DataRepositories[0], "/a", are a part of each other; use directories beside each other`,
			`DataRepositories[2].FileSystemPath "/" and that of DataRepositories[1], "/a/b", are a part of each other; use directories beside each other`}},
		"events": {links(LustreDataRepository{Bucket: anyBucket{}, FileSystemPath: "/a", AutoImport: []LustreEvent{"new"}, AutoExport: []LustreEvent{LustreNew, LustreNew}}), []string{
			`DataRepositories[0].AutoImport "new" is unknown; use "NEW", "CHANGED" or "DELETED"`,
			`DataRepositories[0].AutoExport name "NEW" twice; name each once`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := LustreProps{Vpc: anyVpc{id: "vpc-1", private: []string{"a"}}}
			c.change(&p)
			p.setDefaults()
			assertProblems(t, p.validate(), c.want...)
		})
	}
}

func TestOntapIsRefused(t *testing.T) {
	multi := func(more func(p *OntapProps)) func(p *OntapProps) {
		return func(p *OntapProps) {
			p.DeploymentType = OntapMultiAz1
			p.Vpc = routedVpc{anyVpc{id: "vpc-1", private: []string{"a", "b"}}, []string{"rtb-01234567", "rtb-89abcdef"}}
			if more != nil {
				more(p)
			}
		}
	}
	for name, c := range map[string]struct {
		change func(p *OntapProps)
		want   []string
	}{
		"none": {func(p *OntapProps) {}, nil},
		"all that is allowed": {func(p *OntapProps) {
			p.DeploymentType, p.HaPairs, p.StorageCapacityGiB, p.ThroughputCapacityPerHaPair, p.Iops = OntapSingleAz2, 12, 1048576, 6144, 0
			p.WeeklyMaintenance, p.BackupRetentionDays, p.DailyBackupStart, p.FileSystemName, p.SvmName, p.Key = "1:00:00", 90, "23:59", "Shared", "_team-1", anyKey{}
		}, nil},
		"most of a pair":   {func(p *OntapProps) { p.StorageCapacityGiB, p.ThroughputCapacityPerHaPair = 524288, 4096 }, nil},
		"least IOPS":       {func(p *OntapProps) { p.Iops = 3072 }, nil},
		"most IOPS":        {func(p *OntapProps) { p.Iops = 200000 }, nil},
		"two zones":        {multi(nil), nil},
		"two zones, newer": {multi(func(p *OntapProps) { p.DeploymentType, p.ThroughputCapacityPerHaPair = OntapMultiAz2, 384 }), nil},
		"range":            {multi(func(p *OntapProps) { p.EndpointIpAddressRange = "198.19.10.0/26" }), nil},
		"named tables": {multi(func(p *OntapProps) {
			p.Vpc = anyVpc{id: "vpc-1", private: []string{"a", "b"}}
			p.RouteTableIds = []string{"rtb-0123456789abcdef0", "${Token[T.1]}"}
		}), nil},
		"no backups":        {func(p *OntapProps) { p.DisableBackups = true }, nil},
		"no VPC":            {func(p *OntapProps) { p.Vpc = nil }, []string{"Vpc is missing; give the VPC in which the files are to be reached"}},
		"no VPC, two zones": {multi(func(p *OntapProps) { p.Vpc = nil }), []string{"Vpc is missing; give the VPC in which the files are to be reached"}},
		"unknown subnets":   {func(p *OntapProps) { p.Subnets = "dark" }, []string{`Subnets must be "public", "private" or "isolated"; got "dark"`}},
		"unknown type": {func(p *OntapProps) { p.DeploymentType = "MULTI_AZ" },
			[]string{`DeploymentType "MULTI_AZ" is unknown; use "SINGLE_AZ_1", "SINGLE_AZ_2", "MULTI_AZ_1" or "MULTI_AZ_2"`}},
		"one zone for two": {multi(func(p *OntapProps) {
			p.Vpc = routedVpc{anyVpc{id: "vpc-1", private: []string{"a", "a"}}, []string{"rtb-01234567", "rtb-01234567"}}
		}), []string{`Subnets "private" are in one Availability Zone, and DeploymentType "MULTI_AZ_1" needs two; use a VPC with more, or "SINGLE_AZ_1"`}},
		"tables that nobody knows": {multi(func(p *OntapProps) { p.Vpc = anyVpc{id: "vpc-1", private: []string{"a", "b"}} }),
			[]string{"RouteTableIds is missing, and the VPC does not know those of its subnets; name the route tables of all subnets in which clients are"}},
		"tables": {multi(func(p *OntapProps) { p.RouteTableIds = []string{"main", "rtb-01234567", "rtb-01234567"} }), []string{
			`RouteTableIds "main" is not the id of a route table; write it as "rtb-0123456789abcdef0"`, `RouteTableIds name "rtb-01234567" twice; name each once`}},
		"no range":      {multi(func(p *OntapProps) { p.EndpointIpAddressRange = "198.19.10.0" }), []string{`EndpointIpAddressRange "198.19.10.0" is not an IPv4 range; write it as "198.19.10.0/26"`}},
		"crooked range": {multi(func(p *OntapProps) { p.EndpointIpAddressRange = "198.19.10.1/26" }), []string{`EndpointIpAddressRange "198.19.10.1/26" is not an IPv4 range; write it as "198.19.10.0/26"`}},
		"what one zone has not": {func(p *OntapProps) {
			p.RouteTableIds, p.EndpointIpAddressRange = []string{"rtb-01234567"}, "198.19.10.0/26"
		}, []string{
			`RouteTableIds stand beside DeploymentType "SINGLE_AZ_1", which needs no routes; leave them out`,
			`EndpointIpAddressRange "198.19.10.0/26" stands beside DeploymentType "SINGLE_AZ_1", whose endpoints are in its subnet; leave it out`}},
		"too small": {func(p *OntapProps) { p.StorageCapacityGiB = 1023 }, []string{"StorageCapacityGiB 1023 is out of range for HaPairs 1; use 1024 to 524288"}},
		"too large": {func(p *OntapProps) { p.StorageCapacityGiB = 524289 }, []string{"StorageCapacityGiB 524289 is out of range for HaPairs 1; use 1024 to 524288"}},
		"too small for two": {func(p *OntapProps) { p.DeploymentType, p.HaPairs, p.StorageCapacityGiB = OntapSingleAz2, 2, 2047 },
			[]string{"StorageCapacityGiB 2047 is out of range for HaPairs 2; use 2048 to 1048576"}},
		"too large together": {func(p *OntapProps) { p.DeploymentType, p.HaPairs, p.StorageCapacityGiB = OntapSingleAz2, 3, 1048577 },
			[]string{"StorageCapacityGiB 1048577 is out of range for HaPairs 3; use 3072 to 1048576"}},
		"pairs":                   {func(p *OntapProps) { p.DeploymentType, p.HaPairs = OntapSingleAz2, 13 }, []string{"HaPairs 13 is out of range; use 1 to 12"}},
		"less than nothing":       {func(p *OntapProps) { p.HaPairs = -1 }, []string{"HaPairs -1 is out of range; use 1 to 12"}},
		"pairs of the first":      {func(p *OntapProps) { p.HaPairs = 2 }, []string{`HaPairs 2 stands beside DeploymentType "SINGLE_AZ_1", which has 1; leave it out or use "SINGLE_AZ_2"`}},
		"throughput":              {func(p *OntapProps) { p.ThroughputCapacityPerHaPair = 384 }, []string{`ThroughputCapacityPerHaPair 384 is not offered with DeploymentType "SINGLE_AZ_1"; use 128, 256, 512, 1024, 2048 or 4096`}},
		"throughput of two zones": {multi(func(p *OntapProps) { p.DeploymentType, p.ThroughputCapacityPerHaPair = OntapMultiAz2, 128 }), []string{`ThroughputCapacityPerHaPair 128 is not offered with DeploymentType "MULTI_AZ_2"; use 384, 768, 1536, 3072 or 6144`}},
		"throughput of pairs":     {func(p *OntapProps) { p.DeploymentType, p.ThroughputCapacityPerHaPair = OntapSingleAz2, 4096 }, []string{`ThroughputCapacityPerHaPair 4096 is not offered with DeploymentType "SINGLE_AZ_2"; use 1536, 3072 or 6144`}},
		"too few IOPS":            {func(p *OntapProps) { p.Iops = 3071 }, []string{"Iops 3071 are out of range for StorageCapacityGiB 1024 and HaPairs 1; use 3072 to 200000, or leave it out for 3072"}},
		"too many IOPS":           {func(p *OntapProps) { p.Iops = 200001 }, []string{"Iops 200001 are out of range for StorageCapacityGiB 1024 and HaPairs 1; use 3072 to 200000, or leave it out for 3072"}},
		"SVM":                     {func(p *OntapProps) { p.SvmName = "1st svm" }, []string{`SvmName "1st svm" is no name of an SVM; use up to 47 letters, digits, - and _, and a letter or _ first`}},
		"backups and times": {func(p *OntapProps) {
			p.BackupRetentionDays, p.DailyBackupStart, p.WeeklyMaintenance = -1, "24:00", "0:05:00"
		}, []string{
			`DailyBackupStart "24:00" is no time of the day; write hours and minutes in UTC, as "05:00"`,
			"BackupRetentionDays -1 is out of range; use 1 to 90, or DisableBackups for none",
			`WeeklyMaintenance "0:05:00" is no time of the week; write the day, from 1, Monday, to 7, Sunday, and the time in UTC, as "7:02:30"`}},
		"a snapshot and a name": {func(p *OntapProps) { p.RemovalPolicy, p.FileSystemName = awscdk.RemovalPolicy_SNAPSHOT, "<>" }, []string{
			`RemovalPolicy "SNAPSHOT" is not for FSx, of which CloudFormation takes no snapshots; use "RETAIN_ON_UPDATE_OR_DELETE", "RETAIN" or "DESTROY"`,
			`FileSystemName "<>" is no value of a tag; use up to 256 letters, digits, blanks and _.:/=+-@`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := OntapProps{Vpc: anyVpc{id: "vpc-1", private: []string{"a"}}}
			c.change(&p)
			p.setDefaults()
			assertProblems(t, p.validate(), c.want...)
		})
	}
}

func TestDefaultsOfFsx(t *testing.T) {
	bucket := []LustreDataRepository{{Bucket: anyBucket{}, FileSystemPath: "/a"}}
	for _, c := range []struct {
		props            LustreProps
		throughput, days int
	}{
		{LustreProps{}, 125, 7},
		{LustreProps{DeploymentType: LustrePersistent1}, 50, 7},
		{LustreProps{DeploymentType: LustreScratch2}, 0, 0},
		{LustreProps{DataRepositories: bucket}, 125, 0},
		{LustreProps{DisableBackups: true}, 125, 0},
	} {
		c.props.setDefaults()
		assert.Equal(t, []int{1200, c.throughput, c.days}, []int{c.props.StorageCapacityGiB, c.props.PerUnitThroughput, c.props.BackupRetentionDays})
	}
	for kind, least := range map[OntapDeploymentType]int{"": 128, OntapSingleAz2: 1536, OntapMultiAz1: 128, OntapMultiAz2: 384} {
		p := OntapProps{DeploymentType: kind}
		p.setDefaults()
		assert.Equal(t, []int{1024, least, 30}, []int{p.StorageCapacityGiB, p.ThroughputCapacityPerHaPair, p.BackupRetentionDays}, kind)
	}
	// Each route table once, and the first subnet of two zones.
	p := OntapProps{DeploymentType: OntapMultiAz1, Vpc: routedVpc{anyVpc{private: []string{"a", "a", "b"}}, []string{"rtb-1", "rtb-1", "rtb-2"}}}
	p.setDefaults()
	assert.Equal(t, []string{"rtb-1", "rtb-2"}, p.routeTables())
	assert.Equal(t, []string{"a", "b"}, zonesOf(p.serverSubnets()))
}

func TestImportsOfFsxAreRefused(t *testing.T) {
	assertProblems(t, (&ImportedLustreProps{FileSystemId: "fs-0123456789abcdef0", MountName: "a1b2c3d4", SecurityGroupId: "sg-01234567"}).validate())
	assertProblems(t, (&ImportedLustreProps{FileSystemId: "${Token[F.1]}", MountName: "${Token[M.1]}", SecurityGroupId: "${Token[G.1]}"}).validate())
	assertProblems(t, (&ImportedLustreProps{FileSystemId: "files", MountName: "/fsx", SecurityGroupId: "group"}).validate(),
		`FileSystemId "files" is not the id of a file system; write it as "fs-0123456789abcdef0"`,
		`SecurityGroupId "group" is not the id of a security group; write it as "sg-0123456789abcdef0"`,
		`MountName "/fsx" is no mount name; use the 1 to 8 characters that aws fsx describe-file-systems tells`)

	good := ImportedOntapProps{
		FileSystemId: "fs-0123456789abcdef0", SvmId: "svm-0123456789abcdef0", SvmName: "svm", SecurityGroupId: "sg-01234567",
		SvmAdminSecretArn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:vsadmin-AbCdEf",
	}
	assertProblems(t, good.validate())
	assertProblems(t, (&ImportedOntapProps{}).validate(),
		`FileSystemId "" is not the id of a file system; write it as "fs-0123456789abcdef0"`,
		`SecurityGroupId "" is not the id of a security group; write it as "sg-0123456789abcdef0"`,
		`SvmId "" is not the id of an SVM; write it as "svm-0123456789abcdef0"`,
		`SvmName "" is no name of an SVM; use its 1 to 47 characters`,
		"SvmAdminSecretArn is missing; give the ARN of the secret with the password of vsadmin")
	good.SvmAdminSecretArn = "hunter22"
	assertProblems(t, good.validate(),
		`SvmAdminSecretArn is not the ARN of a secret; write it as "arn:aws:secretsmanager:eu-west-1:111122223333:secret:vsadmin-AbCdEf"`)
}

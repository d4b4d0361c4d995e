package storage

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/network"
	"awscontainers/internal/expect"
	"awscontainers/internal/fake"
)

// More stand-ins for what only has to be there.
type (
	anyTable struct {
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

// What both kinds of file systems refuse alike.
const (
	weekly      = `WeeklyMaintenanceStartTime must be the day from 1 (Monday) to 7 (Sunday) and the time in UTC, such as "7:02:30"; got `
	daily       = `DailyBackupStartTime must be hours and minutes in UTC, such as "05:00"; got `
	backups     = "BackupRetentionDays must be an integer from 1 to 90; got "
	snapshot    = `RemovalPolicy must be "RETAIN_ON_UPDATE_OR_DELETE", "RETAIN" or "DESTROY"; got "SNAPSHOT"`
	nameRefused = "FileSystemName must be up to 256 letters, digits, spaces and _.:/=+-@; got "
)

func TestLustreIsRefused(t *testing.T) {
	const size = "StorageCapacityGiB must be 1200, 2400 or a multiple of 2400; got "
	repository := func(path string) LustreDataRepository {
		return LustreDataRepository{Bucket: fake.Bucket{}, FileSystemPath: path}
	}
	links := func(r ...LustreDataRepository) func(p *LustreProps) {
		return func(p *LustreProps) { p.DataRepositories = r }
	}
	nested := func(i int, path string, j int, other string) string {
		return fmt.Sprintf("DataRepositories[%d].FileSystemPath must not contain or be in the path %q of DataRepositories[%d]; got %q", i,
			other, j, path)
	}
	for name, c := range map[string]struct {
		change func(p *LustreProps)
		want   []string
	}{
		"none": {func(p *LustreProps) {}, nil},
		"all that is allowed": {func(p *LustreProps) {
			p.StorageCapacityGiB, p.PerUnitThroughput, p.DataCompression, p.EncryptionKey = 4800, 1000, true, fake.Key{}
			p.WeeklyMaintenanceStartTime, p.BackupRetentionDays, p.DailyBackupStartTime, p.FileSystemName = "7:23:59", 90, "00:00", "Training data"
		}, nil},
		"scratch":          {func(p *LustreProps) { p.DeploymentType, p.StorageCapacityGiB = LustreScratch2, 2400 }, nil},
		"older":            {func(p *LustreProps) { p.DeploymentType, p.PerUnitThroughput = LustrePersistent1, 200 }, nil},
		"linked":           {links(repository("/a"), repository("/ab"), repository("/c/d/")), nil},
		"linked whole":     {links(repository("/")), nil},
		"linked scratch":   {func(p *LustreProps) { p.DeploymentType = LustreScratch2; links(repository("/a"))(p) }, nil},
		"linked, disabled": {func(p *LustreProps) { p.DisableBackups = true; links(repository("/a"))(p) }, nil},
		"linked by events": {links(LustreDataRepository{Bucket: fake.Bucket{}, FileSystemPath: "/a", Prefix: "team/data/",
			AutoImport: []LustreEvent{LustreNew, LustreChanged, LustreDeleted}, AutoExport: []LustreEvent{LustreNew}}), nil},
		"only known later": {func(p *LustreProps) {
			p.WeeklyMaintenanceStartTime, p.DailyBackupStartTime, p.FileSystemName = "${Token[At.1]}", "${Token[At.2]}", "${Token[Name.3]}"
		}, nil},
		"one subnet": {func(p *LustreProps) { p.Subnets, p.Subnet = "", anySubnet{zone: "a"} }, nil},
		"subnets twice": {func(p *LustreProps) { p.Subnets, p.Subnet = network.Private, anySubnet{zone: "a"} },
			[]string{`Subnets must not be set together with Subnet; got "private"; remove one of them`}},
		"no VPC": {func(p *LustreProps) { p.Vpc = nil }, []string{"Vpc is required: the VPC of the clients"}},
		"subnets that are not there": {func(p *LustreProps) { p.Subnets = network.Isolated },
			[]string{`Subnets must be a type of subnets that the VPC has (0 public, 1 private, 0 isolated); got "isolated"; ` +
				`set IsolatedSubnets of network.VpcProps, or use network.Private`}},
		"unknown subnets": {func(p *LustreProps) { p.Subnets = "dark" },
			[]string{`Subnets must be "public", "private" or "isolated"; got "dark"`}},
		"one TiB":           {func(p *LustreProps) { p.StorageCapacityGiB = 1024 }, []string{size + "1024"}},
		"between the steps": {func(p *LustreProps) { p.StorageCapacityGiB = 3600 }, []string{size + "3600"}},
		"less than nothing": {func(p *LustreProps) { p.StorageCapacityGiB = -2400 }, []string{size + "-2400"}},
		"unknown type": {func(p *LustreProps) { p.DeploymentType, p.PerUnitThroughput, p.DisableBackups = "SCRATCH_1", 5, true },
			[]string{`DeploymentType must be "SCRATCH_2", "PERSISTENT_1" or "PERSISTENT_2"; got "SCRATCH_1"`}},
		"throughput of the newer type": {func(p *LustreProps) { p.DeploymentType, p.PerUnitThroughput = LustrePersistent1, 125 },
			[]string{`PerUnitThroughput must be 50, 100 or 200 with DeploymentType "PERSISTENT_1"; got 125`}},
		"throughput of the older type": {func(p *LustreProps) { p.PerUnitThroughput = 200 },
			[]string{`PerUnitThroughput must be 125, 250, 500 or 1000 with DeploymentType "PERSISTENT_2"; got 200`}},
		"throughput of scratch": {func(p *LustreProps) { p.DeploymentType, p.PerUnitThroughput = LustreScratch2, 200 },
			[]string{`PerUnitThroughput is not supported with DeploymentType "SCRATCH_2", which has 200 MB/s per TiB; got 200; remove it`}},
		"backups of scratch": {func(p *LustreProps) {
			p.DeploymentType, p.BackupRetentionDays, p.DailyBackupStartTime = LustreScratch2, 7, "05:00"
		}, []string{
			`BackupRetentionDays must not be set with DeploymentType "SCRATCH_2", because FSx then makes no backups; got 7; remove it`,
			`DailyBackupStartTime must not be set with DeploymentType "SCRATCH_2", because FSx then makes no backups; got "05:00"; remove it`}},
		"backups of what is linked": {func(p *LustreProps) { p.BackupRetentionDays = 7; links(repository("/a"))(p) },
			[]string{"BackupRetentionDays must not be set together with DataRepositories, because FSx then makes no backups; got 7; remove it"}},
		"backups for too long": {func(p *LustreProps) { p.BackupRetentionDays = 91 }, []string{backups + "91; set DisableBackups for none"}},
		"backups and none": {func(p *LustreProps) {
			p.BackupRetentionDays, p.DailyBackupStartTime, p.DisableBackups = 7, "05:00", true
		}, []string{
			"BackupRetentionDays must not be set together with DisableBackups; got 7; remove one of them",
			`DailyBackupStartTime must not be set together with DisableBackups; got "05:00"; remove one of them`}},
		"times": {func(p *LustreProps) { p.WeeklyMaintenanceStartTime, p.DailyBackupStartTime = "8:02:30", "5:00" },
			[]string{weekly + `"8:02:30"`, daily + `"5:00"`}},
		"an hour too late": {func(p *LustreProps) { p.WeeklyMaintenanceStartTime, p.DailyBackupStartTime = "7:24:00", "12:60" },
			[]string{weekly + `"7:24:00"`, daily + `"12:60"`}},
		"a key for scratch": {func(p *LustreProps) { p.DeploymentType, p.EncryptionKey = LustreScratch2, fake.Key{} }, []string{
			`EncryptionKey is not supported with DeploymentType "SCRATCH_2", which FSx encrypts with its own key; remove it or use "PERSISTENT_2"`}},
		"a snapshot": {func(p *LustreProps) { p.RemovalPolicy = awscdk.RemovalPolicy_SNAPSHOT }, []string{snapshot}},
		"name":       {func(p *LustreProps) { p.FileSystemName = "a|b" }, []string{nameRefused + `"a|b"`}},
		"too many links": {links(repository("/1"), repository("/2"), repository("/3"), repository("/4"), repository("/5"), repository("/6"),
			repository("/7"), repository("/8"), repository("/9")), []string{"DataRepositories must have at most 8 elements; got 9"}},
		"links to nothing": {links(LustreDataRepository{}, LustreDataRepository{Bucket: fake.Bucket{}, FileSystemPath: "data", Prefix: "/x"}),
			[]string{
				"DataRepositories[0].Bucket is required",
				`DataRepositories[0].FileSystemPath is required: a directory such as "/data", or "/" for the whole file system`,
				`DataRepositories[1].Prefix must be an object prefix without the bucket and a leading /, such as "team/data"; got "/x"`,
				`DataRepositories[1].FileSystemPath must be a directory such as "/data", or "/" for the whole file system; got "data"`}},
		"links in each other": {links(repository("/a"), repository("/a/b"), repository("/")),
			[]string{nested(1, "/a/b", 0, "/a"), nested(2, "/", 0, "/a"), nested(2, "/", 1, "/a/b")}},
		"events": {links(LustreDataRepository{Bucket: fake.Bucket{}, FileSystemPath: "/a",
			AutoImport: []LustreEvent{"new"}, AutoExport: []LustreEvent{LustreNew, LustreNew}}), []string{
			`DataRepositories[0].AutoImport[0] must be "NEW", "CHANGED" or "DELETED"; got "new"`,
			`DataRepositories[0].AutoExport[1] must not repeat AutoExport[0]; got "NEW"`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := LustreProps{Vpc: anyVpc{id: "vpc-1", private: []string{"a"}}}
			c.change(&p)
			p.setDefaults()
			expect.Problems(t, expect.Join(p.Validate(), p.validateIn()), c.want...)
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
	const (
		noVpc       = "Vpc is required: the VPC of the clients"
		ipRange     = `EndpointIpAddressRange must be an IPv4 range such as "198.19.10.0/26"; got `
		needsMulti  = ` requires DeploymentType "MULTI_AZ_1" or "MULTI_AZ_2"; got `
		onePair     = "StorageCapacityGiB must be an integer from 1024 to 524288 with HaPairs 1; got "
		iops        = "Iops must be an integer from 3072 to 200000 with StorageCapacityGiB 1024 and HaPairs 1; got "
		throughputs = "ThroughputCapacityPerHaPair must be "
	)
	for name, c := range map[string]struct {
		change func(p *OntapProps)
		want   []string
	}{
		"none": {func(p *OntapProps) {}, nil},
		"all that is allowed": {func(p *OntapProps) {
			p.DeploymentType, p.HaPairs, p.StorageCapacityGiB, p.ThroughputCapacityPerHaPair, p.Iops = OntapSingleAz2, 12, 1048576, 6144, 0
			p.WeeklyMaintenanceStartTime, p.BackupRetentionDays, p.DailyBackupStartTime = "1:00:00", 90, "23:59"
			p.FileSystemName, p.SvmName, p.EncryptionKey = "Shared", "_team-1", fake.Key{}
		}, nil},
		"max of a pair":    {func(p *OntapProps) { p.StorageCapacityGiB, p.ThroughputCapacityPerHaPair = 524288, 4096 }, nil},
		"min IOPS":         {func(p *OntapProps) { p.Iops = 3072 }, nil},
		"max IOPS":         {func(p *OntapProps) { p.Iops = 200000 }, nil},
		"two zones":        {multi(nil), nil},
		"two zones, newer": {multi(func(p *OntapProps) { p.DeploymentType, p.ThroughputCapacityPerHaPair = OntapMultiAz2, 384 }), nil},
		"range":            {multi(func(p *OntapProps) { p.EndpointIpAddressRange = "198.19.10.0/26" }), nil},
		"named tables": {multi(func(p *OntapProps) {
			p.Vpc = anyVpc{id: "vpc-1", private: []string{"a", "b"}}
			p.RouteTableIds = []string{"rtb-0123456789abcdef0", "${Token[T.1]}"}
		}), nil},
		"no backups":        {func(p *OntapProps) { p.DisableBackups = true }, nil},
		"no VPC":            {func(p *OntapProps) { p.Vpc = nil }, []string{noVpc}},
		"no VPC, two zones": {multi(func(p *OntapProps) { p.Vpc = nil }), []string{noVpc}},
		"unknown subnets": {func(p *OntapProps) { p.Subnets = "dark" },
			[]string{`Subnets must be "public", "private" or "isolated"; got "dark"`}},
		"unknown type": {func(p *OntapProps) { p.DeploymentType = "MULTI_AZ" },
			[]string{`DeploymentType must be "SINGLE_AZ_1", "SINGLE_AZ_2", "MULTI_AZ_1" or "MULTI_AZ_2"; got "MULTI_AZ"`}},
		"one zone for two": {multi(func(p *OntapProps) {
			p.Vpc = routedVpc{anyVpc{id: "vpc-1", private: []string{"a", "a"}}, []string{"rtb-01234567", "rtb-01234567"}}
		}), []string{`Subnets must be in two Availability Zones with DeploymentType "MULTI_AZ_1"; got "private"; ` +
			`use a VPC with more zones, or DeploymentType "SINGLE_AZ_1"`}},
		"tables that nobody knows": {multi(func(p *OntapProps) { p.Vpc = anyVpc{id: "vpc-1", private: []string{"a", "b"}} }),
			[]string{"RouteTableIds is required with a VPC whose subnets' route tables are not known; " +
				"set it to the route tables of all subnets that clients are in"}},
		"tables": {multi(func(p *OntapProps) { p.RouteTableIds = []string{"main", "rtb-01234567", "rtb-01234567"} }), []string{
			`RouteTableIds[0] must be a route table ID such as "rtb-0123456789abcdef0"; got "main"`,
			`RouteTableIds[2] must not repeat RouteTableIds[1]; got "rtb-01234567"`}},
		"no range": {multi(func(p *OntapProps) { p.EndpointIpAddressRange = "198.19.10.0" }), []string{ipRange + `"198.19.10.0"`}},
		"crooked range": {multi(func(p *OntapProps) { p.EndpointIpAddressRange = "198.19.10.1/26" }), []string{
			`EndpointIpAddressRange must begin at the first address of its range; got "198.19.10.1/26"; use "198.19.10.0/26"`}},
		"what one zone has not": {func(p *OntapProps) {
			p.RouteTableIds, p.EndpointIpAddressRange = []string{"rtb-01234567"}, "198.19.10.0/26"
		}, []string{"RouteTableIds" + needsMulti + `"rtb-01234567"`, "EndpointIpAddressRange" + needsMulti + `"198.19.10.0/26"`}},
		"too small": {func(p *OntapProps) { p.StorageCapacityGiB = 1023 }, []string{onePair + "1023"}},
		"too large": {func(p *OntapProps) { p.StorageCapacityGiB = 524289 }, []string{onePair + "524289"}},
		"too small for two": {func(p *OntapProps) { p.DeploymentType, p.HaPairs, p.StorageCapacityGiB = OntapSingleAz2, 2, 2047 },
			[]string{"StorageCapacityGiB must be an integer from 2048 to 1048576 with HaPairs 2; got 2047"}},
		"too large together": {func(p *OntapProps) { p.DeploymentType, p.HaPairs, p.StorageCapacityGiB = OntapSingleAz2, 3, 1048577 },
			[]string{"StorageCapacityGiB must be an integer from 3072 to 1048576 with HaPairs 3; got 1048577"}},
		"pairs": {func(p *OntapProps) { p.DeploymentType, p.HaPairs = OntapSingleAz2, 13 },
			[]string{"HaPairs must be an integer from 1 to 12; got 13"}},
		"less than nothing": {func(p *OntapProps) { p.HaPairs = -1 }, []string{"HaPairs must be an integer from 1 to 12; got -1"}},
		"pairs of the first": {func(p *OntapProps) { p.HaPairs = 2 },
			[]string{`HaPairs must be 1 with DeploymentType "SINGLE_AZ_1"; got 2; use DeploymentType "SINGLE_AZ_2" for more`}},
		"throughput": {func(p *OntapProps) { p.ThroughputCapacityPerHaPair = 384 },
			[]string{throughputs + `128, 256, 512, 1024, 2048 or 4096 with DeploymentType "SINGLE_AZ_1"; got 384`}},
		"throughput of two zones": {multi(func(p *OntapProps) { p.DeploymentType, p.ThroughputCapacityPerHaPair = OntapMultiAz2, 128 }),
			[]string{throughputs + `384, 768, 1536, 3072 or 6144 with DeploymentType "MULTI_AZ_2"; got 128`}},
		"throughput of pairs": {func(p *OntapProps) { p.DeploymentType, p.ThroughputCapacityPerHaPair = OntapSingleAz2, 4096 },
			[]string{throughputs + `1536, 3072 or 6144 with DeploymentType "SINGLE_AZ_2"; got 4096`}},
		"too few IOPS":  {func(p *OntapProps) { p.Iops = 3071 }, []string{iops + "3071; remove it for 3072"}},
		"too many IOPS": {func(p *OntapProps) { p.Iops = 200001 }, []string{iops + "200001; remove it for 3072"}},
		"SVM": {func(p *OntapProps) { p.SvmName = "1st svm" },
			[]string{`SvmName must be up to 47 letters, digits, hyphens and underscores, and begin with a letter or underscore; got "1st svm"`}},
		"backups and times": {func(p *OntapProps) {
			p.BackupRetentionDays, p.DailyBackupStartTime, p.WeeklyMaintenanceStartTime = -1, "24:00", "0:05:00"
		}, []string{weekly + `"0:05:00"`, daily + `"24:00"`, backups + "-1; set DisableBackups for none"}},
		"a snapshot and a name": {func(p *OntapProps) { p.RemovalPolicy, p.FileSystemName = awscdk.RemovalPolicy_SNAPSHOT, "<>" },
			[]string{snapshot, nameRefused + `"<>"`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := OntapProps{Vpc: anyVpc{id: "vpc-1", private: []string{"a"}}}
			c.change(&p)
			p.setDefaults()
			expect.Problems(t, expect.Join(p.Validate(), p.validateIn()), c.want...)
		})
	}
}

func TestDefaultsOfFsx(t *testing.T) {
	bucket := []LustreDataRepository{{Bucket: fake.Bucket{}, FileSystemPath: "/a"}}
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
		assert.Equal(t, 1200, c.props.StorageCapacityGiB)
		assert.Equal(t, c.throughput, c.props.PerUnitThroughput)
		assert.Equal(t, c.days, c.props.BackupRetentionDays)
	}
	for kind, minimum := range map[OntapDeploymentType]int{"": 128, OntapSingleAz2: 1536, OntapMultiAz1: 128, OntapMultiAz2: 384} {
		p := OntapProps{DeploymentType: kind}
		p.setDefaults()
		assert.Equal(t, 1024, p.StorageCapacityGiB, kind)
		assert.Equal(t, minimum, p.ThroughputCapacityPerHaPair, kind)
		assert.Equal(t, 30, p.BackupRetentionDays, kind)
	}
	// Each route table once, and the first subnet of two zones.
	vpc := routedVpc{anyVpc{private: []string{"a", "a", "b"}}, []string{"rtb-1", "rtb-1", "rtb-2"}}
	p := OntapProps{DeploymentType: OntapMultiAz1, Vpc: vpc}
	p.setDefaults()
	assert.Equal(t, []string{"rtb-1", "rtb-2"}, p.routeTables())
	assert.Equal(t, []string{"a", "b"}, zonesOf(p.serverSubnets()))
}

func TestFsxAttributesAreRefused(t *testing.T) {
	expect.Problems(t, (&LustreAttributes{FileSystemId: "fs-0123456789abcdef0", MountName: "a1b2c3d4",
		SecurityGroupId: "sg-01234567"}).Validate())
	expect.Problems(t, (&LustreAttributes{FileSystemId: "${Token[F.1]}", MountName: "${Token[M.1]}",
		SecurityGroupId: "${Token[G.1]}"}).Validate())
	expect.Problems(t, (&LustreAttributes{FileSystemId: "files", MountName: "/fsx", SecurityGroupId: "group"}).Validate(),
		`FileSystemId must be a file system ID such as "fs-0123456789abcdef0"; got "files"`,
		`SecurityGroupId must be a security group ID such as "sg-0123456789abcdef0"; got "group"`,
		`MountName must be 1 to 8 letters, digits, hyphens and underscores, such as "a1b2c3d4"; got "/fsx"`)

	const secret = `the complete ARN of the secret of vsadmin, such as "arn:aws:secretsmanager:eu-west-1:111122223333:secret:vsadmin-AbCdEf"`
	good := OntapAttributes{
		FileSystemId: "fs-0123456789abcdef0", SvmId: "svm-0123456789abcdef0", SvmName: "svm", SecurityGroupId: "sg-01234567",
		SvmAdminSecretArn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:vsadmin-AbCdEf",
	}
	expect.Problems(t, good.Validate())
	expect.Problems(t, (&OntapAttributes{}).Validate(),
		`FileSystemId is required: a file system ID such as "fs-0123456789abcdef0"`,
		`SecurityGroupId is required: a security group ID such as "sg-0123456789abcdef0"`,
		`SvmId is required: an SVM ID such as "svm-0123456789abcdef0"`,
		"SvmName is required: the SVM's name of 1 to 47 characters",
		"SvmAdminSecretArn is required: "+secret)
	good.SvmAdminSecretArn = "hunter22"
	expect.Problems(t, good.Validate(), "SvmAdminSecretArn must be "+secret)
}

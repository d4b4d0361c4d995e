package storage

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsfsx"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/describe"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// LustreDeploymentType says how long the files of a file system of FSx for Lustre are to last.
type LustreDeploymentType string

// The deployment types, except SCRATCH_1, which neither encrypts on the way nor knows data repository associations.
// https://docs.aws.amazon.com/fsx/latest/LustreGuide/using-fsx-lustre.html
const (
	// LustreScratch2 is for files that may be lost: they are not replicated, and gone when a server fails. The cheapest.
	LustreScratch2 LustreDeploymentType = "SCRATCH_2"
	// LustrePersistent1 replicates files within the Availability Zone, with less throughput than LustrePersistent2, in every Region.
	LustrePersistent1 LustreDeploymentType = "PERSISTENT_1"
	// LustrePersistent2 replicates files within the Availability Zone, with the least latency. Some Regions lack it.
	LustrePersistent2 LustreDeploymentType = "PERSISTENT_2"
)

// LustreEvent is something that happens to a file or an object, and that the other side is to be told of.
type LustreEvent string

// The events.
// https://docs.aws.amazon.com/fsx/latest/APIReference/API_AutoImportPolicy.html
const (
	// LustreNew is a file or an object that is new.
	LustreNew LustreEvent = "NEW"
	// LustreChanged is one that has changed.
	LustreChanged LustreEvent = "CHANGED"
	// LustreDeleted is one that was deleted: the other side deletes it, too.
	LustreDeleted LustreEvent = "DELETED"
)

// LustreDataRepository links a directory of the file system with a bucket in the same Region. What is in the bucket shows there
// at once, and its contents come when somebody reads them. FSx reads and writes the bucket by a service-linked role, which it
// makes for the file system: the policy of the bucket and of its key must not shut that out.
// https://docs.aws.amazon.com/fsx/latest/LustreGuide/create-dra-linked-data-repo.html
type LustreDataRepository struct {
	// Bucket holds the objects. Required.
	Bucket awss3.IBucket
	// Prefix is that of the objects, such as "team/data". Default: none, all objects of the bucket.
	Prefix string
	// FileSystemPath is the directory, such as "/data", of which no other may be a part. "/" is the whole file system and then the only link.
	// Required.
	FileSystemPath string
	// AutoImport are the events of the bucket that change the directory. Default: none, only what is there at the beginning is shown.
	// https://docs.aws.amazon.com/fsx/latest/LustreGuide/autoimport-data-repo-dra.html
	AutoImport []LustreEvent
	// AutoExport are the events of the directory that change the bucket. Default: none, a data repository task exports.
	// https://docs.aws.amazon.com/fsx/latest/LustreGuide/autoexport-data-repo-dra.html
	AutoExport []LustreEvent
}

// LustreProps configure a file system of Amazon FSx for Lustre on SSDs: one that thousands of clients read and write together, in one
// Availability Zone, always encrypted.
// https://docs.aws.amazon.com/fsx/latest/LustreGuide/what-is.html
type LustreProps struct {
	// Vpc is the VPC of the clients. Required.
	Vpc awsec2.IVpc
	// Subnets are those in whose first one the servers stand: network.Private, network.Public or network.Isolated. Clients in other
	// Availability Zones pay for traffic between zones. Default: network.Private.
	Subnets network.SubnetType
	// Subnet is just that one. Default: nil, the first of Subnets.
	Subnet awsec2.ISubnet
	// SecurityGroup is one that exists, for the servers. It gets the rules that they need among themselves, except one imported with
	// Mutable false, which must have them already: FSx refuses the file system otherwise. Default: nil, one is made.
	SecurityGroup awsec2.ISecurityGroup

	// DeploymentType is LustreScratch2, LustrePersistent1 or LustrePersistent2. Another one later is another file system, without the files.
	// Default: LustrePersistent2, for files must not be lost because nobody chose.
	// https://docs.aws.amazon.com/fsx/latest/LustreGuide/using-fsx-lustre.html
	DeploymentType LustreDeploymentType
	// StorageCapacityGiB is the size in GiB: 1200, 2400 or a multiple of 2400. It can grow later, and never shrink. Default: 1200.
	// https://docs.aws.amazon.com/fsx/latest/LustreGuide/managing-storage-capacity.html
	StorageCapacityGiB int
	// PerUnitThroughput is the throughput in MB a second for each TiB: 50, 100 or 200 for LustrePersistent1, 125, 250, 500 or 1000 for
	// LustrePersistent2; none for LustreScratch2, which has 200. Default: the lowest.
	// https://docs.aws.amazon.com/fsx/latest/LustreGuide/performance.html
	PerUnitThroughput int
	// DataCompression compresses files with LZ4, which saves storage and backups. Default: false.
	// https://docs.aws.amazon.com/fsx/latest/LustreGuide/data-compression.html
	DataCompression bool
	// DataRepositories are up to 8 links to buckets. FSx backs up no file system that has one. Default: none.
	// https://docs.aws.amazon.com/fsx/latest/LustreGuide/fsx-data-repositories.html
	DataRepositories []LustreDataRepository

	// WeeklyMaintenanceStartTime is when FSx may patch the servers, which takes minutes in which clients wait: the day of the
	// week from 1, Monday, to 7, Sunday, and the time in UTC, as "7:02:30". Default: none, FSx chooses.
	// https://docs.aws.amazon.com/fsx/latest/LustreGuide/maintenance-windows.html
	WeeklyMaintenanceStartTime string
	// BackupRetentionDays is for how many days daily backups are kept, 1 to 90. They go with the file system. Default: 7, where FSx makes
	// backups: of persistent file systems without DataRepositories.
	// https://docs.aws.amazon.com/fsx/latest/LustreGuide/using-backups-fsx.html
	BackupRetentionDays int
	// DisableBackups turns backups off. Default: false.
	DisableBackups bool
	// DailyBackupStartTime is when, in UTC, as "05:00". Default: none, FSx chooses.
	DailyBackupStartTime string

	// EncryptionKey encrypts the files of a persistent file system. Another key later is another file system, without the
	// files. Default: the key that AWS manages for FSx, aws/fsx.
	// https://docs.aws.amazon.com/fsx/latest/LustreGuide/encryption-at-rest.html
	EncryptionKey awskms.IKey
	// RemovalPolicy determines whether the files are deleted with the stack. A retained file system retains its security group, too.
	// Default: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which retains them, except those of a deployment that fails.
	RemovalPolicy awscdk.RemovalPolicy
	// FileSystemName is its tag Name, by which the console shows it, up to 256 characters. Default: the construct path.
	FileSystemName string
}

// Lustre is a file system of Amazon FSx for Lustre.
type Lustre struct {
	constructs.Construct
	// FileSystem is the resource; nil for LustreFrom.
	FileSystem awsfsx.CfnFileSystem
	// SecurityGroup is the servers' security group. It lets in the servers themselves, and what AllowFrom was called for.
	SecurityGroup awsec2.ISecurityGroup
	// Subnet is the servers' subnet; nil for LustreFrom.
	Subnet awsec2.ISubnet

	access                 access
	id, dnsName, mountName string
}

var _ awsec2.IConnectable = (*Lustre)(nil)

// NewLustre creates a file system of Amazon FSx for Lustre. It panics with *invalid.Error if the props are invalid.
func NewLustre(scope constructs.Construct, id string, props *LustreProps) *Lustre {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn())

	l := &Lustre{Subnet: p.subnet()}
	source.Create(l, scope, id)
	l.access = newServerAccess(l, p.SecurityGroup, &awsec2.SecurityGroupProps{
		Vpc:              p.Vpc,
		Description:      describe.Of("Lustre servers of", *l.Node().Path()),
		AllowAllOutbound: jsii.Bool(false),
	}, p.RemovalPolicy)
	l.SecurityGroup = l.access.servers[0]
	l.access.isMutual = true
	among := l.openAmongServers(p.RemovalPolicy)
	l.makeFileSystem(p)
	// FSx refuses a file system whose group does not let its servers reach each other.
	// https://docs.aws.amazon.com/fsx/latest/LustreGuide/cannot-create-fs.html
	l.FileSystem.Node().AddDependency(among)
	for _, r := range p.DataRepositories {
		l.link(r, p.RemovalPolicy)
	}
	return l
}

// makeFileSystem takes the resource itself and not the CDK's own construct: that opens all ports from 988 to 1023, does not make the file
// system wait for the rules without which FSx refuses it, and lets all traffic out.
func (l *Lustre) makeFileSystem(p LustreProps) {
	config := &awsfsx.CfnFileSystem_LustreConfigurationProperty{
		DeploymentType:             jsii.String(string(p.DeploymentType)),
		PerUnitStorageThroughput:   opt.Number(p.PerUnitThroughput),
		DataCompressionType:        jsii.String("NONE"),
		WeeklyMaintenanceStartTime: opt.String(p.WeeklyMaintenanceStartTime),
	}
	if p.DataCompression {
		config.DataCompressionType = jsii.String("LZ4")
	}
	if p.canBackUp() {
		config.AutomaticBackupRetentionDays = jsii.Number(p.BackupRetentionDays)
		config.DailyAutomaticBackupStartTime = opt.String(p.DailyBackupStartTime)
		config.CopyTagsToBackups = jsii.Bool(true)
	}
	l.FileSystem = awsfsx.NewCfnFileSystem(l, jsii.String("FileSystem"), &awsfsx.CfnFileSystemProps{
		FileSystemType: jsii.String("LUSTRE"),
		// FSx advises this version for all new file systems; the default of some types is one that data repositories refuse.
		// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-fsx-filesystem.html
		FileSystemTypeVersion: jsii.String("2.15"),
		StorageType:           jsii.String("SSD"),
		StorageCapacity:       jsii.Number(p.StorageCapacityGiB),
		SubnetIds:             &[]*string{l.Subnet.SubnetId()},
		SecurityGroupIds:      &[]*string{l.SecurityGroup.SecurityGroupId()},
		LustreConfiguration:   config,
		KmsKeyId:              arnOf(p.EncryptionKey),
		Tags:                  nameTag(p.FileSystemName, *l.Node().Path()),
	})
	l.FileSystem.ApplyRemovalPolicy(p.RemovalPolicy, nil)
	l.id, l.dnsName, l.mountName = *l.FileSystem.Ref(), *l.FileSystem.AttrDnsName(), *l.FileSystem.AttrLustreMountName()
}

// link makes a data repository association. It goes before the file system, to which it refers, and stays with one that stays.
func (l *Lustre) link(r LustreDataRepository, policy awscdk.RemovalPolicy) {
	s3 := &awsfsx.CfnDataRepositoryAssociation_S3Property{}
	if len(r.AutoImport) > 0 {
		s3.AutoImportPolicy = &awsfsx.CfnDataRepositoryAssociation_AutoImportPolicyProperty{Events: eventsOf(r.AutoImport)}
	}
	if len(r.AutoExport) > 0 {
		s3.AutoExportPolicy = &awsfsx.CfnDataRepositoryAssociation_AutoExportPolicyProperty{Events: eventsOf(r.AutoExport)}
	}
	props := &awsfsx.CfnDataRepositoryAssociationProps{
		FileSystemId:                l.FileSystem.Ref(),
		FileSystemPath:              &r.FileSystemPath,
		DataRepositoryPath:          r.Bucket.S3UrlForObject(opt.String(r.Prefix)),
		BatchImportMetaDataOnCreate: jsii.Bool(true),
	}
	if s3.AutoImportPolicy != nil || s3.AutoExportPolicy != nil {
		props.S3 = s3
	}
	id := "Repository" + inIds.Replace(r.FileSystemPath)
	awsfsx.NewCfnDataRepositoryAssociation(l, &id, props).ApplyRemovalPolicy(policy, nil)
}

// inIds writes each path in its own way: "/a_b" and "/a/b" are two.
var inIds = strings.NewReplacer("/", "_", "_", "%5F", "%", "%25")

func eventsOf(events []LustreEvent) *[]*string {
	var names []string
	for _, e := range events {
		names = append(names, string(e))
	}
	return jsii.Strings(names...)
}

// lustrePorts are those on which servers and clients talk to each other, in both directions.
// https://docs.aws.amazon.com/fsx/latest/LustreGuide/limit-access-security-groups.html
var lustrePorts = []portRange{{"tcp", 988, 988}, {"tcp", 1018, 1023}}

const lustrePurpose = "lustre"

// openAmongServers lets the servers reach each other, once for a security group that several file systems share. The rules stay with a file
// system that stays.
func (l *Lustre) openAmongServers(policy awscdk.RemovalPolicy) constructs.IDependable {
	w := l.access.newPassage(l.SecurityGroup, l.SecurityGroup, l)
	for _, p := range lustrePorts {
		w.allow(&w.client, &w.client, p)
	}
	for _, r := range w.rules {
		if rule, isRule := r.IConstruct.(awscdk.CfnResource); isRule && (r.isNew || policy != awscdk.RemovalPolicy_DESTROY) {
			rule.ApplyRemovalPolicy(policy, nil)
		}
	}
	rules := w.dependable()
	l.access.setOpened(accessKey(lustrePurpose, l.SecurityGroup, l.SecurityGroup), rules)
	return rules
}

// Connections makes the file system an awsec2.IConnectable. It has no default port, because Lustre takes several, in both
// directions: use AllowFrom to let clients mount.
func (l *Lustre) Connections() awsec2.Connections { return l.access.connectable() }

// AllowFrom lets a client connect to the servers, and the servers to the client, on ports 988 and 1018 to 1023. It returns what
// a mount should wait for. The rules belong to the client's security groups, or to the client's stack if these are imported or in
// a third stack. Groups that were imported with Mutable false get none.
func (l *Lustre) AllowFrom(client awsec2.IConnectable) []constructs.IDependable {
	return l.access.allowFrom(client, lustrePurpose, lustrePorts...)
}

// Id returns the file system's ID, such as "fs-0123456789abcdef0".
func (l *Lustre) Id() string { return l.id }

// DnsName returns the DNS name that clients mount.
func (l *Lustre) DnsName() string { return l.dnsName }

// MountName returns the name that clients mount there: DnsName@tcp:/MountName.
// https://docs.aws.amazon.com/fsx/latest/LustreGuide/mounting-ec2-instance.html
func (l *Lustre) MountName() string { return l.mountName }

package storage

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/describe"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// EfsFileSystemProps configure a file system of Amazon EFS, kept in all Availability Zones of the Region and always encrypted.
// Its performance mode is General Purpose, which AWS advises for every new file system, and which Elastic throughput and the
// Archive storage class need.
// https://docs.aws.amazon.com/efs/latest/ug/performance.html
type EfsFileSystemProps struct {
	// Vpc is the VPC of the clients. Required.
	Vpc awsec2.IVpc
	// Subnets are the subnets of its mount targets: network.Private, network.Public or network.Isolated. Each Availability Zone
	// that has such a subnet gets one, and what runs in any subnet of such a zone reaches it. Default: network.Private.
	// https://docs.aws.amazon.com/efs/latest/ug/accessing-fs.html
	Subnets network.SubnetType
	// EncryptionKey encrypts the files. Another key later is another file system, without the files. Default: the key that AWS
	// manages for EFS, aws/elasticfilesystem.
	// https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html
	EncryptionKey awskms.IKey

	// ThroughputMode is awsefs.ThroughputMode_ELASTIC, which is as fast as it must be and is paid by what is read and written,
	// awsefs.ThroughputMode_BURSTING, which grows with what is stored, or awsefs.ThroughputMode_PROVISIONED. Default: ELASTIC.
	ThroughputMode awsefs.ThroughputMode
	// ProvisionedThroughputMiBps is the throughput to pay for, in MiB a second, 1 to 3414; several Regions take less. Required
	// with awsefs.ThroughputMode_PROVISIONED, refused without.
	// https://docs.aws.amazon.com/efs/latest/ug/API_CreateFileSystem.html
	ProvisionedThroughputMiBps int

	// TransitionToIADays moves files that nobody read for so many days to the storage class Infrequent Access, which costs less
	// to keep and something to read: 1, 7, 14, 30, 60, 90, 180, 270 or 365. Default: 0, never. AWS's console has 30.
	// https://docs.aws.amazon.com/efs/latest/ug/lifecycle-management-efs.html
	TransitionToIADays int
	// TransitionToArchiveDays moves them on to the storage class Archive, one of the same numbers and more than
	// TransitionToIADays. It needs ELASTIC throughput, which cannot be changed any more once something is there. Default: 0,
	// never. AWS's console has 90.
	// https://docs.aws.amazon.com/efs/latest/ug/API_PutLifecycleConfiguration.html
	TransitionToArchiveDays int
	// TransitionToPrimaryStorageClass brings a file back from either as soon as it is read. Default: false.
	TransitionToPrimaryStorageClass bool

	// DisableBackups leaves the files out of AWS Backup. Default: false, they are backed up every day and each backup is kept
	// for 35 days, also when the file system is deleted.
	// https://docs.aws.amazon.com/efs/latest/ug/awsbackup.html
	DisableBackups bool
	// RemovalPolicy determines whether the files are deleted with the stack. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which retains them, except those of a deployment that fails.
	RemovalPolicy awscdk.RemovalPolicy
	// FileSystemName is its tag Name, by which the console shows it, up to 256 characters. Default: the construct path.
	FileSystemName string
}

// EfsFileSystem is a file system of Amazon EFS with its mount targets. Only roles that were granted access can mount it, and
// it accepts only encrypted connections.
type EfsFileSystem struct {
	constructs.Construct
	// FileSystem is the file system as the CDK's own constructs take it.
	FileSystem awsefs.IFileSystem
	// SecurityGroups are the security groups of its mount targets, which let in what AllowFrom was called for.
	SecurityGroups []awsec2.ISecurityGroup
	// ImmutableSecurityGroups is for this library's packages: it is true if AllowFrom adds no rules to SecurityGroups, see
	// EfsFileSystemAttributes.
	ImmutableSecurityGroups bool

	path   string
	vpc    awsec2.IVpc // nil where not known, as zones
	zones  []string    // with a mount target
	access access
}

var _ awsec2.IConnectable = (*EfsFileSystem)(nil)

// NewEfsFileSystem creates a file system. It panics with *invalid.Error if the props are invalid.
func NewEfsFileSystem(scope constructs.Construct, id string, props *EfsFileSystemProps) *EfsFileSystem {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn())

	f := &EfsFileSystem{vpc: p.Vpc, zones: zonesOf(p.Subnets.Of(p.Vpc))}
	source.Create(f, scope, id)
	// Without this flag the CDK counts the mount targets: a zone more or less renames them all, and EFS takes no second one in
	// a zone while the first still stands. Set here, because a copied construct may meet no feature flag.
	f.Node().SetContext(jsii.String("@aws-cdk/aws-efs:mountTargetOrderInsensitiveLogicalId"), true)
	group := awsec2.NewSecurityGroup(f, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:              p.Vpc,
		Description:      describe.Of("Mount targets of", *f.Node().Path()),
		AllowAllOutbound: jsii.Bool(false), // they only answer
	})
	f.SecurityGroups = []awsec2.ISecurityGroup{group}
	f.FileSystem = awsefs.NewFileSystem(f, jsii.String("FileSystem"), p.cdk(group))
	f.setAccess()
	return f
}

// setAccess completes a file system whose security groups are known.
func (f *EfsFileSystem) setAccess() {
	f.path = *f.Node().Path()
	f.access = access{owner: f, servers: f.SecurityGroups, defaultPort: awsec2.Port_Tcp(jsii.Number(EfsPort))}
}

// Id returns the file system's ID.
func (f *EfsFileSystem) Id() string { return *f.FileSystem.FileSystemId() }

func (p *EfsFileSystemProps) cdk(group awsec2.ISecurityGroup) *awsefs.FileSystemProps {
	subnets := p.Subnets.Select()
	subnets.OnePerAz = jsii.Bool(true)
	return &awsefs.FileSystemProps{
		Vpc:                            p.Vpc,
		VpcSubnets:                     subnets,
		SecurityGroup:                  group,
		Encrypted:                      jsii.Bool(true),
		KmsKey:                         p.EncryptionKey,
		PerformanceMode:                awsefs.PerformanceMode_GENERAL_PURPOSE,
		ThroughputMode:                 p.ThroughputMode,
		ProvisionedThroughputPerSecond: p.provisioned(),
		LifecyclePolicy:                afterDays(p.TransitionToIADays),
		TransitionToArchivePolicy:      afterDays(p.TransitionToArchiveDays),
		OutOfInfrequentAccessPolicy:    p.outOfInfrequentAccess(),
		EnableAutomaticBackups:         jsii.Bool(!p.DisableBackups),
		FileSystemPolicy:               denyPlaintext(),
		// Not what it seems: false would make the CDK let everybody who mounts write and be root, whatever their roles say.
		// Anonymous clients are refused because there is a policy, which replaces the one that lets them in, and it allows nothing.
		AllowAnonymousAccess: jsii.Bool(true),
		RemovalPolicy:        p.RemovalPolicy,
		FileSystemName:       opt.String(p.FileSystemName),
	}
}

// denyPlaintext refuses what comes without TLS, and grants nothing: what EFS allows is what the policies of roles and the
// file system's own allow together, so that roles alone decide who mounts, who writes and who is root. As long as a file
// system has a policy, EFS's default policy, which lets everybody do everything, is not in effect.
// https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
func denyPlaintext() awsiam.PolicyDocument {
	return awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{
		awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        jsii.String("DenyPlaintext"),
			Effect:     awsiam.Effect_DENY,
			Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
			Actions:    jsii.Strings("*"),
			Conditions: &map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
		}),
	}})
}

func (p *EfsFileSystemProps) provisioned() awscdk.Size {
	if p.ProvisionedThroughputMiBps == 0 {
		return nil
	}
	return awscdk.Size_Mebibytes(jsii.Number(p.ProvisionedThroughputMiBps))
}

func (p *EfsFileSystemProps) outOfInfrequentAccess() awsefs.OutOfInfrequentAccessPolicy {
	if p.TransitionToPrimaryStorageClass {
		return awsefs.OutOfInfrequentAccessPolicy_AFTER_1_ACCESS
	}
	return ""
}

// afterDays is the policy as EFS spells it, "" for never.
func afterDays(days int) awsefs.LifecyclePolicy {
	switch days {
	case 0:
		return ""
	case 1:
		return awsefs.LifecyclePolicy_AFTER_1_DAY
	default:
		return awsefs.LifecyclePolicy(fmt.Sprintf("AFTER_%d_DAYS", days))
	}
}

// zonesOf gives the AZs of the subnets, each once.
func zonesOf(subnets []awsec2.ISubnet) (zones []string) {
	seen := map[string]bool{}
	for _, subnet := range subnets {
		if zone := *subnet.AvailabilityZone(); !seen[zone] {
			seen[zone] = true
			zones = append(zones, zone)
		}
	}
	return zones
}

package storage

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsfsx"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// OntapDeploymentType says where the servers of a file system of FSx for NetApp ONTAP stand, and of which generation they are.
type OntapDeploymentType string

// The deployment types. Those of the second generation are faster, cost more at the least, and some Regions lack them.
// https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/high-availability-AZ.html
const (
	// OntapSingleAz1 is a pair of servers in one Availability Zone. The cheapest.
	OntapSingleAz1 OntapDeploymentType = "SINGLE_AZ_1"
	// OntapSingleAz2 is up to twelve pairs of the second generation in one Availability Zone.
	OntapSingleAz2 OntapDeploymentType = "SINGLE_AZ_2"
	// OntapMultiAz1 is a pair of servers in two Availability Zones, of which one may fail.
	OntapMultiAz1 OntapDeploymentType = "MULTI_AZ_1"
	// OntapMultiAz2 is the same of the second generation.
	OntapMultiAz2 OntapDeploymentType = "MULTI_AZ_2"
)

// OntapProps configure a file system of Amazon FSx for NetApp ONTAP with one storage virtual machine (SVM), for files by NFS
// and block devices by iSCSI. It is always encrypted. Volumes are made by those who use it, such as Trident in a cluster of
// EKS.
// https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/what-is-fsx-ontap.html
type OntapProps struct {
	// Vpc is the VPC of the clients. Required.
	Vpc awsec2.IVpc
	// Subnets are those in whose first one the servers stand, and for several Availability Zones in the first one of each of two zones:
	// network.Private, network.Public or network.Isolated. Default: network.Private.
	Subnets network.SubnetType
	// RouteTableIds are the route tables, each "rtb-0123456789abcdef0", of all subnets in which clients are: FSx adds routes
	// there to the server that is in charge. For OntapMultiAz1 and OntapMultiAz2 alone. Those of others need the tag
	// AmazonFSx=ManagedByAmazonFSx, without which FSx cannot delete the file system. Default: those of all subnets of the type
	// Subnets, which are tagged.
	// https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/unable-to-access.html
	RouteTableIds []string
	// EndpointIpAddressRange is the IPv4 range of the endpoints, beside those of all subnets, as "198.19.10.0/26". For OntapMultiAz1 and
	// OntapMultiAz2 alone. Default: none, FSx takes some of 198.19.0.0/16.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-fsx-filesystem-ontapconfiguration.html
	EndpointIpAddressRange string
	// SecurityGroup is one that exists, for the servers. Default: nil, one is made.
	SecurityGroup awsec2.ISecurityGroup

	// DeploymentType is OntapSingleAz1, OntapSingleAz2, OntapMultiAz1 or OntapMultiAz2. Another one later is another file system, without
	// the files. Default: OntapSingleAz1, the cheapest.
	// https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/high-availability-AZ.html
	DeploymentType OntapDeploymentType
	// HaPairs are the pairs of servers: 1 to 12 with OntapSingleAz2, else 1. With more than 6 there is no iSCSI. Default: 1.
	// https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/HA-pairs.html
	HaPairs int
	// StorageCapacityGiB is the size of the SSDs in GiB: 1024 to 524288 for each pair, and up to 1048576 together. It can grow later.
	// Default: 1024 for each pair.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-fsx-filesystem.html
	StorageCapacityGiB int
	// ThroughputCapacityPerHaPair is the throughput of each pair in MB a second: 128, 256, 512, 1024, 2048 or 4096 in the first
	// generation, 1536, 3072 or 6144 with OntapSingleAz2, and 384, 768, 1536, 3072 or 6144 with OntapMultiAz2. Default: the
	// lowest.
	// https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemOntapConfiguration.html
	ThroughputCapacityPerHaPair int
	// Iops are the SSD IOPS to pay for: 3 for each GiB, which come with the storage, up to 200000 for each pair. Default: those that
	// come.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-fsx-filesystem-diskiopsconfiguration.html
	Iops int

	// SvmName is the name of the SVM, up to 47 letters, digits, - and _, and not a digit or - first. Another name later is
	// another SVM, without the files. Default: "svm".
	SvmName string

	// WeeklyMaintenanceStartTime is when FSx may patch the servers, while one of each pair stands in for the other: the day of
	// the week from 1, Monday, to 7, Sunday, and the time in UTC, as "7:02:30". Default: none, FSx chooses.
	// https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/maintenance-windows.html
	WeeklyMaintenanceStartTime string
	// BackupRetentionDays is for how many days daily backups of all volumes are kept, 1 to 90. They go with the volumes. Default: 30.
	// https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/using-backups.html
	BackupRetentionDays int
	// DisableBackups turns backups off. Default: false.
	DisableBackups bool
	// DailyBackupStartTime is when, in UTC, as "05:00". Default: none, FSx chooses.
	DailyBackupStartTime string

	// EncryptionKey encrypts the files. Another key later is another file system, without the files. Default: the key that AWS
	// manages for FSx, aws/fsx.
	// https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/encryption-at-rest.html
	EncryptionKey awskms.IKey
	// RemovalPolicy determines whether the files are deleted with the stack. A retained file system retains its SVM, its security
	// group and the passwords, too. Default: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which retains them, except those of a
	// deployment that fails.
	RemovalPolicy awscdk.RemovalPolicy
	// FileSystemName is its tag Name, by which the console shows it, up to 256 characters. Default: the construct path.
	FileSystemName string
}

// OntapEndpoint is a way in which clients reach an SVM.
type OntapEndpoint string

// The endpoints.
// https://docs.aws.amazon.com/fsx/latest/APIReference/API_SvmEndpoints.html
const (
	// OntapNfs is for files by NFS.
	OntapNfs OntapEndpoint = "nfs"
	// OntapIscsi is for block devices by iSCSI. File systems of more than 6 pairs of servers have none.
	OntapIscsi OntapEndpoint = "iscsi"
	// OntapManagement is for administration by ONTAP's REST API and command line, as by Trident.
	OntapManagement OntapEndpoint = "management"
)

// Ontap is a file system of Amazon FSx for NetApp ONTAP with an SVM.
type Ontap struct {
	constructs.Construct
	// FileSystem and Svm are the resources; nil for OntapFrom.
	FileSystem awsfsx.CfnFileSystem
	Svm        awsfsx.CfnStorageVirtualMachine
	// FsxAdminSecret holds user name and password of fsxadmin, who administers the file system; nil for OntapFrom.
	FsxAdminSecret awssecretsmanager.ISecret
	// SvmAdminSecret holds user name and password of vsadmin, who administers the SVM, as {"username": ..., "password": ...}.
	SvmAdminSecret awssecretsmanager.ISecret
	// SecurityGroup is the servers' security group, which lets in what AllowFrom was called for, and nothing out. Add egress rules for
	// what you configure in ONTAP yourself, such as Active Directory or SnapMirror.
	// https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/limit-access-security-groups.html
	SecurityGroup awsec2.ISecurityGroup

	access             access
	id, svmId, svmName string
	haPairs            int // 0 where not known
}

var _ awsec2.IConnectable = (*Ontap)(nil)

// NewOntap creates a file system of Amazon FSx for NetApp ONTAP and its SVM. It panics with *invalid.Error if the props are
// invalid.
func NewOntap(scope constructs.Construct, id string, props *OntapProps) *Ontap {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn())

	o := &Ontap{svmName: p.SvmName, haPairs: p.HaPairs}
	source.Create(o, scope, id)
	o.access = newServerAccess(o, p.SecurityGroup, &awsec2.SecurityGroupProps{
		Vpc:              p.Vpc,
		Description:      describe.Of("ONTAP servers of", *o.Node().Path()),
		AllowAllOutbound: jsii.Bool(false), // they only answer, as none of this joins a directory or replicates
	}, p.RemovalPolicy)
	o.SecurityGroup = o.access.servers[0]
	o.FsxAdminSecret = o.makeSecret("FsxAdminSecret", "fsxadmin", p.RemovalPolicy)
	o.SvmAdminSecret = o.makeSecret("SvmAdminSecret", "vsadmin", p.RemovalPolicy)
	o.makeFileSystem(p)
	o.Svm = awsfsx.NewCfnStorageVirtualMachine(o, jsii.String("Svm"), &awsfsx.CfnStorageVirtualMachineProps{
		FileSystemId:            o.FileSystem.Ref(),
		Name:                    &p.SvmName,
		RootVolumeSecurityStyle: jsii.String("UNIX"),
		SvmAdminPassword:        password(o.SvmAdminSecret),
	})
	o.Svm.ApplyRemovalPolicy(p.RemovalPolicy, nil)
	o.svmId = *o.Svm.AttrStorageVirtualMachineId()
	return o
}

// makeSecret has Secrets Manager make up a password. FSx takes 8 to 50 characters, and ONTAP wants a letter and a digit among them;
// without punctuation it needs no quoting anywhere.
// https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemOntapConfiguration.html
func (o *Ontap) makeSecret(id, user string, policy awscdk.RemovalPolicy) awssecretsmanager.ISecret {
	secret := awssecretsmanager.NewSecret(o, &id, &awssecretsmanager.SecretProps{
		Description: describe.Of("Password of "+user+" of", *o.Node().Path()),
		GenerateSecretString: &awssecretsmanager.SecretStringGenerator{
			SecretStringTemplate: jsii.String(fmt.Sprintf(`{"username":%q}`, user)),
			GenerateStringKey:    jsii.String("password"),
			PasswordLength:       jsii.Number(32),
			ExcludePunctuation:   jsii.Bool(true),
		},
		RemovalPolicy: policy,
	})
	nag.Suppress(secret, "AwsSolutions-SMG4",
		"FSx knows no rotation: a password that changes here would have to be set in ONTAP at the same moment.")
	return secret
}

// password is a reference that CloudFormation follows at deployment: the password itself stands in no template.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
func password(secret awssecretsmanager.ISecret) *string {
	return secret.SecretValueFromJson(jsii.String("password")).UnsafeUnwrap()
}

func (o *Ontap) makeFileSystem(p OntapProps) {
	config := &awsfsx.CfnFileSystem_OntapConfigurationProperty{
		DeploymentType:               jsii.String(string(p.DeploymentType)),
		HaPairs:                      jsii.Number(p.HaPairs),
		ThroughputCapacityPerHaPair:  jsii.Number(p.ThroughputCapacityPerHaPair),
		DiskIopsConfiguration:        &awsfsx.CfnFileSystem_DiskIopsConfigurationProperty{Mode: jsii.String("AUTOMATIC")},
		FsxAdminPassword:             password(o.FsxAdminSecret),
		WeeklyMaintenanceStartTime:   opt.String(p.WeeklyMaintenanceStartTime),
		AutomaticBackupRetentionDays: jsii.Number(p.BackupRetentionDays),
		EndpointIpAddressRange:       opt.String(p.EndpointIpAddressRange),
	}
	if p.Iops != 0 {
		config.DiskIopsConfiguration = &awsfsx.CfnFileSystem_DiskIopsConfigurationProperty{
			Mode: jsii.String("USER_PROVISIONED"), Iops: jsii.Number(p.Iops),
		}
	}
	if !p.DisableBackups {
		config.DailyAutomaticBackupStartTime = opt.String(p.DailyBackupStartTime)
	}
	subnets := p.serverSubnets()
	if p.isMultiAz() {
		config.PreferredSubnetId = subnets[0].SubnetId()
		config.RouteTableIds = jsii.Strings(p.routeTables()...)
		p.tagRouteTables()
	}
	o.FileSystem = awsfsx.NewCfnFileSystem(o, jsii.String("FileSystem"), &awsfsx.CfnFileSystemProps{
		FileSystemType:     jsii.String("ONTAP"),
		StorageType:        jsii.String("SSD"),
		StorageCapacity:    jsii.Number(p.StorageCapacityGiB),
		SubnetIds:          subnetIds(subnets),
		SecurityGroupIds:   &[]*string{o.SecurityGroup.SecurityGroupId()},
		OntapConfiguration: config,
		KmsKeyId:           arnOf(p.EncryptionKey),
		Tags:               nameTag(p.FileSystemName, *o.Node().Path()),
	})
	o.FileSystem.ApplyRemovalPolicy(p.RemovalPolicy, nil)
	o.id = *o.FileSystem.Ref()
}

func subnetIds(subnets []awsec2.ISubnet) *[]*string {
	var ids []*string
	for _, subnet := range subnets {
		ids = append(ids, subnet.SubnetId())
	}
	return &ids
}

// tagRouteTables gives the route tables that the VPC's own subnets have the tag by which FSx may change them. FSx would set it, too,
// but an update of the table by CloudFormation could take it away, and then FSx cannot delete the file system.
// https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/cannot-delete-svm.html
func (p *OntapProps) tagRouteTables() {
	if len(p.RouteTableIds) > 0 {
		return // somebody else's
	}
	for _, subnet := range p.Subnets.Of(p.Vpc) {
		awscdk.Tags_Of(subnet).Add(jsii.String("AmazonFSx"), jsii.String("ManagedByAmazonFSx"), &awscdk.TagProps{
			IncludeResourceTypes: jsii.Strings("AWS::EC2::RouteTable"),
		})
	}
}

// The ports of each endpoint. Of those for NFS, AWS's table lists each for tcp and udp.
// https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/limit-access-security-groups.html
var ontapPorts = map[OntapEndpoint][]portRange{
	OntapNfs: {
		{"tcp", 111, 111}, {"udp", 111, 111}, // to find the others
		{"tcp", 635, 635}, {"udp", 635, 635}, // mount
		{"tcp", 2049, 2049}, {"udp", 2049, 2049}, // files
		{"tcp", 4045, 4046}, {"udp", 4045, 4046}, // locks and their state
	},
	OntapIscsi:      {{"tcp", 3260, 3260}},
	OntapManagement: {{"tcp", 443, 443}, {"tcp", 22, 22}}, // REST and the command line
}

// Connections makes the file system an awsec2.IConnectable. It has no default port, because each endpoint has its own: use
// AllowFrom to let clients in.
func (o *Ontap) Connections() awsec2.Connections { return o.access.connectable() }

// AllowFrom lets a client connect to one of the endpoints. It returns what a mount should wait for. The rules belong to the
// client's security groups, or to the client's stack if these are imported or in a third stack. Groups that were imported with
// Mutable false get none.
func (o *Ontap) AllowFrom(client awsec2.IConnectable, endpoint OntapEndpoint) []constructs.IDependable {
	if ontapPorts[endpoint] == nil {
		var bad invalid.Problems
		bad.Add("endpoint", "must be %s", check.OneOfQuoted([]OntapEndpoint{OntapNfs, OntapIscsi, OntapManagement})).Given(endpoint)
		check.Arguments(o, "AllowFrom", bad)
	}
	return o.access.allowFrom(client, string(endpoint), ontapPorts[endpoint]...)
}

// https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/HA-pairs.html
const maxIscsiPairs = 6

// HasIscsi is for this library's packages: it reports whether the file system has an iSCSI endpoint, as far as is known. It is
// true for OntapFrom.
func (o *Ontap) HasIscsi() bool { return o.haPairs <= maxIscsiPairs }

// Id returns the file system's ID, such as "fs-0123456789abcdef0".
func (o *Ontap) Id() string { return o.id }

// SvmId returns the ID of the SVM, such as "svm-0123456789abcdef0".
func (o *Ontap) SvmId() string { return o.svmId }

// SvmName returns the name of the SVM, by which ONTAP and Trident know it.
func (o *Ontap) SvmName() string { return o.svmName }

// ManagementDnsName returns the DNS name of the SVM's REST API and command line. CloudFormation does not return the names of
// endpoints; this is the form that FSx gives them.
// https://docs.aws.amazon.com/fsx/latest/APIReference/API_DescribeStorageVirtualMachines.html
func (o *Ontap) ManagementDnsName() string { return o.svmDomain("") }

// NfsDnsName returns the DNS name from which clients mount volumes: NfsDnsName:/junction. It is the same name.
func (o *Ontap) NfsDnsName() string { return o.svmDomain("") }

// IscsiDnsName returns the DNS name at which clients log in to block devices.
func (o *Ontap) IscsiDnsName() string { return o.svmDomain("iscsi.") }

func (o *Ontap) svmDomain(endpoint string) string { return fsxDomain(o, endpoint+o.svmId+"."+o.id) }

package eks

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
	"awscontainers/internal/tagging"
)

// EbsStorageProps configure disks for pods on nodes: each in one Availability Zone, and on one node at a time.
// https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html
type EbsStorageProps struct {
	// Cluster is where the pods run. In Auto Mode it makes the disks by itself, and no driver is installed. Required.
	Cluster *Cluster
	// Classes are the kinds of disks, each encrypted. Default: one, "gp3", which is the default class where the cluster has none.
	Classes []EbsClass
	// EncryptionKey encrypts them. One of another stack or account must let who uses it do so by itself. Without the key they are lost,
	// so it must outlive them. Default: the account's key for EBS, aws/ebs unless somebody chose another.
	// https://docs.aws.amazon.com/ebs/latest/userguide/how-ebs-encryption-works.html
	EncryptionKey awskms.IKey
	// Snapshots lets pods ask for snapshots by a VolumeSnapshot, whose class is SnapshotClassName. Default: false.
	// https://docs.aws.amazon.com/eks/latest/userguide/csi-snapshot-controller.html
	Snapshots bool
	// SnapshotClassName names that class. Default: "ebs", none without Snapshots.
	SnapshotClassName string
	// SnapshotReclaimPolicy determines whether a snapshot is deleted with its VolumeSnapshot. Default: ReclaimDelete, none without
	// Snapshots.
	SnapshotReclaimPolicy ReclaimPolicy
	// ReservedVolumeAttachments is how many of the places that a node has for volumes and network interfaces are taken by others than pods'
	// disks: the node's own disks, and its network interfaces after the first. The driver can't see them, because pods don't reach the
	// instance's metadata. With too small a number, pods are scheduled to nodes to which their disk can't be attached; instance types of the
	// seventh and later generations have places for volumes alone. From 1 to 27. Default: 5, for up to two disks and four network interfaces,
	// which most types up to xlarge have; none in Auto Mode.
	// https://docs.aws.amazon.com/ebs/latest/userguide/volume_limits.html
	// https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/v1.64.0/docs/options.md
	ReservedVolumeAttachments int
	// AddOnVersion pins aws-ebs-csi-driver. Default: EKS's default for the cluster.
	AddOnVersion string
	// SnapshotAddOnVersion pins snapshot-controller. Default: EKS's default for the cluster.
	SnapshotAddOnVersion string
}

// EbsVolumeType is the type of an EBS volume.
// https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html
type EbsVolumeType string

// The volume types, as EBS spells them.
const (
	// VolumeGp3 suits nearly everything.
	VolumeGp3 EbsVolumeType = "gp3"
	// VolumeIo2 suits databases that need its latency or durability. You pay for its IOPS.
	VolumeIo2 EbsVolumeType = "io2"
)

// EbsFileSystem is the file system of a disk.
type EbsFileSystem string

// The file systems.
const (
	FileSystemExt4 EbsFileSystem = "ext4"
	FileSystemXfs  EbsFileSystem = "xfs"
)

// EbsClass is a StorageClass of encrypted disks, each made in the zone of the first pod that asks for it.
// https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md
type EbsClass struct {
	// Name is what claims say, up to 63 small letters, digits and hyphens. It and all that follows, but Default, never change: give a
	// changed class another name. Required.
	Name string
	// VolumeType is VolumeGp3 or VolumeIo2. Default: VolumeGp3.
	VolumeType EbsVolumeType
	// Iops is how many reads and writes a second each disk takes: 3000 to 80000 of VolumeGp3, of which 3000 are in the price, and 100
	// to 256000 of VolumeIo2. A disk takes 500 a GiB of VolumeGp3 and 1000 of VolumeIo2, so that a small one with many is refused when
	// a pod asks for it. Default: 3000 of VolumeGp3; required with VolumeIo2.
	// https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
	// https://docs.aws.amazon.com/ebs/latest/userguide/provisioned-iops.html
	Iops int
	// ThroughputMiBps is how much of VolumeGp3 is read and written a second, in MiB: 125 to 2000, a quarter of Iops at most. Default:
	// 125, which is in the price.
	ThroughputMiBps int
	// FileSystem is FileSystemExt4 or FileSystemXfs. Default: FileSystemExt4.
	FileSystem EbsFileSystem
	// MountOptions are those of the file system: "noatime". Default: none.
	MountOptions []string
	// Default makes it the class of claims that name none, one in a cluster. Default: false, and true for the class that Classes has by
	// default.
	Default bool
	// ReclaimPolicy determines whether a disk is deleted with its claim, also when the stack is deleted. Default: ReclaimDelete.
	ReclaimPolicy ReclaimPolicy
	// DisableExpansion refuses claims that ask for a larger disk later. Default: false.
	DisableExpansion bool
}

// EbsStorage is the driver of EBS with its role, and the classes of disks.
type EbsStorage struct {
	constructs.Construct
	// AddOn is the driver, or nil in Auto Mode, which has its own.
	AddOn awseksv2.CfnAddon
	// Role is what the driver may do in AWS, or nil in Auto Mode, where the cluster's role does it.
	Role awsiam.Role
	// SnapshotAddOn is the snapshot controller, or nil without Snapshots.
	SnapshotAddOn awseksv2.CfnAddon
	// SnapshotClass is the VolumeSnapshotClass, or nil without Snapshots.
	SnapshotClass awseksv2.KubernetesManifest
	// Classes are those of the props, in that order.
	Classes []*StorageClass
}

const (
	ebsAddOn, ebsAccount = "aws-ebs-csi-driver", "ebs-csi-controller-sa"
	snapshotAddOn        = "snapshot-controller"
	// ebsPolicy lets it touch volumes and snapshots with its own tag alone, where the one before let it touch all.
	// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEBSCSIDriverPolicyV2.html
	ebsPolicy = "AmazonEBSCSIDriverPolicyV2"

	defaultIops = 3000

	defaultReservedAttachments = 5
	// Nitro instances whose volumes and network interfaces share their places have 28.
	maxReservedAttachments = 27
)

// A disk is attached to one node. (io2 can be attached to several, but only as a raw disk.)
var ebsModes = []AccessMode{ReadWriteOnce, ReadWriteOncePod}

const sharedFilesAdvice = "use EFS for files that many nodes share"

var (
	ebsDriver = &csiDriver{name: "ebs.csi.aws.com", storage: "EBS", modes: ebsModes, modeAdvice: sharedFilesAdvice}
	// https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html
	ebsAutoDriver = &csiDriver{name: "ebs.csi.eks.amazonaws.com", storage: "EBS in Auto Mode", modes: ebsModes, modeAdvice: sharedFilesAdvice}
)

// ebsIops are the numbers of IOPS that a volume type accepts.
var ebsIops = map[EbsVolumeType]struct{ min, max int }{VolumeGp3: {3000, 80000}, VolumeIo2: {100, 256000}}

const (
	minThroughput, maxThroughput = 125, 2000
	iopsPerMiBps                 = 4 // a quarter of a MiB each
	maxPlainIo2Iops              = 64000
)

// NewEbsStorage installs the driver and applies the classes. It panics with *invalid.Error if the props are invalid.
func NewEbsStorage(scope constructs.Construct, id string, props *EbsStorageProps) *EbsStorage {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn())

	e := &EbsStorage{}
	source.Create(e, scope, id)
	if p.Snapshots {
		e.SnapshotAddOn = p.Cluster.snapshotController(e, p.SnapshotAddOnVersion)
	}
	var before []constructs.IDependable
	if p.Cluster.facts.autoMode {
		p.Cluster.storage.addDriver(ebsAutoDriver, *e.Node().Path())
	} else {
		var roles []awsiam.Role
		e.AddOn, roles = p.Cluster.newDriver(e, driverAddOn{
			driver: ebsDriver, addOn: ebsAddOn, version: p.AddOnVersion, fargateAdvice: "remove it",
			configuration: map[string]any{
				"controller": map[string]any{
					"extraVolumeTags": atSynth(tagging.Of(e, "AWS::EC2::Volume").Expressible), // and of snapshots
				},
				"node": map[string]any{"reservedVolumeAttachments": p.ReservedVolumeAttachments},
			},
			accounts: []driverAccount{{id: "Controller", name: ebsAccount, purpose: "EBS driver", policies: []string{ebsPolicy}}},
		})
		e.Role = roles[0]
		if e.SnapshotAddOn != nil {
			// The driver takes snapshots only if their kinds exist when it is installed.
			// https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html
			e.AddOn.Node().AddDependency(e.SnapshotAddOn)
		}
		before = append(before, e.AddOn)
	}
	before = append(before, p.allowKeyUse(e)...)
	for i := range p.Classes {
		e.Classes = append(e.Classes, p.Cluster.newStorageClass(e, p.driver(), p.Classes[i].render(&p), before...))
	}
	if p.Snapshots {
		e.applySnapshotClass(&p, before)
	}
	return e
}

// Class returns the class with a name, for NewVolumeClaim, or nil.
func (e *EbsStorage) Class(name string) *StorageClass { return classNamed(name, e.Classes) }

// applySnapshotClass applies the class of snapshots.
func (e *EbsStorage) applySnapshotClass(p *EbsStorageProps, before []constructs.IDependable) {
	e.SnapshotClass = p.Cluster.apply(e, "SnapshotClass", map[string]any{
		"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotClass", "metadata": map[string]any{"name": p.SnapshotClassName},
		"driver": p.driver().name, "deletionPolicy": string(p.SnapshotReclaimPolicy),
	})
	e.SnapshotClass.Node().AddDependency(append([]constructs.IDependable{e.SnapshotAddOn}, before...)...)
}

// snapshotController returns the cluster's snapshot controller, and installs it at the first use.
func (c *Cluster) snapshotController(scope constructs.Construct, version string) awseksv2.CfnAddon {
	if c.storage.snapshots == nil {
		c.storage.snapshots = c.podAddOn(scope, "SnapshotController", snapshotAddOn, version, nil)
		c.storage.snapshotsPath = *scope.Node().Path()
	}
	return c.storage.snapshots
}

func (p *EbsStorageProps) driver() *csiDriver {
	if p.Cluster != nil && p.Cluster.facts.autoMode {
		return ebsAutoDriver
	}
	return ebsDriver
}

// keyStatements returns what a role needs so that EBS encrypts volumes with a key.
// https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
func keyStatements(key awskms.IKey) []awsiam.PolicyStatement {
	return []awsiam.PolicyStatement{
		awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions:   jsii.Strings("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
			Resources: &[]*string{key.KeyArn()},
		}),
		awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings("kms:CreateGrant"), Resources: &[]*string{key.KeyArn()},
			Conditions: &map[string]any{"Bool": map[string]any{"kms:GrantIsForAWSResource": "true"}}, // only EBS
		}),
	}
}

// allowKeyUse lets the driver's role use the key; in Auto Mode that is the cluster's. It returns what classes depend on.
// https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html
func (p *EbsStorageProps) allowKeyUse(e *EbsStorage) []constructs.IDependable {
	if p.EncryptionKey == nil {
		return nil
	}
	role := awsiam.IRole(e.Role)
	if e.Role == nil {
		role = p.Cluster.facts.role
	}
	policy := awsiam.NewPolicy(e, jsii.String("KeyPolicy"), &awsiam.PolicyProps{Roles: &[]awsiam.IRole{role}})
	policy.AddStatements(keyStatements(p.EncryptionKey)...)
	return []constructs.IDependable{policy}
}

// render returns the class as the driver reads it. Performance that is included in the price is left to EBS.
func (c *EbsClass) render(p *EbsStorageProps) classManifest {
	parameters := map[string]any{"type": string(c.VolumeType), "encrypted": "true", "csi.storage.k8s.io/fstype": string(c.FileSystem)}
	if c.Iops != 0 {
		parameters["iops"] = strconv.Itoa(c.Iops)
	}
	if c.VolumeType == VolumeIo2 && c.Iops > maxPlainIo2Iops {
		// Drivers before v1.47 lower it otherwise, and later ones ignore this:
		// https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/v1.64.0/docs/parameters.md
		parameters["blockExpress"] = "true"
	}
	if c.ThroughputMiBps != 0 {
		parameters["throughput"] = strconv.Itoa(c.ThroughputMiBps)
	}
	if p.EncryptionKey != nil {
		parameters["kmsKeyId"] = p.EncryptionKey.KeyArn()
	}
	class := classManifest{classSpec: c.spec(), isExpandable: !c.DisableExpansion, mountOptions: c.MountOptions, parameters: parameters}
	if p.Cluster.facts.autoMode {
		// A pod that asks for such a disk is scheduled on no node of another kind.
		class.topologies = []any{map[string]any{"matchLabelExpressions": []any{
			map[string]any{"key": "eks.amazonaws.com/compute-type", "values": []string{"auto"}},
		}}}
		return class // AWS documents no VolumeAttributesClass for its driver
	}
	// A claim of such a class is refused by a driver that changes nothing. This changes nothing: the class has the same type.
	// https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/v1.64.0/docs/modify-volume.md
	class.attributes = map[string]any{"type": string(c.VolumeType)}
	return class
}

func (c *EbsClass) spec() classSpec { return classSpec{c.Name, c.Default, c.ReclaimPolicy} }

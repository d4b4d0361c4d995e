package eks

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

// EbsStorageProps describe disks for pods on nodes: each in one Availability Zone, and on one node at a time.
// https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html
type EbsStorageProps struct {
	// Cluster is where the pods run. In Auto Mode it makes the disks by itself, and no driver is installed. Required.
	Cluster *Cluster
	// Classes are the kinds of disks, each encrypted. Default: one, "gp3", which is the default class where the cluster has none.
	Classes []EbsClass
	// EncryptionKey encrypts them. One of another stack or account must let who uses it do so by itself. Without the key they are lost, so it
	// must outlive them. Default: the account's key for EBS, aws/ebs unless somebody chose another.
	// https://docs.aws.amazon.com/ebs/latest/userguide/how-ebs-encryption-works.html
	EncryptionKey awskms.IKey
	// Snapshots lets pods ask for snapshots by a VolumeSnapshot, whose class is SnapshotClassName. Default: false.
	// https://docs.aws.amazon.com/eks/latest/userguide/csi-snapshot-controller.html
	Snapshots bool
	// SnapshotClassName names that class. Default: "ebs", none without Snapshots.
	SnapshotClassName string
	// SnapshotReclaimPolicy is what becomes of a snapshot when its VolumeSnapshot is deleted. Default: ReclaimDelete, none without Snapshots.
	SnapshotReclaimPolicy ReclaimPolicy
	// AddOnVersion pins aws-ebs-csi-driver. Default: EKS's default for the cluster.
	AddOnVersion string
	// SnapshotAddOnVersion pins snapshot-controller. Default: EKS's default for the cluster.
	SnapshotAddOnVersion string
}

// EbsVolumeType is the kind of an EBS volume.
// https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html
type EbsVolumeType string

// The volume types, as EBS spells them.
const (
	// Gp3 is for nearly everything.
	Gp3 EbsVolumeType = "gp3"
	// Io2 is for databases that need its latency or durability, paid by the IOPS.
	Io2 EbsVolumeType = "io2"
)

// EbsFileSystem is how a disk is formatted.
type EbsFileSystem string

// The file systems.
const (
	Ext4 EbsFileSystem = "ext4"
	Xfs  EbsFileSystem = "xfs"
)

// EbsClass is a StorageClass of encrypted disks, each made in the zone of the first pod that asks for it.
// https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md
type EbsClass struct {
	// Name is what claims say, up to 63 small letters, digits and hyphens. It and all that follows, but Default, never change: give a
	// changed class another name. Required.
	Name string
	// VolumeType is Gp3 or Io2. Default: Gp3.
	VolumeType EbsVolumeType
	// Iops is how many reads and writes a second each disk takes: 3000 to 80000 of Gp3, of which 3000 are in the price, and 100 to 256000 of Io2.
	// A disk takes 500 a GiB of Gp3 and 1000 of Io2, so that a small one with many is refused when a pod asks for it. Default: 3000 of Gp3;
	// required with Io2.
	// https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
	// https://docs.aws.amazon.com/ebs/latest/userguide/provisioned-iops.html
	Iops int
	// ThroughputMiBps is how much of Gp3 is read and written a second, in MiB: 125 to 2000, a quarter of Iops at most. Default: 125, which is in
	// the price.
	ThroughputMiBps int
	// FileSystem is Ext4 or Xfs. Default: Ext4.
	FileSystem EbsFileSystem
	// MountOptions are those of the file system: "noatime". Default: none.
	MountOptions []string
	// Default makes it the class of claims that name none, one in a cluster. Default: false, and true for the class that Classes has by
	// default.
	Default bool
	// ReclaimPolicy is what becomes of a disk when its claim is deleted, also with the stack. Default: ReclaimDelete.
	ReclaimPolicy ReclaimPolicy
	// NoExpansion keeps claims from being raised. Default: false.
	NoExpansion bool
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
)

// EBS is attached to one node. (io2 can be attached to several, as a raw disk alone.)
var ebsModes = []AccessMode{ReadWriteOnce, ReadWriteOncePod}

const sharedAdvice = ", or files on EFS"

var (
	ebsDriver = &csiDriver{name: "ebs.csi.aws.com", storage: "EBS", modes: ebsModes, modesAdvice: sharedAdvice}
	// https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html
	ebsAutoDriver = &csiDriver{name: "ebs.csi.eks.amazonaws.com", storage: "EBS in Auto Mode", modes: ebsModes, modesAdvice: sharedAdvice}
)

// ebsLimits are those of a volume type.
type ebsLimits struct{ leastIops, mostIops int }

var ebsTypes = map[EbsVolumeType]ebsLimits{Gp3: {3000, 80000}, Io2: {100, 256000}}

const (
	leastThroughput, mostThroughput = 125, 2000
	iopsPerMiBps                    = 4 // a quarter of a MiB each
	plainIo2Iops                    = 64000
)

// NewEbsStorage installs the driver and applies the classes. It panics with *invalid.Error when the props are wrong.
func NewEbsStorage(scope constructs.Construct, id string, props *EbsStorageProps) *EbsStorage {
	var p EbsStorageProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	e := &EbsStorage{}
	constructs.NewConstruct_Override(e, scope, &id)
	var before []constructs.IDependable
	if p.Cluster.autoMode {
		p.Cluster.rememberDriver(ebsAutoDriver, *e.Node().Path())
	} else {
		var roles []awsiam.Role
		e.AddOn, roles = p.Cluster.newDriver(e, driverAddOn{driver: ebsDriver, addOn: ebsAddOn, version: p.AddOnVersion, onFargate: "leave it out", accounts: []driverAccount{
			{id: "Controller", name: ebsAccount, does: "EBS driver", policies: []string{ebsPolicy}},
		}})
		e.Role = roles[0]
		before = append(before, e.AddOn)
	}
	before = append(before, p.letUseKey(e)...)
	for i := range p.Classes {
		e.Classes = append(e.Classes, p.Cluster.newStorageClass(e, p.driver(), p.Classes[i].render(&p), before...))
	}
	if p.Snapshots {
		e.takeSnapshots(&p, before)
	}
	return e
}

// Class gives the class of that name, for a claim, or nil.
func (e *EbsStorage) Class(name string) *StorageClass {
	for _, class := range e.Classes {
		if class.Name == name {
			return class
		}
	}
	return nil
}

// takeSnapshots installs the controller that takes them, and their class.
func (e *EbsStorage) takeSnapshots(p *EbsStorageProps, before []constructs.IDependable) {
	e.SnapshotAddOn = p.Cluster.snapshotController(e, p.SnapshotAddOnVersion)
	e.SnapshotClass = p.Cluster.apply(e, "SnapshotClass", false, map[string]any{
		"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotClass", "metadata": map[string]any{"name": p.SnapshotClassName},
		"driver": p.driver().name, "deletionPolicy": string(p.SnapshotReclaimPolicy),
	})
	e.SnapshotClass.Node().AddDependency(append([]constructs.IDependable{e.SnapshotAddOn}, before...)...)
}

// snapshotController is one for a cluster: that of whoever asks first.
func (c *Cluster) snapshotController(scope constructs.Construct, version string) awseksv2.CfnAddon {
	if c.storage.snapshots == nil {
		c.storage.snapshots = c.addOnBelow(scope, "SnapshotController", snapshotAddOn, version, nil)
		c.afterNodes(c.storage.snapshots)
		if c.AlbController != nil {
			c.storage.snapshots.Node().AddDependency(c.AlbController) // whose webhook is asked about its Services
		}
	}
	return c.storage.snapshots
}

func (p *EbsStorageProps) driver() *csiDriver {
	if p.Cluster != nil && p.Cluster.autoMode {
		return ebsAutoDriver
	}
	return ebsDriver
}

// useOfKey is what a role needs to have EBS encrypt volumes with a key.
// https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
func useOfKey(key awskms.IKey) []awsiam.PolicyStatement {
	return []awsiam.PolicyStatement{
		awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions:   jsii.Strings("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
			Resources: &[]*string{key.KeyArn()},
		}),
		awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings("kms:CreateGrant"), Resources: &[]*string{key.KeyArn()},
			Conditions: &map[string]any{"Bool": map[string]any{"kms:GrantIsForAWSResource": "true"}}, // EBS, and nobody else
		}),
	}
}

// letUseKey lets the driver's role use the key; in Auto Mode that is the cluster's. It gives what classes come after.
// https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html
func (p *EbsStorageProps) letUseKey(e *EbsStorage) []constructs.IDependable {
	if p.EncryptionKey == nil {
		return nil
	}
	role := awsiam.IRole(e.Role)
	if e.Role == nil {
		role = p.Cluster.Cluster.Role()
	}
	key := awsiam.NewPolicy(e, jsii.String("KeyPolicy"), &awsiam.PolicyProps{Roles: &[]awsiam.IRole{role}})
	key.AddStatements(useOfKey(p.EncryptionKey)...)
	return []constructs.IDependable{key}
}

// render is the class as the driver reads it. What is in the price is left to EBS.
func (c *EbsClass) render(p *EbsStorageProps) storageClass {
	parameters := map[string]any{"type": string(c.VolumeType), "encrypted": "true", "csi.storage.k8s.io/fstype": string(c.FileSystem)}
	if c.Iops != 0 {
		parameters["iops"] = strconv.Itoa(c.Iops)
	}
	if c.VolumeType == Io2 && c.Iops > plainIo2Iops {
		parameters["blockExpress"] = "true" // or the driver lowers it
	}
	if c.ThroughputMiBps != 0 {
		parameters["throughput"] = strconv.Itoa(c.ThroughputMiBps)
	}
	if p.EncryptionKey != nil {
		parameters["kmsKeyId"] = p.EncryptionKey.KeyArn()
	}
	class := storageClass{
		className: c.inCommon(""), id: "Class-" + c.Name, expansion: !c.NoExpansion, mountOptions: c.MountOptions, parameters: parameters,
	}
	if p.Cluster.autoMode {
		// A pod that asks for such a disk is put on no node of another kind.
		class.topologies = []any{map[string]any{"matchLabelExpressions": []any{
			map[string]any{"key": "eks.amazonaws.com/compute-type", "values": []string{"auto"}},
		}}}
	}
	return class
}

func (c *EbsClass) inCommon(field string) className {
	return className{field, c.Name, c.Default, c.ReclaimPolicy}
}

func (p *EbsStorageProps) setDefaults() {
	if len(p.Classes) == 0 {
		p.Classes = []EbsClass{{Name: "gp3", Default: p.Cluster != nil && p.Cluster.storage.byDefault == ""}}
	}
	classes := make([]EbsClass, len(p.Classes))
	for i, c := range p.Classes {
		if c.VolumeType == "" {
			c.VolumeType = Gp3
		}
		if c.FileSystem == "" {
			c.FileSystem = Ext4
		}
		if c.ReclaimPolicy == "" {
			c.ReclaimPolicy = ReclaimDelete
		}
		classes[i] = c
	}
	p.Classes = classes
	if p.Snapshots {
		if p.SnapshotClassName == "" {
			p.SnapshotClassName = "ebs"
		}
		if p.SnapshotReclaimPolicy == "" {
			p.SnapshotReclaimPolicy = ReclaimDelete
		}
	}
}

func (p *EbsStorageProps) validate() error {
	var bad invalid.Problems
	switch c := p.Cluster; {
	case c == nil || c.Cluster == nil:
		bad.Add("Cluster", "is missing; make it with eks.NewCluster")
	case c.autoMode:
		c.checkDriver(ebsAutoDriver, &bad)
		if p.AddOnVersion != "" {
			bad.Add("AddOnVersion", "%q is that of a driver which Auto Mode has built in; leave it out", p.AddOnVersion)
		}
	default:
		c.checkDriverPlace(ebsDriver, []string{ebsAccount}, p.AddOnVersion, &bad)
	}
	common := make([]className, len(p.Classes))
	for i := range p.Classes {
		field := fmt.Sprintf("Classes[%d]", i)
		common[i] = p.Classes[i].inCommon(field)
		bad.Nest(field, p.Classes[i].validate())
	}
	p.Cluster.checkClasses(common, &bad)
	p.checkSnapshots(&bad)
	return bad.Err()
}

func (p *EbsStorageProps) checkSnapshots(bad *invalid.Problems) {
	if !p.Snapshots {
		for _, o := range []struct {
			field string
			given bool
		}{{"SnapshotClassName", p.SnapshotClassName != ""}, {"SnapshotReclaimPolicy", p.SnapshotReclaimPolicy != ""}, {"SnapshotAddOnVersion", p.SnapshotAddOnVersion != ""}} {
			if o.given {
				bad.Add(o.field, "is set without Snapshots; set that too, or leave it out")
			}
		}
		return
	}
	if !invalid.IsToken(p.SnapshotClassName) && !dnsLabel.MatchString(p.SnapshotClassName) {
		bad.Add("SnapshotClassName", "%q is no name of a class; use up to 63 small letters, digits and hyphens", p.SnapshotClassName)
	}
	if r := p.SnapshotReclaimPolicy; r != ReclaimDelete && r != ReclaimRetain {
		bad.Add("SnapshotReclaimPolicy", "%q is unknown; use %q or %q", r, ReclaimDelete, ReclaimRetain)
	}
	checkAddOnVersion("SnapshotAddOnVersion", p.SnapshotAddOnVersion, bad)
	if p.SnapshotAddOnVersion != "" && p.Cluster != nil && p.Cluster.storage.snapshots != nil {
		bad.Add("SnapshotAddOnVersion", "%q comes after the controller that %s has; make this first", p.SnapshotAddOnVersion, *p.Cluster.storage.snapshots.Node().Path())
	}
}

func (c *EbsClass) validate() error {
	var bad invalid.Problems
	limits, known := ebsTypes[c.VolumeType]
	switch {
	case !known:
		bad.Add("VolumeType", "%q is unknown; use %q or %q", c.VolumeType, Gp3, Io2)
	case c.Iops == 0 && c.VolumeType == Io2:
		bad.Add("Iops", "is missing; io2 is paid by it, so give %d to %d", limits.leastIops, limits.mostIops)
	case c.Iops != 0 && (c.Iops < limits.leastIops || c.Iops > limits.mostIops):
		bad.Add("Iops", "%d is out of range; use %d to %d for %s", c.Iops, limits.leastIops, limits.mostIops, c.VolumeType)
	}
	if c.ThroughputMiBps != 0 {
		c.checkThroughput(&bad)
	}
	if c.FileSystem != Ext4 && c.FileSystem != Xfs {
		bad.Add("FileSystem", "%q is unknown; use %q or %q", c.FileSystem, Ext4, Xfs)
	}
	checkMountOptions("MountOptions", c.MountOptions, &bad)
	return bad.Err()
}

func (c *EbsClass) checkThroughput(bad *invalid.Problems) {
	iops := max(c.Iops, defaultIops)
	switch t := c.ThroughputMiBps; {
	case c.VolumeType == Io2:
		bad.Add("ThroughputMiBps", "%d is for gp3; io2 has as much as its IOPS, so leave it out", t)
	case t < leastThroughput || t > mostThroughput:
		bad.Add("ThroughputMiBps", "%d is out of range; use %d to %d", t, leastThroughput, mostThroughput)
	case t*iopsPerMiBps > iops:
		bad.Add("ThroughputMiBps", "%d takes %d IOPS, and the class has %d; raise Iops, or lower this to %d", t, t*iopsPerMiBps, iops, iops/iopsPerMiBps)
	}
}

package eks

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/storage"
	"awscontainers/internal/opt"
	"awscontainers/internal/policy"
	"awscontainers/internal/source"
)

// EfsStorageProps configure files that many pods read and write, on nodes in all zones and on Fargate.
// https://docs.aws.amazon.com/eks/latest/userguide/efs-csi.html
type EfsStorageProps struct {
	// Cluster is where the pods run. Required.
	Cluster *Cluster
	// FileSystem is where the files are: of storage.NewEfsFileSystem or storage.EfsFileSystemFrom. Its mount targets let in what has the
	// cluster's security group: all nodes, and pods on Fargate. Required.
	FileSystem *storage.EfsFileSystem
	// Classes give each claim a directory of its own, by an access point that the driver makes, for pods on nodes alone. Default: none.
	Classes []EfsClass
	// Volumes are access points that are there already, each with a claim, for pods on nodes and on Fargate. Default: none.
	Volumes []EfsVolume
	// DisableDriver installs no driver: Fargate has its own. Default: false, and true for a cluster that has FargateProfiles and no nodes
	// by then.
	DisableDriver bool
	// AddOnVersion pins aws-efs-csi-driver, "v3.0.0-eksbuild.1" or later, which takes a role for what mounts. Default: EKS's default for
	// the cluster, none with DisableDriver.
	AddOnVersion string
}

// EfsClass is a StorageClass of directories. What is deleted is the access point: the directory and the files stay, and Kubernetes
// does not find them again.
// https://github.com/kubernetes-sigs/aws-efs-csi-driver/blob/master/docs/parameters.md
type EfsClass struct {
	// Name is what claims say, up to 63 small letters, digits and hyphens. It and all that follows, but Default, never change: give a
	// changed class another name. Required.
	Name string
	// BasePath is the directory in which those of the claims are: absolute. Default: "/", the root of the file system.
	BasePath string
	// DirectoryPermissions are those of a new directory, as an octal number of three or four digits. Default: "700", its user alone.
	DirectoryPermissions string
	// GidRangeStart and GidRangeEnd are the numbers of which each claim has one, as its user and its group, whatever its pods run as: 1
	// to 4294967295. An own range for each class keeps their files apart. Default: 50000 and 7000000.
	GidRangeStart, GidRangeEnd int
	// Default makes it the class of claims that name none, one in a cluster. Default: false.
	Default bool
	// ReclaimPolicy determines whether an access point is deleted with its claim, also when the stack is deleted. Default: ReclaimDelete.
	ReclaimPolicy ReclaimPolicy
}

// EfsVolume is an access point as pods have it: a PersistentVolume and the claim that is bound to it. None of it changes later: give a
// changed one another ClaimName.
// https://github.com/kubernetes-sigs/aws-efs-csi-driver/tree/master/examples/kubernetes/efs/access_points
type EfsVolume struct {
	// Namespace is that of the pods. It must be there by then: storage.Volumes[0].Node().AddDependency(namespace). Default: "default".
	Namespace string
	// ClaimName is what a pod says for claimName, up to 63 small letters, digits and hyphens. Required.
	ClaimName string
	// AccessPoint is the way to the files, of the storage's FileSystem. Required.
	AccessPoint *storage.EfsAccessPoint
	// SizeGiB is what Kubernetes is told, in GiB. EFS grows with what is stored, whatever this says. Default: 1.
	SizeGiB int
	// AccessMode determines who can mount it at the same time: ReadWriteMany, ReadWriteOnce or ReadWriteOncePod, also with ReadOnly,
	// because the driver knows no ReadOnlyMany. Default: ReadWriteMany.
	AccessMode AccessMode
	// ReadOnly mounts it read-only. On nodes the role that mounts may not write either, unless another volume of the access point or a
	// class lets it. Default: false.
	ReadOnly bool
	// OnFargate lets pods on Fargate mount it too. Nobody vouches for them to EFS, so the file system lets in whoever comes by one of its
	// access points, over TLS, and past its security groups; one that is imported must do so by its own policy. Default: false, and
	// true where a FargateProfile of the cluster selects the namespace by then.
	// https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
	OnFargate bool
}

// EfsStorage is the driver of EFS with its roles, the classes, and the volumes.
type EfsStorage struct {
	constructs.Construct
	// AddOn is the driver, or nil without.
	AddOn awseksv2.CfnAddon
	// ControllerRole is what makes access points, or nil without the driver.
	ControllerRole awsiam.Role
	// NodeRole is what mounts on nodes, or nil without the driver. It may mount what the props name, and nothing else.
	NodeRole awsiam.Role
	// Classes are those of the props, in that order.
	Classes []*StorageClass
	// Volumes are the claims of those of the props, in that order.
	Volumes []*VolumeClaim
}

const (
	efsAddOn                             = "aws-efs-csi-driver"
	efsControllerAccount, efsNodeAccount = "efs-csi-controller-sa", "efs-csi-node-sa"
	// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEFSCSIDriverPolicy.html
	efsPolicy = "service-role/AmazonEFSCSIDriverPolicy"

	defaultGidStart, defaultGidEnd = 50000, 7000000
	maxGid                         = 1<<32 - 1
)

var (
	minEfsVersion = minVersion{3, 0, "which accepts a role for the pods that mount"}

	efsDriver = &csiDriver{name: "efs.csi.aws.com", storage: "EFS", modes: fileModes}
	// https://docs.aws.amazon.com/efs/latest/ug/API_CreationInfo.html
	efsPermissions = regexp.MustCompile(`^[0-7]{3,4}$`)
)

// NewEfsStorage installs the driver and applies classes and volumes. It panics with *invalid.Error if the props are invalid.
func NewEfsStorage(scope constructs.Construct, id string, props *EfsStorageProps) *EfsStorage {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn())

	e := &EfsStorage{}
	source.Create(e, scope, id)
	before := []constructs.IDependable{p.FileSystem.FileSystem.MountTargetsAvailable()}
	before = append(before, p.FileSystem.AllowFrom(p.Cluster.peerOf(e))...)
	if p.DisableDriver {
		before = append(before, p.registerDriver(e))
	} else {
		p.installDriver(e)
		before = append(before, e.AddOn)
	}
	for i := range p.Classes {
		e.Classes = append(e.Classes, p.Cluster.newStorageClass(e, efsDriver, p.Classes[i].render(&p), before...))
	}
	for i := range p.Volumes {
		e.Volumes = append(e.Volumes, p.Volumes[i].apply(e, &p, before))
	}
	if slices.ContainsFunc(p.Volumes, func(v EfsVolume) bool { return v.OnFargate }) {
		p.allowFargateMounts()
	}
	return e
}

// Class returns the class with a name, for NewVolumeClaim, or nil.
func (e *EfsStorage) Class(name string) *StorageClass { return classNamed(name, e.Classes) }

// installDriver installs the driver with a role for its controller, which creates access points, and one for what mounts: a file
// system of this library lets in only clients with a role.
func (p *EfsStorageProps) installDriver(e *EfsStorage) {
	var roles []awsiam.Role
	e.AddOn, roles = p.Cluster.newDriver(e, driverAddOn{
		driver: efsDriver, addOn: efsAddOn, version: p.AddOnVersion, fargateAdvice: "set DisableDriver",
		accounts: []driverAccount{
			{id: "Controller", name: efsControllerAccount, purpose: "EFS driver", policies: []string{efsPolicy}},
			{id: "Nodes", name: efsNodeAccount, purpose: "Mounts of EFS"},
		},
	})
	e.ControllerRole, e.NodeRole = roles[0], roles[1]
	hasClasses := len(p.Classes) > 0
	if hasClasses {
		p.FileSystem.GrantReadWrite(e.NodeRole) // by access points that are unknown at synth time
	}
	for _, v := range p.Volumes {
		isRoot := v.AccessPoint.PosixUser.IsRoot()
		switch {
		case hasClasses && !isRoot: // granted above
		case v.ReadOnly:
			v.AccessPoint.GrantRead(e.NodeRole)
		default:
			v.AccessPoint.GrantReadWrite(e.NodeRole)
		}
		if isRoot {
			v.AccessPoint.GrantRootAccess(e.NodeRole)
		}
	}
}

// registerDriver tells Kubernetes how volumes of EFS are used, which otherwise the add-on does: nothing attaches them, and a pod
// would wait for that forever. The object may exist already.
// https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/csi-driver-v1/
func (p *EfsStorageProps) registerDriver(e *EfsStorage) constructs.IDependable {
	p.Cluster.storage.addDriver(efsDriver, *e.Node().Path())
	return p.Cluster.overwrite(e, "Driver", map[string]any{
		"apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": map[string]any{"name": efsDriver.name},
		"spec": map[string]any{"attachRequired": false},
	})
}

// allowFargateMounts opens the file system to clients without a role, but only by access points. Its policy can't name them: they
// are created after it.
// https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
func (p *EfsStorageProps) allowFargateMounts() {
	actions := []string{"elasticfilesystem:ClientMount"}
	if slices.ContainsFunc(p.Volumes, func(v EfsVolume) bool { return v.OnFargate && !v.ReadOnly }) {
		actions = append(actions, "elasticfilesystem:ClientWrite")
	}
	p.FileSystem.FileSystem.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
		Actions:    jsii.Strings(actions...),
		Conditions: &map[string]any{
			"Bool":       map[string]any{"elasticfilesystem:AccessedViaMountTarget": "true"},
			"StringLike": map[string]any{"elasticfilesystem:AccessPointArn": policy.Arn("elasticfilesystem", "access-point/*")},
		},
	}))
}

// render returns the class as the driver reads it. Encryption in transit is on unless a volume disables it, and with "iam" the
// driver shows its role.
func (c *EfsClass) render(p *EfsStorageProps) classManifest {
	parameters := map[string]any{
		"provisioningMode": "efs-ap", "fileSystemId": new(p.FileSystem.Id()), "directoryPerms": c.DirectoryPermissions,
		"gidRangeStart": strconv.Itoa(c.GidRangeStart), "gidRangeEnd": strconv.Itoa(c.GidRangeEnd), "basePath": c.BasePath,
	}
	return classManifest{classSpec: c.spec(), isImmediate: true, mountOptions: []string{"iam"}, parameters: parameters}
}

func (c *EfsClass) spec() classSpec { return classSpec{c.Name, c.Default, c.ReclaimPolicy} }

// apply creates the volume and its claim.
func (v *EfsVolume) apply(e *EfsStorage, p *EfsStorageProps, before []constructs.IDependable) *VolumeClaim {
	static := staticVolume{
		namespace: v.Namespace, claim: v.ClaimName, sizeGiB: v.SizeGiB, mode: v.AccessMode,
		csi: map[string]any{
			"driver": efsDriver.name,
			// One colon would be a path: https://github.com/kubernetes-sigs/aws-efs-csi-driver/blob/v3.4.1/pkg/driver/node.go
			"volumeHandle": p.FileSystem.Id() + "::" + v.AccessPoint.Id(),
		},
	}
	if !v.OnFargate {
		static.mountOptions, static.advice = []string{"iam"}, "set its OnFargate"
	}
	if v.ReadOnly {
		static.mountOptions = readOnly(static.mountOptions)
	}
	return p.Cluster.applyVolume(e, static, append([]constructs.IDependable{v.AccessPoint}, before...))
}

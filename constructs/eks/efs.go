package eks

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/storage"
	"awscontainers/internal/peer"
	"awscontainers/internal/policy"
)

// EfsStorageProps describe files that many pods read and write, on nodes in all zones and on Fargate.
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
	// NoDriver installs no driver: Fargate has its own. Default: false, and true for a cluster that has FargateProfiles and no nodes by then.
	NoDriver bool
	// AddOnVersion pins aws-efs-csi-driver, "v3.0.0-eksbuild.1" or later, which takes a role for what mounts. Default: EKS's default for
	// the cluster, none with NoDriver.
	AddOnVersion string
}

// EfsClass is a StorageClass of directories. What is deleted is the access point: the directory and the files stay, and Kubernetes does not
// find them again.
// https://github.com/kubernetes-sigs/aws-efs-csi-driver/blob/master/docs/parameters.md
type EfsClass struct {
	// Name is what claims say, up to 63 small letters, digits and hyphens. It and all that follows, but Default, never change: give a
	// changed class another name. Required.
	Name string
	// BasePath is the directory in which those of the claims are: absolute. Default: "/", the root of the file system.
	BasePath string
	// DirectoryPermissions are those of a new directory, as an octal number of three or four digits. Default: "700", its user alone.
	DirectoryPermissions string
	// GidRangeStart and GidRangeEnd are the numbers of which each claim has one, as its user and its group, whatever its pods run as: 1 to
	// 4294967295. An own range for each class keeps their files apart. Default: 50000 and 7000000.
	GidRangeStart, GidRangeEnd int
	// Default makes it the class of claims that name none, one in a cluster. Default: false.
	Default bool
	// ReclaimPolicy is what becomes of an access point when its claim is deleted, also with the stack. Default: ReclaimDelete.
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
	// AccessMode is by whom it is mounted at a time. Default: ReadWriteMany, or with ReadOnly ReadOnlyMany.
	AccessMode AccessMode
	// ReadOnly keeps pods from changing files. Default: false.
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
	// From this version on the node's service account takes a role of its own.
	leastEfsMajor = 3

	defaultGidStart, defaultGidEnd = 50000, 7000000
	maxGid                         = 1<<32 - 1
)

var (
	efsDriver = &csiDriver{name: "efs.csi.aws.com", storage: "EFS", modes: []AccessMode{ReadWriteMany, ReadWriteOnce, ReadOnlyMany, ReadWriteOncePod}}
	// https://docs.aws.amazon.com/efs/latest/ug/API_CreationInfo.html
	efsPermissions = regexp.MustCompile(`^[0-7]{3,4}$`)
)

// NewEfsStorage installs the driver and applies classes and volumes. It panics with *invalid.Error when the props are wrong.
func NewEfsStorage(scope constructs.Construct, id string, props *EfsStorageProps) *EfsStorage {
	var p EfsStorageProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	e := &EfsStorage{}
	constructs.NewConstruct_Override(e, scope, &id)
	before := []constructs.IDependable{p.FileSystem.FileSystem.MountTargetsAvailable()}
	before = append(before, p.FileSystem.AllowFrom(p.Cluster.clusterGroupOf(e))...)
	if p.NoDriver {
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
		p.letFargateMount()
	}
	return e
}

// Class gives the class of that name, for a claim, or nil.
func (e *EfsStorage) Class(name string) *StorageClass {
	for _, class := range e.Classes {
		if class.Name == name {
			return class
		}
	}
	return nil
}

// installDriver installs it with a role for what makes access points, and one for what mounts: a file system of this library lets nobody
// in without.
func (p *EfsStorageProps) installDriver(e *EfsStorage) {
	var roles []awsiam.Role
	e.AddOn, roles = p.Cluster.newDriver(e, driverAddOn{driver: efsDriver, addOn: efsAddOn, version: p.AddOnVersion, onFargate: "set NoDriver", accounts: []driverAccount{
		{id: "Controller", name: efsControllerAccount, does: "EFS driver", policies: []string{efsPolicy}},
		{id: "Nodes", name: efsNodeAccount, does: "Mounts of EFS"},
	}})
	e.ControllerRole, e.NodeRole = roles[0], roles[1]
	byClasses := len(p.Classes) > 0
	if byClasses {
		p.FileSystem.GrantReadWrite(e.NodeRole) // by access points that nobody knows yet
	}
	for _, v := range p.Volumes {
		isRoot := v.AccessPoint.PosixUser.IsRoot()
		switch {
		case byClasses && !isRoot: // granted above
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

// clusterGroupOf is the cluster's security group, which all nodes have, as a construct of its own stack reaches others by it.
func (c *Cluster) clusterGroupOf(user constructs.Construct) awsec2.IConnectable {
	return peer.Groups{Scope: user, SecurityGroups: []awsec2.ISecurityGroup{c.Cluster.ClusterSecurityGroup()}}
}

// registerDriver tells Kubernetes how volumes of EFS are used, which the add-on does elsewhere: nothing attaches them, and a pod would wait
// for that for ever. It may be there already.
// https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/csi-driver-v1/
func (p *EfsStorageProps) registerDriver(e *EfsStorage) constructs.IDependable {
	p.Cluster.rememberDriver(efsDriver, *e.Node().Path())
	return p.Cluster.apply(e, "Driver", true, map[string]any{
		"apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": map[string]any{"name": efsDriver.name},
		"spec": map[string]any{"attachRequired": false},
	})
}

// letFargateMount opens the file system to clients without a role, by access points alone. Its policy cannot name them: they come after it.
// https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
func (p *EfsStorageProps) letFargateMount() {
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

// render is the class as the driver reads it. Encryption in transit is on unless a volume says otherwise, and with "iam" the driver shows
// its role.
func (c *EfsClass) render(p *EfsStorageProps) storageClass {
	parameters := map[string]any{
		"provisioningMode": "efs-ap", "fileSystemId": new(p.FileSystem.Id()), "directoryPerms": c.DirectoryPermissions,
		"gidRangeStart": strconv.Itoa(c.GidRangeStart), "gidRangeEnd": strconv.Itoa(c.GidRangeEnd), "basePath": c.BasePath,
	}
	return storageClass{className: c.inCommon(""), id: "Class-" + c.Name, immediate: true, mountOptions: []string{"iam"}, parameters: parameters}
}

func (c *EfsClass) inCommon(field string) className {
	return className{field, c.Name, c.Default, c.ReclaimPolicy}
}

// apply makes the volume and its claim.
func (v *EfsVolume) apply(e *EfsStorage, p *EfsStorageProps, before []constructs.IDependable) *VolumeClaim {
	static := staticVolume{
		namespace: v.Namespace, claim: v.ClaimName, sizeGiB: v.SizeGiB, mode: v.AccessMode,
		csi: map[string]any{
			"driver": efsDriver.name, "readOnly": v.ReadOnly,
			"volumeHandle": p.FileSystem.Id() + "::" + v.AccessPoint.Id(),
		},
	}
	if !v.OnFargate {
		static.mountOptions, static.advice = []string{"iam"}, "set its OnFargate"
	}
	return p.Cluster.applyVolume(e, static, append([]constructs.IDependable{v.AccessPoint}, before...))
}

func (p *EfsStorageProps) setDefaults() {
	if p.Cluster != nil && p.Cluster.fargateOnly() {
		p.NoDriver = true
	}
	classes := make([]EfsClass, len(p.Classes))
	for i, c := range p.Classes {
		if c.BasePath == "" {
			c.BasePath = "/"
		}
		if c.DirectoryPermissions == "" {
			c.DirectoryPermissions = "700"
		}
		if c.GidRangeStart == 0 && c.GidRangeEnd == 0 {
			c.GidRangeStart, c.GidRangeEnd = defaultGidStart, defaultGidEnd
		}
		if c.ReclaimPolicy == "" {
			c.ReclaimPolicy = ReclaimDelete
		}
		classes[i] = c
	}
	p.Classes = classes
	volumes := make([]EfsVolume, len(p.Volumes))
	for i, v := range p.Volumes {
		v.setDefaults(p.Cluster)
		volumes[i] = v
	}
	p.Volumes = volumes
}

func (v *EfsVolume) setDefaults(c *Cluster) {
	if v.Namespace == "" {
		v.Namespace = "default"
	}
	if v.SizeGiB == 0 {
		v.SizeGiB = 1
	}
	if v.AccessMode == "" {
		v.AccessMode = ReadWriteMany
		if v.ReadOnly {
			v.AccessMode = ReadOnlyMany
		}
	}
	if c != nil && c.onFargate(v.Namespace) {
		v.OnFargate = true
	}
}

func (p *EfsStorageProps) validate() error {
	var bad invalid.Problems
	switch c := p.Cluster; {
	case c == nil || c.Cluster == nil:
		bad.Add("Cluster", "is missing; make it with eks.NewCluster")
	case p.NoDriver:
		c.checkDriver(efsDriver, &bad)
		if p.AddOnVersion != "" {
			bad.Add("AddOnVersion", "%q is that of a driver which is not installed; leave it out, or NoDriver, and give the cluster nodes first", p.AddOnVersion)
		}
		if len(p.Classes) > 0 {
			bad.Add("Classes", "need the driver, and pods on Fargate cannot use them; give Volumes, or make the cluster's nodes first")
		}
	default:
		c.checkDriverPlace(efsDriver, []string{efsControllerAccount, efsNodeAccount}, p.AddOnVersion, &bad)
		if major, _, known := versionOf(p.AddOnVersion); known && major < leastEfsMajor {
			bad.Add("AddOnVersion", `%q takes no role for what mounts; use "v3.0.0-eksbuild.1" or later`, p.AddOnVersion)
		}
	}
	switch {
	case p.FileSystem == nil || p.FileSystem.FileSystem == nil:
		bad.Add("FileSystem", "is missing; make it with storage.NewEfsFileSystem or storage.EfsFileSystemFrom")
	case p.Cluster != nil && p.Cluster.itsVpc != nil:
		bad.Nest("FileSystem", p.FileSystem.CheckReach(p.Cluster.itsVpc, network.Private))
	}
	if len(p.Classes)+len(p.Volumes) == 0 {
		bad.Add("Classes", "and Volumes are empty, so that no pod has anything of it; give one of them")
	}
	p.checkClasses(&bad)
	p.checkVolumes(&bad)
	return bad.Err()
}

func (p *EfsStorageProps) checkClasses(bad *invalid.Problems) {
	common := make([]className, len(p.Classes))
	for i := range p.Classes {
		field := fmt.Sprintf("Classes[%d]", i)
		common[i] = p.Classes[i].inCommon(field)
		bad.Nest(field, p.Classes[i].validate())
	}
	p.Cluster.checkClasses(common, bad)
}

func (p *EfsStorageProps) checkVolumes(bad *invalid.Problems) {
	seen := map[string]int{}
	for i, v := range p.Volumes {
		field := fmt.Sprintf("Volumes[%d]", i)
		bad.Nest(field, v.validate(p))
		name := v.Namespace + "/" + v.ClaimName
		if first, again := seen[name]; again {
			bad.Add(field+".ClaimName", "%q is that of Volumes[%d] already; use another", v.ClaimName, first)
		} else {
			seen[name] = i
		}
	}
}

func (c *EfsClass) validate() error {
	var bad invalid.Problems
	if !invalid.IsToken(c.BasePath) && (!strings.HasPrefix(c.BasePath, "/") || strings.Contains(c.BasePath, "//") || strings.ContainsAny(c.BasePath, " \t\n")) {
		bad.Add("BasePath", `%q is no absolute path; write it as "/shop"`, c.BasePath)
	}
	if !efsPermissions.MatchString(c.DirectoryPermissions) {
		bad.Add("DirectoryPermissions", `%q are no permissions; write them as "700"`, c.DirectoryPermissions)
	}
	if c.GidRangeStart < 1 || c.GidRangeEnd > maxGid || c.GidRangeStart >= c.GidRangeEnd {
		bad.Add("GidRangeStart", "%d and GidRangeEnd %d are no range; use 1 to %d, the second above the first", c.GidRangeStart, c.GidRangeEnd, maxGid)
	}
	return bad.Err()
}

func (v *EfsVolume) validate(p *EfsStorageProps) error {
	var bad invalid.Problems
	checkClaim(v.Namespace, v.ClaimName, v.SizeGiB, &bad)
	efsDriver.checkMode("AccessMode", v.AccessMode, &bad)
	if v.ReadOnly && v.AccessMode != ReadOnlyMany {
		bad.Add("AccessMode", "%q stands beside ReadOnly; use %q, or take that off", v.AccessMode, ReadOnlyMany)
	}
	switch a := v.AccessPoint; {
	case a == nil || a.AccessPoint == nil:
		bad.Add("AccessPoint", "is missing; make it with storage.NewEfsAccessPoint or storage.EfsAccessPointFrom")
	case a.FileSystem != p.FileSystem:
		bad.Add("AccessPoint", "leads to another file system; use one of FileSystem")
	case v.OnFargate && a.PosixUser.IsRoot():
		bad.Add("AccessPoint", "makes its clients root, which EFS lets no client be without a role, as pods on Fargate are; give it another PosixUser")
	}
	if p.NoDriver && !v.OnFargate {
		bad.Add("OnFargate", "is false, and without the driver only pods on Fargate mount it; set it, or leave NoDriver out")
	}
	return bad.Err()
}

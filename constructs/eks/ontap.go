package eks

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/storage"
	"awscontainers/internal/annotate"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// OntapStorageProps configure volumes on Amazon FSx for NetApp ONTAP: files by NFS and disks by iSCSI, which Trident creates on an
// existing file system. Trident is an add-on of the AWS Marketplace: the account must be subscribed to it, which is free of charge.
// Pods on Fargate can't use these volumes.
// https://docs.netapp.com/us-en/trident/trident-use/trident-fsx.html
type OntapStorageProps struct {
	// Cluster is where the pods run. Required.
	Cluster *Cluster
	// FileSystem is that of storage.NewOntap or storage.OntapFrom, with one SVM and the secret of its vsadmin. Required.
	FileSystem *storage.Ontap
	// Classes are StorageClasses. Required.
	Classes []OntapClass
	// AddOnVersion pins netapp_trident-operator: "v25.10.0-eksbuild.1" or later, which make back ends by classes. Default: EKS's default.
	AddOnVersion string
}

// OntapProtocol is the protocol by which nodes use volumes of FSx for NetApp ONTAP.
type OntapProtocol string

// The protocols.
const (
	// ProtocolNfs provides files that pods on many nodes share.
	ProtocolNfs OntapProtocol = "NFS"
	// ProtocolIscsi provides disks, each for one node. Nodes need the tools that IscsiUserData installs.
	ProtocolIscsi OntapProtocol = "ISCSI"
)

// OntapClass is a StorageClass by which a claim makes a volume, by NFS, or a disk in a volume, by iSCSI, of any size.
// https://docs.netapp.com/us-en/trident/trident-use/trident-fsx-auto-backend-configuration.html
type OntapClass struct {
	// Name is what claims say for storageClassName, up to 63 small letters, digits and hyphens. Required.
	Name string
	// Protocol is ProtocolNfs or ProtocolIscsi. Default: ProtocolNfs.
	Protocol OntapProtocol
	// Default makes it the class of claims that name none; a cluster has one such class. Default: false.
	Default bool
	// ReclaimPolicy determines whether a volume is deleted with its claim: ReclaimDelete or ReclaimRetain. Default: ReclaimDelete.
	ReclaimPolicy ReclaimPolicy
	// MountOptions are those of NFS or of the file system on the disk. Default: none.
	MountOptions []string
}

// OntapStorage is Trident, its roles, and the classes that claims ask for. For each class Trident makes the back end by itself.
type OntapStorage struct {
	constructs.Construct
	// AddOn is Trident.
	AddOn awseksv2.CfnAddon
	// Controller and Operator are what its pods may do in AWS: the first makes volumes, the second finds the SVM.
	Controller, Operator *PodRole
	// Classes are those of the props, in their order: what NewVolumeClaim takes.
	Classes []*StorageClass
}

const (
	// https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-vendors.html
	tridentAddOn, tridentNamespace = "netapp_trident-operator", "trident"
	// https://docs.netapp.com/us-en/trident/trident-use/trident-fsx-iam-role.html
	tridentController, tridentOperator = "trident-controller", "trident-operator"
)

var minTridentVersion = minVersion{25, 10, "which creates back ends for classes"}

var (
	ontapNfs = &csiDriver{
		name: "csi.trident.netapp.io", storage: "FSx for NetApp ONTAP by NFS",
		modes: []AccessMode{ReadWriteMany, ReadWriteOnce, ReadOnlyMany, ReadWriteOncePod},
	}
	ontapIscsi = &csiDriver{
		name: ontapNfs.name, storage: "FSx for NetApp ONTAP by iSCSI", modes: []AccessMode{ReadWriteOnce, ReadWriteOncePod},
		modeAdvice: "use a class with ProtocolNfs for pods on several nodes",
	}
	ontapDrivers = map[OntapProtocol]*csiDriver{ProtocolNfs: ontapNfs, ProtocolIscsi: ontapIscsi}
	tridentNames = map[OntapProtocol]string{ProtocolNfs: "ontap-nas", ProtocolIscsi: "ontap-san"}
)

// NewOntapStorage installs Trident and applies the classes. It panics with *invalid.Error if the props are invalid.
func NewOntapStorage(scope constructs.Construct, id string, props *OntapStorageProps) *OntapStorage {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn())

	o := &OntapStorage{}
	source.Create(o, scope, id)
	path := *o.Node().Path()
	p.Cluster.storage.addDriver(ontapNfs, path)
	p.Cluster.requireNodes(path, "the driver of FSx for NetApp ONTAP", "remove it or give the cluster nodes")
	// The Marketplace's add-on accepts no roles itself: https://docs.netapp.com/us-en/trident/trident-use/trident-fsx-install-trident.html
	pods := PodRoleProps{Cluster: p.Cluster, Namespace: tridentNamespace, ServiceAccount: tridentController}
	o.Controller = NewPodRole(o, "Controller", &pods)
	pods.ServiceAccount = tridentOperator
	o.Operator = NewPodRole(o, "Operator", &pods)
	policies := []constructs.IDependable{o.grantVolumes(p.FileSystem), o.grantDescribe()}
	p.FileSystem.SvmAdminSecret.GrantRead(o.Controller.Role, nil)

	o.AddOn = p.Cluster.podAddOn(o, "AddOn", tridentAddOn, p.AddOnVersion, nil)
	o.AddOn.Node().AddDependency(append(policies, o.Controller, o.Operator)...) // pods that start earlier have no role
	// For a back end Trident also creates a class of snapshots, which requires their kinds.
	o.AddOn.Node().AddDependency(p.Cluster.snapshotController(o, ""))
	ready := p.allowNodes(o)
	for i := range p.Classes {
		o.Classes = append(o.Classes, o.newClass(&p, &p.Classes[i], ready))
	}
	annotate.WhenComplete(o, func() { o.warnOfIscsi(&p) })
	return o
}

// AddOnArn returns the add-on's ARN.
func (o *OntapStorage) AddOnArn() string { return *o.AddOn.AttrArn() }

// Class returns the class with a name, for NewVolumeClaim, or nil.
func (o *OntapStorage) Class(name string) *StorageClass { return classNamed(name, o.Classes) }

// allowNodes lets nodes reach the SVM: its management, and the protocols of the classes.
func (p *OntapStorageProps) allowNodes(o *OntapStorage) []constructs.IDependable {
	nodes := p.Cluster.peerOf(o)
	ready := append(p.FileSystem.AllowFrom(nodes, storage.OntapManagement), o.AddOn)
	if p.hasProtocol(ProtocolNfs) {
		ready = append(ready, p.FileSystem.AllowFrom(nodes, storage.OntapNfs)...)
	}
	if p.hasProtocol(ProtocolIscsi) {
		ready = append(ready, p.FileSystem.AllowFrom(nodes, storage.OntapIscsi)...)
	}
	if p.FileSystem.Svm != nil {
		ready = append(ready, p.FileSystem.Svm)
	}
	return ready
}

func (p *OntapStorageProps) hasProtocol(protocol OntapProtocol) bool {
	return slices.ContainsFunc(p.Classes, func(k OntapClass) bool { return k.Protocol == protocol })
}

// grantVolumes lets the controller manage volumes, as NetApp documents, but only of this file system.
// https://docs.netapp.com/us-en/trident/trident-use/trident-fsx-iam-role.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonfsx.html
func (o *OntapStorage) grantVolumes(fs *storage.Ontap) awsiam.Policy {
	arn := func(resource, name string) *string {
		return awscdk.Stack_Of(o).FormatArn(&awscdk.ArnComponents{Service: jsii.String("fsx"), Resource: &resource, ResourceName: &name})
	}
	policy := awsiam.NewPolicy(o, jsii.String("ControllerPolicy"), &awsiam.PolicyProps{
		Roles: &[]awsiam.IRole{o.Controller.Role},
		Statements: &[]awsiam.PolicyStatement{
			describeStatement(),
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Actions: jsii.Strings("fsx:CreateVolume", "fsx:UpdateVolume", "fsx:DeleteVolume", "fsx:RestoreVolumeFromSnapshot",
					"fsx:TagResource", "fsx:UntagResource"),
				Resources: &[]*string{
					arn("volume", fs.Id()+"/*"), arn("storage-virtual-machine", fs.Id()+"/"+fs.SvmId()),
				},
			}),
		},
	})
	suppressTridentFindings(policy)
	return policy
}

// grantDescribe lets the operator find the file system and its SVM when it creates a back end.
func (o *OntapStorage) grantDescribe() awsiam.Policy {
	policy := awsiam.NewPolicy(o, jsii.String("OperatorPolicy"), &awsiam.PolicyProps{
		Roles: &[]awsiam.IRole{o.Operator.Role}, Statements: &[]awsiam.PolicyStatement{describeStatement()},
	})
	suppressTridentFindings(policy)
	return policy
}

func describeStatement() awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings("fsx:DescribeFileSystems", "fsx:DescribeStorageVirtualMachines", "fsx:DescribeVolumes"),
		Resources: jsii.Strings("*"),
	})
}

func suppressTridentFindings(policy awsiam.Policy) {
	nag.Suppress(policy, "AwsSolutions-IAM5", "FSx lists without an ARN, and volumes come with claims, so their IDs are unknown before")
}

// newClass has Trident create a back end: these three parameters describe it, on the file system's first SVM.
// https://docs.netapp.com/us-en/trident/trident-use/trident-fsx-auto-backend-configuration.html
func (o *OntapStorage) newClass(p *OntapStorageProps, k *OntapClass, after []constructs.IDependable) *StorageClass {
	parameters := map[string]any{
		"fsxFilesystemID": new(p.FileSystem.Id()), "storageDriverName": tridentNames[k.Protocol],
		"credentialsName": p.FileSystem.SvmAdminSecret.SecretArn(),
	}
	if k.Protocol == ProtocolIscsi {
		parameters["csi.storage.k8s.io/fstype"] = "ext4" // without one Kubernetes gives the disk to no group, and only root could write
	}
	return p.Cluster.newStorageClass(o, ontapDrivers[k.Protocol], classManifest{
		classSpec: k.spec(), isExpandable: true, isImmediate: true, mountOptions: k.MountOptions, parameters: parameters,
	}, after...)
}

func (k *OntapClass) spec() classSpec { return classSpec{k.Name, k.Default, k.ReclaimPolicy} }

package eks

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/storage"
	"awscontainers/internal/nag"
)

// OntapStorageProps describe volumes on Amazon FSx for NetApp ONTAP: files by NFS and disks by iSCSI, which Trident makes on a file system
// that is there. Trident is an add-on of the AWS Marketplace: somebody must have subscribed to it in the account, which costs nothing.
// Pods on Fargate have none of it.
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

// OntapProtocol is how nodes reach volumes of FSx for NetApp ONTAP.
type OntapProtocol string

// The protocols.
const (
	// Nfs is for files that pods on many nodes share.
	Nfs OntapProtocol = "NFS"
	// Iscsi is for disks, each of one node. Nodes need what IscsiUserData brings.
	Iscsi OntapProtocol = "ISCSI"
)

// OntapClass is a StorageClass by which a claim makes a volume, by NFS, or a disk in a volume, by iSCSI, of any size.
// https://docs.netapp.com/us-en/trident/trident-use/trident-fsx-auto-backend-configuration.html
type OntapClass struct {
	// Name is what claims say for storageClassName, up to 63 small letters, digits and hyphens. Required.
	Name string
	// Protocol is Nfs or Iscsi. Default: Nfs.
	Protocol OntapProtocol
	// Default makes it the class of claims that name none; a cluster has one such class. Default: false.
	Default bool
	// ReclaimPolicy is what becomes of a volume when its claim is deleted: ReclaimDelete or ReclaimRetain. Default: ReclaimDelete.
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
	tridentController, tridentOperator   = "trident-controller", "trident-operator"
	leastTridentMajor, leastTridentMinor = 25, 10
)

var (
	ontapNfs = &csiDriver{
		name: "csi.trident.netapp.io", storage: "FSx for NetApp ONTAP by NFS", modes: []AccessMode{ReadWriteMany, ReadWriteOnce, ReadOnlyMany, ReadWriteOncePod},
	}
	ontapIscsi = &csiDriver{
		name: ontapNfs.name, storage: "FSx for NetApp ONTAP by iSCSI", modes: []AccessMode{ReadWriteOnce, ReadWriteOncePod},
		modesAdvice: `; for pods on several nodes take a class with Protocol "NFS"`,
	}
	ontapDrivers = map[OntapProtocol]*csiDriver{Nfs: ontapNfs, Iscsi: ontapIscsi}
	tridentNames = map[OntapProtocol]string{Nfs: "ontap-nas", Iscsi: "ontap-san"}
)

// NewOntapStorage installs Trident and applies the classes. It panics with *invalid.Error when the props are wrong.
func NewOntapStorage(scope constructs.Construct, id string, props *OntapStorageProps) *OntapStorage {
	var p OntapStorageProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	o := &OntapStorage{}
	constructs.NewConstruct_Override(o, scope, &id)
	path := *o.Node().Path()
	p.Cluster.rememberDriver(ontapNfs, path)
	p.Cluster.needsNodes(path, "the driver of FSx for NetApp ONTAP", "leave it out, or give the cluster nodes")
	// The Marketplace's add-on takes no roles by itself: https://docs.netapp.com/us-en/trident/trident-use/trident-fsx-install-trident.html
	o.Controller = NewPodRole(o, "Controller", &PodRoleProps{Cluster: p.Cluster, Namespace: tridentNamespace, ServiceAccount: tridentController})
	o.Operator = NewPodRole(o, "Operator", &PodRoleProps{Cluster: p.Cluster, Namespace: tridentNamespace, ServiceAccount: tridentOperator})
	policies := []constructs.IDependable{o.letMakeVolumes(p.FileSystem), o.letLook()}
	p.FileSystem.SvmAdminSecret.GrantRead(o.Controller.Role, nil)

	o.AddOn = p.Cluster.addOnBelow(o, "AddOn", tridentAddOn, p.AddOnVersion, nil)
	o.AddOn.Node().AddDependency(append(policies, o.Controller, o.Operator)...) // pods that start before have no role
	o.AddOn.Node().AddDependency(p.Cluster.before...)
	p.Cluster.afterNodes(o.AddOn)
	if p.Cluster.AlbController != nil {
		o.AddOn.Node().AddDependency(p.Cluster.AlbController) // whose webhook is asked about the add-on's Services
	}
	ready := p.open(o)
	for i := range p.Classes {
		o.Classes = append(o.Classes, o.newClass(&p, &p.Classes[i], ready))
	}
	return o
}

// AddOnArn is the add-on's ARN, for an output.
func (o *OntapStorage) AddOnArn() string { return *o.AddOn.AttrArn() }

// open lets nodes to the SVM: to its management, and by the protocols of the classes.
func (p *OntapStorageProps) open(o *OntapStorage) []constructs.IDependable {
	nodes := p.Cluster.clusterGroupOf(o)
	// For a back end Trident makes a class of snapshots too, which takes their kind.
	ready := append(p.FileSystem.AllowFrom(nodes, storage.OntapManagement), o.AddOn, p.Cluster.snapshotController(o, ""))
	for _, protocol := range []OntapProtocol{Nfs, Iscsi} {
		if slices.ContainsFunc(p.Classes, func(k OntapClass) bool { return k.Protocol == protocol }) {
			ready = append(ready, p.FileSystem.AllowFrom(nodes, endpointOf[protocol])...)
		}
	}
	if p.FileSystem.Svm != nil {
		ready = append(ready, p.FileSystem.Svm)
	}
	return ready
}

var endpointOf = map[OntapProtocol]storage.OntapEndpoint{Nfs: storage.OntapNfs, Iscsi: storage.OntapIscsi}

// letMakeVolumes is what NetApp asks for, on this file system alone.
// https://docs.netapp.com/us-en/trident/trident-use/trident-fsx-iam-role.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonfsx.html
func (o *OntapStorage) letMakeVolumes(fs *storage.Ontap) awsiam.Policy {
	arn := func(resource, name string) *string {
		return awscdk.Stack_Of(o).FormatArn(&awscdk.ArnComponents{Service: jsii.String("fsx"), Resource: &resource, ResourceName: &name})
	}
	policy := awsiam.NewPolicy(o, jsii.String("ControllerPolicy"), &awsiam.PolicyProps{
		Roles: &[]awsiam.IRole{o.Controller.Role},
		Statements: &[]awsiam.PolicyStatement{
			look(),
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Actions: jsii.Strings("fsx:CreateVolume", "fsx:UpdateVolume", "fsx:DeleteVolume", "fsx:RestoreVolumeFromSnapshot", "fsx:TagResource", "fsx:UntagResource"),
				Resources: &[]*string{
					arn("volume", fs.Id()+"/*"), arn("storage-virtual-machine", fs.Id()+"/"+fs.SvmId()),
				},
			}),
		},
	})
	explainTrident(policy)
	return policy
}

// letLook lets the operator find the file system and its SVM when it makes a back end.
func (o *OntapStorage) letLook() awsiam.Policy {
	policy := awsiam.NewPolicy(o, jsii.String("OperatorPolicy"), &awsiam.PolicyProps{
		Roles: &[]awsiam.IRole{o.Operator.Role}, Statements: &[]awsiam.PolicyStatement{look()},
	})
	explainTrident(policy)
	return policy
}

func look() awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("fsx:DescribeFileSystems", "fsx:DescribeStorageVirtualMachines", "fsx:DescribeVolumes"), Resources: jsii.Strings("*"),
	})
}

func explainTrident(policy awsiam.Policy) {
	nag.Suppress(policy, "AwsSolutions-IAM5", "FSx lists without an ARN, and volumes come with claims, so nobody knows their ids before")
}

// newClass has Trident make a back end: these three parameters tell it which, on the file system's first SVM.
// https://docs.netapp.com/us-en/trident/trident-use/trident-fsx-auto-backend-configuration.html
func (o *OntapStorage) newClass(p *OntapStorageProps, k *OntapClass, after []constructs.IDependable) *StorageClass {
	parameters := map[string]any{
		"fsxFilesystemID": new(p.FileSystem.Id()), "storageDriverName": tridentNames[k.Protocol], "credentialsName": p.FileSystem.SvmAdminSecret.SecretArn(),
	}
	if k.Protocol == Iscsi {
		parameters["csi.storage.k8s.io/fstype"] = "ext4" // without one Kubernetes gives the disk to no group, and root alone could write
	}
	return p.Cluster.newStorageClass(o, ontapDrivers[k.Protocol], storageClass{
		className: k.named(""), id: "Class-" + k.Name, expansion: true, mountOptions: k.MountOptions, immediate: true, parameters: parameters,
	}, after...)
}

func (p *OntapStorageProps) setDefaults() {
	p.Classes = slices.Clone(p.Classes)
	for i := range p.Classes {
		k := &p.Classes[i]
		if k.ReclaimPolicy == "" {
			k.ReclaimPolicy = ReclaimDelete
		}
		if k.Protocol == "" {
			k.Protocol = Nfs
		}
	}
}

func (k *OntapClass) named(field string) className {
	return className{field: field, name: k.Name, byDefault: k.Default, reclaim: k.ReclaimPolicy}
}

func (p *OntapStorageProps) validate() error {
	var bad invalid.Problems
	if p.Cluster == nil || p.Cluster.Cluster == nil {
		bad.Add("Cluster", "is missing; make it with eks.NewCluster")
	} else {
		p.checkPlace(&bad)
	}
	if p.FileSystem == nil {
		bad.Add("FileSystem", "is missing; make it with storage.NewOntap")
	}
	if len(p.Classes) == 0 {
		bad.Add("Classes", "are missing, without which Trident does nothing; give one")
	}
	var names []className
	for i := range p.Classes {
		field := fmt.Sprintf("Classes[%d]", i)
		names = append(names, p.Classes[i].named(field))
		switch k := p.Classes[i]; {
		case ontapDrivers[k.Protocol] == nil:
			bad.Add(field+".Protocol", "%q is unknown; use %q or %q", k.Protocol, Nfs, Iscsi)
		case k.Protocol == Iscsi && p.FileSystem != nil && !p.FileSystem.HasIscsi():
			bad.Add(field+".Protocol", "%q is not offered by a FileSystem of more than 6 HaPairs; use %q, or fewer", k.Protocol, Nfs)
		case k.Protocol == Iscsi && p.Cluster != nil && p.Cluster.autoMode:
			bad.Add(field+".Protocol", "%q takes tools that nodes of AutoMode have not; use %q, or nodes of yours with IscsiUserData", k.Protocol, Nfs)
		}
		checkMountOptions(field+".MountOptions", p.Classes[i].MountOptions, &bad)
	}
	p.Cluster.checkClasses(names, &bad)
	p.checkVersion(&bad)
	return bad.Err()
}

// checkPlace notes what keeps Trident from its roles, or from running.
func (p *OntapStorageProps) checkPlace(bad *invalid.Problems) {
	p.Cluster.checkDriver(ontapNfs, bad)
	if p.Cluster.onFargate(tridentNamespace) {
		bad.Add("Cluster", "has a FargateProfile that takes namespace %q, in which Trident would run without its role; select fewer pods there", tridentNamespace)
	}
	for _, account := range []string{tridentController, tridentOperator} {
		if path := p.Cluster.accounts[tridentNamespace+"/"+account]; path != "" && p.Cluster.storage.drivers[ontapNfs.name] == "" {
			bad.Add("Cluster", "has a role for service account %q, Trident's, already, of %s; leave that out", account, path)
		}
	}
}

func (p *OntapStorageProps) checkVersion(bad *invalid.Problems) {
	checkAddOnVersion("AddOnVersion", p.AddOnVersion, bad)
	major, minor, known := versionOf(p.AddOnVersion)
	if known && (major < leastTridentMajor || major == leastTridentMajor && minor < leastTridentMinor) {
		bad.Add("AddOnVersion", `%q makes no back end by classes; use "v25.10.0-eksbuild.1" or later`, p.AddOnVersion)
	}
}

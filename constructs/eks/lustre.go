package eks

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/storage"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// LustreStorageProps configure volumes on Amazon FSx for Lustre: files that many nodes read and write together, at high speed, in one
// Availability Zone. Pods on Fargate can't use them.
// https://docs.aws.amazon.com/eks/latest/userguide/fsx-csi.html
type LustreStorageProps struct {
	// Cluster is where the pods run. Required.
	Cluster *Cluster
	// AddOnVersion pins aws-fsx-csi-driver. Default: EKS's default for the cluster.
	AddOnVersion string
	// Classes are StorageClasses: each claim makes a file system of its own. Default: none.
	Classes []LustreClass
	// Volumes are claims of a file system that is there, the whole of it. Default: none.
	Volumes []LustreVolume
}

// LustreClass is a StorageClass by which a claim makes a file system, which takes ten minutes or so. A claim's size is rounded up to
// 1200 GiB, 2400 GiB or a multiple of 2400 GiB, which is paid for.
// https://github.com/kubernetes-sigs/aws-fsx-csi-driver/tree/master/examples/kubernetes/dynamic_provisioning
type LustreClass struct {
	// Name is what claims say for storageClassName, up to 63 small letters, digits and hyphens. Required.
	Name string
	// Default makes it the class of claims that name none; a cluster has one such class. Default: false.
	Default bool
	// ReclaimPolicy determines whether a file system is deleted with its claim: ReclaimDelete or ReclaimRetain. Default: ReclaimDelete.
	ReclaimPolicy ReclaimPolicy
	// DeploymentType is storage.LustreScratch2, storage.LustrePersistent1 or storage.LustrePersistent2. Default:
	// storage.LustrePersistent2.
	DeploymentType storage.LustreDeploymentType
	// PerUnitThroughput is the throughput in MB a second for each TiB: 50, 100 or 200 for LustrePersistent1, 125, 250, 500 or 1000 for
	// LustrePersistent2; none for LustreScratch2. Default: the minimum.
	// https://docs.aws.amazon.com/fsx/latest/LustreGuide/performance.html
	PerUnitThroughput int
	// DataCompression compresses files with LZ4. Default: false.
	DataCompression bool
	// BackupRetentionDays is for how many days daily backups of a persistent file system are kept, 1 to 90. Default: 0, there are none.
	BackupRetentionDays int
	// Subnet is where file systems are: nodes in other Availability Zones pay for traffic between zones. Default: the first private one
	// of the cluster's VPC.
	Subnet awsec2.ISubnet
	// MountOptions are those of Lustre's client. Default: "flock", by which programs lock files across nodes.
	MountOptions []string
}

// LustreVolume is a PersistentVolume, and the claim that has it.
// https://github.com/kubernetes-sigs/aws-fsx-csi-driver/tree/master/examples/kubernetes/static_provisioning
type LustreVolume struct {
	// FileSystem is that of storage.NewLustre or storage.LustreFrom. Required.
	FileSystem *storage.Lustre
	// ClaimName is what a pod says for claimName, up to 63 small letters, digits and hyphens. Required.
	ClaimName string
	// Namespace is that of the claim, which must be there by then. Default: "default".
	Namespace string
	// SizeGiB is what the claim says; nothing limits it to that. Default: 1200.
	SizeGiB int
	// ReadOnly mounts it read-only. Default: false.
	ReadOnly bool
	// MountOptions are those of Lustre's client, to which ReadOnly adds "ro". Default: "flock".
	MountOptions []string
}

// LustreStorage is the driver, its role, and what claims ask for.
type LustreStorage struct {
	constructs.Construct
	// AddOn is the driver.
	AddOn awseksv2.CfnAddon
	// Role is what its controller may do in AWS.
	Role awsiam.Role
	// SecurityGroup is that of file systems of Classes; nil without.
	SecurityGroup awsec2.SecurityGroup
	// Classes are those of the props, in their order: what NewVolumeClaim takes.
	Classes []*StorageClass
	// Volumes are the claims of the props, in their order, for what comes after them: the pods.
	Volumes []*VolumeClaim
}

const (
	lustreAddOn, lustreAccount = "aws-fsx-csi-driver", "fsx-csi-controller-sa"
)

var lustreDriver = &csiDriver{name: "fsx.csi.aws.com", storage: "FSx for Lustre", modes: fileModes}

// NewLustreStorage installs the driver and applies classes and volumes. It panics with *invalid.Error if the props are invalid.
func NewLustreStorage(scope constructs.Construct, id string, props *LustreStorageProps) *LustreStorage {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn())

	l := &LustreStorage{}
	source.Create(l, scope, id)
	addOn, roles := p.Cluster.newDriver(l, driverAddOn{
		driver: lustreDriver, addOn: lustreAddOn, version: p.AddOnVersion, fargateAdvice: "remove it",
		accounts: []driverAccount{{id: "Controller", name: lustreAccount, purpose: "Controller of FSx for Lustre"}},
	})
	l.AddOn, l.Role = addOn, roles[0]
	l.AddOn.Node().AddDependency(l.grant(len(p.Classes) > 0))
	var ready []constructs.IDependable
	if len(p.Classes) > 0 {
		ready = l.newSecurityGroup(&p)
	}
	for i := range p.Classes {
		l.Classes = append(l.Classes, l.newClass(&p, &p.Classes[i], append(ready, l.AddOn)))
	}
	for i := range p.Volumes {
		l.Volumes = append(l.Volumes, l.newVolume(&p, &p.Volumes[i]))
	}
	return l
}

// AddOnArn returns the add-on's ARN.
func (l *LustreStorage) AddOnArn() string { return *l.AddOn.AttrArn() }

// Class returns the class with a name, for NewVolumeClaim, or nil.
func (l *LustreStorage) Class(name string) *StorageClass { return classNamed(name, l.Classes) }

// grant lets the controller describe file systems and, if claims create them, create them, and change and delete only its own,
// which it tags. AWS's AmazonFSxFullAccess would let it delete every file system of the account.
// https://github.com/kubernetes-sigs/aws-fsx-csi-driver/blob/master/docs/install.md
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonfsx.html
func (l *LustreStorage) grant(creates bool) awsiam.Policy {
	anyFileSystem := awscdk.Stack_Of(l).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("fsx"), Resource: jsii.String("file-system"), ResourceName: jsii.String("*"),
	})
	statements := []awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("fsx:DescribeFileSystems"), Resources: jsii.Strings("*"),
	})}
	if creates {
		statements = append(statements,
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Actions: jsii.Strings("fsx:CreateFileSystem"), Resources: &[]*string{anyFileSystem},
				Conditions: &map[string]any{"Null": map[string]any{"aws:RequestTag/CSIVolumeName": "false"}},
			}),
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				// Whoever may tag may do all else, so only what has the tag, or gets it at creation.
				Actions: jsii.Strings("fsx:TagResource", "fsx:UpdateFileSystem", "fsx:DeleteFileSystem"), Resources: &[]*string{anyFileSystem},
				Conditions: &map[string]any{"Null": map[string]any{"aws:ResourceTag/CSIVolumeName": "false"}},
			}),
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Actions: jsii.Strings("iam:CreateServiceLinkedRole"), Resources: jsii.Strings("*"),
				Conditions: &map[string]any{"StringEquals": map[string]any{"iam:AWSServiceName": "fsx.amazonaws.com"}},
			}),
		)
	}
	policy := awsiam.NewPolicy(l, jsii.String("Policy"), &awsiam.PolicyProps{Roles: &[]awsiam.IRole{l.Role}, Statements: &statements})
	nag.Suppress(policy, "AwsSolutions-IAM5",
		"File systems come with claims, so their IDs are unknown before; it changes and deletes only those with the driver's tag, "+
			"and FSx lists them without an ARN")
	return policy
}

// lustrePorts are the ports at which clients and servers of Lustre reach each other.
// https://docs.aws.amazon.com/fsx/latest/LustreGuide/limit-access-security-groups.html
var lustrePorts = [][2]int{{988, 988}, {1018, 1023}}

// newSecurityGroup creates the group of the file systems of claims. At Lustre's ports it allows traffic between them and the
// cluster's nodes, and among themselves.
func (l *LustreStorage) newSecurityGroup(p *LustreStorageProps) (rules []constructs.IDependable) {
	l.SecurityGroup = awsec2.NewSecurityGroup(l, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc: p.Cluster.facts.vpc, Description: describe.Of("Lustre servers of", *l.Node().Path()), AllowAllOutbound: jsii.Bool(false),
	})
	servers, nodes := l.SecurityGroup.SecurityGroupId(), p.Cluster.Cluster.ClusterSecurityGroupId()
	// Retained file systems are in the group, and EC2 deletes no group that is in use. Rules between it and the cluster's nodes go with
	// the cluster: EC2 would not delete the cluster security group while a rule names it, and EKS would leave it, and with it the VPC.
	// https://docs.aws.amazon.com/vpc/latest/userguide/deleting-security-groups.html
	isRetained := slices.ContainsFunc(p.Classes, func(k LustreClass) bool { return k.ReclaimPolicy == ReclaimRetain })
	add := func(rule awscdk.CfnResource, isAmongServers bool) {
		if isRetained && isAmongServers {
			rule.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
		}
		rules = append(rules, rule)
	}
	if isRetained {
		l.SecurityGroup.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
	}
	for _, port := range lustrePorts {
		for _, way := range []struct {
			id       string
			from, to *string
		}{{"NodesToServers", nodes, servers}, {"ServersToNodes", servers, nodes}, {"AmongServers", servers, servers}} {
			from, to := jsii.Number(port[0]), jsii.Number(port[1])
			id, description := fmt.Sprintf("%s%d", way.id, port[0]), describe.Of("Lustre of", *l.Node().Path())
			isAmongServers := way.from == servers && way.to == servers
			add(awsec2.NewCfnSecurityGroupIngress(l, jsii.String(id), &awsec2.CfnSecurityGroupIngressProps{
				GroupId: way.to, SourceSecurityGroupId: way.from, IpProtocol: jsii.String("tcp"), FromPort: from, ToPort: to, Description: description,
			}), isAmongServers)
			if way.from == servers { // nodes may send anywhere
				add(awsec2.NewCfnSecurityGroupEgress(l, jsii.String("Out"+id), &awsec2.CfnSecurityGroupEgressProps{
					GroupId: servers, DestinationSecurityGroupId: way.to, IpProtocol: jsii.String("tcp"),
					FromPort: from, ToPort: to, Description: description,
				}), isAmongServers)
			}
		}
	}
	return rules
}

func (l *LustreStorage) newClass(p *LustreStorageProps, k *LustreClass, after []constructs.IDependable) *StorageClass {
	subnet := k.Subnet
	if subnet == nil {
		subnet = network.Private.Of(p.Cluster.facts.vpc)[0]
	}
	parameters := map[string]any{
		"subnetId": subnet.SubnetId(), "securityGroupIds": l.SecurityGroup.SecurityGroupId(),
		"deploymentType": string(k.DeploymentType), "fileSystemTypeVersion": lustreVersion,
	}
	if k.PerUnitThroughput != 0 {
		parameters["perUnitStorageThroughput"] = fmt.Sprint(k.PerUnitThroughput)
	}
	if k.DataCompression {
		parameters["dataCompressionType"] = "LZ4"
	}
	if k.BackupRetentionDays != 0 { // which is FSx's default, and the driver passes no 0 on
		parameters["automaticBackupRetentionDays"] = fmt.Sprint(k.BackupRetentionDays)
	}
	return p.Cluster.newStorageClass(l, lustreDriver, classManifest{
		classSpec: k.spec(), isImmediate: true, isExpandable: true, mountOptions: k.MountOptions, parameters: parameters,
	}, after...)
}

// lustreVersion is the newest, for which the kernels of AL2023 and Bottlerocket have a client.
// https://docs.aws.amazon.com/fsx/latest/LustreGuide/lustre-client-matrix.html
const lustreVersion = "2.15"

func (l *LustreStorage) newVolume(p *LustreStorageProps, v *LustreVolume) *VolumeClaim {
	static := staticVolume{
		namespace: v.Namespace, claim: v.ClaimName, sizeGiB: v.SizeGiB, mode: ReadWriteMany, mountOptions: v.MountOptions,
		advice: "use another namespace",
		csi: map[string]any{
			"driver": lustreDriver.name, "volumeHandle": new(v.FileSystem.Id()),
			"volumeAttributes": map[string]any{"dnsname": new(v.FileSystem.DnsName()), "mountname": new(v.FileSystem.MountName())},
		},
	}
	if v.ReadOnly {
		static.mountOptions = readOnly(static.mountOptions)
	}
	return p.Cluster.applyVolume(l, static, append(v.FileSystem.AllowFrom(p.Cluster.peerOf(l)), l.AddOn))
}

func (k *LustreClass) spec() classSpec { return classSpec{k.Name, k.Default, k.ReclaimPolicy} }

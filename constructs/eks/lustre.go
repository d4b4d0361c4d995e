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
	"awscontainers/internal/lustre"
	"awscontainers/internal/nag"
)

// LustreStorageProps describe volumes on Amazon FSx for Lustre: files that many nodes read and write together, at great speed, in one
// Availability Zone. Pods on Fargate have none of it.
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

// LustreClass is a StorageClass by which a claim makes a file system, which takes ten minutes or so. A claim's size is rounded up to 1200
// GiB, 2400 GiB or a multiple of 2400 GiB, which is paid for.
// https://github.com/kubernetes-sigs/aws-fsx-csi-driver/tree/master/examples/kubernetes/dynamic_provisioning
type LustreClass struct {
	// Name is what claims say for storageClassName, up to 63 small letters, digits and hyphens. Required.
	Name string
	// Default makes it the class of claims that name none; a cluster has one such class. Default: false.
	Default bool
	// ReclaimPolicy is what becomes of a file system when its claim is deleted: ReclaimDelete or ReclaimRetain. Default: ReclaimDelete.
	ReclaimPolicy ReclaimPolicy
	// DeploymentType is storage.LustreScratch2, storage.LustrePersistent1 or storage.LustrePersistent2. Default: storage.LustrePersistent2.
	DeploymentType storage.LustreDeploymentType
	// PerUnitThroughput is the throughput in MB a second for each TiB: 50, 100 or 200 for LustrePersistent1, 125, 250, 500 or 1000 for
	// LustrePersistent2; none for LustreScratch2. Default: the least.
	// https://docs.aws.amazon.com/fsx/latest/LustreGuide/performance.html
	PerUnitThroughput int
	// DataCompression compresses files with LZ4. Default: false.
	DataCompression bool
	// BackupRetentionDays is for how many days daily backups of a persistent file system are kept, 1 to 90. Default: 0, there are none.
	BackupRetentionDays int
	// Subnet is where file systems are: nodes in other Availability Zones pay for traffic between zones. Default: the first private one of the
	// cluster's VPC.
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
	// ReadOnly lets nobody write. Default: false.
	ReadOnly bool
	// MountOptions are those of Lustre's client. Default: "flock".
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

var lustreDriver = &csiDriver{
	name: "fsx.csi.aws.com", storage: "FSx for Lustre", modes: []AccessMode{ReadWriteMany, ReadWriteOnce, ReadOnlyMany},
	modesAdvice: `; for one pod alone take a class of EBS`,
}

// NewLustreStorage installs the driver and applies classes and volumes. It panics with *invalid.Error when the props are wrong.
func NewLustreStorage(scope constructs.Construct, id string, props *LustreStorageProps) *LustreStorage {
	var p LustreStorageProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	l := &LustreStorage{}
	constructs.NewConstruct_Override(l, scope, &id)
	addOn, roles := p.Cluster.newDriver(l, driverAddOn{
		driver: lustreDriver, addOn: lustreAddOn, version: p.AddOnVersion, onFargate: "leave it out",
		accounts: []driverAccount{{id: "Controller", name: lustreAccount, does: "Controller of FSx for Lustre"}},
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

// AddOnArn is the add-on's ARN, for an output.
func (l *LustreStorage) AddOnArn() string { return *l.AddOn.AttrArn() }

// grant lets the controller look, and where claims make file systems make these, change and delete none but its own, which it tags. AWS's
// AmazonFSxFullAccess would let it delete every file system of the account.
// https://github.com/kubernetes-sigs/aws-fsx-csi-driver/blob/master/docs/install.md
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonfsx.html
func (l *LustreStorage) grant(makes bool) awsiam.Policy {
	anyFileSystem := awscdk.Stack_Of(l).FormatArn(&awscdk.ArnComponents{Service: jsii.String("fsx"), Resource: jsii.String("file-system"), ResourceName: jsii.String("*")})
	statements := []awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("fsx:DescribeFileSystems"), Resources: jsii.Strings("*"),
	})}
	if makes {
		statements = append(statements,
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Actions: jsii.Strings("fsx:CreateFileSystem"), Resources: &[]*string{anyFileSystem},
				Conditions: &map[string]any{"Null": map[string]any{"aws:RequestTag/CSIVolumeName": "false"}},
			}),
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				// To tag is as good as to own, so only what has the tag, or gets it as it is made.
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
	nag.Suppress(policy, "AwsSolutions-IAM5", "File systems come with claims, so nobody knows their ids before; it changes and deletes only those with the driver's tag, "+
		"and FSx lists them without an ARN")
	return policy
}

// lustrePorts are what clients and servers of Lustre reach of each other.
// https://docs.aws.amazon.com/fsx/latest/LustreGuide/limit-access-security-groups.html
var lustrePorts = [][2]int{{988, 988}, {1018, 1023}}

// newSecurityGroup makes the group of the file systems to come: open, at Lustre's ports, between them and the cluster's nodes, and among
// themselves.
func (l *LustreStorage) newSecurityGroup(p *LustreStorageProps) (rules []constructs.IDependable) {
	l.SecurityGroup = awsec2.NewSecurityGroup(l, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc: p.Cluster.vpc(), Description: describe.Of("Lustre servers of", *l.Node().Path()), AllowAllOutbound: jsii.Bool(false),
	})
	servers, nodes := l.SecurityGroup.SecurityGroupId(), p.Cluster.Cluster.ClusterSecurityGroupId()
	for _, port := range lustrePorts {
		for _, way := range []struct {
			id       string
			from, to *string
		}{{"NodesToServers", nodes, servers}, {"ServersToNodes", servers, nodes}, {"AmongServers", servers, servers}} {
			from, to := jsii.Number(port[0]), jsii.Number(port[1])
			id, description := fmt.Sprintf("%s%d", way.id, port[0]), describe.Of("Lustre of", *l.Node().Path())
			rules = append(rules, awsec2.NewCfnSecurityGroupIngress(l, jsii.String(id), &awsec2.CfnSecurityGroupIngressProps{
				GroupId: way.to, SourceSecurityGroupId: way.from, IpProtocol: jsii.String("tcp"), FromPort: from, ToPort: to, Description: description,
			}))
			if way.from == servers { // nodes may go anywhere
				rules = append(rules, awsec2.NewCfnSecurityGroupEgress(l, jsii.String("Out"+id), &awsec2.CfnSecurityGroupEgressProps{
					GroupId: servers, DestinationSecurityGroupId: way.to, IpProtocol: jsii.String("tcp"), FromPort: from, ToPort: to, Description: description,
				}))
			}
		}
	}
	if slices.ContainsFunc(p.Classes, func(k LustreClass) bool { return k.ReclaimPolicy == ReclaimRetain }) {
		// File systems that stay have it, and EC2 deletes no group that something has.
		l.SecurityGroup.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
		for _, rule := range rules {
			rule.(awscdk.CfnResource).ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
		}
	}
	return rules
}

func (l *LustreStorage) newClass(p *LustreStorageProps, k *LustreClass, after []constructs.IDependable) *StorageClass {
	subnet := k.Subnet
	if subnet == nil {
		subnet = network.Private.Of(p.Cluster.vpc())[0]
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
	if k.DeploymentType != storage.LustreScratch2 {
		parameters["automaticBackupRetentionDays"] = fmt.Sprint(k.BackupRetentionDays)
	}
	return p.Cluster.newStorageClass(l, lustreDriver, storageClass{
		className: k.named(""), id: "Class-" + k.Name, immediate: true, expansion: true, mountOptions: k.MountOptions, parameters: parameters,
	}, after...)
}

// lustreVersion is the newest, and what kernels of AL2023 and Bottlerocket have a client for.
// https://docs.aws.amazon.com/fsx/latest/LustreGuide/lustre-client-matrix.html
const lustreVersion = "2.15"

func (l *LustreStorage) newVolume(p *LustreStorageProps, v *LustreVolume) *VolumeClaim {
	mode := ReadWriteMany
	if v.ReadOnly {
		mode = ReadOnlyMany
	}
	return p.Cluster.applyVolume(l, staticVolume{
		namespace: v.Namespace, claim: v.ClaimName, sizeGiB: v.SizeGiB, mode: mode, mountOptions: v.MountOptions, advice: "use another namespace",
		csi: map[string]any{
			"driver": lustreDriver.name, "volumeHandle": new(v.FileSystem.Id()), "readOnly": v.ReadOnly,
			"volumeAttributes": map[string]any{"dnsname": new(v.FileSystem.DnsName()), "mountname": new(v.FileSystem.MountName())},
		},
	}, append(v.FileSystem.AllowFrom(p.Cluster.clusterGroupOf(l)), l.AddOn))
}

func (p *LustreStorageProps) setDefaults() {
	p.Classes, p.Volumes = slices.Clone(p.Classes), slices.Clone(p.Volumes)
	for i := range p.Classes {
		k := &p.Classes[i]
		if k.ReclaimPolicy == "" {
			k.ReclaimPolicy = ReclaimDelete
		}
		if k.DeploymentType == "" {
			k.DeploymentType = storage.LustrePersistent2
		}
		if k.PerUnitThroughput == 0 {
			k.PerUnitThroughput = lustre.MinThroughput(k.DeploymentType)
		}
		if len(k.MountOptions) == 0 {
			k.MountOptions = []string{"flock"}
		}
	}
	for i := range p.Volumes {
		v := &p.Volumes[i]
		if v.Namespace == "" {
			v.Namespace = "default"
		}
		if v.SizeGiB == 0 {
			v.SizeGiB = lustre.MinCapacityGiB
		}
		if len(v.MountOptions) == 0 {
			v.MountOptions = []string{"flock"}
		}
	}
}

func (k *LustreClass) named(field string) className {
	return className{field: field, name: k.Name, byDefault: k.Default, reclaim: k.ReclaimPolicy}
}

func (p *LustreStorageProps) validate() error {
	var bad invalid.Problems
	if p.Cluster == nil || p.Cluster.Cluster == nil {
		bad.Add("Cluster", "is missing; make it with eks.NewCluster")
	} else {
		p.Cluster.checkDriverPlace(lustreDriver, []string{lustreAccount}, p.AddOnVersion, &bad)
	}
	if len(p.Classes)+len(p.Volumes) == 0 {
		bad.Add("Classes", "and Volumes are missing, without which the driver does nothing; give one of them")
	}
	var names []className
	for i := range p.Classes {
		field := fmt.Sprintf("Classes[%d]", i)
		names = append(names, p.Classes[i].named(field))
		p.Classes[i].check(field, &bad)
	}
	p.Cluster.checkClasses(names, &bad)
	seen := map[string]int{}
	for i, v := range p.Volumes {
		field := fmt.Sprintf("Volumes[%d]", i)
		var problems invalid.Problems
		if v.FileSystem == nil {
			problems.Add("FileSystem", "is missing; make it with storage.NewLustre")
		}
		checkClaim(v.Namespace, v.ClaimName, v.SizeGiB, &problems)
		checkMountOptions("MountOptions", v.MountOptions, &problems)
		key := v.Namespace + "/" + v.ClaimName
		if first, again := seen[key]; again {
			problems.Add("ClaimName", "%q of namespace %q is that of Volumes[%d] already; use another", v.ClaimName, v.Namespace, first)
		} else {
			seen[key] = i
		}
		bad.Nest(field, problems.Err())
	}
	return bad.Err()
}

func (k *LustreClass) check(field string, bad *invalid.Problems) {
	offered, known := lustre.Throughputs(k.DeploymentType)
	switch {
	case !known:
		bad.Add(field+".DeploymentType", "%q is unknown; use %q, %q or %q", k.DeploymentType, storage.LustreScratch2, storage.LustrePersistent1, storage.LustrePersistent2)
	case len(offered) == 0 && k.PerUnitThroughput != 0:
		bad.Add(field+".PerUnitThroughput", "%d stands beside DeploymentType %q, which has one alone; leave it out", k.PerUnitThroughput, k.DeploymentType)
	case len(offered) > 0 && !slices.Contains(offered, k.PerUnitThroughput):
		bad.Add(field+".PerUnitThroughput", "%d is not offered with DeploymentType %q; use one of %v", k.PerUnitThroughput, k.DeploymentType, offered)
	}
	switch {
	case k.BackupRetentionDays < 0 || k.BackupRetentionDays > 90:
		bad.Add(field+".BackupRetentionDays", "%d is out of range; use 1 to 90, or 0 for none", k.BackupRetentionDays)
	case k.BackupRetentionDays > 0 && k.DeploymentType == storage.LustreScratch2:
		bad.Add(field+".BackupRetentionDays", "%d stands beside DeploymentType %q, of which there are no backups; leave it out", k.BackupRetentionDays, k.DeploymentType)
	}
	checkMountOptions(field+".MountOptions", k.MountOptions, bad)
}

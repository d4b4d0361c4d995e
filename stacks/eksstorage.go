package stacks

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/output"
	"awscontainers/constructs/storage"
)

// EksStorageSettings are the choices of the stack EksStorage.
type EksStorageSettings struct {
	// AdminArns may do everything in the cluster: ARNs of IAM roles or users. Default: nobody.
	AdminArns []string
	// PublicAccessCidrs are who reaches the Kubernetes API from the internet. Default: nobody.
	PublicAccessCidrs []string
	// Drivers are whose volumes pods have: EbsDriver, EfsDriver, LustreDriver, OntapDriver. Required.
	Drivers []string
	// InstanceTypes are what nodes may be, of one processor architecture. Required.
	InstanceTypes []string
	// Image is what the pods run that write and read: it needs sh and date. Required.
	Image string
}

// The drivers of EksStorageSettings.Drivers.
const (
	EbsDriver    = "EBS"
	EfsDriver    = "EFS"
	LustreDriver = "LUSTRE"
	OntapDriver  = "ONTAP"
)

// eksStorage reads the keys of the stack.
func (r *reader) eksStorage() EksStorageSettings {
	return EksStorageSettings{
		AdminArns: r.list("EksStorage.adminArns", "", "the IAM roles or users that may do everything in the cluster",
			fits(eks.IsPrincipalArn, "arn:aws:iam::111122223333:role/Developers")),
		PublicAccessCidrs: r.list("EksStorage.publicAccessCidrs", "", "who reaches the Kubernetes API from the internet, `203.0.113.0/24`; otherwise nobody", nil),
		Drivers: r.list("EksStorage.drivers", EbsDriver+","+EfsDriver+","+LustreDriver, "whose volumes pods have, one or more of `EBS`, `EFS`, `LUSTRE` and `ONTAP`, which takes "+
			"a subscription to Trident in the AWS Marketplace", isOneOf(EbsDriver, EfsDriver, LustreDriver, OntapDriver)),
		InstanceTypes: r.list("EksStorage.instanceTypes", "t3.large", "the types of nodes, x86 or Arm, separated by commas: each driver has pods on every node", nil),
		Image:         r.text("EksStorage.image", "public.ecr.aws/docker/library/busybox:stable", "what the pods run that write and read", nil),
	}
}

// EksStorageProps are what NewEksStorage needs.
type EksStorageProps struct {
	Common
	EksStorageSettings
}

// Where pods are, and who they are for files.
const (
	filesOnNodes, filesOnFargate = "files", "files-on-fargate"
	filesUser                    = 1000
)

// eksStorage is the stack while it is made.
type eksStorage struct {
	*EksStorageProps
	stack     awscdk.Stack
	vpc       awsec2.IVpc
	cluster   *eks.Cluster
	onNodes   awseksv2.KubernetesManifest // the namespace
	onFargate awseksv2.KubernetesManifest
}

// NewEksStorage is a cluster whose pods write to and read from disks of EBS, files on EFS, which pods on nodes and on Fargate share, files of FSx
// for Lustre, and files and disks of FSx for NetApp ONTAP. It panics with *invalid.Error when the props are wrong.
func NewEksStorage(scope constructs.Construct, id string, props *EksStorageProps) awscdk.Stack {
	var p EksStorageProps
	if props != nil {
		p = *props
	}
	s := &eksStorage{EksStorageProps: &p, stack: newStack(scope, id, "A Kubernetes cluster on Amazon EKS whose pods keep files and disks", p.Common)}
	s.vpc = newVpc(s.stack, p.Common)
	s.newCluster()
	for _, d := range []struct {
		name string
		add  func()
	}{{EbsDriver, s.ebs}, {EfsDriver, s.efs}, {LustreDriver, s.lustre}, {OntapDriver, s.ontap}} {
		if slices.Contains(p.Drivers, d.name) {
			d.add()
		}
	}
	output.New(s.stack, "ClusterName", s.cluster.Name())
	output.New(s.stack, "KubeconfigCommand", s.cluster.KubeconfigCommand())
	return s.stack
}

// newCluster makes it with nodes, which take the volumes of all four, and with EFS a namespace on Fargate.
func (s *eksStorage) newCluster() {
	props := &eks.ClusterProps{
		Vpc: s.vpc, PublicAccessCidrs: s.PublicAccessCidrs, DeletionProtection: s.Profile.protected(), LogRetention: s.Profile.logRetention(),
		RemovalPolicy: s.Profile.removalPolicy(),
	}
	for _, arn := range s.AdminArns {
		props.AccessEntries = append(props.AccessEntries, eks.AccessEntry{PrincipalArn: arn, Policy: eks.ClusterAdmin})
	}
	s.cluster = eks.NewCluster(s.stack, "Cluster", props)
	nodes := &eks.ManagedNodesProps{
		Cluster: s.cluster, InstanceTypes: s.InstanceTypes, MinSize: new(s.Profile.minInstances()), MaxSize: s.Profile.maxInstances(),
	}
	if slices.Contains(s.Drivers, OntapDriver) {
		nodes.UserData = eks.IscsiUserData()
	}
	eks.NewManagedNodes(s.stack, "Nodes", nodes)
	s.onNodes = s.apply("Namespace", map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": filesOnNodes}})
	if slices.Contains(s.Drivers, EfsDriver) {
		eks.NewFargateProfile(s.stack, "Fargate", &eks.FargateProfileProps{
			Cluster: s.cluster, Selectors: []eks.FargateSelector{{Namespace: filesOnFargate}}, LogRetention: s.Profile.logRetention(), RemovalPolicy: s.Profile.removalPolicy(),
		})
		s.onFargate = s.apply("FargateNamespace", map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": filesOnFargate}})
	}
}

// ebs is a disk of one pod.
func (s *eksStorage) ebs() {
	disks := eks.NewEbsStorage(s.stack, "Disks", &eks.EbsStorageProps{Cluster: s.cluster, Classes: []eks.EbsClass{
		{Name: "gp3", Default: true, ReclaimPolicy: s.reclaim()},
	}})
	s.run("disk", s.claim("Disk", disks.Class("gp3"), "disk", 8), filesUser)
}

// efs is a directory that pods on a node and on Fargate share.
func (s *eksStorage) efs() {
	files := storage.NewEfsFileSystem(s.stack, "Files", &storage.EfsFileSystemProps{
		Vpc: s.vpc, DisableBackups: s.Profile != Prod, RemovalPolicy: s.Profile.removalPolicy(),
	})
	shared := storage.NewEfsAccessPoint(s.stack, "Shared", &storage.EfsAccessPointProps{
		FileSystem: files, Path: "/shared", PosixUser: &storage.EfsPosixUser{Uid: filesUser, Gid: filesUser},
	})
	efs := eks.NewEfsStorage(s.stack, "Efs", &eks.EfsStorageProps{
		Cluster: s.cluster, FileSystem: files,
		Volumes: []eks.EfsVolume{
			{Namespace: filesOnNodes, ClaimName: "shared", AccessPoint: shared},
			{Namespace: filesOnFargate, ClaimName: "shared", AccessPoint: shared, OnFargate: true},
		},
	})
	for i, namespace := range []awseksv2.KubernetesManifest{s.onNodes, s.onFargate} {
		efs.Volumes[i].Manifest.Node().AddDependency(namespace)
	}
	s.run("shared", efs.Volumes[0], filesUser)
	s.run("shared-on-fargate", efs.Volumes[1], filesUser)
}

// lustre is a file system that many nodes read and write at once; and a class, for claims that make their own.
func (s *eksStorage) lustre() {
	kind := storage.LustreScratch2
	if s.Profile == Prod {
		kind = storage.LustrePersistent2
	}
	fast := storage.NewLustre(s.stack, "Fast", &storage.LustreProps{Vpc: s.vpc, DeploymentType: kind, RemovalPolicy: s.Profile.removalPolicy()})
	lustre := eks.NewLustreStorage(s.stack, "Lustre", &eks.LustreStorageProps{
		Cluster: s.cluster,
		Classes: []eks.LustreClass{{Name: "lustre", DeploymentType: kind, ReclaimPolicy: s.reclaim()}},
		Volumes: []eks.LustreVolume{{Namespace: filesOnNodes, ClaimName: "fast", FileSystem: fast}},
	})
	lustre.Volumes[0].Manifest.Node().AddDependency(s.onNodes)
	s.run("fast", lustre.Volumes[0], 0) // the directory is root's
}

// ontap is a file system of which claims take files and disks.
func (s *eksStorage) ontap() {
	kind := storage.OntapSingleAz1
	if s.Profile == Prod {
		kind = storage.OntapMultiAz1
	}
	fs := storage.NewOntap(s.stack, "Ontap", &storage.OntapProps{
		Vpc: s.vpc, DeploymentType: kind, DisableBackups: s.Profile != Prod, RemovalPolicy: s.Profile.removalPolicy(),
	})
	trident := eks.NewOntapStorage(s.stack, "Trident", &eks.OntapStorageProps{Cluster: s.cluster, FileSystem: fs, Classes: []eks.OntapClass{
		{Name: "ontap-nas", ReclaimPolicy: s.reclaim()}, {Name: "ontap-san", Protocol: eks.Iscsi, ReclaimPolicy: s.reclaim()},
	}})
	s.run("nas", s.claim("Nas", trident.Classes[0], "nas", 10), filesUser)
	s.run("san", s.claim("San", trident.Classes[1], "san", 10), filesUser)
}

// reclaim keeps what a claim leaves where data is kept.
func (s *eksStorage) reclaim() eks.ReclaimPolicy {
	if s.Profile == Prod {
		return eks.ReclaimRetain
	}
	return eks.ReclaimDelete
}

func (s *eksStorage) claim(id string, class *eks.StorageClass, name string, sizeGiB int) *eks.VolumeClaim {
	claim := eks.NewVolumeClaim(s.stack, id, &eks.VolumeClaimProps{Class: class, Namespace: filesOnNodes, ClaimName: name, SizeGiB: sizeGiB})
	claim.Manifest.Node().AddDependency(s.onNodes)
	return claim
}

// run writes a line to the volume every ten seconds, and prints the last ones of all who do.
func (s *eksStorage) run(name string, claim *eks.VolumeClaim, user int) {
	labels := map[string]any{"app": name}
	pods := s.apply("Pods-"+name, map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": name, "namespace": claim.Namespace},
		"spec": map[string]any{
			"replicas": 1, "selector": map[string]any{"matchLabels": labels},
			"strategy": map[string]any{"type": "Recreate"}, // a disk is one pod's
			"template": map[string]any{
				"metadata": map[string]any{"labels": labels},
				"spec": map[string]any{
					"automountServiceAccountToken": false,
					"securityContext": map[string]any{
						"runAsUser": user, "runAsGroup": user, "fsGroup": user, "seccompProfile": map[string]any{"type": "RuntimeDefault"},
					},
					"containers": []any{map[string]any{
						"name": "writer", "image": s.Image,
						"command":   []string{"sh", "-c", `trap "exit 0" TERM; while :; do echo "$(date) $(hostname)" >> /data/$(hostname).txt; tail -n 1 /data/*.txt; sleep 10 & wait; done`},
						"resources": map[string]any{"requests": map[string]any{"cpu": "50m", "memory": "32Mi"}, "limits": map[string]any{"memory": "32Mi"}},
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

func (s *eksStorage) apply(id string, object map[string]any) awseksv2.KubernetesManifest {
	return awseksv2.NewKubernetesManifest(s.stack, jsii.String(id), &awseksv2.KubernetesManifestProps{Cluster: s.cluster.Cluster, Manifest: &[]*map[string]any{&object}})
}

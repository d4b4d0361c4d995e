package eks_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/storage"
	"awscontainers/test/cdktest"
)

// storedCluster has nodes in a VPC that somebody else made and tagged.
func storedCluster(stack awscdk.Stack, auto bool) (*eks.Cluster, awsec2.IVpc) {
	awscdk.Annotations_Of(stack).AcknowledgeWarning(jsii.String("@aws-cdk/aws-eks:clusterMustManuallyTagSubnet"), jsii.String("Tagged"))
	vpc := importedVpc(stack)
	cluster := newCluster(stack, "Cluster", &eks.ClusterProps{Vpc: vpc, AutoMode: auto})
	if !auto {
		eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
	}
	return cluster, vpc
}

// applied gives the objects of a stack by kind and name, and the manifest that each is in. References are written as text has them.
func applied(t *testing.T, tpl *cdktest.Template) (map[string]map[string]any, map[string]*cdktest.Resource) {
	t.Helper()
	objects, manifests := map[string]map[string]any{}, map[string]*cdktest.Resource{}
	for _, manifest := range tpl.All(cdktest.KubernetesManifest) {
		var these []map[string]any
		require.NoError(t, json.Unmarshal([]byte(cdktest.Text(t, manifest.Get("Manifest"))), &these))
		for _, object := range these {
			metadata := object["metadata"].(map[string]any)
			delete(metadata, "labels") // by which the CDK's function prunes
			key := object["kind"].(string) + " " + metadata["name"].(string)
			objects[key], manifests[key] = object, manifest
		}
	}
	return objects, manifests
}

func TestEbsStorage(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster, _ := storedCluster(stack, false)
	disks := eks.NewEbsStorage(stack, "Disks", &eks.EbsStorageProps{Cluster: cluster})
	assert.Nil(t, disks.SnapshotAddOn)
	assert.Nil(t, disks.Class("io2"))
	claim := eks.NewVolumeClaim(stack, "Data", &eks.VolumeClaimProps{Class: disks.Class("gp3"), ClaimName: "data", SizeGiB: 20})
	// Nodes that are made later count too.
	eks.NewManagedNodes(stack, "More", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7i.large"}})
	assert.Equal(t, []string{"Test/Again: Cluster must not have another driver for EBS; put all classes in Test/Disks",
		"Test/Again: Classes[0].Default must not be set together with that of Test/Disks/Class-gp3, because a cluster has one default " +
			"class; remove one of them"}, cdktest.Refused(t, func() {
		eks.NewEbsStorage(stack, "Again", &eks.EbsStorageProps{Cluster: cluster, Classes: []eks.EbsClass{{Name: "other", Default: true}}})
	}))
	tpl := cdktest.Synth(t, stack)

	driver := addOn(tpl, "aws-ebs-csi-driver")
	assert.Equal(t, "OVERWRITE", driver.Get("ResolveConflicts"))
	assert.Nil(t, driver.Get("AddonVersion"))
	assert.Equal(t, 5.0, cdktest.Dig(configurationOf(t, driver), "node.reservedVolumeAttachments"), "it sees one network interface")
	require.Len(t, driver.Get("PodIdentityAssociations"), 1)
	assert.Equal(t, "ebs-csi-controller-sa", driver.Get("PodIdentityAssociations.0.ServiceAccount"))
	role := driver.Ref("PodIdentityAssociations.0.RoleArn")
	cdktest.MayExactly(t, role, cdktest.ManagedPolicies("AmazonEBSCSIDriverPolicyV2"))
	assert.Equal(t, "kube-system", role.Get("AssumeRolePolicyDocument.Statement.0.Condition.StringEquals.aws:RequestTag/kubernetes-namespace"))

	objects, manifests := applied(t, tpl)
	assert.Equal(t, map[string]map[string]any{
		"StorageClass gp3": {
			"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": "ebs.csi.aws.com", "reclaimPolicy": "Delete",
			"allowVolumeExpansion": true,
			"metadata": map[string]any{"name": "gp3",
				"annotations": map[string]any{"storageclass.kubernetes.io/is-default-class": "true"}},
			"volumeBindingMode": "WaitForFirstConsumer",
			"parameters":        map[string]any{"type": "gp3", "encrypted": "true", "csi.storage.k8s.io/fstype": "ext4"},
		},
		"VolumeAttributesClass gp3": {
			"apiVersion": "storage.k8s.io/v1", "kind": "VolumeAttributesClass", "driverName": "ebs.csi.aws.com",
			"metadata": map[string]any{"name": "gp3"}, "parameters": map[string]any{"type": "gp3"},
		},
		"PersistentVolumeClaim data": {
			"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": map[string]any{"name": "data", "namespace": "default"},
			"spec": map[string]any{"accessModes": []any{"ReadWriteOnce"}, "storageClassName": "gp3", "volumeAttributesClassName": "gp3",
				"resources": map[string]any{"requests": map[string]any{"storage": "20Gi"}}},
		},
	}, objects)
	assert.Equal(t, "data", claim.Name())

	// What is deleted first: the claim, while the class, the driver, its role and the nodes are there to delete the disk.
	volume, class := manifests["PersistentVolumeClaim data"], manifests["StorageClass gp3"]
	cdktest.DeletedInOrder(t, volume, manifests["VolumeAttributesClass gp3"], class, driver, role)
	cdktest.DeletedInOrder(t, driver, addOn(tpl, "eks-pod-identity-agent"))
	for _, nodes := range tpl.All("AWS::EKS::Nodegroup") {
		assert.True(t, driver.ComesAfter(nodes), "the driver's pods have no node, and it is DEGRADED")
	}
}

func TestEbsStorageWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster, _ := storedCluster(stack, false)
	key := awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	eks.NewEbsStorage(stack, "Disks", &eks.EbsStorageProps{
		Cluster: cluster, EncryptionKey: key, Snapshots: true, ReservedVolumeAttachments: 16, AddOnVersion: "v1.60.0-eksbuild.1",
		SnapshotAddOnVersion: "v8.4.0-eksbuild.1",
		SnapshotClassName:    "copies", SnapshotReclaimPolicy: eks.ReclaimRetain,
		Classes: []eks.EbsClass{
			{Name: "fast", Iops: 8000, ThroughputMiBps: 1000, FileSystem: eks.FileSystemXfs, MountOptions: []string{"noatime"},
				ReclaimPolicy: eks.ReclaimRetain, DisableExpansion: true},
			{Name: "faster", VolumeType: eks.VolumeIo2, Iops: 100000, Default: true},
		},
	})
	tpl := cdktest.Synth(t, stack)
	driver := addOn(tpl, "aws-ebs-csi-driver")
	assert.Equal(t, "v1.60.0-eksbuild.1", driver.Get("AddonVersion"))
	assert.Equal(t, 16.0, cdktest.Dig(configurationOf(t, driver), "node.reservedVolumeAttachments"))
	snapshots := addOn(tpl, "snapshot-controller")
	assert.Equal(t, "v8.4.0-eksbuild.1", snapshots.Get("AddonVersion"))
	assert.True(t, snapshots.ComesAfter(tpl.Only("AWS::EKS::Nodegroup")))

	objects, manifests := applied(t, tpl)
	itsKey := tpl.At("AWS::KMS::Key", "Test/Key/")
	assert.Equal(t, map[string]any{"type": "gp3", "encrypted": "true", "csi.storage.k8s.io/fstype": "xfs", "iops": "8000",
		"throughput": "1000",
		"kmsKeyId":   "<" + itsKey.Id + ".Arn>"}, objects["StorageClass fast"]["parameters"])
	assert.Equal(t, []any{"noatime"}, objects["StorageClass fast"]["mountOptions"])
	assert.Equal(t, "Retain", objects["StorageClass fast"]["reclaimPolicy"])
	assert.Equal(t, false, objects["StorageClass fast"]["allowVolumeExpansion"])
	assert.NotContains(t, objects["StorageClass fast"]["metadata"], "annotations")
	assert.Equal(t, map[string]any{"type": "io2", "encrypted": "true", "csi.storage.k8s.io/fstype": "ext4", "iops": "100000",
		"blockExpress": "true",
		"kmsKeyId":     "<" + itsKey.Id + ".Arn>"}, objects["StorageClass faster"]["parameters"])
	assert.Equal(t, map[string]any{"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotClass",
		"metadata": map[string]any{"name": "copies"},
		"driver":   "ebs.csi.aws.com", "deletionPolicy": "Retain"}, objects["VolumeSnapshotClass copies"])
	assert.True(t, manifests["VolumeSnapshotClass copies"].ComesAfter(snapshots), "the kind is not known before")
	assert.True(t, manifests["VolumeSnapshotClass copies"].ComesAfter(driver))

	role := driver.Ref("PodIdentityAssociations.0.RoleArn")
	cdktest.MayExactly(t, role, cdktest.ManagedPolicies("AmazonEBSCSIDriverPolicyV2"),
		cdktest.Allow("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo").
			On(itsKey),
		cdktest.Allow("kms:CreateGrant").On(itsKey).If(map[string]any{"Bool": map[string]any{"kms:GrantIsForAWSResource": true}}))
	policy := tpl.At("AWS::IAM::Policy", "/Disks/KeyPolicy/")
	assert.True(t, manifests["StorageClass fast"].ComesAfter(policy), "no disk is made or deleted without")
}

func TestEbsStorageInAutoMode(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster, _ := storedCluster(stack, true)
	key := awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	disks := eks.NewEbsStorage(stack, "Disks", &eks.EbsStorageProps{Cluster: cluster, EncryptionKey: key, Snapshots: true})
	assert.Nil(t, disks.AddOn)
	assert.Nil(t, disks.Role)
	tpl := cdktest.Synth(t, stack)
	for _, installed := range tpl.All("AWS::EKS::Addon") {
		assert.Contains(t, []any{"metrics-server", "snapshot-controller"}, installed.Get("AddonName"), "Auto Mode has the driver")
	}
	objects, manifests := applied(t, tpl)
	assert.Equal(t, "ebs.csi.eks.amazonaws.com", objects["StorageClass gp3"]["provisioner"])
	assert.Equal(t, "ebs.csi.eks.amazonaws.com", objects["VolumeSnapshotClass ebs"]["driver"])
	assert.Equal(t, []any{map[string]any{"matchLabelExpressions": []any{map[string]any{"key": "eks.amazonaws.com/compute-type",
		"values": []any{"auto"}}}}},
		objects["StorageClass gp3"]["allowedTopologies"])
	itself := tpl.Only("AWS::EKS::Cluster").Ref("RoleArn")
	cdktest.May(t, itself, // which creates the disks
		cdktest.Allow("kms:CreateGrant").On(tpl.At("AWS::KMS::Key", "Test/Key/")).
			If(map[string]any{"Bool": map[string]any{"kms:GrantIsForAWSResource": true}}))
	assert.True(t, manifests["StorageClass gp3"].ComesAfter(tpl.At("AWS::IAM::Policy", "/Disks/KeyPolicy/")))
}

func TestEfsStorage(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster, vpc := storedCluster(stack, false)
	eks.NewFargateProfile(stack, "Pods", &eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "web"}}})
	files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
	way := storage.NewEfsAccessPoint(stack, "Shared",
		&storage.EfsAccessPointProps{FileSystem: files, Path: "/shared", PosixUser: &storage.EfsPosixUser{Uid: 1000, Gid: 1000}})
	root := storage.NewEfsAccessPoint(stack, "Root",
		&storage.EfsAccessPointProps{FileSystem: files, Path: "/root", PosixUser: &storage.EfsPosixUser{}})
	stored := eks.NewEfsStorage(stack, "Storage", &eks.EfsStorageProps{
		Cluster: cluster, FileSystem: files, AddOnVersion: "v3.0.1-eksbuild.1",
		Classes: []eks.EfsClass{{Name: "efs", BasePath: "/claims", GidRangeStart: 1000, GidRangeEnd: 2000}},
		Volumes: []eks.EfsVolume{{ClaimName: "files", AccessPoint: way}, {Namespace: "web", ClaimName: "files", AccessPoint: way, SizeGiB: 5},
			{ClaimName: "root", AccessPoint: root, ReadOnly: true}},
	})
	eks.NewVolumeClaim(stack, "Data", &eks.VolumeClaimProps{Class: stored.Class("efs"), ClaimName: "data", SizeGiB: 1})
	assert.Len(t, stored.Volumes, 3)
	tpl := cdktest.Synth(t, stack)

	// What makes access points and what mounts have a role each.
	driver := addOn(tpl, "aws-efs-csi-driver")
	assert.Equal(t, "v3.0.1-eksbuild.1", driver.Get("AddonVersion"))
	assert.Equal(t, []any{"efs-csi-controller-sa", "efs-csi-node-sa"}, values(driver.Get("PodIdentityAssociations"), "ServiceAccount"))
	controller, nodes := driver.Ref("PodIdentityAssociations.0.RoleArn"), driver.Ref("PodIdentityAssociations.1.RoleArn")
	cdktest.MayExactly(t, controller, cdktest.ManagedPolicies("AmazonEFSCSIDriverPolicy"))
	fileSystem := tpl.Only("AWS::EFS::FileSystem")
	cdktest.MayExactly(t, nodes, cdktest.Allow("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite").On(fileSystem),
		// As root by its own access point only, to read.
		cdktest.Allow("elasticfilesystem:ClientMount", "elasticfilesystem:ClientRootAccess").On(fileSystem).If(
			map[string]any{"StringEquals": map[string]any{"elasticfilesystem:AccessPointArn": tpl.At("AWS::EFS::AccessPoint", "/Root/")}}))
	assert.Equal(t, "efs-csi-node-sa",
		nodes.Get("AssumeRolePolicyDocument.Statement.0.Condition.StringEquals.aws:RequestTag/kubernetes-service-account"))

	objects, manifests := applied(t, tpl)
	assert.Equal(t, map[string]any{
		"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": map[string]any{"name": "efs"}, "provisioner": "efs.csi.aws.com",
		"reclaimPolicy": "Delete", "allowVolumeExpansion": false, "volumeBindingMode": "Immediate", "mountOptions": []any{"iam"},
		"parameters": map[string]any{"provisioningMode": "efs-ap", "fileSystemId": "<" + fileSystem.Id + ">", "directoryPerms": "700",
			"gidRangeStart": "1000",
			"gidRangeEnd":   "2000", "basePath": "/claims"},
	}, objects["StorageClass efs"])
	point := tpl.At("AWS::EFS::AccessPoint", "/Shared/")
	volume := objects["PersistentVolume default.files"]["spec"].(map[string]any)
	assert.Equal(t, map[string]any{
		"capacity": map[string]any{"storage": "1Gi"}, "volumeMode": "Filesystem", "accessModes": []any{"ReadWriteMany"},
		"persistentVolumeReclaimPolicy": "Retain",
		"storageClassName":              "", "claimRef": map[string]any{"namespace": "default", "name": "files"}, "mountOptions": []any{"iam"},
		"csi": map[string]any{"driver": "efs.csi.aws.com", "volumeHandle": "<" + fileSystem.Id + ">::<" + point.Id + ">"},
	}, volume)
	assert.NotContains(t, objects["PersistentVolume web.files"]["spec"], "mountOptions", "Fargate has no role to show")
	assert.Equal(t, map[string]any{"accessModes": []any{"ReadWriteMany"}, "storageClassName": "", "volumeName": "web.files",
		"resources": map[string]any{"requests": map[string]any{"storage": "5Gi"}}}, claimIn(t, tpl, "web"))
	assert.Equal(t, []any{"ReadWriteMany"}, cdktest.Dig(objects["PersistentVolumeClaim data"], "spec.accessModes"))

	// Without a role one comes by an access point alone, over TLS, and past the security group.
	statements := cdktest.List(fileSystem.Get("FileSystemPolicy.Statement"))
	require.Len(t, statements, 2)
	assert.Equal(t, "Deny", cdktest.Dig(statements[0], "Effect"))
	assert.Equal(t, []any{"elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"}, cdktest.Dig(statements[1], "Action"))
	assert.Equal(t, map[string]any{
		"Bool": map[string]any{"elasticfilesystem:AccessedViaMountTarget": "true"},
		"StringLike": map[string]any{"elasticfilesystem:AccessPointArn": map[string]any{
			"Fn::Sub": "arn:${AWS::Partition}:elasticfilesystem:${AWS::Region}:${AWS::AccountId}:access-point/*"}},
	}, cdktest.Dig(statements[1], "Condition"))

	// The way there, which all of it waits for.
	itself := tpl.Only("AWS::EKS::Cluster")
	var door *cdktest.Resource
	for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		if rule.Get("FromPort") == 2049.0 {
			require.Nil(t, door)
			door = rule
		}
	}
	require.NotNil(t, door)
	assert.Equal(t, itself, door.Ref("SourceSecurityGroupId"))
	assert.Equal(t, tpl.At("AWS::EC2::SecurityGroup", "/Files/"), door.Ref("GroupId"))
	for _, key := range []string{"StorageClass efs", "PersistentVolume default.files", "PersistentVolume web.files"} {
		assert.True(t, manifests[key].ComesAfter(door), key)
		assert.True(t, manifests[key].ComesAfter(driver), key)
		for _, target := range tpl.All("AWS::EFS::MountTarget") {
			assert.True(t, manifests[key].ComesAfter(target), key)
		}
	}
	assert.True(t, manifests["PersistentVolumeClaim data"].ComesAfter(manifests["StorageClass efs"]))
}

// claimIn is the spec of the one claim of a namespace.
func claimIn(t *testing.T, tpl *cdktest.Template, namespace string) (spec any) {
	t.Helper()
	for _, manifest := range tpl.All(cdktest.KubernetesManifest) {
		var objects []map[string]any
		require.NoError(t, json.Unmarshal([]byte(cdktest.Text(t, manifest.Get("Manifest"))), &objects))
		for _, object := range objects {
			if object["kind"] == "PersistentVolumeClaim" && cdktest.Dig(object, "metadata.namespace") == namespace {
				require.Nil(t, spec)
				spec = object["spec"]
			}
		}
	}
	return spec
}

// A file system that is there already, for pods on Fargate alone.
func TestEfsStorageOnFargateAlone(t *testing.T) {
	stack := cdktest.Stack(t)
	awscdk.Annotations_Of(stack).AcknowledgeWarning(jsii.String("@aws-cdk/aws-eks:clusterMustManuallyTagSubnet"), jsii.String("Tagged"))
	vpc := importedVpc(stack)
	cluster := newCluster(stack, "Cluster", &eks.ClusterProps{Vpc: vpc, AddOns: eks.AddOns{CoreDnsOnFargate: true}})
	eks.NewFargateProfile(stack, "Pods",
		&eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "web"}, {Namespace: "kube-system"}}})
	files := storage.EfsFileSystemFrom(stack, "Files", &storage.EfsFileSystemAttributes{
		FileSystemId: "fs-0123456789abcdef0", SecurityGroupIds: []string{"sg-0123456789abcdef0"}, Vpc: vpc,
	})
	way := storage.EfsAccessPointFrom(stack, "Shared",
		&storage.EfsAccessPointAttributes{FileSystem: files, AccessPointId: "fsap-0123456789abcdef0"})
	stored := eks.NewEfsStorage(stack, "Storage", &eks.EfsStorageProps{
		Cluster: cluster, FileSystem: files, Volumes: []eks.EfsVolume{{Namespace: "web", ClaimName: "files", AccessPoint: way, ReadOnly: true}},
	})
	assert.Nil(t, stored.AddOn)
	tpl := cdktest.Synth(t, stack)
	assert.Empty(t, tpl.All("AWS::EFS::FileSystem"))
	for _, installed := range tpl.All("AWS::EKS::Addon") {
		assert.NotEqual(t, "aws-efs-csi-driver", installed.Get("AddonName"), "Fargate has the driver")
	}
	objects, manifests := applied(t, tpl)
	assert.Equal(t, map[string]any{"apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver",
		"metadata": map[string]any{"name": "efs.csi.aws.com"},
		"spec":     map[string]any{"attachRequired": false}}, objects["CSIDriver efs.csi.aws.com"])
	assert.Equal(t, true, manifests["CSIDriver efs.csi.aws.com"].Get("Overwrite"), "it may be there")
	assert.True(t, manifests["PersistentVolume web.files"].ComesAfter(manifests["CSIDriver efs.csi.aws.com"]))
	volume := objects["PersistentVolume web.files"]["spec"].(map[string]any)
	assert.Equal(t, map[string]any{"driver": "efs.csi.aws.com", "volumeHandle": "fs-0123456789abcdef0::fsap-0123456789abcdef0"}, volume["csi"])
	assert.Equal(t, []any{"ReadWriteMany"}, volume["accessModes"], "the driver refuses ReadOnlyMany")
	assert.Equal(t, []any{"ro"}, volume["mountOptions"])
}

// A disk of a cluster that comes to have Fargate alone, and a claim where Fargate takes all pods.
func TestStorageThatNoPodCouldUse(t *testing.T) {
	stack := cdktest.Stack(t)
	awscdk.Annotations_Of(stack).AcknowledgeWarning(jsii.String("@aws-cdk/aws-eks:clusterMustManuallyTagSubnet"), jsii.String("Tagged"))
	cluster := newCluster(stack, "Cluster", &eks.ClusterProps{Vpc: importedVpc(stack), AddOns: eks.AddOns{CoreDnsOnFargate: true}})
	disks := eks.NewEbsStorage(stack, "Disks", &eks.EbsStorageProps{Cluster: cluster})
	eks.NewVolumeClaim(stack, "Data", &eks.VolumeClaimProps{Class: disks.Class("gp3"), Namespace: "web", ClaimName: "data", SizeGiB: 20})
	said := cdktest.Refused(t, func() {
		eks.NewFargateProfile(stack, "System",
			&eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "kube-system"}}})
	})
	require.Len(t, said, 1)
	assert.Contains(t, said[0], `must not select the pods of Test/Disks, whose role needs EKS Pod Identity`)
	eks.NewFargateProfile(stack, "Pods", &eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "web"}}})
	var texts []string
	for _, problem := range *cluster.Node().Validate() {
		texts = append(texts, *problem)
	}
	assert.Contains(t, texts,
		"runs pods only on Fargate, and the driver of EBS of Test/Disks requires nodes; remove it or give the cluster nodes")
	assert.Contains(t, texts,
		`runs all pods of namespace "web" on Fargate, which can't mount the volume of Test/Data; use another namespace, or one of `+
			`EfsStorageProps.Volumes with OnFargate`)
}

// A PersistentVolume belongs to the whole cluster: the claims of two namespaces must not meet at one name.
func TestVolumesOfTwoNamespacesHaveTheirOwnNames(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster, vpc := storedCluster(stack, false)
	files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
	point := storage.NewEfsAccessPoint(stack, "Shared",
		&storage.EfsAccessPointProps{FileSystem: files, Path: "/shared", PosixUser: &storage.EfsPosixUser{Uid: 1000, Gid: 1000}})
	eks.NewEfsStorage(stack, "Efs", &eks.EfsStorageProps{Cluster: cluster, FileSystem: files, Volumes: []eks.EfsVolume{
		{Namespace: "team", ClaimName: "a-data", AccessPoint: point}, {Namespace: "team-a", ClaimName: "data", AccessPoint: point},
	}})
	objects, _ := applied(t, cdktest.Synth(t, stack))
	for _, name := range []string{"PersistentVolume team.a-data", "PersistentVolume team-a.data"} {
		assert.Contains(t, objects, name)
	}
}

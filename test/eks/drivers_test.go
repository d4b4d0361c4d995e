package eks_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/network"
	"awscontainers/constructs/storage"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

var accessModes = []eks.AccessMode{eks.ReadWriteOnce, eks.ReadWriteOncePod, eks.ReadWriteMany, eks.ReadOnlyMany}

// everyVolume makes classes and volumes with each of their options, and of each class and volume a claim with each access mode that is
// not refused. It returns the modes that are accepted, by class or volume.
func everyVolume(t *testing.T, stack awscdk.Stack, cluster *eks.Cluster) map[string][]eks.AccessMode {
	t.Helper()
	vpc := cluster.Cluster.Vpc()
	isAuto := cluster.CoreDns == nil
	var classes []*eks.StorageClass
	disks := eks.NewEbsStorage(stack, "Disks", &eks.EbsStorageProps{Cluster: cluster, Snapshots: true,
		EncryptionKey: awskms.NewKey(stack, jsii.String("Key"), nil),
		Classes: []eks.EbsClass{{Name: "gp3"},
			{Name: "fast", Iops: 8000, ThroughputMiBps: 1000, FileSystem: eks.FileSystemXfs, MountOptions: []string{"noatime"},
				DisableExpansion: true, ReclaimPolicy: eks.ReclaimRetain},
			{Name: "io2", VolumeType: eks.VolumeIo2, Iops: 100000}}})
	classes = append(classes, disks.Classes...)
	files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
	way := storage.NewEfsAccessPoint(stack, "Way", &storage.EfsAccessPointProps{FileSystem: files})
	efs := &eks.EfsStorageProps{Cluster: cluster, FileSystem: files, Classes: []eks.EfsClass{{Name: "efs"},
		{Name: "own", BasePath: "/shop", DirectoryPermissions: "0770", GidRangeStart: 1, GidRangeEnd: 2, ReclaimPolicy: eks.ReclaimRetain}}}
	accepted := map[string][]eks.AccessMode{}
	for _, mode := range append([]eks.AccessMode{""}, accessModes...) {
		for _, readOnly := range []bool{false, true} {
			for _, onFargate := range []bool{false, true} {
				v := eks.EfsVolume{ClaimName: strings.ToLower(fmt.Sprintf("efs-%s-%t-%t", mode, readOnly, onFargate)), AccessPoint: way,
					AccessMode: mode, ReadOnly: readOnly, OnFargate: onFargate}
				if (&eks.EfsStorageProps{Cluster: cluster, FileSystem: files, Volumes: []eks.EfsVolume{v}}).Validate() == nil {
					efs.Volumes = append(efs.Volumes, v)
					accepted[fmt.Sprintf("volume %t %t", readOnly, onFargate)] = append(accepted[fmt.Sprintf("volume %t %t", readOnly, onFargate)], mode)
				}
			}
		}
	}
	classes = append(classes, eks.NewEfsStorage(stack, "Efs", efs).Classes...)
	fast := storage.NewLustre(stack, "Fast", &storage.LustreProps{Vpc: vpc})
	lustre := &eks.LustreStorageProps{Cluster: cluster, Classes: []eks.LustreClass{{Name: "lustre"},
		{Name: "scratch", DeploymentType: storage.LustreScratch2, MountOptions: []string{"flock", "noatime"}},
		{Name: "old", DeploymentType: storage.LustrePersistent1, PerUnitThroughput: 200, DataCompression: true, BackupRetentionDays: 7,
			ReclaimPolicy: eks.ReclaimRetain}}}
	for i, options := range [][]string{nil, {"flock"}, {"flock", "ro"}, {"noatime"}} {
		for _, readOnly := range []bool{false, true} {
			lustre.Volumes = append(lustre.Volumes, eks.LustreVolume{ClaimName: fmt.Sprintf("fast-%d-%t", i, readOnly), FileSystem: fast,
				MountOptions: options, ReadOnly: readOnly})
		}
	}
	classes = append(classes, eks.NewLustreStorage(stack, "Lustre", lustre).Classes...)
	ontap := []eks.OntapClass{{Name: "nas", MountOptions: []string{"nfsvers=4.1"}, ReclaimPolicy: eks.ReclaimRetain}}
	if !isAuto {
		ontap = append(ontap, eks.OntapClass{Name: "san", Protocol: eks.ProtocolIscsi})
	}
	classes = append(classes, eks.NewOntapStorage(stack, "Trident", &eks.OntapStorageProps{Cluster: cluster, Classes: ontap,
		FileSystem: storage.NewOntap(stack, "Ontap", &storage.OntapProps{Vpc: vpc})}).Classes...)
	for _, class := range classes {
		for _, mode := range append([]eks.AccessMode{""}, accessModes...) {
			props := &eks.VolumeClaimProps{Class: class, ClaimName: strings.ToLower(class.Name + "-" + string(mode) + "0"), SizeGiB: 1200,
				AccessMode: mode}
			if props.Validate() == nil {
				eks.NewVolumeClaim(stack, "Claim-"+props.ClaimName, props)
				accepted[class.Name] = append(accepted[class.Name], mode)
			}
		}
	}
	return accepted
}

// All that our constructs make of classes, volumes and claims the drivers accept.
func TestDriversAcceptEveryVolume(t *testing.T) {
	one := []eks.AccessMode{"", eks.ReadWriteOnce, eks.ReadWriteOncePod}
	many := []eks.AccessMode{"", eks.ReadWriteOnce, eks.ReadWriteOncePod, eks.ReadWriteMany}
	for name, isAuto := range map[string]bool{"nodes": false, "Auto Mode": true} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			awscdk.Annotations_Of(stack).AcknowledgeWarning(jsii.String("awscontainers:eks-volume-deletion"), jsii.String("Tested elsewhere"))
			vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
			cluster := withoutNodes(newCluster(stack, "Cluster", &eks.ClusterProps{AutoMode: isAuto, Vpc: vpc}))
			accepted := everyVolume(t, stack, cluster)
			want := map[string][]eks.AccessMode{"gp3": one, "fast": one, "io2": one, "efs": many, "own": many, "lustre": many, "scratch": many,
				"old": many, "nas": append(many, eks.ReadOnlyMany), "volume false false": many, "volume true false": many,
				"volume false true": many, "volume true true": many}
			if !isAuto {
				want["san"] = one
			}
			assert.Equal(t, want, accepted, "modes that are not refused at synth")
			assert.Empty(t, shared.DriverFaults(cdktest.Synth(t, stack)))
		})
	}
}

// The table sees what a driver would not take.
func TestDriverFaultsAreFound(t *testing.T) {
	stack := cdktest.Stack(t)
	awscdk.Annotations_Of(stack).AcknowledgeWarning(jsii.String("awscontainers:eks-volume-deletion"), jsii.String("Tested elsewhere"))
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	cluster := withoutNodes(newCluster(stack, "Cluster", &eks.ClusterProps{Vpc: vpc}))
	everyVolume(t, stack, cluster)
	tpl := cdktest.Synth(t, stack)
	require.Empty(t, shared.DriverFaults(tpl))
	for from, want := range map[[2]string]string{
		{`"accessModes":["ReadWriteMany"],"resources":{"requests":{"storage":"1200Gi"}},"storageClassName":"efs"`,
			`"accessModes":["ReadOnlyMany"],"resources":{"requests":{"storage":"1200Gi"}},"storageClassName":"efs"`}: "mounts no ReadOnlyMany",
		{`"driver":"efs.csi.aws.com"`, `"driver":"efs.csi.aws.com","readOnly":true`}: "does not pass csi.readOnly on",
		{`"mountOptions":["flock","ro"]`, `"mountOptions":["flock","ro","rw"]`}:      "both read-only and read-write",
		{`"provisioningMode":"efs-ap"`, `"provisioningMode":"efs"`}:                  "parameters.provisioningMode is efs, not efs-ap",
		{`"deploymentType":"SCRATCH_2"`, `"deploymenttype":"SCRATCH_2"`}:             "parameters.deploymenttype is unknown",
		{`"automaticBackupRetentionDays":"7"`, `"automaticBackupRetentionDays":"0"`}: "parameters.automaticBackupRetentionDays is 0",
		{`"driverName":"ebs.csi.aws.com"`, `"driverName":"fsx.csi.aws.com"`}:         "the driver changes no volumes",
		{`"reclaimPolicy":"Delete"`, `"reclaimPolicy":"Retain"`}:                     "holds its VolumeAttributesClass gp3 for ever",
	} {
		before := map[*cdktest.Resource]any{}
		for _, manifest := range tpl.All(cdktest.KubernetesManifest) {
			before[manifest] = manifest.Properties["Manifest"]
			manifest.Properties["Manifest"] = replaceText(before[manifest], from[0], from[1])
		}
		assert.Contains(t, strings.Join(shared.DriverFaults(tpl), "\n"), want)
		for manifest, text := range before {
			manifest.Properties["Manifest"] = text
		}
	}
}

// replaceText replaces text wherever it is in a value, which is not changed.
func replaceText(value any, from, to string) any {
	switch v := value.(type) {
	case string:
		return strings.ReplaceAll(v, from, to)
	case map[string]any:
		changed := map[string]any{}
		for key, inner := range v {
			changed[key] = replaceText(inner, from, to)
		}
		return changed
	case []any:
		changed := make([]any, len(v))
		for i, inner := range v {
			changed[i] = replaceText(inner, from, to)
		}
		return changed
	default:
		return value
	}
}

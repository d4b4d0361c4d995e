package eks

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/storage"
	"awscontainers/internal/fake"
)

func TestLustreStorageProps(t *testing.T) {
	classes := func(classes ...LustreClass) LustreStorageProps {
		return LustreStorageProps{Cluster: clusterStandIn(), Classes: classes}
	}
	volumes := func(volumes ...LustreVolume) LustreStorageProps {
		return LustreStorageProps{Cluster: clusterStandIn(), Volumes: volumes}
	}
	fs := &storage.Lustre{Construct: fake.Construct{}}
	twice, reserved := clusterStandIn(), clusterStandIn()
	twice.storage.drivers = map[string]string{"fsx.csi.aws.com": "Test/Fast"}
	reserved.roles.owners = map[string]string{"kube-system/fsx-csi-controller-sa": "Test/Mine"}
	for name, c := range map[string]struct {
		props LustreStorageProps
		want  []string
	}{
		"a class": {classes(LustreClass{Name: "lustre"}), nil},
		"a volume": {volumes(LustreVolume{FileSystem: fs, ClaimName: "fast"},
			LustreVolume{FileSystem: fs, ClaimName: "fast", Namespace: "shop", ReadOnly: true}), nil},
		"all of it": {classes(
			LustreClass{Name: "scratch", DeploymentType: storage.LustreScratch2, Default: true, DataCompression: true},
			LustreClass{Name: "one", DeploymentType: storage.LustrePersistent1, PerUnitThroughput: 200, BackupRetentionDays: 90,
				ReclaimPolicy: ReclaimRetain},
			LustreClass{Name: "two", PerUnitThroughput: 1000, MountOptions: []string{"flock", "noatime"}}), nil},
		"tokens": {LustreStorageProps{Cluster: clusterStandIn(), AddOnVersion: token, Classes: []LustreClass{{Name: token}}}, nil},
		"nothing": {LustreStorageProps{}, []string{
			"Cluster is required; use eks.NewCluster or eks.ClusterFrom",
			"Classes is required unless Volumes is set, because otherwise no pod can use the driver"}},
		"twice": {LustreStorageProps{Cluster: twice, Classes: []LustreClass{{Name: "a"}}}, []string{
			"Cluster must not have another driver for FSx for Lustre; put all classes in Test/Fast"}},
		"its role of another": {LustreStorageProps{Cluster: reserved, Classes: []LustreClass{{Name: "a"}}}, []string{
			`Cluster must not have another role for the driver's service account "fsx-csi-controller-sa"; remove the role of Test/Mine`}},
		"its driver on Fargate": {LustreStorageProps{Cluster: onFargateToo("kube-*", false), Classes: []LustreClass{{Name: "a"}}}, []string{
			`Cluster must not have a FargateProfile that selects namespace "kube-system", in which the driver would run without a role; select ` +
				`fewer pods there`}},
		"a version that is none": {LustreStorageProps{Cluster: clusterStandIn(), AddOnVersion: "1.2", Classes: []LustreClass{{Name: "a"}}},
			[]string{
				`AddOnVersion must be the version of an add-on, such as "v1.20.4-eksbuild.2"; got "1.2"`}},
		"names and defaults": {classes(LustreClass{Name: "Fast", Default: true},
			LustreClass{Name: "b", Default: true, ReclaimPolicy: "Recycle"}), []string{
			`Classes[0].Name must be up to 63 lowercase letters, digits and hyphens; got "Fast"`,
			"Classes[1].Default must not be set together with Classes[0].Default, because a cluster has one default class; remove one of them",
			`Classes[1].ReclaimPolicy must be "Delete" or "Retain"; got "Recycle"`}},
		"throughputs": {classes(
			LustreClass{Name: "a", DeploymentType: "SCRATCH_1"},
			LustreClass{Name: "b", DeploymentType: storage.LustreScratch2, PerUnitThroughput: 200, BackupRetentionDays: 1},
			LustreClass{Name: "c", DeploymentType: storage.LustrePersistent1, PerUnitThroughput: 125},
			LustreClass{Name: "d", PerUnitThroughput: 50, BackupRetentionDays: 91}), []string{
			`Classes[0].DeploymentType must be "SCRATCH_2", "PERSISTENT_1" or "PERSISTENT_2"; got "SCRATCH_1"`,
			"Classes[1].PerUnitThroughput must not be set with DeploymentType SCRATCH_2, whose throughput is fixed; got 200; remove it",
			"Classes[1].BackupRetentionDays must not be set with DeploymentType SCRATCH_2, which has no backups; got 1; remove it",
			"Classes[2].PerUnitThroughput must be 50, 100 or 200 with DeploymentType PERSISTENT_1; got 125",
			"Classes[3].PerUnitThroughput must be 125, 250, 500 or 1000 with DeploymentType PERSISTENT_2; got 50",
			"Classes[3].BackupRetentionDays must be an integer from 1 to 90, or 0 for no backups; got 91"}},
		"options": {classes(LustreClass{Name: "a", MountOptions: []string{"flock,noatime"}}), []string{
			`Classes[0].MountOptions[0] must be one option such as "noatime"; got "flock,noatime"`}},
		"read-only twice": {volumes(LustreVolume{FileSystem: fs, ClaimName: "a", ReadOnly: true, MountOptions: []string{"flock", "ro"}}), nil},
		"read-only and not": {volumes(LustreVolume{FileSystem: fs, ClaimName: "a", ReadOnly: true, MountOptions: []string{"rw"}},
			LustreVolume{FileSystem: fs, ClaimName: "b", MountOptions: []string{"rw"}},
			LustreVolume{FileSystem: fs, ClaimName: "c", MountOptions: []string{"ro", "rw"}}), []string{
			`Volumes[0].MountOptions must not contain "rw" with ReadOnly; remove one of them`,
			`Volumes[2].MountOptions must not contain both "ro" and "rw"; remove one of them`}},
		"volumes": {volumes(LustreVolume{ClaimName: "Fast", Namespace: "a.b", SizeGiB: -1}, LustreVolume{FileSystem: fs, ClaimName: "a"},
			LustreVolume{FileSystem: fs, ClaimName: "a"}), []string{
			"Volumes[0].FileSystem is required; use storage.NewLustre or storage.LustreFrom",
			`Volumes[0].Namespace must be up to 63 lowercase letters, digits and hyphens; got "a.b"`,
			`Volumes[0].ClaimName must be up to 63 lowercase letters, digits and hyphens; got "Fast"`,
			"Volumes[0].SizeGiB must be 1 or greater; got -1",
			`Volumes[2].ClaimName must not repeat Volumes[1].ClaimName in namespace "default"; got "a"; use another name`}},
	} {
		t.Run(name, func(t *testing.T) {
			refusedFor(t, refusal(&c.props), c.want...)
		})
	}
}

func TestOntapStorageProps(t *testing.T) {
	fs := &storage.Ontap{Construct: fake.Construct{}}
	with := func(cluster *Cluster, classes ...OntapClass) OntapStorageProps {
		return OntapStorageProps{Cluster: cluster, FileSystem: fs, Classes: classes}
	}
	twice, reserved := clusterStandIn(), clusterStandIn()
	twice.storage.drivers = map[string]string{"csi.trident.netapp.io": "Test/Trident"}
	reserved.roles.owners = map[string]string{"trident/trident-operator": "Test/Mine"}
	version := func(v string) OntapStorageProps {
		p := with(clusterStandIn(), OntapClass{Name: "a"})
		p.AddOnVersion = v
		return p
	}
	for name, c := range map[string]struct {
		props OntapStorageProps
		want  []string
	}{
		"least": {with(clusterStandIn(), OntapClass{Name: "nas"}), nil},
		"all": {with(clusterStandIn(), OntapClass{Name: "nas", Protocol: ProtocolNfs, Default: true, MountOptions: []string{"nconnect=8"}},
			OntapClass{Name: "san", Protocol: ProtocolIscsi, ReclaimPolicy: ReclaimRetain}), nil},
		"the oldest version": {version("v25.10.0-eksbuild.1"), nil},
		"a later version":    {version("v26.2.1-eksbuild.1"), nil},
		"a token":            {version(token), nil},
		"nothing": {OntapStorageProps{}, []string{
			"Cluster is required; use eks.NewCluster or eks.ClusterFrom", "FileSystem is required; use storage.NewOntap or storage.OntapFrom",
			"Classes is required, because otherwise no pod can use Trident"}},
		"twice": {with(twice, OntapClass{Name: "a"}), []string{
			"Cluster must not have another driver for FSx for NetApp ONTAP by NFS; put all classes in Test/Trident"}},
		"its role of another": {with(reserved, OntapClass{Name: "a"}), []string{
			`Cluster must not have another role for the driver's service account "trident-operator"; remove the role of Test/Mine`}},
		"on Fargate": {with(onFargateToo("tri*", false), OntapClass{Name: "a"}), []string{
			`Cluster must not have a FargateProfile that selects namespace "trident", in which the driver would run without a role; select fewer ` +
				`pods there`}},
		"too old": {version("v25.6.0-eksbuild.1"),
			[]string{`AddOnVersion must be "v25.10.0-eksbuild.1" or later, which creates back ends for classes; got "v25.6.0-eksbuild.1"`}},
		"a version that is none": {version("25.10"),
			[]string{`AddOnVersion must be the version of an add-on, such as "v1.20.4-eksbuild.2"; got "25.10"`}},
		"files in Auto Mode": {with(autoStandIn(), OntapClass{Name: "a"}), nil},
		"disks in Auto Mode": {with(autoStandIn(), OntapClass{Name: "a", Protocol: ProtocolIscsi}), []string{
			`Classes[0].Protocol must be "NFS" in Auto Mode, whose nodes lack the iSCSI tools; got "ISCSI"; use it, or nodes of your own ` +
				`with IscsiUserData`}},
		"classes": {with(clusterStandIn(), OntapClass{Name: "a_b", Protocol: "SMB", MountOptions: []string{""}}, OntapClass{}), []string{
			`Classes[0].Protocol must be "NFS" or "ISCSI"; got "SMB"`,
			`Classes[0].MountOptions[0] must be one option such as "noatime"; got ""`,
			`Classes[0].Name must be up to 63 lowercase letters, digits and hyphens; got "a_b"`,
			"Classes[1].Name is required: up to 63 lowercase letters, digits and hyphens"}},
	} {
		t.Run(name, func(t *testing.T) {
			refusedFor(t, refusal(&c.props), c.want...)
		})
	}
}

// A disk is one node's; files are anybody's.
func TestAccessModesOfFsx(t *testing.T) {
	for mode, want := range map[AccessMode]string{
		ReadWriteOnce: "",
		ReadWriteMany: `AccessMode must be "ReadWriteOnce" or "ReadWriteOncePod" for FSx for NetApp ONTAP by iSCSI; got "ReadWriteMany"; ` +
			`use a class with ProtocolNfs for pods on several nodes`,
	} {
		for _, driver := range []*csiDriver{ontapNfs, lustreDriver, ontapIscsi} {
			p := VolumeClaimProps{Class: &StorageClass{Name: "a", driver: driver}, ClaimName: "a", SizeGiB: 1, AccessMode: mode}
			if driver == ontapIscsi && want != "" {
				refusedFor(t, refusal(&p), want)
			} else {
				refusedFor(t, refusal(&p))
			}
		}
	}
}

// The lines are one script, in which only what stands between the two ENDs is the file's.
func TestIscsiUserData(t *testing.T) {
	before, file, found := strings.Cut(joinLines(IscsiUserData()), "<<'END'\n")
	assert.True(t, found)
	file, after, found := strings.Cut(file, "\nEND\n")
	assert.True(t, found)
	assert.Equal(t, "dnf install -y iscsi-initiator-utils device-mapper-multipath\ncat > /etc/multipath.conf ", before)
	assert.Equal(t, strings.Count(file, "{"), strings.Count(file, "}"))
	assert.Contains(t, file, `product "Amazon Elastic Block Store"`)
	assert.Equal(t, "systemctl enable --now iscsid multipathd\n", after)
}

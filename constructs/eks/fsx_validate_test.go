package eks

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/storage"
)

func TestLustreStorageProps(t *testing.T) {
	classes := func(classes ...LustreClass) LustreStorageProps {
		return LustreStorageProps{Cluster: clusterStandIn(), Classes: classes}
	}
	volumes := func(volumes ...LustreVolume) LustreStorageProps {
		return LustreStorageProps{Cluster: clusterStandIn(), Volumes: volumes}
	}
	fs := &storage.Lustre{}
	twice, reserved := clusterStandIn(), clusterStandIn()
	twice.storage.drivers = map[string]string{"fsx.csi.aws.com": "Test/Fast"}
	reserved.accounts = map[string]string{"kube-system/fsx-csi-controller-sa": "Test/Mine"}
	for name, c := range map[string]struct {
		props LustreStorageProps
		want  []string
	}{
		"a class":  {classes(LustreClass{Name: "lustre"}), nil},
		"a volume": {volumes(LustreVolume{FileSystem: fs, ClaimName: "fast"}, LustreVolume{FileSystem: fs, ClaimName: "fast", Namespace: "shop", ReadOnly: true}), nil},
		"all of it": {classes(
			LustreClass{Name: "scratch", DeploymentType: storage.LustreScratch2, Default: true, DataCompression: true},
			LustreClass{Name: "one", DeploymentType: storage.LustrePersistent1, PerUnitThroughput: 200, BackupRetentionDays: 90, ReclaimPolicy: ReclaimRetain},
			LustreClass{Name: "two", PerUnitThroughput: 1000, MountOptions: []string{"flock", "noatime"}}), nil},
		"tokens": {LustreStorageProps{Cluster: clusterStandIn(), AddOnVersion: token, Classes: []LustreClass{{Name: token}}}, nil},
		"nothing": {LustreStorageProps{}, []string{
			"Cluster is missing; make it with eks.NewCluster", "Classes and Volumes are missing, without which the driver does nothing; give one of them"}},
		"twice": {LustreStorageProps{Cluster: twice, Classes: []LustreClass{{Name: "a"}}}, []string{
			"Cluster has the driver of FSx for Lustre already, of Test/Fast; put the classes together there"}},
		"its role of another": {LustreStorageProps{Cluster: reserved, Classes: []LustreClass{{Name: "a"}}}, []string{
			`Cluster has a role for service account "fsx-csi-controller-sa", the driver's, already, of Test/Mine; leave that out`}},
		"its driver on Fargate": {LustreStorageProps{Cluster: onFargateToo("kube-*", false), Classes: []LustreClass{{Name: "a"}}}, []string{
			`Cluster has a FargateProfile that takes namespace "kube-system", in which the driver's controller would run without its role; select fewer pods there`}},
		"a version that is none": {LustreStorageProps{Cluster: clusterStandIn(), AddOnVersion: "1.2", Classes: []LustreClass{{Name: "a"}}}, []string{
			`AddOnVersion "1.2" is no version of an add-on; write it as "v1.20.4-eksbuild.2"`}},
		"names and defaults": {classes(LustreClass{Name: "Fast", Default: true}, LustreClass{Name: "b", Default: true, ReclaimPolicy: "Recycle"}), []string{
			`Classes[0].Name "Fast" is no name of a class; use up to 63 small letters, digits and hyphens`,
			"Classes[1].Default is set beside that of Classes[0], and a cluster has one default class; take it off one of them",
			`Classes[1].ReclaimPolicy "Recycle" is unknown; use "Delete" or "Retain"`}},
		"throughputs": {classes(
			LustreClass{Name: "a", DeploymentType: "SCRATCH_1"}, LustreClass{Name: "b", DeploymentType: storage.LustreScratch2, PerUnitThroughput: 200, BackupRetentionDays: 1},
			LustreClass{Name: "c", DeploymentType: storage.LustrePersistent1, PerUnitThroughput: 125}, LustreClass{Name: "d", PerUnitThroughput: 50, BackupRetentionDays: 91}), []string{
			`Classes[0].DeploymentType "SCRATCH_1" is unknown; use "SCRATCH_2", "PERSISTENT_1" or "PERSISTENT_2"`,
			`Classes[1].PerUnitThroughput 200 stands beside DeploymentType "SCRATCH_2", which has one alone; leave it out`,
			`Classes[1].BackupRetentionDays 1 stands beside DeploymentType "SCRATCH_2", of which there are no backups; leave it out`,
			`Classes[2].PerUnitThroughput 125 is not offered with DeploymentType "PERSISTENT_1"; use one of [50 100 200]`,
			`Classes[3].PerUnitThroughput 50 is not offered with DeploymentType "PERSISTENT_2"; use one of [125 250 500 1000]`,
			"Classes[3].BackupRetentionDays 91 is out of range; use 1 to 90, or 0 for none"}},
		"options": {classes(LustreClass{Name: "a", MountOptions: []string{"flock,noatime"}}), []string{
			`Classes[0].MountOptions "flock,noatime" is no one option; give each by itself, as "noatime"`}},
		"volumes": {volumes(LustreVolume{ClaimName: "Fast", Namespace: "a.b", SizeGiB: -1}, LustreVolume{FileSystem: fs, ClaimName: "a"}, LustreVolume{FileSystem: fs, ClaimName: "a"}), []string{
			"Volumes[0].FileSystem is missing; make it with storage.NewLustre",
			`Volumes[0].Namespace "a.b" is no name of a namespace; use up to 63 small letters, digits and hyphens`,
			`Volumes[0].ClaimName "Fast" is no name of a claim; use up to 63 small letters, digits and hyphens`,
			"Volumes[0].SizeGiB -1 is no size; use 1 or more",
			`Volumes[2].ClaimName "a" of namespace "default" is that of Volumes[1] already; use another`}},
	} {
		t.Run(name, func(t *testing.T) {
			c.props.setDefaults()
			refusedFor(t, c.props.validate(), c.want...)
		})
	}
}

func TestOntapStorageProps(t *testing.T) {
	fs := &storage.Ontap{}
	with := func(cluster *Cluster, classes ...OntapClass) OntapStorageProps {
		return OntapStorageProps{Cluster: cluster, FileSystem: fs, Classes: classes}
	}
	twice, reserved := clusterStandIn(), clusterStandIn()
	twice.storage.drivers = map[string]string{"csi.trident.netapp.io": "Test/Trident"}
	reserved.accounts = map[string]string{"trident/trident-operator": "Test/Mine"}
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
		"all": {with(clusterStandIn(), OntapClass{Name: "nas", Protocol: Nfs, Default: true, MountOptions: []string{"nconnect=8"}},
			OntapClass{Name: "san", Protocol: Iscsi, ReclaimPolicy: ReclaimRetain}), nil},
		"the oldest version": {version("v25.10.0-eksbuild.1"), nil},
		"a later version":    {version("v26.2.1-eksbuild.1"), nil},
		"a token":            {version(token), nil},
		"nothing": {OntapStorageProps{}, []string{
			"Cluster is missing; make it with eks.NewCluster", "FileSystem is missing; make it with storage.NewOntap", "Classes are missing, without which Trident does nothing; give one"}},
		"twice": {with(twice, OntapClass{Name: "a"}), []string{
			"Cluster has the driver of FSx for NetApp ONTAP by NFS already, of Test/Trident; put the classes together there"}},
		"its role of another": {with(reserved, OntapClass{Name: "a"}), []string{
			`Cluster has a role for service account "trident-operator", Trident's, already, of Test/Mine; leave that out`}},
		"on Fargate": {with(onFargateToo("tri*", false), OntapClass{Name: "a"}), []string{
			`Cluster has a FargateProfile that takes namespace "trident", in which Trident would run without its role; select fewer pods there`}},
		"too old":                {version("v25.6.0-eksbuild.1"), []string{`AddOnVersion "v25.6.0-eksbuild.1" makes no back end by classes; use "v25.10.0-eksbuild.1" or later`}},
		"a version that is none": {version("25.10"), []string{`AddOnVersion "25.10" is no version of an add-on; write it as "v1.20.4-eksbuild.2"`}},
		"files in Auto Mode":     {with(autoStandIn(), OntapClass{Name: "a"}), nil},
		"disks in Auto Mode": {with(autoStandIn(), OntapClass{Name: "a", Protocol: Iscsi}), []string{
			`Classes[0].Protocol "ISCSI" takes tools that nodes of AutoMode have not; use "NFS", or nodes of yours with IscsiUserData`}},
		"classes": {with(clusterStandIn(), OntapClass{Name: "a_b", Protocol: "SMB", MountOptions: []string{""}}, OntapClass{}), []string{
			`Classes[0].Protocol "SMB" is unknown; use "NFS" or "ISCSI"`,
			`Classes[0].MountOptions "" is no one option; give each by itself, as "noatime"`,
			`Classes[0].Name "a_b" is no name of a class; use up to 63 small letters, digits and hyphens`,
			"Classes[1].Name is missing; name the class as claims will"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.props.setDefaults()
			refusedFor(t, c.props.validate(), c.want...)
		})
	}
}

// A disk is one node's; files are anybody's.
func TestAccessModesOfFsx(t *testing.T) {
	for mode, want := range map[AccessMode]string{
		ReadWriteOnce: "",
		ReadWriteMany: `AccessMode "ReadWriteMany" is none that FSx for NetApp ONTAP by iSCSI has; use one of ["ReadWriteOnce" "ReadWriteOncePod"]; for pods on several nodes take a class with Protocol "NFS"`,
	} {
		for _, driver := range []*csiDriver{ontapNfs, lustreDriver, ontapIscsi} {
			p := VolumeClaimProps{Class: &StorageClass{Name: "a", driver: driver}, ClaimName: "a", SizeGiB: 1, AccessMode: mode}
			p.setDefaults()
			if err := p.validate(); driver == ontapIscsi && want != "" {
				assertProblems(t, err, want)
			} else {
				assert.NoError(t, err)
			}
		}
	}
}

// The lines are one script, in which only what stands between the two ENDs is the file's.
func TestIscsiUserData(t *testing.T) {
	before, file, found := strings.Cut(lines(IscsiUserData()), "<<'END'\n")
	assert.True(t, found)
	file, after, found := strings.Cut(file, "\nEND\n")
	assert.True(t, found)
	assert.Equal(t, "dnf install -y iscsi-initiator-utils device-mapper-multipath\ncat > /etc/multipath.conf ", before)
	assert.Equal(t, strings.Count(file, "{"), strings.Count(file, "}"))
	assert.Contains(t, file, `product "Amazon Elastic Block Store"`)
	assert.Equal(t, "systemctl enable --now iscsid multipathd\n", after)
}

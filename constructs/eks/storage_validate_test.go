package eks

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/storage"
)

// withStorage is a cluster with a default class and drivers already, and what has their service accounts.
func withStorage() *Cluster {
	c := clusterStandIn()
	c.storage.drivers = map[string]string{"ebs.csi.aws.com": "Test/Disks", "efs.csi.aws.com": "Test/Files"}
	c.storage.classes = map[string]string{"fast": "Test/Disks/Class-fast"}
	c.storage.byDefault = "Test/Disks/Class-fast"
	return c
}

// onFargateToo is a cluster in which Fargate takes pods of a namespace, beside nodes or alone.
func onFargateToo(namespace string, alone bool) *Cluster {
	c := clusterStandIn()
	c.fargate.profiles = []*FargateProfile{{selectors: []FargateSelector{{Namespace: namespace}}}}
	c.hosts = append(c.hosts, nil)
	if !alone {
		c.hosts = append(c.hosts, nil)
	}
	return c
}

func autoStandIn() *Cluster {
	c := clusterStandIn()
	c.autoMode = true
	return c
}

func TestEbsStorageProps(t *testing.T) {
	reserved := clusterStandIn()
	reserved.accounts = map[string]string{"kube-system/ebs-csi-controller-sa": "Test/Mine"}
	auto := autoStandIn()
	auto.storage.drivers = map[string]string{"ebs.csi.eks.amazonaws.com": "Test/Disks"}
	classes := func(classes ...EbsClass) EbsStorageProps {
		return EbsStorageProps{Cluster: clusterStandIn(), Classes: classes}
	}
	for name, c := range map[string]struct {
		props EbsStorageProps
		want  []string
	}{
		"least":        {EbsStorageProps{Cluster: clusterStandIn()}, nil},
		"in Auto Mode": {EbsStorageProps{Cluster: autoStandIn()}, nil},
		"all": {EbsStorageProps{Cluster: clusterStandIn(), EncryptionKey: &standInKey{}, Snapshots: true, SnapshotClassName: "disks", SnapshotReclaimPolicy: ReclaimRetain,
			AddOnVersion: "v1.60.0-eksbuild.1", SnapshotAddOnVersion: "v8.4.0-eksbuild.1", Classes: []EbsClass{
				{Name: "gp3", Iops: 8000, ThroughputMiBps: 2000, FileSystem: Xfs, MountOptions: []string{"noatime"}, Default: true, ReclaimPolicy: ReclaimRetain, NoExpansion: true},
				{Name: "io2", VolumeType: Io2, Iops: 256000}}}, nil},
		"the least of all": {classes(EbsClass{Name: "a", Iops: 3000, ThroughputMiBps: 125}, EbsClass{Name: "b", VolumeType: Io2, Iops: 100}), nil},
		"the most of gp3":  {classes(EbsClass{Name: "a", Iops: 80000, ThroughputMiBps: 2000}), nil},
		"tokens":           {EbsStorageProps{Cluster: clusterStandIn(), AddOnVersion: token, Classes: []EbsClass{{Name: token}}}, nil},
		"nothing":          {EbsStorageProps{}, []string{"Cluster is missing; make it with eks.NewCluster"}},
		"twice": {EbsStorageProps{Cluster: withStorage()}, []string{
			"Cluster has the driver of EBS already, of Test/Disks; put the classes together there"}},
		"twice in Auto Mode": {EbsStorageProps{Cluster: auto}, []string{
			"Cluster has the driver of EBS in Auto Mode already, of Test/Disks; put the classes together there"}},
		"its driver on Fargate": {EbsStorageProps{Cluster: onFargateToo("kube-*", false)}, []string{
			`Cluster has a FargateProfile that takes namespace "kube-system", in which the driver's controller would run without its role; select fewer pods there`}},
		"its role of another": {EbsStorageProps{Cluster: reserved}, []string{
			`Cluster has a role for service account "ebs-csi-controller-sa", the driver's, already, of Test/Mine; leave that out`}},
		"a version in Auto Mode": {EbsStorageProps{Cluster: autoStandIn(), AddOnVersion: "v1.60.0-eksbuild.1"}, []string{
			`AddOnVersion "v1.60.0-eksbuild.1" is that of a driver which Auto Mode has built in; leave it out`}},
		"versions that are none": {EbsStorageProps{Cluster: clusterStandIn(), AddOnVersion: "1.60", Snapshots: true, SnapshotAddOnVersion: "8"}, []string{
			`AddOnVersion "1.60" is no version of an add-on; write it as "v1.20.4-eksbuild.2"`,
			`SnapshotAddOnVersion "8" is no version of an add-on; write it as "v1.20.4-eksbuild.2"`}},
		"snapshots that nobody asked for": {EbsStorageProps{Cluster: clusterStandIn(), SnapshotClassName: "a", SnapshotReclaimPolicy: ReclaimDelete, SnapshotAddOnVersion: "v8.4.0-eksbuild.1"}, []string{
			"SnapshotClassName is set without Snapshots; set that too, or leave it out", "SnapshotReclaimPolicy is set without Snapshots; set that too, or leave it out",
			"SnapshotAddOnVersion is set without Snapshots; set that too, or leave it out"}},
		"wrong snapshots": {EbsStorageProps{Cluster: clusterStandIn(), Snapshots: true, SnapshotClassName: "Disks", SnapshotReclaimPolicy: "Recycle"}, []string{
			`SnapshotClassName "Disks" is no name of a class; use up to 63 small letters, digits and hyphens`,
			`SnapshotReclaimPolicy "Recycle" is unknown; use "Delete" or "Retain"`}},
		"names that are no DNS labels": {classes(EbsClass{}, EbsClass{Name: "Fast"}, EbsClass{Name: "a.b"}, EbsClass{Name: "-a"}), []string{
			"Classes[0].Name is missing; name the class as claims will",
			`Classes[1].Name "Fast" is no name of a class; use up to 63 small letters, digits and hyphens`,
			`Classes[2].Name "a.b" is no name of a class; use up to 63 small letters, digits and hyphens`,
			`Classes[3].Name "-a" is no name of a class; use up to 63 small letters, digits and hyphens`}},
		"one name twice": {classes(EbsClass{Name: "a"}, EbsClass{Name: "a"}), []string{`Classes[1].Name "a" is that of Classes[0] already; use another`}},
		"two default classes": {classes(EbsClass{Name: "a", Default: true}, EbsClass{Name: "b", Default: true}), []string{
			"Classes[1].Default is set beside that of Classes[0], and a cluster has one default class; take it off one of them"}},
		"an unknown reclaim policy": {classes(EbsClass{Name: "a", ReclaimPolicy: "Recycle"}), []string{`Classes[0].ReclaimPolicy "Recycle" is unknown; use "Delete" or "Retain"`}},
		"unknown kinds": {classes(EbsClass{Name: "a", VolumeType: "gp2", FileSystem: "ntfs", MountOptions: []string{"noatime,ro", ""}}), []string{
			`Classes[0].VolumeType "gp2" is unknown; use "gp3" or "io2"`, `Classes[0].FileSystem "ntfs" is unknown; use "ext4" or "xfs"`,
			`Classes[0].MountOptions "noatime,ro" is no one option; give each by itself, as "noatime"`,
			`Classes[0].MountOptions "" is no one option; give each by itself, as "noatime"`}},
		"io2 without IOPS": {classes(EbsClass{Name: "a", VolumeType: Io2, ThroughputMiBps: 125}), []string{
			"Classes[0].Iops is missing; io2 is paid by it, so give 100 to 256000", "Classes[0].ThroughputMiBps 125 is for gp3; io2 has as much as its IOPS, so leave it out"}},
		"IOPS out of range": {classes(EbsClass{Name: "a", Iops: 2999}, EbsClass{Name: "b", Iops: 80001}, EbsClass{Name: "c", VolumeType: Io2, Iops: 99},
			EbsClass{Name: "d", VolumeType: Io2, Iops: 256001}), []string{
			"Classes[0].Iops 2999 is out of range; use 3000 to 80000 for gp3", "Classes[1].Iops 80001 is out of range; use 3000 to 80000 for gp3",
			"Classes[2].Iops 99 is out of range; use 100 to 256000 for io2", "Classes[3].Iops 256001 is out of range; use 100 to 256000 for io2"}},
		"throughput out of range": {classes(EbsClass{Name: "a", ThroughputMiBps: 124}, EbsClass{Name: "b", Iops: 80000, ThroughputMiBps: 2001}, EbsClass{Name: "c", ThroughputMiBps: 1000},
			EbsClass{Name: "d", Iops: 7999, ThroughputMiBps: 2000}), []string{
			"Classes[0].ThroughputMiBps 124 is out of range; use 125 to 2000", "Classes[1].ThroughputMiBps 2001 is out of range; use 125 to 2000",
			"Classes[2].ThroughputMiBps 1000 takes 4000 IOPS, and the class has 3000; raise Iops, or lower this to 750",
			"Classes[3].ThroughputMiBps 2000 takes 8000 IOPS, and the class has 7999; raise Iops, or lower this to 1999"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.props.setDefaults()
			refusedFor(t, c.props.validate(), c.want...)
		})
	}
}

// Classes of another construct count too.
func TestOneDefaultClassInACluster(t *testing.T) {
	c := withStorage()
	c.storage.drivers = nil
	p := EbsStorageProps{Cluster: c, Classes: []EbsClass{{Name: "fast", Default: true}}}
	p.setDefaults()
	refusedFor(t, p.validate(), `Classes[0].Name "fast" is that of a class of Test/Disks/Class-fast already; use another`,
		"Classes[0].Default is set beside that of Test/Disks/Class-fast, and a cluster has one default class; take it off one of them")
	p = EbsStorageProps{Cluster: c}
	p.setDefaults()
	refusedFor(t, p.validate())
	assert.False(t, p.Classes[0].Default, "there is one")
}

// The caller's classes stay as they were.
func TestStorageClassesAreCopied(t *testing.T) {
	disks, files, volumes := []EbsClass{{Name: "a"}}, []EfsClass{{Name: "a"}}, []EfsVolume{{ClaimName: "a"}}
	(&EbsStorageProps{Classes: disks}).setDefaults()
	(&EfsStorageProps{Classes: files, Volumes: volumes}).setDefaults()
	assert.Equal(t, []any{[]EbsClass{{Name: "a"}}, []EfsClass{{Name: "a"}}, []EfsVolume{{ClaimName: "a"}}}, []any{disks, files, volumes})
}

type (
	standInFiles       struct{ awsefs.IFileSystem }
	standInAccessPoint struct{ awsefs.IAccessPoint }
)

func filesStandIn() (*storage.EfsFileSystem, *storage.EfsAccessPoint) {
	files := &storage.EfsFileSystem{FileSystem: standInFiles{}}
	return files, &storage.EfsAccessPoint{AccessPoint: standInAccessPoint{}, FileSystem: files}
}

func TestEfsStorageProps(t *testing.T) {
	files, way := filesStandIn()
	_, elsewhere := filesStandIn()
	volumes := func(c *Cluster, volumes ...EfsVolume) EfsStorageProps {
		return EfsStorageProps{Cluster: c, FileSystem: files, Volumes: volumes}
	}
	classes := func(classes ...EfsClass) EfsStorageProps {
		return EfsStorageProps{Cluster: clusterStandIn(), FileSystem: files, Classes: classes}
	}
	for name, c := range map[string]struct {
		props EfsStorageProps
		want  []string
	}{
		"a class":      {classes(EfsClass{Name: "efs"}), nil},
		"a volume":     {volumes(clusterStandIn(), EfsVolume{ClaimName: "files", AccessPoint: way}), nil},
		"in Auto Mode": {EfsStorageProps{Cluster: autoStandIn(), FileSystem: files, Classes: []EfsClass{{Name: "efs"}}}, nil},
		"all": {EfsStorageProps{Cluster: clusterStandIn(), FileSystem: files, AddOnVersion: "v3.0.0-eksbuild.1", Classes: []EfsClass{
			{Name: "efs", BasePath: "/shop/files", DirectoryPermissions: "0770", GidRangeStart: 1, GidRangeEnd: 4294967295, Default: true, ReclaimPolicy: ReclaimRetain}},
			Volumes: []EfsVolume{{Namespace: "shop", ClaimName: "files", AccessPoint: way, SizeGiB: 5, AccessMode: ReadWriteOnce},
				{Namespace: "shop", ClaimName: "read", AccessPoint: way, ReadOnly: true}}}, nil},
		"on Fargate too":   {volumes(clusterStandIn(), EfsVolume{ClaimName: "files", AccessPoint: way, OnFargate: true}), nil},
		"on Fargate alone": {volumes(onFargateToo("shop", true), EfsVolume{Namespace: "shop", ClaimName: "files", AccessPoint: way}), nil},
		"nothing": {EfsStorageProps{}, []string{"Cluster is missing; make it with eks.NewCluster",
			"FileSystem is missing; make it with storage.NewEfsFileSystem or storage.EfsFileSystemFrom",
			"Classes and Volumes are empty, so that no pod has anything of it; give one of them"}},
		"twice": {EfsStorageProps{Cluster: withStorage(), FileSystem: files, Classes: []EfsClass{{Name: "efs"}}}, []string{
			"Cluster has the driver of EFS already, of Test/Files; put the classes together there"}},
		"an old version": {EfsStorageProps{Cluster: clusterStandIn(), FileSystem: files, AddOnVersion: "v2.1.0-eksbuild.1", Classes: []EfsClass{{Name: "efs"}}}, []string{
			`AddOnVersion "v2.1.0-eksbuild.1" takes no role for what mounts; use "v3.0.0-eksbuild.1" or later`}},
		"its driver on Fargate": {EfsStorageProps{Cluster: onFargateToo("kube-system", false), FileSystem: files, Classes: []EfsClass{{Name: "efs"}}}, []string{
			`Cluster has a FargateProfile that takes namespace "kube-system", in which the driver's controller would run without its role; select fewer pods there`}},
		"a class on Fargate alone": {EfsStorageProps{Cluster: onFargateToo("shop", true), FileSystem: files, AddOnVersion: "v3.0.0-eksbuild.1", Classes: []EfsClass{{Name: "efs"}}}, []string{
			`AddOnVersion "v3.0.0-eksbuild.1" is that of a driver which is not installed; leave it out, or NoDriver, and give the cluster nodes first`,
			"Classes need the driver, and pods on Fargate cannot use them; give Volumes, or make the cluster's nodes first"}},
		"a volume that nothing mounts": {volumes(onFargateToo("shop", true), EfsVolume{ClaimName: "files", AccessPoint: way}), []string{
			"Volumes[0].OnFargate is false, and without the driver only pods on Fargate mount it; set it, or leave NoDriver out"}},
		"wrong classes": {classes(EfsClass{Name: "A_", BasePath: "shop", DirectoryPermissions: "rwx", GidRangeStart: 7, ReclaimPolicy: "Keep"}), []string{
			`Classes[0].BasePath "shop" is no absolute path; write it as "/shop"`, `Classes[0].DirectoryPermissions "rwx" are no permissions; write them as "700"`,
			"Classes[0].GidRangeStart 7 and GidRangeEnd 0 are no range; use 1 to 4294967295, the second above the first",
			`Classes[0].Name "A_" is no name of a class; use up to 63 small letters, digits and hyphens`, `Classes[0].ReclaimPolicy "Keep" is unknown; use "Delete" or "Retain"`}},
		"wrong volumes": {volumes(clusterStandIn(), EfsVolume{Namespace: "Shop", ClaimName: "a", AccessPoint: elsewhere, SizeGiB: -1, AccessMode: "RWX"},
			EfsVolume{ClaimName: "Files"}, EfsVolume{ClaimName: "b", AccessPoint: way, AccessMode: ReadWriteMany, ReadOnly: true}, EfsVolume{ClaimName: "b", AccessPoint: way}), []string{
			`Volumes[0].Namespace "Shop" is no name of a namespace; use up to 63 small letters, digits and hyphens`, "Volumes[0].SizeGiB -1 is no size; use 1 or more",
			`Volumes[0].AccessMode "RWX" is none that EFS has; use one of ["ReadWriteMany" "ReadWriteOnce" "ReadOnlyMany" "ReadWriteOncePod"]`,
			"Volumes[0].AccessPoint leads to another file system; use one of FileSystem",
			`Volumes[1].ClaimName "Files" is no name of a claim; use up to 63 small letters, digits and hyphens`,
			"Volumes[1].AccessPoint is missing; make it with storage.NewEfsAccessPoint or storage.EfsAccessPointFrom",
			`Volumes[2].AccessMode "ReadWriteMany" stands beside ReadOnly; use "ReadOnlyMany", or take that off`,
			`Volumes[3].ClaimName "b" is that of Volumes[2] already; use another`}},
	} {
		t.Run(name, func(t *testing.T) {
			c.props.setDefaults()
			refusedFor(t, c.props.validate(), c.want...)
		})
	}
}

func TestVolumeClaimProps(t *testing.T) {
	disk, files := &StorageClass{Name: "gp3", driver: ebsDriver}, &StorageClass{Name: "efs", driver: efsDriver}
	for name, c := range map[string]struct {
		props VolumeClaimProps
		want  []string
	}{
		"least":         {VolumeClaimProps{Class: disk, ClaimName: "data", SizeGiB: 1}, nil},
		"all":           {VolumeClaimProps{Class: disk, Namespace: "shop", ClaimName: "data", SizeGiB: 100, AccessMode: ReadWriteOncePod}, nil},
		"many of files": {VolumeClaimProps{Class: files, ClaimName: "data", SizeGiB: 1, AccessMode: ReadWriteMany}, nil},
		"nothing": {VolumeClaimProps{}, []string{"Class is missing; take one of NewEbsStorage, NewEfsStorage, NewLustreStorage or NewOntapStorage",
			`ClaimName "" is no name of a claim; use up to 63 small letters, digits and hyphens`, "SizeGiB 0 is no size; use 1 or more"}},
		"many of a disk": {VolumeClaimProps{Class: disk, ClaimName: "data", SizeGiB: 1, AccessMode: ReadWriteMany}, []string{
			`AccessMode "ReadWriteMany" is none that EBS has; use one of ["ReadWriteOnce" "ReadWriteOncePod"], or files on EFS`}},
		"wrong names": {VolumeClaimProps{Class: disk, Namespace: "a.b", ClaimName: "Data", SizeGiB: 1}, []string{
			`Namespace "a.b" is no name of a namespace; use up to 63 small letters, digits and hyphens`,
			`ClaimName "Data" is no name of a claim; use up to 63 small letters, digits and hyphens`}},
	} {
		t.Run(name, func(t *testing.T) {
			c.props.setDefaults()
			refusedFor(t, c.props.validate(), c.want...)
		})
	}
	p := VolumeClaimProps{Class: files}
	p.setDefaults()
	assert.Equal(t, VolumeClaimProps{Class: files, Namespace: "default", AccessMode: ReadWriteMany}, p)
}

// Nodes and profiles may come after the storage: all is looked at in the end.
func TestStorageOnFargateIsFoundInTheEnd(t *testing.T) {
	problems := func(c *Cluster) (texts []string) {
		for _, text := range *(&storageCheck{cluster: c}).Validate() {
			texts = append(texts, *text)
		}
		return texts
	}
	c := onFargateToo("shop", true)
	c.storage.checked = true
	c.needsNodes("Test/Disks", "the driver of EBS", "leave it out, or give the cluster nodes")
	assert.Equal(t, []string{"runs pods on Fargate alone, and the driver of EBS of Test/Disks is for nodes; leave it out, or give the cluster nodes"}, problems(c))
	c.hosts = append(c.hosts, nil)
	assert.Empty(t, problems(c), "with nodes")
	c.claimed("web", "Test/Web", "use another namespace")
	assert.Empty(t, problems(c), "on nodes")
	c.claimed("shop", "Test/Data", "use another namespace")
	assert.Equal(t, []string{`runs all pods of namespace "shop" on Fargate, which does not mount the volume of Test/Data; use another namespace`}, problems(c))
	c.fargate.profiles[0].selectors[0].Labels = map[string]string{"on": "fargate"}
	assert.Empty(t, problems(c), "others run on nodes")
}

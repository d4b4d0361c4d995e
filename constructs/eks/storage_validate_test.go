package eks

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/storage"
	"awscontainers/internal/fake"
)

// withStorage is a cluster with a default class and drivers already, and what has their service accounts.
func withStorage() *Cluster {
	c := clusterStandIn()
	c.storage.drivers = map[string]string{"ebs.csi.aws.com": "Test/Disks", "efs.csi.aws.com": "Test/Files"}
	c.storage.classes = map[string]string{"fast": "Test/Disks/Class-fast"}
	c.storage.defaultClass = "Test/Disks/Class-fast"
	return c
}

// onFargateToo is a cluster in which Fargate takes pods of a namespace, beside nodes or alone.
func onFargateToo(namespace string, alone bool) *Cluster {
	c := clusterStandIn()
	c.fargate.profiles = []*FargateProfile{{selectors: []FargateSelector{{Namespace: namespace}}}}
	c.deps.nodes = append(c.deps.nodes, nil)
	if !alone {
		c.deps.nodes = append(c.deps.nodes, nil)
	}
	return c
}

func autoStandIn() *Cluster {
	c := clusterStandIn()
	c.facts.autoMode = true
	return c
}

func TestEbsStorageProps(t *testing.T) {
	reserved := clusterStandIn()
	reserved.roles.owners = map[string]string{"kube-system/ebs-csi-controller-sa": "Test/Mine"}
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
		"all": {EbsStorageProps{Cluster: clusterStandIn(), EncryptionKey: &standInKey{}, Snapshots: true, SnapshotClassName: "disks",
			SnapshotReclaimPolicy: ReclaimRetain,
			AddOnVersion:          "v1.60.0-eksbuild.1", SnapshotAddOnVersion: "v8.4.0-eksbuild.1", Classes: []EbsClass{
				{Name: "gp3", Iops: 8000, ThroughputMiBps: 2000, FileSystem: FileSystemXfs, MountOptions: []string{"noatime"}, Default: true,
					ReclaimPolicy: ReclaimRetain, DisableExpansion: true},
				{Name: "io2", VolumeType: VolumeIo2, Iops: 256000}}}, nil},
		"the least of all": {classes(EbsClass{Name: "a", Iops: 3000, ThroughputMiBps: 125},
			EbsClass{Name: "b", VolumeType: VolumeIo2, Iops: 100}), nil},
		"the most of gp3": {classes(EbsClass{Name: "a", Iops: 80000, ThroughputMiBps: 2000}), nil},
		"tokens":          {EbsStorageProps{Cluster: clusterStandIn(), AddOnVersion: token, Classes: []EbsClass{{Name: token}}}, nil},
		"nothing":         {EbsStorageProps{}, []string{"Cluster is required; use eks.NewCluster or eks.ClusterFrom"}},
		"twice": {EbsStorageProps{Cluster: withStorage()}, []string{
			"Cluster must not have another driver for EBS; put all classes in Test/Disks"}},
		"twice in Auto Mode": {EbsStorageProps{Cluster: auto}, []string{
			"Cluster must not have another driver for EBS in Auto Mode; put all classes in Test/Disks"}},
		"its driver on Fargate": {EbsStorageProps{Cluster: onFargateToo("kube-*", false)}, []string{
			`Cluster must not have a FargateProfile that selects namespace "kube-system", in which the driver would run without a role; select ` +
				`fewer pods there`}},
		"its role of another": {EbsStorageProps{Cluster: reserved}, []string{
			`Cluster must not have another role for the driver's service account "ebs-csi-controller-sa"; remove the role of Test/Mine`}},
		"a version in Auto Mode": {EbsStorageProps{Cluster: autoStandIn(), AddOnVersion: "v1.60.0-eksbuild.1"}, []string{
			`AddOnVersion must not be set with a Cluster in Auto Mode, which has the driver built in; got "v1.60.0-eksbuild.1"; remove it`}},
		"the most places": {EbsStorageProps{Cluster: clusterStandIn(), ReservedVolumeAttachments: 27}, nil},
		"too many places": {EbsStorageProps{Cluster: clusterStandIn(), ReservedVolumeAttachments: 28}, []string{
			"ReservedVolumeAttachments must be an integer from 1 to 27; got 28"}},
		"no number": {EbsStorageProps{Cluster: clusterStandIn(), ReservedVolumeAttachments: -1}, []string{
			"ReservedVolumeAttachments must be an integer from 1 to 27; got -1"}},
		"places in Auto Mode": {EbsStorageProps{Cluster: autoStandIn(), ReservedVolumeAttachments: 5}, []string{
			"ReservedVolumeAttachments must not be set with a Cluster in Auto Mode, which has the driver built in; got 5; remove it"}},
		"versions that are none": {EbsStorageProps{Cluster: clusterStandIn(), AddOnVersion: "1.60", Snapshots: true,
			SnapshotAddOnVersion: "8"}, []string{
			`AddOnVersion must be the version of an add-on, such as "v1.20.4-eksbuild.2"; got "1.60"`,
			`SnapshotAddOnVersion must be the version of an add-on, such as "v1.20.4-eksbuild.2"; got "8"`}},
		"snapshots that nobody asked for": {EbsStorageProps{Cluster: clusterStandIn(), SnapshotClassName: "a",
			SnapshotReclaimPolicy: ReclaimDelete, SnapshotAddOnVersion: "v8.4.0-eksbuild.1"}, []string{
			`SnapshotClassName requires Snapshots; got "a"; set Snapshots or remove it`,
			`SnapshotReclaimPolicy requires Snapshots; got "Delete"; set Snapshots or remove it`,
			`SnapshotAddOnVersion requires Snapshots; got "v8.4.0-eksbuild.1"; set Snapshots or remove it`}},
		"wrong snapshots": {EbsStorageProps{Cluster: clusterStandIn(), Snapshots: true, SnapshotClassName: "Disks",
			SnapshotReclaimPolicy: "Recycle"}, []string{
			`SnapshotClassName must be up to 63 lowercase letters, digits and hyphens; got "Disks"`,
			`SnapshotReclaimPolicy must be "Delete" or "Retain"; got "Recycle"`}},
		"names that are no DNS labels": {classes(EbsClass{}, EbsClass{Name: "Fast"}, EbsClass{Name: "a.b"}, EbsClass{Name: "-a"}), []string{
			"Classes[0].Name is required: up to 63 lowercase letters, digits and hyphens",
			`Classes[1].Name must be up to 63 lowercase letters, digits and hyphens; got "Fast"`,
			`Classes[2].Name must be up to 63 lowercase letters, digits and hyphens; got "a.b"`,
			`Classes[3].Name must be up to 63 lowercase letters, digits and hyphens; got "-a"`}},
		"one name twice": {classes(EbsClass{Name: "a"}, EbsClass{Name: "a"}),
			[]string{`Classes[1].Name must not repeat Classes[0].Name; got "a"`}},
		"two default classes": {classes(EbsClass{Name: "a", Default: true}, EbsClass{Name: "b", Default: true}), []string{
			"Classes[1].Default must not be set together with Classes[0].Default, because a cluster has one default class; remove one of them"}},
		"an unknown reclaim policy": {classes(EbsClass{Name: "a", ReclaimPolicy: "Recycle"}),
			[]string{`Classes[0].ReclaimPolicy must be "Delete" or "Retain"; got "Recycle"`}},
		"unknown kinds": {classes(EbsClass{Name: "a", VolumeType: "gp2", FileSystem: "ntfs", MountOptions: []string{"noatime,ro", ""}}), []string{
			`Classes[0].VolumeType must be "gp3" or "io2"; got "gp2"`, `Classes[0].FileSystem must be "ext4" or "xfs"; got "ntfs"`,
			`Classes[0].MountOptions[0] must be one option such as "noatime"; got "noatime,ro"`,
			`Classes[0].MountOptions[1] must be one option such as "noatime"; got ""`}},
		"io2 without IOPS": {classes(EbsClass{Name: "a", VolumeType: VolumeIo2, ThroughputMiBps: 125}), []string{
			"Classes[0].Iops is required with VolumeType io2: an integer from 100 to 256000",
			"Classes[0].ThroughputMiBps must not be set with VolumeType io2, whose throughput follows from its IOPS; got 125; remove it"}},
		"IOPS out of range": {classes(EbsClass{Name: "a", Iops: 2999}, EbsClass{Name: "b", Iops: 80001},
			EbsClass{Name: "c", VolumeType: VolumeIo2, Iops: 99},
			EbsClass{Name: "d", VolumeType: VolumeIo2, Iops: 256001}), []string{
			"Classes[0].Iops must be an integer from 3000 to 80000 with VolumeType gp3; got 2999",
			"Classes[1].Iops must be an integer from 3000 to 80000 with VolumeType gp3; got 80001",
			"Classes[2].Iops must be an integer from 100 to 256000 with VolumeType io2; got 99",
			"Classes[3].Iops must be an integer from 100 to 256000 with VolumeType io2; got 256001"}},
		"throughput out of range": {classes(EbsClass{Name: "a", ThroughputMiBps: 124}, EbsClass{Name: "b", Iops: 80000, ThroughputMiBps: 2001},
			EbsClass{Name: "c", ThroughputMiBps: 1000},
			EbsClass{Name: "d", Iops: 7999, ThroughputMiBps: 2000}), []string{
			"Classes[0].ThroughputMiBps must be an integer from 125 to 2000; got 124",
			"Classes[1].ThroughputMiBps must be an integer from 125 to 2000; got 2001",
			"Classes[2].ThroughputMiBps must be at most 750 with 3000 IOPS; got 1000; lower it, or set Iops to 4000 or more",
			"Classes[3].ThroughputMiBps must be at most 1999 with 7999 IOPS; got 2000; lower it, or set Iops to 8000 or more"}},
	} {
		t.Run(name, func(t *testing.T) {
			refusedFor(t, refusal(&c.props), c.want...)
		})
	}
}

// Classes of another construct count too.
func TestOneDefaultClassInACluster(t *testing.T) {
	c := withStorage()
	c.storage.drivers = nil
	p := EbsStorageProps{Cluster: c, Classes: []EbsClass{{Name: "fast", Default: true}}}
	p.setDefaults()
	refusedFor(t, refusal(&p),
		`Classes[0].Name must not repeat the name of a class of Test/Disks/Class-fast in the same cluster; got "fast"; use another name`,
		"Classes[0].Default must not be set together with that of Test/Disks/Class-fast, because a cluster has one default class; remove "+
			"one of them")
	p = EbsStorageProps{Cluster: c}
	p.setDefaults()
	refusedFor(t, refusal(&p))
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
	files := &storage.EfsFileSystem{Construct: fake.Construct{}, FileSystem: standInFiles{}}
	return files, &storage.EfsAccessPoint{Construct: fake.Construct{}, AccessPoint: standInAccessPoint{}, FileSystem: files}
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
			{Name: "efs", BasePath: "/shop/files", DirectoryPermissions: "0770", GidRangeStart: 1, GidRangeEnd: 4294967295, Default: true,
				ReclaimPolicy: ReclaimRetain}},
			Volumes: []EfsVolume{{Namespace: "shop", ClaimName: "files", AccessPoint: way, SizeGiB: 5, AccessMode: ReadWriteOnce},
				{Namespace: "shop", ClaimName: "read", AccessPoint: way, ReadOnly: true}}}, nil},
		"on Fargate too":   {volumes(clusterStandIn(), EfsVolume{ClaimName: "files", AccessPoint: way, OnFargate: true}), nil},
		"on Fargate alone": {volumes(onFargateToo("shop", true), EfsVolume{Namespace: "shop", ClaimName: "files", AccessPoint: way}), nil},
		"nothing": {EfsStorageProps{}, []string{"Cluster is required; use eks.NewCluster or eks.ClusterFrom",
			"FileSystem is required; use storage.NewEfsFileSystem or storage.EfsFileSystemFrom",
			"Classes is required unless Volumes is set, because otherwise no pod can use the file system"}},
		"twice": {EfsStorageProps{Cluster: withStorage(), FileSystem: files, Classes: []EfsClass{{Name: "efs"}}}, []string{
			"Cluster must not have another driver for EFS; put all classes in Test/Files"}},
		"an old version": {EfsStorageProps{Cluster: clusterStandIn(), FileSystem: files, AddOnVersion: "v2.1.0-eksbuild.1",
			Classes: []EfsClass{{Name: "efs"}}}, []string{
			`AddOnVersion must be "v3.0.0-eksbuild.1" or later, which accepts a role for the pods that mount; got "v2.1.0-eksbuild.1"`}},
		"its driver on Fargate": {EfsStorageProps{Cluster: onFargateToo("kube-system", false), FileSystem: files,
			Classes: []EfsClass{{Name: "efs"}}}, []string{
			`Cluster must not have a FargateProfile that selects namespace "kube-system", in which the driver would run without a role; select ` +
				`fewer pods there`}},
		"a class on Fargate alone": {EfsStorageProps{Cluster: onFargateToo("shop", true), FileSystem: files, AddOnVersion: "v3.0.0-eksbuild.1",
			Classes: []EfsClass{{Name: "efs"}}}, []string{
			`AddOnVersion requires the driver, which is not installed if DisableDriver is set or if the cluster has only Fargate profiles so far; ` +
				`got "v3.0.0-eksbuild.1"; create the cluster's nodes first, or remove it`,
			"Classes requires the driver, which is not installed if DisableDriver is set or if the cluster has only Fargate profiles so far; " +
				"create the cluster's nodes first, or use Volumes"}},
		"a volume that nothing mounts": {volumes(onFargateToo("shop", true), EfsVolume{ClaimName: "files", AccessPoint: way}), []string{
			"Volumes[0].OnFargate must be set without the driver, because then only pods on Fargate can mount the volume; set it, or create " +
				"the cluster's nodes first"}},
		"wrong classes": {classes(EfsClass{Name: "A_", BasePath: "shop", DirectoryPermissions: "rwx", GidRangeStart: 7,
			ReclaimPolicy: "Keep"}), []string{
			`Classes[0].BasePath must be an absolute path such as "/shop"; got "shop"`,
			`Classes[0].DirectoryPermissions must be an octal number of 3 or 4 digits, such as "700"; got "rwx"`,
			"Classes[0].GidRangeEnd must be greater than GidRangeStart (7); got 0",
			`Classes[0].Name must be up to 63 lowercase letters, digits and hyphens; got "A_"`,
			`Classes[0].ReclaimPolicy must be "Delete" or "Retain"; got "Keep"`}},
		"wrong volumes": {volumes(clusterStandIn(),
			EfsVolume{Namespace: "Shop", ClaimName: "a", AccessPoint: elsewhere, SizeGiB: -1, AccessMode: "RWX"},
			EfsVolume{ClaimName: "Files"}, EfsVolume{ClaimName: "b", AccessPoint: way, AccessMode: ReadOnlyMany, ReadOnly: true},
			EfsVolume{ClaimName: "b", AccessPoint: way}), []string{
			`Volumes[0].Namespace must be up to 63 lowercase letters, digits and hyphens; got "Shop"`,
			"Volumes[0].SizeGiB must be 1 or greater; got -1",
			`Volumes[0].AccessMode must be "ReadWriteMany", "ReadWriteOnce" or "ReadWriteOncePod" for EFS; got "RWX"`,
			"Volumes[0].AccessPoint must be one of FileSystem; got \"Stack/Fake\"",
			`Volumes[1].ClaimName must be up to 63 lowercase letters, digits and hyphens; got "Files"`,
			"Volumes[1].AccessPoint is required; use storage.NewEfsAccessPoint or storage.EfsAccessPointFrom",
			`Volumes[2].AccessMode must be "ReadWriteMany", "ReadWriteOnce" or "ReadWriteOncePod" for EFS; got "ReadOnlyMany"; ` +
				"to mount a volume read-only, set its ReadOnly, or readOnly where a pod names the claim",
			`Volumes[3].ClaimName must not repeat Volumes[2].ClaimName in namespace "default"; got "b"; use another name`}},
	} {
		t.Run(name, func(t *testing.T) {
			refusedFor(t, refusal(&c.props), c.want...)
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
		"nothing": {VolumeClaimProps{},
			[]string{"Class is required; use a class of NewEbsStorage, NewEfsStorage, NewLustreStorage or NewOntapStorage",
				"ClaimName is required: up to 63 lowercase letters, digits and hyphens", "SizeGiB must be 1 or greater; got 0"}},
		"many of a disk": {VolumeClaimProps{Class: disk, ClaimName: "data", SizeGiB: 1, AccessMode: ReadWriteMany}, []string{
			`AccessMode must be "ReadWriteOnce" or "ReadWriteOncePod" for EBS; got "ReadWriteMany"; use EFS for files that many nodes share`}},
		"wrong names": {VolumeClaimProps{Class: disk, Namespace: "a.b", ClaimName: "Data", SizeGiB: 1}, []string{
			`Namespace must be up to 63 lowercase letters, digits and hyphens; got "a.b"`,
			`ClaimName must be up to 63 lowercase letters, digits and hyphens; got "Data"`}},
	} {
		t.Run(name, func(t *testing.T) {
			refusedFor(t, refusal(&c.props), c.want...)
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
	c.storage.isChecked = true
	c.requireNodes("Test/Disks", "the driver of EBS", "remove it or give the cluster nodes")
	assert.Equal(t,
		[]string{"runs pods only on Fargate, and the driver of EBS of Test/Disks requires nodes; remove it or give the cluster nodes"},
		problems(c))
	c.deps.nodes = append(c.deps.nodes, nil)
	assert.Empty(t, problems(c), "with nodes")
	c.addNodeClaim("web", "Test/Web", "use another namespace")
	assert.Empty(t, problems(c), "on nodes")
	c.addNodeClaim("shop", "Test/Data", "use another namespace")
	assert.Equal(t,
		[]string{`runs all pods of namespace "shop" on Fargate, which can't mount the volume of Test/Data; use another namespace`}, problems(c))
	c.fargate.profiles[0].selectors[0].Labels = map[string]string{"on": "fargate"}
	assert.Empty(t, problems(c), "others run on nodes")
}

package shared

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"awscontainers/test/cdktest"
)

// csiDriver is what a driver of volumes accepts, as its source says: the API server accepts anything, and what the driver refuses
// shows as a claim that stays Pending or a pod that stays ContainerCreating.
type csiDriver struct {
	// source is where this was read.
	source string
	// modes are the access modes of Kubernetes whose CSI mode the driver accepts for a file system. Kubernetes makes SINGLE_NODE_WRITER
	// of ReadWriteOnce and, for a driver that doesn't have SINGLE_NODE_MULTI_WRITER, of ReadWriteOncePod; MULTI_NODE_READER_ONLY of
	// ReadOnlyMany; and MULTI_NODE_MULTI_WRITER of ReadWriteMany.
	// https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/volume/csi/csi_client.go
	modes []string
	// parameters are the keys of a StorageClass, and what their values look like. The driver refuses other keys or ignores them.
	parameters map[string]string
	// handle is the volumeHandle of a PersistentVolume, and attributes are the keys of its volumeAttributes, nil if there are no static
	// ones.
	handle     string
	attributes []string
	// changes are the keys of a VolumeAttributesClass, nil if the driver can't change volumes: the provisioner then refuses a claim that
	// names one.
	// https://github.com/kubernetes-csi/external-provisioner/blob/v6.0.0/pkg/controller/controller.go
	changes map[string]string
}

// Text in a template that is only known when it is deployed: see cdktest.Text.
const reference = `<[^<>]+>`

const (
	whole     = `[1-9]\d*`
	octal     = `[0-7]{3,4}`
	boolean   = `true|false`
	ebsSource = "https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/v1.64.0/"
)

// The parameters that the provisioner takes for itself. A file system that nobody names gets no group, and only root writes to it.
// https://kubernetes-csi.github.io/docs/external-provisioner.html
const fileSystemType = "csi.storage.k8s.io/fstype"

var ebsParameters = map[string]string{
	"type": "gp3|io2", "encrypted": "true", "kmsKeyId": reference + "|arn:.*", "iops": whole, "throughput": whole, "blockExpress": boolean,
	fileSystemType: "ext4|xfs",
}

// csiDrivers are the drivers by the names that classes and volumes have for them, as of mid-2026.
var csiDrivers = map[string]csiDriver{
	"ebs.csi.aws.com": {
		// Keys that it does not know fail CreateVolume. ReadWriteMany is for raw disks of io2 only.
		source: ebsSource + "pkg/driver/controller.go", modes: []string{"ReadWriteOnce", "ReadWriteOncePod"}, parameters: ebsParameters,
		changes: map[string]string{"type": "gp3|io2", "iops": whole, "throughput": whole},
	},
	"ebs.csi.eks.amazonaws.com": {
		source: "https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html",
		modes:  []string{"ReadWriteOnce", "ReadWriteOncePod"}, parameters: ebsParameters,
	},
	"efs.csi.aws.com": {
		// SINGLE_NODE_WRITER and MULTI_NODE_MULTI_WRITER only, in CreateVolume and NodePublishVolume. One colon in the handle would be a
		// path.
		source: "https://github.com/kubernetes-sigs/aws-efs-csi-driver/blob/v3.4.1/pkg/driver/node.go",
		modes:  []string{"ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"},
		parameters: map[string]string{
			"provisioningMode": "efs-ap", "fileSystemId": reference + "|fs-[0-9a-f]+", "directoryPerms": octal, "gidRangeStart": whole,
			"gidRangeEnd": whole, "basePath": "/.*",
		},
		handle: `(` + reference + `|fs-[0-9a-f]+)::(` + reference + `|fsap-[0-9a-f]+)`, attributes: []string{},
	},
	"fsx.csi.aws.com": {
		// The same two modes. Keys that it does not know are ignored in silence, and so are retention days of 0.
		source: "https://github.com/kubernetes-sigs/aws-fsx-csi-driver/blob/v1.9.0/pkg/driver/controller.go",
		modes:  []string{"ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"},
		parameters: map[string]string{
			"subnetId": reference + "|subnet-[0-9a-f]+", "securityGroupIds": reference + "|sg-[0-9a-f]+",
			"deploymentType": "SCRATCH_2|PERSISTENT_1|PERSISTENT_2", "perUnitStorageThroughput": whole, "dataCompressionType": "LZ4",
			"automaticBackupRetentionDays": whole, "fileSystemTypeVersion": `2\.15`, "extraTags": ".+",
		},
		handle: reference + `|fs-[0-9a-f]+`, attributes: []string{"dnsname", "mountname"},
	},
	"csi.trident.netapp.io": {
		// All modes by NFS; by iSCSI those of disks, which tridentModes tells apart. The three parameters have Trident make the back end.
		source: "https://docs.netapp.com/us-en/trident/trident-use/trident-fsx-auto-backend-configuration.html",
		modes:  []string{"ReadWriteMany", "ReadWriteOnce", "ReadOnlyMany", "ReadWriteOncePod"},
		parameters: map[string]string{
			"fsxFilesystemID": reference + "|fs-[0-9a-f]+", "storageDriverName": "ontap-nas|ontap-san", "credentialsName": ".+",
			fileSystemType: "ext4|xfs",
		},
	},
}

// iscsiModes are what Trident mounts of a disk with a file system.
// https://docs.netapp.com/us-en/trident/trident-use/ontap-san.html
var iscsiModes = []string{"ReadWriteOnce", "ReadWriteOncePod"}

// DriverFaults returns what the drivers of volumes would refuse, or not do as it is meant, of the objects in a template.
func DriverFaults(tpl *cdktest.Template) (faults []string) {
	var objects []map[string]any
	for _, manifest := range tpl.All(cdktest.KubernetesManifest) {
		objects = append(objects, manifest.Objects()...)
	}
	classes, attributes := map[any]map[string]any{}, map[any]map[string]any{}
	for _, o := range objects {
		switch o["kind"] {
		case "StorageClass":
			classes[cdktest.Dig(o, "metadata.name")] = o
		case "VolumeAttributesClass":
			attributes[cdktest.Dig(o, "metadata.name")] = o
		}
	}
	for _, o := range objects {
		add := func(format string, args ...any) { faults = append(faults, nameOf(o)+": "+fmt.Sprintf(format, args...)) }
		switch o["kind"] {
		case "StorageClass":
			driver, isKnown := csiDrivers[o["provisioner"].(string)]
			if !isKnown {
				add("nobody knows the driver %v", o["provisioner"])
				continue
			}
			checkKeys("parameters", o["parameters"], driver.parameters, add)
			checkReadOnly(o, add)
		case "VolumeAttributesClass":
			driver := csiDrivers[o["driverName"].(string)]
			if driver.changes == nil {
				add("the driver changes no volumes, and the provisioner refuses claims that name it")
			}
			checkKeys("parameters", o["parameters"], driver.changes, add)
		case "PersistentVolumeClaim":
			checkClaim(o, classes, attributes, add)
		case "PersistentVolume":
			checkVolume(o, add)
		}
	}
	return faults
}

func checkKeys(what string, values any, known map[string]string, add func(string, ...any)) {
	given, _ := values.(map[string]any)
	for key, value := range given {
		pattern, isKnown := known[key]
		text, isText := value.(string)
		switch {
		case !isKnown:
			add("%s.%s is unknown to the driver", what, key)
		case !isText || !regexp.MustCompile("^("+pattern+")$").MatchString(text):
			add("%s.%s is %v, not %s", what, key, value, pattern)
		}
	}
}

func checkModes(o map[string]any, modes []string, add func(string, ...any)) {
	given := cdktest.List(cdktest.Dig(o, "spec.accessModes"))
	if len(given) != 1 {
		add("it has %d access modes, of which kubelet takes the first", len(given))
	}
	for _, mode := range given {
		if !slices.Contains(modes, mode.(string)) {
			add("the driver mounts no %v", mode)
		}
	}
}

func checkClaim(o map[string]any, classes, attributes map[any]map[string]any, add func(string, ...any)) {
	class := classes[cdktest.Dig(o, "spec.storageClassName")]
	if name := cdktest.Dig(o, "spec.volumeAttributesClassName"); name != nil {
		if attributes[name] == nil || class == nil || attributes[name]["driverName"] != class["provisioner"] {
			add("its VolumeAttributesClass %v is not one of the driver", name)
		} else if class["reclaimPolicy"] != "Delete" {
			add("a volume that is retained holds its VolumeAttributesClass %v for ever", name)
		}
	}
	if class == nil {
		return // of a static volume, whose modes it repeats
	}
	modes := csiDrivers[class["provisioner"].(string)].modes
	if cdktest.Dig(class, "parameters.storageDriverName") == "ontap-san" {
		modes = iscsiModes
	}
	checkModes(o, modes, add)
}

func checkVolume(o map[string]any, add func(string, ...any)) {
	driver, isKnown := csiDrivers[cdktest.Dig(o, "spec.csi.driver").(string)]
	if !isKnown {
		add("nobody knows the driver")
		return
	}
	checkModes(o, driver.modes, add)
	checkReadOnly(o, add)
	if cdktest.Dig(o, "spec.csi.readOnly") != nil {
		add("kubelet does not pass csi.readOnly on")
	}
	handle := cdktest.Dig(o, "spec.csi.volumeHandle").(string)
	if !regexp.MustCompile("^(" + driver.handle + ")$").MatchString(handle) {
		add("its handle %s is not %s", handle, driver.handle)
	}
	given, _ := cdktest.Dig(o, "spec.csi.volumeAttributes").(map[string]any)
	for key := range given {
		if !slices.Contains(driver.attributes, key) {
			add("volumeAttributes.%s is unknown to the driver", key)
		}
	}
	for _, key := range driver.attributes {
		if given[key] == nil {
			add("volumeAttributes.%s is missing", key)
		}
	}
}

// checkReadOnly finds mount options that say both, or one twice.
func checkReadOnly(o map[string]any, add func(string, ...any)) {
	options := append(cdktest.List(o["mountOptions"]), cdktest.List(cdktest.Dig(o, "spec.mountOptions"))...)
	if slices.Contains(options, any("ro")) && slices.Contains(options, any("rw")) {
		add("it is mounted both read-only and read-write")
	}
	seen := map[any]bool{}
	for _, option := range options {
		if seen[option] {
			add("mount option %v is there twice", option)
		}
		if strings.ContainsAny(option.(string), ", ") {
			add("mount option %q is more than one", option)
		}
		seen[option] = true
	}
}

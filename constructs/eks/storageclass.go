package eks

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// ReclaimPolicy determines whether a volume is deleted with its claim.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming
type ReclaimPolicy string

// The reclaim policies, as Kubernetes spells them.
const (
	// ReclaimDelete deletes the volume and its data.
	ReclaimDelete ReclaimPolicy = "Delete"
	// ReclaimRetain retains the volume, for you to delete.
	ReclaimRetain ReclaimPolicy = "Retain"
)

// AccessMode determines who can mount a volume at the same time.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
type AccessMode string

// The access modes, as Kubernetes spells them.
const (
	// ReadWriteOnce lets the pods of one node mount it.
	ReadWriteOnce AccessMode = "ReadWriteOnce"
	// ReadWriteOncePod lets one pod mount it.
	ReadWriteOncePod AccessMode = "ReadWriteOncePod"
	// ReadWriteMany lets pods on many nodes mount it.
	ReadWriteMany AccessMode = "ReadWriteMany"
	// ReadOnlyMany lets pods on many nodes mount it, none of which writes. Only Trident, for FSx for NetApp ONTAP by NFS, has it;
	// elsewhere set ReadOnly of a volume, or readOnly where a pod names the claim.
	ReadOnlyMany AccessMode = "ReadOnlyMany"
)

// StorageClass is a kind of volume that claims ask for by its name: NewVolumeClaim takes it. Kubernetes refuses to change its parameters
// and reclaim policy: another class needs another name.
// https://kubernetes.io/docs/concepts/storage/storage-classes/
type StorageClass struct {
	// Name is the storageClassName of a claim, which may omit the name of the default class.
	Name string
	// Manifest is the object in Kubernetes, so that other constructs can depend on it. Required by NewVolumeClaim.
	Manifest awseksv2.KubernetesManifest
	// VolumeAttributes is a VolumeAttributesClass with the same name. NewVolumeClaim sets it as the volumeAttributesClassName of its
	// claims, and the deletion of the stack then waits until their volumes are gone. Default: nil, except for a class of EBS with
	// ReclaimDelete, in a cluster of Kubernetes 1.34 or later without Auto Mode.
	VolumeAttributes awseksv2.KubernetesManifest

	cluster *Cluster
	driver  *csiDriver
	reclaim ReclaimPolicy
}

// classNamed returns the class with a name, or nil.
func classNamed(name string, classes []*StorageClass) *StorageClass {
	if i := slices.IndexFunc(classes, func(c *StorageClass) bool { return c.Name == name }); i >= 0 {
		return classes[i]
	}
	return nil
}

// csiDriver creates and mounts volumes.
type csiDriver struct {
	name       string       // of the driver, as classes and volumes name it
	storage    string       // as a message calls it
	modes      []AccessMode // the first is the default of a claim
	modeAdvice string       // what to use for another mode
}

func (d *csiDriver) String() string { return d.storage + " (" + d.name + ")" }

// fileModes are the access modes of the drivers of EFS and FSx for Lustre. They know SINGLE_NODE_WRITER, which Kubernetes makes of
// ReadWriteOnce and ReadWriteOncePod, and MULTI_NODE_MULTI_WRITER, and refuse to create and to mount a volume in any other mode.
// https://github.com/kubernetes-sigs/aws-efs-csi-driver/blob/v3.4.1/pkg/driver/node.go
// https://github.com/kubernetes-sigs/aws-fsx-csi-driver/blob/v1.9.0/pkg/driver/controller.go
var fileModes = []AccessMode{ReadWriteMany, ReadWriteOnce, ReadWriteOncePod}

// readOnly returns mount options by which a volume is mounted read-only. A PersistentVolume's own readOnly reaches no driver that
// attaches nothing: kubelet passes on that of the pod.
// https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/volume/csi/csi_util.go
func readOnly(options []string) []string {
	if slices.Contains(options, "ro") {
		return options
	}
	return append(slices.Clone(options), "ro")
}

// checkMode refuses an access mode that the driver does not support.
func (d *csiDriver) checkMode(field string, mode AccessMode, bad *invalid.Problems) {
	if !slices.Contains(d.modes, mode) {
		problem := bad.Add(field, "must be %s for %s", check.OneOfQuoted(d.modes), d.storage).Given(mode)
		switch {
		case mode == ReadOnlyMany && slices.Contains(d.modes, ReadWriteMany):
			problem.Advise("to mount a volume read-only, set its ReadOnly, or readOnly where a pod names the claim")
		case d.modeAdvice != "":
			problem.Advise("%s", d.modeAdvice)
		}
	}
}

// storageState is what a cluster records of its storage. Strings are construct paths.
type storageState struct {
	snapshots     awseksv2.CfnAddon // the snapshot controller, or nil
	snapshotsPath string            // of what created it
	drivers       map[string]string // by the name of the driver
	classes       map[string]string // by the name of the class
	defaultClass  string            // "" for none
	nodeOnly      []nodeOnlyFeature
	claims        []nodeOnlyClaim
	isChecked     bool
	hasNodes      bool // on EC2
	hasIscsi      bool // some of them may have the tools for iSCSI
}

// nodeOnlyFeature is something that pods on Fargate can't use.
type nodeOnlyFeature struct{ path, what, advice string }

// nodeOnlyClaim is a claim of a volume that only nodes mount.
type nodeOnlyClaim struct{ namespace, path, advice string }

// addDriver records which construct brought a driver.
func (s *storageState) addDriver(driver *csiDriver, path string) {
	record(&s.drivers, driver.name, path)
}

func (s *storageState) addClass(class classSpec, path string) {
	record(&s.classes, class.name, path)
	if class.isDefault {
		s.defaultClass = path
	}
}

// classSpec is what all StorageClasses have in common.
type classSpec struct {
	name      string
	isDefault bool
	reclaim   ReclaimPolicy
}

const defaultClassAnnotation = "storageclass.kubernetes.io/is-default-class"

// checkClasses refuses names, defaults and reclaim policies that Kubernetes would not accept, or not as intended.
func checkClasses(classes []classSpec, bad *invalid.Problems) {
	for i, s := range classes {
		field := check.Index("Classes", i)
		check.Required(field+".Name", s.name, dnsLabel, dnsLabelForm, bad)
		if j := slices.IndexFunc(classes, func(o classSpec) bool { return o.name == s.name }); j < i && s.name != "" {
			bad.Add(field+".Name", "must not repeat %s.Name", check.Index("Classes", j)).Given(s.name)
		}
		if j := slices.IndexFunc(classes, func(o classSpec) bool { return o.isDefault }); s.isDefault && j < i {
			bad.Add(field+".Default", "must not be set together with %s.Default, because a cluster has one default class",
				check.Index("Classes", j)).Advise("remove one of them")
		}
		check.Known(field+".ReclaimPolicy", s.reclaim, []ReclaimPolicy{ReclaimDelete, ReclaimRetain}, bad)
	}
}

// checkNewClasses refuses names and defaults that the cluster already has.
func (c *Cluster) checkNewClasses(classes []classSpec, bad *invalid.Problems) {
	if c == nil {
		return
	}
	for i, s := range classes {
		field := check.Index("Classes", i)
		if path := c.storage.classes[s.name]; path != "" {
			bad.Add(field+".Name", "must not repeat the name of a class of %s in the same cluster", path).Given(s.name).Advise("use another name")
		}
		if s.isDefault && c.storage.defaultClass != "" {
			bad.Add(field+".Default", "must not be set together with that of %s, because a cluster has one default class", c.storage.defaultClass).
				Advise("remove one of them")
		}
	}
}

// classManifest is a StorageClass as it is applied.
// https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/storage-class-v1/
type classManifest struct {
	classSpec
	isExpandable bool
	isImmediate  bool // creates volumes at once, rather than when a pod comes, in whose zone the volume then is
	mountOptions []string
	parameters   map[string]any // strings, or tokens that stand for them
	topologies   []any
	attributes   map[string]any // of its volumes that the driver can change, as a VolumeAttributesClass has them; nil if it can change none
}

// newStorageClass applies a class to the cluster, after what must exist before a claim can use it. All of that is deleted only after
// the class.
func (c *Cluster) newStorageClass(
	scope constructs.Construct, driver *csiDriver, m classManifest, after ...constructs.IDependable,
) *StorageClass {
	metadata := map[string]any{"name": m.name}
	if m.isDefault {
		metadata["annotations"] = map[string]any{defaultClassAnnotation: "true"}
	}
	object := map[string]any{
		"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": metadata, "provisioner": driver.name, "parameters": m.parameters,
		"reclaimPolicy": string(m.reclaim), "allowVolumeExpansion": m.isExpandable, "volumeBindingMode": "WaitForFirstConsumer",
	}
	if m.isImmediate {
		object["volumeBindingMode"] = "Immediate"
	}
	if len(m.mountOptions) > 0 {
		object["mountOptions"] = m.mountOptions
	}
	if len(m.topologies) > 0 {
		object["allowedTopologies"] = m.topologies
	}
	class := &StorageClass{Name: m.name, cluster: c, driver: driver, reclaim: m.reclaim}
	class.Manifest = c.apply(scope, "Class-"+m.name, object)
	class.Manifest.Node().AddDependency(after...)
	c.storage.addClass(m.classSpec, *class.Manifest.Node().Path())
	if m.reclaim == ReclaimDelete && len(m.attributes) > 0 && c.hasVolumeAttributes() {
		class.VolumeAttributes = c.apply(scope, "Attributes-"+m.name, map[string]any{
			"apiVersion": "storage.k8s.io/v1", "kind": "VolumeAttributesClass", "metadata": map[string]any{"name": m.name},
			"driverName": driver.name, "parameters": m.attributes,
		})
		class.VolumeAttributes.Node().AddDependency(class.Manifest)
	}
	return class
}

// hasVolumeAttributes reports whether the cluster is known to have VolumeAttributesClasses. Kubernetes holds the deletion of one, and
// with it that of the stack, until no volume names it; and a volume is there until its driver has deleted the disk. The deletion of a
// claim waits for its pods only.
// https://kubernetes.io/docs/concepts/storage/volume-attributes-classes/
// https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/controller/volume/vacprotection/vac_protection_controller.go
func (c *Cluster) hasVolumeAttributes() bool {
	minor, err := strconv.Atoi(strings.TrimPrefix(c.facts.version, "1."))
	return err == nil && minor >= minVolumeAttributesMinor
}

// minVolumeAttributesMinor is the minor version of Kubernetes since which storage.k8s.io/v1 has the kind.
// https://kubernetes.io/blog/2025/09/08/kubernetes-v1-34-volume-attributes-class/
const minVolumeAttributesMinor = 34

// apply creates objects in Kubernetes that don't exist there.
func (c *Cluster) apply(scope constructs.Construct, id string, objects ...map[string]any) awseksv2.KubernetesManifest {
	return c.newManifest(scope, id, &awseksv2.KubernetesManifestProps{Manifest: manifestOf(objects)})
}

// overwrite creates objects in Kubernetes, or updates those that exist there.
func (c *Cluster) overwrite(scope constructs.Construct, id string, objects ...map[string]any) awseksv2.KubernetesManifest {
	return c.newManifest(scope, id, &awseksv2.KubernetesManifestProps{Manifest: manifestOf(objects), Overwrite: jsii.Bool(true)})
}

func manifestOf(objects []map[string]any) *[]*map[string]any {
	list := make([]*map[string]any, len(objects))
	for i := range objects {
		list[i] = &objects[i]
	}
	return &list
}

func (c *Cluster) newManifest(scope constructs.Construct, id string, props *awseksv2.KubernetesManifestProps) awseksv2.KubernetesManifest {
	props.Cluster = c.Cluster
	manifest := awseksv2.NewKubernetesManifest(scope, &id, props)
	manifest.Node().AddDependency(c.deps.kubectl...)
	return manifest
}

// requireNodes records something that pods on Fargate can't use. Profiles may come later, so the whole cluster is checked when it
// is complete.
func (c *Cluster) requireNodes(path, what, advice string) {
	c.storage.nodeOnly = append(c.storage.nodeOnly, nodeOnlyFeature{path, what, advice})
	c.addStorageCheck()
}

// addNodeClaim records a claim of a volume that only nodes mount: its namespace may come to be on Fargate.
func (c *Cluster) addNodeClaim(namespace, path, advice string) {
	c.storage.claims = append(c.storage.claims, nodeOnlyClaim{namespace, path, advice})
	c.addStorageCheck()
}

func (c *Cluster) addStorageCheck() {
	if !c.storage.isChecked {
		c.storage.isChecked = true
		c.Node().AddValidation(&storageCheck{cluster: c})
	}
}

// storageCheck checks a whole cluster before it is synthesized.
type storageCheck struct{ cluster *Cluster }

// Validate returns what no pod could use.
func (v *storageCheck) Validate() *[]*string {
	var problems []string
	if v.cluster.isFargateOnly() {
		for _, f := range v.cluster.storage.nodeOnly {
			problems = append(problems, fmt.Sprintf("runs pods only on Fargate, and %s of %s requires nodes; %s", f.what, f.path, f.advice))
		}
	}
	for _, claim := range v.cluster.storage.claims {
		if v.cluster.isAllOnFargate(claim.namespace) {
			problems = append(problems, fmt.Sprintf("runs all pods of namespace %q on Fargate, which can't mount the volume of %s; %s",
				claim.namespace, claim.path, claim.advice))
		}
	}
	return jsii.Strings(problems...)
}

var mountOption = regexp.MustCompile(`^[^, \t\n]+$`)

// checkMountOptions refuses elements that are more than one option, or none, and options that contradict each other.
func checkMountOptions(options []string, bad *invalid.Problems) {
	for i, o := range options {
		if !invalid.IsToken(o) && !mountOption.MatchString(o) {
			bad.Add(check.Index("MountOptions", i), `must be one option such as "noatime"`).Given(strings.TrimSpace(o))
		}
	}
	if slices.Contains(options, "ro") && slices.Contains(options, "rw") {
		bad.Add("MountOptions", `must not contain both "ro" and "rw"`).Advise("remove one of them")
	}
}

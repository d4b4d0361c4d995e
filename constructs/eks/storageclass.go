package eks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

// ReclaimPolicy is what becomes of a volume when its claim is deleted.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming
type ReclaimPolicy string

// The reclaim policies, as Kubernetes spells them.
const (
	// ReclaimDelete deletes the volume, and what is on it.
	ReclaimDelete ReclaimPolicy = "Delete"
	// ReclaimRetain keeps it, for somebody to look after.
	ReclaimRetain ReclaimPolicy = "Retain"
)

// AccessMode is by whom a volume is mounted at a time.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
type AccessMode string

// The access modes, as Kubernetes spells them.
const (
	// ReadWriteOnce is by the pods of one node.
	ReadWriteOnce AccessMode = "ReadWriteOnce"
	// ReadWriteOncePod is by one pod.
	ReadWriteOncePod AccessMode = "ReadWriteOncePod"
	// ReadWriteMany is by pods on many nodes.
	ReadWriteMany AccessMode = "ReadWriteMany"
	// ReadOnlyMany is by pods on many nodes, none of which writes.
	ReadOnlyMany AccessMode = "ReadOnlyMany"
)

// StorageClass is a kind of volume that pods of a cluster ask for by its name. Take it for what comes after it, as a claim does.
// https://kubernetes.io/docs/concepts/storage/storage-classes/
type StorageClass struct {
	// Name is what a claim says for storageClassName, unless it is the default class.
	Name string
	// Manifest is the object in Kubernetes, for what comes after it. Required by NewVolumeClaim.
	Manifest awseksv2.KubernetesManifest

	cluster *Cluster
	driver  *csiDriver
}

// csiDriver is what makes and mounts volumes.
type csiDriver struct {
	name        string       // of the driver, which classes and volumes name
	storage     string       // as a message calls it
	modes       []AccessMode // the first is what a claim has unless told otherwise
	modesAdvice string       // what to use for another mode
}

func (d *csiDriver) String() string { return d.storage + " (" + d.name + ")" }

// checkMode notes an access mode that the driver has not.
func (d *csiDriver) checkMode(field string, mode AccessMode, bad *invalid.Problems) {
	if !slices.Contains(d.modes, mode) {
		bad.Add(field, "%q is none that %s has; use one of %q%s", mode, d.storage, d.modes, d.modesAdvice)
	}
}

// storageState is what a cluster remembers of its storage.
type storageState struct {
	snapshots awseksv2.CfnAddon // the controller, or nil
	drivers   map[string]string // the path of what brought it, by the name of the driver
	classes   map[string]string // the same, by the name of the class
	byDefault string            // the path of the default class, "" for none
	onNodes   []onNodes
	claims    []claimOnNodes
	checked   bool
}

// onNodes is something of which pods on Fargate have nothing.
type onNodes struct{ path, what, advice string }

// className is what all classes have in common, under the field that asks for it.
type className struct {
	field     string
	name      string
	byDefault bool
	reclaim   ReclaimPolicy
}

const defaultClassAnnotation = "storageclass.kubernetes.io/is-default-class"

// checkClasses notes names, defaults and reclaim policies that Kubernetes would not take, or not as they are meant.
func (c *Cluster) checkClasses(classes []className, bad *invalid.Problems) {
	for i, s := range classes {
		switch {
		case invalid.IsToken(s.name):
		case s.name == "":
			bad.Add(s.field+".Name", "is missing; name the class as claims will")
		case !dnsLabel.MatchString(s.name):
			bad.Add(s.field+".Name", "%q is no name of a class; use up to 63 small letters, digits and hyphens", s.name)
		case c != nil && c.storage.classes[s.name] != "":
			bad.Add(s.field+".Name", "%q is that of a class of %s already; use another", s.name, c.storage.classes[s.name])
		}
		if j := slices.IndexFunc(classes, func(o className) bool { return o.name == s.name }); j < i && s.name != "" {
			bad.Add(s.field+".Name", "%q is that of %s already; use another", s.name, classes[j].field)
		}
		switch j := slices.IndexFunc(classes, func(o className) bool { return o.byDefault }); {
		case s.byDefault && j < i:
			bad.Add(s.field+".Default", "is set beside that of %s, and a cluster has one default class; take it off one of them", classes[j].field)
		case s.byDefault && c != nil && c.storage.byDefault != "":
			bad.Add(s.field+".Default", "is set beside that of %s, and a cluster has one default class; take it off one of them", c.storage.byDefault)
		}
		if s.reclaim != ReclaimDelete && s.reclaim != ReclaimRetain {
			bad.Add(s.field+".ReclaimPolicy", "%q is unknown; use %q or %q", s.reclaim, ReclaimDelete, ReclaimRetain)
		}
	}
}

// checkDriver notes a driver that the cluster has already: there is one of each.
func (c *Cluster) checkDriver(driver *csiDriver, bad *invalid.Problems) {
	if path := c.storage.drivers[driver.name]; path != "" {
		bad.Add("Cluster", "has the driver of %s already, of %s; put the classes together there", driver.storage, path)
	}
}

// storageClass is a class as it is written.
// https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/storage-class-v1/
type storageClass struct {
	className
	id           string // below the scope
	expansion    bool
	immediate    bool // rather than when a pod comes, in whose zone the volume then is
	mountOptions []string
	parameters   map[string]any // text; but a token may stand for it
	topologies   []any
}

// newStorageClass applies a class to the cluster, after what must be there before a claim can use it. All of that is then there until
// after the class is deleted.
func (c *Cluster) newStorageClass(scope constructs.Construct, driver *csiDriver, s storageClass, after ...constructs.IDependable) *StorageClass {
	metadata := map[string]any{"name": s.name}
	if s.byDefault {
		metadata["annotations"] = map[string]any{defaultClassAnnotation: "true"}
	}
	object := map[string]any{
		"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": metadata, "provisioner": driver.name, "parameters": s.parameters,
		"reclaimPolicy": string(s.reclaim), "allowVolumeExpansion": s.expansion, "volumeBindingMode": "WaitForFirstConsumer",
	}
	if s.immediate {
		object["volumeBindingMode"] = "Immediate"
	}
	if len(s.mountOptions) > 0 {
		object["mountOptions"] = s.mountOptions
	}
	if len(s.topologies) > 0 {
		object["allowedTopologies"] = s.topologies
	}
	made := &StorageClass{Name: s.name, cluster: c, driver: driver}
	made.Manifest = c.apply(scope, s.id, false, object)
	made.Manifest.Node().AddDependency(after...)
	c.rememberClass(s.className, *made.Manifest.Node().Path())
	return made
}

// apply makes objects in Kubernetes; with overwrite also where they are there already.
func (c *Cluster) apply(scope constructs.Construct, id string, overwrite bool, objects ...map[string]any) awseksv2.KubernetesManifest {
	manifest := make([]*map[string]any, len(objects))
	for i := range objects {
		manifest[i] = &objects[i]
	}
	props := &awseksv2.KubernetesManifestProps{Cluster: c.Cluster, Manifest: &manifest}
	if overwrite {
		props.Overwrite = jsii.Bool(true)
	}
	return awseksv2.NewKubernetesManifest(scope, &id, props)
}

func (c *Cluster) rememberClass(s className, path string) {
	if c.storage.classes == nil {
		c.storage.classes = map[string]string{}
	}
	c.storage.classes[s.name] = path
	if s.byDefault {
		c.storage.byDefault = path
	}
}

// rememberDriver notes who brought a driver.
func (c *Cluster) rememberDriver(driver *csiDriver, path string) {
	if c.storage.drivers == nil {
		c.storage.drivers = map[string]string{}
	}
	c.storage.drivers[driver.name] = path
}

// needsNodes notes something that does nothing for pods on Fargate. Profiles may come later: it is looked at when all is made.
func (c *Cluster) needsNodes(path, what, advice string) {
	c.storage.onNodes = append(c.storage.onNodes, onNodes{path, what, advice})
	c.checkStorage()
}

// checkStorage has the whole looked at when all is made.
func (c *Cluster) checkStorage() {
	if !c.storage.checked {
		c.storage.checked = true
		c.Node().AddValidation(&storageCheck{cluster: c})
	}
}

// fargateOnly tells whether nothing but Fargate runs pods, as far as is made by now. (In Auto Mode there are no profiles.)
func (c *Cluster) fargateOnly() bool {
	return len(c.fargate.profiles) > 0 && len(c.fargate.profiles) == len(c.hosts)
}

// storageCheck looks at a whole cluster, before it is synthesized.
type storageCheck struct{ cluster *Cluster }

// Validate gives what no pod could use.
func (v *storageCheck) Validate() *[]*string {
	var problems []string
	if v.cluster.fargateOnly() {
		for _, need := range v.cluster.storage.onNodes {
			problems = append(problems, fmt.Sprintf("runs pods on Fargate alone, and %s of %s is for nodes; %s", need.what, need.path, need.advice))
		}
	}
	return jsii.Strings(append(problems, v.cluster.wrongClaims()...)...)
}

// checkMountOptions notes options that stand for more than one, or for nothing.
func checkMountOptions(field string, options []string, bad *invalid.Problems) {
	for _, o := range options {
		if o == "" || strings.ContainsAny(o, ", \t\n") {
			bad.Add(field, `%q is no one option; give each by itself, as "noatime"`, o)
		}
	}
}

package eks

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/annotate"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// VolumeClaimProps configure a claim of a volume.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#persistentvolumeclaims
type VolumeClaimProps struct {
	// Class is the kind of volume: a class of NewEbsStorage, NewEfsStorage, NewLustreStorage or NewOntapStorage. Required.
	Class *StorageClass
	// Namespace is that of the pods. It must be there by then: claim.Node().AddDependency(namespace). Default: "default".
	Namespace string
	// ClaimName is what a pod says for claimName, up to 63 small letters, digits and hyphens. Required.
	ClaimName string
	// SizeGiB is how large the volume is, in GiB. It can be raised later where the class lets it, and never lowered. EFS grows with what is
	// stored, whatever this says, but Kubernetes takes no claim without. Required.
	SizeGiB int
	// AccessMode is by whom it is mounted at a time, of those that the class's driver has. Default: ReadWriteOnce on disks, ReadWriteMany of
	// files.
	AccessMode AccessMode
}

// VolumeClaim is a claim: the pods that name it have the volume. The volume is created when the first of them comes, and deleted with the
// claim if the class's ReclaimPolicy is ReclaimDelete; the claim is deleted before the class and what manages its volumes. The deletion
// of a stack waits for the volume only where the class has VolumeAttributes. Elsewhere, except on EFS, a warning says what to do before
// it.
type VolumeClaim struct {
	constructs.Construct
	// Manifest is the object in Kubernetes, so that pods can depend on it. Its deletion waits until they are gone.
	Manifest awseksv2.KubernetesManifest
	// Namespace and ClaimName are what pods use.
	Namespace, ClaimName string
}

// NewVolumeClaim applies a claim to the class's cluster. It panics with *invalid.Error if the props are invalid.
func NewVolumeClaim(scope constructs.Construct, id string, props *VolumeClaimProps) *VolumeClaim {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	v := &VolumeClaim{Namespace: p.Namespace, ClaimName: p.ClaimName}
	source.Create(v, scope, id)
	cluster := p.Class.cluster
	claim := claimManifest(p.Namespace, p.ClaimName, p.Class.Name, "", p.SizeGiB, p.AccessMode)
	if p.Class.VolumeAttributes != nil {
		claim["spec"].(map[string]any)["volumeAttributesClassName"] = p.Class.Name
	}
	v.Manifest = cluster.apply(v, "Claim", claim)
	v.Manifest.Node().AddDependency(p.Class.Manifest)
	if p.Class.VolumeAttributes != nil {
		v.Manifest.Node().AddDependency(p.Class.VolumeAttributes)
	}
	v.warnOfDeletion(p.Class)
	cluster.addNodeClaim(p.Namespace, *v.Node().Path(), "use another namespace, or one of EfsStorageProps.Volumes with OnFargate")
	return v
}

// warnOfDeletion says what to do before the stack is deleted, where nothing waits until the volume is. What EFS would be left with, an
// access point, costs nothing and goes with the file system.
func (v *VolumeClaim) warnOfDeletion(class *StorageClass) {
	if class.reclaim != ReclaimDelete || class.VolumeAttributes != nil || class.driver == efsDriver {
		return
	}
	annotate.Warning(v, "eks-volume-deletion", fmt.Sprintf("Nothing waits for the volume when the stack is deleted: what deletes it may be "+
		"gone first, and it is left and billed. Before `cdk destroy`, delete the pods that use the claim, run `kubectl delete pvc %s -n %s`, "+
		"and wait until `kubectl get pv` no longer lists the volume. Acknowledge this once your procedure says so, or use a class with "+
		"ReclaimRetain",
		v.ClaimName, v.Namespace))
}

// Name returns the claim's name.
func (v *VolumeClaim) Name() string { return v.ClaimName }

// claimManifest returns a claim as it is applied, for any volume of a class, or for the one that is named.
func claimManifest(namespace, name, class, volume string, sizeGiB int, mode AccessMode) map[string]any {
	spec := map[string]any{
		"accessModes": []string{string(mode)}, "storageClassName": class,
		"resources": map[string]any{"requests": map[string]any{"storage": gibibytes(sizeGiB)}},
	}
	if volume != "" {
		spec["volumeName"] = volume
	}
	metadata := map[string]any{"name": name, "namespace": namespace}
	return map[string]any{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec}
}

// staticVolume is a volume on existing storage, and its claim, bound to each other.
type staticVolume struct {
	namespace, claim string
	sizeGiB          int
	mode             AccessMode
	mountOptions     []string
	csi              map[string]any
	advice           string // what to do if all pods of the namespace are on Fargate; "" if they can mount it there
}

// applyVolume creates the two. The data on the volume outlives them: it belongs to no claim.
func (c *Cluster) applyVolume(scope constructs.Construct, v staticVolume, before []constructs.IDependable) *VolumeClaim {
	claim := &VolumeClaim{Namespace: v.namespace, ClaimName: v.claim}
	source.Create(claim, scope, "Volume-"+v.namespace+":"+v.claim)
	name := v.namespace + "." + v.claim // of the whole cluster: neither part has a period
	spec := map[string]any{
		"capacity": map[string]any{"storage": gibibytes(v.sizeGiB)}, "volumeMode": "Filesystem", "accessModes": []string{string(v.mode)},
		"persistentVolumeReclaimPolicy": string(ReclaimRetain), "storageClassName": "",
		"claimRef": map[string]any{"namespace": v.namespace, "name": v.claim}, "csi": v.csi,
	}
	if len(v.mountOptions) > 0 {
		spec["mountOptions"] = v.mountOptions
	}
	volume := map[string]any{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": map[string]any{"name": name}, "spec": spec}
	claim.Manifest = c.apply(claim, "Volume", volume, claimManifest(v.namespace, v.claim, "", name, v.sizeGiB, v.mode))
	claim.Manifest.Node().AddDependency(before...)
	if v.advice != "" {
		c.addNodeClaim(v.namespace, *claim.Node().Path(), v.advice)
	}
	return claim
}

func gibibytes(n int) string { return strconv.Itoa(n) + "Gi" }

func (p *VolumeClaimProps) setDefaults() {
	opt.Default(&p.Namespace, "default")
	if p.Class != nil && p.Class.driver != nil {
		opt.Default(&p.AccessMode, p.Class.driver.modes[0])
	}
}

// Validate returns all problems of the props, or nil.
func (p *VolumeClaimProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *VolumeClaimProps) validate() error {
	var bad invalid.Problems
	if p.Class == nil || p.Class.driver == nil {
		bad.Add("Class", "is required").Advise("use a class of NewEbsStorage, NewEfsStorage, NewLustreStorage or NewOntapStorage")
	} else {
		p.Class.driver.checkMode("AccessMode", p.AccessMode, &bad)
	}
	checkClaim(p.Namespace, p.ClaimName, p.SizeGiB, &bad)
	return bad.Err()
}

func checkClaim(namespace, name string, sizeGiB int, bad *invalid.Problems) {
	check.Required("Namespace", namespace, dnsLabel, dnsLabelForm, bad)
	check.Required("ClaimName", name, dnsLabel, dnsLabelForm, bad)
	check.Min("SizeGiB", sizeGiB, 1, bad)
}

// checkClaimNames refuses volumes of which two have the same claim.
func checkClaimNames(claims [][2]string, bad *invalid.Problems) {
	seen := map[[2]string]int{}
	for i, claim := range claims {
		if claim[1] == "" {
			continue // refused
		}
		if first, again := seen[claim]; again {
			bad.Add(check.Index("Volumes", i)+".ClaimName", "must not repeat %s.ClaimName in namespace %q", check.Index("Volumes", first), claim[0]).
				Given(claim[1]).Advise("use another name")
			continue
		}
		seen[claim] = i
	}
}

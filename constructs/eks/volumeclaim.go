package eks

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
)

// VolumeClaimProps describe a volume that pods ask for.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#persistentvolumeclaims
type VolumeClaimProps struct {
	// Class says of which kind: one of NewEbsStorage's, NewEfsStorage's, NewLustreStorage's or NewOntapStorage's. Required.
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

// VolumeClaim is a claim: the pods that name it have the volume. The volume is made when the first of them comes, and deleted with the
// claim where the class's ReclaimPolicy is ReclaimDelete; the claim is deleted before the class and what makes its volumes.
type VolumeClaim struct {
	constructs.Construct
	// Manifest is the object in Kubernetes, for what comes after it: the pods. Deleting it waits for them to be gone.
	Manifest awseksv2.KubernetesManifest
	// Namespace and ClaimName are by which pods name it.
	Namespace, ClaimName string
}

// NewVolumeClaim applies a claim to the class's cluster. It panics with *invalid.Error when the props are wrong.
func NewVolumeClaim(scope constructs.Construct, id string, props *VolumeClaimProps) *VolumeClaim {
	var p VolumeClaimProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	v := &VolumeClaim{Namespace: p.Namespace, ClaimName: p.ClaimName}
	constructs.NewConstruct_Override(v, scope, &id)
	cluster := p.Class.cluster
	v.Manifest = cluster.apply(v, "Claim", false, persistentVolumeClaim(p.Namespace, p.ClaimName, p.Class.Name, "", p.SizeGiB, p.AccessMode))
	v.Manifest.Node().AddDependency(p.Class.Manifest)
	cluster.claimed(p.Namespace, *v.Node().Path(), "use another namespace, or one of EfsStorageProps.Volumes with OnFargate")
	return v
}

// Name is the claim's name, for an output.
func (v *VolumeClaim) Name() string { return v.ClaimName }

// persistentVolumeClaim is a claim as it is written, for any volume of a class, or for the one that is named.
func persistentVolumeClaim(namespace, name, class, volume string, sizeGiB int, modes ...AccessMode) map[string]any {
	spec := map[string]any{
		"accessModes": spelled(modes), "storageClassName": class,
		"resources": map[string]any{"requests": map[string]any{"storage": gibibytes(sizeGiB)}},
	}
	if volume != "" {
		spec["volumeName"] = volume
	}
	return map[string]any{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": map[string]any{"name": name, "namespace": namespace}, "spec": spec}
}

// spelled gives modes as text alone, which is all that the CDK takes.
func spelled(modes []AccessMode) []string {
	text := make([]string, len(modes))
	for i, mode := range modes {
		text[i] = string(mode)
	}
	return text
}

// staticVolume is a volume on what is there, and its claim, bound to each other.
type staticVolume struct {
	namespace, claim string
	sizeGiB          int
	mode             AccessMode
	mountOptions     []string
	csi              map[string]any
	advice           string // what to do where all pods of the namespace are on Fargate; "" if they mount it there
}

// applyVolume makes the two. What is on the volume stays when they go: it is no claim's to delete.
func (c *Cluster) applyVolume(scope constructs.Construct, v staticVolume, before []constructs.IDependable) *VolumeClaim {
	made := &VolumeClaim{Namespace: v.namespace, ClaimName: v.claim}
	constructs.NewConstruct_Override(made, scope, new("Volume-"+v.namespace+":"+v.claim))
	name := v.namespace + "-" + v.claim
	spec := map[string]any{
		"capacity": map[string]any{"storage": gibibytes(v.sizeGiB)}, "volumeMode": "Filesystem", "accessModes": spelled([]AccessMode{v.mode}),
		"persistentVolumeReclaimPolicy": string(ReclaimRetain), "storageClassName": "",
		"claimRef": map[string]any{"namespace": v.namespace, "name": v.claim}, "csi": v.csi,
	}
	if len(v.mountOptions) > 0 {
		spec["mountOptions"] = v.mountOptions
	}
	volume := map[string]any{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": map[string]any{"name": name}, "spec": spec}
	made.Manifest = c.apply(made, "Volume", false, volume, persistentVolumeClaim(v.namespace, v.claim, "", name, v.sizeGiB, v.mode))
	made.Manifest.Node().AddDependency(before...)
	if v.advice != "" {
		c.claimed(v.namespace, *made.Node().Path(), v.advice)
	}
	return made
}

func gibibytes(n int) string { return strconv.Itoa(n) + "Gi" }

// claimOnNodes is a claim of a volume that only nodes mount.
type claimOnNodes struct{ namespace, path, advice string }

// claimed notes one: its namespace may come to be on Fargate.
func (c *Cluster) claimed(namespace, path, advice string) {
	c.storage.claims = append(c.storage.claims, claimOnNodes{namespace, path, advice})
	c.checkStorage()
}

// wrongClaims gives the claims whose pods all run where nothing mounts the volume.
func (c *Cluster) wrongClaims() (problems []string) {
	for _, claim := range c.storage.claims {
		if c.allOnFargate(claim.namespace) {
			problems = append(problems, fmt.Sprintf("runs all pods of namespace %q on Fargate, which does not mount the volume of %s; %s", claim.namespace, claim.path, claim.advice))
		}
	}
	return problems
}

func (p *VolumeClaimProps) setDefaults() {
	if p.Namespace == "" {
		p.Namespace = "default"
	}
	if p.AccessMode == "" && p.Class != nil && p.Class.driver != nil {
		p.AccessMode = p.Class.driver.modes[0]
	}
}

func (p *VolumeClaimProps) validate() error {
	var bad invalid.Problems
	switch {
	case p.Class == nil || p.Class.driver == nil:
		bad.Add("Class", "is missing; take one of NewEbsStorage, NewEfsStorage, NewLustreStorage or NewOntapStorage")
	default:
		p.Class.driver.checkMode("AccessMode", p.AccessMode, &bad)
	}
	checkClaim(p.Namespace, p.ClaimName, p.SizeGiB, &bad)
	return bad.Err()
}

func checkClaim(namespace, name string, sizeGiB int, bad *invalid.Problems) {
	if !invalid.IsToken(namespace) && !dnsLabel.MatchString(namespace) {
		bad.Add("Namespace", "%q is no name of a namespace; use up to 63 small letters, digits and hyphens", namespace)
	}
	if !invalid.IsToken(name) && !dnsLabel.MatchString(name) {
		bad.Add("ClaimName", "%q is no name of a claim; use up to 63 small letters, digits and hyphens", name)
	}
	if sizeGiB < 1 {
		bad.Add("SizeGiB", "%d is no size; use 1 or more", sizeGiB)
	}
}

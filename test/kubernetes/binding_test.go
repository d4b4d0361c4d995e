package kubernetes

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

var (
	volumes = schema.GroupVersionResource{Version: "v1", Resource: "persistentvolumes"}
	claims  = schema.GroupVersionResource{Version: "v1", Resource: "persistentvolumeclaims"}
	events  = schema.GroupVersionResource{Version: "v1", Resource: "events"}

	volumeKind = schema.GroupKind{Kind: "PersistentVolume"}
)

// volumeControllers are the controllers that bind claims to volumes, and those that keep claims, volumes and their classes while they
// are in use.
const volumeControllers = "persistentvolume-binder-controller,persistentvolumeclaim-protection-controller," +
	"persistentvolume-protection-controller,volumeattributesclass-protection-controller"

// startBinder starts the controller manager of go.mod, with no controllers but those of volumes. It ends with the test.
func startBinder(t *testing.T, config *rest.Config) {
	t.Helper()
	dir := t.TempDir()
	kubeconfig, log := filepath.Join(dir, "kubeconfig"), filepath.Join(dir, "controllers.log")
	require.NoError(t, os.WriteFile(kubeconfig, fmt.Appendf(nil, `
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: %q, certificate-authority: %q}}]
users: [{name: test, user: {token: %q}}]
contexts: [{name: test, context: {cluster: test, user: test}}]
current-context: test
`, config.Host, config.CAFile, config.BearerToken), 0o600))
	start(t, log, "k8s.io/kubernetes/cmd/kube-controller-manager",
		"--kubeconfig", kubeconfig,
		"--controllers", volumeControllers, "--use-service-account-credentials=false",
		// What it has not bound at first it tries again, each 15 s if not told otherwise.
		"--pvclaimbinder-sync-period", "1s",
		// There is no other to be the leader.
		"--leader-elect=false",
		// It serves nothing: nobody asks it for its health or metrics.
		"--secure-port", "0")
	t.Cleanup(func() {
		if t.Failed() {
			logEnd(t, log)
		}
	})
}

// awaitBound waits until a volume that names its claim, and the claim, are bound. It is false for all other objects.
func (c *cluster) awaitBound(object *unstructured.Unstructured, end time.Time) (bool, error) {
	name, _, err := unstructured.NestedString(object.Object, "spec", "claimRef", "name")
	if object.GroupVersionKind().GroupKind() != volumeKind || name == "" || err != nil {
		return false, err
	}
	namespace, _, err := unstructured.NestedString(object.Object, "spec", "claimRef", "namespace")
	if err != nil {
		return false, err
	}
	c.bind()
	err = until(end, func() error {
		volume, err := phase(c.client.Resource(volumes), object.GetName())
		if err != nil {
			return err
		}
		claim, err := phase(c.client.Resource(claims).Namespace(namespace), name)
		if err != nil {
			return err
		}
		if volume != "Bound" || claim != "Bound" {
			return fmt.Errorf("it is %s and its claim %s/%s is %s, not Bound%s", volume, namespace, name, claim, c.reasons(namespace, name))
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("%s: %w", title(object), err)
	}
	return true, nil
}

func phase(resource dynamic.ResourceInterface, name string) (string, error) {
	object, err := resource.Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	text, _, err := unstructured.NestedString(object.Object, "status", "phase")
	return text, err
}

// reasons gives what the controller says of a claim, as kubectl describe shows it.
func (c *cluster) reasons(namespace, claim string) (text string) {
	list, err := c.client.Resource(events).Namespace(namespace).List(context.Background(), metav1.ListOptions{
		FieldSelector: "involvedObject.kind=PersistentVolumeClaim,involvedObject.name=" + claim,
	})
	if err != nil {
		return ": " + err.Error()
	}
	for _, event := range list.Items {
		message, _, _ := unstructured.NestedString(event.Object, "message")
		text += ": " + message
	}
	return text
}

// A claim is bound to the volume that names it, unless that has not what the claim asks for.
func TestBinding(t *testing.T) {
	c := newCluster(t)
	here := func() *cluster { return c }
	// A volume for the claim of the same name, and that claim.
	static := func(name, volume, claim string) string {
		return strings.NewReplacer("NAME", name, "VOLUME", volume, "CLAIM", claim).Replace(`
- apiVersion: v1
  kind: PersistentVolume
  metadata: {name: NAME}
  spec: {claimRef: {namespace: default, name: NAME}, csi: {driver: efs.csi.aws.com, volumeHandle: fs-1}, VOLUME}
- apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: NAME}
  spec: {CLAIM}`)
	}
	const (
		volume = `capacity: {storage: 5Gi}, accessModes: [ReadWriteOnce], storageClassName: ""`
		claim  = `resources: {requests: {storage: 5Gi}}, accessModes: [ReadWriteOnce], storageClassName: ""`
	)
	larger := strings.Replace(claim, "5Gi", "8Gi", 1)
	// Where the claim names the volume too, nothing else is compared.
	r, err := deploy(stackOf(t, static("same", volume, claim), static("named", volume, larger+`, volumeName: named`)), here)
	require.NoError(t, err)
	assert.Equal(t, 2, r.bound)

	// The controller runs by now, and says at once what it does not bind.
	c.bindWithin = 10 * time.Second
	r, err = deploy(stackOf(t,
		static("larger", volume, larger),
		static("shared", volume, strings.Replace(claim, "ReadWriteOnce", "ReadWriteMany", 1)),
		static("taken", volume, claim+`, volumeName: same`),
		`[{apiVersion: v1, kind: PersistentVolume, metadata: {name: unclaimed}, spec: {claimRef: {namespace: default, name: nobody},
			csi: {driver: efs.csi.aws.com, volumeHandle: fs-1}, `+volume+`}}]`), here)
	require.Error(t, err)
	assert.Zero(t, r.bound)
	for _, name := range []string{"larger", "shared"} {
		require.ErrorContains(t, err, fmt.Sprintf("PersistentVolume %[1]s: it is Available and its claim default/%[1]s is Pending, not Bound: "+
			"no persistent volumes available for this claim", name))
	}
	require.ErrorContains(t, err, `PersistentVolume taken: it is Available and its claim default/taken is Pending, not Bound: volume `+
		`"same" already bound to a different claim`)
	require.ErrorContains(t, err, `PersistentVolume unclaimed: persistentvolumeclaims "nobody" not found`)
}

// The deletion of a VolumeAttributesClass, which `kubectl delete` waits for, is not done before the volumes that name it are gone:
// after the claim is deleted, the driver deletes the volume.
func TestVolumeAttributesClassWaitsForItsVolumes(t *testing.T) {
	c := newCluster(t)
	c.bind()
	classes := schema.GroupVersionResource{Group: "storage.k8s.io", Version: "v1", Resource: "volumeattributesclasses"}
	const ofDriver = "external-provisioner.volume.kubernetes.io/finalizer"
	create := func(resource dynamic.ResourceInterface, object map[string]any) {
		t.Helper()
		_, err := resource.Create(t.Context(), &unstructured.Unstructured{Object: object}, metav1.CreateOptions{})
		require.NoError(t, err)
	}
	create(c.client.Resource(classes), map[string]any{"apiVersion": "storage.k8s.io/v1", "kind": "VolumeAttributesClass",
		"metadata": map[string]any{"name": "gp3"}, "driverName": "ebs.csi.aws.com", "parameters": map[string]any{"type": "gp3"}})
	// As the driver makes it: with a finalizer of its own, which it takes away when the disk is deleted.
	create(c.client.Resource(volumes), map[string]any{"apiVersion": "v1", "kind": "PersistentVolume",
		"metadata": map[string]any{"name": "pvc-1", "finalizers": []any{ofDriver},
			"annotations": map[string]any{"pv.kubernetes.io/provisioned-by": "ebs.csi.aws.com"}},
		"spec": map[string]any{"capacity": map[string]any{"storage": "5Gi"}, "accessModes": []any{"ReadWriteOnce"},
			"storageClassName": "gp3", "volumeAttributesClassName": "gp3", "persistentVolumeReclaimPolicy": "Delete",
			"claimRef": map[string]any{"namespace": "default", "name": "data"},
			"csi":      map[string]any{"driver": "ebs.csi.aws.com", "volumeHandle": "vol-1"}}})
	create(c.client.Resource(claims).Namespace("default"), map[string]any{"apiVersion": "v1", "kind": "PersistentVolumeClaim",
		"metadata": map[string]any{"name": "data"},
		"spec": map[string]any{"resources": map[string]any{"requests": map[string]any{"storage": "5Gi"}},
			"accessModes": []any{"ReadWriteOnce"}, "storageClassName": "gp3", "volumeAttributesClassName": "gp3", "volumeName": "pvc-1"}})
	end := time.Now().Add(time.Minute)
	require.NoError(t, until(end, func() error {
		is, err := phase(c.client.Resource(claims).Namespace("default"), "data")
		if err == nil && is != "Bound" {
			err = fmt.Errorf("the claim is %s", is)
		}
		return err
	}))
	require.NoError(t, until(end, func() error {
		class, err := c.client.Resource(classes).Get(t.Context(), "gp3", metav1.GetOptions{})
		if err == nil && len(class.GetFinalizers()) == 0 {
			err = fmt.Errorf("nothing protects the class")
		}
		return err
	}))

	gone := func(resource dynamic.ResourceInterface, name string) error {
		_, err := resource.Get(t.Context(), name, metav1.GetOptions{})
		if err == nil {
			return fmt.Errorf("%s is still there", name)
		}
		return nil
	}
	require.NoError(t, c.client.Resource(claims).Namespace("default").Delete(t.Context(), "data", metav1.DeleteOptions{}))
	require.NoError(t, until(end, func() error { return gone(c.client.Resource(claims).Namespace("default"), "data") }))
	require.NoError(t, c.client.Resource(classes).Delete(t.Context(), "gp3", metav1.DeleteOptions{}))
	for range 5 {
		time.Sleep(time.Second)
		require.Error(t, gone(c.client.Resource(classes), "gp3"), "the volume is still there")
	}
	// The driver has deleted the disk.
	require.NoError(t, c.client.Resource(volumes).Delete(t.Context(), "pvc-1", metav1.DeleteOptions{}))
	require.NoError(t, until(end, func() error {
		volume, err := c.client.Resource(volumes).Get(t.Context(), "pvc-1", metav1.GetOptions{})
		if err != nil {
			return nil // gone
		}
		volume.SetFinalizers(nil)
		_, err = c.client.Resource(volumes).Update(t.Context(), volume, metav1.UpdateOptions{})
		return err
	}))
	require.NoError(t, until(end, func() error { return gone(c.client.Resource(classes), "gp3") }))
}

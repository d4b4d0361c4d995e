package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
)

// cluster is an API server with what EKS has in one from the start. Nothing runs in it: there are no nodes, and no
// controllers until bind is called.
type cluster struct {
	client  dynamic.Interface
	mapper  *restmapper.DeferredDiscoveryRESTMapper
	version string // such as "1.35"
	warn    *warnings
	// bind starts the controller that binds claims to volumes, once: few stacks need it.
	bind       func()
	bindWithin time.Duration
}

// warnings are what the server takes but advises against, such as a version that it will not serve for long.
type warnings struct{ texts []string }

func (w *warnings) HandleWarningHeader(_ int, _, text string) {
	if !slices.Contains(w.texts, text) { // the dry run has said it
		w.texts = append(w.texts, text)
	}
}

// take gives the warnings since the last call.
func (w *warnings) take() (texts []string) {
	texts, w.texts = w.texts, nil
	return texts
}

var (
	namespaces      = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	serviceAccounts = schema.GroupVersionResource{Version: "v1", Resource: "serviceaccounts"}
	pods            = schema.GroupVersionResource{Version: "v1", Resource: "pods"}

	definitionKind = schema.GroupKind{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}
	namespaceKind  = schema.GroupKind{Kind: "Namespace"}
)

func newCluster(t *testing.T) *cluster {
	t.Helper()
	config := startServer(t)
	warn := &warnings{}
	config.WarningHandler = warn
	client, err := dynamic.NewForConfig(config)
	require.NoError(t, err)
	discover, err := discovery.NewDiscoveryClientForConfig(config)
	require.NoError(t, err)
	version, err := discover.ServerVersion()
	require.NoError(t, err)
	c := &cluster{
		client:     client,
		mapper:     restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discover)),
		version:    version.EmulationMajor + "." + version.EmulationMinor,
		warn:       warn,
		bind:       sync.OnceFunc(func() { startBinder(t, config) }),
		bindWithin: time.Minute,
	}
	// The server makes these as it starts.
	for _, name := range []string{"default", "kube-node-lease", "kube-public", "kube-system"} {
		require.NoError(t, eventually(func() error {
			_, err := client.Resource(namespaces).Get(context.Background(), name, metav1.GetOptions{})
			return err
		}))
		require.NoError(t, c.addDefaultAccount(name))
	}
	files, err := filepath.Glob("installed/*.yaml")
	require.NoError(t, err)
	for _, file := range files {
		for _, object := range readYAML(t, file) {
			require.NoError(t, c.apply(object, false), file)
		}
	}
	return c
}

func readYAML(t *testing.T, path string) (objects []*unstructured.Unstructured) {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	for decoder := yaml.NewYAMLOrJSONDecoder(file, 4096); ; {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return objects
		}
		require.NoError(t, err, path)
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}

// apply has the server try an object, with all that admits it but storing it, and then store it.
func (c *cluster) apply(object *unstructured.Unstructured, overwrite bool) error {
	kind := object.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if meta.IsNoMatchError(err) {
		return fmt.Errorf("%s: %w; a kind of an add-on has its definition in installed/", title(object), err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", title(object), err)
	}
	var resource dynamic.ResourceInterface = c.client.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		if object.GetNamespace() == "" {
			object.SetNamespace(metav1.NamespaceDefault)
		}
		resource = c.client.Resource(mapping.Resource).Namespace(object.GetNamespace())
	}
	ctx := context.Background()
	switch _, err := resource.Get(ctx, object.GetName(), metav1.GetOptions{}); {
	case err == nil && !overwrite:
		return fmt.Errorf("%s: is there already, which kubectl create refuses; set Overwrite to apply it", title(object))
	case err != nil && !apierrors.IsNotFound(err):
		return fmt.Errorf("%s: %w", title(object), err)
	}
	content, err := object.MarshalJSON()
	if err != nil {
		return err
	}
	for _, dryRun := range [][]string{{metav1.DryRunAll}, nil} {
		_, err := resource.Patch(ctx, object.GetName(), types.ApplyPatchType, content, metav1.PatchOptions{
			FieldManager:    "awscontainers",
			FieldValidation: metav1.FieldValidationStrict,
			DryRun:          dryRun,
		})
		if err != nil {
			return fmt.Errorf("%s: %w", title(object), err)
		}
	}
	switch kind.GroupKind() {
	case namespaceKind:
		return c.addDefaultAccount(object.GetName())
	case definitionKind:
		return c.awaitKind(object)
	}
	return nil
}

// addDefaultAccount does what a controller does in every namespace: a Pod that names no ServiceAccount has this one.
func (c *cluster) addDefaultAccount(namespace string) error {
	account := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ServiceAccount", "metadata": map[string]any{"name": "default"},
	}}
	_, err := c.client.Resource(serviceAccounts).Namespace(namespace).Create(context.Background(), account, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// awaitKind waits until the server knows the kind that a CustomResourceDefinition defines.
func (c *cluster) awaitKind(definition *unstructured.Unstructured) error {
	return eventually(func() error {
		c.mapper.Reset()
		_, err := c.mapper.RESTMapping(defines(definition))
		return err
	})
}

func defines(definition *unstructured.Unstructured) schema.GroupKind {
	group, _, _ := unstructured.NestedString(definition.Object, "spec", "group")
	kind, _, _ := unstructured.NestedString(definition.Object, "spec", "names", "kind")
	return schema.GroupKind{Group: group, Kind: kind}
}

// tryPod has the server admit the Pod that a controller would make of a workload's template. Only Pods are held to a
// namespace's Pod Security Standard, and to a ServiceAccount and a PriorityClass that exist. It is false for objects that
// have no such template.
func (c *cluster) tryPod(object *unstructured.Unstructured) (bool, error) {
	path := map[string][]string{
		"DaemonSet": {"spec", "template"}, "Deployment": {"spec", "template"}, "Job": {"spec", "template"},
		"ReplicaSet": {"spec", "template"}, "StatefulSet": {"spec", "template"},
		"CronJob": {"spec", "jobTemplate", "spec", "template"},
	}[object.GetKind()]
	if group := object.GroupVersionKind().Group; path == nil || group != "apps" && group != "batch" {
		return false, nil
	}
	template, _, err := unstructured.NestedMap(object.Object, path...)
	if err != nil {
		return false, err
	}
	pod := &unstructured.Unstructured{Object: template}
	pod.SetAPIVersion("v1")
	pod.SetKind("Pod")
	pod.SetGenerateName(object.GetName() + "-")
	// The server looks some of it up in a copy that is behind for a moment.
	err = eventually(func() error {
		_, err := c.client.Resource(pods).Namespace(object.GetNamespace()).Create(context.Background(), pod, metav1.CreateOptions{
			FieldValidation: metav1.FieldValidationStrict,
			DryRun:          []string{metav1.DryRunAll},
		})
		return err
	})
	if err != nil {
		return false, fmt.Errorf("%s: its Pod: %w", title(object), err)
	}
	return true, nil
}

// eventually tries again for a few seconds, and gives the last error.
func eventually(try func() error) error {
	return until(time.Now().Add(5*time.Second), try)
}

// until tries once at least.
func until(end time.Time, try func() error) error {
	for {
		err := try()
		if err == nil || time.Now().After(end) {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// Package kubernetes applies the Kubernetes objects of synthesized stacks to a real API server; README.md says how.
package kubernetes

import (
	"cmp"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// TestTemplates proves what `cdk synth` wrote into the folder TEMPLATES, else the sample. Each stack has a server of its own, as it has a
// cluster of its own.
func TestTemplates(t *testing.T) {
	folder := cmp.Or(os.Getenv("TEMPLATES"), "testdata/sample")
	stacks, err := readTemplates(folder)
	require.NoError(t, err)
	require.NotEmpty(t, stacks, "no template in %s", folder)
	for _, stack := range stacks {
		t.Run(stack.path, func(t *testing.T) {
			r, err := deploy(stack, func() *cluster { return newCluster(t) })
			fmt.Println(r)
			require.NoError(t, err)
		})
	}
}

// The same, with a stack whose objects are known: the CDK made it.
func TestSample(t *testing.T) {
	stacks, err := readTemplates("testdata/sample")
	require.NoError(t, err)
	require.Len(t, stacks, 1)
	var c *cluster
	r, err := deploy(stacks[0], func() *cluster {
		c = newCluster(t)
		return c
	})
	require.NoError(t, err)
	fmt.Println(r)
	assert.Equal(t, report{
		stack: "Sample.template.json",
		applied: map[string]int{
			"ConfigMap": 1, "DaemonSet": 1, "Deployment": 1, "Namespace": 1, "PersistentVolume": 1, "PersistentVolumeClaim": 2,
			"Service": 1, "ServiceAccount": 1, "StorageClass": 1,
		},
		pods:     2,
		bound:    1,
		unproven: []string{"Helm chart metrics-server", "patch of deployment/coredns"},
	}, r)
}

// What is broken in different ways is refused by different parts of the server.
func TestRefusedByTheServer(t *testing.T) {
	c := newCluster(t)
	for name, test := range map[string]struct{ objects, want string }{
		"a field misspelled": {`
- {apiVersion: v1, kind: ConfigMap, metadata: {name: misspelled}, datum: {key: value}}`,
			`field not declared in schema`},
		"a version that is gone": {`
- {apiVersion: extensions/v1beta1, kind: Deployment, metadata: {name: gone}}`,
			`no matches for kind "Deployment" in version "extensions/v1beta1"`},
		"a selector of other Pods": {`
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: other}
  spec:
    selector: {matchLabels: {app: web}}
    template:
      metadata: {labels: {app: other}}
      spec: {containers: [{name: web, image: nginx}]}`,
			"spec.template.metadata.labels: Invalid value: {\"app\":\"other\"}: `selector` does not match template `labels`"},
		"a value that is none": {`
- {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: later}, provisioner: ebs.csi.aws.com, volumeBindingMode: Later}`,
			`volumeBindingMode: Unsupported value: "Later"`},
		"a field left out": {`
- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: modeless}, spec: {resources: {requests: {storage: 1Gi}}}}`,
			`spec.accessModes: Required value`},
		"a number in place of a text": {`
- {apiVersion: v1, kind: ConfigMap, metadata: {name: number}, data: {PORT: 80}}`,
			`.data.PORT: expected string`},
		"a port twice": {`
- apiVersion: v1
  kind: Service
  metadata: {name: twice}
  spec: {selector: {app: web}, ports: [{name: a, port: 80}, {name: b, port: 80}]}`,
			`duplicate entries for key [port=80,protocol="TCP"]`},
		"a version that goes": {`
- {apiVersion: v1, kind: Endpoints, metadata: {name: old}}`,
			`Endpoints default/old: the server warns: v1 Endpoints is deprecated in v1.33+`},
		"a Pod against its namespace's standard": {`
- {apiVersion: v1, kind: Namespace, metadata: {name: strict, labels: {pod-security.kubernetes.io/enforce: baseline}}}
- apiVersion: apps/v1
  kind: DaemonSet
  metadata: {name: privileged, namespace: strict}
  spec:
    selector: {matchLabels: {app: privileged}}
    template:
      metadata: {labels: {app: privileged}}
      spec: {containers: [{name: agent, image: busybox, securityContext: {privileged: true}}]}`,
			`violates PodSecurity "baseline:latest": privileged`},
		"a Pod without its account": {`
- apiVersion: batch/v1
  kind: CronJob
  metadata: {name: accountless}
  spec:
    schedule: "@daily"
    jobTemplate:
      spec: {template: {spec: {serviceAccountName: nobody, restartPolicy: Never, containers: [{name: job, image: busybox}]}}}`,
			`serviceaccount "nobody" not found`},
		"a namespace that is not there": {`
- {apiVersion: v1, kind: ConfigMap, metadata: {name: lost, namespace: nowhere}}`,
			`namespaces "nowhere" not found`},
		"a kind that is not there": {`
- {apiVersion: secrets-store.csi.x-k8s.io/v1, kind: SecretProviderClass, metadata: {name: unknown}}`,
			`no matches for kind "SecretProviderClass" in version "secrets-store.csi.x-k8s.io/v1"; a kind of an add-on has its definition in ` +
				`installed/`},
		"against the definition of its kind": {`
- {apiVersion: snapshot.storage.k8s.io/v1, kind: VolumeSnapshotClass, metadata: {name: undeleted}, driver: ebs.csi.aws.com}`,
			`deletionPolicy: Required value`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := deploy(stackOf(t, test.objects), func() *cluster { return c })
			require.Error(t, err)
			assert.Contains(t, err.Error(), test.want)
		})
	}
}

// What the server alone would take, but kubectl or CloudFormation will not, or not always.
func TestRefusedHere(t *testing.T) {
	c := newCluster(t)
	const (
		first   = `[{apiVersion: v1, kind: Namespace, metadata: {name: first}}]`
		inFirst = `[{apiVersion: v1, kind: ConfigMap, metadata: {name: inside, namespace: first}}]`
	)
	here := func() *cluster { return c }
	_, err := deploy(stackOf(t, first, inFirst), here)
	require.NoError(t, err)

	_, err = deploy(stackOf(t, first), here)
	require.ErrorContains(t, err, "Namespace first: is there already, which kubectl create refuses; set Overwrite to apply it")
	stack := stackOf(t, first, inFirst)
	for _, r := range stack.Resources {
		r.Properties["Overwrite"] = true
	}
	_, err = deploy(stack, here)
	require.NoError(t, err)

	stack.Resources["Manifest1"] = resource{Type: manifestType, Properties: stack.Resources["Manifest1"].Properties}
	_, err = deploy(stack, here)
	require.ErrorContains(t, err, "Test.template.json: Manifest1: ConfigMap first/inside: no dependency on Manifest0, which makes its "+
		"namespace")

	stack = stackOf(t, `[{apiVersion: v1, kind: ConfigMap, metadata: {name: unlabelled}}]`)
	stack.Resources["Manifest0"].Properties["PruneLabel"] = "aws.cdk.eks/prune-0"
	_, err = deploy(stack, here)
	require.ErrorContains(t, err, "ConfigMap unlabelled has no label aws.cdk.eks/prune-0")

	_, err = deploy(stackOf(t, `[{apiVersion: v1, kind: ConfigMap, metadata: {generateName: some-}}]`), here)
	require.ErrorContains(t, err, "ConfigMap has no name")

	stack = stackOf(t, `[{apiVersion: v1, kind: ConfigMap, metadata: {name: older}}]`)
	stack.Resources["Cluster"] = resource{Type: clusterType, Properties: map[string]any{"Version": "1.20"}}
	_, err = deploy(stack, here)
	require.ErrorContains(t, err, "its objects are for Kubernetes 1.20, and this server is of 1.35")

	definition := `[{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: things.example.com}, spec: {
		group: example.com, scope: Namespaced, names: {kind: Thing, plural: things},
		versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}]`
	thing := `[{apiVersion: example.com/v1, kind: Thing, metadata: {name: thing}}]`
	stack = stackOf(t, definition, thing)
	_, err = deploy(stack, here)
	require.NoError(t, err)

	for name, r := range stack.Resources {
		r.Properties["Overwrite"] = true
		stack.Resources[name] = resource{Type: manifestType, Properties: r.Properties}
	}
	_, err = deploy(stack, here)
	require.ErrorContains(t, err, "Manifest1: Thing thing: no dependency on Manifest0, which defines its kind")
}

// stackOf is a stack with manifests, each a YAML list of objects and each after the one before.
func stackOf(t *testing.T, manifests ...string) *template {
	t.Helper()
	stack := &template{path: "Test.template.json", Resources: map[string]resource{}}
	for i, objects := range manifests {
		text, err := yaml.YAMLToJSON([]byte(objects))
		require.NoError(t, err)
		r := resource{Type: manifestType, Properties: map[string]any{"Manifest": string(text)}}
		if i > 0 {
			r.DependsOn = fmt.Sprint("Manifest", i-1)
		}
		stack.Resources[fmt.Sprint("Manifest", i)] = r
	}
	return stack
}

package cdktest

import (
	"encoding/json"

	"github.com/stretchr/testify/require"
)

// KubernetesManifest is the type of the custom resource by which the CDK applies Kubernetes objects.
const KubernetesManifest = "Custom::AWSCDK-EKS-KubernetesResource"

// Objects returns the Kubernetes objects that a [KubernetesManifest] applies to a cluster, its references written as by [Text]. It fails
// the test for a resource of another type.
func (r *Resource) Objects() (objects []map[string]any) {
	t := r.Template.t
	t.Helper()
	require.Equal(t, KubernetesManifest, r.Type)
	require.NoError(t, json.Unmarshal([]byte(Text(t, r.Get("Manifest"))), &objects))
	return objects
}

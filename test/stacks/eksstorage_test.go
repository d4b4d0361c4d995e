package stacks_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/test/cdktest"
)

var eksStorageVariants = []variant{
	{
		name: "EksStorage",
		stateful: []string{
			"ClusterC2E21B66",
			"ClusterFargateLogGroup526955A2",
			"ClusterKubectlProviderHandlerLogGroupB0C4128C",
			"ClusterKubectlProviderframeworkonEventLogGroup2AC81D98",
			"ClusterLogGroup778D89BA",
			"ClusterSecretsKey462B29B5",
			"FastFileSystem3D77B34A",
			"FilesFileSystemCB06EB6B",
			"VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "EksStorage-prod",
		context: map[string]any{
			"profile":                      "prod",
			"EksStorage.drivers":           "EBS,EFS,LUSTRE,ONTAP",
			"EksStorage.adminArns":         "arn:aws:iam::111122223333:role/Admins",
			"EksStorage.publicAccessCidrs": "203.0.113.0/24",
			"EksStorage.instanceTypes":     "m7g.large",
		},
		stateful: []string{
			"ClusterC2E21B66",
			"ClusterFargateLogGroup526955A2",
			"ClusterKubectlProviderHandlerLogGroupB0C4128C",
			"ClusterKubectlProviderframeworkonEventLogGroup2AC81D98",
			"ClusterLogGroup778D89BA",
			"ClusterSecretsKey462B29B5",
			"FastFileSystem3D77B34A",
			"FilesFileSystemCB06EB6B",
			"OntapFileSystem57A4C962",
			"OntapFsxAdminSecretC10143F5",
			"OntapSvm518B93B7",
			"OntapSvmAdminSecret0AB1F840",
			"VpcFlowLogGroupBF601037",
		},
	},
}

// Each volume is written by pods that come after it, those on Fargate and on nodes share one, and data stays where the profile keeps it.
func TestEksStorageShowsTheFour(t *testing.T) {
	for name, want := range map[string]struct {
		pods             []string
		reclaim, deleted string
		kinds            []any
	}{
		"EksStorage": {[]string{"disk", "fast", "shared", "shared-on-fargate"}, "Delete", "Delete", []any{"SCRATCH_2"}},
		"EksStorage-prod": {[]string{"disk", "fast", "nas", "san", "shared", "shared-on-fargate"}, "Retain", "RetainExceptOnCreate",
			[]any{"MULTI_AZ_1", "PERSISTENT_2"}},
	} {
		tpl := variantNamed(t, name).synth(t)
		var pods []string
		volumes := map[any][]string{} // the handles of static volumes, by claim
		for _, manifest := range tpl.All("Custom::AWSCDK-EKS-KubernetesResource") {
			for _, object := range manifest.Objects() {
				name := object["metadata"].(map[string]any)["name"].(string)
				switch object["kind"] {
				case "StorageClass":
					assert.Equal(t, want.reclaim, object["reclaimPolicy"], name)
				case "Deployment":
					pods = append(pods, name)
					claim := claimOf(t, tpl, object)
					assert.True(t, manifest.ComesAfter(claim), "%s before its volume", name)
				case "PersistentVolume":
					csi := object["spec"].(map[string]any)["csi"].(map[string]any)
					handle, _ := json.Marshal(csi["volumeHandle"])
					volumes[string(handle)] = append(volumes[string(handle)], name)
				}
			}
		}
		slices.Sort(pods)
		assert.Equal(t, want.pods, pods)
		var shared [][]string
		for _, names := range volumes {
			slices.Sort(names)
			if len(names) > 1 {
				shared = append(shared, names)
			}
		}
		assert.Equal(t, [][]string{{"files-on-fargate.shared", "files.shared"}}, shared, "files on EFS of pods on nodes and on Fargate")
		var kinds []any
		for _, fs := range tpl.All("AWS::FSx::FileSystem") {
			kind := fs.Get("LustreConfiguration.DeploymentType")
			if kind == nil {
				kind = fs.Get("OntapConfiguration.DeploymentType")
			}
			kinds = append(kinds, kind)
			assert.Equal(t, want.deleted, fs.DeletionPolicy)
		}
		assert.ElementsMatch(t, want.kinds, kinds)
		assert.Equal(t, want.deleted, tpl.Only("AWS::EFS::FileSystem").DeletionPolicy)
	}
}

// claimOf gives what applies the claim that the pods of a Deployment name.
func claimOf(t *testing.T, tpl *cdktest.Template, deployment map[string]any) *cdktest.Resource {
	t.Helper()
	pods := deployment["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
	name := pods["volumes"].([]any)[0].(map[string]any)["persistentVolumeClaim"].(map[string]any)["claimName"]
	for _, manifest := range tpl.All("Custom::AWSCDK-EKS-KubernetesResource") {
		for _, object := range manifest.Objects() {
			metadata := object["metadata"].(map[string]any)
			if object["kind"] == "PersistentVolumeClaim" && metadata["name"] == name &&
				metadata["namespace"] == deployment["metadata"].(map[string]any)["namespace"] {
				return manifest
			}
		}
	}
	require.Fail(t, "no claim", "%v", name)
	return nil
}

// Nothing waits for the volumes of Trident when the stack is deleted, and the SVM can't be deleted while it has any: a note says what to do
// first. Where they are retained it is nobody's surprise that they stay.
func TestOntapVolumesAreDeletedByHand(t *testing.T) {
	for profile, isSaid := range map[string]bool{"dev": true, "prod": false} {
		stack := buildStack(t, "EksStorage", map[string]any{"profile": profile, "EksStorage.drivers": "ONTAP"})
		cdktest.Synth(t, stack) // without a warning
		notes := *assertions.Annotations_FromStack(stack).FindInfo(jsii.String("*"),
			assertions.Match_StringLikeRegexp(jsii.String("Before you delete this stack, delete the deployments nas and san")))
		assert.Equal(t, isSaid, len(notes) == 1, profile)
	}
}

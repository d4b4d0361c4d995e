//go:build recipes

package shared

import (
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/rules"
	"awscontainers/constructs/storage"
	"awscontainers/test/cdktest"
)

// Validator is the pack's, and the CDK's rules with it, made once: that takes seconds. The app's own tests see rules.Register at work.
var Validator = sync.OnceValue(rules.Plugin)

// Checked synthesizes an app, and gives what the validators (the CDK's rules and ours) and cdk-nag find, and whatever else warns.
func Checked(t *testing.T, app awscdk.App) []cdktest.Finding {
	t.Helper()
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Reports: jsii.Bool(false)}), nil)
	return cdktest.Findings(t, app, Validator())
}

// NewOurStorage gives a cluster disks and files.
func NewOurStorage(stack awscdk.Stack, cluster *eks.Cluster) *eks.EbsStorage {
	key := awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	disks := eks.NewEbsStorage(stack, "Disks", &eks.EbsStorageProps{Cluster: cluster, EncryptionKey: key, Snapshots: true})
	files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: cluster.Cluster.Vpc()})
	eks.NewEfsStorage(stack, "Storage", &eks.EfsStorageProps{Cluster: cluster, FileSystem: files, Classes: []eks.EfsClass{{Name: "efs"}},
		Volumes: []eks.EfsVolume{
			{ClaimName: "files", AccessPoint: storage.NewEfsAccessPoint(stack, "Shared", &storage.EfsAccessPointProps{FileSystem: files}),
				OnFargate: true},
		}})
	return disks
}

package lifecycle_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/test/cdktest"
)

// inUse are the types that AWS doesn't delete while something that stays is in them or uses them, and keys, without which what stays can't
// be read.
// https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html
// https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
var inUse = []string{"AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::RouteTable", "AWS::EC2::SecurityGroup", "AWS::EFS::FileSystem",
	"AWS::FSx::FileSystem", "AWS::FSx::StorageVirtualMachine", "AWS::KMS::Key"}

// stays reports whether a resource stays in the account when its stack is deleted.
func stays(r *cdktest.Resource) bool { return strings.HasPrefix(r.DeletionPolicy, "Retain") }

// undeletable returns what keeps the deletion of a stack from ending: what stays and still uses something that should go, and what has to
// be empty and isn't emptied.
func undeletable(tpl *cdktest.Template) (found []string) {
	for _, r := range inOrder(tpl) {
		for _, used := range r.References() {
			if stays(r) && !stays(used) && slices.Contains(inUse, used.Type) {
				found = append(found, place(r)+" stays and uses "+place(used))
			}
		}
		switch {
		case stays(r):
		case r.Type == "AWS::ECR::Repository" && !isTrue(r.Get("EmptyOnDelete")), r.Type == "AWS::ECR::PublicRepository":
			found = append(found, place(r)+" is deleted with images in it, which ECR refuses")
		case r.Type == "AWS::S3::Bucket":
			found = append(found, place(r)+" is deleted with objects in it, which S3 refuses")
		}
	}
	return found
}

// knownUndeletable are the variants whose VPC stays with the file systems in it. constructs/storage/README.md says so: "give files that
// stay a VPC of another stack".
var knownUndeletable = map[string][]string{
	"EksStorage-prod": {
		"Fast/FileSystem stays and uses Vpc/PrivateSubnet1/Subnet",
		"Fast/SecurityGroup stays and uses Vpc",
		"Lustre/SecurityGroup stays and uses Vpc",
		"Ontap/FileSystem stays and uses Vpc/PrivateSubnet1/RouteTable",
		"Ontap/FileSystem stays and uses Vpc/PrivateSubnet1/Subnet",
		"Ontap/FileSystem stays and uses Vpc/PrivateSubnet2/RouteTable",
		"Ontap/FileSystem stays and uses Vpc/PrivateSubnet2/Subnet",
		"Ontap/FileSystem stays and uses Vpc/PrivateSubnet3/RouteTable",
		"Ontap/SecurityGroup stays and uses Vpc",
	},
}

// A stack can be deleted, with what it retains in the account.
func TestStacksCanBeDeleted(t *testing.T) {
	for variant, tpl := range snapshots(t) {
		assert.ElementsMatch(t, knownUndeletable[variant], undeletable(tpl), variant)
	}
}

func TestUndeletableIsFound(t *testing.T) {
	templates := snapshots(t)
	for want, c := range map[string]breakage{
		"Service/SecurityGroup stays and uses Vpc":                   {"FargateWeb", policy("Service/SecurityGroup", "Retain"), ""},
		"Files/FileSystem stays and uses Key":                        {"SharedStorage-prod", withKey, ""},
		"Repository is deleted with images in it, which ECR refuses": {"Registry", set("Repository", "EmptyOnDelete", false), ""},
		"LoadBalancer/AccessLogs is deleted with objects in it, which S3 refuses": {
			"FargateWeb", policy("LoadBalancer/AccessLogs", "Delete"), ""},
	} {
		tpl := templates[c.variant]
		broken := changed(t, tpl, func(resources map[string]any) { c.change(byPath(t, tpl, resources)) })
		assert.Contains(t, undeletable(broken), want)
	}
}

// withKey encrypts retained files with a key that goes.
func withKey(at func(path string) map[string]any) {
	add("Key", "AWS::KMS::Key", nil)(at)
	set("Files/FileSystem", "KmsKeyId", map[string]any{"Fn::GetAtt": []any{"Key", "Arn"}})(at)
}

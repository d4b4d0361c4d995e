package lifecycle_test

import (
	"regexp"
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
// A cluster goes with its security group, which a rule may name: https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
var inUse = []string{"AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::RouteTable", "AWS::EC2::SecurityGroup", "AWS::EFS::FileSystem",
	"AWS::FSx::FileSystem", "AWS::FSx::StorageVirtualMachine", "AWS::KMS::Key", "AWS::EKS::Cluster"}

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

// holdData are the types that hold data, or are the way to it.
var holdData = []string{"AWS::S3::Bucket", "AWS::Logs::LogGroup", "AWS::DynamoDB::Table", "AWS::EFS::FileSystem", "AWS::FSx::FileSystem",
	"AWS::FSx::StorageVirtualMachine", "AWS::FSx::Volume", "AWS::ECR::Repository", "AWS::ECR::PublicRepository", "AWS::SecretsManager::Secret"}

var isProduction = regexp.MustCompile(`"Key":\s*"Profile",\s*"Value":\s*"prod"`)

// lost returns what goes with the stack, or in an update that replaces it, although it holds data; and rules without which files that stay
// can't be used.
func lost(tpl *cdktest.Template) (found []string) {
	for _, r := range inOrder(tpl) {
		if slices.Contains(holdData, r.Type) && (!stays(r) || r.UpdateReplacePolicy != "Retain") {
			found = append(found, place(r)+" doesn't stay with its data")
		}
		// The servers of FSx for Lustre must reach one another.
		// https://docs.aws.amazon.com/fsx/latest/LustreGuide/limit-access-security-groups.html
		if slices.Contains(strings.Fields(sgRules), r.Type) && !stays(r) && len(r.References()) == 1 && stays(r.References()[0]) {
			found = append(found, place(r)+" goes, and "+place(r.References()[0])+" stays without the rule")
		}
	}
	return found
}

// Data outlives its stack in production.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
func TestProductionKeepsData(t *testing.T) {
	variants := 0
	for variant, tpl := range snapshots(t) {
		if isProduction.Match(tpl.Raw) {
			variants++
			assert.Empty(t, lost(tpl), variant)
		}
	}
	assert.Greater(t, variants, 10)
}

// taken returns what stays under a name of its own, so that the stack can't be deployed again. A name that contains another one of
// CloudFormation's is a new one then, and that of an SVM is one of its file system.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
func taken(tpl *cdktest.Template) (found []string) {
	for _, r := range inOrder(tpl) {
		for _, property := range names {
			name, isText := r.Properties[property].(string)
			if stays(r) && isText && r.Type != "AWS::FSx::StorageVirtualMachine" {
				found = append(found, place(r)+" stays as "+name)
			}
		}
	}
	return found
}

// knownTaken are the names that AWS sets, and those that context keys set. constructs/eks/README.md says what to delete.
var knownTaken = map[string][]string{
	"EksNodes-prod":   {"Cluster/LogGroup stays as /aws/eks/shop/cluster"},
	"EksStorage-prod": {"Cluster/LogGroup stays as /aws/eks/EksStorageCluster8FF9B000/cluster"},
	"Registry-prod":   {"PublicRepository/Repository stays as web", "Repository stays as team/web"},
}

// A stack can be deployed again after it was deleted.
func TestStacksCanBeDeployedAgain(t *testing.T) {
	templates := snapshots(t)
	for variant, tpl := range templates {
		assert.ElementsMatch(t, knownTaken[variant], taken(tpl), variant)
	}
	tpl := templates["EventDrivenTask-prod"]
	broken := changed(t, tpl, func(resources map[string]any) { set("Table", "TableName", "digests")(byPath(t, tpl, resources)) })
	assert.Equal(t, []string{"Table stays as digests"}, taken(broken))
}

func TestLostIsFound(t *testing.T) {
	templates := snapshots(t)
	for want, c := range map[string]breakage{
		"Task/LogGroup doesn't stay with its data": {"FargateWeb-prod", policy("Task/LogGroup", "Delete"), ""},
		"Files/FileSystem doesn't stay with its data": {"SharedStorage-prod", func(at func(string) map[string]any) {
			at("Files/FileSystem")["UpdateReplacePolicy"] = "Delete"
		}, ""},
		"Lustre/AmongServers988 goes, and Lustre/SecurityGroup stays without the rule": {
			"EksStorage-prod", policy("Lustre/AmongServers988", "Delete"), ""},
	} {
		tpl := templates[c.variant]
		broken := changed(t, tpl, func(resources map[string]any) { c.change(byPath(t, tpl, resources)) })
		assert.Contains(t, lost(broken), want)
	}
}

func TestUndeletableIsFound(t *testing.T) {
	templates := snapshots(t)
	for want, c := range map[string]breakage{
		"Service/SecurityGroup stays and uses Vpc": {"FargateWeb", policy("Service/SecurityGroup", "Retain"), ""},
		"Lustre/NodesToServers988 stays and uses Cluster": {
			"EksStorage-prod", policy("Lustre/NodesToServers988", "RetainExceptOnCreate"), ""},
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

//go:build lifecycle

package lifecycle_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/test/cdktest"
)

// mutation is a change of the code, by what it does to the template of a variant, and the danger that must be found.
type mutation struct {
	name, variant string
	change        func(at func(path string) map[string]any)
	want          string
}

const (
	service     = "Service"
	targetGroup = "Service/TargetGroup"
)

var mutations = []mutation{
	{"a target group's port follows the container's", "FargateWeb", set(targetGroup, "Port", 3000),
		"traffic: `Service/ListenerRule` sends requests to `Service/TargetGroup`, which is empty until the tasks of `Service` are replaced"},
	{"both groups of a deployment that shifts traffic are replaced", "FargateWeb-shift", func(at func(string) map[string]any) {
		set(targetGroup, "ProtocolVersion", "HTTP2")(at)
		set("Service/AlternateTargetGroup/TargetGroup", "ProtocolVersion", "HTTP2")(at)
	}, "traffic: `Service/ListenerRule` sends requests to `Service/TargetGroup`, which is empty until the tasks of `Service` are replaced"},
	{"a target group gets another id", "FargateWeb", renamed(targetGroup),
		"traffic: `Service/ListenerRule` sends requests to `Service/TargetGroup`, which is empty until the tasks of `Service` are replaced"},
	{"a tag of a VPC origin", "FargateWeb-cloudfront", set("Distribution/VpcOrigin", "Tags", []any{
		map[string]any{"Key": "CostCenter", "Value": "42"}}), "refused: `Distribution/VpcOrigin` can't change while a distribution uses it"},
	{"an internal load balancer", "FargateWeb", set("LoadBalancer", "Scheme", "internal"),
		"traffic: `LoadBalancer` is replaced, and with it its address"},
	{"a load balancer gets another id", "FargateWeb", renamed("LoadBalancer"),
		"traffic: `LoadBalancer` makes room for another one, and with it its address"},
	{"a service gets another id", "FargateWeb", renamed(service), "traffic: `Service` makes room for another one, and with it its address"},
	{"a security group gets another id", "FargateWeb", renamed("Service/SecurityGroup"),
		"traffic: `Service/SecurityGroup` makes room for another one, and with it its address"},
	{"the group of instances that run on", "Ec2Web", func(at func(string) map[string]any) {
		renamed("OnDemand/SecurityGroup")(at)
		delete(at("OnDemand/AutoScalingGroup"), "UpdatePolicy")
	}, "refused: `OnDemand/SecurityGroup` goes while the instances of `OnDemand/AutoScalingGroup` still use it"},
	{"the namespace of Service Connect", "FargateWeb-two", renamed("Cluster/DefaultServiceDiscoveryNamespace"),
		"refused: `Cluster/DefaultServiceDiscoveryNamespace` goes while the names of `ApiService/Service` are still in it"},
	{"a version of Kubernetes is left out", "EksNodes", set("Cluster", "Version", "1.99"),
		"to 1.99, and EKS takes one minor version at a time"},
	{"a named log group that is retained gets another id", "EksNodes-prod", func(at func(string) map[string]any) {
		r := at("Cluster/LogGroup")
		r["Properties"].(map[string]any)["LogGroupName"] = "/aws/eks/other/cluster"
		renamed("Cluster/LogGroup")(at)
	}, "refused: `Cluster/LogGroup` stays, and its name is taken if you set the key again"},
	{"a table's key", "Ec2Web", set("Table", "KeySchema", []any{map[string]any{"AttributeName": "other", "KeyType": "HASH"}}),
		"data: `Table` is replaced by an empty one"},
	{"a file system gets another id", "SharedStorage", renamed("Files/FileSystem"), "data: `Files/FileSystem` is deleted"},
	{"a retained file system gets another id", "SharedStorage-prod", renamed("Files/FileSystem"),
		"data: `Files/FileSystem` leaves the stack and stays, with its data"},
	{"a log group gets another id", "FargateWeb", renamed("Task/LogGroup"), "data: `Task/LogGroup` is deleted"},
	{"a listener gets another id", "FargateWeb", renamed("LoadBalancer/Http/Listener"),
		"refused: `LoadBalancer/Http/Listener` is created while `LoadBalancer/Http/Listener` exists, which AWS takes for the same"},
	{"a named service is replaced", "ExpressService-prod", set("Service", "ServiceName", "other"),
		"traffic: `Service` is replaced, and with it its address"},
	{"a Kubernetes object moves to another manifest", "EksStorage", renamed("Disk/Claim"),
		"refused: `Disk/Claim` is created while `Disk/Claim` exists, which AWS takes for the same"},
	{"a class of volumes retains them", "EksStorage", set("Disks/Class-gp3", "Manifest", `[{"kind": "StorageClass",
		"metadata": {"name": "gp3"}, "provisioner": "ebs.csi.aws.com", "reclaimPolicy": "Retain"}]`),
		"refused: `Disks/Class-gp3` can't change reclaimPolicy of a StorageClass"},
	{"a claim gets another class", "EksStorage", set("Disk/Claim", "Manifest", `[{"kind": "PersistentVolumeClaim",
		"metadata": {"name": "disk", "namespace": "files"}, "spec": {"storageClassName": "other"}}]`),
		"refused: `Disk/Claim` can't change storageClassName of a PersistentVolumeClaim"},
	{"an add-on gets another id", "EksNodes", renamed("Cluster/CoreDns"),
		"refused: `Cluster/CoreDns` is created while `Cluster/CoreDns` exists, which AWS takes for the same"},
	{"the routes of a subnet get other ids", "FargateWeb", renamed("Vpc/PrivateSubnet1/DefaultRoute"),
		"refused: `Vpc/PrivateSubnet1/DefaultRoute` is created while `Vpc/PrivateSubnet1/DefaultRoute` exists, which AWS takes for the same"},
	{"a node group's version with its size", "EksNodes", func(at func(string) map[string]any) {
		set("Nodes/Nodegroup", "Version", "1.30")(at)
		set("Nodes/Nodegroup", "ScalingConfig", map[string]any{"MinSize": 7, "MaxSize": 9})(at)
	}, "refused: `Nodes/Nodegroup` can't change Version together with ScalingConfig"},
	{"a node group's release with its launch template", "EksNodes", func(at func(string) map[string]any) {
		set("Nodes/Nodegroup", "ReleaseVersion", "1.30.0-20260101")(at)
		set("Nodes/LaunchTemplate", "LaunchTemplateData", map[string]any{"EbsOptimized": true})(at)
	}, "refused: `Nodes/Nodegroup` can't change ReleaseVersion together with LaunchTemplate"},
	{"a cluster's version with its logs", "EksNodes", func(at func(string) map[string]any) {
		set("Cluster", "Version", "1.30")(at)
		set("Cluster", "Logging", map[string]any{"ClusterLogging": map[string]any{"EnabledTypes": []any{map[string]any{"Type": "api"}}}})(at)
	}, "refused: `Cluster` can't change Version together with Logging"},
	{"two indexes of a table", "Ec2Web", set("Table", "GlobalSecondaryIndexes", []any{
		map[string]any{"IndexName": "a"}, map[string]any{"IndexName": "b"}}),
		"refused: `Table` creates or deletes one global secondary index in an update"},
	{"a cluster without a provider that services use", "FargateWeb", func(at func(string) map[string]any) {
		set("Cluster/CapacityProviders", "CapacityProviders", []any{})(at)
		set("Cluster/CapacityProviders", "DefaultCapacityProviderStrategy", []any{})(at)
		set(service, "CapacityProviderStrategy", []any{map[string]any{"CapacityProvider": "FARGATE_OTHER", "Weight": 1}})(at)
	}, "refused: `Cluster/CapacityProviders` lets go of the capacity provider FARGATE while `Service` still uses it"},
	{"another group of instances", "Ec2Web", renamed("OnDemand/AutoScalingGroup"),
		"refused: `Cluster/CapacityProviders` lets go of the capacity provider `OnDemand/CapacityProvider` while `Service` still uses it"},
	{"a provider that is replaced", "Ec2Web", renamed("OnDemand/CapacityProvider"),
		"refused: `Cluster/CapacityProviders` lets go of the capacity provider `OnDemand/CapacityProvider` while `Service` still uses it"},
}

// renamed gives a resource another logical ID, with all that refers to it.
func renamed(path string) func(at func(string) map[string]any) {
	return func(at func(string) map[string]any) { at(path)["Renamed"] = true }
}

// Each danger is found in an update that has it.
func TestDangersAreFound(t *testing.T) {
	templates, dir := snapshots(t), t.TempDir()
	t.Chdir("../..")
	var from, to []*synthesized
	for i, m := range mutations {
		require.NotNil(t, templates[m.variant], m.variant)
		broken := changed(t, templates[m.variant], func(resources map[string]any) { m.change(byPath(t, templates[m.variant], resources)) })
		broken = rename(t, broken)
		for name, tpl := range map[string]*cdktest.Template{"before": templates[m.variant], "after": broken} {
			s := &synthesized{filepath.Join(dir, name+strings.Repeat("x", i)), tpl}
			require.NoError(t, os.WriteFile(s.file, tpl.Raw, 0o600))
			if name == "before" {
				from = append(from, s)
			} else {
				to = append(to, s)
			}
		}
	}
	for i, changes := range diff(t, from, to) {
		var found []string
		for _, d := range outcomeOf(update{}, from[i].Template, to[i].Template, changes).dangers() {
			found = append(found, d.String())
		}
		assert.Contains(t, strings.Join(found, "\n"), mutations[i].want, "%s, %s", mutations[i].variant, mutations[i].name)
	}
	// A release that a parameter chooses may change with any other change.
	nodes := cdktest.Parse(t, []byte(`{"Parameters": {"Release": {"Type": "AWS::SSM::Parameter::Value<String>"}},
		"Resources": {"Nodes": {"Type": "AWS::EKS::Nodegroup", "Properties": {"ReleaseVersion": {"Ref": "Release"}}}}}`))
	sizes := []change{{"Nodes", "WILL_UPDATE", map[string]string{"ScalingConfig": "WILL_UPDATE"}}}
	assert.Equal(t, []danger{{isRefused, "Nodes", "can't change ReleaseVersion together with ScalingConfig"}},
		outcomeOf(update{}, nodes, nodes, sizes).dangers())
	// An export that goes is none of a resource.
	before := cdktest.Parse(t, []byte(`{"Outputs": {"Url": {"Value": "x", "Export": {"Name": "shop-url"}}}}`))
	after := cdktest.Parse(t, []byte(`{"Outputs": {"Url": {"Value": "x"}}}`))
	assert.Len(t, outcomeOf(update{}, before, after, nil).dangers(), 1)
	assert.Empty(t, outcomeOf(update{}, before, before, nil).dangers())
}

// rename gives the resources that are marked other logical IDs.
func rename(t *testing.T, tpl *cdktest.Template) *cdktest.Template {
	t.Helper()
	var marked struct{ Resources map[string]map[string]any }
	require.NoError(t, json.Unmarshal(tpl.Raw, &marked))
	text := string(tpl.Raw)
	for id := range maps.Keys(marked.Resources) {
		if marked.Resources[id]["Renamed"] != nil {
			text = strings.ReplaceAll(text, `"`+id+`"`, `"Renamed`+id+`"`)
		}
	}
	return cdktest.Parse(t, []byte(strings.ReplaceAll(text, `,"Renamed":true`, "")))
}

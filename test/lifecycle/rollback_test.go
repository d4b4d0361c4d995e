package lifecycle_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/test/cdktest"
)

// failure is a first deployment in which a resource can't be created.
type failure struct {
	graph  *cdktest.Graph
	failed *cdktest.Resource
	// made holds what exists then: all that doesn't wait for the failed resource, and the failed one itself, which AWS may have
	// created before it failed, such as a service whose tasks don't start.
	made map[*cdktest.Resource]bool
}

func (f failure) makes(kinds ...string) (found []*cdktest.Resource) {
	for _, r := range sorted(f.made) {
		if slices.Contains(kinds, r.Type) {
			found = append(found, r)
		}
	}
	return found
}

// failures returns a failure for each resource of the template.
func failures(tpl *cdktest.Template) (all []failure) {
	g := tpl.Graph()
	for _, failed := range inOrder(tpl) {
		made := map[*cdktest.Resource]bool{}
		for _, r := range tpl.Resources {
			if !g.After(failed)[r] {
				made[r] = true
			}
		}
		all = append(all, failure{g, failed, made})
	}
	return all
}

// refused returns what the rollback of a first deployment can't delete, whichever resource fails: by the resource's place, why. What has
// the deletion policy Retain isn't deleted.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
func refused(tpl *cdktest.Template) map[string]string {
	found := map[string]string{}
	for _, f := range failures(tpl) {
		for r := range f.made {
			if r.DeletionPolicy == "Retain" || found[place(r)] != "" {
				continue
			}
			for _, refusal := range refusals {
				if refusal.refuses(f, r) {
					found[place(r)] = refusal.why
					break
				}
			}
		}
	}
	return found
}

// Whichever resource of a first deployment fails, CloudFormation can delete what it has created by then. Otherwise the stack ends in
// ROLLBACK_FAILED, and can't be deployed again before somebody has deleted it by hand.
func TestFailedFirstDeploymentRollsBack(t *testing.T) {
	known := maps.Clone(knownRefusals)
	for variant, tpl := range snapshots(t) {
		got := refused(tpl)
		if len(got) == 0 {
			got = nil
		}
		assert.Equal(t, known[variant], got, "%s: what the rollback of a first deployment can't delete", variant)
		delete(known, variant)
	}
	assert.Empty(t, known, "no such variants")
}

// What stays after the rollback has to be without effect: it has no name that the next deployment would need, and nothing that is
// deleted is held by it.
func TestFailedFirstDeploymentLeavesNothingInTheWay(t *testing.T) {
	for variant, tpl := range snapshots(t) {
		assert.Empty(t, leftovers(tpl), variant)
	}
}

// left are the types of which a resource may stay after the rollback of a first deployment, and why.
var left = map[string]string{
	// A load balancer writes a test object into the bucket when its logs are turned on, and only an empty bucket can be deleted.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
	"AWS::S3::Bucket": "its test object keeps it from being deleted",
}

// names are properties that name a resource in its account and Region.
var names = []string{"Name", "BucketName", "TableName", "RepositoryName", "LogGroupName", "RoleName", "ClusterName", "FunctionName",
	"TopicName", "QueueName", "AliasName", "ServiceName", "LoadBalancerName", "GroupName", "AutoScalingGroupName"}

// leftovers returns what is wrong with the resources that stay after a failed first deployment.
func leftovers(tpl *cdktest.Template) (wrong []string) {
	for _, r := range inOrder(tpl) {
		if r.DeletionPolicy != "Retain" {
			continue
		}
		if left[r.Type] == "" || !isWritten(tpl, r) {
			wrong = append(wrong, fmt.Sprintf("%s stays for no known reason: use RetainExceptOnCreate", r))
		}
		for _, name := range names {
			if r.Properties[name] != nil {
				wrong = append(wrong, fmt.Sprintf("%s stays, and its %s is taken when the stack is deployed again", r, name))
			}
		}
		for _, other := range inOrder(tpl) {
			if r.Refers(other) && other.DeletionPolicy != "Retain" {
				wrong = append(wrong, fmt.Sprintf("%s stays and holds %s, which doesn't", r, other))
			}
		}
	}
	return wrong
}

// isWritten reports whether a load balancer or the like writes into a bucket.
func isWritten(tpl *cdktest.Template, bucket *cdktest.Resource) bool {
	return slices.ContainsFunc(inOrder(tpl), func(r *cdktest.Resource) bool {
		return r != bucket && slices.Contains(bucketWriters, r.Type) && r.Refers(bucket)
	})
}

// Each row of the table fires on the template that it names, with the change that it names, and is silent without.
func TestRefusalsFire(t *testing.T) {
	templates := snapshots(t)
	for _, row := range refusals {
		t.Run(row.why, func(t *testing.T) {
			assert.Regexp(t, `^https://`, row.page)
			require.NotEmpty(t, row.fires)
			for _, c := range row.fires {
				tpl := templates[c.variant]
				require.NotNil(t, tpl, c.variant)
				broken := changed(t, tpl, func(resources map[string]any) { c.change(byPath(t, tpl, resources)) })
				assert.Equal(t, row.why, refused(broken)[c.refuses], "%s: %v", c.variant, refused(broken))
			}
		})
	}
}

// Leftovers that stand in the way are found.
func TestLeftoversFire(t *testing.T) {
	tpl := snapshots(t)["FargateWeb"]
	wrong := leftovers(changed(t, tpl, func(resources map[string]any) {
		at := byPath(t, tpl, resources)
		at("Task/LogGroup")["DeletionPolicy"] = "Retain"
		at("LoadBalancer/AccessLogs")["Properties"].(map[string]any)["BucketName"] = "logs"
		at("Service/SecurityGroup")["DeletionPolicy"] = "Retain"
	}))
	assert.Equal(t, []string{
		"AWS::S3::Bucket FargateWeb/LoadBalancer/AccessLogs stays, and its BucketName is taken when the stack is deployed again",
		"AWS::EC2::SecurityGroup FargateWeb/Service/SecurityGroup stays for no known reason: use RetainExceptOnCreate",
		"AWS::EC2::SecurityGroup FargateWeb/Service/SecurityGroup stays and holds AWS::EC2::VPC FargateWeb/Vpc/Vpc, which doesn't",
		"AWS::Logs::LogGroup FargateWeb/Task/LogGroup stays for no known reason: use RetainExceptOnCreate",
	}, wrong)

	tpl = snapshots(t)["EventDrivenTask"]
	wrong = leftovers(changed(t, tpl, func(resources map[string]any) { byPath(t, tpl, resources)("Bucket")["DeletionPolicy"] = "Retain" }))
	assert.Equal(t, []string{"AWS::S3::Bucket EventDrivenTask/Bucket stays for no known reason: use RetainExceptOnCreate"}, wrong)
}

// byPath returns a function that finds a resource in a template's text by its place, or adds one
// with its path as its logical ID.
func byPath(t *testing.T, tpl *cdktest.Template, resources map[string]any) func(path string) map[string]any {
	t.Helper()
	return func(path string) map[string]any {
		for id, r := range tpl.Resources {
			if place(r) == path {
				return resources[id].(map[string]any)
			}
		}
		added := map[string]any{"Metadata": map[string]any{"aws:cdk:path": "Stack/" + path}}
		resources[path] = added
		return added
	}
}

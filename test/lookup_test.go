package test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/network"
	"awscontainers/constructs/storage"
	"awscontainers/test/cdktest"
)

// lookedUp is a stack whose VPC is yet to be looked up.
func lookedUp(t *testing.T) (awscdk.App, awscdk.Stack, *network.Vpc) {
	app := cdktest.App(t)
	stack := awscdk.NewStack(app, jsii.String("Test"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("eu-west-1")},
	})
	return app, stack, network.VpcFromLookup(stack, "Vpc", "vpc-0123456789abcdef0")
}

// The CDK synthesizes once with dummies for what its CLI is to look up, and says in the assembly what that is. A refusal of what
// doesn't fit a dummy would keep it from ever looking.
func TestDummiesOfLookupsAreNotJudged(t *testing.T) {
	app, stack, vpc := lookedUp(t)
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc.Vpc})
	listener := func(id string, port float64) *elb.Listener {
		return elb.ListenerFrom(stack, id+"Listener", &elb.ListenerAttributes{Listener: elbv2.ApplicationListener_FromLookup(stack,
			&id, &elbv2.ApplicationListenerLookupOptions{LoadBalancerTags: &map[string]*string{"Name": &id}, ListenerPort: &port})})
	}
	first, second := listener("First", 443), listener("Second", 8443)
	task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{web()}})
	path := elb.Conditions{PathPatterns: []string{"/*"}}
	for id, l := range map[string]*elb.Listener{"One": first, "Two": second} {
		ecs.NewService(stack, id, &ecs.ServiceProps{Cluster: cluster, Task: task,
			Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{Listener: l, Priority: 5, Conditions: path}}}})
	}
	ecs.NewService(stack, "Tested", &ecs.ServiceProps{Cluster: cluster, Task: task,
		Deployment: ecs.Deployment{Strategy: awsecs.DeploymentStrategy_BLUE_GREEN, RollbackOnErrors: true},
		Exposure:   ecs.Exposure{Alb: []ecs.AlbRule{{Listener: first, TestListener: second, Priority: 6, Conditions: path}}}})

	for id, zones := range map[string]int{"OneZone": 1, "ThreeZones": 3} {
		addresses := []string{"10.0.0.10", "10.0.1.10", "10.0.2.10"}[:zones]
		elb.NewNetworkLoadBalancer(stack, id, &elb.NetworkLoadBalancerProps{Vpc: vpc.Vpc, PrivateAddresses: addresses})
	}
	elb.NewApplicationLoadBalancer(stack, "Isolated", &elb.ApplicationLoadBalancerProps{Vpc: vpc.Vpc, Subnets: network.Isolated})

	files := storage.EfsFileSystemFrom(stack, "Files", &storage.EfsFileSystemAttributes{FileSystemId: "fs-0123456789abcdef0",
		SecurityGroupIds: []string{"sg-0123456789abcdef0"}, Vpc: vpc.Vpc, AvailabilityZones: []string{"eu-west-1a", "eu-west-1b"}})
	ofIds := storage.EfsFileSystemFrom(stack, "FilesOfIds", &storage.EfsFileSystemAttributes{FileSystemId: "fs-0123456789abcdef1",
		SecurityGroupIds: []string{"sg-0123456789abcdef1"}, Vpc: importedVpc(stack), AvailabilityZones: []string{"eu-west-1a", "eu-west-1b"}})
	for _, f := range []*storage.EfsFileSystem{files, ofIds} {
		require.NoError(t, f.CheckReach(vpc.Vpc, network.Private))
	}

	raw, err := os.ReadFile(filepath.Join(*app.Synth(nil).Directory(), "manifest.json"))
	require.NoError(t, err)
	var manifest struct{ Missing []struct{ Provider string } }
	require.NoError(t, json.Unmarshal(raw, &manifest))
	providers := map[string]int{}
	for _, m := range manifest.Missing {
		providers[m.Provider]++
	}
	assert.Equal(t, map[string]int{"vpc-provider": 1, "load-balancer-listener": 2, "security-group": 1}, providers)
}

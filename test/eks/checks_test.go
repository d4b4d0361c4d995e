//go:build recipes

package eks_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/network"
	"awscontainers/constructs/platform"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

// Neither the CDK's rules, nor ours, nor cdk-nag find anything in a cluster without nodes, nor in one with all of it.
func TestFargateAndInsightsPassEveryCheck(t *testing.T) {
	app := cdktest.App(t)
	onFargate := awscdk.NewStack(app, jsii.String("OnFargate"), nil)
	cluster, _ := fargateCluster(onFargate)
	eks.NewFargateProfile(onFargate, "Shop", &eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{
		{Namespace: "shop", Labels: map[string]string{"tier": "web"}}, {Namespace: "shop-*"}}})
	eks.NewPodRole(onFargate, "Role", &eks.PodRoleProps{Cluster: cluster, Namespace: "shop", ServiceAccount: "api",
		CreateServiceAccount: true})
	watched := awscdk.NewStack(app, jsii.String("Watched"), nil)
	onNodes := nodeCluster(watched)
	insightsWithEverything(watched, onNodes)
	shared.NewOurStorage(watched, onNodes)
	existing := awscdk.NewStack(app, jsii.String("Existing"), nil)
	theirs := newExisting(existing, func(a *eks.ClusterAttributes) { a.Kubectl = &eks.Kubectl{} })
	eks.NewManagedNodes(existing, "Nodes", &eks.ManagedNodesProps{Cluster: theirs, InstanceTypes: []string{"m7g.large"}})
	eks.NewEbsStorage(existing, "Disks", &eks.EbsStorageProps{Cluster: theirs})
	theirs.PodRole("shop", "api")
	assert.Empty(t, shared.Checked(t, app))
}

// Neither the CDK's rules nor ours nor cdk-nag find anything in nodes of either kind, and all three find what is broken beside them.
func TestSelfManagedNodesAreClean(t *testing.T) {
	app := cdktest.App(t)
	stack := awscdk.NewStack(app, jsii.String("Test"), nil)
	cluster := newEksShop(stack, nil)
	nodes := constructs.NewConstruct(stack, jsii.String("Nodes"))
	eks.NewSelfManagedNodes(nodes, "Linux",
		&eks.SelfManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7i.large", "m6i.large"},
			OnDemandPercentageAboveBaseCapacity: intPtr(0),
			UserData:                            []string{"echo"}, Labels: map[string]string{"team": "shop"},
			Taints: []eks.Taint{{Key: "spot", Effect: eks.NoSchedule}}})
	eks.NewSelfManagedNodes(nodes, "Rocket",
		&eks.SelfManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}, OperatingSystem: platform.Bottlerocket,
			Subnets: network.Public})
	eks.NewSelfManagedNodes(nodes, "Own",
		&eks.SelfManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}, ImageId: "ami-0123456789abcdef0",
			CpuArchitecture: platform.Arm64})
	broken := constructs.NewConstruct(stack, jsii.String("Broken"))
	awsautoscaling.NewCfnAutoScalingGroup(broken, jsii.String("Group"),
		&awsautoscaling.CfnAutoScalingGroupProps{MinSize: jsii.String("few"), MaxSize: jsii.String("1")})
	awsecs.NewCfnTaskDefinition(broken, jsii.String("Task"),
		&awsecs.CfnTaskDefinitionProps{ContainerDefinitions: []any{&awsecs.CfnTaskDefinition_ContainerDefinitionProperty{
			Name: jsii.String("web"), Image: jsii.String(publicImage),
			MountPoints: []any{&awsecs.CfnTaskDefinition_MountPointProperty{SourceVolume: jsii.String("data"), ContainerPath: jsii.String("/data")}},
		}}})

	var wanting []string
	for _, f := range shared.Checked(t, app) {
		assert.False(t, strings.HasPrefix(f.Path, "Test/Nodes/"), "%s", f)
		if strings.HasPrefix(f.Path, "Test/Broken/") {
			wanting = append(wanting, f.String())
		}
	}
	found := strings.Join(wanting, "\n")
	assert.Contains(t, found, "AWSC-TASK-001", "our rules do not run")
	assert.Contains(t, found, "F3031", "the CDK's rules do not run")
	assert.Contains(t, found, "AwsSolutions-AS3", "cdk-nag does not run")
}

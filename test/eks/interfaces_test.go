package eks_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/network"
	"awscontainers/test/cdktest"
)

// A database lets in nodes, and pods on Fargate: all have the cluster security group.
func TestDatabasesTakeNodes(t *testing.T) {
	for name, c := range map[string]struct {
		nodes  func(stack awscdk.Stack, cluster *eks.Cluster, group awsec2.ISecurityGroup) awsec2.IConnectable
		groups int
	}{
		"cluster": {func(_ awscdk.Stack, cluster *eks.Cluster, _ awsec2.ISecurityGroup) awsec2.IConnectable {
			return cluster
		}, 1},
		"managed nodes": {func(stack awscdk.Stack, cluster *eks.Cluster, _ awsec2.ISecurityGroup) awsec2.IConnectable {
			return eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
		}, 1},
		"self-managed nodes": {func(stack awscdk.Stack, cluster *eks.Cluster, group awsec2.ISecurityGroup) awsec2.IConnectable {
			return eks.NewSelfManagedNodes(stack, "Nodes", &eks.SelfManagedNodesProps{
				Cluster: cluster, InstanceTypes: []string{"m7g.large"}, SecurityGroups: []awsec2.ISecurityGroup{group},
			})
		}, 2},
		"Fargate": {func(stack awscdk.Stack, cluster *eks.Cluster, _ awsec2.ISecurityGroup) awsec2.IConnectable {
			eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
			return eks.NewFargateProfile(stack, "Web",
				&eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "web"}}})
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
			cluster := withoutNodes(newCluster(stack, "Cluster", &eks.ClusterProps{Vpc: vpc}))
			group := awsec2.NewSecurityGroup(stack, jsii.String("Further"), &awsec2.SecurityGroupProps{Vpc: vpc})
			database := awsrds.NewDatabaseInstance(stack, jsii.String("Database"), &awsrds.DatabaseInstanceProps{
				Vpc:    vpc,
				Engine: awsrds.DatabaseInstanceEngine_Postgres(&awsrds.PostgresInstanceEngineProps{Version: awsrds.PostgresEngineVersion_VER_17()}),
			})
			database.Connections().AllowDefaultPortFrom(c.nodes(stack, cluster, group), nil)
			tpl := cdktest.Synth(t, stack)
			target := tpl.Follow(cdktest.List(tpl.Only("AWS::RDS::DBInstance").Get("VPCSecurityGroups"))[0])
			var sources []*cdktest.Resource
			for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
				if tpl.Follow(rule.Get("GroupId")) == target {
					sources = append(sources, rule.Ref("SourceSecurityGroupId"))
				}
			}
			assert.Len(t, sources, c.groups)
			assert.Contains(t, sources, tpl.Only("AWS::EKS::Cluster"), "the cluster security group is an attribute of the cluster")
		})
	}
}

// Clients in the VPC reach the Kubernetes API by the default port of the cluster.
func TestClustersAreConnectable(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newKubernetes(stack, nil)
	bastion := awsec2.NewSecurityGroup(stack, jsii.String("Bastion"), &awsec2.SecurityGroupProps{
		Vpc: cluster.Cluster.Vpc(), AllowAllOutbound: jsii.Bool(false),
	})
	bastion.Connections().AllowToDefaultPort(cluster, nil)
	tpl := cdktest.Synth(t, stack)
	rule := tpl.At("AWS::EC2::SecurityGroupIngress", "Bastion")
	assert.Same(t, tpl.Only("AWS::EKS::Cluster"), rule.Ref("GroupId"))
	assert.Equal(t, 443.0, rule.Get("FromPort"))
}

func TestGrantsTakePodRoles(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newKubernetes(stack, nil)
	bucket := awss3.NewBucket(stack, jsii.String("Bucket"), nil)
	bucket.GrantRead(eks.NewPodRole(stack, "Reader", &eks.PodRoleProps{Cluster: cluster, Namespace: "shop", ServiceAccount: "reader"}), nil)
	bucket.GrantPut(cluster.PodRole("shop", "writer"), nil)
	again := cluster.PodRole("shop", "writer")
	assert.Same(t, cluster.PodRole("shop", "writer"), again)
	tpl := cdktest.Synth(t, stack)
	objects := cdktest.Arn(tpl.Only("AWS::S3::Bucket"), "/*")
	cdktest.May(t, tpl.At("AWS::IAM::Role", "Test/Reader/"), cdktest.Allow("s3:GetObject").On(objects))
	cdktest.May(t, tpl.At("AWS::IAM::Role", "PodRole-shop:writer"), cdktest.Allow("s3:PutObject").On(objects))
}

package eks_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/network"
)

// A cluster that one role looks after, from the office, and nodes of Arm instances.
func ExampleNewCluster() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
	cluster := eks.NewCluster(stack, "Cluster", &eks.ClusterProps{
		Vpc:               network.NewVpc(stack, "Vpc", nil).Vpc,
		AccessEntries:     []eks.AccessEntry{{PrincipalArn: "arn:aws:iam::111122223333:role/Admins", Policy: eks.ClusterAdmin}},
		PublicAccessCidrs: []string{"203.0.113.0/24"},
	})
	eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large", "m6g.large"}})
	awscdk.NewCfnOutput(stack, jsii.String("Kubeconfig"), &awscdk.CfnOutputProps{Value: cluster.KubeconfigCommand()})
	app.Synth(nil)
}

// Nodes with GPUs, for pods that tolerate them and none else.
func ExampleNewManagedNodes() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Models"), nil)
	cluster := eks.NewCluster(stack, "Cluster", &eks.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc})
	eks.NewManagedNodes(stack, "System", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7i.large"}, MinSize: eks.Ptr(2)})
	eks.NewManagedNodes(stack, "Gpu", &eks.ManagedNodesProps{
		Cluster: cluster, InstanceTypes: []string{"g6.xlarge", "g5.xlarge"}, Spot: true, OperatingSystem: eks.Bottlerocket, MinSize: eks.Ptr(0),
		Taints: []eks.Taint{{Key: "nvidia.com/gpu", Effect: eks.NoSchedule}},
	})
	app.Synth(nil)
}

// Pods that read a table.
func ExampleCluster_PodRole() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Orders"), nil)
	cluster := eks.NewCluster(stack, "Cluster", &eks.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc, AutoMode: true})
	table := awsdynamodb.NewTable(stack, jsii.String("Table"), &awsdynamodb.TableProps{
		PartitionKey: &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
	})
	table.GrantReadData(cluster.PodRole("shop", "api"))
	app.Synth(nil)
}

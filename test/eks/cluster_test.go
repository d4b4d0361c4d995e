package eks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/network"
	"awscontainers/constructs/output"
	"awscontainers/constructs/platform"
	"awscontainers/test/cdktest"
)

// newKubernetes is a cluster in a VPC of its own.
func newKubernetes(stack awscdk.Stack, change func(p *eks.ClusterProps)) *eks.Cluster {
	p := eks.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc}
	if change != nil {
		change(&p)
	}
	return withoutNodes(newCluster(stack, "Cluster", &p))
}

// newCluster is eks.NewCluster for tests that don't ask who may use the cluster.
func newCluster(scope constructs.Construct, id string, props *eks.ClusterProps) *eks.Cluster {
	cluster := eks.NewCluster(scope, id, props)
	awscdk.Annotations_Of(awscdk.Stack_Of(cluster)).AcknowledgeWarning(jsii.String("awscontainers:no-access"), jsii.String("Not deployed"))
	return cluster
}

// withoutNodes is for tests that do not care about nodes. The CDK heeds what is acknowledged beforehand only above the construct itself.
func withoutNodes(cluster *eks.Cluster) *eks.Cluster {
	awscdk.Annotations_Of(awscdk.Stack_Of(cluster)).AcknowledgeWarning(jsii.String("awscontainers:no-nodes"), jsii.String("Not deployed"))
	return cluster
}

func TestKubernetesClusterWithoutNodes(t *testing.T) {
	for name, c := range map[string]struct {
		host func(stack awscdk.Stack, cluster *eks.Cluster)
		want int
	}{
		"nothing": {func(awscdk.Stack, *eks.Cluster) {}, 1},
		"managed": {func(stack awscdk.Stack, cluster *eks.Cluster) {
			eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
		}, 0},
		"none to begin with": {func(stack awscdk.Stack, cluster *eks.Cluster) {
			eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}, MinSize: new(0)})
		}, 1},
		"none of them self-managed": {func(stack awscdk.Stack, cluster *eks.Cluster) {
			eks.NewSelfManagedNodes(stack, "Nodes",
				&eks.SelfManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}, MinSize: new(0)})
		}, 1},
		"all tainted": {func(stack awscdk.Stack, cluster *eks.Cluster) {
			eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"},
				Taints: []eks.Taint{{Key: "gpu", Effect: eks.NoSchedule}}})
		}, 1},
		"Fargate that CoreDNS is not told of": {func(stack awscdk.Stack, cluster *eks.Cluster) {
			eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}, MinSize: new(0)})
			eks.NewFargateProfile(stack, "System",
				&eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "kube-system"}}})
		}, 1},
		"the CDK's own": {func(_ awscdk.Stack, cluster *eks.Cluster) {
			cluster.Cluster.(awseksv2.Cluster).AddNodegroupCapacity(jsii.String("Theirs"), nil)
		}, 0},
		"from elsewhere": {func(_ awscdk.Stack, cluster *eks.Cluster) { withoutNodes(cluster) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			cluster := newCluster(stack, "Cluster",
				&eks.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc})
			c.host(stack, cluster)
			_, annotations := cdktest.SynthAnnotated(t, stack)
			require.Len(t, annotations, c.want)
			for _, a := range annotations {
				assert.Contains(t, a, "Nothing runs CoreDNS: the deployment would wait for a node until it fails.")
			}
		})
	}
}

func TestKubernetesClusterWithDefaults(t *testing.T) {
	stack := cdktest.Stack(t)
	newKubernetes(stack, nil)
	tpl := cdktest.Synth(t, stack)

	cluster := tpl.Only("AWS::EKS::Cluster")
	assert.Equal(t, "1.35", cluster.Get("Version"))
	assert.Equal(t, map[string]any{"AuthenticationMode": "API", "BootstrapClusterCreatorAdminPermissions": false},
		cluster.Get("AccessConfig"), "who makes it is no admin")
	cdktest.Has(t, cluster, map[string]any{
		"ResourcesVpcConfig.EndpointPrivateAccess": true,
		"ResourcesVpcConfig.EndpointPublicAccess":  false,
		"ResourcesVpcConfig.PublicAccessCidrs":     nil,
	}, "open to the internet")
	assert.Equal(t, []any{"api", "audit", "authenticator", "controllerManager", "scheduler"},
		values(cluster.Get("Logging.ClusterLogging.EnabledTypes"), "Type"))
	cdktest.Has(t, cluster, map[string]any{
		"DeletionProtection":         false,
		"BootstrapSelfManagedAddons": false,
		"UpgradePolicy.SupportType":  "STANDARD",
		"ComputeConfig.Enabled":      false,
	})

	key := cluster.Ref("EncryptionConfig.0.Provider.KeyArn")
	assert.Nil(t, cluster.Get("EncryptionConfig.0.Resources"), "deprecated (W9009): EKS encrypts secrets, and nothing else, without it")
	assert.Equal(t, true, key.Get("EnableKeyRotation"))
	assert.Equal(t, "RetainExceptOnCreate", key.DeletionPolicy, "without it the cluster is lost")
	group := tpl.At("AWS::Logs::LogGroup", "/Cluster/LogGroup")
	cdktest.Has(t, group, map[string]any{
		"LogGroupName":    "/aws/eks/" + cluster.Get("Name").(string) + "/cluster",
		"RetentionInDays": 30.0,
	})
	assert.Equal(t, "RetainExceptOnCreate", group.DeletionPolicy)
	assert.True(t, cluster.ComesAfter(group), "EKS would make it first, to be kept for ever")

	role := cluster.Ref("RoleArn")
	cdktest.MayExactly(t, role, cdktest.ManagedPolicies("AmazonEKSClusterPolicy"))
	assert.Equal(t, []string{"eks.amazonaws.com"}, cdktest.AssumedBy(t, role))

	assert.Len(t, tpl.All("AWS::EKS::Addon"), 5)
	for _, name := range []string{"vpc-cni", "kube-proxy", "coredns", "eks-pod-identity-agent", "metrics-server"} {
		a := addOn(tpl, name)
		require.NotNil(t, a, name)
		assert.Same(t, cluster, a.Ref("ClusterName"))
		cdktest.Has(t, a, map[string]any{
			"AddonVersion":          nil,
			"ConfigurationValues":   nil,
			"ServiceAccountRoleArn": nil,
		}, name)
	}
	assert.Empty(t, tpl.All("AWS::EKS::PodIdentityAssociation"))
	assert.Empty(t, tpl.All("Custom::AWSCDK-EKS-HelmChart"))
}

func values(items any, key string) (found []any) {
	for _, item := range cdktest.List(items) {
		found = append(found, cdktest.Dig(item, key))
	}
	return found
}

// Load balancers find their subnets by tags: those for the internet, and those that stay inside.
func TestSubnetsAreTaggedForLoadBalancers(t *testing.T) {
	stack := cdktest.Stack(t)
	newKubernetes(stack, nil)
	tpl := cdktest.Synth(t, stack)
	var nodes []*cdktest.Resource
	for _, id := range cdktest.List(tpl.Only("AWS::EKS::Cluster").Get("ResourcesVpcConfig.SubnetIds")) {
		nodes = append(nodes, tpl.Follow(id))
	}
	assert.Len(t, nodes, 2)
	for _, subnet := range tpl.All("AWS::EC2::Subnet") {
		tags := map[string]any{}
		for _, tag := range cdktest.List(subnet.Get("Tags")) {
			tags[cdktest.Dig(tag, "Key").(string)] = cdktest.Dig(tag, "Value")
		}
		public := strings.Contains(subnet.Path(), "/Public")
		assert.Equal(t, public, tags["kubernetes.io/role/elb"] == "1", subnet.Path())
		assert.Equal(t, !public, tags["kubernetes.io/role/internal-elb"] == "1", subnet.Path())
		assert.Equal(t, !public, slices.Contains(nodes, subnet), "the control plane stands in %s", subnet.Path())
	}
}

// What applies Kubernetes objects: a function in the private subnets, whose role is an admin of this cluster and nobody else.
func TestKubectl(t *testing.T) {
	for name, change := range map[string]func(p *eks.ClusterProps){
		"private": nil,
		"public": func(p *eks.ClusterProps) {
			p.EndpointAccess, p.PublicAccessCidrs = eks.EndpointPublic, []string{"0.0.0.0/0"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			newKubernetes(stack, change)
			tpl := cdktest.Synth(t, stack)
			cluster, function := tpl.Only("AWS::EKS::Cluster"), tpl.At("AWS::Lambda::Function", "/KubectlProvider/Handler/")
			assert.Equal(t, cluster.Get("ResourcesVpcConfig.SubnetIds"), function.Get("VpcConfig.SubnetIds"), "no address that the endpoint knows")
			var layers []string
			for _, layer := range cdktest.List(function.Get("Layers")) {
				layers = append(layers, tpl.Follow(layer).Path())
			}
			assert.Contains(t, layers, "Test/Cluster/KubectlLayer/Resource")

			group := tpl.Follow(cdktest.Dig(function.Get("VpcConfig.SecurityGroupIds"), "0"))
			assert.Equal(t, "Test/Cluster/KubectlSecurityGroup/Resource", group.Path(),
				"in the cluster's own it reaches every node, and holds it when all is deleted")
			assert.Nil(t, group.Get("SecurityGroupIngress"))
			assert.Equal(t, []string{"tcp 443 to 0.0.0.0/0"}, egress(group), "it reaches more than APIs and charts")
			controlPlane := tpl.At("AWS::EC2::SecurityGroup", "Test/Cluster/ControlPlaneSecurityGroup/")
			assert.Empty(t, egress(controlPlane), "the cluster security group is enough")
			assert.Equal(t, controlPlane, tpl.Follow(cluster.Get("ResourcesVpcConfig.SecurityGroupIds.0")))
			rule := tpl.Only("AWS::EC2::SecurityGroupIngress")
			assert.Equal(t, cluster, rule.Ref("GroupId"))
			assert.Equal(t, group, rule.Ref("SourceSecurityGroupId"))
			cdktest.Has(t, rule, map[string]any{
				"FromPort": 443.0,
				"ToPort":   443.0,
			})

			entry := tpl.Only("AWS::EKS::AccessEntry")
			assert.Same(t, function.Ref("Role"), entry.Ref("PrincipalArn"))
			assert.Len(t, entry.Get("AccessPolicies"), 1)
			assert.Contains(t, toJSON(t, entry.Get("AccessPolicies.0.PolicyArn")), "AmazonEKSClusterAdminPolicy")
			for _, statement := range cdktest.List(tpl.At("AWS::IAM::Policy", "/KubectlProvider/Handler/").Get("PolicyDocument.Statement")) {
				assert.Equal(t, "eks:DescribeCluster", cdktest.Dig(statement, "Action"))
				assert.Same(t, cluster, tpl.Follow(cdktest.Dig(statement, "Resource")))
			}
		})
	}
}

// A VPC that was made elsewhere may have DNS servers of its own, which security groups limit.
func TestKubectlFindsNamesInAnotherVpc(t *testing.T) {
	stack := cdktest.Stack(t)
	storedCluster(stack, false)
	group := cdktest.Synth(t, stack).At("AWS::EC2::SecurityGroup", "/KubectlSecurityGroup/")
	assert.Equal(t, []string{"tcp 443 to 0.0.0.0/0", "tcp 53 to 0.0.0.0/0", "udp 53 to 0.0.0.0/0"}, egress(group))
}

// egress returns the rules of a security group by which traffic leaves, but for the one that the CDK writes for none.
func egress(group *cdktest.Resource) (rules []string) {
	for _, rule := range cdktest.List(group.Get("SecurityGroupEgress")) {
		if cidr := cdktest.Dig(rule, "CidrIp"); cidr != "255.255.255.255/32" {
			rules = append(rules, fmt.Sprintf("%v %v to %v", cdktest.Dig(rule, "IpProtocol"), cdktest.Dig(rule, "FromPort"), cidr))
		}
	}
	return rules
}

func toJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

func TestEndpoints(t *testing.T) {
	office := []string{"203.0.113.0/24", "198.51.100.7/32"}
	for name, c := range map[string]struct {
		access          eks.EndpointAccess
		cidrs           []string
		private, public bool
		want            any
	}{
		"by ranges": {"", office, true, true, []any{"203.0.113.0/24", "198.51.100.7/32"}},
		"both":      {eks.EndpointPublicAndPrivate, office[:1], true, true, []any{"203.0.113.0/24"}},
		"public":    {eks.EndpointPublic, []string{"0.0.0.0/0"}, false, true, []any{"0.0.0.0/0"}},
		"private":   {eks.EndpointPrivate, nil, true, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			newKubernetes(stack, func(p *eks.ClusterProps) { p.EndpointAccess, p.PublicAccessCidrs = c.access, c.cidrs })
			config := cdktest.Synth(t, stack).Only("AWS::EKS::Cluster").Get("ResourcesVpcConfig").(map[string]any)
			assert.Equal(t, c.private, config["EndpointPrivateAccess"])
			assert.Equal(t, c.public, config["EndpointPublicAccess"])
			assert.Equal(t, c.want, config["PublicAccessCidrs"])
		})
	}
}

func TestAccessEntries(t *testing.T) {
	const account = "arn:aws:iam::111122223333:"
	const admins, viewers, team = account + "role/Admins", account + "user/me", account + "role/teams/Shop"
	entries := []eks.AccessEntry{{PrincipalArn: admins, Policy: eks.PolicyClusterAdmin}, {PrincipalArn: viewers, Policy: eks.PolicyView},
		{PrincipalArn: team, Policy: eks.PolicyEdit, Namespaces: []string{"shop", "shop-*"}}}
	ids := func(entries []eks.AccessEntry) (ids []string, tpl *cdktest.Template) {
		stack := cdktest.Stack(t)
		newKubernetes(stack, func(p *eks.ClusterProps) { p.AccessEntries = entries })
		tpl = cdktest.Synth(t, stack)
		for _, e := range tpl.All("AWS::EKS::AccessEntry") {
			ids = append(ids, e.Id)
		}
		slices.Sort(ids)
		return ids, tpl
	}
	all, tpl := ids(entries)
	want := map[string][]any{
		admins:  {"AmazonEKSClusterAdminPolicy", map[string]any{"Type": "cluster"}},
		viewers: {"AmazonEKSViewPolicy", map[string]any{"Type": "cluster"}},
		team:    {"AmazonEKSEditPolicy", map[string]any{"Type": "namespace", "Namespaces": []any{"shop", "shop-*"}}},
	}
	for _, e := range tpl.All("AWS::EKS::AccessEntry") {
		arn, ok := e.Get("PrincipalArn").(string)
		if !ok {
			continue // kubectl's
		}
		assert.Equal(t, "STANDARD", e.Get("Type"))
		assert.Same(t, tpl.Only("AWS::EKS::Cluster"), e.Ref("ClusterName"))
		assert.Len(t, e.Get("AccessPolicies"), 1)
		assert.Equal(t, map[string]any{"Fn::Join": []any{"",
			[]any{"arn:", map[string]any{"Ref": "AWS::Partition"}, ":eks::aws:cluster-access-policy/" + want[arn][0].(string)}}},
			e.Get("AccessPolicies.0.PolicyArn"), arn)
		assert.Equal(t, want[arn][1], e.Get("AccessPolicies.0.AccessScope"), arn)
		delete(want, arn)
	}
	assert.Empty(t, want, "without an entry")

	again, _ := ids([]eks.AccessEntry{entries[2], entries[0], entries[1]})
	assert.Equal(t, all, again, "a second entry for a principal would be made before the first is deleted")
}

// A role of the same app is a token.
func TestAccessEntriesOfRolesHere(t *testing.T) {
	ids := func(names ...string) map[any]string {
		stack := cdktest.Stack(t)
		var entries []eks.AccessEntry
		for _, name := range names {
			role := awsiam.NewRole(stack, &name, &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
			entries = append(entries, eks.AccessEntry{PrincipalArn: *role.RoleArn(), Policy: eks.PolicyView})
		}
		newKubernetes(stack, func(p *eks.ClusterProps) { p.AccessEntries = entries })
		tpl, ids := cdktest.Synth(t, stack), map[any]string{}
		for _, name := range names {
			for _, e := range tpl.All("AWS::EKS::AccessEntry") {
				if role := e.Ref("PrincipalArn"); role != nil && strings.HasPrefix(role.Path(), "Test/"+name+"/") {
					ids[name] = e.Id
				}
			}
		}
		return ids
	}
	both, one := ids("Dev", "Ops"), ids("Ops")
	assert.Len(t, both, 2)
	assert.Equal(t, both["Ops"], one["Ops"], "EKS accepts one entry for a principal, and the new one would come before the old one goes")
}

func TestAccessEntriesOfRolesOfTwoStacks(t *testing.T) {
	app := cdktest.App(t)
	var entries []eks.AccessEntry
	for _, id := range []string{"Orders", "Carts"} {
		admin := awsiam.NewRole(awscdk.NewStack(app, &id, nil), jsii.String("Admin"),
			&awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
		entries = append(entries, eks.AccessEntry{PrincipalArn: *admin.RoleArn(), Policy: eks.PolicyView})
	}
	stack := awscdk.NewStack(app, jsii.String("Kubernetes"), nil)
	newKubernetes(stack, func(p *eks.ClusterProps) { p.AccessEntries = entries })
	imported := 0
	for _, e := range cdktest.Synth(t, stack).All("AWS::EKS::AccessEntry") {
		if strings.Contains(fmt.Sprint(e.Get("PrincipalArn")), "Admin") {
			imported++
		}
	}
	assert.Equal(t, 2, imported)
}

func TestKubernetesClusterWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.NewKey(stack, jsii.String("Own"), nil)
	cluster := newKubernetes(stack, func(p *eks.ClusterProps) {
		p.Version, p.ClusterName, p.EncryptionKey = "1.33", "shop", key
		p.SupportType, p.DeletionProtection = eks.SupportExtended, true
		p.LogRetention, p.RemovalPolicy = awslogs.RetentionDays_ONE_YEAR, awscdk.RemovalPolicy_DESTROY
		p.AddOns = eks.AddOns{VpcCniVersion: "v1.20.4-eksbuild.2", KubeProxyVersion: "v1.33.3-eksbuild.10",
			PodIdentityAgentVersion: "v1.3.8-eksbuild.2",
			CoreDnsVersion:          "v1.12.4-eksbuild.1", MetricsServerVersion: "v0.8.0-eksbuild.2", PrefixDelegation: true, NetworkPolicy: true,
			CoreDnsOnFargate: true}
	})
	eks.NewFargateProfile(stack, "System",
		&eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "kube-system"}}})
	output.New(stack, "Kubeconfig", cluster.KubeconfigCommand())
	tpl := cdktest.Synth(t, stack)

	made := tpl.Only("AWS::EKS::Cluster")
	cdktest.Has(t, made, map[string]any{
		"Version":                   "1.33",
		"Name":                      "shop",
		"UpgradePolicy.SupportType": "EXTENDED",
		"DeletionProtection":        true,
	})
	assert.Same(t, tpl.Only("AWS::KMS::Key"), made.Ref("EncryptionConfig.0.Provider.KeyArn"), "a key was made beside the one to use")
	group := tpl.At("AWS::Logs::LogGroup", "/Cluster/LogGroup")
	cdktest.Has(t, group, map[string]any{
		"LogGroupName":    "/aws/eks/shop/cluster",
		"RetentionInDays": 365.0,
	})
	assert.Equal(t, "Delete", group.DeletionPolicy)
	for name, version := range map[string]string{"vpc-cni": "v1.20.4-eksbuild.2", "kube-proxy": "v1.33.3-eksbuild.10",
		"eks-pod-identity-agent": "v1.3.8-eksbuild.2",
		"coredns":                "v1.12.4-eksbuild.1", "metrics-server": "v0.8.0-eksbuild.2"} {
		assert.Equal(t, version, addOn(tpl, name).Get("AddonVersion"), name)
	}
	assert.JSONEq(t, `{"env":{"ENABLE_PREFIX_DELEGATION":"true"},"enableNetworkPolicy":"true"}`,
		addOn(tpl, "vpc-cni").Get("ConfigurationValues").(string))
	assert.JSONEq(t, `{"computeType":"Fargate"}`, addOn(tpl, "coredns").Get("ConfigurationValues").(string))
	assert.Equal(t, map[string]any{"Fn::Join": []any{"",
		[]any{"aws eks update-kubeconfig --name ", map[string]any{"Ref": made.Id}, " --region ", map[string]any{"Ref": "AWS::Region"}}}},
		tpl.Outputs["Kubeconfig"]["Value"])
}

func TestAutoMode(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newKubernetes(stack, func(p *eks.ClusterProps) { p.AutoMode = true })
	assert.Equal(t,
		[]string{"Test/Nodes: Cluster must not be in Auto Mode, which manages its own nodes; remove AutoMode there, or these nodes"},
		cdktest.Refused(t, func() {
			eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
		}))
	tpl := cdktest.Synth(t, stack)

	made := tpl.Only("AWS::EKS::Cluster")
	cdktest.Has(t, made, map[string]any{
		"ComputeConfig.Enabled":                                true,
		"StorageConfig.BlockStorage.Enabled":                   true,
		"KubernetesNetworkConfig.ElasticLoadBalancing.Enabled": true,
		"BootstrapSelfManagedAddons":                           false,
	})
	assert.Equal(t, []any{"system", "general-purpose"}, made.Get("ComputeConfig.NodePools"))
	role := made.Ref("RoleArn")
	cdktest.MayExactly(t, role, cdktest.ManagedPolicies("AmazonEKSBlockStoragePolicy", "AmazonEKSClusterPolicy", "AmazonEKSComputePolicy",
		"AmazonEKSLoadBalancingPolicy", "AmazonEKSNetworkingPolicy"))
	assert.Equal(t, []string{"eks.amazonaws.com (sts:AssumeRole, sts:TagSession)"}, cdktest.AssumedBy(t, role))
	nodes := made.Ref("ComputeConfig.NodeRoleArn")
	cdktest.MayExactly(t, nodes, cdktest.ManagedPolicies("AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodeMinimalPolicy"))
	assert.Equal(t, []string{"ec2.amazonaws.com"}, cdktest.AssumedBy(t, nodes))
	assert.Len(t, tpl.All("AWS::EKS::Addon"), 1, "the others are built in")
	assert.NotNil(t, addOn(tpl, "metrics-server"))
}

func TestPodRole(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newKubernetes(stack, nil)
	table := awsdynamodb.NewTable(stack, jsii.String("Table"), &awsdynamodb.TableProps{
		PartitionKey: &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
	})
	table.Grant(cluster.PodRole("shop", "api"), jsii.String("dynamodb:GetItem"))
	table.Grant(cluster.PodRole("shop", "api"), jsii.String("dynamodb:PutItem")) // the same role
	table.Grant(cluster.PodRole("shop-api", "x"), jsii.String("dynamodb:Query"))
	table.Grant(cluster.PodRole("shop", "api-x"), jsii.String("dynamodb:Query")) // whose names run together to the same
	tpl := cdktest.Synth(t, stack)

	assert.Len(t, tpl.All("AWS::EKS::PodIdentityAssociation"), 3)
	association := tpl.At("AWS::EKS::PodIdentityAssociation", "PodRole-shop:api/")
	assert.Same(t, tpl.Only("AWS::EKS::Cluster"), association.Ref("ClusterName"))
	cdktest.Has(t, association, map[string]any{
		"Namespace":      "shop",
		"ServiceAccount": "api",
	})
	role := association.Ref("RoleArn")
	made := tpl.Only("AWS::DynamoDB::Table")
	cdktest.MayExactly(t, role, cdktest.Allow("dynamodb:GetItem", "dynamodb:PutItem").On(made))

	var actions []any
	for _, statement := range cdktest.List(role.Get("AssumeRolePolicyDocument.Statement")) {
		actions = append(actions, cdktest.List(cdktest.Dig(statement, "Action"))...)
		assert.Equal(t, "pods.eks.amazonaws.com", cdktest.Dig(statement, "Principal.Service"))
		equals := cdktest.Dig(statement, "Condition.StringEquals").(map[string]any)
		assert.Same(t, tpl.Only("AWS::EKS::Cluster"), tpl.Follow(equals["aws:RequestTag/eks-cluster-arn"]), "pods of another cluster")
		assert.Equal(t, "shop", equals["aws:RequestTag/kubernetes-namespace"])
		assert.Equal(t, "api", equals["aws:RequestTag/kubernetes-service-account"])
	}
	assert.ElementsMatch(t, []any{"sts:AssumeRole", "sts:TagSession"}, actions)

	assert.Equal(t, []string{`Test/Cluster/PodRole-Shop:api: Namespace must be up to 63 lowercase letters, digits and hyphens; got "Shop"`},
		cdktest.Refused(t, func() { newKubernetes(cdktest.Stack(t), nil).PodRole("Shop", "api") }))
}

// The controller acts with a role of its own, which may do what the CDK's may, and is there while load balancers are to be deleted.
func TestAlbController(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newKubernetes(stack, func(p *eks.ClusterProps) { p.AlbController = true })
	eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
	tpl := cdktest.Synth(t, stack)

	chart := tpl.Only("Custom::AWSCDK-EKS-HelmChart")
	cdktest.Has(t, chart, map[string]any{
		"Chart":      "aws-load-balancer-controller",
		"Repository": "https://aws.github.io/eks-charts",
		"Version":    "3.2.2",
		"Namespace":  "kube-system",
		"Wait":       true,
	})
	values := joined(t, tpl, chart.Get("Values"))
	assert.JSONEq(t, `{"clusterName": "<AWS::EKS::Cluster>", "region": "<AWS::Region>", "vpcId": "<AWS::EC2::VPC>",
		"serviceAccount": {"create": true, "name": "aws-load-balancer-controller"},
		"keepTLSSecret": true, "enableServiceMutatorWebhook": false}`, values, "it would ask the instance, which pods do not reach")
	association := tpl.Only("AWS::EKS::PodIdentityAssociation")
	cdktest.Has(t, association, map[string]any{
		"Namespace":      "kube-system",
		"ServiceAccount": "aws-load-balancer-controller",
	})
	for _, before := range []*cdktest.Resource{association, association.Ref("RoleArn"), tpl.At("AWS::IAM::Policy", "AlbControllerPolicy"),
		tpl.Only("AWS::EKS::Nodegroup"), addOn(tpl, "coredns"),
		addOn(tpl, "eks-pod-identity-agent"), tpl.Only("AWS::EC2::SecurityGroupIngress")} {
		assert.True(t, chart.ComesAfter(before), before.Path())
	}
	assert.Len(t, tpl.All("AWS::Lambda::Function"), 3)
	assert.Empty(t, tpl.All("AWS::IAM::OIDCProvider"))

	other := cdktest.Stack(t)
	awseksv2.NewAlbController(other, jsii.String("Theirs"),
		&awseksv2.AlbControllerProps{Cluster: newKubernetes(other, nil).Cluster.(awseksv2.Cluster),
			Version: awseksv2.AlbControllerVersion_V3_2_2()})
	theirs := cdktest.Synth(t, other).At("AWS::IAM::Policy", "Theirs")
	assert.Equal(t, cdktest.Permissions(t, theirs), cdktest.Permissions(t, tpl.At("AWS::IAM::Policy", "AlbControllerPolicy")),
		"the policy is another version's")
}

// joined is a text with <type> for each reference.
func joined(t *testing.T, tpl *cdktest.Template, value any) string {
	t.Helper()
	var text strings.Builder
	for _, part := range cdktest.List(cdktest.Dig(value, "Fn::Join.1")) {
		target, name := tpl.Follow(part), cdktest.Dig(part, "Ref")
		switch literal, isText := part.(string); {
		case isText:
			text.WriteString(literal)
		case target != nil:
			text.WriteString("<" + target.Type + ">")
		default:
			text.WriteString("<" + name.(string) + ">")
		}
	}
	return text.String()
}

func TestManagedNodesWithDefaults(t *testing.T) {
	stack := cdktest.Stack(t)
	eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: newKubernetes(stack, nil),
		InstanceTypes: []string{"m7g.large", "m6g.large"}})
	tpl := cdktest.Synth(t, stack)

	nodes := tpl.Only("AWS::EKS::Nodegroup")
	assert.Same(t, tpl.Only("AWS::EKS::Cluster"), nodes.Ref("ClusterName"))
	cdktest.Has(t, nodes, map[string]any{
		"AmiType":            "AL2023_ARM_64_STANDARD",
		"CapacityType":       "ON_DEMAND",
		"Version":            "1.35",
		"ReleaseVersion":     nil,
		"ForceUpdateEnabled": nil,
	})
	assert.Equal(t, []any{"m7g.large", "m6g.large"}, nodes.Get("InstanceTypes"))
	assert.Equal(t, map[string]any{"MinSize": 1.0, "MaxSize": 3.0, "DesiredSize": 1.0}, nodes.Get("ScalingConfig"),
		"EKS takes all three or none")
	assert.Equal(t, map[string]any{"MaxUnavailable": 1.0}, nodes.Get("UpdateConfig"))
	assert.Equal(t, map[string]any{"Enabled": true}, nodes.Get("NodeRepairConfig"))
	cdktest.Has(t, nodes, map[string]any{
		"Labels":       nil,
		"Taints":       nil,
		"RemoteAccess": nil,
		"DiskSize":     nil,
	})
	assert.Len(t, nodes.Get("Subnets"), 2)
	for _, id := range cdktest.List(nodes.Get("Subnets")) {
		assert.Contains(t, tpl.Follow(id).Path(), "/Private")
	}

	template := nodes.Ref("LaunchTemplate.Id")
	assert.Same(t, template, nodes.Ref("LaunchTemplate.Version"), "a new version would not replace the nodes")
	data := template.Get("LaunchTemplateData").(map[string]any)
	assert.Equal(t, map[string]any{"HttpTokens": "required", "HttpPutResponseHopLimit": 1.0, "HttpEndpoint": "enabled"},
		data["MetadataOptions"], "pods could take the node's credentials")
	assert.Equal(t, []any{disk("/dev/xvda", 30)}, data["BlockDeviceMappings"])
	// What EKS says itself, or refuses: https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
	assert.Equal(t, []string{"BlockDeviceMappings", "MetadataOptions", "TagSpecifications"}, slices.Sorted(maps.Keys(data)))

	role := nodes.Ref("NodeRole")
	cdktest.MayExactly(t, role, cdktest.ManagedPolicies("AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy",
		"AmazonEKS_CNI_Policy"))
	assert.Equal(t, []string{"ec2.amazonaws.com"}, cdktest.AssumedBy(t, role))
	for _, policy := range tpl.All("AWS::IAM::Policy") {
		for _, holder := range cdktest.List(policy.Get("Roles")) {
			assert.NotSame(t, role, tpl.Follow(holder), "nodes may do more than they need")
		}
	}
	for _, entry := range tpl.All("AWS::EKS::AccessEntry") {
		assert.NotEqual(t, role, tpl.Follow(entry.Get("PrincipalArn")), "EKS makes the entry of managed nodes, and would not make it again")
	}
}

func disk(device string, size float64) any {
	return map[string]any{"DeviceName": device,
		"Ebs": map[string]any{"Encrypted": true, "VolumeType": "gp3", "VolumeSize": size, "DeleteOnTermination": true}}
}

func TestManagedNodesWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newKubernetes(stack, nil)
	role := awsiam.Role_FromRoleArn(stack, jsii.String("Own"), jsii.String("arn:aws:iam::111122223333:role/Nodes"), nil)
	eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{
		Cluster: cluster, InstanceTypes: []string{"g6.xlarge", "g5.xlarge"}, Spot: true, OperatingSystem: platform.Bottlerocket,
		MinSize: new(0), MaxSize: 9,
		DesiredSize: new(2), DiskSizeGiB: 100, Labels: map[string]string{"team": "ml"},
		Taints: []eks.Taint{{Key: "nvidia.com/gpu", Effect: eks.NoSchedule},
			{Key: "team", Value: "ml", Effect: eks.PreferNoSchedule}},
		MaxUnavailablePercentage: 50, DisableNodeRepair: true, AmiRelease: "1.50.0-0123abcd", Role: role,
		Version: "1.34", ForceUpdate: true,
	})
	tpl := cdktest.Synth(t, stack)

	nodes := tpl.Only("AWS::EKS::Nodegroup")
	cdktest.Has(t, nodes, map[string]any{
		"AmiType":            "BOTTLEROCKET_x86_64_NVIDIA",
		"CapacityType":       "SPOT",
		"Version":            "1.34",
		"ReleaseVersion":     "1.50.0-0123abcd",
		"ForceUpdateEnabled": true,
		"NodeRole":           "arn:aws:iam::111122223333:role/Nodes",
	})
	assert.Equal(t, map[string]any{"MinSize": 0.0, "MaxSize": 9.0, "DesiredSize": 2.0}, nodes.Get("ScalingConfig"))
	assert.Equal(t, map[string]any{"MaxUnavailablePercentage": 50.0}, nodes.Get("UpdateConfig"))
	assert.Equal(t, map[string]any{"Enabled": false}, nodes.Get("NodeRepairConfig"))
	assert.Equal(t, map[string]any{"team": "ml"}, nodes.Get("Labels"))
	assert.Equal(t, []any{map[string]any{"Key": "nvidia.com/gpu", "Effect": "NO_SCHEDULE"},
		map[string]any{"Key": "team", "Value": "ml", "Effect": "PREFER_NO_SCHEDULE"}}, nodes.Get("Taints"))
	assert.Equal(t, []any{disk("/dev/xvda", 4), disk("/dev/xvdb", 100)},
		nodes.Ref("LaunchTemplate.Id").Get("LaunchTemplateData.BlockDeviceMappings"))
	for _, made := range tpl.All("AWS::IAM::Role") {
		assert.NotContains(t, made.Path(), "/Nodes/", "a role was made beside the one to use")
	}
}

// What CloudFormation deletes before what: pods before their nodes, add-ons that need nodes before these, nodes before the add-ons
// that they need to leave, all before the cluster, and that before its network and its logs.
func TestKubernetesIsDeletedInOrder(t *testing.T) {
	for name, access := range map[string]eks.EndpointAccess{"private": eks.EndpointPrivate, "public": eks.EndpointPublic} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			cluster := newKubernetes(stack, func(p *eks.ClusterProps) {
				p.EndpointAccess, p.AlbController = access, true
				if access == eks.EndpointPublic {
					p.PublicAccessCidrs = []string{"0.0.0.0/0"}
				}
			})
			nodes := eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
			eks.NewManagedNodes(stack, "More", &eks.ManagedNodesProps{Cluster: cluster,
				InstanceTypes: []string{"m7i.large", "m6i.large"}, Spot: true})
			manifest := awseksv2.NewKubernetesManifest(stack, jsii.String("Shop"), &awseksv2.KubernetesManifestProps{Cluster: cluster.Cluster,
				Manifest: &[]*map[string]any{{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "shop"}}}})
			manifest.Node().AddDependency(nodes)
			tpl := cdktest.Synth(t, stack)

			itself := tpl.Only("AWS::EKS::Cluster")
			chart, object := tpl.Only("Custom::AWSCDK-EKS-HelmChart"), tpl.Only("Custom::AWSCDK-EKS-KubernetesResource")
			admin, rule := tpl.Only("AWS::EKS::AccessEntry"), tpl.Only("AWS::EC2::SecurityGroupIngress")
			for _, group := range tpl.All("AWS::EKS::Nodegroup") {
				for _, late := range []string{"coredns", "metrics-server"} {
					assert.True(t, addOn(tpl, late).ComesAfter(group), "%s has no node to run on, and is DEGRADED", late)
				}
				for _, early := range []string{"vpc-cni", "kube-proxy", "eks-pod-identity-agent"} {
					assert.True(t, group.ComesAfter(addOn(tpl, early)), "nodes wait for %s to be ready", early)
					assert.False(t, addOn(tpl, early).ComesAfter(group), "%s and nodes wait for each other", early)
				}
				assert.True(t, chart.ComesAfter(group))
				assert.True(t, group.ComesAfter(group.Ref("NodeRole")))
				assert.True(t, group.ComesAfter(itself))
			}
			assert.True(t, object.ComesAfter(tpl.At("AWS::EKS::Nodegroup", "/Nodes/")))
			for _, applied := range []*cdktest.Resource{chart, object} {
				for _, group := range tpl.All("AWS::Logs::LogGroup") {
					if strings.Contains(group.Path(), "/Cluster/") {
						assert.True(t, applied.ComesAfter(group), "kubectl would make %s again", group.Path())
					}
				}
				assert.True(t, applied.ComesAfter(admin), "kubectl may no longer delete it")
				assert.True(t, applied.ComesAfter(rule), "kubectl can no longer reach the API to delete it")
				for _, part := range slices.Concat(tpl.All("AWS::Lambda::Function"), tpl.All("AWS::IAM::Policy")) {
					if strings.Contains(part.Path(), "/KubectlProvider/") {
						assert.True(t, applied.ComesAfter(part), part.Path())
					}
				}
			}
			for _, kind := range []string{"AWS::EC2::NatGateway", "AWS::EC2::Route", "AWS::EC2::SubnetRouteTableAssociation",
				"AWS::EC2::VPCGatewayAttachment", "AWS::IAM::Role"} {
				for _, part := range tpl.All(kind) {
					if kind == "AWS::IAM::Role" && part != itself.Ref("RoleArn") {
						continue
					}
					assert.True(t, itself.ComesAfter(part), "the cluster would outlive %s", part.Path())
				}
			}
			assert.True(t, itself.ComesAfter(itself.Ref("EncryptionConfig.0.Provider.KeyArn")))
			assert.False(t, itself.ComesAfter(tpl.At("AWS::Lambda::Function", "/KubectlProvider/Handler/")))
		})
	}
}

// A VPC that somebody else made: nothing is made in it but security groups, and its tags are for somebody else to set.
func TestKubernetesInAnotherVpc(t *testing.T) {
	app := cdktest.App(t)
	stack := awscdk.NewStack(app, jsii.String("Test"), nil)
	vpc := awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
		VpcId: jsii.String("vpc-0123456789abcdef0"), AvailabilityZones: jsii.Strings("eu-west-1a", "eu-west-1b"),
		PrivateSubnetIds: jsii.Strings("subnet-1", "subnet-2"), PublicSubnetIds: jsii.Strings("subnet-3", "subnet-4"),
	})
	cluster := newCluster(stack, "Cluster", &eks.ClusterProps{Vpc: vpc})
	eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
	tpl, warnings := cdktest.SynthAnnotated(t, stack)
	assert.Equal(t, []any{"subnet-1", "subnet-2"}, tpl.Only("AWS::EKS::Cluster").Get("ResourcesVpcConfig.SubnetIds"))
	assert.Equal(t, []any{"subnet-1", "subnet-2"}, tpl.Only("AWS::EKS::Nodegroup").Get("Subnets"))
	assert.Empty(t, tpl.All("AWS::EC2::Subnet"))
	untagged := 0
	for _, warning := range warnings {
		if strings.Contains(warning, "please remember to do this manually") {
			untagged++
		}
	}
	assert.Equal(t, 4, untagged, "nobody is told that load balancers will find no subnets")
}

// Who is in the VPC, or connected to it, comes in by the control plane's group, which no node has.
func TestKubernetesFromTheVpc(t *testing.T) {
	stack := cdktest.Stack(t)
	newKubernetes(stack, func(p *eks.ClusterProps) { p.PrivateAccessCidrs = []string{"10.0.0.0/16"} })
	tpl := cdktest.Synth(t, stack)
	group := tpl.At("AWS::EC2::SecurityGroup", "ControlPlaneSecurityGroup")
	assert.Equal(t, []any{map[string]any{"CidrIp": "10.0.0.0/16", "IpProtocol": "tcp", "FromPort": 443.0, "ToPort": 443.0,
		"Description": "Kubernetes API from 10.0.0.0/16"}},
		group.Get("SecurityGroupIngress"))
	assert.Same(t, group, tpl.Follow(cdktest.Dig(tpl.Only("AWS::EKS::Cluster").Get("ResourcesVpcConfig.SecurityGroupIds"), "0")))
}

func TestServiceAccountsHaveOneRole(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newKubernetes(stack, func(p *eks.ClusterProps) { p.AlbController = true })
	eks.NewContainerInsights(stack, "Insights", &eks.ContainerInsightsProps{Cluster: cluster})
	cluster.PodRole("shop", "api")
	for account, path := range map[[2]string]string{
		{"shop", "api"}: "Test/Cluster/PodRole-shop:api", {"kube-system", "aws-load-balancer-controller"}: "Test/Cluster/AlbControllerRole",
		{"amazon-cloudwatch", "cloudwatch-agent"}: "Test/Insights",
	} {
		assert.Equal(t,
			[]string{`Test/Again: ServiceAccount must not have another role in namespace "` + account[0] +
				`", because EKS accepts only one; got "` + account[1] +
				`"; use the role of ` + path},
			cdktest.Refused(t, func() {
				eks.NewPodRole(stack, "Again", &eks.PodRoleProps{Cluster: cluster, Namespace: account[0], ServiceAccount: account[1]})
			}))
	}
	eks.NewPodRole(stack, "Other", &eks.PodRoleProps{Cluster: cluster, Namespace: "shop", ServiceAccount: "jobs"})
}

// EKS makes the access entry of managed nodes, and takes one for a role.
func TestNodesOfBothKindsWithOneRole(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newKubernetes(stack, nil)
	managed := eks.NewManagedNodes(stack, "Managed", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
	own := eks.SelfManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}, Role: managed.Role}
	assert.Equal(t,
		[]string{"Test/Own: Role must not be the role of ManagedNodes: EKS has created its access entry, and a role can have only one; " +
			`got "Test/Managed/Role"; set HasAccessEntry, or use a role of its own`},
		cdktest.Refused(t, func() { eks.NewSelfManagedNodes(stack, "Own", &own) }))
	own.HasAccessEntry = true
	eks.NewSelfManagedNodes(stack, "Own", &own)
	tpl := cdktest.Synth(t, stack)
	assert.True(t, tpl.Only("AWS::AutoScaling::AutoScalingGroup").ComesAfter(tpl.Only("AWS::EKS::Nodegroup")), "which brings the entry")
}

// EKS refuses a node group in subnets that give no public addresses, as those of this library do not.
func TestManagedNodesInPublicSubnetsAreRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newKubernetes(stack, nil)
	assert.Equal(t,
		[]string{`Test/Nodes: Subnets must be "private" or "isolated", because EKS refuses node groups in public subnets that assign no ` +
			`public addresses; ` +
			`got "public"; use one of them, or NewSelfManagedNodes`}, cdktest.Refused(t, func() {
			eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"},
				Subnets: network.Public})
		}))
}

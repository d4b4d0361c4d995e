package eks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
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
	"awscontainers/test/cdktest"
)

// fargateCluster is a cluster without nodes, and the profile in which CoreDNS runs.
func fargateCluster(scope constructs.Construct) (*eks.Cluster, *eks.FargateProfile) {
	vpc := network.NewVpc(scope, "Vpc", nil)
	cluster := newCluster(scope, "Cluster", &eks.ClusterProps{Vpc: vpc.Vpc, AddOns: eks.AddOns{CoreDnsOnFargate: true}})
	return cluster, eks.NewFargateProfile(scope, "System", &eks.FargateProfileProps{
		Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "kube-system"}},
	})
}

// nodeCluster is a cluster with nodes.
func nodeCluster(scope constructs.Construct) *eks.Cluster {
	vpc := network.NewVpc(scope, "Vpc", nil)
	cluster := newCluster(scope, "Cluster", &eks.ClusterProps{Vpc: vpc.Vpc})
	eks.NewManagedNodes(scope, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
	return cluster
}

// functions gives the names of the constructs that functions of a template belong to.
func functions(tpl *cdktest.Template) (owners []string) {
	for _, f := range tpl.All("AWS::Lambda::Function") {
		parts := strings.Split(f.Path(), "/")
		owners = append(owners, strings.Join(parts[1:len(parts)-2], "/"))
	}
	slices.Sort(owners)
	return owners
}

// Nothing of ours has a function but what applies Kubernetes objects; the VPC has one, for its default security group.
func requireOnlyKubectlFunctions(t *testing.T, tpl *cdktest.Template) {
	t.Helper()
	for _, owner := range functions(tpl) {
		require.Regexp(t, `^$|^Custom::VpcRestrictDefaultSG|^Cluster/Cluster/KubectlProvider`, owner)
	}
}

func TestFargateProfile(t *testing.T) {
	stack := cdktest.Stack(t)
	fargateCluster(stack)
	tpl := cdktest.Synth(t, stack)

	profile := tpl.Only("AWS::EKS::FargateProfile")
	assert.Equal(t, "AWS::EKS::Cluster", profile.Ref("ClusterName").Type)
	assert.Equal(t, []any{map[string]any{"Namespace": "kube-system"}}, profile.Get("Selectors"))
	assert.Nil(t, profile.Get("FargateProfileName"))
	subnets := profile.Get("Subnets").([]any)
	require.Len(t, subnets, 3)
	for _, subnet := range subnets {
		assert.Equal(t, false, tpl.Follow(subnet).Get("MapPublicIpOnLaunch"))
		assert.Contains(t, tpl.Follow(subnet).Path(), "Private")
	}

	// Fargate takes the role, for profiles of this cluster alone.
	role := profile.Ref("PodExecutionRoleArn")
	assert.Equal(t, []any{map[string]any{
		"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": map[string]any{"Service": "eks-fargate-pods.amazonaws.com"},
		"Condition": map[string]any{"ArnLike": map[string]any{"aws:SourceArn": map[string]any{
			"Fn::Join": []any{"", []any{"arn:", map[string]any{"Ref": "AWS::Partition"}, ":eks:", map[string]any{"Ref": "AWS::Region"}, ":",
				map[string]any{"Ref": "AWS::AccountId"}, ":fargateprofile/TestCluster7F1E21B1/*"}},
		}}},
	}}, withoutName(role.Get("AssumeRolePolicyDocument.Statement"), tpl))

	// It writes to the log group, and to no other.
	group := tpl.At("AWS::Logs::LogGroup", "/FargateLogGroup/")
	assert.Equal(t, 30.0, group.Get("RetentionInDays"))
	assert.Nil(t, group.Get("LogGroupName"))
	assert.Equal(t, "RetainExceptOnCreate", group.DeletionPolicy)
	cdktest.MayExactly(t, role, mayStartPods(), mayLog(group))

	// The cluster's add-ons run on the profile.
	coreDns := addOn(tpl, "coredns")
	assert.JSONEq(t, `{"computeType":"Fargate"}`, coreDns.Get("ConfigurationValues").(string))
	for _, name := range []string{"coredns", "metrics-server"} {
		assert.True(t, addOn(tpl, name).ComesAfter(profile), name)
	}
	for _, name := range []string{"vpc-cni", "kube-proxy", "eks-pod-identity-agent"} {
		assert.True(t, profile.ComesAfter(addOn(tpl, name)), name)
	}
	assert.True(t, profile.ComesAfter(tpl.At("AWS::EC2::NatGateway", "Subnet1")), "a way out")
	for _, policy := range tpl.All("AWS::IAM::Policy") {
		if tpl.Follow(cdktest.Dig(policy.Get("Roles"), "0")) == role {
			assert.True(t, profile.ComesAfter(policy), "with its policy")
		}
	}
	requireOnlyKubectlFunctions(t, tpl)
}

// mayStartPods is what a role of Fargate has besides mayLog.
func mayStartPods() cdktest.Grant {
	return cdktest.ManagedPolicies("AmazonEKSFargatePodExecutionRolePolicy")
}

// withoutName puts the cluster's real name into a statement's expected one.
func withoutName(value any, tpl *cdktest.Template) any {
	name, _ := tpl.Only("AWS::EKS::Cluster").Get("Name").(string)
	raw, _ := json.Marshal(value)
	var out any
	_ = json.Unmarshal([]byte(strings.ReplaceAll(string(raw), name, "TestCluster7F1E21B1")), &out)
	return out
}

// Fargate reads how to log when a pod starts, from one ConfigMap of the cluster.
func TestFargateLogging(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster, _ := fargateCluster(stack)
	shop := eks.NewFargateProfile(stack, "Shop",
		&eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "shop"}}})
	silent := eks.NewFargateProfile(stack, "Silent",
		&eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "silent"}},
			DisableLogging: true})
	assert.NotNil(t, shop.LogGroup)
	assert.Nil(t, silent.LogGroup)
	tpl := cdktest.Synth(t, stack)

	manifest := tpl.Only(cdktest.KubernetesManifest)
	group := tpl.At("AWS::Logs::LogGroup", "/FargateLogGroup/")
	objects := manifest.Objects()
	require.Len(t, objects, 2)
	namespace, configMap := objects[0], objects[1]
	assert.Equal(t, "v1", namespace["apiVersion"])
	assert.Equal(t, "Namespace", namespace["kind"])
	cdktest.HasAt(t, namespace, map[string]any{
		"metadata.name":                     "aws-observability",
		"metadata.labels.aws-observability": "enabled",
	})
	assert.Equal(t, "v1", configMap["apiVersion"])
	assert.Equal(t, "ConfigMap", configMap["kind"])
	cdktest.HasAt(t, configMap, map[string]any{
		"metadata.name":      "aws-logging",
		"metadata.namespace": "aws-observability",
	})

	data := configMap["data"].(map[string]any)
	assert.ElementsMatch(t, []string{"flb_log_cw", "filters.conf", "output.conf", "parsers.conf"}, slices.Collect(maps.Keys(data)))
	assert.Equal(t, "false", data["flb_log_cw"])
	whole := 0
	for _, file := range data {
		whole += len(file.(string))
	}
	assert.Less(t, whole, 5300)
	assert.Equal(t, []fluentBitSection{{"OUTPUT", map[string]string{
		"name": "cloudwatch_logs", "match": "kube.*", "region": "<AWS::Region>", "log_group_name": "<" + group.Id + ">",
		"log_stream_prefix": "fargate-", "auto_create_group": "false",
	}}}, fluentBit(t, data["output.conf"].(string)))
	filters := fluentBit(t, data["filters.conf"].(string))
	require.Len(t, filters, 2)
	parsers := fluentBit(t, data["parsers.conf"].(string))
	require.Len(t, parsers, 1)
	for i, want := range []map[string]string{{"name": "parser", "match": "*"}, {"name": "kubernetes", "match": "kube.*"}} {
		assert.Equal(t, "FILTER", filters[i].name)
		assert.Subset(t, filters[i].values, want)
	}
	assert.Equal(t, parsers[0].values["name"], filters[0].values["parser"])
	assert.Equal(t, "PARSER", parsers[0].name)
	assert.Equal(t, "Regex", parsers[0].values["format"])

	// Pods that start before it do not log.
	for _, name := range []string{"/System/", "/Shop/"} {
		profile := tpl.At("AWS::EKS::FargateProfile", name)
		assert.True(t, profile.ComesAfter(manifest), name)
		cdktest.MayExactly(t, profile.Ref("PodExecutionRoleArn"), mayStartPods(), mayLog(tpl.At("AWS::Logs::LogGroup", "/FargateLogGroup/")))
	}
	cdktest.MayExactly(t, tpl.At("AWS::EKS::FargateProfile", "/Silent/").Ref("PodExecutionRoleArn"), mayStartPods())
	assert.True(t, manifest.ComesAfter(tpl.At("AWS::EKS::AccessEntry", "ClusterAdminRoleAccess")), "while it may be applied")

	// EKS makes one profile of a cluster at a time.
	assert.True(t, tpl.At("AWS::EKS::FargateProfile", "/Shop/").ComesAfter(tpl.At("AWS::EKS::FargateProfile", "/System/")))
	assert.True(t, tpl.At("AWS::EKS::FargateProfile", "/Silent/").ComesAfter(tpl.At("AWS::EKS::FargateProfile", "/Shop/")))
	requireOnlyKubectlFunctions(t, tpl)
}

type fluentBitSection struct {
	name   string
	values map[string]string
}

// fluentBit reads a configuration as Fargate does: sections at the margin, their keys deeper, no variables.
func fluentBit(t *testing.T, text string) (sections []fluentBitSection) {
	t.Helper()
	require.NotContains(t, text, "${")
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if strings.HasPrefix(line, "[") {
			sections = append(sections, fluentBitSection{strings.Trim(line, "[]"), map[string]string{}})
			continue
		}
		require.True(t, strings.HasPrefix(line, "    ") && line[4] != ' ', "indentation of %q", line)
		key, value, found := strings.Cut(strings.TrimSpace(line), " ")
		require.True(t, found, line)
		sections[len(sections)-1].values[strings.ToLower(key)] = strings.TrimSpace(value)
	}
	return sections
}

func TestFargateProfileWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{IsolatedSubnets: true})
	cluster := newCluster(stack, "Cluster", &eks.ClusterProps{Vpc: vpc.Vpc})
	eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
	role := awsiam.NewRole(stack, jsii.String("Own"),
		&awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("eks-fargate-pods.amazonaws.com"), nil)})
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	profile := eks.NewFargateProfile(stack, "Profile", &eks.FargateProfileProps{
		Cluster: cluster,
		Selectors: []eks.FargateSelector{
			{Namespace: "shop", Labels: map[string]string{"tier": "web", "example.com/team": "sh?p"}}, {Namespace: "batch-*"},
		},
		Subnets: network.Isolated, PodExecutionRole: role,
		LogRetention: awslogs.RetentionDays_ONE_WEEK, EncryptionKey: key, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	output.New(stack, "Name", profile.Name())
	tpl := cdktest.Synth(t, stack)

	p := tpl.Only("AWS::EKS::FargateProfile")
	assert.Equal(t, []any{
		map[string]any{"Namespace": "shop", "Labels": []any{
			map[string]any{"Key": "example.com/team", "Value": "sh?p"}, map[string]any{"Key": "tier", "Value": "web"},
		}},
		map[string]any{"Namespace": "batch-*"},
	}, p.Get("Selectors"))
	for _, subnet := range p.Get("Subnets").([]any) {
		assert.Contains(t, tpl.Follow(subnet).Path(), "solated")
	}
	assert.Equal(t, tpl.At("AWS::IAM::Role", "/Own/"), p.Ref("PodExecutionRoleArn"))
	for _, r := range tpl.All("AWS::IAM::Role") {
		assert.NotContains(t, r.Path(), "PodExecutionRole", "no role beside one's own")
	}
	group := tpl.At("AWS::Logs::LogGroup", "/FargateLogGroup/")
	assert.Equal(t, 7.0, group.Get("RetentionInDays"))
	assert.Equal(t, tpl.At("AWS::KMS::Key", "Test/Key/"), group.Ref("KmsKeyId"))
	assert.Equal(t, "Delete", group.DeletionPolicy)
	assert.Contains(t, string(tpl.Raw), `kms:EncryptionContext:aws:logs:arn`)
	cdktest.MayExactly(t, tpl.At("AWS::IAM::Role", "/Own/"), mayLog(group))
	// CoreDNS stays on the nodes, and waits for both.
	coreDns := addOn(tpl, "coredns")
	assert.Nil(t, coreDns.Get("ConfigurationValues"))
	assert.True(t, coreDns.ComesAfter(p) && coreDns.ComesAfter(tpl.Only("AWS::EKS::Nodegroup")))
	assert.Equal(t, p, tpl.Follow(tpl.Outputs["Name"]["Value"]))
}

// Pods on Fargate have roles by IRSA, without a function that writes the trust policy.
func TestPodRoleOnFargate(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster, _ := fargateCluster(stack)
	eks.NewFargateProfile(stack, "Shop", &eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "sh*"}}})
	table := awsdynamodb.NewTable(stack, jsii.String("Table"), &awsdynamodb.TableProps{
		PartitionKey: &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
	})
	table.Grant(cluster.PodRole("shop", "api"), jsii.String("dynamodb:GetItem"))
	made := eks.NewPodRole(stack, "Made",
		&eks.PodRoleProps{Cluster: cluster, Namespace: "shop", ServiceAccount: "jobs", CreateServiceAccount: true})
	elsewhere := eks.NewPodRole(stack, "Elsewhere", &eks.PodRoleProps{Cluster: cluster, Namespace: "tools", ServiceAccount: "backup"})
	asked := eks.NewPodRole(stack, "Asked", &eks.PodRoleProps{Cluster: cluster, Namespace: "tools", ServiceAccount: "restore", Irsa: true})
	assert.NotNil(t, made.ServiceAccount)
	assert.Nil(t, asked.ServiceAccount)
	assert.Nil(t, elsewhere.Annotations())
	assert.Equal(t, map[string]string{"eks.amazonaws.com/role-arn": asked.Arn()}, asked.Annotations())
	tpl := cdktest.Synth(t, stack)

	provider := tpl.Only("AWS::IAM::OIDCProvider")
	assert.Equal(t, []any{"sts.amazonaws.com"}, provider.Get("ClientIdList"))
	assert.Equal(t, map[string]any{"Fn::GetAtt": []any{tpl.Only("AWS::EKS::Cluster").Id, "OpenIdConnectIssuerUrl"}}, provider.Get("Url"))
	for path, serviceAccount := range map[string]string{"PodRole-shop:api": "shop:api", "/Made/": "shop:jobs", "/Asked/": "tools:restore"} {
		assert.Equal(t, trustInToken(serviceAccount), irsaTrust(t, tpl.At("AWS::IAM::Role", path), provider), path)
	}
	cdktest.MayExactly(t, tpl.At("AWS::IAM::Role", "PodRole-shop:api"), cdktest.Allow("dynamodb:GetItem").On(tpl.Only("AWS::DynamoDB::Table")))
	cdktest.MayExactly(t, tpl.At("AWS::IAM::Role", "/Made/"))

	// The one that no profile selects has Pod Identity.
	association := tpl.Only("AWS::EKS::PodIdentityAssociation")
	assert.Equal(t, tpl.At("AWS::IAM::Role", "/Elsewhere/"), association.Ref("RoleArn"))
	assert.Equal(t, "pods.eks.amazonaws.com",
		cdktest.Dig(association.Ref("RoleArn").Get("AssumeRolePolicyDocument.Statement"), "0.Principal.Service"))

	manifest := tpl.At(cdktest.KubernetesManifest, "/Made/ServiceAccount/")
	objects := manifest.Objects()
	require.Len(t, objects, 1)
	delete(objects[0]["metadata"].(map[string]any), "labels") // the CDK's
	assert.Equal(t, map[string]any{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": map[string]any{
		"name": "jobs", "namespace": "shop",
		"annotations": map[string]any{"eks.amazonaws.com/role-arn": "<" + tpl.At("AWS::IAM::Role", "/Made/").Id + ".Arn>"},
	}}, objects[0])
	requireOnlyKubectlFunctions(t, tpl)
	assert.NotContains(t, tpl.Count(), "Custom::AWSCDKCfnJson")
	assert.NotContains(t, tpl.Count(), "Custom::AWSCDKOpenIdConnectProvider")
}

// irsaTrust reads a trust policy that is text with variables, as CloudFormation would.
func irsaTrust(t *testing.T, role, provider *cdktest.Resource) any {
	t.Helper()
	sub, ok := role.Get("AssumeRolePolicyDocument.Fn::Sub").([]any)
	require.True(t, ok, "%v", role.Get("AssumeRolePolicyDocument"))
	variables := sub[1].(map[string]any)
	require.Equal(t, provider, role.Template.Follow(variables["Provider"]))
	cluster := role.Template.Only("AWS::EKS::Cluster")
	require.Equal(t, map[string]any{"Fn::Select": []any{1.0, map[string]any{"Fn::Split": []any{"//",
		map[string]any{"Fn::GetAtt": []any{cluster.Id, "OpenIdConnectIssuerUrl"}}}}}}, variables["Issuer"])
	values := map[string]string{"Provider": "<provider>", "Issuer": "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"}
	filled := regexp.MustCompile(`\$\{([A-Za-z0-9]+)(\.[A-Za-z0-9.]+)?\}`).ReplaceAllStringFunc(sub[0].(string), func(variable string) string {
		name := strings.Trim(variable, "${}")
		if value, ok := values[name]; ok {
			return value
		}
		return variables[name].(string)
	})
	var document any
	require.NoError(t, json.Unmarshal([]byte(filled), &document), filled)
	return document
}

func trustInToken(serviceAccount string) any {
	return map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
		"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": map[string]any{"Federated": "<provider>"},
		"Condition": map[string]any{"StringEquals": map[string]any{
			"oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:aud": "sts.amazonaws.com",
			"oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub": "system:serviceaccount:" + serviceAccount,
		}},
	}}}
}

// With CoreDNS the AWS Load Balancer Controller is on Fargate too, and has its role by IRSA.
func TestAlbControllerOnFargate(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack, "Cluster", &eks.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc, AlbController: true,
		AddOns: eks.AddOns{CoreDnsOnFargate: true}})
	eks.NewFargateProfile(stack, "System",
		&eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "kube-system"}}})
	tpl := cdktest.Synth(t, stack)
	role := tpl.At("AWS::IAM::Role", "/AlbControllerRole/")
	assert.Equal(t, trustInToken("kube-system:aws-load-balancer-controller"), irsaTrust(t, role, tpl.Only("AWS::IAM::OIDCProvider")))
	chart := tpl.Only("Custom::AWSCDK-EKS-HelmChart")
	var values map[string]any
	require.NoError(t, json.Unmarshal([]byte(cdktest.Text(t, chart.Get("Values"))), &values))
	assert.Equal(t, map[string]any{"create": true, "name": "aws-load-balancer-controller",
		"annotations": map[string]any{"eks.amazonaws.com/role-arn": "<" + role.Id + ".Arn>"}}, values["serviceAccount"])
	assert.True(t, chart.ComesAfter(tpl.Only("AWS::EKS::FargateProfile")))
	requireOnlyKubectlFunctions(t, tpl)
}

// The provider is native whatever cdk.json says.
func TestIrsaNeedsNoFeatureFlag(t *testing.T) {
	app := cdktest.App(t, map[string]any{"@aws-cdk/aws-eks:useNativeOidcProvider": false})
	stack := awscdk.NewStack(app, jsii.String("Test"), nil)
	eks.NewPodRole(stack, "Role", &eks.PodRoleProps{Cluster: nodeCluster(stack), Namespace: "shop", ServiceAccount: "api", Irsa: true})
	tpl := cdktest.Synth(t, stack)
	tpl.Only("AWS::IAM::OIDCProvider")
	requireOnlyKubectlFunctions(t, tpl)
}

// What a profile of a cluster may not say beside what is there.
func TestFargateProfileIsRefusedBesideOthers(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := nodeCluster(stack)
	cluster.PodRole("shop", "api")
	eks.NewFargateProfile(stack, "First", &eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "first"}}})
	assert.Equal(t, []string{
		`Test/Second: Subnets must be a type of subnets that the VPC has (3 public, 3 private, 0 isolated); got "isolated"; ` +
			`set IsolatedSubnets of network.VpcProps, or use network.Private`,
		"Test/Second: Selectors[0].Namespace must not select the pods of Test/Cluster/PodRole-shop:api, whose role needs EKS Pod Identity, " +
			`which Fargate doesn't support; got "shop"; create this profile first, set Irsa there (AddOns.CoreDnsOnFargate for ` +
			"AlbController), or select fewer pods",
		`Test/Second: LogRetention must be "ONE_MONTH" as in the first profile, because all profiles of a cluster share one log group; ` +
			`got "ONE_WEEK"; remove it, or set it on the first profile`,
	}, cdktest.Refused(t, func() {
		eks.NewFargateProfile(stack, "Second", &eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: "shop"}},
			Subnets: network.Isolated, LogRetention: awslogs.RetentionDays_ONE_WEEK})
	}))
	auto := newCluster(stack, "Auto", &eks.ClusterProps{Vpc: network.NewVpc(stack, "AutoVpc", nil).Vpc, AutoMode: true})
	assert.Equal(t, []string{"Test/OnAuto: Cluster must not be in Auto Mode, whose CoreDNS serves only its own nodes, so pods on " +
		"Fargate couldn't resolve names; remove AutoMode there, or this profile"}, cdktest.Refused(t, func() {
		eks.NewFargateProfile(stack, "OnAuto", &eks.FargateProfileProps{Cluster: auto, Selectors: []eks.FargateSelector{{Namespace: "shop"}}})
	}))
}

// What only shows when all is made fails the synth.
func TestClustersThatWouldNotComeUp(t *testing.T) {
	for name, c := range map[string]struct {
		coreDns, nodes, insights bool
		namespace                string
		labels                   map[string]string
		want                     []string
	}{
		"Fargate alone":              {coreDns: true, namespace: "kube-*"},
		"both":                       {nodes: true, insights: true, namespace: "shop"},
		"CoreDNS on Fargate, beside": {coreDns: true, nodes: true, insights: true, namespace: "kube-system"},
		"no profile for CoreDNS": {coreDns: true, namespace: "shop",
			want: []string{"AddOns.CoreDnsOnFargate requires a FargateProfile for namespace"}},
		"a profile for CoreDNS alone": {coreDns: true, namespace: "kube-system", labels: map[string]string{"k8s-app": "kube-dns"},
			want: []string{"AddOns.CoreDnsOnFargate requires a FargateProfile for all of namespace"}},
		"no profile at all":            {coreDns: true, want: []string{"AddOns.CoreDnsOnFargate requires a FargateProfile for namespace"}},
		"CoreDNS that waits for nodes": {namespace: "kube-system", want: []string{"set AddOns.CoreDnsOnFargate or give the cluster nodes"}},
		"insights without nodes": {coreDns: true, insights: true, namespace: "kube-*",
			want: []string{"where the add-on of Test/Insights does not run"}},
		"neither DNS nor insights there": {insights: true, namespace: "shop",
			want: []string{"set AddOns.CoreDnsOnFargate", "Test/Insights does not run"}},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			cluster := newCluster(stack, "Cluster",
				&eks.ClusterProps{Vpc: network.NewVpc(stack, "Vpc", nil).Vpc, AddOns: eks.AddOns{CoreDnsOnFargate: c.coreDns}})
			if c.insights {
				eks.NewContainerInsights(stack, "Insights", &eks.ContainerInsightsProps{Cluster: cluster})
			}
			if c.namespace != "" {
				eks.NewFargateProfile(stack, "Profile",
					&eks.FargateProfileProps{Cluster: cluster, Selectors: []eks.FargateSelector{{Namespace: c.namespace, Labels: c.labels}}})
			}
			if c.nodes {
				eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
			}
			said := ""
			func() {
				defer func() {
					if p := recover(); p != nil {
						said = fmt.Sprint(p)
					}
				}()
				awscdk.App_Of(stack).Synth(nil)
			}()
			if len(c.want) == 0 {
				assert.Empty(t, said)
				return
			}
			assert.Contains(t, said, "[Test/Cluster]")
			for _, want := range c.want {
				assert.Contains(t, said, want)
			}
		})
	}
}

package eks_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/eks"
	"awscontainers/constructs/network"
	"awscontainers/test/cdktest"
)

// warned reports whether a stack has an error or a warning with a text.
func warned(t *testing.T, stack awscdk.Stack, text string) bool {
	t.Helper()
	_, annotations := cdktest.SynthAnnotated(t, stack)
	return strings.Contains(strings.Join(annotations, "\n"), text)
}

// Whoever creates a cluster is no administrator: without an access entry it costs money and serves nobody.
func TestClusterThatNobodyMayUse(t *testing.T) {
	const admins = "arn:aws:iam::111122223333:role/Admins"
	for name, c := range map[string]struct {
		props eks.ClusterProps
		later func(stack awscdk.Stack, cluster *eks.Cluster)
		want  bool
	}{
		"nobody": {want: true},
		"only nodes": {later: func(stack awscdk.Stack, cluster *eks.Cluster) {
			eks.NewSelfManagedNodes(stack, "Nodes", &eks.SelfManagedNodesProps{Cluster: cluster, InstanceTypes: []string{"m7g.large"}})
		}, want: true},
		"somebody": {props: eks.ClusterProps{AccessEntries: []eks.AccessEntry{{PrincipalArn: admins, Policy: eks.PolicyView}}}},
		"the CDK's own entry, later": {later: func(stack awscdk.Stack, cluster *eks.Cluster) {
			cluster.Cluster.(awseksv2.Cluster).GrantClusterAdmin(jsii.String("Admins"), jsii.String(admins))
		}},
		"an entry of CloudFormation, later": {later: func(stack awscdk.Stack, cluster *eks.Cluster) {
			role := awsiam.NewAccountRootPrincipal()
			awseksv2.NewCfnAccessEntry(stack, jsii.String("Entry"), &awseksv2.CfnAccessEntryProps{
				ClusterName: jsii.String(cluster.Name()), PrincipalArn: role.Arn(),
			})
		}},
		"an entry of another cluster": {later: func(stack awscdk.Stack, cluster *eks.Cluster) {
			eks.NewCluster(stack, "Other", &eks.ClusterProps{
				Vpc: cluster.Cluster.Vpc(), AccessEntries: []eks.AccessEntry{{PrincipalArn: admins, Policy: eks.PolicyView}},
			})
		}, want: true},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			c.props.Vpc = network.NewVpc(stack, "Vpc", nil).Vpc
			cluster := eks.NewCluster(stack, "Cluster", &c.props)
			if c.later != nil {
				c.later(stack, cluster)
			}
			assert.Equal(t, c.want, warned(t, stack, "Nobody may use the cluster"))
		})
	}
}

// The addresses of NAT gateways of the same stack are unknown, so no list holds them.
func TestPublicEndpointWithoutTheNatGateways(t *testing.T) {
	for name, c := range map[string]struct {
		access eks.EndpointAccess
		cidrs  []string
		want   bool
	}{
		"an office":                {eks.EndpointPublic, []string{"203.0.113.0/24"}, true},
		"all":                      {eks.EndpointPublic, []string{"203.0.113.0/24", "0.0.0.0/0"}, false},
		"what comes later":         {eks.EndpointPublic, []string{*awscdk.Fn_ImportValue(jsii.String("NatCidr"))}, false},
		"with a private endpoint":  {eks.EndpointPublicAndPrivate, []string{"203.0.113.0/24"}, false},
		"only a private endpoint":  {eks.EndpointPrivate, nil, false},
		"by default, of an office": {"", []string{"203.0.113.0/24"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			newKubernetes(stack, func(p *eks.ClusterProps) { p.EndpointAccess, p.PublicAccessCidrs = c.access, c.cidrs })
			assert.Equal(t, c.want, warned(t, stack, "NAT gateways, which PublicAccessCidrs must contain"))
		})
	}
}

func TestSpotNodesOfOneType(t *testing.T) {
	one, several := []string{"m7g.large"}, []string{"m7g.large", "m6g.large"}
	for name, c := range map[string]struct {
		nodes func(stack awscdk.Stack, cluster *eks.Cluster)
		want  bool
	}{
		"managed": {func(stack awscdk.Stack, cluster *eks.Cluster) {
			eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: one, Spot: true})
		}, true},
		"managed, several": {func(stack awscdk.Stack, cluster *eks.Cluster) {
			eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: several, Spot: true})
		}, false},
		"managed, On-Demand": {func(stack awscdk.Stack, cluster *eks.Cluster) {
			eks.NewManagedNodes(stack, "Nodes", &eks.ManagedNodesProps{Cluster: cluster, InstanceTypes: one})
		}, false},
		"self-managed": {func(stack awscdk.Stack, cluster *eks.Cluster) {
			eks.NewSelfManagedNodes(stack, "Nodes",
				&eks.SelfManagedNodesProps{Cluster: cluster, InstanceTypes: one, OnDemandPercentageAboveBaseCapacity: intPtr(50)})
		}, true},
		"self-managed, On-Demand": {func(stack awscdk.Stack, cluster *eks.Cluster) {
			eks.NewSelfManagedNodes(stack, "Nodes", &eks.SelfManagedNodesProps{Cluster: cluster, InstanceTypes: one})
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			c.nodes(stack, newKubernetes(stack, nil))
			assert.Equal(t, c.want, warned(t, stack, "Spot Instances of one type, m7g.large, are interrupted together"))
		})
	}
}

// The letters of zones differ from account to account, so nobody but the owner can tell which of them lacks EKS.
func TestZonesWithoutEks(t *testing.T) {
	for name, c := range map[string]struct {
		region string
		zones  []string
		want   string
	}{
		"left to CloudFormation": {"us-east-1", nil, "refuses subnets in the zone use1-az3: CloudFormation chooses the zones"},
		"named": {"ca-central-1", []string{"ca-central-1a", "ca-central-1b"},
			"cac1-az3: make sure that none of ca-central-1a, ca-central-1b"},
		"two of three": {"us-west-1", nil, "refuses subnets in the zone usw1-az2"},
		"elsewhere":    {"eu-west-1", nil, ""},
		"anywhere":     {"", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var env *awscdk.Environment
			if c.region != "" {
				env = &awscdk.Environment{Account: jsii.String("111122223333"), Region: &c.region}
			}
			stack := awscdk.NewStack(cdktest.App(t), jsii.String("Test"), &awscdk.StackProps{Env: env})
			network.LeaveZonesToCloudFormation(stack)
			vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZoneNames: c.zones}).Vpc
			withoutNodes(newCluster(stack, "Cluster", &eks.ClusterProps{Vpc: vpc}))
			cdktest.Synth(t, stack)
			text := c.want
			if text == "" {
				text = "refuses subnets in the zone"
			}
			found := *assertions.Annotations_FromStack(stack).FindInfo(jsii.String("*"), assertions.Match_StringLikeRegexp(&text))
			assert.Len(t, found, map[bool]int{true: 1, false: 0}[c.want != ""])
		})
	}
}

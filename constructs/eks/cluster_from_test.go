package eks

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/platform"
	"awscontainers/constructs/storage"
	"awscontainers/internal/fake"
)

const providerArn = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF"

type standInProvider struct{ awseksv2.IKubectlProvider }

// allAttributes describe all that is known of a cluster.
func allAttributes() ClusterAttributes {
	return ClusterAttributes{
		ClusterName: "shop", Version: "1.35", Vpc: fake.TwoZones(), SecurityGroupId: "sg-0123456789abcdef0",
		Endpoint: "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com", CertificateAuthorityData: "LS0tLS1CRUdJTg==",
		ServiceIpv4Cidr:          "172.20.0.0/16",
		OpenIdConnectProviderArn: providerArn, RoleArn: "arn:aws:iam::111122223333:role/Cluster", Kubectl: &Kubectl{},
	}
}

func TestClusterAttributes(t *testing.T) {
	for name, c := range map[string]struct {
		change func(a *ClusterAttributes)
		want   []string
	}{
		"all":       {func(*ClusterAttributes) {}, nil},
		"the least": {func(a *ClusterAttributes) { *a = ClusterAttributes{ClusterName: "shop"} }, nil},
		"tokens": {func(a *ClusterAttributes) {
			*a = ClusterAttributes{ClusterName: token, Version: token, SecurityGroupId: token, Endpoint: token, CertificateAuthorityData: token,
				OpenIdConnectProviderArn: token, RoleArn: token}
		}, nil},
		"a provider": {func(a *ClusterAttributes) {
			*a = ClusterAttributes{ClusterName: "shop", Kubectl: &Kubectl{Provider: standInProvider{}}}
		}, nil},
		"a new provider with a role": {func(a *ClusterAttributes) { a.Kubectl.RoleArn = "arn:aws:iam::111122223333:role/Kubectl" }, nil},
		"nothing": {func(a *ClusterAttributes) { *a = ClusterAttributes{} }, []string{
			"ClusterName is required: 1 to 100 letters, digits, hyphens and underscores, beginning with a letter or digit"}},
		"wrong forms": {func(a *ClusterAttributes) {
			*a = ClusterAttributes{ClusterName: "-", Version: "v1.35", SecurityGroupId: "cluster", Endpoint: "shop.example.com",
				CertificateAuthorityData: "-----BEGIN",
				ServiceIpv4Cidr:          "172.20.0.1/16", OpenIdConnectProviderArn: "https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF",
				RoleArn: "Cluster", Kubectl: &Kubectl{RoleArn: "Kubectl"}, Vpc: fake.TwoZones()}
		}, []string{
			`ClusterName must be 1 to 100 letters, digits, hyphens and underscores, beginning with a letter or digit; got "-"`,
			`Version must be a version of Kubernetes such as "1.35"; got "v1.35"`,
			`SecurityGroupId must be a security group ID such as "sg-0123456789abcdef0"; got "cluster"`,
			`Endpoint must be the URL of the Kubernetes API, such as "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com"; got ` +
				`"shop.example.com"`,
			"CertificateAuthorityData must be a certificate in Base64, as `aws eks describe-cluster` shows it; got \"-----BEGIN\"",
			`ServiceIpv4Cidr must be a /24 to /12 range of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, such as "172.20.0.0/16"; got ` +
				`"172.20.0.1/16"`,
			`OpenIdConnectProviderArn must be the ARN of an IAM OpenID Connect provider, such as "` + providerArn +
				`"; got "https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF"`,
			`RoleArn must be the ARN of an IAM role, such as "arn:aws:iam::111122223333:role/Cluster"; got "Cluster"`,
			`Kubectl.RoleArn must be the ARN of an IAM role, such as "arn:aws:iam::111122223333:role/Cluster"; got "Kubectl"`,
		}},
		"kubectl without a way to the API": {func(a *ClusterAttributes) { a.Vpc, a.SecurityGroupId = nil, "" }, []string{
			"Vpc is required with Kubectl, unless Kubectl.Provider is set",
			"SecurityGroupId is required with Kubectl, unless Kubectl.Provider is set"}},
		"a version that kubectl does not serve": {func(a *ClusterAttributes) { a.Version = "1.36" }, []string{
			`Kubectl.Layer is required for Version 1.36, because the built-in kubectl 1.34 serves "1.33", "1.34" or "1.35"`}},
		"with another kubectl": {func(a *ClusterAttributes) { a.Version, a.Kubectl.Layer = "1.36", layerStandIn{} }, nil},
		"a provider and a layer": {func(a *ClusterAttributes) { a.Kubectl = &Kubectl{Provider: standInProvider{}, Layer: layerStandIn{}} },
			[]string{`Kubectl.Layer must not be set together with Kubectl.Provider, which has its own; remove one of them`}},
		"a provider and a role": {func(a *ClusterAttributes) {
			a.Kubectl = &Kubectl{Provider: standInProvider{}, RoleArn: "arn:aws:iam::111122223333:role/Kubectl"}
		}, []string{
			`Kubectl.RoleArn must not be set together with Kubectl.Provider, which has its own; got "arn:aws:iam::111122223333:role/Kubectl"; ` +
				`remove one of them`}},
	} {
		t.Run(name, func(t *testing.T) {
			a := allAttributes()
			c.change(&a)
			refusedFor(t, a.Validate(), c.want...)
		})
	}
}

// Each use names just what it needs and was not given, and takes a cluster of which all is known.
func TestUsesOfAnExistingCluster(t *testing.T) {
	const advice = " in its ClusterAttributes; set what is missing in eks.ClusterFrom"
	fileSystem, _ := filesStandIn()
	uses := func(c *Cluster) map[string]any {
		return map[string]any{
			"": &PodRoleProps{Cluster: c, Namespace: "shop", ServiceAccount: "api"},
			"OpenIdConnectProviderArn and Kubectl": &PodRoleProps{Cluster: c, Namespace: "shop", ServiceAccount: "jobs", Irsa: true,
				CreateServiceAccount: true},
			"Vpc": &ManagedNodesProps{Cluster: c, InstanceTypes: []string{"m7g.large"}},
			"Vpc, Endpoint, CertificateAuthorityData, SecurityGroupId, ServiceIpv4Cidr and Version": &SelfManagedNodesProps{
				Cluster: c, InstanceTypes: []string{"m7g.large"}},
			"Vpc, Endpoint, CertificateAuthorityData, SecurityGroupId and ServiceIpv4Cidr": &SelfManagedNodesProps{
				Cluster: c, InstanceTypes: []string{"m7g.large"}, ImageId: "ami-0123456789abcdef0", CpuArchitecture: platform.Arm64},
			"Vpc and Kubectl": &FargateProfileProps{Cluster: c, Selectors: []FargateSelector{{Namespace: "shop"}}},
			"Kubectl":         &EbsStorageProps{Cluster: c, EncryptionKey: &standInKey{}},
			"SecurityGroupId and Kubectl": &OntapStorageProps{
				Cluster: c, FileSystem: &storage.Ontap{Construct: fake.Construct{}}, Classes: []OntapClass{{Name: "ontap"}}},
			"Vpc, SecurityGroupId and Kubectl": &LustreStorageProps{Cluster: c, Classes: []LustreClass{{Name: "lustre"}}},
		}
	}
	for want, props := range uses(existingStandIn(ClusterAttributes{ClusterName: "shop"})) {
		if want == "" {
			refusedFor(t, refusal(props))
		} else {
			refusedFor(t, refusal(props), "Cluster must have "+want+advice)
		}
	}
	for name, props := range uses(existingStandIn(allAttributes())) {
		require.NoError(t, refusal(props), name)
	}
	nothing := existingStandIn(ClusterAttributes{ClusterName: "shop"})
	refusedFor(t, refusal(&ContainerInsightsProps{Cluster: nothing}))
	refusedFor(t, refusal(&EfsStorageProps{Cluster: nothing, FileSystem: fileSystem, Classes: []EfsClass{{Name: "efs"}}}),
		"Cluster must have SecurityGroupId and Kubectl"+advice)
	nothing.facts.autoMode = true
	refusedFor(t, refusal(&EbsStorageProps{Cluster: nothing}), "Cluster must have Kubectl"+advice)
	refusedFor(t, refusal(&EbsStorageProps{Cluster: nothing, EncryptionKey: &standInKey{}}), "Cluster must have Kubectl and RoleArn"+advice)
}

// Nodes of an existing cluster may come from elsewhere, so it is never taken to have only Fargate.
func TestExistingClustersMayHaveNodes(t *testing.T) {
	c := existingStandIn(allAttributes())
	c.fargate.profiles = []*FargateProfile{{selectors: []FargateSelector{{Namespace: "*"}}}}
	c.deps.nodes = append(c.deps.nodes, nil)
	assert.False(t, c.isFargateOnly())
	c.facts.existing = nil
	assert.True(t, c.isFargateOnly())
}

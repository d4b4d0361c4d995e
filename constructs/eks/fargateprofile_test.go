package eks

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/network"
	"awscontainers/internal/fake"
)

func TestFargateProfileProps(t *testing.T) {
	auto, withRole, isolated := clusterStandIn(), clusterStandIn(), clusterStandIn()
	isolated.facts.vpc = fake.Vpc{Isolated: "ab"}
	auto.facts.autoMode = true
	withRole.roles.podIdentities = []podIdentity{{"shop", "Test/Role"}, {"other", "Test/Other"}}
	logs := clusterStandIn()
	logs.fargate.logging = &fargateLogging{retention: awslogs.RetentionDays_ONE_MONTH, removalPolicy: awscdk.RemovalPolicy_DESTROY}
	shop := []FargateSelector{{Namespace: "shop"}}
	labelled := func(key, value string) []FargateSelector {
		return []FargateSelector{{Namespace: "shop", Labels: map[string]string{key: value}}}
	}
	for name, c := range map[string]struct {
		props FargateProfileProps
		want  []string
	}{
		"least": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: shop}, nil},
		"all": {FargateProfileProps{Cluster: isolated, Selectors: []FargateSelector{
			{Namespace: "shop", Labels: map[string]string{"team": "web", "example.com/tier": "", "k?y": "v*", "a": "1", "b": "2"}},
			{Namespace: "*"}, {Namespace: "team-*"}, {Namespace: "prod?"},
			{Namespace: "${Token[N.1]}", Labels: map[string]string{"a": "${Token[V.2]}"}},
		}, Subnets: network.Isolated, PodExecutionRole: standInRole{}, LogRetention: awslogs.RetentionDays_ONE_WEEK,
			EncryptionKey: &standInKey{},
			RemovalPolicy: awscdk.RemovalPolicy_DESTROY}, nil},
		"the same namespace by other labels": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: append(labelled("a", "b"), shop...)},
			nil},
		"nothing": {FargateProfileProps{}, []string{"Cluster is required; use eks.NewCluster or eks.ClusterFrom",
			`Selectors is required: 1 to 5 selectors such as {Namespace: "shop"}`}},
		"an empty cluster": {FargateProfileProps{Cluster: &Cluster{}, Selectors: shop},
			[]string{"Cluster is required; use eks.NewCluster or eks.ClusterFrom"}},
		"Auto Mode": {FargateProfileProps{Cluster: auto, Selectors: shop},
			[]string{"Cluster must not be in Auto Mode, whose CoreDNS serves only its own nodes, so pods on Fargate couldn't resolve names; " +
				"remove AutoMode there, or this profile"}},
		"six selectors": {FargateProfileProps{Cluster: clusterStandIn(),
			Selectors: []FargateSelector{{Namespace: "a"}, {Namespace: "b"}, {Namespace: "c"},
				{Namespace: "d"}, {Namespace: "e"}, {Namespace: "f"}}},
			[]string{"Selectors must have at most 5 elements; got 6; create another profile for the rest"}},
		"no namespace": {FargateProfileProps{Cluster: clusterStandIn(),
			Selectors: []FargateSelector{{Namespace: "shop"}, {Labels: map[string]string{"a": "b"}}, {}}},
			[]string{`Selectors[1].Namespace is required: up to 63 lowercase letters, digits and hyphens, with "*" for any characters and "?" ` +
				`for one`,
				`Selectors[2].Namespace is required: up to 63 lowercase letters, digits and hyphens, with "*" for any characters and "?" for one`}},
		"a namespace that is none": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: []FargateSelector{{Namespace: "Shop_1"}}},
			[]string{
				`Selectors[0].Namespace must be up to 63 lowercase letters, digits and hyphens, with "*" for any characters and "?" for one; got ` +
					`"Shop_1"`}},
		"that of the log router": {FargateProfileProps{Cluster: clusterStandIn(),
			Selectors: []FargateSelector{{Namespace: "aws-observability"}}}, []string{
			`Selectors[0].Namespace must not be "aws-observability", which is reserved for the logging configuration; remove it`}},
		"a selector twice": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: append(labelled("a", "b"), labelled("a", "b")...)},
			[]string{
				"Selectors[1] must not repeat Selectors[0]; remove one of them"}},
		"six labels": {FargateProfileProps{Cluster: clusterStandIn(),
			Selectors: []FargateSelector{{Namespace: "shop", Labels: map[string]string{"a": "", "b": "",
				"c": "", "d": "", "e": "", "f": ""}}}}, []string{"Selectors[0].Labels must have at most 5 elements; got 6"}},
		"a label that is none": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: labelled("-team", "web")}, []string{
			`Selectors[0].Labels must have keys such as "team" or "example.com/team"; got "-team"`}},
		"a value that is none": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: labelled("team", "web shop")}, []string{
			`Selectors[0].Labels["team"] must be up to 63 letters, digits and _.-; got "web shop"`}},
		"public subnets": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: shop, Subnets: network.Public}, []string{
			`Subnets must be "private" or "isolated", because pods on Fargate get no public addresses; got "public"`}},
		"unknown subnets": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: shop, Subnets: "deep"}, []string{
			`Subnets must be "public", "private" or "isolated"; got "deep"`}},
		"pods with Pod Identity": {FargateProfileProps{Cluster: withRole, Selectors: []FargateSelector{{Namespace: "sh*"}}}, []string{
			"Selectors[0].Namespace must not select the pods of Test/Role, whose role needs EKS Pod Identity, which Fargate doesn't support; " +
				`got "sh*"; create this profile first, set Irsa there (AddOns.CoreDnsOnFargate for AlbController), or select fewer ` +
				"pods"}},
		"logging that is off": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: shop, DisableLogging: true,
			LogRetention:  awslogs.RetentionDays_ONE_DAY,
			EncryptionKey: &standInKey{}, RemovalPolicy: awscdk.RemovalPolicy_DESTROY},
			[]string{"LogRetention must not be set together with DisableLogging; remove one of them",
				"EncryptionKey must not be set together with DisableLogging; remove one of them",
				"RemovalPolicy must not be set together with DisableLogging; remove one of them"}},
		"logging as before": {FargateProfileProps{Cluster: logs, Selectors: shop, LogRetention: awslogs.RetentionDays_ONE_MONTH}, nil},
		"logging unlike before": {FargateProfileProps{Cluster: logs, Selectors: shop, LogRetention: awslogs.RetentionDays_ONE_DAY,
			EncryptionKey: &standInKey{}, RemovalPolicy: awscdk.RemovalPolicy_RETAIN}, []string{
			`LogRetention must be "ONE_MONTH" as in the first profile, because all profiles of a cluster share one log group; got "ONE_DAY"; ` +
				`remove it, or set it on the first profile`,
			"EncryptionKey must be the key of the first profile, because all profiles of a cluster share one log group; remove it, " +
				"or set it on the first profile",
			`RemovalPolicy must be "DESTROY" as in the first profile, because all profiles of a cluster share one log group; got "RETAIN"; ` +
				`remove it, or set it on the first profile`}},
	} {
		t.Run(name, func(t *testing.T) {
			refusedFor(t, refusal(&c.props), c.want...)
		})
	}
}

func TestSelectorsTakeNamespaces(t *testing.T) {
	for pattern, want := range map[string][]string{
		"shop": {"shop"}, "*": {"shop", "shops", "team-a"}, "sho?": {"shop"}, "shop*": {"shop", "shops"}, "*-?": {"team-a"}, "${Token[N.1]}": nil,
	} {
		c := &Cluster{fargate: fargateState{profiles: []*FargateProfile{{selectors: []FargateSelector{{Namespace: "none"},
			{Namespace: pattern}}}}}}
		var taken []string
		for _, namespace := range []string{"shop", "shops", "team-a", "${Token[N.2]}"} {
			if c.isOnFargate(namespace) {
				taken = append(taken, namespace)
			}
		}
		assert.Equal(t, want, taken, pattern)
	}
	c := &Cluster{fargate: fargateState{profiles: []*FargateProfile{{selectors: []FargateSelector{{Namespace: "${Token[N.1]}"}}}}}}
	assert.True(t, c.isOnFargate("${Token[N.1]}"), "the same token")
}

func TestPodRoleProps(t *testing.T) {
	for name, c := range map[string]struct {
		props PodRoleProps
		want  []string
	}{
		"all": {PodRoleProps{Cluster: clusterStandIn(), Namespace: "shop", ServiceAccount: "api.v1", Irsa: true,
			CreateServiceAccount: true}, nil},
		"tokens": {PodRoleProps{Cluster: clusterStandIn(), Namespace: "${Token[N.1]}", ServiceAccount: "${Token[S.2]}"}, nil},
		"nothing": {PodRoleProps{}, []string{"Cluster is required; use eks.NewCluster or eks.ClusterFrom",
			"Namespace is required: up to 63 lowercase letters, digits and hyphens",
			"ServiceAccount is required: up to 253 lowercase letters, digits, hyphens and dots"}},
		"wildcards": {PodRoleProps{Cluster: clusterStandIn(), Namespace: "team-*", ServiceAccount: "*"}, []string{
			`Namespace must be up to 63 lowercase letters, digits and hyphens; got "team-*"`,
			`ServiceAccount must be up to 253 lowercase letters, digits, hyphens and dots; got "*"`}},
	} {
		t.Run(name, func(t *testing.T) { refusedFor(t, refusal(&c.props), c.want...) })
	}
}

package eks

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/network"
)

// Stand-ins for what only has to be there: nothing in these tests reaches the CDK.
type (
	standInCluster struct{ awseksv2.Cluster }
	standInKey     struct {
		awskms.IKey
		_ byte // or two of them would be one
	}
	standInRole struct{ awsiam.IRole }
)

func clusterStandIn() *Cluster { return &Cluster{Cluster: standInCluster{}} }

// refusedFor compares every line of what is refused.
func refusedFor(t *testing.T, err error, want ...string) {
	t.Helper()
	if len(want) == 0 {
		assert.NoError(t, err)
		return
	}
	assert.EqualError(t, err, strings.Join(want, "\n"))
}

func TestFargateProfileProps(t *testing.T) {
	auto, withRole := clusterStandIn(), clusterStandIn()
	auto.autoMode = true
	withRole.fargate.podIdentities = []podIdentityRole{{"shop", "Test/Role"}, {"other", "Test/Other"}}
	logs := clusterStandIn()
	logs.fargate.logging = &fargateLogging{retention: awslogs.RetentionDays_ONE_MONTH, removal: awscdk.RemovalPolicy_DESTROY}
	shop := []FargateSelector{{Namespace: "shop"}}
	labelled := func(key, value string) []FargateSelector {
		return []FargateSelector{{Namespace: "shop", Labels: map[string]string{key: value}}}
	}
	for name, c := range map[string]struct {
		props FargateProfileProps
		want  []string
	}{
		"least": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: shop}, nil},
		"all": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: []FargateSelector{
			{Namespace: "shop", Labels: map[string]string{"team": "web", "example.com/tier": "", "k?y": "v*", "a": "1", "b": "2"}},
			{Namespace: "*"}, {Namespace: "team-*"}, {Namespace: "prod?"}, {Namespace: "${Token[N.1]}", Labels: map[string]string{"a": "${Token[V.2]}"}},
		}, Subnets: network.Isolated, PodExecutionRole: standInRole{}, LogRetention: awslogs.RetentionDays_ONE_WEEK, LogEncryptionKey: &standInKey{},
			RemovalPolicy: awscdk.RemovalPolicy_DESTROY}, nil},
		"the same namespace by other labels": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: append(labelled("a", "b"), shop...)}, nil},
		"nothing": {FargateProfileProps{}, []string{"Cluster is missing; make it with eks.NewCluster",
			`Selectors are missing; say which pods run on Fargate, {Namespace: "shop"}`}},
		"an empty cluster": {FargateProfileProps{Cluster: &Cluster{}, Selectors: shop}, []string{"Cluster is missing; make it with eks.NewCluster"}},
		"Auto Mode": {FargateProfileProps{Cluster: auto, Selectors: shop}, []string{"Cluster is in Auto Mode, whose CoreDNS serves its own nodes alone, " +
			"so that pods on Fargate would find no names; leave AutoMode out there, or this profile"}},
		"six selectors": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: []FargateSelector{{Namespace: "a"}, {Namespace: "b"}, {Namespace: "c"},
			{Namespace: "d"}, {Namespace: "e"}, {Namespace: "f"}}}, []string{"Selectors are 6; EKS takes 5, so make another profile for the rest"}},
		"no namespace": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: []FargateSelector{{Namespace: "shop"}, {Labels: map[string]string{"a": "b"}}, {}}},
			[]string{`Selectors[1].Namespace is missing; name the namespace of the pods, or write "*" for any`,
				`Selectors[2].Namespace is missing; name the namespace of the pods, or write "*" for any`}},
		"a namespace that is none": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: []FargateSelector{{Namespace: "Shop_1"}}}, []string{
			`Selectors[0].Namespace "Shop_1" is no name of a namespace; use up to 63 small letters, digits and hyphens, "*" for any characters and "?" for one`}},
		"that of the log router": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: []FargateSelector{{Namespace: "aws-observability"}}}, []string{
			`Selectors[0].Namespace "aws-observability" holds how Fargate logs, and no pods; leave it out`}},
		"a selector twice": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: append(labelled("a", "b"), labelled("a", "b")...)}, []string{
			"Selectors[1] is the same as Selectors[0]; leave one out"}},
		"six labels": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: []FargateSelector{{Namespace: "shop", Labels: map[string]string{"a": "", "b": "",
			"c": "", "d": "", "e": "", "f": ""}}}}, []string{"Selectors[0].Labels are 6; EKS takes 5"}},
		"a label that is none": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: labelled("-team", "web")}, []string{
			`Selectors[0].Labels "-team" is no name of a label; write it as "team" or "example.com/team"`}},
		"a value that is none": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: labelled("team", "web shop")}, []string{
			`Selectors[0].Labels "team" has the value "web shop"; use up to 63 letters, digits and _.-`}},
		"public subnets": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: shop, Subnets: network.Public}, []string{
			`Subnets "public" are not for Fargate, which gives pods no public addresses; use "private", or "isolated" with endpoints`}},
		"unknown subnets": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: shop, Subnets: "deep"}, []string{
			`Subnets must be "public", "private" or "isolated"; got "deep"`}},
		"pods with Pod Identity": {FargateProfileProps{Cluster: withRole, Selectors: []FargateSelector{{Namespace: "sh*"}}}, []string{
			`Selectors[0].Namespace "sh*" takes the pods of Test/Role, which have their role by Pod Identity, which does not reach Fargate; make this profile before it, set Irsa there, or AddOns.CoreDnsOnFargate for that of AlbController, or select fewer pods`}},
		"logging that is off": {FargateProfileProps{Cluster: clusterStandIn(), Selectors: shop, DisableLogging: true, LogRetention: awslogs.RetentionDays_ONE_DAY,
			LogEncryptionKey: &standInKey{}, RemovalPolicy: awscdk.RemovalPolicy_DESTROY}, []string{"LogRetention stands beside DisableLogging; leave one of them out",
			"LogEncryptionKey stands beside DisableLogging; leave one of them out", "RemovalPolicy stands beside DisableLogging; leave one of them out"}},
		"logging as before": {FargateProfileProps{Cluster: logs, Selectors: shop, LogRetention: awslogs.RetentionDays_ONE_MONTH}, nil},
		"logging unlike before": {FargateProfileProps{Cluster: logs, Selectors: shop, LogRetention: awslogs.RetentionDays_ONE_DAY,
			LogEncryptionKey: &standInKey{}, RemovalPolicy: awscdk.RemovalPolicy_RETAIN}, []string{
			`LogRetention "ONE_DAY" is not the "ONE_MONTH" of an earlier profile: the profiles of a cluster log to one log group, and the first says how it is; leave it out, or set it there`,
			`LogEncryptionKey is not that of an earlier profile: the profiles of a cluster log to one log group, and the first says how it is; leave it out, or set it there`,
			`RemovalPolicy "RETAIN" is not the "DESTROY" of an earlier profile: the profiles of a cluster log to one log group, and the first says how it is; leave it out, or set it there`}},
	} {
		t.Run(name, func(t *testing.T) {
			c.props.setDefaults()
			refusedFor(t, c.props.validate(), c.want...)
		})
	}
}

func TestSelectorsTakeNamespaces(t *testing.T) {
	for pattern, want := range map[string][]string{
		"shop": {"shop"}, "*": {"shop", "shops", "team-a"}, "sho?": {"shop"}, "shop*": {"shop", "shops"}, "*-?": {"team-a"}, "${Token[N.1]}": nil,
	} {
		c := &Cluster{fargate: fargate{profiles: []*FargateProfile{{selectors: []FargateSelector{{Namespace: "none"}, {Namespace: pattern}}}}}}
		var taken []string
		for _, namespace := range []string{"shop", "shops", "team-a", "${Token[N.2]}"} {
			if c.onFargate(namespace) {
				taken = append(taken, namespace)
			}
		}
		assert.Equal(t, want, taken, pattern)
	}
	c := &Cluster{fargate: fargate{profiles: []*FargateProfile{{selectors: []FargateSelector{{Namespace: "${Token[N.1]}"}}}}}}
	assert.True(t, c.onFargate("${Token[N.1]}"), "the same token")
}

func TestPodRoleProps(t *testing.T) {
	for name, c := range map[string]struct {
		props PodRoleProps
		want  []string
	}{
		"all":     {PodRoleProps{Cluster: clusterStandIn(), Namespace: "shop", ServiceAccount: "api.v1", Irsa: true, CreateServiceAccount: true}, nil},
		"tokens":  {PodRoleProps{Cluster: clusterStandIn(), Namespace: "${Token[N.1]}", ServiceAccount: "${Token[S.2]}"}, nil},
		"nothing": {PodRoleProps{}, []string{"Cluster is missing; make it with eks.NewCluster", `Namespace "" is no name of a namespace; use up to 63 small letters, digits and hyphens`, `ServiceAccount "" is no name of a service account; use up to 253 small letters, digits, hyphens and dots`}},
		"wildcards": {PodRoleProps{Cluster: clusterStandIn(), Namespace: "team-*", ServiceAccount: "*"}, []string{
			`Namespace "team-*" is no name of a namespace; use up to 63 small letters, digits and hyphens`,
			`ServiceAccount "*" is no name of a service account; use up to 253 small letters, digits, hyphens and dots`}},
	} {
		t.Run(name, func(t *testing.T) { refusedFor(t, c.props.validate(), c.want...) })
	}
}

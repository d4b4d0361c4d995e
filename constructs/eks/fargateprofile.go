package eks

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/describe"
	"awscontainers/internal/policy"
	"awscontainers/internal/subnettype"
)

// FargateSelector says which pods run on Fargate. "*" stands for any characters and "?" for one, in all of it.
// https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
type FargateSelector struct {
	// Namespace is where the pods are: "shop", "team-*". Required.
	Namespace string
	// Labels are what pods must have, all of them, up to 5. Default: none, all pods of the namespace.
	Labels map[string]string
}

// FargateProfileProps describe which pods run on Fargate, each on a machine of its own that nobody looks after: without DaemonSets, EBS,
// GPUs, Arm and Spot. A profile never changes: another selector makes a new one, and its pods start anew. A cluster may have 10 of them.
// https://docs.aws.amazon.com/eks/latest/userguide/fargate.html
type FargateProfileProps struct {
	// Cluster is where the pods belong. Required.
	Cluster *Cluster
	// Selectors are which pods, up to 5: those that any of them fits. Required.
	Selectors []FargateSelector
	// Subnets are network.Private, or network.Isolated with endpoints for all that pods and Fargate reach. Fargate takes no public ones.
	// Default: network.Private.
	Subnets network.SubnetType
	// PodExecutionRole is what Fargate may do for the pods: join the cluster, pull images, write logs. The containers do not have it: see
	// PodRole. One of your own needs AmazonEKSFargatePodExecutionRolePolicy and must not be that of nodes. Default: a new one with just that.
	// https://docs.aws.amazon.com/eks/latest/userguide/pod-execution-role.html
	PodExecutionRole awsiam.IRole

	// DisableLogging lets Fargate write no logs of these pods. Default: false, what containers print goes to CloudWatch Logs.
	// https://docs.aws.amazon.com/eks/latest/userguide/fargate-logging.html
	DisableLogging bool
	// LogRetention is how long these logs are kept. A cluster has one log group for all its profiles; the first that logs says how it is.
	// Default: that of the first, and for the first one month.
	LogRetention awslogs.RetentionDays
	// LogEncryptionKey encrypts them. One of another stack must let CloudWatch Logs use it by itself. Default: that of the first profile, and
	// for the first none, AWS's own key.
	LogEncryptionKey awskms.IKey
	// RemovalPolicy is what becomes of them when the stack is deleted. Default: that of the first profile, and for the first
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which keeps them but for those of a deployment that fails.
	RemovalPolicy awscdk.RemovalPolicy
}

// FargateProfile lets EKS run pods on Fargate.
type FargateProfile struct {
	constructs.Construct
	// Profile is what the CDK's own constructs take.
	Profile awseksv2.CfnFargateProfile
	// PodExecutionRole is what Fargate may do for the pods.
	PodExecutionRole awsiam.IRole
	// LogGroup holds what the containers of all the cluster's profiles print, or is nil with DisableLogging.
	LogGroup awslogs.LogGroup

	selectors []FargateSelector
}

const (
	// https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html
	maxSelectors, maxSelectorLabels = 5, 5
	podExecutionPolicy              = "AmazonEKSFargatePodExecutionRolePolicy"
	// https://docs.aws.amazon.com/eks/latest/userguide/fargate-logging.html
	loggingNamespace, loggingConfigMap = "aws-observability", "aws-logging"
)

// NewFargateProfile makes a profile. It panics with *invalid.Error when the props are wrong.
func NewFargateProfile(scope constructs.Construct, id string, props *FargateProfileProps) *FargateProfile {
	var p FargateProfileProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())
	invalid.Refuse(scope, id, p.Cluster.besideCluster(scope))

	f := &FargateProfile{PodExecutionRole: p.PodExecutionRole}
	constructs.NewConstruct_Override(f, scope, &id)
	if f.PodExecutionRole == nil {
		f.PodExecutionRole = newPodExecutionRole(f, p.Cluster)
	}
	var selectors []any
	for _, s := range p.Selectors {
		f.selectors = append(f.selectors, FargateSelector{Namespace: s.Namespace, Labels: maps.Clone(s.Labels)})
		selectors = append(selectors, s.render())
	}
	subnets := p.Cluster.vpc().SelectSubnets(p.Subnets.Select())
	f.Profile = awseksv2.NewCfnFargateProfile(f, jsii.String("Profile"), &awseksv2.CfnFargateProfileProps{
		ClusterName:         p.Cluster.Cluster.ClusterName(),
		PodExecutionRoleArn: f.PodExecutionRole.RoleArn(),
		Selectors:           selectors,
		Subnets:             subnets.SubnetIds,
	})
	if !p.DisableLogging {
		f.log(&p)
	}
	// With its policies, and a way to images and the API.
	f.Profile.Node().AddDependency(f.PodExecutionRole, subnets.InternetConnectivityEstablished)
	p.Cluster.hostOnFargate(f)
	return f
}

// ProfileName is the profile's name, for an output: a pod that several profiles fit names it in its label eks.amazonaws.com/fargate-profile.
func (f *FargateProfile) Name() string { return *f.Profile.Ref() }

// hostOnFargate notes a profile. EKS makes and deletes the profiles of a cluster one at a time only.
// https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
func (c *Cluster) hostOnFargate(f *FargateProfile) {
	if earlier := len(c.fargate.profiles); earlier > 0 {
		f.Profile.Node().AddDependency(c.fargate.profiles[earlier-1].Profile)
	}
	c.fargate.profiles = append(c.fargate.profiles, f)
	c.host(f.Profile)
}

// newPodExecutionRole makes a role for Fargate, for profiles of this cluster alone.
// https://docs.aws.amazon.com/eks/latest/userguide/pod-execution-role.html
func newPodExecutionRole(scope constructs.Construct, c *Cluster) awsiam.Role {
	role := awsiam.NewRole(scope, jsii.String("PodExecutionRole"), &awsiam.RoleProps{
		Description: describe.Of("Fargate for the pods of", *scope.Node().Path()),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("eks-fargate-pods.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"ArnLike": map[string]any{"aws:SourceArn": *awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
				Service: jsii.String("eks"), Resource: jsii.String("fargateprofile"), ResourceName: jsii.String(c.name + "/*"),
			})}},
		}),
		ManagedPolicies: managed(podExecutionPolicy),
	})
	explainManaged(role, podExecutionPolicy)
	return role
}

func (s *FargateSelector) render() any {
	selector := &awseksv2.CfnFargateProfile_SelectorProperty{Namespace: jsii.String(s.Namespace)}
	var labels []any
	for _, key := range slices.Sorted(maps.Keys(s.Labels)) {
		labels = append(labels, &awseksv2.CfnFargateProfile_LabelProperty{Key: jsii.String(key), Value: jsii.String(s.Labels[key])})
	}
	if labels != nil {
		selector.Labels = labels
	}
	return selector
}

// fargateLogging is where the pods of all the profiles of a cluster log to.
type fargateLogging struct {
	group     awslogs.LogGroup
	manifest  awseksv2.KubernetesManifest
	retention awslogs.RetentionDays
	key       awskms.IKey
	removal   awscdk.RemovalPolicy
}

// log lets the profile's pods log: Fargate asks for how when a pod starts, so it must stand there before.
func (f *FargateProfile) log(p *FargateProfileProps) {
	there := &p.Cluster.fargate
	if there.logging == nil {
		there.logging = newFargateLogging(p)
	}
	f.LogGroup = there.logging.group
	f.LogGroup.Grant(f.PodExecutionRole, jsii.String("logs:CreateLogStream"), jsii.String("logs:DescribeLogStreams"), jsii.String("logs:PutLogEvents"))
	f.Profile.Node().AddDependency(there.logging.manifest)
}

// newFargateLogging makes the log group, and what Fargate's log router reads, which is one for a cluster: so it stands below that.
// https://docs.aws.amazon.com/eks/latest/userguide/fargate-logging.html
func newFargateLogging(p *FargateProfileProps) *fargateLogging {
	l := &fargateLogging{retention: p.LogRetention, key: p.LogEncryptionKey, removal: p.RemovalPolicy}
	if l.retention == "" {
		l.retention = awslogs.RetentionDays_ONE_MONTH
	}
	if l.removal == "" {
		l.removal = awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
	if l.key != nil {
		policy.LetLogsUse(p.Cluster, l.key)
	}
	l.group = awslogs.NewLogGroup(p.Cluster, jsii.String("FargateLogGroup"), &awslogs.LogGroupProps{
		Retention: l.retention, EncryptionKey: l.key, RemovalPolicy: l.removal,
	})
	l.manifest = awseksv2.NewKubernetesManifest(p.Cluster, jsii.String("FargateLogging"), &awseksv2.KubernetesManifestProps{
		Cluster:  p.Cluster.Cluster,
		Manifest: loggingObjects(*awscdk.Stack_Of(p.Cluster).Region(), *l.group.LogGroupName()),
	})
	return l
}

// loggingObjects are the namespace and the ConfigMap. The log router takes the metadata of Kubernetes into each line, so that it says which
// pod printed it.
func loggingObjects(region, group string) *[]*map[string]any {
	return &[]*map[string]any{
		{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{
			"name": loggingNamespace, "labels": map[string]any{loggingNamespace: "enabled"},
		}},
		{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": loggingConfigMap, "namespace": loggingNamespace}, "data": map[string]any{
			"flb_log_cw": "false", // the log router's own go nowhere: that would be another log group, kept for ever
			"filters.conf": section("FILTER", "Name parser", "Match *", "Key_name log", "Parser crio") +
				section("FILTER", "Name kubernetes", "Match kube.*", "Merge_Log On", "Keep_Log Off", "Buffer_Size 0", "Kube_Meta_Cache_TTL 300s"),
			"output.conf": section("OUTPUT", "Name cloudwatch_logs", "Match kube.*", "region "+region, "log_group_name "+group,
				"log_stream_prefix fargate-", "auto_create_group false"),
			"parsers.conf": section("PARSER", "Name crio", "Format Regex", `Regex ^(?<time>[^ ]+) (?<stream>stdout|stderr) (?<logtag>P|F) (?<log>.*)$`,
				"Time_Key time", "Time_Format %Y-%m-%dT%H:%M:%S.%L%z"),
		}},
	}
}

// section is one of Fluent Bit's: its lines stand deeper than its name.
func section(name string, lines ...string) string {
	text := "[" + name + "]\n"
	for _, line := range lines {
		text += "    " + line + "\n"
	}
	return text
}

func (p *FargateProfileProps) setDefaults() {
	if p.Subnets == "" {
		p.Subnets = network.Private
	}
}

// Names and labels of Kubernetes, with the wildcards of EKS.
// https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html#fargate-profile-wildcards
var (
	selectorNamespace  = regexp.MustCompile(`^[a-z0-9*?]([a-z0-9*?-]{0,61}[a-z0-9*?])?$`)
	selectorLabelKey   = regexp.MustCompile(`^([a-z0-9*?]([a-z0-9.*?-]{0,251}[a-z0-9*?])?/)?[A-Za-z0-9*?]([A-Za-z0-9_.*?-]{0,61}[A-Za-z0-9*?])?$`)
	selectorLabelValue = regexp.MustCompile(`^([A-Za-z0-9*?]([A-Za-z0-9_.*?-]{0,61}[A-Za-z0-9*?])?)?$`)
)

func (p *FargateProfileProps) validate() error {
	var bad invalid.Problems
	p.checkPlace(&bad)
	switch n := len(p.Selectors); {
	case n == 0:
		bad.Add("Selectors", `are missing; say which pods run on Fargate, {Namespace: "shop"}`)
	case n > maxSelectors:
		bad.Add("Selectors", "are %d; EKS takes %d, so make another profile for the rest", n, maxSelectors)
	}
	for i := range p.Selectors {
		p.checkSelector(i, &bad)
	}
	p.checkLogging(&bad)
	return bad.Err()
}

// checkPlace asks for a cluster that takes profiles, and has subnets for them.
func (p *FargateProfileProps) checkPlace(bad *invalid.Problems) {
	switch {
	case p.Cluster == nil || p.Cluster.Cluster == nil:
		bad.Add("Cluster", "is missing; make it with eks.NewCluster")
	case p.Cluster.autoMode:
		// https://docs.aws.amazon.com/eks/latest/userguide/auto-networking.html
		bad.Add("Cluster", "is in Auto Mode, whose CoreDNS serves its own nodes alone, so that pods on Fargate would find no names; leave AutoMode out there, or this profile")
	}
	if p.Subnets == network.Public {
		bad.Add("Subnets", "%q are not for Fargate, which gives pods no public addresses; use %q, or %q with endpoints", p.Subnets, network.Private, network.Isolated)
	} else if p.Cluster != nil {
		subnettype.Check("Subnets", p.Subnets, bad)
		subnettype.CheckIn("Subnets", p.Subnets, p.Cluster.itsVpc, bad)
	}
}

func (p *FargateProfileProps) checkSelector(i int, bad *invalid.Problems) {
	field, s := fmt.Sprintf("Selectors[%d]", i), &p.Selectors[i]
	switch {
	case s.Namespace == "":
		bad.Add(field+".Namespace", `is missing; name the namespace of the pods, or write "*" for any`)
	case invalid.IsToken(s.Namespace):
	case !selectorNamespace.MatchString(s.Namespace):
		bad.Add(field+".Namespace", `%q is no name of a namespace; use up to 63 small letters, digits and hyphens, "*" for any characters and "?" for one`, s.Namespace)
	case s.Namespace == loggingNamespace:
		bad.Add(field+".Namespace", "%q holds how Fargate logs, and no pods; leave it out", s.Namespace)
	}
	for j := range i {
		if p.Selectors[j].Namespace == s.Namespace && maps.Equal(p.Selectors[j].Labels, s.Labels) && s.Namespace != "" {
			bad.Add(field, "is the same as Selectors[%d]; leave one out", j)
		}
	}
	if len(s.Labels) > maxSelectorLabels {
		bad.Add(field+".Labels", "are %d; EKS takes %d", len(s.Labels), maxSelectorLabels)
	}
	for _, key := range slices.Sorted(maps.Keys(s.Labels)) {
		if !invalid.IsToken(key) && !selectorLabelKey.MatchString(key) {
			bad.Add(field+".Labels", `%q is no name of a label; write it as "team" or "example.com/team"`, key)
		}
		if value := s.Labels[key]; !invalid.IsToken(value) && !selectorLabelValue.MatchString(value) {
			bad.Add(field+".Labels", "%q has the value %q; use up to 63 letters, digits and _.-", key, value)
		}
	}
	if p.Cluster == nil {
		return
	}
	for _, role := range p.Cluster.fargate.podIdentities {
		if s.takes(role.namespace) {
			bad.Add(field+".Namespace", "%q takes the pods of %s, which have their role by Pod Identity, which does not reach Fargate; make this profile before it, set Irsa there, or AddOns.CoreDnsOnFargate for that of AlbController, or select fewer pods", s.Namespace, role.path)
		}
	}
}

// checkLogging notes settings that differ from those of an earlier profile.
func (p *FargateProfileProps) checkLogging(bad *invalid.Problems) {
	if p.DisableLogging {
		for _, given := range []struct {
			field string
			given bool
		}{{"LogRetention", p.LogRetention != ""}, {"LogEncryptionKey", p.LogEncryptionKey != nil}, {"RemovalPolicy", p.RemovalPolicy != ""}} {
			if given.given {
				bad.Add(given.field, "stands beside DisableLogging; leave one of them out")
			}
		}
		return
	}
	if p.Cluster == nil || p.Cluster.fargate.logging == nil {
		return
	}
	const oneGroup = "the profiles of a cluster log to one log group, and the first says how it is; leave it out, or set it there"
	first := p.Cluster.fargate.logging
	if p.LogRetention != "" && p.LogRetention != first.retention {
		bad.Add("LogRetention", "%q is not the %q of an earlier profile: %s", p.LogRetention, first.retention, oneGroup)
	}
	if p.LogEncryptionKey != nil && p.LogEncryptionKey != first.key {
		bad.Add("LogEncryptionKey", "is not that of an earlier profile: %s", oneGroup)
	}
	if p.RemovalPolicy != "" && p.RemovalPolicy != first.removal {
		bad.Add("RemovalPolicy", "%q is not the %q of an earlier profile: %s", p.RemovalPolicy, first.removal, oneGroup)
	}
}

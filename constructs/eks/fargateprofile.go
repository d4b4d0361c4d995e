package eks

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/describe"
	"awscontainers/internal/opt"
	"awscontainers/internal/policy"
	"awscontainers/internal/source"
)

// FargateSelector selects the pods that run on Fargate. In all fields "*" stands for any characters and "?" for one.
// https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
type FargateSelector struct {
	// Namespace is where the pods are: "shop", "team-*". Required.
	Namespace string
	// Labels are what pods must have, all of them, up to 5. Default: none, all pods of the namespace.
	Labels map[string]string
}

// FargateProfileProps configure which pods run on Fargate, each on a machine of its own that AWS manages: without DaemonSets, EBS,
// GPUs, Arm and Spot. A profile never changes: another selector replaces it, and its pods start anew. A cluster can have 10
// profiles.
// https://docs.aws.amazon.com/eks/latest/userguide/fargate.html
type FargateProfileProps struct {
	// Cluster is the cluster in which the pods run. Required.
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
	// EncryptionKey encrypts these logs. A key of another stack must itself let CloudWatch Logs use it. Default: that of the first profile,
	// whose default is none, AWS's own key.
	EncryptionKey awskms.IKey
	// RemovalPolicy determines whether these logs are deleted with the stack. Default: that of the first profile, whose default is
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which retains them except when their initial creation is rolled back.
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
	cluster   *Cluster
}

var _ awsec2.IConnectable = (*FargateProfile)(nil)

const (
	// https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html
	maxSelectors, maxSelectorLabels = 5, 5
	podExecutionPolicy              = "AmazonEKSFargatePodExecutionRolePolicy"
	// https://docs.aws.amazon.com/eks/latest/userguide/fargate-logging.html
	loggingNamespace, loggingConfigMap = "aws-observability", "aws-logging"
)

// NewFargateProfile creates a Fargate profile. It panics with *invalid.Error if the props are invalid.
func NewFargateProfile(scope constructs.Construct, id string, props *FargateProfileProps) *FargateProfile {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn(scope))

	f := &FargateProfile{PodExecutionRole: p.PodExecutionRole, cluster: p.Cluster}
	source.Create(f, scope, id)
	if f.PodExecutionRole == nil {
		f.PodExecutionRole = newPodExecutionRole(f, p.Cluster)
	}
	var selectors []any
	for _, s := range p.Selectors {
		f.selectors = append(f.selectors, FargateSelector{Namespace: s.Namespace, Labels: maps.Clone(s.Labels)})
		selectors = append(selectors, s.render())
	}
	subnets := p.Cluster.facts.vpc.SelectSubnets(p.Subnets.Select())
	f.Profile = awseksv2.NewCfnFargateProfile(f, jsii.String("Profile"), &awseksv2.CfnFargateProfileProps{
		ClusterName:         p.Cluster.Cluster.ClusterName(),
		PodExecutionRoleArn: f.PodExecutionRole.RoleArn(),
		Selectors:           selectors,
		Subnets:             subnets.SubnetIds,
	})
	if !p.DisableLogging {
		f.enableLogging(&p)
	}
	// With its policies, and a route to images and the API.
	f.Profile.Node().AddDependency(f.PodExecutionRole, subnets.InternetConnectivityEstablished)
	p.Cluster.addProfile(f)
	return f
}

// Name returns the profile's name: a pod that several profiles select can name one in its label eks.amazonaws.com/fargate-profile.
func (f *FargateProfile) Name() string { return *f.Profile.Ref() }

// Connections returns the cluster security group, which the pods share with the control plane and all nodes.
func (f *FargateProfile) Connections() awsec2.Connections { return f.cluster.Connections() }

// addProfile records a profile. EKS creates and deletes the profiles of a cluster only one at a time.
// https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
func (c *Cluster) addProfile(f *FargateProfile) {
	if earlier := len(c.fargate.profiles); earlier > 0 {
		f.Profile.Node().AddDependency(c.fargate.profiles[earlier-1].Profile)
	}
	c.fargate.profiles = append(c.fargate.profiles, f)
	c.deps.addNodes(f.Profile)
}

// newPodExecutionRole creates a role for Fargate, for profiles of this cluster only.
// https://docs.aws.amazon.com/eks/latest/userguide/pod-execution-role.html
func newPodExecutionRole(scope constructs.Construct, c *Cluster) awsiam.Role {
	role := awsiam.NewRole(scope, jsii.String("PodExecutionRole"), &awsiam.RoleProps{
		Description: describe.Of("Fargate for the pods of", *scope.Node().Path()),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("eks-fargate-pods.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"ArnLike": map[string]any{"aws:SourceArn": *awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
				Service: jsii.String("eks"), Resource: jsii.String("fargateprofile"), ResourceName: jsii.String(c.facts.name + "/*"),
			})}},
		}),
		ManagedPolicies: managedPolicies(podExecutionPolicy),
	})
	suppressManagedPolicies(role, podExecutionPolicy)
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

// fargateLogging is where the pods of all profiles of a cluster log to.
type fargateLogging struct {
	group         awslogs.LogGroup
	manifest      awseksv2.KubernetesManifest
	retention     awslogs.RetentionDays
	encryptionKey awskms.IKey
	removalPolicy awscdk.RemovalPolicy
}

// enableLogging lets the profile's pods log: Fargate reads the configuration when a pod starts, so it must exist before.
func (f *FargateProfile) enableLogging(p *FargateProfileProps) {
	state := &p.Cluster.fargate
	if state.logging == nil {
		state.logging = newFargateLogging(p)
	}
	f.LogGroup = state.logging.group
	f.LogGroup.Grant(f.PodExecutionRole, *jsii.Strings("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")...)
	f.Profile.Node().AddDependency(state.logging.manifest)
}

// newFargateLogging creates the log group and what Fargate's log router reads. A cluster has one of each, so they are below the cluster.
// https://docs.aws.amazon.com/eks/latest/userguide/fargate-logging.html
func newFargateLogging(p *FargateProfileProps) *fargateLogging {
	cluster := p.Cluster
	l := &fargateLogging{retention: p.LogRetention, encryptionKey: p.EncryptionKey, removalPolicy: p.RemovalPolicy}
	opt.Default(&l.retention, awslogs.RetentionDays_ONE_MONTH)
	opt.Default(&l.removalPolicy, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
	if l.encryptionKey != nil {
		policy.LetLogsUse(cluster, l.encryptionKey)
	}
	l.group = awslogs.NewLogGroup(cluster, jsii.String("FargateLogGroup"), &awslogs.LogGroupProps{
		Retention: l.retention, EncryptionKey: l.encryptionKey, RemovalPolicy: l.removalPolicy,
	})
	objects := loggingObjects(*awscdk.Stack_Of(cluster).Region(), *l.group.LogGroupName())
	l.manifest = cluster.apply(cluster, "FargateLogging", objects...)
	return l
}

// loggingObjects returns the namespace and the ConfigMap. The log router adds the metadata of Kubernetes to each line, so that it
// shows which pod printed it.
func loggingObjects(region, group string) []map[string]any {
	namespace := map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{
		"name": loggingNamespace, "labels": map[string]any{loggingNamespace: "enabled"},
	}}
	data := map[string]any{
		"flb_log_cw": "false", // none of the log router's own: that would be another log group, without retention
		"filters.conf": section("FILTER", "Name parser", "Match *", "Key_name log", "Parser crio") +
			section("FILTER", "Name kubernetes", "Match kube.*", "Merge_Log On", "Keep_Log Off", "Buffer_Size 0", "Kube_Meta_Cache_TTL 300s"),
		"output.conf": section("OUTPUT", "Name cloudwatch_logs", "Match kube.*", "region "+region, "log_group_name "+group,
			"log_stream_prefix fargate-", "auto_create_group false"),
		"parsers.conf": section("PARSER", "Name crio", "Format Regex",
			`Regex ^(?<time>[^ ]+) (?<stream>stdout|stderr) (?<logtag>P|F) (?<log>.*)$`,
			"Time_Key time", "Time_Format %Y-%m-%dT%H:%M:%S.%L%z"),
	}
	configMap := map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{
		"name": loggingConfigMap, "namespace": loggingNamespace,
	}, "data": data}
	return []map[string]any{namespace, configMap}
}

// section returns one of Fluent Bit's sections, whose lines are indented.
func section(name string, lines ...string) string {
	text := "[" + name + "]\n"
	for _, line := range lines {
		text += "    " + line + "\n"
	}
	return text
}

package eks

import (
	"regexp"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/describe"
	"awscontainers/internal/policy"
)

// ContainerInsightsProps describe what CloudWatch is told of a cluster's nodes and pods. Pods on Fargate are not among them: the add-on
// runs on nodes alone.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/install-CloudWatch-Observability-EKS-addon.html
type ContainerInsightsProps struct {
	// Cluster is what to watch. Required.
	Cluster *Cluster
	// AddOnVersion pins amazon-cloudwatch-observability, which is "v3.1.0-eksbuild.1" or later. Default: EKS's default for the cluster.
	AddOnVersion string
	// DisableContainerLogs sends metrics alone, and no logs of containers and nodes. Default: false.
	DisableContainerLogs bool
	// LogRetention is how long all of it is kept: what containers print, the logs of nodes, and the events that metrics are made of.
	// Default: one month.
	LogRetention awslogs.RetentionDays
	// LogEncryptionKey encrypts it. A key of another stack must let CloudWatch Logs use it by itself. Default: none, AWS's own key.
	LogEncryptionKey awskms.IKey
	// RemovalPolicy is what becomes of it when the stack is deleted. Default: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which keeps
	// it but for that of a deployment that fails.
	RemovalPolicy awscdk.RemovalPolicy
	// Alarms tell when nodes and pods are not well. Default: nil, none.
	Alarms *InsightsAlarms
}

// ContainerInsights is CloudWatch Container Insights with enhanced observability: the CloudWatch agent and Fluent Bit on every node, their
// role, and the log groups they write to.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/container-insights-detailed-metrics.html
type ContainerInsights struct {
	constructs.Construct
	// AddOn is what the CDK's own constructs take.
	AddOn awseksv2.CfnAddon
	// Role is what the agents may do in AWS.
	Role awsiam.Role
	// ApplicationLogs holds what containers print, or is nil with DisableContainerLogs.
	ApplicationLogs awslogs.LogGroup
	// PerformanceLogs holds the events that metrics are made of.
	PerformanceLogs awslogs.LogGroup

	cluster *Cluster
}

const (
	insightsAddOn = "amazon-cloudwatch-observability"
	// The agent and Fluent Bit share the service account.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-setup-EKS-addon.html
	insightsNamespace, insightsServiceAccount = "amazon-cloudwatch", "cloudwatch-agent"
	// agentPolicy is for metrics and logs. AWS names AWSXrayWriteOnlyAccess beside it for the traces of Application Signals, which are off here.
	agentPolicy = "CloudWatchAgentServerPolicy"
	// From these versions on the add-on takes roles by Pod Identity, and knows whether to instrument every pod of a service; from the fifth
	// on it does so unless told not to.
	// https://github.com/aws-observability/helm-charts/blob/main/RELEASE_NOTES
	leastInsightsMajor, leastInsightsMinor, autoMonitorMajor = 3, 1, 4
)

// NewContainerInsights installs the add-on. It panics with *invalid.Error when the props are wrong.
func NewContainerInsights(scope constructs.Construct, id string, props *ContainerInsightsProps) *ContainerInsights {
	var p ContainerInsightsProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	i := &ContainerInsights{cluster: p.Cluster}
	constructs.NewConstruct_Override(i, scope, &id)
	p.Cluster.fargate.insights = *i.Node().Path()
	p.Cluster.fargate.podIdentities = append(p.Cluster.fargate.podIdentities, podIdentityRole{insightsNamespace, *i.Node().Path()})
	p.Cluster.claim(insightsNamespace, insightsServiceAccount, *i.Node().Path())
	if p.LogEncryptionKey != nil {
		policy.LetLogsUse(i, p.LogEncryptionKey)
	}
	i.Role = newPodIdentityRole(i, describe.Of("CloudWatch agent of", *i.Node().Path()), p.Cluster, insightsNamespace, insightsServiceAccount)
	i.Role.AddManagedPolicy(awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String(agentPolicy)))
	explainManaged(i.Role, agentPolicy)
	i.AddOn = p.Cluster.addOnBelow(i, "AddOn", insightsAddOn, p.AddOnVersion, p.configuration())
	i.AddOn.SetPodIdentityAssociations([]any{&awseksv2.CfnAddon_PodIdentityAssociationProperty{
		RoleArn: i.Role.RoleArn(), ServiceAccount: jsii.String(insightsServiceAccount),
	}})
	i.AddOn.Node().AddDependency(p.Cluster.before...) // among them what gives the agents their role
	p.Cluster.afterNodes(i.AddOn)
	i.PerformanceLogs = p.newLogGroup(i, "Performance")
	if !p.DisableContainerLogs {
		i.ApplicationLogs = p.newLogGroup(i, "Application")
		p.newLogGroup(i, "Dataplane")
		p.newLogGroup(i, "Host")
	}
	i.AddOn.Node().AddDependency(i.Role)
	if p.Cluster.AlbController != nil {
		i.AddOn.Node().AddDependency(p.Cluster.AlbController) // whose webhook is asked about the add-on's Services
	}
	if p.Alarms != nil {
		i.watch(p.Alarms)
	}
	return i
}

// AddOnArn is the add-on's ARN, for an output.
func (i *ContainerInsights) AddOnArn() string { return *i.AddOn.AttrArn() }

// newLogGroup makes a log group that the agents would make by this name, to be kept for ever. It is there before them and goes after them, or
// they made it anew.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-EKS-logs.html
func (p *ContainerInsightsProps) newLogGroup(i *ContainerInsights, kind string) awslogs.LogGroup {
	group := awslogs.NewLogGroup(i, jsii.String(kind+"Logs"), &awslogs.LogGroupProps{
		LogGroupName: jsii.String("/aws/containerinsights/" + p.Cluster.name + "/" + insightsLogs[kind]),
		Retention:    p.LogRetention, EncryptionKey: p.LogEncryptionKey, RemovalPolicy: p.RemovalPolicy,
	})
	i.AddOn.Node().AddDependency(group)
	return group
}

var insightsLogs = map[string]string{"Application": "application", "Dataplane": "dataplane", "Host": "host", "Performance": "performance"}

// configuration is that of the add-on. Without the section of Application Signals the agent takes no traces, which cost by the request.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/install-CloudWatch-Observability-EKS-addon.html
func (p *ContainerInsightsProps) configuration() map[string]any {
	configuration := map[string]any{
		"agent": map[string]any{"config": map[string]any{"logs": map[string]any{"metrics_collected": map[string]any{
			"kubernetes": map[string]any{"enhanced_container_insights": true},
		}}}},
		"containerLogs": map[string]any{"enabled": !p.DisableContainerLogs},
	}
	if major, _, known := versionOf(p.AddOnVersion); !known || major >= autoMonitorMajor {
		configuration["manager"] = map[string]any{"applicationSignals": map[string]any{"autoMonitor": map[string]any{"monitorAllServices": false}}}
	}
	return configuration
}

var majorMinor = regexp.MustCompile(`^v(\d+)\.(\d+)\.`)

// versionOf reads the version of an add-on; one that is not pinned, or a token, is not known.
func versionOf(version string) (major, minor int, known bool) {
	m := majorMinor.FindStringSubmatch(version)
	if m == nil {
		return 0, 0, false
	}
	major, _ = strconv.Atoi(m[1])
	minor, _ = strconv.Atoi(m[2])
	return major, minor, true
}

func (p *ContainerInsightsProps) setDefaults() {
	if p.LogRetention == "" {
		p.LogRetention = awslogs.RetentionDays_ONE_MONTH
	}
	if p.RemovalPolicy == "" {
		p.RemovalPolicy = awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
	if p.Alarms != nil {
		alarms := *p.Alarms
		alarms.setDefaults()
		p.Alarms = &alarms
	}
}

func (p *ContainerInsightsProps) validate() error {
	var bad invalid.Problems
	switch {
	case p.Cluster == nil || p.Cluster.Cluster == nil:
		bad.Add("Cluster", "is missing; make it with eks.NewCluster")
	case p.Cluster.onFargate(insightsNamespace):
		bad.Add("Cluster", "has a FargateProfile that takes namespace %q, in which part of the add-on would run without its role; select fewer pods there", insightsNamespace)
	case p.Cluster.fargate.insights != "":
		bad.Add("Cluster", "has Container Insights already, of %s; leave one of them out", p.Cluster.fargate.insights)
	}
	if v := p.AddOnVersion; v != "" && !invalid.IsToken(v) {
		major, minor, _ := versionOf(v)
		switch {
		case !addOnVersion.MatchString(v):
			bad.Add("AddOnVersion", `%q is no version of an add-on; write it as "v4.4.0-eksbuild.1"`, v)
		case major < leastInsightsMajor || major == leastInsightsMajor && minor < leastInsightsMinor:
			bad.Add("AddOnVersion", `%q takes no role by Pod Identity; use "v3.1.0-eksbuild.1" or later`, v)
		}
	}
	if p.Alarms != nil {
		bad.Nest("Alarms", p.Alarms.validate())
	}
	return bad.Err()
}

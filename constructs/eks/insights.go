package eks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseksv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/opt"
	"awscontainers/internal/policy"
	"awscontainers/internal/source"
)

// ContainerInsightsProps configure which metrics and logs of a cluster's nodes and pods CloudWatch gets. Pods on Fargate are not
// included: the add-on runs only on nodes.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/install-CloudWatch-Observability-EKS-addon.html
type ContainerInsightsProps struct {
	// Cluster is the cluster to monitor. Required.
	Cluster *Cluster
	// AddOnVersion pins amazon-cloudwatch-observability, which is "v3.1.0-eksbuild.1" or later. Default: EKS's default for the cluster.
	AddOnVersion string
	// DisableContainerLogs sends metrics alone, and no logs of containers and nodes. Default: false.
	DisableContainerLogs bool
	// LogRetention is how long all of it is kept: what containers print, the logs of nodes, and the events that metrics are made of.
	// Default: one month.
	LogRetention awslogs.RetentionDays
	// EncryptionKey encrypts these logs. A key of another stack must itself let CloudWatch Logs use it. Default: none, AWS's own key.
	EncryptionKey awskms.IKey
	// RemovalPolicy determines whether these logs are deleted with the stack. Default: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which
	// retains them except when their initial creation is rolled back.
	RemovalPolicy awscdk.RemovalPolicy
	// Alarms notify of unhealthy nodes and pods. Default: nil, none.
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
	// agentPolicy is for metrics and logs. AWS names AWSXrayWriteOnlyAccess beside it for the traces of Application Signals, which are
	// off here.
	agentPolicy = "CloudWatchAgentServerPolicy"
	// From this version on the add-on knows whether to instrument every pod of a service; from the fifth on it does so unless told not to.
	// https://github.com/aws-observability/helm-charts/blob/main/RELEASE_NOTES
	autoMonitorMajor = 4
)

// https://github.com/aws-observability/helm-charts/blob/main/RELEASE_NOTES
var minInsightsVersion = minVersion{3, 1, "which accepts a role by EKS Pod Identity"}

// NewContainerInsights installs the add-on. It panics with *invalid.Error if the props are invalid.
func NewContainerInsights(scope constructs.Construct, id string, props *ContainerInsightsProps) *ContainerInsights {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn())

	cluster := p.Cluster
	i := &ContainerInsights{cluster: cluster}
	source.Create(i, scope, id)
	path := *i.Node().Path()
	cluster.fargate.insightsPath = path
	cluster.roles.addPodIdentity(insightsNamespace, path)
	cluster.roles.assign(insightsNamespace, insightsServiceAccount, path)
	if p.EncryptionKey != nil {
		policy.LetLogsUse(i, p.EncryptionKey)
	}
	i.Role = newPodIdentityRole(i, describe.Of("CloudWatch agent of", path), cluster, insightsNamespace, insightsServiceAccount)
	i.Role.AddManagedPolicy(awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String(agentPolicy)))
	suppressManagedPolicies(i.Role, agentPolicy)
	i.AddOn = cluster.podAddOn(i, "AddOn", insightsAddOn, p.AddOnVersion, p.configuration())
	i.AddOn.SetPodIdentityAssociations([]any{&awseksv2.CfnAddon_PodIdentityAssociationProperty{
		RoleArn: i.Role.RoleArn(), ServiceAccount: jsii.String(insightsServiceAccount),
	}})
	i.AddOn.Node().AddDependency(i.Role)
	i.PerformanceLogs = p.newLogGroup(i, "Performance")
	if !p.DisableContainerLogs {
		i.ApplicationLogs = p.newLogGroup(i, "Application")
		p.newLogGroup(i, "Dataplane")
		p.newLogGroup(i, "Host")
	}
	if p.Alarms != nil {
		i.createAlarms(p.Alarms)
	}
	return i
}

// AddOnArn returns the add-on's ARN.
func (i *ContainerInsights) AddOnArn() string { return *i.AddOn.AttrArn() }

// newLogGroup creates a log group that the agents would create by this name, without retention. It is created before them and deleted after
// them, or they would create it again.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-EKS-logs.html
func (p *ContainerInsightsProps) newLogGroup(i *ContainerInsights, kind string) awslogs.LogGroup {
	group := awslogs.NewLogGroup(i, jsii.String(kind+"Logs"), &awslogs.LogGroupProps{
		LogGroupName: jsii.String("/aws/containerinsights/" + p.Cluster.facts.name + "/" + insightsLogs[kind]),
		Retention:    p.LogRetention, EncryptionKey: p.EncryptionKey, RemovalPolicy: p.RemovalPolicy,
	})
	i.AddOn.Node().AddDependency(group)
	return group
}

var insightsLogs = map[string]string{"Application": "application", "Dataplane": "dataplane", "Host": "host", "Performance": "performance"}

// configuration returns that of the add-on. Without the section of Application Signals the agent takes no traces, which cost by the
// request.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/install-CloudWatch-Observability-EKS-addon.html
func (p *ContainerInsightsProps) configuration() map[string]any {
	configuration := map[string]any{
		"agent": map[string]any{"config": map[string]any{"logs": map[string]any{"metrics_collected": map[string]any{
			"kubernetes": map[string]any{"enhanced_container_insights": true},
		}}}},
		"containerLogs": map[string]any{"enabled": !p.DisableContainerLogs},
	}
	if major, _, isKnown := parseAddOnVersion(p.AddOnVersion); !isKnown || major >= autoMonitorMajor {
		configuration["manager"] = map[string]any{"applicationSignals": map[string]any{
			"autoMonitor": map[string]any{"monitorAllServices": false},
		}}
	}
	return configuration
}

func (p *ContainerInsightsProps) setDefaults() {
	opt.Default(&p.LogRetention, awslogs.RetentionDays_ONE_MONTH)
	opt.Default(&p.RemovalPolicy, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
	if p.Alarms != nil {
		alarms := *p.Alarms
		alarms.setDefaults()
		p.Alarms = &alarms
	}
}

// Validate returns all problems of the props, or nil. NewContainerInsights also checks what else the cluster has.
func (p *ContainerInsightsProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *ContainerInsightsProps) validate() error {
	var bad invalid.Problems
	requireCluster(p.Cluster, &bad)
	minInsightsVersion.check("AddOnVersion", p.AddOnVersion, &bad)
	if p.Alarms != nil {
		bad.Nest("Alarms", p.Alarms.validate())
	}
	check.LogRetention("LogRetention", p.LogRetention, &bad)
	check.RemovalPolicy("RemovalPolicy", p.RemovalPolicy, &bad)
	return bad.Err()
}

// validateIn judges what the cluster's other constructs tell.
func (p *ContainerInsightsProps) validateIn() error {
	var bad invalid.Problems
	if p.Cluster == nil {
		return nil
	}
	p.Cluster.checkNotOnFargate(insightsNamespace, "part of the add-on", &bad)
	if path := p.Cluster.fargate.insightsPath; path != "" {
		bad.Add("Cluster", "must not have another ContainerInsights").Advise("remove this or %s", path)
	}
	return bad.Err()
}

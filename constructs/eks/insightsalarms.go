package eks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/notify"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// InsightsAlarms configure the alarms for unhealthy nodes and pods.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-enhanced-EKS.html
type InsightsAlarms struct {
	// Topic is notified. Required.
	Topic *notify.Topic
	// NodeCpuUtilizationPercent is the CPU use of all nodes together, on average, that is too much, 1 to 100. Default: 85.
	NodeCpuUtilizationPercent int
	// NodeMemoryUtilizationPercent is the memory use of any node that is too much, 1 to 100. Default: 90.
	NodeMemoryUtilizationPercent int
	// NodeFilesystemUtilizationPercent is the disk use of any node that is too much, 1 to 100: from 85 on kubelet deletes images and evicts
	// pods. Default: 80.
	// https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/
	NodeFilesystemUtilizationPercent int
	// ContainerRestarts is how many restarts of containers in five minutes, in the whole cluster, are worth an alarm. Default: 5.
	ContainerRestarts int
}

const (
	defaultNodeCpu        = 85
	defaultNodeMemory     = 90
	defaultNodeFilesystem = 80
	defaultRestarts       = 5
)

// createAlarms creates the alarms. Each metric is that of the whole cluster: nodes and pods come and go, and an alarm for one would
// soon watch nothing.
func (i *ContainerInsights) createAlarms(a *InsightsAlarms) {
	i.alarm(a, "NoMetrics", notify.AlarmProps{
		Description:        "No node sends metrics: there are no nodes, or the CloudWatch agent doesn't run. The other alarms can't fire",
		Metric:             i.metric("cluster_node_count", "Maximum", 1),
		Threshold:          1,
		ComparisonOperator: awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD,
		TreatMissingData:   awscloudwatch.TreatMissingData_BREACHING,
		EvaluationPeriods:  10,
	})
	i.alarm(a, "FailedNodes", notify.AlarmProps{
		Description: "A node reports a failed condition, such as memory or disk pressure",
		Metric:      i.metric("cluster_failed_node_count", "Maximum", 1),
		Threshold:   1,
	})
	i.alarm(a, "NodeCpu", notify.AlarmProps{
		Description: "The nodes together use nearly all of their CPU",
		Metric:      i.metric("node_cpu_utilization", "Average", 1),
		Threshold:   float64(a.NodeCpuUtilizationPercent),
	})
	i.alarm(a, "NodeMemory", notify.AlarmProps{
		Description: "A node uses nearly all of its memory, and pods are about to be evicted",
		Metric:      i.metric("node_memory_utilization", "Maximum", 1),
		Threshold:   float64(a.NodeMemoryUtilizationPercent),
	})
	i.alarm(a, "NodeFilesystem", notify.AlarmProps{
		Description: "A node uses nearly all of its disk, and pods are about to be evicted",
		Metric:      i.metric("node_filesystem_utilization", "Maximum", 1),
		Threshold:   float64(a.NodeFilesystemUtilizationPercent),
	})
	i.alarm(a, "Restarts", notify.AlarmProps{
		Description: "Containers exit and are restarted",
		// Each data point counts the restarts since the last.
		Metric:            i.metric("pod_number_of_container_restarts", "Sum", 5),
		Threshold:         float64(a.ContainerRestarts),
		EvaluationPeriods: 1,
	})
	i.alarm(a, "CrashLoop", notify.AlarmProps{
		Description: "A container exits repeatedly (CrashLoopBackOff)",
		Metric:      i.metric("pod_container_status_waiting_reason_crash_loop_back_off", "Maximum", 1),
		Threshold:   1,
	})
	i.alarm(a, "ImagePull", notify.AlarmProps{
		Description: "A container's image can't be pulled",
		Metric:      i.metric("pod_container_status_waiting_reason_image_pull_error", "Maximum", 1),
		Threshold:   1,
	})
	i.alarm(a, "PendingPods", notify.AlarmProps{
		Description:       "A pod has been pending for longer than a new node takes to start: check capacity, volumes and images",
		Metric:            i.metric("pod_status_pending", "Maximum", 1),
		Threshold:         1,
		EvaluationPeriods: 15,
	})
}

// metric returns a metric of the whole cluster.
func (i *ContainerInsights) metric(name, statistic string, minutes float64) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("ContainerInsights"), MetricName: &name, Statistic: &statistic, Period: awscdk.Duration_Minutes(&minutes),
		DimensionsMap: &map[string]*string{"ClusterName": i.cluster.Cluster.ClusterName()},
	})
}

// alarm creates an alarm that fires when its condition holds in three of five minutes, unless the props say otherwise.
func (i *ContainerInsights) alarm(a *InsightsAlarms, id string, props notify.AlarmProps) {
	props.Description += " (" + *i.cluster.Node().Path() + ")"
	props.Topic = a.Topic
	// Before agents run, there is nothing to raise an alarm about.
	props.After = []constructs.IDependable{i.AddOn}
	notify.NewAlarm(i, id+"Alarm", &props)
}

func (a *InsightsAlarms) setDefaults() {
	opt.Default(&a.NodeCpuUtilizationPercent, defaultNodeCpu)
	opt.Default(&a.NodeMemoryUtilizationPercent, defaultNodeMemory)
	opt.Default(&a.NodeFilesystemUtilizationPercent, defaultNodeFilesystem)
	opt.Default(&a.ContainerRestarts, defaultRestarts)
}

func (a *InsightsAlarms) validate() error {
	var bad invalid.Problems
	if !invalid.IsMade(a.Topic) {
		bad.Add("Topic", "is required").Advise("use notify.NewTopic or notify.TopicFrom, or remove Alarms")
	}
	check.Percent("NodeCpuUtilizationPercent", a.NodeCpuUtilizationPercent, &bad)
	check.Percent("NodeMemoryUtilizationPercent", a.NodeMemoryUtilizationPercent, &bad)
	check.Percent("NodeFilesystemUtilizationPercent", a.NodeFilesystemUtilizationPercent, &bad)
	check.Min("ContainerRestarts", a.ContainerRestarts, 1, &bad)
	return bad.Err()
}

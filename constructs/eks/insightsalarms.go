package eks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/notify"
)

// InsightsAlarms are when CloudWatch tells of nodes and pods that are not well, and whom.
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

// watch makes the alarms. Each metric is that of the whole cluster: nodes and pods come and go, and an alarm for one would watch nothing
// soon.
func (i *ContainerInsights) watch(a *InsightsAlarms) {
	i.alarm(a, "NoMetrics", notify.AlarmProps{
		Description:        "The cluster tells of no node: there is none, or no agent runs, and the other alarms are blind",
		Metric:             i.metric("cluster_node_count", "Maximum", 1),
		Threshold:          1,
		ComparisonOperator: awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD,
		TreatMissingData:   awscloudwatch.TreatMissingData_BREACHING,
		EvaluationPeriods:  10,
	})
	i.alarm(a, "FailedNodes", notify.AlarmProps{
		Description: "A node reports a condition such as pressure on its memory or disk",
		Metric:      i.metric("cluster_failed_node_count", "Maximum", 1),
		Threshold:   1,
	})
	i.alarm(a, "NodeCpu", notify.AlarmProps{
		Description: "The nodes together use nearly all of their CPU",
		Metric:      i.metric("node_cpu_utilization", "Average", 1),
		Threshold:   float64(a.NodeCpuUtilizationPercent),
	})
	i.alarm(a, "NodeMemory", notify.AlarmProps{
		Description: "A node uses nearly all of its memory, beyond which pods are evicted",
		Metric:      i.metric("node_memory_utilization", "Maximum", 1),
		Threshold:   float64(a.NodeMemoryUtilizationPercent),
	})
	i.alarm(a, "NodeFilesystem", notify.AlarmProps{
		Description: "A node uses nearly all of its disk, beyond which pods are evicted",
		Metric:      i.metric("node_filesystem_utilization", "Maximum", 1),
		Threshold:   float64(a.NodeFilesystemUtilizationPercent),
	})
	i.alarm(a, "Restarts", notify.AlarmProps{
		Description: "Containers end and are started again",
		// Each point counts the restarts since the last.
		Metric:            i.metric("pod_number_of_container_restarts", "Sum", 5),
		Threshold:         float64(a.ContainerRestarts),
		EvaluationPeriods: 1,
	})
	i.alarm(a, "CrashLoop", notify.AlarmProps{
		Description: "A container ends again and again (CrashLoopBackOff)",
		Metric:      i.metric("pod_container_status_waiting_reason_crash_loop_back_off", "Maximum", 1),
		Threshold:   1,
	})
	i.alarm(a, "ImagePull", notify.AlarmProps{
		Description: "A container's image cannot be pulled",
		Metric:      i.metric("pod_container_status_waiting_reason_image_pull_error", "Maximum", 1),
		Threshold:   1,
	})
	i.alarm(a, "PendingPods", notify.AlarmProps{
		Description:       "A pod waits, for longer than a node takes to come: for room, for a volume, for an image",
		Metric:            i.metric("pod_status_pending", "Maximum", 1),
		Threshold:         1,
		EvaluationPeriods: 15,
	})
}

// metric is one of the whole cluster.
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
	for _, d := range []struct {
		value     *int
		byDefault int
	}{
		{&a.NodeCpuUtilizationPercent, defaultNodeCpu}, {&a.NodeMemoryUtilizationPercent, defaultNodeMemory},
		{&a.NodeFilesystemUtilizationPercent, defaultNodeFilesystem}, {&a.ContainerRestarts, defaultRestarts},
	} {
		if *d.value == 0 {
			*d.value = d.byDefault
		}
	}
}

func (a *InsightsAlarms) validate() error {
	var bad invalid.Problems
	if a.Topic == nil {
		bad.Add("Topic", "is missing; give one that CloudWatch may publish to, or leave Alarms out")
	}
	for _, percent := range []struct {
		field string
		value int
	}{{"NodeCpuUtilizationPercent", a.NodeCpuUtilizationPercent}, {"NodeMemoryUtilizationPercent", a.NodeMemoryUtilizationPercent},
		{"NodeFilesystemUtilizationPercent", a.NodeFilesystemUtilizationPercent}} {
		if percent.value < 1 || percent.value > 100 {
			bad.Add(percent.field, "%d is out of range; use 1 to 100", percent.value)
		}
	}
	if a.ContainerRestarts < 1 {
		bad.Add("ContainerRestarts", "%d is out of range; use 1 or more", a.ContainerRestarts)
	}
	return bad.Err()
}

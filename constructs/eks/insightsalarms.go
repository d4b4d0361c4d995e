package eks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

// InsightsAlarms are when CloudWatch tells of nodes and pods that are not well, and whom.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-enhanced-EKS.html
type InsightsAlarms struct {
	// Topic is where the alarms go, such as the Topic of ecs.Alarms or events.Topic; one of your own must let CloudWatch publish, and so must
	// its key. Required.
	Topic awssns.ITopic
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
	i.alarm(a, "NoMetrics", awscloudwatch.AlarmProps{
		AlarmDescription:   jsii.String("The cluster tells of no node: there is none, or no agent runs, and the other alarms are blind"),
		Metric:             i.metric("cluster_node_count", "Maximum", 1),
		Threshold:          jsii.Number(1),
		ComparisonOperator: awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD,
		TreatMissingData:   awscloudwatch.TreatMissingData_BREACHING,
		EvaluationPeriods:  jsii.Number(10), DatapointsToAlarm: jsii.Number(10),
	})
	i.alarm(a, "FailedNodes", awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String("A node reports a condition such as pressure on its memory or disk"),
		Metric:           i.metric("cluster_failed_node_count", "Maximum", 1),
		Threshold:        jsii.Number(1),
	})
	i.alarm(a, "NodeCpu", awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String("The nodes together use nearly all of their CPU"),
		Metric:           i.metric("node_cpu_utilization", "Average", 1),
		Threshold:        jsii.Number(a.NodeCpuUtilizationPercent),
	})
	i.alarm(a, "NodeMemory", awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String("A node uses nearly all of its memory, beyond which pods are evicted"),
		Metric:           i.metric("node_memory_utilization", "Maximum", 1),
		Threshold:        jsii.Number(a.NodeMemoryUtilizationPercent),
	})
	i.alarm(a, "NodeFilesystem", awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String("A node uses nearly all of its disk, beyond which pods are evicted"),
		Metric:           i.metric("node_filesystem_utilization", "Maximum", 1),
		Threshold:        jsii.Number(a.NodeFilesystemUtilizationPercent),
	})
	i.alarm(a, "Restarts", awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String("Containers end and are started again"),
		// Each point counts the restarts since the last.
		Metric:            i.metric("pod_number_of_container_restarts", "Sum", 5),
		Threshold:         jsii.Number(a.ContainerRestarts),
		EvaluationPeriods: jsii.Number(1), DatapointsToAlarm: jsii.Number(1),
	})
	i.alarm(a, "CrashLoop", awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String("A container ends again and again (CrashLoopBackOff)"),
		Metric:           i.metric("pod_container_status_waiting_reason_crash_loop_back_off", "Maximum", 1),
		Threshold:        jsii.Number(1),
	})
	i.alarm(a, "ImagePull", awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String("A container's image cannot be pulled"),
		Metric:           i.metric("pod_container_status_waiting_reason_image_pull_error", "Maximum", 1),
		Threshold:        jsii.Number(1),
	})
	i.alarm(a, "PendingPods", awscloudwatch.AlarmProps{
		AlarmDescription:  jsii.String("A pod waits, for longer than a node takes to come: for room, for a volume, for an image"),
		Metric:            i.metric("pod_status_pending", "Maximum", 1),
		Threshold:         jsii.Number(1),
		EvaluationPeriods: jsii.Number(15), DatapointsToAlarm: jsii.Number(15),
	})
}

// metric is one of the whole cluster.
func (i *ContainerInsights) metric(name, statistic string, minutes float64) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("ContainerInsights"), MetricName: &name, Statistic: &statistic, Period: awscdk.Duration_Minutes(&minutes),
		DimensionsMap: &map[string]*string{"ClusterName": i.cluster.Cluster.ClusterName()},
	})
}

// alarm makes an alarm that goes off when its condition holds in three of five minutes, and tells when it is over. Unless told otherwise it
// watches for values that are too high, and leaves silence to NoMetrics.
func (i *ContainerInsights) alarm(a *InsightsAlarms, id string, props awscloudwatch.AlarmProps) {
	props.AlarmDescription = jsii.String(*props.AlarmDescription + " (" + *i.cluster.Node().Path() + ")")
	if props.EvaluationPeriods == nil {
		props.EvaluationPeriods, props.DatapointsToAlarm = jsii.Number(5), jsii.Number(3)
	}
	if props.ComparisonOperator == "" {
		props.ComparisonOperator = awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD
		props.TreatMissingData = awscloudwatch.TreatMissingData_NOT_BREACHING
	}
	alarm := awscloudwatch.NewAlarm(i, jsii.String(id+"Alarm"), &props)
	action := awscloudwatchactions.NewSnsAction(a.Topic)
	alarm.AddAlarmAction(action)
	alarm.AddOkAction(action)
	// Before agents run, there is nothing to raise an alarm about.
	alarm.Node().DefaultChild().Node().AddDependency(i.AddOn)
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

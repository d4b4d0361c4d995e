package ecs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"
)

// responseTime is the one metric of target groups that does not add up.
const responseTime = "TargetResponseTime"

// The namespaces of metrics.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
const (
	applicationElb    = "AWS/ApplicationELB"
	networkElb        = "AWS/NetworkELB"
	containerInsights = "ECS/ContainerInsights"
)

// groupMetrics are those of a target group, and of its alternate if there is one.
type groupMetrics struct {
	namespace    string
	loadBalancer *string
	groups       []*string
}

func (t *albTarget) metrics() groupMetrics {
	group := t.group.TargetGroup.(elbv2.ApplicationTargetGroup)
	m := groupMetrics{applicationElb, group.FirstLoadBalancerFullName(), []*string{group.TargetGroupFullName()}}
	if t.alternate != nil {
		m.groups = append(m.groups, t.alternate.TargetGroup.(elbv2.ApplicationTargetGroup).TargetGroupFullName())
	}
	return m
}

func (t *nlbTarget) metrics() groupMetrics {
	m := groupMetrics{networkElb, t.listener.LoadBalancer.LoadBalancer.LoadBalancerFullName(),
		[]*string{t.group.TargetGroup.TargetGroupFullName()}}
	if t.alternate != nil {
		m.groups = append(m.groups, t.alternate.TargetGroup.TargetGroupFullName())
	}
	return m
}

// metric is one of the target group's, a value a minute; of both groups', where deployments shift traffic from one to the
// other and either may be empty.
func (m *groupMetrics) metric(name, statistic string) awscloudwatch.IMetric {
	of := func(group *string) awscloudwatch.IMetric {
		return minuteMetric(m.namespace, name, statistic, map[string]*string{"LoadBalancer": m.loadBalancer, "TargetGroup": group})
	}
	blue := of(m.groups[0])
	if len(m.groups) == 1 {
		return blue
	}
	// A sum takes what is missing for 0, and is itself missing where both are. FILL would do so for the newest minute as well,
	// whose data come late, and so hold the alarm where it is.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
	combine := "blue + green"
	if name == responseTime {
		// Not MAX, of which CloudWatch advises against in alarms. A comparison takes what is missing for 0.
		combine = "IF(blue > green, blue, green)"
	}
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: &combine, Label: &name, Period: minute(),
		UsingMetrics: &map[string]awscloudwatch.IMetric{"blue": blue, "green": of(m.groups[1])},
	})
}

// balancerMetric is a metric of the load balancer as a whole.
func (m *groupMetrics) balancerMetric(name string) awscloudwatch.IMetric {
	return minuteMetric(m.namespace, name, "Sum", map[string]*string{"LoadBalancer": m.loadBalancer})
}

// metric is the average over the service's tasks in a minute.
func (s *Service) metric(namespace, name string) awscloudwatch.IMetric {
	return minuteMetric(namespace, name, "Average",
		map[string]*string{"ClusterName": s.cluster.Cluster.ClusterName(), "ServiceName": jsii.String(s.Name())})
}

func minuteMetric(namespace, name, statistic string, dimensions map[string]*string) awscloudwatch.IMetric {
	return periodMetric(minute(), namespace, name, statistic, dimensions)
}

func periodMetric(period awscdk.Duration, namespace, name, statistic string, dimensions map[string]*string) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: &namespace, MetricName: &name, Statistic: &statistic, Period: period, DimensionsMap: &dimensions,
	})
}

func minute() awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(1)) }

package ecs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// responseTime is the one metric of target groups that does not add up.
const responseTime = "TargetResponseTime"

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
const containerInsights = "ECS/ContainerInsights"

// metric is one of the target group's, a value a minute; of both groups', where deployments shift traffic from one to the
// other and either may be empty.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func (t *target) metric(name, statistic string) awscloudwatch.IMetric {
	blue := albMetric(name, statistic, t.dimensions()[0])
	if t.alternate == nil {
		return blue
	}
	// A sum takes what is missing for 0, and is itself missing where both are. FILL would do so for the newest minute as well,
	// whose data come late, and so hold the alarm where it is.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
	combine := "blue + green"
	if name == responseTime {
		combine = "MAX([blue, green])"
	}
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: &combine, Label: &name, Period: minute(),
		UsingMetrics: &map[string]awscloudwatch.IMetric{"blue": blue, "green": albMetric(name, statistic, t.dimensions()[1])},
	})
}

// dimensions are those of the target group, and of its alternate if there is one.
func (t *target) dimensions() []map[string]*string {
	balancer := t.group.FirstLoadBalancerFullName()
	all := []map[string]*string{{"LoadBalancer": balancer, "TargetGroup": t.group.TargetGroupFullName()}}
	if t.alternate != nil {
		all = append(all, map[string]*string{"LoadBalancer": balancer, "TargetGroup": t.alternate.TargetGroupFullName()})
	}
	return all
}

func albMetric(name, statistic string, dimensions map[string]*string) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String("AWS/ApplicationELB"), MetricName: &name, Statistic: &statistic, Period: minute(), DimensionsMap: &dimensions,
	})
}

// metric is the average over the service's tasks in a minute.
func (s *Service) metric(namespace, name string) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: &namespace, MetricName: &name, Statistic: jsii.String("Average"), Period: minute(),
		DimensionsMap: &map[string]*string{"ClusterName": s.cluster.Cluster.ClusterName(), "ServiceName": jsii.String(s.Name())},
	})
}

func minute() awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(1)) }

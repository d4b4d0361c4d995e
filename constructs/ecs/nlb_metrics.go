package ecs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/notify"
	"awscontainers/internal/ids"
)

// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html
const networkElb = "AWS/NetworkELB"

func nlbMetric(name, statistic string, dimensions map[string]*string) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String(networkElb), MetricName: &name, Statistic: &statistic, Period: minute(), DimensionsMap: &dimensions,
	})
}

// dimensions are those of the target group, and of its alternate if there is one.
func (t *nlbTarget) dimensions() []map[string]*string {
	balancer := t.listener.LoadBalancer.LoadBalancer.LoadBalancerFullName()
	all := []map[string]*string{{"LoadBalancer": balancer, "TargetGroup": t.group.TargetGroupFullName()}}
	if t.alternate != nil {
		all = append(all, map[string]*string{"LoadBalancer": balancer, "TargetGroup": t.alternate.TargetGroupFullName()})
	}
	return all
}

// hosts counts tasks, of both target groups where deployments shift traffic from one to the other and either may be empty.
func (t *nlbTarget) hosts(name string) awscloudwatch.IMetric {
	dimensions := t.dimensions()
	blue := nlbMetric(name, "Maximum", dimensions[0])
	if t.alternate == nil {
		return blue
	}
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String("blue + green"), Label: &name, Period: minute(),
		UsingMetrics: &map[string]awscloudwatch.IMetric{"blue": blue, "green": nlbMetric(name, "Maximum", dimensions[1])},
	})
}

// watchNlbTarget makes the alarms of one listener. A Network Load Balancer knows neither answers nor how long they take.
func (a *Alarms) watchNlbTarget(i int) {
	t := &a.service.nlbTargets[i]
	missing := awscloudwatch.TreatMissingData_BREACHING // as in watchTarget
	if a.service.mayScaleToZero {
		missing = awscloudwatch.TreatMissingData_NOT_BREACHING
	}
	a.add("NlbNoHealthyTask"+ids.Suffix(i), notify.AlarmProps{
		Description:        "No task can answer",
		Metric:             t.hosts("HealthyHostCount"),
		Threshold:          1,
		ComparisonOperator: awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD,
		TreatMissingData:   missing,
	})
	a.add("NlbUnhealthyTasks"+ids.Suffix(i), notify.AlarmProps{
		Description: "Tasks fail the load balancer's health check",
		Metric:      t.hosts("UnHealthyHostCount"),
		Threshold:   1,
	})
	balancer := t.listener.LoadBalancer
	if balancer.Alarmed[a.Topic] {
		return // by this service or another behind the same load balancer
	}
	balancer.Alarmed[a.Topic] = true
	a.add("NlbPortAllocationErrors"+ids.Suffix(i), notify.AlarmProps{
		Description: "The load balancer drops connections, for it has too many to each task: add tasks",
		Metric: nlbMetric("PortAllocationErrorCount", "Sum",
			map[string]*string{"LoadBalancer": balancer.LoadBalancer.LoadBalancerFullName()}),
		Threshold: 1,
	})
}

// nlbCharts are those of the service's listeners, and of the load balancers that they stand on.
func (s *Service) nlbCharts() []chart {
	var flows, resets, health []any
	seen := map[*elb.NetworkLoadBalancer]bool{}
	for i := range s.nlbTargets {
		t := &s.nlbTargets[i]
		for _, d := range t.dimensions() {
			line := func(name, statistic string) []any {
				return []any{networkElb, name, "LoadBalancer", d["LoadBalancer"], "TargetGroup", d["TargetGroup"], map[string]any{"stat": statistic}}
			}
			health = append(health, line("HealthyHostCount", "Minimum"), line("UnHealthyHostCount", "Maximum"))
		}
		if seen[t.listener.LoadBalancer] {
			continue
		}
		seen[t.listener.LoadBalancer] = true
		line := func(name, statistic string) []any {
			return []any{networkElb, name, "LoadBalancer", t.listener.LoadBalancer.LoadBalancer.LoadBalancerFullName(), map[string]any{"stat": statistic}}
		}
		flows = append(flows, line("NewFlowCount", "Sum"), line("ActiveFlowCount", "Average"))
		resets = append(resets, line("TCP_Target_Reset_Count", "Sum"), line("TCP_ELB_Reset_Count", "Sum"), line("PortAllocationErrorCount", "Sum"))
	}
	return []chart{{"Connections", flows}, {"Resets and refusals", resets}, {"Healthy and unhealthy tasks", health}}
}

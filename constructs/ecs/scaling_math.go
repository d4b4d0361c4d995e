package ecs

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	autoscaling "github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

// mathMetric is a math expression, whose metrics may be expressions too.
type mathMetric interface {
	awscloudwatch.IMetric
	Expression() *string
	Period() awscdk.Duration
	UsingMetrics() *map[string]awscloudwatch.IMetric
}

// trackExpression adds target tracking of a math expression, which Application Auto Scaling takes and the CDK's own policies refuse.
// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
// https://github.com/aws/aws-cdk/issues/20659
func (s *Service) trackExpression(id string, metric awscloudwatch.IMetric, target float64, scaling *Scaling) {
	scope := s.ScalableTaskCount.Node().FindChild(jsii.String("Target")).(autoscaling.ScalableTarget)
	autoscaling.NewCfnScalingPolicy(scope, &id, &autoscaling.CfnScalingPolicyProps{
		PolicyName:      jsii.String(*awscdk.Names_UniqueId(scope) + id), // much as the CDK names its own
		PolicyType:      jsii.String("TargetTrackingScaling"),
		ScalingTargetId: scope.ScalableTargetId(),
		TargetTrackingScalingPolicyConfiguration: &autoscaling.CfnScalingPolicy_TargetTrackingScalingPolicyConfigurationProperty{
			CustomizedMetricSpecification: &autoscaling.CfnScalingPolicy_CustomizedMetricSpecificationProperty{Metrics: metricQueries(metric)},
			TargetValue:                   &target,
			ScaleOutCooldown:              jsii.Number(scaling.ScaleOutCooldown.Seconds()),
			ScaleInCooldown:               jsii.Number(scaling.ScaleInCooldown.Seconds()),
		},
	})
}

// metricQueries gives the expression, whose result is tracked, and what it is made of, by the names that expressions have for it.
func metricQueries(metric awscloudwatch.IMetric) []any {
	named := map[string]awscloudwatch.IMetric{}
	collectMetrics(metric, named)
	result := "result"
	for named[result] != nil {
		result += "_"
	}
	queries := []any{metricQuery(result, metric, true)}
	for _, id := range slices.Sorted(maps.Keys(named)) {
		queries = append(queries, metricQuery(id, named[id], false))
	}
	return queries
}

// collectMetrics gathers the metrics of an expression and of those in it. The CDK refuses an expression in which a name means two
// things.
func collectMetrics(metric awscloudwatch.IMetric, named map[string]awscloudwatch.IMetric) {
	config := metric.ToMetricConfig()
	if config.MathExpression == nil {
		return
	}
	for id, m := range *config.MathExpression.UsingMetrics {
		named[id] = m
		collectMetrics(m, named)
	}
}

func metricQuery(
	id string, metric awscloudwatch.IMetric, isResult bool,
) *autoscaling.CfnScalingPolicy_TargetTrackingMetricDataQueryProperty {
	query := &autoscaling.CfnScalingPolicy_TargetTrackingMetricDataQueryProperty{Id: &id, ReturnData: isResult}
	config := metric.ToMetricConfig()
	if label, ok := (*renderingProperties(config))["label"].(string); ok {
		query.Label = &label
	}
	if config.MathExpression != nil {
		query.Expression = config.MathExpression.Expression
		return query
	}
	var dimensions []any
	for _, d := range *config.MetricStat.Dimensions {
		value, _ := d.Value.(string)
		dimensions = append(dimensions, &autoscaling.CfnScalingPolicy_TargetTrackingMetricDimensionProperty{Name: d.Name, Value: &value})
	}
	query.MetricStat = &autoscaling.CfnScalingPolicy_TargetTrackingMetricStatProperty{
		Metric: &autoscaling.CfnScalingPolicy_TargetTrackingMetricProperty{
			Namespace: config.MetricStat.Namespace, MetricName: config.MetricStat.MetricName, Dimensions: dimensions,
		},
		Stat: config.MetricStat.Statistic,
	}
	return query
}

func renderingProperties(config *awscloudwatch.MetricConfig) *map[string]any {
	if config.RenderingProperties == nil {
		return &map[string]any{}
	}
	return config.RenderingProperties
}

// checkExpression refuses what Application Auto Scaling, which has no period of its own and looks at one account and Region, would read
// differently.
func checkExpression(metric mathMetric, bad *invalid.Problems) {
	if period := metric.Period(); period != nil && *period.ToSeconds(nil) != 60 {
		bad.Add("Metric", "must have a Period of one minute, which is what target tracking reads an expression by").
			Given(time.Duration(*period.ToSeconds(nil)) * time.Second).
			Advise("set Period to awscdk.Duration_Minutes(jsii.Number(1))")
	}
	if strings.Contains(strings.ToUpper(*metric.Expression()), "SEARCH(") {
		bad.Add("Metric", "must not search, because target tracking takes one time series").Given(*metric.Expression())
	}
	named := map[string]awscloudwatch.IMetric{}
	collectMetrics(metric, named)
	for _, id := range slices.Sorted(maps.Keys(named)) {
		if stat := named[id].ToMetricConfig().MetricStat; stat != nil && (stat.RegionOverride != nil || stat.AccountOverride != nil) {
			bad.Add("Metric", "must be made of metrics of the service's own account and Region").Given(id)
		}
	}
}

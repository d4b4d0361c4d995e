package ecs

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/notify"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// ErrorRate is the share of failed requests at which RollbackOnErrors ends a deployment. It is measured for each target group by
// itself, so that a new version that gets 5 % of the requests is judged by those.
type ErrorRate struct {
	// Percent is the percentage of a target group's requests that must fail, 0.1 to 100. Default: 5.
	Percent float64
	// MinRequests is the number of requests in a Period that Percent refers to when there are fewer, so that a single error among a
	// handful of requests doesn't end a deployment: with the defaults it takes three. Default: 50.
	MinRequests int
	// Period is the time over which requests are counted, in whole minutes from 1 minute to 1 hour. CloudWatch evaluates the latest
	// Period once a minute. Default: 5 minutes.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
	Period time.Duration
	// EvaluationPeriods is the number of Periods in a row in which Percent must be reached, 1 to 24. Default: 1.
	EvaluationPeriods int
}

func (r *ErrorRate) setDefaults() {
	opt.Default(&r.Percent, 5)
	opt.Default(&r.MinRequests, 50)
	opt.Default(&r.Period, 5*time.Minute)
	opt.Default(&r.EvaluationPeriods, 1)
}

const (
	maxErrorPeriod  = time.Hour
	maxErrorPeriods = 24
)

func (r *ErrorRate) validate() error {
	var bad invalid.Problems
	if r.Percent < 0.1 || r.Percent > 100 {
		bad.Add("Percent", "must be from 0.1 to 100").Given(r.Percent)
	}
	check.Min("MinRequests", r.MinRequests, 1, &bad)
	if r.Period < time.Minute || r.Period > maxErrorPeriod || r.Period%time.Minute != 0 {
		bad.Add("Period", "must be whole minutes from 1m to %v", maxErrorPeriod).Given(r.Period)
	}
	check.Range("EvaluationPeriods", r.EvaluationPeriods, 1, maxErrorPeriods, &bad)
	return bad.Err()
}

// rollbackAlarms are the names of the alarms that end a deployment, nil without any. Of two target groups each has an alarm: ECS swaps
// their roles at each deployment, so that either may be the one of the new version.
func (s *Service) rollbackAlarms(d *Deployment) *awsecs.DeploymentAlarmConfig {
	var names []*string
	for _, alarm := range d.RollbackAlarms {
		names = append(names, alarm.AlarmName())
	}
	if d.RollbackOnErrors {
		for i := range s.albTargets {
			metrics := s.albTargets[i].metrics()
			for j, group := range metrics.groups {
				id := []string{"RollbackAlarm", "AlternateRollbackAlarm"}[j] + s.albTargets[i].rule.Id
				alarm := notify.NewAlarm(s, id, &notify.AlarmProps{
					Description:       "Requests to tasks fail: ends a deployment of " + s.path,
					Metric:            metrics.failedPercent(group, &d.ErrorRate),
					Threshold:         d.ErrorRate.Percent,
					EvaluationPeriods: d.ErrorRate.EvaluationPeriods,
				})
				names = append(names, alarm.AlarmName())
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	return &awsecs.DeploymentAlarmConfig{AlarmNames: &names, Behavior: awsecs.AlarmBehavior_ROLLBACK_ON_ALARM}
}

// failedPercent is the percentage of a target group's requests that failed. CloudWatch takes a value that is missing for 0 in arithmetic
// and in comparisons, IF gives 0 for a missing second argument and nothing for a missing third, and what is divided by 0 is missing:
// without requests there is no value, and the alarm does not fire.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func (m *groupMetrics) failedPercent(group *string, rate *ErrorRate) awscloudwatch.IMetric {
	period := awscdk.Duration_Minutes(jsii.Number(rate.Period.Minutes()))
	of := func(name string) awscloudwatch.IMetric {
		return periodMetric(period, m.namespace, name, "Sum", map[string]*string{"LoadBalancer": m.loadBalancer, "TargetGroup": group})
	}
	expression := func(text string, metrics map[string]awscloudwatch.IMetric) awscloudwatch.IMetric {
		return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
			Expression: &text, UsingMetrics: &metrics, Label: jsii.String("Failed requests (%)"), Period: period,
		})
	}
	requests, errors := of("RequestCount"), of("HTTPCode_Target_5XX_Count")
	// The load balancer counts its own 502, 503 and 504 for all target groups together. Those of this group are requests that reached it
	// and got no answer from it: no more than these, and no more than the load balancer has answered so, for clients give up too.
	unanswered := expression("requests - ok2xx - ok3xx - ok4xx - errors", map[string]awscloudwatch.IMetric{
		"requests": requests, "errors": errors,
		"ok2xx": of("HTTPCode_Target_2XX_Count"), "ok3xx": of("HTTPCode_Target_3XX_Count"), "ok4xx": of("HTTPCode_Target_4XX_Count"),
	})
	lost := expression("IF(unanswered < balancer, unanswered, balancer)", map[string]awscloudwatch.IMetric{
		"unanswered": unanswered,
		"balancer":   periodMetric(period, m.namespace, "HTTPCode_ELB_5XX_Count", "Sum", map[string]*string{"LoadBalancer": m.loadBalancer}),
	})
	failed := expression("errors + IF(lost > unconnected, lost, unconnected)", map[string]awscloudwatch.IMetric{
		"errors": errors, "lost": lost, "unconnected": of("TargetConnectionErrorCount"),
	})
	return expression(fmt.Sprintf("100 * failed / IF(requests > %d, requests, %d)", rate.MinRequests, rate.MinRequests),
		map[string]awscloudwatch.IMetric{"failed": failed, "requests": requests})
}

package ecs

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/notify"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
	"awscontainers/internal/thresholds"
)

// AlarmsProps describe the alarms of a service. The one for fewer tasks than desired takes Container Insights, and so a cluster
// of NewCluster with them.
type AlarmsProps struct {
	// Service is what to watch. Required.
	Service *Service
	// Topic is notified, such as the Topic of other Alarms. Default: a new, encrypted one.
	Topic *notify.Topic
	// Emails are subscribed to the new topic; AWS asks the owner of each address to confirm. Not with Topic. Default: nobody.
	Emails []string

	// ErrorsPerMinute is how many answers with 5xx, of tasks or of the load balancer of Exposure.Alb, are worth an alarm. Default: 10.
	ErrorsPerMinute int
	// ResponseTime is how long the slowest hundredth of requests (p99) of Exposure.Alb may take. Default: 2 s.
	ResponseTime time.Duration
	// CpuUtilizationPercent is the average CPU use that is too much, 1 to 100: above what Scaling keeps. Default: 85.
	CpuUtilizationPercent int
	// MemoryUtilizationPercent is the average memory use that is too much, 1 to 100. Default: 90.
	MemoryUtilizationPercent int
}

// Alarms are the CloudWatch alarms of a service and the encrypted topic that they go to.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html
type Alarms struct {
	constructs.Construct
	// Topic is the topic that the alarms notify.
	Topic *notify.Topic

	service *Service
}

// NewAlarms creates the alarms of a service. It panics with *invalid.Error if the props are invalid.
func NewAlarms(scope constructs.Construct, id string, props *AlarmsProps) *Alarms {
	p := opt.Value(props)
	p.thresholds().SetDefaults()
	invalid.Refuse(scope, id, p.validate())

	a := &Alarms{Topic: p.Topic, service: p.Service}
	source.Create(a, scope, id)
	if a.Topic == nil {
		a.Topic = notify.NewTopic(a, "Topic", &notify.TopicProps{Emails: p.Emails})
	}
	for i := range p.Service.albTargets {
		a.watchAlb(&p.Service.albTargets[i], &p)
	}
	for i := range p.Service.nlbTargets {
		a.watchNlb(&p.Service.nlbTargets[i])
	}
	a.watchTasks(&p)
	return a
}

// TopicArn returns the ARN of the topic that the alarms go to. (jsii also needs a construct to have an exported method.)
func (a *Alarms) TopicArn() string { return a.Topic.Arn() }

// watchAlb makes the alarms of one rule of the service.
func (a *Alarms) watchAlb(t *albTarget, p *AlarmsProps) {
	metrics := t.metrics()
	a.watchHealth("", t.rule.Id, &metrics)
	a.add("Errors"+t.rule.Id, notify.AlarmProps{
		Description: "Tasks answer with 5xx",
		Metric:      metrics.metric("HTTPCode_Target_5XX_Count", "Sum"),
		Threshold:   float64(p.ErrorsPerMinute),
	})
	a.add("Latency"+t.rule.Id, notify.AlarmProps{
		Description: "The slowest hundredth of requests takes too long",
		Metric:      metrics.metric(responseTime, "p99"),
		Threshold:   p.ResponseTime.Seconds(),
	})
	if t.rule.listener().Internal().Alarms.IsFirst(a.Topic) { // not by this service or another behind the same load balancer
		a.add("LoadBalancerErrors"+t.rule.Id, notify.AlarmProps{
			Description: "The load balancer answers with 5xx, whichever service is requested: it reaches no task, or too late",
			Metric:      metrics.balancerMetric("HTTPCode_ELB_5XX_Count"),
			Threshold:   float64(p.ErrorsPerMinute),
		})
	}
}

// watchNlb makes the alarms of one listener of the service. A Network Load Balancer knows neither answers nor how long they take.
func (a *Alarms) watchNlb(t *nlbTarget) {
	metrics := t.metrics()
	a.watchHealth("Nlb", t.listener.Id, &metrics)
	if t.listener.LoadBalancer.Internal().Alarms.IsFirst(a.Topic) {
		a.add("NlbPortAllocationErrors"+t.listener.Id, notify.AlarmProps{
			Description: "The load balancer drops connections because it has too many to each task: add tasks",
			Metric:      metrics.balancerMetric("PortAllocationErrorCount"),
			Threshold:   1,
		})
	}
}

// watchHealth makes the alarms of a target group's health checks.
func (a *Alarms) watchHealth(prefix, id string, metrics *groupMetrics) {
	// Tasks that crash are deregistered, not unhealthy: without this one, a site that is down raises no alarm. Where there may be
	// no tasks by design, there is no telling the two apart here: BelowDesired does.
	missing := awscloudwatch.TreatMissingData_BREACHING
	if a.service.mayScaleToZero {
		missing = awscloudwatch.TreatMissingData_NOT_BREACHING
	}
	a.add(prefix+"NoHealthyTask"+id, notify.AlarmProps{
		Description:        "No task can answer",
		Metric:             metrics.metric("HealthyHostCount", "Maximum"),
		Threshold:          1,
		ComparisonOperator: awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD,
		TreatMissingData:   missing,
	})
	a.add(prefix+"UnhealthyTasks"+id, notify.AlarmProps{
		Description: "Tasks fail the load balancer's health check",
		Metric:      metrics.metric("UnHealthyHostCount", "Maximum"),
		Threshold:   1,
	})
}

// watchTasks makes the alarms that need no load balancer.
func (a *Alarms) watchTasks(p *AlarmsProps) {
	a.add("Cpu", notify.AlarmProps{
		Description: "Tasks use nearly all of their CPU",
		Metric:      a.service.metric("AWS/ECS", "CPUUtilization"),
		Threshold:   float64(p.CpuUtilizationPercent),
	})
	a.add("Memory", notify.AlarmProps{
		Description: "Tasks use nearly all of their memory, beyond which they are killed",
		Metric:      a.service.metric("AWS/ECS", "MemoryUtilization"),
		Threshold:   float64(p.MemoryUtilizationPercent),
	})
	if !a.service.cluster.hasInsights {
		return // Container Insights counts tasks, and it is off or not known to be on
	}
	a.add("BelowDesired", notify.AlarmProps{
		Description: "Fewer tasks run than should, for ten minutes",
		Metric: awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
			Expression: jsii.String("desired - running"), Label: jsii.String("Missing tasks"), Period: minute(),
			UsingMetrics: &map[string]awscloudwatch.IMetric{
				"desired": a.service.metric(containerInsights, "DesiredTaskCount"),
				"running": a.service.metric(containerInsights, "RunningTaskCount"),
			},
		}),
		Threshold:         1,
		EvaluationPeriods: 10, // longer than tasks take to start
	})
}

// add creates an alarm that fires when its condition holds in three of five minutes, unless the props say otherwise.
func (a *Alarms) add(id string, props notify.AlarmProps) {
	props.Description += " (" + *a.service.Node().Path() + ")"
	props.Topic = a.Topic
	// Before the first tasks are up, there is nothing to raise an alarm about.
	props.After = a.service.resource()
	notify.NewAlarm(a, id, &props)
}

func (p *AlarmsProps) thresholds() thresholds.Of {
	return thresholds.Of{
		ErrorsPerMinute: &p.ErrorsPerMinute, ResponseTime: &p.ResponseTime,
		CpuUtilizationPercent: &p.CpuUtilizationPercent, MemoryUtilizationPercent: &p.MemoryUtilizationPercent,
	}
}

// Validate returns all problems of the props, or nil.
func (p *AlarmsProps) Validate() error {
	q := opt.Value(p)
	q.thresholds().SetDefaults()
	return q.validate()
}

func (p *AlarmsProps) validate() error {
	var bad invalid.Problems
	if !invalid.IsMade(p.Service) {
		bad.Add("Service", "is required").Advise("use ecs.NewService or ecs.ServiceFrom")
	}
	check.TopicOrEmails(p.Topic, p.Emails, &bad)
	p.thresholds().Check(&bad)
	return bad.Err()
}

package express

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/notify"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/notice"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
	"awscontainers/internal/thresholds"
)

// AlarmsProps are the props of a service's alarms. The alarm of fewer tasks than desired takes a Cluster of ecs.NewCluster with Container
// Insights.
type AlarmsProps struct {
	// Service is the service to watch, which must have a Cluster. Required.
	Service *Service
	// Topic is notified. Default: a new, encrypted topic.
	Topic *notify.Topic
	// Emails are subscribed to the new topic; AWS asks the owner of each address to confirm. Not with Topic. Default: none.
	Emails []string

	// ErrorsPerMinute is the number of 5xx responses per minute that fires an alarm, of all Express services behind the same load balancer.
	// Default: 10.
	ErrorsPerMinute int
	// ResponseTime is the response time of the slowest hundredth of these services' requests (p99) that fires an alarm. Default: 2 s.
	ResponseTime time.Duration
	// CpuUtilizationPercent is the average CPU use of the service that fires an alarm, 1 to 100: above what ScalingTargetValue keeps.
	// Default: 85.
	CpuUtilizationPercent int
	// MemoryUtilizationPercent is the average memory use of the service that fires an alarm, 1 to 100. Default: 90.
	MemoryUtilizationPercent int
}

// Alarms are the CloudWatch alarms of a service, a rule that reports its failed deployments, and the topic that both notify.
//
// ECS returns the load balancer that it creates, but no list of target groups whose order and length AWS documents. So errors and response
// times are those of the load balancer, which other Express services of the same VPC may share.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
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
	a.add("Errors", "Tasks behind the load balancer answer with 5xx", "HTTPCode_Target_5XX_Count", "Sum", float64(p.ErrorsPerMinute))
	a.add("LoadBalancerErrors", "The load balancer answers with 5xx: it reaches no task, or too late", "HTTPCode_ELB_5XX_Count", "Sum",
		float64(p.ErrorsPerMinute))
	a.add("Latency", "The slowest hundredth of requests takes too long", "TargetResponseTime", "p99", p.ResponseTime.Seconds())
	ecs.NewAlarms(a, "Tasks", &ecs.AlarmsProps{
		Service: a.service.ecsService(a), Topic: a.Topic,
		CpuUtilizationPercent: p.CpuUtilizationPercent, MemoryUtilizationPercent: p.MemoryUtilizationPercent,
	})
	a.addDeployments()
	return a
}

// TopicArn returns the ARN of the topic that the alarms go to. (jsii also needs a construct to have an exported method.)
func (a *Alarms) TopicArn() string { return a.Topic.Arn() }

// ecsService returns the service as package ecs knows it. Its name is in its ARN, arn:aws:ecs:<Region>:<account>:service/<cluster>/<name>.
func (s *Service) ecsService(scope constructs.Construct) *ecs.Service {
	name := awscdk.Fn_Select(jsii.Number(2), awscdk.Fn_Split(jsii.String("/"), s.Service.AttrServiceArn(), nil))
	return ecs.ServiceFrom(scope, "Service", &ecs.ServiceAttributes{Cluster: s.cluster, ServiceName: *name})
}

// add creates an alarm of a metric of the load balancer, arn:…:loadbalancer/app/<name>/<id>, that fires in three of five minutes.
func (a *Alarms) add(id, what, metric, statistic string, threshold float64) {
	balancer := awscdk.Fn_Select(jsii.Number(1), awscdk.Fn_Split(jsii.String(":loadbalancer/"),
		a.service.Service.AttrEcsManagedResourceArnsIngressPathLoadBalancerArn(), nil))
	notify.NewAlarm(a, id, &notify.AlarmProps{
		Description: what + " (" + *a.service.Node().Path() + ", and other Express services of its load balancer)",
		Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace: jsii.String("AWS/ApplicationELB"), MetricName: &metric, Statistic: &statistic,
			Period: awscdk.Duration_Minutes(jsii.Number(1)), DimensionsMap: &map[string]*string{"LoadBalancer": balancer},
		}),
		Threshold: threshold,
		Topic:     a.Topic,
	})
}

// addDeployments creates a rule that reports deployments that fail, and those that an alarm rolls back.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
func (a *Alarms) addDeployments() {
	a.Topic.AllowRules()
	n := &notice.Notice{
		Title:  "A deployment of the Express service <service> failed or rolls back.",
		Reason: "<reason>",
		Facts:  []string{"At <time>."},
		Advice: "Check why the tasks stopped or which alarm fired, fix the cause, and deploy again. The last version keeps running.",
		Link:   "https://<region>.console.aws.amazon.com/ecs/v2/clusters?region=<region>",
		Thread: "<service>",
		Values: map[string]string{
			"service": "$.resources[0]", "reason": "$.detail.reason", "time": "$.time", "region": "$.region",
		},
	}
	awsevents.NewCfnRule(a, jsii.String("Deployments"), &awsevents.CfnRuleProps{
		Description: describe.Of("Deployments that fail or roll back, of", *a.service.Node().Path()),
		EventPattern: map[string]any{
			"source": []string{"aws.ecs"}, "detail-type": []string{"ECS Deployment State Change"},
			"resources": []string{a.service.Arn()},
			"detail": map[string]any{"$or": []any{
				map[string]any{"eventName": []string{"SERVICE_DEPLOYMENT_FAILED"}},
				map[string]any{"eventName": []string{"SERVICE_DEPLOYMENT_IN_PROGRESS"}, "reason": []any{
					// "ECS deployment circuit breaker: rolling back to deploymentId ...", and whatever alarms say instead.
					map[string]any{"wildcard": "*roll*back*"}, map[string]any{"wildcard": "*Roll*back*"},
				}},
			}},
		},
		Targets: n.Targets(a.Topic.Topic, a.Topic.ChatTopic),
	})
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
	switch {
	case !invalid.IsMade(p.Service):
		bad.Add("Service", "is required").Advise("use express.NewService")
	case p.Service.cluster == nil:
		bad.Add("Service", "must have a Cluster, whose metrics the alarms watch").Advise("set Cluster in express.ServiceProps")
	}
	check.TopicOrEmails(p.Topic, p.Emails, &bad)
	p.thresholds().Check(&bad)
	return bad.Err()
}

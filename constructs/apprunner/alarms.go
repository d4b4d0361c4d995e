package apprunner

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/notify"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// AlarmsProps describe the alarms of a service.
type AlarmsProps struct {
	// Service is what to watch. Required.
	Service *Service
	// Topic is notified, such as the Topic of other Alarms. Default: a new, encrypted one.
	Topic *notify.Topic
	// Emails are subscribed to the new topic; AWS asks the owner of each address to confirm. Not with Topic. Default: nobody.
	Emails []string

	// ErrorsPerMinute is how many answers with 5xx are worth an alarm. Default: 10.
	ErrorsPerMinute int
	// ResponseTime is how long the slowest hundredth of requests (p99) may take. Default: 2 s.
	ResponseTime time.Duration
	// CpuUtilizationPercent is the average CPU use that is too much, 1 to 100. Default: 85.
	CpuUtilizationPercent int
	// MemoryUtilizationPercent is the average memory use that is too much, 1 to 100. Default: 90.
	MemoryUtilizationPercent int
}

// Alarms are the CloudWatch alarms of a service and the encrypted topic that they go to.
// https://docs.aws.amazon.com/apprunner/latest/dg/monitor-cw.html
type Alarms struct {
	constructs.Construct
	// Topic is the topic that the alarms notify.
	Topic *notify.Topic

	service *Service
}

const (
	defaultErrorsPerMinute = 10
	defaultResponseTime    = 2 * time.Second
	defaultCpuAlarm        = 85
	defaultMemoryAlarm     = 90
)

// NewAlarms makes alarms. It panics with *invalid.Error when the props are wrong.
func NewAlarms(scope constructs.Construct, id string, props *AlarmsProps) *Alarms {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	a := &Alarms{Topic: p.Topic, service: p.Service}
	constructs.NewConstruct_Override(a, scope, &id)
	if a.Topic == nil {
		a.Topic = notify.NewTopic(a, "Topic", &notify.TopicProps{Emails: p.Emails})
	}
	a.add("Errors", "The service answers with 5xx", "5xxStatusResponses", "Sum", p.ErrorsPerMinute)
	a.add("Latency", "The slowest hundredth of requests takes too long", "RequestLatency", "p99", int(p.ResponseTime.Milliseconds()))
	a.add("Cpu", "Instances use nearly all of their CPU", "CPUUtilization", "Average", p.CpuUtilizationPercent)
	a.add("Memory", "Instances use nearly all of their memory", "MemoryUtilization", "Average", p.MemoryUtilizationPercent)
	return a
}

// TopicArn returns the ARN of the topic that the alarms go to. (jsii also needs a construct to have an exported method.)
func (a *Alarms) TopicArn() string { return a.Topic.Arn() }

// add creates an alarm that fires when a metric is too high in three of five minutes. A service without requests sends
// nothing, which is not a bad sign.
func (a *Alarms) add(id, what, metric, statistic string, threshold int) {
	notify.NewAlarm(a, id, &notify.AlarmProps{
		Description: what + " (" + *a.service.Node().Path() + ")",
		Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace: jsii.String("AWS/AppRunner"), MetricName: &metric, Statistic: &statistic, Period: awscdk.Duration_Minutes(jsii.Number(1)),
			DimensionsMap: &map[string]*string{"ServiceName": new(a.service.Name()), "ServiceID": a.service.Service.AttrServiceId()},
		}),
		Threshold: float64(threshold),
		Topic:     a.Topic,
	})
}

func (p *AlarmsProps) setDefaults() {
	opt.Default(&p.ErrorsPerMinute, defaultErrorsPerMinute)
	opt.Default(&p.ResponseTime, defaultResponseTime)
	opt.Default(&p.CpuUtilizationPercent, defaultCpuAlarm)
	opt.Default(&p.MemoryUtilizationPercent, defaultMemoryAlarm)
}

func (p *AlarmsProps) validate() error {
	var bad invalid.Problems
	if p.Service == nil || p.Service.Service == nil {
		bad.Add("Service", "is missing; make it with apprunner.NewService")
	}
	check.TopicOrEmails(p.Topic != nil, p.Emails, &bad)
	if p.ErrorsPerMinute < 1 {
		bad.Add("ErrorsPerMinute", "%d is out of range; use 1 or more", p.ErrorsPerMinute)
	}
	if p.ResponseTime < time.Millisecond {
		bad.Add("ResponseTime", "%v is too short; use 1 ms or more", p.ResponseTime)
	}
	for _, percent := range []struct {
		field string
		value int
	}{{"CpuUtilizationPercent", p.CpuUtilizationPercent}, {"MemoryUtilizationPercent", p.MemoryUtilizationPercent}} {
		if percent.value < 1 || percent.value > 100 {
			bad.Add(percent.field, "%d is out of range; use 1 to 100", percent.value)
		}
	}
	return bad.Err()
}

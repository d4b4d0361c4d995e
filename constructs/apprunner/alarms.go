package apprunner

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/notify"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/notice"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
	"awscontainers/internal/thresholds"
)

// AlarmsProps configures the alarms of a service.
type AlarmsProps struct {
	// Service is the service to watch. Required.
	Service *Service
	// Topic is notified, such as the Topic of other Alarms. Default: a new, encrypted topic.
	Topic *notify.Topic
	// Emails are subscribed to the new topic; AWS asks the owner of each address to confirm. Not with Topic. Default: none.
	Emails []string

	// ErrorsPerMinute is the number of responses with 5xx in a minute that fires an alarm. Default: 10.
	ErrorsPerMinute int
	// ResponseTime is the time of the slowest hundredth of requests (p99) that fires an alarm. Default: 2 s.
	ResponseTime time.Duration
	// CpuUtilizationPercent is the average CPU use that fires an alarm, 1 to 100. Default: 85.
	CpuUtilizationPercent int
	// MemoryUtilizationPercent is the average memory use that fires an alarm, 1 to 100. Default: 90.
	MemoryUtilizationPercent int
}

// Alarms are the CloudWatch alarms of a service, a rule that reports its failed operations, and the topic that they notify.
// https://docs.aws.amazon.com/apprunner/latest/dg/monitor-cw.html
type Alarms struct {
	constructs.Construct
	// Topic is the topic that the alarms notify.
	Topic *notify.Topic

	service *Service
}

// NewAlarms creates alarms and the rule. It panics with *invalid.Error if the props are invalid.
func NewAlarms(scope constructs.Construct, id string, props *AlarmsProps) *Alarms {
	p := opt.Value(props)
	p.thresholds().SetDefaults()
	invalid.Refuse(scope, id, p.validate())

	a := &Alarms{Topic: p.Topic, service: p.Service}
	source.Create(a, scope, id)
	if a.Topic == nil {
		a.Topic = notify.NewTopic(a, "Topic", &notify.TopicProps{Emails: p.Emails})
	}
	a.add("Errors", "The service responds with 5xx", "5xxStatusResponses", "Sum", p.ErrorsPerMinute)
	a.add("Latency", "The slowest hundredth of requests takes too long", "RequestLatency", "p99", int(p.ResponseTime.Milliseconds()))
	a.add("Cpu", "Instances use nearly all of their CPU", "CPUUtilization", "Average", p.CpuUtilizationPercent)
	a.add("Memory", "Instances use nearly all of their memory", "MemoryUtilization", "Average", p.MemoryUtilizationPercent)
	a.addOperations()
	return a
}

// failedOperations are the states of operations that didn't do what they should. App Runner rolls a failed update or deployment back,
// and CloudFormation reports success all the same.
// https://docs.aws.amazon.com/apprunner/latest/dg/monitor-ev.html
var failedOperations = []string{
	"CreateServiceFailed", "DeleteServiceFailed", "DeploymentFailed", "PauseServiceFailed", "ResumeServiceFailed", "UpdateServiceFailed",
}

// addOperations creates a rule that reports failed operations of the service. It takes nothing but the state from the event's detail:
// AWS's examples spell the other fields in two ways.
func (a *Alarms) addOperations() {
	a.Topic.AllowRules()
	n := &notice.Notice{
		Title:  "An operation of the App Runner service <service> failed: <state>.",
		Reason: "After a failed update or deployment the last version keeps running, although CloudFormation reports success.",
		Facts:  []string{"State: <state>, at <time>."},
		Advice: "Read the operation's event log and the service's deployment log, fix the cause, and deploy again.",
		Link:   "https://<region>.console.aws.amazon.com/apprunner/home?region=<region>#/services",
		Thread: "<service>",
		Values: map[string]string{
			"service": "$.resources[0]", "state": "$.detail.operationStatus", "time": "$.time", "region": "$.region",
		},
	}
	awsevents.NewCfnRule(a, jsii.String("Operations"), &awsevents.CfnRuleProps{
		Description: describe.Of("Failed operations of", *a.service.Node().Path()),
		EventPattern: map[string]any{
			"source": []string{"aws.apprunner"}, "detail-type": []string{"AppRunner Service Operation Status Change"},
			"resources": []string{a.service.Arn()},
			"detail":    map[string]any{"operationStatus": failedOperations},
		},
		Targets: n.Targets(a.Topic.Topic, a.Topic.ChatTopic),
	})
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
		bad.Add("Service", "is required").Advise("use apprunner.NewService")
	}
	check.TopicOrEmails(p.Topic, p.Emails, &bad)
	p.thresholds().Check(&bad)
	return bad.Err()
}

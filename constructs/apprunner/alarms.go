package apprunner

import (
	"net/mail"
	"time"

	"awscontainers/internal/opt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/describe"
	"awscontainers/internal/policy"
)

// AlarmsProps describe the alarms of a service.
type AlarmsProps struct {
	// Service is what to watch. Required.
	Service *Service
	// Topic is where the alarms go, such as the Topic of other Alarms; one of your own must let CloudWatch publish, and so
	// must its key. Default: a new one, encrypted.
	Topic awssns.ITopic
	// Email gets the alarms of a new Topic; AWS asks its owner to confirm by a first mail. Default: nobody; subscribe to Topic.
	Email string

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
	// Topic takes further subscriptions.
	Topic awssns.ITopic

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
	var p AlarmsProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	a := &Alarms{Topic: p.Topic, service: p.Service}
	constructs.NewConstruct_Override(a, scope, &id)
	if a.Topic == nil {
		a.Topic = a.newTopic(p.Email)
	}
	a.add("Errors", "The service answers with 5xx", "5xxStatusResponses", "Sum", p.ErrorsPerMinute)
	a.add("Latency", "The slowest hundredth of requests takes too long", "RequestLatency", "p99", int(p.ResponseTime.Milliseconds()))
	a.add("Cpu", "Instances use nearly all of their CPU", "CPUUtilization", "Average", p.CpuUtilizationPercent)
	a.add("Memory", "Instances use nearly all of their memory", "MemoryUtilization", "Average", p.MemoryUtilizationPercent)
	return a
}

// TopicArn is the topic's ARN, for an output.
func (a *Alarms) TopicArn() *string { return a.Topic.TopicArn() }

// add makes an alarm that goes off when a metric is too high in three of five minutes, and tells when it is over. A service without
// requests sends nothing, which is no bad sign.
func (a *Alarms) add(id, what, metric, statistic string, threshold int) {
	alarm := awscloudwatch.NewAlarm(a, &id, &awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String(what + " (" + *a.service.Node().Path() + ")"),
		Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace: jsii.String("AWS/AppRunner"), MetricName: &metric, Statistic: &statistic, Period: awscdk.Duration_Minutes(jsii.Number(1)),
			DimensionsMap: &map[string]*string{"ServiceName": a.service.ServiceName(), "ServiceID": a.service.Service.AttrServiceId()},
		}),
		Threshold:          jsii.Number(threshold),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
		EvaluationPeriods:  jsii.Number(5), DatapointsToAlarm: jsii.Number(3),
	})
	action := awscloudwatchactions.NewSnsAction(a.Topic)
	alarm.AddAlarmAction(action)
	alarm.AddOkAction(action)
}

// newTopic makes a topic that CloudWatch may publish to, as its policy and that of its key say: it may not use the AWS managed key of SNS.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
func (a *Alarms) newTopic(email string) awssns.Topic {
	key := awskms.NewKey(a, jsii.String("Key"), &awskms.KeyProps{
		Description:       describe.Of("Alarms of", *a.Node().Path()),
		EnableKeyRotation: jsii.Bool(true),
		// It encrypts mail on its way, nothing that is kept.
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	key.AddToResourcePolicy(letCloudWatch(jsii.Strings("*"), "kms:Decrypt", "kms:GenerateDataKey*"), nil) // this key: a key policy knows no other
	topic := awssns.NewTopic(a, jsii.String("Topic"), &awssns.TopicProps{MasterKey: key, EnforceSSL: jsii.Bool(true)})
	topic.AddToResourcePolicy(letCloudWatch(&[]*string{topic.TopicArn()}, "sns:Publish"))
	if email != "" {
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(&email, nil))
	}
	return topic
}

func letCloudWatch(resources *[]*string, actions ...string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: policy.Principal("cloudwatch.amazonaws.com"),
		Actions:    jsii.Strings(actions...),
		Resources:  resources,
		Conditions: policy.OfThisAccount("cloudwatch", "alarm:*"),
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
	if p.Topic != nil && p.Email != "" {
		bad.Add("Email", "%q stands beside a Topic of your own; subscribe to that, or leave Topic out", p.Email)
	}
	if address, err := mail.ParseAddress(p.Email); p.Email != "" && !invalid.IsToken(p.Email) && (err != nil || address.Address != p.Email) {
		bad.Add("Email", `%q is not an e-mail address; write it as "on-call@example.com"`, p.Email)
	}
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

package ecs

import (
	"net/mail"
	"time"

	"awscontainers/constructs/elb"

	"awscontainers/internal/ids"
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

// AlarmsProps describe the alarms of a service. The one for fewer tasks than desired takes Container Insights, and so a cluster
// of NewCluster with them.
type AlarmsProps struct {
	// Service is what to watch. Required.
	Service *Service
	// Topic is where the alarms go, such as the Topic of other Alarms; one of your own must let CloudWatch publish, and so
	// must its key. Default: a new one, encrypted.
	Topic awssns.ITopic
	// Email gets the alarms of a new Topic; AWS asks its owner to confirm by a first mail. Default: nobody; subscribe to Topic.
	Email string

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
	for i := range p.Service.targets {
		a.watchTarget(i, &p)
	}
	for i := range p.Service.nlbTargets {
		a.watchNlbTarget(i)
	}
	a.watchTasks(&p)
	return a
}

// TopicArn is the topic's ARN, for an output.
func (a *Alarms) TopicArn() *string { return a.Topic.TopicArn() }

func (a *Alarms) newTopic(email string) awssns.Topic {
	topic := awssns.NewTopic(a, jsii.String("Topic"), &awssns.TopicProps{
		MasterKey:  newAlarmKey(a),
		EnforceSSL: jsii.Bool(true),
	})
	letCloudWatchPublish(topic)
	if email != "" {
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(&email, nil))
	}
	return topic
}

// watchTarget makes the alarms of one rule of the load balancer.
func (a *Alarms) watchTarget(i int, p *AlarmsProps) {
	t := &a.service.targets[i]
	// Tasks that crash are deregistered, not unhealthy: without this one, a site that is down raises no alarm. Where there may be
	// no tasks by design, there is no telling the two apart here: BelowDesired does.
	missing := awscloudwatch.TreatMissingData_BREACHING
	if a.service.restsAtZero {
		missing = awscloudwatch.TreatMissingData_NOT_BREACHING
	}
	a.add("NoHealthyTask"+ids.Suffix(i), awscloudwatch.AlarmProps{
		AlarmDescription:   jsii.String("No task can answer"),
		Metric:             t.metric("HealthyHostCount", "Maximum"),
		Threshold:          jsii.Number(1),
		ComparisonOperator: awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD,
		TreatMissingData:   missing,
	})
	a.add("UnhealthyTasks"+ids.Suffix(i), awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String("Tasks fail the load balancer's health check"),
		Metric:           t.metric("UnHealthyHostCount", "Maximum"),
		Threshold:        jsii.Number(1),
	})
	errors := errorsAlarm(t)
	errors.Threshold = jsii.Number(p.ErrorsPerMinute)
	a.add("Errors"+ids.Suffix(i), errors)
	a.add("Latency"+ids.Suffix(i), awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String("The slowest hundredth of requests takes too long"),
		Metric:           t.metric(responseTime, "p99"),
		Threshold:        jsii.Number(p.ResponseTime.Seconds()),
	})
	facts := elb.FactsOf(t.rule.Listener)
	if facts.Alarmed[a.Topic] {
		return // by this service or another behind the same load balancer
	}
	facts.Alarmed[a.Topic] = true
	a.add("LoadBalancerErrors"+ids.Suffix(i), awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String("The load balancer answers with 5xx, whatever service is asked for: it reaches no task, or too late"),
		Metric:           albMetric("HTTPCode_ELB_5XX_Count", "Sum", map[string]*string{"LoadBalancer": t.group.FirstLoadBalancerFullName()}),
		Threshold:        jsii.Number(p.ErrorsPerMinute),
	})
}

// watchTasks makes the alarms that need no load balancer.
func (a *Alarms) watchTasks(p *AlarmsProps) {
	a.add("Cpu", awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String("Tasks use nearly all of their CPU"),
		Metric:           a.service.metric("AWS/ECS", "CPUUtilization"),
		Threshold:        jsii.Number(p.CpuUtilizationPercent),
	})
	a.add("Memory", awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String("Tasks use nearly all of their memory, beyond which they are killed"),
		Metric:           a.service.metric("AWS/ECS", "MemoryUtilization"),
		Threshold:        jsii.Number(p.MemoryUtilizationPercent),
	})
	if !a.service.cluster.insights {
		return // Container Insights counts tasks, and it is off or not known to be on
	}
	a.add("BelowDesired", awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String("Fewer tasks run than should, for ten minutes"),
		Metric: awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
			Expression: jsii.String("desired - running"), Label: jsii.String("Missing tasks"), Period: minute(),
			UsingMetrics: &map[string]awscloudwatch.IMetric{
				"desired": a.service.metric(containerInsights, "DesiredTaskCount"),
				"running": a.service.metric(containerInsights, "RunningTaskCount"),
			},
		}),
		Threshold:         jsii.Number(1),
		EvaluationPeriods: jsii.Number(10), DatapointsToAlarm: jsii.Number(10), // longer than tasks take to start
	})
}

// errorsAlarm is for the answers of a target's tasks.
func errorsAlarm(t *target) awscloudwatch.AlarmProps {
	return awscloudwatch.AlarmProps{
		AlarmDescription:   jsii.String("Tasks answer with 5xx"),
		Metric:             t.metric("HTTPCode_Target_5XX_Count", "Sum"),
		Threshold:          jsii.Number(defaultErrorsPerMinute),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	}
}

// add makes an alarm that goes off when its condition holds in three of five minutes, and tells when it is over. Unless
// told otherwise it watches for values that are too high, and takes silence for a good sign: a load balancer without
// requests sends no counts of errors.
func (a *Alarms) add(id string, props awscloudwatch.AlarmProps) {
	props.AlarmDescription = jsii.String(*props.AlarmDescription + " (" + *a.service.Node().Path() + ")")
	if props.EvaluationPeriods == nil {
		props.EvaluationPeriods, props.DatapointsToAlarm = jsii.Number(5), jsii.Number(3)
	}
	if props.ComparisonOperator == "" {
		props.ComparisonOperator = awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD
		props.TreatMissingData = awscloudwatch.TreatMissingData_NOT_BREACHING
	}
	alarm := awscloudwatch.NewAlarm(a, &id, &props)
	action := awscloudwatchactions.NewSnsAction(a.Topic)
	alarm.AddAlarmAction(action)
	alarm.AddOkAction(action)
	// Before the first tasks are up, there is nothing to raise an alarm about.
	alarm.Node().DefaultChild().Node().AddDependency(a.service.Service.Node().DefaultChild())
}

// letCloudWatchPublish says what the topic's own policy said before EnforceSSL put another in its place.
// https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
func letCloudWatchPublish(topic awssns.Topic) {
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(cloudWatch), nil)},
		Actions:    jsii.Strings("sns:Publish"),
		Resources:  &[]*string{topic.TopicArn()},
		Conditions: policy.OfThisAccount("cloudwatch", "alarm:*"),
	}))
}

// newAlarmKey makes a key that CloudWatch may use for the alarms of this account: it may not use the AWS managed key of SNS.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
func newAlarmKey(scope constructs.Construct) awskms.Key {
	key := awskms.NewKey(scope, jsii.String("Key"), &awskms.KeyProps{
		Description:       describe.Of("Alarms of", *scope.Node().Path()),
		EnableKeyRotation: jsii.Bool(true),
		// It encrypts mail on its way, nothing that is kept.
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(cloudWatch), nil)},
		Actions:    jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"),
		Resources:  jsii.Strings("*"), // this key: a key policy knows no other
		Conditions: policy.OfThisAccount("cloudwatch", "alarm:*"),
	}), nil)
	return key
}

// cloudWatch is the service that publishes alarms.
const cloudWatch = "cloudwatch.amazonaws.com"

func (p *AlarmsProps) setDefaults() {
	opt.Default(&p.ErrorsPerMinute, defaultErrorsPerMinute)
	opt.Default(&p.ResponseTime, defaultResponseTime)
	opt.Default(&p.CpuUtilizationPercent, defaultCpuAlarm)
	opt.Default(&p.MemoryUtilizationPercent, defaultMemoryAlarm)
}

func (p *AlarmsProps) validate() error {
	var bad invalid.Problems
	if p.Service == nil || p.Service.Service == nil {
		bad.Add("Service", "is missing; give an *ecs.Service")
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
	if p.ResponseTime < 0 {
		bad.Add("ResponseTime", "%v is negative; use a time above 0", p.ResponseTime)
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

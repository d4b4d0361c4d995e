package ecs

import (
	"fmt"
	"net/mail"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/internal/describe"
	"awscontainers/constructs/invalid"
)

// AlarmsProps describe the alarms of a service behind an Application Load Balancer.
type AlarmsProps struct {
	// Service is what to watch. It must have an Exposure.Alb, and with DesiredCount 0 the alarm for "no healthy task" stays
	// on. Required.
	Service *Service
	// Email gets the alarms; AWS asks its owner to confirm by a first mail. Required.
	Email string
}

// Alarms are the CloudWatch alarms of a service and the encrypted topic that they go to.
type Alarms struct {
	constructs.Construct
	// Topic takes further subscriptions.
	Topic awssns.Topic
}

// NewAlarms makes alarms. It panics with *invalid.Error when the props are wrong.
func NewAlarms(scope constructs.Construct, id string, props *AlarmsProps) *Alarms {
	var p AlarmsProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.validate())

	a := &Alarms{}
	constructs.NewConstruct_Override(a, scope, &id)
	a.Topic = awssns.NewTopic(a, jsii.String("Topic"), &awssns.TopicProps{
		MasterKey:  newAlarmKey(a),
		EnforceSSL: jsii.Bool(true),
	})
	a.letCloudWatchPublish()
	a.Topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(&p.Email, nil))
	for i, group := range p.Service.TargetGroups {
		suffix := ""
		if i > 0 {
			suffix = fmt.Sprint(i + 1)
		}
		// Tasks that crash are deregistered, not unhealthy: without this one, a site that is down raises no alarm.
		a.add("NoHealthyTask"+suffix, p.Service, awscloudwatch.AlarmProps{
			AlarmDescription:   jsii.String("No task can answer"),
			Metric:             group.Metrics().HealthyHostCount(highest()),
			Threshold:          jsii.Number(1),
			ComparisonOperator: awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD,
			TreatMissingData:   awscloudwatch.TreatMissingData_BREACHING,
		})
		a.add("UnhealthyTasks"+suffix, p.Service, awscloudwatch.AlarmProps{
			AlarmDescription: jsii.String("Tasks fail the load balancer's health check"),
			Metric:           group.Metrics().UnhealthyHostCount(highest()),
			Threshold:        jsii.Number(1),
		})
		a.add("Errors"+suffix, p.Service, awscloudwatch.AlarmProps{
			AlarmDescription: jsii.String("Tasks answer with 5xx"),
			Metric:           group.Metrics().HttpCodeTarget(elb.HttpCodeTarget_TARGET_5XX_COUNT, sum()),
			Threshold:        jsii.Number(errorsAMinute),
		})
		if slices.Index(p.Service.listeners, p.Service.listeners[i]) < i {
			continue // the load balancer has its alarm
		}
		a.add("LoadBalancerErrors"+suffix, p.Service, awscloudwatch.AlarmProps{
			AlarmDescription: jsii.String("The load balancer answers with 5xx: it reaches no task, or too late"),
			Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
				Namespace: jsii.String("AWS/ApplicationELB"), MetricName: jsii.String("HTTPCode_ELB_5XX_Count"),
				DimensionsMap: &map[string]*string{"LoadBalancer": group.FirstLoadBalancerFullName()},
				Statistic:     jsii.String("Sum"), Period: minute(),
			}),
			Threshold: jsii.Number(errorsAMinute),
		})
	}
	return a
}

// TopicArn is the topic's ARN, for an output.
func (a *Alarms) TopicArn() *string { return a.Topic.TopicArn() }

// errorsAMinute is how many answers with 5xx are worth a mail.
const errorsAMinute = 10

// add makes an alarm that goes off when its condition holds in three of five minutes, and tells when it is over. Unless
// told otherwise it watches for values that are too high, and takes silence for a good sign: a load balancer without
// requests sends no counts of errors.
func (a *Alarms) add(id string, service *Service, props awscloudwatch.AlarmProps) {
	props.AlarmDescription = jsii.String(*props.AlarmDescription + " (" + *service.Node().Path() + ")")
	props.EvaluationPeriods, props.DatapointsToAlarm = jsii.Number(5), jsii.Number(3)
	if props.ComparisonOperator == "" {
		props.ComparisonOperator = awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD
		props.TreatMissingData = awscloudwatch.TreatMissingData_NOT_BREACHING
	}
	alarm := awscloudwatch.NewAlarm(a, &id, &props)
	action := awscloudwatchactions.NewSnsAction(a.Topic)
	alarm.AddAlarmAction(action)
	alarm.AddOkAction(action)
	// Before the first tasks are up, there is nothing to raise an alarm about.
	alarm.Node().DefaultChild().Node().AddDependency(service.Service.Node().DefaultChild())
}

// letCloudWatchPublish says what the topic's own policy said before EnforceSSL put another in its place.
// https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
func (a *Alarms) letCloudWatchPublish() {
	a.Topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(cloudWatch), nil)},
		Actions:    jsii.Strings("sns:Publish"),
		Resources:  &[]*string{a.Topic.TopicArn()},
		Conditions: alarmsOfThisAccount(a),
	}))
}

// newAlarmKey makes a key that CloudWatch may use for the alarms of this account: it may not use the AWS managed key of SNS.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
func newAlarmKey(scope constructs.Construct) awskms.Key {
	key := awskms.NewKey(scope, jsii.String("Key"), &awskms.KeyProps{
		Description:       describe.Of("Alarms of", scope),
		EnableKeyRotation: jsii.Bool(true),
		// It encrypts mail on its way, nothing that is kept.
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(cloudWatch), nil)},
		Actions:    jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"),
		Resources:  jsii.Strings("*"), // this key: a key policy knows no other
		Conditions: alarmsOfThisAccount(scope),
	}), nil)
	return key
}

// cloudWatch is the service that publishes alarms.
const cloudWatch = "cloudwatch.amazonaws.com"

func alarmsOfThisAccount(scope constructs.Construct) *map[string]any {
	stack := awscdk.Stack_Of(scope)
	return &map[string]any{
		"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()},
		"ArnLike": map[string]any{"aws:SourceArn": stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("cloudwatch"), Resource: jsii.String("alarm"), ResourceName: jsii.String("*"),
			ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
		})},
	}
}

func (p *AlarmsProps) validate() error {
	var bad invalid.Problems
	switch {
	case p.Service == nil:
		bad.Add("Service", "is missing; give an *ecs.Service")
	case len(p.Service.TargetGroups) == 0:
		bad.Add("Service", "has no load balancer to watch; give it an Exposure.Alb")
	}
	if address, err := mail.ParseAddress(p.Email); !invalid.IsToken(p.Email) && (err != nil || address.Address != p.Email) {
		bad.Add("Email", `%q is not an e-mail address; write it as "on-call@example.com"`, p.Email)
	}
	return bad.Err()
}

func highest() *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{Statistic: jsii.String("Maximum"), Period: minute()}
}

func sum() *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{Statistic: jsii.String("Sum"), Period: minute()}
}

func minute() awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(1)) }

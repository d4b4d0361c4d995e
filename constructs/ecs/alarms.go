package ecs

import (
	"fmt"
	"net/mail"

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

	"awscontainers/constructs/invalid"
)

// AlarmsProps describe the alarms of a service behind an Application Load Balancer.
type AlarmsProps struct {
	// Service is what to watch. It must have an Exposure.Alb. Required.
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
	a.Topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(&p.Email, nil))
	for i, group := range p.Service.TargetGroups {
		suffix := ""
		if i > 0 {
			suffix = fmt.Sprint(i + 1)
		}
		a.add("UnhealthyTasks"+suffix, "Tasks fail the load balancer's health check", 1,
			group.Metrics().UnhealthyHostCount(&awscloudwatch.MetricOptions{Statistic: jsii.String("Maximum"), Period: minute()}))
		a.add("Errors"+suffix, "Tasks answer with 5xx", 10,
			group.Metrics().HttpCodeTarget(elb.HttpCodeTarget_TARGET_5XX_COUNT, &awscloudwatch.MetricOptions{Period: minute()}))
	}
	return a
}

// TopicArn is the topic's ARN, for an output.
func (a *Alarms) TopicArn() *string { return a.Topic.TopicArn() }

// add makes an alarm that goes off when the metric reaches the threshold in three of five minutes, and tells when it is over.
func (a *Alarms) add(id, description string, threshold int, metric awscloudwatch.IMetric) {
	alarm := awscloudwatch.NewAlarm(a, &id, &awscloudwatch.AlarmProps{
		AlarmDescription:   jsii.String(description + " (" + *a.Node().Path() + ")"),
		Metric:             metric,
		Threshold:          jsii.Number(threshold),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		EvaluationPeriods:  jsii.Number(5),
		DatapointsToAlarm:  jsii.Number(3),
		// A load balancer without requests sends no counts of errors.
		TreatMissingData: awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
	action := awscloudwatchactions.NewSnsAction(a.Topic)
	alarm.AddAlarmAction(action)
	alarm.AddOkAction(action)
}

// newAlarmKey makes a key that CloudWatch may use for the alarms of this account: it may not use the AWS managed key of SNS.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
func newAlarmKey(scope constructs.Construct) awskms.Key {
	key := awskms.NewKey(scope, jsii.String("Key"), &awskms.KeyProps{
		Description:       jsii.String("Alarms of " + *scope.Node().Path()),
		EnableKeyRotation: jsii.Bool(true),
		// It encrypts mail on its way, nothing that is kept.
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	stack := awscdk.Stack_Of(scope)
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
		Actions:    jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"),
		Resources:  jsii.Strings("*"),
		Conditions: &map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()},
			"ArnLike": map[string]any{"aws:SourceArn": stack.FormatArn(&awscdk.ArnComponents{
				Service: jsii.String("cloudwatch"), Resource: jsii.String("alarm"), ResourceName: jsii.String("*"),
				ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
			})},
		},
	}), nil)
	return key
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

func minute() awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(1)) }

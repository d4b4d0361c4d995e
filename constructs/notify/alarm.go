package notify

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// AlarmProps describe a CloudWatch alarm and the topic it notifies, when it fires and when it is over.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
type AlarmProps struct {
	// Description tells the person on call what is wrong: "Tasks answer with 5xx". Required.
	Description string
	// Metric is the metric, or the expression, that the alarm watches. Required.
	Metric awscloudwatch.IMetric
	// Threshold is the value that the metric is compared with. Default: 0.
	Threshold float64
	// ComparisonOperator says how. For anomaly detection use awscloudwatch.NewAnomalyDetectionAlarm. Default:
	// awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD.
	ComparisonOperator awscloudwatch.ComparisonOperator
	// TreatMissingData says what silence means. Default: awscloudwatch.TreatMissingData_NOT_BREACHING, because a metric of
	// errors is silent without errors.
	TreatMissingData awscloudwatch.TreatMissingData
	// EvaluationPeriods and DatapointsToAlarm make the alarm fire when that many of that many periods are bad. Default: 3 of
	// 5, or all of EvaluationPeriods if only that is set.
	EvaluationPeriods, DatapointsToAlarm int
	// Topic is notified, and with it the chat channels of its ChatTopic. Default: nil, nobody; the alarm only shows in the
	// console.
	Topic *Topic
	// After is what must exist before the alarm: before the first tasks run, for example, there is nothing to be alarmed
	// about. Default: nothing.
	After []constructs.IDependable
}

const (
	defaultPeriods    = 5
	defaultDatapoints = 3
)

var comparisonOperators = []awscloudwatch.ComparisonOperator{
	awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD, awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
	awscloudwatch.ComparisonOperator_LESS_THAN_OR_EQUAL_TO_THRESHOLD, awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD,
}

var missingData = []awscloudwatch.TreatMissingData{
	awscloudwatch.TreatMissingData_NOT_BREACHING, awscloudwatch.TreatMissingData_BREACHING,
	awscloudwatch.TreatMissingData_IGNORE, awscloudwatch.TreatMissingData_MISSING,
}

// NewAlarm creates a CloudWatch alarm. It panics with *invalid.Error if the props are invalid.
func NewAlarm(scope constructs.Construct, id string, props *AlarmProps) awscloudwatch.Alarm {
	p := opt.Value(props)
	invalid.Refuse(scope, id, p.Validate())
	p.setDefaults()
	alarm := awscloudwatch.NewAlarm(scope, &id, &awscloudwatch.AlarmProps{
		AlarmDescription:   &p.Description,
		Metric:             p.Metric,
		Threshold:          &p.Threshold,
		ComparisonOperator: p.ComparisonOperator,
		TreatMissingData:   p.TreatMissingData,
		EvaluationPeriods:  jsii.Number(p.EvaluationPeriods),
		DatapointsToAlarm:  jsii.Number(p.DatapointsToAlarm),
	})
	if p.Topic != nil {
		for _, topic := range p.Topic.topics() {
			action := awscloudwatchactions.NewSnsAction(topic)
			alarm.AddAlarmAction(action)
			alarm.AddOkAction(action)
		}
	}
	alarm.Node().DefaultChild().(awscdk.CfnResource).Node().AddDependency(p.After...)
	return alarm
}

func (p *AlarmProps) setDefaults() {
	opt.Default(&p.ComparisonOperator, awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD)
	opt.Default(&p.TreatMissingData, awscloudwatch.TreatMissingData_NOT_BREACHING)
	if p.EvaluationPeriods == 0 {
		p.EvaluationPeriods = defaultPeriods
		opt.Default(&p.DatapointsToAlarm, defaultDatapoints)
	}
	opt.Default(&p.DatapointsToAlarm, p.EvaluationPeriods)
}

// Validate returns all problems of the props, or nil.
func (p *AlarmProps) Validate() error {
	p = opt.NotNil(p)
	var bad invalid.Problems
	if p.Description == "" {
		bad.Add("Description", "is required").Advise("say what is wrong when the alarm fires")
	}
	if p.Metric == nil {
		bad.Add("Metric", "is required")
	}
	check.Topic("Topic", p.Topic, &bad)
	check.NoNil("After", p.After, "a construct or another dependable", &bad)
	q := *p
	q.setDefaults()
	check.Known("ComparisonOperator", p.ComparisonOperator, comparisonOperators, &bad)
	check.Known("TreatMissingData", p.TreatMissingData, missingData, &bad)
	check.Min("EvaluationPeriods", q.EvaluationPeriods, 1, &bad)
	check.Range("DatapointsToAlarm", q.DatapointsToAlarm, 1, max(1, q.EvaluationPeriods), &bad)
	return bad.Err()
}

package events

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/notify"
	"awscontainers/internal/describe"
	"awscontainers/internal/ids"
	"awscontainers/internal/policy"
)

// TaskAlertsProps describe which failures of tasks, services and deployments somebody is told of.
type TaskAlertsProps struct {
	// Clusters are where to look. Each has rules of its own, for its name stands in the notices; EventBridge takes 300 rules, in some Regions
	// 100. Default: every cluster of the account in this Region, now and later, under their ARNs.
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
	Clusters []*ecs.Cluster
	// Services narrow that to these and their tasks; with them Clusters are those that they belong to. Default: all services.
	Services []*ecs.Service
	// Tasks narrow it to tasks of these definitions that belong to no service, whoever starts them: a rule, a schedule, a person. With them
	// Clusters are required. Default: all tasks, or with Services none but theirs.
	Tasks []*ecs.Task
	// Failures are the kinds to tell of. Default: all of Failures().
	Failures []Failure
	// Topic is where notices go. Default: a new one.
	Topic *notify.Topic
	// Emails get the notices of the new Topic. Default: nobody; subscribe to Topic.
	Emails []string

	// DisableLog keeps no events. Default: false, all events of tasks, services and deployments in Clusters, failures or not, are kept in a
	// log group, where they can be searched when ECS has forgotten the task, an hour after it stopped.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html
	DisableLog bool
	// LogRetention is for how long they are kept. Default: one month.
	LogRetention awslogs.RetentionDays
	// LogEncryptionKey encrypts them, beyond what CloudWatch Logs does by itself. A key of another stack or account must let CloudWatch
	// Logs use it. Default: none.
	LogEncryptionKey awskms.IKey
	// RemovalPolicy is what becomes of them when the stack is deleted. Default: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which
	// keeps them but for those of a deployment that fails.
	RemovalPolicy awscdk.RemovalPolicy
}

// TaskAlerts are rules of EventBridge that tell of failures, and the log of what happened.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
type TaskAlerts struct {
	constructs.Construct
	// Topic is where the notices go.
	Topic *notify.Topic
	// LogGroup keeps the events; nil with DisableLog.
	LogGroup awslogs.LogGroup

	watched []watched
}

// NewTaskAlerts makes alerts. It panics with *invalid.Error when the props are wrong.
func NewTaskAlerts(scope constructs.Construct, id string, props *TaskAlertsProps) *TaskAlerts {
	var p TaskAlertsProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.validate())
	p.setDefaults()

	a := &TaskAlerts{Topic: p.Topic, watched: p.watched()}
	constructs.NewConstruct_Override(a, scope, &id)
	if a.Topic == nil {
		a.Topic = notify.NewTopic(a, "Topic", &notify.TopicProps{Emails: p.Emails})
	}
	for i := range a.watched {
		for _, f := range p.Failures {
			if k := kinds[f]; k.ofServices() && a.watched[i].hasNoServices() {
				continue
			}
			a.tell(f, &a.watched[i], ids.Suffix(i))
		}
	}
	if !p.DisableLog {
		a.keep(&p)
	}
	return a
}

func (p *TaskAlertsProps) setDefaults() {
	if len(p.Clusters) == 0 {
		for _, s := range p.Services {
			if !slices.Contains(p.Clusters, s.Cluster()) {
				p.Clusters = append(slices.Clip(p.Clusters), s.Cluster())
			}
		}
	}
	if len(p.Failures) == 0 {
		p.Failures = Failures()
	}
	if p.LogRetention == "" {
		p.LogRetention = awslogs.RetentionDays_ONE_MONTH
	}
	if p.RemovalPolicy == "" {
		p.RemovalPolicy = awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
}

// TopicArn returns the ARN of the topic that the notices go to. (jsii also needs a construct to have an exported method.)
func (a *TaskAlerts) TopicArn() string { return a.Topic.Arn() }

// tell makes the rule for one kind of failure in one cluster. It takes no role: with one, AWS says, delivery to encrypted topics may fail. What
// cannot be delivered is tried again for a day, as EventBridge does unless told otherwise.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
func (a *TaskAlerts) tell(f Failure, w *watched, suffix string) {
	n := kinds[f].notice(w)
	targets := []any{&awsevents.CfnRule_TargetProperty{
		Id: jsii.String("Topic"), Arn: a.Topic.Topic.TopicArn(), InputTransformer: transformer(n.text()),
	}}
	if a.Topic.ChatTopic != nil {
		targets = append(targets, &awsevents.CfnRule_TargetProperty{
			Id: jsii.String("ChatTopic"), Arn: a.Topic.ChatTopic.TopicArn(), InputTransformer: transformer(n.chat()),
		})
	}
	awsevents.NewCfnRule(a, jsii.String(kinds[f].id+suffix), &awsevents.CfnRuleProps{
		Description:  describe.Of(kinds[f].what+":", *a.Node().Path()),
		EventPattern: kinds[f].pattern(w),
		Targets:      targets,
	})
}

// keep makes the log group, the rule that fills it, and the policy that lets it. An account has ten such policies in a Region.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
func (a *TaskAlerts) keep(p *TaskAlertsProps) {
	if p.LogEncryptionKey != nil {
		policy.LetLogsUse(a, p.LogEncryptionKey)
	}
	a.LogGroup = awslogs.NewLogGroup(a, jsii.String("LogGroup"), &awslogs.LogGroupProps{
		Retention: p.LogRetention, RemovalPolicy: p.RemovalPolicy, EncryptionKey: p.LogEncryptionKey,
	})
	stack := awscdk.Stack_Of(a)
	rule := awsevents.NewCfnRule(a, jsii.String("Log"), &awsevents.CfnRuleProps{
		Description:  describe.Of("Every event of tasks, services and deployments:", *a.Node().Path()),
		EventPattern: everyEvent(a.watched),
		Targets: []any{&awsevents.CfnRule_TargetProperty{
			Id: jsii.String("LogGroup"),
			// Without the ":*" at the end of what GetAtt gives.
			Arn: stack.FormatArn(&awscdk.ArnComponents{
				Service: jsii.String("logs"), Resource: jsii.String("log-group"), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME, ResourceName: a.LogGroup.LogGroupName(),
			}),
		}},
	})
	// The CDK's own target makes this policy by a Lambda. On AWS's page it has no condition; the one here is that of Terraform's documentation.
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-cloudwatchlogs-permissions
	// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_event_target
	writers := map[string]any{"Service": []string{policy.EventBridge, "delivery.logs.amazonaws.com"}}
	awslogs.NewCfnResourcePolicy(a, jsii.String("LogPolicy"), &awslogs.CfnResourcePolicyProps{
		PolicyName: awscdk.Names_UniqueResourceName(a, &awscdk.UniqueResourceNameOptions{MaxLength: jsii.Number(200), Separator: jsii.String("-")}),
		PolicyDocument: stack.ToJsonString(map[string]any{"Version": "2012-10-17", "Statement": []any{
			map[string]any{"Effect": "Allow", "Principal": writers, "Action": "logs:CreateLogStream", "Resource": a.LogGroup.LogGroupArn()},
			map[string]any{"Effect": "Allow", "Principal": writers, "Action": "logs:PutLogEvents", "Resource": a.LogGroup.LogGroupArn(),
				"Condition": map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": rule.AttrArn()}}},
		}}, nil),
	})
}

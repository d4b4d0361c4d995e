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
	"awscontainers/internal/opt"
	"awscontainers/internal/policy"
	"awscontainers/internal/source"
)

// TaskAlertsProps lists the failures of tasks, services and deployments to report, and to whom. All props are optional.
type TaskAlertsProps struct {
	// Clusters lists the clusters to watch. Each has rules of its own, because its name is in the notices; EventBridge allows
	// 300 rules, in some Regions 100. Default: every cluster of the account in this Region, now and later, with its ARN in the
	// notices; with Services their clusters.
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
	Clusters []*ecs.Cluster
	// Services narrows the alerts to these services and their tasks. Default: all services.
	Services []*ecs.Service
	// Tasks narrows the alerts to tasks of these definitions that belong to no service, whoever starts them: a rule, a schedule,
	// a person. It requires Clusters. Default: all tasks, or with Services only theirs.
	Tasks []*ecs.Task
	// Failures lists the kinds to report. Default: all of Failures().
	Failures []Failure
	// Topic is notified. Default: a new topic.
	Topic *notify.Topic
	// Emails are subscribed to the new topic; AWS asks the owner of each address to confirm. Not with Topic. Default: none.
	Emails []string

	// DisableLog keeps no events. Default: false, all events of tasks, services and deployments in Clusters, failures or not,
	// are kept in a log group, where you can search them after ECS has forgotten a task, one hour after it stopped.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html
	DisableLog bool
	// LogRetention is how long the events are kept. Default: one month.
	LogRetention awslogs.RetentionDays
	// EncryptionKey encrypts the events, in addition to the encryption that CloudWatch Logs always applies. A key of another
	// stack or account must let CloudWatch Logs use it. Default: none.
	EncryptionKey awskms.IKey
	// RemovalPolicy determines whether the log group is deleted with the stack. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which deletes it only if its first deployment fails.
	RemovalPolicy awscdk.RemovalPolicy
}

// TaskAlerts are EventBridge rules that report failures, and a log of all events.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
type TaskAlerts struct {
	constructs.Construct
	// Topic is the topic that the rules notify.
	Topic *notify.Topic
	// LogGroup keeps the events; nil with DisableLog.
	LogGroup awslogs.LogGroup

	scopes []alertScope
}

// NewTaskAlerts creates alerts. It panics with *invalid.Error if the props are invalid.
func NewTaskAlerts(scope constructs.Construct, id string, props *TaskAlertsProps) *TaskAlerts {
	p := opt.Value(props)
	invalid.Refuse(scope, id, p.Validate())
	p.setDefaults()

	a := &TaskAlerts{Topic: p.Topic, scopes: p.scopes()}
	source.Create(a, scope, id)
	if a.Topic == nil {
		a.Topic = notify.NewTopic(a, "Topic", &notify.TopicProps{Emails: p.Emails})
	}
	a.Topic.AllowRules()
	for i := range a.scopes {
		for _, f := range p.Failures {
			if k := kindOf(f); !k.isOfServices() || a.scopes[i].hasServices() {
				a.addRule(k, &a.scopes[i], ids.Suffix(i))
			}
		}
	}
	if !p.DisableLog {
		a.addLog(&p)
	}
	return a
}

// TopicArn returns the ARN of Topic. (jsii also needs a construct to have an exported method.)
func (a *TaskAlerts) TopicArn() string { return a.Topic.Arn() }

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
	opt.Default(&p.LogRetention, awslogs.RetentionDays_ONE_MONTH)
	opt.Default(&p.RemovalPolicy, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
}

// addRule creates the rule for one kind of failure in one cluster.
func (a *TaskAlerts) addRule(k *failureKind, s *alertScope, suffix string) {
	awsevents.NewCfnRule(a, jsii.String(k.id+suffix), &awsevents.CfnRuleProps{
		Description:  describe.Of(k.description+":", *a.Node().Path()),
		EventPattern: s.pattern(k),
		Targets:      k.notice(s).Targets(a.Topic.Topic, a.Topic.ChatTopic),
	})
}

// addLog creates the log group, the rule that fills it, and the policy that allows that. An account may have ten such policies
// in a Region.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
func (a *TaskAlerts) addLog(p *TaskAlertsProps) {
	if p.EncryptionKey != nil {
		policy.LetLogsUse(a, p.EncryptionKey)
	}
	a.LogGroup = awslogs.NewLogGroup(a, jsii.String("LogGroup"), &awslogs.LogGroupProps{
		Retention: p.LogRetention, RemovalPolicy: p.RemovalPolicy, EncryptionKey: p.EncryptionKey,
	})
	rule := awsevents.NewCfnRule(a, jsii.String("Log"), &awsevents.CfnRuleProps{
		Description:  describe.Of("Every event of tasks, services and deployments:", *a.Node().Path()),
		EventPattern: logPattern(a.scopes),
		Targets: []any{&awsevents.CfnRule_TargetProperty{
			Id: jsii.String("LogGroup"),
			// Without the ":*" at the end of what GetAtt gives.
			Arn: awscdk.Stack_Of(a).FormatArn(&awscdk.ArnComponents{
				Service: jsii.String("logs"), Resource: jsii.String("log-group"), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
				ResourceName: a.LogGroup.LogGroupName(),
			}),
		}},
	})
	// The CDK's own target creates this policy by a Lambda function. On AWS's page it has no condition; this is the one in
	// Terraform's documentation.
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-cloudwatchlogs-permissions
	// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_event_target
	writers := map[string]any{"Service": []string{policy.EventBridge, "delivery.logs.amazonaws.com"}}
	awslogs.NewCfnResourcePolicy(a, jsii.String("LogPolicy"), &awslogs.CfnResourcePolicyProps{
		PolicyName: awscdk.Names_UniqueResourceName(a, &awscdk.UniqueResourceNameOptions{
			MaxLength: jsii.Number(200), Separator: jsii.String("-"),
		}),
		PolicyDocument: awscdk.Stack_Of(a).ToJsonString(map[string]any{"Version": "2012-10-17", "Statement": []any{
			map[string]any{"Effect": "Allow", "Principal": writers, "Action": "logs:CreateLogStream", "Resource": a.LogGroup.LogGroupArn()},
			map[string]any{"Effect": "Allow", "Principal": writers, "Action": "logs:PutLogEvents", "Resource": a.LogGroup.LogGroupArn(),
				"Condition": map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": rule.AttrArn()}}},
		}}, nil),
	})
}

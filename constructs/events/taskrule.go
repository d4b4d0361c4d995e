package events

import (
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/notify"
	"awscontainers/internal/describe"
	"awscontainers/internal/opt"
	"awscontainers/internal/policy"
	"awscontainers/internal/source"
)

// TaskRuleProps selects the events that start a task. EventBridge delivers an event at least once, sometimes twice, and not
// always in order: the task must handle that.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
type TaskRuleProps struct {
	// Run is what an event starts, and where. Required.
	Run *ecs.Run
	// S3 selects objects whose arrival starts the task, which may then read them. Default: nil. One of S3 and Pattern is required.
	S3 *S3Objects
	// Pattern selects the events that start the task. Default: none. One of S3 and Pattern is required.
	Pattern Pattern
	// EventBus is the bus that carries the events. Events of AWS services arrive on the default bus. Default: the account's default
	// bus.
	EventBus awsevents.IEventBus
	// ContainerOverrides pass values of the event to the task: Environment: map[string]string{"ORDER": events.Field("detail.order")}.
	// Default: none; with S3 the task's first container always gets the variables BUCKET, KEY and SEQUENCER, unless these set them.
	ContainerOverrides []ContainerOverride

	// RetryAttempts is the number of retries while a call of ECS fails temporarily, 0 to 185. What ECS refuses for good, such as a
	// missing permission, is not retried. Default: 185, within MaximumEventAge.
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
	RetryAttempts *int
	// MaximumEventAge is how long to retry, 1 minute to 24 hours. Default: 1 hour.
	MaximumEventAge time.Duration
	// DeadLetterQueue receives the events that started nothing, with the reason. It must be a standard queue; its policy, and that
	// of its key, are changed to let the rule send. An imported queue and its key must let it already. Default: a new, encrypted
	// queue that keeps messages for 14 days.
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
	DeadLetterQueue awssqs.IQueue
	// AlarmTopic is notified while the queue holds something. Default: nil, the alarm exists but notifies nobody.
	AlarmTopic *notify.Topic
	// Disabled ignores events for now. Default: false.
	Disabled bool
	// RuleName is the physical name: up to 64 letters, digits and .-_ characters. Default: CloudFormation generates one.
	RuleName string
}

// TaskRule is an EventBridge rule that starts a task for each event that matches.
type TaskRule struct {
	constructs.Construct
	// Rule is the CloudFormation resource.
	Rule awsevents.CfnRule
	// Role lets EventBridge start the task.
	Role awsiam.Role
	// DeadLetterQueue holds the events that started nothing.
	DeadLetterQueue awssqs.IQueue
	// FailedToStart is the alarm that fires while the queue holds something.
	FailedToStart awscloudwatch.Alarm
}

// NewTaskRule creates a rule. It panics with *invalid.Error if the props are invalid.
func NewTaskRule(scope constructs.Construct, id string, props *TaskRuleProps) *TaskRule {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateConstructs())

	t := &TaskRule{DeadLetterQueue: p.DeadLetterQueue}
	source.Create(t, scope, id)
	dependencies := p.Run.Dependencies()
	if p.S3 != nil {
		p.Pattern = p.S3.pattern()
		p.S3.enableEvents(t)
		dependencies = slices.Concat(p.S3.grant(t, p.Run.Task.TaskRole), dependencies)
	}
	t.Role = newStarterRole(t, policy.EventBridge, "events", "rule/*")
	grantStart(t.Role, p.Run)
	if t.DeadLetterQueue == nil {
		t.DeadLetterQueue = newDeadLetterQueue(t)
	}
	t.Rule = awsevents.NewCfnRule(t, jsii.String("Rule"), &awsevents.CfnRuleProps{
		Name:         opt.String(p.RuleName),
		Description:  describe.Of("Starts the tasks of", *p.Run.Node().Path()),
		EventBusName: p.eventBusName(),
		EventPattern: p.Pattern.render(),
		State:        state(p.Disabled),
		Targets:      []any{p.target(t)},
	})
	t.Rule.Node().AddDependency(slices.Concat(dependencies, []constructs.IDependable{t.Role})...) // with its policy
	t.allowDeadLetters()
	t.FailedToStart = newFailedAlarm(t, t.DeadLetterQueue, p.AlarmTopic)
	return t
}

// Arn returns the rule's ARN.
func (t *TaskRule) Arn() string { return *t.Rule.AttrArn() }

// target is the task with the values of its event.
func (p *TaskRuleProps) target(t *TaskRule) *awsevents.CfnRule_TargetProperty {
	run := p.Run.Parameters()
	target := &awsevents.CfnRule_TargetProperty{
		Id:               jsii.String("Task"),
		Arn:              &run.ClusterArn,
		RoleArn:          t.Role.RoleArn(),
		EcsParameters:    ecsParameters(run, ruleParameters),
		DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: t.DeadLetterQueue.QueueArn()},
		RetryPolicy: &awsevents.CfnRule_RetryPolicyProperty{
			MaximumRetryAttempts: jsii.Number(*p.RetryAttempts), MaximumEventAgeInSeconds: jsii.Number(p.MaximumEventAge.Seconds()),
		},
	}
	template, paths := inputTemplate(p.ContainerOverrides, p.Run.Task)
	switch {
	case len(p.ContainerOverrides) == 0:
		// Otherwise the whole event would be passed as overrides, and ECS refuses what isn't.
		target.Input = jsii.String("{}")
	case namesPredefined(template) || len(paths) > 0:
		target.InputTransformer = &awsevents.CfnRule_InputTransformerProperty{InputPathsMap: paths, InputTemplate: &template}
	default:
		target.Input = &template
	}
	return target
}

// allowDeadLetters lets this rule, and no other, send to the queue what it could not deliver.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
func (t *TaskRule) allowDeadLetters() {
	if key := t.DeadLetterQueue.EncryptionMasterKey(); key != nil {
		key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: policy.Principal(policy.EventBridge), Actions: jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"),
			Resources: jsii.Strings("*"), // this key: a key policy knows no other
		}), jsii.Bool(true))
	}
	t.DeadLetterQueue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: policy.Principal(policy.EventBridge),
		Actions:    jsii.Strings("sqs:SendMessage"),
		Resources:  &[]*string{t.DeadLetterQueue.QueueArn()},
		Conditions: t.senderCondition(t.DeadLetterQueue),
	}))
}

// senderCondition limits a permission to this rule. A queue of another stack, on which this stack depends, can't name the rule:
// there it is limited to the rules of the account.
func (t *TaskRule) senderCondition(queue awssqs.IQueue) *map[string]any {
	if *awscdk.Stack_Of(queue).Node().Path() != *awscdk.Stack_Of(t).Node().Path() {
		return policy.OfThisAccount("events", "rule/*")
	}
	return &map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": t.Rule.AttrArn()}}
}

func (p *TaskRuleProps) eventBusName() any {
	if p.EventBus == nil {
		return nil
	}
	return p.EventBus.EventBusName()
}

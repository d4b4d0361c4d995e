package events

import (
	"maps"
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
)

// TaskRuleProps describe which events start a task. EventBridge delivers an event at least once, now and then twice, and not always in
// order: the task must bear that.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
type TaskRuleProps struct {
	// Run is what an event starts, and where. Required.
	Run *ecs.Run
	// S3 are objects whose arrival starts the task; the task role may then read them. Default: nil. One of S3 and Pattern is required.
	S3 *S3Objects
	// Pattern is which events start the task. Default: none. One of S3 and Pattern is required.
	Pattern Pattern
	// EventBus is where they come from. The events of AWS's own services come by the default bus. Default: the account's default bus.
	EventBus awsevents.IEventBus
	// ContainerOverrides tell the task of its event: Environment: map[string]string{"ORDER": events.Field("detail.order")}. Default:
	// none; with S3 the task's first container always gets the variables BUCKET, KEY and SEQUENCER, unless these say otherwise.
	ContainerOverrides []ContainerOverride

	// RetryAttempts is how often to try again when the call of ECS fails for the moment, 0 to 185. What it refuses for good, such as for want
	// of a permission, is not tried again. Default: 185, as far as MaximumEventAge goes.
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
	RetryAttempts *int
	// MaximumEventAge is for how long to try, 1 minute to 24 hours. Default: 1 hour.
	MaximumEventAge time.Duration
	// DeadLetterQueue gets the events that started nothing, with the reason. It must be a standard queue; its policy, and that of its key, are
	// told to let the rule. One that is imported must let it already, and so must its key. Default: a new one, encrypted, that keeps them for 14 days.
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
	DeadLetterQueue awssqs.IQueue
	// AlarmTopic hears when there is something in the queue, such as the Topic of a Topic. Default: nobody; the alarm only shows.
	AlarmTopic *notify.Topic
	// Disabled leaves events alone for now. Default: false.
	Disabled bool
	// RuleName is the physical name: up to 64 letters, digits and .-_ characters. Default: CloudFormation makes one.
	RuleName string
}

// TaskRule is a rule of EventBridge that starts a task for each event that fits.
type TaskRule struct {
	constructs.Construct
	// Rule is what the CDK's own constructs take.
	Rule awsevents.CfnRule
	// Role is what EventBridge may do: start the task.
	Role awsiam.Role
	// DeadLetterQueue holds the events that started nothing.
	DeadLetterQueue awssqs.IQueue
	// FailedToStart is the alarm for what lies there.
	FailedToStart awscloudwatch.Alarm
}

// NewTaskRule makes a rule. It panics with *invalid.Error when the props are wrong.
func NewTaskRule(scope constructs.Construct, id string, props *TaskRuleProps) *TaskRule {
	var p TaskRuleProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	t := &TaskRule{DeadLetterQueue: p.DeadLetterQueue}
	constructs.NewConstruct_Override(t, scope, &id)
	var before []constructs.IDependable
	if p.S3 != nil {
		p.Pattern = p.S3.pattern()
		p.S3.send(t)
		before = p.S3.grant(t, p.Run.Task.TaskRole)
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
	t.Rule.Node().AddDependency(append(append(before, p.Run.Dependencies()...), t.Role)...) // with its policy
	t.letSendDeadLetters()
	t.FailedToStart = newFailedAlarm(t, t.DeadLetterQueue, p.AlarmTopic)
	return t
}

// target is the task with what it is told of its event.
func (p *TaskRuleProps) target(t *TaskRule) *awsevents.CfnRule_TargetProperty {
	run := p.Run.Parameters()
	target := &awsevents.CfnRule_TargetProperty{
		Id:               jsii.String("Task"),
		Arn:              &run.ClusterArn,
		RoleArn:          t.Role.RoleArn(),
		EcsParameters:    ruleParameters(run),
		DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: t.DeadLetterQueue.QueueArn()},
		RetryPolicy: &awsevents.CfnRule_RetryPolicyProperty{
			MaximumRetryAttempts: jsii.Number(*p.RetryAttempts), MaximumEventAgeInSeconds: jsii.Number(p.MaximumEventAge.Seconds()),
		},
	}
	template, paths := inputTemplate(p.ContainerOverrides, p.Run.Task)
	switch {
	case len(p.ContainerOverrides) == 0:
		// Otherwise the whole event would come as overrides, and ECS refuse what is none.
		target.Input = jsii.String("{}")
	case namesPredefined(template) || len(paths) > 0:
		target.InputTransformer = &awsevents.CfnRule_InputTransformerProperty{InputPathsMap: paths, InputTemplate: &template}
	default:
		target.Input = &template
	}
	return target
}

func ruleParameters(run ecs.RunParameters) *awsevents.CfnRule_EcsParametersProperty {
	parameters := &awsevents.CfnRule_EcsParametersProperty{
		TaskDefinitionArn:    &run.TaskDefinitionArn,
		TaskCount:            jsii.Number(run.TaskCount),
		LaunchType:           opt.String(run.LaunchType),
		EnableEcsManagedTags: jsii.Bool(true),
		PropagateTags:        jsii.String(propagateTags),
	}
	if run.SubnetIds != nil {
		parameters.NetworkConfiguration = &awsevents.CfnRule_NetworkConfigurationProperty{
			AwsVpcConfiguration: &awsevents.CfnRule_AwsVpcConfigurationProperty{
				Subnets: opt.Strings(run.SubnetIds), SecurityGroups: opt.Strings(run.SecurityGroupIds), AssignPublicIp: opt.String(run.AssignPublicIp),
			},
		}
	}
	var shares, strategies, constraints []any
	for _, c := range run.Capacity {
		shares = append(shares, &awsevents.CfnRule_CapacityProviderStrategyItemProperty{
			CapacityProvider: jsii.String(string(c.CapacityProvider)), Base: opt.Number(c.Base), Weight: jsii.Number(c.Weight),
		})
	}
	for _, s := range run.PlacementStrategies {
		strategies = append(strategies, &awsevents.CfnRule_PlacementStrategyProperty{Type: jsii.String(string(s.Type)), Field: opt.String(s.Field)})
	}
	for _, c := range run.PlacementConstraints {
		constraints = append(constraints, &awsevents.CfnRule_PlacementConstraintProperty{Type: jsii.String(string(c.Type)), Expression: opt.String(c.Expression)})
	}
	parameters.CapacityProviderStrategy, parameters.PlacementStrategies, parameters.PlacementConstraints = orNil(shares), orNil(strategies), orNil(constraints)
	return parameters
}

// letSendDeadLetters lets just this rule put into the queue what it could not deliver.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
func (t *TaskRule) letSendDeadLetters() {
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
		Conditions: t.asRule(t.DeadLetterQueue),
	}))
}

// asRule is the condition that it is just this rule; for a queue of another stack, which this one waits for, that it is one of the account.
func (t *TaskRule) asRule(queue awssqs.IQueue) *map[string]any {
	if *awscdk.Stack_Of(queue).Node().Path() != *awscdk.Stack_Of(t).Node().Path() {
		return policy.OfThisAccount("events", "rule/*")
	}
	return &map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": t.Rule.AttrArn()}}
}

// RuleArn is the rule's ARN, for an output.
func (t *TaskRule) Arn() string { return *t.Rule.AttrArn() }

func (p *TaskRuleProps) eventBusName() any {
	if p.EventBus == nil {
		return nil
	}
	return p.EventBus.EventBusName()
}

func (p *TaskRuleProps) setDefaults() {
	if p.RetryAttempts == nil {
		p.RetryAttempts = new(maxRetryAttempts)
	}
	if p.MaximumEventAge == 0 {
		p.MaximumEventAge = defaultEventAge
	}
	if p.S3 != nil && p.Run != nil && p.Run.Task != nil {
		p.ContainerOverrides = tellOfObject(p.ContainerOverrides, p.Run.Task.ContainerNames()[0])
	}
}

// tellOfObject adds what an object's event says to the overrides of a container, under names that these do not have.
func tellOfObject(overrides []ContainerOverride, container string) []ContainerOverride {
	overrides = slices.Clone(overrides)
	i := slices.IndexFunc(overrides, func(o ContainerOverride) bool { return o.ContainerName == "" || o.ContainerName == container })
	if i < 0 {
		i, overrides = len(overrides), append(overrides, ContainerOverride{ContainerName: container})
	}
	environment := map[string]string{"BUCKET": S3Bucket, "KEY": S3Key, "SEQUENCER": S3Sequencer}
	maps.Copy(environment, overrides[i].Environment)
	overrides[i].Environment = environment
	return overrides
}

func (p *TaskRuleProps) validate() error {
	var bad invalid.Problems
	task := checkRun(p.Run, &bad)
	switch {
	case p.S3 != nil && !p.Pattern.empty():
		bad.Add("Pattern", "stands beside S3, which is a pattern already; make two rules")
	case p.S3 != nil:
		bad.Nest("S3", p.S3.validate())
		if p.EventBus != nil {
			bad.Add("EventBus", "stands beside S3, whose events come by the default bus; leave it out, or give a Pattern for events that are passed on")
		}
	case p.Pattern.empty():
		bad.Add("Pattern", `is empty; give one, Pattern{Source: []any{"aws.s3"}}, or S3`)
	default:
		bad.Nest("Pattern", p.Pattern.validate())
		if p.Run != nil && p.Run.Task != nil && p.Pattern.fitsOwnTasks(p.Run.Cluster().Arn()) {
			bad.Add("Pattern", `fits the state changes of the very tasks that it starts, which would start the next, for ever; give a Detail, such as {"group": []any{"service:web"}}`)
		}
	}
	check := checkField
	if p.S3 != nil {
		check = checkObjectField
	}
	checkOverrides(p.ContainerOverrides, task, check, &bad)
	if task != nil {
		checkForeignFields(p.Run, p.ContainerOverrides, &bad)
	}
	checkRetries(p.RetryAttempts, p.MaximumEventAge, &bad)
	checkQueue(p.DeadLetterQueue, true, &bad)
	checkRuleName("RuleName", p.RuleName, &bad)
	return bad.Err()
}

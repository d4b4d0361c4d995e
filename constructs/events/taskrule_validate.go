package events

import (
	"maps"
	"slices"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

func (p *TaskRuleProps) setDefaults() {
	if p.RetryAttempts == nil {
		p.RetryAttempts = new(maxRetryAttempts)
	}
	opt.Default(&p.MaximumEventAge, defaultEventAge)
	if p.S3 != nil && invalid.IsMade(p.Run) {
		p.ContainerOverrides = withObject(p.ContainerOverrides, p.Run.Task)
	}
}

// withObject adds the fields of an object's event to the overrides of the task's first container, unless they set them.
func withObject(overrides []ContainerOverride, task *ecs.Task) []ContainerOverride {
	overrides = slices.Clone(overrides)
	first := (&ContainerOverride{}).containerName(task)
	i := slices.IndexFunc(overrides, func(o ContainerOverride) bool { return o.ContainerName == "" || o.ContainerName == first })
	if i < 0 {
		i, overrides = len(overrides), append(overrides, ContainerOverride{ContainerName: first})
	}
	environment := map[string]string{"BUCKET": S3Bucket, "KEY": S3Key, "SEQUENCER": S3Sequencer}
	maps.Copy(environment, overrides[i].Environment)
	overrides[i].Environment = environment
	return overrides
}

// Validate returns all problems of the props, or nil. NewTaskRule also judges the queue, and whether the rule would start itself.
func (p *TaskRuleProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *TaskRuleProps) validate() error {
	var bad invalid.Problems
	task := checkRun(p.Run, &bad)
	fields := checkEventField
	switch {
	case p.S3 != nil:
		bad.Nest("S3", p.S3.validate())
		fields = checkObjectField
		if !p.Pattern.isEmpty() {
			bad.Add("Pattern", "must not be set together with S3, which is a pattern already").Advise("create two rules")
		}
		if p.EventBus != nil {
			bad.Add("EventBus", "must not be set together with S3, whose events arrive on the default bus").
				Advise("remove it, or set Pattern instead of S3 for events that are forwarded")
		}
	case p.Pattern.isEmpty():
		bad.Add("Pattern", `is required without S3, such as events.Pattern{Source: []any{"aws.s3"}}`)
	default:
		bad.Nest("Pattern", p.Pattern.validate())
	}
	checkOverrides(p.ContainerOverrides, task, fields, &bad)
	checkRetries(p.RetryAttempts, p.MaximumEventAge, &bad)
	check.Topic("AlarmTopic", p.AlarmTopic, &bad)
	checkPhysicalName("RuleName", p.RuleName, &bad)
	return bad.Err()
}

// validateConstructs judges what only the CDK's objects tell.
func (p *TaskRuleProps) validateConstructs() error {
	var bad invalid.Problems
	if invalid.IsMade(p.Run) {
		if p.S3 == nil && !p.Pattern.isEmpty() && p.Pattern.matchesOwnTasks(p.Run.Cluster().Arn()) {
			bad.Add("Pattern", "must not match the state changes of the tasks that the rule starts, because each would start the next").
				Advise(`narrow Detail, for example to {"group": []any{"service:web"}}`)
		}
		if p.S3 != nil && p.Run.Task.TaskRole == nil {
			bad.Add("S3", "requires a task whose TaskRole is known, because the task must be allowed to read the objects").
				Advise("import the task definition with its TaskRole")
		}
		checkForeignFields(p.Run, p.ContainerOverrides, &bad)
	}
	checkQueue(p.DeadLetterQueue, &bad)
	checkQueueKey(p.DeadLetterQueue, &bad)
	return bad.Err()
}

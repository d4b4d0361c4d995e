package stacks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/stacks"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

var eventDrivenTaskVariants = []variant{
	{
		name: "EventDrivenTask",
		stateful: []string{
			"Bucket83908E77", "TableCD117FA1", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037",
		},
	},
	{
		name: "EventDrivenTask-prod",
		context: map[string]any{"profile": "prod", "EventDrivenTask.image": shared.PublicImage, "EventDrivenTask.keySuffix": ".jpg",
			"EventDrivenTask.alarmEmail": "on-call@example.com"},
		stateful: []string{
			"AlertsLogGroup32FB9138",
			"Bucket83908E77",
			"TableCD117FA1",
			"TaskLogGroup1B4092C9",
			"TopicKey6720E77D",
			"VpcFlowLogGroupBF601037",
		},
	},
}

// From the object to the table: each step leads to the next, and the task may do just its part.
func TestEventDrivenTaskFromBucketToTable(t *testing.T) {
	tpl := cdktest.Synth(t, buildStack(t, "EventDrivenTask", nil))
	bucket, table, rule := tpl.Only("AWS::S3::Bucket"), tpl.Only("AWS::DynamoDB::Table"), tpl.Only("AWS::Events::Rule")
	p := shared.Pattern(t, rule)
	assert.True(t, cdktest.Matches(t, p, shared.ObjectCreated(shared.Bucket, "incoming/a.txt")))
	assert.False(t, cdktest.Matches(t, p, shared.ObjectCreated(shared.Bucket, "elsewhere/a.txt")))

	task := rule.Ref("Targets.0.EcsParameters.TaskDefinitionArn")
	assert.Equal(t,
		map[string]map[string]string{"digest": {"BUCKET": shared.Bucket, "KEY": "incoming/a.txt", "SEQUENCER": "617f08299329d189"}},
		shared.VariablesFor(t, rule, shared.ObjectCreated(shared.Bucket, "incoming/a.txt")))
	assert.Equal(t, "TABLE", task.Get("ContainerDefinitions.0.Environment.0.Name"))
	assert.Same(t, table, task.Ref("ContainerDefinitions.0.Environment.0.Value"))
	assert.Equal(t, true, task.Get("ContainerDefinitions.0.ReadonlyRootFilesystem"))
	cdktest.MayExactly(t, task.Ref("TaskRoleArn"),
		cdktest.Allow("s3:GetObject").On(cdktest.Arn(bucket, "/incoming/*")), cdktest.Allow("dynamodb:PutItem").On(table))
	assert.Equal(t, []any{map[string]any{"AttributeName": "object", "KeyType": "HASH"}}, table.Get("KeySchema"), "what the program writes")
	for _, kind := range []string{"AWS::SNS::Topic", "AWS::KMS::Key"} {
		assert.Empty(t, tpl.All(kind), "paid for though nobody asked")
	}
}

func TestEventDrivenTaskInProd(t *testing.T) {
	stack := buildStack(
		t,
		"EventDrivenTask",
		map[string]any{"profile": "prod", "EventDrivenTask.image": shared.PublicImage, "EventDrivenTask.keySuffix": ".jpg"},
	)
	tpl := cdktest.Synth(t, stack)
	p := shared.Pattern(t, tpl.At("AWS::Events::Rule", "/Rule/"))
	assert.True(t, cdktest.Matches(t, p, shared.ObjectCreated(shared.Bucket, "incoming/a.jpg")))
	assert.False(t, cdktest.Matches(t, p, shared.ObjectCreated(shared.Bucket, "incoming/a.txt")))
	assert.Equal(t, "Enabled", tpl.Only("AWS::S3::Bucket").Get("VersioningConfiguration.Status"))
	table := tpl.Only("AWS::DynamoDB::Table")
	assert.Equal(t, true, table.Get("PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"))
	assert.Equal(t, "RetainExceptOnCreate", table.DeletionPolicy)
	for _, alarm := range tpl.All("AWS::CloudWatch::Alarm") {
		assert.Same(t, tpl.Only("AWS::SNS::Topic"), alarm.Ref("AlarmActions.0"))
	}
	told := tpl.At("AWS::Events::Rule", "/NonZeroExit")
	group := "family:" + tpl.Only("AWS::ECS::TaskDefinition").Get("Family").(string)
	for _, branch := range cdktest.List(told.Get("EventPattern.detail.$or")) {
		assert.Equal(t, []any{group}, cdktest.Dig(branch, "group"), "a task that fails is not told of")
	}
	assert.Same(t, tpl.Only("AWS::SNS::Topic"), told.Ref("Targets.0.Arn"))
	assert.Equal(t, shared.PublicImage, tpl.Only("AWS::ECS::TaskDefinition").Get("ContainerDefinitions.0.Image"))
}

func TestEventDrivenTaskIsRefused(t *testing.T) {
	app := cdktest.App(t)
	for id, c := range map[string]struct {
		props stacks.EventDrivenTaskProps
		want  string
	}{
		"None": {stacks.EventDrivenTaskProps{}, "None: Image is required without Directory"},
		"Both": {stacks.EventDrivenTaskProps{Image: shared.PublicImage, Directory: "../../stacks/objectdigest"},
			`Both: Directory must not be set together with Image; got "../../stacks/objectdigest"; remove one of them`},
		"Key": {stacks.EventDrivenTaskProps{Image: shared.PublicImage, KeyPrefix: "/incoming"},
			`Key/Rule: S3.KeyPrefix must be part of an object key, without the bucket and a leading slash, such as "incoming/"; got "/incoming"`},
	} {
		assert.Equal(t, []string{c.want}, cdktest.Refused(t, func() { stacks.NewEventDrivenTask(app, id, &c.props) }), id)
	}
}

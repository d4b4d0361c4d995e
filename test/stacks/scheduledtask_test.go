package stacks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/stacks"
	"awscontainers/stacks/settings"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

var scheduledTaskVariants = []variant{
	{
		name:     "ScheduledTask",
		stateful: []string{"TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037"},
	},
	{
		name: "ScheduledTask-prod",
		context: map[string]any{"profile": "prod", "ScheduledTask.scheduleExpression": "cron(0 3 ? * MON-FRI *)",
			"ScheduledTask.timeZone": "Europe/Berlin", "ScheduledTask.flexibleTimeWindowMinutes": "15",
			"ScheduledTask.startDate": "2190-01-31T00:00:00Z", "ScheduledTask.endDate": "2191-01-31T00:00:00Z",
			"ScheduledTask.preventOverlap": "true", "ScheduledTask.alarmEmail": "on-call@example.com"},
		stateful: []string{"AlertsLogGroup32FB9138", "TaskLogGroup1B4092C9", "TopicKey6720E77D", "VpcFlowLogGroupBF601037"},
	},
	{
		name:     "ScheduledTask-public",
		context:  map[string]any{"ScheduledTask.natGateways": "none", "ScheduledTask.preventOverlap": "true"},
		stateful: []string{"TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037"},
	},
}

func TestScheduledTaskInProd(t *testing.T) {
	stack := buildStack(
		t,
		"ScheduledTask",
		map[string]any{"profile": "prod", "ScheduledTask.preventOverlap": "true", "ScheduledTask.flexibleTimeWindowMinutes": "15",
			"ScheduledTask.startDate": "2190-01-31T02:00:00+02:00"},
	)
	tpl := cdktest.Synth(t, stack)
	schedule := tpl.Only("AWS::Scheduler::Schedule")
	cdktest.Has(t, schedule, map[string]any{
		"ScheduleExpression": "rate(1 hour)",
		"StartDate":          "2190-01-31T00:00:00.000Z",
		"EndDate":            nil,
		"FlexibleTimeWindow.MaximumWindowInMinutes": 15.0,
	})
	assert.Equal(t, "AWS::StepFunctions::StateMachine", schedule.Ref("Target.Arn").Type)
	assert.Len(t, tpl.All("AWS::CloudWatch::Alarm"), 4, "of the queue, and of executions that fail, time out or are stopped")
	for _, alarm := range tpl.All("AWS::CloudWatch::Alarm") {
		assert.Same(t, tpl.Only("AWS::SNS::Topic"), alarm.Ref("AlarmActions.0"), "nobody hears of it")
	}
}

func TestScheduledTaskIsRefused(t *testing.T) {
	assert.Equal(t, []string{
		`ScheduledTask/Schedule: ScheduleExpression must have ? in exactly one of the day-of-month and day-of-week fields; got "cron(0 8 * ` +
			`* * *)"`,
		`ScheduledTask/Schedule: TimeZone must be a time zone of the IANA database such as "Europe/Berlin" or "UTC"; got "Berlin"`,
	}, cdktest.Refused(t, func() {
		stacks.NewScheduledTask(cdktest.App(t, nil), "ScheduledTask", &stacks.ScheduledTaskProps{
			Image: shared.PublicImage, ScheduleExpression: "cron(0 8 * * * *)", TimeZone: "Berlin",
		})
	}))
	_, err := settings.Parse(map[string]any{"ScheduledTask.startDate": "tomorrow"}, "", "")
	assert.EqualError(t, err, `ScheduledTask.startDate: must be a point in time such as "2027-01-31T00:00:00Z"; got "tomorrow"`)
}

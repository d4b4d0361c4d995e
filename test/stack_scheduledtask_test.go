package test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/stacks/settings"
)

var scheduledTaskVariants = []variant{
	{
		name:     "ScheduledTask",
		stateful: []string{"TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037"},
	},
	{
		name: "ScheduledTask-prod",
		context: map[string]any{"profile": "prod", "ScheduledTask.schedule": "cron(0 3 ? * MON-FRI *)", "ScheduledTask.timeZone": "Europe/Berlin",
			"ScheduledTask.flexibleWindowMinutes": "15", "ScheduledTask.startDate": "2190-01-31T00:00:00Z",
			"ScheduledTask.endDate":        "2191-01-31T00:00:00Z",
			"ScheduledTask.preventOverlap": "true", "ScheduledTask.alarmEmail": "on-call@example.com"},
		stateful: []string{"AlertsLogGroup32FB9138", "TaskLogGroup1B4092C9", "TopicKey6720E77D", "VpcFlowLogGroupBF601037"},
	},
}

func TestScheduledTaskInProd(t *testing.T) {
	stack := buildStack(
		t,
		"ScheduledTask",
		map[string]any{"profile": "prod", "ScheduledTask.preventOverlap": "true", "ScheduledTask.flexibleWindowMinutes": "15",
			"ScheduledTask.startDate": "2190-01-31T02:00:00+02:00"},
	)
	assert.True(t, *stack.TerminationProtection())
	tpl := synth(t, stack)
	schedule := tpl.only("AWS::Scheduler::Schedule")
	assert.Equal(
		t,
		[]any{"rate(1 hour)", "2190-01-31T00:00:00.000Z", nil, 15.0},
		[]any{
			schedule.get("ScheduleExpression"),
			schedule.get("StartDate"),
			schedule.get("EndDate"),
			schedule.get("FlexibleTimeWindow.MaximumWindowInMinutes"),
		},
	)
	assert.Equal(t, "AWS::StepFunctions::StateMachine", schedule.ref("Target.Arn").Type)
	assert.Len(t, tpl.all("AWS::CloudWatch::Alarm"), 2)
	for _, alarm := range tpl.all("AWS::CloudWatch::Alarm") {
		assert.Same(t, tpl.only("AWS::SNS::Topic"), alarm.ref("AlarmActions.0"), "nobody hears of it")
	}
}

func TestScheduledTaskIsRefused(t *testing.T) {
	assert.Equal(t, []string{
		`ScheduledTask/Schedule: ScheduleExpression must have ? in exactly one of the day-of-month and day-of-week fields; got "cron(0 8 * ` +
			`* * *)"`,
		`ScheduledTask/Schedule: TimeZone must be a time zone of the IANA database such as "Europe/Berlin" or "UTC"; got "Berlin"`,
	}, refusal(t, func() {
		buildStack(t, "ScheduledTask", map[string]any{"ScheduledTask.schedule": "cron(0 8 * * * *)", "ScheduledTask.timeZone": "Berlin"})
	}))
	_, err := settings.Parse(map[string]any{"ScheduledTask.startDate": "tomorrow"}, "", "")
	assert.EqualError(t, err, `context: ScheduledTask.startDate must be a point in time such as "2027-01-31T00:00:00Z"; got "tomorrow"`)
}

package events

import (
	"strings"
	"time"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/annotate"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/schedule"
)

func (p *ScheduleProps) setDefaults() {
	opt.Default(&p.TimeZone, "UTC")
	if p.RetryAttempts == nil {
		p.RetryAttempts = new(maxRetryAttempts)
	}
	opt.Default(&p.MaximumEventAge, defaultEventAge)
}

// Validate returns all problems of the props, or nil. NewSchedule also judges the queue.
func (p *ScheduleProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *ScheduleProps) validate() error {
	var bad invalid.Problems
	task := checkRun(p.Run, &bad)
	schedule.Check("ScheduleExpression", p.ScheduleExpression, &bad)
	schedule.CheckZone("TimeZone", p.TimeZone, &bad)
	if w := p.FlexibleTimeWindow; w != 0 && (w < minWindow || w > maxWindow || w%time.Minute != 0) {
		bad.Add("FlexibleTimeWindow", "must be whole minutes from %v to %v", minWindow, maxWindow).Given(w)
	}
	p.checkDates(&bad)
	checkOverrides(p.ContainerOverrides, task, checkScheduleField, &bad)
	checkRetries(p.RetryAttempts, p.MaximumEventAge, &bad)
	check.Topic("AlarmTopic", p.AlarmTopic, &bad)
	checkPhysicalName("ScheduleName", p.ScheduleName, &bad)
	return bad.Err()
}

// validateConstructs judges what only the CDK's objects tell.
func (p *ScheduleProps) validateConstructs() error {
	var bad invalid.Problems
	checkQueue(p.DeadLetterQueue, &bad)
	return bad.Err()
}

func (p *ScheduleProps) checkDates(bad *invalid.Problems) {
	if p.isOneTime() {
		checkNoDate("StartDate", p.StartDate, bad)
		checkNoDate("EndDate", p.EndDate, bad)
		return
	}
	if !p.StartDate.IsZero() && !p.EndDate.IsZero() && !p.StartDate.Before(p.EndDate) {
		bad.Add("StartDate", "must be before EndDate %s", p.EndDate.Format(time.RFC3339)).Got = p.StartDate.Format(time.RFC3339)
	}
}

func checkNoDate(field string, date time.Time, bad *invalid.Problems) {
	if !date.IsZero() {
		bad.Add(field, "must not be set together with an at expression, which starts once").Got = date.Format(time.RFC3339)
	}
}

func (p *ScheduleProps) isOneTime() bool { return strings.HasPrefix(p.ScheduleExpression, "at(") }

// notePastDates notes what EventBridge will refuse, or what will never happen. It is no error: a schedule that was right when it
// was deployed, and is deployed unchanged, stays right.
func (p *ScheduleProps) notePastDates(s *Schedule) {
	now := time.Now()
	if !p.StartDate.IsZero() && p.StartDate.Before(now) {
		annotate.Note(
			s, "StartDate "+p.StartDate.Format(time.RFC3339)+" has passed: EventBridge refuses to create or change the schedule; remove it",
		)
	}
	if !p.EndDate.IsZero() && p.EndDate.Before(now) {
		annotate.Note(s, "EndDate "+p.EndDate.Format(time.RFC3339)+" has passed: the schedule starts nothing anymore")
	}
	if p.isOneTime() && schedule.IsPast(p.ScheduleExpression, p.TimeZone, now) {
		annotate.Note(s, p.ScheduleExpression+" has passed: the schedule starts nothing anymore")
	}
}

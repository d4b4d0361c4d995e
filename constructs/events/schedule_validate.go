package events

import (
	"strings"
	"time"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/annotate"
	"awscontainers/internal/schedule"
)

func (p *ScheduleProps) setDefaults() {
	if p.TimeZone == "" {
		p.TimeZone = "UTC"
	}
	if p.RetryAttempts == nil {
		p.RetryAttempts = new(maxRetryAttempts)
	}
	if p.MaximumEventAge == 0 {
		p.MaximumEventAge = defaultEventAge
	}
}

func (p *ScheduleProps) validate() error {
	var bad invalid.Problems
	task := checkRun(p.Run, &bad)
	schedule.Check("ScheduleExpression", p.ScheduleExpression, &bad)
	schedule.CheckZone("TimeZone", p.TimeZone, &bad)
	if w := p.FlexibleTimeWindow; w != 0 && (w < leastWindow || w > mostWindow || w%time.Minute != 0) {
		bad.Add("FlexibleTimeWindow", "%v is out of range; use whole minutes from %v to %v, or leave it out", w, leastWindow, mostWindow)
	}
	p.validateDates(&bad)
	checkOverrides(p.ContainerOverrides, task, checkScheduled, &bad)
	checkRetries(p.RetryAttempts, p.MaximumEventAge, &bad)
	checkQueue(p.DeadLetterQueue, false, &bad)
	checkRuleName("ScheduleName", p.ScheduleName, &bad)
	return bad.Err()
}

func (p *ScheduleProps) validateDates(bad *invalid.Problems) {
	if p.once() {
		for _, d := range []struct {
			field string
			date  time.Time
		}{{"StartDate", p.StartDate}, {"EndDate", p.EndDate}} {
			if !d.date.IsZero() {
				bad.Add(d.field, "%s says nothing beside %q, which starts once; leave it out", d.date.Format(time.RFC3339), p.ScheduleExpression)
			}
		}
		return
	}
	if !p.StartDate.IsZero() && !p.EndDate.IsZero() && !p.StartDate.Before(p.EndDate) {
		bad.Add("StartDate", "%s is not before EndDate %s, so that nothing would ever start; let it be earlier", p.StartDate.Format(time.RFC3339), p.EndDate.Format(time.RFC3339))
	}
}

func (p *ScheduleProps) once() bool { return strings.HasPrefix(p.ScheduleExpression, "at(") }

// tellOfThePast says, where the CDK prints it, what EventBridge will refuse or what will never be. It is no error: what was right when it
// was deployed, and is deployed unchanged, stays right.
func (p *ScheduleProps) tellOfThePast(s *Schedule) {
	tell := func(text string) { annotate.Note(s, text) }
	today := time.Now()
	if !p.StartDate.IsZero() && p.StartDate.Before(today) {
		tell("StartDate " + p.StartDate.Format(time.RFC3339) + " has passed: EventBridge takes no such schedule, new or changed. Leave it out")
	}
	if !p.EndDate.IsZero() && p.EndDate.Before(today) {
		tell("EndDate " + p.EndDate.Format(time.RFC3339) + " has passed: nothing starts any more")
	}
	if p.once() && schedule.IsPast(p.ScheduleExpression, p.TimeZone, today) {
		tell(p.ScheduleExpression + " has passed: nothing starts any more")
	}
}

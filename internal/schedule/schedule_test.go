package schedule

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/invalid"
)

func TestCheck(t *testing.T) {
	for _, good := range []string{
		// Those of https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
		"cron(0 10 * * ? *)", "cron(15 12 * * ? *)", "cron(0 18 ? * MON-FRI *)", "cron(0 8 1 * ? *)", "cron(0/15 * * * ? *)",
		"cron(0/10 * ? * MON-FRI *)", "cron(0/5 8-17 ? * MON-FRI *)", "cron(0 9 ? * 2#1 *)", "cron(0 0 L * ? *)",
		"cron(0 0 3W * ? *)", "cron(0 0 LW * ? *)", "cron(0 9 ? * 6L 2027-2029)", "cron(*/5,59 * 1,15 JAN,JUL ? *)",
		"rate(1 minute)", "rate(12 hours)", "rate(7 days)", "at(2027-01-31T08:00:00)", "${Token[Schedule.1]}",
	} {
		assert.Empty(t, problem(Check, good), good)
	}
	for bad, want := range map[string]string{
		"":                 `is required: a schedule such as "cron(0 8 ? * MON-FRI *)", "rate(12 hours)" or "at(2027-01-31T08:00:00)"`,
		"0 8 * * ? *":      "must be a schedule such as",
		"*/5 * * * *":      "must be a cron expression of AWS, not of Unix: six fields",
		"0 8 * * MON":      "must be a cron expression of AWS, not of Unix: six fields",
		"rate(90 seconds)": `must be one minute or longer, such as "rate(1 minute)" or "rate(15 minutes)"; got "rate(90 seconds)"`,
		"Rate(5 minutes)":  `must begin with cron, rate or at, in lower case; got "Rate(5 minutes)"`,
		"cron(0 8 * * ? *": "must be a schedule such as",
		"every(1 day)":     "must begin with cron, rate or at, in lower case",
		"cron(0 8 * * *)": `must have six fields in cron: minute hour day-of-month month day-of-week year, ` +
			`such as "cron(0 7 ? * MON-FRI *)"; got "cron(0 8 * * *)"`,
		"cron(0 8 * * * *)":             `must have ? in exactly one of the day-of-month and day-of-week fields; got "cron(0 8 * * * *)"`,
		"cron(0 8 ? * ? *)":             "must have ? in exactly one of the day-of-month",
		"cron(60 8 * * ? *)":            `must have 0 to 59 in the minute field, with , - * /; got "cron(60 8 * * ? *)"`,
		"cron(0 24 * * ? *)":            "must have 0 to 23 in the hour field",
		"cron(0 8 0 * ? *)":             "must have 1 to 31 in the day-of-month field, with , - * / ? L W;",
		"cron(0 8 * FEBRUARY ? *)":      "must have 1 to 12 or JAN to DEC in the month field",
		"cron(0 8 ? * MONDAY *)":        "must have 1 to 7 or SUN to SAT in the day-of-week field, with , - * / ? L #;",
		"cron(0 8 ? * 8 *)":             "in the day-of-week field",
		"cron(0 8 ? * FRI-MON *)":       "in the day-of-week field",
		"cron(0 8 ? * MON#6 *)":         "in the day-of-week field",
		"cron(0 8 ? * XYZ#1 *)":         "in the day-of-week field",
		"cron(0 8 40W * ? *)":           "in the day-of-month field",
		"cron(0/0 8 * * ? *)":           "in the minute field",
		"cron(? 8 * * ? *)":             "in the minute field",
		"cron(0 8 * * ? 1969)":          "must have 1970 to 2199 in the year field",
		"rate(1 minutes)":               `must have the singular with 1 and the plural otherwise, as in "rate(1 minute)" and "rate(2 minutes)"`,
		"rate(2 hour)":                  "must have the singular with 1 and the plural otherwise",
		"rate(0 hours)":                 "must be one minute or longer",
		"rate(often)":                   `must be a rate such as "rate(1 hour)" or "rate(15 minutes)"`,
		"at(2027-02-30T08:00:00)":       `must be a point in time such as "at(2027-01-31T08:00:00)"`,
		"at(2027-01-31 08:00)":          "must be a point in time",
		"cron(0 8 1,, * ? *)":           "in the day-of-month field",
		"cron(0 8 1 * ? 2027-2026)":     "in the year field",
		"cron(5-1 8 1 * ? *)":           "in the minute field",
		"cron(a 8 1 * ? *)":             "in the minute field",
		"cron(0 8 ? * MON-FRI * extra)": "must have six fields in cron",
	} {
		got := problem(Check, bad)
		assert.Contains(t, got, want, bad)
		assert.Contains(t, got, "When ", bad)
	}
}

func TestCheckZone(t *testing.T) {
	for _, good := range []string{"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+9", "${Token[Zone.1]}"} {
		assert.Empty(t, problem(CheckZone, good), good)
	}
	for _, bad := range []string{"", "Local", "Berlin", "Europe/Bonn", "GMT+25", "../etc/passwd"} {
		assert.Contains(t, problem(CheckZone, bad),
			`When must be a time zone of the IANA database such as "Europe/Berlin" or "UTC"; got "`+bad+`"`, bad)
	}
}

// problem gives what a check says about a value of the field "When".
func problem(check func(string, string, *invalid.Problems), value string) string {
	var bad invalid.Problems
	check("When", value, &bad)
	if err := bad.Err(); err != nil {
		return err.Error()
	}
	return ""
}

package schedule

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCheck(t *testing.T) {
	for _, good := range []string{
		// Those of https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
		"cron(0 10 * * ? *)", "cron(15 12 * * ? *)", "cron(0 18 ? * MON-FRI *)", "cron(0 8 1 * ? *)", "cron(0/15 * * * ? *)",
		"cron(0/10 * ? * MON-FRI *)", "cron(0/5 8-17 ? * MON-FRI *)", "cron(0 9 ? * 2#1 *)", "cron(0 0 L * ? *)",
		"cron(0 0 3W * ? *)", "cron(0 0 LW * ? *)", "cron(0 9 ? * 6L 2027-2029)", "cron(*/5,59 * 1,15 JAN,JUL ? *)",
		"rate(1 minute)", "rate(12 hours)", "rate(7 days)", "at(2027-01-31T08:00:00)", "${Token[Schedule.1]}",
	} {
		assert.Empty(t, Check(good), good)
	}
	for bad, want := range map[string]string{
		"":                              "is no schedule",
		"0 8 * * ? *":                   "is no schedule",
		"*/5 * * * *":                   "is cron as Unix has it",
		"0 8 * * MON":                   "is cron as Unix has it",
		"rate(90 seconds)":              "the least is a minute",
		"Rate(5 minutes)":               `begins with "Rate"`,
		"cron(0 8 * * ? *":              "is no schedule",
		"every(1 day)":                  `begins with "every"; use cron, rate or at, in small letters`,
		"cron(0 8 * * *)":               "has 5 fields; cron takes six",
		"cron(0 8 * * * *)":             `has day-of-month "*" and day-of-week "*"; exactly one of them must be ?`,
		"cron(0 8 ? * ? *)":             `has day-of-month "?" and day-of-week "?"; exactly one of them must be ?`,
		"cron(60 8 * * ? *)":            `has minute "60"; use 0 to 59`,
		"cron(0 24 * * ? *)":            `has hour "24"; use 0 to 23`,
		"cron(0 8 0 * ? *)":             `has day-of-month "0"; use 1 to 31`,
		"cron(0 8 * FEBRUARY ? *)":      `has month "FEBRUARY"`,
		"cron(0 8 ? * MONDAY *)":        `has day-of-week "MONDAY"`,
		"cron(0 8 ? * 8 *)":             `has day-of-week "8"`,
		"cron(0 8 ? * FRI-MON *)":       `has day-of-week "FRI-MON"`,
		"cron(0 8 ? * MON#6 *)":         `has day-of-week "MON#6"`,
		"cron(0 8 ? * XYZ#1 *)":         `has day-of-week "XYZ#1"`,
		"cron(0 8 40W * ? *)":           `has day-of-month "40W"`,
		"cron(0/0 8 * * ? *)":           `has minute "0/0"`,
		"cron(? 8 * * ? *)":             `has minute "?"`,
		"cron(0 8 * * ? 1969)":          `has year "1969"; use 1970 to 2199`,
		"rate(1 minutes)":               `one takes the singular, more the plural; write it as "rate(1 minute)" or "rate(2 minutes)"`,
		"rate(2 hour)":                  "is no rate",
		"rate(0 hours)":                 "the least is a minute",
		"at(2027-02-30T08:00:00)":       "is no point in time",
		"at(2027-01-31 08:00)":          "is no point in time",
		"cron(0 8 1,, * ? *)":           `has day-of-month "1,,"`,
		"cron(0 8 1 * ? 2027-2026)":     `has year "2027-2026"`,
		"cron(5-1 8 1 * ? *)":           `has minute "5-1"`,
		"cron(a 8 1 * ? *)":             `has minute "a"`,
		"cron(0 8 ? * MON-FRI * extra)": "has 7 fields",
	} {
		assert.Contains(t, Check(bad), want, bad)
	}
}

func TestCheckZone(t *testing.T) {
	for _, good := range []string{"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+9", "${Token[Zone.1]}"} {
		assert.Empty(t, CheckZone(good), good)
	}
	for _, bad := range []string{"", "Local", "Berlin", "Europe/Bonn", "GMT+25", "../etc/passwd"} {
		assert.Contains(t, CheckZone(bad), "is no time zone", bad)
	}
}

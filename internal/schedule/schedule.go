// Package schedule tells what is wrong with the times that AWS schedules by: cron(...), rate(...) and at(...) expressions
// and time zones.
package schedule

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"awscontainers/constructs/invalid"
)

// Check says what is wrong with an expression, as the rest of a sentence that begins with it, or nothing.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
func Check(expression string) string {
	kind, arguments, ok := strings.Cut(strings.TrimSuffix(expression, ")"), "(")
	switch {
	case invalid.IsToken(expression):
		return ""
	case unixCron.MatchString(expression):
		return `is cron as Unix has it; AWS's has six fields, of which one of the days is ?, and counts days of the week from 1, Sunday: "cron(0/5 * * * ? *)", "cron(0 8 ? * MON-FRI *)"`
	case !ok || !strings.HasSuffix(expression, ")"):
		return `is no schedule; write it as "cron(0 8 ? * MON-FRI *)", "rate(12 hours)" or "at(2027-01-31T08:00:00)"`
	}
	switch kind {
	case "cron":
		return checkCron(arguments)
	case "rate":
		return checkRate(arguments)
	case "at":
		if _, err := time.Parse("2006-01-02T15:04:05", arguments); err != nil {
			return `is no point in time; write it as "at(2027-01-31T08:00:00)"`
		}
		return ""
	default:
		return fmt.Sprintf("begins with %q; use cron, rate or at, in small letters", kind)
	}
}

// unixCron is five fields, and no brackets.
var unixCron = regexp.MustCompile(`^[0-9*/,-]+( [0-9A-Za-z*/,-]+){4}$`)

// CheckZone says what is wrong with a time zone, or nothing.
// https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
func CheckZone(name string) string {
	if invalid.IsToken(name) {
		return ""
	}
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return `is no time zone of the IANA database; write it as "Europe/Berlin" or "UTC"`
	}
	return ""
}

// Past tells whether an at(...) expression in a time zone surely lies before a moment.
func Past(expression, zone string, moment time.Time) bool {
	location, err := time.LoadLocation(zone)
	if err != nil {
		return false
	}
	at, err := time.ParseInLocation("at(2006-01-02T15:04:05)", expression, location)
	return err == nil && at.Before(moment)
}

// field is one of the six parts of a cron expression.
type field struct {
	name        string
	least, most int
	names       []string // that stand for least and the numbers after it
	special     string   // what stands beside numbers, names, "," "-" "*" and "/"
}

var fields = []field{
	{name: "minute", most: 59},
	{name: "hour", most: 23},
	{name: "day-of-month", least: 1, most: 31, special: "?LW"},
	{name: "month", least: 1, most: 12, names: strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")},
	{name: "day-of-week", least: 1, most: 7, names: strings.Fields("SUN MON TUE WED THU FRI SAT"), special: "?L#"},
	{name: "year", least: 1970, most: 2199},
}

func checkCron(arguments string) string {
	parts := strings.Fields(arguments)
	if len(parts) != len(fields) {
		return fmt.Sprintf(`has %d fields; cron takes six: minute hour day-of-month month day-of-week year, such as "cron(0 7 ? * MON-FRI *)"`, len(parts))
	}
	for i, f := range fields {
		if !f.takes(parts[i]) {
			return fmt.Sprintf("has %s %q; use %s, with , - * and /%s", f.name, parts[i], f.values(), f.specials())
		}
	}
	if (parts[2] == "?") == (parts[4] == "?") {
		return fmt.Sprintf("has day-of-month %q and day-of-week %q; exactly one of them must be ?", parts[2], parts[4])
	}
	return ""
}

func (f field) values() string {
	values := fmt.Sprintf("%d to %d", f.least, f.most)
	if len(f.names) > 0 {
		values += fmt.Sprintf(" or %s to %s", f.names[0], f.names[len(f.names)-1])
	}
	return values
}

func (f field) specials() string {
	if f.special == "" {
		return ""
	}
	return " or " + strings.Join(strings.Split(f.special, ""), " ")
}

func (f field) takes(part string) bool {
	if part == "?" {
		return strings.Contains(f.special, "?")
	}
	for _, item := range strings.Split(part, ",") {
		if !f.takesItem(item) {
			return false
		}
	}
	return true
}

var (
	weekday = regexp.MustCompile(`^(L|LW|\d{1,2}W)$`)        // of a month
	nth     = regexp.MustCompile(`^([1-7]|[A-Z]{3})#[1-5]$`) // of a week's day
	last    = regexp.MustCompile(`^([1-7]|[A-Z]{3})?L$`)
)

// takesItem takes "*", "5", "MON", "1-5", "*/15" and "0/15", and what a day may be besides.
func (f field) takesItem(item string) bool {
	switch {
	case strings.Contains(f.special, "W") && weekday.MatchString(item):
		day, _, found := strings.Cut(item, "W")
		return !found || day == "L" || f.number(day) >= 0
	case strings.Contains(f.special, "#") && (nth.MatchString(item) || last.MatchString(item)):
		day := strings.TrimRight(strings.SplitN(item, "#", 2)[0], "L")
		return day == "" || f.number(day) >= 0
	}
	values, step, stepped := strings.Cut(item, "/")
	if n, err := strconv.Atoi(step); stepped && (err != nil || n < 1 || n > f.most) {
		return false
	}
	if values == "*" {
		return true
	}
	from, to, isRange := strings.Cut(values, "-")
	return f.number(from) >= 0 && (!isRange || f.number(to) >= f.number(from))
}

// number is what a number or a name stands for, -1 for neither.
func (f field) number(text string) int {
	if i := slices.Index(f.names, text); i >= 0 {
		return f.least + i
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < f.least || n > f.most {
		return -1
	}
	return n
}

var rate = regexp.MustCompile(`^([1-9]\d*) (minute|hour|day)(s?)$`)

func checkRate(arguments string) string {
	if m := rate.FindStringSubmatch(arguments); m != nil {
		if (m[1] == "1") == (m[3] == "") {
			return ""
		}
		return fmt.Sprintf(`is no rate: one takes the singular, more the plural; write it as "rate(1 %s)" or "rate(2 %ss)"`, m[2], m[2])
	}
	if strings.HasPrefix(arguments, "0") || strings.Contains(arguments, "second") {
		return `is no rate: the least is a minute; write it as "rate(1 minute)" or "rate(15 minutes)"`
	}
	return `is no rate; write it as "rate(1 hour)" or "rate(15 minutes)"`
}

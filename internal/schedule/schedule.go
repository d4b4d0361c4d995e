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

// examples shows the three forms.
const examples = `"cron(0 8 ? * MON-FRI *)", "rate(12 hours)" or "at(2027-01-31T08:00:00)"`

// Check refuses what is not a schedule expression of Amazon EventBridge Scheduler or Application Auto Scaling.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
func Check(at, expression string, bad *invalid.Problems) {
	if expression == "" {
		bad.Add(at, "is required: a schedule such as %s", examples)
		return
	}
	if wanted := wanted(expression); wanted != "" {
		bad.Add(at, "%s", wanted).Given(expression)
	}
}

// wanted says what an expression must be, or nothing if it is fine.
func wanted(expression string) string {
	kind, arguments, ok := strings.Cut(strings.TrimSuffix(expression, ")"), "(")
	switch {
	case invalid.IsToken(expression):
		return ""
	case unixCron.MatchString(expression):
		return `must be a cron expression of AWS, not of Unix: six fields, ? in one of the two day fields, days of the week from 1 for Sunday, ` +
			`such as "cron(0/5 * * * ? *)" or "cron(0 8 ? * MON-FRI *)"`
	case !ok || !strings.HasSuffix(expression, ")"):
		return "must be a schedule such as " + examples
	}
	switch kind {
	case "cron":
		return wantedCron(arguments)
	case "rate":
		return wantedRate(arguments)
	case "at":
		if _, err := time.Parse("2006-01-02T15:04:05", arguments); err != nil {
			return `must be a point in time such as "at(2027-01-31T08:00:00)"`
		}
		return ""
	default:
		return "must begin with cron, rate or at, in lower case"
	}
}

// unixCron matches five fields without brackets.
var unixCron = regexp.MustCompile(`^[0-9*/,-]+( [0-9A-Za-z*/,-]+){4}$`)

// CheckZone refuses what is not a time zone.
// https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
func CheckZone(at, name string, bad *invalid.Problems) {
	if invalid.IsToken(name) {
		return
	}
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		bad.Add(at, `must be a time zone of the IANA database such as "Europe/Berlin" or "UTC"`).Given(name)
	}
}

// IsPast reports whether an at(...) expression in a time zone surely lies before a moment.
func IsPast(expression, zone string, moment time.Time) bool {
	location, err := time.LoadLocation(zone)
	if err != nil {
		return false
	}
	at, err := time.ParseInLocation("at(2006-01-02T15:04:05)", expression, location)
	return err == nil && at.Before(moment)
}

// field is one of the six parts of a cron expression.
type field struct {
	name     string
	min, max int
	names    []string // that stand for min and the numbers after it
	special  string   // the characters allowed in addition to numbers, names, "," "-" "*" and "/"
}

var fields = []field{
	{name: "minute", max: 59},
	{name: "hour", max: 23},
	{name: "day-of-month", min: 1, max: 31, special: "?LW"},
	{name: "month", min: 1, max: 12, names: strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")},
	{name: "day-of-week", min: 1, max: 7, names: strings.Fields("SUN MON TUE WED THU FRI SAT"), special: "?L#"},
	{name: "year", min: 1970, max: 2199},
}

func wantedCron(arguments string) string {
	parts := strings.Fields(arguments)
	if len(parts) != len(fields) {
		return `must have six fields in cron: minute hour day-of-month month day-of-week year, such as "cron(0 7 ? * MON-FRI *)"`
	}
	for i, f := range fields {
		if !f.isValid(parts[i]) {
			return fmt.Sprintf("must have %s in the %s field, with , - * /%s", f.values(), f.name, f.specials())
		}
	}
	if (parts[2] == "?") == (parts[4] == "?") {
		return "must have ? in exactly one of the day-of-month and day-of-week fields"
	}
	return ""
}

func (f field) values() string {
	values := fmt.Sprintf("%d to %d", f.min, f.max)
	if len(f.names) > 0 {
		values += fmt.Sprintf(" or %s to %s", f.names[0], f.names[len(f.names)-1])
	}
	return values
}

func (f field) specials() string {
	if f.special == "" {
		return ""
	}
	return " " + strings.Join(strings.Split(f.special, ""), " ")
}

func (f field) isValid(part string) bool {
	if part == "?" {
		return strings.Contains(f.special, "?")
	}
	for _, item := range strings.Split(part, ",") {
		if !f.isItem(item) {
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

// isItem reports whether an item is valid: "*", "5", "MON", "1-5", "*/15" and "0/15", and what a day may be besides.
func (f field) isItem(item string) bool {
	switch {
	case strings.Contains(f.special, "W") && weekday.MatchString(item):
		day, _, found := strings.Cut(item, "W")
		return !found || day == "L" || f.number(day) >= 0
	case strings.Contains(f.special, "#") && (nth.MatchString(item) || last.MatchString(item)):
		day := strings.TrimRight(strings.SplitN(item, "#", 2)[0], "L")
		return day == "" || f.number(day) >= 0
	}
	values, step, stepped := strings.Cut(item, "/")
	if n, err := strconv.Atoi(step); stepped && (err != nil || n < 1 || n > f.max) {
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
		return f.min + i
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < f.min || n > f.max {
		return -1
	}
	return n
}

var rate = regexp.MustCompile(`^([1-9]\d*) (minute|hour|day)(s?)$`)

func wantedRate(arguments string) string {
	if m := rate.FindStringSubmatch(arguments); m != nil {
		if (m[1] == "1") == (m[3] == "") {
			return ""
		}
		return fmt.Sprintf(`must have the singular with 1 and the plural otherwise, as in "rate(1 %s)" and "rate(2 %ss)"`, m[2], m[2])
	}
	if strings.HasPrefix(arguments, "0") || strings.Contains(arguments, "second") {
		return `must be one minute or longer, such as "rate(1 minute)" or "rate(15 minutes)"`
	}
	return `must be a rate such as "rate(1 hour)" or "rate(15 minutes)"`
}

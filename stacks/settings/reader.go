package settings

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/nearest"
)

// reader reads keys from a context, remembers which it was asked for, and collects what is wrong.
type reader struct {
	values map[string]any // what is set, by whole keys
	keys   []Key
	props  map[string]map[string]string // the keys of a stack by the fields that they set
	bad    invalid.Problems
	asked  []string // patterns of the stacks that the command asks for; nil for all

	// What all stacks have in common.
	account, region, vpcId string
	zones                  []string // of new VPCs; nil leaves them to CloudFormation
	runtimeMonitoring      bool     // of tasks on Fargate
	protectAll             bool     // the default of each stack's protect
	profile                profile
	// The stack whose keys are being read, and what there is to say about it.
	stack       string
	annotations []annotation
}

// flatten gives every key its whole name, those in an object of a stack too.
func (r *reader) flatten(context map[string]any) {
	r.values = map[string]any{}
	for name, value := range context {
		value = parsed(unwrapped(value))
		switch object, isObject := value.(map[string]any); {
		case value == nil, isCdkKey(name):
		case slices.Contains(Names(), name) && isObject:
			for below, v := range object {
				if _, isDotted := context[name+"."+below]; !isDotted {
					r.values[name+"."+below] = v
				}
			}
		case slices.Contains(Names(), name):
			r.refuse(name, value, "must be an object").Advise(`write {"image": "..."} in cdk.json or -c %s.image=...`, name)
		default:
			r.values[name] = value
		}
	}
}

// unwrapped returns an object as it was given to AppProps.Context: jsii gives it back in one with a single key.
func unwrapped(value any) any {
	if object, isObject := value.(map[string]any); isObject && len(object) == 1 && object["$jsii.map"] != nil {
		return object["$jsii.map"]
	}
	return value
}

// parsed returns an array or object that -c gives as JSON, as cdk.json would give it. Other texts stay as they are.
func parsed(value any) any {
	var nested any
	text, isText := value.(string)
	if isText && json.Unmarshal([]byte(text), &nested) == nil && isNested(nested) && nested != nil {
		return nested
	}
	return value
}

// written returns a value as the user wrote it: fmt.Sprint writes 111122223333, a number in cdk.json, with an exponent.
func written(value any) string {
	if number, isNumber := value.(float64); isNumber {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// isCdkKey reports whether a key is one of the CDK or its CLI: a feature flag, a look-up, a path. "FargateWeb:image" is a mistake.
func isCdkKey(name string) bool {
	if name == "cli-telemetry" || name == "acknowledged-issue-numbers" || strings.HasPrefix(name, "@") {
		return true
	}
	stack, _, hasColon := strings.Cut(name, ":")
	return hasColon && nearest.Of(stack, Names()) == ""
}

// begin makes the keys that are read next those of a stack.
func (r *reader) begin(stack string) { r.stack, r.annotations = stack, nil }

// env returns the account and Region of the stacks, or nil if they are open.
func (r *reader) env() *awscdk.Environment {
	if r.account == "" {
		return nil
	}
	return &awscdk.Environment{Account: &r.account, Region: &r.region}
}

// note says something about the stack that is being read.
func (r *reader) note(text string) { r.annotations = append(r.annotations, annotation{text: text}) }

// warn says something about it that fails a strict synth until it is acknowledged by its id.
func (r *reader) warn(id, text string) { r.annotations = append(r.annotations, annotation{id, text}) }

// whole is the key as the user types it.
func (r *reader) whole(name string) string {
	if r.stack == "" {
		return name
	}
	return r.stack + "." + name
}

// declare records a key and returns its whole name and its value, which is nil unless it is set.
func (r *reader) declare(k key, kind string) (name string, value any) {
	name = r.whole(k.Name)
	r.keys = append(r.keys, Key{name, kind, k.Default, k.Doc})
	if r.props == nil {
		r.props = map[string]map[string]string{}
	}
	if r.props[r.stack] == nil {
		r.props[r.stack] = map[string]string{}
	}
	r.props[r.stack][k.prop()] = k.Name
	return name, r.values[name]
}

// read records a key as declare does. It refuses an empty value, and gives nil for it.
func (r *reader) read(k key, kind string) (name string, value any) {
	name, value = r.declare(k, kind)
	if text, isText := value.(string); isText && strings.TrimSpace(text) == "" {
		r.refuseEmpty(name, k)
		return name, nil
	}
	return name, value
}

// text reads a string. A refused value gives the default, which is not checked.
func (r *reader) text(k key) string { return r.textOf(k, "string") }

func (r *reader) textOf(k key, kind string) string {
	name, value := r.read(k, kind)
	switch text, isText := value.(string); {
	case value == nil:
	case !isText:
		r.refuseType(name, value, "must be a string")
	case r.accepts(name, text, k.Check):
		return text
	}
	return k.Default
}

// choice reads one of some strings.
func (r *reader) choice(k key, values ...string) string {
	k.Check = oneOf(values...)
	return r.textOf(k, "one of "+strings.Join(values, ", "))
}

// choice is reader.choice for values of a type of their own.
func choice[T ~string](r *reader, k key, values ...T) T {
	return T(r.choice(k, plain(values)...))
}

// choices reads a list of some strings.
func choices[T ~string](r *reader, k key, values ...T) (chosen []T) {
	k.Check = oneOf(values...)
	for _, item := range r.listOf(k, "list of "+strings.Join(plain(values), ", ")) {
		chosen = append(chosen, T(item))
	}
	return chosen
}

// integer reads an integer: a string, as -c gives it, or a number, as cdk.json may. It returns 0 for a key that is not set and has
// no default.
func (r *reader) integer(k key, minimum, maximum int) int {
	name, value := r.read(k, fmt.Sprintf("integer from %d to %d", minimum, maximum))
	byDefault, _ := strconv.Atoi(k.Default) // 0 for none
	if value == nil {
		return byDefault
	}
	n, err := strconv.Atoi(written(value))
	if err != nil || n < minimum || n > maximum {
		problem := r.refuse(name, value, "must be an integer from %d to %d", minimum, maximum)
		if err == nil {
			problem.Given(n)
		}
		return byDefault
	}
	return n
}

// flag reads true or false: a string, as -c gives it, or a boolean, as cdk.json may. It is false unless it is set.
func (r *reader) flag(k key) bool {
	k.Default = "false"
	return r.flagOr(k, false)
}

// flagOr is flag with another value for a key that is not set.
func (r *reader) flagOr(k key, byDefault bool) bool {
	name, value := r.read(k, "true or false")
	switch fmt.Sprint(value) {
	case "true":
		return true
	case "false":
		return false
	case fmt.Sprint(nil):
	default:
		r.refuse(name, value, "must be true or false")
	}
	return byDefault
}

// date reads a point in time; the zero time if it is not set.
func (r *reader) date(k key) time.Time {
	k.Check = func(field, value string, bad *invalid.Problems) {
		if _, err := time.Parse(time.RFC3339, value); err != nil {
			bad.Add(field, `must be a point in time such as "2027-01-31T00:00:00Z"`).Given(value)
		}
	}
	date, _ := time.Parse(time.RFC3339, r.textOf(k, "point in time")) // refused above
	return date
}

// list reads strings: one with commas, as -c gives it, or an array, as cdk.json may. It gives those that are accepted, or the
// default if there are none.
func (r *reader) list(k key) []string { return r.listOf(k, "list of strings") }

func (r *reader) listOf(k key, kind string) (accepted []string) {
	name, value := r.read(k, kind)
	items := r.items(name, value, k)
	for i, item := range items {
		if slices.Index(items, item) < i {
			r.bad.Add(name, "must not repeat an item").Given(item)
		} else if r.accepts(name, item, k.Check) {
			accepted = append(accepted, item)
		}
	}
	if len(accepted) == 0 {
		return splitList(k.Default)
	}
	return accepted
}

// items gives the items of a list that is set, but for those that are none.
func (r *reader) items(name string, value any, k key) (items []string) {
	const wanted = "must be a string with commas or an array of strings"
	switch given := value.(type) {
	case nil:
		return nil
	case string:
		items = splitList(given)
	case []any:
		if slices.ContainsFunc(given, isNested) {
			r.refuse(name, value, wanted)
			return nil
		}
		for _, v := range given {
			items = append(items, strings.TrimSpace(written(v)))
		}
		if len(items) == 0 {
			r.refuseEmpty(name, k)
		}
	default:
		r.refuse(name, value, wanted)
		return nil
	}
	if slices.Contains(items, "") {
		r.refuse(name, value, "must not have an empty item")
		items = slices.DeleteFunc(items, func(item string) bool { return item == "" })
	}
	return items
}

func splitList(text string) (items []string) {
	if text == "" {
		return nil
	}
	for item := range strings.SplitSeq(text, ",") {
		items = append(items, strings.TrimSpace(item))
	}
	return items
}

// alarmEmails reads the address that alarms go to; nil if it is not set.
func (r *reader) alarmEmails(doc string) []string {
	if email := r.text(key{Name: "alarmEmail", Doc: doc, Prop: "AlarmEmails", Check: check.Email}); email != "" {
		return []string{email}
	}
	return nil
}

// taskAlarmEmails is alarmEmails for a task that somebody else starts and that has nobody who waits for it. Where there are no alarms, it
// says that a failure is not told at all: the dead-letter queue holds only what could not be started.
func (r *reader) taskAlarmEmails() []string {
	emails := r.alarmEmails(taskAlarmsDoc)
	if !r.profile.alarms && len(emails) == 0 {
		r.note("Nobody is notified of tasks that fail, and no event of them is kept; set " + r.whole("alarmEmail"))
	}
	return emails
}

// protect reads whether the stack is protected from deletion. Nothing is from birth, not even in prod: CloudFormation could not roll
// a failed first deployment back, and the CLI could not delete what is left of it.
func (r *reader) protect() bool {
	return r.flagOr(key{Name: "protect", Doc: "`protect` for this stack only. Default: what `protect` says"}, r.protectAll)
}

// requires refuses a key that means nothing without another key.
func (r *reader) requires(name, other string) {
	if r.isSet(name) && !r.isSet(other) {
		name, other = r.whole(name), r.whole(other)
		r.bad.Add(name, "requires %s", other).Advise("set %s or remove %s", other, name)
	}
}

func (r *reader) isSet(name string) bool { return r.values[r.whole(name)] != nil }

// accepts reports whether a text has a form, and otherwise refuses it.
func (r *reader) accepts(name, value string, isOf form) bool {
	var bad invalid.Problems
	if invalid.IsToken(value) {
		bad.Add(name, "must not contain a CDK token").Given(value)
	} else if isOf != nil {
		isOf(name, value, &bad)
	}
	for i := range bad {
		bad[i].Field = name
	}
	r.bad = append(r.bad, bad...)
	return len(bad) == 0
}

// refuse adds a problem with a value: an object or array as JSON writes it.
func (r *reader) refuse(name string, value any, wanted string, args ...any) *invalid.Problem {
	problem := r.bad.Add(name, wanted, args...).Given(value)
	if text, err := json.Marshal(value); err == nil && isNested(value) {
		problem.Got = string(text)
	} else if _, isText := value.(string); !isText {
		problem.Got = written(value)
	}
	return problem
}

// refuseType refuses a value that is no string, which quotes make one unless it is nested.
func (r *reader) refuseType(name string, value any, wanted string) {
	if problem := r.refuse(name, value, "%s", wanted); !isNested(value) {
		problem.Advise("write it in quotes")
	}
}

// isNested reports whether a value is an object, an array or null.
func isNested(value any) bool {
	switch value.(type) {
	case nil, map[string]any, []any:
		return true
	default:
		return false
	}
}

func (r *reader) refuseEmpty(name string, k key) {
	problem := r.bad.Add(name, "must not be empty")
	if k.Default == "" {
		problem.Advise("remove it for none")
	} else {
		problem.Advise("remove it for the default, %s", k.Default)
	}
}

// tags reads tags: names with values.
func (r *reader) tags(k key) map[string]string {
	tags := r.pairs(k)
	for _, tag := range slices.Sorted(maps.Keys(tags)) {
		r.checkTag(r.whole(k.Name), tag, tags[tag])
	}
	return tags
}

// pairs reads names with values: "a=b,c=d", as -c gives it, or an object of strings, as cdk.json may. A value may have = in it, and in
// an object also commas.
func (r *reader) pairs(k key) map[string]string {
	name, value := r.read(k, "names with values")
	pairs := map[string]string{}
	switch given := value.(type) {
	case nil:
		return nil
	case string:
		for _, pair := range splitList(given) {
			r.addPair(name, pair, pairs)
		}
	case map[string]any:
		if len(given) == 0 {
			r.refuseEmpty(name, k)
		}
		for below, v := range given {
			if text, isText := v.(string); isText {
				pairs[below] = text
			} else {
				r.refuseType(name+"."+below, v, "must be a string")
			}
		}
	default:
		r.refuse(name, value, "must be name=value pairs or an object of strings")
	}
	maps.DeleteFunc(pairs, func(below, text string) bool { return !r.accepts(name+"."+below, text, nil) })
	return pairs
}

func (r *reader) addPair(name, pair string, pairs map[string]string) {
	below, value, isPair := strings.Cut(pair, "=")
	below = strings.TrimSpace(below)
	_, isRepeated := pairs[below]
	switch {
	case !isPair:
		r.bad.Add(name, "must be name=value pairs").Given(pair).Advise("write values with commas in cdk.json")
	case isRepeated:
		r.bad.Add(name, "must not repeat a name").Given(below)
	default:
		pairs[below] = strings.TrimSpace(value)
	}
}

// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]*$`)

func (r *reader) checkTag(name, tag, value string) {
	if strings.HasPrefix(strings.ToLower(tag), "aws:") {
		r.bad.Add(name, "must not begin with aws:, which AWS reserves").Given(tag)
	}
	if tag == "" || utf8.RuneCountInString(tag) > 128 || utf8.RuneCountInString(value) > 256 || !tagText.MatchString(tag+value) {
		r.bad.Add(name, "must have names of 1 to 128 and values of up to 256 letters, digits, spaces and _.:/=+-@").Given(tag + "=" + value)
	}
	for _, ours := range []string{projectTag, profileTag} {
		// IAM refuses two tags that differ only in case.
		if strings.EqualFold(tag, ours) && tag != ours {
			r.bad.Add(name, "must not differ only in case from %s, a tag of all stacks", ours).Given(tag).Advise("use %s or another name", ours)
		}
	}
}

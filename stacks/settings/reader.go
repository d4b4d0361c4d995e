package settings

import (
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
)

// reader reads keys from a context, remembers which it was asked for, and collects what is wrong.
type reader struct {
	values map[string]any // what is set, by whole keys
	keys   []Key
	props  map[string]map[string]string // the keys of a stack by the fields that they set
	bad    invalid.Problems

	// What all stacks have in common.
	account, region, vpcId string
	profile                profile
	// The stack whose keys are being read, and what there is to say about it.
	stack       string
	annotations []annotation
}

// flatten gives every key its whole name, those in an object of a stack too.
func (r *reader) flatten(context map[string]any) {
	r.values = map[string]any{}
	for name, value := range context {
		switch object, isObject := value.(map[string]any); {
		case value == nil, isCdkKey(name):
		case slices.Contains(Names(), name) && isObject:
			for below, v := range object {
				if _, isDotted := context[name+"."+below]; !isDotted {
					r.values[name+"."+below] = v
				}
			}
		case slices.Contains(Names(), name):
			r.bad.Add(name, "must be an object").Given(value).Advise(`write {"image": "..."} in cdk.json or -c %s.image=...`, name)
		default:
			r.values[name] = value
		}
	}
}

// isCdkKey reports whether a key is one of the CDK or its CLI: a feature flag, a look-up, a path. "FargateWeb/image" is a mistake.
func isCdkKey(name string) bool {
	isOfStack := slices.ContainsFunc(Names(), func(stack string) bool { return strings.HasPrefix(name, stack) })
	return strings.ContainsAny(name, ":/@") && !isOfStack || name == "cli-telemetry" || name == "acknowledged-issue-numbers"
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

// text reads a string. The default is not checked.
func (r *reader) text(k key) string { return r.textOf(k, "string") }

func (r *reader) textOf(k key, kind string) string {
	name, value := r.declare(k, kind)
	if value == nil {
		return k.Default
	}
	text, isText := value.(string)
	switch {
	case !isText:
		r.bad.Add(name, "must be a string").Given(value).Advise("write it in quotes")
	case text == "":
		r.refuseEmpty(name, k)
	default:
		r.check(name, text, k.Check)
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

func plain[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return texts
}

// integer reads an integer: a string, as -c gives it, or a number, as cdk.json may. It returns 0 for a key that is not set and has
// no default.
func (r *reader) integer(k key, minimum, maximum int) int {
	name, value := r.declare(k, fmt.Sprintf("integer from %d to %d", minimum, maximum))
	byDefault, _ := strconv.Atoi(k.Default) // 0 for none
	if value == nil {
		return byDefault
	}
	n, err := strconv.Atoi(fmt.Sprint(value))
	if err != nil || n < minimum || n > maximum {
		problem := r.bad.Add(name, "must be an integer from %d to %d", minimum, maximum).Given(value)
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
	name, value := r.declare(k, "true or false")
	switch fmt.Sprint(value) {
	case "true":
		return true
	case "false", fmt.Sprint(nil):
	default:
		r.bad.Add(name, "must be true or false").Given(value)
	}
	return false
}

// date reads a point in time; the zero time if it is not set.
func (r *reader) date(k key) time.Time {
	k.Check = form{func(value string) bool {
		_, err := time.Parse(time.RFC3339, value)
		return err == nil
	}, `a point in time such as "2027-01-31T00:00:00Z"`}
	date, _ := time.Parse(time.RFC3339, r.textOf(k, "point in time")) // refused above
	return date
}

// list reads strings: one with commas, as -c gives it, or an array, as cdk.json may.
func (r *reader) list(k key) []string { return r.listOf(k, "list of strings") }

func (r *reader) listOf(k key, kind string) []string {
	name, value := r.declare(k, kind)
	items := splitList(k.Default)
	switch given := value.(type) {
	case nil:
		return items
	case string:
		items = splitList(given)
	case []any:
		items = nil
		for _, v := range given {
			items = append(items, strings.TrimSpace(fmt.Sprint(v)))
		}
	default:
		r.bad.Add(name, "must be a string with commas or an array of strings").Given(value)
		return items
	}
	if len(items) == 0 {
		r.refuseEmpty(name, k)
	}
	for i, item := range items {
		r.check(name, item, k.Check)
		if slices.Index(items, item) < i {
			r.bad.Add(name, "must not repeat an item").Given(item)
		}
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
	if email := r.text(key{Name: "alarmEmail", Doc: doc, Prop: "AlarmEmails"}); email != "" {
		return []string{email}
	}
	return nil
}

// requires refuses a key that means nothing without another key.
func (r *reader) requires(name, other string) {
	if r.isSet(name) && !r.isSet(other) {
		name, other = r.whole(name), r.whole(other)
		r.bad.Add(name, "requires %s", other).Advise("set %s or remove %s", other, name)
	}
}

func (r *reader) isSet(name string) bool { return r.values[r.whole(name)] != nil }

func (r *reader) check(name, value string, f form) {
	if f.accepts != nil && !f.accepts(value) {
		r.bad.Add(name, "must be %s", f.wanted).Given(value)
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
	name, value := r.declare(k, "names with values")
	pairs := map[string]string{}
	switch given := value.(type) {
	case nil:
		return nil
	case string:
		if given == "" {
			r.refuseEmpty(name, k)
		}
		for _, pair := range splitList(given) {
			r.addPair(name, pair, pairs)
		}
	case map[string]any:
		if len(given) == 0 {
			r.refuseEmpty(name, k)
		}
		for below, v := range given {
			text, isText := v.(string)
			if !isText {
				r.bad.Add(name+"."+below, "must be a string").Given(v).Advise("write it in quotes")
			}
			pairs[below] = text
		}
	default:
		r.bad.Add(name, "must be name=value pairs or an object of strings").Given(value)
	}
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

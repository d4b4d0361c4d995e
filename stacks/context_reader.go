package stacks

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"awscontainers/constructs/invalid"
)

// reader reads keys from a flat map and remembers which it was asked for.
type reader struct {
	values map[string]any
	known  []ContextKey
	bad    invalid.Problems
}

// validator says what is wrong with a value, as the rest of a sentence that begins with it, or nothing.
type validator func(value string) string

func isOneOf(allowed ...string) validator {
	return func(value string) string {
		if slices.Contains(allowed, value) {
			return ""
		}
		return "is unknown; use " + oneOf(allowed)
	}
}

// oneOf is "a, b or c".
func oneOf(values []string) string {
	last := len(values) - 1
	if last < 1 {
		return strings.Join(values, "")
	}
	return strings.Join(values[:last], ", ") + " or " + values[last]
}

func fits(form func(string) bool, example string) validator {
	return func(value string) string {
		if form(value) {
			return ""
		}
		return "has not the right form; write it as " + example
	}
}

// text reads a string; the default is not checked.
func (r *reader) text(key, byDefault, meaning string, c validator) string {
	r.known = append(r.known, ContextKey{key, byDefault, meaning})
	value, given := r.values[key]
	if !given {
		return byDefault
	}
	text, isText := value.(string)
	if !isText {
		r.bad.Add(key, "%v is no string; write it in quotes", value)
		return byDefault
	}
	if text == "" {
		r.bad.Add(key, "is empty; leave it out for the default (%s)", orNone(byDefault))
		return byDefault
	}
	r.check(key, text, c)
	return text
}

// number reads a whole number from least to most: text, as -c gives it, or a number, as cdk.json may.
func (r *reader) number(key string, byDefault, least, most int, meaning string) int {
	r.known = append(r.known, ContextKey{key, strconv.Itoa(byDefault), meaning})
	value, given := r.values[key]
	if !given {
		return byDefault
	}
	n, err := strconv.Atoi(fmt.Sprint(value))
	if err != nil {
		r.bad.Add(key, "%v is no whole number; use %d to %d", value, least, most)
		return byDefault
	}
	if n < least || n > most {
		r.bad.Add(key, "%d is out of range; use %d to %d", n, least, most)
	}
	return n
}

// optionalNumber is number for a key without a default: 0 where it is not given.
func (r *reader) optionalNumber(key string, least, most int, meaning string) int {
	n := r.number(key, 0, least, most, meaning)
	r.known[len(r.known)-1].Default = ""
	return n
}

// date reads a point in time; the zero time where it is not given.
func (r *reader) date(key, meaning string) time.Time {
	text := r.text(key, "", meaning, func(value string) string {
		if _, err := time.Parse(time.RFC3339, value); err != nil {
			return "is no point in time; write it as 2027-01-31T00:00:00Z"
		}
		return ""
	})
	date, _ := time.Parse(time.RFC3339, text) // refused above
	return date
}

// flag reads true or false: text, as -c gives it, or a boolean, as cdk.json may.
func (r *reader) flag(key, meaning string) bool {
	r.known = append(r.known, ContextKey{key, "false", meaning})
	value, given := r.values[key]
	if !given {
		return false
	}
	switch fmt.Sprint(value) {
	case "true":
		return true
	case "false":
	default:
		r.bad.Add(key, "%q is neither true nor false; use one of them", fmt.Sprint(value))
	}
	return false
}

// belongs refuses a key that says something of another key's value, where that is not given.
func (r *reader) belongs(key, to string) {
	if _, given := r.values[key]; given && r.values[to] == nil {
		r.bad.Add(key, "says something of %s, which is not given; give that or leave this out", to)
	}
}

// list reads strings: one with commas, as -c gives it, or an array, as cdk.json may.
func (r *reader) list(key, byDefault, meaning string, c validator) []string {
	r.known = append(r.known, ContextKey{key, byDefault, meaning})
	var items []string
	if byDefault != "" {
		items = strings.Split(byDefault, ",")
	}
	switch value := r.values[key].(type) {
	case nil:
		return items
	case string:
		items = strings.Split(value, ",")
		if value == "" {
			items = nil
		}
	case []any:
		items = nil
		for _, v := range value {
			items = append(items, fmt.Sprint(v))
		}
	default:
		r.bad.Add(key, "%v is no list; write a string with commas or an array of strings", value)
		return items
	}
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	for i, item := range items {
		r.check(key, item, c)
		if slices.Index(items, item) < i {
			r.bad.Add(key, "name %q twice", item)
		}
	}
	if len(items) == 0 {
		r.bad.Add(key, "is empty; leave it out for the default (%s)", orNone(byDefault))
	}
	return items
}

// pairs reads names with values: "a=b,c=d", as -c gives it, or an object of strings, as cdk.json may.
func (r *reader) pairs(key, byDefault, meaning string) map[string]string {
	r.known = append(r.known, ContextKey{key, byDefault, meaning})
	pairs := map[string]string{}
	switch value := r.values[key].(type) {
	case nil:
	case string:
		if value == "" {
			r.bad.Add(key, "is empty; leave it out for the default (%s)", orNone(byDefault))
			return pairs
		}
		for _, pair := range strings.Split(value, ",") {
			name, v, ok := strings.Cut(pair, "=")
			if !ok {
				r.bad.Add(key, "%q is no pair; write name=value", pair)
				continue
			}
			pairs[strings.TrimSpace(name)] = strings.TrimSpace(v)
		}
	case map[string]any:
		for name, v := range value {
			text, isText := v.(string)
			if !isText {
				r.bad.Add(key+"."+name, "%v is no string; write it in quotes", v)
			}
			pairs[name] = text
		}
	default:
		r.bad.Add(key, "%v are no pairs; write name=value pairs or an object of strings", value)
	}
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		value := pairs[name]
		if strings.HasPrefix(strings.ToLower(name), "aws:") {
			r.bad.Add(key, "%q begins with aws:, which AWS keeps to itself; choose another name", name)
		}
		// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
		if name == "" || utf8.RuneCountInString(name) > 128 || utf8.RuneCountInString(value) > 256 || !tagText.MatchString(name+value) {
			r.bad.Add(key, "%q=%q is no tag; use a name of 1 to 128 and a value of up to 256 letters, digits, blanks and _.:/=+-@", name, value)
		}
		for _, ours := range []string{projectTag, profileTag} {
			// IAM takes no two tags that differ in case alone.
			if strings.EqualFold(name, ours) && name != ours {
				r.bad.Add(key, "%q is %q in other letters, which the stacks have; write it so or choose another name", name, ours)
			}
		}
	}
	return pairs
}

var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]*$`)

func (r *reader) check(key, value string, c validator) {
	if c == nil {
		return
	}
	if wrong := c(value); wrong != "" {
		r.bad.Add(key, "%q %s", value, wrong)
	}
}

// refuseUnknown names the keys that may have been meant: those of the stack that the key begins with, or else the app's own.
func (r *reader) refuseUnknown() {
	known := map[string][]string{} // by stack, "" for the app
	for _, k := range r.known {
		stack, _, ofStack := strings.Cut(k.Key, ".")
		if !ofStack {
			stack = ""
		}
		known[stack] = append(known[stack], k.Key)
	}
	own := strings.Join(known[""], ", ")
	for _, stack := range Names {
		own += ", " + stack + ".*"
	}
	for _, key := range slices.Sorted(maps.Keys(r.values)) {
		stack := key[:strings.IndexFunc(key+".", func(c rune) bool { return c == '.' || c == '/' })]
		switch {
		case slices.ContainsFunc(r.known, func(k ContextKey) bool { return k.Key == key }):
		case known[stack] != nil:
			r.bad.Add(key, "is unknown; known are %s", strings.Join(known[stack], ", "))
		default:
			r.bad.Add(key, "is unknown; known are %s", own)
		}
	}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

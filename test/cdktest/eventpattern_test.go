package cdktest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/test/cdktest"
)

// The examples of https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html and of
// eb-create-pattern.html there, with other values, and events that each must and must not match.
func TestTheMatcherFollowsTheDocumentation(t *testing.T) {
	for _, c := range []struct {
		name, pattern string
		yes, no       []string
	}{
		{"one value of a list", `{"state": ["stopped", "failed"]}`, []string{`{"state": "failed", "more": 1}`, `{"state": ["new", "stopped"]}`},
			[]string{`{"state": "Failed"}`, `{"state": ["new"]}`, `{"other": "failed"}`, `{"state": {"failed": 1}}`, `{"state": []}`}},
		{
			"all fields", `{"place": ["Bonn"], "day": ["Monday"]}`, []string{`{"place": "Bonn", "day": "Monday"}`},
			[]string{`{"place": "Bonn", "day": "Sunday"}`, `{"place": "Bonn"}`},
		},
		{
			"fields of fields", `{"detail": {"a": {"b": [1]}}}`, []string{`{"detail": {"a": {"b": 1}}}`},
			[]string{`{"detail": {"b": 1}}`, `{"detail": {"a": 1}}`, `{}`},
		},
		{"numbers by their spelling", `{"n": [300]}`, []string{`{"n": 300}`}, []string{`{"n": 300.0}`, `{"n": "300"}`, `{"n": 3.0e2}`}},
		{"null, empty and truth", `{"a": [null], "b": [""], "c": [true]}`, []string{`{"a": null, "b": "", "c": true}`},
			[]string{
				`{"b": "", "c": true}`, `{"a": "null", "b": "", "c": true}`, `{"a": null, "b": null, "c": true}`,
				`{"a": null, "b": "", "c": "true"}`,
			}},
		{
			"prefix", `{"time": [{"prefix": "2027-10-02"}]}`, []string{`{"time": "2027-10-02T18:43:48Z"}`},
			[]string{`{"time": "2027-10-03T18:43:48Z"}`, `{"time": 2027}`, `{}`},
		},
		{
			"prefix, ignoring case", `{"service": [{"prefix": {"equals-ignore-case": "eventb"}}]}`, []string{`{"service": "EventBridge"}`},
			[]string{`{"service": "AnEventBridge"}`},
		},
		{"suffix", `{"file": [{"suffix": ".png"}]}`, []string{`{"file": "a.png"}`}, []string{`{"file": "a.PNG"}`, `{"file": "a.png.txt"}`}},
		{
			"suffix, ignoring case", `{"file": [{"suffix": {"equals-ignore-case": ".png"}}]}`, []string{`{"file": "a.PnG"}`},
			[]string{`{"file": "png"}`},
		},
		{"equals, ignoring case", `{"name": [{"equals-ignore-case": "alice"}]}`, []string{`{"name": "ALICE"}`}, []string{`{"name": "alice b"}`}},
		{
			"anything but", `{"state": [{"anything-but": "initializing"}]}`, []string{`{"state": "running"}`, `{"state": 1}`},
			[]string{`{"state": "initializing"}`, `{}`},
		},
		{
			"anything but a number", `{"limit": [{"anything-but": 123}]}`, []string{`{"limit": 100}`, `{"limit": "123"}`},
			[]string{`{"limit": 123}`},
		},
		{
			"anything but several", `{"state": [{"anything-but": ["stopped", "overloaded"]}]}`, []string{`{"state": "running"}`},
			[]string{`{"state": "overloaded"}`},
		},
		{
			"anything but, of an array", `{"code": [{"anything-but": [0]}]}`, []string{`{"code": [0, 1]}`},
			[]string{`{"code": [0, 0]}`, `{"code": []}`},
		},
		{
			"anything but a prefix", `{"state": [{"anything-but": {"prefix": "init"}}]}`, []string{`{"state": "running"}`},
			[]string{`{"state": "initializing"}`},
		},
		{
			"anything but prefixes", `{"state": [{"anything-but": {"prefix": ["init", "error"]}}]}`, []string{`{"state": "running"}`},
			[]string{`{"state": "error: 1"}`, `{"state": "init"}`},
		},
		{
			"anything but a suffix", `{"file": [{"anything-but": {"suffix": [".txt", ".rtf"]}}]}`, []string{`{"file": "a.png"}`},
			[]string{`{"file": "a.rtf"}`},
		},
		{
			"anything but, ignoring case", `{"state": [{"anything-but": {"equals-ignore-case": ["initializing", "stopped"]}}]}`,
			[]string{`{"state": "running"}`}, []string{`{"state": "STOPPED"}`},
		},
		{
			"anything but a wildcard", `{"path": [{"anything-but": {"wildcard": "*/lib/*"}}]}`, []string{`{"path": "/usr/bin/x"}`},
			[]string{`{"path": "/usr/lib/x"}`},
		},
		{
			"wildcard", `{"bus": ["a", {"wildcard": "arn:*:my-bus/*"}]}`, []string{`{"bus": "arn:aws:events:my-bus/1"}`, `{"bus": "a"}`},
			[]string{`{"bus": "arn:aws:my-bus"}`},
		},
		{"wildcard, escaped", `{"file": [{"wildcard": "a\\*b*"}]}`, []string{`{"file": "a*bc"}`}, []string{`{"file": "axbc"}`}},
		{"numeric", `{"c": [{"numeric": [">", 0, "<=", 5]}], "d": [{"numeric": ["<", 10]}], "x": [{"numeric": ["=", 3.018e2]}]}`,
			[]string{`{"c": 5, "d": 9.5, "x": 301.8}`}, []string{
				`{"c": 0, "d": 9, "x": 301.8}`, `{"c": 5, "d": 10, "x": 301.8}`, `{"c": "5", "d": 9, "x": 301.8}`,
			}},
		{
			"addresses", `{"source": [{"cidr": "10.0.0.0/24"}]}`, []string{`{"source": "10.0.0.255"}`},
			[]string{`{"source": "10.0.1.0"}`, `{"source": "here"}`},
		},
		{
			"exists", `{"detail": {"state": [{"exists": true}]}}`, []string{`{"detail": {"state": ""}}`, `{"detail": {"state": null}}`},
			[]string{`{"detail": {}}`, `{"detail": {"state": {"c1": 1}}}`},
		},
		{
			"exists not", `{"detail": {"count": [{"exists": false}]}}`,
			[]string{`{"detail": {"state": ["initializing"]}}`, `{"detail": {"count": {"c1": 100}}}`, `{}`},
			[]string{`{"detail": {"count": 1}}`},
		},
		{"or", `{"detail": {"$or": [{"c": [{"numeric": [">", 0]}]}, {"d": [{"numeric": ["<", 10]}]}], "s": ["x"]}}`,
			[]string{
				`{"detail": {"c": 1, "d": 99, "s": "x"}}`, `{"detail": {"d": 9, "s": "x"}}`,
			}, []string{`{"detail": {"c": 0, "d": 10, "s": "x"}}`, `{"detail": {"c": 1}}`}},
		{
			"or, nested", `{"$or": [{"source": ["a"]}, {"detail": {"$or": [{"x": [1]}, {"y": [2]}]}}]}`,
			[]string{`{"source": "a"}`, `{"detail": {"y": 2}}`}, []string{`{"detail": {"y": 1}}`},
		},
		{
			"or, of what the same element must have", `{"a": {"name": ["web"]}, "$or": [{"a": {"code": [1]}}, {"a": {"code": [2], "x": [3]}}]}`,
			[]string{`{"a": [{"name": "web", "code": 1}]}`, `{"a": [{"name": "log"}, {"name": "web", "code": 2, "x": 3}]}`},
			[]string{`{"a": [{"name": "web", "code": 0}, {"name": "log", "code": 1}]}`, `{"a": [{"name": "web", "code": 2}, {"x": 3}]}`},
		},
		{
			"or, a field in several branches", `{"$or": [{"a": [1], "b": [1]}, {"a": [2]}], "c": [3]}`,
			[]string{`{"a": 1, "b": 1, "c": 3}`, `{"a": 2, "c": 3}`}, []string{`{"a": 1, "c": 3}`, `{"a": 2}`},
		},
		{"none of an empty array", `{"detail": {"containers": {"reason": [{"exists": false}]}}}`, []string{
			`{"detail": {"containers": []}}`, `{"detail": {"containers": [[]]}}`, `{"detail": {}}`,
		}, []string{`{"detail": {"containers": [{"reason": "x"}]}}`}},
		{"one element has both", `{"detail": {"containers": {"name": ["web"], "code": [1]}}}`, []string{
			`{"detail": {"containers": [{"name": "log", "code": 0}, {"name": "web", "code": 1}]}}`,
		},
			[]string{`{"detail": {"containers": [{"name": "web", "code": 0}, {"name": "log", "code": 1}]}}`, `{"detail": {"containers": []}}`}},
		{"none of an array", `{"detail": {"containers": {"reason": [{"exists": false}]}}}`, []string{
			`{"detail": {"containers": [{"name": "a"}, {"name": "b"}]}}`,
		},
			[]string{`{"detail": {"containers": [{"name": "a", "reason": "x"}, {"name": "b"}]}}`}},
		{"not one of its element", `{"detail": {"containers": {"name": ["b"], "reason": [{"exists": false}]}}}`, []string{
			`{"detail": {"containers": [{"name": "a", "reason": "x"}, {"name": "b"}]}}`,
		},
			[]string{`{"detail": {"containers": [{"name": "a"}, {"name": "b", "reason": "x"}]}}`}},
		{"several at once", `{"time": [{"prefix": "2027-10-02"}], "detail": {"state": [{"anything-but": "initializing"}], "x": ` +
			`[{"anything-but": [100, 200]}]}}`,
			[]string{`{"time": "2027-10-02T1", "detail": {"state": "on", "x": 1}}`}, []string{
				`{"time": "2027-10-02T1", "detail": {"state": "on", "x": 200}}`,
			}},
	} {
		for _, event := range c.yes {
			assert.True(t, cdktest.Matches(t, c.pattern, event), "%s: %s", c.name, event)
		}
		for _, event := range c.no {
			assert.False(t, cdktest.Matches(t, c.pattern, event), "%s: %s", c.name, event)
		}
	}
}

// The example of https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html, as Go values.
func TestTheMatcherTakesWhatTemplatesHold(t *testing.T) {
	pattern := map[string]any{"source": []any{"aws.ec2"}, "detail": map[string]any{"state": []string{"terminated"}, "code": []float64{7}}}
	event := map[string]any{
		"source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification",
		"detail": map[string]any{"instance-id": "i-abcd1111", "state": "terminated", "code": 7},
	}
	assert.True(t, cdktest.Matches(t, pattern, event))
}

// A pattern that EventBridge refuses fails the test whatever the event, also where the event lacks the field.
func TestPatternsThatEventBridgeRefuses(t *testing.T) {
	for pattern, problem := range map[string]string{
		`{}`:                              "must be an object with fields",
		`[1]`:                             "must be an object with fields",
		`{"a": {}}`:                       "a: an event pattern must be an object with fields",
		`{"a": []}`:                       "a: must not be an empty list",
		`{"a": "b"}`:                      `a: must be a list or an object; got "b"`,
		`{"a": [["b"]]}`:                  "must not be a list in a list",
		`{"a": [{"prefx": "b"}]}`:         "a: prefx: unknown operator",
		`{"a": ["b", {"Ref": "Bucket"}]}`: "a: Ref: unknown operator",
		`{"a": [{"prefix": "b", "suffix": "c"}]}`:           "an operator must be alone",
		`{"a": [{"prefix": 1}]}`:                            "a: prefix: must be a text; got 1",
		`{"a": [{"suffix": {"wildcard": "b"}}]}`:            "a: suffix: must be a text",
		`{"a": [{"equals-ignore-case": ["b"]}]}`:            "equals-ignore-case: must be a text",
		`{"a": [{"exists": "true"}]}`:                       `exists: must be true or false; got "true"`,
		`{"a": [{"cidr": "10.0.0.0"}]}`:                     "cidr: must be a CIDR block",
		`{"a": [{"wildcard": "a**"}]}`:                      "must not have two asterisks in a row",
		`{"a": [{"wildcard": "a\\\\**"}]}`:                  "must not have two asterisks in a row",
		`{"a": [{"wildcard": "a\\b"}]}`:                     "after a backslash",
		`{"a": [{"wildcard": "a\\"}]}`:                      "after a backslash",
		`{"a": [{"numeric": [">"]}]}`:                       "numeric: must be like",
		`{"a": [{"numeric": [">", "1"]}]}`:                  "must have a number from -5e9 to 5e9",
		`{"a": [{"numeric": [">", 6e9]}]}`:                  "must have a number from -5e9 to 5e9; got 6e9",
		`{"a": [{"numeric": ["!=", 1]}]}`:                   `must have one of = < <= > >= here; got "!="`,
		`{"a": [{"numeric": ["<", 1, ">", 0]}]}`:            "must have one of > >= here",
		`{"a": [{"anything-but": []}]}`:                     "anything-but: must be texts or numbers; got []",
		`{"a": [{"anything-but": ["b", 1]}]}`:               "must be texts or numbers",
		`{"a": [{"anything-but": true}]}`:                   "must be texts or numbers",
		`{"a": [{"anything-but": {"cidr": "10.0.0.0/8"}}]}`: "takes prefix, suffix",
		`{"a": [{"anything-but": {"prefix": [1]}}]}`:        "prefix: must be a text",
		`{"a": [{"anything-but": {"wildcard": "**"}}]}`:     "two asterisks",
		`{"$or": [{"a": ["b"]}]}`:                           "$or: must have two patterns or more",
		`{"$or": [{"a": ["b"]}, {"c": []}]}`:                "$or: c: must not be an empty list",
		`{"x": ["y"], "z": {"a": [{"b": 1}]}}`:              "z: a: b: unknown operator",
	} {
		said := failure(t, func(t testing.TB) { cdktest.Matches(t, pattern, `{"other": 1}`) })
		assert.Contains(t, said, "EventBridge refuses the event pattern", pattern)
		assert.Contains(t, said, problem, pattern)
	}
	assert.Contains(t, failure(t, func(t testing.TB) { cdktest.Matches(t, `{"a": [1]}`, `[]`) }), "an event must be an object")
	for pattern, path := range map[string]string{
		`{"a": ["b"], "$or": [{"a": ["c"]}, {"d": ["e"]}]}`:                                      "a",
		`{"z": {"a": ["b"]}, "$or": [{"z": {"a": ["c"]}}, {"d": ["e"]}]}`:                        "z.a",
		`{"z": {"a": ["b"], "$or": [{"d": ["e"]}, {"a": ["c"]}]}}`:                               "z.a",
		`{"$or": [{"d": ["e"]}, {"a": ["b"], "$or": [{"a": ["c"]}, {"f": ["g"]}]}]}`:             "a",
		`{"$or": [{"z": {"a": ["b"]}}, {"d": ["e"]}], "z": {"$or": [{"a": ["c"]}, {"f": [1]}]}}`: "z.a",
	} {
		said := failure(t, func(t testing.TB) { cdktest.Matches(t, pattern, `{"other": 1}`) })
		assert.Contains(t, said, "EventBridge uses only one of several patterns for a field", pattern)
		assert.Contains(t, said, path, pattern)
	}
	assert.True(t, cdktest.Matches(t, `{"a": [{"wildcard": "\\*\\\\*"}]}`, `{"a": "*\\b"}`), "escapes")
}

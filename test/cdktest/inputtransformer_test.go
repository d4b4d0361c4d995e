package cdktest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/test/cdktest"
)

// The examples of the page above, with other values.
func TestTheTransformerFollowsTheDocumentation(t *testing.T) {
	event := `{"time": "2027-11-11T21:29:54Z", "resources": ["arn:1", "arn:2"],
		"detail": {"instance-id": "i-0123456789", "state": "RUNNING", "code": 16,
			"tags": [{"key": "a"}, {"key": "b"}, {}], "reason": "no \"room\""}}`
	paths := map[string]string{
		"instance": "$.detail.instance-id", "state": "$.detail.state", "first": "$.resources[0]", "code": "$.detail.code",
		"keys": "$.detail.tags[*].key", "tags": "$.detail.tags", "absent": "$.detail.nothing", "none": "$.detail.tags[*].value",
		"third": "$.resources[2]", "reason": "$.detail.reason",
	}
	for template, want := range map[string]string{
		`"instance <instance> is in <state>"`:     `"instance i-0123456789 is in RUNNING"`,
		`"instance \"<instance>\" is in <state>"`: `"instance \"i-0123456789\" is in RUNNING"`,
		`{"instance": <instance>, "state": [9, <state>, true], "code": <code>}`: `{"instance": "i-0123456789", "state": [9, "RUNNING", ` +
			`true], "code": 16}`,
		`{"instance": "<instance>", "text": "is \"<state>\" with <code>"}`: `{"instance": "i-0123456789", "text": "is \"RUNNING\" with 16"}`,
		`{"keys": <keys>, "first": <first>}`:                               `{"keys": ["a","b"], "first": "arn:1"}`,
		`"keys <keys> of <tags>"`:                                          `"keys [a,b] of [{key:a},{key:b},{}]"`,
		`"a <absent>, a <none>, a <third>."`:                               `"a , a , a ."`,
		"\"<state>\"\n\"because <reason>\"":                                "\"RUNNING\"\n\"because no \"room\"\"",
		`{"reason": <reason>}`:                                             `{"reason": "no \"room\""}`,
	} {
		used := map[string]string{}
		for name, path := range paths {
			if strings.Contains(template, "<"+name+">") {
				used[name] = path
			}
		}
		assert.Equal(
			t, want,
			cdktest.Transform(t, map[string]any{"InputTransformer": map[string]any{"InputPathsMap": used, "InputTemplate": template}}, event),
		)
	}
	assert.JSONEq(t, event, cdktest.Transform(t, map[string]any{"Arn": "arn"}, event), "no transformer")
}

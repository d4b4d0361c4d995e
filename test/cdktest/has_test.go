package cdktest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What Has finds, and what it lets pass: a check that cannot fail proves nothing.
func TestDiffers(t *testing.T) {
	tpl := &Template{Resources: map[string]*Resource{}}
	queue := &Resource{Id: "Queue", Template: tpl}
	tpl.Resources["Queue"] = queue
	for name, c := range map[string]struct {
		got, want any
		problem   string
	}{
		"equal numbers":       {80.0, 80, ""},
		"other numbers":       {80.0, 81, "P must be 81; got 80"},
		"a list of strings":   {[]any{"a", "b"}, []string{"a", "b"}, ""},
		"a longer list":       {[]any{"a", "b"}, []string{"a"}, `P must be ["a"]; got ["a","b"]`},
		"a map with more":     {map[string]any{"A": 1.0, "B": 2.0}, map[string]any{"A": 1}, `P must be {"A":1}; got {"A":1,"B":2}`},
		"like":                {map[string]any{"A": 1.0, "B": 2.0}, Like{"A": 1}, ""},
		"unlike":              {map[string]any{"A": 1.0, "B": 2.0}, Like{"A": 2}, "P.A must be 2; got 1"},
		"like of no object":   {"x", Like{"A": 2}, `P must be an object; got "x"`},
		"absent":              {nil, Absent, ""},
		"nil":                 {nil, nil, ""},
		"not absent":          {"x", Absent, `P must be absent; got "x"`},
		"a reference":         {map[string]any{"Ref": "Queue"}, queue, ""},
		"an attribute":        {map[string]any{"Fn::GetAtt": []any{"Queue", "Arn"}}, queue, ""},
		"another reference":   {map[string]any{"Ref": "Topic"}, queue, `P must refer to Queue; got {"Ref":"Topic"}`},
		"no reference at all": {nil, queue, "P must refer to Queue; got null"},
	} {
		assert.Equal(t, c.problem, tpl.differs("P", c.got, c.want), name)
	}
}

func TestDig(t *testing.T) {
	list := make([]any, 12)
	list[11] = map[string]any{"Name": "last"}
	value := map[string]any{"List": list}
	assert.Equal(t, "last", Dig(value, "List.11.Name"))
	assert.Nil(t, Dig(value, "List.12.Name"))
	assert.Nil(t, Dig(value, "List.x"))
	assert.Nil(t, Dig(value, "Nothing.0"))
}

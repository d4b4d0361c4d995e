package cdktest

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Transform returns what a target of a rule gets of an event, by
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html: a text in quotes, a line each, or JSON. The
// target is that of a template, its references of CloudFormation resolved; without an InputTransformer it gets the event.
//
// What the documentation says of variables, and what is done here: one that does not exist in the event leaves nothing behind; as a
// value of JSON a text gets quotes; within quotes an object or array loses its own; and what comes out of the event is not escaped, so
// that a quote in it ends a text of JSON too early. Here such JSON fails the test, because nothing could read it.
func Transform(t testing.TB, target, event any) string {
	t.Helper()
	to, e := asJSON(t, target), asJSON(t, event)
	transformer, _ := Dig(to, "InputTransformer").(map[string]any)
	if transformer == nil {
		raw, err := json.Marshal(e)
		require.NoError(t, err)
		return string(raw)
	}
	paths, _ := transformer["InputPathsMap"].(map[string]any)
	require.LessOrEqual(t, len(paths), 100, "variables")
	template, isText := transformer["InputTemplate"].(string)
	require.True(t, isText, "an unresolved template: %v", transformer["InputTemplate"])
	require.LessOrEqual(t, len(template), 8192, "characters of a template")
	used := map[string]bool{}
	var out strings.Builder
	inText := false
	for at := 0; at < len(template); {
		variable := templateVariable.FindString(template[at:])
		switch {
		case variable != "":
			name := strings.Trim(variable, "<>")
			path, known := paths[name].(string)
			require.True(t, known, "<%s> is no variable", name)
			used[name] = true
			out.WriteString(rendered(t, e, path, inText))
			at += len(variable)
		case template[at] == '\\' && at+1 < len(template):
			out.WriteString(template[at : at+2])
			at += 2
		default:
			inText = inText != (template[at] == '"')
			out.WriteByte(template[at])
			at++
		}
	}
	require.False(t, inText, "quotes are not in pairs: %s", template)
	for name := range paths {
		require.True(t, used[name], "variable %s is not used", name)
	}
	if strings.HasPrefix(strings.TrimSpace(template), "{") {
		require.True(t, json.Valid([]byte(out.String())), "no JSON: %s", out.String())
	} else {
		for _, line := range strings.Split(template, "\n") {
			require.Regexp(t, `^".*"$`, line, "a line of text without quotes")
		}
	}
	return out.String()
}

var templateVariable = regexp.MustCompile(`^<[A-Za-z0-9_-]+>`)

// rendered is a variable's value in place.
func rendered(t testing.TB, event any, path string, inText bool) string {
	t.Helper()
	value, there := jsonPath(t, event, path)
	text, isText := value.(string)
	switch {
	case !there:
		return ""
	case isText && inText:
		return text
	}
	var raw strings.Builder
	encoder := json.NewEncoder(&raw)
	encoder.SetEscapeHTML(false)
	require.NoError(t, encoder.Encode(value))
	plain := strings.TrimSuffix(raw.String(), "\n")
	if inText {
		return strings.ReplaceAll(plain, `"`, "")
	}
	return plain
}

// jsonPath follows what EventBridge takes of JSONPath: names after dots, indices, and [*], which gives an array of what is there.
func jsonPath(t testing.TB, value any, path string) (any, bool) {
	t.Helper()
	require.Regexp(t, `^\$(\.[A-Za-z0-9_/-]+|\[(\d+|\*)\])*$`, path)
	steps := pathStep.FindAllString(path, -1)
	for i, step := range steps {
		switch {
		case step == "[*]":
			elements, _ := value.([]any)
			found := []any{}
			for _, element := range elements {
				if v, there := jsonPath(t, element, "$"+strings.Join(steps[i+1:], "")); there {
					found = append(found, v)
				}
			}
			return found, len(found) > 0
		case step[0] == '[':
			elements, _ := value.([]any)
			index, err := strconv.Atoi(strings.Trim(step, "[]"))
			require.NoError(t, err)
			if index >= len(elements) {
				return nil, false
			}
			value = elements[index]
		default:
			object, _ := value.(map[string]any)
			v, there := object[step[1:]]
			if !there {
				return nil, false
			}
			value = v
		}
	}
	return value, true
}

var pathStep = regexp.MustCompile(`\.[A-Za-z0-9_/-]+|\[[^\]]*\]`)

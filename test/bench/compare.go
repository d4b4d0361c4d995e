package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// resource is one of a template, as JSON has it.
type resource map[string]any

func readTemplate(path string) (map[string]resource, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var template struct{ Resources map[string]resource }
	if err := json.Unmarshal(raw, &template); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return template.Resources, nil
}

// texts are properties that a construct's path or a description goes into: both sides must have them, in words of their own.
var texts = map[string]bool{"Description": true, "GroupDescription": true, "Family": true, "PolicyName": true}

// sameResources tells the first difference between two templates whose logical ids differ. A resource is taken for what
// it says and for what it refers to, and that for what it refers to in turn.
func sameResources(golang, javascript map[string]resource) error {
	labels := [2]map[string]string{{}, {}}
	previous := 0
	for round := 0; ; round++ {
		for i, template := range []map[string]resource{golang, javascript} {
			next := make(map[string]string, len(template))
			for id, r := range template {
				next[id] = r.describe(labels[i], template)
			}
			labels[i] = next
		}
		// The first round names what is referred to by its type alone, and so shows the difference itself.
		if err := sameLabels(labels, golang, javascript); err != nil {
			if round == 0 {
				return fmt.Errorf("the resources differ:\n%w", err)
			}
			return fmt.Errorf("the resources are equal each by itself, but refer to others:\n%w", err)
		}
		// Each round tells more of them apart, until none does.
		if kinds := len(count(labels[0])); kinds > previous {
			previous = kinds
		} else {
			return nil
		}
		for i := range labels {
			for id, label := range labels[i] {
				labels[i][id] = fmt.Sprintf("%x", sha256.Sum256([]byte(label)))[:12]
			}
		}
	}
}

func sameLabels(labels [2]map[string]string, golang, javascript map[string]resource) error {
	counts := [2]map[string]int{count(labels[0]), count(labels[1])}
	var differences []error
	for i, template := range []map[string]resource{golang, javascript} {
		for _, id := range slices.Sorted(maps.Keys(template)) {
			label := labels[i][id]
			if counts[0][label] != counts[1][label] && len(differences) < 20 {
				differences = append(differences, fmt.Errorf("%-10s %s\n           %s", []string{"Go", "JavaScript"}[i], id, label))
			}
		}
	}
	return errors.Join(differences...)
}

func count(labels map[string]string) map[string]int {
	counts := map[string]int{}
	for _, label := range labels {
		counts[label]++
	}
	return counts
}

// describe writes a resource with the labels of what it refers to in place of logical ids.
func (r resource) describe(labels map[string]string, template map[string]resource) string {
	name := func(id string) string {
		if other, ok := template[id]; ok {
			return fmt.Sprintf("<%v %s>", other["Type"], labels[id])
		}
		return id // a pseudo parameter
	}
	described := map[string]any{}
	for key, value := range r {
		switch key {
		case "Metadata": // notes for tools, which CloudFormation does not act on
		case "DependsOn":
			ids, ok := value.([]any)
			if !ok {
				ids = []any{value}
			}
			var names []string
			for _, id := range ids {
				names = append(names, name(fmt.Sprint(id)))
			}
			slices.Sort(names)
			described[key] = names
		default:
			described[key] = normalise(value, name)
		}
	}
	raw, err := json.Marshal(described)
	if err != nil {
		panic(err) // it was JSON before
	}
	return string(raw)
}

func normalise(value any, name func(id string) string) any {
	switch value := value.(type) {
	case []any:
		list := make([]any, len(value))
		for i, v := range value {
			list[i] = normalise(v, name)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(value))
		for key, v := range value {
			text, isText := v.(string)
			switch {
			case key == "Ref" && isText:
				object[key] = name(text)
			case key == "Fn::GetAtt":
				object[key] = nameAttribute(v, name)
			case isText && texts[key], key == "Value" && value["Key"] == "Name":
				object[key] = "..."
			default:
				object[key] = normalise(v, name)
			}
		}
		return object
	default:
		return value
	}
}

// nameAttribute takes both forms: ["Role", "Arn"] and "Role.Arn".
func nameAttribute(value any, name func(id string) string) any {
	if list, ok := value.([]any); ok && len(list) == 2 {
		return []any{name(fmt.Sprint(list[0])), list[1]}
	}
	id, attribute, _ := strings.Cut(fmt.Sprint(value), ".")
	return []any{name(id), attribute}
}

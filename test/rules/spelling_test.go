package rules_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// spelling writes values of properties in another way that means the same. A function that is nil, or that gives nil, leaves a value as
// it is.
type spelling struct {
	name string
	// reference spells a Ref, which has no attribute, or an Fn::GetAtt, of a resource of the type, or of a parameter, which has none.
	reference func(r reference, kind string) any
	// outer is true if references in the arguments of another function stay as they are: the engine hides what a text in a text is. Of
	// {"Fn::Join": ["", [{"Fn::Join": ["", ["a-", {"Ref": "Bucket"}]]}, "/*"]]} it gives "{dynamic}/*", with or without the "a-".
	outer bool
	// join spells an Fn::Join of texts and references.
	join func(delimiter string, parts []any) any
	// sub spells an Fn::Sub, whose values stand between its texts.
	sub func(texts []string, values []any) any
	// text spells a string.
	text func(string) any
}

type object = map[string]any

// reference is a Ref or an Fn::GetAtt.
type reference struct{ target, attribute string }

// value is the reference as the CDK writes it.
func (r reference) value() any {
	if r.attribute == "" {
		return object{"Ref": r.target}
	}
	return object{"Fn::GetAtt": []any{r.target, r.attribute}}
}

// variable is the reference in the text of an Fn::Sub.
func (r reference) variable() string {
	if r.attribute == "" {
		return "${" + r.target + "}"
	}
	return "${" + r.target + "." + r.attribute + "}"
}

// partsOfArns are names that are parts of an ARN, by type and attribute: the attribute that is the ARN, what splits it, and which part the
// name is.
var partsOfArns = map[[2]string]struct {
	attribute, delimiter string
	index                int
}{
	{"AWS::ECR::Repository", ""}:      {"Arn", "/", 1},
	{"AWS::ECS::Cluster", ""}:         {"Arn", "/", 1},
	{"AWS::ECS::Service", "Name"}:     {"", "/", 2},
	{"AWS::EFS::AccessPoint", ""}:     {"Arn", "/", 1},
	{"AWS::EFS::FileSystem", ""}:      {"Arn", "/", 1},
	{"AWS::EKS::Cluster", ""}:         {"Arn", "/", 1},
	{"AWS::IAM::InstanceProfile", ""}: {"Arn", "/", 1},
	{"AWS::IAM::Role", ""}:            {"Arn", "/", 1},
	{"AWS::KMS::Key", ""}:             {"Arn", "/", 1},
	{"AWS::S3::Bucket", ""}:           {"Arn", ":", 5},
	{"AWS::SNS::Topic", "TopicName"}:  {"", ":", 5},
	{"AWS::SQS::Queue", "QueueName"}:  {"Arn", ":", 5},
	{"AWS::Logs::LogGroup", ""}:       {"Arn", ":", 6},
}

// spellings are all that rules understand. An Fn::Select by an index that is a text, {"Fn::Select": ["0", [{"Ref": "Role"}]]}, is not among
// them: the engine says of it "Select with non-integer index", and gives the references in the list, but not the index.
func spellings() []spelling {
	return []spelling{
		{name: "Sub", reference: func(r reference, _ string) any { return object{"Fn::Sub": r.variable()} }},
		{name: "SubOfAVariable", outer: true, reference: func(r reference, _ string) any {
			return object{"Fn::Sub": []any{"${Name}", object{"Name": r.value()}}}
		}},
		{name: "JoinOfOne", outer: true, reference: func(r reference, _ string) any {
			return object{"Fn::Join": []any{"", []any{r.value()}}}
		}},
		{name: "GetAttAsText", reference: func(r reference, _ string) any {
			if r.attribute == "" {
				return nil
			}
			return object{"Fn::GetAtt": r.target + "." + r.attribute}
		}},
		{name: "SelectFromAList", reference: func(r reference, _ string) any { return object{"Fn::Select": []any{0, []any{r.value()}}} }},
		{name: "PartOfAnArn", reference: func(r reference, kind string) any {
			part, ok := partsOfArns[[2]string{kind, r.attribute}]
			if !ok {
				return nil
			}
			arn := reference{r.target, part.attribute}.value()
			return object{"Fn::Select": []any{part.index, object{"Fn::Split": []any{part.delimiter, arn}}}}
		}},
		{name: "JoinAsSub", join: func(delimiter string, parts []any) any {
			text := ""
			for i, part := range parts {
				if i > 0 {
					text += delimiter
				}
				if r, ok := asReference(part); ok {
					text += r.variable()
				} else {
					text += strings.ReplaceAll(part.(string), "${", "${!")
				}
			}
			return object{"Fn::Sub": text}
		}},
		{name: "SubAsJoin", sub: func(texts []string, values []any) any {
			parts := []any{}
			for i, text := range texts {
				if text != "" {
					parts = append(parts, text)
				}
				if i < len(values) {
					parts = append(parts, values[i])
				}
			}
			return object{"Fn::Join": []any{"", parts}}
		}},
		{name: "TextAsSub", text: func(text string) any { return object{"Fn::Sub": text} }},
		{name: "TextAsJoin", text: func(text string) any {
			half := len(text) / 2
			return object{"Fn::Join": []any{"", []any{text[:half], text[half:]}}}
		}},
	}
}

// Rules find in a template what they find in it however its references and texts are written. Three cases of each rule have one
// spelling each, and so has every twelfth that finds nothing; `make test-recipes` gives each case in all.
func TestRulesUnderstandEverySpelling(t *testing.T) {
	given := map[string]int{} // by rule and spelling
	cases := map[string]int{} // by rule, "" for those that find nothing
	for _, s := range suites() {
		for _, c := range append(s.cases, ruleCase{name: "Good" + s.name}) {
			respelled := map[string]object{}
			for _, sp := range spellings() {
				if r, changed := sp.respell(c.template(t, s.good)); changed {
					respelled[sp.name] = r
				}
			}
			names := slices.Sorted(maps.Keys(respelled))
			if !everySpelling {
				cases[c.subject()]++
				if n := cases[c.subject()]; c.subject() == "" && n%12 != 0 || c.subject() != "" && n > 3 {
					continue
				}
				names = []string{rarest(names, c.subject(), given)}
			}
			for _, name := range names {
				t.Run(name+"/"+c.name, func(t *testing.T) {
					got := reported(findings(t, respelled[name]))
					if slices.Contains(misunderstood[name], c.name) {
						assert.NotElementsMatch(t, c.want, got, "it is understood now: remove it from misunderstood")
						return
					}
					assert.ElementsMatch(t, c.want, got)
				})
			}
		}
	}
}

// misunderstood are cases in which rules find more or less, by spelling.
var misunderstood = map[string][]string{
	// The engine gives {"Fn::Sub": "service/${Cluster}/${Service}"} as it gives the same text with a variable Service that is a part of the
	// service's ARN.
	"JoinAsSub": {"TargetOfTheArnOfAService"},
}

// subject is the rule that a case is about, "" if it finds nothing.
func (c ruleCase) subject() string {
	if len(c.want) == 0 {
		return ""
	}
	return strings.Fields(c.want[0])[0]
}

// rarest gives the spelling in which a rule was given the fewest cases, and counts one more.
func rarest(names []string, rule string, given map[string]int) string {
	name := slices.MinFunc(names, func(a, b string) int { return given[rule+a] - given[rule+b] })
	given[rule+name]++
	return name
}

// respell gives the template with the properties of its resources spelled otherwise, and whether anything is.
func (s spelling) respell(template object) (respelled object, changed bool) {
	respelled = maps.Clone(template)
	resources := object{}
	p := respelling{s, map[string]string{}, &changed}
	for id, r := range template["Resources"].(object) {
		p.kinds[id] = r.(object)["Type"].(string)
	}
	for id, r := range template["Resources"].(object) {
		resource := maps.Clone(r.(object))
		if properties, ok := resource["Properties"]; ok {
			resource["Properties"] = p.inside(properties)
		}
		resources[id] = resource
	}
	respelled["Resources"] = resources
	return respelled, changed
}

type respelling struct {
	spelling
	kinds   map[string]string // types by logical id
	changed *bool
}

// inside spells what is in an object or a list, but not the value itself.
func (p respelling) inside(value any) any {
	switch value := value.(type) {
	case object:
		all := object{}
		for key, v := range value {
			all[key] = p.value(v)
		}
		return all
	case []any:
		all := []any{}
		for _, v := range value {
			all = append(all, p.value(v))
		}
		return all
	}
	return value
}

// respelled is a value in the other spelling, or the value as it is if that is nil.
func (p respelling) respelled(as, value any) any {
	if as == nil {
		return value
	}
	*p.changed = true
	return as
}

func (p respelling) value(value any) any {
	if text, ok := value.(string); ok {
		if p.text == nil || text == "" || strings.Contains(text, "${") || strings.Contains(text, "{{resolve:") {
			return value
		}
		return p.respelled(p.text(text), value)
	}
	function, argument := functionOf(value)
	arguments, _ := argument.([]any)
	switch function {
	case "":
		return p.inside(value)
	case "Ref", "Fn::GetAtt":
		r, _ := asReference(value)
		if p.reference == nil || r.target == "AWS::NoValue" {
			return value
		}
		return p.respelled(p.reference(r, p.kinds[r.target]), value)
	case "Fn::If":
		return object{function: []any{arguments[0], p.value(arguments[1]), p.value(arguments[2])}}
	case "Fn::Join":
		parts, isList := arguments[1].([]any)
		if p.join != nil && isList && !slices.ContainsFunc(parts, isFunction) {
			return p.respelled(p.join(arguments[0].(string), parts), value)
		}
		return object{function: []any{arguments[0], p.argument().value(arguments[1])}}
	case "Fn::Split", "Fn::Select":
		return object{function: []any{arguments[0], p.argument().value(arguments[1])}}
	case "Fn::Sub":
		return p.substitution(value, argument)
	case "Fn::Base64", "Fn::ImportValue":
		return object{function: p.argument().value(argument)}
	}
	return value
}

// argument is for what stands in the arguments of a function.
func (p respelling) argument() respelling {
	if p.outer {
		p.reference = nil
	}
	return p
}

var variable = regexp.MustCompile(`\$\{([^!}][^}]*)\}`)

func (p respelling) substitution(value, argument any) any {
	arguments, _ := argument.([]any)
	text, _ := argument.(string)
	variables := object{}
	if arguments != nil {
		text, variables = arguments[0].(string), arguments[1].(object)
	}
	if p.sub == nil {
		if arguments == nil {
			return value
		}
		return object{"Fn::Sub": []any{text, p.argument().inside(variables)}}
	}
	values := []any{}
	for _, found := range variable.FindAllStringSubmatch(text, -1) {
		given, ok := variables[found[1]]
		if !ok {
			target, attribute, _ := strings.Cut(found[1], ".")
			given = reference{target, attribute}.value()
		}
		values = append(values, given)
	}
	if len(values) == 0 {
		return value
	}
	texts := variable.Split(text, -1)
	for i := range texts {
		texts[i] = strings.ReplaceAll(texts[i], "${!", "${")
	}
	return p.respelled(p.sub(texts, values), value)
}

// functionOf gives the intrinsic function that a value is, "" for none.
func functionOf(value any) (name string, argument any) {
	o, ok := value.(object)
	if !ok || len(o) != 1 {
		return "", nil
	}
	for key, v := range o {
		if key == "Ref" || strings.HasPrefix(key, "Fn::") {
			return key, v
		}
	}
	return "", nil
}

// isFunction is true for any intrinsic function but a reference.
func isFunction(value any) bool {
	name, _ := functionOf(value)
	_, isReference := asReference(value)
	return name != "" && !isReference
}

func asReference(value any) (reference, bool) {
	switch name, argument := functionOf(value); name {
	case "Ref":
		return reference{argument.(string), ""}, true
	case "Fn::GetAtt":
		if text, ok := argument.(string); ok {
			target, attribute, _ := strings.Cut(text, ".")
			return reference{target, attribute}, true
		}
		parts := argument.([]any)
		attribute, ok := parts[1].(string)
		return reference{parts[0].(string), attribute}, ok
	}
	return reference{}, false
}

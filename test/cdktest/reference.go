package cdktest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Follow returns the resource that a value is a reference to, or nil. It takes all spellings: Ref, Fn::GetAtt as a list or as a text,
// Fn::Sub, an Fn::Join that spells out the ARN of a resource, Fn::Select from a split reference, and an Fn::If whose outcomes are the
// same resource or AWS::NoValue. A text that merely contains a reference, such as a bucket's ARN followed by /*, is not one; ask
// [Template.Refers].
func (tpl *Template) Follow(value any) *Resource {
	if branches, ok := Dig(value, "Fn::If").([]any); ok && len(branches) == 3 {
		return tpl.followIf(branches[1], branches[2])
	}
	if target, suffix := tpl.spell(value).arn(); suffix == "" {
		return target
	}
	return nil
}

func (tpl *Template) followIf(then, otherwise any) *Resource {
	a, b := tpl.Follow(then), tpl.Follow(otherwise)
	switch {
	case a == b, isNoValue(otherwise):
		return a
	case isNoValue(then):
		return b
	}
	return nil
}

func isNoValue(value any) bool { return Dig(value, "Ref") == "AWS::NoValue" }

// Refers reports whether a value, such as a resource's property or a template's output, contains a reference to a resource, however it
// is spelled and however deep: by Ref, Fn::GetAtt or Fn::Sub, also inside Fn::Join, Fn::Select, Fn::Split and Fn::If. DependsOn is not a
// reference.
func (tpl *Template) Refers(value any, to *Resource) bool {
	return slices.Contains(tpl.references(value), to)
}

// references returns the resources that a value refers to.
func (tpl *Template) references(value any) (found []*Resource) {
	switch v := value.(type) {
	case map[string]any:
		switch {
		case isReference(v):
			for _, p := range tpl.spell(v) {
				if p.resource != nil {
					found = append(found, p.resource)
				}
			}
			if list, ok := v["Fn::Sub"].([]any); ok {
				found = append(found, tpl.references(list[1:])...) // also variables that the text doesn't use
			}
		default:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				found = append(found, tpl.references(v[key])...)
			}
		}
	case []any:
		for _, inner := range v {
			found = append(found, tpl.references(inner)...)
		}
	}
	return found
}

func isReference(object map[string]any) bool {
	for _, function := range []string{"Ref", "Fn::GetAtt", "Fn::Sub"} {
		if _, ok := object[function]; ok && len(object) == 1 {
			return true
		}
	}
	return false
}

// spelling is a text of a template: literals, and references to resources between them.
type spelling []piece

// piece is a literal, or a reference to a resource or to one of its attributes.
type piece struct {
	text      string
	resource  *Resource
	attribute string
	expected  bool // the resource is that of an expectation, and stands for its ARN or its name
}

// String writes references as "[Test/Table]" or "[Test/Table].StreamArn". Ref and the ARN are the resource itself, and so is an ARN
// that is spelled out.
func (s spelling) String() string {
	if target, suffix := s.arn(); target != nil && s[0].resource == nil {
		return "[" + target.place() + "]" + suffix
	}
	var text strings.Builder
	for _, p := range s {
		text.WriteString(p.text)
		if r := p.resource; r != nil {
			text.WriteString("[" + r.place() + "]")
			if p.attribute != "" && !p.isArn() {
				text.WriteString("." + p.attribute)
			}
		}
	}
	return text.String()
}

func literal(text string) spelling { return spelling{{text: text}} }

// spell reads a value that is a text for CloudFormation. What only the deployment knows is a literal in angle brackets.
func (tpl *Template) spell(value any) spelling {
	if s := tpl.text(value); s != nil {
		return s
	}
	if _, isObject := value.(map[string]any); isObject {
		return literal("<" + asText(value) + ">")
	}
	return literal(plain(value))
}

// text spells a string or a call of a function, or returns nil.
func (tpl *Template) text(value any) spelling {
	switch v := value.(type) {
	case string:
		return literal(v)
	case *Resource: // of an expectation
		return spelling{{resource: v, expected: true}}
	case map[string]any:
		for function, argument := range v {
			if len(v) == 1 {
				return tpl.call(function, argument)
			}
		}
	}
	return nil
}

func plain(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	default:
		return asText(value)
	}
}

// call spells a function of CloudFormation, or returns nil.
func (tpl *Template) call(function string, argument any) spelling {
	list, _ := argument.([]any)
	text, _ := argument.(string)
	switch {
	case function == "Ref":
		return tpl.reference(text, "")
	case function == "Fn::GetAtt" && text != "":
		id, attribute, _ := strings.Cut(text, ".")
		return tpl.reference(id, attribute)
	case function == "Fn::GetAtt" && len(list) == 2:
		return tpl.reference(plain(list[0]), plain(list[1]))
	case function == "Fn::Sub" && text != "":
		return tpl.substitute(text, nil)
	case function == "Fn::Sub" && len(list) == 2:
		variables, _ := list[1].(map[string]any)
		return tpl.substitute(plain(list[0]), variables)
	case function == "Fn::Join" && len(list) == 2:
		parts, isList := list[1].([]any)
		if !isList {
			return nil
		}
		var s spelling
		for i, part := range parts {
			if i > 0 {
				s = append(s, literal(plain(list[0]))...)
			}
			s = append(s, tpl.spell(part)...)
		}
		return s.merged()
	case function == "Fn::Select" && len(list) == 2:
		return tpl.pick(plain(list[0]), list[1])
	case function == "Fn::ImportValue":
		return tpl.exports[text]
	case function == "Fn::GetStackOutput":
		return tpl.exports[plain(Dig(argument, "StackName"))+" "+plain(Dig(argument, "OutputName"))]
	}
	return nil
}

func (tpl *Template) reference(id, attribute string) spelling {
	if r := tpl.Resources[id]; r != nil {
		return spelling{{resource: r, attribute: attribute}}
	}
	if attribute != "" {
		id += "." + attribute
	}
	return literal("<" + id + ">")
}

var substitution = regexp.MustCompile(`\$\{(!?)([^}]*)\}`)

func (tpl *Template) substitute(text string, variables map[string]any) (s spelling) {
	at := 0
	for _, m := range substitution.FindAllStringSubmatchIndex(text, -1) {
		s = append(s, literal(text[at:m[0]])...)
		at = m[1]
		name := text[m[4]:m[5]]
		if m[2] != m[3] {
			s = append(s, literal("${"+name+"}")...)
			continue
		}
		if value, ok := variables[name]; ok {
			s = append(s, tpl.spell(value)...)
			continue
		}
		id, attribute, _ := strings.Cut(name, ".")
		s = append(s, tpl.reference(id, attribute)...)
	}
	return append(s, literal(text[at:])...).merged()
}

// exported returns what other templates can import from the template: exports by their names, other outputs by stack and output.
func (tpl *Template) exported() map[string]spelling {
	exports := map[string]spelling{}
	for id, output := range tpl.Outputs {
		exports[tpl.stack+" "+id] = tpl.spell(output["Value"])
		if name, ok := Dig(output, "Export.Name").(string); ok {
			exports[name] = exports[tpl.stack+" "+id]
		}
	}
	return exports
}

// pick spells an element of a list, or part of a split reference.
func (tpl *Template) pick(index string, from any) spelling {
	if elements, ok := from.([]any); ok {
		if i, err := strconv.Atoi(index); err == nil && i >= 0 && i < len(elements) {
			return tpl.spell(elements[i])
		}
		return nil
	}
	split, _ := Dig(from, "Fn::Split").([]any)
	if len(split) != 2 {
		return nil
	}
	s := tpl.spell(split[1])
	if len(s) != 1 || s[0].resource == nil {
		return nil
	}
	s[0].attribute += fmt.Sprintf(" split by %s, part %s", plain(split[0]), index)
	return s
}

// merged puts literals together that follow each other, and drops empty ones.
func (s spelling) merged() (out spelling) {
	for _, p := range s {
		switch last := len(out) - 1; {
		case p.resource == nil && p.text == "":
		case p.resource == nil && last >= 0 && out[last].resource == nil:
			out[last].text += p.text
		default:
			out = append(out, p)
		}
	}
	return out
}

// spelledArn is an ARN up to the name of the resource; the kind before the name is absent for buckets, queues and topics.
var spelledArn = regexp.MustCompile(`^arn:[^:*]+:([^:*]+):[^:*]*:[^:*]*:(?:([A-Za-z-]+)[/:])?$`)

// arn returns the resource that the text is a reference to, and what follows it. It takes an ARN that the text spells out, if it is of
// the resource's kind: arn:…:file-system/ before the name of an AWS::EFS::FileSystem. The resource is nil for other texts.
func (s spelling) arn() (target *Resource, suffix string) {
	first := s
	if len(s) > 1 && s[0].resource == nil && s[1].resource != nil {
		m := spelledArn.FindStringSubmatch(pseudo.ReplaceAllString(s[0].text, "-"))
		if m == nil || s[1].isArn() || !s[1].resource.isKind(m[1], m[2]) {
			return nil, ""
		}
		first = s[1:]
	}
	if len(first) == 0 || first[0].resource == nil {
		return nil, ""
	}
	return first[0].resource, first[1:].String()
}

// isArn reports whether a reference is to the ARN attribute of a resource.
func (p piece) isArn() bool {
	return p.attribute == "Arn" || p.attribute != "" && p.attribute == p.resource.kind()+"Arn"
}

// isName reports whether the text begins with the name of a resource where its ARN would be.
func (s spelling) isName() bool {
	return len(s) > 0 && s[0].resource != nil && !s[0].expected && s[0].attribute == "" && slices.Contains(refIsName, s[0].resource.Type)
}

// refIsName lists types whose Ref is a name, an ID or a URL, among those that policies name by an ARN.
var refIsName = []string{
	"AWS::CloudWatch::Alarm", "AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table", "AWS::ECR::Repository", "AWS::ECS::Cluster",
	"AWS::EFS::AccessPoint", "AWS::EFS::FileSystem", "AWS::EKS::Cluster", "AWS::Events::EventBus", "AWS::FSx::FileSystem",
	"AWS::IAM::Role", "AWS::IAM::User", "AWS::KMS::Key", "AWS::Kinesis::Stream", "AWS::KinesisFirehose::DeliveryStream",
	"AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::S3::Bucket",
	"AWS::SQS::Queue", "AWS::SSM::Parameter", "AWS::Scheduler::Schedule", "AWS::Scheduler::ScheduleGroup",
}

// pseudo parameters contain colons.
var pseudo = regexp.MustCompile(`<AWS::\w+>`)

// isKind reports whether an ARN with this service, and with this word before the name, is of the resource's type: "file-system" of
// AWS::EFS::FileSystem, or no word of AWS::S3::Bucket.
func (r *Resource) isKind(service, word string) bool {
	if word == "" {
		return strings.HasPrefix(strings.ToLower(r.Type), "aws::"+service+"::")
	}
	return strings.EqualFold(strings.ReplaceAll(word, "-", ""), r.kind())
}

// kind is the last part of the type.
func (r *Resource) kind() string { return r.Type[strings.LastIndex(r.Type, ":")+1:] }

// Text returns a string of a template with its references written as "<LogicalId>" or "<LogicalId.Attribute>", and its
// pseudo parameters as "<AWS::Region>". It fails the test for what is not a text, such as a list or Fn::If.
func Text(t testing.TB, value any) string {
	t.Helper()
	spelled := (&Template{}).text(value)
	require.NotNil(t, spelled, "not a text: %s", asText(value))
	var text strings.Builder
	for _, p := range spelled {
		text.WriteString(p.text)
	}
	return text.String()
}

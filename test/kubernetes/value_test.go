package kubernetes

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What only a deployment knows is replaced by something of the same form, valid where the name of an object is asked for
// unless it is one of AWS's own: the server judges the form, and cannot know the value.
var pseudo = map[string]string{
	"AWS::AccountId": "111122223333",
	"AWS::Partition": "aws",
	"AWS::Region":    "eu-west-1",
	"AWS::StackId":   "arn:aws:cloudformation:eu-west-1:111122223333:stack/sample/01234567-89ab-cdef-0123-456789abcdef",
	"AWS::StackName": "sample",
	"AWS::URLSuffix": "amazonaws.com",
}

// Ids that AWS makes, by the type of the resource that Ref is of or by the attribute.
var ids = map[string]string{
	"AWS::EC2::LaunchTemplate": "lt-", "AWS::EC2::SecurityGroup": "sg-", "AWS::EC2::Subnet": "subnet-", "AWS::EC2::VPC": "vpc-",
	"AWS::EFS::AccessPoint": "fsap-", "AWS::EFS::FileSystem": "fs-", "AWS::FSx::FileSystem": "fs-",
	"AccessPointId": "fsap-", "ClusterSecurityGroupId": "sg-", "FileSystemId": "fs-", "GroupId": "sg-", "SubnetId": "subnet-", "VpcId": "vpc-",
}

// What Ref gives the ARN of.
var arns = map[string]bool{
	"AWS::CertificateManager::Certificate": true, "AWS::ElasticLoadBalancingV2::LoadBalancer": true,
	"AWS::ElasticLoadBalancingV2::TargetGroup": true, "AWS::IAM::ManagedPolicy": true, "AWS::SecretsManager::Secret": true,
	"AWS::SNS::Topic": true, "AWS::WAFv2::WebACL": true,
}

// value replaces what CloudFormation would: by what the template says, and by something of the form of the rest. It fails
// at what it does not know, rather than to prove something else than what is deployed.
func (tpl *template) value(value any) (any, error) {
	switch v := value.(type) {
	case []any:
		items := make([]any, len(v))
		for i := range v {
			var err error
			if items[i], err = tpl.value(v[i]); err != nil {
				return nil, err
			}
		}
		return items, nil
	case map[string]any:
		for name, argument := range v {
			if len(v) == 1 && (name == "Ref" || strings.HasPrefix(name, "Fn::")) {
				return tpl.intrinsic(name, argument)
			}
		}
		object := map[string]any{}
		for key, item := range v {
			var err error
			if object[key], err = tpl.value(item); err != nil {
				return nil, err
			}
		}
		return object, nil
	}
	return value, nil
}

// text is a value that CloudFormation puts into a text.
func (tpl *template) text(value any) (string, error) {
	value, err := tpl.value(value)
	if err != nil {
		return "", err
	}
	switch value.(type) {
	case string, float64, bool:
		return fmt.Sprint(value), nil
	}
	return "", fmt.Errorf("%v is no text", value)
}

func (tpl *template) list(value any) ([]any, error) {
	value, err := tpl.value(value)
	if err != nil {
		return nil, err
	}
	items, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("%v is no list", value)
	}
	return items, nil
}

var variable = regexp.MustCompile(`\$\{([^!}][^}]*)\}`)

func (tpl *template) intrinsic(name string, argument any) (any, error) {
	arguments, _ := argument.([]any)
	switch {
	case name == "Ref":
		if id, ok := argument.(string); ok {
			return tpl.ref(id)
		}
	case name == "Fn::GetAtt":
		id, name, err := attribute(argument)
		if err != nil {
			return nil, err
		}
		return tpl.attribute(id, name)
	case name == "Fn::Join" && len(arguments) == 2:
		items, err := tpl.list(arguments[1])
		if err != nil {
			return nil, err
		}
		texts := make([]string, len(items))
		for i, item := range items {
			if texts[i], err = tpl.text(item); err != nil {
				return nil, err
			}
		}
		return strings.Join(texts, fmt.Sprint(arguments[0])), nil
	case name == "Fn::Split" && len(arguments) == 2:
		text, err := tpl.text(arguments[1])
		if err != nil {
			return nil, err
		}
		var items []any
		for _, item := range strings.Split(text, fmt.Sprint(arguments[0])) {
			items = append(items, item)
		}
		return items, nil
	case name == "Fn::Select" && len(arguments) == 2:
		items, err := tpl.list(arguments[1])
		if err != nil {
			return nil, err
		}
		var i int
		if _, err := fmt.Sscan(fmt.Sprint(arguments[0]), &i); err != nil || i < 0 {
			return nil, fmt.Errorf("%s: %v is no index", name, arguments[0])
		}
		if i >= len(items) {
			// What has been split is no real value; the real one has more parts.
			return fmt.Sprintf("part-%d", i), nil
		}
		return items[i], nil
	case name == "Fn::Sub":
		text, variables := substitution(argument)
		var errs []error
		text = variable.ReplaceAllStringFunc(text, func(match string) string {
			name := variable.FindStringSubmatch(match)[1]
			var value any = map[string]any{"Ref": name}
			if own, ok := variables[name]; ok {
				value = own
			} else if strings.Contains(name, ".") {
				value = map[string]any{"Fn::GetAtt": name}
			}
			text, err := tpl.text(value)
			errs = append(errs, err)
			return text
		})
		return strings.ReplaceAll(text, "${!", "${"), errors.Join(errs...)
	case name == "Fn::GetAZs":
		return []any{"eu-west-1a", "eu-west-1b", "eu-west-1c"}, nil
	case name == "Fn::ImportValue":
		name, err := tpl.text(argument)
		return placeholder("", "", name), err
	}
	return nil, fmt.Errorf("%s of %v is not known here: teach it to value_test.go", name, argument)
}

func (tpl *template) ref(id string) (any, error) {
	if text, ok := pseudo[id]; ok {
		return text, nil
	}
	if parameter, ok := tpl.Parameters[id]; ok {
		if tpl.parent != nil {
			given, _ := tpl.parent.resource().Properties["Parameters"].(map[string]any)
			if value, ok := given[id]; ok {
				return tpl.parent.value(value)
			}
		}
		if parameter.Default != nil {
			return parameter.Default, nil
		}
		return placeholder("", "", id), nil
	}
	r, ok := tpl.Resources[id]
	if !ok {
		return nil, fmt.Errorf("%s: Ref of %s, which is not there", tpl.path, id)
	}
	return placeholder(r.Type, "", id), nil
}

func (tpl *template) attribute(id, name string) (any, error) {
	r, ok := tpl.Resources[id]
	if !ok {
		return nil, fmt.Errorf("%s: Fn::GetAtt of %s, which is not there", tpl.path, id)
	}
	if output, ok := strings.CutPrefix(name, "Outputs."); ok && tpl.nested[id] != nil {
		return tpl.nested[id].value(tpl.nested[id].Outputs[output].Value)
	}
	if r.Type == "Custom::AWSCDKCfnJsonStringify" { // a list or an object that is put into a text as JSON
		value, err := tpl.value(r.Properties["Value"])
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(value)
		return string(text), err
	}
	return placeholder(r.Type, name, id), nil
}

// placeholder is of the form of a resource's attribute, or of what Ref gives if there is none.
func placeholder(kind, attribute, id string) string {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(id))
	label := strings.ToLower(regexp.MustCompile(`[^0-9A-Za-z]`).ReplaceAllString(id, ""))
	label = "x" + label[max(0, len(label)-40):] // the CDK's ids differ at their ends
	name := attribute
	if name == "" {
		name = kind
	}
	service := "sample"
	if parts := strings.Split(kind, "::"); len(parts) == 3 {
		service = strings.ToLower(parts[1])
	}
	switch {
	case ids[name] != "":
		return fmt.Sprintf("%s%017x", ids[name], hash.Sum64())
	case service == "iam" && attribute == "Arn":
		return "arn:aws:iam::111122223333:role/" + label
	case arns[name], strings.HasSuffix(attribute, "Arn"):
		return "arn:aws:" + service + ":eu-west-1:111122223333:" + label
	case strings.HasSuffix(attribute, "Url"), strings.HasSuffix(attribute, "Endpoint"):
		return "https://" + label + ".example.com"
	case strings.HasSuffix(attribute, "Data"):
		return "c2FtcGxl" // base64
	}
	return label
}

// attribute reads the argument of Fn::GetAtt: ["id", "name"] or "id.name".
func attribute(argument any) (id, name string, err error) {
	if text, ok := argument.(string); ok {
		if id, name, ok := strings.Cut(text, "."); ok {
			return id, name, nil
		}
	}
	if parts, ok := argument.([]any); ok && len(parts) == 2 {
		id, isText := parts[0].(string)
		name, isName := parts[1].(string)
		if isText && isName {
			return id, name, nil
		}
	}
	return "", "", fmt.Errorf("Fn::GetAtt of %v", argument)
}

// substitution reads the argument of Fn::Sub: "text" or ["text", {"name": value}].
func substitution(argument any) (text string, variables map[string]any) {
	if parts, ok := argument.([]any); ok && len(parts) == 2 {
		text, _ = parts[0].(string)
		variables, _ = parts[1].(map[string]any)
		return text, variables
	}
	text, _ = argument.(string)
	return text, nil
}

func TestValues(t *testing.T) {
	inner := &template{
		path:       "Inner.nested.template.json",
		Parameters: map[string]struct{ Default any }{"Given": {}, "Other": {}},
		Outputs:    map[string]struct{ Value any }{"Out": {Value: "from inside"}},
	}
	tpl := &template{
		path:       "Test.template.json",
		Parameters: map[string]struct{ Default any }{"Replicas": {Default: 2.0}},
		Resources: map[string]resource{
			"Cluster9EE0": {Type: "AWS::EKS::Cluster"},
			"Files":       {Type: "AWS::EFS::FileSystem"},
			"Inner": {Type: nestedType, Properties: map[string]any{
				"Parameters": map[string]any{"Given": map[string]any{"Ref": "Cluster9EE0"}},
			}},
			"List": {Type: "Custom::AWSCDKCfnJsonStringify",
				Properties: map[string]any{"Value": []any{map[string]any{"Ref": "AWS::Region"}}}},
		},
		nested: map[string]*template{"Inner": inner},
	}
	inner.parent = &node{tpl, "Inner"}
	for text, want := range map[string]any{
		`"as it is"`:                               "as it is",
		`{"Ref": "AWS::AccountId"}`:                "111122223333",
		`{"Ref": "Replicas"}`:                      2.0,
		`{"Ref": "Cluster9EE0"}`:                   "xcluster9ee0",
		`{"Ref": "Files"}`:                         "fs-0803ce7e1a2294d50",
		`{"Fn::GetAtt": ["Cluster9EE0", "Arn"]}`:   "arn:aws:eks:eu-west-1:111122223333:xcluster9ee0",
		`{"Fn::GetAtt": "Cluster9EE0.Endpoint"}`:   "https://xcluster9ee0.example.com",
		`{"Fn::GetAtt": ["Inner", "Outputs.Out"]}`: "from inside",
		`{"Fn::GetAtt": ["List", "Value"]}`:        `["eu-west-1"]`,
		`{"Fn::Join": ["-", ["a", {"Ref": "Replicas"}, {"Ref": "AWS::Region"}]]}`: "a-2-eu-west-1",
		`{"Fn::Sub": "${AWS::Partition}/${Cluster9EE0}/${Cluster9EE0.Arn}/${!Literal}"}`: "aws/xcluster9ee0/arn:aws:eks:" +
			"eu-west-1:111122223333:xcluster9ee0/${Literal}",
		`{"Fn::Sub": ["${Own}", {"Own": {"Ref": "AWS::Region"}}]}`:                                              "eu-west-1",
		`{"Fn::Select": [1, {"Fn::Split": ["//", {"Fn::GetAtt": ["Cluster9EE0", "OpenIdConnectIssuerUrl"]}]}]}`: "xcluster9ee0.example.com",
		`{"Fn::ImportValue": "Network:ExportsOutputRefVpc"}`:                                                    "xnetworkexportsoutputrefvpc",
	} {
		var value any
		require.NoError(t, json.Unmarshal([]byte(text), &value))
		got, err := tpl.value(value)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{`{"Fn::If": ["Condition", "a", "b"]}`, `{"Ref": "Nothing"}`, `{"Fn::GetAtt": ["Nothing", "Arn"]}`,
		`{"Fn::Join": ["", [{"Fn::GetAZs": ""}]]}`} {
		var value any
		require.NoError(t, json.Unmarshal([]byte(text), &value))
		_, err := tpl.value(value)
		require.Error(t, err, text)
	}
	given, err := inner.value(map[string]any{"Ref": "Given"})
	require.NoError(t, err)
	assert.Equal(t, "xcluster9ee0", given)
}

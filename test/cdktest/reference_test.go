package cdktest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/test/cdktest"
)

const twoBuckets = `{
	"Parameters": {"Name": {"Type": "String"}},
	"Resources": {
		"Images": {"Type": "AWS::S3::Bucket", "Metadata": {"aws:cdk:path": "Shop/Images/Resource"}},
		"Logs": {"Type": "AWS::S3::Bucket", "Metadata": {"aws:cdk:path": "Shop/Logs/Resource"}},
		"Files": {"Type": "AWS::EFS::FileSystem"}
	}
}`

// What is a reference to the bucket, and what merely contains one.
func TestFollowAndRefers(t *testing.T) {
	tpl := cdktest.Parse(t, []byte(twoBuckets))
	images := tpl.Resources["Images"]
	for _, c := range []struct {
		name, value     string
		follows, refers bool
	}{
		{"Ref", `{"Ref": "Images"}`, true, true},
		{"Fn::GetAtt", `{"Fn::GetAtt": ["Images", "Arn"]}`, true, true},
		{"Fn::GetAtt as a text", `{"Fn::GetAtt": "Images.Arn"}`, true, true},
		{"Fn::Sub", `{"Fn::Sub": "${Images}"}`, true, true},
		{"Fn::Sub of an attribute", `{"Fn::Sub": "${Images.Arn}"}`, true, true},
		{"Fn::Sub with variables", `{"Fn::Sub": ["${Bucket}", {"Bucket": {"Ref": "Images"}}]}`, true, true},
		{"Fn::Join of one", `{"Fn::Join": ["", [{"Ref": "Images"}]]}`, true, true},
		{"an ARN, joined", `{"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", {"Ref": "Images"}]]}`, true, true},
		{"an ARN, substituted", `{"Fn::Sub": "arn:${AWS::Partition}:s3:::${Images}"}`, true, true},
		{"Fn::Select", `{"Fn::Select": [0, ["x", {"Ref": "Images"}]]}`, false, true},
		{"Fn::Select of the reference", `{"Fn::Select": [1, ["x", {"Ref": "Images"}]]}`, true, true},
		{"Fn::Split", `{"Fn::Select": ["5", {"Fn::Split": [":", {"Fn::GetAtt": ["Images", "Arn"]}]}]}`, true, true},
		{"Fn::If or nothing", `{"Fn::If": ["C", {"Ref": "Images"}, {"Ref": "AWS::NoValue"}]}`, true, true},
		{"nothing or Fn::If", `{"Fn::If": ["C", {"Ref": "AWS::NoValue"}, {"Ref": "Images"}]}`, true, true},
		{"the same either way", `{"Fn::If": ["C", {"Ref": "Images"}, {"Fn::GetAtt": ["Images", "Arn"]}]}`, true, true},

		{"Fn::If of two", `{"Fn::If": ["C", {"Ref": "Images"}, {"Ref": "Logs"}]}`, false, true},
		{"a path in it", `{"Fn::Join": ["/", [{"Fn::GetAtt": ["Images", "Arn"]}, "*"]]}`, false, true},
		{"a path in it, substituted", `{"Fn::Sub": "${Images.Arn}/*"}`, false, true},
		{"a text with it", `{"Fn::Join": ["", ["https://", {"Ref": "Images"}]]}`, false, true},
		{"an ARN of another kind", `{"Fn::Sub": "arn:aws:s3:eu-west-1:111122223333:accesspoint/${Images}"}`, false, true},
		{"ARNs of all accounts", `{"Fn::Sub": "arn:aws:s3:*:*:${Images}"}`, false, true},
		{"an unused variable", `{"Fn::Sub": ["x", {"Bucket": {"Ref": "Images"}}]}`, false, true},
		{"an object with it", `{"a": [{"b": {"Ref": "Images"}}]}`, false, true},
		{"a function nobody knows", `{"Fn::Base64": {"Ref": "Images"}}`, false, true},

		{"another resource", `{"Ref": "Logs"}`, false, false},
		{"a parameter", `{"Ref": "Name"}`, false, false},
		{"its name as a text", `"Images"`, false, false},
		{"an escaped variable", `{"Fn::Sub": "${!Images}"}`, false, false},
		{"a variable of that name", `{"Fn::Sub": ["${Images}", {"Images": "x"}]}`, false, false},
		{"nothing", `null`, false, false},
	} {
		value := cdktest.Parse(t, []byte(`{"Outputs": {"O": {"Value": `+c.value+`}}}`)).Outputs["O"]["Value"]
		assert.Equal(t, c.follows, tpl.Follow(value) == images, "Follow %s", c.name)
		assert.Equal(t, c.refers, tpl.Refers(value, images), "Refers %s", c.name)
	}
	assert.Same(t, tpl.Resources["Files"], tpl.Follow(map[string]any{
		"Fn::Sub": "arn:${AWS::Partition}:elasticfilesystem:${AWS::Region}:${AWS::AccountId}:file-system/${Files}",
	}))
}

func TestText(t *testing.T) {
	for want, value := range map[string]any{
		"plain":                      "plain",
		"<Images>":                   map[string]any{"Ref": "Images"},
		"<Images.Arn>/*":             map[string]any{"Fn::Join": []any{"/", []any{map[string]any{"Fn::GetAtt": "Images.Arn"}, "*"}}},
		"arn:<AWS::Partition>:${x}:": map[string]any{"Fn::Sub": "arn:${AWS::Partition}:${!x}:"},
	} {
		assert.Equal(t, want, cdktest.Text(t, value))
	}
	for _, value := range []any{nil, 1.0, []any{"a"}, map[string]any{"Fn::If": []any{"C", "a", "b"}}, map[string]any{"a": "b", "c": "d"}} {
		assert.Contains(t, failure(t, func(t testing.TB) { cdktest.Text(t, value) }), "not a text", "%v", value)
	}
}

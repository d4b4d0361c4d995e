package cdktest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/test/cdktest"
)

func TestQueriesFindOneResource(t *testing.T) {
	tpl := cdktest.Parse(t, []byte(twoBuckets))
	assert.Equal(t, "Files", tpl.Only("AWS::EFS::FileSystem").Id)
	assert.Equal(t, "Logs", tpl.At("AWS::S3::Bucket", "/Logs/").Id)
	for want, query := range map[string]func(tpl *cdktest.Template){
		"the template has no AWS::SNS::Topic":               func(tpl *cdktest.Template) { tpl.Only("AWS::SNS::Topic") },
		"the template has more than one AWS::S3::Bucket":    func(tpl *cdktest.Template) { tpl.Only("AWS::S3::Bucket") },
		"the template has no AWS::S3::Bucket at /Pictures/": func(tpl *cdktest.Template) { tpl.At("AWS::S3::Bucket", "/Pictures/") },
		"more than one AWS::S3::Bucket at Shop":             func(tpl *cdktest.Template) { tpl.At("AWS::S3::Bucket", "Shop") },
		"Logging of AWS::S3::Bucket Shop/Images refers":     func(tpl *cdktest.Template) { tpl.Resources["Images"].Ref("Logging") },
		"AWS::CloudFormation::Stack":                        func(tpl *cdktest.Template) { tpl.Resources["Images"].Nested() },
		"Custom::AWSCDK-EKS":                                func(tpl *cdktest.Template) { tpl.Resources["Images"].Objects() },
	} {
		said := failure(t, func(t testing.TB) { query(tpl.For(t)) })
		assert.Contains(t, said, want)
	}
	said := failure(t, func(t testing.TB) { tpl.For(t).Only("AWS::SNS::Topic") })
	assert.Contains(t, said, "AWS::EFS::FileSystem Files\n", "what there is")
}

func TestAllIsInAStableOrder(t *testing.T) {
	for range 20 {
		tpl := cdktest.Parse(t, []byte(`{"Resources": {
			"C": {"Type": "T", "Metadata": {"aws:cdk:path": "Shop/1"}}, "A": {"Type": "T", "Metadata": {"aws:cdk:path": "Shop/2"}},
			"B": {"Type": "T", "Metadata": {"aws:cdk:path": "Shop/2"}}, "D": {"Type": "U"}}}`))
		var ids []string
		for _, r := range tpl.All("T") {
			ids = append(ids, r.Id)
		}
		assert.Equal(t, []string{"C", "A", "B"}, ids)
		assert.Equal(t, map[string]int{"T": 3, "U": 1}, tpl.Count())
	}
}

// A template that was synthesized by one test can be asked by another.
func TestTemplateForAnotherTest(t *testing.T) {
	tpl := cdktest.Parse(t, []byte(twoBuckets))
	assert.NotEmpty(t, failure(t, func(t testing.TB) { tpl.For(t).Only("T") }))
	other := tpl.For(t)
	other.Resources["Images"].Type = "T"
	assert.Equal(t, "AWS::S3::Bucket", tpl.Resources["Images"].Type, "a copy")
	assert.Same(t, other, other.Resources["Images"].Template)
}

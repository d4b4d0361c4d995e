package stacks_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
	"github.com/stretchr/testify/assert"

	"awscontainers/test/cdktest"
)

// The security lane: nothing that AwsSolutions finds is without a reason where the resource is made.
func TestNag(t *testing.T) {
	for _, v := range variants {
		assert.Empty(t, v.audit(t).annotations, v.name)
	}
}

// audit is a variant once more, with what cdk-nag finds in it and whatever else warns.
type audit struct {
	template    *cdktest.Template
	annotations []string
}

// audit makes the audit, once.
func (v variant) audit(t *testing.T) audit {
	t.Helper()
	a, isDone := audits[v.name]
	if !isDone {
		stack := v.build(t, cdktest.App(t), v.stackName())
		awscdk.Aspects_Of(awscdk.App_Of(stack)).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Reports: jsii.Bool(false)}), nil)
		a.template, a.annotations = cdktest.SynthAnnotated(t, stack)
		audits[v.name] = a
	}
	return a
}

var audits = map[string]audit{}

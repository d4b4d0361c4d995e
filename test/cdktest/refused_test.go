package cdktest_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/invalid"
	"awscontainers/test/cdktest"
)

func TestRefused(t *testing.T) {
	refusal := &invalid.Error{Path: "Shop",
		Problems: []invalid.Problem{{Field: "Port", Wanted: "is required"}, {Field: "Name", Wanted: "is required"}}}
	other := &invalid.Error{Problems: []invalid.Problem{{Field: "Size", Wanted: "is required"}}}
	for name, c := range map[string]struct {
		panics any
		lines  []string
	}{
		"itself":  {refusal, []string{"Shop: Port is required", "Shop: Name is required"}},
		"wrapped": {fmt.Errorf("settings: %w", other), []string{"settings: Size is required"}},
		"joined":  {errors.Join(refusal, other), []string{"Shop: Port is required", "Shop: Name is required", "Size is required"}},
	} {
		nested := func(f func()) { f() }
		assert.Equal(t, c.lines, cdktest.Refused(t, func() { nested(func() { panic(c.panics) }) }), name)
	}
	stack := cdktest.Stack(t)
	awscdk.NewStack(stack, new("Twice"), nil)
	for want, f := range map[string]func(){
		"nothing was refused":                            func() {},
		"the panic is not a refusal":                     func() { panic("out of order") },
		"out of order":                                   func() { panic(errors.New("out of order")) },
		"refused_test.go":                                func() { panic("where") },
		"There is already a Construct with name 'Twice'": func() { awscdk.NewStack(stack, new("Twice"), nil) },
	} {
		assert.Contains(t, failure(t, func(t testing.TB) { cdktest.Refused(t, f) }), want)
	}
	said := failure(t, func(t testing.TB) { cdktest.Refused(t, func() { t.Logf("the end"); t.FailNow() }) })
	assert.Equal(t, "the end\n", said, "a test that fails inside says what it says")
}

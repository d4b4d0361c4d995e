package opt

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// String is nil for "".
func String(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Strings is nil for an empty slice.
func Strings(s []string) *[]*string {
	if len(s) == 0 {
		return nil
	}
	return jsii.Strings(s...)
}

// StringMap is nil for an empty map.
func StringMap(m map[string]string) *map[string]*string {
	if len(m) == 0 {
		return nil
	}
	out := make(map[string]*string, len(m))
	for k, v := range m {
		out[k] = jsii.String(v)
	}
	return &out
}

// True is nil for false.
func True(is bool) *bool {
	if !is {
		return nil
	}
	return &is
}

// Number is nil for 0.
func Number(n int) *float64 {
	if n == 0 {
		return nil
	}
	return jsii.Number(n)
}

// Duration is nil for 0. CloudFormation counts these in whole seconds; validation has refused anything finer.
func Duration(d time.Duration) awscdk.Duration {
	if d == 0 {
		return nil
	}
	return awscdk.Duration_Seconds(jsii.Number(d.Seconds()))
}

// Value returns what a pointer points to, or the zero value for nil: a constructor's own copy of its props.
func Value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// NotNil returns p, or a pointer to the zero value for nil: Validate accepts nil where the constructor does.
func NotNil[T any](p *T) *T {
	if p == nil {
		return new(T)
	}
	return p
}

// Default fills in a prop that was left out.
func Default[T comparable](field *T, byDefault T) {
	var zero T
	if *field == zero {
		*field = byDefault
	}
}

package check

import (
	"reflect"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
)

// NotNil refuses nil, a nil pointer in an interface, and a construct that no constructor made, as an argument of a method. The text
// says what to pass: "a role or a user".
func NotNil(argument string, value any, what string, bad *invalid.Problems) {
	if v := reflect.ValueOf(value); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		bad.Add(argument, "must not be nil").Advise("pass %s", what)
	} else if !invalid.IsMade(value) {
		bad.Add(argument, "must be created by a constructor").Advise("pass %s", what)
	}
}

// Arguments panics with *invalid.Error if arguments of a construct's method are invalid, or, with a nil owner, those of another
// function. The problems' fields are the names of the arguments, or empty.
func Arguments(owner constructs.Construct, method string, bad invalid.Problems) {
	if len(bad) == 0 {
		return
	}
	for i := range bad {
		bad[i].Field = strings.TrimSpace(method + ": " + bad[i].Field)
	}
	path := ""
	if owner != nil {
		path = *owner.Node().Path()
	}
	invalid.Panic(path, bad)
}

// Grantee refuses what a method can't grant to, with a panic as Arguments.
func Grantee(owner constructs.Construct, method string, grantee awsiam.IGrantable) {
	var bad invalid.Problems
	NotNil("grantee", grantee, "a role, a user or a construct with a role", &bad)
	Arguments(owner, method, bad)
}

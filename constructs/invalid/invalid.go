package invalid

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
)

// Problem is one thing that is wrong with one field.
type Problem struct {
	// Field is the path of the field below the props, as Go spells it: "Containers[0].Port". It is empty when the whole
	// value is meant.
	Field string
	// Message says the value given, why it is refused and what to write instead.
	Message string
}

// Error is every problem of one props struct. Constructors panic with it before they create anything, so a template is
// never half built.
type Error struct {
	// Path is the construct path of what was asked for, such as "FargateWeb/Service"; empty until a constructor knows it.
	Path     string
	Problems []Problem
}

// Error gives a line a problem: "FargateWeb/Service: Cpu 300 is not a Fargate size; use 256, 512, ...".
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = strings.TrimSpace(p.Field + " " + p.Message)
		if e.Path != "" {
			lines[i] = e.Path + ": " + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}

// Problems collects what is wrong, so that a user mends all of it at once. The zero value is ready for use.
type Problems []Problem

// Add notes a problem. The message follows the field's name in the sentence: Add("Port", "%d is not a port; use 1 to 65535", p).
func (p *Problems) Add(field, format string, args ...any) {
	*p = append(*p, Problem{Field: field, Message: fmt.Sprintf(format, args...)})
}

// Nest adds the problems of a nested value under the field that holds it. A nil error adds nothing.
func (p *Problems) Nest(field string, err error) {
	var nested *Error
	switch {
	case err == nil:
	case errors.As(err, &nested):
		for _, n := range nested.Problems {
			*p = append(*p, Problem{Field: strings.TrimSuffix(field+"."+n.Field, "."), Message: n.Message})
		}
	default:
		p.Add(field, "%v", err)
	}
}

// Err is nil without problems, else an *Error.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return &Error{Problems: p}
}

// Refuse panics with err, an *Error from Problems.Err, under the path that the construct would have had. It does nothing
// when err is nil, so that a constructor begins with one line.
func Refuse(scope constructs.Construct, id string, err error) {
	if err == nil {
		return
	}
	var e *Error
	if !errors.As(err, &e) {
		panic(err)
	}
	path := id
	if parent := *scope.Node().Path(); parent != "" {
		path = parent + "/" + id
	}
	panic(&Error{Path: path, Problems: e.Problems})
}

// IsToken tells whether a string holds a CDK token, a value that is known only when CloudFormation deploys: such a value
// cannot be judged here. It is the plain-Go half of awscdk.Token_IsUnresolved, so that validation needs no Node; props
// hold numbers as int, which cannot carry a token.
func IsToken(s string) bool {
	return strings.Contains(s, "${Token[")
}

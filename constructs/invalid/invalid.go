package invalid

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/internal/describe"
	"awscontainers/internal/source"
)

// Problem is one thing that is wrong with one field. It is data, so that an app can name the setting its user typed
// instead of the field that the setting became.
type Problem struct {
	// Field is the path of the field below the props, as Go spells it: "Containers[0].Port". It is empty for the props as
	// a whole.
	Field string
	// Wanted is what is allowed, as the rest of a sentence that begins with the field: "must be an integer from 1 to
	// 65535", "is required with DomainName".
	Wanted string
	// Got is the value that was given, as the message shows it; empty where there is none to show.
	Got string
	// Fix is what to do, as an imperative: "set HostedZoneId"; empty where Wanted says it already.
	Fix string
}

// Given records the value that was refused. Strings are quoted, lists are separated by commas, and pointers are followed.
func (p *Problem) Given(value any) *Problem {
	p.Got = show(value)
	return p
}

// Advise records what to do about it, as an imperative: Advise("set %s or remove %s", a, b).
func (p *Problem) Advise(format string, args ...any) *Problem {
	shorten(args)
	p.Fix = fmt.Sprintf(format, args...)
	return p
}

// String gives the problem as one line without its path: "Port must be an integer from 1 to 65535; got 0".
func (p Problem) String() string {
	line := strings.TrimSpace(p.Field + " " + p.Wanted)
	if p.Got != "" {
		line += "; got " + p.Got
	}
	if p.Fix != "" {
		line += "; " + p.Fix
	}
	return line
}

// shorten replaces durations by their texts, "5m" instead of "5m0s". It changes the list in place, by which go vet still sees that
// the caller formats its arguments.
func shorten(args []any) {
	for i, arg := range args {
		if d, ok := arg.(time.Duration); ok {
			args[i] = describe.Duration(d)
		}
	}
}

func show(value any) string {
	v := reflect.ValueOf(value)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.IsValid() {
		if d, ok := v.Interface().(time.Duration); ok {
			return describe.Duration(d)
		}
	}
	switch v.Kind() {
	case reflect.Invalid:
		return "nil"
	case reflect.String:
		return fmt.Sprintf("%q", v.String())
	case reflect.Slice:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = show(v.Index(i).Interface())
		}
		if len(items) == 0 {
			return "an empty list"
		}
		return strings.Join(items, ", ")
	default:
		return fmt.Sprint(v.Interface())
	}
}

// Error holds every problem of one props struct. Constructors panic with it before they create anything, so a template is
// never half built.
type Error struct {
	// Path is the construct path of what was asked for, such as "FargateWeb/Service"; empty until a constructor knows it.
	Path     string
	Problems []Problem
	// Line is the line of the program that called the constructor, "main.go:35"; empty until a constructor knows it.
	Line string
}

// Error gives one line for each problem: "FargateWeb/Service: Port must be an integer from 1 to 65535; got 0".
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
		if e.Path != "" {
			lines[i] = e.Path + ": " + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}

// Problems collects what is wrong, so that a user fixes all of it at once. The zero value is ready for use.
type Problems []Problem

// Add adds a problem with a field. The text says what is allowed and follows the field in the sentence; Given and Advise
// of the result add the value and the fix:
//
//	bad.Add("Port", "must be an integer from %d to %d", 1, 65535).Given(p.Port)
//
// The result is valid until the next Add.
func (p *Problems) Add(field, wanted string, args ...any) *Problem {
	shorten(args)
	*p = append(*p, Problem{Field: field, Wanted: fmt.Sprintf(wanted, args...)})
	return &(*p)[len(*p)-1]
}

// Nest adds the problems of a nested value under the field that holds it. A nil error adds nothing.
func (p *Problems) Nest(field string, err error) {
	var nested *Error
	switch {
	case err == nil:
	case errors.As(err, &nested):
		for _, n := range nested.Problems {
			n.Field = strings.Trim(field+"."+n.Field, ".")
			*p = append(*p, n)
		}
	default:
		p.Add(field, "%s", err.Error())
	}
}

// Err returns nil without problems, else an *Error.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return &Error{Problems: p}
}

// Refuse panics with an *Error that holds the problems of all errors, under the path that the construct would have had. It
// does nothing if all errors are nil, so that a constructor begins with one line:
//
//	invalid.Refuse(scope, id, p.validate(), p.validateIn(scope))
//
// A nil scope, or a construct that no constructor made, is itself a problem, and so is an id that the scope can't give to another
// construct.
func Refuse(scope constructs.Construct, id string, errs ...error) {
	var bad Problems
	switch {
	case scope == nil:
		bad.Add("scope", "must not be nil")
	case !IsMade(scope):
		bad.Add("scope", "must be created by a constructor")
		scope = nil // it can't be asked for its path
	case id == "":
		bad.Add("id", "must not be empty")
	case IsToken(id):
		bad.Add("id", "must be a literal, not a CDK token, because logical IDs are derived from it")
	case scope.Node().TryFindChild(&id) != nil:
		bad.Add("id", "is already used by another construct in %s", cmp.Or(*scope.Node().Path(), "the app")).Advise("use another id")
	}
	for _, err := range errs {
		bad.Nest("", err)
	}
	if len(bad) == 0 {
		return
	}
	path := id
	if scope != nil {
		path = strings.Trim(*scope.Node().Path()+"/"+id, "/")
	}
	Panic(path, bad)
}

// Panic panics with an *Error that holds the problems and the line of the program that led here, as Refuse does: for a method, or
// another function that isn't a constructor. The path is the construct's, or empty. It does nothing without problems.
func Panic(path string, bad Problems) {
	if len(bad) > 0 {
		panic(&Error{Path: path, Problems: bad, Line: source.Line()})
	}
}

// IsMade reports whether a construct is neither nil, nor a nil pointer, nor a struct that its caller wrote, such as &ecs.Cluster{},
// whose embedded constructs.Construct is nil: its methods would panic.
func IsMade(construct any) bool {
	v := reflect.ValueOf(construct)
	switch {
	case !v.IsValid():
		return false
	case v.Kind() != reflect.Pointer:
		return true
	case v.IsNil():
		return false
	case v.Elem().Kind() != reflect.Struct:
		return true
	}
	f, hasField := v.Type().Elem().FieldByName("Construct")
	return !hasField || !f.Anonymous || len(f.Index) > 1 || f.Type.Kind() != reflect.Interface || !v.Elem().FieldByIndex(f.Index).IsNil()
}

// IsToken reports whether a string holds a CDK token, a value that is known only when CloudFormation deploys: such a value
// cannot be judged here. It is the plain-Go half of awscdk.Token_IsUnresolved, so that validation needs no Node; props
// hold numbers as int, which cannot carry a token.
func IsToken(s string) bool {
	return strings.Contains(s, "${Token[")
}

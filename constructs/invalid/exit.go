package invalid

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/aws/jsii-runtime-go"
)

// Exit runs the body of a main function. If it panics with an *[Error], because a constructor refuses its props, Exit prints the
// problems to standard error, one per line, and exits with status 1. Every other panic goes through: an error of the CDK keeps its
// text and its Go stack trace.
//
//	func main() {
//		defer jsii.Close()
//		invalid.Exit(func() {
//			app := awscdk.NewApp(nil)
//			// ...
//			app.Synth(nil)
//		})
//	}
//
// Each line begins with the line of the program that called the constructor, as a compiler's does:
//
//	main.go:35: Shop/Service: Port must be an integer from 1 to 65535; got 0
func Exit(body func()) {
	defer func() {
		problem := recover()
		if problem == nil {
			return
		}
		if !report(os.Stderr, problem) {
			panic(problem)
		}
		jsii.Close() // os.Exit doesn't run what main defers
		os.Exit(1)
	}()
	body()
}

// report prints what a panic says if it holds an *Error, and reports whether it does.
func report(w io.Writer, problem any) bool {
	err, isError := problem.(error)
	var refused *Error
	if !isError || !errors.As(err, &refused) {
		return false
	}
	for _, line := range lines(err) {
		_, _ = fmt.Fprintln(w, line)
	}
	return true
}

// lines returns the lines of an error, and of all that errors.Join put together.
func lines(err error) (all []string) {
	switch e := err.(type) { //nolint:errorlint // it is what unwraps them
	case *Error:
		for line := range strings.SplitSeq(e.Error(), "\n") {
			if e.Line != "" {
				line = e.Line + ": " + line
			}
			all = append(all, line)
		}
	case interface{ Unwrap() []error }:
		for _, joined := range e.Unwrap() {
			all = append(all, lines(joined)...)
		}
	default:
		all = strings.Split(err.Error(), "\n")
	}
	return all
}

// The app of reference architectures: `cdk synth <stack>`, `cdk deploy <stack>`. README.md says how.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/rules"
	"awscontainers/stacks/settings"
)

func main() {
	exitCode := run(os.Stderr)
	jsii.Close()
	os.Exit(exitCode)
}

// run builds the stacks that the context asks for. It prints a mistake of the user, or an error of the CDK, without a Go stack
// trace, and returns 1.
func run(stderr io.Writer) (exitCode int) {
	defer func() {
		if problem := recover(); problem != nil {
			if _, isBug := problem.(runtime.Error); isBug {
				panic(problem) // ours, and the stack trace finds it
			}
			report(stderr, problem)
			exitCode = 1
		}
	}()
	app := awscdk.NewApp(nil)
	s, err := settings.Read(app)
	if err != nil {
		report(stderr, err)
		return 1
	}
	s.Build(app)
	rules.Register(app) // starts the validator, which takes seconds: only if nothing was refused
	app.Synth(nil)
	return 0
}

// report prints one line for each problem. What jsii panics with is an error whose text is the CDK's own.
func report(w io.Writer, problem any) {
	err, isError := problem.(error)
	var refused *invalid.Error
	if isError && errors.As(err, &refused) {
		_, _ = fmt.Fprintln(w, refused)
		return
	}
	_, _ = fmt.Fprintln(w, "error:", strings.TrimPrefix(fmt.Sprint(problem), "Error: "))
}

// The app of reference architectures: `cdk synth <stack>`, `cdk deploy <stack>`. README.md says how.
package main

import (
	"errors"
	"fmt"
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
	defer jsii.Close()
	invalid.Exit(func() {
		defer exitOnCdkError()
		app := awscdk.NewApp(nil)
		rules.Register(app)
		s, err := settings.Read(app)
		if err != nil {
			panic(err)
		}
		s.Build(app)
		for _, note := range s.Notes() {
			fmt.Fprintln(os.Stderr, "note:", note)
		}
		app.Synth(nil)
	})
}

// exitOnCdkError prints an error of the CDK as one line. In a program of your own its Go stack trace says which line led to it; who
// runs this app may never have seen its code.
func exitOnCdkError() {
	problem := recover()
	if problem == nil {
		return
	}
	err, isError := problem.(error) // as jsii panics
	_, isBug := problem.(runtime.Error)
	var refused *invalid.Error
	if !isError || isBug || errors.As(err, &refused) {
		panic(problem)
	}
	fmt.Fprintln(os.Stderr, "error:", strings.TrimPrefix(err.Error(), "Error: "))
	jsii.Close()
	os.Exit(1)
}

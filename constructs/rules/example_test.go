package rules_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/rules"
)

func Example() {
	defer jsii.Close()
	invalid.Exit(func() {
		app := awscdk.NewApp(nil)
		rules.Register(app) // a finding fails the synth

		stack := awscdk.NewStack(app, jsii.String("Web"), nil)
		// ... your constructs ...

		// A finding you have thought about. It silences the rule for the whole app, wherever it is called.
		awscdk.Validations_Of(stack).Acknowledge(&awscdk.Acknowledgment{
			Id:     jsii.String("CloudFormation-Validate::AWSC-ELB-001"),
			Reason: jsii.String("The listener belongs to the platform team, who attach it after the deployment."),
		})

		app.Synth(nil)
	})
}

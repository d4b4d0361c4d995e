package output

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
)

var outputName = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// New creates a CloudFormation output, which `cdk deploy` prints:
//
//	output.New(stack, "Url", alb.Url())
//
// The name is part of the output's key in CloudFormation: letters and digits. The value may be a CDK token. Attributes of CDK
// constructs are *string: write *table.TableName(). It panics with *invalid.Error if the name or the value is invalid.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
func New(scope constructs.Construct, name, value string) awscdk.CfnOutput {
	var bad invalid.Problems
	if !outputName.MatchString(name) {
		bad.Add("name", "must be letters and digits").Given(name)
	}
	if value == "" {
		bad.Add("value", "is required")
	}
	invalid.Refuse(scope, name, bad.Err())
	return awscdk.NewCfnOutput(scope, &name, &awscdk.CfnOutputProps{Value: &value})
}

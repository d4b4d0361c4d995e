package output

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
)

// New creates a CloudFormation output, which `cdk deploy` prints:
//
//	output.New(stack, "Url", alb.Url())
//
// The value may be a CDK token. Attributes of CDK constructs are *string: write *table.TableName().
func New(scope constructs.Construct, name, value string) awscdk.CfnOutput {
	return awscdk.NewCfnOutput(scope, &name, &awscdk.CfnOutputProps{Value: &value})
}

package network

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/source"
)

// VpcFromLookup uses an existing VPC with public and private subnets, of which it knows only the ID. The CDK's CLI looks the rest
// up in AWS, with credentials, and keeps it in cdk.context.json. That requires a stack with an account and a Region. Use VpcFrom
// to look nothing up. It panics with *invalid.Error if the ID is invalid.
func VpcFromLookup(scope constructs.Construct, id, vpcId string) *Vpc {
	invalid.Refuse(scope, id, validateLookup(vpcId), requireEnv(scope))
	v := &Vpc{}
	source.Create(v, scope, id)
	v.Vpc = awsec2.Vpc_FromLookup(v, jsii.String("Vpc"), &awsec2.VpcLookupOptions{VpcId: &vpcId})
	if v.Id() != vpcId {
		// Not looked up yet: the CDK synthesizes once with a dummy VPC, whose IDs its own rules rightly find wrong.
		for _, rule := range []string{"E1151", "E1154"} {
			awscdk.Validations_Of(awscdk.Stack_Of(v)).Acknowledge(&awscdk.Acknowledgment{
				Id: jsii.String("CloudFormation-Validate::" + rule), Reason: jsii.String("the VPC is yet to be looked up"),
			})
		}
	}
	return v
}

func validateLookup(vpcId string) error {
	var bad invalid.Problems
	check.VpcId("vpcId", vpcId, &bad)
	if problem := check.Literal("vpcId", vpcId, "the VPC is looked up when the app is synthesized", &bad); problem != nil {
		problem.Advise("use network.VpcFrom")
	}
	return bad.Err()
}

func requireEnv(scope constructs.Construct) error {
	var bad invalid.Problems
	if invalid.IsMade(scope) {
		if stack := awscdk.Stack_Of(scope); invalid.IsToken(*stack.Account()) || invalid.IsToken(*stack.Region()) {
			bad.Add("vpcId", "requires a stack with an account and a Region, where the VPC is looked up").
				Advise("set Env of the stack, or use network.VpcFrom")
		}
	}
	return bad.Err()
}

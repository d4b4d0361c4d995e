package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/annotate"
	"awscontainers/internal/check"
)

// Common is what every stack needs to know.
type Common struct {
	// Profile is Dev or Prod. Default: Dev.
	Profile Profile
	// Account and Region are where the stack goes. Default: wherever it is deployed.
	Account, Region string
	// VpcId is an existing VPC to use, which takes Account and Region to look it up. Default: a new VPC.
	VpcId string
}

func (c Common) validate() error {
	var bad invalid.Problems
	if c.Profile != "" && c.Profile != Dev && c.Profile != Prod {
		bad.Add("Profile", "%q is unknown; use %q or %q", c.Profile, Dev, Prod)
	}
	if c.VpcId != "" && !check.IsVpcId(c.VpcId) {
		bad.Add("VpcId", `%q is not the id of a VPC; write it as "vpc-0123456789abcdef0"`, c.VpcId)
	}
	if c.VpcId != "" && (c.Account == "" || c.Region == "") {
		bad.Add("VpcId", "%q can only be looked up in an account and a Region; give Account and Region, or run cdk with credentials "+
			"(aws sts get-caller-identity shows whose) and AWS_REGION", c.VpcId)
	}
	return bad.Err()
}

// newStack makes a stack without children.
func newStack(scope constructs.Construct, id, description string, c Common) awscdk.Stack {
	invalid.Refuse(scope, id, c.validate())
	env := &awscdk.Environment{}
	if c.Account != "" {
		env.Account = &c.Account
	}
	if c.Region != "" {
		env.Region = &c.Region
	}
	stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{
		Description:           &description,
		TerminationProtection: jsii.Bool(c.Profile.protected()),
		Env:                   env,
	})
	network.LeaveZonesToCloudFormation(stack)
	return stack
}

// warnOfPlainHTTP fails a strict synth until somebody acknowledges it.
func warnOfPlainHTTP(stack awscdk.Stack, text string) {
	annotate.Warning(stack, "plain-http", text)
}

// newVpc makes the VPC of a stack, or finds the one that the user asked for.
func newVpc(stack awscdk.Stack, c Common) awsec2.IVpc {
	if c.VpcId != "" {
		vpc := awsec2.Vpc_FromLookup(stack, jsii.String("Vpc"), &awsec2.VpcLookupOptions{VpcId: &c.VpcId})
		if *vpc.VpcId() != c.VpcId {
			// Not looked up yet: the CDK synthesizes once with a dummy, whose ids its own rules rightly find wrong.
			for _, rule := range []string{"E1151", "E1154"} {
				awscdk.Validations_Of(stack).Acknowledge(&awscdk.Acknowledgment{
					Id: jsii.String("CloudFormation-Validate::" + rule), Reason: jsii.String("the VPC is yet to be looked up"),
				})
			}
		}
		return vpc
	}
	return network.NewVpc(stack, "Vpc", &network.VpcProps{
		NatGateways:      c.Profile.natGateways(),
		FlowLogRetention: c.Profile.logRetention(),
		RemovalPolicy:    c.Profile.removalPolicy(),
	}).Vpc
}

// emails is the list that subscribes one address, or nobody.
func emails(address string) []string {
	if address == "" {
		return nil
	}
	return []string{address}
}

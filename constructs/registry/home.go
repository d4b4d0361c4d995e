package registry

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

// home is the account and Region of a registry, either of which may be a token: known only when CloudFormation deploys.
type home struct{ account, region string }

// homeOf is unknown for a nil scope, which is refused with the props.
func homeOf(scope constructs.Construct) home {
	if !invalid.IsMade(scope) {
		return home{"${Token[Account]}", "${Token[Region]}"}
	}
	stack := awscdk.Stack_Of(scope)
	return home{*stack.Account(), *stack.Region()}
}

func (h home) mayHaveAccount(id string) bool { return id == h.account || invalid.IsToken(h.account) }

func (h home) mayHaveRegion(name string) bool { return name == h.region || invalid.IsToken(h.region) }

// String is for messages: "111122223333, eu-west-1".
func (h home) String() string {
	orAny := func(value, anyValue string) string {
		if invalid.IsToken(value) {
			return anyValue
		}
		return value
	}
	return orAny(h.account, "any account") + ", " + orAny(h.region, "any Region")
}

// repositoryArn is the ARN of a repository in a stack's account and Region.
func repositoryArn(stack awscdk.Stack, name string) *string {
	return stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("ecr"), Resource: jsii.String("repository"), ResourceName: &name})
}

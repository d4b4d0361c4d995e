package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// accept notes, as metadata that cdk-nag reads, why a resource that a stack makes by itself differs from one of its rules. Constructs
// note their own reasons.
func accept(construct constructs.IConstruct, rule, reason string) {
	construct.Node().DefaultChild().(awscdk.CfnResource).AddMetadata(jsii.String("cdk_nag"), map[string]any{
		"rules_to_suppress": []any{map[string]any{"id": rule, "reason": reason}},
	})
}

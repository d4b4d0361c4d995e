package nag

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

const metadataKey = "cdk_nag"

// Suppress notes a reason for one rule on the construct's own resource. appliesTo narrows it to single findings of rules
// that have several, such as "Resource::*" of AwsSolutions-IAM5.
func Suppress(construct constructs.IConstruct, rule, reason string, appliesTo ...string) {
	resource, ok := construct.(awscdk.CfnResource)
	if !ok {
		resource = construct.Node().DefaultChild().(awscdk.CfnResource)
	}
	entry := map[string]any{"id": rule, "reason": reason}
	if len(appliesTo) > 0 {
		entry["applies_to"] = appliesTo
	}
	rules := []any{}
	if earlier, ok := resource.GetMetadata(jsii.String(metadataKey)).(map[string]any); ok {
		rules, _ = earlier["rules_to_suppress"].([]any)
	}
	resource.AddMetadata(jsii.String(metadataKey), map[string]any{"rules_to_suppress": append(rules, entry)})
}

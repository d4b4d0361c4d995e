package rules

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/internal/source"
)

// Plugin returns the validator that Register adds. Several apps of one program, as tests have them, can share it, and with it the
// seconds that its first run takes.
func Plugin() awscdk.CloudFormationValidatePlugin {
	sources := Sources()
	v := &validator{}
	awscdk.NewCloudFormationValidatePlugin_Override(v, &awscdk.CloudFormationValidatePluginProps{
		IncludeDefaultRules: new(true),
		RegoRules:           &sources,
	})
	return v
}

// validator is the CDK's validator, which says besides where in the Go program a resource comes from.
type validator struct {
	awscdk.CloudFormationValidatePlugin
}

// Validate validates the templates of an app.
func (v *validator) Validate(context awscdk.IPolicyValidationContext) *awscdk.PolicyValidationPluginReport {
	report := v.CloudFormationValidatePlugin.Validate(context)
	locate(context.AppConstruct(), report)
	return report
}

// locate attaches the lines of the program that created a construct of the library to the resources in it that violate a rule: the
// CDK writes them into its report. The lines can't be recorded for each resource as it is created, because the CDK creates it.
func locate(app constructs.IConstruct, report *awscdk.PolicyValidationPluginReport) {
	violating := map[any]bool{} // by logical id
	for _, violation := range *report.Violations {
		for _, resource := range *violation.ViolatingResources {
			if resource.ResourceLogicalId != nil {
				violating[*resource.ResourceLogicalId] = true
			}
		}
	}
	if len(violating) == 0 {
		return
	}
	for _, construct := range *app.Node().FindAll(constructs.ConstructOrder_PREORDER) {
		if !*awscdk.CfnResource_IsCfnResource(construct) || len(source.Recorded(construct)) > 0 {
			continue
		}
		stack := awscdk.Stack_Of(construct)
		if violating[stack.Resolve(construct.(awscdk.CfnResource).LogicalId())] {
			source.Record(construct, traceOf(construct))
		}
	}
}

// traceOf returns the trace of the closest construct around a resource that has one.
func traceOf(resource constructs.IConstruct) []string {
	for scope := resource.Node().Scope(); scope != nil; scope = scope.Node().Scope() {
		if trace := source.Recorded(scope); trace != nil {
			return trace
		}
	}
	return nil
}

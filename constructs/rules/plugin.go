package rules

import (
	"strings"

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
	locate(context, report)
	return report
}

// locate attaches the lines of the program that created a construct of the library to the resources in it that violate a rule: the
// CDK writes them into its report. The lines can't be recorded for each resource as it is created, because the CDK creates it.
func locate(context awscdk.IPolicyValidationContext, report *awscdk.PolicyValidationPluginReport) {
	violating := map[string]map[any]bool{} // logical ids, by template
	for _, violation := range *report.Violations {
		for _, r := range *violation.ViolatingResources {
			if r.ResourceLogicalId == nil {
				continue
			}
			if violating[*r.TemplatePath] == nil {
				violating[*r.TemplatePath] = map[any]bool{}
			}
			violating[*r.TemplatePath][*r.ResourceLogicalId] = true
		}
	}
	if len(violating) == 0 {
		return // each call takes time
	}
	for _, s := range *context.StackTemplates() {
		ids := violating[*s.TemplatePath]
		if len(ids) == 0 {
			continue
		}
		root := find(context.AppConstruct(), *s.StackConstructPath)
		if root == nil {
			continue
		}
		stack := awscdk.Stack_Of(root)
		for _, construct := range *root.Node().FindAll(constructs.ConstructOrder_PREORDER) {
			resource, isResource := construct.(awscdk.CfnResource)
			if isResource && ids[stack.Resolve(resource.LogicalId())] && len(source.Recorded(construct)) == 0 {
				source.Record(construct, traceOf(construct))
			}
		}
	}
}

// find returns the construct with a path, or nil.
func find(app constructs.IConstruct, path string) constructs.IConstruct {
	for id := range strings.SplitSeq(path, "/") {
		if app = app.Node().TryFindChild(&id); app == nil {
			return nil
		}
	}
	return app
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

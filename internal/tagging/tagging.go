package tagging

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/internal/annotate"
)

// carrier is a construct without resources that collects the tags which a resource of its type would get in its place, whether they are
// added before or after it.
type carrier struct {
	constructs.Construct
	tags awscdk.TagManager
}

var _ awscdk.ITaggableV2 = (*carrier)(nil)

// CdkTagManager is for awscdk.Tags.
func (c *carrier) CdkTagManager() awscdk.TagManager { return c.tags }

// nameTag is the tag by which the console names resources.
const nameTag = "Name"

// under creates a carrier below a scope.
func under(scope constructs.IConstruct, kind awscdk.TagType, resourceType string) *carrier {
	c := &carrier{tags: awscdk.NewTagManager(kind, &resourceType, nil, nil)}
	constructs.NewConstruct_Override(c, scope.(constructs.Construct), jsii.String("Tags"+strings.ReplaceAll(resourceType, "::", "")))
	return c
}

// Launched tags what a launch template launches: instances with their volumes and network interfaces, named after the scope, and the
// template itself. The tags of a managed node group and, but for instances, of an Auto Scaling group get no further by themselves.
// https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ec2-launchtemplate-tagspecification.html
func Launched(scope constructs.Construct, template awsec2.CfnLaunchTemplate) {
	var launched []any
	for _, kind := range []struct{ of, resourceType string }{
		{"instance", "AWS::EC2::Instance"}, {"volume", "AWS::EC2::Volume"}, {"network-interface", "AWS::EC2::NetworkInterface"},
	} {
		c := under(template, awscdk.TagType_KEY_VALUE, kind.resourceType)
		c.tags.SetTag(jsii.String(nameTag), scope.Node().Path(), nil, nil)
		launched = append(launched, map[string]any{"ResourceType": kind.of, "Tags": c.tags.RenderedTags()})
	}
	template.AddPropertyOverride(jsii.String("LaunchTemplateData.TagSpecifications"), launched)
	own := under(template, awscdk.TagType_KEY_VALUE, "AWS::EC2::LaunchTemplate")
	own.tags.SetTag(jsii.String(nameTag), scope.Node().Path(), nil, nil)
	template.AddPropertyOverride(jsii.String("TagSpecifications"), []any{
		map[string]any{"ResourceType": "launch-template", "Tags": own.tags.RenderedTags()},
	})
}

// Resource tags a resource that the CDK creates without tags, as a list or as a map of them. One that has its tags keeps them.
func Resource(resource awscdk.CfnResource, kind awscdk.TagType) {
	const id = "Tags"
	if resource.Node().TryFindChild(jsii.String(id+strings.ReplaceAll(*resource.CfnResourceType(), "::", ""))) != nil {
		return // the CDK shares it
	}
	c := under(resource, kind, *resource.CfnResourceType())
	resource.AddPropertyOverride(jsii.String(id), c.tags.RenderedTags())
}

// Lists are the tags for resources of a type that something else than CloudFormation creates below a scope, as a list that a property
// takes.
func Lists(scope constructs.IConstruct, resourceType string) awscdk.IResolvable {
	return under(scope, awscdk.TagType_STANDARD, resourceType).tags.RenderedTags()
}

// Of returns the tags for resources of a type that a controller in Kubernetes creates for a scope. They are complete when the CDK writes
// the template: call the result's methods there, or pass it to the CDK as a value that is produced then.
func Of(scope constructs.IConstruct, resourceType string) *Tags {
	return &Tags{of: under(scope, awscdk.TagType_MAP, resourceType)}
}

// Tags are those of Of.
type Tags struct{ of *carrier }

var _ awscdk.IStableAnyProducer = (*Tags)(nil)

// Produce returns Expressible, for awscdk.Lazy_Any.
func (t *Tags) Produce() any { return t.Expressible() }

// Json returns all tags as the text of a JSON object, or nil without tags.
func (t *Tags) Json() any {
	values := *t.of.tags.TagValues()
	if len(values) == 0 {
		return nil
	}
	return awscdk.Stack_Of(t.of).ToJsonString(values, nil)
}

var (
	expressibleKey   = regexp.MustCompile(`^[\p{L}\p{N}_.:/+@ -]+$`)
	expressibleValue = regexp.MustCompile(`^[\p{L}\p{N}_.:/+@= -]*$`)
)

// Expressible returns the tags as a map of strings, or nil without tags. Controllers take them as one argument in the form
// key=value,key=value, so tags with other characters are left out, and a warning says so.
// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
func (t *Tags) Expressible() any {
	values := *t.of.tags.TagValues()
	expressible := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		value := *values[key]
		if expressibleKey.MatchString(key) && (*awscdk.Token_IsUnresolved(value) || expressibleValue.MatchString(value)) {
			expressible[key] = value
			continue
		}
		annotate.Warning(t.of, "controller-tags", fmt.Sprintf("The tag %q=%q reaches nothing that Kubernetes creates, because controllers take "+
			"no other characters than letters, digits, spaces and _.:/+@-, and = in values; use only these", key, value))
	}
	if len(expressible) == 0 {
		return nil
	}
	return expressible
}

package cdktest

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Resource is a resource of a template.
type Resource struct {
	Type                                string
	Properties                          map[string]any
	DependsOn                           any
	Condition                           string
	DeletionPolicy, UpdateReplacePolicy string
	Metadata                            map[string]any
	CreationPolicy, UpdatePolicy        map[string]any

	// Id is the logical ID.
	Id string
	// Template is the template that the resource belongs to.
	Template *Template
}

// Path returns the construct path of the resource, such as "Test/Vpc/Vpc/Resource".
func (r *Resource) Path() string {
	path, _ := r.Metadata["aws:cdk:path"].(string)
	return path
}

// String names the resource in messages: "AWS::EC2::VPC Test/Vpc".
func (r *Resource) String() string {
	if r == nil {
		return "no resource"
	}
	return r.Type + " " + r.place()
}

// place is the construct path without the name that the CDK gives to an L1 inside its L2, or the logical ID.
func (r *Resource) place() string {
	if r.Path() == "" {
		return r.Id
	}
	return strings.TrimSuffix(r.Path(), "/Resource")
}

// Get reads a property by a path such as "NetworkConfiguration.AwsvpcConfiguration.Subnets" or "Containers.0.Name". It is
// nil where any part is absent.
func (r *Resource) Get(path string) any { return Dig(r.Properties, path) }

// Ref returns the resource that a property refers to, as [Template.Follow] does. It fails the test if there is none.
func (r *Resource) Ref(path string) *Resource {
	r.Template.t.Helper()
	target := r.Template.Follow(r.Get(path))
	require.NotNil(r.Template.t, target, "%s of %s refers to no resource: %s", path, r, asText(r.Get(path)))
	return target
}

// Refers reports whether a property of the resource refers to another resource, as [Template.Refers] does.
func (r *Resource) Refers(to *Resource) bool { return r.Template.Refers(r.Properties, to) }

// References returns the resources that the properties of the resource refer to, each once, in the order of their logical IDs.
func (r *Resource) References() []*Resource {
	found := r.Template.references(r.Properties)
	slices.SortFunc(found, func(a, b *Resource) int { return strings.Compare(a.Id, b.Id) })
	return slices.Compact(found)
}

// Dependencies returns the logical IDs in DependsOn.
func (r *Resource) Dependencies() (ids []string) {
	for _, id := range List(r.DependsOn) {
		ids = append(ids, id.(string))
	}
	return ids
}

// Nested returns the template of a nested stack, an AWS::CloudFormation::Stack. It fails the test if the app has none for it.
func (r *Resource) Nested() *Template {
	t := r.Template.t
	t.Helper()
	require.Equal(t, "AWS::CloudFormation::Stack", r.Type)
	nested := r.nested(t)
	require.NotNil(t, nested, "%s: the app has no template for it: %s", r, asText(r.Get("TemplateURL")))
	return nested
}

// nested returns the template of a nested stack, or nil if it isn't the app's.
func (r *Resource) nested(t testing.TB) *Template {
	t.Helper()
	url := asText(r.Get("TemplateURL"))
	for _, a := range r.Template.assets {
		if a.nested != nil && strings.Contains(url, a.hash) {
			nested := Parse(t, a.nested)
			nested.app, nested.assets = r.Template.app, r.Template.assets
			return nested
		}
	}
	return nil
}

// Dig reads a value inside maps and lists by a path such as "Containers.0.Name". It is nil where any part is absent.
func Dig(value any, path string) any {
	for _, key := range strings.Split(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

// List returns what CloudFormation and IAM write as one value or as a list; nil for nil.
func List(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

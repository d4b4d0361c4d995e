package cdktest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Template is a synthesized CloudFormation template.
type Template struct {
	Resources  map[string]*Resource
	Outputs    map[string]map[string]any
	Parameters map[string]map[string]any
	// Raw is the text of the template.
	Raw []byte

	t *testing.T
}

// Resource is a resource of a template.
type Resource struct {
	Type                                string
	Properties                          map[string]any
	DependsOn                           any
	DeletionPolicy, UpdateReplacePolicy string
	Metadata                            map[string]any
	UpdatePolicy                        map[string]any

	// Id is the logical id.
	Id string
	// Template is the template that the resource belongs to.
	Template *Template
}

// All returns the resources of a type.
func (tpl *Template) All(kind string) (found []*Resource) {
	for _, r := range tpl.Resources {
		if r.Type == kind {
			found = append(found, r)
		}
	}
	return found
}

// Only returns the one resource of a type. It fails the test if there is none or more than one.
func (tpl *Template) Only(kind string) *Resource {
	tpl.t.Helper()
	found := tpl.All(kind)
	require.Len(tpl.t, found, 1, "resources of type %s", kind)
	return found[0]
}

// At returns the one resource of a type whose construct path contains a text.
func (tpl *Template) At(kind, path string) *Resource {
	tpl.t.Helper()
	var found []*Resource
	for _, r := range tpl.All(kind) {
		if strings.Contains(r.Path(), path) {
			found = append(found, r)
		}
	}
	require.Len(tpl.t, found, 1, "resources of type %s at a path with %q", kind, path)
	return found[0]
}

// Count returns the number of resources of each type.
func (tpl *Template) Count() map[string]int {
	count := map[string]int{}
	for _, r := range tpl.Resources {
		count[r.Type]++
	}
	return count
}

// Follow returns the resource behind {"Ref": …} or {"Fn::GetAtt": […]}, or nil.
func (tpl *Template) Follow(value any) *Resource {
	object, _ := value.(map[string]any)
	if id, ok := object["Ref"].(string); ok {
		return tpl.Resources[id]
	}
	if att, ok := object["Fn::GetAtt"].([]any); ok {
		return tpl.Resources[att[0].(string)]
	}
	return nil
}

// Parameter returns the parameter that a value refers to, or nil.
func (tpl *Template) Parameter(value any) map[string]any {
	id, _ := Dig(value, "Ref").(string)
	return tpl.Parameters[id]
}

// Path returns the construct path of the resource, such as "Test/Vpc/Vpc/Resource".
func (r *Resource) Path() string {
	path, _ := r.Metadata["aws:cdk:path"].(string)
	return path
}

// Get reads a property by a path such as "NetworkConfiguration.AwsvpcConfiguration.Subnets" or "Containers.0.Name". It is
// nil where any part is absent.
func (r *Resource) Get(path string) any { return Dig(r.Properties, path) }

// Ref returns the resource that a property refers to, by Ref or Fn::GetAtt. It fails the test if there is none.
func (r *Resource) Ref(path string) *Resource {
	r.Template.t.Helper()
	target := r.Template.Follow(r.Get(path))
	require.NotNil(r.Template.t, target, "%s.%s refers to no resource: %v", r.Id, path, r.Get(path))
	return target
}

// Dependencies returns the logical ids in DependsOn.
func (r *Resource) Dependencies() (ids []string) {
	for _, id := range List(r.DependsOn) {
		ids = append(ids, id.(string))
	}
	return ids
}

// KubernetesManifest is the type of the custom resource by which the CDK applies Kubernetes objects.
const KubernetesManifest = "Custom::AWSCDK-EKS-KubernetesResource"

// Objects returns the Kubernetes objects that a manifest of the CDK applies to a cluster.
func (r *Resource) Objects() (objects []map[string]any) {
	t := r.Template.t
	t.Helper()
	require.Equal(t, KubernetesManifest, r.Type)
	require.NoError(t, json.Unmarshal([]byte(Text(t, r.Get("Manifest"))), &objects))
	return objects
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

// Text returns a string of a template with its references written as "<LogicalId>" or "<LogicalId.Attribute>", and its
// pseudo parameters as "<AWS::Region>".
func Text(t *testing.T, value any) string {
	t.Helper()
	if s, ok := value.(string); ok {
		return s
	}
	if join, ok := Dig(value, "Fn::Join").([]any); ok {
		var parts []string
		for _, part := range join[1].([]any) {
			parts = append(parts, Text(t, part))
		}
		return strings.Join(parts, join[0].(string))
	}
	if id, ok := Dig(value, "Ref").(string); ok {
		return "<" + id + ">"
	}
	if att, ok := Dig(value, "Fn::GetAtt").([]any); ok {
		return fmt.Sprintf("<%s.%s>", att...)
	}
	require.Fail(t, "not a text", "%v", value)
	return ""
}

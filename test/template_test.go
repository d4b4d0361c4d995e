package test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// template is a synthesized template, read in Go: references are followed by meaning, never by hashed ids, and a
// question costs no call to Node.
type template struct {
	Resources  map[string]*resource
	Outputs    map[string]map[string]any
	Parameters map[string]map[string]any

	t   *testing.T
	raw []byte
}

type resource struct {
	Type                                string
	Properties                          map[string]any
	DependsOn                           any
	DeletionPolicy, UpdateReplacePolicy string
	Metadata                            map[string]any
	UpdatePolicy                        map[string]any

	id  string
	tpl *template
}

// all gives the resources of a type.
func (tpl *template) all(kind string) (found []*resource) {
	for _, r := range tpl.Resources {
		if r.Type == kind {
			found = append(found, r)
		}
	}
	return found
}

// only gives the one resource of a type.
func (tpl *template) only(kind string) *resource {
	tpl.t.Helper()
	found := tpl.all(kind)
	require.Len(tpl.t, found, 1, "resources of type %s", kind)
	return found[0]
}

// at gives the one resource of a type whose construct path contains the given text.
func (tpl *template) at(kind, path string) *resource {
	tpl.t.Helper()
	var found []*resource
	for _, r := range tpl.all(kind) {
		if strings.Contains(r.path(), path) {
			found = append(found, r)
		}
	}
	require.Len(tpl.t, found, 1, "resources of type %s at a path with %q", kind, path)
	return found[0]
}

// count gives the number of resources of each type.
func (tpl *template) count() map[string]int {
	count := map[string]int{}
	for _, r := range tpl.Resources {
		count[r.Type]++
	}
	return count
}

// path is the construct path of the resource's L1, such as "Test/Vpc/Vpc/Resource".
func (r *resource) path() string {
	path, _ := r.Metadata["aws:cdk:path"].(string)
	return path
}

// get reads a property by a path such as "NetworkConfiguration.AwsvpcConfiguration.Subnets" or "Containers.0.Name"; it
// is nil where any part is absent.
func (r *resource) get(path string) any {
	return dig(r.Properties, path)
}

// ref gives the resource that a property's value refers to, by Ref or Fn::GetAtt.
func (r *resource) ref(path string) *resource {
	r.tpl.t.Helper()
	target := r.tpl.follow(r.get(path))
	require.NotNil(r.tpl.t, target, "%s.%s refers to no resource: %v", r.id, path, r.get(path))
	return target
}

// dependsOn gives the logical ids that the resource waits for by DependsOn.
func (r *resource) dependsOn() (ids []string) {
	switch d := r.DependsOn.(type) {
	case string:
		ids = append(ids, d)
	case []any:
		for _, id := range d {
			ids = append(ids, id.(string))
		}
	}
	return ids
}

// follow gives the resource behind {"Ref": ...} or {"Fn::GetAtt": [...]}, or nil.
func (tpl *template) follow(value any) *resource {
	object, _ := value.(map[string]any)
	if id, ok := object["Ref"].(string); ok {
		return tpl.Resources[id]
	}
	if att, ok := object["Fn::GetAtt"].([]any); ok {
		return tpl.Resources[att[0].(string)]
	}
	return nil
}

// parameter gives the parameter that a value refers to, or nil.
func (tpl *template) parameter(value any) map[string]any {
	id, _ := dig(value, "Ref").(string)
	return tpl.Parameters[id]
}

func dig(value any, path string) any {
	for _, key := range strings.Split(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			i := int(key[0] - '0')
			if len(key) != 1 || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

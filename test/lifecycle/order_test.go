package lifecycle_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/test/cdktest"
)

// order says that the resources of some types are created before those of others, and so deleted after them, where one has to do with
// the other.
type order struct {
	// first and then are types, or several separated by spaces.
	first, then string
	// when says whether one has to do with the other.
	when func(s *stack, first, then *cdktest.Resource) bool
	// because says what goes wrong otherwise.
	because string
	// page is AWS's.
	page string
}

func (o order) String() string { return o.first + " before " + o.then + ", because " + o.because }

// stack is a template, and what its resources have to do with each other.
type stack struct {
	*cdktest.Template
	graph      *cdktest.Graph
	references map[*cdktest.Resource][]*cdktest.Resource
	objects    map[*cdktest.Resource][]map[string]any
}

func stackOf(tpl *cdktest.Template) *stack {
	s := &stack{tpl, tpl.Graph(), map[*cdktest.Resource][]*cdktest.Resource{}, map[*cdktest.Resource][]map[string]any{}}
	for _, r := range tpl.Resources {
		s.references[r] = r.References()
		if r.Type == cdktest.KubernetesManifest {
			s.objects[r] = r.Objects()
		}
	}
	return s
}

// of returns the resources of the types in a text.
func (s *stack) of(kinds string) (found []*cdktest.Resource) {
	for _, kind := range strings.Fields(kinds) {
		found = append(found, s.All(kind)...)
	}
	return found
}

// uses reports whether a resource refers to another one, itself or by way of resources of the types in a text, as a service refers to the
// roles of its task definition.
func (s *stack) uses(r, other *cdktest.Resource, by string) bool {
	for _, next := range s.references[r] {
		if next == other || next != r && slices.Contains(strings.Fields(by), next.Type) && s.uses(next, other, by) {
			return true
		}
	}
	return false
}

// share reports whether two resources refer to the same resource of a type, the second by way of others.
func (s *stack) share(kind string, r, other *cdktest.Resource, by string) bool {
	return slices.ContainsFunc(s.references[r], func(shared *cdktest.Resource) bool {
		return shared.Type == kind && s.uses(other, shared, by)
	})
}

// pair is two resources, of which the first is created before the second and deleted after it.
type pair struct {
	first, then *cdktest.Resource
}

// pairs returns the resources for which an order must hold.
func (s *stack) pairs(o order) (found []pair) {
	for _, first := range s.of(o.first) {
		for _, then := range s.of(o.then) {
			if first != then && o.when(s, first, then) {
				found = append(found, pair{first, then})
			}
		}
	}
	return found
}

// wrong returns the pairs of an order that come otherwise.
func wrong(g *cdktest.Graph, pairs []pair) (found []string) {
	for _, p := range pairs {
		switch {
		case g.Needs(p.first, p.then):
			found = append(found, fmt.Sprintf("%s is created after %s", place(p.first), place(p.then)))
		case !g.Needs(p.then, p.first):
			found = append(found, fmt.Sprintf("%s is created at the same time as %s", place(p.first), place(p.then)))
		}
	}
	return found
}

// CloudFormation creates resources in the order in which AWS needs them, and deletes them in the reverse of it.
func TestOrder(t *testing.T) {
	seen := map[string]int{}
	for variant, tpl := range snapshots(t) {
		s := stackOf(tpl)
		for _, o := range orders {
			pairs := s.pairs(o)
			seen[o.String()] += len(pairs)
			bad := wrong(s.graph, pairs)
			assert.Empty(t, bad, "%s: %s\n%s", variant, o, o.page)
		}
	}
	for _, o := range orders {
		assert.Regexp(t, `^https://`, o.page, o)
		assert.Positive(t, seen[o.String()], "no variant has such resources: %s", o)
	}
}

// Each order is missed where it doesn't hold: without what links the resources, all its pairs are found; backwards too.
func TestOrderFails(t *testing.T) {
	broken := map[string]bool{}
	for _, tpl := range snapshots(t) {
		s := stackOf(tpl)
		for _, o := range orders {
			pairs := s.pairs(o)
			if len(pairs) == 0 || broken[o.String()] {
				continue
			}
			broken[o.String()] = true
			cut := changed(t, tpl, func(resources map[string]any) { unlink(resources, pairs[0].first.Id) })
			same := pair{cut.Resources[pairs[0].first.Id], cut.Resources[pairs[0].then.Id]}
			require.Len(t, wrong(cut.Graph(), []pair{same}), 1, o)
			back := changed(t, cut, func(resources map[string]any) {
				resources[same.first.Id].(map[string]any)["DependsOn"] = []any{same.then.Id}
			})
			same = pair{back.Resources[same.first.Id], back.Resources[same.then.Id]}
			require.Len(t, wrong(back.Graph(), []pair{same}), 1, o)
		}
	}
	assert.Len(t, broken, len(orders))
}

// unlink removes everything that depends on a resource or refers to it.
func unlink(resources map[string]any, id string) {
	for _, r := range resources {
		r := r.(map[string]any)
		r["DependsOn"] = slices.DeleteFunc(cdktest.List(r["DependsOn"]), func(d any) bool { return d == id })
		for key, value := range r {
			if key != "DependsOn" {
				r[key] = without(value, id)
			}
		}
	}
}

// without replaces the references to a resource.
func without(value any, id string) any {
	switch v := value.(type) {
	case map[string]any:
		attribute, _ := v["Fn::GetAtt"].([]any)
		if v["Ref"] == id || len(attribute) > 0 && attribute[0] == id {
			return "unlinked"
		}
		for key, inner := range v {
			v[key] = without(inner, id)
		}
	case []any:
		for i, inner := range v {
			v[i] = without(inner, id)
		}
	}
	return value
}

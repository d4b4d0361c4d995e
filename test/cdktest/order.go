package cdktest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// CreatedInOrder checks that CloudFormation creates each resource after the one before it, because it depends on it or refers to it,
// directly or through further resources. Resources without such a link are created at the same time, which fails the test.
//
//	cdktest.CreatedInOrder(t, cluster, policy, service)
func CreatedInOrder(t testing.TB, resources ...*Resource) bool {
	t.Helper()
	return inOrder(t, "creates", resources)
}

// DeletedInOrder checks that CloudFormation deletes each resource after the one before it, by which it is still there while the one
// before needs it: deletion is creation backwards.
//
//	cdktest.DeletedInOrder(t, service, policy, cluster)
func DeletedInOrder(t testing.TB, resources ...*Resource) bool {
	t.Helper()
	return inOrder(t, "deletes", resources)
}

func inOrder(t testing.TB, does string, resources []*Resource) bool {
	t.Helper()
	require.GreaterOrEqual(t, len(resources), 2, "an order takes two resources")
	ok := true
	for i := range resources[1:] {
		first, second := resources[i], resources[i+1]
		require.True(t, first != nil && second != nil, "no resource")
		needs, needed := second, first
		if does == "deletes" {
			needs, needed = first, second
		}
		way, back := needs.wayTo(needed), needed.wayTo(needs)
		if way != nil && back == nil {
			continue
		}
		ok = false
		switch {
		case way != nil:
			t.Errorf("CloudFormation refuses resources that need each other: %s, %s", inWords(way), inWords(back))
		case back != nil:
			t.Errorf("CloudFormation %s %s before %s, not after: %s", does, second, first, inWords(back))
		default:
			t.Errorf("CloudFormation %s %s and %s at the same time: %s neither depends on %s nor refers to it",
				does, first, second, needs, needed)
		}
	}
	return ok
}

func inWords(way []string) string {
	return way[0] + " needs " + strings.Join(way[1:], ", which needs ")
}

// ComesAfter reports whether CloudFormation creates the resource after another one, and so deletes it before: because it
// depends on the other or refers to it, directly or through further resources.
func (r *Resource) ComesAfter(other *Resource) bool { return r.wayTo(other) != nil }

// wayTo returns the resources from this one to another that it needs, or nil.
func (r *Resource) wayTo(other *Resource) []string {
	seen := map[*Resource]bool{}
	var visit func(r *Resource) []string
	visit = func(r *Resource) []string {
		seen[r] = true
		for _, need := range r.needs() {
			if need == other {
				return []string{r.String(), need.String()}
			}
			if seen[need] {
				continue
			}
			if way := visit(need); way != nil {
				return append([]string{r.String()}, way...)
			}
		}
		return nil
	}
	return visit(r)
}

// needs returns the resources that the resource depends on or refers to.
func (r *Resource) needs() (found []*Resource) {
	for _, id := range r.Dependencies() {
		if need := r.Template.Resources[id]; need != nil {
			found = append(found, need)
		}
	}
	for _, value := range []any{r.Properties, r.Metadata, r.CreationPolicy, r.UpdatePolicy} {
		found = append(found, r.Template.references(value)...)
	}
	return found
}

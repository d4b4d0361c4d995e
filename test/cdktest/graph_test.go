package cdktest_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/test/cdktest"
)

func TestGraph(t *testing.T) {
	tpl := cdktest.Parse(t, []byte(ordered))
	g := tpl.Graph()
	ids := func(set map[*cdktest.Resource]bool) (ids []string) {
		for r := range set {
			ids = append(ids, r.Id)
		}
		slices.Sort(ids)
		return ids
	}
	assert.Equal(t, []string{"Cluster", "Policy", "Role", "Task"}, ids(g.Before(tpl.Resources["Service"])))
	assert.Equal(t, []string{"Alarm", "Policy", "Service", "Task"}, ids(g.After(tpl.Resources["Role"])))
	assert.Empty(t, g.Before(tpl.Resources["Role"]))
	assert.Empty(t, g.After(tpl.Resources["Alarm"]))
	assert.Equal(t, []*cdktest.Resource{tpl.Resources["Cluster"], tpl.Resources["Task"]}, tpl.Resources["Service"].References())
	for _, r := range tpl.Resources {
		for _, other := range tpl.Resources {
			assert.Equal(t, r.ComesAfter(other), g.Needs(r, other), "%s, %s", r, other)
		}
	}
}

// The graph of resources that need each other, which CloudFormation refuses, ends nevertheless.
func TestGraphOfACircle(t *testing.T) {
	tpl := cdktest.Parse(t, []byte(`{"Resources": {"A": {"Type": "A", "DependsOn": "B"}, "B": {"Type": "B", "DependsOn": "A"}}}`))
	a, b := tpl.Resources["A"], tpl.Resources["B"]
	assert.True(t, tpl.Graph().Needs(a, b))
	assert.True(t, tpl.Graph().Needs(b, a))
}

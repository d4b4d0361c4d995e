package cdktest

import "slices"

// Graph says which resources of a template need which others, because they refer to them or depend on them. CloudFormation creates
// a resource after all that it needs, and deletes it before.
type Graph struct {
	needs, neededBy map[*Resource]map[*Resource]bool
}

// Graph returns the graph of the template. It is computed once; ask it rather than [Resource.ComesAfter] for many resources.
func (tpl *Template) Graph() *Graph {
	direct := map[*Resource][]*Resource{}
	for _, r := range tpl.Resources {
		direct[r] = r.needs()
	}
	g := &Graph{map[*Resource]map[*Resource]bool{}, map[*Resource]map[*Resource]bool{}}
	for r := range direct {
		g.neededBy[r] = map[*Resource]bool{}
	}
	for r := range direct {
		found := map[*Resource]bool{}
		for next := slices.Clone(direct[r]); len(next) > 0; next = next[1:] {
			if need := next[0]; !found[need] {
				found[need] = true
				g.neededBy[need][r] = true
				next = append(next, direct[need]...)
			}
		}
		g.needs[r] = found
	}
	return g
}

// Needs reports whether a resource needs another one, directly or through further resources.
func (g *Graph) Needs(r, other *Resource) bool { return g.needs[r][other] }

// Before returns the resources that a resource needs, directly or through others: those that exist before it is created.
func (g *Graph) Before(r *Resource) map[*Resource]bool { return g.needs[r] }

// After returns the resources that need a resource, directly or through others: those that don't exist when it can't be created.
func (g *Graph) After(r *Resource) map[*Resource]bool { return g.neededBy[r] }

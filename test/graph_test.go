package test

import (
	"regexp"
)

// needs gives the resources that a resource needs to be there: those that it depends on or refers to.
func (r *resource) needs() map[*resource]bool {
	found := map[*resource]bool{}
	for _, id := range r.dependsOn() {
		found[r.tpl.Resources[id]] = true
	}
	var visit func(value any)
	visit = func(value any) {
		switch v := value.(type) {
		case map[string]any:
			if target := r.tpl.follow(v); target != nil {
				found[target] = true
			}
			for key, inner := range v {
				if text, ok := inner.(string); ok && key == "Fn::Sub" {
					for _, m := range substituted.FindAllStringSubmatch(text, -1) {
						if target := r.tpl.Resources[m[1]]; target != nil {
							found[target] = true
						}
					}
				}
				visit(inner)
			}
		case []any:
			for _, inner := range v {
				visit(inner)
			}
		}
	}
	visit(r.Properties)
	return found
}

var substituted = regexp.MustCompile(`\$\{([A-Za-z0-9]+)(\.[A-Za-z0-9.]+)?\}`)

// comesAfter tells whether CloudFormation makes a resource after another one, and so deletes it before.
func (r *resource) comesAfter(other *resource) bool {
	seen := map[*resource]bool{}
	var visit func(r *resource) bool
	visit = func(r *resource) bool {
		if seen[r] {
			return false
		}
		seen[r] = true
		for need := range r.needs() {
			if need == other || visit(need) {
				return true
			}
		}
		return false
	}
	return visit(r)
}

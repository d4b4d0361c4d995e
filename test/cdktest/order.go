package cdktest

import "regexp"

var substituted = regexp.MustCompile(`\$\{([A-Za-z0-9]+)(\.[A-Za-z0-9.]+)?\}`)

// ComesAfter reports whether CloudFormation creates the resource after another one, and so deletes it before: because it
// depends on the other or refers to it, directly or through further resources.
func (r *Resource) ComesAfter(other *Resource) bool {
	seen := map[*Resource]bool{}
	var visit func(r *Resource) bool
	visit = func(r *Resource) bool {
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

// needs returns the resources that the resource depends on or refers to.
func (r *Resource) needs() map[*Resource]bool {
	found := map[*Resource]bool{}
	for _, id := range r.Dependencies() {
		found[r.Template.Resources[id]] = true
	}
	var visit func(value any)
	visit = func(value any) {
		switch v := value.(type) {
		case map[string]any:
			if target := r.Template.Follow(v); target != nil {
				found[target] = true
			}
			for key, inner := range v {
				if text, ok := inner.(string); ok && key == "Fn::Sub" {
					for _, m := range substituted.FindAllStringSubmatch(text, -1) {
						if target := r.Template.Resources[m[1]]; target != nil {
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

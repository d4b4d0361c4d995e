package settings

import (
	"maps"
	"slices"
	"strings"

	"awscontainers/internal/nearest"
)

// refuseUnknown refuses every key that was not asked for. It names the key that was probably meant, and those there are: of the
// stack that the key begins with, or else the app's own.
func (r *reader) refuseUnknown() {
	known := map[string][]string{} // by stack, "" for the app
	var all []string
	for _, k := range r.keys {
		all = append(all, k.Name)
		stack := stackOf(k.Name)
		known[stack] = append(known[stack], k.Name)
	}
	for _, stack := range Names() {
		known[""] = append(known[""], stack+".*")
	}
	for _, name := range slices.Sorted(maps.Keys(r.values)) {
		if slices.Contains(all, name) {
			continue
		}
		candidates := known[stackOf(name)]
		if candidates == nil {
			candidates = known[""]
		}
		fix := "known keys: " + strings.Join(candidates, ", ")
		if meant := nearest.Of(name, all); meant != "" {
			fix = "did you mean " + meant + "? Known keys: " + strings.Join(candidates, ", ")
		}
		r.bad.Add(name, "is not a known key").Advise("%s", fix)
	}
}

// stackOf returns the stack of a key, and "" for a key of the app.
func stackOf(name string) string {
	end := strings.IndexAny(name, "./")
	if end < 0 {
		return ""
	}
	return name[:end]
}

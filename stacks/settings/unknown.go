package settings

import (
	"maps"
	"slices"
	"strings"
)

// maxTypos is how many letters a key may differ in from the known one that was probably meant.
const maxTypos = 2

// refuseUnknown refuses every key that was not asked for. It names the key that was probably meant, and those there are: of the
// stack that the key begins with, or else the app's own.
func (r *reader) refuseUnknown() {
	known := map[string][]string{} // by stack, "" for the app
	for _, k := range r.keys {
		stack := stackOf(k.Name)
		known[stack] = append(known[stack], k.Name)
	}
	for _, stack := range Names() {
		known[""] = append(known[""], stack+".*")
	}
	for _, name := range slices.Sorted(maps.Keys(r.values)) {
		if slices.ContainsFunc(r.keys, func(k Key) bool { return k.Name == name }) {
			continue
		}
		candidates := known[stackOf(name)]
		if candidates == nil {
			candidates = known[""]
		}
		fix := "known keys: " + strings.Join(candidates, ", ")
		if meant := r.closest(name); meant != "" {
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

// closest returns the known key that is closest to a name, or "" if none is close.
func (r *reader) closest(name string) (meant string) {
	minDistance := maxTypos + 1
	for _, k := range r.keys {
		if d := distance(name, k.Name); d < minDistance {
			minDistance, meant = d, k.Name
		}
	}
	return meant
}

// distance is the number of letters to insert, delete or replace to turn one text into another (Levenshtein).
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1) // the distances of what was read of a to each beginning of b
	for j := range row {
		row[j] = j
	}
	for i, letter := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, other := range to {
			replace := diagonal
			if letter != other {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, diagonal+1)
		}
	}
	return row[len(to)]
}

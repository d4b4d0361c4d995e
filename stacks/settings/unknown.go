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
	for _, k := range r.keys {
		stack := stackOf(k.Name)
		known[stack] = append(known[stack], k.Name)
	}
	ofApp := known[""]
	for _, stack := range Names() {
		ofApp = append(ofApp, stack+".*")
	}
	for _, name := range slices.Sorted(maps.Keys(r.values)) {
		if slices.ContainsFunc(r.keys, func(k Key) bool { return k.Name == name }) {
			continue
		}
		stack, below := splitKey(name)
		meant := nearest.Of(stack, Names())
		list := known[meant]
		if meant == "" {
			list = ofApp
		}
		fix := "known keys: " + strings.Join(list, ", ")
		if meant := r.meant(name, meant, below, known); meant != "" {
			fix = "did you mean " + meant + "? Known keys: " + strings.Join(list, ", ")
		}
		r.bad.Add(name, "is not a known key").Advise("%s", fix)
	}
}

// meant returns the key that was probably meant by an unknown one, "" if none is like it: with the stack's name spelled right, with a
// key of the stack that is spelled like it, or the key of the app or of a stack that has the name.
func (r *reader) meant(name, stack, below string, known map[string][]string) string {
	switch {
	case stack != "" && below == "":
		return stack // an object under a mistyped name
	case stack != "":
		if meant := nearest.Of(stack+"."+below, known[stack]); meant != "" {
			return meant
		}
		return nearest.Of(below, known[""])
	}
	if meant := nearest.Of(name, append(slices.Clone(known[""]), Names()...)); meant != "" {
		return meant
	}
	for _, k := range r.keys {
		if _, ofStack := splitKey(k.Name); below == "" && strings.EqualFold(ofStack, name) {
			return k.Name
		}
	}
	return ""
}

// stackOf returns the stack of a key, and "" for a key of the app.
func stackOf(name string) string {
	if stack, below := splitKey(name); below != "" {
		return stack
	}
	return ""
}

// splitKey splits a key after its stack, also where the user wrote another mark than a dot.
func splitKey(name string) (stack, below string) {
	end := strings.IndexAny(name, "./:_-")
	if end < 0 {
		return name, ""
	}
	return name[:end], name[end+1:]
}

package settings

import (
	"regexp"

	"awscontainers/constructs/invalid"
)

// capitalized finds what may be fields in a message.
var capitalized = regexp.MustCompile(`\b[A-Z]\w*`)

// inKeys returns what is wrong with the props of a stack, in terms of the context keys that set them.
func (r *reader) inKeys(name string, c configured) error {
	var bad invalid.Problems
	bad.Nest("", c.validate())
	for i := range bad {
		p := &bad[i]
		p.Field = name + "." + r.inKeysOf(name, p.Field)
		p.Wanted, p.Fix = r.inKeysOf(name, p.Wanted), r.inKeysOf(name, p.Fix)
	}
	return bad.Err()
}

func (r *reader) inKeysOf(stack, text string) string {
	return capitalized.ReplaceAllStringFunc(text, func(word string) string {
		if k, isProp := r.props[stack][word]; isProp {
			return k
		}
		return word
	})
}

package settings

import (
	"slices"
	"strings"
	"unicode"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/nearest"
)

// Key documents a context key of the app.
type Key struct {
	// Name is the whole key, as the user types it: "FargateWeb.port".
	Name string
	// Type is what its value must be: "integer from 1 to 65535".
	Type string
	// Default is the value that it has unless it is set, as the user would type it; empty for none.
	Default string
	// Doc is what it sets, in Markdown.
	Doc string
}

// key declares a context key where it is read: there is no other list of them.
type key struct {
	// Name is the key, of a stack without the stack's name: "port".
	Name string
	// Default is the value unless it is set, as the user would type it; empty for none. It may follow the keys read before: the
	// documentation shows it as it is while none of them is set.
	Default string
	// Doc is what the key sets, in Markdown.
	Doc string
	// Check refuses a text, or an item of a list, by what it is by itself; nil accepts all. Whatever constructs refuse besides is
	// reported by its key too: see blame.go.
	Check form
	// Prop is the field of the stack's props that the key sets. Default: the name in upper case, "Port".
	Prop string
}

func (k key) prop() string {
	if k.Prop != "" {
		return k.Prop
	}
	name := []rune(k.Name)
	name[0] = unicode.ToUpper(name[0])
	return string(name)
}

// form refuses a text that does not look as it must, such as check.Email.
type form func(field, value string, bad *invalid.Problems)

// minTypo is the length from which a value is taken for a mistyped one: "1.32" is not meant as "1.33".
const minTypo = 6

func oneOf[T ~string](values ...T) form {
	return func(field, value string, bad *invalid.Problems) {
		if slices.Contains(values, T(value)) {
			return
		}
		problem := bad.Add(field, "must be %s", check.OneOfQuoted(values)).Given(value)
		meant := nearest.Of(value, plain(values))
		if meant != "" && (len(value) >= minTypo || strings.EqualFold(value, meant)) {
			problem.Advise("did you mean %q?", meant)
		}
	}
}

func plain[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return texts
}

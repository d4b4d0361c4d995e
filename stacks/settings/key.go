package settings

import (
	"slices"
	"unicode"

	"awscontainers/internal/check"
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
	// Check is the form of a text, or of each item of a list; the zero value accepts all.
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

// form is what a text must look like.
type form struct {
	accepts func(string) bool
	// wanted follows "must be": `a VPC ID such as "vpc-0123456789abcdef0"`.
	wanted string
}

func oneOf[T ~string](values ...T) form {
	return form{func(value string) bool { return slices.Contains(values, T(value)) }, check.OneOfQuoted(values)}
}

//go:build recipes

package rules_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// An error in a rule hides every finding of an app. Messages are built only where a rule fires, so this takes a case of each rule, and
// gives the values of every name in it, such as Family, another value.
func TestNoValueMakesARuleFail(t *testing.T) {
	e, err := running()
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, s := range suites() {
		for _, c := range s.cases {
			if c.subject() == "" || seen[c.subject()] {
				continue
			}
			seen[c.subject()] = true
			t.Run(c.name, func(t *testing.T) {
				names := map[string]bool{}
				eachValue(c.template(t, s.good), func(in object, name string) { names[name] = true })
				for i, name := range slices.Sorted(maps.Keys(names)) {
					for _, value := range []any{false, []any{"", object{}, 5, nil, []any{}}[i%5]} {
						template := c.template(t, s.good)
						eachValue(template, func(in object, n string) {
							if n == name {
								in[n] = value
							}
						})
						_, err := e.check(template)
						require.NoError(t, err, "%s: %v", name, value)
					}
				}
			})
		}
	}
}

// eachValue calls do with every entry of the objects in the properties of resources.
func eachValue(template object, do func(in object, name string)) {
	for _, r := range template["Resources"].(object) {
		eachIn(r.(object)["Properties"], do)
	}
}

func eachIn(value any, do func(in object, name string)) {
	switch value := value.(type) {
	case object:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			eachIn(value[name], do)
			do(value, name)
		}
	case []any:
		for _, element := range value {
			eachIn(element, do)
		}
	}
}

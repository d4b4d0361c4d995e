//go:build lifecycle

package lifecycle_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"awscontainers/stacks/settings"
)

// matrix returns the updates of a stack: each of its keys and of those of all stacks, set and removed again, and what several keys change
// together. All is what the keys are set to.
func matrix(t *testing.T, stack string, all keys) (updates []update) {
	t.Helper()
	for _, key := range settings.Keys() {
		owner, _, isOfStack := strings.Cut(key.Name, ".")
		if isOfStack && owner != stack || key.Name == "stacks" {
			continue
		}
		value := all[key.Name]
		if key.Name == stack+".protect" {
			continue // as protect does
		}
		require.NotEmpty(t, value, "%s has no value: add one to values in contexts_test.go", key.Name)
		base := bases[key.Name]
		before, set := base, base.with(with[key.Name], keys{key.Name: value})
		name := "`" + strings.TrimPrefix(key.Name, stack+".") + "`"
		there, back := name, "without "+name
		if start := starts[key.Name]; start != "" {
			before, there, back = base.with(keys{key.Name: start}), name+" changes", name+" changes back"
		} else if key.Name == "profile" {
			there, back = "`profile`: `dev` to `prod`", "`profile`: `prod` to `dev`"
		}
		updates = append(updates, update{stack, there, before, set, false})
		if !oneWay.MatchString(there) {
			updates = append(updates, update{stack, back, set, before, true})
		}
	}
	for _, c := range combined {
		if c.stack == "" || c.stack == stack {
			updates = append(updates, update{stack, c.name, c.before, c.after, false})
			if !oneWay.MatchString(c.name) {
				updates = append(updates, update{stack, "back: " + c.name, c.after, c.before, true})
			}
		}
	}
	options := keys{}
	for key, value := range makeKeys(t, "SYNTH_FULL") {
		if owner, _, _ := strings.Cut(key, "."); owner == stack {
			options[key] = value
		}
	}
	return append(updates,
		update{stack, "from the defaults to all options", nil, options, false},
		update{stack, "from all options to the defaults", options, nil, true},
		update{stack, "all options with `profile`: `dev` to `prod`", options, options.with(prod), false},
		update{stack, "from all options to the defaults in `prod`", options.with(prod), prod, false},
	)
}

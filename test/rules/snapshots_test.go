package rules_test

import "testing"

// The pack is silent on every stack of ours, as its snapshot has it. `make test-recipes` validates them with the CDK's rules too.
func TestSnapshots(t *testing.T) { checkAll(t, "../snapshots", map[string][]string{}) }

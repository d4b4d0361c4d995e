//go:build lifecycle

package lifecycle_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/stacks/settings"
	"awscontainers/test/cdktest"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

// The tests of updates share the templates, of which there are hundreds.
func TestUpdates(t *testing.T) {
	t.Chdir("../..")
	outcomes := outcomesOf(t)
	t.Run("Dangers", func(t *testing.T) { testDangers(t, outcomes) })
	t.Run("Page", func(t *testing.T) { cdktest.SnapshotText(t, page(outcomes), "docs/updates.md") })
	t.Run("Templates", func(t *testing.T) { testTemplates(t, outcomes) })
}

// outcomesOf makes all updates of all stacks.
func outcomesOf(t *testing.T) (outcomes []*outcome) {
	t.Helper()
	s := newSynthesizer(t)
	all := makeKeys(t, "SYNTH_PROD").with(makeKeys(t, "SYNTH_FULL"), values)
	var made []update
	var from, to []*synthesized
	for _, stack := range settings.Names() {
		for _, u := range matrix(t, stack, all) {
			before, err := s.synth(t, stack, u.before)
			after, otherErr := s.synth(t, stack, u.after)
			if assert.NoError(t, errors.Join(err, otherErr), "%s, %s: give the keys what they require in contexts_test.go", stack, u.name) {
				made, from, to = append(made, u), append(from, before), append(to, after)
			}
		}
	}
	require.False(t, t.Failed())
	for i, changes := range diff(t, from, to) {
		outcomes = append(outcomes, outcomeOf(made[i], from[i].Template, to[i].Template, changes))
	}
	return outcomes
}

// No update of a stack loses data, stops requests or is refused, except for what docs/updates.md warns of.
func testDangers(t *testing.T, outcomes []*outcome) {
	t.Helper()
	used := map[acceptance]bool{}
	for _, o := range outcomes {
		for _, d := range o.dangers() {
			isAccepted := false
			for _, a := range accepted {
				if a.fits(o, d) {
					isAccepted, used[a] = true, true
				}
			}
			assert.True(t, isAccepted, "%s, %s: %s", o.stack, o.name, d)
		}
	}
	for _, a := range accepted {
		assert.True(t, used[a], "no update has this danger any longer: %s %s %s %s", a.stack, a.change, a.kinds, a.place)
	}
}

// withProtection are the stacks in which protect turns on the protection of a resource.
var withProtection = []string{"FargateWeb", "Ec2Web", "NlbService", "EventDrivenTask", "EksNodes", "EksStorage"}

// What holds for the snapshots holds with every value of every key.
func testTemplates(t *testing.T, outcomes []*outcome) {
	t.Helper()
	seen := map[*cdktest.Template]bool{}
	for _, o := range outcomes {
		if seen[o.to.Template] {
			continue
		}
		seen[o.to.Template] = true
		for _, order := range orders {
			assert.Empty(t, wrong(o.to.graph, o.to.pairs(order)), "%s %v: %s", o.stack, o.after, order)
		}
		if o.after["protect"] == "true" && slices.Contains(withProtection, o.stack) {
			assert.Contains(t, slices.Collect(maps.Values(refused(o.to.Template))), protected, "%s %v", o.stack, o.after)
		}
		if o.after["protect"] == "" && o.after[o.stack+".protect"] == "" {
			for place, why := range refused(o.to.Template) {
				assert.Equal(t, knownAnywhere[place], why, "%s %v: the rollback of a first deployment can't delete %s", o.stack, o.after, place)
			}
		}
	}
}

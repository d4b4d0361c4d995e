package lustre_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/internal/lustre"
)

func TestThroughputs(t *testing.T) {
	for kind, want := range map[string]int{"SCRATCH_2": 0, "PERSISTENT_1": 50, "PERSISTENT_2": 125, "SCRATCH_1": 0} {
		assert.Equal(t, want, lustre.MinThroughput(kind), kind)
	}
	offered, isKnown := lustre.Throughputs("PERSISTENT_1")
	assert.True(t, isKnown)
	assert.Equal(t, []int{50, 100, 200}, offered)
	offered[0] = 1
	assert.Equal(t, 50, lustre.MinThroughput("PERSISTENT_1"), "the list is a copy")
	_, isKnown = lustre.Throughputs("SCRATCH_1")
	assert.False(t, isKnown)
}

package expect

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/invalid"
)

// Problems fails the test unless validation found just these problems, one line each; none for a nil error.
func Problems(t *testing.T, err error, want ...string) {
	t.Helper()
	if len(want) == 0 {
		require.NoError(t, err)
		return
	}
	var refused *invalid.Error
	require.ErrorAs(t, err, &refused)
	var got []string
	for _, p := range refused.Problems {
		got = append(got, p.String())
	}
	assert.Equal(t, want, got)
}

// Join is what a constructor refuses that judges props in several steps: the problems of all errors.
func Join(errs ...error) error {
	var bad invalid.Problems
	for _, err := range errs {
		bad.Nest("", err)
	}
	return bad.Err()
}

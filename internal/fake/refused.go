package fake

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Refused asserts that an error of validation has these lines, each a problem, or that there is none.
func Refused(t *testing.T, err error, want ...string) {
	t.Helper()
	if len(want) == 0 {
		assert.NoError(t, err)
		return
	}
	if assert.Error(t, err) {
		assert.Equal(t, want, strings.Split(err.Error(), "\n"))
	}
}

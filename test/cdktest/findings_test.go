package cdktest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/test/cdktest"
)

// `make test-recipes` tests the rest of Strict: a validator takes seconds to start. Other packages start one for their own tests.
func TestStrictTakesAnApp(t *testing.T) {
	assert.Contains(t, failure(t, func(t testing.TB) { cdktest.Strict(t, nil) }), "no app")
}

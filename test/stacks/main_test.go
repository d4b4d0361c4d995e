// Package stacks_test tests the stacks, and the settings from which the app builds them.
package stacks_test

import (
	"testing"

	"awscontainers/test/cdktest"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

// Package test holds the tests of constructs that need the CDK, so that they share one Node process, and those of the code itself.
package test

import (
	"testing"

	"awscontainers/test/cdktest"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

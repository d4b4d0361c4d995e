// Package test holds every test that needs the CDK, so that they share one Node process.
package test

import (
	"testing"

	"awscontainers/test/cdktest"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

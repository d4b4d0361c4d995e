package cdktest_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"awscontainers/test/cdktest"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

// recorder is a test that may fail: it shows what a check says then.
type recorder struct {
	testing.TB
	name string
	said strings.Builder
	fail bool
}

func (r *recorder) Name() string                      { return r.name }
func (r *recorder) Helper()                           {}
func (r *recorder) Logf(format string, args ...any)   { fmt.Fprintf(&r.said, format+"\n", args...) }
func (r *recorder) Errorf(format string, args ...any) { r.fail = true; r.Logf(format, args...) }
func (r *recorder) FailNow()                          { r.fail = true; runtime.Goexit() }
func (r *recorder) Failed() bool                      { return r.fail }

// failure runs a check and returns how it fails the test, or nothing if it passes.
func failure(t *testing.T, check func(t testing.TB)) string {
	t.Helper()
	return failureNamed(t, t.Name(), check)
}

// failureNamed is failure in a test of another name.
func failureNamed(t *testing.T, name string, check func(t testing.TB)) string {
	t.Helper()
	r := &recorder{TB: t, name: name}
	done := make(chan any)
	go func() {
		defer func() { done <- recover() }()
		check(r)
	}()
	if p := <-done; p != nil {
		panic(p)
	}
	if !r.fail {
		return ""
	}
	return r.said.String()
}

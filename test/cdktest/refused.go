package cdktest

import (
	"errors"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"awscontainers/constructs/invalid"
)

// Refused runs a function in which a construct must refuse its props, by a panic with an *invalid.Error. It returns the lines of the
// message, one for each problem. The error may be wrapped, or joined with others.
//
//	lines := cdktest.Refused(t, func() { newShop(stack, &ShopProps{Port: 0}) })
//	assert.Equal(t, []string{"Test/Shop: Port must be an integer from 1 to 65535; got 0"}, lines)
//
// Refused fails the test if nothing panics. It fails with the text and the stack of any other panic, such as an error of the CDK.
func Refused(t testing.TB, f func()) (lines []string) {
	t.Helper()
	done := false
	defer func() {
		t.Helper()
		p := recover()
		if p == nil {
			require.False(t, done, "nothing was refused")
			return // f ended the test
		}
		err, _ := p.(error)
		var refusal *invalid.Error
		if !errors.As(err, &refusal) {
			require.FailNow(t, "the panic is not a refusal", "%v\n\n%s", p, debug.Stack())
		}
		lines = strings.Split(err.Error(), "\n")
	}()
	f()
	done = true
	return nil
}

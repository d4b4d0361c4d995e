package output_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/output"
)

func TestOutputsAreRefused(t *testing.T) {
	defer func() {
		assert.EqualError(t, recover().(error), `my url: scope must not be nil`+"\n"+
			`my url: name must be letters and digits; got "my url"`+"\n"+`my url: value is required`)
	}()
	output.New(nil, "my url", "")
}

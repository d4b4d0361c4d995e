package invalid_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/invalid"
)

func TestNoProblemsAreNoError(t *testing.T) {
	var bad invalid.Problems
	bad.Nest("Inner", nil)
	assert.NoError(t, bad.Err())
}

func TestEveryProblemIsALineWithItsPath(t *testing.T) {
	var inner, bad invalid.Problems
	inner.Add("Port", "%d is not a port; use 1 to 65535", 0)
	bad.Add("Cpu", "%d is not a Fargate size; use 256 or 512", 300)
	bad.Nest("Containers[0]", inner.Err())
	bad.Nest("Image", errors.New("is odd"))
	var whole invalid.Problems
	whole.Add("", "is empty")
	bad.Nest("Command", whole.Err())
	require.EqualError(t, whole.Err(), "is empty")

	var e *invalid.Error
	require.ErrorAs(t, bad.Err(), &e)
	e.Path = "Web/Task"
	assert.Equal(t, "Web/Task: Cpu 300 is not a Fargate size; use 256 or 512\n"+
		"Web/Task: Containers[0].Port 0 is not a port; use 1 to 65535\n"+
		"Web/Task: Image is odd\n"+
		"Web/Task: Command is empty", e.Error())
	assert.Equal(t, "Containers[0].Port", e.Problems[1].Field)
}

func TestIsToken(t *testing.T) {
	assert.True(t, invalid.IsToken("a-${Token[TOKEN.12]}-b"))
	assert.False(t, invalid.IsToken("${AWS::Region}"))
}

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
	inner.Add("Port", "must be an integer from 1 to 65535").Given(0)
	bad.Add("Cpu", "must be a Fargate size: %d or %d", 256, 512).Given(300)
	bad.Nest("Containers[0]", inner.Err())
	bad.Nest("Image", errors.New("is required"))
	var whole invalid.Problems
	whole.Add("", "must not be empty")
	bad.Nest("Command", whole.Err())
	require.EqualError(t, whole.Err(), "must not be empty")

	var e *invalid.Error
	require.ErrorAs(t, bad.Err(), &e)
	e.Path = "Web/Task"
	assert.Equal(t, "Web/Task: Cpu must be a Fargate size: 256 or 512; got 300\n"+
		"Web/Task: Containers[0].Port must be an integer from 1 to 65535; got 0\n"+
		"Web/Task: Image is required\n"+
		"Web/Task: Command must not be empty", e.Error())
	assert.Equal(t, "Containers[0].Port", e.Problems[1].Field)
}

func TestIsToken(t *testing.T) {
	assert.True(t, invalid.IsToken("a-${Token[TOKEN.12]}-b"))
	assert.False(t, invalid.IsToken("${AWS::Region}"))
}

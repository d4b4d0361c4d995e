package describe_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/internal/describe"
)

func TestText(t *testing.T) {
	assert.Equal(t, "Tasks of Web/Service", describe.Text("Tasks of Web/Service"))
	assert.Equal(t, "Tasks of Worker_s gr__er_x_", describe.Text("Tasks of Worker's größer|x>"))
	assert.Len(t, describe.Text(strings.Repeat("x", 300)), 255)
}

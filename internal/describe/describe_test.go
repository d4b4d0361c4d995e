package describe_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"awscontainers/internal/describe"
)

func TestText(t *testing.T) {
	assert.Equal(t, "Tasks of Web/Service", describe.Text("Tasks of Web/Service"))
	assert.Equal(t, "Tasks of Worker_s gr__er_x_", describe.Text("Tasks of Worker's größer|x>"))
	assert.Len(t, describe.Text(strings.Repeat("x", 300)), 255)
}

func TestDurationsHaveNoZerosAtTheEnd(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0s": 0, "3ns": 3, "1.5s": 1500 * time.Millisecond, "50s": 50 * time.Second, "5m": 5 * time.Minute, "10m": 10 * time.Minute,
		"1m30s": 90 * time.Second, "1h": time.Hour, "20h": 20 * time.Hour, "1h10m": 70 * time.Minute, "1h0m1s": time.Hour + time.Second,
		"-1m": -time.Minute,
	} {
		assert.Equal(t, want, describe.Duration(d))
	}
}

package nearest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestOf(t *testing.T) {
	known := []string{"FargateWeb", "Ec2Web", "ecs", "eks"}
	for name, want := range map[string]string{
		"FargateWeb": "FargateWeb", "FargetWeb": "FargateWeb", "fargateweb": "FargateWeb", "FARGATEWEBB": "FargateWeb", "ecks": "ecs",
		"eks": "eks", "Lambda": "", "": "",
	} {
		assert.Equal(t, want, Of(name, known), name)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"port", "port", 0}, {"", "port", 4}, {"prot", "port", 2}, {"ports", "port", 1}, {"pört", "port", 1},
		{"kitten", "sitting", 3},
	} {
		assert.Equal(t, c.want, distance(c.a, c.b), "%s, %s", c.a, c.b)
		assert.Equal(t, c.want, distance(c.b, c.a), "%s, %s", c.b, c.a)
	}
}

package source

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatIsOfTheUsersProgram(t *testing.T) {
	const stack, settings = "/stacks.NewFargateWeb", "/stacks/settings.(*Settings).Build"
	for _, c := range []struct {
		function, program string
		isOfLibrary       bool
	}{
		{"main.main", "example.com/shop", false},
		{"example.com/shop/stacks.NewFargateWeb", "example.com/shop", false}, // by scaffold
		{library + "/constructs/ecs.NewService", "example.com/shop", true},
		{library + "/constructs/ecs.NewService", library, true},
		{library + stack, "example.com/shop", true},
		{library + stack, library, false},
		{library + settings, "example.com/shop", true},
		{library + settings, library, false},
		{library + "/stacksofmine.New", "example.com/shop", false},
		{"runtime.gopanic", "example.com/shop", true},
	} {
		assert.Equal(t, c.isOfLibrary, isOfLibrary(c.function, c.program), c)
	}
	assert.Equal(t, library, program)
}

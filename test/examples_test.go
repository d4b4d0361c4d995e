package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every construct records where the program creates it, which findings then name.
func TestConstructsAreCreatedWithTheirLines(t *testing.T) {
	files, err := filepath.Glob("../constructs/*/*.go")
	require.NoError(t, err)
	created := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.NotContains(t, string(text), "NewConstruct_Override", "%s: source.Create records the line", file)
		created += strings.Count(string(text), "source.Create(")
	}
	assert.Positive(t, created)
}

// An example that is a whole app shows how its main function ends: newcomers copy it.
func TestExamplesEndAsAMainShould(t *testing.T) {
	files, err := filepath.Glob("../constructs/*/example_test.go")
	require.NoError(t, err)
	apps := 0
	for _, file := range append(files, "../stacks/example_test.go") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, example := range strings.Split(string(text), "\nfunc ")[1:] {
			name, _, _ := strings.Cut(example, "(")
			if !strings.Contains(example, "app.Synth(nil)") {
				continue
			}
			apps++
			assert.Contains(t, example, "\tinvalid.Exit(func() {", "%s: %s", file, name)
			assert.Contains(t, example, "\tdefer jsii.Close()", "%s: %s", file, name)
		}
	}
	assert.Positive(t, apps)
}

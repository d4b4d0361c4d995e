// Package recipes does what README.md tells the reader to do, word by word.
package recipes

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// recipe is how README.md describes an app that uses the constructs.
type recipe struct {
	mainGo, cdkJSON string
	// initialize is what to do unless there is a go.mod, require what follows, and synth what the reader then runs.
	initialize, require, synth string
}

var block = regexp.MustCompile("(?s)\n```(go|json|sh)\n(.*?\n)```\n")

// readRecipe reads the code blocks of the section.
func readRecipe(t *testing.T) recipe {
	t.Helper()
	page, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(page), "\n## Using a construct in your own app\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	var kinds, texts []string
	for _, match := range block.FindAllStringSubmatch(section, -1) {
		kinds, texts = append(kinds, match[1]), append(texts, match[2])
	}
	require.Equal(t, []string{"go", "json", "sh", "sh", "sh"}, kinds, "the code blocks of the section")
	return recipe{texts[0], texts[1], texts[2], texts[3], texts[4]}
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
}

// run runs lines of the README in a shell.
func run(t *testing.T, dir, lines string) string {
	t.Helper()
	cmd := exec.Command("sh", "-euc", lines)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PWD="+dir, "GOWORK=off", "CDK_DISABLE_CLI_TELEMETRY=true", "CDK_NOTICES=false")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", lines, out)
	return string(out)
}

// The app compiles. `make test-recipes` does the rest of what the page says.
func TestOwnAppCompiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "main.go")
	writeFile(t, file, readRecipe(t).mainGo)
	run(t, "../..", "go vet "+file)
}

// Package recipes does what README.md tells the reader to do, word by word.
package recipes

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/internal/tool"
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

// newApp makes a folder beside a checkout that has the name by which README.md calls it, with main.go and cdk.json in it.
func newApp(t *testing.T, r recipe) (dir string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	checkout, err := tool.Find(root)
	require.NoError(t, err)
	// Of the same name each time, so that the build cache knows the packages.
	parent := filepath.Join(os.TempDir(), fmt.Sprintf("recipes-%x", sha256.Sum256([]byte(root+t.Name()))))
	require.NoError(t, os.RemoveAll(parent))
	t.Cleanup(func() { _ = os.RemoveAll(parent) })
	dir = filepath.Join(parent, "shop")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.Symlink(root, filepath.Join(parent, tool.BaseName(checkout.Module))))
	writeFile(t, filepath.Join(dir, "main.go"), r.mainGo)
	writeFile(t, filepath.Join(dir, "cdk.json"), r.cdkJSON)
	return dir
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

// An app of one's own compiles, from an empty folder. `make test-recipes` runs it too.
func TestOwnAppCompiles(t *testing.T) {
	r := readRecipe(t)
	dir := newApp(t, r)
	run(t, dir, r.initialize)
	run(t, dir, r.require)
	run(t, dir, "go vet .")
	assert.Empty(t, run(t, dir, "go mod tidy -diff"))
}

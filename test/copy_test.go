package test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"awscontainers/stacks/settings"
)

// Each file of a stack, copied alone into a module that requires this one, compiles: it has all that it needs but constructs.
func TestStackFilesCanBeCopiedAlone(t *testing.T) {
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	copied := t.TempDir()
	module := strings.TrimSuffix(modulePrefix, "/")
	content, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	content = bytes.Replace(content, []byte("module "+module+"\n"), []byte("module example.com/copied\n"), 1)
	content = fmt.Appendf(content, "\nrequire %s v0.0.0\n\nreplace %s => %s\n", module, module, root)
	require.NoError(t, os.WriteFile(filepath.Join(copied, "go.mod"), content, 0o600))
	sums, err := os.ReadFile("../go.sum")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(copied, "go.sum"), sums, 0o600))

	files, err := filepath.Glob("../stacks/*.go")
	require.NoError(t, err)
	stacks := 0
	for _, file := range files {
		name := filepath.Base(file)
		if name == "doc.go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		stacks++
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		folder := filepath.Join(copied, strings.TrimSuffix(name, ".go"))
		require.NoError(t, os.MkdirAll(folder, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
	require.Len(t, settings.Names(), stacks, "a stack is one file")
	command(t, copied, "go", "vet", "./...")
}

func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

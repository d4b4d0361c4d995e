package test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A package copied into another module, with what it imports of ours, still builds, its tests too: the README says how.
// With stacks go all constructs but rules.
func TestPackagesCanBeCopiedOut(t *testing.T) {
	here, err := os.Getwd()
	require.NoError(t, err)
	for _, name := range []string{"stacks", "constructs/rules"} {
		t.Run(name, func(t *testing.T) {
			// Of the same name each time, so that the build cache knows the packages from the last.
			module := filepath.Join(os.TempDir(), fmt.Sprintf("awscontainers-%x", sha256.Sum256([]byte(here+name))))
			require.NoError(t, os.RemoveAll(module))
			require.NoError(t, os.MkdirAll(module, 0o755))
			t.Cleanup(func() { _ = os.RemoveAll(module) })
			list := command(t, "..", "go", "list", "-deps", "-f", "{{if .Module}}{{if .Module.Main}}{{.ImportPath}}{{end}}{{end}}", "./"+name)
			for _, path := range strings.Fields(list) {
				below := strings.TrimPrefix(path, "awscontainers/")
				copyFolder(t, filepath.Join("..", below), filepath.Join(module, below))
			}
			for _, file := range []string{"go.mod", "go.sum"} {
				copyFile(t, filepath.Join("..", file), filepath.Join(module, file))
			}
			command(t, module, "go", "vet", "./...")
		})
	}
}

func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(to, 0o755))
	entries, err := os.ReadDir(from)
	require.NoError(t, err)
	for _, e := range entries {
		if e.Type().IsRegular() {
			copyFile(t, filepath.Join(from, e.Name()), filepath.Join(to, e.Name()))
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	content = bytes.ReplaceAll(content, []byte(`"awscontainers/`), []byte(`"example.com/mine/`))
	content = bytes.Replace(content, []byte("module awscontainers\n"), []byte("module example.com/mine\n"), 1)
	require.NoError(t, os.WriteFile(to, content, 0o600))
}

func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

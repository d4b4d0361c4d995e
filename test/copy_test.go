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

	"awscontainers/stacks/settings"
)

// A package copied into another module, with what it imports of ours, still builds, its tests too: the README says how.
// With the settings go all stacks, and with them all constructs but rules.
func TestPackagesCanBeCopiedOut(t *testing.T) {
	here, err := os.Getwd()
	require.NoError(t, err)
	for _, name := range []string{"stacks/settings", "constructs/rules"} {
		t.Run(name, func(t *testing.T) {
			// Of the same name each time, so that the build cache knows the packages from the last.
			module := filepath.Join(os.TempDir(), fmt.Sprintf("awscontainers-%x", sha256.Sum256([]byte(here+name))))
			require.NoError(t, os.RemoveAll(module))
			require.NoError(t, os.MkdirAll(module, 0o755))
			t.Cleanup(func() { _ = os.RemoveAll(module) })
			const ours = "{{if .Module}}{{if .Module.Main}}{{.ImportPath}}{{end}}{{end}}"
			packages := strings.Fields(command(t, "..", "go", "list", "-deps", "-f", ours, "./"+name))
			// Their tests import packages of their own.
			list := command(t, "..", "go", append([]string{"list", "-deps", "-test", "-f", ours}, packages...)...)
			for line := range strings.Lines(list) {
				path := strings.Fields(line)[0] // without "[constructs/ecs.test]", for which it is compiled
				if strings.HasSuffix(path, ".test") || strings.HasSuffix(path, "_test") {
					continue // a test itself
				}
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

// Each file of a stack, copied alone into a module that requires this one, compiles: it has all that it needs but constructs.
func TestStackFilesCanBeCopiedAlone(t *testing.T) {
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	copied := t.TempDir()
	content, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	content = bytes.Replace(content, []byte("module awscontainers\n"), []byte("module example.com/copied\n"), 1)
	content = fmt.Appendf(content, "\nrequire awscontainers v0.0.0\n\nreplace awscontainers => %s\n", root)
	require.NoError(t, os.WriteFile(filepath.Join(copied, "go.mod"), content, 0o600))
	copyFile(t, "../go.sum", filepath.Join(copied, "go.sum"))

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

//go:build recipes

package recipes

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/internal/tool"
	"awscontainers/stacks/settings"
)

const cdk = "github.com/aws/aws-cdk-go/awscdk/v2"

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

// From an empty folder, and in a module that exists: one that requires nothing yet, and one that requires an older CDK.
func TestOwnApp(t *testing.T) {
	for name, goMod := range map[string]string{
		"empty": "", "module": "module example.com/existing\n\ngo 1.26\n",
		"older": "module example.com/existing\n\ngo 1.25\n\nrequire " + cdk + " v2.270.0\n",
	} {
		t.Run(name, func(t *testing.T) {
			r := readRecipe(t)
			dir := newApp(t, r)
			if goMod == "" {
				run(t, dir, r.initialize)
			} else {
				writeFile(t, filepath.Join(dir, "go.mod"), goMod)
			}
			run(t, dir, r.require)
			out := run(t, dir, r.synth)
			assert.Contains(t, out, "Type: AWS::ECS::Service", "the template")
			template, err := os.ReadFile(filepath.Join(dir, "cdk.out", "Shop.template.json"))
			require.NoError(t, err)
			assert.Contains(t, string(template), "AWS::ElasticLoadBalancingV2::LoadBalancer")
		})
	}
}

// A mistake in the app is a line that names the construct and the field, without a Go stack trace.
func TestOwnAppRefusesMistakes(t *testing.T) {
	r := readRecipe(t)
	r.mainGo = strings.Replace(r.mainGo, "ContainerPort: 8080", "ContainerPort: 80800", 1)
	dir := newApp(t, r)
	run(t, dir, r.initialize)
	run(t, dir, r.require)
	out := run(t, dir, "go run . 2>&1 && exit 1 || true")
	assert.Regexp(t, `(?m)^.*Shop/Task: Containers\[0\]\.PortMappings\[0\]\.ContainerPort must be .*; got 80800`, out)
	assert.NotContains(t, out, "goroutine")
}

// The package that imports a module of which the checksum database has nothing.
func TestOwnAppWithKubernetes(t *testing.T) {
	r := readRecipe(t)
	dir := newApp(t, r)
	writeFile(t, filepath.Join(dir, "kubernetes.go"), "package main\n\nimport _ \"awscontainers/constructs/eks\"\n")
	run(t, dir, r.initialize)
	run(t, dir, r.require)
	run(t, dir, "go run .")
}

// What the app needs is in its go.mod.
func TestOwnAppIsTidy(t *testing.T) {
	r := readRecipe(t)
	dir := newApp(t, r)
	run(t, dir, r.initialize)
	run(t, dir, r.require)
	run(t, dir, "go vet .")
	assert.Empty(t, run(t, dir, "go mod tidy -diff"))
}

// Each file of a stack, copied alone into a module that requires this one, compiles: it has all that it needs but constructs.
func TestStackFilesCanBeCopiedAlone(t *testing.T) {
	checkout, err := tool.Find(".")
	require.NoError(t, err)
	copied := t.TempDir()
	content, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	content = bytes.Replace(content, []byte("module "+checkout.Module+"\n"), []byte("module example.com/copied\n"), 1)
	content = fmt.Appendf(content, "\nrequire %s v0.0.0\n\nreplace %s => %s\n", checkout.Module, checkout.Module, checkout.Dir)
	writeFile(t, filepath.Join(copied, "go.mod"), string(content))
	sums, err := os.ReadFile("../../go.sum")
	require.NoError(t, err)
	writeFile(t, filepath.Join(copied, "go.sum"), string(sums))

	files, err := filepath.Glob("../../stacks/*.go")
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
		writeFile(t, filepath.Join(folder, name), string(content))
	}
	require.Len(t, settings.Names(), stacks, "a stack is one file")
	run(t, copied, "go vet ./...")
}

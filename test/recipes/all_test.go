//go:build recipes

package recipes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const cdk = "github.com/aws/aws-cdk-go/awscdk/v2"

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

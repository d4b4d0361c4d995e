package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cdk runs the CDK's CLI, of the version that the Makefile pins, with this binary as the app. It gives the names of the templates that
// the app wrote, what was printed, and the exit code. It runs without credentials, so that a test can't destroy a deployed stack.
func cdk(t *testing.T, args ...string) (templates []string, output string, exitCode int) {
	t.Helper()
	makefile, err := os.ReadFile("Makefile")
	require.NoError(t, err)
	version := regexp.MustCompile(`(?m)^CDK_VERSION := (.+)$`).FindSubmatch(makefile)
	require.NotNil(t, version, "the Makefile pins no CLI")
	dir := t.TempDir()
	cmd := exec.Command("npx", append([]string{
		"--yes", "aws-cdk@" + string(version[1]), "--app", os.Args[0], "--output", dir, "-c", "stacks=FargateWeb,Registry,ExpressService",
	}, args...)...)
	cmd.Env = append(slices.DeleteFunc(os.Environ(),
		func(v string) bool { return strings.HasPrefix(v, "AWS_") || strings.HasPrefix(v, "CDK_") }),
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_EC2_METADATA_DISABLED=true",
		"BE_THE_APP=1", "CDK_VALIDATION=false", "CDK_NOTICES=false", "CDK_DISABLE_CLI_TELEMETRY=true", "CI=true",
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20",
	)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) {
		exitCode = exit.ExitCode()
	} else {
		require.NoError(t, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.template.json"))
	require.NoError(t, err)
	for _, file := range files {
		templates = append(templates, strings.TrimSuffix(filepath.Base(file), ".template.json"))
	}
	return templates, out.String(), exitCode
}

// command is one of the CLI's, with the templates that the app writes for it, a part of the output, and the exit code.
type command struct {
	args      []string
	templates []string
	output    string
	exitCode  int
}

// With -e, what synthesizes builds only the stack that is asked for. `make test-recipes` runs other commands.
func TestCommandsOfTheCli(t *testing.T) {
	testCommands(t, map[string]command{"synth -e": {[]string{"synth", "-e", "Registry", "--quiet"}, []string{"Registry"}, "", 0}})
}

func testCommands(t *testing.T, commands map[string]command) {
	for name, c := range commands {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			templates, output, exitCode := cdk(t, c.args...)
			assert.Equal(t, c.templates, templates)
			assert.Contains(t, output, c.output)
			assert.Equal(t, c.exitCode, exitCode, output)
		})
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain lets this binary be the app itself, so that exit codes and output are those that a user sees.
func TestMain(m *testing.M) {
	if os.Getenv("BE_THE_APP") != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// synth runs the app as the CDK's CLI does and gives its output directory, standard error and exit code.
func synth(t *testing.T, context map[string]any, env ...string) (dir, stderr string, exitCode int) {
	t.Helper()
	text, err := json.Marshal(context)
	require.NoError(t, err)
	dir = t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), append([]string{
		"BE_THE_APP=1", "CDK_OUTDIR=" + dir, "CDK_CONTEXT_JSON=" + string(text),
		"CDK_DEFAULT_ACCOUNT=", "CDK_DEFAULT_REGION=", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20",
	}, env...)...)
	var out bytes.Buffer
	cmd.Stderr = &out
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) {
		exitCode = exit.ExitCode()
	} else {
		require.NoError(t, err)
	}
	return dir, out.String(), exitCode
}

// web is a context. Without credentials the CLI says us-east-1, which is no reason to refuse a certificate of eu-west-1.
var web = map[string]any{
	"tags": "Owner=me", "stacks": "FargateWeb",
	"FargateWeb.certificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012",
}

// The CLI hides the notes of constructs where one has a warning, as FargateWeb has in prod without HTTPS.
func TestProdIsToldToProtect(t *testing.T) {
	_, stderr, exitCode := synth(t, map[string]any{"profile": "prod", "stacks": "FargateWeb"}, "CDK_VALIDATION=false")
	require.Equal(t, 0, exitCode, stderr)
	assert.Contains(t, stderr, "note: Nothing protects FargateWeb from deletion yet.")
}

// The app isn't validated, which takes seconds; `make test-recipes` does.
func TestSynth(t *testing.T) {
	dir, stderr, exitCode := synth(t, web, "CDK_DEFAULT_REGION=us-east-1", "CDK_VALIDATION=false")
	require.Equal(t, 0, exitCode, stderr)
	raw, err := os.ReadFile(filepath.Join(dir, "FargateWeb.template.json"))
	require.NoError(t, err)
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties struct{ Tags []struct{ Key, Value string } }
		}
	}
	require.NoError(t, json.Unmarshal(raw, &template))
	tags := map[string]string{}
	for _, r := range template.Resources {
		if r.Type == "AWS::ECS::Service" {
			for _, tag := range r.Properties.Tags {
				tags[tag.Key] = tag.Value
			}
		}
	}
	assert.Equal(t, map[string]string{"Project": "awscontainers", "Profile": "dev", "Owner": "me"}, tags)
}

// mistake is something that the app refuses, and what it prints then.
type mistake struct {
	context   map[string]any
	env, want string
}

// mistakes are some that constructs refuse, and one that the CDK does. `make test-recipes` makes those that are refused earlier.
var mistakes = map[string]mistake{
	"in constructs of two stacks": {map[string]any{
		"stacks": "FargateWeb,AppRunnerService", "FargateWeb": map[string]any{"domainName": "www.example.com", "writablePaths": []any{"run"}},
		"AppRunnerService.cpu": 300,
	}, "", "AppRunnerService.cpu: must be 256, 512, 1024, 2048 or 4096; got 300\n" +
		`FargateWeb.domainName: requires hostedZoneId and hostedZoneName; got "www.example.com"` + "\n" +
		`FargateWeb.writablePaths: must begin with /; got "run"` + "\n"},
	"out of the CDK": {nil, "CDK_OUTDIR=/dev/null/nowhere",
		"error: ENOTDIR: not a directory, mkdir '/dev/null/nowhere'\n"},
}

func TestMistakesArePrintedALineEach(t *testing.T) { testMistakes(t, mistakes) }

func testMistakes(t *testing.T, mistakes map[string]mistake) {
	for name, c := range mistakes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			context := map[string]any{"stacks": "FargateWeb"} // the others say the same
			maps.Copy(context, c.context)
			_, stderr, exitCode := synth(t, context, c.env)
			assert.Equal(t, 1, exitCode)
			assert.Equal(t, c.want, stderr)
		})
	}
}

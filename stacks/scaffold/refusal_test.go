package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/internal/tool"
)

// scaffold runs the command as a user does who is in the root of the checkout.
func scaffold(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	var out bytes.Buffer
	err = run(t.Context(), args, "../..", &out)
	return out.String(), err
}

func TestMistakesAreRefused(t *testing.T) {
	dir := t.TempDir()
	to := filepath.Join(dir, "shop")
	file := filepath.Join(dir, "file")
	checkout, err := tool.Find(".")
	require.NoError(t, err)
	ours := checkout.Module
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for want, args := range map[string][]string{
		"stack: is required; it is one of FargateWeb, Ec2Web, ":                        {"-to", to, "-module", "example.com/shop"},
		"stack: must be the name of a stack, did you mean FargateWeb? The stacks are ": {"fargetweb", "-to", to, "-module", "example.com/shop"},
		"stack: must be one of FargateWeb, Ec2Web, ":                                   {"Lambda", "-to", to, "-module", "example.com/shop"},
		`stack: must be one name; got "FargateWeb Ec2Web"`:                             {"FargateWeb", "Ec2Web", "-to", to, "-module", "x"},
		"-to: is required; ": {"FargateWeb", "-module", "example.com/shop"},
		"-to: must be a new or empty directory, and this one has file in it; got ": {"FargateWeb", "-to", dir, "-module", "example.com/shop"},
		"-to: must be a new or empty directory, not a file; got ":                  {"FargateWeb", "-to", file, "-module", "example.com/shop"},
		`-to: must be outside of this repository; got "new"`:                       {"FargateWeb", "-to", "new", "-module", "example.com/shop"},
		"-module: is required; ": {"FargateWeb", "-to", to},
		`-module: must be a module path such as example.com/shop; got "example.com/a b"`: {"FargateWeb", "-to", to, "-module", "example.com/a b"},
		"and net belongs to Go's standard library":                                       {"FargateWeb", "-to", to, "-module", "net/http"},
		"-name: must be an upper-case letter and up to 127 letters and digits": {"FargateWeb", "-to", to, "-module", "shop", "-name",
			"shop"},
		`digits, such as Shop; got "My-Shop"`: {"FargateWeb", "-to", to, "-module", "shop", "-name",
			"My-Shop"},
		"-name: must not be the name of main.go": {"FargateWeb", "-to", to, "-module", "shop", "-name",
			"Main"},
		`-name: must be a name that leaves type as it is; got "Type"`: {"EksStorage", "-to", to, "-module", "shop", "-name",
			"Type"},
		`-module: must be another path than this repository's; got "` + ours + `"`: {"FargateWeb", "-to", to, "-module", ours},
		`-name: must be a name that leaves rules as it is; got "Rules"`: {"EksStorage", "-to", to, "-module", "shop", "-name",
			"Rules"},
		`-name: must be a name that leaves eks as it is; got "Eks"`: {"EksStorage", "-to", to, "-module", "shop", "-name",
			"Eks"},
		`-constructs: must be copy or replace; got "move"`: {"FargateWeb", "-to", to, "-module", "shop",
			"-constructs", "move"},
	} {
		_, err := scaffold(t, args...)
		if assert.Error(t, err, want) {
			assert.Contains(t, err.Error(), want)
			assert.Len(t, strings.Split(err.Error(), "\n"), 1, "one mistake, one line")
		}
	}
	assertOnly(t, dir, "file")
	assert.NoDirExists(t, "new")
}

// assertOnly asserts that a directory has nothing but the entries of these names.
func assertOnly(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var found []string
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	assert.ElementsMatch(t, names, found)
}

func TestAllMistakesAreRefusedInOneRound(t *testing.T) {
	_, err := scaffold(t, "Lambda", "-to", "new", "-module", "a b", "-name", "shop", "-constructs", "move")
	require.Error(t, err)
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 5)
	for i, argument := range []string{"stack", "-name", "-to", "-module", "-constructs"} {
		assert.Contains(t, lines[i], argument+": must be ")
	}
	_, err = scaffold(t)
	require.Error(t, err)
	assert.Len(t, strings.Split(err.Error(), "\n"), 3, "the stack, -to and -module")
}

func TestFlagsMayStandAnywhere(t *testing.T) {
	checkout, err := tool.Find(".")
	require.NoError(t, err)
	to := filepath.Join(t.TempDir(), "shop")
	for _, args := range [][]string{
		{"FargateWeb", "-to", to, "-module", "shop", "-name", "Shop"},
		{"-to", to, "-module", "shop", "--name=Shop", "FargateWeb"},
		{"-to", to, "FargateWeb", "-module=shop", "-name", "Shop"},
	} {
		o, err := parse(t.Context(), checkout, args, &bytes.Buffer{})
		require.NoError(t, err)
		assert.Equal(t, []string{"FargateWeb", "Shop", to, "shop", "copy"}, []string{o.stack, o.name, o.to, o.module, o.constructs})
	}
}

func TestUnknownFlagsShowTheUsage(t *testing.T) {
	out, err := scaffold(t, "FargateWeb", "-too", "x")
	require.Error(t, err)
	assert.Contains(t, out, "flag provided but not defined: -too")
	assert.Contains(t, out, "usage: go run ./stacks/scaffold <stack> -to <directory> -module <path>")
}

func TestOtherDirectoriesAreRefused(t *testing.T) {
	dir := t.TempDir()
	require.ErrorContains(t, run(t.Context(), nil, dir, &bytes.Buffer{}), "is not in a checkout of this repository")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/other\n"), 0o600))
	require.ErrorContains(t, run(t.Context(), nil, dir, &bytes.Buffer{}), "is another module than this repository's")
}

// After an interrupt, and after an error in the middle, there is nothing but what there was.
func TestNothingIsLeftHalfWritten(t *testing.T) {
	interrupted := errors.New("interrupted")
	for _, step := range []string{"writing the constructs", "writing go.mod", "writing the snapshot"} {
		dir := t.TempDir()
		ctx, cancel := context.WithCancelCause(t.Context())
		out := writerFunc(func(p []byte) (int, error) {
			if strings.HasPrefix(string(p), step) {
				cancel(interrupted)
			}
			return len(p), nil
		})
		err := run(ctx, []string{"Registry", "-to", filepath.Join(dir, "a", "shop"), "-module", "example.com/shop"}, "../..", out)
		require.ErrorIs(t, err, interrupted, step)
		assertOnly(t, dir)
	}
	broken := errors.New("disk full")
	dir := t.TempDir()
	out := writerFunc(func(p []byte) (int, error) {
		if strings.HasPrefix(string(p), "writing CI") {
			return 0, broken
		}
		return len(p), nil
	})
	err := run(t.Context(), []string{"Registry", "-to", dir, "-module", "example.com/shop"}, "../..", out)
	require.ErrorIs(t, err, broken)
	assertOnly(t, dir)
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/internal/tool"
)

const root = "../../.."

func copyOut(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	var out bytes.Buffer
	err = run(t.Context(), args, root, &out)
	return out.String(), err
}

// A package is copied into another module with what it imports of ours. With the settings go all stacks, and with them all constructs
// but rules.
func TestPackagesCanBeCopiedOut(t *testing.T) {
	here, err := os.Getwd()
	require.NoError(t, err)
	for _, c := range copies {
		t.Run(c.packages, func(t *testing.T) {
			// In a directory of the same name each time, so that the build cache knows the packages from the last.
			parent := filepath.Join(os.TempDir(), fmt.Sprintf("awscontainers %x", sha256.Sum256([]byte(here+c.packages))))
			require.NoError(t, os.RemoveAll(parent))
			t.Cleanup(func() { _ = os.RemoveAll(parent) })
			to := filepath.Join(parent, "mine")
			out, err := copyOut(t, "-pkg", c.packages, "-to", to, "-module", "example.com/mine")
			require.NoError(t, err)

			for _, file := range c.files {
				assert.FileExists(t, filepath.Join(to, filepath.FromSlash(file)))
			}
			checkReport(t, out, to)
			checkOrigin(t, to)
			for _, command := range c.commands {
				_, err := tool.Run(t.Context(), to, strings.Fields(command)[0], strings.Fields(command)[1:]...)
				require.NoError(t, err, command)
			}
		})
	}
}

// copied is a copy to make, what must be in it, and the commands that succeed there.
type copied struct {
	packages string
	files    []string
	commands []string
}

// compiles are the commands of a copy that compiles, its tests too, and that needs nothing that isn't in its go.mod.
var compiles = []string{"go vet ./...", "go mod tidy -diff"}

var row = regexp.MustCompile(`(?m)^(\S+) +(\d+) +(\d+)$`)

// checkReport compares what the command says with what is there.
func checkReport(t *testing.T, out, dir string) {
	t.Helper()
	rows := row.FindAllStringSubmatch(out, -1)
	require.NotEmpty(t, rows)
	files, lines := 0, 0
	for _, r := range rows {
		folder := filepath.Join(dir, filepath.FromSlash(r[1]))
		require.DirExists(t, folder)
		var n, of int
		_, err := fmt.Sscan(r[2], &n)
		require.NoError(t, err)
		_, err = fmt.Sscan(r[3], &of)
		require.NoError(t, err)
		files, lines = files+n, lines+of
	}
	haveFiles, haveLines := 0, 0
	for _, folder := range []string{"constructs", "internal", "stacks", "test"} {
		_ = filepath.WalkDir(filepath.Join(dir, folder), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				content, err := os.ReadFile(path)
				require.NoError(t, err)
				haveFiles, haveLines = haveFiles+1, haveLines+bytes.Count(content, []byte("\n"))
			}
			return nil
		})
	}
	assert.Equal(t, []int{haveFiles, haveLines}, []int{files, lines}, "files and lines")
	assert.Regexp(t, fmt.Sprintf(`(?m)^%d packages +%d +%d$`, len(rows), files, lines), out)
}

// checkOrigin asserts what the license asks for: the license, a statement of changes, and a notice in each file that was changed.
func checkOrigin(t *testing.T, dir string) {
	t.Helper()
	license, err := os.ReadFile(filepath.Join(root, "LICENSE"))
	require.NoError(t, err)
	copiedLicense, err := os.ReadFile(filepath.Join(dir, "LICENSE"))
	require.NoError(t, err)
	assert.Equal(t, string(license), string(copiedLicense))
	notice, err := os.ReadFile(filepath.Join(dir, "NOTICE"))
	require.NoError(t, err)
	assert.Regexp(t, `^This module consists of packages of [\w-]+( \(commit \w+\))?, which is licensed under the Apache License 2\.0`,
		string(notice))
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		below, err := filepath.Rel(dir, path)
		require.NoError(t, err)
		now, err := os.ReadFile(path)
		require.NoError(t, err)
		before, err := os.ReadFile(filepath.Join(root, below))
		if err != nil || below == "go.mod" || below == "go.sum" {
			return nil
		}
		if !bytes.Equal(before, now) {
			first, _, _ := strings.Cut(string(now), "\n")
			assert.Contains(t, first, "under the Apache License 2.0; import paths ", below)
		}
		return nil
	}))
}

func TestMistakesAreRefused(t *testing.T) {
	dir := t.TempDir()
	to := filepath.Join(dir, "mine")
	for want, args := range map[string][]string{
		"-pkg: is required; ": {"-to", to, "-module", "example.com/mine"},
		`-pkg: must be a package of this repository such as ecs or constructs/ecs; got "lambda"`: {"-pkg", "lambda", "-to", to, "-module",
			"mine"},
		`constructs/ecs, did you mean registry?; got "registri"`: {"-pkg", "registri", "-to", to, "-module",
			"mine"},
		`constructs/ecs, did you mean constructs/events?; got "construct/events"`: {"-pkg", "construct/events", "-to", to,
			"-module", "mine"},
		`for one stack, run go run ./stacks/scaffold; got "FargateWeb"`: {"-pkg", "FargateWeb", "-to", to, "-module",
			"mine"},
		`-pkg: must be a package of this repository such as ecs or constructs/ecs; got "."`: {"-pkg", ".", "-to", to, "-module", "mine"},
		`got "stacks/scaffold"`:                                               {"-pkg", "stacks/scaffold", "-to", to, "-module", "mine"},
		"-to: is required; ":                                                  {"-pkg", "ecs", "-module", "example.com/mine"},
		"-to: must be outside of this repository; got ":                       {"-pkg", "ecs", "-to", root, "-module", "mine"},
		"-module: is required; ":                                              {"-pkg", "ecs", "-to", to},
		"-module: must be a module path such as example.com/shop":             {"-pkg", "ecs", "-to", to, "-module", "/mine"},
		"mine: is not a known argument; the packages to copy are set by -pkg": {"-pkg", "ecs", "mine", "-to", to, "-module", "mine"},
	} {
		_, err := copyOut(t, args...)
		if assert.Error(t, err, want) {
			assert.Contains(t, err.Error(), want)
			assert.Len(t, strings.Split(err.Error(), "\n"), 1, "one mistake, one line")
		}
	}
	_, err := copyOut(t, "-pkg", "lambda,eccs", "-to", root, "-module", "a b")
	require.Error(t, err)
	assert.Len(t, strings.Split(err.Error(), "\n"), 4, "all mistakes in one round")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, entries)
}

func TestPackagesAreFound(t *testing.T) {
	checkout, err := tool.Find(root)
	require.NoError(t, err)
	names, err := checkout.Names(t.Context())
	require.NoError(t, err)
	for given, want := range map[string]string{
		"ecs": "constructs/ecs", "constructs/ecs": "constructs/ecs", "./constructs/ecs": "constructs/ecs", "constructs/ecs/": "constructs/ecs",
		checkout.Module + "/constructs/ecs": "constructs/ecs", "settings": "stacks/settings", "stacks": "stacks", "check": "internal/check",
		"cdktest": "test/cdktest",
	} {
		found, err := find(checkout, names, given)
		require.NoError(t, err, given)
		assert.Equal(t, want, found)
	}
}

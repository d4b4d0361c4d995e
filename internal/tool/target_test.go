package tool_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/internal/tool"
)

func find(t *testing.T) *tool.Checkout {
	t.Helper()
	checkout, err := tool.Find(".")
	require.NoError(t, err)
	return checkout
}

func TestTargetsThatAreRefused(t *testing.T) {
	checkout, dir := find(t), t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	full := filepath.Join(dir, "full")
	require.NoError(t, os.Mkdir(full, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(full, ".keep"), nil, 0o600))
	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(checkout.Dir, link))
	dangling := filepath.Join(dir, "dangling")
	require.NoError(t, os.Symlink(filepath.Join(dir, "nowhere"), dangling))
	for path, want := range map[string]string{
		"":                                    "is required; set it to a new directory such as ../shop",
		file:                                  "must be a new or empty directory, not a file",
		filepath.Join(file, "a", "b"):         "must be a new or empty directory, and " + file + " is a file",
		full:                                  "must be a new or empty directory, and this one has .keep in it",
		dangling:                              "must be a new or empty directory, not a link that leads nowhere",
		".":                                   "must be outside of this repository",
		filepath.Join(checkout.Dir, "a", "b"): "must be outside of this repository",
		link:                                  "must be outside of this repository",
		filepath.Join(link, "a"):              "must be outside of this repository",
	} {
		require.ErrorContains(t, checkout.CheckTarget("-to", path), "-to: "+want, path)
	}
	for _, path := range []string{filepath.Join(dir, "new"), filepath.Join(dir, "a", "b", "c"), t.TempDir(), checkout.Dir + "-2"} {
		assert.NoError(t, checkout.CheckTarget("-to", path), path)
	}
}

// A target that is new, one in directories that are new, and one that exists, with a space in the path.
func TestTargetsAreFilledCompletelyOrNotAtAll(t *testing.T) {
	for name, path := range map[string]string{"new": "my app", "below": "a/b/c", "there": "there"} {
		for _, published := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				dir := t.TempDir()
				require.NoError(t, os.Mkdir(filepath.Join(dir, "there"), 0o750))
				before, err := os.Stat(filepath.Join(dir, "there"))
				require.NoError(t, err)
				target, err := tool.NewTarget(filepath.Join(dir, filepath.FromSlash(path)))
				require.NoError(t, err)
				require.NoError(t, os.MkdirAll(filepath.Join(target.Dir, "sub"), 0o755))
				require.NoError(t, os.WriteFile(filepath.Join(target.Dir, "sub", "file"), []byte("x"), 0o600))
				if published {
					require.NoError(t, target.Publish(t.Context()))
				}
				target.Discard()

				want := []string{"there"}
				if published {
					want = []string{"there", path + "/sub/file"}
				}
				assert.ElementsMatch(t, want, leaves(t, dir, "there"))
				after, err := os.Stat(filepath.Join(dir, "there"))
				require.NoError(t, err)
				assert.True(t, os.SameFile(before, after), "a shell in the directory would be nowhere")
			})
		}
	}
}

// leaves lists the files below a directory, and its empty directories, with one of which the list begins.
func leaves(t *testing.T, dir, first string) (found []string) {
	t.Helper()
	found = append(found, first)
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		require.NoError(t, err)
		below, err := filepath.Rel(dir, path)
		require.NoError(t, err)
		entries, _ := os.ReadDir(path)
		if below = filepath.ToSlash(below); below != first && len(entries) == 0 {
			found = append(found, below)
		}
		return nil
	}))
	return found
}

func TestNothingIsPublishedAfterAnInterrupt(t *testing.T) {
	dir := t.TempDir()
	target, err := tool.NewTarget(filepath.Join(dir, "a", "app"))
	require.NoError(t, err)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("interrupted"))
	require.EqualError(t, target.Publish(ctx), "interrupted")
	target.Discard()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, entries)
}

// Files that appear in a target in the meantime are kept, and nothing is added to them.
func TestTargetsThatAreFilledByOthers(t *testing.T) {
	for _, exists := range []bool{true, false} {
		path := filepath.Join(t.TempDir(), "app")
		if exists {
			require.NoError(t, os.Mkdir(path, 0o755))
		}
		target, err := tool.NewTarget(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(target.Dir, "a"), nil, 0o600))
		require.NoError(t, os.MkdirAll(filepath.Join(target.Dir, "b"), 0o755))
		require.NoError(t, os.MkdirAll(filepath.Join(path, "b", "theirs"), 0o755))
		require.Error(t, target.Publish(t.Context()))
		target.Discard()
		assert.Equal(t, []string{"b/theirs"}, leaves(t, path, "b/theirs"))
	}
}

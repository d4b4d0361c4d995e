package tool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Target is a directory that is new or empty, and that a command fills completely or not at all: files are written to Dir, which is
// somewhere else until Publish.
type Target struct {
	// Dir is where to write until Publish.
	Dir string

	path    string
	staging string   // holds Dir; gone after Publish or Discard
	parents []string // the directories above path that were created, the outermost first
	exists  bool     // path exists, and is empty
}

// CheckTarget returns an error if a command can't fill the path that the argument names: if it is anything but a new or an empty
// directory, or inside the checkout.
func (c *Checkout) CheckTarget(argument, path string) error {
	if path == "" {
		return Require(argument, "set it to a new directory such as ../shop")
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("%s: %w", argument, err)
	}
	if isInside(absolute, c.Dir) {
		return Refuse(argument, "must be outside of this repository", path)
	}
	if _, err := os.Stat(absolute); err != nil {
		return checkNew(argument, path, absolute, err)
	}
	entries, err := os.ReadDir(absolute)
	switch {
	case !isDir(absolute):
		return Refuse(argument, "must be a new or empty directory, not a file", path)
	case err != nil:
		return fmt.Errorf("%s: %w", argument, err)
	case len(entries) > 0:
		return Refuse(argument, fmt.Sprintf("must be a new or empty directory, and this one has %s in it", entries[0].Name()), path)
	}
	return nil
}

// checkNew judges a path that os.Stat doesn't find.
func checkNew(argument, path, absolute string, err error) error {
	if _, isLink := os.Readlink(absolute); isLink == nil {
		return Refuse(argument, "must be a new or empty directory, not a link that leads nowhere", path)
	}
	if file := above(absolute); !isDir(file) {
		return Refuse(argument, fmt.Sprintf("must be a new or empty directory, and %s is a file", file), path)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", argument, err)
	}
	return nil
}

// NewTarget prepares a directory that CheckTarget accepts. Call Discard when done, whether it was published or not.
func NewTarget(path string) (*Target, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	t := &Target{path: absolute, exists: isDir(absolute)}
	if err := t.prepare(); err != nil {
		t.Discard()
		return nil, err
	}
	return t, nil
}

func (t *Target) prepare() (err error) {
	// A directory that exists stays, since a shell may be in it, so that what is in Dir moves into it.
	beside := t.path
	if !t.exists {
		beside = filepath.Dir(t.path)
		existing := above(t.path)
		for dir := beside; dir != existing; dir = filepath.Dir(dir) {
			t.parents = append([]string{dir}, t.parents...)
		}
		for _, dir := range t.parents {
			if err := os.Mkdir(dir, 0o755); err != nil {
				return err
			}
		}
	}
	// The same name each time, as far as nobody else uses it: Go's build cache knows packages by their directories.
	t.staging = filepath.Join(beside, ".unfinished-"+filepath.Base(t.path))
	if os.Mkdir(t.staging, 0o755) != nil {
		if t.staging, err = os.MkdirTemp(beside, ".unfinished-"); err != nil {
			return err
		}
	}
	t.Dir = filepath.Join(t.staging, filepath.Base(t.path))
	return os.Mkdir(t.Dir, 0o755)
}

// Publish puts what is in Dir where it belongs, unless the context has ended.
func (t *Target) Publish(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if !t.exists {
		if err := os.Rename(t.Dir, t.path); err != nil {
			return err
		}
		t.parents = nil
		return nil
	}
	entries, err := os.ReadDir(t.Dir)
	if err != nil {
		return err
	}
	for i, entry := range entries {
		if err := os.Rename(filepath.Join(t.Dir, entry.Name()), filepath.Join(t.path, entry.Name())); err != nil {
			for _, moved := range entries[:i] {
				err = errors.Join(err, os.RemoveAll(filepath.Join(t.path, moved.Name())))
			}
			return err
		}
	}
	return nil
}

// Discard removes what Publish hasn't put where it belongs.
func (t *Target) Discard() {
	if t.staging != "" {
		_ = os.RemoveAll(t.staging)
	}
	for i := len(t.parents) - 1; i >= 0; i-- {
		_ = os.Remove(t.parents[i])
	}
}

// above returns the nearest thing above a path that exists.
func above(path string) string {
	for {
		path = filepath.Dir(path)
		if _, err := os.Stat(path); err == nil || path == filepath.Dir(path) {
			return path
		}
	}
}

// isInside reports whether a path, of which the last part needn't exist, is a directory or below it, whatever links lead there.
func isInside(path, dir string) bool {
	outer, err := os.Stat(dir)
	if err != nil {
		return false
	}
	for path, err = realPath(path); err == nil; path = filepath.Dir(path) {
		if info, err := os.Stat(path); err == nil && os.SameFile(info, outer) {
			return true
		}
		if path == filepath.Dir(path) {
			return false
		}
	}
	return false
}

// realPath resolves the links in the part of a path that exists.
func realPath(path string) (string, error) {
	rest := ""
	for {
		if _, err := os.Stat(path); err == nil || path == filepath.Dir(path) {
			resolved, err := filepath.EvalSymlinks(path)
			return filepath.Join(resolved, rest), err
		}
		path, rest = filepath.Dir(path), filepath.Join(filepath.Base(path), rest)
	}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

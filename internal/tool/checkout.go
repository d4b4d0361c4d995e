package tool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// Checkout is a checkout of this repository.
type Checkout struct {
	// Dir is its root, an absolute path.
	Dir string
	// Module is its module path, as go.mod has it.
	Module string
}

// marker is a file that only this repository has, wherever its module path leads.
const marker = "constructs/invalid/invalid.go"

// Find finds the checkout that a directory is in.
func Find(dir string) (*Checkout, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		content, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil {
			return open(dir, content)
		}
		if !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		if dir == filepath.Dir(dir) {
			return nil, fmt.Errorf("%s is not in a checkout of this repository; run the command in its root", start)
		}
	}
}

func open(dir string, goMod []byte) (*Checkout, error) {
	if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(marker))); err != nil {
		return nil, fmt.Errorf("%s is another module than this repository's; run the command in the root of a checkout", dir)
	}
	path := modfile.ModulePath(goMod)
	if path == "" {
		return nil, fmt.Errorf("%s has no module path", filepath.Join(dir, "go.mod"))
	}
	return &Checkout{Dir: dir, Module: path}, nil
}

// Path is the path of a file of the checkout, given with slashes and from its root.
func (c *Checkout) Path(file string) string { return filepath.Join(c.Dir, filepath.FromSlash(file)) }

// Version names this repository and, where git knows it, the commit: "awscontainers (commit 1a2b3c4)".
func (c *Checkout) Version(ctx context.Context) string {
	name := BaseName(c.Module)
	out, err := Run(ctx, c.Dir, "git", "rev-parse", "--show-prefix", "--short=12", "HEAD")
	below, commit, _ := strings.Cut(out, "\n")
	if err != nil || below != "" {
		return name // a download of the sources, which may be in another repository
	}
	return name + " (commit " + strings.TrimSpace(commit) + ")"
}

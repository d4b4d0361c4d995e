package tool

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// CheckModule returns an error if the path that the argument names can't be the path of a module: one that go get can find, or one
// without a domain such as "shop", which is enough for an app.
func CheckModule(ctx context.Context, argument, path string) error {
	if path == "" {
		return Require(argument, "set it to a module path such as example.com/shop")
	}
	const wanted = "must be a module path such as example.com/shop"
	first, _, _ := strings.Cut(path, "/")
	check := module.CheckPath
	if !strings.Contains(first, ".") {
		check = module.CheckImportPath
	}
	if check(path) != nil {
		return Refuse(argument, wanted, path)
	}
	root, err := Run(ctx, ".", "go", "env", "GOROOT")
	if err != nil {
		return err
	}
	if isDir(filepath.Join(strings.TrimSpace(root), "src", first)) {
		return Refuse(argument, wanted+", and "+first+" belongs to Go's standard library", path)
	}
	return nil
}

// BaseName is the last element of a module path, without the major version: "shop" of "example.com/shop/v2".
func BaseName(modulePath string) string {
	if prefix, _, ok := module.SplitPathVersion(modulePath); ok {
		modulePath = prefix
	}
	return path.Base(modulePath)
}

// WriteGoMod writes go.mod and go.sum of a module that starts with the versions of this one. Tidy removes what it doesn't need. With
// a replacement, the module also requires this one, from that directory.
func (c *Checkout) WriteGoMod(dir, modulePath, replacement string) error {
	content, err := os.ReadFile(c.Path("go.mod"))
	if err != nil {
		return err
	}
	file, err := modfile.Parse("go.mod", content, nil)
	if err != nil {
		return err
	}
	if err := file.AddModuleStmt(modulePath); err != nil {
		return err
	}
	if replacement != "" {
		if err := file.AddRequire(c.Module, "v0.0.0"); err != nil {
			return err
		}
		if err := file.AddReplace(c.Module, "", filepath.ToSlash(replacement), ""); err != nil {
			return err
		}
	}
	file.Cleanup()
	if content, err = file.Format(); err != nil {
		return err
	}
	sums, err := os.ReadFile(c.Path("go.sum"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "go.mod"), content, 0o644)
}

// Tidy removes from go.mod and go.sum what the module doesn't need, and puts what go.mod requires in two blocks, one for what the module
// imports itself. What the files had is enough, so that it asks no checksum database.
func Tidy(ctx context.Context, dir string) error {
	if _, err := Run(ctx, dir, "go", "mod", "tidy"); err != nil {
		return err
	}
	name := filepath.Join(dir, "go.mod")
	content, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	file, err := modfile.Parse("go.mod", content, nil)
	if err != nil {
		return err
	}
	var required []*modfile.Require
	for _, r := range slices.Clone(file.Require) {
		required = append(required, &modfile.Require{Mod: r.Mod, Indirect: r.Indirect})
		if err := file.DropRequire(r.Mod.Path); err != nil {
			return err
		}
	}
	file.Cleanup()
	file.SetRequireSeparateIndirect(required)
	file.Cleanup()
	if content, err = file.Format(); err != nil {
		return err
	}
	return os.WriteFile(name, content, 0o644)
}

package tool

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Copied is a package that was copied.
type Copied struct {
	Package
	// Lines are the lines of its files.
	Lines int
}

// Copy copies packages into a directory that has an import path of its own: they import each other from there. Each file that this
// changes says so, as section 4 of the license asks.
func (c *Checkout) Copy(packages []Package, dir, importPath string) (copied []Copied, err error) {
	rewriter := NewRewriter(c.Module, importPath)
	for _, p := range packages {
		lines := 0
		for _, file := range p.Files {
			name := path.Join(p.Name, file)
			content, err := os.ReadFile(c.Path(name))
			if err != nil {
				return nil, err
			}
			changed := c.finish(name, content, []byte(rewriter.Rewrite(string(content))), packages)
			if err := write(filepath.Join(dir, filepath.FromSlash(name)), changed); err != nil {
				return nil, err
			}
			lines += bytes.Count(changed, []byte("\n"))
		}
		copied = append(copied, Copied{p, lines})
	}
	return copied, nil
}

// CopyFolder copies a folder that is a module of its own into a directory, and gives it another module path.
func (c *Checkout) CopyFolder(folder, dir, modulePath string) error {
	files, err := filesIn(c.Path(folder))
	if err != nil {
		return err
	}
	whole := []Package{{Name: folder, Files: files}}
	for _, file := range files {
		name := path.Join(folder, file)
		content, err := os.ReadFile(c.Path(name))
		if err != nil {
			return err
		}
		changed := bytes.ReplaceAll(content, []byte(c.Module+"/"+folder), []byte(modulePath))
		if err := write(filepath.Join(dir, filepath.FromSlash(file)), c.finish(name, content, changed, whole)); err != nil {
			return err
		}
	}
	return nil
}

// finish returns a file as it is copied, from what it was and what it has become.
func (c *Checkout) finish(name string, content, changed []byte, packages []Package) []byte {
	if path.Ext(name) == ".md" {
		changed = unlink(changed, path.Dir(name), packages)
	}
	if bytes.Equal(changed, content) {
		return content
	}
	return append([]byte(c.changeNotice(name)), changed...)
}

// changeNotice is what stands at the top of a changed file: the license wants it to be prominent.
func (c *Checkout) changeNotice(file string) string {
	text := "Copied from " + BaseName(c.Module) + " under the Apache License 2.0; import paths are changed."
	switch path.Ext(file) {
	case ".go":
		return "// " + text + "\n\n" // the empty line tells it from the package's comment
	case ".mod":
		return "// " + text + "\n"
	case ".md":
		return "<!-- " + strings.Replace(text, "import paths", "import paths and links", 1) + " -->\n\n"
	}
	return "# " + text + "\n"
}

var link = regexp.MustCompile(`\[([^\]]*)\]\(([^)#\s:]+)(#[^)\s]*)?\)`)

// unlink turns the links of a page to files that are not copied with it into plain text.
func unlink(page []byte, dir string, packages []Package) []byte {
	return link.ReplaceAllFunc(page, func(found []byte) []byte {
		parts := link.FindSubmatch(found)
		target := path.Join(dir, string(parts[2]))
		if slices.ContainsFunc(packages, func(p Package) bool { return p.has(target) }) {
			return found
		}
		return parts[1]
	})
}

// has reports whether a path from the module's root is copied with the package: its directory, one below it, or a file.
func (p Package) has(file string) bool {
	if file == p.Name || strings.HasPrefix(p.Name, file+"/") {
		return true
	}
	below, isBelow := strings.CutPrefix(file, p.Name+"/")
	return isBelow && slices.ContainsFunc(p.Files, func(f string) bool { return f == below || strings.HasPrefix(f, below+"/") })
}

// WriteLicense writes into a directory what the license asks of whoever passes on a copy: the license, this repository's notices if it
// has any, and a statement of what the copies are and of what is changed in them.
func (c *Checkout) WriteLicense(dir, statement string) error {
	license, err := os.ReadFile(c.Path("LICENSE"))
	if err != nil {
		return err
	}
	if err := write(filepath.Join(dir, "LICENSE"), license); err != nil {
		return err
	}
	notice, err := os.ReadFile(c.Path("NOTICE"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text := statement + "\n"
	if len(notice) > 0 {
		text = string(notice) + "\n" + text
	}
	return write(filepath.Join(dir, "NOTICE"), []byte(text))
}

// write writes a file and the directories above it.
func write(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o644)
}

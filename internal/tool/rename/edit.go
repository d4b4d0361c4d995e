package main

import (
	"bytes"
	"errors"
	"go/format"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"

	"awscontainers/internal/tool"
)

// edit is what a file was and what it becomes.
type edit struct {
	file          string
	mode          fs.FileMode
	before, after []byte
}

// skipped are folders and kinds of files without import paths: results, what others wrote, and the rules, whose package has a name of its
// own.
var (
	skippedFolders = []string{".git", "cdk.out", "node_modules"}
	skippedKinds   = []string{".rego", ".json", ".sum"}
)

// editsOf returns what the new module path changes, in all files of the checkout.
func editsOf(checkout *tool.Checkout, module string) (edits []edit, err error) {
	renamer := newRenamer(checkout.Module, module)
	err = filepath.WalkDir(checkout.Dir, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(skippedFolders, entry.Name()):
			return filepath.SkipDir
		case !entry.Type().IsRegular() || slices.Contains(skippedKinds, filepath.Ext(file)):
			return nil
		}
		before, err := os.ReadFile(file)
		if err != nil || bytes.IndexByte(before, 0) >= 0 { // not a text
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if after := renamer.rename(entry.Name(), before); !bytes.Equal(before, after) {
			edits = append(edits, edit{file, info.Mode(), before, after})
		}
		return nil
	})
	return edits, err
}

// renamer knows the forms in which files name a module.
type renamer struct {
	packages *tool.Rewriter
	forms    []form
}

// form is a text in files of a kind that names the module, and what it becomes.
type form struct {
	files *regexp.Regexp // of the files' names
	text  *regexp.Regexp
	to    string
}

func newRenamer(from, to string) *renamer {
	module := regexp.QuoteMeta(from)
	base := regexp.QuoteMeta(tool.BaseName(from))
	return &renamer{
		packages: tool.NewRewriter(from, to),
		forms: []form{
			// module awscontainers, require awscontainers v0.0.0
			{regexp.MustCompile(`^go\.mod$`), regexp.MustCompile(`(?m)(^|\s)` + module + `(\s|$)`), "${1}" + to + "${2}"},
			// -replace=awscontainers=../awscontainers, with the directory that a clone has; awscontainers@latest.
			{regexp.MustCompile(`\.md$`), regexp.MustCompile(`=` + module + `=\.\./` + base + `\b`), "=" + to + "=../" + tool.BaseName(to)},
			{regexp.MustCompile(``), regexp.MustCompile(`(^|[\s='"])` + module + `([=@])`), "${1}" + to + "${2}"},
			{regexp.MustCompile(`\.md$`), regexp.MustCompile(`(\s\.\./)` + base + `(/go\.sum\b)`), "${1}" + tool.BaseName(to) + "${2}"},
			{regexp.MustCompile(`^\.golangci\.yml$`), regexp.MustCompile(`(?m)^(\s*- )` + module + `$`), "${1}" + to},
			// The binary of go build.
			{regexp.MustCompile(`^\.gitignore$`), regexp.MustCompile(`(?m)^/` + base + `$`), "/" + tool.BaseName(to)},
		},
	}
}

// rename returns the content of a file with the new path.
func (r *renamer) rename(name string, content []byte) []byte {
	text := r.packages.Rewrite(string(content))
	for _, f := range r.forms {
		if f.files.MatchString(name) {
			text = f.text.ReplaceAllString(text, f.to)
		}
	}
	if path.Ext(name) == ".go" && text != string(content) {
		if formatted, err := format.Source([]byte(text)); err == nil { // imports are sorted by their paths
			return formatted
		}
	}
	return []byte(text)
}

// apply writes all files, or none: after an error it writes back what there was.
func apply(edits []edit) error {
	for i, e := range edits {
		if err := os.WriteFile(e.file, e.after, e.mode); err != nil {
			for _, done := range edits[:i+1] {
				err = errors.Join(err, os.WriteFile(done.file, done.before, done.mode))
			}
			return err
		}
	}
	return nil
}

package main

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"go/format"
	"io"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"awscontainers/internal/tool"
	"awscontainers/stacks/settings"
)

//go:embed templates
var templates embed.FS

// app is the app that an order describes, on its way into a directory.
type app struct {
	*order
	checkout *tool.Checkout
	dir      string

	// program is the folder of the program that the stack runs, and programProp the prop that names it; or empty.
	program, programProp string
}

// The folders of the app.
const (
	copiesFolder   = "internal" // of the constructs, which no other module can import from there
	licensesFolder = "licenses" // of the license, if nothing is copied but the stack
)

// libraryDir is the folder of the copied constructs.
func (a *app) libraryDir() string { return path.Join(copiesFolder, tool.BaseName(a.checkout.Module)) }

// library is the import path that the constructs are below.
func (a *app) library() string {
	if a.isCopied() {
		return path.Join(a.module, a.libraryDir())
	}
	return a.checkout.Module
}

func (a *app) isCopied() bool { return a.constructs == constructsCopied }

func (a *app) licenseDir() string {
	if a.isCopied() {
		return a.libraryDir()
	}
	return path.Join(licensesFolder, tool.BaseName(a.checkout.Module))
}

// fileName is that of the stack's file, without its extension.
func (a *app) fileName() string { return strings.ToLower(a.name) }

// step is a part of the work. Those without a name are not told to the user.
type step struct {
	what string
	do   func(context.Context) error
}

// steps are those of writing the whole app, in order.
func (a *app) steps() []step {
	return []step{
		{"the stack", a.writeStack},
		{"the constructs", a.writeConstructs},
		{"the license", a.writeLicense},
		{"CI", a.writeWorkflow},
		{"go.mod and go.sum", a.writeModule},
		{theSnapshot, a.writeSnapshot},
		{"the documentation", a.writeReadme},
		{"", a.pointToCheckout},
	}
}

// theSnapshot is the step that takes most of the time.
const theSnapshot = "the snapshot, which compiles the app"

// write takes steps.
func write(ctx context.Context, steps []step, stdout io.Writer) error {
	for _, s := range steps {
		if s.what != "" {
			if _, err := fmt.Fprintf(stdout, "writing %s\n", s.what); err != nil {
				return err
			}
		}
		if err := s.do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// writeStack writes the stack's file, main.go with its props, the test, and what else is written by hand in other apps.
func (a *app) writeStack(context.Context) error {
	props, err := a.props(nil)
	if err != nil {
		return err
	}
	if err := a.writeProgram(props); err != nil {
		return err
	}
	l := a.literals()
	literal, err := l.of(props)
	if err != nil {
		return err
	}
	for _, path := range []string{"github.com/aws/aws-cdk-go/awscdk/v2", "github.com/aws/jsii-runtime-go",
		a.checkout.Module + "/constructs/invalid", a.checkout.Module + "/constructs/rules"} {
		l.imports[path] = true
	}
	data := map[string]any{"Name": a.name, "File": a.fileName(), "Props": literal, "Imports": a.imports(l.imports), "Library": a.library(),
		"Binary": a.binary()}
	for file, name := range map[string]string{
		"main.go": "main.go.tmpl", "main_test.go": "main_test.go.tmpl", "cdk.json": "cdk.json.tmpl", ".gitignore": "gitignore.tmpl",
	} {
		if err := a.render(file, name, data); err != nil {
			return err
		}
	}
	comment := fmt.Sprintf("// From %s (stacks/%s.go), under the Apache License 2.0: see %s/LICENSE.\n// Names and import paths are "+
		"changed.\n\n",
		tool.BaseName(a.checkout.Module), strings.ToLower(a.stack), a.licenseDir())
	source, err := a.file.write(comment, a.stack, a.name)
	if err != nil {
		return err
	}
	return a.writeFile(a.fileName()+".go", []byte(a.rewrite(string(source))))
}

// binary is what go build writes, or "" if that is the name of a folder.
func (a *app) binary() string {
	name := tool.BaseName(a.module)
	if slices.Contains([]string{copiesFolder, licensesFolder, path.Dir(snapshot), a.program}, name) {
		return ""
	}
	return name
}

// props returns the props of the stack as settings gives them for a context.
func (a *app) props(context map[string]any) (reflect.Value, error) {
	s, err := settings.Parse(context, "", "")
	if err != nil {
		return reflect.Value{}, err
	}
	return reflect.ValueOf(s.Props(a.stack)), nil
}

func (a *app) literals() *literals {
	return &literals{checkout: a.checkout, own: a.checkout.Module + "/stacks", rename: a.file.rename, imports: map[string]bool{}}
}

// rewrite turns the import paths of the checkout into those that the app has.
func (a *app) rewrite(text string) string {
	return tool.NewRewriter(a.checkout.Module, a.library()).Rewrite(text)
}

// imports returns import declarations in groups: Go's own packages, those of others, and ours.
func (a *app) imports(paths map[string]bool) string {
	groups := make([][]string, 3)
	for path := range paths {
		first, _, _ := strings.Cut(path, "/")
		group := 0
		switch {
		case strings.HasPrefix(path, a.checkout.Module+"/"):
			group = 2
		case strings.Contains(first, "."):
			group = 1
		}
		groups[group] = append(groups[group], fmt.Sprintf("%q\n", a.rewrite(path)))
	}
	text := ""
	for _, group := range groups {
		slices.Sort(group)
		if text != "" && len(group) > 0 {
			text += "\n"
		}
		text += strings.Join(group, "")
	}
	return text
}

// writeProgram brings the program that a prop names by its folder in this repository, and changes the prop.
func (a *app) writeProgram(props reflect.Value) error {
	for field, value := range props.Elem().Fields() {
		if value.Kind() != reflect.String || !strings.HasPrefix(value.String(), "stacks/") {
			continue
		}
		folder := value.String()
		a.program, a.programProp = path.Base(folder), field.Name
		value.SetString(a.program)
		return a.checkout.CopyFolder(folder, filepath.Join(a.dir, a.program), path.Join(a.module, a.program))
	}
	return nil
}

// writeConstructs copies the packages that the app imports, and those that they import.
func (a *app) writeConstructs(ctx context.Context) error {
	if !a.isCopied() {
		return nil
	}
	names := []string{"test/cdktest"}
	for _, file := range []string{"main.go", a.fileName() + ".go"} {
		imports, err := importsOf(filepath.Join(a.dir, file))
		if err != nil {
			return err
		}
		for _, path := range imports {
			if name, isOurs := strings.CutPrefix(path, a.library()+"/"); isOurs {
				names = append(names, name)
			}
		}
	}
	packages, err := a.checkout.Needed(ctx, names, false)
	if err != nil {
		return err
	}
	_, err = a.checkout.Copy(packages, filepath.Join(a.dir, filepath.FromSlash(a.libraryDir())), a.library())
	return err
}

func (a *app) writeLicense(ctx context.Context) error {
	files := []string{a.fileName() + ".go"}
	if a.program != "" {
		files = append(files, a.program+"/")
	}
	statement := fmt.Sprintf("These parts of the app are from %s, which is licensed under the Apache License 2.0: see LICENSE.\n\n",
		a.checkout.Version(ctx))
	if a.isCopied() {
		statement += "- this folder\n"
	}
	up := strings.Repeat("../", strings.Count(a.licenseDir(), "/")+1)
	for _, file := range files {
		statement += "- " + up + file + "\n"
	}
	statement += "\nChanged are names and import paths, and links in documentation. A file that was changed says so at its top."
	return a.checkout.WriteLicense(filepath.Join(a.dir, filepath.FromSlash(a.licenseDir())), statement)
}

// writeModule writes go.mod and go.sum. While the app isn't where it belongs, they lead to the checkout by an absolute path.
func (a *app) writeModule(ctx context.Context) error {
	replacement := ""
	if !a.isCopied() {
		replacement = a.checkout.Dir
	}
	if err := a.checkout.WriteGoMod(a.dir, a.module, replacement); err != nil {
		return err
	}
	return tool.Tidy(ctx, a.dir)
}

// pointToCheckout makes the path to the checkout relative, so that the two can be moved together.
func (a *app) pointToCheckout(ctx context.Context) error {
	if a.isCopied() {
		return nil
	}
	_, err := tool.Run(ctx, a.dir, "go", "mod", "edit", "-replace="+a.checkout.Module+"="+a.replacement())
	return err
}

// replacement is the path from the app to the checkout: relative where possible, otherwise absolute.
func (a *app) replacement() string {
	to, err := filepath.Abs(a.to)
	if err != nil {
		return a.checkout.Dir
	}
	relative, err := filepath.Rel(to, a.checkout.Dir)
	if err != nil {
		return a.checkout.Dir
	}
	return filepath.ToSlash(relative)
}

var cdkVersion = regexp.MustCompile(`(?m)^CDK_VERSION := (\S+)$`)

// cdk is the command of the CDK's CLI, in the version that this repository is tested with.
func (a *app) cdk() (string, error) {
	makefile, err := os.ReadFile(a.checkout.Path("Makefile"))
	if err != nil {
		return "", err
	}
	version := cdkVersion.FindSubmatch(makefile)
	if version == nil {
		return "", fmt.Errorf("%s has no CDK_VERSION", a.checkout.Path("Makefile"))
	}
	return "npx --yes aws-cdk@" + string(version[1]), nil
}

// render writes a file from a template. Go source is formatted.
func (a *app) render(file, name string, data any) error {
	t, err := template.New(name).ParseFS(templates, "templates/"+name)
	if err != nil {
		return err
	}
	return a.execute(t, file, data)
}

func (a *app) execute(t *template.Template, file string, data any) error {
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return err
	}
	content := out.Bytes()
	if path.Ext(file) == ".go" {
		formatted, err := format.Source(content)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		content = formatted
	}
	return a.writeFile(file, content)
}

func (a *app) writeFile(file string, content []byte) error {
	name := filepath.Join(a.dir, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, content, 0o644)
}

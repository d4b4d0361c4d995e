package main

import (
	"context"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"text/template"

	"golang.org/x/mod/modfile"

	"awscontainers/internal/tool"
)

// The snapshot that the app's test compares its template with.
const snapshot = "testdata/TestSnapshot.json"

// writeSnapshot compiles the app's test and lets it write the snapshot, as a change to the app does later.
func (a *app) writeSnapshot(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "scaffold-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	binary := filepath.Join(folder, "app.test")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	if _, err := tool.Run(ctx, a.dir, "go", "test", "-c", "-o", binary, "."); err != nil {
		return err
	}
	_, err = tool.Run(ctx, a.dir, binary, "-test.run", "^TestSnapshot$", "-update")
	return err
}

// writeWorkflow writes the workflow for GitHub Actions.
func (a *app) writeWorkflow(context.Context) error {
	cdk, err := a.cdk()
	if err != nil {
		return err
	}
	return a.render(".github/workflows/ci.yml", "ci.yml.tmpl", map[string]any{
		"Replaced": !a.isCopied(), "Origin": a.checkout.Module, "OriginName": tool.BaseName(a.checkout.Module), "Repository": a.repository(),
		"Program": a.program, "Cdk": cdk,
	})
}

// repository is this repository's name on GitHub, as far as the module path has it.
func (a *app) repository() string {
	if parts := strings.Split(a.checkout.Module, "/"); len(parts) > 2 && parts[0] == "github.com" {
		return parts[1] + "/" + parts[2]
	}
	return "OWNER/" + tool.BaseName(a.checkout.Module)
}

// writeReadme writes README.md, from the template that the app synthesizes.
func (a *app) writeReadme(context.Context) error {
	raw, err := os.ReadFile(filepath.Join(a.dir, filepath.FromSlash(snapshot)))
	if err != nil {
		return err
	}
	deployed, err := readTemplate(raw)
	if err != nil {
		return err
	}
	cdk, err := a.cdk()
	if err != nil {
		return err
	}
	version, err := a.goVersion()
	if err != nil {
		return err
	}
	production, err := a.production()
	if err != nil {
		return err
	}
	data := map[string]any{
		"Name": a.name, "File": a.fileName(), "Stack": a.stack, "Description": deployed.Description, "Cdk": cdk, "GoVersion": version,
		"Program": a.program, "ProgramProp": a.programProp, "Copied": a.isCopied(), "Replaced": !a.isCopied(),
		"LibraryDir": a.libraryDir(), "LicenseDir": a.licenseDir(), "Replacement": a.replacement(), "Repository": a.repository(),
		"Origin": a.checkout.Module, "OriginName": tool.BaseName(a.checkout.Module),
		"HasEcs": len(deployed.all("AWS::ECS::Cluster")) > 0, "Production": production,
		"Charges": deployed.charges(), "Remains": deployed.remains(),
	}
	t, err := template.New("README.md.tmpl").Parse(`{{define "prepare"}}{{end}}{{define "check"}}{{end}}{{define "cleanup"}}{{end}}`)
	if err != nil {
		return err
	}
	if t, err = t.ParseFS(templates, "templates/README.md.tmpl", "templates/guides/"+a.stack+".md.tmpl"); err != nil {
		return err
	}
	var cleanup strings.Builder
	if err := t.ExecuteTemplate(&cleanup, "cleanup", data); err != nil {
		return err
	}
	data["Cleanup"] = cleanup.String()
	return a.execute(t, "README.md", data)
}

// production returns the props that differ in the production profile of this repository's app, as they are written in main.go.
func (a *app) production() (string, error) {
	small, err := a.props(nil)
	if err != nil {
		return "", err
	}
	large, err := a.props(map[string]any{"profile": "prod"})
	if err != nil {
		return "", err
	}
	l := a.literals()
	text := ""
	for i := range small.Elem().NumField() {
		if reflect.DeepEqual(small.Elem().Field(i).Interface(), large.Elem().Field(i).Interface()) {
			continue
		}
		value, err := l.of(large.Elem().Field(i))
		if err != nil {
			return "", err
		}
		text += large.Elem().Type().Field(i).Name + ": " + value + ",\n"
	}
	formatted, err := format.Source([]byte("var _ = T{\n" + text + "}"))
	if err != nil {
		return "", err
	}
	lines := strings.Split(string(formatted), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "\t")
	}
	return strings.Join(lines[1:len(lines)-1], "\n"), nil
}

// goVersion is the Go version that this module requires: "1.26".
func (a *app) goVersion() (string, error) {
	content, err := os.ReadFile(a.checkout.Path("go.mod"))
	if err != nil {
		return "", err
	}
	file, err := modfile.ParseLax("go.mod", content, nil)
	if err != nil {
		return "", err
	}
	if file.Go == nil {
		return "", fmt.Errorf("%s has no Go version", a.checkout.Path("go.mod"))
	}
	return strings.TrimSuffix(file.Go.Version, ".0"), nil
}

// importsOf returns the import paths of a Go file.
func importsOf(file string) (paths []string, err error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	for _, spec := range parsed.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"awscontainers/internal/nearest"
	"awscontainers/internal/tool"
)

func main() {
	tool.Main(func(ctx context.Context, args []string, stdout io.Writer) error { return run(ctx, args, ".", stdout) })
}

// order is what the user asks for.
type order struct {
	packages   []string
	to, module string
}

// run copies what the arguments say out of the checkout that a directory is in.
func run(ctx context.Context, args []string, dir string, stdout io.Writer) error {
	checkout, err := tool.Find(dir)
	if err != nil {
		return err
	}
	o, err := parse(ctx, checkout, args)
	if err != nil {
		return err
	}
	target, err := tool.NewTarget(o.to)
	if err != nil {
		return err
	}
	defer target.Discard()
	copied, err := o.fill(ctx, checkout, target.Dir)
	if err != nil {
		return err
	}
	if err := target.Publish(ctx); err != nil {
		return err
	}
	return o.report(stdout, copied)
}

// parse reads the arguments, and refuses all that are wrong in one round.
func parse(ctx context.Context, checkout *tool.Checkout, args []string) (*order, error) {
	var o order
	flags := flag.NewFlagSet("copy", flag.ContinueOnError)
	packages := flags.String("pkg", "", "the `packages` to copy, separated by commas: ecs, constructs/ecs")
	flags.StringVar(&o.to, "to", "", "the `directory` to write: a new one, or an empty one")
	flags.StringVar(&o.module, "module", "", "the `path` of the new module, such as example.com/mine")
	others, err := tool.ParseArguments(flags, args)
	if err != nil {
		return nil, err
	}
	var bad []error
	for _, other := range others {
		bad = append(bad, fmt.Errorf("%s: is not a known argument; the packages to copy are set by -pkg", other))
	}
	names, err := checkout.Names(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range strings.FieldsFunc(*packages, func(r rune) bool { return r == ',' || r == ' ' }) {
		found, err := find(checkout, names, name)
		bad = append(bad, err)
		o.packages = append(o.packages, found)
	}
	if len(o.packages) == 0 {
		bad = append(bad, tool.Require("-pkg", "set it to a package such as ecs"))
	}
	bad = append(bad, checkout.CheckTarget("-to", o.to), tool.CheckModule(ctx, "-module", o.module))
	return &o, errors.Join(bad...)
}

// find finds a package by its path, or by the last part of it.
func find(checkout *tool.Checkout, names []string, given string) (string, error) {
	name := strings.TrimPrefix(path.Clean(filepath.ToSlash(given)), checkout.Module+"/")
	if slices.Contains(names, name) {
		return name, nil
	}
	var found, short []string
	for _, n := range names {
		short = append(short, path.Base(n))
		if path.Base(n) == name {
			found = append(found, n)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	wanted := "must be a package of this repository such as ecs or constructs/ecs"
	if len(found) > 1 {
		wanted = "must be one of " + strings.Join(found, ", ")
	} else if isFile(checkout.Path("stacks/" + strings.ToLower(name) + ".go")) {
		wanted += "; for one stack, run go run ./stacks/scaffold"
	} else if meant := nearest.Of(name, append(short, names...)); meant != "" {
		wanted += ", did you mean " + meant + "?"
	}
	return "", tool.Refuse("-pkg", wanted, given)
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// fill writes the new module into a directory.
func (o *order) fill(ctx context.Context, checkout *tool.Checkout, dir string) ([]tool.Copied, error) {
	packages, err := checkout.Needed(ctx, o.packages, true)
	if err != nil {
		return nil, err
	}
	copied, err := checkout.Copy(packages, dir, o.module)
	if err != nil {
		return nil, err
	}
	statement := fmt.Sprintf("This module consists of packages of %s, which is licensed under the Apache License 2.0: see LICENSE.\n"+
		"Changed are import paths, and links in documentation. A file that was changed says so at its top.", checkout.Version(ctx))
	if err := checkout.WriteLicense(dir, statement); err != nil {
		return nil, err
	}
	if err := checkout.WriteGoMod(dir, o.module, ""); err != nil {
		return nil, err
	}
	return copied, tool.Tidy(ctx, dir)
}

// report says what was copied.
func (o *order) report(w io.Writer, copied []tool.Copied) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "package\tfiles\tlines")
	files, lines := 0, 0
	for _, p := range copied {
		_, _ = fmt.Fprintf(table, "%s\t%d\t%d\n", p.Name, len(p.Files), p.Lines)
		files, lines = files+len(p.Files), lines+p.Lines
	}
	_, _ = fmt.Fprintf(table, "%d packages\t%d\t%d\n", len(copied), files, lines)
	_, _ = fmt.Fprintf(table, "\n%s is module %s, with go.mod, go.sum, LICENSE and NOTICE. To test it:\n\n  cd %s\n  go test ./...\n",
		o.to, o.module, tool.Quote(o.to))
	return table.Flush()
}

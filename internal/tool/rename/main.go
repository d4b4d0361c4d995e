package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"awscontainers/internal/tool"
)

func main() {
	tool.Main(func(ctx context.Context, args []string, stdout io.Writer) error { return run(ctx, args, ".", stdout) })
}

// run renames the module of the checkout that a directory is in.
func run(ctx context.Context, args []string, dir string, stdout io.Writer) error {
	checkout, err := tool.Find(dir)
	if err != nil {
		return err
	}
	module, err := parse(ctx, checkout, args)
	if err != nil {
		return err
	}
	edits, err := editsOf(checkout, module)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := apply(edits); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "The module %s is now %s; %d files are changed. To check it, run:\n\n  go vet ./...\n  git diff --stat\n",
		checkout.Module, module, len(edits))
	return err
}

// parse reads the arguments, and refuses all that are wrong in one round.
func parse(ctx context.Context, checkout *tool.Checkout, args []string) (module string, err error) {
	flags := flag.NewFlagSet("rename", flag.ContinueOnError)
	flags.StringVar(&module, "module", "", "the new module `path`, such as github.com/you/awscontainers")
	others, err := tool.ParseArguments(flags, args)
	if err != nil {
		return "", err
	}
	var bad []error
	for _, other := range others {
		bad = append(bad, fmt.Errorf("%s: is not a known argument; the new path is set by -module", other))
	}
	bad = append(bad, tool.CheckModule(ctx, "-module", module))
	if module == checkout.Module {
		bad = append(bad, tool.Refuse("-module", "must be another path than the module has", module))
	}
	return module, errors.Join(bad...)
}

package main

import (
	"context"
	"fmt"
	"io"

	"awscontainers/internal/tool"
)

func main() {
	tool.Main(func(ctx context.Context, args []string, stdout io.Writer) error { return run(ctx, args, ".", stdout) })
}

// run writes the app that the arguments ask for, from the checkout that a directory is in.
func run(ctx context.Context, args []string, dir string, stdout io.Writer) error {
	checkout, err := tool.Find(dir)
	if err != nil {
		return err
	}
	o, err := parse(ctx, checkout, args, stdout)
	if err != nil {
		return err
	}
	target, err := tool.NewTarget(o.to)
	if err != nil {
		return err
	}
	defer target.Discard()
	a := &app{order: o, checkout: checkout, dir: target.Dir}
	if err := write(ctx, a.steps(), stdout); err != nil {
		return err
	}
	if err := target.Publish(ctx); err != nil {
		return err
	}
	cdk, err := a.cdk()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "\n%s is an app with the stack %s. Read its README.md, or start:\n\n  cd %s\n  go test ./...\n  %s synth\n",
		o.to, o.name, tool.Quote(o.to), cdk)
	return err
}

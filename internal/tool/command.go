package tool

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// Main runs a command with its arguments, prints its errors and exits. Ctrl-C ends the context, so that the command can clean up.
func Main(run func(ctx context.Context, args []string, stdout io.Writer) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// ParseArguments parses flags, whether they stand before or after the other arguments, which it returns. Its error is flag.ErrHelp,
// after the flags have printed what is wrong and how the command is used.
func ParseArguments(flags *flag.FlagSet, args []string) (others []string, err error) {
	for {
		if flags.Parse(args) != nil {
			return nil, flag.ErrHelp
		}
		if flags.NArg() == 0 {
			return others, nil
		}
		others = append(others, flags.Arg(0))
		args = flags.Args()[1:]
	}
}

// Quote quotes a path for a shell, if it has spaces.
func Quote(path string) string {
	if strings.ContainsAny(path, " \t") {
		return `"` + path + `"`
	}
	return path
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"awscontainers/internal/nearest"
	"awscontainers/internal/tool"
	"awscontainers/stacks/settings"
)

// The ways to get the constructs.
const (
	constructsCopied   = "copy"
	constructsReplaced = "replace"
)

// order is what the user asks for.
type order struct {
	// stack is the reference architecture, and name what it is called in the app.
	stack, name string
	// file is the stack's file there, on its way.
	file *stackFile
	// to is the directory to write, and module the path of the module in it.
	to, module string
	constructs string
}

// parse reads the arguments, and refuses all that are wrong in one round.
func parse(ctx context.Context, checkout *tool.Checkout, args []string, stderr io.Writer) (*order, error) {
	var o order
	flags := flag.NewFlagSet("scaffold", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.to, "to", "", "the `directory` to write: a new one, or an empty one")
	flags.StringVar(&o.module, "module", "", "the `path` of the app's module, such as example.com/shop")
	flags.StringVar(&o.name, "name", "", "the `name` of the stack in the app, such as Shop (default: as it is here)")
	flags.StringVar(&o.constructs, "constructs", constructsCopied, "`how` the app gets the constructs: copy, into its folder internal, or "+
		"replace, by a replace directive that points to this checkout")
	flags.Usage = func() {
		_, _ = fmt.Fprintf(stderr, "usage: go run ./stacks/scaffold <stack> -to <directory> -module <path>\n\n<stack> is one of %s.\n\n",
			strings.Join(settings.Names(), ", "))
		flags.PrintDefaults()
	}
	stacks, err := tool.ParseArguments(flags, args)
	if err != nil {
		return nil, err
	}
	bad := []error{o.setStack(stacks), o.setName(checkout), checkout.CheckTarget("-to", o.to), tool.CheckModule(ctx, "-module", o.module)}
	if o.module == checkout.Module {
		bad = append(bad, tool.Refuse("-module", "must be another path than this repository's", o.module))
	}
	if !slices.Contains([]string{constructsCopied, constructsReplaced}, o.constructs) {
		bad = append(bad, tool.Refuse("-constructs", "must be copy or replace", o.constructs))
	}
	return &o, errors.Join(bad...)
}

// setStack takes the name of a stack from the arguments that aren't flags.
func (o *order) setStack(args []string) error {
	names := settings.Names()
	switch len(args) {
	case 0:
		return tool.Require("stack", "it is one of "+strings.Join(names, ", "))
	case 1:
		o.stack = args[0]
	default:
		return tool.Refuse("stack", "must be one name", strings.Join(args, " "))
	}
	if slices.Contains(names, o.stack) {
		return nil
	}
	wanted := "must be one of " + strings.Join(names, ", ")
	if meant := nearest.Of(o.stack, names); meant != "" {
		wanted = "must be the name of a stack, did you mean " + meant + "? The stacks are " + strings.Join(names, ", ")
	}
	err := tool.Refuse("stack", wanted, o.stack)
	o.stack = ""
	return err
}

// stackName is a name that CloudFormation takes for a stack and Go for an exported type.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-using-console-create-stack-parameters.html
var stackName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]{0,127}$`)

// namesOfApp are the names that main.go and main_test.go declare or import, besides those of what the props need, which the stack's file
// imports too.
var namesOfApp = []string{"main", "newStack", "awscdk", "jsii", "invalid", "rules", "testing", "cdktest"}

// setName reads the file of the stack and gives it its name.
func (o *order) setName(checkout *tool.Checkout) error {
	if o.name == "" {
		o.name = o.stack
	} else if !stackName.MatchString(o.name) {
		return tool.Refuse("-name", "must be an upper-case letter and up to 127 letters and digits, such as Shop", o.name)
	}
	if o.stack == "" {
		return nil // that is refused already
	}
	source, err := os.ReadFile(checkout.Path("stacks/" + strings.ToLower(o.stack) + ".go"))
	if err != nil {
		return err
	}
	if o.file, err = readStack(source, o.stack, o.name); err != nil {
		return err
	}
	if clash := o.file.clash(namesOfApp...); clash != "" {
		return tool.Refuse("-name", "must be a name that leaves "+clash+" as it is", o.name)
	}
	if strings.EqualFold(o.name, "main") {
		return tool.Refuse("-name", "must not be the name of main.go", o.name)
	}
	return nil
}

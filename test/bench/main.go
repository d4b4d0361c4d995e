// The benchmark: what it costs to describe the same resources in Go, through jsii, and in JavaScript written by hand.
//
//	go run ./test/bench [-runs 5] [-services 1,10,50] [-check]
//
// It prints time and memory side by side, with and without validation, after it has proven that both sides make the same
// resources. CONTRIBUTING.md says when to run it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// validation is how far the template is validated; the value is the programs' second argument.
type validation string

const (
	off  validation = ""
	cdk  validation = "default" // by the rules that come with the CDK
	pack validation = "pack"    // and by ours
)

func (v validation) String() string {
	switch v {
	case off:
		return "off"
	case cdk:
		return "CDK's rules"
	default:
		return "and ours"
	}
}

// options are the flags.
type options struct {
	runs, validatedRuns int
	services            []int
	lanes               []validation
	check               bool
}

func main() {
	o, err := readFlags()
	if err == nil {
		// An interrupt ends the programs and then cleans up.
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		err = run(ctx, o)
		stop()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func readFlags() (*options, error) {
	o := &options{}
	services, withValidation := "", true
	flag.IntVar(&o.runs, "runs", 5, "runs of each side without validation")
	flag.IntVar(&o.validatedRuns, "validated-runs", 3, "runs of each side with validation")
	flag.StringVar(&services, "services", "1,10,50", "numbers of services, ascending")
	flag.BoolVar(&withValidation, "validation", true, "measure with validation, too")
	flag.BoolVar(&o.check, "check", false, "fail when a goal is missed")
	flag.Parse()
	if flag.NArg() > 0 || o.runs < 1 || o.validatedRuns < 1 {
		return nil, errors.New("takes flags only, and at least one run; see -help")
	}
	for _, s := range strings.Split(services, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || len(o.services) > 0 && n <= o.services[len(o.services)-1] {
			return nil, fmt.Errorf("-services %q are no ascending numbers above 0", services)
		}
		o.services = append(o.services, n)
	}
	o.lanes = []validation{off}
	if withValidation {
		o.lanes = append(o.lanes, cdk, pack)
	}
	return o, nil
}

// run compares the resources, then measures each lane, then prints. It leaves nothing behind.
func run(ctx context.Context, o *options) error {
	tmp, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	b := &bench{ctx: ctx, tmp: tmp}
	if err := b.prepare(); err != nil {
		return err
	}
	for _, n := range o.services {
		resources, err := b.compare(n)
		if err != nil {
			return err
		}
		fmt.Printf("%d services: both sides make the same %d resources\n", n, resources)
	}
	var results []result
	for _, lane := range o.lanes {
		runs := o.runs
		if lane != off {
			runs = o.validatedRuns
		}
		for _, n := range o.services {
			r, err := b.measure(lane, n, runs)
			if err != nil {
				return err
			}
			results = append(results, r)
		}
	}
	printTable(os.Stdout, results)
	missed := printGoals(os.Stdout, results)
	if o.check && missed > 0 {
		return fmt.Errorf("%d goals missed", missed)
	}
	return nil
}

// bench are the two programs, ready to run.
type bench struct {
	ctx         context.Context
	tmp         string
	environment []string
	goApp       []string
	jsApp       []string
	rules       string
}

// goPackage is the import path of the Go program.
const goPackage = "awscontainers/test/bench/app"

// prepare builds the Go program, unpacks the CDK for the other one, and reads the context that both get.
func (b *bench) prepare() error {
	root, err := output(b.ctx, "go", "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return err
	}
	b.rules = filepath.Join(root, "constructs", "rules")
	b.goApp = []string{filepath.Join(b.tmp, "app")}
	// Windows starts only what ends in .exe; everybody else may, too.
	b.goApp[0] += ".exe"
	if _, err := output(b.ctx, "go", "build", "-o", b.goApp[0], goPackage); err != nil {
		return err
	}
	if err := unpackCDK(b.ctx, filepath.Join(b.tmp, "node_modules")); err != nil {
		return err
	}
	source, err := os.ReadFile(filepath.Join(root, "test", "bench", "javascript", "app.js"))
	if err != nil {
		return err
	}
	b.jsApp = []string{"node", filepath.Join(b.tmp, "app.js")}
	if err := os.WriteFile(b.jsApp[1], source, 0o600); err != nil {
		return err
	}
	cdkContext, err := readContext(filepath.Join(root, "cdk.json"))
	if err != nil {
		return err
	}
	b.environment = append(os.Environ(), "CDK_CONTEXT_JSON="+cdkContext, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20")
	return nil
}

// readContext is the context of cdk.json, without the limit of 500 resources to a stack: fifty services have more, and
// several stacks would measure something else.
func readContext(path string) (string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	var file struct{ Context map[string]any }
	if err := json.Unmarshal(raw, &file); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	file.Context["@aws-cdk/core:stackResourceLimit"] = 0
	raw, err = json.Marshal(file.Context)
	return string(raw), err
}

// compare fails unless both sides make the same resources, and gives their number.
func (b *bench) compare(services int) (int, error) {
	var templates [2]map[string]resource
	for i, app := range [][]string{b.goApp, b.jsApp} {
		out, err := os.MkdirTemp(b.tmp, "out")
		if err != nil {
			return 0, err
		}
		if _, err := b.start(app, off, services, out); err != nil {
			return 0, err
		}
		if templates[i], err = readTemplate(filepath.Join(out, "Bench.template.json")); err != nil {
			return 0, err
		}
	}
	return len(templates[0]), sameResources(templates[0], templates[1])
}

// measure lets the sides run in turn, so that what slows the machine down for a while slows both.
func (b *bench) measure(lane validation, services, runs int) (result, error) {
	r := result{lane: lane, services: services}
	for i := range runs {
		sides := []side{{b.goApp, &r.golang}, {b.jsApp, &r.javascript}}
		if i%2 == 1 {
			sides[0], sides[1] = sides[1], sides[0]
		}
		for _, s := range sides {
			out, err := os.MkdirTemp(b.tmp, "out")
			if err != nil {
				return r, err
			}
			one, err := b.start(s.app, lane, services, out)
			if err != nil {
				return r, err
			}
			*s.samples = append(*s.samples, one)
			if err := os.RemoveAll(out); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

type side struct {
	app     []string
	samples *samples
}

// start runs one of the programs from start to exit.
func (b *bench) start(app []string, lane validation, services int, out string) (sample, error) {
	args := append(slices.Clone(app[1:]), strconv.Itoa(services))
	switch lane {
	case off:
	case pack:
		args = append(args, string(lane), b.rules)
	default:
		args = append(args, string(lane))
	}
	cmd := exec.CommandContext(b.ctx, app[0], args...)
	cmd.Env = append(slices.Clone(b.environment), "CDK_OUTDIR="+out)
	if lane == off {
		cmd.Env = append(cmd.Env, "CDK_VALIDATION=false")
	}
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	one, err := watch(cmd)
	if err != nil {
		return one, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, said.String())
	}
	return one, nil
}

// output runs a command and gives what it prints.
func output(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}

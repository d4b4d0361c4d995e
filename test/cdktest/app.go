package cdktest

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/invalid"
)

// Main runs the tests of a package with the CDK's default validation turned off, which costs seconds at the first synth and
// would run in each. A test that validates registers a validator by name, which this doesn't turn off.
func Main(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	_ = os.Setenv("CDK_VALIDATION", "false")
	_ = os.Setenv("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
	jsii.Close() // the packages' initialization took the environment as it was; the next call starts over
	defer jsii.Close()
	return m.Run()
}

// App creates an app as `cdk synth` would: with the context of the nearest cdk.json, in the test's directory or above it,
// which awscdk.NewApp(nil) leaves out, and with the given context on top. It writes to a temporary directory.
func App(t *testing.T, context map[string]any) awscdk.App {
	t.Helper()
	merged := map[string]any{"aws:cdk:enable-path-metadata": true} // as the CLI has it
	maps.Copy(merged, cdkJSON(t))
	maps.Copy(merged, context)
	return awscdk.NewApp(&awscdk.AppProps{
		Context:            &merged,
		Outdir:             jsii.String(t.TempDir()),
		AnalyticsReporting: jsii.Bool(false),
		TreeMetadata:       jsii.Bool(false),
	})
}

// cdkJSON gives the context of the nearest cdk.json, or none.
func cdkJSON(t *testing.T) map[string]any {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		raw, err := os.ReadFile(filepath.Join(dir, "cdk.json"))
		if err == nil {
			var file struct{ Context map[string]any }
			require.NoError(t, json.Unmarshal(raw, &file), "%s/cdk.json", dir)
			return file.Context
		}
		require.ErrorIs(t, err, fs.ErrNotExist)
		parent := filepath.Dir(dir)
		if parent == dir {
			return nil
		}
		dir = parent
	}
}

// Stack creates a stack without account and Region, named Test, in an app of its own.
func Stack(t *testing.T) awscdk.Stack {
	t.Helper()
	return awscdk.NewStack(App(t, nil), jsii.String("Test"), nil)
}

// Synth synthesizes the stack's app and reads the stack's template. It fails the test on an error or warning annotation,
// which the CDK's own assertions overlook.
func Synth(t *testing.T, stack awscdk.Stack) *Template {
	t.Helper()
	tpl, annotations := SynthAnnotated(t, stack)
	require.Empty(t, annotations, "error and warning annotations")
	return tpl
}

// SynthAnnotated is Synth for a stack whose annotations are the point: it returns the errors and warnings, each with its
// construct path.
func SynthAnnotated(t *testing.T, stack awscdk.Stack) (*Template, []string) {
	t.Helper()
	app := awscdk.App_Of(stack)
	require.NotNil(t, app)
	var dir string
	NoPanic(t, func() { dir = *app.Synth(nil).Directory() })
	return ReadTemplate(t, dir, *stack.StackName()), ReadAnnotations(t, dir)
}

// NoPanic turns a panic, by which jsii reports errors, into a failed test instead of a dead test binary.
func NoPanic(t *testing.T, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if p := recover(); p != nil {
			require.FailNow(t, "panic", "%v", p)
		}
	}()
	f()
}

// Refused runs f, which must panic with *invalid.Error, and returns the lines of its message, one for each problem.
func Refused(t *testing.T, f func()) (lines []string) {
	t.Helper()
	defer func() {
		t.Helper()
		p := recover()
		require.NotNil(t, p, "nothing was refused")
		e, ok := p.(*invalid.Error)
		require.True(t, ok, "the panic isn't an *invalid.Error: %v", p)
		lines = strings.Split(e.Error(), "\n")
	}()
	f()
	return nil
}

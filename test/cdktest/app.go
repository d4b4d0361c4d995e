package cdktest

import (
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"
)

// Main runs the tests of a package. Call it in TestMain:
//
//	func TestMain(m *testing.M) { cdktest.Main(m) }
//
// It defines the flag -update for [Snapshot], unless your package defines a flag of that name. It turns validation off, which takes
// seconds at the first synth: that of rules.Register, and that of apps which [App] didn't create. [Strict] validates nevertheless. And it
// silences jsii's warning about the version of Node. Environment variables that you set yourself are left as they are.
//
// Everything else in the package works without Main.
func Main(m *testing.M) {
	setDefault("CDK_VALIDATION", "false")
	setDefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
	defineUpdate(flag.CommandLine)
	jsii.Close() // package initialization may have started the CDK with the former environment
	defer jsii.Close()
	m.Run()
}

// defineUpdate defines -update, unless the package under test has a flag of that name.
func defineUpdate(flags *flag.FlagSet) {
	if flags.Lookup(updateFlag) == nil {
		flags.Bool(updateFlag, false, "write the snapshots of cdktest.Snapshot anew")
	}
}

func setDefault(name, value string) {
	if _, isSet := os.LookupEnv(name); !isSet {
		_ = os.Setenv(name, value)
	}
}

// App creates an app as `cdk synth` does: with the context of cdk.json and cdk.context.json, which awscdk.NewApp(nil) leaves out. The
// files are those of the nearest directory with a cdk.json, from the test's directory up to the root of the Git repository. Context
// that you pass comes on top. The app is synthesized into a temporary directory, without copies of its assets, and its templates are not
// validated unless you call [Strict].
//
// App fails the test if a file isn't valid JSON.
func App(t testing.TB, context ...map[string]any) awscdk.App {
	t.Helper()
	merged := map[string]any{
		"aws:cdk:enable-path-metadata":              true,         // as the CLI has it
		"@aws-cdk/core:failSynthOnValidationErrors": false,        // as the CLI has it: who asks reads the report
		"aws:cdk:disable-creation-stack-traces":     true,         // of Node, which say nothing of a Go program
		"awscontainers:today":                       "2026-11-30", // or a test would fail once a version's support ends
		"aws:cdk:disable-asset-staging":             true,         // a copy of kubectl for each app takes longer than the synth
	}
	for _, c := range append(projectContext(t), context...) {
		maps.Copy(merged, c)
	}
	return awscdk.NewApp(&awscdk.AppProps{
		Context:                         &merged,
		Outdir:                          jsii.String(t.TempDir()),
		AnalyticsReporting:              jsii.Bool(false),
		TreeMetadata:                    jsii.Bool(false),
		BuiltinCloudFormationValidation: jsii.Bool(false),
	})
}

// projectContext returns the context of cdk.context.json and that of cdk.json, which takes precedence.
func projectContext(t testing.TB) []map[string]any {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for ; ; dir = filepath.Dir(dir) {
		if exists(t, filepath.Join(dir, "cdk.json")) {
			break
		}
		if exists(t, filepath.Join(dir, ".git")) || dir == filepath.Dir(dir) {
			return nil
		}
	}
	var config struct{ Context map[string]any }
	readJSON(t, filepath.Join(dir, "cdk.json"), &config)
	var lookups map[string]any
	if file := filepath.Join(dir, "cdk.context.json"); exists(t, file) {
		readJSON(t, file, &lookups)
	}
	return []map[string]any{lookups, config.Context}
}

func exists(t testing.TB, file string) bool {
	t.Helper()
	_, err := os.Stat(file)
	if !errors.Is(err, fs.ErrNotExist) {
		require.NoError(t, err)
	}
	return err == nil
}

func readJSON(t testing.TB, file string, into any) {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, into), "%s", file)
}

// Stack creates a stack without account and Region, named Test, in an app of its own.
func Stack(t testing.TB) awscdk.Stack {
	t.Helper()
	return awscdk.NewStack(App(t), jsii.String("Test"), nil)
}

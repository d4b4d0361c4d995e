// Package test holds every test that needs the CDK, so that they share one Node process.
package test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/invalid"
)

func TestMain(m *testing.M) {
	// The default validator costs seconds of start-up and would run in every synth. The strict lane (strict_test.go)
	// asks for it by name, which this does not turn off.
	_ = os.Setenv("CDK_VALIDATION", "false")
	_ = os.Setenv("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
	jsii.Close() // the packages' initialization has taken the environment as it was; the next call starts over
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// newApp is an app as `cdk synth` would make it: with the context of cdk.json, which NewApp(nil) leaves out, and then
// with the given context on top.
func newApp(t *testing.T, context map[string]any) awscdk.App {
	t.Helper()
	merged := map[string]any{"aws:cdk:enable-path-metadata": true} // as the CLI has it
	for k, v := range cdkJSON(t) {
		merged[k] = v
	}
	for k, v := range context {
		merged[k] = v
	}
	return awscdk.NewApp(&awscdk.AppProps{
		Context:            &merged,
		Outdir:             jsii.String(t.TempDir()),
		AnalyticsReporting: jsii.Bool(false),
		TreeMetadata:       jsii.Bool(false),
	})
}

func cdkJSON(t *testing.T) map[string]any {
	t.Helper()
	raw, err := os.ReadFile("../cdk.json")
	require.NoError(t, err)
	var file struct{ Context map[string]any }
	require.NoError(t, json.Unmarshal(raw, &file))
	return file.Context
}

// newStack is a stack without account and region, named Test, in an app of its own.
func newStack(t *testing.T) awscdk.Stack {
	t.Helper()
	return awscdk.NewStack(newApp(t, nil), jsii.String("Test"), nil)
}

// synth writes the app of the stack out and reads back what CloudFormation would get. It fails the test on any error or
// warning annotation, which the CDK's own assertions overlook.
func synth(t *testing.T, stack awscdk.Stack) *template {
	t.Helper()
	tpl, annotations := synthAnnotated(t, stack)
	require.Empty(t, annotations, "error and warning annotations")
	return tpl
}

// synthAnnotated is synth for a stack whose annotations are the point.
func synthAnnotated(t *testing.T, stack awscdk.Stack) (*template, []string) {
	t.Helper()
	app := awscdk.App_Of(stack)
	require.NotNil(t, app)
	var dir string
	noPanic(t, func() { dir = *app.Synth(nil).Directory() })
	return readTemplate(t, dir, *stack.StackName()), readAnnotations(t, dir)
}

// noPanic turns a panic (jsii's way to report an error) into a failed test instead of a dead test binary.
func noPanic(t *testing.T, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if p := recover(); p != nil {
			require.FailNow(t, "panic", "%v", p)
		}
	}()
	f()
}

// refusal runs f, which must panic with *invalid.Error, and returns its lines.
func refusal(t *testing.T, f func()) (lines []string) {
	t.Helper()
	defer func() {
		t.Helper()
		p := recover()
		require.NotNil(t, p, "nothing was refused")
		e, ok := p.(*invalid.Error)
		require.True(t, ok, "panic is no *invalid.Error: %v", p)
		lines = strings.Split(e.Error(), "\n")
	}()
	f()
	return nil
}

func readTemplate(t *testing.T, dir, stack string) *template {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, stack+".template.json"))
	require.NoError(t, err)
	tpl := &template{t: t, raw: raw}
	require.NoError(t, json.Unmarshal(raw, tpl))
	for id, r := range tpl.Resources {
		r.id, r.tpl = id, tpl
	}
	return tpl
}

func readAnnotations(t *testing.T, dir string) (found []string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	require.NoError(t, err)
	type entry struct {
		Type string
		Data any
	}
	var manifest struct {
		Artifacts map[string]struct {
			Metadata               map[string][]entry
			AdditionalMetadataFile string
		}
	}
	require.NoError(t, json.Unmarshal(raw, &manifest))
	for _, artifact := range manifest.Artifacts {
		if artifact.AdditionalMetadataFile != "" {
			raw, err := os.ReadFile(filepath.Join(dir, artifact.AdditionalMetadataFile))
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(raw, &artifact.Metadata))
		}
		for path, entries := range artifact.Metadata {
			for _, e := range entries {
				if e.Type == "aws:cdk:error" || e.Type == "aws:cdk:warning" {
					text, _ := e.Data.(string)
					found = append(found, path+": "+text)
				}
			}
		}
	}
	return found
}

// finding is what a validator says of one construct.
type finding struct{ rule, path, description string }

// readReport gives what the validators found in a synthesized app.
func readReport(t *testing.T, app awscdk.App) (found []finding) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(*app.Outdir(), "validation-report.json"))
	require.NoError(t, err)
	var report struct {
		PluginReports []struct {
			Metadata   struct{ Error string }
			Violations []struct {
				RuleName, Description string
				ViolatingConstructs   []struct{ ConstructPath string }
			}
		}
	}
	require.NoError(t, json.Unmarshal(raw, &report))
	for _, plugin := range report.PluginReports {
		require.Empty(t, plugin.Metadata.Error, "the validator itself failed, most likely on an error in a rule")
		for _, v := range plugin.Violations {
			for _, c := range v.ViolatingConstructs {
				found = append(found, finding{v.RuleName, c.ConstructPath, v.Description})
			}
		}
	}
	return found
}

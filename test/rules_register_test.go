package test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/rules"
	"awscontainers/test/cdktest"
)

const failOnFindings = "@aws-cdk/core:validateAgainstDefaultRules"

func TestFindingsFailTheSynthOnceThePackIsRegistered(t *testing.T) {
	for name, c := range map[string]struct {
		context map[string]any
		options []rules.Option
		want    any
	}{
		"by default":                          {nil, nil, true},
		"if the context says otherwise":       {map[string]any{failOnFindings: false}, nil, true},
		"unless they are warnings":            {map[string]any{failOnFindings: true}, []rules.Option{rules.WarnOnly}, false},
		"unless they are warnings, by a text": {map[string]any{failOnFindings: "true"}, []rules.Option{rules.WarnOnly}, false},
	} {
		t.Run(name, func(t *testing.T) {
			app := awscdk.NewApp(&awscdk.AppProps{Context: &c.context, Outdir: new(t.TempDir())})
			rules.Register(app, c.options...)
			assert.Equal(t, c.want, app.Node().TryGetContext(new(failOnFindings)))
		})
	}
}

func TestThePackIsRegisteredRightAfterTheApp(t *testing.T) {
	late := awscdk.NewApp(nil)
	awscdk.NewStack(late, new("Shop"), nil)
	app, twice := awscdk.NewApp(nil), awscdk.NewApp(nil)
	rules.Register(twice)
	for want, f := range map[string]func(){
		"rules.Register: app must be created by awscdk.NewApp":                                        func() { rules.Register(nil) },
		"rules.Register: app must not have stacks yet; call rules.Register right after awscdk.NewApp": func() { rules.Register(late) },
		"rules.Register: app must not be registered twice; call rules.Register once":                  func() { rules.Register(twice) },
		"rules.Register: option must be rules.WarnOnly; got 7":                                        func() { rules.Register(app, 7) },
	} {
		assert.Equal(t, []string{want}, cdktest.Refused(t, f))
	}
	// With the context in cdk.json already there is nothing to set.
	context := map[string]any{failOnFindings: true}
	app = awscdk.NewApp(&awscdk.AppProps{Context: &context})
	awscdk.NewStack(app, new("Shop"), nil)
	require.NotPanics(t, func() { rules.Register(app) })
	// A pack that only warns leaves the context alone.
	warns := awscdk.NewApp(nil)
	awscdk.NewStack(warns, new("Shop"), nil)
	require.NotPanics(t, func() { rules.Register(warns, rules.WarnOnly) })
}

// CDK_VALIDATION=false, as cdktest.Main sets it, turns the pack off, and a finding of an earlier synth is not reported again. Without it
// the app has findings: see all_test.go at the root.
func TestOneSwitchTurnsAllValidationOff(t *testing.T) {
	require.Equal(t, "false", os.Getenv("CDK_VALIDATION"))
	dir := t.TempDir()
	report := filepath.Join(dir, "validation-report.json")
	require.NoError(t, os.WriteFile(report, []byte("{}"), 0o600))
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &dir})
	rules.Register(app)
	stack := awscdk.NewStack(app, new("Shop"), nil)
	awss3.NewCfnBucket(stack, new("Bucket"), nil).AddPropertyOverride(new("BucketNam"), "x")
	require.NotPanics(t, func() { app.Synth(nil) })
	assert.NoFileExists(t, report)
}

package cdktest

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/rules"
)

// Finding is what a validator, or an annotation, says about a construct.
type Finding struct {
	// Rule is the ID of the rule, such as "AWSC-TASK-001", or "annotation".
	Rule string
	// Severity is "error" or "warning".
	Severity string
	// Path is the construct path, such as "Shop/Task/Resource".
	Path string
	// Text says what is wrong.
	Text string
	// Line is the line of the program that created the construct, such as "shop.go:35", or empty if nobody knows.
	Line string
}

// String is the finding as a line: "shop.go:35: error AWSC-TASK-001 at Shop/Task/Resource: …".
func (f Finding) String() string {
	line := f.Severity + " " + f.Rule + " at " + f.Path + ": " + f.Text
	if f.Line != "" {
		line = f.Line + ": " + line
	}
	return line
}

// Strict checks that nobody has anything to say about an app: neither the CDK's own rules (the schemas of CloudFormation, and lint) nor
// those of constructs/rules find anything in its templates, not even a warning, and no construct has an error or warning annotation.
// Findings that the app acknowledges don't count. It validates although [Main] turns validation off. The CDK validates the templates of
// stacks, in stages too, but not those of nested stacks: neither does Strict.
//
//	app := cdktest.App(t)
//	newShop(app)
//	cdktest.Strict(t, app)
//
// Starting the validator takes seconds. Put all stacks into one app, or share a validator as in [Findings].
func Strict(t testing.TB, app awscdk.App, validator ...awscdk.CloudFormationValidatePlugin) bool {
	t.Helper()
	found := Findings(t, app, validator...)
	if len(found) > 0 {
		t.Errorf("the app must have no findings; got %d:\n%s", len(found), linesOf(found))
	}
	return len(found) == 0
}

// Findings returns what [Strict] complains about, sorted by construct. It synthesizes the app, again if it was before.
//
// Without a validator it takes the app's, or else starts one. Apps that are validated by the same take less time:
//
//	validator := rules.Plugin()
//	cdktest.Findings(t, first, validator)
//	cdktest.Findings(t, second, validator)
//
// It fails the test if the synth or the validator itself fails. The CDK refuses an app that has another validator already.
func Findings(t testing.TB, app awscdk.App, validator ...awscdk.CloudFormationValidatePlugin) []Finding {
	t.Helper()
	require.NotNil(t, app, "no app")
	require.LessOrEqual(t, len(validator), 1, "an app has one validator")
	if !hasValidator(app) {
		if len(validator) == 0 {
			validator = append(validator, rules.Plugin())
		}
		awscdk.Validations_Of(app).AddPlugins(validator[0])
		app.Node().AddMetadata(new(validating), true, nil)
	}
	require.NoError(t, os.RemoveAll(reportOf(app)))
	found := synthesize(t, app, true)
	require.True(t, exists(t, reportOf(app)), "the templates were not validated")
	return sorted(append(found, readAssembly(t, *app.Outdir()).annotations...))
}

// sorted sorts findings by construct, and drops repetitions, as there are after a second synth.
func sorted(found []Finding) []Finding {
	slices.SortFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.String(), b.String()))
	})
	return slices.Compact(found)
}

// validating marks an app that has a validator of this package.
const validating = "awscontainers:cdktest"

func hasValidator(app awscdk.App) bool {
	for _, entry := range *app.Node().Metadata() {
		switch *entry.Type {
		case validating:
			return true
		case "awscontainers:rules": // of rules.Register, which adds none if validation is off
			return os.Getenv("CDK_VALIDATION") != "false"
		}
	}
	return false
}

func reportOf(root awscdk.Stage) string {
	return filepath.Join(*root.Outdir(), "validation-report.json")
}

// synthesize synthesizes an app, and returns what validators found. It fails the test if the CDK throws, but not for findings: these
// are returned.
func synthesize(t testing.TB, root awscdk.Stage, again bool) (found []Finding) {
	t.Helper()
	var thrown any
	func() {
		defer func() { thrown = recover() }()
		root.Synth(&awscdk.StageSynthesisOptions{Force: &again})
	}()
	failed := false
	if file := reportOf(root); exists(t, file) {
		found, failed = readReport(t, file)
	}
	if thrown != nil && !failed { // otherwise the CDK throws because of the report
		require.FailNow(t, "the synth failed", "%v", thrown)
	}
	return sorted(found)
}

// readReport returns what validators found, and whether that fails a synth. Annotations are in the report only with a feature flag,
// and are read elsewhere.
func readReport(t testing.TB, file string) (found []Finding, failed bool) {
	t.Helper()
	var report struct {
		PluginReports []struct {
			PluginName, Conclusion string
			Metadata               struct{ Error string }
			Violations             []struct {
				RuleName, Description, Severity string
				RuleMetadata                    map[string]any
				ViolatingConstructs             []struct {
					ConstructPath string
					StackTraces   []string
				}
			}
		}
	}
	readJSON(t, file, &report)
	for _, plugin := range report.PluginReports {
		require.Empty(t, plugin.Metadata.Error, "the validator %q failed, most likely on an error in a rule", plugin.PluginName)
		failed = failed || plugin.Conclusion == "failure"
		for _, v := range plugin.Violations {
			if v.RuleMetadata["cdk:annotation"] != nil {
				continue
			}
			f := Finding{Rule: v.RuleName, Severity: v.Severity, Text: v.Description}
			if len(v.ViolatingConstructs) == 0 {
				found = append(found, f)
			}
			for _, c := range v.ViolatingConstructs {
				f.Path, f.Line = c.ConstructPath, goLine(strings.Join(c.StackTraces, "\n"))
				found = append(found, f)
			}
		}
	}
	return found, failed
}

var goFile = regexp.MustCompile(`\((.+\.go):(\d+)\)`)

// goLine returns the first line of a Go program in a stack trace, relative to the test's directory for a file below it.
func goLine(trace string) string {
	m := goFile.FindStringSubmatch(trace)
	if m == nil {
		return ""
	}
	if here, err := os.Getwd(); err == nil {
		if below, err := filepath.Rel(here, m[1]); err == nil && filepath.IsLocal(below) {
			m[1] = below
		}
	}
	return m[1] + ":" + m[2]
}

func linesOf(found []Finding) string {
	var lines strings.Builder
	for _, f := range found {
		lines.WriteString(f.String() + "\n")
	}
	return lines.String()
}

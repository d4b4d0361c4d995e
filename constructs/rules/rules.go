package rules

import (
	"embed"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

//go:embed *.rego
var files embed.FS

// failOnFindings is the context key by which the CDK fails a synth on findings of its validator, which are warnings otherwise.
// https://docs.aws.amazon.com/cdk/v2/guide/featureflags.html
const failOnFindings = "@aws-cdk/core:validateAgainstDefaultRules"

// disableCdkTraces is the context key by which the CDK records no stack trace for each resource. In a Go program such a trace only
// has calls of Node, and would hide the one that the plugin records.
// https://github.com/aws/aws-cdk/blob/v2.277.0/packages/aws-cdk-lib/cx-api/lib/app.ts
const disableCdkTraces = "aws:cdk:disable-creation-stack-traces"

// Option changes what Register does.
type Option int

// WarnOnly makes findings warnings, which don't fail the synth.
const WarnOnly Option = 1

// Register makes every synth of the app check its templates against the pack, and against the rules that come with the CDK. A
// finding fails the synth, unless WarnOnly is given. Call it once, right after awscdk.NewApp:
//
//	app := awscdk.NewApp(nil)
//	rules.Register(app)
//
// Nothing starts before the first synth, so that a refusal of props still comes at once. The environment variable
// CDK_VALIDATION=false, which `cdk synth --no-validation` sets, turns the pack off together with the CDK's own rules.
//
// The CDK allows one [awscdk.CloudFormationValidatePlugin] an app, and only on the app itself. If you have rules of your
// own, make the plugin yourself and add [Sources] to them.
//
// Register panics with *invalid.Error if the app is nil, has a pack already, or has constructs already, because the CDK then no longer
// takes the context that makes findings errors.
func Register(app awscdk.App, options ...Option) {
	fails := !slices.Contains(options, WarnOnly)
	refuse(app, fails, options)
	if failsOnFindings(app) != fails {
		app.Node().SetContext(new(failOnFindings), fails)
	}
	if len(*app.Node().Children()) == 0 {
		app.Node().SetContext(new(disableCdkTraces), true)
	}
	app.Node().AddMetadata(new(registered), true, nil)
	if os.Getenv("CDK_VALIDATION") == "false" { // as the CDK does with its own rules
		// The CLI prints whatever report it finds, and without validation none replaces that of an earlier synth.
		_ = os.Remove(filepath.Join(*app.Outdir(), "validation-report.json"))
		return
	}
	awscdk.Validations_Of(app).AddPlugins(Plugin())
}

// registered marks an app that has the pack.
const registered = "awscontainers:rules"

func refuse(app awscdk.App, fails bool, options []Option) {
	var bad invalid.Problems
	for _, o := range options {
		if o != WarnOnly {
			bad.Add("option", "must be rules.WarnOnly").Given(int(o))
		}
	}
	switch {
	case !invalid.IsMade(app):
		bad.Add("app", "must be created by awscdk.NewApp")
	case isRegistered(app):
		bad.Add("app", "must not be registered twice").Advise("call rules.Register once")
	case failsOnFindings(app) != fails && len(*app.Node().Children()) > 0:
		bad.Add("app", "must not have stacks yet").Advise("call rules.Register right after awscdk.NewApp")
	}
	invalid.Panic("rules.Register", bad)
}

// failsOnFindings reads the context as the CDK does, which -c gives as a text.
func failsOnFindings(app awscdk.App) bool {
	switch app.Node().TryGetContext(new(failOnFindings)) {
	case nil, false, "false":
		return false
	}
	return true
}

func isRegistered(app awscdk.App) bool {
	return slices.ContainsFunc(*app.Node().Metadata(), func(m *constructs.MetadataEntry) bool { return *m.Type == registered })
}

// Sources gives the Rego files of the pack, for an app that makes its own plugin. They share a package: pass all of them.
func Sources() (sources []*awscdk.ValidationRuleSource) {
	for _, f := range regoFiles() {
		sources = append(sources, &awscdk.ValidationRuleSource{
			Name:    jsii.String(path.Join("awscontainers", f.name)),
			Content: jsii.String(f.content),
		})
	}
	return sources
}

// Rule describes one rule of the pack.
type Rule struct {
	// Id is stable: it stands in reports and in acknowledgements.
	Id string
	// Title is what the rule finds.
	Title string
	// Reason is what happens on AWS.
	Reason string
	// Page is the AWS page it comes from.
	Page string
}

// AcknowledgementId is the id to give to awscdk.Validations_Of(scope).Acknowledge: the CDK prefixes a rule's id with its
// validator's name.
func (r Rule) AcknowledgementId() string {
	return "CloudFormation-Validate::" + r.Id
}

// annotation is what stands above each rule, as OPA has it. Texts are quoted where YAML asks for it.
// https://www.openpolicyagent.org/docs/policy-language#annotations
var annotation = regexp.MustCompile(`(?m)^# METADATA\n# title: (.+)\n# description: (.+)\n` +
	`# related_resources:\n# - (.+)\n# custom:\n#   id: (.+)$`)

// All gives the rules of the pack in the order of their ids.
func All() (all []Rule) {
	for _, f := range regoFiles() {
		for _, m := range annotation.FindAllStringSubmatch(f.content, -1) {
			all = append(all, Rule{Id: m[4], Title: unquoted(m[1]), Reason: unquoted(m[2]), Page: m[3]})
		}
	}
	slices.SortFunc(all, func(a, b Rule) int { return strings.Compare(a.Id, b.Id) })
	return all
}

func unquoted(text string) string {
	if plain, err := strconv.Unquote(text); err == nil {
		return plain
	}
	return text
}

type file struct{ name, content string }

// regoFiles gives the embedded files, ordered by name.
func regoFiles() (all []file) {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("embedded rules: %v", err))
	}
	for _, e := range entries {
		content, err := files.ReadFile(e.Name())
		if err != nil {
			panic(fmt.Sprintf("embedded rules: %v", err))
		}
		// Git may check the files out with CRLF.
		all = append(all, file{e.Name(), strings.ReplaceAll(string(content), "\r\n", "\n")})
	}
	return all
}

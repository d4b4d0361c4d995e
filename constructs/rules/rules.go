package rules

import (
	"embed"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

//go:embed *.rego
var files embed.FS

// Register makes every synth of the app check its templates against the pack, and against the rules that come with the
// CDK, which would otherwise run alone. Call it once.
//
// With the context "@aws-cdk/core:validateAgainstDefaultRules": true a finding fails the synth; without, it is a warning.
//
// The CDK allows one [awscdk.CloudFormationValidatePlugin] an app, and only on the app itself. If you have rules of your
// own, make the plugin yourself and add [Sources] to them.
func Register(app awscdk.App) {
	awscdk.Validations_Of(app).AddPlugins(Plugin())
}

// Plugin makes the validator that Register adds. That takes seconds, and several apps of one program, as tests have them, can share it.
func Plugin() awscdk.CloudFormationValidatePlugin {
	sources := Sources()
	return awscdk.NewCloudFormationValidatePlugin(&awscdk.CloudFormationValidatePluginProps{
		IncludeDefaultRules: jsii.Bool(true),
		RegoRules:           &sources,
	})
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

// header is the comment above each rule.
var header = regexp.MustCompile(`(?m)^# rule: (.+)\n# title: (.+)\n# reason: (.+)\n# page: (.+)$`)

// All gives the rules of the pack in the order of their files.
func All() (all []Rule) {
	for _, f := range regoFiles() {
		for _, m := range header.FindAllStringSubmatch(f.content, -1) {
			all = append(all, Rule{Id: m[1], Title: m[2], Reason: m[3], Page: m[4]})
		}
	}
	return all
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

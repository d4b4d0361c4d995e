package test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/rules"
	"awscontainers/test/cdktest"
)

// Good templates, on which the pack is silent: a task definition, and a service with all that surrounds it. The cases
// change one thing in them.
//
//go:embed testdata/rules/task.json
var goodTask string

//go:embed testdata/rules/service.json
var goodService string

// ruleCase is a good template with changes: JSON by the path it replaces, such as "Task.Properties.Cpu"; "" removes.
// A path of one part is a whole resource.
type ruleCase struct {
	name    string
	changes map[string]string
	// want is what the pack must report: "<rule> <path below the stack>".
	want []string
	// adjust changes what lies outside the resources.
	adjust func(stack awscdk.Stack)
}

// TestRules gives every case to the validator: most as plain templates, which costs no call to Node for each resource; those with an
// adjust, and those of constructs, as stacks of one app.
func TestRules(t *testing.T) {
	app := cdktest.App(t)
	suites := []struct {
		name  string
		good  []string
		cases []ruleCase
	}{
		{"Task", []string{goodTask}, taskCases},
		{"Service", []string{goodTask, goodService}, slices.Concat(serviceCases, balancerCases)},
		{"Capacity", []string{goodCapacity}, capacityCases},
		{"Files", []string{goodFiles}, filesCases},
		{"Scaling", []string{goodScaling}, scalingCases},
		{"Deployment", []string{goodDeployment}, deploymentCases},
		{"Network", []string{goodNetwork}, networkCases},
		{"Alarm", []string{goodAlarm}, alarmCases},
		{"Events", []string{goodEvents}, eventsCases},
		{"Eks", []string{goodEks}, slices.Concat(eksCases, eksStorageCases)},
		{"Fsx", []string{goodFsx}, fsxCases},
		{"AppRunner", []string{goodAppRunner}, appRunnerCases},
		{"Express", []string{goodExpress}, expressCases},
	}
	var all []ruleCase
	plain := templates{app: app}
	for _, s := range suites {
		for _, c := range append(s.cases, ruleCase{name: "Good" + s.name}) {
			if c.adjust == nil {
				plain.add(t, c.name, map[string]any{"Resources": c.resources(t, s.good...), "Parameters": parameters, "Conditions": conditions})
			} else {
				c.build(t, app, s.good...)
			}
			all = append(all, c)
		}
	}
	for _, c := range slices.Concat(ownCases, eksOwnCases, fsxOwnCases, expressOwnCases) {
		c.adjust(awscdk.NewStack(app, jsii.String(c.name), nil))
		all = append(all, c)
	}
	found := packFindings(t, app)
	maps.Copy(found, plain.findings(t))

	fired := map[string]bool{}
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			require.ElementsMatch(t, c.want, found[c.name])
		})
		for _, w := range c.want {
			fired[strings.Fields(w)[0]] = true
		}
	}
	for _, r := range rules.All() {
		require.True(t, fired[r.Id], "no case in which %s fires", r.Id)
	}
}

// What cases may refer to besides resources.
var (
	parameters = map[string]any{"Param": map[string]any{"Type": "String"}, "Defaulted": map[string]any{"Type": "String", "Default": "300"}}
	conditions = map[string]any{"Condition": isX, "Other": map[string]any{"Fn::Not": []any{isX}}}
	isX        = map[string]any{"Fn::Equals": []any{map[string]any{"Ref": "Param"}, "x"}}
)

// templates are files that the validator reads as if the app had made them.
type templates struct {
	app    awscdk.App
	paths  []*string
	stacks []*awscdk.PolicyValidationStack
}

func (p *templates) AccountId() *string                               { return nil }
func (p *templates) Region() *string                                  { return nil }
func (p *templates) AppConstruct() constructs.IConstruct              { return p.app }
func (p *templates) TemplatePaths() *[]*string                        { return &p.paths }
func (p *templates) StackTemplates() *[]*awscdk.PolicyValidationStack { return &p.stacks }

func (p *templates) add(t *testing.T, name string, template any) {
	t.Helper()
	text, err := json.Marshal(template)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, text, 0o600))
	p.paths = append(p.paths, &path)
	p.stacks = append(p.stacks, &awscdk.PolicyValidationStack{StackConstructPath: &name, TemplatePath: &path})
}

// findings are those of the pack by file: "<rule> <logical id>".
func (p *templates) findings(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	report := validator().Validate(p)
	if report.Metadata != nil {
		require.Nil(t, (*report.Metadata)["error"], "the validator itself failed, most likely on an error in a rule")
	}
	for _, v := range *report.Violations {
		if !strings.HasPrefix(*v.RuleName, "AWSC-") {
			continue
		}
		for _, r := range *v.ViolatingResources {
			name := filepath.Base(*r.TemplatePath)
			found[name] = append(found[name], *v.RuleName+" "+*r.ResourceLogicalId)
		}
	}
	return found
}

// resources are the good ones together, with the case's changes.
func (c ruleCase) resources(t *testing.T, good ...string) map[string]any {
	t.Helper()
	template := map[string]any{}
	for _, g := range good {
		require.NoError(t, json.Unmarshal([]byte(g), &template))
	}
	for path, change := range c.changes {
		var value any
		if change != "" {
			require.NoError(t, json.Unmarshal([]byte(change), &value), "%s: %s", c.name, path)
		}
		replaceAt(t, template, strings.Split(path, "."), value)
	}
	return template
}

// build makes the case's stack, named for the case, from the good templates together.
func (c ruleCase) build(t *testing.T, app awscdk.App, good ...string) awscdk.Stack {
	t.Helper()
	template := c.resources(t, good...)

	stack := awscdk.NewStack(app, jsii.String(c.name), nil)
	awscdk.NewCfnParameter(stack, jsii.String("Param"), nil)
	awscdk.NewCfnParameter(stack, jsii.String("Defaulted"), &awscdk.CfnParameterProps{Default: "300"})
	awscdk.NewCfnCondition(stack, jsii.String("Condition"), &awscdk.CfnConditionProps{
		Expression: awscdk.Fn_ConditionEquals(awscdk.Fn_Ref(jsii.String("Param")), "x"),
	})
	awscdk.NewCfnCondition(stack, jsii.String("Other"), &awscdk.CfnConditionProps{
		Expression: awscdk.Fn_ConditionNot(awscdk.Fn_ConditionEquals(awscdk.Fn_Ref(jsii.String("Param")), "x")),
	})
	for id, r := range template {
		properties := r.(map[string]any)["Properties"].(map[string]any)
		resource := awscdk.NewCfnResource(stack, jsii.String(id), &awscdk.CfnResourceProps{
			Type:       jsii.String(r.(map[string]any)["Type"].(string)),
			Properties: &properties,
		})
		for _, attribute := range []string{"Condition", "DependsOn"} {
			if value, ok := r.(map[string]any)[attribute]; ok {
				resource.AddOverride(&attribute, value)
			}
		}
	}
	if c.adjust != nil {
		c.adjust(stack)
	}
	return stack
}

// replaceAt sets the value at a path of object keys and list indexes, or removes it if the value is nil.
func replaceAt(t *testing.T, in any, path []string, value any) {
	t.Helper()
	last := len(path) == 1
	switch in := in.(type) {
	case map[string]any:
		switch {
		case last && value == nil:
			require.Contains(t, in, path[0])
			delete(in, path[0])
		case last:
			in[path[0]] = value
		default:
			replaceAt(t, in[path[0]], path[1:], value)
		}
	case []any:
		i := int(path[0][0] - '0')
		if last {
			in[i] = value
			return
		}
		replaceAt(t, in[i], path[1:], value)
	default:
		require.Fail(t, "no such path", "%v in %v", path, in)
	}
}

// packFindings gives what the pack finds in an app, by stack:
// "<rule> <path below the stack>".
func packFindings(t *testing.T, app awscdk.App) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, f := range cdktest.Findings(t, app, validator()) {
		if strings.HasPrefix(f.Rule, "AWSC-") {
			stack, path, _ := strings.Cut(f.Path, "/")
			found[stack] = append(found[stack], f.Rule+" "+path)
		}
	}
	return found
}

// Two findings of one rule, and one of another that is acknowledged in a place that has nothing to do with it.
func TestRulesFailTheSynthUnlessAcknowledged(t *testing.T) {
	app := cdktest.App(t, map[string]any{
		// The error then holds the report, not only the place where it was written.
		"@aws-cdk/core:appMode":                     "inmemory",
		"@aws-cdk/core:failSynthOnValidationErrors": true, // which cdktest.App turns off
	})
	awscdk.Validations_Of(app).AddPlugins(validator())
	web := ruleCase{name: "Web", changes: map[string]string{
		pathContainer + ".MountPoints.0.SourceVolume": `"date"`,
		"Spare":        spareTarget,
		pathAttributes: delay(`"5"`), // only a warning
	}}.build(t, app, goodTask, goodService)
	ruleCase{name: "Worker", changes: map[string]string{
		pathContainer + ".MountPoints.0.SourceVolume": `"dada"`,
		"Spare": spareTarget,
	}}.build(t, app, goodTask, goodService)
	awscdk.Validations_Of(web).Acknowledge(&awscdk.Acknowledgment{
		Id:     jsii.String(rules.Rule{Id: "AWSC-ELB-001"}.AcknowledgementId()),
		Reason: jsii.String("attached by hand"),
	})

	defer func() {
		message := fmt.Sprint(recover())
		require.Equal(t, 3, strings.Count(message, "ERROR "), message)
		require.Contains(t, message, "WARNING TargetGroupAttributes.1.Value: target group Target of service Service waits 5 s")
		require.Contains(t, message, "Web/Task (Task)")
		require.Contains(t, message, "Worker/Task (Task)")
		require.Contains(t, message, `mounts volume "date", which is not among its volumes (data); add it or name one of these`)
		require.Contains(t, message, `mounts volume "dada", which is not among its volumes (data); add it or name one of these`)
		require.Contains(t, message, "Acknowledge with 'CloudFormation-Validate::AWSC-TASK-001'")
		require.NotContains(t, message, "Web/Spare", "the finding was acknowledged in the stack Web")
		require.Contains(t, message, "Worker/Spare", "an acknowledgement in the stack Web silences the rule in the stack Worker")
	}()
	app.Synth(nil)
}

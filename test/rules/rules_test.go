// Package rules_test runs the cases of the rules on the engine by which the CDK validates, without the CDK: on templates.
package rules_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/rules"
)

// ruleCase is a good template with changes.
type ruleCase struct {
	name string
	// changes are JSON by the path that it replaces in the resources, such as "Task.Properties.Cpu"; "" removes. A path of one part is a
	// whole resource.
	changes map[string]string
	// outside is JSON by the path that it replaces outside the resources, such as "Outputs".
	outside map[string]string
	// want is what the pack must report: "<rule> <logical id>".
	want []string
}

// suite is the cases of some good templates, each the resources in a file of testdata, which must be silent together.
type suite struct {
	name  string
	good  []string
	cases []ruleCase
}

func suites() []suite {
	return []suite{
		{"Task", []string{"task"}, slices.Concat(taskCases, healthCases(), secretCases, taskOptionCases)},
		{"Service", []string{"task", "service"}, slices.Concat(serviceCases, volumeCases, balancerCases)},
		{"Capacity", []string{"capacity"}, capacityCases},
		{"Files", []string{"files"}, filesCases},
		{"Scaling", []string{"scaling"}, scalingCases},
		{"Deployment", []string{"deployment"}, deploymentCases},
		{"Network", []string{"network"}, slices.Concat(networkCases, networkNodesCases())},
		{"Alarm", []string{"alarm"}, alarmCases},
		{"Events", []string{"events"}, eventsCases},
		{"Eks", []string{"eks"}, slices.Concat(eksCases, eksStorageCases)}, // managed, self-managed and Fargate nodes
		{"Fsx", []string{"fsx"}, fsxCases},                                 // a file system of each kind with its clients
		{"AppRunner", []string{"apprunner"}, appRunnerCases},               // from private ECR with a VPC connector, and from source
		{"Express", []string{"express"}, expressCases},
		{"Queue", []string{"queue"}, queueCases}, // a service that follows the backlog of a queue
		{"Sqs", []string{"sqs"}, sqsCases},       // a standard and a FIFO queue, each with its dead-letter queue
		{"Cdn", []string{"cdn"}, cdnCases},
		{"Gateway", []string{"gateway"}, gatewayCases}, // a gateway, its cluster, and a service on Fargate
	}
}

func TestRules(t *testing.T) {
	severities := map[string][]string{} // by rule
	for _, s := range suites() {
		for _, c := range append(s.cases, ruleCase{name: "Good" + s.name}) {
			t.Run(c.name, func(t *testing.T) {
				found := findings(t, c.template(t, s.good))
				assert.ElementsMatch(t, c.want, reported(found))
				for _, f := range found {
					if !slices.Contains(severities[f.Rule], f.Severity) {
						severities[f.Rule] = append(severities[f.Rule], f.Severity)
					}
				}
			})
		}
	}
	for _, r := range rules.All() {
		want := warnings[r.Id]
		if want == nil {
			want = []string{"ERROR"}
		}
		assert.ElementsMatch(t, want, severities[r.Id], "the severities of %s in all cases", r.Id)
	}
}

// warnings are the rules whose findings are not errors, or not always.
var warnings = map[string][]string{
	"AWSC-APPRUNNER-004":  {"WARN"},
	"AWSC-EKS-003":        {"ERROR", "WARN"},
	"AWSC-EKS-007":        {"ERROR", "WARN"},
	"AWSC-EKS-009":        {"ERROR", "WARN"},
	"AWSC-EKSSTORAGE-003": {"WARN"},
	"AWSC-EKSSTORAGE-005": {"WARN"},
	"AWSC-EKSSTORAGE-009": {"WARN"},
	"AWSC-ELB-004":        {"WARN"},
	"AWSC-ELB-009":        {"WARN"},
	"AWSC-EVENTS-008":     {"ERROR", "WARN"},
	"AWSC-FSX-003":        {"ERROR", "WARN"},
	"AWSC-FSX-004":        {"WARN"},
	"AWSC-GATEWAY-003":    {"WARN"},
	"AWSC-SCALING-002":    {"WARN"},
	"AWSC-CDN-002":        {"WARN"},
	"AWSC-SCALING-005":    {"ERROR", "WARN"},
	"AWSC-SCALING-006":    {"ERROR", "WARN"},
	"AWSC-SCALING-007":    {"WARN"},
	"AWSC-SERVICE-006":    {"WARN"},
	"AWSC-TASK-006":       {"WARN"},
}

// reported is the findings as cases name them.
func reported(found []finding) (all []string) {
	for _, f := range found {
		all = append(all, f.Rule+" "+f.Resource)
	}
	return all
}

// template is the good templates together, with the case's changes.
func (c ruleCase) template(t *testing.T, good []string) map[string]any {
	t.Helper()
	resources := map[string]any{}
	for _, g := range good {
		content, err := os.ReadFile("testdata/" + g + ".json")
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(content, &resources))
	}
	change(t, resources, c.changes)
	template := map[string]any{"Resources": resources}
	require.NoError(t, json.Unmarshal([]byte(referable), &template))
	change(t, template, c.outside)
	return template
}

// What cases may refer to besides resources.
const (
	referable = `{
		"Parameters": {"Param": {"Type": "String"}, "Defaulted": {"Type": "String", "Default": "300"}},
		"Conditions": {"Condition": {"Fn::Equals": [{"Ref": "Param"}, "x"]}, "Other": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Param"}, "x"]}]}}
	}`
	valueUnknown = `{"Ref": "Param"}`
	valueGuessed = `{"Ref": "Defaulted"}` // a parameter that a rule must not judge by its default, "300"
)

// valueEither is one of two values, which only the deployment knows.
func valueEither(a, b string) string { return fmt.Sprintf(`{"Fn::If": ["Condition", %s, %s]}`, a, b) }

// output prints a value of the stack.
func output(value string) map[string]string {
	return map[string]string{"Outputs": fmt.Sprintf(`{"Out": {"Value": %s}}`, value)}
}

// export lets other stacks use a value of the stack.
func export(name, value string) map[string]string {
	return map[string]string{"Outputs": fmt.Sprintf(`{"Out": {"Value": %s, "Export": {"Name": "%s"}}}`, value, name)}
}

// macro changes the template in a way that only the deployment knows.
func macro(name string) map[string]string {
	return map[string]string{"Transform": fmt.Sprintf(`["%s"]`, name)}
}

// parameter adds one with a default.
func parameter(name, kind, value string) map[string]string {
	return map[string]string{"Parameters." + name: fmt.Sprintf(`{"Type": "%s", "Default": "%s"}`, kind, value)}
}

// change makes changes: JSON by path.
func change(t *testing.T, in map[string]any, changes map[string]string) {
	t.Helper()
	for _, path := range slices.Sorted(maps.Keys(changes)) { // a whole resource before what is in it
		var value any
		if text := changes[path]; text != "" {
			require.NoError(t, json.Unmarshal([]byte(text), &value), path)
		}
		replaceAt(t, in, strings.Split(path, "."), value)
	}
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

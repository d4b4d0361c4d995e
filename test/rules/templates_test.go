package rules_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whole templates, as people write them by hand: the pack is silent on the good ones, and finds the fault in those whose references have
// another spelling.
func TestTemplates(t *testing.T) {
	checkAll(t, "testdata/templates", map[string][]string{
		"spelled-with-join-eks-node.json":     {"ERROR AWSC-EKS-002 NodeRole"},
		"spelled-with-sub-events-trust.json":  {"ERROR AWSC-EVENTS-002 RuleRole"},
		"spelled-with-sub-web-container.json": {"ERROR AWSC-SERVICE-001 Service"},
	})
}

// Correct templates that the CDK's own constructs make: the pack reports no error in them, and no warnings but these. The CDK leaves the
// grant for an environment file to its callers.
func TestCorpus(t *testing.T) {
	checkAll(t, "corpus", map[string][]string{
		"apprunner-vpc-public-subnets.json":       {"WARN AWSC-APPRUNNER-004 VpcConnectorE3A78531"},
		"ecs-secrets.json":                        {"WARN AWSC-TASK-006 Task79114B6B"},
		"patterns-alb-fargate-desired-count.json": {"WARN AWSC-SCALING-002 Service9571FDD8"},
	})
}

// checkAll checks all templates in a folder. By file name, want says what the pack must report: "<severity> <rule> <logical id>".
func checkAll(t *testing.T, folder string, want map[string][]string) {
	t.Helper()
	files, err := filepath.Glob(folder + "/*.json")
	require.NoError(t, err)
	require.Greater(t, len(files), len(want), folder)
	got := map[string][]string{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, f := range findings(t, json.RawMessage(content)) {
			name := filepath.Base(file)
			got[name] = append(got[name], f.Severity+" "+f.Rule+" "+f.Resource)
		}
	}
	assert.Equal(t, want, got)
}

package rules

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// emitted finds the ids that the Rego code reports.
var emitted = regexp.MustCompile(`make_diag_at\("([^"]+)"`)

func TestEveryRuleIsDescribedAboveItsCode(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range regoFiles() {
		described := map[string]bool{}
		for _, m := range annotation.FindAllStringSubmatch(f.content, -1) {
			require.False(t, seen[m[4]], "%s: %s is described twice", f.name, m[4])
			seen[m[4]], described[m[4]] = true, true
		}
		require.Len(t, described, strings.Count(f.content, "# METADATA"), "%s: an annotation lacks a line", f.name)

		reported := map[string]bool{}
		for _, m := range emitted.FindAllStringSubmatch(f.content, -1) {
			reported[m[1]] = true
		}
		require.Equal(t, described, reported, "%s: rules described and rules reported", f.name)
	}
	require.NotEmpty(t, seen)
}

func TestRulesAreSound(t *testing.T) {
	for _, r := range All() {
		require.Regexp(t, `^AWSC-[A-Z]+-\d{3}$`, r.Id)
		require.Regexp(t, `^https://docs\.aws\.amazon\.com/`, r.Page, r.Id)
		require.NotContains(t, r.Title+r.Reason, "|", "%s would break the README's table", r.Id)
		require.NotEqual(t, ".", r.Title[len(r.Title)-1:], "%s: a title is no sentence", r.Id)
		require.Equal(t, ".", r.Reason[len(r.Reason)-1:], "%s: a reason is a sentence", r.Id)
	}
}

func TestEveryFileIsInThePackage(t *testing.T) {
	for _, f := range regoFiles() {
		require.True(t, strings.HasPrefix(f.content, "package awscontainers\n\nimport rego.v1\n"), f.name)
	}
}

// defined finds the names that a file gives to what it defines.
var defined = regexp.MustCompile(`(?m)^([a-z]\w*)`)

// All files share one package, so a name begins with its file's, which says where to look. What lib.rego has is used everywhere.
func TestNamesTellTheirFile(t *testing.T) {
	for _, f := range regoFiles() {
		stem := strings.TrimSuffix(f.name, ".rego")
		for _, m := range defined.FindAllStringSubmatch(f.content, -1) {
			if name := m[1]; stem != "lib" && !slices.Contains([]string{"package", "import", "violation", stem}, name) {
				require.True(t, strings.HasPrefix(name, stem+"_"), "%s: %s must begin with %s_", f.name, name, stem)
			}
		}
	}
}

// The table in the README is compared, not generated: on a mismatch, copy the rows from the failure.
func TestREADMEListsTheRules(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var want []string
	for _, r := range All() {
		want = append(want, fmt.Sprintf("| `%s` | %s | %s | [page](%s) |", r.Id, r.Title, r.Reason, r.Page))
	}
	slices.Sort(want)
	var got []string
	for line := range strings.Lines(strings.ReplaceAll(string(readme), "\r\n", "\n")) {
		if strings.HasPrefix(line, "| `AWSC-") {
			got = append(got, strings.TrimSuffix(line, "\n"))
		}
	}
	slices.Sort(got)
	require.Equal(t, strings.Join(want, "\n"), strings.Join(got, "\n"))
}

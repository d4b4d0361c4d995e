package test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"awscontainers/test/cdktest"
)

// block returns what docs/releasing.md has behind a mark.
func block(t *testing.T, mark string) string {
	t.Helper()
	raw, err := os.ReadFile("../docs/releasing.md")
	require.NoError(t, err)
	found := regexp.MustCompile("(?s)<!-- " + mark + " -->\n```\\w+\n(.*?)\n```").FindStringSubmatch(string(raw))
	require.NotNil(t, found, "docs/releasing.md has no %s", mark)
	return found[1]
}

// The job that docs/releasing.md shows changes nothing but the image, and its role may do what its commands do and nothing else.
func TestTheReleaseJob(t *testing.T) {
	var workflow struct {
		Permissions map[string]string
		Jobs        map[string]struct {
			Environment string
			Steps       []struct{ Run string }
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(block(t, "workflow")), &workflow))
	assert.Equal(t, map[string]string{"id-token": "write", "contents": "read"}, workflow.Permissions)
	job := workflow.Jobs["release"]
	var run []string
	for _, step := range job.Steps {
		run = append(run, step.Run)
	}
	commands := strings.Join(run, "\n")
	assert.Contains(t, commands, "--use-previous-template", "a pipeline would deploy its own template")
	assert.Contains(t, commands, "ParameterKey=ImageDigest,")

	var policy struct {
		Statement []struct{ Action, Resource any }
	}
	require.NoError(t, json.Unmarshal([]byte(block(t, "permissions")), &policy))
	require.Len(t, policy.Statement, 4)
	for _, statement := range policy.Statement {
		if statement.Action != "ecr:GetAuthorizationToken" { // knows no resources
			assert.Regexp(t, `:(repository/team/web|stack/FargateWeb/\*|parameter/cdk-bootstrap/hnb659fds/version)$`, statement.Resource)
		}
	}
	assert.ElementsMatch(t, []any{
		"cloudformation:CreateChangeSet", "cloudformation:DescribeChangeSet", "cloudformation:DescribeStacks", "cloudformation:ExecuteChangeSet",
	}, policy.Statement[2].Action, "create, wait, execute, wait")

	bootstrap := cdktest.Synth(t, cdktest.Stack(t)).Parameters["BootstrapVersion"]
	assert.Equal(t, "ssm:GetParameters", policy.Statement[3].Action, "the change set evaluates the SSM parameters of each stack")
	assert.Contains(t, policy.Statement[3].Resource, cdktest.Dig(bootstrap, "Default"))

	require.True(t, json.Valid([]byte(block(t, "trust"))))
	assert.Contains(t, block(t, "trust"), ":environment:"+job.Environment+`"`, "any branch could release")
}

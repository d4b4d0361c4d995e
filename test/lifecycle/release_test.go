//go:build lifecycle

package lifecycle_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/test/cdktest"
)

// The digests that the parameter has before and after a release.
var (
	oldDigest = "sha256:" + strings.Repeat("0a", 32)
	newDigest = "sha256:" + strings.Repeat("1b", 32)
)

// deployed returns a template with the value of its parameter ImageDigest, as CloudFormation compares it with the next one.
func deployed(t *testing.T, template *synthesized, digest string) *synthesized {
	t.Helper()
	var parsed any
	require.NoError(t, json.Unmarshal(template.Raw, &parsed))
	raw, err := json.Marshal(withDigest(parsed, digest))
	require.NoError(t, err)
	require.Contains(t, string(raw), digest)
	file := filepath.Join(t.TempDir(), "template.json")
	require.NoError(t, os.WriteFile(file, raw, 0o600))
	return &synthesized{file, cdktest.Parse(t, raw)}
}

// withDigest replaces references to the parameter in a template, or in a part of it.
func withDigest(value any, digest string) any {
	switch v := value.(type) {
	case map[string]any:
		if v["Ref"] == "ImageDigest" {
			return digest
		}
		for key := range v {
			v[key] = withDigest(v[key], digest)
		}
	case []any:
		for i := range v {
			v[i] = withDigest(v[i], digest)
		}
	}
	return value
}

// A pipeline that gives the parameter another digest registers a task definition, and deploys the service with it. Nothing else changes.
func TestAReleaseChangesNothingButTheImage(t *testing.T) {
	t.Chdir("../..")
	s := newSynthesizer(t)
	for _, stack := range []string{"FargateWeb", "Ec2Web", "NlbService"} {
		repository := keys{stack + ".imageRepository": "team/web"}
		template, err := s.synth(t, stack, repository)
		require.NoError(t, err)
		assert.NotContains(t, string(template.Raw), "sha256:0", "%s: the template names an image", stack)

		from, to := deployed(t, template, oldDigest), deployed(t, template, newDigest)
		o := outcomeOf(update{stack: stack}, from.Template, to.Template, diff(t, []*synthesized{from}, []*synthesized{to})[0])
		changed := map[string]verb{}
		for _, e := range o.effects {
			changed[e.kind()+" "+strings.Join(e.properties, ",")] = e.does
		}
		assert.Equal(t, map[string]verb{
			"AWS::ECS::TaskDefinition ContainerDefinitions": replaces,
			"AWS::ECS::Service TaskDefinition":              updates,
		}, changed, "%s: a pipeline changes more than the image", stack)
		require.Len(t, o.effects, 2, stack)
	}
}

// Whatever a deployment of the infrastructure changes, the reference to the image stays, and CloudFormation keeps the parameter's value.
func TestTheInfrastructureDoesNotChangeTheImage(t *testing.T) {
	t.Chdir("../..")
	s := newSynthesizer(t)
	repository := keys{"FargateWeb.imageRepository": "team/web"}
	before, err := s.synth(t, "FargateWeb", repository)
	require.NoError(t, err)
	for name, change := range map[string]keys{
		"nothing":     {},
		"the task":    {"FargateWeb.memoryMiB": "2048", "FargateWeb.environment": "LOG_LEVEL=debug"},
		"the profile": {"profile": "prod", "FargateWeb.certificateArn": certificate},
	} {
		after, err := s.synth(t, "FargateWeb", repository.with(change))
		require.NoError(t, err, name)
		const task, image = "TaskTaskDefinitionD41B4570", "ContainerDefinitions.0.Image"
		assert.Equal(t, before.Resources[task].Get(image), after.Resources[task].Get(image), "%s moves the image", name)
		assert.Equal(t, before.Parameters["ImageDigest"], after.Parameters["ImageDigest"], "%s: CloudFormation would lose the value", name)
	}
	again, err := newSynthesizer(t).synth(t, "FargateWeb", repository)
	require.NoError(t, err)
	assert.Equal(t, string(before.Raw), string(again.Raw), "two synths differ")
}

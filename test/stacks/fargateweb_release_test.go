package stacks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/test/cdktest"
)

// A release migrates with the image that it deploys, and waits for approval.
func TestFargateWebReleases(t *testing.T) {
	tpl := variantNamed(t, "FargateWeb-release").synth(t)
	service := tpl.Only("AWS::ECS::Service")
	hooks := cdktest.List(service.Get("DeploymentConfiguration.LifecycleHooks"))
	require.Len(t, hooks, 2)
	assert.Equal(t, []any{"PRE_SCALE_UP"}, cdktest.Dig(hooks[0], "LifecycleStages"), "the new version would start on the old tables")
	assert.Equal(t, "PAUSE", cdktest.Dig(hooks[1], "TargetType"), "nobody would be asked")
	definitions := tpl.All("AWS::ECS::TaskDefinition")
	require.Len(t, definitions, 2)
	for _, definition := range definitions {
		parts := cdktest.List(cdktest.Dig(definition.Get("ContainerDefinitions.0.Image"), "Fn::Join.1"))
		assert.Equal(t, map[string]any{"Ref": "ImageDigest"}, parts[len(parts)-1], definition.Path())
	}
}

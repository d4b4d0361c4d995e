package test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/registry"
	"awscontainers/test/cdktest"
)

func taskWith(stack awscdk.Stack, id string, image registry.Image) *ecs.Task {
	return ecs.NewTask(stack, id, &ecs.TaskProps{Containers: []ecs.Container{{Name: "web", Image: image}}})
}

// The template names no image: whoever deploys says which one, once, and the task may pull from the repository alone.
func TestADigestParameterNamesTheImage(t *testing.T) {
	stack := cdktest.Stack(t)
	repository := registry.RepositoryFrom(stack, "Web",
		awsecr.Repository_FromRepositoryName(stack, jsii.String("Imported"), jsii.String("team/web")))
	image := registry.FromDigestParameter(repository.Repository, "ImageDigest")
	taskWith(stack, "Web1", image)
	again := awsecr.Repository_FromRepositoryName(stack, jsii.String("Again"), jsii.String("team/web"))
	taskWith(stack, "Migration", registry.FromDigestParameter(again, "ImageDigest")) // an import of the same repository
	tpl := cdktest.Synth(t, stack)

	parameter := tpl.Parameters["ImageDigest"]
	assert.Equal(t, "String", cdktest.Dig(parameter, "Type"))
	assert.Nil(t, cdktest.Dig(parameter, "Default"), "a deployment without a value would go back to it")
	assert.Equal(t, "The image of team/web that runs, by its digest", cdktest.Dig(parameter, "Description"))
	assert.Equal(t, "^sha256:[0-9a-f]{64}$", cdktest.Dig(parameter, "AllowedPattern"), "a tag could move")
	for _, id := range []string{"/Web1/", "/Migration/"} {
		task := tpl.At("AWS::ECS::TaskDefinition", id)
		parts := cdktest.List(cdktest.Dig(task.Get("ContainerDefinitions.0.Image"), "Fn::Join.1"))
		assert.Equal(t, map[string]any{"Ref": "ImageDigest"}, parts[len(parts)-1], "two images of one repository share the parameter")
		assert.Contains(t, fmt.Sprint(parts), "/team/web@", "a digest follows @")
		assert.Subset(t, rights(t, task.Ref("ExecutionRoleArn")), []string{"ecr:BatchGetImage on repository/team/web"})
	}
}

func TestATagParameterNeedsAnImmutableRepository(t *testing.T) {
	stack := cdktest.Stack(t)
	repository := registry.NewRepository(stack, "Repository", nil)
	taskWith(stack, "Task", registry.FromTagParameter(repository, "ImageTag"))
	tpl := cdktest.Synth(t, stack)
	assert.NotContains(t, cdktest.Dig(tpl.Parameters["ImageTag"], "AllowedPattern"), "sha256")
	parts := cdktest.List(cdktest.Dig(tpl.At("AWS::ECS::TaskDefinition", "/Task/").Get("ContainerDefinitions.0.Image"), "Fn::Join.1"))
	assert.Equal(t, []any{":", map[string]any{"Ref": "ImageTag"}}, parts[len(parts)-2:])

	for id, unknown := range map[string]*registry.Repository{
		"Moving":   registry.NewRepository(stack, "Moving", &registry.RepositoryProps{MutableTags: []string{"latest"}}),
		"Existing": registry.RepositoryFrom(stack, "Existing", repository.Repository),
	} {
		assert.Len(t, cdktest.Refused(t, func() { taskWith(stack, id+"Task", registry.FromTagParameter(unknown, "ImageTag")) }), 1, id)
	}
}

// CloudFormation reads the SSM parameter anew at each deployment; the template has its name.
func TestAnSsmParameterHoldsTheDigest(t *testing.T) {
	stack := cdktest.Stack(t)
	repository := registry.NewRepository(stack, "Repository", nil)
	taskWith(stack, "Task", registry.FromSsmParameter(repository.Repository, "/shop/web/digest"))
	tpl := cdktest.Synth(t, stack)
	parts := cdktest.List(cdktest.Dig(tpl.At("AWS::ECS::TaskDefinition", "/Task/").Get("ContainerDefinitions.0.Image"), "Fn::Join.1"))
	assert.Equal(t, "@", parts[len(parts)-2])
	parameter := tpl.Parameters[cdktest.Dig(parts[len(parts)-1], "Ref").(string)]
	assert.Equal(t, "AWS::SSM::Parameter::Value<String>", cdktest.Dig(parameter, "Type"))
	assert.Equal(t, "/shop/web/digest", cdktest.Dig(parameter, "Default"))
}

// One digest is no image of two repositories, and a parameter of a nested stack is given to the stack around it.
func TestParametersAreOfOneImageAndOfTheWholeStack(t *testing.T) {
	stack := cdktest.Stack(t)
	web, api := registry.NewRepository(stack, "Web", nil), registry.NewRepository(stack, "Api", nil)
	nested := awscdk.NewNestedStack(stack, jsii.String("Nested"), nil)
	taskWith(nested, "Task", registry.FromDigestParameter(web.Repository, "ImageDigest"))
	assert.Equal(t, []string{`Test/Task: Image must have a parameter of its own, because the stack has a "ImageDigest" for ` +
		"something else; choose another name"}, cdktest.Refused(t, func() {
		taskWith(stack, "Task", registry.FromDigestParameter(api.Repository, "ImageDigest"))
	}))
	assert.Contains(t, cdktest.Synth(t, stack).Parameters, "ImageDigest")
}

// Before anything is in a repository of the same stack, there is no digest either.
func TestAParameterOfAnEmptyRepositoryIsWarnedOf(t *testing.T) {
	stack := cdktest.Stack(t)
	image := registry.FromDigestParameter(registry.NewRepository(stack, "Web", nil).Repository, "ImageDigest")
	image.WarnIfEmpty(stack)
	_, warnings := cdktest.SynthAnnotated(t, stack)
	assert.Len(t, warnings, 1)
}

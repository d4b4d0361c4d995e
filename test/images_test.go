package test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/apprunner"
	"awscontainers/constructs/ecs"
	"awscontainers/constructs/express"
	"awscontainers/constructs/registry"
	"awscontainers/test/cdktest"
)

// A repository that is created with what runs from it is empty when the first task starts.
func TestServicesOfARepositoryOfTheirStack(t *testing.T) {
	ecsService := func(desired *int) func(awscdk.Stack, registry.Image) {
		return func(stack awscdk.Stack, image registry.Image) {
			cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: importedVpc(stack)})
			task := ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{Name: "web", Image: image}}})
			ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: task, DesiredCount: desired})
		}
	}
	own := func(stack awscdk.Stack) registry.Image {
		return registry.FromRepository(registry.NewRepository(stack, "Repository", nil), "1.0.0")
	}
	for name, c := range map[string]struct {
		image func(stack awscdk.Stack) registry.Image
		run   func(stack awscdk.Stack, image registry.Image)
		warns bool
	}{
		"a service": {own, ecsService(nil), true},
		"a service of the CDK's repository": {func(stack awscdk.Stack) registry.Image {
			return registry.FromEcrRepository(awsecr.NewRepository(stack, jsii.String("Repository"), nil), "1.0.0")
		}, ecsService(new(2)), true},
		"an App Runner service": {own, func(stack awscdk.Stack, image registry.Image) {
			apprunner.NewService(stack, "Service", &apprunner.ServiceProps{Image: image})
		}, true},
		"an Express service": {own, func(stack awscdk.Stack, image registry.Image) {
			express.NewService(stack, "Service", &express.ServiceProps{Image: image})
		}, true},
		"a service beside a nested stack": {func(stack awscdk.Stack) registry.Image {
			return own(awscdk.NewNestedStack(stack, jsii.String("Nested"), nil))
		}, ecsService(nil), true},
		"a service in a nested stack": {own, func(stack awscdk.Stack, image registry.Image) {
			ecsService(nil)(awscdk.NewNestedStack(stack, jsii.String("Nested"), nil), image)
		}, true},
		"a service without tasks yet": {own, ecsService(new(0)), false},
		"an existing repository": {func(stack awscdk.Stack) registry.Image {
			return registry.FromEcrRepository(awsecr.Repository_FromRepositoryName(stack, jsii.String("Repository"), jsii.String("web")), "1.0.0")
		}, ecsService(nil), false},
		"a repository of an earlier stack": {func(stack awscdk.Stack) registry.Image {
			return own(awscdk.NewStack(awscdk.App_Of(stack), jsii.String("Earlier"), nil))
		}, ecsService(nil), false},
		"an asset":               {func(awscdk.Stack) registry.Image { return registry.FromAsset("testdata/web", nil) }, ecsService(nil), false},
		"an image of a registry": {func(awscdk.Stack) registry.Image { return registry.FromRegistry(publicImage) }, ecsService(nil), false},
	} {
		stack := cdktest.Stack(t)
		c.run(stack, c.image(stack))
		warnings := warningsOf(stack)
		if !c.warns {
			assert.Empty(t, warnings, name)
			continue
		}
		if assert.Len(t, warnings, 1, name) {
			assert.Contains(t, warnings[0], "which the same stack creates and which is empty then", name)
		}
	}
}

// The directory of an image may hold what the CDK writes, wherever that is; it may not be the same.
func TestImagesOfADirectoryThatHoldsTheAssembly(t *testing.T) {
	build := func(t *testing.T, outdir string, inStage bool) (directory string, build func()) {
		t.Helper()
		directory = t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(directory, "Dockerfile"), []byte("FROM scratch\n"), 0o600))
		app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(filepath.Join(directory, outdir))})
		var stack awscdk.Stack
		if inStage {
			stack = awscdk.NewStack(awscdk.NewStage(app, jsii.String("Dev"), nil), jsii.String("Test"), nil)
		} else {
			stack = awscdk.NewStack(app, jsii.String("Test"), nil)
		}
		return directory, func() {
			ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{Name: "web", Image: registry.FromAsset(directory, nil)}}})
			app.Synth(nil)
		}
	}
	for _, outdir := range []string{"cdk.out", "out", "build/deep/out"} {
		for _, inStage := range []bool{false, true} {
			directory, synth := build(t, outdir, inStage)
			synth()
			copies, err := filepath.Glob(filepath.Join(directory, outdir, "asset.*"))
			require.NoError(t, err)
			require.Len(t, copies, 1, outdir)
			assert.FileExists(t, filepath.Join(copies[0], "Dockerfile"))
			assert.NoDirExists(t, filepath.Join(copies[0], outdir), "the assembly in itself")
		}
	}
	directory, synth := build(t, ".", false)
	assert.Equal(t, []string{
		`Test/Task: Image must not be built from the directory that the CDK writes to; got "` + directory +
			`"; choose another output directory, such as the default cdk.out`,
	}, cdktest.Refused(t, synth))
}

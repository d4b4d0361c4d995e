package stacks_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/registry"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

const (
	dbSecretArn   = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3"
	parameterArn  = "arn:aws:ssm:eu-west-1:111122223333:parameter/shop/token"
	mayReadSecret = "secretsmanager:GetSecretValue"

	registrySecretArn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ghcr-a1b2c3"
)

// ownContainer is a stack that runs the user's own container, by where its parts are in the template.
type ownContainer struct {
	path                 string // of the container, in the resource
	resource             string
	role                 string // that reads the secrets
	image                string // and its other parts, in the container
	command              string
	environment, secrets string
	secretArn            string // in a secret
	hasSize, isArm       bool
	minTasks, maxTasks   string
	scaling              string // the resource with these two
	context              map[string]any
}

func ownContainers() map[string]ownContainer {
	task := ownContainer{
		path: "ContainerDefinitions.0", resource: "AWS::ECS::TaskDefinition", role: "/Task/ExecutionRole/", image: "Image", command: "Command",
		environment: "Environment", secrets: "Secrets", secretArn: "ValueFrom", hasSize: true,
	}
	service := task
	service.scaling, service.minTasks, service.maxTasks = "AWS::ApplicationAutoScaling::ScalableTarget", "MinCapacity", "MaxCapacity"
	gateway := service // the second service runs an image of its own
	gateway.context = map[string]any{"GatewayServices.apiImage": shared.PublicImage}
	onArm := task
	onArm.isArm = true
	instances := service
	instances.isArm, instances.context = true, map[string]any{"Ec2Web.instanceTypes": "t4g.medium"}
	express := ownContainer{
		path: "PrimaryContainer", resource: shared.ExpressType, role: "/Service/ExecutionRole/", image: "Image", command: "Command",
		environment: "Environment", secrets: "Secrets", secretArn: "ValueFrom", hasSize: true,
		scaling: shared.ExpressType, minTasks: "ScalingTarget.MinTaskCount", maxTasks: "ScalingTarget.MaxTaskCount",
	}
	appRunner := ownContainer{
		path: "SourceConfiguration.ImageRepository", resource: "AWS::AppRunner::Service", role: "/Service/InstanceRole/",
		image:       "ImageIdentifier",
		environment: "ImageConfiguration.RuntimeEnvironmentVariables", secrets: "ImageConfiguration.RuntimeEnvironmentSecrets",
		secretArn: "Value",
	}
	return map[string]ownContainer{
		"FargateWeb": service, "NlbService": service, "GatewayServices": gateway, "Ec2Web": instances, "ScheduledTask": task,
		"EventDrivenTask": onArm, "QueueWorker": service, "ExpressService": express, "AppRunnerService": appRunner,
	}
}

// build builds the stack with every key of the container, and returns its template and the images to build.
func (o ownContainer) build(t *testing.T, name string) (*cdktest.Template, []imageAsset) {
	t.Helper()
	context := map[string]any{
		name + ".directory":   "../testdata/web",
		name + ".environment": "LOG_LEVEL=debug,QUERY=a=b",
		name + ".secrets":     "PASSWORD=" + dbSecretArn + ":password,TOKEN=" + parameterArn + ",WHOLE=" + dbSecretArn,
	}
	if o.hasSize {
		context[name+".command"], context[name+".cpu"], context[name+".memoryMiB"] = "serve,-v,-v", "512", "2048"
	}
	if o.scaling != "" {
		context[name+".minTasks"], context[name+".maxTasks"] = "3", "5"
	}
	for key, value := range o.context {
		context[key] = value
	}
	app := cdktest.App(t, nil)
	tpl := cdktest.Synth(t, variant{name: name, context: context}.build(t, app, name))
	return tpl, imageAssets(t, app, name)
}

// imageAsset is an image that `cdk deploy` builds.
type imageAsset struct {
	Hash   string
	Source struct{ Directory, Platform string }
}

func imageAssets(t *testing.T, app awscdk.App, stack string) (images []imageAsset) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(*app.Outdir(), stack+".assets.json"))
	require.NoError(t, err)
	var manifest struct{ DockerImages map[string]imageAsset }
	require.NoError(t, json.Unmarshal(raw, &manifest))
	for hash, image := range manifest.DockerImages {
		image.Hash = hash
		images = append(images, image)
	}
	return images
}

func TestStacksRunTheUsersContainer(t *testing.T) {
	for name, o := range ownContainers() {
		t.Run(name, func(t *testing.T) {
			tpl, images := o.build(t, name)
			resource := tpl.All(o.resource)[0]
			if o.resource == "AWS::ECS::TaskDefinition" {
				resource = tpl.At(o.resource, "/Task/") // Ec2Web has a worker
			}
			require.Len(t, images, 1)
			assert.Contains(t, fmt.Sprint(resource.Get(o.path+"."+o.image)), images[0].Hash, "another image runs than the one that is built")
			platform := "linux/amd64"
			if o.isArm {
				platform = "linux/arm64"
			}
			assert.Equal(t, platform, images[0].Source.Platform, "the program can't start on these processors")
			if o.hasSize {
				assert.Equal(t, []any{"serve", "-v", "-v"}, resource.Get(o.path+"."+o.command))
				cdktest.Has(t, resource, map[string]any{"Cpu": "512", "Memory": "2048"})
			}
			environment := cdktest.List(resource.Get(o.path + "." + o.environment))
			assert.Subset(t, environment, []any{
				map[string]any{"Name": "LOG_LEVEL", "Value": "debug"}, map[string]any{"Name": "QUERY", "Value": "a=b"},
			})
			assert.Equal(t, []any{
				map[string]any{"Name": "PASSWORD", o.secretArn: dbSecretArn + ":password::"},
				map[string]any{"Name": "TOKEN", o.secretArn: parameterArn},
				map[string]any{"Name": "WHOLE", o.secretArn: dbSecretArn},
			}, resource.Get(o.path+"."+o.secrets))
			if o.scaling != "" {
				cdktest.Has(t, tpl.All(o.scaling)[0], map[string]any{o.minTasks: 3.0, o.maxTasks: 5.0})
			}
		})
	}
}

// ECS may get the values of just these secrets, and the program none by itself, except on App Runner, whose instance role reads them.
func TestSecretsAreReadByOneRoleOnly(t *testing.T) {
	for name, o := range ownContainers() {
		tpl, _ := o.build(t, name)
		want := []string{"allow " + mayReadSecret + " on " + dbSecretArn, "allow ssm:GetParameters on " + parameterArn}
		for _, policy := range tpl.All("AWS::IAM::Policy") {
			var reads []string
			for _, g := range cdktest.Permissions(t, policy) {
				if strings.Contains(g, "secretsmanager") || strings.Contains(g, " ssm:Get") || strings.Contains(g, "kms:Decrypt") {
					reads = append(reads, g)
				}
			}
			if strings.Contains(policy.Path(), o.role) {
				assert.ElementsMatch(t, want, reads, "%s: %s", name, policy.Path())
			} else {
				assert.Empty(t, reads, "%s: %s", name, policy.Path())
			}
		}
	}
}

// ECS pulls the image of a private registry with its credentials, which it may read, and the program may not.
func TestStacksPullFromPrivateRegistries(t *testing.T) {
	for _, name := range []string{"FargateWeb", "Ec2Web", "NlbService", "ScheduledTask", "EventDrivenTask", "QueueWorker"} {
		tpl := cdktest.Synth(t, buildStack(t, name, map[string]any{
			name + ".image": "ghcr.io/acme/private:1.0", name + ".imageCredentialsSecret": registrySecretArn,
		}))
		task := tpl.At("AWS::ECS::TaskDefinition", name+"/Task/")
		cdktest.Has(t, task, map[string]any{
			"ContainerDefinitions.0.Image":                                      "ghcr.io/acme/private:1.0",
			"ContainerDefinitions.0.RepositoryCredentials.CredentialsParameter": registrySecretArn,
		}, name)
		assert.Contains(t, cdktest.Permissions(t, tpl.At("AWS::IAM::Policy", name+"/Task/ExecutionRole/")),
			"allow "+mayReadSecret+" on "+registrySecretArn, name)
		for _, policy := range tpl.All("AWS::IAM::Policy") {
			if !strings.Contains(policy.Path(), "/Task/ExecutionRole/") {
				assert.NotContains(t, strings.Join(cdktest.Permissions(t, policy), "\n"), registrySecretArn, policy.Path())
			}
		}
	}
}

// The keys are those of the web service. The API may be built too.
func TestFargateWebBuildsItsApi(t *testing.T) {
	app := cdktest.App(t, nil)
	tpl := cdktest.Synth(t, variant{name: "FargateWeb", context: map[string]any{
		"FargateWeb.directory": "../testdata/web", "FargateWeb.apiDirectory": "../../stacks/objectdigest", "FargateWeb.environment": "A=1",
		"FargateWeb.memoryMiB": "3072", "FargateWeb.minTasks": "4",
	}}.build(t, app, "FargateWeb"))
	web, api := tpl.At("AWS::ECS::TaskDefinition", "FargateWeb/Task/"), tpl.At("AWS::ECS::TaskDefinition", "FargateWeb/ApiTask/")
	cdktest.Has(t, web, map[string]any{"Cpu": "512", "Memory": "3072"})
	cdktest.Has(t, api, map[string]any{"Cpu": "512", "Memory": "1024", "ContainerDefinitions.0.Environment": nil})
	assert.Len(t, imageAssets(t, app, "FargateWeb"), 2)
	assert.NotEqual(t, web.Get("ContainerDefinitions.0.Image"), api.Get("ContainerDefinitions.0.Image"))
	for _, target := range tpl.All("AWS::ApplicationAutoScaling::ScalableTarget") {
		cdktest.Has(t, target, map[string]any{"MinCapacity": 4.0, "MaxCapacity": 4.0}, target.Path())
	}
}

// Memory without CPU units takes the CPU units with which Fargate offers it, and a size that it doesn't offer is refused.
func TestFargateWebCompletesItsSize(t *testing.T) {
	for memory, cpu := range map[string]string{"512": "256", "4096": "512", "16384": "2048"} {
		tpl := cdktest.Synth(t, buildStack(t, "FargateWeb", map[string]any{"FargateWeb.memoryMiB": memory}))
		cdktest.Has(t, tpl.Only("AWS::ECS::TaskDefinition"), map[string]any{"Cpu": cpu, "Memory": memory})
	}
	tpl := cdktest.Synth(t, buildStack(t, "FargateWeb", map[string]any{"FargateWeb.cpu": "1024"}))
	cdktest.Has(t, tpl.Only("AWS::ECS::TaskDefinition"), map[string]any{"Cpu": "1024", "Memory": "2048"})
}

// What the CDK and git write inside the directory is not part of the image: it would be another one with each synth.
func TestImageDoesNotChangeWithOutputOrRepository(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "app")
	write := func(file, content string) {
		path := filepath.Join(directory, file)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	build := func(outdir string) (hash, staged string) {
		awscdk.AssetStaging_ClearAssetHashCache() // another synth is another process
		app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(filepath.Join(directory, outdir)), AnalyticsReporting: jsii.Bool(false)})
		stack := awscdk.NewStack(app, jsii.String("Test"), nil)
		ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{Name: "web", Image: registry.FromAsset(directory, nil)}}})
		app.Synth(nil)
		images := imageAssets(t, app, "Test")
		require.Len(t, images, 1)
		return images[0].Hash, filepath.Join(*app.Outdir(), images[0].Source.Directory)
	}
	write("Dockerfile", "FROM scratch\n")
	write("src/main.js", "1")
	write(".git/index", "1")
	write("module/.git", "gitdir: ../.git/modules/module")
	write("infra/cdk.out/manifest.json", "{}")
	first, staged := build("cdk.out")
	for _, left := range []string{".git", "cdk.out", "infra/cdk.out/manifest.json", "module/.git"} {
		assert.NoFileExists(t, filepath.Join(staged, left))
		assert.NoDirExists(t, filepath.Join(staged, left))
	}
	assert.FileExists(t, filepath.Join(staged, "src/main.js"))
	write(".git/index", "2")
	write("infra/cdk.out/manifest.json", "[]")
	for _, outdir := range []string{"cdk.out", "cdk.out", "build/assembly", "build/assembly"} {
		again, staged := build(outdir)
		assert.Equal(t, first, again, "%s: every synth would deploy another image", outdir)
		assert.NoDirExists(t, filepath.Join(staged, "build/assembly"))
	}
	write("node_modules/tool.js", "1")
	require.NoError(t, os.Symlink("..", filepath.Join(directory, "node_modules", "itself")))
	require.NoError(t, os.Symlink("../..", filepath.Join(directory, "node_modules", "parent"))) // npm makes it for "file:.."
	require.NoError(t, os.Symlink("tool.js", filepath.Join(directory, "node_modules", "link.js")))
	first, _ = build("cdk.out")
	again, staged := build("../assembly")
	assert.Equal(t, first, again, "output that a link leads to")
	assert.NoDirExists(t, filepath.Join(staged, "node_modules/parent/assembly"))
	target, err := os.Readlink(filepath.Join(staged, "node_modules", "link.js"))
	require.NoError(t, err)
	assert.Equal(t, "tool.js", target)
	write("src/main.js", "22")
	changed, _ := build("cdk.out")
	assert.NotEqual(t, first, changed, "a change of the program would not be deployed")

	write(".dockerignore", "*\n!Dockerfile\n")
	_, staged = build("cdk.out")
	assert.NoDirExists(t, filepath.Join(staged, "src"), ".dockerignore is not honored")
	assert.FileExists(t, filepath.Join(staged, "Dockerfile"))
}

package registry_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/registry"
)

// The same container from a public registry, from a repository of one's own and from a Dockerfile.
func ExampleImage() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Images"), nil)
	repository := awsecr.Repository_FromRepositoryName(stack, jsii.String("Web"), jsii.String("team/web"))
	for id, image := range map[string]registry.Image{
		"Public":     registry.FromRegistry("public.ecr.aws/nginx/nginx-unprivileged:stable"),
		"Repository": registry.FromEcrRepository(repository, "1.4.2"),
		"Built":      registry.FromAsset("./web", &registry.AssetOptions{Target: "runtime"}),
	} {
		ecs.NewTask(stack, id, &ecs.TaskProps{Containers: []ecs.Container{{Name: "web", Image: image}}})
	}
}

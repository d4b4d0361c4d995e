package registry_test

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"

	"awscontainers/constructs/registry"
)

// The same container from a public registry, from a repository of one's own and from a Dockerfile.
func ExampleImage() {
	var repository awsecr.IRepository // such as awsecr.NewRepository(stack, jsii.String("Web"), nil)
	for _, image := range []registry.Image{
		registry.FromRegistry("public.ecr.aws/nginx/nginx-unprivileged:stable"),
		registry.FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:1.4.2"),
		registry.FromEcrRepository(repository, "1.4.2"),
		registry.FromAsset("./web", &registry.AssetOptions{Target: "runtime"}),
	} {
		fmt.Println(image.InPrivateEcr())
	}
}

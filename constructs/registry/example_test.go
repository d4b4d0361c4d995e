package registry_test

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/registry"
)

// The same container from a public registry, from repositories of one's own, through a cache and from a Dockerfile.
func ExampleImage() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), nil, nil)
	var own *registry.Repository         // of registry.NewRepository
	var elsewhere awsecr.IRepository     // such as awsecr.Repository_FromRepositoryName(stack, jsii.String("Web"), jsii.String("web"))
	var cache *registry.PullThroughCache // of registry.NewPullThroughCache
	existing := registry.PullThroughCacheFrom(stack, "Kubernetes", &registry.PullThroughCacheAttributes{Upstream: registry.Kubernetes})
	for _, image := range []registry.Image{
		registry.FromRegistry("public.ecr.aws/nginx/nginx-unprivileged:stable"),
		registry.FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:1.4.2"),
		registry.FromRepository(own, "1.4.2"),
		registry.FromEcrRepository(elsewhere, "1.4.2"),
		registry.FromPullThroughCache(cache, "library/nginx:1.27"),
		registry.FromPullThroughCache(existing, "pause:3.10"),
		registry.FromAsset("./web", &registry.AssetOptions{Target: "runtime"}),
	} {
		fmt.Println(image.Origin().InPrivateEcr)
	}
}

// The digest is a parameter of the stack, which a pipeline gives another value: `cdk deploy --parameters STACK:ImageDigest=sha256:...`.
func ExampleFromDigestParameter() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), nil, nil)
	repository := awsecr.Repository_FromRepositoryName(stack, jsii.String("Repository"), jsii.String("team/web"))
	image := registry.FromDigestParameter(repository, "ImageDigest")
	fmt.Println(image.Origin().IsImmutable)
}

// Releases are deployed, and the last twenty kept; builds are not, and go after two weeks.
func ExampleNewRepository() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), nil, nil)
	registry.NewRepository(stack, "Web", &registry.RepositoryProps{
		RepositoryName:      "team/web",
		DeployedTags:        []string{"v*"},
		LifecycleRules:      []registry.LifecycleRule{{TagPattern: "v*", KeepLast: 20}, {TagPattern: "*", KeepDays: 14}},
		CreateEncryptionKey: true,
		PullAccounts:        []string{"444455556666"},
	})
}

// Docker Hub, with a secret that a person has filled.
func ExampleNewPullThroughCache() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), nil, nil)
	cache := registry.NewPullThroughCache(stack, "DockerHub", &registry.PullThroughCacheProps{
		Upstream:      registry.DockerHub,
		CredentialArn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-a1b2c3",
	})
	registry.FromPullThroughCache(cache, "library/nginx:1.27")
}

// A repository of ECR Public, whose stack must be in us-east-1.
func ExampleNewPublicRepository() {
	region := "us-east-1"
	stack := awscdk.NewStack(awscdk.NewApp(nil), nil, &awscdk.StackProps{Env: &awscdk.Environment{Region: &region}})
	registry.NewPublicRepository(stack, "Web", &registry.PublicRepositoryProps{
		RepositoryName: "web", Description: "A web server", Architectures: []string{"x86-64", "ARM 64"}, OperatingSystems: []string{"Linux"},
	})
}

// What is in production is scanned again and again.
func ExampleNewScanning() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), nil, nil)
	registry.NewScanning(stack, "Scanning", &registry.ScanningProps{Enhanced: true, OnPush: []string{"*"}, Continuous: []string{"prod/*"}})
}

// Images of production are copied to another Region, and to another account.
func ExampleNewReplication() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), nil, nil)
	registry.NewReplication(stack, "Replication", &registry.ReplicationProps{Rules: []registry.ReplicationRule{{
		Destinations:       []registry.ReplicationDestination{{Region: "eu-central-1"}, {Region: "eu-west-1", Account: "444455556666"}},
		RepositoryPrefixes: []string{"prod/"},
	}}})
}

// In the account 444455556666, which takes the copies.
func ExampleNewReplicationPermission() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), nil, nil)
	registry.NewReplicationPermission(stack, "Copies", &registry.ReplicationPermissionProps{
		SourceAccounts: []string{"111122223333"}, RepositoryPrefixes: []string{"prod/"},
	})
}

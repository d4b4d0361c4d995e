package registry

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// anyRepository stands for one where only its presence counts.
type anyRepository struct{ awsecr.IRepository }

// withRules is a repository that expires what begins with "ci-".
func withRules(running ...string) *Repository {
	return &Repository{Repository: anyOwn{}, running: running, rules: []LifecycleRule{{TagPattern: "ci-*", KeepLast: 5}}}
}

type anyOwn struct{ awsecr.Repository }

func TestImagesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		image Image
		want  string
	}{
		"none":                 {Image{}, "is empty; use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset"},
		"empty":                {FromRegistry(""), "is empty; use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset"},
		"upper case":           {FromRegistry("Nginx"), `"Nginx" is not an image reference (invalid reference format: repository name (library/Nginx) must be lowercase); write it as "public.ecr.aws/nginx/nginx:stable"`},
		"blank inside":         {FromRegistry("my image"), `"my image" is not an image reference (invalid reference format); write it as "public.ecr.aws/nginx/nginx:stable"`},
		"repository, no tag":   {FromEcrRepository(anyRepository{}, ""), `names no tag of its ECR repository; give a tag ("1.4.2") or a digest ("sha256:...")`},
		"ECR, account open":    {FromRegistry("${Token[AWS.AccountId.4]}.dkr.ecr.eu-west-1.amazonaws.com/web:1"), "names a repository of private ECR by values that only the deployment knows; use registry.FromEcrRepository, with awsecr.Repository_FromRepositoryName for one that exists"},
		"ECR, repository open": {FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/${Token[P.4]}:1"), "names a repository of private ECR by values that only the deployment knows; use registry.FromEcrRepository, with awsecr.Repository_FromRepositoryName for one that exists"},
		"cache, nothing":       {FromPullThroughCache(PullThroughCacheOf(Quay, ""), ""), `"" is not an image of its cache; write "prometheus/prometheus:v3.1.0"`},
		"cache, no tag":        {FromPullThroughCache(PullThroughCacheOf(DockerHub, ""), "library/nginx"), `"library/nginx" has neither tag nor digest; write "library/nginx:1.27"`},
		"cache, no namespace":  {FromPullThroughCache(PullThroughCacheOf(DockerHub, ""), "nginx:1.27"), `"nginx:1.27" has no namespace; Docker's own images have "library/nginx:1.27"`},
		"cache, registry":      {FromPullThroughCache(PullThroughCacheOf(GitHub, ""), "ghcr.io/owner/image:1"), `"ghcr.io/owner/image:1" names a registry, which the cache knows; write "owner/image:1.4.2"`},
		"cache, upper case":    {FromPullThroughCache(PullThroughCacheOf(EcrPublic, ""), "Nginx/nginx:1"), `"Nginx/nginx:1" is not an image of its cache; write "nginx/nginx:1.27"`},
		"cache, digest":        {FromPullThroughCache(PullThroughCacheOf(Kubernetes, ""), "pause@sha256:0"), `"pause@sha256:0" is not an image of its cache (invalid reference format); write "pause:3.10"`},
		"cache, open":          {FromPullThroughCache(PullThroughCacheOf(EcrPublic, ""), "${Token[P.4]}:1"), "names a repository of its cache by values that only the deployment knows; write it out, with the tag alone left open"},
		"cache, prefix":        {FromPullThroughCache(PullThroughCacheOf(EcrPublic, "Mine"), "nginx/nginx:1"), `is from a cache of "ecr-public" with the prefix "Mine"; take one that registry.NewPullThroughCache takes`},
		"cache, upstream":      {FromPullThroughCache(PullThroughCacheOf("maven", "mine"), "nginx/nginx:1"), `is from a cache of "maven" with the prefix "mine"; take one that registry.NewPullThroughCache takes`},
		"no cache":             {FromPullThroughCache(nil, "nginx/nginx:1"), "is empty; use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset"},
		"own, none":            {FromRepository(nil, "1"), "is empty; use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset"},
		"own, no tag":          {FromRepository(withRules("v*"), ""), `names no tag of its ECR repository; give a tag ("1.4.2") or a digest ("sha256:...")`},
		"own, expiring":        {FromRepository(withRules("v*"), "ci-17"), `has the tag "ci-17", which LifecycleRules[0] of its repository would expire while it runs; use one of its RunningTags ["v*"], or add this to them`},
		"no Dockerfile":        {FromAsset("testdata/nowhere", nil), `is to be built from "testdata/nowhere/Dockerfile", which is no file; give the directory that holds it, relative to where cdk runs`},
		"no such file":         {FromAsset(".", &AssetOptions{File: "Web.dockerfile"}), `is to be built from "Web.dockerfile", which is no file; give the directory that holds it, relative to where cdk runs`},
	} {
		t.Run(name, func(t *testing.T) { assert.EqualError(t, c.image.Validate(), c.want) })
	}
}

func TestImagesAreTaken(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM scratch\n"), 0o600))
	for name, image := range map[string]Image{
		"public":        FromRegistry("public.ecr.aws/nginx/nginx:stable"),
		"Docker Hub":    FromRegistry("nginx"),
		"digest":        FromRegistry("ghcr.io/o/i@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
		"tag open":      FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${Token[P.4]}"),
		"token":         FromRegistry("${Token[TOKEN.7]}:1"),
		"repository":    FromEcrRepository(anyRepository{}, "1.4.2"),
		"asset":         FromAsset(dir, nil),
		"cached":        FromPullThroughCache(PullThroughCacheOf(DockerHub, "mine"), "library/nginx:1.27"),
		"cached digest": FromPullThroughCache(PullThroughCacheOf(Kubernetes, ""), "pause@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
		"cached, open":  FromPullThroughCache(PullThroughCacheOf(Kubernetes, ""), "pause:${Token[P.4]}"),
		"own, running":  FromRepository(withRules("v*"), "v1"),
		"own, kept":     FromRepository(withRules("v*"), "1.4.2"),
		"own, any runs": FromRepository(withRules("*"), "ci-17"),
		"own, open":     FromRepository(withRules("v*"), "${Token[P.4]}"),
		"own, digest":   FromRepository(withRules("v*"), "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
		"other file":    FromAsset(dir, &AssetOptions{File: "Dockerfile"}),
	} {
		t.Run(name, func(t *testing.T) { assert.NoError(t, image.Validate()) })
	}
}

func TestInPrivateEcr(t *testing.T) {
	private := []Image{
		FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:1"),
		FromRegistry("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/web@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
		FromEcrRepository(anyRepository{}, "1"),
		FromRepository(withRules("*"), "1"),
		FromPullThroughCache(PullThroughCacheOf(Quay, ""), "prometheus/prometheus:v3.1.0"),
		FromAsset(".", nil),
	}
	for _, image := range private {
		assert.True(t, image.InPrivateEcr(), "%+v", image)
	}
	assert.False(t, FromRegistry("public.ecr.aws/nginx/nginx:stable").InPrivateEcr())
}

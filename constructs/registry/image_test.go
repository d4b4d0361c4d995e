package registry

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/internal/fake"
)

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// anyRepository stands for one where only its presence counts.
type anyRepository struct{ awsecr.IRepository }

// withRules is a repository that expires what begins with "ci-".
func withRules(deployed ...string) *Repository {
	return &Repository{Construct: fake.Construct{}, Repository: anyRepository{}, deployed: deployed,
		rules: []LifecycleRule{{TagPattern: "ci-*", KeepLast: 5}}}
}

// cacheOf is an existing cache.
func cacheOf(upstream Upstream, prefix string) *PullThroughCache {
	a := PullThroughCacheAttributes{Upstream: upstream, RepositoryPrefix: prefix}
	a.setDefaults()
	return &PullThroughCache{upstream: upstream, prefix: a.RepositoryPrefix}
}

func TestImagesAreRefused(t *testing.T) {
	const (
		none     = "is required; use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset"
		form     = `must be an image reference such as "public.ecr.aws/nginx/nginx:stable" (invalid reference format`
		noTag    = `must have a tag such as "1.4.2", or a digest ("sha256:...")`
		nameOnly = `must have a tag such as ":1.4.2", or a digest ("@sha256:..."), because what runs would change by itself; `
		openEcr  = "must be a literal, not a CDK token, because permission to pull is granted for the account, Region and repository in it; " +
			"use registry.FromEcrRepository, with awsecr.Repository_FromRepositoryName for an existing repository"
		noCache = "must come from a cache of registry.NewPullThroughCache or registry.PullThroughCacheFrom"
		inCache = "must be the image's name in its registry, such as "
	)
	for name, c := range map[string]struct {
		image Image
		want  string
	}{
		"none":   {Image{}, none},
		"empty":  {FromRegistry(""), none},
		"no tag": {FromRegistry("public.ecr.aws/nginx/nginx"), nameOnly + `got "public.ecr.aws/nginx/nginx"`},
		"no tag, Docker Hub": {FromRegistry("nginx"), nameOnly + `got "nginx"; add one; a pull-through cache also avoids Docker Hub's ` +
			"limit of pulls"},
		"no tag, a port": {FromRegistry("localhost:5000/x"), nameOnly + `got "localhost:5000/x"`},
		"no tag, private ECR": {FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/web"),
			nameOnly + `got "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web"`},
		"upper case":           {FromRegistry("Nginx"), form + `: repository name (Nginx) must be lowercase); got "Nginx"`},
		"blank inside":         {FromRegistry("my image"), form + `); got "my image"`},
		"repository, no tag":   {FromEcrRepository(anyRepository{}, ""), noTag},
		"ECR, account open":    {FromRegistry("${Token[AWS.AccountId.4]}.dkr.ecr.eu-west-1.amazonaws.com/web:1"), openEcr},
		"ECR, repository open": {FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/${Token[P.4]}:1"), openEcr},
		"cache, nothing":       {FromPullThroughCache(cacheOf(Quay, ""), ""), inCache + `"prometheus/prometheus:v3.1.0"; got ""`},
		"cache, no tag": {FromPullThroughCache(cacheOf(DockerHub, ""), "library/nginx"),
			`must have a tag or a digest, such as "library/nginx:1.27"; got "library/nginx"`},
		"cache, no namespace": {FromPullThroughCache(cacheOf(DockerHub, ""), "nginx:1.27"),
			`must have a namespace; got "nginx:1.27"; use "library/nginx:1.27" for one of Docker's own images`},
		"cache, registry": {FromPullThroughCache(cacheOf(GitHub, ""), "ghcr.io/owner/image:1"),
			`must be the image's name without its registry, such as "owner/image:1.4.2"; got "ghcr.io/owner/image:1"`},
		"cache, upper case": {FromPullThroughCache(cacheOf(EcrPublic, ""), "Nginx/nginx:1"), inCache + `"nginx/nginx:1.27"; got "Nginx/nginx:1"`},
		"cache, digest": {FromPullThroughCache(cacheOf(Kubernetes, ""), "pause@sha256:0"),
			inCache + `"pause:3.10" (invalid reference format); got "pause@sha256:0"`},
		"cache, open": {FromPullThroughCache(cacheOf(EcrPublic, ""), "${Token[P.4]}:1"),
			"must be a literal, not a CDK token, because the cache's repository is named after it"},
		"cache, prefix":   {FromPullThroughCache(cacheOf(EcrPublic, "Mine"), "nginx/nginx:1"), noCache},
		"cache, upstream": {FromPullThroughCache(cacheOf("maven", "mine"), "nginx/nginx:1"), noCache},
		"own, literal": {FromRepository(&Repository{}, "1"),
			"must come from a repository of registry.NewRepository or registry.RepositoryFrom"},
		"cache, literal": {FromPullThroughCache(&PullThroughCache{}, "nginx/nginx:1"), noCache},
		"no cache":       {FromPullThroughCache(nil, "nginx/nginx:1"), none},
		"own, none":      {FromRepository(nil, "1"), none},
		"own, no tag":    {FromRepository(withRules("v*"), ""), noTag},
		"own, expiring": {FromRepository(withRules("v*"), "ci-17"),
			"must not have a tag that LifecycleRules[0] of its repository expires while it is deployed; " +
				`got "ci-17"; use one of DeployedTags (v*), or add the tag to them`},
		"parameter, no name": {FromDigestParameter(anyRepository{}, ""),
			`must have a parameter name of 1 to 255 letters and digits such as "ImageDigest"; got ""`},
		"parameter, hyphen": {FromTagParameter(
			&Repository{Construct: fake.Construct{}, Repository: anyRepository{}, immutable: true}, "image-tag"),
			`must have a parameter name of 1 to 255 letters and digits such as "ImageDigest"; got "image-tag"`},
		"parameter, tag moves": {FromTagParameter(withRules("v*"), "ImageTag"), "must be in a repository of registry.NewRepository without " +
			"MutableTags, because a tag that moves changes what runs without a deployment; use registry.FromDigestParameter"},
		"parameter, SSM": {FromSsmParameter(anyRepository{}, "shop/web"),
			`must have the name of an SSM parameter such as "/shop/web/digest"; got "shop/web"`},
		"parameter, literal": {FromTagParameter(&Repository{}, "ImageTag"),
			"must come from a repository of registry.NewRepository or registry.RepositoryFrom"},
		"parameter, none":     {FromDigestParameter(nil, "ImageDigest"), none},
		"tag parameter, none": {FromTagParameter(nil, "ImageTag"), none},
		"SSM, none":           {FromSsmParameter(nil, "/shop/web"), none},
		"no directory": {FromAsset("testdata/nowhere", nil),
			`must be a directory that exists, relative to the working directory; got "testdata/nowhere"`},
		"no such home": {FromAsset("~/web", nil),
			`must be a directory that exists, relative to the working directory; got "~/web"; use $HOME instead of ~`},
		"file":          {FromAsset("image.go", nil), `must be a directory, not a file; got "image.go"; use the directory of the Dockerfile`},
		"no Dockerfile": {FromAsset(".", nil), `requires a Dockerfile at "Dockerfile", relative to the working directory`},
		"no such file": {FromAsset(".", &AssetOptions{File: "Web.dockerfile"}),
			`requires a Dockerfile at "Web.dockerfile", relative to the working directory`},
	} {
		t.Run(name, func(t *testing.T) { assert.EqualError(t, c.image.Validate(), c.want) })
	}
}

func TestImagesAreAccepted(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM scratch\n"), 0o600))
	for name, image := range map[string]Image{
		"public":           FromRegistry("public.ecr.aws/nginx/nginx:stable"),
		"Docker Hub":       FromRegistry("nginx:1.29"),
		"digest only":      FromRegistry("nginx@" + digest),
		"port and tag":     FromRegistry("localhost:5000/x:1"),
		"digest":           FromRegistry("ghcr.io/o/i@" + digest),
		"tag open":         FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${Token[P.4]}"),
		"token":            FromRegistry("${Token[TOKEN.7]}:1"),
		"repository":       FromEcrRepository(anyRepository{}, "1.4.2"),
		"asset":            FromAsset(dir, nil),
		"cached":           FromPullThroughCache(cacheOf(DockerHub, "mine"), "library/nginx:1.27"),
		"cached digest":    FromPullThroughCache(cacheOf(Kubernetes, ""), "pause@"+digest),
		"cached, open":     FromPullThroughCache(cacheOf(Kubernetes, ""), "pause:${Token[P.4]}"),
		"own, running":     FromRepository(withRules("v*"), "v1"),
		"own, kept":        FromRepository(withRules("v*"), "1.4.2"),
		"own, any runs":    FromRepository(withRules("*"), "ci-17"),
		"own, open":        FromRepository(withRules("v*"), "${Token[P.4]}"),
		"own, digest":      FromRepository(withRules("v*"), digest),
		"other file":       FromAsset(dir, &AssetOptions{File: "Dockerfile"}),
		"digest parameter": FromDigestParameter(anyRepository{}, "ImageDigest"),
		"tag parameter":    FromTagParameter(&Repository{Construct: fake.Construct{}, Repository: anyRepository{}, immutable: true}, "ImageTag"),
		"SSM parameter":    FromSsmParameter(anyRepository{}, "/shop/web.digest"),
		"SSM, flat":        FromSsmParameter(anyRepository{}, "web-digest"),
	} {
		t.Run(name, func(t *testing.T) { assert.NoError(t, image.Validate()) })
	}
}

func TestImagesTellTheirOrigin(t *testing.T) {
	const ecr = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1"
	china := "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/web@" + digest
	for name, c := range map[string]struct {
		image Image
		want  ImageOrigin
	}{
		"none": {Image{}, ImageOrigin{}},
		"public": {FromRegistry("public.ecr.aws/nginx/nginx:stable"),
			ImageOrigin{Reference: "public.ecr.aws/nginx/nginx:stable", InPublicEcr: true}},
		"by digest":  {FromRegistry("nginx@" + digest), ImageOrigin{Reference: "nginx@" + digest, IsImmutable: true}},
		"private":    {FromRegistry(ecr), ImageOrigin{Reference: ecr, AccountId: "111122223333", InPrivateEcr: true}},
		"in China":   {FromRegistry(china), ImageOrigin{Reference: china, AccountId: "111122223333", InPrivateEcr: true, IsImmutable: true}},
		"repository": {FromEcrRepository(anyRepository{}, "1"), ImageOrigin{Repository: anyRepository{}, InPrivateEcr: true}},
		"own, by digest": {FromRepository(withRules("*"), digest),
			ImageOrigin{Repository: anyRepository{}, InPrivateEcr: true, IsImmutable: true}},
		"cached": {FromPullThroughCache(cacheOf(EcrPublic, ""), "public.ecr.aws/x:1"), ImageOrigin{InPrivateEcr: true, IsCached: true}},
		"asset":  {FromAsset("web", nil), ImageOrigin{InPrivateEcr: true, IsAsset: true, IsImmutable: true}},
		"digest parameter": {FromDigestParameter(anyRepository{}, "ImageDigest"),
			ImageOrigin{Repository: anyRepository{}, InPrivateEcr: true, IsImmutable: true}},
		"tag parameter": {FromTagParameter(withRules("*"), "ImageTag"), ImageOrigin{Repository: anyRepository{}, InPrivateEcr: true}},
	} {
		assert.Equal(t, c.want, c.image.Origin(), name)
		assert.Equal(t, name == "none", c.image.IsZero(), name)
	}
}

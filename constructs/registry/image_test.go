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
		"public":     FromRegistry("public.ecr.aws/nginx/nginx:stable"),
		"Docker Hub": FromRegistry("nginx"),
		"digest":     FromRegistry("ghcr.io/o/i@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
		"tag open":   FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${Token[P.4]}"),
		"token":      FromRegistry("${Token[TOKEN.7]}:1"),
		"repository": FromEcrRepository(anyRepository{}, "1.4.2"),
		"asset":      FromAsset(dir, nil),
		"other file": FromAsset(dir, &AssetOptions{File: "Dockerfile"}),
	} {
		t.Run(name, func(t *testing.T) { assert.NoError(t, image.Validate()) })
	}
}

func TestInPrivateEcr(t *testing.T) {
	private := []Image{
		FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:1"),
		FromRegistry("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/web@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
		FromEcrRepository(anyRepository{}, "1"),
		FromAsset(".", nil),
	}
	for _, image := range private {
		assert.True(t, image.InPrivateEcr(), "%+v", image)
	}
	assert.False(t, FromRegistry("public.ecr.aws/nginx/nginx:stable").InPrivateEcr())
}

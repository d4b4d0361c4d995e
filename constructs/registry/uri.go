package registry

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/internal/opt"
)

// Uri is the image as resources take it that have no task definition: the text that `docker pull` takes. An asset is built for the given
// platform, which may be nil for other images. The puller may then pull just this image. Children are made under scope with names that
// begin with id.
func (i Image) Uri(scope constructs.Construct, id string, platform awsecrassets.Platform, puller awsiam.IGrantable) string {
	switch {
	case i.cache != nil:
		name, tagOrDigest := i.cache.split(i.reference)
		return *pulled(i.cache.repository(scope, id, name, puller), tagOrDigest, puller)
	case i.repository != nil:
		return *pulled(i.repository, i.tag, puller)
	case i.directory != "":
		asset := awsecrassets.NewDockerImageAsset(scope, jsii.String(id+"Image"), &awsecrassets.DockerImageAssetProps{
			Directory: &i.directory,
			File:      opt.String(i.asset.File),
			Target:    opt.String(i.asset.Target),
			BuildArgs: opt.StringMap(i.asset.BuildArgs),
			Platform:  platform,
		})
		asset.Repository().GrantPull(puller)
		return *asset.ImageUri()
	}
	if repository := i.written(scope, id); repository != nil {
		repository.GrantPull(puller)
	}
	return i.reference
}

func pulled(repository awsecr.IRepository, tagOrDigest string, puller awsiam.IGrantable) *string {
	repository.GrantPull(puller)
	return repository.RepositoryUriForTagOrDigest(&tagOrDigest)
}

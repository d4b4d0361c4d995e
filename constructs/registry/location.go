package registry

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/internal/opt"
)

// What a service has to know of an image that is not a task's: ContainerImage is for those.

// Given tells whether there is an image at all.
func (i Image) Given() bool {
	return i.reference != "" || i.own != nil || i.cache != nil || i.repository != nil || i.tag != "" || i.directory != ""
}

// Cached tells whether the image comes through a pull-through cache, which does not have it before the first pull.
func (i Image) Cached() bool { return i.cache != nil }

// InPublicEcr tells whether the image comes from public.ecr.aws.
func (i Image) InPublicEcr() bool {
	return strings.HasPrefix(i.reference, "public.ecr.aws/") && i.cache == nil
}

// Pinned tells whether it always is the same image: one by digest, or one that is built, whose tag is made of what is in it.
func (i Image) Pinned() bool {
	return i.Built() || strings.HasPrefix(i.tag, "sha256:") || strings.Contains(i.reference, "@")
}

// Written is the image as it was written for FromRegistry, else "".
func (i Image) Written() string {
	if i.cache != nil {
		return ""
	}
	return i.reference
}

// EcrAccount is the account of an image's repository in private ECR, as far as it is known, which may be a token; else "".
func (i Image) EcrAccount() string {
	if i.repository != nil {
		return *i.repository.Env().Account
	}
	if ecr := privateEcr.FindStringSubmatch(i.reference); ecr != nil {
		return ecr[1]
	}
	return ""
}

// Location is the image as `docker pull` takes it, and its repository in private ECR, on which whoever pulls it needs the right to; nil
// for an image of another registry. An asset is built for the given platform. It is not for images of a pull-through cache.
// Children are made under scope with names that begin with id.
func (i Image) Location(scope constructs.Construct, id string, platform awsecrassets.Platform) (*string, awsecr.IRepository) {
	switch {
	case i.repository != nil:
		return i.repository.RepositoryUriForTagOrDigest(&i.tag), i.repository
	case i.directory != "":
		asset := awsecrassets.NewDockerImageAsset(scope, jsii.String(id+"Image"), &awsecrassets.DockerImageAssetProps{
			Directory: &i.directory,
			File:      opt.String(i.asset.File),
			Target:    opt.String(i.asset.Target),
			BuildArgs: opt.StringMap(i.asset.BuildArgs),
			Platform:  platform,
		})
		return asset.ImageUri(), asset.Repository()
	}
	ecr := privateEcr.FindStringSubmatch(i.reference)
	if ecr == nil {
		return &i.reference, nil
	}
	account, region, name := ecr[1], ecr[2], ecr[3]
	return &i.reference, awsecr.Repository_FromRepositoryArn(scope, jsii.String(id+"Repository"),
		jsii.String(fmt.Sprintf("arn:%s:ecr:%s:%s:repository/%s", partition(region), region, account, name)))
}

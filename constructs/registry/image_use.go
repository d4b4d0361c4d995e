package registry

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// This file is for constructs that run an image: packages ecs, express and apprunner, and those of your own.

// IsZero reports whether there is no image.
func (i Image) IsZero() bool {
	return i.reference == "" && i.construct == nil && i.cache == nil && i.repository == nil && i.tag == "" && i.directory == ""
}

// ImageOrigin is what is known of an image before it is used, for constructs that cannot run every image.
type ImageOrigin struct {
	// Reference is the image as it was given to FromRegistry; empty for other images.
	Reference string
	// Repository is the repository that the image was taken from by tag, digest or parameter; nil for other images.
	Repository awsecr.IRepository
	// AccountId is the account of a Reference into private ECR; empty for other images.
	AccountId string
	// InPrivateEcr is true if pulling the image takes permissions in ECR, InPublicEcr if it comes from public.ecr.aws.
	InPrivateEcr, InPublicEcr bool
	// IsCached is true for an image of a pull-through cache, which does not have it before the first pull.
	IsCached bool
	// IsAsset is true for an image that is built by `cdk deploy`, for a platform.
	IsAsset bool
	// HasCredentials is true if pulling the image takes a user name and a password that are in Secrets Manager.
	HasCredentials bool
	// IsImmutable is true if it always is the same image: one by digest, or an asset, whose tag is a hash of its contents.
	IsImmutable bool
}

// Origin returns where the image comes from.
func (i Image) Origin() ImageOrigin {
	o := ImageOrigin{
		Repository:  i.repository,
		IsCached:    i.cache != nil,
		IsAsset:     i.repository == nil && i.directory != "",
		IsImmutable: isDigest(i.tag) || strings.Contains(i.reference, "@") || i.parameter.isSet() && i.parameter.kind != ofTag,

		HasCredentials: i.isPrivate,
	}
	o.IsImmutable = o.IsImmutable || o.IsAsset
	if !o.IsCached {
		o.Reference = i.reference
		o.InPublicEcr = strings.HasPrefix(i.reference, "public.ecr.aws/")
	}
	if ecr := privateEcr.FindStringSubmatch(o.Reference); ecr != nil {
		o.AccountId = ecr[1]
	}
	o.InPrivateEcr = o.Repository != nil || o.IsCached || o.IsAsset || o.AccountId != ""
	return o
}

func isDigest(tag string) bool { return strings.HasPrefix(tag, "sha256:") }

// ContainerImage returns the image as the CDK's ECS constructs take it. An asset is built for the given platform, which must be
// that of the task and may be nil for other images, which must offer it. The puller, a task's execution role, may then pull just
// this image; it may be nil for an image whose Origin is not InPrivateEcr. The execution role of the task that the image is added to may
// read its credentials. Children are made under scope with names that begin with
// id. It panics with *invalid.Error if the image or an argument is invalid.
func (i Image) ContainerImage(
	scope constructs.Construct, id string, platform awsecrassets.Platform, puller awsiam.IGrantable,
) awsecs.ContainerImage {
	i.refuse("ContainerImage", scope, platform, puller)
	switch {
	case i.cache != nil:
		repository, tagOrDigest := i.cache.cachedRepository(scope, id, i.reference, puller)
		return awsecs.ContainerImage_FromEcrRepository(repository, &tagOrDigest) // grants the pull
	case i.parameter.isSet():
		uri := i.parameterUri(scope) // the CDK would take the digest, which it doesn't know, for a tag
		return pulledFrom(i.repository, &uri, scope, puller)
	case i.repository != nil:
		return awsecs.ContainerImage_FromEcrRepository(i.repository, &i.tag) // grants by itself, to the execution role
	case i.directory != "":
		return awsecs.ContainerImage_FromDockerImageAsset(i.build(scope, id, platform))
	}
	if repository := i.referencedRepository(scope, id); repository != nil {
		return pulledFrom(repository, &i.reference, scope, puller)
	}
	// As it was written: the CDK's own form of an ECR image would lose a FIPS or dual-stack host, and a digest beside a tag.
	return awsecs.ContainerImage_FromRegistry(&i.reference, i.repositoryCredentials(scope, id))
}

// pulledFrom returns an image in private ECR by its URI, which the puller may then pull.
func pulledFrom(repository awsecr.IRepository, uri *string, scope constructs.Construct, puller awsiam.IGrantable) awsecs.ContainerImage {
	repository.GrantPull(puller)
	// The CDK cannot know of the grant.
	awscdk.Annotations_Of(scope).AcknowledgeWarning(jsii.String("@aws-cdk/aws-ecs:ecrImageRequiresPolicy"), nil)
	return awsecs.ContainerImage_FromRegistry(uri, nil)
}

// Resolve returns the image's URI, as resources without a task definition take it, and its repository in private ECR, nil for an
// image of another registry. An asset is built for the given platform, which may be nil for other images. The puller may then
// pull just this image; it may be nil for an image whose Origin is not InPrivateEcr. Children are made under scope with names
// that begin with id. It panics with *invalid.Error if the image or an argument is invalid.
func (i Image) Resolve(
	scope constructs.Construct, id string, platform awsecrassets.Platform, puller awsiam.IGrantable,
) (uri string, repository awsecr.IRepository) {
	i.refuse("Resolve", scope, platform, puller)
	if i.isPrivate {
		var bad invalid.Problems
		bad.Add("image", "must not need credentials, which only task definitions have a place for").Given(i.reference)
		check.Arguments(scope, "Resolve", bad)
	}
	switch {
	case i.cache != nil:
		var tagOrDigest string
		repository, tagOrDigest = i.cache.cachedRepository(scope, id, i.reference, puller)
		uri = *repository.RepositoryUriForTagOrDigest(&tagOrDigest)
	case i.parameter.isSet():
		uri, repository = i.parameterUri(scope), i.repository
	case i.repository != nil:
		uri, repository = *i.repository.RepositoryUriForTagOrDigest(&i.tag), i.repository
	case i.directory != "":
		asset := i.build(scope, id, platform)
		uri, repository = *asset.ImageUri(), asset.Repository()
	default:
		uri, repository = i.reference, i.referencedRepository(scope, id)
	}
	if repository != nil {
		repository.GrantPull(puller)
	}
	return uri, repository
}

// refuse panics with *invalid.Error if a method can't use the image with its arguments.
func (i Image) refuse(method string, scope constructs.Construct, platform awsecrassets.Platform, puller awsiam.IGrantable) {
	var bad invalid.Problems
	check.NotNil("scope", scope, "the construct below which to create what the image takes", &bad)
	if len(bad) > 0 {
		scope = nil // which has no path
	}
	origin := i.Origin()
	if origin.IsAsset {
		check.NotNil("platform", platform, "the platform to build the image for", &bad)
	}
	if origin.InPrivateEcr {
		check.NotNil("puller", puller, "the role that pulls the image", &bad)
	}
	bad.Nest("image", i.Validate())
	check.Arguments(scope, method, bad)
}

func (i Image) build(scope constructs.Construct, id string, platform awsecrassets.Platform) awsecrassets.DockerImageAsset {
	return awsecrassets.NewDockerImageAsset(scope, jsii.String(id+"Image"), &awsecrassets.DockerImageAssetProps{
		Directory: &i.directory,
		File:      opt.String(i.asset.File),
		Target:    opt.String(i.asset.Target),
		BuildArgs: opt.StringMap(i.asset.BuildArgs),
		Platform:  platform,
		Exclude:   jsii.Strings(i.excluded(scope)...),
	})
}

// excluded lists what must not be in the image's context: it differs from one synthesis to the next, and with it the image. The CDK
// excludes its output only if that is a path relative to the context, and otherwise copies it into itself, also by a symbolic link out of
// the context.
func (i Image) excluded(scope constructs.Construct) []string {
	patterns := []string{"**/.git", "**/cdk.out"}
	stage := awscdk.Stage_Of(scope)
	if stage == nil {
		return patterns
	}
	outdir := *stage.AssetOutdir()
	if isSame(i.directory, outdir) {
		var bad invalid.Problems
		bad.Add("Image", "must not be built from the directory that the CDK writes to").Given(i.directory).
			Advise("choose another output directory, such as the default cdk.out")
		invalid.Panic(*scope.Node().Path(), bad)
	}
	_ = filepath.WalkDir(i.directory, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "cdk.out"):
			return fs.SkipDir
		case path == i.directory || entry.Type()&fs.ModeSymlink != 0:
			if output, isIn := within(path, outdir); isIn {
				at, _ := filepath.Rel(i.directory, filepath.Join(path, output))
				patterns = append(patterns, filepath.ToSlash(at))
			}
		}
		return nil
	})
	return patterns
}

// isSame reports whether two paths lead to one directory.
func isSame(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// within returns a path relative to the directory that it is in.
func within(directory, path string) (relative string, isIn bool) {
	for _, p := range []*string{&directory, &path} {
		if absolute, err := filepath.Abs(*p); err == nil {
			*p = absolute
		}
		if resolved, err := filepath.EvalSymlinks(*p); err == nil {
			*p = resolved
		}
	}
	relative, err := filepath.Rel(directory, path)
	return relative, err == nil && relative != "." && filepath.IsLocal(relative)
}

// referencedRepository returns the repository of private ECR that the reference names, or nil.
func (i Image) referencedRepository(scope constructs.Construct, id string) awsecr.IRepository {
	ecr := privateEcr.FindStringSubmatch(i.reference)
	if ecr == nil {
		return nil
	}
	account, region, name := ecr[1], ecr[2], ecr[3]
	return awsecr.Repository_FromRepositoryArn(scope, jsii.String(id+"Repository"),
		jsii.String(fmt.Sprintf("arn:%s:ecr:%s:%s:repository/%s", partition(region), region, account, name)))
}

// partition is the one a Region belongs to. The ARN must be literal, for the CDK reads account, Region and name from it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}

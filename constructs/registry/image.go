package registry

import (
	_ "crypto/sha256" // the digests of images: the parser knows those that the program has linked
	_ "crypto/sha512"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/distribution/reference"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/opt"
)

// Image says where a container image comes from. Make one with FromRegistry, FromRepository, FromEcrRepository,
// FromPullThroughCache or FromAsset; the zero value is no image.
type Image struct {
	reference  string
	own        *Repository
	cache      *PullThroughCache
	repository awsecr.IRepository
	tag        string
	directory  string
	asset      AssetOptions
}

// AssetOptions are the choices for an image that is built from a Dockerfile.
type AssetOptions struct {
	// File is the Dockerfile, relative to the directory. Default: "Dockerfile".
	File string
	// Target is the stage of a multi-stage build to stop at. Default: the last one.
	Target string
	// BuildArgs are values for the Dockerfile's ARG lines. They can be read from the image: never put a secret here. Default:
	// none.
	BuildArgs map[string]string
}

// FromRegistry names an image the way `docker pull` takes it, with a tag or a digest: "public.ecr.aws/nginx/nginx:stable".
// A reference into private ECR ("<account>.dkr.ecr.<region>.amazonaws.com/...") is understood, and the right to pull from
// just that repository is granted; account, Region and repository must be written out. Other registries must serve the image without credentials.
func FromRegistry(reference string) Image {
	return Image{reference: reference}
}

// FromRepository takes an image from a repository of NewRepository, by tag ("1.4.2") or digest ("sha256:..."). A tag that one of the
// repository's rules would expire while it runs is refused.
func FromRepository(repository *Repository, tagOrDigest string) Image {
	if repository == nil {
		return Image{}
	}
	return Image{own: repository, repository: repository.Repository, tag: tagOrDigest}
}

// FromPullThroughCache takes an image through a cache, by the name that its registry has for it, with a tag or a digest:
// "library/nginx:1.27". The first pull, by the first task, caches it; in subnets without a way to the internet that one fails.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-working-pulling.html
func FromPullThroughCache(cache *PullThroughCache, image string) Image {
	if cache == nil {
		return Image{}
	}
	return Image{cache: cache, reference: image}
}

// FromEcrRepository takes an image from a private ECR repository that was made elsewhere, by tag ("1.4.2") or digest ("sha256:...").
func FromEcrRepository(repository awsecr.IRepository, tagOrDigest string) Image {
	return Image{repository: repository, tag: tagOrDigest}
}

// FromAsset builds an image from the Dockerfile in a directory when `cdk deploy` runs, which needs a container engine
// there, and keeps it in the bootstrap stack's ECR repository. The path is relative to the working directory. options may
// be nil.
func FromAsset(directory string, options *AssetOptions) Image {
	image := Image{directory: directory}
	if options != nil {
		image.asset = *options
	}
	return image
}

// privateEcr matches a reference into private ECR.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
var privateEcr = regexp.MustCompile(`^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.(?:aws|amazonwebservices\.com\.cn))/([^:@$]+)(?:[:@]|$)`)

// anyEcr matches what privateEcr matches, and the same with tokens in it.
var anyEcr = regexp.MustCompile(`\.dkr[.-]ecr`)

// Validate tells what is wrong with the image: "is empty; ...".
func (i Image) Validate() error {
	var bad invalid.Problems
	switch {
	case i.cache != nil:
		i.cache.check(i.reference, &bad)
	case i.repository != nil || i.own != nil:
		i.checkTag(&bad)
	case i.directory != "":
		if err := i.dockerfile(); err != nil {
			bad.Add("", "%v", err)
		}
	case i.reference == "":
		bad.Add("", "is empty; use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset")
	case invalid.IsToken(i.reference):
		if anyEcr.MatchString(i.reference) && !privateEcr.MatchString(i.reference) {
			bad.Add("", "names a repository of private ECR by values that only the deployment knows; use registry.FromEcrRepository, with "+
				"awsecr.Repository_FromRepositoryName for one that exists")
		}
	default:
		if _, err := reference.ParseNormalizedNamed(i.reference); err != nil {
			bad.Add("", `%q is not an image reference (%v); write it as "public.ecr.aws/nginx/nginx:stable"`, i.reference, err)
		}
	}
	return bad.Err()
}

func (i Image) checkTag(bad *invalid.Problems) {
	if i.tag == "" {
		bad.Add("", `names no tag of its ECR repository; give a tag ("1.4.2") or a digest ("sha256:...")`)
		return
	}
	if i.own == nil || invalid.IsToken(i.tag) || strings.HasPrefix(i.tag, "sha256:") {
		return
	}
	if n := expiring(i.own.running, i.own.rules, i.tag); n >= 0 {
		bad.Add("", "has the tag %q, which LifecycleRules[%d] of its repository would expire while it runs; use one of its RunningTags %q, or add this to them",
			i.tag, n, i.own.running)
	}
}

// InPrivateEcr tells whether pulling the image takes permissions in ECR.
func (i Image) InPrivateEcr() bool {
	return i.repository != nil || i.cache != nil || i.directory != "" || privateEcr.MatchString(i.reference)
}

// Built tells whether the image is an asset, which is built for a platform.
func (i Image) Built() bool { return i.repository == nil && i.directory != "" }

func (i Image) dockerfile() error {
	file := i.asset.File
	if file == "" {
		file = "Dockerfile"
	}
	info, err := os.Stat(filepath.Join(i.directory, file))
	if err == nil && info.Mode().IsRegular() {
		return nil
	}
	return fmt.Errorf("is to be built from %q, which is no file; give the directory that holds it, relative to where cdk runs",
		filepath.Join(i.directory, file))
}

// ContainerImage is the image as the CDK's ECS constructs take it. An asset is built for the given platform, which must be
// that of the task and may be nil for other images, which must offer it. The puller, a task's execution role, may then pull just this image.
// Children are made under scope with names that begin with id.
func (i Image) ContainerImage(scope constructs.Construct, id string, platform awsecrassets.Platform, puller awsiam.IGrantable) awsecs.ContainerImage {
	switch {
	case i.cache != nil:
		name, tagOrDigest := i.cache.split(i.reference)
		return i.cache.image(scope, id, name, tagOrDigest, puller)
	case i.repository != nil:
		return awsecs.ContainerImage_FromEcrRepository(i.repository, &i.tag) // grants by itself, to the execution role
	case i.directory != "":
		return awsecs.ContainerImage_FromDockerImageAsset(awsecrassets.NewDockerImageAsset(scope, jsii.String(id+"Image"),
			&awsecrassets.DockerImageAssetProps{
				Directory: &i.directory,
				File:      opt.String(i.asset.File),
				Target:    opt.String(i.asset.Target),
				BuildArgs: opt.StringMap(i.asset.BuildArgs),
				Platform:  platform,
			}))
	}
	if repository := i.written(scope, id); repository != nil {
		repository.GrantPull(puller)
		// The CDK cannot know of the grant.
		awscdk.Annotations_Of(scope).AcknowledgeWarning(jsii.String("@aws-cdk/aws-ecs:ecrImageRequiresPolicy"), nil)
	}
	// As it was written: the CDK's own form of an ECR image would lose a FIPS or dual-stack host, and a digest beside a tag.
	return awsecs.ContainerImage_FromRegistry(&i.reference, nil)
}

// written is the repository of private ECR that the reference writes out, or nil.
func (i Image) written(scope constructs.Construct, id string) awsecr.IRepository {
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

package registry

import (
	_ "crypto/sha256" // the digests of images: the parser knows those that the program has linked
	_ "crypto/sha512"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/distribution/reference"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// Image is a container image by where it comes from. Get one from FromRegistry, FromRepository, FromEcrRepository,
// FromPullThroughCache, FromAsset, FromDigestParameter, FromTagParameter or FromSsmParameter; the zero value is no image.
type Image struct {
	reference  string
	construct  *Repository
	cache      *PullThroughCache
	repository awsecr.IRepository
	tag        string
	parameter  imageParameter
	directory  string
	asset      AssetOptions

	credentials    awssecretsmanager.ISecret // of WithCredentials
	credentialsArn string                    // of WithCredentialsArn
	isPrivate      bool                      // one of the two was called
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
// just that repository is granted; account, Region and repository must be literals, not CDK tokens. Another registry that asks
// for a user name and a password needs WithCredentials or WithCredentialsArn.
func FromRegistry(reference string) Image {
	return Image{reference: reference}
}

// FromRepository uses an image of a repository, by tag ("1.4.2") or digest ("sha256:..."). A tag that one of the repository's
// lifecycle rules would expire while it is deployed is refused.
func FromRepository(repository *Repository, tagOrDigest string) Image {
	if repository == nil {
		return Image{}
	}
	return Image{construct: repository, repository: repository.Repository, tag: tagOrDigest}
}

// FromPullThroughCache uses an image through a cache, by the name that its registry has for it, with a tag or a digest:
// "library/nginx:1.27". The first pull, by the first task, caches it; in subnets without a way to the internet that one fails.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-working-pulling.html
func FromPullThroughCache(cache *PullThroughCache, image string) Image {
	if cache == nil {
		return Image{}
	}
	return Image{cache: cache, reference: image}
}

// FromEcrRepository uses an image of a repository of the CDK's own, by tag ("1.4.2") or digest ("sha256:...").
func FromEcrRepository(repository awsecr.IRepository, tagOrDigest string) Image {
	return Image{repository: repository, tag: tagOrDigest}
}

// FromAsset builds an image from the Dockerfile in a directory when `cdk deploy` runs, which needs a container engine
// there, and keeps it in the bootstrap stack's ECR repository. The path is relative to the working directory. Synthesis copies the
// directory, and a change in it is a new image: .dockerignore lists what to leave out. The directories .git and cdk.out, and the one
// that the CDK writes to, are never part of it. options may be nil.
func FromAsset(directory string, options *AssetOptions) Image {
	image := Image{directory: directory}
	if options != nil {
		image.asset = *options
	}
	return image
}

// privateEcr matches a reference into private ECR.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
var privateEcr = regexp.MustCompile(`^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.` +
	`(?:amazonaws\.com(?:\.cn)?|on\.(?:aws|amazonwebservices\.com\.cn))/([^:@$]+)(?:[:@]|$)`)

// anyEcr matches what privateEcr matches, and the same with tokens in it.
var anyEcr = regexp.MustCompile(`\.dkr[.-]ecr`)

// Validate returns what is wrong with the image, or nil.
func (i Image) Validate() error {
	var bad invalid.Problems
	switch {
	case i.construct != nil && !invalid.IsMade(i.construct):
		bad.Add("", "must come from a repository of registry.NewRepository or registry.RepositoryFrom")
	case i.cache != nil:
		i.cache.validateImage(i.reference, &bad)
	case i.parameter.isSet():
		i.checkParameter(&bad)
	case i.repository != nil || i.construct != nil:
		i.checkTag(&bad)
	case i.directory != "":
		i.checkDockerfile(&bad)
	case i.reference == "":
		bad.Add("", "is required").Advise("use registry.FromRegistry, registry.FromEcrRepository or registry.FromAsset")
	case invalid.IsToken(i.reference):
		if anyEcr.MatchString(i.reference) && !privateEcr.MatchString(i.reference) {
			check.Literal("", i.reference, "permission to pull is granted for the account, Region and repository in it", &bad).
				Advise("use registry.FromEcrRepository, with awsecr.Repository_FromRepositoryName for an existing repository")
		}
	default:
		named, err := reference.ParseNormalizedNamed(i.reference)
		if err == nil {
			i.checkNameOnly(named, &bad)
			break
		}
		reason := err.Error()
		if !strings.Contains(i.reference, "library/") {
			reason = strings.ReplaceAll(reason, "library/", "") // the parser's own, before a name without a namespace
		}
		bad.Add("", `must be an image reference such as "public.ecr.aws/nginx/nginx:stable" (%s)`, reason).Given(i.reference)
	}
	i.checkCredentials(&bad)
	return bad.Err()
}

// checkNameOnly refuses a reference without a tag or a digest: what runs would change by itself, from one task to the next.
func (i Image) checkNameOnly(named reference.Named, bad *invalid.Problems) {
	if !reference.IsNameOnly(named) {
		return
	}
	p := bad.Add("", `must have a tag such as ":1.4.2", or a digest ("@sha256:..."), because what runs would change by itself`)
	p.Given(i.reference)
	if reference.Domain(named) == dockerHub {
		p.Advise("add one; a pull-through cache also avoids Docker Hub's limit of pulls")
	}
}

// dockerHub is the registry of references without one.
const dockerHub = "docker.io"

func (i Image) checkTag(bad *invalid.Problems) {
	if i.tag == "" {
		bad.Add("", `must have a tag such as "1.4.2", or a digest ("sha256:...")`)
		return
	}
	if i.construct == nil || invalid.IsToken(i.tag) || isDigest(i.tag) {
		return
	}
	if n := expiring(i.construct.deployed, i.construct.rules, i.tag); n >= 0 {
		bad.Add("", "must not have a tag that LifecycleRules[%d] of its repository expires while it is deployed", n).Given(i.tag).
			Advise("use one of DeployedTags (%s), or add the tag to them", strings.Join(i.construct.deployed, ", "))
	}
}

func (i Image) checkDockerfile(bad *invalid.Problems) {
	file := i.asset.File
	opt.Default(&file, "Dockerfile")
	path := filepath.Join(i.directory, file)
	isFile := func(path string) bool {
		info, err := os.Stat(path)
		return err == nil && info.Mode().IsRegular()
	}
	switch info, err := os.Stat(i.directory); {
	case err != nil && strings.HasPrefix(i.directory, "~"):
		bad.Add("", "must be a directory that exists, relative to the working directory").Given(i.directory).Advise("use $HOME instead of ~")
	case err != nil:
		bad.Add("", "must be a directory that exists, relative to the working directory").Given(i.directory)
	case !info.IsDir():
		bad.Add("", "must be a directory, not a file").Given(i.directory).Advise("use the directory of the Dockerfile")
	case !isFile(path):
		bad.Add("", "requires a Dockerfile at %q, relative to the working directory", path)
	}
}

package registry

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/distribution/reference"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

const defaultCachedUntaggedDays = 30

// cachedImage matches the upstream's own name of an image: repository, tag, digest.
var cachedImage = regexp.MustCompile(`^([^:@]+)(?::([^@]+))?(?:@(.+))?$`)

// splitImage separates the upstream's name of an image. A digest says all that a tag beside it could.
func (c *PullThroughCache) splitImage(image string) (name, tagOrDigest string) {
	m := cachedImage.FindStringSubmatch(image)
	switch {
	case m == nil:
		return image, ""
	case m[3] != "":
		return m[1], m[3]
	default:
		return m[1], m[2]
	}
}

// validateImage refuses what is not the upstream's name of an image.
func (c *PullThroughCache) validateImage(image string, bad *invalid.Problems) {
	known, isKnown := upstreams[c.upstream]
	if !isKnown || !isCachePrefix(c.prefix) {
		bad.Add("", "must come from a cache of registry.NewPullThroughCache or registry.PullThroughCacheFrom")
		return
	}
	name, tagOrDigest := c.splitImage(image)
	first, _, isDeep := strings.Cut(name, "/")
	switch {
	case invalid.IsToken(name):
		check.Literal("", name, "the cache's repository is named after it", bad)
	case isDeep && strings.ContainsAny(first, ".") || strings.Contains(image, "://"):
		bad.Add("", "must be the image's name without its registry, such as %q", known.example).Given(image)
	case !check.IsRepositoryName(c.prefix + "/" + name):
		bad.Add("", "must be the image's name in its registry, such as %q", known.example).Given(image)
	case tagOrDigest == "":
		bad.Add("", "must have a tag or a digest, such as %q", known.example).Given(image)
	case c.upstream == DockerHub && !isDeep:
		bad.Add("", "must have a namespace").Given(image).Advise("use %q for one of Docker's own images", "library/"+image)
	case !invalid.IsToken(image):
		if _, err := reference.ParseNormalizedNamed("example.com/" + image); err != nil {
			bad.Add("", "must be the image's name in its registry, such as %q (%v)", known.example, err).Given(image)
		}
	}
}

func (p *PullThroughCacheProps) setDefaults() {
	known := upstreams[p.Upstream]
	opt.Default(&p.RepositoryPrefix, known.prefix)
	opt.Default(&p.UpstreamHost, known.host)
	opt.Default(&p.KeepUntaggedDays, defaultCachedUntaggedDays)
}

// The forms of the secret's ARN and name, and of the host of a registry of Azure.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-pullthroughcacherule.html
var (
	secretArn        = regexp.MustCompile(`^arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):(\d{12}):secret:(.+)$`)
	credentialSecret = regexp.MustCompile(`^` + secretPrefix + `[a-zA-Z0-9/_+=.@-]+$`)
	completeSecret   = regexp.MustCompile(`-[A-Za-z0-9]{6}$`)
	azureHost        = regexp.MustCompile(`^[a-z0-9]{5,50}\.azurecr\.io$`)
)

const secretPrefix = "ecr-pullthroughcache/"

// isCachePrefix reports whether the names of a cache's repositories can begin with a text.
func isCachePrefix(prefix string) bool {
	return len(prefix) <= 30 && check.IsRepositoryName(prefix)
}

// Validate returns all problems of the props, or nil. NewPullThroughCache also checks that the secret is in the same account and
// Region as the cache.
func (p *PullThroughCacheProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *PullThroughCacheProps) validate() error {
	var bad invalid.Problems
	checkUpstream(p.Upstream, p.RepositoryPrefix, &bad)
	known, isKnown := upstreams[p.Upstream]
	if !isKnown {
		return bad.Err()
	}
	switch {
	case p.Upstream == Azure && !azureHost.MatchString(p.UpstreamHost):
		bad.Add("UpstreamHost", `must be the host of an Azure registry, such as "example.azurecr.io"`).Given(p.UpstreamHost)
	case p.Upstream != Azure && p.UpstreamHost != known.host:
		bad.Add("UpstreamHost", "must be %q for Upstream %q", known.host, p.Upstream).Given(p.UpstreamHost).Advise("remove it")
	}
	check.Min("KeepUntaggedDays", p.KeepUntaggedDays, 1, &bad)
	p.checkCredentials(known.credentials, &bad)
	return bad.Err()
}

// checkUpstream refuses an upstream that is unknown, or else the prefix of its repositories.
func checkUpstream(upstream Upstream, prefix string, bad *invalid.Problems) {
	known, isKnown := upstreams[upstream]
	if !isKnown {
		check.RequiredKnown("Upstream", upstream, slices.Sorted(maps.Keys(upstreams)), bad)
		return
	}
	if !isCachePrefix(prefix) {
		bad.Add("RepositoryPrefix", "must be 2 to 30 lowercase letters and digits, separated by . _ - or /, such as %q", known.prefix).
			Given(prefix)
	}
}

func (p *PullThroughCacheProps) checkCredentials(needed bool, bad *invalid.Problems) {
	arn := secretArn.FindStringSubmatch(p.CredentialArn)
	switch {
	case p.CredentialArn == "" && needed:
		bad.Add("CredentialArn", "is required for Upstream %q: the ARN of a secret whose name begins with %q", p.Upstream, secretPrefix).
			Advise("create one that holds username and accessToken")
	case p.CredentialArn == "":
	case !needed:
		bad.Add("CredentialArn", "must not be set for Upstream %q, from which ECR pulls without credentials", p.Upstream).
			Given(p.CredentialArn).Advise("remove it")
	case invalid.IsToken(p.CredentialArn):
	case arn == nil:
		bad.Add("CredentialArn", "must be the ARN of a secret, such as %q",
			"arn:aws:secretsmanager:eu-west-1:111122223333:secret:"+secretPrefix+"docker-hub-a1b2c3").Given(p.CredentialArn)
	case !credentialSecret.MatchString(arn[3]):
		bad.Add("CredentialArn", "must be the ARN of a secret whose name begins with %q", secretPrefix).Given(p.CredentialArn)
	case !completeSecret.MatchString(arn[3]):
		bad.Add("CredentialArn", "must be a complete ARN, which ends in a hyphen and the six characters that Secrets Manager adds to the name").
			Given(p.CredentialArn).Advise("run aws secretsmanager describe-secret --secret-id %s --query ARN --output text", arn[3])
	}
}

// validateIn judges the props by the account and Region of the registry.
func (p *PullThroughCacheProps) validateIn(h home) error {
	var bad invalid.Problems
	arn := secretArn.FindStringSubmatch(p.CredentialArn)
	if arn != nil && (!h.mayHaveRegion(arn[1]) || !h.mayHaveAccount(arn[2])) {
		bad.Add("CredentialArn", "must be a secret in the account and Region of the cache (%s)", h).Given(p.CredentialArn)
	}
	return bad.Err()
}

func (a *PullThroughCacheAttributes) setDefaults() {
	opt.Default(&a.RepositoryPrefix, upstreams[a.Upstream].prefix)
}

// Validate returns all problems of the attributes, or nil.
func (a *PullThroughCacheAttributes) Validate() error {
	b := opt.Value(a)
	b.setDefaults()
	return b.validate()
}

func (a *PullThroughCacheAttributes) validate() error {
	var bad invalid.Problems
	checkUpstream(a.Upstream, a.RepositoryPrefix, &bad)
	return bad.Err()
}

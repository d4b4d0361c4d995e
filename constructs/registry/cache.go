package registry

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/distribution/reference"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
)

// Upstream is a registry of somebody else, by the name that ECR has for it.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html
type Upstream string

// The registries that ECR can cache. Another private ECR, whose rule has a role of its own, and Chainguard are not here.
const (
	// EcrPublic is public.ecr.aws.
	EcrPublic Upstream = "ecr-public"
	// Kubernetes is registry.k8s.io.
	Kubernetes Upstream = "k8s"
	// Quay is quay.io.
	Quay Upstream = "quay"
	// DockerHub is docker.io, which wants credentials.
	DockerHub Upstream = "docker-hub"
	// GitHub is ghcr.io, which wants credentials.
	GitHub Upstream = "github-container-registry"
	// GitLab is registry.gitlab.com, which wants credentials.
	GitLab Upstream = "gitlab-container-registry"
	// Azure is one of Azure's, which has a host of its own and wants credentials.
	Azure Upstream = "azure-container-registry"
)

// upstreams are what is known of them. host is "" where the user must say it.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
var upstreams = map[Upstream]struct {
	host, prefix, example string
	credentials           bool
}{
	EcrPublic:  {"public.ecr.aws", "ecr-public", "nginx/nginx:1.27", false},
	Kubernetes: {"registry.k8s.io", "kubernetes", "pause:3.10", false},
	Quay:       {"quay.io", "quay", "prometheus/prometheus:v3.1.0", false},
	DockerHub:  {"registry-1.docker.io", "docker-hub", "library/nginx:1.27", true},
	GitHub:     {"ghcr.io", "github", "owner/image:1.4.2", true},
	GitLab:     {"registry.gitlab.com", "gitlab", "group/project:1.4.2", true},
	Azure:      {"", "azure", "team/web:1.4.2", true},
}

// Prefix is what the names of its cached repositories begin with unless told otherwise.
func (u Upstream) Prefix() string { return upstreams[u].prefix }

// NeedsCredentials tells whether ECR pulls from it with credentials alone.
func (u Upstream) NeedsCredentials() bool { return upstreams[u].credentials }

// PullThroughCacheProps describe a cache of an upstream registry's images.
type PullThroughCacheProps struct {
	// Upstream is whose images are cached. Required.
	Upstream Upstream
	// UpstreamHost is the host of a registry of Azure, "example.azurecr.io". Required with Azure; default: that of the upstream.
	UpstreamHost string
	// RepositoryPrefix is what the names of the cached repositories begin with, before "/" and the upstream's own name: 2 to 30
	// characters. A registry takes each once. Default: "ecr-public", "kubernetes", "quay", "docker-hub", "github", "gitlab" or "azure".
	RepositoryPrefix string
	// CredentialArn is the ARN of a secret in Secrets Manager, in this account and Region, whose name begins with
	// "ecr-pullthroughcache/" and which holds username and accessToken; a person fills it. Required for upstreams that want
	// credentials; default: none.
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html
	CredentialArn string
	// ImmutableTags lets no cached tag change. The cache then never sees what its upstream moves, such as security fixes under
	// "stable". Default: false, ECR looks for a newer image at most once a day.
	ImmutableTags bool
	// KeepUntaggedDays is for how many days after their import images are kept that have lost their tag to a newer one. What runs by
	// digest is imported anew. Default: 30.
	KeepUntaggedDays int
	// EncryptionKey is a KMS key for the cached repositories. Default: a key that ECR manages, with AES-256, free of charge.
	EncryptionKey awskms.IKey
}

// PullThroughCache is a cache in private ECR of an upstream registry's images, each in a repository that ECR makes when
// it is pulled for the first time.
type PullThroughCache struct {
	constructs.Construct
	// Rule and Template are the CDK's own; nil for a cache made elsewhere.
	Rule     awsecr.CfnPullThroughCacheRule
	Template awsecr.CfnRepositoryCreationTemplate

	upstream Upstream
	prefix   string
}

const defaultCachedUntaggedDays = 30

// NewPullThroughCache makes a cache. What it holds, ECR has made and CloudFormation does not know: it stays when the stack is
// deleted. It panics with *invalid.Error when the props are wrong.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
func NewPullThroughCache(scope constructs.Construct, id string, props *PullThroughCacheProps) *PullThroughCache {
	var p PullThroughCacheProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	stack := awscdk.Stack_Of(scope)
	invalid.Refuse(scope, id, p.validate(*stack.Account(), *stack.Region()))

	c := &PullThroughCache{upstream: p.Upstream, prefix: p.RepositoryPrefix}
	constructs.NewConstruct_Override(c, scope, &id)
	c.Template = c.newTemplate(&p)
	c.Rule = awsecr.NewCfnPullThroughCacheRule(c, jsii.String("Rule"), &awsecr.CfnPullThroughCacheRuleProps{
		EcrRepositoryPrefix: &p.RepositoryPrefix,
		UpstreamRegistry:    jsii.String(string(p.Upstream)),
		UpstreamRegistryUrl: &p.UpstreamHost,
		CredentialArn:       opt.String(p.CredentialArn),
	})
	// A pull between the two would make a repository that the template comes too late for.
	c.Rule.Node().AddDependency(c.Template)
	return c
}

// PullThroughCacheOf takes a cache of this account and Region that was made elsewhere. prefix "" is the upstream's default.
func PullThroughCacheOf(upstream Upstream, prefix string) *PullThroughCache {
	if prefix == "" {
		prefix = upstreams[upstream].prefix
	}
	return &PullThroughCache{upstream: upstream, prefix: prefix}
}

// newTemplate says what the cached repositories are like, which else would keep everything forever.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
func (c *PullThroughCache) newTemplate(p *PullThroughCacheProps) awsecr.CfnRepositoryCreationTemplate {
	props := &awsecr.CfnRepositoryCreationTemplateProps{
		AppliedFor:         jsii.Strings("PULL_THROUGH_CACHE"),
		Prefix:             &p.RepositoryPrefix,
		Description:        jsii.String("Cached from " + p.UpstreamHost),
		ImageTagMutability: jsii.String("MUTABLE"),
		LifecyclePolicy:    untaggedPolicy(p.KeepUntaggedDays),
		EncryptionConfiguration: &awsecr.CfnRepositoryCreationTemplate_EncryptionConfigurationProperty{
			EncryptionType: jsii.String("AES256"),
		},
	}
	if p.ImmutableTags {
		props.ImageTagMutability = jsii.String("IMMUTABLE")
	}
	if p.EncryptionKey != nil {
		props.EncryptionConfiguration = &awsecr.CfnRepositoryCreationTemplate_EncryptionConfigurationProperty{
			EncryptionType: jsii.String("KMS"), KmsKey: p.EncryptionKey.KeyArn(),
		}
		props.CustomRoleArn = c.newCreationRole(p).RoleArn()
	}
	return awsecr.NewCfnRepositoryCreationTemplate(c, jsii.String("Template"), props)
}

// newCreationRole makes the role under which ECR makes repositories with a key; without one it has its own.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-custom.html
func (c *PullThroughCache) newCreationRole(p *PullThroughCacheProps) awsiam.Role {
	role := awsiam.NewRole(c, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("ecr.amazonaws.com"), nil),
		Description: jsii.String("Makes the repositories that begin with " + p.RepositoryPrefix),
	})
	repositories := repositoryArn(awscdk.Stack_Of(c), p.RepositoryPrefix+"/*")
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource"), Resources: &[]*string{repositories},
	}))
	p.EncryptionKey.Grant(role, *jsii.Strings("kms:CreateGrant", "kms:RetireGrant", "kms:DescribeKey")...)
	nag.Suppress(role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"Which images will be cached is not known before they are: all repositories of the one prefix")
	return role
}

// Uri is what to pull from, before "/" and the upstream's own name: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/docker-hub".
// It is nil for a cache made elsewhere.
func (c *PullThroughCache) Uri() string {
	if c.Construct == nil {
		return ""
	}
	stack := awscdk.Stack_Of(c)
	return *stack.Account() + ".dkr.ecr." + *stack.Region() + "." + *stack.UrlSuffix() + "/" + c.prefix
}

// image gives one of the cached images, and lets the puller have it cached as well.
func (c *PullThroughCache) image(scope constructs.Construct, id, name, tagOrDigest string, puller awsiam.IGrantable) awsecs.ContainerImage {
	return awsecs.ContainerImage_FromEcrRepository(c.repository(scope, id, name, puller), &tagOrDigest) // grants the pull
}

// repository is that of an image, which the puller may fill from upstream; to pull from it is another grant.
func (c *PullThroughCache) repository(scope constructs.Construct, id, name string, puller awsiam.IGrantable) awsecr.IRepository {
	stack := awscdk.Stack_Of(scope)
	if c.Construct != nil {
		stack = awscdk.Stack_Of(c)
		scope.Node().AddDependency(c) // the first pull comes with the first task
	}
	repository := awsecr.Repository_FromRepositoryAttributes(scope, jsii.String(id+"Repository"), &awsecr.RepositoryAttributes{
		RepositoryName: jsii.String(c.prefix + "/" + name), RepositoryArn: repositoryArn(stack, c.prefix+"/"+name),
	})
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: puller, Actions: jsii.Strings("ecr:BatchImportUpstreamImage", "ecr:CreateRepository"),
		ResourceArns: &[]*string{repository.RepositoryArn()},
	})
	return repository
}

// cachedImage matches the upstream's own name of an image: repository, tag, digest.
var cachedImage = regexp.MustCompile(`^([^:@]+)(?::([^@]+))?(?:@(.+))?$`)

// split takes the upstream's name of an image apart. A digest says all that a tag beside it could.
func (c *PullThroughCache) split(image string) (name, tagOrDigest string) {
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

// check tells what is wrong with the upstream's name of an image.
func (c *PullThroughCache) check(image string, bad *invalid.Problems) {
	known, ok := upstreams[c.upstream]
	if !ok || !isCachePrefix(c.prefix) {
		bad.Add("", "is from a cache of %q with the prefix %q; take one that registry.NewPullThroughCache takes", c.upstream, c.prefix)
		return
	}
	name, tagOrDigest := c.split(image)
	first, _, deep := strings.Cut(name, "/")
	switch {
	case invalid.IsToken(name):
		bad.Add("", "names a repository of its cache by values that only the deployment knows; write it out, with the tag alone left open")
	case deep && strings.ContainsAny(first, ".") || strings.Contains(image, "://"):
		bad.Add("", "%q names a registry, which the cache knows; write %q", image, known.example)
	case !repositoryName.MatchString(name):
		bad.Add("", "%q is not an image of its cache; write %q", image, known.example)
	case tagOrDigest == "":
		bad.Add("", "%q has neither tag nor digest; write %q", image, known.example)
	case c.upstream == DockerHub && !deep:
		bad.Add("", "%q has no namespace; Docker's own images have %q", image, "library/"+image)
	case !invalid.IsToken(image):
		if _, err := reference.ParseNormalizedNamed("example.com/" + image); err != nil {
			bad.Add("", "%q is not an image of its cache (%v); write %q", image, err, known.example)
		}
	}
}

func (p *PullThroughCacheProps) setDefaults() {
	known := upstreams[p.Upstream]
	if p.RepositoryPrefix == "" {
		p.RepositoryPrefix = known.prefix
	}
	if p.UpstreamHost == "" {
		p.UpstreamHost = known.host
	}
	if p.KeepUntaggedDays == 0 {
		p.KeepUntaggedDays = defaultCachedUntaggedDays
	}
}

// The forms of the secret's ARN, and of what it must be beside.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-pullthroughcacherule.html
var (
	secretArn        = regexp.MustCompile(`^arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):(\d{12}):secret:(.+)$`)
	credentialSecret = regexp.MustCompile(`^` + secretPrefix + `[a-zA-Z0-9/_+=.@-]+$`)
	azureHost        = regexp.MustCompile(`^[a-z0-9]{5,50}\.azurecr\.io$`)
)

const secretPrefix = "ecr-pullthroughcache/"

// isCachePrefix tells whether a cache's repositories can begin with a text.
func isCachePrefix(prefix string) bool {
	return len(prefix) >= 2 && len(prefix) <= 30 && repositoryName.MatchString(prefix)
}

// validate takes the account and the Region of the registry, which may be tokens.
func (p *PullThroughCacheProps) validate(account, region string) error {
	var bad invalid.Problems
	known, ok := upstreams[p.Upstream]
	if !ok {
		names := slices.Sorted(maps.Keys(upstreams))
		bad.Add("Upstream", "%q is no registry that ECR can cache; use %s", p.Upstream, check.OneOfQuoted(names))
		return bad.Err()
	}
	switch {
	case p.Upstream == Azure && !azureHost.MatchString(p.UpstreamHost):
		bad.Add("UpstreamHost", `%q is not the host of a registry of Azure; write it as "example.azurecr.io"`, p.UpstreamHost)
	case p.Upstream != Azure && p.UpstreamHost != known.host:
		bad.Add("UpstreamHost", "%q is not that of %q, %q; leave it out", p.UpstreamHost, p.Upstream, known.host)
	}
	if !isCachePrefix(p.RepositoryPrefix) {
		bad.Add("RepositoryPrefix", "%q is not what the names of cached repositories can begin with; use 2 to 30 lower-case letters and digits with ._-/ between them, such as %q",
			p.RepositoryPrefix, known.prefix)
	}
	if p.KeepUntaggedDays < 1 {
		bad.Add("KeepUntaggedDays", "%d is no number of days; use 1 or more", p.KeepUntaggedDays)
	}
	p.checkCredentials(known.credentials, account, region, &bad)
	return bad.Err()
}

func (p *PullThroughCacheProps) checkCredentials(needed bool, account, region string, bad *invalid.Problems) {
	arn := secretArn.FindStringSubmatch(p.CredentialArn)
	switch {
	case p.CredentialArn == "" && needed:
		bad.Add("CredentialArn", "is empty, and %q lets ECR pull with credentials alone; make a secret whose name begins with %q, with username and accessToken in it, and give its ARN",
			p.Upstream, secretPrefix)
	case p.CredentialArn == "":
	case !needed:
		bad.Add("CredentialArn", "%q is given to %q, which ECR pulls from without credentials; leave it out", p.CredentialArn, p.Upstream)
	case invalid.IsToken(p.CredentialArn):
	case arn == nil:
		bad.Add("CredentialArn", `%q is not the ARN of a secret; write it as "arn:aws:secretsmanager:eu-west-1:111122223333:secret:%sdocker-hub-a1b2c3"`, p.CredentialArn, secretPrefix)
	case !credentialSecret.MatchString(arn[3]):
		bad.Add("CredentialArn", "names the secret %q, and ECR takes only those whose name begins with %q; make one that does", arn[3], secretPrefix)
	case !invalid.IsToken(region) && arn[1] != region, !invalid.IsToken(account) && arn[2] != account:
		bad.Add("CredentialArn", "is of account %s in %s, and the cache of %s in %s; ECR takes only a secret beside the cache", arn[2], arn[1], orOpen(account), orOpen(region))
	}
}

func orOpen(value string) string {
	if invalid.IsToken(value) {
		return "any"
	}
	return value
}

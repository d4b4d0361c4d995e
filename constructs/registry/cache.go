package registry

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/secretarn"
	"awscontainers/internal/source"
	"awscontainers/internal/tagging"
)

// PullThroughCacheProps configure a cache of an upstream registry's images.
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

// PullThroughCache is a cache in private ECR of an upstream registry's images, each in a repository that ECR creates when
// the image is pulled for the first time.
type PullThroughCache struct {
	constructs.Construct
	// Rule and Template are the CDK's own; nil for PullThroughCacheFrom.
	Rule     awsecr.CfnPullThroughCacheRule
	Template awsecr.CfnRepositoryCreationTemplate

	upstream Upstream
	prefix   string
}

// NewPullThroughCache creates a cache. ECR creates what it holds, which stays when the stack is deleted. It panics with
// *invalid.Error if the props are invalid.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
func NewPullThroughCache(scope constructs.Construct, id string, props *PullThroughCacheProps) *PullThroughCache {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn(homeOf(scope)))

	c := &PullThroughCache{upstream: p.Upstream, prefix: p.RepositoryPrefix}
	source.Create(c, scope, id)
	secretarn.Warn(c, p.CredentialArn)
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

// PullThroughCacheAttributes identify an existing cache in the account and Region of the stack.
type PullThroughCacheAttributes struct {
	// Upstream is the registry whose images it caches. Required.
	Upstream Upstream
	// RepositoryPrefix is what the names of its repositories begin with. Default: as of PullThroughCacheProps.
	RepositoryPrefix string
}

// PullThroughCacheFrom uses an existing cache. It panics with *invalid.Error if the attributes are invalid.
func PullThroughCacheFrom(scope constructs.Construct, id string, attributes *PullThroughCacheAttributes) *PullThroughCache {
	a := opt.Value(attributes)
	a.setDefaults()
	invalid.Refuse(scope, id, a.validate())
	c := &PullThroughCache{upstream: a.Upstream, prefix: a.RepositoryPrefix}
	source.Create(c, scope, id)
	return c
}

// newTemplate is for settings of the cached repositories, which else would keep everything forever.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
func (c *PullThroughCache) newTemplate(p *PullThroughCacheProps) awsecr.CfnRepositoryCreationTemplate {
	role := c.newCreationRole(p)
	props := &awsecr.CfnRepositoryCreationTemplateProps{
		AppliedFor:         jsii.Strings("PULL_THROUGH_CACHE"),
		Prefix:             &p.RepositoryPrefix,
		Description:        jsii.String("Cached from " + p.UpstreamHost),
		ImageTagMutability: jsii.String("MUTABLE"),
		ResourceTags:       tagging.Lists(c, "AWS::ECR::Repository"),
		CustomRoleArn:      role.RoleArn(),
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
	}
	template := awsecr.NewCfnRepositoryCreationTemplate(c, jsii.String("Template"), props)
	template.Node().AddDependency(role) // with its policy
	return template
}

// newCreationRole makes the role under which ECR makes repositories: its own gives them neither tags nor a key.
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
	if p.EncryptionKey != nil {
		p.EncryptionKey.Grant(role, *jsii.Strings("kms:CreateGrant", "kms:RetireGrant", "kms:DescribeKey")...)
	}
	nag.Suppress(role.Node().FindChild(jsii.String("DefaultPolicy")), "AwsSolutions-IAM5",
		"Which images will be cached is not known before they are: all repositories of the one prefix")
	return role
}

// Uri returns what to pull from, before "/" and the upstream's own name:
// "111122223333.dkr.ecr.eu-west-1.amazonaws.com/docker-hub".
func (c *PullThroughCache) Uri() string {
	stack := awscdk.Stack_Of(c)
	return *stack.Account() + ".dkr.ecr." + *stack.Region() + "." + *stack.UrlSuffix() + "/" + c.prefix
}

// cachedRepository returns the repository of an image, which the puller may fill from upstream; to pull from it is another grant.
func (c *PullThroughCache) cachedRepository(
	scope constructs.Construct, id, image string, puller awsiam.IGrantable,
) (repository awsecr.IRepository, tagOrDigest string) {
	name, tagOrDigest := c.splitImage(image)
	scope.Node().AddDependency(c) // the first pull comes with the first task
	repository = awsecr.Repository_FromRepositoryAttributes(scope, jsii.String(id+"Repository"), &awsecr.RepositoryAttributes{
		RepositoryName: jsii.String(c.prefix + "/" + name),
		RepositoryArn:  repositoryArn(awscdk.Stack_Of(c), c.prefix+"/"+name),
	})
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: puller, Actions: jsii.Strings("ecr:BatchImportUpstreamImage", "ecr:CreateRepository"),
		ResourceArns: &[]*string{repository.RepositoryArn()},
	})
	return repository, tagOrDigest
}

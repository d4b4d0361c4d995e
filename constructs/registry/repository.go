package registry

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// RepositoryProps configure a private repository.
type RepositoryProps struct {
	// RepositoryName is the physical name, "team/web". Default: CloudFormation makes one, so that the repository can be replaced.
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-create.html
	RepositoryName string
	// MutableTags are up to five patterns of tags that may be pushed again, such as "latest"; "*" lets every tag move. Default:
	// none, a tag means one image forever.
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
	MutableTags []string
	// DisableScanOnPush leaves new images unscanned, except for what NewScanning makes the registry do, which wins. Default: false,
	// each is scanned for known vulnerabilities, free of charge.
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-basic.html
	DisableScanOnPush bool
	// EncryptionKey is a KMS key to encrypt the images with. What encrypts a repository can only be changed by replacing it.
	// Default: a key that ECR manages, with AES-256, free of charge.
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
	EncryptionKey awskms.IKey
	// CreateEncryptionKey makes a KMS key for the repository, rotated each year, whose use CloudTrail shows and whose policy
	// you control. Default: false.
	CreateEncryptionKey bool
	// DeployedTags are patterns of the tags that are deployed: "v*", "prod". No rule expires an image that has one, unless
	// it is a rule of LifecycleRules for these very tags. Default: "*", any tag may be running.
	DeployedTags []string
	// LifecycleRules expire images by their tags. Default: none, what has a tag is kept.
	LifecycleRules []LifecycleRule
	// KeepUntaggedDays is for how many days after their push images without a tag are kept. Default: 7; or forever where
	// MutableTags are among DeployedTags, for what they leave may still run.
	KeepUntaggedDays int
	// KeepUntagged keeps images without a tag, such as those pushed only by digest. Default: false.
	KeepUntagged bool
	// PullAccounts are ids of other accounts whose roles may pull, if their own policies say so too. Default: none.
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
	PullAccounts []string
	// PullOrganizations are ids of organizations, "o-exampleorgid", all of whose accounts may. Default: none.
	PullOrganizations []string
	// RemovalPolicy determines whether the repository is deleted with the stack; awscdk.RemovalPolicy_DESTROY deletes its images
	// too. Default: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which retains it, except that of a deployment that fails.
	RemovalPolicy awscdk.RemovalPolicy
}

// Repository is a private ECR repository.
type Repository struct {
	constructs.Construct
	// Repository is the repository as the CDK's own constructs take it. That of NewRepository is an awsecr.Repository.
	Repository awsecr.IRepository
	// EncryptionKey encrypts the images; nil for a key that ECR manages, and for RepositoryFrom.
	EncryptionKey awskms.IKey

	deployed  []string
	rules     []LifecycleRule
	immutable bool // no tag moves; false for RepositoryFrom, of which it isn't known
}

const defaultUntaggedDays = 7

// pullActions are what pulling an image takes, beside ecr:GetAuthorizationToken.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
var pullActions = []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}

// NewRepository creates a private repository. It panics with *invalid.Error if the props are invalid.
func NewRepository(scope constructs.Construct, id string, props *RepositoryProps) *Repository {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	r := &Repository{deployed: p.DeployedTags, rules: p.LifecycleRules, EncryptionKey: p.EncryptionKey, immutable: len(p.MutableTags) == 0}
	source.Create(r, scope, id)
	if p.CreateEncryptionKey {
		r.EncryptionKey = awskms.NewKey(r, jsii.String("Key"), &awskms.KeyProps{
			Description: describe.Of("Images of", *r.Node().Path()), EnableKeyRotation: jsii.Bool(true), RemovalPolicy: p.RemovalPolicy,
		})
	}
	r.Repository = awsecr.NewRepository(r, jsii.String("Repository"), p.cdk(r.EncryptionKey))
	r.allowPull(&p)
	return r
}

// RepositoryFrom uses an existing repository, such as one of awsecr.Repository_FromRepositoryName. Its lifecycle rules are not
// known: FromRepository refuses no tag of it. It panics with *invalid.Error if the repository is nil.
func RepositoryFrom(scope constructs.Construct, id string, repository awsecr.IRepository) *Repository {
	var bad invalid.Problems
	check.NotNil("repository", repository, "a repository such as one of awsecr.Repository_FromRepositoryName", &bad)
	invalid.Refuse(scope, id, bad.Err())
	r := &Repository{Repository: repository, deployed: []string{anyTag}}
	source.Create(r, scope, id)
	return r
}

func (p *RepositoryProps) setDefaults() {
	if len(p.DeployedTags) == 0 {
		p.DeployedTags = []string{anyTag}
	}
	opt.Default(&p.RemovalPolicy, awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
}

func (p *RepositoryProps) cdk(key awskms.IKey) *awsecr.RepositoryProps {
	props := &awsecr.RepositoryProps{
		RepositoryName:     opt.String(p.RepositoryName),
		Encryption:         awsecr.RepositoryEncryption_AES_256(),
		ImageScanOnPush:    jsii.Bool(!p.DisableScanOnPush),
		ImageTagMutability: awsecr.TagMutability_IMMUTABLE,
		LifecycleRules:     cdkRules(order(p.DeployedTags, p.LifecycleRules), p.untaggedDays()),
		RemovalPolicy:      p.RemovalPolicy,
	}
	if key != nil {
		props.Encryption, props.EncryptionKey = awsecr.RepositoryEncryption_KMS(), key
	}
	switch {
	case slices.Contains(p.MutableTags, anyTag):
		props.ImageTagMutability = awsecr.TagMutability_MUTABLE
	case len(p.MutableTags) > 0:
		props.ImageTagMutability = awsecr.TagMutability_IMMUTABLE_WITH_EXCLUSION
		filters := make([]awsecr.ImageTagMutabilityExclusionFilter, len(p.MutableTags))
		for i, tag := range p.MutableTags {
			filters[i] = awsecr.ImageTagMutabilityExclusionFilter_Wildcard(jsii.String(tag))
		}
		props.ImageTagMutabilityExclusionFilters = &filters
	}
	if p.RemovalPolicy == awscdk.RemovalPolicy_DESTROY {
		props.EmptyOnDelete = jsii.Bool(true) // CloudFormation's own, no Lambda
	}
	return props
}

// untaggedDays is 0 where images without a tag are kept.
func (p *RepositoryProps) untaggedDays() int {
	switch {
	case p.KeepUntagged, p.hasMutableDeployedTag():
		return 0
	case p.KeepUntaggedDays == 0:
		return defaultUntaggedDays
	default:
		return p.KeepUntaggedDays
	}
}

// hasMutableDeployedTag reports whether a tag that is deployed may move, and so leave an image without a tag that still runs.
func (p *RepositoryProps) hasMutableDeployedTag() bool {
	for _, mutable := range p.MutableTags {
		if slices.ContainsFunc(p.DeployedTags, func(deployed string) bool { return hasCommonTag(mutable, deployed) }) {
			return true
		}
	}
	return false
}

// allowPull lets other accounts and organizations pull, and do nothing else.
func (r *Repository) allowPull(p *RepositoryProps) {
	var principals []awsiam.IPrincipal
	for _, account := range p.PullAccounts {
		principals = append(principals, awsiam.NewAccountPrincipal(account))
	}
	if len(principals) > 0 {
		r.Repository.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid: jsii.String("PullFromAccounts"), Principals: &principals, Actions: jsii.Strings(pullActions...),
		}))
	}
	if len(p.PullOrganizations) > 0 {
		r.Repository.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid: jsii.String("PullFromOrganizations"), Actions: jsii.Strings(pullActions...),
			Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:PrincipalOrgID": p.PullOrganizations}},
		}))
		nag.Suppress(r.Repository, "AwsSolutions-ECR1", "Not open: the condition admits only accounts of the named organizations")
	}
}

// Uri returns what to push to and to pull from, without a tag: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web".
func (r *Repository) Uri() string { return *r.Repository.RepositoryUri() }

// https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
var organizationId = regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)

// Validate returns all problems of the props, or nil.
func (p *RepositoryProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *RepositoryProps) validate() error {
	var bad invalid.Problems
	check.RepositoryName("RepositoryName", p.RepositoryName, &bad)
	before := len(bad)
	checkTagPatterns("MutableTags", p.MutableTags, &bad)
	check.MaxLen("MutableTags", len(p.MutableTags), maxMutableTags, &bad)
	checkTagPatterns("DeployedTags", p.DeployedTags, &bad)
	if len(bad) == before {
		checkRules(p.DeployedTags, p.LifecycleRules, &bad)
		p.checkUntagged(&bad)
	}
	if p.CreateEncryptionKey && p.EncryptionKey != nil {
		bad.Add("CreateEncryptionKey", "must not be set together with EncryptionKey").Advise("remove one of them")
	}
	checkAccounts("PullAccounts", p.PullAccounts, &bad)
	for i, o := range p.PullOrganizations {
		check.Required(check.Index("PullOrganizations", i), o, organizationId, `an organization ID such as "o-exampleorgid"`, &bad)
	}
	check.RemovalPolicy("RemovalPolicy", p.RemovalPolicy, &bad)
	return bad.Err()
}

func (p *RepositoryProps) checkUntagged(bad *invalid.Problems) {
	switch {
	case p.KeepUntaggedDays < 0:
		check.Min("KeepUntaggedDays", p.KeepUntaggedDays, 1, bad)
	case p.KeepUntaggedDays > 0 && p.KeepUntagged:
		bad.Add("KeepUntaggedDays", "must not be set together with KeepUntagged").Given(p.KeepUntaggedDays).Advise("remove one of them")
	case p.KeepUntaggedDays > 0 && p.hasMutableDeployedTag():
		bad.Add("KeepUntaggedDays", "must not be set if MutableTags (%s) may be deployed: a tag that moves leaves its image untagged, "+
			"and ECS keeps starting it by digest", strings.Join(p.MutableTags, ", ")).Given(p.KeepUntaggedDays).
			Advise("remove it, or list in DeployedTags only tags that don't move")
	}
}

func checkAccounts(field string, accounts []string, bad *invalid.Problems) {
	for i, a := range accounts {
		check.AccountId(check.Index(field, i), a, bad)
		check.Once(field, accounts, i, bad)
	}
}

package registry

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
)

// RepositoryProps describe a private repository.
type RepositoryProps struct {
	// RepositoryName is the physical name, "team/web". Default: CloudFormation makes one, so that the repository can be replaced.
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-create.html
	RepositoryName string
	// MovingTags are up to five patterns of tags that may be pushed again, such as "latest"; "*" lets every tag move. Default:
	// none, a tag means one image forever.
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
	MovingTags []string
	// DisableScanOnPush leaves new images unscanned, but for what NewScanning makes the registry do, which wins. Default: false,
	// each is scanned for known vulnerabilities, free of charge.
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-basic.html
	DisableScanOnPush bool
	// EncryptionKey is a KMS key to encrypt the images with. What encrypts a repository can only be changed by replacing it.
	// Default: a key that ECR manages, with AES-256, free of charge.
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
	EncryptionKey awskms.IKey
	// OwnKey makes a KMS key for the repository, rotated each year, whose use CloudTrail shows and whose policy you control. Default:
	// false.
	OwnKey bool
	// RunningTags are patterns of the tags that are deployed: "v*", "prod". No rule expires an image that has one, unless
	// it is a rule of LifecycleRules for these very tags. Default: "*", any tag may be running.
	RunningTags []string
	// LifecycleRules expire images by their tags. Default: none, what has a tag is kept.
	LifecycleRules []LifecycleRule
	// KeepUntaggedDays is for how many days after their push images without a tag are kept. Default: 7; or forever where
	// MovingTags are among RunningTags, for what they leave may still run.
	KeepUntaggedDays int
	// KeepUntagged keeps images without a tag, such as those pushed by digest alone. Default: false.
	KeepUntagged bool
	// PullAccounts are ids of other accounts whose roles may pull, if their own policies say so too. Default: none.
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
	PullAccounts []string
	// PullOrganizations are ids of organizations, "o-exampleorgid", all of whose accounts may. Default: none.
	PullOrganizations []string
	// RemovalPolicy is what becomes of the repository when the stack is deleted; awscdk.RemovalPolicy_DESTROY deletes its
	// images too. Default: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, which keeps it but for that of a deployment that fails.
	RemovalPolicy awscdk.RemovalPolicy
}

// Repository is a private ECR repository.
type Repository struct {
	constructs.Construct
	// Repository is what the CDK's own constructs take.
	Repository awsecr.Repository
	// Key encrypts the images; nil where ECR's own does.
	Key awskms.IKey

	running []string
	rules   []LifecycleRule
}

const defaultUntaggedDays = 7

// pullActions are what pulling an image takes, beside ecr:GetAuthorizationToken.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
var pullActions = []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}

// NewRepository makes a private repository. It panics with *invalid.Error when the props are wrong.
func NewRepository(scope constructs.Construct, id string, props *RepositoryProps) *Repository {
	var p RepositoryProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	r := &Repository{running: p.RunningTags, rules: p.LifecycleRules, Key: p.EncryptionKey}
	constructs.NewConstruct_Override(r, scope, &id)
	if p.OwnKey {
		r.Key = awskms.NewKey(r, jsii.String("Key"), &awskms.KeyProps{
			Description: describe.Of("Images of", *r.Node().Path()), EnableKeyRotation: jsii.Bool(true), RemovalPolicy: p.RemovalPolicy,
		})
	}
	r.Repository = awsecr.NewRepository(r, jsii.String("Repository"), p.cdk(r.Key))
	r.letPull(&p)
	return r
}

func (p *RepositoryProps) setDefaults() {
	if len(p.RunningTags) == 0 {
		p.RunningTags = []string{anyTag}
	}
	if p.RemovalPolicy == "" {
		p.RemovalPolicy = awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
}

func (p *RepositoryProps) cdk(key awskms.IKey) *awsecr.RepositoryProps {
	props := &awsecr.RepositoryProps{
		RepositoryName:     opt.String(p.RepositoryName),
		Encryption:         awsecr.RepositoryEncryption_AES_256(),
		ImageScanOnPush:    jsii.Bool(!p.DisableScanOnPush),
		ImageTagMutability: awsecr.TagMutability_IMMUTABLE,
		LifecycleRules:     cdkRules(order(p.RunningTags, p.LifecycleRules), p.untaggedDays()),
		RemovalPolicy:      p.RemovalPolicy,
	}
	if key != nil {
		props.Encryption, props.EncryptionKey = awsecr.RepositoryEncryption_KMS(), key
	}
	switch {
	case slices.Contains(p.MovingTags, anyTag):
		props.ImageTagMutability = awsecr.TagMutability_MUTABLE
	case len(p.MovingTags) > 0:
		props.ImageTagMutability = awsecr.TagMutability_IMMUTABLE_WITH_EXCLUSION
		filters := make([]awsecr.ImageTagMutabilityExclusionFilter, len(p.MovingTags))
		for i, tag := range p.MovingTags {
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
	case p.KeepUntagged, p.runningMoves():
		return 0
	case p.KeepUntaggedDays == 0:
		return defaultUntaggedDays
	default:
		return p.KeepUntaggedDays
	}
}

// runningMoves tells whether a tag that is deployed may move, and so leave an image without a tag that still runs.
func (p *RepositoryProps) runningMoves() bool {
	for _, moving := range p.MovingTags {
		if slices.ContainsFunc(p.RunningTags, func(running string) bool { return overlap(moving, running) }) {
			return true
		}
	}
	return false
}

// letPull lets others pull, and do nothing else.
func (r *Repository) letPull(p *RepositoryProps) {
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
			Sid: jsii.String("PullFromOrganizations"), Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()}, Actions: jsii.Strings(pullActions...),
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:PrincipalOrgID": p.PullOrganizations}},
		}))
		nag.Suppress(r.Repository, "AwsSolutions-ECR1", "Not open: the condition admits accounts of the named organizations alone")
	}
}

// Uri is what to push to and to pull from, without a tag: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web".
func (r *Repository) Uri() string { return *r.Repository.RepositoryUri() }

// The forms of names and ids.
var (
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html
	repositoryName = regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$`)
	// https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
	organizationID = regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)
	accountID      = regexp.MustCompile(`^\d{12}$`)
)

// IsAccountId tells whether a text has the form of an account's id.
func IsAccountId(id string) bool { return accountID.MatchString(id) }

func (p *RepositoryProps) validate() error {
	var bad invalid.Problems
	checkRepositoryName("RepositoryName", p.RepositoryName, &bad)
	before := len(bad)
	checkTagPatterns("MovingTags", p.MovingTags, &bad)
	if len(p.MovingTags) > mostMovingTags {
		bad.Add("MovingTags", "are %d patterns; use up to %d", len(p.MovingTags), mostMovingTags)
	}
	checkTagPatterns("RunningTags", p.RunningTags, &bad)
	if len(bad) == before {
		checkRules(p.RunningTags, p.LifecycleRules, &bad)
		p.checkUntagged(&bad)
	}
	if p.OwnKey && p.EncryptionKey != nil {
		bad.Add("OwnKey", "is true beside an EncryptionKey; a repository has one key, give one of them")
	}
	checkAccounts("PullAccounts", p.PullAccounts, &bad)
	for i, o := range p.PullOrganizations {
		if !invalid.IsToken(o) && !organizationID.MatchString(o) {
			bad.Add(fmt.Sprintf("PullOrganizations[%d]", i), `%q is not the id of an organization; write it as "o-exampleorgid"`, o)
		}
	}
	return bad.Err()
}

func (p *RepositoryProps) checkUntagged(bad *invalid.Problems) {
	switch {
	case p.KeepUntaggedDays < 0:
		bad.Add("KeepUntaggedDays", "%d is no number of days; use 1 or more", p.KeepUntaggedDays)
	case p.KeepUntaggedDays > 0 && p.KeepUntagged:
		bad.Add("KeepUntaggedDays", "is %d beside KeepUntagged, which keeps them forever; give one of them", p.KeepUntaggedDays)
	case p.KeepUntaggedDays > 0 && p.runningMoves():
		bad.Add("KeepUntaggedDays", "%d would expire what is running: a tag of MovingTags %q that moves on leaves its image without a tag, and ECS goes on "+
			"starting it by digest; leave it out, or name in RunningTags only tags that do not move", p.KeepUntaggedDays, p.MovingTags)
	}
}

// IsRepositoryName tells whether a text has the form of a repository's name.
func IsRepositoryName(name string) bool {
	return len(name) >= 2 && len(name) <= 256 && repositoryName.MatchString(name)
}

func checkRepositoryName(field, name string, bad *invalid.Problems) {
	if name == "" || invalid.IsToken(name) {
		return
	}
	if !IsRepositoryName(name) {
		bad.Add(field, `%q is not the name of a repository; use 2 to 256 lower-case letters and digits with ._-/ between them, such as "team/web"`, name)
	}
}

func checkAccounts(field string, accounts []string, bad *invalid.Problems) {
	for i, a := range accounts {
		f := fmt.Sprintf("%s[%d]", field, i)
		if !invalid.IsToken(a) && !IsAccountId(a) {
			bad.Add(f, `%q is not the id of an account; write its twelve digits, "111122223333"`, a)
		}
		if slices.Index(accounts, a) < i {
			bad.Add(f, "%q is named twice; leave one out", a)
		}
	}
}

package stacks

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
)

// RegistryProps configure the stack of NewRegistry.
type RegistryProps struct {
	// Env is the account and Region of the stack. Default: those of whoever deploys it.
	Env *awscdk.Environment
	// Protect turns on termination protection for the stack.
	// Leave it off until the first deployment has succeeded: see the package documentation. Default: false.
	Protect bool
	// RemovalPolicy determines whether repositories and their images are deleted with the stack. Default:
	// awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE.
	RemovalPolicy awscdk.RemovalPolicy

	// RepositoryName is the physical name of the private repository. Default: CloudFormation generates one.
	RepositoryName string
	// CreateEncryptionKey encrypts its images with a new KMS key. Default: false; ECR's own encryption.
	CreateEncryptionKey bool
	// KeepLast is the number of tagged images that the private repository retains. Default: 100.
	KeepLast int
	// DeployedTags are patterns of the tags that are deployed; their images never expire. Default: any tag may be deployed, and
	// KeepLast applies to all.
	DeployedTags []string
	// MutableTags are patterns of the tags that can be pushed again; all others are immutable. Default: none.
	MutableTags []string
	// PullAccounts are the IDs of other accounts that can pull. Default: none.
	PullAccounts []string
	// EnhancedScanning turns on scanning by Amazon Inspector for all repositories of the account in this Region. Default: false.
	EnhancedScanning bool
	// ReplicationRegions are the Regions to which the images of RepositoryName, which they require, are copied. The deployment fails if
	// the account has a replication configuration in this Region already. Default: none.
	ReplicationRegions []string
	// CachePrefix is the first part of the caches' prefixes: "team" for "team/ecr-public". Default: none.
	CachePrefix string
	// DockerHubSecretArn and GitHubSecretArn are secrets with credentials for a cache of each registry. Default: no such cache.
	DockerHubSecretArn, GitHubSecretArn string
	// PublicRepositoryName is the name of a public repository, which requires a stack in us-east-1. Default: none.
	PublicRepositoryName string
}

// NewRegistry creates a stack with a private ECR repository, caches of public registries, and optionally a public repository.
// It panics with *invalid.Error if the props are invalid.
func NewRegistry(scope constructs.Construct, id string, props *RegistryProps) awscdk.Stack {
	var p RegistryProps
	if props != nil {
		p = *props
	}
	invalid.Refuse(scope, id, p.Validate())

	stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{
		Description:           jsii.String("Private repository for images, and caches of public ones"),
		Env:                   p.Env,
		TerminationProtection: &p.Protect,
	})
	repository := registry.NewRepository(stack, "Repository", p.repository())
	output.New(stack, "RepositoryUri", repository.Uri())
	p.configureAccount(stack)
	for _, c := range p.caches() {
		cache := registry.NewPullThroughCache(stack, c.id+"Cache", &registry.PullThroughCacheProps{
			Upstream: c.upstream, RepositoryPrefix: p.cachePrefix(c.upstream), CredentialArn: c.secretArn,
		})
		output.New(stack, c.id+"CacheUri", cache.Uri())
	}
	if p.PublicRepositoryName != "" {
		public := registry.NewPublicRepository(stack, "PublicRepository", &registry.PublicRepositoryProps{
			RepositoryName: p.PublicRepositoryName, RemovalPolicy: p.RemovalPolicy,
		})
		output.New(stack, "PublicRepositoryName", public.Name())
	}
	return stack
}

// Validate returns the problems that the props show by themselves, or nil. The constructs in the stack check the rest.
func (p *RegistryProps) Validate() error {
	if p == nil {
		p = &RegistryProps{}
	}
	var bad invalid.Problems
	if len(p.ReplicationRegions) > 0 && p.RepositoryName == "" {
		bad.Add("ReplicationRegions", "requires RepositoryName, because replication selects repositories by name").Given(p.ReplicationRegions)
	}
	return bad.Err()
}

func (p *RegistryProps) repository() *registry.RepositoryProps {
	return &registry.RepositoryProps{
		RepositoryName:      p.RepositoryName,
		MutableTags:         p.MutableTags,
		CreateEncryptionKey: p.CreateEncryptionKey,
		DeployedTags:        p.DeployedTags,
		LifecycleRules:      []registry.LifecycleRule{{TagPattern: "*", KeepLast: cmp.Or(p.KeepLast, 100)}},
		PullAccounts:        p.PullAccounts,
		RemovalPolicy:       p.RemovalPolicy,
	}
}

// configureAccount sets what an account has once in each Region, and so only what the props ask for.
func (p *RegistryProps) configureAccount(stack awscdk.Stack) {
	if p.EnhancedScanning {
		registry.NewScanning(stack, "Scanning", &registry.ScanningProps{Enhanced: true})
	}
	if len(p.ReplicationRegions) > 0 {
		rule := registry.ReplicationRule{RepositoryPrefixes: []string{p.RepositoryName}}
		for _, region := range p.ReplicationRegions {
			rule.Destinations = append(rule.Destinations, registry.ReplicationDestination{Region: region})
		}
		registry.NewReplication(stack, "Replication", &registry.ReplicationProps{Rules: []registry.ReplicationRule{rule}})
	}
}

type registryCache struct {
	id        string
	upstream  registry.Upstream
	secretArn string
}

// caches lists those that need no credentials, and those whose credentials are given.
func (p *RegistryProps) caches() []registryCache {
	caches := []registryCache{
		{"EcrPublic", registry.EcrPublic, ""}, {"Kubernetes", registry.Kubernetes, ""}, {"Quay", registry.Quay, ""},
		{"DockerHub", registry.DockerHub, p.DockerHubSecretArn}, {"GitHub", registry.GitHub, p.GitHubSecretArn},
	}
	return slices.DeleteFunc(caches, func(c registryCache) bool { return c.upstream.NeedsCredentials() && c.secretArn == "" })
}

func (p *RegistryProps) cachePrefix(upstream registry.Upstream) string {
	return strings.TrimPrefix(p.CachePrefix+"/"+upstream.Prefix(), "/")
}

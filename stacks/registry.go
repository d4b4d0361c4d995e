package stacks

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/output"
	"awscontainers/constructs/registry"
	"awscontainers/internal/check"
)

// RegistrySettings are the choices of the stack Registry.
type RegistrySettings struct {
	// RepositoryName is the physical name of the private repository. Default: CloudFormation makes one.
	RepositoryName string
	// KeepLast is how many tagged images it keeps. Default: 100.
	KeepLast int
	// RunningTags are patterns of the tags that are deployed, whose images are never expired. Default: any tag may be, and KeepLast holds for all.
	RunningTags []string
	// MovingTags are patterns of the tags that may be pushed again. Default: none.
	MovingTags []string
	// PullAccounts are other accounts that may pull. Default: none.
	PullAccounts []string
	// EnhancedScanning lets Amazon Inspector scan the registry of this account and Region, all of it. Default: false.
	EnhancedScanning bool
	// ReplicationRegions are where the registry of this account and Region copies the private repository to. They take
	// RepositoryName. Default: none.
	ReplicationRegions []string
	// CachePrefix is what the caches' prefixes begin with, before "/". Default: nothing.
	CachePrefix string
	// DockerHubSecretArn and GitHubSecretArn hold credentials for a cache of each. Default: no such cache.
	DockerHubSecretArn, GitHubSecretArn string
	// PublicRepositoryName is the name of a public repository, in us-east-1 alone. Default: none is made.
	PublicRepositoryName string
}

// registry reads the keys of the stack.
func (r *reader) registry() RegistrySettings {
	isRepository := fits(check.IsRepositoryName, "team/web")
	s := RegistrySettings{
		RepositoryName: r.text("Registry.repositoryName", "", "the name of the private repository; CloudFormation makes one without", isRepository),
		KeepLast:       r.number("Registry.keepLast", defaultKeepLast, 3, 10000, "how many tagged images to keep; more than are ever pushed between two deployments"),
		RunningTags:    r.list("Registry.runningTags", "", "the tags that are deployed, such as `v*,prod`, whose images are then never expired; without, any tag may be", nil),
		MovingTags:     r.list("Registry.movingTags", "", "the tags that may be pushed again, such as `latest`; all others are immutable", nil),
		PullAccounts:   r.list("Registry.pullAccounts", "", "the ids of other accounts that may pull", fits(check.IsAccountId, "111122223333")),
		EnhancedScanning: r.flag("Registry.enhancedScanning",
			"Amazon Inspector scans all repositories of the account in this Region, again and again"),
		ReplicationRegions: r.list("Registry.replicationRegions", "", "the Regions to copy the images of `Registry.repositoryName` to; replaces the account's replication in this Region",
			fits(check.IsRegion, "eu-west-1")),
		CachePrefix: r.text("Registry.cachePrefix", "", "what the caches' prefixes begin with, `team` for `team/ecr-public`, where an account has such caches already",
			fits(check.IsRepositoryName, "team")),
		DockerHubSecretArn: r.text("Registry.dockerHubSecretArn", "", "the secret with credentials for Docker Hub, for a cache of it; its name begins with `ecr-pullthroughcache/`", nil),
		GitHubSecretArn:    r.text("Registry.gitHubSecretArn", "", "likewise for GitHub's registry, ghcr.io", nil),
		PublicRepositoryName: r.text("Registry.publicRepositoryName", "", "a public repository beside the private one, which takes a stack in us-east-1",
			isRepository),
	}
	r.belongs("Registry.replicationRegions", "Registry.repositoryName")
	return s
}

// RegistryProps are what NewRegistry needs.
type RegistryProps struct {
	Common
	RegistrySettings
}

const defaultKeepLast = 100

// NewRegistry is a private repository for one's own images and caches for those of others, on request with a public
// repository. It panics with *invalid.Error when the props are wrong.
func NewRegistry(scope constructs.Construct, id string, props *RegistryProps) awscdk.Stack {
	var p RegistryProps
	if props != nil {
		p = *props
	}
	if p.KeepLast == 0 {
		p.KeepLast = defaultKeepLast
	}
	invalid.Refuse(scope, id, p.validate())
	stack := newStack(scope, id, "Private repository for images, and caches of public ones", p.Common)
	repository := registry.NewRepository(stack, "Repository", p.repository())
	output.New(stack, "RepositoryUri", repository.Uri())
	p.configure(stack)
	for _, c := range p.caches() {
		cache := registry.NewPullThroughCache(stack, c.id+"Cache", &registry.PullThroughCacheProps{
			Upstream: c.upstream, RepositoryPrefix: p.cachePrefix(c.upstream), CredentialArn: c.secret,
		})
		output.New(stack, c.id+"CacheUri", cache.Uri())
	}
	if p.PublicRepositoryName != "" {
		public := registry.NewPublicRepository(stack, "PublicRepository", &registry.PublicRepositoryProps{
			RepositoryName: p.PublicRepositoryName, RemovalPolicy: p.Profile.removalPolicy(),
		})
		output.New(stack, "PublicRepositoryName", public.Name())
	}
	return stack
}

func (p *RegistryProps) validate() error {
	var bad invalid.Problems
	if len(p.ReplicationRegions) > 0 && p.RepositoryName == "" {
		bad.Add("ReplicationRegions", "%q have no repository to copy, for replication goes by names; give RepositoryName", p.ReplicationRegions)
	}
	return bad.Err()
}

func (p *RegistryProps) repository() *registry.RepositoryProps {
	return &registry.RepositoryProps{
		RepositoryName:      p.RepositoryName,
		MutableTags:         p.MovingTags,
		CreateEncryptionKey: p.Profile == Prod,
		DeployedTags:        p.RunningTags,
		LifecycleRules:      []registry.LifecycleRule{{TagPattern: "*", KeepLast: p.KeepLast}},
		PullAccounts:        p.PullAccounts,
		RemovalPolicy:       p.Profile.removalPolicy(),
	}
}

// configure sets what an account has once in each Region, and so only what was asked for.
func (p *RegistryProps) configure(stack awscdk.Stack) {
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

// registryCache is what the stack's caches differ in.
type registryCache struct {
	id       string
	upstream registry.Upstream
	secret   string
}

// caches are those that need no credentials, and those whose credentials are given.
func (p *RegistryProps) caches() []registryCache {
	caches := []registryCache{
		{"EcrPublic", registry.EcrPublic, ""}, {"Kubernetes", registry.Kubernetes, ""}, {"Quay", registry.Quay, ""},
		{"DockerHub", registry.DockerHub, p.DockerHubSecretArn}, {"GitHub", registry.GitHub, p.GitHubSecretArn},
	}
	return slices.DeleteFunc(caches, func(c registryCache) bool { return c.upstream.NeedsCredentials() && c.secret == "" })
}

func (p *RegistryProps) cachePrefix(upstream registry.Upstream) string {
	return strings.TrimPrefix(p.CachePrefix+"/"+upstream.Prefix(), "/")
}

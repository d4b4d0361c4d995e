package settings

import (
	"awscontainers/internal/check"
	"awscontainers/stacks"
)

func registryOf(r *reader) stacks.RegistryProps {
	p := stacks.RegistryProps{
		Env:           r.env(),
		Protect:       r.protect(),
		RemovalPolicy: r.profile.removalPolicy,

		RepositoryName: r.text(key{
			Name: "repositoryName", Doc: "the name of the private repository; otherwise CloudFormation generates one", Check: check.RepositoryName,
		}),
		CreateEncryptionKey: r.flag(key{
			Name: "encryptionKey", Prop: "CreateEncryptionKey",
			Doc: "the images are encrypted with a KMS key of the stack, whose use CloudTrail shows; otherwise with a key that ECR manages. " +
				"A change replaces the repository by an empty one: set it before the first deployment",
		}),
		KeepLast: r.integer(key{
			Name: "keepLast", Default: "100", Doc: "the number of tagged images to retain; more than are ever pushed between two deployments",
		}, 3, 10000),
		DeployedTags: r.list(key{
			Name: "deployedTags",
			Doc:  "the tags that are deployed, such as `v*,prod`, whose images then never expire; otherwise any tag may be deployed",
		}),
		MutableTags: r.list(key{Name: "mutableTags", Doc: "the tags that can be pushed again, such as `latest`; all others are immutable"}),
		PullAccounts: r.list(key{
			Name: "pullAccounts", Doc: "the IDs of other accounts that can pull",
			Check: check.AccountId,
		}),
		EnhancedScanning: r.flag(key{
			Name: "enhancedScanning", Doc: "Amazon Inspector scans all repositories of the account in this Region, continuously",
		}),
		ReplicationRegions: r.list(key{
			Name: "replicationRegions",
			Doc: "the Regions to copy the images of `Registry.repositoryName` to; the deployment fails with `already exists` if the account has a " +
				"replication configuration in this Region",
			Check: check.Region,
		}),
		CachePrefix: r.text(key{
			Name: "cachePrefix", Doc: "the first part of the caches' prefixes, `team` for `team/ecr-public`, if the account has such caches already",
			Check: check.RepositoryName,
		}),
		DockerHubSecretArn: r.text(key{
			Name: "dockerHubSecretArn",
			Doc:  "the secret with credentials for Docker Hub, for a cache of it; its name begins with `ecr-pullthroughcache/`",
		}),
		GitHubSecretArn: r.text(key{Name: "gitHubSecretArn", Doc: "the same for GitHub's registry, ghcr.io"}),
		PublicRepositoryName: r.text(key{
			Name: "publicRepositoryName", Check: check.RepositoryName,
			Doc: "a public repository besides the private one, which requires a stack in us-east-1",
		}),
	}
	r.requires("replicationRegions", "repositoryName")
	return p
}

package stacks_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/assert"

	"awscontainers/stacks"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

var registryVariants = []variant{
	{
		name:     "Registry",
		stateful: []string{"Repository71B74A19"},
	},
	{
		name:    "Registry-prod",
		account: "111122223333", region: "us-east-1",
		context: map[string]any{
			"profile": "prod", "Registry.repositoryName": "team/web", "Registry.keepLast": "50", "Registry.deployedTags": "v*,prod",
			"Registry.encryptionKey": "true", "Registry.mutableTags": "latest",
			"Registry.pullAccounts": "444455556666", "Registry.enhancedScanning": "true", "Registry.replicationRegions": "eu-west-1,eu-central-1",
			"Registry.cachePrefix":          "team",
			"Registry.dockerHubSecretArn":   "arn:aws:secretsmanager:us-east-1:111122223333:secret:ecr-pullthroughcache/docker-hub-a1b2c3",
			"Registry.gitHubSecretArn":      "arn:aws:secretsmanager:us-east-1:111122223333:secret:ecr-pullthroughcache/github-d4e5f6",
			"Registry.publicRepositoryName": "web",
		},
		stateful: []string{"PublicRepository1CFFF640", "Repository71B74A19", "RepositoryKey00C9CF4F"},
	},
}

// The stack deploys beside whatever an account has: it sets for the whole account only what was asked for, and prod keeps its images.
func TestRegistryByProfile(t *testing.T) {
	for profile, want := range map[string]struct {
		deletion string
		empty    any
	}{
		"dev":  {"Delete", true},
		"prod": {"RetainExceptOnCreate", nil},
	} {
		stack := buildStack(t, "Registry", map[string]any{"profile": profile})
		tpl := cdktest.Synth(t, stack)
		repository := tpl.Only("AWS::ECR::Repository")
		assert.Equal(t, want.deletion, repository.DeletionPolicy, profile)
		assert.Nil(t, repository.Get("EncryptionConfiguration"), "%s: what changes with the profile replaces the repository", profile)
		assert.Equal(t, want.empty, repository.Get("EmptyOnDelete"), profile)
		assert.Equal(
			t,
			[]string{"tagged * imageCountMoreThan 100", "untagged  sinceImagePushed 7"},
			shared.Lifecycle(t, repository.Get("LifecyclePolicy.LifecyclePolicyText")),
		)
		for _, kind := range []string{"AWS::ECR::RegistryScanningConfiguration", "AWS::ECR::ReplicationConfiguration",
			"AWS::ECR::RegistryPolicy", "AWS::ECR::PublicRepository"} {
			assert.Empty(t, tpl.All(kind))
		}
		upstreams := []any{}
		for _, rule := range tpl.All("AWS::ECR::PullThroughCacheRule") {
			upstreams = append(upstreams, rule.Get("UpstreamRegistry"))
			assert.Nil(t, rule.Get("CredentialArn"))
		}
		assert.ElementsMatch(t, []any{"ecr-public", "k8s", "quay"}, upstreams, "those that need no credentials")
	}
}

func TestRegistryStackIsRefusedWithItsPath(t *testing.T) {
	app := cdktest.App(t)
	for id, c := range map[string]struct {
		props stacks.RegistryProps
		want  string
	}{
		"Elsewhere": {stacks.RegistryProps{
			Env: &awscdk.Environment{Account: new("111122223333"), Region: new("eu-west-1")}, PublicRepositoryName: "web",
		}, `Elsewhere/PublicRepository: requires a stack in us-east-1, the only Region of ECR Public; got "eu-west-1"`},
		"Nowhere": {stacks.RegistryProps{PublicRepositoryName: "web"},
			"Nowhere/PublicRepository: requires a stack in us-east-1, the only Region of ECR Public"},
		"Nameless": {stacks.RegistryProps{ReplicationRegions: []string{"eu-west-1"}},
			`Nameless: ReplicationRegions requires RepositoryName, because replication selects repositories by name; got "eu-west-1"`},
		"Few": {stacks.RegistryProps{KeepLast: 1},
			"Few/Repository: LifecycleRules[0].KeepLast must be 3 or greater for tags among DeployedTags (*): what runs, what to roll back " +
				"to, and what is pushed next; got 1"},
		"Moves": {stacks.RegistryProps{CachePrefix: "a-long-prefix-of-the-team"},
			"Moves/EcrPublicCache: RepositoryPrefix must be 2 to 30 lowercase letters and digits, separated by . _ - or /, " +
				`such as "ecr-public"; got "a-long-prefix-of-the-team/ecr-public"`},
	} {
		assert.Equal(t, []string{c.want}, cdktest.Refused(t, func() { stacks.NewRegistry(app, id, &c.props) }), id)
	}
}

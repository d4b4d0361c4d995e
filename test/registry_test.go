package test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/registry"
	"awscontainers/test/cdktest"
)

func TestRepositoryWithDefaults(t *testing.T) {
	stack := cdktest.Stack(t)
	registry.NewRepository(stack, "Web", nil)
	repository := cdktest.Synth(t, stack).Only("AWS::ECR::Repository")
	assert.Equal(t, map[string]any{
		"ImageScanningConfiguration": map[string]any{"ScanOnPush": true},
		"ImageTagMutability":         "IMMUTABLE",
		"LifecyclePolicy":            map[string]any{"LifecyclePolicyText": repository.Get("LifecyclePolicy.LifecyclePolicyText")},
	}, repository.Properties, "no physical name, ECR's own key, and nobody else may pull")
	assert.Equal(t, []string{"untagged  sinceImagePushed 7"}, lifecycle(t, repository.Get("LifecyclePolicy.LifecyclePolicyText")))
	assert.Equal(t, "RetainExceptOnCreate", repository.DeletionPolicy)
	assert.Equal(t, "Retain", repository.UpdateReplacePolicy)
}

func TestRepositoryWithAllProps(t *testing.T) {
	stack := cdktest.Stack(t)
	registry.NewRepository(stack, "Web", &registry.RepositoryProps{
		RepositoryName: "team/web", MutableTags: []string{"latest", "main-*"}, DisableScanOnPush: true, CreateEncryptionKey: true,
		DeployedTags: []string{"v*", "prod"},
		LifecycleRules: []registry.LifecycleRule{
			{TagPattern: "ci-*", KeepDays: 14}, {TagPattern: "v*", KeepLast: 20}, {TagPattern: "*", KeepLast: 50},
		},
		KeepUntaggedDays: 3, PullAccounts: []string{"111122223333", "444455556666"}, PullOrganizations: []string{"o-exampleorgid"},
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	registry.NewRepository(stack, "Open", &registry.RepositoryProps{MutableTags: []string{"*"}})
	tpl := cdktest.Synth(t, stack)
	repository, key := tpl.At("AWS::ECR::Repository", "/Web/"), tpl.Only("AWS::KMS::Key")
	assert.Equal(t, "team/web", repository.Get("RepositoryName"))
	assert.Equal(t, false, repository.Get("ImageScanningConfiguration.ScanOnPush"))
	assert.Equal(t, "IMMUTABLE_WITH_EXCLUSION", repository.Get("ImageTagMutability"))
	assert.Equal(t, "main-*", repository.Get("ImageTagMutabilityExclusionFilters.1.ImageTagMutabilityExclusionFilterValue"))
	assert.Equal(t, "KMS", repository.Get("EncryptionConfiguration.EncryptionType"))
	assert.Same(t, key, repository.Ref("EncryptionConfiguration.KmsKey"))
	assert.Equal(t, true, key.Get("EnableKeyRotation"))
	assert.Equal(t, []string{
		"tagged prod imageCountMoreThan 100000", "tagged v* imageCountMoreThan 20",
		"tagged ci-* sinceImagePushed 14", "tagged * imageCountMoreThan 50", "untagged  sinceImagePushed 3",
	}, lifecycle(t, repository.Get("LifecyclePolicy.LifecyclePolicyText")), "what runs comes first")
	assert.Equal(t, true, repository.Get("EmptyOnDelete"))
	assert.Equal(t, "Delete", repository.DeletionPolicy)
	assert.Empty(t, tpl.All("AWS::Lambda::Function"), "CloudFormation empties the repository itself")

	pull := []any{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}
	statements := cdktest.List(repository.Get("RepositoryPolicyText.Statement"))
	require.Len(t, statements, 2)
	assert.Equal(t, pull, cdktest.Dig(statements[0], "Action"))
	assert.Len(t, cdktest.Dig(statements[0], "Principal.AWS"), 2)
	assert.Contains(t, fmt.Sprint(cdktest.Dig(statements[0], "Principal.AWS.1")), "444455556666:root")
	assert.Equal(t, pull, cdktest.Dig(statements[1], "Action"))
	assert.Equal(t, map[string]any{"StringEquals": map[string]any{"aws:PrincipalOrgID": []any{"o-exampleorgid"}}},
		cdktest.Dig(statements[1], "Condition"),
		"all the world would be let in")
	assert.Equal(t, "AwsSolutions-ECR1", cdktest.Dig(repository.Metadata, "cdk_nag.rules_to_suppress.0.id"), "cdk-nag reads no conditions")

	open := tpl.At("AWS::ECR::Repository", "/Open/")
	assert.Equal(t, "MUTABLE", open.Get("ImageTagMutability"))
	assert.Nil(t, open.Get("LifecyclePolicy"), "what has lost its tag may still run")
}

func TestRepositoryTakesAKeyOfTheCaller(t *testing.T) {
	stack := cdktest.Stack(t)
	key := awskms.Key_FromKeyArn(stack, jsii.String("Key"),
		jsii.String("arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"))
	repository := registry.NewRepository(stack, "Web", &registry.RepositoryProps{EncryptionKey: key})
	registry.NewPullThroughCache(stack, "Cache",
		&registry.PullThroughCacheProps{Upstream: registry.Quay, EncryptionKey: key, ImmutableTags: true})
	assert.Equal(t, key, repository.EncryptionKey)
	tpl := cdktest.Synth(t, stack)
	assert.Empty(t, tpl.All("AWS::KMS::Key"), "one was made beside the one to use")
	assert.Equal(t, *key.KeyArn(), tpl.Only("AWS::ECR::Repository").Get("EncryptionConfiguration.KmsKey"))

	// ECR makes cached repositories with a key, or tags, only under a role that may.
	template, role := tpl.Only("AWS::ECR::RepositoryCreationTemplate"), tpl.Only("AWS::IAM::Role")
	assert.Equal(t, map[string]any{"EncryptionType": "KMS", "KmsKey": *key.KeyArn()}, template.Get("EncryptionConfiguration"))
	assert.Equal(t, "IMMUTABLE", template.Get("ImageTagMutability"))
	assert.Same(t, role, template.Ref("CustomRoleArn"))
	assert.Equal(t, []string{"ecr.amazonaws.com"}, cdktest.AssumedBy(t, role))
	assert.Equal(t, []string{
		"ecr:CreateRepository on repository/quay/*", "ecr:ReplicateImage on repository/quay/*", "ecr:TagResource on repository/quay/*",
		"kms:CreateGrant on key/12345678-1234-1234-1234-123456789012", "kms:DescribeKey on key/12345678-1234-1234-1234-123456789012",
		"kms:RetireGrant on key/12345678-1234-1234-1234-123456789012",
	}, rights(t, role))
	assert.Contains(t, tpl.Only("AWS::IAM::Policy").Metadata, "cdk_nag", "a wildcard without a reason")
}

// rights are what a role may do, without the first parts of ARNs: "ecr:BatchGetImage on repository/web".
func rights(t *testing.T, role *cdktest.Resource) []string {
	t.Helper()
	found := []string{}
	for _, permission := range cdktest.Permissions(t, role) {
		found = append(found, partsOfArn.ReplaceAllString(strings.TrimPrefix(permission, "allow "), " on "))
	}
	return found
}

var partsOfArn = regexp.MustCompile(` on arn:.+:`)

// Whatever an image comes from, its task may pull just this, and have cached just this.
func TestATaskMayPullJustItsImage(t *testing.T) {
	stack := cdktest.Stack(t)
	cache := registry.NewPullThroughCache(stack, "Cache", &registry.PullThroughCacheProps{
		Upstream:      registry.DockerHub,
		CredentialArn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-a1b2c3",
	})
	own := registry.NewRepository(stack, "Web", nil)
	cachedBefore := registry.PullThroughCacheFrom(stack, "Kubernetes", &registry.PullThroughCacheAttributes{Upstream: registry.Kubernetes})
	existing := registry.RepositoryFrom(stack, "Existing",
		awsecr.Repository_FromRepositoryName(stack, jsii.String("Imported"), jsii.String("existing")))
	assert.Equal(t, "Test/Existing", *existing.Node().Path(), "it is no construct")
	assert.Nil(t, existing.EncryptionKey)
	pull := func(on string) []string {
		return []string{"ecr:BatchCheckLayerAvailability on " + on, "ecr:BatchGetImage on " + on, "ecr:GetAuthorizationToken on *",
			"ecr:GetDownloadUrlForLayer on " + on}
	}
	pullThrough := func(on string) []string {
		through := append(pull(on), "ecr:BatchImportUpstreamImage on "+on, "ecr:CreateRepository on "+on)
		slices.Sort(through)
		return through
	}
	const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	cases := map[string]struct {
		image registry.Image
		want  []string
		ends  string // how the image's reference ends
	}{
		"Public": {registry.FromRegistry(publicImage), []string{}, publicImage},
		"Reference": {registry.FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:1"), pull("repository/team/web"),
			"/team/web:1"},
		"Own":       {registry.FromRepository(own, "1.4.2"), pull("[Test/Web/Repository]"), ":1.4.2"},
		"OwnDigest": {registry.FromRepository(own, digest), pull("[Test/Web/Repository]"), "@" + digest},
		"Elsewhere": {registry.FromEcrRepository(own.Repository, "1.4.2"), pull("[Test/Web/Repository]"), ":1.4.2"},
		"Cached": {registry.FromPullThroughCache(cache, "library/nginx:1.27"), pullThrough("repository/docker-hub/library/nginx"),
			"/docker-hub/library/nginx:1.27"},
		"Found": {registry.FromRepository(existing, "1.4.2"), pull("repository/existing"), "existing:1.4.2"},
		"CachedBefore": {registry.FromPullThroughCache(cachedBefore, "pause@"+digest),
			pullThrough("repository/kubernetes/pause"), "/kubernetes/pause@" + digest},
	}
	for id, c := range cases {
		ecs.NewTask(stack, id, &ecs.TaskProps{Containers: []ecs.Container{{Name: "web", Image: c.image}}})
	}
	tpl := cdktest.Synth(t, stack)
	for id, c := range cases {
		task := tpl.At("AWS::ECS::TaskDefinition", "/"+id+"/")
		role := task.Ref("ExecutionRoleArn")
		assert.Equal(t, c.want, slices.DeleteFunc(rights(t, role), func(right string) bool { return strings.HasPrefix(right, "logs:") }), id)
		image := fmt.Sprint(task.Get("ContainerDefinitions.0.Image"))
		assert.True(t, strings.HasSuffix(strings.TrimRight(image, "]"), c.ends), "%s: %s", id, image)
	}

	rule, template := tpl.Only("AWS::ECR::PullThroughCacheRule"), tpl.Only("AWS::ECR::RepositoryCreationTemplate")
	assert.Contains(t, rule.Dependencies(), template.Id, "a repository could be made before there is what it is made like")
	assert.Contains(t, tpl.At("AWS::ECS::TaskDefinition", "/Cached/").Dependencies(), rule.Id, "the first task could come before the cache")
	assert.Equal(t, "MUTABLE", template.Get("ImageTagMutability"))
	assert.Equal(t, []string{"untagged  sinceImagePushed 30"}, lifecycle(t, template.Get("LifecyclePolicy")))
	assert.Equal(t, []string{"ecr.amazonaws.com"}, cdktest.AssumedBy(t, template.Ref("CustomRoleArn")), "ECR's own role gives no tags")
	assert.True(t, template.ComesAfter(tpl.At("AWS::IAM::Policy", "/Cache/")))
	assert.NotContains(t, string(tpl.Raw), "resolve:secretsmanager", "a secret's value")
}

func TestSettingsOfTheRegistry(t *testing.T) {
	stack := awscdk.NewStack(cdktest.App(t), jsii.String("Test"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("us-east-1")},
	})
	registry.NewScanning(stack, "Basic", nil)
	registry.NewScanning(stack, "Enhanced", &registry.ScanningProps{Enhanced: true, OnPush: []string{"*"}, Continuous: []string{"prod/*"}})
	registry.NewReplication(stack, "Replication", &registry.ReplicationProps{Rules: []registry.ReplicationRule{
		{Destinations: []registry.ReplicationDestination{{Region: "eu-west-1"}}},
		{Destinations: []registry.ReplicationDestination{{Region: "us-east-1", Account: "444455556666"}}, RepositoryPrefixes: []string{"prod/"}},
	}})
	registry.NewReplicationPermission(stack, "Copies",
		&registry.ReplicationPermissionProps{SourceAccounts: []string{"444455556666"}, RepositoryPrefixes: []string{"prod/"}})
	registry.NewPublicRepository(stack, "Public", &registry.PublicRepositoryProps{Description: "A server", Architectures: []string{"x86-64"}})
	assert.Equal(t, []string{`Test/Replicas: Rules[0].Destinations[0].Region must not be the registry's own Region; got ` +
		`"us-east-1"`}, cdktest.Refused(t, func() {
		registry.NewReplication(stack, "Replicas",
			&registry.ReplicationProps{Rules: []registry.ReplicationRule{{Destinations: []registry.ReplicationDestination{{Region: "us-east-1"}}}}})
	}))
	tpl := cdktest.Synth(t, stack)

	basic := tpl.At("AWS::ECR::RegistryScanningConfiguration", "/Basic/")
	assert.Equal(t, "BASIC", basic.Get("ScanType"))
	assert.Equal(t, []any{map[string]any{"ScanFrequency": "SCAN_ON_PUSH",
		"RepositoryFilters": []any{map[string]any{"Filter": "*", "FilterType": "WILDCARD"}}}}, basic.Get("Rules"))
	enhanced := tpl.At("AWS::ECR::RegistryScanningConfiguration", "/Enhanced/")
	assert.Equal(t, "ENHANCED", enhanced.Get("ScanType"))
	assert.Equal(t, "CONTINUOUS_SCAN", enhanced.Get("Rules.1.ScanFrequency"))
	assert.Equal(t, "prod/*", enhanced.Get("Rules.1.RepositoryFilters.0.Filter"))

	replication := tpl.Only("AWS::ECR::ReplicationConfiguration")
	assert.Equal(t, map[string]any{"Region": "eu-west-1", "RegistryId": "111122223333"},
		replication.Get("ReplicationConfiguration.Rules.0.Destinations.0"))
	assert.Nil(t, replication.Get("ReplicationConfiguration.Rules.0.RepositoryFilters"))
	assert.Equal(t, map[string]any{"Region": "us-east-1", "RegistryId": "444455556666"},
		replication.Get("ReplicationConfiguration.Rules.1.Destinations.0"))
	assert.Equal(t, map[string]any{"Filter": "prod/", "FilterType": "PREFIX_MATCH"},
		replication.Get("ReplicationConfiguration.Rules.1.RepositoryFilters.0"))

	statement := tpl.Only("AWS::ECR::RegistryPolicy").Get("PolicyText.Statement.0")
	assert.Equal(t, []any{"ecr:CreateRepository", "ecr:ReplicateImage"}, cdktest.Dig(statement, "Action"))
	assert.Contains(t, fmt.Sprint(cdktest.Dig(statement, "Principal.AWS")), "444455556666:root")
	assert.Equal(t, "arn:aws:ecr:us-east-1:111122223333:repository/prod/*", cdktest.Text(t, cdktest.Dig(statement, "Resource.0")))

	public := tpl.Only("AWS::ECR::PublicRepository")
	assert.Equal(t, map[string]any{"RepositoryDescription": "A server", "Architectures": []any{"x86-64"}}, public.Get("RepositoryCatalogData"))
	assert.Equal(t, "RetainExceptOnCreate", public.DeletionPolicy)
}

func TestRegistryIsRefusedWithItsPath(t *testing.T) {
	stack := cdktest.Stack(t)
	assert.Equal(t, []string{
		`Test/Web: RepositoryName must be 2 to 256 lowercase letters and digits, separated by . _ - or /, such as "team/web"; got "Web"`,
		"Test/Web: LifecycleRules[0].KeepDays must not be set for tags among DeployedTags (*), because age doesn't show what is deployed; got " +
			"30; " +
			"use KeepLast, or list in DeployedTags only the tags that are deployed",
	}, cdktest.Refused(t, func() {
		registry.NewRepository(stack, "Web",
			&registry.RepositoryProps{RepositoryName: "Web", LifecycleRules: []registry.LifecycleRule{{TagPattern: "*", KeepDays: 30}}})
	}))
	assert.Equal(t, []string{"Test/Public: requires a stack in us-east-1, the only Region of ECR Public"},
		cdktest.Refused(t, func() { registry.NewPublicRepository(stack, "Public", nil) }))
	assert.Equal(t, []string{`Test/Cache: CredentialArn is required for Upstream "docker-hub": the ARN of a secret whose name begins with ` +
		`"ecr-pullthroughcache/"; create one that holds username and accessToken`},
		cdktest.Refused(t, func() {
			registry.NewPullThroughCache(stack, "Cache", &registry.PullThroughCacheProps{Upstream: registry.DockerHub})
		}))
	assert.Equal(t, []string{"Test/Nothing: repository must not be nil; pass a repository such as one of " +
		"awsecr.Repository_FromRepositoryName"},
		cdktest.Refused(t, func() { registry.RepositoryFrom(stack, "Nothing", nil) }))
	assert.Len(t, cdktest.Refused(t, func() { registry.PullThroughCacheFrom(stack, "Nothing", nil) }), 1)
	for name, refused := range map[string]func(){
		"scanning":    func() { registry.NewScanning(nil, "Lost", nil) },
		"public":      func() { registry.NewPublicRepository(nil, "Lost", nil) },
		"cache":       func() { registry.NewPullThroughCache(nil, "Lost", nil) },
		"replication": func() { registry.NewReplication(nil, "Lost", nil) },
	} {
		assert.Equal(t, "Lost: scope must not be nil", cdktest.Refused(t, refused)[0], name)
	}
	assert.Empty(t, *stack.Node().Children(), "something was made before the refusal")

	builds := registry.NewRepository(stack, "Builds", &registry.RepositoryProps{
		DeployedTags: []string{"v*"}, LifecycleRules: []registry.LifecycleRule{{TagPattern: "ci-*", KeepLast: 5}},
	})
	assert.Equal(t, []string{"Test/Task: Containers[0].Image must not have a tag that LifecycleRules[0] of its repository expires while it " +
		"is deployed; " +
		`got "ci-17"; use one of DeployedTags (v*), or add the tag to them`},
		cdktest.Refused(t, func() {
			ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{{Name: "web", Image: registry.FromRepository(builds, "ci-17")}}})
		}))
}

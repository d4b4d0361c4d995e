package test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/apprunner"
	"awscontainers/constructs/ecs"
	"awscontainers/constructs/express"
	"awscontainers/constructs/registry"
	"awscontainers/constructs/storage"
	"awscontainers/test/cdktest"
)

const arnOfSecret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:"

// runSecret gives a variable of the value of a secret to each construct that takes one.
var runSecret = map[string]func(stack awscdk.Stack, secret awsecs.Secret){
	"Containers[0].Secrets": func(stack awscdk.Stack, secret awsecs.Secret) {
		ecs.NewTask(stack, "Reader", &ecs.TaskProps{Containers: []ecs.Container{{
			Name: "web", Image: registry.FromRegistry(publicImage), Secrets: map[string]awsecs.Secret{"PASSWORD": secret},
		}}})
	},
	"Secrets": func(stack awscdk.Stack, secret awsecs.Secret) {
		apprunner.NewService(stack, "Reader", &apprunner.ServiceProps{
			Image: registry.FromRegistry(helloAppRunner), Secrets: map[string]awsecs.Secret{"PASSWORD": secret},
		})
	},
	"Secrets of Express": func(stack awscdk.Stack, secret awsecs.Secret) {
		express.NewService(stack, "Reader", &express.ServiceProps{
			Image: registry.FromRegistry(publicImage), Secrets: map[string]awsecs.Secret{"PASSWORD": secret},
		})
	},
}

// Secrets Manager takes the end of such a name for its own suffix, whoever asks it.
func TestSecretsByANameThatEndsLikeASuffix(t *testing.T) {
	const refused = `["PASSWORD"] must not be a secret by a name that ends in a hyphen and six characters, which Secrets Manager takes for ` +
		`its own suffix; got "my-secret"; use awssecretsmanager.Secret_FromSecretCompleteArn`
	key := jsii.String("password")
	for field, run := range runSecret {
		for way, secret := range map[string]func(stack awscdk.Stack) awsecs.Secret{
			"by name": func(stack awscdk.Stack) awsecs.Secret {
				return awsecs.Secret_FromSecretsManager(
					awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("S"), jsii.String("my-secret")), key)
			},
			"by a partial ARN": func(stack awscdk.Stack) awsecs.Secret {
				return awsecs.Secret_FromSecretsManager(
					awssecretsmanager.Secret_FromSecretPartialArn(stack, jsii.String("S"), jsii.String(arnOfSecret+"my-secret")), nil)
			},
		} {
			stack := cdktest.Stack(t)
			var said []string
			t.Run(field+way, func(t *testing.T) { said = cdktest.Refused(t, func() { run(stack, secret(stack)) }) })
			assert.Equal(t, []string{"Test/Reader: " + strings.TrimSuffix(field, " of Express") + refused}, said, way)
		}
		for way, secret := range map[string]func(stack awscdk.Stack) awssecretsmanager.ISecret{
			"by another name": func(stack awscdk.Stack) awssecretsmanager.ISecret {
				return awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("S"), jsii.String("my-password"))
			},
			"by the complete ARN": func(stack awscdk.Stack) awssecretsmanager.ISecret {
				return awssecretsmanager.Secret_FromSecretCompleteArn(stack, jsii.String("S"), jsii.String(arnOfSecret+"my-secret-a1b2c3"))
			},
			"created here": func(stack awscdk.Stack) awssecretsmanager.ISecret {
				return awssecretsmanager.NewSecret(stack, jsii.String("S"), nil)
			},
		} {
			stack := cdktest.Stack(t)
			run(stack, awsecs.Secret_FromSecretsManager(secret(stack), key))
			assert.Empty(t, warningsOf(stack), "%s %s", field, way)
		}
	}
}

// A complete ARN can't be told from a partial one by itself, so an end that looks like a word is only warned of, wherever ARNs are given.
func TestSecretsByAnArnThatMayLackItsSuffix(t *testing.T) {
	arns := func(arn string) map[string]string { return map[string]string{"PASSWORD": arn} }
	const credential = arnOfSecret + "ecr-pullthroughcache/docker-"
	for name, run := range map[string]func(stack awscdk.Stack, end string){
		"ecs": func(stack awscdk.Stack, end string) {
			ecs.NewTask(stack, "Reader", &ecs.TaskProps{Containers: []ecs.Container{{
				Name: "web", Image: registry.FromRegistry(publicImage), SecretArns: arns(arnOfSecret + "my-" + end + ":password"),
			}}})
		},
		"apprunner": func(stack awscdk.Stack, end string) {
			apprunner.NewService(stack, "Reader", &apprunner.ServiceProps{
				Image: registry.FromRegistry(helloAppRunner), SecretArns: arns(arnOfSecret + "my-" + end),
			})
		},
		"express": func(stack awscdk.Stack, end string) {
			express.NewService(stack, "Reader", &express.ServiceProps{
				Image: registry.FromRegistry(publicImage), SecretArns: arns(arnOfSecret + "my-" + end),
			})
		},
		"cache": func(stack awscdk.Stack, end string) {
			registry.NewPullThroughCache(stack, "Reader", &registry.PullThroughCacheProps{
				Upstream: registry.DockerHub, CredentialArn: credential + end,
			})
		},
		"ontap": func(stack awscdk.Stack, end string) {
			storage.OntapFrom(stack, "Reader", &storage.OntapAttributes{
				FileSystemId: "fs-0123456789abcdef0", SecurityGroupId: "sg-0123456789abcdef0", SvmId: "svm-0123456789abcdef0", SvmName: "svm",
				SvmAdminSecretArn: arnOfSecret + "my-" + end,
			})
		},
		"by the CDK": func(stack awscdk.Stack, end string) {
			runSecret["Secrets"](stack, awsecs.Secret_FromSecretsManager(
				awssecretsmanager.Secret_FromSecretCompleteArn(stack, jsii.String("S"), jsii.String(arnOfSecret+"my-"+end)), nil))
		},
	} {
		for _, end := range []string{"secret", "Secret", "config", "mysql8"} {
			stack := cdktest.Stack(t)
			run(stack, end)
			warnings := warningsOf(stack)
			if assert.Len(t, warnings, 1, "%s %s", name, end) {
				assert.Contains(t, warnings[0], "may lack the suffix that Secrets Manager adds to a name", name)
			}
		}
		for _, end := range []string{"a1b2c3", "AbCdEf", "x7TkQz"} {
			stack := cdktest.Stack(t)
			run(stack, end)
			assert.Empty(t, warningsOf(stack), "%s %s", name, end)
		}
	}
	stack := cdktest.Stack(t)
	assert.Equal(t, []string{
		"Test/Cache: CredentialArn must be a complete ARN, which ends in a hyphen and the six characters that Secrets Manager adds to the " +
			`name; got "` + credential + `hub"; run aws secretsmanager describe-secret --secret-id ecr-pullthroughcache/docker-hub --query ARN ` +
			"--output text",
	}, cdktest.Refused(t, func() {
		registry.NewPullThroughCache(stack, "Cache", &registry.PullThroughCacheProps{
			Upstream: registry.DockerHub, CredentialArn: credential + "hub",
		})
	}))
}

// warningsOf returns the warnings of a construct and all below it.
func warningsOf(scope constructs.IConstruct) (texts []string) {
	for _, child := range *scope.Node().FindAll("") {
		for _, m := range *child.Node().Metadata() {
			if *m.Type == "aws:cdk:warning" {
				texts = append(texts, m.Data.(string))
			}
		}
	}
	return texts
}

package registry

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/secretarn"
)

// WithCredentials returns the image with the secret that holds the user name and the password for its registry, as
// {"username": "…", "password": "…"}. The execution role of the task may then read just this secret, and decrypt with its key if the
// secret has one of yours. The secret must be in Secrets Manager and known by its complete ARN; it may be in another Region or account.
// Only images of FromRegistry outside of Amazon ECR take credentials, in tasks of ECS.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html
func (i Image) WithCredentials(secret awssecretsmanager.ISecret) Image {
	i.credentials, i.credentialsArn, i.isPrivate = secret, "", true
	return i
}

// WithCredentialsArn is WithCredentials for a secret by its complete ARN. If a customer managed KMS key encrypts the secret, the key's
// policy must let the execution role decrypt.
func (i Image) WithCredentialsArn(secretArn string) Image {
	i.credentials, i.credentialsArn, i.isPrivate = nil, secretArn, true
	return i
}

// checkCredentials refuses credentials that ECS would not find, or that have no place.
func (i Image) checkCredentials(bad *invalid.Problems) {
	if !i.isPrivate {
		return
	}
	const field = "Credentials"
	if origin := i.Origin(); origin.InPrivateEcr || origin.InPublicEcr {
		bad.Add("", "must be in a registry outside of Amazon ECR to take credentials")
		return
	}
	switch {
	case i.credentials != nil:
		if i.credentials.SecretFullArn() == nil {
			bad.Add(field, "must be a secret by its complete ARN, because the execution role may read only that").
				Advise("use awssecretsmanager.Secret_FromSecretCompleteArn")
		}
	case i.credentialsArn == "":
		bad.Add(field, "must be a secret of Secrets Manager; got none")
	case !invalid.IsToken(i.credentialsArn):
		secretarn.CheckWhole(field, i.credentialsArn, bad)
	}
}

// ResolveWithCredentials is Resolve for what has a place for credentials. They are nil for an image that everybody may pull; otherwise the
// puller may read just them, and decrypt with the secret's key if it is one of yours.
func (i Image) ResolveWithCredentials(
	scope constructs.Construct, id string, platform awsecrassets.Platform, puller awsiam.IGrantable,
) (uri string, credentials awssecretsmanager.ISecret) {
	if i.isPrivate {
		var bad invalid.Problems
		check.NotNil("puller", puller, "the role that reads the credentials", &bad)
		check.Arguments(scope, "ResolveWithCredentials", bad)
		i.refuse("ResolveWithCredentials", scope, platform, puller)
		credentials = i.repositoryCredentials(scope, id).Credentials
		credentials.GrantRead(puller, nil)
		i.isPrivate = false
	}
	uri, _ = i.Resolve(scope, id, platform, puller)
	return uri, credentials
}

// repositoryCredentials is nil for an image that everybody may pull.
func (i Image) repositoryCredentials(scope constructs.Construct, id string) *awsecs.RepositoryImageProps {
	switch {
	case !i.isPrivate:
		return nil
	case i.credentials != nil:
		return &awsecs.RepositoryImageProps{Credentials: i.credentials}
	default:
		return &awsecs.RepositoryImageProps{
			Credentials: awssecretsmanager.Secret_FromSecretCompleteArn(scope, jsii.String(id+"Credentials"), &i.credentialsArn),
		}
	}
}

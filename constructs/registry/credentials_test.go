package registry

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// aSecret is one that knows its ARN, or not.
type aSecret struct {
	awssecretsmanager.ISecret
	arn *string
}

func (s aSecret) SecretFullArn() *string { return s.arn }

func TestCredentialsAreRefused(t *testing.T) {
	const (
		arn     = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ghcr"
		partial = "Credentials must be a complete ARN, which ends in a hyphen and the six characters that Secrets Manager adds to the name; got "
		form    = `Credentials must be the complete ARN of a Secrets Manager secret such as ` +
			`"arn:aws:secretsmanager:eu-west-1:111122223333:secret:registry-a1b2c3"`
		ofEcr = "must be in a registry outside of Amazon ECR to take credentials"
	)
	image := FromRegistry("ghcr.io/acme/private:1.0")
	for name, c := range map[string]struct {
		image Image
		want  string
	}{
		"complete": {image.WithCredentialsArn(arn + "-a1b2c3"), ""},
		"token":    {image.WithCredentialsArn("${Token[Secret.7]}"), ""},
		"a secret": {image.WithCredentials(aSecret{arn: new(arn + "-a1b2c3")}), ""},
		"by name": {image.WithCredentials(aSecret{}), "Credentials must be a secret by its complete ARN, because the execution role may read " +
			"only that; use awssecretsmanager.Secret_FromSecretCompleteArn"},
		"none":  {image.WithCredentials(nil), "Credentials must be a secret of Secrets Manager; got none"},
		"empty": {image.WithCredentialsArn(""), "Credentials must be a secret of Secrets Manager; got none"},
		"partial": {image.WithCredentialsArn(arn), partial +
			`"` + arn + `"; run aws secretsmanager describe-secret --secret-id ghcr --query ARN --output text`},
		"a password": {image.WithCredentialsArn("hunter2"), form}, // and it isn't shown
		"a key of a secret": {image.WithCredentialsArn(arn + "-a1b2c3:password"), "Credentials must be the ARN of a whole secret, not " +
			`of one of its keys; got "` + arn + `-a1b2c3:password"; remove :password`},
		"private ECR": {FromRegistry("111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1").WithCredentialsArn(arn + "-a1b2c3"), ofEcr},
		"public ECR":  {FromRegistry("public.ecr.aws/nginx/nginx:stable").WithCredentialsArn(arn + "-a1b2c3"), ofEcr},
		"a cache":     {FromPullThroughCache(cacheOf(DockerHub, ""), "library/nginx:1").WithCredentialsArn(arn + "-a1b2c3"), ofEcr},
	} {
		err := c.image.Validate()
		if c.want == "" {
			require.NoError(t, err, name)
			assert.True(t, c.image.Origin().HasCredentials, name)
			continue
		}
		require.EqualError(t, err, c.want, name)
	}
	assert.False(t, image.Origin().HasCredentials, "the image itself was changed")
}

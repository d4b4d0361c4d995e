package secretarn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/secretarn"
)

const secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:"

func refused(arn string) string {
	var bad invalid.Problems
	secretarn.Check("Arn", arn, &bad)
	if err := bad.Err(); err != nil {
		return err.Error()
	}
	return ""
}

func TestArnsThatEcsReads(t *testing.T) {
	for _, arn := range []string{
		secret + "db-a1b2c3", secret + "shop/prod/db-A1B2C3:password", secret + "rds!db-0f3a-a1b2c3:user name", secret + "db-a1b2c3:password::",
		secret + "db-a1b2c3:password:AWSPREVIOUS:", secret + "db-a1b2c3::AWSPREVIOUS", secret + "a=b+c@d.e-a1b2c3",
		"arn:aws-us-gov:secretsmanager:us-gov-west-1:111122223333:secret:db-a1b2c3",
		"arn:aws-cn:ssm:cn-north-1:111122223333:parameter/shop/db.password", "arn:aws:ssm:eu-west-1:111122223333:parameter/token",
	} {
		assert.Empty(t, refused(arn), arn)
	}
}

func TestArnsThatAreRefused(t *testing.T) {
	const partial = "Arn must be a complete ARN, which ends in a hyphen and the six characters that Secrets Manager adds to the name; got "
	for arn, want := range map[string]string{
		"":                      "Arn must be " + secretarn.Wanted,
		"db":                    "Arn must be " + secretarn.Wanted,
		"arn:aws:s3:::bucket":   "Arn must be " + secretarn.Wanted + `; got "arn:aws:s3:::bucket"`,
		secret:                  "Arn must be " + secretarn.Wanted + `; got "` + secret + `"`,
		secret + "db-a1b2c3:":   `Arn must have a key after the colon; got "` + secret + `db-a1b2c3:"; remove the colon for the whole secret`,
		secret + "db-a1b2c3:::": `Arn must have a key after the colon; got "` + secret + `db-a1b2c3:::"; remove the colon for the whole secret`,
		secret + "db":           partial + `"` + secret + `db"; run aws secretsmanager describe-secret --secret-id db --query ARN --output text`,
		secret + "db-a1b2c3:a:b:c:d": "Arn must have at most a key, a version stage and a version ID after the secret's ARN, separated by " +
			`colons; got "` + secret + `db-a1b2c3:a:b:c:d"`,
		"${Token[Secret.7]}": "Arn must be a literal, not a CDK token, because the secret and its key are read from it; " +
			"use Secrets with awsecs.Secret_FromSecretsManager",
	} {
		assert.Equal(t, want, refused(arn), arn)
	}
}

package secretarn

import (
	"maps"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
)

var (
	// A secret's ARN ends in a hyphen and six characters. Those of one of its keys, a version's label and a version's ID may follow.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
	complete = regexp.MustCompile(`^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@!-]+-[A-Za-z0-9]{6})((?::[^:]*){0,3})$`)
	whole    = regexp.MustCompile(`^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@!-]+-[A-Za-z0-9]{6}:`)
	partial  = regexp.MustCompile(`^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:([^:]+)`)
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-ssm-paramstore.html
	parameter = regexp.MustCompile(`^arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:parameter/[\w./-]+$`)
)

// Wanted says what an ARN must be, as the rest of a sentence that begins with "must be".
const Wanted = `the complete ARN of a Secrets Manager secret such as "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3", ` +
	`followed by ":" and a key of its JSON for that key's value, or the ARN of an SSM parameter`

// IsComplete reports whether a text is the complete ARN of a secret, without one of its keys.
func IsComplete(arn string) bool {
	match := complete.FindStringSubmatch(arn)
	return match != nil && match[2] == ""
}

// Check refuses what is not the complete ARN of a secret, with or without one of its keys, or the ARN of an SSM parameter. It shows only
// ARNs: anything else may be the secret itself.
func Check(field, arn string, bad *invalid.Problems) {
	name := partial.FindStringSubmatch(arn)
	match := complete.FindStringSubmatch(arn)
	switch {
	case invalid.IsToken(arn):
		bad.Add(field, "must be a literal, not a CDK token, because the secret and its key are read from it").
			Advise("use Secrets with awsecs.Secret_FromSecretsManager")
	case match != nil && match[2] != "" && strings.Trim(match[2], ":") == "":
		bad.Add(field, "must have a key after the colon").Given(arn).Advise("remove the colon for the whole secret")
	case match != nil, parameter.MatchString(arn):
	case match == nil && whole.MatchString(arn):
		bad.Add(field, "must have at most a key, a version stage and a version ID after the secret's ARN, separated by colons").Given(arn)
	case name != nil:
		bad.Add(field, "must be a complete ARN, which ends in a hyphen and the six characters that Secrets Manager adds to the name").Given(arn).
			Advise("run aws secretsmanager describe-secret --secret-id %s --query ARN --output text", name[1])
	case strings.HasPrefix(arn, "arn:"):
		bad.Add(field, "must be "+Wanted).Given(arn)
	default:
		bad.Add(field, "must be "+Wanted)
	}
}

// CheckWhole refuses what is not the complete ARN of a secret of Secrets Manager, or is followed by one of its keys. It shows only ARNs:
// anything else may be the secret itself.
func CheckWhole(field, arn string, bad *invalid.Problems) {
	name := partial.FindStringSubmatch(arn)
	match := complete.FindStringSubmatch(arn)
	switch {
	case match != nil && match[2] == "":
	case match != nil:
		bad.Add(field, "must be the ARN of a whole secret, not of one of its keys").Given(arn).Advise("remove %s", match[2])
	case name != nil:
		bad.Add(field, "must be a complete ARN, which ends in a hyphen and the six characters that Secrets Manager adds to the name").Given(arn).
			Advise("run aws secretsmanager describe-secret --secret-id %s --query ARN --output text", name[1])
	default:
		p := bad.Add(field, `must be the complete ARN of a Secrets Manager secret such as `+
			`"arn:aws:secretsmanager:eu-west-1:111122223333:secret:registry-a1b2c3"`)
		if strings.HasPrefix(arn, "arn:") {
			p.Given(arn)
		}
	}
}

// Join returns secrets together with those of ARNs that Check accepts.
func Join(secrets map[string]awsecs.Secret, arns map[string]string) map[string]awsecs.Secret {
	all := maps.Clone(secrets)
	if all == nil {
		all = map[string]awsecs.Secret{}
	}
	for name, arn := range arns {
		all[name] = newSecret(arn)
	}
	return all
}

// secret is what an ARN names. The CDK's own classes grant more than ECS takes, and a parameter of theirs must be in the stack's Region.
type secret struct {
	awsecs.Secret
	valueFrom, action, resource string
}

func newSecret(arn string) awsecs.Secret {
	s := &secret{valueFrom: arn, action: "ssm:GetParameters", resource: arn}
	if match := complete.FindStringSubmatch(arn); match != nil {
		s.action, s.resource = "secretsmanager:GetSecretValue", match[1]
		if colons := strings.Count(match[2], ":"); colons > 0 {
			s.valueFrom += strings.Repeat(":", 3-colons) // ECS wants all three parts or none
		}
	}
	awsecs.NewSecret_Override(s)
	return s
}

// Arn returns what ValueFrom of a container's secret is.
func (s *secret) Arn() *string { return &s.valueFrom }

// HasField reports whether there is a key.
func (s *secret) HasField() *bool { return jsii.Bool(s.valueFrom != s.resource) }

// GrantRead lets a role get the value, as ECS does when it starts a task.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
func (s *secret) GrantRead(grantee awsiam.IGrantable) awsiam.Grant {
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee, Actions: jsii.Strings(s.action), ResourceArns: jsii.Strings(s.resource),
	})
}

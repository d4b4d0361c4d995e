package secretarn

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/annotate"
)

var (
	// suffixed finds in an ARN the name of a secret that ends like the suffix that Secrets Manager adds: a hyphen and six characters.
	suffixed = regexp.MustCompile(`:secret:([^:$]+-([A-Za-z0-9]{6}))(?::|$)`)
	// word is what hardly one suffix in a hundred looks like, and many names do.
	word = regexp.MustCompile(`^(?:[a-z]{3,6}\d{0,3}|[Ss]ecret)$`)
)

// CheckNames refuses secrets that are given by a name, or an ARN without its suffix, that ends like a suffix: Secrets Manager takes the
// end for the suffix, and doesn't find the secret. It takes the role that reads them, because what it is granted tells a partial ARN from
// a complete one.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
func CheckNames(field string, secrets map[string]awsecs.Secret, role awsiam.IRole, bad *invalid.Problems) {
	for _, variable := range slices.Sorted(maps.Keys(secrets)) {
		name := suffixed.FindStringSubmatch(*secrets[variable].Arn())
		if name == nil || !isPartial(secrets[variable], role) {
			continue
		}
		bad.Add(fmt.Sprintf("%s[%q]", field, variable), "must not be a secret by a name that ends in a hyphen and six characters, which "+
			"Secrets Manager takes for its own suffix").Given(name[1]).
			Advise("use awssecretsmanager.Secret_FromSecretCompleteArn")
	}
}

// isPartial reports whether the CDK knows no suffix of a secret, in whose place it then grants six question marks. The role has the same
// grant already.
func isPartial(secret awsecs.Secret, role awsiam.IRole) bool {
	grant := secret.GrantRead(role)
	// Of a secret of another account, the statement is one for the secret's own policy.
	for _, statement := range slices.Concat(*grant.PrincipalStatements(), *grant.ResourceStatements()) {
		granted, err := json.Marshal(awscdk.Stack_Of(role).Resolve(*statement.Resources())) // by name, it is a token
		if err == nil && strings.Contains(string(granted), `-??????"`) {
			return true
		}
	}
	return false
}

// Warn warns of ARNs that may lack their suffix, because they end in a word.
func Warn(scope constructs.IConstruct, arns ...string) {
	warned := map[string]bool{}
	for _, arn := range arns {
		name := suffixed.FindStringSubmatch(arn)
		if name == nil || !word.MatchString(name[2]) || warned[name[1]] {
			continue
		}
		warned[name[1]] = true
		annotate.Warning(scope, "secret-suffix", fmt.Sprintf("The ARN of secret %q may lack the suffix that Secrets Manager adds to a name, "+
			"a hyphen and six characters: %q looks like part of the name. Compare it with "+
			"\"aws secretsmanager describe-secret --secret-id %s --query ARN\"; without the suffix, no task starts", name[1], name[2], name[1]))
	}
}

// Arns returns the ARNs of secrets.
func Arns(secrets map[string]awsecs.Secret) (arns []string) {
	for _, variable := range slices.Sorted(maps.Keys(secrets)) {
		arns = append(arns, *secrets[variable].Arn())
	}
	return arns
}

package check

import (
	"fmt"
	"maps"
	"net/mail"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/secretarn"
)

// Index names an element of a slice, as Go spells it: "Containers[0]".
func Index(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

// OneOf joins values for a message: "256, 512 or 1024".
func OneOf[T any](values []T) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// OneOfQuoted is OneOf for strings: `"a", "b" or "c"`.
func OneOfQuoted[T ~string](values []T) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = fmt.Sprintf("%q", string(v))
	}
	return OneOf(quoted)
}

// Range refuses a number outside minimum to maximum.
func Range(field string, value, minimum, maximum int, bad *invalid.Problems) {
	if value < minimum || value > maximum {
		bad.Add(field, "must be an integer from %d to %d", minimum, maximum).Given(value)
	}
}

// Min refuses a number below minimum.
func Min(field string, value, minimum int, bad *invalid.Problems) {
	if value < minimum {
		bad.Add(field, "must be %d or greater", minimum).Given(value)
	}
}

// NotGreater refuses a number above another one, which the message names: "MaxSize", or "the task's Cpu".
func NotGreater(field string, value int, other string, limit int, bad *invalid.Problems) {
	if value > limit {
		bad.Add(field, "must not be greater than %s (%d)", other, limit).Given(value)
	}
}

// NotLess refuses a number below another one, which the message names.
func NotLess(field string, value int, other string, limit int, bad *invalid.Problems) {
	if value < limit {
		bad.Add(field, "must not be less than %s (%d)", other, limit).Given(value)
	}
}

// Port refuses a number that is not a TCP or UDP port.
func Port(field string, port int, bad *invalid.Problems) { Range(field, port, 1, 65535, bad) }

// Percent refuses a number that is not a percentage above 0.
func Percent(field string, percent int, bad *invalid.Problems) { Range(field, percent, 1, 100, bad) }

// Seconds accepts 0, the default, and whole seconds from minimum to maximum. It returns whether it accepts the duration, for checks
// that compare it with others. Less than a millisecond is a number of seconds without its unit.
func Seconds(field string, d, minimum, maximum time.Duration, bad *invalid.Problems) bool {
	if d == 0 || d >= minimum && d <= maximum && d%time.Second == 0 {
		return true
	}
	problem := bad.Add(field, "must be whole seconds from %v to %v", minimum, maximum).Given(d)
	if d > 0 && d < time.Millisecond {
		meant := min(int64(d), int64(maximum/time.Second))
		problem.Advise("use a time.Duration such as %d * time.Second", max(meant, int64(minimum/time.Second)))
	}
	return false
}

// Known refuses a value that is not in a list. It accepts the empty value, the default. It refuses a CDK token too: code decides by
// the value, and jsii knows a constant only by its name.
func Known[T ~string](field string, value T, known []T, bad *invalid.Problems) {
	if value != "" && !slices.Contains(known, value) {
		bad.Add(field, "must be %s", OneOfQuoted(known)).Given(value)
	}
}

// RequiredKnown refuses a value that is missing or not in a list.
func RequiredKnown[T ~string](field string, value T, known []T, bad *invalid.Problems) {
	if value == "" {
		bad.Add(field, "is required: %s", OneOfQuoted(known))
	}
	Known(field, value, known, bad)
}

// Once refuses the element i of a list if an earlier one equals it. It accepts the empty value, which other checks refuse.
func Once[T comparable](field string, values []T, i int, bad *invalid.Problems) {
	var none T
	if first := slices.Index(values, values[i]); first < i && values[i] != none {
		bad.Add(Index(field, i), "must not repeat %s", Index(field, first)).Given(values[i])
	}
}

// OnceObject is Once for objects, which a message can't show. It accepts nil.
func OnceObject[T comparable](field string, values []T, i int, bad *invalid.Problems) {
	var none T
	if first := slices.Index(values, values[i]); first < i && values[i] != none {
		bad.Add(Index(field, i), "must not repeat %s", Index(field, first)).Advise("remove one of them")
	}
}

// Literal refuses a CDK token, for the reason that the text gives: "the family is read from it". It returns the problem, or nil.
func Literal(field, value, reason string, bad *invalid.Problems) *invalid.Problem {
	if !invalid.IsToken(value) {
		return nil
	}
	return bad.Add(field, "must be a literal, not a CDK token, because %s", reason)
}

// Match accepts the empty value, the default, and values that fit a form. The text says what the form is, with an example:
// `the ARN of an ACM certificate, such as "arn:aws:acm:…"`.
func Match(field, value string, form *regexp.Regexp, wanted string, bad *invalid.Problems) {
	if value != "" && !invalid.IsToken(value) && !form.MatchString(value) {
		bad.Add(field, "must be %s", wanted).Given(value)
	}
}

// Cidrs refuses what is not an IPv4 range, an address inside a range, and a range named twice.
func Cidrs(field string, cidrs []string, bad *invalid.Problems) {
	for i, cidr := range cidrs {
		if invalid.IsToken(cidr) {
			continue
		}
		prefix, err := netip.ParsePrefix(cidr)
		switch {
		case err != nil || !prefix.Addr().Is4():
			bad.Add(Index(field, i), `must be an IPv4 range such as "203.0.113.0/24", or "203.0.113.7/32" for one address`).Given(cidr)
		case prefix.Masked() != prefix:
			bad.Add(Index(field, i), "must begin at the first address of its range").Given(cidr).Advise("use %q", prefix.Masked())
		default:
			Once(field, cidrs, i, bad)
		}
	}
}

// Cidr refuses what is not an IPv4 range, and an address inside a range. It accepts the empty value, the default.
func Cidr(field, cidr, example string, bad *invalid.Problems) {
	if cidr == "" || invalid.IsToken(cidr) {
		return
	}
	prefix, err := netip.ParsePrefix(cidr)
	switch {
	case err != nil || !prefix.Addr().Is4():
		bad.Add(field, "must be an IPv4 range such as %q", example).Given(cidr)
	case prefix.Masked() != prefix:
		bad.Add(field, "must begin at the first address of its range").Given(cidr).Advise("use %q", prefix.Masked())
	}
}

// Email refuses what is not an email address. It accepts the empty value.
func Email(field, address string, bad *invalid.Problems) {
	if address != "" && !invalid.IsToken(address) && !IsEmail(address) {
		bad.Add(field, `must be an email address such as "on-call@example.com"`).Given(address)
	}
}

// IsEmail reports whether a text is an email address and nothing else.
func IsEmail(address string) bool {
	parsed, err := mail.ParseAddress(address)
	return err == nil && parsed.Address == address
}

// NoNil refuses nil elements of a list of CDK objects. The text names what belongs there: "a security group".
func NoNil[T comparable](field string, values []T, what string, bad *invalid.Problems) {
	var none T
	for i, v := range values {
		if v == none {
			bad.Add(Index(field, i), "must be %s; got nil", what)
		}
	}
}

// Variables refuses names that an environment variable can't have, variables that are both plain and secret, and secrets that are
// neither the CDK's nor those of ARNs.
func Variables[S comparable](plain map[string]string, secrets map[string]S, arns map[string]string, bad *invalid.Problems) {
	var none S
	for _, name := range slices.Sorted(maps.Keys(plain)) {
		variable("Environment", name, bad)
		if _, both := secrets[name]; both {
			bad.Add("Environment", "must not have a variable that Secrets has too").Given(name).
				Advise("keep it in only one of them: in Secrets if it is a secret")
		}
		if _, both := arns[name]; both {
			bad.Add("Environment", "must not have a variable that SecretArns has too").Given(name).
				Advise("keep it in only one of them: in SecretArns if it is a secret")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		variable("Secrets", name, bad)
		if secrets[name] == none {
			bad.Add("Secrets", "must have secrets of awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter; got nil for %q", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(arns)) {
		variable("SecretArns", name, bad)
		if _, both := secrets[name]; both {
			bad.Add("SecretArns", "must not have a variable that Secrets has too").Given(name).Advise("keep it in only one of them")
		}
		secretarn.Check(fmt.Sprintf("SecretArns[%q]", name), arns[name], bad)
	}
}

func variable(field, name string, bad *invalid.Problems) {
	if name == "" || strings.ContainsAny(name, "=\x00") {
		bad.Add(field, "must have names of one or more characters without =").Given(name)
	}
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
var urlPath = regexp.MustCompile(`^/[!-~]*$`)

// UrlPath refuses what a load balancer can't ask for in a health check.
func UrlPath(field, path string, bad *invalid.Problems) {
	if !invalid.IsToken(path) && (!urlPath.MatchString(path) || len(path) > 1024) {
		bad.Add(field, "must begin with / and have at most 1024 characters without spaces").Given(path)
	}
}

// The names that ECS takes for clusters, services, families, containers and volumes.
var ecsName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

// EcsName refuses what ECS doesn't take as a name. It accepts the empty name, for which CloudFormation makes one.
func EcsName(field, name string, bad *invalid.Problems) {
	Match(field, name, ecsName, "1 to 255 letters, digits, hyphens and underscores", bad)
}

// RequiredEcsName is EcsName for a name that must be given.
func RequiredEcsName(field, name string, bad *invalid.Problems) {
	if name == "" {
		bad.Add(field, "is required: 1 to 255 letters, digits, hyphens and underscores")
	}
	EcsName(field, name, bad)
}

// MaxLen refuses a list with too many elements.
func MaxLen(field string, n, maximum int, bad *invalid.Problems) {
	if n > maximum {
		bad.Add(field, "must have at most %d elements", maximum).Given(n)
	}
}

// https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html
var hostedZoneId = regexp.MustCompile(`^Z[0-9A-Z]{1,31}$`)

// IsHostedZoneId reports whether a text has the form of the id of a Route 53 hosted zone.
func IsHostedZoneId(id string) bool { return hostedZoneId.MatchString(id) }

// HostedZoneId refuses what is not the ID of a Route 53 hosted zone. It accepts the empty value.
func HostedZoneId(field, id string, bad *invalid.Problems) {
	Match(field, id, hostedZoneId, `the ID of a hosted zone such as "Z0123456789ABCDEFGHIJ"`, bad)
}

// https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
var domainName = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+([A-Za-z]{2,63}|xn--[A-Za-z0-9-]{1,58}[A-Za-z0-9])$`)

// IsDomainName reports whether a text is a domain name, without a period at its end.
func IsDomainName(name string) bool { return domainName.MatchString(name) }

// DomainName refuses what is not a domain name. It accepts the empty value.
func DomainName(field, name string, bad *invalid.Problems) {
	Match(field, name, domainName, `a domain name such as "www.example.com"`, bad)
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
var principalArn = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]+$`)

// IsPrincipalArn reports whether a text is the ARN of an IAM role or user.
func IsPrincipalArn(arn string) bool { return principalArn.MatchString(arn) }

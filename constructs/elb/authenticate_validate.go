package elb

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/balancer"
	"awscontainers/internal/check"
	"awscontainers/internal/secretarn"
)

const (
	maxSession     = 7 * 24 * time.Hour
	maxExtraParams = 10
	// The limits of a token.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-verify-jwt.html
	maxJwtText, maxClaims, maxClaimValues = 256, 10, 10
)

var (
	cookieName  = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$") // https://www.rfc-editor.org/rfc/rfc6265#section-4.1.1
	userPoolArn = regexp.MustCompile(`^arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:\d{12}:userpool/[\w-]+_[0-9A-Za-z]+$`)
	// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain.html
	poolDomain   = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)
	claimFormats = []JwtClaimFormat{JwtClaimString, JwtClaimArray, JwtClaimSpaceSeparated}
	// verifiedClaims are looked at in any case.
	verifiedClaims = []string{"exp", "iss", "nbf", "iat"}
)

// validate takes what is known of the listener, or nil.
func (a *Authenticate) validate(listener *balancer.Listener) error {
	var bad invalid.Problems
	ways := 0
	if a.Oidc != nil {
		ways++
		bad.Nest("Oidc", a.Oidc.validate())
	}
	if a.Cognito != nil {
		ways++
		bad.Nest("Cognito", a.Cognito.validate())
	}
	if a.Jwt != nil {
		ways++
		bad.Nest("Jwt", a.Jwt.validate())
	}
	if ways != 1 {
		bad.Add("", "must have exactly one of Oidc, Cognito and Jwt").Given(ways)
	}
	if listener != nil && listener.Protocol == elbv2.ApplicationProtocol_HTTP {
		bad.Add("", "requires an HTTPS listener").Advise("set a certificate on the load balancer")
	}
	a.validateSession(&bad)
	return bad.Err()
}

func (a *Authenticate) validateSession(bad *invalid.Problems) {
	if a.Jwt != nil {
		for _, option := range []struct {
			field string
			isSet bool
		}{
			{"OnUnauthenticatedRequest", a.OnUnauthenticatedRequest != ""}, {"Scope", a.Scope != ""},
			{"SessionCookieName", a.SessionCookieName != ""}, {"SessionTimeout", a.SessionTimeout != 0},
			{"RequestExtraParams", len(a.RequestExtraParams) > 0},
		} {
			if option.isSet {
				bad.Add(option.field, "must not be set together with Jwt, which has no sessions").Advise("remove it")
			}
		}
		return
	}
	check.Known("OnUnauthenticatedRequest", a.OnUnauthenticatedRequest, knownUnauthenticated, bad)
	check.Match("SessionCookieName", a.SessionCookieName, cookieName, "letters, digits and !#$%&'*+.^_`|~-", bad)
	check.Seconds("SessionTimeout", a.SessionTimeout, time.Second, maxSession, bad)
	check.MaxLen("RequestExtraParams", len(a.RequestExtraParams), maxExtraParams, bad)
	if _, isSet := a.RequestExtraParams[""]; isSet {
		bad.Add("RequestExtraParams", "must have names")
	}
	if a.Scope != "" && !slices.Contains(strings.Fields(a.Scope), "openid") && !invalid.IsToken(a.Scope) {
		// https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
		bad.Add("Scope", `must contain "openid"`).Given(a.Scope)
	}
}

func (o *Oidc) validate() error {
	var bad invalid.Problems
	for _, endpoint := range []struct{ field, url string }{
		{"Issuer", o.Issuer}, {"AuthorizationEndpoint", o.AuthorizationEndpoint}, {"TokenEndpoint", o.TokenEndpoint},
		{"UserInfoEndpoint", o.UserInfoEndpoint},
	} {
		checkHttps(endpoint.field, endpoint.url, &bad)
	}
	if o.ClientId == "" {
		bad.Add("ClientId", "is required")
	}
	const wanted = `the complete ARN of a Secrets Manager secret such as "arn:aws:secretsmanager:eu-west-1:111122223333:secret:oidc-a1b2c3"`
	switch {
	case o.ClientSecretArn == "":
		bad.Add("ClientSecretArn", "is required: %s", wanted)
	case !invalid.IsToken(o.ClientSecretArn) && !secretarn.IsComplete(o.ClientSecretArn):
		p := bad.Add("ClientSecretArn", "must be %s", wanted)
		if strings.HasPrefix(o.ClientSecretArn, "arn:") {
			p.Given(o.ClientSecretArn) // anything else may be the secret itself
		}
		p.Advise("set ClientSecretKey for a key of its JSON")
	}
	return bad.Err()
}

func (c *Cognito) validate() error {
	var bad invalid.Problems
	check.Required("UserPoolArn", c.UserPoolArn, userPoolArn,
		`the ARN of a user pool such as "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEf123"`, &bad)
	if c.UserPoolClientId == "" {
		bad.Add("UserPoolClientId", "is required")
	}
	check.Required("UserPoolDomain", c.UserPoolDomain, poolDomain, `the prefix of a domain of Cognito such as "shop", or a domain name`, &bad)
	return bad.Err()
}

func (j *Jwt) validate() error {
	var bad invalid.Problems
	if j.Issuer == "" {
		bad.Add("Issuer", "is required")
	}
	checkHttps("JwksEndpoint", j.JwksEndpoint, &bad)
	for _, text := range []struct{ field, value string }{{"Issuer", j.Issuer}, {"JwksEndpoint", j.JwksEndpoint}} {
		if len(text.value) > maxJwtText && !invalid.IsToken(text.value) {
			bad.Add(text.field, "must have at most %d characters", maxJwtText).Given(len(text.value))
		}
	}
	check.MaxLen("AdditionalClaims", len(j.AdditionalClaims), maxClaims, &bad)
	for i := range j.AdditionalClaims {
		bad.Nest(check.Index("AdditionalClaims", i), j.AdditionalClaims[i].validate())
	}
	return bad.Err()
}

func (c *JwtClaim) validate() error {
	var bad invalid.Problems
	switch {
	case c.Name == "":
		bad.Add("Name", "is required")
	case slices.Contains(verifiedClaims, c.Name):
		bad.Add("Name", "must not be exp, iss, nbf or iat, which are always verified").Given(c.Name)
	}
	check.RequiredKnown("Format", c.Format, claimFormats, &bad)
	if len(c.Values) == 0 {
		bad.Add("Values", "is required").Advise("set at least one value")
	}
	check.MaxLen("Values", len(c.Values), maxClaimValues, &bad)
	if c.Format == JwtClaimString && len(c.Values) > 1 {
		bad.Add("Values", "must be one with Format %q", JwtClaimString).Given(len(c.Values))
	}
	for i, value := range c.Values {
		at := check.Index("Values", i)
		switch {
		case invalid.IsToken(value):
		case value == "" || len(value) > maxJwtText:
			bad.Add(at, "must have 1 to %d characters", maxJwtText).Given(len(value))
		case c.Format == JwtClaimSpaceSeparated && strings.Contains(value, " "):
			bad.Add(at, "must not contain spaces with Format %q", JwtClaimSpaceSeparated).Given(value)
		}
	}
	return bad.Err()
}

// checkHttps refuses what is not the address of an endpoint, with a name that public DNS may know.
func checkHttps(field, address string, bad *invalid.Problems) {
	const wanted = `an HTTPS URL with a public name, such as "https://login.example.com/token"`
	if address == "" {
		bad.Add(field, "is required: %s", wanted)
		return
	}
	if invalid.IsToken(address) {
		return
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || !strings.Contains(u.Hostname(), ".") || u.User != nil || u.Fragment != "" ||
		u.Port() != "" && u.Port() != "443" {
		bad.Add(field, "must be %s", wanted).Given(address)
	}
}

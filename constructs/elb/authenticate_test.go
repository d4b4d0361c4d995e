package elb

import (
	"fmt"
	"strings"
	"testing"
	"time"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/balancer"
	"awscontainers/internal/fake"
)

func anyOidc() *Oidc {
	return &Oidc{Issuer: "https://login.example.com/", AuthorizationEndpoint: "https://login.example.com/authorize",
		TokenEndpoint: "https://login.example.com/token", UserInfoEndpoint: "https://login.example.com/userinfo", ClientId: "shop",
		ClientSecretArn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:oidc-a1b2c3"}
}

func anyCognito() *Cognito {
	return &Cognito{UserPoolArn: "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEf123", UserPoolClientId: "client",
		UserPoolDomain: "shop"}
}

func anyJwt() *Jwt {
	return &Jwt{Issuer: "shop", JwksEndpoint: "https://login.example.com/jwks.json"}
}

func TestAuthenticationsAreRefused(t *testing.T) {
	const (
		secret = "must be the complete ARN of a Secrets Manager secret such as " +
			`"arn:aws:secretsmanager:eu-west-1:111122223333:secret:oidc-a1b2c3"`
		https = `an HTTPS URL with a public name, such as "https://login.example.com/token"`
	)
	for name, c := range map[string]struct {
		change func(a *Authenticate)
		want   []string
	}{
		"nothing": {func(a *Authenticate) { *a = Authenticate{} },
			[]string{"Authenticate must have exactly one of Oidc, Cognito and Jwt; got 0"}},
		"two": {func(a *Authenticate) { a.Cognito = anyCognito() },
			[]string{"Authenticate must have exactly one of Oidc, Cognito and Jwt; got 2"}},
		"empty OIDC": {func(a *Authenticate) { a.Oidc = &Oidc{} }, []string{
			"Authenticate.Oidc.Issuer is required: " + https,
			"Authenticate.Oidc.AuthorizationEndpoint is required: " + https,
			"Authenticate.Oidc.TokenEndpoint is required: " + https,
			"Authenticate.Oidc.UserInfoEndpoint is required: " + https,
			"Authenticate.Oidc.ClientId is required",
			"Authenticate.Oidc.ClientSecretArn is required: " + strings.TrimPrefix(secret, "must be "),
		}},
		"endpoints": {func(a *Authenticate) {
			a.Oidc.Issuer, a.Oidc.AuthorizationEndpoint = "http://login.example.com", "login.example.com"
			a.Oidc.TokenEndpoint, a.Oidc.UserInfoEndpoint = "https://login.example.com:8443/token", "https://localhost/userinfo"
		}, []string{
			"Authenticate.Oidc.Issuer must be " + https + `; got "http://login.example.com"`,
			"Authenticate.Oidc.AuthorizationEndpoint must be " + https + `; got "login.example.com"`,
			"Authenticate.Oidc.TokenEndpoint must be " + https + `; got "https://login.example.com:8443/token"`,
			"Authenticate.Oidc.UserInfoEndpoint must be " + https + `; got "https://localhost/userinfo"`,
		}},
		"the secret itself, which no message shows": {func(a *Authenticate) { a.Oidc.ClientSecretArn = "hunter2" },
			[]string{"Authenticate.Oidc.ClientSecretArn " + secret + "; set ClientSecretKey for a key of its JSON"}},
		"the secret with a key": {func(a *Authenticate) { a.Oidc.ClientSecretArn += ":password" }, []string{
			"Authenticate.Oidc.ClientSecretArn " + secret + `; got "arn:aws:secretsmanager:eu-west-1:111122223333:secret:oidc-a1b2c3:password"` +
				"; set ClientSecretKey for a key of its JSON"}},
		"Cognito": {func(a *Authenticate) {
			a.Oidc, a.Cognito = nil, &Cognito{UserPoolArn: "eu-west-1_AbCdEf123", UserPoolDomain: "https://shop"}
		}, []string{
			`Authenticate.Cognito.UserPoolArn must be the ARN of a user pool such as ` +
				`"arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEf123"; got "eu-west-1_AbCdEf123"`,
			"Authenticate.Cognito.UserPoolClientId is required",
			`Authenticate.Cognito.UserPoolDomain must be the prefix of a domain of Cognito such as "shop", or a domain name; got "https://shop"`,
		}},
		"session": {func(a *Authenticate) {
			a.OnUnauthenticatedRequest, a.Scope, a.SessionCookieName, a.SessionTimeout = "REFUSE", "email", "a b", 8*24*time.Hour
			a.RequestExtraParams = map[string]string{"": "x"}
			for i := range 10 {
				a.RequestExtraParams[fmt.Sprint(i)] = "x"
			}
		}, []string{
			`Authenticate.OnUnauthenticatedRequest must be "ALLOW", "AUTHENTICATE" or "DENY"; got "REFUSE"`,
			"Authenticate.SessionCookieName must be letters, digits and !#$%&'*+.^_`|~-; got \"a b\"",
			"Authenticate.SessionTimeout must be whole seconds from 1s to 168h; got 192h",
			"Authenticate.RequestExtraParams must have at most 10 elements; got 11",
			"Authenticate.RequestExtraParams must have names",
			`Authenticate.Scope must contain "openid"; got "email"`,
		}},
		"a session of a token": {func(a *Authenticate) {
			*a = Authenticate{Jwt: anyJwt(), OnUnauthenticatedRequest: "DENY", Scope: "openid", SessionCookieName: "c",
				SessionTimeout: time.Hour, RequestExtraParams: map[string]string{"a": "b"}}
		}, []string{
			"Authenticate.OnUnauthenticatedRequest must not be set together with Jwt, which has no sessions; remove it",
			"Authenticate.Scope must not be set together with Jwt, which has no sessions; remove it",
			"Authenticate.SessionCookieName must not be set together with Jwt, which has no sessions; remove it",
			"Authenticate.SessionTimeout must not be set together with Jwt, which has no sessions; remove it",
			"Authenticate.RequestExtraParams must not be set together with Jwt, which has no sessions; remove it",
		}},
		"token": {func(a *Authenticate) {
			long := strings.Repeat("x", 257)
			*a = Authenticate{Jwt: &Jwt{Issuer: long, JwksEndpoint: "https://login.example.com/" + long, AdditionalClaims: []JwtClaim{
				{}, {Name: "exp", Format: "text", Values: []string{""}},
				{Name: "scope", Format: JwtClaimSpaceSeparated, Values: []string{"read write", long}},
				{Name: "aud", Format: JwtClaimString, Values: []string{"a", "b"}},
			}}}
		}, []string{
			"Authenticate.Jwt.Issuer must have at most 256 characters; got 257",
			"Authenticate.Jwt.JwksEndpoint must have at most 256 characters; got 283",
			"Authenticate.Jwt.AdditionalClaims[0].Name is required",
			`Authenticate.Jwt.AdditionalClaims[0].Format is required: "single-string", "string-array" or "space-separated-values"`,
			"Authenticate.Jwt.AdditionalClaims[0].Values is required; set at least one value",
			`Authenticate.Jwt.AdditionalClaims[1].Name must not be exp, iss, nbf or iat, which are always verified; got "exp"`,
			`Authenticate.Jwt.AdditionalClaims[1].Format must be "single-string", "string-array" or "space-separated-values"; got "text"`,
			"Authenticate.Jwt.AdditionalClaims[1].Values[0] must have 1 to 256 characters; got 0",
			`Authenticate.Jwt.AdditionalClaims[2].Values[0] must not contain spaces with Format "space-separated-values"; got "read write"`,
			"Authenticate.Jwt.AdditionalClaims[2].Values[1] must have 1 to 256 characters; got 257",
			`Authenticate.Jwt.AdditionalClaims[3].Values must be one with Format "single-string"; got 2`,
		}},
		"many claims": {func(a *Authenticate) {
			*a = Authenticate{Jwt: anyJwt()}
			a.Jwt.AdditionalClaims = slicesOf(11, JwtClaim{Name: "aud", Format: JwtClaimArray, Values: slicesOf(11, "x")})
		}, append([]string{"Authenticate.Jwt.AdditionalClaims must have at most 10 elements; got 11"}, func() (want []string) {
			for i := range 11 {
				want = append(want, fmt.Sprintf("Authenticate.Jwt.AdditionalClaims[%d].Values must have at most 10 elements; got 11", i))
			}
			return want
		}()...)},
		"OIDC": {func(a *Authenticate) {
			a.OnUnauthenticatedRequest, a.Scope, a.SessionCookieName = elbv2.UnauthenticatedAction_DENY, "openid email", "Shop"
			a.SessionTimeout, a.RequestExtraParams = time.Hour, map[string]string{"prompt": "login"}
		}, nil},
		"tokens of the CDK": {func(a *Authenticate) {
			*a.Oidc = Oidc{"${Token[a]}", "${Token[a]}", "${Token[a]}", "${Token[a]}", "${Token[a]}", "${Token[a]}", "key"}
		}, nil},
		"a pool": {func(a *Authenticate) { *a = Authenticate{Cognito: anyCognito()} }, nil},
		"a pool's own domain": {func(a *Authenticate) {
			*a = Authenticate{Cognito: anyCognito()}
			a.Cognito.UserPoolDomain = "login.example.com"
		}, nil},
		"a token": {func(a *Authenticate) {
			*a = Authenticate{Jwt: anyJwt()}
			a.Jwt.AdditionalClaims = []JwtClaim{{Name: "aud", Format: JwtClaimString, Values: []string{"shop"}}}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := ListenerRuleProps{Listener: listenerOf(balancer.Listener{Protocol: elbv2.ApplicationProtocol_HTTPS}),
				Authenticate: &Authenticate{Oidc: anyOidc()}, FixedResponse: &FixedResponse{StatusCode: 200}}
			c.change(p.Authenticate)
			fake.Refused(t, p.Validate(), c.want...)
		})
	}
}

func slicesOf[T any](n int, value T) (values []T) {
	for range n {
		values = append(values, value)
	}
	return values
}

// Elastic Load Balancing refuses it; the cookie of a session would travel in clear text besides.
func TestAuthenticationRequiresTls(t *testing.T) {
	for protocol, want := range map[elbv2.ApplicationProtocol][]string{
		elbv2.ApplicationProtocol_HTTP:  {"Authenticate requires an HTTPS listener; set a certificate on the load balancer"},
		elbv2.ApplicationProtocol_HTTPS: nil,
		"":                              nil, // of an imported listener
	} {
		for _, a := range []*Authenticate{{Oidc: anyOidc()}, {Cognito: anyCognito()}, {Jwt: anyJwt()}} {
			p := ListenerRuleProps{Listener: listenerOf(balancer.Listener{Protocol: protocol}), Authenticate: a,
				FixedResponse: &FixedResponse{StatusCode: 200}}
			fake.Refused(t, p.Validate(), want...)
		}
	}
}

// A browser has one cookie of a name: two ways to sign in would end each other's sessions.
func TestSessionsHaveCookiesOfTheirOwn(t *testing.T) {
	oidc, pool := &Authenticate{Oidc: anyOidc()}, &Authenticate{Cognito: anyCognito()}
	named := &Authenticate{Cognito: anyCognito(), SessionCookieName: "Pool"}
	byDefault := &Authenticate{Oidc: anyOidc(), SessionCookieName: defaultCookie}
	for name, c := range map[string]struct {
		first, second      *Authenticate
		firstHost, lastOne string
		isRefused          bool
	}{
		"two providers":               {first: oidc, second: pool, isRefused: true},
		"the default, written":        {first: pool, second: byDefault, isRefused: true},
		"one provider twice":          {first: oidc, second: byDefault},
		"two cookies":                 {first: oidc, second: named},
		"tokens have none":            {first: oidc, second: &Authenticate{Jwt: anyJwt()}},
		"nobody signs in":             {first: oidc},
		"two hosts":                   {first: oidc, second: pool, firstHost: "a.example.com", lastOne: "b.example.com"},
		"a host and a pattern for it": {first: oidc, second: pool, firstHost: "a.example.com", lastOne: "*.example.com", isRefused: true},
	} {
		t.Run(name, func(t *testing.T) {
			rule := func(a *Authenticate, host string) balancer.Rule {
				r := balancer.Rule{Owner: "Stack/Web", Session: a.Internal()}
				if host != "" {
					r.Conditions.HostHeaders = []string{host}
				}
				return r
			}
			var bad invalid.Problems
			balancer.Rules{rule(c.first, c.firstHost)}.CheckSession(rule(c.second, c.lastOne), &bad)
			if !c.isRefused {
				assert.Empty(t, bad)
				return
			}
			fake.Refused(t, bad.Err(), "Authenticate.SessionCookieName must not be that of Stack/Web, which authenticates in another way under "+
				`the same names; got "AWSELBAuthSessionCookie"; set another name, or authenticate in the same way`)
		})
	}
}

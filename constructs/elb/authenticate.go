package elb

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/internal/annotate"
	"awscontainers/internal/balancer"
	"awscontainers/internal/opt"
)

// Authenticate lets an Application Load Balancer check who sends a request before it does what a rule says: Oidc and Cognito sign users in,
// Jwt verifies the tokens of programs. Exactly one of the three is required, and an HTTPS listener. The load balancer reaches the identity
// provider over HTTPS, so its security group lets it out to port 443: an internal one needs a NAT gateway. Health checks of targets don't
// pass through rules. Rules for gRPC can't authenticate. With Oidc and Cognito, allow https://<name>/oauth2/idpresponse as a redirect URL
// at the identity provider, for each name by which users come. Targets that rely on the headers x-amzn-oidc-* must verify the signature of
// x-amzn-oidc-data, and that its signer is this load balancer: clients can send such headers wherever nothing authenticates.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
type Authenticate struct {
	// Oidc signs users in by an identity provider that speaks OpenID Connect. Default: nil.
	Oidc *Oidc
	// Cognito signs users in by an Amazon Cognito user pool. Default: nil.
	Cognito *Cognito
	// Jwt verifies a JSON Web Token in the Authorization header. Default: nil.
	Jwt *Jwt

	// OnUnauthenticatedRequest is what becomes of a request without a session: elbv2.UnauthenticatedAction_AUTHENTICATE sends the user to
	// sign in, _DENY answers 401, for scripts and APIs, and _ALLOW lets it through, so that the targets must tell. Not with Jwt, where it
	// is denied. Default: AUTHENTICATE.
	OnUnauthenticatedRequest elbv2.UnauthenticatedAction
	// Scope is what the identity provider tells of the user, separated by spaces, "openid email". Not with Jwt. Default: "openid".
	Scope string
	// SessionCookieName is the cookie that holds the session. Rules that authenticate differently under the same host names need different
	// names. Not with Jwt. Default: "AWSELBAuthSessionCookie".
	SessionCookieName string
	// SessionTimeout is how long a session lasts, 1 s to 7 days. Not with Jwt. Default: 7 days.
	SessionTimeout time.Duration
	// RequestExtraParams are added to the query with which users are sent to sign in, up to ten, such as {"prompt": "login"}. Not with Jwt.
	// Default: none.
	RequestExtraParams map[string]string
}

// Oidc is an identity provider that speaks OpenID Connect. Its endpoints are in its document .well-known/openid-configuration; their
// names must be in public DNS, and their certificates from a public authority.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AuthenticateOidcActionConfig.html
type Oidc struct {
	// Issuer is the provider's identifier, "https://login.example.com". Required.
	Issuer string
	// AuthorizationEndpoint is where users sign in, "https://login.example.com/authorize". Required.
	AuthorizationEndpoint string
	// TokenEndpoint is where the load balancer gets tokens, "https://login.example.com/token". Required.
	TokenEndpoint string
	// UserInfoEndpoint is where it gets what Scope asks for, "https://login.example.com/userinfo". Required.
	UserInfoEndpoint string
	// ClientId is the load balancer's identifier at the provider. Required.
	ClientId string
	// ClientSecretArn is the complete ARN of a Secrets Manager secret with the load balancer's secret at the provider, which the template
	// only refers to: CloudFormation reads it when it creates or changes the rule. After a rotation, change another prop of Authenticate,
	// such as SessionTimeout by a second, for the rule to get the new one. Required.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
	ClientSecretArn string
	// ClientSecretKey is a key of the secret's JSON. Default: none, the secret is the whole text.
	ClientSecretKey string
}

// Cognito is a user pool, with a client that has a secret and the authorization code grant.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AuthenticateCognitoActionConfig.html
type Cognito struct {
	// UserPoolArn is the user pool. Required.
	UserPoolArn string
	// UserPoolClientId is the client. Required.
	UserPoolClientId string
	// UserPoolDomain is the pool's domain: the prefix of one that Cognito gives, "shop", or a whole domain name of your own. Required.
	UserPoolDomain string
}

// Jwt verifies tokens that programs send in the header Authorization, signed with RS256: the signature, the issuer, and the times in exp,
// nbf and iat. The load balancer answers requests without a valid token by itself.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-verify-jwt.html
type Jwt struct {
	// Issuer is the claim iss of valid tokens, up to 256 characters. Required.
	Issuer string
	// JwksEndpoint is where the load balancer gets the issuer's keys, "https://login.example.com/.well-known/jwks.json", up to 256 characters.
	// It must be reachable from the internet, and answer with up to ten keys and 150 KB. Required.
	JwksEndpoint string
	// AdditionalClaims are further claims that a token must have, up to ten. Without one such as aud, any token of the issuer will do, also
	// one that is for another service. Default: none.
	AdditionalClaims []JwtClaim
}

// JwtClaim is a claim that a token must have.
type JwtClaim struct {
	// Name is the claim, "aud"; not exp, iss, nbf or iat. Required.
	Name string
	// Format is JwtClaimString, JwtClaimArray or JwtClaimSpaceSeparated, as the issuer writes the claim. Required.
	Format JwtClaimFormat
	// Values are what the claim must hold, up to ten of up to 256 characters. Required: at least one.
	Values []string
}

// JwtClaimFormat is how an issuer writes a claim.
type JwtClaimFormat string

// The formats of a claim.
const (
	JwtClaimString         JwtClaimFormat = "single-string"
	JwtClaimArray          JwtClaimFormat = "string-array"
	JwtClaimSpaceSeparated JwtClaimFormat = "space-separated-values"
)

// before puts the authentication before an action; without any it is the action itself.
func (a *Authenticate) before(next elbv2.ListenerAction) elbv2.ListenerAction {
	if a == nil {
		return next
	}
	onListener, onRule := a.render()
	action := elbv2.NewListenerAction(onListener, next)
	action.AddRuleAction(onRule)
	return action
}

// render gives the action as a listener and as a rule have it: CloudFormation takes the time of a session as a text of the one, and as a
// number of the other.
func (a *Authenticate) render() (*elbv2.CfnListener_ActionProperty, *elbv2.CfnListenerRule_ActionProperty) {
	unauthenticated := unauthenticatedActions[a.OnUnauthenticatedRequest]
	var timeout *string
	if a.SessionTimeout != 0 {
		timeout = jsii.String(strconv.Itoa(int(a.SessionTimeout / time.Second)))
	}
	var params any
	if len(a.RequestExtraParams) > 0 {
		params = opt.StringMap(a.RequestExtraParams)
	}
	switch {
	case a.Oidc != nil:
		const action = "authenticate-oidc"
		secret := a.Oidc.clientSecret()
		return &elbv2.CfnListener_ActionProperty{Type: jsii.String(action),
				AuthenticateOidcConfig: &elbv2.CfnListener_AuthenticateOidcConfigProperty{
					Issuer: &a.Oidc.Issuer, AuthorizationEndpoint: &a.Oidc.AuthorizationEndpoint, TokenEndpoint: &a.Oidc.TokenEndpoint,
					UserInfoEndpoint: &a.Oidc.UserInfoEndpoint, ClientId: &a.Oidc.ClientId, ClientSecret: secret,
					OnUnauthenticatedRequest: opt.String(unauthenticated), Scope: opt.String(a.Scope),
					SessionCookieName: opt.String(a.SessionCookieName), SessionTimeout: timeout, AuthenticationRequestExtraParams: params,
				}}, &elbv2.CfnListenerRule_ActionProperty{Type: jsii.String(action),
				AuthenticateOidcConfig: &elbv2.CfnListenerRule_AuthenticateOidcConfigProperty{
					Issuer: &a.Oidc.Issuer, AuthorizationEndpoint: &a.Oidc.AuthorizationEndpoint, TokenEndpoint: &a.Oidc.TokenEndpoint,
					UserInfoEndpoint: &a.Oidc.UserInfoEndpoint, ClientId: &a.Oidc.ClientId, ClientSecret: secret,
					OnUnauthenticatedRequest: opt.String(unauthenticated), Scope: opt.String(a.Scope),
					SessionCookieName: opt.String(a.SessionCookieName), SessionTimeout: opt.Number(int(a.SessionTimeout / time.Second)),
					AuthenticationRequestExtraParams: params,
				}}
	case a.Cognito != nil:
		const action = "authenticate-cognito"
		return &elbv2.CfnListener_ActionProperty{Type: jsii.String(action),
				AuthenticateCognitoConfig: &elbv2.CfnListener_AuthenticateCognitoConfigProperty{
					UserPoolArn: &a.Cognito.UserPoolArn, UserPoolClientId: &a.Cognito.UserPoolClientId, UserPoolDomain: &a.Cognito.UserPoolDomain,
					OnUnauthenticatedRequest: opt.String(unauthenticated), Scope: opt.String(a.Scope),
					SessionCookieName: opt.String(a.SessionCookieName), SessionTimeout: timeout, AuthenticationRequestExtraParams: params,
				}}, &elbv2.CfnListenerRule_ActionProperty{Type: jsii.String(action),
				AuthenticateCognitoConfig: &elbv2.CfnListenerRule_AuthenticateCognitoConfigProperty{
					UserPoolArn: &a.Cognito.UserPoolArn, UserPoolClientId: &a.Cognito.UserPoolClientId, UserPoolDomain: &a.Cognito.UserPoolDomain,
					OnUnauthenticatedRequest: opt.String(unauthenticated), Scope: opt.String(a.Scope),
					SessionCookieName: opt.String(a.SessionCookieName), SessionTimeout: opt.Number(int(a.SessionTimeout / time.Second)),
					AuthenticationRequestExtraParams: params,
				}}
	default:
		const action = "jwt-validation"
		onListener := &elbv2.CfnListener_JwtValidationConfigProperty{Issuer: &a.Jwt.Issuer, JwksEndpoint: &a.Jwt.JwksEndpoint}
		onRule := &elbv2.CfnListenerRule_JwtValidationConfigProperty{Issuer: &a.Jwt.Issuer, JwksEndpoint: &a.Jwt.JwksEndpoint}
		if len(a.Jwt.AdditionalClaims) > 0 {
			var listenerClaims []*elbv2.CfnListener_JwtValidationActionAdditionalClaimProperty
			var ruleClaims []*elbv2.CfnListenerRule_JwtValidationActionAdditionalClaimProperty
			for _, c := range a.Jwt.AdditionalClaims {
				listenerClaims = append(listenerClaims, &elbv2.CfnListener_JwtValidationActionAdditionalClaimProperty{
					Name: &c.Name, Format: jsii.String(string(c.Format)), Values: jsii.Strings(c.Values...),
				})
				ruleClaims = append(ruleClaims, &elbv2.CfnListenerRule_JwtValidationActionAdditionalClaimProperty{
					Name: &c.Name, Format: jsii.String(string(c.Format)), Values: jsii.Strings(c.Values...),
				})
			}
			onListener.AdditionalClaims, onRule.AdditionalClaims = &listenerClaims, &ruleClaims
		}
		return &elbv2.CfnListener_ActionProperty{Type: jsii.String(action), JwtValidationConfig: onListener},
			&elbv2.CfnListenerRule_ActionProperty{Type: jsii.String(action), JwtValidationConfig: onRule}
	}
}

// clientSecret is a reference that CloudFormation resolves.
func (o *Oidc) clientSecret() *string {
	key := &awscdk.SecretsManagerSecretOptions{JsonField: opt.String(o.ClientSecretKey)}
	return awscdk.SecretValue_SecretsManager(&o.ClientSecretArn, key).UnsafeUnwrap()
}

// defaultCookie is the cookie of a session unless another is named.
const defaultCookie = "AWSELBAuthSessionCookie"

// Internal is for this library's packages.
func (a *Authenticate) Internal() balancer.Session { return a.session() }

// session tells what signs users in, and the cookie in which the load balancer keeps that they are; the zero value without.
func (a *Authenticate) session() balancer.Session {
	if a == nil || a.Jwt != nil {
		return balancer.Session{}
	}
	s := balancer.Session{Cookie: a.SessionCookieName}
	opt.Default(&s.Cookie, defaultCookie)
	switch {
	case a.Oidc != nil:
		s.Provider = fmt.Sprint(a.Oidc.Issuer, " ", a.Oidc.ClientId)
	case a.Cognito != nil:
		s.Provider = fmt.Sprint(a.Cognito.UserPoolArn, " ", a.Cognito.UserPoolClientId)
	}
	return s
}

// reach lets the load balancer of a listener out to the identity provider, and warns where it has no way to it. AWS's pages don't say
// whether the keys of Jwt are fetched from the load balancer's own addresses too, so that the way is opened for it as well.
// https://repost.aws/knowledge-center/elb-configure-authentication-alb
func (a *Authenticate) reach(rule constructs.Construct, listener *Listener) {
	if a == nil {
		return
	}
	listener.Connections().AllowToAnyIpv4(awsec2.Port_Tcp(jsii.Number(443)), jsii.String("Identity provider"))
	if listener.known.IsIsolated {
		annotate.Warning(rule, "no-way-to-identity-provider",
			"The load balancer is in isolated subnets, from which it can't reach the identity provider unless its endpoints' public names "+
				"resolve to addresses in reach: requests that must sign in get a 500. Use network.Private with a NAT gateway")
	}
}

// callback is where the identity provider sends users back to.
const callback = "/oauth2/idpresponse"

// warnOfLostCallback says so if users who have signed in may come back to a rule that doesn't authenticate them: AWS's pages don't say that
// the load balancer answers this path whatever the rules are. Other rules may come later.
func (a *Authenticate) warnOfLostCallback(rule constructs.Construct, listener *Listener, conditions *Conditions) {
	session := a.session()
	if session.Cookie == "" {
		return
	}
	back := balancer.Conditions{PathPatterns: []string{callback}, HostHeaders: conditions.HostHeaders, HttpRequestMethods: []string{"GET"}}
	annotate.WhenComplete(rule, func() {
		for _, r := range listener.known.Rules {
			if r.Session == session && (r.IsDefault || r.Conditions.Overlap(&back)) {
				return
			}
		}
		annotate.Warning(rule, "lost-callback", "Users come back from signing in to "+callback+", which no rule fits that authenticates "+
			"in the same way; add the path to PathPatterns of this rule, and GET to HttpRequestMethods if it has any")
	})
}

// unauthenticatedActions are what the API calls them.
var unauthenticatedActions = map[elbv2.UnauthenticatedAction]string{
	"": "", elbv2.UnauthenticatedAction_AUTHENTICATE: "authenticate", elbv2.UnauthenticatedAction_DENY: "deny",
	elbv2.UnauthenticatedAction_ALLOW: "allow",
}

var knownUnauthenticated = slices.Sorted(maps.Keys(unauthenticatedActions))[1:]

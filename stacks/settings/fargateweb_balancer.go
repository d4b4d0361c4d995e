package settings

import (
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"

	"awscontainers/internal/check"
	"awscontainers/stacks"
)

// fargateWebBalancer reads how the load balancer meets its clients and the web service.
func (r *reader) fargateWebBalancer(p *stacks.FargateWebProps) {
	p.AlternativeDomainNames = r.list(key{
		Name: "alternativeDomainNames", Check: check.DomainName,
		Doc: "further names of the site in the same hosted zone, such as `example.com`: each gets a DNS record, and is on the certificate",
	})
	p.RedirectToDomainName = r.flag(key{
		Name: "redirectToDomainName", Doc: "visitors of `alternativeDomainNames` are sent to `domainName`",
	})
	p.AdditionalCertificateArns = r.list(key{
		Name: "additionalCertificateArns", Check: isCertificate,
		Doc: "ACM certificates for further names, besides the one of `certificateArn` or `domainName`",
	})
	p.SecurityHeaders = r.flag(key{
		Name: "securityHeaders",
		Doc: "all answers tell browsers to guess no content types, to show the site in no other site's frames, and with HTTPS to use only " +
			"HTTPS for a year, which you can't take back",
	})
	p.ConnectionLogs = r.flag(key{
		Name: "connectionLogs", Doc: "a log of connections beside the access logs: TLS versions, client certificates, failed handshakes",
	})
	p.HealthCheckPort = r.integer(key{
		Name: "healthCheckPort", Doc: "the port of the image that the load balancer checks, if it is not `port`, on which the running version " +
			"must listen already; to go back, set it to `port`",
	}, 1, maxPort)
	p.TargetProtocol = choice(r, targetProtocolKey, elbv2.ApplicationProtocol_HTTP, elbv2.ApplicationProtocol_HTTPS)
	p.LoadBalancingAlgorithm = choice(r, key{
		Name: "loadBalancingAlgorithm",
		Doc: "which task gets a request: `ROUND_ROBIN`, `LEAST_OUTSTANDING_REQUESTS`, for requests that differ in how long they take, or " +
			"`WEIGHTED_RANDOM`; otherwise AWS's default, `ROUND_ROBIN`, to which you go back by setting it",
	},
		elbv2.TargetGroupLoadBalancingAlgorithmType_ROUND_ROBIN,
		elbv2.TargetGroupLoadBalancingAlgorithmType_LEAST_OUTSTANDING_REQUESTS,
		elbv2.TargetGroupLoadBalancingAlgorithmType_WEIGHTED_RANDOM)
}

// fargateWebOidc reads who may visit.
func (r *reader) fargateWebOidc(p *stacks.FargateWebProps) {
	p.OidcIssuer = r.text(key{
		Name: "oidcIssuer",
		Doc: "visitors must sign in by this identity provider, `https://login.example.com`; requires HTTPS and the other keys that begin with " +
			"`oidc`; at the provider, allow `https://<domain name>/oauth2/idpresponse` as a redirect URL",
	})
	p.OidcAuthorizationEndpoint = r.text(key{Name: "oidcAuthorizationEndpoint", Doc: "where the provider lets visitors sign in"})
	p.OidcTokenEndpoint = r.text(key{Name: "oidcTokenEndpoint", Doc: "where the provider gives tokens"})
	p.OidcUserInfoEndpoint = r.text(key{Name: "oidcUserInfoEndpoint", Doc: "where the provider tells about visitors"})
	p.OidcClientId = r.text(key{Name: "oidcClientId", Doc: "the site's client ID at the provider"})
	p.OidcClientSecretArn = r.text(key{
		Name: "oidcClientSecretArn", Doc: "the complete ARN of a Secrets Manager secret with the site's client secret at the provider",
	})
	p.OidcClientSecretKey = r.text(key{
		Name: "oidcClientSecretKey", Doc: "a key of that secret's JSON, whose value it is; otherwise the whole secret",
	})
}

var targetProtocolKey = key{
	Name: "targetProtocol", Default: string(elbv2.ApplicationProtocol_HTTP),
	Doc: "what the load balancer speaks to the web service: `HTTP`, or `HTTPS` with any certificate of the image's, which it doesn't " +
		"verify; a change interrupts the service",
}

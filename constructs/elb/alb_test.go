package elb

import (
	"strings"
	"testing"
	"time"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/waf"
	"awscontainers/internal/balancer"
	"awscontainers/internal/fake"
)

const certificateOfIreland = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"

type (
	anyBucket struct{ awss3.IBucket }
	anyStore  struct{ elbv2.ITrustStore }
)

func TestApplicationLoadBalancersAreRefused(t *testing.T) {
	const (
		http  = elbv2.ApplicationProtocol_HTTP
		https = elbv2.ApplicationProtocol_HTTPS
	)
	longName := strings.Repeat("a", 60) + ".example.com"
	for name, c := range map[string]struct {
		change func(p *ApplicationLoadBalancerProps)
		want   []string
	}{
		"no VPC": {func(p *ApplicationLoadBalancerProps) { p.Vpc = nil }, []string{"Vpc is required; use network.NewVpc or network.VpcFrom"}},
		"HTTPS without certificate": {func(p *ApplicationLoadBalancerProps) { p.CertificateArn, p.Protocol = "", https },
			[]string{`Protocol must be HTTP without a certificate; got "HTTPS"; set CertificateArn, or DomainName with its hosted zone`}},
		"HTTP with certificate": {func(p *ApplicationLoadBalancerProps) { p.Protocol = http },
			[]string{`Protocol must be HTTPS with a certificate; got "HTTP"; remove it for HTTPS with a redirect from HTTP`}},
		"unknown protocol": {func(p *ApplicationLoadBalancerProps) { p.Protocol = "TCP" },
			[]string{`Protocol must be "HTTP" or "HTTPS"; got "TCP"`}},
		"certificate of another service": {func(p *ApplicationLoadBalancerProps) {
			p.CertificateArn = "arn:aws:iam::111122223333:server-certificate/x"
		}, []string{`CertificateArn must be the ARN of an ACM certificate such as "arn:aws:acm:<region>:<account>:certificate/<id>"; ` +
			`got "arn:aws:iam::111122223333:server-certificate/x"`}},
		"domain without zone": {func(p *ApplicationLoadBalancerProps) { p.DomainName = "www.example.com" },
			[]string{`DomainName requires HostedZoneId and HostedZoneName; got "www.example.com"`}},
		"domain of another zone": {func(p *ApplicationLoadBalancerProps) {
			p.DomainName, p.HostedZoneId, p.HostedZoneName = "www.badexample.com", "Z1", "example.com"
		}, []string{`DomainName must be in the hosted zone, "example.com"; got "www.badexample.com"`}},
		"zone by its path": {func(p *ApplicationLoadBalancerProps) {
			p.DomainName, p.HostedZoneId, p.HostedZoneName = "www.example.com", "/hostedzone/Z1", "example.com"
		}, []string{`HostedZoneId must be the ID of a hosted zone such as "Z0123456789ABCDEFGHIJ"; got "/hostedzone/Z1"`}},
		"zone without domain": {func(p *ApplicationLoadBalancerProps) { p.HostedZoneId, p.HostedZoneName = "Z1", "example.com" },
			[]string{"DomainName is required with HostedZoneId or HostedZoneName"}},
		"domain name": {func(p *ApplicationLoadBalancerProps) {
			p.DomainName, p.HostedZoneId, p.HostedZoneName = "www_x.example.com", "Z1", "example.com"
		}, []string{`DomainName must be a domain name such as "www.example.com"; got "www_x.example.com"`}},
		"domain too long for a certificate": {func(p *ApplicationLoadBalancerProps) {
			p.CertificateArn, p.DomainName, p.HostedZoneId, p.HostedZoneName = "", longName, "Z1", "example.com"
		}, []string{`DomainName must have at most 64 characters, the limit of a certificate; got "` + longName +
			`"; use a shorter name or set CertificateArn`}},
		"private and facing the internet": {func(p *ApplicationLoadBalancerProps) { p.InternetFacing, p.Subnets = true, "private" },
			[]string{`Subnets must be "public" with InternetFacing; got "private"`}},
		"subnets that are not there": {func(p *ApplicationLoadBalancerProps) { p.Subnets = "isolated" },
			[]string{`Subnets must be a type of subnets that the VPC has (2 public, 2 private, 0 isolated); got "isolated"; ` +
				`set IsolatedSubnets of network.VpcProps, or use network.Private`}},
		"one zone": {func(p *ApplicationLoadBalancerProps) { p.Vpc, p.InternetFacing = fake.Vpc{Public: "aa"}, true },
			[]string{`Subnets must be in two or more Availability Zones of the VPC; got "public"`}},
		"clients by a list that came out empty": {func(p *ApplicationLoadBalancerProps) { p.IngressCidrs = []string{} },
			[]string{"IngressCidrs must be nil for the default, or have at least one range; got an empty list"}},
		"clients": {func(p *ApplicationLoadBalancerProps) { p.IngressCidrs = []string{"10.0.0.0/8", "10.0.0.1/8"} },
			[]string{`IngressCidrs[1] must begin at the first address of its range; got "10.0.0.1/8"; use "10.0.0.0/8"`}},
		"retention": {func(p *ApplicationLoadBalancerProps) { p.AccessLogRetentionDays = -1 },
			[]string{"AccessLogRetentionDays must be 1 or greater; got -1"}},
		"idle timeout": {func(p *ApplicationLoadBalancerProps) { p.IdleTimeout = 4001 * time.Second },
			[]string{"IdleTimeout must be whole seconds from 1s to 1h6m40s; got 1h6m41s"}},
		"mutual TLS without TLS": {func(p *ApplicationLoadBalancerProps) {
			p.CertificateArn, p.MutualTls = "", &MutualTls{Passthrough: true}
		},
			[]string{"MutualTls requires HTTPS; set CertificateArn, or DomainName with its hosted zone"}},
		"mutual TLS of no kind": {func(p *ApplicationLoadBalancerProps) { p.MutualTls = &MutualTls{} },
			[]string{"MutualTls must have exactly one of CaBucket, TrustStore and Passthrough; got 0"}},
		"mutual TLS of two kinds": {func(p *ApplicationLoadBalancerProps) {
			p.MutualTls = &MutualTls{TrustStore: anyStore{}, Passthrough: true, IgnoreClientCertificateExpiry: true}
		}, []string{
			"MutualTls must have exactly one of CaBucket, TrustStore and Passthrough; got 2",
			"MutualTls.IgnoreClientCertificateExpiry must not be set together with Passthrough, which checks nothing; remove it",
		}},
		"authorities without a key": {func(p *ApplicationLoadBalancerProps) { p.MutualTls = &MutualTls{CaBucket: anyBucket{}} },
			[]string{"MutualTls.CaKey is required with CaBucket"}},
		"a key without authorities": {func(p *ApplicationLoadBalancerProps) {
			p.MutualTls = &MutualTls{TrustStore: anyStore{}, CaKey: "ca.pem"}
		}, []string{`MutualTls.CaKey requires CaBucket; got "ca.pem"`}},
		"tests for nobody on the clients' port": {func(p *ApplicationLoadBalancerProps) { p.TestListener = &TestListener{Port: 443} }, []string{
			"TestListener.IngressCidrs is required; set the IPv4 ranges of your testers",
			"TestListener.Port must not be a port of the load balancer's other listeners; got 443; use another port, such as 8443",
		}},
		"testers": {func(p *ApplicationLoadBalancerProps) { p.TestListener = &TestListener{IngressCidrs: []string{"me"}} }, []string{
			"TestListener.Port must be an integer from 1 to 65535; got 0",
			`TestListener.IngressCidrs[0] must be an IPv4 range such as "203.0.113.0/24", or "203.0.113.7/32" for one address; got "me"`,
		}},
		"other names without a first": {func(p *ApplicationLoadBalancerProps) {
			p.AlternativeDomainNames, p.RedirectToDomainName = []string{"example.com"}, true
		}, []string{"AlternativeDomainNames requires DomainName, with its hosted zone; got \"example.com\""}},
		"redirect from nowhere": {func(p *ApplicationLoadBalancerProps) { p.RedirectToDomainName = true },
			[]string{"RedirectToDomainName requires AlternativeDomainNames; set the names to redirect from"}},
		"other names": {func(p *ApplicationLoadBalancerProps) {
			p.DomainName, p.HostedZoneId, p.HostedZoneName = "www.example.com", "Z1", "example.com"
			p.AlternativeDomainNames = []string{"WWW.example.com", "example.org", "shop.example.com", "shop.example.com.", "*.example.com"}
		}, []string{
			`AlternativeDomainNames[0] must not be DomainName; got "WWW.example.com"`,
			`AlternativeDomainNames[1] must be in the hosted zone, "example.com"; got "example.org"; ` +
				`set CertificateArn or AdditionalCertificateArns for names of other zones, and their records there`,
			`AlternativeDomainNames[3] must not repeat another of the names; got "shop.example.com"`,
			`AlternativeDomainNames[4] must be a domain name such as "www.example.com"; got "*.example.com"`,
		}},
		"further certificates without a first": {func(p *ApplicationLoadBalancerProps) {
			p.CertificateArn, p.AdditionalCertificateArns = "", []string{certificateOfIreland, ""}
		}, []string{
			"AdditionalCertificateArns requires a first certificate; set CertificateArn",
			"AdditionalCertificateArns[1] is required: the ARN of an ACM certificate",
		}},
		"further certificates": {func(p *ApplicationLoadBalancerProps) {
			p.AdditionalCertificateArns = []string{certificateOfIreland, "", "arn:aws:iam::111122223333:server-certificate/x"}
		}, []string{
			`AdditionalCertificateArns[0] must not be CertificateArn; got "` + certificateOfIreland + `"`,
			"AdditionalCertificateArns[1] is required: the ARN of an ACM certificate",
			`AdditionalCertificateArns[2] must be the ARN of an ACM certificate such as "arn:aws:acm:<region>:<account>:certificate/<id>"; ` +
				`got "arn:aws:iam::111122223333:server-certificate/x"`,
		}},
		"a further certificate twice": {func(p *ApplicationLoadBalancerProps) {
			p.AdditionalCertificateArns = []string{certificateOfIreland + "1", certificateOfIreland + "1"}
		}, []string{`AdditionalCertificateArns[1] must not repeat AdditionalCertificateArns[0]; got "` + certificateOfIreland + `1"`}},
		"headers": {func(p *ApplicationLoadBalancerProps) {
			p.ResponseHeaders = &ResponseHeaders{StrictTransportSecurity: "31536000", XFrameOptions: "deny", ContentSecurityPolicy: "a\nb",
				AccessControlAllowCredentials: true, AccessControlAllowOrigin: "*", AccessControlMaxAge: time.Millisecond}
		}, []string{
			`ResponseHeaders.StrictTransportSecurity must be seconds, with or without more directives, such as ` +
				`"max-age=31536000; includeSubDomains"; got "31536000"`,
			`ResponseHeaders.XFrameOptions must be "DENY" or "SAMEORIGIN"; got "deny"`,
			`ResponseHeaders.ContentSecurityPolicy must be printable ASCII characters without spaces at the ends; got "a\nb"`,
			`ResponseHeaders.AccessControlAllowCredentials requires one origin in AccessControlAllowOrigin, because browsers don't take "*" with it`,
			"ResponseHeaders.AccessControlMaxAge must be whole seconds from 1s to 24h; got 1ms",
		}},
		"a header that browsers ignore": {func(p *ApplicationLoadBalancerProps) {
			p.CertificateArn, p.ResponseHeaders = "", &ResponseHeaders{StrictTransportSecurity: "max-age=60", NoSniff: true}
		}, []string{`ResponseHeaders.StrictTransportSecurity requires HTTPS, because browsers ignore it over HTTP; got "max-age=60"; ` +
			"set a certificate, or remove it"}},
		"mode": {func(p *ApplicationLoadBalancerProps) { p.XffHeaderProcessingMode = "KEEP" },
			[]string{`XffHeaderProcessingMode must be "APPEND", "PRESERVE" or "REMOVE"; got "KEEP"`}},
		"names": {func(p *ApplicationLoadBalancerProps) {
			p.CertificateArn, p.DomainName, p.HostedZoneId, p.HostedZoneName = "", "www.example.com", "Z1", "example.com"
			p.AlternativeDomainNames, p.RedirectToDomainName = []string{"example.com.", "${Token[n]}"}, true
			p.AdditionalCertificateArns = []string{certificateOfIreland, "${Token[c]}"}
			p.ResponseHeaders = &ResponseHeaders{StrictTransportSecurity: "max-age=60; includeSubDomains; preload", XFrameOptions: "DENY",
				AccessControlAllowOrigin: "https://app.example.com", AccessControlAllowCredentials: true, AccessControlMaxAge: time.Hour}
			p.XffHeaderProcessingMode = elbv2.XffHeaderProcessingMode_PRESERVE
		}, nil},
		"internal": {func(p *ApplicationLoadBalancerProps) { *p = ApplicationLoadBalancerProps{Vpc: p.Vpc} }, nil},
		"internet": {func(p *ApplicationLoadBalancerProps) {
			p.InternetFacing, p.IngressCidrs = true, []string{"203.0.113.0/24"}
		}, nil},
		"domain": {func(p *ApplicationLoadBalancerProps) {
			p.CertificateArn, p.DomainName, p.HostedZoneId, p.HostedZoneName = "", "WWW.example.com.", "Z1", "example.com."
		}, nil},
		"punycode": {func(p *ApplicationLoadBalancerProps) {
			p.DomainName, p.HostedZoneId, p.HostedZoneName = "xn--e1afmkfd.xn--p1ai", "Z1", "xn--p1ai"
		}, nil},
		"apex": {func(p *ApplicationLoadBalancerProps) {
			p.DomainName, p.HostedZoneId, p.HostedZoneName = "example.com", "Z1", "example.com"
		}, nil},
		"tokens": {func(p *ApplicationLoadBalancerProps) {
			p.CertificateArn, p.DomainName, p.HostedZoneId, p.HostedZoneName = "${Token[c]}", "${Token[a]}", "${Token[b]}", "example.com"
		}, nil},
		"everything": {func(p *ApplicationLoadBalancerProps) {
			p.WebAcl = &waf.WebAcl{Construct: fake.Construct{}}
			p.IdleTimeout, p.MutualTls = 4000*time.Second, &MutualTls{CaBucket: anyBucket{}, CaKey: "ca.pem"}
			p.TestListener = &TestListener{Port: 8443, IngressCidrs: []string{"203.0.113.0/24"}}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := ApplicationLoadBalancerProps{Vpc: fake.TwoZones(), CertificateArn: certificateOfIreland}
			c.change(&p)
			fake.Refused(t, p.Validate(), c.want...)
		})
	}
}

func TestCertificatesAreOfTheRegion(t *testing.T) {
	for _, c := range []struct{ arn, region, want string }{
		{certificateOfIreland, "us-east-1", `CertificateArn must be in the load balancer's Region, us-east-1; got "` + certificateOfIreland +
			`"; request a certificate there`},
		{certificateOfIreland, "eu-west-1", ""},
		{certificateOfIreland, "${Token[AWS.Region.4]}", ""},
		{"${Token[Arn.1]}", "us-east-1", ""},
		{"", "us-east-1", ""},
	} {
		var bad, further invalid.Problems
		balancer.CheckCertificateRegion(c.arn, c.region, &bad)
		checkCertificateRegions("", []string{c.arn}, c.region, &further)
		assert.Len(t, further, len(bad))
		if len(further) > 0 {
			assert.Equal(t, "AdditionalCertificateArns[0]", further[0].Field)
		}
		if c.want == "" {
			fake.Refused(t, bad.Err())
		} else {
			fake.Refused(t, bad.Err(), c.want)
		}
	}
}

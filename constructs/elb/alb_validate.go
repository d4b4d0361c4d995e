package elb

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/balancer"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/subnettype"
)

func (p *ApplicationLoadBalancerProps) setDefaults() {
	p.DomainName, p.HostedZoneName = strings.TrimSuffix(p.DomainName, "."), strings.TrimSuffix(p.HostedZoneName, ".")
	p.AlternativeDomainNames = slices.Clone(p.AlternativeDomainNames)
	for i, name := range p.AlternativeDomainNames {
		p.AlternativeDomainNames[i] = strings.TrimSuffix(name, ".")
	}
	opt.Default(&p.Subnets, defaultSubnets(p.InternetFacing))
	if p.Protocol == "" && p.hasCertificate() {
		p.Protocol = elbv2.ApplicationProtocol_HTTPS
	}
	opt.Default(&p.Protocol, elbv2.ApplicationProtocol_HTTP)
	opt.Default(&p.SslPolicy, elbv2.SslPolicy_TLS13_12_RES_PQ)
	opt.Default(&p.AccessLogRetentionDays, defaultAccessLogDays)
}

func defaultSubnets(internetFacing bool) network.SubnetType {
	if internetFacing {
		return network.Public
	}
	return network.Private
}

func (p *ApplicationLoadBalancerProps) hasCertificate() bool {
	return p.CertificateArn != "" || p.DomainName != ""
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
const maxIdleTimeout = 4000 * time.Second

var xffModes = []elbv2.XffHeaderProcessingMode{
	elbv2.XffHeaderProcessingMode_APPEND, elbv2.XffHeaderProcessingMode_PRESERVE, elbv2.XffHeaderProcessingMode_REMOVE,
}

// Validate returns all problems of the props, or nil.
func (p *ApplicationLoadBalancerProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *ApplicationLoadBalancerProps) validate() error {
	var bad invalid.Problems
	checkSubnets(p.Vpc, p.Subnets, p.InternetFacing, &bad)
	if len(bad) == 0 && subnettype.Zones(p.Subnets, p.Vpc) < 2 {
		bad.Add("Subnets", "must be in two or more Availability Zones of the VPC").Given(p.Subnets)
	}
	checkClients(p.IngressCidrs, &bad)
	p.validateTls(&bad)
	p.validateDomain(&bad)
	p.validateAlternatives(&bad)
	checkCertificates(p.CertificateArn, p.AdditionalCertificateArns, p.hasCertificate(), &bad)
	if p.ResponseHeaders != nil {
		bad.Nest("ResponseHeaders", p.ResponseHeaders.validate(p.Protocol))
	}
	check.Known("XffHeaderProcessingMode", p.XffHeaderProcessingMode, xffModes, &bad)
	p.validateMutualTls(&bad)
	p.validateTestListener(&bad)
	check.Made("WebAcl", p.WebAcl, "waf.NewWebAcl or waf.WebAclFromArn", &bad)
	bad = append(bad, p.WebAcl.CheckRegional()...)
	check.Seconds("IdleTimeout", p.IdleTimeout, time.Second, maxIdleTimeout, &bad)
	check.Min("AccessLogRetentionDays", p.AccessLogRetentionDays, 1, &bad)
	return bad.Err()
}

// validateIn judges what depends on the Region.
func (p *ApplicationLoadBalancerProps) validateIn(scope constructs.Construct) error {
	var bad invalid.Problems
	if invalid.IsMade(scope) {
		checkCertificateRegions(p.CertificateArn, p.AdditionalCertificateArns, *awscdk.Stack_Of(scope).Region(), &bad)
	}
	return bad.Err()
}

// checkSubnets is for load balancers of both kinds.
func checkSubnets(vpc awsec2.IVpc, subnets network.SubnetType, internetFacing bool, bad *invalid.Problems) {
	if vpc == nil {
		bad.Add("Vpc", "is required").Advise("use network.NewVpc or network.VpcFrom")
	}
	if internetFacing && subnets != network.Public {
		bad.Add("Subnets", "must be %q with InternetFacing", network.Public).Given(subnets)
		return
	}
	subnettype.Check("Subnets", subnets, bad)
	subnettype.CheckIn("Subnets", subnets, vpc, bad)
}

// checkClients is for load balancers of both kinds.
func checkClients(cidrs []string, bad *invalid.Problems) {
	if cidrs != nil && len(cidrs) == 0 {
		bad.Add("IngressCidrs", "must be nil for the default, or have at least one range").Given(cidrs)
	}
	check.Cidrs("IngressCidrs", cidrs, bad)
}

// Validate returns all problems of the listener, or nil.
func (t *TestListener) Validate() error {
	t = opt.NotNil(t)
	var bad invalid.Problems
	check.Port("Port", t.Port, &bad)
	if len(t.IngressCidrs) == 0 {
		bad.Add("IngressCidrs", "is required").Advise("set the IPv4 ranges of your testers")
	}
	check.Cidrs("IngressCidrs", t.IngressCidrs, &bad)
	return bad.Err()
}

func (p *ApplicationLoadBalancerProps) validateTestListener(bad *invalid.Problems) {
	t := p.TestListener
	if t == nil {
		return
	}
	bad.Nest("TestListener", t.Validate())
	if t.Port == 80 || t.Port == 443 && p.Protocol == elbv2.ApplicationProtocol_HTTPS {
		bad.Add("TestListener.Port", "must not be a port of the load balancer's other listeners").Given(t.Port).
			Advise("use another port, such as 8443")
	}
}

func (p *ApplicationLoadBalancerProps) validateMutualTls(bad *invalid.Problems) {
	m := p.MutualTls
	if m == nil {
		return
	}
	if p.Protocol != elbv2.ApplicationProtocol_HTTPS {
		bad.Add("MutualTls", "requires HTTPS").Advise("set CertificateArn, or DomainName with its hosted zone")
	}
	ways := 0
	for _, isSet := range []bool{m.CaBucket != nil, m.TrustStore != nil, m.Passthrough} {
		if isSet {
			ways++
		}
	}
	if ways != 1 {
		bad.Add("MutualTls", "must have exactly one of CaBucket, TrustStore and Passthrough").Given(ways)
	}
	switch {
	case m.CaBucket != nil && m.CaKey == "":
		bad.Add("MutualTls.CaKey", "is required with CaBucket")
	case m.CaBucket == nil && m.CaKey != "":
		bad.Add("MutualTls.CaKey", "requires CaBucket").Given(m.CaKey)
	}
	if m.Passthrough && m.IgnoreClientCertificateExpiry {
		bad.Add("MutualTls.IgnoreClientCertificateExpiry", "must not be set together with Passthrough, which checks nothing").Advise("remove it")
	}
}

func (p *ApplicationLoadBalancerProps) validateTls(bad *invalid.Problems) {
	switch {
	case p.Protocol == elbv2.ApplicationProtocol_HTTPS && !p.hasCertificate():
		bad.Add("Protocol", "must be HTTP without a certificate").Given(p.Protocol).
			Advise("set CertificateArn, or DomainName with its hosted zone")
	case p.Protocol == elbv2.ApplicationProtocol_HTTP && p.hasCertificate():
		bad.Add("Protocol", "must be HTTPS with a certificate").Given(p.Protocol).Advise("remove it for HTTPS with a redirect from HTTP")
	default:
		check.Known("Protocol", p.Protocol, listenerProtocols, bad)
	}
	check.SslPolicy("SslPolicy", p.SslPolicy, bad)
	balancer.CheckCertificate(p.CertificateArn, bad)
}

const maxCertificateName = 64

func (p *ApplicationLoadBalancerProps) validateDomain(bad *invalid.Problems) {
	switch {
	case p.DomainName == "":
		if p.HostedZoneId != "" || p.HostedZoneName != "" {
			bad.Add("DomainName", "is required with HostedZoneId or HostedZoneName")
		}
	case !invalid.IsToken(p.DomainName) && !check.IsDomainName(p.DomainName):
		check.DomainName("DomainName", p.DomainName, bad)
	case p.CertificateArn == "" && !invalid.IsToken(p.DomainName) && len(p.DomainName) > maxCertificateName:
		bad.Add("DomainName", "must have at most %d characters, the limit of a certificate", maxCertificateName).Given(p.DomainName).
			Advise("use a shorter name or set CertificateArn")
	case p.HostedZoneId == "" || p.HostedZoneName == "":
		bad.Add("DomainName", "requires HostedZoneId and HostedZoneName").Given(p.DomainName)
	case !invalid.IsToken(p.HostedZoneId) && !check.IsHostedZoneId(p.HostedZoneId):
		check.HostedZoneId("HostedZoneId", p.HostedZoneId, bad)
	case !balancer.IsInZone(p.DomainName, p.HostedZoneName):
		// The certificate would wait for its DNS record, and the deployment with it, for hours.
		bad.Add("DomainName", "must be in the hosted zone, %q", p.HostedZoneName).Given(p.DomainName)
	}
}

package elb

import (
	"net/netip"
	"regexp"
	"strings"
	"time"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/subnettype"
)

func (p *ApplicationLoadBalancerProps) SetDefaults() {
	p.DomainName, p.HostedZoneName = strings.TrimSuffix(p.DomainName, "."), strings.TrimSuffix(p.HostedZoneName, ".")
	if p.Subnets == "" {
		p.Subnets = network.Private
		if p.InternetFacing {
			p.Subnets = network.Public
		}
	}
	if p.Protocol == "" {
		p.Protocol = elbv2.ApplicationProtocol_HTTP
		if p.CertificateArn != "" || p.DomainName != "" {
			p.Protocol = elbv2.ApplicationProtocol_HTTPS
		}
	}
	if p.SslPolicy == "" {
		p.SslPolicy = elbv2.SslPolicy_TLS13_12_RES_PQ
	}
	if p.AccessLogRetentionDays == 0 {
		p.AccessLogRetentionDays = defaultAccessLogDays
	}
}

// certificateArn is the form of an ACM certificate's ARN.
// https://docs.aws.amazon.com/acm/latest/userguide/security_iam_service-with-iam.html
var certificateArn = regexp.MustCompile(`^arn:aws[a-z-]*:acm:([a-z0-9-]+):\d{12}:certificate/[A-Za-z0-9-]+$`)

// validate takes the Region that the load balancer will be in, or a token where that is open.
func (p *ApplicationLoadBalancerProps) Validate(region string) error {
	var bad invalid.Problems
	if p.Vpc == nil {
		bad.Add("Vpc", "is missing; give the VPC in which the load balancer stands")
	}
	if p.InternetFacing && p.Subnets != network.Public {
		bad.Add("Subnets", "%q cannot hold a load balancer that is InternetFacing; use %q", p.Subnets, network.Public)
	} else {
		p.checkZones(&bad)
	}
	checkClients(p.IngressCidrs, &bad)
	p.validateTLS(region, &bad)
	p.validateMutualTls(&bad)
	p.validateTestListener(&bad)
	check.Seconds("IdleTimeout", p.IdleTimeout, time.Second, maxIdleTimeout, &bad)
	if p.AccessLogRetentionDays < 0 {
		bad.Add("AccessLogRetentionDays", "%d is negative; use 1 or more", p.AccessLogRetentionDays)
	}
	return bad.Err()
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
const maxIdleTimeout = 4000 * time.Second

func checkClients(cidrs []string, bad *invalid.Problems) {
	if cidrs != nil && len(cidrs) == 0 {
		bad.Add("IngressCidrs", "is an empty list, which would let in whom it should keep out; leave it nil for everybody, or name ranges")
	}
	checkCidrs("IngressCidrs", cidrs, bad)
}

func CheckTesters(cidrs []string, bad *invalid.Problems) {
	if len(cidrs) == 0 {
		bad.Add("TestListener.IngressCidrs", "is empty, so that nobody could test; name the ranges of your testers")
	}
	checkCidrs("TestListener.IngressCidrs", cidrs, bad)
}

func checkCidrs(field string, cidrs []string, bad *invalid.Problems) {
	for i, cidr := range cidrs {
		prefix, err := netip.ParsePrefix(cidr)
		if !invalid.IsToken(cidr) && (err != nil || !prefix.Addr().Is4() || prefix != prefix.Masked()) {
			bad.Add(check.Index(field, i), `%q is not an IPv4 range; write it as "203.0.113.0/24"`, cidr)
		}
	}
}

func (p *ApplicationLoadBalancerProps) validateTestListener(bad *invalid.Problems) {
	t := p.TestListener
	if t == nil {
		return
	}
	check.Port("TestListener.Port", t.Port, bad)
	if t.Port == 80 || (t.Port == 443 && p.Protocol == elbv2.ApplicationProtocol_HTTPS) {
		bad.Add("TestListener.Port", "%d is the clients'; use another, such as 8443", t.Port)
	}
	CheckTesters(t.IngressCidrs, bad)
}

func (p *ApplicationLoadBalancerProps) validateMutualTls(bad *invalid.Problems) {
	m := p.MutualTls
	if m == nil {
		return
	}
	if p.Protocol != elbv2.ApplicationProtocol_HTTPS {
		bad.Add("MutualTls", "needs HTTPS; give CertificateArn, or DomainName with its hosted zone")
	}
	ways := 0
	for _, given := range []bool{m.CaBucket != nil, m.TrustStore != nil, m.Passthrough} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		bad.Add("MutualTls", "has %d of CaBucket, TrustStore and Passthrough; give exactly one", ways)
	}
	if (m.CaBucket != nil) != (m.CaKey != "") {
		bad.Add("MutualTls.CaKey", "%q does not go with CaBucket; give both or neither", m.CaKey)
	}
	if m.Passthrough && m.IgnoreClientCertificateExpiry {
		bad.Add("MutualTls.IgnoreClientCertificateExpiry", "is true beside Passthrough, which checks nothing; leave it out")
	}
}

// checkZones notes when there are no subnets to stand in, or too few: ELB asks for two Availability Zones.
func (p *ApplicationLoadBalancerProps) checkZones(bad *invalid.Problems) {
	subnettype.Check("Subnets", p.Subnets, bad)
	subnettype.CheckIn("Subnets", p.Subnets, p.Vpc, bad)
	if p.Vpc == nil || len(p.Subnets.Of(p.Vpc)) == 0 {
		return
	}
	if ZonesOf(p.Subnets, p.Vpc) < 2 {
		bad.Add("Subnets", "%q are in one Availability Zone of the VPC; a load balancer needs subnets in two", p.Subnets)
	}
}

func (p *ApplicationLoadBalancerProps) validateTLS(region string, bad *invalid.Problems) {
	certified := p.CertificateArn != "" || p.DomainName != ""
	switch p.Protocol {
	case elbv2.ApplicationProtocol_HTTPS:
		if !certified {
			bad.Add("Protocol", "HTTPS needs a certificate; give CertificateArn, or DomainName with its hosted zone")
		}
	case elbv2.ApplicationProtocol_HTTP:
		if certified {
			bad.Add("Protocol", "HTTP stands beside a certificate; leave it out for HTTPS with a redirect from HTTP")
		}
	default:
		bad.Add("Protocol", "%q is unknown; use %q or %q", p.Protocol, elbv2.ApplicationProtocol_HTTP, elbv2.ApplicationProtocol_HTTPS)
	}
	CheckCertificate("CertificateArn", p.CertificateArn, region, bad)
	switch {
	case p.DomainName == "":
		if p.HostedZoneId != "" || p.HostedZoneName != "" {
			bad.Add("HostedZoneId", "%q (%q) has no DomainName to hold; give one or leave the zone out", p.HostedZoneId, p.HostedZoneName)
		}
	case !invalid.IsToken(p.DomainName) && !domainName.MatchString(p.DomainName):
		bad.Add("DomainName", `%q is no domain name; write it as "www.example.com"`, p.DomainName)
	case p.CertificateArn == "" && !invalid.IsToken(p.DomainName) && len(p.DomainName) > maxCertificateName:
		bad.Add("DomainName", "%q has %d characters; a certificate takes %d, so give a CertificateArn or a shorter name",
			p.DomainName, len(p.DomainName), maxCertificateName)
	case p.HostedZoneId == "" || p.HostedZoneName == "":
		bad.Add("DomainName", "%q has no hosted zone; give HostedZoneId and HostedZoneName", p.DomainName)
	case !invalid.IsToken(p.HostedZoneId) && !IsHostedZoneId(p.HostedZoneId):
		bad.Add("HostedZoneId", `%q is not the id of a hosted zone; write it as "Z0123456789ABCDEFGHIJ"`, p.HostedZoneId)
	case !inZone(p.DomainName, p.HostedZoneName):
		// The certificate would wait for its DNS record, and the deployment with it, for hours.
		bad.Add("DomainName", "%q does not lie in hosted zone %q; give the zone of the domain", p.DomainName, p.HostedZoneName)
	}
}

// checkCertificate accepts the empty ARN. It takes the load balancer's Region, or a token where that is open.
func CheckCertificate(field, certificate, region string, bad *invalid.Problems) {
	if certificate == "" || invalid.IsToken(certificate) {
		return
	}
	arn := certificateArn.FindStringSubmatch(certificate)
	switch {
	case arn == nil:
		bad.Add(field, `%q is not the ARN of an ACM certificate; write it as "arn:aws:acm:<region>:<account>:certificate/<id>"`, certificate)
	case !invalid.IsToken(region) && arn[1] != region:
		bad.Add(field, "%q is of Region %s; a load balancer in %s takes only certificates of its own Region; request one there", certificate, arn[1], region)
	}
}

// https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
var domainName = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+([A-Za-z]{2,63}|xn--[A-Za-z0-9-]{1,58}[A-Za-z0-9])$`)

const maxCertificateName = 64

// IsHostedZoneId tells whether a text has the form of a hosted zone's id.
func IsHostedZoneId(id string) bool { return hostedZoneID.MatchString(id) }

// https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html
var hostedZoneID = regexp.MustCompile(`^Z[0-9A-Z]{1,31}$`)

func inZone(domain, zone string) bool {
	if invalid.IsToken(domain) || invalid.IsToken(zone) {
		return true
	}
	domain, zone = strings.ToLower(domain), strings.ToLower(zone)
	return domain == zone || strings.HasSuffix(domain, "."+zone)
}

package elb

import (
	"net/netip"
	"regexp"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/subnettype"
	"awscontainers/internal/vpcid"
)

func (p *NetworkLoadBalancerProps) setDefaults() {
	opt.Default(&p.Subnets, defaultSubnets(p.InternetFacing))
	if p.EndpointService != nil {
		e := *p.EndpointService
		if e.AcceptanceRequired == nil {
			e.AcceptanceRequired = new(true)
		}
		p.EndpointService = &e
	}
}

// hasStaticAddresses reports whether the addresses are chosen here.
func (p *NetworkLoadBalancerProps) hasStaticAddresses() bool {
	return p.ElasticIps || len(p.AllocationIds) > 0 || len(p.PrivateAddresses) > 0
}

// hasZonalClients reports whether clients stay with the load balancer's address in one zone: by a static address, or through an
// endpoint, which leads to the load balancer of its own zone.
func (p *NetworkLoadBalancerProps) hasZonalClients() bool {
	return p.hasStaticAddresses() || p.EndpointService != nil
}

// Validate returns all problems of the props, or nil.
func (p *NetworkLoadBalancerProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *NetworkLoadBalancerProps) validate() error {
	var bad invalid.Problems
	checkSubnets(p.Vpc, p.Subnets, p.InternetFacing, &bad)
	checkClients(p.IngressCidrs, &bad)
	p.validateAddresses(&bad)
	if p.EndpointService != nil {
		bad.Nest("EndpointService", p.EndpointService.validate())
	}
	check.Min("AccessLogRetentionDays", p.AccessLogRetentionDays, 0, &bad)
	return bad.Err()
}

var allocationId = regexp.MustCompile(`^eipalloc-[0-9a-f]{8,17}$`)

func (p *NetworkLoadBalancerProps) validateAddresses(bad *invalid.Problems) {
	if p.ElasticIps && len(p.AllocationIds) > 0 {
		bad.Add("ElasticIps", "must not be set together with AllocationIds").Advise("remove one of them")
	}
	if !p.InternetFacing && p.ElasticIps {
		bad.Add("ElasticIps", "requires InternetFacing").Advise("set it, or use PrivateAddresses")
	}
	if !p.InternetFacing && len(p.AllocationIds) > 0 {
		bad.Add("AllocationIds", "requires InternetFacing").Advise("set it, or use PrivateAddresses")
	}
	if p.InternetFacing && len(p.PrivateAddresses) > 0 {
		bad.Add("PrivateAddresses", "must not be set together with InternetFacing").Advise("use ElasticIps or AllocationIds")
	}
	p.validatePerZone("AllocationIds", `the allocation id of an Elastic IP such as "eipalloc-0123456789abcdef0"`, p.AllocationIds,
		allocationId.MatchString, bad)
	p.validatePerZone("PrivateAddresses", `an IPv4 address such as "10.0.1.10"`, p.PrivateAddresses, isIPv4, bad)
}

func isIPv4(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Is4()
}

// validatePerZone judges a list that has one value for each zone.
func (p *NetworkLoadBalancerProps) validatePerZone(field, wanted string, values []string, fits func(string) bool, bad *invalid.Problems) {
	for i, value := range values {
		switch {
		case invalid.IsToken(value):
		case !fits(value):
			bad.Add(check.Index(field, i), "must be %s", wanted).Given(value)
		default:
			check.Once(field, values, i, bad)
		}
	}
	zones := subnettype.Zones(p.Subnets, p.Vpc)
	if zones > 0 && len(values) > 0 && len(values) != zones && !vpcid.IsDummy(p.Vpc) {
		bad.Add(field, "must have one value for each of the %d zones of the subnets", zones).Given(len(values))
	}
}

// principal is what may make endpoints.
// https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html
var principal = regexp.MustCompile(`^(\*|arn:aws[a-z-]*:iam::\d{12}:(root|user/.+|role/.+))$`)

func (e *EndpointService) validate() error {
	var bad invalid.Problems
	if len(e.AllowedPrincipals) == 0 {
		bad.Add("AllowedPrincipals", "is required").Advise("set the ARNs of the accounts, users or roles that may connect")
	}
	for i, arn := range e.AllowedPrincipals {
		switch {
		case invalid.IsToken(arn):
		case !principal.MatchString(arn):
			bad.Add(check.Index("AllowedPrincipals", i), `must be a principal such as "arn:aws:iam::111122223333:root", or "*"`).Given(arn)
		case arn == "*" && !*e.AcceptanceRequired:
			bad.Add("AcceptanceRequired", `must be true with the principal "*", because otherwise every account could connect`)
		default:
			check.Once("AllowedPrincipals", e.AllowedPrincipals, i, &bad)
		}
	}
	return bad.Err()
}

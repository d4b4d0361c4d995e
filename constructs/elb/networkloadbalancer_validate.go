package elb

import (
	"net/netip"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
	"awscontainers/internal/subnettype"
)

func (p *NetworkLoadBalancerProps) SetDefaults() {
	if p.Subnets == "" {
		p.Subnets = network.Private
		if p.InternetFacing {
			p.Subnets = network.Public
		}
	}
	if p.EndpointService != nil {
		e := *p.EndpointService
		if e.AcceptanceRequired == nil {
			e.AcceptanceRequired = new(true)
		}
		p.EndpointService = &e
	}
}

// fixed tells whether the addresses are chosen here.
func (p *NetworkLoadBalancerProps) fixed() bool {
	return p.ElasticIps || len(p.AllocationIds) > 0 || len(p.PrivateAddresses) > 0
}

// pins tells whether clients hold on to the load balancer's address in one zone: by a static address, or through an endpoint,
// which leads to the load balancer of its own zone.
func (p *NetworkLoadBalancerProps) pins() bool { return p.fixed() || p.EndpointService != nil }

// zonesOf counts the zones of a VPC's subnets.
func ZonesOf(subnets network.SubnetType, vpc awsec2.IVpc) int {
	if vpc == nil {
		return 0
	}
	zones := map[string]bool{}
	for _, subnet := range subnets.Of(vpc) {
		zones[*subnet.AvailabilityZone()] = true
	}
	return len(zones)
}

func (p *NetworkLoadBalancerProps) Validate() error {
	var bad invalid.Problems
	if p.Vpc == nil {
		bad.Add("Vpc", "is missing; give the VPC in which the load balancer stands")
	}
	if p.InternetFacing && p.Subnets != network.Public {
		bad.Add("Subnets", "%q cannot hold a load balancer that is InternetFacing; use %q", p.Subnets, network.Public)
	} else {
		subnettype.Check("Subnets", p.Subnets, &bad)
		subnettype.CheckIn("Subnets", p.Subnets, p.Vpc, &bad)
	}
	checkClients(p.IngressCidrs, &bad)
	p.validateAddresses(&bad)
	if p.EndpointService != nil {
		bad.Nest("EndpointService", p.EndpointService.validate())
	}
	if p.AccessLogRetentionDays < 0 {
		bad.Add("AccessLogRetentionDays", "%d is negative; use 1 or more, or leave it out", p.AccessLogRetentionDays)
	}
	return bad.Err()
}

var allocationID = regexp.MustCompile(`^eipalloc-[0-9a-f]{8,17}$`)

func (p *NetworkLoadBalancerProps) validateAddresses(bad *invalid.Problems) {
	if p.ElasticIps && len(p.AllocationIds) > 0 {
		bad.Add("ElasticIps", "is true beside AllocationIds, which are such; leave one of them out")
	}
	if !p.InternetFacing && p.ElasticIps {
		bad.Add("ElasticIps", "are reached from the internet, and the load balancer is internal; set InternetFacing, or give PrivateAddresses")
	}
	if !p.InternetFacing && len(p.AllocationIds) > 0 {
		bad.Add("AllocationIds", "are reached from the internet, and the load balancer is internal; set InternetFacing, or give PrivateAddresses")
	}
	if p.InternetFacing && len(p.PrivateAddresses) > 0 {
		bad.Add("PrivateAddresses", "are those of an internal load balancer; leave InternetFacing out, or use ElasticIps")
	}
	for _, list := range []struct {
		field, example string
		values         []string
		fits           func(string) bool
	}{
		{"AllocationIds", "eipalloc-0123456789abcdef0", p.AllocationIds, allocationID.MatchString},
		{"PrivateAddresses", "10.0.1.10", p.PrivateAddresses, func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() }},
	} {
		for i, value := range list.values {
			switch {
			case invalid.IsToken(value):
			case !list.fits(value):
				bad.Add(check.Index(list.field, i), "%q has not the right form; write it as %q", value, list.example)
			case slices.Index(list.values, value) < i:
				bad.Add(check.Index(list.field, i), "%q is named twice; give each zone its own", value)
			}
		}
		if zones := ZonesOf(p.Subnets, p.Vpc); len(list.values) > 0 && zones > 0 && len(list.values) != zones {
			bad.Add(list.field, "are %d for subnets in %d zones; give one a zone", len(list.values), zones)
		}
	}
}

// principal is what may make endpoints.
// https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html
var principal = regexp.MustCompile(`^(\*|arn:aws[a-z-]*:iam::\d{12}:(root|user/.+|role/.+))$`)

func (e *EndpointService) validate() error {
	var bad invalid.Problems
	if len(e.AllowedPrincipals) == 0 {
		bad.Add("AllowedPrincipals", "is empty, so that nobody could connect; give ARNs of accounts, users or roles")
	}
	for i, arn := range e.AllowedPrincipals {
		switch {
		case invalid.IsToken(arn):
		case !principal.MatchString(arn):
			bad.Add(check.Index("AllowedPrincipals", i), `%q is no principal; write it as "arn:aws:iam::111122223333:root"`, arn)
		case slices.Index(e.AllowedPrincipals, arn) < i:
			bad.Add(check.Index("AllowedPrincipals", i), "%q is named twice; name it once", arn)
		case arn == "*" && !*e.AcceptanceRequired:
			bad.Add("AcceptanceRequired", `is false beside the principal "*", so that every account could connect; leave it out, or name principals`)
		}
	}
	return bad.Err()
}

// maxNlbListeners is a quota: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html
const maxNlbListeners = 50

// nlbPort is what one listener can have.
type NlbPort struct {
	balancer *NetworkLoadBalancer
	port     int
}

// take notes a port that another listener has, of this service or of another. Those of listeners that were not made here, and of
// stacks that do not share the load balancer's construct, are only seen when they are deployed.
func (n *NetworkLoadBalancer) Take(port int, taken map[NlbPort]string, by, field string, bad *invalid.Problems) {
	if n == nil {
		return
	}
	owner := n.Ports[port]
	if owner == "" {
		owner = taken[NlbPort{n, port}]
	}
	if owner != "" {
		bad.Add(field, "%d is taken by %s on the same load balancer; give each listener its own, or use %q for TCP and UDP at one port", port, owner, elbv2.Protocol_TCP_UDP)
		return
	}
	taken[NlbPort{n, port}] = by
	count := len(n.Ports)
	for other := range taken {
		if other.balancer == n {
			count++
		}
	}
	if count > maxNlbListeners {
		bad.Add("LoadBalancer", "has %d listeners; a Network Load Balancer takes %d", count, maxNlbListeners)
	}
}

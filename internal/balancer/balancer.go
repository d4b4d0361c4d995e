package balancer

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// Listener is what is known of a listener of an Application Load Balancer.
type Listener struct {
	LoadBalancer string                    // the load balancer's path; empty where it is not known
	Protocol     elbv2.ApplicationProtocol // empty where it is not known
	Port         int                       // 0 where it is not known
	Stack        string                    // the path of the stack that holds it
	Vpc          awsec2.IVpc               // the load balancer's; nil where it is not known
	IsImported   bool
	IsIsolated   bool // the load balancer's subnets have no way out

	JudgesClientAddress bool   // a web ACL of the load balancer does
	Distribution        string // the path of the CloudFront distribution in front of it; empty without
	Rules               Rules
	Alarms              Once // the topics that hear of the load balancer's own errors
}

// IsApartFrom reports whether two listeners are known to belong to two load balancers.
func (l *Listener) IsApartFrom(other *Listener) bool {
	return l != nil && other != nil && l.LoadBalancer != "" && other.LoadBalancer != "" && l.LoadBalancer != other.LoadBalancer
}

// Check refuses a rule, made in a stack, that the listener can't have. The text names the listener: "the listener".
func (l *Listener) Check(rule Rule, stack, listener string, bad *invalid.Problems) {
	switch {
	case rule.IsDefault && l.IsImported:
		bad.Add("Conditions", "is required, because the default action of an imported listener can't be changed").
			Advise(`set Conditions, such as elb.Conditions{PathPatterns: []string{"/*"}}`)
	case rule.IsDefault && l.Stack != stack:
		bad.Add("Conditions",
			"is required, because %s is in another stack (%s): without Conditions the two stacks would depend on each other", listener, l.Stack).
			Advise(`set Conditions, such as elb.Conditions{PathPatterns: []string{"/*"}}`)
	default:
		l.Rules.Check(rule, listener, bad)
	}
}

// Network is what is known of a Network Load Balancer.
type Network struct {
	Region string // a token where it is open
	Zones  int
	Vpc    awsec2.IVpc
	// OneZonePerClient is set if clients hold the address of one zone, and each zone sends to its own targets only.
	OneZonePerClient bool
	// HasZonalClients is set if clients hold the address of one zone.
	HasZonalClients bool
	Ports           Ports
	Alarms          Once // the topics that hear of the load balancer's own errors
}

// Ports are the ports that listeners of a Network Load Balancer have, with the construct that made each.
type Ports map[int]string

// maxNetworkListeners is a quota: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html
const maxNetworkListeners = 50

// Check refuses a port that another listener has, and one listener too many. It doesn't see listeners that were made
// without this library.
func (p Ports) Check(field string, port int, bad *invalid.Problems) {
	switch owner := p[port]; {
	case owner != "":
		bad.Add(field, "must not be the port of %s on the load balancer", owner).Given(port).
			Advise("use another port, or Protocol %q for TCP and UDP on one port", elbv2.Protocol_TCP_UDP)
	case len(p) >= maxNetworkListeners:
		bad.Add(field, "must not need another listener, because a Network Load Balancer has at most %d", maxNetworkListeners).
			Advise("use another load balancer")
	}
}

// Take notes that a construct has a port.
func (p *Ports) Take(port int, owner string) {
	if *p == nil {
		*p = Ports{}
	}
	(*p)[port] = owner
}

// Group is what is known of a target group of an Application Load Balancer.
type Group struct {
	Owner         string // the path of the construct that made it; empty where that is not known
	ShiftsTraffic bool   // deployments move the owner's targets between this group and another
	NeedsTls      bool   // the targets speak HTTP/2 or gRPC
	SpeaksGrpc    bool
	Listener      *Listener // the first listener that forwards to it
}

// Share is a target group's share of the requests of one rule.
type Share struct {
	Group  *Group // nil for none
	Weight int
}

// The limits of a rule that forwards to several target groups.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const (
	MaxWeight = 999
	MaxShares = 5
)

// CheckShares refuses what a rule can't share its requests among.
func CheckShares(field string, shares []Share, bad *invalid.Problems) {
	seen := map[*Group]bool{}
	for i, share := range shares {
		at := check.Index(field, i)
		switch {
		case share.Group == nil:
			bad.Add(at+".TargetGroup", "is required").Advise("use one of a service's TargetGroups, elb.NewTargetGroup or elb.TargetGroupFrom")
		case seen[share.Group]:
			bad.Add(at+".TargetGroup", "must not repeat another target group of the rule")
		}
		seen[share.Group] = true
		check.Range(at+".Weight", share.Weight, 0, MaxWeight, bad)
	}
}

// CheckGrpc refuses to authenticate in front of gRPC: "The only supported action type for listener rules is forward."
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
func CheckGrpc(speaksGrpc bool, shares []Share, bad *invalid.Problems) {
	if speaksGrpc || slices.ContainsFunc(shares, func(s Share) bool { return s.Group != nil && s.Group.SpeaksGrpc }) {
		bad.Add("Authenticate", "is not compatible with ProtocolVersion GRPC, whose rules can only forward").
			Advise("remove one of them, and authenticate in the service")
	}
}

// CheckSharesAt refuses target groups that a rule of a listener, made by the construct at a path, can't forward to.
func CheckSharesAt(field string, shares []Share, listener *Listener, owner string, bad *invalid.Problems) {
	if listener == nil {
		return
	}
	for i, share := range shares {
		at := check.Index(field, i) + ".TargetGroup"
		switch g := share.Group; {
		case g == nil:
		case g.NeedsTls && listener.Protocol == elbv2.ApplicationProtocol_HTTP:
			bad.Add(at, "must have ProtocolVersion HTTP1 on an HTTP listener").Advise("use an HTTPS listener for HTTP2 and GRPC")
		case g.Owner == owner:
		case g.ShiftsTraffic:
			bad.Add(at, "must not belong to %s, whose deployments move its tasks to another target group", g.Owner).
				Advise("use Strategy ROLLING there, or give that service another AlbRule")
		case g.Listener.IsApartFrom(listener):
			bad.Add(at, "must not belong to %s, because a target group can have only one load balancer and this one has another", g.Owner).
				Advise("use a service behind this load balancer")
		}
	}
}

// Once tells the first use of a key from later ones.
type Once map[any]bool

// IsFirst reports whether the key is new, and remembers it.
func (o *Once) IsFirst(key any) bool {
	if (*o)[key] {
		return false
	}
	if *o == nil {
		*o = Once{}
	}
	(*o)[key] = true
	return true
}

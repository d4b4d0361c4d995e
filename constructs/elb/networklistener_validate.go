package elb

import (
	"slices"
	"time"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/balancer"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

func (p *NetworkListenerProps) setDefaults() {
	if p.CertificateArn != "" {
		opt.Default(&p.Protocol, elbv2.Protocol_TLS)
	}
	opt.Default(&p.Protocol, elbv2.Protocol_TCP)
	if p.Protocol == elbv2.Protocol_TLS {
		opt.Default(&p.SslPolicy, elbv2.SslPolicy_TLS13_12_RES_PQ)
	}
}

var (
	networkProtocols = []elbv2.Protocol{elbv2.Protocol_TCP, elbv2.Protocol_TLS, elbv2.Protocol_UDP, elbv2.Protocol_TCP_UDP}
	alpnPolicies     = []elbv2.AlpnPolicy{
		elbv2.AlpnPolicy_HTTP1_ONLY, elbv2.AlpnPolicy_HTTP2_ONLY, elbv2.AlpnPolicy_HTTP2_OPTIONAL, elbv2.AlpnPolicy_HTTP2_PREFERRED,
		elbv2.AlpnPolicy_NONE,
	}
)

// Validate returns all problems of the props, or nil. NewNetworkListener also compares the listener with the load balancer's
// others.
func (p *NetworkListenerProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *NetworkListenerProps) validate() error {
	var bad invalid.Problems
	if !invalid.IsMade(p.LoadBalancer) {
		bad.Add("LoadBalancer", "is required").Advise("use elb.NewNetworkLoadBalancer")
	}
	check.Port("Port", p.Port, &bad)
	checkClients(p.IngressCidrs, &bad)
	check.Known("Protocol", p.Protocol, networkProtocols, &bad)
	p.validateTls(&bad)
	if p.IdleTimeout != 0 && (p.Protocol == elbv2.Protocol_UDP || p.Protocol == elbv2.Protocol_TLS) {
		bad.Add("IdleTimeout", "must not be set with Protocol %s", p.Protocol).Given(p.IdleTimeout).Advise("remove it")
	} else {
		check.Seconds("IdleTimeout", p.IdleTimeout, 60*time.Second, 6000*time.Second, &bad)
	}
	p.validateForward(&bad)
	return bad.Err()
}

// validateIn judges what is known of the load balancer.
func (p *NetworkListenerProps) validateIn() error {
	known := p.LoadBalancer.Internal()
	if known == nil {
		return nil
	}
	var bad invalid.Problems
	known.Ports.Check("Port", p.Port, &bad)
	checkCertificateRegions(p.CertificateArn, p.AdditionalCertificateArns, known.Region, &bad)
	return bad.Err()
}

func (p *NetworkListenerProps) validateTls(bad *invalid.Problems) {
	if p.Protocol == elbv2.Protocol_TLS {
		if p.CertificateArn == "" {
			bad.Add("CertificateArn", "is required with Protocol TLS").Advise("set it, or use Protocol TCP for targets that decrypt themselves")
		}
		balancer.CheckCertificate(p.CertificateArn, bad)
		checkCertificates(p.CertificateArn, p.AdditionalCertificateArns, p.CertificateArn != "", bad)
		check.SslPolicy("SslPolicy", p.SslPolicy, bad)
		check.Known("AlpnPolicy", p.AlpnPolicy, alpnPolicies, bad)
		return
	}
	for _, option := range []struct {
		field string
		isSet bool
	}{
		{"CertificateArn", p.CertificateArn != ""}, {"AdditionalCertificateArns", len(p.AdditionalCertificateArns) > 0},
		{"SslPolicy", p.SslPolicy != ""}, {"AlpnPolicy", p.AlpnPolicy != ""},
	} {
		if option.isSet {
			bad.Add(option.field, "requires Protocol TLS").Advise("remove it, or set Protocol to TLS")
		}
	}
}

func (p *NetworkListenerProps) validateForward(bad *invalid.Problems) {
	if len(p.Forward) == 0 {
		bad.Add("Forward", "is required").Advise("set at least one target group")
	}
	for i, g := range p.Forward {
		at := check.Index("Forward", i)
		switch {
		case !invalid.IsMade(g.TargetGroup):
			bad.Add(at+".TargetGroup", "is required").Advise("use elb.NewNetworkTargetGroup")
		case slices.ContainsFunc(p.Forward[:i], func(o WeightedNetworkTargetGroup) bool { return o.TargetGroup == g.TargetGroup }):
			bad.Add(at+".TargetGroup", "must not repeat another target group of the listener")
		}
		check.Range(at+".Weight", g.Weight, 0, balancer.MaxWeight, bad)
	}
	if len(p.Forward) > 1 && !slices.ContainsFunc(p.Forward, func(g WeightedNetworkTargetGroup) bool { return g.Weight != 0 }) {
		bad.Add("Forward", "must have a Weight above 0 for at least one target group")
	}
}

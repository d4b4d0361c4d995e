package elb

import (
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

// MinHealthyTargets sets how many targets of a target group must be healthy. Where the load balancer spreads requests over all zones, the
// thresholds count the targets of all zones, otherwise those of each zone. A count and a percentage may be set together: the load
// balancer acts when either is missed. To go back, set counts to 1: CloudFormation leaves an attribute as it was that is no longer
// written.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health.html
type MinHealthyTargets struct {
	// DnsFailoverCount is the number of healthy targets below which a zone leaves the load balancer's DNS name, 1 or more and not less
	// than RoutingFailoverCount. Don't set it on an Application Load Balancer that is itself the target of a Network Load Balancer or of
	// Global Accelerator. Default: 1.
	DnsFailoverCount int
	// DnsFailoverPercent is the same as a percentage of the registered targets, 1 to 100 and not less than RoutingFailoverPercent.
	// Default: none.
	DnsFailoverPercent int
	// RoutingFailoverCount is the number of healthy targets below which requests go to all targets, the unhealthy ones included, 1 or
	// more. Default: 1.
	RoutingFailoverCount int
	// RoutingFailoverPercent is the same as a percentage of the registered targets, 1 to 100. Default: none.
	RoutingFailoverPercent int
}

// render is nil for the zero value, which writes no attribute.
func (m *MinHealthyTargets) render() *elbv2.TargetGroupHealth {
	if *m == (MinHealthyTargets{}) {
		return nil
	}
	return &elbv2.TargetGroupHealth{
		DnsMinimumHealthyTargetCount:          opt.Number(m.DnsFailoverCount),
		DnsMinimumHealthyTargetPercentage:     opt.Number(m.DnsFailoverPercent),
		RoutingMinimumHealthyTargetCount:      opt.Number(m.RoutingFailoverCount),
		RoutingMinimumHealthyTargetPercentage: opt.Number(m.RoutingFailoverPercent),
	}
}

func (m *MinHealthyTargets) validate() error {
	var bad invalid.Problems
	if m.DnsFailoverCount != 0 {
		check.Min("DnsFailoverCount", m.DnsFailoverCount, 1, &bad)
	}
	if m.DnsFailoverPercent != 0 {
		check.Percent("DnsFailoverPercent", m.DnsFailoverPercent, &bad)
	}
	if m.RoutingFailoverCount != 0 {
		check.Min("RoutingFailoverCount", m.RoutingFailoverCount, 1, &bad)
	}
	if m.RoutingFailoverPercent != 0 {
		check.Percent("RoutingFailoverPercent", m.RoutingFailoverPercent, &bad)
	}
	// The defaults are a count of 1, and no percentage.
	if max(m.DnsFailoverCount, 1) < m.RoutingFailoverCount {
		bad.Add("DnsFailoverCount", "must be at least RoutingFailoverCount (%d)", m.RoutingFailoverCount).Given(max(m.DnsFailoverCount, 1))
	}
	if m.DnsFailoverPercent < m.RoutingFailoverPercent {
		bad.Add("DnsFailoverPercent", "must be at least RoutingFailoverPercent (%d)", m.RoutingFailoverPercent).Given(m.DnsFailoverPercent)
	}
	return bad.Err()
}

package elb

import (
	"regexp"
	"time"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

var healthProtocols = []elbv2.Protocol{elbv2.Protocol_TCP, elbv2.Protocol_HTTP, elbv2.Protocol_HTTPS}

func (p *NetworkTargetGroupProps) setDefaults() {
	opt.Default(&p.TargetType, elbv2.TargetType_IP)
	opt.Default(&p.Port, defaultTargetPort)
	opt.Default(&p.Protocol, elbv2.Protocol_TCP)
	opt.Default(&p.DeregistrationDelay, defaultDeregistrationDelay)
	if p.ConnectionTermination == nil {
		p.ConnectionTermination = new(hasDatagrams(p.Protocol))
	}
	if p.PreserveClientIp == nil {
		p.PreserveClientIp = new(hasDatagrams(p.Protocol))
	}
	p.HealthCheck.setDefaults()
}

func (h *NetworkHealthCheck) setDefaults() {
	if h.Path != "" {
		opt.Default(&h.Protocol, elbv2.Protocol_HTTP)
	}
	opt.Default(&h.Protocol, elbv2.Protocol_TCP)
	if h.isHttp() {
		opt.Default(&h.Path, "/")
		opt.Default(&h.HealthyHttpCodes, "200-399")
	}
	opt.Default(&h.Interval, 15*time.Second)
	opt.Default(&h.Timeout, 5*time.Second)
	opt.Default(&h.HealthyThresholdCount, 2)
	opt.Default(&h.UnhealthyThresholdCount, 3)
}

// Validate returns all problems of the props, or nil.
func (p *NetworkTargetGroupProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *NetworkTargetGroupProps) validate() error {
	var bad invalid.Problems
	if p.Vpc == nil {
		bad.Add("Vpc", "is required").Advise("use network.NewVpc or network.VpcFrom")
	}
	check.Known("TargetType", p.TargetType, targetTypes, &bad)
	check.Known("Protocol", p.Protocol, networkProtocols, &bad)
	check.Port("Port", p.Port, &bad)
	if hasDatagrams(p.Protocol) && !*p.PreserveClientIp {
		bad.Add("PreserveClientIp", "must be true with Protocol %s", p.Protocol).Advise("remove it")
	}
	if p.HealthCheck.Port == 0 && p.Protocol == elbv2.Protocol_UDP {
		bad.Add("HealthCheck.Port", "is required with Protocol UDP, because health checks use %s", check.OneOf(healthProtocols))
	}
	check.Seconds("DeregistrationDelay", p.DeregistrationDelay, time.Second, maxDeregistrationDelay, &bad)
	bad.Nest("HealthCheck", p.HealthCheck.validate())
	bad.Nest("MinHealthyTargets", p.MinHealthyTargets.validate())
	return bad.Err()
}

// HTTP codes of a Network Load Balancer go further than those of an Application Load Balancer.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Matcher.html
var networkHttpCodes = regexp.MustCompile(`^[2-5]\d\d([,-][2-5]\d\d)*$`)

func (h *NetworkHealthCheck) validate() error {
	var bad invalid.Problems
	check.Known("Protocol", h.Protocol, healthProtocols, &bad)
	switch {
	case h.isHttp():
		check.UrlPath("Path", h.Path, &bad)
		check.Match("HealthyHttpCodes", h.HealthyHttpCodes, networkHttpCodes, `codes from 200 to 599 such as "200", "200,204" or "200-299"`, &bad)
	case h.Protocol == elbv2.Protocol_TCP && h.Path != "":
		bad.Add("Path", "requires Protocol HTTP or HTTPS").Given(h.Path)
	case h.Protocol == elbv2.Protocol_TCP && h.HealthyHttpCodes != "":
		bad.Add("HealthyHttpCodes", "requires Protocol HTTP or HTTPS").Given(h.HealthyHttpCodes)
	}
	if h.Port != 0 {
		check.Port("Port", h.Port, &bad)
	}
	areValid := areHealthTimesValid(h.Interval, h.Timeout, h.HealthyThresholdCount, h.UnhealthyThresholdCount, &bad)
	if areValid && h.Timeout > h.Interval {
		bad.Add("Timeout", "must not be greater than Interval (%v)", h.Interval).Given(h.Timeout)
	}
	return bad.Err()
}

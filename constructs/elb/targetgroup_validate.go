package elb

import (
	"cmp"
	"regexp"
	"time"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

const (
	defaultDeregistrationDelay = 60 * time.Second
	maxDeregistrationDelay     = 3600 * time.Second
	maxStickiness              = 7 * 24 * time.Hour
	// defaultTargetPort is the same for every target group, whatever its targets listen on: AWS can't change a group's port, and a
	// new group has no targets at first.
	defaultTargetPort = 80
)

// The target types that have ports.
var targetTypes = []elbv2.TargetType{elbv2.TargetType_IP, elbv2.TargetType_INSTANCE}

var algorithms = []elbv2.TargetGroupLoadBalancingAlgorithmType{
	elbv2.TargetGroupLoadBalancingAlgorithmType_ROUND_ROBIN, elbv2.TargetGroupLoadBalancingAlgorithmType_LEAST_OUTSTANDING_REQUESTS,
	elbv2.TargetGroupLoadBalancingAlgorithmType_WEIGHTED_RANDOM,
}

var targetHealthProtocols = []elbv2.Protocol{elbv2.Protocol_HTTP, elbv2.Protocol_HTTPS}

var protocolVersions = []elbv2.ApplicationProtocolVersion{
	elbv2.ApplicationProtocolVersion_HTTP1, elbv2.ApplicationProtocolVersion_HTTP2, elbv2.ApplicationProtocolVersion_GRPC,
}

func (p *TargetGroupProps) setDefaults() {
	opt.Default(&p.TargetType, elbv2.TargetType_IP)
	opt.Default(&p.Port, defaultTargetPort)
	opt.Default(&p.Protocol, elbv2.ApplicationProtocol_HTTP)
	opt.Default(&p.ProtocolVersion, elbv2.ApplicationProtocolVersion_HTTP1)
	opt.Default(&p.DeregistrationDelay, defaultDeregistrationDelay)
	if p.Protocol == elbv2.ApplicationProtocol_HTTPS {
		opt.Default(&p.HealthCheck.Protocol, elbv2.Protocol_HTTPS) // AWS's default is HTTP for either
	}
	p.HealthCheck.setDefaults(p.speaksGrpc())
}

func (p *TargetGroupProps) speaksGrpc() bool {
	return p.ProtocolVersion == elbv2.ApplicationProtocolVersion_GRPC
}

func (h *TargetHealthCheck) setDefaults(grpc bool) {
	switch {
	case grpc:
		opt.Default(&h.Path, "/AWS.ALB/healthcheck")
		opt.Default(&h.HealthyGrpcCodes, "12")
	default:
		opt.Default(&h.Path, "/")
		opt.Default(&h.HealthyHttpCodes, "200")
	}
	opt.Default(&h.Interval, 15*time.Second)
	opt.Default(&h.Timeout, max(2*time.Second, min(5*time.Second, h.Interval-time.Second)))
	opt.Default(&h.HealthyThresholdCount, 2)
	opt.Default(&h.UnhealthyThresholdCount, 3)
}

// Validate returns all problems of the props, or nil.
func (p *TargetGroupProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *TargetGroupProps) validate() error {
	var bad invalid.Problems
	if p.Vpc == nil {
		bad.Add("Vpc", "is required").Advise("use network.NewVpc or network.VpcFrom")
	}
	check.Known("TargetType", p.TargetType, targetTypes, &bad)
	check.Port("Port", p.Port, &bad)
	check.Known("Protocol", p.Protocol, listenerProtocols, &bad)
	check.Known("ProtocolVersion", p.ProtocolVersion, protocolVersions, &bad)
	bad.Nest("HealthCheck", p.HealthCheck.validate(p.speaksGrpc()))
	check.Seconds("DeregistrationDelay", p.DeregistrationDelay, time.Second, maxDeregistrationDelay, &bad)
	check.Seconds("SlowStart", p.SlowStart, 30*time.Second, 900*time.Second, &bad)
	check.Seconds("StickinessDuration", p.StickinessDuration, time.Second, maxStickiness, &bad)
	if p.StickinessDuration != 0 && p.ShiftsTraffic {
		bad.Add("StickinessDuration", "is not compatible with deployments that shift traffic, because clients would stay on the old version").
			Given(p.StickinessDuration).Advise("remove it")
	}
	p.validateAlgorithm(&bad)
	if p.StickinessDuration != 0 && p.CrossZone != nil && !*p.CrossZone {
		bad.Add("StickinessDuration", "is not compatible with CrossZone false").Given(p.StickinessDuration).Advise("remove one of them")
	}
	bad.Nest("MinHealthyTargets", p.MinHealthyTargets.validate())
	return bad.Err()
}

// validateAlgorithm refuses what Elastic Load Balancing does ("You cannot enable both slow start and weighted random algorithm").
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
func (p *TargetGroupProps) validateAlgorithm(bad *invalid.Problems) {
	const (
		roundRobin = elbv2.TargetGroupLoadBalancingAlgorithmType_ROUND_ROBIN
		random     = elbv2.TargetGroupLoadBalancingAlgorithmType_WEIGHTED_RANDOM
	)
	check.Known("LoadBalancingAlgorithm", p.LoadBalancingAlgorithm, algorithms, bad)
	if p.SlowStart != 0 && p.LoadBalancingAlgorithm != "" && p.LoadBalancingAlgorithm != roundRobin {
		bad.Add("SlowStart", "requires LoadBalancingAlgorithm ROUND_ROBIN").Given(p.LoadBalancingAlgorithm).Advise("remove one of them")
	}
	if p.AnomalyMitigation && p.LoadBalancingAlgorithm != random {
		bad.Add("AnomalyMitigation", "requires LoadBalancingAlgorithm WEIGHTED_RANDOM").
			Given(cmp.Or(p.LoadBalancingAlgorithm, roundRobin)).Advise("set it, or remove AnomalyMitigation")
	}
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
var (
	httpCodes = regexp.MustCompile(`^[234]\d\d([,-][234]\d\d)*$`)
	grpcCodes = regexp.MustCompile(`^\d{1,2}([,-]\d{1,2})*$`)
)

func (h *TargetHealthCheck) validate(grpc bool) error {
	var bad invalid.Problems
	check.Known("Protocol", h.Protocol, targetHealthProtocols, &bad)
	if h.Port != 0 {
		check.Port("Port", h.Port, &bad)
	}
	check.UrlPath("Path", h.Path, &bad)
	switch {
	case grpc && h.HealthyHttpCodes != "":
		bad.Add("HealthyHttpCodes", "is not compatible with ProtocolVersion GRPC").Given(h.HealthyHttpCodes).Advise("use HealthyGrpcCodes")
	case !grpc && h.HealthyGrpcCodes != "":
		bad.Add("HealthyGrpcCodes", "requires ProtocolVersion GRPC").Given(h.HealthyGrpcCodes).Advise("use HealthyHttpCodes")
	case grpc:
		check.Match("HealthyGrpcCodes", h.HealthyGrpcCodes, grpcCodes, `codes from 0 to 99 such as "12", "0,12" or "0-99"`, &bad)
	default:
		check.Match("HealthyHttpCodes", h.HealthyHttpCodes, httpCodes, `codes from 200 to 499 such as "200", "200,204" or "200-299"`, &bad)
	}
	areValid := areHealthTimesValid(h.Interval, h.Timeout, h.HealthyThresholdCount, h.UnhealthyThresholdCount, &bad)
	if areValid && h.Timeout >= h.Interval {
		bad.Add("Timeout", "must be less than Interval (%v)", h.Interval).Given(h.Timeout)
	}
	return bad.Err()
}

// areHealthTimesValid reports whether the interval and the timeout are valid, each by itself, and refuses them and thresholds that
// are not. Health checks of both kinds of load balancers have them in common.
func areHealthTimesValid(interval, timeout time.Duration, healthy, unhealthy int, bad *invalid.Problems) bool {
	isInterval := check.Seconds("Interval", interval, 5*time.Second, 300*time.Second, bad)
	isTimeout := check.Seconds("Timeout", timeout, 2*time.Second, 120*time.Second, bad)
	check.Range("HealthyThresholdCount", healthy, 2, 10, bad)
	check.Range("UnhealthyThresholdCount", unhealthy, 2, 10, bad)
	return isInterval && isTimeout
}

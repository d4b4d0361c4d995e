package elb

import (
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/balancer"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// TargetGroupProps describe a target group of an Application Load Balancer.
type TargetGroupProps struct {
	// Vpc is the VPC of the targets. Required.
	Vpc awsec2.IVpc
	// TargetType is elbv2.TargetType_IP or _INSTANCE. Changing it replaces the target group. Default: IP.
	TargetType elbv2.TargetType
	// Port is the port of targets that are registered without one, such as those of an Auto Scaling group, 1 to 65535. Targets that
	// are registered with a port, such as tasks of ECS, ignore it. Changing it replaces the target group. Default: 80.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
	Port int
	// Protocol is what the load balancer speaks to the targets: elbv2.ApplicationProtocol_HTTP, or _HTTPS with any certificate of
	// theirs, which it doesn't verify. Changing it replaces the target group. Default: HTTP.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
	Protocol elbv2.ApplicationProtocol
	// ProtocolVersion is what the targets speak: elbv2.ApplicationProtocolVersion_HTTP1, _HTTP2 or _GRPC; the latter two need
	// an HTTPS listener. Changing it replaces the target group. Default: HTTP1, to which the load balancer translates HTTP/2 of
	// clients.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
	ProtocolVersion elbv2.ApplicationProtocolVersion
	// HealthCheck is how the load balancer tells whether a target can answer. Default: GET / gives 200.
	HealthCheck TargetHealthCheck
	// DeregistrationDelay is how long a target that is taken out may finish its requests, up to 3600 s. Default: 60 s.
	DeregistrationDelay time.Duration
	// SlowStart is how long a new target gets less than its share of requests, 30 to 900 s. Default: none.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
	SlowStart time.Duration
	// StickinessDuration is how long the load balancer sends a client to the same target, by a cookie, 1 s to 7 days. Default:
	// none, every request may go elsewhere.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
	StickinessDuration time.Duration
	// LoadBalancingAlgorithm chooses the target of each request: elbv2.TargetGroupLoadBalancingAlgorithmType_ROUND_ROBIN,
	// _LEAST_OUTSTANDING_REQUESTS or _WEIGHTED_RANDOM; the latter two are not compatible with SlowStart. To go back, set ROUND_ROBIN:
	// CloudFormation leaves an attribute as it was that is no longer written. Default: AWS's, ROUND_ROBIN.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
	LoadBalancingAlgorithm elbv2.TargetGroupLoadBalancingAlgorithmType
	// AnomalyMitigation sends fewer requests to targets that answer with more errors than the others, from three healthy targets on.
	// It requires LoadBalancingAlgorithm WEIGHTED_RANDOM. Default: false.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
	AnomalyMitigation bool
	// CrossZone spreads the requests of each zone over the targets of all zones. With false, each zone needs enough targets of its own,
	// and StickinessDuration is not supported. To go back, set true. Default: nil, as the load balancer has it, which is true.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/disable-cross-zone.html
	CrossZone *bool
	// MinHealthyTargets sets how many targets must be healthy, and what the load balancer does otherwise. Default: one, of all zones
	// together.
	MinHealthyTargets MinHealthyTargets
	// ShiftsTraffic reserves the target group for the construct in which it is made, whose deployments move the targets between
	// this target group and another: other rules are refused. Default: false.
	ShiftsTraffic bool
}

// TargetHealthCheck is how an Application Load Balancer tells whether a target can answer.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
type TargetHealthCheck struct {
	// Protocol is elbv2.Protocol_HTTP, or _HTTPS with any certificate of the target's. Default: the target group's.
	Protocol elbv2.Protocol
	// Port is a TCP port of the target, such as one for management only, 1 to 65535. To go back, set it to the port that gets the
	// requests: CloudFormation leaves as it was what is no longer written. Default: 0, the port that the target is registered with.
	Port int
	// Path is what it asks for. Default: "/", or for gRPC "/AWS.ALB/healthcheck".
	Path string
	// HealthyHttpCodes are the answers of a healthy target: "200", "200,204" or "200-299". Default: "200".
	HealthyHttpCodes string
	// HealthyGrpcCodes are the same for gRPC, 0 to 99. Default: "12", for a method that is not implemented.
	HealthyGrpcCodes string
	// Interval is the time between two checks, 5 to 300 s. Default: 15 s.
	Interval time.Duration
	// Timeout is how long one check may take, 2 to 120 s and less than Interval. Default: 5 s, or a
	// second less than Interval if that is shorter.
	Timeout time.Duration
	// HealthyThresholdCount is how many good answers in a row make a target healthy, 2 to 10. Default: 2.
	HealthyThresholdCount int
	// UnhealthyThresholdCount is how many bad answers in a row make it unhealthy, 2 to 10. Default: 3.
	UnhealthyThresholdCount int
}

// TargetGroup is a target group of an Application Load Balancer.
type TargetGroup struct {
	constructs.Construct
	// TargetGroup is what the CDK's own constructs take: an elbv2.ApplicationTargetGroup unless it is of TargetGroupFrom.
	TargetGroup elbv2.IApplicationTargetGroup

	known *balancer.Group // shared by all that TargetGroupFrom makes of one target group
}

// NewTargetGroup creates a target group. A listener rule must forward to it before targets can be registered. It panics with
// *invalid.Error if the props are invalid.
func NewTargetGroup(scope constructs.Construct, id string, props *TargetGroupProps) *TargetGroup {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	g := &TargetGroup{known: &balancer.Group{
		Owner: *scope.Node().Path(), ShiftsTraffic: p.ShiftsTraffic, NeedsTls: p.ProtocolVersion != elbv2.ApplicationProtocolVersion_HTTP1,
		SpeaksGrpc: p.speaksGrpc(),
	}}
	source.Create(g, scope, id)
	group := &elbv2.ApplicationTargetGroupProps{
		Vpc:                      p.Vpc,
		TargetType:               p.TargetType,
		Protocol:                 p.Protocol,
		ProtocolVersion:          p.protocolVersion(),
		Port:                     jsii.Number(p.Port),
		DeregistrationDelay:      opt.Duration(p.DeregistrationDelay),
		SlowStart:                opt.Duration(p.SlowStart),
		StickinessCookieDuration: opt.Duration(p.StickinessDuration),

		LoadBalancingAlgorithmType: p.LoadBalancingAlgorithm,
		CrossZoneEnabled:           p.CrossZone,
		TargetGroupHealth:          p.MinHealthyTargets.render(),

		HealthCheck: &elbv2.HealthCheck{
			Protocol:                p.HealthCheck.Protocol,
			Path:                    &p.HealthCheck.Path,
			HealthyHttpCodes:        opt.String(p.HealthCheck.HealthyHttpCodes),
			HealthyGrpcCodes:        opt.String(p.HealthCheck.HealthyGrpcCodes),
			Interval:                opt.Duration(p.HealthCheck.Interval),
			Timeout:                 opt.Duration(p.HealthCheck.Timeout),
			HealthyThresholdCount:   jsii.Number(p.HealthCheck.HealthyThresholdCount),
			UnhealthyThresholdCount: jsii.Number(p.HealthCheck.UnhealthyThresholdCount),
		},
	}
	if p.LoadBalancingAlgorithm != "" {
		group.EnableAnomalyMitigation = &p.AnomalyMitigation
	}
	switch {
	case p.HealthCheck.Port != 0:
		group.HealthCheck.Port = jsii.String(strconv.Itoa(p.HealthCheck.Port))
	case p.TargetType == elbv2.TargetType_INSTANCE:
		// The default, which the CDK's rules want to see where ports are the instance's choice.
		group.HealthCheck.Port = jsii.String(trafficPort)
	}
	g.TargetGroup = elbv2.NewApplicationTargetGroup(g, jsii.String("TargetGroup"), group)
	return g
}

// TargetGroupFrom uses a target group that wasn't made by NewTargetGroup or an ECS service. It panics with *invalid.Error if the
// target group is nil.
func TargetGroupFrom(scope constructs.Construct, id string, group elbv2.IApplicationTargetGroup) *TargetGroup {
	var bad invalid.Problems
	check.NotNil("group", group, "a target group such as one of elbv2.ApplicationTargetGroup_FromTargetGroupAttributes", &bad)
	invalid.Refuse(scope, id, bad.Err())
	arn := *group.TargetGroupArn()
	g := &TargetGroup{TargetGroup: group, known: &balancer.Group{}}
	if first := find(scope, func(g *TargetGroup) bool { return g.Arn() == arn }); first != nil {
		g.known = first.known
	}
	source.Create(g, scope, id)
	return g
}

// Arn returns the target group's ARN.
func (g *TargetGroup) Arn() string { return *g.TargetGroup.TargetGroupArn() }

// Internal is for this library's packages.
func (g *TargetGroup) Internal() *balancer.Group {
	if !invalid.IsMade(g) {
		return nil
	}
	if g.known == nil { // a stand-in of a test
		g.known = &balancer.Group{}
	}
	return g.known
}

// protocolVersion leaves the default out: changing it, even to the same, replaces the target group.
func (p *TargetGroupProps) protocolVersion() elbv2.ApplicationProtocolVersion {
	if p.ProtocolVersion == elbv2.ApplicationProtocolVersion_HTTP1 {
		return ""
	}
	return p.ProtocolVersion
}

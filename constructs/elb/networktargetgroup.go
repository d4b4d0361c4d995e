package elb

import (
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// NetworkTargetGroupProps describe a target group of a Network Load Balancer.
type NetworkTargetGroupProps struct {
	// Vpc is the VPC of the targets. Required.
	Vpc awsec2.IVpc
	// TargetType is elbv2.TargetType_IP or _INSTANCE. Changing it replaces the target group. Default: IP.
	TargetType elbv2.TargetType
	// Protocol is what the load balancer speaks to the targets: elbv2.Protocol_TCP, _TLS (with any certificate of theirs), _UDP or
	// _TCP_UDP. Changing it replaces the target group. Default: TCP.
	Protocol elbv2.Protocol
	// Port is the port of targets that are registered without one, such as those of an Auto Scaling group, 1 to 65535. Targets that
	// are registered with a port, such as tasks of ECS, ignore it. Changing it replaces the target group. Default: 80.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
	Port int
	// HealthCheck is how the load balancer tells whether a target can answer; never by UDP. Default: it accepts a TCP connection on
	// the port that it is registered with.
	HealthCheck NetworkHealthCheck
	// PreserveClientIp shows the targets the clients' addresses instead of the load balancer's. A target then cannot reach itself
	// through the load balancer, and clients of an EndpointService keep the load balancer's address. Default: false for TCP and TLS;
	// for UDP and TCP_UDP it is always so.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
	PreserveClientIp *bool
	// ProxyProtocolV2 puts a header before what the client sends that names it, health checks included: the targets must
	// understand it. Default: false.
	ProxyProtocolV2 bool
	// SourceIpStickiness sends what comes from one address to the same target as long as it is healthy; not behind a TLS listener.
	// Many clients behind one address then share a target. Default: false.
	SourceIpStickiness bool
	// DeregistrationDelay is how long a target that is taken out may finish with its clients, up to 3600 s. Default: 60 s.
	DeregistrationDelay time.Duration
	// ConnectionTermination closes the connections that are left after DeregistrationDelay. Default: true for UDP and TCP_UDP, whose
	// clients would otherwise go on sending to the old target, and false for TCP and TLS.
	ConnectionTermination *bool
	// CrossZone spreads what comes in at one zone over the targets of all zones, which costs the traffic between zones. To go back,
	// set it to what the load balancer has. Default: nil, as the load balancer has it.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-cross-zone.html
	CrossZone *bool
	// MinHealthyTargets sets how many targets must be healthy, and what the load balancer does otherwise. Default: one.
	MinHealthyTargets MinHealthyTargets
}

// NetworkHealthCheck is how a Network Load Balancer tells whether a target can answer. Its checks come from the load balancer itself,
// and by TCP, HTTP or HTTPS also where clients speak UDP.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html
type NetworkHealthCheck struct {
	// Protocol is elbv2.Protocol_TCP (a connection is enough), _HTTP or _HTTPS. Default: TCP, or HTTP with a Path.
	Protocol elbv2.Protocol
	// Port is a TCP port of the target. Default: the port that it is registered with; for UDP the first TCP port of the container, or
	// of another of the task, which must have one.
	Port int
	// Path is what it asks for, by HTTP or HTTPS. Default: "/" for those.
	Path string
	// HealthyHttpCodes are the answers of a healthy target: "200", "200,204" or "200-299", from 200 to 599. Default: "200-399", for
	// HTTP and HTTPS.
	HealthyHttpCodes string
	// Interval is the time between two checks, 5 to 300 s; each of the load balancer's zones checks by itself. Default: 15 s.
	Interval time.Duration
	// Timeout is how long one check may take, 2 to 120 s and not more than Interval. Default: 5 s.
	Timeout time.Duration
	// HealthyThresholdCount is how many good checks in a row make a target healthy, 2 to 10. Default: 2.
	HealthyThresholdCount int
	// UnhealthyThresholdCount is how many bad checks in a row make it unhealthy, 2 to 10. Default: 3.
	UnhealthyThresholdCount int
}

// NetworkTargetGroup is a target group of a Network Load Balancer.
type NetworkTargetGroup struct {
	constructs.Construct
	// TargetGroup is what the CDK's own constructs take.
	TargetGroup elbv2.NetworkTargetGroup
}

// trafficPort stands for the port that a target is registered with.
const trafficPort = "traffic-port"

// NewNetworkTargetGroup creates a target group. A listener must forward to it before targets can be registered. It panics with
// *invalid.Error if the props are invalid.
func NewNetworkTargetGroup(scope constructs.Construct, id string, props *NetworkTargetGroupProps) *NetworkTargetGroup {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	g := &NetworkTargetGroup{}
	source.Create(g, scope, id)
	// The defaults that AWS would choose by protocol and target type are written too: CloudFormation leaves as it was what is no
	// longer written.
	group := &elbv2.NetworkTargetGroupProps{
		Vpc:                   p.Vpc,
		TargetType:            p.TargetType,
		Protocol:              p.Protocol,
		Port:                  jsii.Number(p.Port),
		ProxyProtocolV2:       &p.ProxyProtocolV2,
		ConnectionTermination: p.ConnectionTermination,
		DeregistrationDelay:   opt.Duration(p.DeregistrationDelay),
		HealthCheck:           p.HealthCheck.render(),
		CrossZoneEnabled:      p.CrossZone,
		TargetGroupHealth:     p.MinHealthyTargets.render(),
	}
	if !hasDatagrams(p.Protocol) { // it cannot be otherwise for UDP
		group.PreserveClientIp = p.PreserveClientIp
	}
	g.TargetGroup = elbv2.NewNetworkTargetGroup(g, jsii.String("TargetGroup"), group)
	g.TargetGroup.SetAttribute(jsii.String("stickiness.enabled"), jsii.String(strconv.FormatBool(p.SourceIpStickiness)))
	if p.SourceIpStickiness {
		g.TargetGroup.SetAttribute(jsii.String("stickiness.type"), jsii.String("source_ip"))
	}
	return g
}

// Arn returns the target group's ARN.
func (g *NetworkTargetGroup) Arn() string { return *g.TargetGroup.TargetGroupArn() }

func (h *NetworkHealthCheck) render() *elbv2.HealthCheck {
	at := trafficPort
	if h.Port != 0 {
		at = strconv.Itoa(h.Port)
	}
	return &elbv2.HealthCheck{
		Protocol:                h.Protocol,
		Port:                    &at,
		Path:                    opt.String(h.Path),
		HealthyHttpCodes:        opt.String(h.HealthyHttpCodes),
		Interval:                opt.Duration(h.Interval),
		Timeout:                 opt.Duration(h.Timeout),
		HealthyThresholdCount:   jsii.Number(h.HealthyThresholdCount),
		UnhealthyThresholdCount: jsii.Number(h.UnhealthyThresholdCount),
	}
}

func (h *NetworkHealthCheck) isHttp() bool {
	return h.Protocol == elbv2.Protocol_HTTP || h.Protocol == elbv2.Protocol_HTTPS
}

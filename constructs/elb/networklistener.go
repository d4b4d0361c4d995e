package elb

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/ids"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// NetworkListenerProps describe a listener of a Network Load Balancer: a port, all of whose connections or packets go to its
// target groups. A service's own listeners are Exposure.Nlb.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html
type NetworkListenerProps struct {
	// LoadBalancer is the load balancer. Required.
	LoadBalancer *NetworkLoadBalancer
	// Port is the port that clients connect to, 1 to 65535, each of a load balancer's taken once, whatever the protocol. Required.
	Port int
	// IngressCidrs are the IPv4 ranges that may connect. Default: those of the load balancer.
	IngressCidrs []string
	// Protocol is what clients speak: elbv2.Protocol_TCP, _TLS (the load balancer decrypts), _UDP or _TCP_UDP (both at one port).
	// Default: TCP, or TLS with a CertificateArn.
	Protocol elbv2.Protocol
	// CertificateArn is a certificate of AWS Certificate Manager in the load balancer's Region, for TLS. Default: none; required
	// for TLS.
	CertificateArn string
	// AdditionalCertificateArns are certificates for further names: each client gets the one for the name that it asks for (SNI), and
	// CertificateArn's if none fits. Default: none.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/tls-listener-certificates.html
	AdditionalCertificateArns []string
	// SslPolicy are the TLS versions and ciphers, for TLS. Default: TLS 1.2 and 1.3 with forward secrecy and post-quantum key
	// exchange for clients that have it, elbv2.SslPolicy_TLS13_12_RES_PQ.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/describe-ssl-policies.html
	SslPolicy elbv2.SslPolicy
	// AlpnPolicy is what client and load balancer agree to speak within TLS, such as elbv2.AlpnPolicy_HTTP2_PREFERRED. Default:
	// none, they do not talk of it.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html#alpn-policies
	AlpnPolicy elbv2.AlpnPolicy
	// IdleTimeout is how long a connection may stay silent, 60 to 6000 s, for TCP and TCP_UDP; later packets are refused. Default:
	// 350 s, as for TLS; of UDP the load balancer forgets a client after 120 s.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html
	IdleTimeout time.Duration
	// Forward are the target groups that share the connections by weight. Required: at least one.
	Forward []WeightedNetworkTargetGroup
}

// WeightedNetworkTargetGroup is a share of a listener's connections.
type WeightedNetworkTargetGroup struct {
	// TargetGroup gets the share. Required.
	TargetGroup *NetworkTargetGroup
	// Weight is the share against the other groups', 0 to 999. Default: 0; with several groups, at least one needs more.
	Weight int
}

// NetworkListener is a listener of a Network Load Balancer.
type NetworkListener struct {
	constructs.Construct
	// Listener is what the CDK's own constructs take.
	Listener elbv2.NetworkListener
}

// NewNetworkListener creates a listener, and opens its port to the clients. It panics with *invalid.Error if the props are
// invalid.
func NewNetworkListener(scope constructs.Construct, id string, props *NetworkListenerProps) *NetworkListener {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn())

	l := &NetworkListener{}
	source.Create(l, scope, id)
	p.LoadBalancer.known.Ports.Take(p.Port, ids.Path(scope, id))
	listener := &elbv2.NetworkListenerProps{
		LoadBalancer: p.LoadBalancer.LoadBalancer, Port: jsii.Number(p.Port), Protocol: p.Protocol, DefaultAction: p.action(),
		SslPolicy: p.SslPolicy, AlpnPolicy: p.AlpnPolicy, TcpIdleTimeout: opt.Duration(p.IdleTimeout),
	}
	if p.CertificateArn != "" {
		listener.Certificates = &[]elbv2.IListenerCertificate{elbv2.ListenerCertificate_FromArn(&p.CertificateArn)}
	}
	l.Listener = elbv2.NewNetworkListener(l, jsii.String("Listener"), listener)
	addCertificates(l, l.Listener.ListenerArn(), p.AdditionalCertificateArns)
	clients := p.LoadBalancer.clients
	if len(p.IngressCidrs) > 0 {
		clients = cidrPeers(p.IngressCidrs)
	}
	allowIngress(p.LoadBalancer.SecurityGroup, "Clients", clients, p.ports()...)
	return l
}

// Arn returns the listener's ARN.
func (l *NetworkListener) Arn() string { return *l.Listener.ListenerArn() }

// ports are the listener's, as security groups name them.
func (p *NetworkListenerProps) ports() (ports []awsec2.Port) {
	if p.Protocol != elbv2.Protocol_UDP {
		ports = append(ports, awsec2.Port_Tcp(jsii.Number(p.Port)))
	}
	if hasDatagrams(p.Protocol) {
		ports = append(ports, awsec2.Port_Udp(jsii.Number(p.Port)))
	}
	return ports
}

// hasDatagrams reports whether clients send UDP.
func hasDatagrams(protocol elbv2.Protocol) bool {
	return protocol == elbv2.Protocol_UDP || protocol == elbv2.Protocol_TCP_UDP
}

func (p *NetworkListenerProps) action() elbv2.NetworkListenerAction {
	if len(p.Forward) == 1 {
		return elbv2.NetworkListenerAction_Forward(&[]elbv2.INetworkTargetGroup{p.Forward[0].TargetGroup.TargetGroup}, nil)
	}
	weighted := make([]*elbv2.NetworkWeightedTargetGroup, len(p.Forward))
	for i, g := range p.Forward {
		weighted[i] = &elbv2.NetworkWeightedTargetGroup{TargetGroup: g.TargetGroup.TargetGroup, Weight: jsii.Number(g.Weight)}
	}
	return elbv2.NetworkListenerAction_WeightedForward(&weighted, nil)
}

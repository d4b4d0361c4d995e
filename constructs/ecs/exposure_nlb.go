package ecs

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/elb"
	"awscontainers/internal/opt"
)

// NlbListener is a port of a Network Load Balancer, all of whose connections or packets go to the service.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html
type NlbListener struct {
	// Id names the listener's resources within the service, if it has several: 1 to 32 letters and digits, such as "Api", each taken once.
	// If you change it, change Port too, or remove the listener in one deployment and add it in the next: CloudFormation creates the
	// new listener first, and a port has one. Default: none, which one of the service's listeners may have.
	Id string
	// LoadBalancer is where it listens. Required.
	LoadBalancer *elb.NetworkLoadBalancer
	// Port is the port that clients connect to, 1 to 65535, each of a load balancer's taken once, whatever the protocol. Required.
	Port int
	// Protocol is what clients speak: elbv2.Protocol_TCP, _TLS (the load balancer decrypts), _UDP or _TCP_UDP (both at one port).
	// Changing it to or from UDP or TCP_UDP replaces the target group, which interrupts the service: see "Change a running service" in
	// the README. Default: TCP, or TLS with a CertificateArn.
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
	// EncryptToTasks makes the load balancer speak TLS to the tasks too, behind a TLS listener; it takes any certificate of theirs.
	// Changing it replaces the target group, which interrupts the service. Default: false, they get what was decrypted.
	EncryptToTasks bool
	// IdleTimeout is how long a connection may stay silent, 60 to 6000 s, for TCP and TCP_UDP; later packets are refused. Default:
	// 350 s, as for TLS; of UDP the load balancer forgets a client after 120 s.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html
	IdleTimeout time.Duration
	// TestListener describes another listener of the load balancer, for those who test a new version during a deployment that shifts
	// traffic. It is the service's own, as its listener is, and has the protocol and certificate of this one. Default: nil, none.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/nlb-resources-for-blue-green.html
	TestListener *elb.TestListener

	// ContainerName is the container that answers. Default: the first of the task that has a port for Protocol.
	ContainerName string
	// ContainerPort is the port that it listens on, mapped for UDP where Protocol is UDP, and for TCP otherwise; for TCP_UDP either,
	// for ECS takes each port once. Default: the container's first for Protocol.
	ContainerPort int
	// HealthCheck is how the load balancer tells whether a task can answer; never by UDP. Default: it accepts a TCP connection.
	HealthCheck elb.NetworkHealthCheck
	// PreserveClientIp shows the tasks the clients' addresses instead of the load balancer's. A task then cannot reach itself through
	// the load balancer, and clients of an EndpointService keep the load balancer's address. Default: false for TCP and TLS; for
	// UDP and TCP_UDP it is always so.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
	PreserveClientIp *bool
	// ProxyProtocolV2 puts a header before what the client sends that names it, health checks included: the container must
	// understand it. Default: false.
	ProxyProtocolV2 bool
	// SourceIpStickiness sends what comes from one address to the same task as long as it is healthy; not for TLS, and not with a
	// Deployment.Strategy that shifts traffic. Many clients behind one address then share a task. Default: false.
	SourceIpStickiness bool
	// DeregistrationDelay is how long a task that is to stop may finish with its clients before it gets SIGTERM, up to 3600 s.
	// Deployments and scaling in take that much longer. Default: 60 s, or the container's StopTimeout if that is longer.
	DeregistrationDelay time.Duration
	// ConnectionTermination closes the connections that are left after DeregistrationDelay. Default: true for UDP and TCP_UDP, whose
	// clients would otherwise go on sending to the old task, and false for TCP and TLS.
	ConnectionTermination *bool
	// CrossZone spreads what comes in at one zone over the tasks of all zones, which costs the traffic between zones. To go back, set it
	// to what the load balancer has. Default: nil, as the load balancer has it.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-cross-zone.html
	CrossZone *bool
	// MinHealthyTargets sets how many tasks must be healthy, and what the load balancer does otherwise. Default: one.
	MinHealthyTargets elb.MinHealthyTargets
}

func (l *NlbListener) setDefaults(task *Task) {
	if l.CertificateArn != "" {
		opt.Default(&l.Protocol, elbv2.Protocol_TLS)
	}
	opt.Default(&l.Protocol, elbv2.Protocol_TCP)
	setTargetDefaults(task, &l.ContainerName, &l.ContainerPort, &l.DeregistrationDelay, l.portsOf)
	if l.HealthCheck.Port == 0 && l.Protocol == elbv2.Protocol_UDP && task.targetType() == elbv2.TargetType_IP {
		l.HealthCheck.Port = task.firstTcpPort(l.ContainerName)
	}
}

// hasDatagrams reports whether clients send UDP.
func (l *NlbListener) hasDatagrams() bool {
	return l.Protocol == elbv2.Protocol_UDP || l.Protocol == elbv2.Protocol_TCP_UDP
}

// portsOf are the ports of a container that the listener could lead to.
func (l *NlbListener) portsOf(c *Container) (ports []int) {
	for _, m := range c.PortMappings {
		if l.Protocol == elbv2.Protocol_TCP_UDP || (m.Protocol == awsecs.Protocol_UDP) == (l.Protocol == elbv2.Protocol_UDP) {
			ports = append(ports, m.ContainerPort)
		}
	}
	return ports
}

// firstTcpPort is one of the named container, or else of another: they share a network interface. 0 without any.
func (t *Task) firstTcpPort(container string) (port int) {
	for i := range t.props.Containers {
		c := &t.props.Containers[i]
		ports := c.tcpPorts()
		switch {
		case len(ports) == 0:
		case c.Name == container:
			return ports[0]
		case port == 0:
			port = ports[0]
		}
	}
	return port
}

// portProtocol returns the protocol by which a port is mapped, "" if it is not.
func (t *Task) portProtocol(port int) awsecs.Protocol {
	for _, c := range t.props.Containers {
		for _, m := range c.PortMappings {
			switch {
			case m.ContainerPort != port:
			case m.Protocol == "":
				return awsecs.Protocol_TCP
			default:
				return m.Protocol
			}
		}
	}
	return ""
}

// ports are those from one to another by the listener's own protocol, as security groups name them.
func (l *NlbListener) ports(from, to int) (ports []awsec2.Port) {
	if l.Protocol != elbv2.Protocol_UDP {
		ports = append(ports, portRange(awsecs.Protocol_TCP, from, to))
	}
	if l.hasDatagrams() {
		ports = append(ports, portRange(awsecs.Protocol_UDP, from, to))
	}
	return ports
}

// listener gives the props of the listener on a port, except for the target groups.
func (l *NlbListener) listener(port int, ingressCidrs []string) elb.NetworkListenerProps {
	return elb.NetworkListenerProps{
		LoadBalancer:   l.LoadBalancer,
		Port:           port,
		IngressCidrs:   ingressCidrs,
		Protocol:       l.Protocol,
		CertificateArn: l.CertificateArn,

		AdditionalCertificateArns: l.AdditionalCertificateArns,

		SslPolicy:   l.SslPolicy,
		AlpnPolicy:  l.AlpnPolicy,
		IdleTimeout: l.IdleTimeout,
	}
}

// targetGroup gives the target group's props, except for what they have of the service.
func (l *NlbListener) targetGroup() elb.NetworkTargetGroupProps {
	return elb.NetworkTargetGroupProps{
		Protocol:              l.taskProtocol(),
		HealthCheck:           l.HealthCheck,
		PreserveClientIp:      l.PreserveClientIp,
		ProxyProtocolV2:       l.ProxyProtocolV2,
		SourceIpStickiness:    l.SourceIpStickiness,
		DeregistrationDelay:   l.DeregistrationDelay,
		ConnectionTermination: l.ConnectionTermination,
		CrossZone:             l.CrossZone,
		MinHealthyTargets:     l.MinHealthyTargets,
	}
}

// taskProtocol is what the load balancer speaks to the tasks.
func (l *NlbListener) taskProtocol() elbv2.Protocol {
	if l.Protocol == elbv2.Protocol_TLS && !l.EncryptToTasks {
		return elbv2.Protocol_TCP
	}
	return l.Protocol
}

// nlbTarget is what a listener of the service needs to reach its tasks.
type nlbTarget struct {
	listener          *NlbListener
	group             *elb.NetworkTargetGroup
	alternate         *elb.NetworkTargetGroup // nil unless the deployment shifts traffic
	production, tests *elb.NetworkListener
}

// newNlbTarget makes the target group of a listener, and the listener itself. The service does not exist yet: it waits for both.
func (s *Service) newNlbTarget(l *NlbListener, shiftsTraffic bool) nlbTarget {
	t := nlbTarget{listener: l, group: s.newNetworkTargetGroup("NlbTargetGroup"+l.Id, l)}
	forward := []elb.WeightedNetworkTargetGroup{{TargetGroup: t.group, Weight: 100}}
	if shiftsTraffic {
		t.alternate = s.newNetworkTargetGroup("NlbAlternateTargetGroup"+l.Id, l)
		// As before the first deployment, as for Exposure.Alb: see Deployment.Strategy.
		forward = append(forward, elb.WeightedNetworkTargetGroup{TargetGroup: t.alternate, Weight: 0})
	}
	production := l.listener(l.Port, nil)
	production.Forward = forward
	t.production = elb.NewNetworkListener(s, "NlbListener"+l.Id, &production)
	if l.TestListener != nil {
		tests := l.listener(l.TestListener.Port, l.TestListener.IngressCidrs)
		tests.Forward = forward
		t.tests = elb.NewNetworkListener(s, "NlbTestListener"+l.Id, &tests)
	}
	return t
}

func (s *Service) newNetworkTargetGroup(id string, l *NlbListener) *elb.NetworkTargetGroup {
	props := l.targetGroup()
	props.Vpc, props.TargetType = s.cluster.Vpc(), s.Task.targetType()
	if props.TargetType == elbv2.TargetType_IP && l.HealthCheck.Port == l.ContainerPort && l.Protocol != elbv2.Protocol_UDP {
		props.HealthCheck.Port = 0 // the port that the tasks are registered with
	}
	return elb.NewNetworkTargetGroup(s, id, &props)
}

// attachNlb registers the tasks of the service with a listener's target group, and lets the load balancer reach them: also where
// they see the clients' addresses, its security group is what counts.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
func (s *Service) attachNlb(t *nlbTarget) {
	l := t.listener
	options := &awsecs.LoadBalancerTargetOptions{
		ContainerName: &l.ContainerName, ContainerPort: jsii.Number(l.ContainerPort), Protocol: s.Task.portProtocol(l.ContainerPort),
	}
	if t.alternate != nil {
		var tests awsecs.ListenerRuleConfiguration
		if t.tests != nil {
			tests = awsecs.ListenerRuleConfiguration_NetworkListener(t.tests.Listener)
		}
		production := awsecs.ListenerRuleConfiguration_NetworkListener(t.production.Listener)
		options.AlternateTarget = s.alternateTarget(t.alternate.TargetGroup, production, tests)
	}
	t.group.TargetGroup.AddTarget(s.Service.LoadBalancerTarget(options))
	ports := l.ports(s.Task.reachablePorts(l.ContainerPort))
	if port := l.HealthCheck.Port; port != 0 && port != l.ContainerPort {
		ports = append(ports, awsec2.Port_Tcp(jsii.Number(port)))
	}
	for _, port := range ports {
		s.Service.Connections().AllowFrom(l.LoadBalancer, port, jsii.String("Load balancer to target"))
	}
}

package ecs

import (
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/elb"
	"awscontainers/internal/ids"
	"awscontainers/internal/opt"
)

// NlbListener is a port of a Network Load Balancer, all of whose connections or packets go to the service.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html
type NlbListener struct {
	// LoadBalancer is where it listens. Required.
	LoadBalancer *elb.NetworkLoadBalancer
	// Port is the port that clients connect to, 1 to 65535, each of a load balancer's taken once, whatever the protocol. Required.
	Port int
	// Protocol is what clients speak: elbv2.Protocol_TCP, _TLS (the load balancer decrypts), _UDP or _TCP_UDP (both at one port).
	// Default: TCP, or TLS with a CertificateArn.
	Protocol elbv2.Protocol
	// CertificateArn is a certificate of AWS Certificate Manager in the load balancer's Region, for TLS. Default: none; required
	// for TLS.
	CertificateArn string
	// SslPolicy are the TLS versions and ciphers, for TLS. Default: TLS 1.2 and 1.3 with forward secrecy and post-quantum key
	// exchange for clients that have it, elbv2.SslPolicy_TLS13_12_RES_PQ.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/describe-ssl-policies.html
	SslPolicy elbv2.SslPolicy
	// AlpnPolicy is what client and load balancer agree to speak within TLS, such as elbv2.AlpnPolicy_HTTP2_PREFERRED. Default:
	// none, they do not talk of it.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html#alpn-policies
	AlpnPolicy elbv2.AlpnPolicy
	// EncryptToTasks makes the load balancer speak TLS to the tasks too, behind a TLS listener; it takes any certificate of theirs.
	// Default: false, they get what was decrypted.
	EncryptToTasks bool
	// IdleTimeout is how long a connection may stay silent, 60 to 6000 s, for TCP and TCP_UDP; later packets are refused. Default:
	// 350 s, as for TLS; of UDP the load balancer forgets a client after 120 s.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html
	IdleTimeout time.Duration
	// TestListener is another port of the load balancer, for those who test a new version during a deployment that shifts traffic.
	// It has the protocol and certificate of this one. Default: nil, none.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/nlb-resources-for-blue-green.html
	TestListener *elb.TestListener

	// ContainerName is the container that answers. Default: the first of the task that has a port for Protocol.
	ContainerName string
	// ContainerPort is the port that it listens on, mapped for UDP where Protocol is UDP, and for TCP otherwise; for TCP_UDP either,
	// for ECS takes each port once. Default: the container's first for Protocol.
	ContainerPort int
	// HealthCheck is how the load balancer tells whether a task can answer; never by UDP. Default: it accepts a TCP connection.
	HealthCheck NlbHealthCheck
	// PreserveClientIp shows the tasks the clients' addresses instead of the load balancer's. A task then cannot reach itself through
	// the load balancer, and clients of an EndpointService keep the load balancer's address. Default: false for TCP and TLS; for
	// UDP and TCP_UDP it is always so.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
	PreserveClientIp *bool
	// ProxyProtocolV2 puts a header before what the client sends that names it, health checks included: the container must
	// understand it. Default: false.
	ProxyProtocolV2 bool
	// Sticky sends what comes from one address to the same task as long as it is healthy; not for TLS, and not with a
	// Deployment.Strategy that shifts traffic. Many clients behind one address then share a task. Default: false.
	Sticky bool
	// DeregistrationDelay is how long a task that is to stop may finish with its clients before it gets SIGTERM, up to 3600 s.
	// Deployments and scaling in take that much longer. Default: 60 s, or the container's StopTimeout if that is longer.
	DeregistrationDelay time.Duration
	// ConnectionTermination closes the connections that are left after DeregistrationDelay. Default: true for UDP and TCP_UDP, whose
	// clients would otherwise go on sending to the old task, and false for TCP and TLS.
	ConnectionTermination *bool
}

// NlbHealthCheck is how a Network Load Balancer tells whether a task can answer. Its checks come from the load balancer itself,
// and by TCP, HTTP or HTTPS also where clients speak UDP.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html
type NlbHealthCheck struct {
	// Protocol is elbv2.Protocol_TCP (a connection is enough), _HTTP or _HTTPS. Default: TCP, or HTTP with a Path.
	Protocol elbv2.Protocol
	// Port is a TCP port of the task. Default: ContainerPort; for UDP the first TCP port of the container, or of another of the
	// task, which must have one.
	Port int
	// Path is what it asks for, by HTTP or HTTPS. Default: "/" for those.
	Path string
	// HealthyHttpCodes are the answers of a healthy task: "200", "200,204" or "200-299", from 200 to 599. Default: "200-399", for
	// HTTP and HTTPS.
	HealthyHttpCodes string
	// Interval is the time between two checks, 5 to 300 s; each of the load balancer's zones checks by itself. Default: 15 s.
	Interval time.Duration
	// Timeout is how long one check may take, 2 to 120 s and not more than Interval. Default: 5 s.
	Timeout time.Duration
	// HealthyThresholdCount is how many good checks in a row make a task healthy, 2 to 10. Default: 2.
	HealthyThresholdCount int
	// UnhealthyThresholdCount is how many bad checks in a row make it unhealthy, 2 to 10. Default: 3.
	UnhealthyThresholdCount int
}

const trafficPort = "traffic-port"

func (l *NlbListener) setDefaults(task *Task) {
	if l.Protocol == "" {
		l.Protocol = elbv2.Protocol_TCP
		if l.CertificateArn != "" {
			l.Protocol = elbv2.Protocol_TLS
		}
	}
	if l.SslPolicy == "" && l.Protocol == elbv2.Protocol_TLS {
		l.SslPolicy = elbv2.SslPolicy_TLS13_12_RES_PQ
	}
	for i := range task.props.Containers {
		c := &task.props.Containers[i]
		ports := l.portsOf(c)
		if l.ContainerName == "" && len(ports) > 0 {
			l.ContainerName = c.Name
		}
		if c.Name != l.ContainerName {
			continue
		}
		if l.ContainerPort == 0 && len(ports) > 0 {
			l.ContainerPort = ports[0]
		}
		if l.DeregistrationDelay == 0 {
			l.DeregistrationDelay = max(defaultDeregistration, c.StopTimeout)
		}
	}
	if l.ConnectionTermination == nil {
		l.ConnectionTermination = new(l.datagrams())
	}
	if l.PreserveClientIp == nil {
		l.PreserveClientIp = new(l.datagrams())
	}
	l.HealthCheck.setDefaults()
	if l.HealthCheck.Port == 0 && l.Protocol == elbv2.Protocol_UDP && task.targetType() == elbv2.TargetType_IP {
		l.HealthCheck.Port = task.firstTcpPort(l.ContainerName)
	}
}

func (h *NlbHealthCheck) setDefaults() {
	if h.Protocol == "" {
		h.Protocol = elbv2.Protocol_TCP
		if h.Path != "" {
			h.Protocol = elbv2.Protocol_HTTP
		}
	}
	if h.http() {
		opt.Default(&h.Path, "/")
		opt.Default(&h.HealthyHttpCodes, "200-399")
	}
	opt.Default(&h.Interval, 15*time.Second)
	opt.Default(&h.Timeout, 5*time.Second)
	opt.Default(&h.HealthyThresholdCount, 2)
	opt.Default(&h.UnhealthyThresholdCount, 3)
}

func (h *NlbHealthCheck) http() bool {
	return h.Protocol == elbv2.Protocol_HTTP || h.Protocol == elbv2.Protocol_HTTPS
}

// datagrams tells whether clients send UDP.
func (l *NlbListener) datagrams() bool {
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

// mappedFor tells by which protocol a port is mapped, "" if it is not.
func (t *Task) mappedFor(port int) awsecs.Protocol {
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
	if l.datagrams() {
		ports = append(ports, portRange(awsecs.Protocol_UDP, from, to))
	}
	return ports
}

// nlbTarget is what a listener of the service needs to reach its tasks.
type nlbTarget struct {
	listener          *NlbListener
	group             elbv2.NetworkTargetGroup
	alternate         elbv2.NetworkTargetGroup // nil unless the deployment shifts traffic
	production, tests elbv2.NetworkListener
}

// newNlbTarget makes the target group of a listener, and the listener itself. The service does not exist yet: it waits for both.
func (s *Service) newNlbTarget(i int, l *NlbListener, shifts bool, targets elbv2.TargetType) nlbTarget {
	t := nlbTarget{listener: l, group: s.newNlbTargetGroup("NlbTargetGroup"+ids.Suffix(i), l, targets)}
	action := elbv2.NetworkListenerAction_Forward(&[]elbv2.INetworkTargetGroup{t.group}, nil)
	if shifts {
		t.alternate = s.newNlbTargetGroup("NlbAlternateTargetGroup"+ids.Suffix(i), l, targets)
		// As before the first deployment, as for Exposure.Alb: see Deployment.Strategy.
		action = elbv2.NetworkListenerAction_WeightedForward(&[]*elbv2.NetworkWeightedTargetGroup{
			{TargetGroup: t.group, Weight: jsii.Number(100)}, {TargetGroup: t.alternate, Weight: jsii.Number(0)},
		}, nil)
	}
	t.production = s.newNlbListener("NlbListener"+ids.Suffix(i), l, l.Port, action)
	l.LoadBalancer.LetIn("Clients", l.LoadBalancer.Clients, l.ports(l.Port, l.Port))
	if l.TestListener != nil {
		t.tests = s.newNlbListener("NlbTestListener"+ids.Suffix(i), l, l.TestListener.Port, action)
		l.LoadBalancer.LetIn("Testers", elb.CidrPeers(l.TestListener.IngressCidrs), l.ports(l.TestListener.Port, l.TestListener.Port))
	}
	return t
}

func (s *Service) newNlbListener(id string, l *NlbListener, port int, action elbv2.NetworkListenerAction) elbv2.NetworkListener {
	props := &elbv2.NetworkListenerProps{
		LoadBalancer: l.LoadBalancer.LoadBalancer, Port: jsii.Number(port), Protocol: l.Protocol, DefaultAction: action,
		SslPolicy: l.SslPolicy, AlpnPolicy: l.AlpnPolicy, TcpIdleTimeout: opt.Duration(l.IdleTimeout),
	}
	if l.CertificateArn != "" {
		props.Certificates = &[]elbv2.IListenerCertificate{elbv2.ListenerCertificate_FromArn(&l.CertificateArn)}
	}
	l.LoadBalancer.Ports[port] = s.path
	return elbv2.NewNetworkListener(s, &id, props)
}

// newNlbTargetGroup writes the defaults that AWS would choose by protocol and target type: CloudFormation leaves as it was what
// is no longer written.
func (s *Service) newNlbTargetGroup(id string, l *NlbListener, targets elbv2.TargetType) elbv2.NetworkTargetGroup {
	h := &l.HealthCheck
	props := &elbv2.NetworkTargetGroupProps{
		Vpc:                   s.cluster.Vpc(),
		TargetType:            targets,
		Protocol:              l.toTasks(),
		Port:                  jsii.Number(l.ContainerPort),
		ProxyProtocolV2:       &l.ProxyProtocolV2,
		ConnectionTermination: l.ConnectionTermination,
		DeregistrationDelay:   opt.Duration(l.DeregistrationDelay),
		HealthCheck: &elbv2.HealthCheck{
			Protocol:                h.Protocol,
			Port:                    jsii.String(l.healthPort()),
			Path:                    opt.String(h.Path),
			HealthyHttpCodes:        opt.String(h.HealthyHttpCodes),
			Interval:                opt.Duration(h.Interval),
			Timeout:                 opt.Duration(h.Timeout),
			HealthyThresholdCount:   jsii.Number(h.HealthyThresholdCount),
			UnhealthyThresholdCount: jsii.Number(h.UnhealthyThresholdCount),
		},
	}
	if !l.datagrams() { // it cannot be otherwise for UDP
		props.PreserveClientIp = l.PreserveClientIp
	}
	group := elbv2.NewNetworkTargetGroup(s, &id, props)
	group.SetAttribute(jsii.String("stickiness.enabled"), jsii.String(strconv.FormatBool(l.Sticky)))
	if l.Sticky {
		group.SetAttribute(jsii.String("stickiness.type"), jsii.String("source_ip"))
	}
	return group
}

// toTasks is what the load balancer speaks to the tasks.
func (l *NlbListener) toTasks() elbv2.Protocol {
	if l.Protocol == elbv2.Protocol_TLS && !l.EncryptToTasks {
		return elbv2.Protocol_TCP
	}
	return l.Protocol
}

func (l *NlbListener) healthPort() string {
	if l.HealthCheck.Port == 0 || l.HealthCheck.Port == l.ContainerPort {
		return trafficPort
	}
	return strconv.Itoa(l.HealthCheck.Port)
}

// attachNlb registers the tasks of the service with a listener's target group, and lets the load balancer reach them: also where
// they see the clients' addresses, its security group is what counts.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
func (s *Service) attachNlb(t *nlbTarget) {
	l := t.listener
	options := &awsecs.LoadBalancerTargetOptions{
		ContainerName: &l.ContainerName, ContainerPort: jsii.Number(l.ContainerPort), Protocol: s.Task.mappedFor(l.ContainerPort),
	}
	if t.alternate != nil {
		options.AlternateTarget = s.nlbAlternateTarget(t)
	}
	t.group.AddTarget(s.Service.LoadBalancerTarget(options))
	ports := l.ports(s.Task.reachablePorts(l.ContainerPort))
	if l.healthPort() != trafficPort {
		ports = append(ports, awsec2.Port_Tcp(jsii.Number(l.HealthCheck.Port)))
	}
	for _, port := range ports {
		s.Service.Connections().AllowFrom(l.LoadBalancer.SecurityGroup, port, jsii.String("Load balancer to target"))
	}
}

func (s *Service) nlbAlternateTarget(t *nlbTarget) awsecs.IAlternateTarget {
	props := &awsecs.AlternateTargetProps{
		AlternateTargetGroup: t.alternate,
		ProductionListener:   awsecs.ListenerRuleConfiguration_NetworkListener(t.production),
		Role:                 s.trafficShiftRole(),
	}
	if t.tests != nil {
		props.TestListener = awsecs.ListenerRuleConfiguration_NetworkListener(t.tests)
	}
	return awsecs.NewAlternateTarget(jsii.String("AlternateTarget"), props)
}

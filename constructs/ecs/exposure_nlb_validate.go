package ecs

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/balancer"
	"awscontainers/internal/check"
)

var networkProtocols = []elbv2.Protocol{elbv2.Protocol_TCP, elbv2.Protocol_TLS, elbv2.Protocol_UDP, elbv2.Protocol_TCP_UDP}

func (l *NlbListener) validate(task *Task, shiftsTraffic bool) error {
	var bad invalid.Problems
	listener := l.listener(l.Port, nil)
	bad.Nest("", except(listener.Validate(), "Forward"))
	l.validateTestListener(shiftsTraffic, &bad)
	if !slices.Contains(networkProtocols, l.Protocol) {
		return bad.Err() // what follows depends on it
	}
	if l.EncryptToTasks && l.Protocol != elbv2.Protocol_TLS {
		bad.Add("EncryptToTasks", "requires Protocol TLS").Advise("remove it, or set Protocol to TLS")
	}
	l.validatePort(task, &bad)
	if l.SourceIpStickiness && l.Protocol == elbv2.Protocol_TLS {
		bad.Add("SourceIpStickiness", "is not compatible with Protocol TLS").Advise("remove it, or let the tasks decrypt, with Protocol TCP")
	}
	if l.SourceIpStickiness && shiftsTraffic {
		bad.Add("SourceIpStickiness",
			"is not compatible with a Deployment.Strategy that shifts traffic, because clients would stay on the old version").
			Advise("remove one of them")
	}
	group := l.targetGroup()
	bad.Nest("", except(group.Validate(), "Vpc", "Port", "Protocol", "HealthCheck.Port"))
	l.validateHealthPort(task, &bad)
	return bad.Err()
}

func (l *NlbListener) validateTestListener(shiftsTraffic bool, bad *invalid.Problems) {
	if l.TestListener == nil {
		return
	}
	if !shiftsTraffic {
		bad.Add("TestListener", "requires Deployment.Strategy BLUE_GREEN, LINEAR or CANARY").Advise("set it, or remove TestListener")
	}
	bad.Nest("TestListener", l.TestListener.Validate())
}

// validatePort finds the container and the port that the listener names.
func (l *NlbListener) validatePort(task *Task, bad *invalid.Problems) {
	if l.Protocol == elbv2.Protocol_TCP_UDP && task.targetType() != elbv2.TargetType_IP {
		bad.Add("Protocol",
			"must not be TCP_UDP unless the task's NetworkMode is %q, because ECS maps a port of the instance for only one protocol",
			awsecs.NetworkMode_AWS_VPC)
	}
	checkContainer(task, l.ContainerName, l.ContainerPort, l.wantedProtocol(), l.portsOf, bad)
}

// wantedProtocol is what the container's port must be mapped for, as messages name it.
func (l *NlbListener) wantedProtocol() string {
	switch l.Protocol {
	case elbv2.Protocol_TLS:
		return string(elbv2.Protocol_TCP)
	case elbv2.Protocol_TCP_UDP:
		return "TCP or UDP"
	default:
		return string(l.Protocol)
	}
}

// validateHealthPort refuses a check that could never be passed: the load balancer has none by UDP, so that some container must
// listen for TCP as well.
func (l *NlbListener) validateHealthPort(task *Task, bad *invalid.Problems) {
	const field = "HealthCheck.Port"
	port, isIp := l.HealthCheck.Port, task.targetType() == elbv2.TargetType_IP
	switch {
	case port == 0 && l.Protocol == elbv2.Protocol_UDP && isIp:
		bad.Add(field, "is required with Protocol UDP, because health checks use TCP and no container of the task has PortMappings for TCP").
			Advise("listen on a TCP port in one of the containers, and map that port")
	case port == 0 && l.Protocol == elbv2.Protocol_UDP:
		bad.Add(field, "is required with Protocol UDP, because health checks use TCP on a port of the instance").
			Advise("map a TCP port with a HostPort, and set HealthCheck.Port to the HostPort")
	case port == 0:
	case isIp && port == l.ContainerPort && l.Protocol == elbv2.Protocol_TCP_UDP: // listens for both, mapped for one
	default:
		task.checkHealthPort(port, bad)
	}
}

// checkHealthPort refuses a port at which no container answers health checks over TCP.
func (t *Task) checkHealthPort(port int, bad *invalid.Problems) {
	const field = "HealthCheck.Port"
	isIp := t.targetType() == elbv2.TargetType_IP
	switch {
	case port < 1 || port > 65535:
		check.Port(field, port, bad)
	case !isIp && !t.answersAt(port):
		bad.Add(field, "must be a HostPort that a container of the task maps for TCP").Given(port).
			Advise("map a TCP port with a HostPort, and set HealthCheck.Port to the HostPort")
	case isIp && t.portProtocol(port) != awsecs.Protocol_TCP:
		bad.Add(field, "must be a port that a container of the task maps for TCP").Given(port)
	}
}

// answersAt reports whether a task listens at a port of its instance by TCP.
func (t *Task) answersAt(port int) bool {
	for _, c := range t.props.Containers {
		for _, m := range c.PortMappings {
			at := m.HostPort
			if t.props.NetworkMode == awsecs.NetworkMode_HOST {
				at = m.ContainerPort
			}
			if at == port && m.Protocol != awsecs.Protocol_UDP {
				return true
			}
		}
	}
	return false
}

// validatePorts compares the ports with those that the load balancers have, and with each other.
func (e *Exposure) validatePorts(bad *invalid.Problems) {
	taken := map[*balancer.Network]*balancer.Ports{} // copies, to which the service's ports are added
	for i := range e.Nlb {
		l, field := &e.Nlb[i], check.Index("Nlb", i)
		known := l.LoadBalancer.Internal()
		if known == nil {
			continue
		}
		if taken[known] == nil {
			taken[known] = new(maps.Clone(known.Ports))
		}
		var found invalid.Problems
		balancer.CheckCertificateRegion(l.CertificateArn, known.Region, &found)
		taken[known].Check("Port", l.Port, &found)
		taken[known].Take(l.Port, field)
		if t := l.TestListener; t != nil {
			taken[known].Check("TestListener.Port", t.Port, &found)
			taken[known].Take(t.Port, field+".TestListener")
		}
		bad.Nest(field, found.Err())
	}
}

// validateZones refuses too few tasks behind a load balancer whose clients hold the address of one zone: where no task runs, it
// answers nobody.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html
func (e *Exposure) validateZones(tasks int, bad *invalid.Problems) {
	for i := range e.Nlb {
		n, crossZone := e.Nlb[i].LoadBalancer.Internal(), e.Nlb[i].CrossZone
		if n == nil || tasks >= n.Zones {
			continue
		}
		oneZone := n.OneZonePerClient
		if crossZone != nil {
			oneZone = !*crossZone && n.HasZonalClients
		}
		if oneZone {
			bad.Add(check.Index("Exposure.Nlb", i)+".LoadBalancer",
				"requires %d or more tasks, one for each Availability Zone, because each client uses the address of one zone", n.Zones).Given(tasks).
				Advise("set CrossZone of the load balancer, or run more tasks")
		}
	}
}

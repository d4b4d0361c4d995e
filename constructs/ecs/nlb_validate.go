package ecs

import (
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

var (
	nlbProtocols    = []elbv2.Protocol{elbv2.Protocol_TCP, elbv2.Protocol_TLS, elbv2.Protocol_UDP, elbv2.Protocol_TCP_UDP}
	healthProtocols = []elbv2.Protocol{elbv2.Protocol_TCP, elbv2.Protocol_HTTP, elbv2.Protocol_HTTPS}
	alpnPolicies    = []elbv2.AlpnPolicy{elbv2.AlpnPolicy_HTTP1_ONLY, elbv2.AlpnPolicy_HTTP2_ONLY, elbv2.AlpnPolicy_HTTP2_OPTIONAL,
		elbv2.AlpnPolicy_HTTP2_PREFERRED, elbv2.AlpnPolicy_NONE}
)

// validateNlb takes whether the deployment shifts traffic between two target groups.
func (e *Exposure) validateNlb(task *Task, shifts bool, bad *invalid.Problems) {
	taken := map[elb.NlbPort]string{}
	for i := range e.Nlb {
		l, field := &e.Nlb[i], check.Index("Nlb", i)
		bad.Nest(field, l.validate(task, shifts, taken, field))
	}
}

func (l *NlbListener) validate(task *Task, shifts bool, taken map[elb.NlbPort]string, field string) error {
	var bad invalid.Problems
	if l.LoadBalancer == nil || l.LoadBalancer.LoadBalancer == nil {
		bad.Add("LoadBalancer", "is missing; make it with ecs.NewNetworkLoadBalancer")
	}
	check.Port("Port", l.Port, &bad)
	l.LoadBalancer.Take(l.Port, taken, field, "Port", &bad)
	l.validateTests(shifts, taken, field, &bad)
	if !slices.Contains(nlbProtocols, l.Protocol) {
		bad.Add("Protocol", "%q is none of a Network Load Balancer; use %s", l.Protocol, check.OneOf(nlbProtocols))
		return bad.Err() // what follows depends on it
	}
	l.validateTLS(&bad)
	l.validatePort(task, &bad)
	l.validateClients(shifts, &bad)
	check.Seconds("IdleTimeout", l.IdleTimeout, 60*time.Second, 6000*time.Second, &bad)
	if l.IdleTimeout != 0 && (l.Protocol == elbv2.Protocol_UDP || l.Protocol == elbv2.Protocol_TLS) {
		bad.Add("IdleTimeout", "%v cannot be chosen for %s; leave it out", l.IdleTimeout, l.Protocol)
	}
	check.Seconds("DeregistrationDelay", l.DeregistrationDelay, time.Second, maxDeregistration, &bad)
	bad.Nest("HealthCheck", l.HealthCheck.validate(l, task))
	return bad.Err()
}

func (l *NlbListener) validateTests(shifts bool, taken map[elb.NlbPort]string, field string, bad *invalid.Problems) {
	t := l.TestListener
	if t == nil {
		return
	}
	if !shifts {
		bad.Add("TestListener", "has no new version to show in a rolling deployment; leave it out, or set Deployment.Strategy")
	}
	check.Port("TestListener.Port", t.Port, bad)
	l.LoadBalancer.Take(t.Port, taken, field+".TestListener", "TestListener.Port", bad)
	elb.CheckTesters(t.IngressCidrs, bad)
}

func (l *NlbListener) validateTLS(bad *invalid.Problems) {
	if l.Protocol == elbv2.Protocol_TLS {
		if l.CertificateArn == "" {
			bad.Add("CertificateArn", "is missing; TLS needs a certificate of AWS Certificate Manager (tasks that decrypt themselves need none: use %q)", elbv2.Protocol_TCP)
		}
		region := ""
		if l.LoadBalancer != nil {
			region = l.LoadBalancer.Region
		}
		if region != "" {
			elb.CheckCertificate("CertificateArn", l.CertificateArn, region, bad)
		}
		if l.AlpnPolicy != "" && !slices.Contains(alpnPolicies, l.AlpnPolicy) {
			bad.Add("AlpnPolicy", "%q is unknown; use %s", l.AlpnPolicy, check.OneOf(alpnPolicies))
		}
		return
	}
	for _, given := range []struct {
		field string
		is    bool
	}{
		{"CertificateArn", l.CertificateArn != ""}, {"SslPolicy", l.SslPolicy != ""}, {"AlpnPolicy", l.AlpnPolicy != ""}, {"EncryptToTasks", l.EncryptToTasks},
	} {
		if given.is {
			bad.Add(given.field, "is for TLS, and the Protocol is %s; leave it out, or use %q", l.Protocol, elbv2.Protocol_TLS)
		}
	}
}

// validatePort finds the container and the port that the listener names.
func (l *NlbListener) validatePort(task *Task, bad *invalid.Problems) {
	if l.Protocol == elbv2.Protocol_TCP_UDP && task.targetType() != elbv2.TargetType_IP {
		bad.Add("Protocol", "%q needs one port of the instance for both, and ECS maps a port for one of them; use the network mode awsvpc", l.Protocol)
	}
	what := string(l.Protocol)
	switch l.Protocol {
	case elbv2.Protocol_TLS:
		what = string(elbv2.Protocol_TCP)
	case elbv2.Protocol_TCP_UDP:
		what = "TCP or UDP"
	}
	var names []string
	for i := range task.props.Containers {
		c := &task.props.Containers[i]
		names = append(names, c.Name)
		if c.Name != l.ContainerName {
			continue
		}
		switch ports := l.portsOf(c); {
		case len(ports) == 0:
			bad.Add("ContainerName", "%q has no PortMappings for %s; give it the port that it listens on", l.ContainerName, what)
		case !slices.Contains(ports, l.ContainerPort):
			bad.Add("ContainerPort", "%d is no %s port of container %q; use %s", l.ContainerPort, what, l.ContainerName, check.OneOf(ports))
		}
		return
	}
	if l.ContainerName == "" {
		bad.Add("ContainerName", "is empty and no container of the task has PortMappings for %s; give one the port that it listens on", what)
		return
	}
	bad.Add("ContainerName", "%q is no container of the task; use %s", l.ContainerName, check.OneOf(names))
}

// validateClients notes what cannot be done with those who connect.
func (l *NlbListener) validateClients(shifts bool, bad *invalid.Problems) {
	if l.datagrams() && !*l.PreserveClientIp {
		bad.Add("PreserveClientIp", "is false, which cannot be for %s; leave it out", l.Protocol)
	}
	if l.Sticky && l.Protocol == elbv2.Protocol_TLS {
		bad.Add("Sticky", "is true, which cannot be for %s; leave it out, or let the tasks decrypt behind %q", l.Protocol, elbv2.Protocol_TCP)
	}
	if l.Sticky && shifts {
		bad.Add("Sticky", "is true beside a Deployment.Strategy that shifts traffic, from which it would hold clients back; leave one of them out")
	}
}

// HTTP codes of a Network Load Balancer go further than those of an Application Load Balancer.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Matcher.html
var nlbHttpCodes = regexp.MustCompile(`^[2-5]\d\d([,-][2-5]\d\d)*$`)

// validate refuses above all a check that could never be passed: the load balancer knows none by UDP, so that some container
// must listen for TCP as well.
func (h *NlbHealthCheck) validate(l *NlbListener, task *Task) error {
	var bad invalid.Problems
	switch {
	case !slices.Contains(healthProtocols, h.Protocol):
		bad.Add("Protocol", "%q cannot tell whether a task is healthy; use %s, also where clients speak another", h.Protocol, check.OneOf(healthProtocols))
	case !h.http() && h.Path != "":
		bad.Add("Path", "%q is for HTTP, and the check is by TCP; leave it out, or use Protocol %q", h.Path, elbv2.Protocol_HTTP)
	case !h.http() && h.HealthyHttpCodes != "":
		bad.Add("HealthyHttpCodes", "%q are for HTTP, and the check is by TCP; leave them out, or use Protocol %q", h.HealthyHttpCodes, elbv2.Protocol_HTTP)
	}
	if h.http() {
		check.UrlPath("Path", h.Path, &bad)
		if !invalid.IsToken(h.HealthyHttpCodes) && !nlbHttpCodes.MatchString(h.HealthyHttpCodes) {
			bad.Add("HealthyHttpCodes", `%q are no codes from 200 to 599; write "200", "200,204" or "200-299"`, h.HealthyHttpCodes)
		}
	}
	h.validatePort(l, task, &bad)
	check.Seconds("Interval", h.Interval, 5*time.Second, 300*time.Second, &bad)
	check.Seconds("Timeout", h.Timeout, 2*time.Second, 120*time.Second, &bad)
	if h.Timeout > h.Interval {
		bad.Add("Timeout", "%v is more than Interval %v; shorten the one or lengthen the other", h.Timeout, h.Interval)
	}
	checkThresholds(h.HealthyThresholdCount, h.UnhealthyThresholdCount, &bad)
	return bad.Err()
}

func (h *NlbHealthCheck) validatePort(l *NlbListener, task *Task, bad *invalid.Problems) {
	if h.Port == 0 {
		if l.Protocol == elbv2.Protocol_UDP && task.targetType() != elbv2.TargetType_IP {
			bad.Add("Port", "is missing; checks of a UDP listener come by %s, at a port of the instance: map one for TCP with a HostPort, and name that", check.OneOf(healthProtocols))
			return
		}
		if l.Protocol == elbv2.Protocol_UDP {
			bad.Add("Port", "is missing; checks of a UDP listener come by %s, and no container of the task has PortMappings for TCP: "+
				"let one listen there, and map that port", check.OneOf(healthProtocols))
		}
		return
	}
	check.Port("Port", h.Port, bad)
	if h.Port < 1 || h.Port > 65535 {
		return
	}
	if task.targetType() != elbv2.TargetType_IP {
		if !task.answersAt(h.Port) {
			bad.Add("Port", "%d is no port of the instance at which the task answers by TCP; map one with a HostPort, and name that", h.Port)
		}
		return
	}
	if h.Port == l.ContainerPort && l.Protocol == elbv2.Protocol_TCP_UDP {
		return // listens for both, mapped for one
	}
	if task.mappedFor(h.Port) != awsecs.Protocol_TCP {
		what := "is no port of the task"
		if task.mappedFor(h.Port) == awsecs.Protocol_UDP {
			what = "is mapped for UDP"
		}
		bad.Add("Port", "%d %s, and the check comes by %s; use a port that a container maps for TCP", h.Port, what, h.Protocol)
	}
}

// answersAt tells whether a task listens at a port of its instance by TCP.
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

// validateZones notes too few tasks behind a load balancer whose clients hold the address of one zone: where no task runs, it
// answers nobody.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html
func (e *Exposure) validateZones(tasks int, bad *invalid.Problems) {
	for i := range e.Nlb {
		n := e.Nlb[i].LoadBalancer
		if n != nil && n.Pinned && tasks < n.Zones {
			bad.Add(check.Index("Exposure.Nlb", i)+".LoadBalancer", "has clients that hold its address in one of %d zones, and the service may have %d tasks; "+
				"set CrossZone, or let it have at least %d", n.Zones, tasks, n.Zones)
		}
	}
}

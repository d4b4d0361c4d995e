package ecs

import (
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/internal/balancer"
	"awscontainers/internal/check"
)

func (r *AlbRule) validate(task *Task, shiftsTraffic bool) error {
	var bad invalid.Problems
	rule := elb.ListenerRuleProps{LoadBalancer: r.LoadBalancer, Listener: r.Listener, Priority: r.Priority, Conditions: r.Conditions,
		Authenticate: r.Authenticate, Forward: []elb.WeightedTargetGroup{{Weight: 1}}}
	bad.Nest("", except(rule.Validate(), "Forward"))
	if shiftsTraffic && r.Conditions.Internal().IsEmpty {
		bad.Add("Conditions", "is required with a Deployment.Strategy that shifts traffic, because it needs a listener rule").
			Advise(`set Conditions, such as elb.Conditions{PathPatterns: []string{"/*"}}`)
	}
	if shiftsTraffic && r.Authenticate != nil {
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html
		bad.Add("Authenticate", "is not compatible with a Deployment.Strategy that shifts traffic, because ECS fails a deployment whose rule "+
			"does more than forward").Advise("remove one of them, or authenticate in the service")
	}
	if r.Authenticate != nil {
		balancer.CheckGrpc(r.ProtocolVersion == elbv2.ApplicationProtocolVersion_GRPC, r.shares(), &bad)
	}
	if r.TestListener != nil {
		r.validateTestListener(shiftsTraffic, &bad)
	}
	r.validateShares(shiftsTraffic, &bad)
	checkContainer(task, r.ContainerName, r.ContainerPort, "TCP", (*Container).tcpPorts, &bad)
	r.validateProtocol(&bad)
	group := r.targetGroup(shiftsTraffic)
	bad.Nest("", except(group.Validate(), "Vpc", "Port", "HealthCheck.Port"))
	if r.HealthCheck.Port != 0 {
		task.checkHealthPort(r.HealthCheck.Port, &bad)
	}
	return bad.Err()
}

func (r *AlbRule) validateTestListener(shiftsTraffic bool, bad *invalid.Problems) {
	switch {
	case !shiftsTraffic:
		bad.Add("TestListener", "requires Deployment.Strategy BLUE_GREEN, LINEAR or CANARY").Advise("set it, or remove TestListener")
	case !invalid.IsMade(r.TestListener):
		bad.Add("TestListener", "must be created by elb.ListenerFrom or elb.NewApplicationLoadBalancer")
	case r.TestListener == r.listener():
		bad.Add("TestListener", "must not be the listener that receives the clients' requests").
			Advise("use the TestListener of the load balancer")
	case r.TestListener.Internal().IsApartFrom(r.listener().Internal()):
		bad.Add("TestListener", "must be a listener of the same load balancer")
	}
}

func (r *AlbRule) validateShares(shiftsTraffic bool, bad *invalid.Problems) {
	switch {
	case len(r.ShareWith) == 0 && r.Weight != 0:
		bad.Add("Weight", "requires ShareWith").Given(r.Weight)
	case len(r.ShareWith) == 0:
	case shiftsTraffic:
		bad.Add("ShareWith", "is not compatible with a Deployment.Strategy that shifts traffic").Advise("remove one of them")
	default:
		check.Range("Weight", r.Weight, 1, balancer.MaxWeight, bad)
	}
	balancer.CheckShares("ShareWith", r.shares(), bad)
	if len(r.ShareWith) >= balancer.MaxShares {
		bad.Add("ShareWith", "must have at most %d target groups", balancer.MaxShares-1).Given(len(r.ShareWith))
	}
}

func (r *AlbRule) shares() []balancer.Share {
	shares := make([]balancer.Share, len(r.ShareWith))
	for i, g := range r.ShareWith {
		shares[i] = balancer.Share{Group: g.TargetGroup.Internal(), Weight: g.Weight}
	}
	return shares
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
func (r *AlbRule) validateProtocol(bad *invalid.Problems) {
	if r.ProtocolVersion != elbv2.ApplicationProtocolVersion_HTTP2 && r.ProtocolVersion != elbv2.ApplicationProtocolVersion_GRPC {
		return
	}
	for _, listener := range []*elb.Listener{r.listener(), r.TestListener} {
		if known := listener.Internal(); known != nil && known.Protocol == elbv2.ApplicationProtocol_HTTP {
			bad.Add("ProtocolVersion", "requires an HTTPS listener").Given(r.ProtocolVersion).
				Advise("set a certificate on the load balancer, or use %q", elbv2.ApplicationProtocolVersion_HTTP1)
			return
		}
	}
}

// validateEncryption refuses HTTPS at a port where the proxy of Service Connect reads what comes in: unless it offers the port as plain
// TCP, it expects requests, and finds TLS. By default it listens on the container's port itself.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectService.html
func (e *Exposure) validateEncryption(task *Task, bad *invalid.Problems) {
	for i := range e.Alb {
		for _, offered := range e.ServiceConnect.Services {
			m := task.portMapping(offered.PortMappingName)
			if m != nil && m.AppProtocol != "" && m.ContainerPort == e.Alb[i].ContainerPort &&
				e.Alb[i].Protocol == elbv2.ApplicationProtocol_HTTPS {
				bad.Add(check.Index("Alb", i)+".Protocol",
					"must be HTTP at a port that ServiceConnect offers with an AppProtocol, because its proxy can't read TLS there").
					Given(e.Alb[i].Protocol).Advise("remove AppProtocol of port mapping %q, or Protocol", m.Name)
			}
		}
	}
}

// validateRules compares the rules with those that their listeners have, and with each other. It takes the path of the service,
// the key from which its priorities are derived, and the path of its stack.
func (e *Exposure) validateRules(path, key, stack string, bad *invalid.Problems) {
	var refused invalid.Problems
	if e.validateIds(&refused); len(refused) > 0 {
		return // Validate says so; a priority may be derived from an Id
	}
	listeners := map[*balancer.Listener]*balancer.Listener{} // copies, to which the service's rules are added
	for i := range e.Alb {
		r, field := &e.Alb[i], check.Index("Alb", i)
		var found invalid.Problems
		for _, place := range []struct {
			listener *elb.Listener
			id, name string
		}{{r.listener(), r.productionId(), "the listener"}, {r.TestListener, r.testId(), "the TestListener"}} {
			known := place.listener.Internal()
			if known == nil {
				continue
			}
			if listeners[known] == nil {
				listeners[known] = new(*known)
			}
			rule := balancer.NewRule("Exposure."+field, path+"/"+place.id, key+"/"+place.id, r.Priority, r.Conditions.Internal())
			rule.Session = r.Authenticate.Internal()
			if len(found) == 0 { // what is wrong on one listener is on the other too
				listeners[known].Check(rule, stack, place.name, &found)
				listeners[known].Rules.CheckSession(rule, &found)
			}
			listeners[known].Rules = listeners[known].Rules.With(rule)
		}
		balancer.CheckSharesAt("ShareWith", r.shares(), r.listener().Internal(), path, &found)
		bad.Nest(field, found.Err())
	}
}

package ecs

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
	"awscontainers/internal/ids"
	"awscontainers/internal/opt"
	"awscontainers/internal/vpcid"
)

// Exposure is how a service is reached: by load balancers, by other services, by a name in DNS. The zero value: not at all,
// as a worker that takes its work from a queue. For a web service, start with [AllRequests].
type Exposure struct {
	// Alb lists rules of Application Load Balancer listeners, each with its own target group. Several rules are told apart by their
	// Id. Default: none.
	Alb []AlbRule
	// Nlb lists listeners of Network Load Balancers, for TCP, TLS and UDP, each with its own target group. Several listeners are
	// told apart by their Id. Default: none.
	Nlb []NlbListener
	// Gateway connects the service to load balancers that ECS manages and shares among services, each with an HTTPS address of its own.
	// Default: nil, none.
	Gateway *GatewayConnector
	// ServiceConnect lets other services of the namespace reach this one by name through a proxy beside each task, and this
	// one reach them. Default: nil, neither.
	ServiceConnect *ServiceConnect
	// ServiceDiscovery gives the tasks a name in the namespace's DNS. Default: nil, none.
	ServiceDiscovery *ServiceDiscovery
}

// AllRequests sends all requests that reach a load balancer to the service, except those of rules that other services have:
// it makes the service the default action of the listener, which one service can be. A service whose deployments shift traffic
// (Deployment.Strategy BLUE_GREEN, LINEAR or CANARY) needs an AlbRule with Conditions instead.
func AllRequests(alb *elb.ApplicationLoadBalancer) Exposure {
	return Exposure{Alb: []AlbRule{{LoadBalancer: alb}}}
}

// isBalanced reports whether a load balancer leads to the service.
func (e *Exposure) isBalanced() bool { return e.hasTargetGroups() || e.Gateway != nil }

// hasTargetGroups reports whether one leads to it by target groups of this app, which may hold instances.
func (e *Exposure) hasTargetGroups() bool { return len(e.Alb)+len(e.Nlb) > 0 }

// setDefaults copies what it changes: the props are the caller's.
func (e *Exposure) setDefaults(task *Task) {
	e.Alb, e.Nlb = slices.Clone(e.Alb), slices.Clone(e.Nlb)
	if task == nil {
		return
	}
	for i := range e.Alb {
		e.Alb[i].setDefaults(task)
	}
	for i := range e.Nlb {
		e.Nlb[i].setDefaults(task)
	}
	if e.Gateway != nil {
		connector := *e.Gateway
		connector.setDefaults(task)
		e.Gateway = &connector
	}
	if e.ServiceConnect != nil {
		connect := *e.ServiceConnect
		connect.setDefaults(task)
		e.ServiceConnect = &connect
	}
}

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
const maxTargetGroups = 5

// validate takes whether the deployment shifts traffic between two target groups.
func (e *Exposure) validate(task *Task, cluster *Cluster, shiftsTraffic bool) error {
	var bad invalid.Problems
	if len(e.Alb) > maxTargetGroups {
		bad.Add("Alb", "must have at most %d rules, because a service has at most %d target groups", maxTargetGroups, maxTargetGroups).
			Given(len(e.Alb))
	} else if len(e.Alb)+len(e.Nlb) > maxTargetGroups {
		bad.Add("Nlb", "must have at most %d listeners with %d rules of Alb, because a service has at most %d target groups",
			maxTargetGroups-len(e.Alb), len(e.Alb), maxTargetGroups).Given(len(e.Nlb))
	}
	e.validateIds(&bad)
	for i := range e.Alb {
		bad.Nest(check.Index("Alb", i), e.Alb[i].validate(task, shiftsTraffic))
	}
	if !task.usesAwsvpc() {
		e.validateInstanceNetwork(task, &bad)
	}
	for i := range e.Nlb {
		bad.Nest(check.Index("Nlb", i), e.Nlb[i].validate(task, shiftsTraffic))
	}
	if e.Gateway != nil {
		bad.Nest("Gateway", e.Gateway.validate(task, cluster))
	}
	if e.ServiceConnect != nil {
		bad.Nest("ServiceConnect", e.ServiceConnect.validate(task, cluster))
		e.validateEncryption(task, &bad)
	}
	if e.ServiceDiscovery != nil {
		bad.Nest("ServiceDiscovery", e.ServiceDiscovery.validate(cluster, e.ServiceConnect))
	}
	return bad.Err()
}

// validateIds refuses ids that don't tell the rules, or the listeners, apart. Their position must not: removing one would rename, and so
// replace, those after it.
func (e *Exposure) validateIds(bad *invalid.Problems) {
	rules, listeners := make([]string, len(e.Alb)), make([]string, len(e.Nlb))
	for i := range e.Alb {
		rules[i] = e.Alb[i].Id
	}
	for i := range e.Nlb {
		listeners[i] = e.Nlb[i].Id
	}
	checkIds("Alb", "rule", rules, bad)
	checkIds("Nlb", "listener", listeners, bad)
}

// checkIds refuses ids of a list's elements that are not letters and digits, and all after the first that have the same, or none.
func checkIds(list, element string, given []string, bad *invalid.Problems) {
	for i, id := range given {
		field := check.Index(list, i) + ".Id"
		switch first := slices.Index(given, id); {
		case first == i && id != "":
			if check.Literal(field, id, "logical IDs are derived from it", bad) == nil {
				check.Match(field, id, elementId, `1 to 32 letters and digits such as "Api"`, bad)
			}
		case first == i:
		case id == "":
			bad.Add(field, "is required with several %ss: %s has none either", element, check.Index(list, first)).
				Advise(`set it to a name that you don't change, such as "Api"`)
		default:
			bad.Add(field, "must not repeat %s.Id", check.Index(list, first)).Given(id)
		}
	}
}

var elementId = regexp.MustCompile(`^[A-Za-z0-9]{1,32}$`)

// validateTask refuses a task without a container that a load balancer could lead to, once for each protocol. Only then has a rule
// or listener no ContainerName.
func (e *Exposure) validateTask(bad *invalid.Problems) {
	var missing []string
	for i := range e.Alb {
		if e.Alb[i].ContainerName == "" {
			missing = append(missing, "TCP")
		}
	}
	for i := range e.Nlb {
		if l := &e.Nlb[i]; l.ContainerName == "" && slices.Contains(networkProtocols, l.Protocol) {
			missing = append(missing, l.wantedProtocol())
		}
	}
	for i, protocol := range missing {
		if slices.Index(missing, protocol) == i {
			bad.Add("Task", "must have a container with PortMappings for %s", protocol).
				Advise("set PortMappings of the container that receives the requests")
		}
	}
}

// validateVpc refuses load balancers that are known to be in another VPC than the tasks: Elastic Load Balancing takes target groups of
// its load balancer's VPC only.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
func (e *Exposure) validateVpc(vpc awsec2.IVpc, bad *invalid.Problems) {
	const wanted = "must be in the VPC of the cluster"
	for i := range e.Alb {
		known, field := e.Alb[i].listener().Internal(), "LoadBalancer"
		if e.Alb[i].Listener != nil {
			field = "Listener"
		}
		if known != nil && vpcid.AreApart(known.Vpc, vpc) {
			bad.Add(check.Index("Exposure.Alb", i)+"."+field, wanted)
		}
	}
	for i := range e.Nlb {
		if known := e.Nlb[i].LoadBalancer.Internal(); known != nil && vpcid.AreApart(known.Vpc, vpc) {
			bad.Add(check.Index("Exposure.Nlb", i)+".LoadBalancer", wanted)
		}
	}
}

// validateIn judges what depends on where the service stands, and on what the load balancers have already.
func (e *Exposure) validateIn(scope constructs.Construct, id string) error {
	if !invalid.IsMade(scope) || !e.hasTargetGroups() {
		return nil
	}
	var found, bad invalid.Problems
	e.validateRules(ids.Path(scope, id), ids.Lasting(scope, id), ids.StackPath(scope), &found)
	e.validatePorts(&found)
	bad.Nest("Exposure", found.Err())
	return bad.Err()
}

// validateInstanceNetwork refuses what needs tasks with addresses of their own.
func (e *Exposure) validateInstanceNetwork(task *Task, bad *invalid.Problems) {
	for _, way := range []struct {
		field string
		isSet bool
	}{{"ServiceConnect", e.ServiceConnect != nil}, {"ServiceDiscovery", e.ServiceDiscovery != nil}} {
		if way.isSet {
			bad.Add(way.field, "requires the task's NetworkMode %q, which gives tasks their own addresses", awsecs.NetworkMode_AWS_VPC).
				Given(task.props.NetworkMode).Advise("change it, or use a load balancer")
		}
	}
}

// except gives the problems of what the service asks of package elb, without those of fields that the service sets itself.
func except(err error, fields ...string) error {
	var left invalid.Problems
	left.Nest("", err)
	return slices.DeleteFunc(left, func(p invalid.Problem) bool {
		return slices.ContainsFunc(fields, func(field string) bool { return strings.HasPrefix(p.Field, field) })
	}).Err()
}

const defaultDeregistration = 60 * time.Second

// setTargetDefaults chooses the container and the port that a load balancer leads to, and how long its tasks finish with their
// clients.
func setTargetDefaults(task *Task, name *string, port *int, delay *time.Duration, portsOf func(*Container) []int) {
	for i := range task.props.Containers {
		c := &task.props.Containers[i]
		ports := portsOf(c)
		if len(ports) > 0 {
			opt.Default(name, c.Name)
		}
		if c.Name != *name {
			continue
		}
		if len(ports) > 0 {
			opt.Default(port, ports[0])
		}
		opt.Default(delay, max(defaultDeregistration, c.StopTimeout))
	}
}

// checkContainer refuses a container without a port that a load balancer could lead to: wanted is its protocol.
func checkContainer(task *Task, name string, port int, wanted string, portsOf func(*Container) []int, bad *invalid.Problems) {
	var names []string
	for i := range task.props.Containers {
		c := &task.props.Containers[i]
		names = append(names, c.Name)
		if c.Name != name {
			continue
		}
		switch ports := portsOf(c); {
		case len(ports) == 0:
			bad.Add("ContainerName", "must be a container with PortMappings for %s", wanted).Given(name).
				Advise("add the port that it listens on")
		case !slices.Contains(ports, port):
			bad.Add("ContainerPort", "must be a %s port of container %q: %s", wanted, name, check.OneOf(ports)).Given(port)
		}
		return
	}
	if name == "" {
		return // see Exposure.validateTask
	}
	bad.Add("ContainerName", "must be a container of the task: %s", check.OneOfQuoted(names)).Given(name)
}

// alternateTarget is what ECS needs to move a target's traffic: the second group, the rules or listeners, and the role. There may
// be no tests.
func (s *Service) alternateTarget(group elbv2.ITargetGroup, production, tests awsecs.ListenerRuleConfiguration) awsecs.IAlternateTarget {
	return awsecs.NewAlternateTarget(jsii.String("AlternateTarget"), &awsecs.AlternateTargetProps{
		AlternateTargetGroup: group,
		ProductionListener:   production,
		TestListener:         tests,
		Role:                 s.trafficShiftRole(),
	})
}

package ecs

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/elb"
)

// AlbRule sends the requests that fit its conditions to the service. A listener tries its rules by Priority.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
type AlbRule struct {
	// Id names the rule's resources within the service, if it has several: 1 to 32 letters and digits, such as "Api", each taken once.
	// If you change it, change or remove a chosen Priority too, because CloudFormation creates the new rule first; the new rule's target
	// group has no tasks at first, which interrupts the service. Default: none, which one of the service's rules may have.
	Id string
	// LoadBalancer is the load balancer whose Listener gets the rule. Default: none; LoadBalancer or Listener is required.
	LoadBalancer *elb.ApplicationLoadBalancer
	// Listener is the listener that gets the rule, in place of LoadBalancer: one of elb.ListenerFrom. Default: the LoadBalancer's
	// Listener.
	Listener *elb.Listener
	// TestListener gets the rule too, to reach the new version during a deployment that shifts traffic, before the others
	// do: the load balancer's TestListener, which its services share, or one of elb.ListenerFrom. Default: none.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html
	TestListener *elb.Listener
	// Priority is the rule's place among the listener's, each taken once: 1 (first) to 50000; rules without Priority get numbers from
	// 1000, so use 1 to 999. Default: a number from 1000 to 50000 derived from the construct's path, which other rules don't change;
	// required if another rule has that number, or if a request may fit both this rule and another one without Priority. To swap two
	// priorities, deploy once with a number that is free: CloudFormation changes rules one by one.
	Priority int
	// Conditions are what a request must fit. Default: none, the service gets all requests that fit no rule, as the default action of
	// the listener: of one service, in the listener's stack. Required with a Deployment.Strategy that shifts traffic.
	Conditions elb.Conditions
	// Authenticate lets the load balancer check who sends a request before the service gets it; it requires an HTTPS listener. Requests that
	// other rules of the service take are not checked. Not with a Deployment.Strategy that shifts traffic, because ECS fails such a
	// deployment, and not with ProtocolVersion GRPC. Default: nil, everybody may.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html
	Authenticate *elb.Authenticate
	// Weight is the service's share of the requests against the groups of ShareWith, 1 to 999. Default: all of them; required
	// with ShareWith.
	Weight int
	// ShareWith are further target groups that get a share of the requests, such as those of the service's next version, up
	// to four; if one of them is sticky, StickinessDuration is required here too. Not with a Deployment.Strategy that shifts
	// traffic itself. Default: none.
	ShareWith []elb.WeightedTargetGroup

	// ContainerName is the container that answers. Default: the first of the task that has a TCP port.
	ContainerName string
	// ContainerPort is the port that it listens on. Default: the container's first for TCP.
	ContainerPort int
	// Protocol is what the load balancer speaks to the container: elbv2.ApplicationProtocol_HTTP, or _HTTPS with any certificate of the
	// container's, which it doesn't verify. HealthCheck follows it. Changing it replaces the target group, which interrupts the service:
	// see "Change a running service" in the README. Default: HTTP.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
	Protocol elbv2.ApplicationProtocol
	// ProtocolVersion is what the container speaks: elbv2.ApplicationProtocolVersion_HTTP1, _HTTP2 or _GRPC; the latter two need
	// an HTTPS listener. Changing it replaces the target group, which interrupts the service: see "Change a running service" in the
	// README. Default: HTTP1, to which the load balancer translates HTTP/2 of clients.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
	ProtocolVersion elbv2.ApplicationProtocolVersion
	// HealthCheck is how the load balancer tells whether a task can answer. Its Port must be one that a container of the task maps; in
	// bridge network mode a HostPort. Security groups let it through, and running tasks must listen there before you set it. Default: GET /
	// gives 200, on ContainerPort.
	HealthCheck elb.TargetHealthCheck
	// DeregistrationDelay is how long a task that is to stop may finish its requests before it gets SIGTERM, up to 3600 s.
	// Deployments and scaling in take that much longer. Default: 60 s, or the container's StopTimeout if that is longer.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-connection-draining.html
	DeregistrationDelay time.Duration
	// SlowStart is how long a new task gets less than its share of requests, 30 to 900 s. Default: none.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
	SlowStart time.Duration
	// StickinessDuration is how long the load balancer sends a client to the same task, by a cookie, 1 s to 7 days. Not with a
	// Deployment.Strategy that shifts traffic. Default: none, every request may go elsewhere.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
	StickinessDuration time.Duration
	// LoadBalancingAlgorithm chooses the task of each request: elbv2.TargetGroupLoadBalancingAlgorithmType_ROUND_ROBIN,
	// _LEAST_OUTSTANDING_REQUESTS, for requests that differ in how long they take, or _WEIGHTED_RANDOM. The latter two are not compatible
	// with SlowStart. To go back, set ROUND_ROBIN. Default: AWS's, ROUND_ROBIN.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
	LoadBalancingAlgorithm elbv2.TargetGroupLoadBalancingAlgorithmType
	// AnomalyMitigation sends fewer requests to tasks that answer with more errors than the others, from three healthy tasks on. It
	// requires LoadBalancingAlgorithm WEIGHTED_RANDOM. Default: false.
	AnomalyMitigation bool
	// CrossZone spreads the requests of each zone over the tasks of all zones. With false, each zone needs enough tasks of its own, and
	// StickinessDuration is not supported. To go back, set true. Default: nil, as the load balancer has it, which is true.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/disable-cross-zone.html
	CrossZone *bool
	// MinHealthyTargets sets how many tasks must be healthy, and what the load balancer does otherwise. Default: one.
	MinHealthyTargets elb.MinHealthyTargets
}

func (r *AlbRule) setDefaults(task *Task) {
	setTargetDefaults(task, &r.ContainerName, &r.ContainerPort, &r.DeregistrationDelay, (*Container).tcpPorts)
}

// listener is nil if neither Listener nor LoadBalancer is set.
func (r *AlbRule) listener() *elb.Listener {
	if r.Listener == nil && r.LoadBalancer != nil {
		return r.LoadBalancer.Listener
	}
	return r.Listener
}

// targetGroup gives the target group's props, except for what they have of the service.
func (r *AlbRule) targetGroup(shiftsTraffic bool) elb.TargetGroupProps {
	return elb.TargetGroupProps{
		Protocol:               r.Protocol,
		ProtocolVersion:        r.ProtocolVersion,
		HealthCheck:            r.HealthCheck,
		DeregistrationDelay:    r.DeregistrationDelay,
		SlowStart:              r.SlowStart,
		StickinessDuration:     r.StickinessDuration,
		LoadBalancingAlgorithm: r.LoadBalancingAlgorithm,
		AnomalyMitigation:      r.AnomalyMitigation,
		CrossZone:              r.CrossZone,
		MinHealthyTargets:      r.MinHealthyTargets,
		ShiftsTraffic:          shiftsTraffic,
	}
}

// The ids of a rule's construct, of which a Priority may be derived.
func (r *AlbRule) productionId() string { return "ListenerRule" + r.Id }
func (r *AlbRule) testId() string       { return "TestListenerRule" + r.Id }

// albTarget is what a rule of the service needs to send requests to its tasks.
type albTarget struct {
	rule              *AlbRule
	group             *elb.TargetGroup
	alternate         *elb.TargetGroup // nil unless the deployment shifts traffic
	production, tests *elb.ListenerRule
}

// newAlbTarget makes the target group of a rule, and the rule itself. The service does not exist yet: it waits for both.
func (s *Service) newAlbTarget(r *AlbRule, shiftsTraffic bool) albTarget {
	t := albTarget{rule: r, group: s.newTargetGroup("TargetGroup"+r.Id, r, shiftsTraffic)}
	rule := elb.ListenerRuleProps{Priority: r.Priority, Conditions: r.Conditions, Authenticate: r.Authenticate}
	switch {
	case shiftsTraffic:
		t.alternate = s.newTargetGroup("AlternateTargetGroup"+r.Id, r, shiftsTraffic)
		// As before the first deployment. From then on ECS moves the weights, and CloudFormation doesn't touch them until the
		// rule itself changes: see Deployment.Strategy.
		rule.Forward = []elb.WeightedTargetGroup{{TargetGroup: t.group, Weight: 100}, {TargetGroup: t.alternate, Weight: 0}}
	case len(r.ShareWith) > 0:
		rule.Forward = append([]elb.WeightedTargetGroup{{TargetGroup: t.group, Weight: r.Weight}}, r.ShareWith...)
		rule.StickinessDuration = r.StickinessDuration // the load balancer refuses a sticky group in a rule that is not
	default:
		rule.Forward = []elb.WeightedTargetGroup{{TargetGroup: t.group, Weight: 1}}
	}
	rule.Listener = r.listener()
	t.production = s.newListenerRule(r.productionId(), &rule)
	if r.TestListener != nil {
		rule.Listener = r.TestListener
		t.tests = s.newListenerRule(r.testId(), &rule)
	}
	return t
}

// newListenerRule makes a rule that messages call the service's.
func (s *Service) newListenerRule(id string, props *elb.ListenerRuleProps) *elb.ListenerRule {
	rule := elb.NewListenerRule(s, id, props)
	props.Listener.Internal().Rules.SetOwner(*rule.Node().Path(), s.path)
	return rule
}

func (s *Service) newTargetGroup(id string, r *AlbRule, shiftsTraffic bool) *elb.TargetGroup {
	props := r.targetGroup(shiftsTraffic)
	props.Vpc, props.TargetType = s.cluster.Vpc(), s.Task.targetType()
	return elb.NewTargetGroup(s, id, &props)
}

// attachAlb registers the tasks of the service with a rule's target group.
func (s *Service) attachAlb(t *albTarget) {
	options := &awsecs.LoadBalancerTargetOptions{ContainerName: &t.rule.ContainerName, ContainerPort: jsii.Number(t.rule.ContainerPort)}
	if t.alternate != nil {
		var tests awsecs.ListenerRuleConfiguration
		if t.tests != nil {
			tests = awsecs.ListenerRuleConfiguration_ApplicationListenerRule(t.tests.ListenerRule)
		}
		production := awsecs.ListenerRuleConfiguration_ApplicationListenerRule(t.production.ListenerRule)
		options.AlternateTarget = s.alternateTarget(t.alternate.TargetGroup, production, tests)
	}
	t.group.TargetGroup.AddTarget(s.Service.LoadBalancerTarget(options))
	if port := t.rule.HealthCheck.Port; port != 0 && !s.Task.isReachedAt(t.rule.ContainerPort, port) {
		t.group.TargetGroup.RegisterConnectable(s.Service, awsec2.Port_Tcp(jsii.Number(port)))
	}
}

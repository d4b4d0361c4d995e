package ecs

import (
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/elb"
	"awscontainers/internal/ids"
	"awscontainers/internal/opt"
)

// Exposure is how a service is reached. The zero value: not at all, as a worker that takes its work from a queue.
type Exposure struct {
	// Alb are rules of Application Load Balancer listeners, each with a target group of its own. Their order names them:
	// add new ones at the end. Default: none.
	Alb []AlbRule
	// Nlb are listeners of Network Load Balancers, for TCP, TLS and UDP, each with a target group of its own. Their order names
	// them: add new ones at the end. Default: none.
	Nlb []NlbListener
	// ServiceConnect lets other services of the namespace reach this one by name through a proxy beside each task, and this
	// one reach them. Default: nil, neither.
	ServiceConnect *ServiceConnect
	// ServiceDiscovery gives the tasks a name in the namespace's DNS. Default: nil, none.
	ServiceDiscovery *ServiceDiscovery
}

// AlbRule sends the requests that fit its conditions to the service. A listener tries its rules by Priority.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
type AlbRule struct {
	// Listener is the listener that gets the rule, ApplicationLoadBalancer.Listener or one of your own. Required.
	Listener elbv2.IApplicationListener
	// Priority is the rule's place among the listener's, 1 (first) to 50000, each taken once. Required.
	Priority int
	// Conditions are what a request must fit. Required: at least one.
	Conditions elb.AlbConditions
	// Weight is the service's share of the requests against the groups of ShareWith, 1 to 999. Default: all of them; required
	// with ShareWith.
	Weight int
	// ShareWith are further target groups that get a share of the requests, such as those of the service's next version, up
	// to four; if one of them is sticky, StickinessDuration is required here too. Not with a Deployment.Strategy that shifts
	// traffic itself. Default: none.
	ShareWith []elb.WeightedTargetGroup
	// TestListener gets the rule too, to reach the new version during a deployment that shifts traffic, before the others
	// do: ApplicationLoadBalancer.TestListener or one of your own. Default: none.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html
	TestListener elbv2.IApplicationListener

	// ContainerName is the container that answers. Default: the first of the task that has a TCP port.
	ContainerName string
	// ContainerPort is the port that it listens on. Default: the container's first for TCP.
	ContainerPort int
	// ProtocolVersion is what the container speaks: elbv2.ApplicationProtocolVersion_HTTP1, _HTTP2 or _GRPC; the latter two need
	// an HTTPS listener. Default: HTTP1, to which the load balancer translates HTTP/2 of clients.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
	ProtocolVersion elbv2.ApplicationProtocolVersion
	// HealthCheck is how the load balancer tells whether a task can answer. Default: GET / gives 200.
	HealthCheck TargetHealthCheck
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
}

// TargetHealthCheck is how a load balancer tells whether a task can answer.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
type TargetHealthCheck struct {
	// Path is what it asks for. Default: "/", or for gRPC "/AWS.ALB/healthcheck".
	Path string
	// HealthyHttpCodes are the answers of a healthy task: "200", "200,204" or "200-299". Default: "200".
	HealthyHttpCodes string
	// HealthyGrpcCodes are the same for gRPC, 0 to 99. Default: "12", for a method that is not implemented.
	HealthyGrpcCodes string
	// Interval is the time between two checks, 5 to 300 s. Default: 15 s.
	Interval time.Duration
	// Timeout is how long one check may take, 2 to 120 s and less than Interval. Default: 5 s, or a
	// second less than Interval if that is shorter.
	Timeout time.Duration
	// HealthyThresholdCount is how many good answers in a row make a task healthy, 2 to 10. Default: 2.
	HealthyThresholdCount int
	// UnhealthyThresholdCount is how many bad answers in a row make it unhealthy, 2 to 10. Default: 3.
	UnhealthyThresholdCount int
}

const defaultDeregistration = 60 * time.Second

// balanced tells whether a load balancer leads to the service.
func (e *Exposure) balanced() bool { return len(e.Alb)+len(e.Nlb) > 0 }

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
	if e.ServiceConnect != nil {
		connect := *e.ServiceConnect
		connect.setDefaults(task)
		e.ServiceConnect = &connect
	}
}

func (r *AlbRule) setDefaults(task *Task) {
	for i := range task.props.Containers {
		c := &task.props.Containers[i]
		ports := c.tcpPorts()
		if r.ContainerName == "" && len(ports) > 0 {
			r.ContainerName = c.Name
		}
		if c.Name != r.ContainerName {
			continue
		}
		if r.ContainerPort == 0 && len(ports) > 0 {
			r.ContainerPort = ports[0]
		}
		if r.DeregistrationDelay == 0 {
			r.DeregistrationDelay = max(defaultDeregistration, c.StopTimeout)
		}
	}
	if r.ProtocolVersion == "" {
		r.ProtocolVersion = elbv2.ApplicationProtocolVersion_HTTP1
	}
	r.HealthCheck.setDefaults(r.ProtocolVersion == elbv2.ApplicationProtocolVersion_GRPC)
}

func (h *TargetHealthCheck) setDefaults(grpc bool) {
	switch {
	case grpc:
		opt.Default(&h.Path, "/AWS.ALB/healthcheck")
		opt.Default(&h.HealthyGrpcCodes, "12")
	default:
		opt.Default(&h.Path, "/")
		opt.Default(&h.HealthyHttpCodes, "200")
	}
	opt.Default(&h.Interval, 15*time.Second)
	opt.Default(&h.Timeout, min(5*time.Second, h.Interval-time.Second))
	opt.Default(&h.HealthyThresholdCount, 2)
	opt.Default(&h.UnhealthyThresholdCount, 3)
}

// target is what a rule of the service needs to send requests to its tasks.
type target struct {
	rule              *AlbRule
	group             elbv2.ApplicationTargetGroup
	alternate         elbv2.ApplicationTargetGroup // nil unless the deployment shifts traffic
	production, tests elbv2.ApplicationListenerRule
}

// newTarget makes the target group of a rule, and the rule itself. The service does not exist yet: it waits for both.
func (s *Service) newTarget(i int, r *AlbRule, shifts bool) target {
	t := target{rule: r, group: s.newTargetGroup("TargetGroup"+ids.Suffix(i), r)}
	elb.TargetGroups[t.group] = elb.GroupFacts{Owner: s.path, Shifts: shifts, Listener: r.Listener}
	rule := elbv2.ApplicationListenerRuleProps{Priority: jsii.Number(r.Priority), Conditions: r.Conditions.Cdk()}
	switch {
	case shifts:
		t.alternate = s.newTargetGroup("AlternateTargetGroup"+ids.Suffix(i), r)
		// As before the first deployment. From then on ECS moves the weights, and CloudFormation leaves them alone until the
		// rule itself changes: see Deployment.Strategy.
		rule.Action = elb.Forward([]elb.WeightedTargetGroup{{TargetGroup: t.group, Weight: 100}, {TargetGroup: t.alternate, Weight: 0}}, 0)
	case len(r.ShareWith) > 0:
		// A sticky group must not stand in a rule that is not, says the load balancer.
		rule.Action = elb.Forward(append([]elb.WeightedTargetGroup{{TargetGroup: t.group, Weight: r.Weight}}, r.ShareWith...), r.StickinessDuration)
	default:
		rule.TargetGroups = &[]elbv2.IApplicationTargetGroup{t.group}
	}
	t.production = elb.NewRule(s, "ListenerRule"+ids.Suffix(i), s.path, r.Listener, rule)
	if r.TestListener != nil {
		t.tests = elb.NewRule(s, "TestListenerRule"+ids.Suffix(i), s.path, r.TestListener, rule)
	}
	return t
}

func (s *Service) newTargetGroup(id string, r *AlbRule) elbv2.ApplicationTargetGroup {
	props := &elbv2.ApplicationTargetGroupProps{
		Vpc:                      s.cluster.Vpc(),
		TargetType:               s.Task.targetType(),
		Protocol:                 elbv2.ApplicationProtocol_HTTP,
		ProtocolVersion:          r.protocolVersion(),
		Port:                     jsii.Number(r.ContainerPort),
		DeregistrationDelay:      opt.Duration(r.DeregistrationDelay),
		SlowStart:                opt.Duration(r.SlowStart),
		StickinessCookieDuration: opt.Duration(r.StickinessDuration),
		HealthCheck: &elbv2.HealthCheck{
			Path:                    &r.HealthCheck.Path,
			HealthyHttpCodes:        opt.String(r.HealthCheck.HealthyHttpCodes),
			HealthyGrpcCodes:        opt.String(r.HealthCheck.HealthyGrpcCodes),
			Interval:                opt.Duration(r.HealthCheck.Interval),
			Timeout:                 opt.Duration(r.HealthCheck.Timeout),
			HealthyThresholdCount:   jsii.Number(r.HealthCheck.HealthyThresholdCount),
			UnhealthyThresholdCount: jsii.Number(r.HealthCheck.UnhealthyThresholdCount),
		},
	}
	if props.TargetType == elbv2.TargetType_INSTANCE {
		// The default, which the CDK's rules want to see where ports are the instance's choice.
		props.HealthCheck.Port = jsii.String("traffic-port")
	}
	return elbv2.NewApplicationTargetGroup(s, &id, props)
}

// protocolVersion leaves the default out: changing it, even to the same, replaces the target group.
func (r *AlbRule) protocolVersion() elbv2.ApplicationProtocolVersion {
	if r.ProtocolVersion == elbv2.ApplicationProtocolVersion_HTTP1 {
		return ""
	}
	return r.ProtocolVersion
}

// attach registers the tasks of the service with a rule's target group.
func (s *Service) attach(t *target) {
	options := &awsecs.LoadBalancerTargetOptions{ContainerName: &t.rule.ContainerName, ContainerPort: jsii.Number(t.rule.ContainerPort)}
	if t.alternate != nil {
		options.AlternateTarget = s.alternateTarget(t)
	}
	t.group.AddTarget(s.Service.LoadBalancerTarget(options))
}

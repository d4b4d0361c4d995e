package ecs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/internal/opt"
	"awscontainers/constructs/invalid"
)

// Exposure is how a service is reached. The zero value: not at all, as a worker that takes its work from a queue.
type Exposure struct {
	// Alb are rules of Application Load Balancer listeners, each with a target group of its own. Their order names them:
	// add new ones at the end. Default: none.
	Alb []AlbRule
}

// AlbRule sends the requests that fit its conditions to the service. A listener tries its rules by Priority.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
type AlbRule struct {
	// Listener is the listener that gets the rule, ApplicationLoadBalancer.Listener or one of your own. Required.
	Listener elb.IApplicationListener
	// Priority is the rule's place among the listener's, 1 (first) to 50000, each taken once. Required.
	Priority int
	// PathPatterns are paths of which a request must have one, such as "/api/*"; "*" stands for any characters and "?" for
	// one. []string{"/*"} fits every request. Default: any path; PathPatterns or HostHeaders is required, and together they
	// have at most five values.
	PathPatterns []string
	// HostHeaders are names of which a request must be for one, such as "www.example.com" or "*.example.com". Default: any
	// name; PathPatterns or HostHeaders is required.
	HostHeaders []string

	// ContainerName is the container that answers. Default: the first of the task that has a TCP port.
	ContainerName string
	// ContainerPort is the port that it listens on. Default: the container's first for TCP.
	ContainerPort int
	// HealthCheck is how the load balancer tells whether a task can answer. Default: GET / gives 200.
	HealthCheck TargetHealthCheck
	// DeregistrationDelay is how long a task that is to stop may finish its requests before it gets SIGTERM, up to 3600 s.
	// Deployments and scaling in take that much longer. Default: 60 s.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-connection-draining.html
	DeregistrationDelay time.Duration
}

// TargetHealthCheck is how a load balancer tells whether a task can answer.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
type TargetHealthCheck struct {
	// Path is what it asks for. Default: "/".
	Path string
	// HealthyHttpCodes are the answers of a healthy task: "200", "200,204" or "200-299". Default: "200".
	HealthyHttpCodes string
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

// The limits and defaults of load balancing to tasks.
const (
	maxPriority           = 50000
	maxConditionValues    = 5
	maxDeregistration     = 3600 * time.Second
	defaultDeregistration = 60 * time.Second
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
	maxWildcards = 5
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
	maxTargetGroups = 5
)

func (r *AlbRule) setDefaults(task *Task) {
	for i := range task.props.Containers {
		c := &task.props.Containers[i]
		ports := c.tcpPorts()
		if r.ContainerName == "" && len(ports) > 0 {
			r.ContainerName = c.Name
		}
		if c.Name == r.ContainerName && r.ContainerPort == 0 && len(ports) > 0 {
			r.ContainerPort = ports[0]
		}
	}
	if r.DeregistrationDelay == 0 {
		r.DeregistrationDelay = defaultDeregistration
	}
	h := &r.HealthCheck
	if h.Path == "" {
		h.Path = "/"
	}
	if h.HealthyHttpCodes == "" {
		h.HealthyHttpCodes = "200"
	}
	if h.Interval == 0 {
		h.Interval = 15 * time.Second
	}
	if h.Timeout == 0 {
		h.Timeout = min(5*time.Second, h.Interval-time.Second)
	}
	if h.HealthyThresholdCount == 0 {
		h.HealthyThresholdCount = 2
	}
	if h.UnhealthyThresholdCount == 0 {
		h.UnhealthyThresholdCount = 3
	}
}

func (e *Exposure) validate(task *Task) error {
	var bad invalid.Problems
	if len(e.Alb) > maxTargetGroups {
		bad.Add("Alb", "has %d rules, a target group each; ECS takes %d of a service", len(e.Alb), maxTargetGroups)
	}
	for i := range e.Alb {
		bad.Nest(index("Alb", i), e.Alb[i].validate(task))
		for j := range i {
			if e.Alb[i].Listener != nil && e.Alb[i].Listener == e.Alb[j].Listener && e.Alb[i].Priority == e.Alb[j].Priority {
				bad.Add(index("Alb", i)+".Priority", "%d is taken by %s on the same listener; give each rule its own", e.Alb[i].Priority, index("Alb", j))
			}
		}
	}
	return bad.Err()
}

func (r *AlbRule) validate(task *Task) error {
	var bad invalid.Problems
	if r.Listener == nil {
		bad.Add("Listener", "is missing; give the Listener of an ApplicationLoadBalancer")
	}
	if r.Priority < 1 || r.Priority > maxPriority {
		bad.Add("Priority", "%d is out of range; use 1 to %d", r.Priority, maxPriority)
	}
	r.validateConditions(&bad)
	r.validatePort(task, &bad)
	bad.Nest("HealthCheck", r.HealthCheck.validate())
	checkSeconds("DeregistrationDelay", r.DeregistrationDelay, time.Second, maxDeregistration, &bad)
	return bad.Err()
}

// The form of what a request is compared with.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
var (
	pathPattern = regexp.MustCompile(`^[/*][A-Za-z0-9_.$/~"'@:+&*?-]{0,127}$`)
	hostHeader  = regexp.MustCompile(`^[A-Za-z0-9.*?-]{1,120}\.[A-Za-z*?]+$`)
)

func (r *AlbRule) validateConditions(bad *invalid.Problems) {
	switch n := len(r.PathPatterns) + len(r.HostHeaders); {
	case n == 0:
		bad.Add("PathPatterns", `and HostHeaders are both empty; give at least one condition, []string{"/*"} to fit every request`)
	case n > maxConditionValues:
		bad.Add("PathPatterns", "and HostHeaders have %d values; a rule takes %d", n, maxConditionValues)
	}
	wildcards := 0
	for _, p := range r.PathPatterns {
		wildcards += strings.Count(p, "*") + strings.Count(p, "?")
		if !invalid.IsToken(p) && !pathPattern.MatchString(p) {
			bad.Add("PathPatterns", `%q fits no path; begin it with / or *, and use up to 128 letters, digits and _-.$/~"'@:+&*?`, p)
		}
	}
	for _, h := range r.HostHeaders {
		wildcards += strings.Count(h, "*") + strings.Count(h, "?")
		if !invalid.IsToken(h) && (!hostHeader.MatchString(h) || len(h) > 128) {
			bad.Add("HostHeaders", `%q is no host name; write it as "www.example.com" or "*.example.com"`, h)
		}
	}
	if wildcards > maxWildcards {
		bad.Add("PathPatterns", "and HostHeaders have %d wildcards; a rule takes %d", wildcards, maxWildcards)
	}
}

// validatePort finds the container and the port that the rule names.
func (r *AlbRule) validatePort(task *Task, bad *invalid.Problems) {
	var names []string
	for i := range task.props.Containers {
		c := &task.props.Containers[i]
		names = append(names, c.Name)
		if c.Name != r.ContainerName {
			continue
		}
		switch ports := c.tcpPorts(); {
		case len(ports) == 0:
			bad.Add("ContainerName", "%q has no PortMappings for TCP; give it the port that it listens on", r.ContainerName)
		case !slices.Contains(ports, r.ContainerPort):
			bad.Add("ContainerPort", "%d is no TCP port of container %q; use %s", r.ContainerPort, r.ContainerName, oneOf(ports))
		}
		return
	}
	if r.ContainerName == "" {
		bad.Add("ContainerName", "is empty and no container of the task has PortMappings for TCP; give one the port that it listens on")
		return
	}
	bad.Add("ContainerName", "%q is no container of the task; use %s", r.ContainerName, oneOf(names))
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
var (
	healthCheckPath = regexp.MustCompile(`^/[!-~]*$`)
	httpCodes       = regexp.MustCompile(`^[234]\d\d([,-][234]\d\d)*$`)
)

func (h *TargetHealthCheck) validate() error {
	var bad invalid.Problems
	if !invalid.IsToken(h.Path) && (!healthCheckPath.MatchString(h.Path) || len(h.Path) > 1024) {
		bad.Add("Path", "%q is no path; begin it with / and use up to 1024 characters, none of them blank", h.Path)
	}
	if !invalid.IsToken(h.HealthyHttpCodes) && !httpCodes.MatchString(h.HealthyHttpCodes) {
		bad.Add("HealthyHttpCodes", `%q are no codes from 200 to 499; write "200", "200,204" or "200-299"`, h.HealthyHttpCodes)
	}
	checkSeconds("Interval", h.Interval, 5*time.Second, 300*time.Second, &bad)
	checkSeconds("Timeout", h.Timeout, 2*time.Second, 120*time.Second, &bad)
	if h.Timeout >= h.Interval {
		bad.Add("Timeout", "%v is not less than Interval %v; shorten the one or lengthen the other", h.Timeout, h.Interval)
	}
	for _, count := range []struct {
		field string
		value int
	}{{"HealthyThresholdCount", h.HealthyThresholdCount}, {"UnhealthyThresholdCount", h.UnhealthyThresholdCount}} {
		if count.value < 2 || count.value > 10 {
			bad.Add(count.field, "%d is out of range; use 2 to 10", count.value)
		}
	}
	return bad.Err()
}

// addRule makes the target group and the rule, and registers the tasks of the service.
func (s *Service) addRule(i int, r *AlbRule) {
	suffix := ""
	if i > 0 {
		suffix = fmt.Sprint(i + 1)
	}
	group := elb.NewApplicationTargetGroup(s, jsii.String("TargetGroup"+suffix), &elb.ApplicationTargetGroupProps{
		Vpc:                 s.cluster.Cluster.Vpc(),
		TargetType:          elb.TargetType_IP,
		Protocol:            elb.ApplicationProtocol_HTTP,
		Port:                jsii.Number(r.ContainerPort),
		DeregistrationDelay: opt.Duration(r.DeregistrationDelay),
		HealthCheck: &elb.HealthCheck{
			Path:                    &r.HealthCheck.Path,
			HealthyHttpCodes:        &r.HealthCheck.HealthyHttpCodes,
			Interval:                opt.Duration(r.HealthCheck.Interval),
			Timeout:                 opt.Duration(r.HealthCheck.Timeout),
			HealthyThresholdCount:   jsii.Number(r.HealthCheck.HealthyThresholdCount),
			UnhealthyThresholdCount: jsii.Number(r.HealthCheck.UnhealthyThresholdCount),
		},
	})
	var conditions []elb.ListenerCondition
	if len(r.PathPatterns) > 0 {
		conditions = append(conditions, elb.ListenerCondition_PathPatterns(jsii.Strings(r.PathPatterns...)))
	}
	if len(r.HostHeaders) > 0 {
		conditions = append(conditions, elb.ListenerCondition_HostHeaders(jsii.Strings(r.HostHeaders...)))
	}
	elb.NewApplicationListenerRule(s, jsii.String("ListenerRule"+suffix), &elb.ApplicationListenerRuleProps{
		Listener:   r.Listener,
		Priority:   jsii.Number(r.Priority),
		Conditions: &conditions,
		Action:     elb.ListenerAction_Forward(&[]elb.IApplicationTargetGroup{group}, nil),
	})
	group.AddTarget(s.Service.LoadBalancerTarget(&awsecs.LoadBalancerTargetOptions{
		ContainerName: &r.ContainerName,
		ContainerPort: jsii.Number(r.ContainerPort),
	}))
	s.TargetGroups = append(s.TargetGroups, group)
	s.listeners = append(s.listeners, r.Listener)
}

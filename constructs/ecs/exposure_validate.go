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

const (
	maxDeregistration = 3600 * time.Second
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
	maxTargetGroups = 5
)

// validate takes whether the deployment shifts traffic between two target groups.
func (e *Exposure) validate(task *Task, cluster *Cluster, shifts bool) error {
	var bad invalid.Problems
	if len(e.Alb) > maxTargetGroups {
		bad.Add("Alb", "has %d rules, a target group each; ECS takes %d of a service", len(e.Alb), maxTargetGroups)
	} else if len(e.Alb)+len(e.Nlb) > maxTargetGroups {
		bad.Add("Nlb", "has %d listeners beside %d rules of Alb, a target group each; ECS takes %d of a service", len(e.Nlb), len(e.Alb), maxTargetGroups)
	}
	for i := range e.Alb {
		bad.Nest(check.Index("Alb", i), e.Alb[i].validate(task, shifts))
		for j := range i {
			e.Alb[i].checkTwice(&e.Alb[j], check.Index("Alb", i), check.Index("Alb", j), &bad)
		}
	}
	if !task.usesAwsvpc() {
		e.validateInstanceNetwork(task, &bad)
	}
	e.validateNlb(task, shifts, &bad)
	if e.ServiceConnect != nil {
		bad.Nest("ServiceConnect", e.ServiceConnect.validate(task, cluster))
	}
	if e.ServiceDiscovery != nil {
		bad.Nest("ServiceDiscovery", e.ServiceDiscovery.validate(cluster, e.ServiceConnect))
	}
	return bad.Err()
}

// validateInstanceNetwork notes what takes tasks with addresses of their own.
func (e *Exposure) validateInstanceNetwork(task *Task, bad *invalid.Problems) {
	for _, way := range []struct {
		field string
		given bool
	}{{"ServiceConnect", e.ServiceConnect != nil}, {"ServiceDiscovery", e.ServiceDiscovery != nil}} {
		if way.given {
			bad.Add(way.field, "names tasks by their own addresses, and in network mode %q they have none; use %q, or a load balancer", task.props.NetworkMode, awsecs.NetworkMode_AWS_VPC)
		}
	}
}

// checkTwice notes a priority that two rules of one service want on one listener.
func (r *AlbRule) checkTwice(other *AlbRule, field, otherField string, bad *invalid.Problems) {
	if r.Listener != nil && r.Listener == other.Listener && r.Priority == other.Priority {
		bad.Add(field+".Priority", "%d is taken by %s on the same listener; give each rule its own", r.Priority, otherField)
	}
}

func (r *AlbRule) validate(task *Task, shifts bool) error {
	var bad invalid.Problems
	if r.Listener == nil {
		bad.Add("Listener", "is missing; give the Listener of an ApplicationLoadBalancer")
	}
	elb.CheckPriority(r.Listener, r.Priority, &bad)
	if r.TestListener != nil {
		r.validateTests(shifts, &bad)
	}
	bad.Nest("Conditions", r.Conditions.Validate())
	r.validateShares(shifts, &bad)
	r.validatePort(task, &bad)
	r.validateProtocol(&bad)
	bad.Nest("HealthCheck", r.HealthCheck.validate(r.ProtocolVersion == elbv2.ApplicationProtocolVersion_GRPC))
	check.Seconds("DeregistrationDelay", r.DeregistrationDelay, time.Second, maxDeregistration, &bad)
	check.Seconds("SlowStart", r.SlowStart, 30*time.Second, 900*time.Second, &bad)
	check.Seconds("StickinessDuration", r.StickinessDuration, time.Second, elb.MaxStickiness, &bad)
	if shifts && r.StickinessDuration != 0 {
		bad.Add("StickinessDuration", "%v would hold clients at the old version, and the load balancer refuses it, beside a Deployment.Strategy that shifts traffic; leave one of them out",
			r.StickinessDuration)
	}
	return bad.Err()
}

func (r *AlbRule) validateTests(shifts bool, bad *invalid.Problems) {
	if !shifts {
		bad.Add("TestListener", "has no new version to show in a rolling deployment; leave it out, or set Deployment.Strategy")
	}
	if r.TestListener == r.Listener {
		bad.Add("TestListener", "is the Listener too, whose requests are the clients'; give the TestListener of the load balancer")
		return
	}
	if !elb.SameBalancer(r.Listener, r.TestListener) {
		bad.Add("TestListener", "is of another load balancer than Listener, and a target group takes one; give that of the same one")
	}
	if facts := elb.Listeners[r.TestListener]; facts != nil && facts.Priorities[r.Priority] != "" {
		bad.Add("TestListener", "has a rule of Priority %d already, of %s; give each rule its own", r.Priority, facts.Priorities[r.Priority])
	}
}

func (r *AlbRule) validateShares(shifts bool, bad *invalid.Problems) {
	elb.CheckWeight("Weight", r.Weight, bad)
	switch {
	case len(r.ShareWith) == 0:
		if r.Weight != 0 {
			bad.Add("Weight", "%d has nobody to share with; leave it out, or give ShareWith", r.Weight)
		}
		return
	case r.Weight == 0:
		bad.Add("Weight", "is 0 beside ShareWith, so that the service would get nothing; give its share, 1 to %d", elb.MaxElbWeight)
	case shifts:
		bad.Add("ShareWith", "stands beside a Deployment.Strategy that moves the weights itself; leave one of them out")
	}
	elb.ValidateWeights("ShareWith", r.ShareWith, r.Listener, bad)
	if len(r.ShareWith) == elb.MaxForward {
		bad.Add("ShareWith", "has %d target groups beside the service's own; a rule takes %d", len(r.ShareWith), elb.MaxForward)
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
			bad.Add("ContainerPort", "%d is no TCP port of container %q; use %s", r.ContainerPort, r.ContainerName, check.OneOf(ports))
		}
		return
	}
	if r.ContainerName == "" {
		bad.Add("ContainerName", "is empty and no container of the task has PortMappings for TCP; give one the port that it listens on")
		return
	}
	bad.Add("ContainerName", "%q is no container of the task; use %s", r.ContainerName, check.OneOf(names))
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
func (r *AlbRule) validateProtocol(bad *invalid.Problems) {
	versions := []elbv2.ApplicationProtocolVersion{
		elbv2.ApplicationProtocolVersion_HTTP1, elbv2.ApplicationProtocolVersion_HTTP2, elbv2.ApplicationProtocolVersion_GRPC,
	}
	if !slices.Contains(versions, r.ProtocolVersion) {
		bad.Add("ProtocolVersion", "%q is unknown; use %s", r.ProtocolVersion, check.OneOf(versions))
		return
	}
	for _, listener := range []elbv2.IApplicationListener{r.Listener, r.TestListener} {
		if facts := elb.Listeners[listener]; facts != nil && facts.Protocol == elbv2.ApplicationProtocol_HTTP && r.ProtocolVersion != elbv2.ApplicationProtocolVersion_HTTP1 {
			bad.Add("ProtocolVersion", "%q needs an HTTPS listener; give the load balancer a certificate, or use %q", r.ProtocolVersion,
				elbv2.ApplicationProtocolVersion_HTTP1)
			return
		}
	}
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
var (
	httpCodes = regexp.MustCompile(`^[234]\d\d([,-][234]\d\d)*$`)
	grpcCodes = regexp.MustCompile(`^\d{1,2}([,-]\d{1,2})*$`)
)

func (h *TargetHealthCheck) validate(grpc bool) error {
	var bad invalid.Problems
	check.UrlPath("Path", h.Path, &bad)
	switch {
	case grpc && h.HealthyHttpCodes != "":
		bad.Add("HealthyHttpCodes", "%q are not gRPC's; use HealthyGrpcCodes", h.HealthyHttpCodes)
	case !grpc && h.HealthyGrpcCodes != "":
		bad.Add("HealthyGrpcCodes", "%q are not HTTP's; use HealthyHttpCodes, or ProtocolVersion %q", h.HealthyGrpcCodes, elbv2.ApplicationProtocolVersion_GRPC)
	case grpc && !invalid.IsToken(h.HealthyGrpcCodes) && !grpcCodes.MatchString(h.HealthyGrpcCodes):
		bad.Add("HealthyGrpcCodes", `%q are no codes from 0 to 99; write "12", "0,12" or "0-99"`, h.HealthyGrpcCodes)
	case !grpc && !invalid.IsToken(h.HealthyHttpCodes) && !httpCodes.MatchString(h.HealthyHttpCodes):
		bad.Add("HealthyHttpCodes", `%q are no codes from 200 to 499; write "200", "200,204" or "200-299"`, h.HealthyHttpCodes)
	}
	check.Seconds("Interval", h.Interval, 5*time.Second, 300*time.Second, &bad)
	check.Seconds("Timeout", h.Timeout, 2*time.Second, 120*time.Second, &bad)
	if h.Timeout >= h.Interval {
		bad.Add("Timeout", "%v is not less than Interval %v; shorten the one or lengthen the other", h.Timeout, h.Interval)
	}
	checkThresholds(h.HealthyThresholdCount, h.UnhealthyThresholdCount, &bad)
	return bad.Err()
}

func checkThresholds(healthy, unhealthy int, bad *invalid.Problems) {
	for _, count := range []struct {
		field string
		value int
	}{{"HealthyThresholdCount", healthy}, {"UnhealthyThresholdCount", unhealthy}} {
		if count.value < 2 || count.value > 10 {
			bad.Add(count.field, "%d is out of range; use 2 to 10", count.value)
		}
	}
}

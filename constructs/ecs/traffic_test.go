package ecs

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/internal/balancer"
	"awscontainers/internal/fake"
)

type (
	anyListener struct{ elbv2.IApplicationListener }
	anyGroup    struct{ elbv2.IApplicationTargetGroup }
)

// listenerOf stands for a listener of which something is known.
func listenerOf(known balancer.Listener) *elb.Listener {
	l := &elb.Listener{Construct: fake.Construct{}, Listener: anyListener{}}
	*l.Internal() = known
	return l
}

// anyAlb stands for a load balancer with TLS and a test listener, in the service's stack.
func anyAlb() *elb.ApplicationLoadBalancer {
	known := balancer.Listener{LoadBalancer: "Stack/Alb", Stack: "Stack", Protocol: elbv2.ApplicationProtocol_HTTPS}
	return &elb.ApplicationLoadBalancer{Construct: fake.Construct{}, Listener: listenerOf(known), TestListener: listenerOf(known)}
}

func groupOf(known balancer.Group) *elb.TargetGroup {
	g := &elb.TargetGroup{Construct: fake.Construct{}, TargetGroup: anyGroup{}}
	*g.Internal() = known
	return g
}

// onPath is a rule for a path.
func onPath(alb *elb.ApplicationLoadBalancer, path string) AlbRule {
	return AlbRule{LoadBalancer: alb, Conditions: elb.Conditions{PathPatterns: []string{path}}}
}

// second has another Id than the first.
func second(r AlbRule) AlbRule {
	r.Id = "Second"
	return r
}

// serviceError judges a service at the path Stack/Service.
func serviceError(p *ServiceProps) error {
	var bad, exposure invalid.Problems
	bad.Nest("", refusal(p.validate(), p.validateInCluster()))
	p.Exposure.validateRules("Stack/Service", "Stack/Service", "Stack", &exposure)
	p.Exposure.validatePorts(&exposure)
	bad.Nest("Exposure", exposure.Err())
	return bad.Err()
}

func TestTargetsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *ServiceProps, r *AlbRule)
		want   []string
	}{
		"no listener": {func(_ *ServiceProps, r *AlbRule) { r.LoadBalancer = nil }, []string{
			"Exposure.Alb[0].LoadBalancer is required; use elb.NewApplicationLoadBalancer, or set Listener to one of elb.ListenerFrom"}},
		"two listeners": {func(_ *ServiceProps, r *AlbRule) { r.Listener = listenerOf(balancer.Listener{}) }, []string{
			"Exposure.Alb[0].Listener must not be set together with LoadBalancer; remove one of them"}},
		"priority": {func(_ *ServiceProps, r *AlbRule) { r.Priority = 50001 }, []string{
			"Exposure.Alb[0].Priority must be an integer from 1 to 50000; got 50001"}},
		"priority of the default action": {func(_ *ServiceProps, r *AlbRule) { r.Conditions, r.Priority = elb.Conditions{}, 1 }, []string{
			"Exposure.Alb[0].Priority requires Conditions, because the default action comes last; got 1; remove it or set Conditions"}},
		"default action with a strategy that shifts": {func(p *ServiceProps, r *AlbRule) {
			r.Conditions, r.Priority, p.Deployment = elb.Conditions{}, 0, blueGreen()
		}, []string{`Exposure.Alb[0].Conditions is required with a Deployment.Strategy that shifts traffic, because it needs a listener rule; ` +
			`set Conditions, such as elb.Conditions{PathPatterns: []string{"/*"}}`}},
		"default action with tests": {func(_ *ServiceProps, r *AlbRule) {
			r.Conditions, r.Priority, r.TestListener = elb.Conditions{}, 0, r.LoadBalancer.TestListener
		}, []string{"Exposure.Alb[0].TestListener requires Deployment.Strategy BLUE_GREEN, LINEAR or CANARY; set it, or remove TestListener"}},
		"conditions": {func(_ *ServiceProps, r *AlbRule) { r.Conditions.HostHeaders = []string{"localhost"} }, []string{
			`Exposure.Alb[0].Conditions.HostHeaders[0] must be a host name such as "www.example.com" or "*.example.com"; got "localhost"`}},
		"too many rules": {func(p *ServiceProps, r *AlbRule) {
			for priority := range 5 {
				more := onPath(r.LoadBalancer, "/*")
				more.Priority, more.Id = priority+2, fmt.Sprint("Rule", priority)
				p.Exposure.Alb = append(p.Exposure.Alb, more)
			}
		}, []string{"Exposure.Alb must have at most 5 rules, because a service has at most 5 target groups; got 6"}},
		"unknown container": {func(_ *ServiceProps, r *AlbRule) { r.ContainerName = "app" },
			[]string{`Exposure.Alb[0].ContainerName must be a container of the task: "web"; got "app"`}},
		"unknown port": {func(_ *ServiceProps, r *AlbRule) { r.ContainerPort = 80 },
			[]string{`Exposure.Alb[0].ContainerPort must be a TCP port of container "web": 8080; got 80`}},
		"container without port": {func(p *ServiceProps, r *AlbRule) {
			p.Task.props.Containers = append(p.Task.props.Containers, container("log"))
			r.ContainerName = "log"
		}, []string{`Exposure.Alb[0].ContainerName must be a container with PortMappings for TCP; got "log"; add the port that it listens on`}},
		"UDP only": {func(p *ServiceProps, _ *AlbRule) {
			p.Task.props.Containers[0].PortMappings[0].Protocol = awsecs.Protocol_UDP
		},
			[]string{"Task must have a container with PortMappings for TCP; set PortMappings of the container that receives the requests"}},
		"UDP port": {func(p *ServiceProps, r *AlbRule) {
			p.Task.props.Containers[0].PortMappings = []PortMapping{{ContainerPort: 53, Protocol: awsecs.Protocol_UDP}, {ContainerPort: 80}}
			r.ContainerPort = 53
		}, []string{`Exposure.Alb[0].ContainerPort must be a TCP port of container "web": 80; got 53`}},
		"task without port": {func(p *ServiceProps, _ *AlbRule) { p.Task.props.Containers[0].PortMappings = nil },
			[]string{"Task must have a container with PortMappings for TCP; set PortMappings of the container that receives the requests"}},
		"weight for nobody": {func(_ *ServiceProps, r *AlbRule) { r.Weight = 5 },
			[]string{"Exposure.Alb[0].Weight requires ShareWith; got 5"}},
		"no share of its own": {func(_ *ServiceProps, r *AlbRule) {
			r.ShareWith = []elb.WeightedTargetGroup{{TargetGroup: groupOf(balancer.Group{}), Weight: 5}, {}}
		}, []string{
			"Exposure.Alb[0].Weight must be an integer from 1 to 999; got 0",
			"Exposure.Alb[0].ShareWith[1].TargetGroup is required; use one of a service's TargetGroups, elb.NewTargetGroup or elb.TargetGroupFrom",
		}},
		"shares with blue/green": {func(p *ServiceProps, r *AlbRule) {
			p.Deployment = blueGreen()
			r.Weight, r.ShareWith = 1, []elb.WeightedTargetGroup{{TargetGroup: groupOf(balancer.Group{}), Weight: 1}}
		}, []string{"Exposure.Alb[0].ShareWith is not compatible with a Deployment.Strategy that shifts traffic; remove one of them"}},
		"too many shares": {func(_ *ServiceProps, r *AlbRule) {
			r.Weight = 1
			for range 5 {
				r.ShareWith = append(r.ShareWith, elb.WeightedTargetGroup{TargetGroup: groupOf(balancer.Group{}), Weight: 1})
			}
		}, []string{"Exposure.Alb[0].ShareWith must have at most 4 target groups; got 5"}},
		"share of a service whose traffic shifts": {func(_ *ServiceProps, r *AlbRule) {
			r.Weight = 1
			r.ShareWith = []elb.WeightedTargetGroup{{TargetGroup: groupOf(balancer.Group{Owner: "Stack/Old", ShiftsTraffic: true})}}
		}, []string{"Exposure.Alb[0].ShareWith[0].TargetGroup must not belong to Stack/Old, whose deployments move its tasks to another " +
			"target group; use Strategy ROLLING there, or give that service another AlbRule"}},
		"tests of a rolling deployment": {func(_ *ServiceProps, r *AlbRule) { r.TestListener = r.LoadBalancer.TestListener },
			[]string{"Exposure.Alb[0].TestListener requires Deployment.Strategy BLUE_GREEN, LINEAR or CANARY; set it, or remove TestListener"}},
		"tests at the clients' listener": {func(p *ServiceProps, r *AlbRule) {
			p.Deployment.Strategy, p.Deployment.RollbackOnErrors = "LINEAR", true
			r.TestListener = r.LoadBalancer.Listener
		}, []string{
			"Exposure.Alb[0].TestListener must not be the listener that receives the clients' requests; use the TestListener of the load balancer",
			"Exposure.Alb[0].Priority is already used on the TestListener, by Exposure.Alb[0]; got 1; " +
				"use another number from 1 to 999, or remove it",
		}},
		"tests at another load balancer": {func(p *ServiceProps, r *AlbRule) {
			p.Deployment, r.TestListener = blueGreen(), listenerOf(balancer.Listener{LoadBalancer: "Stack/Other"})
		}, []string{"Exposure.Alb[0].TestListener must be a listener of the same load balancer"}},
		"tests at no listener": {func(p *ServiceProps, r *AlbRule) {
			p.Deployment, r.TestListener = blueGreen(), &elb.Listener{}
		}, []string{"Exposure.Alb[0].TestListener must be created by elb.ListenerFrom or elb.NewApplicationLoadBalancer"}},
		"gRPC without TLS": {func(_ *ServiceProps, r *AlbRule) {
			r.ProtocolVersion = elbv2.ApplicationProtocolVersion_GRPC
			r.LoadBalancer.Listener.Internal().Protocol = elbv2.ApplicationProtocol_HTTP
		}, []string{`Exposure.Alb[0].ProtocolVersion requires an HTTPS listener; got "GRPC"; ` +
			`set a certificate on the load balancer, or use "HTTP1"`}},
		"target group": {func(_ *ServiceProps, r *AlbRule) {
			r.ProtocolVersion, r.SlowStart, r.HealthCheck.HealthyGrpcCodes = "HTTP3", 29*time.Second, "12"
		}, []string{
			`Exposure.Alb[0].ProtocolVersion must be "HTTP1", "HTTP2" or "GRPC"; got "HTTP3"`,
			`Exposure.Alb[0].HealthCheck.HealthyGrpcCodes requires ProtocolVersion GRPC; got "12"; use HealthyHttpCodes`,
			"Exposure.Alb[0].SlowStart must be whole seconds from 30s to 15m; got 29s",
		}},
		"sticky with a strategy that shifts": {func(p *ServiceProps, r *AlbRule) {
			p.Deployment, r.StickinessDuration = blueGreen(), time.Hour
		}, []string{"Exposure.Alb[0].StickinessDuration is not compatible with deployments that shift traffic, because clients would stay " +
			"on the old version; got 1h; remove it"}},
		"health check where nobody listens": {func(_ *ServiceProps, r *AlbRule) { r.HealthCheck.Port = 8081 },
			[]string{"Exposure.Alb[0].HealthCheck.Port must be a port that a container of the task maps for TCP; got 8081"}},
		"health check on no port": {func(_ *ServiceProps, r *AlbRule) { r.HealthCheck.Port = -1 },
			[]string{"Exposure.Alb[0].HealthCheck.Port must be an integer from 1 to 65535; got -1"}},
		"authentication while traffic shifts": {func(p *ServiceProps, r *AlbRule) {
			p.Deployment, r.Authenticate = blueGreen(), &elb.Authenticate{Jwt: &elb.Jwt{Issuer: "shop", JwksEndpoint: "https://example.com/keys"}}
		}, []string{"Exposure.Alb[0].Authenticate is not compatible with a Deployment.Strategy that shifts traffic, because ECS fails a " +
			"deployment whose rule does more than forward; remove one of them, or authenticate in the service"}},
		"authentication without TLS": {func(_ *ServiceProps, r *AlbRule) {
			r.Authenticate = &elb.Authenticate{}
			r.LoadBalancer.Listener.Internal().Protocol = elbv2.ApplicationProtocol_HTTP
		}, []string{
			"Exposure.Alb[0].Authenticate must have exactly one of Oidc, Cognito and Jwt; got 0",
			"Exposure.Alb[0].Authenticate requires an HTTPS listener; set a certificate on the load balancer",
		}},
		"two ways to sign in with one cookie": {func(p *ServiceProps, r *AlbRule) {
			const secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:oidc-a1b2c3"
			oidc := func(id string) *elb.Authenticate {
				return &elb.Authenticate{Oidc: &elb.Oidc{Issuer: "https://a.b", AuthorizationEndpoint: "https://a.b/a",
					TokenEndpoint: "https://a.b/t", UserInfoEndpoint: "https://a.b/u", ClientId: id, ClientSecretArn: secret}}
			}
			r.Authenticate = oidc("one")
			other := second(onPath(r.LoadBalancer, "/x"))
			other.Authenticate, other.Priority = oidc("two"), 2
			p.Exposure.Alb = append(p.Exposure.Alb, other)
		}, []string{"Exposure.Alb[1].Authenticate.SessionCookieName must not be that of Exposure.Alb[0], which authenticates in another way " +
			`under the same names; got "AWSELBAuthSessionCookie"; set another name, or authenticate in the same way`}},
		"tokens": {func(_ *ServiceProps, r *AlbRule) {
			r.Authenticate = &elb.Authenticate{Jwt: &elb.Jwt{Issuer: "shop", JwksEndpoint: "https://example.com/keys"}}
		}, nil},
		"tokens for gRPC": {func(p *ServiceProps, r *AlbRule) {
			r.Authenticate = &elb.Authenticate{Jwt: &elb.Jwt{Issuer: "shop", JwksEndpoint: "https://example.com/keys"}}
			r.ProtocolVersion = elbv2.ApplicationProtocolVersion_GRPC
		}, []string{"Exposure.Alb[0].Authenticate is not compatible with ProtocolVersion GRPC, whose rules can only forward; remove one of " +
			"them, and authenticate in the service"}},
		"slow start of an algorithm that has none": {func(_ *ServiceProps, r *AlbRule) {
			r.SlowStart, r.LoadBalancingAlgorithm = 30*time.Second, elbv2.TargetGroupLoadBalancingAlgorithmType_WEIGHTED_RANDOM
		}, []string{`Exposure.Alb[0].SlowStart requires LoadBalancingAlgorithm ROUND_ROBIN; got "WEIGHTED_RANDOM"; remove one of them`}},
		"health check of another container": {func(p *ServiceProps, r *AlbRule) {
			beside := container("admin")
			beside.PortMappings = []PortMapping{{ContainerPort: 8081}}
			p.Task.props.Containers = append(p.Task.props.Containers, beside)
			r.HealthCheck.Port, r.Protocol = 8081, elbv2.ApplicationProtocol_HTTPS
		}, nil},
		"gRPC": {func(_ *ServiceProps, r *AlbRule) { r.ProtocolVersion = elbv2.ApplicationProtocolVersion_GRPC }, nil},
		"a listener": {func(_ *ServiceProps, r *AlbRule) {
			r.LoadBalancer, r.Listener = nil, listenerOf(balancer.Listener{IsImported: true})
		}, nil},
		"everything": {func(_ *ServiceProps, r *AlbRule) {
			r.SlowStart, r.StickinessDuration, r.ProtocolVersion = 30*time.Second, time.Hour, elbv2.ApplicationProtocolVersion_HTTP2
			r.Weight, r.ShareWith = 1, []elb.WeightedTargetGroup{{TargetGroup: groupOf(balancer.Group{}), Weight: 0}}
		}, nil},
		"tests": {func(p *ServiceProps, r *AlbRule) {
			p.Deployment, r.TestListener = blueGreen(), r.LoadBalancer.TestListener
		}, nil},
		"all requests": {func(p *ServiceProps, r *AlbRule) { p.Exposure = AllRequests(r.LoadBalancer) }, nil},
		"a rule and all others": {func(p *ServiceProps, r *AlbRule) {
			p.Exposure.Alb = append(p.Exposure.Alb, AlbRule{Id: "Others", LoadBalancer: r.LoadBalancer})
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			c.change(&p, &p.Exposure.Alb[0])
			p.setDefaults()
			assertProblems(t, serviceError(&p), c.want...)
		})
	}
}

// What rules that a listener has, or that the service itself gives it, leave free. How two rules are compared is tested in
// package balancer.
func TestRulesAreComparedWithThoseOfTheListener(t *testing.T) {
	derived := balancer.DerivePriority("Stack/Service/ListenerRule")
	all := balancer.Rule{Owner: "Stack/Other", IsDefault: true}
	for name, c := range map[string]struct {
		onListener, onTests []balancer.Rule
		rules               func(alb *elb.ApplicationLoadBalancer) []AlbRule
		want                []string
	}{
		"priority of another service": {
			onListener: []balancer.Rule{{Owner: "Stack/Other", Priority: 10}},
			rules: func(alb *elb.ApplicationLoadBalancer) []AlbRule {
				r := onPath(alb, "/a")
				r.Priority = 10
				return []AlbRule{r}
			},
			want: []string{"Exposure.Alb[0].Priority is already used on the listener, by Stack/Other; got 10; " +
				"use another number from 1 to 999, or remove it"},
		},
		"priority on the test listener": {
			onTests: []balancer.Rule{{Owner: "Stack/Other", Priority: 10}},
			rules: func(alb *elb.ApplicationLoadBalancer) []AlbRule {
				r := onPath(alb, "/a")
				r.Priority, r.TestListener = 10, alb.TestListener
				return []AlbRule{r}
			},
			want: []string{"Exposure.Alb[0].Priority is already used on the TestListener, by Stack/Other; got 10; " +
				"use another number from 1 to 999, or remove it"},
		},
		"priority on both listeners": { // one mistake, one line
			onListener: []balancer.Rule{{Owner: "Stack/Other", Priority: 10}}, onTests: []balancer.Rule{{Owner: "Stack/Other", Priority: 10}},
			rules: func(alb *elb.ApplicationLoadBalancer) []AlbRule {
				r := onPath(alb, "/a")
				r.Priority, r.TestListener = 10, alb.TestListener
				return []AlbRule{r}
			},
			want: []string{"Exposure.Alb[0].Priority is already used on the listener, by Stack/Other; got 10; " +
				"use another number from 1 to 999, or remove it"},
		},
		"priority twice": {
			rules: func(alb *elb.ApplicationLoadBalancer) []AlbRule {
				a, b := onPath(alb, "/a"), onPath(alb, "/b")
				a.Priority, b.Priority, b.Id = 10, 10, "Second"
				return []AlbRule{a, b}
			},
			want: []string{"Exposure.Alb[1].Priority is already used on the listener, by Exposure.Alb[0]; got 10; " +
				"use another number from 1 to 999, or remove it"},
		},
		"derived priority": {
			onListener: []balancer.Rule{{Owner: "Stack/Other", Priority: derived}},
			rules:      func(alb *elb.ApplicationLoadBalancer) []AlbRule { return []AlbRule{onPath(alb, "/a")} },
			want: []string{"Exposure.Alb[0].Priority is required, because the number derived from the construct's path, 9769, is already used " +
				"on the listener, by Stack/Other; set Priority to a number from 1 to 999"},
		},
		"overlap with another service": {
			onListener: []balancer.Rule{{Owner: "Stack/Other", Priority: 2000, IsDerived: true,
				Conditions: balancer.Conditions{PathPatterns: []string{"/*"}}}},
			rules: func(alb *elb.ApplicationLoadBalancer) []AlbRule { return []AlbRule{onPath(alb, "/a")} },
			want: []string{"Exposure.Alb[0].Priority is required, because a request can match both this rule and the rule of Stack/Other (path " +
				"\"/*\"), " +
				"and neither has a Priority on the listener; set Priority, from 1 to 999, on the rule to try first"},
		},
		"overlap of two rules": {
			rules: func(alb *elb.ApplicationLoadBalancer) []AlbRule {
				return []AlbRule{onPath(alb, "/a*"), second(onPath(alb, "/*a"))}
			},
			want: []string{"Exposure.Alb[1].Priority is required, because a request can match both this rule and the rule of Exposure.Alb[0] " +
				"(path \"/a*\"), and neither has a Priority on the listener; set Priority, from 1 to 999, on the rule to try first"},
		},
		"overlap with a priority among the derived": {
			onListener: []balancer.Rule{{Owner: "Stack/Other", Priority: 50000, Conditions: balancer.Conditions{PathPatterns: []string{"/*"}}}},
			rules:      func(alb *elb.ApplicationLoadBalancer) []AlbRule { return []AlbRule{onPath(alb, "/a")} },
			want: []string{"Exposure.Alb[0].Priority is required, because a request can match both this rule and the rule of Stack/Other (path " +
				"\"/*\"), " +
				"whose Priority on the listener is 50000; set Priority, here or there, from 1 to 999"},
		},
		"a priority among the derived, and an overlap": {
			onListener: []balancer.Rule{{Owner: "Stack/Other", Priority: 2000, IsDerived: true,
				Conditions: balancer.Conditions{PathPatterns: []string{"/*"}}}},
			rules: func(alb *elb.ApplicationLoadBalancer) []AlbRule {
				r := onPath(alb, "/a")
				r.Priority = 1000
				return []AlbRule{r}
			},
			want: []string{"Exposure.Alb[0].Priority must be from 1 to 999: a request can match both this rule and the rule of Stack/Other " +
				"(path \"/*\"), which has no Priority on the listener; got 1000"},
		},
		"a priority among the derived, of other requests": {
			onListener: []balancer.Rule{{Owner: "Stack/Other", Priority: 50000, Conditions: balancer.Conditions{PathPatterns: []string{"/b"}}}},
			rules:      func(alb *elb.ApplicationLoadBalancer) []AlbRule { return []AlbRule{onPath(alb, "/a")} },
		},
		"default action of another service": {
			onListener: []balancer.Rule{all},
			rules:      func(alb *elb.ApplicationLoadBalancer) []AlbRule { return []AlbRule{{LoadBalancer: alb}} },
			want: []string{`Exposure.Alb[0].Conditions is required, because Stack/Other already gets all requests that match no rule of the ` +
				`listener; ` +
				`set Conditions, such as elb.Conditions{PathPatterns: []string{"/api/*"}}`},
		},
		"default action twice": {
			rules: func(alb *elb.ApplicationLoadBalancer) []AlbRule {
				return []AlbRule{{LoadBalancer: alb}, {Id: "Second", LoadBalancer: alb}}
			},
			want: []string{`Exposure.Alb[1].Conditions is required, because Exposure.Alb[0] already gets all requests that match no rule of ` +
				`the listener; ` +
				`set Conditions, such as elb.Conditions{PathPatterns: []string{"/api/*"}}`},
		},
		"another priority, and the default action of another service": {
			onListener: []balancer.Rule{{Owner: "Stack/Other", Priority: 10}, all},
			rules: func(alb *elb.ApplicationLoadBalancer) []AlbRule {
				r := onPath(alb, "/*")
				r.Priority = 11
				return []AlbRule{r}
			},
		},
		"paths of their own": {
			rules: func(alb *elb.ApplicationLoadBalancer) []AlbRule {
				return []AlbRule{onPath(alb, "/a/*"), second(onPath(alb, "/b/*"))}
			},
		},
		"one rule on two load balancers": {
			rules: func(alb *elb.ApplicationLoadBalancer) []AlbRule {
				return []AlbRule{onPath(alb, "/*"), second(onPath(anyAlb(), "/*"))}
			},
		},
		"overlap, put in order by one priority": {
			rules: func(alb *elb.ApplicationLoadBalancer) []AlbRule {
				r := onPath(alb, "/a*")
				r.Priority = 1
				return []AlbRule{onPath(alb, "/*"), second(r)}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, alb := validService(), anyAlb()
			alb.Listener.Internal().Rules, alb.TestListener.Internal().Rules = c.onListener, c.onTests
			p.Exposure.Alb = c.rules(alb)
			if p.Exposure.Alb[0].TestListener != nil {
				p.Deployment = blueGreen()
			}
			p.setDefaults()
			assertProblems(t, serviceError(&p), c.want...)
			assert.Len(t, alb.Listener.Internal().Rules, len(c.onListener), "judging a service changed the listener")
		})
	}
}

// A nil scope is refused elsewhere, and must not panic here.
func TestExposureWithoutScope(t *testing.T) {
	p := validService()
	assert.NoError(t, p.Exposure.validateIn(nil, "Service"))
}

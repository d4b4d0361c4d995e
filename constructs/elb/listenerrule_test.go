package elb

import (
	"strings"
	"testing"
	"time"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/stretchr/testify/assert"

	"awscontainers/internal/balancer"
	"awscontainers/internal/fake"
)

type (
	anyListener struct{ elbv2.IApplicationListener }
	anyGroup    struct{ elbv2.IApplicationTargetGroup }
)

func listenerOf(known balancer.Listener) *Listener {
	return &Listener{Construct: fake.Construct{}, Listener: anyListener{}, known: &known}
}

func groupOf(known balancer.Group) *TargetGroup {
	return &TargetGroup{Construct: fake.Construct{}, TargetGroup: anyGroup{}, known: &known}
}

// httpsAlb is one that was made, in the stack "Stack".
func httpsAlb(path string) *ApplicationLoadBalancer {
	return &ApplicationLoadBalancer{Construct: fake.Construct{}, Listener: listenerOf(balancer.Listener{
		LoadBalancer: path, Stack: "Stack", Protocol: elbv2.ApplicationProtocol_HTTPS, Port: 443,
	})}
}

func TestListenerRulesAreRefused(t *testing.T) {
	alb := httpsAlb("Stack/Alb")
	group := groupOf(balancer.Group{})
	shared := func(weights ...int) (groups []WeightedTargetGroup) {
		for _, weight := range weights {
			groups = append(groups, WeightedTargetGroup{groupOf(balancer.Group{}), weight})
		}
		return groups
	}
	for name, c := range map[string]struct {
		change func(p *ListenerRuleProps)
		want   []string
	}{
		"nothing": {func(p *ListenerRuleProps) { *p = ListenerRuleProps{} }, []string{
			"LoadBalancer is required; use elb.NewApplicationLoadBalancer, or set Listener to one of elb.ListenerFrom",
			"must have exactly one of Redirect, FixedResponse and Forward; got 0",
		}},
		"authentication in front of gRPC": {func(p *ListenerRuleProps) {
			p.Authenticate = &Authenticate{Jwt: &Jwt{Issuer: "shop", JwksEndpoint: "https://example.com/keys"}}
			p.FixedResponse, p.Forward = nil, []WeightedTargetGroup{{groupOf(balancer.Group{SpeaksGrpc: true}), 1}}
		}, []string{"Authenticate is not compatible with ProtocolVersion GRPC, whose rules can only forward; remove one of them, and " +
			"authenticate in the service"}},
		"two listeners": {func(p *ListenerRuleProps) { p.Listener = listenerOf(balancer.Listener{}) }, []string{
			"Listener must not be set together with LoadBalancer; remove one of them",
		}},
		"a listener of no load balancer": {func(p *ListenerRuleProps) { p.LoadBalancer, p.Listener = nil, &Listener{} }, []string{
			"Listener must be created by elb.ListenerFrom or elb.NewApplicationLoadBalancer",
		}},
		"priority": {func(p *ListenerRuleProps) { p.Priority = 50001 }, []string{
			"Priority must be an integer from 1 to 50000; got 50001",
		}},
		"priority of the default action": {func(p *ListenerRuleProps) { p.Priority, p.Conditions = 1, Conditions{} }, []string{
			"Priority requires Conditions, because the default action comes last; got 1; remove it or set Conditions",
		}},
		"two actions": {func(p *ListenerRuleProps) { p.Redirect = &Redirect{Path: "/new"} }, []string{
			"must have exactly one of Redirect, FixedResponse and Forward; got 2",
		}},
		"redirect to itself": {func(p *ListenerRuleProps) { p.Redirect, p.FixedResponse = &Redirect{Permanent: true}, nil }, []string{
			"Redirect must change Protocol, Host, Port or Path, because otherwise it redirects to itself",
		}},
		"redirect": {func(p *ListenerRuleProps) {
			p.Redirect = &Redirect{Protocol: "FTP", Port: 70000, Path: "new", Host: strings.Repeat("a", 129)}
			p.FixedResponse = nil
		}, []string{
			`Redirect.Protocol must be "HTTP" or "HTTPS"; got "FTP"`,
			"Redirect.Port must be an integer from 1 to 65535; got 70000",
			`Redirect.Path must begin with /; got "new"`,
			"Redirect.Host must have at most 128 characters; got 129",
		}},
		"redirect by parts that are the same": {func(p *ListenerRuleProps) {
			p.Redirect, p.FixedResponse = &Redirect{Host: "#{host}", Path: "/#{path}", Query: "?a=1"}, nil
		}, []string{
			"Redirect must change Protocol, Host, Port or Path, because otherwise it redirects to itself",
			`Redirect.Query must not begin with "?", which the load balancer adds; got "?a=1"`,
		}},
		"redirect to an address": {func(p *ListenerRuleProps) {
			p.Redirect, p.FixedResponse = &Redirect{Host: "https://www.example.com/x"}, nil
		}, []string{
			`Redirect.Host must be a host name such as "www.example.com"; got "https://www.example.com/x"; set Protocol, Port and Path for the rest`,
		}},
		"redirect of HTTPS to HTTP": {func(p *ListenerRuleProps) {
			p.Redirect, p.FixedResponse = &Redirect{Protocol: elbv2.ApplicationProtocol_HTTP}, nil
		}, []string{"Redirect.Protocol must not be HTTP on an HTTPS listener; remove it"}},
		"redirect to where it came from": {func(p *ListenerRuleProps) {
			p.Redirect, p.FixedResponse = &Redirect{Protocol: elbv2.ApplicationProtocol_HTTPS}, nil
		}, []string{"Redirect must not redirect to the listener itself (HTTPS, port 443); change Host or Path"}},
		"fixed response": {func(p *ListenerRuleProps) {
			p.FixedResponse = &FixedResponse{StatusCode: 301, ContentType: "text/xml", MessageBody: strings.Repeat("a", 1025)}
		}, []string{
			"FixedResponse.StatusCode must be an integer from 200 to 299 or 400 to 599; got 301",
			`FixedResponse.ContentType must be "text/plain", "text/css", "text/html", "application/javascript" or "application/json"; got ` +
				`"text/xml"`,
			"FixedResponse.MessageBody must have at most 1024 bytes; got 1025",
		}},
		"no target groups": {func(p *ListenerRuleProps) {
			p.FixedResponse, p.Forward = nil, []WeightedTargetGroup{{}, {TargetGroup: &TargetGroup{}}}
		}, []string{
			"Forward[0].TargetGroup is required; use one of a service's TargetGroups, elb.NewTargetGroup or elb.TargetGroupFrom",
			"Forward[1].TargetGroup is required; use one of a service's TargetGroups, elb.NewTargetGroup or elb.TargetGroupFrom",
			"Forward must have a Weight above 0 for at least one target group",
		}},
		"weights": {func(p *ListenerRuleProps) {
			p.FixedResponse, p.Forward = nil, append(shared(1000, -1, 1, 1), WeightedTargetGroup{group, 1}, WeightedTargetGroup{group, 1})
		}, []string{
			"Forward[0].Weight must be an integer from 0 to 999; got 1000",
			"Forward[1].Weight must be an integer from 0 to 999; got -1",
			"Forward[5].TargetGroup must not repeat another target group of the rule",
			"Forward must have at most 5 target groups; got 6",
		}},
		"sticky for nobody": {func(p *ListenerRuleProps) { p.StickinessDuration = time.Hour }, []string{
			"StickinessDuration requires Forward; got 1h",
		}},
		"sticky for too long": {func(p *ListenerRuleProps) {
			p.FixedResponse, p.Forward, p.StickinessDuration = nil, shared(1), 8*24*time.Hour
		}, []string{"StickinessDuration must be whole seconds from 1s to 168h; got 192h"}},
		"gone":                  {func(*ListenerRuleProps) {}, nil},
		"gone by default":       {func(p *ListenerRuleProps) { p.Conditions = Conditions{} }, nil},
		"with a priority":       {func(p *ListenerRuleProps) { p.Priority = 50000 }, nil},
		"to another host":       {func(p *ListenerRuleProps) { p.Redirect, p.FixedResponse = &Redirect{Host: "www.#{host}"}, nil }, nil},
		"to another port":       {func(p *ListenerRuleProps) { p.Redirect, p.FixedResponse = &Redirect{Port: 8443}, nil }, nil},
		"shared":                {func(p *ListenerRuleProps) { p.FixedResponse, p.Forward = nil, shared(0, 999) }, nil},
		"on a listener of ours": {func(p *ListenerRuleProps) { p.LoadBalancer, p.Listener = nil, alb.Listener }, nil},
		"shared and sticky": {func(p *ListenerRuleProps) {
			p.FixedResponse, p.Forward, p.StickinessDuration = nil, shared(1), time.Hour
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := ListenerRuleProps{LoadBalancer: alb, Conditions: Conditions{PathPatterns: []string{"/*"}},
				FixedResponse: &FixedResponse{StatusCode: 410}}
			c.change(&p)
			fake.Refused(t, p.Validate(), c.want...)
		})
	}
}

// What only the listener and the target groups tell. How rules are compared is tested in package balancer.
func TestListenerRulesAreRefusedForWhereTheyStand(t *testing.T) {
	alb := httpsAlb("Stack/Alb")
	alb.Listener.known.Rules = balancer.Rules{{Owner: "Stack/Web", Priority: 10}}
	elsewhere := httpsAlb("Stack/Other").Listener
	for name, c := range map[string]struct {
		change func(p *ListenerRuleProps)
		want   []string
	}{
		"priority of another rule": {func(p *ListenerRuleProps) { p.Priority = 10 },
			[]string{"Priority is already used on the listener, by Stack/Web; got 10; use another number from 1 to 999, or remove it"}},
		"default action of another stack": {func(p *ListenerRuleProps) { alb.Listener.known.Stack, p.Conditions = "Base", Conditions{} },
			[]string{`Conditions is required, because the listener is in another stack (Base): without Conditions the two stacks would depend ` +
				`on each other; ` +
				`set Conditions, such as elb.Conditions{PathPatterns: []string{"/*"}}`}},
		"default action of an imported listener": {func(p *ListenerRuleProps) {
			p.LoadBalancer, p.Listener, p.Conditions = nil, listenerOf(balancer.Listener{Stack: "Stack", IsImported: true}), Conditions{}
		}, []string{`Conditions is required, because the default action of an imported listener can't be changed; ` +
			`set Conditions, such as elb.Conditions{PathPatterns: []string{"/*"}}`}},
		"target group whose traffic shifts": {func(p *ListenerRuleProps) {
			p.Forward = []WeightedTargetGroup{{groupOf(balancer.Group{Owner: "Stack/Canary", ShiftsTraffic: true}), 1}}
		}, []string{"Forward[0].TargetGroup must not belong to Stack/Canary, whose deployments move its tasks to another target group; " +
			"use Strategy ROLLING there, or give that service another AlbRule"}},
		"target group of another load balancer": {func(p *ListenerRuleProps) {
			p.Forward = []WeightedTargetGroup{{groupOf(balancer.Group{Owner: "Stack/Other", Listener: elsewhere.known}), 1}}
		}, []string{"Forward[0].TargetGroup must not belong to Stack/Other, because a target group can have only one load balancer and this " +
			"one has another; " +
			"use a service behind this load balancer"}},
		"target group of gRPC without TLS": {func(p *ListenerRuleProps) {
			alb.Listener.known.Protocol = elbv2.ApplicationProtocol_HTTP
			p.Forward = []WeightedTargetGroup{{groupOf(balancer.Group{NeedsTls: true}), 1}}
		}, []string{"Forward[0].TargetGroup must have ProtocolVersion HTTP1 on an HTTP listener; use an HTTPS listener for HTTP2 and GRPC"}},
		"target group of gRPC": {func(p *ListenerRuleProps) {
			p.Forward = []WeightedTargetGroup{{groupOf(balancer.Group{NeedsTls: true}), 1}}
		}, nil},
		"own target group whose traffic shifts": {func(p *ListenerRuleProps) {
			p.Forward = []WeightedTargetGroup{{groupOf(balancer.Group{Owner: "Stack/Scope", ShiftsTraffic: true}), 1}}
		}, nil},
		"target group of the same load balancer": {func(p *ListenerRuleProps) {
			p.Forward = []WeightedTargetGroup{{groupOf(balancer.Group{Owner: "Stack/Other", Listener: alb.Listener.known}), 1}}
		}, nil},
		"default action of the same stack": {func(p *ListenerRuleProps) { p.Conditions = Conditions{} }, nil},
		"another priority":                 {func(p *ListenerRuleProps) { p.Priority = 11 }, nil},
		"no listener":                      {func(p *ListenerRuleProps) { p.LoadBalancer = nil }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			alb.Listener.known.Stack, alb.Listener.known.Protocol = "Stack", elbv2.ApplicationProtocol_HTTPS
			p := ListenerRuleProps{LoadBalancer: alb, Conditions: Conditions{PathPatterns: []string{"/*"}}}
			c.change(&p)
			fake.Refused(t, p.validateAt("Stack/Scope", "Stack", p.rule("Stack/Scope/Rule", "Stack/Scope/Rule")), c.want...)
		})
	}
	// Validate refuses a listener of neither constructor, so nothing is compared with it.
	fake.Refused(t, (&ListenerRuleProps{Listener: &Listener{}}).validateAt("Stack/Scope", "Stack", balancer.Rule{}))
}

func TestRuleWithoutPriorityGetsOneFromItsPath(t *testing.T) {
	p := ListenerRuleProps{Conditions: Conditions{PathPatterns: []string{"/*"}}}
	assert.Equal(t, balancer.DerivePriority("Stack/Rule"), p.rule("Stack/Rule", "Stack/Rule").Priority)
	p.Priority = 5
	assert.Equal(t, 5, p.rule("Stack/Rule", "Stack/Rule").Priority)
}

func TestListenersFromElsewhereAreRefused(t *testing.T) {
	fake.Refused(t, (&ListenerAttributes{Protocol: "TCP", Port: -1}).Validate(),
		"Listener is required; use a listener of the CDK, such as elbv2.ApplicationListener_FromApplicationListenerAttributes",
		`Protocol must be "HTTP" or "HTTPS"; got "TCP"`,
		"Port must be an integer from 1 to 65535; got -1")
	fake.Refused(t, (&ListenerAttributes{Listener: anyListener{}}).Validate())
	fake.Refused(t, (&ListenerAttributes{Listener: anyListener{}, Protocol: elbv2.ApplicationProtocol_HTTP, Port: 80}).Validate())
}

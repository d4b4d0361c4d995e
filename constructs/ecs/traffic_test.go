package ecs

import (
	"strings"
	"testing"
	"time"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/waf"
)

type (
	anyGroup struct {
		elbv2.IApplicationTargetGroup
		id int
	}
	httpsListener struct{ elbv2.IApplicationListener }
	otherListener struct{ elbv2.IApplicationListener }
	anyBucket     struct{ awss3.IBucket }
	anyStore      struct{ elbv2.ITrustStore }
	testListener  struct{ elbv2.IApplicationListener }
)

func TestConditionsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		conditions elb.AlbConditions
		want       []string
	}{
		"none": {elb.AlbConditions{}, []string{`are empty; give at least one condition, PathPatterns: []string{"/*"} to fit every request`}},
		"too many values, of all kinds": {elb.AlbConditions{PathPatterns: []string{"/a"}, HostHeaders: []string{"a.b"}, HttpRequestMethods: []string{"GET"},
			SourceIps: []string{"10.0.0.0/8"}, HttpHeaders: []elb.HttpHeader{{Name: "X-A", Values: []string{"b"}}}, QueryStrings: []elb.QueryString{{Value: "c"}}},
			[]string{"have 6 values; a rule takes 5, so split them over two rules"}},
		"too many wildcards, of all kinds": {elb.AlbConditions{PathPatterns: []string{"/*/?"}, HostHeaders: []string{"*.b"},
			HttpHeaders: []elb.HttpHeader{{Name: "X-A", Values: []string{"*"}}}, QueryStrings: []elb.QueryString{{Key: "a*", Value: "*"}}},
			[]string{"have 6 wildcards; a rule takes 5, so split them over two rules"}},
		"path": {elb.AlbConditions{PathPatterns: []string{"api"}}, []string{
			`PathPatterns "api" fits no path; begin it with / or *, and use up to 128 letters, digits and _-.$/~"'@:+&*?`}},
		"host": {elb.AlbConditions{HostHeaders: []string{"localhost"}}, []string{
			`HostHeaders "localhost" is no host name; write it as "www.example.com" or "*.example.com"`}},
		"header": {elb.AlbConditions{HttpHeaders: []elb.HttpHeader{{Name: "X A", Values: []string{""}}}}, []string{
			`HttpHeaders[0].Name "X A" is no name of a header; use 1 to 40 letters, digits and hyphens`,
			`HttpHeaders[0].Values "" is too short or too long; use 1 to 128 characters`,
		}},
		"header that is the host, without values": {elb.AlbConditions{HttpHeaders: []elb.HttpHeader{{Name: "Host"}}}, []string{
			`HttpHeaders[0].Name "Host" is not compared here; use HostHeaders`,
			`HttpHeaders[0].Values are empty; give at least one, "*" for any`,
		}},
		"query": {elb.AlbConditions{QueryStrings: []elb.QueryString{{Key: "a"}, {Value: "a b"}}}, []string{
			`QueryStrings[0].Value is empty; give one, "*" for any`,
			`QueryStrings[1] "a b" is no part of a query; use up to 128 letters, digits and _-.$/~"'@:+&()!,;=*?`,
		}},
		"method": {elb.AlbConditions{HttpRequestMethods: []string{"get"}}, []string{`HttpRequestMethods "get" is no method; write it in capitals, as "GET"`}},
		"source": {elb.AlbConditions{SourceIps: []string{"10.0.0.1"}}, []string{`SourceIps "10.0.0.1" is no range of addresses; write it as "203.0.113.0/24"`}},
		"all kinds": {elb.AlbConditions{PathPatterns: []string{"/a_b/*"}, HostHeaders: []string{"a_b.example.com"}, HttpRequestMethods: []string{"GET"},
			SourceIps: []string{"2001:db8::/32"}, HttpHeaders: []elb.HttpHeader{{Name: "X-Version", Values: []string{"2"}}}}, nil},
		"a query alone": {elb.AlbConditions{QueryStrings: []elb.QueryString{{Key: "version", Value: "2"}}}, nil},
		"tokens":        {elb.AlbConditions{PathPatterns: []string{"${Token[a.1]}"}, HostHeaders: []string{"${Token[b.2]}"}, SourceIps: []string{"${Token[c.3]}"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			assertProblems(t, c.conditions.Validate(), c.want...)
		})
	}
}

func TestListenerRulesAreRefused(t *testing.T) {
	facts := elb.FactsOf(httpsListener{})
	facts.Balancer, facts.Protocol, facts.Port = &elb.ApplicationLoadBalancer{}, elbv2.ApplicationProtocol_HTTPS, 443
	elb.FactsOf(otherListener{}).Balancer = &elb.ApplicationLoadBalancer{}
	elb.TargetGroups[anyGroup{id: 100}] = elb.GroupFacts{Owner: "Stack/Canary", Shifts: true}
	elb.TargetGroups[anyGroup{id: 101}] = elb.GroupFacts{Owner: "Stack/Elsewhere", Listener: otherListener{}}
	valid := func() elb.ListenerRuleProps {
		return elb.ListenerRuleProps{Listener: anyListener{}, Priority: 1, Conditions: elb.AlbConditions{PathPatterns: []string{"/*"}}}
	}
	for name, c := range map[string]struct {
		change func(p *elb.ListenerRuleProps)
		want   []string
	}{
		"nothing": {func(p *elb.ListenerRuleProps) { *p = elb.ListenerRuleProps{} }, []string{
			"Listener is missing; give the Listener of an ApplicationLoadBalancer",
			"Priority 0 is out of range; use 1 to 50000",
			`Conditions are empty; give at least one condition, PathPatterns: []string{"/*"} to fit every request`,
			"has 0 of Redirect, FixedResponse and Forward; give exactly one",
		}},
		"two actions": {func(p *elb.ListenerRuleProps) {
			p.Redirect, p.FixedResponse = &elb.Redirect{Path: "/new"}, &elb.FixedResponse{StatusCode: 410}
		}, []string{"has 2 of Redirect, FixedResponse and Forward; give exactly one"}},
		"redirect to itself": {func(p *elb.ListenerRuleProps) { p.Redirect = &elb.Redirect{Permanent: true} }, []string{
			"Redirect changes nothing but the Query at most, which would go in a circle; give Protocol, Host, Port or Path"}},
		"redirect": {func(p *elb.ListenerRuleProps) {
			p.Redirect = &elb.Redirect{Protocol: "FTP", Port: 70000, Path: "new", Host: strings.Repeat("a", 129)}
		}, []string{
			`Redirect.Protocol "FTP" is unknown; use "HTTP" or "HTTPS"`,
			"Redirect.Port must be an integer from 1 to 65535; got 70000",
			`Redirect.Path "new" is no path; begin it with /`,
			`Redirect.Host "` + strings.Repeat("a", 129) + `" has 129 characters; use up to 128`,
		}},
		"fixed response": {func(p *elb.ListenerRuleProps) {
			p.FixedResponse = &elb.FixedResponse{StatusCode: 301, ContentType: "text/xml", MessageBody: strings.Repeat("a", 1025)}
		}, []string{
			"FixedResponse.StatusCode 301 is no code that a load balancer may answer; use 200 to 299 or 400 to 599",
			`FixedResponse.ContentType "text/xml" is unknown; use text/plain, text/css, text/html, application/javascript or application/json`,
			"FixedResponse.MessageBody has 1025 bytes; use up to 1024",
		}},
		"weights that sum to nothing": {func(p *elb.ListenerRuleProps) { p.Forward = []elb.WeightedTargetGroup{{TargetGroup: anyGroup{}}, {}} }, []string{
			"Forward[1].TargetGroup is missing; give one of a Service's TargetGroups",
			"Forward has no weight above 0, so that no request could be sent; give at least one target group a Weight",
		}},
		"weights": {func(p *elb.ListenerRuleProps) {
			p.Forward = []elb.WeightedTargetGroup{{TargetGroup: anyGroup{id: 1}, Weight: 1000}, {TargetGroup: anyGroup{id: 2}, Weight: -1}, {TargetGroup: anyGroup{id: 3}, Weight: 1}, {TargetGroup: anyGroup{id: 4}, Weight: 1}, {TargetGroup: anyGroup{id: 5}, Weight: 1}, {TargetGroup: anyGroup{id: 5}, Weight: 1}}
		}, []string{
			"Forward[0].Weight 1000 is not a weight; use 0 to 999",
			"Forward[1].Weight -1 is not a weight; use 0 to 999",
			"Forward[5].TargetGroup is named twice; give each target group one share",
			"Forward has 6 target groups; a rule takes 5",
		}},
		"to another host": {func(p *elb.ListenerRuleProps) { p.Redirect = &elb.Redirect{Host: "www.#{host}", Permanent: true} }, nil},
		"gone":            {func(p *elb.ListenerRuleProps) { p.FixedResponse = &elb.FixedResponse{StatusCode: 410} }, nil},
		"shared": {func(p *elb.ListenerRuleProps) {
			p.Forward = []elb.WeightedTargetGroup{{TargetGroup: anyGroup{id: 1}, Weight: 0}, {TargetGroup: anyGroup{id: 2}, Weight: 999}}
		}, nil},
		"shared and sticky": {func(p *elb.ListenerRuleProps) {
			p.Forward, p.StickinessDuration = []elb.WeightedTargetGroup{{TargetGroup: anyGroup{id: 1}, Weight: 1}}, time.Hour
		}, nil},
		"sticky for nobody": {func(p *elb.ListenerRuleProps) {
			p.FixedResponse, p.StickinessDuration = &elb.FixedResponse{StatusCode: 410}, 8*24*time.Hour
		}, []string{
			"StickinessDuration 192h0m0s belongs to Forward; leave it out",
			"StickinessDuration must be whole seconds from 1s to 168h0m0s; got 192h0m0s",
		}},
		"redirect by parts that are the same": {func(p *elb.ListenerRuleProps) {
			p.Redirect = &elb.Redirect{Host: "#{host}", Path: "/#{path}", Query: "?a=1"}
		}, []string{
			"Redirect changes nothing but the Query at most, which would go in a circle; give Protocol, Host, Port or Path",
			`Redirect.Query "?a=1" begins with "?", which the load balancer adds; leave it out`,
		}},
		"redirect to an address": {func(p *elb.ListenerRuleProps) { p.Redirect = &elb.Redirect{Host: "https://www.example.com/x"} }, []string{
			`Redirect.Host "https://www.example.com/x" is no host name; write it as "www.example.com", and give Protocol, Port and Path beside it`}},
		"redirect of HTTPS to HTTP": {func(p *elb.ListenerRuleProps) {
			p.Listener, p.Redirect = httpsListener{}, &elb.Redirect{Protocol: "HTTP"}
		}, []string{
			`Redirect.Protocol "HTTP" cannot be reached from an HTTPS listener by a redirect; leave it out`}},
		"redirect to where it came from": {func(p *elb.ListenerRuleProps) {
			p.Listener, p.Redirect = httpsListener{}, &elb.Redirect{Protocol: "HTTPS"}
		}, []string{
			"Redirect leads to where the request came from (HTTPS, port 443), and would go in a circle; change Host or Path"}},
		"group of a service that shifts": {func(p *elb.ListenerRuleProps) {
			p.Forward = []elb.WeightedTargetGroup{{TargetGroup: anyGroup{id: 100}, Weight: 1}}
		}, []string{
			"Forward[0].TargetGroup is of Stack/Canary, whose Deployment.Strategy moves its tasks to another target group; use ROLLING there, or give that service an AlbRule more"}},
		"group of another load balancer": {func(p *elb.ListenerRuleProps) {
			p.Listener, p.Forward = httpsListener{}, []elb.WeightedTargetGroup{{TargetGroup: anyGroup{id: 101}, Weight: 1}}
		}, []string{"Forward[0].TargetGroup is of Stack/Elsewhere, behind another load balancer, and a target group takes one; use a service behind this one"}},
		"redirect to another port": {func(p *elb.ListenerRuleProps) { p.Listener, p.Redirect = httpsListener{}, &elb.Redirect{Port: 8443} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := valid()
			c.change(&p)
			assertProblems(t, p.Validate(), c.want...)
		})
	}
}

func TestTargetsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *ServiceProps, r *AlbRule)
		want   []string
	}{
		"weight for nobody": {func(_ *ServiceProps, r *AlbRule) { r.Weight = 5 },
			[]string{"Exposure.Alb[0].Weight 5 has nobody to share with; leave it out, or give ShareWith"}},
		"no share of its own": {func(_ *ServiceProps, r *AlbRule) {
			r.ShareWith = []elb.WeightedTargetGroup{{TargetGroup: anyGroup{}, Weight: 5}}
		},
			[]string{"Exposure.Alb[0].Weight is 0 beside ShareWith, so that the service would get nothing; give its share, 1 to 999"}},
		"shares beside blue/green": {func(p *ServiceProps, r *AlbRule) {
			p.Deployment.Strategy = "BLUE_GREEN"
			r.Weight, r.ShareWith = 1, []elb.WeightedTargetGroup{{TargetGroup: anyGroup{}, Weight: 1}}
		}, []string{"Exposure.Alb[0].ShareWith stands beside a Deployment.Strategy that moves the weights itself; leave one of them out"}},
		"too many shares": {func(_ *ServiceProps, r *AlbRule) {
			r.Weight = 1
			for id := range 5 {
				r.ShareWith = append(r.ShareWith, elb.WeightedTargetGroup{TargetGroup: anyGroup{id: id}, Weight: 1})
			}
		}, []string{"Exposure.Alb[0].ShareWith has 5 target groups beside the service's own; a rule takes 5"}},
		"tests of a rolling deployment": {func(_ *ServiceProps, r *AlbRule) { r.TestListener = testListener{} },
			[]string{"Exposure.Alb[0].TestListener has no new version to show in a rolling deployment; leave it out, or set Deployment.Strategy"}},
		"tests at the clients' listener": {func(p *ServiceProps, r *AlbRule) {
			p.Deployment.Strategy, p.Deployment.RollbackOnErrors = "LINEAR", true
			r.TestListener = r.Listener
		}, []string{"Exposure.Alb[0].TestListener is the Listener too, whose requests are the clients'; give the TestListener of the load balancer"}},
		"protocol version": {func(_ *ServiceProps, r *AlbRule) { r.ProtocolVersion = "HTTP3" },
			[]string{`Exposure.Alb[0].ProtocolVersion "HTTP3" is unknown; use HTTP1, HTTP2 or GRPC`}},
		"codes of the other protocol": {func(_ *ServiceProps, r *AlbRule) {
			r.ProtocolVersion, r.HealthCheck.HealthyHttpCodes = elbv2.ApplicationProtocolVersion_GRPC, "200"
		}, []string{`Exposure.Alb[0].HealthCheck.HealthyHttpCodes "200" are not gRPC's; use HealthyGrpcCodes`}},
		"codes of gRPC for HTTP": {func(_ *ServiceProps, r *AlbRule) { r.HealthCheck.HealthyGrpcCodes = "12" },
			[]string{`Exposure.Alb[0].HealthCheck.HealthyGrpcCodes "12" are not HTTP's; use HealthyHttpCodes, or ProtocolVersion "GRPC"`}},
		"gRPC codes": {func(_ *ServiceProps, r *AlbRule) {
			r.ProtocolVersion, r.HealthCheck.HealthyGrpcCodes = elbv2.ApplicationProtocolVersion_GRPC, "100"
		}, []string{`Exposure.Alb[0].HealthCheck.HealthyGrpcCodes "100" are no codes from 0 to 99; write "12", "0,12" or "0-99"`}},
		"slow start": {func(_ *ServiceProps, r *AlbRule) { r.SlowStart = 29 * time.Second },
			[]string{"Exposure.Alb[0].SlowStart must be whole seconds from 30s to 15m0s; got 29s"}},
		"stickiness": {func(_ *ServiceProps, r *AlbRule) { r.StickinessDuration = 8 * 24 * time.Hour },
			[]string{"Exposure.Alb[0].StickinessDuration must be whole seconds from 1s to 168h0m0s; got 192h0m0s"}},
		"gRPC": {func(_ *ServiceProps, r *AlbRule) { r.ProtocolVersion = elbv2.ApplicationProtocolVersion_GRPC }, nil},
		"all of it": {func(_ *ServiceProps, r *AlbRule) {
			r.SlowStart, r.StickinessDuration, r.ProtocolVersion = 30*time.Second, time.Hour, elbv2.ApplicationProtocolVersion_HTTP2
			r.Weight, r.ShareWith = 1, []elb.WeightedTargetGroup{{TargetGroup: anyGroup{}, Weight: 0}}
		}, nil},
		"tests": {func(p *ServiceProps, r *AlbRule) {
			p.Deployment.Strategy, r.TestListener = "BLUE_GREEN", testListener{}
		}, nil},
		"sticky beside a strategy that shifts": {func(p *ServiceProps, r *AlbRule) {
			p.Deployment.Strategy, r.StickinessDuration = "BLUE_GREEN", time.Hour
		},
			[]string{"Exposure.Alb[0].StickinessDuration 1h0m0s would hold clients at the old version, and the load balancer refuses it, beside a Deployment.Strategy that shifts traffic; leave one of them out"}},
		"tests at another load balancer": {func(p *ServiceProps, r *AlbRule) {
			p.Deployment.Strategy, r.Listener, r.TestListener = "BLUE_GREEN", httpsListener{}, otherListener{}
		}, []string{"Exposure.Alb[0].TestListener is of another load balancer than Listener, and a target group takes one; give that of the same one"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			c.change(&p, firstRule(&p))
			p.setDefaults()
			assertProblems(t, p.validate(), c.want...)
		})
	}
}

func TestLoadBalancerOptionsAreRefused(t *testing.T) {
	https := elb.ApplicationLoadBalancerProps{Vpc: anyVpc{}, CertificateArn: "arn:aws:acm:eu-west-1:111122223333:certificate/1"}
	for name, c := range map[string]struct {
		change func(p *elb.ApplicationLoadBalancerProps)
		want   []string
	}{
		"idle timeout": {func(p *elb.ApplicationLoadBalancerProps) { p.IdleTimeout = 4001 * time.Second },
			[]string{"IdleTimeout must be whole seconds from 1s to 1h6m40s; got 1h6m41s"}},
		"mutual TLS without TLS": {func(p *elb.ApplicationLoadBalancerProps) {
			p.CertificateArn, p.MutualTls = "", &elb.MutualTls{Passthrough: true}
		},
			[]string{"MutualTls needs HTTPS; give CertificateArn, or DomainName with its hosted zone"}},
		"mutual TLS of no kind": {func(p *elb.ApplicationLoadBalancerProps) { p.MutualTls = &elb.MutualTls{} },
			[]string{"MutualTls has 0 of CaBucket, TrustStore and Passthrough; give exactly one"}},
		"mutual TLS of two kinds": {func(p *elb.ApplicationLoadBalancerProps) {
			p.MutualTls = &elb.MutualTls{TrustStore: anyStore{}, Passthrough: true, IgnoreClientCertificateExpiry: true}
		}, []string{
			"MutualTls has 2 of CaBucket, TrustStore and Passthrough; give exactly one",
			"MutualTls.IgnoreClientCertificateExpiry is true beside Passthrough, which checks nothing; leave it out",
		}},
		"authorities without a key": {func(p *elb.ApplicationLoadBalancerProps) { p.MutualTls = &elb.MutualTls{CaBucket: anyBucket{}} },
			[]string{`MutualTls.CaKey "" does not go with CaBucket; give both or neither`}},
		"tests for nobody at the clients' port": {func(p *elb.ApplicationLoadBalancerProps) { p.TestListener = &elb.TestListener{Port: 443} }, []string{
			"TestListener.Port 443 is the clients'; use another, such as 8443",
			"TestListener.IngressCidrs is empty, so that nobody could test; name the ranges of your testers",
		}},
		"testers": {func(p *elb.ApplicationLoadBalancerProps) {
			p.TestListener = &elb.TestListener{Port: 0, IngressCidrs: []string{"me"}}
		}, []string{
			"TestListener.Port must be an integer from 1 to 65535; got 0",
			`TestListener.IngressCidrs[0] "me" is not an IPv4 range; write it as "203.0.113.0/24"`,
		}},
		"all of it": {func(p *elb.ApplicationLoadBalancerProps) {
			p.IdleTimeout, p.WebAcl, p.MutualTls = 4000*time.Second, &waf.WebAcl{}, &elb.MutualTls{CaBucket: anyBucket{}, CaKey: "ca.pem"}
			p.TestListener = &elb.TestListener{Port: 8443, IngressCidrs: []string{"203.0.113.0/24"}}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := https
			c.change(&p)
			p.SetDefaults()
			assertProblems(t, p.Validate("eu-west-1"), c.want...)
		})
	}
}

// What the CDK does not tell of a listener: who has which priority, and whether it speaks TLS.
func TestFactsOfListeners(t *testing.T) {
	type oneListener struct{ elbv2.IApplicationListener }
	facts := elb.FactsOf(oneListener{})
	facts.Priorities[10], facts.Protocol = "Stack/Other", elbv2.ApplicationProtocol_HTTP
	t.Cleanup(func() { delete(elb.Listeners, oneListener{}) })

	p := validService()
	r := firstRule(&p)
	r.Listener, r.Priority, r.ProtocolVersion = oneListener{}, 10, elbv2.ApplicationProtocolVersion_GRPC
	p.setDefaults()
	assertProblems(t, p.validate(),
		"Exposure.Alb[0].Priority 10 is taken by Stack/Other on the same listener; give each rule its own",
		`Exposure.Alb[0].ProtocolVersion "GRPC" needs an HTTPS listener; give the load balancer a certificate, or use "HTTP1"`)

	p = validService()
	p.Deployment.Strategy = "BLUE_GREEN"
	r = firstRule(&p)
	r.Priority, r.TestListener = 10, oneListener{}
	p.setDefaults()
	assertProblems(t, p.validate(), "Exposure.Alb[0].TestListener has a rule of Priority 10 already, of Stack/Other; give each rule its own")

	r = firstRule(&p)
	r.Priority = 11
	assert.NoError(t, p.validate())
}

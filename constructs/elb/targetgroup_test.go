package elb

import (
	"testing"
	"time"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/stretchr/testify/assert"

	"awscontainers/internal/fake"
)

func TestTargetGroupsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *TargetGroupProps)
		want   []string
	}{
		"nothing": {func(p *TargetGroupProps) { *p = TargetGroupProps{} },
			[]string{"Vpc is required; use network.NewVpc or network.VpcFrom"}},
		"port": {func(p *TargetGroupProps) { p.Port = 65536 }, []string{"Port must be an integer from 1 to 65535; got 65536"}},
		"kinds": {func(p *TargetGroupProps) { p.TargetType, p.ProtocolVersion = "lambda", "HTTP3" }, []string{
			`TargetType must be "IP" or "INSTANCE"; got "lambda"`,
			`ProtocolVersion must be "HTTP1", "HTTP2" or "GRPC"; got "HTTP3"`,
		}},
		"codes of the other protocol": {func(p *TargetGroupProps) {
			p.ProtocolVersion, p.HealthCheck.HealthyHttpCodes = elbv2.ApplicationProtocolVersion_GRPC, "200"
		}, []string{`HealthCheck.HealthyHttpCodes is not compatible with ProtocolVersion GRPC; got "200"; use HealthyGrpcCodes`}},
		"codes of gRPC for HTTP": {func(p *TargetGroupProps) { p.HealthCheck.HealthyGrpcCodes = "12" },
			[]string{`HealthCheck.HealthyGrpcCodes requires ProtocolVersion GRPC; got "12"; use HealthyHttpCodes`}},
		"gRPC codes": {func(p *TargetGroupProps) {
			p.ProtocolVersion, p.HealthCheck.HealthyGrpcCodes = elbv2.ApplicationProtocolVersion_GRPC, "100"
		}, []string{`HealthCheck.HealthyGrpcCodes must be codes from 0 to 99 such as "12", "0,12" or "0-99"; got "100"`}},
		"interval without its unit": {func(p *TargetGroupProps) { p.HealthCheck.Interval = 30 },
			[]string{"HealthCheck.Interval must be whole seconds from 5s to 5m; got 30ns; use a time.Duration such as 30 * time.Second"}},
		"health check": {func(p *TargetGroupProps) {
			p.HealthCheck = TargetHealthCheck{Path: "up", HealthyHttpCodes: "100", Interval: 4 * time.Second, Timeout: 121 * time.Second,
				HealthyThresholdCount: 1, UnhealthyThresholdCount: 11}
		}, []string{
			`HealthCheck.Path must begin with / and have at most 1024 characters without spaces; got "up"`,
			`HealthCheck.HealthyHttpCodes must be codes from 200 to 499 such as "200", "200,204" or "200-299"; got "100"`,
			"HealthCheck.Interval must be whole seconds from 5s to 5m; got 4s",
			"HealthCheck.Timeout must be whole seconds from 2s to 2m; got 2m1s",
			"HealthCheck.HealthyThresholdCount must be an integer from 2 to 10; got 1",
			"HealthCheck.UnhealthyThresholdCount must be an integer from 2 to 10; got 11",
		}},
		"times": {func(p *TargetGroupProps) {
			p.DeregistrationDelay, p.SlowStart, p.StickinessDuration = 3601*time.Second, 29*time.Second, 8*24*time.Hour
		}, []string{
			"DeregistrationDelay must be whole seconds from 1s to 1h; got 1h0m1s",
			"SlowStart must be whole seconds from 30s to 15m; got 29s",
			"StickinessDuration must be whole seconds from 1s to 168h; got 192h",
		}},
		"sticky while traffic shifts": {func(p *TargetGroupProps) { p.ShiftsTraffic, p.StickinessDuration = true, time.Hour }, []string{
			"StickinessDuration is not compatible with deployments that shift traffic, because clients would stay on the old version; got 1h; " +
				"remove it",
		}},
		"a protocol to the targets": {func(p *TargetGroupProps) { p.Protocol, p.HealthCheck.Protocol = "TLS", "TCP" }, []string{
			`Protocol must be "HTTP" or "HTTPS"; got "TLS"`,
			`HealthCheck.Protocol must be "HTTP" or "HTTPS"; got "TCP"`,
		}},
		"health port": {func(p *TargetGroupProps) { p.HealthCheck.Port = 70000 },
			[]string{"HealthCheck.Port must be an integer from 1 to 65535; got 70000"}},
		"unknown algorithm": {func(p *TargetGroupProps) { p.LoadBalancingAlgorithm = "RANDOM" }, []string{
			`LoadBalancingAlgorithm must be "ROUND_ROBIN", "LEAST_OUTSTANDING_REQUESTS" or "WEIGHTED_RANDOM"; got "RANDOM"`}},
		"slow start by another algorithm": {func(p *TargetGroupProps) {
			p.SlowStart, p.LoadBalancingAlgorithm = 30*time.Second, elbv2.TargetGroupLoadBalancingAlgorithmType_LEAST_OUTSTANDING_REQUESTS
		}, []string{`SlowStart requires LoadBalancingAlgorithm ROUND_ROBIN; got "LEAST_OUTSTANDING_REQUESTS"; remove one of them`}},
		"mitigation by another algorithm": {func(p *TargetGroupProps) { p.AnomalyMitigation = true }, []string{
			`AnomalyMitigation requires LoadBalancingAlgorithm WEIGHTED_RANDOM; got "ROUND_ROBIN"; set it, or remove AnomalyMitigation`}},
		"sticky in one zone": {func(p *TargetGroupProps) { p.StickinessDuration, p.CrossZone = time.Hour, new(false) },
			[]string{"StickinessDuration is not compatible with CrossZone false; got 1h; remove one of them"}},
		"healthy targets": {func(p *TargetGroupProps) {
			p.MinHealthyTargets = MinHealthyTargets{-1, 101, -2, -3}
		}, []string{
			"MinHealthyTargets.DnsFailoverCount must be 1 or greater; got -1",
			"MinHealthyTargets.DnsFailoverPercent must be an integer from 1 to 100; got 101",
			"MinHealthyTargets.RoutingFailoverCount must be 1 or greater; got -2",
			"MinHealthyTargets.RoutingFailoverPercent must be an integer from 1 to 100; got -3",
		}},
		"requests to unhealthy targets before the zone leaves": {func(p *TargetGroupProps) {
			p.MinHealthyTargets = MinHealthyTargets{RoutingFailoverCount: 2, DnsFailoverPercent: 40, RoutingFailoverPercent: 50}
		}, []string{
			"MinHealthyTargets.DnsFailoverCount must be at least RoutingFailoverCount (2); got 1",
			"MinHealthyTargets.DnsFailoverPercent must be at least RoutingFailoverPercent (50); got 40",
		}},
		"HTTP": {func(*TargetGroupProps) {}, nil},
		"slow start": {func(p *TargetGroupProps) {
			p.SlowStart, p.LoadBalancingAlgorithm = 30*time.Second, elbv2.TargetGroupLoadBalancingAlgorithmType_ROUND_ROBIN
		}, nil},
		"HTTPS, checked elsewhere by HTTP": {func(p *TargetGroupProps) {
			p.Protocol, p.ProtocolVersion = elbv2.ApplicationProtocol_HTTPS, elbv2.ApplicationProtocolVersion_HTTP2
			p.HealthCheck = TargetHealthCheck{Protocol: elbv2.Protocol_HTTP, Port: 8081}
			p.LoadBalancingAlgorithm, p.AnomalyMitigation = elbv2.TargetGroupLoadBalancingAlgorithmType_WEIGHTED_RANDOM, true
			p.CrossZone, p.StickinessDuration = new(true), time.Hour
			p.MinHealthyTargets = MinHealthyTargets{DnsFailoverCount: 2, RoutingFailoverCount: 2, DnsFailoverPercent: 50}
		}, nil},
		"gRPC": {func(p *TargetGroupProps) { p.ProtocolVersion = elbv2.ApplicationProtocolVersion_GRPC }, nil},
		"everything": {func(p *TargetGroupProps) {
			p.SlowStart, p.StickinessDuration, p.TargetType = 30*time.Second, time.Hour, elbv2.TargetType_INSTANCE
			p.HealthCheck = TargetHealthCheck{Path: "/up", HealthyHttpCodes: "200-299,404", Interval: 5 * time.Second}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := TargetGroupProps{Vpc: fake.TwoZones()}
			c.change(&p)
			fake.Refused(t, p.Validate(), c.want...)
		})
	}
}

func TestTargetGroupDefaults(t *testing.T) {
	for version, want := range map[elbv2.ApplicationProtocolVersion]TargetHealthCheck{
		"":                                    {Path: "/", HealthyHttpCodes: "200"},
		elbv2.ApplicationProtocolVersion_GRPC: {Path: "/AWS.ALB/healthcheck", HealthyGrpcCodes: "12"},
	} {
		p := TargetGroupProps{ProtocolVersion: version}
		p.setDefaults()
		want.Interval, want.Timeout, want.HealthyThresholdCount, want.UnhealthyThresholdCount = 15*time.Second, 5*time.Second, 2, 3
		assert.Equal(t, want, p.HealthCheck, "%q", version)
	}
	encrypted := TargetGroupProps{Protocol: elbv2.ApplicationProtocol_HTTPS}
	encrypted.setDefaults()
	assert.Equal(t, elbv2.Protocol_HTTPS, encrypted.HealthCheck.Protocol, "AWS checks by HTTP, which targets that speak TLS refuse")
	h := TargetHealthCheck{Interval: 5 * time.Second}
	h.setDefaults(false)
	assert.Equal(t, 4*time.Second, h.Timeout, "it must be less than Interval")
}

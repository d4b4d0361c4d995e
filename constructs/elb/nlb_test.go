package elb

import (
	"testing"
	"time"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/network"
	"awscontainers/internal/balancer"
	"awscontainers/internal/fake"
)

func TestNetworkLoadBalancersAreRefused(t *testing.T) {
	vpc := fake.TwoZones()
	elasticIps := []string{"eipalloc-0123456789abcdef0", "eipalloc-0123456789abcdef1"}
	for name, c := range map[string]struct {
		props NetworkLoadBalancerProps
		want  []string
	}{
		"nothing": {NetworkLoadBalancerProps{}, []string{"Vpc is required; use network.NewVpc or network.VpcFrom"}},
		"facing the internet from inside": {NetworkLoadBalancerProps{Vpc: vpc, InternetFacing: true, Subnets: network.Private},
			[]string{`Subnets must be "public" with InternetFacing; got "private"`}},
		"no such subnets": {NetworkLoadBalancerProps{Vpc: vpc, Subnets: network.Isolated},
			[]string{`Subnets must be a type of subnets that the VPC has (2 public, 2 private, 0 isolated); got "isolated"; ` +
				`set IsolatedSubnets of network.VpcProps, or use network.Private`}},
		"ranges": {NetworkLoadBalancerProps{Vpc: vpc, IngressCidrs: []string{"10.0.0.1"}},
			[]string{`IngressCidrs[0] must be an IPv4 range such as "203.0.113.0/24", or "203.0.113.7/32" for one address; got "10.0.0.1"`}},
		"nobody": {NetworkLoadBalancerProps{Vpc: vpc, IngressCidrs: []string{}},
			[]string{"IngressCidrs must be nil for the default, or have at least one range; got an empty list"}},
		"static addresses of both kinds": {NetworkLoadBalancerProps{Vpc: vpc, InternetFacing: true, ElasticIps: true, AllocationIds: elasticIps},
			[]string{"ElasticIps must not be set together with AllocationIds; remove one of them"}},
		"public addresses of an internal one": {NetworkLoadBalancerProps{Vpc: vpc, ElasticIps: true},
			[]string{"ElasticIps requires InternetFacing; set it, or use PrivateAddresses"}},
		"own public addresses of an internal one": {NetworkLoadBalancerProps{Vpc: vpc, AllocationIds: elasticIps},
			[]string{"AllocationIds requires InternetFacing; set it, or use PrivateAddresses"}},
		"private addresses of one in the internet": {
			NetworkLoadBalancerProps{Vpc: vpc, InternetFacing: true, PrivateAddresses: []string{"10.0.0.10", "10.0.1.10"}},
			[]string{"PrivateAddresses must not be set together with InternetFacing; use ElasticIps or AllocationIds"}},
		"addresses": {NetworkLoadBalancerProps{Vpc: vpc, InternetFacing: true, AllocationIds: []string{"203.0.113.1"}}, []string{
			`AllocationIds[0] must be the allocation id of an Elastic IP such as "eipalloc-0123456789abcdef0"; got "203.0.113.1"`,
			"AllocationIds must have one value for each of the 2 zones of the subnets; got 1",
		}},
		"an address twice": {NetworkLoadBalancerProps{Vpc: vpc, PrivateAddresses: []string{"10.0.0.10", "10.0.0.10"}},
			[]string{`PrivateAddresses[1] must not repeat PrivateAddresses[0]; got "10.0.0.10"`}},
		"an address of IPv6": {NetworkLoadBalancerProps{Vpc: vpc, PrivateAddresses: []string{"10.0.0.10", "2001:db8::1"}},
			[]string{`PrivateAddresses[1] must be an IPv4 address such as "10.0.1.10"; got "2001:db8::1"`}},
		"offered to nobody": {NetworkLoadBalancerProps{Vpc: vpc, EndpointService: &EndpointService{}},
			[]string{"EndpointService.AllowedPrincipals is required; set the ARNs of the accounts, users or roles that may connect"}},
		"offered to whom": {NetworkLoadBalancerProps{Vpc: vpc, EndpointService: &EndpointService{AllowedPrincipals: []string{
			"111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root"}}}, []string{
			`EndpointService.AllowedPrincipals[0] must be a principal such as "arn:aws:iam::111122223333:root", or "*"; got "111122223333"`,
			`EndpointService.AllowedPrincipals[2] must not repeat AllowedPrincipals[1]; got "arn:aws:iam::111122223333:root"`,
		}},
		"offered to the world": {NetworkLoadBalancerProps{Vpc: vpc,
			EndpointService: &EndpointService{AllowedPrincipals: []string{"*"}, AcceptanceRequired: new(false)}},
			[]string{`EndpointService.AcceptanceRequired must be true with the principal "*", because otherwise every account could connect`}},
		"logs": {NetworkLoadBalancerProps{Vpc: vpc, AccessLogRetentionDays: -1},
			[]string{"AccessLogRetentionDays must be 0 or greater; got -1"}},
		"a zone is enough": {NetworkLoadBalancerProps{Vpc: fake.Vpc{Public: "aa"}, InternetFacing: true}, nil},
		"everything": {NetworkLoadBalancerProps{Vpc: vpc, PrivateAddresses: []string{"10.0.0.10", "${Token[Address.1]}"}, CrossZone: true,
			EndpointService: &EndpointService{AllowedPrincipals: []string{"*"}}, AccessLogRetentionDays: 1,
			IngressCidrs: []string{"10.0.0.0/8"}}, nil},
	} {
		t.Run(name, func(t *testing.T) { fake.Refused(t, c.props.Validate(), c.want...) })
	}
}

func TestNetworkListenersAreRefused(t *testing.T) {
	nlb := &NetworkLoadBalancer{Construct: fake.Construct{}, LoadBalancer: struct{ elbv2.NetworkLoadBalancer }{}}
	group := func() *NetworkTargetGroup {
		return &NetworkTargetGroup{Construct: fake.Construct{}, TargetGroup: struct{ elbv2.NetworkTargetGroup }{}}
	}
	twice := group()
	for name, c := range map[string]struct {
		change func(p *NetworkListenerProps)
		want   []string
	}{
		"nothing": {func(p *NetworkListenerProps) { *p = NetworkListenerProps{} }, []string{
			"LoadBalancer is required; use elb.NewNetworkLoadBalancer",
			"Port must be an integer from 1 to 65535; got 0",
			"Forward is required; set at least one target group",
		}},
		"protocol": {func(p *NetworkListenerProps) { p.Protocol = elbv2.Protocol_HTTP },
			[]string{`Protocol must be "TCP", "TLS", "UDP" or "TCP_UDP"; got "HTTP"`}},
		"nobody": {func(p *NetworkListenerProps) { p.IngressCidrs = []string{} },
			[]string{"IngressCidrs must be nil for the default, or have at least one range; got an empty list"}},
		"TLS without certificate": {func(p *NetworkListenerProps) { p.Protocol = elbv2.Protocol_TLS },
			[]string{"CertificateArn is required with Protocol TLS; set it, or use Protocol TCP for targets that decrypt themselves"}},
		"TLS": {func(p *NetworkListenerProps) {
			p.CertificateArn, p.AlpnPolicy, p.IdleTimeout = "x", "HTTP3", time.Minute
		}, []string{
			`CertificateArn must be the ARN of an ACM certificate such as "arn:aws:acm:<region>:<account>:certificate/<id>"; got "x"`,
			`AlpnPolicy must be "HTTP1_ONLY", "HTTP2_ONLY", "HTTP2_OPTIONAL", "HTTP2_PREFERRED" or "NONE"; got "HTTP3"`,
			"IdleTimeout must not be set with Protocol TLS; got 1m; remove it",
		}},
		"what is for TLS": {func(p *NetworkListenerProps) {
			p.Protocol, p.CertificateArn = elbv2.Protocol_TCP, certificateOfIreland
			p.SslPolicy, p.AlpnPolicy = elbv2.SslPolicy_TLS12, elbv2.AlpnPolicy_NONE
		}, []string{
			"CertificateArn requires Protocol TLS; remove it, or set Protocol to TLS",
			"SslPolicy requires Protocol TLS; remove it, or set Protocol to TLS",
			"AlpnPolicy requires Protocol TLS; remove it, or set Protocol to TLS",
		}},
		"idle timeout of UDP": {func(p *NetworkListenerProps) { p.Protocol, p.IdleTimeout = elbv2.Protocol_UDP, time.Minute },
			[]string{"IdleTimeout must not be set with Protocol UDP; got 1m; remove it"}},
		"idle timeout": {func(p *NetworkListenerProps) { p.IdleTimeout = 59 * time.Second },
			[]string{"IdleTimeout must be whole seconds from 1m to 1h40m; got 59s"}},
		"target groups": {func(p *NetworkListenerProps) {
			p.Forward = []WeightedNetworkTargetGroup{{nil, -1}, {twice, 0}, {twice, 1000}}
		}, []string{
			"Forward[0].TargetGroup is required; use elb.NewNetworkTargetGroup",
			"Forward[0].Weight must be an integer from 0 to 999; got -1",
			"Forward[2].TargetGroup must not repeat another target group of the listener",
			"Forward[2].Weight must be an integer from 0 to 999; got 1000",
		}},
		"nothing for several": {func(p *NetworkListenerProps) { p.Forward = []WeightedNetworkTargetGroup{{group(), 0}, {group(), 0}} },
			[]string{"Forward must have a Weight above 0 for at least one target group"}},
		"TCP": {func(*NetworkListenerProps) {}, nil},
		"TLS in full": {func(p *NetworkListenerProps) {
			p.CertificateArn, p.SslPolicy, p.AlpnPolicy = certificateOfIreland, elbv2.SslPolicy_TLS12, elbv2.AlpnPolicy_HTTP2_PREFERRED
		}, nil},
		"TCP and UDP": {func(p *NetworkListenerProps) { p.Protocol, p.IdleTimeout = elbv2.Protocol_TCP_UDP, time.Minute }, nil},
		"shared":      {func(p *NetworkListenerProps) { p.Forward = []WeightedNetworkTargetGroup{{group(), 0}, {group(), 1}} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := NetworkListenerProps{LoadBalancer: nlb, Port: 80, Forward: []WeightedNetworkTargetGroup{{TargetGroup: group()}}}
			c.change(&p)
			fake.Refused(t, p.Validate(), c.want...)
		})
	}
}

// What only the load balancer tells.
func TestNetworkListenersAreRefusedForWhereTheyStand(t *testing.T) {
	nlb := &NetworkLoadBalancer{known: balancer.Network{Region: "us-east-1", Ports: balancer.Ports{80: "Stack/Other"}}}
	p := NetworkListenerProps{LoadBalancer: nlb, Port: 80, CertificateArn: certificateOfIreland}
	fake.Refused(t, p.validateIn(),
		`Port must not be the port of Stack/Other on the load balancer; got 80; `+
			`use another port, or Protocol "TCP_UDP" for TCP and UDP on one port`,
		`CertificateArn must be in the load balancer's Region, us-east-1; got "`+certificateOfIreland+`"; request a certificate there`)
	p.Port, p.CertificateArn = 81, ""
	fake.Refused(t, p.validateIn())
	for port := range 50 {
		nlb.known.Ports.Take(1000+port, "Stack/Other")
	}
	fake.Refused(t, p.validateIn(),
		"Port must not need another listener, because a Network Load Balancer has at most 50; use another load balancer")
	fake.Refused(t, (&NetworkListenerProps{}).validateIn())
}

func TestNetworkTargetGroupsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *NetworkTargetGroupProps)
		want   []string
	}{
		"nothing": {func(p *NetworkTargetGroupProps) { *p = NetworkTargetGroupProps{} },
			[]string{"Vpc is required; use network.NewVpc or network.VpcFrom"}},
		"port": {func(p *NetworkTargetGroupProps) { p.Port = 65536 }, []string{"Port must be an integer from 1 to 65535; got 65536"}},
		"kinds": {func(p *NetworkTargetGroupProps) { p.TargetType, p.Protocol = "alb", "HTTP" }, []string{
			`TargetType must be "IP" or "INSTANCE"; got "alb"`,
			`Protocol must be "TCP", "TLS", "UDP" or "TCP_UDP"; got "HTTP"`,
		}},
		"UDP": {func(p *NetworkTargetGroupProps) { p.Protocol, p.PreserveClientIp = elbv2.Protocol_UDP, new(false) }, []string{
			"PreserveClientIp must be true with Protocol UDP; remove it",
			"HealthCheck.Port is required with Protocol UDP, because health checks use TCP, HTTP or HTTPS",
		}},
		"delay": {func(p *NetworkTargetGroupProps) { p.DeregistrationDelay = 3601 * time.Second },
			[]string{"DeregistrationDelay must be whole seconds from 1s to 1h; got 1h0m1s"}},
		"health check by UDP": {func(p *NetworkTargetGroupProps) { p.HealthCheck.Protocol = elbv2.Protocol_UDP },
			[]string{`HealthCheck.Protocol must be "TCP", "HTTP" or "HTTPS"; got "UDP"`}},
		"health check of TCP with a path": {func(p *NetworkTargetGroupProps) {
			p.HealthCheck = NetworkHealthCheck{Protocol: elbv2.Protocol_TCP, Path: "/up"}
		}, []string{`HealthCheck.Path requires Protocol HTTP or HTTPS; got "/up"`}},
		"codes without HTTP": {func(p *NetworkTargetGroupProps) { p.HealthCheck.HealthyHttpCodes = "200" },
			[]string{`HealthCheck.HealthyHttpCodes requires Protocol HTTP or HTTPS; got "200"`}},
		"interval without its unit": {func(p *NetworkTargetGroupProps) { p.HealthCheck.Interval = 30 },
			[]string{"HealthCheck.Interval must be whole seconds from 5s to 5m; got 30ns; use a time.Duration such as 30 * time.Second"}},
		"health check": {func(p *NetworkTargetGroupProps) {
			p.HealthCheck = NetworkHealthCheck{Path: "up", HealthyHttpCodes: "100-600", Interval: 4 * time.Second, Timeout: 121 * time.Second,
				HealthyThresholdCount: 1, UnhealthyThresholdCount: 11, Port: 70000}
		}, []string{
			`HealthCheck.Path must begin with / and have at most 1024 characters without spaces; got "up"`,
			`HealthCheck.HealthyHttpCodes must be codes from 200 to 599 such as "200", "200,204" or "200-299"; got "100-600"`,
			"HealthCheck.Port must be an integer from 1 to 65535; got 70000",
			"HealthCheck.Interval must be whole seconds from 5s to 5m; got 4s",
			"HealthCheck.Timeout must be whole seconds from 2s to 2m; got 2m1s",
			"HealthCheck.HealthyThresholdCount must be an integer from 2 to 10; got 1",
			"HealthCheck.UnhealthyThresholdCount must be an integer from 2 to 10; got 11",
		}},
		"TCP": {func(*NetworkTargetGroupProps) {}, nil},
		"checked by HTTPS": {func(p *NetworkTargetGroupProps) {
			p.HealthCheck = NetworkHealthCheck{Protocol: elbv2.Protocol_HTTPS, HealthyHttpCodes: "200,503-599", Interval: 5 * time.Second}
		}, nil},
		"UDP checked elsewhere": {func(p *NetworkTargetGroupProps) { p.Protocol, p.HealthCheck.Port = elbv2.Protocol_UDP, 8081 }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := NetworkTargetGroupProps{Vpc: fake.TwoZones()}
			c.change(&p)
			fake.Refused(t, p.Validate(), c.want...)
		})
	}
}

// What is left out follows the protocol, as at AWS, except for the health check, which is quicker.
func TestNetworkTargetGroupDefaults(t *testing.T) {
	for protocol, isUdp := range map[elbv2.Protocol]bool{"": false, elbv2.Protocol_TLS: false, elbv2.Protocol_UDP: true,
		elbv2.Protocol_TCP_UDP: true} {
		p := NetworkTargetGroupProps{Protocol: protocol}
		p.setDefaults()
		assert.Equal(t, isUdp, *p.PreserveClientIp, "%q", protocol)
		assert.Equal(t, isUdp, *p.ConnectionTermination, "%q", protocol)
		assert.Equal(t, NetworkHealthCheck{Protocol: elbv2.Protocol_TCP, Interval: 15 * time.Second, Timeout: 5 * time.Second,
			HealthyThresholdCount: 2, UnhealthyThresholdCount: 3}, p.HealthCheck, "%q", protocol)
		assert.Equal(t, time.Minute, p.DeregistrationDelay, "%q", protocol)
	}
	h := NetworkHealthCheck{Path: "/up"}
	h.setDefaults()
	assert.Equal(t, elbv2.Protocol_HTTP, h.Protocol)
	assert.Equal(t, "200-399", h.HealthyHttpCodes)
}

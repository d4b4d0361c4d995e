package ecs

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/network"
)

const ofIreland = "arn:aws:acm:eu-west-1:111122223333:certificate/1"

// anyNlb is one that was made, in Ireland, whose port 9999 another service has.
func anyNlb() *elb.NetworkLoadBalancer {
	return &elb.NetworkLoadBalancer{LoadBalancer: struct{ elbv2.NetworkLoadBalancer }{}, Region: "eu-west-1", Zones: 3, Ports: map[int]string{9999: "Stack/Other"}}
}

func TestNetworkLoadBalancersAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		props elb.NetworkLoadBalancerProps
		want  []string
	}{
		"nothing": {elb.NetworkLoadBalancerProps{}, []string{"Vpc is missing; give the VPC in which the load balancer stands"}},
		"facing the internet from inside": {elb.NetworkLoadBalancerProps{Vpc: anyVpc{}, InternetFacing: true, Subnets: network.Private},
			[]string{`Subnets "private" cannot hold a load balancer that is InternetFacing; use "public"`}},
		"no such subnets": {elb.NetworkLoadBalancerProps{Vpc: anyVpc{}, Subnets: network.Isolated},
			[]string{`Subnets must be a type of subnets that the VPC has (2 public, 2 private, 0 isolated); got "isolated"`}},
		"ranges": {elb.NetworkLoadBalancerProps{Vpc: anyVpc{}, IngressCidrs: []string{"10.0.0.1"}},
			[]string{`IngressCidrs[0] "10.0.0.1" is not an IPv4 range; write it as "203.0.113.0/24"`}},
		"nobody": {elb.NetworkLoadBalancerProps{Vpc: anyVpc{}, IngressCidrs: []string{}},
			[]string{"IngressCidrs is an empty list, which would let in whom it should keep out; leave it nil for everybody, or name ranges"}},
		"static addresses of both kinds": {elb.NetworkLoadBalancerProps{Vpc: anyVpc{}, InternetFacing: true, ElasticIps: true,
			AllocationIds: []string{"eipalloc-0123456789abcdef0", "eipalloc-0123456789abcdef1"}},
			[]string{"ElasticIps is true beside AllocationIds, which are such; leave one of them out"}},
		"public addresses of an internal one": {elb.NetworkLoadBalancerProps{Vpc: anyVpc{}, ElasticIps: true},
			[]string{"ElasticIps are reached from the internet, and the load balancer is internal; set InternetFacing, or give PrivateAddresses"}},
		"own public addresses of an internal one": {elb.NetworkLoadBalancerProps{Vpc: anyVpc{}, AllocationIds: []string{"eipalloc-0123456789abcdef0", "eipalloc-0123456789abcdef1"}},
			[]string{"AllocationIds are reached from the internet, and the load balancer is internal; set InternetFacing, or give PrivateAddresses"}},
		"private addresses of one in the internet": {elb.NetworkLoadBalancerProps{Vpc: anyVpc{}, InternetFacing: true, PrivateAddresses: []string{"10.0.0.10", "10.0.1.10"}},
			[]string{"PrivateAddresses are those of an internal load balancer; leave InternetFacing out, or use ElasticIps"}},
		"addresses": {elb.NetworkLoadBalancerProps{Vpc: anyVpc{}, InternetFacing: true, AllocationIds: []string{"203.0.113.1"}}, []string{
			`AllocationIds[0] "203.0.113.1" has not the right form; write it as "eipalloc-0123456789abcdef0"`,
			"AllocationIds are 1 for subnets in 2 zones; give one a zone",
		}},
		"an address twice": {elb.NetworkLoadBalancerProps{Vpc: anyVpc{}, PrivateAddresses: []string{"10.0.0.10", "10.0.0.10"}},
			[]string{`PrivateAddresses[1] "10.0.0.10" is named twice; give each zone its own`}},
		"an address of IPv6": {elb.NetworkLoadBalancerProps{Vpc: anyVpc{}, PrivateAddresses: []string{"10.0.0.10", "2001:db8::1"}},
			[]string{`PrivateAddresses[1] "2001:db8::1" has not the right form; write it as "10.0.1.10"`}},
		"offered to nobody": {elb.NetworkLoadBalancerProps{Vpc: anyVpc{}, EndpointService: &elb.EndpointService{}},
			[]string{"EndpointService.AllowedPrincipals is empty, so that nobody could connect; give ARNs of accounts, users or roles"}},
		"offered to whom": {elb.NetworkLoadBalancerProps{Vpc: anyVpc{}, EndpointService: &elb.EndpointService{AllowedPrincipals: []string{
			"111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root"}}}, []string{
			`EndpointService.AllowedPrincipals[0] "111122223333" is no principal; write it as "arn:aws:iam::111122223333:root"`,
			`EndpointService.AllowedPrincipals[2] "arn:aws:iam::111122223333:root" is named twice; name it once`,
		}},
		"offered to the world": {elb.NetworkLoadBalancerProps{Vpc: anyVpc{}, EndpointService: &elb.EndpointService{AllowedPrincipals: []string{"*"}, AcceptanceRequired: new(false)}},
			[]string{`EndpointService.AcceptanceRequired is false beside the principal "*", so that every account could connect; leave it out, or name principals`}},
		"logs": {elb.NetworkLoadBalancerProps{Vpc: anyVpc{}, AccessLogRetentionDays: -1},
			[]string{"AccessLogRetentionDays -1 is negative; use 1 or more, or leave it out"}},
		"a zone is enough": {elb.NetworkLoadBalancerProps{Vpc: oneZoneVpc{}, InternetFacing: true}, nil},
		"all of it": {elb.NetworkLoadBalancerProps{Vpc: anyVpc{}, PrivateAddresses: []string{"10.0.0.10", "${Token[Address.1]}"}, CrossZone: true,
			EndpointService: &elb.EndpointService{AllowedPrincipals: []string{"*"}}, AccessLogRetentionDays: 1, IngressCidrs: []string{"10.0.0.0/8"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			c.props.SetDefaults()
			assertProblems(t, c.props.Validate(), c.want...)
		})
	}
}

// udpTask has a container that listens for UDP alone, and beside it, if told, one that listens for TCP.
func udpTask(beside ...Container) *Task {
	dns := container("dns")
	dns.PortMappings = []PortMapping{{ContainerPort: 53, Protocol: awsecs.Protocol_UDP}}
	return taskOf(TaskProps{Containers: append([]Container{dns}, beside...)})
}

func TestNlbListenersAreRefused(t *testing.T) {
	shared := anyNlb()
	health := container("health")
	health.PortMappings = []PortMapping{{ContainerPort: 8081}}
	for name, c := range map[string]struct {
		change func(p *ServiceProps, l *NlbListener)
		want   []string
	}{
		"nothing": {func(_ *ServiceProps, l *NlbListener) { *l = NlbListener{} }, []string{
			"Exposure.Nlb[0].LoadBalancer is missing; make it with ecs.NewNetworkLoadBalancer",
			"Exposure.Nlb[0].Port must be an integer from 1 to 65535; got 0",
		}},
		"port of another service": {func(_ *ServiceProps, l *NlbListener) { l.Port = 9999 },
			[]string{`Exposure.Nlb[0].Port 9999 is taken by Stack/Other on the same load balancer; give each listener its own, or use "TCP_UDP" for TCP and UDP at one port`}},
		"port twice": {func(p *ServiceProps, l *NlbListener) { p.Exposure.Nlb = append(p.Exposure.Nlb, *l) },
			[]string{`Exposure.Nlb[1].Port 80 is taken by Nlb[0] on the same load balancer; give each listener its own, or use "TCP_UDP" for TCP and UDP at one port`}},
		"protocol": {func(_ *ServiceProps, l *NlbListener) { l.Protocol = elbv2.Protocol_HTTP },
			[]string{`Exposure.Nlb[0].Protocol "HTTP" is none of a Network Load Balancer; use TCP, TLS, UDP or TCP_UDP`}},
		"TLS without certificate": {func(_ *ServiceProps, l *NlbListener) { l.Protocol = elbv2.Protocol_TLS },
			[]string{`Exposure.Nlb[0].CertificateArn is missing; TLS needs a certificate of AWS Certificate Manager (tasks that decrypt themselves need none: use "TCP")`}},
		"certificate of elsewhere": {func(_ *ServiceProps, l *NlbListener) {
			l.CertificateArn = "arn:aws:acm:us-east-1:111122223333:certificate/1"
		},
			[]string{`Exposure.Nlb[0].CertificateArn "arn:aws:acm:us-east-1:111122223333:certificate/1" is of Region us-east-1; a load balancer in eu-west-1 takes only certificates of its own Region; request one there`}},
		"TLS and what it cannot": {func(_ *ServiceProps, l *NlbListener) {
			l.CertificateArn, l.AlpnPolicy, l.Sticky, l.IdleTimeout = ofIreland, "HTTP3", true, time.Minute
		}, []string{
			`Exposure.Nlb[0].AlpnPolicy "HTTP3" is unknown; use HTTP1_ONLY, HTTP2_ONLY, HTTP2_OPTIONAL, HTTP2_PREFERRED or NONE`,
			`Exposure.Nlb[0].Sticky is true, which cannot be for TLS; leave it out, or let the tasks decrypt behind "TCP"`,
			"Exposure.Nlb[0].IdleTimeout 1m0s cannot be chosen for TLS; leave it out",
		}},
		"what is for TLS": {func(_ *ServiceProps, l *NlbListener) {
			l.Protocol, l.CertificateArn, l.SslPolicy, l.AlpnPolicy, l.EncryptToTasks = elbv2.Protocol_TCP, ofIreland, elbv2.SslPolicy_TLS12, elbv2.AlpnPolicy_NONE, true
		}, []string{
			`Exposure.Nlb[0].CertificateArn is for TLS, and the Protocol is TCP; leave it out, or use "TLS"`,
			`Exposure.Nlb[0].SslPolicy is for TLS, and the Protocol is TCP; leave it out, or use "TLS"`,
			`Exposure.Nlb[0].AlpnPolicy is for TLS, and the Protocol is TCP; leave it out, or use "TLS"`,
			`Exposure.Nlb[0].EncryptToTasks is for TLS, and the Protocol is TCP; leave it out, or use "TLS"`,
		}},
		"container": {func(_ *ServiceProps, l *NlbListener) { l.ContainerName = "api" },
			[]string{`Exposure.Nlb[0].ContainerName "api" is no container of the task; use web`}},
		"port that is not mapped": {func(_ *ServiceProps, l *NlbListener) { l.ContainerPort = 81 },
			[]string{`Exposure.Nlb[0].ContainerPort 81 is no TCP port of container "web"; use 8080`}},
		"TCP to a container that speaks UDP": {func(p *ServiceProps, l *NlbListener) { p.Task = udpTask() },
			[]string{"Exposure.Nlb[0].ContainerName is empty and no container of the task has PortMappings for TCP; give one the port that it listens on"}},
		"UDP to a container that speaks TCP": {func(_ *ServiceProps, l *NlbListener) { l.Protocol, l.ContainerName = elbv2.Protocol_UDP, "web" },
			[]string{`Exposure.Nlb[0].ContainerName "web" has no PortMappings for UDP; give it the port that it listens on`}},
		// The check of a UDP listener comes by TCP, and nobody listens for it.
		"UDP that nothing can check": {func(p *ServiceProps, l *NlbListener) { p.Task, l.Protocol = udpTask(), elbv2.Protocol_UDP },
			[]string{"Exposure.Nlb[0].HealthCheck.Port is missing; checks of a UDP listener come by TCP, HTTP or HTTPS, and no container of the task has PortMappings for TCP: let one listen there, and map that port"}},
		"UDP checked where it listens": {func(p *ServiceProps, l *NlbListener) {
			p.Task, l.Protocol, l.HealthCheck.Port = udpTask(health), elbv2.Protocol_UDP, 53
		}, []string{"Exposure.Nlb[0].HealthCheck.Port 53 is mapped for UDP, and the check comes by TCP; use a port that a container maps for TCP"}},
		"UDP checked where nothing listens": {func(p *ServiceProps, l *NlbListener) {
			p.Task, l.Protocol, l.HealthCheck = udpTask(health), elbv2.Protocol_UDP, NlbHealthCheck{Port: 9000, Path: "/up"}
		}, []string{"Exposure.Nlb[0].HealthCheck.Port 9000 is no port of the task, and the check comes by HTTP; use a port that a container maps for TCP"}},
		// And there is no check by UDP.
		"on instances, checked where none answers": {func(p *ServiceProps, l *NlbListener) {
			p.Cluster, p.Task = ownCluster(), ec2Task(awsecs.NetworkMode_BRIDGE, func(p *TaskProps) { p.Containers[0].PortMappings[0].HostPort = 80 })
			p.Capacity, l.HealthCheck.Port = []CapacityProviderStrategy{share("x86", 1)}, 8080
		}, []string{"Exposure.Nlb[0].HealthCheck.Port 8080 is no port of the instance at which the task answers by TCP; map one with a HostPort, and name that"}},
		"UDP on instances that nothing can check": {func(p *ServiceProps, l *NlbListener) {
			p.Cluster, p.Capacity, l.Protocol = ownCluster(), []CapacityProviderStrategy{share("x86", 1)}, elbv2.Protocol_UDP
			p.Task = ec2Task(awsecs.NetworkMode_BRIDGE, func(p *TaskProps) { p.Containers[0].PortMappings[0].Protocol = awsecs.Protocol_UDP })
		}, []string{"Exposure.Nlb[0].HealthCheck.Port is missing; checks of a UDP listener come by TCP, HTTP or HTTPS, at a port of the instance: map one for TCP with a HostPort, and name that"}},
		"UDP checked by UDP": {func(p *ServiceProps, l *NlbListener) {
			p.Task, l.Protocol, l.HealthCheck.Protocol = udpTask(health), elbv2.Protocol_UDP, elbv2.Protocol_UDP
		}, []string{`Exposure.Nlb[0].HealthCheck.Protocol "UDP" cannot tell whether a task is healthy; use TCP, HTTP or HTTPS, also where clients speak another`}},
		"UDP without the clients' addresses": {func(p *ServiceProps, l *NlbListener) {
			p.Task, l.Protocol, l.PreserveClientIp, l.IdleTimeout = udpTask(health), elbv2.Protocol_UDP, new(false), time.Minute
		}, []string{
			"Exposure.Nlb[0].PreserveClientIp is false, which cannot be for UDP; leave it out",
			"Exposure.Nlb[0].IdleTimeout 1m0s cannot be chosen for UDP; leave it out",
		}},
		"health check of TCP with what is for HTTP": {func(_ *ServiceProps, l *NlbListener) {
			l.HealthCheck = NlbHealthCheck{Protocol: elbv2.Protocol_TCP, Path: "/up", HealthyHttpCodes: "200"}
		}, []string{`Exposure.Nlb[0].HealthCheck.Path "/up" is for HTTP, and the check is by TCP; leave it out, or use Protocol "HTTP"`}},
		"codes without HTTP": {func(_ *ServiceProps, l *NlbListener) { l.HealthCheck.HealthyHttpCodes = "200" },
			[]string{`Exposure.Nlb[0].HealthCheck.HealthyHttpCodes "200" are for HTTP, and the check is by TCP; leave them out, or use Protocol "HTTP"`}},
		"health check": {func(_ *ServiceProps, l *NlbListener) {
			l.HealthCheck = NlbHealthCheck{Path: "up", HealthyHttpCodes: "100-600", Interval: 4 * time.Second, Timeout: 121 * time.Second,
				HealthyThresholdCount: 1, UnhealthyThresholdCount: 11, Port: 70000}
		}, []string{
			`Exposure.Nlb[0].HealthCheck.Path must begin with / and have up to 1024 characters without blanks; got "up"`,
			`Exposure.Nlb[0].HealthCheck.HealthyHttpCodes "100-600" are no codes from 200 to 599; write "200", "200,204" or "200-299"`,
			"Exposure.Nlb[0].HealthCheck.Port must be an integer from 1 to 65535; got 70000",
			"Exposure.Nlb[0].HealthCheck.Interval must be whole seconds from 5s to 5m0s; got 4s",
			"Exposure.Nlb[0].HealthCheck.Timeout must be whole seconds from 2s to 2m0s; got 2m1s",
			"Exposure.Nlb[0].HealthCheck.Timeout 2m1s is more than Interval 4s; shorten the one or lengthen the other",
			"Exposure.Nlb[0].HealthCheck.HealthyThresholdCount 1 is out of range; use 2 to 10",
			"Exposure.Nlb[0].HealthCheck.UnhealthyThresholdCount 11 is out of range; use 2 to 10",
		}},
		"times": {func(_ *ServiceProps, l *NlbListener) {
			l.DeregistrationDelay, l.IdleTimeout = 3601*time.Second, 59*time.Second
		}, []string{
			"Exposure.Nlb[0].IdleTimeout must be whole seconds from 1m0s to 1h40m0s; got 59s",
			"Exposure.Nlb[0].DeregistrationDelay must be whole seconds from 1s to 1h0m0s; got 1h0m1s",
		}},
		"tests of a rolling deployment, at a port that is taken": {func(_ *ServiceProps, l *NlbListener) { l.TestListener = &elb.TestListener{Port: 80} }, []string{
			"Exposure.Nlb[0].TestListener has no new version to show in a rolling deployment; leave it out, or set Deployment.Strategy",
			`Exposure.Nlb[0].TestListener.Port 80 is taken by Nlb[0] on the same load balancer; give each listener its own, or use "TCP_UDP" for TCP and UDP at one port`,
			"Exposure.Nlb[0].TestListener.IngressCidrs is empty, so that nobody could test; name the ranges of your testers",
		}},
		"sticky while traffic shifts": {func(p *ServiceProps, l *NlbListener) { p.Deployment.Strategy, l.Sticky = "BLUE_GREEN", true },
			[]string{"Exposure.Nlb[0].Sticky is true beside a Deployment.Strategy that shifts traffic, from which it would hold clients back; leave one of them out"}},
		"too many target groups": {func(p *ServiceProps, l *NlbListener) {
			for port := range 4 {
				p.Exposure.Nlb = append(p.Exposure.Nlb, NlbListener{LoadBalancer: l.LoadBalancer, Port: 1000 + port})
			}
			p.Exposure.Alb = []AlbRule{{Listener: anyListener{}, Priority: 1, Conditions: elb.AlbConditions{PathPatterns: []string{"/*"}}}}
		}, []string{"Exposure.Nlb has 5 listeners beside 1 rules of Alb, a target group each; ECS takes 5 of a service"}},
		"too many listeners": {func(_ *ServiceProps, l *NlbListener) {
			l.LoadBalancer = anyNlb()
			for port := range 49 {
				l.LoadBalancer.Ports[port+1000] = "Stack/Other"
			}
		}, []string{"Exposure.Nlb[0].LoadBalancer has 51 listeners; a Network Load Balancer takes 50"}},
		"static addresses where no task runs": {func(p *ServiceProps, l *NlbListener) { l.LoadBalancer.Pinned = true },
			[]string{"Exposure.Nlb[0].LoadBalancer has clients that hold its address in one of 3 zones, and the service may have 1 tasks; set CrossZone, or let it have at least 3"}},
		"what counts requests": {func(p *ServiceProps, _ *NlbListener) {
			p.Scaling = &Scaling{MaxCapacity: 2, TargetRequestsPerMinute: 10}
			p.Deployment.RollbackOnErrors = true
		}, []string{
			"Scaling.TargetRequestsPerMinute requires Exposure.Alb, because only an Application Load Balancer counts requests; use CPU or memory",
			"Deployment.RollbackOnErrors requires Exposure.Alb, because only an Application Load Balancer counts errors; use RollbackAlarms",
		}},
		"TCP":                                 {func(*ServiceProps, *NlbListener) {}, nil},
		"three tasks behind static addresses": {func(p *ServiceProps, l *NlbListener) { l.LoadBalancer.Pinned, p.DesiredCount = true, new(3) }, nil},
		"a port of two load balancers": {func(p *ServiceProps, l *NlbListener) {
			p.Exposure.Nlb = append(p.Exposure.Nlb, NlbListener{LoadBalancer: anyNlb(), Port: l.Port})
		}, nil},
		"TLS in full": {func(_ *ServiceProps, l *NlbListener) {
			l.CertificateArn, l.AlpnPolicy, l.EncryptToTasks, l.ProxyProtocolV2, l.PreserveClientIp = ofIreland, elbv2.AlpnPolicy_HTTP2_PREFERRED, true, true, new(true)
			l.HealthCheck = NlbHealthCheck{Protocol: elbv2.Protocol_HTTPS, HealthyHttpCodes: "200,503-599", Interval: 5 * time.Second}
		}, nil},
		"UDP checked in the container beside it": {func(p *ServiceProps, l *NlbListener) { p.Task, l.Protocol = udpTask(health), elbv2.Protocol_UDP }, nil},
		"TCP and UDP, mapped for UDP":            {func(p *ServiceProps, l *NlbListener) { p.Task, l.Protocol = udpTask(), elbv2.Protocol_TCP_UDP }, nil},
		"TCP and UDP, checked at the port itself": {func(p *ServiceProps, l *NlbListener) {
			p.Task, l.Protocol, l.HealthCheck.Port = udpTask(), elbv2.Protocol_TCP_UDP, 53
		}, nil},
		"on instances, checked at a port of theirs": {func(p *ServiceProps, l *NlbListener) {
			p.Cluster, p.Task = ownCluster(), ec2Task(awsecs.NetworkMode_BRIDGE, func(p *TaskProps) { p.Containers[0].PortMappings[0].HostPort = 80 })
			p.Capacity, l.HealthCheck.Port = []CapacityProviderStrategy{share("x86", 1)}, 80
		}, nil},
		"on their network, checked at the container's port": {func(p *ServiceProps, l *NlbListener) {
			p.Cluster, p.Task = ownCluster(), ec2Task(awsecs.NetworkMode_HOST, nil)
			p.Capacity, l.HealthCheck.Port = []CapacityProviderStrategy{share("x86", 1)}, 8080
		}, nil},
		"blue/green with tests": {func(p *ServiceProps, l *NlbListener) {
			p.Deployment.Strategy, l.TestListener = "BLUE_GREEN", &elb.TestListener{Port: 8443, IngressCidrs: []string{"203.0.113.0/24"}}
		}, nil},
		"with a grace period": {func(p *ServiceProps, _ *NlbListener) { p.HealthCheckGracePeriod = time.Minute }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			*shared = *anyNlb()
			p.Exposure = Exposure{Nlb: []NlbListener{{LoadBalancer: shared, Port: 80}}}
			c.change(&p, &p.Exposure.Nlb[0])
			p.setDefaults()
			assertProblems(t, p.validate(), c.want...)
		})
	}
}

// What is left out follows the protocol, as at AWS, but for the health check, which is quicker.
func TestNlbListenerDefaults(t *testing.T) {
	health := container("health")
	health.PortMappings = []PortMapping{{ContainerPort: 8081}}
	slow := container("web")
	slow.PortMappings, slow.StopTimeout = []PortMapping{{ContainerPort: 8080}}, 100*time.Second
	for name, c := range map[string]struct {
		task     *Task
		listener NlbListener
		want     string // protocol, to the tasks, container, port, health check and its port, clients' addresses, termination, delay
	}{
		"TCP":     {taskOf(TaskProps{Containers: []Container{slow}}), NlbListener{}, "TCP TCP web 8080 TCP traffic-port false false 1m40s"},
		"TLS":     {taskOf(TaskProps{Containers: []Container{slow}}), NlbListener{CertificateArn: "x"}, "TLS TCP web 8080 TCP traffic-port false false 1m40s"},
		"UDP":     {udpTask(health), NlbListener{Protocol: elbv2.Protocol_UDP}, "UDP UDP dns 53 TCP 8081 true true 1m0s"},
		"TCP_UDP": {udpTask(health), NlbListener{Protocol: elbv2.Protocol_TCP_UDP}, "TCP_UDP TCP_UDP dns 53 TCP traffic-port true true 1m0s"},
		"HTTP": {taskOf(TaskProps{Containers: []Container{slow, health}}), NlbListener{EncryptToTasks: true, Protocol: elbv2.Protocol_TLS, HealthCheck: NlbHealthCheck{Path: "/up", Port: 8081}},
			"TLS TLS web 8080 HTTP 8081 false false 1m40s"},
	} {
		t.Run(name, func(t *testing.T) {
			l := c.listener
			l.setDefaults(c.task)
			assert.Equal(t, c.want, fmt.Sprint(l.Protocol, " ", l.toTasks(), " ", l.ContainerName, " ", l.ContainerPort, " ", l.HealthCheck.Protocol, " ", l.healthPort(),
				" ", *l.PreserveClientIp, " ", *l.ConnectionTermination, " ", l.DeregistrationDelay))
			assert.Equal(t, []any{15 * time.Second, 5 * time.Second, 2, 3}, []any{l.HealthCheck.Interval, l.HealthCheck.Timeout,
				l.HealthCheck.HealthyThresholdCount, l.HealthCheck.UnhealthyThresholdCount})
		})
	}
}

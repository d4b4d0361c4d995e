package ecs

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/elb"
	"awscontainers/internal/balancer"
	"awscontainers/internal/fake"
)

const ofIreland = "arn:aws:acm:eu-west-1:111122223333:certificate/1"

// anyNlb stands for one that was made, in Ireland, whose port 9999 another service has.
func anyNlb() *elb.NetworkLoadBalancer {
	n := &elb.NetworkLoadBalancer{Construct: fake.Construct{}, LoadBalancer: struct{ elbv2.NetworkLoadBalancer }{}}
	*n.Internal() = balancer.Network{Region: "eu-west-1", Zones: 3, Ports: balancer.Ports{9999: "Stack/Other"}}
	return n
}

// udpTask has a container that listens for UDP alone, and beside it, if told, one that listens for TCP.
func udpTask(beside ...Container) *Task {
	dns := container("dns")
	dns.PortMappings = []PortMapping{{ContainerPort: 53, Protocol: awsecs.Protocol_UDP}}
	return taskOf(TaskProps{Containers: append([]Container{dns}, beside...)})
}

func TestNlbListenersAreRefused(t *testing.T) {
	health := container("health")
	health.PortMappings = []PortMapping{{ContainerPort: 8081}}
	for name, c := range map[string]struct {
		change func(p *ServiceProps, l *NlbListener)
		want   []string
	}{
		"nothing": {func(_ *ServiceProps, l *NlbListener) { *l = NlbListener{} }, []string{
			"Exposure.Nlb[0].LoadBalancer is required; use elb.NewNetworkLoadBalancer",
			"Exposure.Nlb[0].Port must be an integer from 1 to 65535; got 0",
		}},
		"port of another service": {func(_ *ServiceProps, l *NlbListener) { l.Port = 9999 }, []string{
			`Exposure.Nlb[0].Port must not be the port of Stack/Other on the load balancer; got 9999; ` +
				`use another port, or Protocol "TCP_UDP" for TCP and UDP on one port`}},
		"port twice": {func(p *ServiceProps, l *NlbListener) {
			p.Exposure.Nlb = append(p.Exposure.Nlb, *l)
			p.Exposure.Nlb[1].Id = "Again"
		}, []string{
			`Exposure.Nlb[1].Port must not be the port of Nlb[0] on the load balancer; got 80; ` +
				`use another port, or Protocol "TCP_UDP" for TCP and UDP on one port`}},
		"protocol": {func(_ *ServiceProps, l *NlbListener) { l.Protocol = elbv2.Protocol_HTTP },
			[]string{`Exposure.Nlb[0].Protocol must be "TCP", "TLS", "UDP" or "TCP_UDP"; got "HTTP"`}},
		"certificate of elsewhere": {func(_ *ServiceProps, l *NlbListener) {
			l.CertificateArn = "arn:aws:acm:us-east-1:111122223333:certificate/1"
		}, []string{`Exposure.Nlb[0].CertificateArn must be in the load balancer's Region, eu-west-1; ` +
			`got "arn:aws:acm:us-east-1:111122223333:certificate/1"; request a certificate there`}},
		"sticky behind TLS": {func(_ *ServiceProps, l *NlbListener) { l.CertificateArn, l.SourceIpStickiness = ofIreland, true }, []string{
			"Exposure.Nlb[0].SourceIpStickiness is not compatible with Protocol TLS; remove it, or let the tasks decrypt, with Protocol TCP"}},
		"what is for TLS": {func(_ *ServiceProps, l *NlbListener) { l.AlpnPolicy, l.EncryptToTasks = elbv2.AlpnPolicy_NONE, true }, []string{
			"Exposure.Nlb[0].AlpnPolicy requires Protocol TLS; remove it, or set Protocol to TLS",
			"Exposure.Nlb[0].EncryptToTasks requires Protocol TLS; remove it, or set Protocol to TLS",
		}},
		"container": {func(_ *ServiceProps, l *NlbListener) { l.ContainerName = "api" },
			[]string{`Exposure.Nlb[0].ContainerName must be a container of the task: "web"; got "api"`}},
		"port that is not mapped": {func(_ *ServiceProps, l *NlbListener) { l.ContainerPort = 81 },
			[]string{`Exposure.Nlb[0].ContainerPort must be a TCP port of container "web": 8080; got 81`}},
		"TCP to a container that speaks UDP": {func(p *ServiceProps, _ *NlbListener) { p.Task = udpTask() }, []string{
			"Task must have a container with PortMappings for TCP; set PortMappings of the container that receives the requests"}},
		"UDP to a container that speaks TCP": {func(_ *ServiceProps, l *NlbListener) { l.Protocol, l.ContainerName = elbv2.Protocol_UDP, "web" },
			[]string{
				`Exposure.Nlb[0].ContainerName must be a container with PortMappings for UDP; got "web"; add the port that it listens on`}},
		// The check of a UDP listener comes by TCP, and nobody listens for it.
		"UDP that nothing can check": {func(p *ServiceProps, l *NlbListener) { p.Task, l.Protocol = udpTask(), elbv2.Protocol_UDP }, []string{
			"Exposure.Nlb[0].HealthCheck.Port is required with Protocol UDP, because health checks use TCP and no container of the task has " +
				"PortMappings for TCP; listen on a TCP port in one of the containers, and map that port"}},
		"UDP checked where it listens": {func(p *ServiceProps, l *NlbListener) {
			p.Task, l.Protocol, l.HealthCheck.Port = udpTask(health), elbv2.Protocol_UDP, 53
		}, []string{"Exposure.Nlb[0].HealthCheck.Port must be a port that a container of the task maps for TCP; got 53"}},
		"checked where nothing listens": {func(_ *ServiceProps, l *NlbListener) { l.HealthCheck.Port = 9000 },
			[]string{"Exposure.Nlb[0].HealthCheck.Port must be a port that a container of the task maps for TCP; got 9000"}},
		"checked at no port": {func(_ *ServiceProps, l *NlbListener) { l.HealthCheck.Port = 70000 },
			[]string{"Exposure.Nlb[0].HealthCheck.Port must be an integer from 1 to 65535; got 70000"}},
		"on instances, checked where none answers": {func(p *ServiceProps, l *NlbListener) {
			p.Cluster = ownCluster()
			p.Task = ec2Task(awsecs.NetworkMode_BRIDGE, func(p *TaskProps) { p.Containers[0].PortMappings[0].HostPort = 80 })
			p.Capacity, l.HealthCheck.Port = []CapacityProviderStrategy{share("x86", 1)}, 8080
		}, []string{"Exposure.Nlb[0].HealthCheck.Port must be a HostPort that a container of the task maps for TCP; got 8080; " +
			"map a TCP port with a HostPort, and set HealthCheck.Port to the HostPort"}},
		"UDP on instances that nothing can check": {func(p *ServiceProps, l *NlbListener) {
			p.Cluster, p.Capacity, l.Protocol = ownCluster(), []CapacityProviderStrategy{share("x86", 1)}, elbv2.Protocol_UDP
			p.Task = ec2Task(awsecs.NetworkMode_BRIDGE, func(p *TaskProps) { p.Containers[0].PortMappings[0].Protocol = awsecs.Protocol_UDP })
		}, []string{"Exposure.Nlb[0].HealthCheck.Port is required with Protocol UDP, because health checks use TCP on a port of the instance; " +
			"map a TCP port with a HostPort, and set HealthCheck.Port to the HostPort"}},
		"TCP and UDP on instances": {func(p *ServiceProps, l *NlbListener) {
			p.Cluster, p.Capacity, l.Protocol = ownCluster(), []CapacityProviderStrategy{share("x86", 1)}, elbv2.Protocol_TCP_UDP
			p.Task = ec2Task(awsecs.NetworkMode_BRIDGE, nil)
		}, []string{`Exposure.Nlb[0].Protocol must not be TCP_UDP unless the task's NetworkMode is "AWS_VPC", because ECS maps a port of ` +
			"the instance for only one protocol"}},
		"target group": {func(_ *ServiceProps, l *NlbListener) {
			l.DeregistrationDelay, l.HealthCheck.Protocol = 3601*time.Second, elbv2.Protocol_UDP
		}, []string{
			"Exposure.Nlb[0].DeregistrationDelay must be whole seconds from 1s to 1h; got 1h0m1s",
			`Exposure.Nlb[0].HealthCheck.Protocol must be "TCP", "HTTP" or "HTTPS"; got "UDP"`,
		}},
		"tests of a rolling deployment, at a port that is taken": {func(_ *ServiceProps, l *NlbListener) {
			l.TestListener = &elb.TestListener{Port: 80}
		}, []string{
			"Exposure.Nlb[0].TestListener requires Deployment.Strategy BLUE_GREEN, LINEAR or CANARY; set it, or remove TestListener",
			"Exposure.Nlb[0].TestListener.IngressCidrs is required; set the IPv4 ranges of your testers",
			`Exposure.Nlb[0].TestListener.Port must not be the port of Nlb[0] on the load balancer; got 80; ` +
				`use another port, or Protocol "TCP_UDP" for TCP and UDP on one port`,
		}},
		"sticky while traffic shifts": {func(p *ServiceProps, l *NlbListener) {
			p.Deployment, l.SourceIpStickiness = blueGreen(), true
		}, []string{
			"Exposure.Nlb[0].SourceIpStickiness is not compatible with a Deployment.Strategy that shifts traffic, because clients would stay " +
				"on the old version; remove one of them"}},
		"ids that don't tell apart": {func(p *ServiceProps, l *NlbListener) {
			l.Id = "a/b"
			for port, id := range []string{"", "", "Api", "Api"} {
				p.Exposure.Nlb = append(p.Exposure.Nlb, NlbListener{Id: id, LoadBalancer: l.LoadBalancer, Port: 1000 + port})
			}
		}, []string{
			`Exposure.Nlb[0].Id must be 1 to 32 letters and digits such as "Api"; got "a/b"`,
			`Exposure.Nlb[2].Id is required with several listeners: Nlb[1] has none either; set it to a name that you don't change, such as "Api"`,
			`Exposure.Nlb[4].Id must not repeat Nlb[3].Id; got "Api"`,
		}},
		"an id that nobody knows": {func(_ *ServiceProps, l *NlbListener) { l.Id = "${Token[Id.1]}" }, []string{
			`Exposure.Nlb[0].Id must be a literal, not a CDK token, because logical IDs are derived from it`}},
		"too many target groups": {func(p *ServiceProps, l *NlbListener) {
			for port := range 4 {
				p.Exposure.Nlb = append(p.Exposure.Nlb, NlbListener{Id: fmt.Sprint("N", port), LoadBalancer: l.LoadBalancer, Port: 1000 + port})
			}
			p.Exposure.Alb = []AlbRule{onPath(anyAlb(), "/*")}
		}, []string{"Exposure.Nlb must have at most 4 listeners with 1 rules of Alb, because a service has at most 5 target groups; got 5"}},
		"too many listeners": {func(_ *ServiceProps, l *NlbListener) {
			for port := range 49 {
				l.LoadBalancer.Internal().Ports.Take(port+1000, "Stack/Other")
			}
		}, []string{"Exposure.Nlb[0].Port must not need another listener, because a Network Load Balancer has at most 50; use another load " +
			"balancer"}},
		"static addresses where no task runs": {func(_ *ServiceProps, l *NlbListener) { l.LoadBalancer.Internal().OneZonePerClient = true },
			[]string{
				"Exposure.Nlb[0].LoadBalancer requires 3 or more tasks, one for each Availability Zone, because each client uses the address of " +
					"one zone; got 1; " +
					"set CrossZone of the load balancer, or run more tasks"}},
		"zones that don't help each other": {func(_ *ServiceProps, l *NlbListener) {
			l.LoadBalancer.Internal().HasZonalClients, l.CrossZone = true, new(false)
		}, []string{"Exposure.Nlb[0].LoadBalancer requires 3 or more tasks, one for each Availability Zone, because each client uses the " +
			"address of one zone; got 1; set CrossZone of the load balancer, or run more tasks"}},
		"zones that help each other": {func(_ *ServiceProps, l *NlbListener) {
			known := l.LoadBalancer.Internal()
			known.HasZonalClients, known.OneZonePerClient, l.CrossZone = true, true, new(true)
		}, nil},
		"further certificates without TLS": {func(_ *ServiceProps, l *NlbListener) { l.AdditionalCertificateArns = []string{ofIreland} },
			[]string{"Exposure.Nlb[0].AdditionalCertificateArns requires Protocol TLS; remove it, or set Protocol to TLS"}},
		"what counts requests": {func(p *ServiceProps, _ *NlbListener) {
			p.Scaling = &Scaling{MaxCapacity: 2, TargetRequestsPerMinute: 10}
			p.Deployment.RollbackOnErrors = true
		}, []string{
			"Scaling.TargetRequestsPerMinute requires Exposure.Alb, because only an Application Load Balancer counts requests; use CPU or memory",
			"Deployment.RollbackOnErrors requires Exposure.Alb, because only an Application Load Balancer counts errors; use RollbackAlarms",
		}},
		"TCP": {func(*ServiceProps, *NlbListener) {}, nil},
		"three tasks behind static addresses": {func(p *ServiceProps, l *NlbListener) {
			l.LoadBalancer.Internal().OneZonePerClient, p.DesiredCount = true, new(3)
		}, nil},
		"a port of two load balancers": {func(p *ServiceProps, l *NlbListener) {
			p.Exposure.Nlb = append(p.Exposure.Nlb, NlbListener{Id: "Internal", LoadBalancer: anyNlb(), Port: l.Port})
		}, nil},
		"TLS in full": {func(_ *ServiceProps, l *NlbListener) {
			l.CertificateArn, l.AlpnPolicy, l.EncryptToTasks, l.ProxyProtocolV2, l.PreserveClientIp = ofIreland, elbv2.AlpnPolicy_HTTP2_PREFERRED,
				true, true, new(true)
			l.HealthCheck = elb.NetworkHealthCheck{Protocol: elbv2.Protocol_HTTPS, HealthyHttpCodes: "200,503-599", Interval: 5 * time.Second}
		}, nil},
		"UDP checked in the container beside it": {func(p *ServiceProps, l *NlbListener) {
			p.Task, l.Protocol = udpTask(health), elbv2.Protocol_UDP
		}, nil},
		"TCP and UDP, mapped for UDP": {func(p *ServiceProps, l *NlbListener) {
			p.Task, l.Protocol = udpTask(), elbv2.Protocol_TCP_UDP
		}, nil},
		"TCP and UDP, checked at the port itself": {func(p *ServiceProps, l *NlbListener) {
			p.Task, l.Protocol, l.HealthCheck.Port = udpTask(), elbv2.Protocol_TCP_UDP, 53
		}, nil},
		"on instances, checked at a port of theirs": {func(p *ServiceProps, l *NlbListener) {
			p.Cluster, p.Task = ownCluster(), ec2Task(awsecs.NetworkMode_BRIDGE, func(p *TaskProps) {
				p.Containers[0].PortMappings[0].HostPort = 80
			})
			p.Capacity, l.HealthCheck.Port = []CapacityProviderStrategy{share("x86", 1)}, 80
		}, nil},
		"on their network, checked at the container's port": {func(p *ServiceProps, l *NlbListener) {
			p.Cluster, p.Task = ownCluster(), ec2Task(awsecs.NetworkMode_HOST, nil)
			p.Capacity, l.HealthCheck.Port = []CapacityProviderStrategy{share("x86", 1)}, 8080
		}, nil},
		"blue/green with tests": {func(p *ServiceProps, l *NlbListener) {
			p.Deployment, l.TestListener = blueGreen(), &elb.TestListener{Port: 8443, IngressCidrs: []string{"203.0.113.0/24"}}
		}, nil},
		"with a grace period": {func(p *ServiceProps, _ *NlbListener) { p.HealthCheckGracePeriod = time.Minute }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := validService()
			p.Exposure = Exposure{Nlb: []NlbListener{{LoadBalancer: anyNlb(), Port: 80}}}
			c.change(&p, &p.Exposure.Nlb[0])
			p.setDefaults()
			assertProblems(t, serviceError(&p), c.want...)
		})
	}
}

// What is left out follows the protocol and the containers.
func TestNlbListenerDefaults(t *testing.T) {
	health := container("health")
	health.PortMappings = []PortMapping{{ContainerPort: 8081}}
	slow := container("web")
	slow.PortMappings, slow.StopTimeout = []PortMapping{{ContainerPort: 8080}}, 100*time.Second
	for name, c := range map[string]struct {
		task     *Task
		listener NlbListener
		want     string // protocol, to the tasks, container, port, port of the health check, delay
	}{
		"TCP":     {taskOf(TaskProps{Containers: []Container{slow}}), NlbListener{}, "TCP TCP web 8080 0 1m40s"},
		"TLS":     {taskOf(TaskProps{Containers: []Container{slow}}), NlbListener{CertificateArn: "x"}, "TLS TCP web 8080 0 1m40s"},
		"UDP":     {udpTask(health), NlbListener{Protocol: elbv2.Protocol_UDP}, "UDP UDP dns 53 8081 1m0s"},
		"TCP_UDP": {udpTask(health), NlbListener{Protocol: elbv2.Protocol_TCP_UDP}, "TCP_UDP TCP_UDP dns 53 0 1m0s"},
		"encrypted": {taskOf(TaskProps{Containers: []Container{slow, health}}), NlbListener{EncryptToTasks: true, CertificateArn: "x"},
			"TLS TLS web 8080 0 1m40s"},
	} {
		t.Run(name, func(t *testing.T) {
			l := c.listener
			l.setDefaults(c.task)
			assert.Equal(t, c.want, fmt.Sprint(l.Protocol, " ", l.taskProtocol(), " ", l.ContainerName, " ", l.ContainerPort, " ",
				l.HealthCheck.Port, " ", l.DeregistrationDelay))
		})
	}
}

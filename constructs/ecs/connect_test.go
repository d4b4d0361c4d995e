package ecs

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/internal/fake"
)

type anyLogGroup struct{ awslogs.LogGroup }

// connected is a service whose port "web" others may reach, in a cluster with a namespace.
func connected() ServiceProps {
	p := validService()
	p.Cluster = &Cluster{Construct: fake.Construct{}, Cluster: anyCluster{}, hasOwnNamespace: true}
	port := &p.Task.props.Containers[0].PortMappings[0]
	port.Name, port.AppProtocol = "web", AppProtocolHttp
	p.Exposure = Exposure{ServiceConnect: &ServiceConnect{Services: []ServiceConnectService{{PortMappingName: "web"}}}}
	return p
}

func TestConnectionsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *ServiceProps, c *ServiceConnect)
		want   []string
	}{
		"no namespace": {func(p *ServiceProps, _ *ServiceConnect) { p.Cluster = existingCluster(anyCluster{}) }, []string{
			"Exposure.ServiceConnect.Namespace is required, because the cluster has none; set Namespace of the cluster, or set it here"}},
		"unknown port": {func(_ *ServiceProps, c *ServiceConnect) { c.Services[0].PortMappingName = "http" }, []string{
			`Exposure.ServiceConnect.Services[0].PortMappingName must be a Name of the task's PortMappings: "web"; got "http"`}},
		"no port has a name": {func(p *ServiceProps, _ *ServiceConnect) {
			p.Task.props.Containers[0].PortMappings[0] = PortMapping{ContainerPort: 80}
		}, []string{`Exposure.ServiceConnect.Services[0].PortMappingName must be a Name of the task's PortMappings, which have none; got ` +
			`"web"; set one, such as PortMapping{ContainerPort: 80, Name: "api"}`}},
		"UDP": {func(p *ServiceProps, _ *ServiceConnect) {
			p.Task.props.Containers[0].PortMappings[0].Protocol = awsecs.Protocol_UDP
		}, []string{`Exposure.ServiceConnect.Services[0].PortMappingName must be a TCP port; got "web"`}},
		"names": {func(_ *ServiceProps, c *ServiceConnect) {
			c.Services[0].DnsName, c.Services[0].DiscoveryName, c.Services[0].Port = "Web", "web.x", 70000
		}, []string{
			`Exposure.ServiceConnect.Services[0].DnsName must be up to 127 lowercase letters, digits, dots, hyphens and underscores; got "Web"`,
			"Exposure.ServiceConnect.Services[0].Port must be an integer from 1 to 65535; got 70000",
			`Exposure.ServiceConnect.Services[0].DiscoveryName must be up to 64 lowercase letters, digits, hyphens and underscores; got "web.x"`,
		}},
		"timeouts": {func(p *ServiceProps, c *ServiceConnect) {
			p.Task.props.Containers[0].PortMappings[0].AppProtocol = ""
			c.Services[0].PerRequestTimeout, c.Services[0].IdleTimeout = time.Second, time.Millisecond
		}, []string{
			`Exposure.ServiceConnect.Services[0].PerRequestTimeout requires an AppProtocol for port "web"; got 1s`,
			"Exposure.ServiceConnect.Services[0].IdleTimeout must be whole seconds from 1s to 24h; got 1ms",
		}},
		"TLS where the proxy reads requests": {func(p *ServiceProps, _ *ServiceConnect) {
			rule := onPath(anyAlb(), "/*")
			rule.Protocol = elbv2.ApplicationProtocol_HTTPS
			p.Exposure.Alb = []AlbRule{rule}
		}, []string{"Exposure.Alb[0].Protocol must be HTTP at a port that ServiceConnect offers with an AppProtocol, because its proxy " +
			`can't read TLS there; got "HTTPS"; remove AppProtocol of port mapping "web", or Protocol`}},
		"TLS where the proxy reads nothing": {func(p *ServiceProps, _ *ServiceConnect) {
			p.Task.props.Containers[0].PortMappings[0].AppProtocol = ""
			rule := onPath(anyAlb(), "/*")
			rule.Protocol = elbv2.ApplicationProtocol_HTTPS
			p.Exposure.Alb = []AlbRule{rule}
		}, nil},
		"alias twice": {func(_ *ServiceProps, c *ServiceConnect) {
			c.Services = append(c.Services, ServiceConnectService{PortMappingName: "web", DiscoveryName: "web2"})
		}, []string{`Exposure.ServiceConnect.Services[1].DnsName must not be the alias of Services[0], in the same namespace; got "web:8080"`}},
		"alias of another service": {func(p *ServiceProps, _ *ServiceConnect) { p.Cluster.reserveName("", "alias web:8080", "Stack/Other") },
			[]string{
				`Exposure.ServiceConnect.Services[0].DnsName must not be the alias of Stack/Other, in the same namespace; got "web:8080"`}},
		"name of another service": {func(p *ServiceProps, _ *ServiceConnect) {
			p.Cluster.reserveName("", "name in Cloud Map web", "Stack/Other")
		}, []string{
			`Exposure.ServiceConnect.Services[0].DiscoveryName must not be the name in Cloud Map of Stack/Other, in the same namespace; got "web"`}},
		"calls somebody without a name": {func(_ *ServiceProps, c *ServiceConnect) { c.Calls = []*Service{{}, nil} }, []string{
			"Exposure.ServiceConnect.Calls[0] must be a service with ServiceConnect.Services; set them, or use AllowFrom and another way to " +
				"find the service",
			"Exposure.ServiceConnect.Calls[1] must be a service with ServiceConnect.Services; set them, or use AllowFrom and another way to " +
				"find the service",
		}},
		"discovery without namespace": {func(p *ServiceProps, _ *ServiceConnect) {
			p.Cluster = existingCluster(anyCluster{})
			p.Exposure = Exposure{ServiceDiscovery: &ServiceDiscovery{Name: "a.b", DnsTtl: time.Millisecond}}
		}, []string{
			`Exposure.ServiceDiscovery.Name must be up to 63 letters, digits and hyphens; got "a.b"`,
			`Exposure.ServiceDiscovery.Name requires a cluster with a Namespace; got "a.b"`,
			"Exposure.ServiceDiscovery.DnsTtl must be whole seconds from 1s to 24h; got 1ms",
		}},
		"calls into another cluster's namespace": {func(_ *ServiceProps, c *ServiceConnect) {
			c.Calls = []*Service{{path: "Stack/Other", connection: connection{ports: []int{80}, cluster: &Cluster{hasOwnNamespace: true}}}}
		}, []string{"Exposure.ServiceConnect.Calls[0] must be a service of the same namespace; got \"Stack/Other\"; set one Namespace for " +
			"both services"}},
		"calls into another named namespace": {func(_ *ServiceProps, c *ServiceConnect) {
			c.Namespace = "one"
			c.Calls = []*Service{{path: "Stack/Other", connection: connection{ports: []int{80}, namespace: "two"}}}
		}, []string{"Exposure.ServiceConnect.Calls[0] must be a service of the same namespace; got \"Stack/Other\"; set one Namespace for " +
			"both services"}},
		"calls into what may be its namespace": {func(p *ServiceProps, c *ServiceConnect) {
			port := []int{80}
			c.Calls = []*Service{
				{connection: connection{ports: port, cluster: p.Cluster}},
				{connection: connection{ports: port, cluster: existingCluster(anyCluster{})}},
				{connection: connection{ports: port, namespace: "arn:aws:servicediscovery:eu-west-1:111122223333:namespace/ns-1"}},
			}
		}, nil},
		"name of another service in DNS": {func(p *ServiceProps, _ *ServiceConnect) {
			p.Cluster.reserveName("", (&ServiceDiscovery{Name: "DB"}).name().key(), "Stack/Other")
			p.Exposure = Exposure{ServiceDiscovery: &ServiceDiscovery{Name: "db"}}
		}, []string{`Exposure.ServiceDiscovery.Name must not be the name in Cloud Map of Stack/Other, in the same namespace; got "db"`}},
		"one name in both": {func(p *ServiceProps, _ *ServiceConnect) {
			p.Exposure.ServiceDiscovery = &ServiceDiscovery{Name: "Web"}
		}, []string{`Exposure.ServiceDiscovery.Name must not be the name in Cloud Map of this service's ServiceConnect, in the same ` +
			`namespace; got "Web"`}},
		"two names": {func(p *ServiceProps, _ *ServiceConnect) {
			p.Exposure.ServiceDiscovery = &ServiceDiscovery{Name: "web-dns"}
		}, nil},
		"tokens": {func(p *ServiceProps, c *ServiceConnect) {
			c.Services[0].DnsName, c.Services[0].DiscoveryName = "${Token[a]}", "${Token[b]}"
			p.Exposure.ServiceDiscovery = &ServiceDiscovery{Name: "${Token[c]}"}
		}, nil},
		"alias in another namespace": {func(p *ServiceProps, _ *ServiceConnect) {
			p.Cluster.reserveName("other", "alias web:8080", "Stack/Other")
		}, nil},
		"a smoke test without a proxy": {func(p *ServiceProps, _ *ServiceConnect) {
			p.Deployment = Deployment{Strategy: "BLUE_GREEN", SmokeTest: &DeploymentTask{Task: taskOf(validTask())}}
		}, []string{"Deployment.SmokeTest requires a test listener, because only tasks of services can send requests by Service Connect; " +
			"set TestListener of Exposure.Alb[0] or Exposure.Nlb[0], or TestHeader of the gateways"}},
		"shifted, and tested by a header": {func(p *ServiceProps, _ *ServiceConnect) {
			p.Deployment = Deployment{Strategy: "BLUE_GREEN", LifecycleHooks: []LifecycleHook{{anyFunction{},
				[]awsecs.DeploymentLifecycleStage{"POST_TEST_TRAFFIC_SHIFT"}}}}
		}, nil},
		"shifted, and no header to test by": {func(p *ServiceProps, _ *ServiceConnect) {
			p.Task.props.Containers[0].PortMappings[0].AppProtocol = ""
			p.Deployment = Deployment{Strategy: "BLUE_GREEN", LifecycleHooks: []LifecycleHook{{anyFunction{},
				[]awsecs.DeploymentLifecycleStage{"POST_TEST_TRAFFIC_SHIFT"}}}}
		}, []string{`Deployment.LifecycleHooks[0].Stages must not have a test traffic stage without test traffic; got ` +
			`"POST_TEST_TRAFFIC_SHIFT"; set TestListener of Exposure.Alb[0] or Exposure.Nlb[0], TestHeader of the gateways, ` +
			`or AppProtocol of a port of ServiceConnect`}},
		"client alone shifted": {func(p *ServiceProps, c *ServiceConnect) {
			c.Services, p.Deployment.Strategy = nil, "BLUE_GREEN"
		}, []string{`Deployment.Strategy requires Exposure.Alb, Exposure.Nlb, Exposure.Gateway or ServiceConnect.Services, ` +
			`whose traffic it shifts; got "BLUE_GREEN"; set one of them, or use "ROLLING"`}},
		"client alone": {func(_ *ServiceProps, c *ServiceConnect) { c.Services = nil }, nil},
		"by name": {func(p *ServiceProps, c *ServiceConnect) {
			p.Cluster, c.Namespace = existingCluster(anyCluster{}), "arn:aws:servicediscovery:eu-west-1:111122223333:namespace/ns-1"
		}, nil},
		"two ports": {func(_ *ServiceProps, c *ServiceConnect) {
			c.Services[0].DnsName, c.Services[0].Port = "web.internal", 80
		}, nil},
		"discovered": {func(p *ServiceProps, _ *ServiceConnect) {
			p.Exposure = Exposure{ServiceDiscovery: &ServiceDiscovery{Name: "web"}}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := connected()
			c.change(&p, p.Exposure.ServiceConnect)
			p.setDefaults()
			assertProblems(t, p.validate(), c.want...)
		})
	}
}

func TestSessionsAreRefused(t *testing.T) {
	p := validService()
	p.ExecuteCommand = true
	p.setDefaults()
	assertProblems(t, p.validate(),
		"ExecuteCommand requires a cluster that encrypts and logs sessions; set ExecuteCommand of the cluster",
		"ExecuteCommand requires a container with WritableRootFilesystem, because the ECS Exec agent can't start without it; set it on the "+
			"container "+
			"to run commands in")
	p.Cluster.ExecuteCommandLogGroup = anyLogGroup{}
	p.Task.props.Containers[0].WritableRootFilesystem = true
	assert.NoError(t, p.validate())
}

func TestPortsOfConnections(t *testing.T) {
	p := validTask()
	p.Containers[0].PortMappings[0].AppProtocol = "quic"
	assertProblems(t, taskError(p),
		`Containers[0].PortMappings[0].AppProtocol must be "http", "http2" or "grpc"; got "quic"`)
	p.Containers[0].PortMappings[0].AppProtocol, p.Containers[0].PortMappings[0].Name = "grpc", "web"
	assert.NoError(t, taskError(p))
}

func TestNamespacesAndCollectorsAreRefused(t *testing.T) {
	assertProblems(t, (&ClusterProps{Vpc: anyVpc{}, Namespace: "My Space"}).validate(),
		`Namespace must be a domain name such as "internal" or "prod.internal"; got "My Space"`)
	for _, good := range []string{"internal", "prod.internal", "a_b.c-d"} {
		require.NoError(t, (&ClusterProps{Vpc: anyVpc{}, Namespace: good}).validate())
	}

	for bad, want := range map[string]string{
		"AWS/ECS": "must not begin with AWS/",
		":x":      "must be up to 255 letters, digits and .-_/#:, not beginning with :",
		"a b":     "must be up to 255 letters, digits and .-_/#:, not beginning with :",
	} {
		p := validTask()
		p.OpenTelemetry = &OpenTelemetry{MetricNamespace: bad}
		assertProblems(t, taskError(p), `OpenTelemetry.MetricNamespace `+want+`; got "`+bad+`"`)
	}
	p := validTask()
	p.OpenTelemetry = &OpenTelemetry{MetricNamespace: "Shop/Web", MemoryReservationMiB: 600}
	assertProblems(t, taskError(p), "Containers must not reserve more memory in total than the task's MemoryLimitMiB (512); got 600")
	p.OpenTelemetry.MemoryReservationMiB = 0
	require.NoError(t, taskError(p))
	p.Containers = append(p.Containers, container("otel-collector"))
	assertProblems(t, taskError(p), `Containers[2].Name must not repeat Containers[1].Name; got "otel-collector"`)
}

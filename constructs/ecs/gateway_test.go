package ecs

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/network"
	"awscontainers/constructs/waf"
	"awscontainers/internal/fake"
)

// zonedCluster is one whose VPC has public subnets in fewer zones than private ones.
func zonedCluster() *Cluster {
	return &Cluster{Construct: fake.Construct{}, Cluster: anyCluster{}, vpc: fake.Vpc{Public: "ab", Private: "abc"}}
}

// gatewayOf is what NewGateway makes, as far as validation looks at it.
func gatewayOf(cluster *Cluster, name string, subnets network.SubnetType) *Gateway {
	g := &Gateway{Construct: fake.Construct{}, name: name, cluster: cluster, subnets: subnets, isPublic: subnets == network.Public}
	cluster.gateways = append(cluster.gateways, g)
	return g
}

// tested is a deployment whose hook waits for test requests.
func tested() Deployment {
	return Deployment{Strategy: awsecs.DeploymentStrategy_BLUE_GREEN, LifecycleHooks: []LifecycleHook{{
		anyFunction{}, []awsecs.DeploymentLifecycleStage{awsecs.DeploymentLifecycleStage_POST_TEST_TRAFFIC_SHIFT}}}}
}

func TestGatewaysAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *GatewayProps)
		want   []string
	}{
		"least":       {func(*GatewayProps) {}, nil},
		"public":      {func(p *GatewayProps) { p.InternetFacing = true }, nil},
		"nothing":     {func(p *GatewayProps) { *p = GatewayProps{} }, []string{"Cluster is required; use ecs.NewCluster or ecs.ClusterFrom"}},
		"handwritten": {func(p *GatewayProps) { p.Cluster = &Cluster{} }, []string{"Cluster is required; use ecs.NewCluster or ecs.ClusterFrom"}},
		"a sixth": {func(p *GatewayProps) {
			for _, name := range []string{"a", "b", "c", "d", "e"} {
				gatewayOf(p.Cluster, name, network.Private)
			}
		}, []string{"Cluster must have fewer than 5 gateways already; got 5"}},
		"public in private subnets": {func(p *GatewayProps) { p.InternetFacing, p.Subnets = true, network.Private },
			[]string{`Subnets must be "public" with InternetFacing; got "private"`}},
		"after services that ECS connects to it": {func(p *GatewayProps) {
			p.Cluster.connect("Shop/Web", &GatewayConnector{Gateways: []*Gateway{gatewayOf(p.Cluster, "first", network.Private)}})
		}, []string{`Cluster must not have services of gateways with access type PRIVATE yet, because ECS connects them to this one too; got ` +
			`"Shop/Web"; create the gateway before them, and add it to their Exposure.Gateway.Gateways`}},
		"after services of gateways of the other kind": {func(p *GatewayProps) {
			p.Cluster.connect("Shop/Web", &GatewayConnector{Gateways: []*Gateway{gatewayOf(p.Cluster, "first", network.Public)}})
		}, nil},
		"unknown subnets": {func(p *GatewayProps) { p.Subnets = "dmz" },
			[]string{`Subnets must be "public", "private" or "isolated"; got "dmz"`}},
		"subnets that the VPC hasn't": {func(p *GatewayProps) { p.Subnets = network.Isolated }, []string{
			`Subnets must be a type of subnets that the VPC has (2 public, 3 private, 0 isolated); got "isolated"; ` +
				`set IsolatedSubnets of network.VpcProps, or use network.Private`}},
		"one zone": {func(p *GatewayProps) { p.Cluster.vpc = fake.Vpc{Private: "aa"} },
			[]string{`Subnets must be in two or more Availability Zones of the VPC; got "private"`}},
		"clients": {func(p *GatewayProps) { p.IngressCidrs = []string{} },
			[]string{"IngressCidrs must be nil for the default, or have at least one range; got an empty list"}},
		"web ACL": {func(p *GatewayProps) { p.WebAcl = &waf.WebAcl{} },
			[]string{"WebAcl must be created by waf.NewWebAcl or waf.WebAclFromArn"}},
		"numbers": {func(p *GatewayProps) { p.MaxAlbCount, p.AccessLogRetentionDays = -1, -1 },
			[]string{"AccessLogRetentionDays must be 1 or greater; got -1", "MaxAlbCount must be 1 or greater; got -1"}},
		"name": {func(p *GatewayProps) { p.GatewayName = "team_gateway" },
			[]string{`GatewayName must be 1 to 255 letters, digits and hyphens; got "team_gateway"`}},
		"name twice": {func(p *GatewayProps) {
			gatewayOf(p.Cluster, "team", network.Private)
			p.GatewayName = "team"
		}, []string{`GatewayName must not be the name of another gateway; got "team"`}},
		"test header": {func(p *GatewayProps) {
			p.TestHeader = &elb.HttpHeader{Name: "Host", Values: []string{"a", "b", "c", "d", "e"}}
		}, []string{
			"TestHeader.Name must not be the header Host; use HostHeaders",
			"TestHeader.Values must have at most 4 values; got 5"}},
		"test header without values": {func(p *GatewayProps) { p.TestHeader = &elb.HttpHeader{Name: "x-test"} },
			[]string{`TestHeader.Values is required; set at least one value, "*" for any`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := GatewayProps{Cluster: zonedCluster()}
			c.change(&p)
			err := p.Validate()
			p.setDefaults()
			assertProblems(t, refusal(err, p.validateInVpc()), c.want...)
		})
	}
}

func TestExistingGatewaysAreRefused(t *testing.T) {
	require.EqualError(t, (&GatewayAttributes{}).Validate(),
		"Cluster is required; use ecs.NewCluster or ecs.ClusterFrom\nGatewayName is required: 1 to 255 letters, digits and hyphens")
	cluster := zonedCluster()
	require.NoError(t, (&GatewayAttributes{Cluster: cluster, GatewayName: "team"}).Validate())
	cluster.connect("Shop/Web", &GatewayConnector{Gateways: []*Gateway{gatewayOf(cluster, "first", network.Private)}})
	require.ErrorContains(t, (&GatewayAttributes{Cluster: cluster, GatewayName: "team"}).Validate(), "must not have services")
	require.NoError(t, (&GatewayAttributes{Cluster: cluster, GatewayName: "team", InternetFacing: true}).Validate())
}

func TestConnectorsAreRefused(t *testing.T) {
	named := func(protocol awsecs.Protocol, app AppProtocol) *Task {
		web := container("web")
		web.PortMappings = []PortMapping{{ContainerPort: 8080, Name: "http", Protocol: protocol, AppProtocol: app}}
		return taskOf(TaskProps{Containers: []Container{web}})
	}
	for name, c := range map[string]struct {
		change func(p *ServiceProps, c *GatewayConnector)
		want   []string
	}{
		"least":    {func(*ServiceProps, *GatewayConnector) {}, nil},
		"for http": {func(p *ServiceProps, _ *GatewayConnector) { p.Task = named("", AppProtocolHttp) }, nil},
		"no gateway": {func(_ *ServiceProps, c *GatewayConnector) { c.Gateways = nil },
			[]string{"Exposure.Gateway.Gateways is required; use ecs.NewGateway or ecs.GatewayFrom"}},
		"nobody's gateway": {func(_ *ServiceProps, c *GatewayConnector) { c.Gateways = []*Gateway{nil, {}} }, []string{
			"Exposure.Gateway.Gateways[0] must be a gateway; use ecs.NewGateway or ecs.GatewayFrom",
			"Exposure.Gateway.Gateways[1] must be a gateway; use ecs.NewGateway or ecs.GatewayFrom"}},
		"gateway of another cluster": {func(_ *ServiceProps, c *GatewayConnector) {
			c.Gateways = []*Gateway{gatewayOf(zonedCluster(), "theirs", network.Private)}
		}, []string{`Exposure.Gateway.Gateways[0] must be a gateway of the service's Cluster; got "theirs"`}},
		"twice": {func(_ *ServiceProps, c *GatewayConnector) { c.Gateways = append(c.Gateways, c.Gateways[0]) },
			[]string{"Exposure.Gateway.Gateways[1] must not repeat Gateways[0]; remove one of them"}},
		// ECS goes by the access type, whatever is meant.
		"another internal gateway": {func(p *ServiceProps, _ *GatewayConnector) { gatewayOf(p.Cluster, "second", network.Private) }, []string{
			`Exposure.Gateway.Gateways must also have gateway "second" of the cluster: ECS connects the service to every gateway with access ` +
				`type PRIVATE; add it`}},
		"one that faces the internet": {func(p *ServiceProps, _ *GatewayConnector) { gatewayOf(p.Cluster, "public", network.Public) }, nil},
		"zones that aren't covered": {func(p *ServiceProps, c *GatewayConnector) {
			c.Gateways = []*Gateway{gatewayOf(p.Cluster, "public", network.Public)}
		}, []string{"Exposure.Gateway.Gateways[0] must have a public subnet in every Availability Zone of the service's private subnets; " +
			`got "a", "b"`}},
		"zones of a gateway that isn't known": {func(p *ServiceProps, c *GatewayConnector) {
			c.Gateways = []*Gateway{gatewayOf(p.Cluster, "public", "")}
			c.Gateways = append(c.Gateways, p.Cluster.gateways[0])
		}, nil},
		"no named port": {func(p *ServiceProps, _ *GatewayConnector) { p.Task = taskOf(validTask()) }, []string{
			`Exposure.Gateway.PortName requires a port with a Name, which the task's PortMappings don't have; ` +
				`set one, such as PortMapping{ContainerPort: 8080, Name: "web"}`}},
		"another name": {func(_ *ServiceProps, c *GatewayConnector) { c.PortName = "api" },
			[]string{`Exposure.Gateway.PortName must be a Name of the task's PortMappings: "http"; got "api"`}},
		"only UDP": {func(p *ServiceProps, _ *GatewayConnector) { p.Task = named(awsecs.Protocol_UDP, "") }, []string{
			"Exposure.Gateway.PortName requires a TCP port with a Name: a gateway sends requests by HTTP; use Exposure.Nlb for UDP"}},
		"UDP": {func(p *ServiceProps, c *GatewayConnector) {
			p.Task, c.PortName = named(awsecs.Protocol_UDP, ""), "http"
		}, []string{
			`Exposure.Gateway.PortName must be a TCP port: a gateway sends requests by HTTP; got "http"; use Exposure.Nlb for UDP`}},
		"gRPC": {func(p *ServiceProps, _ *GatewayConnector) { p.Task = named("", AppProtocolGrpc) }, []string{
			`Exposure.Gateway.PortName must be a port for HTTP/1.1, because AWS doesn't say how a gateway speaks "grpc" to tasks; got "http"; ` +
				"use Exposure.Alb"}},
		"bridge": {func(p *ServiceProps, _ *GatewayConnector) {
			task := named("", "")
			p.Task = taskOf(TaskProps{
				Containers: task.props.Containers, Compatibility: awsecs.Compatibility_EC2, NetworkMode: awsecs.NetworkMode_BRIDGE})
			p.Capacity = []CapacityProviderStrategy{{CapacityProvider: "existing", Weight: 1}}
		}, []string{`Exposure.Gateway.PortName requires the task's NetworkMode "AWS_VPC"; got "BRIDGE"; change it, or use Exposure.Alb`}},
		"health check": {func(_ *ServiceProps, c *GatewayConnector) {
			c.HealthCheck.Path, c.HealthCheck.Timeout = "up", 30*time.Second
		}, []string{
			`Exposure.Gateway.HealthCheck.Path must begin with / and have at most 1024 characters without spaces; got "up"`,
			"Exposure.Gateway.HealthCheck.Timeout must be less than Interval (15s); got 30s"}},
		"health check at a port that isn't mapped": {func(_ *ServiceProps, c *GatewayConnector) { c.HealthCheck.Port = 9001 },
			[]string{"Exposure.Gateway.HealthCheck.Port must be a port that a container of the task maps for TCP; got 9001"}},
		"grace period": {func(p *ServiceProps, _ *GatewayConnector) { p.HealthCheckGracePeriod = time.Minute }, nil},
		"scaled by requests": {func(p *ServiceProps, _ *GatewayConnector) {
			p.Scaling = &Scaling{MaxCapacity: 4, TargetRequestsPerMinute: 100}
		},
			[]string{"Scaling.TargetRequestsPerMinute requires Exposure.Alb, because only an Application Load Balancer counts requests; " +
				"use CPU or memory"}},
		"shifted, and nothing ends it": {func(p *ServiceProps, _ *GatewayConnector) { p.Deployment.Strategy = awsecs.DeploymentStrategy_CANARY },
			[]string{"Deployment.Strategy requires RollbackOnErrors, RollbackAlarms, LifecycleHooks, SmokeTest or Approval, because AWS doesn't " +
				`promise a circuit breaker for it; got "CANARY"`}},
		"tests without a header": {func(p *ServiceProps, _ *GatewayConnector) { p.Deployment = tested() }, []string{
			`Deployment.LifecycleHooks[0].Stages must not have a test traffic stage without test traffic; got "POST_TEST_TRAFFIC_SHIFT"; ` +
				"set TestListener of Exposure.Alb[0] or Exposure.Nlb[0], TestHeader of the gateways, or AppProtocol of a port of ServiceConnect"}},
		"tests with a header": {func(p *ServiceProps, c *GatewayConnector) {
			c.Gateways[0].hasTestHeader, p.Deployment = true, tested()
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := zonedCluster()
			p := ServiceProps{Cluster: cluster, Task: named("", ""), Exposure: Exposure{
				Gateway: &GatewayConnector{Gateways: []*Gateway{gatewayOf(cluster, "internal", network.Private)}}}}
			c.change(&p, p.Exposure.Gateway)
			err := p.Validate()
			p.setDefaults()
			assertProblems(t, refusal(err, p.validateInCluster()), c.want...)
		})
	}
}

// The caller's props are the caller's.
func TestConnectorDefaultsAreNotWrittenToTheCaller(t *testing.T) {
	web := container("web")
	web.PortMappings = []PortMapping{{ContainerPort: 53, Name: "dns", Protocol: awsecs.Protocol_UDP}, {ContainerPort: 8080, Name: "http"}}
	given := GatewayConnector{}
	p := ServiceProps{Task: taskOf(TaskProps{Containers: []Container{web}}), Exposure: Exposure{Gateway: &given}}
	p.setDefaults()
	assert.Equal(t, GatewayConnector{}, given)
	assert.Equal(t, "http", p.Exposure.Gateway.PortName, "the first port by TCP that has a name")
}

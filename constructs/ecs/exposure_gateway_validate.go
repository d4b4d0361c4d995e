package ecs

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/check"
)

const useGateway = "use ecs.NewGateway or ecs.GatewayFrom"

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/gateway-connect-service.html
func (c *GatewayConnector) validate(task *Task, cluster *Cluster) error {
	var bad invalid.Problems
	if len(c.Gateways) == 0 {
		bad.Add("Gateways", "is required").Advise(useGateway)
	}
	before := len(bad)
	for i, g := range c.Gateways {
		switch field := check.Index("Gateways", i); {
		case !invalid.IsMade(g):
			bad.Add(field, "must be a gateway").Advise(useGateway)
		case cluster != nil && g.cluster != cluster:
			bad.Add(field, "must be a gateway of the service's Cluster").Given(g.name)
		default:
			check.OnceObject("Gateways", c.Gateways, i, &bad)
		}
	}
	if len(bad) == before && len(c.Gateways) > 0 {
		c.validateFilter(cluster, &bad)
	}
	c.validatePort(task, &bad)
	group := elb.TargetGroupProps{HealthCheck: c.HealthCheck}
	bad.Nest("", except(group.Validate(), "Vpc", "HealthCheck.Port"))
	if c.HealthCheck.Port != 0 && task.usesAwsvpc() {
		task.checkHealthPort(c.HealthCheck.Port, &bad)
	}
	return bad.Err()
}

// validateFilter refuses to leave out a gateway that ECS connects the service to all the same.
func (c *GatewayConnector) validateFilter(cluster *Cluster, bad *invalid.Problems) {
	if cluster == nil {
		return // refused
	}
	for _, other := range cluster.gateways {
		if !slices.Contains(c.Gateways, other) && slices.Contains(c.accessTypes(), other.accessType()) {
			bad.Add("Gateways", "must also have gateway %q of the cluster: ECS connects the service to every gateway with access type %s",
				other.name, other.accessType()).Advise("add it")
		}
	}
}

// validatePort refuses ports that a gateway can't send requests to. Without any PortName it has no default either.
func (c *GatewayConnector) validatePort(task *Task, bad *invalid.Problems) {
	if !task.usesAwsvpc() {
		bad.Add("PortName", "requires the task's NetworkMode %q", awsecs.NetworkMode_AWS_VPC).Given(task.props.NetworkMode).
			Advise("change it, or use Exposure.Alb")
		return
	}
	m := task.portMapping(c.PortName)
	switch names := task.portNames(); {
	case m == nil && len(names) == 0:
		bad.Add("PortName", "requires a port with a Name, which the task's PortMappings don't have").
			Advise(`set one, such as PortMapping{ContainerPort: 8080, Name: "web"}`)
	case m == nil && c.PortName == "":
		bad.Add("PortName", "requires a TCP port with a Name: a gateway sends requests by HTTP").Advise("use Exposure.Nlb for UDP")
	case m == nil:
		bad.Add("PortName", "must be a Name of the task's PortMappings: %s", check.OneOfQuoted(names)).Given(c.PortName)
	case m.Protocol == awsecs.Protocol_UDP:
		bad.Add("PortName", "must be a TCP port: a gateway sends requests by HTTP").Given(c.PortName).Advise("use Exposure.Nlb for UDP")
	case m.AppProtocol == AppProtocolHttp2 || m.AppProtocol == AppProtocolGrpc:
		bad.Add("PortName", "must be a port for HTTP/1.1, because AWS doesn't say how a gateway speaks %q to tasks", m.AppProtocol).
			Given(c.PortName).Advise("use Exposure.Alb")
	}
}

// validateZones refuses gateways that don't cover every Availability Zone of the service's subnets: ECS doesn't connect it to them.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/gateway-connect-service.html
func (c *GatewayConnector) validateZones(subnets network.SubnetType, vpc awsec2.IVpc, bad *invalid.Problems) {
	for i, g := range c.Gateways {
		if !invalid.IsMade(g) || g.subnets == "" || g.subnets == subnets {
			continue
		}
		covered := zonesOf(g.subnets, vpc)
		for _, zone := range zonesOf(subnets, vpc) {
			if !slices.Contains(covered, zone) {
				bad.Add(check.Index("Exposure.Gateway.Gateways", i),
					"must have a %s subnet in every Availability Zone of the service's %s subnets", g.subnets, subnets).Given(covered)
				break
			}
		}
	}
}

func zonesOf(subnets network.SubnetType, vpc awsec2.IVpc) (zones []string) {
	for _, subnet := range subnets.Of(vpc) {
		zones = append(zones, *subnet.AvailabilityZone())
	}
	return zones
}

func (s *Service) validateUrlCommand(gateway *Gateway) {
	var bad invalid.Problems
	if !slices.Contains(s.gateways, gateway) {
		bad.Add("gateway", "must be one of the service's Exposure.Gateway")
	}
	check.Arguments(s, "UrlCommand", bad)
}

package ecs

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/elb"
	"awscontainers/internal/annotate"
	"awscontainers/internal/opt"
)

// GatewayConnector connects a service to gateways of its cluster. ECS gives the service an HTTPS address at each of them, creates its
// target groups, and registers the tasks. The address isn't known to CloudFormation; see "Use an ECS gateway" in the README. Neither are
// the target groups: Scaling.TargetRequestsPerMinute, Deployment.RollbackOnErrors, and the alarms and charts of requests need
// Exposure.Alb. AWS's pages don't say whether a service can have a connector and Exposure.Alb or Exposure.Nlb at the same time.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/gateway-connect-service.html
type GatewayConnector struct {
	// Gateways lists the gateways that lead to the service: all internet-facing gateways of the cluster, all internal ones, or both. ECS
	// tells them apart only by that. Required: at least one.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_GatewayConnectorFilters.html
	Gateways []*Gateway
	// PortName is the Name of the port of PortMappings that receives requests, by HTTP/1.1. It must be a TCP port of a task in NetworkMode
	// AWS_VPC. AWS's pages don't say how a gateway speaks HTTP/2 or gRPC to tasks, so ports with such an AppProtocol are refused. Default:
	// the task's first TCP port that has a Name.
	PortName string
	// HealthCheck sets how the load balancers tell whether a task can answer. Default: GET / gives 200.
	HealthCheck elb.TargetHealthCheck
}

// warnOfGateway says so if requests come in through a gateway, which authenticates nobody, beside a rule that authenticates.
func (e *Exposure) warnOfGateway(s *Service) {
	if e.Gateway != nil && slices.ContainsFunc(e.Alb, func(r AlbRule) bool { return r.Authenticate != nil }) {
		annotate.Warning(s, "gateway-beside-authentication", "Requests through Exposure.Gateway reach the service without the Authenticate of "+
			"Exposure.Alb. Authenticate them in the service, or remove one of the two")
	}
}

func (c *GatewayConnector) setDefaults(task *Task) {
	if c.PortName == "" {
		for _, name := range task.portNames() {
			if task.portMapping(name).Protocol != awsecs.Protocol_UDP {
				c.PortName = name
				break
			}
		}
	}
	c.HealthCheck = c.HealthCheck.WithDefaults()
}

// accessTypes are those of the gateways, each once.
func (c *GatewayConnector) accessTypes() (types []string) {
	for _, g := range c.Gateways {
		if t := g.accessType(); !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	slices.Sort(types)
	return types
}

// hasTestTraffic reports whether test requests can reach a new version by way of each gateway.
func (c *GatewayConnector) hasTestTraffic() bool {
	return c != nil && len(c.Gateways) > 0 && !slices.ContainsFunc(c.Gateways, func(g *Gateway) bool { return g == nil || !g.hasTestHeader })
}

// render always writes the filter: without it, ECS connects the service to every gateway of the cluster, also to one that faces the
// internet.
func (c *GatewayConnector) render() *awsecs.CfnService_GatewayConnectorProperty {
	h := &c.HealthCheck
	return &awsecs.CfnService_GatewayConnectorProperty{
		PortName: &c.PortName,
		Filters:  &awsecs.CfnService_GatewayConnectorFiltersProperty{AccessTypes: jsii.Strings(c.accessTypes()...)},
		HealthCheck: &awsecs.CfnService_GatewayConnectorHealthCheckProperty{
			HealthCheckProtocol:        opt.String(string(h.Protocol)),
			HealthCheckPort:            opt.Number(h.Port),
			HealthCheckPath:            &h.Path,
			HealthCheckIntervalSeconds: jsii.Number(h.Interval.Seconds()),
			HealthCheckTimeoutSeconds:  jsii.Number(h.Timeout.Seconds()),
			HealthyThresholdCount:      jsii.Number(h.HealthyThresholdCount),
			UnhealthyThresholdCount:    jsii.Number(h.UnhealthyThresholdCount),
			Matcher:                    &awsecs.CfnService_GatewayConnectorHealthCheckMatcherProperty{HttpCode: opt.String(h.HealthyHttpCodes)},
		},
	}
}

// connectGateways adds the connector. The service waits for the association, without which ECS refuses it, and so is deleted before it:
// ECS keeps an association until the last service has left. The tasks admit the gateways' inbound security group, which ECS attaches to
// the load balancers: whatever further groups and rules ECS manages, the way from there to the tasks is open before the first one starts.
func (s *Service) connectGateways(c *GatewayConnector) {
	resource := s.Service.Node().DefaultChild().(awsecs.CfnService)
	resource.SetGatewayConnectors(&[]any{c.render()})
	ports := []int{s.Task.portMapping(c.PortName).ContainerPort}
	if health := c.HealthCheck.Port; health != 0 && health != ports[0] {
		ports = append(ports, health)
	}
	for _, g := range c.Gateways {
		if g.Association != nil {
			resource.Node().AddDependency(g.Association)
		}
		if len(g.groups) == 0 {
			continue
		}
		for _, port := range ports {
			s.Service.Connections().AllowFrom(g, awsec2.Port_Tcp(jsii.Number(port)), jsii.String("Gateway to target"))
		}
	}
}

// connect remembers which gateways ECS connects a service to.
func (c *Cluster) connect(service string, connector *GatewayConnector) {
	if c.connectedServices == nil {
		c.connectedServices = map[string]string{}
	}
	for _, accessType := range connector.accessTypes() {
		c.connectedServices[accessType] = service
	}
}

// UrlCommand returns a command of the AWS CLI that prints the service's address at a gateway: CloudFormation doesn't know the address.
// It panics with *invalid.Error unless the gateway is one of the service's Exposure.Gateway.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_GatewayRoute.html
func (s *Service) UrlCommand(gateway *Gateway) string {
	s.validateUrlCommand(gateway)
	const routes = "aws ecs list-gateway-routes --gateway "
	return `aws ecs describe-gateway-route --gateway-route-arn "$(` + routes + gateway.Name() + " --service " + s.Arn() +
		` --query 'gatewayRoutes[0].gatewayRouteArn' --output text)" --query gatewayRoute.serviceUrl --output text`
}

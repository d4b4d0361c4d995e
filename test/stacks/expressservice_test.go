package stacks_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/stacks"
	"awscontainers/stacks/settings"
	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

var expressServiceVariants = []variant{
	{
		name:     "ExpressService",
		stateful: []string{"ServiceLogGroupB910EE76", "VpcFlowLogGroupBF601037"},
	},
	{
		name: "ExpressService-prod",
		context: map[string]any{"profile": "prod", "ExpressService.internal": "true", "ExpressService.requestsPerTask": "500",
			"ExpressService.image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:1.4.2", "ExpressService.healthCheckPath": "/up",
			"ExpressService.serviceName": "shop", "runtimeMonitoring": "true"},
		stateful: []string{"AlarmsTopicKey8C8D9492", "ServiceLogGroupB910EE76", "VpcFlowLogGroupBF601037"},
	},
	{
		name: "ExpressService-telemetry",
		context: map[string]any{"ExpressService.openTelemetry": "true", "ExpressService.alarmEmail": "on-call@example.com",
			"ExpressService.containerInsights": "off"},
		stateful: []string{"AlarmsTopicKey8C8D9492", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037"},
	},
}

// Facing the internet or not, the tasks have a way to their image before they start, and no more NAT gateways than that takes.
func TestExpressServiceStack(t *testing.T) {
	for name, want := range map[string]struct {
		nat    int
		route  string
		size   map[string]any
		scales map[string]any
	}{
		"ExpressService": {0, "GatewayId", map[string]any{"Cpu": "256", "Memory": "512"},
			map[string]any{"MinTaskCount": 1.0, "MaxTaskCount": 2.0, "AutoScalingMetric": "AVERAGE_CPU", "AutoScalingTargetValue": 60.0}},
		"ExpressService-prod": {3, "NatGatewayId", map[string]any{"Cpu": "1024", "Memory": "2048"},
			map[string]any{"MinTaskCount": 2.0, "MaxTaskCount": 10.0, "AutoScalingMetric": "REQUEST_COUNT_PER_TARGET",
				"AutoScalingTargetValue": 500.0}},
	} {
		tpl := variantNamed(t, name).synth(t)
		service := tpl.Only(shared.ExpressType)
		assert.Len(t, tpl.All("AWS::EC2::NatGateway"), want.nat)
		assert.Len(t, service.Get("NetworkConfiguration.Subnets"), 3, "a zone is left out, which no further service could then have")
		for _, subnet := range cdktest.List(service.Get("NetworkConfiguration.Subnets")) {
			route := shared.DefaultRoute(t, tpl, tpl.Follow(subnet))
			assert.NotNil(t, route.Get(want.route))
			assert.Contains(t, service.Dependencies(), route.Id)
		}
		cdktest.Has(t, service, want.size)
		assert.Equal(t, want.scales, service.Get("ScalingTarget"))
		assert.Same(t, tpl.Only("AWS::ECS::Cluster"), service.Ref("Cluster"))
		assert.Len(t, tpl.All("AWS::Lambda::Function"), 1, "only the one that closes the default security group")
		for _, kind := range []string{"AWS::ECS::Cluster", "AWS::ECS::ClusterCapacityProviderAssociations", "AWS::EC2::VPCGatewayAttachment",
			"AWS::EC2::VPC", "AWS::Logs::LogGroup", "AWS::IAM::Role", "AWS::EC2::NatGateway"} {
			for _, r := range tpl.All(kind) {
				if !strings.Contains(r.Path(), "FlowLog") && !strings.Contains(r.Path(), "Custom::") {
					assert.True(t, service.ComesAfter(r), "%s would be deleted while ECS still has a load balancer and tasks", r.Path())
				}
			}
		}
		assert.True(t, shared.HasTag(service, "Project", "awscontainers"))
		assert.Subset(
			t,
			tpl.Outputs,
			map[string]map[string]any{"ServiceArn": {"Value": map[string]any{"Fn::GetAtt": []any{service.Id, "ServiceArn"}}}},
		)
	}
}

func TestExpressServiceStackIsRefused(t *testing.T) {
	assert.Equal(t, []string{
		`ExpressService/Service: HealthCheckPath must begin with / and have at most 1024 characters without spaces; got "up"`,
		`ExpressService/Service: ServiceName must be 1 to 255 letters, digits, hyphens and underscores; got "my shop"`,
	}, cdktest.Refused(t, func() {
		stacks.NewExpressService(cdktest.App(t, nil), "ExpressService", &stacks.ExpressServiceProps{
			Image: shared.PublicImage, HealthCheckPath: "up", ServiceName: "my shop",
		})
	}))
	_, err := settings.Parse(map[string]any{"ExpressService.requestsPerTask": "70000"}, "", "")
	assert.EqualError(t, err, "ExpressService.requestsPerTask: must be an integer from 1 to 65536; got 70000")
}

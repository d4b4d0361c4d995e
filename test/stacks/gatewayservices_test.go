package stacks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

var gatewayServicesVariants = []variant{
	{
		name: "GatewayServices",
		stateful: []string{"ApiTaskLogGroup4FA20C89", "GatewayAccessLogs87AA0EC3", "GatewayBCF9E5FF", "TaskLogGroup1B4092C9",
			"VpcFlowLogGroupBF601037"},
	},
	{
		name: "GatewayServices-prod", // internal, for some clients only
		context: map[string]any{
			"profile": "prod", "GatewayServices.internal": "true", "GatewayServices.ingressCidrs": "10.0.0.0/8", "GatewayServices.waf": "true",
			"GatewayServices.alarmEmail": "on-call@example.com", "GatewayServices.apiHealthCheckPath": "/up", "runtimeMonitoring": "true",
			"GatewayServices.image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:1.4.2",
		},
		stateful: []string{"AlarmsTopicKey8C8D9492", "ApiTaskLogGroup4FA20C89", "GatewayAccessLogs87AA0EC3", "GatewayBCF9E5FF",
			"TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037"},
	},
}

// Two services have one gateway, which is there before them and is deleted after them, and addresses of their own.
func TestGatewayServicesStack(t *testing.T) {
	for name, want := range map[string]struct{ scheme, access string }{
		"GatewayServices": {"internet-facing", "PUBLIC"}, "GatewayServices-prod": {"internal", "PRIVATE"},
	} {
		tpl := variantNamed(t, name).synth(t)
		gateway, association := tpl.Only("AWS::ECS::Gateway"), tpl.Only("AWS::ECS::GatewayClusterAssociations")
		cdktest.Has(t, gateway, map[string]any{"DeletionProtection": false}, "it would block the rollback of a first deployment")
		assert.Equal(t, want.scheme, gateway.Get("Configuration.HostSharedAlb.Scheme"))
		assert.Len(t, gateway.Get("Configuration.HostSharedAlb.NetworkConfiguration.Subnets"), 3, "ECS connects no service with tasks elsewhere")
		services := tpl.All("AWS::ECS::Service")
		assert.Len(t, services, 2)
		for _, service := range services {
			cdktest.CreatedInOrder(t, gateway, association, service)
			assert.Equal(t, []any{want.access}, cdktest.Dig(cdktest.List(service.Get("GatewayConnectors"))[0], "Filters.AccessTypes"))
			assert.Empty(t, service.Get("LoadBalancers"))
		}
		assert.True(t, shared.HasTag(gateway, "Project", "awscontainers"), "its load balancers get the gateway's tags")
		for _, command := range []string{"UrlCommand", "ApiUrlCommand"} {
			assert.NotNil(t, tpl.Outputs[command], command)
		}
	}
	waf := variantNamed(t, "GatewayServices-prod").synth(t)
	var ranges []any
	group := waf.Only("AWS::ECS::Gateway").Ref("Configuration.HostSharedAlb.NetworkConfiguration.InboundSecurityGroup")
	for _, rule := range cdktest.List(group.Get("SecurityGroupIngress")) {
		ranges = append(ranges, cdktest.Dig(rule, "CidrIp"))
	}
	assert.Equal(t, []any{"10.0.0.0/8"}, ranges, "clients of others could connect")
	for path, id := range map[string]string{"/": "GatewayServices/Service/", "/up": "GatewayServices/ApiService/"} {
		connector := cdktest.List(waf.At("AWS::ECS::Service", id).Get("GatewayConnectors"))[0]
		assert.Equal(t, path, cdktest.Dig(connector, "HealthCheck.HealthCheckPath"), id)
	}
	assert.Same(t, waf.Only("AWS::WAFv2::WebACL"), waf.Only("AWS::ECS::Gateway").Ref("Configuration.HostSharedAlb.WebACLArn"))
}

// Protected, the stack and the gateway refuse to be deleted.
func TestGatewayServicesAreProtected(t *testing.T) {
	stack := buildStack(t, "GatewayServices", map[string]any{"protect": "true"})
	assert.Equal(t, true, cdktest.Synth(t, stack).Only("AWS::ECS::Gateway").Get("DeletionProtection"))
	assert.True(t, *stack.TerminationProtection())
}

package stacks_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/test/cdktest"
	"awscontainers/test/internal/shared"
)

var nlbServiceVariants = []variant{
	{
		name:     "NlbService",
		stateful: []string{"TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037"},
	},
	{
		name: "NlbService-prod", // TLS, known to clients by its addresses, open to another account's VPC
		context: map[string]any{
			"profile": "prod", "NlbService.certificateArn": shared.CertificateArn, "NlbService.staticIps": "true",
			"NlbService.additionalCertificateArns": "arn:aws:acm:eu-west-1:111122223333:certificate/87654321-1234-1234-1234-123456789012",
			"NlbService.healthCheckPath":           "/",
			"NlbService.preserveClientIp":          "true", "NlbService.endpointPrincipals": "arn:aws:iam::444455556666:root",
		},
		stateful: []string{"AlarmsTopicKey8C8D9492", "LoadBalancerAccessLogsB27DFC85", "LoadBalancerElasticIp2A45E90C7",
			"LoadBalancerElasticIp3B6048458", "LoadBalancerElasticIp786B543F", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037"},
	},
	{
		name:     "NlbService-public",
		context:  map[string]any{"NlbService.natGateways": "none", "NlbService.preserveClientIp": "true"},
		stateful: []string{"TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037"},
	},
	{
		name: "NlbService-udp",
		context: map[string]any{
			"NlbService.image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/resolver:1.4.2", "NlbService.protocol": "UDP",
			"NlbService.port":         "5353",
			"NlbService.listenerPort": "53", "NlbService.healthCheckPort": "8080", "NlbService.crossZone": "true",
			"NlbService.ingressCidrs": "203.0.113.0/24",
			"NlbService.alarmEmail":   "on-call@example.com",
		},
		stateful: []string{"AlarmsTopicKey8C8D9492", "TaskLogGroup1B4092C9", "VpcFlowLogGroupBF601037"},
	},
}

// In prod: static addresses, and a task in each of their zones; the load balancer comes after its way to the internet, and goes
// before it.
func TestNlbServiceWithStaticAddresses(t *testing.T) {
	stack := buildStack(t, "NlbService", map[string]any{"profile": "prod", "NlbService.staticIps": "true"})
	tpl := cdktest.Synth(t, stack)
	balancer := tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer")
	assert.Len(t, balancer.Get("SubnetMappings"), 3)
	for _, subnet := range shared.Subnets(tpl, "Public") {
		assert.Contains(t, balancer.Dependencies(), shared.DefaultRoute(t, tpl, subnet).Id, "AWS finds no internet gateway")
	}
	for i, address := range cdktest.List(cdktest.Dig(tpl.Outputs["StaticAddresses"], "Value.Fn::Join.1")) {
		assert.Same(t, balancer.Ref("SubnetMappings."+strconv.Itoa(i)+".AllocationId"), tpl.Follow(address))
	}
	assert.Equal(t, 3.0, tpl.Only("AWS::ApplicationAutoScaling::ScalableTarget").Get("MinCapacity"))
}

func TestNlbServiceHasATaskInEachZoneOfProd(t *testing.T) {
	for name, want := range map[string]struct {
		context map[string]any
		tasks   float64
	}{
		"dev":            {nil, 1},
		"a task in each": {map[string]any{"profile": "prod"}, 3},
		"two for all":    {map[string]any{"profile": "prod", "NlbService.crossZone": "true"}, 2},
	} {
		tpl := cdktest.Synth(t, buildStack(t, "NlbService", want.context))
		assert.Equal(t, want.tasks, tpl.Only("AWS::ApplicationAutoScaling::ScalableTarget").Get("MinCapacity"), name)
	}
}

func TestNlbServiceIsRefused(t *testing.T) {
	assert.Equal(t, []string{
		"NlbService/Service: Exposure.Nlb[0].LoadBalancer requires 3 or more tasks, one for each Availability Zone, because each client " +
			"uses the address of one zone; got 1; set CrossZone of the load balancer, or run more tasks",
	}, cdktest.Refused(t, func() { buildStack(t, "NlbService", map[string]any{"NlbService.staticIps": "true"}) }))
}

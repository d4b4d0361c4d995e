package stacks_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/test/cdktest"
)

// Without NAT gateways, tasks have a way out by public addresses, and only load balancers have a way to them.
func TestTasksWithoutNatGateways(t *testing.T) {
	for name, kind := range map[string]string{
		"FargateWeb": "AWS::ECS::Service", "NlbService": "AWS::ECS::Service",
		"EventDrivenTask": "AWS::Events::Rule", "ScheduledTask": "AWS::Scheduler::Schedule",
		"QueueWorker": "AWS::ECS::Service", "GatewayServices": "AWS::ECS::Service",
	} {
		tpl := cdktest.Synth(t, buildStack(t, name, map[string]any{name + ".natGateways": "none", name + ".image": "public.ecr.aws/a/b:1"}))
		assert.Empty(t, tpl.All("AWS::EC2::NatGateway"), name)
		assert.Empty(t, tpl.All("AWS::EC2::EIP"), "%s pays for an address that nothing has", name)
		path := map[string]string{
			"AWS::ECS::Service":        "NetworkConfiguration.AwsvpcConfiguration",
			"AWS::Events::Rule":        "Targets.0.EcsParameters.NetworkConfiguration.AwsVpcConfiguration",
			"AWS::Scheduler::Schedule": "Target.EcsParameters.NetworkConfiguration.AwsvpcConfiguration",
		}[kind]
		for _, starter := range tpl.All(kind) {
			requireReachedByBalancersOnly(t, tpl, name, starter, path)
		}
		require.NotEmpty(t, tpl.All(kind), name)
	}
}

func requireReachedByBalancersOnly(t *testing.T, tpl *cdktest.Template, name string, starter *cdktest.Resource, path string) {
	t.Helper()
	assert.Equal(t, "ENABLED", starter.Get(path+".AssignPublicIp"), "the tasks of %s have no way out", name)
	subnets := cdktest.List(starter.Get(path + ".Subnets"))
	require.NotEmpty(t, subnets, name)
	for _, subnet := range subnets {
		assert.True(t, isPublic(tpl, tpl.Follow(subnet)), "%s: a subnet has no route to the internet", name)
	}
	groups := cdktest.List(starter.Get(path + ".SecurityGroups"))
	require.Len(t, groups, 1, name)
	group := tpl.Follow(groups[0])
	assert.Nil(t, group.Get("SecurityGroupIngress"), "%s lets in more than the load balancer", name)
	for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		if rule.Ref("GroupId") != group {
			continue
		}
		source := rule.Ref("SourceSecurityGroupId")
		require.NotNil(t, source, "%s lets in more than the load balancer", name)
		balancers := append(tpl.All("AWS::ElasticLoadBalancingV2::LoadBalancer"), tpl.All("AWS::ECS::Gateway")...)
		assert.True(t, slices.ContainsFunc(balancers, func(b *cdktest.Resource) bool { return b.Refers(source) }),
			"%s lets in more than the load balancer", name)
	}
}

// isPublic reports whether a subnet's route table leads to an internet gateway.
func isPublic(tpl *cdktest.Template, subnet *cdktest.Resource) bool {
	for _, association := range tpl.All("AWS::EC2::SubnetRouteTableAssociation") {
		if association.Ref("SubnetId") != subnet {
			continue
		}
		for _, route := range tpl.All("AWS::EC2::Route") {
			if route.Ref("RouteTableId") == association.Ref("RouteTableId") && route.Ref("GatewayId") != nil {
				return route.Ref("GatewayId").Type == "AWS::EC2::InternetGateway"
			}
		}
	}
	return false
}

// Container Insights counts tasks with and without enhanced observability. Off, there is no alarm that could never fire.
func TestAlarmsWithEachContainerInsights(t *testing.T) {
	for value, want := range map[string]int{"off": 0, "standard": 1, "enhanced": 1} {
		tpl := cdktest.Synth(t, buildStack(t, "FargateWeb", map[string]any{
			"FargateWeb.containerInsights": value, "FargateWeb.alarmEmail": "on-call@example.com",
		}))
		n := 0
		for _, alarm := range tpl.All("AWS::CloudWatch::Alarm") {
			if alarm.Get("Metrics.0.Expression") == "desired - running" {
				n++
			}
		}
		assert.Equal(t, want, n, value)
		assert.Equal(t, map[string]any{"off": "disabled", "standard": "enabled", "enhanced": "enhanced"}[value],
			tpl.Only("AWS::ECS::Cluster").Get("ClusterSettings.0.Value"), value)
	}
}

package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/test/cdktest"
)

// Deployments that shift traffic have two target groups, which take turns: what one lacks, every other version lacks.
func TestBothTargetGroupsCarryEverything(t *testing.T) {
	for name, strategy := range map[string]awsecs.DeploymentStrategy{"rolling": "", "shifting": awsecs.DeploymentStrategy_BLUE_GREEN} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t, nil)
			container := web()
			container.PortMappings = append(container.PortMappings, ecs.PortMapping{ContainerPort: 8081})
			ecs.NewService(shop.stack, "Service", &ecs.ServiceProps{
				Cluster: shop.cluster, Task: ecs.NewTask(shop.stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{container}}),
				Deployment: ecs.Deployment{Strategy: strategy, RollbackOnErrors: true},
				Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{
					LoadBalancer: shop.alb, Conditions: elb.Conditions{PathPatterns: []string{"/*"}},
					Protocol:    elbv2.ApplicationProtocol_HTTPS,
					HealthCheck: elb.TargetHealthCheck{Protocol: elbv2.Protocol_HTTP, Port: 8081, Path: "/up"},

					LoadBalancingAlgorithm: elbv2.TargetGroupLoadBalancingAlgorithmType_WEIGHTED_RANDOM,
					AnomalyMitigation:      true,
					CrossZone:              new(false),
					MinHealthyTargets:      elb.MinHealthyTargets{DnsFailoverCount: 2, RoutingFailoverCount: 2},
				}}},
			})
			tpl := cdktest.Synth(t, shop.stack)
			groups := tpl.All("AWS::ElasticLoadBalancingV2::TargetGroup")
			assert.Len(t, groups, map[bool]int{false: 1, true: 2}[strategy != ""])
			for _, group := range groups {
				cdktest.Has(t, group, map[string]any{
					"Protocol": "HTTPS", "Port": 80.0, "HealthCheckProtocol": "HTTP", "HealthCheckPort": "8081", "HealthCheckPath": "/up",
				}, group.Path())
				for key, want := range map[string]string{
					"load_balancing.algorithm.type":                                             "weighted_random",
					"load_balancing.algorithm.anomaly_mitigation":                               "on",
					"load_balancing.cross_zone.enabled":                                         "false",
					"target_group_health.dns_failover.minimum_healthy_targets.count":            "2",
					"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "2",
				} {
					assert.Contains(t, group.Get("TargetGroupAttributes"), map[string]any{"Key": key, "Value": want}, group.Path())
				}
			}
		})
	}
}

// Without rules for the port of health checks, every target stays unhealthy.
func TestHealthChecksOnAnotherPortGetThrough(t *testing.T) {
	for name, c := range map[string]struct {
		mode     awsecs.NetworkMode
		hostPort int
		health   int
		want     []any
	}{
		"of its own":              {health: 8081, want: []any{8080.0, 8081.0}},
		"that of the requests":    {health: 8080, want: []any{8080.0}},
		"none":                    {want: []any{8080.0}},
		"of the instance":         {awsecs.NetworkMode_BRIDGE, 9001, 9001, []any{32768.0, 9001.0}},
		"of the instance, chosen": {awsecs.NetworkMode_BRIDGE, 40000, 40000, []any{32768.0}},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t, nil)
			container := web()
			container.PortMappings = append(container.PortMappings, ecs.PortMapping{ContainerPort: 8081, HostPort: c.hostPort})
			task := ecs.TaskProps{Containers: []ecs.Container{container}}
			if c.mode != "" {
				task.Compatibility, task.NetworkMode = awsecs.Compatibility_EC2, c.mode
				newCapacity(shop.stack, "Capacity", shop.cluster, nil)
			}
			ecs.NewService(shop.stack, "Service", &ecs.ServiceProps{
				Cluster: shop.cluster, Task: ecs.NewTask(shop.stack, "Task", &task),
				Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{LoadBalancer: shop.alb, HealthCheck: elb.TargetHealthCheck{Port: c.health}}}},
			})
			tpl := cdktest.Synth(t, shop.stack)
			service, balancer := tpl.Only("AWS::ECS::Service"), tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer")
			var in, out []any
			for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
				assert.Same(t, balancer.Ref("SecurityGroups.0"), rule.Ref("SourceSecurityGroupId"))
				assert.True(t, service.ComesAfter(rule), "the first tasks fail their health checks before %s", rule.Path())
				in = append(in, rule.Get("FromPort"))
			}
			for _, rule := range tpl.All("AWS::EC2::SecurityGroupEgress") {
				assert.Same(t, balancer.Ref("SecurityGroups.0"), rule.Ref("GroupId"))
				assert.True(t, service.ComesAfter(rule), "the first tasks fail their health checks before %s", rule.Path())
				out = append(out, rule.Get("FromPort"))
			}
			assert.ElementsMatch(t, c.want, in, "what the tasks admit")
			assert.ElementsMatch(t, c.want, out, "what the load balancer may reach")
		})
	}
}

// AWS checks by HTTP unless it is told otherwise, which a container that speaks TLS refuses.
func TestHealthChecksFollowTheProtocol(t *testing.T) {
	shop := newShop(t, nil)
	ecs.NewService(shop.stack, "Service", &ecs.ServiceProps{Cluster: shop.cluster, Task: newTask(shop.stack),
		Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{LoadBalancer: shop.alb, Protocol: elbv2.ApplicationProtocol_HTTPS}}}})
	assert.Equal(t, "HTTPS", cdktest.Synth(t, shop.stack).Only("AWS::ElasticLoadBalancingV2::TargetGroup").Get("HealthCheckProtocol"))
}

func TestNetworkTargetGroupsCarryTheirAttributes(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	nlb := elb.NewNetworkLoadBalancer(stack, "Nlb", &elb.NetworkLoadBalancerProps{Vpc: cluster.Vpc()})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack), Exposure: ecs.Exposure{Nlb: []ecs.NlbListener{{
		LoadBalancer: nlb, Port: 443, CertificateArn: certificateArn, AdditionalCertificateArns: []string{otherCertificateArn},
		CrossZone: new(true), MinHealthyTargets: elb.MinHealthyTargets{DnsFailoverPercent: 60, RoutingFailoverPercent: 50},
	}}}})
	tpl := cdktest.Synth(t, stack)
	group := tpl.Only("AWS::ElasticLoadBalancingV2::TargetGroup")
	for key, want := range map[string]string{
		"load_balancing.cross_zone.enabled":                                              "true",
		"target_group_health.dns_failover.minimum_healthy_targets.percentage":            "60",
		"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "50",
	} {
		assert.Contains(t, group.Get("TargetGroupAttributes"), map[string]any{"Key": key, "Value": want})
	}
	assert.Same(t, tpl.Only("AWS::ElasticLoadBalancingV2::Listener"),
		tpl.Only("AWS::ElasticLoadBalancingV2::ListenerCertificate").Ref("ListenerArn"))
}

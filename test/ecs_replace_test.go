package test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/network"
	"awscontainers/test/cdktest"
)

// createOnly lists the properties that CloudFormation can't change, of the resources that requests pass on their way to a task: a
// change replaces the resource.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-loadbalancer.html
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listener.html
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listenerrule.html
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-service.html
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-servicediscovery-privatednsnamespace.html
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-servicediscovery-service.html
var createOnly = map[string][]string{
	"AWS::ElasticLoadBalancingV2::TargetGroup": {
		"IpAddressType", "Name", "Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId",
	},
	"AWS::ElasticLoadBalancingV2::LoadBalancer": {"Name", "Scheme", "Type"},
	"AWS::ElasticLoadBalancingV2::Listener":     {"LoadBalancerArn"},
	"AWS::ElasticLoadBalancingV2::ListenerRule": {"ListenerArn"},
	"AWS::ECS::Service": {
		"Cluster", "DeploymentController", "LaunchType", "Role", "SchedulingStrategy", "ServiceName",
	},
	"AWS::ServiceDiscovery::PrivateDnsNamespace": {"Name", "Vpc"},
	"AWS::ServiceDiscovery::Service":             {"HealthCheckCustomConfig", "Name", "NamespaceId", "Type"},
}

// replaced returns what CloudFormation replaces or removes on the way of requests, "ECS::Service.ServiceName", sorted.
func replaced(before, after *cdktest.Template) (found []string) {
	for kind, properties := range createOnly {
		name := kind[len("AWS::"):]
		then := map[string]*cdktest.Resource{}
		for _, r := range after.All(kind) {
			then[r.Id] = r
		}
		for _, was := range before.All(kind) {
			is := then[was.Id]
			if is == nil {
				found = append(found, name)
				continue
			}
			for _, property := range properties {
				if !reflect.DeepEqual(was.Get(property), is.Get(property)) {
					found = append(found, name+"."+property)
				}
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// reached is a service behind both kinds of load balancer, and what a test changes of it.
type reached struct {
	cluster ecs.ClusterProps
	alb     elb.ApplicationLoadBalancerProps
	nlb     elb.NetworkLoadBalancerProps
	task    ecs.TaskProps
	service ecs.ServiceProps
	rule    ecs.AlbRule
	tcp     ecs.NlbListener
	udp     ecs.NlbListener
}

func (r *reached) synth(t *testing.T) *cdktest.Template {
	t.Helper()
	stack := cdktest.Stack(t)
	r.cluster.Vpc = importedVpc(stack)
	r.alb.Vpc, r.nlb.Vpc = r.cluster.Vpc, r.cluster.Vpc
	cluster := ecs.NewCluster(stack, "Cluster", &r.cluster)
	if r.task.Compatibility == awsecs.Compatibility_EC2 {
		newCapacity(stack, "Capacity", cluster, nil)
	}
	r.rule.LoadBalancer = elb.NewApplicationLoadBalancer(stack, "Alb", &r.alb)
	r.tcp.LoadBalancer = elb.NewNetworkLoadBalancer(stack, "Nlb", &r.nlb)
	r.udp.LoadBalancer = r.tcp.LoadBalancer
	r.service.Cluster, r.service.Task = cluster, ecs.NewTask(stack, "Task", &r.task)
	r.service.Exposure.Alb, r.service.Exposure.Nlb = []ecs.AlbRule{r.rule}, []ecs.NlbListener{r.tcp}
	if r.udp.Port != 0 {
		r.service.Exposure.Nlb = append(r.service.Exposure.Nlb, r.udp)
	}
	ecs.NewService(stack, "Service", &r.service)
	return cdktest.Synth(t, stack)
}

func newReached(change func(r *reached)) *reached {
	r := &reached{
		alb:     elb.ApplicationLoadBalancerProps{CertificateArn: certificateArn},
		nlb:     elb.NetworkLoadBalancerProps{CrossZone: true},
		task:    ecs.TaskProps{Containers: []ecs.Container{web()}},
		service: ecs.ServiceProps{DesiredCount: new(2)},
		rule:    ecs.AlbRule{Conditions: elb.Conditions{PathPatterns: []string{"/*"}}},
		tcp:     ecs.NlbListener{Port: 443},
	}
	if change != nil {
		change(r)
	}
	return r
}

func port(r *reached, port int) { r.task.Containers[0].PortMappings[0].ContainerPort = port }

func withUdp(r *reached) {
	r.task.Containers[0].PortMappings = append(r.task.Containers[0].PortMappings,
		ecs.PortMapping{ContainerPort: 5353, Protocol: awsecs.Protocol_UDP})
	r.udp = ecs.NlbListener{Id: "Udp", Port: 53, Protocol: elbv2.Protocol_UDP}
}

func canary(r *reached) {
	r.service.Deployment = ecs.Deployment{Strategy: awsecs.DeploymentStrategy_CANARY, RollbackOnErrors: true}
}

func onEc2(mode awsecs.NetworkMode) func(r *reached) {
	return func(r *reached) { r.task.Compatibility, r.task.NetworkMode = awsecs.Compatibility_EC2, mode }
}

// A listener points at a target group that replaces another one before tasks are in it. So what can change without that, must; what
// can't is documented, in "Change a running service" of the package's README.
func TestChangesOfRunningServices(t *testing.T) {
	for name, c := range map[string]struct {
		from, to func(r *reached) // to is applied on top of from
		want     []string
	}{
		"container's port":      {nil, func(r *reached) { port(r, 9090) }, nil},
		"port while it shifts":  {canary, func(r *reached) { port(r, 9090) }, nil},
		"port in bridge mode":   {onEc2(awsecs.NetworkMode_BRIDGE), func(r *reached) { port(r, 9090) }, nil},
		"UDP port":              {withUdp, func(r *reached) { r.task.Containers[0].PortMappings[1].ContainerPort = 5354 }, nil},
		"port of the UDP check": {withUdp, func(r *reached) { port(r, 9090) }, nil},
		"listener's port":       {nil, func(r *reached) { r.tcp.Port = 8443 }, nil},
		"TCP to TLS":            {nil, func(r *reached) { r.tcp.CertificateArn = certificateArn }, nil},
		"TCP to TLS as far as the task": {nil, func(r *reached) { r.tcp.CertificateArn, r.tcp.EncryptToTasks = certificateArn, true },
			[]string{"ElasticLoadBalancingV2::TargetGroup.Protocol"}},
		"health checks": {nil, func(r *reached) {
			r.rule.HealthCheck = elb.TargetHealthCheck{Path: "/up", HealthyHttpCodes: "200-299", Interval: 30 * time.Second}
			r.tcp.HealthCheck = elb.NetworkHealthCheck{Protocol: elbv2.Protocol_HTTP, Path: "/up", Port: 8080}
		}, nil},
		"attributes of groups": {nil, func(r *reached) {
			r.rule.DeregistrationDelay, r.rule.SlowStart, r.rule.StickinessDuration = 2*time.Minute, time.Minute, time.Hour
			r.tcp.DeregistrationDelay, r.tcp.PreserveClientIp, r.tcp.ProxyProtocolV2 = 2*time.Minute, new(true), true
			r.tcp.SourceIpStickiness = true
		}, nil},
		"gRPC": {nil, func(r *reached) { r.rule.ProtocolVersion = elbv2.ApplicationProtocolVersion_GRPC },
			[]string{"ElasticLoadBalancingV2::TargetGroup.ProtocolVersion"}},
		"HTTP1 by name":           {nil, func(r *reached) { r.rule.ProtocolVersion = elbv2.ApplicationProtocolVersion_HTTP1 }, nil},
		"conditions and priority": {nil, func(r *reached) { r.rule.Conditions.HostHeaders, r.rule.Priority = []string{"example.com"}, 7 }, nil},
		"rule's id": {nil, func(r *reached) { r.rule.Id = "Api" },
			[]string{"ElasticLoadBalancingV2::ListenerRule", "ElasticLoadBalancingV2::TargetGroup"}},
		"strategy": {nil, canary, nil},
		"network mode": {onEc2(awsecs.NetworkMode_AWS_VPC), onEc2(awsecs.NetworkMode_BRIDGE),
			[]string{"ElasticLoadBalancingV2::TargetGroup.TargetType"}},
		"bridge to host": {onEc2(awsecs.NetworkMode_BRIDGE), func(r *reached) {
			onEc2(awsecs.NetworkMode_HOST)(r)
			r.service.PlacementConstraints = []ecs.PlacementConstraint{{Type: ecs.PlacementDistinctInstance}}
		}, nil},
		"Fargate to EC2": {nil, onEc2(awsecs.NetworkMode_AWS_VPC), nil},
		"Fargate to Spot": {nil, func(r *reached) {
			r.service.Capacity = []ecs.CapacityProviderStrategy{{CapacityProvider: ecs.Fargate, Weight: 1},
				{CapacityProvider: ecs.FargateSpot, Weight: 1}}
		}, nil},
		"size, scaling, subnets": {nil, func(r *reached) {
			r.task.Cpu, r.task.MemoryLimitMiB = 512, 1024
			r.service.DesiredCount, r.service.Scaling = nil, &ecs.Scaling{MinCapacity: 2, MaxCapacity: 4, TargetCpuUtilizationPercent: 60}
			r.service.Subnets, r.service.AssignPublicIp = network.Public, true
			r.service.HealthCheckGracePeriod = time.Minute * 3
		}, nil},
		"names": {nil, func(r *reached) { r.service.ServiceName, r.cluster.ClusterName = "shop", "shop" }, []string{"ECS::Service.ServiceName"}},
		"namespace": {func(r *reached) { r.cluster.Namespace = "internal" }, func(r *reached) { r.cluster.Namespace = "shop.internal" },
			[]string{"ServiceDiscovery::PrivateDnsNamespace.Name"}},
		"name in DNS": {func(r *reached) {
			r.cluster.Namespace, r.service.Exposure.ServiceDiscovery = "internal", &ecs.ServiceDiscovery{Name: "web"}
		}, func(r *reached) { r.service.Exposure.ServiceDiscovery = &ecs.ServiceDiscovery{Name: "www"} },
			[]string{"ServiceDiscovery::Service.Name"}},
		"time in DNS": {func(r *reached) {
			r.cluster.Namespace, r.service.Exposure.ServiceDiscovery = "internal", &ecs.ServiceDiscovery{Name: "web"}
		}, func(r *reached) {
			r.service.Exposure.ServiceDiscovery = &ecs.ServiceDiscovery{Name: "web", DnsTtl: 10 * time.Second}
		}, nil},
		"sessions": {nil, func(r *reached) {
			r.cluster.ExecuteCommand, r.service.ExecuteCommand = &ecs.ExecuteCommand{}, true
			r.task.Containers[0].WritableRootFilesystem = true
		}, nil},
		"Daemon": {onEc2(awsecs.NetworkMode_AWS_VPC), func(r *reached) { r.service.Daemon, r.service.DesiredCount = true, nil },
			[]string{"ECS::Service.LaunchType", "ECS::Service.SchedulingStrategy"}},
		"without HTTPS": {nil, func(r *reached) { r.alb.CertificateArn = "" }, []string{
			"ElasticLoadBalancingV2::Listener", "ElasticLoadBalancingV2::ListenerRule.ListenerArn"}},
		"schemes": {nil, func(r *reached) { r.alb.InternetFacing, r.nlb.InternetFacing = true, true },
			[]string{"ElasticLoadBalancingV2::LoadBalancer.Scheme"}},
		"addresses": {func(r *reached) { r.nlb.InternetFacing = true }, func(r *reached) { r.nlb.ElasticIps = true }, nil},
		"load balancers' attributes": {nil, func(r *reached) {
			r.alb.IdleTimeout, r.alb.DeletionProtection, r.nlb.DeletionProtection, r.nlb.CrossZone = time.Minute*2, true, true, false
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			from := newReached(c.from)
			to := newReached(c.from)
			c.to(to)
			assert.Equal(t, c.want, replaced(from.synth(t), to.synth(t)))
		})
	}
}

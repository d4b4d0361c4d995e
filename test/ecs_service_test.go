package test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/network"
	"awscontainers/test/cdktest"
)

func TestCluster(t *testing.T) {
	stack := cdktest.Stack(t)
	newCluster(stack)
	tpl := cdktest.Synth(t, stack)
	cluster := tpl.Only("AWS::ECS::Cluster")
	assert.Equal(t, []any{map[string]any{"Name": "containerInsights", "Value": "enhanced"}}, cluster.Get("ClusterSettings"))
	providers := tpl.Only("AWS::ECS::ClusterCapacityProviderAssociations")
	assert.Same(t, cluster, providers.Ref("Cluster"))
	assert.Equal(t, []any{"FARGATE", "FARGATE_SPOT"}, providers.Get("CapacityProviders"))
	assert.Len(t, tpl.Resources, 2)
}

func TestClusterWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{
		Vpc: importedVpc(stack), ClusterName: "blue", ContainerInsights: awsecs.ContainerInsights_DISABLED,
	})
	cluster := cdktest.Synth(t, stack).Only("AWS::ECS::Cluster")
	assert.Equal(t, "blue", cluster.Get("ClusterName"))
	assert.Equal(t, "disabled", cluster.Get("ClusterSettings.0.Value"))
}

func TestServiceWithDefaults(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack)})
	tpl := cdktest.Synth(t, stack)

	service := tpl.Only("AWS::ECS::Service")
	assert.Same(t, tpl.Only("AWS::ECS::Cluster"), service.Ref("Cluster"))
	assert.Same(t, tpl.Only("AWS::ECS::TaskDefinition"), service.Ref("TaskDefinition"))
	assert.Equal(t, []any{map[string]any{"CapacityProvider": "FARGATE", "Weight": 1.0}}, service.Get("CapacityProviderStrategy"))
	assert.Equal(t, 1.0, service.Get("DesiredCount"))
	assert.Equal(t, map[string]any{
		"DeploymentCircuitBreaker": map[string]any{"Enable": true, "Rollback": true},
		"MaximumPercent":           200.0, "MinimumHealthyPercent": 100.0,
	}, service.Get("DeploymentConfiguration"))
	assert.Equal(t, "ENABLED", service.Get("AvailabilityZoneRebalancing"))
	assert.Equal(t, "DISABLED", service.Get("NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp"))
	for _, subnet := range subnets(tpl, "Private") {
		assert.Contains(t, service.Get("NetworkConfiguration.AwsvpcConfiguration.Subnets"), map[string]any{"Ref": subnet.Id})
	}
	group := service.Ref("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0")
	assert.Nil(t, group.Get("SecurityGroupIngress"))
	assert.Empty(t, tpl.All("AWS::EC2::SecurityGroupIngress"), "a service that nothing exposes can be reached")
	assert.Empty(t, tpl.All("AWS::ApplicationAutoScaling::ScalableTarget"))
}

// The order in which CloudFormation makes things, and backwards deletes them.
func TestServiceWaitsForWhatItsTasksNeed(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: vpc, InternetFacing: true})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack),
		Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{LoadBalancer: alb, Priority: 1, Conditions: elb.Conditions{PathPatterns: []string{"/*"}}}}},
	})
	tpl := cdktest.Synth(t, stack)

	before := tpl.Only("AWS::ECS::Service").Dependencies()
	assert.Contains(t, before, tpl.Only("AWS::ECS::ClusterCapacityProviderAssociations").Id, "deleting the stack gets stuck")
	assert.Contains(t, before, tpl.At("AWS::IAM::Policy", "ExecutionRole").Id, "the first tasks may not write logs yet")
	assert.Contains(t, before, tpl.Only("AWS::ElasticLoadBalancingV2::ListenerRule").Id, "the target group has no load balancer yet")
	for _, subnet := range subnets(tpl, "Private") {
		assert.Contains(t, before, defaultRoute(t, tpl, subnet).Id, "the first tasks cannot reach their image yet")
	}
}

func TestServiceInIsolatedSubnetsWaitsForItsEndpoints(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2, NatGateways: network.NatNone,
		IsolatedSubnets: true, InterfaceEndpoints: network.EcsTaskEndpoints()}).Vpc
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack), Subnets: network.Isolated})
	tpl := cdktest.Synth(t, stack)
	for _, endpoint := range tpl.All("AWS::EC2::VPCEndpoint") {
		assert.Contains(t, tpl.Only("AWS::ECS::Service").Dependencies(), endpoint.Id, "the first tasks cannot reach their image yet")
	}
}

func TestServiceWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	group := awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Group"), jsii.String("sg-0123456789abcdef0"), nil)
	count, healthy := 3, 50
	ecs.NewService(stack, "Service", &ecs.ServiceProps{
		Cluster: newCluster(stack),
		Task:    newTask(stack),
		Capacity: []ecs.CapacityProviderStrategy{
			{CapacityProvider: ecs.Fargate, Base: 1, Weight: 1}, {CapacityProvider: ecs.FargateSpot, Weight: 3},
		},
		Deployment:     ecs.Deployment{MinHealthyPercent: &healthy, MaxHealthyPercent: 100, DisableCircuitBreaker: true},
		DesiredCount:   &count,
		Subnets:        network.Public,
		AssignPublicIp: true,
		SecurityGroups: []awsec2.ISecurityGroup{group},
		ServiceName:    "everything",
	})
	tpl := cdktest.Synth(t, stack)

	service := tpl.Only("AWS::ECS::Service")
	assert.Equal(t, []any{
		map[string]any{"CapacityProvider": "FARGATE", "Base": 1.0, "Weight": 1.0},
		map[string]any{"CapacityProvider": "FARGATE_SPOT", "Weight": 3.0},
	}, service.Get("CapacityProviderStrategy"))
	assert.Equal(t, map[string]any{
		"DeploymentCircuitBreaker": map[string]any{"Enable": false, "Rollback": false},
		"MaximumPercent":           100.0, "MinimumHealthyPercent": 50.0,
	}, service.Get("DeploymentConfiguration"))
	assert.Equal(t, "DISABLED", service.Get("AvailabilityZoneRebalancing"), "ECS refuses it without room for one more task")
	assert.Equal(t, 3.0, service.Get("DesiredCount"))
	assert.Equal(t, "everything", service.Get("ServiceName"))
	assert.Equal(t, map[string]any{
		"AssignPublicIp": "ENABLED",
		"SecurityGroups": []any{"sg-0123456789abcdef0"},
		"Subnets":        []any{"subnet-00000000000000001", "subnet-00000000000000002"},
	}, service.Get("NetworkConfiguration.AwsvpcConfiguration"))
	assert.Empty(t, tpl.All("AWS::EC2::SecurityGroup"), "one was made beside the caller's")
}

func TestServiceTakesAClusterOfTheCaller(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := awsecs.Cluster_FromClusterAttributes(stack, jsii.String("Theirs"), &awsecs.ClusterAttributes{
		ClusterName: jsii.String("theirs"), Vpc: importedVpc(stack),
	})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: ecs.ClusterFrom(stack, "Existing", cluster), Task: newTask(stack)})
	tpl := cdktest.Synth(t, stack)
	service := tpl.Only("AWS::ECS::Service")
	assert.Equal(t, "theirs", service.Get("Cluster"))
	assert.Equal(t, "FARGATE", service.Get("LaunchType"), "it would wait for no association of capacity providers")
	assert.Nil(t, service.Get("CapacityProviderStrategy"))
	assert.Empty(t, tpl.All("AWS::ECS::Cluster"))
	assert.Empty(t, tpl.All("AWS::ECS::ClusterCapacityProviderAssociations"), "theirs would be overwritten")
}

// From the request to the container: listener, rule, target group, service, and the two security groups on the way.
func TestServiceBehindALoadBalancer(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: cluster.Cluster.Vpc(), InternetFacing: true})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{
		Cluster: cluster,
		Task:    newTask(stack),
		Exposure: ecs.Exposure{Alb: []ecs.AlbRule{
			{LoadBalancer: alb, Priority: 10, Conditions: elb.Conditions{PathPatterns: []string{"/api/*"}, HostHeaders: []string{"*.example.com"}},
				DeregistrationDelay: 90 * time.Second,
				HealthCheck: elb.TargetHealthCheck{Path: "/health", HealthyHttpCodes: "200-299", Interval: 20 * time.Second,
					Timeout: 10 * time.Second, HealthyThresholdCount: 3, UnhealthyThresholdCount: 4}},
			{Id: "Rest", LoadBalancer: alb, Priority: 20, Conditions: elb.Conditions{PathPatterns: []string{"/*"}}},
		}},
		HealthCheckGracePeriod: 2 * time.Minute,
	})
	tpl := cdktest.Synth(t, stack)

	service := tpl.Only("AWS::ECS::Service")
	assert.Equal(t, 120.0, service.Get("HealthCheckGracePeriodSeconds"))
	assert.Len(t, service.Get("LoadBalancers"), 2)
	assert.Equal(t, "web", service.Get("LoadBalancers.0.ContainerName"))
	assert.Equal(t, 8080.0, service.Get("LoadBalancers.0.ContainerPort"))

	group := service.Ref("LoadBalancers.0.TargetGroupArn")
	for path, want := range map[string]any{
		"TargetType": "ip", "Protocol": "HTTP", "Port": 80.0, "VpcId": "vpc-0123456789abcdef0",
		"HealthCheckPath": "/health", "Matcher.HttpCode": "200-299", "HealthCheckIntervalSeconds": 20.0,
		"HealthCheckTimeoutSeconds": 10.0, "HealthyThresholdCount": 3.0, "UnhealthyThresholdCount": 4.0,
	} {
		assert.Equal(t, want, group.Get(path), path)
	}
	assert.Contains(t, group.Get("TargetGroupAttributes"),
		map[string]any{"Key": "deregistration_delay.timeout_seconds", "Value": "90"})

	rule := tpl.At("AWS::ElasticLoadBalancingV2::ListenerRule", "/Service/ListenerRule/")
	assert.Equal(t, 10.0, rule.Get("Priority"))
	assert.Same(t, group, rule.Ref("Actions.0.TargetGroupArn"))
	assert.Equal(t, []any{
		map[string]any{"Field": "path-pattern", "PathPatternConfig": map[string]any{"Values": []any{"/api/*"}}},
		map[string]any{"Field": "host-header", "HostHeaderConfig": map[string]any{"Values": []any{"*.example.com"}}},
	}, rule.Get("Conditions"))
	balancer := rule.Ref("ListenerArn").Ref("LoadBalancerArn")
	assert.Same(t, tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer"), balancer)

	clients, tasks := balancer.Ref("SecurityGroups.0"), service.Ref("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0")
	in, out := tpl.Only("AWS::EC2::SecurityGroupIngress"), tpl.Only("AWS::EC2::SecurityGroupEgress")
	assert.Same(t, tasks, in.Ref("GroupId"))
	assert.Same(t, clients, in.Ref("SourceSecurityGroupId"))
	assert.Same(t, clients, out.Ref("GroupId"))
	assert.Same(t, tasks, out.Ref("DestinationSecurityGroupId"))
	for _, way := range []*cdktest.Resource{in, out} {
		cdktest.Has(t, way, map[string]any{
			"FromPort":   8080.0,
			"ToPort":     8080.0,
			"IpProtocol": "tcp",
		})
	}
}

func TestServiceScalesOnCpu(t *testing.T) {
	stack := cdktest.Stack(t)
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: newCluster(stack), Task: newTask(stack),
		Scaling: &ecs.Scaling{MinCapacity: 2, MaxCapacity: 6, TargetCpuUtilizationPercent: 55, ScaleInCooldown: 10 * time.Minute},
	})
	tpl := cdktest.Synth(t, stack)

	policy := tpl.Only("AWS::ApplicationAutoScaling::ScalingPolicy")
	assert.Equal(t, map[string]any{
		"PredefinedMetricSpecification": map[string]any{"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
		"TargetValue":                   55.0, "ScaleOutCooldown": 60.0, "ScaleInCooldown": 600.0,
	}, policy.Get("TargetTrackingScalingPolicyConfiguration"))
	target := policy.Ref("ScalingTargetId")
	cdktest.Has(t, target, map[string]any{
		"MinCapacity": 2.0,
		"MaxCapacity": 6.0,
	})
	assert.Equal(t, "ecs:service:DesiredCount", target.Get("ScalableDimension"))
	service := tpl.Only("AWS::ECS::Service")
	assert.Same(t, tpl.Only("AWS::ECS::Cluster"), tpl.Follow(target.Get("ResourceId.Fn::Join.1.1")))
	assert.Same(t, service, tpl.Follow(target.Get("ResourceId.Fn::Join.1.3")))
	assert.NotContains(t, service.Properties, "DesiredCount", "each deployment would set the number of tasks back")
}

func TestServiceIsRefusedWithItsPath(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{NatGateways: network.NatNone}).Vpc
	cluster, task := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc}), newTask(stack)
	before := len(*stack.Node().Children())
	lines := cdktest.Refused(t, func() {
		ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: task,
			Scaling: &ecs.Scaling{MinCapacity: 3, MaxCapacity: 1, TargetCpuUtilizationPercent: 60}})
	})
	assert.Equal(t, []string{
		"Test/Service: Scaling.MaxCapacity must not be less than MinCapacity (3); got 1",
		`Test/Service: Subnets must be a type of subnets that the VPC has (3 public, 0 private, 0 isolated); got "private"; ` +
			`use a VPC with private subnets such as network.NewVpc makes`,
	}, lines)
	assert.Len(t, *stack.Node().Children(), before, "something was made before the refusal")
}

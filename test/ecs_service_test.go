package test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/network"
)

// importedVpc is a VPC of somebody else: cheap, and it shows that nothing is made for it.
func importedVpc(stack awscdk.Stack) awsec2.IVpc {
	return network.VpcFrom(stack, "ImportedVpc", &network.VpcAttributes{
		VpcId:             "vpc-0123456789abcdef0",
		CidrBlock:         "10.0.0.0/16",
		AvailabilityZones: []string{"eu-west-1a", "eu-west-1b"},
		PublicSubnetIds:   []string{"subnet-00000000000000001", "subnet-00000000000000002"},
		PrivateSubnetIds:  []string{"subnet-00000000000000003", "subnet-00000000000000004"},
	}).Vpc
}

func newCluster(stack awscdk.Stack) *ecs.Cluster {
	return ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: importedVpc(stack)})
}

func newTask(stack awscdk.Stack) *ecs.Task {
	return ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{web()}})
}

func TestCluster(t *testing.T) {
	stack := newStack(t)
	newCluster(stack)
	tpl := synth(t, stack)
	cluster := tpl.only("AWS::ECS::Cluster")
	assert.Equal(t, []any{map[string]any{"Name": "containerInsights", "Value": "enhanced"}}, cluster.get("ClusterSettings"))
	providers := tpl.only("AWS::ECS::ClusterCapacityProviderAssociations")
	assert.Same(t, cluster, providers.ref("Cluster"))
	assert.Equal(t, []any{"FARGATE", "FARGATE_SPOT"}, providers.get("CapacityProviders"))
	assert.Len(t, tpl.Resources, 2)
}

func TestClusterWithEverything(t *testing.T) {
	stack := newStack(t)
	ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{
		Vpc: importedVpc(stack), ClusterName: "blue", ContainerInsights: awsecs.ContainerInsights_DISABLED,
	})
	cluster := synth(t, stack).only("AWS::ECS::Cluster")
	assert.Equal(t, "blue", cluster.get("ClusterName"))
	assert.Equal(t, "disabled", cluster.get("ClusterSettings.0.Value"))
}

func TestServiceWithDefaults(t *testing.T) {
	stack := newStack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack)})
	tpl := synth(t, stack)

	service := tpl.only("AWS::ECS::Service")
	assert.Same(t, tpl.only("AWS::ECS::Cluster"), service.ref("Cluster"))
	assert.Same(t, tpl.only("AWS::ECS::TaskDefinition"), service.ref("TaskDefinition"))
	assert.Equal(t, []any{map[string]any{"CapacityProvider": "FARGATE", "Weight": 1.0}}, service.get("CapacityProviderStrategy"))
	assert.Equal(t, 1.0, service.get("DesiredCount"))
	assert.Equal(t, map[string]any{
		"DeploymentCircuitBreaker": map[string]any{"Enable": true, "Rollback": true},
		"MaximumPercent":           200.0, "MinimumHealthyPercent": 100.0,
	}, service.get("DeploymentConfiguration"))
	assert.Equal(t, "ENABLED", service.get("AvailabilityZoneRebalancing"))
	assert.Equal(t, "DISABLED", service.get("NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp"))
	for _, subnet := range subnets(tpl, "Private") {
		assert.Contains(t, service.get("NetworkConfiguration.AwsvpcConfiguration.Subnets"), map[string]any{"Ref": subnet.id})
	}
	group := service.ref("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0")
	assert.Nil(t, group.get("SecurityGroupIngress"))
	assert.Empty(t, tpl.all("AWS::EC2::SecurityGroupIngress"), "a service that nothing exposes can be reached")
	assert.Empty(t, tpl.all("AWS::ApplicationAutoScaling::ScalableTarget"))
}

// The order in which CloudFormation makes things, and backwards deletes them.
func TestServiceWaitsForWhatItsTasksNeed(t *testing.T) {
	stack := newStack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2}).Vpc
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: vpc, InternetFacing: true})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack),
		Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{LoadBalancer: alb, Priority: 1, Conditions: elb.Conditions{PathPatterns: []string{"/*"}}}}},
	})
	tpl := synth(t, stack)

	before := tpl.only("AWS::ECS::Service").dependsOn()
	assert.Contains(t, before, tpl.only("AWS::ECS::ClusterCapacityProviderAssociations").id, "deleting the stack gets stuck")
	assert.Contains(t, before, tpl.at("AWS::IAM::Policy", "ExecutionRole").id, "the first tasks may not write logs yet")
	assert.Contains(t, before, tpl.only("AWS::ElasticLoadBalancingV2::ListenerRule").id, "the target group has no load balancer yet")
	for _, subnet := range subnets(tpl, "Private") {
		assert.Contains(t, before, defaultRoute(t, tpl, subnet).id, "the first tasks cannot reach their image yet")
	}
}

func TestServiceInIsolatedSubnetsWaitsForItsEndpoints(t *testing.T) {
	stack := newStack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{AvailabilityZones: 2, NatGateways: network.NatNone,
		IsolatedSubnets: true, InterfaceEndpoints: network.EcsTaskEndpoints()}).Vpc
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack), Subnets: network.Isolated})
	tpl := synth(t, stack)
	for _, endpoint := range tpl.all("AWS::EC2::VPCEndpoint") {
		assert.Contains(t, tpl.only("AWS::ECS::Service").dependsOn(), endpoint.id, "the first tasks cannot reach their image yet")
	}
}

func TestServiceWithEverything(t *testing.T) {
	stack := newStack(t)
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
	tpl := synth(t, stack)

	service := tpl.only("AWS::ECS::Service")
	assert.Equal(t, []any{
		map[string]any{"CapacityProvider": "FARGATE", "Base": 1.0, "Weight": 1.0},
		map[string]any{"CapacityProvider": "FARGATE_SPOT", "Weight": 3.0},
	}, service.get("CapacityProviderStrategy"))
	assert.Equal(t, map[string]any{
		"DeploymentCircuitBreaker": map[string]any{"Enable": false, "Rollback": false},
		"MaximumPercent":           100.0, "MinimumHealthyPercent": 50.0,
	}, service.get("DeploymentConfiguration"))
	assert.Equal(t, "DISABLED", service.get("AvailabilityZoneRebalancing"), "ECS refuses it without room for one more task")
	assert.Equal(t, 3.0, service.get("DesiredCount"))
	assert.Equal(t, "everything", service.get("ServiceName"))
	assert.Equal(t, map[string]any{
		"AssignPublicIp": "ENABLED",
		"SecurityGroups": []any{"sg-0123456789abcdef0"},
		"Subnets":        []any{"subnet-00000000000000001", "subnet-00000000000000002"},
	}, service.get("NetworkConfiguration.AwsvpcConfiguration"))
	assert.Empty(t, tpl.all("AWS::EC2::SecurityGroup"), "one was made beside the caller's")
}

func TestServiceTakesAClusterOfTheCaller(t *testing.T) {
	stack := newStack(t)
	cluster := awsecs.Cluster_FromClusterAttributes(stack, jsii.String("Theirs"), &awsecs.ClusterAttributes{
		ClusterName: jsii.String("theirs"), Vpc: importedVpc(stack),
	})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: ecs.ClusterFrom(stack, "Existing", cluster), Task: newTask(stack)})
	tpl := synth(t, stack)
	service := tpl.only("AWS::ECS::Service")
	assert.Equal(t, "theirs", service.get("Cluster"))
	assert.Equal(t, "FARGATE", service.get("LaunchType"), "it would wait for no association of capacity providers")
	assert.Nil(t, service.get("CapacityProviderStrategy"))
	assert.Empty(t, tpl.all("AWS::ECS::Cluster"))
	assert.Empty(t, tpl.all("AWS::ECS::ClusterCapacityProviderAssociations"), "theirs would be overwritten")
}

// From the request to the container: listener, rule, target group, service, and the two security groups on the way.
func TestServiceBehindALoadBalancer(t *testing.T) {
	stack := newStack(t)
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
			{LoadBalancer: alb, Priority: 20, Conditions: elb.Conditions{PathPatterns: []string{"/*"}}},
		}},
		HealthCheckGracePeriod: 2 * time.Minute,
	})
	tpl := synth(t, stack)

	service := tpl.only("AWS::ECS::Service")
	assert.Equal(t, 120.0, service.get("HealthCheckGracePeriodSeconds"))
	assert.Len(t, service.get("LoadBalancers"), 2)
	assert.Equal(t, "web", service.get("LoadBalancers.0.ContainerName"))
	assert.Equal(t, 8080.0, service.get("LoadBalancers.0.ContainerPort"))

	group := service.ref("LoadBalancers.0.TargetGroupArn")
	for path, want := range map[string]any{
		"TargetType": "ip", "Protocol": "HTTP", "Port": 8080.0, "VpcId": "vpc-0123456789abcdef0",
		"HealthCheckPath": "/health", "Matcher.HttpCode": "200-299", "HealthCheckIntervalSeconds": 20.0,
		"HealthCheckTimeoutSeconds": 10.0, "HealthyThresholdCount": 3.0, "UnhealthyThresholdCount": 4.0,
	} {
		assert.Equal(t, want, group.get(path), path)
	}
	assert.Contains(t, group.get("TargetGroupAttributes"),
		map[string]any{"Key": "deregistration_delay.timeout_seconds", "Value": "90"})

	rule := tpl.at("AWS::ElasticLoadBalancingV2::ListenerRule", "/Service/ListenerRule/")
	assert.Equal(t, 10.0, rule.get("Priority"))
	assert.Same(t, group, rule.ref("Actions.0.TargetGroupArn"))
	assert.Equal(t, []any{
		map[string]any{"Field": "path-pattern", "PathPatternConfig": map[string]any{"Values": []any{"/api/*"}}},
		map[string]any{"Field": "host-header", "HostHeaderConfig": map[string]any{"Values": []any{"*.example.com"}}},
	}, rule.get("Conditions"))
	balancer := rule.ref("ListenerArn").ref("LoadBalancerArn")
	assert.Same(t, tpl.only("AWS::ElasticLoadBalancingV2::LoadBalancer"), balancer)

	clients, tasks := balancer.ref("SecurityGroups.0"), service.ref("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0")
	in, out := tpl.only("AWS::EC2::SecurityGroupIngress"), tpl.only("AWS::EC2::SecurityGroupEgress")
	assert.Same(t, tasks, in.ref("GroupId"))
	assert.Same(t, clients, in.ref("SourceSecurityGroupId"))
	assert.Same(t, clients, out.ref("GroupId"))
	assert.Same(t, tasks, out.ref("DestinationSecurityGroupId"))
	for _, way := range []*resource{in, out} {
		assert.Equal(t, []any{8080.0, 8080.0, "tcp"}, []any{way.get("FromPort"), way.get("ToPort"), way.get("IpProtocol")})
	}
}

func TestServiceScalesOnCpu(t *testing.T) {
	stack := newStack(t)
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: newCluster(stack), Task: newTask(stack),
		Scaling: &ecs.Scaling{MinCapacity: 2, MaxCapacity: 6, TargetCpuUtilizationPercent: 55, ScaleInCooldown: 10 * time.Minute},
	})
	tpl := synth(t, stack)

	policy := tpl.only("AWS::ApplicationAutoScaling::ScalingPolicy")
	assert.Equal(t, map[string]any{
		"PredefinedMetricSpecification": map[string]any{"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
		"TargetValue":                   55.0, "ScaleOutCooldown": 60.0, "ScaleInCooldown": 600.0,
	}, policy.get("TargetTrackingScalingPolicyConfiguration"))
	target := policy.ref("ScalingTargetId")
	assert.Equal(t, []any{2.0, 6.0}, []any{target.get("MinCapacity"), target.get("MaxCapacity")})
	assert.Equal(t, "ecs:service:DesiredCount", target.get("ScalableDimension"))
	service := tpl.only("AWS::ECS::Service")
	assert.Same(t, tpl.only("AWS::ECS::Cluster"), tpl.follow(target.get("ResourceId.Fn::Join.1.1")))
	assert.Same(t, service, tpl.follow(target.get("ResourceId.Fn::Join.1.3")))
	assert.NotContains(t, service.Properties, "DesiredCount", "each deployment would set the number of tasks back")
}

func TestServiceIsRefusedWithItsPath(t *testing.T) {
	stack := newStack(t)
	vpc := network.NewVpc(stack, "Vpc", &network.VpcProps{NatGateways: network.NatNone}).Vpc
	cluster, task := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc}), newTask(stack)
	before := len(*stack.Node().Children())
	lines := refusal(t, func() {
		ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: task,
			Scaling: &ecs.Scaling{MinCapacity: 3, MaxCapacity: 1, TargetCpuUtilizationPercent: 60}})
	})
	assert.Equal(t, []string{
		"Test/Service: Scaling.MaxCapacity must not be less than MinCapacity, 3; got 1",
		`Test/Service: Subnets must be a type of subnets that the VPC has (3 public, 0 private, 0 isolated); got "private"`,
	}, lines)
	assert.Len(t, *stack.Node().Children(), before, "something was made before the refusal")
}

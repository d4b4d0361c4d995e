package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/network"
	"awscontainers/test/cdktest"
)

func vpcOfId(stack awscdk.Stack, id, vpcId string) awsec2.IVpc {
	return network.VpcFrom(stack, id, &network.VpcAttributes{
		VpcId: vpcId, CidrBlock: "10.0.0.0/16", AvailabilityZones: []string{"eu-west-1a", "eu-west-1b"},
		PublicSubnetIds:  []string{"subnet-00000000000000005", "subnet-00000000000000006"},
		PrivateSubnetIds: []string{"subnet-00000000000000007", "subnet-00000000000000008"},
	}).Vpc
}

// Elastic Load Balancing refuses a target group of another VPC than its load balancer's, in the middle of a deployment.
func TestLoadBalancerOfAnotherVpcIsRefused(t *testing.T) {
	const sameId = "vpc-0123456789abcdef0"
	for name, c := range map[string]struct {
		clusterVpc, balancerVpc func(stack awscdk.Stack) awsec2.IVpc
		isRefused               bool
	}{
		"imported twice":   {importedVpc, func(s awscdk.Stack) awsec2.IVpc { return vpcOfId(s, "Again", sameId) }, false},
		"two imported":     {importedVpc, func(s awscdk.Stack) awsec2.IVpc { return vpcOfId(s, "Other", "vpc-0123456789abcdef1") }, true},
		"imported and new": {importedVpc, func(s awscdk.Stack) awsec2.IVpc { return network.NewVpc(s, "New", nil).Vpc }, true},
		"two new": {func(s awscdk.Stack) awsec2.IVpc { return network.NewVpc(s, "One", nil).Vpc },
			func(s awscdk.Stack) awsec2.IVpc { return network.NewVpc(s, "Two", nil).Vpc }, true},
		"token": {importedVpc, func(s awscdk.Stack) awsec2.IVpc {
			return vpcOfId(s, "Token", *awscdk.Fn_ImportValue(jsii.String("VpcId")))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: c.clusterVpc(stack)})
			vpc := c.balancerVpc(stack)
			alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: vpc})
			listener := elb.ListenerFrom(stack, "Listener", &elb.ListenerAttributes{Listener: alb.Listener.Listener})
			nlb := elb.NewNetworkLoadBalancer(stack, "Nlb", &elb.NetworkLoadBalancerProps{Vpc: vpc})
			path := elb.Conditions{PathPatterns: []string{"/x"}}
			create := func() {
				ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack), Exposure: ecs.Exposure{
					Alb: []ecs.AlbRule{{LoadBalancer: alb}, {Id: "X", Listener: listener, Conditions: path, Priority: 1}},
					Nlb: []ecs.NlbListener{{LoadBalancer: nlb, Port: 80}},
				}})
			}
			if !c.isRefused {
				create()
				return
			}
			assert.Equal(t, []string{
				"Test/Service: Exposure.Alb[0].LoadBalancer must be in the VPC of the cluster",
				"Test/Service: Exposure.Alb[1].Listener must be in the VPC of the cluster",
				"Test/Service: Exposure.Nlb[0].LoadBalancer must be in the VPC of the cluster",
			}, cdktest.Refused(t, create))
		})
	}
}

// Without the rules, the first tasks fail their health checks, and tasks that stop lose their clients.
func TestServiceWaitsForTheRulesOfItsLoadBalancers(t *testing.T) {
	for name, c := range map[string]struct {
		isNlb, isInOtherStack, isOnInstances bool
		strategy                             awsecs.DeploymentStrategy
		ingress, egress                      int
	}{
		"ALB":                   {ingress: 1, egress: 1},
		"NLB":                   {isNlb: true, ingress: 1, egress: 1},
		"ALB, blue/green":       {strategy: awsecs.DeploymentStrategy_BLUE_GREEN, ingress: 1, egress: 1},
		"NLB, blue/green":       {isNlb: true, strategy: awsecs.DeploymentStrategy_BLUE_GREEN, ingress: 1, egress: 1},
		"ALB in another stack":  {isInOtherStack: true, ingress: 1, egress: 1},
		"NLB in another stack":  {isNlb: true, isInOtherStack: true, ingress: 1, egress: 1},
		"ALB and two instances": {isOnInstances: true, ingress: 2, egress: 2},
	} {
		t.Run(name, func(t *testing.T) {
			app := cdktest.App(t)
			stack := awscdk.NewStack(app, jsii.String("Test"), nil)
			base := stack
			if c.isInOtherStack {
				base = awscdk.NewStack(app, jsii.String("Base"), nil)
			}
			cluster := newCluster(base)
			props := ecs.ServiceProps{Cluster: cluster, Deployment: ecs.Deployment{Strategy: c.strategy,
				RollbackAlarms: []awscloudwatch.IAlarm{awscloudwatch.Alarm_FromAlarmName(stack, jsii.String("Alarm"), jsii.String("orders"))}}}
			task := ecs.TaskProps{Containers: []ecs.Container{web()}}
			if c.isOnInstances {
				task.Compatibility, task.NetworkMode = awsecs.Compatibility_EC2, awsecs.NetworkMode_BRIDGE
				one, two := newCapacity(stack, "One", cluster, nil), newCapacity(stack, "Two", cluster, nil)
				props.Capacity = []ecs.CapacityProviderStrategy{{CapacityProvider: one.Provider(), Weight: 1},
					{CapacityProvider: two.Provider(), Weight: 1}}
			}
			props.Task = ecs.NewTask(stack, "Task", &task)
			if c.isNlb {
				nlb := elb.NewNetworkLoadBalancer(base, "Nlb", &elb.NetworkLoadBalancerProps{Vpc: cluster.Vpc()})
				props.Exposure.Nlb = []ecs.NlbListener{{LoadBalancer: nlb, Port: 80}}
			} else {
				alb := elb.NewApplicationLoadBalancer(base, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: cluster.Vpc()})
				props.Exposure.Alb = []ecs.AlbRule{{LoadBalancer: alb, Conditions: elb.Conditions{PathPatterns: []string{"/*"}}}}
			}
			ecs.NewService(stack, "Service", &props)
			tpl := cdktest.Synth(t, stack)
			service := tpl.Only("AWS::ECS::Service")
			ingress, egress := tpl.All("AWS::EC2::SecurityGroupIngress"), tpl.All("AWS::EC2::SecurityGroupEgress")
			assert.Len(t, ingress, c.ingress)
			assert.Len(t, egress, c.egress)
			for _, rule := range append(ingress, egress...) {
				assert.True(t, service.ComesAfter(rule), rule.Path())
				assert.False(t, rule.ComesAfter(service), rule.Path())
			}
		})
	}
}

func TestCallersThatCannotBeAllowedAreRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: newCluster(stack), Task: newTask(stack)})
	assert.Equal(t, []string{"Test/Service: AllowFrom: containerPort must be a port of the task's containers: 8080; got 9999"},
		cdktest.Refused(t, func() { service.AllowFrom(service, 9999) }))
	assert.Equal(t, []string{"Test/Service: AllowFrom: other must not be nil; pass what has security groups"},
		cdktest.Refused(t, func() { service.AllowFrom(nil, 8080) }))
	worker := web()
	worker.PortMappings = nil
	queue := ecs.NewService(stack, "Queue", &ecs.ServiceProps{Cluster: service.Cluster(),
		Task: ecs.NewTask(stack, "QueueTask", &ecs.TaskProps{Containers: []ecs.Container{worker}})})
	assert.Equal(t, []string{"Test/Queue: AllowFrom: containerPort requires a container of the task with PortMappings; got 80"},
		cdktest.Refused(t, func() { queue.AllowFrom(service, 80) }))
}

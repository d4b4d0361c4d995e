package test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/network"
	"awscontainers/constructs/waf"
	"awscontainers/test/cdktest"
)

const (
	gatewayType     = "AWS::ECS::Gateway"
	associationType = "AWS::ECS::GatewayClusterAssociations"
)

// namedTask has a port that gateways can name.
func namedTask(stack awscdk.Stack) *ecs.Task {
	c := web()
	c.PortMappings[0].Name = "http"
	return ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{c}})
}

func accessTypes(service *cdktest.Resource) any {
	return cdktest.Dig(cdktest.List(service.Get("GatewayConnectors"))[0], "Filters.AccessTypes")
}

// The least: only the VPC reaches the gateway, and it the tasks, on the container's port.
func TestGatewayIsInternalByDefault(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	gateway := ecs.NewGateway(stack, "Gateway", &ecs.GatewayProps{Cluster: cluster})
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: namedTask(stack),
		Exposure: ecs.Exposure{Gateway: &ecs.GatewayConnector{Gateways: []*ecs.Gateway{gateway}}}})
	assert.Equal(t, "Test-Gateway-F23069E5", gateway.Name(), "unless the name stays the same, an update moves the services to a new gateway")
	assert.Empty(t, service.TargetGroups)
	tpl := cdktest.Synth(t, stack)

	made, association, task := tpl.Only(gatewayType), tpl.Only(associationType), tpl.Only("AWS::ECS::Service")
	clients := tpl.At("AWS::EC2::SecurityGroup", "Test/Gateway/SecurityGroup/Resource")
	tasks := tpl.At("AWS::EC2::SecurityGroup", "Test/Service/SecurityGroup/Resource")
	cdktest.Has(t, made, map[string]any{
		"GatewayName":        gateway.Name(),
		"DeletionProtection": false,
		"PropagateTags":      "GATEWAY",
	}, "protected by AWS's default, a first deployment that fails can't be rolled back")
	cdktest.HasAt(t, made.Get("Configuration.HostSharedAlb"), map[string]any{
		"Scheme":     "internal",
		"HttpDesync": "defensive",
	})
	cdktest.HasAt(t, made.Get("Configuration.HostSharedAlb.NetworkConfiguration"), map[string]any{
		"Subnets":       []any{"subnet-00000000000000003", "subnet-00000000000000004"},
		"IpAddressType": "ipv4",
	})
	for _, left := range []string{"Port", "Protocol", "CurrentAlbCount", "MaxAlbCount", "WebACLArn", "TestTrafficRules"} {
		assert.Nil(t, made.Get("Configuration.HostSharedAlb."+left), left)
	}
	assert.Same(t, clients, made.Ref("Configuration.HostSharedAlb.NetworkConfiguration.InboundSecurityGroup"))
	cdktest.HasAt(t, cdktest.List(clients.Get("SecurityGroupIngress"))[0], map[string]any{
		"FromPort": 443.0, "ToPort": 443.0, "IpProtocol": "tcp", "CidrIp": "10.0.0.0/16"})
	assert.Same(t, made, association.Ref("Gateway"))
	assert.Same(t, tpl.Only("AWS::ECS::Cluster"), association.Ref("Cluster"))

	assert.Equal(t, []any{map[string]any{
		"PortName": "http",
		"Filters":  map[string]any{"AccessTypes": []any{"PRIVATE"}},
		"HealthCheck": map[string]any{"HealthCheckPath": "/", "HealthCheckIntervalSeconds": 15.0, "HealthCheckTimeoutSeconds": 5.0,
			"HealthyThresholdCount": 2.0, "UnhealthyThresholdCount": 3.0, "Matcher": map[string]any{"HttpCode": "200"}},
	}}, task.Get("GatewayConnectors"), "without a filter, a gateway that faces the internet leads to the service too")
	assert.Equal(t, 60.0, task.Get("HealthCheckGracePeriodSeconds"))
	assert.Empty(t, task.Get("LoadBalancers"))

	in, out := tpl.Only("AWS::EC2::SecurityGroupIngress"), tpl.Only("AWS::EC2::SecurityGroupEgress")
	for _, rule := range []*cdktest.Resource{in, out} {
		cdktest.Has(t, rule, map[string]any{"FromPort": 8080.0, "ToPort": 8080.0, "IpProtocol": "tcp"})
		assert.True(t, task.ComesAfter(rule), "the first tasks would fail their health checks")
	}
	assert.Same(t, tasks, in.Ref("GroupId"))
	assert.Same(t, clients, in.Ref("SourceSecurityGroupId"))
	assert.Same(t, clients, out.Ref("GroupId"))
	assert.Same(t, tasks, out.Ref("DestinationSecurityGroupId"))
}

// ECS refuses a service whose cluster has no gateway yet, keeps an association until the last service has left, and a gateway until its
// last association has.
func TestGatewayOutlivesItsServices(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := network.NewVpc(stack, "Vpc", nil).Vpc
	cluster := ecs.NewCluster(stack, "Cluster", &ecs.ClusterProps{Vpc: vpc})
	gateway := ecs.NewGateway(stack, "Gateway", &ecs.GatewayProps{Cluster: cluster, InternetFacing: true})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: namedTask(stack),
		Exposure: ecs.Exposure{Gateway: &ecs.GatewayConnector{Gateways: []*ecs.Gateway{gateway}}}})
	tpl := cdktest.Synth(t, stack)

	made, association, service := tpl.Only(gatewayType), tpl.Only(associationType), tpl.Only("AWS::ECS::Service")
	role, bucket := tpl.Follow(made.Get("InfrastructureRoleArn")), made.Ref("Configuration.HostSharedAlb.AccessLogs.Destination.S3.Bucket")
	cdktest.CreatedInOrder(t, role, made, association, service)
	cdktest.DeletedInOrder(t, service, association, made, role)
	cdktest.MayExactly(t, role, cdktest.ManagedPolicies("AmazonECSInfrastructureRoleForGatewayHostSharedALB"))
	assert.Equal(t, []string{"ecs.amazonaws.com"}, cdktest.AssumedBy(t, role))
	for _, policy := range tpl.All("AWS::S3::BucketPolicy") {
		assert.Same(t, bucket, policy.Ref("Bucket"))
		assert.True(t, made.ComesAfter(policy), "the load balancers couldn't write their logs")
	}
	assert.Equal(t, "internet-facing", made.Get("Configuration.HostSharedAlb.Scheme"))
	for _, subnet := range cdktest.List(made.Get("Configuration.HostSharedAlb.NetworkConfiguration.Subnets")) {
		route := defaultRoute(t, tpl, tpl.Follow(subnet))
		assert.NotNil(t, route.Get("GatewayId"))
		assert.True(t, made.ComesAfter(route), "the internet gateway would be deleted while load balancers have public addresses")
	}
	assert.Equal(t, []any{"PUBLIC"}, accessTypes(service))
}

// All props, and what the caller brings isn't made again.
func TestGatewayWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs.amazonaws.com"), nil)})
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("elasticloadbalancing:CreateLoadBalancer"), Resources: jsii.Strings("*")}))
	hook := awslambda.Function_FromFunctionArn(stack, jsii.String("Hook"),
		jsii.String("arn:aws:lambda:eu-west-1:111122223333:function:hook"))
	acl := waf.NewWebAcl(stack, "WebAcl", nil)
	first := ecs.NewGateway(stack, "Gateway", &ecs.GatewayProps{
		Cluster: cluster, InternetFacing: true, IngressCidrs: []string{"203.0.113.0/24"}, WebAcl: acl, MaxAlbCount: 3, InfrastructureRole: role,
		TestHeader: &elb.HttpHeader{Name: "x-test", Values: []string{"yes"}}, DeletionProtection: true, AccessLogRetentionDays: 7,
		GatewayName: "team",
	})
	second := ecs.NewGateway(stack, "Internal", &ecs.GatewayProps{
		Cluster: cluster, TestHeader: &elb.HttpHeader{Name: "x-test", Values: []string{"yes"}}})
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: namedTask(stack),
		Deployment: ecs.Deployment{Strategy: awsecs.DeploymentStrategy_BLUE_GREEN, LifecycleHooks: []ecs.LifecycleHook{{
			Function: hook, Stages: []awsecs.DeploymentLifecycleStage{awsecs.DeploymentLifecycleStage_POST_TEST_TRAFFIC_SHIFT}}}},
		Exposure: ecs.Exposure{Gateway: &ecs.GatewayConnector{
			Gateways: []*ecs.Gateway{first, second}, PortName: "http", HealthCheck: elb.TargetHealthCheck{Path: "/up", HealthyHttpCodes: "200-299"},
		}}})
	command := service.UrlCommand(first)
	assert.Contains(t, command, "--gateway team --service ")
	assert.Equal(t, []string{"Test/Service: UrlCommand: gateway must be one of the service's Exposure.Gateway"},
		cdktest.Refused(t, func() { service.UrlCommand(nil) }))
	tpl := cdktest.Synth(t, stack)

	var made *cdktest.Resource
	for _, g := range tpl.All(gatewayType) {
		if g.Get("GatewayName") == "team" {
			made = g
		}
	}
	cdktest.Has(t, made, map[string]any{"DeletionProtection": true})
	assert.Same(t, tpl.Only("AWS::WAFv2::WebACL"), made.Ref("Configuration.HostSharedAlb.WebACLArn"))
	assert.Empty(t, tpl.All("AWS::WAFv2::WebACLAssociation"), "ECS associates it with each load balancer")
	cdktest.HasAt(t, made.Get("Configuration.HostSharedAlb"), map[string]any{"MaxAlbCount": 3.0, "TestTrafficRules": map[string]any{
		"Header": map[string]any{"Name": "x-test", "Values": []any{"yes"}}}})
	assert.Equal(t, "Test/Role/Resource", tpl.Follow(made.Get("InfrastructureRoleArn")).Path())
	assert.True(t, made.ComesAfter(tpl.At("AWS::IAM::Policy", "Test/Role/")), "ECS couldn't create a load balancer yet")
	connected := tpl.Only("AWS::ECS::Service")
	assert.Equal(t, []any{"PRIVATE", "PUBLIC"}, accessTypes(connected))
	for _, a := range tpl.All(associationType) {
		assert.True(t, connected.ComesAfter(a), a.Id)
	}
	assert.Len(t, tpl.All("AWS::EC2::SecurityGroupIngress"), 2, "the tasks admit both")
}

// The tasks admit the gateway at the port of its health checks too.
func TestGatewayHealthPort(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	gateway := ecs.NewGateway(stack, "Gateway", &ecs.GatewayProps{Cluster: cluster})
	c := web()
	c.PortMappings = []ecs.PortMapping{{ContainerPort: 8080, Name: "http"}, {ContainerPort: 9001}}
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster,
		Task: ecs.NewTask(stack, "Task", &ecs.TaskProps{Containers: []ecs.Container{c}}),
		Exposure: ecs.Exposure{Gateway: &ecs.GatewayConnector{
			Gateways: []*ecs.Gateway{gateway}, HealthCheck: elb.TargetHealthCheck{Port: 9001, Protocol: elbv2.Protocol_HTTPS},
		}}})
	tpl := cdktest.Synth(t, stack)
	service := tpl.Only("AWS::ECS::Service")
	cdktest.HasAt(t, cdktest.Dig(cdktest.List(service.Get("GatewayConnectors"))[0], "HealthCheck"), map[string]any{
		"HealthCheckPort": 9001.0, "HealthCheckProtocol": "HTTPS"})
	var ports []any
	for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		assert.True(t, service.ComesAfter(rule))
		ports = append(ports, rule.Get("FromPort"))
	}
	assert.ElementsMatch(t, []any{8080.0, 9001.0}, ports)
}

// Another team's gateway: nothing is made of it, and the tasks admit what is known of it.
func TestExistingGateway(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	group := awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Group"), jsii.String("sg-0123456789abcdef0"), nil)
	gateway := ecs.GatewayFrom(stack, "Gateway", &ecs.GatewayAttributes{
		Cluster: cluster, GatewayName: "platform", InternetFacing: true, SecurityGroup: group})
	unknown := ecs.GatewayFrom(stack, "Unknown", &ecs.GatewayAttributes{Cluster: cluster, GatewayName: "other"})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: namedTask(stack),
		Exposure: ecs.Exposure{Gateway: &ecs.GatewayConnector{Gateways: []*ecs.Gateway{gateway, unknown}}}})
	assert.Equal(t, "platform", gateway.Name())
	assert.Contains(t, cdktest.Refused(t, func() { unknown.Connections() })[0], "has no known security groups for Connections")
	assert.Contains(t, gateway.Arn(), "gateway/platform")
	tpl := cdktest.Synth(t, stack)

	assert.Empty(t, tpl.All(gatewayType))
	assert.Empty(t, tpl.All(associationType))
	cdktest.Has(t, tpl.Only("AWS::EC2::SecurityGroupIngress"), map[string]any{
		"SourceSecurityGroupId": "sg-0123456789abcdef0", "FromPort": 8080.0})
}

// Services in stacks of their own: the gateway's stack is deployed before them, and needs none of them.
func TestGatewayInAnotherStack(t *testing.T) {
	app := cdktest.App(t, nil)
	platform := awscdk.NewStack(app, jsii.String("Platform"), nil)
	cluster := newCluster(platform)
	gateway := ecs.NewGateway(platform, "Gateway", &ecs.GatewayProps{Cluster: cluster})
	team := awscdk.NewStack(app, jsii.String("Team"), nil)
	ecs.NewService(team, "Service", &ecs.ServiceProps{Cluster: cluster, Task: namedTask(team),
		Exposure: ecs.Exposure{Gateway: &ecs.GatewayConnector{Gateways: []*ecs.Gateway{gateway}}}})
	tpl := cdktest.Synth(t, team)
	assert.Len(t, tpl.All("AWS::EC2::SecurityGroupIngress"), 1)
	assert.Len(t, tpl.All("AWS::EC2::SecurityGroupEgress"), 1)
	var needed []string
	for _, s := range *team.Dependencies() {
		needed = append(needed, *s.StackName())
	}
	assert.Equal(t, []string{"Platform"}, needed)
	assert.Empty(t, *platform.Dependencies())
}

// ECS connects a service to every gateway of a kind, also to those that it doesn't wait for.
func TestAGatewayAfterItsServicesIsRefused(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	gateway := ecs.NewGateway(stack, "Gateway", &ecs.GatewayProps{Cluster: cluster})
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: namedTask(stack),
		Exposure: ecs.Exposure{Gateway: &ecs.GatewayConnector{Gateways: []*ecs.Gateway{gateway}}}})
	assert.Equal(t, []string{"Test/Second: Cluster must not have services of gateways with access type PRIVATE yet, because ECS " +
		`connects them to this one too; got "Test/Service"; create the gateway before them, and add it to their Exposure.Gateway.Gateways`},
		cdktest.Refused(t, func() { ecs.NewGateway(stack, "Second", &ecs.GatewayProps{Cluster: cluster}) }))
	ecs.NewGateway(stack, "Public", &ecs.GatewayProps{Cluster: cluster, InternetFacing: true})
}

// A gateway is a second way in, which authenticates nobody.
func TestGatewayBesideAuthentication(t *testing.T) {
	for name, c := range map[string]struct {
		authenticate *elb.Authenticate
		want         int
	}{"authenticated": {&elb.Authenticate{Oidc: anOidc()}, 1}, "public": {nil, 0}} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.Stack(t)
			cluster := newCluster(stack)
			alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{
				Vpc: cluster.Vpc(), CertificateArn: certificateArn,
			})
			gateway := ecs.NewGateway(stack, "Gateway", &ecs.GatewayProps{Cluster: cluster})
			ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: namedTask(stack), Exposure: ecs.Exposure{
				Alb:     []ecs.AlbRule{{LoadBalancer: alb, Authenticate: c.authenticate}},
				Gateway: &ecs.GatewayConnector{Gateways: []*ecs.Gateway{gateway}},
			}})
			_, warnings := cdktest.SynthAnnotated(t, stack)
			found := slices.DeleteFunc(warnings, func(w string) bool { return !strings.Contains(w, "without the Authenticate") })
			assert.Len(t, found, c.want)
		})
	}
}

package test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
)

// dnsTask listens for UDP, and beside it for the load balancer's checks.
func dnsTask(stack awscdk.Stack) *ecs.Task {
	dns := web()
	dns.Name, dns.PortMappings = "dns", []ecs.PortMapping{{ContainerPort: 53, Protocol: awsecs.Protocol_UDP}, {ContainerPort: 8081}}
	return ecs.NewTask(stack, "DnsTask", &ecs.TaskProps{Containers: []ecs.Container{dns}})
}

// The least: nobody but the VPC, on the listener's port, gets to the load balancer, and from there to the container's port.
func TestNetworkLoadBalancerIsInternalByDefault(t *testing.T) {
	stack := newStack(t)
	cluster := newCluster(stack)
	nlb := elb.NewNetworkLoadBalancer(stack, "Nlb", &elb.NetworkLoadBalancerProps{Vpc: cluster.Cluster.Vpc()})
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack),
		Exposure: ecs.Exposure{Nlb: []ecs.NlbListener{{LoadBalancer: nlb, Port: 5000}}}})
	assert.Len(t, service.NetworkTargetGroups, 1)
	assert.Empty(t, service.TargetGroups)
	tpl := synth(t, stack)

	balancer, listener := tpl.only("AWS::ElasticLoadBalancingV2::LoadBalancer"), tpl.only("AWS::ElasticLoadBalancingV2::Listener")
	assert.Equal(t, []any{"network", "internal", "ipv4", "on"},
		[]any{balancer.get("Type"), balancer.get("Scheme"), balancer.get("IpAddressType"),
			balancer.get("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic")})
	assert.Equal(t, []any{"subnet-00000000000000003", "subnet-00000000000000004"}, balancer.get("Subnets"))
	assert.Equal(t, []any{"false", "false", nil}, []any{attribute(balancer, "load_balancing.cross_zone.enabled"),
		attribute(balancer, "deletion_protection.enabled"), attribute(balancer, "access_logs.s3.enabled")})
	for _, kind := range []string{"AWS::S3::Bucket", "AWS::EC2::EIP", "AWS::EC2::VPCEndpointService"} {
		assert.Empty(t, tpl.all(kind), kind)
	}

	assert.Same(t, balancer, listener.ref("LoadBalancerArn"))
	assert.Equal(t, []any{5000.0, "TCP", nil, nil},
		[]any{listener.get("Port"), listener.get("Protocol"), listener.get("Certificates"), listener.get("SslPolicy")})
	group := tpl.only("AWS::ElasticLoadBalancingV2::TargetGroup")
	assert.Same(t, group, listener.ref("DefaultActions.0.TargetGroupArn"))
	for name, want := range map[string]any{"TargetType": "ip", "Protocol": "TCP", "Port": 8080.0, "VpcId": "vpc-0123456789abcdef0",
		"HealthCheckProtocol": "TCP",
		"HealthCheckPort":     "traffic-port", "HealthCheckPath": nil, "Matcher": nil, "HealthCheckIntervalSeconds": 15.0,
		"HealthCheckTimeoutSeconds": 5.0,
		"HealthyThresholdCount":     2.0, "UnhealthyThresholdCount": 3.0} {
		assert.Equal(t, want, group.get(name), name)
	}
	assert.Equal(t,
		map[string]any{"deregistration_delay.timeout_seconds": "60", "deregistration_delay.connection_termination.enabled": "false",
			"preserve_client_ip.enabled": "false", "proxy_protocol_v2.enabled": "false", "stickiness.enabled": "false"}, groupAttributes(group))

	ecsService := tpl.only("AWS::ECS::Service")
	assert.Equal(t,
		[]any{map[string]any{"ContainerName": "web", "ContainerPort": 8080.0, "TargetGroupArn": map[string]any{"Ref": group.id}}},
		ecsService.get("LoadBalancers"))
	assert.Equal(t, 60.0, ecsService.get("HealthCheckGracePeriodSeconds"))
	assert.Contains(t, ecsService.dependsOn(), listener.id, "ECS refuses a target group without a load balancer")

	clients := balancer.ref("SecurityGroups.0")
	assert.Equal(t, []any{
		map[string]any{"CidrIp": "10.0.0.0/16", "Description": "Path MTU discovery", "FromPort": 3.0, "ToPort": 4.0, "IpProtocol": "icmp"},
		map[string]any{"CidrIp": "10.0.0.0/16", "Description": "Clients", "FromPort": 5000.0, "ToPort": 5000.0, "IpProtocol": "tcp"},
	},
		clients.get("SecurityGroupIngress"))
	in, out := tpl.only("AWS::EC2::SecurityGroupIngress"), tpl.only("AWS::EC2::SecurityGroupEgress")
	tasks := ecsService.ref("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0")
	assert.Same(t, tasks, in.ref("GroupId"))
	assert.Same(t, clients, in.ref("SourceSecurityGroupId"))
	assert.Same(t, clients, out.ref("GroupId"))
	assert.Same(t, tasks, out.ref("DestinationSecurityGroupId"))
	for _, rule := range []*resource{in, out} {
		assert.Equal(t, []any{"tcp", 8080.0, 8080.0}, []any{rule.get("IpProtocol"), rule.get("FromPort"), rule.get("ToPort")})
	}
}

// All of it: static addresses, PrivateLink, logs, and a listener of each protocol.
func TestNetworkLoadBalancerWithEverything(t *testing.T) {
	stack := newStack(t)
	cluster := newCluster(stack)
	three := 3
	nlb := elb.NewNetworkLoadBalancer(stack, "Nlb", &elb.NetworkLoadBalancerProps{
		Vpc: cluster.Cluster.Vpc(), InternetFacing: true, IngressCidrs: []string{"203.0.113.0/24"}, ElasticIps: true, DeletionProtection: true,
		AccessLogRetentionDays: 30, EndpointService: &elb.EndpointService{AllowedPrincipals: []string{"arn:aws:iam::444455556666:root"}},
	})
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: dnsTask(stack), DesiredCount: &three,
		Exposure: ecs.Exposure{Nlb: []ecs.NlbListener{
			{LoadBalancer: nlb, Port: 53, Protocol: elbv2.Protocol_UDP},
			{LoadBalancer: nlb, Port: 853, CertificateArn: certificateArn, ContainerPort: 8081, AlpnPolicy: elbv2.AlpnPolicy_NONE,
				EncryptToTasks: true, ProxyProtocolV2: true,
				PreserveClientIp: new(true), ConnectionTermination: new(true), DeregistrationDelay: 90 * time.Second,
				HealthCheck: elb.NetworkHealthCheck{Protocol: elbv2.Protocol_HTTPS, Path: "/up", Interval: 30 * time.Second, Timeout: 30 * time.Second,
					HealthyThresholdCount: 5, UnhealthyThresholdCount: 2}},
			{LoadBalancer: nlb, Port: 54, Protocol: elbv2.Protocol_TCP_UDP, ContainerPort: 53, SourceIpStickiness: true, IdleTimeout: time.Minute},
		}}})
	service.AllowFrom(awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Resolver"), jsii.String("sg-0123456789abcdef0"), nil), 53)
	assert.Len(t, nlb.ElasticIps, 2)
	tpl := synth(t, stack)

	balancer := tpl.only("AWS::ElasticLoadBalancingV2::LoadBalancer")
	assert.Equal(t, []any{"internet-facing", nil, "off"},
		[]any{balancer.get("Scheme"), balancer.get("Subnets"), balancer.get("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic")})
	assert.Equal(t, []any{"subnet-00000000000000001", "subnet-00000000000000002"},
		[]any{balancer.get("SubnetMappings.0.SubnetId"), balancer.get("SubnetMappings.1.SubnetId")})
	assert.NotSame(t, balancer.ref("SubnetMappings.0.AllocationId"), balancer.ref("SubnetMappings.1.AllocationId"))
	assert.Equal(t, "AWS::EC2::EIP", balancer.ref("SubnetMappings.0.AllocationId").Type)
	assert.Equal(t, "true", attribute(balancer, "deletion_protection.enabled"))

	offer, allowed := tpl.only("AWS::EC2::VPCEndpointService"), tpl.only("AWS::EC2::VPCEndpointServicePermissions")
	assert.Equal(t, []any{true,
		map[string]any{"Ref": balancer.id}}, []any{offer.get("AcceptanceRequired"), offer.get("NetworkLoadBalancerArns.0")})
	assert.Same(t, offer, allowed.ref("ServiceId"))
	assert.Equal(t, []any{"arn:aws:iam::444455556666:root"}, allowed.get("AllowedPrincipals"))

	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html
	bucket, policy := tpl.only("AWS::S3::Bucket"), tpl.only("AWS::S3::BucketPolicy")
	assert.Equal(t, "true", attribute(balancer, "access_logs.s3.enabled"))
	assert.Same(t, bucket, tpl.follow(attribute(balancer, "access_logs.s3.bucket")))
	assert.Contains(t, balancer.dependsOn(), policy.id, "the load balancer's first attempt to write is refused")
	assert.Equal(t, 30.0, bucket.get("LifecycleConfiguration.Rules.0.ExpirationInDays"))
	statements := list(policy.get("PolicyDocument.Statement"))
	assert.Len(t, statements, 3)
	ours := map[string]any{"aws:SourceAccount": map[string]any{"Ref": "AWS::AccountId"}}
	from := map[string]any{"aws:SourceArn": map[string]any{"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*"}}
	assert.Equal(t,
		map[string]any{"Effect": "Allow", "Action": "s3:GetBucketAcl", "Principal": map[string]any{"Service": "delivery.logs.amazonaws.com"},
			"Resource": map[string]any{"Fn::GetAtt": []any{bucket.id, "Arn"}}, "Condition": map[string]any{"StringEquals": ours, "ArnLike": from}},
		statements[1])
	assert.Equal(t, []any{"s3:PutObject", "delivery.logs.amazonaws.com", "bucket-owner-full-control", from},
		[]any{dig(statements[2], "Action"), dig(statements[2], "Principal.Service"), dig(statements[2],
			"Condition.StringEquals").(map[string]any)["s3:x-amz-acl"], dig(statements[2], "Condition.ArnLike")})

	udp, tls, both := tpl.at("AWS::ElasticLoadBalancingV2::Listener", "/NlbListener/"), tpl.at("AWS::ElasticLoadBalancingV2::Listener",
		"/NlbListener2/"),
		tpl.at("AWS::ElasticLoadBalancingV2::Listener", "/NlbListener3/")
	assert.Equal(t, []any{53.0, "UDP", nil}, []any{udp.get("Port"), udp.get("Protocol"), udp.get("ListenerAttributes")})
	assert.Equal(t, []any{853.0, "TLS", "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", []any{"None"}, certificateArn},
		[]any{tls.get("Port"), tls.get("Protocol"), tls.get("SslPolicy"), tls.get("AlpnPolicy"), tls.get("Certificates.0.CertificateArn")})
	assert.Equal(t, []any{54.0, "TCP_UDP", []any{map[string]any{"Key": "tcp.idle_timeout.seconds", "Value": "60"}}},
		[]any{both.get("Port"), both.get("Protocol"), both.get("ListenerAttributes")})

	group := udp.ref("DefaultActions.0.TargetGroupArn")
	assert.Equal(t, []any{"UDP", 53.0, "TCP", "8081"},
		[]any{group.get("Protocol"), group.get("Port"), group.get("HealthCheckProtocol"), group.get("HealthCheckPort")})
	assert.Equal(t, []any{nil, "true"},
		[]any{groupAttributes(group)["preserve_client_ip.enabled"],
			groupAttributes(group)["deregistration_delay.connection_termination.enabled"]})
	group = tls.ref("DefaultActions.0.TargetGroupArn")
	for name, want := range map[string]any{"Protocol": "TLS", "HealthCheckProtocol": "HTTPS", "HealthCheckPort": "traffic-port",
		"HealthCheckPath": "/up", "Matcher.HttpCode": "200-399",
		"HealthCheckIntervalSeconds": 30.0, "HealthCheckTimeoutSeconds": 30.0, "HealthyThresholdCount": 5.0, "UnhealthyThresholdCount": 2.0} {
		assert.Equal(t, want, group.get(name), name)
	}
	assert.Equal(t, map[string]any{"deregistration_delay.timeout_seconds": "90", "deregistration_delay.connection_termination.enabled": "true",
		"preserve_client_ip.enabled": "true", "proxy_protocol_v2.enabled": "true", "stickiness.enabled": "false"}, groupAttributes(group))
	group = both.ref("DefaultActions.0.TargetGroupArn")
	assert.Equal(t, []any{"TCP_UDP", "traffic-port", "source_ip"},
		[]any{group.get("Protocol"), group.get("HealthCheckPort"), groupAttributes(group)["stickiness.type"]})
	assert.Len(t, tpl.only("AWS::ECS::Service").get("LoadBalancers"), 3)

	// The ways in, by protocol and port: of clients to the load balancer, from there to the tasks, and of the resolver.
	var clients, ways []string
	for _, rule := range list(balancer.ref("SecurityGroups.0").get("SecurityGroupIngress")) {
		assert.Equal(t, "203.0.113.0/24", dig(rule, "CidrIp"))
		clients = append(clients, describeRule(dig(rule, "IpProtocol"), dig(rule, "FromPort")))
	}
	assert.ElementsMatch(t, []string{"icmp 3", "udp 53", "tcp 853", "tcp 54", "udp 54"}, clients)
	for _, rule := range tpl.all("AWS::EC2::SecurityGroupIngress") {
		ways = append(ways, describeRule(rule.get("IpProtocol"), rule.get("FromPort")))
	}
	assert.ElementsMatch(t, []string{"udp 53", "tcp 8081", "tcp 53", "udp 53"}, ways, "the last is the resolver's")
	assert.Len(t, tpl.all("AWS::EC2::SecurityGroupEgress"), 3)
}

func describeRule(protocol, port any) string { return fmt.Sprint(protocol, " ", port) }

// Addresses of one's own, in and out of the internet: none is made beside them.
func TestNetworkLoadBalancerWithOwnAddresses(t *testing.T) {
	stack := newStack(t)
	vpc := importedVpc(stack)
	elb.NewNetworkLoadBalancer(stack, "Outer", &elb.NetworkLoadBalancerProps{Vpc: vpc, InternetFacing: true, CrossZone: true,
		AllocationIds: []string{"eipalloc-0123456789abcdef0", "eipalloc-0123456789abcdef1"},
		EndpointService: &elb.EndpointService{AllowedPrincipals: []string{"arn:aws:iam::444455556666:root"}, AcceptanceRequired: new(false),
			EnforceIngressCidrs: true}})
	elb.NewNetworkLoadBalancer(stack, "Inner", &elb.NetworkLoadBalancerProps{Vpc: vpc, PrivateAddresses: []string{"10.0.2.10", "10.0.3.10"}})
	tpl := synth(t, stack)
	assert.Empty(t, tpl.all("AWS::EC2::EIP"))
	outer, inner := tpl.at("AWS::ElasticLoadBalancingV2::LoadBalancer", "/Outer/"), tpl.at("AWS::ElasticLoadBalancingV2::LoadBalancer",
		"/Inner/")
	assert.Equal(t, []any{map[string]any{"SubnetId": "subnet-00000000000000001", "AllocationId": "eipalloc-0123456789abcdef0"},
		map[string]any{"SubnetId": "subnet-00000000000000002", "AllocationId": "eipalloc-0123456789abcdef1"}}, outer.get("SubnetMappings"))
	assert.Equal(t, []any{map[string]any{"SubnetId": "subnet-00000000000000003", "PrivateIPv4Address": "10.0.2.10"},
		map[string]any{"SubnetId": "subnet-00000000000000004", "PrivateIPv4Address": "10.0.3.10"}}, inner.get("SubnetMappings"))
	assert.Equal(t, []any{"true", "on"},
		[]any{attribute(outer, "load_balancing.cross_zone.enabled"), outer.get("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic")})
	assert.Equal(t, false, tpl.only("AWS::EC2::VPCEndpointService").get("AcceptanceRequired"))
}

// What ECS needs to shift the traffic: two groups alike, listeners that lead to both, and a role that may change them.
func TestCanaryBehindANetworkLoadBalancer(t *testing.T) {
	stack := newStack(t)
	cluster := newCluster(stack)
	nlb := elb.NewNetworkLoadBalancer(stack, "Nlb", &elb.NetworkLoadBalancerProps{Vpc: cluster.Cluster.Vpc()})
	alarm := awscloudwatch.NewAlarm(stack, jsii.String("Own"), &awscloudwatch.AlarmProps{
		Metric:    awscloudwatch.NewMetric(&awscloudwatch.MetricProps{Namespace: jsii.String("Shop"), MetricName: jsii.String("Orders")}),
		Threshold: jsii.Number(1), EvaluationPeriods: jsii.Number(1),
	})
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack),
		Exposure: ecs.Exposure{Nlb: []ecs.NlbListener{{LoadBalancer: nlb, Port: 80,
			TestListener: &elb.TestListener{Port: 8080, IngressCidrs: []string{"203.0.113.0/24"}}}}},
		Deployment: ecs.Deployment{Strategy: awsecs.DeploymentStrategy_CANARY, RollbackAlarms: []awscloudwatch.IAlarm{alarm}}})
	ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: service})
	ecs.NewDashboard(stack, "Dashboard", &ecs.DashboardProps{Services: []*ecs.Service{service}})
	tpl := synth(t, stack)

	ecsService := tpl.only("AWS::ECS::Service")
	assert.Equal(t, "CANARY", ecsService.get("DeploymentConfiguration.Strategy"))
	blue, green := ecsService.ref("LoadBalancers.0.TargetGroupArn"),
		ecsService.ref("LoadBalancers.0.AdvancedConfiguration.AlternateTargetGroupArn")
	assert.NotSame(t, blue, green)
	assert.Equal(t, blue.Properties, green.Properties)
	production, tests := ecsService.ref("LoadBalancers.0.AdvancedConfiguration.ProductionListenerRule"),
		ecsService.ref("LoadBalancers.0.AdvancedConfiguration.TestListenerRule")
	assert.Equal(t, []any{80.0, 8080.0}, []any{production.get("Port"), tests.get("Port")})
	for _, listener := range []*resource{production, tests} {
		assert.Equal(t, "AWS::ElasticLoadBalancingV2::Listener", listener.Type)
		assert.Equal(t, []any{100.0, 0.0}, weights(tpl, listener.get("DefaultActions.0"), blue, green))
		assert.Contains(t, ecsService.dependsOn(), listener.id)
	}
	role := ecsService.ref("LoadBalancers.0.AdvancedConfiguration.RoleArn")
	assert.Equal(t, ":iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers", role.get("ManagedPolicyArns.0.Fn::Join.1.2"))
	var open []any
	for _, rule := range list(tpl.only("AWS::ElasticLoadBalancingV2::LoadBalancer").ref("SecurityGroups.0").get("SecurityGroupIngress")) {
		open = append(open, dig(rule, "CidrIp"), dig(rule, "FromPort"))
	}
	assert.Equal(t, []any{"10.0.0.0/16", 3.0, "10.0.0.0/16", 80.0, "203.0.113.0/24", 8080.0}, open)

	// Either group may be the empty one.
	down := tpl.at("AWS::CloudWatch::Alarm", "/NlbNoHealthyTask/")
	assert.Equal(t, []any{"LessThanThreshold", 1.0, "breaching"},
		[]any{down.get("ComparisonOperator"), down.get("Threshold"), down.get("TreatMissingData")}, "a service that is down raises no alarm")
	groups := map[*resource]bool{}
	for _, m := range list(down.get("Metrics")) {
		if metric := dig(m, "MetricStat.Metric"); metric != nil {
			assert.Equal(t, []any{"AWS/NetworkELB", "HealthyHostCount"}, []any{dig(metric, "Namespace"), dig(metric, "MetricName")})
			groups[tpl.follow(dig(metric, "Dimensions.1.Value"))] = true
		}
	}
	assert.Equal(t, map[*resource]bool{blue: true, green: true}, groups)
	full := tpl.at("AWS::CloudWatch::Alarm", "/NlbPortAllocationErrors/")
	assert.Equal(t, []any{"AWS/NetworkELB", "PortAllocationErrorCount", "LoadBalancer"},
		[]any{full.get("Namespace"), full.get("MetricName"), full.get("Dimensions.0.Name")})
	assert.Len(t, tpl.all("AWS::CloudWatch::Alarm"), 1+3+3, "the canary's own, three of the listener, three of the tasks")
	assert.Contains(t, string(tpl.raw), `NewFlowCount`)
}

// A listener of another stack's load balancer: this stack needs that one, and not each the other.
func TestNlbListenerInAnotherStack(t *testing.T) {
	app := newApp(t, nil)
	base, stack := awscdk.NewStack(app, jsii.String("Base"), nil), awscdk.NewStack(app, jsii.String("Test"), nil)
	cluster := newCluster(base)
	nlb := elb.NewNetworkLoadBalancer(base, "Nlb", &elb.NetworkLoadBalancerProps{Vpc: cluster.Cluster.Vpc()})
	service := func(id string) {
		ecs.NewService(stack, id, &ecs.ServiceProps{Cluster: cluster, Task: ecs.NewTask(stack, id+"Task",
			&ecs.TaskProps{Containers: []ecs.Container{web()}}),
			Exposure: ecs.Exposure{Nlb: []ecs.NlbListener{{LoadBalancer: nlb, Port: 80}}}})
	}
	service("Service")
	assert.Equal(t, []string{
		`Test/Other: Exposure.Nlb[0].Port must not be the port of Test/Service/NlbListener on the load balancer; ` +
			`got 80; use another port, or Protocol "TCP_UDP" for TCP and UDP on one port`,
	}, refusal(t, func() { service("Other") }))
	tpl := synth(t, stack)
	assert.Len(t, tpl.all("AWS::EC2::SecurityGroupEgress"), 1)
	assert.Contains(t, tpl.only("AWS::ECS::Service").dependsOn(), tpl.only("AWS::ElasticLoadBalancingV2::Listener").id)
}

func groupAttributes(group *resource) map[string]any {
	attributes := map[string]any{}
	for _, a := range list(group.get("TargetGroupAttributes")) {
		attributes[dig(a, "Key").(string)] = dig(a, "Value")
	}
	return attributes
}

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
	"awscontainers/test/cdktest"
)

// dnsTask listens for UDP, and beside it for the load balancer's checks.
func dnsTask(stack awscdk.Stack) *ecs.Task {
	dns := web()
	dns.Name, dns.PortMappings = "dns", []ecs.PortMapping{{ContainerPort: 53, Protocol: awsecs.Protocol_UDP}, {ContainerPort: 8081}}
	return ecs.NewTask(stack, "DnsTask", &ecs.TaskProps{Containers: []ecs.Container{dns}})
}

// The least: nobody but the VPC, on the listener's port, gets to the load balancer, and from there to the container's port.
func TestNetworkLoadBalancerIsInternalByDefault(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	nlb := elb.NewNetworkLoadBalancer(stack, "Nlb", &elb.NetworkLoadBalancerProps{Vpc: cluster.Cluster.Vpc()})
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack),
		Exposure: ecs.Exposure{Nlb: []ecs.NlbListener{{LoadBalancer: nlb, Port: 5000}}}})
	assert.Len(t, service.NetworkTargetGroups, 1)
	assert.Empty(t, service.TargetGroups)
	tpl := cdktest.Synth(t, stack)

	balancer, listener := tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer"), tpl.Only("AWS::ElasticLoadBalancingV2::Listener")
	cdktest.Has(t, balancer, map[string]any{
		"Type":          "network",
		"Scheme":        "internal",
		"IpAddressType": "ipv4",
		"EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "on",
	})
	assert.Equal(t, []any{"subnet-00000000000000003", "subnet-00000000000000004"}, balancer.Get("Subnets"))
	assert.Equal(t, "false", attribute(balancer, "load_balancing.cross_zone.enabled"))
	assert.Equal(t, "false", attribute(balancer, "deletion_protection.enabled"))
	assert.Nil(t, attribute(balancer, "access_logs.s3.enabled"))
	for _, kind := range []string{"AWS::S3::Bucket", "AWS::EC2::EIP", "AWS::EC2::VPCEndpointService"} {
		assert.Empty(t, tpl.All(kind), kind)
	}

	assert.Same(t, balancer, listener.Ref("LoadBalancerArn"))
	cdktest.Has(t, listener, map[string]any{
		"Port":         5000.0,
		"Protocol":     "TCP",
		"Certificates": nil,
		"SslPolicy":    nil,
	})
	group := tpl.Only("AWS::ElasticLoadBalancingV2::TargetGroup")
	assert.Same(t, group, listener.Ref("DefaultActions.0.TargetGroupArn"))
	for name, want := range map[string]any{"TargetType": "ip", "Protocol": "TCP", "Port": 80.0, "VpcId": "vpc-0123456789abcdef0",
		"HealthCheckProtocol": "TCP",
		"HealthCheckPort":     "traffic-port", "HealthCheckPath": nil, "Matcher": nil, "HealthCheckIntervalSeconds": 15.0,
		"HealthCheckTimeoutSeconds": 5.0,
		"HealthyThresholdCount":     2.0, "UnhealthyThresholdCount": 3.0} {
		assert.Equal(t, want, group.Get(name), name)
	}
	assert.Equal(t,
		map[string]any{"deregistration_delay.timeout_seconds": "60", "deregistration_delay.connection_termination.enabled": "false",
			"preserve_client_ip.enabled": "false", "proxy_protocol_v2.enabled": "false", "stickiness.enabled": "false"}, groupAttributes(group))

	ecsService := tpl.Only("AWS::ECS::Service")
	assert.Equal(t,
		[]any{map[string]any{"ContainerName": "web", "ContainerPort": 8080.0, "TargetGroupArn": map[string]any{"Ref": group.Id}}},
		ecsService.Get("LoadBalancers"))
	assert.Equal(t, 60.0, ecsService.Get("HealthCheckGracePeriodSeconds"))
	assert.Contains(t, ecsService.Dependencies(), listener.Id, "ECS refuses a target group without a load balancer")

	clients := balancer.Ref("SecurityGroups.0")
	assert.Equal(t, []any{
		map[string]any{"CidrIp": "10.0.0.0/16", "Description": "Path MTU discovery", "FromPort": 3.0, "ToPort": 4.0, "IpProtocol": "icmp"},
		map[string]any{"CidrIp": "10.0.0.0/16", "Description": "Clients", "FromPort": 5000.0, "ToPort": 5000.0, "IpProtocol": "tcp"},
	},
		clients.Get("SecurityGroupIngress"))
	in, out := tpl.Only("AWS::EC2::SecurityGroupIngress"), tpl.Only("AWS::EC2::SecurityGroupEgress")
	tasks := ecsService.Ref("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0")
	assert.Same(t, tasks, in.Ref("GroupId"))
	assert.Same(t, clients, in.Ref("SourceSecurityGroupId"))
	assert.Same(t, clients, out.Ref("GroupId"))
	assert.Same(t, tasks, out.Ref("DestinationSecurityGroupId"))
	for _, rule := range []*cdktest.Resource{in, out} {
		cdktest.Has(t, rule, map[string]any{
			"IpProtocol": "tcp",
			"FromPort":   8080.0,
			"ToPort":     8080.0,
		})
	}
}

// All of it: static addresses, PrivateLink, logs, and a listener of each protocol.
func TestNetworkLoadBalancerWithEverything(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	three := 3
	nlb := elb.NewNetworkLoadBalancer(stack, "Nlb", &elb.NetworkLoadBalancerProps{
		Vpc: cluster.Cluster.Vpc(), InternetFacing: true, IngressCidrs: []string{"203.0.113.0/24"}, ElasticIps: true, DeletionProtection: true,
		AccessLogRetentionDays: 30, EndpointService: &elb.EndpointService{AllowedPrincipals: []string{"arn:aws:iam::444455556666:root"}},
	})
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: dnsTask(stack), DesiredCount: &three,
		Exposure: ecs.Exposure{Nlb: []ecs.NlbListener{
			{LoadBalancer: nlb, Port: 53, Protocol: elbv2.Protocol_UDP},
			{Id: "Tls", LoadBalancer: nlb, Port: 853, CertificateArn: certificateArn, ContainerPort: 8081, AlpnPolicy: elbv2.AlpnPolicy_NONE,
				EncryptToTasks: true, ProxyProtocolV2: true,
				PreserveClientIp: new(true), ConnectionTermination: new(true), DeregistrationDelay: 90 * time.Second,
				HealthCheck: elb.NetworkHealthCheck{Protocol: elbv2.Protocol_HTTPS, Path: "/up", Interval: 30 * time.Second, Timeout: 30 * time.Second,
					HealthyThresholdCount: 5, UnhealthyThresholdCount: 2}},
			{Id: "Both", LoadBalancer: nlb, Port: 54, Protocol: elbv2.Protocol_TCP_UDP, ContainerPort: 53,
				SourceIpStickiness: true, IdleTimeout: time.Minute},
		}}})
	service.AllowFrom(awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Resolver"), jsii.String("sg-0123456789abcdef0"), nil), 53)
	assert.Len(t, nlb.ElasticIps, 2)
	tpl := cdktest.Synth(t, stack)

	balancer := tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer")
	cdktest.Has(t, balancer, map[string]any{
		"Scheme":  "internet-facing",
		"Subnets": nil,
		"EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "off",
	})
	cdktest.Has(t, balancer, map[string]any{
		"SubnetMappings.0.SubnetId": "subnet-00000000000000001",
		"SubnetMappings.1.SubnetId": "subnet-00000000000000002",
	})
	assert.NotSame(t, balancer.Ref("SubnetMappings.0.AllocationId"), balancer.Ref("SubnetMappings.1.AllocationId"))
	assert.Equal(t, "AWS::EC2::EIP", balancer.Ref("SubnetMappings.0.AllocationId").Type)
	assert.Equal(t, "true", attribute(balancer, "deletion_protection.enabled"))

	offer, allowed := tpl.Only("AWS::EC2::VPCEndpointService"), tpl.Only("AWS::EC2::VPCEndpointServicePermissions")
	cdktest.Has(t, offer, map[string]any{
		"AcceptanceRequired":        true,
		"NetworkLoadBalancerArns.0": map[string]any{"Ref": balancer.Id},
	})
	assert.Same(t, offer, allowed.Ref("ServiceId"))
	assert.Equal(t, []any{"arn:aws:iam::444455556666:root"}, allowed.Get("AllowedPrincipals"))

	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html
	bucket, policy := tpl.Only("AWS::S3::Bucket"), tpl.Only("AWS::S3::BucketPolicy")
	assert.Equal(t, "true", attribute(balancer, "access_logs.s3.enabled"))
	assert.Same(t, bucket, tpl.Follow(attribute(balancer, "access_logs.s3.bucket")))
	assert.Contains(t, balancer.Dependencies(), policy.Id, "the load balancer's first attempt to write is refused")
	assert.Equal(t, 30.0, bucket.Get("LifecycleConfiguration.Rules.0.ExpirationInDays"))
	statements := cdktest.List(policy.Get("PolicyDocument.Statement"))
	assert.Len(t, statements, 3)
	ours := map[string]any{"aws:SourceAccount": map[string]any{"Ref": "AWS::AccountId"}}
	from := map[string]any{"aws:SourceArn": map[string]any{"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*"}}
	assert.Equal(t,
		map[string]any{"Effect": "Allow", "Action": "s3:GetBucketAcl", "Principal": map[string]any{"Service": "delivery.logs.amazonaws.com"},
			"Resource": map[string]any{"Fn::GetAtt": []any{bucket.Id, "Arn"}}, "Condition": map[string]any{"StringEquals": ours, "ArnLike": from}},
		statements[1])
	cdktest.HasAt(t, statements[2], map[string]any{
		"Action":            "s3:PutObject",
		"Principal.Service": "delivery.logs.amazonaws.com",
		"Condition.ArnLike": from,
	})
	assert.Equal(t, "bucket-owner-full-control", cdktest.Dig(statements[2],
		"Condition.StringEquals").(map[string]any)["s3:x-amz-acl"])

	udp, tls, both := tpl.At("AWS::ElasticLoadBalancingV2::Listener", "/NlbListener/"), tpl.At("AWS::ElasticLoadBalancingV2::Listener",
		"/NlbListenerTls/"),
		tpl.At("AWS::ElasticLoadBalancingV2::Listener", "/NlbListenerBoth/")
	cdktest.Has(t, udp, map[string]any{
		"Port":               53.0,
		"Protocol":           "UDP",
		"ListenerAttributes": nil,
	})
	cdktest.Has(t, tls, map[string]any{
		"Port":                          853.0,
		"Protocol":                      "TLS",
		"SslPolicy":                     "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
		"AlpnPolicy":                    []any{"None"},
		"Certificates.0.CertificateArn": certificateArn,
	})
	cdktest.Has(t, both, map[string]any{
		"Port":               54.0,
		"Protocol":           "TCP_UDP",
		"ListenerAttributes": []any{map[string]any{"Key": "tcp.idle_timeout.seconds", "Value": "60"}},
	})

	group := udp.Ref("DefaultActions.0.TargetGroupArn")
	cdktest.Has(t, group, map[string]any{
		"Protocol":            "UDP",
		"Port":                80.0,
		"HealthCheckProtocol": "TCP",
		"HealthCheckPort":     "8081",
	})
	assert.Nil(t, groupAttributes(group)["preserve_client_ip.enabled"])
	assert.Equal(t, "true", groupAttributes(group)["deregistration_delay.connection_termination.enabled"])
	group = tls.Ref("DefaultActions.0.TargetGroupArn")
	for name, want := range map[string]any{"Protocol": "TLS", "HealthCheckProtocol": "HTTPS", "HealthCheckPort": "traffic-port",
		"HealthCheckPath": "/up", "Matcher.HttpCode": "200-399",
		"HealthCheckIntervalSeconds": 30.0, "HealthCheckTimeoutSeconds": 30.0, "HealthyThresholdCount": 5.0, "UnhealthyThresholdCount": 2.0} {
		assert.Equal(t, want, group.Get(name), name)
	}
	assert.Equal(t, map[string]any{"deregistration_delay.timeout_seconds": "90", "deregistration_delay.connection_termination.enabled": "true",
		"preserve_client_ip.enabled": "true", "proxy_protocol_v2.enabled": "true", "stickiness.enabled": "false"}, groupAttributes(group))
	group = both.Ref("DefaultActions.0.TargetGroupArn")
	cdktest.Has(t, group, map[string]any{
		"Protocol":        "TCP_UDP",
		"HealthCheckPort": "traffic-port",
	})
	assert.Equal(t, "source_ip", groupAttributes(group)["stickiness.type"])
	assert.Len(t, tpl.Only("AWS::ECS::Service").Get("LoadBalancers"), 3)

	// The ways in, by protocol and port: of clients to the load balancer, from there to the tasks, and of the resolver.
	var clients, ways []string
	for _, rule := range cdktest.List(balancer.Ref("SecurityGroups.0").Get("SecurityGroupIngress")) {
		assert.Equal(t, "203.0.113.0/24", cdktest.Dig(rule, "CidrIp"))
		clients = append(clients, describeRule(cdktest.Dig(rule, "IpProtocol"), cdktest.Dig(rule, "FromPort")))
	}
	assert.ElementsMatch(t, []string{"icmp 3", "udp 53", "tcp 853", "tcp 54", "udp 54"}, clients)
	for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		ways = append(ways, describeRule(rule.Get("IpProtocol"), rule.Get("FromPort")))
	}
	assert.ElementsMatch(t, []string{"udp 53", "tcp 8081", "tcp 53", "udp 53"}, ways, "the last is the resolver's")
	assert.Len(t, tpl.All("AWS::EC2::SecurityGroupEgress"), 3)
}

func describeRule(protocol, port any) string { return fmt.Sprint(protocol, " ", port) }

// Addresses of one's own, in and out of the internet: none is made beside them.
func TestNetworkLoadBalancerWithOwnAddresses(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := importedVpc(stack)
	elb.NewNetworkLoadBalancer(stack, "Outer", &elb.NetworkLoadBalancerProps{Vpc: vpc, InternetFacing: true, CrossZone: true,
		AllocationIds: []string{"eipalloc-0123456789abcdef0", "eipalloc-0123456789abcdef1"},
		EndpointService: &elb.EndpointService{AllowedPrincipals: []string{"arn:aws:iam::444455556666:root"}, AcceptanceRequired: new(false),
			EnforceIngressCidrs: true}})
	elb.NewNetworkLoadBalancer(stack, "Inner", &elb.NetworkLoadBalancerProps{Vpc: vpc, PrivateAddresses: []string{"10.0.2.10", "10.0.3.10"}})
	tpl := cdktest.Synth(t, stack)
	assert.Empty(t, tpl.All("AWS::EC2::EIP"))
	outer, inner := tpl.At("AWS::ElasticLoadBalancingV2::LoadBalancer", "/Outer/"), tpl.At("AWS::ElasticLoadBalancingV2::LoadBalancer",
		"/Inner/")
	assert.Equal(t, []any{map[string]any{"SubnetId": "subnet-00000000000000001", "AllocationId": "eipalloc-0123456789abcdef0"},
		map[string]any{"SubnetId": "subnet-00000000000000002", "AllocationId": "eipalloc-0123456789abcdef1"}}, outer.Get("SubnetMappings"))
	assert.Equal(t, []any{map[string]any{"SubnetId": "subnet-00000000000000003", "PrivateIPv4Address": "10.0.2.10"},
		map[string]any{"SubnetId": "subnet-00000000000000004", "PrivateIPv4Address": "10.0.3.10"}}, inner.Get("SubnetMappings"))
	assert.Equal(t, "true", attribute(outer, "load_balancing.cross_zone.enabled"))
	assert.Equal(t, "on", outer.Get("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"))
	assert.Equal(t, false, tpl.Only("AWS::EC2::VPCEndpointService").Get("AcceptanceRequired"))
}

// What ECS needs to shift the traffic: two groups alike, listeners that lead to both, and a role that may change them.
func TestCanaryBehindANetworkLoadBalancer(t *testing.T) {
	stack := cdktest.Stack(t)
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
	tpl := cdktest.Synth(t, stack)

	ecsService := tpl.Only("AWS::ECS::Service")
	assert.Equal(t, "CANARY", ecsService.Get("DeploymentConfiguration.Strategy"))
	blue, green := ecsService.Ref("LoadBalancers.0.TargetGroupArn"),
		ecsService.Ref("LoadBalancers.0.AdvancedConfiguration.AlternateTargetGroupArn")
	assert.NotSame(t, blue, green)
	assert.Equal(t, blue.Properties, green.Properties)
	production, tests := ecsService.Ref("LoadBalancers.0.AdvancedConfiguration.ProductionListenerRule"),
		ecsService.Ref("LoadBalancers.0.AdvancedConfiguration.TestListenerRule")
	assert.Equal(t, 80.0, production.Get("Port"))
	assert.Equal(t, 8080.0, tests.Get("Port"))
	for _, listener := range []*cdktest.Resource{production, tests} {
		assert.Equal(t, "AWS::ElasticLoadBalancingV2::Listener", listener.Type)
		assert.Equal(t, []any{100.0, 0.0}, weights(tpl, listener.Get("DefaultActions.0"), blue, green))
		assert.Contains(t, ecsService.Dependencies(), listener.Id)
	}
	role := ecsService.Ref("LoadBalancers.0.AdvancedConfiguration.RoleArn")
	assert.Equal(t, ":iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers", role.Get("ManagedPolicyArns.0.Fn::Join.1.2"))
	var open []any
	group := tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer").Ref("SecurityGroups.0")
	for _, rule := range cdktest.List(group.Get("SecurityGroupIngress")) {
		open = append(open, cdktest.Dig(rule, "CidrIp"), cdktest.Dig(rule, "FromPort"))
	}
	assert.Equal(t, []any{"10.0.0.0/16", 3.0, "10.0.0.0/16", 80.0, "203.0.113.0/24", 8080.0}, open)

	// Either group may be the empty one.
	down := tpl.At("AWS::CloudWatch::Alarm", "/NlbNoHealthyTask/")
	cdktest.Has(t, down, map[string]any{
		"ComparisonOperator": "LessThanThreshold",
		"Threshold":          1.0,
		"TreatMissingData":   "breaching",
	}, "a service that is down raises no alarm")
	groups := map[*cdktest.Resource]bool{}
	for _, m := range cdktest.List(down.Get("Metrics")) {
		if metric := cdktest.Dig(m, "MetricStat.Metric"); metric != nil {
			cdktest.HasAt(t, metric, map[string]any{
				"Namespace":  "AWS/NetworkELB",
				"MetricName": "HealthyHostCount",
			})
			groups[tpl.Follow(cdktest.Dig(metric, "Dimensions.1.Value"))] = true
		}
	}
	assert.Equal(t, map[*cdktest.Resource]bool{blue: true, green: true}, groups)
	full := tpl.At("AWS::CloudWatch::Alarm", "/NlbPortAllocationErrors/")
	cdktest.Has(t, full, map[string]any{
		"Namespace":         "AWS/NetworkELB",
		"MetricName":        "PortAllocationErrorCount",
		"Dimensions.0.Name": "LoadBalancer",
	})
	assert.Len(t, tpl.All("AWS::CloudWatch::Alarm"), 1+3+3, "the canary's own, three of the listener, three of the tasks")
	assert.Contains(t, string(tpl.Raw), `NewFlowCount`)
}

// A listener of another stack's load balancer: this stack needs that one, and not each the other.
func TestNlbListenerInAnotherStack(t *testing.T) {
	app := cdktest.App(t)
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
	}, cdktest.Refused(t, func() { service("Other") }))
	tpl := cdktest.Synth(t, stack)
	assert.Len(t, tpl.All("AWS::EC2::SecurityGroupEgress"), 1)
	assert.Contains(t, tpl.Only("AWS::ECS::Service").Dependencies(), tpl.Only("AWS::ElasticLoadBalancingV2::Listener").Id)
}

func groupAttributes(group *cdktest.Resource) map[string]any {
	attributes := map[string]any{}
	for _, a := range cdktest.List(group.Get("TargetGroupAttributes")) {
		attributes[cdktest.Dig(a, "Key").(string)] = cdktest.Dig(a, "Value")
	}
	return attributes
}

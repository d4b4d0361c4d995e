package test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/ecs"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/waf"
	"awscontainers/test/cdktest"
)

// shop is a cluster, a load balancer with TLS, and a way to make services behind it.
type shop struct {
	stack   awscdk.Stack
	cluster *ecs.Cluster
	alb     *elb.ApplicationLoadBalancer
}

// service makes a service with one rule, and its task beside it.
func (s shop) service(id string, rule ecs.AlbRule, change func(p *ecs.ServiceProps)) *ecs.Service {
	if rule.Listener == nil {
		rule.LoadBalancer = s.alb
	}
	if rule.Conditions.PathPatterns == nil {
		rule.Conditions.PathPatterns = []string{"/" + id}
	}
	props := ecs.ServiceProps{
		Cluster:  s.cluster,
		Task:     ecs.NewTask(s.stack, id+"Task", &ecs.TaskProps{Containers: []ecs.Container{web()}}),
		Exposure: ecs.Exposure{Alb: []ecs.AlbRule{rule}},
	}
	if change != nil {
		change(&props)
	}
	return ecs.NewService(s.stack, id, &props)
}

func groupOf(tpl *cdktest.Template, service string) *cdktest.Resource {
	return tpl.At("AWS::ElasticLoadBalancingV2::TargetGroup", "Test/"+service+"/TargetGroup/")
}

func TestSeveralServicesBehindOneLoadBalancer(t *testing.T) {
	s := newShop(t, nil)
	s.service("Web", ecs.AlbRule{Priority: 100}, nil)
	s.service("Api", ecs.AlbRule{Priority: 10, Conditions: elb.Conditions{
		PathPatterns: []string{"/api/*"}, HostHeaders: []string{"www.example.com"},
		HttpHeaders:  []elb.HttpHeader{{Name: "X-Version", Values: []string{"2*"}}},
		QueryStrings: []elb.QueryString{{Key: "beta", Value: "1"}},
	}}, nil)
	s.service("Hook", ecs.AlbRule{Priority: 20, Conditions: elb.Conditions{
		PathPatterns: []string{"/hook"}, HttpRequestMethods: []string{"POST"}, SourceIps: []string{"203.0.113.0/24"},
		QueryStrings: []elb.QueryString{{Value: "x"}},
	}}, nil)
	tpl := cdktest.Synth(t, s.stack)

	listener := tpl.At("AWS::ElasticLoadBalancingV2::Listener", "/Https/")
	for service, want := range map[string]struct {
		priority   float64
		conditions []any
	}{
		"Web": {100, []any{map[string]any{"Field": "path-pattern", "PathPatternConfig": map[string]any{"Values": []any{"/Web"}}}}},
		"Api": {10, []any{
			map[string]any{"Field": "path-pattern", "PathPatternConfig": map[string]any{"Values": []any{"/api/*"}}},
			map[string]any{"Field": "host-header", "HostHeaderConfig": map[string]any{"Values": []any{"www.example.com"}}},
			map[string]any{"Field": "http-header", "HttpHeaderConfig": map[string]any{"HttpHeaderName": "X-Version", "Values": []any{"2*"}}},
			map[string]any{"Field": "query-string", "QueryStringConfig": map[string]any{"Values": []any{map[string]any{"Key": "beta",
				"Value": "1"}}}},
		}},
		"Hook": {20, []any{
			map[string]any{"Field": "path-pattern", "PathPatternConfig": map[string]any{"Values": []any{"/hook"}}},
			map[string]any{"Field": "query-string", "QueryStringConfig": map[string]any{"Values": []any{map[string]any{"Value": "x"}}}},
			map[string]any{"Field": "http-request-method", "HttpRequestMethodConfig": map[string]any{"Values": []any{"POST"}}},
			map[string]any{"Field": "source-ip", "SourceIpConfig": map[string]any{"Values": []any{"203.0.113.0/24"}}},
		}},
	} {
		rule := tpl.At("AWS::ElasticLoadBalancingV2::ListenerRule", "Test/"+service+"/")
		assert.Same(t, listener, rule.Ref("ListenerArn"), service)
		assert.Equal(t, want.priority, rule.Get("Priority"), service)
		assert.Equal(t, want.conditions, rule.Get("Conditions"), service)
		assert.Same(t, groupOf(tpl, service), rule.Ref("Actions.0.TargetGroupArn"), service)
		assert.Same(t, groupOf(tpl, service), tpl.At("AWS::ECS::Service", "Test/"+service+"/").Ref("LoadBalancers.0.TargetGroupArn"), service)
	}
	assert.Len(t, tpl.All("AWS::ElasticLoadBalancingV2::LoadBalancer"), 1)
}

// The second service sees the priority of the first, and so does a rule of no service.
func TestPriorityTakenByAnotherServiceIsRefused(t *testing.T) {
	s := newShop(t, nil)
	s.service("Web", ecs.AlbRule{Priority: 10}, nil)
	assert.Equal(t, []string{
		"Test/Api: Exposure.Alb[0].Priority is already used on the listener, by Test/Web; got 10; " +
			"use another number from 1 to 999, or remove it"},
		cdktest.Refused(t, func() { s.service("Api", ecs.AlbRule{Priority: 10}, nil) }))
	gone := elb.ListenerRuleProps{LoadBalancer: s.alb, Priority: 10, Conditions: elb.Conditions{PathPatterns: []string{"/old/*"}},
		FixedResponse: &elb.FixedResponse{StatusCode: 410}}
	assert.Equal(t, []string{
		"Test/Gone: Priority is already used on the listener, by Test/Web; got 10; use another number from 1 to 999, or remove it"},
		cdktest.Refused(t, func() { elb.NewListenerRule(s.stack, "Gone", &gone) }))
	gone.Priority = 20
	elb.NewListenerRule(s.stack, "Gone", &gone)
	assert.Equal(t, []string{
		"Test/Late: Exposure.Alb[0].Priority is already used on the listener, by Test/Gone; got 20; " +
			"use another number from 1 to 999, or remove it"},
		cdktest.Refused(t, func() { s.service("Late", ecs.AlbRule{Priority: 20}, nil) }))
}

func TestRulesOfNoService(t *testing.T) {
	s := newShop(t, nil)
	old, next := s.service("Old", ecs.AlbRule{Priority: 10}, nil), s.service("New", ecs.AlbRule{Priority: 20}, nil)
	conditions := elb.Conditions{PathPatterns: []string{"/*"}}
	elb.NewListenerRule(s.stack, "Moved", &elb.ListenerRuleProps{LoadBalancer: s.alb, Priority: 1, Conditions: conditions,
		Redirect: &elb.Redirect{Protocol: elbv2.ApplicationProtocol_HTTPS, Host: "new.example.com", Port: 8443, Path: "/v2#{path}", Query: "q=1",
			Permanent: true}})
	elb.NewListenerRule(s.stack, "Gone", &elb.ListenerRuleProps{LoadBalancer: s.alb, Priority: 2, Conditions: conditions,
		FixedResponse: &elb.FixedResponse{StatusCode: 410, MessageBody: "Gone"}})
	elb.NewListenerRule(s.stack, "Shared", &elb.ListenerRuleProps{LoadBalancer: s.alb, Priority: 3, Conditions: conditions,
		Forward: []elb.WeightedTargetGroup{{TargetGroup: old.TargetGroups[0], Weight: 9}, {TargetGroup: next.TargetGroups[0], Weight: 1}}})
	tpl := cdktest.Synth(t, s.stack)
	action := func(id string) any {
		return tpl.At("AWS::ElasticLoadBalancingV2::ListenerRule", "Test/"+id+"/").Get("Actions.0")
	}
	assert.Equal(t, map[string]any{"Type": "redirect", "RedirectConfig": map[string]any{
		"Protocol": "HTTPS", "Host": "new.example.com", "Port": "8443", "Path": "/v2#{path}", "Query": "q=1", "StatusCode": "HTTP_301",
	}}, action("Moved"))
	assert.Equal(t, map[string]any{"Type": "fixed-response", "FixedResponseConfig": map[string]any{
		"StatusCode": "410", "ContentType": "text/plain", "MessageBody": "Gone",
	}}, action("Gone"))
	assert.Equal(t, []any{9.0, 1.0}, weights(tpl, action("Shared"), groupOf(tpl, "Old"), groupOf(tpl, "New")))
	assert.Contains(t, tpl.At("AWS::ECS::Service", "Test/New/").Dependencies(),
		tpl.At("AWS::ElasticLoadBalancingV2::ListenerRule", "Test/Shared/").Id)
}

func TestServiceSharesItsRule(t *testing.T) {
	s := newShop(t, nil)
	old := s.service("Old", ecs.AlbRule{Priority: 20}, nil)
	s.service("New", ecs.AlbRule{Priority: 10, Weight: 5, StickinessDuration: time.Hour,
		ShareWith: []elb.WeightedTargetGroup{{TargetGroup: old.TargetGroups[0], Weight: 95}}}, nil)
	tpl := cdktest.Synth(t, s.stack)
	rule := tpl.At("AWS::ElasticLoadBalancingV2::ListenerRule", "Test/New/")
	assert.Equal(t, []any{5.0, 95.0}, weights(tpl, rule.Get("Actions.0"), groupOf(tpl, "New"), groupOf(tpl, "Old")))
	assert.Equal(t,
		map[string]any{"Enabled": true, "DurationSeconds": 3600.0}, rule.Get("Actions.0.ForwardConfig.TargetGroupStickinessConfig"),
		"the load balancer refuses a sticky group in a rule that is not")
	for _, service := range []string{"Old", "New"} {
		assert.Contains(t, tpl.At("AWS::ECS::Service", "Test/"+service+"/").Dependencies(), rule.Id, service)
	}
}

// A listener of somebody else: nothing is made beside the rule, and the way in is opened from the load balancer that is named.
func TestServiceAtAnImportedListener(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster := newCluster(stack)
	imported := elbv2.ApplicationListener_FromApplicationListenerAttributes(stack, jsii.String("Imported"),
		&elbv2.ApplicationListenerAttributes{
			ListenerArn:   jsii.String("arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shared/0123456789abcdef/0123456789abcdef"),
			SecurityGroup: awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Group"), jsii.String("sg-0123456789abcdef0"), nil),
		})
	listener := elb.ListenerFrom(stack, "Listener", &elb.ListenerAttributes{Listener: imported, Protocol: elbv2.ApplicationProtocol_HTTPS,
		Port: 443})
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack),
		Exposure:   ecs.Exposure{Alb: []ecs.AlbRule{{Listener: listener, Priority: 7, Conditions: elb.Conditions{PathPatterns: []string{"/*"}}}}},
		Deployment: ecs.Deployment{RollbackOnErrors: true}})
	ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: service})
	tpl := cdktest.Synth(t, stack)

	assert.Empty(t, tpl.All("AWS::ElasticLoadBalancingV2::LoadBalancer"))
	assert.Empty(t, tpl.All("AWS::ElasticLoadBalancingV2::Listener"))
	rule := tpl.Only("AWS::ElasticLoadBalancingV2::ListenerRule")
	assert.Contains(t, rule.Get("ListenerArn"), "listener/app/shared/")
	in := tpl.Only("AWS::EC2::SecurityGroupIngress")
	cdktest.Has(t, in, map[string]any{
		"SourceSecurityGroupId": "sg-0123456789abcdef0",
		"FromPort":              8080.0,
	})
	assert.Contains(t, tpl.At("AWS::CloudWatch::Alarm", "/LoadBalancerErrors/").Get("Dimensions"),
		map[string]any{"Name": "LoadBalancer", "Value": "app/shared/0123456789abcdef"})
	assert.Equal(t, []string{
		"Test/Second: Exposure.Alb[0].Priority is already used on the listener, by Test/Service; got 7; " +
			"use another number from 1 to 999, or remove it"},
		cdktest.Refused(t, func() {
			ecs.NewService(stack, "Second", &ecs.ServiceProps{Cluster: cluster, Task: service.Task,
				Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{Listener: listener, Priority: 7,
					Conditions: elb.Conditions{PathPatterns: []string{"/*"}}}}}})
		}))
}

const sharedBalancerGroup = "sg-0000000000000000a"

// sharedListener is a listener of an existing load balancer, whose security group each listener imports anew.
func sharedListener(stack awscdk.Stack, id string) elbv2.IApplicationListener {
	return elbv2.ApplicationListener_FromApplicationListenerAttributes(stack, jsii.String("Imported"+id),
		&elbv2.ApplicationListenerAttributes{
			ListenerArn: jsii.String("arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shared/0123456789abcdef/" + id),
			SecurityGroup: awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Group"+id), jsii.String(sharedBalancerGroup),
				&awsec2.SecurityGroupImportOptions{AllowAllOutbound: jsii.Bool(false)}),
		})
}

func sharedListenerRule(stack awscdk.Stack, listener elbv2.IApplicationListener) ecs.AlbRule {
	id := *listener.Node().Id()
	return ecs.AlbRule{Id: id, Priority: 7, Conditions: elb.Conditions{PathPatterns: []string{"/*"}},
		Listener: elb.ListenerFrom(stack, "Of"+id, &elb.ListenerAttributes{Listener: listener})}
}

// Two listeners of one existing load balancer have an import of its security group each: EC2 refuses the second of two equal rules. What
// stays when the first goes is the same rule to CloudFormation, which would create one of another name before it deletes the old one.
func TestListenersOfOneBalancerLetItInOnce(t *testing.T) {
	services := func(clusterIds ...string) func(awscdk.Stack, []ecs.AlbRule) {
		return func(stack awscdk.Stack, listeners []ecs.AlbRule) {
			var clusters []*ecs.Cluster
			vpc := importedVpc(stack)
			for _, id := range clusterIds {
				clusters = append(clusters, ecs.NewCluster(stack, id, &ecs.ClusterProps{Vpc: vpc}))
			}
			for i, listener := range listeners {
				id := listener.Id
				group := awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Tasks"+id), jsii.String("sg-0000000000000000b"), nil)
				task := ecs.NewTask(stack, "Task"+id, &ecs.TaskProps{Containers: []ecs.Container{web()}})
				ecs.NewService(stack, "Service"+id, &ecs.ServiceProps{Cluster: clusters[i%len(clusters)], Task: task,
					SecurityGroups: []awsec2.ISecurityGroup{group}, Exposure: ecs.Exposure{Alb: []ecs.AlbRule{listener}}})
			}
		}
	}
	for name, build := range map[string]func(stack awscdk.Stack, listeners []ecs.AlbRule){
		"one service at both": func(stack awscdk.Stack, listeners []ecs.AlbRule) {
			ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: newCluster(stack), Task: newTask(stack),
				Exposure: ecs.Exposure{Alb: listeners}})
		},
		"services that share a group": services("Cluster"),
		"services of two clusters":    services("ClusterA", "ClusterB"),
	} {
		t.Run(name, func(t *testing.T) {
			rulesFor := func(listeners ...string) (in, out string) {
				stack := cdktest.Stack(t)
				var rules []ecs.AlbRule
				for _, id := range listeners {
					rules = append(rules, sharedListenerRule(stack, sharedListener(stack, id)))
				}
				build(stack, rules)
				tpl := cdktest.Synth(t, stack)
				ingress, egress := tpl.Only("AWS::EC2::SecurityGroupIngress"), tpl.Only("AWS::EC2::SecurityGroupEgress")
				assert.Equal(t, sharedBalancerGroup, ingress.Get("SourceSecurityGroupId"))
				assert.Equal(t, sharedBalancerGroup, egress.Get("GroupId"))
				for _, service := range tpl.All("AWS::ECS::Service") {
					assert.Subset(t, service.Dependencies(), []string{ingress.Id, egress.Id}, "its first tasks would fail their health checks")
				}
				return ingress.Id, egress.Id
			}
			in, out := rulesFor("a", "b")
			inAfter, outAfter := rulesFor("b")
			assert.Equal(t, in, inAfter, "the rule would be created a second time before the first is deleted")
			assert.Equal(t, out, outAfter)
			assert.NotEqual(t, in, out)
		})
	}
}

// The CDK adds any rule whose id is free: what was dropped as the equal of another must not come back.
func TestDroppedRulesDoNotComeBack(t *testing.T) {
	stack := cdktest.Stack(t)
	a, b := sharedListener(stack, "a"), sharedListener(stack, "b")
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: newCluster(stack), Task: newTask(stack),
		Exposure: ecs.Exposure{Alb: []ecs.AlbRule{sharedListenerRule(stack, a), sharedListenerRule(stack, b)}}})
	service.AllowFrom(a, 8080)
	service.AllowFrom(b, 8080)
	tpl := cdktest.Synth(t, stack)
	assert.Len(t, tpl.All("AWS::EC2::SecurityGroupIngress"), 1)
	assert.Len(t, tpl.All("AWS::EC2::SecurityGroupEgress"), 1)
}

// A rule for all traffic has no ports.
func TestServicesTakeRulesWithoutPorts(t *testing.T) {
	stack := cdktest.Stack(t)
	cluster, listener := newCluster(stack), sharedListener(stack, "a")
	own := awsec2.NewSecurityGroup(stack, jsii.String("Own"), &awsec2.SecurityGroupProps{Vpc: cluster.Vpc()})
	own.AddIngressRule((*listener.Connections().SecurityGroups())[0], awsec2.Port_AllTraffic(), nil, nil)
	ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack), SecurityGroups: []awsec2.ISecurityGroup{own},
		Exposure: ecs.Exposure{Alb: []ecs.AlbRule{sharedListenerRule(stack, listener)}}})
	tpl := cdktest.Synth(t, stack)
	var protocols []any
	for _, rule := range tpl.All("AWS::EC2::SecurityGroupIngress") {
		protocols = append(protocols, rule.Get("IpProtocol"))
		assert.Contains(t, tpl.Only("AWS::ECS::Service").Dependencies(), rule.Id)
	}
	assert.ElementsMatch(t, []any{"-1", "tcp"}, protocols)
}

func TestTargetGroupOptions(t *testing.T) {
	s := newShop(t, nil)
	s.service("Grpc", ecs.AlbRule{Priority: 1, ProtocolVersion: elbv2.ApplicationProtocolVersion_GRPC, SlowStart: 45 * time.Second,
		StickinessDuration: time.Hour}, nil)
	s.service("Http2", ecs.AlbRule{Priority: 2, ProtocolVersion: elbv2.ApplicationProtocolVersion_HTTP2}, nil)
	s.service("Http1", ecs.AlbRule{Priority: 3}, nil)
	tpl := cdktest.Synth(t, s.stack)

	grpc := groupOf(tpl, "Grpc")
	cdktest.Has(t, grpc, map[string]any{
		"Protocol":        "HTTP",
		"ProtocolVersion": "GRPC",
		"HealthCheckPath": "/AWS.ALB/healthcheck",
		"Matcher":         map[string]any{"GrpcCode": "12"},
	})
	for key, want := range map[string]string{
		"slow_start.duration_seconds": "45", "stickiness.enabled": "true", "stickiness.type": "lb_cookie",
		"stickiness.lb_cookie.duration_seconds": "3600",
	} {
		assert.Contains(t, grpc.Get("TargetGroupAttributes"), map[string]any{"Key": key, "Value": want})
	}
	assert.Equal(t, "HTTP2", groupOf(tpl, "Http2").Get("ProtocolVersion"))
	assert.Equal(t, map[string]any{"HttpCode": "200"}, groupOf(tpl, "Http2").Get("Matcher"))
	plain := groupOf(tpl, "Http1")
	assert.Nil(t, plain.Get("ProtocolVersion"))
	assert.Contains(t, plain.Get("TargetGroupAttributes"), map[string]any{"Key": "stickiness.enabled", "Value": "false"})
}

func TestGrpcNeedsTLS(t *testing.T) {
	s := newShop(t, func(p *elb.ApplicationLoadBalancerProps) { p.CertificateArn = "" })
	assert.Equal(t, []string{
		`Test/Grpc: Exposure.Alb[0].ProtocolVersion requires an HTTPS listener; got "GRPC"; set a certificate on the load balancer, or use ` +
			`"HTTP1"`,
	}, cdktest.Refused(t, func() {
		s.service("Grpc", ecs.AlbRule{Priority: 1, ProtocolVersion: elbv2.ApplicationProtocolVersion_GRPC}, nil)
	}))
}

func TestLoadBalancerOptions(t *testing.T) {
	stack := cdktest.Stack(t)
	bucket := awss3.Bucket_FromBucketName(stack, jsii.String("Ca"), jsii.String("our-authorities"))
	elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{
		Vpc: importedVpc(stack), InternetFacing: true, CertificateArn: certificateArn, IdleTimeout: 2 * time.Minute,
		MutualTls: &elb.MutualTls{CaBucket: bucket, CaKey: "ca.pem"},
		WebAcl: waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{RequestsPerFiveMinutes: 500,
			ManagedRuleGroups: []string{"AWSManagedRulesSQLiRuleSet"},
			CountRules:        map[string][]string{"AWSManagedRulesSQLiRuleSet": {"SQLi_BODY"}}}),
		TestListener: &elb.TestListener{Port: 8443, IngressCidrs: []string{"203.0.113.0/24"}},
	})
	tpl := cdktest.Synth(t, stack)

	balancer := tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer")
	assert.Equal(t, "120", attribute(balancer, "idle_timeout.timeout_seconds"))

	store := tpl.Only("AWS::ElasticLoadBalancingV2::TrustStore")
	cdktest.Has(t, store, map[string]any{
		"CaCertificatesBundleS3Bucket": "our-authorities",
		"CaCertificatesBundleS3Key":    "ca.pem",
	})
	for _, path := range []string{"/Https/", "/Test/"} {
		listener := tpl.At("AWS::ElasticLoadBalancingV2::Listener", "Alb"+path)
		assert.Equal(t, "verify", listener.Get("MutualAuthentication.Mode"), path)
		assert.Equal(t, false, listener.Get("MutualAuthentication.IgnoreClientCertificateExpiry"), path)
		assert.Same(t, store, listener.Ref("MutualAuthentication.TrustStoreArn"), path)
		assert.Equal(t, certificateArn, listener.Get("Certificates.0.CertificateArn"), path)
	}
	tests := tpl.At("AWS::ElasticLoadBalancingV2::Listener", "/Test/")
	assert.Equal(t, 8443.0, tests.Get("Port"))
	for _, rule := range cdktest.List(balancer.Ref("SecurityGroups.0").Get("SecurityGroupIngress")) {
		if cdktest.Dig(rule, "FromPort") == 8443.0 {
			assert.Equal(t, "203.0.113.0/24", cdktest.Dig(rule, "CidrIp"), "the new version is open to more than its testers")
		}
	}

	acl := tpl.Only("AWS::WAFv2::WebACL")
	cdktest.Has(t, acl, map[string]any{
		"Scope":         "REGIONAL",
		"DefaultAction": map[string]any{"Allow": map[string]any{}},
	})
	limit, group := acl.Get("Rules.0"), acl.Get("Rules.1")
	assert.Equal(t, map[string]any{"AggregateKeyType": "IP", "Limit": 500.0}, cdktest.Dig(limit, "Statement.RateBasedStatement"))
	assert.Equal(t, map[string]any{"Block": map[string]any{}}, cdktest.Dig(limit, "Action"))
	assert.Equal(t, map[string]any{"VendorName": "AWS", "Name": "AWSManagedRulesSQLiRuleSet", "RuleActionOverrides": []any{
		map[string]any{"Name": "SQLi_BODY", "ActionToUse": map[string]any{"Count": map[string]any{}}},
	}}, cdktest.Dig(group, "Statement.ManagedRuleGroupStatement"))
	assert.Equal(t, map[string]any{"None": map[string]any{}}, cdktest.Dig(group, "OverrideAction"), "the group's own actions count")
	association := tpl.Only("AWS::WAFv2::WebACLAssociation")
	assert.Same(t, balancer, association.Ref("ResourceArn"))
	assert.Same(t, acl, association.Ref("WebACLArn"))
}

func TestWebAclThatOnlyCounts(t *testing.T) {
	stack := cdktest.Stack(t)
	elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: importedVpc(stack),
		WebAcl: waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{CountOnly: true, RequestsPerFiveMinutes: 100})})
	rules := cdktest.List(cdktest.Synth(t, stack).Only("AWS::WAFv2::WebACL").Get("Rules"))
	assert.Len(t, rules, 4)
	for i, rule := range rules {
		action := cdktest.Dig(rule, "OverrideAction")
		if i == 0 {
			action = cdktest.Dig(rule, "Action")
		}
		assert.Equal(t, map[string]any{"Count": map[string]any{}}, action)
		assert.Equal(t, float64(i), cdktest.Dig(rule, "Priority"))
	}
}

func TestMutualTlsPassesThrough(t *testing.T) {
	stack := cdktest.Stack(t)
	elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{
		Vpc: importedVpc(stack), CertificateArn: certificateArn, MutualTls: &elb.MutualTls{Passthrough: true},
	})
	tpl := cdktest.Synth(t, stack)
	assert.Equal(t, "passthrough", tpl.At("AWS::ElasticLoadBalancingV2::Listener", "/Https/").Get("MutualAuthentication.Mode"))
	assert.Nil(t, tpl.At("AWS::ElasticLoadBalancingV2::Listener", "/Http/").Get("MutualAuthentication"))
	assert.Empty(t, tpl.All("AWS::ElasticLoadBalancingV2::TrustStore"))
}

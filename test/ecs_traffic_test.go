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
)

// shop is a cluster, a load balancer with TLS, and a way to make services behind it.
type shop struct {
	stack   awscdk.Stack
	cluster *ecs.Cluster
	alb     *elb.ApplicationLoadBalancer
}

func newShop(t *testing.T, change func(p *elb.ApplicationLoadBalancerProps)) shop {
	t.Helper()
	stack := newStack(t)
	cluster := newCluster(stack)
	props := elb.ApplicationLoadBalancerProps{Vpc: cluster.Cluster.Vpc(), InternetFacing: true, CertificateArn: certificateArn}
	if change != nil {
		change(&props)
	}
	return shop{stack, cluster, elb.NewApplicationLoadBalancer(stack, "Alb", &props)}
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

func groupOf(tpl *template, service string) *resource {
	return tpl.at("AWS::ElasticLoadBalancingV2::TargetGroup", "Test/"+service+"/TargetGroup/")
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
	tpl := synth(t, s.stack)

	listener := tpl.at("AWS::ElasticLoadBalancingV2::Listener", "/Https/")
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
		rule := tpl.at("AWS::ElasticLoadBalancingV2::ListenerRule", "Test/"+service+"/")
		assert.Same(t, listener, rule.ref("ListenerArn"), service)
		assert.Equal(t, want.priority, rule.get("Priority"), service)
		assert.Equal(t, want.conditions, rule.get("Conditions"), service)
		assert.Same(t, groupOf(tpl, service), rule.ref("Actions.0.TargetGroupArn"), service)
		assert.Same(t, groupOf(tpl, service), tpl.at("AWS::ECS::Service", "Test/"+service+"/").ref("LoadBalancers.0.TargetGroupArn"), service)
	}
	assert.Len(t, tpl.all("AWS::ElasticLoadBalancingV2::LoadBalancer"), 1)
}

// The second service sees the priority of the first, and so does a rule of no service.
func TestPriorityTakenByAnotherServiceIsRefused(t *testing.T) {
	s := newShop(t, nil)
	s.service("Web", ecs.AlbRule{Priority: 10}, nil)
	assert.Equal(t, []string{
		"Test/Api: Exposure.Alb[0].Priority must not be the priority of Test/Web/ListenerRule on the listener; got 10"},
		refusal(t, func() { s.service("Api", ecs.AlbRule{Priority: 10}, nil) }))
	gone := elb.ListenerRuleProps{LoadBalancer: s.alb, Priority: 10, Conditions: elb.Conditions{PathPatterns: []string{"/old/*"}},
		FixedResponse: &elb.FixedResponse{StatusCode: 410}}
	assert.Equal(t, []string{
		"Test/Gone: Priority must not be the priority of Test/Web/ListenerRule on the listener; got 10"},
		refusal(t, func() { elb.NewListenerRule(s.stack, "Gone", &gone) }))
	gone.Priority = 20
	elb.NewListenerRule(s.stack, "Gone", &gone)
	assert.Equal(t, []string{
		"Test/Late: Exposure.Alb[0].Priority must not be the priority of Test/Gone on the listener; got 20"},
		refusal(t, func() { s.service("Late", ecs.AlbRule{Priority: 20}, nil) }))
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
	tpl := synth(t, s.stack)
	action := func(id string) any {
		return tpl.at("AWS::ElasticLoadBalancingV2::ListenerRule", "Test/"+id+"/").get("Actions.0")
	}
	assert.Equal(t, map[string]any{"Type": "redirect", "RedirectConfig": map[string]any{
		"Protocol": "HTTPS", "Host": "new.example.com", "Port": "8443", "Path": "/v2#{path}", "Query": "q=1", "StatusCode": "HTTP_301",
	}}, action("Moved"))
	assert.Equal(t, map[string]any{"Type": "fixed-response", "FixedResponseConfig": map[string]any{
		"StatusCode": "410", "ContentType": "text/plain", "MessageBody": "Gone",
	}}, action("Gone"))
	assert.Equal(t, []any{9.0, 1.0}, weights(tpl, action("Shared"), groupOf(tpl, "Old"), groupOf(tpl, "New")))
	assert.Contains(t, tpl.at("AWS::ECS::Service", "Test/New/").dependsOn(),
		tpl.at("AWS::ElasticLoadBalancingV2::ListenerRule", "Test/Shared/").id)
}

// weights are those of the groups in a forward action.
func weights(tpl *template, action any, groups ...*resource) (weights []any) {
	for _, group := range groups {
		for _, share := range list(dig(action, "ForwardConfig.TargetGroups")) {
			if tpl.follow(dig(share, "TargetGroupArn")) == group {
				weights = append(weights, dig(share, "Weight"))
			}
		}
	}
	return weights
}

func TestServiceSharesItsRule(t *testing.T) {
	s := newShop(t, nil)
	old := s.service("Old", ecs.AlbRule{Priority: 20}, nil)
	s.service("New", ecs.AlbRule{Priority: 10, Weight: 5, StickinessDuration: time.Hour,
		ShareWith: []elb.WeightedTargetGroup{{TargetGroup: old.TargetGroups[0], Weight: 95}}}, nil)
	tpl := synth(t, s.stack)
	rule := tpl.at("AWS::ElasticLoadBalancingV2::ListenerRule", "Test/New/")
	assert.Equal(t, []any{5.0, 95.0}, weights(tpl, rule.get("Actions.0"), groupOf(tpl, "New"), groupOf(tpl, "Old")))
	assert.Equal(t,
		map[string]any{"Enabled": true, "DurationSeconds": 3600.0}, rule.get("Actions.0.ForwardConfig.TargetGroupStickinessConfig"),
		"the load balancer refuses a sticky group in a rule that is not")
	for _, service := range []string{"Old", "New"} {
		assert.Contains(t, tpl.at("AWS::ECS::Service", "Test/"+service+"/").dependsOn(), rule.id, service)
	}
}

// A listener of somebody else: nothing is made beside the rule, and the way in is opened from the load balancer that is named.
func TestServiceAtAnImportedListener(t *testing.T) {
	stack := newStack(t)
	cluster := newCluster(stack)
	imported := elbv2.ApplicationListener_FromApplicationListenerAttributes(stack, jsii.String("Imported"),
		&elbv2.ApplicationListenerAttributes{
			ListenerArn:   jsii.String("arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shared/0123456789abcdef/0123456789abcdef"),
			SecurityGroup: awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("Group"), jsii.String("sg-0123456789abcdef0"), nil),
		})
	listener := elb.ListenerFrom(stack, "Listener", &elb.ListenerFromProps{Listener: imported, Protocol: elbv2.ApplicationProtocol_HTTPS,
		Port: 443})
	service := ecs.NewService(stack, "Service", &ecs.ServiceProps{Cluster: cluster, Task: newTask(stack),
		Exposure:   ecs.Exposure{Alb: []ecs.AlbRule{{Listener: listener, Priority: 7, Conditions: elb.Conditions{PathPatterns: []string{"/*"}}}}},
		Deployment: ecs.Deployment{RollbackOnErrors: true}})
	ecs.NewAlarms(stack, "Alarms", &ecs.AlarmsProps{Service: service})
	tpl := synth(t, stack)

	assert.Empty(t, tpl.all("AWS::ElasticLoadBalancingV2::LoadBalancer"))
	assert.Empty(t, tpl.all("AWS::ElasticLoadBalancingV2::Listener"))
	rule := tpl.only("AWS::ElasticLoadBalancingV2::ListenerRule")
	assert.Contains(t, rule.get("ListenerArn"), "listener/app/shared/")
	in := tpl.only("AWS::EC2::SecurityGroupIngress")
	assert.Equal(t, []any{"sg-0123456789abcdef0", 8080.0}, []any{in.get("SourceSecurityGroupId"), in.get("FromPort")})
	assert.Contains(t, tpl.at("AWS::CloudWatch::Alarm", "/LoadBalancerErrors/").get("Dimensions"),
		map[string]any{"Name": "LoadBalancer", "Value": "app/shared/0123456789abcdef"})
	assert.Equal(t, []string{
		"Test/Second: Exposure.Alb[0].Priority must not be the priority of Test/Service/ListenerRule on the listener; got 7"},
		refusal(t, func() {
			ecs.NewService(stack, "Second", &ecs.ServiceProps{Cluster: cluster, Task: service.Task,
				Exposure: ecs.Exposure{Alb: []ecs.AlbRule{{Listener: listener, Priority: 7,
					Conditions: elb.Conditions{PathPatterns: []string{"/*"}}}}}})
		}))
}

func TestTargetGroupOptions(t *testing.T) {
	s := newShop(t, nil)
	s.service("Grpc", ecs.AlbRule{Priority: 1, ProtocolVersion: elbv2.ApplicationProtocolVersion_GRPC, SlowStart: 45 * time.Second,
		StickinessDuration: time.Hour}, nil)
	s.service("Http2", ecs.AlbRule{Priority: 2, ProtocolVersion: elbv2.ApplicationProtocolVersion_HTTP2}, nil)
	s.service("Http1", ecs.AlbRule{Priority: 3}, nil)
	tpl := synth(t, s.stack)

	grpc := groupOf(tpl, "Grpc")
	assert.Equal(t, []any{"HTTP", "GRPC", "/AWS.ALB/healthcheck", map[string]any{"GrpcCode": "12"}},
		[]any{grpc.get("Protocol"), grpc.get("ProtocolVersion"), grpc.get("HealthCheckPath"), grpc.get("Matcher")})
	for key, want := range map[string]string{
		"slow_start.duration_seconds": "45", "stickiness.enabled": "true", "stickiness.type": "lb_cookie",
		"stickiness.lb_cookie.duration_seconds": "3600",
	} {
		assert.Contains(t, grpc.get("TargetGroupAttributes"), map[string]any{"Key": key, "Value": want})
	}
	assert.Equal(t, "HTTP2", groupOf(tpl, "Http2").get("ProtocolVersion"))
	assert.Equal(t, map[string]any{"HttpCode": "200"}, groupOf(tpl, "Http2").get("Matcher"))
	plain := groupOf(tpl, "Http1")
	assert.Nil(t, plain.get("ProtocolVersion"))
	assert.Contains(t, plain.get("TargetGroupAttributes"), map[string]any{"Key": "stickiness.enabled", "Value": "false"})
}

func TestGrpcNeedsTLS(t *testing.T) {
	s := newShop(t, func(p *elb.ApplicationLoadBalancerProps) { p.CertificateArn = "" })
	assert.Equal(t, []string{
		`Test/Grpc: Exposure.Alb[0].ProtocolVersion requires an HTTPS listener; got "GRPC"; set a certificate on the load balancer, or use ` +
			`"HTTP1"`,
	}, refusal(t, func() {
		s.service("Grpc", ecs.AlbRule{Priority: 1, ProtocolVersion: elbv2.ApplicationProtocolVersion_GRPC}, nil)
	}))
}

func TestLoadBalancerOptions(t *testing.T) {
	stack := newStack(t)
	bucket := awss3.Bucket_FromBucketName(stack, jsii.String("Ca"), jsii.String("our-authorities"))
	elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{
		Vpc: importedVpc(stack), InternetFacing: true, CertificateArn: certificateArn, IdleTimeout: 2 * time.Minute,
		MutualTls: &elb.MutualTls{CaBucket: bucket, CaKey: "ca.pem"},
		WebAcl: waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{RequestsPerFiveMinutes: 500,
			ManagedRuleGroups: []string{"AWSManagedRulesSQLiRuleSet"},
			CountRules:        map[string][]string{"AWSManagedRulesSQLiRuleSet": {"SQLi_BODY"}}}),
		TestListener: &elb.TestListener{Port: 8443, IngressCidrs: []string{"203.0.113.0/24"}},
	})
	tpl := synth(t, stack)

	balancer := tpl.only("AWS::ElasticLoadBalancingV2::LoadBalancer")
	assert.Equal(t, "120", attribute(balancer, "idle_timeout.timeout_seconds"))

	store := tpl.only("AWS::ElasticLoadBalancingV2::TrustStore")
	assert.Equal(t, []any{"our-authorities", "ca.pem"},
		[]any{store.get("CaCertificatesBundleS3Bucket"), store.get("CaCertificatesBundleS3Key")})
	for _, path := range []string{"/Https/", "/Test/"} {
		listener := tpl.at("AWS::ElasticLoadBalancingV2::Listener", "Alb"+path)
		assert.Equal(t, "verify", listener.get("MutualAuthentication.Mode"), path)
		assert.Equal(t, false, listener.get("MutualAuthentication.IgnoreClientCertificateExpiry"), path)
		assert.Same(t, store, listener.ref("MutualAuthentication.TrustStoreArn"), path)
		assert.Equal(t, certificateArn, listener.get("Certificates.0.CertificateArn"), path)
	}
	tests := tpl.at("AWS::ElasticLoadBalancingV2::Listener", "/Test/")
	assert.Equal(t, 8443.0, tests.get("Port"))
	for _, rule := range list(balancer.ref("SecurityGroups.0").get("SecurityGroupIngress")) {
		if dig(rule, "FromPort") == 8443.0 {
			assert.Equal(t, "203.0.113.0/24", dig(rule, "CidrIp"), "the new version is open to more than its testers")
		}
	}

	acl := tpl.only("AWS::WAFv2::WebACL")
	assert.Equal(t, []any{"REGIONAL", map[string]any{"Allow": map[string]any{}}}, []any{acl.get("Scope"), acl.get("DefaultAction")})
	limit, group := acl.get("Rules.0"), acl.get("Rules.1")
	assert.Equal(t, map[string]any{"AggregateKeyType": "IP", "Limit": 500.0}, dig(limit, "Statement.RateBasedStatement"))
	assert.Equal(t, map[string]any{"Block": map[string]any{}}, dig(limit, "Action"))
	assert.Equal(t, map[string]any{"VendorName": "AWS", "Name": "AWSManagedRulesSQLiRuleSet", "RuleActionOverrides": []any{
		map[string]any{"Name": "SQLi_BODY", "ActionToUse": map[string]any{"Count": map[string]any{}}},
	}}, dig(group, "Statement.ManagedRuleGroupStatement"))
	assert.Equal(t, map[string]any{"None": map[string]any{}}, dig(group, "OverrideAction"), "the group's own actions count")
	association := tpl.only("AWS::WAFv2::WebACLAssociation")
	assert.Same(t, balancer, association.ref("ResourceArn"))
	assert.Same(t, acl, association.ref("WebACLArn"))
}

func TestWebAclThatOnlyCounts(t *testing.T) {
	stack := newStack(t)
	elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: importedVpc(stack),
		WebAcl: waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{CountOnly: true, RequestsPerFiveMinutes: 100})})
	rules := list(synth(t, stack).only("AWS::WAFv2::WebACL").get("Rules"))
	assert.Len(t, rules, 4)
	for i, rule := range rules {
		action := dig(rule, "OverrideAction")
		if i == 0 {
			action = dig(rule, "Action")
		}
		assert.Equal(t, map[string]any{"Count": map[string]any{}}, action)
		assert.Equal(t, float64(i), dig(rule, "Priority"))
	}
}

func TestMutualTlsPassesThrough(t *testing.T) {
	stack := newStack(t)
	elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{
		Vpc: importedVpc(stack), CertificateArn: certificateArn, MutualTls: &elb.MutualTls{Passthrough: true},
	})
	tpl := synth(t, stack)
	assert.Equal(t, "passthrough", tpl.at("AWS::ElasticLoadBalancingV2::Listener", "/Https/").get("MutualAuthentication.Mode"))
	assert.Nil(t, tpl.at("AWS::ElasticLoadBalancingV2::Listener", "/Http/").get("MutualAuthentication"))
	assert.Empty(t, tpl.all("AWS::ElasticLoadBalancingV2::TrustStore"))
}

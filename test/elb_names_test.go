package test

import (
	"slices"
	"testing"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/elb"
	"awscontainers/test/cdktest"
)

const otherCertificateArn = "arn:aws:acm:eu-west-1:111122223333:certificate/87654321-1234-1234-1234-123456789012"

func namedBalancer(t *testing.T, change func(p *elb.ApplicationLoadBalancerProps)) *cdktest.Template {
	t.Helper()
	stack := cdktest.Stack(t)
	p := elb.ApplicationLoadBalancerProps{
		Vpc: importedVpc(stack), InternetFacing: true,
		DomainName: "www.example.com", HostedZoneId: "Z0123456789ABCDEFGHIJ", HostedZoneName: "example.com",
	}
	change(&p)
	elb.NewApplicationLoadBalancer(stack, "Alb", &p)
	return cdktest.Synth(t, stack)
}

// Every name has its record, and the one certificate has all names.
func TestLoadBalancerWithSeveralNames(t *testing.T) {
	tpl := namedBalancer(t, func(p *elb.ApplicationLoadBalancerProps) {
		p.AlternativeDomainNames = []string{"example.com", "shop.example.com"}
	})
	certificate := tpl.Only("AWS::CertificateManager::Certificate")
	assert.Equal(t, "www.example.com", certificate.Get("DomainName"))
	assert.Equal(t, []any{"example.com", "shop.example.com"}, certificate.Get("SubjectAlternativeNames"))
	zones := map[any]any{}
	for _, option := range cdktest.List(certificate.Get("DomainValidationOptions")) {
		zones[cdktest.Dig(option, "DomainName")] = cdktest.Dig(option, "HostedZoneId")
	}
	var names []any
	for _, record := range tpl.All("AWS::Route53::RecordSet") {
		names = append(names, record.Get("Name"))
		assert.Same(t, tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer"), tpl.Follow(record.Get("AliasTarget.DNSName.Fn::Join.1.1")))
	}
	assert.ElementsMatch(t, []any{"www.example.com.", "example.com.", "shop.example.com."}, names)
	for _, name := range []any{"www.example.com", "example.com", "shop.example.com"} {
		assert.Equal(t, "Z0123456789ABCDEFGHIJ", zones[name], "the certificate of %v waits for a record that nobody makes", name)
	}
	assert.Empty(t, tpl.All("AWS::ElasticLoadBalancingV2::ListenerRule"), "nobody asked for a redirect")
}

// The other names lead to the first before any service's rule, five to a rule.
func TestOtherNamesRedirect(t *testing.T) {
	names := []string{"example.com", "a.example.com", "b.example.com", "c.example.com", "d.example.com", "e.example.com"}
	tpl := namedBalancer(t, func(p *elb.ApplicationLoadBalancerProps) {
		p.AlternativeDomainNames, p.RedirectToDomainName = names, true
	})
	var redirected, priorities []any
	for _, rule := range tpl.All("AWS::ElasticLoadBalancingV2::ListenerRule") {
		assert.Same(t, tpl.At("AWS::ElasticLoadBalancingV2::Listener", "/Https/"), rule.Ref("ListenerArn"))
		cdktest.Has(t, rule, map[string]any{
			"Actions.0.Type":                      "redirect",
			"Actions.0.RedirectConfig.Host":       "www.example.com",
			"Actions.0.RedirectConfig.StatusCode": "HTTP_301",
		})
		redirected = append(redirected, cdktest.List(rule.Get("Conditions.0.HostHeaderConfig.Values"))...)
		priorities = append(priorities, rule.Get("Priority"))
	}
	want := make([]any, len(names))
	for i, name := range names {
		want[i] = name
	}
	assert.ElementsMatch(t, want, redirected)
	assert.ElementsMatch(t, []any{1.0, 2.0}, priorities)
}

// Each further certificate is a resource of its own on each listener that takes requests, whose ID doesn't change with the list.
func TestFurtherCertificates(t *testing.T) {
	certificates := func(arns ...string) map[string]any {
		tpl := namedBalancer(t, func(p *elb.ApplicationLoadBalancerProps) {
			p.AdditionalCertificateArns = arns
			p.TestListener = &elb.TestListener{Port: 8443, IngressCidrs: []string{"203.0.113.0/24"}}
		})
		found := map[string]any{}
		for _, c := range tpl.All("AWS::ElasticLoadBalancingV2::ListenerCertificate") {
			assert.Equal(t, "HTTPS", c.Ref("ListenerArn").Get("Protocol"))
			assert.Len(t, c.Get("Certificates"), 1)
			found[c.Id] = c.Get("Certificates.0.CertificateArn")
		}
		return found
	}
	one, two := certificates(otherCertificateArn), certificates(certificateArn, otherCertificateArn)
	assert.Len(t, one, 2, "one for the clients' listener, one for the testers'")
	assert.Len(t, two, 4)
	for id, arn := range one {
		assert.Equal(t, otherCertificateArn, arn)
		assert.Equal(t, arn, two[id], "a certificate that comes before it replaces it, and CloudFormation then takes it away")
	}
}

func TestNetworkListenersHaveFurtherCertificates(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := importedVpc(stack)
	nlb := elb.NewNetworkLoadBalancer(stack, "Nlb", &elb.NetworkLoadBalancerProps{Vpc: vpc})
	group := elb.NewNetworkTargetGroup(stack, "Group", &elb.NetworkTargetGroupProps{Vpc: vpc})
	elb.NewNetworkListener(stack, "Listener", &elb.NetworkListenerProps{LoadBalancer: nlb, Port: 443, CertificateArn: certificateArn,
		AdditionalCertificateArns: []string{otherCertificateArn}, Forward: []elb.WeightedNetworkTargetGroup{{TargetGroup: group}}})
	tpl := cdktest.Synth(t, stack)
	further := tpl.Only("AWS::ElasticLoadBalancingV2::ListenerCertificate")
	assert.Same(t, tpl.Only("AWS::ElasticLoadBalancingV2::Listener"), further.Ref("ListenerArn"))
	assert.Equal(t, otherCertificateArn, further.Get("Certificates.0.CertificateArn"))
}

// Headers are on every listener that takes requests, and not where port 80 redirects.
func TestResponseHeaders(t *testing.T) {
	tpl := namedBalancer(t, func(p *elb.ApplicationLoadBalancerProps) {
		p.TestListener = &elb.TestListener{Port: 8443, IngressCidrs: []string{"203.0.113.0/24"}}
		p.ResponseHeaders = &elb.ResponseHeaders{StrictTransportSecurity: "max-age=60", NoSniff: true, HideServer: true,
			AccessControlAllowOrigin: "https://app.example.com", AccessControlAllowCredentials: true, AccessControlMaxAge: 60e9}
		p.XffHeaderProcessingMode = elbv2.XffHeaderProcessingMode_REMOVE
		p.ConnectionLogs = true
	})
	const prefix = "routing.http.response."
	want := map[string]any{
		prefix + "strict_transport_security.header_value":        "max-age=60",
		prefix + "x_content_type_options.header_value":           "nosniff",
		prefix + "access_control_allow_origin.header_value":      "https://app.example.com",
		prefix + "access_control_allow_credentials.header_value": "true",
		prefix + "access_control_max_age.header_value":           "60",
		prefix + "server.enabled":                                "false",
	}
	for _, listener := range tpl.All("AWS::ElasticLoadBalancingV2::Listener") {
		if listener.Get("Protocol") == "HTTP" {
			assert.Nil(t, listener.Get("ListenerAttributes"))
			continue
		}
		got := map[string]any{}
		for _, a := range cdktest.List(listener.Get("ListenerAttributes")) {
			got[cdktest.Dig(a, "Key").(string)] = cdktest.Dig(a, "Value")
		}
		assert.Equal(t, want, got, listener.Path())
	}
	balancer, bucket := tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer"), tpl.Only("AWS::S3::Bucket")
	assert.Equal(t, "remove", attribute(balancer, "routing.http.xff_header_processing.mode"))
	assert.Equal(t, "true", attribute(balancer, "connection_logs.s3.enabled"))
	assert.Same(t, bucket, tpl.Follow(attribute(balancer, "connection_logs.s3.bucket")))
	var writers []any
	for _, statement := range cdktest.List(tpl.Only("AWS::S3::BucketPolicy").Get("PolicyDocument.Statement")) {
		if cdktest.Dig(statement, "Action") == "s3:PutObject" {
			writers = append(writers, cdktest.Dig(statement, "Principal.Service"))
		}
	}
	assert.Equal(t, []any{"logdelivery.elasticloadbalancing.amazonaws.com"}, writers)
}

// What nobody asks for stays AWS's default, and leaves the template as it was.
func TestLoadBalancerWritesNoDefaults(t *testing.T) {
	tpl := namedBalancer(t, func(*elb.ApplicationLoadBalancerProps) {})
	for _, listener := range tpl.All("AWS::ElasticLoadBalancingV2::Listener") {
		assert.Nil(t, listener.Get("ListenerAttributes"))
	}
	balancer := tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer")
	for _, a := range cdktest.List(balancer.Get("LoadBalancerAttributes")) {
		key := cdktest.Dig(a, "Key").(string)
		assert.False(t, slices.Contains([]string{"routing.http.xff_header_processing.mode", "connection_logs.s3.enabled"}, key), key)
	}
}

func TestRedirectsAreRefusedBesideAnotherRuleOfTheirPriority(t *testing.T) {
	stack := cdktest.Stack(t)
	alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{
		Vpc: importedVpc(stack), DomainName: "www.example.com", HostedZoneId: "Z0123456789ABCDEFGHIJ", HostedZoneName: "example.com",
		AlternativeDomainNames: []string{"example.com"}, RedirectToDomainName: true,
	})
	lines := cdktest.Refused(t, func() {
		elb.NewListenerRule(stack, "Rule", &elb.ListenerRuleProps{LoadBalancer: alb, Priority: 1,
			Conditions: elb.Conditions{PathPatterns: []string{"/x"}}, FixedResponse: &elb.FixedResponse{StatusCode: 404}})
	})
	require.Len(t, lines, 1)
	assert.Contains(t, lines[0], "Test/Rule: Priority is already used on the listener, by Test/Alb/RedirectToDomainName; got 1")
}

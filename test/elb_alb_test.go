package test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/elb"
	"awscontainers/test/cdktest"
)

func TestLoadBalancerIsInternalByDefault(t *testing.T) {
	stack := cdktest.Stack(t)
	alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: importedVpc(stack)})
	tpl := cdktest.Synth(t, stack)

	balancer := tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer")
	assert.Equal(t, "internal", balancer.Get("Scheme"))
	assert.Equal(t, []any{"subnet-00000000000000003", "subnet-00000000000000004"}, balancer.Get("Subnets"))
	assert.Equal(t, "true", attribute(balancer, "routing.http.drop_invalid_header_fields.enabled"))
	assert.Equal(t, "false", attribute(balancer, "deletion_protection.enabled"))

	listener := tpl.Only("AWS::ElasticLoadBalancingV2::Listener")
	cdktest.Has(t, listener, map[string]any{
		"Port":     80.0,
		"Protocol": "HTTP",
	})
	assert.Equal(t, "fixed-response", listener.Get("DefaultActions.0.Type"))
	assert.Equal(t, "404", listener.Get("DefaultActions.0.FixedResponseConfig.StatusCode"))

	group := balancer.Ref("SecurityGroups.0")
	assert.Len(t, group.Get("SecurityGroupIngress"), 1)
	assert.Equal(t, "10.0.0.0/16", group.Get("SecurityGroupIngress.0.CidrIp"), "more than the VPC may connect")
	assert.Equal(t, "255.255.255.255/32", group.Get("SecurityGroupEgress.0.CidrIp"), "it may connect to anything")
	assert.Contains(t, alb.Url(), "http://")
}

func TestLoadBalancerAccessLogs(t *testing.T) {
	stack := cdktest.Stack(t)
	elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: importedVpc(stack), AccessLogRetentionDays: 7})
	tpl := cdktest.Synth(t, stack)

	bucket, policy := tpl.Only("AWS::S3::Bucket"), tpl.Only("AWS::S3::BucketPolicy")
	balancer := tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer")
	assert.Equal(t, "true", attribute(balancer, "access_logs.s3.enabled"))
	assert.Same(t, bucket, tpl.Follow(attribute(balancer, "access_logs.s3.bucket")))
	assert.Contains(t, balancer.Dependencies(), policy.Id, "the load balancer's first attempt to write is refused")

	assert.Equal(t, "AES256", bucket.Get("BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm"))
	assert.Equal(t, 7.0, bucket.Get("LifecycleConfiguration.Rules.0.ExpirationInDays"))
	assert.Equal(t, map[string]any{
		"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
	}, bucket.Get("PublicAccessBlockConfiguration"))
	assert.Equal(t, "Retain", bucket.DeletionPolicy, "deleting the stack fails on a bucket that holds something")

	assert.Len(t, policy.Get("PolicyDocument.Statement"), 2)
	assert.Equal(t, map[string]any{
		"Effect": "Deny", "Action": "s3:*", "Principal": map[string]any{"AWS": "*"},
		"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
		"Resource":  policy.Get("PolicyDocument.Statement.0.Resource"),
	}, policy.Get("PolicyDocument.Statement.0"))
	assert.Equal(t, map[string]any{
		"Effect": "Allow", "Action": "s3:PutObject",
		"Principal": map[string]any{"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
		"Resource": map[string]any{"Fn::Join": []any{"", []any{
			map[string]any{"Fn::GetAtt": []any{bucket.Id, "Arn"}}, "/AWSLogs/", map[string]any{"Ref": "AWS::AccountId"}, "/*",
		}}},
	}, policy.Get("PolicyDocument.Statement.1"))
}

func TestLoadBalancerWithCertificate(t *testing.T) {
	stack := cdktest.Stack(t)
	alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{
		Vpc: importedVpc(stack), InternetFacing: true, CertificateArn: certificateArn, DeletionProtection: true,
		IngressCidrs: []string{"203.0.113.0/24"},
	})
	tpl := cdktest.Synth(t, stack)

	balancer := tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer")
	assert.Equal(t, "internet-facing", balancer.Get("Scheme"))
	assert.Equal(t, []any{"subnet-00000000000000001", "subnet-00000000000000002"}, balancer.Get("Subnets"))
	assert.Equal(t, "true", attribute(balancer, "deletion_protection.enabled"))

	https := tpl.At("AWS::ElasticLoadBalancingV2::Listener", "/Https/")
	cdktest.Has(t, https, map[string]any{
		"Port":     443.0,
		"Protocol": "HTTPS",
	})
	assert.Equal(t, "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", https.Get("SslPolicy"))
	assert.Equal(t, []any{map[string]any{"CertificateArn": certificateArn}}, https.Get("Certificates"))

	http := tpl.At("AWS::ElasticLoadBalancingV2::Listener", "/Http/")
	cdktest.Has(t, http, map[string]any{
		"Port":     80.0,
		"Protocol": "HTTP",
	})
	assert.Equal(t, []any{map[string]any{"Type": "redirect", "RedirectConfig": map[string]any{
		"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301",
	}}}, http.Get("DefaultActions"))

	cdktest.CreatedInOrder(t, https, http) // else a running load balancer that gets a certificate redirects to nobody

	var open []any
	for _, rule := range cdktest.List(balancer.Ref("SecurityGroups.0").Get("SecurityGroupIngress")) {
		open = append(open, cdktest.Dig(rule, "CidrIp"), cdktest.Dig(rule, "FromPort"))
	}
	assert.Equal(t, []any{"203.0.113.0/24", 80.0, "203.0.113.0/24", 443.0}, open)
	assert.Empty(t, tpl.All("AWS::CertificateManager::Certificate"))
	assert.Contains(t, alb.Url(), "https://")
}

func TestLoadBalancerWithDomainName(t *testing.T) {
	stack := cdktest.Stack(t)
	alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{
		Vpc: importedVpc(stack), InternetFacing: true,
		DomainName: "www.example.com", HostedZoneId: "Z0123456789ABCDEFGHIJ", HostedZoneName: "example.com",
	})
	tpl := cdktest.Synth(t, stack)

	certificate := tpl.Only("AWS::CertificateManager::Certificate")
	assert.Equal(t, "www.example.com", certificate.Get("DomainName"))
	assert.Equal(t, "DNS", certificate.Get("ValidationMethod"))
	assert.Equal(t, "Z0123456789ABCDEFGHIJ", certificate.Get("DomainValidationOptions.0.HostedZoneId"))
	assert.Same(t, certificate, tpl.At("AWS::ElasticLoadBalancingV2::Listener", "/Https/").Ref("Certificates.0.CertificateArn"))

	record := tpl.Only("AWS::Route53::RecordSet")
	cdktest.Has(t, record, map[string]any{
		"Name":         "www.example.com.",
		"Type":         "A",
		"HostedZoneId": "Z0123456789ABCDEFGHIJ",
	})
	assert.Same(t, tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer"), tpl.Follow(record.Get("AliasTarget.DNSName.Fn::Join.1.1")))
	assert.Equal(t, "https://www.example.com", alb.Url())
}

func TestLoadBalancerIsRefusedWithItsPath(t *testing.T) {
	stack := cdktest.Stack(t)
	vpc := importedVpc(stack)
	lines := cdktest.Refused(t, func() {
		elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: vpc, DomainName: "www.example.com"})
	})
	assert.Equal(t, []string{`Test/Alb: DomainName requires HostedZoneId and HostedZoneName; got "www.example.com"`}, lines)
	assert.Len(t, *stack.Node().Children(), 1, "something was made before the refusal")
}

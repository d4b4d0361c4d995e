package test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/elb"
)

const certificateArn = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"

func TestLoadBalancerIsInternalByDefault(t *testing.T) {
	stack := newStack(t)
	alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: importedVpc(stack)})
	tpl := synth(t, stack)

	balancer := tpl.only("AWS::ElasticLoadBalancingV2::LoadBalancer")
	assert.Equal(t, "internal", balancer.get("Scheme"))
	assert.Equal(t, []any{"subnet-00000000000000003", "subnet-00000000000000004"}, balancer.get("Subnets"))
	assert.Equal(t, "true", attribute(balancer, "routing.http.drop_invalid_header_fields.enabled"))
	assert.Equal(t, "false", attribute(balancer, "deletion_protection.enabled"))

	listener := tpl.only("AWS::ElasticLoadBalancingV2::Listener")
	assert.Equal(t, []any{80.0, "HTTP"}, []any{listener.get("Port"), listener.get("Protocol")})
	assert.Equal(t, "fixed-response", listener.get("DefaultActions.0.Type"))
	assert.Equal(t, "404", listener.get("DefaultActions.0.FixedResponseConfig.StatusCode"))

	group := balancer.ref("SecurityGroups.0")
	assert.Len(t, group.get("SecurityGroupIngress"), 1)
	assert.Equal(t, "10.0.0.0/16", group.get("SecurityGroupIngress.0.CidrIp"), "more than the VPC may connect")
	assert.Equal(t, "255.255.255.255/32", group.get("SecurityGroupEgress.0.CidrIp"), "it may connect to anything")
	assert.Contains(t, alb.Url(), "http://")
}

func TestLoadBalancerAccessLogs(t *testing.T) {
	stack := newStack(t)
	elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: importedVpc(stack), AccessLogRetentionDays: 7})
	tpl := synth(t, stack)

	bucket, policy := tpl.only("AWS::S3::Bucket"), tpl.only("AWS::S3::BucketPolicy")
	balancer := tpl.only("AWS::ElasticLoadBalancingV2::LoadBalancer")
	assert.Equal(t, "true", attribute(balancer, "access_logs.s3.enabled"))
	assert.Same(t, bucket, tpl.follow(attribute(balancer, "access_logs.s3.bucket")))
	assert.Contains(t, balancer.dependsOn(), policy.id, "the load balancer's first attempt to write is refused")

	assert.Equal(t, "AES256", bucket.get("BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm"))
	assert.Equal(t, 7.0, bucket.get("LifecycleConfiguration.Rules.0.ExpirationInDays"))
	assert.Equal(t, map[string]any{
		"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
	}, bucket.get("PublicAccessBlockConfiguration"))
	assert.Equal(t, "Retain", bucket.DeletionPolicy, "deleting the stack fails on a bucket that holds something")

	assert.Len(t, policy.get("PolicyDocument.Statement"), 2)
	assert.Equal(t, map[string]any{
		"Effect": "Deny", "Action": "s3:*", "Principal": map[string]any{"AWS": "*"},
		"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
		"Resource":  policy.get("PolicyDocument.Statement.0.Resource"),
	}, policy.get("PolicyDocument.Statement.0"))
	assert.Equal(t, map[string]any{
		"Effect": "Allow", "Action": "s3:PutObject",
		"Principal": map[string]any{"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
		"Resource": map[string]any{"Fn::Join": []any{"", []any{
			map[string]any{"Fn::GetAtt": []any{bucket.id, "Arn"}}, "/AWSLogs/", map[string]any{"Ref": "AWS::AccountId"}, "/*",
		}}},
	}, policy.get("PolicyDocument.Statement.1"))
}

func TestLoadBalancerWithCertificate(t *testing.T) {
	stack := newStack(t)
	alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{
		Vpc: importedVpc(stack), InternetFacing: true, CertificateArn: certificateArn, DeletionProtection: true,
		IngressCidrs: []string{"203.0.113.0/24"},
	})
	tpl := synth(t, stack)

	balancer := tpl.only("AWS::ElasticLoadBalancingV2::LoadBalancer")
	assert.Equal(t, "internet-facing", balancer.get("Scheme"))
	assert.Equal(t, []any{"subnet-00000000000000001", "subnet-00000000000000002"}, balancer.get("Subnets"))
	assert.Equal(t, "true", attribute(balancer, "deletion_protection.enabled"))

	https := tpl.at("AWS::ElasticLoadBalancingV2::Listener", "/Https/")
	assert.Equal(t, []any{443.0, "HTTPS"}, []any{https.get("Port"), https.get("Protocol")})
	assert.Equal(t, "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", https.get("SslPolicy"))
	assert.Equal(t, []any{map[string]any{"CertificateArn": certificateArn}}, https.get("Certificates"))

	http := tpl.at("AWS::ElasticLoadBalancingV2::Listener", "/Http/")
	assert.Equal(t, []any{80.0, "HTTP"}, []any{http.get("Port"), http.get("Protocol")})
	assert.Equal(t, []any{map[string]any{"Type": "redirect", "RedirectConfig": map[string]any{
		"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301",
	}}}, http.get("DefaultActions"))

	var open []any
	for _, rule := range list(balancer.ref("SecurityGroups.0").get("SecurityGroupIngress")) {
		open = append(open, dig(rule, "CidrIp"), dig(rule, "FromPort"))
	}
	assert.Equal(t, []any{"203.0.113.0/24", 80.0, "203.0.113.0/24", 443.0}, open)
	assert.Empty(t, tpl.all("AWS::CertificateManager::Certificate"))
	assert.Contains(t, alb.Url(), "https://")
}

func TestLoadBalancerWithDomainName(t *testing.T) {
	stack := newStack(t)
	alb := elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{
		Vpc: importedVpc(stack), InternetFacing: true,
		DomainName: "www.example.com", HostedZoneId: "Z0123456789ABCDEFGHIJ", HostedZoneName: "example.com",
	})
	tpl := synth(t, stack)

	certificate := tpl.only("AWS::CertificateManager::Certificate")
	assert.Equal(t, "www.example.com", certificate.get("DomainName"))
	assert.Equal(t, "DNS", certificate.get("ValidationMethod"))
	assert.Equal(t, "Z0123456789ABCDEFGHIJ", certificate.get("DomainValidationOptions.0.HostedZoneId"))
	assert.Same(t, certificate, tpl.at("AWS::ElasticLoadBalancingV2::Listener", "/Https/").ref("Certificates.0.CertificateArn"))

	record := tpl.only("AWS::Route53::RecordSet")
	assert.Equal(t, []any{"www.example.com.", "A", "Z0123456789ABCDEFGHIJ"},
		[]any{record.get("Name"), record.get("Type"), record.get("HostedZoneId")})
	assert.Same(t, tpl.only("AWS::ElasticLoadBalancingV2::LoadBalancer"), tpl.follow(record.get("AliasTarget.DNSName.Fn::Join.1.1")))
	assert.Equal(t, "https://www.example.com", alb.Url())
}

func TestLoadBalancerIsRefusedWithItsPath(t *testing.T) {
	stack := newStack(t)
	vpc := importedVpc(stack)
	lines := refusal(t, func() {
		elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: vpc, DomainName: "www.example.com"})
	})
	assert.Equal(t, []string{`Test/Alb: DomainName requires HostedZoneId and HostedZoneName; got "www.example.com"`}, lines)
	assert.Len(t, *stack.Node().Children(), 1, "something was made before the refusal")
}

func attribute(r *resource, key string) any {
	for _, a := range list(r.get("LoadBalancerAttributes")) {
		if dig(a, "Key") == key {
			return dig(a, "Value")
		}
	}
	return nil
}

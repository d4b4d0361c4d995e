package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"awscontainers/constructs/cdn"
	"awscontainers/constructs/elb"
	"awscontainers/constructs/network"
	"awscontainers/constructs/waf"
	"awscontainers/test/cdktest"
)

// in gives a stack in a Region.
func in(t *testing.T, region string) awscdk.Stack {
	t.Helper()
	stack := awscdk.NewStack(cdktest.App(t), new("Test"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: new("111122223333"), Region: &region},
	})
	network.LeaveZonesToCloudFormation(stack)
	return stack
}

func internalAlb(stack awscdk.Stack, vpc awsec2.IVpc) *elb.ApplicationLoadBalancer {
	return elb.NewApplicationLoadBalancer(stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: vpc})
}

func TestDistributionReachesAnInternalLoadBalancer(t *testing.T) {
	stack := in(t, "eu-west-1")
	d := cdn.NewDistribution(stack, "Cdn", &cdn.DistributionProps{LoadBalancer: internalAlb(stack, network.NewVpc(stack, "Vpc", nil).Vpc)})
	assert.Contains(t, d.Url(), "https://")
	tpl := cdktest.Synth(t, stack)

	alb, origin := tpl.Only("AWS::ElasticLoadBalancingV2::LoadBalancer"), tpl.Only("AWS::CloudFront::VpcOrigin")
	distribution := tpl.Only("AWS::CloudFront::Distribution")
	assert.Equal(t, "internal", alb.Get("Scheme"), "a public address")
	assert.Same(t, alb, origin.Ref("VpcOriginEndpointConfig.Arn"))
	assert.Equal(t, "http-only", origin.Get("VpcOriginEndpointConfig.OriginProtocolPolicy"), "the load balancer has no certificate")
	assert.Equal(t, 80.0, origin.Get("VpcOriginEndpointConfig.HTTPPort"))
	assert.Nil(t, origin.Get("Tags"), "CloudFront refuses to change a tag while a distribution uses the VPC origin")
	assert.Same(t, origin, distribution.Ref("DistributionConfig.Origins.0.VpcOriginConfig.VpcOriginId"))
	assert.Same(t, alb, distribution.Ref("DistributionConfig.Origins.0.DomainName"))

	ingress := tpl.Only("AWS::EC2::SecurityGroupIngress")
	assert.Same(t, alb.Ref("SecurityGroups.0"), ingress.Ref("GroupId"))
	cdktest.Has(t, ingress, map[string]any{"SourcePrefixListId": "pl-4fa04526", "IpProtocol": "tcp", "FromPort": 80.0, "ToPort": 80.0})

	cdktest.CreatedInOrder(t, tpl.Only("AWS::EC2::VPCGatewayAttachment"), origin, distribution)
	cdktest.CreatedInOrder(t, ingress, distribution)
	cdktest.DeletedInOrder(t, distribution, origin, alb)
}

func TestDistributionCachesNothingAndPassesEverythingOn(t *testing.T) {
	stack := in(t, "eu-west-1")
	cdn.NewDistribution(stack, "Cdn", &cdn.DistributionProps{LoadBalancer: internalAlb(stack, importedVpc(stack))})
	tpl := cdktest.Synth(t, stack)
	config := tpl.Only("AWS::CloudFront::Distribution").Get("DistributionConfig")
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html and its neighbors
	for path, want := range map[string]any{
		"DefaultCacheBehavior.CachePolicyId":           "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", // CachingDisabled
		"DefaultCacheBehavior.OriginRequestPolicyId":   "33f36d7e-f396-46d9-90e0-52428a34d9dc", // AllViewerAndCloudFrontHeaders-2022-06
		"DefaultCacheBehavior.ResponseHeadersPolicyId": "67f7725c-6f97-4210-82d7-5512b31e9d03", // SecurityHeadersPolicy
		"DefaultCacheBehavior.ViewerProtocolPolicy":    "redirect-to-https",
		"DefaultCacheBehavior.AllowedMethods":          []any{"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"},
		"IPV6Enabled":                                  true,
	} {
		assert.Equal(t, want, cdktest.Dig(config, path), path)
	}

	bucket := tpl.At("AWS::S3::Bucket", "Test/Cdn/AccessLogs")
	assert.Same(t, bucket, tpl.Follow(cdktest.Dig(config, "Logging.Bucket")))
	assert.Equal(t, "BucketOwnerPreferred", bucket.Get("OwnershipControls.Rules.0.ObjectOwnership"), "a bucket without ACLs is refused")
	assert.Equal(t, true, bucket.Get("PublicAccessBlockConfiguration.BlockPublicAcls"))
}

// Where the Region is open, CloudFormation picks the prefix list.
func TestDistributionInAnyRegion(t *testing.T) {
	stack := cdktest.Stack(t)
	cdn.NewDistribution(stack, "Cdn", &cdn.DistributionProps{LoadBalancer: internalAlb(stack, importedVpc(stack))})
	tpl := cdktest.Synth(t, stack)
	list, isFound := tpl.Only("AWS::EC2::SecurityGroupIngress").Get("SourcePrefixListId").(map[string]any)
	assert.True(t, isFound)
	assert.Equal(t, map[string]any{"Ref": "AWS::Region"}, cdktest.List(list["Fn::FindInMap"])[1])
	assert.Contains(t, string(tpl.Raw), `"pl-82a045eb"`)
}

func TestDistributionWithADomainName(t *testing.T) {
	stack := in(t, "us-east-1")
	acl := waf.NewWebAcl(stack, "WebAcl", &waf.WebAclProps{CloudFront: true})
	d := cdn.NewDistribution(stack, "Cdn", &cdn.DistributionProps{
		LoadBalancer: internalAlb(stack, importedVpc(stack)), WebAcl: acl,
		DomainName: "www.example.com", HostedZoneId: "Z0123456789ABCDEFGHIJ", HostedZoneName: "example.com",
	})
	assert.Equal(t, "https://www.example.com", d.Url())
	tpl := cdktest.Synth(t, stack)

	distribution := tpl.Only("AWS::CloudFront::Distribution")
	assert.Equal(t, []any{"www.example.com"}, distribution.Get("DistributionConfig.Aliases"))
	assert.Same(t, tpl.Only("AWS::CertificateManager::Certificate"),
		distribution.Ref("DistributionConfig.ViewerCertificate.AcmCertificateArn"))
	assert.Equal(t, "TLSv1.2_2021", distribution.Get("DistributionConfig.ViewerCertificate.MinimumProtocolVersion"))
	assert.Same(t, tpl.Only("AWS::WAFv2::WebACL"), distribution.Ref("DistributionConfig.WebACLId"))
	assert.Equal(t, "CLOUDFRONT", tpl.Only("AWS::WAFv2::WebACL").Get("Scope"))
	assert.Empty(t, tpl.All("AWS::WAFv2::WebACLAssociation"), "that is for regional resources")
	var types []any
	for _, record := range tpl.All("AWS::Route53::RecordSet") {
		assert.Same(t, distribution, record.Ref("AliasTarget.DNSName"))
		types = append(types, record.Get("Type"))
	}
	assert.ElementsMatch(t, []any{"A", "AAAA"}, types)
}

// What the caller brings isn't made beside it.
func TestDistributionWithThingsOfOnesOwn(t *testing.T) {
	stack := in(t, "af-south-1")
	logs := awss3.Bucket_FromBucketAttributes(stack, new("Logs"), &awss3.BucketAttributes{
		BucketName: new("logs-of-the-site"), Region: new("eu-west-1"),
	})
	cdn.NewDistribution(stack, "Cdn", &cdn.DistributionProps{
		LoadBalancer: internalAlb(stack, importedVpc(stack)), OriginFacingPrefixListId: "pl-0123456789abcdef0", AccessLogBucket: logs,
		DomainName: "www.example.com", CertificateArn: "arn:aws:acm:us-east-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef",
	})
	tpl := cdktest.Synth(t, stack)
	assert.Equal(t, "pl-0123456789abcdef0", tpl.Only("AWS::EC2::SecurityGroupIngress").Get("SourcePrefixListId"))
	assert.Len(t, tpl.All("AWS::S3::Bucket"), 1, "the load balancer's")
	assert.Empty(t, tpl.All("AWS::CertificateManager::Certificate"))
	assert.Empty(t, tpl.All("AWS::Route53::RecordSet"))
	assert.Contains(t, tpl.Only("AWS::CloudFront::Distribution").Get("DistributionConfig.Logging.Bucket"), "logs-of-the-site.s3.eu-west-1.")
}

func TestDistributionsThatAreRefused(t *testing.T) {
	stack, far, open := in(t, "eu-west-1"), in(t, "af-south-1"), cdktest.Stack(t)
	vpc := importedVpc(stack)
	public := elb.NewApplicationLoadBalancer(stack, "Public", &elb.ApplicationLoadBalancerProps{Vpc: vpc, InternetFacing: true})
	secure := elb.NewApplicationLoadBalancer(
		open, "Secure", &elb.ApplicationLoadBalancerProps{Vpc: importedVpc(open), CertificateArn: certificateArn},
	)
	for name, c := range map[string]struct {
		scope awscdk.Stack
		props cdn.DistributionProps
		want  []string
	}{
		"around it": {stack, cdn.DistributionProps{LoadBalancer: public}, []string{
			"Test/Cdn: LoadBalancer must be internal: clients could reach one that is InternetFacing around the distribution; " +
				"remove InternetFacing"}},
		"HTTPS": {open, cdn.DistributionProps{LoadBalancer: secure}, []string{
			"Test/Cdn: LoadBalancer must listen on HTTP, which stays inside AWS's network between CloudFront and a VPC origin; remove its " +
				"certificate; CertificateArn of the distribution is for clients"}},
		"a Region without a prefix list or logs": {far, cdn.DistributionProps{LoadBalancer: internalAlb(far, importedVpc(far))}, []string{
			"Test/Cdn: OriginFacingPrefixListId is required in Region af-south-1; this library knows the IDs of ap-northeast-1, ap-northeast-2, " +
				"ap-northeast-3, ap-south-1, ap-southeast-1, ap-southeast-2, ca-central-1, eu-central-1, eu-north-1, eu-west-1, eu-west-2, " +
				"eu-west-3, sa-east-1, us-east-1, us-east-2, us-west-1 or us-west-2; find it with aws ec2 describe-managed-prefix-lists, " +
				"if the Region has VPC " +
				"origins",
			"Test/Cdn: AccessLogBucket is required in Region af-south-1, to whose buckets CloudFront delivers no logs; " +
				"use a bucket in another Region"}},
		"a certificate that can't be made": {stack, cdn.DistributionProps{
			LoadBalancer: internalAlb(stack, vpc), DomainName: "www.example.com", HostedZoneId: "Z0123456789ABCDEFGHIJ",
			HostedZoneName: "example.com",
		}, []string{"Test/Cdn: CertificateArn is required with DomainName unless the stack's Region is us-east-1, the only one from which " +
			"CloudFront takes certificates; request a certificate there"}},
	} {
		assert.Equal(t, c.want, cdktest.Refused(t, func() { cdn.NewDistribution(c.scope, "Cdn", &c.props) }), name)
	}
}

// A load balancer has room for one: its security group takes the prefix list once.
func TestSecondDistributionsOfALoadBalancerAreRefused(t *testing.T) {
	stack := in(t, "eu-west-1")
	alb := internalAlb(stack, importedVpc(stack))
	cdn.NewDistribution(stack, "Cdn", &cdn.DistributionProps{LoadBalancer: alb})
	assert.Equal(t, []string{
		"Test/Other: LoadBalancer must not have another distribution already, as it has in Test/Cdn; create a load balancer for each " +
			"distribution",
	}, cdktest.Refused(t, func() { cdn.NewDistribution(stack, "Other", &cdn.DistributionProps{LoadBalancer: alb}) }))
}

func TestDistributionsInAnotherRegionAreRefused(t *testing.T) {
	app := cdktest.App(t)
	here := func(id, region string) awscdk.Stack {
		return awscdk.NewStack(app, &id, &awscdk.StackProps{Env: &awscdk.Environment{Account: new("111122223333"), Region: &region}})
	}
	ireland := here("Ireland", "eu-west-1")
	alb := internalAlb(ireland, importedVpc(ireland))
	assert.Equal(t, []string{
		"Virginia/Cdn: LoadBalancer must be in a stack of the same Region, because the rule for CloudFront's addresses belongs to its security " +
			"group; create the distribution in the load balancer's stack: CloudFront is the same everywhere",
	}, cdktest.Refused(t, func() {
		cdn.NewDistribution(here("Virginia", "us-east-1"), "Cdn", &cdn.DistributionProps{LoadBalancer: alb})
	}))
}

// Behind CloudFront, a rate limit of the load balancer's own web ACL would stop everybody.
func TestWebAclsBehindCloudFront(t *testing.T) {
	for name, c := range map[string]struct {
		acl  *waf.WebAclProps
		want int
	}{"judges addresses": {&waf.WebAclProps{RequestsPerFiveMinutes: 100}, 1}, "does not": {&waf.WebAclProps{IgnoreClientAddress: true}, 0}} {
		t.Run(name, func(t *testing.T) {
			stack := in(t, "eu-west-1")
			cdn.NewDistribution(stack, "Cdn", &cdn.DistributionProps{LoadBalancer: elb.NewApplicationLoadBalancer(
				stack, "Alb", &elb.ApplicationLoadBalancerProps{Vpc: importedVpc(stack), WebAcl: waf.NewWebAcl(stack, "Acl", c.acl)},
			)})
			_, warnings := cdktest.SynthAnnotated(t, stack)
			require.Len(t, warnings, c.want)
			for _, warning := range warnings {
				assert.Contains(t, warning, "a rate limit would stop all clients at once")
			}
		})
	}
}

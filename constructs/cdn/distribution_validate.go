package cdn

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/balancer"
	"awscontainers/internal/check"
	"awscontainers/internal/opt"
)

func (p *DistributionProps) setDefaults() {
	p.DomainName, p.HostedZoneName = strings.TrimSuffix(p.DomainName, "."), strings.TrimSuffix(p.HostedZoneName, ".")
	opt.Default(&p.PriceClass, awscloudfront.PriceClass_PRICE_CLASS_ALL)
	opt.Default(&p.ResponseTimeout, defaultResponseTimeout)
	if p.AccessLogBucket == nil {
		opt.Default(&p.AccessLogRetentionDays, defaultAccessLogDays)
	}
}

// certificateRegion is the Region of CloudFront's certificates.
const certificateRegion = "us-east-1"

var priceClasses = []awscloudfront.PriceClass{
	awscloudfront.PriceClass_PRICE_CLASS_100, awscloudfront.PriceClass_PRICE_CLASS_200, awscloudfront.PriceClass_PRICE_CLASS_ALL,
}

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
const maxResponseTimeout = 120 * time.Second

// Validate returns all problems of the props, or nil.
func (p *DistributionProps) Validate() error {
	q := opt.Value(p)
	q.setDefaults()
	return q.validate()
}

func (p *DistributionProps) validate() error {
	var bad invalid.Problems
	switch {
	case p.LoadBalancer == nil:
		bad.Add("LoadBalancer", "is required").Advise("use elb.NewApplicationLoadBalancer")
	case !invalid.IsMade(p.LoadBalancer):
		bad.Add("LoadBalancer", "must be created by elb.NewApplicationLoadBalancer")
	case p.LoadBalancer.Listener.Internal() != nil && p.LoadBalancer.Listener.Internal().Protocol == elbv2.ApplicationProtocol_HTTPS:
		bad.Add("LoadBalancer", "must listen on HTTP, which stays inside AWS's network between CloudFront and a VPC origin").
			Advise("remove its certificate; CertificateArn of the distribution is for clients")
	}
	p.validateDomain(&bad)
	check.Made("WebAcl", p.WebAcl, "waf.NewWebAcl or waf.WebAclFromArn", &bad)
	if invalid.IsMade(p.WebAcl) && !p.WebAcl.IsForCloudFront() {
		bad.Add("WebAcl", "must be a web ACL for CloudFront, not a regional one").Advise("set CloudFront of the web ACL, in a stack in us-east-1")
	}
	check.Known("PriceClass", p.PriceClass, priceClasses, &bad)
	check.Seconds("ResponseTimeout", p.ResponseTimeout, time.Second, maxResponseTimeout, &bad)
	if id := p.OriginFacingPrefixListId; id != "" && !invalid.IsToken(id) {
		check.Match("OriginFacingPrefixListId", id, prefixListId, `the ID of a prefix list such as "pl-3b927c52"`, &bad)
	}
	switch {
	case p.AccessLogBucket == nil:
		check.Min("AccessLogRetentionDays", p.AccessLogRetentionDays, 1, &bad)
	case p.AccessLogRetentionDays != 0:
		bad.Add("AccessLogRetentionDays", "must not be set together with AccessLogBucket, which has rules of its own").
			Given(p.AccessLogRetentionDays).Advise("remove one of them")
	}
	return bad.Err()
}

func (p *DistributionProps) validateDomain(bad *invalid.Problems) {
	balancer.CheckCertificate(p.CertificateArn, bad)
	if p.CertificateArn != "" && !invalid.IsToken(p.CertificateArn) && !certificateInRegion.MatchString(p.CertificateArn) {
		bad.Add("CertificateArn", "must be in %s, the only Region from which CloudFront takes certificates", certificateRegion).
			Given(p.CertificateArn).Advise("request a certificate there")
	}
	requires := func(field, value, other string) {
		if value != "" {
			bad.Add(field, "requires %s", other).Given(value).Advise("set %s or remove %s", other, field)
		}
	}
	switch {
	case p.DomainName == "":
		requires("CertificateArn", p.CertificateArn, "DomainName")
		requires("HostedZoneId", p.HostedZoneId, "DomainName")
		requires("HostedZoneName", p.HostedZoneName, "DomainName")
	case p.HostedZoneId == "":
		requires("HostedZoneName", p.HostedZoneName, "HostedZoneId")
	case p.HostedZoneName == "":
		requires("HostedZoneId", p.HostedZoneId, "HostedZoneName")
	case !invalid.IsToken(p.HostedZoneId):
		check.HostedZoneId("HostedZoneId", p.HostedZoneId, bad)
	}
	switch {
	case p.DomainName == "":
	case !invalid.IsToken(p.DomainName) && !check.IsDomainName(p.DomainName):
		check.DomainName("DomainName", p.DomainName, bad)
	case p.CertificateArn == "" && p.HostedZoneId == "":
		bad.Add("DomainName", "requires CertificateArn, or a hosted zone for a new certificate").Given(p.DomainName)
	case p.HostedZoneName != "" && !balancer.IsInZone(p.DomainName, p.HostedZoneName):
		bad.Add("DomainName", "must be in the hosted zone, %q", p.HostedZoneName).Given(p.DomainName)
	}
}

var certificateInRegion = regexp.MustCompile(`^arn:[^:]*:acm:` + certificateRegion + `:`)

// validateIn judges what depends on the Region, and on what stands there.
func (p *DistributionProps) validateIn(scope constructs.Construct) error {
	var bad invalid.Problems
	if !invalid.IsMade(scope) {
		return nil
	}
	region := *awscdk.Stack_Of(scope).Region()
	isKnown := !invalid.IsToken(region)
	if isKnown && p.OriginFacingPrefixListId == "" && originFacing[region] == "" {
		bad.Add("OriginFacingPrefixListId", "is required in Region %s; this library knows the IDs of %s", region, check.OneOf(Regions())).
			Advise("find it with aws ec2 describe-managed-prefix-lists, if the Region has VPC origins")
	}
	if isKnown && p.AccessLogBucket == nil && slices.Contains(noStandardLogs, region) {
		bad.Add("AccessLogBucket", "is required in Region %s, to whose buckets CloudFront delivers no logs", region).
			Advise("use a bucket in another Region")
	}
	if p.DomainName != "" && p.CertificateArn == "" && p.HostedZoneId != "" && region != certificateRegion {
		bad.Add("CertificateArn", "is required with DomainName unless the stack's Region is %s, the only one from which CloudFront takes "+
			"certificates", certificateRegion).Advise("request a certificate there")
	}
	if known := p.listener(); known != nil {
		if known.Distribution != "" {
			// Its security group has room for the prefix list once.
			bad.Add("LoadBalancer", "must not have another distribution already, as it has in %s", known.Distribution).
				Advise("create a load balancer for each distribution")
		}
		if there := *awscdk.Stack_Of(p.LoadBalancer).Region(); there != region {
			bad.Add("LoadBalancer", "must be in a stack of the same Region, because the rule for CloudFront's addresses belongs to its "+
				"security group").
				Advise("create the distribution in the load balancer's stack: CloudFront is the same everywhere")
		}
	}
	if p.isInternetFacing() {
		bad.Add("LoadBalancer", "must be internal: clients could reach one that is InternetFacing around the distribution").
			Advise("remove InternetFacing")
	}
	return bad.Err()
}

// listener is what is known of the one that CloudFront sends requests to, or nil.
func (p *DistributionProps) listener() *balancer.Listener {
	if !invalid.IsMade(p.LoadBalancer) {
		return nil
	}
	return p.LoadBalancer.Listener.Internal()
}

func (p *DistributionProps) isInternetFacing() bool {
	if !invalid.IsMade(p.LoadBalancer) {
		return false
	}
	resource, isOurs := p.LoadBalancer.LoadBalancer.Node().DefaultChild().(elbv2.CfnLoadBalancer)
	return isOurs && *resource.Scheme() == "internet-facing"
}

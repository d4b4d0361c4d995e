package cdn

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/stretchr/testify/assert"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/waf"
	"awscontainers/internal/fake"
)

const (
	zone        = "Z0123456789ABCDEFGHIJ"
	certificate = "arn:aws:acm:us-east-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"
	elsewhere   = "arn:aws:acm:eu-west-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"
)

func TestDistributionPropsAreValidated(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*DistributionProps)
		want   []string
	}{
		"least": {func(*DistributionProps) {}, nil},
		"all": {func(p *DistributionProps) {
			p.DomainName, p.CertificateArn, p.HostedZoneId, p.HostedZoneName = "www.example.com.", certificate, zone, "example.com."
			p.PriceClass, p.ResponseTimeout, p.OriginFacingPrefixListId = "PRICE_CLASS_100", 120*time.Second, "pl-0123456789abcdef0"
			p.AccessLogRetentionDays = 1
		}, nil},
		"a bucket of one's own": {func(p *DistributionProps) { p.AccessLogBucket = bucket{} }, nil},
		"a domain elsewhere":    {func(p *DistributionProps) { p.DomainName, p.CertificateArn = "www.example.com", certificate }, nil},
		"no load balancer": {func(p *DistributionProps) { p.LoadBalancer = nil }, []string{
			"LoadBalancer is required; use elb.NewApplicationLoadBalancer"}},
		"a load balancer that nobody made": {func(p *DistributionProps) { p.LoadBalancer = &elb.ApplicationLoadBalancer{} }, []string{
			"LoadBalancer must be created by elb.NewApplicationLoadBalancer"}},
		"a certificate elsewhere": {func(p *DistributionProps) { p.DomainName, p.CertificateArn = "www.example.com", elsewhere }, []string{
			`CertificateArn must be in us-east-1, the only Region from which CloudFront takes certificates; got "` + elsewhere +
				`"; request a certificate there`}},
		"a certificate without a name": {func(p *DistributionProps) { p.CertificateArn = certificate }, []string{
			`CertificateArn requires DomainName; got "` + certificate + `"; set DomainName or remove CertificateArn`}},
		"a zone without a name": {func(p *DistributionProps) { p.HostedZoneId, p.HostedZoneName = zone, "example.com" }, []string{
			`HostedZoneId requires DomainName; got "Z0123456789ABCDEFGHIJ"; set DomainName or remove HostedZoneId`,
			`HostedZoneName requires DomainName; got "example.com"; set DomainName or remove HostedZoneName`}},
		"half a zone": {func(p *DistributionProps) {
			p.DomainName, p.CertificateArn, p.HostedZoneId = "www.example.com", certificate, "Z0123456789ABCDEFGHIJ"
		}, []string{`HostedZoneId requires HostedZoneName; got "Z0123456789ABCDEFGHIJ"; set HostedZoneName or remove HostedZoneId`}},
		"a name without a certificate": {func(p *DistributionProps) { p.DomainName = "www.example.com" }, []string{
			`DomainName requires CertificateArn, or a hosted zone for a new certificate; got "www.example.com"`}},
		"a name in another zone": {func(p *DistributionProps) {
			p.DomainName, p.HostedZoneId, p.HostedZoneName = "www.example.org", "Z0123456789ABCDEFGHIJ", "example.com"
		}, []string{`DomainName must be in the hosted zone, "example.com"; got "www.example.org"`}},
		"a regional web ACL": {func(p *DistributionProps) { p.WebAcl = &waf.WebAcl{Construct: fake.Construct{}} }, []string{
			"WebAcl must be a web ACL for CloudFront, not a regional one; set CloudFront of the web ACL, in a stack in us-east-1"}},
		"values out of range": {func(p *DistributionProps) {
			p.PriceClass, p.ResponseTimeout, p.OriginFacingPrefixListId, p.AccessLogRetentionDays = "CHEAP", 121*time.Second, "pl-1", -1
		}, []string{
			`PriceClass must be "PRICE_CLASS_100", "PRICE_CLASS_200" or "PRICE_CLASS_ALL"; got "CHEAP"`,
			"ResponseTimeout must be whole seconds from 1s to 2m; got 2m1s",
			`OriginFacingPrefixListId must be the ID of a prefix list such as "pl-3b927c52"; got "pl-1"`,
			"AccessLogRetentionDays must be 1 or greater; got -1"}},
		"days for a bucket of one's own": {func(p *DistributionProps) { p.AccessLogBucket, p.AccessLogRetentionDays = bucket{}, 7 }, []string{
			"AccessLogRetentionDays must not be set together with AccessLogBucket, which has rules of its own; got 7; remove one of them"}},
	} {
		t.Run(name, func(t *testing.T) {
			props := DistributionProps{LoadBalancer: &elb.ApplicationLoadBalancer{Construct: fake.Construct{}}}
			c.change(&props)
			fake.Refused(t, props.Validate(), c.want...)
		})
	}
}

type bucket struct{ awss3.IBucket }

// An ID in the wrong form would let nobody in.
func TestTheTableHasPrefixLists(t *testing.T) {
	ids := map[string]bool{}
	for region, id := range originFacing {
		assert.Regexp(t, prefixListId, id, region)
		assert.NotContains(t, noStandardLogs, region, "a Region without logs")
		ids[id] = true
	}
	assert.Len(t, ids, len(originFacing), "each Region has its own")
}

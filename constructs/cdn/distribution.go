package cdn

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	acm "github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	origins "github.com/aws/aws-cdk-go/awscdk/v2/awscloudfrontorigins"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53targets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/elb"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/waf"
	"awscontainers/internal/annotate"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// DistributionProps configure a CloudFront distribution in front of a load balancer.
type DistributionProps struct {
	// LoadBalancer is an internal Application Load Balancer that listens on HTTP. CloudFront reaches it through a VPC origin, so its VPC
	// needs an internet gateway, through which no request comes, and a free address in each of its subnets. Requests between the two
	// never leave AWS's network; that is why they are plain HTTP, for which the load balancer needs no certificate. Required.
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
	LoadBalancer *elb.ApplicationLoadBalancer

	// DomainName is the name under which clients find the distribution, "www.example.com". It needs a certificate: CertificateArn, or, in
	// a stack with the Region us-east-1, one made with the hosted zone. Default: the distribution's own name, such as
	// "d111111abcdef8.cloudfront.net".
	DomainName string
	// CertificateArn is the ARN of an ACM certificate for DomainName in us-east-1, the only Region from which CloudFront takes any,
	// wherever the stack is. Default: none, or one made for DomainName.
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
	CertificateArn string
	// HostedZoneId and HostedZoneName are the public Route 53 zone of DomainName, which gets its A and AAAA records. Default: none, you
	// create a CNAME record elsewhere.
	HostedZoneId, HostedZoneName string

	// WebAcl puts AWS WAF in front of the distribution: one with CloudFront set. Default: nil, none.
	WebAcl *waf.WebAcl
	// PriceClass limits the edge locations that serve the distribution, which changes the price:
	// awscloudfront.PriceClass_PRICE_CLASS_100, _200 or _ALL. Default: all.
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PriceClass.html
	PriceClass awscloudfront.PriceClass
	// ResponseTimeout is the time that CloudFront waits for a response from the load balancer, and for each further packet: 1 to 120 s.
	// Default: 30 s.
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html#DownloadDistValuesOriginResponseTimeout
	ResponseTimeout time.Duration

	// OriginFacingPrefixListId is the ID of the prefix list com.amazonaws.global.cloudfront.origin-facing in the stack's Region, which
	// the load balancer's security group lets in. It counts as 55 of the group's 60 rules. Default: the one of the table in this
	// package; required in a Region that the table lacks.
	OriginFacingPrefixListId string
	// AccessLogBucket receives the access logs, in place of a new bucket. It must allow ACLs, by which CloudFront gets its permission,
	// and must not be in af-south-1, ap-east-1, eu-south-1 or me-south-1. Default: a new bucket; required in those Regions.
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
	AccessLogBucket awss3.IBucket
	// AccessLogRetentionDays is how long access logs are kept in the new bucket, 1 day or more. The bucket itself stays when the stack
	// is deleted. Default: 90.
	AccessLogRetentionDays int
}

// Distribution is a CloudFront distribution that sends every request to a load balancer and caches nothing.
type Distribution struct {
	constructs.Construct
	// Distribution is what the CDK's own constructs take.
	Distribution awscloudfront.Distribution
	// VpcOrigin is CloudFront's way into the VPC.
	VpcOrigin awscloudfront.VpcOrigin
	// AccessLogBucket holds the access logs.
	AccessLogBucket awss3.IBucket

	url string
}

const (
	defaultAccessLogDays   = 90
	defaultResponseTimeout = 30 * time.Second
	originPort             = 80
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudfront-vpcorigin-vpcoriginendpointconfig.html
	maxVpcOriginName = 64
	uuidLen          = 36
)

// NewDistribution creates a CloudFront distribution, and lets it through the security group of the load balancer. Creating the VPC origin
// takes up to 15 minutes. It panics with *invalid.Error if the props are invalid.
func NewDistribution(scope constructs.Construct, id string, props *DistributionProps) *Distribution {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn(scope))

	d := &Distribution{}
	source.Create(d, scope, id)
	ingress := d.letIn(&p)
	known := p.listener()
	known.Distribution = *d.Node().Path()
	if known.JudgesClientAddress {
		annotate.Warning(d, "web-acl-sees-cloudfront", "The web ACL of the load balancer judges requests by their address, which is "+
			"CloudFront's: a rate limit would stop all clients at once. Use WebAcl of the distribution, or set IgnoreClientAddress of the "+
			"load balancer's")
	}
	d.addVpcOrigin(&p)
	d.AccessLogBucket = p.AccessLogBucket
	if d.AccessLogBucket == nil {
		d.AccessLogBucket = newAccessLogBucket(d, p.AccessLogRetentionDays)
	}
	zone := d.hostedZone(&p)
	d.Distribution = awscloudfront.NewDistribution(d, jsii.String("Distribution"), d.distribution(&p, zone))
	d.Distribution.Node().AddDependency(ingress) // so that its first request gets through
	d.suppress(&p)
	host := *d.Distribution.DistributionDomainName()
	if p.DomainName != "" {
		host = p.DomainName
	}
	d.url = "https://" + host
	if zone != nil {
		d.addRecords(&p, zone)
	}
	return d
}

// Url returns the address at which clients find the distribution.
func (d *Distribution) Url() string { return d.url }

// Id returns the distribution's ID.
func (d *Distribution) Id() string { return *d.Distribution.DistributionId() }

// DnsName returns the distribution's own DNS name.
func (d *Distribution) DnsName() string { return *d.Distribution.DistributionDomainName() }

// letIn adds a rule to the load balancer's security group.
func (d *Distribution) letIn(p *DistributionProps) awsec2.CfnSecurityGroupIngress {
	groups := *p.LoadBalancer.Connections().SecurityGroups()
	return awsec2.NewCfnSecurityGroupIngress(d, jsii.String("Ingress"), &awsec2.CfnSecurityGroupIngressProps{
		GroupId:            groups[0].SecurityGroupId(),
		Description:        describe.Of("CloudFront for", *d.Node().Path()),
		IpProtocol:         jsii.String("tcp"),
		FromPort:           jsii.Number(originPort),
		ToPort:             jsii.Number(originPort),
		SourcePrefixListId: originFacingPrefixList(d, p.OriginFacingPrefixListId),
	})
}

// addVpcOrigin makes the VPC origin. CloudFront refuses every change of one that a distribution uses, even of its tags: it has none.
// https://github.com/aws/aws-cdk/issues/35765
func (d *Distribution) addVpcOrigin(p *DistributionProps) {
	d.VpcOrigin = awscloudfront.NewVpcOrigin(d, jsii.String("VpcOrigin"), &awscloudfront.VpcOriginProps{
		Endpoint:       awscloudfront.VpcOriginEndpoint_ApplicationLoadBalancer(p.LoadBalancer.LoadBalancer),
		ProtocolPolicy: awscloudfront.OriginProtocolPolicy_HTTP_ONLY,
		HttpPort:       jsii.Number(originPort),
		VpcOriginName:  d.vpcOriginName(),
	})
	d.VpcOrigin.Node().DefaultChild().(awscdk.CfnResource).AddPropertyDeletionOverride(jsii.String("Tags"))
	// AWS refuses a VPC without an internet gateway. The CDK's group for the VPC lacks its attachment, which that for a subnet has.
	if public := *p.LoadBalancer.Listener.Internal().Vpc.PublicSubnets(); len(public) > 0 {
		d.VpcOrigin.Node().AddDependency(public[0].InternetConnectivityEstablished())
	}
}

// vpcOriginName is unique in the account, which has the VPC origins of all Regions in one list: it ends with the ID of the stack.
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateVpcOrigin.html
func (d *Distribution) vpcOriginName() *string {
	length := jsii.Number(maxVpcOriginName - len("-") - uuidLen)
	name := *awscdk.Names_UniqueResourceName(d, &awscdk.UniqueResourceNameOptions{MaxLength: length})
	stackId := awscdk.Fn_Select(jsii.Number(2), awscdk.Fn_Split(jsii.String("/"), awscdk.Aws_STACK_ID(), nil))
	return jsii.String(name + "-" + *stackId)
}

func (d *Distribution) distribution(p *DistributionProps, zone awsroute53.IHostedZone) *awscloudfront.DistributionProps {
	props := &awscloudfront.DistributionProps{
		Comment:       describe.Of("For", *p.LoadBalancer.Node().Path()),
		EnableIpv6:    jsii.Bool(true),
		HttpVersion:   awscloudfront.HttpVersion_HTTP2_AND_3,
		PriceClass:    p.PriceClass,
		LogBucket:     d.AccessLogBucket,
		EnableLogging: jsii.Bool(true),
		DefaultBehavior: &awscloudfront.BehaviorOptions{
			Origin: origins.VpcOrigin_WithVpcOrigin(d.VpcOrigin, &origins.VpcOriginProps{
				DomainName:  jsii.String(p.LoadBalancer.DnsName()),
				ReadTimeout: opt.Duration(p.ResponseTimeout),
			}),
			AllowedMethods: awscloudfront.AllowedMethods_ALLOW_ALL(),
			// Nothing that the load balancer answers is known to be the same for all clients.
			CachePolicy: awscloudfront.CachePolicy_CACHING_DISABLED(),
			// With the Host header of the client, without which redirects would lead to the load balancer, and CloudFront's own headers:
			// CloudFront-Forwarded-Proto, since X-Forwarded-Proto is that of the load balancer's listener, and CloudFront-Viewer-Address.
			OriginRequestPolicy:   awscloudfront.OriginRequestPolicy_ALL_VIEWER_AND_CLOUDFRONT_2022(),
			ResponseHeadersPolicy: awscloudfront.ResponseHeadersPolicy_SECURITY_HEADERS(),
			ViewerProtocolPolicy:  awscloudfront.ViewerProtocolPolicy_REDIRECT_TO_HTTPS,
			Compress:              jsii.Bool(false), // CloudFront compresses only what it caches
		},
	}
	if p.WebAcl != nil {
		props.WebAclId = jsii.String(p.WebAcl.Arn())
	}
	if p.DomainName != "" {
		props.DomainNames = jsii.Strings(p.DomainName)
		props.Certificate = d.certificate(p, zone)
		props.MinimumProtocolVersion = awscloudfront.SecurityPolicyProtocol_TLS_V1_2_2021
		props.SslSupportMethod = awscloudfront.SSLMethod_SNI
	}
	return props
}

func (d *Distribution) certificate(p *DistributionProps, zone awsroute53.IHostedZone) acm.ICertificate {
	id := jsii.String("Certificate")
	if p.CertificateArn != "" {
		return acm.Certificate_FromCertificateArn(d, id, &p.CertificateArn)
	}
	return acm.NewCertificate(d, id, &acm.CertificateProps{
		DomainName: &p.DomainName,
		Validation: acm.CertificateValidation_FromDns(zone),
	})
}

// hostedZone is nil without one.
func (d *Distribution) hostedZone(p *DistributionProps) awsroute53.IHostedZone {
	if p.HostedZoneId == "" {
		return nil
	}
	return awsroute53.HostedZone_FromHostedZoneAttributes(d, jsii.String("HostedZone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: &p.HostedZoneId,
		ZoneName:     &p.HostedZoneName,
	})
}

func (d *Distribution) addRecords(p *DistributionProps, zone awsroute53.IHostedZone) {
	name := jsii.String(p.DomainName + ".")
	target := awsroute53.RecordTarget_FromAlias(awsroute53targets.NewCloudFrontTarget(d.Distribution))
	awsroute53.NewARecord(d, jsii.String("AliasRecord"), &awsroute53.ARecordProps{Zone: zone, RecordName: name, Target: target})
	awsroute53.NewAaaaRecord(d, jsii.String("Ipv6AliasRecord"), &awsroute53.AaaaRecordProps{Zone: zone, RecordName: name, Target: target})
}

func (d *Distribution) suppress(p *DistributionProps) {
	nag.Suppress(d.Distribution, "AwsSolutions-CFR1", "Clients of all countries may connect; a web ACL with countries can restrict them")
	if p.WebAcl == nil {
		nag.Suppress(d.Distribution, "AwsSolutions-CFR2", "AWS WAF is optional: set WebAcl")
	}
	if p.DomainName == "" {
		nag.Suppress(d.Distribution, "AwsSolutions-CFR4", "CloudFront sets the TLS versions of its own domain name: set DomainName for TLS 1.2")
	}
	nag.Suppress(d.Distribution, "AwsSolutions-CFR5", "Requests to a VPC origin stay inside AWS's network")
}

package ecs

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	acm "github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53targets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/internal/describe"
	"awscontainers/constructs/internal/nag"
	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
)

// ApplicationLoadBalancerProps describe an ALB with one listener for requests.
type ApplicationLoadBalancerProps struct {
	// Vpc is where the load balancer stands. Required.
	Vpc awsec2.IVpc
	// InternetFacing makes it reachable from the internet, in the VPC's public subnets. Default: false, reachable from the
	// VPC only, in the private subnets.
	InternetFacing bool
	// Subnets are where it stands: network.Public, and only that, when it is InternetFacing. Default: network.Private
	// for an internal one.
	Subnets network.SubnetType
	// IngressCidrs are the IPv4 ranges that may connect. Default (nil, not an empty list): the internet ("0.0.0.0/0"), or the
	// VPC for an internal one.
	IngressCidrs []string

	// Protocol is elb.ApplicationProtocol_HTTP or _HTTPS. Default: HTTPS whenever there is a certificate, by CertificateArn
	// or DomainName, and HTTP otherwise.
	Protocol elb.ApplicationProtocol
	// CertificateArn is a certificate of AWS Certificate Manager in the load balancer's Region. Default: none, or one made
	// for DomainName.
	CertificateArn string
	// DomainName is the name under which clients find the load balancer, "www.example.com". It gets an alias record and,
	// without CertificateArn, a certificate validated by DNS. It needs the hosted zone. Default: none.
	DomainName string
	// HostedZoneId and HostedZoneName are the public Route 53 zone of DomainName: "Z0123456789ABCDEFGHIJ", "example.com".
	// Required with DomainName.
	HostedZoneId, HostedZoneName string
	// SslPolicy are the TLS versions and ciphers of an HTTPS listener. Default: TLS 1.2 and 1.3 with forward secrecy and
	// post-quantum key exchange for clients that have it, elb.SslPolicy_TLS13_12_RES_PQ.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
	SslPolicy elb.SslPolicy

	// DeletionProtection refuses to delete the load balancer, and so its stack, until it is taken off. Default: false.
	DeletionProtection bool
	// AccessLogRetentionDays is how long access logs are kept in their bucket, 1 day or more. The bucket itself stays when
	// the stack is deleted: CloudFormation deletes no bucket that holds something. Default: 90.
	AccessLogRetentionDays int
}

// ApplicationLoadBalancer is an ALB. What fits none of its listener's rules gets a 404.
type ApplicationLoadBalancer struct {
	constructs.Construct
	// LoadBalancer is what the CDK's own constructs take.
	LoadBalancer elb.ApplicationLoadBalancer
	// Listener takes the rules of services (AlbRule): on port 443 with a certificate, else on port 80.
	Listener elb.ApplicationListener
	// AccessLogBucket holds the access logs.
	AccessLogBucket awss3.Bucket

	url string
}

// Any request of any client, IPv4.
const anyIPv4 = "0.0.0.0/0"

const defaultAccessLogDays = 90

// NewApplicationLoadBalancer makes an ALB. It panics with *invalid.Error when the props are wrong.
func NewApplicationLoadBalancer(scope constructs.Construct, id string, props *ApplicationLoadBalancerProps) *ApplicationLoadBalancer {
	var p ApplicationLoadBalancerProps
	if props != nil {
		p = *props
	}
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(*awscdk.Stack_Of(scope).Region()))

	a := &ApplicationLoadBalancer{}
	constructs.NewConstruct_Override(a, scope, &id)
	group := a.securityGroup(&p)
	a.LoadBalancer = elb.NewApplicationLoadBalancer(a, jsii.String("LoadBalancer"), &elb.ApplicationLoadBalancerProps{
		Vpc:                     p.Vpc,
		InternetFacing:          &p.InternetFacing,
		VpcSubnets:              onePerZone(p.Subnets),
		SecurityGroup:           group,
		DeletionProtection:      &p.DeletionProtection,
		DropInvalidHeaderFields: jsii.Bool(true),
		DesyncMitigationMode:    elb.DesyncMitigationMode_DEFENSIVE,
	})
	a.logAccess(&p)
	if p.DomainName == "" {
		a.listen(&p, nil)
	} else {
		zone := awsroute53.HostedZone_FromHostedZoneAttributes(a, jsii.String("HostedZone"), &awsroute53.HostedZoneAttributes{
			HostedZoneId: &p.HostedZoneId,
			ZoneName:     &p.HostedZoneName,
		})
		a.listen(&p, zone)
		awsroute53.NewARecord(a, jsii.String("AliasRecord"), &awsroute53.ARecordProps{
			Zone:       zone,
			RecordName: jsii.String(p.DomainName + "."),
			Target:     awsroute53.RecordTarget_FromAlias(awsroute53targets.NewLoadBalancerTarget(a.LoadBalancer, nil)),
		})
	}
	return a
}

// onePerZone leaves out the further subnets of a zone, which an existing VPC may have: a load balancer takes one of each.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
func onePerZone(subnets network.SubnetType) *awsec2.SubnetSelection {
	selection := subnets.Select()
	selection.OnePerAz = jsii.Bool(true)
	return selection
}

// URL is where clients find the load balancer, for an output.
func (a *ApplicationLoadBalancer) URL() *string { return &a.url }

// securityGroup lets clients in on the listeners' ports, and nothing out but what services add for their targets.
func (a *ApplicationLoadBalancer) securityGroup(p *ApplicationLoadBalancerProps) awsec2.SecurityGroup {
	group := awsec2.NewSecurityGroup(a, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:              p.Vpc,
		Description:      describe.Of("Clients of", a),
		AllowAllOutbound: jsii.Bool(false),
	})
	peers := []awsec2.IPeer{}
	for _, cidr := range p.IngressCidrs {
		peers = append(peers, awsec2.Peer_Ipv4(&cidr))
	}
	switch {
	case len(peers) > 0:
	case p.InternetFacing:
		peers = append(peers, awsec2.Peer_Ipv4(jsii.String(anyIPv4)))
		nag.Suppress(group, "AwsSolutions-EC23", "The load balancer is asked to face the internet; IngressCidrs narrows who may connect")
	default:
		peers = append(peers, awsec2.Peer_Ipv4(p.Vpc.VpcCidrBlock()))
		nag.Suppress(group, "CdkNagValidationFailure", "EC23 cannot read the VPC's CIDR, a reference; the rule is open to the VPC alone")
	}
	ports := []int{80}
	if p.Protocol == elb.ApplicationProtocol_HTTPS {
		ports = append(ports, 443)
	}
	for _, port := range ports {
		for _, peer := range peers {
			group.AddIngressRule(peer, awsec2.Port_Tcp(jsii.Number(port)), jsii.String("Clients"), nil)
		}
	}
	return group
}

func (a *ApplicationLoadBalancer) listen(p *ApplicationLoadBalancerProps, zone awsroute53.IHostedZone) {
	notFound := elb.ListenerAction_FixedResponse(jsii.Number(404), &elb.FixedResponseOptions{
		ContentType: jsii.String("text/plain"),
		MessageBody: jsii.String("Not found"),
	})
	host := *a.LoadBalancer.LoadBalancerDnsName()
	if p.DomainName != "" {
		host = p.DomainName
	}
	if p.Protocol == elb.ApplicationProtocol_HTTP {
		a.url = "http://" + host
		a.Listener = a.LoadBalancer.AddListener(jsii.String("Http"), &elb.BaseApplicationListenerProps{
			Protocol:      elb.ApplicationProtocol_HTTP,
			Open:          jsii.Bool(false), // the security group says who may connect
			DefaultAction: notFound,
		})
		return
	}
	a.url = "https://" + host
	a.Listener = a.LoadBalancer.AddListener(jsii.String("Https"), &elb.BaseApplicationListenerProps{
		Protocol:      elb.ApplicationProtocol_HTTPS,
		Open:          jsii.Bool(false),
		SslPolicy:     p.SslPolicy,
		Certificates:  &[]elb.IListenerCertificate{a.certificate(p, zone)},
		DefaultAction: notFound,
	})
	a.LoadBalancer.AddListener(jsii.String("HttpRedirect"), &elb.BaseApplicationListenerProps{
		Protocol: elb.ApplicationProtocol_HTTP,
		Open:     jsii.Bool(false),
		DefaultAction: elb.ListenerAction_Redirect(&elb.RedirectOptions{
			Protocol:  jsii.String("HTTPS"),
			Port:      jsii.String("443"),
			Permanent: jsii.Bool(true),
		}),
	})
}

func (a *ApplicationLoadBalancer) certificate(p *ApplicationLoadBalancerProps, zone awsroute53.IHostedZone) elb.IListenerCertificate {
	if p.CertificateArn != "" {
		return elb.ListenerCertificate_FromArn(&p.CertificateArn)
	}
	return elb.ListenerCertificate_FromCertificateManager(acm.NewCertificate(a, jsii.String("Certificate"), &acm.CertificateProps{
		DomainName: &p.DomainName,
		Validation: acm.CertificateValidation_FromDns(zone),
	}))
}

func (p *ApplicationLoadBalancerProps) setDefaults() {
	p.DomainName, p.HostedZoneName = strings.TrimSuffix(p.DomainName, "."), strings.TrimSuffix(p.HostedZoneName, ".")
	if p.Subnets == "" {
		p.Subnets = network.Private
		if p.InternetFacing {
			p.Subnets = network.Public
		}
	}
	if p.Protocol == "" {
		p.Protocol = elb.ApplicationProtocol_HTTP
		if p.CertificateArn != "" || p.DomainName != "" {
			p.Protocol = elb.ApplicationProtocol_HTTPS
		}
	}
	if p.SslPolicy == "" {
		p.SslPolicy = elb.SslPolicy_TLS13_12_RES_PQ
	}
	if p.AccessLogRetentionDays == 0 {
		p.AccessLogRetentionDays = defaultAccessLogDays
	}
}

// certificateArn is the form of an ACM certificate's ARN.
// https://docs.aws.amazon.com/acm/latest/userguide/security_iam_service-with-iam.html
var certificateArn = regexp.MustCompile(`^arn:aws[a-z-]*:acm:([a-z0-9-]+):\d{12}:certificate/[A-Za-z0-9-]+$`)

// validate takes the Region that the load balancer will be in, or a token where that is open.
func (p *ApplicationLoadBalancerProps) validate(region string) error {
	var bad invalid.Problems
	if p.Vpc == nil {
		bad.Add("Vpc", "is missing; give the VPC in which the load balancer stands")
	}
	if p.InternetFacing && p.Subnets != network.Public {
		bad.Add("Subnets", "%q cannot hold a load balancer that is InternetFacing; use %q", p.Subnets, network.Public)
	} else {
		p.checkZones(&bad)
	}
	if p.IngressCidrs != nil && len(p.IngressCidrs) == 0 {
		bad.Add("IngressCidrs", "is an empty list, which would let in whom it should keep out; leave it nil for everybody, or name ranges")
	}
	for i, cidr := range p.IngressCidrs {
		prefix, err := netip.ParsePrefix(cidr)
		if !invalid.IsToken(cidr) && (err != nil || !prefix.Addr().Is4() || prefix != prefix.Masked()) {
			bad.Add(index("IngressCidrs", i), `%q is not an IPv4 range; write it as "203.0.113.0/24"`, cidr)
		}
	}
	p.validateTLS(region, &bad)
	if p.AccessLogRetentionDays < 0 {
		bad.Add("AccessLogRetentionDays", "%d is negative; use 1 or more", p.AccessLogRetentionDays)
	}
	return bad.Err()
}

// checkZones notes when there are no subnets to stand in, or too few: ELB asks for two Availability Zones.
func (p *ApplicationLoadBalancerProps) checkZones(bad *invalid.Problems) {
	p.Subnets.Check("Subnets", p.Vpc, bad)
	if p.Vpc == nil || len(p.Subnets.Of(p.Vpc)) == 0 {
		return
	}
	zones := map[string]bool{}
	for _, subnet := range p.Subnets.Of(p.Vpc) {
		zones[*subnet.AvailabilityZone()] = true
	}
	if len(zones) < 2 {
		bad.Add("Subnets", "%q are in one Availability Zone of the VPC; a load balancer needs subnets in two", p.Subnets)
	}
}

func (p *ApplicationLoadBalancerProps) validateTLS(region string, bad *invalid.Problems) {
	certified := p.CertificateArn != "" || p.DomainName != ""
	switch p.Protocol {
	case elb.ApplicationProtocol_HTTPS:
		if !certified {
			bad.Add("Protocol", "HTTPS needs a certificate; give CertificateArn, or DomainName with its hosted zone")
		}
	case elb.ApplicationProtocol_HTTP:
		if certified {
			bad.Add("Protocol", "HTTP stands beside a certificate; leave it out for HTTPS with a redirect from HTTP")
		}
	default:
		bad.Add("Protocol", "%q is unknown; use %q or %q", p.Protocol, elb.ApplicationProtocol_HTTP, elb.ApplicationProtocol_HTTPS)
	}
	if p.CertificateArn != "" && !invalid.IsToken(p.CertificateArn) {
		arn := certificateArn.FindStringSubmatch(p.CertificateArn)
		switch {
		case arn == nil:
			bad.Add("CertificateArn", `%q is not the ARN of an ACM certificate; write it as "arn:aws:acm:<region>:<account>:certificate/<id>"`, p.CertificateArn)
		case !invalid.IsToken(region) && arn[1] != region:
			bad.Add("CertificateArn", "%q is of Region %s; a load balancer in %s takes only certificates of its own Region", p.CertificateArn, arn[1], region)
		}
	}
	switch {
	case p.DomainName == "":
		if p.HostedZoneId != "" || p.HostedZoneName != "" {
			bad.Add("HostedZoneId", "%q (%q) has no DomainName to hold; give one or leave the zone out", p.HostedZoneId, p.HostedZoneName)
		}
	case !invalid.IsToken(p.DomainName) && !domainName.MatchString(p.DomainName):
		bad.Add("DomainName", `%q is no domain name; write it as "www.example.com"`, p.DomainName)
	case p.CertificateArn == "" && !invalid.IsToken(p.DomainName) && len(p.DomainName) > maxCertificateName:
		bad.Add("DomainName", "%q has %d characters; a certificate takes %d, so give a CertificateArn or a shorter name",
			p.DomainName, len(p.DomainName), maxCertificateName)
	case p.HostedZoneId == "" || p.HostedZoneName == "":
		bad.Add("DomainName", "%q has no hosted zone; give HostedZoneId and HostedZoneName", p.DomainName)
	case !invalid.IsToken(p.HostedZoneId) && !hostedZoneID.MatchString(p.HostedZoneId):
		bad.Add("HostedZoneId", `%q is not the id of a hosted zone; write it as "Z0123456789ABCDEFGHIJ"`, p.HostedZoneId)
	case !inZone(p.DomainName, p.HostedZoneName):
		// The certificate would wait for its DNS record, and the deployment with it, for hours.
		bad.Add("DomainName", "%q does not lie in hosted zone %q; give the zone of the domain", p.DomainName, p.HostedZoneName)
	}
}

// https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
var domainName = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$`)

const maxCertificateName = 64

// https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html
var hostedZoneID = regexp.MustCompile(`^Z[0-9A-Z]{1,31}$`)

func inZone(domain, zone string) bool {
	if invalid.IsToken(domain) || invalid.IsToken(zone) {
		return true
	}
	domain, zone = strings.ToLower(domain), strings.ToLower(zone)
	return domain == zone || strings.HasSuffix(domain, "."+zone)
}

// logAccess sends the access logs to a bucket of their own.
func (a *ApplicationLoadBalancer) logAccess(p *ApplicationLoadBalancerProps) {
	bucket := newAccessLogBucket(a, p.AccessLogRetentionDays)
	a.AccessLogBucket = bucket
	a.LoadBalancer.SetAttribute(jsii.String("access_logs.s3.enabled"), jsii.String("true"))
	a.LoadBalancer.SetAttribute(jsii.String("access_logs.s3.bucket"), bucket.BucketName())
	// The load balancer tries to write when it is made: the policy must be there by then.
	a.LoadBalancer.Node().DefaultChild().Node().AddDependency(bucket.Policy())
}

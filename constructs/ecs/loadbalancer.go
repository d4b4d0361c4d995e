package ecs

import (
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

// Every IPv4 address.
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

// logAccess sends the access logs to a bucket of their own.
func (a *ApplicationLoadBalancer) logAccess(p *ApplicationLoadBalancerProps) {
	bucket := newAccessLogBucket(a, p.AccessLogRetentionDays)
	a.AccessLogBucket = bucket
	a.LoadBalancer.SetAttribute(jsii.String("access_logs.s3.enabled"), jsii.String("true"))
	a.LoadBalancer.SetAttribute(jsii.String("access_logs.s3.bucket"), bucket.BucketName())
	// The load balancer tries to write when it is made: the policy must be there by then.
	a.LoadBalancer.Node().DefaultChild().Node().AddDependency(bucket.Policy())
}

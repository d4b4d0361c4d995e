package elb

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	acm "github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53targets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/waf"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
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

	// Protocol is elbv2.ApplicationProtocol_HTTP or _HTTPS. Default: HTTPS whenever there is a certificate, by CertificateArn
	// or DomainName, and HTTP otherwise.
	Protocol elbv2.ApplicationProtocol
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
	// post-quantum key exchange for clients that have it, elbv2.SslPolicy_TLS13_12_RES_PQ.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
	SslPolicy elbv2.SslPolicy

	// MutualTls asks clients for a certificate; it needs HTTPS. Default: nil, they need none.
	MutualTls *MutualTls
	// TestListener is a second listener, at which a deployment that shifts traffic shows the new version to those who test it:
	// see AlbRule.TestListener. It has the protocol and certificate of Listener. Default: nil, none.
	TestListener *TestListener
	// WebAcl puts AWS WAF in front of the load balancer. Default: nil, none.
	WebAcl *waf.WebAcl
	// IdleTimeout is how long a connection may stay silent before it is closed, 1 to 4000 s; keep it shorter than the
	// container's own. Default: 60 s.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
	IdleTimeout time.Duration

	// DeletionProtection refuses to delete the load balancer, and so its stack, until it is taken off. Default: false.
	DeletionProtection bool
	// AccessLogRetentionDays is how long access logs are kept in their bucket, 1 day or more. The bucket itself stays when
	// the stack is deleted: CloudFormation deletes no bucket that holds something. Default: 90.
	AccessLogRetentionDays int
}

// MutualTls asks clients for a certificate.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/mutual-authentication.html
type MutualTls struct {
	// CaBucket holds the certificates of the authorities that clients' certificates must come from, in PEM form, under CaKey. In
	// a TrustStore that the load balancer makes of them. Default: none; CaBucket with CaKey, TrustStore or Passthrough is
	// required.
	CaBucket awss3.IBucket
	// CaKey is the object in CaBucket. Default: none; required with CaBucket.
	CaKey string
	// TrustStore is one of your own. Default: none.
	TrustStore elbv2.ITrustStore
	// Passthrough checks nothing and hands the certificate to the tasks in the header X-Amzn-Mtls-Clientcert. Default: false.
	Passthrough bool
	// IgnoreClientCertificateExpiry takes certificates that have expired. Default: false.
	IgnoreClientCertificateExpiry bool
}

// TestListener is where the new version can be tested.
type TestListener struct {
	// Port is where it listens, 1 to 65535, other than those of the load balancer's other listeners: of an Application Load
	// Balancer 80, and 443 with HTTPS. Required.
	Port int
	// IngressCidrs are the IPv4 ranges that may connect: those of your testers. Required: at least one.
	IngressCidrs []string
}

// ApplicationLoadBalancer is an ALB. What fits none of its listener's rules gets a 404.
type ApplicationLoadBalancer struct {
	constructs.Construct
	// LoadBalancer is what the CDK's own constructs take.
	LoadBalancer elbv2.ApplicationLoadBalancer
	// Listener takes the rules of services (AlbRule): on port 443 with a certificate, else on port 80.
	Listener elbv2.ApplicationListener
	// TestListener takes their rules too, for deployments that shift traffic; nil without ApplicationLoadBalancerProps.TestListener.
	TestListener elbv2.ApplicationListener
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
	p.SetDefaults()
	invalid.Refuse(scope, id, p.Validate(*awscdk.Stack_Of(scope).Region()))

	a := &ApplicationLoadBalancer{}
	constructs.NewConstruct_Override(a, scope, &id)
	group := a.securityGroup(&p)
	a.LoadBalancer = elbv2.NewApplicationLoadBalancer(a, jsii.String("LoadBalancer"), &elbv2.ApplicationLoadBalancerProps{
		Vpc:                     p.Vpc,
		InternetFacing:          &p.InternetFacing,
		VpcSubnets:              onePerZone(p.Subnets),
		SecurityGroup:           group,
		DeletionProtection:      &p.DeletionProtection,
		DropInvalidHeaderFields: jsii.Bool(true),
		DesyncMitigationMode:    elbv2.DesyncMitigationMode_DEFENSIVE,
		IdleTimeout:             opt.Duration(p.IdleTimeout),
	})
	a.logAccess(&p)
	if p.WebAcl != nil {
		p.WebAcl.Protect(a, *a.LoadBalancer.LoadBalancerArn())
	}
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
func (a *ApplicationLoadBalancer) Url() string { return a.url }

// securityGroup lets clients in on the listeners' ports, and nothing out but what services add for their targets.
func (a *ApplicationLoadBalancer) securityGroup(p *ApplicationLoadBalancerProps) awsec2.SecurityGroup {
	group := awsec2.NewSecurityGroup(a, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:              p.Vpc,
		Description:      describe.Of("Clients of", *a.Node().Path()),
		AllowAllOutbound: jsii.Bool(false),
	})
	peers := CidrPeers(p.IngressCidrs)
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
	if p.Protocol == elbv2.ApplicationProtocol_HTTPS {
		ports = append(ports, 443)
	}
	for _, port := range ports {
		for _, peer := range peers {
			group.AddIngressRule(peer, awsec2.Port_Tcp(jsii.Number(port)), jsii.String("Clients"), nil)
		}
	}
	if p.TestListener != nil {
		for _, peer := range CidrPeers(p.TestListener.IngressCidrs) {
			group.AddIngressRule(peer, awsec2.Port_Tcp(jsii.Number(p.TestListener.Port)), jsii.String("Testers"), nil)
		}
	}
	return group
}

func CidrPeers(cidrs []string) (peers []awsec2.IPeer) {
	for _, cidr := range cidrs {
		peers = append(peers, awsec2.Peer_Ipv4(&cidr))
	}
	return peers
}

func (a *ApplicationLoadBalancer) listen(p *ApplicationLoadBalancerProps, zone awsroute53.IHostedZone) {
	host := *a.LoadBalancer.LoadBalancerDnsName()
	if p.DomainName != "" {
		host = p.DomainName
	}
	listener := elbv2.BaseApplicationListenerProps{
		Protocol: p.Protocol,
		Open:     jsii.Bool(false), // the security group says who may connect
		DefaultAction: elbv2.ListenerAction_FixedResponse(jsii.Number(404), &elbv2.FixedResponseOptions{
			ContentType: jsii.String("text/plain"),
			MessageBody: jsii.String("Not found"),
		}),
	}
	if p.Protocol == elbv2.ApplicationProtocol_HTTP {
		a.url = "http://" + host
		a.Listener = a.LoadBalancer.AddListener(jsii.String("Http"), &listener)
	} else {
		a.url = "https://" + host
		listener.SslPolicy = p.SslPolicy
		listener.Certificates = &[]elbv2.IListenerCertificate{a.certificate(p, zone)}
		listener.MutualAuthentication = a.mutualTls(p.MutualTls)
		a.Listener = a.LoadBalancer.AddListener(jsii.String("Https"), &listener)
		a.LoadBalancer.AddListener(jsii.String("HttpRedirect"), &elbv2.BaseApplicationListenerProps{
			Protocol: elbv2.ApplicationProtocol_HTTP,
			Open:     jsii.Bool(false),
			DefaultAction: elbv2.ListenerAction_Redirect(&elbv2.RedirectOptions{
				Protocol:  jsii.String("HTTPS"),
				Port:      jsii.String("443"),
				Permanent: jsii.Bool(true),
			}),
		})
	}
	a.note(a.Listener, p.Protocol, p.port())
	if p.TestListener != nil {
		listener.Port = jsii.Number(p.TestListener.Port)
		a.TestListener = a.LoadBalancer.AddListener(jsii.String("Test"), &listener)
		a.note(a.TestListener, p.Protocol, p.TestListener.Port)
	}
}

// note remembers what the CDK does not tell of a listener.
func (a *ApplicationLoadBalancer) note(listener elbv2.IApplicationListener, protocol elbv2.ApplicationProtocol, port int) {
	facts := FactsOf(listener)
	facts.Balancer, facts.Protocol, facts.Port = a, protocol, port
}

// port is that of the listener for requests.
func (p *ApplicationLoadBalancerProps) port() int {
	if p.Protocol == elbv2.ApplicationProtocol_HTTPS {
		return 443
	}
	return 80
}

func (a *ApplicationLoadBalancer) mutualTls(m *MutualTls) *elbv2.MutualAuthentication {
	switch {
	case m == nil:
		return nil
	case m.Passthrough:
		return &elbv2.MutualAuthentication{MutualAuthenticationMode: elbv2.MutualAuthenticationMode_PASS_THROUGH}
	}
	store := m.TrustStore
	if store == nil {
		store = elbv2.NewTrustStore(a, jsii.String("TrustStore"), &elbv2.TrustStoreProps{Bucket: m.CaBucket, Key: &m.CaKey})
	}
	return &elbv2.MutualAuthentication{
		MutualAuthenticationMode: elbv2.MutualAuthenticationMode_VERIFY, TrustStore: store,
		IgnoreClientCertificateExpiry: &m.IgnoreClientCertificateExpiry,
	}
}

func (a *ApplicationLoadBalancer) certificate(p *ApplicationLoadBalancerProps, zone awsroute53.IHostedZone) elbv2.IListenerCertificate {
	if p.CertificateArn != "" {
		return elbv2.ListenerCertificate_FromArn(&p.CertificateArn)
	}
	return elbv2.ListenerCertificate_FromCertificateManager(acm.NewCertificate(a, jsii.String("Certificate"), &acm.CertificateProps{
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

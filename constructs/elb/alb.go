package elb

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/constructs/waf"
	"awscontainers/internal/balancer"
	"awscontainers/internal/describe"
	"awscontainers/internal/ids"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
)

// ApplicationLoadBalancerProps describe an ALB with one listener for requests.
type ApplicationLoadBalancerProps struct {
	// Vpc is where the load balancer stands. Required.
	Vpc awsec2.IVpc
	// InternetFacing makes it reachable from the internet, in the VPC's public subnets. It can't be changed once the load balancer has
	// target groups: create a second load balancer. Default: false, reachable from the VPC only, in the private subnets.
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
	// AlternativeDomainNames are further names of the same load balancer in the same zone, such as "example.com" beside
	// "www.example.com". Each gets an alias record and, without CertificateArn, is on the certificate, which has ten names unless AWS
	// raises your quota. To swap one with DomainName, remove it here in a deployment of its own first. Default: none.
	AlternativeDomainNames []string
	// RedirectToDomainName sends clients that ask for one of AlternativeDomainNames to DomainName, for good (301). It takes Priority 1 of
	// the Listener, and one more for each five names. Default: false, the services answer under all names.
	RedirectToDomainName bool
	// AdditionalCertificateArns are certificates for further names: each client gets the one for the name that it asks for (SNI), and
	// CertificateArn's if none fits. A load balancer has 25 of them unless AWS raises your quota. Default: none.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
	AdditionalCertificateArns []string
	// HostedZoneId and HostedZoneName are the public Route 53 zone of DomainName: "Z0123456789ABCDEFGHIJ", "example.com".
	// Required with DomainName.
	HostedZoneId, HostedZoneName string
	// SslPolicy are the TLS versions and ciphers of an HTTPS listener. Default: TLS 1.2 and 1.3 with forward secrecy and
	// post-quantum key exchange for clients that have it, elbv2.SslPolicy_TLS13_12_RES_PQ.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
	SslPolicy elbv2.SslPolicy

	// MutualTls asks clients for a certificate; it needs HTTPS. Default: nil, they need none.
	MutualTls *MutualTls
	// TestListener is a second listener, on which deployments that shift traffic show the new version to your testers: name it in
	// AlbRule.TestListener. It has the protocol and certificate of Listener. Default: nil, none.
	TestListener *TestListener
	// ResponseHeaders are added to the answers of Listener and TestListener. Default: nil, none.
	ResponseHeaders *ResponseHeaders
	// XffHeaderProcessingMode is what becomes of the header X-Forwarded-For: elbv2.XffHeaderProcessingMode_APPEND adds the client's
	// address at the end, after what the client sent, which may be a lie; _PRESERVE leaves only that, and _REMOVE removes it. Default:
	// AWS's, APPEND.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
	XffHeaderProcessingMode elbv2.XffHeaderProcessingMode
	// WebAcl puts AWS WAF in front of the load balancer. Default: nil, none.
	WebAcl *waf.WebAcl
	// IdleTimeout is how long a connection may stay silent before it is closed, 1 to 4000 s; keep it shorter than the
	// container's own. Default: 60 s.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
	IdleTimeout time.Duration

	// DeletionProtection refuses to delete the load balancer, and so its stack, until it is taken off. Turn it on once the first
	// deployment has succeeded: before that it also stops the rollback of one that fails. Default: false.
	DeletionProtection bool
	// AccessLogRetentionDays is how long access logs are kept in their bucket, 1 day or more. The bucket itself stays when
	// the stack is deleted: CloudFormation deletes no bucket that holds something. Default: 90.
	AccessLogRetentionDays int
	// ConnectionLogs keeps a log of the connections beside the access logs, with the same retention: TLS versions and ciphers, client
	// certificates, failed handshakes. Default: false.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-connection-logs.html
	ConnectionLogs bool
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

// TestListener describes a listener on which testers reach the new version of a service before its clients do. On an
// Application Load Balancer, which many services share, it belongs to the load balancer; on a Network Load Balancer, whose
// listeners have one service each, to the service.
type TestListener struct {
	// Port is where it listens, 1 to 65535, other than those of the load balancer's other listeners: of an Application Load
	// Balancer 80, and 443 with HTTPS. Required.
	Port int
	// IngressCidrs are the IPv4 ranges that may connect: those of your testers. Required: at least one.
	IngressCidrs []string
}

// ApplicationLoadBalancer is an ALB. Requests that fit no rule of its listener get a 404, unless a rule without Conditions is
// for them.
type ApplicationLoadBalancer struct {
	constructs.Construct
	// LoadBalancer is what the CDK's own constructs take.
	LoadBalancer elbv2.ApplicationLoadBalancer
	// Listener takes the rules of services (AlbRule): on port 443 with a certificate, else on port 80.
	Listener *Listener
	// TestListener takes their rules too, for deployments that shift traffic; nil without ApplicationLoadBalancerProps.TestListener.
	TestListener *Listener
	// AccessLogBucket holds the access logs.
	AccessLogBucket awss3.Bucket

	url        string
	isIsolated bool // its subnets have no way out

	judgesClientAddress bool // its web ACL does
}

var _ awsec2.IConnectable = (*ApplicationLoadBalancer)(nil)

const defaultAccessLogDays = 90

// NewApplicationLoadBalancer creates an ALB. It panics with *invalid.Error if the props are invalid.
func NewApplicationLoadBalancer(scope constructs.Construct, id string, props *ApplicationLoadBalancerProps) *ApplicationLoadBalancer {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate(), p.validateIn(scope))

	a := &ApplicationLoadBalancer{isIsolated: p.Subnets == network.Isolated}
	source.Create(a, scope, id)
	a.LoadBalancer = elbv2.NewApplicationLoadBalancer(a, jsii.String("LoadBalancer"), &elbv2.ApplicationLoadBalancerProps{
		Vpc:                     p.Vpc,
		InternetFacing:          &p.InternetFacing,
		VpcSubnets:              onePerZone(p.Subnets),
		SecurityGroup:           a.newSecurityGroup(&p),
		DeletionProtection:      &p.DeletionProtection,
		DropInvalidHeaderFields: jsii.Bool(true),
		DesyncMitigationMode:    elbv2.DesyncMitigationMode_DEFENSIVE,
		IdleTimeout:             opt.Duration(p.IdleTimeout),
		XffHeaderProcessingMode: p.XffHeaderProcessingMode,
	})
	a.AccessLogBucket = newAccessLogBucket(a, p.AccessLogRetentionDays)
	sendAccessLogs(a.LoadBalancer, a.AccessLogBucket)
	if p.ConnectionLogs {
		sendConnectionLogs(a.LoadBalancer, a.AccessLogBucket)
	}
	if p.WebAcl != nil {
		a.judgesClientAddress = p.WebAcl.JudgesClientAddress()
		p.WebAcl.Protect(a, *a.LoadBalancer.LoadBalancerArn())
	}
	zone := a.hostedZone(&p)
	a.addListeners(&p, zone)
	if zone != nil {
		a.addRecords(&p, zone)
	}
	a.addRedirects(&p)
	return a
}

// Url returns the address at which clients find the load balancer.
func (a *ApplicationLoadBalancer) Url() string { return a.url }

// Arn returns the load balancer's ARN.
func (a *ApplicationLoadBalancer) Arn() string { return *a.LoadBalancer.LoadBalancerArn() }

// DnsName returns the load balancer's own DNS name.
func (a *ApplicationLoadBalancer) DnsName() string { return *a.LoadBalancer.LoadBalancerDnsName() }

// Connections returns the load balancer's security groups.
func (a *ApplicationLoadBalancer) Connections() awsec2.Connections {
	return a.LoadBalancer.Connections()
}

// hostedZone is nil without a DomainName.
func (a *ApplicationLoadBalancer) hostedZone(p *ApplicationLoadBalancerProps) awsroute53.IHostedZone {
	if p.DomainName == "" {
		return nil
	}
	return awsroute53.HostedZone_FromHostedZoneAttributes(a, jsii.String("HostedZone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: &p.HostedZoneId,
		ZoneName:     &p.HostedZoneName,
	})
}

// newSecurityGroup lets clients in on the listeners' ports, and nothing out but what services add for their targets.
func (a *ApplicationLoadBalancer) newSecurityGroup(p *ApplicationLoadBalancerProps) awsec2.SecurityGroup {
	group := awsec2.NewSecurityGroup(a, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:              p.Vpc,
		Description:      describe.Of("Clients of", *a.Node().Path()),
		AllowAllOutbound: jsii.Bool(false),
	})
	clients := clientPeers(group, p.Vpc, p.InternetFacing, p.IngressCidrs)
	allowIngress(group, "Clients", clients, awsec2.Port_Tcp(jsii.Number(80)))
	if p.Protocol == elbv2.ApplicationProtocol_HTTPS {
		allowIngress(group, "Clients", clients, awsec2.Port_Tcp(jsii.Number(443)))
	}
	if p.TestListener != nil {
		allowIngress(group, "Testers", cidrPeers(p.TestListener.IngressCidrs), awsec2.Port_Tcp(jsii.Number(p.TestListener.Port)))
	}
	return group
}

// addListeners makes the listeners. The one on port 80 has the same id with TLS, when it redirects, as without: CloudFormation
// makes new listeners before it deletes old ones, and a port takes one.
func (a *ApplicationLoadBalancer) addListeners(p *ApplicationLoadBalancerProps, zone awsroute53.IHostedZone) {
	host := a.DnsName()
	if p.DomainName != "" {
		host = p.DomainName
	}
	requests := elbv2.ApplicationListenerProps{
		Protocol: p.Protocol,
		DefaultAction: elbv2.ListenerAction_FixedResponse(jsii.Number(404), &elbv2.FixedResponseOptions{
			ContentType: jsii.String("text/plain"),
			MessageBody: jsii.String("Not found"),
		}),
	}
	if p.Protocol == elbv2.ApplicationProtocol_HTTP {
		a.url = "http://" + host
		a.Listener = a.newListener("Http", 80, p.Vpc, requests)
	} else {
		a.url = "https://" + host
		requests.SslPolicy = p.SslPolicy
		requests.Certificates = &[]elbv2.IListenerCertificate{a.certificate(p, zone)}
		requests.MutualAuthentication = a.mutualTls(p.MutualTls)
		a.Listener = a.newListener("Https", 443, p.Vpc, requests)
		redirect := a.newListener("Http", 80, p.Vpc, elbv2.ApplicationListenerProps{
			Protocol: elbv2.ApplicationProtocol_HTTP,
			DefaultAction: elbv2.ListenerAction_Redirect(&elbv2.RedirectOptions{
				Protocol:  jsii.String("HTTPS"),
				Port:      jsii.String("443"),
				Permanent: jsii.Bool(true),
			}),
		})
		// A running load balancer that gets a certificate must not redirect to a port on which nobody listens yet.
		redirect.Listener.Node().DefaultChild().Node().AddDependency(a.Listener.Listener.Node().DefaultChild())
	}
	if p.TestListener != nil {
		a.TestListener = a.newListener("Test", p.TestListener.Port, p.Vpc, requests)
	}
	for _, listener := range []*Listener{a.Listener, a.TestListener} {
		if listener == nil {
			continue
		}
		addCertificates(listener, listener.Listener.ListenerArn(), p.AdditionalCertificateArns)
		for _, header := range p.ResponseHeaders.attributes() {
			listener.Listener.(elbv2.ApplicationListener).SetAttribute(&header.key, &header.value)
		}
	}
}

func (a *ApplicationLoadBalancer) newListener(id string, port int, vpc awsec2.IVpc, props elbv2.ApplicationListenerProps) *Listener {
	l := newListener(a, id, balancer.Listener{
		LoadBalancer: *a.Node().Path(), Stack: ids.StackPath(a), Vpc: vpc, Protocol: props.Protocol, Port: port, IsIsolated: a.isIsolated,
		JudgesClientAddress: a.judgesClientAddress,
	})
	props.LoadBalancer = a.LoadBalancer
	props.Port = jsii.Number(port)
	props.Open = jsii.Bool(false) // the security group says who may connect
	l.Listener = elbv2.NewApplicationListener(l, jsii.String("Listener"), &props)
	return l
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

package elb

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/balancer"
	"awscontainers/internal/describe"
	"awscontainers/internal/ids"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/source"
	"awscontainers/internal/subnettype"
)

// NetworkLoadBalancerProps describe an NLB. Its listeners come with the services behind it: Exposure.Nlb.
type NetworkLoadBalancerProps struct {
	// Vpc is where the load balancer stands. Required.
	Vpc awsec2.IVpc
	// InternetFacing makes it reachable from the internet, in the VPC's public subnets. It can't be changed once the load balancer has
	// target groups: create a second load balancer. Default: false, reachable from the VPC only, in the private subnets.
	InternetFacing bool
	// Subnets are where it stands, one a zone: network.Public, and only that, when it is InternetFacing. Default:
	// network.Private for an internal one.
	Subnets network.SubnetType
	// IngressCidrs are the IPv4 ranges that may connect, at the ports of the listeners. Default (nil, not an empty list): the
	// internet ("0.0.0.0/0"), or the VPC for an internal one.
	IngressCidrs []string

	// CrossZone spreads what comes in at one zone over the tasks of all zones, which costs the traffic between zones. Without it
	// each zone needs a task: one that has none leaves the load balancer's name, and whoever holds its address reaches nothing.
	// Default: false, as AWS has it.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-load-balancer-attributes.html
	CrossZone bool
	// ElasticIps gives an InternetFacing load balancer static addresses, a new Elastic IP a zone. An account has five a Region
	// unless it asks for more, and NAT gateways take one each. Choose it when you make the load balancer. Default: false, addresses
	// that AWS chooses.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/availability-zones.html
	ElasticIps bool
	// AllocationIds are Elastic IPs of your own for the same, "eipalloc-0123456789abcdef0", which outlive the load balancer: one
	// a zone, in the order of the subnets. Default: none.
	AllocationIds []string
	// PrivateAddresses are static addresses of an internal load balancer, an IPv4 address out of each subnet, in their order.
	// Default: addresses that AWS chooses.
	PrivateAddresses []string
	// EndpointService lets other VPCs and accounts reach the load balancer by AWS PrivateLink, without the internet. Default:
	// nil, none.
	EndpointService *EndpointService

	// DeletionProtection refuses to delete the load balancer, and so its stack, until it is taken off. Turn it on once the first
	// deployment has succeeded: before that it also stops the rollback of one that fails. Default: false.
	DeletionProtection bool
	// AccessLogRetentionDays is how long access logs are kept in a bucket, 1 day or more. AWS logs the connections of TLS
	// listeners only. The bucket itself stays when the stack is deleted: CloudFormation deletes no bucket that holds something.
	// Default: 0, no logs.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html
	AccessLogRetentionDays int
}

// EndpointService offers a load balancer by AWS PrivateLink. Behind it, tasks see the load balancer's own addresses:
// ProxyProtocolV2 tells the client's. One with connections cannot be deleted.
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
type EndpointService struct {
	// AllowedPrincipals may make endpoints to it: ARNs of accounts, users or roles, "arn:aws:iam::111122223333:root", or "*" for
	// everybody, where AcceptanceRequired is not false. Required: at least one.
	AllowedPrincipals []string
	// AcceptanceRequired lets each connection wait until somebody of yours accepts it. Default: true.
	AcceptanceRequired *bool
	// EnforceIngressCidrs holds IngressCidrs against the clients' own private addresses, in their VPCs, too. Default: false,
	// AllowedPrincipals and acceptance say who may connect.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
	EnforceIngressCidrs bool
}

// NetworkLoadBalancer is an NLB with a security group, which it can only get when it is made.
type NetworkLoadBalancer struct {
	constructs.Construct
	// LoadBalancer is what the CDK's own constructs take.
	LoadBalancer elbv2.NetworkLoadBalancer
	// SecurityGroup lets clients in at the listeners' ports, and out to the tasks behind them.
	SecurityGroup awsec2.SecurityGroup
	// ElasticIps are those of NetworkLoadBalancerProps.ElasticIps, in the order of the subnets; nil without.
	ElasticIps []awsec2.CfnEIP
	// EndpointService is that of NetworkLoadBalancerProps.EndpointService; nil without.
	EndpointService awsec2.VpcEndpointService
	// AccessLogBucket holds the access logs; nil without AccessLogRetentionDays.
	AccessLogBucket awss3.Bucket

	clients []awsec2.IPeer
	known   balancer.Network
}

var _ awsec2.IConnectable = (*NetworkLoadBalancer)(nil)

// NewNetworkLoadBalancer creates an NLB. It panics with *invalid.Error if the props are invalid.
func NewNetworkLoadBalancer(scope constructs.Construct, id string, props *NetworkLoadBalancerProps) *NetworkLoadBalancer {
	p := opt.Value(props)
	p.setDefaults()
	invalid.Refuse(scope, id, p.validate())

	n := &NetworkLoadBalancer{known: balancer.Network{
		Vpc: p.Vpc, Region: *awscdk.Stack_Of(scope).Region(), Zones: subnettype.Zones(p.Subnets, p.Vpc),
		OneZonePerClient: !p.CrossZone && p.hasZonalClients(), HasZonalClients: p.hasZonalClients(),
	}}
	source.Create(n, scope, id)
	n.addSecurityGroup(&p)
	balancerProps := &elbv2.NetworkLoadBalancerProps{
		Vpc:                p.Vpc,
		InternetFacing:     &p.InternetFacing,
		IpAddressType:      elbv2.IpAddressType_IPV4,
		SecurityGroups:     &[]awsec2.ISecurityGroup{n.SecurityGroup},
		CrossZoneEnabled:   &p.CrossZone,
		DeletionProtection: &p.DeletionProtection,
		// Written also where there is no endpoint service: CloudFormation leaves as it was what is no longer written.
		EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: jsii.Bool(p.EndpointService == nil || p.EndpointService.EnforceIngressCidrs),
	}
	if p.hasStaticAddresses() {
		balancerProps.SubnetMappings = n.newAddresses(&p)
	} else {
		balancerProps.VpcSubnets = onePerZone(p.Subnets)
	}
	n.LoadBalancer = elbv2.NewNetworkLoadBalancer(n, jsii.String("LoadBalancer"), balancerProps)
	if p.InternetFacing {
		// AWS refuses it in a VPC that has no internet gateway yet. The CDK forgets that beside SubnetMappings.
		n.LoadBalancer.Node().DefaultChild().Node().AddDependency(p.Vpc.SelectSubnets(onePerZone(p.Subnets)).InternetConnectivityEstablished)
	}
	n.addAccessLogs(&p)
	if p.EndpointService != nil {
		n.addEndpointService(p.EndpointService)
	}
	return n
}

// DnsName returns the load balancer's DNS name.
func (n *NetworkLoadBalancer) DnsName() string { return *n.LoadBalancer.LoadBalancerDnsName() }

// Arn returns the load balancer's ARN.
func (n *NetworkLoadBalancer) Arn() string { return *n.LoadBalancer.LoadBalancerArn() }

// Connections returns the load balancer's security group.
func (n *NetworkLoadBalancer) Connections() awsec2.Connections { return n.LoadBalancer.Connections() }

// Internal is for this library's packages.
func (n *NetworkLoadBalancer) Internal() *balancer.Network {
	if n == nil {
		return nil
	}
	return &n.known
}

// addSecurityGroup makes one with one rule, which lets clients with narrow links say so: without it their connections stall, says
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html. Listeners add those for their
// ports, services those for their tasks.
func (n *NetworkLoadBalancer) addSecurityGroup(p *NetworkLoadBalancerProps) {
	n.SecurityGroup = awsec2.NewSecurityGroup(n, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:              p.Vpc,
		Description:      describe.Of("Clients of", *n.Node().Path()),
		AllowAllOutbound: jsii.Bool(false),
	})
	n.clients = clientPeers(n.SecurityGroup, p.Vpc, p.InternetFacing, p.IngressCidrs)
	allowIngress(n.SecurityGroup, "Path MTU discovery", n.clients, awsec2.Port_IcmpTypeAndCode(jsii.Number(3), jsii.Number(4)))
}

// newAddresses gives each zone's subnet the address that the load balancer has there.
func (n *NetworkLoadBalancer) newAddresses(p *NetworkLoadBalancerProps) *[]*elbv2.SubnetMapping {
	var mappings []*elbv2.SubnetMapping
	for i, subnet := range *p.Vpc.SelectSubnets(onePerZone(p.Subnets)).Subnets {
		mapping := &elbv2.SubnetMapping{Subnet: subnet}
		if !p.ElasticIps && i >= max(len(p.AllocationIds), len(p.PrivateAddresses)) {
			break // a VPC that is yet to be looked up may have more zones
		}
		switch {
		case p.ElasticIps:
			address := awsec2.NewCfnEIP(n, jsii.String("ElasticIp"+ids.Suffix(i)), &awsec2.CfnEIPProps{
				Domain: jsii.String("vpc"),
				Tags: &[]*awscdk.CfnTag{{Key: jsii.String("Name"), Value: jsii.String(fmt.Sprintf("%s/ElasticIp%s", *n.Node().Path(),
					ids.Suffix(i)))}},
			})
			n.ElasticIps = append(n.ElasticIps, address)
			mapping.AllocationId = address.AttrAllocationId()
		case len(p.AllocationIds) > 0:
			mapping.AllocationId = &p.AllocationIds[i]
		default:
			mapping.PrivateIpv4Address = &p.PrivateAddresses[i]
		}
		mappings = append(mappings, mapping)
	}
	return &mappings
}

func (n *NetworkLoadBalancer) addAccessLogs(p *NetworkLoadBalancerProps) {
	if p.AccessLogRetentionDays == 0 {
		nag.Suppress(n.LoadBalancer, "AwsSolutions-ELB2", "AWS logs the connections of TLS listeners only; AccessLogRetentionDays keeps those")
		return
	}
	n.AccessLogBucket = newLogBucket(n, p.AccessLogRetentionDays)
	allowLogDelivery(n, n.AccessLogBucket)
	sendAccessLogs(n.LoadBalancer, n.AccessLogBucket)
}

func (n *NetworkLoadBalancer) addEndpointService(e *EndpointService) {
	var principals []awsiam.ArnPrincipal
	for _, arn := range e.AllowedPrincipals {
		principals = append(principals, awsiam.NewArnPrincipal(&arn))
	}
	n.EndpointService = awsec2.NewVpcEndpointService(n, jsii.String("EndpointService"), &awsec2.VpcEndpointServiceProps{
		VpcEndpointServiceLoadBalancers: &[]awsec2.IVpcEndpointServiceLoadBalancer{n.LoadBalancer},
		AcceptanceRequired:              e.AcceptanceRequired,
		AllowedPrincipals:               &principals,
	})
}

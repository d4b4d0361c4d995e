package apprunner

import (
	"fmt"
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapprunner"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/describe"
	"awscontainers/internal/nag"
	"awscontainers/internal/opt"
	"awscontainers/internal/subnettype"
)

// PrivateIngress is the VPC that reaches a service, by an interface endpoint.
// https://docs.aws.amazon.com/apprunner/latest/dg/network-pl-manage.html
type PrivateIngress struct {
	// Vpc is the VPC, with DNS support. Required.
	Vpc awsec2.IVpc
	// Subnets are the endpoint's, which costs by the hour and zone: network.Private or network.Isolated. Default: network.Private.
	Subnets network.SubnetType
	// IngressCidrs may connect to the endpoint: "10.0.0.0/16". Default: the whole VPC.
	IngressCidrs []string
	// Endpoint is an interface endpoint for com.amazonaws.<region>.apprunner.requests of the same VPC, which services can share, in place
	// of a new one. Default: a new one.
	Endpoint awsec2.IInterfaceVpcEndpoint
}

func (i *PrivateIngress) validate() error {
	var bad invalid.Problems
	if i.Vpc == nil {
		bad.Add("Vpc", "is missing; give the VPC that is to reach the service")
	}
	if i.Endpoint != nil && (i.Subnets != "" || len(i.IngressCidrs) > 0) {
		bad.Add("Endpoint", "stands beside Subnets or IngressCidrs, which are for a new one; leave them out")
	}
	if i.Endpoint == nil {
		checkSubnets("Subnets", i.Subnets, i.Vpc, &bad)
	}
	for n, cidr := range i.IngressCidrs {
		prefix, err := netip.ParsePrefix(cidr)
		if !invalid.IsToken(cidr) && (err != nil || !prefix.Addr().Is4() || prefix != prefix.Masked()) {
			bad.Add(fmt.Sprintf("IngressCidrs[%d]", n), `%q is not an IPv4 range; write it as "10.0.0.0/16"`, cidr)
		}
	}
	return bad.Err()
}

// checkSubnets refuses public ones: what App Runner puts there has no public address, and so no way to the internet.
// https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html
func checkSubnets(field string, subnets network.SubnetType, vpc awsec2.IVpc, bad *invalid.Problems) {
	if subnets == network.Public {
		bad.Add(field, "%q have no way to the internet for App Runner, whose addresses there are private; use %q or %q", subnets, network.Private, network.Isolated)
		return
	}
	subnettype.Check(field, subnets, bad)
	subnettype.CheckIn(field, subnets, vpc, bad)
}

func (p *ServiceProps) checkNetwork(bad *invalid.Problems) {
	checkArn("VpcConnectorArn", p.VpcConnectorArn, "a VPC connector of App Runner", connectorArn, bad)
	switch {
	case p.Vpc != nil && p.VpcConnectorArn != "":
		bad.Add("VpcConnectorArn", "stands beside Vpc, for which a connector is made; give one of them")
	case p.Vpc != nil:
		checkSubnets("Subnets", p.Subnets, p.Vpc, bad)
	case p.Subnets != "" || len(p.SecurityGroups) > 0:
		bad.Add("Vpc", "is missing, and Subnets or SecurityGroups are for its connector; give it, or leave them out")
	}
	for i, group := range p.SecurityGroups {
		if group == nil {
			bad.Add(fmt.Sprintf("SecurityGroups[%d]", i), "is nil; leave it out or give a security group")
		}
	}
	if p.PrivateIngress != nil {
		bad.Nest("PrivateIngress", p.PrivateIngress.validate())
	}
}

// network is how the service is reached, and what it reaches.
func (s *Service) network(p *ServiceProps) *awsapprunner.CfnService_NetworkConfigurationProperty {
	return &awsapprunner.CfnService_NetworkConfigurationProperty{
		IngressConfiguration: &awsapprunner.CfnService_IngressConfigurationProperty{IsPubliclyAccessible: jsii.Bool(p.PrivateIngress == nil)},
		EgressConfiguration:  s.egress(p),
	}
}

func (s *Service) egress(p *ServiceProps) *awsapprunner.CfnService_EgressConfigurationProperty {
	connector := opt.String(p.VpcConnectorArn)
	if p.Vpc != nil {
		connector = s.newConnector(p).AttrVpcConnectorArn()
	}
	if connector == nil {
		return &awsapprunner.CfnService_EgressConfigurationProperty{EgressType: jsii.String("DEFAULT")}
	}
	return &awsapprunner.CfnService_EgressConfigurationProperty{EgressType: jsii.String("VPC"), VpcConnectorArn: connector}
}

// newConnector makes the way into the VPC. Without a group it would have the VPC's default one.
func (s *Service) newConnector(p *ServiceProps) awsapprunner.CfnVpcConnector {
	groups := p.SecurityGroups
	if len(groups) == 0 {
		s.SecurityGroup = awsec2.NewSecurityGroup(s, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
			Vpc: p.Vpc, Description: describe.Of("Instances of", *s.Node().Path()), AllowAllOutbound: jsii.Bool(true),
		})
		groups = []awsec2.ISecurityGroup{s.SecurityGroup}
	}
	ids := make([]any, len(groups))
	for i, group := range groups {
		ids[i] = group.SecurityGroupId()
	}
	subnets := p.Vpc.SelectSubnets(p.Subnets.Select())
	connector := awsapprunner.NewCfnVpcConnector(s, jsii.String("VpcConnector"), &awsapprunner.CfnVpcConnectorProps{
		Subnets: subnets.SubnetIds, SecurityGroups: &ids,
	})
	connector.Node().AddDependency(subnets.InternetConnectivityEstablished) // which the program may need as it starts
	return connector
}

// letIn gives the VPC of PrivateIngress its way to the service.
func (s *Service) letIn(p *ServiceProps) {
	i := p.PrivateIngress
	if i == nil {
		return
	}
	s.Endpoint = i.Endpoint
	if s.Endpoint == nil {
		s.Endpoint = s.newEndpoint(i)
	}
	s.ingress = awsapprunner.NewCfnVpcIngressConnection(s, jsii.String("VpcIngressConnection"), &awsapprunner.CfnVpcIngressConnectionProps{
		ServiceArn: s.Service.AttrServiceArn(),
		IngressVpcConfiguration: &awsapprunner.CfnVpcIngressConnection_IngressVpcConfigurationProperty{
			VpcId: i.Vpc.VpcId(), VpcEndpointId: s.Endpoint.VpcEndpointId(),
		},
	})
}

// newEndpoint makes one without private DNS, which App Runner's endpoint does not have: each ingress connection has a domain name of its own.
func (s *Service) newEndpoint(i *PrivateIngress) awsec2.IInterfaceVpcEndpoint {
	group := awsec2.NewSecurityGroup(s, jsii.String("EndpointSecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc: i.Vpc, Description: describe.Of("Who reaches", *s.Node().Path()), AllowAllOutbound: jsii.Bool(false),
	})
	cidrs := i.IngressCidrs
	if len(cidrs) == 0 {
		cidrs = []string{*i.Vpc.VpcCidrBlock()}
		nag.Suppress(group, "CdkNagValidationFailure", "EC23 cannot read the VPC's CIDR, a reference; the rule is open to the VPC alone")
	}
	for _, cidr := range cidrs {
		group.AddIngressRule(awsec2.Peer_Ipv4(&cidr), awsec2.Port_Tcp(jsii.Number(443)), jsii.String("HTTPS"), nil)
	}
	return awsec2.NewInterfaceVpcEndpoint(s, jsii.String("Endpoint"), &awsec2.InterfaceVpcEndpointProps{
		Vpc: i.Vpc, Subnets: i.Subnets.Select(), Service: awsec2.InterfaceVpcEndpointAwsService_APP_RUNNER_REQUESTS(),
		SecurityGroups: &[]awsec2.ISecurityGroup{group}, PrivateDnsEnabled: jsii.Bool(false), Open: jsii.Bool(false),
	})
}

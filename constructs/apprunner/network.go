package apprunner

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapprunner"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/invalid"
	"awscontainers/constructs/network"
	"awscontainers/internal/annotate"
	"awscontainers/internal/check"
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
	// Subnets are the endpoint's, which costs by the hour and zone. Default: network.Private.
	Subnets network.SubnetType
	// IngressCidrs lists the address ranges that may connect to the endpoint: "10.0.0.0/16". Default: the whole VPC.
	IngressCidrs []string
	// Endpoint is an existing interface endpoint for com.amazonaws.<region>.apprunner.requests in the same VPC, which services can
	// share. Default: a new one.
	Endpoint awsec2.IInterfaceVpcEndpoint
}

func (i *PrivateIngress) validate() error {
	var bad invalid.Problems
	if i.Vpc == nil {
		bad.Add("Vpc", "is required: the VPC that reaches the service")
	}
	if i.Endpoint != nil && (i.Subnets != "" || len(i.IngressCidrs) > 0) {
		bad.Add("Endpoint", "must not be set together with Subnets or IngressCidrs, which are for a new endpoint").
			Advise("remove Endpoint or the others")
	}
	subnettype.Check("Subnets", i.Subnets, &bad)
	check.Cidrs("IngressCidrs", i.IngressCidrs, &bad)
	return bad.Err()
}

func (p *ServiceProps) checkNetwork(bad *invalid.Problems) {
	check.Match("VpcConnectorArn", p.VpcConnectorArn, connectorArn, "the ARN of a VPC connector of App Runner", bad)
	if p.Vpc != nil && p.VpcConnectorArn != "" {
		bad.Add("VpcConnectorArn", "must not be set together with Vpc, which creates a connector").Advise("remove one of them")
	}
	if p.Vpc == nil && p.Subnets != "" {
		bad.Add("Subnets", "requires Vpc").Given(p.Subnets)
	}
	if p.Vpc == nil && len(p.SecurityGroups) > 0 {
		bad.Add("SecurityGroups", "requires Vpc")
	}
	subnettype.Check("Subnets", p.Subnets, bad)
	check.NoNil("SecurityGroups", p.SecurityGroups, "a security group", bad)
	if p.PrivateIngress != nil {
		bad.Nest("PrivateIngress", p.PrivateIngress.validate())
	}
}

// checkVpcs refuses types of subnets that the VPCs don't have.
func (p *ServiceProps) checkVpcs(bad *invalid.Problems) {
	subnettype.CheckIn("Subnets", p.Subnets, p.Vpc, bad)
	if i := p.PrivateIngress; i != nil && i.Endpoint == nil {
		subnettype.CheckIn("PrivateIngress.Subnets", i.Subnets, i.Vpc, bad)
	}
}

// networkConfiguration is how the service is reached, and what it reaches.
func (s *Service) networkConfiguration(p *ServiceProps) *awsapprunner.CfnService_NetworkConfigurationProperty {
	return &awsapprunner.CfnService_NetworkConfigurationProperty{
		IngressConfiguration: &awsapprunner.CfnService_IngressConfigurationProperty{IsPubliclyAccessible: jsii.Bool(p.PrivateIngress == nil)},
		EgressConfiguration:  s.egressConfiguration(p),
	}
}

func (s *Service) egressConfiguration(p *ServiceProps) *awsapprunner.CfnService_EgressConfigurationProperty {
	connector := opt.String(p.VpcConnectorArn)
	if p.Vpc != nil {
		connector = s.newConnector(p).AttrVpcConnectorArn()
	}
	if connector == nil {
		return &awsapprunner.CfnService_EgressConfigurationProperty{EgressType: jsii.String("DEFAULT")}
	}
	return &awsapprunner.CfnService_EgressConfigurationProperty{EgressType: jsii.String("VPC"), VpcConnectorArn: connector}
}

// newConnector creates the connection to the VPC. Without a group it would have the VPC's default one.
func (s *Service) newConnector(p *ServiceProps) awsapprunner.CfnVpcConnector {
	groups := p.SecurityGroups
	if len(groups) == 0 {
		groups = []awsec2.ISecurityGroup{awsec2.NewSecurityGroup(s, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
			Vpc: p.Vpc, Description: describe.Of("Instances of", *s.Node().Path()), AllowAllOutbound: jsii.Bool(true),
		})}
	}
	// One object for all calls: the CDK keeps in it which side of a rule it is at.
	s.connections = awsec2.NewConnections(&awsec2.ConnectionsProps{SecurityGroups: &groups})
	ids := make([]any, len(groups))
	for i, group := range groups {
		ids[i] = group.SecurityGroupId()
	}
	subnets := p.Vpc.SelectSubnets(p.Subnets.Select())
	connector := awsapprunner.NewCfnVpcConnector(s, jsii.String("VpcConnector"), &awsapprunner.CfnVpcConnectorProps{
		Subnets: subnets.SubnetIds, SecurityGroups: &ids,
	})
	connector.Node().AddDependency(subnets.InternetConnectivityEstablished) // which the program may need when it starts
	if p.Subnets == network.Public {
		// https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html
		annotate.Warning(s, "public-connector", "the instances have no public address in public subnets, so they reach the VPC, "+
			"but not the internet; use private subnets with a NAT gateway, or acknowledge this warning")
	}
	return connector
}

// addPrivateIngress connects the VPC of PrivateIngress to the service.
func (s *Service) addPrivateIngress(p *ServiceProps) {
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

// newEndpoint creates an endpoint without private DNS, which App Runner doesn't support: each ingress connection has a domain name
// of its own.
func (s *Service) newEndpoint(i *PrivateIngress) awsec2.IInterfaceVpcEndpoint {
	group := awsec2.NewSecurityGroup(s, jsii.String("EndpointSecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc: i.Vpc, Description: describe.Of("Clients of", *s.Node().Path()), AllowAllOutbound: jsii.Bool(false),
	})
	cidrs := i.IngressCidrs
	if len(cidrs) == 0 {
		cidrs = []string{*i.Vpc.VpcCidrBlock()}
		nag.Suppress(group, "CdkNagValidationFailure", "EC23 can't read the VPC's CIDR, a reference; the rule is open to the VPC only")
	}
	for _, cidr := range cidrs {
		group.AddIngressRule(awsec2.Peer_Ipv4(&cidr), awsec2.Port_Tcp(jsii.Number(443)), jsii.String("HTTPS"), nil)
	}
	return awsec2.NewInterfaceVpcEndpoint(s, jsii.String("Endpoint"), &awsec2.InterfaceVpcEndpointProps{
		Vpc: i.Vpc, Subnets: i.Subnets.Select(), Service: awsec2.InterfaceVpcEndpointAwsService_APP_RUNNER_REQUESTS(),
		SecurityGroups: &[]awsec2.ISecurityGroup{group}, PrivateDnsEnabled: jsii.Bool(false), Open: jsii.Bool(false),
	})
}

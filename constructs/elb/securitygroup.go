package elb

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"awscontainers/constructs/network"
	"awscontainers/internal/nag"
)

// anyIPv4 is every IPv4 address.
const anyIPv4 = "0.0.0.0/0"

// clientPeers lists those who may connect to a load balancer: the ranges, or without any the internet or the VPC.
func clientPeers(group awsec2.SecurityGroup, vpc awsec2.IVpc, internetFacing bool, cidrs []string) []awsec2.IPeer {
	switch {
	case len(cidrs) > 0:
		return cidrPeers(cidrs)
	case internetFacing:
		nag.Suppress(group, "AwsSolutions-EC23",
			"InternetFacing is set: the load balancer accepts all clients unless IngressCidrs restricts them")
		return []awsec2.IPeer{awsec2.Peer_Ipv4(jsii.String(anyIPv4))}
	default:
		nag.Suppress(group, "CdkNagValidationFailure", "EC23 cannot read the VPC's CIDR, a reference; the rule is open only to the VPC")
		return []awsec2.IPeer{awsec2.Peer_Ipv4(vpc.VpcCidrBlock())}
	}
}

func cidrPeers(cidrs []string) (peers []awsec2.IPeer) {
	for _, cidr := range cidrs {
		peers = append(peers, awsec2.Peer_Ipv4(&cidr))
	}
	return peers
}

func allowIngress(group awsec2.SecurityGroup, description string, peers []awsec2.IPeer, ports ...awsec2.Port) {
	for _, port := range ports {
		for _, peer := range peers {
			group.AddIngressRule(peer, port, &description, nil)
		}
	}
}

// onePerZone leaves out the further subnets of a zone, which an existing VPC may have: a load balancer takes one of each.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
func onePerZone(subnets network.SubnetType) *awsec2.SubnetSelection {
	selection := subnets.Select()
	selection.OnePerAz = jsii.Bool(true)
	return selection
}
